use std::collections::VecDeque;

use super::Costs;
use super::relax::Lists;
use crate::budget::Budget;
use crate::random::Random;

/// A choice of sites that is made better by exchanging one open site for one closed site at a time.
///
/// What an exchange gains is reckoned for all open sites at once in one pass over the clients (Whitaker 1983), and the best
/// is taken at once (Schubert and Rousseeuw 2021, "eager" swaps).
#[derive(Clone, Debug)]
pub(crate) struct Interchange<'a> {
    costs: &'a Costs,
    open: Vec<u32>,
    is_open: Vec<bool>,
    /// For each client the places in `open` of its nearest and second nearest site, and what they cost.
    near: Vec<(u32, u32)>,
    first: Vec<f64>,
    second: Vec<f64>,
    /// For each place in `open`: what closing it would cost.
    loss: Vec<f64>,
    delta: Vec<f64>,
    /// Clients whose nearest or second nearest site changed since somebody asked, with how far they looked before.
    changed: Vec<(u32, f64)>,
}

const NONE: u32 = u32::MAX;

impl<'a> Interchange<'a> {
    pub(crate) fn new(costs: &'a Costs, open: Vec<u32>) -> Self {
        let n = costs.clients();
        let mut is_open = vec![false; costs.sites()];
        for &site in &open {
            is_open[site as usize] = true;
        }
        let mut search = Self {
            costs,
            loss: vec![0.0; open.len()],
            delta: vec![0.0; open.len()],
            open,
            is_open,
            near: vec![(NONE, NONE); n],
            first: vec![f64::INFINITY; n],
            second: vec![f64::INFINITY; n],
            changed: Vec::new(),
        };
        for place in 0..search.open.len() as u32 {
            search.offer(place);
        }
        search.count_losses();
        search
    }

    pub(crate) fn open(&self) -> &[u32] {
        &self.open
    }

    pub(crate) fn objective(&self) -> f64 {
        self.first.iter().sum()
    }

    /// Prices to begin from: half way from a client's nearest site to its second.
    pub(crate) fn prices(&self) -> Vec<f64> {
        let nearer = self.first.iter().zip(&self.second);
        nearer.map(|(&a, &b)| if b.is_finite() { 0.5 * (a + b) } else { 2.0 * a + 1.0 }).collect()
    }

    /// Exchanges with `candidates` until none gains. Also ends when `budget` is over.
    pub(crate) fn descend(&mut self, candidates: &[u32], budget: Budget) {
        let mut since = 0;
        let mut looked = 0_u32;
        while since < candidates.len() {
            for &site in candidates {
                if since >= candidates.len() {
                    break;
                }
                since += 1;
                if self.is_open[site as usize] {
                    continue;
                }
                let (gain, place) = self.best_exchange(site);
                if gain < -1e-7 {
                    self.exchange(place, site);
                    since = 0;
                }
                looked += 1;
                if looked.is_multiple_of(64) && budget.is_over() {
                    return;
                }
            }
        }
    }

    /// As [`Self::descend`], but looks only at sites near to what changed since `from` was a local optimum; few clients of
    /// many do when `p` is large.
    pub(crate) fn mend(&mut self, lists: &Lists, is_candidate: &[bool]) {
        let mut waits = vec![false; self.is_open.len()];
        let mut queue = VecDeque::new();
        loop {
            for (client, before) in std::mem::take(&mut self.changed) {
                let reach = before.max(self.second[client as usize]);
                let (sites, costs) = lists.row(client as usize);
                for (&site, &cost) in sites.iter().zip(costs) {
                    if cost >= reach {
                        break;
                    }
                    if is_candidate[site as usize] && !waits[site as usize] {
                        waits[site as usize] = true;
                        queue.push_back(site);
                    }
                }
            }
            let Some(site) = queue.pop_front() else { return };
            waits[site as usize] = false;
            if !self.is_open[site as usize] {
                let (gain, place) = self.best_exchange(site);
                if gain < -1e-7 {
                    self.exchange(place, site);
                }
            }
        }
    }

