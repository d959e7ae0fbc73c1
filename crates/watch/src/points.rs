//! 积分预警: reasons to look before a child leaves, without any training data.
//!
//! A [`Signal`] of the rule file says at what value of which column it counts, how many points, in which words, and what to do.
//! [`assess`] gives each child their reasons; [`list`] as many children a school as the school can act on. A number is never
//! shown without its reasons, a fact that is not on file adds nothing and is named.

use std::collections::BTreeMap;

use fujiao_model::RulesError;
use serde::Deserialize;

use crate::rules::{self, data_file};

/// One reason to look.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Signal {
    /// Its key.
    pub key: String,
    /// The column that it looks at.
    pub column: String,
    /// It counts from this value on.
    pub at_least: Option<f64>,
    /// It counts below this value.
    pub below: Option<f64>,
    /// Of one group only the signal with most points counts.
    pub group: Option<String>,
    /// Points; above zero.
    pub points: u32,
    /// What is said of it; `{value}` is the value.
    pub zh: String,
    /// The same in English; empty: in Chinese.
    #[serde(default)]
    pub en: String,
    /// What to do.
    pub act: String,
    /// The same in English; empty: in Chinese.
    #[serde(default)]
    pub act_en: String,
}

impl Signal {
    /// What is said at a value, in Chinese and in English.
    pub fn said(&self, value: f64) -> [String; 2] {
        let value = value.to_string();
        [&self.zh, or(&self.en, &self.zh)].map(|text| text.replace("{value}", &value))
    }

    /// What to do, in Chinese and in English.
    pub fn acts(&self) -> [&str; 2] {
        [&self.act, or(&self.act_en, &self.act)]
    }

    fn counts(&self, value: f64) -> bool {
        self.at_least.is_none_or(|least| value >= least)
            && self.below.is_none_or(|most| value < most)
    }
}

/// The English where there is one, else the Chinese.
fn or<'a>(en: &'a str, zh: &'a str) -> &'a str {
    if en.trim().is_empty() { zh } else { en }
}

/// The signals of a rule file.
#[derive(Clone, Debug, PartialEq)]
pub struct Rules {
    /// In the order of the file.
    pub signals: Vec<Signal>,
}

data_file! {
    struct File {
        #[serde(rename = "signal")]
        signals: Vec<Signal>,
    }
}

impl Rules {
    /// The file that comes with the program, `policies/cn/points.toml`.
    pub const BUILTIN: &'static str = include_str!("../../../policies/cn/points.toml");

    /// The rules that come with the program.
    pub fn builtin() -> Self {
        Self::read(Self::BUILTIN).expect("a test reads the file that comes with the program")
    }

    /// Reads a rule file.
    ///
    /// # Errors
    /// [`RulesError`] with what is wrong.
    pub fn read(text: &str) -> Result<Self, RulesError> {
        let (file, mut faults): (File, _) = rules::read(text)?;
        let mut keys = std::collections::BTreeSet::new();
        for signal in &file.signals {
            if !keys.insert(signal.key.as_str()) {
                faults.say_of(&signal.key, "两条都叫这个 key；改一条");
            }
            if signal.at_least.is_some() == signal.below.is_some() {
                faults.say_of(&signal.key, "写 at_least 或 below，写一个");
            }
            if signal.points == 0 || signal.zh.trim().is_empty() || signal.act.trim().is_empty() {
                faults.say_of(&signal.key, "要有分数、说法（zh）和做法（act）");
            }
        }
        faults.end(Some(Self { signals: file.signals }))
    }

    /// The columns that the signals look at, in order.
    pub fn columns(&self) -> Vec<&str> {
        let mut columns: Vec<&str> = self.signals.iter().map(|s| s.column.as_str()).collect();
        columns.sort_unstable();
        columns.dedup();
        columns
    }
}

/// A reason that counts for a child.
#[derive(Clone, Debug, PartialEq)]
pub struct Reason {
    /// Place of the signal in the rules.
    pub signal: usize,
    /// The value.
    pub value: f64,
    /// What is said of it, in Chinese and in English.
    pub said: [String; 2],
}

/// What speaks for looking after a child.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Risk {
    /// The points of its reasons, added up.
    pub points: u32,
    /// The reasons, most points first.
    pub reasons: Vec<Reason>,
    /// Columns that are not on file.
    pub unknown: Vec<String>,
}

