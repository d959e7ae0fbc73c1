use serde::{Deserialize, Serialize};

use super::boost::{odds, probability};
use super::frame::{Column, Frame};
use super::{Field, FieldKind, TrainError};

/// How the regression is fitted.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct LogisticPlan {
    /// Penalty on half the squares of the weights of standardised columns.
    pub l2: f64,
    /// Rows that a word needs for a weight of its own; rarer words share one.
    pub least_rows: usize,
}

impl Default for LogisticPlan {
    fn default() -> Self {
        Self { l2: 2.0, least_rows: 10 }
    }
}

/// How a column becomes inputs.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Input {
    /// (value − mean) ÷ deviation; what is not on file is 0, with an input of its own if that occurs.
    Number { mean: f64, deviation: f64, missing: bool },
    /// For each word its input; words beyond, rare ones and what is not on file share the last.
    Words { places: Vec<u32>, inputs: u32 },
}

impl Input {
    fn count(&self) -> usize {
        match self {
            Self::Number { missing, .. } => 1 + usize::from(*missing),
            Self::Words { inputs, .. } => *inputs as usize,
        }
    }
}

/// Logistic regression with a ridge penalty.
///
/// Source: Newton's method for the penalised likelihood (le Cessie and van Houwelingen 1992).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Logistic {
    inputs: Vec<Input>,
    /// The constant, then the weights in the order of inputs.
    weights: Vec<f64>,
    /// Means of the inputs over the rows learnt from: what contributions are counted from.
    means: Vec<f64>,
}

impl Logistic {
    /// Learns from the rows of a frame. Takes rows × inputs² for each of a few steps.
    pub fn fit(frame: &Frame, targets: &[bool], rows: &[usize], plan: &LogisticPlan) -> Self {
        let inputs: Vec<Input> =
            frame.columns.iter().map(|column| input(column, rows, plan)).collect();
        let width = 1 + inputs.iter().map(Input::count).sum::<usize>();
        let table: Vec<Vec<(u32, f64)>> =
            rows.iter().map(|row| sparse(&inputs, frame, *row)).collect();
        let wanted: Vec<f64> = rows.iter().map(|row| f64::from(u8::from(targets[*row]))).collect();
        let n = rows.len() as f64;
        let mut means = vec![0.0; width];
        for row in &table {
            for (at, value) in row {
                means[*at as usize] += value / n;
            }
        }
        let share = wanted.iter().sum::<f64>() / n;
        let mut weights = vec![0.0; width];
        weights[0] = odds(share.clamp(1e-6, 1.0 - 1e-6));
        let loss = |weights: &[f64]| {
            let penalty: f64 = weights[1..].iter().map(|w| w * w).sum::<f64>() * plan.l2 / 2.0;
            let rows = table.iter().zip(&wanted).map(|(row, y)| {
                let score = dot(row, weights);
                // ln(1 + eˢ) − y s, without overflow.
                score.max(0.0) + (-score.abs()).exp().ln_1p() - y * score
            });
            rows.sum::<f64>() + penalty
        };
        let mut now = loss(&weights);
        for _ in 0..50 {
            let mut gradient = vec![0.0; width];
            let mut hessian = vec![0.0; width * width];
            for (row, y) in table.iter().zip(&wanted) {
                let p = probability(dot(row, &weights));
                let weight = (p * (1.0 - p)).max(1e-10);
                for (i, (a, x)) in row.iter().enumerate() {
                    let a = *a as usize;
                    gradient[a] += (p - y) * x;
                    for (b, z) in &row[..=i] {
                        hessian[a * width + *b as usize] += weight * x * z;
                    }
                }
            }
            for at in 1..width {
                gradient[at] += plan.l2 * weights[at];
                hessian[at * width + at] += plan.l2.max(1e-9);
            }
            let step = solve(hessian, gradient, width);
            let mut by = 1.0;
            let moved = loop {
                let tried: Vec<f64> = weights.iter().zip(&step).map(|(w, s)| w - by * s).collect();
                let then = loss(&tried);
                if then <= now || by < 1e-6 {
                    let gained = now - then;
                    weights = tried;
                    now = then;
                    break gained;
                }
                by /= 2.0;
            };
            if moved.abs() < 1e-9 * (1.0 + now.abs()) {
                break;
            }
        }
        Self { inputs, weights, means }
    }

    /// The log-odds of a row.
    pub fn score(&self, frame: &Frame, row: usize) -> f64 {
        dot(&sparse(&self.inputs, frame, row), &self.weights)
    }

