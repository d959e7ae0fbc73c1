//! The children of a day's work: whom to see, and what the way there needs.

use std::collections::BTreeMap;

use fujiao_model::{
    Area, ContactHow, Division, Field, Grade, Period, RosterKind, SubjectKind, Term, Unit, Value,
};
use fujiao_store::{Entry, Person, StoredRow, Tx, V};
use jiff::civil::Date;

use super::rows::TAKEN_BACK;
use super::{What, ground};
use crate::access::{Actor, Right, Scope};
use crate::desk::{Title, shown};
use crate::{Office, OfficeError};

/// How many children a day lists at most: more than anybody can see in a day.
const LISTED: usize = 60;

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

/// A child with its rows.
struct Found {
    person: Person,
    rows: Vec<StoredRow>,
    contact_by: Option<Date>,
}

impl Office {
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
            let child = Found { person, rows, contact_by: None };
            let known = self.told(tx, county, actor, vec![child], day)?;
            Ok(known.into_iter().next().map(|known| (known, day)))
        })
    }

    /// Whom somebody is to see, the most urgent first, and how many there are in all.
    pub(super) fn children(
        &self,
        tx: &mut Tx,
        county: u32,
        actor: &Actor,
        day: Date,
    ) -> Result<(Vec<ToVisit>, usize), OfficeError> {
        let scope = actor.scope(Right::Visit);
        let ids = if scope.is_empty() { Vec::new() } else { waiting(tx, county, &scope, day)? };
        let (mut found, mut in_all) = (Vec::new(), ids.len());
        // Some at a time: who was met this month leaves room for others.
        for part in ids.chunks(LISTED) {
            if found.len() == LISTED {
                break;
            }
            let asked: Vec<u64> = part.iter().map(|(id, _)| *id).collect();
            let mut persons: BTreeMap<u64, Person> =
                tx.persons_of(county, &asked)?.into_iter().map(|p| (p.id, p)).collect();
            let mut rows = tx.rows_about(county, &asked)?;
            for (id, contact) in part {
                if found.len() == LISTED {
                    break;
                }
                let Some(person) = persons.remove(id) else { continue };
                let rows = rows.remove(id).unwrap_or_default();
                if *contact && met_in_month(&rows, day) {
                    in_all -= 1;
                    continue;
                }
                let contact_by = contact.then(|| day.last_of_month());
                found.push(Found { person, rows, contact_by });
            }
        }
        Ok((self.told(tx, county, actor, found, day)?, in_all))
    }

    /// What is known of children, and what is owed to them.
    fn told(
        &self,
        tx: &mut Tx,
        county: u32,
        actor: &Actor,
        found: Vec<Found>,
        day: Date,
    ) -> Result<Vec<ToVisit>, OfficeError> {
        let ids: Vec<u64> = found.iter().map(|f| f.person.id).collect();
        let mut owed = self.owed(tx, county, actor, &ids)?;
        let planned = self.planned(tx, county, actor, day)?;
        let since = day.saturating_sub(jiff::ToSpan::years(1));
        let mut entries: BTreeMap<u64, Vec<Entry>> = BTreeMap::new();
        for entry in tx.entries_about_some(county, SubjectKind::Person, &ids, since)? {
            entries.entry(entry.subject.id).or_default().push(entry);
        }
        let names = Names::of(tx, county, &found)?;
        let known = found.into_iter().map(|Found { person, rows, contact_by }| {
            let written = entries.remove(&person.id).unwrap_or_default();
            let phone = newest_text(&rows, Field::GuardianPhone)
                .map_or_else(String::new, |p| shown(Field::GuardianPhone, &Value::Text(p.into())));
            ToVisit {
                person: person.id,
                school: names.school(&person),
                grade: person.grade,
                place: names.place(&person, &rows),
                phone,
                owed: owed.remove(&person.id).unwrap_or_default(),
                last: last_contacts(actor, &person, &rows, written),
                contact_by,
                planned: planned.get(&person.id).copied(),
                name: person.name,
                class: person.class.unwrap_or_default(),
                guardian: person.guardian.unwrap_or_default(),
            }
        });
        Ok(known.collect())
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

/// The names of schools and places that some children stand at.
struct Names {
    schools: BTreeMap<u64, String>,
    places: BTreeMap<u64, String>,
}

impl Names {
    fn of(tx: &mut Tx, county: u32, found: &[Found]) -> Result<Self, OfficeError> {
        let mut names = Self { schools: BTreeMap::new(), places: BTreeMap::new() };
        let schools = found.iter().filter_map(|f| f.person.school);
        let sql = "select school_id, name from school where county = $1 and school_id in ({ids})";
        tx.each_among(sql, county, schools, |r| {
            names.schools.insert(r.get(0)?, r.get(1)?);
            Ok(())
        })?;
        let places = found.iter().flat_map(|f| divisions(&f.person)).map(Division::code);
        let sql = "select code, name from place where county = $1 and code in ({ids})";
        tx.each_among(sql, county, places, |r| {
            names.places.insert(r.get(0)?, r.get(1)?);
            Ok(())
        })?;
        Ok(names)
    }

    fn school(&self, person: &Person) -> String {
        person.school.and_then(|id| self.schools.get(&id).cloned()).unwrap_or_default()
    }

    /// Town, village and group, in words.
    fn place(&self, person: &Person, rows: &[StoredRow]) -> String {
        let named = divisions(person).filter_map(|d| self.places.get(&d.code()));
        let group = newest_text(rows, Field::VillageGroup);
        named.map(String::as_str).chain(group).collect::<Vec<_>>().join(" ")
    }
}

fn divisions(person: &Person) -> impl Iterator<Item = Division> {
    person.town.into_iter().chain(person.village)
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
            && r.row.fields.text(Field::ContactKind) != Some(TAKEN_BACK)
    })
}

fn newest_text(rows: &[StoredRow], field: Field) -> Option<&str> {
    rows.iter().rev().find_map(|r| r.row.fields.text(field))
}

/// The last three contacts: as written here, or as rosters have them.
fn last_contacts(
    actor: &Actor,
    person: &Person,
    rows: &[StoredRow],
    written: Vec<Entry>,
) -> Vec<LastContact> {
    let on_the_case = actor.scope(Right::Care).reaches(&ground::standing(person));
    let mut last: Vec<LastContact> = Vec::new();
    for entry in written {
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
            || fields.text(Field::ContactKind) == Some(TAKEN_BACK)
        {
            continue;
        }
        let (how, text) = (text(Field::ContactKind), text(Field::Note));
        last.push(LastContact { on, how, author, text });
    }
    last.sort_by(|a, b| b.on.cmp(&a.on));
    last.truncate(3);
    last
}
