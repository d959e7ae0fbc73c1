//! Small problems against all that could be done, and every plan against the checker.

#![expect(clippy::unwrap_used, reason = "made data is as it was made")]
#![expect(clippy::float_cmp, reason = "sums of whole numbers are exact")]
#![expect(clippy::cast_precision_loss, reason = "small whole numbers")]

use fujiao_plan::cfl::{self, Facilities};
use fujiao_plan::check::{self, Arc, Said};
use fujiao_plan::cpmp::{self, Capacitated};
use fujiao_plan::flow::{FlowError, Network};
use fujiao_plan::pmedian::{self, Costs, PlanError};
use fujiao_plan::sites::{self, Form, Group, Prices, Question, Site, Standards};
use fujiao_plan::transport::Transport;
use fujiao_plan::{Budget, Solved};
use proptest::prelude::*;

/// Costs of a made problem: clients, and whole numbers site by site.
fn costs(clients: usize, sites: usize) -> impl Strategy<Value = Costs> {
    prop::collection::vec(0..100_u32, clients * sites)
        .prop_map(move |all| Costs::new(clients, all.into_iter().map(f64::from).collect()).unwrap())
}

/// Every choice of `p` of `n` sites.
fn choices(n: usize, p: usize) -> impl Iterator<Item = Vec<usize>> {
    (0..1_u32 << n)
        .filter(move |set| set.count_ones() as usize == p)
        .map(move |set| (0..n).filter(|i| set >> i & 1 == 1).collect())
}

fn wide(sites: &[u32]) -> Vec<u64> {
    sites.iter().map(|s| u64::from(*s)).collect()
}

fn said<P>(solved: &Solved<P>) -> Said {
    Said { objective: solved.objective, bound: solved.bound }
}

/// The least cost of serving every client whole from open sites with room; `None` if they do not fit.
fn cheapest_assignment(
    problem: &Capacitated,
    open: &[usize],
    client: usize,
    room: &mut [i64],
) -> Option<f64> {
    if client == problem.demand.len() {
        return Some(0.0);
    }
    let units = i64::from(problem.demand[client]);
    let mut best: Option<f64> = None;
    for &site in open {
        if room[site] < units {
            continue;
        }
        room[site] -= units;
        if let Some(rest) = cheapest_assignment(problem, open, client + 1, room) {
            let cost = rest + problem.costs.of(u32::try_from(site).unwrap(), client);
            best = Some(best.map_or(cost, |b: f64| b.min(cost)));
        }
        room[site] += units;
    }
    best
}

