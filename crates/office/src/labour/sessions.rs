//! The calendar of courses: sessions of all providers, who is enrolled, days and results.

mod acts;

use std::collections::{BTreeMap, BTreeSet};

use fujiao_model::{Area, Field, RosterKind};
use fujiao_store::{Person, Tx, V, Worker};
use jiff::civil::Date;

use super::pool::{Pool, Session, Standing, days};
use super::rows::place_names;
use super::seen;
use crate::access::{self, Actor, Right, Scope};
use crate::{Office, OfficeError};
pub use acts::NewSession;
pub(crate) use acts::open_planned;

/// Where a session stands on a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum SessionState {
    /// It has not begun.
    Planned,
    /// It is being held.
    Running,
    /// It is over.
    Over,
    /// It will not be held.
    Cancelled,
}

impl SessionState {
    /// The word in texts.
    pub fn code(self) -> &'static str {
        match self {
            Self::Planned => "planned",
            Self::Running => "running",
            Self::Over => "over",
            Self::Cancelled => "cancelled",
        }
    }
}

/// Which sessions are listed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SessionFilter {
    /// `next` (planned and running), `over`, `all`.
    pub when: String,
    /// One provider.
    pub provider: String,
    /// One course.
    pub course: String,
}

/// A session in a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SessionLine {
    /// Its key.
    pub key: u64,
    /// Course.
    pub course: String,
    /// Kind of course.
    pub kind: String,
    /// 期次.
    pub name: String,
    /// Provider.
    pub provider: String,
    /// First day.
    pub from: Date,
    /// Last day.
    pub to: Date,
    /// Hours.
    pub hours: Option<i64>,
    /// Seats.
    pub seats: Option<i64>,
    /// Town.
    pub town: String,
    /// Venue.
    pub venue: String,
    /// Room.
    pub room: String,
    /// Teacher.
    pub trainer: String,
    /// Who is enrolled and did not leave.
    pub enrolled: usize,
    /// Of them completed.
    pub completed: usize,
    /// Of them with a certificate.
    pub certified: usize,
    /// Where it stands.
    pub state: SessionState,
    /// Whether the calendar has it; else it is known from its trainees alone.
    pub on_calendar: bool,
}

/// A teacher or a room of the pool.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MeansLine {
    /// Teacher or room.
    pub name: String,
    /// Whose.
    pub provider: String,
    /// What is taught, or can be.
    pub course: String,
    /// 双师型, of teachers.
    pub dual: Option<bool>,
    /// Level of skill, of teachers.
    pub level: String,
    /// Seats, of rooms.
    pub seats: Option<i64>,
    /// Where, of rooms.
    pub place: String,
    /// Sessions to come or being held, with their days.
    pub taken: Vec<(Date, Date, u64)>,
    /// The source row.
    pub row: u64,
}

/// The pool.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SessionsPage {
    /// Sessions, as asked for: those to come by their first day, those over the latest first.
    pub sessions: Vec<SessionLine>,
    /// How many there are to come, being held, and over.
    pub counts: (usize, usize, usize),
    /// Distinct persons who took a session that is over.
    pub persons: usize,
    /// Person-times of those.
    pub person_times: usize,
    /// Teachers.
    pub trainers: Vec<MeansLine>,
    /// Rooms.
    pub rooms: Vec<MeansLine>,
    /// Providers, by name.
    pub providers: Vec<String>,
    /// Courses, by name.
    pub courses: Vec<String>,
    /// Kinds of courses that the rules know.
    pub kinds: Vec<String>,
    /// Whether the reader leads courses.
    pub may_lead: bool,
    /// The day in the books.
    pub today: Option<Date>,
}

/// Somebody of a session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TraineeLine {
    /// Who; `None`: the row is about nobody known.
    pub person: Option<u64>,
    /// Their name.
    pub name: String,
    /// Village or town.
    pub place: String,
    /// Hours attended: of the day sheets if there are some, else of the list.
    pub attended: Option<i64>,
    /// Days on the sheets.
    pub days: usize,
    /// Hours on the day that is asked for.
    pub on_day: Option<i64>,
    /// As written; empty: not yet.
    pub result: String,
    /// Whether that is completed.
    pub completed: bool,
    /// Certificate, masked but for its end.
    pub certificate: String,
    /// The source row.
    pub row: u64,
}

