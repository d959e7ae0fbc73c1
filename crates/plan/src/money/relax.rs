use super::cover::{Step, cover};
use super::rooms::Rooms;
use super::{Floor, Form};
use crate::volume::{Ascent, Pace, Relaxation, ascend};

/// What may still become of each project: bit 0 stands for nothing, bit `form + 1` for a form.
#[derive(Clone, Debug)]
pub(super) struct Open(pub(super) Vec<u64>);

impl Open {
    /// Whether so many forms can be told apart.
    pub(super) fn can_hold(projects: &[Vec<Form>]) -> bool {
        projects.iter().all(|forms| forms.len() < 64)
    }

    /// Everything that any purse may pay for; forms beyond the 63rd of a project are left to others.
    pub(super) fn all(projects: &[Vec<Form>]) -> Self {
        let of = |forms: &Vec<Form>| {
            let payable = forms.iter().take(63).enumerate();
            let payable = payable.filter(|(_, f)| f.worth > 0.0 && !f.purses.is_empty());
            payable.fold(1_u64, |bits, (form, _)| bits | 2 << form)
        };
        Self(projects.iter().map(of).collect())
    }

    pub(super) fn allows(&self, project: usize, form: usize) -> bool {
        form < 63 && self.0[project] & (2 << form) != 0
    }

    pub(super) fn may_be_left(&self, project: usize) -> bool {
        self.0[project] & 1 != 0
    }

    /// Options of a project that are open: `None` for nothing.
    pub(super) fn options(&self, project: usize) -> impl Iterator<Item = Option<usize>> {
        let bits = self.0[project];
        (0..64_usize).filter(move |at| bits >> at & 1 != 0).map(|at| at.checked_sub(1))
    }

    pub(super) fn is_decided(&self, project: usize) -> bool {
        self.0[project].count_ones() <= 1
    }

    pub(super) fn only(&mut self, project: usize, option: Option<usize>) {
        self.0[project] = bit(option);
    }

    pub(super) fn without(&mut self, project: usize, option: Option<usize>) {
        self.0[project] &= !bit(option);
    }
}

fn bit(option: Option<usize>) -> u64 {
    1 << option.map_or(0, |form| form + 1)
}

/// The question, and what is needed of it again and again.
pub(super) struct Shape<'a> {
    pub(super) projects: &'a [Vec<Form>],
    pub(super) purses: &'a [i64],
    pub(super) floors: &'a [Floor],
    /// What the purses can pay together.
    pub(super) rooms: &'a Rooms,
    /// Floors that each project counts towards.
    pub(super) all_floors_of: Vec<Vec<usize>>,
    /// Of these, those that are priced.
    floors_of: Vec<Vec<usize>>,
    /// Floors that are kept exactly, by number; no project is of two of them.
    held: Vec<usize>,
    /// Which of `held` each project is of.
    held_of: Vec<Option<usize>>,
    /// Where the forms of each project begin among all.
    pub(super) begins: Vec<usize>,
    /// Yuan that a worth of one costs, about. Prices are in worth a so many yuan, so that purses and floors are lacking by numbers of one
    /// size and are priced at one pace.
    pub(super) yuan_a_worth: f64,
}

impl<'a> Shape<'a> {
    pub(super) fn new(
        projects: &'a [Vec<Form>],
        (purses, rooms): (&'a [i64], &'a Rooms),
        floors: &'a [Floor],
    ) -> Self {
        let mut floors_of = vec![Vec::new(); projects.len()];
        for (at, floor) in floors.iter().enumerate() {
            for &project in &floor.projects {
                floors_of[project].push(at);
            }
        }
        let mut begins = vec![0];
        let (mut yuan, mut worth) = (0.0, 0.0);
        for forms in projects {
            begins.push(begins[begins.len() - 1] + forms.len());
            yuan += forms.iter().map(|f| f64::from(f.yuan)).sum::<f64>();
            worth += forms.iter().map(|f| f.worth).sum::<f64>();
        }
        let yuan_a_worth = if worth > 0.0 { (yuan / worth).max(1e-6) } else { 1.0 };
        let (held, held_of) = (Vec::new(), vec![None; projects.len()]);
        let all_floors_of = floors_of.clone();
        Self {
            projects,
            purses,
            floors,
            rooms,
            all_floors_of,
            floors_of,
            held,
            held_of,
            begins,
            yuan_a_worth,
        }
    }

