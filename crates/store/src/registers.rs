//! The registers that linking makes of the source rows: places, schools, households, persons.
//!
//! They are derived: each linking replaces them as a whole, and the source rows that they come from stay.

use fujiao_model::{
    Boarding, CitizenId, Division, DivisionLevel, Grade, HouseholdKind, PartialDate, Relation,
    Residence, Sex, Stage,
};
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::ahead::ahead;
use crate::{Keys, Row, StoreError, Tx, V, marks};

/// A county, town or village.
#[derive(Clone, Debug, PartialEq)]
pub struct Place {
    /// Its code.
    pub code: Division,
    /// Its name.
    pub name: String,
    /// Longitude and latitude in degrees; `None` if not known.
    pub point: Option<(f64, f64)>,
    /// The point is made, not surveyed.
    pub made: bool,
}

/// A school or teaching point.
#[derive(Clone, Debug, PartialEq)]
pub struct School {
    /// Within the county.
    pub id: u64,
    /// 学校标识码; `None` for a teaching point.
    pub code: Option<String>,
    /// Full name.
    pub name: String,
    /// Other names under which people write it.
    pub aliases: Vec<String>,
    /// 办学类型.
    pub kind: Option<String>,
    /// What it teaches.
    pub stages: Vec<Stage>,
    /// The school that a teaching point belongs to.
    pub parent: Option<u64>,
    /// The town.
    pub town: Option<Division>,
    /// The village.
    pub village: Option<Division>,
    /// `None`: not on file.
    pub rural: Option<bool>,
    /// Longitude and latitude in degrees.
    pub point: Option<(f64, f64)>,
    /// When it was closed.
    pub closed_on: Option<Date>,
    /// The source row of its size and conditions.
    pub row_id: Option<u64>,
}

/// A household.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Household {
    /// Within the county.
    pub id: u64,
    /// 户编号.
    pub number: Option<String>,
    /// Its head, if in the register of persons.
    pub head: Option<u64>,
    /// The head's name.
    pub head_name: Option<String>,
    /// Ordinary, lifted or monitored.
    pub kind: HouseholdKind,
    /// Monitored, and the risk is not cleared.
    pub monitored: bool,
    /// The town.
    pub town: Option<Division>,
    /// The village.
    pub village: Option<Division>,
    /// Persons.
    pub size: u32,
    /// 易地搬迁安置点.
    pub relocation_site: Option<String>,
    /// The source row of its kind.
    pub row_id: Option<u64>,
}

/// A person, as the register shows one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Person {
    /// Within the county; stable over linkings.
    pub id: u64,
    /// Name.
    pub name: String,
    /// Sealed at rest.
    pub citizen_id: Option<CitizenId>,
    /// Sealed at rest.
    pub phones: Vec<String>,
    /// Sealed at rest.
    pub accounts: Vec<String>,
    /// Sex.
    pub sex: Option<Sex>,
    /// Date of birth, as far as known.
    pub born_on: Option<PartialDate>,
    /// 民族, as written.
    pub ethnicity: Option<String>,
    /// The town.
    pub town: Option<Division>,
    /// The village.
    pub village: Option<Division>,
    /// The household.
    pub household: Option<u64>,
    /// To the household's head.
    pub relation: Option<Relation>,
    /// Name of the guardian.
    pub guardian: Option<String>,
    /// Where the person is enrolled now.
    pub school: Option<u64>,
    /// Of that enrolment.
    pub stage: Option<Stage>,
    /// Of that enrolment.
    pub grade: Option<Grade>,
    /// Of that enrolment, as written.
    pub class: Option<String>,
    /// Of that enrolment.
    pub boarding: Option<Boarding>,
    /// In the household register.
    pub residence: Option<Residence>,
    /// What the person counts as: codes, each once, in a fixed order.
    pub flags: Vec<String>,
    /// How many live source rows speak of the person.
    pub rows: u32,
}

/// Whom a source row is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RowLink {
    /// The row.
    pub row_id: u64,
    /// The person.
    pub person: Option<u64>,
    /// The household.
    pub household: Option<u64>,
    /// The school.
    pub school: Option<u64>,
}

