//! Where relocated children go to school.

use fujiao_office::plans::said;

use super::super::draw::{self, Dot};
use super::{Chart, Kind, Table, count, figure, missing, text};
use crate::pages::hex;
use crate::words::Words;

/// Steps of the share of newcomers at a school, in percent.
const STEPS: [u32; 4] = [0, 20, 40, 60];

pub(super) fn of(t: &Words, a: &said::Places) -> Kind {
    let children: u32 = a.settlements.iter().map(|s| s.children).sum();
    let stat = |key: &str, value: String, note: String| (t.of("plan.stat", key), value, note);
    let tenths = |n: u32| format!("{}.{}", n / 10, n % 10);
    let heading = if a.without > 0 {
        t.f2("plan.head_places_short", t.n(i64::from(children)), t.n(i64::from(a.without)))
    } else {
        t.f2("plan.head_places", t.n(i64::from(children)), t.n(i64::from(a.moved)))
    };
    let mut kind = Kind {
        heading,
        stats: vec![
            stat(
                "children",
                t.n(i64::from(children)),
                t.f1("plan.settlements", a.settlements.len()),
            ),
            stat("mean", t.f1("plan.minutes", tenths(a.plan.mean_minutes_tenths)), String::new()),
            stat("moved", t.n(i64::from(a.moved)), t.s("plan.children").to_owned()),
            stat("parted", t.n(i64::from(a.plan.parted)), String::new()),
            stat("without", t.n(i64::from(a.without)), t.s("plan.children").to_owned()),
        ],
        ..Kind::default()
    };
    let of = |f: fn(&said::PlacesTally) -> u32| (i64::from(f(&a.today)), i64::from(f(&a.plan)));
    for (key, (today, plan), tenths, worse) in [
        ("placed", of(|t| t.placed), false, Some(false)),
        ("mean_walk", of(|t| t.mean_minutes_tenths), true, Some(true)),
        ("farthest", of(|t| t.farthest_minutes), false, Some(true)),
        ("beyond_walk", of(|t| t.beyond_walk), false, Some(true)),
        ("beyond", of(|t| t.beyond_places), false, Some(true)),
        ("parted", of(|t| t.parted), false, Some(true)),
        ("most_newcomers", of(|t| t.most_newcomers_percent), false, Some(true)),
    ] {
        kind.figures.push(figure(t, key, today, plan, tenths, worse));
    }
    (kind.key, kind.marks) =
        (draw::steps_key(t, &STEPS, "plan.key_share"), t.s("plan.marks_places").to_owned());
    maps(t, a, &mut kind);
    let rooms: Vec<draw::Bar> = a
        .schools
        .iter()
        .filter(|s| s.plan > 0 || s.today > 0)
        .map(|s| draw::Bar {
            label: format!("{} {}", s.name, t.of("plan.stage", &s.stage)),
            value: u64::from(s.plan),
            whole: u64::from(s.room.max(s.plan)),
            text: format!("{} / {}", s.plan, s.room),
        })
        .take(16)
        .collect();
    if !rooms.is_empty() {
        kind.charts.push(Chart {
            title: t.s("plan.chart_rooms").to_owned(),
            note: t.s("plan.chart_rooms_note").to_owned(),
            svg: draw::bars(t.s("plan.chart_rooms"), &rooms),
        });
    }
    tables(t, a, &mut kind);
    for s in a.settlements.iter().filter(|s| !s.placed) {
        kind.notes.push(t.f1("plan.not_placed", &s.name));
    }
    if a.without > 0 {
        kind.notes.push(t.f1("plan.without_help", t.n(i64::from(a.without))));
    }
    if a.left_out > 0 {
        kind.notes.push(t.f1("plan.children_left_out", t.n(i64::from(a.left_out))));
    }
    kind.facts = vec![
        (
            t.of("plan.facts", "walk"),
            format!("{} / {}", a.walk_minutes.0, t.f1("plan.minutes", a.walk_minutes.1)),
        ),
        (t.of("plan.facts", "newcomers"), format!("{}%", a.newcomers_percent)),
        (t.of("plan.facts", "guessed"), t.f1("plan.guessed", a.guessed_percent)),
    ];
    kind
}

