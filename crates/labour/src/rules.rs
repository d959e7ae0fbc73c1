//! The rules of this room, `policies/cn/labour.toml`: every row with its day, its basis and how sure it is.

use jiff::civil::Date;
use serde::{Deserialize, Deserializer};

use fujiao_model::{Faults, RulesError, Sex, read_rules};

use crate::ability::{Ability, DisabilityKind, Illness};

fn day<'de, D: Deserializer<'de>>(text: D) -> Result<Date, D::Error> {
    let text = String::deserialize(text)?;
    text.parse().map_err(|_| serde::de::Error::custom(format!("“{text}”不是日期，写成 2025-01-01")))
}

fn day_or_none<'de, D: Deserializer<'de>>(text: D) -> Result<Option<Date>, D::Error> {
    day(text).map(Some)
}

fn sex<'de, D: Deserializer<'de>>(text: D) -> Result<Sex, D::Error> {
    let text = String::deserialize(text)?;
    Sex::parse(&text).ok_or_else(|| serde::de::Error::custom("sex 写 m 或 f"))
}

/// Rows with the days on which they hold and the article that says so.
macro_rules! dated_rows {
    ($($(#[$meta:meta])* $name:ident { $($(#[$entry:meta])* $field:ident: $type:ty,)* })*) => {
        $(
            $(#[$meta])*
            #[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
            #[serde(deny_unknown_fields)]
            pub struct $name {
                /// First day.
                #[serde(deserialize_with = "day")]
                pub from: Date,
                /// Last day.
                #[serde(default, deserialize_with = "day_or_none")]
                pub to: Option<Date>,
                $($(#[$entry])* pub $field: $type,)*
                /// The article.
                pub basis: String,
                /// How sure it is.
                pub mark: String,
            }

            impl Dated for $name {
                fn days(&self) -> (Date, Option<Date>) {
                    (self.from, self.to)
                }

                fn basis(&self) -> &str {
                    &self.basis
                }
            }
        )*
    };
}

pub(crate) trait Dated {
    fn days(&self) -> (Date, Option<Date>);
    fn basis(&self) -> &str;

    fn holds(&self, on: Date) -> bool {
        let (from, to) = self.days();
        from <= on && to.is_none_or(|to| on <= to)
    }
}

/// How the end of the labour age rises with the month of birth.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Delay {
    /// The first day of birth that it concerns.
    #[serde(deserialize_with = "day")]
    pub born_from: Date,
    /// One month more for each so many months of birth begun.
    pub months_each: u16,
    /// Months more at most.
    pub months: u16,
}

dated_rows! {
    /// 劳动年龄 of one sex.
    LabourAge {
        /// Of whom.
        #[serde(deserialize_with = "sex")]
        sex: Sex,
        /// From this birthday.
        first: u16,
        /// Until this birthday, without the delay.
        last: u16,
        /// How it rises.
        #[serde(default)]
        delay: Option<Delay>,
        /// Below this age somebody may be at school.
        school_until: u16,
    }
    /// What somebody beyond the labour age can do.
    BeyondAge {
        /// Until this birthday.
        until: u16,
        /// What they can do at most.
        ability: Ability,
    }
    /// What somebody with a disability can do.
    DisabilityRow {
        /// Kinds; none: all.
        kinds: Vec<DisabilityKind>,
        /// Grades.
        grades: Vec<u8>,
        /// What they can do at most.
        ability: Ability,
    }
    /// What somebody ill can do.
    IllnessRow {
        /// Which illness.
        illness: Illness,
        /// What they can do at most.
        ability: Ability,
    }
    /// Who is 两后生.
    TwoAfterRow {
        /// Until this birthday.
        until: u16,
        /// Days after the end of school before it is asked.
        wait_days: i32,
    }
    /// What counts as trained.
    TrainingRow {
        /// Years for which a completed course counts; 0: for ever.
        counts_years: u16,
        /// Whether vocational school counts.
        vocational_counts: bool,
        /// Least share of the hours, in percent.
        least_percent: u32,
        /// Subsidies a person and year.
        subsidies_a_year: u32,
        /// Subsidies a person in all.
        subsidies_in_all: u32,
        /// Within so many years a second course is set against neighbours who had none.
        again_years: u16,
    }
    /// Who needs care.
    CareRow {
        /// Children below this age.
        child_under: u16,
        /// The old from this age.
        old_from: u16,
        /// The disabled of these grades.
        grades: Vec<u8>,
        /// The seriously ill.
        serious: bool,
        /// Who cares is at least so old.
        carer_from: u16,
        /// And below this.
        carer_until: u16,
    }
    /// Proofs of work.
    PlacementRow {
        /// Months after the beginning at which a proof is due, rising.
        months: Vec<u16>,
        /// A proof may come so many days early.
        early_days: i32,
        /// And is due so many days after.
        late_days: i32,
        /// Without a new proof for so many days the evidence has stopped.
        silent_days: i32,
        /// Days from the end of a course to work.
        after_course_days: i32,
    }
}

/// Points by how near two occupations are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Near {
    /// The same 细类.
    pub unit: i64,
    /// The same 小类.
    pub minor: i64,
    /// The same 中类.
    pub middle: i64,
}

/// Points of a person and a vacancy; see the file.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FitPoints {
    /// Who says so.
    pub basis: String,
    /// How sure it is.
    pub mark: String,
    /// A skill for it.
    pub skill: Near,
    /// A certificate for it.
    pub certified: i64,
    /// The wish for it.
    pub wish: Near,
    /// Less for each ten minutes of the way.
    pub minutes_each_ten: i64,
    /// Nobody goes further each day.
    pub most_minutes: u32,
    /// Near home is within so many minutes.
    pub near_minutes: u32,
    /// Near home.
    pub near: i64,
    /// For each hundred yuan more than wanted.
    pub wage_more: i64,
    /// Less for each hundred yuan less.
    pub wage_less: i64,
    /// Wages count so much at most, either way.
    pub wage_most: i64,
    /// Below this share of the wage wanted nobody is matched, in percent.
    pub least_percent: u32,
    /// Hours for who cares for somebody.
    pub flexible: i64,
    /// Light work for who can do no other.
    pub light: i64,
    /// What is meant for lifted and monitored households.
    pub priority: i64,
}

/// The rules of this room, from a data file.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rules {
    #[serde(rename = "engine")]
    _engine: String,
    #[serde(rename = "scope")]
    _scope: String,
    #[serde(rename = "title")]
    _title: String,
    pub(crate) labour_age: Vec<LabourAge>,
    pub(crate) beyond_age: Vec<BeyondAge>,
    pub(crate) disability: Vec<DisabilityRow>,
    pub(crate) illness: Vec<IllnessRow>,
    pub(crate) two_after: Vec<TwoAfterRow>,
    training: Vec<TrainingRow>,
    care: Vec<CareRow>,
    placement: Vec<PlacementRow>,
    /// Points of people and vacancies.
    pub fit: FitPoints,
}

fn in_force<T: Dated>(rows: &[T], on: Date) -> Option<&T> {
    rows.iter().filter(|row| row.holds(on)).max_by_key(|row| row.days().0)
}

/// What no row of a table may lack.
fn odd<T: Dated>(name: &str, rows: &[T], faults: &mut Faults<'_>) {
    if rows.is_empty() {
        faults.say(format!("{name} 至少一行"));
    }
    for row in rows {
        let (from, to) = row.days();
        if row.basis().trim().is_empty() {
            faults.say(format!("{name} 从 {from} 起的一行没有依据 basis；补上出处"));
        }
        if to.is_some_and(|to| to < from) {
            faults.say(format!("{name} 从 {from} 起的一行 to 早于 from；改过来"));
        }
    }
}

impl Rules {
    /// The file that comes with the program, `policies/cn/labour.toml`.
    pub const BUILTIN: &'static str = include_str!("../../../policies/cn/labour.toml");

    /// The rules that come with the program.
    pub fn builtin() -> Self {
        Self::read(Self::BUILTIN).expect("a test reads the file that comes with the program")
    }

    /// Reads a data file.
    ///
    /// # Errors
    /// [`RulesError`] with what is wrong.
    pub fn read(text: &str) -> Result<Self, RulesError> {
        let rules: Self = read_rules(text)?;
        let mut faults = Faults::of(text);
        odd("labour_age", &rules.labour_age, &mut faults);
        odd("beyond_age", &rules.beyond_age, &mut faults);
        odd("disability", &rules.disability, &mut faults);
        odd("illness", &rules.illness, &mut faults);
        odd("two_after", &rules.two_after, &mut faults);
        odd("training", &rules.training, &mut faults);
        odd("care", &rules.care, &mut faults);
        odd("placement", &rules.placement, &mut faults);
        rules.odd_values(&mut faults);
        faults.end(Some(rules))
    }

    fn odd_values(&self, faults: &mut Faults<'_>) {
        for row in &self.labour_age {
            if row.first >= row.last || row.last > 100 {
                faults.say(format!("labour_age 从 {} 起的一行 first 应小于 last", row.from));
            }
            if row.delay.is_some_and(|delay| delay.months_each == 0) {
                faults.say("labour_age 的 months_each 不能是 0");
            }
        }
        if Sex::ALL.iter().any(|sex| self.labour_age.iter().all(|row| row.sex != *sex)) {
            faults.say("labour_age 男（m）女（f）各要一行");
        }
        let grades = |grades: &[u8]| grades.iter().all(|g| (1..=4).contains(g));
        if !self.disability.iter().all(|row| grades(&row.grades)) {
            faults.say("disability 的 grades 写 1 到 4");
        }
        if !self.care.iter().all(|row| grades(&row.grades)) {
            faults.say("care 的 grades 写 1 到 4");
        }
        if self.training.iter().any(|row| row.least_percent > 100) {
            faults.say("training 的 least_percent 不超过 100");
        }
        for row in &self.placement {
            if row.months.is_empty() || row.months.windows(2).any(|m| m[0] >= m[1]) {
                faults.say("placement 的 months 由小到大，至少一个");
            }
            let days = [row.early_days, row.late_days, row.silent_days, row.after_course_days];
            if row.months.first() == Some(&0) || days.iter().any(|d| !(0..=3660).contains(d)) {
                faults.say("placement 的月数从 1 起，天数在 0 到 3660 之间");
            }
        }
        let fit = &self.fit;
        if fit.basis.trim().is_empty() || fit.least_percent > 100 {
            faults.say("fit 要有依据 basis，least_percent 不超过 100");
        }
    }

    /// The labour age of one sex on a day.
    pub fn labour_age(&self, sex: Sex, on: Date) -> Option<&LabourAge> {
        let rows = self.labour_age.iter().filter(|row| row.sex == sex && row.holds(on));
        rows.max_by_key(|row| row.from)
    }

    /// What counts as trained on a day.
    pub fn training(&self, on: Date) -> Option<&TrainingRow> {
        in_force(&self.training, on)
    }

    /// Who needs care on a day.
    pub fn care(&self, on: Date) -> Option<&CareRow> {
        in_force(&self.care, on)
    }

    /// Proofs of work on a day.
    pub fn placement(&self, on: Date) -> Option<&PlacementRow> {
        in_force(&self.placement, on)
    }

    /// Who is 两后生 on a day.
    pub fn two_after(&self, on: Date) -> Option<&TwoAfterRow> {
        in_force(&self.two_after, on)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_file_that_comes_with_the_program_is_sound() {
        Rules::read(Rules::BUILTIN).unwrap();
    }

    #[test]
    fn what_is_wrong_with_a_file_is_said_with_its_remedy() {
        let why = |from: &str, to: &str| {
            assert!(Rules::BUILTIN.contains(from), "{from}");
            Rules::read(&Rules::BUILTIN.replacen(from, to, 1)).unwrap_err().to_string()
        };
        assert!(why("months = [3, 6, 12]", "months = [6, 3]").contains("由小到大"));
        assert!(why("basis = \"分数由县里确认\"", "basis = \"\"").contains("依据"));
        assert!(why("grades = [4]", "grades = [5]").contains("1 到 4"));
        assert!(why("from = \"2010-01-01\"", "from = \"2010-13-01\"").contains("不是日期"));
        assert!(why("months_each = 4", "months_each = 0").contains("months_each"));
        assert!(why("least_percent = 80", "least_percent = 180").contains("least_percent"));
    }
}
