//! Hardship that is recognised step by step, and complaints with their clocks.

use askama::Template;
use axum::Router;
use axum::extract::{Query, State};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use fujiao_model::Term;
use fujiao_office::OfficeError;
use fujiao_office::aid::{
    AidError, CATEGORIES, Grievance, LEVELS, NewComplaint, Recognition, RecognitionMove,
};
use fujiao_office::desk::Seat;
use jiff::civil::Date;
use serde::Deserialize;

use super::go;
use crate::app::App;
use crate::error::PageError;
use crate::gate::{CheckedForm, Sat, Sent, act, done};
use crate::pages::{ask, form_page, hex, page, unhex};
use crate::shell::{Reader, Shell};
use crate::words::Words;

pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/recognition", get(recognitions).post(recognise))
        .route("/recognition/{id}", post(step))
        .route("/grievances", get(grievances).post(complain))
        .route("/grievances/{id}", post(answer))
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Year {
    year: String,
    person: String,
}

/// A recognition, in words.
struct Case {
    id: u64,
    person: String,
    name: String,
    route: String,
    steps: Vec<(String, String, bool)>,
    appeal: String,
    level: String,
    chip: &'static str,
    next: &'static str,
}

#[derive(Template)]
#[template(path = "recognition.html")]
struct CasesPage {
    s: Shell,
    heading: String,
    year: i16,
    person: String,
    levels: Vec<(&'static str, String)>,
    cases: Vec<Case>,
}

async fn recognitions(
    State(app): State<App>,
    reader: Reader,
    Sat(seat): Sat,
    Query(asked): Query<Year>,
) -> Result<Response, PageError> {
    let t = reader.lang.words();
    let frame = ask(&reader, &seat, Seat::frame).await?;
    // As the figures are: a county of last year is looked at in its own.
    let year = school_year(&asked.year, frame.as_of.unwrap_or_else(|| seat.actor().today()));
    let actor = seat.actor().clone();
    let cases = done(&reader, &app.office, move |o| o.recognitions(&actor, year)).await?;
    let open = cases.iter().filter(|c| c.decided.is_none()).count();
    let page_of = CasesPage {
        heading: t.f2("aid.recognition_head", cases.len(), open),
        s: Shell::new(&reader, Some(frame), "recognition", t.s("aid.recognition")),
        year,
        person: asked.person,
        levels: LEVELS.iter().map(|(code, _)| (*code, t.of("aid.level", code))).collect(),
        cases: cases.iter().map(|c| case(t, c)).collect(),
    };
    page(&reader, &page_of)
}

/// The school year that was asked for, else that of a day.
fn school_year(asked: &str, day: Date) -> i16 {
    asked.parse().unwrap_or_else(|_| Term::of(day).school_year())
}

fn case(t: &Words, r: &Recognition) -> Case {
    let level = |l: &str| t.of("aid.level", l);
    let step = |key: &str, on: Option<String>| {
        let there = on.is_some();
        (t.text(key), on.unwrap_or_default(), there)
    };
    let steps = vec![
        step("aid.rec_applied", Some(r.applied_on.to_string())),
        step("aid.rec_class", r.class.as_ref().map(|(on, l)| format!("{on} {}", level(l)))),
        step("aid.rec_school", r.school.as_ref().map(|(on, l)| format!("{on} {}", level(l)))),
        step("aid.rec_published", r.published.map(|(from, until)| format!("{from}—{until}"))),
        step("aid.rec_decided", r.decided.as_ref().map(|(on, l, _)| format!("{on} {}", level(l)))),
    ];
    let next = match (&r.class, &r.school, &r.published, &r.decided) {
        (_, _, _, Some(_)) => "",
        (None, ..) => "class",
        (_, None, ..) => "school",
        (_, _, None, _) => "publish",
        _ => "decide",
    };
    Case {
        id: r.id,
        person: hex(r.person),
        name: r.name.clone(),
        route: if r.certificate {
            t.f1("aid.by_certificate", &r.document)
        } else {
            t.text("aid.by_application")
        },
        steps,
        appeal: r.appeal.as_ref().map(|(on, said)| format!("{on} {said}")).unwrap_or_default(),
        level: r
            .decided
            .as_ref()
            .map(|(_, l, why)| format!("{}{}{why}", level(l), t.s("word.colon")))
            .unwrap_or_default(),
        chip: if r.decided.is_some() { "ok" } else { "soon" },
        next,
    }
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Begun {
    year: String,
    person: String,
    certificate: String,
}

async fn recognise(
    State(app): State<App>,
    reader: Reader,
    Sat(seat): Sat,
    CheckedForm(form): CheckedForm<Begun>,
) -> Result<Response, PageError> {
    let year = school_year(&form.year, seat.actor().today());
    go(&app, &reader, &seat, format!("/recognition?year={year}"), move |o, a| {
        let person = unhex(form.person.trim()).ok_or(AidError::NoSuchLine)?;
        o.recognise(a, person, year, Some(&form.certificate)).map(drop)
    })
    .await
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Stepped {
    year: String,
    #[serde(rename = "do")]
    what: String,
    level: String,
    why: String,
}

async fn step(sent: Sent<Stepped>) -> Result<Response, PageError> {
    let Sent { app, reader, seat, id, form } = sent;
    let year = school_year(&form.year, seat.actor().today());
    let id = id.parse().unwrap_or(0);
    go(&app, &reader, &seat, format!("/recognition?year={year}#r{id}"), move |o, a| {
        let step = match form.what.as_str() {
            "class" => RecognitionMove::Class(&form.level),
            "school" => RecognitionMove::School(&form.level),
            "publish" => RecognitionMove::Publish,
            "appeal" => RecognitionMove::Appeal(&form.why),
            _ => RecognitionMove::Decide(&form.level, &form.why),
        };
        o.step_recognition(a, id, year, step)
    })
    .await
}

#[derive(Template)]
#[template(path = "grievances.html")]
struct GrievancesPage {
    s: Shell,
    heading: String,
    categories: Vec<(&'static str, String)>,
    lines: Vec<Complaint>,
    new: NewComplaint,
    person: String,
    at: &'static str,
    fault: String,
}

/// A complaint, in words.
struct Complaint {
    id: u64,
    category: String,
    person: Option<(String, String)>,
    said: String,
    days: String,
    late: bool,
    answer: String,
    waits: bool,
}

async fn show(
    app: &App,
    reader: &Reader,
    seat: &Seat,
    (new, person, fault): (NewComplaint, String, Option<AidError>),
) -> Result<Response, PageError> {
    let t = reader.lang.words();
    let frame = ask(reader, seat, Seat::frame).await?;
    let actor = seat.actor().clone();
    let lines = done(reader, &app.office, move |o| o.complaints(&actor)).await?;
    let today = seat.actor().today();
    let waits = lines.iter().filter(|g| g.answered.is_none());
    let late = waits.clone().filter(|g| g.due_on < today).count();
    let good = fault.is_none();
    let page = GrievancesPage {
        heading: t.f2("aid.grievance_head", waits.count(), late),
        s: Shell::new(reader, Some(frame), "grievances", t.s("aid.grievances")),
        categories: CATEGORIES
            .iter()
            .map(|(code, _)| (*code, t.of("aid.category", code)))
            .collect(),
        lines: lines.iter().map(|g| complaint(t, g, today)).collect(),
        at: fault.as_ref().and_then(AidError::at).unwrap_or_default(),
        fault: fault.map(|f| t.refusal(&f)).unwrap_or_default(),
        new,
        person,
    };
    form_page(reader, good, &page)
}

fn complaint(t: &Words, g: &Grievance, today: jiff::civil::Date) -> Complaint {
    Complaint {
        id: g.id,
        category: t.of("aid.category", &g.category),
        person: g.person.map(|id| (hex(id), g.name.clone())),
        said: g.said.clone(),
        days: t.f2("aid.grievance_days", g.received_on, g.due_on),
        late: g.answered.is_none() && g.due_on < today,
        answer: g.answered.as_ref().map(|(on, words)| format!("{on} {words}")).unwrap_or_default(),
        waits: g.answered.is_none(),
    }
}

async fn grievances(
    State(app): State<App>,
    reader: Reader,
    Sat(seat): Sat,
    Query(asked): Query<Year>,
) -> Result<Response, PageError> {
    show(&app, &reader, &seat, (NewComplaint::default(), asked.person, None)).await
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Complained {
    category: String,
    person: String,
    said: String,
    from: String,
}

async fn complain(
    State(app): State<App>,
    reader: Reader,
    Sat(seat): Sat,
    CheckedForm(form): CheckedForm<Complained>,
) -> Result<Response, PageError> {
    let new = NewComplaint {
        category: form.category,
        person: unhex(form.person.trim()),
        said: form.said,
        from: form.from,
    };
    let (actor, of) = (seat.actor().clone(), new.clone());
    match act(&reader, &app.office, move |o| o.complain(&actor, &of)).await? {
        Ok((id, _)) => Ok(Redirect::to(&format!("/grievances#g{id}")).into_response()),
        Err(OfficeError::Aid(fault)) => {
            show(&app, &reader, &seat, (new, form.person, Some(fault))).await
        }
        Err(e) => Err(PageError::office(&reader, e)),
    }
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Answered {
    answer: String,
}

async fn answer(sent: Sent<Answered>) -> Result<Response, PageError> {
    let Sent { app, reader, seat, id, form } = sent;
    let id = id.parse().unwrap_or(0);
    go(&app, &reader, &seat, format!("/grievances#g{id}"), move |o, a| {
        o.answer_complaint(a, id, &form.answer)
    })
    .await
}
