//! 各学段学生资助情况统计表 of a calendar year.

use askama::Template;
use axum::Router;
use axum::extract::{Query, State};
use axum::response::Response;
use axum::routing::get;
use fujiao_model::Unit;
use fujiao_office::bulletin::{BulletinRow, Classes};
use fujiao_office::desk::Seat;
use serde::Deserialize;

use crate::app::App;
use crate::error::PageError;
use crate::gate::{Sat, done};
use crate::pages::lists::as_file;
use crate::pages::{ask, may_export, page};
use crate::shell::{Reader, Shell};
use crate::words::Words;

pub(super) fn routes() -> Router<App> {
    Router::new().route("/aid/bulletin", get(table)).route("/aid/bulletin.xlsx", get(table_file))
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Asked {
    year: String,
}

/// A half in words: what came in, what was paid, persons; of both classes amount and persons.
struct Half {
    received: String,
    amount: String,
    persons: String,
    classes: Vec<(String, String)>,
}

/// A line, in words.
struct Line {
    title: String,
    class: &'static str,
    halves: Vec<Half>,
    persons: String,
    times: String,
    amount: String,
}

#[derive(Template)]
#[template(path = "aid_bulletin.html")]
struct Page {
    s: Shell,
    heading: String,
    year: i16,
    years: Vec<i16>,
    lines: Vec<Line>,
    general: Vec<(String, String)>,
}

async fn table(
    State(app): State<App>,
    reader: Reader,
    Sat(seat): Sat,
    Query(asked): Query<Asked>,
) -> Result<Response, PageError> {
    let t = reader.lang.words();
    let frame = ask(&reader, &seat, Seat::frame).await?;
    let (actor, year) = (seat.actor().clone(), asked.year.parse().ok());
    let v = done(&reader, &app.office, move |o| o.bulletin(&actor, year)).await?;
    let all = v.rows.iter().find(|row| row.stage.is_none()).map(|row| row.year[0]);
    let heading = match all {
        None => t.text("bulletin.head_none"),
        Some(all) => t.f3(
            "bulletin.head",
            t.q(Unit::Fen, all.amount),
            count(t, all.persons),
            count(t, all.times),
        ),
    };
    let general = [("bulletin.spring", v.general[0]), ("bulletin.autumn", v.general[1])];
    let of = Page {
        s: Shell::new(&reader, Some(frame), "bulletin", t.s("bulletin.name")),
        heading,
        year: v.year,
        years: v.years.clone(),
        lines: v.rows.iter().map(|row| line(t, row)).collect(),
        general: general
            .into_iter()
            .filter(|(_, fen)| *fen > 0)
            .map(|(key, fen)| (t.text(key), t.q(Unit::Fen, fen)))
            .collect(),
    };
    page(&reader, &of)
}

fn count(t: &Words, n: u64) -> String {
    t.n(i64::try_from(n).unwrap_or(i64::MAX))
}

fn line(t: &Words, row: &BulletinRow) -> Line {
    let fen = |n: i64| if n == 0 { String::new() } else { t.q(Unit::Fen, n) };
    let persons = |n: u64| if n == 0 { String::new() } else { count(t, n) };
    let half = |classes: &Classes, received: Option<i64>| Half {
        received: received.map_or_else(String::new, fen),
        amount: fen(classes[0].amount),
        persons: persons(classes[0].persons),
        classes: classes[1..].iter().map(|c| (fen(c.amount), persons(c.persons))).collect(),
    };
    let (title, class) = match (row.stage, &row.title) {
        (None, _) => (t.text("bulletin.all"), "sum"),
        (Some(stage), None) => (t.of("bulletin.stage", stage.code()), "sum"),
        (Some(_), Some(title)) => (t.title(title).to_owned(), ""),
    };
    Line {
        title,
        class,
        halves: vec![half(&row.spring, row.received[0]), half(&row.autumn, row.received[1])],
        persons: persons(row.year[0].persons),
        times: persons(row.year[0].times),
        amount: fen(row.year[0].amount),
    }
}

async fn table_file(
    State(app): State<App>,
    reader: Reader,
    Sat(seat): Sat,
    Query(asked): Query<Asked>,
) -> Result<Response, PageError> {
    may_export(&reader, &seat)?;
    let frame = ask(&reader, &seat, Seat::frame).await?;
    let (actor, year) = (seat.actor().clone(), asked.year.parse().ok());
    let list = done(&reader, &app.office, move |o| {
        let today = actor.today();
        Ok(o.bulletin(&actor, year)?.sheet(&frame.county_name, today))
    })
    .await?;
    as_file(&reader, list, "bulletin", true).await
}
