#![allow(missing_docs, clippy::all, clippy::pedantic, clippy::print_stdout,clippy::unwrap_used, clippy::disallowed_methods, clippy::allow_attributes, clippy::allow_attributes_without_reason)]
use fujiao_plan::*;
use std::time::Instant;
fn main() {
    let args: Vec<String> = std::env::args().collect();
    let limit: f64 = args.iter().position(|a| a == "--time").map_or(60.0, |i| args[i + 1].parse().unwrap());
    let verbose = args.iter().any(|a| a == "-v");
    let p: Option<usize> = args.iter().position(|a| a == "--p").map(|i| args[i + 1].parse().unwrap());
    let file = &args[2];
    let text = if args[1] == "assign" { String::new() } else { std::fs::read_to_string(file).unwrap() };
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
        "cpmp" => {
            let c = read::cpmp(file, &text, if file.contains("pmedcap") { read::Rounding::Floor } else { read::Rounding::Exact }).unwrap();
            let t = Instant::now();
            let stop = || t.elapsed().as_secs_f64() > limit;
            let news = |o: f64, b: f64| if verbose { eprintln!("{:.3} {o} {b}", t.elapsed().as_secs_f64()) };
            let s = cpmp::solve(&c, Budget::until(&stop).telling(&news)).unwrap();
            println!("{file} obj {:.3} bound {:.3} gap {:.5}% nodes {} solve {:.3}", s.objective, s.bound, 100.0*s.optimality_gap(), s.nodes, t.elapsed().as_secs_f64());
        }
        "cfl" => {
            let cap = args.iter().position(|a| a == "--cap").map(|i| args[i + 1].parse().unwrap());
            let f = read::cap(file, &text, cap).unwrap();
            let t = Instant::now();
            let stop = || t.elapsed().as_secs_f64() > limit;
            let news = |o: f64, b: f64| if verbose { eprintln!("{:.3} {o} {b}", t.elapsed().as_secs_f64()) };
            let s = cfl::solve(&f, Budget::until(&stop).telling(&news)).unwrap();
            println!("{file} obj {:.3} bound {:.3} gap {:.5}% open {} nodes {} solve {:.3}", s.objective, s.bound, 100.0*s.optimality_gap(), s.plan.open.len(), s.nodes, t.elapsed().as_secs_f64());
        }
        "mcf" => {
            let d = read::dimacs(file, &text).unwrap();
            let t = Instant::now();
            let f = d.network.solve().unwrap();
            println!("cost {} solve {:.4}", f.cost + d.fixed_cost, t.elapsed().as_secs_f64());
        }
        "assign" => {
            let b = std::fs::read(&args[3]).unwrap();
            let q = |i: usize| i64::from_le_bytes(b[8*i..8*i+8].try_into().unwrap());
            let (p, s, k) = (q(0) as usize, q(1) as usize, q(2) as usize);
            let cap: Vec<i64> = (0..s).map(|i| q(3 + i)).chain([p as i64]).collect();
            let o = 8 * (3 + s);
            let r = |o: usize, i: usize| i32::from_le_bytes(b[o+4*i..o+4*i+4].try_into().unwrap());
            let read = t0.elapsed().as_secs_f64();
            let t = Instant::now();
            let mut g = transport::Transport::new(cap);
            g.reserve(p, p * (k + 1));
            for i in 0..p { g.push(1, (0..k).map(|j| (r(o, i*k+j) as u32, r(o + 4*p*k, i*k+j) as i64)).chain([(s as u32, 1_000_000)])); }
            drop(b);
            let build = t.elapsed().as_secs_f64();
            let t = Instant::now();
            let out = g.solve().unwrap();
            println!("objective {} read {read:.2} build {build:.2} solve {:.3}", out.cost, t.elapsed().as_secs_f64());
        }
        _ => panic!(),
    }
}
