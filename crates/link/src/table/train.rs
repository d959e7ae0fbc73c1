//! `u` from random pairs, `m` by expectation and maximisation over the pairs of several blocking rules.

use rayon::prelude::*;

use super::block::{Blocks, Which};
use super::compare::{Comparisons, Pattern};
use super::model::{LEVELS, Model, Table};
use super::spec::Spec;
use super::value::Frame;
use crate::mention::mix;

/// A pattern, the comparisons that its way of being found leaves free, and how often it occurred.
type Tally = (Pattern, u16, f64);

/// Counts of levels by comparison.
type Counts = Vec<[f64; LEVELS]>;

/// What random pairs showed.
pub(crate) struct Random {
    /// Share of each level among random pairs.
    share: Table,
    /// How many pairs both of whose values were known.
    known: Vec<f64>,
}

/// Draws random pairs and counts their levels.
///
/// Rows are drawn by their rank in the order of what they say, so that the order of the file does not matter. The share
/// of equal values is not sampled but counted.
pub(crate) fn random(
    frame: &Frame,
    comparisons: &Comparisons,
    spec: &Spec,
    which: Which,
    order: &[u32],
) -> Random {
    let rows = order.len() as u64;
    let draws = if rows < 2 { 0 } else { spec.settings.random_pairs };
    let seed = mix(spec.settings.seed);
    let counts = (0..usize::try_from(draws).expect("a number of pairs"))
        .into_par_iter()
        .with_min_len(4096)
        .fold(
            || vec![[0_u64; LEVELS]; comparisons.all.len()],
            |mut counts, n| {
                let n = n as u64;
                let draw = |salt: u64| {
                    order[usize::try_from(mix(seed ^ (n * 2 + salt)) % rows).expect("a row")]
                };
                let (a, b) = (draw(0), draw(1));
                let apart = which.across == 0 || (a < which.across) != (b < which.across);
                if a != b && apart {
                    let pattern = comparisons.compare(frame, a, b);
                    for (at, counts) in counts.iter_mut().enumerate() {
                        counts[pattern.level(at)] += 1;
                    }
                }
                counts
            },
        )
        .reduce(
            || vec![[0_u64; LEVELS]; comparisons.all.len()],
            |mut a, b| {
                for (x, y) in a.iter_mut().flatten().zip(b.iter().flatten()) {
                    *x += y;
                }
                a
            },
        );
    let mut share: Table = Vec::new();
    let mut known = Vec::new();
    for (one, counts) in comparisons.all.iter().zip(&counts) {
        let levels = 1..=one.levels();
        #[expect(clippy::cast_precision_loss, reason = "counts of pairs stay far below 2^52")]
        let count = |l: usize| counts[l] as f64;
        let sum: f64 = levels.clone().map(count).sum();
        known.push(sum);
        let mut shares = [0.0; LEVELS];
        let exact = (one.slots.len() == 1).then(|| equal_share(frame, one.slots[0], which));
        for level in levels.clone() {
            shares[level] = (count(level) + UNSEEN)
                / (sum + UNSEEN * f64::from(u8::try_from(one.levels()).expect("at most 14")));
        }
        if let Some(exact) = exact.filter(|e| *e > 0.0) {
            let rest: f64 = levels.clone().filter(|l| *l != one.equal).map(|l| shares[l]).sum();
            for level in levels {
                shares[level] = if level == one.equal {
                    exact
                } else {
                    shares[level] * (1.0 - exact) / rest.max(1e-12)
                };
            }
        }
        share.push(shares);
    }
    Random { share, known }
}

/// The share of pairs that have one value, of those that have any.
fn equal_share(frame: &Frame, slot: usize, which: Which) -> f64 {
    let counts = &frame.slots[slot].count;
    if which.across == 0 {
        let pairs = |n: u64| {
            #[expect(clippy::cast_precision_loss, reason = "a number of pairs")]
            let pairs = (n * n.saturating_sub(1)) as f64;
            pairs
        };
        let all = pairs(frame.slots[slot].present);
        let equal: f64 = counts.iter().map(|c| pairs(u64::from(*c))).sum();
        return if all > 0.0 { equal / all } else { 0.0 };
    }
    let mut left = vec![0_u32; counts.len()];
    for row in 0..which.across {
        left[frame.row(row)[slot] as usize] += 1;
    }
    left[0] = 0;
    let sum: f64 = left.iter().map(|n| f64::from(*n)).sum();
    let others: f64 = left.iter().zip(counts).map(|(l, n)| f64::from(n - l)).sum();
    let equal: f64 = left.iter().zip(counts).map(|(l, n)| f64::from(*l) * f64::from(n - l)).sum();
    if sum * others > 0.0 { equal / (sum * others) } else { 0.0 }
}