fn check_medians(
    problem: &Costs,
    p: usize,
    room: Option<(&[i64], &[u32])>,
    solved: &Solved<pmedian::Plan>,
) {
    let size = (problem.sites(), problem.clients(), p);
    let plan = (wide(&solved.plan.open), wide(&solved.plan.site_of));
    let cost = |site: usize, client: usize| problem.of(u32::try_from(site).unwrap(), client);
    check::medians(size, &cost, room, (&plan.0, &plan.1), said(solved)).unwrap();
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, ..ProptestConfig::default() })]

    #[test]
    fn no_choice_of_sites_beats_a_proven_one(problem in costs(7, 8), p in 1..8_usize) {
        let solved = pmedian::solve(&problem, p, Budget::unlimited()).unwrap();
        let least = choices(8, p)
            .map(|open| {
                (0..7)
                    .map(|client| {
                        open.iter()
                            .map(|site| problem.of(u32::try_from(*site).unwrap(), client))
                            .fold(f64::INFINITY, f64::min)
                    })
                    .sum::<f64>()
            })
            .fold(f64::INFINITY, f64::min);
        prop_assert!(solved.is_proven());
        prop_assert_eq!(solved.objective, least);
        check_medians(&problem, p, None, &solved);
    }

    #[test]
    fn no_choice_within_capacities_beats_a_proven_one(
        problem in costs(6, 5),
        demand in prop::collection::vec(1..9_u32, 6),
        capacity in prop::collection::vec(4..25_i64, 5),
        p in 1..5_usize,
    ) {
        let problem = Capacitated { costs: problem, demand, capacity, p };
        let least = choices(5, p)
            .filter_map(|open| cheapest_assignment(&problem, &open, 0, &mut problem.capacity.clone()))
            .fold(f64::INFINITY, f64::min);
        match cpmp::solve(&problem, Budget::unlimited()) {
            Ok(solved) => {
                prop_assert!(solved.is_proven());
                prop_assert_eq!(solved.objective, least);
                check_medians(&problem.costs, p, Some((&problem.capacity, &problem.demand)), &solved);
            }
            Err(_) => prop_assert!(least.is_infinite()),
        }
    }

    #[test]
    fn no_choice_of_facilities_beats_a_proven_one(
        problem in costs(5, 5),
        demand in prop::collection::vec(1..9_u32, 5),
        capacity in prop::collection::vec(0..25_i64, 5),
        fixed in prop::collection::vec(0..150_u32, 5),
    ) {
        let fixed: Vec<f64> = fixed.into_iter().map(f64::from).collect();
        let problem = Facilities { costs: problem, demand, capacity, fixed, places: None };
        let mut least = f64::INFINITY;
        for open in (0..=5).flat_map(|p| choices(5, p)) {
            if let Some(cost) = served_by_flow(&problem, &open) {
                least = least.min(cost);
            }
        }
        match cfl::solve(&problem, Budget::unlimited()) {
            Ok(solved) => {
                prop_assert!(solved.is_proven());
                prop_assert!((solved.objective - least).abs() < 1e-5, "{} {least}", solved.objective);
                let served: Vec<Vec<(u64, u64)>> = solved.plan.served.iter()
                    .map(|row| row.iter().map(|(s, u)| (u64::from(*s), u64::from(*u))).collect())
                    .collect();
                check::facilities(
                    &|site, client| problem.costs.of(u32::try_from(site).unwrap(), client),
                    (&problem.capacity, &problem.fixed, &problem.demand),
                    (&wide(&solved.plan.open), &served),
                    said(&solved),
                ).unwrap();
            }
            Err(error) => {
                prop_assert!(least.is_infinite());
                prop_assert!(matches!(error, PlanError::TooSmall { .. }), "{error}");
            }
        }
    }

    #[test]
    fn no_choice_of_forms_beats_a_proven_one(
        problem in costs(5, 6),
        demand in prop::collection::vec(1..9_u32, 5),
        capacity in prop::collection::vec(2..30_i64, 6),
        fixed in prop::collection::vec(0..150_u32, 6),
        kept in prop::collection::vec(any::<bool>(), 3),
    ) {
        // Three places of two forms each: a form, the other, or, where it may be closed, none.
        let fixed = fixed.into_iter().map(f64::from).collect();
        let places = cfl::Places::new(vec![0, 0, 1, 1, 2, 2], kept.clone());
        let problem = Facilities { costs: problem, demand, capacity, fixed, places: Some(places) };
        let mut least = f64::INFINITY;
        for choice in 0..27_usize {
            let of = [choice % 3, choice / 3 % 3, choice / 9];
            if (0..3).any(|p| kept[p] && of[p] == 2) {
                continue;
            }
            let open: Vec<usize> = (0..3).filter(|p| of[*p] < 2).map(|p| 2 * p + of[p]).collect();
            if let Some(cost) = served_by_flow(&problem, &open) {
                least = least.min(cost);
            }
        }
        match cfl::solve(&problem, Budget::unlimited()) {
            Ok(solved) => {
                prop_assert!(solved.is_proven());
                prop_assert!((solved.objective - least).abs() <= 1e-6 * least.max(1.0), "{} {least}", solved.objective);
                let open = wide(&solved.plan.open);
                let cost = |site: usize, client: usize| problem.costs.of(u32::try_from(site).unwrap(), client);
                let served: Vec<check::Served> = solved.plan.served.iter()
                    .map(|row| row.iter().map(|(s, n)| (u64::from(*s), u64::from(*n))).collect())
                    .collect();
                check::facilities(&cost, (&problem.capacity, &problem.fixed, &problem.demand), (&open, &served), said(&solved)).unwrap();
                check::forms(&[0, 0, 1, 1, 2, 2], &kept, &open).unwrap();
            }
            Err(_) => prop_assert!(least.is_infinite()),
        }
    }

    #[test]
    fn a_flow_is_proven_by_its_potentials(
        arcs in prop::collection::vec((0..8_u32, 0..8_u32, 0..12_i64, -9..40_i64), 0..40),
        sent in prop::collection::vec(-6..7_i64, 7),
    ) {
        let mut supply = sent.clone();
        supply.push(-sent.iter().sum::<i64>());
        let mut network = Network::new(supply.clone());
        for &(from, to, capacity, cost) in &arcs {
            network.push(from, to, capacity, cost);
        }
        match (network.solve(), network.solve_by_simplex()) {
            (Ok(flow), Ok(other)) => {
                let arcs: Vec<Arc> = arcs.iter()
                    .map(|&(from, to, capacity, cost)| {
                        Arc { from: from as usize, to: to as usize, capacity, cost }
                    })
                    .collect();
                let cost = check::flow(&supply, &arcs, &flow.flow, Some(&flow.potential)).unwrap();
                prop_assert_eq!(cost, flow.cost);
                prop_assert_eq!(cost, other.cost);
            }
            (Err(error), Err(other)) => {
                let infeasible = matches!(error, FlowError::Infeasible { .. });
                prop_assert!(infeasible, "{error}");
                prop_assert_eq!(error, other);
            }
            (flow, other) => prop_assert!(false, "{flow:?} {other:?}"),
        }
    }

    #[test]
    fn a_flow_of_two_sides_is_proven_by_its_potentials(
        sinks in prop::collection::vec((0..30_i64, -9..20_i64), 1..5),
        sources in prop::collection::vec((1..6_i64, prop::collection::vec((0..5_u32, -9..60_i64), 1..7)), 24),
        passed in any::<bool>(),
    ) {
        // Sinks that pass to one outlet, or that take exactly what there is.
        let total: i64 = sources.iter().map(|s| s.0).sum();
        let mut supply: Vec<i64> = sinks.iter().map(|_| 0).collect();
        if !passed {
            let each = total / i64::try_from(sinks.len()).unwrap();
            supply.fill(-each);
            supply[0] -= total - each * i64::try_from(sinks.len()).unwrap();
        }
        let first = u32::try_from(supply.len()).unwrap();
        supply.extend(sources.iter().map(|s| s.0));
        let mut arcs: Vec<(u32, u32, i64, i64)> = Vec::new();
        if passed {
            let outlet = u32::try_from(supply.len()).unwrap();
            supply.push(-total);
            arcs.extend((0_u32..).zip(&sinks).map(|(s, (room, cost))| (s, outlet, *room + 20, *cost)));
        }
        for (node, (units, to)) in (first..).zip(&sources) {
            arcs.extend(to.iter().map(|(sink, cost)| (node, sink % first, *units + 1, *cost)));
        }
        let mut network = Network::new(supply.clone());
        for &(from, to, capacity, cost) in &arcs {
            network.push(from, to, capacity, cost);
        }
        match (network.solve(), network.solve_by_simplex()) {
            (Ok(flow), Ok(other)) => {
                let arcs: Vec<Arc> = arcs.iter()
                    .map(|&(from, to, capacity, cost)| {
                        Arc { from: from as usize, to: to as usize, capacity, cost }
                    })
                    .collect();
                let cost = check::flow(&supply, &arcs, &flow.flow, Some(&flow.potential)).unwrap();
                prop_assert_eq!(cost, flow.cost);
                prop_assert_eq!(cost, other.cost);
            }
            (flow, other) => prop_assert_eq!(flow, other),
        }
    }

    #[test]
    fn two_ways_to_place_everybody_cost_the_same(
        capacity in prop::collection::vec(0..12_i64, 5),
        sources in prop::collection::vec((0..6_u32, prop::collection::btree_map(0..5_u32, 0..60_i64, 1..5)), 1..25),
        price in prop::collection::vec(0..40_i64, 5),
    ) {
        let mut transport = Transport::new(capacity.clone());
        let mut supply: Vec<i64> = sources.iter().map(|s| i64::from(s.0)).collect();
        let total: i64 = supply.iter().sum();
        let first_sink = supply.len();
        supply.extend([0; 5]);
        supply.push(-total);
        let mut network = Network::new(supply);
        for (source, (units, candidates)) in (0_u32..).zip(&sources) {
            transport.push(*units, candidates.iter().map(|(s, c)| (*s, *c)));
            for (&sink, &cost) in candidates {
                network.push(source, u32::try_from(first_sink).unwrap() + sink, i64::from(*units), cost);
            }
        }
        for (sink, &places) in (0_u32..).zip(&capacity) {
            let first = u32::try_from(first_sink).unwrap();
            network.push(first + sink, first + 5, places, 0);
        }
        let flow = network.solve_by_simplex();
        for placed in [transport.solve(), transport.solve_from(price)] {
            match (&flow, placed) {
                (Ok(flow), Ok(placed)) => {
                    prop_assert_eq!(flow.cost, placed.cost);
                    prop_assert!(placed.price.iter().all(|p| *p >= 0));
                }
                (Err(_), Err(shortage)) => prop_assert!(shortage.missing > 0 || total == 0),
                (flow, placed) => prop_assert!(false, "{flow:?} {placed:?}"),
            }
        }
    }
}

