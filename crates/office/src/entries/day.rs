//! A day's work of one person: whom to visit, which classes to mark, what they wrote.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use fujiao_model::{
    Area, ContactHow, Field, Grade, Mark, Period, RosterKind, Subject, SubjectKind, Term, Unit,
    Value,
};
use fujiao_store::{Person, StoredRow, Tx, V};
use jiff::Timestamp;
use jiff::civil::Date;

use super::rows as entry_rows;
use super::{ClassRef, EntryError, EntryKey, Receipt, What, book, conflicts, ground};
use crate::access::{Actor, Right, Scope};
use crate::desk::{Title, shown};
use crate::{Office, OfficeError};

/// How many children a day lists at most: more than anybody can see in a day.
const LISTED: usize = 60;
/// How many children of classes a device takes along for marking.
const TAKEN_ALONG: usize = 600;
/// How many entries somebody sees of their own.
const OWN: u32 = 60;

/// What somebody has to do today, with no more about each child than the way there needs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VisitDay {
    /// The day in the books.
    pub day: Date,
    /// Whose day it is.
    pub user: u64,
    /// Their name.
    pub name: String,
    /// Whom to see, the most urgent first.
    pub children: Vec<ToVisit>,
    /// How many there are in all.
    pub in_all: usize,
    /// Classes to mark.
    pub classes: Vec<ClassToday>,
    /// Whether they may write care records.
    pub care: bool,
}

/// A child to see.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ToVisit {
    /// By which an entry names the child; no citizen id, no student number.
    pub person: u64,
    /// Name.
    pub name: String,
    /// Where the child is enrolled; empty: nowhere.
    pub school: String,
    /// Grade there.
    pub grade: Option<Grade>,
    /// Class there.
    pub class: String,
    /// Town, village and group, in words.
    pub place: String,
    /// Name of the guardian.
    pub guardian: String,
    /// The guardian's phone, masked.
    pub phone: String,
    /// What is owed, what falls due first first.
    pub owed: Vec<Owed>,
    /// The last contacts, the latest first.
    pub last: Vec<LastContact>,
    /// By when a contact is to be made this month; `None`: none is asked for, or it was made.
    pub contact_by: Option<Date>,
    /// What the term's plan of the one who visits has for this month, and by when.
    pub planned: Option<(ContactHow, Date)>,
}

/// Something owed to a child.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Owed {
    /// In which area.
    pub area: Area,
    /// What.
    pub title: Title,
    /// How much is missing.
    pub gap: i64,
    /// In which unit.
    pub unit: Unit,
    /// By when.
    pub due_on: Date,
}

/// A contact with a child.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LastContact {
    /// When.
    pub on: String,
    /// How, as the books call it.
    pub how: String,
    /// Who.
    pub author: String,
    /// What was said, where it is not for others only.
    pub text: String,
}

/// A class to mark.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClassToday {
    /// The class.
    pub class: ClassRef,
    /// The school's name.
    pub school: String,
    /// Its children by name, as far as a device takes them along: id and name.
    pub pupils: Vec<(u64, String)>,
    /// How many it has.
    pub size: usize,
    /// Whether the reader may mark who is there.
    pub may_mark: bool,
    /// Whether the reader may report meals.
    pub may_meals: bool,
}

/// A class on a day, as it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClassPage {
    /// The class.
    pub class: ClassToday,
    /// The day.
    pub on: Date,
    /// The day in the books.
    pub today: Date,
    /// Children with what stands of them; `None`: not marked.
    pub pupils: Vec<Pupil>,
    /// Meals served; `None`: not reported.
    pub served: Option<u32>,
    /// Who reported them.
    pub served_by: String,
}

/// A child of a class on a day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pupil {
    /// The id.
    pub id: u64,
    /// Name.
    pub name: String,
    /// The mark that stands.
    pub mark: Option<Mark>,
    /// Who gave it.
    pub by: String,
}

/// An entry of one's own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MyEntry {
    /// Its key.
    pub key: EntryKey,
    /// The child, or the school and class.
    pub who: String,
    /// The child today, if it is one.
    pub person: Option<u64>,
    /// The day it is about.
    pub on: Date,
    /// When it was written.
    pub written_at: Timestamp,
    /// `in_force`, `conflict`, `superseded`, `withdrawn`.
    pub state: String,
    /// Why it was taken back.
    pub why: String,
    /// What was said.
    pub what: What,
    /// The receipt.
    pub receipt: Option<Receipt>,
    /// Keys of its pictures.
    pub photos: Vec<EntryKey>,
}

