//! The capacitated p-median: which `p` sites to open, and which one serves each client whole, so that none is overfull.
//!
//! The bound prices "every client is served once"; what is left is a knapsack for each site, and the best `p` of them are
//! opened (Ceselli and Righini 2005 use the same relaxation through columns). Plans come from what the relaxation opens,
//! made better by shifting, exchanging and recentring, and by kicks that are mended where they hit. The tree splits the
//! sites of one client into near and far ones.

mod assign;
mod relax;

use crate::budget::{Budget, Solved};
use crate::pmedian::{Costs, Lists, Plan, PlanError, quick};
use crate::random::Random;
use crate::tree::{Branching, Looked, search};
use crate::volume::{Pace, ascend};
use assign::Assigned;
use relax::Relaxed;

/// A capacitated p-median problem.
#[derive(Clone, Debug, PartialEq)]
pub struct Capacitated {
    /// What serving each client from each site costs.
    pub costs: Costs,
    /// Units each client needs.
    pub demand: Vec<u32>,
    /// Units each site can serve.
    pub capacity: Vec<i64>,
    /// How many sites to open.
    pub p: usize,
}

/// The best `p` sites, with a bound; with proof if `budget` allows.
///
/// # Errors
/// [`PlanError`] if `p` is no number of sites, if a client is larger than any site, if the `p` largest sites cannot hold all
/// demand, or if no plan was found before the end.
pub fn solve(problem: &Capacitated, budget: Budget) -> Result<Solved<Plan>, PlanError> {
    let sites = problem.costs.sites();
    let p = problem.p;
    if p == 0 || p > sites {
        return Err(PlanError::Count { p, sites });
    }
    let mut largest = problem.capacity.clone();
    largest.sort_unstable_by(|a, b| b.cmp(a));
    let demand: i64 = problem.demand.iter().map(|d| i64::from(*d)).sum();
    let capacity: i64 = largest[..p].iter().sum();
    if capacity < demand {
        return Err(PlanError::TooSmall { demand, capacity });
    }
    if let Some(client) = problem.demand.iter().position(|d| i64::from(*d) > largest[0]) {
        return Err(PlanError::TooLarge { client, demand: i64::from(problem.demand[client]) });
    }
    let keep = if sites <= 500 { sites } else { (sites * 12 / p).clamp(60, sites) };
    let lists = Lists::new(&problem.costs, keep);
    let tree = Tree { problem, lists };
    let best = tree.first(budget);
    if let Some((objective, _)) = &best {
        budget.tell(*objective, f64::NEG_INFINITY);
    }
    let root = Part { state: vec![State::Free; sites], u: Vec::new(), banned: Vec::new() };
    let found = search(&tree, root, best, budget);
    let Some((objective, site_of)) = found.best else { return Err(PlanError::NotFound) };
    let mut open = site_of.clone();
    open.sort_unstable();
    open.dedup();
    // A plan may leave a site without clients; it is open all the same.
    let spare = (0..sites as u32).filter(|s| site_of.iter().all(|o| o != s));
    let missing = p - open.len();
    open.extend(spare.take(missing));
    open.sort_unstable();
    Ok(Solved {
        plan: Plan { open, site_of },
        objective,
        bound: found.bound.min(objective),
        nodes: found.nodes,
    })
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum State {
    Free,
    Open,
    Closed,
}

/// Plans in which some sites are open, some closed, and some clients keep away from some sites.
#[derive(Clone, Debug)]
struct Part {
    state: Vec<State>,
    u: Vec<f64>,
    /// Client and site, sorted.
    banned: Vec<(u32, u32)>,
}

struct Tree<'a> {
    problem: &'a Capacitated,
    lists: Lists,
}

