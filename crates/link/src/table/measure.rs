//! How good a linkage is, where the truth is known.

use super::{Link, Outcome, Table, Verdict};

/// Precision, recall and F1 over pairs of rows.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Measured {
    /// Pairs said to be one person's.
    pub said: u64,
    /// Of them, those that are.
    pub right: u64,
    /// Pairs that truly are one person's, found or not.
    pub truly: u64,
}

#[expect(clippy::cast_precision_loss, reason = "counts of pairs stay far below 2^52")]
impl Measured {
    /// The share of what was said that is right; 1 if nothing was said.
    pub fn precision(self) -> f64 {
        if self.said == 0 { 1.0 } else { self.right as f64 / self.said as f64 }
    }

    /// The share of what is true that was found; 1 if nothing is.
    pub fn recall(self) -> f64 {
        if self.truly == 0 { 1.0 } else { self.right as f64 / self.truly as f64 }
    }

    /// Their harmonic mean.
    pub fn f1(self) -> f64 {
        let sum = self.said + self.truly;
        if sum == 0 { 1.0 } else { 2.0 * self.right as f64 / sum as f64 }
    }
}

/// Whose each row truly is.
#[derive(Debug)]
pub struct Truth {
    of: Vec<u32>,
    across: usize,
    truly: u64,
}

impl Truth {
    /// From a column that names the person; an empty cell is a person of its own. `None` if there is no such column.
    pub fn of(table: &Table, column: &str, dedupe: bool) -> Option<Self> {
        let codes = table.column(column)?.codes.clone();
        let across = if dedupe || table.files.len() < 2 { 0 } else { table.starts[1] };
        let mut truth = Self { of: codes, across, truly: 0 };
        truth.truly = truth.pairs(&truth.of, None);
        Some(truth)
    }

    fn pairs(&self, groups: &[u32], and: Option<&[u32]>) -> u64 {
        let mut keyed: Vec<(u32, u32, bool)> = groups
            .iter()
            .enumerate()
            .map(|(row, group)| (*group, and.map_or(0, |a| a[row]), row < self.across))
            .filter(|(group, other, _)| {
                *group != u32::MAX
                    && (and.is_none() || *other != 0)
                    && (and.is_some() || *group != 0)
            })
            .collect();
        keyed.sort_unstable();
        keyed
            .chunk_by(|a, b| (a.0, a.1) == (b.0, b.1))
            .map(|same| {
                let n = same.len() as u64;
                if self.across == 0 {
                    return n * (n - 1) / 2;
                }
                let left = same.iter().filter(|(.., l)| *l).count() as u64;
                left * (n - left)
            })
            .sum()
    }

    /// Whether two rows are one person's.
    pub fn holds(&self, left: u32, right: u32) -> bool {
        let (a, b) = (self.of[left as usize], self.of[right as usize]);
        a != 0 && a == b
    }

    fn counts(&self, link: &Link) -> bool {
        self.across == 0 || (link.left as usize) < self.across && link.right as usize >= self.across
    }

    /// The pairs with the verdict "same".
    pub fn links(&self, outcome: &Outcome) -> Measured {
        let said = || outcome.links.iter().filter(|l| l.verdict == Verdict::Same && self.counts(l));
        let right = said().filter(|l| self.holds(l.left, l.right)).count() as u64;
        Measured { said: said().count() as u64, right, truly: self.truly }
    }

    /// The pairs at the weight that would have been best, and that weight.
    pub fn best(&self, outcome: &Outcome) -> (f64, Measured) {
        let mut all: Vec<(f64, bool)> = outcome
            .links
            .iter()
            .filter(|l| self.counts(l))
            .map(|l| (l.weight, self.holds(l.left, l.right)))
            .collect();
        all.sort_by(|a, b| b.0.total_cmp(&a.0));
        let mut best = (f64::INFINITY, Measured { truly: self.truly, ..Measured::default() });
        let mut now = best.1;
        for (at, (weight, right)) in all.iter().enumerate() {
            now.said += 1;
            now.right += u64::from(*right);
            let last = all.get(at + 1).is_none_or(|next| next.0 < *weight);
            if last && now.f1() > best.1.f1() {
                best = (*weight, now);
            }
        }
        best
    }

    /// All pairs within clusters.
    pub fn clusters(&self, outcome: &Outcome) -> Measured {
        // A cluster's number is that of a row, and 0 is one of them.
        let groups: Vec<u32> = outcome.cluster.iter().map(|c| c + 1).collect();
        Measured {
            said: self.pairs(&groups, None),
            right: self.pairs(&groups, Some(&self.of)),
            truly: self.truly,
        }
    }
}
