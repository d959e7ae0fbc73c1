//! 先看看: children whom somebody should look after before they leave, with the reasons and what to do.

use askama::Template;
use axum::Router;
use axum::extract::Query;
use axum::response::Response;
use axum::routing::get;
use fujiao_office::desk::{RisksPage, Seat};
use serde::Deserialize;

use crate::app::App;
use crate::error::PageError;
use crate::gate::Sat;
use crate::shape::{Turns, encoded};
use crate::shell::{Reader, Shell};

/// Routes of early warning.
pub(crate) fn routes() -> Router<App> {
    Router::new().route("/risks", get(risks))
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Asked {
    all: String,
    after: String,
}

#[derive(Template)]
#[template(path = "risks.html")]
struct Page {
    s: Shell,
    all: bool,
    turns: Turns,
    v: RisksPage,
}

async fn risks(
    reader: Reader,
    Sat(seat): Sat,
    Query(asked): Query<Asked>,
) -> Result<Response, PageError> {
    let all = !asked.all.is_empty();
    let after = asked.after.clone();
    let v = super::ask(&reader, &seat, move |seat: &Seat| seat.risks(all, &after)).await?;
    let here = if all { "/risks?all=1&" } else { "/risks?" };
    let turns = Turns {
        total: v.total,
        shown: v.lines.len(),
        first: (!asked.after.is_empty()).then(|| here.trim_end_matches(['?', '&']).to_owned()),
        before: None,
        after: v.next.as_ref().map(|key| format!("{here}after={}", encoded(key))),
    };
    let title = reader.lang.words().s("risk.head");
    let s = Shell::new(&reader, Some(v.frame.clone()), "risks", title);
    super::page(&reader, &Page { s, all, turns, v })
}
