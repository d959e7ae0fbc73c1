//! Which projects are paid, in which form, from which purse and so when, and what one more yuan in each purse would be worth.
//!
//! A purse is a fund in a year, with what it may be spent on; a project that can wait has a form a year. Towns can be promised
//! a least worth (fairness floor): the price of that promise is found with the prices of the purses. Purses are priced (volume algorithm); with prices, each project
//! takes the form that is worth most after paying, which bounds what any spending can reach. A plan follows the same prices,
//! then money is moved between purses to let in what was left out.

use crate::budget::Solved;
use crate::transport::Transport;
use crate::volume::{Ascent, Pace, Relaxation, ascend};

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
}

/// The spending that is worth most, about; `objective` and `bound` are worth, negated, as less is better everywhere here.
///
/// Each project takes one of its `forms` or none. Purses of negative size count as empty. Where the purses cannot keep the
/// floors, as much of them as was found is kept, and the bound is that without floors.
pub fn spend(projects: &[Vec<Form>], purses: &[i64], floors: &[Floor]) -> Solved<Spending> {
    let purses: Vec<i64> = purses.iter().map(|yuan| (*yuan).max(0)).collect();
    let mut best = Choice::greedy(projects, &purses, floors, &vec![0.0; purses.len()]);
    best.let_in(projects, &purses);
    let mut ascent = prices(projects, &purses, floors, &best);
    let mut other = Choice::greedy(projects, &purses, floors, &ascent.u[..purses.len()]);
    other.let_in(projects, &purses);
    let is_better = |a: &Choice, b: &Choice| {
        let (x, y) = (a.missing(projects, floors), b.missing(projects, floors));
        x < y - 1e-9 || (x <= y + 1e-9 && a.worth > b.worth)
    };
    if is_better(&other, &best) {
        best = other;
    }
    let short: Vec<f64> = floors.iter().map(|f| best.short_of(projects, f)).collect();
    if short.iter().any(|s| *s > 0.0) {
        let plain = prices(projects, &purses, &[], &best);
        ascent.bound = plain.bound;
    }
    let from = best.pay(projects, &purses).expect("what was chosen can be paid");
    let mut left = purses.clone();
    for paid in &from {
        for &(purse, yuan) in &paid.from {
            left[purse as usize] -= i64::from(yuan);
        }
    }
    let objective = -best.worth;
    let floor_costs = ascent.u.split_off(purses.len());
    Solved {
        plan: Spending { paid: from, yuan_is_worth: ascent.u, floor_costs, left, short },
        objective,
        bound: ascent.bound.min(objective),
        nodes: 1,
    }
}

/// Prices of purses and, behind them, of floors.
fn prices(projects: &[Vec<Form>], purses: &[i64], floors: &[Floor], known: &Choice) -> Ascent {
    let mut floors_of = vec![Vec::new(); projects.len()];
    for (at, floor) in floors.iter().enumerate() {
        for &project in &floor.projects {
            floors_of[project].push(at);
        }
    }
    let mut priced = Priced { projects, purses, floors, floors_of };
    let target = -known.worth;
    let pace = Pace { steps: 600, patience: 200, lambda: 0.5, enough: target, target };
    ascend(&mut priced, vec![0.0; purses.len() + floors.len()], 0, pace, |_, _, _, _| true)
}

/// Spending with the purses and floors priced.
struct Priced<'a> {
    projects: &'a [Vec<Form>],
    purses: &'a [i64],
    floors: &'a [Floor],
    /// Floors that each project counts towards.
    floors_of: Vec<Vec<usize>>,
}

/// The cheapest purse for a form and its price.
fn cheapest(form: &Form, price: &[f64]) -> Option<(u32, f64)> {
    let pairs = form.purses.iter().map(|p| (*p, price[*p as usize]));
    pairs.min_by(|a, b| a.1.total_cmp(&b.1).then(a.0.cmp(&b.0)))
}