impl Tree<'_> {
    /// A plan to begin with: the sites of the p-median, then whoever fits.
    fn first(&self, budget: Budget) -> Option<(f64, Vec<u32>)> {
        let (open, _) = quick(&self.problem.costs, self.problem.p, 2, 0, budget);
        let mut assigned = Assigned::by_flow(self.problem, &self.lists, &open)?;
        assigned.improve();
        Some((assigned.objective(), assigned.site_of()))
    }

    /// The best plan that opens these sites, or near ones.
    fn try_open(&self, open: &[u32], objective: &mut f64, looked: &mut Looked<Self>) {
        let mut open = open.to_vec();
        let mut least = f64::INFINITY;
        // Sites move to the middle of their clients, and clients to the sites, as long as that helps.
        while let Some(mut assigned) = Assigned::by_flow(self.problem, &self.lists, &open) {
            assigned.improve();
            let value = assigned.objective();
            looked.keep(objective, value, || assigned.site_of());
            if value >= least * (1.0 - 1e-4) {
                break;
            }
            least = value;
            open = assigned.open().to_vec();
        }
    }
}

impl Branching for Tree<'_> {
    type Part = Part;
    type Plan = Vec<u32>;

    fn is_whole(&self) -> bool {
        self.problem.costs.is_integral()
    }

    fn beside(
        &self,
        _: Option<&Part>,
        best: Option<&(f64, Vec<u32>)>,
        seed: u64,
        budget: Budget,
    ) -> Option<(f64, Vec<u32>)> {
        let (objective, site_of) = best?;
        let mut assigned = Assigned::of(self.problem, &self.lists, site_of);
        let mut random = Random::new(seed);
        // A kick's work grows with the clients of a few sites.
        let clients_per_site = self.problem.demand.len() / self.problem.p + 1;
        let kicks = (300_000 / clients_per_site.pow(2)).clamp(100, 30_000) as u32;
        let better = assigned.kick_often(&mut random, kicks, budget)?;
        (better.0 < *objective).then_some(better)
    }

    fn look(&self, mut part: Part, bound: f64, known: f64, budget: Budget) -> Looked<Self> {
        let mut looked = Looked::default();
        let mut objective = known;
        let mut bound = bound;
        let sites = part.state.len();
        let clients = self.problem.demand.len();
        let is_root = part.u.is_empty();
        if is_root {
            part.u = relax::first_prices(&self.lists, clients * 2 / self.problem.p);
        }
        let mut limit = vec![f64::INFINITY; clients];
        let mut steps = if is_root { 1500 } else { 200 };
        loop {
            let state = &part.state;
            let open = state.iter().filter(|s| **s == State::Open).count();
            let free = state.iter().filter(|s| **s == State::Free).count();
            if open > self.problem.p || open + free < self.problem.p {
                return looked;
            }
            let banned = &part.banned;
            let lists = self.lists.without(
                |client, site| {
                    state[site as usize] == State::Closed
                        || banned.binary_search(&(client, site)).is_ok()
                },
                &limit,
            );
            let Some(lists) = lists else { return looked };
            let mut relaxed = Relaxed::new(self.problem, &lists, state);
            let pace = Pace {
                steps,
                patience: if is_root { 150 } else { 60 },
                lambda: if is_root { 0.5 } else { 0.2 },
                enough: if objective.is_finite() { self.enough(objective) } else { f64::INFINITY },
                target: objective,
            };
            let from = std::mem::take(&mut part.u);
            let mut next_try = if is_root { 50 } else { 80 };
            let len = sites + lists.len();
            let ascent = ascend(&mut relaxed, from, len, pace, |relaxed, step, _, share| {
                if relaxed.is_plan() {
                    let plan = relaxed.plan();
                    let sites = plan.iter().enumerate();
                    let value =
                        sites.map(|(client, site)| self.problem.costs.of(*site, client)).sum();
                    looked.keep(&mut objective, value, || plan);
                }
                if step >= next_try {
                    next_try = step + if is_root { 100 } else { 1000 };
                    let likely = most_likely(&part.state, share, self.problem.p);
                    self.try_open(&likely, &mut objective, &mut looked);
                    if is_root {
                        let chosen = relaxed.chosen_sites();
                        self.try_open(&chosen, &mut objective, &mut looked);
                    }
                }
                !step.is_multiple_of(8) || !budget.is_over()
            });
            bound = bound.max(ascent.bound);
            part.u = ascent.u;
            if bound >= self.enough(objective) {
                return looked;
            }
            if budget.is_over() {
                looked.children.push((bound, part));
                return looked;
            }
            relaxed.price(&part.u);
            let enough = self.enough(objective);
            let slack = enough - ascent.bound;
            let (state, mut fixed) = relaxed.fix(slack);
            part.state = state;
            for (limit, &u) in limit.iter_mut().zip(&part.u) {
                *limit = limit.min(u + slack);
            }
            fixed += usize::from(is_root && steps == 1500) * free;
            if fixed * 5 > free {
                steps = if is_root { 400 } else { 80 };
                continue;
            }
            looked.children = split(part, &lists, &ascent.primal, sites)
                .into_iter()
                .map(|p| (bound, p))
                .collect();
            return looked;
        }
    }
}

