//! A notice for everybody: on the web, and on the wall by printing the same page.

use askama::Template;
use axum::Router;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::get;
use fujiao_model::Grade;
use serde::Deserialize;

use super::period;
use crate::app::App;
use crate::error::PageError;
use crate::gate::act;
use crate::pages::page;
use crate::shell::{Reader, Shell};

pub(super) fn routes() -> Router<App> {
    Router::new().route("/notice/{token}", get(notice))
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Asked {
    school: String,
}

/// A school's part of a notice: for its wall.
struct Part {
    school: String,
    classes: Vec<(String, Vec<String>)>,
    count: usize,
}

#[derive(Template)]
#[template(path = "notice.html")]
struct NoticePage {
    s: Shell,
    heading: String,
    days: String,
    over: bool,
    only: bool,
    count: usize,
    parts: Vec<Part>,
}

async fn notice(
    State(app): State<App>,
    reader: Reader,
    Path(token): Path<String>,
    Query(asked): Query<Asked>,
) -> Result<Response, PageError> {
    let t = reader.lang.words();
    let today = jiff::tz::TimeZone::fixed(jiff::tz::offset(8)).to_datetime(app.now()).date();
    let desk = app.desk.clone();
    let found = act(&reader, &app.office, move |office| {
        let notice = office.aid_notice(&token, today)?;
        Ok::<_, fujiao_office::OfficeError>((notice, desk.front().ok()))
    })
    .await?;
    let (notice, frame) = found.map_err(|e| PageError::office(&reader, e))?;
    let Some(notice) = notice else { return Err(PageError::not_found(&reader, frame)) };
    let mut parts: Vec<Part> = Vec::new();
    let lines = notice.lines.iter().filter(|l| asked.school.is_empty() || l.school == asked.school);
    for line in lines {
        let school =
            if line.school.is_empty() { t.text("aid.no_school") } else { line.school.clone() };
        if parts.last().is_none_or(|p| p.school != school) {
            parts.push(Part { school, classes: Vec::new(), count: 0 });
        }
        let part = parts.last_mut().expect("there is one now");
        let class = t.class(Grade::parse(&line.grade), &line.class);
        if part.classes.last().is_none_or(|(of, _)| *of != class) {
            part.classes.push((class, Vec::new()));
        }
        part.count += 1;
        part.classes.last_mut().expect("there is one now").1.push(line.name.clone());
    }
    let name = format!("{} {}", t.title(&notice.title), period(t, &notice.period));
    let of_page = NoticePage {
        heading: t.f1("aid.notice_head", &name),
        days: t.f3("aid.notice_days", notice.from, notice.until, notice.working_days),
        over: notice.over,
        only: !asked.school.is_empty(),
        count: parts.iter().map(|p| p.count).sum(),
        parts,
        s: Shell::new(&reader, frame, "", t.f1("aid.notice_head", &name)),
    };
    let mut response = page(&reader, &of_page)?;
    if notice.over {
        *response.status_mut() = StatusCode::GONE;
    }
    Ok(response)
}
