use serde::{Deserialize, Serialize};

use super::boost::probability;
use super::{
    Boost, BoostPlan, Calibration, Field, Folds, Frame, Logistic, LogisticPlan, TrainError,
    isotonic, platt, stratified,
};

/// What kind of model.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Logistic regression: few rows, or a model that fits on a page.
    Logistic,
    /// Gradient boosting: many rows.
    Boost,
    /// The mean of both in log-odds.
    Blend,
}

/// How to learn.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Plan {
    /// What kind of model.
    pub kind: Kind,
    /// Trees.
    pub boost: BoostPlan,
    /// Regression.
    pub logistic: LogisticPlan,
    /// `platt`, `isotonic` or `none`.
    pub calibrate: String,
    /// Folds within the rows learnt from, by which the calibration is learnt.
    pub inner_folds: usize,
    /// Seed of all chance.
    pub seed: u64,
}

impl Plan {
    /// Refuses what is out of range.
    ///
    /// # Errors
    /// [`TrainError::Spec`].
    pub fn check(&self) -> Result<(), TrainError> {
        self.boost.check()?;
        let sound = self.logistic.l2 > 0.0
            && ["platt", "isotonic", "none"].contains(&self.calibrate.as_str())
            && (2..=20).contains(&self.inner_folds);
        if sound {
            Ok(())
        } else {
            let what = "[model] calibrate 是 platt、isotonic 或 none，inner_folds 在 2 到 20 之间，l2 大于零";
            Err(TrainError::Spec(what.to_owned()))
        }
    }
}

/// Rows of each kind without which nothing can be learnt.
const LEAST: usize = 10;

/// A model with everything that scoring needs.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Model {
    /// What it foretells, for people.
    pub about: String,
    /// The columns that it reads.
    pub fields: Vec<Field>,
    /// Rows that it learnt from.
    pub rows: usize,
    /// Rows among them with the event.
    pub events: usize,
    boost: Option<Boost>,
    logistic: Option<Logistic>,
    calibration: Calibration,
}

/// What one column adds to a score.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Reason {
    /// Place of the field.
    pub field: usize,
    /// What it adds to the log-odds; below zero for what speaks against the event.
    pub adds: f64,
}

#[derive(Clone)]
struct Parts {
    boost: Option<Boost>,
    logistic: Option<Logistic>,
}

impl Parts {
    fn fit(frame: &Frame, targets: &[bool], rows: &[usize], plan: &Plan) -> Self {
        let boost = (plan.kind != Kind::Logistic)
            .then(|| Boost::fit(frame, targets, rows, &plan.boost, plan.seed));
        let logistic =
            (plan.kind != Kind::Boost).then(|| Logistic::fit(frame, targets, rows, &plan.logistic));
        Self { boost, logistic }
    }

    fn score(&self, frame: &Frame, row: usize) -> f64 {
        mean(
            self.boost.as_ref().map(|b| b.score(frame, row)),
            self.logistic.as_ref().map(|l| l.score(frame, row)),
        )
    }
}

fn mean(a: Option<f64>, b: Option<f64>) -> f64 {
    match (a, b) {
        (Some(a), Some(b)) => f64::midpoint(a, b),
        (Some(x), None) | (None, Some(x)) => x,
        (None, None) => 0.0,
    }
}

