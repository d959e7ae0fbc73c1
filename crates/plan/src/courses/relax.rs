use rayon::prelude::*;

use super::Session;
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
/// most beyond their price, and a knapsack says which sessions the money is for. Where those who come cost money too, a yuan
/// has the price at which about as much is spent as there is.
///
/// Prices: households, then groups of rooms, then groups of teachers.
pub(super) struct Relaxed<'a> {
    shape: &'a Shape<'a>,
    state: &'a [State],
    /// Whether what a session costs hangs on who comes.
    each: bool,
    /// Price of a yuan.
    yuan: f64,
    filled: Vec<Filled>,
    items: Vec<Item>,
    taken: Vec<u32>,
}

/// What one session is worth at some prices.
#[derive(Clone, Debug, Default)]
struct Filled {
    /// Beyond all prices.
    net: f64,
    /// Who would come if a yuan cost nothing, with what they are worth; the most first where those who come cost money.
    row: Vec<(f64, u32)>,
    /// What the first of them are worth together.
    sums: Vec<f64>,
    /// How many come.
    come: usize,
    /// Prices of its rooms and its cheapest teacher.
    prices: f64,
    /// Position of its cheapest teacher.
    teacher: usize,
}

impl Filled {
    /// How many come at a price of a yuan, and what the session is worth.
    fn at(&self, yuan: f64, session: &Session) -> (usize, f64) {
        let each = yuan * f64::from(session.yuan_each);
        let come =
            if each > 0.0 { self.row.partition_point(|one| one.0 > each) } else { self.row.len() };
        let net = self.sums[come] - each * come as f64 - yuan * f64::from(session.yuan);
        (come, net - self.prices)
    }
}

impl<'a> Relaxed<'a> {
    pub(super) fn new(shape: &'a Shape<'a>, state: &'a [State]) -> Self {
        let sessions = shape.sessions.len();
        Self {
            shape,
            state,
            each: shape.sessions.iter().any(|s| s.yuan_each > 0),
            yuan: 0.0,
            filled: vec![Filled::default(); sessions],
            items: Vec::with_capacity(sessions),
            taken: Vec::with_capacity(sessions),
        }
    }

    /// How many prices there are.
    pub(super) fn prices(shape: &Shape) -> usize {
        shape.households + shape.rooms.len() + shape.teachers.len()
    }

    fn fill(&mut self, u: &[f64]) {
        let (shape, state, each) = (self.shape, self.state, self.each);
        let (household, rest) = u.split_at(shape.households);
        let (rooms, teachers) = rest.split_at(shape.rooms.len());
        self.filled.par_iter_mut().enumerate().for_each(|(at, filled)| {
            filled.row.clear();
            filled.net = f64::NEG_INFINITY;
            if state[at] == State::Closed {
                return;
            }
            let all = shape.rows[at].iter();
            let net = |&(who, points): &(u32, i64)| (points as f64 - household[who as usize], who);
            filled.row.extend(all.map(net).filter(|one| one.0 > 0.0));
            let room = shape.sessions[at].capacity as usize;
            let more = |a: &(f64, u32), b: &(f64, u32)| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1));
            if filled.row.len() > room {
                filled.row.select_nth_unstable_by(room, more);
                filled.row.truncate(room);
            }
            if each {
                filled.row.sort_unstable_by(more);
            }
            let mut sum = 0.0;
            filled.sums.clear();
            filled.sums.push(0.0);
            filled.sums.extend(filled.row.iter().map(|one| {
                sum += one.0;
                sum
            }));
            filled.prices = shape.rooms_of[at].iter().map(|room| rooms[*room as usize]).sum();
            let costs = shape.teachers_of[at]
                .iter()
                .map(|groups| groups.iter().map(|g| teachers[*g as usize]).sum::<f64>());
            if let Some((at, cost)) = costs.enumerate().min_by(|a, b| a.1.total_cmp(&b.1)) {
                filled.prices += cost;
                filled.teacher = at;
            }
        });
        self.yuan = if each { self.price_of_a_yuan() } else { 0.0 };
        for (at, filled) in self.filled.iter_mut().enumerate() {
            if state[at] != State::Closed {
                (filled.come, filled.net) = filled.at(self.yuan, &shape.sessions[at]);
            }
        }
    }

    /// The price at which about as much is spent as there is.
    fn price_of_a_yuan(&self) -> f64 {
        let spends_too_much = |yuan: f64| {
            let mut spent = 0;
            for (at, filled) in self.filled.iter().enumerate() {
                let session = &self.shape.sessions[at];
                if self.state[at] == State::Closed {
                    continue;
                }
                let (come, net) = filled.at(yuan, session);
                if net > 0.0 || self.state[at] == State::Open {
                    let come = i64::try_from(come).expect("no more than places");
                    spent += i64::from(session.yuan) + i64::from(session.yuan_each) * come;
                }
            }
            spent > self.shape.yuan
        };
        if !spends_too_much(0.0) {
            return 0.0;
        }
        let dearest = self.filled.iter().filter_map(|filled| filled.sums.last());
        let (mut cheap, mut dear) = (0.0, dearest.copied().fold(1.0, f64::max));
        // What even this does not keep within the money is decided so; any price is a bound.
        for _ in 0..60 {
            let middle = f64::midpoint(cheap, dear);
            if spends_too_much(middle) {
                cheap = middle;
            } else {
                dear = middle;
            }
        }
        dear
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
        u.iter().sum::<f64>() + self.yuan * self.shape.yuan as f64
    }

    /// What one more yuan would bring, about, at prices `u`.
    pub(super) fn yuan_is_worth(&mut self, u: &[f64]) -> f64 {
        self.fill(u);
        let state = self.state;
        self.choose(|at| state[at]);
        let mut room = self.shape.yuan;
        for item in &self.items {
            room -= i64::from(item.weight);
            if room < 0 {
                return self.yuan + item.profit / f64::from(item.weight);
            }
        }
        self.yuan
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
        let first_teacher = households + self.shape.rooms.len();
        for &session in &self.taken {
            let at = session as usize;
            primal[at] = 1.0;
            let filled = &self.filled[at];
            for (_, who) in &filled.row[..filled.come] {
                residual[*who as usize] += 1.0;
            }
            for room in &self.shape.rooms_of[at] {
                residual[households + *room as usize] += 1.0;
            }
            if let Some(groups) = self.shape.teachers_of[at].get(filled.teacher) {
                for group in groups {
                    residual[first_teacher + *group as usize] += 1.0;
                }
            }
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
