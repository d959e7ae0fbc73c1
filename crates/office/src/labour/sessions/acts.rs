//! What is done with sessions: opened, cancelled, people enrolled, days marked, results written. Each is a row of the books.

use std::collections::{BTreeMap, BTreeSet};

use fujiao_model::{Area, Field, Fields, RosterKind};
use fujiao_store::{Person, Tx};
use jiff::civil::Date;

use super::super::pool::{CANCELLED, LEFT, Pool, Session, Standing, days, session_key};
use super::super::rows::{
    Written, of_person, place_names, put_day, put_money, put_number, put_text, write,
};
use super::super::{LabourError, led, note, past_day, text, whole, wrong};
use super::{persons, reaches};
use crate::access::Actor;
use crate::{Office, OfficeError};

/// A session as somebody writes it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NewSession {
    /// Course.
    pub course: String,
    /// Kind.
    pub kind: String,
    /// 期次; empty: the month.
    pub name: String,
    /// Provider.
    pub provider: String,
    /// First day.
    pub from: Option<Date>,
    /// Last day.
    pub to: Option<Date>,
    /// Hours, as written.
    pub hours: String,
    /// Seats, as written.
    pub seats: String,
    /// Town.
    pub town: String,
    /// Venue.
    pub venue: String,
    /// Room.
    pub room: String,
    /// Teacher.
    pub trainer: String,
    /// What it costs in yuan, as written; may be empty.
    pub cost: String,
}

impl Office {
    /// Opens a session; its key. Written again with the same provider, course, 期次 and first day, it is changed.
    ///
    /// # Errors
    /// [`LabourError::Form`] at the first wrong field; [`LabourError::Clash`] if the teacher or the room is taken.
    pub fn open_session(&self, actor: &Actor, new: &NewSession) -> Result<u64, OfficeError> {
        led(actor, Area::Training)?;
        let county = self.county_code()?;
        self.store.write(|tx| {
            let today = crate::entries::today(tx, county, actor)?;
            let course = text("course", &new.course, 40, Some("培训专业"))?;
            let provider = text("provider", &new.provider, 60, Some("培训机构"))?;
            let kind = text("kind", &new.kind, 20, Some("培训类别"))?;
            let from = new.from.ok_or_else(|| wrong("from", "写开班日期，如 2026-03-02"))?;
            let to = new.to.ok_or_else(|| wrong("to", "写结业日期，如 2026-03-20"))?;
            if to < from {
                return Err(wrong("to", "结业日期早于开班日期；改一个").into());
            }
            let hours = whole("hours", &new.hours, "课时数", (1, 2_000))?;
            let seats = whole("seats", &new.seats, "计划人数", (1, 500))?;
            let name = match text("name", &new.name, 20, None)? {
                name if name.is_empty() => format!("{}年{}月班", from.year(), from.month()),
                name => name,
            };
            let (room, trainer) =
                (text("room", &new.room, 40, None)?, text("trainer", &new.trainer, 20, None)?);
            let cost = match new.cost.trim() {
                "" => None,
                said => Some(whole("cost", said, "培训成本（元）", (0, 10_000_000))? * 100),
            };
            let mut fields = Fields::new();
            for (field, said) in [
                (Field::Course, &course),
                (Field::CourseKind, &kind),
                (Field::Session, &name),
                (Field::Provider, &provider),
                (Field::Town, &text("town", &new.town, 20, None)?),
                (Field::Venue, &text("venue", &new.venue, 60, None)?),
                (Field::Room, &room),
                (Field::Trainer, &trainer),
            ] {
                put_text(&mut fields, field, said);
            }
            put_day(&mut fields, Field::TrainedFrom, Some(from));
            put_day(&mut fields, Field::TrainedTo, Some(to));
            put_number(&mut fields, Field::Hours, Some(hours));
            put_number(&mut fields, Field::Seats, Some(seats));
            put_money(&mut fields, Field::CourseCost, cost);
            let key = session_key(tx.keys(), &fields).ok_or(LabourError::NoSession)?;
            let pool = Pool::read(tx, county)?;
            for s in pool
                .sessions
                .values()
                .filter(|s| s.key != key && !s.cancelled && s.overlaps(from, to))
            {
                let taken = |what: &str, own: &str, of: &str| {
                    (!own.is_empty() && own == of && s.provider == provider).then(|| {
                        format!(
                            "{what}“{own}”{}到{}在上{}；换人、换教室或改日子",
                            s.from, s.to, s.course
                        )
                    })
                };
                if let Some(why) =
                    taken("教师", &trainer, &s.trainer).or_else(|| taken("教室", &room, &s.room))
                {
                    return Err(LabourError::Clash(why).into());
                }
            }
            let row = Written { kind: RosterKind::Sessions, fields, person: None };
            write(tx, county, actor, today, vec![row])?;
            note(tx, county, actor, "open session", &format!("session {key:016x}"), &course)?;
            Ok(key)
        })
    }

