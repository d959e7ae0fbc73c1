use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::Arc;

use fujiao_model::Period;
use jiff::civil::Date;
use sha2::{Digest, Sha256};

use crate::column::FrameKind;
use crate::fault::{PolicyError, PolicyFault, nearest};
use crate::programme::{Mark, Programme};

/// A policy file: its path, for messages, and its text.
#[derive(Clone, Copy, Debug)]
pub struct PolicyFile<'a> {
    /// As people find it: `policies/cn/aid.toml`.
    pub path: &'a str,
    /// TOML.
    pub text: &'a str,
}

/// A number that rules and use cases read by name, as of a day.
#[derive(Clone, Debug)]
pub struct Parameter {
    /// Its name: `school_age_from`.
    pub key: Arc<str>,
    /// The Chinese term.
    pub chinese: Arc<str>,
    /// Its unit, or nothing.
    pub unit: Arc<str>,
    /// In order of time, without overlap.
    pub rows: Vec<DatedNumber>,
}

/// One dated value of a [`Parameter`].
#[derive(Clone, Debug)]
pub struct DatedNumber {
    /// First day in force.
    pub from: Date,
    /// Last day in force; `None`: still.
    pub to: Option<Date>,
    /// The value.
    pub value: i64,
    /// The article that sets it.
    pub basis: Arc<str>,
    /// How sure it is.
    pub mark: Mark,
}

/// Words that use cases read by name, as of a day: the chiefs, the kinds of contact that count.
#[derive(Clone, Debug)]
pub struct Listed {
    /// Its name: `chiefs`.
    pub key: Arc<str>,
    /// The Chinese term.
    pub chinese: Arc<str>,
    /// In order of time, without overlap.
    pub rows: Vec<DatedList>,
}

/// One dated value of a [`Listed`].
#[derive(Clone, Debug)]
pub struct DatedList {
    /// First day in force.
    pub from: Date,
    /// Last day in force; `None`: still.
    pub to: Option<Date>,
    /// The words, in order.
    pub items: Vec<Arc<str>>,
    /// The article that sets them.
    pub basis: Arc<str>,
    /// How sure they are.
    pub mark: Mark,
}

fn holds(from: Date, to: Option<Date>, day: Date) -> bool {
    from <= day && to.is_none_or(|to| day <= to)
}

/// A named set of subjects or a named number, which conditions may speak of.
#[derive(Clone, Debug)]
pub struct NamedSet {
    /// The subject.
    pub frame: FrameKind,
    /// Its name in expressions.
    pub name: Arc<str>,
    /// The Chinese term.
    pub chinese: Arc<str>,
    /// What it stands for, as the file writes it.
    pub is: Arc<str>,
}

/// Cases kept beside the rules, which [`PolicySet::run_examples`] tries.
#[derive(Clone, Debug)]
pub struct Example {
    /// The file that it stands in.
    pub origin: Arc<str>,
    /// Key of the programme.
    pub programme: String,
    /// For which period.
    pub period: Period,
    /// The day of assessment; without it the period's last day.
    pub as_of: Option<Date>,
    /// The columns that each row gives, in order.
    pub columns: Vec<String>,
    /// Whether flags not listed are no; otherwise unknown.
    pub rest_is_no: bool,
    /// `primary yes no → 625.00`, `→ not due: boards`, `→ ask: lifted`.
    pub rows: Vec<String>,
}

/// All policies of one place: nation, province and county together.
#[derive(Clone, Debug)]
pub struct PolicySet {
    programmes: Vec<Programme>,
    named: Vec<NamedSet>,
    parameters: Vec<Parameter>,
    lists: Vec<Listed>,
    examples: Vec<Example>,
    by_name: BTreeMap<String, usize>,
    hash: String,
}

macro_rules! builtin {
    ($($path:literal),* $(,)?) => {
        /// The files of the repository's `policies/`, in the binary.
        pub const BUILTIN: &[PolicyFile<'static>] = &[
            $(PolicyFile { path: concat!("policies/", $path), text: include_str!(concat!("../../../policies/", $path)) },)*
        ];
    };
}

