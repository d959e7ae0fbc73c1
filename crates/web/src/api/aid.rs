//! What programs read of student aid.

use axum::extract::{Path, RawQuery, State};
use axum::routing::get;
use axum::{Json, Router};
use fujiao_office::aid::{AidError, Lines};
use fujiao_office::school::SchoolError;
use fujiao_office::{Office, OfficeError};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::answers::Name;
use super::problem::Problem;
use super::read::asked;
use crate::app::App;
use crate::gate::Sat;

/// Routes of what programs read of aid.
pub(crate) fn routes() -> Router<App> {
    Router::new()
        .route("/api/v1/aid/batches", get(batches))
        .route("/api/v1/aid/batches/{id}/lines", get(lines))
        .route("/api/v1/aid/funds", get(funds))
}

/// Lines and money of one state.
#[derive(Serialize, ToSchema)]
pub(super) struct Money {
    /// Lines.
    lines: u64,
    /// Fen.
    fen: i64,
}

impl From<(u64, i64)> for Money {
    fn from((lines, fen): (u64, i64)) -> Self {
        Self { lines, fen }
    }
}

/// A batch of payments; sums count the ground of the token.
#[derive(Serialize, ToSchema)]
pub(super) struct Batch {
    /// Its number.
    id: u64,
    /// Key of the programme.
    programme: String,
    /// Its title.
    title: Name,
    /// The period: `2025A`.
    period: String,
    /// Within the cycle, from 1: others than the first are supplements.
    number: u64,
    /// `draft`, `checked`, `published`, `approved`, `exported`, `reconciled`, `closed`.
    step: &'static str,
    /// Somebody took it back.
    withdrawn: bool,
    /// The day of the assessment that it was made from.
    as_of: String,
    /// All lines that are in.
    all: Money,
    /// Due.
    due: Money,
    /// Under way.
    sent: Money,
    /// Paid.
    paid: Money,
    /// Stopped.
    stopped: Money,
}

/// A line of a batch.
#[derive(Serialize, ToSchema)]
pub(super) struct AidLine {
    /// Its number.
    id: u64,
    /// The person, 16 hexadecimal digits.
    person: String,
    /// Their name.
    name: String,
    /// The school, or nothing.
    school: String,
    /// 1: the first payment; 2 …: supplements.
    part: u64,
    /// Fen.
    fen: i64,
    /// The version of the rule.
    rule: String,
    /// Its legal basis.
    basis: String,
    /// The facts in words.
    facts: String,
    /// `due`, `sent`, `paid`, `stopped`; null: not approved.
    state: Option<String>,
    /// When it was paid.
    paid_on: Option<String>,
}

/// Lines of a batch, and where to go on.
#[derive(Serialize, ToSchema)]
pub(super) struct AidLines {
    /// By number.
    lines: Vec<AidLine>,
    /// Ask for those after this number next; null: there are no more.
    after: Option<u64>,
}

/// A fund and what became of it, in fen.
#[derive(Serialize, ToSchema)]
pub(super) struct Fund {
    /// Its number.
    id: u64,
    /// Its name.
    name: String,
    /// Who gave it.
    giver: String,
    /// A gift; otherwise it was appropriated.
    gift: bool,
    /// When it came.
    arrived_on: String,
    /// What came.
    amount: i64,
    /// Allocated, not sent.
    allocated: i64,
    /// At the bank.
    sent: i64,
    /// Paid.
    paid: i64,
    /// Free.
    free: i64,
}

/// Which lines of a batch.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(super) struct After {
    /// After this number.
    #[param(nullable = false, minimum = 0, maximum = 9_007_199_254_740_991_i64)]
    after: Option<u64>,
}

/// Lines an answer.
const LINES: u32 = 500;

/// The greatest number that every JSON reader keeps exactly.
const LAST_NUMBER: u64 = 9_007_199_254_740_991;

pub(super) async fn ask<T: Send + 'static>(
    office: Office,
    question: impl FnOnce(&Office) -> Result<T, OfficeError> + Send + 'static,
) -> Result<T, Problem> {
    let answer = tokio::task::spawn_blocking(move || question(&office)).await;
    answer.map_err(|_| Problem::failed())?.map_err(|e| match e {
        OfficeError::Aid(AidError::NoSuchBatch | AidError::NoSuchLine)
        | OfficeError::School(SchoolError::NoSchool | SchoolError::NoRecord) => {
            Problem::not_found()
        }
        OfficeError::School(wrong) => Problem::unprocessable(wrong.to_string()),
        _ => Problem::failed(),
    })
}

