//! What devices take along and send: today's list, entries, photos.

use axum::Json;
use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use fujiao_office::OfficeError;
use fujiao_office::entries::{
    ClassToday, EntryError, EntryKey, LastContact, PHOTO_BYTES, Receipt, ReceiptState, Remark,
    ToVisit, VisitDay,
};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::sent::EntryJson;
use super::{class_label, owed_lines, remark_text};
use crate::app::App;
use crate::error::PageError;
use crate::gate::{SignedIn, act};
use crate::pages::hex;
use crate::shell::Reader;
use crate::words::Words;

/// How many entries a device sends at once at most.
const AT_ONCE: usize = 20;

#[derive(Serialize)]
struct DayJson {
    day: String,
    user: u64,
    name: String,
    csrf: String,
    in_all: usize,
    children: Vec<ChildJson>,
    classes: Vec<ClassJson>,
}

#[derive(Serialize)]
struct ChildJson {
    id: String,
    name: String,
    label: String,
    place: String,
    guardian: String,
    phone: String,
    owed: Vec<String>,
    by: Option<String>,
    last: Vec<LastJson>,
}

#[derive(Serialize)]
struct LastJson {
    on: String,
    how: String,
    author: String,
    text: String,
}

#[derive(Serialize)]
struct ClassJson {
    school: String,
    grade: &'static str,
    class: String,
    label: String,
    size: usize,
    pupils: Vec<(String, String)>,
    may_mark: bool,
    may_meals: bool,
}

impl DayJson {
    fn new(t: &Words, v: VisitDay, csrf: &str) -> Self {
        Self {
            day: v.day.to_string(),
            user: v.user,
            name: v.name,
            csrf: csrf.to_owned(),
            in_all: v.in_all,
            children: v.children.iter().map(|child| ChildJson::new(t, child)).collect(),
            classes: v.classes.into_iter().map(|class| ClassJson::new(t, class)).collect(),
        }
    }
}

impl ChildJson {
    fn new(t: &Words, child: &ToVisit) -> Self {
        let last = |l: &LastContact| LastJson {
            on: l.on.clone(),
            how: l.how.clone(),
            author: l.author.clone(),
            text: l.text.clone(),
        };
        Self {
            id: hex(child.person),
            name: child.name.clone(),
            label: class_label(t, child),
            place: child.place.clone(),
            guardian: child.guardian.clone(),
            phone: child.phone.clone(),
            owed: owed_lines(t, child),
            by: child.contact_by.map(|day| day.strftime("%m-%d").to_string()),
            last: child.last.iter().map(last).collect(),
        }
    }
}

impl ClassJson {
    fn new(t: &Words, of: ClassToday) -> Self {
        let label = format!("{} {}", of.school, t.class(Some(of.class.grade), &of.class.class));
        Self {
            school: hex(of.class.school),
            grade: of.class.grade.code(),
            class: of.class.class,
            label,
            size: of.size,
            pupils: of.pupils.into_iter().map(|(id, name)| (hex(id), name)).collect(),
            may_mark: of.may_mark,
            may_meals: of.may_meals,
        }
    }
}

/// Today's list, for the vault of a device.
pub(super) async fn day(
    State(app): State<App>,
    reader: Reader,
    signed: SignedIn,
) -> Result<Response, PageError> {
    let actor = signed.actor().clone();
    let day = act(&reader, &app.office, move |office| office.my_visits(&actor)).await?;
    match day {
        Ok(day) => {
            let json = DayJson::new(reader.lang.words(), day, signed.csrf());
            Ok(([(header::CACHE_CONTROL, "no-store")], Json(json)).into_response())
        }
        Err(e) => Err(PageError::office(&reader, e)),
    }
}

#[derive(Deserialize)]
struct Sent {
    entries: Vec<Value>,
}

#[derive(Serialize)]
struct Answer {
    receipts: Vec<ReceiptJson>,
}

#[derive(Serialize)]
struct ReceiptJson {
    key: String,
    state: &'static str,
    at: String,
    remarks: Vec<RemarkJson>,
}

#[derive(Serialize)]
struct RemarkJson {
    field: String,
    about: &'static str,
    text: String,
}

impl ReceiptJson {
    fn new(t: &Words, key: String, receipt: &Receipt) -> Self {
        let remarks = receipt.remarks.iter().map(|r| RemarkJson {
            field: r.field.clone(),
            about: r.about.code(),
            text: remark_text(t, r),
        });
        Self {
            key,
            state: receipt.state.code(),
            at: receipt.at.to_string(),
            remarks: remarks.collect(),
        }
    }
}

