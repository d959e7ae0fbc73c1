//! The labour register, and what of training and work does not hold.

use axum::Router;
use axum::extract::{Query, State};
use axum::response::Response;
use axum::routing::get;
use fujiao_model::Division;
use fujiao_office::labour::{PEOPLE, WorkerFilter, WorkerLine};
use serde::Deserialize;

use super::super::hex;
use super::super::sheets::{Cell, Sheet, cell, heads, number, pages};
use super::{asked, files, sheets_page};
use crate::app::App;
use crate::error::PageError;
use crate::gate::Sat;
use crate::shape::encoded;
use crate::shell::Reader;
use crate::words::Words;

pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/labour", get(register))
        .route("/labour/xlsx", get(files::register))
        .route("/labour/findings", get(findings))
        .route("/labour/findings/xlsx", get(files::findings))
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Asked {
    pub(super) show: String,
    pub(super) town: String,
    pub(super) q: String,
    pub(super) kind: String,
    pub(super) page: String,
}

impl Asked {
    pub(super) fn filter(&self) -> WorkerFilter {
        WorkerFilter {
            show: self.show.clone(),
            town: Division::parse(&self.town).ok(),
            words: self.q.chars().take(20).collect(),
            page: self.number(),
        }
    }

    pub(super) fn number(&self) -> usize {
        self.page.parse::<usize>().unwrap_or(1).clamp(1, 100_000)
    }
}

/// What somebody does now, in words.
pub(crate) fn now(t: &Words, w: &WorkerLine) -> String {
    match (w.of.job.as_str(), w.of.working) {
        ("working", _) | (_, Some(true)) => t.text("labour.works"),
        ("kept", _) => t.text("labour.job_of.kept"),
        ("silent", _) => t.text("labour.job_of.silent"),
        ("ended", _) => t.text("labour.job_of.ended"),
        (_, Some(false)) => t.text("labour.works_not"),
        _ => t.text("labour.not_said"),
    }
}

/// A text with what the classification calls it.
pub(super) fn coded(said: &str, called: &str) -> Cell {
    if called.is_empty() || called == said { cell(said) } else { cell(said).under(called) }
}

async fn register(
    State(app): State<App>,
    reader: Reader,
    sat: Sat,
    Query(ask): Query<Asked>,
) -> Result<Response, PageError> {
    let t = reader.lang.words();
    let filter = ask.filter();
    let v = asked(&reader, &app, &sat, move |o, actor| o.workers(actor, &filter, false)).await?;
    let [all, able, working, looking, untrained, leavers, tied] = v.counts;
    let chosen = |key: &str, show: &str, n: i64| {
        let chip = if ask.show == show { "ok" } else { "" };
        vec![cell(t.s(key)).to(format!("/labour?show={show}")).chip(chip), number(t.n(n))]
    };
    let mut figures = Sheet {
        id: "figures",
        title: t.text("labour.figures"),
        note: t.f2("labour.persons_times", t.n(v.trained.0), t.n(v.trained.1)),
        head: heads(t, &[("labour.who", false), ("labour.people", true)]),
        rows: vec![
            chosen("labour.show.all", "", all),
            chosen("labour.show.labour", "labour", able),
            chosen("labour.show.looking", "looking", looking),
            chosen("labour.show.untrained", "untrained", untrained),
            chosen("labour.show.leavers", "leavers", leavers),
            chosen("labour.show.tied", "tied", tied),
        ],
        ..Sheet::default()
    };
    figures.rows.insert(2, vec![cell(t.s("labour.show.working")), number(t.n(working))]);
    let query = format!(
        "/labour?show={}&town={}&q={}",
        encoded(&ask.show),
        encoded(&ask.town),
        encoded(&ask.q)
    );
    let list = Sheet {
        id: "list",
        title: t.f1("labour.list", t.n(v.total)),
        note: t.text("labour.list_note"),
        head: heads(
            t,
            &[
                ("word.name", false),
                ("labour.place", false),
                ("labour.age", true),
                ("labour.ability", false),
                ("labour.skill", false),
                ("labour.now", false),
                ("labour.wish", false),
                ("labour.learnt", false),
                ("labour.care", false),
            ],
        ),
        rows: v.lines.iter().map(|w| row(t, w)).collect(),
        empty: t.text("labour.nobody"),
        pages: pages(t, &query, (ask.number(), PEOPLE, usize::try_from(v.total).unwrap_or(0))),
        links: vec![(query.replacen("/labour?", "/labour/xlsx?", 1), t.text("labour.xlsx"))],
        ..Sheet::default()
    };
    let towns = Sheet {
        id: "towns",
        title: t.text("labour.towns"),
        head: heads(
            t,
            &[("word.town", false), ("labour.show.labour", true), ("labour.show.looking", true)],
        ),
        rows: v
            .towns
            .iter()
            .map(|(code, name, able, looking)| {
                vec![
                    cell(name).to(format!("/labour?town={code}&show={}", encoded(&ask.show))),
                    number(t.n(*able)),
                    number(t.n(*looking)),
                ]
            })
            .collect(),
        ..Sheet::default()
    };
    let mut sheets = vec![figures, list];
    if v.towns.len() > 1 {
        sheets.push(towns);
    }
    let text = (
        t.text("labour.register"),
        t.f3("labour.head", t.n(able), t.n(looking), t.n(untrained)),
        t.text("labour.about"),
    );
    sheets_page(&reader, &sat, ("/labour", "labour"), text, (String::new(), sheets)).await
}

