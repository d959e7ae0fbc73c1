//! 抽查: who is asked whether the money came, and how sure the answer is.
//!
//! [`size`] follows from confidence and margin for a finite number of recipients; [`draw`] takes that many of them by a seed, so
//! that anybody can draw the same again; [`share`] is the result with its interval.

/// The standard normal quantile: `quantile(0.975)` is 1.96.
///
/// Source: Acklam's rational approximation (2003), relative error below 1.2 × 10⁻⁹.
fn quantile(p: f64) -> f64 {
    const A: [f64; 6] = [
        -39.696_830_286_653_76,
        220.946_098_424_520_5,
        -275.928_510_446_968_7,
        138.357_751_867_269,
        -30.664_798_066_147_16,
        2.506_628_277_459_239,
    ];
    const B: [f64; 5] = [
        -54.476_098_798_224_06,
        161.585_836_858_040_9,
        -155.698_979_859_886_6,
        66.801_311_887_719_72,
        -13.280_681_552_885_72,
    ];
    const C: [f64; 6] = [
        -0.007_784_894_002_430_293,
        -0.322_396_458_041_136_5,
        -2.400_758_277_161_838,
        -2.549_732_539_343_734,
        4.374_664_141_464_968,
        2.938_163_982_698_783,
    ];
    const D: [f64; 4] = [
        0.007_784_695_709_041_462,
        0.322_467_129_070_039_8,
        2.445_134_137_142_996,
        3.754_408_661_907_416,
    ];
    let along = |of: &[f64], x: f64| of.iter().fold(0.0, |sum, c| sum * x + c);
    if p < 0.024_25 {
        let q = (-2.0 * p.ln()).sqrt();
        along(&C, q) / (along(&D, q) * q + 1.0)
    } else if p > 1.0 - 0.024_25 {
        -quantile(1.0 - p)
    } else {
        let q = p - 0.5;
        let r = q * q;
        along(&A, r) * q / (along(&B, r) * r + 1.0)
    }
}

/// How sure, and within what.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Aim {
    /// 置信水平: between 0.5 and 0.999, usually 0.95.
    pub confidence: f64,
    /// 允许误差: half the width of the interval, between 0.001 and 0.5, usually 0.05.
    pub margin: f64,
}

/// Why there is no sample.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SampleError {
    /// No such confidence or margin.
    #[error("置信水平应在 0.5 到 0.999 之间，允许误差应在 0.001 到 0.5 之间")]
    Aim,
    /// More yes than answers, or more answers than people.
    #[error("回答的人比抽到的多，或抽到的比领取的多；核对抽查名单")]
    Counts,
}

fn z(confidence: f64) -> f64 {
    quantile(0.5 + confidence / 2.0)
}

/// How many of `population` recipients to ask: n₀ = z² · ¼ / margin², less for a finite population, rounded up.
///
/// Source: Cochran, Sampling Techniques (1977), 4.2 and 4.4, with the share taken as one half, which asks for most.
///
/// # Errors
/// [`SampleError::Aim`] for a confidence or margin out of range.
pub fn size(population: u64, aim: Aim) -> Result<u64, SampleError> {
    if !(0.5..=0.999).contains(&aim.confidence) || !(0.001..=0.5).contains(&aim.margin) {
        return Err(SampleError::Aim);
    }
    if population == 0 {
        return Ok(0);
    }
    #[expect(clippy::cast_precision_loss, reason = "fewer than 2⁵³ people")]
    let people = population as f64;
    let n0 = (z(aim.confidence) / aim.margin).powi(2) / 4.0;
    let n = n0 / (1.0 + (n0 - 1.0) / people);
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "between 0 and the population"
    )]
    let n = (n - 1e-9).ceil() as u64;
    Ok(n.clamp(1, population))
}

/// A generator with one word of state.
///
/// Source: Steele, Lea and Flood, Fast splittable pseudorandom number generators (2014), `SplitMix64`.
struct SplitMix(u64);

impl SplitMix {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut x = self.0;
        x = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        x ^ (x >> 31)
    }

    /// A number below `n`, each as likely as any other.
    fn below(&mut self, n: u64) -> u64 {
        // What lies above the largest multiple of `n` is drawn again.
        let most = u64::MAX - u64::MAX % n;
        loop {
            let x = self.next();
            if x < most {
                return x % n;
            }
        }
    }
}

