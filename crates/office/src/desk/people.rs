//! Persons and households.

use std::collections::{BTreeMap, BTreeSet};

use fujiao_model::{
    AssistanceKind, Boarding, CitizenId, EnrolmentStatus, ExemptionKind, Field, Fields, Grade,
    HouseholdKind, PartialDate, RosterKind, Sex, Subject, SubjectKind, Value,
};
use fujiao_store::{Row, StoreError, StoredRow, Tx, V};
use jiff::civil::Date;

use super::lines::origins;
use super::overview::Overview;
use super::registers::member;
use super::{
    Certificate, DeedLine, DeskError, Enrolled, Event, Fact, HouseholdPage, Line, Member, Origin,
    PersonPage, SchoolRef, SearchPage, Seat, SecretLine, Tally, Title, Who, division, pattern,
};
use crate::access::{Access, Right, Secret, Standing};

/// How many persons a search shows.
const FOUND: i64 = 50;

impl Seat {
    /// One person: facts with their sources, schooling, duties and deeds, papers, family. `None` if there is no such
    /// person.
    ///
    /// # Errors
    /// [`DeskError`] if the books cannot be read.
    pub fn person(&self, id: u64) -> Result<Option<PersonPage>, DeskError> {
        self.actor.must(Right::Names)?;
        self.read(|tx| {
            let overview = self.overview(tx, Right::Names)?;
            let county = overview.head.county;
            if !self.sees_person(tx, county, id)? {
                return Ok(None);
            }
            let today = overview.head.as_of;
            let keys = tx.keys().clone();
            let args: [V; 3] = [county.into(), id.into(), overview.head.run.into()];
            let mut own = None;
            let mut members = tx.query(include_str!("queries/family.sql"), &args, |row| {
                let member = member(row, county, &keys, today)?;
                if member.id == id {
                    let household: Option<u64> = row.get(9)?;
                    let number: Option<String> = row.get(10)?;
                    own = Some((
                        member.clone(),
                        household.map(|h| (h, masked_id_or(&number.unwrap_or_default()))),
                        division(row.get(11)?),
                        row.get::<Option<String>>(12)?.unwrap_or_default(),
                        row.get(13)?,
                    ));
                }
                Ok(member)
            })?;
            let Some((person, household, town, class, rows_count)) = own else { return Ok(None) };
            members.retain(|m| m.id != id);
            if let Some((household, _)) = &household {
                self.reach_of_members(tx, county, *household, &mut members)?;
            }

            let subjects = [
                Some(Subject::person(id)),
                household.as_ref().map(|(h, _)| Subject::household(*h)),
            ];
            let (mut lines, excesses) = self.account(tx, &overview, subjects)?;
            lines.sort_by_key(|l| (std::cmp::Reverse(ends(l)), l.area, l.kind.clone(), l.duty));

            let mut rows = tx.rows_of_person(county, id)?;
            crate::corrections::lay_over(tx, county, id, &mut rows)?;
            let origins = origins(tx, county, rows.iter().map(|r| r.row_id))?;
            let revealed = tx.revealed(county, self.actor.user, id, self.actor.at)?;
            let papers = Papers { rows: &rows, origins: &origins, today, revealed: &revealed };
            let school_ids: BTreeMap<&str, u64> =
                person.school.iter().map(|s| (s.name.as_str(), s.id)).collect();
            let schools =
                person.school.iter().chain(members.iter().filter_map(|m| m.school.as_ref()));
            let open_schools = self.open_schools(tx, county, schools)?;
            Ok(Some(PersonPage {
                open_schools,
                frame: overview.frame(),
                tally: tally_of(&lines, excesses.len()),
                facts: papers.facts(),
                certificates: papers.certificates(),
                schooling: papers.schooling(&school_ids),
                events: papers.events(),
                who: Who {
                    subject: Subject::person(id),
                    name: person.name,
                    detail: person.citizen_id,
                    school: person.school,
                    grade: person.grade,
                    class,
                },
                sex: person.sex,
                age: person.age,
                town: overview.town_of(town),
                household,
                lines,
                excesses,
                members,
                rows: rows_count,
                secrets: self.secrets(&revealed),
            }))
        })
    }

