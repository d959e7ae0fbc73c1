//! Plans: the list, the form for a new one, one with its map and figures, and two side by side.

mod draw;
mod figures;
mod sheets;

use askama::Template;
use axum::Router;
use axum::extract::{Path, Query, State};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use fujiao_model::Stage;
use fujiao_office::OfficeError;
use fujiao_office::access::Right;
use fujiao_office::desk::Seat;
use fujiao_office::jobs::JobState;
use fujiao_office::plans::{
    AheadAsk, Ask, MayClose, PlanDuty, PlanError, PlanView, Scenario, ScenarioState, SitesAsk, said,
};
use jiff::civil::Date;
use serde::Deserialize;

use super::jobs::Going;
use super::lists::as_workbook;
use crate::app::App;
use crate::error::PageError;
use crate::gate::{CheckedForm, Sat, act, done};
use crate::shell::{Reader, Shell};
use crate::words::Words;
use figures::{Change, Figure};

/// Routes of plans.
pub(crate) fn routes() -> Router<App> {
    Router::new()
        .route("/plans", get(list).post(ask))
        .route("/plans/new", get(new))
        .route("/plans/compare", get(compare))
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
        lines: plans.iter().map(|p| Line::of(t, p)).collect(),
    };
    super::page(&reader, &page)
}

/// The form as it was sent, or as it begins.
#[derive(Clone, Default, Deserialize)]
#[serde(default)]
struct Form {
    question: String,
    title: String,
    stage: String,
    close: String,
    beds: String,
    bus: String,
    build: String,
    lawful: String,
    walk: String,
    ride: String,
    years: String,
    seconds: String,
}

impl Form {
    fn begin(t: &Words, question: &str) -> Self {
        let is_ahead = question == "ahead";
        let yes = || "yes".to_owned();
        Self {
            question: if is_ahead { "ahead" } else { "sites" }.to_owned(),
            title: t.s(if is_ahead { "plan.title_ahead" } else { "plan.title_sites" }).to_owned(),
            stage: "primary".to_owned(),
            close: MayClose::default().code().to_owned(),
            beds: yes(),
            bus: yes(),
            build: yes(),
            years: "10".to_owned(),
            seconds: "30".to_owned(),
            ..Self::default()
        }
    }

    /// What is asked; the field at fault where it cannot be read.
    fn ask(&self) -> Result<Ask, &'static str> {
        if self.question == "ahead" {
            let years = self.years.trim().parse().ok().filter(|y| (1..=15).contains(y));
            return Ok(Ask::Ahead(AheadAsk { years: years.ok_or("years")? }));
        }
        let minutes = |text: &str, field| match text.trim() {
            "" => Ok(None),
            text => match text.parse() {
                Ok(n @ 1..=600) => Ok(Some(n)),
                _ => Err(field),
            },
        };
        let seconds = self.seconds.trim().parse().ok().filter(|s| (1..=600).contains(s));
        Ok(Ask::Sites(SitesAsk {
            stage: Stage::parse(&self.stage)
                .filter(|s| matches!(s, Stage::Primary | Stage::Junior))
                .ok_or("stage")?,
            may_close: MayClose::parse(&self.close).ok_or("close")?,
            beds: !self.beds.is_empty(),
            bus: !self.bus.is_empty(),
            build: !self.build.is_empty(),
            lawful_only: !self.lawful.is_empty(),
            walk_minutes: minutes(&self.walk, "walk")?,
            ride_minutes: minutes(&self.ride, "ride")?,
            seconds: seconds.ok_or("seconds")?,
        }))
    }
}

#[derive(Template)]
#[template(path = "plan-new.html")]
struct NewPage {
    s: Shell,
    f: Form,
    /// The field at fault, or empty.
    at: &'static str,
    fault: String,
}