/// Batches of aid, newest first.
#[utoipa::path(get, path = "/api/v1/aid/batches", tag = "aid", responses(
    (status = 200, body = Vec<Batch>), (status = 401, body = Problem, content_type = "application/problem+json"),
    (status = 403, body = Problem, content_type = "application/problem+json"),
))]
pub(super) async fn batches(
    State(app): State<App>,
    Sat(seat): Sat,
) -> Result<Json<Vec<Batch>>, Problem> {
    let actor = seat.actor().clone();
    let home = ask(app.office, move |o| o.aid_home(&actor)).await?;
    let mut out: Vec<Batch> = home
        .cycles
        .iter()
        .flat_map(|(cycle, title, cards)| cards.iter().map(move |card| (cycle, title, card)))
        .map(|(cycle, title, card)| {
            let (b, t) = (&card.batch, &card.tally);
            Batch {
                id: b.id,
                programme: cycle.programme.clone(),
                title: Name::from(title),
                period: cycle.period.clone(),
                number: b.number,
                step: card.step.code(),
                withdrawn: b.withdrawn.is_some(),
                as_of: b.as_of.to_string(),
                all: (t.lines, t.total).into(),
                due: t.due.into(),
                sent: t.sent.into(),
                paid: t.paid.into(),
                stopped: t.stopped.into(),
            }
        })
        .collect();
    out.sort_by_key(|b| std::cmp::Reverse(b.id));
    Ok(Json(out))
}

/// Lines of a batch within the token's ground, 500 at a time.
#[utoipa::path(get, path = "/api/v1/aid/batches/{id}/lines", tag = "aid",
    params(("id" = u64, Path, description = "the batch's number"), After), responses(
    (status = 200, body = AidLines), (status = 400, body = Problem, content_type = "application/problem+json"),
    (status = 422, body = Problem, content_type = "application/problem+json"), (status = 401, body = Problem, content_type = "application/problem+json"),
    (status = 403, body = Problem, content_type = "application/problem+json"),
    (status = 404, body = Problem, content_type = "application/problem+json"),
))]
pub(super) async fn lines(
    State(app): State<App>,
    Sat(seat): Sat,
    Path(id): Path<String>,
    RawQuery(query): RawQuery,
) -> Result<Json<AidLines>, Problem> {
    let id: u64 = id.parse().map_err(|_| Problem::not_found())?;
    let after = asked::<After>(query.as_deref())?.after.unwrap_or(0);
    if after > LAST_NUMBER {
        return Err(Problem::unprocessable("after: there is no such number".to_owned()));
    }
    let actor = seat.actor().clone();
    let of = Lines { after, limit: LINES + 1, ..Lines::default() };
    let mut found = ask(app.office, move |o| o.aid_lines_of(&actor, id, &of)).await?;
    let more = found.len() > LINES as usize;
    found.truncate(LINES as usize);
    let after = if more { found.last().map(|l| l.id) } else { None };
    let lines = found
        .into_iter()
        .map(|l| AidLine {
            id: l.id,
            person: crate::pages::hex(l.person),
            name: l.name,
            school: l.school_name,
            part: l.part,
            fen: l.amount,
            rule: l.rule,
            basis: l.basis,
            facts: l.facts,
            state: l.payment,
            paid_on: l.paid_on.map(|d| d.to_string()),
        })
        .collect();
    Ok(Json(AidLines { lines, after }))
}

/// Funds of the county; none for a token that stands on a part of it.
#[utoipa::path(get, path = "/api/v1/aid/funds", tag = "aid", responses(
    (status = 200, body = Vec<Fund>), (status = 401, body = Problem, content_type = "application/problem+json"),
    (status = 403, body = Problem, content_type = "application/problem+json"),
))]
pub(super) async fn funds(
    State(app): State<App>,
    Sat(seat): Sat,
) -> Result<Json<Vec<Fund>>, Problem> {
    let actor = seat.actor().clone();
    let page = ask(app.office, move |o| o.aid_funds(&actor, None)).await?;
    let funds = page.funds.into_iter().map(|line| Fund {
        id: line.fund.id,
        name: line.fund.name,
        giver: line.fund.giver,
        gift: line.fund.gift,
        arrived_on: line.fund.arrived_on.to_string(),
        amount: line.fund.amount,
        allocated: line.owed,
        sent: line.sent,
        paid: line.paid,
        free: line.fund.free,
    });
    Ok(Json(funds.collect()))
}
