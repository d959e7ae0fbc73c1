//! Places pupils at schools from a file of `bench/peers/gen_assign.py` and prints what it took, for `bench/plan/run.py`.
//!
//! usage: assign FILE.bin
#![expect(clippy::print_stdout, reason = "this is a program")]

use std::time::Instant;

use fujiao_plan::transport::Transport;

/// What one pupil without a school costs, as the peers have it.
const UNPLACED: i64 = 1_000_000;

fn main() {
    let path = std::env::args().nth(1).expect("usage: assign FILE.bin");
    let bytes = std::fs::read(&path).expect("a file of gen_assign.py");
    let long = |at: usize| i64::from_le_bytes(bytes[at..at + 8].try_into().expect("8 bytes"));
    let short = |at: usize| i32::from_le_bytes(bytes[at..at + 4].try_into().expect("4 bytes"));
    let size = |at: usize| usize::try_from(long(at)).expect("a count");
    let (pupils, schools, candidates) = (size(0), size(8), size(16));
    let school_at = 24 + 8 * schools;
    let cost_at = school_at + 4 * pupils * candidates;

    let start = Instant::now();
    let mut capacity: Vec<i64> = (0..schools).map(|s| long(24 + 8 * s)).collect();
    capacity.push(long(0));
    let nowhere = u32::try_from(schools).expect("a count");
    let mut transport = Transport::new(capacity);
    transport.reserve(pupils, pupils * (candidates + 1));
    for pupil in 0..pupils {
        let given = (pupil * candidates..(pupil + 1) * candidates).map(|at| {
            let school = u32::try_from(short(school_at + 4 * at)).expect("a school");
            (school, i64::from(short(cost_at + 4 * at)))
        });
        transport.push(1, given.chain([(nowhere, UNPLACED)]));
    }
    let build_s = start.elapsed().as_secs_f64();
    let start = Instant::now();
    let placement = transport.solve().expect("nobody has to be placed");
    let solve_s = start.elapsed().as_secs_f64();
    println!(
        r#"{{"objective": {}, "build_s": {build_s:.3}, "solve_s": {solve_s:.3}}}"#,
        placement.cost
    );
}
