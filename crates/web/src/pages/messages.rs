//! 短信和信, as files for the county's own sender.

use askama::Template;
use axum::Router;
use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use fujiao_model::Field;
use fujiao_office::OfficeError;
use fujiao_office::desk::Seat;
use fujiao_office::messages::{MessageForm, MessageOffer};

use super::{ask, form_page};
use crate::app::App;
use crate::error::PageError;
use crate::gate::{CheckedForm, Sat, act, done};
use crate::shape::encoded;
use crate::shell::{Reader, Shell};

/// Routes of texts.
pub(crate) fn routes() -> Router<App> {
    Router::new().route("/messages", get(list).post(file))
}

struct Offer {
    key: String,
    title: String,
    to: String,
    count: String,
    receivers: usize,
    sample: String,
    length: String,
    may_sms: bool,
}

#[derive(Template)]
#[template(path = "messages.html")]
struct Page {
    s: Shell,
    offers: Vec<Offer>,
    fault: String,
}

async fn list(
    State(app): State<App>,
    reader: Reader,
    Sat(seat): Sat,
) -> Result<Response, PageError> {
    show(&app, &reader, &seat, String::new()).await
}

async fn show(
    app: &App,
    reader: &Reader,
    seat: &Seat,
    fault: String,
) -> Result<Response, PageError> {
    let frame = ask(reader, seat, Seat::frame).await?;
    let actor = seat.actor().clone();
    let offers = done(reader, &app.office, move |office| office.messages(&actor)).await?;
    let t = reader.lang.words();
    let messages = &app.office.rulebook().messages;
    let may = |field| seat.actor().may_reveal(field);
    let offer = |o: MessageOffer| {
        let guardian = o.message.to == fujiao_office::messages::MessageTo::Guardian;
        let field = if guardian { Field::GuardianPhone } else { Field::MentorPhone };
        Offer {
            title: if t.tag() == "en" { o.message.title_en } else { o.message.title },
            to: t.text(if guardian { "message.to_guardian" } else { "message.to_mentor" }),
            count: match o.phones {
                Some(phones) => t.f2("message.count", o.receivers, phones),
                None => t.f1("message.count_many", o.receivers),
            },
            receivers: o.receivers,
            length: t.f2("message.length", o.sample.chars().count(), messages.parts(&o.sample)),
            sample: o.sample,
            may_sms: may(field) && o.phones != Some(0),
            key: o.message.key,
        }
    };
    let template = Page {
        s: Shell::new(reader, Some(frame), "messages", t.s("message.head")),
        offers: offers.into_iter().map(offer).collect(),
        fault,
    };
    form_page(reader, template.fault.is_empty(), &template)
}

async fn file(
    State(app): State<App>,
    reader: Reader,
    Sat(seat): Sat,
    CheckedForm(form): CheckedForm<Vec<(String, String)>>,
) -> Result<Response, PageError> {
    let value = |name: &str| {
        form.iter().find(|(n, _)| n == name).map(|(_, v)| v.clone()).unwrap_or_default()
    };
    let kind = if value("form") == "sms" { MessageForm::Sms } else { MessageForm::Letters };
    let (actor, key, reason) = (seat.actor().clone(), value("key"), value("reason"));
    let came =
        act(&reader, &app.office, move |office| office.message_file(&actor, &key, kind, &reason))
            .await?;
    match came {
        Ok(file) => {
            let content = if file.ending == "xlsx" {
                "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
            } else {
                "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
            };
            let disposition = format!(
                "attachment; filename=\"messages.{}\"; filename*=UTF-8''{}.{}",
                file.ending,
                encoded(&file.title),
                file.ending
            );
            let headers = [
                (header::CONTENT_TYPE, content.to_owned()),
                (header::CONTENT_DISPOSITION, disposition),
            ];
            Ok((headers, file.bytes).into_response())
        }
        Err(OfficeError::Message(fault)) => show(&app, &reader, &seat, fault.to_string()).await,
        Err(error) => Err(PageError::office(&reader, error)),
    }
}
