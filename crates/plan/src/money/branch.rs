use super::choice::Choice;
use super::relax::{Best, Open, Shape};
use crate::budget::Budget;
use crate::random::Random;
use crate::tree::{Branching, Looked};

/// All spending that takes what is open, and prices from above.
#[derive(Clone)]
pub(super) struct Part {
    pub(super) open: Open,
    pub(super) u: Vec<f64>,
}

/// The search for the spending that is worth most and keeps all floors.
pub(super) struct Search<'s> {
    pub(super) shape: &'s Shape<'s>,
    /// Prices of the whole question, which good plans follow.
    pub(super) u: &'s [f64],
}

/// Steps of prices at a part, from those of the part that it is of.
const STEPS: usize = 120;
/// Plans near the best that are tried beside a round.
const STIRRED: usize = 4;

impl Search<'_> {
    /// Closes what nothing better than `objective` can take at these prices.
    fn fix(&self, open: &mut Open, u: &[f64], bound: f64, enough: f64) {
        let shape = self.shape;
        let price = shape.a_yuan(u);
        let bests: Vec<Best> =
            (0..shape.projects.len()).map(|p| shape.best(p, open, &price, u)).collect();
        // Another choice of a project may spare its town what keeping the floor loses, and no more.
        let mut other = vec![None; bests.len()];
        let lost: Vec<f64> = (0..shape.held())
            .map(|held| {
                shape.hold(held, open, (&price, u), &bests, &mut other).unwrap_or(f64::INFINITY)
            })
            .collect();
        for (project, best) in bests.iter().enumerate() {
            if open.is_decided(project) {
                continue;
            }
            let counts = shape.counts(project, u);
            let spared = shape.held_of(project).map_or(0.0, |held| lost[held]);
            let less = |option: Option<usize>| {
                best.after - shape.after((project, option), &price, counts).0 - spared
            };
            let closed: Vec<_> =
                open.options(project).filter(|o| bound + less(*o) >= enough).collect();
            for option in closed {
                open.without(project, option);
            }
        }
    }

    /// The option of a project that is least decided by the shares of the priced solutions: whether it is paid at all, and where that is
    /// clear, in which form.
    fn split(&self, open: &Open, shares: &[f64]) -> Option<(usize, Option<usize>)> {
        let shape = self.shape;
        let (mut whether, mut how) = ((0.0, None), (0.0, None));
        for project in (0..shape.projects.len()).filter(|p| !open.is_decided(*p)) {
            let taken = |form: usize| shares[shape.begins[project] + form];
            let yuan = |form: usize| f64::from(shape.projects[project][form].yuan);
            let doubt = |share: f64| share.min(1.0 - share).max(1e-3);
            let all: f64 = open.options(project).flatten().map(taken).sum();
            let most = open.options(project).flatten().map(yuan).fold(0.0, f64::max);
            if open.may_be_left(project) {
                let weight = doubt(all) * most;
                if weight > whether.0 {
                    whether = (weight, Some((project, None)));
                }
            }
            if open.options(project).flatten().count() > 1 {
                for form in open.options(project).flatten() {
                    let weight = doubt(taken(form)) * yuan(form);
                    if weight > how.0 {
                        how = (weight, Some((project, Some(form))));
                    }
                }
            }
        }
        if whether.0 * 4.0 >= how.0 { whether.1.or(how.1) } else { how.1 }
    }
}

impl Branching for Search<'_> {
    type Part = Part;
    type Plan = Choice;

    fn look(&self, mut part: Part, bound: f64, mut objective: f64, _: Budget) -> Looked<Self> {
        let mut looked = Looked::default();
        let shape = self.shape;
        let target = if objective.is_finite() { objective } else { 0.0 };
        let prices = shape.prices(&part.open, part.u, target, STEPS);
        let bound = bound.max(prices.bound);
        let enough = |objective: f64| {
            if objective.is_finite() { self.enough(objective) } else { 1e-6 }
        };
        if bound >= enough(objective) {
            return looked;
        }
        let mut choice = Choice::by_prices(shape, &part.open, &prices.u);
        if choice.missing(shape) <= 1e-9 {
            looked.keep(&mut objective, -choice.worth, || choice.clone());
        }
        self.fix(&mut part.open, &prices.u, prices.bound, enough(objective));
        if part.open.0.contains(&0) {
            return looked;
        }
        part.u = prices.u;
        let Some((project, option)) = self.split(&part.open, &prices.primal) else {
            // All is decided: it can be paid and keeps the floors, or not.
            let decided = (0..shape.projects.len()).map(|p| part.open.options(p).next().flatten());
            choice = Choice::of(shape.projects, decided.collect());
            if choice.missing(shape) <= 1e-9 && choice.pay(shape.projects, shape.purses).is_some() {
                looked.keep(&mut objective, -choice.worth, || choice);
            }
            return looked;
        };
        let mut with = part.clone();
        with.open.only(project, option);
        part.open.without(project, option);
        looked.children = vec![(bound, with), (bound, part)];
        looked
    }

    fn beside(
        &self,
        _: Option<&Part>,
        best: Option<&(f64, Choice)>,
        seed: u64,
        _: Budget,
    ) -> Option<(f64, Choice)> {
        let (objective, best) = best?;
        let mut random = Random::new(seed);
        let mut found: Option<Choice> = None;
        for _ in 0..STIRRED {
            let other = best.stirred(self.shape, self.u, &mut random);
            let least = found.as_ref().map_or(-objective, |f| f.worth);
            if other.worth > least + 1e-9 && other.missing(self.shape) <= 1e-9 {
                found = Some(other);
            }
        }
        found.map(|choice| (-choice.worth, choice))
    }

    fn is_whole(&self) -> bool {
        false
    }
}
