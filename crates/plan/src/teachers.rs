//! Who teaches where next year: vacancies filled, teachers rotated as the rules ask, no family broken, and why.
//!
//! Every teacher is placed at a post for which they are qualified (their own, or another within reach) so that first of all
//! posts are filled, then those move whose turn it is, then ways are short ([`crate::transport`]). What stays vacant is
//! recruited subject by subject; who needs another subject is trained in groups near by ([`fn@groups`]).

mod groups;

use crate::transport::Transport;
pub use groups::{Group, Learner, Venue, groups};

/// A teacher in service.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Teacher {
    /// The post held today; `None` for one without.
    pub post: Option<u32>,
    /// Whether a backbone teacher (骨干教师).
    pub backbone: bool,
    /// Years at the present school.
    pub years_here: u32,
    /// Why this teacher may not be moved, if so.
    pub stays: Option<Stays>,
    /// Posts, other than the own, for which the teacher is qualified and that are within reach: minutes from home.
    pub may_go: Vec<(u32, u32)>,
}

/// Why somebody is not moved.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stays {
    /// Pregnant, or a child under the age that the rules name.
    Infant,
    /// Ill, or somebody at home is.
    Health,
    /// The spouse would be parted from them.
    Spouse,
    /// Retires within the years that the rules name.
    Retires,
}

/// Posts for one subject at one school.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Post {
    /// The school.
    pub school: u32,
    /// How many by the norm.
    pub needed: u32,
    /// Whether the school is remote (rural, weak): backbone teachers are wanted there.
    pub remote: bool,
}

/// What the rules ask.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Rules {
    /// After so many years at one school it is one's turn.
    pub turn_after_years: u32,
    /// At least this share of those whose turn it is moves.
    pub share_that_moves: f64,
    /// At least this share of those who move are backbone teachers.
    pub share_of_backbone: f64,
}

/// What becomes of one teacher.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Next {
    /// At the present post.
    Stays(Why),
    /// To another post.
    Moves {
        /// The post.
        to: u32,
        /// Why this one.
        why: Why,
        /// Minutes from home.
        minutes: u32,
    },
    /// More teachers than posts.
    WithoutPost,
}

/// Why a teacher stays or moves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Why {
    /// For a reason of the teacher's own.
    Kept(Stays),
    /// The turn has not come, and nothing is vacant that needs this teacher.
    NotYet,
    /// It is the teacher's turn; others moved instead.
    OthersMoved,
    /// It is the teacher's turn.
    Turn,
    /// A post would be vacant otherwise.
    Vacancy,
}

/// Next year's posts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rotation {
    /// For each teacher.
    pub next: Vec<Next>,
    /// For each post: how many are missing.
    pub vacant: Vec<u32>,
    /// Of those whose turn it is: how many there are, and how many move.
    pub turn: (usize, usize),
    /// Of those who move: how many are backbone teachers.
    pub backbone: usize,
    /// Whether both shares are as the rules ask; where not, all that can move for them do.
    pub keeps_the_rules: bool,
}

/// A filled post counts for more than any way.
const FILLED: i64 = 1_000_000_000;

/// Plans next year's posts.
///
/// What moving on one's turn counts for is raised until the shares are reached, each by itself, so that no more move than need
/// to: where there are too few backbone teachers, nobody else is sent in their place.
pub fn rotate(teachers: &[Teacher], posts: &[Post], rules: Rules) -> Rotation {
    const MOST: i64 = 100_000;
    let (mut push, mut push_backbone) = (0, 0);
    loop {
        let found = place(teachers, posts, rules, push, push_backbone);
        let too_few = share(found.turn.1, found.turn.0) < rules.share_that_moves;
        let short_of_backbone = share(found.backbone, moved(&found)) < rules.share_of_backbone;
        let more = |wanted: bool, push: &mut i64| {
            let can = wanted && *push < MOST;
            if can {
                *push = (2 * *push).max(15);
            }
            can
        };
        let pushed = more(too_few, &mut push);
        if !more(short_of_backbone, &mut push_backbone) && !pushed {
            return found;
        }
    }
}

/// Teachers of one subject to recruit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recruitment {
    /// The subject.
    pub subject: u32,
    /// How many.
    pub number: u32,
    /// Where: posts and how many, remote ones first.
    pub posts: Vec<(u32, u32)>,
}

