//! Bringing workbooks: sent, looked at, taken in.

use askama::Template;
use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::multipart::{Multipart, MultipartError};
use axum::extract::{DefaultBodyLimit, FromRequest, Path, Request, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use fujiao_model::{Field, RosterKind};
use fujiao_office::OfficeError;
use fujiao_office::desk::Seat;
use fujiao_office::jobs::JobKind;
use fujiao_office::uploads::{
    BATCH_BYTES, BATCH_FILES, BatchState, BatchView, Brought, SeenColumn, SeenFile, SeenSheet,
    Sure, UploadError, fields_of,
};
use futures_util::StreamExt as _;
use serde::Deserialize;

use super::jobs::Going;
use super::sources::{sum, totals};
use crate::app::App;
use crate::error::PageError;
use crate::gate::{CheckedForm, Nothing, Sat, SignedIn, act, done};
use crate::shape::encoded;
use crate::shell::{Reader, Shell};
use crate::words::{As, Words};

/// What a form needs beside its files.
const SLACK: usize = 1 << 20;
/// What is read and thrown away of a form that is too large, so that the browser hears the answer.
const HEARD_OUT: usize = 512 << 20;

/// Routes of bringing workbooks.
pub(crate) fn routes() -> Router<App> {
    let bring = post(bring).layer(DefaultBodyLimit::max(BATCH_BYTES + SLACK));
    Router::new()
        .route("/upload", get(page).merge(bring))
        .route("/upload/{batch}", get(batch))
        .route("/upload/{batch}/take", post(take))
        .route("/upload/{batch}/drop", post(drop_batch))
        .route("/upload/{batch}/again", post(again))
        .route("/upload/{batch}/header", post(confirm_header))
        .route("/upload/{batch}/returned/{number}", get(returned))
}

#[derive(Template)]
#[template(path = "bring.html")]
struct BringPage {
    s: Shell,
    batches: Vec<fujiao_office::uploads::Batch>,
    files_at_most: usize,
    megabytes: usize,
    unit: String,
    fault: String,
}

async fn bring_page(
    app: &App,
    reader: &Reader,
    seat: &Seat,
    unit: String,
    fault: String,
) -> Result<Response, PageError> {
    let frame = super::ask(reader, seat, Seat::frame).await?;
    let actor = seat.actor().clone();
    let batches = done(reader, &app.office, move |office| office.batches(&actor, 20)).await?;
    let good = fault.is_empty();
    let page = BringPage {
        s: Shell::new(reader, Some(frame), "upload", reader.lang.words().s("bring.head")),
        batches,
        files_at_most: BATCH_FILES,
        megabytes: BATCH_BYTES >> 20,
        unit,
        fault,
    };
    super::form_page(reader, good, &page)
}

async fn page(
    State(app): State<App>,
    reader: Reader,
    Sat(seat): Sat,
) -> Result<Response, PageError> {
    bring_page(&app, &reader, &seat, String::new(), String::new()).await
}

/// What a form with files says.
#[derive(Default)]
struct Sent {
    csrf: String,
    unit: String,
    files: Vec<Brought>,
}

async fn bring(
    State(app): State<App>,
    reader: Reader,
    signed: SignedIn,
    Sat(seat): Sat,
    request: Request,
) -> Result<Response, PageError> {
    let length = request.headers().get(header::CONTENT_LENGTH);
    let length = length.and_then(|v| v.to_str().ok()).and_then(|v| v.parse::<usize>().ok());
    if length.is_some_and(|length| length > BATCH_BYTES + SLACK) {
        hear_out(request.into_body()).await;
        return Err(PageError::refused(&reader, StatusCode::PAYLOAD_TOO_LARGE));
    }
    let unread = |status| PageError::refused(&reader, status);
    let form = Multipart::from_request(request, &app).await;
    let form = form.map_err(|_| unread(StatusCode::BAD_REQUEST))?;
    let given = read(form).await.map_err(|e| unread(e.status()))?;
    if given.csrf != signed.csrf() {
        return Err(unread(StatusCode::FORBIDDEN));
    }
    let (actor, unit) = (seat.actor().clone(), given.unit.clone());
    let kept =
        act(&reader, &app.office, move |office| office.bring(&actor, &given.unit, &given.files))
            .await?;
    match kept {
        Ok(batch) => Ok(Redirect::to(&format!("/upload/{batch}")).into_response()),
        Err(OfficeError::Upload(fault)) => {
            bring_page(&app, &reader, &seat, unit, fault.to_string()).await
        }
        Err(e) => Err(PageError::office(&reader, e)),
    }
}

async fn read(mut form: Multipart) -> Result<Sent, MultipartError> {
    let mut sent = Sent::default();
    while let Some(field) = form.next_field().await? {
        let name = field.name().unwrap_or_default().to_owned();
        let file = field.file_name().map(str::to_owned);
        let bytes = field.bytes().await?;
        match (name.as_str(), file) {
            // A browser sends an empty part where no file was chosen.
            ("files", Some(name))
                if !(name.is_empty() && bytes.is_empty()) && sent.files.len() <= BATCH_FILES =>
            {
                sent.files.push(Brought { name, bytes: bytes.to_vec() });
            }
            ("csrf", None) => sent.csrf = text(&bytes),
            ("unit", None) => sent.unit = text(&bytes),
            _ => {}
        }
    }
    Ok(sent)
}

fn text(bytes: &Bytes) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// Reads a body to its end and keeps nothing: a browser that is still sending does not listen.
pub(super) async fn hear_out(body: Body) {
    let mut stream = body.into_data_stream();
    let mut heard = 0;
    while let Some(Ok(part)) = stream.next().await {
        heard += part.len();
        if heard > HEARD_OUT {
            return;
        }
    }
}

/// A workbook with what would become of it.
struct Look {
    number: u32,
    seen: SeenFile,
    state: String,
    chip: &'static str,
    bad: bool,
    rows: String,
    has_copy: bool,
}

#[derive(Template)]
#[template(path = "batch.html")]
struct BatchPage {
    s: Shell,
    heading: String,
    about: String,
    p: Going,
    totals: Vec<(String, String, &'static str)>,
    sum: String,
    files: Vec<Look>,
    waits: bool,
    can_take: bool,
    failed: bool,
    stopped: i64,
    v: BatchView,
}

async fn batch(
    State(app): State<App>,
    reader: Reader,
    Sat(seat): Sat,
    Path(id): Path<String>,
) -> Result<Response, PageError> {
    let Ok(id) = id.parse::<u64>() else { return Err(super::missing(&reader, &seat).await) };
    let frame = super::ask(&reader, &seat, Seat::frame).await?;
    let actor = seat.actor().clone();
    let view = act(&reader, &app.office, move |office| office.batch(&actor, id)).await?;
    let v = match view {
        Ok(view) => view,
        Err(OfficeError::Upload(UploadError::NoSuchBatch)) => {
            return Err(super::missing(&reader, &seat).await);
        }
        Err(e) => return Err(PageError::office(&reader, e)),
    };
    let t = reader.lang.words();
    let title = t.f1("bring.number", id);
    let seen = v.seen.clone().unwrap_or_default();
    let mut total = fujiao_office::desk::RowCounts::default();
    for counts in seen.iter().map(SeenFile::counts) {
        total.read += counts.read;
        total.created += counts.created;
        total.updated += counts.updated;
        total.unchanged += counts.unchanged;
        total.parked += counts.parked;
        total.refused += counts.refused;
    }
    let going = v.import.as_ref().filter(|job| !job.state.has_ended()).or(v.check.as_ref());
    let p = Going::of(t, going);
    let heading = match (v.batch.state, &v.seen) {
        (BatchState::Taken, _) => t.s("bring.taken").to_owned(),
        (BatchState::Dropped, _) => t.s("bring.dropped").to_owned(),
        (BatchState::Waiting, None) if !p.ended => t.s("bring.looking").to_owned(),
        (BatchState::Waiting, None) => t.s("bring.not_looked").to_owned(),
        (BatchState::Waiting, Some(_)) if total.parked + total.refused > 0 => {
            t.f2("bring.to_check", t.n(total.read), t.n(total.parked + total.refused))
        }
        (BatchState::Waiting, Some(_)) => t.f1("bring.clear", t.n(total.read)),
    };
    let look = |seen: SeenFile| {
        let upload = v.files.iter().find(|u| u.name == seen.name);
        let (chip, bad) = match seen.state.as_str() {
            "taken" => ("ok", false),
            "known" => ("na", false),
            _ => ("gap", true),
        };
        Look {
            number: upload.map_or(0, |u| u.number),
            has_copy: upload.is_some_and(|u| u.has_returned),
            state: t.s(file_key(&seen.state)).to_owned(),
            rows: sum(t, &seen.counts()),
            chip,
            bad,
            seen,
        }
    };
    let page = BatchPage {
        s: Shell::new(&reader, Some(frame), "upload", title),
        heading,
        about: t.f2("bring.about", v.files.len(), t.clock(v.batch.made_at))
            + &if v.batch.unit.is_empty() {
                String::new()
            } else {
                format!(" · {}", v.batch.unit)
            },
        totals: if v.seen.is_some() { totals(t, &total) } else { Vec::new() },
        sum: sum(t, &total),
        stopped: i64::try_from(seen.iter().filter(|f| f.state == "stopped").count()).unwrap_or(0),
        files: seen.into_iter().map(look).collect(),
        waits: v.batch.state == BatchState::Waiting,
        can_take: v.can_be_taken(),
        failed: v.batch.state == BatchState::Waiting && v.seen.is_none() && p.ended,
        p,
        v,
    };
    super::page(&reader, &page)
}

#[derive(Deserialize)]
struct Taking {
    #[serde(default)]
    force: String,
}

async fn take(
    State(app): State<App>,
    reader: Reader,
    Sat(seat): Sat,
    Path(id): Path<u64>,
    CheckedForm(form): CheckedForm<Taking>,
) -> Result<Response, PageError> {
    let (actor, force) = (seat.actor().clone(), form.force == "1");
    let job =
        done(&reader, &app.office, move |office| office.take_batch_in(&actor, id, force)).await?;
    Ok(Redirect::to(&format!("/jobs/{job}")).into_response())
}

async fn drop_batch(
    State(app): State<App>,
    reader: Reader,
    Sat(seat): Sat,
    Path(id): Path<u64>,
    CheckedForm(Nothing {}): CheckedForm<Nothing>,
) -> Result<Response, PageError> {
    let actor = seat.actor().clone();
    done(&reader, &app.office, move |office| office.drop_batch(&actor, id)).await?;
    Ok(Redirect::to("/upload").into_response())
}

async fn again(
    State(app): State<App>,
    reader: Reader,
    Sat(seat): Sat,
    Path(id): Path<u64>,
    CheckedForm(Nothing {}): CheckedForm<Nothing>,
) -> Result<Response, PageError> {
    let actor = seat.actor().clone();
    done(&reader, &app.office, move |office| office.look_again(&actor, id)).await?;
    Ok(Redirect::to(&format!("/upload/{id}")).into_response())
}

#[derive(Deserialize)]
struct Meant {
    kind: String,
    header: String,
    field: String,
}

async fn confirm_header(
    State(app): State<App>,
    reader: Reader,
    Sat(seat): Sat,
    Path(id): Path<u64>,
    CheckedForm(meant): CheckedForm<Meant>,
) -> Result<Response, PageError> {
    let said = RosterKind::parse(&meant.kind).zip(Field::from_code(&meant.field));
    if let Some((kind, field)) = said {
        let actor = seat.actor().clone();
        done(&reader, &app.office, move |office| {
            office.confirm_header(&actor, id, kind, &meant.header, field)
        })
        .await?;
    }
    Ok(Redirect::to(&format!("/upload/{id}")).into_response())
}

async fn returned(
    State(app): State<App>,
    reader: Reader,
    Sat(seat): Sat,
    Path((id, number)): Path<(u64, u32)>,
) -> Result<Response, PageError> {
    let actor = seat.actor().clone();
    let found =
        act(&reader, &app.office, move |office| office.returned(&actor, id, number)).await?;
    match found {
        Ok((name, bytes)) => {
            let kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
            // The name in UTF-8 (RFC 6266), with a plain one for programs that do not read it.
            let name = format!(
                "attachment; filename=\"returned.xlsx\"; filename*=UTF-8''{}",
                encoded(&name)
            );
            let headers =
                [(header::CONTENT_TYPE, kind.to_owned()), (header::CONTENT_DISPOSITION, name)];
            Ok((headers, bytes).into_response())
        }
        Err(OfficeError::Upload(_)) => Err(super::missing(&reader, &seat).await),
        Err(e) => Err(PageError::office(&reader, e)),
    }
}

/// Whether a batch waits, was taken or dropped.
pub(crate) fn state_key(state: impl As<BatchState>) -> &'static str {
    match state.get() {
        BatchState::Waiting => "bring.state_waiting",
        BatchState::Taken => "bring.state_taken",
        BatchState::Dropped => "bring.state_dropped",
    }
}

pub(crate) fn chip(state: impl As<BatchState>) -> &'static str {
    match state.get() {
        BatchState::Waiting => "soon",
        BatchState::Taken => "ok",
        BatchState::Dropped => "na",
    }
}

fn file_key(state: &str) -> &'static str {
    match state {
        "taken" => "bring.file_taken",
        "known" => "bring.file_known",
        "stopped" => "bring.file_stopped",
        _ => "bring.file_unreadable",
    }
}

/// What is in doubt about a column.
pub(crate) fn doubt(t: &Words, column: &SeenColumn) -> String {
    match (column.sure, column.field()) {
        (Sure::Guessed(score), Some(field)) => {
            t.f3("bring.guessed", &column.header, t.field(field), score)
        }
        _ => t.f1("bring.unknown", &column.header),
    }
}

/// The fields that a column of a sheet may hold.
pub(crate) fn fields(sheet: &SeenSheet) -> Vec<Field> {
    sheet.roster().map(fields_of).unwrap_or_default()
}

/// The words for what a job does.
pub(super) fn job_key(kind: Option<JobKind>) -> &'static str {
    match kind {
        Some(JobKind::Check) => "job.check",
        Some(JobKind::Import | JobKind::ImportAll) => "job.import",
        Some(JobKind::Assess) => "job.assess",
        Some(JobKind::Plan) => "job.plan",
        Some(JobKind::Backup) => "job.backup",
        None => "job.other",
    }
}
