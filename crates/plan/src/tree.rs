use std::cmp::Ordering;
use std::collections::BinaryHeap;

use rayon::prelude::*;

use crate::budget::Budget;

/// Nodes looked at in one round. Fixed, so that the search is the same on any number of threads.
const ROUND: usize = 8;

/// A problem that can be bounded, and split where the bound does not decide.
pub(crate) trait Branching: Sync {
    /// What a part of all plans is.
    type Part: Clone + Send + Sync;
    /// A plan.
    type Plan: Clone + Send + Sync;

    /// Bounds a part that holds nothing cheaper than `bound`, against the best `objective` known, and splits it.
    fn look(&self, part: Self::Part, bound: f64, objective: f64, budget: Budget) -> Looked<Self>;

    /// What to try beside each round: to make the best plan better, within what the `root` left open if it said so.
    fn beside(
        &self,
        _root: Option<&Self::Part>,
        _best: Option<&(f64, Self::Plan)>,
        _seed: u64,
        _budget: Budget,
    ) -> Option<(f64, Self::Plan)> {
        None
    }

    /// Whether every objective is whole.
    fn is_whole(&self) -> bool;

    /// The least objective that such a bound leaves possible.
    fn rounded(&self, bound: f64) -> f64 {
        if self.is_whole() { (bound - 1e-6).ceil() } else { bound }
    }

    /// A bound from which on nothing better than `objective` is left.
    fn enough(&self, objective: f64) -> f64 {
        if self.is_whole() { objective - 1.0 + 1e-6 } else { objective - 1e-9 * objective.abs() }
    }
}

/// What looking at a part gave.
pub(crate) struct Looked<B: Branching + ?Sized> {
    pub found: Option<(f64, B::Plan)>,
    /// Smaller parts with their bounds.
    pub children: Vec<(f64, B::Part)>,
    /// What was looked at with all that is now decided in it, if beginning there again with a better plan may pay.
    pub again: Option<B::Part>,
}

impl<B: Branching + ?Sized> Default for Looked<B> {
    fn default() -> Self {
        Self { found: None, children: Vec::new(), again: None }
    }
}

impl<B: Branching + ?Sized> Looked<B> {
    /// Keeps a plan if it is better than all so far; `objective` is the best known.
    pub(crate) fn keep(&mut self, objective: &mut f64, value: f64, plan: impl FnOnce() -> B::Plan) {
        if value < *objective {
            *objective = value;
            self.found = Some((value, plan()));
        }
    }
}

/// How a search ended.
pub(crate) struct Searched<P> {
    pub best: Option<(f64, P)>,
    pub bound: f64,
    pub nodes: u64,
}

/// A search that can go on where it stopped.
pub(crate) struct Search<B: Branching> {
    queue: BinaryHeap<Waiting<B::Part>>,
    nodes: u64,
    serial: u64,
    restarts: u32,
    bound: f64,
    best: Option<(f64, B::Plan)>,
    /// What the root left open, and the objective that this was found with.
    again: Option<(B::Part, f64)>,
}

struct Waiting<P> {
    rounded: f64,
    bound: f64,
    depth: u32,
    serial: u64,
    part: P,
}

// The heap gives the greatest: the least bound, of equals the deepest, of those the oldest.
impl<P> Ord for Waiting<P> {
    fn cmp(&self, other: &Self) -> Ordering {
        let bound = other.rounded.total_cmp(&self.rounded);
        bound.then(self.depth.cmp(&other.depth)).then(other.serial.cmp(&self.serial))
    }
}
impl<P> PartialOrd for Waiting<P> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}
impl<P> PartialEq for Waiting<P> {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}
impl<P> Eq for Waiting<P> {}

/// Times that a search begins again at the root.
const RESTARTS: u32 = 12;

impl<P> Waiting<P> {
    fn root(part: P) -> Self {
        let bound = f64::NEG_INFINITY;
        Self { rounded: bound, bound, depth: 0, serial: 0, part }
    }
}

