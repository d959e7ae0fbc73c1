//! Chance from a seed: the same on every machine.

/// A generator with one word of state.
///
/// Source: Steele, Lea and Flood, Fast splittable pseudorandom number generators (2014), `SplitMix64`.
#[derive(Clone, Debug)]
pub(crate) struct Random(u64);

impl Random {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed)
    }

    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut x = self.0;
        x = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        x ^ (x >> 31)
    }

    /// A place below `n`, which is above zero.
    pub(crate) fn below(&mut self, n: usize) -> usize {
        // The high half of a product: off by less than n / 2⁶⁴ from even.
        let product = u128::from(self.next()) * (n as u128);
        usize::try_from(product >> 64).expect("it is below n")
    }

    pub(crate) fn shuffle<T>(&mut self, of: &mut [T]) {
        for at in (1..of.len()).rev() {
            let other = self.below(at + 1);
            of.swap(at, other);
        }
    }

    /// True that often in 2³².
    pub(crate) fn chance(&mut self, in_2_32: u64) -> bool {
        (self.next() >> 32) < in_2_32
    }
}
