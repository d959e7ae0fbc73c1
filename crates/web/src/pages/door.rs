//! Coming in and going out.

use askama::Template;
use axum::Router;
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use fujiao_office::OfficeError;
use fujiao_office::accounts::{EnterFault, Entered, Entry};
use serde::Deserialize;

use super::form_page;
use crate::app::App;
use crate::error::PageError;
use crate::gate::{CheckedForm, From, Nothing, SignedIn, act, cookie, done};
use crate::shell::{Reader, Shell};

/// Routes of the door.
pub(crate) fn routes() -> Router<App> {
    Router::new()
        .route("/login", get(login).post(enter))
        .route("/login/code", get(code).post(give_code))
        .route("/enter/{link}", get(link).post(enter_by_link))
        .route("/logout", post(leave))
}

#[derive(Template)]
#[template(path = "login.html")]
struct LoginPage {
    s: Shell,
    login: String,
    next: String,
    fault: String,
    own_phone: bool,
    /// The address of a link that lets in without a password.
    link: String,
}

#[derive(Template)]
#[template(path = "code.html")]
struct CodePage {
    s: Shell,
    fault: String,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Asked {
    next: String,
}

/// An address of ours to go on to; anything else is the first page.
fn onward(next: &str) -> &str {
    let ours =
        next.starts_with('/') && !next.starts_with("//") && !next.contains(['\\', '\n', '\r']);
    if ours { next } else { "/" }
}

/// The surroundings of a page that stands before the county's own: its name, and no figures.
pub(super) async fn shell(app: &App, reader: &Reader, key: &str) -> Result<Shell, PageError> {
    let desk = app.desk.clone();
    let front = tokio::task::spawn_blocking(move || desk.front()).await;
    let front = front.map_err(|e| PageError::failed(reader, &e))?;
    let frame = front.map_err(|e| PageError::desk(reader, e))?;
    Ok(Shell::new(reader, Some(frame), "", reader.lang.words().s(key)))
}

async fn login(
    State(app): State<App>,
    reader: Reader,
    Query(asked): Query<Asked>,
) -> Result<Response, PageError> {
    if reader.inside() {
        return Ok(Redirect::to(onward(&asked.next)).into_response());
    }
    let page = LoginPage {
        s: shell(&app, &reader, "login.head").await?,
        login: String::new(),
        next: onward(&asked.next).to_owned(),
        fault: String::new(),
        own_phone: false,
        link: String::new(),
    };
    form_page(&reader, true, &page)
}

#[derive(Deserialize)]
struct Given {
    login: String,
    password: String,
    #[serde(default)]
    own_phone: String,
    #[serde(default)]
    next: String,
}

async fn enter(
    State(app): State<App>,
    reader: Reader,
    From(address): From,
    headers: HeaderMap,
    CheckedForm(given): CheckedForm<Given>,
) -> Result<Response, PageError> {
    if !app.door.allows(address) {
        return Err(PageError::refused(&reader, StatusCode::TOO_MANY_REQUESTS));
    }
    let own_phone = !given.own_phone.is_empty();
    let entry = (device(&headers), own_phone, app.now());
    let (login, password) = (given.login.clone(), given.password);
    let entered = done(&reader, &app.office, move |office| {
        let entry = Entry { device: entry.0, own_phone: entry.1, at: entry.2 };
        office.enter(&login, &password, entry)
    })
    .await?;
    match entered {
        Ok(entered) => Ok(let_in(&app, &entered, onward(&given.next))),
        Err(fault) => {
            let page = LoginPage {
                s: shell(&app, &reader, "login.head").await?,
                login: given.login.chars().take(40).collect(),
                next: onward(&given.next).to_owned(),
                fault: fault_text(&reader, fault),
                own_phone,
                link: String::new(),
            };
            form_page(&reader, false, &page)
        }
    }
}

fn fault_text(reader: &Reader, fault: EnterFault) -> String {
    let t = reader.lang.words();
    match fault {
        EnterFault::Wrong { left } => t.f1("login.wrong", t.n(left.max(0))),
        EnterFault::Resting { minutes } => t.f1("login.resting", t.n(minutes)),
        EnterFault::Link => t.s("login.link_over").to_owned(),
    }
}

fn let_in(app: &App, entered: &Entered, next: &str) -> Response {
    let mut response = Redirect::to(next).into_response();
    let kept = cookie(app, &entered.token, entered.own_phone);
    let value = HeaderValue::from_str(&kept).expect("hexadecimal digits and fixed words");
    response.headers_mut().append(header::SET_COOKIE, value);
    response
}

/// The kind of browser, in a word or two: no more than its owner needs to know it again.
fn device(headers: &HeaderMap) -> &'static str {
    let agent = headers.get(header::USER_AGENT).and_then(|v| v.to_str().ok()).unwrap_or("");
    let has = |part: &str| agent.contains(part);
    match () {
        () if has("MicroMessenger") => "微信",
        () if has("HarmonyOS") => "鸿蒙手机",
        () if has("Android") => "安卓手机",
        () if has("iPhone") || has("iPad") => "苹果手机",
        () if has("Windows") => "Windows 电脑",
        () if has("Macintosh") => "苹果电脑",
        () if has("Linux") => "Linux 电脑",
        () => "别的设备",
    }
}

