//! Two people said two things about the same: which stands, who decides, and what follows for the others.

use fujiao_model::{Area, ChildNow, Field, Grade, Mark, Subject, SubjectKind, Value};
use fujiao_store::{Entry, EntryConflict, EntryFact, Event, Tx};
use jiff::Timestamp;
use jiff::civil::Date;

use super::rows::Rows;
use super::{EntryError, What, book, ground};
use crate::access::{Actor, Right, Scope, Standing};
use crate::desk::shown;
use crate::{Office, OfficeError};

/// What somebody said about a field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SideValue {
    /// Present or absent.
    Mark(Mark),
    /// Where a child is.
    Now(ChildNow),
    /// Meals served.
    Served(u32),
    /// A phone, masked.
    Phone(String),
}

/// One of two sayings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Side {
    /// Who says so.
    pub author: String,
    /// What.
    pub value: SideValue,
    /// When they wrote it.
    pub written_at: Timestamp,
}

/// Two people who say two things: a task.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConflictView {
    /// By which it is decided.
    pub number: u64,
    /// The child, or the school and class.
    pub who: String,
    /// The child, if it is one.
    pub person: Option<u64>,
    /// On which day.
    pub on: Date,
    /// The field of the form.
    pub field: String,
    /// Who said it first; it stands until somebody decides.
    pub first: Side,
    /// Who says otherwise.
    pub second: Side,
    /// Whether the reader may decide: they hold the right there, and are neither of the two.
    pub may_decide: bool,
}

impl Office {
    /// The conflicts on somebody's ground that wait, the oldest first.
    ///
    /// # Errors
    /// What the store says.
    pub fn entry_conflicts(&self, actor: &Actor) -> Result<Vec<ConflictView>, OfficeError> {
        let county = self.county_code()?;
        self.store.read(|tx| {
            let mut views = Vec::new();
            for conflict in tx.open_conflicts(county)? {
                views.extend(view(tx, county, actor, &conflict)?);
            }
            Ok(views)
        })
    }

    /// Decides which of two sayings stands.
    ///
    /// # Errors
    /// [`EntryError`] if it is not there, not theirs, decided before, or no reason is given.
    pub fn decide_conflict(
        &self,
        actor: &Actor,
        number: u64,
        second: bool,
        why: &str,
    ) -> Result<(), OfficeError> {
        let county = self.county_code()?;
        let why = reason(why)?;
        self.store.write(|tx| {
            let conflict = tx.conflict(county, number)?.ok_or(EntryError::NoConflict)?;
            let view = view(tx, county, actor, &conflict)?.ok_or(EntryError::NoConflict)?;
            if conflict.decided.is_some() {
                return Err(EntryError::Decided.into());
            }
            if !view.may_decide {
                return Err(EntryError::OwnEntry.into());
            }
            let word = if second { "second" } else { "first" };
            tx.close_conflict(county, number, word, &actor.name, why, actor.at)?;
            let of = Some((conflict.subject, conflict.field.as_str()));
            if second {
                // All who said what is not so: the value stood by the first and whoever agreed with them.
                for standing in tx.facts_about(
                    county,
                    conflict.subject,
                    &conflict.class,
                    conflict.on,
                    &conflict.field,
                )? {
                    tx.set_fact_state(county, standing.entry, of, "lost")?;
                }
                tx.set_fact_state(county, conflict.second, of, "in_force")?;
            } else {
                tx.set_fact_state(county, conflict.second, of, "lost")?;
            }
            let touched = resettle(tx, county, &conflict, actor)?;
            let mut rows = Rows::new(tx, county, actor);
            for entry in touched.into_iter().chain([conflict.first, conflict.second]) {
                rows.of_entry(entry)?;
            }
            for entry in [conflict.first, conflict.second] {
                refresh(tx, county, entry, &actor.name)?;
            }
            tx.audit(&Event {
                county,
                at: actor.at,
                actor: &actor.login,
                action: "decide",
                object: &format!("entry conflict {number}"),
                detail: &format!(
                    "{} {} on {}: {word}",
                    conflict.subject, conflict.field, conflict.on
                ),
            })?;
            Ok(())
        })
    }
}