/// `n` of the positions below `population`, in order, each set of that size as likely as any other. The same seed draws the same.
///
/// Source: Floyd's sampling algorithm (Bentley and Floyd 1987).
///
/// # Panics
/// If more are drawn than there are.
pub fn draw(population: usize, n: usize, seed: u64) -> Vec<usize> {
    assert!(n <= population, "more are drawn than there are");
    let mut random = SplitMix(seed);
    let mut drawn = std::collections::BTreeSet::new();
    for top in population - n..population {
        let at = random.below(top as u64 + 1);
        let at = usize::try_from(at).expect("it is at most a place in the list");
        if !drawn.insert(at) {
            drawn.insert(top);
        }
    }
    drawn.into_iter().collect()
}

/// What the sample says of all.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Share {
    /// The share of those asked who said yes; `None` if nobody answered.
    pub share: Option<f64>,
    /// Lower end of the interval.
    pub low: f64,
    /// Upper end.
    pub high: f64,
    /// Lower end if everybody who was not reached would have said no.
    pub low_if_silent_say_no: f64,
}

/// 结果: `yes` of `answered` answers, out of `drawn` people drawn from `population`, with the interval of Wilson.
///
/// For a finite population the sample counts as n·(N−1)/(N−n) answers; if everybody was asked the share is known.
///
/// Source: Wilson (1927); for the correction Cochran (1977), 3.4.
///
/// # Errors
/// [`SampleError`] for counts that cannot be, or a confidence out of range.
pub fn share(
    yes: u64,
    answered: u64,
    drawn: u64,
    population: u64,
    confidence: f64,
) -> Result<Share, SampleError> {
    if !(0.5..=0.999).contains(&confidence) {
        return Err(SampleError::Aim);
    }
    if yes > answered || answered > drawn || drawn > population {
        return Err(SampleError::Counts);
    }
    let (low, high) = wilson(yes, answered, population, confidence);
    let (low_if_silent_say_no, _) = wilson(yes, drawn, population, confidence);
    #[expect(clippy::cast_precision_loss, reason = "fewer than 2⁵³ people")]
    let share = (answered > 0).then(|| yes as f64 / answered as f64);
    Ok(Share { share, low, high, low_if_silent_say_no })
}

