use proptest::prelude::*;

use super::*;

fn id(mentor: usize) -> u32 {
    u32::try_from(mentor).unwrap()
}

/// Pupils and mentors of a small county, drawn.
fn people() -> impl Strategy<Value = (Vec<Pupil>, Vec<Mentor>)> {
    let gender = any::<bool>().prop_map(|f| if f { Gender::Female } else { Gender::Male });
    let pupil = (
        0_u64..3,
        0_i64..4,
        gender,
        0_u64..4,
        0_u64..8,
        any::<bool>(),
        proptest::option::of(0_u32..5),
    );
    let gender = any::<bool>().prop_map(|f| if f { Gender::Female } else { Gender::Male });
    let kind = prop::sample::select(vec!["teacher", "official", "donor", "robot"]);
    let mentor = (kind, 0_u64..3, 0_i64..4, gender, 0_u64..4, 0_u64..8, 0_u32..3, 0_u8..5);
    (proptest::collection::vec(pupil, 0..7), proptest::collection::vec(mentor, 5)).prop_map(
        |(pupils, mentors)| {
            let pupils = pupils.into_iter().map(
                |(school, village, gender, languages, subjects, boards, mentor)| Pupil {
                    school,
                    village,
                    town: village / 2,
                    gender,
                    languages,
                    subjects,
                    boards,
                    mentor,
                },
            );
            let mentors = mentors.into_iter().map(
                |(kind, school, village, gender, languages, subjects, capacity, signed)| Mentor {
                    kind: kind.to_owned(),
                    school: Some(school),
                    village: Some(village),
                    town: Some(village / 2),
                    gender,
                    languages,
                    subjects,
                    boarding_duty: signed > 2,
                    capacity,
                    signed: signed > 0,
                },
            );
            (pupils.collect(), mentors.collect())
        },
    )
}

/// The cheapest plan, by trying all.
fn cheapest(problem: &Problem) -> i128 {
    fn go(problem: &Problem, pupil: usize, room: &mut Vec<u32>) -> i128 {
        if pupil == problem.pupils() {
            return 0;
        }
        let mut best = i128::from(problem.unpaired) + go(problem, pupil + 1, room);
        let (mentors, costs) = problem.candidates(pupil);
        for (mentor, cost) in mentors.iter().zip(costs) {
            if room[*mentor as usize] > 0 {
                room[*mentor as usize] -= 1;
                best = best.min(i128::from(*cost) + go(problem, pupil + 1, room));
                room[*mentor as usize] += 1;
            }
        }
        best
    }
    go(problem, 0, &mut problem.capacity.clone())
}

/// A slow solver of its own: one pupil after the other along cheapest paths (Bellman and Ford), prices at the end.
fn solve(problem: &Problem) -> Pairs {
    let mentors = problem.capacity.len();
    let cost = |pupil: usize, mentor: usize| {
        let (all, costs) = problem.candidates(pupil);
        all.iter().position(|m| *m as usize == mentor).map(|at| costs[at])
    };
    let mut mentor_of: Vec<Option<u32>> = vec![None; problem.pupils()];
    let load = |mentor_of: &[Option<u32>], m: usize| {
        mentor_of.iter().filter(|x| **x == Some(id(m))).count()
    };
    for pupil in 0..problem.pupils() {
        // distance[m]: cheapest way to bring one more to m; nobody is node `mentors`.
        let mut distance: Vec<Option<i64>> = (0..mentors).map(|m| cost(pupil, m)).collect();
        distance.push(Some(problem.unpaired));
        let mut from: Vec<Option<(usize, usize)>> = vec![None; mentors + 1];
        for _ in 0..=mentors {
            for (other, has) in mentor_of.iter().enumerate().take(pupil) {
                let at = has.map_or(mentors, |m| m as usize);
                let Some(here) = distance[at] else { continue };
                let now = has.map_or(problem.unpaired, |m| cost(other, m as usize).unwrap());
                for to in 0..=mentors {
                    let Some(then) =
                        (if to == mentors { Some(problem.unpaired) } else { cost(other, to) })
                    else {
                        continue;
                    };
                    if to != at && distance[to].is_none_or(|d| here + then - now < d) {
                        distance[to] = Some(here + then - now);
                        from[to] = Some((at, other));
                    }
                }
            }
        }
        let free = (0..=mentors)
            .filter(|m| *m == mentors || load(&mentor_of, *m) < problem.capacity[*m] as usize)
            .min_by_key(|m| distance[*m].unwrap_or(i64::MAX))
            .unwrap();
        let mut to = free;
        while let Some((at, other)) = from[to] {
            mentor_of[other] = (to < mentors).then_some(id(to));
            to = at;
        }
        mentor_of[pupil] = (to < mentors).then_some(id(to));
    }
    // Prices: what one more place with a mentor would save; Bellman and Ford from the free ones.
    let mut price: Vec<i64> = (0..mentors)
        .map(|m| if load(&mentor_of, m) < problem.capacity[m] as usize { 0 } else { i64::MAX / 4 })
        .collect();
    for _ in 0..=mentors + 1 {
        for (pupil, at) in
            mentor_of.iter().enumerate().filter_map(|(p, m)| Some((p, (*m)? as usize)))
        {
            let here = cost(pupil, at).unwrap();
            let mut most = problem.unpaired - here;
            for (m, price) in price.iter().enumerate() {
                if let Some(c) = cost(pupil, m) {
                    most = most.min(c + price - here);
                }
            }
            price[at] = price[at].min(most);
        }
    }
    for p in &mut price {
        if *p == i64::MAX / 4 {
            *p = 0;
        }
    }
    Pairs { mentor_of, price }
}

