use super::*;

const STANDARDS: Standards = Standards {
    walk_minutes: [40.0; 2],
    ride_minutes: 30.0,
    radius_m: f64::INFINITY,
    least_children: 0,
    lawful_only: false,
    no_worse: false,
};
const PRICES: Prices = Prices {
    yuan_a_minute: 10.0,
    accompany_yuan: 12_000.0,
    board_yuan: 2_000.0,
    bed_yuan: 500.0,
    bus_yuan: 1_500.0,
    change_yuan: 0.0,
    once_share: 0.05,
};

fn form(places: u32, beds: bool, yuan_a_year: f64) -> Form {
    Form { bands: 1, places, beds, canteen: true, bus: false, yuan_a_year, yuan_once: 0.0 }
}

fn site(forms: &[Form]) -> Site {
    Site { forms: forms.to_vec(), today: Some(0), kept: false }
}

/// The point's village, one behind it, and the town.
fn minutes(village: usize, site: usize) -> Minutes {
    let foot = [[5.0, 70.0], [10.0, 90.0], [80.0, 5.0]][village][site];
    Minutes { foot, ride: foot / 4.0, metres: foot * 60.0 }
}

fn question(sites: Vec<Site>) -> Question {
    let group = |(village, children, today)| Group {
        village,
        band: 0,
        children,
        may_board: true,
        today: Some(today),
    };
    let groups = [(0, 6, 0), (1, 4, 0), (2, 40, 1)].map(group).to_vec();
    Question { groups, sites, standards: STANDARDS, prices: PRICES }
}

fn solve(question: &Question) -> Result<SitesPlan, SitesError> {
    let found = plan(question, &minutes, Budget::unlimited());
    if let Ok(found) = &found {
        assert!(found.objective - found.bound <= 1e-6 * found.objective, "{found:?}");
        let once = question.prices.once_share * found.plan.once_yuan;
        let total = found.plan.families_yuan + found.plan.state_yuan + once;
        assert!((total - found.objective).abs() < 1e-6, "{total} {found:?}");
    }
    found
}

#[test]
fn a_teaching_point_stays_where_closing_it_costs_families_more() {
    // Ten children without beds in town would be accompanied: 120 000 yuan; the point costs 60 000.
    let sites = vec![site(&[form(60, false, 60_000.0)]), site(&[form(200, false, 300_000.0)])];
    let kept = solve(&question(sites.clone())).unwrap();
    assert_eq!(kept.open, [Some(0), Some(0)]);
    assert_eq!(kept.plan.accompanied, 0);
    assert_eq!(kept.today, Some(kept.plan));
    // With beds in town it closes, and its children board.
    let sites = vec![sites[0].clone(), site(&[form(200, true, 300_000.0)])];
    let merged = solve(&question(sites)).unwrap();
    assert_eq!(merged.open, [None, Some(0)]);
    assert_eq!((merged.plan.board, merged.plan.accompanied), (10, 0));
    assert_eq!(merged.binds, [Binds::Walk { children: 10 }]);
}

#[test]
fn beds_or_a_bus_are_given_where_that_is_cheapest() {
    let town = form(200, false, 300_000.0);
    let beds = Form { beds: true, yuan_a_year: 305_000.0, yuan_once: 200_000.0, ..town };
    let bus = Form { bus: true, yuan_a_year: 303_000.0, ..town };
    let point = site(&[form(60, false, 60_000.0)]);
    let given = solve(&question(vec![point.clone(), site(&[town, beds])])).unwrap();
    assert_eq!((given.open, given.plan.board), (vec![None, Some(1)], 10));
    assert!((given.plan.once_yuan - 200_000.0).abs() < 1e-9);
    let fetched = solve(&question(vec![point, site(&[town, beds, bus])])).unwrap();
    assert_eq!((fetched.open, fetched.plan.ride), (vec![None, Some(2)], 10));
}

#[test]
fn a_canteen_spares_the_way_home_at_noon() {
    let without = Form { canteen: false, ..form(60, false, 60_000.0) };
    let with = Form { canteen: true, yuan_a_year: 60_300.0, ..without };
    let town = site(&[form(200, false, 300_000.0)]);
    let plan = solve(&question(vec![site(&[without, with]), town])).unwrap();
    // Ten children spare 70 minutes: 700 yuan for 300.
    assert_eq!(plan.open, [Some(1), Some(0)]);
}

