use rayon::prelude::*;

use super::{Capacitated, State};
use crate::knapsack::{self, Item};
use crate::pmedian::Lists;
use crate::volume::Relaxation;

/// The capacitated p-median with "every client is served once" priced: a knapsack for each site, the best `p` are opened.
pub(crate) struct Relaxed<'a> {
    problem: &'a Capacitated,
    lists: &'a Lists,
    state: &'a [State],
    /// Where the items of each site begin.
    start: Vec<usize>,
    items: Vec<Item>,
    /// What each site brings: exact where it was worth knowing, else a bound from above.
    worth: Vec<f64>,
    taken: Vec<Vec<u32>>,
    chosen: Vec<u32>,
    is_chosen: Vec<bool>,
    /// The best bound among sites not chosen.
    next: f64,
    /// For each client the site that takes it, and how many do.
    server: Vec<u32>,
    served: Vec<u32>,
}

impl<'a> Relaxed<'a> {
    pub(crate) fn new(problem: &'a Capacitated, lists: &'a Lists, state: &'a [State]) -> Self {
        let sites = state.len();
        Self {
            problem,
            lists,
            state,
            start: vec![0; sites + 1],
            items: Vec::new(),
            worth: vec![0.0; sites],
            taken: vec![Vec::new(); sites],
            chosen: Vec::new(),
            is_chosen: vec![false; sites],
            next: 0.0,
            server: vec![0; lists.clients()],
            served: vec![0; lists.clients()],
        }
    }

    /// The bound at `u`.
    pub(crate) fn price(&mut self, u: &[f64]) -> f64 {
        self.gather(u);
        self.bound_sites();
        let more = self.problem.p - self.state.iter().filter(|s| **s == State::Open).count();
        self.choose(more);
        self.served.fill(0);
        let mut value: f64 = u.iter().sum();
        for &site in &self.chosen {
            value -= self.worth[site as usize];
            for &client in &self.taken[site as usize] {
                self.served[client as usize] += 1;
                self.server[client as usize] = site;
            }
        }
        value
    }

    /// Sorts what is worth taking by site.
    fn gather(&mut self, u: &[f64]) {
        self.start.fill(0);
        let mut count = 0;
        for (client, &u) in u.iter().enumerate() {
            let (sites, costs) = self.lists.row(client);
            let end = costs.partition_point(|c| *c < u);
            count += end;
            for &site in &sites[..end] {
                self.start[site as usize + 1] += 1;
            }
        }
        for site in 0..self.state.len() {
            self.start[site + 1] += self.start[site];
        }
        self.items.clear();
        self.items.resize(count, Item { profit: 0.0, weight: 0, client: 0 });
        let mut next = self.start.clone();
        for (client, &u) in u.iter().enumerate() {
            let (sites, costs) = self.lists.row(client);
            for (&site, &cost) in sites.iter().zip(costs) {
                if cost >= u {
                    break;
                }
                let at = &mut next[site as usize];
                self.items[*at] = Item {
                    profit: u - cost,
                    weight: self.problem.demand[client],
                    client: client as u32,
                };
                *at += 1;
            }
        }
    }

    fn bound_sites(&mut self) {
        let large = count_is_large(self.items.len());
        let mut rows = Vec::with_capacity(self.state.len());
        let mut rest = self.items.as_mut_slice();
        for site in 0..self.state.len() {
            let (row, after) = rest.split_at_mut(self.start[site + 1] - self.start[site]);
            rest = after;
            rows.push(row);
        }
        let capacity = &self.problem.capacity;
        let bound = |site: usize, row: &mut [Item]| {
            let weight: i64 = row.iter().map(|item| i64::from(item.weight)).sum();
            if weight <= capacity[site] {
                return row.iter().map(|item| item.profit).sum();
            }
            knapsack::sort(row);
            knapsack::dantzig(row, capacity[site])
        };
        if large {
            let pairs = rows.into_par_iter().zip(&mut self.worth).enumerate();
            pairs.with_min_len(64).for_each(|(site, (row, worth))| *worth = bound(site, row));
        } else {
            for (site, row) in rows.into_iter().enumerate() {
                self.worth[site] = bound(site, row);
            }
        }
    }