    /// Takes a session back: it will not be held, and whoever is enrolled is not.
    ///
    /// # Errors
    /// [`LabourError::NoSession`]; [`LabourError::NotNow`] if it began.
    pub fn cancel_session(&self, actor: &Actor, key: u64, why: &str) -> Result<(), OfficeError> {
        led(actor, Area::Training)?;
        let county = self.county_code()?;
        let why = text("why", why, 100, Some("为什么取消"))?;
        self.store.write(|tx| {
            let today = crate::entries::today(tx, county, actor)?;
            let pool = Pool::read(tx, county)?;
            let session = pool.sessions.get(&key).filter(|s| s.row.is_some());
            let session = session.ok_or(LabourError::NoSession)?;
            if session.from <= today || session.cancelled {
                let why = "这个班已经开了，或已经取消；看培训日历".to_owned();
                return Err(LabourError::NotNow(why).into());
            }
            let mut fields = session.fields.clone();
            put_text(&mut fields, Field::Note, &format!("{CANCELLED}：{why}"));
            let mut rows = vec![Written { kind: RosterKind::Sessions, fields, person: None }];
            for t in pool.of(key) {
                let mut fields = t.fields.clone();
                put_text(&mut fields, Field::Result, LEFT);
                rows.push(Written { kind: RosterKind::Training, fields, person: t.person });
            }
            write(tx, county, actor, today, rows)?;
            note(tx, county, actor, "cancel session", &format!("session {key:016x}"), &why)
        })
    }

    /// Enrols people; how many were not yet.
    ///
    /// # Errors
    /// [`LabourError::NoSession`], [`LabourError::NoPerson`], [`LabourError::Full`]; [`LabourError::Clash`] if somebody is in another
    /// session on one of its days; [`LabourError::NotNow`] if it is over.
    pub fn enrol(&self, actor: &Actor, key: u64, people: &[u64]) -> Result<usize, OfficeError> {
        let scope = led(actor, Area::Training)?;
        let county = self.county_code()?;
        self.store.write(|tx| {
            let today = crate::entries::today(tx, county, actor)?;
            let pool = Pool::read(tx, county)?;
            let session = pool.session(key)?;
            if session.cancelled || session.to < today {
                return Err(LabourError::NotNow("这个班已经结束或取消，不能再报名".into()).into());
            }
            let here: BTreeSet<u64> = pool.of(key).filter_map(|t| t.person).collect();
            let known = persons(tx, county, people.iter().copied())?;
            let mut new: Vec<&Person> = Vec::new();
            for id in people.iter().collect::<BTreeSet<_>>() {
                let person =
                    known.get(id).filter(|p| reaches(&scope, p)).ok_or(LabourError::NoPerson)?;
                if here.contains(id) {
                    continue;
                }
                // One person is in one session at a time.
                let other = pool.trainees.iter().find(|t| {
                    t.person == Some(*id)
                        && t.session != key
                        && t.standing != Standing::Left
                        && pool
                            .sessions
                            .get(&t.session)
                            .is_some_and(|s| s.overlaps(session.from, session.to))
                });
                if let Some(other) = other.and_then(|t| pool.sessions.get(&t.session)) {
                    let why = format!(
                        "{}在{}到{}已报“{}”；先退那个班",
                        person.name, other.from, other.to, other.course
                    );
                    return Err(LabourError::Clash(why).into());
                }
                new.push(person);
            }
            let (enrolled, more) = (
                i64::try_from(here.len()).unwrap_or(i64::MAX),
                i64::try_from(new.len()).unwrap_or(i64::MAX),
            );
            if let Some(seats) = session.seats.filter(|seats| enrolled + more > *seats) {
                return Err(LabourError::Full { seats, enrolled, more }.into());
            }
            let places = place_names(tx, county)?;
            let rows = new.iter().map(|person| enrolment(session, person, &places)).collect();
            write(tx, county, actor, today, rows)?;
            note(
                tx,
                county,
                actor,
                "enrol",
                &format!("session {key:016x}"),
                &format!("{more} more"),
            )?;
            Ok(new.len())
        })
    }

