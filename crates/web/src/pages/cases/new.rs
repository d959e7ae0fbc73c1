//! 登记一人: a case that people open.

use askama::Template;
use axum::extract::{Query, State};
use axum::response::{IntoResponse, Redirect, Response};
use fujiao_office::OfficeError;
use fujiao_office::cases::{CaseError, HowFound};
use fujiao_office::desk::Seat;
use jiff::civil::Date;
use serde::Deserialize;

use crate::app::App;
use crate::error::PageError;
use crate::gate::{CheckedForm, Sat, act};
use crate::pages::{ask, form_page, hex, missing, unhex};
use crate::shell::{Reader, Shell};

#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Asked {
    q: String,
    person: String,
}

#[derive(Template)]
#[template(path = "case_new.html")]
struct Page {
    s: Shell,
    child: Option<(String, String)>,
    sought: String,
    found: Vec<(String, String, String)>,
    hows: Vec<(&'static str, String)>,
    day: Date,
    fault: String,
}

pub(super) async fn form(
    reader: Reader,
    Sat(seat): Sat,
    Query(asked): Query<Asked>,
) -> Result<Response, PageError> {
    show(&reader, &seat, asked, String::new()).await
}

async fn show(
    reader: &Reader,
    seat: &Seat,
    asked: Asked,
    fault: String,
) -> Result<Response, PageError> {
    let t = reader.lang.words();
    let digits = asked.q.chars().filter(char::is_ascii_digit).count();
    let sought: String =
        if digits >= 8 { String::new() } else { asked.q.trim().chars().take(20).collect() };
    let chosen = unhex(&asked.person);
    let name = sought.clone();
    let (frame, child, found) = ask(reader, seat, move |seat| {
        let frame = seat.frame()?;
        let child = match chosen {
            Some(id) => seat.person(id)?.map(|p| (id, p.who.name)),
            None => None,
        };
        let found = if name.is_empty() { Vec::new() } else { seat.search(&name)?.persons };
        Ok((frame, child, found))
    })
    .await?;
    if chosen.is_some() && child.is_none() {
        return Err(missing(reader, seat).await);
    }
    let day = frame.as_of.filter(|_| frame.sample).unwrap_or_else(|| seat.actor().today());
    let template = Page {
        s: Shell::new(reader, Some(frame), "cases", t.s("case.new")),
        child: child.map(|(id, name)| (hex(id), name)),
        sought,
        found: found
            .into_iter()
            .map(|p| {
                let about: Vec<String> = [
                    p.citizen_id,
                    p.school.map(|s| s.name).unwrap_or_default(),
                    t.class(p.grade, ""),
                ]
                .into_iter()
                .filter(|part| !part.is_empty())
                .collect();
                (hex(p.id), p.name, about.join(" · "))
            })
            .collect(),
        hows: HowFound::ALL.map(|how| (how.code(), t.of("case.how", how.code()))).to_vec(),
        day,
        fault,
    };
    form_page(reader, template.fault.is_empty(), &template)
}

pub(super) async fn open(
    State(app): State<App>,
    reader: Reader,
    Sat(seat): Sat,
    CheckedForm(form): CheckedForm<Vec<(String, String)>>,
) -> Result<Response, PageError> {
    let value = |name: &str| {
        form.iter().find(|(n, _)| n == name).map(|(_, v)| v.clone()).unwrap_or_default()
    };
    let again = Asked { q: String::new(), person: value("person") };
    let (Some(person), Some(how), Ok(since)) =
        (unhex(&value("person")), HowFound::parse(&value("how")), value("since").parse::<Date>())
    else {
        let fault = reader.lang.words().text("case.new_unread");
        return show(&reader, &seat, again, fault).await;
    };
    let (actor, note) = (seat.actor().clone(), value("note"));
    let came =
        act(&reader, &app.office, move |o| o.open_case(&actor, person, how, since, &note)).await?;
    match came {
        Ok(number) => Ok(Redirect::to(&format!("/case/{number}")).into_response()),
        Err(OfficeError::Case(CaseError::NoSuchChild)) => Err(missing(&reader, &seat).await),
        Err(OfficeError::Case(fault)) => show(&reader, &seat, again, fault.to_string()).await,
        Err(error) => Err(PageError::office(&reader, error)),
    }
}
