//! Names of persons that last from run to run, and what changed between two runs.

use std::collections::BTreeMap;

use rayon::prelude::*;

use super::{Spec, Table};
use crate::mention::hash;

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
#[derive(Debug)]
pub struct History<'a> {
    table: &'a Table,
    previous: Option<&'a Previous>,
    /// By root: the first row by name, and the number of the earlier person whose name is kept; 0 if none.
    first: Vec<u32>,
    kept: Vec<u32>,
    /// New persons who cannot be called after their first row, since an earlier person was.
    renamed: BTreeMap<u32, String>,
    /// What changed, in order.
    pub events: Vec<Event>,
}

/// Row names with person names, as an earlier run wrote them: `id,cluster`.
#[derive(Debug)]
pub struct Previous(Table);

impl Previous {
    /// A reader for the file, and what makes a [`Previous`] of its table.
    pub fn spec() -> Spec {
        Spec::parse("id = \"id\"\n[[comparison]]\ncolumn = \"cluster\"\nas = \"exact\"\n[[block]]\non = [\"cluster\"]\n")
            .expect("a spec of ours")
    }

    /// Of a table that was read with [`Previous::spec`].
    pub fn of(table: Table) -> Self {
        Self(table)
    }

    fn persons(&self) -> &[u32] {
        &self.0.columns[0].codes
    }

    /// How many persons have names.
    fn names(&self) -> usize {
        self.0.columns[0].texts.len()
    }

    fn name(&self, person: u32) -> &str {
        self.0.columns[0].texts.get(person)
    }

    /// For each row of the earlier run the row of `table` that is called so; `None` if there is none.
    fn rows_in(&self, table: &Table) -> Vec<Option<u32>> {
        let mut hashes: Vec<(u64, u32)> = Vec::new();
        let mut rows = Vec::with_capacity(self.0.len());
        for (at, row) in (0..self.0.len()).zip(0_u32..) {
            let id = self.0.ids.get(at);
            // An earlier run lists the rows in the order of its table, which is mostly that of today's.
            if at < table.len() && table.id(row) == id {
                rows.push(Some(row));
                continue;
            }
            if hashes.is_empty() {
                hashes = (0..table.len())
                    .into_par_iter()
                    .map(|r| hash(table.ids.get(r)))
                    .zip(0..u32::try_from(table.len()).expect("rows are counted in 32 bits"))
                    .collect();
                hashes.par_sort_unstable();
            }
            let own = hash(id);
            let from = hashes.partition_point(|(h, _)| *h < own);
            let same = hashes[from..].iter().take_while(|(h, _)| *h == own);
            rows.push(same.map(|(_, r)| *r).find(|r| table.id(*r) == id));
        }
        rows
    }

    /// For each row of the first file of `table` a row of its person.
    ///
    /// # Errors
    /// The name of a row of which the earlier run knows nothing.
    pub fn before(&self, table: &Table) -> Result<Vec<u32>, String> {
        let old = table.starts[1];
        let mut before = vec![u32::MAX; old];
        let mut first = vec![u32::MAX; self.names() + 1];
        for (row, person) in self.rows_in(table).into_iter().zip(self.persons()) {
            let Some(row) = row.filter(|r| (*r as usize) < old) else { continue };
            let home = &mut first[*person as usize];
            // An empty name is nobody's.
            *home = if *home == u32::MAX || *person == 0 { row } else { *home };
            before[row as usize] = *home;
        }
        match before.iter().position(|b| *b == u32::MAX) {
            Some(row) => Err(table.ids.get(row).to_owned()),
            None => Ok(before),
        }
    }
}

/// How many rows an earlier person and one of today's share: count, earlier person, today's root.
type Claim = (usize, u32, u32);

/// Names the persons of `cluster` (for each row the smallest row of its person).
///
/// A person keeps the name of the earlier person with whom it shares the most rows (the first by name, if several do),
/// each name once; a new person is called after the first of its rows by name. So a merge keeps the larger side's name and
/// a split leaves it with the larger part. Cost: n·log n in the rows of both runs.
pub fn name_persons<'a>(
    table: &'a Table,
    cluster: &[u32],
    previous: Option<&'a Previous>,
) -> History<'a> {
    let mut history = History {
        table,
        previous,
        first: vec![u32::MAX; cluster.len()],
        kept: vec![0; cluster.len()],
        renamed: BTreeMap::new(),
        events: Vec::new(),
    };
    for (row, root) in (0..).zip(cluster) {
        let first = &mut history.first[*root as usize];
        if *first == u32::MAX || table.id(row) < table.id(*first) {
            *first = row;
        }
    }
    if let Some(previous) = previous {
        history.compare(cluster, previous);
    }
    history
}

