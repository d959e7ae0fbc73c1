//! Pictures of inspections, projects and measurements: sent by a form, shown small.

use std::collections::BTreeMap;

use axum::Router;
use axum::extract::{DefaultBodyLimit, FromRequest, Multipart, Path, Query, Request, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use fujiao_office::entries::EntryKey;
use fujiao_office::school::{PHOTO_BYTES, SchoolError};
use fujiao_office::{Office, OfficeError};
use serde::Deserialize;
use sha2::{Digest, Sha256};

use super::super::uploads::hear_out;
use super::{back, gaps, inspections};
use crate::app::App;
use crate::error::PageError;
use crate::gate::{Sat, SignedIn, act};
use crate::shell::Reader;

/// What a form needs beside its picture.
const SLACK: usize = 64 << 10;

pub(super) fn routes() -> Router<App> {
    let limit = DefaultBodyLimit::max(PHOTO_BYTES + SLACK);
    Router::new().route("/photos", post(take).layer(limit)).route("/photos/{key}", get(show))
}

/// What the picture is of: in the address, so that a picture that is too large to be read has its answer at its field.
#[derive(Clone, Default, Deserialize)]
#[serde(default)]
struct Of {
    about: String,
    number: String,
    part: String,
}

#[derive(Default)]
struct Sent {
    csrf: String,
    number: String,
    picture: Vec<u8>,
}

async fn read(mut form: Multipart) -> Option<Sent> {
    let mut sent = Sent::default();
    while let Some(field) = form.next_field().await.ok()? {
        let name = field.name().unwrap_or_default().to_owned();
        let bytes = field.bytes().await.ok()?;
        let text = || String::from_utf8_lossy(&bytes).into_owned();
        match name.as_str() {
            "csrf" => sent.csrf = text(),
            "number" => sent.number = text(),
            "photo" => sent.picture = bytes.to_vec(),
            _ => {}
        }
    }
    Some(sent)
}

async fn take(
    State(app): State<App>,
    reader: Reader,
    signed: SignedIn,
    Sat(seat): Sat,
    Query(about): Query<Of>,
    request: Request,
) -> Result<Response, PageError> {
    let length = request.headers().get(header::CONTENT_LENGTH);
    let length = length.and_then(|v| v.to_str().ok()).and_then(|v| v.parse::<usize>().ok());
    if let Some(length) = length.filter(|length| *length > PHOTO_BYTES + SLACK) {
        hear_out(request.into_body()).await;
        let wrong = SchoolError::PhotoTooLarge((length - SLACK).div_ceil(1024 * 1024) as u64);
        return again(&app, &reader, &seat, &about, wrong).await;
    }
    let unread = || PageError::refused(&reader, StatusCode::BAD_REQUEST);
    let form = Multipart::from_request(request, &app).await.map_err(|_| unread())?;
    let sent = read(form).await.ok_or_else(unread)?;
    if sent.csrf != signed.csrf() {
        return Err(PageError::refused(&reader, StatusCode::FORBIDDEN));
    }
    let number = if about.number.is_empty() { sent.number } else { about.number.clone() };
    let number =
        if about.about == "measure" { super::super::unhex(&number) } else { number.parse().ok() };
    let (actor, of, number) = (seat.actor().clone(), about.clone(), number.unwrap_or(0));
    let picture = sent.picture;
    // The same picture of the same thing again is the same one.
    let mut hash = Sha256::new();
    hash.update(format!("{} {number} {} {}\n", of.about, of.part, actor.login));
    hash.update(&picture);
    let key = EntryKey(hash.finalize()[..16].try_into().expect("32 bytes hold 16"));
    let kept = act(&reader, &app.office, move |o: &Office| {
        o.school_photo(&actor, (&of.about, number, &of.part), key, &picture)
    })
    .await?;
    match kept {
        Ok(()) => {
            let to = match about.about.as_str() {
                "inspection" => format!("/inspections?of={number}#faults"),
                "project" => format!("/projects/{number}#steps"),
                _ => "/gaps#lines".to_owned(),
            };
            back(&reader, Ok(()), &to)
        }
        Err(OfficeError::School(
            wrong @ (SchoolError::PhotoTooLarge(_)
            | SchoolError::NoPhoto
            | SchoolError::Form { .. }),
        )) => again(&app, &reader, &seat, &about, wrong).await,
        Err(error) => Err(PageError::office(&reader, error)),
    }
}

/// The page that the picture was sent from, with what is wrong at its field.
async fn again(
    app: &App,
    reader: &Reader,
    seat: &fujiao_office::desk::Seat,
    about: &Of,
    wrong: SchoolError,
) -> Result<Response, PageError> {
    match about.about.as_str() {
        "inspection" => {
            let of = format!("{} {}", about.number, about.part);
            let sent =
                BTreeMap::from([("photo".to_owned(), of), ("of".to_owned(), about.number.clone())]);
            inspections::page(app, reader, seat, &sent, Some(wrong)).await
        }
        "project" => gaps::project_page(app, reader, seat, &about.number, wrong.to_string()).await,
        _ => gaps::ledger(app, reader, seat, gaps::Asked::default(), wrong.to_string()).await,
    }
}

async fn show(
    State(app): State<App>,
    reader: Reader,
    Sat(seat): Sat,
    Path(key): Path<String>,
) -> Result<Response, PageError> {
    let Some(key) = EntryKey::parse(&key) else {
        return Err(PageError::not_found(&reader, None));
    };
    let actor = seat.actor().clone();
    let found = act(&reader, &app.office, move |o: &Office| o.show_school_photo(&actor, key));
    match found.await? {
        Ok(photo) => {
            let kept = "private, max-age=86400";
            let head = [(header::CONTENT_TYPE, photo.media_type), (header::CACHE_CONTROL, kept)];
            Ok((head, photo.bytes).into_response())
        }
        Err(OfficeError::School(SchoolError::NoRecord)) => Err(PageError::not_found(&reader, None)),
        Err(e) => Err(PageError::office(&reader, e)),
    }
}