/// The form that is worth most after paying, with its purse; `None` if none is worth its price.
fn best_form(forms: &[Form], price: &[f64], times: f64) -> Option<(f64, usize, u32)> {
    let worth = |(at, form): (usize, &Form)| {
        let (purse, price) = cheapest(form, price)?;
        let after = form.worth * times - price * f64::from(form.yuan);
        (after > 0.0).then_some((after, at, purse))
    };
    forms
        .iter()
        .enumerate()
        .filter_map(worth)
        .max_by(|a, b| a.0.total_cmp(&b.0).then(b.1.cmp(&a.1)))
}

impl Relaxation for Priced<'_> {
    fn solve(&mut self, u: &[f64], residual: &mut [f64], _: &mut [f64]) -> f64 {
        let (price, extra) = u.split_at(self.purses.len());
        let (over, short) = residual.split_at_mut(self.purses.len());
        let mut worth = 0.0;
        for ((over, &purse), &price) in over.iter_mut().zip(self.purses).zip(price) {
            *over = -(purse as f64);
            worth += purse as f64 * price;
        }
        for ((short, floor), extra) in short.iter_mut().zip(self.floors).zip(extra) {
            *short = floor.worth;
            worth -= extra * floor.worth;
        }
        for (forms, floors) in self.projects.iter().zip(&self.floors_of) {
            let times = 1.0 + floors.iter().map(|f| extra[*f]).sum::<f64>();
            if let Some((after, form, purse)) = best_form(forms, price, times) {
                worth += after;
                over[purse as usize] += f64::from(forms[form].yuan);
                for floor in floors {
                    short[*floor] -= forms[form].worth;
                }
            }
        }
        -worth
    }

    fn clamp(&self, price: &mut [f64]) {
        for price in price {
            *price = price.max(0.0);
        }
    }
}

/// Which form of each project is paid.
#[derive(Clone, Debug)]
struct Choice {
    form: Vec<Option<usize>>,
    worth: f64,
}

impl Choice {
    /// What is worth most for its price first, from the cheapest purses that still have something; floors before all else.
    fn greedy(projects: &[Vec<Form>], purses: &[i64], floors: &[Floor], price: &[f64]) -> Self {
        let mean = purses.iter().sum::<i64>().max(1) as f64;
        let mut order: Vec<(f64, usize, usize)> = Vec::new();
        for (project, forms) in projects.iter().enumerate() {
            for (at, form) in forms.iter().enumerate() {
                if let Some((_, price)) = cheapest(form, price) {
                    // Where no price is known yet, a yuan is a yuan.
                    let cost = f64::from(form.yuan) * (price + 1e-6 / mean);
                    order.push((form.worth / cost.max(1e-12), project, at));
                }
            }
        }
        order.sort_by(|a, b| b.0.total_cmp(&a.0).then((a.1, a.2).cmp(&(b.1, b.2))));
        let mut left = purses.to_vec();
        let mut choice = Self { form: vec![None; projects.len()], worth: 0.0 };
        for floor in floors {
            for &(_, project, at) in &order {
                if choice.short_of(projects, floor) <= 0.0 {
                    break;
                }
                if floor.projects.contains(&project) {
                    choice.take(projects, project, at, price, &mut left);
                }
            }
        }
        for (_, project, at) in order {
            choice.take(projects, project, at, price, &mut left);
        }
        choice
    }

    /// Takes a form of a project that has none yet, if the purses still have what it costs.
    fn take(
        &mut self,
        projects: &[Vec<Form>],
        project: usize,
        at: usize,
        price: &[f64],
        left: &mut [i64],
    ) {
        let form = &projects[project][at];
        if self.form[project].is_some() || form.worth <= 0.0 {
            return;
        }
        let mut by_price = form.purses.clone();
        by_price.sort_by(|a, b| price[*a as usize].total_cmp(&price[*b as usize]).then(a.cmp(b)));
        by_price.dedup();
        let has: i64 = by_price.iter().map(|p| left[*p as usize]).sum();
        let mut wanted = i64::from(form.yuan);
        if has < wanted {
            return;
        }
        for purse in by_price {
            let part = left[purse as usize].min(wanted);
            left[purse as usize] -= part;
            wanted -= part;
        }
        self.form[project] = Some(at);
        self.worth += form.worth;
    }

