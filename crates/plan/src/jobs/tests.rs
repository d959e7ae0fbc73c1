use proptest::prelude::*;

use super::*;
use crate::check::{self, Said, Wanted};

fn wanted(seekers: &[Vec<Candidate>]) -> Vec<Vec<Wanted>> {
    let of = |c: &Candidate| Wanted { vacancy: c.vacancy, person: c.person, employer: c.employer };
    seekers.iter().map(|row| row.iter().map(of).collect()).collect()
}

fn market() -> impl Strategy<Value = (Vec<Vec<Candidate>>, Vec<u32>)> {
    let candidate = |vacancy| {
        (-5..9_i64, -3..9_i64).prop_map(move |(person, employer)| Candidate {
            vacancy,
            person,
            employer,
        })
    };
    let row = prop::collection::btree_set(0..4_u32, 0..4)
        .prop_flat_map(move |set| set.into_iter().map(candidate).collect::<Vec<_>>());
    (prop::collection::vec(row, 0..6), prop::collection::vec(0..3_u32, 4))
}

/// Every matching: (people, points).
fn all(seekers: &[Vec<Candidate>], seats: &mut [u32]) -> Vec<(usize, i64)> {
    let Some((row, rest)) = seekers.split_first() else { return vec![(0, 0)] };
    let mut found = all(rest, seats);
    for candidate in row {
        if seats[candidate.vacancy as usize] > 0 {
            seats[candidate.vacancy as usize] -= 1;
            let more = all(rest, seats);
            found.extend(more.into_iter().map(|(n, points)| (n + 1, points + candidate.points())));
            seats[candidate.vacancy as usize] += 1;
        }
    }
    found
}

proptest! {
    #[test]
    fn no_matching_is_worth_more((seekers, seats) in market()) {
        let every = all(&seekers, &mut seats.clone());
        for aim in [Aim::Points, Aim::People] {
            let solved = best(&seekers, &seats, aim);
            let most = match aim {
                Aim::Points => every.iter().map(|e| e.1).max().unwrap(),
                Aim::People => every.iter().max().unwrap().1,
            };
            prop_assert!((solved.objective + most as f64).abs() < 1e-9);
            prop_assert!(solved.is_proven());
            if aim == Aim::People {
                prop_assert_eq!(solved.plan.matched(), every.iter().max().unwrap().0);
            }
            let said = Said { objective: solved.objective, bound: solved.bound };
            let plan = &solved.plan;
            let proof = (&plan.seat_is_worth[..], plan.bonus);
            prop_assert_eq!(check::matching(&wanted(&seekers), &seats, &plan.vacancy_of, proof, said), Ok(()));
        }
    }

    #[test]
    fn no_pair_would_both_rather_have_each_other((seekers, seats) in market()) {
        let matched = stable(&seekers, &seats);
        prop_assert_eq!(check::stable(&wanted(&seekers), &seats, &matched.vacancy_of), Ok(()));
        // Nobody could have better in any matching that is stable.
        for vacancies in matchings(&seekers, &seats) {
            if check::stable(&wanted(&seekers), &seats, &vacancies).is_err() || !is_strict(&seekers) {
                continue;
            }
            for ((row, ours), other) in seekers.iter().zip(&matched.vacancy_of).zip(&vacancies) {
                let worth = |v: &Option<u32>| v.map(|v| row.iter().find(|c| c.vacancy == v).unwrap().person);
                prop_assert!(worth(ours) >= worth(other));
            }
        }
    }

    #[test]
    fn reasons_say_what_is_so((seekers, seats) in market()) {
        for matched in [best(&seekers, &seats, Aim::Points).plan, stable(&seekers, &seats)] {
            for ((row, has), reason) in seekers.iter().zip(&matched.vacancy_of).zip(&matched.reasons) {
                let full = |v: u32| matched.holders(v).len() == seats[v as usize] as usize;
                let own = has.map(|v| row.iter().find(|c| c.vacancy == v).unwrap().person);
                match *reason {
                    Reason::First => prop_assert!(row.iter().all(|c| Some(c.person) <= own)),
                    Reason::BetterFull { better } => {
                        prop_assert!(full(better));
                        prop_assert!(row.iter().any(|c| c.vacancy == better && Some(c.person) > own));
                    }
                    Reason::Together { better } => {
                        prop_assert!(!full(better) && !matched.seat_is_worth.is_empty());
                    }
                    Reason::NoCandidate => prop_assert!(row.is_empty()),
                    Reason::AllFull { best } => prop_assert!(own.is_none() && full(best)),
                    Reason::NotWorth => {
                        prop_assert!(own.is_none() && row.iter().all(|c| c.points() <= 0));
                    }
                }
            }
        }
    }
}

/// Whether nobody is indifferent, so that the best stable matching for people is one.
fn is_strict(seekers: &[Vec<Candidate>]) -> bool {
    let distinct = |mut all: Vec<i64>| {
        let n = all.len();
        all.sort_unstable();
        all.dedup();
        all.len() == n
    };
    let by_vacancy = |v: u32| {
        let of = seekers.iter().flatten().filter(|c| c.vacancy == v);
        distinct(of.map(|c| c.employer).collect())
    };
    seekers.iter().all(|row| distinct(row.iter().map(|c| c.person).collect()))
        && (0..4).all(by_vacancy)
}

/// Every matching by person.
fn matchings(seekers: &[Vec<Candidate>], seats: &[u32]) -> Vec<Vec<Option<u32>>> {
    let mut all: Vec<Vec<Option<u32>>> = vec![Vec::new()];
    for row in seekers {
        let mut longer = Vec::new();
        for begun in all {
            for vacancy in row.iter().map(|c| Some(c.vacancy)).chain([None]) {
                let held = begun.iter().filter(|v| **v == vacancy).count();
                if vacancy.is_none_or(|v| held < seats[v as usize] as usize) {
                    longer.push(begun.iter().copied().chain([vacancy]).collect());
                }
            }
        }
        all = longer;
    }
    all
}

#[test]
fn who_is_left_is_told_with_whom() {
    let one = |vacancy, person, employer| Candidate { vacancy, person, employer };
    // Two want the one seat; the employer wants the second more.
    let seekers =
        [vec![one(0, 5, 1), one(1, 1, 1)], vec![one(0, 4, 9)], vec![one(0, 3, 0)], vec![]];
    for matched in [best(&seekers, &[1, 1], Aim::Points).plan, stable(&seekers, &[1, 1])] {
        assert_eq!(matched.vacancy_of, [Some(1), Some(0), None, None]);
        assert_eq!(
            matched.reasons,
            [
                Reason::BetterFull { better: 0 },
                Reason::First,
                Reason::AllFull { best: 0 },
                Reason::NoCandidate
            ]
        );
        assert_eq!(matched.holders(0), [1]);
    }
}
