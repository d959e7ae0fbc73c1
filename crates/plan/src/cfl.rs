//! Capacitated facility location: which sites to open at what they cost, and how much of each client's demand each serves.
//!
//! Serving every client is priced (volume algorithm); each site then fills itself with what pays most per unit, and enough
//! sites are opened to hold all demand. A tree over sites closes what is left (Barahona and Chudak 2005 on the relaxation;
//! Sridharan 1993 on the reduced-cost tests). With the sites chosen, who goes where is a [`crate::transport`].
//!
//! A place can have several forms (with beds, with a bus, with more classes), of which one at most opens: then the price of a
//! unit of capacity is found by bisection, and the bound is that of the Lagrangean dual over whole places.

mod cuts;
mod open;
mod places;
mod relax;

use std::sync::Arc;

use crate::budget::{Budget, Solved};
use crate::pmedian::{Costs, PlanError};
use crate::random::Random;
use crate::tree::{Branching, Looked, Search};
use crate::volume::{Pace, ascend};
use cuts::{Cuts, Reach};
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
    let mut solving = Solving::new(problem)?;
    solving.go_on(budget);
    solving.solved()
}

/// A search for the cheapest sites of one problem that can go on where it stopped.
pub(crate) struct Solving<'a> {
    tree: Tree<'a>,
    search: Search<Tree<'a>>,
}

impl<'a> Solving<'a> {
    pub(crate) fn new(problem: &'a Facilities) -> Result<Self, PlanError> {
        let demand: i64 = problem.demand.iter().map(|d| i64::from(*d)).sum();
        let capacity = problem.most_capacity(|_| true);
        if capacity < demand {
            return Err(PlanError::TooSmall { demand, capacity });
        }
        let all = largest(problem);
        let known = Opened::solve(problem, &all, None).map(|opened| (opened.objective, all));
        let state = vec![State::Free; problem.costs.sites()];
        let root = Part { state, u: Vec::new(), cuts: Cuts::new() };
        let cost = known.as_ref().map_or(f64::INFINITY, |k| k.0);
        let tree = Tree { problem, demand, reach: Reach::new(problem, cost) };
        Ok(Self { search: Search::new(root, known), tree })
    }

    /// Goes on until proof, or until the budget is spent; nodes are counted from the beginning.
    pub(crate) fn go_on(&mut self, budget: Budget) {
        self.search.go_on(&self.tree, budget);
    }

    /// Whether nothing better is left to look for.
    pub(crate) fn is_done(&self) -> bool {
        self.search.is_done()
    }

    /// Objective and bound so far.
    pub(crate) fn known(&self) -> (f64, f64) {
        self.search.known()
    }

    /// The cheapest sites found, with a bound.
    pub(crate) fn solved(self) -> Result<Solved<Plan>, PlanError> {
        let found = self.search.ended();
        let Some((objective, open)) = found.best else { return Err(PlanError::NotFound) };
        let opened = Opened::solve(self.tree.problem, &open, None);
        let served = opened.expect("it was feasible when it was found").served;
        Ok(Solved {
            plan: Plan { open, served },
            objective,
            bound: found.bound.min(objective),
            nodes: found.nodes,
        })
    }
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
    /// Inequalities that hold in all of them; their prices follow those of the clients.
    cuts: Cuts,
}

impl Part {
    /// Leaves off the inequalities that cost nothing.
    fn pays_only(&mut self) {
        let prices = self.u.split_off(self.u.len() - self.cuts.len());
        let cuts = std::mem::take(&mut self.cuts);
        for (cut, price) in cuts.into_iter().zip(prices).filter(|(_, price)| *price > 0.0) {
            self.cuts.push(cut);
            self.u.push(price);
        }
    }
}

/// Times that inequalities are looked for at the root.
const ROOT_ROUNDS: u32 = 12;

/// All that can be open at once: of each place the largest form.
fn largest(problem: &Facilities) -> Vec<u32> {
    let sites = problem.costs.sites() as u32;
    let Some(places) = &problem.places else { return (0..sites).collect() };
    let room = |s: &u32| (problem.capacity[*s as usize], std::cmp::Reverse(*s));
    let mut all: Vec<u32> =
        places.forms().filter_map(|forms| forms.iter().copied().max_by_key(room)).collect();
    all.sort_unstable();
    all
}

/// Where to split a part.
enum Split {
    /// On this site; bounds with it open, and with it closed.
    On(usize, (f64, f64)),
    /// This site is in the better of the plans that are left only so.
    Settled(usize, State),
}

/// Sites that are tried on both sides before one is split on, and the steps on each side.
const DOUBTFUL: usize = 6;
const TRIED_STEPS: usize = 15;