/// Patterns of a share of the candidate pairs, drawn by what their rows say.
pub(crate) struct Sample {
    tallies: Vec<Tally>,
    /// The share drawn.
    rate: f64,
}

/// Draws candidate pairs to learn from.
pub(crate) fn sample(
    frame: &Frame,
    comparisons: &Comparisons,
    blocks: &Blocks,
    spec: &Spec,
) -> Sample {
    #[expect(clippy::cast_precision_loss, reason = "a share of pairs")]
    let rate = (spec.settings.training_pairs as f64 / blocks.pairs().max(1) as f64).min(1.0);
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a share of 2^32")]
    let below = (rate * 4_294_967_296.0) as u64;
    let gathered: Vec<Vec<(Pattern, u16)>> = blocks.each(|all: &mut Vec<(Pattern, u16)>, a, b| {
        let (x, y) = (frame.said[a as usize], frame.said[b as usize]);
        if mix(x.min(y) ^ x.max(y).rotate_left(17)) >> 32 < below && !one_list(frame, a, b) {
            all.push((comparisons.compare(frame, a, b), blocks.free(a, b)));
        }
    });
    let mut all: Vec<(Pattern, u16)> = gathered.into_iter().flatten().collect();
    all.par_sort_unstable();
    let tallies = all
        .chunk_by(|a, b| a == b)
        .map(|same| {
            #[expect(clippy::cast_precision_loss, reason = "a number of pairs")]
            let times = same.len() as f64;
            (same[0].0, same[0].1, times)
        })
        .collect();
    Sample { tallies, rate }
}

/// How many pairs the rules find that are nearly all true.
pub(crate) fn deterministic(frame: &Frame, spec: &Spec, which: Which) -> f64 {
    let rules: Vec<super::spec::Block> = spec
        .prior
        .iter()
        .map(|on| super::spec::Block { on: on.clone(), then: Vec::new() })
        .collect();
    let spec = Spec { blocks: rules, ..spec.clone() };
    let blocks = Blocks::new(frame, &spec, which, &[]);
    let counts: Vec<u64> = blocks.each(|count: &mut u64, _, _| *count += 1);
    #[expect(clippy::cast_precision_loss, reason = "a number of pairs")]
    let sum = counts.iter().sum::<u64>() as f64;
    sum.max(1.0)
}

/// Whether one list names both rows.
pub(crate) fn one_list(frame: &Frame, a: u32, b: u32) -> bool {
    match (frame.list.get(a as usize), frame.list.get(b as usize)) {
        (Some(x), Some(y)) => *x != 0 && x == y,
        _ => false,
    }
}

/// The model before anything was learnt.
fn start(comparisons: &Comparisons, spec: &Spec, random: &Random, odds: f64) -> Model {
    let mut m: Table = Vec::new();
    for one in &comparisons.all {
        let mut shares = [0.0; LEVELS];
        let between = one.different - 1;
        // Nine in ten agree best; what is left falls off level by level.
        let mut falling = 0.08;
        for (level, share) in shares.iter_mut().enumerate().take(one.different).skip(1) {
            *share = if level == 1 { 0.88 } else { falling };
            falling *= if level == 1 { 1.0 } else { 0.5 };
        }
        shares[one.different] = if between == 0 { 1.0 } else { 0.04 };
        normalise(&mut shares, one.different);
        if one.excludes != 0 {
            shares[one.excludes] = NEVER;
        }
        m.push(shares);
    }
    let looks = spec
        .look_alikes
        .iter()
        .map(|kind| {
            comparisons
                .all
                .iter()
                .enumerate()
                .map(|(at, one)| {
                    let mut shares = random.share[at];
                    if kind.agree.contains(&at) {
                        shares = m[at];
                        if one.excludes != 0 {
                            shares[one.excludes] = random.share[at][one.excludes];
                        }
                    } else if !kind.differ.contains(&at) {
                        for (share, agree) in shares.iter_mut().zip(&m[at]) {
                            *share = 0.5 * *share + 0.5 * agree;
                        }
                    }
                    normalise(&mut shares, one.levels());
                    shares
                })
                .collect()
        })
        .collect();
    Model {
        m,
        u: random.share.clone(),
        looks,
        look_rates: vec![odds; spec.look_alikes.len()],
        prior: odds,
        ..Model::default()
    }
}

/// Two different valid ids are never one person's.
const NEVER: f64 = 1e-12;

fn normalise(shares: &mut [f64; LEVELS], levels: usize) {
    let sum: f64 = shares[1..=levels].iter().sum();
    for share in &mut shares[1..=levels] {
        *share = (*share / sum.max(1e-300)).max(1e-9);
    }
}

