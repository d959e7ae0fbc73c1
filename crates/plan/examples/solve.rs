//! Solves a problem of the literature as `fujiao solve` does, has the solution counted again, and prints what it took in one
//! line of JSON, for `bench/plan/run.py`. Built without the rest of the program.
//!
//! usage: solve pmedian|cpmp|cfl|mcf FILE [--p N] [--distance exact|floor|nearest] [--capacity N] [--time S]
//!        solve sjkc FILE.csv [--time S]      keep or merge the small schools of a country
#![expect(clippy::print_stdout, reason = "this is a program")]
#![expect(clippy::cast_possible_truncation, reason = "sites of files fit 32 bits")]

use std::sync::Mutex;
use std::time::Instant;

use fujiao_plan::check::{self, Arc, Said, Served};
use fujiao_plan::read::{self, Rounding};
use fujiao_plan::sites::{self, Form, Group, Minutes, Prices, Question, Site, Standards};
use fujiao_plan::travel::{Spot, distance_m};
use fujiao_plan::{Budget, Solved, cfl, cpmp, pmedian};
use serde_json::{Value, json};

/// What was asked on the command line.
struct Asked {
    words: Vec<String>,
}

impl Asked {
    fn value(&self, name: &str) -> Option<&str> {
        let at = self.words.iter().position(|w| w == name)?;
        self.words.get(at + 1).map(String::as_str)
    }

    fn rounding(&self, usual: Rounding) -> Rounding {
        match self.value("--distance") {
            Some("exact") => Rounding::Exact,
            Some("floor") => Rounding::Floor,
            Some("nearest") => Rounding::Nearest,
            _ => usual,
        }
    }
}

/// Objective, bound and seconds as they came.
type News = Mutex<Vec<(f64, f64, f64)>>;

fn main() {
    let asked = Asked { words: std::env::args().skip(1).collect() };
    let [kind, file] = [0, 1].map(|n| asked.words.get(n).expect("usage: solve KIND FILE").clone());
    let seconds: f64 = asked.value("--time").map_or(60.0, |s| s.parse().expect("seconds"));
    let begun = Instant::now();
    let text = std::fs::read_to_string(&file).expect("a file");
    let mut said = match kind.as_str() {
        "pmedian" => medians(&file, &text, &asked, begun, seconds),
        "cpmp" => capacitated(&file, &text, &asked, begun, seconds),
        "cfl" => facilities(&file, &text, &asked, begun, seconds),
        "mcf" => flow(&file, &text, begun),
        "sjkc" => schools(&text, begun, seconds),
        other => panic!("{other} is none of pmedian, cpmp, cfl, mcf, sjkc"),
    };
    said["kind"] = json!(kind);
    println!("{said}");
}

/// Solves within the time, with the news.
fn within<P, E: std::fmt::Debug>(
    read: Instant,
    seconds: f64,
    solve: impl FnOnce(Budget) -> Result<Solved<P>, E>,
) -> (Solved<P>, Value) {
    let read_s = read.elapsed().as_secs_f64();
    let begun = Instant::now();
    let stop = || begun.elapsed().as_secs_f64() > seconds;
    let news = News::default();
    let tell = |objective: f64, bound: f64| {
        let at = begun.elapsed().as_secs_f64();
        news.lock().expect("no teller panics").push((at, objective, bound));
    };
    let solved = solve(Budget::until(&stop).telling(&tell)).expect("a plan");
    let said = json!({
        "objective": solved.objective,
        "bound": solved.bound,
        "gap": solved.optimality_gap(),
        "proven": solved.is_proven(),
        "nodes": solved.nodes,
        "read_s": read_s,
        "solve_s": begun.elapsed().as_secs_f64(),
        "news": news.into_inner().expect("no teller panics"),
    });
    (solved, said)
}

fn wide(sites: &[u32]) -> Vec<u64> {
    sites.iter().map(|s| u64::from(*s)).collect()
}

