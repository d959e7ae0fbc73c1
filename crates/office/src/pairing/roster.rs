//! Mentors and pairs from rosters: teachers in service, and whom the offices' own lists of pairs name.

use std::collections::{BTreeMap, BTreeSet};

use fujiao_model::{Field, Fields, PartialDate, RosterKind, Sex};
use fujiao_store::{Mentor, Pair, Tx};
use jiff::civil::Date;

use super::inputs::{SUBJECTS, live_pairs};
use super::rows::key_of;
use crate::access::Actor;
use crate::natural_key::natural_key;
use crate::{Office, OfficeError};

/// What rosters brought.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Refreshed {
    /// Mentors who were not on the list.
    pub added: usize,
    /// Mentors of whom a roster says something else now.
    pub changed: usize,
    /// Pairs that a roster names and that were not in the books.
    pub paired: usize,
    /// Pairs that no roster names any more.
    pub ended: usize,
}

impl Office {
    /// Brings mentors and pairs up to what the rosters of teachers and of pairs say. What was written by hand stays.
    ///
    /// # Errors
    /// [`super::PairError::WholeCounty`]; what the store says.
    pub fn pair_refresh(&self, actor: &Actor) -> Result<Refreshed, OfficeError> {
        super::whole(actor)?;
        let county = self.county_code()?;
        self.store.write(|tx| {
            let day = crate::entries::today(tx, county, actor)?;
            let found = refresh(tx, county, actor, day)?;
            super::mentors::note(
                tx,
                county,
                actor,
                "refresh mentors",
                "mentors",
                &format!(
                    "added {} changed {} paired {} ended {}",
                    found.added, found.changed, found.paired, found.ended
                ),
            )?;
            Ok(found)
        })
    }
}

/// Schools by the names under which rosters write them, and where each stands.
struct Schools {
    by_name: BTreeMap<String, u64>,
    all: BTreeMap<u64, fujiao_store::School>,
}

impl Schools {
    fn read(tx: &mut Tx, county: u32) -> Result<Self, OfficeError> {
        let (mut by_name, mut all) = (BTreeMap::new(), BTreeMap::new());
        for school in tx.schools(county)? {
            for name in school.aliases.iter().chain([&school.name]) {
                by_name.insert(name.clone(), school.id);
            }
            all.insert(school.id, school);
        }
        Ok(Self { by_name, all })
    }
}

/// As [`Office::pair_refresh`], within a use case.
pub(super) fn refresh(
    tx: &mut Tx,
    county: u32,
    actor: &Actor,
    day: Date,
) -> Result<Refreshed, OfficeError> {
    let schools = Schools::read(tx, county)?;
    let mut list = List::new(tx.mentors(county)?);
    for row in tx.rows_of_kind(county, RosterKind::Teachers, None)? {
        if let Some(seen) = teacher(&row.row.fields, row.person, row.school, &schools) {
            list.meet(seen);
        }
    }
    let mut named: Vec<(u64, usize, Date, [u8; 16])> = Vec::new();
    let mut told = BTreeSet::new();
    let keys = tx.keys().clone();
    for row in tx.rows_of_kind(county, RosterKind::Pairings, None)? {
        let (person, school) = (row.person, row.school);
        let fields = &row.row.fields;
        let from = fields.date(Field::PairedFrom).map_or(day, PartialDate::earliest);
        let ended = fields.date(Field::PairedTo).is_some_and(|to| to.latest() < day);
        let (Some(person), false) = (person, ended || from > day) else { continue };
        let Some(seen) = of_pairing(fields, school, &schools) else { continue };
        let key = natural_key(&keys, RosterKind::Pairings, fields, 0);
        let mentor = list.meet(seen);
        named.push((person, mentor, from, key));
        told.insert(key);
    }
    let (added, changed) = list.save(tx, county, actor)?;
    let mut found = Refreshed { added, changed, ..Refreshed::default() };
    let live = live_pairs(tx, county)?;
    // A pair of a roster ends when no roster names it any more; without any roster nothing is said.
    if !told.is_empty() {
        let gone: Vec<u64> = live
            .values()
            .filter(|p| p.run.is_none() && !told.contains(&p.row_key))
            .map(|p| p.number)
            .collect();
        tx.end_pairs(county, &gone, day, "名册上不再有")?;
        found.ended = gone.len();
    }
    let stands: BTreeSet<u64> = live
        .iter()
        .filter(|(_, p)| p.run.is_some() || told.contains(&p.row_key))
        .map(|(person, _)| *person)
        .collect();
    let mut fresh: BTreeMap<u64, Pair> = BTreeMap::new();
    for (person, at, from, row_key) in named {
        let mentor = &list.all[at];
        // Rows that accepted runs wrote are in the books already.
        let own = row_key == key_of(tx.keys(), person, mentor.number, from);
        if stands.contains(&person) || own || mentor.left.is_some() {
            continue;
        }
        fresh.entry(person).or_insert(Pair {
            number: 0,
            person,
            mentor: mentor.number,
            from,
            ended: None,
            run: None,
            row_key,
        });
    }
    found.paired = fresh.len();
    tx.add_pairs(county, &fresh.into_values().collect::<Vec<_>>())?;
    Ok(found)
}

