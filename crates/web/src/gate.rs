//! The gate: nothing is answered that `access.toml` does not open to whoever asks.

use std::net::IpAddr;
use std::sync::Arc;

use axum::extract::{
    ConnectInfo, FromRef, FromRequest, FromRequestParts, MatchedPath, Path, Request, State,
};
use axum::http::request::Parts;
use axum::http::{HeaderMap, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Redirect, Response};
use fujiao_office::access::{self, Access, Actor, Right};
use fujiao_office::accounts::{Stage, Visitor};
use fujiao_office::desk::Seat;
use fujiao_office::{Desk, Office, OfficeError};
use serde::de::DeserializeOwned;
use sha2::{Digest, Sha256};

use crate::api::Problem;
use crate::app::App;
use crate::error::PageError;
use crate::settings::Peer;
use crate::shape::encoded;
use crate::shell::Reader;

/// The cookie by which a browser is known.
const COOKIE: &str = "fujiao";
/// The same over TLS, where a browser takes it from nobody but this host.
const SECURE_COOKIE: &str = "__Host-fujiao";

/// Somebody who is signed in: who, and what their browser keeps.
#[derive(Clone)]
pub(crate) struct SignedIn(Arc<Signed>);

struct Signed {
    visitor: Visitor,
    token: String,
    csrf: String,
}

impl SignedIn {
    fn new(visitor: Visitor, token: String) -> Self {
        let csrf = csrf_of(&token);
        Self(Arc::new(Signed { visitor, token, csrf }))
    }

    /// Who asks.
    pub(crate) fn actor(&self) -> &Actor {
        &self.0.visitor.actor
    }

    /// Who asks, and how far they are in.
    pub(crate) fn visitor(&self) -> &Visitor {
        &self.0.visitor
    }

    /// What their browser keeps.
    pub(crate) fn token(&self) -> &str {
        &self.0.token
    }

    /// What every form of theirs carries.
    pub(crate) fn csrf(&self) -> &str {
        &self.0.csrf
    }
}

impl<S: Sync> FromRequestParts<S> for SignedIn {
    type Rejection = Redirect;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Redirect> {
        parts.extensions.get::<Self>().cloned().ok_or_else(|| Redirect::to("/login"))
    }
}

/// Somebody's seat at the desk.
pub(crate) struct Sat(pub(crate) Seat);

impl<S> FromRequestParts<S> for Sat
where
    Desk: FromRef<S>,
    S: Sync,
{
    type Rejection = Redirect;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Redirect> {
        let signed = SignedIn::from_request_parts(parts, state).await?;
        Ok(Self(Desk::from_ref(state).seat(signed.actor())))
    }
}

/// A form that came from a page of ours: it carries the `csrf` of whoever is signed in.
pub(crate) struct CheckedForm<T>(pub(crate) T);

/// A form about the one thing that its address names, with all that an answer takes.
pub(crate) struct Sent<T> {
    pub(crate) app: App,
    pub(crate) reader: Reader,
    pub(crate) seat: Seat,
    /// As it stands in the address.
    pub(crate) id: String,
    pub(crate) form: T,
}

impl<T: DeserializeOwned> FromRequest<App> for Sent<T> {
    type Rejection = Response;

    async fn from_request(request: Request, state: &App) -> Result<Self, Response> {
        let (mut parts, body) = request.into_parts();
        let Ok(reader) = Reader::from_request_parts(&mut parts, state).await;
        let Sat(seat) = Sat::from_request_parts(&mut parts, state)
            .await
            .map_err(IntoResponse::into_response)?;
        let Path(id) = Path::<String>::from_request_parts(&mut parts, state)
            .await
            .map_err(IntoResponse::into_response)?;
        let CheckedForm(form) = CheckedForm::from_request(Request::from_parts(parts, body), state)
            .await
            .map_err(IntoResponse::into_response)?;
        Ok(Self { app: state.clone(), reader, seat, id, form })
    }
}

/// A form that is nothing but its button.
#[derive(serde::Deserialize)]
pub(crate) struct Nothing {}

#[derive(serde::Deserialize)]
struct Csrf {
    #[serde(default)]
    csrf: String,
}

impl<T: DeserializeOwned> FromRequest<App> for CheckedForm<T> {
    type Rejection = PageError;

    async fn from_request(request: Request, state: &App) -> Result<Self, PageError> {
        let (mut parts, body) = request.into_parts();
        let Ok(reader) = Reader::from_request_parts(&mut parts, state).await;
        let signed = parts.extensions.get::<SignedIn>().cloned();
        let request = Request::from_parts(parts, body);
        let bytes = axum::body::Bytes::from_request(request, state)
            .await
            .map_err(|e| PageError::refused(&reader, e.status()))?;
        let unread = || PageError::refused(&reader, StatusCode::BAD_REQUEST);
        if let Some(signed) = signed {
            let given: Csrf = serde_urlencoded::from_bytes(&bytes).map_err(|_| unread())?;
            if given.csrf != signed.csrf() {
                return Err(PageError::refused(&reader, StatusCode::FORBIDDEN));
            }
        }
        serde_urlencoded::from_bytes(&bytes).map(Self).map_err(|_| unread())
    }
}

