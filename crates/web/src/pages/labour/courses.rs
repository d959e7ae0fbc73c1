//! The pool of courses: sessions of all providers, teachers, rooms; one session with its people, days and results; providers.

use std::collections::BTreeMap;

use axum::Router;
use axum::extract::{Path, Query, State};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use fujiao_office::labour::{
    MeansLine, NewSession, SessionFilter, SessionLine, SessionPage, SessionState, SessionsPage,
    Share,
};
use serde::Deserialize;

use super::super::sheets::{Cell, Form, Over, Sheet, cell, day, heads, input, number};
use super::super::{hex, missing, unhex};
use super::{acted, asked, fault, files, paper, sheets_page};
use crate::app::App;
use crate::error::PageError;
use crate::gate::{CheckedForm, Sat};
use crate::shape::encoded;
use crate::shell::Reader;
use crate::words::Words;

pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/courses", get(pool).post(open))
        .route("/courses/providers", get(providers))
        .route("/courses/{id}", get(one))
        .route("/courses/{id}/enrol", post(enrol))
        .route("/courses/{id}/leave", post(leave))
        .route("/courses/{id}/mark", post(mark))
        .route("/courses/{id}/end", post(end))
        .route("/courses/{id}/cancel", post(cancel))
        .route("/courses/{id}/notice", get(notice))
        .route("/courses/{id}/xlsx", get(files::session))
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Asked {
    when: String,
    provider: String,
    course: String,
    day: String,
}

fn chip(state: SessionState) -> &'static str {
    match state {
        SessionState::Planned => "soon",
        SessionState::Running => "ok",
        SessionState::Over | SessionState::Cancelled => "na",
    }
}

/// A tenth of a percent, cut.
fn share(s: &Share) -> String {
    s.plain().map_or_else(|| "—".to_owned(), |p| format!("{:.1}%", (p * 1_000.0).floor() / 10.0))
}

fn interval(s: &Share) -> String {
    if s.out_of == 0 {
        String::new()
    } else {
        format!("{:.1}—{:.1}%（{}/{}）", s.lower * 100.0, s.upper * 100.0, s.of, s.out_of)
    }
}

fn session_row(t: &Words, l: &SessionLine) -> Vec<Cell> {
    let seats = l.seats.map_or_else(|| l.enrolled.to_string(), |s| format!("{} / {s}", l.enrolled));
    let place: Vec<&str> = [l.town.as_str(), l.venue.as_str(), l.room.as_str()]
        .into_iter()
        .filter(|p| !p.is_empty())
        .collect();
    vec![
        cell(&l.course)
            .to(format!("/courses/{}", hex(l.key)))
            .under(format!("{} · {}", l.kind, l.name)),
        cell(&l.provider).under(&l.trainer),
        cell(format!("{}—{}", l.from, l.to))
            .under(l.hours.map_or_else(String::new, |h| t.f1("labour.hours_n", h))),
        cell(place.join(" ")),
        number(seats),
        number(format!("{} / {}", l.completed, l.certified)),
        cell(t.of("labour.session_of", l.state.code())).chip(chip(l.state)),
    ]
}

fn means(t: &Words, id: &'static str, key: &str, lines: &[MeansLine]) -> Sheet {
    let teachers = id == "trainers";
    Sheet {
        id,
        title: t.text(key),
        note: t.f1("labour.means_n", lines.len()),
        head: heads(
            t,
            &[
                (if teachers { "word.name" } else { "labour.means" }, false),
                ("labour.provider", false),
                ("labour.course", false),
                (if teachers { "labour.level" } else { "labour.holds" }, false),
                ("labour.taken_on", false),
            ],
        ),
        rows: lines
            .iter()
            .map(|m| {
                let about = if teachers {
                    let dual = match m.dual {
                        Some(true) => t.s("labour.dual"),
                        Some(false) => t.s("labour.not_dual"),
                        None => "",
                    };
                    cell(&m.level).under(dual)
                } else {
                    cell(m.seats.map_or_else(String::new, |s| s.to_string())).under(&m.place)
                };
                let taken: Vec<String> =
                    m.taken.iter().take(3).map(|(from, to, _)| format!("{from}—{to}")).collect();
                let taken = match m.taken.first() {
                    Some((.., key)) => cell(taken.join("；")).to(format!("/courses/{}", hex(*key))),
                    None => cell(t.s("labour.free")),
                };
                vec![
                    cell(&m.name).to(format!("/source/{}", hex(m.row))),
                    cell(&m.provider),
                    cell(&m.course),
                    about,
                    taken,
                ]
            })
            .collect(),
        empty: t.text("labour.no_means"),
        ..Sheet::default()
    }
}

