use serde::{Deserialize, Serialize};

use super::TrainError;
use super::frame::{Column, Frame};
use crate::random::Random;

/// How trees are grown.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct BoostPlan {
    /// Trees.
    pub trees: usize,
    /// What a tree counts.
    pub rate: f64,
    /// Leaves of a tree at most.
    pub leaves: usize,
    /// Rows of a leaf at least.
    pub least_rows: usize,
    /// Penalty on the squares of leaves.
    pub l2: f64,
    /// Share of the rows that a tree sees.
    pub rows: f64,
    /// Share of the columns that a tree sees.
    pub columns: f64,
    /// Rows that a word needs to be told apart, and the smoothing of its rate.
    pub word_smooth: f64,
    /// Further penalty where words are parted in two sets.
    pub word_l2: f64,
    /// Words on the smaller side at most.
    pub most_words: usize,
    /// Rows by which two partings of words differ at least.
    pub word_group: usize,
}

impl Default for BoostPlan {
    fn default() -> Self {
        Self {
            trees: 300,
            rate: 0.03,
            leaves: 15,
            least_rows: 20,
            l2: 2.0,
            rows: 0.8,
            columns: 0.6,
            word_smooth: 10.0,
            word_l2: 10.0,
            most_words: 32,
            word_group: 100,
        }
    }
}

impl BoostPlan {
    pub(super) fn check(&self) -> Result<(), TrainError> {
        let sound = (1..=10_000).contains(&self.trees)
            && (1e-4..=1.0).contains(&self.rate)
            && (2..=1024).contains(&self.leaves)
            && self.l2 >= 0.0
            && (0.1..=1.0).contains(&self.rows)
            && (0.0..=1.0).contains(&self.columns)
            && self.word_smooth >= 0.0
            && self.word_l2 >= 0.0;
        if sound {
            Ok(())
        } else {
            Err(TrainError::Spec("[model.boost] 有数超出范围".to_owned()))
        }
    }
}

/// How a column is cut into bins. Bin 0 is what is not on file.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Bins {
    /// Bin `b` holds what is at most the `b`-th bound; the last what is above.
    Number(Vec<f64>),
    /// For each word its bin; rare words share bin 0.
    Words(Vec<u8>),
}

const MOST_BINS: usize = 255;

impl Bins {
    fn of(column: &Column, rows: &[usize]) -> Self {
        match column {
            Column::Number(values) => {
                let mut seen: Vec<f64> =
                    rows.iter().map(|r| values[*r]).filter(|v| !v.is_nan()).collect();
                seen.sort_by(f64::total_cmp);
                let mut bounds: Vec<f64> = Vec::new();
                let n = seen.len();
                let mut distinct: Vec<(f64, usize)> = Vec::new();
                for (at, value) in seen.iter().enumerate() {
                    match distinct.last_mut() {
                        #[expect(clippy::float_cmp, reason = "equal values share a bin")]
                        Some(last) if last.0 == *value => last.1 = at + 1,
                        _ => distinct.push((*value, at + 1)),
                    }
                }
                // A bound between two values that differ; with many of them, about as many rows in each bin.
                let step = n as f64 / (MOST_BINS - 1) as f64;
                let mut next = 0.0;
                for pair in distinct.windows(2) {
                    if distinct.len() < MOST_BINS || pair[0].1 as f64 >= next + step {
                        bounds.push(f64::midpoint(pair[0].0, pair[1].0));
                        next = pair[0].1 as f64;
                    }
                }
                Self::Number(bounds)
            }
            Column::Words(codes) => {
                let words = codes
                    .iter()
                    .filter(|c| **c != Column::NONE)
                    .max()
                    .map_or(0, |m| *m as usize + 1);
                let mut counts = vec![0_usize; words];
                for row in rows {
                    if codes[*row] != Column::NONE {
                        counts[codes[*row] as usize] += 1;
                    }
                }
                let mut order: Vec<usize> = (0..words).filter(|w| counts[*w] > 0).collect();
                order.sort_by_key(|w| std::cmp::Reverse(counts[*w]));
                let mut bins = vec![0; words];
                for (bin, word) in (1..=254_u8).zip(order) {
                    bins[word] = bin;
                }
                Self::Words(bins)
            }
        }
    }

    fn count(&self) -> usize {
        match self {
            Self::Number(bounds) => bounds.len() + 2,
            Self::Words(bins) => bins.iter().copied().max().unwrap_or(0) as usize + 1,
        }
    }