/// What stays vacant, by subject, the largest first. `subject[post]`.
pub fn recruit(posts: &[Post], subject: &[u32], vacant: &[u32]) -> Vec<Recruitment> {
    let mut order: Vec<u32> = (0..posts.len() as u32).filter(|p| vacant[*p as usize] > 0).collect();
    order.sort_by_key(|p| (subject[*p as usize], !posts[*p as usize].remote, *p));
    let mut all: Vec<Recruitment> = Vec::new();
    for post in order {
        let (subject, number) = (subject[post as usize], vacant[post as usize]);
        if all.last().is_none_or(|r| r.subject != subject) {
            all.push(Recruitment { subject, number: 0, posts: Vec::new() });
        }
        let last = all.last_mut().expect("one was just put there");
        last.number += number;
        last.posts.push((post, number));
    }
    all.sort_by_key(|r| (std::cmp::Reverse(r.number), r.subject));
    all
}

fn moved(rotation: &Rotation) -> usize {
    rotation.next.iter().filter(|n| matches!(n, Next::Moves { .. })).count()
}

fn share(part: usize, whole: usize) -> f64 {
    if whole == 0 { 1.0 } else { part as f64 / whole as f64 }
}

/// Whose turn it is: long enough here, and free to go somewhere.
fn has_turn(teacher: &Teacher, rules: Rules) -> bool {
    teacher.post.is_some()
        && teacher.stays.is_none()
        && teacher.years_here >= rules.turn_after_years
}

