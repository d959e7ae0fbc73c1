//! Children by village and grade, years ahead, with intervals.
//!
//! Each year a grade is last year's grade below times a ratio: who moves in or away, repeats or stays out. A village's own
//! ratio is drawn towards the county's, the more the fewer children it rests on (grade progression with empirical-Bayes
//! shrinkage, the weight from how much villages differ beyond chance). Intervals grow with the years: chance among few children,
//! and what ratios were off by in the past.

/// Children of one village, year after year.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct History {
    /// `years[year][grade]`, oldest first; grade 0 enters next.
    pub years: Vec<Vec<u32>>,
    /// Children who will enter grade 0 in the years ahead, from births on file, taken as they are; as many years as are asked
    /// for.
    pub entering: Vec<u32>,
}

/// Children expected, with an interval.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Expected {
    /// The middle.
    pub children: f64,
    /// Nine of ten times no fewer and no more than these.
    pub low: f64,
    /// See `low`.
    pub high: f64,
}

/// `forecast[village][year ahead][grade]`.
pub type Forecast = Vec<Vec<Vec<Expected>>>;

/// Children of each village and grade for as many years as births are on file.
///
/// Villages without a year of history, or whose grades differ in number from the first one's, get no years.
pub fn forecast(villages: &[History]) -> Forecast {
    let grades = villages.iter().find_map(|v| v.years.first()).map_or(0, Vec::len);
    let usable = |v: &History| !v.years.is_empty() && v.years.iter().all(|y| y.len() == grades);
    let county: Vec<Ratio> = (0..grades.saturating_sub(1))
        .map(|grade| Ratio::of(villages.iter().filter(|v| usable(v)), grade))
        .collect();
    villages.iter().map(|v| if usable(v) { ahead(v, &county) } else { Vec::new() }).collect()
}

/// How one grade becomes the next in the whole county.
#[derive(Clone, Copy, Debug)]
struct Ratio {
    /// Children next year for each child this year.
    mean: f64,
    /// How many children of a village count as much as the county does.
    weight: f64,
    /// Variance of a village's count for each expected child: one where only chance is at work.
    spread: f64,
    /// Variance of the county's ratio from year to year.
    drift: f64,
}

impl Ratio {
    fn of<'a>(villages: impl Iterator<Item = &'a History> + Clone, grade: usize) -> Self {
        let pairs = move |v: &'a History| {
            v.years.windows(2).map(move |w| (f64::from(w[0][grade]), f64::from(w[1][grade + 1])))
        };
        let (mut before, mut after) = (0.0, 0.0);
        let mut by_year: Vec<(f64, f64)> = Vec::new();
        for village in villages.clone() {
            for (year, (b, a)) in pairs(village).enumerate() {
                before += b;
                after += a;
                if by_year.len() <= year {
                    by_year.push((0.0, 0.0));
                }
                by_year[year].0 += b;
                by_year[year].1 += a;
            }
        }
        let mean = if before > 0.0 { after / before } else { 1.0 };
        // Within villages: how counts scatter about the village's own ratio. Between: how these differ.
        let (mut scatter, mut freedom) = (0.0, 0.0);
        let (mut apart, mut counted, mut size) = (0.0, 0.0, 0.0);
        for village in villages {
            let (mut b_sum, mut a_sum, mut years) = (0.0, 0.0, 0.0_f64);
            for (b, a) in pairs(village) {
                b_sum += b;
                a_sum += a;
                years += f64::from(u8::from(b > 0.0));
            }
            if b_sum <= 0.0 {
                continue;
            }
            let own = a_sum / b_sum;
            for (b, a) in pairs(village).filter(|p| p.0 > 0.0) {
                scatter += (a - own * b).powi(2) / (mean * b).max(0.5);
            }
            freedom += (years - 1.0).max(0.0);
            apart += b_sum * (own - mean).powi(2);
            counted += 1.0;
            size += b_sum;
        }
        let spread = if freedom > 0.0 { (scatter / freedom).max(0.02) } else { 1.0 };
        // Expected of `apart` is (villages) × (spread × mean) + (between) × (children), about.
        let between =
            if size > 0.0 { ((apart - counted * spread * mean) / size).max(0.0) } else { 0.0 };
        let weight = if between > 1e-9 { spread * mean / between } else { 1e9 };
        let ratios: Vec<f64> = by_year.iter().filter(|y| y.0 > 0.0).map(|y| y.1 / y.0).collect();
        let years = ratios.len() as f64;
        let drift = if ratios.len() > 1 {
            let total: f64 = ratios.iter().map(|r| (r - mean).powi(2)).sum::<f64>() / (years - 1.0);
            // What chance among the county's children gives is no drift.
            (total - spread * mean * years / before.max(1.0)).max(0.0)
        } else {
            0.0
        };
        Self { mean, weight, spread, drift }
    }
}

