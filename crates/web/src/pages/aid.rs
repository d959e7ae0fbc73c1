//! Student aid: cycles and batches, what holds a batch, its lists, files and returns.

mod batch;
mod bulletin;
mod funds;
mod notice;
mod people;
mod university;

use askama::Template;
use axum::Router;
use axum::extract::State;
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use fujiao_model::{Period, Unit};
use fujiao_office::access::Actor;
use fujiao_office::aid::{AidError, AidHome, AidTally, BatchCard, Step};
use fujiao_office::desk::Seat;
use fujiao_office::{Office, OfficeError};
use serde::Deserialize;

use crate::app::App;
use crate::error::PageError;
use crate::gate::{CheckedForm, Sat, Sent, act, done};
use crate::shell::{Reader, Shell};
use crate::words::{As, Words};

/// Routes of student aid.
pub(crate) fn routes() -> Router<App> {
    Router::new()
        .route("/aid", get(home))
        .route("/aid/open", post(open))
        .route("/aid/cycle/{id}/close", post(close_cycle))
        .merge(bulletin::routes())
        .merge(university::routes())
        .merge(batch::routes())
        .merge(funds::routes())
        .merge(people::routes())
}

/// Routes that anybody may read.
pub(crate) fn public_routes() -> Router<App> {
    notice::routes()
}

/// A batch in the list of its cycle.
struct Card {
    id: u64,
    name: String,
    step: String,
    chip: &'static str,
    lines: u64,
    total: String,
    paid: String,
    bar: String,
}

/// A cycle with its batches.
struct Cycle {
    id: u64,
    title: String,
    period: String,
    closed: bool,
    /// Every batch of it came to its end.
    closable: bool,
    batches: Vec<Card>,
}

#[derive(Template)]
#[template(path = "aid.html")]
struct HomePage {
    s: Shell,
    heading: String,
    cycles: Vec<Cycle>,
    programmes: Vec<(String, String)>,
    programme: String,
    period: String,
    fault: String,
}

async fn home(
    State(app): State<App>,
    reader: Reader,
    Sat(seat): Sat,
) -> Result<Response, PageError> {
    show(&app, &reader, &seat, None).await
}

/// All batches; with what was asked for when a batch could not be opened, and why not.
async fn show(
    app: &App,
    reader: &Reader,
    seat: &Seat,
    refused: Option<(Asked, AidError)>,
) -> Result<Response, PageError> {
    let t = reader.lang.words();
    let frame = super::ask(reader, seat, Seat::frame).await?;
    let actor = seat.actor().clone();
    let v: AidHome = done(reader, &app.office, move |office| office.aid_home(&actor)).await?;
    let open = v.cycles.iter().flat_map(|(.., batches)| batches);
    let open = open.filter(|c| c.batch.withdrawn.is_none() && c.step != Step::Closed).count();
    let heading = match open {
        0 => t.text("aid.head_none"),
        n => t.f1("aid.head_open", n),
    };
    let ended = |c: &BatchCard| c.batch.withdrawn.is_some() || c.step == Step::Closed;
    let cycles = v.cycles.into_iter().map(|(cycle, title, batches)| Cycle {
        id: cycle.id,
        closable: cycle.closed_at.is_none() && batches.iter().all(ended),
        title: t.title(&title).to_owned(),
        period: period(t, &cycle.period),
        closed: cycle.closed_at.is_some(),
        batches: batches
            .into_iter()
            .map(|card| {
                let tally = &card.tally;
                Card {
                    id: card.batch.id,
                    name: t.f1("aid.nth", card.batch.number),
                    step: if card.batch.withdrawn.is_some() {
                        t.text("aid.withdrawn")
                    } else {
                        t.of("aid.step", card.step.code())
                    },
                    chip: chip(card.step, card.batch.withdrawn.is_some()),
                    lines: tally.lines,
                    total: t.q(Unit::Fen, tally.total),
                    paid: t.q(Unit::Fen, tally.paid.1),
                    bar: bar(tally),
                }
            })
            .collect(),
    });
    let page = HomePage {
        s: Shell::new(reader, Some(frame), "aid_batches", t.s("aid.batches")),
        heading,
        programme: refused.as_ref().map(|(asked, _)| asked.programme.clone()).unwrap_or_default(),
        fault: refused.as_ref().map(|(_, fault)| t.refusal(fault)).unwrap_or_default(),
        cycles: cycles.collect(),
        programmes: v
            .programmes
            .into_iter()
            .map(|(key, title)| (key, t.title(&title).to_owned()))
            .collect(),
        period: match &refused {
            Some((asked, _)) => asked.period.clone(),
            None => v.period,
        },
    };
    super::form_page(reader, refused.is_none(), &page)
}

/// Closes a cycle whose batches all came to their end.
async fn close_cycle(sent: Sent<Why>) -> Result<Response, PageError> {
    let Sent { app, reader, seat, id, .. } = sent;
    let cycle = id.parse().unwrap_or(0);
    go(&app, &reader, &seat, "/aid".to_owned(), move |o, a| o.aid_close_cycle(a, cycle)).await
}

#[derive(Clone, Default, Deserialize)]
#[serde(default)]
struct Asked {
    programme: String,
    period: String,
}

async fn open(
    State(app): State<App>,
    reader: Reader,
    Sat(seat): Sat,
    CheckedForm(asked): CheckedForm<Asked>,
) -> Result<Response, PageError> {
    let (actor, of) = (seat.actor().clone(), asked.clone());
    let opened =
        act(&reader, &app.office, move |o| o.aid_open(&actor, &of.programme, &of.period)).await?;
    match opened {
        Ok(opened) => Ok(Redirect::to(&format!("/aid/batch/{}", opened.batch)).into_response()),
        Err(OfficeError::Aid(fault)) => show(&app, &reader, &seat, Some((asked, fault))).await,
        Err(e) => Err(PageError::office(&reader, e)),
    }
}

/// Does something as whoever asks, and goes on to a page.
async fn go(
    app: &App,
    reader: &Reader,
    seat: &Seat,
    to: String,
    work: impl FnOnce(&Office, &Actor) -> Result<(), OfficeError> + Send + 'static,
) -> Result<Response, PageError> {
    let actor = seat.actor().clone();
    done(reader, &app.office, move |office| work(office, &actor)).await?;
    Ok(Redirect::to(&to).into_response())
}

/// A reason, and what it is about.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Why {
    why: String,
}

fn period(t: &Words, text: &str) -> String {
    match Period::parse(text) {
        Some(period) => t.period(Some(period)),
        None => text.to_owned(),
    }
}

fn chip(step: impl As<Step>, withdrawn: bool) -> &'static str {
    match step.get() {
        _ if withdrawn => "na",
        Step::Closed | Step::Reconciled => "ok",
        _ => "soon",
    }
}

/// What was paid of a batch.
fn bar(tally: &AidTally) -> String {
    crate::shape::share_bar(tally.total, tally.paid.1, tally.total - tally.paid.1)
}
