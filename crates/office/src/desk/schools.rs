//! Schools.

use std::collections::BTreeMap;

use fujiao_model::{Area, Division, Grade, Subject, Unit};
use fujiao_store::V;

use super::lines::origins;
use super::people::tally_of;
use super::{
    ClassSize, DeskError, SchoolLine, SchoolPage, SchoolRef, SchoolsPage, Seat, Tally, division,
    pattern,
};
use crate::access::{Right, Standing};

impl Seat {
    /// One school: its figures and its pupils', its standards, its classes. `None` if there is no such school.
    ///
    /// # Errors
    /// [`DeskError`] if the books cannot be read.
    pub fn school(&self, id: u64) -> Result<Option<SchoolPage>, DeskError> {
        self.actor.must(Right::Schools)?;
        self.read(|tx| {
            let overview = self.overview(tx, Right::Figures)?;
            let county = overview.head.county;
            let args: [V; 4] = [
                county.into(),
                id.into(),
                overview.head.run.into(),
                overview.head.as_of.map(|d| d.to_string()).into(),
            ];
            let found = tx.query_one(include_str!("queries/school.sql"), &args[..2], |row| {
                let text = |column: usize| {
                    Ok::<_, fujiao_store::StoreError>(
                        row.get::<Option<String>>(column)?.unwrap_or_default(),
                    )
                };
                Ok((
                    SchoolRef { id, name: row.get(0)? },
                    text(1)?,
                    text(2)?,
                    row.get::<Option<bool>>(3)?,
                    text(4)?,
                    division(row.get(5)?),
                    row.get::<Option<u64>>(6)?,
                ))
            })?;
            let Some((school, code, kind, rural, closed_on, place, row_id)) = found else {
                return Ok(None);
            };
            let here = Standing {
                school: Some(id),
                places: place.into_iter().collect(),
                ..Standing::default()
            };
            if !self.actor.scope(Right::Schools).reaches(&here) {
                return Ok(None);
            }
            let (mut pupils, mut boarders) = (0, 0);
            let classes = tx.query(include_str!("queries/classes.sql"), &args[..2], |row| {
                let size: i64 = row.get(2)?;
                pupils += size;
                boarders += row.get::<i64>(3)?;
                Ok(ClassSize {
                    grade: row.parse(0, Grade::parse)?,
                    class: row.get::<Option<String>>(1)?.unwrap_or_default(),
                    pupils: size,
                })
            })?;
            let mut areas: BTreeMap<Area, Tally> = BTreeMap::new();
            let (mut lines, _) = self.account(tx, &overview, [Some(Subject::school(id))])?;
            for line in &lines {
                areas.entry(line.area).or_default().add(&tally_of(std::slice::from_ref(line), 0));
            }
            if overview.head.run.is_some() {
                tx.each(include_str!("queries/pupil_tallies.sql"), &args, |row| {
                    let area = Area::parse(row.get(0)?).ok_or_else(|| row.bad(0))?;
                    areas.entry(area).or_default().add(&Tally {
                        duties: row.get(2)?,
                        due: row.get(3)?,
                        done: row.get(4)?,
                        gap: row.get(5)?,
                        open: row.get(6)?,
                        overdue: row.get(7)?,
                        next_due: row.parse(8, |d| d.parse().ok())?,
                        unit: row.parse(1, Unit::parse)?,
                        ..Tally::default()
                    });
                    Ok(())
                })?;
            }
            areas.retain(|area, _| overview.areas.contains(area));
            lines.sort_by_key(|l| (l.gap == 0, l.area, l.kind.clone(), l.duty));
            let origins = origins(tx, county, row_id)?;
            Ok(Some(SchoolPage {
                frame: overview.frame(),
                school,
                code,
                kind,
                rural,
                closed_on,
                town: overview.town_of(place),
                pupils,
                boarders,
                areas: areas.into_iter().collect(),
                lines,
                classes,
                origins: origins.into_values().collect(),
            }))
        })
    }

    /// All schools, of one town or with a name that holds `name` where asked for.
    ///
    /// # Errors
    /// [`DeskError`] if the books cannot be read.
    pub fn schools(&self, town: Option<Division>, name: &str) -> Result<SchoolsPage, DeskError> {
        self.actor.must(Right::Schools)?;
        self.read(|tx| {
            let overview = self.overview(tx, Right::Figures)?;
            let name = name.trim();
            let args: [V; 3] =
                [overview.head.county.into(), overview.head.run.into(), pattern(name).into()];
            let mut schools = tx.query(include_str!("queries/schools.sql"), &args, |row| {
                let place = division(row.get(3)?);
                let line = SchoolLine {
                    school: SchoolRef { id: row.get(0)?, name: row.get(1)? },
                    kind: row.get::<Option<String>>(2)?.unwrap_or_default(),
                    town: overview.town_of(place).map_or_else(String::new, |(_, name)| name),
                    closed: row.get::<Option<&str>>(4)?.is_some_and(|d| !d.is_empty()),
                    pupils: row.get(5)?,
                    tally: Tally {
                        duties: row.get(6)?,
                        open: row.get(7)?,
                        mixed: true,
                        ..Tally::default()
                    },
                };
                Ok((place, line))
            })?;
            let scope = self.actor.scope(Right::Schools);
            schools.retain(|(place, line)| {
                let places = place.iter().copied().collect();
                scope.reaches(&Standing {
                    school: Some(line.school.id),
                    places,
                    ..Standing::default()
                })
            });
            if let Some(town) = town {
                schools.retain(|(place, _)| place.is_some_and(|p| p.town() == town.town()));
            }
            let mut schools: Vec<SchoolLine> = schools.into_iter().map(|(_, line)| line).collect();
            schools.sort_by_key(|s| (s.closed, -s.tally.open, -s.pupils, s.school.id));
            Ok(SchoolsPage {
                frame: overview.frame(),
                town,
                name: name.to_owned(),
                schools,
                towns: overview.towns(),
            })
        })
    }
}
