//! Vacancies, and jobs that people hold with their proofs.

use axum::Router;
use axum::extract::{Path, Query, State};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use fujiao_office::labour::{JOBS, JobLine, NewJob, NewVacancy, VacanciesPage, VacancyLine};
use serde::Deserialize;

use super::super::sheets::{Cell, Form, Sheet, cell, day, heads, input, number, pages};
use super::super::{hex, missing, unhex};
use super::{acted, asked, fault, files, sheets_page};
use crate::app::App;
use crate::error::PageError;
use crate::gate::{CheckedForm, Sat};
use crate::shell::Reader;
use crate::words::Words;

pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/vacancies", get(list).post(post_one))
        .route("/vacancies/xlsx", get(files::vacancies))
        .route("/vacancies/withdraw", post(withdraw))
        .route("/placements", get(jobs).post(begin))
        .route("/placements/xlsx", get(files::jobs))
        .route("/placements/{id}/end", post(end))
        .route("/placements/{id}/prove", post(prove))
        .route("/placements/{id}", get(one_job))
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Asked {
    pub(super) show: String,
    pub(super) page: String,
}

impl Asked {
    pub(super) fn number(&self) -> usize {
        self.page.parse::<usize>().unwrap_or(1).clamp(1, 100_000)
    }
}

/// Yuan a month.
pub(super) fn wage(t: &Words, fen: Option<i64>) -> String {
    fen.map_or_else(|| t.text("labour.not_said"), |fen| t.n(fen / 100))
}

fn vacancy_row(t: &Words, v: &VacancyLine) -> Vec<Cell> {
    let code = if v.code.is_empty() {
        t.text("labour.not_sure")
    } else {
        format!("{} {}", v.code, v.code_name)
    };
    vec![
        cell(&v.employer).to(format!("/source/{}", hex(v.row))).under(&v.kind),
        cell(&v.occupation).under(code),
        number(format!("{} / {}", v.filled, v.openings)),
        number(wage(t, v.wage)),
        cell(&v.work_place).under(&v.town),
        cell(&v.education).under(if v.flexible {
            t.text("labour.flexible")
        } else {
            String::new()
        }),
        if v.open {
            cell(t.s("labour.is_open")).chip("ok")
        } else {
            cell(t.s("labour.is_shut")).chip("na")
        }
        .under(v.until.map_or_else(String::new, |d| d.to_string())),
    ]
}

fn post_form(t: &Words, n: &NewVacancy, open: bool) -> Form {
    let kinds = ["企业", "就业帮扶车间", "公益性岗位", "合作社", "其他"];
    Form {
        action: "/vacancies".into(),
        title: t.text("labour.post"),
        button: t.text("work.keep"),
        inputs: vec![
            input("employer", t.s("labour.employer"), "text").with(&n.employer).must(),
            input("kind", t.s("labour.employer_kind"), "select")
                .of(kinds.iter().map(|k| ((*k).to_owned(), (*k).to_owned())).collect())
                .with(&n.kind),
            input("occupation", t.s("labour.trade"), "text").with(&n.occupation).must(),
            input("openings", t.s("labour.openings"), "number").with(&n.openings).must(),
            input("wage", t.s("labour.wage"), "number").with(&n.wage),
            input("work_place", t.s("labour.work_place"), "text").with(&n.work_place),
            input("town", t.s("word.town"), "text").with(&n.town),
            input("flexible", t.s("labour.flexible"), "select")
                .of(vec![("0".into(), t.text("labour.no")), ("1".into(), t.text("labour.yes"))])
                .with(if n.flexible { "1" } else { "0" }),
            input("until", t.s("labour.until"), "date")
                .with(n.until.map_or_else(String::new, |d| d.to_string())),
        ],
        open,
    }
}

async fn list(
    State(app): State<App>,
    reader: Reader,
    sat: Sat,
    Query(ask): Query<Asked>,
) -> Result<Response, PageError> {
    list_page(&reader, &app, &sat, &ask, (NewVacancy::default(), String::new())).await
}

