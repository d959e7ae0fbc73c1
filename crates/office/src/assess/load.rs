//! From live source rows to registers: read, link, and say who is who.

use std::collections::BTreeMap;
use std::sync::Arc;

use fujiao_link::{Decision, Mention, Mentions, Settings};
use fujiao_model::{
    Division, EnrolmentStatus, ExemptionKind, Field, Fields, Grade, HouseholdKind, LabourAbility,
    PartialDate, Relation, Residence, RosterKind, Sex, Stage, Term,
};
use fujiao_store::{self as store, StoredRow};
use jiff::civil::Date;
use rayon::prelude::*;
use sha2::{Digest, Sha256};

use super::Registers;
use super::asks::{Asks, LEAST};
use crate::corrections::Overlay;
use crate::import::name_of;
use crate::registers::enrolments::{counting_on, enrolments, of_year};
use crate::registers::former::Former;
use crate::registers::places::Places;
use crate::registers::schools::{School, Schools};
use crate::registers::standing::{Standing, Standings};
use crate::registers::{ByKind, Row, people};
use crate::{Office, OfficeError, Rulebook};

/// Rows in memory, with the file of each and the key by which people's decisions know it.
pub(crate) struct Loaded {
    pub rows: Vec<Row>,
    /// Position in `files` and where in the file: sheet name and row number.
    pub origins: Vec<(u32, u16, u32)>,
    pub files: Vec<FileNames>,
    pub decisions: Vec<Decision>,
    /// What earlier assessments did to persons.
    pub former: Former,
    /// Hash of all that went in, in the order of the rows.
    pub content_hash: String,
}

/// A file's name as handed over and its sheets' names.
#[derive(Clone, Debug, Default)]
pub(crate) struct FileNames {
    pub name: String,
    pub sheets: Vec<String>,
}

impl Office {
    /// All live rows of the county.
    pub(super) fn load(&self, county: u32) -> Result<Loaded, OfficeError> {
        let (stored, files, sheets, people, keys, decided, corrected, events, overlay) =
            self.store.read(|tx| {
                let people = tx.links(county)?;
                // Before the first assessment there is nobody whom a correction could carry on.
                let corrected = if people.is_empty() { Vec::new() } else { tx.superseded(county)? };
                Ok::<_, OfficeError>((
                    tx.rows(county)?,
                    tx.files(county)?,
                    tx.sheets(county)?,
                    people,
                    tx.live_keys(county)?,
                    tx.decisions(county)?,
                    corrected,
                    tx.person_events(county)?,
                    Overlay::read(tx, county)?,
                ))
            })?;
        if stored.is_empty() {
            return Err(OfficeError::NoRosters);
        }
        let mut names: Vec<FileNames> =
            files.iter().map(|f| FileNames { name: name_of(f), sheets: vec![] }).collect();
        let at_of: BTreeMap<u64, u32> = files.iter().zip(0..).map(|(f, at)| (f.id, at)).collect();
        for (file, sheet) in sheets {
            names[at_of[&file] as usize].sheets.push(sheet.name);
        }
        let mut hash = Sha256::new();
        for key in &keys {
            hash.update(key.fingerprint);
        }
        if !overlay.is_empty() {
            hash.update(overlay.digest(&self.keys));
        }
        let digest: [u8; 16] = hash.finalize()[..16].try_into().expect("32 bytes hold 16");
        let content_hash = format!("{:032x}", u128::from_be_bytes(digest));
        let row_of: BTreeMap<[u8; 16], u64> =
            keys.iter().map(|k| (k.natural_key, k.row_id)).collect();
        let decisions = decided
            .iter()
            .filter(|d| d.undone.is_none())
            .filter_map(|d| {
                let (left, right) = (*row_of.get(&d.left)?, *row_of.get(&d.right)?);
                Some(if d.same {
                    Decision::Same(left, right)
                } else {
                    Decision::Different(left, right)
                })
            })
            .collect();
        let by: BTreeMap<u64, u64> = corrected.iter().map(|s| (s.row_id, s.by)).collect();
        let live = |mut row: u64| {
            while let Some(next) = by.get(&row) {
                row = *next;
            }
            row
        };
        let former = Former::of(events.iter().map(|(_, event)| event), live);
        // A correction is about the person whom the corrected row was about.
        let carried: BTreeMap<u64, u64> = people
            .iter()
            .filter(|link| by.contains_key(&link.row_id))
            .filter_map(|link| Some((live(link.row_id), link.person?)))
            .collect();
        let mut origins = Vec::with_capacity(stored.len());
        let mut rows = Vec::with_capacity(stored.len());
        let mut known = people.into_iter().peekable();
        // Both are the live rows in the order of their ids.
        let mut key_of = keys.iter().peekable();
        for StoredRow { row_id, file_id, row } in stored {
            while known.next_if(|link| link.row_id < row_id).is_some() {}
            let person_id =
                known.next_if(|link| link.row_id == row_id).and_then(|link| link.person);
            let person_id = person_id.or_else(|| carried.get(&row_id).copied());
            let file = at_of[&file_id];
            origins.push((file, row.sheet, row.row));
            let origin = origin(&files[file as usize].sha256, row.sheet, row.row);
            let mut fields = row.fields;
            if !overlay.is_empty() {
                while key_of.next_if(|key| key.row_id < row_id).is_some() {}
                if let Some(key) = key_of.next_if(|key| key.row_id == row_id) {
                    overlay.lay_over(&key.natural_key, &mut fields);
                }
            }
            rows.push(Row { id: row_id, kind: row.kind, fields, origin, person_id });
        }
        Ok(Loaded { rows, origins, files: names, decisions, former, content_hash })
    }
}

