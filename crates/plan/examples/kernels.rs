#![allow(missing_docs, clippy::all, clippy::pedantic, clippy::print_stdout,clippy::unwrap_used, clippy::disallowed_methods, clippy::allow_attributes, clippy::allow_attributes_without_reason)]
use fujiao_plan::*;
use std::time::Instant;
fn main() {
    let args: Vec<String> = std::env::args().collect();
    let limit: f64 = args.iter().position(|a| a == "--time").map_or(60.0, |i| args[i + 1].parse().unwrap());
    let verbose = args.iter().any(|a| a == "-v");
    let p: Option<usize> = args.iter().position(|a| a == "--p").map(|i| args[i + 1].parse().unwrap());
    let file = &args[2];
    let text = std::fs::read_to_string(file).unwrap();
    let t0 = Instant::now();
    match args[1].as_str() {
        "pmedian" => {
            let m = if file.ends_with(".tsp") { read::tsplib(file, &text, read::Rounding::Floor).unwrap() } else { read::pmed(file, &text).unwrap() };
            let p = p.or(m.p).unwrap();
            let read = t0.elapsed().as_secs_f64();
            let t = Instant::now();
            let stop = || t.elapsed().as_secs_f64() > limit;
            let news = |o: f64, b: f64| if verbose { eprintln!("{:.3} {o} {b}", t.elapsed().as_secs_f64()) };
            let s = pmedian::solve(&m.costs, p, Budget::until(&stop).telling(&news)).unwrap();
            println!("{file} n {} p {p} obj {} bound {} gap {:.5}% nodes {} read {read:.2} solve {:.3}", m.costs.clients(), s.objective, s.bound, 100.0*s.optimality_gap(), s.nodes, t.elapsed().as_secs_f64());
        }
        _ => panic!(),
    }
}