    /// Whom the id of a person stands for today: somebody else where they were merged since; `None` if nobody is left.
    ///
    /// # Errors
    /// [`DeskError`] if the books cannot be read.
    pub fn person_now(&self, id: u64) -> Result<Option<u64>, DeskError> {
        self.read(|tx| {
            let county = self.overview(tx, Right::Names)?.head.county;
            match tx.current_person(county, id)? {
                Some(now) if self.sees_person(tx, county, now)? => Ok(Some(now)),
                _ => Ok(None),
            }
        })
    }

    /// One household: its duties, its members and theirs. `None` if there is no such household.
    ///
    /// # Errors
    /// [`DeskError`] if the books cannot be read.
    pub fn household(&self, id: u64) -> Result<Option<HouseholdPage>, DeskError> {
        self.actor.must(Right::Names)?;
        self.read(|tx| {
            let overview = self.overview(tx, Right::Names)?;
            let county = overview.head.county;
            let args: [V; 3] = [county.into(), id.into(), overview.head.run.into()];
            let found = tx.query_one(include_str!("queries/household.sql"), &args[..2], |row| {
                Ok((
                    masked_id_or(row.get::<Option<&str>>(0)?.unwrap_or_default()),
                    row.get::<Option<String>>(1)?.unwrap_or_default(),
                    row.parse(2, HouseholdKind::parse)?,
                    division(row.get(3)?),
                    row.get::<Option<u64>>(4)?,
                ))
            })?;
            let Some((number, head, kind, place, row_id)) = found else { return Ok(None) };
            let keys = tx.keys().clone();
            let today = overview.head.as_of;
            let mut members = tx.query(include_str!("queries/members.sql"), &args, |row| {
                member(row, county, &keys, today)
            })?;
            self.reach_of_members(tx, county, id, &mut members)?;
            let scope = self.actor.scope(Right::Names);
            let here = Standing { places: place.into_iter().collect(), ..Standing::default() };
            let own = scope.reaches(&here);
            if !own && !members.iter().any(|m| m.in_reach) {
                return Ok(None);
            }
            let subjects = own
                .then(|| Subject::household(id))
                .into_iter()
                .chain(members.iter().filter(|m| m.in_reach).map(|m| Subject::person(m.id)))
                .map(Some);
            let (lines, excesses) = self.account(tx, &overview, subjects)?;
            let tally = tally_of(&lines, excesses.len());
            let mut shown: Vec<Line> = lines
                .into_iter()
                .filter(|l| l.who.subject.kind == SubjectKind::Household || l.gap > 0)
                .collect();
            shown.sort_by_key(|l| {
                (l.who.subject.kind != SubjectKind::Household, std::cmp::Reverse(ends(l)), l.duty)
            });
            let origins = origins(tx, county, row_id)?;
            let schools = members.iter().filter_map(|m| m.school.as_ref());
            let open_schools = self.open_schools(tx, county, schools)?;
            Ok(Some(HouseholdPage {
                open_schools,
                frame: overview.frame(),
                id,
                number,
                head,
                kind: kind
                    .filter(|k| *k != HouseholdKind::Ordinary)
                    .map_or_else(String::new, |k| k.chinese().to_owned()),
                place_name: overview.place_name(place),
                town: overview.town_of(place),
                tally,
                lines: shown,
                members,
                origins: origins.into_values().collect(),
            }))
        })
    }

