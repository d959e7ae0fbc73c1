//! Which pairs are looked at.

use rayon::prelude::*;

use super::spec::{Part, PartOf, Spec};
use super::value::Frame;
use crate::mention::mix;

/// Which pairs count.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Which {
    /// Only pairs across this row: one before it, one from it on. 0: any pair.
    pub(crate) across: u32,
    /// Only pairs with a row from here on.
    pub(crate) from: u32,
}

impl Which {
    /// Pairs among the rows of a block, which are ascending.
    fn pairs(self, rows: &[u32]) -> u64 {
        let n = rows.len() as u64;
        if self.across > 0 {
            let left = rows.partition_point(|r| *r < self.across) as u64;
            return left * (n - left);
        }
        let old = rows.partition_point(|r| *r < self.from) as u64;
        n * n.saturating_sub(1) / 2 - old * old.saturating_sub(1) / 2
    }

    /// All pairs there are among so many rows.
    pub(crate) fn all(self, rows: u32) -> f64 {
        let (n, across) = (f64::from(rows), f64::from(self.across));
        if self.across > 0 { across * (n - across) } else { n * (n - 1.0) / 2.0 }
    }
}

/// What a blocking rule finds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RuleCount {
    /// The rule as written.
    pub rule: String,
    /// Pairs that it looks at, those of other rules included.
    pub pairs: u64,
    /// Pairs that it leaves out, in blocks that cost too much.
    pub left_out: u64,
    /// How many such blocks.
    pub blocks_left_out: u64,
    /// Rows of the largest block.
    pub largest: usize,
}

/// The blocks of every rule.
#[derive(Debug)]
pub(crate) struct Blocks {
    which: Which,
    /// Rules, the second stages behind their first.
    pub(crate) width: usize,
    /// Keys row by row; 0 is none, or a block that is left out.
    keys: Vec<u32>,
    rules: Vec<RuleBlocks>,
    /// Comparisons that each rule speaks of, as bits.
    touched: Vec<u16>,
}

#[derive(Debug, Default)]
struct RuleBlocks {
    rows: Vec<u32>,
    end: Vec<u32>,
    pairs: u64,
    left_out: u64,
    blocks_left_out: u64,
    largest: usize,
    crowded: Vec<u32>,
}

/// A run of blocks of one rule, for one thread.
#[derive(Clone, Copy, Debug)]
struct Run {
    rule: usize,
    from: usize,
    to: usize,
}

/// Pairs of a run.
const RUN_PAIRS: u64 = 100_000;

impl Blocks {
    /// Sorts the rows by every rule. Cost: rows × rules.
    pub(crate) fn new(frame: &Frame, spec: &Spec, which: Which, leave_out: &[bool]) -> Self {
        let mut stages: Vec<(Vec<&Part>, Option<usize>)> = Vec::new();
        for block in &spec.blocks {
            stages.push((block.on.iter().collect(), None));
            if !block.then.is_empty() {
                let first = stages.len() - 1;
                stages.push((block.on.iter().chain(&block.then).collect(), Some(first)));
            }
        }
        let width = stages.len();
        let mut keys = keys(frame, &stages.iter().map(|(p, _)| p.clone()).collect::<Vec<_>>());
        for (row, _) in leave_out.iter().enumerate().filter(|(_, out)| **out) {
            keys[row * width..(row + 1) * width].fill(0);
        }
        let touched = stages
            .iter()
            .map(|(parts, _)| {
                let bits = spec
                    .comparisons
                    .iter()
                    .enumerate()
                    .filter(|(_, c)| parts.iter().any(|p| c.columns.contains(&p.column)));
                bits.fold(0, |all, (at, _)| all | 1 << at)
            })
            .collect();
        let mut rules: Vec<RuleBlocks> = Vec::new();
        rules.resize_with(width, RuleBlocks::default);
        let cap = spec.settings.block_pairs;
        let first: Vec<usize> = (0..width).filter(|s| stages[*s].1.is_none()).collect();
        let found: Vec<RuleBlocks> = first
            .par_iter()
            .map_init(Room::default, |room, rule| {
                let key = |r: u32| keys[r as usize * width + rule];
                let sieve = Sieve::new((which.from..frame.rows).map(key), which.from > 0);
                let keyed =
                    (0..frame.rows).map(|r| (key(r), r)).filter(|(k, _)| sieve.may_hold(*k));
                RuleBlocks::of(keyed, which, cap, room)
            })
            .collect();
        for (rule, blocks) in first.into_iter().zip(found) {
            for row in &blocks.crowded {
                keys[*row as usize * width + rule] = 0;
            }
            rules[rule] = blocks;
        }
        for second in (0..width).filter(|s| stages[*s].1.is_some()) {
            // Only the rows that the first stage found too crowded are looked at again.
            let before = stages[second].1.expect("a second stage has a first");
            let crowded = std::mem::take(&mut rules[before].crowded);
            rules[before].left_out = 0;
            rules[before].blocks_left_out = 0;
            let mut is_crowded = vec![false; frame.rows as usize];
            for row in &crowded {
                is_crowded[*row as usize] = true;
            }
            for (row, crowded) in is_crowded.iter().enumerate() {
                if !crowded {
                    keys[row * width + second] = 0;
                }
            }
            let blocks = RuleBlocks::of(
                crowded.iter().map(|r| (keys[*r as usize * width + second], *r)),
                which,
                cap,
                &mut Room::default(),
            );
            for row in &blocks.crowded {
                keys[*row as usize * width + second] = 0;
            }
            rules[second] = blocks;
        }
        for rule in &mut rules {
            rule.crowded = Vec::new();
        }
        Self { which, width, keys, rules, touched }
    }

