//! What was looked at: whole numbers, cases outside one's ground, the audit; and what the program stands on.

use askama::Template;
use axum::Router;
use axum::extract::{Path, Query, State};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use fujiao_office::OfficeError;
use fujiao_office::access::Access;
use fujiao_office::desk::Seat;
use fujiao_office::disclosure::{AuditPage, GlassLine};
use fujiao_office::rules::{Health, RuleLine};
use fujiao_office::upkeep::{UpkeepLine, UpkeepView};
use serde::Deserialize;

use crate::app::App;
use crate::error::PageError;
use crate::gate::{CheckedForm, Nothing, Sat, act, done};
use crate::shape::encoded;
use crate::shell::{Reader, Shell};
use crate::words::As;

/// Routes of what was looked at.
pub(crate) fn routes() -> Router<App> {
    Router::new()
        .route("/person/{id}/reveal", post(reveal))
        .route("/glass", get(glasses).post(break_glass))
        .route("/glass/{id}/review", post(review_glass))
        .route("/audit", get(audit))
        .route("/system", get(system))
        .route("/system/backup", get(backup).post(back_up_now))
}

#[derive(Deserialize)]
struct Wanted {
    secret: String,
    reason: String,
}

async fn reveal(
    State(app): State<App>,
    reader: Reader,
    Sat(seat): Sat,
    Path(id): Path<String>,
    CheckedForm(wanted): CheckedForm<Wanted>,
) -> Result<Response, PageError> {
    let Some(person) = super::unhex(&id) else {
        return Err(super::missing(&reader, &seat).await);
    };
    let actor = seat.actor().clone();
    done(&reader, &app.office, move |office| {
        office.reveal(&actor, person, &wanted.secret, &wanted.reason)
    })
    .await?;
    Ok(Redirect::to(&format!("/person/{id}#facts")).into_response())
}

#[derive(Template)]
#[template(path = "glass.html")]
struct GlassPage {
    s: Shell,
    lines: Vec<GlassLine>,
    hours: i64,
    reason: String,
    fault: String,
    /// Whether the reader reviews.
    reviews: bool,
    now: jiff::Timestamp,
}

async fn glass_page(
    app: &App,
    reader: &Reader,
    seat: &Seat,
    reason: String,
    fault: String,
) -> Result<Response, PageError> {
    let frame = super::ask(reader, seat, Seat::frame).await?;
    let actor = seat.actor().clone();
    let lines = done(reader, &app.office, move |office| office.glasses(&actor)).await?;
    let good = fault.is_empty();
    let s = Shell::new(reader, Some(frame), "glass", reader.lang.words().s("glass.head"));
    let page = GlassPage {
        reviews: s.may("glass_review"),
        s,
        lines,
        hours: Access::builtin().shown.glass_hours,
        reason,
        fault,
        now: seat.actor().at,
    };
    super::form_page(reader, good, &page)
}

async fn glasses(
    State(app): State<App>,
    reader: Reader,
    Sat(seat): Sat,
) -> Result<Response, PageError> {
    glass_page(&app, &reader, &seat, String::new(), String::new()).await
}

#[derive(Deserialize)]
struct Emergency {
    number: String,
    reason: String,
}

async fn break_glass(
    State(app): State<App>,
    reader: Reader,
    Sat(seat): Sat,
    CheckedForm(given): CheckedForm<Emergency>,
) -> Result<Response, PageError> {
    let (actor, reason) = (seat.actor().clone(), given.reason.clone());
    let opened = act(&reader, &app.office, move |office| {
        office.break_glass(&actor, &given.number, &given.reason)
    })
    .await?;
    match opened {
        Ok(person) => Ok(Redirect::to(&format!("/person/{}", super::hex(person))).into_response()),
        // The number is not written back: it would stand in the page.
        Err(OfficeError::Disclosure(fault)) => {
            glass_page(&app, &reader, &seat, reason, fault.to_string()).await
        }
        Err(e) => Err(PageError::office(&reader, e)),
    }
}

#[derive(Deserialize)]
struct Verdict {
    justified: String,
    verdict: String,
}

