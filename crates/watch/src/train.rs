//! A model that learns from a county's own years, or from any CSV with a spec: trained, calibrated, measured out of time and by
//! group, and never without reasons.
//!
//! A [`Spec`] says what is foretold and from which columns; [`Spec::fields`] and [`encode`] turn a [`Raw`] table into a [`Frame`].
//! [`Model::fit`] learns: logistic regression, gradient boosting, or the mean of both in log-odds, which on small data is steadier
//! than either. [`Model::score`] gives probabilities, [`Model::reasons`] what each column adds to one of them. [`Measures`]
//! says how good they are. What the model was not shown, it does not know: a score is a reason to look, never a label.

#![expect(clippy::cast_precision_loss, reason = "counts of rows are far below 2⁵²")]

mod boost;
mod calibrate;
mod folds;
mod frame;
mod logistic;
mod measure;
mod model;
mod spec;
#[cfg(test)]
mod tests;

pub use boost::{Boost, BoostPlan};
pub use calibrate::{Calibration, isotonic, platt};
pub use folds::{Folds, stratified};
pub use frame::{Column, Field, FieldKind, Frame, Raw, encode};
pub use logistic::{Logistic, LogisticPlan};
pub use measure::{
    GroupMeasures, Measures, auc, average_precision, brier, by_group, calibration_error, measure,
    top,
};
pub use model::{Kind, Model, Plan, Reason, cross_score};
pub use spec::{OutOfTime, Positive, Spec};

/// Why there is no model, or no score.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TrainError {
    /// The spec is no such file.
    #[error("规格文件读不出：{0}")]
    Spec(String),
    /// A column that the spec or the model names is not in the table.
    #[error("表里没有“{0}”这一列；改规格文件，或换一张表")]
    NoColumn(String),
    /// A row with another number of cells than the header.
    #[error("第 {line} 行有 {cells} 格，表头有 {columns} 格；改好这一行")]
    Ragged {
        /// Line of the file, the header being 1.
        line: usize,
        /// Cells of the row.
        cells: usize,
        /// Columns of the header.
        columns: usize,
    },
    /// The target of a row cannot be read.
    #[error("第 {line} 行的“{column}”读不出：“{text}”")]
    Target {
        /// Line of the file.
        line: usize,
        /// The column.
        column: String,
        /// What stands there.
        text: String,
    },
    /// All rows are of one kind, or there are too few.
    #[error("要学的行里 {positives} 个是、{negatives} 个否；两样各要 {least} 个以上才学得出")]
    OneKind {
        /// Rows with the event.
        positives: usize,
        /// Rows without.
        negatives: usize,
        /// The least number of each.
        least: usize,
    },
    /// A damaged or foreign model file.
    #[error("模型文件不能用：{0}；重新训练（fujiao watch train）")]
    Model(String),
}
