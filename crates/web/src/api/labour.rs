//! What programs read and write of training and work.

use axum::extract::rejection::JsonRejection;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::routing::{get, post};
use axum::{Json, Router};
use fujiao_office::access::Actor;
use fujiao_office::labour::{
    LabourError, MatchView, NewJob, NewVacancy, SessionFilter, SessionLine, Share, VacancyLine,
    WorkerFilter, WorkerLine,
};
use fujiao_office::{Office, OfficeError};
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::problem::Problem;
use crate::app::App;
use crate::gate::SignedIn;
use crate::pages::{hex, unhex};

/// Routes of training and work.
pub(crate) fn routes() -> Router<App> {
    Router::new()
        .route("/api/v1/workers", get(workers))
        .route("/api/v1/workers/findings", get(findings))
        .route("/api/v1/courses", get(courses))
        .route("/api/v1/courses/{id}/days", post(mark))
        .route("/api/v1/providers", get(providers))
        .route("/api/v1/vacancies", get(vacancies).post(post_vacancy))
        .route("/api/v1/matches/{id}", get(matches))
        .route("/api/v1/persons/{id}/jobs", post(begin))
}

async fn act<T: Send + 'static>(
    app: &App,
    signed: SignedIn,
    deed: impl FnOnce(&Office, &Actor) -> Result<T, OfficeError> + Send + 'static,
) -> Result<T, Problem> {
    super::write::carry_out(app, signed, deed, |error| match error {
        OfficeError::Labour(
            LabourError::NoSession
            | LabourError::NoVacancy
            | LabourError::NoJob
            | LabourError::NoPerson
            | LabourError::NoRun,
        ) => Problem::not_found(),
        OfficeError::Labour(e) => Problem::unprocessable(e.to_string()),
        _ => Problem::failed(),
    })
    .await
}

/// What is asked for.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(default)]
pub(super) struct Asked {
    /// Workers: `labour`, `looking`, `untrained`, `leavers`, `tied`, else all. Courses: `next`, `over`, `all`. Vacancies: `all`, else open
    /// ones. Matches: `matched`, `left`, `open`, else all. Findings: one kind.
    show: String,
    /// From 1.
    page: Option<u32>,
}

impl Asked {
    fn page(&self) -> usize {
        self.page.unwrap_or(1).clamp(1, 100_000) as usize
    }
}

/// Somebody of the labour register.
#[derive(Serialize, ToSchema)]
pub(super) struct WorkerJson {
    /// 16 hexadecimal digits.
    person: String,
    /// Name.
    name: String,
    /// Village or town in words.
    place: String,
    /// Years.
    age: u16,
    /// `none`, `half`, `weak`, `normal`.
    ability: String,
    /// Whether they count as labour.
    labour: bool,
    /// Why, in words.
    why: String,
    /// Skill as written.
    skill: String,
    /// Its code in the classification of 2022; empty: none, or not sure.
    skill_code: String,
    /// Whether they work; `null`: nobody says.
    working: Option<bool>,
    /// Trade as written.
    trade: String,
    /// Its code.
    trade_code: String,
    /// Wished trade as written.
    wished: String,
    /// Its code.
    wished_code: String,
    /// What they wish to learn.
    to_learn: String,
    /// Who needs them at home.
    care: String,
    /// Sessions taken.
    taken: u32,
    /// Of them completed.
    completed: u32,
    /// Whether their household is owed a trained member and has none.
    household_untrained: bool,
    /// Whether they left school for neither school nor work.
    leaver: bool,
    /// `none`, `working`, `silent`, `kept`, `ended`.
    job: String,
}

