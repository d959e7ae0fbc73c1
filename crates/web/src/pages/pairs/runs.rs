//! Runs of pairing: what each would change and why, beside another.

use askama::Template;
use axum::extract::{Path, Query, State};
use axum::response::{IntoResponse, Redirect, Response};
use fujiao_office::OfficeError;
use fujiao_office::desk::{RunLine, RunPage, RunRow, RunsPage, Seat};
use fujiao_office::pairing::{Keeping, PairError};
use serde::Deserialize;

use super::{Tabs, reasons, tabs};
use crate::app::App;
use crate::error::PageError;
use crate::gate::{CheckedForm, Sat, act};
use crate::pages::{ask, ask_for, form_page, hex, missing, unhex};
use crate::shape::{Turns, encoded};
use crate::shell::{Reader, Shell};
use crate::words::Words;

type Form = Vec<(String, String)>;

/// The kinds of change, in the order of the page.
pub(super) const CHANGES: [&str; 7] = ["new", "left", "must", "moved", "lost", "none", "kept"];

/// A run in a list.
struct RunLineRow {
    number: u64,
    when: String,
    why: String,
    paired: String,
    changes: String,
    chip: &'static str,
    state: String,
}

fn count(row: &RunRow, change: &str) -> i64 {
    row.changes.iter().find(|(c, _)| c == change).map_or(0, |(_, n)| *n)
}

fn changes(t: &Words, row: &RunRow) -> String {
    let said: Vec<String> = CHANGES
        .iter()
        .filter(|change| count(row, change) > 0)
        .map(|change| format!("{} {}", t.of("pair.change", change), t.n(count(row, change))))
        .collect();
    said.join(" · ")
}

fn run_row(t: &Words, row: &RunRow) -> RunLineRow {
    let run = &row.run;
    let signed = |n: u64| i64::try_from(n).unwrap_or(i64::MAX);
    RunLineRow {
        number: run.number,
        when: format!("{} {}", t.clock(run.at), run.name),
        why: run.why.clone(),
        paired: t.f2("pair.paired_of", t.n(signed(run.paired)), t.n(signed(run.pupils))),
        changes: changes(t, row),
        chip: match run.state.as_str() {
            "accepted" => "ok",
            "proposed" => "soon",
            _ => "na",
        },
        state: t.of("pair.run_state", &run.state),
    }
}

#[derive(Template)]
#[template(path = "pairs_runs.html")]
struct List {
    s: Shell,
    tabs: Tabs,
    runs: Vec<RunLineRow>,
    fault: String,
    v: RunsPage,
}

pub(super) async fn list(reader: Reader, Sat(seat): Sat) -> Result<Response, PageError> {
    show(&reader, &seat, String::new()).await
}

async fn show(reader: &Reader, seat: &Seat, fault: String) -> Result<Response, PageError> {
    let v = ask(reader, seat, Seat::pair_runs).await?;
    let t = reader.lang.words();
    let s = Shell::new(reader, Some(v.frame.clone()), "pairs", t.s("pair.runs"));
    let runs = v.runs.iter().map(|row| run_row(t, row)).collect();
    let template = List { tabs: tabs(&s, "/pairs/runs"), runs, fault, s, v };
    form_page(reader, template.fault.is_empty(), &template)
}