    /// Takes somebody out of a session that has no result for them.
    ///
    /// # Errors
    /// [`LabourError::NoSession`], [`LabourError::NoPerson`]; [`LabourError::NotNow`] after a result.
    pub fn leave_session(&self, actor: &Actor, key: u64, person: u64) -> Result<(), OfficeError> {
        let scope = led(actor, Area::Training)?;
        let county = self.county_code()?;
        self.store.write(|tx| {
            let today = crate::entries::today(tx, county, actor)?;
            let pool = Pool::read(tx, county)?;
            let known = persons(tx, county, std::iter::once(person))?;
            let theirs = known.get(&person).is_some_and(|p| reaches(&scope, p));
            let trainee = pool.of(key).find(|t| t.person == Some(person)).filter(|_| theirs);
            let trainee = trainee.ok_or(LabourError::NoPerson)?;
            if trainee.standing != Standing::Enrolled {
                return Err(LabourError::NotNow("已经有考核结果，不能退出；改结果".into()).into());
            }
            let mut fields = trainee.fields.clone();
            put_text(&mut fields, Field::Result, LEFT);
            let row = Written { kind: RosterKind::Training, fields, person: Some(person) };
            write(tx, county, actor, today, vec![row])?;
            note(tx, county, actor, "leave session", &format!("session {key:016x}"), "")
        })
    }

    /// Marks a day of a session: hours of each; how many were there.
    ///
    /// # Errors
    /// [`LabourError::Form`] for a day outside the session or to come, or hours that no day has; [`LabourError::NoPerson`].
    pub fn mark_session(
        &self,
        actor: &Actor,
        key: u64,
        on: Option<Date>,
        marks: &[(u64, String)],
    ) -> Result<usize, OfficeError> {
        let scope = led(actor, Area::Training)?;
        let county = self.county_code()?;
        self.store.write(|tx| {
            let today = crate::entries::today(tx, county, actor)?;
            let on = past_day("on", on, today, "点名")?;
            let pool = Pool::read(tx, county)?;
            let session = pool.session(key)?;
            if on < session.from || session.to < on {
                let why = format!("{on} 不在开班期间（{}到{}）；改日子", session.from, session.to);
                return Err(wrong("on", why).into());
            }
            let sheets = days(tx, county, session)?;
            let known = persons(tx, county, marks.iter().map(|(id, _)| *id))?;
            let (mut rows, mut there) = (Vec::new(), 0);
            for (id, said) in marks {
                let said = said.trim();
                let before = sheets.get(id).and_then(|s| s.get(&on)).copied();
                if said.is_empty() && before.is_none() {
                    continue;
                }
                let hours =
                    if said.is_empty() { 0 } else { whole("hours", said, "课时", (0, 14))? };
                there += usize::from(hours > 0);
                if before == Some(hours) {
                    continue;
                }
                let trainee = pool.of(key).find(|t| t.person == Some(*id));
                let person = known.get(id).filter(|p| reaches(&scope, p));
                let (Some(trainee), Some(_)) = (trainee, person) else {
                    return Err(LabourError::NoPerson.into());
                };
                let mut fields = Fields::new();
                for field in [
                    Field::Name,
                    Field::CitizenId,
                    Field::IdAsWritten,
                    Field::Course,
                    Field::Session,
                    Field::Provider,
                    Field::TrainedFrom,
                    Field::Town,
                    Field::Village,
                ] {
                    super::super::rows::put(&mut fields, field, trainee.fields.get(field).cloned());
                }
                put_day(&mut fields, Field::TrainedOn, Some(on));
                put_number(&mut fields, Field::AttendedHours, Some(hours));
                rows.push(Written {
                    kind: RosterKind::CourseAttendance,
                    fields,
                    person: Some(*id),
                });
            }
            write(tx, county, actor, today, rows)?;
            note(
                tx,
                county,
                actor,
                "mark session",
                &format!("session {key:016x}"),
                &format!("{on} {there}"),
            )?;
            Ok(there)
        })
    }