/// Somebody who could be enrolled.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Candidate {
    /// Who.
    pub person: u64,
    /// Their name.
    pub name: String,
    /// Village or town.
    pub place: String,
    /// Age.
    pub age: u16,
    /// What they wish to learn.
    pub to_learn: String,
    /// Who needs them at home.
    pub care: String,
    /// Whether they wish this course.
    pub wishes: bool,
    /// Whether they live in the town where it is held.
    pub near: bool,
}

/// One session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SessionPage {
    /// The session.
    pub line: SessionLine,
    /// What it costs, in fen.
    pub cost: Option<i64>,
    /// Subsidy a head, in fen.
    pub subsidy: Option<i64>,
    /// Trainees on the reader's ground, by name.
    pub trainees: Vec<TraineeLine>,
    /// How many are not.
    pub others: usize,
    /// Of households with nobody trained, who could come: those who wish it and live near first.
    pub candidates: Vec<Candidate>,
    /// Days on the sheets, with how many were there.
    pub days: Vec<(Date, usize)>,
    /// The day that is asked for.
    pub day: Date,
    /// Whether the reader leads it.
    pub may_lead: bool,
    /// The source row of the calendar.
    pub row: Option<u64>,
    /// The day in the books.
    pub today: Date,
}

/// How many candidates a page shows.
const CANDIDATES: usize = 60;
/// How many sessions that are over a page shows.
const OVER: usize = 200;

fn state(session: &Session, today: Date) -> SessionState {
    if session.cancelled {
        SessionState::Cancelled
    } else if today < session.from {
        SessionState::Planned
    } else if today <= session.to {
        SessionState::Running
    } else {
        SessionState::Over
    }
}

fn line(session: &Session, counts: (usize, usize, usize), today: Date) -> SessionLine {
    SessionLine {
        key: session.key,
        course: session.course.clone(),
        kind: session.kind.clone(),
        name: session.name.clone(),
        provider: session.provider.clone(),
        from: session.from,
        to: session.to,
        hours: session.hours,
        seats: session.seats,
        town: session.town.clone(),
        venue: session.venue.clone(),
        room: session.room.clone(),
        trainer: session.trainer.clone(),
        enrolled: counts.0,
        completed: counts.1,
        certified: counts.2,
        state: state(session, today),
        on_calendar: session.row.is_some(),
    }
}

/// Enrolled, completed, certified, by session.
fn counts(pool: &Pool) -> BTreeMap<u64, (usize, usize, usize)> {
    let mut counts: BTreeMap<u64, (usize, usize, usize)> = BTreeMap::new();
    for t in pool.trainees.iter().filter(|t| t.standing != Standing::Left) {
        let of = counts.entry(t.session).or_default();
        of.0 += 1;
        of.1 += usize::from(t.standing == Standing::Completed);
        of.2 += usize::from(t.fields.text(Field::CertificateNo).is_some());
    }
    counts
}

fn means(
    tx: &mut Tx,
    county: u32,
    kind: RosterKind,
    pool: &Pool,
    today: Date,
) -> Result<Vec<MeansLine>, OfficeError> {
    let own = if kind == RosterKind::Trainers { Field::Trainer } else { Field::Room };
    let mut out = Vec::new();
    for row in tx.rows_of_kind(county, kind, None)? {
        let fields = &row.row.fields;
        let text = |field| fields.text(field).unwrap_or_default().trim().to_owned();
        let (name, provider) = (text(own), text(Field::Provider));
        let mut taken: Vec<(Date, Date, u64)> = pool
            .sessions
            .values()
            .filter(|s| !s.cancelled && s.to >= today && s.provider == provider)
            .filter(|s| if own == Field::Trainer { s.trainer == name } else { s.room == name })
            .map(|s| (s.from, s.to, s.key))
            .collect();
        taken.sort_unstable();
        let place: Vec<String> =
            [text(Field::Town), text(Field::Venue)].into_iter().filter(|t| !t.is_empty()).collect();
        out.push(MeansLine {
            name,
            provider,
            course: text(Field::Course),
            dual: fields.flag(Field::DualQualified),
            level: text(Field::SkillLevel),
            seats: fields.number(Field::Seats),
            place: place.join(" "),
            taken,
            row: row.row_id,
        });
    }
    out.sort_by(|a, b| (&a.provider, &a.name).cmp(&(&b.provider, &b.name)));
    Ok(out)
}

/// Persons by id.
pub(super) fn persons(
    tx: &mut Tx,
    county: u32,
    ids: impl Iterator<Item = u64>,
) -> Result<BTreeMap<u64, Person>, OfficeError> {
    let ids: Vec<u64> = ids.collect::<BTreeSet<u64>>().into_iter().collect();
    Ok(tx.persons_of(county, &ids)?.into_iter().map(|p| (p.id, p)).collect())
}

