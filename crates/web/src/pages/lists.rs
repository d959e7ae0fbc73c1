use askama::Template;
use axum::extract::{Path, Query};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use fujiao_model::{Area, Division, Period, Unit};
use fujiao_office::desk::{
    AreaPage, At, Filter, List, Seat, Show, Sort, list_workbook, lists_workbook,
};
use serde::Deserialize;

use super::{ask, missing, page, unhex};
use crate::error::PageError;
use crate::export;
use crate::gate::Sat;
use crate::shape::{Glyph, Turns, address, figures, path};
use crate::shell::{Reader, Shell};
use crate::words::{As, Words};

/// The choices of a list, as the address has them. What does not read is no choice.
#[derive(Deserialize)]
#[serde(default)]
#[derive(Default)]
pub(crate) struct Asked {
    show: String,
    sort: String,
    town: String,
    kind: String,
    period: String,
    school: String,
    q: String,
    after: String,
    before: String,
}

impl From<Asked> for Filter {
    fn from(asked: Asked) -> Self {
        Self {
            show: Show::parse(&asked.show),
            sort: Sort::parse(&asked.sort),
            town: Division::parse(&asked.town).ok(),
            kind: Some(asked.kind).filter(|k| !k.is_empty()),
            period: Period::parse(&asked.period),
            school: unhex(&asked.school),
            name: asked.q.trim().chars().take(40).collect(),
            at: match (asked.after.is_empty(), asked.before.is_empty()) {
                (false, _) => At::After(asked.after),
                (true, false) => At::Before(asked.before),
                (true, true) => At::Start,
            },
        }
    }
}

struct Tab {
    href: String,
    label: String,
    current: bool,
}

#[derive(Template)]
#[template(path = "area.html")]
struct ListPage {
    s: Shell,
    v: AreaPage,
    heading: String,
    scope: String,
    money: String,
    caption: String,
    glyph: Glyph,
    tabs: Vec<Tab>,
    sorts: Vec<(&'static str, String, bool)>,
    excess_href: String,
    no_school: String,
    export: String,
    filtered: bool,
    turns: Turns,
}

impl ListPage {
    fn is_town(&self, town: impl As<Division>) -> bool {
        self.v.filter.town == Some(town.get())
    }

    fn is_kind(&self, kind: &str) -> bool {
        self.v.filter.kind.as_deref() == Some(kind)
    }

    fn is_period(&self, period: impl As<Period>) -> bool {
        self.v.filter.period == Some(period.get())
    }

    fn period(&self, period: impl As<Period>) -> String {
        self.s.t.period(Some(period.get()))
    }

    fn shows_excess(&self) -> bool {
        self.v.filter.show == Show::Excess
    }

    fn shows_done(&self) -> bool {
        matches!(self.v.filter.show, Show::Done | Show::Excess)
    }
}

/// The list of an area; with `.xlsx` or `.csv` behind its name, the whole list as a file.
pub(crate) async fn area(
    Sat(seat): Sat,
    reader: Reader,
    Path(name): Path<String>,
    Query(asked): Query<Asked>,
) -> Result<Response, PageError> {
    let (code, kind) = match name.rsplit_once('.') {
        Some((code, kind @ ("csv" | "xlsx"))) => (code, Some(kind == "xlsx")),
        _ => (name.as_str(), None),
    };
    let Some(area) = Area::ALL.iter().copied().find(|a| a.code() == code) else {
        return Err(missing(&reader, &seat).await);
    };
    let filter = Filter::from(asked);
    if let Some(workbook) = kind {
        return whole(reader, seat, area, filter, workbook).await;
    }
    let v = ask(&reader, &seat, move |seat| seat.area(area, &filter)).await?;
    let t = reader.lang.words();
    let s = Shell::new(&reader, Some(v.frame.clone()), area.code(), t.area(area));
    let f = &v.filter;
    let with = |change: &dyn Fn(&mut Filter)| {
        let mut next = Filter { at: At::Start, ..f.clone() };
        change(&mut next);
        address(area, &next)
    };
    let [due, done, gap] = figures(t, &v.tally);
    let unit = t.unit_or_count(v.tally.shown_unit());
    let template = ListPage {
        heading: if v.tally.duties == 0 {
            t.f1("list.head_none", t.area(area))
        } else if v.tally.open == 0 {
            t.f1("list.head_clear", t.area(area))
        } else {
            t.f3("list.head_gap", t.area(area), &gap, unit)
        },
        scope: t
            .f3("list.scope", t.area(area), due, done)
            .replace("{3}", &gap)
            .replace("{4}", unit),
        money: if v.tally.unit == Some(Unit::Fen) {
            t.f2("list.money", t.q(Unit::Fen, v.tally.gap), t.q(Unit::Fen, v.tally.due))
        } else {
            t.f1("card.rate", t.percent(v.tally.rate()))
        },
        caption: t.f1(&format!("list.caption_{}", f.show.code()), t.area(area)),
        glyph: Glyph::of_area(t, area, &v.tally, |show| {
            address(area, &Filter { show, at: At::Start, ..f.clone() })
        }),
        tabs: Show::ALL
            .iter()
            .map(|show| Tab {
                href: with(&|next| next.show = *show),
                label: tab(t, *show, &v),
                current: *show == f.show,
            })
            .collect(),
        sorts: Sort::ALL
            .iter()
            .map(|sort| {
                let label = t.s(sort_key(*sort)).to_owned();
                (sort.code(), label, *sort == f.sort)
            })
            .collect(),
        excess_href: with(&|next| next.show = Show::Excess),
        no_school: with(&|next| next.school = None),
        export: path(
            &format!("/area/{}.xlsx", area.code()),
            &Filter { at: At::Start, ..f.clone() },
        ),
        filtered: *f
            != Filter { show: f.show, sort: f.sort, at: f.at.clone(), ..Filter::default() },
        turns: {
            let to = |at: &At| address(area, &Filter { at: at.clone(), ..f.clone() });
            Turns {
                total: v.total,
                shown: v.lines.len() + v.excesses.len(),
                first: (f.at != At::Start).then(|| to(&At::Start)),
                before: v.before.as_ref().map(to),
                after: v.after.as_ref().map(to),
            }
        },
        s,
        v,
    };
    page(&reader, &template)
}

fn sort_key(sort: Sort) -> &'static str {
    match sort {
        Sort::Due => "list.sort_due",
        Sort::Gap => "list.sort_gap",
        Sort::Place => "list.sort_place",
        Sort::Kind => "list.sort_kind",
    }
}

