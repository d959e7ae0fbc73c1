//! The rules of one county, of every engine: those that come with the program, with the county's own laid over them.
//!
//! A county's own files lie in `policies/` beside its books ([`Rulebook::read`]). A file says by `engine = "…"` whose it is; an engine
//! with several kinds of file tells them apart by their names ([`ROOMS`]). A file without `engine` holds programmes. Either all files
//! can be used, or none is and everything that is wrong with them is said.

use std::collections::BTreeMap;
use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};

use fujiao_labour::Rules as Labour;
use fujiao_ledger::loan::Facts;
use fujiao_ledger::stack;
use fujiao_model::RulesError;
use fujiao_policy::{PolicyFault, PolicyFile, PolicySet};
use fujiao_school::Norms;
use fujiao_store::settings_under;
use fujiao_watch::message::Messages;
use fujiao_watch::{case, lines, pair, points, screen};
use sha2::{Digest, Sha256};

use crate::titles::Titles;

/// What a file of an engine is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Room {
    /// Standards, costs, terms, additions, checks, foods.
    School,
    /// Labour age and ability, courses, proofs of work, fits.
    Labour,
    /// Chiefs, clocks and documents of cases.
    Cases,
    /// Points, caps and the code of conduct of pairing.
    Pairing,
    /// Early warning.
    Points,
    /// Screening of well-being.
    Screening,
    /// Who lives here against who is enrolled.
    Lines,
    /// Short messages and letters.
    Messages,
    /// Origin-place loans.
    Loans,
    /// Purses of university students.
    Purses,
}

/// Whose file what is, by engine and name of the file (without `.toml`; empty: any), and what people call it.
pub const ROOMS: [(Room, &str, &str, &str); 10] = [
    (Room::School, "school", "", "学校标准"),
    (Room::Labour, "labour", "", "劳动力、培训、就业"),
    (Room::Cases, "watch", "cases", "控辍保学办案"),
    (Room::Pairing, "watch", "pairing", "一对一结对"),
    (Room::Points, "watch", "points", "离校早期预警"),
    (Room::Screening, "watch", "screening", "心理筛查"),
    (Room::Lines, "watch", "lines", "双线核查"),
    (Room::Messages, "watch", "messages", "短信和信"),
    (Room::Loans, "ledger", "loans", "生源地信用助学贷款"),
    (Room::Purses, "ledger", "purses", "大学生多部门资助"),
];

impl Room {
    /// Whether a county's file is laid over what comes with the program, entry by entry; else it takes its place.
    pub fn is_laid_over(self) -> bool {
        matches!(self, Self::School | Self::Cases)
    }

    /// What people call it.
    pub fn chinese(self) -> &'static str {
        ROOMS.iter().find(|r| r.0 == self).map_or("", |r| r.3)
    }

    fn of(engine: &str, path: &str) -> Result<Self, String> {
        let stem = Path::new(path).file_stem().map(|s| s.to_string_lossy().into_owned());
        let stem = stem.unwrap_or_default();
        let theirs = || ROOMS.iter().filter(|r| r.1 == engine);
        if let Some(found) = theirs().find(|r| r.2.is_empty() || r.2 == stem) {
            return Ok(found.0);
        }
        let names: Vec<String> = theirs().map(|r| format!("{}.toml", r.2)).collect();
        Err(if names.is_empty() {
            format!("没有引擎“{engine}”；写 school、labour、watch、ledger，发给人的项目不写 engine")
        } else {
            format!("引擎 {engine} 按文件名认；改名为 {} 之一", names.join("、"))
        })
    }
}

/// What is wrong with a file of rules, where, and what to do about it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct FileFault {
    /// The file's path, as given.
    pub file: String,
    /// From 1; `None` where a fault has no line of its own.
    pub line: Option<usize>,
    /// From 1, in characters.
    pub column: Option<usize>,
    /// What is wrong, and what to do.
    pub why: String,
}

impl fmt::Display for FileFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.file)?;
        for at in [self.line, self.column].into_iter().flatten() {
            write!(f, ":{at}")?;
        }
        write!(f, "：{}", self.why)
    }
}

impl FileFault {
    fn of(file: &str, line: Option<usize>, why: impl Into<String>) -> Self {
        Self { file: file.to_owned(), line, column: None, why: why.into() }
    }
}

impl From<PolicyFault> for FileFault {
    fn from(fault: PolicyFault) -> Self {
        Self {
            line: Some(fault.line),
            column: Some(fault.column),
            why: format!("{}；{}", fault.reason, fault.remedy),
            file: fault.file,
        }
    }
}

