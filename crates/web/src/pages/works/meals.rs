//! Meals of a year and a month.

use axum::Router;
use axum::extract::{Path, Query, State};
use axum::response::Response;
use axum::routing::{get, post};
use fujiao_office::Office;
use fujiao_office::school::{CalendarDay, DayState, MealCalendar, MonthLine, RateView};
use serde::Deserialize;

use super::super::{hex, unhex};
use super::{Cell, Form, Input, Page, Sheet, back, cell, heads, input, number, percent, shell};
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
                    cell(if zh { &r.formula.0 } else { &r.formula.1 }).under(&r.basis),
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
        tabs: v
            .years
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
    let days = match school {
        None => None,
        Some(school) => {
            let (actor, of) = (seat.actor().clone(), v.month.clone());
            let ask = move |o: &Office| o.meal_calendar(&actor, &of, school);
            Some(done(&reader, &app.office, ask).await?)
        }
    };
    let title = days.as_ref().map_or(&v.month, |d| &d.school.1);
    let s = shell(&reader, &seat, "meals_month", title).await?;
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
                let mode = l.mode.map_or(String::new(), |m| t.of("work.mode_of", m.code()));
                let small = [mode, small].into_iter().filter(|s| !s.is_empty()).collect::<Vec<_>>();
                let mut row = vec![
                    cell(&l.name)
                        .to(format!("/meals/{}?school={}", v.month, hex(l.school)))
                        .under(small.join(" · ")),
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
    let modes = Sheet {
        id: "modes",
        title: t.s("work.modes").to_owned(),
        note: t.s("work.modes_note").to_owned(),
        head: heads(t, &[("work.mode", false), ("work.schools", true), ("work.served", true)]),
        rows: v
            .modes
            .iter()
            .map(|(mode, schools, served)| {
                let name = mode.map_or("unknown", fujiao_office::school::Mode::code);
                vec![
                    cell(t.of("work.mode_of", name)),
                    number(schools.to_string()),
                    number(t.n(*served)),
                ]
            })
            .collect(),
        empty: t.s("work.not_closed").to_owned(),
        ..Sheet::default()
    };
    let over = v.line.meals[6];
    let page = Page {
        crumbs: if days.is_some() {
            let month = (format!("/meals/{}", v.month), v.month.clone());
            vec![("/meals".into(), t.s("work.meals").to_owned()), month]
        } else {
            vec![("/meals".into(), t.s("work.meals").to_owned())]
        },
        heading: {
            let of =
                days.as_ref().map_or(v.month.clone(), |d| format!("{} {}", d.school.1, v.month));
            t.f3("work.month_head", of, t.n(v.line.meals[5]), t.n(over))
        },
        about: t.s("work.month_about").to_owned(),
        tabs: vec![
            (format!("/meals/{}", v.month), t.s("work.meals").to_owned(), true),
            (format!("/kitchen?month={}", v.month), t.s("work.kitchens").to_owned(), false),
        ],
        fault: String::new(),
        sheets: match &days {
            Some(days) => vec![calendar(t, days), findings, schools, rates(t, &v.rates)],
            None => vec![findings, schools, modes, rates(t, &v.rates)],
        },
        s,
    };
    super::super::page(&reader, &page)
}

/// Classes by days: how many were served, in red what is claimed beyond the counts, in colour what nobody marked.
fn calendar(t: &Words, v: &MealCalendar) -> Sheet {
    let last = v.classes.iter().flat_map(|c| c.days.iter().map(|d| d.day)).max().unwrap_or(0);
    // A day on which no class has anything to say takes no column.
    let shown: Vec<i8> = (1..=last)
        .filter(|day| {
            v.lessons.contains(day)
                || v.classes
                    .iter()
                    .any(|c| c.days.iter().any(|d| d.day == *day && d.counts != [None; 3]))
        })
        .collect();
    let mut head = vec![(t.s("work.class").to_owned(), false)];
    head.extend(shown.iter().map(|d| (d.to_string(), true)));
    let cell_of = |d: &CalendarDay| {
        let n = |n: Option<u32>| n.map_or("—".to_owned(), |n| n.to_string());
        let [present, served, claimed] = d.counts;
        match d.state {
            DayState::Off => number(""),
            DayState::Ahead => number("·"),
            DayState::Unmarked => number(t.s("work.blank")).is("n q1"),
            DayState::Partly => number(n(served.or(present).or(claimed))).is("n q1"),
            DayState::Proved => number(n(served)),
            DayState::Over => number(n(claimed)).is("n g").under(n(served)),
        }
    };
    Sheet {
        id: "calendar",
        title: t.f1("work.calendar", &v.school.1),
        note: t.s("work.calendar_note").to_owned(),
        head,
        rows: v
            .classes
            .iter()
            .map(|c| {
                let mut row = vec![cell(&c.name).under(t.f1("work.enrolled_of", c.enrolled))];
                let days = c.days.iter().filter(|d| shown.contains(&d.day));
                row.extend(days.map(cell_of));
                row
            })
            .collect(),
        empty: t.s("work.no_classes").to_owned(),
        ..Sheet::default()
    }
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
