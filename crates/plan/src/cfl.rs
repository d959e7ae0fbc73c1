//! Capacitated facility location: which sites to open at what they cost, and how much of each client's demand each serves.
//!
//! Serving every client is priced (volume algorithm); each site then fills itself with what pays most per unit, and enough
//! sites are opened to hold all demand. A tree over sites closes what is left (Barahona and Chudak 2005 on the relaxation;
//! Sridharan 1993 on the reduced-cost tests). With the sites chosen, who goes where is a [`crate::transport`].
//!
//! A place can have several forms (with beds, with a bus, with more classes), of which one at most opens: then the price of a
//! unit of capacity is found by bisection, and the bound is that of the Lagrangean dual over whole places.

mod open;
mod places;
mod relax;

use crate::budget::{Budget, Solved};
use crate::pmedian::{Costs, PlanError};
use crate::tree::{Branching, Looked, search};
use crate::volume::{Pace, ascend};
pub(crate) use open::Opened;
pub use places::Places;
use relax::Relaxed;

/// A capacitated facility location problem.
#[derive(Clone, Debug, PartialEq)]
pub struct Facilities {
    /// What serving the whole demand of a client from a site costs.
    pub costs: Costs,
    /// Units each client needs; at least one.
    pub demand: Vec<u32>,
    /// Units each site can serve.
    pub capacity: Vec<i64>,
    /// What opening each site costs.
    pub fixed: Vec<f64>,
    /// Which sites are forms of one place; `None`: each site is a place of its own, and may stay closed.
    pub places: Option<Places>,
}

impl Facilities {
    /// The most that can be served, whatever opens.
    fn most_capacity(&self, may_open: impl Fn(u32) -> bool) -> i64 {
        let room = |site: u32| if may_open(site) { self.capacity[site as usize] } else { 0 };
        let sites = self.capacity.len() as u32;
        match &self.places {
            None => (0..sites).map(room).sum(),
            Some(places) => places
                .forms()
                .map(|forms| forms.iter().map(|site| room(*site)).max().unwrap_or(0))
                .sum(),
        }
    }
}

/// Which sites are open and what each client gets from which.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plan {
    /// Open sites, ascending.
    pub open: Vec<u32>,
    /// For each client: sites and units.
    pub served: Vec<Vec<(u32, u32)>>,
}

/// The cheapest sites, with a bound; with proof if `budget` allows.
///
/// # Errors
/// [`PlanError::TooSmall`] if all sites together cannot serve all demand.
pub fn solve(problem: &Facilities, budget: Budget) -> Result<Solved<Plan>, PlanError> {
    let demand: i64 = problem.demand.iter().map(|d| i64::from(*d)).sum();
    let capacity = problem.most_capacity(|_| true);
    if capacity < demand {
        return Err(PlanError::TooSmall { demand, capacity });
    }
    let tree = Tree { problem, demand };
    let root = Part { state: vec![State::Free; problem.costs.sites()], u: Vec::new() };
    let found = search(&tree, root, None, budget);
    let Some((objective, open)) = found.best else { return Err(PlanError::NotFound) };
    let opened = Opened::solve(problem, &open, None).expect("it was feasible when it was found");
    Ok(Solved {
        plan: Plan { open, served: opened.served },
        objective,
        bound: found.bound.min(objective),
        nodes: found.nodes,
    })
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Free,
    Open,
    Closed,
}

impl State {
    /// Opens a site, and with it closes the other forms of its place.
    fn open(state: &mut [Self], site: u32, places: Option<&Places>) {
        if let Some(places) = places {
            places.siblings(site).for_each(|other| state[other as usize] = Self::Closed);
        }
        state[site as usize] = Self::Open;
    }
}

/// Plans in which some sites are open and some closed.
#[derive(Clone, Debug)]
struct Part {
    state: Vec<State>,
    /// Prices to begin from; none yet at the root.
    u: Vec<f64>,
}

struct Tree<'a> {
    problem: &'a Facilities,
    demand: i64,
}

