use super::relax::{Lists, Relaxed};
use super::{Costs, Interchange, quick};
use crate::budget::Budget;
use crate::random::Random;
use crate::tree::{Branching, Looked, Searched};
use crate::volume::{Pace, ascend};

/// Kicks beside each round.
const KICKS: usize = 100;

/// The best choice, the bound, and how many nodes were looked at.
pub(crate) fn search(costs: &Costs, p: usize, budget: Budget) -> Searched<Vec<u32>> {
    let (open, objective) = quick(costs, p, 4, 10, budget);
    budget.tell(objective, 0.0);
    let sites = costs.sites();
    let keep = if sites <= 1500 { sites } else { (sites * 24 / p).clamp(200, sites) };
    let tree = Tree { costs, p, lists: Lists::new(costs, keep) };
    let mut u = Interchange::new(costs, open.clone()).prices();
    u.iter_mut().zip(&tree.lists.cap).for_each(|(u, &cap)| *u = u.min(cap));
    let root = Part { u, state: vec![State::Free; sites], limit: Vec::new(), is_root: true };
    crate::tree::search(&tree, root, Some((objective, open)), budget)
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Free,
    Open,
    Closed,
}

/// A part of all choices: some sites open, some closed, some clients served no farther than a limit.
#[derive(Clone, Debug)]
struct Part {
    /// Prices to begin from.
    u: Vec<f64>,
    state: Vec<State>,
    limit: Vec<(u32, f64)>,
    is_root: bool,
}

struct Tree<'a> {
    costs: &'a Costs,
    p: usize,
    lists: Lists,
}

impl Branching for Tree<'_> {
    type Part = Part;
    type Plan = Vec<u32>;

    fn is_whole(&self) -> bool {
        self.costs.is_integral()
    }

    /// Bounds a node, fixes what can be fixed, and splits what is left.
    fn look(&self, mut node: Part, mut bound: f64, known: f64, budget: Budget) -> Looked<Self> {
        let mut looked = Looked::default();
        let mut objective = known;
        let sites = self.costs.sites();
        let mut limit = vec![f64::INFINITY; self.costs.clients()];
        for &(client, most) in &node.limit {
            limit[client as usize] = limit[client as usize].min(most);
        }
        let is_root = std::mem::take(&mut node.is_root);
        let mut steps = if is_root { 1000 } else { 180 };
        loop {
            let open: Vec<u32> = of_state(&node.state, State::Open);
            let free: Vec<u32> = of_state(&node.state, State::Free);
            if open.len() > self.p || open.len() + free.len() < self.p {
                return looked;
            }
            let more = self.p - open.len();
            if more == 0 || more == free.len() {
                let mut all = open;
                if more > 0 {
                    all.extend(&free);
                }
                let value = Interchange::new(self.costs, all.clone()).objective();
                looked.keep(&mut objective, value, || all);
                return looked;
            }
            let Some(lists) =
                self.lists.without(|_, site| node.state[site as usize] == State::Closed, &limit)
            else {
                return looked;
            };
            let mut relaxed = Relaxed::new(&lists, sites, &open, &free, more);
            let pace = Pace {
                steps,
                patience: if is_root { 100 } else { 60 },
                lambda: if is_root { 0.5 } else { 0.2 },
                enough: self.enough(objective),
                target: objective,
            };
            let mut best = f64::NEG_INFINITY;
            let mut tried = 0;
            let allowed: Vec<u32> = open.iter().chain(&free).copied().collect();
            let from = std::mem::take(&mut node.u);
            let ascent = ascend(&mut relaxed, from, sites, pace, |relaxed, step, value, share| {
                if value > best {
                    best = value;
                    if step >= tried {
                        tried = step + if is_root { 20 } else { 60 };
                        self.try_chosen(relaxed, &allowed, budget, &mut objective, &mut looked);
                        if step > 0 {
                            let likely = most_likely(&open, &free, more, share);
                            self.descend(likely, &allowed, budget, &mut objective, &mut looked);
                        }
                    }
                }
                !step.is_multiple_of(16) || !budget.is_over()
            });
            bound = bound.max(ascent.bound);
            node.u = ascent.u;
            if bound >= self.enough(objective) {
                return looked;
            }
            relaxed.price(&node.u);
            let fixed = fix(&relaxed, ascent.bound, self.enough(objective), &mut node.state);
            if fixed * 5 > free.len() && !budget.is_over() {
                steps = if is_root { 300 } else { 60 };
                continue;
            }
            if budget.is_over() {
                looked.children.push((bound, node));
                return looked;
            }
            if is_root {
                looked.again = Some(Part { is_root: true, ..node.clone() });
            }
            looked.children = split(node, &lists, &ascent.primal).map(|part| (bound, part)).into();
            return looked;
        }
    }

    /// Kicks the best plan off its optimum and mends it, again and again, among the sites that are still worth a thought.
    fn beside(
        &self,
        root: Option<&Part>,
        known: Option<&(f64, Vec<u32>)>,
        seed: u64,
        budget: Budget,
    ) -> Option<(f64, Vec<u32>)> {
        let (known, open) = known?;
        let is_candidate: Vec<bool> = root?.state.iter().map(|s| *s != State::Closed).collect();
        let mut random = Random::new(seed);
        let mut best = Interchange::new(self.costs, open.clone());
        best.settle();
        let mut now = best.clone();
        for _ in 0..KICKS.min(self.p / 4) {
            if self.p == self.costs.sites() || budget.is_over() {
                break;
            }
            let mut other = now.clone();
            for _ in 0..=random.below(3) {
                other.kick_near(&mut random, &self.lists, &is_candidate);
            }
            other.mend(&self.lists, &is_candidate);
            // A little worse is taken as well, as long as it stays near to the best.
            let objective = other.objective();
            if objective <= best.objective() * 1.0002 {
                now = other;
                if objective < best.objective() {
                    best = now.clone();
                }
            }
        }
        let objective = best.objective();
        (objective < *known).then(|| (objective, best.open().to_vec()))
    }
}

