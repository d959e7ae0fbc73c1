//! Plans: the list, the form for a new one, one with its map and figures, and two side by side.

mod compare;
mod draw;
mod figures;
mod form;
mod kinds;
mod sheets;

use askama::Template;
use axum::Router;
use axum::extract::{DefaultBodyLimit, Path, Query, State};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use fujiao_office::OfficeError;
use fujiao_office::access::Right;
use fujiao_office::desk::Seat;
use fujiao_office::jobs::JobState;
use fujiao_office::plans::{
    Ask, GROUND_BYTES, PlanDuty, PlanError, PlanView, Scenario, ScenarioState, said,
};
use jiff::civil::Date;
use serde::Deserialize;

use super::jobs::Going;
use super::lists::as_workbook;
use crate::app::App;
use crate::error::PageError;
use crate::gate::{CheckedForm, Nothing, Sat, act, done};
use crate::shell::{Reader, Shell};
use crate::words::Words;
use figures::{Change, Figure};
use kinds::Kind;

/// Routes of plans.
pub(crate) fn routes() -> Router<App> {
    Router::new()
        .route("/plans", get(list).post(form::ask))
        .route("/plans/new", get(form::new))
        .route("/plans/table", get(form::table))
        .route("/plans/ground", get(form::ground).post(form::bring_ground))
        .layer(DefaultBodyLimit::max(GROUND_BYTES + (1 << 20)))
        .route("/plans/compare", get(compare::compare))
        .route("/plans/{id}/go", post(go_on))
        .route("/plans/{id}", get(one))
        .route("/plans/{id}/accept", post(accept))
        .route("/plans/{id}/drop", post(drop_it))
        .route("/plans/{id}/done", post(line_done))
}

struct Line {
    id: u64,
    title: String,
    question: String,
    author: String,
    made: String,
    gap: String,
    state: String,
    chip: &'static str,
}

impl Line {
    fn of(t: &Words, s: &Scenario) -> Self {
        Self {
            id: s.id,
            title: s.title.clone(),
            question: t.of("plan.question", &s.question),
            author: s.author_name.clone(),
            made: t.clock(s.made_at),
            gap: gap(t, s),
            state: t.of("plan.state", s.state.code()),
            chip: chip(s.state),
        }
    }
}

fn chip(state: ScenarioState) -> &'static str {
    match state {
        ScenarioState::Accepted => "ok",
        ScenarioState::Solved => "soon",
        ScenarioState::Failed => "gap",
        ScenarioState::Waiting | ScenarioState::Dropped => "na",
    }
}

/// How far from the best a plan can be: `0`, `0.3%`, or — where nothing is compared.
fn gap(t: &Words, s: &Scenario) -> String {
    let Some((objective, bound)) = s.objective.zip(s.bound) else { return "—".to_owned() };
    let percent = 100.0 * ((objective - bound) / objective.abs().max(1.0)).max(0.0);
    if percent < 1e-6 {
        t.s("plan.proven").to_owned()
    } else {
        // Rounded up: a plan is never said to be nearer than it is.
        format!("{:.2}%", (percent * 100.0).ceil() / 100.0)
    }
}