/// Opening and serving from these sites, by the general network simplex.
fn served_by_flow(problem: &Facilities, open: &[usize]) -> Option<f64> {
    const SCALE: f64 = 1e9;
    let clients = problem.demand.len();
    let mut supply: Vec<i64> = problem.demand.iter().map(|d| i64::from(*d)).collect();
    let total: i64 = supply.iter().sum();
    supply.resize(clients + open.len(), 0);
    supply.push(-total);
    let mut network = Network::new(supply);
    let node = |n: usize| u32::try_from(n).unwrap();
    for client in 0..clients {
        for (place, &site) in open.iter().enumerate() {
            let unit = problem.costs.of(node(site), client) / f64::from(problem.demand[client]);
            #[expect(clippy::cast_possible_truncation, reason = "at most 100 × 10⁹")]
            let unit = (unit * SCALE).round() as i64;
            network.push(node(client), node(clients + place), total, unit);
        }
    }
    for (place, &site) in open.iter().enumerate() {
        network.push(node(clients + place), node(clients + open.len()), problem.capacity[site], 0);
    }
    let fixed: f64 = open.iter().map(|s| problem.fixed[*s]).sum();
    network.solve_by_simplex().ok().map(|flow| fixed + flow.cost as f64 / SCALE)
}

/// Points in a pattern that no symmetry helps with.
fn points(n: usize) -> Costs {
    let point = |i: usize| ((i * 7919 % 1009) as f64, (i * 6271 % 997) as f64);
    let distance = |a: (f64, f64), b: (f64, f64)| (a.0 - b.0).hypot(a.1 - b.1).floor();
    let all = (0..n).flat_map(|a| (0..n).map(move |b| distance(point(a), point(b)))).collect();
    Costs::new(n, all).unwrap()
}