    fn bin(&self, column: &Column, row: usize) -> u8 {
        match (self, column) {
            (Self::Number(bounds), Column::Number(values)) => {
                let value = values[row];
                if value.is_nan() {
                    return 0;
                }
                u8::try_from(bounds.partition_point(|b| *b < value) + 1)
                    .expect("there are few bins")
            }
            (Self::Words(bins), Column::Words(codes)) => {
                bins.get(codes[row] as usize).copied().unwrap_or(0)
            }
            _ => unreachable!("a model is checked against its fields"),
        }
    }
}

/// Which bins go left: one bit each.
type Left = [u64; 4];

fn is_left(left: &Left, bin: u8) -> bool {
    left[usize::from(bin >> 6)] >> (bin & 63) & 1 == 1
}

/// A node of a tree.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Node {
    /// The column that parts it; `None` for a leaf.
    column: Option<u32>,
    /// Bins that go left.
    left: Left,
    /// The node for what goes left; for what goes right, the one after it.
    child: u32,
    /// What it adds to the log-odds: for a leaf its value, else the mean of what is below it.
    value: f64,
}

/// Gradient boosting of trees on binned columns, for the log-odds of an event.
///
/// Source: Friedman (2001) with the second-order leaves of Chen and Guestrin (2016); histograms, growth by the best leaf, and
/// words parted by their smoothed gradients as in Ke et al. (2017, `LightGBM`).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Boost {
    bins: Vec<Bins>,
    start: f64,
    trees: Vec<Vec<Node>>,
}

#[derive(Clone, Copy, Default)]
struct Sum {
    gradient: f64,
    hessian: f64,
    rows: f64,
}

impl Sum {
    fn add(&mut self, other: Self) {
        self.gradient += other.gradient;
        self.hessian += other.hessian;
        self.rows += other.rows;
    }

    fn minus(self, other: Self) -> Self {
        Self {
            gradient: self.gradient - other.gradient,
            hessian: self.hessian - other.hessian,
            rows: self.rows - other.rows,
        }
    }

    fn gain(self, l2: f64) -> f64 {
        self.gradient * self.gradient / (self.hessian + l2)
    }

    fn value(self, l2: f64) -> f64 {
        -self.gradient / (self.hessian + l2)
    }
}

struct Split {
    gain: f64,
    column: usize,
    left: Left,
    /// The penalty with which its leaves are valued.
    l2: f64,
}

struct Leaf {
    node: usize,
    /// Its rows: a part of the order.
    from: usize,
    to: usize,
    sum: Sum,
    histogram: Vec<Sum>,
    best: Option<Split>,
}

struct Grower<'a> {
    plan: &'a BoostPlan,
    bins: &'a [Bins],
    /// Where the bins of a column begin in a histogram.
    offsets: Vec<usize>,
    /// Bins of all rows, column by column.
    binned: &'a [Vec<u8>],
    gradients: Vec<f64>,
    hessians: Vec<f64>,
}

