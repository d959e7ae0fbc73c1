//! Quality of providers by completion and placement: rates with intervals, and comparisons only where the intervals allow.
//! There is no ranking: of two providers either one is better by more than chance, or nothing is said.

/// What became of one provider's trainees.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tally {
    /// The provider; any number.
    pub provider: u64,
    /// Who began a course that has ended.
    pub begun: u32,
    /// Of those: who completed it.
    pub completed: u32,
    /// Of those who completed: whose days to find work are over, without the excused.
    pub looked: u32,
    /// Of those: who worked in time.
    pub placed: u32,
}

/// A share with how sure it is; shares in 0..=1.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Share {
    /// How many.
    pub of: u32,
    /// Of how many.
    pub out_of: u32,
    /// The lower end of the interval.
    pub lower: f64,
    /// The upper end.
    pub upper: f64,
    /// The share drawn towards that of all providers, the more the fewer it rests on (Beta-binomial, empirical Bayes).
    pub shrunk: f64,
}

impl Share {
    /// The plain share; `None` where it rests on nobody.
    pub fn plain(&self) -> Option<f64> {
        (self.out_of > 0).then(|| f64::from(self.of) / f64::from(self.out_of))
    }
}

/// How one provider stands.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Quality {
    /// The provider.
    pub provider: u64,
    /// 结业率
    pub completion: Share,
    /// 就业率
    pub placement: Share,
}

/// One provider is better than another by more than chance.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Better {
    /// The better one: a position.
    pub higher: usize,
    /// The other: a position.
    pub lower: usize,
    /// The interval of the difference of their shares, at a level that counts all comparisons made.
    pub difference: (f64, f64),
}

/// Rates of all providers with intervals of a `confidence` such as 0.95, in the order given.
pub fn qualities(tallies: &[Tally], confidence: f64) -> Vec<Quality> {
    let completion: Vec<(u32, u32)> = tallies.iter().map(|t| (t.completed, t.begun)).collect();
    let placement: Vec<(u32, u32)> = tallies.iter().map(|t| (t.placed, t.looked)).collect();
    let completion = shares(&completion, confidence);
    let placement = shares(&placement, confidence);
    let quality = |((tally, completion), placement): ((&Tally, Share), Share)| Quality {
        provider: tally.provider,
        completion,
        placement,
    };
    tallies.iter().zip(completion).zip(placement).map(quality).collect()
}

/// Shares with intervals: how many of how many.
///
/// Source: Wilson 1927 for the interval; the prior of the shrinkage by the method of moments (Kleinman 1973).
pub fn shares(counts: &[(u32, u32)], confidence: f64) -> Vec<Share> {
    let z = quantile(0.5 + confidence / 2.0);
    let (mean, weight) = prior(counts);
    let share = |&(of, out_of): &(u32, u32)| {
        let (lower, upper) = wilson(of, out_of, z);
        let shrunk = (f64::from(of) + mean * weight) / (f64::from(out_of) + weight);
        Share { of, out_of, lower, upper, shrunk }
    };
    counts.iter().map(share).collect()
}

/// Which providers are better than which, of all pairs, with the chance of one false word about any pair at most
/// 1 − `confidence` (Bonferroni). Those that rest on nobody are compared with nobody.
///
/// Source: the interval of a difference by Newcombe 1998, method 10.
pub fn compare(shares: &[Share], confidence: f64) -> Vec<Better> {
    let known: Vec<usize> = (0..shares.len()).filter(|at| shares[*at].out_of > 0).collect();
    let pairs = known.len() * known.len().saturating_sub(1) / 2;
    if pairs == 0 {
        return Vec::new();
    }
    #[expect(clippy::cast_precision_loss, reason = "pairs of providers are few")]
    let z = quantile(1.0 - (1.0 - confidence) / 2.0 / pairs as f64);
    let mut all = Vec::new();
    for (n, &a) in known.iter().enumerate() {
        for &b in &known[n + 1..] {
            let difference = newcombe(&shares[a], &shares[b], z);
            if difference.0 > 0.0 {
                all.push(Better { higher: a, lower: b, difference });
            } else if difference.1 < 0.0 {
                let difference = (-difference.1, -difference.0);
                all.push(Better { higher: b, lower: a, difference });
            }
        }
    }
    all
}

/// Wilson's interval of a share.
fn wilson(of: u32, out_of: u32, z: f64) -> (f64, f64) {
    if out_of == 0 {
        return (0.0, 1.0);
    }
    let (n, p) = (f64::from(out_of), f64::from(of) / f64::from(out_of));
    let square = z * z / n;
    let middle = (p + square / 2.0) / (1.0 + square);
    let half = z / (1.0 + square) * (p * (1.0 - p) / n + square / (4.0 * n)).sqrt();
    let (lower, upper) = ((middle - half).max(0.0), (middle + half).min(1.0));
    // At the ends rounding must not put the share outside its own interval.
    (if of == 0 { 0.0 } else { lower }, if of == out_of { 1.0 } else { upper })
}

/// The interval of the difference of two shares.
fn newcombe(a: &Share, b: &Share, z: f64) -> (f64, f64) {
    let (first, second) = (a.plain().unwrap_or(0.0), b.plain().unwrap_or(0.0));
    let ((low1, high1), (low2, high2)) = (wilson(a.of, a.out_of, z), wilson(b.of, b.out_of, z));
    let below = (first - low1).hypot(high2 - second);
    let above = (high1 - first).hypot(second - low2);
    (first - second - below, first - second + above)
}

