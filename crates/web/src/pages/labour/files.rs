//! Lists of training and work as workbooks.

use axum::extract::{Path, Query, State};
use axum::response::Response;
use fujiao_office::desk::{Frame, List, ListCell, Seat};

use super::super::lists::as_file;
use super::super::{ask, may_export, missing, unhex};
use super::{asked, matches, people, work};
use crate::app::App;
use crate::error::PageError;
use crate::export::{self, day, text, whole};
use crate::gate::Sat;
use crate::shell::Reader;
use crate::words::Words;

/// Yuan of fen.
fn yuan(fen: Option<i64>) -> ListCell {
    fen.map_or(ListCell::Empty, |fen| whole(fen / 100))
}

async fn list(
    reader: &Reader,
    sat: &Sat,
    (key, name): (&str, &str),
    (columns, rows): (&[&str], Vec<Vec<ListCell>>),
) -> Result<Response, PageError> {
    may_export(reader, &sat.0)?;
    let t: &Words = reader.lang.words();
    let frame: Frame = ask(reader, &sat.0, Seat::frame).await?;
    let actor = sat.0.actor();
    let title = t.text(key);
    let list = List {
        head: export::head(t, &frame, &title, &actor.name, actor.at),
        sheet: title,
        columns: columns.iter().map(|key| t.text(key)).collect(),
        rows,
        as_of: frame.as_of.unwrap_or(jiff::civil::date(2000, 1, 1)),
    };
    as_file(reader, list, name, true).await
}

pub(super) async fn register(
    State(app): State<App>,
    reader: Reader,
    sat: Sat,
    Query(ask): Query<people::Asked>,
) -> Result<Response, PageError> {
    let t = reader.lang.words();
    let filter = ask.filter();
    let v = asked(&reader, &app, &sat, move |o, actor| o.workers(actor, &filter, true)).await?;
    let rows = v
        .lines
        .iter()
        .map(|w| {
            vec![
                text(&w.name),
                text(&w.place),
                whole(w.of.age),
                text(t.of("labour.ability_of", &w.of.ability)),
                text(&w.of.why),
                text(&w.of.education),
                text(&w.of.skill),
                text(format!("{} {}", w.of.skill_code, w.called[0]).trim()),
                text(people::now(t, w)),
                text(&w.of.trade),
                text(&w.of.employer),
                text(&w.of.work_place),
                w.of.months.map_or(ListCell::Empty, whole),
                yuan(w.of.wage),
                text(&w.of.wish),
                text(&w.of.wished),
                text(&w.of.to_learn),
                text(&w.of.care),
                whole(w.of.taken),
                whole(w.of.completed),
                text(&w.of.course),
                day(w.of.trained_to),
                text(if w.of.untrained { t.text("labour.yes") } else { String::new() }),
                text(if w.of.leaver { t.text("labour.yes") } else { String::new() }),
            ]
        })
        .collect();
    let columns = [
        "word.name",
        "labour.place",
        "labour.age",
        "labour.ability",
        "labour.why_so",
        "labour.education",
        "labour.skill",
        "labour.code",
        "labour.now",
        "labour.trade",
        "labour.employer",
        "labour.work_place",
        "labour.months_a_year",
        "labour.wage",
        "labour.wish",
        "labour.wished",
        "labour.to_learn",
        "labour.care",
        "labour.person_times",
        "labour.completed",
        "labour.learnt",
        "labour.to",
        "labour.household_untrained",
        "labour.leaver",
    ];
    list(&reader, &sat, ("labour.register", "labour"), (&columns, rows)).await
}

pub(super) async fn findings(
    State(app): State<App>,
    reader: Reader,
    sat: Sat,
    Query(ask): Query<people::Asked>,
) -> Result<Response, PageError> {
    let t = reader.lang.words();
    let v =
        asked(&reader, &app, &sat, move |o, actor| o.labour_findings(actor, &ask.kind, 1, true))
            .await?;
    let rows = v
        .lines
        .iter()
        .map(|f| {
            vec![
                text(&f.name),
                text(&f.place),
                text(t.of("labour.finding_of", &f.of.kind)),
                text(&f.of.facts),
                ListCell::Day(f.of.day),
            ]
        })
        .collect();
    let columns = ["word.name", "labour.place", "word.kind", "labour.what", "work.on"];
    list(&reader, &sat, ("labour.findings", "findings"), (&columns, rows)).await
}

