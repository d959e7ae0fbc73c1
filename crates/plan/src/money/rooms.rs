//! What the purses can pay together.
//!
//! Payments may be split among purses. So they can be made if and only if for each set of purses what may be paid from nowhere else
//! is no more than what they hold (Hall 1935; max-flow min-cut). Of those sets only unions of what forms may be paid from matter, and only
//! of such as hang together: a year's purses do not meet another's.

use std::collections::{BTreeMap, BTreeSet};

use super::Form;

/// Sets of purses that bind together, and who is in them.
pub(super) struct Rooms {
    /// What each set holds.
    pub(super) room: Vec<i64>,
    /// For each kind of form (purses that may pay): the sets that hold all its purses.
    within: Vec<Vec<u32>>,
    /// The kind of each form.
    kind: Vec<Vec<u32>>,
}

/// Sets beyond which the question is not told apart so.
const MOST: usize = 4_096;

impl Rooms {
    /// Where purses hang together in too many ways, each form is paid from its largest alone.
    pub(super) fn new(projects: &[Vec<Form>], purses: &[i64]) -> Self {
        Self::told_apart(projects, purses).unwrap_or_else(|| {
            let largest = |form: &Form| Form {
                purses: form
                    .purses
                    .iter()
                    .copied()
                    .max_by_key(|p| (purses[*p as usize], *p))
                    .into_iter()
                    .collect(),
                ..form.clone()
            };
            let alone: Vec<Vec<Form>> =
                projects.iter().map(|forms| forms.iter().map(largest).collect()).collect();
            Self::told_apart(&alone, purses).expect("sets of one purse do not hang together")
        })
    }

    fn told_apart(projects: &[Vec<Form>], purses: &[i64]) -> Option<Self> {
        let mut kinds: BTreeMap<Vec<u32>, u32> = BTreeMap::new();
        let mut kind = Vec::with_capacity(projects.len());
        for forms in projects {
            let of = |form: &Form| {
                let mut purses = form.purses.clone();
                purses.sort_unstable();
                purses.dedup();
                let next = kinds.len() as u32;
                *kinds.entry(purses).or_insert(next)
            };
            kind.push(forms.iter().map(of).collect());
        }
        let of: BTreeMap<u32, BTreeSet<u32>> =
            kinds.iter().map(|(purses, at)| (*at, purses.iter().copied().collect())).collect();
        // Unions that hang together: each is one kind, or a union with a kind that meets it.
        let mut sets: BTreeSet<BTreeSet<u32>> = BTreeSet::new();
        let mut fresh: Vec<BTreeSet<u32>> = of.values().cloned().collect();
        while let Some(set) = fresh.pop() {
            if sets.contains(&set) {
                continue;
            }
            for kind in of.values().filter(|k| !k.is_disjoint(&set) && !k.is_subset(&set)) {
                fresh.push(set.union(kind).copied().collect());
            }
            sets.insert(set);
            if sets.len() > MOST.max(purses.len()) {
                return None;
            }
        }
        let room = sets.iter().map(|set| set.iter().map(|p| purses[*p as usize]).sum()).collect();
        let within: BTreeMap<u32, Vec<u32>> = of
            .iter()
            .map(|(at, kind)| {
                let holding = sets.iter().zip(0..).filter(|(set, _)| kind.is_subset(set));
                (*at, holding.map(|(_, set)| set).collect())
            })
            .collect();
        Some(Self { room, within: within.into_values().collect(), kind })
    }

    /// The sets that a form takes from.
    pub(super) fn of(&self, project: usize, form: usize) -> &[u32] {
        &self.within[self.kind[project][form] as usize]
    }
}
