//! Which schools and teaching points to keep or open, counting what families pay and what the state pays.
//!
//! A family pays in minutes; beyond the lawful walk in **陪读**: a parent rents a room near the school and earns nothing, unless
//! there is a bed, which costs boarding fees. The state pays for each school that is kept or built. The cheapest choice is a
//! [`crate::cfl`] with a bound; today, plan and difference stand side by side.

use crate::budget::Budget;
use crate::cfl::{self, Facilities, Opened};
use crate::pmedian::{Costs, PlanError};

/// Children of one village who need a place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Village {
    /// How many; a village with none is left out.
    pub children: u32,
    /// Where they go today; `None` where that is not known.
    pub today: Option<u32>,
}

/// A school that there is, or could be.
#[derive(Clone, Debug, PartialEq)]
pub struct Site {
    /// Children that it can hold.
    pub places: u32,
    /// Beds for boarders; with none, who lives too far is accompanied.
    pub beds: u32,
    /// Yuan a year to keep it, buildings written off by the year; for one to be built, that as well.
    pub yuan_a_year: f64,
    /// Whether it is open today.
    pub open_today: bool,
    /// Whether it may be closed, or built.
    pub may_change: bool,
}

/// What counts how much. Policies give the figures, each with its source.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Weights {
    /// Longest lawful walk one way, in minutes.
    pub walk_minutes: f64,
    /// Yuan a year for each minute that one child walks one way each school day.
    pub yuan_a_minute: f64,
    /// Yuan a year that accompanying one child costs its family: rent, lost work.
    pub accompany_yuan: f64,
    /// Yuan a year that boarding costs the family of one child.
    pub board_yuan: f64,
}

/// What a choice of sites means.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Tally {
    /// Schools kept.
    pub schools: usize,
    /// Minutes that all children walk one way.
    pub minutes: f64,
    /// Children who walk farther than is lawful, and so board or are accompanied.
    pub far: u64,
    /// Of these, those accompanied, as there is no bed.
    pub accompanied: u64,
    /// Yuan a year that families pay, minutes included.
    pub families_yuan: f64,
    /// Yuan a year that the state pays.
    pub state_yuan: f64,
}

/// A plan of sites beside today.
#[derive(Clone, Debug, PartialEq)]
pub struct SitesPlan {
    /// Open sites.
    pub open: Vec<u32>,
    /// For each village: sites and children.
    pub goes: Vec<Vec<(u32, u32)>>,
    /// Today; `None` where some village's school is not known.
    pub today: Option<Tally>,
    /// The plan.
    pub plan: Tally,
    /// Sites that are full, and the yuan a year that one more place there would save: what binds.
    pub full: Vec<(u32, f64)>,
    /// Yuan a year of families and state together.
    pub objective: f64,
    /// No choice of sites costs less.
    pub bound: f64,
}

/// The cheapest choice of sites for families and state together; `minutes(village, site)`.
///
/// Beds are counted as if each far child of a site found one or none did: a site has beds for all or is taken to have none.
///
/// # Errors
/// [`PlanError::TooSmall`] says how many places are missing.
pub fn plan(
    villages: &[Village],
    sites: &[Site],
    minutes: &dyn Fn(usize, usize) -> f64,
    weights: Weights,
    budget: Budget,
) -> Result<SitesPlan, PlanError> {
    let living: Vec<usize> = (0..villages.len()).filter(|v| villages[*v].children > 0).collect();
    let mut by_site = Vec::with_capacity(living.len() * sites.len());
    for (at, site) in sites.iter().enumerate() {
        for &village in &living {
            let one = child_yuan(minutes(village, at), site, weights);
            by_site.push(one * f64::from(villages[village].children));
        }
    }
    let problem = Facilities {
        costs: Costs::new(living.len(), by_site)?,
        demand: living.iter().map(|v| villages[*v].children).collect(),
        capacity: sites
            .iter()
            .map(|s| if s.open_today || s.may_change { i64::from(s.places) } else { 0 })
            .collect(),
        // What cannot be closed is paid for in any case: it is added afterwards.
        fixed: sites.iter().map(|s| if s.may_change { s.yuan_a_year } else { 0.0 }).collect(),
    };
    let solved = cfl::solve(&problem, budget)?;
    let kept: f64 =
        sites.iter().filter(|s| !s.may_change && s.open_today).map(|s| s.yuan_a_year).sum();
    let mut open = solved.plan.open;
    open.extend(
        (0..sites.len() as u32)
            .filter(|s| !sites[*s as usize].may_change && sites[*s as usize].open_today),
    );
    open.sort_unstable();
    open.dedup();
    open.retain(|s| sites[*s as usize].open_today || sites[*s as usize].may_change);
    let prices = Opened::solve(&problem, &open, None).expect("the plan holds everybody").price;
    let full =
        open.iter().map(|s| (*s, prices[*s as usize])).filter(|(_, price)| *price > 0.0).collect();
    let mut goes = vec![Vec::new(); villages.len()];
    for (&village, row) in living.iter().zip(solved.plan.served) {
        goes[village] = row;
    }
    let today_goes: Option<Vec<Vec<(u32, u32)>>> = villages
        .iter()
        .map(
            |v| if v.children == 0 { Some(Vec::new()) } else { Some(vec![(v.today?, v.children)]) },
        )
        .collect();
    let open_today: Vec<u32> =
        (0..sites.len() as u32).filter(|s| sites[*s as usize].open_today).collect();
    let today = today_goes.map(|goes| tally(&goes, &open_today, sites, minutes, weights));
    let tallied = tally(&goes, &open, sites, minutes, weights);
    Ok(SitesPlan {
        open,
        goes,
        today,
        plan: tallied,
        full,
        objective: solved.objective + kept,
        bound: solved.bound + kept,
    })
}

