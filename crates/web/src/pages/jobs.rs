//! Long jobs: the list, one job with its progress, and the stream by which a page follows it.

use std::convert::Infallible;
use std::time::Duration;

use askama::Template;
use axum::Router;
use axum::extract::{Path, State};
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use fujiao_office::OfficeError;
use fujiao_office::access::Actor;
use fujiao_office::desk::{RowCounts, Seat};
use fujiao_office::jobs::{Job, JobError, JobKind, JobState, JobView};
use futures_util::stream;
use jiff::civil::Date;
use serde::Deserialize;

use super::uploads::job_key;
use crate::app::App;
use crate::error::PageError;
use crate::gate::{CheckedForm, Nothing, Sat, act, done};
use crate::shell::{Reader, Shell};
use crate::words::{As, Words};

/// Columns of the rows of a file.
pub(crate) const ROWS: [&str; 6] =
    ["rows.read", "rows.created", "rows.updated", "rows.unchanged", "rows.parked", "rows.refused"];

/// How often a stream looks.
const TICK: Duration = Duration::from_millis(700);
/// After so many looks a stream ends; the browser asks again and is let in again, or not.
const TICKS: u32 = 400;

/// Routes of long jobs.
pub(crate) fn routes() -> Router<App> {
    Router::new()
        .route("/jobs", get(jobs))
        .route("/jobs/{id}", get(job))
        .route("/jobs/{id}/events", get(events))
        .route("/jobs/{id}/stop", post(stop))
        .route("/assess", post(assess))
}

/// How far a job is, for a page.
pub(super) struct Going {
    pub(super) id: u64,
    pub(super) title: String,
    pub(super) text: String,
    pub(super) done: u64,
    pub(super) of: u64,
    pub(super) ended: bool,
    pub(super) can_stop: bool,
    /// What stopping means.
    pub(super) stop_hint: String,
    pub(super) stopping: bool,
}

impl Going {
    pub(super) fn of(t: &Words, job: Option<&Job>) -> Self {
        let Some(job) = job else {
            let (title, text) = (String::new(), String::new());
            return Self {
                id: 0,
                title,
                text,
                done: 0,
                of: 1,
                ended: true,
                can_stop: false,
                stop_hint: String::new(),
                stopping: false,
            };
        };
        let kind = JobKind::parse(&job.kind);
        let (text, done, of) = step(t, job);
        let ended = job.state.has_ended();
        Self {
            id: job.id,
            title: t.s(job_key(kind)).to_owned(),
            text,
            done,
            of,
            ended,
            can_stop: !ended
                && !job.stop
                && !matches!(kind, Some(JobKind::Assess | JobKind::Backup)),
            stop_hint: t
                .s(if kind == Some(JobKind::Plan) { "job.stop_plan" } else { "job.stop_hint" })
                .to_owned(),
            stopping: !ended && job.stop,
        }
    }
}

/// What a job does now, and how far it is: never none of nothing.
fn step(t: &Words, job: &Job) -> (String, u64, u64) {
    let (step, done, of) = &job.step;
    match job.state {
        JobState::Queued => (t.s("job.queued").to_owned(), 0, 1),
        _ if step.is_empty() => (t.s("job.begun").to_owned(), 0, 1),
        _ => (t.f3("job.step", t.step(step), done, of), *done, (*of).max(1)),
    }
}

struct JobLine {
    id: u64,
    what: String,
    who: String,
    since: String,
    state: String,
    chip: &'static str,
}

#[derive(Template)]
#[template(path = "jobs.html")]
struct JobsPage {
    s: Shell,
    today: String,
    lines: Vec<JobLine>,
}

async fn jobs(
    State(app): State<App>,
    reader: Reader,
    Sat(seat): Sat,
) -> Result<Response, PageError> {
    let t = reader.lang.words();
    let frame = super::ask(&reader, &seat, Seat::frame).await?;
    let actor = seat.actor().clone();
    let found = done(&reader, &app.office, move |office| office.jobs(&actor)).await?;
    let lines = found.iter().map(|job| JobLine {
        id: job.id,
        what: what(t, job),
        who: job.author_name.clone(),
        since: t.clock(job.made_at),
        state: t.s(state_key(job.state)).to_owned(),
        chip: chip(job.state),
    });
    let page = JobsPage {
        s: Shell::new(&reader, Some(frame), "work", t.s("job.list")),
        today: seat.actor().today().to_string(),
        lines: lines.collect(),
    };
    super::page(&reader, &page)
}

fn what(t: &Words, job: &Job) -> String {
    let kind = JobKind::parse(&job.kind);
    let name = t.s(job_key(kind));
    match kind {
        Some(JobKind::Assess) => t.f2("job.about_day", name, &job.input),
        _ => t.f2("job.about_batch", name, t.f1("bring.number", &job.input)),
    }
}

#[derive(Template)]
#[template(path = "job.html")]
struct JobPage {
    s: Shell,
    state: String,
    chip: &'static str,
    about: String,
    p: Going,
    /// Whether workbooks came in, so that an assessment is next.
    imported: bool,
    today: String,
    v: JobView,
}

