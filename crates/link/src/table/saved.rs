//! A model as JSON, to be used again on other rows.

use serde::{Deserialize, Serialize};

use super::model::LEVELS;
use super::{LinkError, Model, Spec};

#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct SavedModel {
    /// Pairs of one person for each pair of two.
    prior: f64,
    comparisons: Vec<SavedComparison>,
    look_alikes: Vec<SavedLookAlike>,
}

#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct SavedComparison {
    title: String,
    columns: Vec<String>,
    levels: Vec<SavedLevel>,
}

#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct SavedLevel {
    level: String,
    m: f64,
    u: f64,
    /// One a kind of look-alikes.
    #[serde(default)]
    look_alikes: Vec<f64>,
}

#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct SavedLookAlike {
    title: String,
    rate: f64,
}

/// One level of one comparison in a model.
#[derive(Clone, Debug, PartialEq)]
pub struct PairLevel {
    /// What is compared.
    pub comparison: String,
    /// The level, in the words of the spec.
    pub level: String,
    /// Probability among rows of one person.
    pub m: f64,
    /// Probability among rows of two strangers.
    pub u: f64,
    /// log₂(m/u).
    pub weight: f64,
    /// Set if every blocking rule speaks of the comparison, so that `m` could not be learnt.
    pub believed: bool,
}

/// The words of every level of a comparison, best first.
fn level_words(spec: &Spec, at: usize) -> Vec<String> {
    let one = &spec.comparisons[at];
    let mut words: Vec<String> = one.levels.iter().map(|l| l.words.clone()).collect();
    words.push("different".to_owned());
    if one.kind == super::Kind::CitizenId {
        words.push("different valid ids".to_owned());
    }
    words
}

impl Model {
    /// Every level of every comparison.
    pub fn levels(&self, spec: &Spec) -> Vec<PairLevel> {
        let mut all = Vec::new();
        for (at, one) in spec.comparisons.iter().enumerate() {
            for (level, words) in level_words(spec, at).into_iter().enumerate() {
                let (m, u) = (self.m[at][level + 1], self.u[at][level + 1]);
                all.push(PairLevel {
                    comparison: one.title.clone(),
                    level: words,
                    m,
                    u,
                    weight: (m / u).log2(),
                    believed: self.never_free.contains(&at),
                });
            }
        }
        all
    }

    /// The comparisons, by their place in the spec, of which every blocking rule speaks: their `m` could not be learnt.
    pub fn levels_believed(&self) -> &[usize] {
        &self.never_free
    }

    /// Pairs of one person for each pair of two.
    pub fn prior(&self) -> f64 {
        self.prior
    }

    /// Rounds of expectation and maximisation that learning took.
    pub fn rounds(&self) -> usize {
        self.rounds
    }

    /// As JSON.
    pub fn to_json(&self, spec: &Spec) -> String {
        let comparisons = spec
            .comparisons
            .iter()
            .enumerate()
            .map(|(at, one)| SavedComparison {
                title: one.title.clone(),
                columns: one.columns.clone(),
                levels: level_words(spec, at)
                    .into_iter()
                    .enumerate()
                    .map(|(level, words)| SavedLevel {
                        level: words,
                        m: self.m[at][level + 1],
                        u: self.u[at][level + 1],
                        look_alikes: self.looks.iter().map(|t| t[at][level + 1]).collect(),
                    })
                    .collect(),
            })
            .collect();
        let titles = spec.look_alikes.iter().map(|l| l.title.clone());
        let saved = SavedModel {
            prior: self.prior,
            comparisons,
            look_alikes: titles
                .zip(&self.look_rates)
                .map(|(title, rate)| SavedLookAlike { title, rate: *rate })
                .collect(),
        };
        serde_json::to_string_pretty(&saved).expect("numbers and texts are JSON")
    }

    /// From JSON that [`Model::to_json`] wrote for the same comparisons.
    ///
    /// # Errors
    /// [`LinkError::OtherModel`] if it is no such JSON, or of other comparisons.
    pub fn from_json(spec: &Spec, text: &str) -> Result<Self, LinkError> {
        let other = |why: String| LinkError::OtherModel { why };
        let saved: SavedModel = serde_json::from_str(text).map_err(|e| other(e.to_string()))?;
        let mut model = Self { prior: saved.prior, ..Self::default() };
        model.look_rates = saved.look_alikes.iter().map(|l| l.rate).collect();
        model.looks = vec![Vec::new(); model.look_rates.len()];
        let named = |titles: Vec<&str>| titles.join(", ");
        let (theirs, ours) = (
            named(saved.comparisons.iter().map(|c| c.title.as_str()).collect()),
            named(spec.comparisons.iter().map(|c| c.title.as_str()).collect()),
        );
        if theirs != ours || saved.look_alikes.len() != spec.look_alikes.len() {
            return Err(other(format!("it compares {theirs}, the spec {ours}")));
        }
        for (at, one) in saved.comparisons.iter().enumerate() {
            let words = level_words(spec, at);
            if !one.levels.iter().map(|l| &l.level).eq(&words) {
                return Err(other(format!(
                    "the levels of {} are not those of the spec",
                    one.title
                )));
            }
            let (mut m, mut u) = ([0.0; LEVELS], [0.0; LEVELS]);
            let mut looks = vec![[0.0; LEVELS]; model.looks.len()];
            for (level, saved) in one.levels.iter().enumerate() {
                let right = |p: f64| p > 0.0 && p <= 1.0;
                if !right(saved.m) || !right(saved.u) || saved.look_alikes.len() != looks.len() {
                    return Err(other(format!(
                        "{}: `{}` has no probabilities",
                        one.title, saved.level
                    )));
                }
                (m[level + 1], u[level + 1]) = (saved.m, saved.u);
                for (to, from) in looks.iter_mut().zip(&saved.look_alikes) {
                    to[level + 1] = *from;
                }
            }
            model.m.push(m);
            model.u.push(u);
            for (to, from) in model.looks.iter_mut().zip(looks) {
                to.push(from);
            }
        }
        Ok(model)
    }
}