/// Why files of rules cannot be used: every fault of every file.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}\n规则有 {} 处要改，改好再来", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"), .0.len())]
pub struct RulebookError(pub Vec<FileFault>);

/// A file of rules, read from the disk.
struct RuleFile {
    path: String,
    text: String,
    /// Whose it is, and the line that says so.
    engine: Option<(String, usize)>,
    /// For where it is, and the line that says so.
    scope: Option<(String, usize)>,
}

/// A county's own file of an engine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OwnFile {
    /// Its path, as given.
    pub path: String,
    /// What it is about; `None`: programmes.
    pub room: Option<Room>,
}

/// The rules of one county.
pub struct Rulebook {
    /// Programmes, standards of conditions, parameters and lists.
    pub policies: PolicySet,
    /// Schools.
    pub norms: Norms,
    /// Training and work.
    pub labour: Labour,
    /// Cases of children out of school.
    pub cases: case::Rules,
    /// Pairing.
    pub pairing: pair::Rules,
    /// Early warning.
    pub points: points::Rules,
    /// Screening of well-being.
    pub screening: screen::Rules,
    /// Who lives here against who is enrolled.
    pub lines: lines::Rules,
    /// Short messages and letters.
    pub messages: Messages,
    /// Origin-place loans.
    pub loans: Facts,
    /// Purses of university students.
    pub purses: stack::Rules,
    /// The files that do not come with the program, in the order in which they were found.
    pub own: Vec<OwnFile>,
    pub(crate) titles: Titles,
    hash: String,
}

/// All files that come with the program, as they lie in the repository.
pub fn builtin_files() -> Vec<PolicyFile<'static>> {
    PolicySet::BUILTIN.iter().copied().chain(BUILTIN).collect()
}

/// The files of engines that come with the program.
const BUILTIN: [PolicyFile<'static>; 13] = [
    file("policies/cn/school.toml", Norms::NATIONAL[0]),
    file("policies/cn/foods.toml", Norms::NATIONAL[1]),
    file("policies/county/school.toml", Norms::NATIONAL[2]),
    file("policies/cn/labour.toml", Labour::BUILTIN),
    file("policies/cn/cases.toml", case::Rules::CN),
    file("policies/610000-shaanxi/cases.toml", case::Rules::SHAANXI),
    file("policies/cn/pairing.toml", pair::Rules::BUILTIN),
    file("policies/cn/points.toml", points::Rules::BUILTIN),
    file("policies/cn/screening.toml", screen::Rules::BUILTIN),
    file("policies/cn/lines.toml", lines::Rules::BUILTIN),
    file("policies/cn/messages.toml", Messages::BUILTIN),
    file("policies/cn/loans.toml", Facts::BUILTIN),
    file("policies/cn/purses.toml", stack::Rules::BUILTIN),
];

const fn file(path: &'static str, text: &'static str) -> PolicyFile<'static> {
    PolicyFile { path, text }
}

/// Where a county's own rules lie beside its books: a folder, and the rules of cases and of pairing, which lay there before it.
pub const PLACES: [&str; 3] = ["policies", "cases.toml", "pairing.toml"];

impl Rulebook {
    /// The rules that come with the program.
    pub fn builtin() -> Self {
        Self::lay(PolicySet::BUILTIN, &[], Vec::new())
            .unwrap_or_else(|e| panic!("a test reads the files that come with the program: {e}"))
    }

    /// The rules that come with the program, with those beside the books of a folder laid over them: `policies/`, and `cases.toml` and
    /// `pairing.toml` where they lay before.
    ///
    /// # Errors
    /// Every fault of every file.
    pub fn read(folder: &Path) -> Result<Self, RulebookError> {
        Self::read_with(folder, None)
    }

    /// As [`Rulebook::read`], with a file or folder `over` laid over what the county has: a reform.
    ///
    /// # Errors
    /// As [`Rulebook::read`]; a folder `over` without files.
    pub fn read_with(folder: &Path, over: Option<&Path>) -> Result<Self, RulebookError> {
        let mut faults = Vec::new();
        let mut files = Vec::new();
        let [own, before @ ..] = PLACES.map(|name| folder.join(name));
        if own.is_dir() {
            gather(&own, &mut files, &mut faults);
        }
        for path in before.into_iter().filter(|path| path.is_file()) {
            let at = files.len();
            gather(&path, &mut files, &mut faults);
            for file in &mut files[at..] {
                file.engine.get_or_insert_with(|| ("watch".to_owned(), 1));
            }
        }
        if let Some(over) = over {
            gather_some(over, &mut files, &mut faults);
        }
        Self::lay(PolicySet::BUILTIN, &files, faults)
    }

