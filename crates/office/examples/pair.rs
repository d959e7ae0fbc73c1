//! How long it takes to pair a county's pupils with its mentors, proof included.
//!
//! `cargo run --release -p fujiao-office --example pair -- [PUPILS MENTORS]`

#![expect(clippy::print_stdout, reason = "an example talks to its user")]

use std::time::Instant;

use fujiao_office::pairing::best_pairs;
use fujiao_watch::pair::{Gender, Keeping, Mentor, Problem, Pupil, Rules};

/// The next of a row of numbers below `n`.
fn draw(seed: &mut u64, n: u64) -> u64 {
    *seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
    (*seed >> 33) % n
}

fn gender(female: bool) -> Gender {
    if female { Gender::Female } else { Gender::Male }
}

fn number(n: u64) -> i64 {
    i64::try_from(n).expect("a small number")
}

fn main() {
    let mut counts = std::env::args().skip(1).map(|n| n.parse::<u64>().expect("a number"));
    let (pupils, mentors) = (counts.next().unwrap_or(12_000), counts.next().unwrap_or(1_800));
    let mut seed = 7;
    let s = &mut seed;
    let pupils: Vec<Pupil> = (0..pupils)
        .map(|_| {
            let town = draw(s, 15);
            Pupil {
                school: town * 5 + draw(s, 5),
                village: number(town * 10 + draw(s, 9)),
                town: number(town),
                gender: gender(draw(s, 2) == 0),
                languages: 1 + draw(s, 3),
                subjects: draw(s, 32),
                boards: draw(s, 3) == 0,
                mentor: None,
            }
        })
        .collect();
    let mentors: Vec<Mentor> = (0..mentors)
        .map(|_| {
            let town = draw(s, 15);
            let kind = ["teacher", "teacher", "official", "volunteer"]
                [usize::try_from(draw(s, 4)).expect("it is below 4")];
            Mentor {
                kind: kind.to_owned(),
                school: (kind == "teacher").then_some(town * 5 + draw(s, 5)),
                village: Some(number(town * 10 + draw(s, 9))),
                town: Some(number(town)),
                gender: gender(draw(s, 2) == 0),
                languages: 1 + draw(s, 3),
                subjects: draw(s, 32),
                boarding_duty: draw(s, 3) == 0,
                capacity: u32::try_from(4 + draw(s, 6)).expect("a small number"),
                signed: draw(s, 50) > 0,
            }
        })
        .collect();
    let rules = Rules::builtin();
    let began = Instant::now();
    let problem = Problem::build(&rules, &pupils, &mentors, Keeping::Weighed);
    let built = began.elapsed();
    let candidates: usize = (0..problem.pupils()).map(|p| problem.candidates(p).0.len()).sum();
    let began = Instant::now();
    let (pairs, cost) = best_pairs(&problem).expect("the plan is proven");
    let left = pairs.mentor_of.iter().filter(|m| m.is_none()).count();
    println!(
        "{} pupils, {} mentors, {candidates} candidates: built in {built:.0?}, solved and proven in {:.0?}; cost {cost}, {left} without",
        pupils.len(),
        mentors.len(),
        began.elapsed()
    );
}