/// The personal numbers of a person, as JSON under the seal.
#[derive(Default, Serialize, Deserialize)]
struct Numbers {
    #[serde(rename = "i", default, skip_serializing_if = "Option::is_none")]
    id: Option<String>,
    #[serde(rename = "p", default, skip_serializing_if = "Vec::is_empty")]
    phones: Vec<String>,
    #[serde(rename = "a", default, skip_serializing_if = "Vec::is_empty")]
    accounts: Vec<String>,
}

impl Numbers {
    fn citizen_id(&self, person: u64) -> Result<Option<CitizenId>, StoreError> {
        let parse = |text: &String| {
            CitizenId::parse(text).map_err(|_| StoreError::unreadable("person", "sealed", person))
        };
        self.id.as_ref().map(parse).transpose()
    }
}

const PERSON_COLUMNS: [&str; 21] = [
    "county",
    "person_id",
    "name",
    "sealed",
    "id_blind",
    "sex",
    "born_on",
    "ethnicity",
    "town",
    "village",
    "household_id",
    "relation",
    "guardian_name",
    "school_id",
    "stage",
    "grade",
    "class",
    "boarding",
    "residence",
    "flags",
    "rows",
];

impl Keys {
    /// The hash by which `person.id_blind` is searched.
    pub fn blind_id(&self, id: CitizenId) -> [u8; 16] {
        self.blind("citizen_id", id.reveal())
    }

    /// The citizen id in a column `person.sealed`, for pages that show it masked; `None` if there is none.
    ///
    /// # Errors
    /// [`StoreError::Sealed`] if it was changed or moved; [`StoreError::Unreadable`] if it holds no id.
    pub fn id_of_person(
        &self,
        county: u32,
        person: u64,
        sealed: &[u8],
    ) -> Result<Option<CitizenId>, StoreError> {
        self.numbers(county, person, sealed)?.citizen_id(person)
    }

    /// The accounts in a column `person.sealed`, for the files of a bank.
    ///
    /// # Errors
    /// As for [`Keys::id_of_person`].
    pub(crate) fn accounts_of_person(
        &self,
        county: u32,
        person: u64,
        sealed: &[u8],
    ) -> Result<Vec<String>, StoreError> {
        Ok(self.numbers(county, person, sealed)?.accounts)
    }

    fn numbers(&self, county: u32, person: u64, sealed: &[u8]) -> Result<Numbers, StoreError> {
        let plain = self.open(sealed, &person_context(county, person))?;
        serde_json::from_slice(&plain)
            .map_err(|_| StoreError::unreadable("person", "sealed", person))
    }
}

fn person_context(county: u32, person: u64) -> Vec<u8> {
    format!("person {county} {person}").into_bytes()
}

fn seal_person(keys: &Keys, county: u32, person: &Person) -> Option<Vec<u8>> {
    let numbers = Numbers {
        id: person.citizen_id.map(|id| id.reveal().to_owned()),
        phones: person.phones.clone(),
        accounts: person.accounts.clone(),
    };
    if numbers.id.is_none() && numbers.phones.is_empty() && numbers.accounts.is_empty() {
        return None;
    }
    let plain = serde_json::to_vec(&numbers).expect("texts always write");
    Some(keys.seal(&plain, &person_context(county, person.id)))
}

fn place_value(place: Option<Division>) -> V<'static> {
    place.map(Division::code).into()
}