pub(super) fn reaches(scope: &Scope, person: &Person) -> bool {
    scope.reaches(&access::Standing {
        person: Some(person.id),
        places: person.village.into_iter().chain(person.town).collect(),
        school: person.school,
        grade: person.grade,
        class: person.class.clone().unwrap_or_default(),
    })
}

/// A certificate as pages show it: its last four characters.
fn masked(number: &str) -> String {
    let n = number.chars().count();
    if n <= 4 {
        return number.to_owned();
    }
    format!("…{}", number.chars().skip(n - 4).collect::<String>())
}

impl Office {
    /// The pool: sessions, teachers and rooms of all providers.
    ///
    /// # Errors
    /// Without [`Right::Figures`]; what the store says.
    pub fn course_sessions(
        &self,
        actor: &Actor,
        filter: &SessionFilter,
    ) -> Result<SessionsPage, OfficeError> {
        actor.must(Right::Figures)?;
        let county = self.county_code()?;
        let kinds =
            |day| self.rules.policies.list("course_kinds", day).iter().map(ToString::to_string);
        self.store.read(|tx| {
            let today = crate::entries::today(tx, county, actor)?;
            let pool = Pool::read(tx, county)?;
            let of_sessions = counts(&pool);
            let mut page = SessionsPage {
                may_lead: actor.may(Right::Labour),
                today: Some(today),
                kinds: kinds(today).collect(),
                trainers: means(tx, county, RosterKind::Trainers, &pool, today)?,
                rooms: means(tx, county, RosterKind::Rooms, &pool, today)?,
                ..SessionsPage::default()
            };
            let (mut providers, mut courses) = (BTreeSet::new(), BTreeSet::new());
            for s in pool.sessions.values() {
                providers.insert(s.provider.clone());
                courses.insert(s.course.clone());
                let of = line(s, of_sessions.get(&s.key).copied().unwrap_or_default(), today);
                match of.state {
                    SessionState::Planned => page.counts.0 += 1,
                    SessionState::Running => page.counts.1 += 1,
                    SessionState::Over => page.counts.2 += 1,
                    SessionState::Cancelled => {}
                }
                let open = matches!(of.state, SessionState::Planned | SessionState::Running);
                let wanted = match filter.when.as_str() {
                    "over" => of.state == SessionState::Over,
                    "all" => true,
                    _ => open,
                };
                let named = |want: &str, is: &str| want.is_empty() || want == is;
                if wanted
                    && named(&filter.provider, &s.provider)
                    && named(&filter.course, &s.course)
                {
                    page.sessions.push(of);
                }
            }
            let mut took = BTreeSet::new();
            for t in pool.trainees.iter().filter(|t| t.standing != Standing::Left) {
                let over = pool.sessions.get(&t.session).is_some_and(|s| s.to < today);
                if over {
                    page.person_times += 1;
                    took.insert((t.person, if t.person.is_some() { 0 } else { t.row }));
                }
            }
            page.persons = took.len();
            page.sessions.sort_by_key(|s| (s.from, s.key));
            if filter.when == "over" {
                page.sessions.reverse();
                page.sessions.truncate(OVER);
            }
            page.providers = providers.into_iter().filter(|p| !p.is_empty()).collect();
            page.courses = courses.into_iter().collect();
            Ok(page)
        })
    }

