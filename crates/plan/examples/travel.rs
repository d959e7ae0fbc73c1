//! Times minutes from 2 000 villages to 300 schools on made roads of 150 000 nodes, for `bench/plan/run.py`.
//!
//! usage: travel [ROADS.osm.pbf]
#![expect(clippy::print_stdout, reason = "this is a program")]

use std::time::Instant;

use fujiao_plan::travel::{Assumptions, Mode, Roads, Spot, Stretch, minutes, roads_from_pbf};

/// Junctions along one side of the made grid, some 600 m apart.
const SIDE: u32 = 130;
/// Bends between two junctions.
const BENDS: u32 = 4;

fn main() {
    let roads = std::env::args().nth(1).map_or_else(made, |path| {
        let bytes = std::fs::read(&path).expect("a file");
        let start = Instant::now();
        let speed = |kind: &str| (!matches!(kind, "footway" | "path" | "steps")).then_some(30.0);
        let roads = roads_from_pbf(&path, &bytes, &speed).expect("an .osm.pbf");
        println!(r#"{{"read_s": {:.3}}}"#, start.elapsed().as_secs_f64());
        roads
    });
    let spread = |count: usize, step: usize| -> Vec<Spot> {
        (0..count).map(|n| roads.nodes[n * step % roads.nodes.len()]).collect()
    };
    let (villages, schools) = (spread(2_000, 7_919), spread(300, 104_729));
    let assumptions = Assumptions { detour: 1.3, reach_m: 2_000.0, vehicle_km_h: 20.0 };
    for (name, mode) in [("foot", Mode::Foot), ("road", Mode::Road)] {
        let start = Instant::now();
        let travel = minutes(&villages, &schools, &roads, mode, assumptions);
        let solve_s = start.elapsed().as_secs_f64();
        println!(
            r#"{{"mode": "{name}", "nodes": {}, "stretches": {}, "guessed": {:.4}, "solve_s": {solve_s:.3}}}"#,
            roads.nodes.len(),
            roads.stretches.len(),
            travel.guessed(),
        );
    }
}

/// A grid in hills, each side of a square bent four times, in which every third road carries vehicles.
fn made() -> Roads {
    let spot = |x: f64, y: f64| Spot {
        longitude: 108.0 + x * 0.006,
        latitude: 33.0 + y * 0.006,
        height_m: Some(900.0 + 200.0 * (x / 5.0).sin() * (y / 4.0).cos()),
    };
    let mut roads = Roads::default();
    for row in 0..SIDE {
        for column in 0..SIDE {
            roads.nodes.push(spot(f64::from(column), f64::from(row)));
        }
    }
    let mut join = |from: u32, to: u32, (x, y): (f64, f64), across: bool, speed: Option<f64>| {
        let mut last = from;
        for bend in 1..=BENDS {
            let part = f64::from(bend) / f64::from(BENDS + 1);
            let aside = 0.08 * f64::from(bend % 2);
            let at = if across { (x + part, y + aside) } else { (x + aside, y + part) };
            let node = u32::try_from(roads.nodes.len()).expect("some hundred thousand");
            roads.nodes.push(spot(at.0, at.1));
            roads.stretches.push(Stretch { from: last, to: node, vehicle_km_h: speed });
            last = node;
        }
        roads.stretches.push(Stretch { from: last, to, vehicle_km_h: speed });
    };
    for row in 0..SIDE {
        for column in 0..SIDE {
            let at = row * SIDE + column;
            let here = (f64::from(column), f64::from(row));
            let speed = |line: u32| line.is_multiple_of(3).then_some(30.0);
            if column + 1 < SIDE {
                join(at, at + 1, here, true, speed(row));
            }
            if row + 1 < SIDE {
                join(at, at + SIDE, here, false, speed(column));
            }
        }
    }
    roads
}
