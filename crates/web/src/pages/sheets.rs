//! Pages made of sheets: tables, forms below them, and forms around them.

use askama::Template;
use axum::response::{IntoResponse, Redirect, Response};
use fujiao_office::OfficeError;
use fujiao_office::desk::Seat;
use fujiao_office::entries::EntryKey;
use jiff::civil::Date;

use crate::error::PageError;
use crate::shell::{Reader, Shell};
use crate::words::Words;

/// A cell of a table.
#[derive(Default)]
pub(super) struct Cell {
    pub(super) text: String,
    pub(super) href: String,
    /// `n` for numbers, `g` for gaps, `q0` to `q4` for a heat map.
    pub(super) class: &'static str,
    pub(super) small: String,
    pub(super) chip: &'static str,
    /// A field of the form around the table.
    pub(super) field: Option<Input>,
    /// Keys of pictures, shown small.
    pub(super) pictures: Vec<String>,
}

pub(super) fn cell(text: impl Into<String>) -> Cell {
    Cell { text: text.into(), ..Cell::default() }
}

pub(super) fn number(text: impl Into<String>) -> Cell {
    Cell { text: text.into(), class: "n", ..Cell::default() }
}

impl Cell {
    pub(super) fn to(self, href: impl Into<String>) -> Self {
        Self { href: href.into(), ..self }
    }

    pub(super) fn under(self, small: impl Into<String>) -> Self {
        Self { small: small.into(), ..self }
    }

    pub(super) fn chip(self, chip: &'static str) -> Self {
        Self { chip, ..self }
    }

    pub(super) fn is(self, class: &'static str) -> Self {
        Self { class, ..self }
    }

    pub(super) fn with_pictures(self, keys: &[[u8; 16]]) -> Self {
        Self { pictures: keys.iter().map(|key| EntryKey(*key).to_string()).collect(), ..self }
    }

    /// In red where there is something to answer for.
    pub(super) fn gap(self, n: i64) -> Self {
        if n > 0 { self.is("n g") } else { self.is("n") }
    }
}

/// A field of a form.
#[derive(Default)]
pub(super) struct Input {
    pub(super) name: String,
    pub(super) label: String,
    /// `text`, `date`, `hidden`, `select`, `area`, `number`, `check`, `seg` (a choice of few), `file` (a picture).
    pub(super) kind: &'static str,
    pub(super) value: String,
    pub(super) options: Vec<(String, String)>,
    pub(super) required: bool,
    pub(super) hint: String,
    pub(super) fault: String,
}

pub(super) fn input(name: &str, label: impl Into<String>, kind: &'static str) -> Input {
    Input { name: name.to_owned(), label: label.into(), kind, ..Input::default() }
}

impl Input {
    pub(super) fn with(self, value: impl Into<String>) -> Self {
        Self { value: value.into(), ..self }
    }

    pub(super) fn of(self, options: Vec<(String, String)>) -> Self {
        Self { options, ..self }
    }

    pub(super) fn must(self) -> Self {
        Self { required: true, ..self }
    }

    pub(super) fn hint(self, hint: impl Into<String>) -> Self {
        Self { hint: hint.into(), ..self }
    }

    pub(super) fn fault(self, fault: impl Into<String>) -> Self {
        Self { fault: fault.into(), ..self }
    }
}

/// A form below a table.
pub(super) struct Form {
    pub(super) action: String,
    pub(super) title: String,
    pub(super) button: String,
    pub(super) inputs: Vec<Input>,
    pub(super) open: bool,
}

impl Form {
    pub(super) fn has_files(&self) -> bool {
        self.inputs.iter().any(|x| x.kind == "file")
    }
}

/// A sheet: a table, forms, or both.
#[derive(Default)]
pub(super) struct Sheet {
    pub(super) id: &'static str,
    pub(super) title: String,
    pub(super) note: String,
    pub(super) head: Vec<(String, bool)>,
    pub(super) rows: Vec<Vec<Cell>>,
    pub(super) empty: String,
    pub(super) forms: Vec<Form>,
    /// Where its files and its other views are.
    pub(super) links: Vec<(String, String)>,
    /// The form around the table, whose cells hold its fields.
    pub(super) over: Option<Over>,
    /// Where the page before and the page behind are, and what of all is shown.
    pub(super) pages: Option<(String, String, String)>,
}

/// A form around a table.
pub(super) struct Over {
    pub(super) action: String,
    pub(super) button: String,
    pub(super) inputs: Vec<Input>,
}

/// A page of sheets.
#[derive(Template)]
#[template(path = "works.html")]
pub(super) struct Page {
    pub(super) s: Shell,
    pub(super) crumbs: Vec<(String, String)>,
    pub(super) heading: String,
    pub(super) about: String,
    pub(super) tabs: Vec<(String, String, bool)>,
    pub(super) fault: String,
    pub(super) sheets: Vec<Sheet>,
}

/// The page's surroundings.
pub(super) async fn shell(
    reader: &Reader,
    seat: &Seat,
    entry: &'static str,
    title: &str,
) -> Result<Shell, PageError> {
    let frame = super::ask(reader, seat, Seat::frame).await?;
    Ok(Shell::new(reader, Some(frame), entry, title))
}

/// Back to a page after something was done, or the reason why not.
pub(super) fn back(
    reader: &Reader,
    done: Result<(), OfficeError>,
    to: &str,
) -> Result<Response, PageError> {
    match done {
        Ok(()) => Ok(Redirect::to(to).into_response()),
        Err(error) => Err(PageError::office(reader, error)),
    }
}

pub(super) fn day(text: &str) -> Option<Date> {
    text.trim().parse().ok()
}

/// Thousandths or a pair as `96.4%`, cut; a dash without a denominator.
pub(super) fn percent(of: Option<(i64, i64)>) -> String {
    match of {
        Some((above, below)) if below > 0 => {
            let tenths = i128::from(above) * 1_000 / i128::from(below);
            format!("{}.{}%", tenths / 10, tenths % 10)
        }
        _ => "—".to_owned(),
    }
}

/// Names of columns, and whether each holds numbers.
pub(super) fn heads(t: &Words, keys: &[(&str, bool)]) -> Vec<(String, bool)> {
    keys.iter().map(|(key, is)| (t.s(key).to_owned(), *is)).collect()
}

/// Where the page before and the page behind are: `address` with `page=`; `None` where all is on one page.
pub(super) fn pages(
    t: &Words,
    address: &str,
    (page, per_page, total): (usize, usize, usize),
) -> Option<(String, String, String)> {
    if total <= per_page && page <= 1 {
        return None;
    }
    let page = page.max(1);
    let join = if address.contains('?') { '&' } else { '?' };
    let to = |page: usize| format!("{address}{join}page={page}");
    let before = if page > 1 { to(page - 1) } else { String::new() };
    let behind = if page * per_page < total { to(page + 1) } else { String::new() };
    let first = ((page - 1) * per_page + 1).min(total);
    let last = (page * per_page).min(total);
    Some((before, behind, t.f3("work.shown", first, last, total)))
}