async fn list_page(
    reader: &Reader,
    app: &App,
    sat: &Sat,
    ask: &Asked,
    (new, fault): (NewVacancy, String),
) -> Result<Response, PageError> {
    let t = reader.lang.words();
    let open = ask.show != "all";
    let v: VacanciesPage =
        asked(reader, app, sat, move |o, actor| o.vacancies(actor, open)).await?;
    let total: i64 = v.kinds.iter().map(|k| k.1).sum();
    let kinds = Sheet {
        id: "kinds",
        title: t.text("labour.openings_by"),
        head: heads(t, &[("labour.employer_kind", false), ("labour.openings_left", true)]),
        rows: v.kinds.iter().map(|(kind, n)| vec![cell(kind), number(t.n(*n))]).collect(),
        empty: t.text("labour.no_vacancies"),
        ..Sheet::default()
    };
    let mut forms = Vec::new();
    if v.may_lead {
        forms.push(post_form(t, &new, !fault.is_empty()));
        let shown: Vec<(String, String)> = v
            .lines
            .iter()
            .filter(|l| l.open)
            .map(|l| (hex(l.key), format!("{} · {}", l.employer, l.occupation)))
            .collect();
        if !shown.is_empty() {
            forms.push(Form {
                action: "/vacancies/withdraw".into(),
                title: t.text("labour.withdraw"),
                button: t.text("labour.withdraw"),
                inputs: vec![input("key", t.s("labour.trade"), "select").of(shown)],
                open: false,
            });
        }
    }
    let page = ask.number();
    let address = if open { "/vacancies" } else { "/vacancies?show=all" };
    let sheet = Sheet {
        id: "list",
        title: t.f2("labour.vacancies_n", v.counts.1, v.counts.0),
        note: t.text("labour.vacancies_note"),
        head: heads(
            t,
            &[
                ("labour.employer", false),
                ("labour.trade", false),
                ("labour.filled", true),
                ("labour.wage", true),
                ("labour.work_place", false),
                ("labour.asks", false),
                ("labour.state", false),
            ],
        ),
        rows: v
            .lines
            .iter()
            .skip((page - 1) * JOBS)
            .take(JOBS)
            .map(|l| vacancy_row(t, l))
            .collect(),
        empty: t.text("labour.no_vacancies"),
        pages: pages(t, address, (page, JOBS, v.lines.len())),
        links: vec![
            if open {
                ("/vacancies?show=all".to_owned(), t.text("labour.show_all"))
            } else {
                ("/vacancies".to_owned(), t.text("labour.show_open"))
            },
            ("/vacancies/xlsx".to_owned(), t.text("labour.xlsx")),
        ],
        forms,
        ..Sheet::default()
    };
    let text = (
        t.text("labour.vacancies"),
        t.f2("labour.vacancies_head", v.counts.1, t.n(total)),
        t.text("labour.vacancies_about"),
    );
    sheets_page(reader, sat, ("/vacancies", "placements"), text, (fault, vec![kinds, sheet])).await
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Posted {
    employer: String,
    kind: String,
    occupation: String,
    openings: String,
    wage: String,
    work_place: String,
    town: String,
    flexible: String,
    until: String,
    key: String,
}

async fn post_one(
    State(app): State<App>,
    reader: Reader,
    sat: Sat,
    CheckedForm(f): CheckedForm<Posted>,
) -> Result<Response, PageError> {
    let new = NewVacancy {
        employer: f.employer,
        kind: f.kind,
        occupation: f.occupation,
        openings: f.openings,
        wage: f.wage,
        work_place: f.work_place,
        town: f.town,
        flexible: f.flexible == "1",
        until: day(&f.until),
    };
    let given = new.clone();
    match acted(&reader, &app, &sat, move |o, actor| o.post_vacancy(actor, &given)).await? {
        Ok(()) => Ok(Redirect::to("/vacancies#list").into_response()),
        Err(error) => {
            let why = fault(error).map_err(|e| PageError::office(&reader, e))?;
            list_page(&reader, &app, &sat, &Asked::default(), (new, why)).await
        }
    }
}

async fn withdraw(
    State(app): State<App>,
    reader: Reader,
    sat: Sat,
    CheckedForm(f): CheckedForm<Posted>,
) -> Result<Response, PageError> {
    let key = unhex(&f.key).unwrap_or(0);
    let done = acted(&reader, &app, &sat, move |o, actor| o.withdraw_vacancy(actor, key)).await?;
    super::super::sheets::back(&reader, done, "/vacancies#list")
}

fn stand_chip(stand: &str) -> &'static str {
    match stand {
        "proved" => "ok",
        "due" => "soon",
        "late" => "gap",
        _ => "na",
    }
}

/// The proof that presses most, its colour, and the others.
fn clocks(t: &Words, j: &JobLine) -> (String, &'static str, String) {
    let words: Vec<String> = j
        .clocks
        .iter()
        .map(|c| {
            let said = match c.proved_on {
                Some(on) => on.to_string(),
                None if matches!(c.stand, "due" | "late" | "waiting") => {
                    t.f1(&format!("labour.stand_by.{}", c.stand), c.due_on)
                }
                None => t.of("labour.stand_of", c.stand),
            };
            t.f2("labour.months_said", c.months, said)
        })
        .collect();
    let first = |stand: &str| j.clocks.iter().position(|c| c.stand == stand);
    let last = || j.clocks.iter().rposition(|c| c.stand == "proved");
    let at = first("late").or_else(|| first("due")).or_else(last).unwrap_or(0);
    let Some(main) = words.get(at) else { return Default::default() };
    let rest = words.iter().enumerate().filter(|(n, _)| *n != at).map(|(_, said)| said.as_str());
    (main.clone(), stand_chip(j.clocks[at].stand), rest.collect::<Vec<_>>().join("；"))
}

