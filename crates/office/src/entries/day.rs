//! A day's work of one person: whom to visit, which classes to mark, what they wrote.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use fujiao_model::{Grade, Mark, Subject, SubjectKind};
use fujiao_store::{Tx, V};
use jiff::Timestamp;
use jiff::civil::Date;

use super::children::ToVisit;
use super::{ClassRef, EntryError, EntryKey, Receipt, What, book, conflicts, ground};
use crate::access::{Actor, Right};
use crate::{Office, OfficeError};

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
            let (children, in_all) = self.children(tx, county, actor, day)?;
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
            let mates = ground::mates(tx, county, class)?;
            let [may_mark, may_meals] = [Right::Attendance, Right::Meals]
                .map(|right| mates.are_theirs(&actor.scope(right)));
            if !may_mark && !may_meals {
                return Ok(None);
            }
            // Only who marks sees the marks.
            let mut standing = BTreeMap::new();
            if may_mark {
                let ids: Vec<u64> = mates.0.iter().map(|mate| mate.id).collect();
                standing = tx.facts_about_some(county, &ids, on, "attendance")?;
            }
            let mut pupils = Vec::with_capacity(mates.0.len());
            for mate in mates.0 {
                let standing = standing.remove(&mate.id).and_then(|mut facts| facts.pop());
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
                may_mark,
                may_meals,
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
        let mates = ground::mates(tx, county, &class)?;
        let [marked, reported] = [&marks, &meals].map(|scope| mates.are_theirs(scope));
        if !marked && !reported {
            continue;
        }
        let size = mates.0.len();
        taken += size;
        // Who only counts meals needs no names.
        let along = marked && taken <= TAKEN_ALONG;
        let pupils = mates.0.into_iter().filter(|_| along).map(|m| (m.id, m.name)).collect();
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
