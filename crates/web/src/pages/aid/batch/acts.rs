//! What people do to a batch. A form that cannot be taken comes back with what was written into it.

use axum::extract::{FromRequest, Multipart, Request, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use fujiao_office::access::Actor;
use fujiao_office::aid::{AidError, Channel, Decision, FindingList};
use fujiao_office::desk::Seat;
use fujiao_office::{Office, OfficeError};
use jiff::civil::Date;
use serde::Deserialize;

use super::{Asked, LARGEST_RETURN, Refused, number, show};
use crate::app::App;
use crate::error::PageError;
use crate::gate::{Sat, Sent, SignedIn, act, done};
use crate::pages::aid::{Why, go};
use crate::pages::unhex;
use crate::shape::encoded;
use crate::shell::Reader;

fn to(id: &str) -> String {
    format!("/aid/batch/{id}")
}

fn quiet(_: &str, _: u64, _: u64) {}

/// A form about one batch: which, and what was written into it.
struct Form<'a> {
    name: &'a str,
    fields: Vec<(&'static str, String)>,
    list: String,
    /// Where to go when it was taken, after the batch's address.
    then: &'a str,
}

impl<'a> Form<'a> {
    fn of(name: &'a str, fields: Vec<(&'static str, String)>) -> Self {
        Self { name, fields, list: String::new(), then: "" }
    }
}

/// Does something to a batch, and shows it again: as it is now, or with the form as it was sent and why it was not taken.
async fn take(
    (app, reader, seat): (&App, &Reader, &Seat),
    id: &str,
    form: Form<'_>,
    work: impl FnOnce(&Office, &Actor) -> Result<(), OfficeError> + Send + 'static,
) -> Result<Response, PageError> {
    let actor = seat.actor().clone();
    match act(reader, &app.office, move |office| work(office, &actor)).await? {
        Ok(()) => Ok(Redirect::to(&format!("{}{}", to(id), form.then)).into_response()),
        Err(OfficeError::Aid(AidError::NoSuchBatch)) => {
            Err(crate::pages::missing(reader, seat).await)
        }
        Err(OfficeError::Aid(fault)) => {
            let refused = Refused {
                form: form.name.to_owned(),
                fields: form.fields,
                fault: reader.lang.words().refusal(&fault),
            };
            let asked = Asked { list: form.list, ..Asked::default() };
            show(app, reader, seat, id, asked, Some(refused)).await
        }
        Err(e) => Err(PageError::office(reader, e)),
    }
}

pub(super) async fn check(sent: Sent<Why>) -> Result<Response, PageError> {
    let Sent { app, reader, seat, id, .. } = sent;
    let batch = number(&id);
    let back = Form::of("check", Vec::new());
    take((&app, &reader, &seat), &id, back, move |o, a| o.aid_check(a, batch, &quiet).map(drop))
        .await
}

