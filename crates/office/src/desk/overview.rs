use std::collections::BTreeMap;
use std::sync::Arc;

use fujiao_model::{Area, Division, Period, Unit};
use fujiao_store::{StoreError, Tx, V};
use jiff::civil::Date;

use super::reach::Reach;
use super::{DeskError, Frame, Tally, division};
use crate::access::Scope;

/// The figures of one assessment, by area, kind, unit, period and town; and the places they speak of.
pub(super) struct Overview {
    pub head: Head,
    pub cells: Vec<Cell>,
    /// The areas that are in reach, in the order of [`Area::ALL`].
    pub areas: Vec<Area>,
    /// Names of places by code.
    pub places: Arc<BTreeMap<u64, String>>,
    /// Towns in the order of their codes: those in reach.
    pub towns: Vec<Town>,
}

/// Which county and assessment is live.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Head {
    pub county: u32,
    pub name: String,
    pub made: bool,
    pub run: Option<i64>,
    pub as_of: Option<Date>,
}

#[derive(Clone)]
pub(super) struct Cell {
    pub area: Area,
    pub kind: String,
    pub period: Option<Period>,
    pub town: Option<Division>,
    pub tally: Tally,
}

#[derive(Clone)]
pub(super) struct Town {
    pub code: Division,
    pub name: String,
    /// Longitude and latitude in millionths of a degree.
    pub at: Option<(i64, i64)>,
}

/// The county of these books and its live assessment; `None` in empty books.
pub(super) fn head(tx: &mut Tx) -> Result<Option<Head>, StoreError> {
    tx.query_one(include_str!("queries/head.sql"), &[], |row| {
        Ok(Head {
            county: row.get(0)?,
            name: row.get(1)?,
            made: row.get(2)?,
            run: row.get(3)?,
            as_of: row.parse(4, |d| d.parse().ok())?,
        })
    })
}

impl Overview {
    /// Reads the whole assessment once.
    pub(super) fn sum(tx: &mut Tx, head: Head) -> Result<Self, DeskError> {
        let mut places = BTreeMap::new();
        let mut towns = Vec::new();
        tx.each(include_str!("queries/places.sql"), &[head.county.into()], |row| {
            let code: u64 = row.get(0)?;
            let name: String = row.get(1)?;
            if row.get::<&str>(2)? == "town" {
                let at = |column| Ok::<_, StoreError>(row.get::<Option<f64>>(column)?.map(micro));
                towns.push(Town {
                    code: Division::from_code(code).map_err(|_| row.bad(0))?,
                    name: name.clone(),
                    at: at(3)?.zip(at(4)?),
                });
            }
            places.insert(code, name);
            Ok(())
        })?;
        let cells = cells(tx, &head, &Reach::everything())?;
        Ok(Self { head, cells, areas: Area::ALL.to_vec(), places: Arc::new(places), towns })
    }

    /// The part of the figures that is in reach. Whole towns are parts of the sums; anything narrower is summed from its lines.
    pub(super) fn within(&self, tx: &mut Tx, reach: &Reach) -> Result<Self, DeskError> {
        let mut inside = Vec::new();
        let mut narrow = Reach::default();
        for area in reach.areas() {
            let Some(scope) = reach.scope(area) else { continue };
            let towns =
                scope.only_places().filter(|p| p.iter().all(|place| *place == place.town()));
            let of_area = self.cells.iter().filter(|c| c.area == area);
            if scope.is_whole() {
                inside.extend(of_area.cloned());
            } else if let Some(towns) = towns {
                let within = |c: &&Cell| c.town.is_some_and(|town| towns.contains(&town));
                inside.extend(of_area.filter(within).cloned());
            } else {
                narrow.add(area, scope.clone());
            }
        }
        inside.extend(cells(tx, &self.head, &narrow)?);
        let whole = reach.areas().any(|area| reach.scope(area).is_some_and(Scope::is_whole));
        let here = |town: &&Town| whole || inside.iter().any(|c| c.town == Some(town.code));
        Ok(Self {
            head: self.head.clone(),
            areas: reach.areas().collect(),
            places: Arc::clone(&self.places),
            towns: self.towns.iter().filter(here).cloned().collect(),
            cells: inside,
        })
    }

