use proptest::prelude::*;

use super::choice::Choice;
use super::*;

fn form() -> impl Strategy<Value = Form> {
    (1..60_u32, 1..40_u32, prop::collection::btree_set(0..3_u32, 1..3)).prop_map(
        |(yuan, worth, purses)| Form {
            yuan,
            worth: f64::from(worth),
            purses: purses.into_iter().collect(),
        },
    )
}

proptest! {
    #[test]
    fn no_spending_beats_the_bound_and_no_purse_is_overdrawn(
        projects in prop::collection::vec(prop::collection::vec(form(), 1..3), 1..6),
        purses in prop::collection::vec(0..80_i64, 3),
        promised in 0..40_u32,
    ) {
        let first = Floor { projects: vec![0], worth: f64::from(promised) };
        let solved = spend(&projects, &purses, std::slice::from_ref(&first), Budget::unlimited());
        prop_assert!(solved.plan.left.iter().all(|yuan| *yuan >= 0));
        let mut worth = 0.0;
        for paid in &solved.plan.paid {
            let form = &projects[paid.project][paid.form];
            prop_assert_eq!(paid.from.iter().map(|f| f.1).sum::<u32>(), form.yuan);
            prop_assert!(paid.from.iter().all(|f| form.purses.contains(&f.0)));
            worth += form.worth;
        }
        prop_assert!((worth + solved.objective).abs() < 1e-9);
        // Every choice that can be paid.
        let mut choices = vec![Vec::new()];
        for forms in &projects {
            choices = choices.into_iter().flat_map(|choice: Vec<Option<usize>>| {
                let with = |form| { let mut c = choice.clone(); c.push(form); c };
                std::iter::once(None).chain((0..forms.len()).map(Some)).map(with).collect::<Vec<_>>()
            }).collect();
        }
        let rooms = Rooms::new(&projects, &purses);
        let shape = Shape::new(&projects, (&purses, &rooms), std::slice::from_ref(&first));
        let can: Vec<Choice> = choices.into_iter().map(|form| Choice::of(&projects, form))
            .filter(|choice| choice.pay(&projects, &purses).is_some()).collect();
        let keeping = can.iter().filter(|c| c.missing(&shape) <= 1e-9).map(|c| c.worth).fold(f64::NEG_INFINITY, f64::max);
        if keeping.is_finite() {
            prop_assert!(solved.is_proven() && (worth - keeping).abs() < 1e-9, "{worth} {keeping} {}", solved.bound);
            prop_assert!(solved.plan.short[0] <= 1e-9);
        } else {
            // Cut by the least share, and then the best.
            prop_assert!(solved.plan.short[0] > 0.0 && solved.plan.kept < 1.0);
            let cuts = (0..CUTS).find(|n| solved.plan.kept * f64::from(CUTS) < f64::from(*n) + 0.5);
            let twentieths = cuts.expect("less than all");
            let kept = |share: u32| can.iter()
                .filter(|c| c.short_of(&projects, &cut(std::slice::from_ref(&first), share)[0]) <= 1e-9)
                .map(|c| c.worth).fold(f64::NEG_INFINITY, f64::max);
            prop_assert!(kept(twentieths + 1).is_infinite());
            prop_assert!(solved.is_proven() && (worth - kept(twentieths)).abs() < 1e-9);
        }
    }
}

#[test]
fn a_yuan_is_worth_most_in_the_purse_that_is_wanted() {
    let kitchen = |worth: f64| vec![Form { yuan: 100, worth, purses: vec![0] }];
    let road = vec![Form { yuan: 50, worth: 1.0, purses: vec![1] }];
    let projects = [kitchen(9.0), kitchen(5.0), kitchen(2.0), road];
    let solved = spend(&projects, &[200, 500], &[], Budget::unlimited());
    let paid: Vec<usize> = solved.plan.paid.iter().map(|p| p.project).collect();
    assert_eq!(paid, [0, 1, 3]);
    assert_eq!(solved.plan.left, [0, 450]);
    // The third kitchen waits: a yuan more in the first purse is worth between a fiftieth and a twentieth.
    assert!(
        (0.019..=0.051).contains(&solved.plan.yuan_is_worth[0]),
        "{:?}",
        solved.plan.yuan_is_worth
    );
    assert!(solved.plan.yuan_is_worth[1] < 1e-3);
}

