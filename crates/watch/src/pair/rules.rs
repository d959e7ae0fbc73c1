use fujiao_model::RulesError;
use serde::Deserialize;

use crate::rules::{self, data_file};

/// Points of a fit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Points {
    pub(super) same_school: u32,
    pub(super) same_village: u32,
    pub(super) same_town: u32,
    pub(super) language: u32,
    pub(super) subject: u32,
    pub(super) same_gender: u32,
    pub(super) boards_with_duty: u32,
    pub(super) keep: u32,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Girls {
    Women,
    Prefer,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Reach {
    School,
    Town,
    County,
}

/// A kind of mentor: teacher, official, volunteer, donor.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Kind {
    /// Its key.
    pub key: String,
    /// What people call it.
    pub title: String,
    /// The same in English.
    pub title_en: String,
    /// How many pupils one of them looks after at most.
    pub cap: u32,
    pub(super) girls: Girls,
    pub(super) reach: Reach,
}

/// 行为守则: what a mentor signs before they are paired with anybody.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Code {
    /// Its title.
    pub title: String,
    /// Its lines.
    pub lines: Vec<String>,
}

/// What fits, how many, and what is done in a term, from a data file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rules {
    pub(super) points: Points,
    kinds: Vec<Kind>,
    /// A subject is weak below so many marks of a hundred.
    pub weak_below: u32,
    /// Kinds of contact, in turn over the months of a term.
    pub(super) turns: Vec<String>,
    /// The kind that takes the place of the last turn where the mentor teaches a subject that the pupil is weak in.
    pub(super) weak_turn: String,
    /// Days before a pairing, and since, that are compared.
    pub measure_days: i32,
    /// What a mentor signs.
    pub code: Code,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FilePlan {
    turns: Vec<String>,
    weak_turn: String,
}

data_file! {
    struct File {
        weak_below: u32,
        measure_days: i32,
        points: Points,
        term_plan: FilePlan,
        code: Code,
        #[serde(rename = "kind")]
        kinds: Vec<Kind>,
    }
}

impl Rules {
    /// The file that comes with the program, `policies/cn/pairing.toml`.
    pub const BUILTIN: &'static str = include_str!("../../../../policies/cn/pairing.toml");

    /// The rules that come with the program.
    pub fn builtin() -> Self {
        Self::read(Self::BUILTIN).expect("a test reads the file that comes with the program")
    }

    /// Reads a data file.
    ///
    /// # Errors
    /// [`RulesError`] with what is wrong.
    pub fn read(text: &str) -> Result<Self, RulesError> {
        let (file, mut faults): (File, _) = rules::read(text)?;
        let p = file.points;
        let all = [
            p.same_school,
            p.same_village,
            p.same_town,
            p.language,
            p.subject,
            p.same_gender,
            p.boards_with_duty,
            p.keep,
        ];
        if all.iter().any(|points| *points > 10_000) {
            faults.say("points 每一项最多 10000 分");
        }
        if file.kinds.is_empty() {
            faults.say("要有至少一类帮扶人 [[kind]]");
        }
        for kind in file.kinds.iter().filter(|kind| !(1..=100).contains(&kind.cap)) {
            faults.say_of(&kind.key, "一人带几个孩子（cap）在 1 到 100 之间");
        }
        if file.term_plan.turns.is_empty() {
            faults.say("学期联系计划（term_plan）至少写一种联系");
        }
        if !(30..=365).contains(&file.measure_days) || file.weak_below > 100 {
            faults.say("measure_days 在 30 到 365 之间，weak_below 不超过 100");
        }
        if file.code.lines.iter().all(|line| line.trim().is_empty()) {
            faults.say("行为守则（code）要有内容");
        }
        faults.end(Some(Self {
            points: p,
            kinds: file.kinds,
            weak_below: file.weak_below,
            turns: file.term_plan.turns,
            weak_turn: file.term_plan.weak_turn,
            measure_days: file.measure_days,
            code: file.code,
        }))
    }

    /// The kinds of mentors, in the order of the file.
    pub fn kinds(&self) -> &[Kind] {
        &self.kinds
    }

    /// The kind of a key.
    pub fn kind(&self, key: &str) -> Option<&Kind> {
        self.kinds.iter().find(|kind| kind.key == key)
    }
}