fn job_row(t: &Words, j: &JobLine) -> Vec<Cell> {
    let (said, chip, rest) = clocks(t, j);
    let state = match j.state {
        "working" | "kept" => "ok",
        "silent" => "soon",
        "ended" => "gap",
        _ => "na",
    };
    vec![
        cell(&j.name).to(format!("/person/{}", hex(j.person))),
        cell(&j.place),
        cell(&j.employer).to(format!("/placements/{}", hex(j.row))).under(&j.occupation),
        cell(format!("{}—{}", j.from, j.to.map_or_else(String::new, |d| d.to_string()))),
        cell(t.of("labour.job_of", j.state)).chip(state),
        cell(said).chip(chip).under(rest),
    ]
}

const JOB_HEADS: [(&str, bool); 6] = [
    ("word.name", false),
    ("labour.place", false),
    ("labour.employer", false),
    ("labour.days", false),
    ("labour.state", false),
    ("labour.proofs", false),
];

async fn jobs(
    State(app): State<App>,
    reader: Reader,
    sat: Sat,
    Query(ask): Query<Asked>,
) -> Result<Response, PageError> {
    let t = reader.lang.words();
    let (show, page) = (ask.show.clone(), ask.number());
    let v =
        asked(&reader, &app, &sat, move |o, actor| o.jobs_held(actor, &show, page, false)).await?;
    let chosen = |show: &str, key: &str, n: usize| {
        let chip = if ask.show == show { "ok" } else { "" };
        vec![
            cell(t.s(key)).to(format!("/placements?show={show}")).chip(chip),
            number(n.to_string()),
        ]
    };
    let figures = Sheet {
        id: "figures",
        title: t.text("labour.jobs_by"),
        head: heads(t, &[("labour.state", false), ("labour.people", true)]),
        rows: vec![
            chosen("due", "labour.proof_owed", v.counts[0]),
            chosen("working", "labour.job_of.working", v.counts[1]),
            chosen("kept", "labour.job_of.kept", v.counts[4]),
            chosen("silent", "labour.job_of.silent", v.counts[2]),
            chosen("ended", "labour.job_of.ended", v.counts[3]),
        ],
        ..Sheet::default()
    };
    let address = format!("/placements?show={}", crate::shape::encoded(&ask.show));
    let list = Sheet {
        id: "list",
        title: t.f1("labour.jobs_n", v.total),
        note: t.text("labour.jobs_note"),
        head: heads(t, &JOB_HEADS),
        rows: v.lines.iter().map(|j| job_row(t, j)).collect(),
        empty: t.text("labour.no_jobs"),
        pages: pages(t, &address, (page, JOBS, v.total)),
        links: vec![(
            address.replacen("/placements?", "/placements/xlsx?", 1),
            t.text("labour.xlsx"),
        )],
        ..Sheet::default()
    };
    let text = (
        t.text("labour.placements"),
        t.f3("labour.jobs_head", v.counts[1], v.counts[0], v.counts[3]),
        t.text("labour.jobs_about"),
    );
    let here = ("/placements", "placements");
    sheets_page(&reader, &sat, here, text, (String::new(), vec![figures, list])).await
}

async fn one_job(
    State(app): State<App>,
    reader: Reader,
    sat: Sat,
    Path(id): Path<String>,
) -> Result<Response, PageError> {
    let Some(row) = unhex(&id) else { return Err(missing(&reader, &sat.0).await) };
    job_page(&reader, &app, &sat, row, String::new()).await
}