fn row(t: &Words, w: &WorkerLine) -> Vec<Cell> {
    let learnt = if w.of.completed > 0 {
        let to = w.of.trained_to.map_or_else(String::new, |d| d.to_string());
        cell(&w.of.course).under(to)
    } else if w.of.untrained {
        cell(t.s("labour.household_untrained")).chip("gap")
    } else {
        cell("—")
    };
    let ability = cell(t.of("labour.ability_of", &w.of.ability)).under(&w.of.why);
    let doing = if w.of.trade.is_empty() { w.of.employer.clone() } else { w.of.trade.clone() };
    vec![
        cell(&w.name).to(format!("/person/{}", hex(w.of.person))).under(if w.of.leaver {
            t.text("labour.leaver")
        } else {
            String::new()
        }),
        cell(&w.place),
        number(w.of.age.to_string()),
        ability,
        coded(&w.of.skill, &w.called[0]),
        cell(now(t, w)).under(doing),
        coded(if w.of.wished.is_empty() { &w.of.wish } else { &w.of.wished }, &w.called[2]),
        learnt,
        cell(&w.of.care),
    ]
}

async fn findings(
    State(app): State<App>,
    reader: Reader,
    sat: Sat,
    Query(ask): Query<Asked>,
) -> Result<Response, PageError> {
    let t = reader.lang.words();
    let (kind, page) = (ask.kind.clone(), ask.number());
    let v =
        asked(&reader, &app, &sat, move |o, actor| o.labour_findings(actor, &kind, page, false))
            .await?;
    let all: usize = v.kinds.iter().map(|k| k.1).sum();
    let kinds = Sheet {
        id: "kinds",
        title: t.text("labour.kinds"),
        note: t.text("labour.kinds_note"),
        head: heads(t, &[("word.kind", false), ("labour.found", true)]),
        rows: v
            .kinds
            .iter()
            .map(|(kind, n)| {
                vec![
                    cell(t.of("labour.finding_of", kind))
                        .to(format!("/labour/findings?kind={kind}")),
                    number(t.n(i64::try_from(*n).unwrap_or(0))),
                ]
            })
            .collect(),
        empty: t.text("labour.nothing_found"),
        ..Sheet::default()
    };
    let address = format!("/labour/findings?kind={}", encoded(&ask.kind));
    let list = Sheet {
        id: "list",
        title: t.f1("labour.findings_n", v.total),
        note: t.text("labour.findings_note"),
        head: heads(
            t,
            &[
                ("word.name", false),
                ("labour.place", false),
                ("word.kind", false),
                ("labour.what", false),
                ("word.source", false),
            ],
        ),
        rows: v
            .lines
            .iter()
            .map(|f| {
                let source =
                    f.of.rows.first().map_or(String::new(), |row| format!("/source/{}", hex(*row)));
                let name = match f.of.person {
                    Some(person) => cell(&f.name).to(format!("/person/{}", hex(person))),
                    None => cell("—"),
                };
                vec![
                    name,
                    cell(&f.place),
                    cell(t.of("labour.finding_of", &f.of.kind)),
                    cell(&f.of.facts),
                    cell(f.of.day.to_string()).to(source),
                ]
            })
            .collect(),
        empty: t.text("labour.nothing_found"),
        pages: pages(t, &address, (ask.number(), PEOPLE, v.total)),
        links: vec![(address.replacen("/findings?", "/findings/xlsx?", 1), t.text("labour.xlsx"))],
        ..Sheet::default()
    };
    let text = (
        t.text("labour.findings"),
        t.f1("labour.findings_head", all),
        t.text("labour.findings_about"),
    );
    let here = ("/labour/findings", "labour");
    sheets_page(&reader, &sat, here, text, (String::new(), vec![kinds, list])).await
}