#[test]
fn the_youngest_do_not_board_and_a_point_need_not_teach_all_grades() {
    let mut question = question(vec![
        site(&[Form { bands: 1, ..form(60, false, 20_000.0) }]),
        site(&[Form { bands: 3, ..form(200, true, 300_000.0) }]),
    ]);
    question.groups[0].may_board = false;
    question.groups[1].band = 1;
    let plan = solve(&question).unwrap();
    assert_eq!(plan.goes[0], [(0, 6)]);
    assert_eq!(plan.goes[1], [(1, 4)]);
    assert_eq!((plan.plan.board, plan.plan.accompanied), (4, 0));
}

#[test]
fn what_binds_is_named() {
    let mut sites = vec![site(&[form(5, false, 100.0)]), site(&[form(45, true, 300_000.0)])];
    sites[0].kept = true;
    let tight = solve(&question(sites)).unwrap();
    let Some(Binds::ClassSize { site: 0, yuan }) = tight.binds.first() else {
        panic!("{:?}", tight.binds)
    };
    // One more child would walk five minutes instead of boarding.
    assert!(*yuan > 2_000.0, "{yuan}");
}

#[test]
fn where_nothing_is_lawful_the_smallest_change_is_named() {
    let mut question =
        question(vec![site(&[form(60, false, 100.0)]), site(&[form(30, false, 300.0)])]);
    question.standards.lawful_only = true;
    // The town is too small for ten of its own children, whom no other school lawfully takes.
    let Err(SitesError::Short(missing)) = solve(&question) else { panic!() };
    assert_eq!(missing, [Missing { group: 2, children: 10, change: Change::Places { site: 1 } }]);
    // Without the point, its children need a longer walk, or a bus where there is one.
    question.sites[1].forms[0].places = 200;
    question.sites[0].forms.clear();
    question.sites[0].today = None;
    let Err(SitesError::Short(missing)) = solve(&question) else { panic!() };
    let walk = Change::Walk { site: 1, minutes: 70.0 };
    assert_eq!(missing[0], Missing { group: 0, children: 6, change: walk });
    question.sites[1].forms[0].bus = true;
    question.standards.ride_minutes = 10.0;
    let Err(SitesError::Short(missing)) = solve(&question) else { panic!() };
    assert_eq!(missing.len(), 2);
    question.standards.ride_minutes = 25.0;
    assert_eq!(solve(&question).unwrap().plan.ride, 10);
}

#[test]
fn minutes_fall_as_they_count_for_more() {
    let sites = vec![site(&[form(60, false, 60_000.0)]), site(&[form(200, true, 300_000.0)])];
    let curve = trade_off(&question(sites), &minutes, &[0.1, 1.0, 100.0], Budget::unlimited());
    let curve = curve.unwrap();
    // Minutes as they are priced: by the day for who walks, by the week for who boards.
    let minutes = |(factor, p): &(f64, SitesPlan)| {
        let fees = PRICES.board_yuan * p.plan.board as f64
            + PRICES.accompany_yuan * p.plan.accompanied as f64;
        (p.plan.families_yuan - fees) / (factor * PRICES.yuan_a_minute)
    };
    let rest = |p: &(f64, SitesPlan)| p.1.objective - minutes(p) * p.0 * PRICES.yuan_a_minute;
    assert!(curve.windows(2).all(|w| minutes(&w[1]) <= minutes(&w[0]) + 1e-6));
    assert!(curve.windows(2).all(|w| rest(&w[1]) >= rest(&w[0]) - 1e-6));
    assert!(minutes(&curve[2]) < minutes(&curve[0]) - 1.0);
}

