//! 应 of screening: each school its pupils of the grades that are screened, once a school year. Counts alone leave the sealed
//! files; who was screened stays in them (ADR 0051).

use std::collections::BTreeMap;

use fujiao_model::{Area, Period, Unit};
use fujiao_store::{StoreError, Tx};

use crate::assess::Registers;
use crate::assess::duties::Owed;
use crate::registers::enrolments::{counting_on, of_year};
use crate::school::{Owe, owe};

/// The kind of the duty, with its name in both languages.
pub(crate) const KIND: (&str, &str, &str) =
    ("care.screened", "心理健康筛查", "Screening of well-being");

/// Who was screened last in which school year, by the person who the register says it is today.
///
/// # Errors
/// What the engine says.
pub(crate) fn screened(tx: &mut Tx, county: u32) -> Result<BTreeMap<u64, i32>, StoreError> {
    let moved = tx.care_moved(county)?;
    let mut out: BTreeMap<u64, i32> = BTreeMap::new();
    for file in tx.care_files(county)?.into_iter().filter(|f| f.screened > 0) {
        if let Some(now) = moved.get(&file.person).copied().unwrap_or(Some(file.person)) {
            let last = out.entry(now).or_insert(file.screened);
            *last = (*last).max(file.screened);
        }
    }
    Ok(out)
}

/// Adds the duty of each open school that has pupils of these grades. Where nobody in the county has begun to screen, it is one
/// question and no gap: what nobody reports is not zero.
pub(crate) fn add(
    registers: &Registers,
    screened: &BTreeMap<u64, i32>,
    out: &mut Owed,
    asked: &mut BTreeMap<(String, String), u64>,
) {
    let rules = &registers.rules.screening;
    let of = registers.term.school_year();
    let year = Period::SchoolYear(of);
    let Some((_, last)) = year.days().filter(|(_, last)| *last >= rules.since) else { return };
    // School: pupils of these grades, and those of them who were screened this school year.
    let mut counts: BTreeMap<u32, (i64, i64)> = BTreeMap::new();
    for e in counting_on(of_year(&registers.enrolments, of), registers.as_of) {
        let (Some(school), Some(grade)) = (e.school, e.grade) else { continue };
        if registers.schools.all[school as usize].closed
            || !rules.grades.iter().any(|g| g == grade.code())
        {
            continue;
        }
        let person = registers.persons[e.person as usize].id;
        let n = counts.entry(school).or_default();
        n.0 += 1;
        n.1 += i64::from(screened.get(&person) == Some(&i32::from(of)));
    }
    if screened.is_empty() {
        asked.insert((KIND.0.to_owned(), "screened".to_owned()), counts.len() as u64);
        return;
    }
    for (at, (pupils, done)) in counts {
        let school = &registers.schools.all[at as usize];
        owe(
            registers,
            at,
            Owe {
                area: Area::Pairing,
                kind: KIND.0.into(),
                period: year,
                quantity: pupils,
                have: done,
                unit: Unit::Person,
                due_on: last,
                bearer: school.name.clone(),
                rule: format!("{}@{}", KIND.0, rules.since),
                basis: rules.basis.clone(),
                facts: format!("应筛查的年级有{pupils}名学生，本学年已筛查{done}名"),
                sources: school.row.map(|r| registers.rows[r as usize].id).into_iter().collect(),
            },
            out,
        );
    }
}
