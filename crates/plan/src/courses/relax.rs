use rayon::prelude::*;

use super::shape::Shape;
use crate::knapsack::{self, Item};
use crate::volume::Relaxation;

/// Whether a session is held.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum State {
    Open,
    Closed,
    Free,
}

/// The course plan with "a household goes to one session", rooms and teachers priced: each session takes those who are worth
/// most beyond their price, and a knapsack says which sessions the money is for.
///
/// Prices: households, then all the money (a yuan costs its part of it), then groups of rooms, then groups of teachers.
pub(super) struct Relaxed<'a> {
    shape: &'a Shape<'a>,
    state: &'a [State],
    /// Whether what a session costs hangs on who comes.
    each: bool,
    filled: Vec<Filled>,
    items: Vec<Item>,
    taken: Vec<u32>,
}

/// What one session is worth at some prices.
#[derive(Clone, Debug, Default)]
struct Filled {
    /// Beyond all prices.
    net: f64,
    /// Who comes.
    comes: Vec<u32>,
    /// Position of its cheapest teacher.
    teacher: usize,
}

impl<'a> Relaxed<'a> {
    pub(super) fn new(shape: &'a Shape<'a>, state: &'a [State]) -> Self {
        let sessions = shape.sessions.len();
        Self {
            shape,
            state,
            each: shape.sessions.iter().any(|s| s.yuan_each > 0),
            filled: vec![Filled::default(); sessions],
            items: Vec::with_capacity(sessions),
            taken: Vec::with_capacity(sessions),
        }
    }

    /// How many prices there are.
    pub(super) fn prices(shape: &Shape) -> usize {
        shape.households + 1 + shape.rooms.len() + shape.teachers.len()
    }

    fn fill(&mut self, u: &[f64]) {
        let (shape, state) = (self.shape, self.state);
        let (household, rest) = u.split_at(shape.households);
        let (all, rest) = rest.split_first().expect("the money has a price");
        let yuan = all / shape.yuan.max(1) as f64;
        let (rooms, teachers) = rest.split_at(shape.rooms.len());
        self.filled.par_iter_mut().enumerate().for_each(|(at, filled)| {
            filled.comes.clear();
            filled.net = f64::NEG_INFINITY;
            if state[at] == State::Closed {
                return;
            }
            let session = &shape.sessions[at];
            let each = yuan * f64::from(session.yuan_each);
            let mut row: Vec<(f64, u32)> = shape.rows[at]
                .iter()
                .map(|&(who, points)| (points as f64 - household[who as usize] - each, who))
                .filter(|one| one.0 > 0.0)
                .collect();
            let room = session.capacity as usize;
            if row.len() > room {
                row.select_nth_unstable_by(room, |a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
                row.truncate(room);
            }
            filled.net = row.iter().map(|one| one.0).sum::<f64>() - yuan * f64::from(session.yuan);
            filled.comes.extend(row.iter().map(|one| one.1));
            for room in &shape.rooms_of[at] {
                filled.net -= rooms[*room as usize];
            }
            let costs = shape.teachers_of[at]
                .iter()
                .map(|groups| groups.iter().map(|g| teachers[*g as usize]).sum::<f64>());
            if let Some((at, cost)) = costs.enumerate().min_by(|a, b| a.1.total_cmp(&b.1)) {
                filled.net -= cost;
                filled.teacher = at;
            }
        });
    }

    /// The most that sessions can bring with some of them decided; `None` if the money does not reach. Leaves the sessions
    /// that are held.
    fn choose(&mut self, decide: impl Fn(usize) -> State) -> Option<f64> {
        let mut room = self.shape.yuan;
        let mut worth = 0.0;
        self.items.clear();
        for (at, filled) in self.filled.iter().enumerate() {
            let yuan = self.shape.least_yuan(at as u32);
            match decide(at) {
                State::Open => {
                    room -= yuan;
                    worth += filled.net;
                }
                State::Free if filled.net > 0.0 => {
                    let weight = u32::try_from(yuan).unwrap_or(u32::MAX);
                    self.items.push(Item { profit: filled.net, weight, client: at as u32 });
                }
                State::Free | State::Closed => {}
            }
        }
        if room < 0 {
            return None;
        }
        knapsack::sort(&mut self.items);
        let more = knapsack::solve(&self.items, room, &mut self.taken);
        let open = (0..self.state.len()).filter(|at| decide(*at) == State::Open);
        self.taken.extend(open.map(|at| at as u32));
        Some(worth + more)
    }

    /// What all prices together are worth.
    fn base(&self, u: &[f64]) -> f64 {
        debug_assert_eq!(u.len(), Self::prices(self.shape));
        u.iter().sum()
    }

    /// What one more yuan would bring, about, at prices `u`.
    pub(super) fn yuan_is_worth(&mut self, u: &[f64]) -> f64 {
        self.fill(u);
        let all = u[self.shape.households] / self.shape.yuan.max(1) as f64;
        let state = self.state;
        self.choose(|at| state[at]);
        let mut room = self.shape.yuan;
        for item in &self.items {
            room -= i64::from(item.weight);
            if room < 0 {
                return all + item.profit / f64::from(item.weight);
            }
        }
        all
    }

    /// For each free session the bounds with it held and not held, at prices `u`.
    pub(super) fn either(&mut self, u: &[f64]) -> Vec<(f64, f64)> {
        self.fill(u);
        let base = self.base(u);
        let state = self.state;
        let bound = |worth: Option<f64>| worth.map_or(f64::INFINITY, |worth| -(base + worth));
        let mut all = Vec::with_capacity(state.len());
        for at in 0..state.len() {
            if state[at] != State::Free {
                all.push((f64::INFINITY, f64::INFINITY));
                continue;
            }
            let with = |to: State| move |n: usize| if n == at { to } else { state[n] };
            let held = bound(self.choose(with(State::Open)));
            let not = bound(self.choose(with(State::Closed)));
            all.push((held, not));
        }
        all
    }
}

impl Relaxation for Relaxed<'_> {
    fn solve(&mut self, u: &[f64], residual: &mut [f64], primal: &mut [f64]) -> f64 {
        self.fill(u);
        let state = self.state;
        let Some(worth) = self.choose(|at| state[at]) else { return f64::INFINITY };
        primal.fill(0.0);
        let households = self.shape.households;
        residual.fill(-1.0);
        residual[households] = -(self.shape.yuan as f64);
        let first_teacher = households + 1 + self.shape.rooms.len();
        for &session in &self.taken {
            let at = session as usize;
            primal[at] = 1.0;
            let filled = &self.filled[at];
            for &who in &filled.comes {
                residual[who as usize] += 1.0;
            }
            let s = &self.shape.sessions[at];
            let each = i64::from(s.yuan_each) * filled.comes.len() as i64;
            residual[households] += (i64::from(s.yuan) + each) as f64;
            for room in &self.shape.rooms_of[at] {
                residual[households + 1 + *room as usize] += 1.0;
            }
            if let Some(groups) = self.shape.teachers_of[at].get(filled.teacher) {
                for group in groups {
                    residual[first_teacher + *group as usize] += 1.0;
                }
            }
        }
        // Without costs of each who comes the knapsack alone keeps to the money.
        residual[households] /= self.shape.yuan.max(1) as f64;
        if !self.each {
            residual[households] = 0.0;
        }
        -(self.base(u) + worth)
    }

    fn clamp(&self, u: &mut [f64]) {
        for price in u {
            *price = price.max(0.0);
        }
    }

    fn is_idle(&self, _: usize, price: f64, residual: f64) -> bool {
        price <= 0.0 && residual < 0.0
    }
}