fn options(of: &[String]) -> Vec<(String, String)> {
    of.iter().map(|o| (o.clone(), o.clone())).collect()
}

fn open_form(t: &Words, v: &SessionsPage, n: &NewSession, open: bool) -> Form {
    let date = |d: Option<jiff::civil::Date>| d.map_or_else(String::new, |d| d.to_string());
    Form {
        action: "/courses".into(),
        title: t.text("labour.open_session"),
        button: t.text("work.keep"),
        inputs: vec![
            input("course", t.s("labour.course"), "text").with(&n.course).must(),
            input("kind", t.s("labour.kind"), "select").of(options(&v.kinds)).with(&n.kind).must(),
            input("provider", t.s("labour.provider"), "text").with(&n.provider).must(),
            input("name", t.s("labour.session_name"), "text").with(&n.name),
            input("from", t.s("labour.from"), "date").with(date(n.from)).must(),
            input("to", t.s("labour.to"), "date").with(date(n.to)).must(),
            input("hours", t.s("labour.hours"), "number").with(&n.hours).must(),
            input("seats", t.s("labour.seats"), "number").with(&n.seats).must(),
            input("town", t.s("word.town"), "text").with(&n.town),
            input("venue", t.s("labour.venue"), "text").with(&n.venue),
            input("room", t.s("labour.room"), "text").with(&n.room),
            input("trainer", t.s("labour.trainer"), "text").with(&n.trainer),
            input("cost", t.s("labour.cost"), "number").with(&n.cost),
        ],
        open,
    }
}

async fn pool(
    State(app): State<App>,
    reader: Reader,
    sat: Sat,
    Query(ask): Query<Asked>,
) -> Result<Response, PageError> {
    pool_page(&reader, &app, &sat, &ask, (NewSession::default(), String::new())).await
}