/// The cheapest plans as a minute counts for more and more: fewer minutes for more money, one after the other.
///
/// # Errors
/// As [`plan`].
pub fn trade_off(
    villages: &[Village],
    sites: &[Site],
    minutes: &dyn Fn(usize, usize) -> f64,
    weights: Weights,
    factors: &[f64],
    budget: Budget,
) -> Result<Vec<(f64, SitesPlan)>, PlanError> {
    let with = |factor: f64| Weights { yuan_a_minute: weights.yuan_a_minute * factor, ..weights };
    factors.iter().map(|f| Ok((*f, plan(villages, sites, minutes, with(*f), budget)?))).collect()
}

fn child_yuan(minutes: f64, site: &Site, weights: Weights) -> f64 {
    let near = weights.yuan_a_minute * minutes;
    if minutes <= weights.walk_minutes {
        near
    } else {
        // Who boards or is accompanied comes home by the week: a fifth of the way.
        near / 5.0 + if site.beds > 0 { weights.board_yuan } else { weights.accompany_yuan }
    }
}

fn tally(
    goes: &[Vec<(u32, u32)>],
    open: &[u32],
    sites: &[Site],
    minutes: &dyn Fn(usize, usize) -> f64,
    weights: Weights,
) -> Tally {
    let mut tally = Tally { schools: open.len(), ..Tally::default() };
    tally.state_yuan = open.iter().map(|s| sites[*s as usize].yuan_a_year).sum();
    for (village, row) in goes.iter().enumerate() {
        for &(site, children) in row {
            let far = minutes(village, site as usize);
            let site = &sites[site as usize];
            tally.minutes += far * f64::from(children);
            tally.families_yuan += child_yuan(far, site, weights) * f64::from(children);
            if far > weights.walk_minutes {
                tally.far += u64::from(children);
                tally.accompanied += if site.beds == 0 { u64::from(children) } else { 0 };
            }
        }
    }
    tally
}

#[cfg(test)]
mod tests {
    use super::*;

    const WEIGHTS: Weights = Weights {
        walk_minutes: 40.0,
        yuan_a_minute: 10.0,
        accompany_yuan: 12_000.0,
        board_yuan: 2_000.0,
    };

    fn site(places: u32, beds: u32, yuan_a_year: f64) -> Site {
        Site { places, beds, yuan_a_year, open_today: true, may_change: true }
    }

    fn minutes(village: usize, site: usize) -> f64 {
        [[5.0, 70.0], [10.0, 90.0], [80.0, 5.0]][village][site]
    }

    fn villages() -> Vec<Village> {
        [(6, 0), (4, 0), (40, 1)]
            .map(|(children, today)| Village { children, today: Some(today) })
            .to_vec()
    }

    #[test]
    fn a_teaching_point_stays_where_closing_it_costs_families_more() {
        // Ten children without beds in town would be accompanied: 120 000 yuan; the point costs 60 000.
        let sites = [site(60, 0, 60_000.0), site(200, 0, 300_000.0)];
        let kept = plan(&villages(), &sites, &minutes, WEIGHTS, Budget::unlimited()).unwrap();
        assert_eq!(kept.open, [0, 1]);
        assert_eq!((kept.plan.accompanied, kept.plan.far), (0, 0));
        assert_eq!(kept.today, Some(kept.plan));
        // With beds in town it closes, and six villages' children board.
        let sites = [site(60, 0, 60_000.0), site(200, 50, 300_000.0)];
        let merged = plan(&villages(), &sites, &minutes, WEIGHTS, Budget::unlimited()).unwrap();
        assert_eq!(merged.open, [1]);
        assert_eq!((merged.plan.far, merged.plan.accompanied), (10, 0));
        assert!(merged.objective <= merged.bound + 1e-6);
        let total = merged.plan.families_yuan + merged.plan.state_yuan;
        assert!((total - merged.objective).abs() < 1e-6);
    }

    #[test]
    fn what_binds_is_named() {
        let mut sites = [site(5, 0, 100.0), site(45, 50, 300_000.0)];
        sites[0].may_change = false;
        let tight = plan(&villages(), &sites, &minutes, WEIGHTS, Budget::unlimited()).unwrap();
        assert_eq!(tight.full.iter().map(|f| f.0).collect::<Vec<_>>(), [0]);
        assert!(tight.full[0].1 > 2_000.0);
        sites[1].places = 40;
        let none = plan(&villages(), &sites, &minutes, WEIGHTS, Budget::unlimited()).unwrap_err();
        assert_eq!(none, PlanError::TooSmall { demand: 50, capacity: 45 });
    }

    #[test]
    fn minutes_fall_as_they_count_for_more() {
        let sites = [site(60, 0, 60_000.0), site(200, 50, 300_000.0)];
        let curve = trade_off(
            &villages(),
            &sites,
            &minutes,
            WEIGHTS,
            &[0.1, 1.0, 100.0],
            Budget::unlimited(),
        )
        .unwrap();
        assert!(curve.windows(2).all(|w| w[1].1.plan.minutes <= w[0].1.plan.minutes));
        assert!(curve.windows(2).all(|w| w[1].1.plan.state_yuan >= w[0].1.plan.state_yuan));
    }
}