impl From<&WorkerLine> for WorkerJson {
    fn from(w: &WorkerLine) -> Self {
        Self {
            person: hex(w.of.person),
            name: w.name.clone(),
            place: w.place.clone(),
            age: w.of.age,
            ability: w.of.ability.clone(),
            labour: w.of.able,
            why: w.of.why.clone(),
            skill: w.of.skill.clone(),
            skill_code: w.of.skill_code.clone(),
            working: w.of.working,
            trade: w.of.trade.clone(),
            trade_code: w.of.trade_code.clone(),
            wished: w.of.wished.clone(),
            wished_code: w.of.wished_code.clone(),
            to_learn: w.of.to_learn.clone(),
            care: w.of.care.clone(),
            taken: w.of.taken,
            completed: w.of.completed,
            household_untrained: w.of.untrained,
            leaver: w.of.leaver,
            job: w.of.job.clone(),
        }
    }
}

/// A page of the labour register.
#[derive(Serialize, ToSchema)]
pub(super) struct Workers {
    /// People.
    #[serde(rename = "workers")]
    people: Vec<WorkerJson>,
    /// People of all pages.
    total: i64,
    /// Persons with a session.
    trained_persons: i64,
    /// Person-times of those.
    trained_person_times: i64,
}

/// The labour register on the token's ground, fifty a page.
#[utoipa::path(get, path = "/api/v1/workers", tag = "reads", params(Asked), responses(
    (status = 200, body = Workers), (status = 401, body = Problem, content_type = "application/problem+json"),
    (status = 403, body = Problem, content_type = "application/problem+json"),
))]
pub(super) async fn workers(
    State(app): State<App>,
    signed: SignedIn,
    Query(ask): Query<Asked>,
) -> Result<Json<Workers>, Problem> {
    let filter =
        WorkerFilter { show: ask.show.clone(), page: ask.page(), ..WorkerFilter::default() };
    let v = act(&app, signed, move |o, actor| o.workers(actor, &filter, false)).await?;
    Ok(Json(Workers {
        people: v.lines.iter().map(WorkerJson::from).collect(),
        total: v.total,
        trained_persons: v.trained.0,
        trained_person_times: v.trained.1,
    }))
}

/// Something that does not hold.
#[derive(Serialize, ToSchema)]
pub(super) struct FindingJson {
    /// `certificate_without_attendance`, `attendance_below`, `trained_again`, `job_ended` …
    kind: String,
    /// 16 hexadecimal digits; `null`: nobody known.
    person: Option<String>,
    /// Their name.
    name: String,
    /// Village or town in words.
    place: String,
    /// When.
    on: String,
    /// In one sentence.
    facts: String,
    /// Source rows, 16 hexadecimal digits each.
    rows: Vec<String>,
}

/// A page of what does not hold.
#[derive(Serialize, ToSchema)]
pub(super) struct LabourFindings {
    /// Findings.
    findings: Vec<FindingJson>,
    /// Of all pages.
    total: usize,
}

/// What of training and work does not hold, fifty a page.
#[utoipa::path(get, path = "/api/v1/workers/findings", tag = "reads", params(Asked), responses(
    (status = 200, body = LabourFindings), (status = 401, body = Problem, content_type = "application/problem+json"),
    (status = 403, body = Problem, content_type = "application/problem+json"),
))]
pub(super) async fn findings(
    State(app): State<App>,
    signed: SignedIn,
    Query(ask): Query<Asked>,
) -> Result<Json<LabourFindings>, Problem> {
    let page = ask.page();
    let v =
        act(&app, signed, move |o, actor| o.labour_findings(actor, &ask.show, page, false)).await?;
    let findings = v
        .lines
        .iter()
        .map(|f| FindingJson {
            kind: f.of.kind.clone(),
            person: f.of.person.map(hex),
            name: f.name.clone(),
            place: f.place.clone(),
            on: f.of.day.to_string(),
            facts: f.of.facts.clone(),
            rows: f.of.rows.iter().map(|row| hex(*row)).collect(),
        })
        .collect();
    Ok(Json(LabourFindings { findings, total: v.total }))
}