#[test]
fn one_thread_or_many_find_the_same_plan() {
    let problem = points(120);
    let budget = Budget::unlimited().with_nodes(40);
    let capacitated = Capacitated {
        costs: problem.clone(),
        demand: vec![3; 120],
        capacity: vec![40; 120],
        p: 10,
    };
    let find = || {
        let free = pmedian::solve(&problem, 12, budget).unwrap();
        let within = cpmp::solve(&capacitated, budget).unwrap();
        (free, within)
    };
    let pool = |threads| rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
    let one = pool(1).install(find);
    assert_eq!(one, pool(4).install(find));
    assert!(one.0.bound <= one.0.objective && one.1.bound <= one.1.objective);
}

#[test]
fn what_cannot_be_says_why() {
    let problem = points(4);
    assert_eq!(
        pmedian::solve(&problem, 9, Budget::unlimited()).unwrap_err().to_string(),
        "要开 9 处，选址却有 4 处；p 取 1 到 4"
    );
    let small = Capacitated { costs: problem, demand: vec![5; 4], capacity: vec![6; 4], p: 2 };
    assert_eq!(
        cpmp::solve(&small, Budget::unlimited()).unwrap_err().to_string(),
        "容量不够：需求共 20，开得最多也只有 12；多开几处，或加容量"
    );
    let mut network = Network::new(vec![3, -3]);
    network.push(0, 1, 2, 7);
    assert_eq!(
        network.solve().unwrap_err().to_string(),
        "有 1 个单位送不到；从点 1 起查容量够不够、弧通不通"
    );
    let mut transport = Transport::new(vec![2, 5]);
    for _ in 0..4 {
        transport.push(1, [(0, 10)]);
    }
    let shortage = transport.solve().unwrap_err();
    assert_eq!((shortage.sinks, shortage.missing), (vec![0], 2));
}

