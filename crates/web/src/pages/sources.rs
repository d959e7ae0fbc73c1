use askama::Template;
use axum::extract::{Path, Query};
use axum::response::Response;
use fujiao_model::Field;
use fujiao_office::desk::{DataPage, FilePage, RowCounts, SourcePage, column_letters};
use serde::Deserialize;

use super::{ask, ask_for, missing, page};
use crate::error::PageError;
use crate::gate::Sat;
use crate::shape::{Pager, encoded};
use crate::shell::{Reader, Shell};
use crate::words::Words;

#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct Asked {
    q: String,
    page: String,
}

impl Asked {
    fn page(&self) -> i64 {
        self.page.parse().unwrap_or(1).clamp(1, 1_000_000)
    }
}

#[derive(Template)]
#[template(path = "data.html")]
struct AllFiles {
    s: Shell,
    heading: String,
    totals: Vec<(String, String, &'static str)>,
    registers: Vec<(String, String)>,
    sum: String,
    pager: Pager,
    v: DataPage,
}

/// What was brought in.
pub(crate) async fn data(
    Sat(seat): Sat,
    reader: Reader,
    Query(asked): Query<Asked>,
) -> Result<Response, PageError> {
    let (n, name) = (asked.page(), asked.q.trim().chars().take(40).collect::<String>());
    let v = ask(&reader, &seat, move |seat| seat.data(&name, n)).await?;
    let t = reader.lang.words();
    let to_check = v.total.parked + v.total.refused;
    let heading = if v.files_total == 0 {
        t.s("data.head_none").to_owned()
    } else if to_check > 0 {
        t.f1("data.head_check", t.n(to_check))
    } else {
        t.f1("data.head_clear", t.n(v.total.read))
    };
    let template = AllFiles {
        s: Shell::new(&reader, Some(v.frame.clone()), "data", t.s("nav.data")),
        heading,
        totals: totals(t, &v.total),
        registers: [
            ("data.persons", v.persons),
            ("data.households", v.households),
            ("data.schools", v.schools),
            ("data.asks", v.asks),
        ]
        .map(|(key, n)| (t.s(key).to_owned(), t.n(n)))
        .to_vec(),
        sum: sum(t, &v.total),
        pager: Pager::new(v.files_total, v.page, v.per_page, |n| {
            format!("/data?q={}&page={n}", encoded(&v.name))
        }),
        v,
    };
    page(&reader, &template)
}

pub(super) fn totals(t: &Words, rows: &RowCounts) -> Vec<(String, String, &'static str)> {
    [
        ("rows.read", rows.read, false),
        ("rows.created", rows.created, false),
        ("rows.updated", rows.updated, false),
        ("rows.unchanged", rows.unchanged, false),
        ("rows.parked", rows.parked, true),
        ("rows.refused", rows.refused, true),
    ]
    .map(|(key, n, bad)| (t.s(key).to_owned(), t.n(n), if bad && n > 0 { "red" } else { "" }))
    .to_vec()
}

pub(super) fn sum(t: &Words, rows: &RowCounts) -> String {
    let parts = rows.created + rows.updated + rows.unchanged + rows.parked + rows.refused;
    if !rows.adds_up() {
        return t.f2("data.not_sum", t.n(rows.read), t.n(parts));
    }
    t.f3("data.sum", t.n(rows.read), t.n(rows.created), t.n(rows.updated))
        .replace("{3}", &t.n(rows.unchanged))
        .replace("{4}", &t.n(rows.parked))
        .replace("{5}", &t.n(rows.refused))
}

#[derive(Template)]
#[template(path = "file.html")]
struct OneFile {
    s: Shell,
    heading: String,
    totals: Vec<(String, String, &'static str)>,
    sum: String,
    pager: Pager,
    v: FilePage,
}

/// What is wrong with one file.
pub(crate) async fn file(
    Sat(seat): Sat,
    reader: Reader,
    Path(id): Path<String>,
    Query(asked): Query<Asked>,
) -> Result<Response, PageError> {
    let Ok(id) = id.parse::<u64>() else { return Err(missing(&reader, &seat).await) };
    let n = asked.page();
    let v = ask_for(&reader, &seat, move |seat| seat.file(id, n)).await?;
    let t = reader.lang.words();
    let heading = if v.total > 0 {
        t.f1("file.head_check", t.n(v.total))
    } else {
        t.s("file.head_clear").to_owned()
    };
    let template = OneFile {
        s: Shell::new(&reader, Some(v.frame.clone()), "data", v.file.name.as_str()),
        heading,
        totals: totals(t, &v.file.rows),
        sum: sum(t, &v.file.rows),
        pager: Pager::new(v.total, v.page, v.per_page, |n| format!("/data/{id}?page={n}")),
        v,
    };
    page(&reader, &template)
}

#[derive(Template)]
#[template(path = "source.html")]
struct OneRow {
    s: Shell,
    about: String,
    /// Name, value, and the code of the field.
    cells: Vec<(String, String, Option<&'static str>)>,
    v: SourcePage,
}

/// One row, as the office sent it.
pub(crate) async fn source(
    Sat(seat): Sat,
    reader: Reader,
    Path(id): Path<String>,
) -> Result<Response, PageError> {
    let Some(id) = super::unhex(&id) else { return Err(missing(&reader, &seat).await) };
    let v = ask_for(&reader, &seat, move |seat| seat.source(id)).await?;
    let t = reader.lang.words();
    let title = t.origin(&v.origin);
    let about = if v.office.is_empty() {
        t.f3("source.about", &v.origin.file, &v.origin.sheet, &v.imported_at)
    } else {
        t.f3("source.about_office", &v.office, &v.origin.file, &v.origin.sheet)
            .replace("{3}", &v.imported_at)
    };
    let template = OneRow {
        s: Shell::new(&reader, Some(v.frame.clone()), "data", title),
        about,
        cells: v
            .cells
            .iter()
            .map(|c| {
                let name = match (c.field, c.column) {
                    (Some(field), _) => t.field(field),
                    (None, Some(column)) => t.f1("source.unknown", column_letters(column)),
                    (None, None) => String::new(),
                };
                (name, c.value.clone(), c.field.filter(|_| c.can_be_corrected).map(Field::code))
            })
            .collect(),
        v,
    };
    page(&reader, &template)
}