    /// The rules of a file or folder, `over` laid over them. Without a folder: the programmes that come with the program; rules of
    /// engines always lie over those.
    ///
    /// # Errors
    /// Every fault of every file; a folder without files.
    pub fn load(folder: Option<&Path>, over: Option<&Path>) -> Result<Self, RulebookError> {
        let mut faults = Vec::new();
        let mut files = Vec::new();
        for path in [folder, over].into_iter().flatten() {
            gather_some(path, &mut files, &mut faults);
        }
        let builtin = if folder.is_some() { &[] } else { PolicySet::BUILTIN };
        Self::lay(builtin, &files, faults)
    }

    fn lay(
        builtin: &[PolicyFile<'_>],
        files: &[RuleFile],
        mut faults: Vec<FileFault>,
    ) -> Result<Self, RulebookError> {
        let mut programmes = builtin.to_vec();
        let mut shelf = Shelf { rooms: BTreeMap::new(), faults: Vec::new() };
        let mut own = Vec::new();
        for file in files {
            let room = match &file.engine {
                None => {
                    programmes.push(PolicyFile { path: &file.path, text: &file.text });
                    None
                }
                Some((engine, line)) => match Room::of(engine, &file.path) {
                    Ok(room) => {
                        shelf.put(room, file);
                        Some(room)
                    }
                    Err(why) => {
                        faults.push(FileFault::of(&file.path, Some(*line), why));
                        continue;
                    }
                },
            };
            own.push(OwnFile { path: file.path.clone(), room });
        }
        shelf.sort();
        let norms = shelf.laid(Room::School, Norms::national(), Norms::lay);
        let mut texts = vec![case::Rules::CN];
        let cases = shelf.laid(Room::Cases, case::Rules::builtin(), |rules, text| {
            let with = [texts.as_slice(), &[text]].concat();
            *rules = case::Rules::read(&with)?;
            texts = with;
            Ok(())
        });
        let labour = shelf.replaced(Room::Labour, Labour::builtin, Labour::read);
        let pairing = shelf.replaced(Room::Pairing, pair::Rules::builtin, pair::Rules::read);
        let points = shelf.replaced(Room::Points, points::Rules::builtin, points::Rules::read);
        let screening =
            shelf.replaced(Room::Screening, screen::Rules::builtin, screen::Rules::read);
        let lines = shelf.replaced(Room::Lines, lines::Rules::builtin, lines::Rules::read);
        let messages = shelf.replaced(Room::Messages, Messages::builtin, Messages::read);
        let loans = shelf.replaced(Room::Loans, Facts::builtin, Facts::read);
        let purses = shelf.replaced(Room::Purses, stack::Rules::builtin, stack::Rules::read);
        let policies = PolicySet::load(&programmes)
            .map_err(|found| faults.extend(found.into_iter().map(FileFault::from)));
        faults.extend(shelf.faults);
        faults.sort();
        let (Ok(policies), true) = (policies, faults.is_empty()) else {
            return Err(RulebookError(faults));
        };
        let hash = hash(policies.hash(), &shelf.rooms);
        let titles = Titles::of(&policies, &norms, &purses);
        Ok(Self {
            policies,
            norms,
            labour,
            cases,
            pairing,
            points,
            screening,
            lines,
            messages,
            loans,
            purses,
            own,
            titles,
            hash,
        })
    }

    /// SHA-256 over all texts, of whatever engine: the same rules, the same hash.
    pub fn hash(&self) -> &str {
        &self.hash
    }
}

/// Files of engines by what they are about, with how near to the county they are; and what is wrong with them.
struct Shelf<'a> {
    rooms: BTreeMap<Room, Vec<(u8, &'a RuleFile)>>,
    faults: Vec<FileFault>,
}

impl<'a> Shelf<'a> {
    fn put(&mut self, room: Room, file: &'a RuleFile) {
        let level = file.scope.as_ref().and_then(|(scope, _)| fujiao_policy::level(scope));
        // A file without scope is refused when it is read.
        if let (Some((scope, line)), None) = (&file.scope, level) {
            let why = format!(
                "“{scope}”不是适用范围；写 scope = \"CN\"、省代码 \"610000\"、县代码或 \"county\""
            );
            self.faults.push(FileFault::of(&file.path, Some(*line), why));
        }
        self.rooms.entry(room).or_default().push((level.unwrap_or(0), file));
    }

