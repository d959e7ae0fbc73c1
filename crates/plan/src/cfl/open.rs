use rayon::prelude::*;

use super::Facilities;
use crate::budget::Budget;
use crate::transport::Transport;

/// The cheapest way to serve everybody from sites that are open.
#[derive(Clone, Debug)]
pub(crate) struct Opened {
    /// Opening and serving.
    pub objective: f64,
    /// For each client: sites and units.
    pub served: Vec<Vec<(u32, u32)>>,
    /// For each site of the problem what a unit more there would save; nought where it is closed or has room.
    pub price: Vec<f64>,
    /// For each client what a unit costs, the price of the place included.
    pub dual: Vec<f64>,
}

/// Costs of a unit are counted in 2⁻³² of the file's unit: 10⁻⁹ of a cent.
const SCALE: f64 = 4_294_967_296.0;

/// Sites that a client is offered at first; more where the prices say that they would pay.
const CANDIDATES: usize = 12;

impl Opened {
    /// `None` if the sites cannot hold all demand.
    pub(crate) fn solve(problem: &Facilities, open: &[u32], price: Option<&[f64]>) -> Option<Self> {
        let capacity: Vec<i64> = open.iter().map(|s| problem.capacity[*s as usize]).collect();
        let demand: i64 = problem.demand.iter().map(|d| i64::from(*d)).sum();
        if capacity.iter().sum::<i64>() < demand {
            return None;
        }
        let clients = problem.costs.clients();
        let mut most = 0.0_f64;
        for &site in open {
            let units = problem.costs.of_site(site).iter().zip(&problem.demand);
            most = units.map(|(c, d)| c / f64::from(*d)).fold(most, f64::max);
        }
        // Sums over paths must fit 62 bits.
        let scale = SCALE.min(1e15 / most.max(1.0));
        let unit = |site: u32, client: usize| {
            problem.costs.of(site, client) / f64::from(problem.demand[client])
        };
        let whole = |site: u32, client: usize| (unit(site, client) * scale).round() as i64;
        let mut prices: Vec<i64> = price.map_or_else(
            || vec![0; open.len()],
            |price| open.iter().map(|s| (price[*s as usize] * scale) as i64).collect(),
        );
        let mut offers: Vec<Vec<u32>> = (0..clients)
            .map(|client| {
                let mut places: Vec<u32> = (0..open.len() as u32).collect();
                if places.len() > CANDIDATES {
                    let key = |p: &u32| whole(open[*p as usize], client) + prices[*p as usize];
                    places.select_nth_unstable_by_key(CANDIDATES, |p| (key(p), *p));
                    places.truncate(CANDIDATES);
                    places.sort_unstable();
                }
                places
            })
            .collect();
        let (transport, placement) = loop {
            let mut transport = Transport::new(capacity.clone());
            for (client, places) in offers.iter().enumerate() {
                let costs = places.iter().map(|p| (*p, whole(open[*p as usize], client)));
                transport.push(problem.demand[client], costs);
            }
            let Ok(placement) = transport.solve_from(prices.clone()) else {
                // Offered too little: offer everything.
                let all: Vec<u32> = (0..open.len() as u32).collect();
                offers.fill(all);
                continue;
            };
            prices.clone_from(&placement.price);
            // Optimal for what was offered; who would gain by another site is offered it.
            let mut added = false;
            for (client, places) in offers.iter_mut().enumerate() {
                if places.len() == open.len() {
                    continue;
                }
                let key = |p: u32| whole(open[p as usize], client) + prices[p as usize];
                let best = places.iter().map(|p| key(*p)).min().unwrap_or(i64::MAX);
                let more: Vec<u32> = (0..open.len() as u32)
                    .filter(|p| key(*p) < best && places.binary_search(p).is_err())
                    .collect();
                if !more.is_empty() {
                    added = true;
                    places.extend(more);
                    places.sort_unstable();
                }
            }
            if !added {
                break (transport, placement);
            }
        };
        let mut objective: f64 = open.iter().map(|s| problem.fixed[*s as usize]).sum();
        let mut served = Vec::with_capacity(clients);
        let mut dual = Vec::with_capacity(clients);
        for (client, places) in offers.iter().enumerate() {
            let flow = &placement.flow[transport.row(client)];
            let mut row = Vec::new();
            let mut least = f64::INFINITY;
            for (&place, &units) in places.iter().zip(flow) {
                let site = open[place as usize];
                least = least.min(unit(site, client) + prices[place as usize] as f64 / scale);
                if units > 0 {
                    let share = f64::from(units) / f64::from(problem.demand[client]);
                    objective += share * problem.costs.of(site, client);
                    row.push((site, units));
                }
            }
            served.push(row);
            dual.push(least);
        }
        let mut by_site = vec![0.0; problem.costs.sites()];
        for (&site, &price) in open.iter().zip(&prices) {
            by_site[site as usize] = price as f64 / scale;
        }
        Some(Self { objective, served, price: by_site, dual })
    }