async fn pool_page(
    reader: &Reader,
    app: &App,
    sat: &Sat,
    ask: &Asked,
    (new, fault): (NewSession, String),
) -> Result<Response, PageError> {
    let t = reader.lang.words();
    let filter = SessionFilter {
        when: ask.when.clone(),
        provider: ask.provider.clone(),
        course: ask.course.clone(),
    };
    let v = asked(reader, app, sat, move |o, actor| o.course_sessions(actor, &filter)).await?;
    let (planned, running, over) = v.counts;
    let view = |when: &str, key: &str, n: usize| {
        let chip = if ask.when == when { "ok" } else { "" };
        let href = format!("/courses?when={when}&provider={}", encoded(&ask.provider));
        vec![cell(t.s(key)).to(href).chip(chip), number(n.to_string())]
    };
    let figures = Sheet {
        id: "figures",
        title: t.text("labour.sessions_by"),
        note: t.f2("labour.persons_times", v.persons, v.person_times),
        head: heads(t, &[("labour.when", false), ("labour.sessions", true)]),
        rows: vec![
            view("", "labour.when_next", planned + running),
            view("over", "labour.when_over", over),
            view("all", "labour.when_all", planned + running + over),
        ],
        ..Sheet::default()
    };
    let calendar = Sheet {
        id: "calendar",
        title: t.f1("labour.calendar", v.sessions.len()),
        note: t.text("labour.calendar_note"),
        head: heads(
            t,
            &[
                ("labour.course", false),
                ("labour.provider", false),
                ("labour.days", false),
                ("labour.venue", false),
                ("labour.enrolled", true),
                ("labour.completed_certified", true),
                ("labour.state", false),
            ],
        ),
        rows: v.sessions.iter().map(|l| session_row(t, l)).collect(),
        empty: t.text("labour.no_sessions"),
        forms: if v.may_lead {
            vec![open_form(t, &v, &new, !fault.is_empty())]
        } else {
            Vec::new()
        },
        ..Sheet::default()
    };
    let trainers = means(t, "trainers", "labour.trainers", &v.trainers);
    let rooms = means(t, "rooms", "labour.rooms", &v.rooms);
    let text = (
        t.text("labour.courses"),
        t.f3("labour.courses_head", planned, running, v.providers.len()),
        t.text("labour.courses_about"),
    );
    let sheets = vec![figures, calendar, trainers, rooms];
    sheets_page(reader, sat, ("/courses", "courses"), text, (fault, sheets)).await
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Open {
    course: String,
    kind: String,
    provider: String,
    name: String,
    from: String,
    to: String,
    hours: String,
    seats: String,
    town: String,
    venue: String,
    room: String,
    trainer: String,
    cost: String,
}

async fn open(
    State(app): State<App>,
    reader: Reader,
    sat: Sat,
    CheckedForm(f): CheckedForm<Open>,
) -> Result<Response, PageError> {
    let new = NewSession {
        course: f.course,
        kind: f.kind,
        name: f.name,
        provider: f.provider,
        from: day(&f.from),
        to: day(&f.to),
        hours: f.hours,
        seats: f.seats,
        town: f.town,
        venue: f.venue,
        room: f.room,
        trainer: f.trainer,
        cost: f.cost,
    };
    let given = new.clone();
    match acted(&reader, &app, &sat, move |o, actor| o.open_session(actor, &given)).await? {
        Ok(key) => Ok(Redirect::to(&format!("/courses/{}", hex(key))).into_response()),
        Err(error) => {
            let why = fault(error).map_err(|e| PageError::office(&reader, e))?;
            pool_page(&reader, &app, &sat, &Asked::default(), (new, why)).await
        }
    }
}

async fn one(
    State(app): State<App>,
    reader: Reader,
    sat: Sat,
    Path(id): Path<String>,
    Query(ask): Query<Asked>,
) -> Result<Response, PageError> {
    let Some(key) = unhex(&id) else { return Err(missing(&reader, &sat.0).await) };
    one_page(&reader, &app, &sat, key, (day(&ask.day), String::new())).await
}

async fn one_page(
    reader: &Reader,
    app: &App,
    sat: &Sat,
    key: u64,
    (on, fault): (Option<jiff::civil::Date>, String),
) -> Result<Response, PageError> {
    let t = reader.lang.words();
    let v = asked(reader, app, sat, move |o, actor| o.course_session(actor, key, on)).await?;
    let l = &v.line;
    let here = format!("/courses/{}", hex(key));
    let lead = v.may_lead && l.state != SessionState::Cancelled;
    let fact = |key: &str, value: String| vec![cell(t.s(key)), cell(value)];
    let mut facts = vec![
        fact("labour.provider", l.provider.clone()),
        fact("labour.days", format!("{}—{}", l.from, l.to)),
        fact("labour.hours", l.hours.map_or_else(|| "—".into(), |h| h.to_string())),
        fact("labour.venue", format!("{} {} {}", l.town, l.venue, l.room)),
        fact("labour.trainer", l.trainer.clone()),
        fact("labour.cost", v.cost.map_or_else(|| "—".into(), |c| t.short_money(c))),
        fact("labour.subsidy", v.subsidy.map_or_else(|| "—".into(), |c| t.short_money(c))),
    ];
    if let Some(row) = v.row {
        facts.push(vec![
            cell(t.s("word.source")),
            cell(t.s("labour.calendar_row")).to(format!("/source/{}", hex(row))),
        ]);
    }
    let mut forms = Vec::new();
    if lead && l.state == SessionState::Planned && v.row.is_some() {
        forms.push(Form {
            action: format!("{here}/cancel"),
            title: t.text("labour.cancel"),
            button: t.text("labour.cancel"),
            inputs: vec![input("why", t.s("work.why"), "text").must()],
            open: false,
        });
    }
    let about = Sheet {
        id: "about",
        title: l.name.clone(),
        note: t.of("labour.session_of", l.state.code()),
        head: heads(t, &[("labour.matter", false), ("work.value", false)]),
        rows: facts,
        forms,
        links: vec![
            (format!("{here}/notice"), t.text("labour.notice")),
            (format!("{here}/xlsx"), t.text("labour.xlsx")),
        ],
        ..Sheet::default()
    };
    let text = (
        l.course.clone(),
        t.f3("labour.session_head", &l.course, l.enrolled, l.completed),
        t.f2("labour.session_about", &l.provider, format!("{}—{}", l.from, l.to)),
    );
    let mut sheets = vec![about, trainees(t, &v, &here, lead)];
    if lead && l.state != SessionState::Planned {
        sheets.push(day_sheet(t, &v, &here));
    }
    if !v.candidates.is_empty() {
        sheets.push(candidates(t, &v, &here));
    }
    sheets_page(reader, sat, ("/courses", "courses"), text, (fault, sheets)).await
}

/// Trainees, with their results to be written where it is over.
fn trainees(t: &Words, v: &SessionPage, here: &str, lead: bool) -> Sheet {
    let writes = lead && v.today >= v.line.to;
    let leaves = lead && !writes;
    let mut sheet = Sheet {
        id: "trainees",
        title: t.f1("labour.trainees_n", v.trainees.len()),
        note: if v.others > 0 { t.f1("labour.others", v.others) } else { String::new() },
        head: heads(
            t,
            &[
                ("word.name", false),
                ("labour.place", false),
                ("labour.attended", true),
                ("labour.result", false),
                ("labour.certificate", false),
            ],
        ),
        empty: t.text("labour.no_trainees"),
        ..Sheet::default()
    };
    let words = [
        (String::new(), t.text("labour.no_result")),
        ("yes".to_owned(), t.text("labour.passed")),
        ("no".to_owned(), t.text("labour.failed")),
    ];
    for x in &v.trainees {
        let name = match x.person {
            Some(person) => cell(&x.name).to(format!("/person/{}", hex(person))),
            None => cell(&x.name),
        };
        let attended = x.attended.map_or_else(|| t.text("labour.not_said"), |h| h.to_string());
        let days = if x.days > 0 { t.f1("labour.days_n", x.days) } else { String::new() };
        let (mut result, mut certificate) = (cell(&x.result), cell(&x.certificate));
        if writes && let Some(person) = x.person {
            let is = if x.result.is_empty() {
                ""
            } else if x.completed {
                "yes"
            } else {
                "no"
            };
            result = Cell {
                field: Some(
                    input(&format!("r{}", hex(person)), t.s("labour.result"), "select")
                        .of(words.to_vec())
                        .with(is),
                ),
                ..cell("")
            };
            certificate = Cell {
                field: Some(input(&format!("c{}", hex(person)), t.s("labour.certificate"), "text")),
                ..certificate
            };
        } else if leaves
            && x.result.is_empty()
            && let Some(person) = x.person
        {
            result = Cell {
                field: Some(input("person", t.s("labour.leave"), "check").with(hex(person))),
                ..result
            };
        }
        sheet.rows.push(vec![
            name,
            cell(&x.place),
            number(attended).to(format!("/source/{}", hex(x.row))).under(days),
            result,
            certificate,
        ]);
    }
    let over = |action: &str, key: &str| Over {
        action: format!("{here}/{action}"),
        button: t.text(key),
        inputs: Vec::new(),
    };
    if writes {
        sheet.over = Some(over("end", "labour.keep_results"));
    } else if leaves && !v.trainees.is_empty() {
        sheet.over = Some(over("leave", "labour.let_leave"));
    }
    sheet
}

/// The sheet of a day.
fn day_sheet(t: &Words, v: &SessionPage, here: &str) -> Sheet {
    let days: Vec<(String, String)> = v
        .days
        .iter()
        .map(|(on, n)| (format!("{here}?day={on}#day"), t.f2("labour.day_n", on, n)))
        .collect();
    Sheet {
        id: "day",
        title: t.f1("labour.day_sheet", v.day),
        note: t.text("labour.day_note"),
        head: heads(t, &[("word.name", false), ("labour.place", false), ("labour.hours", false)]),
        rows: v
            .trainees
            .iter()
            .filter_map(|x| {
                let person = x.person?;
                let hours = x.on_day.map_or_else(String::new, |h| h.to_string());
                Some(vec![
                    cell(&x.name),
                    cell(&x.place),
                    Cell {
                        field: Some(
                            input(&format!("h{}", hex(person)), t.s("labour.hours"), "number")
                                .with(hours),
                        ),
                        ..cell("")
                    },
                ])
            })
            .collect(),
        empty: t.text("labour.no_trainees"),
        over: Some(Over {
            action: format!("{here}/mark"),
            button: t.text("labour.keep_day"),
            inputs: vec![input("on", t.s("work.on"), "date").with(v.day.to_string()).must()],
        }),
        links: days,
        ..Sheet::default()
    }
}

/// Who could come.
fn candidates(t: &Words, v: &SessionPage, here: &str) -> Sheet {
    Sheet {
        id: "candidates",
        title: t.f1("labour.candidates_n", v.candidates.len()),
        note: t.text("labour.candidates_note"),
        head: heads(
            t,
            &[
                ("word.name", false),
                ("labour.place", false),
                ("labour.age", true),
                ("labour.to_learn", false),
                ("labour.care", false),
                ("labour.enrol", false),
            ],
        ),
        rows: v
            .candidates
            .iter()
            .map(|c| {
                let wish = if c.wishes { cell(&c.to_learn).chip("ok") } else { cell(&c.to_learn) };
                vec![
                    cell(&c.name).to(format!("/person/{}", hex(c.person))),
                    cell(&c.place).under(if c.near {
                        t.text("labour.near")
                    } else {
                        String::new()
                    }),
                    number(c.age.to_string()),
                    wish,
                    cell(&c.care),
                    Cell {
                        field: Some(
                            input("person", t.s("labour.enrol"), "check").with(hex(c.person)),
                        ),
                        ..cell("")
                    },
                ]
            })
            .collect(),
        over: Some(Over {
            action: format!("{here}/enrol"),
            button: t.text("labour.enrol_chosen"),
            inputs: Vec::new(),
        }),
        ..Sheet::default()
    }
}

type Pairs = Vec<(String, String)>;

/// The persons of boxes that were ticked.
fn ticked(form: &Pairs) -> Vec<u64> {
    form.iter().filter(|(name, _)| name == "person").filter_map(|(_, id)| unhex(id)).collect()
}

/// What stands in fields that are called by a letter and a person.
fn of_persons(form: &Pairs, letter: char) -> BTreeMap<u64, String> {
    form.iter()
        .filter_map(|(name, value)| {
            let id = unhex(name.strip_prefix(letter)?)?;
            Some((id, value.trim().to_owned()))
        })
        .collect()
}

/// Back to a session, or the page with what is wrong.
async fn after(
    reader: &Reader,
    (app, sat): (&App, &Sat),
    (key, place): (u64, &str),
    on: Option<jiff::civil::Date>,
    done: Result<(), fujiao_office::OfficeError>,
) -> Result<Response, PageError> {
    match done {
        Ok(()) => Ok(Redirect::to(&format!("/courses/{}{place}", hex(key))).into_response()),
        Err(error) => {
            let why = fault(error).map_err(|e| PageError::office(reader, e))?;
            one_page(reader, app, sat, key, (on, why)).await
        }
    }
}

async fn enrol(
    State(app): State<App>,
    reader: Reader,
    sat: Sat,
    Path(id): Path<String>,
    CheckedForm(form): CheckedForm<Pairs>,
) -> Result<Response, PageError> {
    let Some(key) = unhex(&id) else { return Err(missing(&reader, &sat.0).await) };
    let people = ticked(&form);
    let done = acted(&reader, &app, &sat, move |o, actor| o.enrol(actor, key, &people)).await?;
    after(&reader, (&app, &sat), (key, "#trainees"), None, done.map(|_| ())).await
}

async fn leave(
    State(app): State<App>,
    reader: Reader,
    sat: Sat,
    Path(id): Path<String>,
    CheckedForm(form): CheckedForm<Pairs>,
) -> Result<Response, PageError> {
    let Some(key) = unhex(&id) else { return Err(missing(&reader, &sat.0).await) };
    let people = ticked(&form);
    let done = acted(&reader, &app, &sat, move |o, actor| {
        people.iter().try_for_each(|person| o.leave_session(actor, key, *person))
    })
    .await?;
    after(&reader, (&app, &sat), (key, "#trainees"), None, done).await
}

async fn mark(
    State(app): State<App>,
    reader: Reader,
    sat: Sat,
    Path(id): Path<String>,
    CheckedForm(form): CheckedForm<Pairs>,
) -> Result<Response, PageError> {
    let Some(key) = unhex(&id) else { return Err(missing(&reader, &sat.0).await) };
    let on = form.iter().find(|(name, _)| name == "on").and_then(|(_, on)| day(on));
    let marks: Vec<(u64, String)> = of_persons(&form, 'h').into_iter().collect();
    let done =
        acted(&reader, &app, &sat, move |o, actor| o.mark_session(actor, key, on, &marks)).await?;
    let place = on.map_or_else(String::new, |on| format!("?day={on}#day"));
    after(&reader, (&app, &sat), (key, &place), on, done.map(|_| ())).await
}

async fn end(
    State(app): State<App>,
    reader: Reader,
    sat: Sat,
    Path(id): Path<String>,
    CheckedForm(form): CheckedForm<Pairs>,
) -> Result<Response, PageError> {
    let Some(key) = unhex(&id) else { return Err(missing(&reader, &sat.0).await) };
    let certificates = of_persons(&form, 'c');
    let results: Vec<(u64, Option<bool>, String)> = of_persons(&form, 'r')
        .into_iter()
        .map(|(person, word)| {
            let passed = match word.as_str() {
                "yes" => Some(true),
                "no" => Some(false),
                _ => None,
            };
            (person, passed, certificates.get(&person).cloned().unwrap_or_default())
        })
        .collect();
    let done =
        acted(&reader, &app, &sat, move |o, actor| o.end_session(actor, key, &results)).await?;
    after(&reader, (&app, &sat), (key, "#trainees"), None, done.map(|_| ())).await
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Why {
    why: String,
}

async fn cancel(
    State(app): State<App>,
    reader: Reader,
    sat: Sat,
    Path(id): Path<String>,
    CheckedForm(form): CheckedForm<Why>,
) -> Result<Response, PageError> {
    let Some(key) = unhex(&id) else { return Err(missing(&reader, &sat.0).await) };
    let done =
        acted(&reader, &app, &sat, move |o, actor| o.cancel_session(actor, key, &form.why)).await?;
    after(&reader, (&app, &sat), (key, ""), None, done).await
}

async fn notice(
    State(app): State<App>,
    reader: Reader,
    sat: Sat,
    Path(id): Path<String>,
) -> Result<Response, PageError> {
    let Some(key) = unhex(&id) else { return Err(missing(&reader, &sat.0).await) };
    let file = asked(&reader, &app, &sat, move |o, actor| o.session_paper(actor, key)).await?;
    Ok(paper(file))
}

async fn providers(
    State(app): State<App>,
    reader: Reader,
    sat: Sat,
) -> Result<Response, PageError> {
    let t = reader.lang.words();
    let v = asked(&reader, &app, &sat, fujiao_office::Office::providers).await?;
    let than = |t: &Words, names: &[String]| {
        if names.is_empty() { String::new() } else { t.f1("labour.more_than", names.join("、")) }
    };
    let sheet = Sheet {
        id: "providers",
        title: t.text("labour.providers"),
        note: t.text("labour.providers_note"),
        head: heads(
            t,
            &[
                ("labour.provider", false),
                ("labour.sessions", true),
                ("labour.persons_and_times", true),
                ("labour.completion", true),
                ("labour.placement", true),
                ("labour.sure", false),
            ],
        ),
        rows: v
            .lines
            .iter()
            .map(|p| {
                let sure: Vec<String> = [
                    (t.s("labour.completion"), than(t, &p.completes_more_than)),
                    (t.s("labour.placement"), than(t, &p.places_more_than)),
                ]
                .into_iter()
                .filter(|(_, said)| !said.is_empty())
                .map(|(what, said)| format!("{what}{said}"))
                .collect();
                vec![
                    cell(&p.name).to(format!("/courses?when=all&provider={}", encoded(&p.name))),
                    number(p.sessions.to_string()),
                    number(format!("{} / {}", p.persons, p.person_times)),
                    number(share(&p.completion)).under(interval(&p.completion)),
                    number(share(&p.placement)).under(interval(&p.placement)),
                    cell(if sure.is_empty() {
                        t.text("labour.nothing_sure")
                    } else {
                        sure.join("；")
                    }),
                ]
            })
            .collect(),
        empty: t.text("labour.no_sessions"),
        ..Sheet::default()
    };
    let text = (
        t.text("labour.providers"),
        t.f1("labour.providers_head", v.lines.len()),
        t.f1("labour.providers_about", v.days),
    );
    let here = ("/courses/providers", "courses");
    sheets_page(&reader, &sat, here, text, (String::new(), vec![sheet])).await
}