impl Grower<'_> {
    fn histogram(&self, rows: &[u32], columns: &[usize]) -> Vec<Sum> {
        let mut sums = vec![Sum::default(); *self.offsets.last().expect("offsets end the bins")];
        for column in columns {
            let bins = &self.binned[*column];
            let sums = &mut sums[self.offsets[*column]..self.offsets[*column + 1]];
            for row in rows {
                let row = *row as usize;
                let sum = &mut sums[usize::from(bins[row])];
                sum.gradient += self.gradients[row];
                sum.hessian += self.hessians[row];
                sum.rows += 1.0;
            }
        }
        sums
    }

    fn best(&self, leaf: &Sum, histogram: &[Sum], columns: &[usize]) -> Option<Split> {
        let mut best: Option<Split> = None;
        for column in columns {
            let bins = &histogram[self.offsets[*column]..self.offsets[*column + 1]];
            let found = match self.bins[*column] {
                Bins::Number(_) => self.best_number(leaf, bins, *column),
                Bins::Words(_) => self.best_words(leaf, bins, *column),
            };
            if let Some(found) = found
                && best.as_ref().is_none_or(|best| found.gain > best.gain)
            {
                best = Some(found);
            }
        }
        best
    }

    fn allowed(&self, side: Sum) -> bool {
        side.rows >= self.plan.least_rows as f64 && side.hessian >= 1e-3
    }

    fn best_number(&self, leaf: &Sum, bins: &[Sum], column: usize) -> Option<Split> {
        let l2 = self.plan.l2;
        let whole = leaf.gain(l2);
        let mut best: Option<(f64, usize, bool)> = None;
        let ways: &[bool] = if bins[0].rows > 0.0 { &[false, true] } else { &[false] };
        for missing_left in ways {
            let mut left = if *missing_left { bins[0] } else { Sum::default() };
            for (bin, sum) in bins.iter().enumerate().take(bins.len() - 1).skip(1) {
                left.add(*sum);
                let right = leaf.minus(left);
                if !self.allowed(left) || !self.allowed(right) {
                    continue;
                }
                let gain = left.gain(l2) + right.gain(l2) - whole;
                if gain > 1e-9 && best.is_none_or(|(most, ..)| gain > most) {
                    best = Some((gain, bin, *missing_left));
                }
            }
        }
        best.map(|(gain, last, missing_left)| {
            let mut left = [0; 4];
            for bin in usize::from(!missing_left)..=last {
                left[bin >> 6] |= 1 << (bin & 63);
            }
            Split { gain, column, left, l2 }
        })
    }

    fn best_words(&self, leaf: &Sum, bins: &[Sum], column: usize) -> Option<Split> {
        let plan = self.plan;
        let seen: Vec<usize> = (0..bins.len()).filter(|bin| bins[*bin].rows > 0.0).collect();
        let mut best: Option<(f64, Left, f64)> = None;
        let mut offer = |left: Sum, set: Left, l2: f64| {
            let right = leaf.minus(left);
            if self.allowed(left) && self.allowed(right) {
                let gain = left.gain(l2) + right.gain(l2) - leaf.gain(plan.l2);
                if gain > 1e-9 && best.is_none_or(|(most, ..)| gain > most) {
                    best = Some((gain, set, l2));
                }
            }
        };
        if seen.len() <= 4 {
            for bin in &seen {
                let mut set = [0; 4];
                set[bin >> 6] |= 1 << (bin & 63);
                offer(bins[*bin], set, plan.l2);
            }
        } else {
            let mut order: Vec<usize> =
                seen.into_iter().filter(|bin| bins[*bin].rows >= plan.word_smooth).collect();
            let rate = |bin: usize| bins[bin].gradient / (bins[bin].hessian + plan.word_smooth);
            order.sort_by(|a, b| rate(*a).total_cmp(&rate(*b)));
            let l2 = plan.l2 + plan.word_l2;
            let most = plan.most_words.min(order.len().div_ceil(2));
            for backwards in [false, true] {
                if backwards {
                    order.reverse();
                }
                let mut left = Sum::default();
                let mut set = [0; 4];
                let mut group = 0.0;
                for bin in order.iter().take(most) {
                    left.add(bins[*bin]);
                    set[bin >> 6] |= 1 << (bin & 63);
                    group += bins[*bin].rows;
                    if group >= plan.word_group as f64 {
                        group = 0.0;
                        offer(left, set, l2);
                    }
                }
            }
        }
        best.map(|(gain, left, l2)| Split { gain, column, left, l2 })
    }

    /// One tree on the rows of `order`, which it sorts by leaf.
    fn tree(&self, order: &mut [u32], columns: &[usize]) -> Vec<Node> {
        let plan = self.plan;
        let histogram = self.histogram(order, columns);
        let mut sum = Sum::default();
        let first = columns[0];
        for bin in &histogram[self.offsets[first]..self.offsets[first + 1]] {
            sum.add(*bin);
        }
        let leaf = |sum: Sum, l2: f64| Node {
            column: None,
            left: [0; 4],
            child: 0,
            value: sum.value(l2) * plan.rate,
        };
        let mut nodes = vec![leaf(sum, plan.l2)];
        let best = self.best(&sum, &histogram, columns);
        let mut leaves = vec![Leaf { node: 0, from: 0, to: order.len(), sum, histogram, best }];
        while leaves.len() < plan.leaves {
            let gain = |leaf: &Leaf| leaf.best.as_ref().map_or(0.0, |best| best.gain);
            // Of equal ones the first: the order of leaves is that of their making.
            let at = (0..leaves.len())
                .reduce(|a, b| if gain(&leaves[b]) > gain(&leaves[a]) { b } else { a });
            let at = at.expect("a tree has a leaf");
            let Some(split) = leaves[at].best.take() else { break };
            let Leaf { node, from, to, sum, histogram, .. } = std::mem::replace(
                &mut leaves[at],
                Leaf {
                    node: 0,
                    from: 0,
                    to: 0,
                    sum: Sum::default(),
                    histogram: Vec::new(),
                    best: None,
                },
            );
            let bins = &self.binned[split.column];
            let middle = from
                + partition(&mut order[from..to], |row| is_left(&split.left, bins[row as usize]));
            let small_left = middle - from <= to - middle;
            let small = if small_left { from..middle } else { middle..to };
            let small_histogram = self.histogram(&order[small], columns);
            let big_histogram: Vec<Sum> = histogram
                .iter()
                .zip(&small_histogram)
                .map(|(all, part)| all.minus(*part))
                .collect();
            let mut left_sum = Sum::default();
            let offset = self.offsets[split.column];
            let left_histogram = if small_left { &small_histogram } else { &big_histogram };
            for bin in &left_histogram[offset..self.offsets[split.column + 1]] {
                left_sum.add(*bin);
            }
            let right_sum = sum.minus(left_sum);
            let child = nodes.len();
            nodes[node].column = Some(u32::try_from(split.column).expect("few columns"));
            nodes[node].left = split.left;
            nodes[node].child = u32::try_from(child).expect("few nodes");
            nodes.push(leaf(left_sum, split.l2));
            nodes.push(leaf(right_sum, split.l2));
            let (left_histogram, right_histogram) = if small_left {
                (small_histogram, big_histogram)
            } else {
                (big_histogram, small_histogram)
            };
            let grow = |node, from, to, sum: Sum, histogram: Vec<Sum>| {
                let best = if to - from >= 2 * plan.least_rows {
                    self.best(&sum, &histogram, columns)
                } else {
                    None
                };
                Leaf { node, from, to, sum, histogram, best }
            };
            leaves[at] = grow(child, from, middle, left_sum, left_histogram);
            leaves.push(grow(child + 1, middle, to, right_sum, right_histogram));
        }
        means(&mut nodes, &leaves);
        nodes
    }
}

