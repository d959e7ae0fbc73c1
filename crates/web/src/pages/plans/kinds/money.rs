//! What is paid, when, and from which purse.

use std::collections::BTreeMap;

use fujiao_office::plans::{PlanView, said};

use super::super::draw::{self, Dot};
use super::super::figures::wan;
use super::{Chart, Kind, Table, count, figure, missing, text};
use crate::pages::hex;
use crate::words::Words;

/// Steps of children for whom a school lacks something.
const STEPS: [u32; 4] = [0, 50, 150, 400];

pub(super) fn of(t: &Words, v: &PlanView, a: &said::Money) -> Kind {
    let paid = || a.projects.iter().filter(|p| p.paid.is_some());
    let worth = |n: i64| t.n(n / 100);
    let (all, closed): (i64, i64) =
        (a.projects.iter().map(|p| p.worth).sum(), paid().map(|p| p.worth).sum());
    let money: i64 = a.purses.iter().map(|p| p.yuan).sum();
    let spent: i64 = a.purses.iter().map(|p| p.spent).sum();
    let needed: i64 = a.projects.iter().map(|p| i64::from(p.yuan)).sum();
    let stat = |key: &str, value: String, note: String| (t.of("plan.stat", key), value, note);
    let best = a.purses.iter().max_by_key(|p| p.more_is_worth).filter(|p| p.more_is_worth > 0);
    let gap = v.gap_percent().unwrap_or_default();
    let gap = if gap < 1e-6 {
        t.s("plan.proven").to_owned()
    } else {
        format!("{:.2}%", (gap * 100.0).ceil() / 100.0)
    };
    let mut kind = Kind {
        heading: t.f3("plan.head_money", paid().count(), a.projects.len(), wan(t, spent)),
        stats: vec![
            stat("spent", wan(t, spent), t.f1("plan.of_money", wan(t, money))),
            stat("closed", worth(closed), t.f1("plan.of_children", worth(all))),
            stat("left", wan(t, money - spent), String::new()),
            match best {
                Some(p) => stat(
                    "one_more",
                    t.f1("plan.children_more", tenth(p.more_is_worth)),
                    format!("{} {}", p.name, p.year),
                ),
                None => stat("one_more", "0".to_owned(), String::new()),
            },
            stat("gap", gap, String::new()),
        ],
        ..Kind::default()
    };
    kind.figures = vec![
        figure(
            t,
            "open_projects",
            count_of(a.projects.len()),
            count_of(a.projects.len()) - count_of(paid().count()),
            false,
            Some(true),
        ),
        figure(t, "open_worth", all / 100, (all - closed) / 100, false, Some(true)),
        figure(t, "open_money", needed / 10_000, (needed - spent) / 10_000, false, Some(true)),
        figure(
            t,
            "towns_short",
            count_of(a.towns.iter().filter(|t| t.floor > 0).count()),
            count_of(a.towns.iter().filter(|t| t.short > 0).count()),
            false,
            Some(true),
        ),
    ];
    kind.key = draw::steps_key(t, &STEPS, "plan.key_worth");
    t.s("plan.marks_money").clone_into(&mut kind.marks);
    maps(t, a, (all, closed), &mut kind);
    charts(t, a, &mut kind);
    tables(t, a, &mut kind);
    if let Some(kept) = a.kept_percent.filter(|kept| *kept < a.town_percent) {
        kind.notes.push(t.f2("plan.town_kept", a.town_percent, kept));
    }
    for town in a.towns.iter().filter(|t| t.short > 0) {
        kind.notes.push(t.f2("plan.town_short", &town.name, worth(town.short)));
    }
    let waits = a.projects.iter().filter(|p| p.waits == "purse").count();
    if waits > 0 {
        kind.notes.push(t.f1("plan.no_purse", waits));
    }
    kind.facts = vec![
        (t.of("plan.facts", "town_percent"), format!("{}%", a.town_percent)),
        (
            t.of("plan.facts", "projects"),
            t.s(if a.from_ledger { "plan.from_ledger" } else { "plan.from_table" }).to_owned(),
        ),
    ];
    kind
}

/// Children for whom something is open, today and when the plan is done.
fn maps(t: &Words, a: &said::Money, (all, closed): (i64, i64), kind: &mut Kind) {
    for planned in [false, true] {
        let mut open: BTreeMap<&str, ((f64, f64), i64)> = BTreeMap::new();
        for p in &a.projects {
            let Some(at) = p.at else { continue };
            let of = open.entry(p.whose.as_str()).or_insert((at, 0));
            of.1 += if planned && p.paid.is_some() { 0 } else { p.worth };
        }
        let dots: Vec<Dot> = open
            .into_iter()
            .map(|(name, (at, worth))| {
                let children = u32::try_from(worth / 100).unwrap_or(u32::MAX);
                Dot {
                    at,
                    size: 14.0,
                    step: draw::step_of(&STEPS, children),
                    is_square: false,
                    title: t.f2("plan.dot_worth", name, children),
                }
            })
            .collect();
        let title = t.s(if planned { "plan.planned" } else { "plan.today" });
        let left = if planned { all - closed } else { all };
        kind.maps.push(draw::dots(t, (title, t.f1("plan.map_worth", t.n(left / 100))), &dots, &[]));
    }
}