/// The address that a request came from; of this machine where nobody said.
pub(crate) struct From(pub(crate) IpAddr);

impl<S: Sync> FromRequestParts<S> for From {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Self::Rejection> {
        let info = parts.extensions.get::<ConnectInfo<Peer>>();
        Ok(Self(info.map_or(IpAddr::from([127, 0, 0, 1]), |ConnectInfo(peer)| peer.0.ip())))
    }
}

/// Lets a request through if `access.toml` opens its route to whoever asks.
pub(crate) async fn gate(State(app): State<App>, mut request: Request, next: Next) -> Response {
    let reader = request.extensions().get::<Reader>().cloned();
    let reader = reader.unwrap_or_else(|| Reader::stranger(request.uri()));
    let method = match *request.method() {
        Method::GET | Method::HEAD => access::Method::Get,
        _ => access::Method::Post,
    };
    let path = request.extensions().get::<MatchedPath>().map(|p| p.as_str().to_owned());
    let path = path.unwrap_or_default();
    let known = matches!(*request.method(), Method::GET | Method::HEAD | Method::POST);
    let route = Access::builtin().route(method, &path).filter(|_| known);
    let Some(route) = route else {
        // The route itself says which methods it has.
        if Access::builtin().routes.iter().any(|r| r.path == path) {
            return next.run(request).await;
        }
        return PageError::not_found(&reader, None).into_response();
    };
    if path.starts_with("/api/v1/") {
        return for_programs(app, route, request, next).await;
    }
    if method == access::Method::Post && !is_ours(request.headers()) {
        return PageError::refused(&reader, StatusCode::FORBIDDEN).into_response();
    }
    let signed = match token(request.headers()) {
        None => None,
        Some(token) => {
            let (office, at, kept) = (app.office.clone(), app.now(), token.clone());
            let found = tokio::task::spawn_blocking(move || office.visitor(&kept, at)).await;
            match found {
                Ok(Ok(visitor)) => visitor.map(|visitor| SignedIn::new(visitor, token)),
                // Books without a county have no accounts: the page that they lead to says what to do.
                Ok(Err(OfficeError::NoRosters)) => None,
                Ok(Err(e)) => return PageError::failed(&reader, &e).into_response(),
                Err(e) => return PageError::failed(&reader, &e).into_response(),
            }
        }
    };
    let reader = reader.of(signed.clone());
    request.extensions_mut().insert(reader.clone());
    if let Some(signed) = signed {
        if let Some(step) = next_step(signed.visitor().stage).filter(|_| !route.public)
            && !route.path.starts_with(step)
            && route.path != "/logout"
        {
            return Redirect::to(step).into_response();
        }
        if !route.is_open_to(|right| signed.actor().may(right)) {
            if route.path == "/" {
                return Redirect::to(home(signed.actor())).into_response();
            }
            return PageError::not_theirs(&reader, route.rights[0]).into_response();
        }
        request.extensions_mut().insert(signed);
    } else if !route.public {
        return to_login(&request, method);
    }
    next.run(request).await
}

/// Lets a program through by its token; what a browser keeps opens nothing here.
async fn for_programs(
    app: App,
    route: &access::Route,
    mut request: Request,
    next: Next,
) -> Response {
    if route.public {
        return next.run(request).await;
    }
    let Some(token) = crate::api::bearer(request.headers()) else {
        return Problem::unknown().into_response();
    };
    let (office, at, kept) = (app.office.clone(), app.now(), token.clone());
    let found = tokio::task::spawn_blocking(move || office.program(&kept, at)).await;
    let actor = match found {
        Ok(Ok(Some(actor))) => actor,
        Ok(Ok(None) | Err(OfficeError::NoRosters)) => {
            return Problem::unknown().into_response();
        }
        Ok(Err(_)) | Err(_) => return Problem::failed().into_response(),
    };
    if !route.is_open_to(|right| actor.may(right)) {
        return Problem::not_theirs(route.rights[0].code()).into_response();
    }
    let visitor = Visitor { actor, stage: Stage::Ready, own_phone: false };
    request.extensions_mut().insert(SignedIn::new(visitor, token));
    next.run(request).await
}

/// Where somebody begins who has no day of their own here.
fn home(actor: &Actor) -> &'static str {
    if actor.may(Right::Users) {
        "/users"
    } else if actor.may(Right::Audit) {
        "/audit"
    } else if actor.may(Right::Gifts) {
        "/gifts"
    } else {
        "/account"
    }
}