    /// One session; `day`: whose sheet is shown.
    ///
    /// # Errors
    /// Without [`Right::Names`]; [`LabourError::NoSession`](super::LabourError::NoSession); what the store says.
    pub fn course_session(
        &self,
        actor: &Actor,
        key: u64,
        day: Option<Date>,
    ) -> Result<SessionPage, OfficeError> {
        let scope = seen(actor, Area::Training)?;
        let county = self.county_code()?;
        self.store.read(|tx| {
            let today = crate::entries::today(tx, county, actor)?;
            let pool = Pool::read(tx, county)?;
            let session = pool.session(key)?;
            let sheets = days(tx, county, session)?;
            let day = day.unwrap_or(today).clamp(session.from, session.to);
            let known = persons(tx, county, pool.of(key).filter_map(|t| t.person))?;
            let places = place_names(tx, county)?;
            let place_of = |p: &Person| {
                p.village.or(p.town).and_then(|d| places.get(&d)).cloned().unwrap_or_default()
            };
            let (mut trainees, mut others) = (Vec::new(), 0);
            for t in pool.of(key) {
                let person = t.person.and_then(|id| known.get(&id));
                let theirs =
                    if let Some(p) = person { reaches(&scope, p) } else { scope.is_whole() };
                if !theirs {
                    others += 1;
                    continue;
                }
                let sheet = t.person.and_then(|id| sheets.get(&id));
                trainees.push(TraineeLine {
                    person: person.map(|p| p.id),
                    name: t.fields.text(Field::Name).unwrap_or_default().to_owned(),
                    place: person.map(place_of).unwrap_or_default(),
                    attended: sheet
                        .map(|s| s.values().sum())
                        .or_else(|| t.fields.number(Field::AttendedHours)),
                    days: sheet.map_or(0, BTreeMap::len),
                    on_day: sheet.and_then(|s| s.get(&day)).copied(),
                    result: t.fields.text(Field::Result).unwrap_or_default().to_owned(),
                    completed: t.standing == Standing::Completed,
                    certificate: t
                        .fields
                        .text(Field::CertificateNo)
                        .map(masked)
                        .unwrap_or_default(),
                    row: t.row,
                });
            }
            trainees.sort_by(|a, b| (&a.name, a.row).cmp(&(&b.name, b.row)));
            let mut of_days: BTreeMap<Date, usize> = BTreeMap::new();
            for (on, hours) in sheets.values().flatten() {
                *of_days.entry(*on).or_default() += usize::from(*hours > 0);
            }
            let may_lead = actor.may(Right::Labour);
            let open = !session.cancelled && session.to >= today;
            let candidates = if may_lead && open {
                candidates(tx, county, (actor, &pool, session))?
            } else {
                Vec::new()
            };
            let count = counts(&pool).get(&key).copied().unwrap_or_default();
            Ok(SessionPage {
                line: line(session, count, today),
                cost: session.cost.map(fujiao_model::Money::as_fen),
                subsidy: session.subsidy.map(fujiao_model::Money::as_fen),
                trainees,
                others,
                candidates,
                days: of_days.into_iter().collect(),
                day,
                may_lead,
                row: session.row,
                today,
            })
        })
    }
}

/// Able people of households with nobody trained, who are in no session on its days.
fn candidates(
    tx: &mut Tx,
    county: u32,
    (actor, pool, session): (&Actor, &Pool, &Session),
) -> Result<Vec<Candidate>, OfficeError> {
    let mut args: Vec<V> = vec![county.into()];
    let scope = actor.scope_in(Right::Labour, Area::Training);
    let within = if scope.is_whole() {
        "1 = 1".to_owned()
    } else {
        let of = scope.persons_sql("p", &mut args);
        format!("w.person_id in (select p.person_id from person p where p.county = $1 and {of})")
    };
    let busy: BTreeSet<u64> = pool
        .trainees
        .iter()
        .filter(|t| t.standing != Standing::Left)
        .filter(|t| {
            pool.sessions.get(&t.session).is_some_and(|s| s.overlaps(session.from, session.to))
        })
        .filter_map(|t| t.person)
        .collect();
    let places = place_names(tx, county)?;
    let town = places.iter().find(|(d, name)| **d == d.town() && **name == session.town);
    let town = town.map(|(d, _)| *d);
    let mut found: Vec<Worker> = tx
        .workers(&format!("w.untrained = 1 and w.able = 1 and {within}"), &args)?
        .into_iter()
        .filter(|w| !busy.contains(&w.person))
        .collect();
    let wishes = |w: &Worker| !w.to_learn.is_empty() && w.to_learn.contains(&session.course);
    let near = |w: &Worker| w.town.is_some() && w.town == town;
    found.sort_by_key(|w| (!wishes(w), !near(w), w.care.is_empty(), w.person));
    // One of a household is enough.
    let mut homes = BTreeSet::new();
    found.retain(|w| w.household.is_none_or(|h| homes.insert(h)));
    found.truncate(CANDIDATES);
    let known = persons(tx, county, found.iter().map(|w| w.person))?;
    Ok(found
        .iter()
        .filter_map(|w| {
            let person = known.get(&w.person)?;
            Some(Candidate {
                person: w.person,
                name: person.name.clone(),
                place: w
                    .village
                    .or(w.town)
                    .and_then(|d| places.get(&d))
                    .cloned()
                    .unwrap_or_default(),
                age: w.age,
                to_learn: w.to_learn.clone(),
                care: w.care.clone(),
                wishes: wishes(w),
                near: near(w),
            })
        })
        .collect())
}