    /// Opens the sites that must be, and the `more` best of the free ones; solves no knapsack that cannot matter.
    fn choose(&mut self, more: usize) {
        self.chosen.clear();
        self.is_chosen.fill(false);
        let mut free: Vec<u32> = Vec::new();
        for site in 0..self.state.len() as u32 {
            match self.state[site as usize] {
                State::Open => {
                    self.worth[site as usize] = self.pack(site);
                    self.is_chosen[site as usize] = true;
                    self.chosen.push(site);
                }
                State::Free => free.push(site),
                State::Closed => {}
            }
        }
        let worth = &self.worth;
        free.sort_unstable_by(|&a, &b| {
            worth[b as usize].total_cmp(&worth[a as usize]).then(a.cmp(&b))
        });
        // Exact worth of the best so far, the least last.
        let mut best: Vec<u32> = Vec::with_capacity(more + 1);
        for &site in &free {
            let least = best.last().map_or(f64::NEG_INFINITY, |s| self.worth[*s as usize]);
            if best.len() == more && least >= self.worth[site as usize] {
                break;
            }
            let exact = self.pack(site);
            self.worth[site as usize] = exact;
            let place = best.partition_point(|s| self.worth[*s as usize] >= exact);
            best.insert(place, site);
            best.truncate(more);
        }
        for &site in &best {
            self.is_chosen[site as usize] = true;
        }
        self.chosen.extend(&best);
        self.next = free
            .iter()
            .filter(|s| !self.is_chosen[**s as usize])
            .map(|s| self.worth[*s as usize])
            .fold(0.0, f64::max);
    }

    fn pack(&mut self, site: u32) -> f64 {
        let at = site as usize;
        let items = &self.items[self.start[at]..self.start[at + 1]];
        let room = self.problem.capacity[at];
        let weight: i64 = items.iter().map(|item| i64::from(item.weight)).sum();
        let taken = &mut self.taken[at];
        if weight <= room {
            taken.clear();
            taken.extend(items.iter().map(|item| item.client));
            return items.iter().map(|item| item.profit).sum();
        }
        knapsack::solve(items, room, taken)
    }

    /// Closes and opens sites where the contrary would cost `slack` or more. Gives how many.
    pub(crate) fn fix(&self, slack: f64) -> (Vec<State>, usize) {
        let mut state = self.state.to_vec();
        let last = self
            .chosen
            .iter()
            .filter(|s| state[**s as usize] == State::Free)
            .map(|s| self.worth[*s as usize])
            .fold(f64::INFINITY, f64::min);
        let mut fixed = 0;
        for (site, state) in state.iter_mut().enumerate() {
            if *state != State::Free {
                continue;
            }
            if self.is_chosen[site] {
                if self.worth[site] - self.next >= slack {
                    *state = State::Open;
                    fixed += 1;
                }
            } else if last - self.worth[site] >= slack {
                *state = State::Closed;
                fixed += 1;
            }
        }
        (state, fixed)
    }

    pub(crate) fn chosen_sites(&self) -> Vec<u32> {
        self.chosen.clone()
    }

    /// Whether what was chosen serves every client exactly once.
    pub(crate) fn is_plan(&self) -> bool {
        self.served.iter().all(|s| *s == 1)
    }

    /// The site of each client, where [`Self::is_plan`].
    pub(crate) fn plan(&self) -> Vec<u32> {
        self.server.clone()
    }
}

fn count_is_large(items: usize) -> bool {
    items > 100_000
}

impl Relaxation for Relaxed<'_> {
    fn solve(&mut self, u: &[f64], residual: &mut [f64], primal: &mut [f64]) -> f64 {
        let value = self.price(u);
        for (residual, &served) in residual.iter_mut().zip(&self.served) {
            *residual = 1.0 - f64::from(served);
        }
        primal.fill(0.0);
        let sites = self.state.len();
        for &site in &self.chosen {
            primal[site as usize] = 1.0;
            for &client in &self.taken[site as usize] {
                if let Some(entry) = self.lists.entry(client as usize, site) {
                    primal[sites + entry] = 1.0;
                }
            }
        }
        value
    }

    fn clamp(&self, u: &mut [f64]) {
        for (u, &cap) in u.iter_mut().zip(&self.lists.cap) {
            *u = u.min(cap);
        }
    }
}

/// Prices to begin from: what the `nearby`-th site of a client costs.
pub(crate) fn first_prices(lists: &Lists, nearby: usize) -> Vec<f64> {
    (0..lists.clients())
        .map(|client| {
            let (_, costs) = lists.row(client);
            costs[nearby.clamp(1, costs.len()) - 1]
        })
        .collect()
}
