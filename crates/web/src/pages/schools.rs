use std::fmt::Write as _;

use askama::Template;
use axum::extract::{Path, Query};
use axum::response::Response;
use fujiao_model::{Area, Division, Grade};
use fujiao_office::access::Right;
use fujiao_office::desk::{ClassSize, Line, SchoolLine, SchoolPage, SchoolsPage};
use serde::Deserialize;

use super::lists::as_file;
use super::{ask, ask_for, missing, page, unhex};
use crate::error::PageError;
use crate::export;
use crate::gate::Sat;
use crate::shape::{Card, Pager, bar, encoded, escaped, share_bar, tenths};
use crate::shell::{Reader, Shell};
use crate::words::{As, Words};

#[derive(Template)]
#[template(path = "school.html")]
struct OneSchool {
    s: Shell,
    about: String,
    cards: Vec<Card>,
    rows: Vec<(Line, String)>,
    open_lines: usize,
    classes: Vec<Class>,
    class_title: String,
    chart: String,
    facts: Vec<(String, String)>,
    v: SchoolPage,
}

/// One school.
pub(crate) async fn school(
    Sat(seat): Sat,
    reader: Reader,
    Path(id): Path<String>,
) -> Result<Response, PageError> {
    let Some(id) = unhex(&id) else { return Err(missing(&reader, &seat).await) };
    let v = ask_for(&reader, &seat, move |seat| seat.school(id)).await?;
    let t = reader.lang.words();
    let s = Shell::new(&reader, Some(v.frame.clone()), "schools", v.school.name.as_str());
    let kind = if v.kind.is_empty() { String::new() } else { format!("{} · ", v.kind) };
    let classes: Vec<Class> = v.classes.iter().map(|c| Class::new(t, c, &v.lines)).collect();
    let class_title = class_title(t, &classes);
    let template = OneSchool {
        about: t.f3("school.about", kind, t.n(v.pupils), t.n(v.boarders)),
        cards: cards(t, &v),
        rows: v
            .lines
            .iter()
            // Of class places only those that are short: the chart shows all classes.
            .filter(|l| l.gap > 0 || l.area != Area::Places)
            .map(|l| (l.clone(), share_bar(l.due, l.done, l.gap)))
            .collect(),
        open_lines: v.lines.iter().filter(|l| l.gap > 0).count(),
        chart: chart(t, &classes),
        class_title,
        classes,
        facts: facts(t, &v),
        s,
        v,
    };
    page(&reader, &template)
}

/// The areas of the school itself first, then those of its pupils.
fn cards(t: &Words, v: &SchoolPage) -> Vec<Card> {
    const OWN: [Area; 3] = [Area::Conditions, Area::Teachers, Area::Places];
    let mut areas: Vec<_> = v.areas.iter().filter(|(_, tally)| tally.duties > 0).collect();
    areas.sort_by_key(|(area, _)| (!OWN.contains(area), *area));
    areas.iter().map(|(area, tally)| Card::new(t, *area, tally, Some(v.school.id))).collect()
}

/// A class, and by how many pupils it is too large.
struct Class {
    name: String,
    pupils: i64,
    over: i64,
}

impl Class {
    fn new(t: &Words, class: &ClassSize, lines: &[Line]) -> Self {
        let code = format!("{}.{}", class.grade.map_or("", Grade::code), class.class);
        let standard = lines.iter().find(|l| {
            l.area == Area::Places && l.kind.split_once(':').is_some_and(|(_, c)| c == code)
        });
        Self {
            name: t.class(class.grade, &class.class),
            pupils: class.pupils,
            over: standard.map_or(0, |l| l.gap),
        }
    }
}

/// What the chart of classes shows: the class that is most too large, else the largest.
fn class_title(t: &Words, classes: &[Class]) -> String {
    match classes.iter().max_by_key(|c| (c.over, c.pupils)) {
        None => String::new(),
        Some(c) if c.over > 0 => t.f3("school.class_gap", &c.name, t.n(c.pupils), t.n(c.over)),
        Some(c) => t.f2("school.class_most", &c.name, t.n(c.pupils)),
    }
}