/// What a row is called for ever: from its file's content, not its name or place.
fn origin(sha256: &[u8; 32], sheet: u16, row: u32) -> u64 {
    let mut hash = Sha256::new();
    hash.update(sha256);
    hash.update(sheet.to_le_bytes());
    hash.update(row.to_le_bytes());
    u64::from_be_bytes(hash.finalize()[..8].try_into().expect("32 bytes hold 8")) >> 1
}

/// The school year that a row speaks of.
pub(crate) fn school_year(fields: &Fields) -> Option<i16> {
    let day = |field| fields.date(field).map(|d: PartialDate| Term::of(d.earliest()).school_year());
    fields.term(Field::Term).map(Term::school_year).or_else(|| {
        [Field::Month, Field::AbsentFrom, Field::ContactOn, Field::PaidOn].into_iter().find_map(day)
    })
}

/// The school that each row names (`u32::MAX`: none), pupils' schools entered in the register where they are new.
pub(super) fn name_schools(rows: &[Row], by_kind: &ByKind, schools: &mut Schools) -> Vec<u32> {
    let mut entered = std::collections::BTreeSet::new();
    for &at in by_kind.get(RosterKind::Enrolments) {
        let fields = &rows[at as usize].fields;
        if let Some(name) = fields.text(Field::School)
            && entered.insert(name)
        {
            schools.enter(fields);
        }
    }
    let schools = &*schools;
    let named = rows.par_chunks(CHUNK).flat_map_iter(|rows| {
        let mut known = BTreeMap::new();
        rows.iter().map(move |row| schools.of(&row.fields, &mut known).unwrap_or(u32::MAX))
    });
    named.collect()
}

/// Rows that one thread takes at a time.
const CHUNK: usize = 16_384;

/// Who is who: the cluster of each row (`u32::MAX` for rows about nobody), and the pairs in doubt.
pub(super) fn link(
    loaded: &Loaded,
    by_kind: &ByKind,
    place_of: &[Option<Division>],
    school_of: &[u32],
    ask_at_most: usize,
) -> (Vec<u32>, Asks) {
    let rows = &loaded.rows;
    let mut mentions = Mentions::with_capacity(rows.len());
    let mut row_of_mention: Vec<u32> = Vec::with_capacity(rows.len());
    let mut lists: BTreeMap<(RosterKind, u32, i16), u32> = BTreeMap::new();
    for kind in RosterKind::ALL.iter().copied().filter(|k| k.is_about_persons()) {
        for chunk in by_kind.get(kind).chunks(CHUNK) {
            let said: Vec<Said<'_>> = chunk
                .par_iter()
                .map(|&at| {
                    Said::of(&rows[at as usize], place_of[at as usize], school_of[at as usize])
                })
                .collect();
            for (&at, said) in chunk.iter().zip(&said) {
                let mut mention = said.mention;
                let list = if kind.lists_persons_once() {
                    Some((kind, 0, 0))
                } else if kind == RosterKind::Enrolments {
                    mention.school.map(|s| (kind, s, mention.school_year.unwrap_or(0)))
                } else {
                    None
                };
                let next = u32::try_from(lists.len()).expect("few lists");
                mention.list = list.map(|key| *lists.entry(key).or_insert(next));
                let phones: Vec<&str> = said.phones.iter().copied().flatten().collect();
                mentions.push(&Mention { phones: &phones, ..mention });
                row_of_mention.push(at);
            }
        }
    }
    let settings = Settings { ask_from: LEAST, ..Settings::default() };
    let linkage = fujiao_link::link(&mentions, &settings, &loaded.decisions);
    let mut cluster = vec![u32::MAX; rows.len()];
    for (mention, &of) in linkage.cluster.iter().enumerate() {
        cluster[row_of_mention[mention] as usize] = row_of_mention[of as usize];
    }
    let asks = Asks::of(&linkage, &mentions, rows, &row_of_mention, ask_at_most);
    (cluster, asks)
}