/// Learns `m`, the kinds of look-alikes and the prior (Fellegi and Sunter 1969; Winkler 1988; Enamorado, Fifield and
/// Imai 2019 for taking the matches back out of the random pairs).
///
/// A comparison that found a pair says nothing about itself and is left out for it. Missing values count nowhere. Cost:
/// patterns × iterations.
pub(crate) fn learn(
    comparisons: &Comparisons,
    spec: &Spec,
    random: &Random,
    sample: &Sample,
    all_pairs: f64,
    first_guess: f64,
) -> Model {
    let mut model = start(comparisons, spec, random, first_guess);
    let seen: f64 = sample.tallies.iter().map(|t| t.2).sum();
    if seen == 0.0 {
        return model;
    }
    let kinds = model.looks.len();
    for round in 0..100 {
        let zero = || vec![[0.0; LEVELS]; comparisons.all.len()];
        let (mut same, mut looks): (Counts, Vec<Counts>) = (zero(), vec![zero(); kinds]);
        let (mut matches, mut look_sums) = (0.0, vec![0.0; kinds]);
        for (pattern, free, times) in &sample.tallies {
            let mut likely = [0.0; 6];
            let strangers = product(*pattern, &model.u);
            likely[0] = model.prior * product(*pattern, &model.m);
            for (at, table) in model.looks.iter().enumerate() {
                likely[at + 1] = model.look_rates[at] * product(*pattern, table);
            }
            let sum = strangers + likely.iter().sum::<f64>();
            if sum <= 0.0 {
                continue;
            }
            let share = |at: usize| times * likely[at] / sum;
            matches += share(0);
            add(&mut same, *pattern, *free, share(0));
            for (at, (sum, counts)) in look_sums.iter_mut().zip(&mut looks).enumerate() {
                *sum += share(at + 1);
                add(counts, *pattern, *free, share(at + 1));
            }
        }
        let before = model.clone();
        for (at, one) in comparisons.all.iter().enumerate() {
            model.m[at] = shares(&same[at], &before.m[at], one.different);
            if one.excludes != 0 {
                model.m[at][one.excludes] = NEVER;
            }
            for (to, (counts, old)) in model.looks.iter_mut().zip(looks.iter().zip(&before.looks)) {
                to[at] = shares(&counts[at], &old[at], one.levels());
            }
        }
        let rate = |sum: f64| (sum / sample.rate / all_pairs).clamp(1e-14, 0.5);
        model.prior = rate(matches);
        for (to, sum) in model.look_rates.iter_mut().zip(&look_sums) {
            *to = rate(*sum);
        }
        correct(&mut model, comparisons, random);
        model.rounds = round + 1;
        let moved =
            model.m.iter().flatten().zip(before.m.iter().flatten()).map(|(a, b)| (a - b).abs());
        if moved.fold(0.0, f64::max) < 1e-5 && (model.prior / before.prior).ln().abs() < 1e-4 {
            break;
        }
    }
    let touched_always: Vec<usize> = (0..comparisons.all.len())
        .filter(|at| sample.tallies.iter().all(|(_, free, _)| free >> at & 1 == 0))
        .collect();
    model.never_free = touched_always;
    model
}

/// A level that no random pair reached counts as so many pairs.
const UNSEEN: f64 = 0.25;

/// Random pairs hold the matches that chance draws; `u` is what is left without them.
fn correct(model: &mut Model, comparisons: &Comparisons, random: &Random) {
    for (at, one) in comparisons.all.iter().enumerate() {
        for level in 1..=one.levels() {
            let seen = random.share[at][level];
            // What a sample shows less than once is not known more closely than that; equal values are counted.
            let unseen = if level == one.equal { 0.0 } else { UNSEEN / random.known[at].max(1.0) };
            let least = (0.02 * seen).max(unseen);
            model.u[at][level] =
                ((seen - model.prior * model.m[at][level]) / (1.0 - model.prior)).max(least);
        }
    }
}

fn product(pattern: Pattern, table: &Table) -> f64 {
    let mut product = 1.0;
    let mut rest = pattern.0;
    for shares in table {
        let level = (rest & 15) as usize;
        if level != 0 {
            product *= shares[level];
        }
        rest >>= 4;
    }
    product
}

fn add(counts: &mut Counts, pattern: Pattern, free: u16, times: f64) {
    for (at, counts) in counts.iter_mut().enumerate() {
        if free >> at & 1 == 1 {
            counts[pattern.level(at)] += times;
        }
    }
}

/// Shares of the levels, with what was believed before worth two pairs.
fn shares(counts: &[f64; LEVELS], before: &[f64; LEVELS], levels: usize) -> [f64; LEVELS] {
    let mut shares = *before;
    let sum: f64 = counts[1..=levels].iter().sum::<f64>() + 2.0;
    let old: f64 = before[1..=levels].iter().sum();
    for level in 1..=levels {
        shares[level] = ((counts[level] + 2.0 * before[level] / old.max(1e-300)) / sum).max(1e-7);
    }
    shares
}
