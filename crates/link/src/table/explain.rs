//! Why two rows are one person's, or not.

use super::compare::Pattern;
use super::model::{Scorer, probability};
use super::spec::Kind;
use super::{Linker, Model, Table};

/// How a pair's weight comes about: every number is log₂ of odds, and they add up to `total`.
#[derive(Clone, Debug, PartialEq)]
pub struct PairWaterfall {
    /// Before anything is compared.
    pub prior: f64,
    /// What each comparison adds.
    pub steps: Vec<PairStep>,
    /// What is taken off because twins, siblings or the like would agree like this, too; never above 0.
    pub look_alikes: f64,
    /// Which of them would most; `None` if strangers are likelier.
    pub look_alike: Option<String>,
    /// The sum.
    pub total: f64,
    /// The sum as a probability; 0 if excluded.
    pub probability: f64,
    /// Two different valid ids, or one list that names both.
    pub excluded: Option<Exclusion>,
}

/// Why two rows cannot be one person's, whatever else agrees.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exclusion {
    /// Two different valid ids; a person may say otherwise.
    TwoIds,
    /// One list names both.
    OneList,
}

impl Exclusion {
    /// For programs.
    pub fn code(self) -> &'static str {
        match self {
            Self::TwoIds => "two different valid ids",
            Self::OneList => "one list names both",
        }
    }
}

/// One comparison of a [`PairWaterfall`].
#[derive(Clone, Debug, PartialEq)]
pub struct PairStep {
    /// What is compared.
    pub title: String,
    /// The value on the left, numbers masked.
    pub left: String,
    /// The value on the right, numbers masked.
    pub right: String,
    /// The level reached, in the words of the spec; `None` if one side does not say.
    pub level: Option<String>,
    /// What it adds.
    pub weight: f64,
}

impl Linker<'_> {
    /// Why two rows are, or are not, held to be one person's, as far as the two rows tell.
    pub fn waterfall(&self, table: &Table, model: &Model, a: u32, b: u32) -> PairWaterfall {
        let scorer = Scorer::new(model, &self.frame, &self.comparisons, self.rows_a_person(model));
        let pattern = self.comparisons.compare(&self.frame, a, b);
        let (prior, adds, likelier) = scorer.parts(&self.frame, &self.comparisons, pattern, a, b);
        let mut excluded = None;
        let mut steps = Vec::new();
        for (at, (one, ready)) in
            self.spec.comparisons.iter().zip(&self.comparisons.all).enumerate()
        {
            let level = pattern.level(at);
            if level != 0 && level == ready.excludes {
                excluded = Some(Exclusion::TwoIds);
            }
            steps.push(PairStep {
                title: one.title.clone(),
                left: shown(one.kind, table.cell(a, &one.columns[0])),
                right: shown(one.kind, table.cell(b, &one.columns[0])),
                level: self.level_words(at, level),
                weight: adds[at],
            });
        }
        if super::train::one_list(&self.frame, a, b) {
            excluded = Some(Exclusion::OneList);
        }
        let sum: f64 = likelier.iter().map(|l| l.min(500.0).exp2()).sum();
        let look_alikes = -(1.0 + sum).log2();
        let most = likelier
            .iter()
            .enumerate()
            .max_by(|x, y| x.1.total_cmp(y.1))
            .filter(|(_, l)| **l > 0.0);
        let total = prior + adds.iter().sum::<f64>() + look_alikes;
        PairWaterfall {
            prior,
            steps,
            look_alikes,
            look_alike: most.map(|(at, _)| self.spec.look_alikes[at].title.clone()),
            total,
            probability: if excluded.is_some() { 0.0 } else { probability(total) },
            excluded,
        }
    }

    /// A level in the words of the spec; `None` for the missing one.
    pub(crate) fn level_words(&self, comparison: usize, level: usize) -> Option<String> {
        let (one, ready) = (&self.spec.comparisons[comparison], &self.comparisons.all[comparison]);
        match level {
            0 => None,
            l if l == ready.different => Some("different".to_owned()),
            l if l == ready.excludes => Some("different valid ids".to_owned()),
            l => one.levels.get(l - 1).map(|w| w.words.clone()),
        }
    }

    /// How likely each row would be linked to a row that says exactly the same: what cannot be told apart from others
    /// can never be linked. Ascending.
    pub fn unlinkable(&self, model: &Model) -> Vec<f64> {
        use rayon::prelude::*;
        let scorer = Scorer::new(model, &self.frame, &self.comparisons, self.rows_a_person(model));
        let mut all: Vec<f64> = (0..self.frame.rows)
            .into_par_iter()
            .with_min_len(4096)
            .map(|r| {
                let pattern: Pattern = self.comparisons.compare(&self.frame, r, r);
                probability(
                    scorer.weigh(&self.frame, &self.comparisons, pattern, r, r).unwrap_or(-100.0),
                )
            })
            .collect();
        all.par_sort_unstable_by(f64::total_cmp);
        all
    }
}

/// A value as it may be shown: long numbers keep their ends.
fn shown(kind: Kind, text: &str) -> String {
    let digits = text.chars().filter(char::is_ascii_digit).count();
    let keep = match kind {
        Kind::CitizenId => 4,
        Kind::Date | Kind::Place => return text.to_owned(),
        _ if digits >= 7 && digits * 3 >= text.chars().count() * 2 => 3,
        _ => return text.to_owned(),
    };
    let chars: Vec<char> = text.chars().collect();
    if chars.len() <= 2 * keep {
        return "*".repeat(chars.len());
    }
    let stars = "*".repeat(chars.len() - 2 * keep);
    let end: String = chars[chars.len() - keep..].iter().collect();
    let begin: String = chars[..keep].iter().collect();
    format!("{begin}{stars}{end}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_masked() {
        assert_eq!(shown(Kind::CitizenId, "990101201203041218"), "9901**********1218");
        assert_eq!(shown(Kind::Text, "13812345678"), "138*****678");
        assert_eq!(shown(Kind::Text, "12 high street"), "12 high street");
        assert_eq!(shown(Kind::Date, "20120304"), "20120304");
        assert_eq!(shown(Kind::CitizenId, "12"), "**");
    }
}
