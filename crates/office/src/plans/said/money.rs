//! What is paid, when, and from which purse.

use serde::{Deserialize, Serialize};

/// Money of one year with what it may be spent on.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Purse {
    /// Its name.
    pub name: String,
    /// The calendar year.
    pub year: i16,
    /// Yuan.
    pub yuan: i64,
    /// What it may be spent on; empty: anything.
    pub uses: Vec<String>,
    /// Yuan spent.
    pub spent: i64,
    /// What ten thousand yuan more would be worth, in hundredths of a child.
    pub more_is_worth: i64,
}

/// How a project is paid.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Paid {
    /// In which year.
    pub year: i16,
    /// Purses by position, and yuan.
    pub from: Vec<(u32, u32)>,
}

/// A project.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Project {
    /// What is done.
    pub name: String,
    /// What for, as purses are earmarked.
    pub purpose: String,
    /// In the register; `None`: of a place.
    pub school: Option<u64>,
    /// The school's name, or the place's.
    pub whose: String,
    /// Village or town, by code.
    pub place: u64,
    /// Longitude and latitude, where known.
    pub at: Option<(f64, f64)>,
    /// Yuan.
    pub yuan: u32,
    /// What it is worth, in hundredths of a child.
    pub worth: i64,
    /// First and last year in which it may be done.
    pub years: (i16, i16),
    /// Who does it.
    pub bearer: String,
    /// `None`: it waits.
    pub paid: Option<Paid>,
    /// Where it waits: `purse` (no purse may pay for it), `money`.
    pub waits: String,
}

/// A town and what it gets.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TownMoney {
    /// Its code.
    pub code: u64,
    /// Its name.
    pub name: String,
    /// What its projects are worth, in hundredths of a child.
    pub worth: i64,
    /// Of them: paid.
    pub paid: i64,
    /// Promised at least.
    pub floor: i64,
    /// Missing to what was promised.
    pub short: i64,
    /// Yuan paid.
    pub yuan: i64,
    /// Whether the promise costs others something.
    pub binds: bool,
}

/// What is paid, when, and from which purse.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Money {
    /// Purses.
    pub purses: Vec<Purse>,
    /// Projects, what is worth most for its money first.
    pub projects: Vec<Project>,
    /// Towns.
    pub towns: Vec<TownMoney>,
    /// Least share of each town's gaps, in percent.
    pub town_percent: u32,
    /// The share that every town can be promised, in percent; less than `town_percent` where the purses do not suffice. `None`: not told.
    #[serde(default)]
    pub kept_percent: Option<u32>,
    /// Whether projects are those of the gap ledger.
    pub from_ledger: bool,
}
