//! Class places and posts.

use axum::Router;
use axum::extract::State;
use axum::response::Response;
use axum::routing::{get, post};
use fujiao_model::Unit;
use fujiao_office::Office;
use fujiao_office::school::PressureLine;
use serde::Deserialize;

use super::super::hex;
use super::{Form, Page, Sheet, back, cell, heads, input, number, shell};
use crate::app::App;
use crate::error::PageError;
use crate::gate::{CheckedForm, Sat, act, done};
use crate::shell::Reader;
use crate::words::Words;

pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/places", get(places))
        .route("/posts", get(posts))
        .route("/posts/switch", post(switch))
}

fn pressure(t: &Words, id: &'static str, title: String, lines: &[PressureLine]) -> Sheet {
    let next = u8::from(id == "next");
    Sheet {
        id,
        title,
        note: t.s("work.pressure_note").to_owned(),
        head: heads(
            t,
            &[
                ("nav.schools", false),
                ("work.grade", false),
                ("school.pupils", true),
                ("work.classes", true),
                ("work.places_of", true),
                ("work.short", true),
                ("work.to_open", true),
                ("work.class_size", true),
            ],
        ),
        rows: lines
            .iter()
            .take(60)
            .map(|l| {
                vec![
                    cell(&l.name).to(format!(
                        "/places/{}?grade={}&next={next}",
                        hex(l.of.school),
                        l.of.grade.code()
                    )),
                    cell(t.grade(l.of.grade)),
                    number(t.n(i64::from(l.of.pupils))).under(if l.of.estate > 0 {
                        t.f1("work.from_estates", l.of.estate)
                    } else {
                        String::new()
                    }),
                    number(l.of.classes.to_string()),
                    number(t.n(i64::from(l.of.places))),
                    number(t.n(i64::from(l.of.short))).gap(l.of.short.into()),
                    number(l.of.to_open.to_string()),
                    number(l.of.class_size.to_string()),
                ]
            })
            .collect(),
        empty: t.s("work.no_pressure").to_owned(),
        ..Sheet::default()
    }
}

#[expect(clippy::too_many_lines, reason = "one sheet after the other")]
async fn places(
    State(app): State<App>,
    reader: Reader,
    Sat(seat): Sat,
) -> Result<Response, PageError> {
    let t = reader.lang.words();
    let actor = seat.actor().clone();
    let v = done(&reader, &app.office, move |o: &Office| o.places(&actor)).await?;
    let s = shell(&reader, &seat, "places_map", t.s("work.places")).await?;
    let heat = |band: fujiao_office::school::Band| match band.code() {
        "standard" => "n q0",
        "above" => "n q1",
        "large" => "n q3 b",
        _ => "n q4 w b",
    };
    let mut head = vec![(t.s("nav.schools").to_owned(), false)];
    head.extend(v.grades.iter().map(|g| (t.grade(*g), true)));
    head.push((t.s("work.places_of").to_owned(), true));
    let map = Sheet {
        id: "heat",
        title: t.s("work.heat").to_owned(),
        note: t.s("work.heat_note").to_owned(),
        head,
        rows: v
            .rows
            .iter()
            .map(|r| {
                let mut row = vec![cell(&r.name).to(format!("/school/{}", hex(r.school)))];
                row.extend(v.grades.iter().map(|g| match r.cells.iter().find(|c| c.grade == *g) {
                    Some(c) => {
                        number(c.largest.to_string()).is(heat(c.band)).under(if c.classes > 1 {
                            t.f1("work.of_classes", c.classes)
                        } else {
                            String::new()
                        })
                    }
                    None => number(""),
                }));
                row.push(number(t.f2("work.pupils_of_places", r.places.1, r.places.0)));
                row
            })
            .collect(),
        empty: t.s("work.no_classes").to_owned(),
        ..Sheet::default()
    };
    let bands = Sheet {
        id: "bands",
        title: t.s("work.bands").to_owned(),
        note: t.f2(
            "work.bands_note",
            super::percent(Some((v.shares.0.into(), 1_000))),
            super::percent(Some((v.shares.1.into(), 1_000))),
        ),
        head: heads(t, &[("work.band", false), ("work.classes", true)]),
        rows: ["standard", "above", "large", "oversize"]
            .iter()
            .zip(v.bands)
            .map(|(code, n)| vec![cell(t.of("work.band_of", code)), number(n.to_string())])
            .collect(),
        ..Sheet::default()
    };
    let estates = Sheet {
        id: "estates",
        title: t.s("work.estates").to_owned(),
        note: t.s("work.estates_note").to_owned(),
        head: heads(t, &[("work.estate", false), ("work.of_age", true), ("work.entering", true)]),
        rows: v
            .estates
            .iter()
            .map(|(name, all, entering)| {
                vec![cell(name), number(t.n(*all)), number(t.n(*entering))]
            })
            .collect(),
        empty: t.s("work.no_estates").to_owned(),
        ..Sheet::default()
    };
    let moving = Sheet {
        id: "moving",
        title: t.s("work.moving").to_owned(),
        note: t.s("work.moving_note").to_owned(),
        head: heads(t, &[("nav.schools", false), ("work.grade", false), ("school.pupils", true)]),
        rows: v
            .moving
            .iter()
            .map(|(id, name, grade, n)| {
                vec![
                    cell(name).to(format!("/school/{}", hex(*id))),
                    cell(t.grade(*grade)),
                    number(n.to_string()),
                ]
            })
            .collect(),
        empty: t.s("work.nobody_moves").to_owned(),
        ..Sheet::default()
    };
    let short: u32 = v.next.iter().map(|p| p.of.short).sum();
    let page = Page {
        crumbs: vec![("/area/places".into(), t.area(fujiao_model::Area::Places).to_owned())],
        heading: t.f3("work.places_head", v.bands[2] + v.bands[3], v.year, short),
        about: t.s("work.places_about").to_owned(),
        tabs: Vec::new(),
        fault: String::new(),
        sheets: vec![
            map,
            bands,
            pressure(t, "now", t.s("work.now").to_owned(), &v.now),
            pressure(t, "next", t.f1("work.next_year", v.year), &v.next),
            moving,
            estates,
        ],
        s,
    };
    super::super::page(&reader, &page)
}

