//! The ledger of gaps, its projects, and the life of a school.

use axum::Router;
use axum::extract::{Path, Query, State};
use axum::response::Response;
use axum::routing::{get, post};
use fujiao_office::Office;
use fujiao_office::desk::Seat;
use fujiao_office::school::{GapLine, NewStep, PHOTO_BYTES, ProjectView};
use serde::Deserialize;

use super::super::{form_page, hex, missing, unhex};
use super::{Form, Page, Sheet, back, cell, day, heads, input, number, shell};
use crate::app::App;
use crate::error::PageError;
use crate::gate::{CheckedForm, Sat, act, done};
use crate::shell::Reader;
use crate::words::Words;

pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/gaps", get(gaps))
        .route("/gaps/project", post(begin))
        .route("/projects", get(projects))
        .route("/projects/{id}", get(project))
        .route("/projects/{id}/step", post(step))
        .route("/schools/{id}/life", get(life).post(turn))
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Asked {
    standard: String,
    school: String,
}

fn state_chip(state: &str) -> &'static str {
    match state {
        "accepted" => "ok",
        "dropped" => "na",
        _ => "soon",
    }
}

async fn gaps(
    State(app): State<App>,
    reader: Reader,
    Sat(seat): Sat,
    Query(asked): Query<Asked>,
) -> Result<Response, PageError> {
    ledger(&app, &reader, &seat, asked, String::new()).await
}

/// The ledger; `fault`: what is wrong with a picture that was sent.
#[expect(clippy::too_many_lines, reason = "one sheet after the other")]
pub(super) async fn ledger(
    app: &App,
    reader: &Reader,
    seat: &Seat,
    asked: Asked,
    fault: String,
) -> Result<Response, PageError> {
    let t = reader.lang.words();
    let (actor, standard, school) = (seat.actor().clone(), asked.standard, unhex(&asked.school));
    let v = done(reader, &app.office, move |o: &Office| o.gap_ledger(&actor, &standard, school))
        .await?;
    let s = shell(reader, seat, "gaps", t.s("work.gaps")).await?;
    let cost: i64 = v.standards.iter().map(|x| x.5).sum();
    let standards = Sheet {
        id: "standards",
        title: t.s("work.by_standard").to_owned(),
        note: t.s("work.priced").to_owned(),
        head: heads(
            t,
            &[
                ("work.standard", false),
                ("work.schools", true),
                ("word.gap", true),
                ("work.cost", true),
            ],
        ),
        rows: v
            .standards
            .iter()
            .map(|(key, title, n, missing, unit, cost)| {
                vec![
                    cell(t.title(title)).to(format!("/gaps?standard={key}")),
                    number(n.to_string()),
                    number(t.qu(*unit, *missing)).is("n g"),
                    number(if *cost > 0 { t.short_money(*cost) } else { "—".into() }),
                ]
            })
            .collect(),
        empty: t.s("work.no_gaps").to_owned(),
        ..Sheet::default()
    };
    let mut forms = Vec::new();
    if v.may_work {
        let options: Vec<(String, String)> = v
            .lines
            .iter()
            .filter(|l| l.project.is_none_or(|(_, state)| matches!(state, "accepted" | "dropped")))
            .map(|l| {
                (
                    format!("{} {}", hex(l.school), l.standard),
                    format!("{} · {}", l.name, t.title(&l.title)),
                )
            })
            .collect();
        if !options.is_empty() {
            forms.push(Form {
                action: "/gaps/project".into(),
                title: t.s("work.begin").to_owned(),
                button: t.s("work.begin").to_owned(),
                inputs: vec![
                    input("gap", t.s("work.standard"), "select").of(options).must(),
                    input("title", t.s("work.project_name"), "text"),
                ],
                open: false,
            });
        }
        let measured: Vec<(String, String)> = v
            .lines
            .iter()
            .filter_map(|l| Some((l, l.sources.first()?)))
            .map(|(l, row)| (hex(*row), format!("{} · {}", l.name, t.title(&l.title))))
            .collect();
        if !measured.is_empty() {
            forms.push(Form {
                action: "/photos?about=measure".into(),
                title: t.s("work.picture_of_measure").to_owned(),
                button: t.s("work.send_picture").to_owned(),
                inputs: vec![
                    input("number", t.s("work.standard"), "select").of(measured).must(),
                    input("photo", t.s("work.picture"), "file")
                        .hint(t.f1("work.picture_hint", PHOTO_BYTES >> 20))
                        .fault(fault.as_str())
                        .must(),
                ],
                open: !fault.is_empty(),
            });
        }
    }
    let lines = Sheet {
        id: "lines",
        title: t.f1("work.lines", v.total),
        note: t.s("work.lines_note").to_owned(),
        head: heads(
            t,
            &[
                ("nav.schools", false),
                ("work.standard", false),
                ("word.due", true),
                ("word.done", true),
                ("word.gap", true),
                ("work.cost", true),
                ("work.project", false),
            ],
        ),
        rows: v
            .lines
            .iter()
            .map(|l| {
                let line = l.line.map_or(String::new(), |n| t.f1("work.bottom_line", n));
                let project = match l.project {
                    Some((n, state)) => cell(t.of("work.project_state", state))
                        .to(format!("/projects/{n}"))
                        .chip(state_chip(state)),
                    None => cell("—"),
                };
                let source =
                    l.sources.last().map_or(String::new(), |row| format!("/source/{}", hex(*row)));
                vec![
                    cell(&l.name).to(format!("/school/{}", hex(l.school))),
                    cell(format!("{}{line}", t.title(&l.title)))
                        .to(source)
                        .under(format!("{} · {}", l.basis, l.facts))
                        .with_pictures(&l.photos),
                    number(t.q(l.unit, l.figures.0)),
                    number(t.q(l.unit, l.figures.1)),
                    number(missing_of(t, l)).is("n g"),
                    number(l.cost.map_or("—".to_owned(), |c| t.short_money(c))),
                    project,
                ]
            })
            .collect(),
        empty: t.s("work.no_gaps").to_owned(),
        forms,
        ..Sheet::default()
    };
    let unmeasured = Sheet {
        id: "unmeasured",
        title: t.f1("work.unmeasured", v.unmeasured.len()),
        note: t.s("work.unmeasured_note").to_owned(),
        head: heads(t, &[("work.item", false), ("work.basis", false)]),
        rows: v.unmeasured.iter().map(|(item, basis)| vec![cell(item), cell(basis)]).collect(),
        empty: t.s("work.all_measured").to_owned(),
        ..Sheet::default()
    };
    let page = Page {
        crumbs: vec![(
            "/area/conditions".into(),
            t.area(fujiao_model::Area::Conditions).to_owned(),
        )],
        heading: t.f2(
            "work.gaps_head",
            v.total,
            t.short_money(if v.standard.is_empty() && v.school.is_none() { cost } else { v.cost }),
        ),
        about: t.s("work.gaps_about").to_owned(),
        tabs: vec![
            ("/gaps".into(), t.s("work.gaps").to_owned(), true),
            ("/projects".into(), t.s("work.projects").to_owned(), false),
        ],
        fault: fault.clone(),
        sheets: if v.standard.is_empty() && v.school.is_none() {
            vec![standards, lines, unmeasured]
        } else {
            vec![lines]
        },
        s,
    };
    form_page(reader, fault.is_empty(), &page)
}