fn of<P>(solved: &Solved<P>) -> Said {
    Said { objective: solved.objective, bound: solved.bound }
}

fn medians(file: &str, text: &str, asked: &Asked, begun: Instant, seconds: f64) -> Value {
    let is_tsplib = text.trim_start().starts_with(|c: char| c.is_ascii_alphabetic());
    let problem = if is_tsplib {
        read::tsplib(file, text, asked.rounding(Rounding::Floor))
    } else {
        read::pmed(file, text)
    };
    let problem = problem.expect("a file of the literature");
    let p = asked.value("--p").map(|p| p.parse().expect("a number")).or(problem.p).expect("--p");
    let costs = problem.costs;
    let (solved, said) = within(begun, seconds, |budget| pmedian::solve(&costs, p, budget));
    let plan = (wide(&solved.plan.open), wide(&solved.plan.site_of));
    check::medians(
        (costs.sites(), costs.clients(), p),
        &|site, client| costs.of(site as u32, client),
        None,
        (&plan.0, &plan.1),
        of(&solved),
    )
    .expect("the checker agrees");
    said
}

fn capacitated(file: &str, text: &str, asked: &Asked, begun: Instant, seconds: f64) -> Value {
    let problem = read::cpmp(file, text, asked.rounding(Rounding::Exact)).expect("a file");
    let (solved, said) = within(begun, seconds, |budget| cpmp::solve(&problem, budget));
    let plan = (wide(&solved.plan.open), wide(&solved.plan.site_of));
    check::medians(
        (problem.costs.sites(), problem.costs.clients(), problem.p),
        &|site, client| problem.costs.of(site as u32, client),
        Some((&problem.capacity, &problem.demand)),
        (&plan.0, &plan.1),
        of(&solved),
    )
    .expect("the checker agrees");
    said
}

fn facilities(file: &str, text: &str, asked: &Asked, begun: Instant, seconds: f64) -> Value {
    let capacity = asked.value("--capacity").map(|c| c.parse().expect("a number"));
    let problem = read::cap(file, text, capacity).expect("a file");
    let (solved, said) = within(begun, seconds, |budget| cfl::solve(&problem, budget));
    let served: Vec<Served> = solved
        .plan
        .served
        .iter()
        .map(|row| row.iter().map(|(s, n)| (u64::from(*s), u64::from(*n))).collect())
        .collect();
    check::facilities(
        &|site, client| problem.costs.of(site as u32, client),
        (&problem.capacity, &problem.fixed, &problem.demand),
        (&wide(&solved.plan.open), &served),
        of(&solved),
    )
    .expect("the checker agrees");
    said
}

fn flow(file: &str, text: &str, begun: Instant) -> Value {
    let problem = read::dimacs(file, text).expect("a file");
    let read_s = begun.elapsed().as_secs_f64();
    let begun = Instant::now();
    let network = &problem.network;
    let flow = network.solve().expect("a flow");
    let solve_s = begun.elapsed().as_secs_f64();
    let arcs: Vec<Arc> = (0..network.arcs())
        .map(|arc| {
            let (from, to, capacity, cost) = network.arc(arc);
            Arc { from: from as usize, to: to as usize, capacity, cost }
        })
        .collect();
    let supply: Vec<i64> = (0..network.nodes()).map(|n| network.supply(n as u32)).collect();
    let cost = check::flow(&supply, &arcs, &flow.flow, Some(&flow.potential)).expect("agreed");
    let cost = cost + problem.fixed_cost;
    json!({ "objective": cost.to_string(), "proven": true, "read_s": read_s, "solve_s": solve_s })
}

