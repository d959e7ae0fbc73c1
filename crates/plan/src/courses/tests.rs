use proptest::prelude::*;

use super::*;
use crate::check::{self, Class, HeldClass, Said};

type Case = (Vec<Session>, Vec<Vec<Candidate>>, Terms);

fn case() -> impl Strategy<Value = Case> {
    let session = (
        0..2_u32,
        prop::collection::btree_set(0..4_u32, 1..3),
        prop::collection::btree_set(0..3_u32, 0..3),
        (1..4_u32, 0..3_u32),
        (1..20_u32, 0..4_u32),
    )
        .prop_map(|(room, weeks, teachers, (capacity, least), (yuan, yuan_each))| Session {
            room,
            weeks: weeks.into_iter().collect(),
            teachers: teachers.into_iter().collect(),
            capacity,
            least,
            yuan,
            yuan_each,
        });
    let household = prop::collection::btree_map(0..5_u32, -3..20_i64, 0..4).prop_map(|row| {
        row.into_iter().map(|(session, points)| Candidate { session, points }).collect::<Vec<_>>()
    });
    (
        prop::collection::vec(session, 5),
        prop::collection::vec(household, 0..6),
        (0..60_i64, prop::collection::vec(0..4_u32, 0..2)),
        any::<bool>(),
    )
        .prop_map(|(mut sessions, households, (yuan, blocked), each)| {
            if !each {
                for session in &mut sessions {
                    session.yuan_each = 0;
                }
            }
            (sessions, households, Terms { yuan, blocked })
        })
}

fn classes(sessions: &[Session]) -> Vec<Class> {
    let of = |s: &Session| Class {
        room: s.room,
        weeks: s.weeks.clone(),
        teachers: s.teachers.clone(),
        takes: (s.least, s.capacity),
        yuan: (s.yuan, s.yuan_each),
    };
    sessions.iter().map(of).collect()
}

fn rows(households: &[Vec<Candidate>]) -> Vec<Vec<(u32, i64)>> {
    households.iter().map(|row| row.iter().map(|c| (c.session, c.points)).collect()).collect()
}

fn held(plan: &CoursePlan) -> Vec<HeldClass> {
    plan.held.iter().map(|h| (h.session, h.teacher, h.households.clone())).collect()
}

/// The most points of any plan: every assignment of households, every choice of teachers.
fn brute(case: &Case) -> i64 {
    fn go(case: &Case, of: &mut Vec<Option<u32>>, best: &mut i64, points: i64) {
        let (sessions, households, terms) = case;
        if of.len() < households.len() {
            let row = households[of.len()].iter().filter(|c| c.points > 0);
            for candidate in row.map(Some).chain([None]) {
                of.push(candidate.map(|c| c.session));
                go(case, of, best, points + candidate.map_or(0, |c| c.points));
                of.pop();
            }
            return;
        }
        if points <= *best {
            return;
        }
        let mut come = vec![0_u32; sessions.len()];
        for session in of.iter().flatten() {
            come[*session as usize] += 1;
        }
        let open: Vec<usize> = (0..sessions.len()).filter(|s| come[*s] > 0).collect();
        let fits = |s: &usize| (sessions[*s].least..=sessions[*s].capacity).contains(&come[*s]);
        let yuan = |s: &usize| i64::from(sessions[*s].yuan + sessions[*s].yuan_each * come[*s]);
        let meets = |a: &Session, b: &Session| a.weeks.iter().any(|w| b.weeks.contains(w));
        let blocked = |s: &usize| sessions[*s].weeks.iter().any(|w| terms.blocked.contains(w));
        let clash = open.iter().any(|a| {
            open.iter().any(|b| {
                a < b
                    && sessions[*a].room == sessions[*b].room
                    && meets(&sessions[*a], &sessions[*b])
            })
        });
        if !open.iter().all(fits)
            || open.iter().any(blocked)
            || clash
            || open.iter().map(yuan).sum::<i64>() > terms.yuan
        {
            return;
        }
        let mut chosen: Vec<(usize, Option<u32>)> = Vec::new();
        if teach(sessions, &open, &mut chosen) {
            *best = points;
        }
    }
    fn teach(sessions: &[Session], open: &[usize], chosen: &mut Vec<(usize, Option<u32>)>) -> bool {
        let Some(&next) = open.get(chosen.len()) else { return true };
        let all: Vec<Option<u32>> = match &sessions[next].teachers[..] {
            [] => vec![None],
            some => some.iter().map(|t| Some(*t)).collect(),
        };
        for teacher in all {
            let free = chosen.iter().all(|(other, t)| {
                t.is_none()
                    || *t != teacher
                    || !sessions[*other].weeks.iter().any(|w| sessions[next].weeks.contains(w))
            });
            if free {
                chosen.push((next, teacher));
                if teach(sessions, open, chosen) {
                    return true;
                }
                chosen.pop();
            }
        }
        false
    }
    let mut best = 0;
    go(case, &mut Vec::new(), &mut best, 0);
    best
}

