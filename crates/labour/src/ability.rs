//! 劳动能力: normal, weak, half or none, by dated rules from age, sex, disability, illness and school; and 两后生.

use std::collections::BTreeSet;

use fujiao_model::{LabourAbility, PartialDate, Sex};
use jiff::civil::Date;

use crate::Rules;

fujiao_model::code_table! {
    /// 劳动能力, from the least up.
    Ability {
        /// 无
        None = "none", "无劳动能力";
        /// 半
        Half = "half", "半劳动能力";
        /// 弱
        Weak = "weak", "弱劳动能力";
        /// 正常
        Normal = "normal", "正常劳动能力";
    }
}

impl Ability {
    /// Whether a roster says the same: it has one word for weak and half, and two for none.
    pub fn agrees_with(self, said: LabourAbility) -> bool {
        match said {
            LabourAbility::Normal | LabourAbility::Skilled => self == Self::Normal,
            LabourAbility::Weak => matches!(self, Self::Weak | Self::Half),
            LabourAbility::Lost | LabourAbility::None => self == Self::None,
        }
    }
}

fujiao_model::code_table! {
    /// 残疾类别 (GB/T 26341-2010).
    DisabilityKind {
        /// 视力
        Visual = "visual", "视力";
        /// 听力
        Hearing = "hearing", "听力";
        /// 言语
        Speech = "speech", "言语";
        /// 肢体
        Physical = "physical", "肢体";
        /// 智力
        Intellectual = "intellectual", "智力";
        /// 精神
        Mental = "mental", "精神";
        /// 多重
        Multiple = "multiple", "多重";
    }
}

fujiao_model::code_table! {
    /// 健康状况, as far as it bears on work.
    Illness {
        /// 健康
        Healthy = "healthy", "健康";
        /// 长期慢性病
        Chronic = "chronic", "长期慢性病";
        /// 患有大病
        Serious = "serious", "患有大病";
    }
}

read_by_code!(Ability, DisabilityKind, Illness);

/// A disability by its certificate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Disability {
    /// Its kind.
    pub kind: DisabilityKind,
    /// 1 (worst) to 4.
    pub grade: u8,
}

/// What is known of somebody; `None`: not on file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Facts {
    /// Date of birth.
    pub born: Option<PartialDate>,
    /// Sex.
    pub sex: Option<Sex>,
    /// `Some(None)`: has none.
    pub disability: Option<Option<Disability>>,
    /// Health.
    pub illness: Option<Illness>,
    /// Whether at school or university.
    pub in_school: Option<bool>,
}

/// A fact that is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fact {
    /// 出生日期
    Born,
    /// 性别
    Sex,
    /// 残疾
    Disability,
    /// 健康状况
    Illness,
    /// 在校
    InSchool,
}

impl Fact {
    /// The stable code.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Born => "born",
            Self::Sex => "sex",
            Self::Disability => "disability",
            Self::Illness => "illness",
            Self::InSchool => "in_school",
        }
    }

    /// The Chinese term.
    pub const fn chinese(self) -> &'static str {
        match self {
            Self::Born => "出生日期",
            Self::Sex => "性别",
            Self::Disability => "残疾类别和等级",
            Self::Illness => "健康状况",
            Self::InSchool => "是否在校",
        }
    }
}

/// What lowers somebody's ability, or keeps them from counting.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Why {
    /// Not yet of labour age.
    TooYoung {
        /// Years.
        years: u16,
        /// From these.
        first: u16,
    },
    /// Beyond the labour age.
    TooOld {
        /// Years.
        years: u16,
        /// The labour age ends at so many months.
        last_months: u16,
    },
    /// By a disability.
    Disability(Disability),
    /// By illness.
    Illness(Illness),
    /// At school.
    InSchool,
}

/// What somebody can do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Labour {
    /// How much.
    pub ability: Ability,
    /// Whether they are of labour age.
    pub is_of_age: bool,
    /// Whether they are at school.
    pub in_school: bool,
    /// What lowers it; empty where nothing does.
    pub why: Vec<Why>,
}

impl Labour {
    /// Whether they count as labour (劳动力): some ability, old enough, and not at school.
    pub fn counts(&self) -> bool {
        let too_young = self.why.iter().any(|why| matches!(why, Why::TooYoung { .. }));
        self.ability > Ability::None && !self.in_school && !too_young
    }
}

/// What the rules say of somebody.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Judged {
    /// This, whatever is not on file.
    Known(Labour),
    /// These facts are not on file and could change the answer.
    Ask(BTreeSet<Fact>),
    /// No rule is in force on the day.
    NotInForce,
}

