//! Rounded covers of neighbourhoods, which the prices of the clients alone do not see.
//!
//! What a set of clients needs must come from the sites within their reach; as those open whole or not at all, the count of
//! what has to open is rounded (mixed-integer rounding, Nemhauser and Wolsey 1990). Such inequalities are found by growing a
//! set from each client, and priced into the relaxation like the demand (relax and cut, Lucena 2005).

use std::sync::Arc;

use super::{Facilities, State};

/// Σ weight × open ≥ `least`, in every plan of a part.
#[derive(Clone, Debug)]
pub(super) struct Cut {
    pub sites: Vec<(u32, f64)>,
    pub least: f64,
}

/// Which sites can serve which clients in a plan that is worth having.
pub(super) struct Reach {
    of_client: Vec<Vec<u32>>,
    of_site: Vec<Vec<u32>>,
    /// Whether so few can serve each that neighbourhoods say anything.
    pub is_sparse: bool,
}

/// Clients in a set, at most.
const CLIENTS: usize = 14;

/// Inequalities that are priced in at once, at most.
const CUTS: usize = 40;

impl Reach {
    /// Sites from which even one unit costs less than a plan that costs `known`.
    pub(super) fn new(problem: &Facilities, known: f64) -> Self {
        let clients = problem.costs.clients();
        let sites = problem.costs.sites();
        let mut of_client = vec![Vec::new(); clients];
        let mut of_site = vec![Vec::new(); sites];
        let mut arcs = 0;
        for site in 0..sites as u32 {
            if problem.capacity[site as usize] <= 0 {
                continue;
            }
            for (client, cost) in (0..).zip(problem.costs.of_site(site)) {
                if cost / f64::from(problem.demand[client as usize]) < known {
                    of_client[client as usize].push(site);
                    of_site[site as usize].push(client);
                    arcs += 1;
                }
            }
        }
        Self { of_client, of_site, is_sparse: arcs * 2 < clients * sites }
    }

    /// Clients that a site can serve.
    pub(super) fn of_site(&self, site: u32) -> &[u32] {
        &self.of_site[site as usize]
    }

    /// Sites that can serve a client.
    pub(super) fn of_client(&self, client: u32) -> &[u32] {
        &self.of_client[client as usize]
    }

    /// Inequalities that the averaged solution breaks, the most broken first.
    pub(super) fn broken(&self, problem: &Facilities, state: &[State], share: &[f64]) -> Vec<Cut> {
        if !self.is_sparse {
            return Vec::new();
        }
        let mut found: Vec<(f64, Cut)> = Vec::new();
        let mut grown = Grown::new(self, problem, state, share);
        for seed in 0..self.of_client.len() {
            grown.clear();
            grown.add(seed as u32);
            let mut best = grown.round();
            while grown.clients.len() < CLIENTS {
                let Some(next) = grown.next() else { break };
                grown.add(next);
                if let Some(cut) = grown.round()
                    && best.as_ref().is_none_or(|b| cut.0 > b.0)
                {
                    best = Some(cut);
                }
            }
            found.extend(best);
        }
        found.sort_by(|a, b| b.0.total_cmp(&a.0));
        let mut cuts: Vec<Cut> = Vec::new();
        for (_, cut) in found {
            let is_new = cuts.iter().all(|c| c.sites != cut.sites);
            if is_new && cuts.len() < CUTS {
                cuts.push(cut);
            }
        }
        cuts
    }
}

/// What inequalities a part has.
pub(super) type Cuts = Vec<Arc<Cut>>;

/// A set of clients that grows.
struct Grown<'a> {
    reach: &'a Reach,
    problem: &'a Facilities,
    state: &'a [State],
    share: &'a [f64],
    clients: Vec<u32>,
    is_in: Vec<bool>,
    /// What the set needs.
    demand: i64,
    /// For each site what of the set it can serve at most.
    part: Vec<i64>,
    /// Sites with any part.
    sites: Vec<u32>,
}

impl<'a> Grown<'a> {
    fn new(
        reach: &'a Reach,
        problem: &'a Facilities,
        state: &'a [State],
        share: &'a [f64],
    ) -> Self {
        Self {
            reach,
            problem,
            state,
            share,
            clients: Vec::new(),
            is_in: vec![false; reach.of_client.len()],
            demand: 0,
            part: vec![0; reach.of_site.len()],
            sites: Vec::new(),
        }
    }

    fn clear(&mut self) {
        self.clients.drain(..).for_each(|c| self.is_in[c as usize] = false);
        self.sites.drain(..).for_each(|s| self.part[s as usize] = 0);
        self.demand = 0;
    }