impl Tree<'_> {
    fn try_chosen(
        &self,
        relaxed: &Relaxed,
        allowed: &[u32],
        budget: Budget,
        objective: &mut f64,
        looked: &mut Looked<Self>,
    ) {
        let chosen: Vec<u32> =
            allowed.iter().copied().filter(|&site| relaxed.chosen[site as usize]).collect();
        let Some(value) = self.lists.evaluate(&relaxed.chosen) else { return };
        if value < *objective * 1.005 + 1e-9 {
            self.descend(chosen, allowed, budget, objective, looked);
        } else {
            looked.keep(objective, value, || chosen);
        }
    }

    fn descend(
        &self,
        from: Vec<u32>,
        allowed: &[u32],
        budget: Budget,
        objective: &mut f64,
        looked: &mut Looked<Self>,
    ) {
        let mut search = Interchange::new(self.costs, from);
        search.descend(allowed, budget);
        let value = search.objective();
        looked.keep(objective, value, || search.open().to_vec());
    }
}

/// The open sites and, of the free ones, those that the averaged solution opens most.
fn most_likely(open: &[u32], free: &[u32], more: usize, share: &[f64]) -> Vec<u32> {
    let mut likely = free.to_vec();
    likely.sort_by(|&a, &b| share[b as usize].total_cmp(&share[a as usize]));
    likely.truncate(more);
    likely.extend(open);
    likely
}

fn of_state(state: &[State], wanted: State) -> Vec<u32> {
    (0_u32..).zip(state).filter(|(_, s)| **s == wanted).map(|(site, _)| site).collect()
}

/// Closes sites whose opening, and opens sites whose closing, would leave nothing to win. Gives how many.
fn fix(relaxed: &Relaxed, bound: f64, enough: f64, state: &mut [State]) -> usize {
    let (last, next) = relaxed.margins();
    let mut fixed = 0;
    for &site in relaxed.free {
        let worth = relaxed.worth[site as usize];
        if relaxed.chosen[site as usize] {
            if bound - worth + next >= enough {
                state[site as usize] = State::Open;
                fixed += 1;
            }
        } else if bound + worth - last >= enough {
            state[site as usize] = State::Closed;
            fixed += 1;
        }
    }
    fixed
}

/// Two parts of a node: for one client, a site among its nearest opens, or none of them does.
fn split(mut node: Part, lists: &Lists, share: &[f64]) -> [Part; 2] {
    let mut best: Option<(f64, u32, usize)> = None;
    for client in 0..lists.clients() {
        let (sites, costs) = lists.row(client);
        let mut left = 1.0;
        let mut spread = Vec::new();
        for (at, &site) in sites.iter().enumerate() {
            if left <= 1e-9 {
                break;
            }
            let part = share[site as usize].min(left);
            if part > 1e-6 {
                spread.push((at, part, costs[at]));
                left -= part;
            }
        }
        let total: f64 = spread.iter().map(|(_, part, cost)| part * cost).sum();
        let (mut inside, mut paid) = (0.0, 0.0);
        for pair in spread.windows(2) {
            let (_, part, cost) = pair[0];
            inside += part;
            paid += part * cost;
            let outside = 1.0 - left - inside;
            if pair[1].2 <= cost || outside <= 1e-6 {
                continue;
            }
            let apart = (total - paid) / outside - paid / inside;
            let score = inside.min(outside) * apart;
            if best.is_none_or(|(most, ..)| score > most) {
                // All sites that cost as little as this one are on this side.
                let end = costs.partition_point(|c| *c <= cost);
                best = Some((score, client as u32, end));
            }
        }
    }
    let mut other = node.clone();
    if let Some((score, client, end)) = best
        && score > 1e-6
    {
        let (sites, costs) = lists.row(client as usize);
        for &site in &sites[..end] {
            other.state[site as usize] = State::Closed;
        }
        node.limit.push((client, costs[end - 1]));
        if end == 1 {
            node.state[sites[0] as usize] = State::Open;
        }
    } else {
        // The averaged solution is whole and yet not proven: decide the most likely site.
        let site = (0..share.len())
            .filter(|&s| node.state[s] == State::Free)
            .max_by(|&a, &b| share[a].total_cmp(&share[b]))
            .expect("a node that is split has free sites");
        node.state[site] = State::Open;
        other.state[site] = State::Closed;
    }
    [node, other]
}