/// A job that is theirs to see.
async fn see(app: &App, reader: &Reader, seat: &Seat, id: u64) -> Result<JobView, PageError> {
    let actor = seat.actor().clone();
    match act(reader, &app.office, move |office| office.job(&actor, id)).await? {
        Ok(view) => Ok(view),
        Err(OfficeError::Job(JobError::NoSuchJob)) => Err(super::missing(reader, seat).await),
        Err(e) => Err(PageError::office(reader, e)),
    }
}

async fn job(
    State(app): State<App>,
    reader: Reader,
    Sat(seat): Sat,
    Path(id): Path<String>,
) -> Result<Response, PageError> {
    let Ok(id) = id.parse::<u64>() else { return Err(super::missing(&reader, &seat).await) };
    let t = reader.lang.words();
    let frame = super::ask(&reader, &seat, Seat::frame).await?;
    let v = see(&app, &reader, &seat, id).await?;
    let p = Going::of(t, Some(&v.job));
    let about = match v.job.ended_at {
        Some(at) => t.f3("job.from_to", &v.job.author_name, t.clock(v.job.made_at), t.clock(at)),
        None => t.f2("job.from", &v.job.author_name, t.clock(v.job.made_at)),
    };
    let import = matches!(v.kind, Some(JobKind::Import | JobKind::ImportAll));
    let page = JobPage {
        s: Shell::new(&reader, Some(frame), "work", p.title.as_str()),
        state: t.s(state_key(v.job.state)).to_owned(),
        chip: chip(v.job.state),
        about,
        p,
        imported: import && v.job.state == JobState::Done,
        today: seat.actor().today().to_string(),
        v,
    };
    super::page(&reader, &page)
}

/// What a stream remembers between two looks.
struct Following {
    app: App,
    actor: Actor,
    id: u64,
    words: &'static Words,
    ticks: u32,
    told: String,
    over: bool,
}

/// Follows a job: `progress` whenever it moves, `end` when nothing more will happen.
async fn events(
    State(app): State<App>,
    reader: Reader,
    Sat(seat): Sat,
    Path(id): Path<u64>,
) -> Result<Response, PageError> {
    see(&app, &reader, &seat, id).await?;
    let following = Following {
        app,
        actor: seat.actor().clone(),
        id,
        words: reader.lang.words(),
        ticks: 0,
        told: String::new(),
        over: false,
    };
    let stream = stream::unfold(following, |mut f| async move {
        loop {
            if f.over || f.ticks > TICKS {
                return None;
            }
            if f.ticks > 0 {
                tokio::time::sleep(TICK).await;
            }
            f.ticks += 1;
            let (office, actor, id) = (f.app.office.clone(), f.actor.clone(), f.id);
            let look = tokio::task::spawn_blocking(move || office.job(&actor, id)).await;
            let Ok(Ok(view)) = look else { return None };
            let (text, done, of) = step(f.words, &view.job);
            f.over = view.job.state.has_ended();
            let said = serde_json::json!({ "text": text, "done": done, "of": of }).to_string();
            if f.over {
                return Some((Ok::<_, Infallible>(Event::default().event("end").data(said)), f));
            }
            if said != f.told {
                f.told.clone_from(&said);
                return Some((Ok(Event::default().event("progress").data(said)), f));
            }
        }
    });
    Ok(Sse::new(stream).keep_alive(KeepAlive::default()).into_response())
}

async fn stop(
    State(app): State<App>,
    reader: Reader,
    Sat(seat): Sat,
    Path(id): Path<u64>,
    CheckedForm(Nothing {}): CheckedForm<Nothing>,
) -> Result<Response, PageError> {
    let actor = seat.actor().clone();
    done(&reader, &app.office, move |office| office.stop_job(&actor, id)).await?;
    Ok(Redirect::to(&format!("/jobs/{id}")).into_response())
}

#[derive(Deserialize)]
struct AsOf {
    as_of: String,
}

async fn assess(
    State(app): State<App>,
    reader: Reader,
    Sat(seat): Sat,
    CheckedForm(form): CheckedForm<AsOf>,
) -> Result<Response, PageError> {
    let t = reader.lang.words();
    let Ok(day) = form.as_of.parse::<Date>() else {
        return Err(PageError::input(&reader, t.s("job.no_day")));
    };
    let actor = seat.actor().clone();
    let job =
        done(&reader, &app.office, move |office| office.queue_assessment(&actor, day)).await?;
    Ok(Redirect::to(&format!("/jobs/{job}")).into_response())
}

pub(super) fn state_key(state: JobState) -> &'static str {
    match state {
        JobState::Queued => "job.state_queued",
        JobState::Running => "job.state_running",
        JobState::Done => "job.state_done",
        JobState::Failed => "job.state_failed",
        JobState::Stopped => "job.state_stopped",
    }
}

fn chip(state: JobState) -> &'static str {
    match state {
        JobState::Queued | JobState::Running => "soon",
        JobState::Done => "ok",
        JobState::Failed => "gap",
        JobState::Stopped => "na",
    }
}

/// The rows of a file, with the key of each column.
pub(crate) fn rows(of: &RowCounts) -> Vec<(&'static str, i64)> {
    let counts = [of.read, of.created, of.updated, of.unchanged, of.parked, of.refused];
    ROWS.into_iter().zip(counts.map(As::get)).collect()
}