#[expect(clippy::too_many_lines, reason = "one sheet after the other")]
async fn posts(
    State(app): State<App>,
    reader: Reader,
    Sat(seat): Sat,
) -> Result<Response, PageError> {
    let t = reader.lang.words();
    let zh = t.s("work.lang") == "zh";
    let actor = seat.actor().clone();
    let v = done(&reader, &app.office, move |o: &Office| o.posts(&actor)).await?;
    let s = shell(&reader, &seat, "posts", t.s("work.posts")).await?;
    let p = |n: i64| number(t.q(Unit::Post, n));
    let schools = Sheet {
        id: "posts",
        title: t.s("work.posts").to_owned(),
        note: t.s("work.posts_note").to_owned(),
        head: heads(
            t,
            &[
                ("nav.schools", false),
                ("school.pupils", true),
                ("work.base", true),
                ("work.needed", true),
                ("work.in_quota", true),
                ("work.here", true),
                ("work.vacancy", true),
                ("work.surplus", true),
                ("work.rotates", true),
            ],
        ),
        rows: v
            .schools
            .iter()
            .map(|l| {
                let short = if l.short_of.is_empty() {
                    String::new()
                } else {
                    t.f1("work.lacks_subject", l.short_of.join("、"))
                };
                vec![
                    cell(&l.name).to(format!("/school/{}", hex(l.school))).under(short),
                    number(t.n(l.pupils)),
                    p(l.posts.base),
                    p(l.posts.needed),
                    p(l.posts.in_quota),
                    p(l.posts.here),
                    p(l.posts.vacancy).gap(l.posts.vacancy),
                    p(l.posts.surplus),
                    number(l.may_rotate.to_string()),
                ]
            })
            .collect(),
        empty: t.s("work.no_staff").to_owned(),
        ..Sheet::default()
    };
    let mut additions = Sheet {
        id: "additions",
        title: t.s("work.additions").to_owned(),
        note: t.s("work.additions_note").to_owned(),
        head: heads(t, &[("work.addition", false), ("work.posts_of", true), ("work.state", false)]),
        ..Sheet::default()
    };
    for a in &v.additions {
        let title = if zh { &a.title.0 } else { &a.title.1 };
        let by =
            a.by.as_ref().map_or_else(String::new, |(name, on, why)| format!("{name} {on} {why}"));
        let state = if a.on {
            cell(t.s("work.on_now")).chip("ok")
        } else {
            cell(t.s("work.off_now")).chip("na")
        };
        additions.rows.push(vec![cell(title).under(&a.basis), p(a.posts), state.under(by)]);
    }
    if v.may_switch {
        additions.forms.push(Form {
            action: "/posts/switch".into(),
            title: t.s("work.switch").to_owned(),
            button: t.s("work.switch").to_owned(),
            inputs: vec![
                input("addition", t.s("work.addition"), "select").of(v
                    .additions
                    .iter()
                    .map(|a| {
                        (a.key.clone(), if zh { a.title.0.clone() } else { a.title.1.clone() })
                    })
                    .collect()),
                input("to", t.s("work.state"), "select").of(vec![
                    ("1".into(), t.s("work.on_now").to_owned()),
                    ("0".into(), t.s("work.off_now").to_owned()),
                ]),
                input("why", t.s("work.why"), "text").must(),
            ],
            open: false,
        });
    }
    let subjects = Sheet {
        id: "subjects",
        title: t.s("work.subjects").to_owned(),
        note: t.s("work.subjects_note").to_owned(),
        head: heads(
            t,
            &[
                ("work.subject", false),
                ("work.needed", true),
                ("work.here", true),
                ("word.gap", true),
            ],
        ),
        rows: v
            .subjects
            .iter()
            .map(|x| {
                let gap = (x.figures.0 - x.figures.1).max(0);
                vec![cell(&x.name), p(x.figures.0), p(x.figures.1), p(gap).gap(gap)]
            })
            .collect(),
        ..Sheet::default()
    };
    let (may, must, backbone, have) = v.rotation;
    let fact = |key: &str, value: String| vec![cell(t.s(key)), number(value)];
    let mut facts = vec![
        fact("work.may_rotate", t.n(may)),
        fact("work.must_rotate", t.n(must)),
        fact("work.must_backbone", format!("{} / {}", t.n(backbone), t.n(have))),
        fact("work.allowance", format!("{} / {}", t.n(v.allowance.1), t.n(v.allowance.0))),
        fact("work.allowance_unknown", t.n(v.allowance.3)),
        fact("work.special", format!("{} / {}", t.n(v.special.1), t.n(v.special.0))),
    ];
    for (key, asks, n) in &v.titles {
        facts.push(vec![
            cell(t.of("work.title_of", key.trim_start_matches("title.")))
                .under(t.f1("work.rural_years", asks)),
            number(t.n(*n)),
        ]);
    }
    let rules = Sheet {
        id: "rules",
        title: t.s("work.staff_rules").to_owned(),
        head: heads(t, &[("work.rate", false), ("work.value", true)]),
        rows: facts,
        ..Sheet::default()
    };
    let leavers = Sheet {
        id: "leavers",
        title: t.s("work.leavers").to_owned(),
        note: t.s("work.leavers_note").to_owned(),
        head: heads(
            t,
            &[
                ("word.name", false),
                ("nav.schools", false),
                ("work.points", true),
                ("work.reason", false),
            ],
        ),
        rows: v
            .leavers
            .iter()
            .map(|l| {
                let name = match l.person {
                    Some(id) => cell(&l.name).to(format!("/person/{}", hex(id))),
                    None => cell("—"),
                };
                let reasons: Vec<String> =
                    l.reasons.iter().map(|r| t.of("work.leave", r.code())).collect();
                vec![name, cell(&l.school), number(l.points.to_string()), cell(reasons.join("、"))]
            })
            .collect(),
        empty: t.s("work.no_leavers").to_owned(),
        ..Sheet::default()
    };
    let marks = |n: i64| format!("{}.{}%", n / 10, n % 10);
    let needs = Sheet {
        id: "needs",
        title: t.s("work.needs").to_owned(),
        note: t.s("work.needs_note").to_owned(),
        head: heads(t, &[("work.subject", false), ("work.mean", true), ("work.reviews", true)]),
        rows: v
            .needs
            .iter()
            .map(|n| {
                vec![
                    cell(&n.subject),
                    number(marks(n.mean)).is("n g"),
                    number(n.reviews.to_string()),
                ]
            })
            .collect(),
        empty: t.s("work.no_needs").to_owned(),
        ..Sheet::default()
    };
    let to_train = Sheet {
        id: "train",
        title: t.f1("work.to_train", v.to_train.len()),
        note: t.s("work.to_train_note").to_owned(),
        head: heads(
            t,
            &[
                ("word.name", false),
                ("nav.schools", false),
                ("work.subject", false),
                ("work.mean", true),
                ("work.reviews", true),
            ],
        ),
        rows: v
            .to_train
            .iter()
            .take(60)
            .map(|p| {
                vec![
                    match p.person {
                        Some(id) => cell(&p.name).to(format!("/person/{}", hex(id))),
                        None => cell("—"),
                    },
                    cell(&p.school),
                    cell(&p.subject),
                    number(marks(p.mean)).is("n g"),
                    number(p.reviews.to_string()),
                ]
            })
            .collect(),
        empty: t.s("work.nobody").to_owned(),
        ..Sheet::default()
    };
    let page = Page {
        crumbs: vec![("/area/teachers".into(), t.area(fujiao_model::Area::Teachers).to_owned())],
        heading: t.f3(
            "work.posts_head",
            t.q(Unit::Post, v.totals[1]),
            t.q(Unit::Post, v.totals[2]),
            t.q(Unit::Post, v.totals[3]),
        ),
        about: t.s("work.posts_about").to_owned(),
        tabs: Vec::new(),
        fault: String::new(),
        sheets: vec![schools, additions, subjects, rules, needs, to_train, leavers],
        s,
    };
    super::super::page(&reader, &page)
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct SwitchForm {
    addition: String,
    to: String,
    why: String,
}

async fn switch(
    State(app): State<App>,
    reader: Reader,
    Sat(seat): Sat,
    CheckedForm(form): CheckedForm<SwitchForm>,
) -> Result<Response, PageError> {
    let actor = seat.actor().clone();
    let work =
        move |o: &Office| o.switch_addition(&actor, &form.addition, form.to == "1", &form.why);
    let switched = act(&reader, &app.office, work).await?;
    back(&reader, switched, "/posts#additions")
}
