use super::cuts::{Cuts, Reach};
use super::{Facilities, Places, State};
use crate::volume::Relaxation;

/// Capacitated facility location with "every client is served" priced.
pub(crate) struct Relaxed<'a> {
    problem: &'a Facilities,
    reach: &'a Reach,
    state: &'a [State],
    cuts: &'a Cuts,
    /// For each site what its opening brings towards the inequalities.
    lift: Vec<f64>,
    /// What the open sites must hold: all demand, rounded up to whole sites where all are alike.
    cover: f64,
    worth: Vec<f64>,
    share: Vec<f64>,
    /// For each site what of which client it takes, as shares.
    taken: Vec<Vec<(u32, f64)>>,
    /// Price of a unit of capacity.
    unit: f64,
    /// The last such price that was not nought.
    last: f64,
    order: Vec<u32>,
    row: Vec<(f64, u32)>,
}

impl<'a> Relaxed<'a> {
    pub(crate) fn new(
        (problem, reach): (&'a Facilities, &'a Reach),
        state: &'a [State],
        demand: i64,
        cuts: &'a Cuts,
    ) -> Self {
        let sites = state.len();
        let same = problem.capacity.iter().all(|c| *c == problem.capacity[0]);
        let one = problem.capacity[0].max(1);
        let cover = if same { ((demand + one - 1) / one) * one } else { demand } as f64;
        Self {
            problem,
            reach,
            state,
            cuts,
            lift: vec![0.0; sites],
            cover,
            worth: vec![0.0; sites],
            share: vec![0.0; sites],
            taken: vec![Vec::new(); sites],
            unit: 0.0,
            last: 1.0,
            order: Vec::with_capacity(sites),
            row: Vec::new(),
        }
    }

    /// What opening each site would change, at the last prices; below nought: what closing it would.
    pub(crate) fn reduced_costs(&mut self, u: &[f64]) -> Vec<f64> {
        self.price(u);
        let pairs = self.worth.iter().zip(&self.problem.capacity);
        let mut worth: Vec<f64> =
            pairs.map(|(worth, capacity)| worth - self.unit * *capacity as f64).collect();
        if let Some(places) = &self.problem.places {
            let own = worth.clone();
            for (place, forms) in places.forms().enumerate() {
                let none = if places.is_kept(place) { f64::INFINITY } else { 0.0 };
                for &site in forms {
                    // What the place costs at least without this form.
                    let without = forms
                        .iter()
                        .filter(|s| **s != site && self.state[**s as usize] != State::Closed)
                        .map(|s| own[*s as usize])
                        .fold(none, f64::min);
                    worth[site as usize] = own[site as usize] - without;
                }
            }
        }
        worth
    }

    /// Fills one site with what pays most per unit of demand.
    fn fill(&mut self, site: u32, u: &[f64]) -> f64 {
        let problem = self.problem;
        let mut room = problem.capacity[site as usize] as f64;
        self.row.clear();
        let mut wanted = 0.0;
        let costs = problem.costs.of_site(site);
        for &client in self.reach.of_site(site) {
            let (cost, u) = (costs[client as usize], u[client as usize]);
            if cost < u {
                let demand = f64::from(problem.demand[client as usize]);
                wanted += demand;
                self.row.push(((cost - u) / demand, client));
            }
        }
        if wanted > room {
            self.row.sort_unstable_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
        }
        let taken = &mut self.taken[site as usize];
        taken.clear();
        let mut worth = problem.fixed[site as usize] - self.lift[site as usize];
        for &(ratio, client) in &self.row {
            let demand = f64::from(problem.demand[client as usize]);
            let units = demand.min(room);
            if units <= 0.0 {
                break;
            }
            worth += ratio * units;
            room -= units;
            taken.push((client, units / demand));
        }
        worth
    }

    fn price(&mut self, u: &[f64]) -> f64 {
        let problem = self.problem;
        let (u, of_cuts) = u.split_at(problem.costs.clients());
        let mut paid = 0.0;
        self.lift.fill(0.0);
        for (cut, price) in self.cuts.iter().zip(of_cuts).filter(|(_, price)| **price > 0.0) {
            paid += price * cut.least;
            for &(site, weight) in &cut.sites {
                self.lift[site as usize] += price * weight;
            }
        }
        if let Some(places) = &problem.places {
            return paid + self.price_places(u, places);
        }
        let mut value: f64 = paid + u.iter().sum::<f64>();
        let mut room = 0.0;
        self.order.clear();
        for site in 0..self.state.len() as u32 {
            let at = site as usize;
            self.share[at] = 0.0;
            if self.state[at] == State::Closed {
                continue;
            }
            self.worth[at] = self.fill(site, u);
            if self.state[at] == State::Open || self.worth[at] < 0.0 {
                self.share[at] = 1.0;
                value += self.worth[at];
                room += self.problem.capacity[at] as f64;
            } else {
                self.order.push(site);
            }
        }
        self.unit = 0.0;
        if room < self.cover {
            let per_unit =
                |s: u32| self.worth[s as usize] / self.problem.capacity[s as usize].max(1) as f64;
            self.order
                .sort_unstable_by(|&a, &b| per_unit(a).total_cmp(&per_unit(b)).then(a.cmp(&b)));
            for &site in &self.order {
                let capacity = self.problem.capacity[site as usize] as f64;
                if capacity <= 0.0 {
                    continue;
                }
                let part = ((self.cover - room) / capacity).min(1.0);
                self.share[site as usize] = part;
                value += part * self.worth[site as usize];
                room += part * capacity;
                self.unit = self.worth[site as usize] / capacity;
                if room >= self.cover - 1e-9 {
                    break;
                }
            }
        }
        value
    }
}