fn place(
    teachers: &[Teacher],
    posts: &[Post],
    rules: Rules,
    push: i64,
    push_backbone: i64,
) -> Rotation {
    let nowhere = posts.len() as u32;
    let mut capacity: Vec<i64> = posts.iter().map(|p| i64::from(p.needed)).collect();
    capacity.push(i64::try_from(teachers.len()).expect("teachers can be counted"));
    let mut transport = Transport::new(capacity);
    for teacher in teachers {
        let mut candidates: Vec<(u32, i64)> = vec![(nowhere, 0)];
        let turn = has_turn(teacher, rules);
        if let Some(post) = teacher.post {
            // Staying on one's turn counts against, the more the longer one is here.
            let late = i64::from(teacher.years_here.saturating_sub(rules.turn_after_years));
            let against = if turn {
                push + late + if teacher.backbone { push_backbone } else { 0 }
            } else {
                0
            };
            // A post above the norm goes before one is lost to who would be moved against their will.
            candidates
                .push((post, against - FILLED - if teacher.stays.is_some() { FILLED } else { 0 }));
        }
        if teacher.stays.is_none() || teacher.post.is_none() {
            for &(post, minutes) in &teacher.may_go {
                if Some(post) != teacher.post && !candidates.iter().any(|c| c.0 == post) {
                    let here = if teacher.post.is_some() && !turn { 60 } else { 0 };
                    let wanted =
                        if teacher.backbone && posts[post as usize].remote { 20 } else { 0 };
                    candidates.push((post, i64::from(minutes) + here - wanted - FILLED));
                }
            }
        }
        transport.push(1, candidates);
    }
    let placement = transport.solve().expect("everybody may be without a post");
    let mut vacant: Vec<u32> = posts.iter().map(|p| p.needed).collect();
    let mut next = Vec::with_capacity(teachers.len());
    for (at, teacher) in teachers.iter().enumerate() {
        let (to, _) = transport.candidates(at);
        let flow = &placement.flow[transport.row(at)];
        let post = to.iter().zip(flow).find(|(_, n)| **n > 0).map_or(nowhere, |(post, _)| *post);
        if post != nowhere {
            vacant[post as usize] -= 1;
        }
        let turn = has_turn(teacher, rules);
        next.push(if post == nowhere {
            Next::WithoutPost
        } else if Some(post) == teacher.post {
            Next::Stays(match teacher.stays {
                Some(stays) => Why::Kept(stays),
                None if turn => Why::OthersMoved,
                None => Why::NotYet,
            })
        } else {
            let minutes = teacher.may_go.iter().find(|m| m.0 == post).map_or(0, |m| m.1);
            Next::Moves { to: post, why: if turn { Why::Turn } else { Why::Vacancy }, minutes }
        });
    }
    let of_turn = |n: &Next| matches!(n, Next::Moves { why: Why::Turn, .. });
    let turn = (
        teachers.iter().filter(|t| has_turn(t, rules)).count(),
        next.iter().filter(|n| of_turn(n)).count(),
    );
    let moves = |n: &Next| matches!(n, Next::Moves { .. });
    let backbone = teachers.iter().zip(&next).filter(|(t, n)| t.backbone && moves(n)).count();
    let keeps_the_rules = share(turn.1, turn.0) >= rules.share_that_moves
        && share(backbone, next.iter().filter(|n| moves(n)).count()) >= rules.share_of_backbone;
    Rotation { next, vacant, turn, backbone, keeps_the_rules }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RULES: Rules =
        Rules { turn_after_years: 6, share_that_moves: 0.5, share_of_backbone: 0.2 };

    fn teacher(post: u32, years_here: u32, may_go: &[(u32, u32)]) -> Teacher {
        Teacher {
            post: Some(post),
            backbone: false,
            years_here,
            stays: None,
            may_go: may_go.to_vec(),
        }
    }

    fn post(needed: u32, remote: bool) -> Post {
        Post { school: 0, needed, remote }
    }

    #[test]
    fn two_whose_turn_it_is_change_places_and_who_has_an_infant_stays() {
        let mut teachers = [
            teacher(0, 8, &[(1, 30)]),
            teacher(0, 9, &[(1, 30)]),
            teacher(1, 7, &[(0, 25)]),
            teacher(1, 1, &[(0, 5)]),
        ];
        teachers[0].backbone = true;
        teachers[1].stays = Some(Stays::Infant);
        let found = rotate(&teachers, &[post(2, false), post(2, true)], RULES);
        assert_eq!(
            found.next,
            [
                Next::Moves { to: 1, why: Why::Turn, minutes: 30 },
                Next::Stays(Why::Kept(Stays::Infant)),
                Next::Moves { to: 0, why: Why::Turn, minutes: 25 },
                Next::Stays(Why::NotYet),
            ]
        );
        assert_eq!((found.vacant, found.turn, found.backbone), (vec![0, 0], (2, 2), 1));
        assert!(found.keeps_the_rules);
    }

    #[test]
    fn without_backbone_teachers_nobody_is_sent_in_their_place() {
        // Four whose turn it is could change places in two pairs; the rules ask for half of them.
        let teachers: Vec<Teacher> = [(0, 1), (1, 0), (2, 3), (3, 2)]
            .map(|(own, other)| teacher(own, 7, &[(other, 30)]))
            .into();
        let posts = [post(1, false); 4];
        let found = rotate(&teachers, &posts, RULES);
        assert!(!found.keeps_the_rules, "no backbone teacher is there");
        assert!(found.turn.1 >= 2, "{found:?}");
        let ask = Rules { share_that_moves: 0.0, ..RULES };
        assert_eq!(rotate(&teachers, &posts, ask).turn.1, 0, "nobody moves without need");
    }

    #[test]
    fn what_stays_vacant_is_recruited_by_subject() {
        let posts = [post(3, false), post(2, true), post(1, true), post(4, false)];
        let found = recruit(&posts, &[7, 7, 5, 5], &[2, 1, 1, 0]);
        assert_eq!(
            found,
            [
                Recruitment { subject: 7, number: 3, posts: vec![(1, 1), (0, 2)] },
                Recruitment { subject: 5, number: 1, posts: vec![(2, 1)] },
            ]
        );
    }

    #[test]
    fn a_vacancy_is_filled_before_anybody_rests() {
        let teachers = [teacher(0, 1, &[(1, 40)]), teacher(0, 2, &[(1, 20)])];
        let found = rotate(&teachers, &[post(1, false), post(1, true)], RULES);
        assert_eq!(found.next[1], Next::Moves { to: 1, why: Why::Vacancy, minutes: 20 });
        assert_eq!(found.next[0], Next::Stays(Why::NotYet));
        let short = rotate(&teachers[..1], &[post(1, false), post(1, true)], RULES);
        assert_eq!(short.vacant, [0, 1]);
    }
}
