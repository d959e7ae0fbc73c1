use crate::random::Random;

/// Which fold each row is tested in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Folds {
    /// How many.
    pub n: usize,
    /// For each row its fold, below `n`.
    pub of: Vec<usize>,
}

impl Folds {
    /// Rows to learn from, and rows to test on, in the fold.
    pub fn split(&self, fold: usize) -> (Vec<usize>, Vec<usize>) {
        (0..self.of.len()).partition(|row| self.of[*row] != fold)
    }
}

/// Folds in which the event is as frequent in each, drawn by a seed.
///
/// # Panics
/// If `n` is 0.
pub fn stratified(targets: &[bool], n: usize, seed: u64) -> Folds {
    assert!(n > 0, "there is at least one fold");
    let mut random = Random::new(seed);
    let mut of = vec![0; targets.len()];
    for kind in [true, false] {
        let mut rows: Vec<usize> = (0..targets.len()).filter(|row| targets[*row] == kind).collect();
        random.shuffle(&mut rows);
        for (at, row) in rows.into_iter().enumerate() {
            of[row] = at % n;
        }
    }
    Folds { n, of }
}
