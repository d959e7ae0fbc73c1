use rayon::prelude::*;

use super::Costs;
use crate::volume::Relaxation;

/// For each client the sites by rising cost: all, or the nearest.
///
/// A client's price may not exceed `cap`, the cost of the first site left out: up to there what is left out changes nothing.
#[derive(Clone, Debug)]
pub(crate) struct Lists {
    start: Vec<usize>,
    site: Vec<u32>,
    cost: Vec<f64>,
    pub(crate) cap: Vec<f64>,
}

impl Lists {
    /// The `keep` nearest sites of every client; ties by number.
    pub(crate) fn new(costs: &Costs, keep: usize) -> Self {
        let keep = keep.min(costs.sites());
        let whole = keep == costs.sites();
        let rows: Vec<(Vec<(f64, u32)>, f64)> = (0..costs.clients())
            .into_par_iter()
            .map(|client| {
                let mut row: Vec<(f64, u32)> =
                    (0..costs.sites() as u32).map(|site| (costs.of(site, client), site)).collect();
                let order =
                    |a: &(f64, u32), b: &(f64, u32)| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1));
                let mut cap = f64::INFINITY;
                if !whole {
                    cap = row.select_nth_unstable_by(keep, order).1.0;
                    row.truncate(keep);
                }
                row.sort_unstable_by(order);
                (row, cap)
            })
            .collect();
        let mut lists = Self::with_room(costs.clients(), costs.clients() * keep);
        for (row, cap) in rows {
            for (cost, site) in row {
                lists.site.push(site);
                lists.cost.push(cost);
            }
            lists.end_row(cap);
        }
        lists
    }

    fn with_room(clients: usize, entries: usize) -> Self {
        let mut start = Vec::with_capacity(clients + 1);
        start.push(0);
        Self {
            start,
            site: Vec::with_capacity(entries),
            cost: Vec::with_capacity(entries),
            cap: Vec::with_capacity(clients),
        }
    }

    fn end_row(&mut self, cap: f64) {
        self.start.push(self.site.len());
        self.cap.push(cap);
    }

    pub(crate) fn clients(&self) -> usize {
        self.cap.len()
    }

    /// Sites and costs of one client.
    pub(crate) fn row(&self, client: usize) -> (&[u32], &[f64]) {
        let range = self.start[client]..self.start[client + 1];
        (&self.site[range.clone()], &self.cost[range])
    }

    /// How many pairs of client and site.
    pub(crate) fn len(&self) -> usize {
        self.site.len()
    }

    /// Where a pair stands among all pairs.
    pub(crate) fn entry(&self, client: usize, site: u32) -> Option<usize> {
        let (sites, _) = self.row(client);
        sites.iter().position(|s| *s == site).map(|at| self.start[client] + at)
    }

    /// Without some pairs, and with nothing beyond a client's limit. `None` if a client is left with no site.
    pub(crate) fn without(&self, barred: impl Fn(u32, u32) -> bool, limit: &[f64]) -> Option<Self> {
        let mut lists = Self::with_room(self.clients(), 0);
        for (client, &limit) in limit.iter().enumerate() {
            let (sites, costs) = self.row(client);
            let before = lists.site.len();
            for (&site, &cost) in sites.iter().zip(costs) {
                if cost > limit {
                    break;
                }
                if !barred(client as u32, site) {
                    lists.site.push(site);
                    lists.cost.push(cost);
                }
            }
            let cap = self.cap[client];
            let cap = if cap > limit { f64::INFINITY } else { cap };
            if lists.site.len() == before && cap == f64::INFINITY {
                return None;
            }
            lists.end_row(cap);
        }
        Some(lists)
    }

    /// What serving everybody from `open` costs; `None` if a client's list ends before an open site.
    pub(crate) fn evaluate(&self, is_open: &[bool]) -> Option<f64> {
        let mut sum = 0.0;
        for client in 0..self.clients() {
            let (sites, costs) = self.row(client);
            sum += costs[sites.iter().position(|&site| is_open[site as usize])?];
        }
        Some(sum)
    }
}

/// The p-median problem with "every client is served once" priced: each site is worth what it saves, and the best are
/// opened.
#[derive(Debug)]
pub(crate) struct Relaxed<'a> {
    pub lists: &'a Lists,
    /// Sites that are open already.
    pub open: &'a [u32],
    /// Sites of which `more` are opened.
    pub free: &'a [u32],
    pub more: usize,
    /// By site: what opening it costs at the present prices; never above nought.
    pub worth: Vec<f64>,
    pub chosen: Vec<bool>,
    order: Vec<u32>,
}

impl<'a> Relaxed<'a> {
    pub(crate) fn new(
        lists: &'a Lists,
        sites: usize,
        open: &'a [u32],
        free: &'a [u32],
        more: usize,
    ) -> Self {
        Self {
            lists,
            open,
            free,
            more,
            worth: vec![0.0; sites],
            chosen: vec![false; sites],
            order: free.to_vec(),
        }
    }

    /// The bound at `u`; leaves what each site is worth and which are chosen.
    pub(crate) fn price(&mut self, u: &[f64]) -> f64 {
        self.worth.fill(0.0);
        for (client, &u) in u.iter().enumerate() {
            let (sites, costs) = self.lists.row(client);
            for (&site, &cost) in sites.iter().zip(costs) {
                if cost >= u {
                    break;
                }
                self.worth[site as usize] += cost - u;
            }
        }
        self.chosen.fill(false);
        let worth = &self.worth;
        if self.more > 0 && self.more < self.order.len() {
            self.order.select_nth_unstable_by(self.more - 1, |&a, &b| {
                worth[a as usize].total_cmp(&worth[b as usize]).then(a.cmp(&b))
            });
        }
        let mut value: f64 = u.iter().sum();
        for &site in self.open.iter().chain(&self.order[..self.more]) {
            value += worth[site as usize];
            self.chosen[site as usize] = true;
        }
        value
    }

    /// The worth of the dearest site chosen and of the cheapest one not chosen, among those free.
    pub(crate) fn margins(&self) -> (f64, f64) {
        let worth = |site: &u32| self.worth[*site as usize];
        let last = self.order[..self.more].iter().map(worth).fold(f64::NEG_INFINITY, f64::max);
        let next = self.order[self.more..].iter().map(worth).fold(f64::INFINITY, f64::min);
        (last, next)
    }
}

impl Relaxation for Relaxed<'_> {
    fn solve(&mut self, u: &[f64], residual: &mut [f64], primal: &mut [f64]) -> f64 {
        let value = self.price(u);
        for (client, (residual, &u)) in residual.iter_mut().zip(u).enumerate() {
            let (sites, costs) = self.lists.row(client);
            let mut served = 0_u32;
            for (&site, &cost) in sites.iter().zip(costs) {
                if cost >= u {
                    break;
                }
                served += u32::from(self.chosen[site as usize]);
            }
            *residual = 1.0 - f64::from(served);
        }
        for (share, &chosen) in primal.iter_mut().zip(&self.chosen) {
            *share = f64::from(u8::from(chosen));
        }
        value
    }

    fn clamp(&self, u: &mut [f64]) {
        for (u, &cap) in u.iter_mut().zip(&self.lists.cap) {
            *u = u.min(cap);
        }
    }
}