impl Office {
    /// The day of one person.
    ///
    /// Children on their ground with an open duty of schooling this term, or to whom contacts are owed and this month's was not
    /// made yet (the duty itself falls due with the month). Who stands on the whole county gets those of schooling alone: nobody carries a county on a phone.
    ///
    /// # Errors
    /// What the store says. Who neither visits nor marks has an empty day.
    pub fn my_visits(&self, actor: &Actor) -> Result<VisitDay, OfficeError> {
        let county = self.county_code()?;
        self.store.read(|tx| {
            let day = ground::today(tx, county, actor)?;
            let scope = actor.scope(Right::Visit);
            let ids = if scope.is_empty() { Vec::new() } else { waiting(tx, county, &scope, day)? };
            let (mut found, mut in_all) = (Vec::new(), ids.len());
            for (id, contact) in ids {
                if found.len() == LISTED {
                    break;
                }
                let Some(person) = tx.person(county, id)? else { continue };
                let rows = tx.rows_of_person(county, id)?;
                if contact && met_in_month(&rows, day) {
                    in_all -= 1;
                    continue;
                }
                found.push((person, rows, contact.then(|| day.last_of_month())));
            }
            let ids: Vec<u64> = found.iter().map(|(person, ..)| person.id).collect();
            let mut owed = self.owed(tx, county, actor, &ids)?;
            let mut children = Vec::with_capacity(found.len());
            for (person, rows, contact_by) in &found {
                let owed = owed.remove(&person.id).unwrap_or_default();
                let known = to_visit(tx, county, actor, (person, rows), day)?;
                children.push(ToVisit { owed, contact_by: *contact_by, ..known });
            }
            let planned = self.planned(tx, county, actor, day)?;
            for child in &mut children {
                child.planned = planned.get(&child.person).copied();
            }
            Ok(VisitDay {
                day,
                user: actor.user,
                name: actor.name.clone(),
                in_all,
                children,
                classes: classes(tx, county, actor)?,
                care: actor.may(Right::Care),
            })
        })
    }

    /// A child for the form of a visit; `None` if there is none, or it is not theirs.
    ///
    /// # Errors
    /// [`crate::access::NotAllowed`] if they do not visit; what the store says.
    pub fn child_to_visit(
        &self,
        actor: &Actor,
        id: u64,
    ) -> Result<Option<(ToVisit, Date)>, OfficeError> {
        let right = if actor.may(Right::Visit) { Right::Visit } else { Right::Care };
        actor.must(right)?;
        let county = self.county_code()?;
        self.store.read(|tx| {
            let day = ground::today(tx, county, actor)?;
            let Some(now) = tx.current_person(county, id)? else { return Ok(None) };
            let Some(person) = tx.person(county, now)? else { return Ok(None) };
            if !actor.scope(right).reaches(&ground::standing(&person)) {
                return Ok(None);
            }
            let rows = tx.rows_of_person(county, now)?;
            let owed = self.owed(tx, county, actor, &[now])?.remove(&now).unwrap_or_default();
            let known = to_visit(tx, county, actor, (&person, &rows), day)?;
            Ok(Some((ToVisit { owed, ..known }, day)))
        })
    }