impl Relaxed<'_> {
    /// As [`Self::price`], where of each place one form at most opens.
    ///
    /// With a price λ of a unit of capacity each place takes the form that is worth most, or none; any λ ≥ 0 gives a bound.
    fn price_places(&mut self, u: &[f64], places: &Places) -> f64 {
        for site in 0..self.state.len() as u32 {
            self.share[site as usize] = 0.0;
            if self.state[site as usize] != State::Closed {
                self.worth[site as usize] = self.fill(site, u);
            }
        }
        let mut low = self.choose(places, 0.0);
        self.unit = 0.0;
        if low.room < self.cover {
            // Forms of nearly the same size part only at a high price; the last one is near.
            let (mut from, mut to) = (0.0, self.last.max(1.0));
            let mut high = self.choose(places, to);
            while high.room < self.cover && to < 1e15 {
                (from, low) = (to, high);
                to *= 4.0;
                high = self.choose(places, to);
            }
            for _ in 0..60 {
                if to - from <= 1e-8 * to {
                    break;
                }
                let near = from == 0.0 || to > 4.0 * from;
                let middle = if near { to / 2.0 } else { f64::midpoint(from, to) };
                let chosen = self.choose(places, middle);
                if chosen.room < self.cover {
                    (from, low) = (middle, chosen);
                } else {
                    (to, high) = (middle, chosen);
                }
            }
            self.last = to;
            self.unit = to;
            // Between the two choices the cover is just met.
            let part = if high.room > low.room {
                ((self.cover - low.room) / (high.room - low.room)).clamp(0.0, 1.0)
            } else {
                1.0
            };
            for &site in &low.sites {
                self.share[site as usize] += 1.0 - part;
            }
            for &site in &high.sites {
                self.share[site as usize] += part;
            }
            return u.iter().sum::<f64>() + self.unit * self.cover + high.value;
        }
        for &site in &low.sites {
            self.share[site as usize] = 1.0;
        }
        u.iter().sum::<f64>() + low.value
    }

    /// The form of each place that is worth most when a unit of capacity is worth `unit`, where any is.
    fn choose(&self, places: &Places, unit: f64) -> Chosen {
        let mut chosen = Chosen { sites: Vec::with_capacity(places.len()), room: 0.0, value: 0.0 };
        for (place, forms) in places.forms().enumerate() {
            let mut best: Option<(f64, u32)> = None;
            let mut must = places.is_kept(place);
            for &site in forms {
                if self.state[site as usize] == State::Closed {
                    continue;
                }
                must |= self.state[site as usize] == State::Open;
                let capacity = self.problem.capacity[site as usize] as f64;
                let value = self.worth[site as usize] - unit * capacity;
                if best.is_none_or(|(least, _)| value < least) {
                    best = Some((value, site));
                }
            }
            if let Some((value, site)) = best
                && (must || value < 0.0)
            {
                chosen.sites.push(site);
                chosen.room += self.problem.capacity[site as usize] as f64;
                chosen.value += value;
            }
        }
        chosen
    }
}

/// Sites that pay at some price of capacity.
struct Chosen {
    sites: Vec<u32>,
    room: f64,
    /// What they cost, capacity paid for.
    value: f64,
}

impl Relaxation for Relaxed<'_> {
    fn solve(&mut self, u: &[f64], residual: &mut [f64], primal: &mut [f64]) -> f64 {
        let value = self.price(u);
        let (residual, broken) = residual.split_at_mut(self.problem.costs.clients());
        residual.fill(1.0);
        for (broken, cut) in broken.iter_mut().zip(self.cuts) {
            let open: f64 = cut.sites.iter().map(|(site, w)| w * self.share[*site as usize]).sum();
            *broken = cut.least - open;
        }
        for (taken, &share) in self.taken.iter().zip(&self.share) {
            if share > 0.0 {
                for &(client, part) in taken {
                    residual[client as usize] -= share * part;
                }
            }
        }
        primal.copy_from_slice(&self.share);
        value
    }

    fn clamp(&self, u: &mut [f64]) {
        for price in &mut u[self.problem.costs.clients()..] {
            *price = price.max(0.0);
        }
    }

    fn is_idle(&self, at: usize, price: f64, residual: f64) -> bool {
        at >= self.problem.costs.clients() && price <= 0.0 && residual < 0.0
    }
}

/// Prices to begin from: the cheapest site's cost and a fair part of what opening costs.
pub(crate) fn first_prices(problem: &Facilities) -> Vec<f64> {
    let sites = problem.costs.sites();
    (0..problem.costs.clients())
        .map(|client| {
            let demand = f64::from(problem.demand[client]);
            (0..sites as u32)
                .map(|site| {
                    let capacity = problem.capacity[site as usize].max(1) as f64;
                    problem.costs.of(site, client)
                        + problem.fixed[site as usize] * demand / capacity
                })
                .fold(f64::INFINITY, f64::min)
        })
        .collect()
}