    /// What is missing to a floor.
    fn short_of(&self, projects: &[Vec<Form>], floor: &Floor) -> f64 {
        let worth = |p: &usize| self.form[*p].map_or(0.0, |f| projects[*p][f].worth);
        (floor.worth - floor.projects.iter().map(worth).sum::<f64>()).max(0.0)
    }

    /// What is missing to all floors together.
    fn missing(&self, projects: &[Vec<Form>], floors: &[Floor]) -> f64 {
        floors.iter().map(|f| self.short_of(projects, f)).sum()
    }

    /// Who pays what; `None` if the purses cannot.
    fn pay(&self, projects: &[Vec<Form>], purses: &[i64]) -> Option<Vec<Paid>> {
        let mut transport = Transport::new(purses.to_vec());
        let chosen: Vec<(usize, usize)> =
            self.form.iter().enumerate().filter_map(|(p, f)| f.map(|f| (p, f))).collect();
        for &(project, form) in &chosen {
            let form = &projects[project][form];
            let mut may = form.purses.clone();
            may.sort_unstable();
            may.dedup();
            transport.push(form.yuan, may.into_iter().map(|p| (p, 0)));
        }
        let placement = transport.solve().ok()?;
        let paid = chosen.iter().enumerate().map(|(at, &(project, form))| {
            let (may, _) = transport.candidates(at);
            let flow = &placement.flow[transport.row(at)];
            let from = may.iter().copied().zip(flow.iter().copied()).filter(|f| f.1 > 0).collect();
            Paid { project, form, from }
        });
        Some(paid.collect())
    }

