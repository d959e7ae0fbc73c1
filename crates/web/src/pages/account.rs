//! One's own account.

use askama::Template;
use axum::Router;
use axum::extract::State;
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use fujiao_office::access::{Access, Ground};
use fujiao_office::accounts::{AccountError, SecondFactor, SessionLine};
use fujiao_office::{Office, OfficeError};
use qrcode::QrCode;
use qrcode::render::svg;
use serde::Deserialize;

use super::door::{gone, shell};
use crate::app::App;
use crate::error::PageError;
use crate::gate::{CheckedForm, Nothing, Sat, SignedIn, act, done};
use crate::shell::{Reader, Shell};
use crate::words::Words;

/// Routes of one's own account.
pub(crate) fn routes() -> Router<App> {
    Router::new()
        .route("/account", get(account))
        .route("/account/password", get(password).post(set_password))
        .route("/account/second", get(second).post(confirm_second))
        .route("/account/leave", post(leave_everywhere))
}

#[derive(Template)]
#[template(path = "account.html")]
struct AccountPage {
    s: Shell,
    name: String,
    login: String,
    grants: Vec<(String, String)>,
    rights: Vec<String>,
    sessions: Vec<SessionLine>,
}

#[derive(Template)]
#[template(path = "password.html")]
struct PasswordPage {
    s: Shell,
    first: bool,
    rule: String,
    fault: String,
    old_fault: bool,
}

#[derive(Template)]
#[template(path = "second.html")]
struct SecondPage {
    s: Shell,
    picture: String,
    secret: String,
    fault: String,
}

/// A name in the reader's language.
pub(super) fn pick<'a>(t: &Words, zh: &'a str, en: &'a str) -> &'a str {
    if t.tag() == "en" { en } else { zh }
}

async fn account(
    State(app): State<App>,
    reader: Reader,
    Sat(seat): Sat,
    signed: SignedIn,
) -> Result<Response, PageError> {
    let t = reader.lang.words();
    let frame = super::ask(&reader, &seat, fujiao_office::desk::Seat::frame).await?;
    let who = signed.clone();
    let (sessions, grounds) = done(&reader, &app.office, move |office| {
        let sessions = office.sessions(who.actor(), who.token())?;
        let grounds: Vec<Ground> =
            who.actor().grants.iter().map(|grant| grant.ground.clone()).collect();
        let names = office.ground_names(&grounds)?;
        Ok::<_, OfficeError>((sessions, names))
    })
    .await?;
    let access = Access::builtin();
    let actor = signed.actor();
    let grants = actor.grants.iter().zip(grounds).map(|(grant, ground)| {
        let role = access.role(grant.role);
        (pick(t, &role.zh, &role.en).to_owned(), ground)
    });
    let rights = fujiao_office::access::Right::ALL.iter().filter(|right| actor.may(**right));
    let page = AccountPage {
        s: Shell::new(&reader, Some(frame), "account", t.s("account.head")),
        name: actor.name.clone(),
        login: actor.login.clone(),
        grants: grants.collect(),
        rights: rights
            .map(|right| {
                let (zh, en) = access.right(*right);
                pick(t, zh, en).to_owned()
            })
            .collect(),
        sessions,
    };
    super::page(&reader, &page)
}

async fn password_page(
    app: &App,
    reader: &Reader,
    signed: &SignedIn,
    fault: Option<AccountError>,
) -> Result<Response, PageError> {
    let who = signed.clone();
    let first = done(reader, &app.office, move |office| office.has_password(who.actor())).await?;
    let t = reader.lang.words();
    let rules = Access::builtin().password;
    let good = fault.is_none();
    let page = PasswordPage {
        s: shell(app, reader, "account.password").await?,
        first: !first,
        rule: t.f3("account.password_rule", rules.least_length, rules.kinds, rules.remembered),
        old_fault: matches!(fault, Some(AccountError::OldPassword)),
        fault: fault.map_or_else(String::new, |f| f.to_string()),
    };
    super::form_page(reader, good, &page)
}

async fn password(
    State(app): State<App>,
    reader: Reader,
    signed: SignedIn,
) -> Result<Response, PageError> {
    password_page(&app, &reader, &signed, None).await
}

#[derive(Deserialize)]
struct Passwords {
    #[serde(default)]
    old: String,
    new: String,
    again: String,
}

async fn set_password(
    State(app): State<App>,
    reader: Reader,
    signed: SignedIn,
    CheckedForm(given): CheckedForm<Passwords>,
) -> Result<Response, PageError> {
    if given.new != given.again {
        let differs = AccountError::Password(reader.lang.words().s("account.differs").to_owned());
        return password_page(&app, &reader, &signed, Some(differs)).await;
    }
    let who = signed.clone();
    let set = act(&reader, &app.office, move |office| {
        office.set_password(who.actor(), who.token(), &given.old, &given.new)
    })
    .await?;
    match set {
        Ok(()) => Ok(Redirect::to("/").into_response()),
        Err(OfficeError::Account(fault)) => {
            password_page(&app, &reader, &signed, Some(fault)).await
        }
        Err(e) => Err(PageError::office(&reader, e)),
    }
}

async fn second_page(
    app: &App,
    reader: &Reader,
    offer: SecondFactor,
    fault: String,
) -> Result<Response, PageError> {
    let picture = QrCode::new(offer.address.as_bytes())
        .map_err(|e| PageError::failed(reader, &e))?
        .render::<svg::Color<'_>>()
        .min_dimensions(200, 200)
        .build();
    // The picture begins with a declaration that has no place inside a page.
    let picture = picture.find("<svg").map_or("", |at| &picture[at..]).to_owned();
    let good = fault.is_empty();
    let s = shell(app, reader, "account.second").await?;
    let page = SecondPage { s, picture, secret: offer.secret, fault };
    super::form_page(reader, good, &page)
}

async fn second(
    State(app): State<App>,
    reader: Reader,
    signed: SignedIn,
) -> Result<Response, PageError> {
    let offer = app.office.offer_second_factor(signed.actor());
    let offer = offer.map_err(|e| PageError::office(&reader, e))?;
    second_page(&app, &reader, offer, String::new()).await
}

#[derive(Deserialize)]
struct FirstCode {
    secret: String,
    code: String,
}

async fn confirm_second(
    State(app): State<App>,
    reader: Reader,
    signed: SignedIn,
    CheckedForm(given): CheckedForm<FirstCode>,
) -> Result<Response, PageError> {
    let (who, secret) = (signed.clone(), given.secret.clone());
    let kept = act(&reader, &app.office, move |office| {
        office.confirm_second_factor(who.actor(), who.token(), &given.secret, &given.code)
    })
    .await?;
    match kept {
        Ok(()) => Ok(Redirect::to("/").into_response()),
        Err(OfficeError::Account(fault)) => {
            let offer = Office::offered_second_factor(signed.actor(), &secret);
            second_page(&app, &reader, offer, fault.to_string()).await
        }
        Err(e) => Err(PageError::office(&reader, e)),
    }
}

async fn leave_everywhere(
    State(app): State<App>,
    reader: Reader,
    signed: SignedIn,
    CheckedForm(Nothing {}): CheckedForm<Nothing>,
) -> Result<Response, PageError> {
    done(&reader, &app.office, move |office| office.leave_everywhere(signed.actor())).await?;
    Ok(gone(&app))
}