    /// What closing each open site would cost at least about, by the prices: the cheapest to close first.
    fn worth_closing(&self, problem: &Facilities, open: &[u32]) -> Vec<u32> {
        let mut loss: Vec<f64> = vec![0.0; problem.costs.sites()];
        for &site in open {
            loss[site as usize] = -problem.fixed[site as usize];
        }
        for (client, row) in self.served.iter().enumerate() {
            let demand = f64::from(problem.demand[client]);
            for &(site, units) in row {
                let other = open
                    .iter()
                    .filter(|s| **s != site)
                    .map(|s| problem.costs.of(*s, client) / demand + self.price[*s as usize])
                    .fold(f64::INFINITY, f64::min);
                loss[site as usize] += f64::from(units) * (other - self.dual[client]);
            }
        }
        let mut order = open.to_vec();
        order.sort_by(|&a, &b| loss[a as usize].total_cmp(&loss[b as usize]).then(a.cmp(&b)));
        order
    }

    /// What opening each closed site would gain about, by the prices: the best first.
    fn worth_opening(&self, problem: &Facilities, closed: &[u32]) -> Vec<u32> {
        let gain = |site: u32| {
            let mut wants: Vec<(f64, f64)> = (0..self.dual.len())
                .filter_map(|client| {
                    let demand = f64::from(problem.demand[client]);
                    let saved = self.dual[client] - problem.costs.of(site, client) / demand;
                    (saved > 0.0).then_some((saved, demand))
                })
                .collect();
            wants.sort_unstable_by(|a, b| b.0.total_cmp(&a.0));
            let mut room = problem.capacity[site as usize] as f64;
            let mut gain = -problem.fixed[site as usize];
            for (saved, units) in wants {
                gain += saved * units.min(room);
                room -= units.min(room);
            }
            gain
        };
        let mut gains: Vec<(f64, u32)> = closed.par_iter().map(|s| (gain(*s), *s)).collect();
        gains.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
        gains.into_iter().map(|g| g.1).collect()
    }
}

