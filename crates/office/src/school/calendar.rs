//! School days and the lives of schools, as the books and the policy files have them.

use std::collections::BTreeSet;

use fujiao_model::{Field, RosterKind};
use fujiao_school::days::{LifeTurn, Turn};
use fujiao_school::{Days, Lives, Month, SchoolDays};
use fujiao_store::{School, StoreError, Tx};

use crate::Rulebook;

/// The calendar: terms of the norms, holidays of the policy files, and what the county's own calendar names.
pub(crate) fn school_days(
    tx: &mut Tx,
    county: u32,
    rules: &Rulebook,
) -> Result<SchoolDays, StoreError> {
    let mut days = SchoolDays { terms: rules.norms.terms.clone(), ..SchoolDays::default() };
    for (key, worked) in [("holidays", false), ("worked_weekends", true)] {
        let Some(list) = rules.policies.lists().iter().find(|l| &*l.key == key) else { continue };
        let of = if worked { &mut days.worked } else { &mut days.holidays };
        of.extend(
            list.rows
                .iter()
                .flat_map(|r| &r.items)
                .filter_map(|d| d.parse::<jiff::civil::Date>().ok()),
        );
    }
    for row in tx.rows_of_kind(county, RosterKind::Calendar, None)? {
        let fields = &row.row.fields;
        let month = fields.date(Field::Month).map(fujiao_model::PartialDate::parts);
        if let (Some((year, Some(month), _)), Some(named)) =
            (month, fields.text(Field::SchoolDates).and_then(Days::parse))
        {
            days.named.insert(Month { year, month }, named);
        }
    }
    Ok(days)
}

/// The lives of schools: turns that people wrote down, and closings that the schools' roster tells.
pub(crate) fn lives(tx: &mut Tx, county: u32, schools: &[School]) -> Result<Lives, StoreError> {
    let mut turns: Vec<LifeTurn> = tx
        .school_turns(county)?
        .into_iter()
        .filter_map(|t| {
            Some(LifeTurn {
                school: t.school,
                on: t.on,
                turn: Turn::parse(&t.turn)?,
                other: t.other,
            })
        })
        .collect();
    let told: BTreeSet<u64> = turns.iter().map(|t| t.school).collect();
    for school in schools.iter().filter(|s| !told.contains(&s.id)) {
        if let Some(on) = school.closed_on {
            let turn = if school.parent.is_some() { Turn::Merged } else { Turn::Closed };
            turns.push(LifeTurn { school: school.id, on, turn, other: school.parent });
        }
    }
    Ok(Lives::of(turns))
}

/// Whether a month is locked.
pub(crate) fn month_is_locked(tx: &mut Tx, county: u32, month: Month) -> Result<bool, StoreError> {
    let month = month.to_string();
    Ok(tx
        .meal_locks(county)?
        .iter()
        .rfind(|l| l.month == month)
        .is_some_and(fujiao_store::MealLock::is_locked))
}
