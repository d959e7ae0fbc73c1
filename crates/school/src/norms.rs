//! The file of norms: dated numbers with their basis, rates by formula, standards, checklists, norms of posts.
//!
//! `policies/cn/school.toml` comes with the program; a county's file is laid over it by key. Whoever wants another standard
//! writes it there: what it is compared with is an item that somebody measures, under any name.

mod formula;
mod read;

use std::collections::BTreeMap;

use jiff::civil::Date;

pub use formula::{COUNTERS, Formula, FormulaError};

use crate::conditions::{Standard, UnitCost};
use crate::posts::{Addition, SubjectNorm};

/// A value with the days on which it holds and the article that says so.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dated<T> {
    /// First day.
    pub from: Date,
    /// Last day.
    pub to: Option<Date>,
    /// The value.
    pub value: T,
    /// The article.
    pub basis: String,
    /// How sure it is: `V*` official page, `V` public page, `K` common knowledge, `U` to be verified.
    pub mark: String,
}

/// The row in force on a day: the latest that began.
pub fn in_force<T>(rows: &[Dated<T>], on: Date) -> Option<&Dated<T>> {
    rows.iter().filter(|r| r.from <= on && r.to.is_none_or(|to| on <= to)).max_by_key(|r| r.from)
}

/// A dated number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Number {
    /// Its key.
    pub key: String,
    /// The Chinese name.
    pub zh: String,
    /// The English name.
    pub en: String,
    /// In thousandths of the unit.
    pub rows: Vec<Dated<i64>>,
    /// What it counts.
    pub unit: String,
}

/// A rate: counters over counters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rate {
    /// Its key.
    pub key: String,
    /// The Chinese name.
    pub zh: String,
    /// The English name.
    pub en: String,
    /// How it is reckoned.
    pub formula: Formula,
    /// Who says so.
    pub basis: String,
}

/// An entry of the checklist of the monthly inspection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Check {
    /// Its key.
    pub key: String,
    /// The question in Chinese; yes is well.
    pub zh: String,
    /// The question in English.
    pub en: String,
    /// The article.
    pub basis: String,
    /// Days to put a fault right.
    pub days: i32,
}

/// An amount of a nutrient in a meal, by age group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Nutrient {
    /// Its key.
    pub key: String,
    /// The Chinese name.
    pub zh: String,
    /// The English name.
    pub en: String,
    /// The unit.
    pub unit: String,
    /// By age group: the amount of a day, in thousandths of the unit.
    pub a_day: Vec<(String, i64)>,
    /// The article.
    pub basis: String,
}

/// What 100 g of a foodstuff hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Food {
    /// The name.
    pub name: String,
    /// What menus call it besides.
    pub names: Vec<String>,
    /// By the key of a nutrient: thousandths of its unit.
    pub has: BTreeMap<String, i64>,
    /// The table that says so.
    pub basis: String,
}

/// All norms.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Norms {
    /// Dated numbers, by key.
    pub numbers: BTreeMap<String, Number>,
    /// Rates, in the order of the file.
    pub rates: Vec<Rate>,
    /// Standards, in the order of the file.
    pub standards: Vec<Standard>,
    /// What making good costs, by standard.
    pub costs: BTreeMap<String, UnitCost>,
    /// The checklist.
    pub checks: Vec<Check>,
    /// Nutrients.
    pub nutrients: Vec<Nutrient>,
    /// Foodstuffs.
    pub foods: Vec<Food>,
    /// Posts beyond the ratio.
    pub additions: Vec<Addition>,
    /// Lessons by subject.
    pub subjects: Vec<SubjectNorm>,
    /// Terms as the county announces them: first and last day.
    pub terms: Vec<(Date, Date)>,
    /// Milestones (时间节点): key, name, days after the beginning of the school year.
    pub milestones: Vec<(String, String, i32)>,
}

impl Norms {
    /// The norms that come with the program.
    ///
    /// # Panics
    /// If they do not read; a test keeps them sound.
    pub fn national() -> Self {
        let mut norms = Self::default();
        for text in Self::NATIONAL {
            norms.lay(text).expect("a test reads the files that come with the program");
        }
        norms
    }

    /// The texts of the files that come with the program, in the order in which they are laid.
    pub const NATIONAL: [&'static str; 3] = [
        include_str!("../../../policies/cn/school.toml"),
        include_str!("../../../policies/cn/foods.toml"),
        include_str!("../../../policies/county/school.toml"),
    ];

    /// A number on a day, in thousandths of its unit; `None` where none is in force.
    pub fn number(&self, key: &str, on: Date) -> Option<i64> {
        in_force(&self.numbers.get(key)?.rows, on).map(|r| r.value)
    }

    /// A number on a day in whole units, cut; `None` where none is in force.
    pub fn whole(&self, key: &str, on: Date) -> Option<i64> {
        self.number(key, on).map(|n| n / 1_000)
    }

    /// A rate.
    pub fn rate(&self, key: &str) -> Option<&Rate> {
        self.rates.iter().find(|r| r.key == key)
    }

    /// The foodstuff that a menu names: by its name, else by one of its other names, else by the longest of them that the
    /// menu's word holds (`本地鲜鸡蛋` is `鲜鸡蛋`). `None`: nobody says what it holds.
    pub fn food(&self, called: &str) -> Option<&Food> {
        let called = called.trim();
        let own = |f: &&Food| f.name == called || f.names.iter().any(|n| n == called);
        let within = |f: &&Food| {
            let names = std::iter::once(&f.name).chain(&f.names);
            names
                .filter(|n| n.chars().count() > 1 && called.contains(n.as_str()))
                .map(String::len)
                .max()
        };
        self.foods.iter().find(own).or_else(|| {
            self.foods
                .iter()
                .filter_map(|f| Some((within(&f)?, f)))
                .max_by_key(|(n, _)| *n)
                .map(|(_, f)| f)
        })
    }

    /// The standard of a key.
    pub fn standard(&self, key: &str) -> Option<&Standard> {
        self.standards.iter().find(|s| s.key == key)
    }
}