/// A session of a course.
#[derive(Serialize, ToSchema)]
pub(super) struct CourseJson {
    /// 16 hexadecimal digits.
    id: String,
    /// Course.
    course: String,
    /// Kind of course.
    kind: String,
    /// 期次.
    name: String,
    /// Provider.
    provider: String,
    /// First day.
    from: String,
    /// Last day.
    to: String,
    /// Hours.
    hours: Option<i64>,
    /// Seats.
    seats: Option<i64>,
    /// Who is enrolled.
    enrolled: usize,
    /// Of them completed.
    completed: usize,
    /// Of them with a certificate.
    certified: usize,
    /// `planned`, `running`, `over`, `cancelled`.
    state: &'static str,
}

impl From<&SessionLine> for CourseJson {
    fn from(l: &SessionLine) -> Self {
        Self {
            id: hex(l.key),
            course: l.course.clone(),
            kind: l.kind.clone(),
            name: l.name.clone(),
            provider: l.provider.clone(),
            from: l.from.to_string(),
            to: l.to.to_string(),
            hours: l.hours,
            seats: l.seats,
            enrolled: l.enrolled,
            completed: l.completed,
            certified: l.certified,
            state: l.state.code(),
        }
    }
}

/// Sessions of all providers.
#[derive(Serialize, ToSchema)]
pub(super) struct CoursesJson {
    /// By their first day.
    courses: Vec<CourseJson>,
    /// Persons who took sessions that are over.
    persons: usize,
    /// Person-times of those.
    person_times: usize,
}

/// The pool of courses.
#[utoipa::path(get, path = "/api/v1/courses", tag = "reads", params(Asked), responses(
    (status = 200, body = CoursesJson), (status = 401, body = Problem, content_type = "application/problem+json"),
    (status = 403, body = Problem, content_type = "application/problem+json"),
))]
pub(super) async fn courses(
    State(app): State<App>,
    signed: SignedIn,
    Query(ask): Query<Asked>,
) -> Result<Json<CoursesJson>, Problem> {
    let filter = SessionFilter { when: ask.show, ..SessionFilter::default() };
    let v = act(&app, signed, move |o, actor| o.course_sessions(actor, &filter)).await?;
    Ok(Json(CoursesJson {
        courses: v.sessions.iter().map(CourseJson::from).collect(),
        persons: v.persons,
        person_times: v.person_times,
    }))
}

/// A share with its interval of 95 %.
#[derive(Serialize, ToSchema)]
pub(super) struct ShareJson {
    /// How many.
    of: u32,
    /// Of how many.
    out_of: u32,
    /// Lower end, 0 to 1.
    lower: f64,
    /// Upper end.
    upper: f64,
}

impl From<&Share> for ShareJson {
    fn from(s: &Share) -> Self {
        Self { of: s.of, out_of: s.out_of, lower: s.lower, upper: s.upper }
    }
}

/// A provider. There is no ranking.
#[derive(Serialize, ToSchema)]
pub(super) struct ProviderJson {
    /// Its name.
    name: String,
    /// Sessions that are over.
    sessions: usize,
    /// Persons of those.
    persons: usize,
    /// Person-times of those.
    person_times: usize,
    /// Who completed.
    completion: ShareJson,
    /// Who of those found work in time.
    placement: ShareJson,
    /// Providers whose trainees complete less often, by more than chance.
    completes_more_than: Vec<String>,
    /// Providers whose trainees find work less often, by more than chance.
    places_more_than: Vec<String>,
}

/// Providers by name.
#[derive(Serialize, ToSchema)]
pub(super) struct Providers {
    /// By name.
    providers: Vec<ProviderJson>,
}

/// Providers with their rates.
#[utoipa::path(get, path = "/api/v1/providers", tag = "reads", responses(
    (status = 200, body = Providers), (status = 401, body = Problem, content_type = "application/problem+json"),
    (status = 403, body = Problem, content_type = "application/problem+json"),
))]
pub(super) async fn providers(
    State(app): State<App>,
    signed: SignedIn,
) -> Result<Json<Providers>, Problem> {
    let v = act(&app, signed, fujiao_office::Office::providers).await?;
    let providers = v
        .lines
        .into_iter()
        .map(|p| ProviderJson {
            completion: ShareJson::from(&p.completion),
            placement: ShareJson::from(&p.placement),
            name: p.name,
            sessions: p.sessions,
            persons: p.persons,
            person_times: p.person_times,
            completes_more_than: p.completes_more_than,
            places_more_than: p.places_more_than,
        })
        .collect();
    Ok(Json(Providers { providers }))
}

