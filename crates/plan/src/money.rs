//! Which projects are paid, in which form, from which purse, and what one more yuan in each purse would be worth.
//!
//! A purse is a fund in a year, with what it may be spent on. Purses are priced (volume algorithm); with prices, each project
//! takes the form that is worth most after paying, which bounds what any spending can reach. A plan follows the same prices,
//! then money is moved between purses to let in what was left out.

use crate::budget::Solved;
use crate::transport::Transport;
use crate::volume::{Pace, Relaxation, ascend};

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

/// What is paid, and what the purses are worth.
#[derive(Clone, Debug, PartialEq)]
pub struct Spending {
    /// Projects that are paid, by number.
    pub paid: Vec<Paid>,
    /// For each purse: what one more yuan there is worth; nought where some is left over.
    pub yuan_is_worth: Vec<f64>,
    /// For each purse: yuan not spent.
    pub left: Vec<i64>,
}

/// The spending that is worth most, about; `objective` and `bound` are worth, negated, as less is better everywhere here.
///
/// Each project takes one of its `forms` or none. Purses of negative size count as empty.
pub fn spend(projects: &[Vec<Form>], purses: &[i64]) -> Solved<Spending> {
    let purses: Vec<i64> = purses.iter().map(|yuan| (*yuan).max(0)).collect();
    let mut priced = Priced { projects, purses: &purses };
    let start = greedy(projects, &purses, &vec![0.0; purses.len()]);
    let mut best = start;
    let pace =
        Pace { steps: 600, patience: 200, lambda: 0.5, enough: -best.worth, target: -best.worth };
    let ascent = ascend(&mut priced, vec![0.0; purses.len()], 0, pace, |_, _, _, _| true);
    let other = greedy(projects, &purses, &ascent.u);
    if other.worth > best.worth {
        best = other;
    }
    best.let_in(projects, &purses);
    let from = best.pay(projects, &purses).expect("what was chosen can be paid");
    let mut left = purses.clone();
    for paid in &from {
        for &(purse, yuan) in &paid.from {
            left[purse as usize] -= i64::from(yuan);
        }
    }
    let objective = -best.worth;
    Solved {
        plan: Spending { paid: from, yuan_is_worth: ascent.u, left },
        objective,
        bound: ascent.bound.min(objective),
        nodes: 1,
    }
}

/// Spending with the purses priced.
struct Priced<'a> {
    projects: &'a [Vec<Form>],
    purses: &'a [i64],
}

/// The cheapest purse for a form and its price.
fn cheapest(form: &Form, price: &[f64]) -> Option<(u32, f64)> {
    let pairs = form.purses.iter().map(|p| (*p, price[*p as usize]));
    pairs.min_by(|a, b| a.1.total_cmp(&b.1).then(a.0.cmp(&b.0)))
}

/// The form that is worth most after paying, with its purse; `None` if none is worth its price.
fn best_form(forms: &[Form], price: &[f64]) -> Option<(f64, usize, u32)> {
    let worth = |(at, form): (usize, &Form)| {
        let (purse, price) = cheapest(form, price)?;
        let after = form.worth - price * f64::from(form.yuan);
        (after > 0.0).then_some((after, at, purse))
    };
    forms
        .iter()
        .enumerate()
        .filter_map(worth)
        .max_by(|a, b| a.0.total_cmp(&b.0).then(b.1.cmp(&a.1)))
}

impl Relaxation for Priced<'_> {
    fn solve(&mut self, price: &[f64], residual: &mut [f64], _: &mut [f64]) -> f64 {
        let mut worth = 0.0;
        for ((residual, &purse), &price) in residual.iter_mut().zip(self.purses).zip(price) {
            *residual = -(purse as f64);
            worth += purse as f64 * price;
        }
        for forms in self.projects {
            if let Some((after, form, purse)) = best_form(forms, price) {
                worth += after;
                residual[purse as usize] += f64::from(forms[form].yuan);
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

/// What is worth most for its price first, from the cheapest purses that still have something.
fn greedy(projects: &[Vec<Form>], purses: &[i64], price: &[f64]) -> Choice {
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
    let mut choice = Choice { form: vec![None; projects.len()], worth: 0.0 };
    for (_, project, at) in order {
        let form = &projects[project][at];
        if choice.form[project].is_some() || form.worth <= 0.0 {
            continue;
        }
        let mut by_price = form.purses.clone();
        by_price.sort_by(|a, b| price[*a as usize].total_cmp(&price[*b as usize]).then(a.cmp(b)));
        by_price.dedup();
        let has: i64 = by_price.iter().map(|p| left[*p as usize]).sum();
        let mut wanted = i64::from(form.yuan);
        if has < wanted {
            continue;
        }
        for purse in by_price {
            let part = left[purse as usize].min(wanted);
            left[purse as usize] -= part;
            wanted -= part;
        }
        choice.form[project] = Some(at);
        choice.worth += form.worth;
    }
    choice
}

impl Choice {
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
        ) {
            let solved = spend(&projects, &purses);
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
                if choice.pay(&projects, &purses).is_some() {
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
        let solved = spend(&[kitchen(9.0), kitchen(5.0), kitchen(2.0), road], &[200, 500]);
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
}
