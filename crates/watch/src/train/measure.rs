use std::collections::BTreeMap;

/// How good scores are.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Measures {
    /// Rows.
    pub rows: usize,
    /// Rows with the event.
    pub events: usize,
    /// Area under the ROC curve.
    pub auc: f64,
    /// Average precision.
    pub average_precision: f64,
    /// Mean square of what is missed.
    pub brier: f64,
    /// Expected calibration error over ten bins of equal width.
    pub calibration_error: f64,
}

/// How good scores are within one group.
#[derive(Clone, Debug, PartialEq)]
pub struct GroupMeasures {
    /// The group.
    pub group: String,
    /// Rows.
    pub rows: usize,
    /// Rows with the event.
    pub events: usize,
    /// Area under the ROC curve; `None` where all are of one kind.
    pub auc: Option<f64>,
    /// Mean score: what the model expects.
    pub expected: f64,
    /// Share with the event: what happened.
    pub happened: f64,
    /// Of those with the event, the share that a list of the given length names; `None` without any.
    pub found: Option<f64>,
    /// Of those without, the share that the list names; `None` without any.
    pub named_in_vain: Option<f64>,
}

/// All measures.
pub fn measure(scores: &[f64], targets: &[bool]) -> Measures {
    Measures {
        rows: scores.len(),
        events: targets.iter().filter(|t| **t).count(),
        auc: auc(scores, targets),
        average_precision: average_precision(scores, targets),
        brier: brier(scores, targets),
        calibration_error: calibration_error(scores, targets, 10),
    }
}

/// Rows by falling score, equal scores together.
fn falling(scores: &[f64]) -> Vec<usize> {
    let mut order: Vec<usize> = (0..scores.len()).collect();
    order.sort_by(|a, b| scores[*b].total_cmp(&scores[*a]).then(a.cmp(b)));
    order
}

/// The probability that a row with the event scores above one without, ties one half; NaN where all are of one kind.
///
/// Source: Hanley and Mc Neil (1982): the statistic of Mann and Whitney.
pub fn auc(scores: &[f64], targets: &[bool]) -> f64 {
    let order = falling(scores);
    let (mut above, mut wins, mut events) = (0.0, 0.0, 0.0);
    #[expect(clippy::float_cmp, reason = "ties are equal scores")]
    for tie in order.chunk_by(|a, b| scores[*a] == scores[*b]) {
        let with = tie.iter().filter(|at| targets[**at]).count() as f64;
        let without = tie.len() as f64 - with;
        wins += without * (events + with / 2.0);
        events += with;
        above += without;
    }
    wins / (events * above)
}

/// Precision averaged over the events in the order of the scores, ties taken together.
pub fn average_precision(scores: &[f64], targets: &[bool]) -> f64 {
    let order = falling(scores);
    let events = targets.iter().filter(|t| **t).count() as f64;
    let (mut seen, mut found, mut sum) = (0.0, 0.0, 0.0);
    #[expect(clippy::float_cmp, reason = "ties are equal scores")]
    for tie in order.chunk_by(|a, b| scores[*a] == scores[*b]) {
        let with = tie.iter().filter(|at| targets[**at]).count() as f64;
        seen += tie.len() as f64;
        found += with;
        sum += with * found / seen;
    }
    sum / events
}

/// Mean square of what is missed.
pub fn brier(scores: &[f64], targets: &[bool]) -> f64 {
    let missed = scores.iter().zip(targets).map(|(s, t)| (s - f64::from(u8::from(*t))).powi(2));
    missed.sum::<f64>() / scores.len() as f64
}

/// Expected calibration error: how far the rate of the event is from the mean score, over bins of equal width, by rows.
///
/// Source: Naeini, Cooper and Hauskrecht (2015).
pub fn calibration_error(scores: &[f64], targets: &[bool], bins: usize) -> f64 {
    let mut sums = vec![(0.0, 0.0); bins];
    for (score, target) in scores.iter().zip(targets) {
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a bin")]
        let bin = ((score * bins as f64) as usize).min(bins - 1);
        sums[bin].0 += score;
        sums[bin].1 += f64::from(u8::from(*target));
    }
    sums.iter().map(|(expected, happened)| (expected - happened).abs()).sum::<f64>()
        / scores.len() as f64
}

/// The rows of the highest scores, as many as there is capacity to act on; of equal ones those that come first.
pub fn top(scores: &[f64], capacity: usize) -> Vec<usize> {
    let mut order = falling(scores);
    order.truncate(capacity);
    order
}

/// The measures of each group, in order, for a list of a given length over all groups.
pub fn by_group(
    groups: &[&str],
    scores: &[f64],
    targets: &[bool],
    capacity: usize,
) -> Vec<GroupMeasures> {
    let mut named = vec![false; scores.len()];
    for at in top(scores, capacity) {
        named[at] = true;
    }
    let mut rows: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for (at, group) in groups.iter().enumerate() {
        rows.entry(group).or_default().push(at);
    }
    rows.into_iter()
        .map(|(group, rows)| {
            let scores: Vec<f64> = rows.iter().map(|at| scores[*at]).collect();
            let targets: Vec<bool> = rows.iter().map(|at| targets[*at]).collect();
            let share = |of: bool| {
                let all = targets.iter().filter(|t| **t == of).count();
                let hit =
                    rows.iter().zip(&targets).filter(|(at, t)| **t == of && named[**at]).count();
                (all > 0).then(|| hit as f64 / all as f64)
            };
            let events = targets.iter().filter(|t| **t).count();
            let area = auc(&scores, &targets);
            GroupMeasures {
                group: group.to_owned(),
                rows: rows.len(),
                events,
                auc: (!area.is_nan()).then_some(area),
                expected: scores.iter().sum::<f64>() / rows.len() as f64,
                happened: events as f64 / rows.len() as f64,
                found: share(true),
                named_in_vain: share(false),
            }
        })
        .collect()
}
