//! Schools that no plan closes, whatever it would save: the last of a town, those of villages with children enough, and those
//! whose children would have no lawful way.

use std::collections::{BTreeMap, BTreeSet};

use fujiao_model::Division;
use fujiao_plan::sites::{Standards, child};
use fujiao_policy::PolicySet;

use super::inputs::{Inputs, number};
use super::said::Guarded;
use super::sites::{County, whole};
use crate::OfficeError;

/// Keeps the schools that must stay, and says why.
pub(super) fn guard(
    county: &mut County,
    inputs: &Inputs,
    policies: &PolicySet,
) -> Result<Vec<Guarded>, OfficeError> {
    let village_keeps = whole(number(policies, "plan_village_keeps", inputs.as_of)?);
    let town_keeps = whole(number(policies, "plan_town_keeps", inputs.as_of)?) as usize;
    let mut guarded = Vec::new();
    let n = county.question.sites.len();
    let mut children = vec![0_u32; n];
    for group in &county.question.groups {
        if let Some(today) = group.today {
            children[today as usize] += group.children;
        }
    }
    let may_close = |county: &County, at: usize| {
        let site = &county.question.sites[at];
        site.today.is_some() && !site.kept
    };
    // The largest schools of each town that teach all grades; those that stay anyway count.
    let mut towns: BTreeMap<Division, Vec<usize>> = BTreeMap::new();
    for at in 0..n {
        let site = &county.question.sites[at];
        let is_whole = site.today.is_some_and(|f| site.forms[f].bands > 1);
        if let (true, Ok(place)) = (is_whole, Division::from_code(county.schools[at].place)) {
            towns.entry(place.town()).or_default().push(at);
        }
    }
    for mut schools in towns.into_values() {
        schools.sort_by_key(|s| (may_close(county, *s), std::cmp::Reverse(children[*s]), *s));
        for at in schools.into_iter().take(town_keeps) {
            if may_close(county, at) {
                keep(county, at, "town", children[at], &mut guarded);
            }
        }
    }
    // Children of the lower grades who walk lawfully to where they go today.
    let mut near = vec![0_u32; n];
    for group in county.question.groups.iter().filter(|g| g.band == 0) {
        let Some(today) = group.today else { continue };
        let way = county.minutes(group.village as usize, today as usize);
        if way.foot <= county.question.standards.walk_of(0) {
            near[today as usize] += group.children;
        }
    }
    for (at, &near) in near.iter().enumerate() {
        if may_close(county, at) && near >= village_keeps {
            keep(county, at, "village", near, &mut guarded);
        }
    }
    // Who has no other school as it stands today, on foot, by the bus that there is or in the beds that there are.
    let lawful = Standards { lawful_only: true, ..county.question.standards };
    let mut alone: BTreeMap<usize, u32> = BTreeMap::new();
    let question = &county.question;
    let open: BTreeSet<usize> = (0..n).filter(|s| question.sites[*s].today.is_some()).collect();
    for group in &question.groups {
        let Some(today) = group.today.map(|t| t as usize) else { continue };
        if !may_close(county, today) {
            continue;
        }
        let goes = |at: usize| {
            let site = &question.sites[at];
            let way = county.minutes(group.village as usize, at);
            let form = site.today.map(|f| site.forms[f]);
            form.and_then(|f| child(group, &f, way, lawful, question.prices)).is_some()
        };
        if goes(today) && !open.iter().any(|at| *at != today && goes(*at)) {
            *alone.entry(today).or_default() += group.children;
        }
    }
    for (at, children) in alone {
        keep(county, at, "walk", children, &mut guarded);
    }
    Ok(guarded)
}

fn keep(county: &mut County, at: usize, why: &str, children: u32, guarded: &mut Vec<Guarded>) {
    county.question.sites[at].kept = true;
    let school = u32::try_from(at).expect("few schools");
    guarded.push(Guarded { school, why: why.to_owned(), children });
}