proptest! {
    /// Prices prove the plan, the proof is that of all plans tried, and a worse plan is not proven by any of them.
    #[test]
    fn a_plan_of_pairs_is_proven_by_its_prices((pupils, mentors) in people(), first in any::<bool>()) {
        let rules = Rules::builtin();
        let keeping = if first { Keeping::First } else { Keeping::Weighed };
        let problem = Problem::build(&rules, &pupils, &mentors, keeping);
        let pairs = solve(&problem);
        // Mentors without capacity bar themselves, so their price is nought: full and empty at once.
        let total = prove(&problem, &pairs);
        prop_assert_eq!(total, Ok(cheapest(&problem)));
        for (pupil, mentor) in pairs.mentor_of.iter().enumerate() {
            if let Some(mentor) = mentor {
                let kept = pupils[pupil].mentor == Some(*mentor);
                prop_assert!(fit(&rules, &pupils[pupil], &mentors[*mentor as usize], kept).is_ok());
            }
            let why = left_out(&rules, &problem, &pairs, &pupils, &mentors, pupil);
            prop_assert_eq!(why.is_some(), mentor.is_none());
        }
        // Every other plan that costs more is refused whatever prices it borrows.
        for pupil in 0..pupils.len() {
            let mut worse = pairs.clone();
            worse.mentor_of[pupil] = None;
            if pairs.mentor_of[pupil].is_some() {
                prop_assert!(prove(&problem, &worse).is_err());
            }
        }
    }

    /// When a mentor leaves, and what works comes first: whoever else moves makes room for somebody who would have nobody.
    #[test]
    fn who_leaves_takes_only_their_own_pairs_unless_it_must((mut pupils, mut mentors) in people()) {
        let rules = Rules::builtin();
        for pupil in &mut pupils { pupil.mentor = None; }
        let before = solve(&Problem::build(&rules, &pupils, &mentors, Keeping::Weighed));
        for (pupil, mentor) in pupils.iter_mut().zip(&before.mentor_of) { pupil.mentor = *mentor; }
        mentors[0].capacity = 0;
        let problem = Problem::build(&rules, &pupils, &mentors, Keeping::First);
        let after = solve(&problem);
        prove(&problem, &after).map_err(|e| TestCaseError::fail(e.to_string()))?;
        let changed = changes(&before.mentor_of, &after.mentor_of, &BTreeSet::from([0]));
        let moved = changed.iter().filter(|c| !c.left && c.from.is_some()).count();
        // Least change: with every other pair fixed, how many could be paired?
        let mut fixed = pupils.clone();
        let mut room = mentors.clone();
        for mentor in before.mentor_of.iter().flatten().filter(|m| **m != 0) { room[*mentor as usize].capacity -= 1; }
        fixed.retain(|p| p.mentor.is_none() || p.mentor == Some(0));
        let alone = solve(&Problem::build(&rules, &fixed, &room, Keeping::First));
        let without = alone.mentor_of.iter().filter(|m| m.is_none()).count();
        let with = after.mentor_of.iter().filter(|m| m.is_none()).count();
        prop_assert!(with <= without);
        if with == without { prop_assert_eq!(moved, 0); } else { prop_assert!(moved > 0); }
    }
}

#[test]
fn what_bars_a_pair_is_named() {
    let rules = Rules::builtin();
    let girl = Pupil {
        school: 1,
        village: 11,
        town: 1,
        gender: Gender::Female,
        languages: 1,
        subjects: 0b11,
        boards: true,
        mentor: None,
    };
    let woman = Mentor {
        kind: "official".into(),
        school: None,
        village: Some(11),
        town: Some(1),
        gender: Gender::Female,
        languages: 1,
        subjects: 0b110,
        boarding_duty: false,
        capacity: 2,
        signed: true,
    };
    assert_eq!(
        fit(&rules, &girl, &woman, true),
        Ok(vec![
            (Fit::SameVillage, 35),
            (Fit::SameTown, 15),
            (Fit::Language, 20),
            (Fit::Subjects(1), 10),
            (Fit::SameGender, 8),
            (Fit::Keep, 60),
        ])
    );
    let with = |change: fn(&mut Mentor)| {
        let mut other = woman.clone();
        change(&mut other);
        fit(&rules, &girl, &other, false).unwrap_err()
    };
    assert_eq!(with(|m| m.gender = Gender::Male), Bar::GirlsByWomen);
    assert_eq!(with(|m| m.signed = false), Bar::NotSigned);
    assert_eq!(with(|m| m.capacity = 0), Bar::NoCapacity);
    assert_eq!(with(|m| (m.village, m.town) = (Some(21), Some(2))), Bar::OutOfReach);
    assert_eq!(with(|m| m.kind = "robot".into()), Bar::UnknownKind);
}

#[test]
fn a_change_is_told_with_its_uncertainty() {
    let before: Vec<Option<f64>> = (0..12).map(|n| Some(f64::from(n))).collect();
    let mut after: Vec<Option<f64>> =
        (0..12).map(|n| Some(f64::from(n) + if n % 2 == 0 { 1.0 } else { 3.0 })).collect();
    let got = measured(&before, &after).unwrap();
    // Mean 2, deviation 1.0445, t of 11 is 2.20099: half a width of 0.6636.
    assert!(
        (got.mean - 2.0).abs() < 1e-12
            && (got.low - 1.3364).abs() < 1e-3
            && (got.high - 2.6636).abs() < 1e-3,
        "{got:?}"
    );
    after[0] = None;
    after[1] = None;
    after[2] = None;
    assert_eq!(measured(&before, &after), None);
}