/// The open sites and, of the free ones, those that the averaged solution opens most.
fn most_likely(state: &[State], share: &[f64], p: usize) -> Vec<u32> {
    let mut order: Vec<u32> =
        (0..state.len() as u32).filter(|s| state[*s as usize] != State::Closed).collect();
    let weight = |s: u32| if state[s as usize] == State::Open { 2.0 } else { share[s as usize] };
    order.sort_by(|&a, &b| weight(b).total_cmp(&weight(a)).then(a.cmp(&b)));
    order.truncate(p);
    order
}

/// Two parts: one client goes to one of its near sites, or to none of them.
fn split(mut part: Part, lists: &Lists, share: &[f64], sites: usize) -> Vec<Part> {
    let mut best: Option<(f64, u32, usize)> = None;
    let mut at = sites;
    for client in 0..lists.clients() {
        let (row, costs) = lists.row(client);
        let parts = &share[at..at + row.len()];
        at += row.len();
        let total: f64 = parts.iter().sum();
        let paid: f64 = parts.iter().zip(costs).map(|(x, c)| x * c).sum();
        let (mut inside, mut paid_inside) = (0.0, 0.0);
        for end in 1..row.len() {
            inside += parts[end - 1];
            paid_inside += parts[end - 1] * costs[end - 1];
            let outside = total - inside;
            if parts[end - 1] <= 1e-6 || inside <= 1e-6 || outside <= 1e-6 {
                continue;
            }
            let apart = (paid - paid_inside) / outside - paid_inside / inside;
            let score = inside.min(outside) * (apart + 1e-9);
            if best.is_none_or(|(most, ..)| score > most) {
                best = Some((score, client as u32, end));
            }
        }
    }
    let mut other = part.clone();
    if let Some((score, client, end)) = best
        && score > 1e-7
    {
        let (row, _) = lists.row(client as usize);
        other.banned.extend(row[..end].iter().map(|site| (client, *site)));
        part.banned.extend(row[end..].iter().map(|site| (client, *site)));
        if let [only] = row[..end] {
            part.state[only as usize] = State::Open;
        }
        if let [only] = row[end..] {
            other.state[only as usize] = State::Open;
        }
        part.banned.sort_unstable();
        other.banned.sort_unstable();
        return vec![part, other];
    }
    let free = (0..sites).filter(|s| part.state[*s] == State::Free);
    if let Some(site) = free.max_by(|&a, &b| share[a].total_cmp(&share[b]).then(b.cmp(&a))) {
        part.state[site] = State::Open;
        other.state[site] = State::Closed;
        return vec![part, other];
    }
    // All sites are decided and the average is whole: decide a client that still has a choice.
    for client in 0..lists.clients() {
        let (row, _) = lists.row(client);
        if let [first, rest @ ..] = row
            && !rest.is_empty()
        {
            part.banned.extend(rest.iter().map(|site| (client as u32, *site)));
            other.banned.push((client as u32, *first));
            part.banned.sort_unstable();
            other.banned.sort_unstable();
            return vec![part, other];
        }
    }
    Vec::new()
}