/// The page that somebody who is not all the way in is led to.
pub(crate) fn next_step(stage: Stage) -> Option<&'static str> {
    match stage {
        Stage::Ready => None,
        Stage::Password => Some("/account/password"),
        Stage::Code => Some("/login/code"),
        Stage::SecondFactor => Some("/account/second"),
    }
}

fn to_login(request: &Request, method: access::Method) -> Response {
    if request.headers().get(header::ACCEPT).is_some_and(|a| a.as_bytes() == b"application/json") {
        return StatusCode::UNAUTHORIZED.into_response();
    }
    let asked = request.uri().path_and_query().map_or("/", |p| p.as_str());
    if method == access::Method::Get && asked != "/" {
        Redirect::to(&format!("/login?next={}", encoded(asked))).into_response()
    } else {
        Redirect::to("/login").into_response()
    }
}

/// Whether a request that changes something came from a page of ours: browsers say where a form stood.
fn is_ours(headers: &HeaderMap) -> bool {
    let text = |name: &str| headers.get(name).and_then(|v| v.to_str().ok());
    if let Some(site) = text("sec-fetch-site") {
        return matches!(site, "same-origin" | "none");
    }
    match (text("origin"), text("host")) {
        (Some(origin), Some(host)) => origin.split_once("://").is_some_and(|(_, at)| at == host),
        (Some(_), None) => false,
        (None, _) => true,
    }
}

/// What the browser keeps, if it is of our making.
fn token(headers: &HeaderMap) -> Option<String> {
    let cookies = headers.get_all(header::COOKIE).into_iter().filter_map(|c| c.to_str().ok());
    let found = cookies.flat_map(|c| c.split(';')).find_map(|pair| {
        let (name, value) = pair.trim().split_once('=')?;
        (name == COOKIE || name == SECURE_COOKIE).then_some(value)
    })?;
    let fits = found.len() == 64 && found.bytes().all(|b| b.is_ascii_hexdigit());
    fits.then(|| found.to_owned())
}

/// The cookie that lets a browser keep a token: for as long as it is open, or longer on a phone that is theirs alone.
pub(crate) fn cookie(app: &App, token: &str, own_phone: bool) -> String {
    let name = if app.settings.secure { SECURE_COOKIE } else { COOKIE };
    let secure = if app.settings.secure { "; Secure" } else { "" };
    let age = match (token.is_empty(), own_phone) {
        (true, _) => "; Max-Age=0".to_owned(),
        (false, true) => {
            format!("; Max-Age={}", Access::builtin().session.own_phone_days * 86_400)
        }
        (false, false) => String::new(),
    };
    format!("{name}={token}; Path=/; HttpOnly; SameSite=Strict{secure}{age}")
}

/// What a form of somebody's carries: it follows from the token, which no other site can read.
fn csrf_of(token: &str) -> String {
    use std::fmt::Write as _;
    let mut hash = Sha256::new();
    hash.update(b"form ");
    hash.update(token.as_bytes());
    hash.finalize()[..16].iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// Runs a use case on a thread that may wait for a disk.
pub(crate) async fn act<T: Send + 'static, E>(
    reader: &Reader,
    office: &Office,
    work: impl FnOnce(&Office) -> Result<T, E> + Send + 'static,
) -> Result<Result<T, E>, PageError>
where
    E: Send + 'static,
{
    let office = office.clone();
    tokio::task::spawn_blocking(move || work(&office))
        .await
        .map_err(|e| PageError::failed(reader, &e))
}

/// As [`act`], where what the office says is no field's fault.
pub(crate) async fn done<T: Send + 'static>(
    reader: &Reader,
    office: &Office,
    work: impl FnOnce(&Office) -> Result<T, OfficeError> + Send + 'static,
) -> Result<T, PageError> {
    act(reader, office, work).await?.map_err(|e| PageError::office(reader, e))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        pairs.iter().map(|(n, v)| (n.parse().unwrap(), v.parse().unwrap())).collect()
    }

    #[test]
    fn a_form_of_another_site_is_not_ours() {
        for (pairs, ours) in [
            (&[("sec-fetch-site", "same-origin")][..], true),
            (&[("sec-fetch-site", "cross-site")], false),
            (&[("sec-fetch-site", "same-site")], false),
            (&[("origin", "http://a:1"), ("host", "a:1")], true),
            (&[("origin", "http://b"), ("host", "a:1")], false),
            (&[("origin", "null"), ("host", "a:1")], false),
            (&[("host", "a:1")], true),
        ] {
            assert_eq!(is_ours(&headers(pairs)), ours, "{pairs:?}");
        }
    }

    #[test]
    fn a_token_of_another_shape_is_none() {
        assert_eq!(token(&headers(&[("cookie", "lang=zh; fujiao=abc")])), None);
        let whole = "a".repeat(64);
        let kept = format!("lang=zh; fujiao={whole}");
        let mut map = HeaderMap::new();
        map.insert(header::COOKIE, kept.parse().unwrap());
        assert_eq!(token(&map), Some(whole));
    }
}