/// Today and the plan: schools by the share of newcomers, settlements, and who goes where.
fn maps(t: &Words, a: &said::Places, kind: &mut Kind) {
    for planned in [false, true] {
        let mut dots: Vec<Dot> = a
            .schools
            .iter()
            .map(|s| {
                let new = if planned { s.plan } else { s.today };
                let all = s.residents + new;
                let share = (100 * new).checked_div(all).unwrap_or(0);
                Dot {
                    at: s.at,
                    size: f64::from(all) / 6.0,
                    step: draw::step_of(&STEPS, share),
                    is_square: false,
                    title: t.f3("plan.dot_share", &s.name, new, share),
                }
            })
            .collect();
        dots.extend(a.settlements.iter().map(|s| Dot {
            at: s.at,
            size: f64::from(s.children) / 6.0,
            step: 0,
            is_square: true,
            title: t.f2("plan.dot_settlement", &s.name, s.children),
        }));
        let mut lines: Vec<((f64, f64), (f64, f64))> = Vec::new();
        for family in &a.families {
            let from = a.settlements[family.settlement as usize].at;
            let to: Vec<u32> = if planned {
                family.plan.iter().map(|p| p.0).collect()
            } else {
                family.today.iter().map(|p| p.0).collect()
            };
            for school in to.iter().filter_map(|s| a.schools.get(*s as usize)) {
                if !lines.contains(&(from, school.at)) {
                    lines.push((from, school.at));
                }
            }
        }
        let tally = if planned { &a.plan } else { &a.today };
        let title = t.s(if planned { "plan.planned" } else { "plan.today" });
        let note = t.f2("plan.map_share", tally.farthest_minutes, tally.most_newcomers_percent);
        kind.maps.push(draw::dots(t, (title, note), &dots, &lines));
    }
}

fn tables(t: &Words, a: &said::Places, kind: &mut Kind) {
    let mut schools = Table::new(
        t,
        "receiving",
        t.s("plan.receiving_note").to_owned(),
        &[
            ("school", false),
            ("stage", false),
            ("residents", true),
            ("places", true),
            ("room", true),
            ("new_today", true),
            ("new_plan", true),
            ("place_worth", true),
        ],
    );
    for s in &a.schools {
        schools.rows.push(vec![
            text(&*s.name).to(format!("/school/{}", hex(s.id))),
            text(t.of("plan.stage", &s.stage)),
            count(t, i64::from(s.residents)),
            count(t, i64::from(s.places)),
            count(t, i64::from(s.room)),
            count(t, i64::from(s.today)),
            count(t, i64::from(s.plan)),
            count(t, i64::from(s.place_minutes)),
        ]);
    }
    let mut families = Table::new(
        t,
        "families",
        t.s("plan.families_note").to_owned(),
        &[
            ("household", false),
            ("settlement", false),
            ("stage", false),
            ("children", true),
            ("school_today", false),
            ("school", false),
            ("minutes", true),
            ("why_there", false),
        ],
    );
    let name = |at: u32| a.schools.get(at as usize).map_or("—", |s| s.name.as_str());
    for f in &a.families {
        let today: Vec<&str> = f.today.iter().map(|s| name(s.0)).collect();
        let plan: Vec<&str> = f.plan.iter().map(|s| name(s.0)).collect();
        let why = match f.nearest {
            Some((nearest, more)) => t.f2("plan.why_full", name(nearest), more),
            None => t.of("plan.why_there", &f.reason),
        };
        let far = f.plan.iter().map(|p| p.2).max();
        families.rows.push(vec![
            text(&*f.label),
            text(&*a.settlements[f.settlement as usize].name),
            text(t.of("plan.stage", &f.stage)),
            count(t, i64::from(f.children)),
            text(today.join(t.s("word.comma"))),
            if plan.is_empty() {
                missing(t, i64::from(f.children))
            } else {
                text(plan.join(t.s("word.comma")))
            },
            far.map_or_else(|| text("—"), |m| count(t, i64::from(m))),
            text(why),
        ]);
    }
    // Who changes or has no place first.
    let order = |row: &Vec<super::Cell>| row[4].text == row[5].text;
    families.rows.sort_by_key(order);
    kind.tables.extend([schools, families]);
}
