//! What programs read of origin-place loans, of several purses for university students, and of the yearly table of aid.

use axum::extract::{Path, RawQuery, State};
use axum::routing::get;
use axum::{Json, Router};
use fujiao_office::loans::{LoanLine, RowKind};
use fujiao_office::purses::PurseTab;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::aid::ask;
use super::answers::Name;
use super::problem::Problem;
use super::read::asked;
use crate::app::App;
use crate::gate::Sat;
use crate::pages::hex;

/// Routes of what programs read of loans, purses and the yearly table.
pub(crate) fn routes() -> Router<App> {
    Router::new()
        .route("/api/v1/aid/loans", get(loans))
        .route("/api/v1/aid/loans/{id}", get(loan))
        .route("/api/v1/aid/university", get(university))
        .route("/api/v1/aid/bulletin", get(bulletin))
}

/// Which year.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(super) struct OfYear {
    /// The year in which the school year begins, or the calendar year of the table; the newest if it is left out.
    #[param(nullable = false, minimum = 2000, maximum = 2100)]
    year: Option<i16>,
}

impl OfYear {
    pub(super) fn read(query: Option<&str>) -> Result<Option<i16>, Problem> {
        let OfYear { year } = asked(query)?;
        if year.is_some_and(|y| !(2000..=2100).contains(&y)) {
            return Err(Problem::unprocessable("year: 2000 to 2100"));
        }
        Ok(year)
    }
}

/// A loan of one school year.
#[derive(Serialize, ToSchema)]
pub(super) struct Loan {
    /// Its number.
    id: u64,
    /// The student, 16 hexadecimal digits.
    person: String,
    /// Their name.
    name: String,
    /// The year in which the school year begins.
    school_year: i16,
    /// The university.
    university: String,
    /// Fen.
    fen: i64,
    /// `applied`, `qualified`, `refused`, `signed`, `confirmed`, `lapsed`, `disbursed`, `repaid`.
    state: &'static str,
    /// What stands against the application, in words of a table.
    against: Vec<&'static str>,
    /// By when the money is paid out.
    due_on: String,
    /// Owed, and not paid out in time.
    late: bool,
    /// Principal that is still owed, fen.
    owed_fen: i64,
    /// Overdue with penalty, fen.
    overdue_fen: i64,
}

impl Loan {
    fn of(l: &LoanLine) -> Self {
        let at = l.standing.unwrap_or_default();
        Self {
            id: l.loan.id,
            person: hex(l.loan.person),
            name: l.loan.name.clone(),
            school_year: l.loan.school_year,
            university: l.loan.university.clone(),
            fen: l.loan.amount,
            state: l.state.code(),
            against: l.against.iter().map(|o| o.code()).collect(),
            due_on: l.due_on.to_string(),
            late: l.late,
            owed_fen: at.owed.as_fen(),
            overdue_fen: (at.overdue_interest + at.overdue_principal + at.penalty).as_fen(),
        }
    }
}

/// A settlement of a loan, in fen.
#[derive(Serialize, ToSchema)]
pub(super) struct Settled {
    /// The day.
    on: String,
    /// `yearly`, `early`, `last`.
    kind: &'static str,
    /// Yearly rate, basis points.
    rate_bp: i32,
    /// Principal owed before.
    before: i64,
    /// Interest that the state pays.
    state_interest: i64,
    /// Interest that the borrower pays.
    own_interest: i64,
    /// Interest that is waived.
    waived_interest: i64,
    /// Principal due.
    principal: i64,
    /// Principal owed after.
    after: i64,
    /// A rate in it is not published yet.
    projected: bool,
}

/// A loan with its schedule.
#[derive(Serialize, ToSchema)]
pub(super) struct OneLoan {
    /// The loan.
    loan: Loan,
    /// Every settlement to the last; empty before the contract.
    schedule: Vec<Settled>,
    /// The money was not paid out yet.
    forecast: bool,
}

/// A gift of one purse.
#[derive(Serialize, ToSchema)]
pub(super) struct Gift {
    /// Key of the purse, or the list's words.
    purse: String,
    /// Its title.
    title: Name,
    /// The department.
    department: String,
    /// Fen.
    fen: i64,
    /// Fen: what of it may stand.
    stands: i64,
    /// Paid; otherwise planned.
    paid: bool,
    /// `unknown`, `excluded`, `beyond`, `no_need`; null: nothing stands against it.
    conflict: Option<String>,
    /// Fen that should not be.
    over: i64,
}

/// A university student with all purses, in fen.
#[derive(Serialize, ToSchema)]
pub(super) struct Student {
    /// The student, 16 hexadecimal digits.
    person: String,
    /// Their name.
    name: String,
    /// The university.
    university: String,
    /// Gifts.
    gifts: Vec<Gift>,
    /// What the year costs.
    cost: i64,
    /// What grants pay.
    granted: i64,
    /// What is lent.
    lent: i64,
    /// What nobody pays.
    unmet: i64,
    /// A cost is an estimate.
    estimated: bool,
}

/// Persons, person-times and fen.
#[derive(Serialize, ToSchema)]
pub(super) struct Counted {
    /// Persons, each once.
    persons: u64,
    /// Person-times.
    times: u64,
    /// Fen.
    fen: i64,
}

impl From<fujiao_office::bulletin::Counted> for Counted {
    fn from(of: fujiao_office::bulletin::Counted) -> Self {
        Self { persons: of.persons, times: of.times, fen: of.amount }
    }
}

