//! Who teaches where next year.

use fujiao_office::plans::said;

use super::super::draw::{self, Dot};
use super::{Chart, Kind, Table, count, figure, missing, text};
use crate::pages::hex;
use crate::words::Words;

/// Steps of vacant posts at a school.
const STEPS: [u32; 4] = [0, 1, 3, 6];

pub(super) fn of(t: &Words, a: &said::Teachers) -> Kind {
    let recruits: u32 = a.recruits.iter().map(|r| r.number).sum();
    let learners: usize = a.groups.iter().map(|g| g.learners.len()).sum();
    let percent = |part: u32, whole: u32| {
        (100 * part).checked_div(whole).map_or_else(|| "—".to_owned(), |share| format!("{share}%"))
    };
    let moved = u32::try_from(a.moves.len()).unwrap_or(u32::MAX);
    let stat = |key: &str, value: String, note: String| (t.of("plan.stat", key), value, note);
    let mut kind = Kind {
        heading: t.f3(
            "plan.head_teachers",
            t.n(i64::from(moved)),
            t.n(i64::from(recruits)),
            learners,
        ),
        stats: vec![
            stat("moves", t.n(i64::from(moved)), String::new()),
            stat(
                "turn",
                percent(a.turn.1, a.turn.0),
                t.f2("plan.turn_note", t.n(i64::from(a.turn.1)), t.n(i64::from(a.turn.0))),
            ),
            stat("backbone", percent(a.backbone, moved), t.f1("plan.least_share", a.shares.1)),
            stat("recruits", t.n(i64::from(recruits)), t.f1("plan.pledge", a.pledge_years)),
            stat("vacant", t.n(i64::from(a.plan.vacant)), t.s("plan.vacant_proven").to_owned()),
        ],
        ..Kind::default()
    };
    let of = |f: fn(&said::TeachersTally) -> u32| (i64::from(f(&a.today)), i64::from(f(&a.plan)));
    for (key, (today, plan), tenths, worse) in [
        ("filled", of(|t| t.filled), false, Some(false)),
        ("vacant", of(|t| t.vacant), false, Some(true)),
        ("vacant_remote", of(|t| t.vacant_remote), false, Some(true)),
        ("surplus", of(|t| t.surplus), false, Some(true)),
        ("backbone_remote", of(|t| t.backbone_remote), false, Some(false)),
        ("home_minutes", of(|t| t.mean_minutes_tenths), true, Some(true)),
    ] {
        kind.figures.push(figure(t, key, today, plan, tenths, worse));
    }
    let (key, marks) = (draw::steps_key(t, &STEPS, "plan.key_posts"), t.s("plan.marks_teachers"));
    (kind.key, kind.marks) = (key, marks.to_owned());
    for planned in [false, true] {
        let dots = a.schools.iter().filter_map(|s| {
            let vacant = if planned { s.vacant.1 } else { s.vacant.0 };
            let of = if planned { s.teachers.2 } else { s.teachers.1 };
            Some(Dot {
                at: s.at?,
                size: f64::from(of),
                step: draw::step_of(&STEPS, vacant),
                is_square: s.remote,
                title: t.f3("plan.dot_posts", &s.name, of, vacant),
            })
        });
        let dots: Vec<Dot> = dots.collect();
        let lines = a.moves.iter().filter(|_| planned).filter_map(|m| {
            let from = a.schools[m.from? as usize].at?;
            Some((from, a.schools[m.to as usize].at?))
        });
        let tally = if planned { &a.plan } else { &a.today };
        let title = t.s(if planned { "plan.planned" } else { "plan.today" });
        let note = t.f1("plan.map_posts", t.n(i64::from(tally.vacant)));
        kind.maps.push(draw::dots(t, (title, note), &dots, &lines.collect::<Vec<_>>()));
    }
    let vacant: Vec<draw::Bar> = a
        .subjects
        .iter()
        .filter(|s| s.vacant.0 > 0)
        .take(12)
        .map(|s| draw::Bar {
            label: s.name.clone(),
            value: u64::from(s.vacant.1),
            whole: u64::from(s.vacant.0),
            text: format!("{} → {}", s.vacant.0, s.vacant.1),
        })
        .collect();
    if !vacant.is_empty() {
        kind.charts.push(Chart {
            title: t.s("plan.chart_subjects").to_owned(),
            note: t.s("plan.chart_subjects_note").to_owned(),
            svg: draw::bars(t.s("plan.chart_subjects"), &vacant),
        });
    }
    tables(t, a, &mut kind);
    if !a.keeps_the_rules {
        kind.notes.push(t.s("plan.rules_not_kept").to_owned());
    }
    if a.home_unknown > 0 {
        kind.notes.push(t.f1("plan.homes_unknown", t.n(i64::from(a.home_unknown))));
    }
    if a.left_out > 0 {
        kind.notes.push(t.f1("plan.staff_left_out", t.n(i64::from(a.left_out))));
    }
    kind.facts = vec![
        (t.of("plan.facts", "reach"), t.f1("plan.minutes", a.reach_minutes)),
        (t.of("plan.facts", "turn"), t.f1("plan.years", a.turn_years)),
        (t.of("plan.facts", "shares"), format!("{}% / {}%", a.shares.0, a.shares.1)),
    ];
    kind
}

