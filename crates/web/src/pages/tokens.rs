//! Tokens for programs.

use std::collections::BTreeMap;

use askama::Template;
use axum::Router;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use fujiao_office::OfficeError;
use fujiao_office::access::{Access, Right};
use fujiao_office::accounts::TokenLine;
use fujiao_office::desk::Seat;

use super::account::pick;
use crate::app::App;
use crate::error::PageError;
use crate::gate::{CheckedForm, Nothing, Sat, SignedIn, act, done};
use crate::shell::{Reader, Shell};

/// Routes of tokens.
pub(crate) fn routes() -> Router<App> {
    Router::new()
        .route("/account/tokens", get(tokens).post(make))
        .route("/account/tokens/{id}/end", post(end))
}

#[derive(Template)]
#[template(path = "tokens.html")]
struct TokensPage {
    s: Shell,
    tokens: Vec<TokenLine>,
    givable: Vec<(&'static str, String)>,
    /// The token that was made just now.
    made: String,
    fault: String,
}

impl TokensPage {
    fn rights(&self, token: &TokenLine) -> String {
        let name = |right: &Right| {
            let (zh, en) = Access::builtin().right(*right);
            pick(self.s.t, zh, en).to_owned()
        };
        token.rights.iter().map(name).collect::<Vec<_>>().join(self.s.t.s("word.comma"))
    }
}

async fn list(
    app: &App,
    reader: &Reader,
    seat: &Seat,
    made: String,
    fault: String,
) -> Result<Response, PageError> {
    let frame = super::ask(reader, seat, Seat::frame).await?;
    let actor = seat.actor().clone();
    let (tokens, rights) = done(reader, &app.office, move |office| {
        Ok::<_, OfficeError>((office.tokens(&actor)?, office.givable(&actor)))
    })
    .await?;
    let t = reader.lang.words();
    let name = |right: Right| {
        let (zh, en) = Access::builtin().right(right);
        (right.code(), pick(t, zh, en).to_owned())
    };
    let good = fault.is_empty();
    let s = Shell::new(reader, Some(frame), "account", t.s("tokens.head"));
    let givable = rights.into_iter().map(name).collect();
    let page = TokensPage { s, tokens, givable, made, fault };
    super::form_page(reader, good, &page)
}

async fn tokens(
    State(app): State<App>,
    reader: Reader,
    Sat(seat): Sat,
) -> Result<Response, PageError> {
    list(&app, &reader, &seat, String::new(), String::new()).await
}

async fn make(
    State(app): State<App>,
    reader: Reader,
    Sat(seat): Sat,
    CheckedForm(given): CheckedForm<BTreeMap<String, String>>,
) -> Result<Response, PageError> {
    let rights: Vec<Right> =
        given.keys().filter_map(|k| Right::parse(k.strip_prefix("right_")?)).collect();
    let days = given.get("days").and_then(|d| d.trim().parse().ok()).unwrap_or(0);
    let name = given.get("name").cloned().unwrap_or_default();
    let actor = seat.actor().clone();
    let made =
        act(&reader, &app.office, move |office| office.make_token(&actor, &name, &rights, days))
            .await?;
    match made {
        Ok(token) => list(&app, &reader, &seat, token, String::new()).await,
        Err(OfficeError::Account(fault)) => {
            list(&app, &reader, &seat, String::new(), fault.to_string()).await
        }
        Err(e) => Err(PageError::office(&reader, e)),
    }
}

async fn end(
    State(app): State<App>,
    reader: Reader,
    signed: SignedIn,
    Path(number): Path<u64>,
    CheckedForm(Nothing {}): CheckedForm<Nothing>,
) -> Result<Response, PageError> {
    done(&reader, &app.office, move |office| office.end_token(signed.actor(), number)).await?;
    Ok(Redirect::to("/account/tokens").into_response())
}