/// Mean and weight (α + β) of the Beta that shares are drawn from; a large weight where they hardly differ.
fn prior(counts: &[(u32, u32)]) -> (f64, f64) {
    const MOST: f64 = 1e6;
    let known: Vec<(f64, f64)> = counts
        .iter()
        .filter(|c| c.1 > 0)
        .map(|&(of, out_of)| (f64::from(of) / f64::from(out_of), f64::from(out_of)))
        .collect();
    let n: f64 = known.iter().map(|k| k.1).sum();
    if n == 0.0 {
        return (0.5, 2.0);
    }
    // One half more of each kind, so that a mean is never 0 or 1.
    let mean = (known.iter().map(|(p, n)| p * n).sum::<f64>() + 0.5) / (n + 1.0);
    let groups = f64::from(u32::try_from(known.len()).expect("providers are few"));
    let spread: f64 = known.iter().map(|(p, n)| n * (p - mean).powi(2)).sum();
    let squares: f64 = known.iter().map(|(_, n)| n * n).sum();
    // E[spread] = mean(1 − mean)·((groups − 1) + (n − squares/n − groups + 1)·ρ), with ρ = 1/(weight + 1).
    let noise = mean * (1.0 - mean);
    let room = n - squares / n - (groups - 1.0);
    let rho = if room > 0.0 { (spread / noise - (groups - 1.0)) / room } else { 0.0 };
    let weight = if rho <= 0.0 { MOST } else { (1.0 / rho - 1.0).clamp(0.1, MOST) };
    (mean, weight)
}

/// The quantile of the normal distribution at `p` ≥ 1/2, to 4.5 · 10⁻⁴ (Abramowitz and Stegun, 26.2.23).
fn quantile(p: f64) -> f64 {
    let t = (-2.0 * (1.0 - p).max(1e-300).ln()).sqrt();
    let above = 2.515_517 + t * (0.802_853 + t * 0.010_328);
    let below = 1.0 + t * (1.432_788 + t * (0.189_269 + t * 0.001_308));
    t - above / below
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn near(a: f64, b: f64) {
        assert!((a - b).abs() < 1e-3, "{a} {b}");
    }

    #[test]
    fn intervals_are_those_of_the_papers() {
        near(quantile(0.975), 1.95996);
        near(quantile(0.9995), 3.29053);
        // Newcombe 1998 (Statistics in Medicine 17, 857), table I: 81/263, method 3 (score).
        let share = shares(&[(81, 263)], 0.95)[0];
        near(share.lower, 0.2553);
        near(share.upper, 0.3662);
        let share = shares(&[(0, 20)], 0.95)[0];
        near(share.lower, 0.0);
        near(share.upper, 0.1611);
        // The same, 17, 873, table II: 56/70 against 48/80, method 10.
        let (a, b) = (shares(&[(56, 70)], 0.95)[0], shares(&[(48, 80)], 0.95)[0]);
        let (lower, upper) = newcombe(&a, &b, 1.959_96);
        near(lower, 0.0524);
        near(upper, 0.3339);
    }

    #[test]
    fn nothing_is_said_where_chance_would_do() {
        let all = shares(&[(9, 10), (7, 10), (90, 100), (55, 100), (0, 0)], 0.95);
        let said: Vec<(usize, usize)> =
            compare(&all, 0.95).iter().map(|b| (b.higher, b.lower)).collect();
        assert_eq!(said, [(2, 3)]);
        assert_eq!(all[4].plain(), None);
        assert_eq!((all[4].lower, all[4].upper), (0.0, 1.0));
    }

    #[test]
    fn few_trainees_are_drawn_towards_all() {
        let all = shares(&[(3, 3), (160, 200), (100, 200), (60, 200)], 0.95);
        assert!(all[0].shrunk < 0.9 && all[0].shrunk > 0.5, "{}", all[0].shrunk);
        assert!(all[1].shrunk < 0.8 && all[1].shrunk > 0.78, "{}", all[1].shrunk);
    }

    proptest! {
        #[test]
        fn a_share_lies_in_its_interval(
            counts in prop::collection::vec((0..200_u32, 0..200_u32), 1..8),
        ) {
            let counts: Vec<(u32, u32)> = counts.iter().map(|&(a, b)| (a.min(b), b)).collect();
            for share in shares(&counts, 0.95) {
                if let Some(plain) = share.plain() {
                    prop_assert!(share.lower <= plain && plain <= share.upper);
                }
                prop_assert!((0.0..=1.0).contains(&share.shrunk));
            }
        }

        /// Nobody is better than who is better than they.
        #[test]
        fn words_about_providers_make_no_circle(
            counts in prop::collection::vec((0..300_u32, 1..300_u32), 2..7),
        ) {
            let counts: Vec<(u32, u32)> = counts.iter().map(|&(a, b)| (a.min(b), b)).collect();
            let shares = shares(&counts, 0.95);
            for better in compare(&shares, 0.95) {
                prop_assert!(shares[better.higher].plain() > shares[better.lower].plain());
            }
        }
    }
}
