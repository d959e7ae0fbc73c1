//! Forecasts of made counties beside what is done by hand: each village's own ratios of the last three years. For
//! `bench/plan/run.py`.
//!
//! Each county has its own births, moves and shocks (a factory opens, an estate takes families in, one year everybody moves),
//! none of which the forecast is told. Prints for each the mean absolute percentage error at five years of villages' primary
//! pupils, ours and by hand, and the share of single grades' counts that lie within our intervals of nine in ten.
//!
//! usage: forecast [COUNTIES]
#![expect(clippy::print_stdout, reason = "this is a program")]

use fujiao_plan::forecast::{History, forecast};

/// A stream of chance.
struct Chance(u64);

impl Chance {
    fn unit(&mut self) -> f64 {
        // xorshift64* (Vigna 2016).
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        #[expect(clippy::cast_precision_loss, reason = "53 bits")]
        let unit = (self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 11) as f64 / (1_u64 << 53) as f64;
        unit
    }

    /// How many of `n` stay, and how many come, at a ratio.
    fn move_on(&mut self, n: u32, ratio: f64) -> u32 {
        let (stay, come) = (ratio.min(1.0), (ratio - 1.0).max(0.0));
        (0..n).map(|_| u32::from(self.unit() < stay) + u32::from(self.unit() < come)).sum()
    }
}

const PAST: usize = 8;
const AHEAD: usize = 5;
const GRADES: usize = 6;

/// Villages with their past and, behind it, the years to come.
fn county(seed: u64, villages: usize) -> Vec<(History, Vec<Vec<u32>>)> {
    let mut chance = Chance(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1);
    (0..20).for_each(|_| _ = chance.unit());
    let fall = 0.97 + 0.04 * chance.unit();
    let apart = 0.02 + 0.06 * chance.unit();
    let by_year: Vec<f64> = (0..PAST + AHEAD).map(|_| 0.97 + 0.05 * chance.unit()).collect();
    (0..villages)
        .map(|_| {
            let mut size = 4.0 + 46.0 * chance.unit().powi(2);
            let own = 1.0 + apart * (2.0 * chance.unit() - 1.0) * 2.0;
            let mut years: Vec<Vec<u32>> = Vec::new();
            let mut entering = Vec::new();
            for (year, &common) in by_year.iter().enumerate() {
                size *= fall;
                let spread = 0.8 + 0.4 * chance.unit();
                #[expect(
                    clippy::cast_possible_truncation,
                    clippy::cast_sign_loss,
                    reason = "some dozens"
                )]
                let first = (size * spread).round() as u32;
                let mut next = vec![first];
                match years.last() {
                    None => next.resize(GRADES, first),
                    Some(last) => {
                        for n in &last[..GRADES - 1] {
                            next.push(chance.move_on(*n, own * common));
                        }
                    }
                }
                if year >= PAST {
                    entering.push(first);
                }
                years.push(next);
            }
            let truth = years.split_off(PAST);
            (History { years, entering }, truth)
        })
        .collect()
}

/// The village's own ratios of the last three years, grade by grade.
fn by_hand(history: &History) -> f64 {
    let recent = &history.years[history.years.len() - 4..];
    let ratio: Vec<f64> = (0..GRADES - 1)
        .map(|grade| {
            let sum = |at: usize, grade: usize| -> f64 {
                (at..at + 3).map(|y| f64::from(recent[y][grade])).sum()
            };
            let (before, after) = (sum(0, grade), sum(1, grade + 1));
            if before > 0.0 { after / before } else { 1.0 }
        })
        .collect();
    let mut now: Vec<f64> = recent[3].iter().map(|n| f64::from(*n)).collect();
    for &first in &history.entering {
        let mut next = vec![f64::from(first)];
        next.extend((0..GRADES - 1).map(|grade| now[grade] * ratio[grade]));
        now = next;
    }
    now.iter().sum()
}

fn main() {
    let counties = std::env::args().nth(1).and_then(|n| n.parse().ok()).unwrap_or(12);
    let (mut better, mut inside_all, mut counted_all) = (0, 0.0, 0.0);
    let (mut ours_all, mut hand_all) = (0.0, 0.0);
    for seed in 1..=counties {
        let made = county(seed, 180);
        let histories: Vec<History> = made.iter().map(|m| m.0.clone()).collect();
        let found = forecast(&histories);
        let (mut ours, mut hand, mut villages) = (0.0, 0.0, 0.0);
        let (mut inside, mut counted) = (0.0, 0.0);
        for ((history, truth), years) in made.iter().zip(&found) {
            let wanted: f64 = truth[AHEAD - 1].iter().map(|n| f64::from(*n)).sum();
            if wanted > 0.0 {
                let said: f64 = years[AHEAD - 1].iter().map(|e| e.children).sum();
                ours += 100.0 * (said - wanted).abs() / wanted;
                hand += 100.0 * (by_hand(history) - wanted).abs() / wanted;
                villages += 1.0;
            }
            for (year, came) in years.iter().zip(truth) {
                for grade in 1..GRADES {
                    let wanted = f64::from(came[grade]);
                    let within = (year[grade].low..=year[grade].high).contains(&wanted);
                    inside += f64::from(u8::from(within));
                    counted += 1.0;
                }
            }
        }
        let (ours, hand, cover) = (ours / villages, hand / villages, 100.0 * inside / counted);
        println!(
            r#"{{"county": {seed}, "mape_percent": {ours:.2}, "by_hand_percent": {hand:.2}, "cover_percent": {cover:.1}}}"#
        );
        better += u32::from(ours <= hand);
        ours_all += ours;
        hand_all += hand;
        inside_all += inside;
        counted_all += counted;
    }
    #[expect(clippy::cast_precision_loss, reason = "a few counties")]
    let n = counties as f64;
    println!(
        r#"{{"counties": {counties}, "no_worse_in": {better}, "mape_percent": {:.2}, "by_hand_percent": {:.2}, "cover_percent": {:.1}}}"#,
        ours_all / n,
        hand_all / n,
        100.0 * inside_all / counted_all
    );
}
