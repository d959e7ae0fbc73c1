//! Who can work, what they learn, where they work: the labour register, courses of many providers in one pool, vacancies, matches
//! and placements with their proofs.
//!
//! What workbooks say and what is written on pages are source rows alike (ADR 0066): a session opened here, a trainee enrolled, a day
//! marked, a job begun stand in the books as the rows of rosters do, and are duties and deeds at the next assessment.

pub(crate) mod coding;
mod duties;
mod known;
mod matching;
mod papers;
mod people;
mod pool;
mod providers;
mod register;
mod rows;
mod sessions;
mod work;

use fujiao_model::Area;
use fujiao_store::{Author, Event, Tx};
use jiff::civil::Date;

use crate::OfficeError;
use crate::access::{Actor, Right, Scope};

pub(crate) use duties::{AGAIN, CERTIFICATE, KINDS};
pub use fujiao_labour::providers::Share;
pub(crate) use known::Known;
pub use matching::{How, LINES, MatchPage, MatchView, MatchesPage};
pub use people::{FindingLine, FindingsPage, PEOPLE, WorkerFilter, WorkerLine, WorkersPage};
pub(crate) use pool::Pool;
pub use providers::{ProviderLine, ProvidersPage};
pub(crate) use sessions::open_planned;
pub use sessions::{
    Candidate, MeansLine, NewSession, SessionFilter, SessionLine, SessionPage, SessionState,
    SessionsPage, TraineeLine,
};
pub use work::{
    ClockLine, JOBS, JobLine, JobsPage, NewJob, NewVacancy, VacanciesPage, VacancyLine,
};
pub(crate) use work::{Vacancy, vacancies};

/// Why something of training or work cannot be done.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LabourError {
    /// No such session.
    #[error("没有这个培训班；看培训日历")]
    NoSession,
    /// No such vacancy.
    #[error("没有这个岗位；看岗位列表")]
    NoVacancy,
    /// No such job.
    #[error("没有这条就业记录，或不归你管")]
    NoJob,
    /// No such person, or not theirs.
    #[error("没有这个人，或不归你管")]
    NoPerson,
    /// No such run.
    #[error("没有这次匹配；看匹配记录")]
    NoRun,
    /// A field is missing or wrong.
    #[error("{reason}")]
    Form {
        /// The field.
        field: &'static str,
        /// Why, with the remedy.
        reason: String,
    },
    /// No seats are left.
    #[error("这个班计划 {seats} 人，已报 {enrolled} 人，坐不下再加 {more} 人；减人，或改计划人数")]
    Full {
        /// Seats.
        seats: i64,
        /// Enrolled.
        enrolled: i64,
        /// Wanted besides.
        more: i64,
    },
    /// A teacher or a room is taken, or somebody learns elsewhere.
    #[error("{0}")]
    Clash(String),
    /// It does not stand where that can be done.
    #[error("{0}")]
    NotNow(String),
}

/// What a title may be.
#[derive(Clone, Debug, PartialEq)]
pub struct CodedTitle {
    /// Whether the first may stand; else a person chooses.
    pub sure: bool,
    /// Code, name and how likely, the likeliest first.
    pub guesses: Vec<(String, String, f64)>,
}

/// Codes titles as people write them by the classification of 2022: 小类, the likeliest first.
pub fn code_titles(titles: &[&str], most: usize) -> Vec<CodedTitle> {
    let coded = coding::model().code_all(titles, fujiao_labour::coding::Level::Minor, most);
    coded
        .into_iter()
        .map(|c| CodedTitle {
            sure: c.is_sure,
            guesses: c
                .guesses
                .into_iter()
                .map(|g| (g.code.to_string(), coding::catalogue().name(g.code).to_owned(), g.score))
                .collect(),
        })
        .collect()
}

fn wrong(field: &'static str, reason: impl Into<String>) -> LabourError {
    LabourError::Form { field, reason: reason.into() }
}

/// Where an actor may see people of training or jobs.
fn seen(actor: &Actor, area: Area) -> Result<Scope, OfficeError> {
    actor.must(Right::Names)?;
    Ok(actor.scope_in(Right::Names, area))
}

/// Where an actor leads courses or jobs.
fn led(actor: &Actor, area: Area) -> Result<Scope, OfficeError> {
    actor.must(Right::Labour)?;
    Ok(actor.scope_in(Right::Labour, area))
}

fn note(
    tx: &mut Tx,
    county: u32,
    actor: &Actor,
    action: &str,
    object: &str,
    detail: &str,
) -> Result<(), OfficeError> {
    tx.audit(&Event { county, at: actor.at, actor: &actor.login, action, object, detail })?;
    Ok(())
}

fn author(actor: &Actor) -> Author {
    Author { user: actor.user, login: actor.login.clone(), name: actor.name.clone(), at: actor.at }
}

/// A text of a form, trimmed; `most` characters.
fn text(
    field: &'static str,
    said: &str,
    most: usize,
    needed: Option<&str>,
) -> Result<String, LabourError> {
    let said = said.trim();
    match needed {
        Some(what) if said.is_empty() => Err(wrong(field, format!("没有写{what}；补上再存"))),
        _ if said.chars().count() > most => Err(wrong(field, format!("最多写 {most} 字"))),
        _ => Ok(said.to_owned()),
    }
}

/// A whole number of a form.
fn whole(
    field: &'static str,
    said: &str,
    what: &str,
    (least, most): (i64, i64),
) -> Result<i64, LabourError> {
    let said = said.trim();
    let n = said.parse::<i64>().ok().filter(|n| (least..=most).contains(n));
    n.ok_or_else(|| wrong(field, format!("{what}写 {least} 到 {most} 的整数")))
}

/// A day of a form that has come.
fn past_day(
    field: &'static str,
    said: Option<Date>,
    today: Date,
    what: &str,
) -> Result<Date, LabourError> {
    let on = said.ok_or_else(|| wrong(field, format!("写{what}的日子，如 {today}")))?;
    if on > today {
        Err(wrong(field, format!("{on} 还没到；写已经发生的日子")))
    } else {
        Ok(on)
    }
}