/// Malaysia's Chinese primary schools: 649 of them small. Each stays or merges into another within a bus ride; the figures are
/// those of `policies/county/plan.toml`, the country's own being unknown to us.
fn schools(text: &str, begun: Instant, seconds: f64) -> Value {
    let mut lines = text.lines();
    let header: Vec<&str> = lines.next().expect("a header").split(',').collect();
    let column = |name: &str| header.iter().position(|h| *h == name).expect("a column");
    let (enrolment, small, lon, lat) =
        (column("enrolment"), column("small_school"), column("lon"), column("lat"));
    let mut spots = Vec::new();
    let mut pupils: Vec<u32> = Vec::new();
    let mut is_small = Vec::new();
    for line in lines {
        let cells = cells(line);
        let number = |at: usize| cells.get(at).and_then(|c| c.trim().parse::<f64>().ok());
        let (Some(longitude), Some(latitude), Some(of_school)) =
            (number(lon), number(lat), number(enrolment))
        else {
            continue;
        };
        spots.push(Spot { longitude, latitude, height_m: None });
        #[expect(clippy::cast_sign_loss, reason = "a count")]
        pupils.push(of_school as u32);
        let word = cells.get(small).map(String::as_str).unwrap_or_default();
        is_small.push(matches!(word.trim(), "1" | "true" | "True" | "yes" | "TRUE"));
    }
    let groups: Vec<usize> = (0..spots.len()).filter(|s| is_small[*s] && pupils[*s] > 0).collect();
    let question = Question {
        groups: groups
            .iter()
            .map(|s| Group {
                village: *s as u32,
                band: 0,
                children: pupils[*s],
                may_board: false,
                today: Some(*s as u32),
            })
            .collect(),
        sites: (0..spots.len())
            .map(|s| {
                let classes = pupils[s].div_ceil(30).max(6);
                let taken = if is_small[s] { 0 } else { pupils[s] };
                let form = Form {
                    bands: 1,
                    places: (classes * 30).saturating_sub(taken),
                    beds: false,
                    canteen: true,
                    bus: true,
                    // What others cost is paid in any case.
                    yuan_a_year: if is_small[s] {
                        120_000.0 + 180_000.0 * f64::from(classes)
                    } else {
                        0.0
                    },
                    yuan_once: 0.0,
                };
                Site { forms: vec![form], today: Some(0), kept: !is_small[s] }
            })
            .collect(),
        standards: Standards {
            walk_minutes: [30.0; 2],
            ride_minutes: 30.0,
            radius_m: f64::INFINITY,
            least_children: 0,
            lawful_only: true,
            no_worse: false,
        },
        prices: Prices {
            yuan_a_minute: 30.0,
            accompany_yuan: 15_000.0,
            board_yuan: 2_000.0,
            bed_yuan: 1_500.0,
            bus_yuan: 2_500.0,
            change_yuan: 0.0,
            once_share: 1.0 / 30.0,
        },
    };
    let minutes = |from: usize, to: usize| {
        let km = distance_m(spots[from], spots[to]) * 1.4 / 1_000.0;
        Minutes { foot: km / 5.0 * 60.0, ride: km / 25.0 * 60.0, metres: km * 1_000.0 }
    };
    let read_s = begun.elapsed().as_secs_f64();
    let begun = Instant::now();
    let stop = || begun.elapsed().as_secs_f64() > seconds;
    let plan = sites::plan(&question, &minutes, Budget::until(&stop)).expect("a plan");
    let open = groups.iter().filter(|s| plan.open[**s].is_some()).count();
    json!({
        "objective": plan.objective,
        "bound": plan.bound,
        "gap": plan.optimality_gap(),
        "proven": plan.optimality_gap() < 1e-9,
        "read_s": read_s,
        "solve_s": begun.elapsed().as_secs_f64(),
        "small": groups.len(),
        "kept": open,
        "by_bus": plan.plan.ride,
    })
}

/// The cells of a line of CSV; commas within quotes belong to the cell.
fn cells(line: &str) -> Vec<String> {
    let mut cells = vec![String::new()];
    let mut is_quoted = false;
    for c in line.chars() {
        match c {
            '"' => is_quoted = !is_quoted,
            ',' if !is_quoted => cells.push(String::new()),
            c => cells.last_mut().expect("one is there").push(c),
        }
    }
    cells
}
