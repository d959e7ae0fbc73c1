//! Meals of a year and a month, and inspections.

use std::collections::BTreeMap;

use axum::Router;
use axum::extract::{Path, Query, State};
use axum::response::Response;
use axum::routing::{get, post};
use fujiao_office::school::{InspectionForm, MonthLine, RateView, SchoolError};
use fujiao_office::{Office, OfficeError};
use serde::Deserialize;

use super::super::{form_page, hex, unhex};
use super::{
    Cell, Form, Input, Page, Sheet, back, cell, day, heads, input, number, percent, shell,
};
use crate::app::App;
use crate::error::PageError;
use crate::gate::{CheckedForm, Sat, act, done};
use crate::shell::Reader;
use crate::words::Words;

pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/meals", get(year))
        .route("/meals/{month}", get(month))
        .route("/meals/{month}/close", post(close))
        .route("/meals/{month}/lock", post(lock))
        .route("/meals/{month}/unlock", post(unlock))
        .route("/inspections", get(inspections).post(inspect))
        .route("/inspections/{id}/recheck", post(recheck))
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Asked {
    year: String,
    school: String,
    why: String,
}

fn rates(t: &Words, rates: &[RateView]) -> Sheet {
    let zh = t.s("work.lang") == "zh";
    Sheet {
        id: "rates",
        title: t.s("work.rates").to_owned(),
        note: t.s("work.rates_note").to_owned(),
        head: heads(
            t,
            &[
                ("work.rate", false),
                ("work.value", true),
                ("work.counted", true),
                ("work.formula", false),
            ],
        ),
        rows: rates
            .iter()
            .map(|r| {
                let of = r.of.map_or("—".to_owned(), |(a, b)| format!("{} / {}", t.n(a), t.n(b)));
                vec![
                    cell(if zh { &r.title.0 } else { &r.title.1 }),
                    number(percent(r.of)),
                    number(of),
                    cell(&r.formula).under(&r.basis),
                ]
            })
            .collect(),
        ..Sheet::default()
    }
}

/// Due, served, claimed, proved, over, unproven, payable.
fn figures(t: &Words, l: &MonthLine) -> Vec<Cell> {
    let m = l.meals;
    vec![
        number(t.n(m[0])),
        number(t.n(m[1])),
        number(t.n(m[2])),
        number(t.n(m[3])),
        number(t.n(m[6])).gap(m[6]).under(if l.named.1 > 0 {
            t.f1("work.by_name", t.n(l.named.1))
        } else {
            String::new()
        }),
        number(t.n(m[7])),
        number(percent(Some((l.class_days.1, l.class_days.0)))),
        number(t.n(l.payable.0)).under(t.short_money(l.payable.1)),
    ]
}

const FIGURES: [(&str, bool); 8] = [
    ("work.due", true),
    ("work.present", true),
    ("work.served", true),
    ("work.claimed", true),
    ("work.over", true),
    ("work.unproven", true),
    ("work.marked", true),
    ("work.payable", true),
];

fn with_figures(t: &Words, first: &str, last: Option<&str>) -> Vec<(String, bool)> {
    let mut keys = vec![(first, false)];
    keys.extend(FIGURES);
    keys.extend(last.map(|key| (key, false)));
    heads(t, &keys)
}

