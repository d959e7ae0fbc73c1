//! What programs write. Each request carries a key of its own in `Idempotency-Key`: sent again, it changes nothing.

use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use axum::{Json, Router};
use fujiao_model::{ChildNow, ContactHow, Field, WhyAway};
use fujiao_office::corrections::{CorrectionError, Proposal};
use fujiao_office::entries::{EntryKey, NewEntry, ReceiptState, Visit, What};
use fujiao_office::once::Once;
use fujiao_office::{Office, OfficeError};
use jiff::civil::Date;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use utoipa::ToSchema;

use super::problem::Problem;
use crate::app::App;
use crate::gate::SignedIn;
use crate::pages::visit::remark_text;
use crate::words::Lang;

/// Routes of what programs write.
pub(crate) fn routes() -> Router<App> {
    Router::new()
        .route("/api/v1/rows/{id}/corrections", post(correct))
        .route("/api/v1/persons/{id}/visits", post(visit))
}

/// A fact put right.
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewCorrection {
    /// The field, by its word in the books: `phone`, `guardian` …
    #[schema(max_length = 60)]
    field: String,
    /// The right value, as a roster would write it.
    #[schema(max_length = 400)]
    now: String,
    /// Why.
    #[schema(min_length = 1, max_length = 400)]
    reason: String,
    /// What shows it: a document, a visit.
    #[schema(min_length = 1, max_length = 400)]
    evidence: String,
}

/// A correction that is in the books.
#[derive(Serialize, ToSchema)]
pub(super) struct Corrected {
    /// Its number.
    id: u64,
    /// `in_force`, or `waiting` for a second person.
    state: &'static str,
}

/// Puts one cell of a row right. It is in force at once, or waits for a second person.
#[utoipa::path(post, path = "/api/v1/rows/{id}/corrections", tag = "writes",
    params(
        ("id" = String, Path, description = "The row, 16 hexadecimal digits", pattern = "^[0-9a-f]{16}$"),
        ("Idempotency-Key" = String, Header, description = "Any text of the program's own: the same again changes nothing",
            min_length = 1, max_length = 64, pattern = "^[!-~]+$"),
    ),
    request_body = NewCorrection, responses(
    (status = 201, body = Corrected), (status = 400, body = Problem, content_type = "application/problem+json"),
    (status = 401, body = Problem, content_type = "application/problem+json"),
    (status = 403, body = Problem, content_type = "application/problem+json"),
    (status = 404, body = Problem, content_type = "application/problem+json"),
    (status = 409, body = Problem, content_type = "application/problem+json"),
    (status = 413, body = Problem, content_type = "application/problem+json"),
    (status = 422, body = Problem, content_type = "application/problem+json"),
))]
pub(super) async fn correct(
    State(app): State<App>,
    signed: SignedIn,
    Path(row): Path<String>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<(StatusCode, Json<Corrected>), Problem> {
    let (once, new): (_, NewCorrection) = read(&headers, &["correct", &row], body)?;
    let row = crate::pages::unhex(&row).ok_or_else(Problem::not_found)?;
    let field = Field::from_code(&new.field)
        .ok_or_else(|| Problem::unprocessable(format!("field: there is no “{}”", new.field)))?;
    let said = Proposal { now: new.now, reason: new.reason, evidence: new.evidence };
    let (id, state) = act(&app, signed, move |office, actor| {
        office.correct_once(actor, &once, row, field, &said)
    })
    .await?;
    Ok((StatusCode::CREATED, Json(Corrected { id, state: state.code() })))
}

/// How somebody was in touch.
#[derive(Clone, Copy, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum HowWord {
    Home,
    Phone,
    School,
    Tutoring,
    Meeting,
    Exchange,
    LifeHelp,
    Goods,
}

/// Where the child is.
#[derive(Clone, Copy, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum NowWord {
    InSchool,
    Leave,
    Out,
}

/// Why the child is not in school.
#[derive(Clone, Copy, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(super) enum WhyWord {
    Ill,
    Far,
    Work,
    Unwilling,
    Away,
    Other,
}

/// A visit or another contact. Care records are written by people alone.
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewVisit {
    /// The day, `2025-03-18`.
    #[schema(format = Date)]
    on: String,
    /// How.
    how: HowWord,
    /// Whom they met.
    #[serde(default)]
    #[schema(max_length = 60)]
    met: String,
    /// Where the child is now.
    #[serde(default)]
    now: Option<NowWord>,
    /// Why not in school.
    #[serde(default)]
    #[schema(max_items = 6)]
    why: Vec<WhyWord>,
    /// What they saw and heard.
    #[serde(default)]
    #[schema(max_length = 1000)]
    text: String,
    /// When they mean to come again.
    #[serde(default)]
    #[schema(format = Date)]
    next_on: Option<String>,
}

/// A visit that is in the books.
#[derive(Serialize, ToSchema)]
pub(super) struct Visited {
    /// Its key in the books, 32 hexadecimal digits.
    key: String,
    /// `kept`, or `conflict` where somebody else said otherwise and a person will decide.
    state: &'static str,
    /// What was done besides.
    remarks: Vec<String>,
}