impl Model {
    /// Learns from the rows of a frame. The calibration is learnt from scores of rows that the scoring model had not seen.
    ///
    /// # Errors
    /// [`TrainError::OneKind`] if there are fewer than ten rows of a kind.
    pub fn fit(
        about: &str,
        fields: &[Field],
        frame: &Frame,
        targets: &[bool],
        rows: &[usize],
        plan: &Plan,
    ) -> Result<Self, TrainError> {
        plan.check()?;
        let events = rows.iter().filter(|row| targets[**row]).count();
        if events < LEAST || rows.len() - events < LEAST {
            let negatives = rows.len() - events;
            return Err(TrainError::OneKind { positives: events, negatives, least: LEAST });
        }
        let parts = Parts::fit(frame, targets, rows, plan);
        let calibration = if plan.calibrate == "none" {
            Calibration::None
        } else {
            let kinds: Vec<bool> = rows.iter().map(|row| targets[*row]).collect();
            let folds = stratified(&kinds, plan.inner_folds, plan.seed);
            let mut scores = vec![0.0; rows.len()];
            for fold in 0..folds.n {
                let (learn, test) = folds.split(fold);
                let learn: Vec<usize> = learn.into_iter().map(|at| rows[at]).collect();
                let inner = Parts::fit(frame, targets, &learn, plan);
                for at in test {
                    scores[at] = inner.score(frame, rows[at]);
                }
            }
            if plan.calibrate == "isotonic" {
                isotonic(&scores, &kinds)
            } else {
                platt(&scores, &kinds)
            }
        };
        Ok(Self {
            about: about.to_owned(),
            fields: fields.to_vec(),
            rows: rows.len(),
            events,
            boost: parts.boost,
            logistic: parts.logistic,
            calibration,
        })
    }

    fn log_odds(&self, frame: &Frame, row: usize) -> f64 {
        mean(
            self.boost.as_ref().map(|b| b.score(frame, row)),
            self.logistic.as_ref().map(|l| l.score(frame, row)),
        )
    }

    /// The probability of the event for a row of a frame of this model's fields.
    pub fn score(&self, frame: &Frame, row: usize) -> f64 {
        self.calibration.apply(self.log_odds(frame, row))
    }

    /// What each column adds to the log-odds of a row before calibration, the strongest first, and the probability from which it
    /// begins.
    pub fn reasons(&self, frame: &Frame, row: usize) -> (f64, Vec<Reason>) {
        let boost = self.boost.as_ref().map(|b| b.contributions(frame, row));
        let logistic = self.logistic.as_ref().map(|l| l.contributions(frame, row));
        let begin = mean(boost.as_ref().map(|b| b.0), logistic.as_ref().map(|l| l.0));
        let mut reasons: Vec<Reason> = (0..self.fields.len())
            .map(|field| {
                let adds =
                    mean(boost.as_ref().map(|b| b.1[field]), logistic.as_ref().map(|l| l.1[field]));
                Reason { field, adds }
            })
            .collect();
        reasons.sort_by(|a, b| b.adds.abs().total_cmp(&a.adds.abs()).then(a.field.cmp(&b.field)));
        (probability(begin), reasons)
    }

    /// Refuses a model from a file that is damaged, so that scoring cannot fail.
    ///
    /// # Errors
    /// [`TrainError::Model`] with what is wrong.
    pub fn check(self) -> Result<Self, TrainError> {
        let fault = |what: &str| Err(TrainError::Model(what.to_owned()));
        if self.boost.is_none() && self.logistic.is_none() {
            return fault("里面没有模型");
        }
        if let Some(boost) = &self.boost {
            boost.check(&self.fields)?;
        }
        if let Some(logistic) = &self.logistic {
            logistic.check(&self.fields)?;
        }
        for field in &self.fields {
            if let super::FieldKind::Words(words) = &field.kind
                && words.windows(2).any(|pair| pair[0] >= pair[1])
            {
                return fault("列的取值没有按序");
            }
        }
        if !self.calibration.is_sound() {
            return fault("校准的数不对");
        }
        Ok(self)
    }
}

/// The score of each row by a model that did not see its fold.
///
/// # Errors
/// [`TrainError::OneKind`] if what is left of a fold has too few rows of a kind.
pub fn cross_score(
    fields: &[Field],
    frame: &Frame,
    targets: &[bool],
    folds: &Folds,
    plan: &Plan,
) -> Result<Vec<f64>, TrainError> {
    let mut scores = vec![0.0; frame.rows];
    for fold in 0..folds.n {
        let (learn, test) = folds.split(fold);
        let model = Model::fit("", fields, frame, targets, &learn, plan)?;
        for row in test {
            scores[row] = model.score(frame, row);
        }
    }
    Ok(scores)
}
