use fujiao_plan::transport::Transport;
use fujiao_watch::pair::{Pairs, Problem, Unproven, prove};

/// The best plan of pairs for a problem, with the prices that prove it, and what it costs.
///
/// 12 000 pupils and 1 800 mentors take about a second on two cores (`cargo run --release -p fujiao-office --example pair`).
///
/// # Errors
/// [`Unproven`] if the prices do not prove the plan: a mistake of ours, and no plan to be shown.
pub fn best_pairs(problem: &Problem) -> Result<(Pairs, i128), Unproven> {
    let mentors = problem.capacity.len();
    let nobody = u32::try_from(mentors).expect("fewer than 2³² mentors");
    let pupils = problem.pupils();
    let mut capacity: Vec<i64> = problem.capacity.iter().map(|c| i64::from(*c)).collect();
    capacity.push(i64::try_from(pupils).expect("fewer than 2⁶³ pupils"));
    let mut places = Transport::new(capacity);
    places.reserve(pupils, (0..pupils).map(|p| problem.candidates(p).0.len() + 1).sum());
    for pupil in 0..pupils {
        let (mentors, costs) = problem.candidates(pupil);
        let pairs = mentors.iter().copied().zip(costs.iter().copied());
        places.push(1, pairs.chain([(nobody, problem.unpaired)]));
    }
    let found = places.solve().expect("there is room with nobody for everybody");
    let mut at = 0;
    let mentor_of = (0..pupils)
        .map(|pupil| {
            let (mentors, _) = problem.candidates(pupil);
            let flow = &found.flow[at..at + mentors.len()];
            at += mentors.len() + 1;
            flow.iter().position(|units| *units > 0).map(|place| mentors[place])
        })
        .collect();
    let pairs = Pairs { mentor_of, price: found.price[..mentors].to_vec() };
    let cost = prove(problem, &pairs)?;
    Ok((pairs, cost))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use fujiao_watch::pair::{Gender, Keeping, Mentor, Pupil, Rules, changes};

    use super::*;

    /// A county of towns with schools and mentors, by simple sums: no chance.
    fn county(pupils: u32, mentors: u32) -> (Vec<Pupil>, Vec<Mentor>) {
        let gender = |n: u32| if n.is_multiple_of(2) { Gender::Female } else { Gender::Male };
        let pupil = |n: u32| {
            let town = i64::from(n * 7 % 15);
            Pupil {
                school: u64::from(n * 7 % 15 * 5 + n % 5),
                village: town * 10 + i64::from(n / 15 % 9),
                town,
                gender: gender(n / 3),
                languages: 1 + u64::from(n.is_multiple_of(11)),
                subjects: u64::from(n % 8),
                boards: n.is_multiple_of(4),
                mentor: None,
            }
        };
        let mentor = |n: u32| {
            let town = i64::from(n % 15);
            let kind = ["teacher", "teacher", "official", "volunteer"][n as usize / 15 % 4];
            Mentor {
                kind: kind.to_owned(),
                school: (kind == "teacher").then_some(u64::from(n % 15 * 5 + n / 15 % 5)),
                village: Some(town * 10 + i64::from(n / 15 % 9)),
                town: Some(town),
                gender: gender(n / 15),
                languages: 1,
                subjects: 1 << (n % 3),
                boarding_duty: n.is_multiple_of(3),
                capacity: 3 + n % 5,
                signed: !n.is_multiple_of(50),
            }
        };
        ((0..pupils).map(pupil).collect(), (0..mentors).map(mentor).collect())
    }

    #[test]
    fn the_kernels_plan_of_pairs_is_proven_and_a_departure_moves_only_whom_it_must() {
        let rules = Rules::builtin();
        let (mut pupils, mut mentors) = county(1_500, 270);
        let problem = Problem::build(&rules, &pupils, &mentors, Keeping::Weighed);
        let (before, _) = best_pairs(&problem).unwrap();
        let unpaired = before.mentor_of.iter().filter(|m| m.is_none()).count();
        assert!(
            unpaired > 0 && unpaired < 400,
            "{unpaired}: mentors are scarce, so that prices count"
        );
        for (pupil, mentor) in pupils.iter_mut().zip(&before.mentor_of) {
            pupil.mentor = *mentor;
        }
        // Nothing changes if nobody leaves.
        let again = Problem::build(&rules, &pupils, &mentors, Keeping::First);
        assert_eq!(best_pairs(&again).unwrap().0.mentor_of, before.mentor_of);
        mentors[17].capacity = 0;
        let without = Problem::build(&rules, &pupils, &mentors, Keeping::First);
        let (after, _) = best_pairs(&without).unwrap();
        let gone = BTreeSet::from([17]);
        let changed = changes(&before.mentor_of, &after.mentor_of, &gone);
        let theirs = before.mentor_of.iter().filter(|m| **m == Some(17)).count();
        assert_eq!(changed.iter().filter(|c| c.left).count(), theirs);
        // Everywhere else mentors are full: who is not theirs stays.
        assert_eq!(changed.len(), theirs, "{changed:?}");
    }
}