/// A vacancy.
#[derive(Serialize, ToSchema)]
pub(super) struct VacancyJson {
    /// 16 hexadecimal digits.
    id: String,
    /// Who employs.
    employer: String,
    /// Kind of employer.
    kind: String,
    /// The trade as written.
    occupation: String,
    /// Its code; empty: not sure.
    code: String,
    /// Openings.
    openings: i64,
    /// People who hold such a job there.
    filled: i64,
    /// Fen a month.
    wage_fen: Option<i64>,
    /// Where.
    work_place: String,
    /// Whether hours leave time for care.
    flexible: bool,
    /// The last day.
    until: Option<String>,
    /// Whether somebody can be sent there now.
    open: bool,
}

impl From<&VacancyLine> for VacancyJson {
    fn from(l: &VacancyLine) -> Self {
        Self {
            id: hex(l.key),
            employer: l.employer.clone(),
            kind: l.kind.clone(),
            occupation: l.occupation.clone(),
            code: l.code.clone(),
            openings: l.openings,
            filled: l.filled,
            wage_fen: l.wage,
            work_place: l.work_place.clone(),
            flexible: l.flexible,
            until: l.until.map(|d| d.to_string()),
            open: l.open,
        }
    }
}

/// Vacancies.
#[derive(Serialize, ToSchema)]
pub(super) struct Vacancies {
    /// By employer and trade.
    vacancies: Vec<VacancyJson>,
}

/// Vacancies of firms, workshops and public service.
#[utoipa::path(get, path = "/api/v1/vacancies", tag = "reads", params(Asked), responses(
    (status = 200, body = Vacancies), (status = 401, body = Problem, content_type = "application/problem+json"),
    (status = 403, body = Problem, content_type = "application/problem+json"),
))]
pub(super) async fn vacancies(
    State(app): State<App>,
    signed: SignedIn,
    Query(ask): Query<Asked>,
) -> Result<Json<Vacancies>, Problem> {
    let v = act(&app, signed, move |o, actor| o.vacancies(actor, ask.show != "all")).await?;
    Ok(Json(Vacancies { vacancies: v.lines.iter().map(VacancyJson::from).collect() }))
}

/// What a run says of somebody.
#[derive(Serialize, ToSchema)]
pub(super) struct MatchJson {
    /// 16 hexadecimal digits.
    person: String,
    /// Name.
    name: String,
    /// The vacancy; empty: none.
    vacancy: String,
    /// Its employer.
    employer: String,
    /// Its trade.
    occupation: String,
    /// Points of the match.
    points: i64,
    /// Word and number: of a match with points; of who is left with vacancies.
    reasons: Vec<(String, i64)>,
    /// `open`, `placed`, `declined`.
    outcome: String,
}

impl From<&MatchView> for MatchJson {
    fn from(m: &MatchView) -> Self {
        Self {
            person: hex(m.person),
            name: m.name.clone(),
            vacancy: m.line.vacancy.clone(),
            employer: m.line.employer.clone(),
            occupation: m.line.occupation.clone(),
            points: m.line.points,
            reasons: m.reasons.clone(),
            outcome: m.line.outcome.clone(),
        }
    }
}

/// A run that matches people to vacancies.
#[derive(Serialize, ToSchema)]
pub(super) struct Matches {
    /// `proposed`, `accepted`, `dropped`.
    state: String,
    /// `weight`, `stable`.
    how: String,
    /// `ok`, or what the checker says.
    verdict: String,
    /// People on the token's ground, fifty a page.
    #[serde(rename = "matches")]
    lines: Vec<MatchJson>,
    /// Of all pages.
    total: usize,
}

