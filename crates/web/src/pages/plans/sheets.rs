//! A plan as a workbook.

use fujiao_office::desk::{Frame, List, ListCell};
use fujiao_office::plans::{PlanView, said};
use jiff::Timestamp;

use super::{figures, kinds};
use crate::export::{self, text, whole};
use crate::words::Words;

/// The sheets of a plan: figures, schools and ways, or years, towns and buildings; and what it asks once accepted.
#[expect(clippy::too_many_lines, reason = "one sheet after the other")]
pub(super) fn of(t: &Words, frame: &Frame, v: &PlanView, who: &str, at: Timestamp) -> Vec<List> {
    let mut sheets = Vec::new();
    let mut add = |key: &str, columns: &[&str], rows: Vec<Vec<ListCell>>| {
        sheets.push(sheet(t, (frame, v), (who, at), key, columns, rows));
    };
    match &v.result {
        Some(said::Result::Sites(sites)) => {
            let rows = figures::table(t, sites.today.as_ref(), &[&sites.plan]);
            let rows = rows.into_iter().map(|f| {
                let (plan, change, _) = f.plans.into_iter().next().unwrap_or_default();
                [f.name, f.unit, f.today, plan, change].map(text).to_vec()
            });
            add("figures", &["figure", "unit", "today", "plan", "change"], rows.collect());
            add(
                "schools",
                &[
                    "school",
                    "action",
                    "added",
                    "children_today",
                    "children",
                    "classes_today",
                    "classes",
                    "boarders",
                    "riders",
                    "once",
                    "yearly",
                ],
                sites.schools.iter().map(|s| school(t, s)).collect(),
            );
            let ways = sites.flows.iter().map(|f| {
                let from = f.from.map_or("", |s| sites.schools[s as usize].name.as_str());
                vec![
                    text(sites.villages[f.village as usize].name.clone()),
                    text(from.to_owned()),
                    text(sites.schools[f.school as usize].name.clone()),
                    whole(i64::from(f.children)),
                    text(t.of("plan.way", f.way.code())),
                    whole(i64::from(f.minutes)),
                ]
            });
            let columns = ["village", "school_today", "school", "children", "way", "minutes"];
            add("ways", &columns, ways.collect());
        }
        Some(said::Result::Short { missing }) => {
            let rows = figures::missing(t, missing);
            let rows = rows.into_iter().map(|row| row.map(text).to_vec()).collect();
            add("missing", &["village", "children", "change_needed"], rows);
        }
        Some(said::Result::Ahead(ahead)) => {
            let rows = figures::years(t, ahead);
            let columns = [
                "year",
                "primary",
                "primary_range",
                "junior",
                "junior_range",
                "classes",
                "too_large",
                "places_missing",
                "beds_missing",
            ];
            add("years", &columns, rows.into_iter().map(|row| row.map(text).to_vec()).collect());
            let rows = ahead.towns.iter().flat_map(|town| {
                let years = ahead.years.iter().map(|y| y.year);
                years.zip(&town.children).map(|(year, children)| {
                    vec![
                        text(town.name.clone()),
                        whole(i64::from(year)),
                        whole(i64::from(*children)),
                    ]
                })
            });
            add("towns", &["town", "year", "children"], rows.collect());
            let rows = ahead.buildings.iter().map(|b| {
                vec![
                    text(b.name.clone()),
                    whole(i64::from(b.years.0)),
                    whole(i64::from(b.years.1)),
                    whole(i64::from(b.rooms)),
                    whole(i64::from(b.beds)),
                    whole(i64::try_from(b.yuan).unwrap_or(i64::MAX)),
                ]
            });
            let columns = ["school", "decide_in", "needed_in", "rooms", "beds", "yuan"];
            add("buildings", &columns, rows.collect());
        }
        Some(
            said::Result::Teachers(_)
            | said::Result::Places(_)
            | said::Result::Money(_)
            | said::Result::Courses(_),
        )
        | None => {}
    }
    if let Some(kind) = kinds::of(t, v) {
        let rows = kind.figures.into_iter().map(|f| {
            let (plan, change, _) = f.plans.into_iter().next().unwrap_or_default();
            [f.name, f.unit, f.today, plan, change].map(text).to_vec()
        });
        let columns = ["figure", "unit", "today", "plan", "change"];
        let rows = rows.collect();
        sheets.push(sheet(t, (frame, v), (who, at), "figures", &columns, rows));
        for table in kind.tables {
            let name = format!("{} {}", v.scenario.title, table.title(t));
            sheets.push(List {
                sheet: table.title(t),
                head: export::head(t, frame, &name, who, at),
                columns: table.columns.iter().map(|c| c.0.clone()).collect(),
                rows: table
                    .rows
                    .iter()
                    .map(|row| row.iter().map(kinds::Cell::listed).collect())
                    .collect(),
                as_of: frame.as_of.unwrap_or(jiff::civil::date(2000, 1, 1)),
            });
        }
    }
    let mut add = |key: &str, columns: &[&str], rows: Vec<Vec<ListCell>>| {
        sheets.push(sheet(t, (frame, v), (who, at), key, columns, rows));
    };
    if !v.duties.is_empty() {
        let rows = v.duties.iter().map(|d| {
            vec![
                whole(i64::from(d.line)),
                text(figures::subject(v, d).0),
                text(t.of("plan.do", d.kind.trim_start_matches("plan."))),
                whole(d.quantity),
                text(d.facts.clone()),
                text(d.bearer.clone()),
                ListCell::Day(d.due_on),
                d.done.as_ref().map_or(ListCell::Empty, |(on, _)| ListCell::Day(*on)),
            ]
        });
        let columns = ["line", "school", "to_do", "quantity", "why", "bearer", "due_on", "done_on"];
        add("duties", &columns, rows.collect());
    }
    let rows = figures::facts(t, v).into_iter().map(|(name, value)| vec![text(name), text(value)]);
    add("facts", &["fact", "value"], rows.collect());
    sheets
}

fn sheet(
    t: &Words,
    (frame, v): (&Frame, &PlanView),
    (who, at): (&str, Timestamp),
    key: &str,
    columns: &[&str],
    rows: Vec<Vec<ListCell>>,
) -> List {
    let name = format!("{} {}", v.scenario.title, t.of("plan.sheet", key));
    List {
        sheet: t.of("plan.sheet", key),
        head: export::head(t, frame, &name, who, at),
        columns: columns.iter().map(|c| t.of("plan.column", c)).collect(),
        rows,
        as_of: frame.as_of.unwrap_or(jiff::civil::date(2000, 1, 1)),
    }
}

fn school(t: &Words, s: &said::School) -> Vec<ListCell> {
    let classes = |f: Option<said::Form>| whole(f.map_or(0, |f| i64::from(f.classes)));
    vec![
        text(s.name.clone()),
        text(t.of("plan.action", s.action.code())),
        text(figures::added(t, s)),
        whole(i64::from(s.children_today)),
        whole(i64::from(s.children)),
        classes(s.today),
        classes(s.plan),
        whole(i64::from(s.boarders)),
        whole(i64::from(s.riders)),
        whole(s.plan.map_or(0, |f| f.yuan_once)),
        whole(s.plan.map_or(0, |f| f.yuan_a_year)),
    ]
}