    /// Opens a site near to a client and closes any.
    pub(crate) fn kick_near(&mut self, random: &mut Random, lists: &Lists, is_candidate: &[bool]) {
        let client = random.below(self.near.len());
        let (sites, _) = lists.row(client);
        let near =
            sites.iter().filter(|s| is_candidate[**s as usize] && !self.is_open[**s as usize]);
        let few: Vec<u32> = near.take(8).copied().collect();
        if !few.is_empty() {
            let site = few[random.below(few.len())];
            let (_, best) = self.best_exchange(site);
            let place = if random.below(2) == 0 { random.below(self.open.len()) } else { best };
            self.exchange(place, site);
        }
    }

    /// Forgets what changed.
    pub(crate) fn settle(&mut self) {
        self.changed.clear();
    }

    /// What opening `site` changes, with the best place in `open` to give it.
    fn best_exchange(&mut self, site: u32) -> (f64, usize) {
        self.delta.copy_from_slice(&self.loss);
        let mut gained = 0.0;
        let column = self.costs.of_site(site);
        for (client, (&cost, &second)) in column.iter().zip(&self.second).enumerate() {
            if cost < second {
                let first = self.first[client];
                let place = self.near[client].0 as usize;
                if cost < first {
                    gained += cost - first;
                    self.delta[place] += first - second;
                } else {
                    self.delta[place] += cost - second;
                }
            }
        }
        let (place, least) = self
            .delta
            .iter()
            .enumerate()
            .min_by(|a, b| a.1.total_cmp(b.1))
            .expect("at least one site is open");
        (gained + least, place)
    }

    /// Puts `site` at `place`.
    pub(crate) fn exchange(&mut self, place: usize, site: u32) {
        self.is_open[self.open[place] as usize] = false;
        self.is_open[site as usize] = true;
        self.open[place] = site;
        let slot = place as u32;
        let column = self.costs.of_site(site);
        for (client, &cost) in column.iter().enumerate() {
            let (near, next) = self.near[client];
            if near == slot || next == slot || cost < self.second[client] {
                self.changed.push((client as u32, self.second[client]));
            }
            if near == slot {
                if cost <= self.second[client] {
                    self.first[client] = cost;
                } else {
                    self.near[client].0 = next;
                    self.first[client] = self.second[client];
                    self.find_second(client);
                }
            } else if next == slot {
                if cost < self.first[client] {
                    self.near[client] = (slot, near);
                    self.second[client] = self.first[client];
                    self.first[client] = cost;
                } else if cost <= self.second[client] {
                    self.second[client] = cost;
                } else {
                    self.find_second(client);
                }
            } else if cost < self.first[client] {
                self.near[client] = (slot, near);
                self.second[client] = self.first[client];
                self.first[client] = cost;
            } else if cost < self.second[client] {
                self.near[client].1 = slot;
                self.second[client] = cost;
            }
        }
        self.count_losses();
    }

    /// Exchanges an open site for a closed one, whatever it costs.
    pub(crate) fn kick(&mut self, random: &mut Random) {
        let place = random.below(self.open.len());
        let site = loop {
            let site = random.below(self.is_open.len());
            if !self.is_open[site] {
                break site as u32;
            }
        };
        self.exchange(place, site);
    }

    fn offer(&mut self, place: u32) {
        let column = self.costs.of_site(self.open[place as usize]);
        for (client, &cost) in column.iter().enumerate() {
            if cost < self.first[client] {
                self.near[client] = (place, self.near[client].0);
                self.second[client] = self.first[client];
                self.first[client] = cost;
            } else if cost < self.second[client] {
                self.near[client].1 = place;
                self.second[client] = cost;
            }
        }
    }

    fn find_second(&mut self, client: usize) {
        let near = self.near[client].0;
        let (mut next, mut second) = (NONE, f64::INFINITY);
        for (place, &site) in (0_u32..).zip(&self.open) {
            let cost = self.costs.of(site, client);
            if place != near && cost < second {
                (next, second) = (place, cost);
            }
        }
        self.near[client].1 = next;
        self.second[client] = second;
    }

    fn count_losses(&mut self) {
        self.loss.fill(0.0);
        for (client, &(near, _)) in self.near.iter().enumerate() {
            self.loss[near as usize] += self.second[client] - self.first[client];
        }
    }
}
