//! Who is asked whether the money came.

use askama::Template;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Redirect, Response};
use fujiao_model::Unit;
use fujiao_office::aid::SampleLine;
use fujiao_office::desk::Seat;
use serde::Deserialize;

use super::number;
use crate::app::App;
use crate::error::PageError;
use crate::gate::{Sat, Sent, done};
use crate::pages::aid::{Why, go};
use crate::pages::{ask, missing, page};
use crate::shell::{Reader, Shell};

pub(super) async fn draw(sent: Sent<Why>) -> Result<Response, PageError> {
    let Sent { app, reader, seat, id, .. } = sent;
    let (actor, batch) = (seat.actor().clone(), number(&id));
    let sample = done(&reader, &app.office, move |o| o.draw_sample(&actor, batch)).await?;
    Ok(Redirect::to(&format!("/aid/sample/{sample}")).into_response())
}

#[derive(Template)]
#[template(path = "aid_sample.html")]
struct SamplePage {
    s: Shell,
    id: u64,
    asked: usize,
    lines: Vec<(SampleLine, String)>,
}

pub(super) async fn sample(
    State(app): State<App>,
    reader: Reader,
    Sat(seat): Sat,
    Path(id): Path<String>,
) -> Result<Response, PageError> {
    let t = reader.lang.words();
    let frame = ask(&reader, &seat, Seat::frame).await?;
    let (actor, sample) = (seat.actor().clone(), number(&id));
    let lines = done(&reader, &app.office, move |o| o.sample_lines(&actor, sample)).await?;
    if lines.is_empty() {
        return Err(missing(&reader, &seat).await);
    }
    let page_of = SamplePage {
        s: Shell::new(&reader, Some(frame), "aid_batches", t.f1("aid.sample_head", sample)),
        id: sample,
        asked: lines.iter().filter(|l| l.answer.is_some()).count(),
        lines: lines
            .into_iter()
            .map(|l| {
                let amount = t.q(Unit::Fen, l.amount);
                (l, amount)
            })
            .collect(),
    };
    page(&reader, &page_of)
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Said {
    payment: u64,
    answer: String,
}

pub(super) async fn answer_sample(sent: Sent<Said>) -> Result<Response, PageError> {
    let Sent { app, reader, seat, id, form } = sent;
    let sample = number(&id);
    let there = format!("/aid/sample/{id}");
    go(&app, &reader, &seat, there, move |o, a| {
        o.answer_sample(a, sample, form.payment, &form.answer)
    })
    .await
}
