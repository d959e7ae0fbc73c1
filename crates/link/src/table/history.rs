//! Names of persons that last from run to run, and what changed between two runs.

use std::collections::BTreeMap;

use super::Table;

/// Something that happened to persons between two runs.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Event {
    /// A person who was not there.
    New {
        /// Its name.
        person: String,
    },
    /// 合并: persons found to be one.
    Merged {
        /// The name that is kept.
        into: String,
        /// Those that are not.
        from: Vec<String>,
    },
    /// 拆分: a person found to be several.
    Split {
        /// The name that stays with the most rows.
        from: String,
        /// The names of the others.
        into: Vec<String>,
    },
    /// A person all of whose rows are gone.
    Gone {
        /// Its name.
        person: String,
    },
}

/// Names of persons, and what happened to them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct History {
    /// The name of each row's person.
    pub names: Vec<String>,
    /// What changed, in order.
    pub events: Vec<Event>,
}

/// Names the persons of `cluster` (for each row the smallest row of its person).
///
/// `before` holds, for rows of an earlier run, row name and person name. A person keeps the name of the earlier person
/// with whom it shares the most rows (the first by name, if several do), each name once; a new person is called after the
/// first of its rows by name. So a merge keeps the larger side's name and a split leaves it with the larger part.
pub fn name_persons(table: &Table, cluster: &[u32], before: &[(String, String)]) -> History {
    let order = table.by_id();
    let rows = || cluster.iter().zip(0_u32..);
    // The first row by name of each person.
    let mut first: BTreeMap<u32, u32> = BTreeMap::new();
    for row in &order {
        first.entry(cluster[*row as usize]).or_insert(*row);
    }
    let mut shared: BTreeMap<(&str, u32), usize> = BTreeMap::new();
    let mut old: BTreeMap<&str, usize> = BTreeMap::new();
    for (row, person) in before {
        *old.entry(person).or_default() += 1;
        if let Some(row) = table.find(&order, row) {
            *shared.entry((person, cluster[row as usize])).or_default() += 1;
        }
    }
    let mut claims: Vec<(usize, &str, u32)> =
        shared.iter().map(|((person, root), n)| (*n, *person, *root)).collect();
    claims.sort_by(|a, b| b.0.cmp(&a.0).then(a.1.cmp(b.1)).then(first[&a.2].cmp(&first[&b.2])));
    let mut name_of: BTreeMap<u32, String> = BTreeMap::new();
    let mut taken: BTreeMap<&str, u32> = BTreeMap::new();
    for (_, person, root) in &claims {
        if !taken.contains_key(person) && !name_of.contains_key(root) {
            taken.insert(person, *root);
            name_of.insert(*root, (*person).to_owned());
        }
    }
    let mut events = Vec::new();
    for (root, row) in &first {
        if name_of.contains_key(root) {
            continue;
        }
        // A row's name may be an earlier person's that has gone elsewhere.
        let mut name = table.id(*row).to_owned();
        while old.contains_key(name.as_str()) {
            name.push('\'');
        }
        if !claims.iter().any(|(_, _, r)| r == root) && !before.is_empty() {
            events.push(Event::New { person: name.clone() });
        }
        name_of.insert(*root, name);
    }
    let mut from: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    let mut into: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for (person, root) in shared.keys() {
        let name = &name_of[root];
        if name != person {
            let home = taken.get(person);
            if home.is_some_and(|h| h != root) {
                into.entry(person).or_default().push(name.clone());
            } else {
                from.entry(name).or_default().push((*person).to_owned());
            }
        }
    }
    events.extend(from.into_iter().map(|(to, from)| Event::Merged { into: to.to_owned(), from }));
    events
        .extend(into.into_iter().map(|(from, into)| Event::Split { from: from.to_owned(), into }));
    for person in old.keys() {
        if !shared.keys().any(|(p, _)| p == person) {
            events.push(Event::Gone { person: (*person).to_owned() });
        }
    }
    events.sort();
    let names = rows().map(|(root, _)| name_of[root].clone()).collect();
    History { names, events }
}
