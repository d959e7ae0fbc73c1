//! What people are asked, how many it will be, and what their answers say about the rest.

use super::model::{probability, weight};
use super::resolve::Edge;

/// How many pairs a person would be asked about from a probability on.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Band {
    /// `ask_from`.
    pub from: f64,
    /// Pairs of two persons who may be one, each two persons once.
    pub asks: usize,
}

/// The probabilities for which the number of questions is foretold.
const STEPS: [f64; 7] = [0.5, 0.2, 0.1, 0.05, 0.02, 0.01, 0.005];

/// How many questions each `ask_from` would make. `asks` are sorted, heaviest first.
pub(crate) fn bands(asks: &[Edge]) -> Vec<Band> {
    STEPS
        .iter()
        .map(|from| {
            let least = weight(*from);
            Band { from: *from, asks: asks.partition_point(|e| f64::from(e.weight) >= least) }
        })
        .collect()
}

/// The `ask_from` that makes at most `workload` questions.
pub(crate) fn from_workload(asks: &[Edge], workload: usize) -> f64 {
    match asks.get(workload) {
        // Just above the first that is one too many.
        Some(edge) => {
            let above = asks[..workload].iter().rev().map(|e| e.weight).find(|w| *w > edge.weight);
            above.map_or(1.0 - 1e-9, |w| probability(f64::from(w)))
        }
        None => probability(asks.last().map_or(0.0, |e| f64::from(e.weight))).min(0.5),
    }
}

/// A share with the bounds within which it lies 19 times in 20.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Interval {
    /// The share.
    pub share: f64,
    /// Lower bound.
    pub low: f64,
    /// Upper bound.
    pub high: f64,
}

const Z: f64 = 1.959_964;

#[expect(clippy::cast_precision_loss, reason = "counts of answers")]
impl Interval {
    /// `right` of `of`, with the bounds of Wilson (1927).
    pub fn wilson(right: u64, of: u64) -> Self {
        if of == 0 {
            return Self { share: f64::NAN, low: 0.0, high: 1.0 };
        }
        let (n, p) = (of as f64, right as f64 / of as f64);
        let middle = (p + Z * Z / (2.0 * n)) / (1.0 + Z * Z / n);
        let half = Z / (1.0 + Z * Z / n) * (p * (1.0 - p) / n + Z * Z / (4.0 * n * n)).sqrt();
        Self { share: p, low: (middle - half).max(0.0), high: (middle + half).min(1.0) }
    }
}

/// What answers say about a range of weights.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Stratum {
    /// Pairs in it.
    pub pairs: u64,
    /// Pairs in it that a person decided.
    pub decided: u64,
    /// Of them, those that are one person's.
    pub same: u64,
}

/// Precision of the verdict "same", and recall among the pairs that were weighed.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct FromAnswers {
    /// Of the pairs said to be one person's, how many are.
    pub precision: Interval,
    /// Of the pairs that are one person's, how many are said to be.
    pub recall: Interval,
}

/// Precision and recall from answers: `above` holds the pairs said to be the same, `below` the ranges of the others.
///
/// A stratified estimate: answers count for the pairs of their own range of weights, so that it does not matter that
/// people are asked about the doubtful ones. The bounds of recall come from those of each range taken at once, and are
/// therefore wide rather than narrow. `None` if nothing above was decided.
#[expect(clippy::cast_precision_loss, reason = "counts of pairs stay far below 2^52")]
pub fn from_answers(above: Stratum, below: &[Stratum]) -> Option<FromAnswers> {
    if above.decided == 0 {
        return None;
    }
    let precision = Interval::wilson(above.same, above.decided);
    let found = |share: f64| share * above.pairs as f64;
    let missed = |pick: fn(&Interval) -> f64| -> f64 {
        below
            .iter()
            .filter(|s| s.decided > 0)
            .map(|s| pick(&Interval::wilson(s.same, s.decided)) * s.pairs as f64)
            .sum()
    };
    let recall =
        |found: f64, missed: f64| if found + missed > 0.0 { found / (found + missed) } else { 1.0 };
    Some(FromAnswers {
        precision,
        recall: Interval {
            share: recall(found(precision.share), missed(|i| i.share)),
            low: recall(found(precision.low), missed(|i| i.high)),
            high: recall(found(precision.high), missed(|i| i.low)),
        },
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wilson_bounds_as_in_the_books() {
        let all = Interval::wilson(10, 10);
        assert!((all.low - 0.7225).abs() < 1e-3 && (all.high - 1.0).abs() < 1e-9, "{all:?}");
        let some = Interval::wilson(81, 263);
        assert!((some.low - 0.2553).abs() < 1e-3 && (some.high - 0.3662).abs() < 1e-3, "{some:?}");
    }

    #[test]
    fn answers_count_for_their_own_range() {
        // 1 000 pairs above, 20 in 20 right; 100 pairs in doubt, half of ten right.
        let above = Stratum { pairs: 1000, decided: 20, same: 20 };
        let below = [Stratum { pairs: 100, decided: 10, same: 5 }];
        let found = from_answers(above, &below).unwrap();
        assert!((found.precision.share - 1.0).abs() < 1e-9);
        assert!((found.recall.share - 1000.0 / 1050.0).abs() < 1e-9);
        assert!(found.recall.low < found.recall.share && found.recall.share < found.recall.high);
        assert_eq!(from_answers(Stratum::default(), &below), None);
    }

    #[test]
    fn a_workload_sets_the_threshold() {
        let asks: Vec<Edge> =
            [1.0, 0.5, -1.0, -2.0, -3.0].iter().map(|w| Edge { a: 0, b: 1, weight: *w }).collect();
        for workload in 1..5 {
            let least = weight(from_workload(&asks, workload));
            let asked = asks.iter().filter(|e| f64::from(e.weight) >= least - 1e-6).count();
            assert_eq!(asked, workload);
        }
        assert!(from_workload(&asks, 0) > 0.9999);
        assert!(weight(from_workload(&asks, 9)) <= -3.0 + 1e-6);
    }
}
