//! 双线核对: who lives here and is of school age against who is enrolled, each finding with its rows.

use askama::Template;
use axum::Router;
use axum::extract::Query;
use axum::response::Response;
use axum::routing::get;
use fujiao_office::desk::{Seat, TwoLine, TwoLinesPage};
use serde::Deserialize;

use crate::app::App;
use crate::error::PageError;
use crate::gate::Sat;
use crate::shape::Turns;
use crate::shell::{Reader, Shell};
use crate::words::Words;

/// Routes of the check of two lines.
pub(crate) fn routes() -> Router<App> {
    Router::new().route("/two-lines", get(two_lines))
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Asked {
    kind: String,
    after: String,
}

#[derive(Template)]
#[template(path = "two_lines.html")]
struct Page {
    s: Shell,
    /// Findings that say that a child is in no school.
    out: i64,
    turns: Turns,
    v: TwoLinesPage,
}

async fn two_lines(
    reader: Reader,
    Sat(seat): Sat,
    Query(asked): Query<Asked>,
) -> Result<Response, PageError> {
    let (kind, after) = (asked.kind, asked.after.clone());
    let v = super::ask(&reader, &seat, move |seat: &Seat| seat.two_lines(&kind, &after)).await?;
    let here = format!("/two-lines?kind={}", v.kind);
    let turns = Turns {
        total: v.total,
        shown: v.lines.len(),
        first: (!asked.after.is_empty()).then(|| here.clone()),
        before: None,
        after: v.next.as_ref().map(|key| format!("{here}&after={key}")),
    };
    let title = reader.lang.words().s("lines.head");
    let s = Shell::new(&reader, Some(v.frame.clone()), "two-lines", title);
    let out = v.counts.iter().filter(|(_, out, _)| *out).map(|(.., n)| n).sum();
    super::page(&reader, &Page { s, out, turns, v })
}

/// What a finding says, with its day or its days.
pub(crate) fn said(t: &Words, line: &TwoLine) -> String {
    let word = t.of("lines.found", &line.found);
    match (line.since, line.days) {
        (Some(day), _) => t.f2("lines.since", word, t.day(Some(day), None)),
        (None, Some(days)) => t.f2("lines.days", word, days),
        (None, None) => word,
    }
}