#[expect(clippy::too_many_lines, reason = "one sheet after the other")]
async fn year(
    State(app): State<App>,
    reader: Reader,
    Sat(seat): Sat,
    Query(asked): Query<Asked>,
) -> Result<Response, PageError> {
    let t = reader.lang.words();
    let (actor, wanted) = (seat.actor().clone(), asked.year.parse().ok());
    let v = done(&reader, &app.office, move |office: &Office| office.meals_year(&actor, wanted))
        .await?;
    let s = shell(&reader, &seat, "meals_month", t.s("work.meals")).await?;
    let (mut over, mut claimed) = (0, 0);
    for m in &v.months {
        over += m.meals[6];
        claimed += m.meals[3];
    }
    let rows = v
        .months
        .iter()
        .map(|m| {
            let mut row = vec![cell(&m.month).to(format!("/meals/{}", m.month))];
            row.extend(figures(t, m));
            row.push(match &m.locked {
                Some((name, on)) => {
                    cell(t.s("work.locked")).chip("ok").under(format!("{name} {on}"))
                }
                None => cell(t.s("work.open")).chip("soon"),
            });
            row
        })
        .collect();
    let mut months = Sheet {
        id: "months",
        title: t.s("work.months").to_owned(),
        note: t.s("work.three_counts").to_owned(),
        head: with_figures(t, "work.month", Some("work.state")),
        rows,
        empty: t.s("work.no_months").to_owned(),
        ..Sheet::default()
    };
    if v.may_close {
        // The first month that nobody closed.
        let next = (9..=12).chain(1..=8).map(|m| {
            let year = if m >= 9 { v.year } else { v.year + 1 };
            format!("{year:04}-{m:02}")
        });
        for month in next.filter(|m| !v.months.iter().any(|of| of.month == *m)).take(1) {
            months.forms.push(Form {
                action: format!("/meals/{month}/close"),
                title: t.f1("work.close_month", &month),
                button: t.s("work.close").to_owned(),
                inputs: Vec::new(),
                open: v.months.is_empty(),
            });
        }
    }
    let milestones = Sheet {
        id: "milestones",
        title: t.s("work.milestones").to_owned(),
        note: t.s("work.milestones_note").to_owned(),
        head: heads(t, &[("work.milestone", false), ("work.on", false), ("work.state", false)]),
        rows: v
            .milestones
            .iter()
            .map(|(name, on)| {
                let over = s.today().is_some_and(|today| *on <= today);
                let state = if over {
                    cell(t.s("work.passed")).chip("na")
                } else {
                    cell(t.s("work.ahead")).chip("soon")
                };
                vec![cell(name), cell(t.day(Some(*on), None)), state]
            })
            .collect(),
        ..Sheet::default()
    };
    let acts = Sheet {
        id: "acts",
        title: t.s("work.lock_acts").to_owned(),
        note: t.s("work.lock_note").to_owned(),
        head: heads(
            t,
            &[
                ("work.month", false),
                ("work.act", false),
                ("work.who", false),
                ("work.on", false),
                ("work.why", false),
            ],
        ),
        rows: v
            .acts
            .iter()
            .map(|(month, locked, name, on, why)| {
                let what = t.s(if *locked { "work.locked" } else { "work.unlocked" });
                vec![cell(month), cell(what), cell(name), cell(on), cell(why)]
            })
            .collect(),
        empty: t.s("work.no_acts").to_owned(),
        ..Sheet::default()
    };
    let heading = if v.months.is_empty() {
        t.s("work.meals_none").to_owned()
    } else {
        t.f3("work.meals_head", v.year, t.n(claimed), t.n(over))
    };
    let page = Page {
        crumbs: vec![("/area/meals".into(), t.area(fujiao_model::Area::Meals).to_owned())],
        heading,
        about: t.s("work.meals_about").to_owned(),
        tabs: [v.year - 1, v.year, v.year + 1]
            .iter()
            .map(|y| (format!("/meals?year={y}"), t.f2("work.school_year", y, y + 1), *y == v.year))
            .collect(),
        fault: String::new(),
        sheets: vec![months, rates(t, &v.rates), milestones, acts],
        s,
    };
    super::super::page(&reader, &page)
}

