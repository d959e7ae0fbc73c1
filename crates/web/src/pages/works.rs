//! Schools at work: meals by month, kitchens, inspections, the ledger of gaps with its projects, class places, posts.
//!
//! All are sheets with tables and forms of one template.

mod gaps;
#[expect(clippy::similar_names, reason = "seat, sent and said are words of the house")]
mod inspections;
mod kitchen;
mod meals;
#[expect(clippy::similar_names, reason = "seat, sent and said are words of the house")]
mod photos;
mod school_places;
#[expect(clippy::similar_names, reason = "one letter stands for the reader's page")]
mod staff;

use askama::Template;
use axum::Router;
use axum::response::{IntoResponse, Redirect, Response};
use fujiao_office::OfficeError;
use fujiao_office::desk::Seat;
use fujiao_office::entries::EntryKey;
use jiff::civil::Date;

use crate::app::App;
use crate::error::PageError;
use crate::shell::{Reader, Shell};
use crate::words::Words;

/// Routes of schools at work.
pub(crate) fn routes() -> Router<App> {
    Router::new()
        .merge(meals::routes())
        .merge(kitchen::routes())
        .merge(inspections::routes())
        .merge(photos::routes())
        .merge(gaps::routes())
        .merge(school_places::routes())
        .merge(staff::routes())
}

/// A cell of a table.
#[derive(Default)]
struct Cell {
    text: String,
    href: String,
    /// `n` for numbers, `g` for gaps, `q0` to `q4` for a heat map.
    class: &'static str,
    small: String,
    chip: &'static str,
    /// Keys of pictures, shown small.
    pictures: Vec<String>,
}

fn cell(text: impl Into<String>) -> Cell {
    Cell { text: text.into(), ..Cell::default() }
}

fn number(text: impl Into<String>) -> Cell {
    Cell { text: text.into(), class: "n", ..Cell::default() }
}

impl Cell {
    fn to(self, href: impl Into<String>) -> Self {
        Self { href: href.into(), ..self }
    }

    fn under(self, small: impl Into<String>) -> Self {
        Self { small: small.into(), ..self }
    }

    fn chip(self, chip: &'static str) -> Self {
        Self { chip, ..self }
    }

    fn is(self, class: &'static str) -> Self {
        Self { class, ..self }
    }

    fn with_pictures(self, keys: &[[u8; 16]]) -> Self {
        Self { pictures: keys.iter().map(|key| EntryKey(*key).to_string()).collect(), ..self }
    }

    /// In red where there is something to answer for.
    fn gap(self, n: i64) -> Self {
        if n > 0 { self.is("n g") } else { self.is("n") }
    }
}

/// A field of a form.
#[derive(Default)]
struct Input {
    name: String,
    label: String,
    /// `text`, `date`, `hidden`, `select`, `area`, `number`, `seg` (a choice of few), `file` (a picture).
    kind: &'static str,
    value: String,
    options: Vec<(String, String)>,
    required: bool,
    hint: String,
    fault: String,
}

fn input(name: &str, label: impl Into<String>, kind: &'static str) -> Input {
    Input { name: name.to_owned(), label: label.into(), kind, ..Input::default() }
}

impl Input {
    fn with(self, value: impl Into<String>) -> Self {
        Self { value: value.into(), ..self }
    }

    fn of(self, options: Vec<(String, String)>) -> Self {
        Self { options, ..self }
    }

    fn must(self) -> Self {
        Self { required: true, ..self }
    }

    fn hint(self, hint: impl Into<String>) -> Self {
        Self { hint: hint.into(), ..self }
    }

    fn fault(self, fault: impl Into<String>) -> Self {
        Self { fault: fault.into(), ..self }
    }
}

/// A form below a table.
struct Form {
    action: String,
    title: String,
    button: String,
    inputs: Vec<Input>,
    open: bool,
}

impl Form {
    fn has_files(&self) -> bool {
        self.inputs.iter().any(|x| x.kind == "file")
    }
}

fn heads(t: &Words, keys: &[(&str, bool)]) -> Vec<(String, bool)> {
    keys.iter().map(|(key, is)| (t.s(key).to_owned(), *is)).collect()
}

/// A sheet: a table, forms, or both.
#[derive(Default)]
struct Sheet {
    id: &'static str,
    title: String,
    note: String,
    head: Vec<(String, bool)>,
    rows: Vec<Vec<Cell>>,
    empty: String,
    forms: Vec<Form>,
}

/// A page of sheets.
#[derive(Template)]
#[template(path = "works.html")]
struct Page {
    s: Shell,
    crumbs: Vec<(String, String)>,
    heading: String,
    about: String,
    tabs: Vec<(String, String, bool)>,
    fault: String,
    sheets: Vec<Sheet>,
}

/// The page's surroundings.
async fn shell(
    reader: &Reader,
    seat: &Seat,
    entry: &'static str,
    title: &str,
) -> Result<Shell, PageError> {
    let frame = super::ask(reader, seat, Seat::frame).await?;
    Ok(Shell::new(reader, Some(frame), entry, title))
}

/// Back to a page after something was done, or the reason why not.
fn back(reader: &Reader, done: Result<(), OfficeError>, to: &str) -> Result<Response, PageError> {
    match done {
        Ok(()) => Ok(Redirect::to(to).into_response()),
        Err(error) => Err(PageError::office(reader, error)),
    }
}

fn day(text: &str) -> Option<Date> {
    text.trim().parse().ok()
}

/// Thousandths or a pair as `96.4%`, cut; a dash without a denominator.
fn percent(of: Option<(i64, i64)>) -> String {
    match of {
        Some((above, below)) if below > 0 => {
            let tenths = i128::from(above) * 1_000 / i128::from(below);
            format!("{}.{}%", tenths / 10, tenths % 10)
        }
        _ => "—".to_owned(),
    }
}
