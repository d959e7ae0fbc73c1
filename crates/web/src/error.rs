use askama::Template;
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Response};
use fujiao_office::OfficeError;
use fujiao_office::access::{Access, Right};
use fujiao_office::accounts::AccountError;
use fujiao_office::cases::CaseError;
use fujiao_office::desk::{DeskError, Frame};
use fujiao_office::labour::LabourError;
use fujiao_office::school::SchoolError;

use crate::shell::{Reader, Shell};
use crate::watched::Failure;

/// Why a page cannot be shown, and to whom that is said.
#[derive(Debug)]
pub(crate) struct PageError {
    reader: Box<Reader>,
    frame: Option<Box<Frame>>,
    fault: Fault,
}

#[derive(Debug)]
enum Fault {
    NotFound,
    NotTheirs(Right),
    Refused(StatusCode),
    Desk(Box<DeskError>),
    Input(String),
    Failed(String),
}

impl PageError {
    /// There is no such page, or nobody may know whether there is.
    pub(crate) fn not_found(reader: &Reader, frame: Option<Frame>) -> Self {
        Self {
            reader: Box::new(reader.clone()),
            frame: frame.map(Box::new),
            fault: Fault::NotFound,
        }
    }

    /// The desk says so.
    pub(crate) fn desk(reader: &Reader, error: DeskError) -> Self {
        match error {
            DeskError::NotAllowed(not) => Self::not_theirs(reader, not.0),
            error => Self::new(reader, Fault::Desk(Box::new(error))),
        }
    }

    /// The office says so, where no field of a form can be named for it.
    pub(crate) fn office(reader: &Reader, error: OfficeError) -> Self {
        match error {
            OfficeError::NotAllowed(not) => Self::not_theirs(reader, not.0),
            OfficeError::NoRosters => Self::desk(reader, DeskError::NoCounty),
            OfficeError::Account(AccountError::NotThere)
            | OfficeError::Case(CaseError::NoSuchCase)
            | OfficeError::School(SchoolError::NoSchool | SchoolError::NoRecord)
            | OfficeError::Labour(
                LabourError::NoSession
                | LabourError::NoVacancy
                | LabourError::NoJob
                | LabourError::NoPerson
                | LabourError::NoRun,
            ) => Self::not_found(reader, None),
            OfficeError::Aid(error) => {
                let why = reader.lang.words().refusal(&error);
                Self::new(reader, Fault::Input(why))
            }
            error if error.is_about_the_input() => {
                Self::new(reader, Fault::Input(error.to_string()))
            }
            error => Self::failed(reader, &error),
        }
    }

    /// What was sent cannot be done, for this reason.
    pub(crate) fn input(reader: &Reader, reason: impl Into<String>) -> Self {
        Self::new(reader, Fault::Input(reason.into()))
    }

    /// Their role does not do this.
    pub(crate) fn not_theirs(reader: &Reader, right: Right) -> Self {
        Self::new(reader, Fault::NotTheirs(right))
    }

    /// What was sent is not taken, for the reason that the status names.
    pub(crate) fn refused(reader: &Reader, status: StatusCode) -> Self {
        Self::new(reader, Fault::Refused(status))
    }

    fn new(reader: &Reader, fault: Fault) -> Self {
        Self { reader: Box::new(reader.clone()), frame: None, fault }
    }

    /// We were wrong.
    pub(crate) fn failed(reader: &Reader, what: &impl ToString) -> Self {
        Self {
            reader: Box::new(reader.clone()),
            frame: None,
            fault: Fault::Failed(what.to_string()),
        }
    }
}

#[derive(Template)]
#[template(path = "message.html")]
struct MessagePage {
    s: Shell,
    heading: String,
    text: String,
    safe: String,
    next: String,
}

impl IntoResponse for PageError {
    /// The one place where an error becomes a status and a message.
    fn into_response(self) -> Response {
        let t = self.reader.lang.words();
        let say = |key: &str| t.s(key).to_owned();
        // What went wrong with us goes into the log; input that is refused does not, as it may be of a person.
        let failure = match &self.fault {
            Fault::Failed(what) => Some(Failure(short(what))),
            Fault::Desk(error) if !matches!(**error, DeskError::NoCounty) => {
                Some(Failure(short(&error.to_string())))
            }
            _ => None,
        };
        let (status, key, why) = match self.fault {
            Fault::NotFound => (StatusCode::NOT_FOUND, "not_found", String::new()),
            Fault::NotTheirs(right) => {
                let (zh, en) = Access::builtin().right(right);
                let what = if t.tag() == "en" { en } else { zh };
                (StatusCode::FORBIDDEN, "not_theirs", t.f1("error.not_theirs_of", what))
            }
            Fault::Refused(status) => {
                let key = match status {
                    StatusCode::PAYLOAD_TOO_LARGE => "too_large",
                    StatusCode::TOO_MANY_REQUESTS => "too_many",
                    StatusCode::FORBIDDEN => "not_ours",
                    _ => "unread",
                };
                (status, key, String::new())
            }
            Fault::Input(why) => (StatusCode::UNPROCESSABLE_ENTITY, "input", why),
            Fault::Desk(error) if matches!(*error, DeskError::NoCounty) => {
                (StatusCode::SERVICE_UNAVAILABLE, "no_county", error.to_string())
            }
            Fault::Desk(error) => {
                (StatusCode::INTERNAL_SERVER_ERROR, "failed", short(&error.to_string()))
            }
            Fault::Failed(what) => (StatusCode::INTERNAL_SERVER_ERROR, "failed", short(&what)),
        };
        let heading = say(&format!("error.{key}"));
        let page = MessagePage {
            s: Shell::new(&self.reader, self.frame.map(|f| *f), "", heading.as_str()),
            text: if why.is_empty() { say(&format!("error.{key}_why")) } else { why },
            safe: say(&format!("error.{key}_safe")),
            next: say(&format!("error.{key}_next")),
            heading,
        };
        let mut response = match page.render() {
            Ok(html) => (status, Html(html)).into_response(),
            Err(_) => (status, page.heading).into_response(),
        };
        if let Some(failure) = failure {
            response.extensions_mut().insert(failure);
        }
        response
    }
}

/// The first line of an error, and of that no more than a reader wants to pass on.
fn short(text: &str) -> String {
    text.lines().next().unwrap_or_default().chars().take(120).collect()
}