/// What a row says of its person, as linking asks for it.
struct Said<'a> {
    mention: Mention<'a>,
    phones: [Option<&'a str>; 2],
}

impl<'a> Said<'a> {
    fn of(row: &'a Row, place: Option<Division>, school: u32) -> Self {
        let fields = &row.fields;
        let name = fields.text(Field::Name).unwrap_or_default();
        let other = |field| fields.text(field).filter(|other| *other != name);
        let mention = Mention {
            key: row.id,
            name,
            id: fields.id(Field::CitizenId),
            id_as_written: fields.text(Field::IdAsWritten),
            student_no: fields.text(Field::StudentNo),
            born: fields.date(Field::BirthDate),
            born_about: None,
            sex: fields.text(Field::Sex).and_then(Sex::parse),
            town: place.map(|d| small(d) / 1_000),
            village: place.map(small).filter(|v| v % 1_000 != 0),
            school: Some(school).filter(|s| *s != u32::MAX),
            school_year: school_year(fields),
            grade: fields.text(Field::Grade).and_then(Grade::parse),
            class: fields.text(Field::Class),
            guardian: other(Field::GuardianName).or_else(|| other(Field::HeadName)),
            phones: &[],
            account: fields.text(Field::BankAccount),
            household: fields.text(Field::HouseholdNo),
            relation: fields.text(Field::Relation).and_then(Relation::parse),
            roster: row.kind as u16,
            list: None,
        };
        Self { mention, phones: [Field::Phone, Field::GuardianPhone].map(|f| fields.text(f)) }
    }
}

/// The last six digits of a place: town and village.
fn small(place: Division) -> u32 {
    u32::try_from(place.code() % 1_000_000).expect("six digits")
}

impl Registers {
    /// The registers of the linked rows, as of a day.
    #[expect(clippy::too_many_arguments, reason = "all that linking found")]
    pub(super) fn build(
        rules: Arc<Rulebook>,
        loaded: Loaded,
        by_kind: ByKind,
        places: Places,
        schools: Schools,
        school_of: Vec<u32>,
        place_of: &[Option<Division>],
        cluster: &[u32],
        county: Division,
        as_of: Date,
    ) -> Self {
        let rows = loaded.rows;
        let (mut persons, person_of) = people::persons(&rows, cluster, place_of, &loaded.former);
        let households = people::households(&rows, &by_kind, &person_of, &mut persons);
        let standings = Standings::of(&rows, &by_kind, &person_of, persons.len());
        let term = Term::of(as_of);
        let enrolments = enrolments(&rows, &by_kind, &person_of, &schools, &school_of, term);

        let mut residence = vec![None; persons.len()];
        let mut labour = vec![None; persons.len()];
        let mut on_poor_list = vec![None; persons.len()];
        for &at in by_kind.get(RosterKind::Residents) {
            let state = rows[at as usize].fields.text(Field::Residence).and_then(Residence::parse);
            residence[person_of[at as usize] as usize] = Some(state.unwrap_or(Residence::Present));
        }
        for &at in
            by_kind.get(RosterKind::PoorHouseholds).iter().chain(by_kind.get(RosterKind::Labour))
        {
            let person = person_of[at as usize] as usize;
            if let Some(ability) =
                rows[at as usize].fields.text(Field::LabourAbility).and_then(LabourAbility::parse)
            {
                labour[person].get_or_insert(ability);
            }
            if rows[at as usize].kind == RosterKind::PoorHouseholds {
                on_poor_list[person] = Some(at);
            }
        }
        let mut listed = vec![Vec::new(); households.len()];
        for (person, row) in on_poor_list.iter().enumerate() {
            if let (Some(_), Some(household)) = (row, persons[person].household) {
                listed[household as usize]
                    .push(u32::try_from(person).expect("persons fit 32 bits"));
            }
        }
        let mut exemptions: BTreeMap<u32, Vec<u32>> = BTreeMap::new();
        for &at in by_kind.get(RosterKind::Exemptions) {
            exemptions.entry(person_of[at as usize]).or_default().push(at);
        }
        let acts_for =
            (0..persons.len()).map(|p| u32::try_from(p).expect("persons fit 32 bits")).collect();
        Self {
            rules,
            as_of,
            acts_for,
            term,
            county,
            rows,
            origins: loaded.origins,
            files: loaded.files,
            content_hash: loaded.content_hash,
            by_kind,
            places,
            schools,
            school_of,
            persons,
            person_of,
            households,
            standings,
            enrolments,
            residence,
            labour,
            on_poor_list,
            listed,
            exemptions,
            recognised: BTreeMap::new(),
        }
    }