    /// Pairs of all rules, those that several find counted as often.
    pub(crate) fn pairs(&self) -> u64 {
        self.rules.iter().map(|r| r.pairs).sum()
    }

    /// What each rule of the spec finds.
    pub(crate) fn counts(&self, spec: &Spec) -> Vec<RuleCount> {
        let mut counts = Vec::new();
        let mut at = 0;
        for block in &spec.blocks {
            let mut count = RuleCount {
                rule: block.to_string(),
                pairs: 0,
                left_out: 0,
                blocks_left_out: 0,
                largest: 0,
            };
            for _ in 0..=usize::from(!block.then.is_empty()) {
                let rule = &self.rules[at];
                count.pairs += rule.pairs;
                count.left_out += rule.left_out;
                count.blocks_left_out += rule.blocks_left_out;
                count.largest = count.largest.max(rule.largest);
                at += 1;
            }
            counts.push(count);
        }
        counts
    }

    /// Calls `one` for every pair once, and gives back what each run of blocks gathered, in order.
    pub(crate) fn each<T: Default + Send>(&self, one: impl Fn(&mut T, u32, u32) + Sync) -> Vec<T> {
        let runs: Vec<Run> = (0..self.width).flat_map(|rule| self.runs(rule)).collect();
        runs.par_iter()
            .map(|run| {
                let mut gathered = T::default();
                let rule = &self.rules[run.rule];
                for block in run.from..run.to {
                    let start = if block == 0 { 0 } else { rule.end[block - 1] as usize };
                    self.block(
                        run.rule,
                        &rule.rows[start..rule.end[block] as usize],
                        &mut |a, b| {
                            one(&mut gathered, a, b);
                        },
                    );
                }
                gathered
            })
            .collect()
    }

    fn block(&self, rule: usize, rows: &[u32], one: &mut impl FnMut(u32, u32)) {
        let across = rows.partition_point(|r| *r < self.which.across);
        let old = rows.partition_point(|r| *r < self.which.from);
        for (at, b) in rows.iter().enumerate() {
            let partners = if self.which.across > 0 {
                if at < across {
                    continue;
                }
                &rows[..across]
            } else if at < old {
                continue;
            } else {
                &rows[..at]
            };
            let keys_b = self.keys_of(*b);
            for a in partners {
                let keys_a = self.keys_of(*a);
                let before = keys_a[..rule].iter().zip(&keys_b[..rule]);
                if !before.into_iter().any(|(x, y)| x == y && *x != 0) {
                    one(*a, *b);
                }
            }
        }
    }

    fn runs(&self, rule: usize) -> Vec<Run> {
        let blocks = &self.rules[rule];
        let (mut runs, mut from, mut pairs, mut start) = (Vec::new(), 0, 0, 0);
        for (at, end) in blocks.end.iter().enumerate() {
            pairs += self.which.pairs(&blocks.rows[start..*end as usize]);
            start = *end as usize;
            if pairs >= RUN_PAIRS || at + 1 == blocks.end.len() {
                runs.push(Run { rule, from, to: at + 1 });
                (from, pairs) = (at + 1, 0);
            }
        }
        runs
    }

    fn keys_of(&self, row: u32) -> &[u32] {
        let from = row as usize * self.width;
        &self.keys[from..from + self.width]
    }

    /// The comparisons that some rule which finds this pair says nothing about, as bits.
    pub(crate) fn free(&self, a: u32, b: u32) -> u16 {
        let keys = self.keys_of(a).iter().zip(self.keys_of(b)).zip(&self.touched);
        keys.filter(|((x, y), _)| x == y && **x != 0).fold(0, |free, (_, touched)| free | !touched)
    }
}