proptest! {
    #[test]
    fn no_course_plan_is_worth_more(case in case()) {
        let (sessions, households, terms) = &case;
        let solved = plan(sessions, households, terms, Budget::unlimited().with_nodes(400));
        let said = Said { objective: solved.objective, bound: solved.bound };
        let counted = check::courses(
            &classes(sessions), &rows(households), (terms.yuan, &terms.blocked), &held(&solved.plan), said,
        );
        prop_assert_eq!(counted, Ok(()));
        let best = -(brute(&case) as f64);
        prop_assert!(solved.bound <= best + 1e-6, "bound {} best {best}", solved.bound);
        let is_plain = sessions.iter().all(|s| s.yuan_each == 0);
        if is_plain {
            prop_assert!((solved.objective - best).abs() < 1e-6, "{} {best}", solved.objective);
            prop_assert!(solved.is_proven());
        }
    }

    #[test]
    fn reasons_of_a_course_plan_are_so(case in case()) {
        let (sessions, households, terms) = &case;
        let plan = plan(sessions, households, terms, Budget::unlimited().with_nodes(100)).plan;
        prop_assert_eq!(plan.held.len() + plan.not_held.len(), sessions.len());
        let is_held = |s: u32| plan.held.iter().any(|h| h.session == s);
        for &(session, why) in &plan.not_held {
            let of = &sessions[session as usize];
            match why {
                NotHeld::Blocked { week } => {
                    prop_assert!(of.weeks.contains(&week) && terms.blocked.contains(&week));
                }
                NotHeld::Room { by } => {
                    prop_assert!(is_held(by));
                    prop_assert_eq!(of.room, sessions[by as usize].room);
                }
                NotHeld::Teacher => prop_assert!(!of.teachers.is_empty()),
                NotHeld::TooFew { come } => prop_assert!(come < of.least.max(1)),
                NotHeld::Money | NotHeld::NobodyMore => {}
            }
        }
        let without = plan.session_of.iter().filter(|s| s.is_none()).count();
        prop_assert_eq!(without, plan.left.len());
        for &(household, why) in &plan.left {
            let row = &households[household as usize];
            match why {
                Left::NoCandidate => prop_assert!(row.iter().all(|c| c.points <= 0)),
                Left::NotHeld => prop_assert!(row.iter().all(|c| c.points <= 0 || !is_held(c.session))),
                Left::Full { session } => prop_assert!(is_held(session)),
            }
        }
    }
}

#[test]
fn one_thread_or_many_find_the_same_course_plan() {
    let mut random = crate::random::Random::new(7);
    let sessions: Vec<Session> = (0..14)
        .map(|n| Session {
            room: n % 4,
            weeks: (0..2).map(|w| random.below(6) as u32 + w).collect(),
            teachers: vec![n % 3, 3],
            capacity: 6 + random.below(6) as u32,
            least: 3,
            yuan: 20 + random.below(20) as u32,
            yuan_each: 0,
        })
        .collect();
    let households: Vec<Vec<Candidate>> = (0..120)
        .map(|_| {
            let of = |_| Candidate {
                session: random.below(14) as u32,
                points: 20 + i64::from(random.below(80) as u32),
            };
            (0..4).map(of).collect()
        })
        .collect();
    let terms = Terms { yuan: 150, blocked: vec![3] };
    let solve = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| plan(&sessions, &households, &terms, Budget::unlimited().with_nodes(200)))
    };
    let one = solve(1);
    assert_eq!(one, solve(3));
    assert!(one.plan.held.len() > 2);
}