    /// Lets the deeds of somebody who is known by rows of deeds alone count for the likeliest person of whom it was asked
    /// whether they are the same. `asked`: two rows and their match weight.
    pub(super) fn let_doubtful_deeds_count(&mut self, asked: &[(u32, u32, f64)]) {
        let mut known = vec![false; self.persons.len()];
        for (row, &person) in self.rows.iter().zip(&self.person_of) {
            if person != u32::MAX && !is_of_deeds(row.kind) {
                known[person as usize] = true;
            }
        }
        let mut best: BTreeMap<u32, (f64, u32)> = BTreeMap::new();
        for &(left, right, weight) in asked {
            let (a, b) = (self.person_of[left as usize], self.person_of[right as usize]);
            for (loose, other) in [(a, b), (b, a)] {
                if !known[loose as usize] && known[other as usize] {
                    let likeliest = best.entry(loose).or_insert((weight, other));
                    if weight > likeliest.0 {
                        *likeliest = (weight, other);
                    }
                }
            }
        }
        for (loose, (_, other)) in best {
            self.acts_for[loose as usize] = other;
        }
    }

    /// For whom the deed of a row counts.
    pub(crate) fn actor_of(&self, row: u32) -> u32 {
        self.acts_for.get(self.person_of[row as usize] as usize).copied().unwrap_or(u32::MAX)
    }

    /// Whether a person stands in the household register and has neither moved out nor died.
    pub(crate) fn is_present(&self, person: u32) -> bool {
        self.residence[person as usize] == Some(Residence::Present)
    }

    /// The row of an exemption that holds on a day.
    pub(crate) fn exemption_on(&self, person: u32, day: Date) -> Option<u32> {
        self.exemptions.get(&person)?.iter().copied().find(|&at| {
            let fields = &self.rows[at as usize].fields;
            fields.text(Field::ExemptionKind).and_then(ExemptionKind::parse).is_some()
                && fields.date(Field::ValidFrom).is_none_or(|d| d.earliest() <= day)
                && fields.date(Field::ValidTo).is_none_or(|d| day <= d.latest())
        })
    }

    /// Labour ability by the lists of 农业农村 or 人社.
    pub(crate) fn labour_ability(&self, person: u32) -> Option<LabourAbility> {
        self.labour[person as usize]
    }

    /// The members of a household whom 农业农村 lists.
    pub(crate) fn listed_members(&self, household: u32) -> &[u32] {
        &self.listed[household as usize]
    }

    /// The school that a row names.
    pub(super) fn school_of_row(&self, row: u32) -> Option<&School> {
        self.schools.all.get(self.school_of[row as usize] as usize)
    }

    /// Where a school is.
    pub(super) fn school_place(&self, school: Option<u32>) -> Option<Division> {
        self.schools.all[school? as usize].town
    }

    /// The county itself.
    pub(crate) fn county_division(&self) -> Division {
        self.county
    }