    /// Duties of some subjects with the deeds for them, and the deeds that stand against none.
    pub(super) fn account(
        &self,
        tx: &mut Tx,
        overview: &Overview,
        subjects: impl IntoIterator<Item = Option<Subject>>,
    ) -> Result<(Vec<Line>, Vec<DeedLine>), DeskError> {
        let Some(run) = overview.head.run else { return Ok((Vec::new(), Vec::new())) };
        let mut args: Vec<V> = vec![overview.head.county.into(), run.into()];
        let mut places = Vec::new();
        for subject in subjects.into_iter().flatten() {
            args.push(subject.kind.code().into());
            args.push(subject.id.into());
            places.push((format!("${}", args.len() - 1), format!("${}", args.len())));
        }
        // One select a subject: with `or` between them the index would be read from end to end.
        let page = |table: &str| {
            let of_one = include_str!("queries/of_subjects.sql").replace("{table}", table);
            let selects: Vec<String> = places
                .iter()
                .map(|(kind, id)| of_one.replace("{kind}", kind).replace("{id}", id))
                .collect();
            selects.join(" union all ")
        };
        let mut lines = self.lines(tx, overview, &page("duty"), "d.duty_id", &args)?;
        lines.retain(|line| overview.areas.contains(&line.area));
        let mut excesses = Vec::new();
        for deed in self.deeds(tx, overview, &page("deed"), "d.done_on, d.deed_id", &args)? {
            if !overview.areas.contains(&deed.area) {
                continue;
            }
            if deed.excess > 0 {
                excesses.push(deed.clone());
            }
            if let Some(line) = lines.iter_mut().find(|l| {
                l.who.subject == deed.who.subject
                    && l.area == deed.area
                    && l.kind == deed.kind
                    && l.period == deed.period
            }) {
                line.deeds.push(deed);
            }
        }
        Ok((lines, excesses))
    }

    /// Persons and schools whose name holds `name`; equal names first.
    ///
    /// # Errors
    /// [`DeskError`] if the books cannot be read.
    pub fn search(&self, name: &str) -> Result<SearchPage, DeskError> {
        self.actor.must(Right::Names)?;
        self.read(|tx| {
            let overview = self.overview(tx, Right::Names)?;
            let county = overview.head.county;
            let name = name.trim();
            let mut page = SearchPage {
                frame: overview.frame(),
                name: name.to_owned(),
                too_short: false,
                persons: Vec::new(),
                persons_total: 0,
                schools: Vec::new(),
                open_schools: BTreeSet::new(),
            };
            // Search first: one character would be a walk through everybody of a surname.
            page.too_short = name.chars().count() < 2;
            if page.too_short {
                return Ok(page);
            }
            let scope = self.actor.scope(Right::Names);
            let mut args: Vec<V> = vec![county.into(), pattern(name).into()];
            let within = scope.persons_sql("q", &mut args);
            let count = include_str!("queries/count_names.sql").replace("{within}", &within);
            page.persons_total = tx.query_one(&count, &args, |row| row.get(0))?.unwrap_or(0);
            let mut args: Vec<V> = vec![
                county.into(),
                pattern(name).into(),
                overview.head.run.into(),
                name.to_owned().into(),
                FOUND.into(),
            ];
            let within = scope.persons_sql("q", &mut args);
            let search = include_str!("queries/search.sql").replace("{within}", &within);
            let keys = tx.keys().clone();
            let today = overview.head.as_of;
            page.persons = tx.query(&search, &args, |row| member(row, county, &keys, today))?;
            let schools = page.persons.iter().filter_map(|m| m.school.as_ref());
            page.open_schools = self.open_schools(tx, county, schools)?;
            let scope = self.actor.scope(Right::Schools);
            tx.each(include_str!("queries/search_schools.sql"), &args[..2], |row| {
                let id = row.get(0)?;
                let places = division(row.get(2)?).into_iter().collect();
                if scope.reaches(&Standing { school: Some(id), places, ..Standing::default() }) {
                    page.schools.push(SchoolRef { id, name: row.get(1)? });
                }
                Ok(())
            })?;
            page.schools.truncate(20);
            Ok(page)
        })
    }

    /// The persons who have this citizen id, found through its keyed hash: more than one where registers disagree.
    ///
    /// # Errors
    /// [`DeskError`] if the books cannot be read.
    pub fn find_id(&self, id: CitizenId) -> Result<Vec<u64>, DeskError> {
        self.read(|tx| {
            let overview = self.overview(tx, Right::Names)?;
            let county = overview.head.county;
            let mut found = tx.persons_of_id(county, id)?;
            let mut seen = Vec::with_capacity(found.len());
            for person in found.drain(..) {
                if self.sees_person(tx, county, person)? {
                    seen.push(person);
                }
            }
            Ok(seen)
        })
    }

    /// Whether somebody is in the actor's reach.
    pub(super) fn sees_person(
        &self,
        tx: &mut Tx,
        county: u32,
        person: u64,
    ) -> Result<bool, DeskError> {
        let scope = self.actor.scope(Right::Names);
        if scope.is_whole() {
            return Ok(true);
        }
        Ok(stands(tx, county, person)?.is_some_and(|who| scope.reaches(&who)))
    }