struct Tree<'a> {
    problem: &'a Facilities,
    demand: i64,
    reach: Reach,
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

    /// Opens or closes a site.
    fn settle(&self, states: &mut [State], site: usize, state: State) {
        if state == State::Open {
            State::open(states, site as u32, self.problem.places.as_ref());
        } else {
            states[site] = state;
        }
    }

    fn whole(&self) -> (&Facilities, &Reach) {
        (self.problem, &self.reach)
    }

    /// Opens and closes what by its reduced cost no better plan has otherwise; how many sites.
    fn fix(&self, state: &mut [State], reduced: &[f64], bound: f64, objective: f64) -> usize {
        let mut fixed = 0;
        for (site, reduced) in (0..).zip(reduced) {
            if state[site as usize] == State::Free
                && bound + reduced.abs() >= self.enough(objective)
            {
                if *reduced > 0.0 {
                    state[site as usize] = State::Closed;
                } else {
                    State::open(state, site, self.problem.places.as_ref());
                }
                fixed += 1;
            }
        }
        fixed
    }

    /// More inequalities for a part whose averaged solution breaks them; whether there are any.
    fn tighten(&self, part: &mut Part, share: &[f64]) -> bool {
        let broken = self.reach.broken(self.problem, &part.state, share);
        if broken.is_empty() {
            return false;
        }
        part.pays_only();
        part.u.resize(part.u.len() + broken.len(), 0.0);
        part.cuts.extend(broken.into_iter().map(Arc::new));
        true
    }

    /// The site of which opening and closing both raise the bound most, by a few steps on each side of those that the
    /// averaged solution leaves most in doubt (strong branching).
    fn strongest(&self, part: &Part, share: &[f64], bound: f64, objective: f64) -> Split {
        let mut doubtful: Vec<usize> =
            (0..share.len()).filter(|s| part.state[*s] == State::Free).collect();
        let middle = |s: usize| (share[s] - 0.5).abs();
        doubtful.sort_by(|&a, &b| middle(a).total_cmp(&middle(b)).then(a.cmp(&b)));
        doubtful.truncate(DOUBTFUL);
        let mut best: Option<(f64, usize, (f64, f64))> = None;
        for site in doubtful {
            let side = |state: State| {
                let mut tried = part.state.clone();
                self.settle(&mut tried, site, state);
                self.tried(&tried, part, objective)
            };
            let (open, closed) = (side(State::Open), side(State::Closed));
            let enough = self.enough(objective);
            if open >= enough {
                return Split::Settled(site, State::Closed);
            }
            if closed >= enough {
                return Split::Settled(site, State::Open);
            }
            let least = 1e-6 * objective.abs().max(1.0);
            let score = (open - bound).max(least) * (closed - bound).max(least);
            if best.is_none_or(|(most, ..)| score > most) {
                best = Some((score, site, (open, closed)));
            }
        }
        let (_, site, bounds) = best.expect("there is a free site");
        Split::On(site, bounds)
    }

    /// The bound after a few steps from the prices of a part, with these states.
    fn tried(&self, state: &[State], part: &Part, objective: f64) -> f64 {
        let room = self.problem.most_capacity(|s| state[s as usize] != State::Closed);
        let mut last = state.to_vec();
        if room < self.demand || !self.open_the_last(&mut last) {
            return f64::INFINITY;
        }
        let mut relaxed = Relaxed::new(self.whole(), &last, self.demand, &part.cuts);
        let pace = Pace {
            steps: TRIED_STEPS,
            patience: TRIED_STEPS + 1,
            lambda: 0.2,
            enough: self.enough(objective),
            target: objective,
        };
        ascend(&mut relaxed, part.u.clone(), state.len(), pace, |_, _, _, _| true).bound
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

    /// Changes what is open about one client and puts it right again: now and then, as that takes as long as many nodes.
    fn beside(
        &self,
        _: Option<&Part>,
        best: Option<&(f64, Vec<u32>)>,
        seed: u64,
        budget: Budget,
    ) -> Option<(f64, Vec<u32>)> {
        let (objective, open) = best.filter(|_| self.reach.is_sparse && seed.is_multiple_of(5))?;
        let mut random = Random::new(seed);
        let client = random.below(self.problem.demand.len());
        let about = self.reach.of_client(client as u32);
        let places = self.problem.places.as_ref();
        let mut other = open.clone();
        for _ in 0..2 {
            let Some(&site) = about.get(random.below(about.len().max(1))) else { break };
            if let Ok(at) = other.binary_search(&site) {
                other.remove(at);
            } else {
                other.retain(|s| places.is_none_or(|p| p.of(*s) != p.of(site)));
                let at = other.partition_point(|s| *s < site);
                other.insert(at, site);
            }
        }
        if let Some(places) = places {
            let mut is_open = vec![false; places.len()];
            for site in &other {
                is_open[places.of(*site) as usize] = true;
            }
            if (0..places.len()).any(|p| places.is_kept(p) && !is_open[p]) {
                return None;
            }
        }
        let (value, other) = open::improve(self.problem, other, budget);
        (value < *objective).then_some((value, other))
    }

    fn look(&self, mut part: Part, bound: f64, known: f64, budget: Budget) -> Looked<Self> {
        let mut looked = Looked::default();
        let mut objective = known;
        let sites = part.state.len();
        let is_root = part.u.is_empty();
        if is_root {
            part.u = relax::first_prices(self.problem);
        }
        let mut bound = bound;
        let mut steps = if is_root { 800 } else { 150 };
        let mut rounds = if is_root { ROOT_ROUNDS } else { 1 };
        let mut before = f64::NEG_INFINITY;
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
            let mut relaxed = Relaxed::new(self.whole(), &part.state, self.demand, &part.cuts);
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
                if opened.objective < objective * if is_root { 1.002 } else { 1.0 } {
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
            if rounds > 0
                && bound - before > 0.01 * (objective - bound)
                && self.tighten(&mut part, &ascent.primal)
            {
                (rounds, before) = (rounds - 1, bound);
                steps = if is_root { 300 } else { 80 };
                continue;
            }
            let fixed = self.fix(&mut part.state, &reduced, ascent.bound, objective);
            let free = part.state.iter().filter(|s| **s == State::Free).count();
            if fixed * 4 > free {
                steps = 80;
                continue;
            }
            let (site, bounds) = match self.strongest(&part, &ascent.primal, bound, objective) {
                Split::On(site, bounds) => (site, bounds),
                Split::Settled(site, state) => {
                    self.settle(&mut part.state, site, state);
                    steps = 80;
                    continue;
                }
            };
            let mut other = part.clone();
            State::open(&mut part.state, site as u32, self.problem.places.as_ref());
            other.state[site] = State::Closed;
            looked.children = vec![(bound.max(bounds.0), part), (bound.max(bounds.1), other)];
            return looked;
        }
    }
}