    /// What each column adds to the log-odds, beside a row of means, and the log-odds of that; they sum to the score.
    pub fn contributions(&self, frame: &Frame, row: usize) -> (f64, Vec<f64>) {
        let mut begin = self.weights[0];
        let mut added = Vec::with_capacity(self.inputs.len());
        let here = sparse(&self.inputs, frame, row);
        let mut from = 1;
        for input in &self.inputs {
            let to = from + input.count();
            let mean: f64 = (from..to).map(|at| self.weights[at] * self.means[at]).sum();
            let inside = here.iter().filter(|(at, _)| (from..to).contains(&(*at as usize)));
            let value: f64 = inside.map(|(at, x)| self.weights[*at as usize] * x).sum();
            begin += mean;
            added.push(value - mean);
            from = to;
        }
        (begin, added)
    }

    /// Refuses a model that is damaged.
    pub(super) fn check(&self, fields: &[Field]) -> Result<(), TrainError> {
        let width = 1 + self.inputs.iter().map(Input::count).sum::<usize>();
        let fits = self.inputs.len() == fields.len()
            && self.weights.len() == width
            && self.means.len() == width
            && self.inputs.iter().zip(fields).all(|(input, field)| match (input, &field.kind) {
                (Input::Number { deviation, .. }, FieldKind::Number) => *deviation > 0.0,
                (Input::Words { places, inputs }, FieldKind::Words(_)) => {
                    *inputs > 0 && places.iter().all(|place| place < inputs)
                }
                _ => false,
            });
        if fits { Ok(()) } else { Err(TrainError::Model("回归的系数与列不合".to_owned())) }
    }
}

fn input(column: &Column, rows: &[usize], plan: &LogisticPlan) -> Input {
    match column {
        Column::Number(values) => {
            let seen: Vec<f64> = rows.iter().map(|r| values[*r]).filter(|v| !v.is_nan()).collect();
            let n = seen.len().max(1) as f64;
            let mean = seen.iter().sum::<f64>() / n;
            let variance = seen.iter().map(|v| (v - mean) * (v - mean)).sum::<f64>() / n;
            let deviation = if variance > 1e-12 { variance.sqrt() } else { 1.0 };
            Input::Number { mean, deviation, missing: seen.len() < rows.len() }
        }
        Column::Words(codes) => {
            let words =
                codes.iter().filter(|c| **c != Column::NONE).max().map_or(0, |m| *m as usize + 1);
            let mut counts = vec![0; words];
            for row in rows {
                if codes[*row] != Column::NONE {
                    counts[codes[*row] as usize] += 1;
                }
            }
            let mut own = 0;
            let places: Vec<Option<u32>> = counts
                .iter()
                .map(|count| {
                    (*count >= plan.least_rows).then(|| {
                        own += 1;
                        own - 1
                    })
                })
                .collect();
            Input::Words {
                places: places.into_iter().map(|p| p.unwrap_or(own)).collect(),
                inputs: own + 1,
            }
        }
    }
}

/// The inputs of a row that are not 0, the constant first, in order.
fn sparse(inputs: &[Input], frame: &Frame, row: usize) -> Vec<(u32, f64)> {
    let mut out = vec![(0, 1.0)];
    let mut from = 1;
    for (input, column) in inputs.iter().zip(&frame.columns) {
        match (input, column) {
            (Input::Number { mean, deviation, missing }, Column::Number(values)) => {
                let value = values[row];
                if !value.is_nan() {
                    out.push((from, (value - mean) / deviation));
                } else if *missing {
                    out.push((from + 1, 1.0));
                }
            }
            (Input::Words { places, inputs }, Column::Words(codes)) => {
                let place = places.get(codes[row] as usize).copied().unwrap_or(inputs - 1);
                out.push((from + place, 1.0));
            }
            _ => unreachable!("a model is checked against its fields"),
        }
        from += u32::try_from(input.count()).expect("few inputs");
    }
    out
}

fn dot(row: &[(u32, f64)], weights: &[f64]) -> f64 {
    row.iter().map(|(at, x)| weights[*at as usize] * x).sum()
}

/// Solves a symmetric positive system whose lower half is given, by Cholesky's factors.
fn solve(mut a: Vec<f64>, mut b: Vec<f64>, n: usize) -> Vec<f64> {
    for i in 0..n {
        for j in 0..=i {
            let sum: f64 = (0..j).map(|k| a[i * n + k] * a[j * n + k]).sum();
            let value = a[i * n + j] - sum;
            // A column that says nothing new has a pivot of about 0: its weight stays where it is.
            a[i * n + j] = if i == j { value.max(1e-12).sqrt() } else { value / a[j * n + j] };
        }
    }
    for i in 0..n {
        let sum: f64 = (0..i).map(|k| a[i * n + k] * b[k]).sum();
        b[i] = (b[i] - sum) / a[i * n + i];
    }
    for i in (0..n).rev() {
        let sum: f64 = (i + 1..n).map(|k| a[k * n + i] * b[k]).sum();
        b[i] = (b[i] - sum) / a[i * n + i];
    }
    b
}