impl Judged {
    /// What is known.
    pub fn known(&self) -> Option<&Labour> {
        match self {
            Self::Known(labour) => Some(labour),
            Self::Ask(_) | Self::NotInForce => None,
        }
    }
}

/// Whole months from one day to another; not below nought.
pub(crate) fn months_between(from: Date, to: Date) -> u16 {
    let months = i32::from(to.year() - from.year()) * 12 + i32::from(to.month() - from.month())
        - i32::from(to.day() < from.day());
    u16::try_from(months.max(0)).unwrap_or(u16::MAX)
}

/// Facts of which none is missing.
#[derive(Clone, Copy)]
struct Whole {
    born: Date,
    sex: Sex,
    disability: Option<Disability>,
    illness: Illness,
    in_school: bool,
}

/// What somebody can do on a day.
///
/// A missing fact is asked for only if it could change the ability or whether they count. Of a date of birth without a day
/// both ends are tried.
pub fn judge(rules: &Rules, facts: &Facts, as_of: Date) -> Judged {
    if Sex::ALL.iter().any(|sex| rules.labour_age(*sex, as_of).is_none()) {
        return Judged::NotInForce;
    }
    let born = births(rules, facts, as_of);
    let sexes = facts.sex.map_or(Sex::ALL.to_vec(), |sex| vec![sex]);
    let disabilities = facts.disability.map_or_else(|| disabilities(rules, as_of), |d| vec![d]);
    let illnesses = facts.illness.map_or(Illness::ALL.to_vec(), |i| vec![i]);
    let schools = facts.in_school.map_or(vec![false, true], |s| vec![s]);
    let at = |n: [usize; 5]| {
        let sex = sexes[n[1]];
        let born = born[n[0]];
        // Somebody old enough of whom no school knows is not at school.
        let years = months_between(born, as_of) / 12;
        let may_learn = rules.labour_age(sex, as_of).is_some_and(|age| years < age.school_until);
        let in_school = schools[n[4]] && (facts.in_school.is_some() || may_learn);
        let (disability, illness) = (disabilities[n[2]], illnesses[n[3]]);
        labour(rules, Whole { born, sex, disability, illness, in_school }, as_of)
    };
    let sizes = [born.len(), sexes.len(), disabilities.len(), illnesses.len(), schools.len()];
    let first = at([0; 5]);
    let differs = |a: &Labour, b: &Labour| a.ability != b.ability || a.counts() != b.counts();
    if sizes == [1; 5] {
        return Judged::Known(first);
    }
    let facts = [Fact::Born, Fact::Sex, Fact::Disability, Fact::Illness, Fact::InSchool];
    let mut asked = BTreeSet::new();
    let mut n = [0; 5];
    loop {
        let here = at(n);
        for (axis, fact) in facts.into_iter().enumerate() {
            if n[axis] == 0 && !asked.contains(&fact) {
                let mut other = n;
                let changes = (1..sizes[axis]).any(|to| {
                    other[axis] = to;
                    differs(&here, &at(other))
                });
                if changes {
                    asked.insert(fact);
                }
            }
        }
        let Some(axis) = (0..5).find(|axis| n[*axis] + 1 < sizes[*axis]) else { break };
        n[axis] += 1;
        n[..axis].fill(0);
    }
    if asked.is_empty() { Judged::Known(first) } else { Judged::Ask(asked) }
}

/// Days of birth that somebody may have: the ends of what is on file, or a day on each side of every age of the rules.
fn births(rules: &Rules, facts: &Facts, as_of: Date) -> Vec<Date> {
    if let Some(born) = facts.born {
        let (first, last) = (born.earliest(), born.latest());
        return if first == last { vec![first] } else { vec![first, last] };
    }
    let mut ages = vec![0, 40];
    for row in &rules.labour_age {
        ages.extend([row.first, row.last - 1, row.last + 4, row.school_until]);
    }
    ages.extend(rules.beyond_age.iter().map(|row| row.until));
    ages.sort_unstable();
    ages.dedup();
    let years = |age: &u16| {
        let age = i16::try_from(*age).expect("ages of the rules are below 100");
        Date::new(as_of.year() - age, 1, 1).expect("the first of January exists")
    };
    ages.iter().map(years).collect()
}

/// None, and every kind and grade that some rule knows.
fn disabilities(rules: &Rules, as_of: Date) -> Vec<Option<Disability>> {
    use crate::rules::Dated;
    let mut all = vec![None];
    for row in rules.disability.iter().filter(|row| row.holds(as_of)) {
        let kinds = if row.kinds.is_empty() { &DisabilityKind::ALL[..1] } else { &row.kinds };
        for &kind in kinds {
            all.extend(row.grades.iter().map(|&grade| Some(Disability { kind, grade })));
        }
    }
    all
}