async fn job_page(
    reader: &Reader,
    app: &App,
    sat: &Sat,
    row: u64,
    fault: String,
) -> Result<Response, PageError> {
    let t = reader.lang.words();
    let v = asked(reader, app, sat, move |o, actor| {
        let all = o.jobs_held(actor, "", 1, true)?;
        Ok((all.lines.into_iter().find(|j| j.row == row), all.may_lead, all.today))
    })
    .await?;
    let (Some(j), may_lead, today) = v else { return Err(missing(reader, &sat.0).await) };
    let today = today.map_or_else(String::new, |d| d.to_string());
    let ways = ["工资流水", "社保记录", "电话回访", "走访", "单位证明"];
    let mut forms = Vec::new();
    if may_lead && j.state != "ended" {
        forms.push(Form {
            action: format!("/placements/{}/prove", hex(row)),
            title: t.text("labour.prove"),
            button: t.text("work.keep"),
            inputs: vec![
                input("on", t.s("work.on"), "date").with(&today).must(),
                input("at_work", t.s("labour.at_work"), "select").of(vec![
                    ("1".into(), t.text("labour.yes")),
                    ("0".into(), t.text("labour.no")),
                ]),
                input("how", t.s("labour.how"), "select")
                    .of(ways.iter().map(|w| ((*w).to_owned(), (*w).to_owned())).collect()),
            ],
            open: !fault.is_empty() || j.is_due(),
        });
        forms.push(Form {
            action: format!("/placements/{}/end", hex(row)),
            title: t.text("labour.end_job"),
            button: t.text("labour.end_job"),
            inputs: vec![input("on", t.s("work.on"), "date").with(&today).must()],
            open: false,
        });
    }
    let rows = j
        .clocks
        .iter()
        .map(|c| {
            vec![
                cell(t.f1("labour.months_n", c.months)),
                cell(c.due_on.to_string()),
                cell(t.of("labour.stand_of", c.stand)).chip(stand_chip(c.stand)),
                cell(c.proved_on.map_or_else(String::new, |d| d.to_string())),
            ]
        })
        .collect();
    let sheet = Sheet {
        id: "clocks",
        title: t.text("labour.proofs"),
        note: t.text("labour.proofs_note"),
        head: heads(
            t,
            &[
                ("labour.months", false),
                ("list.due_on", false),
                ("labour.state", false),
                ("labour.proved_on", false),
            ],
        ),
        rows,
        forms,
        links: vec![
            (format!("/person/{}", hex(j.person)), j.name.clone()),
            (format!("/source/{}", hex(row)), t.text("word.source")),
        ],
        ..Sheet::default()
    };
    let text = (
        j.name.clone(),
        t.f3("labour.job_head", &j.name, &j.employer, &j.occupation),
        t.f2("labour.job_about", j.from, t.of("labour.job_of", j.state)),
    );
    sheets_page(reader, sat, ("/placements", "placements"), text, (fault, vec![sheet])).await
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Job {
    person: String,
    employer: String,
    occupation: String,
    work_place: String,
    wage: String,
    on: String,
    at_work: String,
    how: String,
}

async fn begin(
    State(app): State<App>,
    reader: Reader,
    sat: Sat,
    CheckedForm(f): CheckedForm<Job>,
) -> Result<Response, PageError> {
    let Some(person) = unhex(&f.person) else { return Err(missing(&reader, &sat.0).await) };
    let new = NewJob {
        employer: f.employer,
        occupation: f.occupation,
        work_place: f.work_place,
        wage: f.wage,
        on: day(&f.on),
    };
    let done = acted(&reader, &app, &sat, move |o, actor| o.begin_job(actor, person, &new)).await?;
    super::super::sheets::back(&reader, done, &format!("/person/{}#labour", hex(person)))
}

async fn end(
    State(app): State<App>,
    reader: Reader,
    sat: Sat,
    Path(id): Path<String>,
    CheckedForm(f): CheckedForm<Job>,
) -> Result<Response, PageError> {
    let Some(row) = unhex(&id) else { return Err(missing(&reader, &sat.0).await) };
    let on = day(&f.on);
    let done = acted(&reader, &app, &sat, move |o, actor| o.end_job(actor, row, on)).await?;
    job_done(&reader, (&app, &sat), row, done).await
}

async fn prove(
    State(app): State<App>,
    reader: Reader,
    sat: Sat,
    Path(id): Path<String>,
    CheckedForm(f): CheckedForm<Job>,
) -> Result<Response, PageError> {
    let Some(row) = unhex(&id) else { return Err(missing(&reader, &sat.0).await) };
    let (on, at_work) = (day(&f.on), f.at_work == "1");
    let done =
        acted(&reader, &app, &sat, move |o, actor| o.prove_job(actor, row, (on, at_work, &f.how)))
            .await?;
    job_done(&reader, (&app, &sat), row, done).await
}

async fn job_done(
    reader: &Reader,
    (app, sat): (&App, &Sat),
    row: u64,
    done: Result<(), fujiao_office::OfficeError>,
) -> Result<Response, PageError> {
    match done {
        // A job that ended stands in another row now.
        Ok(()) => Ok(Redirect::to("/placements?show=due").into_response()),
        Err(error) => {
            let why = fault(error).map_err(|e| PageError::office(reader, e))?;
            job_page(reader, app, sat, row, why).await
        }
    }
}
