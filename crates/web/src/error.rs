use askama::Template;
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Response};
use fujiao_office::desk::{DeskError, Frame};

use crate::shell::{Reader, Shell};

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
    Desk(Box<DeskError>),
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
        Self { reader: Box::new(reader.clone()), frame: None, fault: Fault::Desk(Box::new(error)) }
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
        let (status, key, why) = match self.fault {
            Fault::NotFound => (StatusCode::NOT_FOUND, "not_found", String::new()),
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
        match page.render() {
            Ok(html) => (status, Html(html)).into_response(),
            Err(_) => (status, page.heading).into_response(),
        }
    }
}

/// The first line of an error, and of that no more than a reader wants to pass on.
fn short(text: &str) -> String {
    text.lines().next().unwrap_or_default().chars().take(120).collect()
}