/// Branch and bound, the least bound first, several nodes at a time.
pub(crate) fn search<B: Branching>(
    problem: &B,
    root: B::Part,
    best: Option<(f64, B::Plan)>,
    budget: Budget,
) -> Searched<B::Plan> {
    let mut search = Search::<B>::new(root, best);
    search.go_on(problem, budget);
    search.ended()
}

impl<B: Branching> Search<B> {
    pub(crate) fn new(root: B::Part, best: Option<(f64, B::Plan)>) -> Self {
        Self {
            queue: BinaryHeap::from([Waiting::root(root)]),
            nodes: 0,
            serial: 0,
            restarts: 0,
            bound: f64::NEG_INFINITY,
            best,
            again: None,
        }
    }

    /// What is known so far.
    pub(crate) fn ended(self) -> Searched<B::Plan> {
        Searched { best: self.best, bound: self.bound, nodes: self.nodes }
    }

    /// Whether nothing is left to look at.
    pub(crate) fn is_done(&self) -> bool {
        self.queue.is_empty()
    }

    /// Objective and bound so far.
    pub(crate) fn known(&self) -> (f64, f64) {
        (self.objective(), self.bound.min(self.objective()))
    }

    fn objective(&self) -> f64 {
        self.best.as_ref().map_or(f64::INFINITY, |b| b.0)
    }

    /// Goes on until proof, or until all nodes of the budget, those looked at before included, are spent.
    pub(crate) fn go_on(&mut self, problem: &B, budget: Budget) {
        while let Some(top) = self.queue.peek() {
            let objective = self.objective();
            if top.bound >= problem.enough(objective) {
                self.queue.clear();
                break;
            }
            if top.rounded > self.bound {
                self.bound = top.rounded;
                budget.tell(objective, self.bound.min(objective));
            }
            if self.nodes > 0 && (self.nodes >= budget.nodes || budget.is_over()) {
                break;
            }
            self.round(problem, budget);
        }
        if self.queue.is_empty() {
            self.bound = self.objective();
        }
    }

    /// Looks at some nodes.
    fn round(&mut self, problem: &B, budget: Budget) {
        let objective = self.objective();
        let round: Vec<Waiting<B::Part>> = (0..ROUND).map_while(|_| self.queue.pop()).collect();
        self.nodes += round.len() as u64;
        let (nodes, again, best) = (self.nodes, &self.again, &self.best);
        let (looked, beside) = rayon::join(
            || {
                let look = |node: Waiting<B::Part>| {
                    (node.depth, problem.look(node.part, node.bound, objective, budget))
                };
                round.into_par_iter().map(look).collect::<Vec<(u32, Looked<B>)>>()
            },
            || problem.beside(again.as_ref().map(|a| &a.0), best.as_ref(), nodes, budget),
        );
        let mut found: Vec<(f64, B::Plan)> = beside.into_iter().collect();
        for (depth, looked) in looked {
            found.extend(looked.found);
            if depth == 0 && self.again.is_none() {
                self.again = looked.again.map(|part| (part, objective));
            }
            for (bound, part) in looked.children {
                self.serial += 1;
                let rounded = problem.rounded(bound);
                let serial = self.serial;
                self.queue.push(Waiting { rounded, bound, depth: depth + 1, serial, part });
            }
        }
        for (objective, plan) in found {
            if self.best.as_ref().is_none_or(|b| objective < b.0) {
                self.best = Some((objective, plan));
                budget.tell(objective, self.bound.min(objective));
            }
        }
        // A much better plan decides more at the root than anywhere below.
        let objective = self.objective();
        if let Some((part, then)) = &mut self.again
            && objective.is_finite()
            && self.restarts < RESTARTS
            && *then - objective > 0.2 * (*then - self.bound)
        {
            self.restarts += 1;
            *then = objective;
            self.queue = BinaryHeap::from([Waiting::root(part.clone())]);
        }
    }
}
