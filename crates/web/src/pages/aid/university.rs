//! 大学生多部门资助: who gave what to one student, what may not come together, and which need nobody meets.

use askama::Template;
use axum::Router;
use axum::extract::{Query, State};
use axum::response::Response;
use axum::routing::get;
use fujiao_model::Unit;
use fujiao_office::desk::Seat;
use fujiao_office::purses::{PurseGift, PurseStudent, PurseTab};
use serde::Deserialize;

use crate::app::App;
use crate::error::PageError;
use crate::gate::{Sat, done};
use crate::pages::lists::as_file;
use crate::pages::{ask, hex, may_export, page};
use crate::shape::encoded;
use crate::shell::{Reader, Shell};
use crate::words::Words;

pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/aid/university", get(students))
        .route("/aid/university.xlsx", get(students_file))
}

/// Students a page.
const STUDENTS: usize = 100;

#[derive(Default, Deserialize)]
#[serde(default)]
struct Asked {
    year: String,
    tab: String,
    q: String,
    from: usize,
}

/// A gift, in words.
struct Gift {
    title: String,
    department: String,
    amount: String,
    chip: &'static str,
    state: String,
    trouble: String,
    basis: String,
    source: String,
}

/// A student with their purses, in words.
struct Student {
    person: String,
    name: String,
    about: String,
    gifts: Vec<Gift>,
    cost: String,
    granted: String,
    lent: String,
    unmet: String,
    what: Vec<String>,
    estimated: bool,
    bar: String,
}

#[derive(Template)]
#[template(path = "aid_university.html")]
struct Page {
    s: Shell,
    heading: String,
    year: i16,
    years: Vec<i16>,
    tab: &'static str,
    q: String,
    tabs: Vec<(String, String, bool)>,
    cards: Vec<(String, String, bool)>,
    departments: Vec<(String, u64, u64, String, String, String)>,
    students: Vec<Student>,
    more: String,
}

async fn students(
    State(app): State<App>,
    reader: Reader,
    Sat(seat): Sat,
    Query(asked): Query<Asked>,
) -> Result<Response, PageError> {
    let t = reader.lang.words();
    let frame = ask(&reader, &seat, Seat::frame).await?;
    let (actor, tab, name) = (seat.actor().clone(), PurseTab::parse(&asked.tab), asked.q.clone());
    let year = asked.year.parse().ok();
    let v = done(&reader, &app.office, move |o| o.purses(&actor, (year, tab), &name)).await?;
    let fen = |n: i64| t.q(Unit::Fen, n);
    let address = |tab: PurseTab| {
        format!("/aid/university?year={}&tab={}&q={}", v.year, tab.code(), encoded(&asked.q))
    };
    let heading = match (v.tabs[0], v.sums[3], v.tabs[1]) {
        (0, ..) => t.text("purse.head_none"),
        (_, unmet, 0) => t.f1("purse.head_unmet", fen(unmet)),
        (_, unmet, conflicts) => t.f2("purse.head", fen(unmet), conflicts),
    };
    let more = asked.from + STUDENTS;
    let of = Page {
        heading,
        year: v.year,
        years: v.years.clone(),
        tab: tab.code(),
        tabs: PurseTab::ALL
            .into_iter()
            .zip(v.tabs)
            .map(|(of, n)| {
                (address(of), format!("{} {n}", t.of("purse.tab", of.code())), of == tab)
            })
            .collect(),
        cards: ["cost", "granted", "lent", "unmet", "over"]
            .into_iter()
            .zip(v.sums)
            .map(|(key, n)| {
                (t.of("purse.sum", key), fen(n), matches!(key, "unmet" | "over") && n > 0)
            })
            .collect(),
        departments: v
            .departments
            .iter()
            .map(|d| {
                let over = if d.over > 0 { fen(d.over) } else { String::new() };
                (d.name.clone(), d.persons, d.gifts, fen(d.paid), fen(d.planned), over)
            })
            .collect(),
        students: v
            .students
            .iter()
            .skip(asked.from)
            .take(STUDENTS)
            .map(|s| student(t, s))
            .collect(),
        more: if v.students.len() > more {
            format!("{}&from={more}", address(tab))
        } else {
            String::new()
        },
        q: asked.q.clone(),
        s: Shell::new(&reader, Some(frame), "purses", t.s("purse.name")),
    };
    page(&reader, &of)
}

fn student(t: &Words, s: &PurseStudent) -> Student {
    let fen = |n: i64| t.q(Unit::Fen, n);
    Student {
        person: hex(s.person),
        name: s.name.clone(),
        about: [s.university.as_str(), s.place.as_str()]
            .into_iter()
            .filter(|text| !text.is_empty())
            .collect::<Vec<_>>()
            .join(" · "),
        gifts: s.gifts.iter().map(|(g, title)| gift(t, s, g, t.title(title))).collect(),
        cost: fen(s.cost),
        granted: fen(s.granted),
        lent: fen(s.lent),
        unmet: if s.unmet > 0 { fen(s.unmet) } else { String::new() },
        what: s
            .needs
            .iter()
            .filter(|n| n.unmet > 0)
            .map(|n| format!("{} {}", t.of("purse.purpose", &n.purpose), fen(n.unmet)))
            .collect(),
        estimated: s.estimated,
        bar: crate::shape::share_bar(s.cost, s.granted + s.lent, s.unmet),
    }
}

fn gift(t: &Words, s: &PurseStudent, g: &PurseGift, title: &str) -> Gift {
    let over = t.q(Unit::Fen, g.over);
    let trouble = match g.conflict.as_deref() {
        Some("unknown") => t.text("purse.unknown"),
        Some("excluded") => {
            let other = s.gifts.iter().find(|(of, _)| Some(of.gift) == g.by_gift);
            let other = other.map_or("", |(_, title)| t.title(title));
            t.f2("purse.excluded", other, over)
        }
        Some("beyond") => t.f1("purse.beyond", over),
        Some(_) => t.f1("purse.no_need", over),
        None => String::new(),
    };
    Gift {
        title: title.to_owned(),
        department: g.department.clone(),
        amount: t.q(Unit::Fen, g.amount),
        chip: match (g.conflict.is_some(), g.paid) {
            (true, _) => "gap",
            (false, true) => "ok",
            (false, false) => "soon",
        },
        state: match (g.paid, g.on) {
            (true, Some(on)) => t.f1("purse.paid_on", on),
            (true, None) => t.text("purse.paid"),
            (false, _) => t.text("purse.planned"),
        },
        trouble,
        basis: g.basis.clone(),
        source: g.row.map(hex).unwrap_or_default(),
    }
}

async fn students_file(
    State(app): State<App>,
    reader: Reader,
    Sat(seat): Sat,
    Query(asked): Query<Asked>,
) -> Result<Response, PageError> {
    may_export(&reader, &seat)?;
    let actor = seat.actor().clone();
    let year = asked.year.parse().ok();
    let list = done(&reader, &app.office, move |o| {
        let today = actor.today();
        Ok(o.purses(&actor, (year, PurseTab::parse(&asked.tab)), &asked.q)?.sheet(today))
    })
    .await?;
    as_file(&reader, list, "university", true).await
}