    fn needs(&self, client: u32) -> i64 {
        i64::from(self.problem.demand[client as usize])
    }

    /// What a site serves of the set, were `more` added to what it reaches.
    fn served(&self, site: u32, more: i64) -> i64 {
        (self.part[site as usize] + more).min(self.problem.capacity[site as usize])
    }

    fn add(&mut self, client: u32) {
        let needs = self.needs(client);
        self.clients.push(client);
        self.is_in[client as usize] = true;
        self.demand += needs;
        for &site in &self.reach.of_client[client as usize] {
            if self.state[site as usize] == State::Closed {
                continue;
            }
            if self.part[site as usize] == 0 {
                self.sites.push(site);
            }
            self.part[site as usize] += needs;
        }
    }

    /// The neighbour that needs most beyond what the averaged solution has open for it.
    fn next(&self) -> Option<u32> {
        let mut best: Option<(f64, u32)> = None;
        for &site in &self.sites {
            // A school that is open in any case joins nobody's neighbourhoods.
            if self.state[site as usize] == State::Open {
                continue;
            }
            for &client in &self.reach.of_site[site as usize] {
                if self.is_in[client as usize] {
                    continue;
                }
                let needs = self.needs(client);
                let mut beyond = needs as f64;
                for &site in &self.reach.of_client[client as usize] {
                    if self.state[site as usize] != State::Closed {
                        let more = self.served(site, needs) - self.served(site, 0);
                        beyond -= more as f64 * self.share[site as usize];
                    }
                }
                let is_more = best.is_none_or(|(most, least)| {
                    beyond.total_cmp(&most).then(least.cmp(&client)).is_gt()
                });
                if is_more {
                    best = Some((beyond, client));
                }
            }
        }
        best.map(|(_, client)| client)
    }

    /// The inequality of this set that is broken most, by how much.
    fn round(&self) -> Option<(f64, Cut)> {
        let mut needs = self.demand;
        let mut free: Vec<(u32, i64)> = Vec::new();
        for &site in &self.sites {
            let served = self.served(site, 0);
            if self.state[site as usize] == State::Open {
                needs -= served;
            } else {
                free.push((site, served));
            }
        }
        if needs <= 0 {
            return None;
        }
        let mut units: Vec<i64> = free.iter().map(|f| f.1.min(needs)).collect();
        units.sort_unstable();
        units.dedup();
        let mut best: Option<(f64, i64)> = None;
        for &unit in &units {
            let (least, rest) = rounded(needs, unit);
            let open: f64 = free
                .iter()
                .map(|&(site, served)| {
                    weight(served.min(needs), unit, rest) * self.share[site as usize]
                })
                .sum();
            let broken = (least as f64 - open) / (least as f64).sqrt();
            if broken > 0.01 && best.is_none_or(|(most, _)| broken > most) {
                best = Some((broken, unit));
            }
        }
        let (broken, unit) = best?;
        let (least, rest) = rounded(needs, unit);
        let mut sites: Vec<(u32, f64)> = free
            .iter()
            .map(|&(site, served)| (site, weight(served.min(needs), unit, rest)))
            .collect();
        sites.sort_unstable_by_key(|s| s.0);
        Some((broken, Cut { sites, least: least as f64 }))
    }
}

/// How many units a need is, rounded up, and what of it is no whole unit.
fn rounded(needs: i64, unit: i64) -> (i64, i64) {
    ((needs + unit - 1) / unit, needs % unit)
}

/// What opening a site that serves so much counts, in units of which `rest` is asked beyond whole ones.
fn weight(served: i64, unit: i64, rest: i64) -> f64 {
    let (whole, part) = (served / unit, served % unit);
    let part =
        if rest == 0 { part as f64 / unit as f64 } else { (part as f64 / rest as f64).min(1.0) };
    whole as f64 + part
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        /// Whatever opens that holds the need also satisfies the rounded inequality.
        #[test]
        fn a_rounded_cover_cuts_off_no_plan(
            served in proptest::collection::vec(1_i64..40, 1..8),
            needs in 1_i64..120,
            unit in 1_i64..40,
            open in any::<u8>(),
        ) {
            let is_open = |at: usize| open >> at & 1 == 1;
            let held: i64 = served.iter().enumerate().filter(|(at, _)| is_open(*at)).map(|(_, s)| s).sum();
            prop_assume!(held >= needs);
            let (least, rest) = rounded(needs, unit);
            let open: f64 = served
                .iter()
                .enumerate()
                .filter(|(at, _)| is_open(*at))
                .map(|(_, s)| weight((*s).min(needs), unit, rest))
                .sum();
            prop_assert!(open >= least as f64 - 1e-9, "{open} < {least}");
        }
    }
}