/// Places on a plane.
type Points = Vec<(u32, u32)>;

/// A made question of sites: villages and sites on a plane, small enough to try every choice of forms.
fn sites_question() -> impl Strategy<Value = (Question, Points, Points)> {
    let point = || (0..60_u32, 0..60_u32);
    let today = prop::option::of(0..3_u32);
    let group = (0..4_u32, 0..2_u8, 1..9_u32, any::<bool>(), today).prop_map(
        |(village, band, children, may_board, today)| Group {
            village,
            band,
            children,
            may_board,
            today,
        },
    );
    let form = (1..4_u8, 4..40_u32, any::<[bool; 3]>(), 0..900_u32, 0..900_u32).prop_map(
        |(bands, places, [beds, canteen, bus], year, once)| Form {
            bands,
            places,
            beds,
            canteen,
            bus,
            yuan_a_year: f64::from(year),
            yuan_once: f64::from(once),
        },
    );
    let site = (prop::collection::vec(form, 1..3), any::<bool>()).prop_map(|(forms, kept)| Site {
        forms,
        today: Some(0),
        kept,
    });
    (
        prop::collection::vec(group, 1..6),
        prop::collection::vec(site, 3),
        prop::collection::vec(point(), 4),
        prop::collection::vec(point(), 3),
        0..3_u8,
    )
        .prop_map(|(groups, sites, villages, schools, lawful_only)| {
            let standards = Standards {
                walk_minutes: [25.0, 19.0],
                ride_minutes: 9.0,
                radius_m: 30.0,
                least_children: 0,
                lawful_only: lawful_only == 1,
                no_worse: lawful_only == 2,
            };
            let prices = Prices {
                yuan_a_minute: 2.0,
                accompany_yuan: 200.0,
                board_yuan: 60.0,
                bed_yuan: 11.0,
                bus_yuan: 13.0,
                change_yuan: 3.0,
                once_share: 0.5,
            };
            (Question { groups, sites, standards, prices }, villages, schools)
        })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 150, ..ProptestConfig::default() })]

    #[test]
    fn no_choice_of_schools_beats_a_proven_one((question, villages, schools) in sites_question()) {
        let foot = |village: usize, site: usize| {
            let ((a, b), (c, d)) = (villages[village], schools[site]);
            f64::from(a.abs_diff(c) + b.abs_diff(d))
        };
        let minutes = |v: usize, s: usize| sites::Minutes { foot: foot(v, s), ride: foot(v, s) / 3.0, metres: foot(v, s) * 1.2 };
        let found = sites::plan(&question, &minutes, Budget::unlimited());
        // Every choice of forms, its children placed by the general simplex.
        let mut least = f64::INFINITY;
        let counts: Vec<usize> = question.sites.iter().map(|s| s.forms.len() + 1).collect();
        for choice in 0..counts.iter().product::<usize>() {
            let of = [choice % counts[0], choice / counts[0] % counts[1], choice / counts[0] / counts[1]];
            let open: Vec<Option<usize>> = of.iter().map(|f| f.checked_sub(1)).collect();
            if (0..3).any(|s| question.sites[s].kept && open[s].is_none()) {
                continue;
            }
            least = least.min(cheapest_placement(&question, &minutes, &open).unwrap_or(f64::INFINITY));
        }
        match found {
            Ok(found) => {
                prop_assert!((found.objective - least).abs() <= 1e-6 * least.max(1.0), "{} {least}", found.objective);
                prop_assert!(found.objective - found.bound <= 1e-6 * least.max(1.0));
                let held = sites::held(&question, &minutes);
                let mut children: Vec<check::Children> = question.groups.iter()
                    .map(|g| check::Children { village: g.village as usize, band: g.band, number: g.children, may_board: g.may_board, lawful_only: false, today: g.today })
                    .collect();
                for (child, held) in children.iter_mut().zip(&held) {
                    child.lawful_only = question.standards.lawful_only || *held;
                }
                let schools: Vec<Vec<check::School>> = question.sites.iter()
                    .map(|s| s.forms.iter().map(|f| check::School {
                        bands: f.bands, places: f.places, has: [f.beds, f.canteen, f.bus], yuan: (f.yuan_a_year, f.yuan_once),
                    }).collect())
                    .collect();
                let kept: Vec<bool> = question.sites.iter().map(|s| s.kept).collect();
                let terms = check::Terms { longest: ([25.0, 19.0], 9.0), radius_m: 30.0, yuan: [2.0, 200.0, 60.0, 11.0, 13.0, 0.5, 3.0] };
                check::sites(&children, &schools, &kept, &|v, s| (foot(v, s), foot(v, s) / 3.0, foot(v, s) * 1.2), terms,
                    (&found.open, &found.goes), Said { objective: found.objective, bound: found.bound }).unwrap();
            }
            Err(sites::SitesError::Short(missing)) => {
                prop_assert!(!missing.is_empty() && least.is_infinite());
            }
            Err(_) => prop_assert!(least.is_infinite(), "{least}"),
        }
    }
}

