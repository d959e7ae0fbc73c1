//! Runs that match people to vacancies, and the offers that they become.

use axum::Router;
use axum::extract::{Path, Query, State};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use fujiao_office::labour::{How, LINES, MatchView};
use serde::Deserialize;

use super::super::sheets::{Cell, Form, Sheet, cell, day, heads, input, number, pages};
use super::super::{hex, missing, unhex};
use super::work::{Asked, wage};
use super::{acted, asked, button, fault, files, paper, sheets_page};
use crate::app::App;
use crate::error::PageError;
use crate::gate::{CheckedForm, Sat};
use crate::shell::Reader;
use crate::words::Words;

pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/matches", get(runs).post(run))
        .route("/matches/{id}", get(one))
        .route("/matches/{id}/accept", post(accept))
        .route("/matches/{id}/drop", post(drop_run))
        .route("/matches/{id}/answer", post(answer))
        .route("/matches/{id}/notice", get(notice))
        .route("/matches/{id}/xlsx", get(files::matches))
}

fn chip(state: &str) -> &'static str {
    match state {
        "accepted" => "ok",
        "proposed" => "soon",
        _ => "na",
    }
}

async fn runs(State(app): State<App>, reader: Reader, sat: Sat) -> Result<Response, PageError> {
    runs_page(&reader, &app, &sat, String::new()).await
}

