//! Which courses are held, where, when, by whom and for whom.

use fujiao_office::plans::{PlanView, said};

use super::super::draw;
use super::super::figures::wan;
use super::{Chart, Kind, Table, count, figure, text};
use crate::words::Words;

pub(super) fn of(t: &Words, v: &PlanView, a: &said::Courses) -> Kind {
    let held = || a.sessions.iter().filter(|s| s.held);
    let (all, reached) = (i64::from(a.households), i64::from(a.reached));
    let stat = |key: &str, value: String, note: String| (t.of("plan.stat", key), value, note);
    let gap = v.gap_percent().unwrap_or_default();
    let gap = if gap < 1e-6 {
        t.s("plan.proven").to_owned()
    } else {
        format!("{:.2}%", (gap * 100.0).ceil() / 100.0)
    };
    let mut kind = Kind {
        heading: t.f3("plan.head_courses", held().count(), t.n(all), t.n(reached)),
        stats: vec![
            stat(
                "sessions",
                held().count().to_string(),
                t.f1("plan.of_possible", a.sessions.len()),
            ),
            stat("reached", t.n(reached), t.f1("plan.of_households", t.n(all))),
            stat("spent", wan(t, a.spent), t.f1("plan.of_money", wan(t, a.yuan))),
            stat(
                "ten_thousand",
                t.n(i64::from(a.ten_thousand_is_worth)),
                t.s("plan.in_points").to_owned(),
            ),
            stat("gap", gap, String::new()),
        ],
        ..Kind::default()
    };
    kind.figures = vec![
        figure(t, "untrained", all, all - reached, false, Some(true)),
        figure(
            t,
            "courses_held",
            0,
            i64::try_from(held().count()).unwrap_or(0),
            false,
            Some(false),
        ),
    ];
    let bars: Vec<draw::Bar> = a
        .towns
        .iter()
        .map(|town| draw::Bar {
            label: town.name.clone(),
            value: u64::from(town.reached),
            whole: u64::from(town.households),
            text: format!("{} / {}", town.reached, town.households),
        })
        .collect();
    if !bars.is_empty() {
        kind.charts.push(Chart {
            title: t.s("plan.chart_course_towns").to_owned(),
            note: t.s("plan.chart_course_towns_note").to_owned(),
            svg: draw::bars(t.s("plan.chart_course_towns"), &bars),
        });
    }
    kind.tables.extend([sessions(t, a), not_held(t, a), towns(t, a)]);
    if a.reached < a.households {
        kind.notes.push(t.f1("plan.courses_left", t.n(all - reached)));
    }
    kind.facts = vec![
        (t.of("plan.facts", "minutes"), t.f1("plan.minutes", a.minutes)),
        (
            t.of("plan.facts", "possible"),
            t.s(if a.from_table { "plan.from_table" } else { "plan.from_pool" }).to_owned(),
        ),
        (
            t.of("plan.facts", "blocked"),
            if a.blocked.is_empty() { "—".to_owned() } else { a.blocked.join(t.s("word.comma")) },
        ),
    ];
    kind
}

fn sessions(t: &Words, a: &said::Courses) -> Table {
    let mut table = Table::new(
        t,
        "course_sessions",
        t.s("plan.course_sessions_note").to_owned(),
        &[
            ("course", false),
            ("provider", false),
            ("town", false),
            ("days", false),
            ("teacher", false),
            ("comes", true),
            ("seats", true),
            ("yuan", true),
            ("demand", true),
            ("one_more_place", true),
        ],
    );
    for s in a.sessions.iter().filter(|s| s.held) {
        table.rows.push(vec![
            text(format!("{} {}", s.course, s.kind)),
            text(&*s.provider),
            text(format!("{} {}", s.town_name, s.room)),
            text(format!("{}—{}", s.from, s.to)),
            text(&*s.trainer),
            count(t, i64::from(s.comes)),
            count(t, i64::from(s.seats)),
            count(t, i64::from(s.yuan)),
            count(t, i64::from(s.demand)),
            count(t, s.place_is_worth),
        ]);
    }
    table
}

fn not_held(t: &Words, a: &said::Courses) -> Table {
    let mut table = Table::new(
        t,
        "courses_not_held",
        t.s("plan.courses_not_held_note").to_owned(),
        &[("course", false), ("provider", false), ("town", false), ("days", false), ("why", false)],
    );
    for s in a.sessions.iter().filter(|s| !s.held) {
        table.rows.push(vec![
            text(&*s.course),
            text(&*s.provider),
            text(format!("{} {}", s.town_name, s.room)),
            text(format!("{}—{}", s.from, s.to)),
            text(t.of("plan.why_not_held", &s.why_not)),
        ]);
    }
    table
}

fn towns(t: &Words, a: &said::Courses) -> Table {
    let mut table = Table::new(
        t,
        "course_towns",
        t.s("plan.course_towns_note").to_owned(),
        &[
            ("town", false),
            ("households", true),
            ("reached", true),
            ("left_over", true),
            ("why", false),
        ],
    );
    for town in &a.towns {
        let why: Vec<String> =
            [("too_far", town.too_far), ("not_held", town.not_held), ("full", town.full)]
                .into_iter()
                .filter(|(_, n)| *n > 0)
                .map(|(word, n)| format!("{} {n}", t.of("plan.why_left", word)))
                .collect();
        table.rows.push(vec![
            text(&*town.name),
            count(t, i64::from(town.households)),
            count(t, i64::from(town.reached)),
            count(t, i64::from(town.households - town.reached)),
            text(why.join(t.s("word.comma"))),
        ]);
    }
    table
}