/// What open forms and the children's ways cost, by the general simplex; `None` if they do not all fit.
fn cheapest_placement(
    question: &Question,
    minutes: &(dyn Fn(usize, usize) -> sites::Minutes + Sync),
    open: &[Option<usize>],
) -> Option<f64> {
    const SCALE: f64 = 1e6;
    let node = |n: usize| u32::try_from(n).unwrap();
    let groups = question.groups.len();
    let held = sites::held(question, &|v, s| minutes(v, s));
    let mut supply: Vec<i64> = question.groups.iter().map(|g| i64::from(g.children)).collect();
    let total: i64 = supply.iter().sum();
    supply.resize(groups + open.len(), 0);
    supply.push(-total);
    let mut network = Network::new(supply);
    let mut fixed = 0.0;
    for (site, form) in open.iter().enumerate() {
        let Some(form) = form.map(|f| question.sites[site].forms[f]) else { continue };
        fixed += form.yuan_a_year + question.prices.once_share * form.yuan_once;
        network.push(node(groups + site), node(groups + open.len()), i64::from(form.places), 0);
        for (at, group) in question.groups.iter().enumerate() {
            let way = minutes(group.village as usize, site);
            let lawful_only = question.standards.lawful_only || held[at];
            let standards = Standards { lawful_only, ..question.standards };
            if let Some(one) = sites::child(group, &form, way, standards, question.prices) {
                let change = if group.today.is_some_and(|t| t as usize != site) {
                    question.prices.change_yuan
                } else {
                    0.0
                };
                #[expect(clippy::cast_possible_truncation, reason = "some hundred yuan")]
                let unit = ((one.yuan() + change) * SCALE).round() as i64;
                network.push(node(at), node(groups + site), total, unit);
            }
        }
    }
    network.solve_by_simplex().ok().map(|flow| fixed + flow.cost as f64 / SCALE)
}

/// A checker that used the solvers would make their mistakes.
#[test]
fn the_checker_uses_no_line_of_the_solvers() {
    let source = include_str!("../src/check.rs");
    assert!(!source.contains("crate::") && !source.contains("super::"));
    for source in [
        include_str!("../src/check/sites.rs"),
        include_str!("../src/check/people.rs"),
        include_str!("../src/check/money.rs"),
    ] {
        let source = source.split("#[cfg(test)]").next().expect("there is a first part");
        assert!(!source.contains("crate::") && source.matches("super").count() == 1);
    }
}