#[derive(Template)]
#[template(path = "plans.html")]
struct ListPage {
    s: Shell,
    heading: String,
    questions: Vec<(&'static str, String, String)>,
    lines: Vec<Line>,
}

async fn list(
    State(app): State<App>,
    reader: Reader,
    Sat(seat): Sat,
) -> Result<Response, PageError> {
    let t = reader.lang.words();
    let frame = super::ask(&reader, &seat, Seat::frame).await?;
    let actor = seat.actor().clone();
    let plans = done(&reader, &app.office, move |office| office.plans(&actor)).await?;
    let accepted = plans.iter().filter(|p| p.state == ScenarioState::Accepted).count();
    let heading = match (plans.is_empty(), accepted) {
        (true, _) => t.s("plan.head_none").to_owned(),
        (false, 0) => t.f1("plan.head_open", plans.len()),
        (false, n) => t.f2("plan.head", plans.len(), n),
    };
    let page = ListPage {
        s: Shell::new(&reader, Some(frame), "plans", t.s("plan.name")),
        heading,
        questions: Ask::CODES
            .iter()
            .map(|code| (*code, t.of("plan.question", code), t.of("plan.hint", code)))
            .collect(),
        lines: plans.iter().map(|p| Line::of(t, p)).collect(),
    };
    super::page(&reader, &page)
}

/// A plan that is theirs to see.
async fn see(app: &App, reader: &Reader, seat: &Seat, id: &str) -> Result<PlanView, PageError> {
    let Ok(id) = id.parse::<u64>() else { return Err(super::missing(reader, seat).await) };
    let actor = seat.actor().clone();
    match act(reader, &app.office, move |office| office.plan(&actor, id)).await? {
        Ok(view) => Ok(view),
        Err(OfficeError::Plan(PlanError::NoSuchPlan)) => Err(super::missing(reader, seat).await),
        Err(e) => Err(PageError::office(reader, e)),
    }
}

#[derive(Template)]
#[template(path = "plan.html")]
#[expect(clippy::struct_excessive_bools, reason = "what the page shows or hides, one by one")]
struct PlanPage {
    s: Shell,
    heading: String,
    state: String,
    chip: &'static str,
    about: String,
    p: Going,
    waits: bool,
    fault: String,
    stats: Vec<(String, String, String)>,
    maps: Vec<(String, String, String)>,
    key: Vec<(usize, String)>,
    figures: Vec<Figure>,
    changes: Vec<Change>,
    kept: Vec<Change>,
    binds: Vec<String>,
    curve: String,
    curve_rows: Vec<[String; 5]>,
    missing: Vec<[String; 3]>,
    years: Vec<[String; 9]>,
    years_title: String,
    years_chart: String,
    towns: Vec<(String, Vec<String>)>,
    town_years: Vec<String>,
    buildings: Vec<[String; 6]>,
    buildings_title: String,
    borrowed: usize,
    changes_ahead: Vec<String>,
    by_year: String,
    kind: Option<Kind>,
    guarded: Vec<(String, usize, String)>,
    remedy: String,
    can_go_on: bool,
    has_cautious: bool,
    marks: String,
    duties: Vec<Todo>,
    facts: Vec<(String, String)>,
    others: Vec<(u64, String)>,
    can_be_accepted: bool,
    can_be_dropped: bool,
    v: PlanView,
}

impl PlanPage {
    /// What there is to show of its result.
    fn fill(&mut self, t: &Words) {
        let v = self.v.clone();
        match &v.result {
            Some(said::Result::Sites(sites)) => {
                self.stats = figures::stats(t, &v, sites);
                self.maps = vec![
                    draw::map(t, sites, false, t.s("plan.today")),
                    draw::map(t, sites, true, t.s("plan.planned")),
                ];
                self.key = draw::key(t);
                let plans: Vec<&said::Tally> =
                    sites.cautious.iter().map(|c| &c.tally).chain([&sites.plan]).collect();
                self.figures = figures::table(t, sites.today.as_ref(), &plans);
                self.guarded = figures::guarded(t, sites);
                (self.kept, self.changes) = sites
                    .schools
                    .iter()
                    .filter(|s| s.today.is_some() || s.plan.is_some())
                    .map(|s| Change::of(t, s))
                    .partition(|c| c.is_kept);
                self.changes.sort_by_key(|c| c.order);
                self.binds = figures::binds(t, sites);
                self.curve = draw::curve(t, &sites.curve);
                self.curve_rows = figures::curve(t, &sites.curve);
            }
            Some(said::Result::Short { missing }) => {
                self.missing = figures::missing(t, missing);
                self.remedy = figures::remedy(t, missing);
            }
            Some(said::Result::Ahead(ahead)) => {
                self.years_title = figures::years_title(t, ahead);
                self.years = figures::years(t, ahead);
                self.years_chart = draw::years(t, ahead, &self.years_title);
                self.town_years = figures::town_years(ahead);
                self.towns = figures::towns(t, ahead);
                self.buildings_title = figures::buildings_title(t, ahead);
                self.buildings = figures::buildings(t, ahead);
                self.borrowed = ahead.borrowed.len();
                self.changes_ahead.clone_from(&ahead.changes);
                self.by_year = draw::bars(t.s("plan.by_year"), &figures::by_year(t, ahead));
            }
            Some(
                said::Result::Teachers(_)
                | said::Result::Places(_)
                | said::Result::Money(_)
                | said::Result::Courses(_),
            ) => {
                if let Some(kind) = &mut self.kind {
                    self.heading.clone_from(&kind.heading);
                    self.stats = std::mem::take(&mut kind.stats);
                    self.figures = std::mem::take(&mut kind.figures);
                    self.maps = std::mem::take(&mut kind.maps);
                    self.key = std::mem::take(&mut kind.key);
                    self.marks = std::mem::take(&mut kind.marks);
                }
            }
            None => {}
        }
        self.has_cautious =
            matches!(&v.result, Some(said::Result::Sites(s)) if s.cautious.is_some());
    }
}

/// A line of an accepted plan.
struct Todo {
    line: u32,
    name: String,
    href: String,
    facts: String,
    quantity: String,
    bearer: String,
    due_on: String,
    done: String,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Shown {
    file: String,
}

async fn one(
    State(app): State<App>,
    reader: Reader,
    Sat(seat): Sat,
    Path(id): Path<String>,
    Query(shown): Query<Shown>,
) -> Result<Response, PageError> {
    let v = see(&app, &reader, &seat, &id).await?;
    let t = reader.lang.words();
    let frame = super::ask(&reader, &seat, Seat::frame).await?;
    if shown.file == "xlsx" && seat.actor().may(Right::Export) {
        let (who, at) = (seat.actor().name.clone(), seat.actor().at);
        let lists = sheets::of(t, &frame, &v, &who, at);
        return as_workbook(&reader, lists, &format!("plan-{}", v.scenario.id)).await;
    }
    plan_page(&app, &reader, &seat, v, String::new()).await
}

async fn plan_page(
    app: &App,
    reader: &Reader,
    seat: &Seat,
    v: PlanView,
    fault: String,
) -> Result<Response, PageError> {
    let t = reader.lang.words();
    let frame = super::ask(reader, seat, Seat::frame).await?;
    let actor = seat.actor().clone();
    let job = v.job;
    let (plans, job) = done(reader, &app.office, move |office| {
        let job = job.and_then(|id| office.job(&actor, id).ok());
        Ok((office.plans(&actor)?, job))
    })
    .await?;
    let p = Going::of(t, job.as_ref().map(|j| &j.job));
    let failed = job.as_ref().filter(|j| j.job.state == JobState::Failed);
    let fault = match failed.and_then(|j| j.job.failure.clone()) {
        Some(failure) if fault.is_empty() => failure,
        _ => fault,
    };
    let good = fault.is_empty() || failed.is_some();
    let scenario = &v.scenario;
    let others = plans
        .iter()
        .filter(|o| o.id != scenario.id && o.question == scenario.question)
        .filter(|o| matches!(o.state, ScenarioState::Solved | ScenarioState::Accepted))
        .map(|o| (o.id, format!("{} {}", o.id, o.title)))
        .collect();
    let mut page = PlanPage {
        s: Shell::new(reader, Some(frame), "plans", scenario.title.as_str()),
        heading: figures::heading(t, &v),
        state: t.of("plan.state", scenario.state.code()),
        chip: chip(scenario.state),
        about: t.f3(
            "plan.about",
            &scenario.title,
            &scenario.author_name,
            t.clock(scenario.made_at),
        ),
        waits: scenario.state == ScenarioState::Waiting && !p.ended,
        p,
        fault,
        stats: Vec::new(),
        maps: Vec::new(),
        key: Vec::new(),
        figures: Vec::new(),
        changes: Vec::new(),
        kept: Vec::new(),
        binds: Vec::new(),
        curve: String::new(),
        curve_rows: Vec::new(),
        missing: Vec::new(),
        years: Vec::new(),
        years_title: String::new(),
        years_chart: String::new(),
        towns: Vec::new(),
        town_years: Vec::new(),
        buildings: Vec::new(),
        buildings_title: String::new(),
        borrowed: 0,
        changes_ahead: Vec::new(),
        by_year: String::new(),
        kind: kinds::of(t, &v),
        guarded: Vec::new(),
        remedy: String::new(),
        can_go_on: v.can_go_on,
        has_cautious: false,
        marks: String::new(),
        duties: v.duties.iter().map(|d| todo(t, &v, d)).collect(),
        facts: figures::facts(t, &v),
        others,
        can_be_accepted: v.can_be_accepted() && v.result.is_some(),
        can_be_dropped: scenario.state != ScenarioState::Dropped,
        v: v.clone(),
    };
    page.fill(t);
    super::form_page(reader, good, &page)
}

fn todo(t: &Words, v: &PlanView, duty: &PlanDuty) -> Todo {
    let (name, href) = figures::subject(v, duty);
    Todo {
        line: duty.line,
        name: format!("{} · {}", t.of("plan.do", duty.kind.trim_start_matches("plan.")), name),
        href,
        facts: duty.facts.clone(),
        quantity: t.qu(duty.unit, duty.quantity),
        bearer: duty.bearer.clone(),
        due_on: duty.due_on.to_string(),
        done: duty.done.as_ref().map_or_else(String::new, |(on, by)| t.f2("plan.done_by", on, by)),
    }
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Decision {
    by: String,
    why: String,
    line: String,
    on: String,
}

/// Does what was asked of a plan; the page again, with what is wrong, where it cannot be done.
async fn decide(
    app: &App,
    reader: &Reader,
    seat: &Seat,
    id: &str,
    work: impl FnOnce(&fujiao_office::Office) -> Result<(), OfficeError> + Send + 'static,
) -> Result<Response, PageError> {
    let v = see(app, reader, seat, id).await?;
    match act(reader, &app.office, work).await? {
        Ok(()) => Ok(Redirect::to(&format!("/plans/{}", v.scenario.id)).into_response()),
        Err(OfficeError::Plan(fault)) => plan_page(app, reader, seat, v, fault.to_string()).await,
        Err(e) => Err(PageError::office(reader, e)),
    }
}

async fn accept(
    State(app): State<App>,
    reader: Reader,
    Sat(seat): Sat,
    Path(id): Path<String>,
    CheckedForm(form): CheckedForm<Decision>,
) -> Result<Response, PageError> {
    let (actor, plan) = (seat.actor().clone(), id.parse().unwrap_or(0));
    let work = move |office: &fujiao_office::Office| {
        office.accept_plan(&actor, plan, &form.by).map(|_| ())
    };
    decide(&app, &reader, &seat, &id, work).await
}

/// Begins a plan again that was stopped or failed on its way.
async fn go_on(
    State(app): State<App>,
    reader: Reader,
    Sat(seat): Sat,
    Path(id): Path<String>,
    CheckedForm(_): CheckedForm<Nothing>,
) -> Result<Response, PageError> {
    let (actor, plan) = (seat.actor().clone(), id.parse().unwrap_or(0));
    let work = move |office: &fujiao_office::Office| office.go_on_with_plan(&actor, plan);
    decide(&app, &reader, &seat, &id, work).await
}

async fn drop_it(
    State(app): State<App>,
    reader: Reader,
    Sat(seat): Sat,
    Path(id): Path<String>,
    CheckedForm(form): CheckedForm<Decision>,
) -> Result<Response, PageError> {
    let (actor, plan) = (seat.actor().clone(), id.parse().unwrap_or(0));
    let work = move |office: &fujiao_office::Office| office.drop_plan(&actor, plan, &form.why);
    decide(&app, &reader, &seat, &id, work).await
}

async fn line_done(
    State(app): State<App>,
    reader: Reader,
    Sat(seat): Sat,
    Path(id): Path<String>,
    CheckedForm(form): CheckedForm<Decision>,
) -> Result<Response, PageError> {
    let (actor, plan) = (seat.actor().clone(), id.parse().unwrap_or(0));
    let line = form.line.parse().unwrap_or(0);
    let on = form.on.parse::<Date>().unwrap_or_else(|_| actor.today());
    let work = move |office: &fujiao_office::Office| office.do_plan_line(&actor, plan, line, on);
    decide(&app, &reader, &seat, &id, work).await
}