    /// Writes results down: who completed, with which certificate; how many are new.
    ///
    /// # Errors
    /// [`LabourError::NotNow`] before its last day; [`LabourError::NoPerson`]; [`LabourError::Form`] for a certificate without a result.
    pub fn end_session(
        &self,
        actor: &Actor,
        key: u64,
        results: &[(u64, Option<bool>, String)],
    ) -> Result<usize, OfficeError> {
        let scope = led(actor, Area::Training)?;
        let county = self.county_code()?;
        self.store.write(|tx| {
            let today = crate::entries::today(tx, county, actor)?;
            let pool = Pool::read(tx, county)?;
            let session = pool.session(key)?;
            if session.to > today {
                let why = format!("{} 才结业；到那天再记结果", session.to);
                return Err(LabourError::NotNow(why).into());
            }
            let sheets = days(tx, county, session)?;
            let known = persons(tx, county, results.iter().map(|(id, ..)| *id))?;
            let mut rows = Vec::new();
            for (id, passed, certificate) in results {
                let certificate = text("certificate", certificate, 40, None)?;
                let trainee = pool.of(key).find(|t| t.person == Some(*id));
                let person = known.get(id).filter(|p| reaches(&scope, p));
                let (Some(trainee), Some(_)) = (trainee, person) else {
                    return Err(LabourError::NoPerson.into());
                };
                let Some(passed) = passed else {
                    if !certificate.is_empty() {
                        return Err(wrong("certificate", "写了证书号，先选合格").into());
                    }
                    continue;
                };
                if !passed && !certificate.is_empty() {
                    return Err(wrong("certificate", "不合格的不发证书；删掉证书号").into());
                }
                let mut fields = trainee.fields.clone();
                put_text(&mut fields, Field::Result, if *passed { "合格" } else { "不合格" });
                if !certificate.is_empty() || !passed {
                    put_text(&mut fields, Field::CertificateNo, &certificate);
                }
                if let Some(sheet) = sheets.get(id) {
                    put_number(&mut fields, Field::AttendedHours, Some(sheet.values().sum()));
                }
                put_day(&mut fields, Field::TrainedTo, Some(session.to));
                if fields != trainee.fields {
                    rows.push(Written { kind: RosterKind::Training, fields, person: Some(*id) });
                }
            }
            let n = rows.len();
            write(tx, county, actor, today, rows)?;
            note(
                tx,
                county,
                actor,
                "end session",
                &format!("session {key:016x}"),
                &format!("{n} results"),
            )?;
            Ok(n)
        })
    }
}

/// The row of an enrolment.
fn enrolment(
    session: &Session,
    person: &Person,
    places: &BTreeMap<fujiao_model::Division, String>,
) -> Written {
    let mut fields = of_person(person, places);
    for (field, said) in [
        (Field::Course, &session.course),
        (Field::CourseKind, &session.kind),
        (Field::Session, &session.name),
        (Field::Provider, &session.provider),
    ] {
        put_text(&mut fields, field, said);
    }
    put_day(&mut fields, Field::TrainedFrom, Some(session.from));
    put_day(&mut fields, Field::TrainedTo, Some(session.to));
    put_number(&mut fields, Field::Hours, session.hours);
    Written { kind: RosterKind::Training, fields, person: Some(person.id) }
}

/// Opens the sessions of an accepted course plan, and enrols whom it sends.
pub(crate) fn open_planned(
    tx: &mut Tx,
    county: u32,
    actor: &Actor,
    plan: &crate::plans::said::Courses,
) -> Result<(), OfficeError> {
    let today = crate::entries::today(tx, county, actor)?;
    let places = place_names(tx, county)?;
    let mut rows = Vec::new();
    let mut opened: BTreeMap<u32, Session> = BTreeMap::new();
    for (at, s) in (0_u32..).zip(&plan.sessions).filter(|(_, s)| s.held) {
        let mut fields = Fields::new();
        let (from, to) = (s.from.parse::<Date>().ok(), s.to.parse::<Date>().ok());
        let name = format!("规划{}", s.from);
        for (field, said) in [
            (Field::Course, &s.course),
            (Field::CourseKind, &s.kind),
            (Field::Session, &name),
            (Field::Provider, &s.provider),
            (Field::Town, &s.town_name),
            (Field::Room, &s.room),
            (Field::Trainer, &s.trainer),
        ] {
            put_text(&mut fields, field, said);
        }
        put_day(&mut fields, Field::TrainedFrom, from);
        put_day(&mut fields, Field::TrainedTo, to);
        put_number(&mut fields, Field::Hours, Some(s.hours.into()));
        put_number(&mut fields, Field::Seats, Some(s.seats.into()));
        put_money(&mut fields, Field::CourseCost, Some(i64::from(s.yuan) * 100));
        if let Some(key) = session_key(tx.keys(), &fields)
            && let Some(session) = Session::of(key, None, &fields)
        {
            opened.insert(at, session);
            rows.push(Written { kind: RosterKind::Sessions, fields, person: None });
        }
    }
    let who: Vec<(u64, u32)> = plan
        .homes
        .iter()
        .filter_map(|h| Some((u64::from_str_radix(&h.person, 16).ok()?, h.session?)))
        .collect();
    let known = persons(tx, county, who.iter().map(|(p, _)| *p))?;
    for (person, session) in who {
        if let (Some(person), Some(session)) = (known.get(&person), opened.get(&session)) {
            rows.push(enrolment(session, person, &places));
        }
    }
    write(tx, county, actor, today, rows)
}
