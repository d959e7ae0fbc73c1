//! Accounts and what they hold, for the administrator.

use askama::Template;
use axum::Router;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use fujiao_model::{Division, Grade};
use fujiao_office::OfficeError;
use fujiao_office::access::{Access, Ground, Role};
use fujiao_office::accounts::{AccountError, AccountLine, NewAccount};
use fujiao_office::desk::Seat;
use jiff::civil::Date;
use serde::Deserialize;

use super::account::pick;
use crate::app::App;
use crate::error::PageError;
use crate::gate::{CheckedForm, Nothing, Sat, SignedIn, act, done};
use crate::shell::{Reader, Shell};
use crate::words::As;

/// Routes of the accounts.
pub(crate) fn routes() -> Router<App> {
    Router::new()
        .route("/users", get(users).post(make))
        .route("/users/{id}", get(user))
        .route("/users/{id}/grant", post(grant))
        .route("/users/{id}/close", post(close))
        .route("/users/{id}/open", post(open))
        .route("/users/{id}/reset", post(reset))
        .route("/grants/{id}/end", post(end_grant))
}

#[derive(Template)]
#[template(path = "users.html")]
struct UsersPage {
    s: Shell,
    accounts: Vec<AccountLine>,
    new: NewAccount,
    fault: String,
}

impl UsersPage {
    fn roles(&self, account: &AccountLine) -> String {
        let names = account.grants.iter().filter(|g| g.holds).map(|g| {
            let role = Access::builtin().role(g.role);
            format!("{} · {}", pick(self.s.t, &role.zh, &role.en), g.ground_name)
        });
        names.collect::<Vec<_>>().join("；")
    }
}

#[derive(Template)]
#[template(path = "user.html")]
struct UserPage {
    s: Shell,
    account: AccountLine,
    /// Roles with their names and what they can stand on.
    roles: Vec<(Role, String, String)>,
    places: Vec<(Division, String)>,
    schools: Vec<(u64, String)>,
    grades: Vec<(&'static str, String)>,
    given: Given,
    fault: String,
    /// A link to hand to the owner, right after it was made.
    link: String,
    today: String,
}

impl UserPage {
    fn role_name(&self, role: impl As<Role>) -> String {
        let spec = Access::builtin().role(role.get());
        pick(self.s.t, &spec.zh, &spec.en).to_owned()
    }
}

#[derive(Clone, Default, Deserialize)]
#[serde(default)]
struct Given {
    role: String,
    ground: String,
    place: String,
    school: String,
    grade: String,
    class: String,
    persons: String,
    from: String,
    until: String,
}

impl Given {
    /// The ground that the form names; `None` where its field is empty or does not read.
    fn ground(&self) -> Option<Ground> {
        let school = || super::unhex(&self.school);
        match self.ground.as_str() {
            "county" => Some(Ground::County),
            "town" | "village" => Division::parse(&self.place).ok().map(Ground::Place),
            "school" => school().map(Ground::School),
            "class" => Some(Ground::Class {
                school: school()?,
                grade: Grade::parse(&self.grade)?,
                class: Some(self.class.trim().to_owned()).filter(|c| !c.is_empty())?,
            }),
            "persons" => {
                let ids = self.persons.split(|c: char| !c.is_ascii_hexdigit());
                let ids: Option<Vec<u64>> =
                    ids.filter(|id| !id.is_empty()).map(super::unhex).collect();
                ids.filter(|ids| !ids.is_empty()).map(Ground::Persons)
            }
            _ => None,
        }
    }
}

async fn list(
    app: &App,
    reader: &Reader,
    seat: &Seat,
    new: NewAccount,
    fault: String,
) -> Result<Response, PageError> {
    let frame = super::ask(reader, seat, Seat::frame).await?;
    let actor = seat.actor().clone();
    let accounts = done(reader, &app.office, move |office| office.accounts(&actor)).await?;
    let good = fault.is_empty();
    let s = Shell::new(reader, Some(frame), "users", reader.lang.words().s("users.head"));
    let html = UsersPage { s, accounts, new, fault };
    super::form_page(reader, good, &html)
}

async fn users(
    State(app): State<App>,
    reader: Reader,
    Sat(seat): Sat,
) -> Result<Response, PageError> {
    list(&app, &reader, &seat, NewAccount::default(), String::new()).await
}

#[derive(Deserialize)]
struct New {
    login: String,
    name: String,
    #[serde(default)]
    unit: String,
}

async fn make(
    State(app): State<App>,
    reader: Reader,
    Sat(seat): Sat,
    CheckedForm(given): CheckedForm<New>,
) -> Result<Response, PageError> {
    let new = NewAccount { login: given.login, name: given.name, unit: given.unit };
    let (actor, wanted) = (seat.actor().clone(), new.clone());
    let made =
        act(&reader, &app.office, move |office| office.make_account(&actor, &wanted)).await?;
    match made {
        Ok((user, link)) => {
            one(&app, &reader, &seat, user, Given::default(), String::new(), link).await
        }
        Err(OfficeError::Account(fault)) => {
            list(&app, &reader, &seat, new, fault.to_string()).await
        }
        Err(e) => Err(PageError::office(&reader, e)),
    }
}

async fn one(
    app: &App,
    reader: &Reader,
    seat: &Seat,
    user: u64,
    given: Given,
    fault: String,
    link: String,
) -> Result<Response, PageError> {
    let frame = super::ask(reader, seat, Seat::frame).await?;
    let actor = seat.actor().clone();
    let (account, places, schools) = done(reader, &app.office, move |office| {
        let found = office.accounts(&actor)?.into_iter().find(|a| a.user == user);
        let found = found.ok_or(AccountError::NotThere)?;
        let (places, schools) = office.grounds(&actor)?;
        Ok::<_, OfficeError>((found, places, schools))
    })
    .await?;
    let t = reader.lang.words();
    let roles = Role::ALL.iter().map(|role| {
        let spec = Access::builtin().role(*role);
        let on: Vec<&str> = spec.on.iter().map(|kind| t.s(ground_key(kind))).collect();
        (*role, pick(t, &spec.zh, &spec.en).to_owned(), on.join("/"))
    });
    let good = fault.is_empty();
    let page = UserPage {
        roles: roles.collect(),
        grades: Grade::ALL.iter().map(|g| (g.code(), t.grade(*g))).collect(),
        s: Shell::new(reader, Some(frame), "users", account.name.as_str()),
        account,
        places,
        schools: schools.into_iter().collect(),
        given,
        fault,
        link: if link.is_empty() {
            link
        } else {
            reader.whole(app.settings.secure, &format!("/enter/{link}"))
        },
        today: seat.actor().today().to_string(),
    };
    super::form_page(reader, good, &page)
}

/// The word of a kind of ground.
pub(crate) fn ground_key(kind: &str) -> &'static str {
    match kind {
        "county" => "users.on_county",
        "town" => "users.on_town",
        "village" => "users.on_village",
        "school" => "users.on_school",
        "class" => "users.on_class",
        _ => "users.on_persons",
    }
}