impl Tree<'_> {
    /// Sites that the averaged solution opens most, until they hold all demand; of each place one form.
    fn likely(&self, state: &[State], share: &[f64]) -> Vec<u32> {
        let mut order: Vec<u32> =
            (0..share.len() as u32).filter(|s| state[*s as usize] != State::Closed).collect();
        let weight =
            |s: u32| if state[s as usize] == State::Open { 2.0 } else { share[s as usize] };
        order.sort_by(|&a, &b| weight(b).total_cmp(&weight(a)).then(a.cmp(&b)));
        let places = self.problem.places.as_ref();
        let mut is_taken = vec![false; places.map_or(0, Places::len)];
        let mut room = 0;
        order.retain(|&site| {
            let place = places.map(|p| p.of(site) as usize);
            if place.is_some_and(|p| is_taken[p]) {
                return false;
            }
            let is_kept = place.is_some_and(|p| places.is_some_and(|all| all.is_kept(p)));
            // Together the forms of a place say whether it opens; the likeliest says in which.
            let together: f64 = match places {
                Some(places) => places
                    .forms_of(site)
                    .iter()
                    .filter(|s| state[**s as usize] != State::Closed)
                    .map(|s| weight(*s))
                    .sum(),
                None => weight(site),
            };
            let wanted = room < self.demand || together >= 0.5 || is_kept;
            if wanted {
                room += self.problem.capacity[site as usize];
                if let Some(place) = place {
                    is_taken[place] = true;
                }
            }
            wanted
        });
        order.sort_unstable();
        order
    }

    /// All that can be open at once: of each place the largest form.
    fn largest(&self) -> Vec<u32> {
        let sites = self.problem.costs.sites() as u32;
        let Some(places) = &self.problem.places else { return (0..sites).collect() };
        let room = |s: &u32| (self.problem.capacity[*s as usize], std::cmp::Reverse(*s));
        let mut all: Vec<u32> =
            places.forms().filter_map(|forms| forms.iter().copied().max_by_key(room)).collect();
        all.sort_unstable();
        all
    }

    /// Opens the last form of places that must open. `false` if a place that must has none left.
    fn open_the_last(&self, state: &mut [State]) -> bool {
        let Some(places) = &self.problem.places else { return true };
        for (place, forms) in places.forms().enumerate() {
            if !places.is_kept(place) {
                continue;
            }
            let mut left = forms.iter().filter(|s| state[**s as usize] != State::Closed);
            match (left.next(), left.next()) {
                (None, _) => return false,
                (Some(&only), None) => state[only as usize] = State::Open,
                _ => {}
            }
        }
        true
    }
}

impl Branching for Tree<'_> {
    type Part = Part;
    type Plan = Vec<u32>;

    fn is_whole(&self) -> bool {
        false
    }

    fn look(&self, mut part: Part, bound: f64, known: f64, budget: Budget) -> Looked<Self> {
        let mut looked = Looked::default();
        let mut objective = known;
        let sites = part.state.len();
        let is_root = part.u.is_empty();
        if is_root {
            part.u = relax::first_prices(self.problem);
            let all = self.largest();
            if let Some(opened) = Opened::solve(self.problem, &all, None) {
                looked.keep(&mut objective, opened.objective, || all);
            }
        }
        let mut bound = bound;
        let mut steps = if is_root { 800 } else { 150 };
        loop {
            if !self.open_the_last(&mut part.state) {
                return looked;
            }
            let room = self.problem.most_capacity(|s| part.state[s as usize] != State::Closed);
            if room < self.demand {
                return looked;
            }
            if !part.state.contains(&State::Free) {
                let open: Vec<u32> =
                    (0..sites as u32).filter(|s| part.state[*s as usize] == State::Open).collect();
                if let Some(opened) = Opened::solve(self.problem, &open, None) {
                    looked.keep(&mut objective, opened.objective, || open);
                }
                return looked;
            }
            let mut relaxed = Relaxed::new(self.problem, &part.state, self.demand);
            let pace = Pace {
                steps,
                patience: if is_root { 100 } else { 50 },
                lambda: if is_root { 0.5 } else { 0.2 },
                enough: self.enough(objective),
                target: objective,
            };
            let from = std::mem::take(&mut part.u);
            let mut next_try = 60;
            let mut best_share = Vec::new();
            let ascent = ascend(&mut relaxed, from, sites, pace, |_, step, _, share| {
                if step == next_try && is_root {
                    next_try += 120;
                    let open = self.likely(&part.state, share);
                    let (value, open) = open::improve(self.problem, open, budget);
                    looked.keep(&mut objective, value, || open);
                }
                best_share.clear();
                best_share.extend_from_slice(share);
                !step.is_multiple_of(8) || !budget.is_over()
            });
            bound = bound.max(ascent.bound);
            part.u = ascent.u;
            let open = self.likely(&part.state, &ascent.primal);
            if let Some(opened) = Opened::solve(self.problem, &open, None) {
                if opened.objective < objective * 1.002 {
                    let (value, open) = open::improve(self.problem, open, budget);
                    looked.keep(&mut objective, value, || open);
                } else {
                    looked.keep(&mut objective, opened.objective, || open);
                }
            }
            if bound >= self.enough(objective) {
                return looked;
            }
            if budget.is_over() {
                looked.children.push((bound, part));
                return looked;
            }
            let reduced = relaxed.reduced_costs(&part.u);
            let mut fixed = 0;
            for (site, reduced) in (0..).zip(reduced) {
                if part.state[site as usize] == State::Free
                    && ascent.bound + reduced.abs() >= self.enough(objective)
                {
                    if reduced > 0.0 {
                        part.state[site as usize] = State::Closed;
                    } else {
                        State::open(&mut part.state, site, self.problem.places.as_ref());
                    }
                    fixed += 1;
                }
            }
            let free = part.state.iter().filter(|s| **s == State::Free).count();
            if fixed * 4 > free {
                steps = 80;
                continue;
            }
            let share = &ascent.primal;
            let middle = |s: &usize| (share[*s] - 0.5).abs();
            let site = (0..sites)
                .filter(|s| part.state[*s] == State::Free)
                .min_by(|a, b| middle(a).total_cmp(&middle(b)))
                .expect("there is a free site");
            let mut other = part.clone();
            State::open(&mut part.state, site as u32, self.problem.places.as_ref());
            other.state[site] = State::Closed;
            looked.children = vec![(bound, part), (bound, other)];
            return looked;
        }
    }
}
