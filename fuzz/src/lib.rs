//! Bad inputs for the readers of files: each case follows from its number, so that whatever was found comes back.
//!
//! A [`Mill`] holds real files to begin with and makes of a number a damaged one: bytes turned, cut, doubled; the parts of a
//! workbook mended after the damage, so that it reaches the reader and not only its lock; tokens of a text swapped with
//! those of its language. [`Mill::try_case`] gives it to the reader; a panic is a fault of ours, an error is an answer.

mod chance;
mod damage;
mod texts;
mod workbooks;

use chance::Chance;

/// What is tried.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Target {
    /// Workbooks: .xlsx, .xls, .csv.
    Intake,
    /// Policy files and their expressions.
    Policy,
    /// Specs of linkage, and tables read by them.
    Link,
    /// What banks send back.
    Returns,
    /// Files of solvers' problems.
    Solver,
}

impl Target {
    /// All of them.
    pub const ALL: &'static [Self] =
        &[Self::Intake, Self::Policy, Self::Link, Self::Returns, Self::Solver];

    /// Its word on the command line.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Intake => "intake",
            Self::Policy => "policy",
            Self::Link => "link",
            Self::Returns => "returns",
            Self::Solver => "solver",
        }
    }

    /// Reads [`Target::code`].
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|t| t.code() == text)
    }
}

/// What a reader made of a case.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    /// It could be read, damage and all.
    Read,
    /// It was refused with a reason.
    Refused,
}

/// Files to begin with, and the readers that are tried.
pub struct Mill {
    target: Target,
    workbooks: Vec<workbooks::Workbook>,
    seed: u64,
}

impl Mill {
    /// A mill for one reader. Cases of another seed are others.
    pub fn new(target: Target, seed: u64) -> Self {
        let workbooks = match target {
            Target::Intake => workbooks::real(),
            _ => Vec::new(),
        };
        Self { target, workbooks, seed }
    }

    /// The bytes of a case, and what they are called.
    pub fn case(&self, number: u64) -> (String, Vec<u8>) {
        let mut chance = Chance::of(self.seed, number);
        match self.target {
            Target::Intake => workbooks::damaged(&self.workbooks, &mut chance),
            Target::Policy => ("x.toml".to_owned(), texts::policy(&mut chance)),
            Target::Link => ("x.toml".to_owned(), texts::link(&mut chance)),
            Target::Returns => ("x.csv".to_owned(), texts::returns(&mut chance)),
            Target::Solver => ("x.txt".to_owned(), texts::solver(&mut chance)),
        }
    }

    /// Gives a case to the reader.
    ///
    /// # Panics
    /// Where the reader does: that is what is looked for.
    pub fn try_case(&self, number: u64) -> Answer {
        let (name, bytes) = self.case(number);
        let read = match self.target {
            Target::Intake => workbooks::read(&name, &bytes, number),
            Target::Policy => texts::read_policy(&bytes),
            Target::Link => texts::read_link(&bytes, number),
            Target::Returns => texts::read_returns(&bytes),
            Target::Solver => texts::read_solver(&bytes),
        };
        if read { Answer::Read } else { Answer::Refused }
    }
}