/// A run, with why for each person.
#[utoipa::path(get, path = "/api/v1/matches/{id}", tag = "reads",
    params(("id" = u64, Path, description = "The number of the run"), Asked), responses(
    (status = 200, body = Matches), (status = 401, body = Problem, content_type = "application/problem+json"),
    (status = 403, body = Problem, content_type = "application/problem+json"),
    (status = 404, body = Problem, content_type = "application/problem+json"),
))]
pub(super) async fn matches(
    State(app): State<App>,
    signed: SignedIn,
    Path(id): Path<String>,
    Query(ask): Query<Asked>,
) -> Result<Json<Matches>, Problem> {
    let number: u64 = id.parse().map_err(|_| Problem::not_found())?;
    let page = ask.page();
    let v = act(&app, signed, move |o, actor| o.match_page(actor, number, &ask.show, page, false))
        .await?;
    Ok(Json(Matches {
        state: v.run.state.clone(),
        how: v.run.how.clone(),
        verdict: v.run.verdict.clone(),
        lines: v.lines.iter().map(MatchJson::from).collect(),
        total: v.total,
    }))
}

fn body<T>(body: Result<Json<T>, JsonRejection>) -> Result<T, Problem> {
    body.map(|Json(body)| body).map_err(|e| Problem::unread(e.body_text()))
}

fn date(text: &str, field: &str) -> Result<Date, Problem> {
    text.parse().map_err(|_| Problem::unprocessable(format!("{field}: no date: {text}")))
}

/// Something that was written down. The same again changes nothing.
#[derive(Serialize, ToSchema)]
pub(super) struct Kept {
    /// `kept`.
    state: &'static str,
}

/// A day of a session.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewDay {
    /// The day, `2025-03-18`.
    #[schema(format = Date)]
    on: String,
    /// Hours of each who was there; 0: absent.
    #[schema(max_items = 500)]
    marks: Vec<NewMark>,
}

/// Hours of somebody.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewMark {
    /// 16 hexadecimal digits.
    person: String,
    /// Hours, 0 to 14.
    hours: u32,
}

/// Marks a day of a session. The same again changes nothing.
#[utoipa::path(post, path = "/api/v1/courses/{id}/days", tag = "writes",
    params(("id" = String, Path, description = "The session, 16 hexadecimal digits", pattern = "^[0-9a-f]{16}$")),
    request_body = NewDay, responses(
    (status = 201, body = Kept), (status = 400, body = Problem, content_type = "application/problem+json"),
    (status = 401, body = Problem, content_type = "application/problem+json"),
    (status = 403, body = Problem, content_type = "application/problem+json"),
    (status = 404, body = Problem, content_type = "application/problem+json"),
    (status = 422, body = Problem, content_type = "application/problem+json"),
))]
pub(super) async fn mark(
    State(app): State<App>,
    signed: SignedIn,
    Path(id): Path<String>,
    new: Result<Json<NewDay>, JsonRejection>,
) -> Result<(StatusCode, Json<Kept>), Problem> {
    let new = body(new)?;
    let key = unhex(&id).ok_or_else(Problem::not_found)?;
    let on = date(&new.on, "on")?;
    let marks = new
        .marks
        .iter()
        .map(|m| Some((unhex(&m.person)?, m.hours.to_string())))
        .collect::<Option<Vec<_>>>()
        .ok_or_else(|| Problem::unprocessable("marks.person: 16 hexadecimal digits"))?;
    act(&app, signed, move |o, actor| o.mark_session(actor, key, Some(on), &marks)).await?;
    Ok((StatusCode::CREATED, Json(Kept { state: "kept" })))
}

