//! Two or three plans of one question side by side.

use askama::Template;
use axum::extract::{Query, State};
use axum::response::Response;
use fujiao_office::desk::Seat;
use fujiao_office::plans::{PlanView, Scenario, ScenarioState, said};
use serde::Deserialize;

use super::figures::{self, Figure};
use super::{draw, gap, kinds, see};
use crate::app::App;
use crate::error::PageError;
use crate::gate::{Sat, done};
use crate::shell::{Reader, Shell};

#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Chosen {
    a: String,
    b: String,
    c: String,
}

/// Whether there is something to compare.
fn is_solved(p: &Scenario) -> bool {
    matches!(p.state, ScenarioState::Solved | ScenarioState::Accepted)
}

/// The question whose plans are compared: that of the first chosen, else the one with most plans.
fn question(plans: &[Scenario], asked: &[u64]) -> String {
    let chosen = plans.iter().filter(|p| is_solved(p)).find(|p| asked.contains(&p.id));
    chosen.map_or_else(
        || {
            let count =
                |q: &str| plans.iter().filter(|p| is_solved(p)).filter(|p| p.question == q).count();
            let most =
                plans.iter().filter(|p| is_solved(p)).max_by_key(|p| (count(&p.question), p.id));
            most.map_or_else(|| "sites".to_owned(), |p| p.question.clone())
        },
        |p| p.question.clone(),
    )
}

#[derive(Template)]
#[template(path = "plan-compare.html")]
struct ComparePage {
    s: Shell,
    heading: String,
    note: String,
    /// Plans that can be compared: id, name, question.
    choices: Vec<(u64, String)>,
    picks: Vec<(&'static str, u64)>,
    names: Vec<(u64, String)>,
    figures: Vec<Figure>,
    gaps: Vec<String>,
    maps: Vec<(String, String, String)>,
    key: Vec<(usize, String)>,
    /// What stands under the key; empty: that of a plan of schools.
    marks: String,
    differ: Vec<Vec<String>>,
    is_sites: bool,
}

pub(super) async fn compare(
    State(app): State<App>,
    reader: Reader,
    Sat(seat): Sat,
    Query(chosen): Query<Chosen>,
) -> Result<Response, PageError> {
    let t = reader.lang.words();
    let frame = crate::pages::ask(&reader, &seat, Seat::frame).await?;
    let actor = seat.actor().clone();
    let plans = done(&reader, &app.office, move |office| office.plans(&actor)).await?;
    let asked: Vec<u64> =
        [&chosen.a, &chosen.b, &chosen.c].iter().filter_map(|id| id.parse().ok()).collect();
    let question = question(&plans, &asked);
    let of_one = |p: &&Scenario| is_solved(p) && p.question == question;
    let choices: Vec<(u64, String)> =
        plans.iter().filter(of_one).map(|p| (p.id, format!("{} {}", p.id, p.title))).collect();
    let mut picked: Vec<u64> =
        asked.into_iter().filter(|id| choices.iter().any(|c| c.0 == *id)).collect();
    picked.dedup();
    for (id, _) in &choices {
        if picked.len() < 2 && !picked.contains(id) {
            picked.push(*id);
        }
    }
    let pick = |n: usize| picked.get(n).copied().unwrap_or(0);
    let mut page = ComparePage {
        s: Shell::new(&reader, Some(frame), "plans", t.s("plan.compare")),
        heading: t.s("plan.compare").to_owned(),
        note: t.s("plan.compare_none").to_owned(),
        picks: vec![("a", pick(0)), ("b", pick(1)), ("c", pick(2))],
        names: Vec::new(),
        figures: Vec::new(),
        gaps: Vec::new(),
        maps: Vec::new(),
        key: Vec::new(),
        marks: String::new(),
        differ: Vec::new(),
        is_sites: question == "sites",
        choices,
    };
    if picked.len() >= 2 {
        let mut views = Vec::new();
        for id in &picked {
            views.push(see(&app, &reader, &seat, &id.to_string()).await?);
        }
        let same = views.windows(2).all(|w| w[0].scenario.run == w[1].scenario.run);
        t.s(if same { "plan.same_inputs" } else { "plan.other_inputs" }).clone_into(&mut page.note);
        let name = |v: &PlanView| format!("{} {}", v.scenario.id, v.scenario.title);
        page.names = views.iter().map(|v| (v.scenario.id, name(v))).collect();
        page.gaps = views.iter().map(|v| gap(t, &v.scenario)).collect();
        let sites: Vec<(&PlanView, &said::Sites)> = views
            .iter()
            .filter_map(|v| match &v.result {
                Some(said::Result::Sites(sites)) => Some((v, sites)),
                _ => None,
            })
            .collect();
        let others: Vec<kinds::Kind> = views.iter().filter_map(|v| kinds::of(t, v)).collect();
        if sites.len() == views.len() {
            page.heading = figures::compare_heading(t, &sites);
            let tallies: Vec<_> = sites.iter().map(|(_, s)| &s.plan).collect();
            page.figures = figures::table(t, sites[0].1.today.as_ref(), &tallies);
            page.maps = sites.iter().map(|(v, s)| draw::map(t, s, true, &name(v))).collect();
            page.key = draw::key(t);
            page.differ = figures::differ(t, &sites.iter().map(|s| s.1).collect::<Vec<_>>());
        } else if others.len() == views.len() {
            page.heading = t.of("plan.question", &question);
            for (n, mut kind) in others.into_iter().enumerate() {
                if n == 0 {
                    (page.key, page.marks) = (kind.key, kind.marks);
                }
                for (at, figure) in kind.figures.into_iter().enumerate() {
                    match page.figures.get_mut(at) {
                        Some(known) => known.plans.extend(figure.plans),
                        None => page.figures.push(figure),
                    }
                }
                if let Some((_, note, svg)) = kind.maps.pop() {
                    page.maps.push((page.names[n].1.clone(), note, svg));
                }
            }
        } else {
            page.heading = t.of("plan.question", &question);
            page.figures = figures::ahead_table(
                t,
                &views
                    .iter()
                    .filter_map(|v| match &v.result {
                        Some(said::Result::Ahead(ahead)) => Some(ahead),
                        _ => None,
                    })
                    .collect::<Vec<_>>(),
            );
        }
    }
    crate::pages::page(&reader, &page)
}