impl NewPage {
    fn is_ahead(&self) -> bool {
        self.f.question == "ahead"
    }
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Wanted {
    question: String,
}

async fn new(
    reader: Reader,
    Sat(seat): Sat,
    Query(wanted): Query<Wanted>,
) -> Result<Response, PageError> {
    let t = reader.lang.words();
    let form = Form::begin(t, &wanted.question);
    form_page(&reader, &seat, form, "", String::new()).await
}

async fn form_page(
    reader: &Reader,
    seat: &Seat,
    f: Form,
    at: &'static str,
    fault: String,
) -> Result<Response, PageError> {
    let t = reader.lang.words();
    let frame = super::ask(reader, seat, Seat::frame).await?;
    let good = fault.is_empty();
    let s = Shell::new(reader, Some(frame), "plans", t.s("plan.new"));
    super::form_page(reader, good, &NewPage { s, f, at, fault })
}

async fn ask(
    State(app): State<App>,
    reader: Reader,
    Sat(seat): Sat,
    CheckedForm(form): CheckedForm<Form>,
) -> Result<Response, PageError> {
    let t = reader.lang.words();
    let asked = match form.ask() {
        Ok(asked) => asked,
        Err(at) => {
            let fault = t.of("plan.fault", at);
            return form_page(&reader, &seat, form, at, fault).await;
        }
    };
    let (actor, title) = (seat.actor().clone(), form.title.clone());
    let kept =
        act(&reader, &app.office, move |office| office.ask_plan(&actor, &title, asked)).await?;
    match kept {
        Ok(id) => Ok(Redirect::to(&format!("/plans/{id}")).into_response()),
        Err(OfficeError::Plan(fault)) => {
            let at = if fault == PlanError::Title { "title" } else { "" };
            form_page(&reader, &seat, form, at, fault.to_string()).await
        }
        Err(e) => Err(PageError::office(&reader, e)),
    }
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
    years: Vec<[String; 8]>,
    years_title: String,
    years_chart: String,
    towns: Vec<(String, Vec<String>)>,
    town_years: Vec<String>,
    buildings: Vec<[String; 6]>,
    buildings_title: String,
    borrowed: usize,
    duties: Vec<Todo>,
    facts: Vec<(String, String)>,
    others: Vec<(u64, String)>,
    can_be_accepted: bool,
    can_be_dropped: bool,
    v: PlanView,
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
        duties: v.duties.iter().map(|d| todo(t, &v, d)).collect(),
        facts: figures::facts(t, &v),
        others,
        can_be_accepted: v.can_be_accepted() && v.result.is_some(),
        can_be_dropped: scenario.state != ScenarioState::Dropped,
        v: v.clone(),
    };
    match &v.result {
        Some(said::Result::Sites(sites)) => {
            page.stats = figures::stats(t, &v, sites);
            page.maps = vec![
                draw::map(t, sites, false, t.s("plan.today")),
                draw::map(t, sites, true, t.s("plan.planned")),
            ];
            page.key = draw::key(t);
            page.figures = figures::table(t, sites.today.as_ref(), &[&sites.plan]);
            (page.kept, page.changes) = sites
                .schools
                .iter()
                .filter(|s| s.today.is_some() || s.plan.is_some())
                .map(|s| Change::of(t, s))
                .partition(|c| c.is_kept);
            page.changes.sort_by_key(|c| c.order);
            page.binds = figures::binds(t, sites);
            page.curve = draw::curve(t, &sites.curve);
            page.curve_rows = figures::curve(t, &sites.curve);
        }
        Some(said::Result::Short { missing }) => page.missing = figures::missing(t, missing),
        Some(said::Result::Ahead(ahead)) => {
            page.years_title = figures::years_title(t, ahead);
            page.years = figures::years(t, ahead);
            page.years_chart = draw::years(t, ahead, &page.years_title);
            page.town_years = figures::town_years(ahead);
            page.towns = figures::towns(t, ahead);
            page.buildings_title = figures::buildings_title(t, ahead);
            page.buildings = figures::buildings(t, ahead);
            page.borrowed = ahead.borrowed.len();
        }
        None => {}
    }
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

#[derive(Default, Deserialize)]
#[serde(default)]
struct Two {
    a: String,
    b: String,
}

#[derive(Template)]
#[template(path = "plan-compare.html")]
struct ComparePage {
    s: Shell,
    heading: String,
    note: String,
    choices: Vec<(u64, String)>,
    a: u64,
    b: u64,
    names: Vec<(u64, String)>,
    figures: Vec<Figure>,
    gaps: Vec<String>,
    maps: Vec<(String, String, String)>,
    key: Vec<(usize, String)>,
    differ: Vec<[String; 3]>,
}

async fn compare(
    State(app): State<App>,
    reader: Reader,
    Sat(seat): Sat,
    Query(two): Query<Two>,
) -> Result<Response, PageError> {
    let t = reader.lang.words();
    let frame = super::ask(&reader, &seat, Seat::frame).await?;
    let actor = seat.actor().clone();
    let plans = done(&reader, &app.office, move |office| office.plans(&actor)).await?;
    let fit = |p: &&Scenario| {
        p.question == "sites" && matches!(p.state, ScenarioState::Solved | ScenarioState::Accepted)
    };
    let choices: Vec<(u64, String)> =
        plans.iter().filter(fit).map(|p| (p.id, format!("{} {}", p.id, p.title))).collect();
    let chosen = |text: &str, nth: usize| {
        let asked = text.parse().ok().filter(|id| choices.iter().any(|c| c.0 == *id));
        asked.or_else(|| choices.get(nth).map(|c| c.0))
    };
    let mut page = ComparePage {
        s: Shell::new(&reader, Some(frame), "plans", t.s("plan.compare")),
        heading: t.s("plan.compare").to_owned(),
        note: t.s("plan.compare_none").to_owned(),
        a: 0,
        b: 0,
        names: Vec::new(),
        figures: Vec::new(),
        gaps: Vec::new(),
        maps: Vec::new(),
        key: Vec::new(),
        differ: Vec::new(),
        choices: choices.clone(),
    };
    if let (Some(a), Some(b)) = (chosen(&two.a, 1), chosen(&two.b, 0)) {
        let (left, right) = (
            see(&app, &reader, &seat, &a.to_string()).await?,
            see(&app, &reader, &seat, &b.to_string()).await?,
        );
        (page.a, page.b) = (a, b);
        if let (Some(said::Result::Sites(x)), Some(said::Result::Sites(y))) =
            (&left.result, &right.result)
        {
            page.heading = figures::compare_heading(t, (&left, x), (&right, y));
            page.note = if left.scenario.run == right.scenario.run {
                t.s("plan.same_inputs").to_owned()
            } else {
                t.s("plan.other_inputs").to_owned()
            };
            let name = |v: &PlanView| format!("{} {}", v.scenario.id, v.scenario.title);
            page.names = vec![(a, name(&left)), (b, name(&right))];
            page.figures = figures::table(t, x.today.as_ref(), &[&x.plan, &y.plan]);
            page.gaps = vec![gap(t, &left.scenario), gap(t, &right.scenario)];
            page.maps =
                vec![draw::map(t, x, true, &name(&left)), draw::map(t, y, true, &name(&right))];
            page.key = draw::key(t);
            page.differ = figures::differ(t, x, y);
        }
    }
    super::page(&reader, &page)
}