impl Opened {
    /// Other forms of the places that are open, by what changing to them would cost about: the site and its new form.
    fn worth_changing(&self, problem: &Facilities, open: &[u32]) -> Vec<(u32, u32)> {
        let Some(places) = &problem.places else { return Vec::new() };
        // Shares of clients that each open site serves.
        let mut has: Vec<Vec<(u32, f64)>> = vec![Vec::new(); problem.costs.sites()];
        let mut load = vec![0_i64; problem.costs.sites()];
        for (client, row) in (0..).zip(&self.served) {
            for &(site, units) in row {
                let share = f64::from(units) / f64::from(problem.demand[client as usize]);
                has[site as usize].push((client, share));
                load[site as usize] += i64::from(units);
            }
        }
        let mut changes: Vec<(f64, u32, u32)> = Vec::new();
        for &site in open {
            let at = site as usize;
            for other in places.siblings(site) {
                let to = other as usize;
                if load[at] > problem.capacity[to] {
                    continue;
                }
                let served: f64 = has[at]
                    .iter()
                    .map(|&(client, share)| {
                        let client = client as usize;
                        share * (problem.costs.of(other, client) - problem.costs.of(site, client))
                    })
                    .sum();
                let room = (problem.capacity[to] - problem.capacity[at]).max(0) as f64;
                let saved = room.min(problem.capacity[at] as f64) * self.price[at];
                changes.push((served + problem.fixed[to] - problem.fixed[at] - saved, site, other));
            }
        }
        changes.sort_by(|a, b| a.0.total_cmp(&b.0).then((a.1, a.2).cmp(&(b.1, b.2))));
        changes.into_iter().map(|c| (c.1, c.2)).collect()
    }
}

/// Moves of one kind that are tried in full; the prices say which promise most.
const TRIED: usize = 10;

/// Closes, opens and exchanges single sites, and changes the forms of places, as long as that helps.
pub(crate) fn improve(problem: &Facilities, mut open: Vec<u32>, budget: Budget) -> (f64, Vec<u32>) {
    let Some(mut now) = Opened::solve(problem, &open, None) else { return (f64::INFINITY, open) };
    let sites = problem.costs.sites() as u32;
    let places = problem.places.as_ref();
    loop {
        let is_open = |s: u32| open.binary_search(&s).is_ok();
        let is_free = |s: &u32| match places {
            Some(places) => !places.forms_of(*s).iter().any(|s| is_open(*s)),
            None => !is_open(*s),
        };
        let closed: Vec<u32> = (0..sites).filter(is_free).collect();
        let mut leave = now.worth_closing(problem, &open);
        leave.retain(|s| places.is_none_or(|p| !p.is_kept(p.of(*s) as usize)));
        let mut enter = now.worth_opening(problem, &closed);
        let mut change = now.worth_changing(problem, &open);
        leave.truncate(TRIED);
        enter.truncate(TRIED);
        change.truncate(2 * TRIED);
        let changed = |without: Option<u32>, with: Option<u32>| {
            let kept = open.iter().copied().filter(|s| Some(*s) != without);
            let mut other: Vec<u32> = kept.chain(with).collect();
            other.sort_unstable();
            other
        };
        let mut moves: Vec<Vec<u32>> = leave.iter().map(|s| changed(Some(*s), None)).collect();
        moves.extend(enter.iter().map(|s| changed(None, Some(*s))));
        moves.extend(change.iter().map(|(from, to)| changed(Some(*from), Some(*to))));
        if budget.is_over() {
            return (now.objective, open);
        }
        let mut best = try_all(problem, &moves, &now);
        if best.is_none() && !budget.is_over() {
            let pairs =
                leave.iter().take(6).flat_map(|out| enter.iter().map(move |into| (*out, *into)));
            moves = pairs.map(|(out, into)| changed(Some(out), Some(into))).collect();
            best = try_all(problem, &moves, &now);
        }
        let Some((at, opened)) = best else { return (now.objective, open) };
        open = moves.swap_remove(at);
        now = opened;
    }
}

/// The best of several choices that is better than now.
fn try_all(problem: &Facilities, moves: &[Vec<u32>], now: &Opened) -> Option<(usize, Opened)> {
    let tried: Vec<(usize, Opened)> = moves
        .par_iter()
        .enumerate()
        .filter_map(|(at, open)| Some((at, Opened::solve(problem, open, Some(&now.price))?)))
        .filter(|(_, opened)| opened.objective < now.objective - 1e-9 * now.objective.abs())
        .collect();
    tried.into_iter().min_by(|a, b| a.1.objective.total_cmp(&b.1.objective).then(a.0.cmp(&b.0)))
}
