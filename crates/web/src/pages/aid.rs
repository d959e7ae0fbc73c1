//! Student aid: cycles and batches, what holds a batch, its lists, files and returns.

mod batch;
mod funds;
mod notice;
mod people;

use askama::Template;
use axum::Router;
use axum::extract::State;
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use fujiao_model::{Period, Unit};
use fujiao_office::access::Actor;
use fujiao_office::aid::{AidHome, AidTally, Step};
use fujiao_office::desk::Seat;
use fujiao_office::{Office, OfficeError};
use serde::Deserialize;

use crate::app::App;
use crate::error::PageError;
use crate::gate::{CheckedForm, Sat, done};
use crate::shell::{Reader, Shell};
use crate::words::{As, Words};

/// Routes of student aid.
pub(crate) fn routes() -> Router<App> {
    Router::new()
        .route("/aid", get(home))
        .route("/aid/open", post(open))
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
    title: String,
    period: String,
    closed: bool,
    batches: Vec<Card>,
}

#[derive(Template)]
#[template(path = "aid.html")]
struct HomePage {
    s: Shell,
    heading: String,
    cycles: Vec<Cycle>,
    programmes: Vec<(String, String)>,
    period: String,
}

async fn home(
    State(app): State<App>,
    reader: Reader,
    Sat(seat): Sat,
) -> Result<Response, PageError> {
    let t = reader.lang.words();
    let frame = super::ask(&reader, &seat, Seat::frame).await?;
    let actor = seat.actor().clone();
    let v: AidHome = done(&reader, &app.office, move |office| office.aid_home(&actor)).await?;
    let open = v.cycles.iter().flat_map(|(.., batches)| batches);
    let open = open.filter(|c| c.batch.withdrawn.is_none() && c.step != Step::Closed).count();
    let heading = match open {
        0 => t.text("aid.head_none"),
        n => t.f1("aid.head_open", n),
    };
    let cycles = v.cycles.into_iter().map(|(cycle, title, batches)| Cycle {
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
        s: Shell::new(&reader, Some(frame), "aid_batches", t.s("aid.batches")),
        heading,
        cycles: cycles.collect(),
        programmes: v
            .programmes
            .into_iter()
            .map(|(key, title)| (key, t.title(&title).to_owned()))
            .collect(),
        period: v.period,
    };
    super::page(&reader, &page)
}

#[derive(Deserialize)]
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
    let actor = seat.actor().clone();
    let opened = done(&reader, &app.office, move |office| {
        office.aid_open(&actor, &asked.programme, &asked.period)
    })
    .await?;
    Ok(Redirect::to(&format!("/aid/batch/{}", opened.batch)).into_response())
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
