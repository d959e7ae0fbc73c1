//! Lists of pairing as workbooks.

use axum::extract::{Path, Query};
use axum::response::Response;
use fujiao_office::desk::{List, ListCell, MentorTab, PairChild};

use super::{kind, mentors, reasons, runs};
use crate::error::PageError;
use crate::export::{self, text, whole};
use crate::gate::Sat;
use crate::pages::lists::as_file;
use crate::pages::{ask, ask_for, missing};
use crate::shell::Reader;
use crate::words::Words;

/// Name, school, class, place.
fn child(t: &Words, child: &PairChild) -> Vec<ListCell> {
    vec![
        text(&child.name),
        text(child.school.as_ref().map_or("", |s| &s.name)),
        ListCell::Text(t.class(child.grade, &child.class)),
        text(&child.place_name),
    ]
}

fn columns(t: &Words, keys: &[&str]) -> Vec<String> {
    ["word.name", "case.school", "pair.class", "pair.place"]
        .iter()
        .chain(keys)
        .map(|key| t.text(key))
        .collect()
}

pub(super) async fn pairs(
    reader: Reader,
    Sat(seat): Sat,
    Query(asked): Query<super::Asked>,
) -> Result<Response, PageError> {
    let t = reader.lang.words();
    let filter = asked.filter();
    let list = ask(&reader, &seat, move |seat| {
        let page = seat.pairs(&filter, true)?;
        let rows = page
            .lines
            .iter()
            .map(|l| {
                let mut row = child(t, &l.child);
                row.extend([
                    text(&l.mentor_name),
                    ListCell::Text(kind(t, &page.kinds, &l.kind)),
                    text(&l.unit),
                    ListCell::Day(l.from),
                    whole(l.contacts.0),
                    whole(l.contacts.1),
                    l.last_on.map_or(ListCell::Empty, ListCell::Day),
                ]);
                row
            })
            .collect();
        let actor = seat.actor();
        Ok(List {
            sheet: t.text("pair.name"),
            head: export::head(t, &page.frame, t.s("pair.list"), &actor.name, actor.at),
            columns: columns(
                t,
                &[
                    "pair.mentor",
                    "pair.kind",
                    "pair.unit",
                    "pair.since",
                    "pair.contacts",
                    "pair.material",
                    "pair.last",
                ],
            ),
            rows,
            as_of: page.frame.as_of.unwrap_or(jiff::civil::date(2000, 1, 1)),
        })
    })
    .await?;
    as_file(&reader, list, "pairs", true).await
}

pub(super) async fn without(
    reader: Reader,
    Sat(seat): Sat,
    Query(asked): Query<super::Asked>,
) -> Result<Response, PageError> {
    let t = reader.lang.words();
    let filter = asked.filter();
    let list = ask(&reader, &seat, move |seat| {
        let page = seat.pairs_without(&filter, true)?;
        let rows = page
            .lines
            .iter()
            .map(|l| {
                let mut row = child(t, &l.child);
                row.push(ListCell::Text(reasons(t, &l.reasons, true)));
                row
            })
            .collect();
        let actor = seat.actor();
        Ok(List {
            sheet: t.text("pair.without"),
            head: export::head(t, &page.frame, t.s("pair.without"), &actor.name, actor.at),
            columns: columns(t, &["pair.why_none"]),
            rows,
            as_of: page.frame.as_of.unwrap_or(jiff::civil::date(2000, 1, 1)),
        })
    })
    .await?;
    as_file(&reader, list, "without", true).await
}

pub(super) async fn mentors(
    reader: Reader,
    Sat(seat): Sat,
    Query(asked): Query<mentors::Asked>,
) -> Result<Response, PageError> {
    let t = reader.lang.words();
    let (tab, name) = asked.wanted();
    let list = ask(&reader, &seat, move |seat| {
        let page = seat.mentors(tab, &name, None, true)?;
        let rows = page
            .lines
            .iter()
            .map(|l| {
                let m = &l.mentor;
                vec![
                    text(&m.name),
                    ListCell::Text(kind(t, &page.kinds, &m.kind)),
                    text(&m.unit),
                    text(&l.phone),
                    text(m.subjects.join("、")),
                    whole(l.load),
                    whole(l.cap),
                    m.signed_on.map_or(ListCell::Empty, ListCell::Day),
                    text(m.left.as_ref().map_or("", |(_, why)| why)),
                ]
            })
            .collect();
        let columns = [
            "word.name",
            "pair.kind",
            "pair.unit",
            "pair.phone",
            "pair.subjects",
            "pair.load",
            "pair.cap",
            "pair.signed",
            "pair.left",
        ];
        let actor = seat.actor();
        Ok(List {
            sheet: t.text("pair.mentors"),
            head: export::head(t, &page.frame, t.s("pair.mentors"), &actor.name, actor.at),
            columns: columns.iter().map(|key| t.text(key)).collect(),
            rows,
            as_of: page.frame.as_of.unwrap_or(jiff::civil::date(2000, 1, 1)),
        })
    })
    .await?;
    as_file(&reader, list, "mentors", true).await
}

pub(super) async fn run(
    reader: Reader,
    Sat(seat): Sat,
    Path(id): Path<String>,
    Query(asked): Query<runs::Asked>,
) -> Result<Response, PageError> {
    let Ok(number) = id.parse::<u64>() else { return Err(missing(&reader, &seat).await) };
    let t = reader.lang.words();
    let list = ask_for(&reader, &seat, move |seat| {
        let change = if asked.change.is_empty() { "all" } else { &asked.change };
        let other = asked.with.parse().ok();
        let Some(page) = seat.pair_run(number, other, (change, None), true)? else {
            return Ok(None);
        };
        let rows = page
            .lines
            .iter()
            .map(|l| {
                let mut row = child(t, &l.child);
                row.extend([
                    ListCell::Text(t.of("pair.change", &l.change)),
                    text(&l.before),
                    text(&l.mentor),
                    whole(l.points),
                    ListCell::Text(reasons(t, &l.reasons, l.mentor.is_empty())),
                ]);
                row
            })
            .collect();
        let actor = seat.actor();
        let name = t.f1("pair.run_no", number);
        Ok(Some(List {
            sheet: t.text("pair.runs"),
            head: export::head(t, &page.frame, &name, &actor.name, actor.at),
            columns: columns(
                t,
                &["pair.what", "pair.before", "pair.mentor", "pair.points", "pair.reasons"],
            ),
            rows,
            as_of: page.run.run.as_of,
        }))
    })
    .await?;
    as_file(&reader, list, "pair-run", true).await
}

impl mentors::Asked {
    fn wanted(&self) -> (MentorTab, String) {
        let tab = MentorTab::parse(&self.tab).unwrap_or_default();
        (tab, self.q.trim().chars().take(40).collect())
    }
}