async fn code(State(app): State<App>, reader: Reader) -> Result<Response, PageError> {
    let s = shell(&app, &reader, "login.code_head").await?;
    form_page(&reader, true, &CodePage { s, fault: String::new() })
}

#[derive(Deserialize)]
struct Code {
    code: String,
}

async fn give_code(
    State(app): State<App>,
    reader: Reader,
    signed: SignedIn,
    From(address): From,
    CheckedForm(given): CheckedForm<Code>,
) -> Result<Response, PageError> {
    if !app.door.allows(address) {
        return Err(PageError::refused(&reader, StatusCode::TOO_MANY_REQUESTS));
    }
    let who = signed.clone();
    let taken = act(&reader, &app.office, move |office| {
        office.give_code(who.visitor(), who.token(), &given.code)
    })
    .await?;
    match taken {
        Ok(()) => Ok(Redirect::to("/").into_response()),
        Err(OfficeError::Account(fault)) => {
            let s = shell(&app, &reader, "login.code_head").await?;
            let page = CodePage { s, fault: fault.to_string() };
            form_page(&reader, false, &page)
        }
        Err(e) => Err(PageError::office(&reader, e)),
    }
}

/// A link opens a page with a button: what follows a link by itself, a preview or a scanner, does not use it up.
async fn link(
    State(app): State<App>,
    reader: Reader,
    Path(link): Path<String>,
) -> Result<Response, PageError> {
    if link.len() != 64 || !link.bytes().all(|b| b.is_ascii_hexdigit()) {
        return Err(PageError::not_found(&reader, None));
    }
    let page = LoginPage {
        s: shell(&app, &reader, "login.link_head").await?,
        login: String::new(),
        next: String::new(),
        fault: String::new(),
        own_phone: false,
        link: format!("/enter/{link}"),
    };
    form_page(&reader, true, &page)
}

async fn enter_by_link(
    State(app): State<App>,
    reader: Reader,
    From(address): From,
    headers: HeaderMap,
    Path(link): Path<String>,
    CheckedForm(Nothing {}): CheckedForm<Nothing>,
) -> Result<Response, PageError> {
    if !app.door.allows(address) {
        return Err(PageError::refused(&reader, StatusCode::TOO_MANY_REQUESTS));
    }
    let entry = Entry { device: device(&headers), own_phone: false, at: app.now() };
    let entered =
        done(&reader, &app.office, move |office| office.enter_by_link(&link, entry)).await?;
    match entered {
        Ok(entered) => Ok(let_in(&app, &entered, "/")),
        Err(fault) => {
            let page = LoginPage {
                s: shell(&app, &reader, "login.head").await?,
                login: String::new(),
                next: "/".to_owned(),
                fault: fault_text(&reader, fault),
                own_phone: false,
                link: String::new(),
            };
            form_page(&reader, false, &page)
        }
    }
}

async fn leave(
    State(app): State<App>,
    reader: Reader,
    signed: SignedIn,
    CheckedForm(Nothing {}): CheckedForm<Nothing>,
) -> Result<Response, PageError> {
    let token = signed.token().to_owned();
    done(&reader, &app.office, move |office| office.leave(&token)).await?;
    Ok(gone(&app))
}

/// Out: the browser keeps nothing, and what a page kept on the device is cleared with it.
pub(super) fn gone(app: &App) -> Response {
    let mut response = Redirect::to("/login").into_response();
    let kept = HeaderValue::from_str(&cookie(app, "", false)).expect("fixed words");
    response.headers_mut().append(header::SET_COOKIE, kept);
    let clear = HeaderValue::from_static("\"cache\", \"storage\"");
    response.headers_mut().insert("clear-site-data", clear);
    response
}

#[cfg(test)]
mod tests {
    use super::onward;

    #[test]
    fn nobody_is_sent_elsewhere_after_signing_in() {
        for (next, to) in [
            ("/area/aid?show=done", "/area/aid?show=done"),
            ("//evil.example/", "/"),
            ("https://evil.example/", "/"),
            ("/\\evil.example", "/"),
            ("", "/"),
        ] {
            assert_eq!(onward(next), to);
        }
    }
}