impl History<'_> {
    /// The name of the person whose smallest row is `root`.
    pub fn name(&self, root: u32) -> &str {
        match (self.previous, self.kept[root as usize]) {
            (Some(previous), person) if person != 0 => previous.name(person),
            _ => self
                .renamed
                .get(&root)
                .map_or_else(|| self.table.id(self.first[root as usize]), String::as_str),
        }
    }

    fn compare(&mut self, cluster: &[u32], previous: &Previous) {
        // Which earlier person shares how many rows with which of today's.
        let mut shared: Vec<(u32, u32)> = previous
            .rows_in(self.table)
            .into_iter()
            .zip(previous.persons())
            .filter_map(|(row, person)| Some((*person, cluster[row? as usize])))
            .filter(|(person, _)| *person != 0)
            .collect();
        shared.par_sort_unstable();
        let claims: Vec<Claim> =
            shared.chunk_by(|a, b| a == b).map(|c| (c.len(), c[0].0, c[0].1)).collect();
        let mut home = vec![u32::MAX; previous.names() + 1];
        // Where one earlier person is one of today's, and nobody else is in it, there is nothing to decide.
        let mut rivals = vec![0_u32; previous.names() + 1];
        let mut guests = vec![0_u32; cluster.len()];
        for (_, person, root) in &claims {
            rivals[*person as usize] += 1;
            guests[*root as usize] += 1;
        }
        let (plain, mut contested): (Vec<Claim>, Vec<Claim>) = claims
            .iter()
            .copied()
            .partition(|(_, p, r)| rivals[*p as usize] == 1 && guests[*r as usize] == 1);
        contested.par_sort_unstable_by(|a, b| {
            let name = |c: &Claim| (previous.name(c.1), self.table.id(self.first[c.2 as usize]));
            b.0.cmp(&a.0).then_with(|| name(a).cmp(&name(b)))
        });
        for (_, person, root) in plain.into_iter().chain(contested) {
            if home[person as usize] == u32::MAX && self.kept[root as usize] == 0 {
                home[person as usize] = root;
                self.kept[root as usize] = person;
            }
        }
        self.name_new(cluster, previous);
        self.tell(cluster, previous, &claims, &home);
    }

    /// A new person's first row may have given its name to an earlier person who has gone elsewhere.
    fn name_new(&mut self, cluster: &[u32], previous: &Previous) {
        let persons = u32::try_from(previous.names()).expect("names are counted in 32 bits");
        let mut names: Vec<u64> =
            (1..=persons).into_par_iter().map(|p| hash(previous.name(p))).collect();
        names.par_sort_unstable();
        for (row, root) in (0..).zip(cluster) {
            if row == *root && self.kept[row as usize] == 0 {
                let mut name = self.table.id(self.first[row as usize]).to_owned();
                while names.binary_search(&hash(&name)).is_ok() {
                    name.push('\'');
                    self.renamed.insert(row, name.clone());
                }
            }
        }
    }

    fn tell(&mut self, cluster: &[u32], previous: &Previous, claims: &[Claim], home: &[u32]) {
        let mut claimed = vec![false; cluster.len()];
        let mut there = vec![false; home.len()];
        let mut from: BTreeMap<String, Vec<String>> = BTreeMap::new();
        let mut into: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for (_, person, root) in claims {
            claimed[*root as usize] = true;
            there[*person as usize] = true;
            let old = previous.name(*person).to_owned();
            match home[*person as usize] {
                at if at == *root => {}
                u32::MAX => from.entry(self.name(*root).to_owned()).or_default().push(old),
                _ => into.entry(old).or_default().push(self.name(*root).to_owned()),
            }
        }
        let mut events: Vec<Event> =
            from.into_iter().map(|(into, from)| Event::Merged { into, from }).collect();
        events.extend(into.into_iter().map(|(from, into)| Event::Split { from, into }));
        for (row, root) in (0..).zip(cluster) {
            if row == *root && !claimed[row as usize] {
                events.push(Event::New { person: self.name(row).to_owned() });
            }
        }
        let mut old: Vec<u32> = previous.persons().iter().copied().filter(|p| *p != 0).collect();
        old.par_sort_unstable();
        old.dedup();
        events.extend(
            old.into_iter()
                .filter(|p| !there[*p as usize])
                .map(|p| Event::Gone { person: previous.name(p).to_owned() }),
        );
        for event in &mut events {
            if let Event::Merged { from: several, .. } | Event::Split { into: several, .. } = event
            {
                several.sort();
            }
        }
        events.sort();
        self.events = events;
    }
}
