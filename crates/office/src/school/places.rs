//! 学位: the heat map of class sizes, this year's and next year's pressure with the children behind it.

use std::collections::BTreeMap;

use fujiao_model::{Area, Grade, Stage, Term};
use fujiao_school::classes::{
    Band, Entrants, GradeNow, Limits, Pressure, next_year, shares, this_year,
};
use jiff::civil::{Date, date};

use super::{norms, reaches};
use crate::access::{Actor, Right};
use crate::{Office, OfficeError};

/// A grade of a school on the heat map.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HeatCell {
    /// The grade.
    pub grade: Grade,
    /// Classes and pupils.
    pub classes: u32,
    /// Pupils.
    pub pupils: u32,
    /// The largest class.
    pub largest: u32,
    /// Its band.
    pub band: Band,
}

/// A school on the heat map.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HeatRow {
    /// The school.
    pub school: u64,
    /// Its name.
    pub name: String,
    /// Its grades.
    pub cells: Vec<HeatCell>,
    /// Places by the standard, and pupils.
    pub places: (u32, u32),
}

/// A grade that is short of places.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PressureLine {
    /// What the engine says.
    pub of: Pressure,
    /// The school's name.
    pub name: String,
}

/// Places of the county.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PlacesPage {
    /// Grades, in the order of the columns.
    pub grades: Vec<Grade>,
    /// Schools, those with the largest classes first.
    pub rows: Vec<HeatRow>,
    /// Classes by band, in the order of [`Band::ALL`].
    pub bands: [u32; 4],
    /// Large (oversize included) and oversize classes, in thousandths of all.
    pub shares: (u32, u32),
    /// This year's grades that are short.
    pub now: Vec<PressureLine>,
    /// Next year's grades that are short, or that need another class.
    pub next: Vec<PressureLine>,
    /// The year in which the next school year begins.
    pub year: i16,
    /// Children whose school has not their next grade: school, its name, grade, how many.
    pub moving: Vec<(u64, String, Grade, u32)>,
    /// Relocation estates: name, children of school age, of them entering next year.
    pub estates: Vec<(String, i64, i64)>,
}

impl Office {
    /// Classes by size, and where places are missing this year and the next.
    ///
    /// Who enters a school's first grade next year are the children of entry age of the villages whose first graders it took this
    /// year.
    ///
    /// # Errors
    /// Without [`Right::Schools`]; what the store says.
    pub fn places(&self, actor: &Actor) -> Result<PlacesPage, OfficeError> {
        actor.must(Right::Schools)?;
        let scope = actor.scope_in(Right::Schools, Area::Places);
        let county = self.county_code()?;
        self.store.read(|tx| {
            let today = crate::entries::today(tx, county, actor)?;
            let limits = limits(today);
            let schools: BTreeMap<u64, fujiao_store::School> = tx
                .schools(county)?
                .into_iter()
                .filter(|s| {
                    scope.is_whole()
                        || reaches(&scope, s.id, s.town.map(fujiao_model::Division::code))
                })
                .map(|s| (s.id, s))
                .collect();
            let name = |id: u64| schools.get(&id).map_or_else(String::new, |s| s.name.clone());
            let sizes = tx.query(
                "select school_id, grade, class, count(*) from person
                  where county = $1 and school_id is not null and grade is not null
                  group by school_id, grade, class order by school_id, grade, class",
                &[county.into()],
                |r| Ok((r.get::<u64>(0)?, r.parse(1, Grade::parse)?, r.get::<u32>(3)?)),
            )?;
            let mut grades: BTreeMap<(u64, Grade), Vec<u32>> = BTreeMap::new();
            for (school, grade, n) in sizes {
                let Some(grade) = grade else { continue };
                if matches!(grade.stage(), Stage::Primary | Stage::Junior | Stage::Senior)
                    && schools.contains_key(&school)
                {
                    grades.entry((school, grade)).or_default().push(n);
                }
            }
            let mut page =
                PlacesPage { year: Term::of(today).school_year() + 1, ..PlacesPage::default() };
            let mut rows: BTreeMap<u64, HeatRow> = BTreeMap::new();
            let mut bands = Vec::new();
            let mut now = Vec::new();
            for ((school, grade), classes) in &grades {
                let count = |n: usize| u32::try_from(n).expect("few classes");
                let pupils = classes.iter().sum();
                let largest = classes.iter().copied().max().unwrap_or(0);
                bands.extend(classes.iter().map(|n| limits.band(grade.stage(), *n)));
                now.push(GradeNow {
                    school: *school,
                    grade: *grade,
                    classes: count(classes.len()),
                    pupils,
                });
                let row = rows.entry(*school).or_insert_with(|| HeatRow {
                    school: *school,
                    name: name(*school),
                    cells: Vec::new(),
                    places: (0, 0),
                });
                row.places.0 += count(classes.len()) * limits.standard(grade.stage());
                row.places.1 += pupils;
                row.cells.push(HeatCell {
                    grade: *grade,
                    classes: count(classes.len()),
                    pupils,
                    largest,
                    band: limits.band(grade.stage(), largest),
                });
            }
            for band in &bands {
                page.bands[Band::ALL.iter().position(|b| b == band).expect("of the table")] += 1;
            }
            page.shares = shares(bands);
            page.grades = Grade::ALL
                .iter()
                .copied()
                .filter(|g| grades.keys().any(|(_, own)| own == g))
                .collect();
            page.rows = rows.into_values().collect();
            page.rows.sort_by_key(|r| {
                (std::cmp::Reverse(r.cells.iter().map(|c| c.largest).max()), r.school)
            });
            let entrants = entrants(tx, county, page.year, today)?;
            let has = |school: u64, grade: Grade| {
                grades.contains_key(&(school, grade))
                    || grades.keys().any(|(s, g)| {
                        *s == school && g.stage() == grade.stage() && g.year() >= grade.year()
                    })
            };
            let named = |of: Pressure| PressureLine { name: name(of.school), of };
            page.now =
                this_year(limits, &now).into_iter().filter(|p| p.short > 0).map(named).collect();
            page.now.sort_by_key(|p| std::cmp::Reverse(p.of.short));
            let (next, moving) = next_year(limits, &now, &entrants, has);
            let next = next.into_iter().filter(|p| schools.contains_key(&p.school));
            page.next = next.filter(|p| p.short > 0 || p.to_open > 0).map(named).collect();
            page.next.sort_by_key(|p| std::cmp::Reverse(p.of.short));
            page.moving = moving
                .into_iter()
                .filter(|(.., n)| *n > 0)
                .map(|(school, grade, n)| (school, name(school), grade, n))
                .collect();
            page.estates = estates(tx, county, page.year)?;
            Ok(page)
        })
    }
}

