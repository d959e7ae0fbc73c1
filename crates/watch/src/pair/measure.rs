/// Of fewer children nothing is said: a mean of a few is chance, and tells who they are.
pub const LEAST: usize = 10;

/// What changed between before and after for the same children, with the interval of its mean.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Measured {
    /// Children of whom both values are on file.
    pub children: usize,
    /// Mean difference, after less before.
    pub mean: f64,
    /// Lower end of the 95 % interval.
    pub low: f64,
    /// Upper end.
    pub high: f64,
}

/// Attendance, marks or well-being before and after; `None` with fewer than [`LEAST`] children, of whom nothing can be said.
///
/// It says what changed, not that pairing changed it: there is no group without.
///
/// Source: the paired mean with Student's quantile, by the expansion of Cornish and Fisher (Abramowitz and Stegun 26.7.5).
pub fn measured(before: &[Option<f64>], after: &[Option<f64>]) -> Option<Measured> {
    let of = Sample::of(before.iter().zip(after).filter_map(|(a, b)| Some((*b)? - (*a)?)))?;
    let half = quantile(of.n - 1.0) * (of.variance / of.n).sqrt();
    Some(Measured {
        children: of.children,
        mean: of.mean,
        low: of.mean - half,
        high: of.mean + half,
    })
}

/// How much more changed for some than for others: the difference of the mean differences, `None` with fewer than [`LEAST`] on
/// either side. The others are no group drawn by lot, so that it still does not say what caused it. `children` are the first.
///
/// Source: Welch 1947, with the degrees of freedom of Satterthwaite.
pub fn between(some: &[f64], others: &[f64]) -> Option<Measured> {
    let (a, b) = (Sample::of(some.iter().copied())?, Sample::of(others.iter().copied())?);
    let (va, vb) = (a.variance / a.n, b.variance / b.n);
    let mean = a.mean - b.mean;
    let freedom = (va + vb) * (va + vb) / (va * va / (a.n - 1.0) + vb * vb / (b.n - 1.0));
    let half = if va + vb > 0.0 { quantile(freedom) * (va + vb).sqrt() } else { 0.0 };
    Some(Measured { children: a.children, mean, low: mean - half, high: mean + half })
}

struct Sample {
    children: usize,
    n: f64,
    mean: f64,
    variance: f64,
}

impl Sample {
    #[expect(clippy::cast_precision_loss, reason = "far fewer than 2⁵² children")]
    fn of(values: impl Iterator<Item = f64>) -> Option<Self> {
        let values: Vec<f64> = values.collect();
        let children = values.len();
        if children < LEAST {
            return None;
        }
        let n = children as f64;
        let mean = values.iter().sum::<f64>() / n;
        let variance = values.iter().map(|d| (d - mean) * (d - mean)).sum::<f64>() / (n - 1.0);
        Some(Self { children, n, mean, variance })
    }
}

/// Student's quantile of 97.5 %.
fn quantile(freedom: f64) -> f64 {
    let (z, v): (f64, f64) = (1.959_964, freedom);
    z + (z.powi(3) + z) / (4.0 * v)
        + (5.0 * z.powi(5) + 16.0 * z.powi(3) + 3.0 * z) / (96.0 * v * v)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_few_say_nothing_and_the_same_change_is_no_difference() {
        let few = [1.0; 9];
        assert_eq!(between(&few, &[1.0; 40]), None);
        assert_eq!(between(&[1.0; 40], &few), None);
        let same = between(&[1.0; 10], &[1.0; 12]).unwrap();
        assert_eq!((same.children, same.mean, same.low, same.high), (10, 0.0, 0.0, 0.0));
        let several: Vec<f64> = (0..40).map(|n| f64::from(n % 5)).collect();
        let others: Vec<f64> = (0..40).map(|n| f64::from(n % 5) - 1.0).collect();
        let found = between(&several, &others).unwrap();
        assert!((found.mean - 1.0).abs() < 1e-12 && found.low > 0.3 && found.high < 1.7);
    }
}