async fn runs_page(
    reader: &Reader,
    app: &App,
    sat: &Sat,
    fault: String,
) -> Result<Response, PageError> {
    let t = reader.lang.words();
    let v = asked(reader, app, sat, fujiao_office::Office::match_runs).await?;
    let mut forms = Vec::new();
    if v.may_decide {
        forms.push(Form {
            action: "/matches".into(),
            title: t.text("labour.match_now"),
            button: t.text("labour.match_now"),
            inputs: vec![
                input("how", t.s("labour.match_how"), "select").of(["weight", "stable"]
                    .iter()
                    .map(|h| ((*h).to_owned(), t.of("labour.how_of", h)))
                    .collect()),
                input("why", t.s("work.why"), "text").must(),
            ],
            open: v.runs.is_empty() || !fault.is_empty(),
        });
    }
    let list = Sheet {
        id: "runs",
        title: t.text("labour.match_runs"),
        note: t.text("labour.match_note"),
        head: heads(
            t,
            &[
                ("labour.match_run", false),
                ("labour.match_how", false),
                ("labour.show.looking", true),
                ("labour.openings_left", true),
                ("labour.matched", true),
                ("labour.points", true),
                ("labour.state", false),
            ],
        ),
        rows: v
            .runs
            .iter()
            .map(|r| {
                vec![
                    cell(t.f1("labour.run_no", r.number))
                        .to(format!("/matches/{}", r.number))
                        .under(&r.why),
                    cell(t.of("labour.how_of", &r.how)).under(format!("{} {}", r.name, r.as_of)),
                    number(r.people.to_string()),
                    number(r.posts.to_string()),
                    number(r.matched.to_string()),
                    number(r.points.to_string()),
                    cell(t.of("labour.run_of", &r.state)).chip(chip(&r.state)),
                ]
            })
            .collect(),
        empty: t.text("labour.no_runs"),
        forms,
        ..Sheet::default()
    };
    let text = (
        t.text("labour.matches"),
        t.f2("labour.matches_head", v.counts.0, v.counts.1),
        t.text("labour.matches_about"),
    );
    sheets_page(reader, sat, ("/matches", "placements"), text, (fault, vec![list])).await
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Posted {
    how: String,
    why: String,
    person: String,
    took: String,
    on: String,
}

async fn run(
    State(app): State<App>,
    reader: Reader,
    sat: Sat,
    CheckedForm(f): CheckedForm<Posted>,
) -> Result<Response, PageError> {
    let how = How::parse(&f.how).unwrap_or(How::Weight);
    match acted(&reader, &app, &sat, move |o, actor| o.match_people(actor, how, &f.why)).await? {
        Ok(number) => Ok(Redirect::to(&format!("/matches/{number}")).into_response()),
        Err(error) => {
            let why = fault(error).map_err(|e| PageError::office(&reader, e))?;
            runs_page(&reader, &app, &sat, why).await
        }
    }
}

/// Reasons in words: of a match with points, of who is left with how many vacancies each bars from.
pub(super) fn reasons(t: &Words, v: &MatchView) -> String {
    let left = v.line.vacancy.is_empty();
    let words: Vec<String> = v
        .reasons
        .iter()
        .map(|(code, n)| {
            let word = t.of("labour.reason_of", code);
            match *n {
                0 => word,
                n if left => t.f2("labour.bars_n", word, n),
                n if n > 0 => format!("{word} +{n}"),
                n => format!("{word} −{}", n.abs()),
            }
        })
        .collect();
    words.join("；")
}

fn outcome(t: &Words, v: &MatchView) -> Cell {
    let word = t.of("labour.outcome_of", &v.line.outcome);
    match v.line.outcome.as_str() {
        "placed" => cell(word).chip("ok"),
        "declined" => cell(word).chip("na").under(&v.line.why),
        _ => cell(word).chip("soon"),
    }
}

async fn one(
    State(app): State<App>,
    reader: Reader,
    sat: Sat,
    Path(id): Path<String>,
    Query(ask): Query<Asked>,
) -> Result<Response, PageError> {
    let Ok(number) = id.parse() else { return Err(missing(&reader, &sat.0).await) };
    one_page(&reader, &app, &sat, (number, &ask), String::new()).await
}

#[expect(clippy::too_many_lines, reason = "one sheet after the other")]
async fn one_page(
    reader: &Reader,
    app: &App,
    sat: &Sat,
    (run, ask): (u64, &Asked),
    fault: String,
) -> Result<Response, PageError> {
    let t = reader.lang.words();
    let (show, page) = (ask.show.clone(), ask.number());
    let v = asked(reader, app, sat, move |o, actor| o.match_page(actor, run, &show, page, false))
        .await?;
    let here = format!("/matches/{run}");
    let accepted = v.run.state == "accepted";
    let chosen = |show: &str, key: &str, n: usize| {
        let chip = if ask.show == show { "ok" } else { "" };
        vec![cell(t.s(key)).to(format!("{here}?show={show}")).chip(chip), number(n.to_string())]
    };
    let [matched, left, placed, declined] = v.counts;
    let mut forms = Vec::new();
    if v.may_decide && v.run.state == "proposed" {
        if v.run.verdict == "ok" {
            forms.push(Form {
                open: true,
                ..button(format!("{here}/accept"), t.text("labour.accept"))
            });
        }
        forms.push(button(format!("{here}/drop"), t.text("labour.drop")));
    }
    let mut rows =
        vec![chosen("matched", "labour.matched", matched), chosen("left", "labour.left", left)];
    if accepted {
        rows.push(chosen("open", "labour.outcome_of.open", matched - placed - declined));
        rows.push(vec![cell(t.s("labour.outcome_of.placed")), number(placed.to_string())]);
        rows.push(vec![cell(t.s("labour.outcome_of.declined")), number(declined.to_string())]);
    }
    let verdict = if v.run.verdict == "ok" {
        t.text("labour.checked")
    } else {
        t.f1("labour.not_checked", &v.run.verdict)
    };
    let figures = Sheet {
        id: "figures",
        title: t.of("labour.run_of", &v.run.state),
        note: verdict,
        head: heads(t, &[("labour.who", false), ("labour.people", true)]),
        rows,
        forms,
        ..Sheet::default()
    };
    let bars = Sheet {
        id: "bars",
        title: t.text("labour.bars"),
        note: t.text("labour.bars_note"),
        head: heads(t, &[("work.reason", false), ("labour.people", true)]),
        rows: v
            .bars
            .iter()
            .map(|(code, n)| vec![cell(t.of("labour.reason_of", code)), number(n.to_string())])
            .collect(),
        empty: t.text("labour.nobody_left"),
        ..Sheet::default()
    };
    let mut answers = Vec::new();
    let open: Vec<(String, String)> = v
        .lines
        .iter()
        .filter(|m| !m.line.vacancy.is_empty() && m.line.outcome == "open")
        .map(|m| (hex(m.person), format!("{} · {} · {}", m.name, m.place, m.line.employer)))
        .collect();
    if accepted && v.may_lead && !open.is_empty() {
        answers.push(Form {
            action: format!("{here}/answer"),
            title: t.text("labour.answer"),
            button: t.text("work.keep"),
            inputs: vec![
                input("person", t.s("word.name"), "select").of(open),
                input("took", t.s("labour.took"), "select").of(vec![
                    ("1".into(), t.text("labour.took_yes")),
                    ("0".into(), t.text("labour.took_no")),
                ]),
                input("on", t.s("labour.began_on"), "date").with(v.today.to_string()),
                input("why", t.s("labour.why_not"), "text"),
            ],
            open: !fault.is_empty(),
        });
    }
    let address = format!("{here}?show={}", crate::shape::encoded(&ask.show));
    let mut links = vec![(format!("{here}/xlsx"), t.text("labour.xlsx"))];
    if accepted {
        links.insert(0, (format!("{here}/notice"), t.text("labour.offers_notice")));
    }
    let list = Sheet {
        id: "list",
        title: t.f1("labour.lines_n", v.total),
        note: t.text("labour.lines_note"),
        head: heads(
            t,
            &[
                ("word.name", false),
                ("labour.place", false),
                ("labour.offer", false),
                ("labour.wage", true),
                ("labour.points", true),
                ("labour.why_so", false),
                ("labour.state", false),
            ],
        ),
        rows: v
            .lines
            .iter()
            .map(|m| {
                let left = m.line.vacancy.is_empty();
                vec![
                    cell(&m.name).to(format!("/person/{}", hex(m.person))),
                    cell(&m.place),
                    if left {
                        cell(t.s("labour.no_offer")).chip("gap")
                    } else {
                        cell(&m.line.employer)
                            .under(format!("{} {}", m.line.occupation, m.line.work_place))
                    },
                    number(if left { "—".to_owned() } else { wage(t, m.line.wage) }),
                    number(if left { "—".to_owned() } else { m.line.points.to_string() }),
                    cell(reasons(t, m)),
                    if left || !accepted { cell("") } else { outcome(t, m) },
                ]
            })
            .collect(),
        empty: t.text("labour.nobody"),
        pages: pages(t, &address, (page, LINES, v.total)),
        forms: answers,
        links,
        ..Sheet::default()
    };
    let text = (
        t.f1("labour.run_no", run),
        t.f3("labour.run_head", v.run.people, v.run.posts, v.run.matched),
        t.f2("labour.run_about", t.of("labour.how_of", &v.run.how), &v.run.why),
    );
    sheets_page(reader, sat, ("/matches", "placements"), text, (fault, vec![figures, list, bars]))
        .await
}

async fn decide(
    reader: &Reader,
    (app, sat): (&App, &Sat),
    id: &str,
    accept: bool,
) -> Result<Response, PageError> {
    let Ok(number) = id.parse::<u64>() else { return Err(missing(reader, &sat.0).await) };
    let done = acted(reader, app, sat, move |o, actor| {
        if accept { o.accept_matches(actor, number) } else { o.drop_matches(actor, number) }
    })
    .await?;
    match done {
        Ok(_) => Ok(Redirect::to(&format!("/matches/{number}")).into_response()),
        Err(error) => {
            let why = fault(error).map_err(|e| PageError::office(reader, e))?;
            one_page(reader, app, sat, (number, &Asked::default()), why).await
        }
    }
}

async fn accept(
    State(app): State<App>,
    reader: Reader,
    sat: Sat,
    Path(id): Path<String>,
    CheckedForm(_): CheckedForm<Posted>,
) -> Result<Response, PageError> {
    decide(&reader, (&app, &sat), &id, true).await
}

async fn drop_run(
    State(app): State<App>,
    reader: Reader,
    sat: Sat,
    Path(id): Path<String>,
    CheckedForm(_): CheckedForm<Posted>,
) -> Result<Response, PageError> {
    decide(&reader, (&app, &sat), &id, false).await
}

async fn answer(
    State(app): State<App>,
    reader: Reader,
    sat: Sat,
    Path(id): Path<String>,
    CheckedForm(f): CheckedForm<Posted>,
) -> Result<Response, PageError> {
    let (Ok(number), Some(person)) = (id.parse::<u64>(), unhex(&f.person)) else {
        return Err(missing(&reader, &sat.0).await);
    };
    let (took, on) = (f.took == "1", day(&f.on));
    let done = acted(&reader, &app, &sat, move |o, actor| {
        o.answer_offer(actor, (number, person), took, on, &f.why)
    })
    .await?;
    match done {
        Ok(()) => Ok(Redirect::to(&format!("/matches/{number}?show=open#list")).into_response()),
        Err(error) => {
            let why = fault(error).map_err(|e| PageError::office(&reader, e))?;
            let ask = Asked { show: "open".to_owned(), ..Asked::default() };
            one_page(&reader, &app, &sat, (number, &ask), why).await
        }
    }
}

async fn notice(
    State(app): State<App>,
    reader: Reader,
    sat: Sat,
    Path(id): Path<String>,
) -> Result<Response, PageError> {
    let Ok(number) = id.parse::<u64>() else { return Err(missing(&reader, &sat.0).await) };
    let done = acted(&reader, &app, &sat, move |o, actor| o.offers_paper(actor, number)).await?;
    match done {
        Ok(file) => Ok(paper(file)),
        Err(error) => {
            let why = fault(error).map_err(|e| PageError::office(&reader, e))?;
            one_page(&reader, &app, &sat, (number, &Asked::default()), why).await
        }
    }
}