    /// School days by year and month, as the calendar gives them.
    pub(crate) fn school_days(&self) -> BTreeMap<(i16, i8), i64> {
        self.by_kind
            .get(RosterKind::Calendar)
            .iter()
            .filter_map(|&at| {
                let fields = &self.rows[at as usize].fields;
                let (year, month, _) = fields.date(Field::Month)?.parts();
                Some(((year, month?), fields.number(Field::SchoolDays)?))
            })
            .collect()
    }

    /// Days absent by person and month. An absence never spans two months.
    pub(super) fn absent_days(&self) -> BTreeMap<(u32, i16, i8), i64> {
        let mut days = BTreeMap::new();
        for &at in self.by_kind.get(RosterKind::Absences) {
            let fields = &self.rows[at as usize].fields;
            let Some((year, Some(month), _)) =
                fields.date(Field::AbsentFrom).map(PartialDate::parts)
            else {
                continue;
            };
            *days.entry((self.actor_of(at), year, month)).or_insert(0) +=
                fields.number(Field::AbsentDays).unwrap_or(0);
        }
        days
    }

    /// Staff in service and in quota, by school.
    pub(super) fn staff_in_quota(&self) -> BTreeMap<u32, i64> {
        let mut staff = BTreeMap::new();
        for &at in self.by_kind.get(RosterKind::Teachers) {
            let fields = &self.rows[at as usize].fields;
            let serves =
                fields.text(Field::StaffStatus).is_none_or(|s| s.contains("在岗") || s == "在职");
            if serves
                && fields.flag(Field::InQuota) == Some(true)
                && self.school_of[at as usize] != u32::MAX
            {
                *staff.entry(self.school_of[at as usize]).or_insert(0) += 1;
            }
        }
        staff
    }

    /// Lets schools be open or closed as their turns say that people wrote down; where they wrote nothing, as the roster says.
    pub(super) fn follow_turns(&mut self, turns: &[store::SchoolTurn]) {
        let mut hash = Sha256::new();
        let mut any = false;
        for school in &mut self.schools.all {
            let last = turns.iter().filter(|t| t.school == school.id && t.on <= self.as_of);
            let Some(last) = last.max_by_key(|t| t.on) else { continue };
            (school.closed, school.ended) = match last.turn.as_str() {
                "merged" => (true, (Some(last.on), last.other)),
                "closed" => (true, (Some(last.on), None)),
                _ => (false, (None, None)),
            };
            any = true;
            hash.update(format!("{} {} {}\n", school.id, last.turn, last.on));
        }
        if any {
            let digest: [u8; 8] = hash.finalize()[..8].try_into().expect("32 bytes hold 8");
            self.content_hash =
                format!("{}+t{:016x}", self.content_hash, u64::from_be_bytes(digest));
        }
    }

    /// Lays over what was recognised: person, school year, level.
    pub(super) fn recognise(&mut self, recognised: Vec<(u64, i16, String)>) {
        if recognised.is_empty() {
            return;
        }
        let mut hash = Sha256::new();
        for (person, year, level) in recognised {
            hash.update(format!("{person} {year} {level}\n"));
            self.recognised.insert((person, year), level);
        }
        let digest: [u8; 8] = hash.finalize()[..8].try_into().expect("32 bytes hold 8");
        self.content_hash = format!("{}+h{:016x}", self.content_hash, u64::from_be_bytes(digest));
    }