    /// As it is, with floors kept exactly and not by a price, which bounds more. Of floors that have projects in common the first is.
    pub(super) fn holding(mut self) -> Self {
        for (at, floor) in self.floors.iter().enumerate() {
            if floor.projects.iter().all(|p| self.held_of[*p].is_none()) {
                for &project in &floor.projects {
                    self.held_of[project] = Some(self.held.len());
                    self.floors_of[project].retain(|f| *f != at);
                }
                self.held.push(at);
            }
        }
        self
    }

    /// Prices from which to begin.
    pub(super) fn no_prices(&self) -> Vec<f64> {
        vec![0.0; self.purses.len() + self.floors.len()]
    }

    /// Prices of purses and, behind them, of floors, for what is open.
    pub(super) fn prices(&self, open: &Open, u: Vec<f64>, target: f64, steps: usize) -> Ascent {
        let mut priced = Priced { shape: self, open };
        // Worth is negative here: a bound above nought says that nothing open keeps all floors.
        let enough = if target < 0.0 { target - 1e-9 * target.abs() } else { 1e-6 };
        let pace = Pace { steps, patience: (steps / 3).max(40), lambda: 0.5, enough, target };
        ascend(&mut priced, u, self.begins[self.projects.len()], pace, |_, _, _, _| true)
    }

    /// Prices in worth a yuan.
    pub(super) fn a_yuan(&self, u: &[f64]) -> Vec<f64> {
        u[..self.purses.len()].iter().map(|u| u / self.yuan_a_worth).collect()
    }

    /// How much more a worth counts in a project, for the floors that it helps.
    pub(super) fn counts(&self, project: usize, u: &[f64]) -> f64 {
        1.0 + self.floors_of[project].iter().map(|f| u[self.purses.len() + f]).sum::<f64>()
    }

    /// What an option of a project is worth after paying, and the purse that pays.
    pub(super) fn after(
        &self,
        (project, option): (usize, Option<usize>),
        price: &[f64],
        counts: f64,
    ) -> (f64, Option<u32>) {
        let Some(form) = option.map(|form| &self.projects[project][form]) else {
            return (0.0, None);
        };
        match cheapest(form, price) {
            Some((purse, price)) => {
                (form.worth * counts - price * f64::from(form.yuan), Some(purse))
            }
            None => (f64::NEG_INFINITY, None),
        }
    }

    /// What is best for a project at these prices, its floor aside.
    pub(super) fn best(&self, project: usize, open: &Open, price: &[f64], u: &[f64]) -> Best {
        let counts = self.counts(project, u);
        let mut best = Best { after: f64::NEG_INFINITY, taken: (None, None) };
        for option in open.options(project) {
            let (after, purse) = self.after((project, option), price, counts);
            if after > best.after {
                best = Best { after, taken: (option, purse) };
            }
        }
        best
    }

