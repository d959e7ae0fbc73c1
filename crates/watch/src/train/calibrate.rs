use serde::{Deserialize, Serialize};

use super::boost::probability;

/// From log-odds to a probability that happens as often as it says.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Calibration {
    /// As it is.
    None,
    /// A straight line in the log-odds.
    Platt {
        /// Slope.
        slope: f64,
        /// Constant.
        constant: f64,
    },
    /// Steps that never fall: up to the first score the first rate, and so on; straight between the middles of steps.
    Isotonic {
        /// Scores, rising.
        scores: Vec<f64>,
        /// Rates, not falling.
        rates: Vec<f64>,
    },
}

impl Calibration {
    /// The probability for log-odds.
    pub fn apply(&self, score: f64) -> f64 {
        match self {
            Self::None => probability(score),
            Self::Platt { slope, constant } => probability(slope * score + constant),
            Self::Isotonic { scores, rates } => {
                let at = scores.partition_point(|s| *s <= score);
                if at == 0 {
                    return rates[0];
                }
                if at == scores.len() {
                    return rates[at - 1];
                }
                let part = (score - scores[at - 1]) / (scores[at] - scores[at - 1]);
                rates[at - 1] + part * (rates[at] - rates[at - 1])
            }
        }
    }

    pub(super) fn is_sound(&self) -> bool {
        match self {
            Self::None => true,
            Self::Platt { slope, constant } => slope.is_finite() && constant.is_finite(),
            Self::Isotonic { scores, rates } => {
                !scores.is_empty()
                    && scores.len() == rates.len()
                    && scores.windows(2).all(|w| w[0] < w[1])
                    && rates.windows(2).all(|w| w[0] <= w[1])
                    && rates.iter().all(|r| (0.0..=1.0).contains(r))
            }
        }
    }
}

/// Platt's scaling: the line that makes the outcomes likeliest, with his targets against overconfidence.
///
/// Source: Platt (1999), in the Newton form of Lin, Lin and Weng (2007).
pub fn platt(scores: &[f64], targets: &[bool]) -> Calibration {
    let positives = targets.iter().filter(|t| **t).count() as f64;
    let negatives = targets.len() as f64 - positives;
    let (high, low) = ((positives + 1.0) / (positives + 2.0), 1.0 / (negatives + 2.0));
    let (mut slope, mut constant) = (1.0, 0.0);
    let loss = |slope: f64, constant: f64| -> f64 {
        scores
            .iter()
            .zip(targets)
            .map(|(s, t)| {
                let x = slope * s + constant;
                let y = if *t { high } else { low };
                x.max(0.0) + (-x.abs()).exp().ln_1p() - y * x
            })
            .sum()
    };
    let mut now = loss(slope, constant);
    for _ in 0..100 {
        let (mut ga, mut gb, mut haa, mut hab, mut hbb) = (0.0, 0.0, 1e-12, 0.0, 1e-12);
        for (s, t) in scores.iter().zip(targets) {
            let p = probability(slope * s + constant);
            let d = p - if *t { high } else { low };
            let w = p * (1.0 - p);
            ga += d * s;
            gb += d;
            haa += w * s * s;
            hab += w * s;
            hbb += w;
        }
        let det = haa * hbb - hab * hab;
        if det.abs() < 1e-300 {
            break;
        }
        let (da, db) = ((hbb * ga - hab * gb) / det, (haa * gb - hab * ga) / det);
        let mut by = 1.0;
        let gained = loop {
            let then = loss(slope - by * da, constant - by * db);
            if then <= now || by < 1e-8 {
                slope -= by * da;
                constant -= by * db;
                let gained = now - then;
                now = then;
                break gained;
            }
            by /= 2.0;
        };
        if gained.abs() < 1e-10 * (1.0 + now.abs()) {
            break;
        }
    }
    Calibration::Platt { slope, constant }
}

/// Isotonic regression of outcomes on scores, by pooling adjacent violators.
///
/// Source: Ayer et al. (1955); for probabilities Zadrozny and Elkan (2002).
pub fn isotonic(scores: &[f64], targets: &[bool]) -> Calibration {
    let mut order: Vec<usize> = (0..scores.len()).collect();
    order.sort_by(|a, b| scores[*a].total_cmp(&scores[*b]));
    // Blocks: sum of scores, of events, rows.
    let mut blocks: Vec<(f64, f64, f64)> = Vec::new();
    #[expect(clippy::float_cmp, reason = "equal scores have one rate")]
    for tie in order.chunk_by(|a, b| scores[*a] == scores[*b]) {
        let n = tie.len() as f64;
        let events = tie.iter().filter(|at| targets[**at]).count() as f64;
        blocks.push((scores[tie[0]] * n, events, n));
        while let [.., a, b] = blocks.as_slice() {
            if a.1 * b.2 < b.1 * a.2 {
                break;
            }
            let joined = (a.0 + b.0, a.1 + b.1, a.2 + b.2);
            blocks.truncate(blocks.len() - 2);
            blocks.push(joined);
        }
    }
    let (scores, rates) = blocks.into_iter().map(|(s, e, n)| (s / n, e / n)).unzip();
    Calibration::Isotonic { scores, rates }
}