    /// Of some schools those whose page the actor may open: theirs, or in a place that is.
    fn open_schools<'s>(
        &self,
        tx: &mut Tx,
        county: u32,
        schools: impl Iterator<Item = &'s SchoolRef>,
    ) -> Result<BTreeSet<u64>, DeskError> {
        let mut ids: BTreeSet<u64> = schools.map(|s| s.id).collect();
        let scope = self.actor.scope(Right::Schools);
        if scope.is_whole() || ids.is_empty() {
            return Ok(ids);
        }
        let mut theirs = BTreeSet::new();
        let sql = "select school_id, coalesce(village, town) from school
                    where county = $1 and school_id in ({ids})";
        tx.each_among(sql, county, std::mem::take(&mut ids), |r| {
            let id = r.get(0)?;
            let places = division(r.get(1)?).into_iter().collect();
            if scope.reaches(&Standing { school: Some(id), places, ..Standing::default() }) {
                theirs.insert(id);
            }
            Ok(())
        })?;
        Ok(theirs)
    }

    /// Marks the members of a household whom the actor sees; of the others, nothing but name and age is shown.
    fn reach_of_members(
        &self,
        tx: &mut Tx,
        county: u32,
        household: u64,
        members: &mut [Member],
    ) -> Result<(), DeskError> {
        let scope = self.actor.scope(Right::Names);
        if scope.is_whole() {
            return Ok(());
        }
        let args: [V; 2] = [county.into(), household.into()];
        let stand = tx.query(include_str!("queries/members_stand.sql"), &args, standing)?;
        for member in members {
            let who = stand.iter().find(|who| who.person == Some(member.id));
            member.in_reach = who.is_some_and(|who| scope.reaches(who));
            if !member.in_reach {
                member.citizen_id.clear();
                member.open = 0;
            }
        }
        Ok(())
    }

    /// The groups of numbers that the actor may see whole, and those that they see now.
    fn secrets(&self, revealed: &[String]) -> Vec<SecretLine> {
        let may = |s: &&Secret| {
            self.actor.grants.iter().any(|g| s.reveal.contains(&g.role))
                && self.actor.may(Right::Reveal)
        };
        let line = |s: &Secret| SecretLine {
            code: s.code.clone(),
            title: Title { zh: s.zh.clone(), en: s.en.clone() },
            open: revealed.contains(&s.code),
        };
        Access::builtin().secrets.iter().filter(may).map(line).collect()
    }
}

/// Where somebody stands; `None` if there is nobody.
pub(crate) fn stands(tx: &mut Tx, county: u32, person: u64) -> Result<Option<Standing>, DeskError> {
    let args: [V; 2] = [county.into(), person.into()];
    Ok(tx.query_one(include_str!("queries/stands.sql"), &args, standing)?)
}

/// A person of the queries that say where somebody stands.
pub(super) fn standing(row: &Row) -> Result<Standing, StoreError> {
    Ok(Standing {
        person: row.get(0)?,
        places: [division(row.get(1)?), division(row.get(2)?)].into_iter().flatten().collect(),
        school: row.get(3)?,
        grade: row.parse(4, Grade::parse)?,
        class: row.get::<Option<String>>(5)?.unwrap_or_default(),
    })
}

/// The last day of a line's period; what has no end comes first.
fn ends(line: &Line) -> Date {
    line.period.and_then(fujiao_model::Period::days).map_or(Date::MAX, |(_, last)| last)
}

/// The figures of some lines.
pub(super) fn tally_of(lines: &[Line], excesses: usize) -> Tally {
    let mut tally = Tally { excesses: i64::try_from(excesses).unwrap_or(0), ..Tally::default() };
    for line in lines {
        tally.add(&Tally {
            duties: 1,
            open: i64::from(line.gap > 0),
            overdue: i64::from(matches!(line.state, super::State::Overdue(_))),
            unit: Some(line.unit),
            mixed: false,
            due: line.due,
            done: line.done,
            gap: line.gap,
            excesses: 0,
            next_due: line.due_on.filter(|_| matches!(line.state, super::State::Open(_))),
        });
    }
    tally
}