/// A reason as the books keep it.
pub(super) fn reason(why: &str) -> Result<&str, EntryError> {
    let why = why.trim();
    if why.is_empty() || why.chars().count() > 200 { Err(EntryError::NoReason) } else { Ok(why) }
}

/// A conflict as the reader sees it; `None` if it is not on their ground.
pub(crate) fn view(
    tx: &mut Tx,
    county: u32,
    actor: &Actor,
    conflict: &EntryConflict,
) -> Result<Option<ConflictView>, OfficeError> {
    let (right, area) = match conflict.field.as_str() {
        "attendance" => (Right::Attendance, Area::Schooling),
        "meals" => (Right::Meals, Area::Meals),
        "guardian_phone" => (Right::Visit, Area::Pairing),
        _ => (Right::Visit, Area::Schooling),
    };
    let (standing, who, person) = if conflict.subject.kind == SubjectKind::Person {
        let now = tx.current_person(county, conflict.subject.id)?;
        let person = match now {
            Some(id) => tx.person(county, id)?,
            None => None,
        };
        let Some(person) = person else { return Ok(None) };
        (ground::standing(&person), person.name.clone(), Some(person.id))
    } else {
        let class = super::ClassRef::parse(conflict.subject.id, &conflict.class);
        let Some(class) = class else { return Ok(None) };
        let school = ground::school_name(tx, county, class.school)?;
        let who = format!("{school} {}", class_words(&class));
        (of_class(&class), who, None)
    };
    let (Some(first), Some(second)) =
        (tx.entry(county, conflict.first)?, tx.entry(county, conflict.second)?)
    else {
        return Ok(None);
    };
    let wrote = [&first, &second].iter().any(|e| e.user == actor.user);
    // One may look who does the same work there; one may decide who confirms there and did not write it.
    let reaches = |right| reaches_class_or_child(&actor.scope_in(right, area), &standing);
    if !(wrote || reaches(right) || reaches(Right::Confirm)) {
        return Ok(None);
    }
    let may_decide = reaches(Right::Confirm) && (!wrote || actor.user == 0);
    let (Some(a), Some(b)) = (side(&first, conflict), side(&second, conflict)) else {
        return Ok(None);
    };
    Ok(Some(ConflictView {
        number: conflict.number,
        who,
        person,
        on: conflict.on,
        field: book::form_field(&conflict.field).to_owned(),
        first: a,
        second: b,
        may_decide,
    }))
}

fn of_class(class: &super::ClassRef) -> Standing {
    Standing {
        person: None,
        places: Vec::new(),
        school: Some(class.school),
        grade: Some(class.grade),
        class: class.class.clone(),
    }
}

/// A scope reaches a class through its children; a class as such counts as one of them.
fn reaches_class_or_child(scope: &Scope, standing: &Standing) -> bool {
    let nobody = Standing { person: standing.person.or(Some(0)), ..standing.clone() };
    scope.reaches(&nobody)
}

/// What an entry says of the field of a conflict.
fn side(entry: &Entry, conflict: &EntryConflict) -> Option<Side> {
    let value = match (What::of(entry)?, conflict.field.as_str()) {
        (What::Visit(visit), "schooling") => SideValue::Now(visit.now?),
        (What::Visit(visit), "guardian_phone") => {
            SideValue::Phone(shown(Field::GuardianPhone, &Value::Text(visit.phone.as_str().into())))
        }
        (What::Attendance(attendance), "attendance") => {
            SideValue::Mark(attendance.marks.iter().find(|(id, _)| *id == conflict.subject.id)?.1)
        }
        (What::Meals(meals), "meals") => SideValue::Served(meals.served?),
        _ => return None,
    };
    Some(Side { author: entry.author.clone(), value, written_at: entry.written_at })
}

/// Takes an entry out of force because its author edits it: its facts fall, its conflicts are gone.
pub(super) fn supersede(
    tx: &mut Tx,
    county: u32,
    number: u64,
    by: &str,
) -> Result<(), OfficeError> {
    tx.set_entry_state(county, number, "superseded", by, None)?;
    tx.set_fact_state(county, number, None, "superseded")?;
    Ok(())
}