async fn user(
    State(app): State<App>,
    reader: Reader,
    Sat(seat): Sat,
    Path(id): Path<u64>,
) -> Result<Response, PageError> {
    one(&app, &reader, &seat, id, Given::default(), String::new(), String::new()).await
}

async fn grant(
    State(app): State<App>,
    reader: Reader,
    Sat(seat): Sat,
    Path(id): Path<u64>,
    CheckedForm(given): CheckedForm<Given>,
) -> Result<Response, PageError> {
    let t = reader.lang.words();
    let day = |text: &str| text.trim().parse::<Date>().ok();
    let until_empty = given.until.trim().is_empty();
    let read = (
        Role::parse(&given.role),
        given.ground(),
        if given.from.trim().is_empty() { Some(seat.actor().today()) } else { day(&given.from) },
        if until_empty { Some(None) } else { day(&given.until).map(Some) },
    );
    let (Some(role), Some(ground), Some(from), Some(until)) = read else {
        let key = if read.0.is_none() {
            "users.no_role"
        } else if read.1.is_none() {
            "users.no_ground"
        } else {
            "users.no_day"
        };
        let fault = t.s(key).to_owned();
        return one(&app, &reader, &seat, id, given, fault, String::new()).await;
    };
    let actor = seat.actor().clone();
    let done = act(&reader, &app.office, move |office| {
        office.grant(&actor, id, role, &ground, (from, until))
    })
    .await?;
    match done {
        Ok(_) => Ok(Redirect::to(&format!("/users/{id}")).into_response()),
        Err(OfficeError::Account(AccountError::NotThere)) => {
            Err(PageError::not_found(&reader, None))
        }
        Err(OfficeError::Account(fault)) => {
            one(&app, &reader, &seat, id, given, fault.to_string(), String::new()).await
        }
        Err(e) => Err(PageError::office(&reader, e)),
    }
}

async fn close(
    app: State<App>,
    reader: Reader,
    signed: SignedIn,
    Path(id): Path<u64>,
    CheckedForm(Nothing {}): CheckedForm<Nothing>,
) -> Result<Response, PageError> {
    set_closed(&app, &reader, &signed, id, true).await
}

async fn open(
    app: State<App>,
    reader: Reader,
    signed: SignedIn,
    Path(id): Path<u64>,
    CheckedForm(Nothing {}): CheckedForm<Nothing>,
) -> Result<Response, PageError> {
    set_closed(&app, &reader, &signed, id, false).await
}

async fn set_closed(
    app: &App,
    reader: &Reader,
    signed: &SignedIn,
    id: u64,
    closed: bool,
) -> Result<Response, PageError> {
    let who = signed.clone();
    done(reader, &app.office, move |office| office.close_account(who.actor(), id, closed)).await?;
    Ok(Redirect::to(&format!("/users/{id}")).into_response())
}

async fn reset(
    State(app): State<App>,
    reader: Reader,
    Sat(seat): Sat,
    Path(id): Path<u64>,
    CheckedForm(Nothing {}): CheckedForm<Nothing>,
) -> Result<Response, PageError> {
    let actor = seat.actor().clone();
    let link = done(&reader, &app.office, move |office| office.reset_account(&actor, id)).await?;
    one(&app, &reader, &seat, id, Given::default(), String::new(), link).await
}

async fn end_grant(
    State(app): State<App>,
    reader: Reader,
    signed: SignedIn,
    Path(id): Path<u64>,
    CheckedForm(back): CheckedForm<Back>,
) -> Result<Response, PageError> {
    done(&reader, &app.office, move |office| office.end_grant(signed.actor(), id)).await?;
    Ok(Redirect::to(&format!("/users/{}", back.user)).into_response())
}

#[derive(Deserialize)]
struct Back {
    user: u64,
}
