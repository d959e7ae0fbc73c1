//! What an assessment did to persons whom an earlier one knew.

use std::collections::{BTreeMap, BTreeSet};

use fujiao_store::{PersonEvent, PersonEventKind};

use crate::registers::Row;
use crate::registers::people::Person;

/// Compares whom the rows were about with whom they are about now; nothing if nobody was known before.
///
/// An id that nobody has any more was merged into the person who has most of its rows. Of an id that goes on, rows that
/// are now a new person's were split off, and rows that are now another known person's moved. Nobody vanishes: no row
/// does.
pub(super) fn changes(rows: &[Row], person_of: &[u32], persons: &[Person]) -> Vec<PersonEvent> {
    let known: BTreeSet<u64> = rows.iter().filter_map(|r| r.person_id).collect();
    if known.is_empty() {
        return Vec::new();
    }
    let stays: BTreeSet<u64> =
        persons.iter().map(|p| p.id).filter(|id| known.contains(id)).collect();
    let mut new = vec![true; persons.len()];
    let mut moved: BTreeMap<u64, BTreeMap<u64, Vec<u64>>> = BTreeMap::new();
    for (row, &person) in rows.iter().zip(person_of) {
        let (Some(before), Some(now)) = (row.person_id, persons.get(person as usize)) else {
            continue;
        };
        new[person as usize] = false;
        if before != now.id {
            moved.entry(before).or_default().entry(now.id).or_default().push(row.id);
        }
    }
    let mut events = Vec::new();
    for (before, to) in moved {
        let most = to.iter().map(|(id, rows)| (rows.len(), std::cmp::Reverse(*id))).max();
        for (now, rows) in to {
            let merged = !stays.contains(&before) && most.is_some_and(|(_, id)| id.0 == now);
            let (kind, person, other) = if merged {
                (PersonEventKind::Merged, now, before)
            } else if known.contains(&now) {
                (PersonEventKind::Moved, before, now)
            } else {
                (PersonEventKind::Split, before, now)
            };
            events.push(PersonEvent {
                kind,
                person: Some(person),
                other: Some(other),
                count: rows.len() as u64,
                rows,
            });
        }
    }
    let new = new.into_iter().filter(|n| *n).count() as u64;
    if new > 0 {
        let kind = PersonEventKind::New;
        events.push(PersonEvent { kind, person: None, other: None, count: new, rows: Vec::new() });
    }
    events.sort_by_key(|e| (e.kind, e.person, e.other));
    events
}

#[cfg(test)]
mod tests {
    use fujiao_model::{Fields, RosterKind};

    use super::*;

    #[test]
    fn what_became_of_whom() {
        use PersonEventKind::{Merged, Moved, New, Split};
        let check = |before: &[u64], now: &[u64], want: &[(PersonEventKind, u64, u64, &[u64])]| {
            let mut ids = now.to_vec();
            ids.sort_unstable();
            ids.dedup();
            let persons: Vec<Person> =
                ids.iter().map(|id| Person { id: *id, ..Person::default() }).collect();
            let of: Vec<u32> =
                now.iter().map(|n| u32::try_from(ids.binary_search(n).unwrap()).unwrap()).collect();
            let rows: Vec<Row> = (1..)
                .zip(before)
                .map(|(id, person)| Row {
                    id,
                    kind: RosterKind::Residents,
                    fields: Fields::new(),
                    origin: id,
                    person_id: (*person != 0).then_some(*person),
                })
                .collect();
            let found = changes(&rows, &of, &persons);
            let found: Vec<_> = found
                .iter()
                .map(|e| (e.kind, e.person.unwrap_or(0), e.other.unwrap_or(0), e.rows.as_slice()))
                .collect();
            assert_eq!(found, want, "{before:?} {now:?}");
        };
        check(&[0, 0], &[1, 2], &[]);
        check(&[1, 1, 2], &[1, 1, 2], &[]);
        check(&[1, 1, 2], &[1, 1, 1], &[(Merged, 1, 2, &[3])]);
        check(&[1, 1, 1], &[1, 1, 2], &[(Split, 1, 2, &[3])]);
        check(&[1, 1, 2], &[1, 2, 2], &[(Moved, 1, 2, &[2])]);
        check(&[1, 2, 2, 3], &[1, 1, 1, 3], &[(Merged, 1, 2, &[2, 3])]);
        check(&[1, 2, 2, 2, 3], &[1, 1, 3, 3, 3], &[(Merged, 3, 2, &[3, 4]), (Moved, 2, 1, &[2])]);
        check(&[1, 0], &[1, 5], &[(New, 0, 0, &[])]);
    }
}
