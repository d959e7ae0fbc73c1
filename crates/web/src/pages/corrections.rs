//! Putting facts right: the form for one cell, and the list of what waits, holds and was taken back.

use askama::Template;
use axum::Router;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use fujiao_model::Field;
use fujiao_office::OfficeError;
use fujiao_office::access::Actor;
use fujiao_office::corrections::{CorrectionError, CorrectionState, Proposal};
use fujiao_office::desk::{CellPage, CorrectionTab, CorrectionsPage, Seat};
use serde::Deserialize;

use super::account::pick;
use crate::app::App;
use crate::error::PageError;
use crate::gate::{CheckedForm, Sat, act, done};
use crate::shape::Pager;
use crate::shell::{Reader, Shell};
use crate::words::As;

/// Routes of putting facts right.
pub(crate) fn routes() -> Router<App> {
    Router::new()
        .route("/corrections", get(list))
        .route("/correct/{row}/{field}", get(form).post(correct))
        .route("/corrections/second", post(second))
        .route("/corrections/{id}/confirm", post(confirm))
        .route("/corrections/{id}/refuse", post(refuse))
        .route("/corrections/{id}/withdraw", post(withdraw))
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Asked {
    tab: String,
    page: String,
    /// Of several that were decided together: how many, and how many stayed.
    done: Option<usize>,
    left: Option<usize>,
}

#[derive(Template)]
#[template(path = "corrections.html")]
struct ListPage {
    s: Shell,
    heading: String,
    pager: Pager,
    /// What came of deciding several together, or empty.
    said: String,
    /// Whether some here wait for the reader: then several can be chosen.
    choose: bool,
    v: CorrectionsPage,
}

async fn list(
    reader: Reader,
    Sat(seat): Sat,
    Query(asked): Query<Asked>,
) -> Result<Response, PageError> {
    let t = reader.lang.words();
    let tab = CorrectionTab::parse(&asked.tab).unwrap_or_default();
    let n = asked.page.parse().unwrap_or(1).clamp(1, 1_000_000);
    let v = super::ask(&reader, &seat, move |seat| seat.corrections(tab, n)).await?;
    let of = |tab| v.counts.iter().find(|(of, _)| *of == tab).map_or(0, |(_, n)| *n);
    let (waiting, disagree) = (of(CorrectionTab::Waiting), of(CorrectionTab::Disagree));
    let heading = match (waiting, disagree) {
        (0, 0) => t.s("correct.head_clear").to_owned(),
        (0, n) => t.f1("correct.head_disagree", t.n(n)),
        (n, 0) => t.f1("correct.head_waiting", t.n(n)),
        (n, m) => t.f2("correct.head_both", t.n(n), t.n(m)),
    };
    let said = match (asked.done, asked.left.unwrap_or(0)) {
        (None, _) => String::new(),
        (Some(done), 0) => t.f1("correct.decided", done),
        (Some(done), left) => t.f2("correct.decided_left", done, left),
    };
    let page = ListPage {
        said,
        choose: v.lines.iter().filter(|line| line.may_confirm).count() > 1,
        s: Shell::new(&reader, Some(v.frame.clone()), "corrections", t.s("correct.list")),
        heading,
        pager: Pager::new(of(tab), v.page, v.per_page, |n| {
            format!("/corrections?tab={}&page={n}", tab.code())
        }),
        v,
    };
    super::page(&reader, &page)
}

#[derive(Template)]
#[template(path = "correct.html")]
struct FormPage {
    s: Shell,
    heading: String,
    second: Option<String>,
    said: Proposal,
    /// The field of the form that a fault is about, or empty.
    at: &'static str,
    field_fault: String,
    fault: String,
    v: CellPage,
}

async fn form_page(
    reader: &Reader,
    seat: &Seat,
    (row, field): (String, String),
    said: Proposal,
    fault: Option<CorrectionError>,
) -> Result<Response, PageError> {
    let t = reader.lang.words();
    let Some((row, field)) = super::unhex(&row).zip(Field::from_code(&field)) else {
        return Err(super::missing(reader, seat).await);
    };
    let v = super::ask_for(reader, seat, move |seat| seat.cell(row, field)).await?;
    let heading = match &v.person {
        Some((_, name)) => t.f2("correct.head_of", name, t.field(field)),
        None => t.f1("correct.head", t.field(field)),
    };
    let at = fault.as_ref().and_then(CorrectionError::at).unwrap_or_default();
    let said_fault = fault.as_ref().map(ToString::to_string).unwrap_or_default();
    let status = if fault.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    let page = FormPage {
        s: Shell::new(reader, Some(v.frame.clone()), "corrections", heading.as_str()),
        heading,
        second: v.second.map(|second| pick(t, &second.zh, &second.en).to_owned()),
        // A number that was typed does not stand in the page again.
        said: if field.is_secret() { Proposal { now: String::new(), ..said } } else { said },
        field_fault: if at.is_empty() { String::new() } else { said_fault.clone() },
        fault: if at.is_empty() { said_fault } else { String::new() },
        at,
        v,
    };
    let html = page.render().map_err(|e| PageError::failed(reader, &e))?;
    Ok((status, Html(html)).into_response())
}

async fn form(
    reader: Reader,
    Sat(seat): Sat,
    Path(cell): Path<(String, String)>,
) -> Result<Response, PageError> {
    form_page(&reader, &seat, cell, Proposal::default(), None).await
}

#[derive(Deserialize)]
struct Said {
    #[serde(default)]
    now: String,
    #[serde(default)]
    reason: String,
    #[serde(default)]
    evidence: String,
}

async fn correct(
    State(app): State<App>,
    reader: Reader,
    Sat(seat): Sat,
    Path(cell): Path<(String, String)>,
    CheckedForm(said): CheckedForm<Said>,
) -> Result<Response, PageError> {
    let Some((row, field)) = super::unhex(&cell.0).zip(Field::from_code(&cell.1)) else {
        return Err(super::missing(&reader, &seat).await);
    };
    let said = Proposal { now: said.now, reason: said.reason, evidence: said.evidence };
    let (actor, proposal) = (seat.actor().clone(), said.clone());
    let taken =
        act(&reader, &app.office, move |office| office.correct(&actor, row, field, &proposal))
            .await?;
    match taken {
        Ok((id, state)) => {
            let tab = match state {
                CorrectionState::Waiting => CorrectionTab::Waiting,
                _ => CorrectionTab::InForce,
            };
            let there = format!("/corrections?tab={}#c{id}", tab.code());
            Ok(Redirect::to(&there).into_response())
        }
        Err(OfficeError::Correction(CorrectionError::NoSuchRow)) => {
            Err(super::missing(&reader, &seat).await)
        }
        Err(OfficeError::Correction(fault)) => {
            form_page(&reader, &seat, cell, said, Some(fault)).await
        }
        Err(e) => Err(PageError::office(&reader, e)),
    }
}

#[derive(Deserialize)]
struct Why {
    #[serde(default)]
    why: String,
}

/// Does something about a correction and goes back to the list.
async fn about(
    app: &App,
    reader: &Reader,
    seat: &Seat,
    tab: CorrectionTab,
    work: impl FnOnce(&fujiao_office::Office, &Actor) -> Result<(), OfficeError> + Send + 'static,
) -> Result<Response, PageError> {
    let actor = seat.actor().clone();
    done(reader, &app.office, move |office| work(office, &actor)).await?;
    Ok(Redirect::to(&format!("/corrections?tab={}", tab.code())).into_response())
}

/// Decides several together: those that were ticked.
async fn second(
    State(app): State<App>,
    reader: Reader,
    Sat(seat): Sat,
    CheckedForm(form): CheckedForm<Vec<(String, String)>>,
) -> Result<Response, PageError> {
    let of = |name: &'static str| form.iter().filter(move |(n, _)| n == name).map(|(_, v)| v);
    let ids: Vec<u64> = of("pick").filter_map(|id| id.parse().ok()).collect();
    let refuses = of("do").any(|v| v == "refuse");
    let why = of("why").next().cloned().unwrap_or_default();
    let actor = seat.actor().clone();
    let seconded = done(&reader, &app.office, move |office| {
        office.second_corrections(&actor, &ids, refuses.then_some(why.as_str()))
    })
    .await?;
    let (done, left) = (seconded.decided, seconded.left.len());
    let to = format!("/corrections?tab=waiting&done={done}&left={left}");
    Ok(Redirect::to(&to).into_response())
}

async fn confirm(
    State(app): State<App>,
    reader: Reader,
    Sat(seat): Sat,
    Path(id): Path<u64>,
    CheckedForm(_): CheckedForm<Why>,
) -> Result<Response, PageError> {
    let work =
        move |office: &fujiao_office::Office, actor: &Actor| office.confirm_correction(actor, id);
    about(&app, &reader, &seat, CorrectionTab::InForce, work).await
}

async fn refuse(
    State(app): State<App>,
    reader: Reader,
    Sat(seat): Sat,
    Path(id): Path<u64>,
    CheckedForm(form): CheckedForm<Why>,
) -> Result<Response, PageError> {
    let work = move |office: &fujiao_office::Office, actor: &Actor| {
        office.refuse_correction(actor, id, &form.why)
    };
    about(&app, &reader, &seat, CorrectionTab::Refused, work).await
}

async fn withdraw(
    State(app): State<App>,
    reader: Reader,
    Sat(seat): Sat,
    Path(id): Path<u64>,
    CheckedForm(form): CheckedForm<Why>,
) -> Result<Response, PageError> {
    let work = move |office: &fujiao_office::Office, actor: &Actor| {
        office.withdraw_correction(actor, id, &form.why)
    };
    about(&app, &reader, &seat, CorrectionTab::Ended, work).await
}

pub(crate) fn tab_key(tab: impl As<CorrectionTab>) -> &'static str {
    match tab.get() {
        CorrectionTab::Waiting => "correct.tab_waiting",
        CorrectionTab::Disagree => "correct.tab_disagree",
        CorrectionTab::InForce => "correct.tab_in_force",
        CorrectionTab::Refused => "correct.tab_refused",
        CorrectionTab::Ended => "correct.tab_ended",
    }
}

pub(crate) fn state_key(state: impl As<CorrectionState>) -> &'static str {
    match state.get() {
        CorrectionState::Waiting => "correct.state_waiting",
        CorrectionState::InForce => "correct.state_in_force",
        CorrectionState::Refused => "correct.state_refused",
        CorrectionState::Withdrawn => "correct.state_withdrawn",
        CorrectionState::Replaced => "correct.state_replaced",
    }
}

pub(crate) fn chip(state: impl As<CorrectionState>) -> &'static str {
    match state.get() {
        CorrectionState::Waiting => "soon",
        CorrectionState::InForce => "ok",
        CorrectionState::Refused => "gap",
        CorrectionState::Withdrawn | CorrectionState::Replaced => "na",
    }
}

pub(crate) fn replaced(state: impl As<CorrectionState>) -> bool {
    state.get() == CorrectionState::Replaced
}