/// Inner nodes get the mean of their leaves, weighted by rows: what a path is explained by.
fn means(nodes: &mut [Node], leaves: &[Leaf]) {
    let mut rows = vec![0.0; nodes.len()];
    for leaf in leaves {
        rows[leaf.node] = leaf.sum.rows;
    }
    for at in (0..nodes.len()).rev() {
        if nodes[at].column.is_some() {
            let child = nodes[at].child as usize;
            let (a, b) = (rows[child], rows[child + 1]);
            rows[at] = a + b;
            nodes[at].value = if a + b > 0.0 {
                (a * nodes[child].value + b * nodes[child + 1].value) / (a + b)
            } else {
                0.0
            };
        }
    }
}

/// Moves what is wanted to the front, keeping both orders; how many.
fn partition(rows: &mut [u32], wanted: impl Fn(u32) -> bool) -> usize {
    let right: Vec<u32> = rows.iter().copied().filter(|row| !wanted(*row)).collect();
    let mut at = 0;
    for from in 0..rows.len() {
        let row = rows[from];
        if wanted(row) {
            rows[at] = row;
            at += 1;
        }
    }
    rows[at..].copy_from_slice(&right);
    at
}

pub(super) fn odds(p: f64) -> f64 {
    (p / (1.0 - p)).ln()
}

pub(super) fn probability(log_odds: f64) -> f64 {
    1.0 / (1.0 + (-log_odds).exp())
}

