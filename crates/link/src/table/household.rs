//! A second look at pairs in doubt: are others of the two households one person, too?

use super::block::keys;
use super::resolve::Edge;
use super::spec::{Part, Spec};
use super::value::Frame;

/// Who shares a household with whom.
pub(crate) struct Households {
    width: usize,
    keys: Vec<u32>,
    /// By rule: key and row, sorted.
    rows: Vec<Vec<(u32, u32)>>,
}

/// A household larger than this is an institution.
const LARGE: usize = 16;
/// With fewer pairs of either kind nothing is learnt.
const FEW: u64 = 40;
/// The most that a household can add or take away.
const MOST: f64 = 6.0;

/// What the others of two households say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Others {
    /// One of them is in both.
    Meet,
    /// There are others on both sides, and none is in both.
    Apart,
    /// One side has none.
    Unknown,
}

impl Households {
    pub(crate) fn new(frame: &Frame, spec: &Spec) -> Self {
        let rules: Vec<Vec<&Part>> = spec.household.iter().map(|r| r.iter().collect()).collect();
        let width = rules.len();
        let keys = keys(frame, &rules);
        let rows = (0..width)
            .map(|rule| {
                let mut rows: Vec<(u32, u32)> = (0..frame.rows)
                    .map(|r| (keys[r as usize * width + rule], r))
                    .filter(|(k, _)| *k != 0)
                    .collect();
                rows.sort_unstable();
                rows
            })
            .collect();
        Self { width, keys, rows }
    }

    /// The persons who share a household with a row, its own left out; ascending.
    fn around(&self, row: u32, of: &[u32]) -> Vec<u32> {
        let mut all = Vec::new();
        for (rule, rows) in self.rows.iter().enumerate() {
            let key = self.keys[row as usize * self.width + rule];
            if key == 0 {
                continue;
            }
            let from = rows.partition_point(|(k, _)| *k < key);
            let same = rows[from..].iter().take_while(|(k, _)| *k == key).take(LARGE + 1);
            let persons: Vec<u32> = same.map(|(_, r)| of[*r as usize]).collect();
            if persons.len() <= LARGE {
                all.extend(persons.into_iter().filter(|p| *p != of[row as usize]));
            }
        }
        all.sort_unstable();
        all.dedup();
        all
    }

    fn others(&self, a: u32, b: u32, of: &[u32]) -> Others {
        let (left, right) = (self.around(a, of), self.around(b, of));
        let own = [of[a as usize], of[b as usize]];
        let meet = left.iter().any(|p| !own.contains(p) && right.binary_search(p).is_ok());
        match (left.is_empty() || right.is_empty(), meet) {
            (true, _) => Others::Unknown,
            (_, true) => Others::Meet,
            _ => Others::Apart,
        }
    }

    /// Adds to the pairs in doubt, or takes from them, what their households say; `false` if too little is known.
    ///
    /// What "meet" and "apart" are worth is learnt from the pairs that are in no doubt, above and below. `of` tells the
    /// person of each row after the first pass; `edges` are sorted, heaviest first.
    pub(crate) fn weigh(&self, edges: &mut [Edge], of: &[u32], sure: f32, never: f32) -> bool {
        let mut counts = [[0_u64; 2]; 2];
        let certain = edges.iter().take_while(|e| e.weight >= sure);
        let hopeless = edges.iter().rev().take_while(|e| e.weight <= never);
        for (which, pairs) in
            [(0, certain.take(20_000).collect::<Vec<_>>()), (1, hopeless.take(20_000).collect())]
        {
            for edge in pairs {
                match self.others(edge.a, edge.b, of) {
                    Others::Meet => counts[which][0] += 1,
                    Others::Apart => counts[which][1] += 1,
                    Others::Unknown => {}
                }
            }
        }
        if counts.iter().any(|c| c[0] + c[1] < FEW) {
            return false;
        }
        #[expect(clippy::cast_precision_loss, reason = "at most 20 000 pairs")]
        let share = |which: usize, level: usize| {
            let [meet, apart] = counts[which];
            (counts[which][level] as f64 + 0.5) / ((meet + apart) as f64 + 1.0)
        };
        let adds =
            [0, 1].map(|level| (share(0, level) / share(1, level)).log2().clamp(-MOST, MOST));
        for edge in edges.iter_mut().filter(|e| e.weight < sure && e.weight > never) {
            let add = match self.others(edge.a, edge.b, of) {
                Others::Meet => adds[0],
                Others::Apart => adds[1],
                Others::Unknown => continue,
            };
            edge.weight = super::single(f64::from(edge.weight) + add);
        }
        true
    }
}
