//! Training and work: the labour register, the pool of courses, vacancies, placements, matches.

mod courses;
mod files;
mod matches;
mod people;
mod work;

use axum::Router;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use fujiao_office::cases::PaperFile;
use fujiao_office::labour::LabourError;
use fujiao_office::{Office, OfficeError};

use super::sheets::{Form, Page, Sheet, shell};
use crate::app::App;
use crate::error::PageError;
use crate::gate::Sat;
use crate::shell::Reader;
use crate::words::Words;

pub(crate) use people::now;

/// Routes of training and work.
pub(crate) fn routes() -> Router<App> {
    Router::new()
        .merge(people::routes())
        .merge(courses::routes())
        .merge(work::routes())
        .merge(matches::routes())
}

/// What a form was refused for, if it was that; else the error.
fn fault(error: OfficeError) -> Result<String, OfficeError> {
    match error {
        OfficeError::Labour(
            e @ (LabourError::Form { .. }
            | LabourError::Full { .. }
            | LabourError::Clash(_)
            | LabourError::NotNow(_)
            | LabourError::NoPerson
            | LabourError::NoJob),
        ) => Ok(e.to_string()),
        other => Err(other),
    }
}

/// Tabs of the area: address, key of the word.
fn tabs(t: &Words, here: &str) -> Vec<(String, String, bool)> {
    [
        ("/labour", "labour.register"),
        ("/courses", "labour.courses"),
        ("/vacancies", "labour.vacancies"),
        ("/matches", "labour.matches"),
        ("/placements", "labour.placements"),
        ("/labour/findings", "labour.findings"),
        ("/courses/providers", "labour.providers"),
    ]
    .into_iter()
    .map(|(href, key)| (href.to_owned(), t.text(key), href == here))
    .collect()
}

/// A page of the area.
async fn sheets_page(
    reader: &Reader,
    sat: &Sat,
    (here, entry): (&str, &'static str),
    (title, heading, about): (String, String, String),
    (fault, sheets): (String, Vec<Sheet>),
) -> Result<Response, PageError> {
    let t = reader.lang.words();
    let s = shell(reader, &sat.0, entry, &title).await?;
    let good = fault.is_empty();
    let page = Page { crumbs: Vec::new(), heading, about, tabs: tabs(t, here), fault, sheets, s };
    super::form_page(reader, good, &page)
}

/// A document to download.
fn paper(file: PaperFile) -> Response {
    let kind = "application/vnd.openxmlformats-officedocument.wordprocessingml.document";
    let disposition = "attachment; filename=\"notice.docx\"";
    ([(header::CONTENT_TYPE, kind), (header::CONTENT_DISPOSITION, disposition)], file.bytes)
        .into_response()
}

/// A form of one button.
fn button(action: String, label: String) -> Form {
    Form { action, title: label.clone(), button: label, inputs: Vec::new(), open: false }
}

/// Asks the office as whoever sits there.
async fn asked<T: Send + 'static>(
    reader: &Reader,
    app: &App,
    sat: &Sat,
    question: impl FnOnce(&Office, &fujiao_office::access::Actor) -> Result<T, OfficeError>
    + Send
    + 'static,
) -> Result<T, PageError> {
    let actor = sat.0.actor().clone();
    crate::gate::done(reader, &app.office, move |o: &Office| question(o, &actor)).await
}

/// As [`asked`], of something that may be refused.
async fn acted<T: Send + 'static>(
    reader: &Reader,
    app: &App,
    sat: &Sat,
    act: impl FnOnce(&Office, &fujiao_office::access::Actor) -> Result<T, OfficeError> + Send + 'static,
) -> Result<Result<T, OfficeError>, PageError> {
    let actor = sat.0.actor().clone();
    crate::gate::act(reader, &app.office, move |o: &Office| act(o, &actor)).await
}