async fn review_glass(
    State(app): State<App>,
    reader: Reader,
    Sat(seat): Sat,
    Path(number): Path<u64>,
    CheckedForm(given): CheckedForm<Verdict>,
) -> Result<Response, PageError> {
    let actor = seat.actor().clone();
    done(&reader, &app.office, move |office| {
        office.review_glass(&actor, number, given.justified == "yes", &given.verdict)
    })
    .await?;
    Ok(Redirect::to("/glass").into_response())
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Filter {
    before: String,
    action: String,
    by: String,
}

#[derive(Template)]
#[template(path = "audit.html")]
struct AuditLog {
    s: Shell,
    v: AuditPage,
    action: String,
    by: String,
    next: Option<String>,
}

async fn audit(
    State(app): State<App>,
    reader: Reader,
    Sat(seat): Sat,
    Query(filter): Query<Filter>,
) -> Result<Response, PageError> {
    let frame = super::ask(&reader, &seat, Seat::frame).await?;
    let actor = seat.actor().clone();
    let (action, by) = (filter.action.clone(), filter.by.trim().to_owned());
    let v = done(&reader, &app.office, move |office| {
        office.audit_lines(&actor, filter.before.parse().ok(), &filter.action, filter.by.trim())
    })
    .await?;
    let next = v
        .next
        .map(|n| format!("/audit?before={n}&action={}&by={}", encoded(&action), encoded(&by)));
    let s = Shell::new(&reader, Some(frame), "audit", reader.lang.words().s("audit.head"));
    super::page(&reader, &AuditLog { s, v, action, by, next })
}

#[derive(Template)]
#[template(path = "system.html")]
struct SystemPage {
    s: Shell,
    health: Health,
    rules: Vec<RuleLine>,
    upkeep: UpkeepView,
}

impl SystemPage {
    /// Bytes as people read them.
    #[expect(clippy::unused_self, reason = "a template calls its page's methods")]
    fn size(&self, bytes: impl As<u64>) -> String {
        shown_size(bytes.get())
    }

    /// Seconds to a tenth.
    fn seconds(&self, seconds: impl As<f64>) -> String {
        self.s.t.f1("system.seconds", format!("{:.1}", seconds.get()))
    }

    /// What something that was done for the books is called.
    fn kind(&self, line: &UpkeepLine) -> String {
        self.s.t.s(&format!("system.kind_{}", line.kind.code())).to_owned()
    }
}

/// Bytes in the unit that leaves two or three digits.
fn shown_size(bytes: u64) -> String {
    #[expect(clippy::cast_precision_loss, reason = "shown to three digits")]
    let mut n = bytes as f64;
    let mut unit = 0;
    let units = ["B", "KB", "MB", "GB", "TB"];
    while n >= 1000.0 && unit + 1 < units.len() {
        n /= 1000.0;
        unit += 1;
    }
    if n < 10.0 && unit > 0 {
        format!("{n:.1} {}", units[unit])
    } else {
        format!("{n:.0} {}", units[unit])
    }
}

async fn system(
    State(app): State<App>,
    reader: Reader,
    Sat(seat): Sat,
) -> Result<Response, PageError> {
    let frame = super::ask(&reader, &seat, Seat::frame).await?;
    let actor = seat.actor().clone();
    let (health, rules, upkeep) = done(&reader, &app.office, move |office| {
        Ok::<_, OfficeError>((
            office.health(&actor)?,
            office.rules(&actor)?,
            office.upkeep(&actor)?,
        ))
    })
    .await?;
    let s = Shell::new(&reader, Some(frame), "system", reader.lang.words().s("system.head"));
    super::page(&reader, &SystemPage { s, health, rules, upkeep })
}

/// Asks for a backup to be made now, beside everything else.
async fn back_up_now(
    State(app): State<App>,
    reader: Reader,
    Sat(seat): Sat,
    CheckedForm(_): CheckedForm<Nothing>,
) -> Result<Response, PageError> {
    let actor = seat.actor().clone();
    let job = done(&reader, &app.office, move |office| office.queue_backup(&actor)).await?;
    Ok(Redirect::to(&format!("/jobs/{job}")).into_response())
}

/// A backup of the books as of now, as a file, encrypted for the holder of the key.
async fn backup(
    State(app): State<App>,
    reader: Reader,
    Sat(seat): Sat,
) -> Result<Response, PageError> {
    let actor = seat.actor().clone();
    let day = actor.today();
    let file = done(&reader, &app.office, move |office| office.backup_file(&actor)).await?;
    let file = tokio::fs::File::from_std(file);
    let stream = tokio_util::io::ReaderStream::new(file);
    let name = format!("attachment; filename=\"fujiao-{day}.tar.zst.age\"");
    Ok((
        [
            (axum::http::header::CONTENT_TYPE, "application/octet-stream".to_owned()),
            (axum::http::header::CONTENT_DISPOSITION, name),
        ],
        axum::body::Body::from_stream(stream),
    )
        .into_response())
}