impl Boost {
    /// Learns from the rows of a frame.
    ///
    /// Takes rows × columns × trees × log leaves. `targets` is for all rows of the frame.
    pub fn fit(
        frame: &Frame,
        targets: &[bool],
        rows: &[usize],
        plan: &BoostPlan,
        seed: u64,
    ) -> Self {
        let bins: Vec<Bins> = frame.columns.iter().map(|column| Bins::of(column, rows)).collect();
        let binned: Vec<Vec<u8>> = bins
            .iter()
            .zip(&frame.columns)
            .map(|(bins, column)| rows.iter().map(|row| bins.bin(column, *row)).collect())
            .collect();
        let mut offsets = vec![0];
        for bins in &bins {
            offsets.push(offsets.last().expect("it has one") + bins.count());
        }
        let targets: Vec<f64> = rows.iter().map(|row| f64::from(u8::from(targets[*row]))).collect();
        let n = targets.len();
        let share = targets.iter().sum::<f64>() / n as f64;
        let start = odds(share.clamp(1e-6, 1.0 - 1e-6));
        let mut scores = vec![start; n];
        let mut grower = Grower {
            plan,
            bins: &bins,
            offsets,
            binned: &binned,
            gradients: vec![0.0; n],
            hessians: vec![0.0; n],
        };
        let mut random = Random::new(seed);
        let mut trees = Vec::with_capacity(plan.trees);
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a share of 2³²"
        )]
        let in_bag = (plan.rows * 4_294_967_296.0) as u64;
        let usable: Vec<usize> = (0..bins.len()).filter(|c| bins[*c].count() > 1).collect();
        if usable.is_empty() {
            return Self { bins, start, trees };
        }
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a share of the columns"
        )]
        let shown = ((usable.len() as f64 * plan.columns).round() as usize).clamp(1, usable.len());
        for _ in 0..plan.trees {
            for row in 0..n {
                let p = probability(scores[row]);
                grower.gradients[row] = p - targets[row];
                grower.hessians[row] = (p * (1.0 - p)).max(1e-16);
            }
            let mut order: Vec<u32> = (0..u32::try_from(n).expect("fewer than 2³² rows"))
                .filter(|_| random.chance(in_bag))
                .collect();
            let mut columns = usable.clone();
            random.shuffle(&mut columns);
            columns.truncate(shown);
            columns.sort_unstable();
            let tree = grower.tree(&mut order, &columns);
            for (row, score) in scores.iter_mut().enumerate() {
                *score += follow(&tree, |column| binned[column][row]);
            }
            trees.push(tree);
        }
        Self { bins, start, trees }
    }

    /// The log-odds of a row.
    pub fn score(&self, frame: &Frame, row: usize) -> f64 {
        let bins: Vec<u8> = self
            .bins
            .iter()
            .zip(&frame.columns)
            .map(|(bins, column)| bins.bin(column, row))
            .collect();
        self.start + self.trees.iter().map(|tree| follow(tree, |column| bins[column])).sum::<f64>()
    }

    /// What each column adds to the log-odds of a row, and the log-odds from which it begins; they sum to the score.
    ///
    /// Source: path contributions (Saabas 2014): a step from a node to its child counts for the column that parts the node.
    pub fn contributions(&self, frame: &Frame, row: usize) -> (f64, Vec<f64>) {
        let mut begin = self.start;
        let mut added = vec![0.0; self.bins.len()];
        for tree in &self.trees {
            let mut at = &tree[0];
            begin += at.value;
            while let Some(column) = at.column {
                let column = column as usize;
                let bin = self.bins[column].bin(&frame.columns[column], row);
                let next = &tree[at.child as usize + usize::from(!is_left(&at.left, bin))];
                added[column] += next.value - at.value;
                at = next;
            }
        }
        (begin, added)
    }

    /// Refuses a model that is damaged: columns, children and bins must be there.
    pub(super) fn check(&self, fields: &[super::Field]) -> Result<(), TrainError> {
        let fault = |what: &str| Err(TrainError::Model(what.to_owned()));
        if self.bins.len() != fields.len() {
            return fault("列数不对");
        }
        for (bins, field) in self.bins.iter().zip(fields) {
            let fits = match (bins, &field.kind) {
                (Bins::Number(bounds), super::FieldKind::Number) => {
                    bounds.len() < MOST_BINS - 1 && bounds.windows(2).all(|pair| pair[0] < pair[1])
                }
                (Bins::Words(bins), super::FieldKind::Words(words)) => bins.len() <= words.len(),
                _ => false,
            };
            if !fits {
                return fault("分箱与列不合");
            }
        }
        for tree in &self.trees {
            if tree.is_empty() {
                return fault("有一棵空树");
            }
            for (at, node) in tree.iter().enumerate() {
                let Some(column) = node.column else { continue };
                let child = node.child as usize;
                // Children stand behind their parent: following a tree comes to an end.
                if column as usize >= self.bins.len() || child <= at || child + 1 >= tree.len() {
                    return fault("树的结点不对");
                }
            }
        }
        Ok(())
    }
}

fn follow(tree: &[Node], bin: impl Fn(usize) -> u8) -> f64 {
    let mut at = &tree[0];
    while let Some(column) = at.column {
        let left = is_left(&at.left, bin(column as usize));
        at = &tree[at.child as usize + usize::from(!left)];
    }
    at.value
}