    /// The registers as the store keeps them.
    #[expect(clippy::too_many_lines, reason = "one line a column")]
    pub(super) fn for_store(&self) -> StoredRegisters {
        let year = of_year(&self.enrolments, self.term.school_year());
        let mut enrolled = vec![None; self.persons.len()];
        for e in counting_on(year, self.as_of) {
            enrolled[e.person as usize] = Some(e);
        }
        let mut rows_of = vec![0_u32; self.persons.len()];
        let mut accounts: Vec<Vec<String>> = vec![Vec::new(); self.persons.len()];
        let mut relations = vec![None; self.persons.len()];
        for (at, &person) in self.person_of.iter().enumerate() {
            if person == u32::MAX {
                continue;
            }
            rows_of[person as usize] += 1;
            let fields = &self.rows[at].fields;
            if let Some(account) = fields.text(Field::BankAccount)
                && !accounts[person as usize].iter().any(|a| a == account)
            {
                accounts[person as usize].push(account.to_owned());
            }
            if matches!(self.rows[at].kind, RosterKind::PoorHouseholds | RosterKind::Residents)
                && let Some(relation) = fields.text(Field::Relation).and_then(Relation::parse)
            {
                relations[person as usize].get_or_insert(relation);
            }
        }
        let town = |place: Option<Division>| place.map(Division::town);
        let village = |place: Option<Division>| place.filter(|p| p.town() != *p);
        let school_id = |at: u32| self.schools.all[at as usize].id;
        let persons = (0..self.persons.len())
            .into_par_iter()
            .map(|at| {
                let person = &self.persons[at];
                let now = enrolled[at];
                let mut flags: Vec<String> = self
                    .standings
                    .on(u32::try_from(at).expect("persons fit 32 bits"), self.as_of)
                    .map(|d| standing_code(d.standing).to_owned())
                    .collect();
                flags.sort();
                flags.dedup();
                store::Person {
                    id: person.id,
                    name: person.name.clone(),
                    citizen_id: person.citizen_id,
                    phones: person.phone.iter().chain(&person.guardian_phone).cloned().collect(),
                    accounts: accounts[at].clone(),
                    sex: person.sex,
                    born_on: person.born,
                    ethnicity: person.ethnicity.clone(),
                    town: town(person.place),
                    village: village(person.place),
                    household: person.household.map(|h| self.households[h as usize].id),
                    relation: relations[at],
                    guardian: person.guardian_name.clone(),
                    school: now.and_then(|e| e.school).map(school_id),
                    stage: now.and_then(|e| e.stage),
                    grade: now.and_then(|e| e.grade),
                    class: now
                        .and_then(|e| self.rows[e.row as usize].fields.text(Field::Class))
                        .map(str::to_owned),
                    boarding: now.and_then(|e| e.boarding),
                    residence: self.residence[at],
                    flags,
                    rows: rows_of[at],
                }
            })
            .collect();
        let households = self
            .households
            .iter()
            .zip(&self.listed)
            .map(|(h, listed)| {
                let row = listed.iter().find_map(|&m| self.on_poor_list[m as usize]);
                let fields = row.map(|r| &self.rows[r as usize].fields);
                let kind = fields
                    .and_then(|f| f.text(Field::HouseholdKind))
                    .and_then(HouseholdKind::parse);
                let monitored = listed.iter().any(|&m| {
                    self.standings.on(m, self.as_of).any(|d| d.standing == Standing::Monitored)
                });
                store::Household {
                    id: h.id,
                    number: Some(h.number.clone()),
                    head: Some(self.persons[h.head as usize].id),
                    head_name: Some(self.persons[h.head as usize].name.clone()),
                    kind: kind.unwrap_or(HouseholdKind::Ordinary),
                    monitored,
                    town: town(h.place),
                    village: village(h.place),
                    size: u32::try_from(h.members.len()).expect("households are small"),
                    relocation_site: fields
                        .and_then(|f| f.text(Field::RelocationSite))
                        .map(str::to_owned),
                    row_id: row.map(|r| self.rows[r as usize].id),
                }
            })
            .collect();
        StoredRegisters {
            persons,
            households,
            schools: self.schools_for_store(),
            places: self.places_for_store(),
            grades: self.grades_for_store(),
        }
    }

    fn schools_for_store(&self) -> Vec<store::School> {
        let mut stages: Vec<std::collections::BTreeSet<Stage>> =
            self.schools.all.iter().map(|s| s.stage.into_iter().collect()).collect();
        for e in &self.enrolments {
            if let (Some(school), Some(stage)) = (e.school, e.stage)
                && e.status == EnrolmentStatus::Active
            {
                stages[school as usize].insert(stage);
            }
        }
        self.schools
            .all
            .iter()
            .zip(stages)
            .map(|(s, stages)| {
                let fields = s.row.map(|r| &self.rows[r as usize].fields);
                let degrees =
                    |field| fields.and_then(|f: &Fields| f.number(field)).map(thousandths);
                let parent = fields
                    .and_then(|f| f.text(Field::ParentSchool))
                    .and_then(|name| self.schools.named(name));
                store::School {
                    id: s.id,
                    code: s.code.map(|c| c.to_string()),
                    name: s.name.clone(),
                    aliases: vec![],
                    kind: Some(s.kind.clone()).filter(|k| !k.is_empty()),
                    stages: stages.into_iter().collect(),
                    parent: s.ended.1.or_else(|| parent.map(|p| self.schools.all[p as usize].id)),
                    town: s.town.map(Division::town),
                    village: village_of(s.town),
                    rural: s.rural,
                    point: degrees(Field::Longitude).zip(degrees(Field::Latitude)),
                    closed_on: s.ended.0,
                    row_id: s.row.map(|r| self.rows[r as usize].id),
                }
            })
            .collect()
    }

