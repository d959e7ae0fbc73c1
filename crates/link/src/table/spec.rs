//! What to compare, how, and which pairs to look at: a spec file in TOML, checked as a whole.

use std::fmt;

mod draft;
mod level;
mod words;

pub(crate) use level::name_test;
pub use level::{Kind, Level, NameTest, Part, PartOf, Test};
pub use words::level_in_chinese;

/// How the rows of any table about people are linked.
///
/// Read from TOML by [`Spec::parse`]; `bench/link/README.md` shows every key.
#[derive(Clone, Debug, PartialEq)]
pub struct Spec {
    /// The column that names a row; rows are numbered from 1 where there is none.
    pub id: Option<String>,
    /// The column that says which list a row stands on. A list names nobody twice.
    pub list: Option<String>,
    /// The column that says whose the row truly is, for measuring.
    pub truth: Option<String>,
    /// Between two files: each row has at most one partner.
    pub one_to_one: bool,
    /// What is compared, at most [`Spec::MOST`].
    pub comparisons: Vec<Comparison>,
    /// Which pairs are looked at.
    pub blocks: Vec<Block>,
    /// People who are not the same and yet agree for a reason.
    pub look_alikes: Vec<LookAlike>,
    /// Columns that are filled from a citizen id where they are empty: (column, id column).
    pub fills: Vec<(String, String)>,
    /// Keys on which the rows of one household agree.
    pub household: Vec<Vec<Part>>,
    /// Rules whose pairs are nearly all true, for a first idea of how many matches there are.
    pub prior: Vec<Vec<Part>>,
    /// The share of all matches that [`Spec::prior`] finds.
    pub prior_recall: f64,
    /// Numbers.
    pub settings: Settings,
}

/// One comparison.
#[derive(Clone, Debug, PartialEq)]
pub struct Comparison {
    /// What it is called in charts and explanations.
    pub title: String,
    /// The column, or for places the columns from the smallest to the largest.
    pub columns: Vec<String>,
    /// How its values are read.
    pub kind: Kind,
    /// Levels, best first; "different" follows unwritten.
    pub levels: Vec<Level>,
    /// Whether a rare value says more than a common one.
    pub term_frequency: bool,
    /// For citizen ids: the column with the date of birth that a valid id must not contradict.
    pub birth: Option<String>,
}

/// One blocking rule: rows that agree on every part are looked at as pairs.
#[derive(Clone, Debug, PartialEq)]
pub struct Block {
    /// What must agree.
    pub on: Vec<Part>,
    /// What must agree besides, in blocks that would cost more than [`Settings::block_pairs`].
    pub then: Vec<Part>,
}

impl fmt::Display for Block {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, part) in self.on.iter().enumerate() {
            write!(f, "{}{part}", if at == 0 { "" } else { " + " })?;
        }
        Ok(())
    }
}

/// A kind of people who are not the same and yet agree: twins, brothers and sisters, namesakes.
#[derive(Clone, Debug, PartialEq)]
pub struct LookAlike {
    /// What they are called.
    pub title: String,
    /// Comparisons (by their place) on which they mostly agree.
    pub agree: Vec<usize>,
    /// Comparisons on which they mostly do not.
    pub differ: Vec<usize>,
}

/// Numbers that steer the linkage.
#[derive(Clone, Debug, PartialEq)]
pub struct Settings {
    /// From this probability on two rows are the same.
    pub same_from: f64,
    /// From this probability on a person is asked.
    pub ask_from: f64,
    /// The most pairs of one block before it is split, or left out and reported.
    pub block_pairs: u64,
    /// The most pairs of all blocks together; beyond, nothing is compared and the rules are named.
    pub most_pairs: u64,
    /// Random pairs from which `u` is learnt.
    pub random_pairs: u64,
    /// Candidate pairs from which `m` is learnt.
    pub training_pairs: u64,
    /// Draws them.
    pub seed: u64,
    /// Joining two clusters takes a mean weight of all their pairs above this, each held between ∓8 and 12.
    pub bridge: f64,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            same_from: 0.8,
            ask_from: 0.1,
            block_pairs: 50_000,
            most_pairs: 1_000_000_000,
            random_pairs: 250_000,
            training_pairs: 400_000,
            seed: 1,
            bridge: 0.0,
        }
    }
}

/// Something wrong with a spec.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct SpecFault {
    /// Line, from 1.
    pub line: usize,
    /// Column, from 1, in characters.
    pub column: usize,
    /// What is wrong, and what to write instead.
    pub what: String,
}

impl fmt::Display for SpecFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}：{}", self.line, self.column, self.what)
    }
}

impl Spec {
    /// The most comparisons: their levels are packed into one number.
    pub const MOST: usize = 15;

    /// Reads a spec.
    ///
    /// # Errors
    /// Every fault of the text, in the order of the lines.
    pub fn parse(text: &str) -> Result<Self, Vec<SpecFault>> {
        draft::read(text)
    }

    /// Every column that the spec speaks of, each once, in the order of the spec.
    pub fn columns(&self) -> Vec<&str> {
        let mut all: Vec<&str> = Vec::new();
        for comparison in &self.comparisons {
            all.extend(comparison.columns.iter().map(String::as_str));
            all.extend(comparison.birth.as_deref());
            for test in comparison.levels.iter().flat_map(|l| &l.tests) {
                if let Test::Crossed(column) = test {
                    all.push(column);
                }
            }
        }
        for block in &self.blocks {
            all.extend(block.on.iter().chain(&block.then).map(|p| p.column.as_str()));
        }
        for (to, from) in &self.fills {
            all.extend([to.as_str(), from.as_str()]);
        }
        for rule in self.household.iter().chain(&self.prior) {
            all.extend(rule.iter().map(|p| p.column.as_str()));
        }
        let mut once: Vec<&str> = Vec::new();
        for name in all {
            if !once.contains(&name) {
                once.push(name);
            }
        }
        once
    }
}