/// An entry whose every fact gave way to a later one of its author is superseded as a whole, unless it is a visit: that it
/// took place still stands.
pub(super) fn outlived(tx: &mut Tx, county: u32, number: u64, by: &str) -> Result<(), OfficeError> {
    let facts = tx.facts_of(county, number)?;
    let whole = facts.iter().all(|f| f.state == "superseded");
    let entry = tx.entry(county, number)?;
    if whole && entry.is_some_and(|e| matches!(e.kind.as_str(), "attendance" | "meal_count")) {
        tx.set_entry_state(county, number, "superseded", by, None)?;
    }
    Ok(())
}

/// Settles every conflict that an entry was in, after it was edited or taken back.
pub(super) fn resettle_all(
    tx: &mut Tx,
    county: u32,
    number: u64,
    actor: &Actor,
) -> Result<(), OfficeError> {
    for conflict in tx.conflicts_of(county, number)? {
        if conflict.decided.is_none() {
            let touched = resettle(tx, county, &conflict, actor)?;
            let mut rows = Rows::new(tx, county, actor);
            for entry in touched {
                rows.of_entry(entry)?;
            }
        }
    }
    Ok(())
}

/// Goes through the open conflicts about what `of` is about, until each is between what stands and what waits. The entries
/// whose word came into force.
fn resettle(
    tx: &mut Tx,
    county: u32,
    of: &EntryConflict,
    actor: &Actor,
) -> Result<Vec<u64>, OfficeError> {
    let mut touched = Vec::new();
    let same = |c: &EntryConflict| {
        (c.subject, &c.class, c.on, &c.field) == (of.subject, &of.class, of.on, &of.field)
    };
    let open: Vec<EntryConflict> = tx.open_conflicts(county)?.into_iter().filter(same).collect();
    for conflict in open {
        let waits = waiting(tx, county, &conflict)?;
        let gone = |tx: &mut Tx| {
            tx.close_conflict(county, conflict.number, "gone", &actor.name, "", actor.at)
        };
        let Some(fact) = waits else {
            gone(tx)?;
            continue;
        };
        let standing = tx.facts_about(county, fact.subject, &fact.class, fact.on, &fact.field)?;
        let field = Some((fact.subject, fact.field.as_str()));
        match standing.first() {
            Some(one) if one.value != fact.value => {
                if !standing.iter().any(|s| s.entry == conflict.first) {
                    gone(tx)?;
                    tx.add_conflict(county, one.entry, &fact, actor.at)?;
                }
            }
            _ => {
                gone(tx)?;
                tx.set_fact_state(county, fact.entry, field, "in_force")?;
                touched.push(fact.entry);
            }
        }
        refresh(tx, county, conflict.second, &actor.name)?;
    }
    Ok(touched)
}

/// What waits in a conflict.
fn waiting(
    tx: &mut Tx,
    county: u32,
    conflict: &EntryConflict,
) -> Result<Option<EntryFact>, OfficeError> {
    let of: (Subject, &str) = (conflict.subject, &conflict.field);
    let facts = tx.facts_of(county, conflict.second)?;
    Ok(facts.into_iter().find(|f| (f.subject, f.field.as_str()) == of && f.state == "waiting"))
}

/// An entry is in conflict as long as something of it waits.
fn refresh(tx: &mut Tx, county: u32, number: u64, by: &str) -> Result<(), OfficeError> {
    let Some(entry) = tx.entry(county, number)? else { return Ok(()) };
    if !matches!(entry.state.as_str(), "in_force" | "conflict") {
        return Ok(());
    }
    let waits = tx.facts_of(county, number)?.iter().any(|f| f.state == "waiting");
    let state = if waits { "conflict" } else { "in_force" };
    if state != entry.state {
        tx.set_entry_state(county, number, state, by, None)?;
    }
    Ok(())
}

/// The grade and class of a class in words.
pub(super) fn class_words(class: &super::ClassRef) -> String {
    format!("{}{}", Grade::chinese(class.grade), class.class)
}
