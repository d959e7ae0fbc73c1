/// A small stream of chance (`SplitMix64`, Steele, Lea and Flood 2014): the same seed and label, the same draws, on any
/// machine and in any order of work.
#[derive(Clone, Debug)]
pub(crate) struct Rng(u64);

fn mix(mut z: u64) -> u64 {
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

impl Rng {
    /// The stream of a seed and a label, so that each workbook and each step has a stream of its own.
    pub(crate) fn new(seed: u64, label: &str) -> Self {
        let mut state = mix(seed ^ 0x6a09_e667_f3bc_c908);
        for byte in label.bytes() {
            state = mix(state ^ u64::from(byte)).wrapping_add(0x9e37_79b9_7f4a_7c15);
        }
        Self(state)
    }

    /// The stream of a number that is random itself.
    pub(crate) fn of(state: u64) -> Self {
        Self(state)
    }

    /// The next 64 bits.
    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        mix(self.0)
    }

    /// 0 to `n` − 1; 0 for `n` = 0.
    pub(crate) fn below(&mut self, n: u32) -> u32 {
        u32::try_from(((self.next() >> 32) * u64::from(n)) >> 32).expect("below a u32")
    }

    /// `from` to `to`, both meant.
    pub(crate) fn between(&mut self, from: i32, to: i32) -> i32 {
        let span = u32::try_from(to.saturating_sub(from).max(0)).expect("not negative");
        from + i32::try_from(self.below(span + 1)).expect("within the span")
    }

    /// An index below `n`.
    pub(crate) fn index(&mut self, n: usize) -> usize {
        self.below(u32::try_from(n).unwrap_or(u32::MAX)) as usize
    }

    /// 0 up to, not with, 1.
    pub(crate) fn unit(&mut self) -> f64 {
        f64::from(u32::try_from(self.next() >> 32).expect("32 bits")) / 4_294_967_296.0
    }

    /// Yes with probability `p`.
    pub(crate) fn chance(&mut self, p: f64) -> bool {
        self.unit() < p
    }

    /// One of `items`, which are not none.
    pub(crate) fn pick<'a, T>(&mut self, items: &'a [T]) -> &'a T {
        &items[self.index(items.len())]
    }

    /// The first of each pair with the weight that is its second.
    pub(crate) fn weighted<T: Copy>(&mut self, items: &[(T, u32)]) -> T {
        let mut at = self.below(items.iter().map(|(_, w)| w).sum());
        for (item, weight) in items {
            if at < *weight {
                return *item;
            }
            at -= weight;
        }
        items[0].0
    }

    /// Puts `items` into a random order.
    pub(crate) fn shuffle<T>(&mut self, items: &mut [T]) {
        for i in (1..items.len()).rev() {
            let j = self.index(i + 1);
            items.swap(i, j);
        }
    }
}

/// A number of 64 bits that depends on `seed` and `key` alone: for what can be told again and need not be kept.
pub(crate) fn hash(seed: u64, key: u64) -> u64 {
    mix(mix(seed ^ 0x2545_f491_4f6c_dd1d).wrapping_add(mix(key ^ 0x9e37_79b9_7f4a_7c15)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn streams_differ_by_seed_and_label_and_repeat() {
        let draw = |seed, label| {
            let mut rng = Rng::new(seed, label);
            [rng.next(), rng.next()]
        };
        assert_eq!(draw(1, "a"), draw(1, "a"));
        assert_ne!(draw(1, "a"), draw(2, "a"));
        assert_ne!(draw(1, "a"), draw(1, "b"));
    }

    #[test]
    fn draws_are_spread_evenly() {
        let mut rng = Rng::new(7, "spread");
        let mut counts = [0_u32; 6];
        for _ in 0..60_000 {
            counts[usize::try_from(rng.between(0, 5)).unwrap()] += 1;
        }
        assert!(counts.iter().all(|n| (9_500..10_500).contains(n)), "{counts:?}");
        let share = (0..60_000).filter(|_| rng.chance(0.3)).count();
        assert!((17_500..18_500).contains(&share), "{share}");
    }
}