fn labour(rules: &Rules, facts: Whole, as_of: Date) -> Labour {
    use crate::rules::Dated;
    let age = rules.labour_age(facts.sex, as_of).expect("the caller looked");
    let months = months_between(facts.born, as_of);
    let years = months / 12;
    let mut labour = Labour {
        ability: Ability::Normal,
        is_of_age: true,
        in_school: facts.in_school,
        why: Vec::new(),
    };
    let mut lower = |ability: Ability, why: Why| {
        if ability < Ability::Normal {
            labour.ability = labour.ability.min(ability);
            labour.why.push(why);
        }
    };
    let delay = age.delay.filter(|delay| facts.born >= delay.born_from).map_or(0, |delay| {
        (months_of_birth(delay.born_from, facts.born) / delay.months_each + 1).min(delay.months)
    });
    let last_months = age.last * 12 + delay;
    if years < age.first {
        lower(Ability::None, Why::TooYoung { years, first: age.first });
    } else if months >= last_months {
        let rows = rules.beyond_age.iter().filter(|row| row.holds(as_of) && years < row.until);
        let ability = rows.min_by_key(|row| row.until).map_or(Ability::None, |row| row.ability);
        lower(ability, Why::TooOld { years, last_months });
    }
    if let Some(disability) = facts.disability {
        let rows = rules.disability.iter().filter(|row| {
            let is_kind = row.kinds.is_empty() || row.kinds.contains(&disability.kind);
            row.holds(as_of) && is_kind && row.grades.contains(&disability.grade)
        });
        if let Some(ability) = rows.map(|row| row.ability).min() {
            lower(ability, Why::Disability(disability));
        }
    }
    let rows = rules.illness.iter().filter(|row| row.holds(as_of) && row.illness == facts.illness);
    if let Some(ability) = rows.map(|row| row.ability).min() {
        lower(ability, Why::Illness(facts.illness));
    }
    if facts.in_school {
        labour.why.push(Why::InSchool);
    }
    labour.is_of_age = years >= age.first && months < last_months;
    labour
}

/// Calendar months from the month of one day to that of another.
fn months_of_birth(from: Date, born: Date) -> u16 {
    let months = i32::from(born.year() - from.year()) * 12 + i32::from(born.month() - from.month());
    u16::try_from(months.max(0)).unwrap_or(u16::MAX)
}

/// Somebody who finished junior or senior school, as the school registers have them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Leaver {
    /// Date of birth.
    pub born: Option<PartialDate>,
    /// The day on which school ended: graduated, completed or left with a certificate of attendance.
    pub left_on: Date,
    /// Whether any school or university enrolled them since.
    pub enrolled: Option<bool>,
    /// Whether they work.
    pub works: Option<bool>,
    /// Whether they serve, are ill for long, have gone abroad or died: nothing more is owed.
    pub is_excused: bool,
}

/// Whether somebody is 两后生.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TwoAfter {
    /// They are: neither school nor work, since so long.
    Is {
        /// The day on which school ended.
        since: Date,
    },
    /// Not yet to be asked: new registers are not in before that day.
    Wait {
        /// Until.
        until: Date,
    },
    /// They are not: at school again.
    AtSchool,
    /// They are not: at work.
    AtWork,
    /// They are not: too old, excused, or no rule is in force.
    No,
    /// Whether they work, or how old they are, is not on file.
    Ask,
}

/// Whether somebody who left school is 两后生 on a day.
pub fn two_after(rules: &Rules, leaver: &Leaver, as_of: Date) -> TwoAfter {
    let Some(row) = rules.two_after(as_of) else { return TwoAfter::No };
    if leaver.is_excused || leaver.left_on > as_of {
        return TwoAfter::No;
    }
    if leaver.enrolled == Some(true) {
        return TwoAfter::AtSchool;
    }
    if leaver.works == Some(true) {
        return TwoAfter::AtWork;
    }
    let Some(born) = leaver.born else { return TwoAfter::Ask };
    if months_between(born.latest(), as_of) / 12 >= row.until {
        return TwoAfter::No;
    }
    let until = leaver.left_on.saturating_add(jiff::Span::new().days(row.wait_days));
    if as_of < until {
        return TwoAfter::Wait { until };
    }
    match (leaver.enrolled, leaver.works) {
        (Some(false), Some(false)) => TwoAfter::Is { since: leaver.left_on },
        _ => TwoAfter::Ask,
    }
}

#[cfg(test)]
mod tests;