    /// Pupils who counted in each school year, in autumn or, in the year of the assessment, on its day.
    fn grades_for_store(&self) -> Vec<store::GradeCount> {
        type Key = (i16, Option<Division>, Option<u64>, Stage, fujiao_model::Grade);
        let mut counts: BTreeMap<Key, (u32, u32)> = BTreeMap::new();
        let years: std::collections::BTreeSet<i16> =
            self.enrolments.iter().map(|e| e.school_year).collect();
        for year in years {
            let autumn = jiff::civil::date(year, 10, 1);
            let day = if year == self.term.school_year() { self.as_of } else { autumn };
            for e in counting_on(of_year(&self.enrolments, year), day) {
                let (Some(stage), Some(grade)) = (e.stage, e.grade) else { continue };
                let place = self.persons[e.person as usize].place;
                let school = e.school.map(|s| self.schools.all[s as usize].id);
                let of = counts.entry((year, place, school, stage, grade)).or_default();
                of.0 += 1;
                of.1 += u32::from(e.boarding == Some(fujiao_model::Boarding::Boards));
            }
        }
        counts
            .into_iter()
            .map(|((school_year, place, school, stage, grade), (pupils, boarders))| {
                store::GradeCount { school_year, place, school, stage, grade, pupils, boarders }
            })
            .collect()
    }

    fn places_for_store(&self) -> Vec<store::Place> {
        self.places
            .all
            .iter()
            .map(|p| store::Place {
                code: p.division,
                name: p.name.clone(),
                point: p.at,
                made: p.made,
            })
            .collect()
    }

    /// Whom each row is about, as the store keeps it.
    pub(super) fn links_for_store(&self) -> Vec<store::RowLink> {
        self.rows
            .iter()
            .enumerate()
            .map(|(at, row)| {
                let person = self.person_of[at];
                let person = (person != u32::MAX).then(|| &self.persons[person as usize]);
                store::RowLink {
                    row_id: row.id,
                    person: person.map(|p| p.id),
                    household: person
                        .filter(|_| {
                            matches!(row.kind, RosterKind::Residents | RosterKind::PoorHouseholds)
                        })
                        .and_then(|p| p.household)
                        .map(|h| self.households[h as usize].id),
                    school: self
                        .school_of_row(u32::try_from(at).expect("rows fit 32 bits"))
                        .map(|s| s.id),
                }
            })
            .collect()
    }
}

/// What the store keeps of the registers.
pub(super) struct StoredRegisters {
    pub persons: Vec<store::Person>,
    pub households: Vec<store::Household>,
    pub schools: Vec<store::School>,
    pub places: Vec<store::Place>,
    pub grades: Vec<store::GradeCount>,
}

/// A decimal of a roster as a floating number.
#[expect(clippy::cast_precision_loss, reason = "degrees have few digits")]
fn thousandths(n: i64) -> f64 {
    n as f64 / 1_000.0
}

/// Rosters that say what was done for somebody, not who is there.
fn is_of_deeds(kind: RosterKind) -> bool {
    matches!(
        kind,
        RosterKind::AidPayments
            | RosterKind::MealLists
            | RosterKind::Absences
            | RosterKind::Training
            | RosterKind::Placements
            | RosterKind::CourseAttendance
            | RosterKind::JobProofs
            | RosterKind::Pairings
            | RosterKind::Contacts
            | RosterKind::Marks
            | RosterKind::Loans
            | RosterKind::UniversityAid
            | RosterKind::TeacherReviews
    )
}

fn village_of(place: Option<Division>) -> Option<Division> {
    place.filter(|p| p.town() != *p)
}

fn standing_code(standing: Standing) -> &'static str {
    match standing {
        Standing::Lifted => "lifted",
        Standing::Monitored => "monitored",
        Standing::Disabled => "disabled",
        Standing::LeftBehind => "left_behind",
        Standing::LeftBehindPupil => "left_behind_pupil",
        Standing::Assisted(kind) => kind.code(),
    }
}