#[test]
fn a_floor_is_kept_and_its_price_told() {
    let kitchen = |worth: f64| vec![Form { yuan: 100, worth, purses: vec![0] }];
    let projects = [kitchen(9.0), kitchen(8.0), kitchen(2.0)];
    let poor = Floor { projects: vec![2], worth: 1.0 };
    let solved = spend(&projects, &[200], std::slice::from_ref(&poor), Budget::unlimited());
    let paid: Vec<usize> = solved.plan.paid.iter().map(|p| p.project).collect();
    assert_eq!(paid, [0, 2]);
    assert_eq!(solved.plan.short, [0.0]);
    assert!(solved.plan.floor_costs[0] > 0.5, "{:?}", solved.plan.floor_costs);
    // What no purse can keep is told.
    let solved = spend(&projects, &[90], &[poor], Budget::unlimited());
    assert_eq!(solved.plan.short, [1.0]);
    assert!(solved.plan.paid.is_empty());
}

/// Two years, one project that can wait: the purse says when.
#[test]
fn what_can_wait_is_paid_from_next_years_purse() {
    let dorm = |purses: &[u32]| vec![Form { yuan: 100, worth: 5.0, purses: purses.to_vec() }];
    let solved = spend(&[dorm(&[0]), dorm(&[0, 1])], &[100, 100], &[], Budget::unlimited());
    let from: Vec<&[(u32, u32)]> = solved.plan.paid.iter().map(|p| p.from.as_slice()).collect();
    assert_eq!(from, [&[(0, 100)][..], &[(1, 100)]]);
}

/// Fifty-six projects that may wait a year, seven purses, twelve towns with a promise each: where following prices alone is a fifth off.
#[test]
fn the_projects_of_a_county_are_paid_within_a_hundredth_of_the_best() {
    let mut random = crate::random::Random::new(2);
    let mut projects = Vec::new();
    for _ in 0..56 {
        let size = random.unit() * random.unit() * random.unit() * 3_000_000.0;
        let yuan = 20_000 + u32::try_from(size as i64).expect("three millions");
        let worth = f64::from(yuan) * (0.3 + random.unit()) / 10_000.0 * (0.5 + random.unit());
        let kind = random.below(3);
        let form = |year: u32| {
            let earmarked =
                (1..3).filter(|p| (p + kind).is_multiple_of(3)).map(|p| year * 3 + p as u32);
            let purses = std::iter::once(year * 3).chain(earmarked).collect();
            Form { yuan, worth: worth * if year == 0 { 1.0 } else { 0.9 }, purses }
        };
        projects.push(vec![form(0), form(1)]);
    }
    let total: f64 = projects.iter().map(|f| f64::from(f[0].yuan)).sum();
    let purses: Vec<i64> =
        (0..7).map(|_| (total * 0.4 / 7.0 * (0.5 + random.unit())) as i64).collect();
    let floor = |town: usize| {
        let of: Vec<usize> = (0..56).filter(|p| p % 12 == town).collect();
        let worth = of.iter().map(|p| projects[*p][0].worth).sum::<f64>() * 0.2;
        Floor { projects: of, worth }
    };
    let floors: Vec<Floor> = (0..12).map(floor).collect();
    let solved = spend(&projects, &purses, &floors, Budget::unlimited().with_nodes(600));
    assert!(solved.plan.kept >= 1.0 && solved.plan.short.iter().all(|s| *s <= 1e-9));
    assert!(solved.optimality_gap() <= 0.01, "{} {}", solved.objective, solved.bound);
    // What HiGHS proves in two thirds of a second.
    assert!((solved.objective + 595.267_678_7).abs() < 1e-6, "{}", solved.objective);
}