    /// What keeping a floor loses at these prices, and what its projects take instead of their best; `None` if nothing open keeps it.
    pub(super) fn hold(
        &self,
        held: usize,
        open: &Open,
        (price, u): (&[f64], &[f64]),
        bests: &[Best],
        other: &mut [Option<Best>],
    ) -> Option<f64> {
        let floor = &self.floors[self.held[held]];
        let worth =
            |p: usize, option: Option<usize>| option.map_or(0.0, |f| self.projects[p][f].worth);
        let has: f64 = floor.projects.iter().map(|p| worth(*p, bests[*p].taken.0)).sum();
        if has >= floor.worth - 1e-9 {
            return Some(0.0);
        }
        let steps: Vec<Vec<Step>> = floor
            .projects
            .iter()
            .map(|&project| {
                let best = &bests[project];
                let counts = self.counts(project, u);
                let step = |option: Option<usize>| Step {
                    gains: worth(project, option) - worth(project, best.taken.0),
                    loses: best.after - self.after((project, option), price, counts).0,
                    to: option.unwrap_or(0),
                };
                // Leaving a project gains nothing.
                open.options(project)
                    .filter(Option::is_some)
                    .map(step)
                    .filter(|s| s.loses.is_finite())
                    .collect()
            })
            .collect();
        let covered = cover(&steps, floor.worth - has - 1e-9)?;
        for (at, step) in covered.steps {
            let project = floor.projects[at];
            let (after, purse) =
                self.after((project, Some(step.to)), price, self.counts(project, u));
            other[project] = Some(Best { after, taken: (Some(step.to), purse) });
        }
        Some(covered.least)
    }

    /// Which of the floors that are kept exactly a project is of.
    pub(super) fn held_of(&self, project: usize) -> Option<usize> {
        self.held_of[project]
    }

    /// How many floors are kept exactly.
    pub(super) fn held(&self) -> usize {
        self.held.len()
    }
}

/// What is best for a project: its worth after paying, the form, the purse.
#[derive(Clone, Debug)]
pub(super) struct Best {
    pub(super) after: f64,
    pub(super) taken: (Option<usize>, Option<u32>),
}

/// The cheapest purse for a form and its price.
pub(super) fn cheapest(form: &Form, price: &[f64]) -> Option<(u32, f64)> {
    let pairs = form.purses.iter().map(|p| (*p, price[*p as usize]));
    pairs.min_by(|a, b| a.1.total_cmp(&b.1).then(a.0.cmp(&b.0)))
}

/// Spending with the purses and floors priced.
struct Priced<'s> {
    shape: &'s Shape<'s>,
    open: &'s Open,
}

impl Relaxation for Priced<'_> {
    fn solve(&mut self, u: &[f64], residual: &mut [f64], primal: &mut [f64]) -> f64 {
        let shape = self.shape;
        let price = shape.a_yuan(u);
        let extra = &u[shape.purses.len()..];
        let (over, short) = residual.split_at_mut(shape.purses.len());
        let mut worth = 0.0;
        for ((over, &purse), &price) in over.iter_mut().zip(shape.purses).zip(&price) {
            *over = -(purse as f64) / shape.yuan_a_worth;
            worth += purse as f64 * price;
        }
        for ((short, floor), extra) in short.iter_mut().zip(shape.floors).zip(extra) {
            *short = floor.worth;
            worth -= extra * floor.worth;
        }
        primal.fill(0.0);
        let mut take = |project: usize, form: usize, purse: u32| {
            let taken = &shape.projects[project][form];
            primal[shape.begins[project] + form] = 1.0;
            over[purse as usize] += f64::from(taken.yuan) / shape.yuan_a_worth;
            for floor in &shape.floors_of[project] {
                short[*floor] -= taken.worth;
            }
        };
        let bests: Vec<Best> =
            (0..shape.projects.len()).map(|p| shape.best(p, self.open, &price, u)).collect();
        let mut other: Vec<Option<Best>> = vec![None; bests.len()];
        for held in 0..shape.held.len() {
            let Some(lost) = shape.hold(held, self.open, (&price, u), &bests, &mut other) else {
                // Nothing open keeps the floor.
                return f64::INFINITY;
            };
            worth -= lost;
        }
        for (project, best) in bests.iter().enumerate() {
            worth += best.after;
            if let (Some(form), Some(purse)) = other[project].as_ref().unwrap_or(best).taken {
                take(project, form, purse);
            }
        }
        for &floor in &shape.held {
            short[floor] = 0.0;
        }
        -worth
    }

    fn clamp(&self, price: &mut [f64]) {
        for price in price {
            *price = price.max(0.0);
        }
    }
}
