//! Ids that persons had before they were merged, so that a merge that is taken back gives each their own again.

use std::collections::{BTreeMap, BTreeSet};

use fujiao_store::{PersonEvent, PersonEventKind};

use super::Row;

/// What earlier assessments did to the persons of rows.
#[derive(Debug, Default)]
pub(crate) struct Former {
    /// By row: the merges that moved it, in order: who stayed, and whose it was.
    merged: BTreeMap<u64, Vec<(u64, u64)>>,
    /// Who came out of whom.
    split: BTreeMap<u64, u64>,
}

impl Former {
    /// Of all events, in order. `live` gives the row that stands today for a row of then.
    pub(crate) fn of<'a>(
        events: impl Iterator<Item = &'a PersonEvent>,
        live: impl Fn(u64) -> u64,
    ) -> Self {
        let mut former = Self::default();
        for event in events {
            let (Some(person), Some(other)) = (event.person, event.other) else { continue };
            match event.kind {
                PersonEventKind::Merged => {
                    for row in &event.rows {
                        former.merged.entry(live(*row)).or_default().push((person, other));
                    }
                }
                PersonEventKind::Split => {
                    former.split.insert(other, person);
                }
                PersonEventKind::Moved | PersonEventKind::New => {}
            }
        }
        former
    }

    /// The ids that rows claim for their clusters, by position, where that is not the id which their person had last.
    ///
    /// Where the rows of a merged person stand in several clusters, those that came in by a merge step back to the id that
    /// they had before, unless they still stand with rows that were the person's from the start. Where a part that once
    /// split off is back, it claims what it split from.
    pub(crate) fn claims(&self, rows: &[Row], cluster: &[u32]) -> BTreeMap<u32, u64> {
        let mut claims = BTreeMap::new();
        if self.merged.is_empty() && self.split.is_empty() {
            return claims;
        }
        let mut back = self.steps_back(rows);
        loop {
            let mut at_home: BTreeMap<u64, BTreeSet<u32>> = BTreeMap::new();
            for (at, steps) in &back {
                if !steps.is_empty() {
                    at_home.entry(claimed(&claims, rows, *at)).or_default();
                }
            }
            for (at, row) in (0_u32..).zip(rows) {
                if row.person_id.is_some()
                    && let Some(clusters) = at_home.get_mut(&claimed(&claims, rows, at))
                    && back.get(&at).is_none_or(Vec::is_empty)
                {
                    clusters.insert(cluster[at as usize]);
                }
            }
            let mut stepped = false;
            for (at, steps) in &mut back {
                let home = at_home.get(&claimed(&claims, rows, *at));
                let apart =
                    home.is_some_and(|h| !h.is_empty() && !h.contains(&cluster[*at as usize]));
                if apart && let Some(id) = steps.pop() {
                    claims.insert(*at, id);
                    stepped = true;
                }
            }
            if !stepped {
                break;
            }
        }
        self.come_back(rows, cluster, &mut claims);
        claims
    }

    /// By position: the ids that a row's person had before merges, the latest last.
    fn steps_back(&self, rows: &[Row]) -> BTreeMap<u32, Vec<u64>> {
        let mut back = BTreeMap::new();
        for (row, moves) in &self.merged {
            let Ok(at) = rows.binary_search_by_key(row, |r| r.id) else { continue };
            let Some(mut id) = rows[at].person_id else { continue };
            let mut steps = Vec::new();
            for (stayed, was) in moves.iter().rev() {
                if *stayed == id {
                    steps.push(*was);
                    id = *was;
                }
            }
            steps.reverse();
            if !steps.is_empty() {
                back.insert(u32::try_from(at).expect("rows fit 32 bits"), steps);
            }
        }
        back
    }

    fn come_back(&self, rows: &[Row], cluster: &[u32], claims: &mut BTreeMap<u32, u64>) {
        if self.split.is_empty() {
            return;
        }
        let mut parted: Vec<(u32, u64)> = Vec::new();
        let mut whole: BTreeSet<(u32, u64)> = BTreeSet::new();
        let from: BTreeSet<u64> = self.split.values().copied().collect();
        for (at, row) in (0_u32..).zip(rows) {
            if row.person_id.is_none() {
                continue;
            }
            let id = claimed(claims, rows, at);
            if from.contains(&id) {
                whole.insert((cluster[at as usize], id));
            }
            if self.split.contains_key(&id) {
                parted.push((at, id));
            }
        }
        for (at, id) in parted {
            let from = self.split[&id];
            if whole.contains(&(cluster[at as usize], from)) {
                claims.insert(at, from);
            }
        }
    }
}

/// The id that a row claims now; 0 for a row that no earlier assessment knew.
fn claimed(claims: &BTreeMap<u32, u64>, rows: &[Row], at: u32) -> u64 {
    claims.get(&at).copied().or(rows[at as usize].person_id).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use fujiao_model::{Fields, RosterKind};

    use super::*;

    fn rows(persons: &[u64]) -> Vec<Row> {
        (1..)
            .zip(persons)
            .map(|(id, person)| Row {
                id,
                kind: RosterKind::Residents,
                fields: Fields::new(),
                origin: id,
                person_id: (*person != 0).then_some(*person),
            })
            .collect()
    }

    fn event(kind: PersonEventKind, person: u64, other: u64, rows: &[u64]) -> PersonEvent {
        PersonEvent {
            kind,
            person: Some(person),
            other: Some(other),
            count: rows.len() as u64,
            rows: rows.to_vec(),
        }
    }

    /// What all rows claim.
    fn all(events: &[PersonEvent], persons: &[u64], cluster: &[u32]) -> Vec<u64> {
        let rows = rows(persons);
        let claims = Former::of(events.iter(), |row| row).claims(&rows, cluster);
        (0..u32::try_from(rows.len()).unwrap()).map(|at| claimed(&claims, &rows, at)).collect()
    }

    #[test]
    fn a_merge_taken_back_gives_each_their_id() {
        use PersonEventKind::{Merged, Split};
        let once = [event(Merged, 7, 5, &[3, 4])];
        // While they stand together nothing steps back, even without the rows that were there first.
        assert_eq!(all(&once, &[7, 7, 7, 7], &[0, 0, 0, 0]), [7, 7, 7, 7]);
        assert_eq!(all(&once, &[7, 7, 7, 7], &[0, 0, 2, 2]), [7, 7, 5, 5]);
        // As many rows on the side that came in as on the other, and a new row beside them.
        assert_eq!(all(&once, &[7, 7, 7, 7, 0], &[0, 0, 2, 2, 2]), [7, 7, 5, 5, 0]);
        // Merged twice, taken back one after the other or at once.
        let twice = [event(Merged, 7, 5, &[3]), event(Merged, 9, 7, &[2, 3])];
        assert_eq!(all(&twice, &[9, 9, 9], &[0, 1, 1]), [9, 7, 7]);
        assert_eq!(all(&twice, &[9, 9, 9], &[0, 1, 2]), [9, 7, 5]);
        // A split taken back.
        let parted = [event(Split, 7, 5, &[3, 4])];
        assert_eq!(all(&parted, &[7, 5, 5], &[0, 0, 0]), [7, 7, 7]);
        assert_eq!(all(&parted, &[7, 5, 5], &[0, 1, 1]), [7, 5, 5]);
    }
}
