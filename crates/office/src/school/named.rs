//! Schools by what rows call them, for rows that no linking has seen yet.

use std::collections::BTreeMap;

use fujiao_model::{Field, Fields};
use fujiao_store::School;

/// Positions of schools by id and by name.
pub(super) struct Named {
    by_id: BTreeMap<u64, u32>,
    by_name: BTreeMap<String, Option<u32>>,
}

impl Named {
    pub(super) fn of(schools: &[School]) -> Self {
        let mut by_name: BTreeMap<String, Option<u32>> = BTreeMap::new();
        for (at, school) in (0_u32..).zip(schools) {
            for name in school.aliases.iter().chain([&school.name]) {
                by_name
                    .entry(name.clone())
                    .and_modify(|of| *of = of.filter(|o| *o == at))
                    .or_insert(Some(at));
            }
        }
        Self { by_id: (0..).zip(schools).map(|(at, s)| (s.id, at)).collect(), by_name }
    }

    /// The position of a school by its id.
    pub(super) fn at(&self, id: u64) -> Option<u32> {
        self.by_id.get(&id).copied()
    }

    /// The position of the school of a row: by its link, else by its name, else by a name of which one is the end of the other.
    pub(super) fn school(&self, link: Option<u64>, fields: &Fields) -> Option<u32> {
        link.and_then(|id| self.at(id)).or_else(|| {
            let name = fields.text(Field::School)?.trim();
            if let Some(at) = self.by_name.get(name) {
                return *at;
            }
            let mut like = self.by_name.iter().filter(|(known, _)| {
                name.chars().count() >= 4
                    && (known.ends_with(name) || name.ends_with(known.as_str()))
            });
            let first = like.next()?.1;
            like.all(|(_, other)| other == first).then_some(*first)?
        })
    }
}