/// Bars by class, on one scale; classes that are too large in red.
fn chart(t: &Words, classes: &[Class]) -> String {
    let most = classes.iter().map(|c| c.pupils).max().unwrap_or(0).max(1);
    let height = classes.len() * 22;
    let mut out = format!(
        "<svg class=\"ch\" height=\"{height}\" role=\"img\" aria-label=\"{}\">",
        escaped(&class_title(t, classes))
    );
    for (n, Class { name, pupils, over }) in classes.iter().enumerate() {
        let (bar, text) = if *over > 0 { ("fz", "b zt") } else { ("f1", "b") };
        let y = n * 22;
        let width = pupils * 640 / most;
        let _ = write!(
            out,
            "<text y=\"{}\">{}</text><rect class=\"{bar}\" x=\"26%\" y=\"{}\" width=\"{}%\" height=\"14\"/><text class=\"{text}\" x=\"{}%\" dx=\"6\" y=\"{}\">{}</text>",
            y + 15,
            escaped(name),
            y + 4,
            tenths(width),
            tenths(260 + width),
            y + 15,
            t.n(*pupils),
        );
    }
    out.push_str("</svg>");
    out
}

fn facts(t: &Words, v: &SchoolPage) -> Vec<(String, String)> {
    let mut facts = Vec::new();
    let mut add = |key: &str, value: String| {
        if !value.is_empty() {
            facts.push((t.s(key).to_owned(), value));
        }
    };
    add("school.code", v.code.clone());
    add("school.kind", v.kind.clone());
    add("school.place", v.town.as_ref().map_or_else(String::new, |(_, name)| name.clone()));
    if let Some(rural) = v.rural {
        add("school.rural", t.s(if rural { "school.yes" } else { "school.no" }).to_owned());
    }
    add("school.closed_on", v.closed_on.clone());
    facts
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct Asked {
    town: String,
    q: String,
    page: String,
    file: String,
}

/// Schools a page.
const PER_PAGE: u16 = 50;

#[derive(Template)]
#[template(path = "schools.html")]
struct AllSchools {
    s: Shell,
    heading: String,
    rows: Vec<(SchoolLine, String)>,
    pager: Pager,
    v: SchoolsPage,
}

impl AllSchools {
    fn is_town(&self, town: impl As<Division>) -> bool {
        self.v.town == Some(town.get())
    }
}

/// All schools.
pub(crate) async fn schools(
    Sat(seat): Sat,
    reader: Reader,
    Query(asked): Query<Asked>,
) -> Result<Response, PageError> {
    let town = Division::parse(&asked.town).ok();
    let name: String = asked.q.trim().chars().take(40).collect();
    let v = ask(&reader, &seat, move |seat| seat.schools(town, &name)).await?;
    let t = reader.lang.words();
    if asked.file == "xlsx" && seat.actor().may(Right::Export) {
        let list = export::schools(t, &v, &seat.actor().name, seat.actor().at);
        return as_file(&reader, list, "schools", true).await;
    }
    let total = i64::try_from(v.schools.len()).unwrap_or(i64::MAX);
    let pages = v.schools.len().div_ceil(PER_PAGE.into()).max(1);
    let n = asked.page.parse().unwrap_or(1_usize).clamp(1, pages);
    let with_gap = v.schools.iter().filter(|s| s.tally.open > 0).count();
    let gaps: i64 = v.schools.iter().map(|s| s.tally.open).sum();
    let heading = if gaps > 0 {
        t.f2("schools.head", with_gap, t.n(gaps))
    } else {
        t.s("schools.head_clear").to_owned()
    };
    let template = AllSchools {
        s: Shell::new(&reader, Some(v.frame.clone()), "schools", t.s("nav.schools")),
        heading,
        rows: v
            .schools
            .chunks(PER_PAGE.into())
            .nth(n - 1)
            .unwrap_or_default()
            .iter()
            .map(|l| (l.clone(), bar(&l.tally)))
            .collect(),
        pager: Pager::new(total, i64::try_from(n).unwrap_or(1), PER_PAGE.into(), |n| {
            let town = v.town.map_or_else(String::new, |town| town.to_string());
            format!("/schools?town={town}&q={}&page={n}", encoded(&v.name))
        }),
        v,
    };
    page(&reader, &template)
}