fn charts(t: &Words, a: &said::Money, kind: &mut Kind) {
    let spent_bars: Vec<draw::Bar> = a
        .purses
        .iter()
        .map(|p| draw::Bar {
            label: format!("{} {}", p.name, p.year),
            value: u64::try_from(p.spent).unwrap_or(0),
            whole: u64::try_from(p.yuan).unwrap_or(0),
            text: format!("{} / {}", wan(t, p.spent), wan(t, p.yuan)),
        })
        .collect();
    kind.charts.push(Chart {
        title: t.s("plan.chart_purses").to_owned(),
        note: t.s("plan.chart_purses_note").to_owned(),
        svg: draw::bars(t.s("plan.chart_purses"), &spent_bars),
    });
    let towns: Vec<draw::Bar> = a
        .towns
        .iter()
        .filter(|t| t.worth > 0)
        .map(|town| draw::Bar {
            label: town.name.clone(),
            value: u64::try_from(town.paid).unwrap_or(0),
            whole: u64::try_from(town.worth).unwrap_or(0),
            text: format!("{}%", 100 * town.paid / town.worth.max(1)),
        })
        .collect();
    kind.charts.push(Chart {
        title: t.s("plan.chart_towns").to_owned(),
        note: t.f1("plan.chart_towns_note", a.town_percent),
        svg: draw::bars(t.s("plan.chart_towns"), &towns),
    });
}

fn count_of(n: usize) -> i64 {
    i64::try_from(n).unwrap_or(i64::MAX)
}

/// Hundredths of a child as a number with one decimal, rounded up where there is anything.
fn tenth(hundredths: i64) -> String {
    let tenths = (hundredths + 9) / 10;
    format!("{}.{}", tenths / 10, tenths % 10)
}

fn tables(t: &Words, a: &said::Money, kind: &mut Kind) {
    kind.tables.extend([projects(t, a), purses(t, a), towns(t, a)]);
}

fn projects(t: &Words, a: &said::Money) -> Table {
    let mut projects = Table::new(
        t,
        "projects",
        t.s("plan.projects_note").to_owned(),
        &[
            ("project", false),
            ("whose", false),
            ("calendar_year", false),
            ("purse", false),
            ("yuan", true),
            ("worth", true),
        ],
    );
    let mut order: Vec<&said::Project> = a.projects.iter().collect();
    order.sort_by_key(|p| {
        let year = p.paid.as_ref().map_or(i16::MAX, |paid| paid.year);
        (year, std::cmp::Reverse(p.worth), p.whose.clone(), p.name.clone())
    });
    for p in order {
        let (year, from) = match &p.paid {
            Some(paid) => {
                let from: Vec<String> = paid
                    .from
                    .iter()
                    .map(|(purse, yuan)| {
                        let name = &a.purses[*purse as usize].name;
                        if paid.from.len() == 1 {
                            name.clone()
                        } else {
                            format!("{name} {}", wan(t, i64::from(*yuan)))
                        }
                    })
                    .collect();
                (paid.year.to_string(), from.join(t.s("word.comma")))
            }
            None => ("—".to_owned(), t.of("plan.waits", &p.waits)),
        };
        let whose = text(&*p.whose);
        projects.rows.push(vec![
            text(&*p.name),
            match p.school {
                Some(id) => whose.to(format!("/school/{}", hex(id))),
                None => whose,
            },
            text(year),
            text(from),
            count(t, i64::from(p.yuan)),
            count(t, p.worth / 100),
        ]);
    }
    projects
}

fn purses(t: &Words, a: &said::Money) -> Table {
    let mut purses = Table::new(
        t,
        "purses",
        t.s("plan.purses_note").to_owned(),
        &[
            ("purse", false),
            ("calendar_year", false),
            ("uses", false),
            ("yuan", true),
            ("spent", true),
            ("left", true),
            ("one_more", false),
        ],
    );
    for p in &a.purses {
        let uses = if p.uses.is_empty() {
            t.s("plan.any_use").to_owned()
        } else {
            p.uses.join(t.s("word.comma"))
        };
        purses.rows.push(vec![
            text(&*p.name),
            text(p.year.to_string()),
            text(uses),
            count(t, p.yuan),
            count(t, p.spent),
            count(t, p.yuan - p.spent),
            text(if p.more_is_worth == 0 {
                "0".to_owned()
            } else {
                t.f1("plan.children_more", tenth(p.more_is_worth))
            }),
        ]);
    }
    purses
}

fn towns(t: &Words, a: &said::Money) -> Table {
    let mut towns = Table::new(
        t,
        "town_money",
        t.f1("plan.chart_towns_note", a.town_percent),
        &[
            ("town", false),
            ("worth", true),
            ("closed", true),
            ("floor", true),
            ("short", true),
            ("yuan", true),
        ],
    );
    for town in &a.towns {
        towns.rows.push(vec![
            text(if town.binds { t.f1("plan.town_binds", &town.name) } else { town.name.clone() }),
            count(t, town.worth / 100),
            count(t, town.paid / 100),
            count(t, (town.floor + 99) / 100),
            missing(t, (town.short + 99) / 100),
            count(t, town.yuan),
        ]);
    }
    towns
}