/// A vacancy to be written down.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewVacancyJson {
    /// Who employs.
    #[schema(max_length = 60)]
    employer: String,
    /// Kind of employer.
    #[serde(default)]
    #[schema(max_length = 20)]
    kind: String,
    /// The trade.
    #[schema(max_length = 30)]
    occupation: String,
    /// Openings.
    openings: u32,
    /// Yuan a month.
    #[serde(default)]
    wage: Option<u32>,
    /// Where.
    #[serde(default)]
    #[schema(max_length = 60)]
    work_place: String,
    /// Town.
    #[serde(default)]
    #[schema(max_length = 20)]
    town: String,
    /// Whether hours leave time for care.
    #[serde(default)]
    flexible: bool,
    /// The last day.
    #[serde(default)]
    #[schema(format = Date)]
    until: Option<String>,
}

/// Writes a vacancy down. The same employer, trade and place again: it is changed.
#[utoipa::path(post, path = "/api/v1/vacancies", tag = "writes", request_body = NewVacancyJson, responses(
    (status = 201, body = Kept), (status = 400, body = Problem, content_type = "application/problem+json"),
    (status = 401, body = Problem, content_type = "application/problem+json"),
    (status = 403, body = Problem, content_type = "application/problem+json"),
    (status = 422, body = Problem, content_type = "application/problem+json"),
))]
pub(super) async fn post_vacancy(
    State(app): State<App>,
    signed: SignedIn,
    new: Result<Json<NewVacancyJson>, JsonRejection>,
) -> Result<(StatusCode, Json<Kept>), Problem> {
    let new = body(new)?;
    let new = NewVacancy {
        employer: new.employer,
        kind: new.kind,
        occupation: new.occupation,
        openings: new.openings.to_string(),
        wage: new.wage.map(|w| w.to_string()).unwrap_or_default(),
        work_place: new.work_place,
        town: new.town,
        flexible: new.flexible,
        until: new.until.as_deref().map(|d| date(d, "until")).transpose()?,
    };
    act(&app, signed, move |o, actor| o.post_vacancy(actor, &new)).await?;
    Ok((StatusCode::CREATED, Json(Kept { state: "kept" })))
}

/// A job to be written down.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewJobJson {
    /// Who employs.
    #[schema(max_length = 60)]
    employer: String,
    /// The trade.
    #[serde(default)]
    #[schema(max_length = 30)]
    occupation: String,
    /// Where.
    #[serde(default)]
    #[schema(max_length = 60)]
    work_place: String,
    /// Yuan a month.
    #[serde(default)]
    wage: Option<u32>,
    /// The first day.
    #[schema(format = Date)]
    on: String,
}

/// Writes down that somebody began to work. The same employer and day again: it is changed.
#[utoipa::path(post, path = "/api/v1/persons/{id}/jobs", tag = "writes",
    params(("id" = String, Path, description = "16 hexadecimal digits", pattern = "^[0-9a-f]{16}$")),
    request_body = NewJobJson, responses(
    (status = 201, body = Kept), (status = 400, body = Problem, content_type = "application/problem+json"),
    (status = 401, body = Problem, content_type = "application/problem+json"),
    (status = 403, body = Problem, content_type = "application/problem+json"),
    (status = 404, body = Problem, content_type = "application/problem+json"),
    (status = 422, body = Problem, content_type = "application/problem+json"),
))]
pub(super) async fn begin(
    State(app): State<App>,
    signed: SignedIn,
    Path(id): Path<String>,
    new: Result<Json<NewJobJson>, JsonRejection>,
) -> Result<(StatusCode, Json<Kept>), Problem> {
    let new = body(new)?;
    let person = unhex(&id).ok_or_else(Problem::not_found)?;
    let new = NewJob {
        employer: new.employer,
        occupation: new.occupation,
        work_place: new.work_place,
        wage: new.wage.map(|w| w.to_string()).unwrap_or_default(),
        on: Some(date(&new.on, "on")?),
    };
    act(&app, signed, move |o, actor| o.begin_job(actor, person, &new)).await?;
    Ok((StatusCode::CREATED, Json(Kept { state: "kept" })))
}
