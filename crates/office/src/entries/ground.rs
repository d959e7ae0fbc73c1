//! Where a child or a class stands, and whether it is theirs who write about it.

use fujiao_model::{Field, Grade, RosterKind, Subject};
use fujiao_store::{Person, Tx, V};
use jiff::civil::Date;

use super::ClassRef;
use crate::OfficeError;
use crate::access::{Actor, Scope, Standing};

/// How a person stands in the register.
pub(super) fn standing(person: &Person) -> Standing {
    Standing {
        person: Some(person.id),
        places: person.village.into_iter().chain(person.town).collect(),
        school: person.school,
        grade: person.grade,
        class: person.class.clone().unwrap_or_default(),
    }
}

/// A child whom somebody wrote about.
pub(super) enum Child {
    /// Theirs.
    Here(Box<Person>),
    /// Theirs when they wrote, and elsewhere since; or found to be another person. Where, in words.
    Moved(Box<Person>, String),
    /// Nobody, or not theirs: the two look alike.
    None,
}

/// The child of an id that a device knew.
pub(super) fn child(
    tx: &mut Tx,
    county: u32,
    actor: &Actor,
    scope: &Scope,
    id: u64,
) -> Result<Child, OfficeError> {
    let Some(now) = tx.current_person(county, id)? else { return Ok(Child::None) };
    let Some(person) = tx.person(county, now)? else { return Ok(Child::None) };
    if scope.reaches(&standing(&person)) {
        let merged = now != id;
        return Ok(if merged {
            let name = person.name.clone();
            Child::Moved(Box::new(person), name)
        } else {
            Child::Here(Box::new(person))
        });
    }
    if was_theirs(tx, county, actor, scope, &person)? {
        let place = where_now(tx, county, &person)?;
        return Ok(Child::Moved(Box::new(person), place));
    }
    Ok(Child::None)
}

/// Whether a person stood on somebody's ground before: by an enrolment on file, or because they wrote about them.
fn was_theirs(
    tx: &mut Tx,
    county: u32,
    actor: &Actor,
    scope: &Scope,
    person: &Person,
) -> Result<bool, OfficeError> {
    for row in tx.rows_of_person(county, person.id)? {
        let fields = &row.row.fields;
        let (RosterKind::Enrolments, Some(school)) = (row.row.kind, fields.text(Field::School))
        else {
            continue;
        };
        let ids = tx.query(
            "select school_id from school where county = $1 and name = $2",
            &[county.into(), school.into()],
            |r| r.get::<u64>(0),
        )?;
        let stood = ids.into_iter().any(|school| {
            scope.reaches(&Standing {
                person: Some(person.id),
                places: Vec::new(),
                school: Some(school),
                grade: fields.text(Field::Grade).and_then(Grade::parse),
                class: fields.text(Field::Class).unwrap_or_default().to_owned(),
            })
        });
        if stood {
            return Ok(true);
        }
    }
    let before = tx.entries_about(county, Subject::person(person.id), Date::MIN)?;
    Ok(before.iter().any(|e| e.user == actor.user && !e.care))
}

/// Where a child is enrolled, in words.
pub(super) fn where_now(tx: &mut Tx, county: u32, person: &Person) -> Result<String, OfficeError> {
    let school = match person.school {
        Some(id) => school_name(tx, county, id)?,
        None => String::new(),
    };
    let grade = person.grade.map_or("", Grade::chinese);
    Ok(format!("{school}{grade}{}", person.class.as_deref().unwrap_or_default()))
}

/// The name of a school; empty if it is not there.
pub(super) fn school_name(tx: &mut Tx, county: u32, id: u64) -> Result<String, OfficeError> {
    let sql = "select name from school where county = $1 and school_id = $2";
    Ok(tx.query_one(sql, &[county.into(), id.into()], |r| r.get(0))?.unwrap_or_default())
}

/// The children of a class by name.
pub(super) struct Mates(pub Vec<Mate>);

impl Mates {
    /// Whether the class is somebody's as a whole.
    pub(super) fn are_theirs(&self, scope: &Scope) -> bool {
        !self.0.is_empty() && self.0.iter().all(|mate| scope.reaches(&mate.standing))
    }
}

/// A child of a class.
pub(super) struct Mate {
    pub id: u64,
    pub name: String,
    standing: Standing,
}

/// The children of a class by name, if it is theirs as a whole.
pub(super) fn class(
    tx: &mut Tx,
    county: u32,
    scope: &Scope,
    of: &ClassRef,
) -> Result<Option<Vec<Mate>>, OfficeError> {
    let mates = mates(tx, county, of)?;
    Ok(mates.are_theirs(scope).then_some(mates.0))
}

/// The children of a class.
pub(super) fn mates(tx: &mut Tx, county: u32, of: &ClassRef) -> Result<Mates, OfficeError> {
    let args: [V; 4] =
        [county.into(), of.school.into(), of.grade.code().into(), of.class.as_str().into()];
    let sql = format!(
        "select person_id, name, town, village from person {}
          where county = $1 and school_id = $2 and grade = $3 and class = $4
          order by name, person_id",
        tx.through("person_school")
    );
    let mates = tx.query(&sql, &args, |r| {
        let place = |column| {
            Ok::<_, fujiao_store::StoreError>(
                r.get::<Option<u64>>(column)?
                    .and_then(|code| fujiao_model::Division::from_code(code).ok()),
            )
        };
        let id = r.get(0)?;
        Ok(Mate {
            id,
            name: r.get(1)?,
            standing: Standing {
                person: Some(id),
                places: place(3)?.into_iter().chain(place(2)?).collect(),
                school: Some(of.school),
                grade: Some(of.grade),
                class: of.class.clone(),
            },
        })
    })?;
    Ok(Mates(mates))
}

/// The children of a class by name, if it is theirs as a whole: id and name.
pub(crate) fn class_mates(
    tx: &mut Tx,
    county: u32,
    scope: &Scope,
    of: &ClassRef,
) -> Result<Option<Vec<(u64, String)>>, OfficeError> {
    let mates = class(tx, county, scope, of)?;
    Ok(mates.map(|mates| mates.into_iter().map(|mate| (mate.id, mate.name)).collect()))
}

/// The day that it is in the books: a made county's clock stands still on the day of its assessment.
pub(crate) fn today(tx: &mut Tx, county: u32, actor: &Actor) -> Result<Date, OfficeError> {
    let made = tx.query_one(
        "select r.as_of from county c
           join run r on r.county = c.county and r.run_id = c.live_run
          where c.county = $1 and c.made = 1",
        &[county.into()],
        |r| r.parse(0, |t| t.parse().ok()),
    )?;
    Ok(made.flatten().unwrap_or_else(|| actor.today()))
}