impl Tx<'_> {
    /// Replaces the places of a county.
    ///
    /// # Errors
    /// [`StoreError::Unique`] if a code stands twice.
    pub fn replace_places(&mut self, county: u32, places: &[Place]) -> Result<(), StoreError> {
        self.execute("delete from place where county = $1", &[county.into()])?;
        self.bulk(
            "place",
            ["county", "code", "name", "level", "parent", "longitude", "latitude", "made"],
            places.iter().map(|p| {
                [
                    county.into(),
                    p.code.code().into(),
                    p.name.as_str().into(),
                    level_code(p.code.level()).into(),
                    place_value(parent(p.code)),
                    p.point.map(|(longitude, _)| longitude).into(),
                    p.point.map(|(_, latitude)| latitude).into(),
                    p.made.into(),
                ]
            }),
        )?;
        Ok(())
    }

    /// The places of a county, by code.
    ///
    /// # Errors
    /// What the engine says.
    pub fn places(&mut self, county: u32) -> Result<Vec<Place>, StoreError> {
        let sql = "select code, name, longitude, latitude, made from place
                    where county = $1 order by code";
        self.query(sql, &[county.into()], |r| {
            Ok(Place {
                code: division(r, 0)?.ok_or_else(|| r.bad(0))?,
                name: r.get(1)?,
                point: r.get::<Option<f64>>(2)?.zip(r.get::<Option<f64>>(3)?),
                made: r.get(4)?,
            })
        })
    }

    /// Replaces the schools of a county.
    ///
    /// # Errors
    /// [`StoreError::Unique`] if an id stands twice.
    pub fn replace_schools(&mut self, county: u32, schools: &[School]) -> Result<(), StoreError> {
        self.execute("delete from school where county = $1", &[county.into()])?;
        self.bulk(
            "school",
            [
                "county",
                "school_id",
                "code",
                "name",
                "aliases",
                "kind",
                "stages",
                "parent_id",
                "town",
                "village",
                "rural",
                "longitude",
                "latitude",
                "closed_on",
                "row_id",
            ],
            schools.iter().map(|s| {
                let stages: Vec<&str> = s.stages.iter().map(|s| s.code()).collect();
                [
                    county.into(),
                    s.id.into(),
                    s.code.as_deref().into(),
                    s.name.as_str().into(),
                    serde_json::to_string(&s.aliases).expect("texts always write").into(),
                    s.kind.as_deref().into(),
                    stages.join(" ").into(),
                    s.parent.into(),
                    place_value(s.town),
                    place_value(s.village),
                    s.rural.into(),
                    s.point.map(|(longitude, _)| longitude).into(),
                    s.point.map(|(_, latitude)| latitude).into(),
                    s.closed_on.map(|d| d.to_string()).into(),
                    s.row_id.into(),
                ]
            }),
        )?;
        Ok(())
    }

    /// Opens or closes a school of the register; `into`: the school that its pupils went to.
    ///
    /// # Errors
    /// What the engine says.
    pub fn end_school(
        &mut self,
        county: u32,
        school: u64,
        (closed_on, into): (Option<Date>, Option<u64>),
    ) -> Result<(), StoreError> {
        self.execute(
            "update school set closed_on = $3, parent_id = coalesce($4, parent_id) where county = $1 and school_id = $2",
            &[county.into(), school.into(), closed_on.map(|d| d.to_string()).into(), into.into()],
        )?;
        Ok(())
    }

    /// The schools of a county, by id.
    ///
    /// # Errors
    /// What the engine says.
    pub fn schools(&mut self, county: u32) -> Result<Vec<School>, StoreError> {
        self.query(include_str!("../queries/schools.sql"), &[county.into()], |r| {
            Ok(School {
                id: r.get(0)?,
                code: r.get(1)?,
                name: r.get(2)?,
                aliases: r.parse(3, |t| serde_json::from_str(t).ok())?.ok_or_else(|| r.bad(3))?,
                kind: r.get(4)?,
                stages: r
                    .parse(5, |t| t.split_whitespace().map(Stage::parse).collect())?
                    .unwrap_or_default(),
                parent: r.get(6)?,
                town: division(r, 7)?,
                village: division(r, 8)?,
                rural: r.get(9)?,
                point: r.get::<Option<f64>>(10)?.zip(r.get::<Option<f64>>(11)?),
                closed_on: r.parse(12, |t| t.parse().ok())?,
                row_id: r.get(13)?,
            })
        })
    }

    /// Replaces the households of a county.
    ///
    /// # Errors
    /// [`StoreError::Unique`] if an id stands twice.
    pub fn replace_households(
        &mut self,
        county: u32,
        households: &[Household],
    ) -> Result<(), StoreError> {
        self.execute("delete from household where county = $1", &[county.into()])?;
        self.bulk(
            "household",
            [
                "county",
                "household_id",
                "number",
                "head_person_id",
                "head_name",
                "kind",
                "monitored",
                "town",
                "village",
                "size",
                "relocation_site",
                "row_id",
            ],
            households.iter().map(|h| {
                [
                    county.into(),
                    h.id.into(),
                    h.number.as_deref().into(),
                    h.head.into(),
                    h.head_name.as_deref().into(),
                    h.kind.code().into(),
                    h.monitored.into(),
                    place_value(h.town),
                    place_value(h.village),
                    h.size.into(),
                    h.relocation_site.as_deref().into(),
                    h.row_id.into(),
                ]
            }),
        )?;
        Ok(())
    }

    /// The households of a county, by id.
    ///
    /// # Errors
    /// What the engine says.
    pub fn households(&mut self, county: u32) -> Result<Vec<Household>, StoreError> {
        self.query(include_str!("../queries/households.sql"), &[county.into()], |r| {
            Ok(Household {
                id: r.get(0)?,
                number: r.get(1)?,
                head: r.get(2)?,
                head_name: r.get(3)?,
                kind: r.parse(4, HouseholdKind::parse)?.ok_or_else(|| r.bad(4))?,
                monitored: r.get(5)?,
                town: division(r, 6)?,
                village: division(r, 7)?,
                size: r.get(8)?,
                relocation_site: r.get(9)?,
                row_id: r.get(10)?,
            })
        })
    }

    /// Replaces the persons of a county; their numbers are sealed here.
    ///
    /// # Errors
    /// [`StoreError::Unique`] if an id stands twice.
    pub fn replace_persons(&mut self, county: u32, persons: &[Person]) -> Result<(), StoreError> {
        self.reindexed("person", persons.len(), |tx| tx.put_persons(county, persons))
    }

    fn put_persons(&mut self, county: u32, persons: &[Person]) -> Result<(), StoreError> {
        self.execute("delete from person where county = $1", &[county.into()])?;
        let keys = self.keys;
        ahead(
            persons,
            |_, p| (seal_person(keys, county, p), p.citizen_id.map(|id| keys.blind_id(id))),
            |sealed| {
                self.bulk(
                    "person",
                    PERSON_COLUMNS,
                    persons.iter().zip(sealed).map(|(p, (sealed, blind))| {
                        [
                            county.into(),
                            p.id.into(),
                            p.name.as_str().into(),
                            sealed.into(),
                            blind.into(),
                            p.sex.map(Sex::code).into(),
                            p.born_on.map(|d| d.to_string()).into(),
                            p.ethnicity.as_deref().into(),
                            place_value(p.town),
                            place_value(p.village),
                            p.household.into(),
                            p.relation.map(Relation::code).into(),
                            p.guardian.as_deref().into(),
                            p.school.into(),
                            p.stage.map(Stage::code).into(),
                            p.grade.map(Grade::code).into(),
                            p.class.as_deref().into(),
                            p.boarding.map(Boarding::code).into(),
                            p.residence.map(Residence::code).into(),
                            p.flags.join(" ").into(),
                            p.rows.into(),
                        ]
                    }),
                )
            },
        )?;
        Ok(())
    }

    /// All persons of a county, by id, with their numbers.
    ///
    /// # Errors
    /// [`StoreError::Sealed`] if numbers were changed or moved; what the engine says.
    pub fn persons(&mut self, county: u32) -> Result<Vec<Person>, StoreError> {
        let keys = self.keys;
        let sql = include_str!("../queries/persons.sql");
        self.query(sql, &[county.into()], |r| person(r, keys, county))
    }

    /// One person, with the numbers; `None` if there is none of this id.
    ///
    /// # Errors
    /// As for [`Tx::persons`].
    pub fn person(&mut self, county: u32, id: u64) -> Result<Option<Person>, StoreError> {
        let keys = self.keys;
        let sql = include_str!("../queries/person.sql");
        self.query_one(sql, &[county.into(), id.into()], |r| person(r, keys, county))
    }

    /// Some persons, by id, with their numbers. Those who are not there are left out.
    ///
    /// # Errors
    /// As for [`Tx::persons`].
    pub fn persons_of(&mut self, county: u32, ids: &[u64]) -> Result<Vec<Person>, StoreError> {
        let keys = self.keys;
        let base = include_str!("../queries/persons.sql");
        let mut out = Vec::with_capacity(ids.len());
        for chunk in ids.chunks(256) {
            let mut args: Vec<V> = vec![county.into()];
            args.extend(chunk.iter().map(|id| V::from(*id)));
            let marks = marks(2..=args.len());
            let within = format!("where person_id in ({marks}) and county = $1");
            let sql = base.replacen("where county = $1", &within, 1);
            out.extend(self.query(&sql, &args, |r| person(r, keys, county))?);
        }
        out.sort_by_key(|person: &Person| person.id);
        Ok(out)
    }

    /// The persons who have this citizen id, by id: more than one where two registers disagree about who it is.
    ///
    /// # Errors
    /// What the engine says.
    pub fn persons_of_id(&mut self, county: u32, id: CitizenId) -> Result<Vec<u64>, StoreError> {
        let blind = self.keys.blind_id(id);
        let sql = "select person_id from person where county = $1 and id_blind = $2
                    order by person_id";
        self.query(sql, &[county.into(), blind.into()], |r| r.get(0))
    }

    /// Replaces whom each row is about.
    ///
    /// # Errors
    /// [`StoreError::ForeignKey`] for a row that is not there, [`StoreError::Unique`] for one that stands twice.
    pub fn replace_links(&mut self, county: u32, links: &[RowLink]) -> Result<(), StoreError> {
        self.reindexed("row_link", links.len(), |tx| {
            tx.execute("delete from row_link where county = $1", &[county.into()])?;
            tx.bulk(
                "row_link",
                ["county", "row_id", "person_id", "household_id", "school_id"],
                links.iter().map(|l| {
                    [
                        county.into(),
                        l.row_id.into(),
                        l.person.into(),
                        l.household.into(),
                        l.school.into(),
                    ]
                }),
            )?;
            Ok(())
        })
    }

    /// Whom each row is about, by row id.
    ///
    /// # Errors
    /// What the engine says.
    pub fn links(&mut self, county: u32) -> Result<Vec<RowLink>, StoreError> {
        self.links_after(county, 0)
    }

    /// Whom each row after one is about, by row id.
    ///
    /// # Errors
    /// What the engine says.
    pub fn links_after(&mut self, county: u32, row: u64) -> Result<Vec<RowLink>, StoreError> {
        let sql = "select row_id, person_id, household_id, school_id from row_link
                    where county = $1 and row_id > $2 order by row_id";
        self.query(sql, &[county.into(), row.into()], |r| {
            Ok(RowLink {
                row_id: r.get(0)?,
                person: r.get(1)?,
                household: r.get(2)?,
                school: r.get(3)?,
            })
        })
    }
}