/// Somebody whom a roster names.
struct Seen {
    name: String,
    sex: Option<Sex>,
    unit: String,
    school: Option<u64>,
    place: Option<fujiao_model::Division>,
    subjects: Vec<String>,
    boards_duty: bool,
    person: Option<u64>,
    phone: String,
    language: Option<String>,
    source: &'static str,
}

/// Who teaches or looks after boarders, and is in service.
fn teacher(
    fields: &Fields,
    person: Option<u64>,
    school: Option<u64>,
    schools: &Schools,
) -> Option<Seen> {
    let text = |field| fields.text(field).unwrap_or_default();
    let (kind, status, subject) =
        (text(Field::StaffKind), text(Field::StaffStatus), text(Field::Subject));
    let away = ["退休", "离职", "离岗", "调出", "死亡", "病休"].iter().any(|w| status.contains(w));
    let boards_duty = kind.contains("生活") || kind.contains("宿管");
    let teaches = !subject.is_empty() || kind.contains("教师") || kind.contains("专任");
    if away || !(teaches || boards_duty) {
        return None;
    }
    let name = text(Field::Name);
    if name.is_empty() {
        return None;
    }
    let known = school.and_then(|id| schools.all.get(&id));
    let subjects = SUBJECTS
        .iter()
        .filter(|(_, word)| subject.contains(word) || (*word == "英语" && subject.contains("外语")))
        .map(|(_, word)| (*word).to_owned())
        .collect();
    Some(Seen {
        name: name.to_owned(),
        sex: fields
            .text(Field::Sex)
            .and_then(Sex::parse)
            .or_else(|| fields.id(Field::CitizenId).map(|id| id.sex())),
        unit: known.map_or_else(|| text(Field::School).to_owned(), |s| s.name.clone()),
        school,
        place: known.and_then(|s| s.village.or(s.town)),
        subjects,
        boards_duty,
        person,
        phone: text(Field::Phone).to_owned(),
        language: fields.text(Field::Ethnicity).map(str::to_owned),
        source: "teachers",
    })
}

/// The mentor whom a row of a list of pairs names.
fn of_pairing(fields: &Fields, school: Option<u64>, schools: &Schools) -> Option<Seen> {
    let name = fields.text(Field::MentorName)?.trim();
    if name.is_empty() {
        return None;
    }
    let unit = fields.text(Field::MentorUnit).unwrap_or_default().trim();
    // The unit is the pupil's own school where it is written like it.
    let own = fields.text(Field::School).is_some_and(|s| s.trim() == unit);
    let school = schools.by_name.get(unit).copied().or_else(|| school.filter(|_| own));
    let known = school.and_then(|id| schools.all.get(&id));
    Some(Seen {
        name: name.to_owned(),
        sex: fields.id(Field::MentorId).map(|id| id.sex()),
        unit: known.map_or_else(|| unit.to_owned(), |s| s.name.clone()),
        school,
        place: known.and_then(|s| s.village.or(s.town)),
        subjects: Vec::new(),
        boards_duty: false,
        person: None,
        phone: fields.text(Field::MentorPhone).unwrap_or_default().to_owned(),
        language: None,
        source: "pairings",
    })
}

