//! Which projects are paid, in which form, from which purse and so when, and what one more yuan in each purse would be worth.
//!
//! A purse is a fund in a year, with what it may be spent on; a project that can wait has a form a year. Towns can be promised
//! a least worth (fairness floor): the price of that promise is found with the prices of the purses. Purses are priced (`relax`, by the
//! volume algorithm); with prices, each project takes the form that is worth most after paying, which bounds what any spending can
//! reach. A first plan follows the same prices (`choice`); then forms are decided one at a time until the bound meets the plan (`branch`).

mod branch;
mod choice;
mod cover;
mod ledger;
mod relax;
mod rooms;

use crate::budget::{Budget, Solved};
use crate::tree;
use branch::{Part, Search};
use choice::Choice;
use relax::{Open, Shape};
use rooms::Rooms;

/// One form that a project can take.
#[derive(Clone, Debug, PartialEq)]
pub struct Form {
    /// What it costs, in whole yuan.
    pub yuan: u32,
    /// What it is worth: gaps closed, weighted as the county weighs them.
    pub worth: f64,
    /// Purses that may pay for it.
    pub purses: Vec<u32>,
}

/// A form that is paid.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Paid {
    /// The project.
    pub project: usize,
    /// Which of its forms.
    pub form: usize,
    /// Purses and yuan.
    pub from: Vec<(u32, u32)>,
}

/// A promise that some projects together are worth at least so much: those of a town, of small schools.
#[derive(Clone, Debug, PartialEq)]
pub struct Floor {
    /// The projects that count towards it.
    pub projects: Vec<usize>,
    /// What they must be worth together.
    pub worth: f64,
}

/// What is paid, and what the purses are worth.
#[derive(Clone, Debug, PartialEq)]
pub struct Spending {
    /// Projects that are paid, by number.
    pub paid: Vec<Paid>,
    /// For each purse: what one more yuan there is worth; nought where some is left over.
    pub yuan_is_worth: Vec<f64>,
    /// For each floor: what one more promised there costs all others.
    pub floor_costs: Vec<f64>,
    /// For each purse: yuan not spent.
    pub left: Vec<i64>,
    /// For each floor: what is missing to it; nought where it is kept.
    pub short: Vec<f64>,
    /// The share of every floor that is kept for certain; one unless the floors together are too much.
    pub kept: f64,
}

/// The spending that is worth most; `objective` and `bound` are worth, negated, as less is better everywhere here.
///
/// Each project takes one of its `forms` or none. Purses of negative size count as empty. Where no spending keeps the floors, or none was
/// found that does, all floors are cut by the same share until they can be kept, by twentieths; the bound is that of the floors as cut.
pub fn spend(
    projects: &[Vec<Form>],
    purses: &[i64],
    floors: &[Floor],
    budget: Budget,
) -> Solved<Spending> {
    let purses: Vec<i64> = purses.iter().map(|yuan| (*yuan).max(0)).collect();
    let rooms = Rooms::new(projects, &purses);
    let question = Question { projects, purses: &purses, rooms: &rooms };
    let (mut share, mut found) = (CUTS, question.answer(floors, budget));
    if found.best.is_none() {
        // The most that can be kept, between nothing and what cannot.
        let few = budget.with_nodes(budget.nodes.min(FEW));
        let mut not = CUTS;
        (share, found) = (0, question.answer(&cut(floors, 0), few));
        while not - share > 1 {
            let middle = share.midpoint(not);
            let other = question.answer(&cut(floors, middle), few);
            if other.best.is_some() {
                (share, found) = (middle, other);
            } else {
                not = middle;
            }
        }
        // With all parts that may be looked at, unless the clock leaves fewer than found it first.
        let longer = question.answer(&cut(floors, share), budget);
        if longer.is_as_good_as(&found) {
            found = longer;
        }
    }
    let best = found.best.expect("nothing keeps floors of nought");
    let paid = best.pay(projects, &purses).expect("what was chosen can be paid");
    let mut left = purses.clone();
    for paid in &paid {
        for &(purse, yuan) in &paid.from {
            left[purse as usize] -= i64::from(yuan);
        }
    }
    let objective = -best.worth;
    Solved {
        plan: Spending {
            paid,
            yuan_is_worth: found.yuan_is_worth,
            floor_costs: found.floor_costs,
            left,
            short: floors.iter().map(|f| best.short_of(projects, f)).collect(),
            kept: f64::from(share) / f64::from(CUTS),
        },
        objective,
        bound: found.bound.min(objective),
        nodes: found.nodes,
    }
}

/// Into how many parts floors are cut where they cannot be kept.
const CUTS: u32 = 20;
/// Parts of the question that are looked at to learn whether floors can be kept.
const FEW: u64 = 400;

fn cut(floors: &[Floor], share: u32) -> Vec<Floor> {
    let worth = |f: &Floor| f.worth * f64::from(share) / f64::from(CUTS);
    floors.iter().map(|f| Floor { projects: f.projects.clone(), worth: worth(f) }).collect()
}

/// Projects and purses.
struct Question<'a> {
    projects: &'a [Vec<Form>],
    purses: &'a [i64],
    rooms: &'a Rooms,
}

/// What keeps some floors.
struct Found {
    /// The best that was found; `None`: nothing was that keeps them.
    best: Option<Choice>,
    bound: f64,
    nodes: u64,
    yuan_is_worth: Vec<f64>,
    floor_costs: Vec<f64>,
}

impl Found {
    fn is_as_good_as(&self, other: &Self) -> bool {
        let worth = |found: &Self| found.best.as_ref().map_or(f64::NEG_INFINITY, |best| best.worth);
        worth(self) >= worth(other)
    }
}

impl Question<'_> {
    fn answer(&self, floors: &[Floor], budget: Budget) -> Found {
        let Self { projects, purses, rooms } = *self;
        let shape = Shape::new(projects, (purses, rooms), floors);
        let open = Open::all(projects);
        let keeps = |choice: &Choice| choice.missing(&shape) <= 1e-9;
        let plan = |u: &[f64]| Choice::by_prices(&shape, &open, u).improved(&shape);
        let first = plan(&shape.no_prices());
        let target = if keeps(&first) { -first.worth } else { 0.0 };
        let mut prices = shape.prices(&open, shape.no_prices(), target, STEPS);
        let mut known: Vec<Choice> = [first, plan(&prices.u)].into_iter().filter(keeps).collect();
        known.sort_by(|a, b| b.worth.total_cmp(&a.worth));
        let (mut best, mut bound, mut nodes) = (known.into_iter().next(), prices.bound, 1);
        if Open::can_hold(projects) {
            let known = best.clone().map(|choice| (-choice.worth, choice));
            let shape = Shape::new(projects, (purses, rooms), floors).holding();
            let mut u = prices.u.clone();
            u[purses.len()..].fill(0.0);
            let target = known.as_ref().map_or(0.0, |k| k.0);
            let exact = shape.prices(&open, u, target, STEPS);
            bound = bound.max(exact.bound);
            let problem = Search { shape: &shape, u: &prices.u };
            let found = tree::search(&problem, Part { open, u: exact.u }, known, budget);
            nodes += found.nodes;
            bound = bound.max(found.bound);
            best = found.best.map(|(_, choice)| choice);
        }
        let floor_costs = prices.u.split_off(purses.len());
        let yuan_is_worth = prices.u.iter().map(|u| u / shape.yuan_a_worth).collect();
        Found { best, bound, nodes, yuan_is_worth, floor_costs }
    }
}

/// Steps of the first prices.
const STEPS: usize = 600;

#[cfg(test)]
mod tests;