impl PolicySet {
    builtin!(
        "cn/aid.toml",
        "cn/calendar.toml",
        "cn/conditions.toml",
        "cn/duties.toml",
        "610000-shaanxi/aid.toml",
        "610000-shaanxi/duties.toml",
        "county/parameters.toml",
        "county/plan.toml",
    );

    /// Reads files, national first, overlays last, whatever their order.
    ///
    /// # Errors
    /// Every fault of every file, each with line, column and remedy.
    pub fn load(files: &[PolicyFile<'_>]) -> Result<Self, Vec<PolicyFault>> {
        crate::load::load(files)
    }

    /// The repository's policies: nation, Shaanxi, and the county's parameters.
    pub fn builtin() -> Self {
        Self::load(Self::BUILTIN).expect("a test loads the built-in files")
    }

    pub(crate) fn new(
        files: &[PolicyFile<'_>],
        programmes: Vec<Programme>,
        named: Vec<NamedSet>,
        parameters: Vec<Parameter>,
        lists: Vec<Listed>,
        examples: Vec<Example>,
    ) -> Self {
        let mut by_name = BTreeMap::new();
        // What is on comes first: a name shared with a programme that is off means the one that is on.
        let (on, off): (Vec<usize>, Vec<usize>) =
            (0..programmes.len()).partition(|i| programmes[*i].is_on());
        for i in on.into_iter().chain(off) {
            for name in &programmes[i].names {
                by_name.entry(plain(name)).or_insert(i);
            }
            by_name.entry(plain(&programmes[i].key)).or_insert(i);
        }
        let mut sorted: Vec<&PolicyFile<'_>> = files.iter().collect();
        sorted.sort_by_key(|f| f.path);
        let mut sha = Sha256::new();
        for file in sorted {
            for part in [file.path, file.text] {
                sha.update(part.len().to_be_bytes());
                sha.update(part);
            }
        }
        let mut hash = String::with_capacity(64);
        for byte in sha.finalize() {
            let _ = write!(hash, "{byte:02x}");
        }
        Self { programmes, named, parameters, lists, examples, by_name, hash }
    }

    /// Every programme and standard, by key, those that are off among them.
    pub fn programmes(&self) -> &[Programme] {
        &self.programmes
    }

    /// Every named set, by subject and name.
    pub fn named_sets(&self) -> &[NamedSet] {
        &self.named
    }

    /// The programme of a key.
    pub fn programme(&self, key: &str) -> Option<&Programme> {
        self.place_of(key).map(|i| &self.programmes[i])
    }

    pub(crate) fn place_of(&self, key: &str) -> Option<usize> {
        self.programmes.binary_search_by(|p| (*p.key).cmp(key)).ok()
    }

    /// As [`PolicySet::programme`], or an error that names the nearest.
    ///
    /// # Errors
    /// [`PolicyError::NoSuchProgramme`].
    pub fn find(&self, key: &str) -> Result<&Programme, PolicyError> {
        self.programme(key).ok_or_else(|| PolicyError::NoSuchProgramme {
            programme: key.to_owned(),
            nearest: nearest(key, self.programmes.iter().map(|p| &*p.key)).map(str::to_owned),
        })
    }

    /// The programme that a payment list names: its title, an alias or its key; spaces, brackets with what they hold,
    /// full-width letters and the term in front do not matter. `None`: the name is in no policy file.
    pub fn programme_named(&self, list_name: &str) -> Option<&Programme> {
        let name = plain(list_name);
        let found = self.by_name.get(&name).or_else(|| {
            let core = without_term(&name);
            self.by_name.get(core).or_else(|| {
                ["发放花名册", "发放名册", "花名册", "发放表", "资金", "名单"]
                    .iter()
                    .find_map(|end| self.by_name.get(core.strip_suffix(end)?))
            })
        });
        found.map(|i| &self.programmes[*i])
    }

    /// Every parameter, by key.
    pub fn parameters(&self) -> &[Parameter] {
        &self.parameters
    }

    /// A parameter's value on a day; `None` if there is none in force.
    pub fn number(&self, key: &str, day: Date) -> Option<i64> {
        let parameter = self.parameters.iter().find(|p| &*p.key == key)?;
        parameter.rows.iter().find(|r| holds(r.from, r.to, day)).map(|r| r.value)
    }

    pub(crate) fn numbers_on(&self, day: Date) -> Vec<Option<i64>> {
        self.parameters
            .iter()
            .map(|p| p.rows.iter().find(|r| holds(r.from, r.to, day)).map(|r| r.value))
            .collect()
    }

    /// Every list of words, by key.
    pub fn lists(&self) -> &[Listed] {
        &self.lists
    }

    /// A list's words on a day; none if there is no such list or none in force.
    pub fn list(&self, key: &str, day: Date) -> &[Arc<str>] {
        self.lists
            .iter()
            .find(|l| &*l.key == key)
            .and_then(|l| l.rows.iter().find(|r| holds(r.from, r.to, day)))
            .map_or(&[], |r| &r.items)
    }

    /// The examples kept beside the rules.
    pub fn examples(&self) -> &[Example] {
        &self.examples
    }

    /// SHA-256 over paths and texts: the same files, the same hash, in any order.
    pub fn hash(&self) -> &str {
        &self.hash
    }
}

/// A name without spaces, punctuation and what brackets hold; full-width letters and digits narrowed.
pub(crate) fn plain(name: &str) -> String {
    let mut out = String::with_capacity(name.len());
    let mut depth = 0_u32;
    for c in name.chars() {
        match c {
            '(' | '（' | '[' | '【' | '〔' => depth += 1,
            ')' | '）' | ']' | '】' | '〕' => depth = depth.saturating_sub(1),
            _ if depth > 0 || c.is_whitespace() => {}
            '\u{ff01}'..='\u{ff5e}' => {
                let c = char::from_u32(c as u32 - 0xfee0).unwrap_or(c);
                if c.is_alphanumeric() {
                    out.push(c);
                }
            }
            _ if c.is_alphanumeric() => out.push(c),
            _ => {}
        }
    }
    out
}

/// Without `2024年春季学期` or the like in front.
fn without_term(name: &str) -> &str {
    let mut rest = name.trim_start_matches(|c: char| c.is_ascii_digit());
    for words in [
        &["年度", "学年度", "学年", "年"][..],
        &["第一学期", "第二学期", "春季学期", "秋季学期", "春季", "秋季", "春", "秋"],
        &["学期"],
    ] {
        if let Some(cut) = words.iter().find_map(|w| rest.strip_prefix(w)) {
            rest = cut;
        }
    }
    rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn programmes_as_payment_lists_name_them() {
        let set = PolicySet::builtin();
        let check = |name: &str, key: Option<&str>| {
            assert_eq!(set.programme_named(name).map(|p| &*p.key), key, "{name}");
        };
        check("义务教育家庭经济困难寄宿生生活补助", Some("comp.living.boarder"));
        check("寄宿生生活补助（2024年秋）", Some("comp.living.boarder"));
        check(" 寄宿生 生活费 ", Some("comp.living.boarder"));
        check("2024年春季学期四类非寄宿生补助", Some("comp.living.day"));
        check("高中助学金发放花名册", Some("hs.grant"));
        check("普高免学杂费", Some("hs.waive"));
        check("中职国家助学金", Some("voc.grant"));
        check("雨露计划", Some("yulu.voc"));
        check("大学新生路费", Some("entry.travel"));
        check("幼儿生活补助", Some("pre.living"));
        check("营养餐", Some("nutrition.meal"));
        check("comp.living.day", Some("comp.living.day"));
        check("慰问金", None);
        check("", None);
    }

    #[test]
    fn the_hash_is_of_the_text_and_not_of_the_order() {
        let files = PolicySet::BUILTIN.to_vec();
        let mut turned = files.clone();
        turned.reverse();
        let (a, b) = (PolicySet::load(&files).unwrap(), PolicySet::load(&turned).unwrap());
        assert_eq!((a.hash(), a.hash().len()), (b.hash(), 64));
        let text = turned[0].text.replace("scope", " scope");
        turned[0].text = &text;
        assert_ne!(PolicySet::load(&turned).unwrap().hash(), a.hash());
    }
}
