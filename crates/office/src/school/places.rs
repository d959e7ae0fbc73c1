//! 学位: the heat map of class sizes, this year's and next year's pressure with the children behind it.

use std::collections::BTreeMap;

use fujiao_model::{Area, Grade, Stage, Term};
use fujiao_school::Norms;
use fujiao_school::classes::{
    Band, Entrants, GradeNow, Limits, Pressure, next_year, shares, this_year,
};
use jiff::civil::{Date, date};

use super::{SchoolError, reaches};
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

/// A child behind a line of pressure.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlacedChild {
    /// The person; `None` for who may not see names.
    pub person: Option<u64>,
    /// The name; empty for who may not see names.
    pub name: String,
    /// The class that it sits in now; empty: none yet.
    pub class: String,
    /// Where it lives.
    pub village: String,
    /// The relocation estate that its household moved to; empty: none.
    pub estate: String,
}

/// The children behind a line of pressure.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlacedChildren {
    /// The school and its name.
    pub school: (u64, String),
    /// The grade.
    pub grade: Grade,
    /// The year in which the school year begins.
    pub year: i16,
    /// Whether it is the next one.
    pub next: bool,
    /// By village: its name, children, of them from estates. The most first.
    pub villages: Vec<(String, usize, usize)>,
    /// The children, by village and name.
    pub children: Vec<PlacedChild>,
    /// Whether the reader sees names.
    pub may_names: bool,
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
    /// Who enters a school's first grade next year are the children of entry age of the villages whose first graders it took
    /// this year; into junior schools go those who end primary school.
    ///
    /// # Errors
    /// Without [`Right::Schools`]; what the store says.
    pub fn places(&self, actor: &Actor) -> Result<PlacesPage, OfficeError> {
        actor.must(Right::Schools)?;
        let scope = actor.scope_in(Right::Schools, Area::Places);
        let county = self.county_code()?;
        self.store.read(|tx| {
            let today = crate::entries::today(tx, county, actor)?;
            let limits = limits(&self.rules.norms, today);
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
            let entrants = entrants(tx, county, born(&self.rules.norms, page.year, today))?;
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

    /// The children behind a line of pressure: who sits in a grade now, or who will next year: the grade below moved up, and
    /// those who enter.
    ///
    /// # Errors
    /// [`SchoolError::NoSchool`] for a school that is not there or not theirs; without [`Right::Schools`].
    pub fn placed_children(
        &self,
        actor: &Actor,
        school: u64,
        grade: Grade,
        next: bool,
    ) -> Result<PlacedChildren, OfficeError> {
        actor.must(Right::Schools)?;
        let scope = actor.scope_in(Right::Schools, Area::Places);
        let county = self.county_code()?;
        self.store.read(|tx| {
            let today = crate::entries::today(tx, county, actor)?;
            let schools = tx.schools(county)?;
            let of = schools.iter().find(|s| s.id == school).ok_or(SchoolError::NoSchool)?;
            let town = of.town.map(fujiao_model::Division::code);
            if !(scope.is_whole() || reaches(&scope, school, town)) {
                return Err(SchoolError::NoSchool.into());
            }
            let names = actor.scope_in(Right::Names, Area::Places);
            let may_names = actor.may(Right::Names) && (names.is_whole() || reaches(&names, school, town));
            let year = Term::of(today).school_year() + i16::from(next);
            let sits = if next { below(grade) } else { Some(grade) };
            let mut ids: Vec<(u64, String, String, Option<u64>)> = Vec::new();
            if let Some(sits) = sits {
                let sql = format!(
                    "select person_id, name, class, village from person {}
                      where county = $1 and school_id = $2 and grade = $3 order by class, name, person_id",
                    tx.through("person_school")
                );
                let found = tx.query(
                    &sql,
                    &[county.into(), school.into(), sits.code().into()],
                    |r| Ok((r.get(0)?, r.get(1)?, r.get::<Option<String>>(2)?.unwrap_or_default(), r.get(3)?)),
                )?;
                ids.extend(found);
            }
            if next {
                let born = born(&self.rules.norms, year, today);
                let entering = entering(tx, county, grade, born)?;
                ids.extend(
                    entering
                        .into_iter()
                        .filter(|e| e.school == school)
                        .map(|e| (e.person, e.name, String::new(), Some(e.village))),
                );
            }
            let places: BTreeMap<u64, String> =
                tx.places(county)?.into_iter().map(|p| (p.code.code(), p.name)).collect();
            let estates = estate_of(tx, county)?;
            let mut children: Vec<PlacedChild> = ids
                .into_iter()
                .map(|(person, name, class, village)| PlacedChild {
                    person: may_names.then_some(person),
                    name: if may_names { name } else { String::new() },
                    class,
                    village: village.and_then(|v| places.get(&v).cloned()).unwrap_or_default(),
                    estate: estates.get(&person).cloned().unwrap_or_default(),
                })
                .collect();
            children.sort_by(|a, b| (&a.village, &a.class, &a.name).cmp(&(&b.village, &b.class, &b.name)));
            let mut by: BTreeMap<&str, (usize, usize)> = BTreeMap::new();
            for child in &children {
                let of = by.entry(&child.village).or_default();
                *of = (of.0 + 1, of.1 + usize::from(!child.estate.is_empty()));
            }
            let mut villages: Vec<(String, usize, usize)> =
                by.into_iter().map(|(village, (n, estate))| (village.to_owned(), n, estate)).collect();
            villages.sort_by(|a, b| (b.1, &a.0).cmp(&(a.1, &b.0)));
            if !may_names {
                children.clear();
            }
            Ok(PlacedChildren {
                school: (school, of.name.clone()),
                grade,
                year,
                next,
                villages,
                children,
                may_names,
            })
        })
    }
}

/// The grade from which children move up into a grade of the same stage.
fn below(grade: Grade) -> Option<Grade> {
    Grade::ALL.iter().copied().find(|g| g.stage() == grade.stage() && g.year() + 1 == grade.year())
}

/// The first grade of a stage.
fn first_of(stage: Stage) -> Option<Grade> {
    Grade::ALL.iter().copied().find(|g| g.stage() == stage && g.year() == 1)
}

/// The estate that somebody's household moved to, by person.
fn estate_of(tx: &mut fujiao_store::Tx, county: u32) -> Result<BTreeMap<u64, String>, OfficeError> {
    use fujiao_model::{Field, RosterKind};
    let with = Some((Field::RelocationSite, ""));
    let rows = tx.rows_of_kind(county, RosterKind::PoorHouseholds, with)?;
    Ok(rows
        .into_iter()
        .filter_map(|row| {
            let site = row.row.fields.text(Field::RelocationSite)?.trim();
            let person = row.person?;
            (!site.is_empty()).then(|| (person, site.to_owned()))
        })
        .collect())
}

fn limits(norms: &Norms, on: Date) -> Limits {
    let of = |key: &str, otherwise: u32| {
        norms.whole(key, on).and_then(|n| u32::try_from(n).ok()).unwrap_or(otherwise)
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
fn born(norms: &Norms, year: i16, today: Date) -> (Date, Date) {
    let age =
        norms.whole("class.entry_age", today).and_then(|n| i16::try_from(n).ok()).unwrap_or(6);
    (date(year - age - 1, 9, 1), date(year - age, 8, 31))
}

/// A child who enters a first grade next year.
struct Entering {
    person: u64,
    name: String,
    village: u64,
    school: u64,
}

/// Children who enter a first grade next year, each with the school that took the most first graders of its village this
/// year: into primary schools those of entry age, who were born on the days given, into junior ones those who end primary school.
fn entering(
    tx: &mut fujiao_store::Tx,
    county: u32,
    first: Grade,
    (from, to): (Date, Date),
) -> Result<Vec<Entering>, OfficeError> {
    if first.year() != 1 {
        return Ok(Vec::new());
    }
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
    let last =
        Grade::ALL.iter().copied().filter(|g| g.stage() == Stage::Primary).max_by_key(|g| g.year());
    let found = match (first.stage(), last) {
        (Stage::Primary, _) => {
            tx.query(
                "select person_id, name, village from person
                  where county = $1 and born_on >= $2 and born_on <= $3 and village is not null
                    and (residence is null or residence = 'present')
                    and (stage is null or stage = 'preschool') order by person_id",
                &[county.into(), from.to_string().into(), to.to_string().into()],
                |r| Ok((r.get::<u64>(0)?, r.get::<String>(1)?, r.get::<u64>(2)?)),
            )?
        }
        (Stage::Junior, Some(last)) => tx.query(
            "select person_id, name, village from person
              where county = $1 and grade = $2 and village is not null and school_id is not null order by person_id",
            &[county.into(), last.code().into()],
            |r| Ok((r.get::<u64>(0)?, r.get::<String>(1)?, r.get::<u64>(2)?)),
        )?,
        _ => Vec::new(),
    };
    Ok(found
        .into_iter()
        .filter_map(|(person, name, village)| {
            Some(Entering { person, name, village, school: takes.get(&village)?.0 })
        })
        .collect())
}

/// Children who enter first grades next year, counted by school.
fn entrants(
    tx: &mut fujiao_store::Tx,
    county: u32,
    born: (Date, Date),
) -> Result<Vec<Entrants>, OfficeError> {
    let estates = estate_of(tx, county)?;
    let mut all = Vec::new();
    for first in [Stage::Primary, Stage::Junior].into_iter().filter_map(first_of) {
        let mut by_school: BTreeMap<u64, (u32, u32)> = BTreeMap::new();
        for child in entering(tx, county, first, born)? {
            let of = by_school.entry(child.school).or_default();
            *of = (of.0 + 1, of.1 + u32::from(estates.contains_key(&child.person)));
        }
        all.extend(by_school.into_iter().map(|(school, (children, estate))| Entrants {
            school,
            grade: first,
            children,
            estate,
        }));
    }
    Ok(all)
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