/// The risk of each row. `columns` has a value a row, NaN for what is not on file; a column that is not there is on file for
/// nobody.
///
/// # Panics
/// If columns differ in length.
pub fn assess(rules: &Rules, columns: &BTreeMap<&str, Vec<f64>>, rows: usize) -> Vec<Risk> {
    assert!(columns.values().all(|column| column.len() == rows), "each column has a value a row");
    (0..rows)
        .map(|row| {
            let value =
                |name: &str| columns.get(name).map(|column| column[row]).filter(|v| !v.is_nan());
            let mut best: BTreeMap<&str, usize> = BTreeMap::new();
            for (at, signal) in rules.signals.iter().enumerate() {
                if !value(&signal.column).is_some_and(|v| signal.counts(v)) {
                    continue;
                }
                let group = signal.group.as_deref().unwrap_or(&signal.key);
                let before = best.entry(group).or_insert(at);
                if signal.points > rules.signals[*before].points {
                    *before = at;
                }
            }
            let mut reasons: Vec<Reason> = best
                .into_values()
                .map(|at| {
                    let signal = &rules.signals[at];
                    let value = value(&signal.column).expect("it counts");
                    Reason { signal: at, value, said: signal.said(value) }
                })
                .collect();
            reasons.sort_by_key(|r| (std::cmp::Reverse(rules.signals[r.signal].points), r.signal));
            Risk {
                points: reasons.iter().map(|r| rules.signals[r.signal].points).sum(),
                reasons,
                unknown: rules
                    .columns()
                    .into_iter()
                    .filter(|name| value(name).is_none())
                    .map(str::to_owned)
                    .collect(),
            }
        })
        .collect()
}

/// As many children of each school as it can act on, most points first, equal ones in order; nobody without a reason.
///
/// `school[row]` is any number, `capacity` gives that of a school; a school that is not there can act on nobody.
pub fn list(risks: &[Risk], school: &[u64], capacity: &BTreeMap<u64, usize>) -> Vec<usize> {
    let mut order: Vec<usize> = (0..risks.len()).filter(|row| risks[*row].points > 0).collect();
    order.sort_by_key(|row| (school[*row], std::cmp::Reverse(risks[*row].points), *row));
    let mut taken: BTreeMap<u64, usize> = BTreeMap::new();
    order
        .into_iter()
        .filter(|row| {
            let at = taken.entry(school[*row]).or_default();
            *at += 1;
            *at <= capacity.get(&school[*row]).copied().unwrap_or(0)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_child_has_reasons_and_no_bare_number() {
        let rules = Rules::builtin();
        let columns = BTreeMap::from([
            ("unexcused_days", vec![8.0, 3.0, 0.0]),
            ("parents_away", vec![2.0, f64::NAN, 0.0]),
            ("siblings_left", vec![0.0, 1.0, 0.0]),
        ]);
        let risks = assess(&rules, &columns, 3);
        let said = |risk: &Risk| risk.reasons.iter().map(|r| r.said[0].clone()).collect::<Vec<_>>();
        assert_eq!(
            (risks[0].points, said(&risks[0])),
            (42, vec!["本学期无故缺课 8 天".into(), "父母都外出".into()])
        );
        assert_eq!(
            (risks[1].points, said(&risks[1])),
            (35, vec!["有兄弟姐妹辍学（1 人）".into(), "本学期无故缺课 3 天".into()])
        );
        assert_eq!(risks[0].reasons[0].said[1], "8 days away without leave this term");
        for signal in &rules.signals {
            let texts = signal.said(1.0).into_iter().chain(signal.acts().map(str::to_owned));
            let chinese: Vec<bool> =
                texts.map(|text| text.chars().any(|c| c > '\u{2fff}')).collect();
            assert_eq!(chinese, [true, false, true, false], "{}", signal.key);
        }
        assert!(risks[1].unknown.contains(&"parents_away".to_owned()));
        assert_eq!((risks[2].points, risks[2].reasons.len()), (0, 0));
        // One school can act on one child; nobody is listed without a reason.
        let capacity = BTreeMap::from([(7, 1), (8, 5)]);
        assert_eq!(list(&risks, &[7, 7, 8], &capacity), [0]);
        assert_eq!(list(&risks, &[9, 7, 8], &capacity), [1]);
    }

    #[test]
    fn signals_without_words_are_refused() {
        let edited = |from: &str, to: &str| {
            assert!(Rules::BUILTIN.contains(from));
            Rules::read(&Rules::BUILTIN.replacen(from, to, 1)).unwrap_err().to_string()
        };
        assert_eq!(
            edited("act = \"班主任当天联系家长，三天内家访\"", "act = \"\""),
            "第 10 行：unexcused_3：要有分数、说法（zh）和做法（act）"
        );
        assert_eq!(
            edited("at_least = 3\n", ""),
            "第 10 行：unexcused_3：写 at_least 或 below，写一个"
        );
    }

    proptest! {
        /// More of what counts never lowers the points; the points are those of the reasons.
        #[test]
        fn points_are_those_of_their_reasons(values in proptest::collection::vec(0.0..20.0_f64, 3), more in 0.0..20.0_f64) {
            let rules = Rules::builtin();
            let of = |days: f64| {
                let columns = BTreeMap::from([
                    ("unexcused_days", vec![days]), ("sick_days", vec![values[1]]), ("parents_away", vec![values[2]]),
                ]);
                assess(&rules, &columns, 1).remove(0)
            };
            let (few, many) = (of(values[0]), of(values[0] + more));
            prop_assert!(many.points >= few.points);
            prop_assert_eq!(many.points, many.reasons.iter().map(|r| rules.signals[r.signal].points).sum::<u32>());
        }
    }
}