/// What is missing, in what it is measured: books are no things, and what is not met has no number.
fn missing_of(t: &Words, l: &GapLine) -> String {
    if l.is_met_or_not {
        t.s("work.not_met").to_owned()
    } else if t.s("work.lang") == "zh" {
        format!("{} {}", t.q(l.unit, l.figures.2), l.measure)
    } else {
        t.qu(l.unit, l.figures.2)
    }
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Begin {
    gap: String,
    title: String,
}

async fn begin(
    State(app): State<App>,
    reader: Reader,
    Sat(seat): Sat,
    CheckedForm(form): CheckedForm<Begin>,
) -> Result<Response, PageError> {
    let actor = seat.actor().clone();
    let begun = act(&reader, &app.office, move |o: &Office| {
        let (school, standard) = form.gap.split_once(' ').unwrap_or(("", ""));
        o.begin_project(&actor, unhex(school).unwrap_or(0), standard, &form.title)
    })
    .await?;
    match begun {
        Ok(number) => back(&reader, Ok(()), &format!("/projects/{number}")),
        Err(error) => back(&reader, Err(error), "/gaps"),
    }
}

fn project_row(t: &Words, p: &ProjectView) -> Vec<super::Cell> {
    vec![
        cell(&p.called).to(format!("/projects/{}", p.number)).under(&p.name),
        cell(t.title(&p.title)),
        number(t.qu(p.unit, p.need)),
        number(t.short_money(p.cost)),
        number(t.short_money(p.money.0)),
        number(t.short_money(p.money.1)),
        number(t.short_money(p.money.2)),
        cell(t.of("work.project_state", p.state)).chip(state_chip(p.state)),
    ]
}

const PROJECT: [(&str, bool); 8] = [
    ("work.project", false),
    ("work.standard", false),
    ("word.gap", true),
    ("work.cost", true),
    ("work.funded", true),
    ("work.contracted", true),
    ("work.paid", true),
    ("work.state", false),
];

async fn projects(
    State(app): State<App>,
    reader: Reader,
    Sat(seat): Sat,
) -> Result<Response, PageError> {
    let t = reader.lang.words();
    let actor = seat.actor().clone();
    let v = done(&reader, &app.office, move |o: &Office| o.projects(&actor, None)).await?;
    let s = shell(&reader, &seat, "gaps", t.s("work.projects")).await?;
    let accepted = v.iter().filter(|p| p.state == "accepted").count();
    let page = Page {
        crumbs: vec![("/gaps".into(), t.s("work.gaps").to_owned())],
        heading: t.f2("work.projects_head", v.len(), accepted),
        about: t.s("work.projects_about").to_owned(),
        tabs: vec![
            ("/gaps".into(), t.s("work.gaps").to_owned(), false),
            ("/projects".into(), t.s("work.projects").to_owned(), true),
        ],
        fault: String::new(),
        sheets: vec![Sheet {
            id: "projects",
            title: t.s("work.projects").to_owned(),
            head: heads(t, &PROJECT),
            rows: v.iter().map(|p| project_row(t, p)).collect(),
            empty: t.s("work.no_projects").to_owned(),
            ..Sheet::default()
        }],
        s,
    };
    super::super::page(&reader, &page)
}

async fn project(
    State(app): State<App>,
    reader: Reader,
    Sat(seat): Sat,
    Path(id): Path<String>,
) -> Result<Response, PageError> {
    project_page(&app, &reader, &seat, &id, String::new()).await
}

/// A project; `fault`: what is wrong with a picture that was sent.
#[expect(clippy::too_many_lines, reason = "one sheet after the other")]
pub(super) async fn project_page(
    app: &App,
    reader: &Reader,
    seat: &Seat,
    id: &str,
    fault: String,
) -> Result<Response, PageError> {
    let t = reader.lang.words();
    let (actor, number_of) = (seat.actor().clone(), id.parse().unwrap_or(0));
    let all =
        done(reader, &app.office, move |o: &Office| o.projects(&actor, Some(number_of))).await?;
    let Some(p) = all.into_iter().next() else { return Err(missing(reader, seat).await) };
    let s = shell(reader, seat, "gaps", &p.called).await?;
    let mut forms = Vec::new();
    if s.may("works") && !p.next.is_empty() {
        forms.push(Form {
            action: format!("/projects/{}/step", p.number),
            title: t.s("work.take_step").to_owned(),
            button: t.s("work.keep").to_owned(),
            inputs: vec![
                input("code", t.s("work.act"), "select").of(p
                    .next
                    .iter()
                    .map(|c| ((*c).to_owned(), t.of("work.project_state", c)))
                    .collect()),
                input("on", t.s("work.on"), "date").must(),
                input("amount", t.s("work.yuan"), "text"),
                input("percent", t.s("work.percent"), "text"),
                input("quantity", t.s("work.made_good"), "text"),
                input("party", t.s("work.party"), "text"),
                input("note", t.s("work.note"), "area"),
            ],
            open: fault.is_empty(),
        });
    }
    if s.may("works") && !p.steps.is_empty() {
        forms.push(Form {
            action: format!("/photos?about=project&number={}&part={}", p.number, p.steps.len()),
            title: t.s("work.picture_of_step").to_owned(),
            button: t.s("work.send_picture").to_owned(),
            inputs: vec![
                input("photo", t.s("work.picture"), "file")
                    .hint(t.f1("work.picture_hint", PHOTO_BYTES >> 20))
                    .fault(fault.as_str())
                    .must(),
            ],
            open: !fault.is_empty(),
        });
    }
    let steps = Sheet {
        id: "steps",
        title: t.s("work.steps").to_owned(),
        note: t.s("work.steps_note").to_owned(),
        head: heads(
            t,
            &[
                ("work.on", false),
                ("work.act", false),
                ("work.money", true),
                ("work.percent", true),
                ("word.done", true),
                ("work.party", false),
                ("work.who", false),
            ],
        ),
        rows: p
            .steps
            .iter()
            .map(|st| {
                vec![
                    cell(t.day(Some(st.on), None)),
                    cell(t.of("work.project_state", &st.code))
                        .under(&st.note)
                        .with_pictures(&st.photos),
                    number(st.amount.map_or("—".to_owned(), |a| t.short_money(a))),
                    number(st.percent.map_or("—".to_owned(), |n| format!("{n}%"))),
                    number(st.quantity.map_or("—".to_owned(), |q| t.qu(p.unit, q))),
                    cell(&st.party),
                    cell(&st.by),
                ]
            })
            .collect(),
        empty: t.s("work.no_steps").to_owned(),
        forms,
        ..Sheet::default()
    };
    let page = Page {
        crumbs: vec![("/projects".into(), t.s("work.projects").to_owned())],
        heading: p.called.clone(),
        about: t.f3(
            "work.project_about",
            &p.name,
            t.title(&p.title),
            t.of("work.project_state", p.state),
        ),
        tabs: Vec::new(),
        fault: fault.clone(),
        sheets: vec![
            Sheet {
                id: "one",
                title: t.s("work.project").to_owned(),
                head: heads(t, &PROJECT),
                rows: vec![project_row(t, &p)],
                ..Sheet::default()
            },
            steps,
        ],
        s,
    };
    form_page(reader, fault.is_empty(), &page)
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct StepForm {
    code: String,
    on: String,
    amount: String,
    percent: String,
    quantity: String,
    party: String,
    note: String,
}

async fn step(
    State(app): State<App>,
    reader: Reader,
    Sat(seat): Sat,
    Path(id): Path<String>,
    CheckedForm(form): CheckedForm<StepForm>,
) -> Result<Response, PageError> {
    let (actor, number_of) = (seat.actor().clone(), id.parse().unwrap_or(0));
    let new = NewStep {
        on: day(&form.on),
        code: form.code,
        amount: form.amount,
        quantity: form.quantity,
        percent: form.percent,
        party: form.party,
        note: form.note,
    };
    let taken = act(&reader, &app.office, move |o: &Office| {
        o.project_step(&actor, number_of, &new).map(|_| ())
    })
    .await?;
    back(&reader, taken, &format!("/projects/{id}"))
}

async fn life(
    State(app): State<App>,
    reader: Reader,
    Sat(seat): Sat,
    Path(id): Path<String>,
) -> Result<Response, PageError> {
    let t = reader.lang.words();
    let Some(school) = unhex(&id) else { return Err(missing(&reader, &seat).await) };
    let actor = seat.actor().clone();
    let v = done(&reader, &app.office, move |o: &Office| {
        Ok((o.school_life(&actor, school)?, o.gap_ledger(&actor, "", None)?.schools))
    })
    .await?;
    let (turns, schools) = v;
    let name = schools.iter().find(|s| s.0 == school).map_or_else(String::new, |s| s.1.clone());
    let s = shell(&reader, &seat, "schools", t.s("work.life")).await?;
    let mut others = vec![(String::new(), "—".to_owned())];
    others.extend(schools.into_iter().filter(|o| o.0 != school).map(|(id, name)| (hex(id), name)));
    let forms = if s.may("works") {
        vec![Form {
            action: format!("/schools/{id}/life"),
            title: t.s("work.turn").to_owned(),
            button: t.s("work.keep").to_owned(),
            inputs: vec![
                input("turn", t.s("work.act"), "select").of([
                    "merged", "closed", "reopened", "split", "opened",
                ]
                .iter()
                .map(|c| ((*c).to_owned(), t.of("work.turn_of", c)))
                .collect()),
                input("on", t.s("work.on"), "date").must(),
                input("other", t.s("work.other_school"), "select").of(others),
                input("note", t.s("work.note"), "text"),
            ],
            open: false,
        }]
    } else {
        Vec::new()
    };
    let page = Page {
        crumbs: vec![
            ("/schools".into(), t.s("nav.schools").to_owned()),
            (format!("/school/{id}"), name.clone()),
        ],
        heading: t.f1("work.life_head", &name),
        about: t.s("work.life_about").to_owned(),
        tabs: Vec::new(),
        fault: String::new(),
        sheets: vec![Sheet {
            id: "life",
            title: t.s("work.life").to_owned(),
            head: heads(
                t,
                &[
                    ("work.on", false),
                    ("work.act", false),
                    ("work.other_school", false),
                    ("work.note", false),
                    ("work.who", false),
                ],
            ),
            rows: turns
                .into_iter()
                .map(|(on, turn, other, note, by)| {
                    vec![cell(on.to_string()), cell(turn), cell(other), cell(note), cell(by)]
                })
                .collect(),
            empty: t.s("work.no_life").to_owned(),
            forms,
            ..Sheet::default()
        }],
        s,
    };
    super::super::page(&reader, &page)
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct TurnForm {
    turn: String,
    on: String,
    other: String,
    note: String,
}

async fn turn(
    State(app): State<App>,
    reader: Reader,
    Sat(seat): Sat,
    Path(id): Path<String>,
    CheckedForm(form): CheckedForm<TurnForm>,
) -> Result<Response, PageError> {
    let (actor, school) = (seat.actor().clone(), unhex(&id).unwrap_or(0));
    let work = move |o: &Office| {
        o.turn_school(&actor, school, (&form.turn, day(&form.on), unhex(&form.other)), &form.note)
    };
    let kept = act(&reader, &app.office, work).await?;
    back(&reader, kept, &format!("/schools/{id}/life"))
}