/// A line of the yearly table.
#[derive(Serialize, ToSchema)]
pub(super) struct BulletinLine {
    /// Code of the stage; null: all.
    stage: Option<&'static str>,
    /// The programme; null: all of the stage.
    title: Option<Name>,
    /// Spring.
    spring: Counted,
    /// Autumn.
    autumn: Counted,
    /// The calendar year: persons of both halves once.
    year: Counted,
}

/// Origin-place loans of a school year within the token's ground.
#[utoipa::path(get, path = "/api/v1/aid/loans", tag = "aid", params(OfYear), responses(
    (status = 200, body = Vec<Loan>), (status = 400, body = Problem, content_type = "application/problem+json"),
    (status = 422, body = Problem, content_type = "application/problem+json"), (status = 401, body = Problem, content_type = "application/problem+json"),
    (status = 403, body = Problem, content_type = "application/problem+json"),
))]
pub(super) async fn loans(
    State(app): State<App>,
    Sat(seat): Sat,
    RawQuery(query): RawQuery,
) -> Result<Json<Vec<Loan>>, Problem> {
    let actor = seat.actor().clone();
    let year = OfYear::read(query.as_deref())?
        .unwrap_or_else(|| fujiao_model::Term::of(actor.today()).school_year());
    let page = ask(app.office, move |o| o.loans(&actor, year)).await?;
    Ok(Json(page.lines.iter().map(Loan::of).collect()))
}

/// One loan with its schedule to the fen.
#[utoipa::path(get, path = "/api/v1/aid/loans/{id}", tag = "aid",
    params(("id" = u64, Path, description = "the loan's number")), responses(
    (status = 200, body = OneLoan), (status = 401, body = Problem, content_type = "application/problem+json"),
    (status = 403, body = Problem, content_type = "application/problem+json"),
    (status = 404, body = Problem, content_type = "application/problem+json"),
))]
pub(super) async fn loan(
    State(app): State<App>,
    Sat(seat): Sat,
    Path(id): Path<String>,
) -> Result<Json<OneLoan>, Problem> {
    let id: u64 = id.parse().map_err(|_| Problem::not_found())?;
    let actor = seat.actor().clone();
    let page = ask(app.office, move |o| o.loan_page(&actor, id)).await?;
    let rows = page.schedule.iter().flat_map(|plan| &plan.rows);
    let schedule = rows.map(|row| Settled {
        on: row.on.to_string(),
        kind: match row.kind {
            RowKind::Yearly => "yearly",
            RowKind::Early => "early",
            RowKind::Last => "last",
        },
        rate_bp: row.rate_bp,
        before: row.before.as_fen(),
        state_interest: row.state_interest.as_fen(),
        own_interest: row.own_interest.as_fen(),
        waived_interest: row.waived_interest.as_fen(),
        principal: row.principal.as_fen(),
        after: row.after.as_fen(),
        projected: row.projected,
    });
    let schedule = schedule.collect();
    Ok(Json(OneLoan { loan: Loan::of(&page.line), schedule, forecast: page.forecast }))
}

/// University students of a school year with what several purses give them, within the token's ground.
#[utoipa::path(get, path = "/api/v1/aid/university", tag = "aid", params(OfYear), responses(
    (status = 200, body = Vec<Student>), (status = 400, body = Problem, content_type = "application/problem+json"),
    (status = 422, body = Problem, content_type = "application/problem+json"), (status = 401, body = Problem, content_type = "application/problem+json"),
    (status = 403, body = Problem, content_type = "application/problem+json"),
))]
pub(super) async fn university(
    State(app): State<App>,
    Sat(seat): Sat,
    RawQuery(query): RawQuery,
) -> Result<Json<Vec<Student>>, Problem> {
    let actor = seat.actor().clone();
    let year = OfYear::read(query.as_deref())?;
    let page = ask(app.office, move |o| o.purses(&actor, (year, PurseTab::All), "")).await?;
    let students = page.students.into_iter().map(|s| Student {
        person: hex(s.person),
        name: s.name,
        university: s.university,
        gifts: s
            .gifts
            .into_iter()
            .map(|(g, title)| Gift {
                title: Name::from(&title),
                purse: g.purse,
                department: g.department,
                fen: g.amount,
                stands: g.stands,
                paid: g.paid,
                conflict: g.conflict,
                over: g.over,
            })
            .collect(),
        cost: s.cost,
        granted: s.granted,
        lent: s.lent,
        unmet: s.unmet,
        estimated: s.estimated,
    });
    Ok(Json(students.collect()))
}

/// The yearly table of aid: persons and person-times apart. Nothing for a token that stands on a part of the county.
#[utoipa::path(get, path = "/api/v1/aid/bulletin", tag = "aid", params(OfYear), responses(
    (status = 200, body = Vec<BulletinLine>), (status = 400, body = Problem, content_type = "application/problem+json"),
    (status = 422, body = Problem, content_type = "application/problem+json"), (status = 401, body = Problem, content_type = "application/problem+json"),
    (status = 403, body = Problem, content_type = "application/problem+json"),
))]
pub(super) async fn bulletin(
    State(app): State<App>,
    Sat(seat): Sat,
    RawQuery(query): RawQuery,
) -> Result<Json<Vec<BulletinLine>>, Problem> {
    let actor = seat.actor().clone();
    let year = OfYear::read(query.as_deref())?;
    let page = ask(app.office, move |o| o.bulletin(&actor, year)).await?;
    let lines = page.rows.iter().map(|row| BulletinLine {
        stage: row.stage.map(fujiao_model::Stage::code),
        title: row.title.as_ref().map(Name::from),
        spring: row.spring[0].into(),
        autumn: row.autumn[0].into(),
        year: row.year[0].into(),
    });
    Ok(Json(lines.collect()))
}
