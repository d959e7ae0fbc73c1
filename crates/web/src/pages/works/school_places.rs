//! The children behind a line of pressure.

use axum::Router;
use axum::extract::{Path, Query, State};
use axum::response::Response;
use axum::routing::get;
use fujiao_model::Grade;
use fujiao_office::Office;
use serde::Deserialize;

use super::super::{hex, missing, unhex};
use super::{Page, Sheet, cell, heads, number, shell};
use crate::app::App;
use crate::error::PageError;
use crate::gate::{Sat, done};
use crate::shell::Reader;

pub(super) fn routes() -> Router<App> {
    Router::new().route("/places/{id}", get(children))
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Asked {
    grade: String,
    next: String,
}

async fn children(
    State(app): State<App>,
    reader: Reader,
    Sat(seat): Sat,
    Path(id): Path<String>,
    Query(asked): Query<Asked>,
) -> Result<Response, PageError> {
    let t = reader.lang.words();
    let (Some(school), Some(grade)) = (unhex(&id), Grade::parse(&asked.grade)) else {
        return Err(missing(&reader, &seat).await);
    };
    let (actor, next) = (seat.actor().clone(), asked.next == "1");
    let v = done(&reader, &app.office, move |o: &Office| {
        o.placed_children(&actor, school, grade, next)
    })
    .await?;
    let s = shell(&reader, &seat, "places_map", &v.school.1).await?;
    let all: usize = v.villages.iter().map(|of| of.1).sum();
    let villages = Sheet {
        id: "villages",
        title: t.s("work.by_village").to_owned(),
        note: t.s("work.by_village_note").to_owned(),
        head: heads(
            t,
            &[("work.village", false), ("work.children", true), ("work.of_estates", true)],
        ),
        rows: v
            .villages
            .iter()
            .map(|(name, n, estate)| {
                let name = if name.is_empty() { t.s("work.no_village") } else { name.as_str() };
                vec![cell(name), number(n.to_string()), number(estate.to_string())]
            })
            .collect(),
        empty: t.s("work.nobody").to_owned(),
        ..Sheet::default()
    };
    let list = Sheet {
        id: "children",
        title: t.f1("work.children_of", all),
        note: if v.may_names { String::new() } else { t.s("work.no_names").to_owned() },
        head: heads(
            t,
            &[
                ("word.name", false),
                ("work.class", false),
                ("work.village", false),
                ("work.estate", false),
            ],
        ),
        rows: v
            .children
            .iter()
            .map(|c| {
                let class = if c.class.is_empty() { t.s("work.enters") } else { c.class.as_str() };
                vec![
                    match c.person {
                        Some(id) => cell(&c.name).to(format!("/person/{}", hex(id))),
                        None => cell("—"),
                    },
                    cell(class),
                    cell(&c.village),
                    cell(if c.estate.is_empty() { "—" } else { &c.estate }),
                ]
            })
            .collect(),
        empty: if v.may_names { t.s("work.nobody").to_owned() } else { String::new() },
        ..Sheet::default()
    };
    let key = if v.next { "work.children_next" } else { "work.children_now" };
    let page = Page {
        crumbs: vec![
            ("/places".into(), t.s("work.places").to_owned()),
            (format!("/school/{}", hex(v.school.0)), v.school.1.clone()),
        ],
        heading: t.f3(key, &v.school.1, t.grade(v.grade), all).replace("{3}", &v.year.to_string()),
        about: t
            .s(if v.next { "work.children_next_about" } else { "work.children_now_about" })
            .to_owned(),
        tabs: Vec::new(),
        fault: String::new(),
        sheets: vec![list, villages],
        s,
    };
    super::super::page(&reader, &page)
}