#[expect(clippy::too_many_lines, reason = "one sheet after the other")]
async fn month(
    State(app): State<App>,
    reader: Reader,
    Sat(seat): Sat,
    Path(asked): Path<String>,
    Query(filter): Query<Asked>,
) -> Result<Response, PageError> {
    let t = reader.lang.words();
    let (actor, of, school) = (seat.actor().clone(), asked.clone(), unhex(&filter.school));
    let v =
        done(&reader, &app.office, move |office: &Office| office.meals_month(&actor, &of, school))
            .await?;
    let s = shell(&reader, &seat, "meals_month", &v.month).await?;
    let mut acts = Vec::new();
    if v.may_close && school.is_none() {
        let form = |what: &str, key: &str, inputs: Vec<Input>| Form {
            action: format!("/meals/{}/{what}", v.month),
            title: t.s(key).to_owned(),
            button: t.s(key).to_owned(),
            inputs,
            open: false,
        };
        if v.line.locked.is_some() {
            acts.push(form(
                "unlock",
                "work.unlock",
                vec![input("why", t.s("work.why"), "text").must()],
            ));
        } else {
            acts.push(form("close", "work.close_again", Vec::new()));
            acts.push(form("lock", "work.lock", Vec::new()));
        }
    }
    let schools = Sheet {
        id: "schools",
        title: t.s("nav.schools").to_owned(),
        note: t.s("work.three_counts").to_owned(),
        head: with_figures(t, "nav.schools", None),
        rows: v
            .schools
            .iter()
            .map(|l| {
                let unmarked: Vec<String> = l
                    .unmarked
                    .iter()
                    .take(4)
                    .map(|(class, days)| format!("{class} {days}"))
                    .collect();
                let small = if unmarked.is_empty() {
                    String::new()
                } else {
                    t.f1("work.unmarked", unmarked.join("；"))
                };
                let mut row = vec![
                    cell(&l.name)
                        .to(format!("/meals/{}?school={}", v.month, hex(l.school)))
                        .under(small),
                ];
                row.extend(figures(t, &l.line));
                row
            })
            .collect(),
        empty: t.s("work.not_closed").to_owned(),
        forms: acts,
        ..Sheet::default()
    };
    let findings = Sheet {
        id: "findings",
        title: t.f1("work.findings", t.n(i64::try_from(v.findings.len()).unwrap_or(0))),
        note: t.s("work.findings_note").to_owned(),
        head: heads(
            t,
            &[
                ("nav.schools", false),
                ("work.whom", false),
                ("work.on", false),
                ("work.reason", false),
                ("work.enrolled", true),
                ("work.present", true),
                ("work.served", true),
                ("work.claimed", true),
                ("work.over", true),
            ],
        ),
        rows: v
            .findings
            .iter()
            .take(300)
            .map(|(f, school)| {
                let n = |n: Option<i64>| number(n.map_or("—".to_owned(), |n| t.n(n)));
                let whom = match f.person {
                    Some(id) => cell(t.s("work.see_child")).to(format!("/person/{}", hex(id))),
                    None if f.class.is_empty() => cell(t.s("work.one_child")),
                    None => cell(&f.class),
                };
                let on = f.day.map_or("—".to_owned(), |d| format!("{}-{d:02}", f.month));
                vec![
                    cell(school).to(format!("/school/{}", hex(f.school))),
                    whom,
                    cell(on),
                    cell(t.of("work.why_over", &f.why)).to(format!("/source/{}", hex(f.row))),
                    n(f.counts[0]),
                    n(f.counts[1]),
                    n(f.counts[2]),
                    n(f.counts[3]),
                    number(t.n(f.meals)).gap(f.meals),
                ]
            })
            .collect(),
        empty: t.s("work.no_findings").to_owned(),
        ..Sheet::default()
    };
    let over = v.line.meals[6];
    let page = Page {
        crumbs: vec![("/meals".into(), t.s("work.meals").to_owned())],
        heading: t.f3("work.month_head", &v.month, t.n(v.line.meals[5]), t.n(over)),
        about: t.s("work.month_about").to_owned(),
        tabs: Vec::new(),
        fault: String::new(),
        sheets: vec![findings, schools, rates(t, &v.rates)],
        s,
    };
    super::super::page(&reader, &page)
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Why {
    why: String,
}

async fn close(
    State(app): State<App>,
    reader: Reader,
    Sat(seat): Sat,
    Path(month): Path<String>,
    CheckedForm(_): CheckedForm<Why>,
) -> Result<Response, PageError> {
    let (actor, of) = (seat.actor().clone(), month.clone());
    let closed =
        act(&reader, &app.office, move |o: &Office| o.close_meals(&actor, &of).map(|_| ())).await?;
    back(&reader, closed, &format!("/meals/{month}"))
}

async fn lock(
    State(app): State<App>,
    reader: Reader,
    Sat(seat): Sat,
    Path(month): Path<String>,
    CheckedForm(_): CheckedForm<Why>,
) -> Result<Response, PageError> {
    let (actor, of) = (seat.actor().clone(), month.clone());
    let locked = act(&reader, &app.office, move |o: &Office| o.lock_meals(&actor, &of)).await?;
    back(&reader, locked, &format!("/meals/{month}"))
}

async fn unlock(
    State(app): State<App>,
    reader: Reader,
    Sat(seat): Sat,
    Path(month): Path<String>,
    CheckedForm(form): CheckedForm<Why>,
) -> Result<Response, PageError> {
    let (actor, of) = (seat.actor().clone(), month.clone());
    let open =
        act(&reader, &app.office, move |o: &Office| o.unlock_meals(&actor, &of, &form.why)).await?;
    back(&reader, open, &format!("/meals/{month}"))
}

/// The page of inspections; `form` as it was sent, with what is wrong with it.
#[expect(clippy::too_many_lines, reason = "one sheet after the other")]
async fn inspections_page(
    app: &App,
    reader: &Reader,
    seat: &fujiao_office::desk::Seat,
    sent: &BTreeMap<String, String>,
    wrong: Option<SchoolError>,
) -> Result<Response, PageError> {
    let t = reader.lang.words();
    let zh = t.s("work.lang") == "zh";
    let actor = seat.actor().clone();
    let v =
        done(reader, &app.office, move |office: &Office| office.inspections(&actor, None)).await?;
    let s = shell(reader, seat, "inspections", t.s("work.inspections")).await?;
    let value = |name: &str| sent.get(name).cloned().unwrap_or_default();
    let fault = wrong.as_ref().map(ToString::to_string).unwrap_or_default();
    let at = match &wrong {
        Some(SchoolError::Form { field, .. }) => *field,
        _ => "",
    };
    let today = v.today.map(|d| d.to_string()).unwrap_or_default();
    let mut forms = Vec::new();
    if v.may_inspect {
        let schools = v.schools.iter().map(|(id, name, n)| {
            let label = if *n == 0 { format!("{name} ·") } else { name.clone() };
            (hex(*id), label)
        });
        let mut inputs = vec![
            input("key", "", "hidden").with(if value("key").is_empty() {
                format!("{} {}", actor_key(seat), seat.actor().at)
            } else {
                value("key")
            }),
            input("school", t.s("nav.schools"), "select")
                .of(schools.collect())
                .with(value("school"))
                .must(),
            input("on", t.s("work.on"), "date")
                .with(if value("on").is_empty() { today } else { value("on") })
                .must(),
            input("counted", t.s("work.counted_here"), "text").with(value("counted")),
        ];
        for check in checks() {
            let name = format!("ok.{}", check.0);
            let options = ["", "1", "0"].map(|v| {
                let key = match v {
                    "1" => "work.well",
                    "0" => "work.faulty",
                    _ => "work.not_seen",
                };
                (v.to_owned(), t.s(key).to_owned())
            });
            let label = if zh { check.1 } else { check.2 };
            inputs.push(input(&name, label, "select").of(options.into()).with(value(&name)));
            let name = format!("fault.{}", check.0);
            inputs.push(input(&name, t.s("work.fault"), "text").with(value(&name)));
        }
        inputs.push(input("note", t.s("work.note"), "area").with(value("note")));
        for x in &mut inputs {
            if !at.is_empty() && x.name == at {
                x.fault.clone_from(&fault);
            }
        }
        forms.push(Form {
            action: "/inspections".into(),
            title: t.s("work.inspect").to_owned(),
            button: t.s("work.keep").to_owned(),
            inputs,
            open: wrong.is_some(),
        });
    }
    let list = Sheet {
        id: "inspect",
        title: t.s("work.inspections").to_owned(),
        note: t.f1("work.not_visited", v.schools.iter().filter(|s| s.2 == 0).count()),
        head: heads(
            t,
            &[
                ("nav.schools", false),
                ("work.on", false),
                ("work.counted_here", true),
                ("work.well", true),
                ("work.faults", true),
                ("work.who", false),
            ],
        ),
        rows: v
            .inspections
            .iter()
            .map(|i| {
                let open = i.faults.iter().filter(|f| !f.is_closed()).count();
                let open = i64::try_from(open).unwrap_or(0);
                vec![
                    cell(&i.name).to(format!("/school/{}", hex(i.school))).under(&i.note),
                    cell(t.day(Some(i.on), v.today)),
                    number(i.counted.map_or("—".to_owned(), |n| t.n(n))),
                    number(i.well.to_string()),
                    number(i.faults.len().to_string()).gap(open),
                    cell(&i.by),
                ]
            })
            .collect(),
        empty: t.s("work.no_inspections").to_owned(),
        forms,
        ..Sheet::default()
    };
    let mut faults = Sheet {
        id: "faults",
        title: t.s("work.faults").to_owned(),
        note: t.s("work.faults_note").to_owned(),
        head: heads(
            t,
            &[
                ("nav.schools", false),
                ("work.fault", false),
                ("work.due_on", false),
                ("work.state", false),
            ],
        ),
        empty: t.s("work.no_faults").to_owned(),
        ..Sheet::default()
    };
    for i in &v.inspections {
        for f in &i.faults {
            let title = if zh { &f.title.0 } else { &f.title.1 };
            let last = f
                .rechecks
                .last()
                .map_or_else(String::new, |(on, _, note, by)| format!("{on} {by} {note}"));
            let state = if f.is_closed() {
                cell(t.s("work.put_right")).chip("ok")
            } else if f.due_on.is_some_and(|d| v.today.is_some_and(|today| d < today)) {
                cell(t.s("work.late")).chip("gap")
            } else {
                cell(t.s("work.waits")).chip("soon")
            };
            faults.rows.push(vec![
                cell(&i.name),
                cell(&f.fault).under(title.as_str()),
                cell(t.day(f.due_on, v.today)),
                state.under(last),
            ]);
            if v.may_inspect && !f.is_closed() {
                faults.forms.push(Form {
                    action: format!("/inspections/{}/recheck", i.number),
                    title: t.f2("work.recheck", &i.name, &f.fault),
                    button: t.s("work.keep").to_owned(),
                    inputs: vec![
                        input("check", "", "hidden").with(&f.check),
                        input("on", t.s("work.on"), "date")
                            .with(v.today.map(|d| d.to_string()).unwrap_or_default())
                            .must(),
                        input("ok", t.s("work.state"), "select").of(vec![
                            ("1".into(), t.s("work.put_right").to_owned()),
                            ("0".into(), t.s("work.not_yet").to_owned()),
                        ]),
                        input("note", t.s("work.note"), "text"),
                    ],
                    open: false,
                });
            }
        }
    }
    let open = v.inspections.iter().flat_map(|i| &i.faults).filter(|f| !f.is_closed()).count();
    let page = Page {
        crumbs: vec![("/meals".into(), t.s("work.meals").to_owned())],
        heading: t.f2("work.inspections_head", v.inspections.len(), open),
        about: t.s("work.inspections_about").to_owned(),
        tabs: Vec::new(),
        fault,
        sheets: vec![list, faults],
        s,
    };
    form_page(reader, wrong.is_none(), &page)
}

fn actor_key(seat: &fujiao_office::desk::Seat) -> String {
    seat.actor().login.clone()
}

/// The checklist: key, Chinese, English.
fn checks() -> Vec<(String, &'static str, &'static str)> {
    fujiao_office::school::checklist()
}

async fn inspections(
    State(app): State<App>,
    reader: Reader,
    Sat(seat): Sat,
) -> Result<Response, PageError> {
    inspections_page(&app, &reader, &seat, &BTreeMap::new(), None).await
}

async fn inspect(
    State(app): State<App>,
    reader: Reader,
    Sat(seat): Sat,
    CheckedForm(sent): CheckedForm<BTreeMap<String, String>>,
) -> Result<Response, PageError> {
    let of = |name: &str| sent.get(name).cloned().unwrap_or_default();
    let mut form = InspectionForm {
        key: of("key"),
        school: unhex(&of("school")).unwrap_or(0),
        on: day(&of("on")),
        counted: of("counted"),
        items: BTreeMap::new(),
        note: of("note"),
    };
    for (key, ..) in checks() {
        let ok = match of(&format!("ok.{key}")).as_str() {
            "1" => Some(true),
            "0" => Some(false),
            _ => None,
        };
        let fault = of(&format!("fault.{key}"));
        form.items.insert(key, (ok, fault));
    }
    let actor = seat.actor().clone();
    match act(&reader, &app.office, move |o: &Office| o.inspect(&actor, &form)).await? {
        Ok(_) => back(&reader, Ok(()), "/inspections"),
        Err(OfficeError::School(wrong @ SchoolError::Form { .. })) => {
            inspections_page(&app, &reader, &seat, &sent, Some(wrong)).await
        }
        Err(error) => Err(PageError::office(&reader, error)),
    }
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Again {
    check: String,
    on: String,
    ok: String,
    note: String,
}

async fn recheck(
    State(app): State<App>,
    reader: Reader,
    Sat(seat): Sat,
    Path(id): Path<String>,
    CheckedForm(form): CheckedForm<Again>,
) -> Result<Response, PageError> {
    let (actor, id) = (seat.actor().clone(), id.parse().unwrap_or(0));
    let work = move |o: &Office| {
        o.recheck(&actor, (id, &form.check), day(&form.on), form.ok == "1", &form.note)
    };
    let kept = act(&reader, &app.office, work).await?;
    back(&reader, kept, "/inspections#faults")
}
