//! Makes a county's households and sessions from a seed, plans, has the checker look at it and prints what it took, for
//! `bench/labour/run.py`.
//!
//! usage: courses [--households 9000] [--sessions 60] [--capacity 45] [--each 0] [--money 45] [--time 10] [--seed 1]
//! [--write FILE]
//!
//! `--capacity`: places of a session, about; `--money`: percent of what all sessions would cost; `--each`: yuan a head.
//! FILE gets the problem as JSON.
#![expect(clippy::print_stdout, reason = "this is a program")]
#![expect(
    clippy::cast_possible_truncation,
    clippy::cast_possible_wrap,
    clippy::cast_lossless,
    reason = "numbers of a made county are small"
)]

use std::time::{Duration, Instant};

use fujiao_plan::Budget;
use fujiao_plan::check::{self, Class, HeldClass, Said};
use fujiao_plan::courses::{Candidate, Session, Terms, Weights, plan};

struct Random(u64);

impl Random {
    /// Splitmix64.
    fn below(&mut self, n: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((u128::from(z ^ (z >> 31)) * u128::from(n)) >> 64) as u64
    }

    fn of(&mut self, n: u64) -> u32 {
        self.below(n) as u32
    }
}

fn argument(name: &str, default: u64) -> u64 {
    let mut all = std::env::args().skip_while(|a| a != name);
    all.nth(1).map_or(default, |text| text.parse().expect("a number"))
}

/// Courses, rooms in towns, weeks without harvest and New Year, and households in the valleys round them.
fn made(
    households: u64,
    sessions: u64,
    capacity: u64,
    each: u32,
    seed: u64,
) -> (Vec<Session>, Vec<Vec<Candidate>>, Vec<u32>) {
    const COURSES: u64 = 12;
    let mut random = Random(seed);
    let blocked = vec![4, 5, 6, 7, 22, 23, 24, 39, 40, 41];
    let towns: Vec<(u32, u32)> = (0..9).map(|_| (random.of(240), random.of(240))).collect();
    let rooms: Vec<u32> = (0..14).map(|_| random.of(9)).collect();
    let demand: Vec<u32> = (0..COURSES).map(|_| random.of(11)).collect();
    let mut course = Vec::new();
    let all: Vec<Session> = (0..sessions)
        .map(|_| {
            let teaches = random.of(COURSES);
            course.push(teaches);
            let (first, weeks) = (1 + random.of(46), 2 + random.of(4));
            Session {
                room: random.of(14),
                weeks: (first..first + weeks).collect(),
                // Two or three can teach each course.
                teachers: (0..2 + teaches % 2).map(|n| (teaches * 2 + n * 5) % 18).collect(),
                capacity: capacity as u32 * 2 / 3 + random.of(capacity * 2 / 3),
                least: capacity as u32 / 3,
                yuan: 8_000 + weeks * 4_000 + random.of(6_000),
                yuan_each: each,
            }
        })
        .collect();
    let weights = Weights { untrained: 100, trained: 25, wish: 30, demand: 3, minutes_each_ten: 4 };
    let rows = (0..households)
        .map(|_| {
            let town = towns[random.below(9) as usize];
            let home = (
                town.0 as i64 + random.below(70) as i64 - 35,
                town.1 as i64 + random.below(70) as i64 - 35,
            );
            let untrained = random.below(10) < 6;
            let wishes = [random.of(COURSES), random.of(COURSES)];
            let mut row = Vec::new();
            for (at, session) in (0_u32..).zip(&all) {
                let there = towns[rooms[session.room as usize] as usize];
                let minutes = (home.0 - there.0 as i64).unsigned_abs()
                    + (home.1 - there.1 as i64).unsigned_abs();
                let teaches = course[at as usize];
                let wish = wishes.contains(&teaches);
                if minutes <= 120 && (wish || random.below(3) == 0) {
                    let points =
                        weights.points(untrained, wish, demand[teaches as usize], minutes as u32);
                    row.push(Candidate { session: at, points: points + random.below(7) as i64 });
                }
            }
            row
        })
        .collect();
    (all, rows, blocked)
}

fn main() {
    let capacity = argument("--capacity", 45);
    let (sessions, households, blocked) = made(
        argument("--households", 9_000),
        argument("--sessions", 60),
        capacity,
        argument("--each", 0) as u32,
        argument("--seed", 1),
    );
    let whole: u64 = sessions
        .iter()
        .map(|s| u64::from(s.yuan) + u64::from(s.yuan_each) * u64::from(s.capacity))
        .sum();
    let terms = Terms { yuan: (whole * argument("--money", 45) / 100) as i64, blocked };
    let classes: Vec<Class> = sessions
        .iter()
        .map(|s| Class {
            room: s.room,
            weeks: s.weeks.clone(),
            teachers: s.teachers.clone(),
            takes: (s.least, s.capacity),
            yuan: (s.yuan, s.yuan_each),
        })
        .collect();
    let rows: Vec<Vec<(u32, i64)>> =
        households.iter().map(|row| row.iter().map(|c| (c.session, c.points)).collect()).collect();
    if let Some(path) = std::env::args().skip_while(|a| a != "--write").nth(1) {
        let sessions: Vec<serde_json::Value> = sessions
            .iter()
            .map(|s| {
                serde_json::json!({"room": s.room, "weeks": s.weeks, "teachers": s.teachers,
                    "capacity": s.capacity, "least": s.least, "yuan": s.yuan, "yuan_each": s.yuan_each})
            })
            .collect();
        let text = serde_json::json!({"sessions": sessions, "households": rows, "yuan": terms.yuan, "blocked": terms.blocked});
        std::fs::write(path, text.to_string()).expect("the file can be written");
    }
    let limit = Duration::from_secs(argument("--time", 10));
    let start = Instant::now();
    // The last round goes on a little after the clock.
    let stop = || start.elapsed() + Duration::from_millis(700) > limit;
    let solved = plan(&sessions, &households, &terms, Budget::until(&stop));
    let seconds = start.elapsed().as_secs_f64();
    let held: Vec<HeldClass> =
        solved.plan.held.iter().map(|h| (h.session, h.teacher, h.households.clone())).collect();
    let said = Said { objective: solved.objective, bound: solved.bound };
    check::courses(&classes, &rows, (terms.yuan, &terms.blocked), &held, said)
        .expect("the checker counts the same");
    let reached: usize = held.iter().map(|h| h.2.len()).sum();
    println!(
        "{}",
        serde_json::json!({
            "candidates": rows.iter().map(Vec::len).sum::<usize>(),
            "points": -solved.objective,
            "bound": -solved.bound,
            "gap_percent": 100.0 * solved.optimality_gap(),
            "held": held.len(),
            "reached": reached,
            "nodes": solved.nodes,
            "seconds": seconds,
            "yuan": solved.plan.yuan,
            "of_yuan": terms.yuan,
        })
    );
}