#[expect(clippy::cast_precision_loss, reason = "fewer than 2⁵³ people")]
fn wilson(yes: u64, n: u64, population: u64, confidence: f64) -> (f64, f64) {
    if n == 0 {
        return (0.0, 1.0);
    }
    let p = yes as f64 / n as f64;
    if n == population {
        return (p, p);
    }
    let n = n as f64 * (population - 1) as f64 / (population - n) as f64;
    let z2 = z(confidence).powi(2);
    let middle = (p + z2 / (2.0 * n)) / (1.0 + z2 / n);
    let half = (z2 * (p * (1.0 - p) / n + z2 / (4.0 * n * n))).sqrt() / (1.0 + z2 / n);
    ((middle - half).clamp(0.0, p), (middle + half).clamp(p, 1.0))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const USUAL: Aim = Aim { confidence: 0.95, margin: 0.05 };

    /// Values of the tables of the normal distribution.
    #[test]
    fn quantiles_are_those_of_the_tables() {
        for (p, value) in [
            (0.5, 0.0),
            (0.9, 1.281_551_6),
            (0.95, 1.644_853_6),
            (0.975, 1.959_964),
            (0.995, 2.575_829_3),
            (0.9995, 3.290_526_7),
        ] {
            assert!((quantile(p) - value).abs() < 1e-6, "{p}: {}", quantile(p));
            assert!((quantile(1.0 - p) + value).abs() < 1e-6);
        }
    }

    /// 385 for any large population at 95 % and ±5 points, 370 for ten thousand, as every handbook says.
    #[test]
    fn sizes_are_those_of_the_handbooks() {
        let of = |n| size(n, USUAL).unwrap();
        assert_eq!(
            [of(0), of(1), of(100), of(1_000), of(10_000), of(100_000_000)],
            [0, 1, 80, 278, 370, 385]
        );
        assert_eq!(size(10_000, Aim { confidence: 0.99, margin: 0.05 }), Ok(623));
        assert_eq!(size(10, Aim { confidence: 1.0, margin: 0.05 }), Err(SampleError::Aim));
    }

    /// Wilson without correction for a very large population: 10 of 10, and 81 of 263 (Newcombe 1998, table I).
    #[test]
    fn intervals_are_those_of_the_literature() {
        let near = |a: f64, b: f64| (a - b).abs() < 5e-5;
        let s = share(81, 263, 263, 1 << 50, 0.95).unwrap();
        assert!(near(s.low, 0.2553) && near(s.high, 0.3662), "{s:?}");
        let s = share(15, 148, 148, 1 << 50, 0.95).unwrap();
        assert!(near(s.low, 0.0624) && near(s.high, 0.1605), "{s:?}");
        let s = share(0, 20, 20, 1 << 50, 0.95).unwrap();
        assert!(near(s.low, 0.0) && near(s.high, 0.1611), "{s:?}");
        let s = share(1, 29, 29, 1 << 50, 0.95).unwrap();
        assert!(near(s.low, 0.0061) && near(s.high, 0.1718), "{s:?}");
    }

    #[test]
    fn who_was_not_reached_is_not_taken_for_content() {
        let s = share(90, 90, 100, 1_000, 0.95).unwrap();
        assert_eq!(s.share, Some(1.0));
        assert!(s.low > 0.95 && s.low_if_silent_say_no < 0.84, "{s:?}");
        let none = share(0, 0, 10, 1_000, 0.95).unwrap();
        assert_eq!((none.share, none.low, none.high), (None, 0.0, 1.0));
        assert_eq!(share(3, 2, 10, 100, 0.95), Err(SampleError::Counts));
        let all = share(7, 10, 10, 10, 0.95).unwrap();
        assert_eq!((all.low, all.high), (0.7, 0.7));
    }

    /// Draws of samples by many seeds: the interval covers the truth about as often as it says.
    #[test]
    fn intervals_cover_the_truth_as_often_as_they_say() {
        for (people, with) in [(500_usize, 450_usize), (2_000, 1_900), (200, 150)] {
            let n = usize::try_from(size(people as u64, USUAL).unwrap()).unwrap();
            let covered = (0..2_000)
                .filter(|seed| {
                    let yes = draw(people, n, *seed).iter().filter(|at| **at < with).count();
                    let s = share(yes as u64, n as u64, n as u64, people as u64, 0.95).unwrap();
                    #[expect(clippy::cast_precision_loss, reason = "few people")]
                    let truth = with as f64 / people as f64;
                    (s.low..=s.high).contains(&truth)
                })
                .count();
            assert!((1_860..=1_990).contains(&covered), "{people}: {covered} of 2000");
        }
    }

    #[test]
    fn everybody_is_drawn_as_often_as_anybody_else() {
        let mut times = [0_u32; 20];
        for seed in 0..20_000 {
            for at in draw(20, 5, seed) {
                times[at] += 1;
            }
        }
        // 5 000 each; the standard deviation is 61.
        assert!(times.iter().all(|t| (4_700..5_300).contains(t)), "{times:?}");
    }

    proptest! {
        #[test]
        fn a_sample_has_its_size_and_is_drawn_again_by_its_seed(people in 0_usize..400, part in 0.0..=1.0_f64, seed in any::<u64>()) {
            #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, clippy::cast_precision_loss, reason = "few people")]
            let n = (people as f64 * part) as usize;
            let drawn = draw(people, n, seed);
            prop_assert_eq!(drawn.len(), n);
            prop_assert!(drawn.windows(2).all(|w| w[0] < w[1]) && drawn.iter().all(|at| *at < people));
            prop_assert_eq!(draw(people, n, seed), drawn);
        }

        #[test]
        fn more_people_or_more_certainty_never_ask_for_fewer(people in 1_u64..1_000_000, more in 0_u64..1000, margin in 0.01..0.3_f64) {
            let size = |people, confidence, margin| super::size(people, Aim { confidence, margin }).unwrap();
            prop_assert!(size(people + more, 0.95, margin) >= size(people, 0.95, margin));
            prop_assert!(size(people, 0.99, margin) >= size(people, 0.95, margin));
            prop_assert!(size(people, 0.95, margin / 2.0) >= size(people, 0.95, margin));
        }
    }
}
