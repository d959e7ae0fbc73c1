//! Makes people and vacancies from a seed, or reads them, matches them both ways, has the checker look at it and prints what
//! it took, for `bench/labour/run.py`.
//!
//! usage: jobs [--people 5000] [--vacancies 3000] [--candidates 30] [--seed 1] [--write FILE]
//!
//! FILE gets a line `people vacancies`, a line of seats, then for each person a line of `vacancy:points`.
#![expect(clippy::print_stdout, reason = "this is a program")]
#![expect(
    clippy::cast_possible_truncation,
    clippy::cast_possible_wrap,
    reason = "numbers of a made county are small"
)]

use std::fmt::Write as _;
use std::time::Instant;

use fujiao_plan::check::{self, Said, Wanted};
use fujiao_plan::jobs::{Aim, Candidate, best, stable};

struct Random(u64);

impl Random {
    /// Splitmix64.
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn below(&mut self, n: u64) -> u64 {
        ((u128::from(self.next()) * u128::from(n)) >> 64) as u64
    }
}

fn argument(name: &str, default: u64) -> u64 {
    let mut all = std::env::args().skip_while(|a| a != name);
    all.nth(1).map_or(default, |text| text.parse().expect("a number"))
}

/// People and vacancies of a county: both lie on a plane, most people want what few offer.
fn made(
    people: u64,
    vacancies: u64,
    candidates: usize,
    seed: u64,
) -> (Vec<Vec<Candidate>>, Vec<u32>) {
    let mut random = Random(seed);
    let mut place = |n: u64| -> Vec<(i64, i64, i64)> {
        (0..n)
            .map(|_| {
                let trade = random.below(40).min(random.below(40));
                (random.below(600) as i64, random.below(600) as i64, trade as i64)
            })
            .collect()
    };
    let (homes, works) = (place(people), place(vacancies));
    let seats: Vec<u32> =
        (0..vacancies).map(|_| 1 + (random.below(10) / 8 * random.below(6)) as u32).collect();
    let wage: Vec<i64> = (0..vacancies).map(|_| random.below(40) as i64).collect();
    let seekers = homes.iter().map(|home| {
        let mut all: Vec<Candidate> = (0_u32..)
            .zip(works.iter().zip(&wage))
            .map(|(vacancy, (work, wage))| {
                let minutes = (home.0 - work.0).abs() + (home.1 - work.1).abs();
                let skill = (40 - 8 * (home.2 - work.2).abs()).max(0);
                Candidate {
                    vacancy,
                    person: 60 + wage - minutes / 10 + skill / 4 + random.below(10) as i64,
                    employer: skill + random.below(20) as i64,
                }
            })
            .collect();
        all.sort_by_key(|c| (-c.points(), c.vacancy));
        all.truncate(candidates);
        all
    });
    (seekers.collect(), seats)
}

fn main() {
    let (people, vacancies) = (argument("--people", 5_000), argument("--vacancies", 3_000));
    let candidates = argument("--candidates", 30) as usize;
    let (seekers, seats) = made(people, vacancies, candidates, argument("--seed", 1));
    if let Some(path) = std::env::args().skip_while(|a| a != "--write").nth(1) {
        let mut text = format!("{people} {vacancies}\n");
        let all: Vec<String> = seats.iter().map(u32::to_string).collect();
        text.push_str(&all.join(" "));
        for row in &seekers {
            text.push('\n');
            for c in row {
                write!(text, "{}:{} ", c.vacancy, c.points()).expect("a text takes all");
            }
        }
        std::fs::write(path, text).expect("the file can be written");
    }
    let wanted: Vec<Vec<Wanted>> = seekers
        .iter()
        .map(|row| {
            let of = |c: &Candidate| Wanted {
                vacancy: c.vacancy,
                person: c.person,
                employer: c.employer,
            };
            row.iter().map(of).collect()
        })
        .collect();
    let mut said = Vec::new();
    for (name, aim) in [("points", Aim::Points), ("people", Aim::People)] {
        let start = Instant::now();
        let solved = best(&seekers, &seats, aim);
        let seconds = start.elapsed().as_secs_f64();
        let plan = &solved.plan;
        let figures = Said { objective: solved.objective, bound: solved.bound };
        check::matching(
            &wanted,
            &seats,
            &plan.vacancy_of,
            (&plan.seat_is_worth, plan.bonus),
            figures,
        )
        .expect("the checker finds it best");
        said.push(format!(
            r#""{name}": {{"points": {}, "matched": {}, "seconds": {seconds:.3}, "proven": {}}}"#,
            -solved.objective,
            plan.matched(),
            solved.is_proven()
        ));
    }
    let start = Instant::now();
    let matched = stable(&seekers, &seats);
    let seconds = start.elapsed().as_secs_f64();
    check::stable(&wanted, &seats, &matched.vacancy_of)
        .expect("the checker finds no pair that breaks it");
    let points: i64 = seekers
        .iter()
        .zip(&matched.vacancy_of)
        .filter_map(|(row, has)| {
            has.and_then(|v| row.iter().find(|c| c.vacancy == v)).map(Candidate::points)
        })
        .sum();
    said.push(format!(
        r#""stable": {{"points": {points}, "matched": {}, "seconds": {seconds:.3}, "blocking_pairs": 0}}"#,
        matched.matched()
    ));
    println!("{{{}}}", said.join(", "));
}
