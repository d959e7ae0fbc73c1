use std::collections::BTreeSet;

use serde::Deserialize;

use super::frame::{Field, FieldKind, Raw};
use super::model::Kind;
use super::{BoostPlan, LogisticPlan, Plan, TrainError};

/// What is foretold, and from what: the spec of a table, read from TOML.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Spec {
    /// What the table is, for people.
    #[serde(default)]
    pub about: String,
    /// The sign between cells; a comma if not given.
    #[serde(default = "comma")]
    pub separator: char,
    /// The column that says what happened.
    pub target: String,
    /// When it counts as the event.
    pub positive: Positive,
    /// The column that names a row; the number of the row if not given.
    pub id: Option<String>,
    /// Columns to learn from; all others if not given.
    pub only: Option<Vec<String>>,
    /// Columns not to learn from.
    #[serde(default)]
    pub drop: Vec<String>,
    /// Columns whose numbers are codes.
    #[serde(default)]
    pub codes: Vec<String>,
    /// Cells that mean that nothing is on file.
    #[serde(default = "nothing")]
    pub missing: Vec<String>,
    /// The column by whose order years follow each other: the last value is foretold from those before.
    pub time: Option<String>,
    /// Columns by which the error is shown apart. They need not be learnt from.
    #[serde(default)]
    pub groups: Vec<String>,
    /// How to learn.
    #[serde(default)]
    pub model: Plan,
}

/// When the target counts as the event.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(untagged, deny_unknown_fields)]
pub enum Positive {
    /// If it is one of these words.
    Words(Vec<String>),
    /// If it is a number below this one.
    Below {
        /// The first number that does not count.
        below: f64,
    },
}

fn comma() -> char {
    ','
}

fn nothing() -> Vec<String> {
    ["", "NA", "NaN", "null"].map(str::to_owned).to_vec()
}

impl Spec {
    /// Reads a spec.
    ///
    /// # Errors
    /// [`TrainError::Spec`] with line and column.
    pub fn read(text: &str) -> Result<Self, TrainError> {
        let spec: Self = toml::from_str(text).map_err(|e| TrainError::Spec(e.to_string()))?;
        spec.model.check()?;
        Ok(spec)
    }

    fn is_missing(&self, cell: &str) -> bool {
        self.missing.iter().any(|m| m == cell)
    }

    /// The columns to learn from: numbers where all cells are numbers and the column holds no codes, else words in order.
    ///
    /// # Errors
    /// [`TrainError::NoColumn`] for a name that the table lacks.
    pub fn fields(&self, raw: &Raw) -> Result<Vec<Field>, TrainError> {
        let apart: BTreeSet<&str> = self
            .drop
            .iter()
            .chain(&self.id)
            .chain(self.only.is_none().then_some(&self.time).into_iter().flatten())
            .map(String::as_str)
            .chain([self.target.as_str()])
            .collect();
        for name in apart.iter().copied().chain(self.codes.iter().map(String::as_str)) {
            raw.place(name)?;
        }
        let names: Vec<&str> = match &self.only {
            Some(only) => only.iter().map(String::as_str).collect(),
            None => raw.header.iter().map(String::as_str).filter(|n| !apart.contains(n)).collect(),
        };
        let mut fields = Vec::with_capacity(names.len());
        for name in names {
            let place = raw.place(name)?;
            let cells =
                || raw.rows.iter().map(|row| row[place].trim()).filter(|c| !self.is_missing(c));
            let numbers = !self.codes.iter().any(|c| c == name)
                && cells().all(|cell| cell.parse::<f64>().is_ok_and(f64::is_finite));
            let kind = if numbers {
                FieldKind::Number
            } else {
                let words: BTreeSet<&str> = cells().collect();
                FieldKind::Words(words.into_iter().map(str::to_owned).collect())
            };
            fields.push(Field { name: name.to_owned(), kind, missing: self.missing.clone() });
        }
        Ok(fields)
    }

    /// For each row whether the event happened.
    ///
    /// # Errors
    /// [`TrainError::NoColumn`]; [`TrainError::Target`] for a cell that is no number where one is asked for.
    pub fn targets(&self, raw: &Raw) -> Result<Vec<bool>, TrainError> {
        let place = raw.place(&self.target)?;
        let of = |(line, row): (usize, &Vec<String>)| {
            let cell = row[place].trim();
            match &self.positive {
                Positive::Words(words) => Ok(words.iter().any(|w| w == cell)),
                Positive::Below { below } => match cell.parse::<f64>() {
                    Ok(value) => Ok(value < *below),
                    Err(_) => Err(TrainError::Target {
                        line,
                        column: self.target.clone(),
                        text: cell.to_owned(),
                    }),
                },
            }
        };
        (2..).zip(&raw.rows).map(of).collect()
    }

    /// The rows before the last value of the time column, and those of it; `None` if the spec names no time.
    ///
    /// # Errors
    /// [`TrainError::NoColumn`].
    pub fn out_of_time(&self, raw: &Raw) -> Result<Option<OutOfTime>, TrainError> {
        let Some(time) = &self.time else { return Ok(None) };
        let times = raw.column(time)?;
        let Some(last) = times.iter().max() else { return Ok(None) };
        let (test, learn) = (0..times.len()).partition(|at| times[*at] == *last);
        Ok(Some(OutOfTime { learn, test, last: (*last).to_owned() }))
    }
}

/// Years to learn from, and the last to foretell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OutOfTime {
    /// Rows before.
    pub learn: Vec<usize>,
    /// Rows of the last.
    pub test: Vec<usize>,
    /// The last value of the time column, in the order of text.
    pub last: String,
}

impl Default for Plan {
    fn default() -> Self {
        Self {
            kind: Kind::Blend,
            boost: BoostPlan::default(),
            logistic: LogisticPlan::default(),
            calibrate: "platt".to_owned(),
            inner_folds: 5,
            seed: 1,
        }
    }
}