/// The rows about a person, read as facts, papers and events.
struct Papers<'a> {
    rows: &'a [StoredRow],
    origins: &'a BTreeMap<u64, Origin>,
    today: Option<Date>,
    /// Groups of numbers that are shown whole for now.
    revealed: &'a [String],
}

/// Facts, and the rosters that are asked for them: those in front are believed first.
const FACTS: [(Field, &[RosterKind]); 9] = [
    (Field::Name, REGISTERS),
    (Field::Sex, REGISTERS),
    (Field::CitizenId, REGISTERS),
    (Field::StudentNo, &[RosterKind::Enrolments]),
    (Field::BirthDate, REGISTERS),
    (Field::Ethnicity, REGISTERS),
    (
        Field::GuardianName,
        &[RosterKind::Enrolments, RosterKind::ChildWelfare, RosterKind::LeftBehind],
    ),
    (
        Field::GuardianPhone,
        &[RosterKind::Enrolments, RosterKind::ChildWelfare, RosterKind::LeftBehind],
    ),
    (Field::BankAccount, &[RosterKind::AidPayments, RosterKind::Enrolments]),
];

const REGISTERS: &[RosterKind] = &[
    RosterKind::Residents,
    RosterKind::Enrolments,
    RosterKind::PoorHouseholds,
    RosterKind::Disability,
    RosterKind::ChildWelfare,
    RosterKind::LeftBehind,
    RosterKind::Assistance,
    RosterKind::Labour,
    RosterKind::Teachers,
    RosterKind::Training,
];