    /// Lets in projects that were left out, or better forms, where the purses can pay after all.
    fn let_in(&mut self, projects: &[Vec<Form>], purses: &[i64]) {
        const TRIED: usize = 60;
        let total: i64 = purses.iter().sum();
        let mut wishes: Vec<(f64, usize, usize)> = Vec::new();
        for (project, forms) in projects.iter().enumerate() {
            let now = self.form[project].map_or(0.0, |f| forms[f].worth);
            let more = forms.iter().enumerate().filter(|(_, form)| form.worth > now);
            wishes.extend(more.map(|(at, form)| (form.worth - now, project, at)));
        }
        wishes.sort_by(|a, b| b.0.total_cmp(&a.0).then((a.1, a.2).cmp(&(b.1, b.2))));
        let mut tried = 0;
        for (_, project, at) in wishes {
            let forms = &projects[project];
            let now = self.form[project].map_or(0.0, |f| forms[f].worth);
            let mut other = self.clone();
            other.form[project] = Some(at);
            let spent: i64 = other
                .form
                .iter()
                .zip(projects)
                .filter_map(|(f, forms)| f.map(|f| i64::from(forms[f].yuan)))
                .sum();
            if forms[at].worth <= now || spent > total || tried == TRIED {
                continue;
            }
            tried += 1;
            if other.pay(projects, purses).is_some() {
                other.worth += forms[at].worth - now;
                *self = other;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn form() -> impl Strategy<Value = Form> {
        (1..60_u32, 1..40_u32, prop::collection::btree_set(0..3_u32, 1..3)).prop_map(
            |(yuan, worth, purses)| Form {
                yuan,
                worth: f64::from(worth),
                purses: purses.into_iter().collect(),
            },
        )
    }

    proptest! {
        #[test]
        fn no_spending_beats_the_bound_and_no_purse_is_overdrawn(
            projects in prop::collection::vec(prop::collection::vec(form(), 1..3), 1..6),
            purses in prop::collection::vec(0..80_i64, 3),
            promised in 0..40_u32,
        ) {
            let first = Floor { projects: vec![0], worth: f64::from(promised) };
            let solved = spend(&projects, &purses, std::slice::from_ref(&first));
            prop_assert!(solved.plan.left.iter().all(|yuan| *yuan >= 0));
            let mut worth = 0.0;
            for paid in &solved.plan.paid {
                let form = &projects[paid.project][paid.form];
                prop_assert_eq!(paid.from.iter().map(|f| f.1).sum::<u32>(), form.yuan);
                prop_assert!(paid.from.iter().all(|f| form.purses.contains(&f.0)));
                worth += form.worth;
            }
            prop_assert!((worth + solved.objective).abs() < 1e-9);
            // Every choice that can be paid.
            let mut choices = vec![Vec::new()];
            for forms in &projects {
                choices = choices.into_iter().flat_map(|choice: Vec<Option<usize>>| {
                    let with = |form| { let mut c = choice.clone(); c.push(form); c };
                    std::iter::once(None).chain((0..forms.len()).map(Some)).map(with).collect::<Vec<_>>()
                }).collect();
            }
            for form in choices {
                let choice = Choice { worth: 0.0, form };
                let keeps = choice.short_of(&projects, &first) <= 0.0 || solved.plan.short[0] > 0.0;
                if keeps && choice.pay(&projects, &purses).is_some() {
                    let worth: f64 = choice.form.iter().zip(&projects)
                        .filter_map(|(f, forms)| f.map(|f| forms[f].worth)).sum();
                    prop_assert!(-worth >= solved.bound - 1e-6, "{worth} {}", solved.bound);
                }
            }
        }
    }

    #[test]
    fn a_yuan_is_worth_most_in_the_purse_that_is_wanted() {
        let kitchen = |worth: f64| vec![Form { yuan: 100, worth, purses: vec![0] }];
        let road = vec![Form { yuan: 50, worth: 1.0, purses: vec![1] }];
        let projects = [kitchen(9.0), kitchen(5.0), kitchen(2.0), road];
        let solved = spend(&projects, &[200, 500], &[]);
        let paid: Vec<usize> = solved.plan.paid.iter().map(|p| p.project).collect();
        assert_eq!(paid, [0, 1, 3]);
        assert_eq!(solved.plan.left, [0, 450]);
        // The third kitchen waits: a yuan more in the first purse is worth between a fiftieth and a twentieth.
        assert!(
            (0.019..=0.051).contains(&solved.plan.yuan_is_worth[0]),
            "{:?}",
            solved.plan.yuan_is_worth
        );
        assert!(solved.plan.yuan_is_worth[1] < 1e-3);
    }

    #[test]
    fn a_floor_is_kept_and_its_price_told() {
        let kitchen = |worth: f64| vec![Form { yuan: 100, worth, purses: vec![0] }];
        let projects = [kitchen(9.0), kitchen(8.0), kitchen(2.0)];
        let poor = Floor { projects: vec![2], worth: 1.0 };
        let solved = spend(&projects, &[200], std::slice::from_ref(&poor));
        let paid: Vec<usize> = solved.plan.paid.iter().map(|p| p.project).collect();
        assert_eq!(paid, [0, 2]);
        assert_eq!(solved.plan.short, [0.0]);
        assert!(solved.plan.floor_costs[0] > 0.5, "{:?}", solved.plan.floor_costs);
        // What no purse can keep is told.
        let solved = spend(&projects, &[90], &[poor]);
        assert_eq!(solved.plan.short, [1.0]);
        assert!(solved.plan.paid.is_empty());
    }

    /// Two years, one project that can wait: the purse says when.
    #[test]
    fn what_can_wait_is_paid_from_next_years_purse() {
        let dorm = |purses: &[u32]| vec![Form { yuan: 100, worth: 5.0, purses: purses.to_vec() }];
        let solved = spend(&[dorm(&[0]), dorm(&[0, 1])], &[100, 100], &[]);
        let from: Vec<&[(u32, u32)]> = solved.plan.paid.iter().map(|p| p.from.as_slice()).collect();
        assert_eq!(from, [&[(0, 100)][..], &[(1, 100)]]);
    }
}