    /// The nation's first, the county's last.
    fn sort(&mut self) {
        for files in self.rooms.values_mut() {
            files.sort_by(|a, b| (a.0, &a.1.path).cmp(&(b.0, &b.1.path)));
        }
    }

    fn say(&mut self, file: &RuleFile, error: RulesError) {
        let of = |f: fujiao_model::RuleFault| FileFault::of(&file.path, f.line, f.why);
        self.faults.extend(error.0.into_iter().map(of));
    }

    /// Rules that files are laid over, entry by entry.
    fn laid<T>(
        &mut self,
        room: Room,
        mut rules: T,
        mut lay: impl FnMut(&mut T, &'a str) -> Result<(), RulesError>,
    ) -> T {
        for (_, file) in self.rooms.get(&room).cloned().unwrap_or_default() {
            if let Err(error) = lay(&mut rules, &file.text) {
                self.say(file, error);
            }
        }
        rules
    }

    /// Rules that a file takes the place of: that nearest to the county, of which there is one.
    fn replaced<T>(
        &mut self,
        room: Room,
        builtin: impl Fn() -> T,
        read: impl Fn(&str) -> Result<T, RulesError>,
    ) -> T {
        let files = self.rooms.get(&room).cloned().unwrap_or_default();
        let mut rules = None;
        for (at, (level, file)) in files.iter().enumerate() {
            match read(&file.text) {
                Ok(read) => rules = Some(read),
                Err(error) => self.say(file, error),
            }
            if let Some((_, other)) = files[..at].iter().find(|(of, _)| of == level) {
                let why =
                    format!("和 {} 说的是同一件事（{}）；留一个文件", other.path, room.chinese());
                self.faults.push(FileFault::of(&file.path, None, why));
            }
        }
        rules.unwrap_or_else(builtin)
    }
}

/// As [`gather`], where nothing is a fault.
fn gather_some(path: &Path, files: &mut Vec<RuleFile>, faults: &mut Vec<FileFault>) {
    let before = (files.len(), faults.len());
    gather(path, files, faults);
    if before == (files.len(), faults.len()) {
        let why = "里没有规则文件（.toml）；规则文件怎么写见 policies/README.md";
        faults.push(FileFault::of(&path.display().to_string(), None, why));
    }
}

/// The files of a folder and the folders in it, by path; or the file itself.
fn gather(path: &Path, files: &mut Vec<RuleFile>, faults: &mut Vec<FileFault>) {
    let fault = |path: &Path, why: String| FileFault::of(&path.display().to_string(), None, why);
    let found = fs::metadata(path).and_then(|meta| {
        Ok(if meta.is_dir() { settings_under(path)? } else { vec![PathBuf::new()] })
    });
    let found = found.unwrap_or_else(|e| {
        let why = match e.kind() {
            std::io::ErrorKind::NotFound => "没有找到；核对路径".to_owned(),
            _ => format!("打不开（{e}）；看看权限"),
        };
        faults.push(fault(path, why));
        Vec::new()
    });
    for below in found {
        let path = if below.as_os_str().is_empty() { path.to_owned() } else { path.join(below) };
        match fs::read(&path).map(String::from_utf8) {
            Ok(Ok(text)) => {
                let [engine, scope] = head(&text);
                files.push(RuleFile { path: path.display().to_string(), text, engine, scope });
            }
            Ok(Err(_)) => faults.push(fault(&path, "不是 UTF-8 文字；另存为 UTF-8".to_owned())),
            Err(e) => faults.push(fault(&path, format!("读不出（{e}）；看看权限"))),
        }
    }
}

/// Whose a text is and for where, each with the line that says so. A text that is no TOML from some line on may say it before.
fn head(text: &str) -> [Option<(String, usize)>; 2] {
    let (root, _) = toml::de::DeTable::parse_recoverable(text);
    ["engine", "scope"].map(|key| {
        let found = root.get_ref().get(key)?;
        let line = text[..found.span().start].matches('\n').count() + 1;
        Some((found.get_ref().as_str().unwrap_or_default().to_owned(), line))
    })
}

fn hash(policies: &str, rooms: &BTreeMap<Room, Vec<(u8, &RuleFile)>>) -> String {
    let mut sha = Sha256::new();
    let own = rooms.values().flatten().map(|(_, file)| file.text.as_str());
    for text in [policies].into_iter().chain(BUILTIN.map(|f| f.text)).chain(own) {
        sha.update(text.len().to_be_bytes());
        sha.update(text);
    }
    crate::accounts::hex(&sha.finalize())
}

#[cfg(test)]
mod tests;