pub(super) async fn session(
    State(app): State<App>,
    reader: Reader,
    sat: Sat,
    Path(id): Path<String>,
) -> Result<Response, PageError> {
    let Some(key) = unhex(&id) else { return Err(missing(&reader, &sat.0).await) };
    let v = asked(&reader, &app, &sat, move |o, actor| o.course_session(actor, key, None)).await?;
    let l = &v.line;
    let rows = v
        .trainees
        .iter()
        .map(|x| {
            vec![
                text(&x.name),
                text(&x.place),
                text(&l.course),
                text(&l.kind),
                text(&l.name),
                text(&l.provider),
                ListCell::Day(l.from),
                ListCell::Day(l.to),
                l.hours.map_or(ListCell::Empty, whole),
                x.attended.map_or(ListCell::Empty, whole),
                text(&x.result),
                text(&x.certificate),
            ]
        })
        .collect();
    let columns = [
        "word.name",
        "labour.place",
        "labour.course",
        "labour.kind",
        "labour.session_name",
        "labour.provider",
        "labour.from",
        "labour.to",
        "labour.hours",
        "labour.attended",
        "labour.result",
        "labour.certificate",
    ];
    list(&reader, &sat, ("labour.trainees", "session"), (&columns, rows)).await
}

pub(super) async fn vacancies(
    State(app): State<App>,
    reader: Reader,
    sat: Sat,
) -> Result<Response, PageError> {
    let t = reader.lang.words();
    let v = asked(&reader, &app, &sat, |o, actor| o.vacancies(actor, false)).await?;
    let rows = v
        .lines
        .iter()
        .map(|l| {
            vec![
                text(&l.employer),
                text(&l.kind),
                text(&l.occupation),
                text(format!("{} {}", l.code, l.code_name).trim()),
                whole(l.openings),
                whole(l.filled),
                yuan(l.wage),
                text(&l.work_place),
                text(&l.town),
                text(&l.education),
                text(if l.flexible { t.text("labour.yes") } else { t.text("labour.no") }),
                day(l.until),
            ]
        })
        .collect();
    let columns = [
        "labour.employer",
        "labour.employer_kind",
        "labour.trade",
        "labour.code",
        "labour.openings",
        "labour.filled_n",
        "labour.wage",
        "labour.work_place",
        "word.town",
        "labour.education",
        "labour.flexible",
        "labour.until",
    ];
    list(&reader, &sat, ("labour.vacancies", "vacancies"), (&columns, rows)).await
}

pub(super) async fn jobs(
    State(app): State<App>,
    reader: Reader,
    sat: Sat,
    Query(ask): Query<work::Asked>,
) -> Result<Response, PageError> {
    let t = reader.lang.words();
    let v =
        asked(&reader, &app, &sat, move |o, actor| o.jobs_held(actor, &ask.show, 1, true)).await?;
    let rows = v
        .lines
        .iter()
        .map(|j| {
            let mut row = vec![
                text(&j.name),
                text(&j.place),
                text(&j.employer),
                text(&j.occupation),
                ListCell::Day(j.from),
                day(j.to),
                text(t.of("labour.job_of", j.state)),
            ];
            let owed = j.clocks.iter().find(|c| matches!(c.stand, "due" | "late"));
            let last = j.clocks.iter().filter_map(|c| c.proved_on).max();
            row.extend([day(last), day(owed.map(|c| c.due_on))]);
            row
        })
        .collect();
    let columns = [
        "word.name",
        "labour.place",
        "labour.employer",
        "labour.trade",
        "labour.began_on",
        "labour.ended_on",
        "labour.state",
        "labour.proved_on",
        "labour.proof_owed",
    ];
    list(&reader, &sat, ("labour.placements", "placements"), (&columns, rows)).await
}

pub(super) async fn matches(
    State(app): State<App>,
    reader: Reader,
    sat: Sat,
    Path(id): Path<String>,
) -> Result<Response, PageError> {
    let Ok(number) = id.parse::<u64>() else { return Err(missing(&reader, &sat.0).await) };
    let t = reader.lang.words();
    let v = asked(&reader, &app, &sat, move |o, actor| o.match_page(actor, number, "", 1, true))
        .await?;
    let rows = v
        .lines
        .iter()
        .map(|m| {
            vec![
                text(&m.name),
                text(&m.place),
                text(&m.line.employer),
                text(&m.line.occupation),
                text(&m.line.work_place),
                yuan(m.line.wage),
                whole(m.line.points),
                text(matches::reasons(t, m)),
                text(if m.line.vacancy.is_empty() {
                    t.text("labour.no_offer")
                } else {
                    t.of("labour.outcome_of", &m.line.outcome)
                }),
                text(&m.line.why),
            ]
        })
        .collect();
    let columns = [
        "word.name",
        "labour.place",
        "labour.employer",
        "labour.trade",
        "labour.work_place",
        "labour.wage",
        "labour.points",
        "labour.why_so",
        "labour.state",
        "labour.why_not",
    ];
    list(&reader, &sat, ("labour.matches", "matches"), (&columns, rows)).await
}