    /// What stands on every page.
    pub(super) fn frame(&self) -> Frame {
        let open = |area: Area| self.tally(|c| c.area == area).open;
        Frame {
            county: self.head.county,
            county_name: self.head.name.clone(),
            sample: self.head.made,
            as_of: self.head.as_of,
            open: self.areas.iter().map(|area| (*area, open(*area))).collect(),
        }
    }

    /// The figures of all cells that `wanted` lets through.
    pub(super) fn tally(&self, wanted: impl Fn(&Cell) -> bool) -> Tally {
        let mut tally = Tally::default();
        for cell in self.cells.iter().filter(|c| wanted(c)) {
            tally.add(&cell.tally);
        }
        tally
    }

    /// A place in words: 云台镇 上坪村.
    pub(super) fn place_name(&self, place: Option<Division>) -> String {
        let Some(place) = place else { return String::new() };
        let name = |code: u64| self.places.get(&code).map(String::as_str);
        let town = name(place.town().code());
        if place == place.town() || place == place.county() {
            return town.unwrap_or_default().to_owned();
        }
        match (town, name(place.code())) {
            (Some(town), Some(village)) => format!("{town} {village}"),
            (one, other) => one.or(other).unwrap_or_default().to_owned(),
        }
    }

    /// A place in words, without the town that it lies in.
    pub(super) fn short_name(&self, place: Option<Division>) -> String {
        place.and_then(|p| self.places.get(&p.code())).cloned().unwrap_or_default()
    }

    /// The town that a place lies in, with its name.
    pub(super) fn town_of(&self, place: Option<Division>) -> Option<(Division, String)> {
        let town = place?.town();
        Some((town, self.places.get(&town.code())?.clone()))
    }

    /// Towns for a filter.
    pub(super) fn towns(&self) -> Vec<(Division, String)> {
        self.towns.iter().map(|t| (t.code, t.name.clone())).collect()
    }
}

/// The sums of what is in reach, by area, kind, unit, period and town.
fn cells(tx: &mut Tx, head: &Head, reach: &Reach) -> Result<Vec<Cell>, DeskError> {
    let mut cells = Vec::new();
    let (Some(run), Some(as_of)) = (head.run, head.as_of) else { return Ok(cells) };
    if reach.areas().next().is_none() {
        return Ok(cells);
    }
    let mut args: Vec<V> = vec![head.county.into(), run.into(), as_of.to_string().into()];
    let within = reach.sql("d", &mut args);
    let sql = include_str!("queries/tallies.sql").replace("{within}", &within);
    tx.each(&sql, &args, |row| {
        let area = Area::parse(row.get(0)?).ok_or_else(|| row.bad(0))?;
        let unit = Unit::parse(row.get(2)?).ok_or_else(|| row.bad(2))?;
        cells.push(Cell {
            area,
            kind: base(row.get(1)?).to_owned(),
            period: Period::parse(row.get(3)?),
            town: division(row.get(4)?),
            tally: Tally {
                duties: row.get(5)?,
                due: row.get(6)?,
                done: row.get(7)?,
                gap: row.get(8)?,
                open: row.get(9)?,
                overdue: row.get(10)?,
                next_due: row.parse(11, |d| d.parse().ok())?,
                unit: Some(unit),
                ..Tally::default()
            },
        });
        Ok(())
    })?;
    let mut args: Vec<V> = vec![head.county.into(), run.into()];
    let within = reach.sql("d", &mut args);
    let sql = include_str!("queries/excess_tallies.sql").replace("{within}", &within);
    tx.each(&sql, &args, |row| {
        cells.push(Cell {
            area: Area::parse(row.get(0)?).ok_or_else(|| row.bad(0))?,
            kind: base(row.get(1)?).to_owned(),
            period: Period::parse(row.get(2)?),
            town: division(row.get(3)?),
            tally: Tally { excesses: row.get(4)?, ..Tally::default() },
        });
        Ok(())
    })?;
    Ok(cells)
}

/// A kind without what it carries behind a colon: a standard of class sizes is one kind for each class.
pub(super) fn base(kind: &str) -> &str {
    kind.split_once(':').map_or(kind, |(base, _)| base)
}

#[expect(clippy::cast_possible_truncation, reason = "180 degrees are 180 million millionths")]
fn micro(degrees: f64) -> i64 {
    (degrees * 1e6).round() as i64
}
