//! Early warning: the facts that signals look at, column by column, of every pupil enrolled today, from primary school to the last grade before university.

use std::collections::BTreeMap;

use fujiao_model::{Area, Field, PartialDate, RosterKind, Stage, SubjectKind, Term};
use fujiao_store::StoredRisk;
use fujiao_watch::points::{self, Risk, Rules};
use serde::{Deserialize, Serialize};

use super::{Registers, Settled};
use crate::desk::Title;
use crate::registers::enrolments::{counting_on, of_year};

/// A reason to look, as the books keep it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RiskReason {
    /// The signal of the rule file.
    pub key: String,
    /// Its points.
    pub points: u32,
    /// What is said.
    #[serde(deserialize_with = "in_both")]
    pub said: Title,
    /// What to do.
    #[serde(deserialize_with = "in_both")]
    pub act: Title,
}

/// What an earlier program wrote in Chinese alone reads as both.
fn in_both<'de, D: serde::Deserializer<'de>>(from: D) -> Result<Title, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Kept {
        Both(Title),
        Chinese(String),
    }
    Ok(match Kept::deserialize(from)? {
        Kept::Both(title) => title,
        Kept::Chinese(zh) => Title { en: zh.clone(), zh },
    })
}

/// What speaks for looking after pupils before they leave; only of those for whom something does. A school can act on as many
/// as it has teachers in service and in quota, and on one at least.
pub(super) fn risks(registers: &Registers, settled: &Settled) -> Vec<StoredRisk> {
    let rules = &registers.rules.points;
    let year = registers.term.school_year();
    let pupils: Vec<(u32, Option<u32>)> =
        counting_on(of_year(&registers.enrolments, year), registers.as_of)
            .filter(|e| !matches!(e.stage, Some(Stage::Preschool | Stage::Higher)))
            .map(|e| (e.person, e.school))
            .collect();
    let columns = columns(registers, settled, &pupils);
    let risks = points::assess(rules, &columns, pupils.len());
    let school: Vec<u64> =
        pupils.iter().map(|(_, school)| school.map_or(u64::MAX, u64::from)).collect();
    let staff = registers.staff_in_quota();
    let capacity: BTreeMap<u64, usize> = school
        .iter()
        .map(|&s| {
            let at = u32::try_from(s).ok();
            let teachers = at.and_then(|at| staff.get(&at)).copied().unwrap_or(0);
            (s, usize::try_from(teachers).unwrap_or(0).max(1))
        })
        .collect();
    let mut listed = vec![false; pupils.len()];
    for at in points::list(&risks, &school, &capacity) {
        listed[at] = true;
    }
    let mut out: Vec<StoredRisk> = risks
        .iter()
        .enumerate()
        .filter(|(_, risk)| risk.points > 0)
        .map(|(at, risk)| StoredRisk {
            person: registers.persons[pupils[at].0 as usize].id,
            run: 0, // it has no number yet
            school: pupils[at].1.map(|s| registers.schools.all[s as usize].id),
            points: risk.points,
            listed: listed[at],
            reasons: written(rules, risk),
        })
        .collect();
    out.sort_by_key(|risk| risk.person);
    out
}

fn written(rules: &Rules, risk: &Risk) -> String {
    let reasons: Vec<RiskReason> = risk
        .reasons
        .iter()
        .map(|reason| {
            let signal = &rules.signals[reason.signal];
            let [zh, en] = reason.said.clone();
            let [act, act_en] = signal.acts().map(str::to_owned);
            RiskReason {
                key: signal.key.clone(),
                points: signal.points,
                said: Title { zh, en },
                act: Title { zh: act, en: act_en },
            }
        })
        .collect();
    serde_json::to_string(&reasons).expect("texts and numbers always write")
}

