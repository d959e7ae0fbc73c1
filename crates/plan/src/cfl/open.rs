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
    /// For each site of the problem what a unit more there would save; a start for similar problems.
    pub price: Vec<i64>,
    /// Units at each open site, in the order of `open`.
    pub load: Vec<i64>,
}

/// Costs of a unit are counted in 2⁻³² of the file's unit: 10⁻⁹ of a cent.
const SCALE: f64 = 4_294_967_296.0;

impl Opened {
    /// `None` if the sites cannot hold all demand.
    pub(crate) fn solve(problem: &Facilities, open: &[u32], price: Option<&[i64]>) -> Option<Self> {
        let mut transport =
            Transport::new(open.iter().map(|s| problem.capacity[*s as usize]).collect());
        let clients = problem.costs.clients();
        transport.reserve(clients, clients * open.len());
        let mut most = 0.0_f64;
        for &site in open {
            let units = problem.costs.of_site(site).iter().zip(&problem.demand);
            most = units.map(|(c, d)| c / f64::from(*d)).fold(most, f64::max);
        }
        // Sums over paths must fit 62 bits.
        let scale = SCALE.min(1e15 / most.max(1.0));
        for client in 0..clients {
            let demand = problem.demand[client];
            let unit = |site: u32| {
                (problem.costs.of(site, client) / f64::from(demand) * scale).round() as i64
            };
            transport.push(demand, (0_u32..).zip(open).map(|(place, &site)| (place, unit(site))));
        }
        let placement = match price {
            Some(price) => transport.solve_from(open.iter().map(|s| price[*s as usize]).collect()),
            None => transport.solve(),
        }
        .ok()?;
        let mut objective: f64 = open.iter().map(|s| problem.fixed[*s as usize]).sum();
        let mut served = Vec::with_capacity(clients);
        let mut load = vec![0; open.len()];
        for client in 0..clients {
            let flow = &placement.flow[transport.row(client)];
            let mut row = Vec::new();
            for (place, (&units, &site)) in flow.iter().zip(open).enumerate() {
                if units > 0 {
                    let share = f64::from(units) / f64::from(problem.demand[client]);
                    objective += share * problem.costs.of(site, client);
                    load[place] += i64::from(units);
                    row.push((site, units));
                }
            }
            served.push(row);
        }
        let mut by_site = vec![0; problem.costs.sites()];
        for (&site, &price) in open.iter().zip(&placement.price) {
            by_site[site as usize] = price;
        }
        Some(Self { objective, served, price: by_site, load })
    }
}

/// Closes, opens and exchanges single sites as long as that helps.
pub(crate) fn improve(problem: &Facilities, open: Vec<u32>, budget: Budget) -> (f64, Vec<u32>) {
    let Some(mut now) = Opened::solve(problem, &open, None) else { return (f64::INFINITY, open) };
    let mut open = open;
    let sites = problem.costs.sites() as u32;
    loop {
        let closed: Vec<u32> = (0..sites).filter(|s| open.binary_search(s).is_err()).collect();
        let without = |site: u32| open.iter().copied().filter(|s| *s != site).collect::<Vec<u32>>();
        let with = |site: u32| {
            let mut more = open.clone();
            more.push(site);
            more.sort_unstable();
            more
        };
        let single = open.iter().map(|s| without(*s)).chain(closed.iter().map(|s| with(*s)));
        let mut moves: Vec<Vec<u32>> = single.collect();
        if budget.is_over() {
            return (now.objective, open);
        }
        let mut best = try_all(problem, &moves, &now);
        if best.is_none() {
            // Exchanges: the least used sites for any other.
            let mut by_load: Vec<usize> = (0..open.len()).collect();
            by_load.sort_by_key(|place| (now.load[*place], *place));
            moves.clear();
            for &place in by_load.iter().take(6) {
                let base = without(open[place]);
                for &site in &closed {
                    let mut other = base.clone();
                    other.push(site);
                    other.sort_unstable();
                    moves.push(other);
                }
            }
            if budget.is_over() {
                return (now.objective, open);
            }
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