fn person(r: &Row, keys: &Keys, county: u32) -> Result<Person, StoreError> {
    let id = r.get(0)?;
    let numbers = match r.get::<Option<&[u8]>>(2)? {
        Some(sealed) => keys.numbers(county, id, sealed)?,
        None => Numbers::default(),
    };
    Ok(Person {
        id,
        name: r.get(1)?,
        citizen_id: numbers.citizen_id(id)?,
        phones: numbers.phones,
        accounts: numbers.accounts,
        sex: r.parse(3, Sex::parse)?,
        born_on: r.parse(4, |t| t.parse().ok())?,
        ethnicity: r.get(5)?,
        town: division(r, 6)?,
        village: division(r, 7)?,
        household: r.get(8)?,
        relation: r.parse(9, Relation::parse)?,
        guardian: r.get(10)?,
        school: r.get(11)?,
        stage: r.parse(12, Stage::parse)?,
        grade: r.parse(13, Grade::parse)?,
        class: r.get(14)?,
        boarding: r.parse(15, Boarding::parse)?,
        residence: r.parse(16, Residence::parse)?,
        flags: r.get::<&str>(17)?.split_whitespace().map(Into::into).collect(),
        rows: r.get(18)?,
    })
}

pub(crate) fn division(r: &Row, column: usize) -> Result<Option<Division>, StoreError> {
    r.get::<Option<u64>>(column)?
        .map(|code| Division::from_code(code).map_err(|_| r.bad(column)))
        .transpose()
}

fn level_code(level: DivisionLevel) -> &'static str {
    match level {
        DivisionLevel::Province => "province",
        DivisionLevel::City => "city",
        DivisionLevel::County => "county",
        DivisionLevel::Town => "town",
        DivisionLevel::Village => "village",
    }
}

/// The place that another lies in, one level up; `None` for a province.
fn parent(place: Division) -> Option<Division> {
    let code = match place.level() {
        DivisionLevel::Village => return Some(place.town()),
        DivisionLevel::Town => return Some(place.county()),
        DivisionLevel::County => place.code() / 100_000_000 * 100_000_000,
        DivisionLevel::City => place.code() / 10_000_000_000 * 10_000_000_000,
        DivisionLevel::Province => return None,
    };
    Division::from_code(code).ok()
}
