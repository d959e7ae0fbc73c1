use std::collections::BTreeMap;

use fujiao_model::{Division, Grade};
use fujiao_store::{Row, StoreError, Tx};

use super::{Scope, Standing};

/// Whom and what a source row is about, as grounds see it.
#[derive(Clone, Debug, Default)]
pub(crate) struct About {
    /// The person, if it is about one, with their name in the register.
    pub(crate) person: Option<(u64, String)>,
    /// How they stand, and how what else the row names stands: being in reach of one is enough.
    standings: Vec<Standing>,
}

impl About {
    /// What a row is about; `None` if there is no such row. Before the first assessment nobody knows.
    pub(crate) fn of_row(
        tx: &mut Tx,
        county: u32,
        row_id: u64,
    ) -> Result<Option<Self>, StoreError> {
        Ok(Self::of_rows(tx, county, [row_id])?.remove(&row_id))
    }

    /// What rows are about, by row; those that there are.
    pub(crate) fn of_rows(
        tx: &mut Tx,
        county: u32,
        rows: impl IntoIterator<Item = u64>,
    ) -> Result<BTreeMap<u64, Self>, StoreError> {
        let mut found = BTreeMap::new();
        tx.each_among(include_str!("queries/standing_of_rows.sql"), county, rows, |r| {
            let person = match r.get::<Option<u64>>(0)? {
                Some(id) => r.get::<Option<String>>(1)?.map(|name| (id, name)),
                None => None,
            };
            let own = Standing {
                person: person.as_ref().map(|p| p.0),
                places: places(r, &[2, 3, 7, 8])?,
                school: r.get(4)?,
                grade: r.parse(5, Grade::parse)?,
                class: r.get::<Option<String>>(6)?.unwrap_or_default(),
            };
            // The school that the row names may be another than that of today: it knows the row as its own.
            let school = Standing {
                school: r.get(9)?,
                places: if person.is_none() { places(r, &[10, 11])? } else { Vec::new() },
                ..Standing::default()
            };
            found.insert(r.get(12)?, Self { person, standings: vec![own, school] });
            Ok(())
        })?;
        Ok(found)
    }

    /// Whether somebody of that scope has to do with the row.
    pub(crate) fn is_in(&self, scope: &Scope) -> bool {
        scope.is_whole() || self.standings.iter().any(|standing| scope.reaches(standing))
    }
}

fn places(r: &Row, columns: &[usize]) -> Result<Vec<Division>, StoreError> {
    let mut found = Vec::new();
    for column in columns {
        let code = r.get::<Option<u64>>(*column)?;
        found.extend(code.and_then(|code| Division::from_code(code).ok()));
    }
    Ok(found)
}