    /// A class on a day; `None` if there is none, or it is not theirs. Without a day: today.
    ///
    /// # Errors
    /// What the store says.
    pub fn class_page(
        &self,
        actor: &Actor,
        class: &ClassRef,
        on: Option<Date>,
    ) -> Result<Option<ClassPage>, OfficeError> {
        let county = self.county_code()?;
        self.store.read(|tx| {
            let today = ground::today(tx, county, actor)?;
            let on = on.unwrap_or(today).min(today);
            let mut marks: BTreeMap<u64, Option<(What, String)>> = BTreeMap::new();
            let mut mates = None;
            let mut may = [false; 2];
            for (n, right) in [Right::Attendance, Right::Meals].into_iter().enumerate() {
                let theirs = ground::class(tx, county, &actor.scope(right), class)?;
                may[n] = theirs.is_some();
                mates = mates.or(theirs);
            }
            let Some(mates) = mates else { return Ok(None) };
            let mut pupils = Vec::with_capacity(mates.len());
            for mate in mates {
                let subject = Subject::person(mate.id);
                // Only who marks sees the marks.
                let standing = if may[0] {
                    tx.facts_about(county, subject, "", on, "attendance")?.pop()
                } else {
                    None
                };
                let (mut mark, mut by) = (None, String::new());
                if let Some(fact) = standing {
                    if let Entry::Vacant(unread) = marks.entry(fact.entry) {
                        let entry = tx.entry(county, fact.entry)?;
                        unread.insert(entry.and_then(|e| Some((What::of(&e)?, e.author))));
                    }
                    if let Some((What::Attendance(attendance), author)) = &marks[&fact.entry] {
                        mark = attendance.marks.iter().find(|(id, _)| *id == mate.id).map(|m| m.1);
                        by.clone_from(author);
                    }
                }
                pupils.push(Pupil { id: mate.id, name: mate.name, mark, by });
            }
            let meals = tx
                .facts_about(county, Subject::school(class.school), &class.to_text(), on, "meals")?
                .pop();
            let (mut served, mut served_by) = (None, String::new());
            if let Some(fact) = meals
                && let Some(entry) = tx.entry(county, fact.entry)?
                && let Some(What::Meals(meals)) = What::of(&entry)
            {
                (served, served_by) = (meals.served, entry.author);
            }
            let class = ClassToday {
                school: ground::school_name(tx, county, class.school)?,
                class: class.clone(),
                pupils: Vec::new(),
                size: pupils.len(),
                may_mark: may[0],
                may_meals: may[1],
            };
            Ok(Some(ClassPage { class, on, today, pupils, served, served_by }))
        })
    }

    /// What somebody wrote lately, the latest first.
    ///
    /// # Errors
    /// What the store says.
    pub fn my_entries(&self, actor: &Actor) -> Result<Vec<MyEntry>, OfficeError> {
        let county = self.county_code()?;
        self.store.read(|tx| {
            let entries = tx.entries_of_user(county, actor.user, OWN)?;
            entries.into_iter().filter_map(|e| own(tx, county, e).transpose()).collect()
        })
    }

    /// One entry of somebody's own, to be edited.
    ///
    /// # Errors
    /// [`EntryError::NoEntry`] if it is not theirs.
    pub fn my_entry(&self, actor: &Actor, key: EntryKey) -> Result<MyEntry, OfficeError> {
        let county = self.county_code()?;
        self.store.read(|tx| {
            let entry = tx
                .entry_of_key(county, &key.0)?
                .filter(|e| e.user == actor.user)
                .ok_or(EntryError::NoEntry)?;
            own(tx, county, entry)?.ok_or_else(|| EntryError::NoEntry.into())
        })
    }

    /// What is owed to children in the areas that somebody visits for, by child.
    fn owed(
        &self,
        tx: &mut Tx,
        county: u32,
        actor: &Actor,
        children: &[u64],
    ) -> Result<BTreeMap<u64, Vec<Owed>>, OfficeError> {
        let areas = actor.areas(Right::Visit);
        let Some(run) = tx.live_run(county)? else { return Ok(BTreeMap::new()) };
        let sql = format!(
            "select d.subject_id, d.area, d.kind, d.gap, d.unit, d.due_on from duty d {}
              where d.county = $1 and d.run_id = {} and d.subject_kind = 'person' and d.subject_id in ({{ids}}) and d.gap > 0
              order by d.subject_id, d.due_on, d.duty_id",
            tx.through("duty_subject"),
            run.id
        );
        let mut owed: BTreeMap<u64, Vec<Owed>> = BTreeMap::new();
        tx.each_among(&sql, county, children.iter().copied(), |r| {
            let due = Owed {
                area: r.parse(1, Area::parse)?.ok_or_else(|| r.bad(1))?,
                title: self.rules.titles.title(r.get(2)?),
                gap: r.get(3)?,
                unit: r.parse(4, Unit::parse)?.ok_or_else(|| r.bad(4))?,
                due_on: r.parse(5, |t| t.parse().ok())?.ok_or_else(|| r.bad(5))?,
            };
            owed.entry(r.get(0)?).or_default().push(due);
            Ok(())
        })?;
        for owed in owed.values_mut() {
            owed.retain(|o| areas.contains(&o.area));
            // One line a matter: of a contact a month, the months are not told apart.
            owed.dedup_by(|later, first| later.title == first.title);
            owed.truncate(4);
        }
        Ok(owed)
    }
}