impl Papers<'_> {
    fn origin(&self, row: &StoredRow) -> Origin {
        self.origins.get(&row.row_id).cloned().unwrap_or_else(|| Origin {
            row_id: row.row_id,
            file: String::new(),
            sheet: String::new(),
            row: row.row.row.into(),
            kind: row.row.kind,
        })
    }

    /// Rows of one kind, newest first.
    fn of(&self, kind: RosterKind) -> impl Iterator<Item = &StoredRow> {
        self.rows.iter().rev().filter(move |r| r.row.kind == kind)
    }

    fn facts(&self) -> Vec<Fact> {
        let mut facts: Vec<Fact> = FACTS
            .iter()
            .filter_map(|(field, kinds)| {
                self.fact(*field, kinds, |fields| Some(self.told(*field, fields.get(*field)?)))
            })
            .collect();
        let address = |fields: &Fields| {
            let parts: Vec<&str> = [Field::Town, Field::Village, Field::VillageGroup]
                .into_iter()
                .filter_map(|f| fields.text(f))
                .collect();
            (parts.len() > 1).then(|| parts.join(" "))
        };
        facts.extend(self.fact(Field::Address, REGISTERS, address));
        facts
    }

    /// A value as shown, or whole where it was asked for.
    fn told(&self, field: Field, value: &Value) -> String {
        match Access::builtin().secret_of(field) {
            Some(secret) if self.revealed.contains(&secret.code) => match value {
                Value::Id(id) => id.reveal().to_owned(),
                other => other.stored(),
            },
            _ => shown(field, value),
        }
    }

    fn fact(
        &self,
        field: Field,
        kinds: &[RosterKind],
        read: impl Fn(&Fields) -> Option<String>,
    ) -> Option<Fact> {
        let mut fact: Option<Fact> = None;
        let said = kinds.iter().flat_map(|kind| self.of(*kind));
        for (row, value) in said.filter_map(|row| Some((row, read(&row.row.fields)?))) {
            match &mut fact {
                None => {
                    let origins = vec![self.origin(row)];
                    fact = Some(Fact { field, value, origins, others: Vec::new() });
                }
                Some(fact) if fact.value == value => {
                    let new = fact.origins.iter().all(|o| o.kind != row.row.kind);
                    if new && fact.origins.len() < 3 {
                        fact.origins.push(self.origin(row));
                    }
                }
                Some(fact) => {
                    // 2012-03 does not contradict 2012-03-17.
                    let told = fact.others.iter().any(|(v, _)| *v == value)
                        || (field == Field::BirthDate && agrees(&fact.value, &value));
                    if !told && fact.others.len() < 2 {
                        fact.others.push((value, self.origin(row)));
                    }
                }
            }
        }
        fact
    }

    fn certificates(&self) -> Vec<Certificate> {
        let mut out = Vec::new();
        let text = |fields: &Fields, field| {
            fields.get(field).map_or_else(String::new, |v| shown(field, v))
        };
        let holds = |fields: &Fields, from: Field, to: Field| {
            let (from, to) = (fields.date(from), fields.date(to));
            self.today.is_none_or(|today| {
                from.is_none_or(|d| d.earliest() <= today) && to.is_none_or(|d| d.latest() >= today)
            })
        };
        for row in self.rows.iter().rev() {
            let fields = &row.row.fields;
            let paper = match row.row.kind {
                RosterKind::PoorHouseholds => {
                    let kind = fields.text(Field::HouseholdKind).and_then(HouseholdKind::parse);
                    let Some(kind) = kind.filter(|k| *k != HouseholdKind::Ordinary) else {
                        continue;
                    };
                    let to = text(fields, Field::RiskClearedOn);
                    let cleared = kind.is_monitored()
                        && !kind.once_registered()
                        && fields.flag(Field::RiskCleared) == Some(true);
                    Some((
                        kind.chinese().to_owned(),
                        text(fields, Field::IdentifiedOn),
                        to,
                        !cleared,
                    ))
                }
                RosterKind::Assistance | RosterKind::ChildWelfare => {
                    let kind = fields.text(Field::AssistanceKind).and_then(AssistanceKind::parse);
                    Some((
                        kind.map_or_else(
                            || row.row.kind.chinese().to_owned(),
                            |k| k.chinese().to_owned(),
                        ),
                        text(fields, Field::AssistanceFrom),
                        text(fields, Field::AssistanceTo),
                        holds(fields, Field::AssistanceFrom, Field::AssistanceTo),
                    ))
                }
                RosterKind::Disability => {
                    let kind = text(fields, Field::DisabilityType);
                    let grade = text(fields, Field::DisabilityGrade);
                    let grade = if grade.is_empty() { grade } else { format!(" {grade} 级") };
                    Some((
                        format!("残疾人证 {kind}{grade}"),
                        text(fields, Field::IssuedOn),
                        text(fields, Field::ValidTo),
                        holds(fields, Field::IssuedOn, Field::ValidTo),
                    ))
                }
                RosterKind::Exemptions => {
                    let kind = fields.text(Field::ExemptionKind).and_then(ExemptionKind::parse);
                    Some((
                        kind.map_or_else(
                            || row.row.kind.chinese().to_owned(),
                            |k| k.chinese().to_owned(),
                        ),
                        text(fields, Field::ValidFrom),
                        text(fields, Field::ValidTo),
                        holds(fields, Field::ValidFrom, Field::ValidTo),
                    ))
                }
                _ => None,
            };
            if let Some((name, from, to, valid)) = paper {
                out.push(Certificate { name, from, to, valid, origin: self.origin(row) });
            }
        }
        out
    }

    fn schooling(&self, school_ids: &BTreeMap<&str, u64>) -> Vec<Enrolled> {
        let mut out: Vec<Enrolled> = self
            .of(RosterKind::Enrolments)
            .map(|row| {
                let fields = &row.row.fields;
                let text = |field| fields.get(field).map_or_else(String::new, |v| shown(field, v));
                let status = fields.text(Field::EnrolmentStatus).and_then(EnrolmentStatus::parse);
                let school = text(Field::School);
                Enrolled {
                    term: fields.term(Field::Term).map_or_else(String::new, |t| {
                        format!("{}—{} 学年", t.school_year(), t.school_year() + 1)
                    }),
                    school_id: school_ids.get(school.as_str()).copied(),
                    school,
                    grade: text(Field::Grade),
                    class: text(Field::Class),
                    boarding: text(Field::Boarding),
                    left: status.is_some_and(|s| {
                        !matches!(s, EnrolmentStatus::Active | EnrolmentStatus::Graduated)
                    }),
                    status: match fields.get(Field::LeftOn) {
                        Some(left) => format!(
                            "{} {}",
                            text(Field::EnrolmentStatus),
                            shown(Field::LeftOn, left)
                        ),
                        None => text(Field::EnrolmentStatus),
                    },
                    origin: self.origin(row),
                }
            })
            .collect();
        out.sort_by(|a, b| b.term.cmp(&a.term));
        out
    }

    fn events(&self) -> Vec<Event> {
        let mut out = Vec::new();
        for row in self.rows {
            let fields = &row.row.fields;
            let text = |field| fields.get(field).map_or_else(String::new, |v| shown(field, v));
            let joined = |parts: &[Field]| {
                let parts: Vec<String> =
                    parts.iter().map(|f| text(*f)).filter(|t| !t.is_empty()).collect();
                parts.join(" · ")
            };
            let (when, what) = match row.row.kind {
                RosterKind::Contacts => (
                    Field::ContactOn,
                    joined(&[Field::ContactKind, Field::MentorName, Field::Note]),
                ),
                RosterKind::Pairings => {
                    (Field::PairedFrom, joined(&[Field::MentorName, Field::MentorUnit]))
                }
                RosterKind::Training => (
                    Field::TrainedTo,
                    joined(&[Field::Course, Field::CourseKind, Field::Result, Field::Provider]),
                ),
                RosterKind::Placements => (
                    Field::StartedOn,
                    joined(&[Field::Employer, Field::Occupation, Field::WorkPlace]),
                ),
                RosterKind::Absences => {
                    (Field::AbsentFrom, joined(&[Field::Reason, Field::AbsentDays]))
                }
                RosterKind::Loans => (Field::PaidOn, joined(&[Field::Amount, Field::School])),
                RosterKind::UniversityAid => {
                    (Field::PaidOn, joined(&[Field::Programme, Field::Amount, Field::FundingUnit]))
                }
                _ => continue,
            };
            out.push(Event {
                when: text(when),
                kind: row.row.kind,
                what,
                origin: self.origin(row),
            });
        }
        out.sort_by(|a, b| b.when.cmp(&a.when).then(b.origin.row_id.cmp(&a.origin.row_id)));
        out.truncate(40);
        out
    }
}