pub(super) async fn ask_for_one(
    State(app): State<App>,
    reader: Reader,
    Sat(seat): Sat,
    CheckedForm(form): CheckedForm<Form>,
) -> Result<Response, PageError> {
    let value = |name: &str| {
        form.iter().find(|(n, _)| n == name).map(|(_, v)| v.clone()).unwrap_or_default()
    };
    let keeping = if value("keeping") == "first" { Keeping::First } else { Keeping::Weighed };
    let (actor, why) = (seat.actor().clone(), value("why"));
    let came =
        act(&reader, &app.office, move |office| office.pair_run(&actor, keeping, &why)).await?;
    match came {
        Ok(run) => Ok(Redirect::to(&format!("/pairs/runs/{run}")).into_response()),
        Err(OfficeError::Pair(fault)) => show(&reader, &seat, fault.to_string()).await,
        Err(error) => Err(PageError::office(&reader, error)),
    }
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Asked {
    pub(super) with: String,
    pub(super) change: String,
    after: String,
}

/// A line of a run, as the page shows it.
struct LineRow {
    href: String,
    name: String,
    about: String,
    change: String,
    chip: &'static str,
    before: String,
    mentor: String,
    why: String,
    other: String,
}

fn line_row(t: &Words, line: &RunLine) -> LineRow {
    let none = line.mentor.is_empty();
    let school = line.child.school.as_ref().map_or("", |s| &s.name);
    let class = t.class(line.child.grade, &line.child.class);
    let about: Vec<&str> =
        [school, &class, &line.child.place_name].into_iter().filter(|p| !p.is_empty()).collect();
    LineRow {
        href: format!("/person/{}", hex(line.child.person)),
        name: line.child.name.clone(),
        about: about.join(" · "),
        change: t.of("pair.change", &line.change),
        chip: match line.change.as_str() {
            "kept" | "new" => "ok",
            "lost" | "none" => "gap",
            _ => "soon",
        },
        before: line.before.clone(),
        mentor: line.mentor.clone(),
        why: reasons(t, &line.reasons, none),
        other: match &line.other {
            None => "—".to_owned(),
            Some(name) if name.is_empty() => t.text("pair.nobody"),
            Some(name) => name.clone(),
        },
    }
}

#[derive(Template)]
#[template(path = "pairs_run.html")]
struct One {
    s: Shell,
    heading: String,
    row: RunLineRow,
    other: Option<RunLineRow>,
    stats: Vec<(String, String)>,
    /// Figures of both runs: name, this, the other.
    beside: Vec<(String, String, String)>,
    filters: Vec<(String, String, bool)>,
    lines: Vec<LineRow>,
    export: String,
    turns: Turns,
    fault: String,
    v: RunPage,
}

pub(super) async fn one(
    reader: Reader,
    Sat(seat): Sat,
    Path(id): Path<String>,
    Query(asked): Query<Asked>,
) -> Result<Response, PageError> {
    show_one(&reader, &seat, &id, asked, String::new()).await
}

async fn show_one(
    reader: &Reader,
    seat: &Seat,
    id: &str,
    asked: Asked,
    fault: String,
) -> Result<Response, PageError> {
    let Ok(number) = id.parse::<u64>() else { return Err(missing(reader, seat).await) };
    let (other, after) = (asked.with.parse().ok(), unhex(&asked.after));
    let change = asked.change.clone();
    let v =
        ask_for(reader, seat, move |seat| seat.pair_run(number, other, (&change, after), false))
            .await?;
    let t = reader.lang.words();
    let s = Shell::new(reader, Some(v.frame.clone()), "pairs", t.f1("pair.run_no", number));
    let run = &v.run.run;
    let with = v.other.as_ref().map(|o| o.run.number);
    let here = |change: &str| {
        let mut to = format!("/pairs/runs/{number}?change={}", encoded(change));
        if let Some(with) = with {
            to.push_str("&with=");
            to.push_str(&with.to_string());
        }
        to
    };
    let changed: i64 = v
        .run
        .changes
        .iter()
        .filter(|(c, _)| !matches!(c.as_str(), "kept" | "none"))
        .map(|(_, n)| n)
        .sum();
    let mut filters = vec![(here(""), t.f1("pair.changed_n", t.n(changed)), v.change.is_empty())];
    for change in CHANGES {
        let n = count(&v.run, change);
        if n > 0 {
            let label = format!("{} {}", t.of("pair.change", change), t.n(n));
            filters.push((here(change), label, v.change == change));
        }
    }
    if with.is_some() {
        let label = t.f1("pair.differ_n", t.n(v.differ));
        filters.push((here("differ"), label, v.change == "differ"));
    }
    let signed = |n: u64| t.n(i64::try_from(n).unwrap_or(i64::MAX));
    let figures = |row: &RunRow| {
        let r = &row.run;
        vec![
            signed(r.pupils),
            signed(r.paired),
            signed(r.pupils - r.paired),
            signed(r.mentors),
            signed(r.places),
            signed(r.points),
            t.n(count(row, "must")),
        ]
    };
    let names = ["pupils", "paired", "without", "mentors", "places", "points", "must"];
    let own = figures(&v.run);
    let beside = match &v.other {
        Some(other) => names
            .iter()
            .zip(own.iter().zip(figures(other)))
            .map(|(name, (a, b))| (t.of("pair.figure", name), a.clone(), b))
            .collect(),
        None => Vec::new(),
    };
    let heading = match (run.state.as_str(), count(&v.run, "must")) {
        ("proposed", 0) => {
            t.f2("pair.run_head", signed(run.paired), signed(run.pupils - run.paired))
        }
        ("proposed", must) => t.f3(
            "pair.run_head_must",
            signed(run.paired),
            signed(run.pupils - run.paired),
            t.n(must),
        ),
        _ => t.f2("pair.run_head", signed(run.paired), signed(run.pupils - run.paired)),
    };
    let template = One {
        heading,
        row: run_row(t, &v.run),
        other: v.other.as_ref().map(|row| run_row(t, row)),
        stats: names.iter().zip(own).map(|(name, n)| (t.of("pair.figure", name), n)).collect(),
        beside,
        filters,
        lines: v.lines.iter().map(|line| line_row(t, line)).collect(),
        export: format!("/pairs/runs/{number}/list.xlsx?change={}", encoded(&v.change)),
        turns: Turns {
            total: v.total,
            shown: v.lines.len(),
            first: after.map(|_| here(&v.change)),
            before: None,
            after: v.next.map(|key| format!("{}&after={}", here(&v.change), hex(key))),
        },
        fault,
        s,
        v,
    };
    form_page(reader, template.fault.is_empty(), &template)
}

async fn decided(
    reader: &Reader,
    seat: &Seat,
    id: &str,
    came: Result<(), OfficeError>,
) -> Result<Response, PageError> {
    match came {
        Ok(()) => Ok(Redirect::to(&format!("/pairs/runs/{id}")).into_response()),
        Err(OfficeError::Pair(PairError::NoRun)) => Err(missing(reader, seat).await),
        Err(OfficeError::Pair(fault)) => {
            show_one(reader, seat, id, Asked::default(), fault.to_string()).await
        }
        Err(error) => Err(PageError::office(reader, error)),
    }
}

pub(super) async fn accept(
    State(app): State<App>,
    reader: Reader,
    Sat(seat): Sat,
    Path(id): Path<String>,
    CheckedForm(_): CheckedForm<Form>,
) -> Result<Response, PageError> {
    let Ok(number) = id.parse::<u64>() else { return Err(missing(&reader, &seat).await) };
    let actor = seat.actor().clone();
    let came =
        act(&reader, &app.office, move |office| office.pair_accept(&actor, number).map(|_| ()))
            .await?;
    decided(&reader, &seat, &id, came).await
}

pub(super) async fn drop_it(
    State(app): State<App>,
    reader: Reader,
    Sat(seat): Sat,
    Path(id): Path<String>,
    CheckedForm(_): CheckedForm<Form>,
) -> Result<Response, PageError> {
    let Ok(number) = id.parse::<u64>() else { return Err(missing(&reader, &seat).await) };
    let actor = seat.actor().clone();
    let came = act(&reader, &app.office, move |office| office.pair_drop(&actor, number)).await?;
    decided(&reader, &seat, &id, came).await
}