/// A school by its place in the list, with a way to its page.
fn school(a: &said::Teachers, at: u32) -> super::Cell {
    let school = &a.schools[at as usize];
    text(&*school.name).to(format!("/school/{}", hex(school.id)))
}

fn tables(t: &Words, a: &said::Teachers, kind: &mut Kind) {
    let all = [moves(t, a), recruits(t, a), groups(t, a), subjects(t, a), posts(t, a), kept(t, a)];
    kind.tables.extend(all.into_iter().filter(|t| !t.rows.is_empty()));
}

fn moves(t: &Words, a: &said::Teachers) -> Table {
    let mut moves = Table::new(
        t,
        "moves",
        t.s("plan.moves_note").to_owned(),
        &[
            ("teacher", false),
            ("subject", false),
            ("from", false),
            ("to", false),
            ("why_moved", false),
            ("years_here", true),
            ("minutes", true),
        ],
    );
    for m in &a.moves {
        let name = if m.backbone { t.f1("plan.is_backbone", &m.name) } else { m.name.clone() };
        let name = text(name);
        moves.rows.push(vec![
            match m.person {
                Some(person) => name.to(format!("/person/{}", hex(person))),
                None => name,
            },
            text(&*m.subject),
            m.from.map_or_else(|| text("—"), |from| school(a, from)),
            school(a, m.to),
            text(t.of("plan.why_moved", &m.why)),
            count(t, i64::from(m.years)),
            count(t, i64::from(m.minutes)),
        ]);
    }
    moves
}

fn recruits(t: &Words, a: &said::Teachers) -> Table {
    let mut recruits = Table::new(
        t,
        "recruits",
        t.f1("plan.pledge_note", a.pledge_years),
        &[("subject", false), ("people", true), ("where", false)],
    );
    for r in &a.recruits {
        let schools: Vec<String> = r
            .schools
            .iter()
            .map(|(at, n)| format!("{} {n}", a.schools[*at as usize].name))
            .collect();
        recruits.rows.push(vec![
            text(&*r.subject),
            count(t, i64::from(r.number)),
            text(schools.join(t.s("word.comma"))),
        ]);
    }
    recruits
}

fn groups(t: &Words, a: &said::Teachers) -> Table {
    let mut groups = Table::new(
        t,
        "groups",
        t.s("plan.groups_note").to_owned(),
        &[("learn", false), ("venue", false), ("people", true), ("who", false)],
    );
    for g in &a.groups {
        let who: Vec<String> = g
            .learners
            .iter()
            .map(|(name, to)| format!("{name} → {}", a.schools[*to as usize].name))
            .collect();
        groups.rows.push(vec![
            text(&*g.subject),
            school(a, g.venue),
            count(t, g.learners.len()),
            text(who.join(t.s("word.comma"))),
        ]);
    }
    groups
}

fn subjects(t: &Words, a: &said::Teachers) -> Table {
    let mut subjects = Table::new(
        t,
        "subjects",
        t.s("plan.subjects_note").to_owned(),
        &[
            ("subject", false),
            ("needed", true),
            ("teachers", true),
            ("vacant_today", true),
            ("vacant_plan", true),
        ],
    );
    for s in &a.subjects {
        subjects.rows.push(vec![
            text(&*s.name),
            count(t, i64::from(s.needed)),
            count(t, i64::from(s.teachers)),
            count(t, i64::from(s.vacant.0)),
            missing(t, i64::from(s.vacant.1)),
        ]);
    }
    subjects
}

fn kept(t: &Words, a: &said::Teachers) -> Table {
    let mut kept = Table::new(
        t,
        "kept",
        t.f1("plan.kept_note", a.turn_years),
        &[("teacher", false), ("school", false), ("why_kept", false)],
    );
    for k in &a.kept {
        kept.rows.push(vec![
            text(&*k.name),
            school(a, k.school),
            text(t.of("plan.why_kept", &k.why)),
        ]);
    }
    kept
}

fn posts(t: &Words, a: &said::Teachers) -> Table {
    let mut posts = Table::new(
        t,
        "posts",
        t.s("plan.posts_note").to_owned(),
        &[
            ("school", false),
            ("needed", true),
            ("teachers", true),
            ("teachers_plan", true),
            ("vacant_today", true),
            ("vacant_plan", true),
        ],
    );
    let mut order: Vec<usize> = (0..a.schools.len()).collect();
    order.sort_by_key(|s| {
        let of = &a.schools[*s];
        (std::cmp::Reverse(of.vacant.1), std::cmp::Reverse(of.vacant.0), *s)
    });
    for at in order {
        let s = &a.schools[at];
        posts.rows.push(vec![
            school(a, u32::try_from(at).unwrap_or(0)),
            count(t, i64::from(s.teachers.0)),
            count(t, i64::from(s.teachers.1)),
            count(t, i64::from(s.teachers.2)),
            count(t, i64::from(s.vacant.0)),
            missing(t, i64::from(s.vacant.1)),
        ]);
    }
    posts
}
