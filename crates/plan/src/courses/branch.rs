use std::sync::Mutex;

use super::hold::Set;
use super::relax::{Relaxed, State};
use super::shape::Shape;
use crate::budget::Budget;
use crate::random::Random;
use crate::tree::{Branching, Looked};
use crate::volume::{Pace, ascend};

/// All plans in which some sessions are decided, and prices from above.
#[derive(Clone)]
pub(super) struct Part {
    state: Vec<State>,
    u: Vec<f64>,
}

/// The search for the best sessions.
pub(super) struct Courses<'a> {
    shape: &'a Shape<'a>,
    /// The least bound of parts that could not be settled.
    unsettled: Mutex<f64>,
    /// Prices of the root.
    prices: Mutex<Vec<f64>>,
}

impl<'a> Courses<'a> {
    pub(super) fn new(shape: &'a Shape<'a>) -> Self {
        Self { shape, unsettled: Mutex::new(f64::INFINITY), prices: Mutex::new(Vec::new()) }
    }

    pub(super) fn root(&self) -> Part {
        let free = |usable: &bool| if *usable { State::Free } else { State::Closed };
        let state = self.shape.usable.iter().map(free).collect();
        Part { state, u: vec![0.0; Relaxed::prices(self.shape)] }
    }

    /// The bound of what could not be settled, and prices of the root.
    pub(super) fn ended(self) -> (f64, Vec<f64>) {
        let held = "no thread died with it";
        (self.unsettled.into_inner().expect(held), self.prices.into_inner().expect(held))
    }

    fn keep_unsettled(&self, bound: f64) {
        let mut least = self.unsettled.lock().expect("no thread died with it");
        *least = least.min(bound);
    }

    /// Sessions of a room that is taken are closed; `false` if what is decided cannot be.
    fn settle_rooms(&self, state: &mut [State]) -> bool {
        for group in &self.shape.rooms {
            let open = group.iter().filter(|s| state[**s as usize] == State::Open).count();
            if open > 1 {
                return false;
            }
            for session in group.iter().filter(|_| open == 1) {
                let state = &mut state[*session as usize];
                if *state == State::Free {
                    *state = State::Closed;
                }
            }
        }
        true
    }

    fn opened(state: &[State]) -> Vec<u32> {
        (0..state.len() as u32).filter(|s| state[*s as usize] == State::Open).collect()
    }
}

/// How near a share is to being undecided.
fn doubt(mean: f64) -> f64 {
    0.5 - (mean - 0.5).abs()
}

impl Branching for Courses<'_> {
    type Part = Part;
    type Plan = Set;

    fn look(&self, mut part: Part, bound: f64, objective: f64, budget: Budget) -> Looked<Self> {
        let mut looked = Looked::default();
        let mut objective = objective;
        let sessions = part.state.len();
        if !self.settle_rooms(&mut part.state) {
            return looked;
        }
        let forced = Self::opened(&part.state);
        if self.shape.give_teachers(&forced) == Err(true) {
            return looked;
        }
        let is_root = bound == f64::NEG_INFINITY;
        let (steps, patience, lambda) = if is_root { (600, 100, 0.5) } else { (80, 40, 0.2) };
        let enough = self.enough(objective);
        let pace = Pace { steps, patience, lambda, enough, target: objective };
        let mut relaxed = Relaxed::new(self.shape, &part.state);
        let mut means: Vec<Vec<f64>> = Vec::new();
        let ascent = ascend(&mut relaxed, part.u, sessions, pace, |_, step, _, mean| {
            if is_root && step % 50 == 49 {
                means.push(mean.to_vec());
            }
            !budget.is_over()
        });
        let bound = bound.max(ascent.bound);
        means.push(ascent.primal);
        let either = relaxed.either(&ascent.u);
        if is_root {
            self.prices.lock().expect("no thread died with it").clone_from(&ascent.u);
        }
        for mean in &means {
            let mut order: Vec<u32> = (0..sessions as u32)
                .filter(|s| part.state[*s as usize] != State::Closed && mean[*s as usize] > 0.05)
                .collect();
            order.sort_by(|a, b| {
                let (x, y) = (mean[*a as usize], mean[*b as usize]);
                y.total_cmp(&x).then(a.cmp(b))
            });
            let open = self.shape.build(order);
            if let Some(set) = self.shape.hold_some(&open, None) {
                looked.keep(&mut objective, -(set.points as f64), || set);
            }
        }
        let enough = self.enough(objective);
        if self.rounded(bound) >= enough {
            return looked;
        }
        for (state, (held, not)) in part.state.iter_mut().zip(&either) {
            if *state != State::Free {
                continue;
            }
            match (self.rounded(*held) >= enough, self.rounded(*not) >= enough) {
                (true, true) => return looked,
                (true, false) => *state = State::Closed,
                (false, true) => *state = State::Open,
                (false, false) => {}
            }
        }
        if !self.settle_rooms(&mut part.state) {
            return looked;
        }
        let mean = means.last().expect("one was pushed");
        let free = (0..sessions).filter(|at| part.state[*at] == State::Free);
        let choice = free.max_by(|a, b| {
            let more = |at: &usize| either[*at].0.min(either[*at].1);
            let (x, y) = (doubt(mean[*a]), doubt(mean[*b]));
            x.total_cmp(&y).then(more(a).total_cmp(&more(b))).then(b.cmp(a))
        });
        let Some(at) = choice else {
            let open = Self::opened(&part.state);
            match self.shape.hold(&open, None) {
                Ok(set) => {
                    if !set.is_exact {
                        self.keep_unsettled(bound);
                    }
                    looked.keep(&mut objective, -(set.points as f64), || set);
                }
                Err(true) => {}
                Err(false) => self.keep_unsettled(bound),
            }
            return looked;
        };
        for (to, child) in [(State::Open, either[at].0), (State::Closed, either[at].1)] {
            let mut state = part.state.clone();
            state[at] = to;
            looked.children.push((bound.max(child), Part { state, u: ascent.u.clone() }));
        }
        looked
    }

    fn beside(
        &self,
        _: Option<&Part>,
        best: Option<&(f64, Set)>,
        seed: u64,
        budget: Budget,
    ) -> Option<(f64, Set)> {
        let (_, best) = best?;
        let mut random = Random::new(seed);
        let usable: Vec<u32> = (0..self.shape.sessions.len() as u32)
            .filter(|s| self.shape.usable[*s as usize])
            .collect();
        if usable.len() < 3 {
            return None;
        }
        if seed == 1 {
            // Beside the root the first set is made as good as it gets.
            let set = self.shape.climb(best.clone(), 60, &|| budget.is_over());
            return (set.points > best.points).then(|| (-(set.points as f64), set));
        }
        // Two or three sessions are thrown in and out, then every other is looked at again.
        let mut order = best.open.clone();
        for _ in 0..2 + random.below(2) {
            if !order.is_empty() {
                order.remove(random.below(order.len()));
            }
        }
        let thrown: Vec<u32> = (0..2).map(|_| usable[random.below(usable.len())]).collect();
        let open = self.shape.build(thrown.into_iter().chain(order).chain(usable.iter().copied()));
        let set = self.shape.hold_some(&open, Some(best))?;
        let set = self.shape.climb(set, 12, &|| budget.is_over());
        (set.points > best.points).then(|| (-(set.points as f64), set))
    }

    fn is_whole(&self) -> bool {
        true
    }
}
