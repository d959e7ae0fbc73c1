//! One pool: sessions, trainees, teachers and rooms of all providers, as the rows say.

use std::collections::BTreeMap;

use fujiao_model::{Field, Fields, Money, PartialDate, RosterKind};
use fujiao_store::{Keys, StoreError, Tx};
use jiff::civil::Date;

use super::LabourError;
use crate::assess::deeds::is_completed;

/// A session of a course.
#[derive(Clone, Debug)]
pub(crate) struct Session {
    pub(crate) key: u64,
    pub(crate) course: String,
    pub(crate) kind: String,
    /// 期次.
    pub(crate) name: String,
    pub(crate) provider: String,
    pub(crate) from: Date,
    pub(crate) to: Date,
    pub(crate) hours: Option<i64>,
    pub(crate) seats: Option<i64>,
    pub(crate) town: String,
    pub(crate) venue: String,
    pub(crate) room: String,
    pub(crate) trainer: String,
    pub(crate) cost: Option<Money>,
    pub(crate) subsidy: Option<Money>,
    /// The row of the calendar; `None`: known from its trainees alone.
    pub(crate) row: Option<u64>,
    pub(crate) cancelled: bool,
    pub(crate) fields: Fields,
}

/// What a session's row says of somebody who was enrolled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Standing {
    Enrolled,
    Completed,
    Failed,
    /// 退出: taken back before the end.
    Left,
}

/// Somebody of a session.
#[derive(Clone, Debug)]
pub(crate) struct Trainee {
    pub(crate) row: u64,
    pub(crate) person: Option<u64>,
    pub(crate) session: u64,
    pub(crate) standing: Standing,
    pub(crate) fields: Fields,
}

/// What takes the place of an enrolment that was taken back.
pub(crate) const LEFT: &str = "退出";
/// What the note of a session says that will not be held.
pub(crate) const CANCELLED: &str = "取消";

/// All of it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Pool {
    pub(crate) sessions: BTreeMap<u64, Session>,
    pub(crate) trainees: Vec<Trainee>,
}

/// The key of a session: who gives which course from when.
pub(crate) fn session_key(keys: &Keys, fields: &Fields) -> Option<u64> {
    let text = |field| fields.text(field).unwrap_or_default().trim().to_owned();
    let course = text(Field::Course);
    let from = fields.date(Field::TrainedFrom).map(PartialDate::earliest)?;
    if course.is_empty() {
        return None;
    }
    let parts = [text(Field::Provider), course, text(Field::Session), from.to_string()];
    Some(short(keys.digest("course_session", parts.iter().map(String::as_str))))
}

/// The first 63 bits of a hash: the id of something in addresses.
pub(crate) fn short(digest: [u8; 16]) -> u64 {
    u64::from_be_bytes(digest[..8].try_into().expect("16 bytes hold 8")) >> 1
}

impl Session {
    pub(super) fn of(key: u64, row: Option<u64>, fields: &Fields) -> Option<Self> {
        let text = |field| fields.text(field).unwrap_or_default().trim().to_owned();
        let from = fields.date(Field::TrainedFrom).map(PartialDate::earliest)?;
        let to = fields.date(Field::TrainedTo).map_or(from, PartialDate::latest).max(from);
        Some(Self {
            key,
            course: text(Field::Course),
            kind: text(Field::CourseKind),
            name: text(Field::Session),
            provider: text(Field::Provider),
            from,
            to,
            hours: fields.number(Field::Hours),
            seats: fields.number(Field::Seats),
            town: text(Field::Town),
            venue: text(Field::Venue),
            room: text(Field::Room),
            trainer: text(Field::Trainer),
            cost: fields.money(Field::CourseCost),
            subsidy: fields.money(Field::Subsidy),
            row,
            cancelled: row.is_some() && text(Field::Note).contains(CANCELLED),
            fields: fields.clone(),
        })
    }

    /// Whether two sessions have a day in common.
    pub(crate) fn overlaps(&self, from: Date, to: Date) -> bool {
        self.from <= to && from <= self.to
    }
}

impl Pool {
    /// A session by its key.
    pub(super) fn session(&self, key: u64) -> Result<&Session, LabourError> {
        self.sessions.get(&key).ok_or(LabourError::NoSession)
    }

    /// Reads the pool.
    pub(crate) fn read(tx: &mut Tx, county: u32) -> Result<Self, StoreError> {
        let keys = tx.keys().clone();
        let mut pool = Self::default();
        for row in tx.rows_of_kind(county, RosterKind::Sessions, None)? {
            if let Some(key) = session_key(&keys, &row.row.fields)
                && let Some(session) = Session::of(key, Some(row.row_id), &row.row.fields)
            {
                pool.sessions.insert(key, session);
            }
        }
        for row in tx.rows_of_kind(county, RosterKind::Training, None)? {
            let fields = row.row.fields;
            let Some(key) = session_key(&keys, &fields) else { continue };
            if !pool.sessions.contains_key(&key)
                && let Some(session) = Session::of(key, None, &fields)
            {
                // What is one trainee's is not the session's.
                pool.sessions
                    .insert(key, Session { town: String::new(), fields: Fields::new(), ..session });
            }
            let result = fields.text(Field::Result).unwrap_or_default().trim();
            let standing = if result.is_empty() {
                Standing::Enrolled
            } else if result.contains(LEFT) {
                Standing::Left
            } else if is_completed(&fields) {
                Standing::Completed
            } else {
                Standing::Failed
            };
            pool.trainees.push(Trainee {
                row: row.row_id,
                person: row.person,
                session: key,
                standing,
                fields,
            });
        }
        Ok(pool)
    }

    /// Trainees of a session who did not leave.
    pub(crate) fn of(&self, session: u64) -> impl Iterator<Item = &Trainee> {
        self.trainees.iter().filter(move |t| t.session == session && t.standing != Standing::Left)
    }
}

/// Hours of each person on each day of a session.
pub(crate) fn days(
    tx: &mut Tx,
    county: u32,
    session: &Session,
) -> Result<BTreeMap<u64, BTreeMap<Date, i64>>, StoreError> {
    let keys = tx.keys().clone();
    let mut out: BTreeMap<u64, BTreeMap<Date, i64>> = BTreeMap::new();
    let with = Some((Field::Course, session.course.as_str()));
    for row in tx.rows_of_kind(county, RosterKind::CourseAttendance, with)? {
        let fields = &row.row.fields;
        let day = fields.date(Field::TrainedOn).map(PartialDate::latest);
        let hours = fields.number(Field::AttendedHours);
        if let (Some(person), Some(day), Some(hours)) = (row.person, day, hours)
            && belongs(&keys, fields, session)
        {
            out.entry(person).or_default().insert(day, hours);
        }
    }
    Ok(out)
}

/// Whether a day sheet is of a session: by its key, or, where the sheet does not say when the session began, by course, name, provider
/// and day.
pub(crate) fn belongs(keys: &Keys, fields: &Fields, session: &Session) -> bool {
    if let Some(key) = session_key(keys, fields) {
        return key == session.key;
    }
    let same = |field, of: &str| fields.text(field).is_none_or(|t| t.trim() == of);
    same(Field::Course, &session.course)
        && same(Field::Session, &session.name)
        && same(Field::Provider, &session.provider)
        && fields
            .date(Field::TrainedOn)
            .is_some_and(|d| session.from <= d.latest() && d.earliest() <= session.to)
}