#[test]
fn nobody_who_walks_today_has_to_be_accompanied_tomorrow() {
    // Without the point its ten children would be accompanied, which is cheaper than the point.
    let mut question =
        question(vec![site(&[form(60, false, 500_000.0)]), site(&[form(200, false, 300_000.0)])]);
    assert_eq!(solve(&question).unwrap().plan.accompanied, 10);
    question.standards.no_worse = true;
    let plan = solve(&question).unwrap();
    assert_eq!((plan.open.clone(), plan.plan.accompanied), (vec![Some(0), Some(0)], 0));
    // Who is accompanied today may go on being so.
    question.groups[0].today = Some(1);
    question.groups[1].today = Some(1);
    assert_eq!(solve(&question).unwrap().plan.accompanied, 10);
}

#[test]
fn a_radius_and_the_fewest_children_of_a_school_bind() {
    let mut question = question(vec![site(&[form(60, false, 1.0)]), site(&[form(200, true, 1.0)])]);
    // Walking is cheap: each goes to the nearest.
    assert_eq!(solve(&question).unwrap().open, [Some(0), Some(0)]);
    question.standards.least_children = 11;
    let plan = plan(&question, &minutes, Budget::unlimited()).unwrap();
    assert_eq!((plan.open.clone(), plan.plan.board), (vec![None, Some(0)], 10));
    assert!(plan.bound <= plan.objective);
    // Where closing it would leave somebody without a school it stays, and is named.
    question.standards.lawful_only = true;
    question.sites[1].forms[0].beds = false;
    let kept = super::plan(&question, &minutes, Budget::unlimited()).unwrap();
    assert!(kept.binds.contains(&Binds::LeastSize { site: 0, children: 10 }), "{:?}", kept.binds);
    // The farther village lives beyond the radius, and boards.
    question.standards = Standards { radius_m: 500.0, lawful_only: false, ..STANDARDS };
    question.sites[0].forms[0].beds = true;
    let near = super::plan(&question, &minutes, Budget::unlimited()).unwrap();
    assert_eq!(near.plan.board, 4);
    assert!(near.binds.contains(&Binds::Radius { children: 4 }), "{:?}", near.binds);
}

#[test]
fn a_choice_that_was_kept_settles_to_the_same_plan() {
    let question =
        question(vec![site(&[form(60, false, 60_000.0)]), site(&[form(200, true, 300_000.0)])]);
    let found = solve(&question).unwrap();
    assert_eq!(settle(&question, found.choice(), &minutes), Some(found.clone()));
    let other = Choice { open: vec![Some(0)], ..found.choice() };
    assert_eq!(settle(&question, other, &minutes), None);
}

#[test]
fn nobody_changes_schools_for_nothing() {
    // Both schools stand side by side: only what changing counts tells them apart.
    let beside = |_: usize, _: usize| Minutes { foot: 5.0, ride: 2.0, metres: 300.0 };
    let mut sites = vec![site(&[form(60, false, 1.0)]), site(&[form(60, false, 1.0)])];
    for site in &mut sites {
        site.kept = true;
    }
    let mut question = question(sites);
    question.prices.change_yuan = 100.0;
    let found = plan(&question, &beside, Budget::unlimited()).unwrap();
    assert_eq!(found.goes, [vec![(0, 6)], vec![(0, 4)], vec![(1, 40)]]);
    question.sites[1].forms[0].places = 30;
    let found = plan(&question, &beside, Budget::unlimited()).unwrap();
    assert!((found.plan.families_yuan - (50.0 * 5.0 * 10.0 + 10.0 * 100.0)).abs() < 1e-6);
}

#[test]
fn news_are_of_the_whole_county_and_not_of_one_valley() {
    // Without beds nobody has a lawful way out of their valley.
    let sites = vec![site(&[form(60, false, 60_000.0)]), site(&[form(200, false, 300_000.0)])];
    let mut question = question(sites);
    question.standards.lawful_only = true;
    for group in &mut question.groups {
        group.may_board = false;
    }
    let heard = std::sync::Mutex::new(Vec::new());
    let news = |objective: f64, bound: f64| heard.lock().unwrap().push((objective, bound));
    let found = plan(&question, &minutes, Budget::unlimited().telling(&news)).unwrap();
    let heard = heard.into_inner().unwrap();
    assert!(!heard.is_empty());
    for (objective, bound) in heard {
        assert!(
            objective > found.objective - 1e-6,
            "{objective} is of a part of {}",
            found.objective
        );
        assert!(bound < found.objective + 1e-6);
    }
}