/// Takes what a device sends: a receipt for each, in the order in which they came.
pub(super) async fn sync(
    State(app): State<App>,
    reader: Reader,
    signed: SignedIn,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, PageError> {
    if !carries(&headers, &signed) {
        return Ok(refused(StatusCode::FORBIDDEN, "csrf"));
    }
    let Ok(Sent { entries }) = serde_json::from_slice(&body) else {
        return Ok(refused(StatusCode::BAD_REQUEST, "unread"));
    };
    if entries.len() > AT_ONCE {
        return Ok(refused(StatusCode::PAYLOAD_TOO_LARGE, "too_many"));
    }
    let actor = signed.actor().clone();
    let at = actor.at;
    let mut receipts: Vec<(String, Option<Receipt>)> = Vec::with_capacity(entries.len());
    let mut readable = Vec::new();
    for value in entries {
        // As it was written: the device knows its item by it.
        let key = value["key"].as_str().unwrap_or_default().to_owned();
        let read = serde_json::from_value::<EntryJson>(value)
            .map_err(|_| {
                let about = fujiao_office::entries::About::Unread;
                vec![Remark { field: String::new(), about, arg: String::new() }]
            })
            .and_then(|entry| entry.read(at));
        match read {
            Ok(entry) => {
                readable.push(entry);
                receipts.push((key, None));
            }
            Err(remarks) => {
                let nobody = EntryKey([0; 16]);
                let receipt = Receipt { key: nobody, state: ReceiptState::Refused, at, remarks };
                receipts.push((key, Some(receipt)));
            }
        }
    }
    let taken = act(&reader, &app.office, move |office| office.record(&actor, readable)).await?;
    let mut taken = taken.map_err(|e| PageError::office(&reader, e))?.into_iter();
    let t = reader.lang.words();
    let receipts = receipts
        .into_iter()
        .filter_map(|(key, receipt)| {
            Some(ReceiptJson::new(t, key, &receipt.or_else(|| taken.next())?))
        })
        .collect();
    Ok(Json(Answer { receipts }).into_response())
}

#[derive(Deserialize)]
pub(super) struct Of {
    #[serde(default)]
    entry: String,
}

/// Takes a photo of an entry that is in the books.
pub(super) async fn take_photo(
    State(app): State<App>,
    reader: Reader,
    signed: SignedIn,
    Path(key): Path<String>,
    Query(of): Query<Of>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<Response, PageError> {
    if !carries(&headers, &signed) {
        return Ok(refused(StatusCode::FORBIDDEN, "csrf"));
    }
    let (Some(key), Some(entry)) = (EntryKey::parse(&key), EntryKey::parse(&of.entry)) else {
        return Ok(refused(StatusCode::BAD_REQUEST, "unread"));
    };
    let Ok(body) = body else {
        let told = headers.get(header::CONTENT_LENGTH).and_then(|v| v.to_str().ok());
        let size: usize = told.and_then(|n| n.parse().ok()).unwrap_or(PHOTO_BYTES + 1);
        let fault = EntryError::PhotoTooLarge(size.div_ceil(1024 * 1024) as u64);
        return Ok(refused(StatusCode::PAYLOAD_TOO_LARGE, &fault.to_string()));
    };
    let actor = signed.actor().clone();
    let taken =
        act(&reader, &app.office, move |office| office.record_photo(&actor, entry, key, &body));
    match taken.await? {
        Ok(()) => Ok(Json(serde_json::json!({ "state": "kept" })).into_response()),
        Err(OfficeError::Entry(fault)) => {
            Ok(refused(StatusCode::UNPROCESSABLE_ENTITY, &fault.to_string()))
        }
        Err(e) => Err(PageError::office(&reader, e)),
    }
}

/// A photo, for those whose ground the child is on.
pub(super) async fn photo(
    State(app): State<App>,
    reader: Reader,
    signed: SignedIn,
    Path(key): Path<String>,
) -> Result<Response, PageError> {
    let Some(key) = EntryKey::parse(&key) else {
        return Err(PageError::not_found(&reader, None));
    };
    let actor = signed.actor().clone();
    let found = act(&reader, &app.office, move |office| office.entry_photo(&actor, key)).await?;
    match found {
        Ok(photo) => Ok(([(header::CONTENT_TYPE, photo.media_type)], photo.bytes).into_response()),
        Err(OfficeError::Entry(EntryError::NoEntry)) => Err(PageError::not_found(&reader, None)),
        Err(e) => Err(PageError::office(&reader, e)),
    }
}

/// Whether a request of a script carries what every form of theirs carries.
fn carries(headers: &HeaderMap, signed: &SignedIn) -> bool {
    headers.get("x-csrf").is_some_and(|given| given.as_bytes() == signed.csrf().as_bytes())
}

fn refused(status: StatusCode, reason: &str) -> Response {
    (status, Json(serde_json::json!({ "reason": reason }))).into_response()
}