/// What is known of a child, without what is owed.
fn to_visit(
    tx: &mut Tx,
    county: u32,
    actor: &Actor,
    (person, rows): (&Person, &[StoredRow]),
    day: Date,
) -> Result<ToVisit, OfficeError> {
    let school = match person.school {
        Some(id) => ground::school_name(tx, county, id)?,
        None => String::new(),
    };
    let mut place = String::new();
    for division in person.town.into_iter().chain(person.village) {
        let name: Option<String> = tx.query_one(
            "select name from place where county = $1 and code = $2",
            &[county.into(), division.code().into()],
            |r| r.get(0),
        )?;
        if let Some(name) = name {
            place.push_str(if place.is_empty() { "" } else { " " });
            place.push_str(&name);
        }
    }
    if let Some(group) = newest_text(rows, Field::VillageGroup) {
        place.push(' ');
        place.push_str(group);
    }
    let phone = newest_text(rows, Field::GuardianPhone)
        .map_or_else(String::new, |p| shown(Field::GuardianPhone, &Value::Text(p.into())));
    Ok(ToVisit {
        person: person.id,
        name: person.name.clone(),
        school,
        grade: person.grade,
        class: person.class.clone().unwrap_or_default(),
        place,
        guardian: person.guardian.clone().unwrap_or_default(),
        phone,
        owed: Vec::new(),
        last: last_contacts(tx, county, actor, person, rows, day)?,
        contact_by: None,
        planned: None,
    })
}

/// Whom to see, in the order of urgency, then of the way; and whether a contact this month is owed, or schooling alone.
fn waiting(
    tx: &mut Tx,
    county: u32,
    scope: &Scope,
    day: Date,
) -> Result<Vec<(u64, bool)>, OfficeError> {
    let month = |day: Date| Period::Month(day.year(), day.month()).to_string();
    let before = day.first_of_month().saturating_sub(jiff::ToSpan::days(1));
    let term = Term::of(day);
    let mut args: Vec<V<'static>> = vec![
        county.into(),
        Period::Term(term).to_string().into(),
        Period::SchoolYear(term.school_year()).to_string().into(),
        month(day).into(),
        month(before).into(),
        day.first_of_month().to_string().into(),
    ];
    let theirs = scope.persons_sql("p", &mut args);
    let sql = include_str!("queries/waiting.sql")
        .replace("{open}", &tx.through("duty_gap"))
        .replace("{area}", &tx.through("duty_area"))
        .replace("{theirs}", &theirs);
    let mut found = tx.query(&sql, &args, |r| Ok((r.get(0)?, r.get(2)?)))?;
    if scope.is_whole() {
        found.retain(|(_, contact)| !contact);
    }
    Ok(found)
}

/// Whether a roster has a contact with a child in the month of a day.
fn met_in_month(rows: &[StoredRow], day: Date) -> bool {
    rows.iter().filter(|r| r.row.kind == RosterKind::Contacts).any(|r| {
        let on = r.row.fields.date(Field::ContactOn).map(fujiao_model::PartialDate::parts);
        on.is_some_and(|(year, month, _)| (year, month) == (day.year(), Some(day.month())))
            && r.row.fields.text(Field::ContactKind) != Some(entry_rows::TAKEN_BACK)
    })
}