pub(super) async fn mend(sent: Sent<Why>) -> Result<Response, PageError> {
    let Sent { app, reader, seat, id, .. } = sent;
    let batch = number(&id);
    let back = Form::of("mend", Vec::new());
    take((&app, &reader, &seat), &id, back, move |o, a| {
        o.aid_mend(a, batch)?;
        o.aid_check(a, batch, &quiet).map(drop)
    })
    .await
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Decided {
    list: String,
    person: String,
    other: String,
    #[serde(rename = "do")]
    what: String,
    why: String,
}

pub(super) async fn decide(sent: Sent<Decided>) -> Result<Response, PageError> {
    let Sent { app, reader, seat, id, form } = sent;
    let batch = number(&id);
    let name = format!("decide {} {}", form.list, form.person);
    let then = format!("?list={}#found", encoded(&form.list));
    let back = Form {
        name: &name,
        fields: vec![("why", form.why.clone())],
        list: form.list.clone(),
        then: &then,
    };
    take((&app, &reader, &seat), &id, back, move |o, a| {
        let list = FindingList::parse(&form.list).ok_or(AidError::NoSuchLine)?;
        let person = unhex(&form.person).ok_or(AidError::NoSuchLine)?;
        // A person's id stands in the books as a whole number.
        let other = match (list, unhex(&form.other)) {
            (FindingList::Double, Some(other)) => other.cast_signed().to_string(),
            _ => form.other.clone(),
        };
        let decision = if form.what == "out" { Decision::LeaveOut } else { Decision::Keep };
        o.aid_decide(a, batch, (list, person, &other), decision, &form.why)
    })
    .await
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct OfLine {
    line: u64,
    why: String,
}

pub(super) async fn leave_out(sent: Sent<OfLine>) -> Result<Response, PageError> {
    let Sent { app, reader, seat, id, form } = sent;
    let batch = number(&id);
    let name = format!("out {}", form.line);
    let back = Form { then: "#lines", ..Form::of(&name, vec![("why", form.why.clone())]) };
    take((&app, &reader, &seat), &id, back, move |o, a| {
        o.aid_leave_out(a, batch, form.line, &form.why)
    })
    .await
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Days {
    from: String,
    until: String,
}

/// A day of a form; `None`: nothing was written.
fn day(field: &'static str, text: &str) -> Result<Option<Date>, AidError> {
    let text = text.trim();
    if text.is_empty() {
        return Ok(None);
    }
    let bad = |_| AidError::Form { field, reason: "写成 2025-10-08".to_owned() };
    text.parse().map(Some).map_err(bad)
}

pub(super) async fn publish(sent: Sent<Days>) -> Result<Response, PageError> {
    let Sent { app, reader, seat, id, form } = sent;
    let batch = number(&id);
    let fields = vec![("from", form.from.clone()), ("until", form.until.clone())];
    let back = Form::of("publish", fields);
    take((&app, &reader, &seat), &id, back, move |o, a| {
        let (from, until) = (day("from", &form.from)?, day("until", &form.until)?);
        o.aid_publish(a, batch, from, until).map(drop)
    })
    .await
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Objected {
    line: String,
    channel: String,
    said: String,
}

pub(super) async fn object(sent: Sent<Objected>) -> Result<Response, PageError> {
    let Sent { app, reader, seat, id, form } = sent;
    let batch = number(&id);
    let fields = vec![
        ("line", form.line.clone()),
        ("channel", form.channel.clone()),
        ("said", form.said.clone()),
    ];
    let back = Form { then: "#objections", ..Form::of("object", fields) };
    take((&app, &reader, &seat), &id, back, move |o, a| {
        let line = form.line.trim();
        let line = match line {
            "" => None,
            text => Some(text.parse::<u64>().map_err(|_| AidError::NoSuchLine)?),
        };
        o.aid_object(a, batch, line, &form.channel, &form.said).map(drop)
    })
    .await
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Answered {
    /// The batch whose page the form stood on.
    batch: String,
    #[serde(rename = "do")]
    what: String,
    why: String,
}

pub(super) async fn answer_objection(sent: Sent<Answered>) -> Result<Response, PageError> {
    let Sent { app, reader, seat, id, form } = sent;
    let (batch, objection) = (form.batch.clone(), number(&id));
    let name = format!("objection {id}");
    let back = Form { then: "#objections", ..Form::of(&name, vec![("why", form.why.clone())]) };
    take((&app, &reader, &seat), &batch, back, move |o, a| {
        o.aid_answer_objection(a, objection, form.what == "upheld", &form.why)
    })
    .await
}

pub(super) async fn approve(sent: Sent<Why>) -> Result<Response, PageError> {
    let Sent { app, reader, seat, id, form } = sent;
    let batch = number(&id);
    let back = Form::of("approve", vec![("why", form.why.clone())]);
    take((&app, &reader, &seat), &id, back, move |o, a| {
        o.aid_approve(a, batch, &form.why, &quiet).map(drop)
    })
    .await
}

pub(super) async fn close(sent: Sent<Why>) -> Result<Response, PageError> {
    let Sent { app, reader, seat, id, .. } = sent;
    let batch = number(&id);
    let back = Form::of("close", Vec::new());
    take((&app, &reader, &seat), &id, back, move |o, a| o.aid_close(a, batch)).await
}

pub(super) async fn withdraw(sent: Sent<Why>) -> Result<Response, PageError> {
    let Sent { app, reader, seat, id, form } = sent;
    let batch = number(&id);
    let back = Form::of("withdraw", vec![("why", form.why.clone())]);
    take((&app, &reader, &seat), &id, back, move |o, a| o.aid_withdraw(a, batch, &form.why)).await
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Sending {
    channel: String,
    pay_on: String,
}

/// A file goes to the browser at once; the same again is on the batch's page.
pub(super) async fn export(sent: Sent<Sending>) -> Result<Response, PageError> {
    let Sent { app, reader, seat, id, form } = sent;
    let (actor, batch) = (seat.actor().clone(), number(&id));
    let channel = Channel::parse(&form.channel).unwrap_or(Channel::BankText);
    let pay_on = day("pay_on", &form.pay_on);
    let made =
        act(&reader, &app.office, move |o| o.aid_export(&actor, batch, channel, pay_on?, &quiet))
            .await?;
    match made {
        Ok(made) => Ok(download(&made.name, made.bytes)),
        Err(e) => {
            let fields = vec![("channel", form.channel), ("pay_on", form.pay_on)];
            let back = Form::of("export", fields);
            take((&app, &reader, &seat), &id, back, move |_, _| Err(e)).await
        }
    }
}

pub(super) async fn file_again(sent: Sent<Why>) -> Result<Response, PageError> {
    let Sent { app, reader, seat, id, .. } = sent;
    let (actor, file) = (seat.actor().clone(), number(&id));
    let made = done(&reader, &app.office, move |o| o.aid_file_again(&actor, file)).await?;
    Ok(download(&made.name, made.bytes))
}

fn download(name: &str, bytes: Vec<u8>) -> Response {
    let kind = match name.rsplit('.').next() {
        Some("xml") => "application/xml",
        Some("xlsx") => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        _ => "text/plain; charset=gb18030",
    };
    let disposition = format!("attachment; filename*=UTF-8''{}", encoded(name));
    ([(header::CONTENT_TYPE, kind.to_owned()), (header::CONTENT_DISPOSITION, disposition)], bytes)
        .into_response()
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct OfSchool {
    school: String,
}

pub(super) async fn confirm_school(sent: Sent<OfSchool>) -> Result<Response, PageError> {
    let Sent { app, reader, seat, id, form } = sent;
    let (actor, file) = (seat.actor().clone(), number(&id));
    let told =
        done(&reader, &app.office, move |o| o.aid_confirm_school(&actor, file, &form.school))
            .await?;
    Ok(Redirect::to(&format!("{}#returns", to(&told.batch.to_string()))).into_response())
}

/// Stops a payment; the form names the batch, where to come back to.
pub(super) async fn stop(sent: Sent<Answered>) -> Result<Response, PageError> {
    let Sent { app, reader, seat, id, form } = sent;
    let payment = number(&id);
    if form.what.is_empty() {
        let there = "/aid".to_owned();
        return go(&app, &reader, &seat, there, move |o, a| o.aid_stop(a, payment, &form.why))
            .await;
    }
    let name = format!("stop {payment}");
    let back = Form { then: "#lines", ..Form::of(&name, vec![("why", form.why.clone())]) };
    take((&app, &reader, &seat), &form.what, back, move |o, a| o.aid_stop(a, payment, &form.why))
        .await
}

/// Takes a bank's return from a browser.
pub(super) async fn reconcile(
    State(app): State<App>,
    reader: Reader,
    signed: SignedIn,
    Sat(seat): Sat,
    request: Request,
) -> Result<Response, PageError> {
    let unread = |status| PageError::refused(&reader, status);
    let form = Multipart::from_request(request, &app).await;
    let mut form = form.map_err(|_| unread(StatusCode::BAD_REQUEST))?;
    let (mut csrf, mut file, mut bytes_of, mut batch) = (String::new(), None, None, None);
    while let Some(field) = form.next_field().await.map_err(|e| unread(e.status()))? {
        let name = field.name().unwrap_or_default().to_owned();
        let of = field.file_name().map(str::to_owned);
        let bytes = field.bytes().await.map_err(|e| unread(e.status()))?;
        match (name.as_str(), of) {
            ("return", Some(name)) if bytes.len() <= LARGEST_RETURN => {
                bytes_of = Some((name, bytes));
            }
            ("csrf", None) => csrf = String::from_utf8_lossy(&bytes).into_owned(),
            ("batch", None) => batch = Some(String::from_utf8_lossy(&bytes).trim().to_owned()),
            ("file", None) => file = String::from_utf8_lossy(&bytes).trim().parse::<u64>().ok(),
            _ => {}
        }
    }
    if csrf != signed.csrf() {
        return Err(unread(StatusCode::FORBIDDEN));
    }
    let Some((name, bytes)) = bytes_of else { return Err(unread(StatusCode::BAD_REQUEST)) };
    let actor = seat.actor().clone();
    let taken =
        act(&reader, &app.office, move |o| o.aid_reconcile(&actor, &name, &bytes, file, &quiet))
            .await?;
    match (taken, batch) {
        (Ok(taken), _) => {
            Ok(Redirect::to(&format!("/aid/batch/{}#returns", taken.batch)).into_response())
        }
        (Err(e @ OfficeError::Aid(_)), Some(batch)) => {
            let back = Form::of("reconcile", Vec::new());
            take((&app, &reader, &seat), &batch, back, move |_, _| Err(e)).await
        }
        (Err(e), _) => Err(PageError::office(&reader, e)),
    }
}