/// Whether two dates can be the same day.
fn agrees(a: &str, b: &str) -> bool {
    a.parse::<PartialDate>().ok().zip(b.parse().ok()).is_some_and(|(a, b)| a.agrees(b))
}

/// A value as pages show it: secrets masked, codes in Chinese, money in yuan, flags as 是 and 否.
pub(crate) fn shown(field: Field, value: &Value) -> String {
    if field.is_secret() {
        return masked(field, value);
    }
    match value {
        Value::Text(text) => text.to_string(),
        Value::Id(id) => id.masked(),
        Value::Date(date) => date.to_string(),
        Value::Integer(n) => n.to_string(),
        Value::Decimal(n) => thousandths(*n),
        Value::Money(money) => format!("{money} 元"),
        Value::Flag(yes) => (if *yes { "是" } else { "否" }).to_owned(),
        Value::Term(term) => term.chinese(),
        Value::Code(code) => chinese(field, code),
    }
}

fn chinese(field: Field, code: &str) -> String {
    use fujiao_model::{LabourAbility, Relation, Residence, Stage};
    let term = match field {
        Field::Sex => Sex::parse(code).map(Sex::chinese),
        Field::Relation => Relation::parse(code).map(Relation::chinese),
        Field::Residence => Residence::parse(code).map(Residence::chinese),
        Field::HouseholdKind => HouseholdKind::parse(code).map(HouseholdKind::chinese),
        Field::AssistanceKind => AssistanceKind::parse(code).map(AssistanceKind::chinese),
        Field::Stage => Stage::parse(code).map(Stage::chinese),
        Field::Grade => Grade::parse(code).map(Grade::chinese),
        Field::Boarding => Boarding::parse(code).map(Boarding::chinese),
        Field::EnrolmentStatus => EnrolmentStatus::parse(code).map(EnrolmentStatus::chinese),
        Field::ExemptionKind => ExemptionKind::parse(code).map(ExemptionKind::chinese),
        Field::LabourAbility => LabourAbility::parse(code).map(LabourAbility::chinese),
        _ => None,
    };
    term.unwrap_or(code).to_owned()
}