impl RuleBlocks {
    fn of(
        keyed: impl Iterator<Item = (u32, u32)>,
        which: Which,
        cap: u64,
        room: &mut Room,
    ) -> Self {
        let Room { all, other } = room;
        all.clear();
        all.extend(keyed.filter(|(k, _)| *k != 0).map(|(k, r)| u64::from(k) << 32 | u64::from(r)));
        radix_sort(all, other);
        let mut rule = Self::default();
        let row = |n: u64| u32::try_from(n & 0xffff_ffff).expect("32 bits");
        let mut members: Vec<u32> = Vec::new();
        let several =
            || all.chunk_by(|a, b| a >> 32 == b >> 32).map(<[u64]>::len).filter(|n| *n > 1);
        rule.rows.reserve_exact(several().sum());
        rule.end.reserve_exact(several().count());
        for block in all.chunk_by(|a, b| a >> 32 == b >> 32).filter(|b| b.len() > 1) {
            members.clear();
            members.extend(block.iter().map(|n| row(*n)));
            let pairs = which.pairs(&members);
            rule.largest = rule.largest.max(members.len());
            if pairs == 0 {
                continue;
            }
            if pairs > cap {
                rule.left_out += pairs;
                rule.blocks_left_out += 1;
                rule.crowded.extend_from_slice(&members);
            } else {
                rule.pairs += pairs;
                rule.rows.extend_from_slice(&members);
                rule.end.push(u32::try_from(rule.rows.len()).expect("rows are counted in 32 bits"));
            }
        }
        rule
    }
}

/// Tells which keys no new row has, so that old rows alone are not sorted.
struct Sieve(Vec<u64>);

impl Sieve {
    const BITS: u32 = 1 << 20;

    fn new(new: impl Iterator<Item = u32>, needed: bool) -> Self {
        if !needed {
            return Self(Vec::new());
        }
        let mut bits = vec![0; Self::BITS as usize / 64];
        for key in new {
            let at = key % Self::BITS;
            bits[at as usize / 64] |= 1 << (at % 64);
        }
        Self(bits)
    }

    fn may_hold(&self, key: u32) -> bool {
        let at = key % Self::BITS;
        self.0.get(at as usize / 64).is_none_or(|b| b >> (at % 64) & 1 == 1)
    }
}

/// What sorting needs, used again for the next rule.
#[derive(Default)]
struct Room {
    all: Vec<u64>,
    other: Vec<u64>,
}

/// Sorts by the upper half, keeping the order of equal ones: three passes of eleven bits.
fn radix_sort(all: &mut Vec<u64>, other: &mut Vec<u64>) {
    other.clear();
    other.resize(all.len(), 0);
    for shift in [32, 43, 54] {
        let digit = |n: u64| usize::try_from(n >> shift & 0x7ff).expect("eleven bits");
        let mut starts = [0_usize; 2048];
        for n in all.iter() {
            starts[digit(*n)] += 1;
        }
        let mut sum = 0;
        for start in &mut starts {
            sum += std::mem::replace(start, sum);
        }
        for n in all.iter() {
            let at = &mut starts[digit(*n)];
            other[*at] = *n;
            *at += 1;
        }
        std::mem::swap(all, other);
    }
}

/// Keys of several rules row by row; 0 where a part is missing.
///
/// Thirty-two bits are enough: two keys that meet by chance only cost a comparison.
pub(crate) fn keys(frame: &Frame, rules: &[Vec<&Part>]) -> Vec<u32> {
    let mut needed: Vec<(usize, PartOf)> = Vec::new();
    let places: Vec<Vec<usize>> = rules
        .iter()
        .map(|parts| {
            parts
                .iter()
                .map(|part| {
                    let one = (frame.slot_of_part(part), part.of);
                    needed.iter().position(|n| *n == one).unwrap_or_else(|| {
                        needed.push(one);
                        needed.len() - 1
                    })
                })
                .collect()
        })
        .collect();
    let hashes: Vec<Vec<u32>> = needed
        .par_iter()
        .map(|(slot, of)| {
            let values = u32::try_from(frame.slots[*slot].count.len()).expect("values fit 32 bits");
            (0..values)
                .map(|v| match frame.part_hash(*slot, *of, v) {
                    0 => 0,
                    h => u32::try_from(h >> 32).expect("32 bits").max(1),
                })
                .collect()
        })
        .collect();
    let width = rules.len();
    let mut keys = vec![0; frame.rows as usize * width];
    keys.par_chunks_mut(width.max(1) * 4096).enumerate().for_each(|(chunk, keys)| {
        let mut parts = vec![0; needed.len()];
        for (at, keys) in keys.chunks_mut(width.max(1)).enumerate() {
            let row = u32::try_from(chunk * 4096 + at).expect("rows are counted in 32 bits");
            let cells = frame.row(row);
            for (part, ((slot, _), hash)) in parts.iter_mut().zip(needed.iter().zip(&hashes)) {
                *part = hash[cells[*slot] as usize];
            }
            for (key, places) in keys.iter_mut().zip(&places) {
                let mut all = 0x51_u64;
                for place in places {
                    if parts[*place] == 0 {
                        all = 0;
                        break;
                    }
                    all = mix(all ^ u64::from(parts[*place]));
                }
                if all != 0 {
                    *key = u32::try_from(all >> 32).expect("32 bits").max(1);
                }
            }
        }
    });
    keys
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn sorting_is_sorting(mut all in proptest::collection::vec(any::<u64>(), 0..300)) {
            let mut want = all.clone();
            want.sort_by_key(|n| n >> 32);
            radix_sort(&mut all, &mut Vec::new());
            prop_assert_eq!(all, want);
        }
    }
}
