//! 代际: what became of those who were aided, as a funnel, by cohort and by town.

use askama::Template;
use axum::Router;
use axum::response::Response;
use axum::routing::get;
use fujiao_office::desk::{GenerationsPage, Seat, StageSum};

use crate::app::App;
use crate::error::PageError;
use crate::gate::Sat;
use crate::shape::share_bar;
use crate::shell::{Reader, Shell};

/// Routes of the way between generations.
pub(crate) fn routes() -> Router<App> {
    Router::new().route("/generations", get(generations))
}

struct StageRow {
    name: String,
    reached: String,
    missed: String,
    unknown: String,
    bar: String,
}

/// Lines with a cell a stage.
struct Table {
    title: &'static str,
    rows: Vec<(String, Vec<String>)>,
}

#[derive(Template)]
#[template(path = "generations.html")]
struct Page {
    s: Shell,
    stages: Vec<StageRow>,
    tables: Vec<Table>,
    v: GenerationsPage,
}

/// The keys of the stages, in their order.
pub(crate) const STAGES: [&str; 6] = [
    "generation.aided",
    "generation.stayed",
    "generation.finished",
    "generation.continued",
    "generation.employed",
    "generation.out",
];

async fn generations(reader: Reader, Sat(seat): Sat) -> Result<Response, PageError> {
    let t = reader.lang.words();
    let v = super::ask(&reader, &seat, Seat::generations).await?;
    let said =
        |n: Option<u64>| n.map_or_else(|| t.s("generation.hidden").to_owned(), |n| t.n(signed(n)));
    let row = |(at, stage): (usize, &StageSum)| {
        let bar = stage.reached.zip(stage.missed);
        StageRow {
            name: t.s(STAGES[at]).to_owned(),
            reached: said(stage.reached),
            missed: said(stage.missed),
            unknown: said(stage.unknown),
            bar: bar.map_or_else(String::new, |(reached, missed)| {
                share_bar(signed(reached + missed), signed(reached), signed(missed))
            }),
        }
    };
    let stages = v.stages.iter().enumerate().map(row).collect();
    let cells = |cells: &[Option<u64>]| cells.iter().map(|n| said(*n)).collect::<Vec<_>>();
    let cohorts =
        v.cohorts.iter().map(|(year, of)| (t.f2("generation.year", year, year + 1), cells(of)));
    let towns = v.towns.iter().map(|(name, of)| {
        let name = if name.is_empty() { t.s("today.elsewhere") } else { name };
        (name.to_owned(), cells(of))
    });
    let tables = vec![
        Table { title: "generation.by_cohort", rows: cohorts.collect() },
        Table { title: "generation.by_town", rows: towns.collect() },
    ];
    let title = t.s("generation.head");
    let s = Shell::new(&reader, Some(v.frame.clone()), "generations", title);
    super::page(&reader, &Page { s, stages, tables, v })
}

fn signed(n: u64) -> i64 {
    i64::try_from(n).unwrap_or(i64::MAX)
}