fn ahead(village: &History, county: &[Ratio]) -> Vec<Vec<Expected>> {
    // The village's own ratio and the variance that is left in it.
    let ratios: Vec<(f64, f64)> = county
        .iter()
        .enumerate()
        .map(|(grade, ratio)| {
            let (mut before, mut after) = (0.0, 0.0);
            for w in village.years.windows(2) {
                before += f64::from(w[0][grade]);
                after += f64::from(w[1][grade + 1]);
            }
            let mean = (after + ratio.weight * ratio.mean) / (before + ratio.weight);
            (mean, ratio.spread * ratio.mean / (before + ratio.weight))
        })
        .collect();
    let last = village.years.last().expect("a usable village has a year");
    // Mean and variance of each grade.
    let mut now: Vec<(f64, f64)> = last.iter().map(|n| (f64::from(*n), 0.0)).collect();
    let mut years = Vec::with_capacity(village.entering.len());
    for &entering in &village.entering {
        let mut next = vec![(f64::from(entering), 0.0)];
        for (grade, (ratio, county)) in ratios.iter().zip(county).enumerate() {
            let (mean, variance) = now[grade];
            let (own, unsure) = *ratio;
            let moved = mean * own;
            let more = own * own * variance
                + county.spread * moved
                + (unsure + county.drift) * (mean * mean + variance);
            next.push((moved, more));
        }
        years.push(next.iter().map(|(mean, variance)| interval(*mean, *variance)).collect());
        now = next;
    }
    years
}

/// Nine in ten of a normal curve, to the nearest whole child, none below nought.
fn interval(mean: f64, variance: f64) -> Expected {
    // Half a child less on each side: a whole number stands for what lies within a half of it.
    let wide = (1.645 * variance.sqrt() - 0.5).max(0.0);
    Expected { children: mean, low: (mean - wide).round().max(0.0), high: (mean + wide).round() }
}

/// Classes that so many children need, and how many of them are too large if no class is added.
pub fn classes(children: f64, most_in_a_class: u32, classes_now: u32) -> (u32, u32) {
    #[expect(clippy::cast_sign_loss, reason = "not below nought")]
    let needed = (children / f64::from(most_in_a_class.max(1))).ceil().max(0.0) as u32;
    (needed, needed.saturating_sub(classes_now).min(classes_now))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::Random;

    /// A count by chance: as many of `n` as draws fall below `share`, and some more who move in.
    fn survive(random: &mut Random, n: u32, ratio: f64) -> u32 {
        let stay = ratio.min(1.0);
        let come = (ratio - 1.0).max(0.0);
        (0..n).map(|_| u32::from(random.unit() < stay) + u32::from(random.unit() < come)).sum()
    }

    /// Villages whose ratios differ a little, by the truth from which the past and the future are drawn.
    fn made(villages: usize, past: usize, future: usize) -> Vec<(History, Vec<Vec<u32>>)> {
        let mut random = Random::new(11);
        (0..villages)
            .map(|_| {
                let size = 3 + random.below(40) as u32;
                let drift = 0.9 + 0.15 * random.unit();
                let mut years = vec![vec![size; 6]];
                let mut entering = Vec::new();
                for year in 1..past + future {
                    let last = years.last().unwrap();
                    let first = size + random.below(4) as u32;
                    let mut next = vec![first];
                    for &children in &last[..5] {
                        next.push(survive(&mut random, children, drift));
                    }
                    if year >= past {
                        entering.push(first);
                    }
                    years.push(next);
                }
                let truth = years.split_off(past);
                (History { years, entering }, truth)
            })
            .collect()
    }

    #[test]
    fn five_years_on_it_is_no_worse_than_plain_ratios_and_intervals_cover() {
        let made = made(400, 8, 5);
        let histories: Vec<History> = made.iter().map(|m| m.0.clone()).collect();
        let found = forecast(&histories);
        let (mut ours, mut plain, mut inside, mut all) = (0.0, 0.0, 0.0, 0.0);
        for ((history, truth), years) in made.iter().zip(&found) {
            // Grade 5 in the fifth year has gone through five ratios.
            let wanted = f64::from(truth[4][5]);
            ours += (years[4][5].children - wanted).abs();
            plain += (plain_ratios(history) - wanted).abs();
            for (year, true_year) in years.iter().zip(truth) {
                for grade in 1..6 {
                    let wanted = f64::from(true_year[grade]);
                    inside +=
                        f64::from(u8::from((year[grade].low..=year[grade].high).contains(&wanted)));
                    all += 1.0;
                }
            }
        }
        assert!(ours < plain, "{ours} {plain}");
        let cover = inside / all;
        assert!((0.87..=0.93).contains(&cover), "{cover}");
    }

    /// What is done by hand: the village's own ratios of the last three years.
    fn plain_ratios(history: &History) -> f64 {
        let mut children = f64::from(history.entering[0]);
        let recent = &history.years[history.years.len() - 4..];
        // Who enters in the first year ahead is in grade 4 in the fifth; grade 5 comes from today's grade 0.
        children = children * 0.0 + f64::from(history.years.last().unwrap()[0]);
        for grade in 0..5 {
            let (mut before, mut after) = (0.0, 0.0);
            for w in recent.windows(2) {
                before += f64::from(w[0][grade]);
                after += f64::from(w[1][grade + 1]);
            }
            children *= if before > 0.0 { after / before } else { 1.0 };
        }
        children
    }

    #[test]
    fn nothing_to_go_by_is_no_forecast() {
        let empty = History { years: Vec::new(), entering: vec![3] };
        let one = History { years: vec![vec![4, 5]], entering: vec![3] };
        let found = forecast(&[empty, one]);
        assert!(found[0].is_empty());
        // No ratio is known: nobody comes or goes.
        assert!((found[1][0][1].children - 4.0).abs() < 1e-9);
    }

    #[test]
    fn classes_follow_children() {
        assert_eq!(classes(91.0, 45, 2), (3, 1));
        assert_eq!(classes(0.0, 45, 2), (0, 0));
    }
}