fn thousandths(n: i64) -> String {
    let (whole, part) = (n / 1000, n.unsigned_abs() % 1000);
    let sign = if n < 0 && whole == 0 { "−" } else { "" };
    let text = format!("{sign}{whole}.{part:03}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// A secret as pages show it: a phone 138****5071, an account its last four, all else the first and the last four.
fn masked(field: Field, value: &Value) -> String {
    let text = match value {
        Value::Id(id) => return id.masked(),
        other => other.stored(),
    };
    let chars: Vec<char> = text.chars().collect();
    let part = |from: usize, to: usize| chars[from..to].iter().collect::<String>();
    let n = chars.len();
    match field {
        Field::BankAccount if n > 4 => format!("**** {}", part(n - 4, n)),
        Field::Phone | Field::GuardianPhone | Field::MentorPhone if n >= 11 => {
            format!("{}****{}", part(0, 3), part(n - 4, n))
        }
        Field::StudentNo if n >= 12 => format!("{}**********{}", part(0, 5), part(n - 4, n)),
        _ if n >= 12 => format!("{}**********{}", part(0, 4), part(n - 4, n)),
        _ => "****".to_owned(),
    }
}

/// A number as it is, unless it is a citizen id: some offices number a household by its head.
pub(super) fn masked_id_or(number: &str) -> String {
    CitizenId::parse(number).map_or_else(|_| number.to_owned(), |id| id.masked())
}

/// An unknown column's text: whatever looks like a personal number is masked.
pub(crate) fn masked_text(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut digits = String::new();
    let flush = |digits: &mut String, out: &mut String| {
        if digits.len() >= 7 {
            out.push_str(&digits[..2]);
            out.push_str(&"*".repeat(digits.len() - 4));
            out.push_str(&digits[digits.len() - 2..]);
        } else {
            out.push_str(digits);
        }
        digits.clear();
    };
    for c in text.chars() {
        let c = match c {
            '０'..='９' => char::from(b'0' + u8::try_from(c as u32 - '０' as u32).unwrap_or(0)),
            c => c,
        };
        if c.is_ascii_digit() || (digits.len() >= 14 && matches!(c, 'X' | 'x')) {
            digits.push(c);
        } else {
            flush(&mut digits, &mut out);
            out.push(c);
        }
    }
    flush(&mut digits, &mut out);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_secret_is_shown_whole() {
        let check = |field: Field, text: &str, want: &str| {
            assert_eq!(shown(field, &Value::Text(text.into())), want, "{text}");
        };
        check(Field::Phone, "13812345071", "138****5071");
        check(Field::GuardianPhone, "0914-123", "****");
        check(Field::BankAccount, "6217001234567890", "**** 7890");
        check(Field::StudentNo, "G611026201209150012", "G6110**********0012");
        check(Field::IdAsWritten, "61102620120915001", "6110**********5001");
        check(Field::DisabilityNo, "61102620120915001X44", "6110**********1X44");
        check(Field::Phone, "12", "****");
        let id = CitizenId::parse("11010519491231002X").unwrap();
        assert_eq!(shown(Field::CitizenId, &Value::Id(id)), "1101**********002X");
        assert_eq!(masked_id_or("11010519491231002X"), "1101**********002X");
        assert_eq!(masked_id_or("6199261052070023"), "6199261052070023");
        assert_eq!(masked_text("电话13812345071，3 口人"), "电话13*******71，3 口人");
        assert_eq!(masked_text("身份证11010519491231002X。"), "身份证11**************2X。");
        assert_eq!(masked_text("2024 年 12 月"), "2024 年 12 月");
    }

    #[test]
    fn decimals_lose_their_empty_places() {
        assert_eq!([6_100, 0, -50, 1_234_567].map(thousandths), ["6.1", "0", "−0.05", "1234.567"]);
    }

    proptest::proptest! {
        #[test]
        fn eighteen_digits_never_pass_whole(text in "[a-z ]{0,4}[0-9]{17}[0-9X][a-z ]{0,4}") {
            let digits: String = text.chars().filter(|c| c.is_ascii_digit() || *c == 'X').collect();
            proptest::prop_assert!(!masked_text(&text).contains(&digits));
        }
    }
}