/// The classes that somebody marks or reports meals of.
fn classes(tx: &mut Tx, county: u32, actor: &Actor) -> Result<Vec<ClassToday>, OfficeError> {
    let (marks, meals) = (actor.scope(Right::Attendance), actor.scope(Right::Meals));
    if marks.is_whole() || meals.is_whole() || (marks.is_empty() && meals.is_empty()) {
        return Ok(Vec::new());
    }
    let mut args: Vec<V<'static>> = vec![county.into()];
    let one = marks.persons_sql("p", &mut args);
    let other = meals.persons_sql("p", &mut args);
    let sql = format!(
        "select p.school_id, p.grade, p.class, s.name, cast(count(*) as bigint) from person p
           join school s on s.county = p.county and s.school_id = p.school_id
          where p.county = $1 and p.grade is not null and p.class is not null and ({one} or {other})
          group by p.school_id, p.grade, p.class, s.name
          order by s.name, p.grade, p.class, p.school_id
          limit 60"
    );
    let found = tx.query(&sql, &args, |r| {
        Ok((
            ClassRef {
                school: r.get(0)?,
                grade: r.parse(1, Grade::parse)?.ok_or_else(|| r.bad(1))?,
                class: r.get(2)?,
            },
            r.get::<String>(3)?,
        ))
    })?;
    let mut classes = Vec::with_capacity(found.len());
    let mut taken = 0;
    for (class, school) in found {
        let may_mark = ground::class(tx, county, &marks, &class)?;
        let may_meals = ground::class(tx, county, &meals, &class)?;
        let marked = may_mark.is_some();
        let reported = may_meals.is_some();
        let Some(mates) = may_mark.or(may_meals) else { continue };
        let size = mates.len();
        taken += size;
        // Who only counts meals needs no names.
        let along = marked && taken <= TAKEN_ALONG;
        let pupils = mates.into_iter().filter(|_| along).map(|m| (m.id, m.name)).collect();
        classes.push(ClassToday {
            class,
            school,
            pupils,
            size,
            may_mark: marked,
            may_meals: reported,
        });
    }
    Ok(classes)
}

fn newest_text(rows: &[StoredRow], field: Field) -> Option<&str> {
    rows.iter().rev().find_map(|r| r.row.fields.text(field))
}

/// The last three contacts: as written here, or as rosters have them.
fn last_contacts(
    tx: &mut Tx,
    county: u32,
    actor: &Actor,
    person: &Person,
    rows: &[StoredRow],
    day: Date,
) -> Result<Vec<LastContact>, OfficeError> {
    let since = day.saturating_sub(jiff::ToSpan::years(1));
    let on_the_case = actor.scope(Right::Care).reaches(&ground::standing(person));
    let mut last: Vec<LastContact> = Vec::new();
    for entry in tx.entries_about(county, Subject::person(person.id), since)? {
        let Some(What::Visit(visit)) = What::of(&entry) else { continue };
        let hidden = entry.care && entry.user != actor.user && !on_the_case;
        last.push(LastContact {
            on: entry.on.to_string(),
            how: if hidden { ContactHow::School.chinese() } else { visit.how.chinese() }.to_owned(),
            author: entry.author,
            text: if hidden { String::new() } else { visit.text },
        });
    }
    let of_rosters = rows.iter().filter(|r| r.row.kind == RosterKind::Contacts);
    for row in of_rosters {
        let fields = &row.row.fields;
        let text = |field| fields.get(field).map_or_else(String::new, |v| shown(field, v));
        let (on, author) = (text(Field::ContactOn), text(Field::MentorName));
        // The row that an entry became is the same contact.
        if last.iter().any(|l| l.on == on && l.author == author)
            || fields.text(Field::ContactKind) == Some(entry_rows::TAKEN_BACK)
        {
            continue;
        }
        let (how, text) = (text(Field::ContactKind), text(Field::Note));
        last.push(LastContact { on, how, author, text });
    }
    last.sort_by(|a, b| b.on.cmp(&a.on));
    last.truncate(3);
    Ok(last)
}

/// An entry as its author sees it; `None` if it does not read.
fn own(
    tx: &mut Tx,
    county: u32,
    entry: fujiao_store::Entry,
) -> Result<Option<MyEntry>, OfficeError> {
    let Some(what) = What::of(&entry) else { return Ok(None) };
    let key = EntryKey(entry.key);
    let receipt = book::read_receipt(key, &entry);
    let (who, person) = if entry.subject.kind == SubjectKind::Person {
        let now = tx.current_person(county, entry.subject.id)?;
        let person = match now {
            Some(id) => tx.person(county, id)?,
            None => None,
        };
        person.map_or_else(|| ("—".to_owned(), None), |p| (p.name, Some(p.id)))
    } else {
        let words = book::class_of(&entry).map(|c| conflicts::class_words(&c));
        let school = ground::school_name(tx, county, entry.subject.id)?;
        (format!("{school} {}", words.unwrap_or_default()), None)
    };
    let photos = tx.photos_of(county, entry.number)?.into_iter().map(EntryKey).collect();
    Ok(Some(MyEntry {
        key,
        who,
        person,
        on: entry.on,
        written_at: entry.written_at,
        state: entry.state,
        why: entry.state_why.unwrap_or_default(),
        what,
        receipt,
        photos,
    }))
}
