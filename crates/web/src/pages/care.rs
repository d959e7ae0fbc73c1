//! 关爱: children who need somebody; and, for those on the case alone, their care.

use std::collections::BTreeMap;

use askama::Template;
use axum::Router;
use axum::extract::{Path, Query, State};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::get;
use fujiao_model::{Division, Grade, Unit};
use fujiao_office::OfficeError;
use fujiao_office::care::{CareError, CareSaid, NewCare};
use fujiao_office::desk::{
    self, CareFilesPage, CareFilter, CareGroup, CareListPage, CarePage, CareShow, CareStepLine,
    CareSum, List, ListCell, Seat, Show,
};
use fujiao_office::entries::ClassRef;
use jiff::civil::Date;
use serde::Deserialize;

use super::lists::as_file;
use super::{ask, ask_for, form_page, hex, missing, page, unhex};
use crate::app::App;
use crate::error::PageError;
use crate::export;
use crate::gate::{CheckedForm, Sat, act, done};
use crate::shape::{Glyph, Turns, encoded, share_bar};
use crate::shell::{Reader, Shell};
use crate::words::{As, Words};

/// Routes of care.
pub(crate) fn routes() -> Router<App> {
    Router::new()
        .route("/care", get(list))
        .route("/care/list.xlsx", get(list_file))
        .route("/care/files", get(files))
        .route("/care/screen", get(screen).post(screened))
        .route("/care/{id}", get(one).post(step))
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Asked {
    group: String,
    show: String,
    town: String,
    q: String,
    after: String,
}

impl Asked {
    fn filter(&self) -> CareFilter {
        CareFilter {
            group: CareGroup::parse(&self.group),
            show: CareShow::parse(&self.show).unwrap_or_default(),
            place: Division::parse(&self.town).ok(),
            name: self.q.trim().chars().take(40).collect(),
            after: self.after.clone(),
        }
    }
}

fn address(base: &str, filter: &CareFilter) -> String {
    let mut out = base.to_owned();
    let mut add = |name: &str, value: &str| {
        let mark = if out.contains('?') { '&' } else { '?' };
        out.extend([mark.to_string().as_str(), name, "=", &encoded(value)]);
    };
    if let Some(group) = filter.group {
        add("group", group.code());
    }
    if filter.show != CareShow::All {
        add("show", filter.show.code());
    }
    if let Some(place) = filter.place {
        add("town", &place.to_string());
    }
    if !filter.name.is_empty() {
        add("q", &filter.name);
    }
    out
}

/// A group as a line of the table.
struct GroupRow {
    code: &'static str,
    href: String,
    name: String,
    source: String,
    due: String,
    done: String,
    gap: String,
    things: String,
    bar: String,
    open: bool,
    current: bool,
}

fn group_row(t: &Words, (group, sum): &(CareGroup, CareSum), filter: &CareFilter) -> GroupRow {
    let to = CareFilter { group: Some(*group), after: String::new(), ..filter.clone() };
    GroupRow {
        code: group.code(),
        href: address("/care", &to) + "#list",
        name: t.of("care.group_name", group.code()),
        source: t.of("care.group_source", group.code()),
        due: t.n(sum.children),
        done: t.n(sum.met),
        gap: t.n(sum.children - sum.met),
        things: t.n(sum.material),
        bar: share_bar(sum.children, sum.met, sum.children - sum.met),
        open: sum.children > sum.met,
        current: filter.group == Some(*group),
    }
}

/// Kinds of contact and how often: 家访 2、谈心 1.
pub(crate) fn kinds(t: &Words, of: &[(String, u32)]) -> String {
    let said: Vec<String> =
        of.iter().map(|(code, n)| format!("{} {n}", t.of("visit.how", code))).collect();
    said.join("、")
}

pub(crate) fn groups(t: &Words, of: &[CareGroup]) -> String {
    let names: Vec<String> = of.iter().map(|g| t.of("care.group_name", g.code())).collect();
    names.join("、")
}

/// A child in the list.
struct Row {
    href: String,
    name: String,
    class: String,
    school: String,
    place: String,
    groups: String,
    mentor: String,
    kinds: String,
    last: String,
    chip: &'static str,
    state: String,
}

fn row(t: &Words, line: &desk::CareLine) -> Row {
    let (met, material) = line.contacts;
    let (chip, state) = match (met, material) {
        (0, 0) => ("gap", "care.silent"),
        (0, _) => ("late", "care.only_things"),
        _ => ("ok", "care.met"),
    };
    Row {
        href: format!("/person/{}#care", hex(line.child.person)),
        name: line.child.name.clone(),
        class: t.class(line.child.grade, &line.child.class),
        school: line.child.school.as_ref().map_or_else(String::new, |s| s.name.clone()),
        place: line.child.place_name.clone(),
        groups: groups(t, &line.groups),
        mentor: line.mentor.clone(),
        kinds: if line.kinds.is_empty() { "—".to_owned() } else { kinds(t, &line.kinds) },
        last: line.last_on.map_or_else(String::new, |on| t.f1("care.last", on)),
        chip,
        state: t.text(state),
    }
}

#[derive(Template)]
#[template(path = "care.html")]
struct ListPage {
    s: Shell,
    heading: String,
    list_name: String,
    glyph: Glyph,
    groups: Vec<GroupRow>,
    tabs: Vec<(String, String, bool)>,
    lines: Vec<Row>,
    export: String,
    filtered: bool,
    turns: Turns,
    v: CareListPage,
}

impl ListPage {
    fn is_town(&self, town: impl As<Division>) -> bool {
        self.v.filter.place == Some(town.get())
    }
}

async fn list(
    reader: Reader,
    Sat(seat): Sat,
    Query(asked): Query<Asked>,
) -> Result<Response, PageError> {
    let filter = asked.filter();
    let v = ask(&reader, &seat, move |seat| seat.care(&filter, false)).await?;
    let t = reader.lang.words();
    let f = &v.filter;
    let gap = v.sum.children - v.sum.met;
    let tally = desk::Tally {
        duties: v.sum.children,
        open: gap,
        unit: Some(Unit::Person),
        due: v.sum.children,
        done: v.sum.met,
        gap,
        ..Default::default()
    };
    let words = (t.text("care.due"), t.text("care.done"));
    let here = address("/care", &CareFilter { after: String::new(), ..f.clone() });
    let mark = if here.contains('?') { '&' } else { '?' };
    let template = ListPage {
        s: Shell::new(&reader, Some(v.frame.clone()), "care", t.s("care.name")),
        heading: match (gap, v.sum.material) {
            (0, _) => t.f1("care.head_clear", t.n(v.sum.children)),
            (_, 0) => t.f2("care.head", t.n(v.sum.children), t.n(gap)),
            (_, n) => t.f3("care.head_things", t.n(v.sum.children), t.n(gap), t.n(n)),
        },
        list_name: f
            .group
            .map_or_else(|| t.text("care.all"), |g| t.of("care.group_name", g.code())),
        glyph: Glyph::of_figures(t, t.s("care.name"), words, &tally, |show| match show {
            Show::Gap => "/care?show=silent#list".to_owned(),
            _ => "/care#list".to_owned(),
        }),
        groups: v.groups.iter().map(|line| group_row(t, line, f)).collect(),
        tabs: v
            .shows
            .iter()
            .map(|(show, n)| {
                let to = CareFilter { show: *show, after: String::new(), ..f.clone() };
                let label = format!("{} {}", t.of("care.show", show.code()), t.n(*n));
                (address("/care", &to) + "#list", label, *show == f.show)
            })
            .collect(),
        lines: v.lines.iter().map(|line| row(t, line)).collect(),
        export: address("/care/list.xlsx", f),
        filtered: f.group.is_some() || f.place.is_some() || !f.name.is_empty(),
        turns: Turns {
            total: v.total,
            shown: v.lines.len(),
            first: (!f.after.is_empty()).then(|| here.clone()),
            before: None,
            after: v.next.as_ref().map(|key| format!("{here}{mark}after={}", encoded(key))),
        },
        v,
    };
    page(&reader, &template)
}

async fn list_file(
    reader: Reader,
    Sat(seat): Sat,
    Query(asked): Query<Asked>,
) -> Result<Response, PageError> {
    let t = reader.lang.words();
    let filter = asked.filter();
    let list = ask(&reader, &seat, move |seat| {
        let page = seat.care(&filter, true)?;
        let rows = page
            .lines
            .iter()
            .map(|line| {
                let row = row(t, line);
                let count = |n: u32| ListCell::Number(f64::from(n));
                let mut cells: Vec<ListCell> =
                    [row.name, row.school, row.class, row.place, row.groups, row.mentor, row.kinds]
                        .into_iter()
                        .map(ListCell::Text)
                        .collect();
                cells.push(count(line.contacts.0));
                cells.push(count(line.contacts.1));
                cells.push(line.last_on.map_or(ListCell::Empty, ListCell::Day));
                cells
            })
            .collect();
        let columns = [
            "word.name",
            "case.school",
            "pair.class",
            "pair.place",
            "care.group",
            "pair.mentor",
            "care.contacts",
            "pair.contacts",
            "pair.material",
            "pair.last",
        ];
        let actor = seat.actor();
        Ok(List {
            sheet: t.text("care.name"),
            head: export::head(t, &page.frame, t.s("care.name"), &actor.name, actor.at),
            columns: columns.iter().map(|key| t.text(key)).collect(),
            rows,
            as_of: page.frame.as_of.unwrap_or(jiff::civil::date(2000, 1, 1)),
        })
    })
    .await?;
    as_file(&reader, list, "care", true).await
}

struct FileRow {
    href: String,
    name: String,
    class: String,
    school: String,
    place: String,
    chip: &'static str,
    by: String,
    act: String,
}

struct SchoolRow {
    name: String,
    classes: Vec<(String, String)>,
    due: String,
    done: String,
    gap: String,
    bar: String,
    open: bool,
}

#[derive(Template)]
#[template(path = "care_files.html")]
struct Files {
    s: Shell,
    heading: String,
    lines: Vec<FileRow>,
    schools: Vec<SchoolRow>,
    v: CareFilesPage,
}

/// How a day by which something is to be done stands.
fn due(t: &Words, by: Date, day: Date) -> (&'static str, String) {
    let days = (by - day).get_days();
    let state = if days < 0 { desk::State::Overdue(-days) } else { desk::State::Open(days) };
    (t.chip(state), t.chip_text(state))
}

async fn files(reader: Reader, Sat(seat): Sat) -> Result<Response, PageError> {
    let v = ask(&reader, &seat, Seat::care_files).await?;
    let t = reader.lang.words();
    let lines = v
        .lines
        .iter()
        .filter_map(|line| {
            let (act, by) = line.next.as_ref()?;
            let (chip, text) = due(t, *by, v.day);
            Some(FileRow {
                href: format!("/care/{}", hex(line.child.person)),
                name: line.child.name.clone(),
                class: t.class(line.child.grade, &line.child.class),
                school: line.child.school.as_ref().map_or_else(String::new, |s| s.name.clone()),
                place: line.child.place_name.clone(),
                chip,
                by: text,
                act: t.of(&format!("care.next_{}", line.state), act),
            })
        })
        .collect();
    let schools = v
        .screened
        .iter()
        .map(|line| SchoolRow {
            name: line.school.name.clone(),
            classes: line
                .classes
                .iter()
                .map(|(grade, class, n)| {
                    let to = format!(
                        "/care/screen?school={}&grade={}&class={}",
                        hex(line.school.id),
                        grade.code(),
                        encoded(class)
                    );
                    (to, format!("{}（{n}）", t.class(Some(*grade), class)))
                })
                .collect(),
            due: t.n(line.due),
            done: t.n(line.done),
            gap: t.n((line.due - line.done).max(0)),
            bar: share_bar(line.due, line.done, (line.due - line.done).max(0)),
            open: line.due > line.done,
        })
        .collect();
    let heading = match v.lines.len() {
        0 => t.text("care.files_clear"),
        n => t.f1("care.files_head", n),
    };
    let s = Shell::new(&reader, Some(v.frame.clone()), "care", t.s("care.files"));
    page(&reader, &Files { s, heading, lines, schools, v })
}

struct StepRow {
    on: String,
    title: String,
    said: String,
    text: String,
    by: String,
}

fn step_row(t: &Words, step: &CareStepLine) -> StepRow {
    let said = match (&step.screening, step.review_on) {
        (Some((name, score, band)), _) => t.f3("care.scored", t.title(name), score, t.title(band)),
        (None, Some(day)) => t.f1("care.review", day),
        (None, None) => step.to.clone(),
    };
    StepRow {
        on: step.on.to_string(),
        title: t.of("care.step", &step.code),
        said,
        text: step.text.clone(),
        by: t.f2("case.by", &step.author, t.clock(step.at)),
    }
}

struct FormRow {
    code: &'static str,
    title: String,
    ask: String,
    open: bool,
}

#[derive(Template)]
#[template(path = "care_one.html")]
struct One {
    s: Shell,
    heading: String,
    about: String,
    next: String,
    steps: Vec<StepRow>,
    old: Vec<StepRow>,
    forms: Vec<FormRow>,
    fault: String,
    v: CarePage,
}

async fn one(
    reader: Reader,
    Sat(seat): Sat,
    Path(id): Path<String>,
) -> Result<Response, PageError> {
    show(&reader, &seat, &id, String::new(), "").await
}

async fn show(
    reader: &Reader,
    seat: &Seat,
    id: &str,
    fault: String,
    open: &str,
) -> Result<Response, PageError> {
    let Some(person) = unhex(id) else { return Err(missing(reader, seat).await) };
    let v = ask_for(reader, seat, move |seat| seat.care_of(person)).await?;
    let t = reader.lang.words();
    let mut all: Vec<(Date, bool, StepRow)> =
        v.steps.iter().map(|s| (s.on, s.old, step_row(t, s))).collect();
    all.extend(v.talks.iter().map(|(on, author, text, old)| {
        let row = StepRow {
            on: on.to_string(),
            title: t.of("visit.how", "care"),
            said: String::new(),
            text: text.clone(),
            by: author.clone(),
        };
        (*on, *old, row)
    }));
    all.sort_by_key(|line| std::cmp::Reverse(line.0));
    let (old, steps): (Vec<_>, Vec<_>) = all.into_iter().partition(|(_, old, _)| *old);
    let offered: &[&'static str] = match v.state {
        "referred" => &["answer", "note", "screening", "plan"],
        "quiet" => &["screening", "note", "plan", "refer"],
        _ => &["note", "plan", "refer", "screening", "close"],
    };
    let school = v.child.school.as_ref().map_or("", |s| &s.name);
    let class = t.class(v.child.grade, &v.child.class);
    let about: Vec<&str> =
        [school, &class, &v.child.place_name].into_iter().filter(|p| !p.is_empty()).collect();
    let template = One {
        s: Shell::new(reader, Some(v.frame.clone()), "care", v.child.name.as_str()),
        heading: t.f2("care.of", &v.child.name, t.of("care.state", v.state)),
        about: about.join(" · "),
        next: v.next.map_or_else(String::new, |(act, by)| {
            let what = t.of(&format!("care.next_{}", v.state), act.code());
            t.f2("care.next", what, by)
        }),
        steps: steps.into_iter().map(|(_, _, row)| row).collect(),
        old: old.into_iter().map(|(_, _, row)| row).collect(),
        forms: offered
            .iter()
            .map(|code| FormRow {
                code,
                title: t.of("care.step", code),
                ask: t.of("care.ask", code),
                open: *code == open,
            })
            .collect(),
        fault,
        v,
    };
    form_page(reader, template.fault.is_empty(), &template)
}

async fn step(
    State(app): State<App>,
    reader: Reader,
    Sat(seat): Sat,
    Path(id): Path<String>,
    CheckedForm(form): CheckedForm<Vec<(String, String)>>,
) -> Result<Response, PageError> {
    let Some(person) = unhex(&id) else { return Err(missing(&reader, &seat).await) };
    let was: BTreeMap<String, String> = form.into_iter().collect();
    let value = |name: &str| was.get(name).map_or("", String::as_str);
    let informed = !value("informed").is_empty();
    let code = value("step").to_owned();
    let said = match code.as_str() {
        "screening" => value("score").trim().parse().ok().map(|score| CareSaid::Screening {
            instrument: value("instrument").to_owned(),
            score,
            informed,
        }),
        "note" => Some(CareSaid::Note),
        "plan" => value("review_on").parse().ok().map(|review_on| CareSaid::Plan { review_on }),
        "refer" => Some(CareSaid::Refer { to: value("to").to_owned(), informed }),
        "answer" => Some(CareSaid::Answer),
        "close" => Some(CareSaid::Close),
        _ => None,
    };
    let (Some(said), Ok(on)) = (said, value("on").parse::<Date>()) else {
        let fault = reader.lang.words().text("care.unread");
        return show(&reader, &seat, &id, fault, &code).await;
    };
    let new = NewCare { on, said, text: value("text").to_owned() };
    let actor = seat.actor().clone();
    match act(&reader, &app.office, move |o| o.care_step(&actor, person, &new)).await? {
        Ok(_) => Ok(Redirect::to(&format!("/care/{id}")).into_response()),
        Err(OfficeError::Care(CareError::NoChild)) => Err(missing(&reader, &seat).await),
        Err(OfficeError::Care(fault)) => show(&reader, &seat, &id, fault.to_string(), &code).await,
        Err(error) => Err(PageError::office(&reader, error)),
    }
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct OfClass {
    school: String,
    grade: String,
    class: String,
}

impl OfClass {
    fn read(&self) -> Option<ClassRef> {
        Some(ClassRef {
            school: unhex(&self.school)?,
            grade: Grade::parse(&self.grade)?,
            class: self.class.clone(),
        })
    }

    fn address(&self) -> String {
        format!(
            "/care/screen?school={}&grade={}&class={}",
            self.school,
            encoded(&self.grade),
            encoded(&self.class)
        )
    }
}

#[derive(Template)]
#[template(path = "care_screen.html")]
struct Screen {
    s: Shell,
    heading: String,
    action: String,
    instruments: Vec<(String, String)>,
    chosen: String,
    on: String,
    day: String,
    pupils: Vec<(String, String, String)>,
    fault: String,
}

async fn screen(
    State(app): State<App>,
    reader: Reader,
    Sat(seat): Sat,
    Query(class): Query<OfClass>,
) -> Result<Response, PageError> {
    show_class(&app, &reader, &seat, &class, &BTreeMap::new(), String::new()).await
}

async fn show_class(
    app: &App,
    reader: &Reader,
    seat: &Seat,
    class: &OfClass,
    was: &BTreeMap<String, String>,
    fault: String,
) -> Result<Response, PageError> {
    let Some(of) = class.read() else { return Err(missing(reader, seat).await) };
    let frame = ask(reader, seat, Seat::frame).await?;
    let t = reader.lang.words();
    let heading = t.f1("care.screen_head", t.class(Some(of.grade), &of.class));
    let actor = seat.actor().clone();
    let pupils = done(reader, &app.office, move |o| o.care_class(&actor, &of)).await?;
    let Some(pupils) = pupils else { return Err(missing(reader, seat).await) };
    let day = frame.as_of.filter(|_| frame.sample).unwrap_or_else(|| seat.actor().today());
    let rules = &app.office.rulebook().screening;
    let value = |name: &str| was.get(name).cloned().unwrap_or_default();
    let english = t.tag() == "en";
    let on = value("on");
    let template = Screen {
        s: Shell::new(reader, Some(frame), "care", t.s("care.screening")),
        heading,
        action: class.address(),
        instruments: rules
            .instruments
            .iter()
            .map(|i| {
                let title = if english { &i.title_en } else { &i.title };
                let ages = t.f2("care.ages", i.first_age, i.last_age);
                (i.key.clone(), format!("{title} · {ages}"))
            })
            .collect(),
        chosen: value("instrument"),
        on: if on.is_empty() { day.to_string() } else { on },
        day: day.to_string(),
        pupils: pupils
            .into_iter()
            .map(|(id, name)| {
                let id = hex(id);
                let was = value(&format!("s{id}"));
                (id, name, was)
            })
            .collect(),
        fault,
    };
    form_page(reader, template.fault.is_empty(), &template)
}

async fn screened(
    State(app): State<App>,
    reader: Reader,
    Sat(seat): Sat,
    Query(class): Query<OfClass>,
    CheckedForm(form): CheckedForm<Vec<(String, String)>>,
) -> Result<Response, PageError> {
    let was: BTreeMap<String, String> = form.into_iter().collect();
    let value = |name: &str| was.get(name).map_or("", String::as_str);
    let mut scores = Vec::new();
    let mut unread = value("on").parse::<Date>().is_err();
    for (name, score) in &was {
        let Some(person) = name.strip_prefix('s').and_then(unhex) else { continue };
        match score.trim() {
            "" => {}
            text => match text.parse::<u32>() {
                Ok(score) => scores.push((person, score)),
                Err(_) => unread = true,
            },
        }
    }
    if unread {
        let fault = reader.lang.words().text("care.unread");
        return show_class(&app, &reader, &seat, &class, &was, fault).await;
    }
    let on = value("on").parse().expect("it was read above");
    let informed = !value("informed").is_empty();
    let (actor, instrument) = (seat.actor().clone(), value("instrument").to_owned());
    let came = act(&reader, &app.office, move |o| {
        o.care_screen(&actor, &instrument, (on, informed), &scores)
    })
    .await?;
    match came {
        Ok(_) => Ok(Redirect::to("/care/files").into_response()),
        Err(OfficeError::Care(CareError::NoChild)) => Err(missing(&reader, &seat).await),
        Err(OfficeError::Care(fault)) => {
            show_class(&app, &reader, &seat, &class, &was, fault.to_string()).await
        }
        Err(error) => Err(PageError::office(&reader, error)),
    }
}
