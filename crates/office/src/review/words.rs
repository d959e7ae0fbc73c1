//! The decisions that stand, and what would contradict them.

use std::collections::BTreeMap;

use sha2::{Digest, Sha256};

use crate::natural_key::Hash128;

/// Two rows by their natural keys, the smaller first.
pub(super) type Pair = (Hash128, Hash128);

/// A pair, whichever row is named first.
pub(super) fn pair(a: Hash128, b: Hash128) -> Pair {
    (a.min(b), a.max(b))
}

/// What a pair is called on paper, from run to run: a letter, so that no spreadsheet takes it for a number, and twelve
/// hexadecimal digits.
pub(super) fn key_of((left, right): Pair) -> String {
    let digest = Sha256::digest([left, right].concat());
    let number = digest[..6].iter().fold(0_u64, |n, byte| n << 8 | u64::from(*byte));
    format!("K{number:012X}")
}

/// What people said that stands.
#[derive(Debug, Default)]
pub(super) struct Words(BTreeMap<Pair, bool>);

impl Words {
    /// Takes a word for said.
    pub(super) fn say(&mut self, pair: Pair, same: bool) {
        self.0.insert(pair, same);
    }

    /// What was said about this very pair.
    pub(super) fn about(&self, pair: Pair) -> Option<bool> {
        self.0.get(&pair).copied()
    }

    /// The decisions that a new one would contradict, by their keys: a = b and b = c do not go with a ≠ c. Empty if none.
    pub(super) fn against(&self, new: Pair, same: bool) -> Vec<String> {
        if self.about(new).is_some_and(|said| said != same) {
            return vec![key_of(new)];
        }
        let (left, right) = (self.one_with(new.0), self.one_with(new.1));
        if !same {
            return if left.contains_key(&new.1) { path(&left, new.1) } else { Vec::new() };
        }
        // What is joined here must not have been told apart.
        self.0
            .iter()
            .filter(|((a, b), same)| {
                !**same
                    && ((left.contains_key(a) && right.contains_key(b))
                        || (left.contains_key(b) && right.contains_key(a)))
            })
            .map(|(pair, _)| key_of(*pair))
            .collect()
    }

    /// All rows that are one with a row by what was said, each with the row from which it was reached.
    fn one_with(&self, start: Hash128) -> BTreeMap<Hash128, Hash128> {
        let mut from = BTreeMap::from([(start, start)]);
        let mut next = vec![start];
        while let Some(at) = next.pop() {
            for ((a, b), same) in &self.0 {
                let other = match (*a == at, *b == at) {
                    (true, _) => *b,
                    (_, true) => *a,
                    _ => continue,
                };
                if *same && !from.contains_key(&other) {
                    from.insert(other, at);
                    next.push(other);
                }
            }
        }
        from
    }
}

/// The decisions by which a row is one with the start.
fn path(from: &BTreeMap<Hash128, Hash128>, mut at: Hash128) -> Vec<String> {
    let mut keys = Vec::new();
    while from[&at] != at {
        keys.push(key_of(pair(at, from[&at])));
        at = from[&at];
    }
    keys
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_contradicts_is_named() {
        let row = |n: u8| [n; 16];
        let p = |a, b| pair(row(a), row(b));
        let mut words = Words::default();
        for (a, b, same) in [(1, 2, true), (2, 3, true), (4, 5, true), (3, 6, false)] {
            assert!(words.against(p(a, b), same).is_empty(), "{a} {b}");
            words.say(p(a, b), same);
        }
        let keys =
            |pairs: &[(u8, u8)]| pairs.iter().map(|(a, b)| key_of(p(*a, *b))).collect::<Vec<_>>();
        assert_eq!(words.against(p(3, 1), false), keys(&[(3, 2), (2, 1)])); // 1 = 2 = 3
        assert_eq!(words.against(p(1, 6), true), keys(&[(3, 6)])); // 1 = 3 ≠ 6
        assert_eq!(words.against(p(6, 1), true), keys(&[(3, 6)]));
        assert_eq!(words.against(p(1, 2), false), keys(&[(1, 2)]));
        assert!(words.against(p(1, 2), true).is_empty(), "said twice is no contradiction");
        assert!(
            words.against(p(1, 4), true).is_empty() && words.against(p(1, 4), false).is_empty()
        );
        assert_eq!(key_of(p(1, 2)), key_of(p(2, 1)));
    }
}