fn limits(on: Date) -> Limits {
    let of = |key: &str, otherwise: u32| {
        norms().whole(key, on).and_then(|n| u32::try_from(n).ok()).unwrap_or(otherwise)
    };
    // Without a row in force nothing is above a limit.
    Limits {
        primary: of("class.primary", u32::MAX / 1_000),
        secondary: of("class.secondary", u32::MAX / 1_000),
        large: of("class.large", u32::MAX),
        oversize: of("class.oversize", u32::MAX),
    }
}

/// Days of birth of who enters in a year: of the entry age on 31 August.
fn born(year: i16, today: Date) -> (Date, Date) {
    let age =
        norms().whole("class.entry_age", today).and_then(|n| i16::try_from(n).ok()).unwrap_or(6);
    (date(year - age - 1, 9, 1), date(year - age, 8, 31))
}

/// Children who enter a first grade next year, by the school that took their village's first graders this year.
fn entrants(
    tx: &mut fujiao_store::Tx,
    county: u32,
    year: i16,
    today: Date,
) -> Result<Vec<Entrants>, OfficeError> {
    let first = Grade::ALL.iter().copied().find(|g| g.stage() == Stage::Primary && g.year() == 1);
    let Some(first) = first else { return Ok(Vec::new()) };
    let mut takes: BTreeMap<u64, (u64, i64)> = BTreeMap::new();
    tx.each(
        "select village, school_id, count(*) from person
          where county = $1 and grade = $2 and village is not null and school_id is not null
          group by village, school_id order by village, school_id",
        &[county.into(), first.code().into()],
        |r| {
            let (village, school, n): (u64, u64, i64) = (r.get(0)?, r.get(1)?, r.get(2)?);
            let best = takes.entry(village).or_insert((school, n));
            if n > best.1 {
                *best = (school, n);
            }
            Ok(())
        },
    )?;
    let (from, to) = born(year, today);
    let mut by_school: BTreeMap<u64, (u32, u32)> = BTreeMap::new();
    tx.each(
        "select p.village, count(*) from person p
          where p.county = $1 and p.born_on >= $2 and p.born_on <= $3 and p.village is not null
            and (p.residence is null or p.residence = 'present')
            and (p.stage is null or p.stage = 'preschool')
          group by p.village",
        &[county.into(), from.to_string().into(), to.to_string().into()],
        |r| {
            let (village, n): (u64, u32) = (r.get(0)?, r.get(1)?);
            if let Some((school, _)) = takes.get(&village) {
                by_school.entry(*school).or_default().0 += n;
            }
            Ok(())
        },
    )?;
    Ok(by_school
        .into_iter()
        .map(|(school, (children, estate))| Entrants { school, grade: first, children, estate })
        .collect())
}

/// Relocation estates with their children: of school age (6 to 14 on 31 August), and entering next year.
fn estates(
    tx: &mut fujiao_store::Tx,
    county: u32,
    year: i16,
) -> Result<Vec<(String, i64, i64)>, OfficeError> {
    use fujiao_model::{Field, RosterKind};
    let rows =
        tx.rows_of_kind(county, RosterKind::PoorHouseholds, Some((Field::RelocationSite, "")))?;
    let mut by: BTreeMap<String, (i64, i64)> = BTreeMap::new();
    for row in rows {
        let fields = &row.row.fields;
        let Some(site) =
            fields.text(Field::RelocationSite).map(str::trim).filter(|s| !s.is_empty())
        else {
            continue;
        };
        let id = fields.id(Field::CitizenId).map(|id| id.born_on());
        let born_on =
            id.or_else(|| fields.date(Field::BirthDate).map(fujiao_model::PartialDate::earliest));
        let Some(born_on) = born_on else { continue };
        let age = year - 1 - born_on.year() - i16::from((born_on.month(), born_on.day()) > (8, 31));
        let of = by.entry(site.to_owned()).or_default();
        of.0 += i64::from((6..=14).contains(&age));
        of.1 += i64::from(age == 5);
    }
    Ok(by
        .into_iter()
        .map(|(site, (all, entering))| (site, all, entering))
        .filter(|s| s.1 + s.2 > 0)
        .collect())
}
