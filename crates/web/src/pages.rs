//! One handler a page: parse, call the desk, render.

pub(crate) mod account;
pub(crate) mod aid;
pub(crate) mod care;
pub(crate) mod cases;
pub(crate) mod corrections;
pub(crate) mod door;
pub(crate) mod generations;
pub(crate) mod handbook;
pub(crate) mod jobs;
pub(crate) mod labour;
pub(crate) mod links;
mod lists;
pub(crate) mod loans;
pub(crate) mod messages;
pub(crate) mod pairs;
mod people;
pub(crate) mod plans;
pub(crate) mod reports;
pub(crate) mod risks;
mod schools;
mod sheets;
mod sources;
mod today;
pub(crate) mod tokens;
pub(crate) mod two_lines;
pub(crate) mod uploads;
pub(crate) mod users;
pub(crate) mod visit;
pub(crate) mod watch;
pub(crate) mod works;

use askama::Template;
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Response};
use fujiao_model::{Area, Subject, SubjectKind};
use fujiao_office::access::Right;
use fujiao_office::desk::{DeskError, Filter, Seat};

pub(crate) use lists::area;
pub(crate) use people::{find, household, person, search};
pub(crate) use schools::{school, schools};
pub(crate) use sources::{data, file, source};
pub(crate) use today::today;

use crate::error::PageError;
use crate::shape::address;
use crate::shell::Reader;
use crate::words::As;

/// Asks somebody's seat on a thread that may wait for a disk.
pub(crate) async fn ask<T: Send + 'static>(
    reader: &Reader,
    seat: &Seat,
    question: impl FnOnce(&Seat) -> Result<T, DeskError> + Send + 'static,
) -> Result<T, PageError> {
    let seat = seat.clone();
    match tokio::task::spawn_blocking(move || question(&seat)).await {
        Ok(answer) => answer.map_err(|e| PageError::desk(reader, e)),
        Err(e) => Err(PageError::failed(reader, &e)),
    }
}

/// As [`ask`]; what is not there is a page that is not there.
pub(crate) async fn ask_for<T: Send + 'static>(
    reader: &Reader,
    seat: &Seat,
    question: impl FnOnce(&Seat) -> Result<Option<T>, DeskError> + Send + 'static,
) -> Result<T, PageError> {
    match ask(reader, seat, question).await? {
        Some(found) => Ok(found),
        None => Err(missing(reader, seat).await),
    }
}

/// The page that says that there is no such page.
pub(crate) async fn missing(reader: &Reader, seat: &Seat) -> PageError {
    let frame = ask(reader, seat, Seat::frame).await.ok();
    PageError::not_found(reader, frame)
}

/// A list that somebody may look at goes out as a file only if they may export.
pub(crate) fn may_export(reader: &Reader, seat: &Seat) -> Result<(), PageError> {
    if seat.actor().may(Right::Export) {
        Ok(())
    } else {
        Err(PageError::not_theirs(reader, Right::Export))
    }
}

/// Any address that is none of ours.
pub(crate) async fn nowhere(reader: Reader) -> PageError {
    PageError::not_found(&reader, None)
}

pub(crate) fn page(reader: &Reader, template: &impl Template) -> Result<Response, PageError> {
    match template.render() {
        Ok(html) => Ok(Html(html).into_response()),
        Err(e) => Err(PageError::failed(reader, &e)),
    }
}

/// A page with a form: as it was asked for, or sent back filled in, with what is wrong at its field.
pub(crate) fn form_page(
    reader: &Reader,
    good: bool,
    template: &impl Template,
) -> Result<Response, PageError> {
    let mut response = page(reader, template)?;
    if !good {
        *response.status_mut() = StatusCode::UNPROCESSABLE_ENTITY;
    }
    Ok(response)
}

/// The id of a register as it stands in addresses.
pub(crate) fn hex(id: impl As<u64>) -> String {
    format!("{:016x}", id.get())
}

/// Reads what [`hex`] writes.
pub(crate) fn unhex(text: &str) -> Option<u64> {
    if text.len() == 16 { u64::from_str_radix(text, 16).ok() } else { None }
}

/// The page of a subject, if subjects of its kind have one.
pub(crate) fn link(subject: impl As<Subject>) -> Option<String> {
    let subject = subject.get();
    let page = match subject.kind {
        SubjectKind::Person => "person",
        SubjectKind::Household => "household",
        SubjectKind::School => "school",
        SubjectKind::Place | SubjectKind::Fund => return None,
    };
    Some(format!("/{page}/{}", hex(subject.id)))
}

/// The page of a subject, or the list of its area where it has none.
pub(crate) fn href(subject: impl As<Subject>, area: impl As<Area>) -> String {
    link(subject).unwrap_or_else(|| address(area.get(), &Filter::default()))
}
