//! What was learnt, and what a pair weighs by it.

use super::compare::{Comparisons, Pattern};
use super::value::Frame;

/// The most levels of a comparison, the missing one counted.
pub(crate) const LEVELS: usize = 16;

/// Shares of levels, by comparison.
pub(crate) type Table = Vec<[f64; LEVELS]>;

/// `m`, `u`, the prior, and the kinds of look-alikes.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Model {
    /// How often two rows of one person agree on a level, where both know the value.
    pub(crate) m: Table,
    /// How often two strangers do.
    pub(crate) u: Table,
    /// How often look-alikes of each kind do.
    pub(crate) looks: Vec<Table>,
    /// Pairs of look-alikes of each kind for each pair of strangers.
    pub(crate) look_rates: Vec<f64>,
    /// Pairs of one person for each pair of two.
    pub(crate) prior: f64,
    /// Rounds of expectation and maximisation.
    pub(crate) rounds: usize,
    /// Comparisons of which every blocking rule speaks: their `m` is what was believed before.
    pub(crate) never_free: Vec<usize>,
}

/// A model made ready to weigh the pairs of a frame.
#[derive(Debug)]
pub(crate) struct Scorer {
    prior: f64,
    m: Vec<[f64; LEVELS]>,
    u: Vec<[f64; LEVELS]>,
    looks: Vec<(f64, Vec<[f64; LEVELS]>)>,
    /// By comparison: log₂ of the share of rows with each value, for names also with each sound.
    values: Vec<(Vec<f32>, Vec<f32>)>,
    excludes: Vec<usize>,
}

impl Scorer {
    pub(crate) fn new(
        model: &Model,
        frame: &Frame,
        comparisons: &Comparisons,
        rows_a_person: f64,
    ) -> Self {
        let logs = |table: &Table| -> Vec<[f64; LEVELS]> {
            table
                .iter()
                .map(|shares| shares.map(|s| if s > 0.0 { s.log2() } else { 0.0 }))
                .collect()
        };
        let values = comparisons
            .all
            .iter()
            .map(|one| {
                if !one.term_frequency || one.slots.len() > 1 {
                    return (Vec::new(), Vec::new());
                }
                let slot = &frame.slots[one.slots[0]];
                let share = |n: &u32| {
                    // The person's own rows say nothing about how many others bear the name.
                    #[expect(clippy::cast_precision_loss, reason = "a number of rows")]
                    let present = slot.present as f64;
                    let others = (f64::from(*n) - rows_a_person).max(0.4 * rows_a_person);
                    #[expect(clippy::cast_possible_truncation, reason = "seven digits are enough")]
                    let log = (others / present.max(1.0)).log2() as f32;
                    log
                };
                (slot.count.iter().map(share).collect(), slot.sounds.iter().map(share).collect())
            })
            .collect();
        Self {
            prior: model.prior.log2(),
            m: logs(&model.m),
            u: logs(&model.u),
            looks: model
                .look_rates
                .iter()
                .map(|r| r.log2())
                .zip(model.looks.iter().map(logs))
                .collect(),
            values,
            excludes: comparisons.all.iter().map(|c| c.excludes).collect(),
        }
    }

    /// log₂ of `u` for a level, for the values at hand.
    pub(crate) fn u(
        &self,
        frame: &Frame,
        comparisons: &Comparisons,
        at: usize,
        level: usize,
        a: u32,
        b: u32,
    ) -> f64 {
        let flat = self.u[at][level];
        let one = &comparisons.all[at];
        let (values, sounds) = &self.values[at];
        if values.is_empty() {
            return flat;
        }
        let slot = one.slots[0];
        let (left, right) = (frame.row(a)[slot] as usize, frame.row(b)[slot] as usize);
        let table = if level == one.equal {
            values
        } else if level == one.sound {
            sounds
        } else {
            return flat;
        };
        match (table.get(left), table.get(right)) {
            (Some(p), Some(q)) if left != 0 && right != 0 => f64::from(p.max(*q)),
            _ => flat,
        }
    }

    /// The match weight of a pair: log₂ of the odds that its rows are one person's. `None` if two different valid ids
    /// exclude it.
    pub(crate) fn weigh(
        &self,
        frame: &Frame,
        comparisons: &Comparisons,
        pattern: Pattern,
        a: u32,
        b: u32,
    ) -> Option<f64> {
        let (mut m, mut u) = (0.0, 0.0);
        let mut looks = [0.0; 4];
        let mut rest = pattern.0;
        for at in 0..self.m.len() {
            let level = (rest & 15) as usize;
            rest >>= 4;
            if level == 0 {
                continue;
            }
            if level == self.excludes[at] {
                return None;
            }
            m += self.m[at][level];
            u += self.u(frame, comparisons, at, level, a, b);
            for (sum, (_, table)) in looks.iter_mut().zip(&self.looks) {
                *sum += table[at][level];
            }
        }
        Some(self.prior + m - u - self.look_alikes(u, &looks))
    }

    /// How much likelier than strangers alone strangers and look-alikes are to agree so: log₂, never below 0.
    fn look_alikes(&self, u: f64, looks: &[f64; 4]) -> f64 {
        if self.looks.is_empty() {
            return 0.0;
        }
        let sum: f64 = looks
            .iter()
            .zip(&self.looks)
            .map(|(sum, (rate, _))| (rate + sum - u).min(500.0).exp2())
            .sum();
        (1.0 + sum).log2()
    }

    /// The parts of a pair's weight, for explaining: the prior, what each comparison adds, and by each kind of
    /// look-alikes how much likelier than strangers it is.
    pub(crate) fn parts(
        &self,
        frame: &Frame,
        comparisons: &Comparisons,
        pattern: Pattern,
        a: u32,
        b: u32,
    ) -> (f64, Vec<f64>, Vec<f64>) {
        let (mut adds, mut u_sum) = (Vec::new(), 0.0);
        let mut looks = [0.0; 4];
        for at in 0..self.m.len() {
            let level = pattern.level(at);
            if level == 0 {
                adds.push(0.0);
                continue;
            }
            let u = self.u(frame, comparisons, at, level, a, b);
            u_sum += u;
            adds.push(self.m[at][level] - u);
            for (sum, (_, table)) in looks.iter_mut().zip(&self.looks) {
                *sum += table[at][level];
            }
        }
        let likelier =
            looks.iter().zip(&self.looks).map(|(sum, (rate, _))| rate + sum - u_sum).collect();
        (self.prior, adds, likelier)
    }
}

/// From log₂ of odds to a probability.
pub(crate) fn probability(weight: f64) -> f64 {
    let odds = weight.min(1000.0).exp2();
    if odds.is_infinite() { 1.0 } else { odds / (1.0 + odds) }
}

/// From a probability to log₂ of odds.
pub(crate) fn weight(probability: f64) -> f64 {
    (probability / (1.0 - probability)).log2()
}
