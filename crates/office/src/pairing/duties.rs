//! What accepted pairs change in what is owed: contacts of a month are the mentor's to make, from the month of the pairing on.

use std::collections::BTreeMap;
use std::sync::Arc;

use fujiao_model::{Area, Duty, Period, SubjectKind};
use fujiao_store::{StoreError, Tx};
use jiff::civil::Date;

use super::inputs::live_pairs;

/// Who looks after each pupil since when, as the bearer of a duty is written.
pub(crate) type Bearers = BTreeMap<u64, (Arc<str>, Date)>;

/// Reads them.
pub(crate) fn bearers(tx: &mut Tx, county: u32) -> Result<Bearers, StoreError> {
    let names: BTreeMap<u64, Arc<str>> = tx
        .mentors(county)?
        .into_iter()
        .map(|m| {
            let name =
                if m.unit.is_empty() { m.name } else { format!("{}（{}）", m.name, m.unit) };
            (m.number, Arc::from(name))
        })
        .collect();
    Ok(live_pairs(tx, county)?
        .into_iter()
        .filter_map(|(person, pair)| {
            Some((person, (Arc::clone(names.get(&pair.mentor)?), pair.from)))
        })
        .collect())
}

/// Puts the mentor in the place of the school as the bearer of contacts.
pub(crate) fn bear(duties: &mut [Duty], bearers: &Bearers) {
    for duty in duties {
        if duty.area != Area::Pairing || duty.subject.kind != SubjectKind::Person {
            continue;
        }
        let Period::Month(..) = duty.period else { continue };
        if let (Some((name, from)), Some((_, last))) =
            (bearers.get(&duty.subject.id), duty.period.days())
            && *from <= last
        {
            duty.bearer = Arc::clone(name);
        }
    }
}