/// The facts on file by column, a value a pupil; NaN: not on file. A column of which no roster tells is left out.
fn columns(
    registers: &Registers,
    settled: &Settled,
    pupils: &[(u32, Option<u32>)],
) -> BTreeMap<&'static str, Vec<f64>> {
    let mut columns = BTreeMap::new();
    let mut put = |name: &'static str, of: &dyn Fn(u32) -> f64| {
        columns.insert(name, pupils.iter().map(|(person, _)| of(*person)).collect::<Vec<f64>>());
    };
    let absences = absences(registers);
    if !registers.by_kind.get(RosterKind::Absences).is_empty() {
        for (at, name) in ["unexcused_days", "sick_days", "leave_days"].into_iter().enumerate() {
            put(name, &|person| absences.get(&person).map_or(0.0, |days| days[at]));
        }
    }
    let repeated = repeated(registers);
    put("repeated_grades", &|person| repeated.get(&person).copied().unwrap_or(0.0));
    let changes = guardian_changes(registers);
    put("guardian_changes", &|person| changes.get(&person).copied().unwrap_or(f64::NAN));
    let left = siblings_left(registers, settled);
    put("siblings_left", &|person| left.get(&person).copied().unwrap_or(0.0));
    for (kind, name) in
        [(RosterKind::LeftBehind, "left_behind"), (RosterKind::ChildWelfare, "no_parents")]
    {
        let on_list = people_of(registers, kind);
        if !on_list.is_empty() {
            put(name, &|person| f64::from(u8::from(on_list.contains(&person))));
        }
    }
    columns
}

/// Days absent this term by person: without leave, ill, on leave.
fn absences(registers: &Registers) -> BTreeMap<u32, [f64; 3]> {
    let mut days: BTreeMap<u32, [f64; 3]> = BTreeMap::new();
    for &at in registers.by_kind.get(RosterKind::Absences) {
        let person = registers.person_of[at as usize];
        let fields = &registers.rows[at as usize].fields;
        let from = fields.date(Field::AbsentFrom).map(PartialDate::earliest);
        let this_term = from.is_some_and(|day| Term::of(day) == registers.term);
        if person == u32::MAX || !this_term {
            continue;
        }
        let reason = fields.text(Field::Reason).unwrap_or_default();
        let kind = if reason.contains("旷") || reason.contains("无故") {
            0
        } else if reason.contains('病') {
            1
        } else {
            2
        };
        let absent = fields.number(Field::AbsentDays).unwrap_or(0);
        let absent = i32::try_from(absent).unwrap_or(0);
        days.entry(person).or_default()[kind] += f64::from(absent);
    }
    days
}

/// How often somebody was in the same grade in two school years that follow each other.
fn repeated(registers: &Registers) -> BTreeMap<u32, f64> {
    let mut grades: BTreeMap<u32, BTreeMap<i16, _>> = BTreeMap::new();
    for e in &registers.enrolments {
        if let Some(grade) = e.grade {
            grades.entry(e.person).or_default().insert(e.school_year, grade);
        }
    }
    let mut times = BTreeMap::new();
    for (person, of) in grades {
        let again = of.iter().filter(|(year, grade)| of.get(&(*year - 1)) == Some(*grade)).count();
        if again > 0 {
            times.insert(person, f64::from(u32::try_from(again).unwrap_or(0)));
        }
    }
    times
}

/// How often the guardian on the enrolment rosters changed between the last school year and this; only where both say one.
fn guardian_changes(registers: &Registers) -> BTreeMap<u32, f64> {
    let mut guardians: BTreeMap<u32, BTreeMap<i16, &str>> = BTreeMap::new();
    for e in &registers.enrolments {
        if let Some(name) = registers.rows[e.row as usize].fields.text(Field::GuardianName) {
            guardians.entry(e.person).or_default().insert(e.school_year, name);
        }
    }
    let year = registers.term.school_year();
    guardians
        .into_iter()
        .filter_map(|(person, of)| {
            let (now, before) = (of.get(&year)?, of.get(&(year - 1))?);
            Some((person, f64::from(u8::from(now != before))))
        })
        .collect()
}

/// How many others of the household should be in school and are not.
fn siblings_left(registers: &Registers, settled: &Settled) -> BTreeMap<u32, f64> {
    let position: BTreeMap<u64, u32> =
        registers.persons.iter().zip(0..).map(|(person, at)| (person.id, at)).collect();
    let mut out: BTreeMap<u32, f64> = BTreeMap::new();
    for gap in &settled.settlement.gaps {
        let duty = &settled.duties[gap.duty];
        if duty.area != Area::Schooling || duty.subject.kind != SubjectKind::Person {
            continue;
        }
        let Some(&child) = position.get(&duty.subject.id) else { continue };
        let Some(household) = registers.persons[child as usize].household else { continue };
        for &member in &registers.households[household as usize].members {
            if member != child {
                *out.entry(member).or_default() += 1.0;
            }
        }
    }
    out
}

fn people_of(registers: &Registers, kind: RosterKind) -> std::collections::BTreeSet<u32> {
    let rows = registers.by_kind.get(kind).iter();
    rows.map(|&at| registers.person_of[at as usize]).filter(|&p| p != u32::MAX).collect()
}