fn tab(t: &Words, show: Show, v: &AreaPage) -> String {
    let (key, n) = match show {
        Show::Gap => ("list.gap", v.tally.open),
        Show::Overdue => ("list.overdue", v.tally.overdue),
        Show::Done => ("list.done", v.tally.duties - v.tally.open),
        Show::All => ("list.all", v.tally.duties),
        Show::Excess => ("list.excess", v.tally.excesses),
    };
    // Counts of an area say nothing once a name or school narrows the list.
    if v.filter.school.is_some() || !v.filter.name.is_empty() {
        return t.s(key).to_owned();
    }
    format!("{} {}", t.s(key), t.n(n))
}

/// The whole list as a file.
async fn whole(
    reader: Reader,
    seat: Seat,
    area: Area,
    filter: Filter,
    workbook: bool,
) -> Result<Response, PageError> {
    let t = reader.lang.words();
    let list = ask(&reader, &seat, move |seat| {
        let list = seat.area_whole(area, &filter)?;
        Ok(export::area(t, &list, &seat.actor().name, seat.actor().at))
    })
    .await?;
    as_file(&reader, list, area.code(), workbook).await
}

/// Several lists as one workbook.
pub(super) async fn as_workbook(
    reader: &Reader,
    lists: Vec<List>,
    name: &str,
) -> Result<Response, PageError> {
    let made = tokio::task::spawn_blocking(move || lists_workbook(&lists));
    let bytes = made
        .await
        .map_err(|e| PageError::failed(reader, &e))?
        .map_err(|e| PageError::failed(reader, &e))?;
    let kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet".to_owned();
    let disposition = format!("attachment; filename=\"{name}.xlsx\"");
    Ok(([(header::CONTENT_TYPE, kind), (header::CONTENT_DISPOSITION, disposition)], bytes)
        .into_response())
}

/// A list as a workbook, or as CSV.
pub(super) async fn as_file(
    reader: &Reader,
    list: List,
    name: &str,
    workbook: bool,
) -> Result<Response, PageError> {
    let (kind, ending) = if workbook {
        ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "xlsx")
    } else {
        ("text/csv; charset=utf-8", "csv")
    };
    let made = tokio::task::spawn_blocking(move || {
        if workbook { list_workbook(&list) } else { Ok(export::csv(&list).into_bytes()) }
    });
    let bytes = made
        .await
        .map_err(|e| PageError::failed(reader, &e))?
        .map_err(|e| PageError::failed(reader, &e))?;
    let disposition = format!("attachment; filename=\"{name}.{ending}\"");
    Ok((
        [(header::CONTENT_TYPE, kind.to_owned()), (header::CONTENT_DISPOSITION, disposition)],
        bytes,
    )
        .into_response())
}