/// The list of mentors while rosters are read.
struct List {
    all: Vec<Mentor>,
    /// How many were there before.
    before: usize,
    changed: BTreeSet<usize>,
    by_person: BTreeMap<u64, usize>,
    /// Those of one name and unit; more than one where two are called alike.
    by_name: BTreeMap<(String, String), Vec<usize>>,
}

impl List {
    fn new(all: Vec<Mentor>) -> Self {
        let before = all.len();
        let by_person =
            all.iter().enumerate().filter_map(|(at, m)| Some((m.person?, at))).collect();
        let mut by_name: BTreeMap<_, Vec<usize>> = BTreeMap::new();
        for (at, m) in all.iter().enumerate() {
            by_name.entry((m.name.clone(), m.unit.clone())).or_default().push(at);
        }
        Self { all, before, changed: BTreeSet::new(), by_person, by_name }
    }

    /// The position of somebody whom a roster names, put on the list if they are not.
    fn meet(&mut self, seen: Seen) -> usize {
        let alike = self.by_name.get(&(seen.name.clone(), seen.unit.clone()));
        let known = match seen.person {
            Some(person) => self.by_person.get(&person).copied().or_else(|| {
                // One of that name whom no register has tied to anybody yet.
                alike?.iter().copied().find(|at| self.all[*at].person.is_none())
            }),
            None => alike.and_then(|all| all.first()).copied(),
        };
        if let Some(at) = known {
            let m = &mut self.all[at];
            let before = m.clone();
            if seen.source == "teachers" {
                m.person = seen.person.or(m.person);
                if m.source != "hand" {
                    m.unit = seen.unit;
                    m.school = seen.school.or(m.school);
                    m.subjects = seen.subjects;
                    m.boards_duty |= seen.boards_duty;
                }
            }
            m.sex = m.sex.or(seen.sex);
            m.town = m.town.or(seen.place.map(fujiao_model::Division::town));
            m.village = m.village.or(seen.place.filter(|p| *p != p.town()));
            if m.phone.is_empty() {
                m.phone = seen.phone;
            }
            if *m != before {
                self.changed.insert(at);
            }
            if let Some(person) = m.person {
                self.by_person.insert(person, at);
            }
            return at;
        }
        let at = self.all.len();
        self.by_name.entry((seen.name.clone(), seen.unit.clone())).or_default().push(at);
        if let Some(person) = seen.person {
            self.by_person.insert(person, at);
        }
        self.all.push(Mentor {
            number: 0,
            kind: "teacher".to_owned(),
            name: seen.name,
            sex: seen.sex,
            town: seen.place.map(fujiao_model::Division::town),
            village: seen.place.filter(|p| *p != p.town()),
            unit: seen.unit,
            school: seen.school,
            languages: seen.language.filter(|l| l != "汉族").into_iter().collect(),
            subjects: seen.subjects,
            boards_duty: seen.boards_duty,
            cap: None,
            person: seen.person,
            user: None,
            source: seen.source.to_owned(),
            signed_on: None,
            left: None,
            phone: seen.phone,
            made_at: jiff::Timestamp::UNIX_EPOCH,
            made_by: String::new(),
        });
        at
    }

    /// Books who is new and who changed: how many of each.
    fn save(
        &mut self,
        tx: &mut Tx,
        county: u32,
        actor: &Actor,
    ) -> Result<(usize, usize), OfficeError> {
        for m in &mut self.all[self.before..] {
            m.made_at = actor.at;
            m.made_by.clone_from(&actor.login);
        }
        let first = tx.add_mentors(county, &self.all[self.before..])?;
        for (number, m) in (first..).zip(&mut self.all[self.before..]) {
            m.number = number;
        }
        let changed: Vec<usize> =
            self.changed.iter().copied().filter(|at| *at < self.before).collect();
        for at in &changed {
            tx.set_mentor(county, &self.all[*at])?;
        }
        Ok((self.all.len() - self.before, changed.len()))
    }
}