/// Writes down a visit.
#[utoipa::path(post, path = "/api/v1/persons/{id}/visits", tag = "writes",
    params(
        ("id" = String, Path, description = "16 hexadecimal digits", pattern = "^[0-9a-f]{16}$"),
        ("Idempotency-Key" = String, Header, description = "Any text of the program's own: the same again changes nothing",
            min_length = 1, max_length = 64, pattern = "^[!-~]+$"),
    ),
    request_body = NewVisit, responses(
    (status = 201, body = Visited), (status = 400, body = Problem, content_type = "application/problem+json"),
    (status = 401, body = Problem, content_type = "application/problem+json"),
    (status = 403, body = Problem, content_type = "application/problem+json"),
    (status = 404, body = Problem, content_type = "application/problem+json"),
    (status = 413, body = Problem, content_type = "application/problem+json"),
    (status = 422, body = Problem, content_type = "application/problem+json"),
))]
pub(super) async fn visit(
    State(app): State<App>,
    signed: SignedIn,
    Path(person): Path<String>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<(StatusCode, Json<Visited>), Problem> {
    let (once, new): (Once, NewVisit) = read(&headers, &["visit", &person], body)?;
    let person = crate::pages::unhex(&person).ok_or_else(Problem::not_found)?;
    let day = |text: &str, field: &str| -> Result<Date, Problem> {
        text.parse().map_err(|_| Problem::unprocessable(format!("{field}: no date: {text}")))
    };
    // The books know an entry by a key of 16 bytes, which follows from whose key it is.
    let mut hash = Sha256::new();
    for part in ["visit", &signed.actor().login, once.key()] {
        hash.update(part.as_bytes());
        hash.update([0]);
    }
    let mut key = [0; 16];
    key.copy_from_slice(&hash.finalize()[..16]);
    let entry = NewEntry {
        key: EntryKey(key),
        supersedes: None,
        on: Some(day(&new.on, "on")?),
        written_at: signed.actor().at,
        what: What::Visit(Visit {
            person,
            how: [
                ContactHow::Home,
                ContactHow::Phone,
                ContactHow::School,
                ContactHow::Tutoring,
                ContactHow::Meeting,
                ContactHow::Exchange,
                ContactHow::LifeHelp,
                ContactHow::Goods,
            ][new.how as usize],
            met: new.met.trim().to_owned(),
            now: new.now.map(|n| [ChildNow::InSchool, ChildNow::Leave, ChildNow::Out][n as usize]),
            why: new.why.iter().map(|w| WhyAway::ALL[*w as usize]).collect(),
            text: new.text.trim().to_owned(),
            phone: String::new(),
            next_on: new.next_on.as_deref().map(|d| day(d, "next_on")).transpose()?,
        }),
    };
    let receipt = act(&app, signed, move |office, actor| office.record(actor, vec![entry])).await?;
    let receipt = receipt.into_iter().next().ok_or_else(Problem::failed)?;
    let words = Lang::Zh.words();
    let remarks: Vec<String> = receipt.remarks.iter().map(|r| remark_text(words, r)).collect();
    if receipt.state == ReceiptState::Refused {
        return Err(Problem::unprocessable(remarks.join("；")));
    }
    let visited = Visited { key: receipt.key.to_string(), state: receipt.state.code(), remarks };
    Ok((StatusCode::CREATED, Json(visited)))
}

/// The key of a request and its body. `about`: what the body is about, so that a key counts for one thing.
fn read<T: DeserializeOwned>(
    headers: &HeaderMap,
    about: &[&str],
    body: Result<Bytes, BytesRejection>,
) -> Result<(Once, T), Problem> {
    let body = body.map_err(|_| Problem::too_large())?;
    let mut hash = Sha256::new();
    for part in about {
        hash.update(part.as_bytes());
        hash.update([0]);
    }
    hash.update(&body);
    let once = headers
        .get("idempotency-key")
        .and_then(|key| Once::new(key.to_str().ok()?, hash.finalize().into()))
        .ok_or_else(|| Problem::unread("Idempotency-Key: 1 to 64 visible ASCII characters"))?;
    let new = serde_json::from_slice(&body).map_err(|e| Problem::unread(e.to_string()))?;
    Ok((once, new))
}

/// Does what a program asks of the office, where waiting holds nobody up; `problem` tells what is wrong in the words of its area.
pub(super) async fn carry_out<T: Send + 'static>(
    app: &App,
    signed: SignedIn,
    deed: impl FnOnce(&Office, &fujiao_office::access::Actor) -> Result<T, OfficeError> + Send + 'static,
    problem: impl FnOnce(OfficeError) -> Problem,
) -> Result<T, Problem> {
    let office = app.office.clone();
    let done = tokio::task::spawn_blocking(move || deed(&office, signed.actor())).await;
    done.map_err(|_| Problem::failed())?.map_err(|error| match error {
        OfficeError::NotAllowed(not) => Problem::not_theirs(not.0.code()),
        other => problem(other),
    })
}

async fn act<T: Send + 'static>(
    app: &App,
    signed: SignedIn,
    deed: impl FnOnce(&Office, &fujiao_office::access::Actor) -> Result<T, OfficeError> + Send + 'static,
) -> Result<T, Problem> {
    carry_out(app, signed, deed, |error| match error {
        OfficeError::Correction(CorrectionError::NoSuchRow) => Problem::not_found(),
        OfficeError::Correction(CorrectionError::Waits(_)) => Problem::conflict(error.to_string()),
        OfficeError::Correction(_) | OfficeError::Once(_) => {
            Problem::unprocessable(error.to_string())
        }
        _ => Problem::failed(),
    })
    .await
}
