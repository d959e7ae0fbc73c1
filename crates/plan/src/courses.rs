//! The course plan: which sessions open, with which teacher, and whose household goes to which, so that what reaching them is
//! worth is most under budget, rooms, teachers, weeks that nobody has and capacities.
//!
//! What reaching a household by a session is worth comes from the caller in points (untrained or not, wish, demand, minutes:
//! [`Weights`]). `objective` and `bound` are points, negated, as less is better everywhere here.

mod branch;
mod hold;
mod relax;
mod shape;

use crate::budget::{Budget, Solved};
use crate::tree::search;
use branch::Courses;
use hold::Set;
use relax::{Relaxed, State};
use shape::Shape;

/// A session that could be held.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Session {
    /// The room that it needs; one session a room and week.
    pub room: u32,
    /// The weeks that it takes.
    pub weeks: Vec<u32>,
    /// Teachers who could give it, one of whom does; one session a teacher and week. Empty: whoever gives it brings one.
    pub teachers: Vec<u32>,
    /// Households that it can take.
    pub capacity: u32,
    /// Households below which it is not held.
    pub least: u32,
    /// What holding it costs.
    pub yuan: u32,
    /// What each who comes costs besides.
    pub yuan_each: u32,
}

/// A session that a household could send somebody to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Candidate {
    /// The session: a position.
    pub session: u32,
    /// What it would be worth; not above nought is passed over.
    pub points: i64,
}

/// What the plan has to keep to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Terms {
    /// What may be spent.
    pub yuan: i64,
    /// Weeks in which nothing is held: harvest, New Year.
    pub blocked: Vec<u32>,
}

/// A session that is held.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Held {
    /// The session.
    pub session: u32,
    /// Who gives it.
    pub teacher: Option<u32>,
    /// Households that come, rising.
    pub households: Vec<u32>,
    /// What one more place there would be worth, in points.
    pub place_is_worth: i64,
}

/// Why a session is not held.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotHeld {
    /// It takes a week in which nothing is held.
    Blocked {
        /// The first such week.
        week: u32,
    },
    /// Its room is taken in one of its weeks.
    Room {
        /// By this session.
        by: u32,
    },
    /// All its teachers are taken.
    Teacher,
    /// Too few would come.
    TooFew {
        /// Those who would still come.
        come: u32,
    },
    /// The money is better spent on others.
    Money,
    /// Nobody would come who does not come elsewhere.
    NobodyMore,
}

/// Why a household is left without a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Left {
    /// No session would do.
    NoCandidate,
    /// None of its sessions is held.
    NotHeld,
    /// Those of its sessions that are held are full; the one worth most.
    Full {
        /// The session.
        session: u32,
    },
}

/// Which sessions are held for whom.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct CoursePlan {
    /// By session, rising.
    pub held: Vec<Held>,
    /// For each session that is not held: why.
    pub not_held: Vec<(u32, NotHeld)>,
    /// For each household its session.
    pub session_of: Vec<Option<u32>>,
    /// For each household that is left: why.
    pub left: Vec<(u32, Left)>,
    /// What it costs.
    pub yuan: i64,
    /// What one more yuan would be worth in points, about: by the prices of the bound.
    pub yuan_is_worth: f64,
}

/// How points of a candidate are made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Weights {
    /// A household with nobody trained is reached.
    pub untrained: i64,
    /// A household with somebody trained is reached.
    pub trained: i64,
    /// It is what they wish.
    pub wish: i64,
    /// For each of ten degrees of demand for the course.
    pub demand: i64,
    /// Less for each ten minutes of the way.
    pub minutes_each_ten: i64,
}

impl Weights {
    /// Points of one household and session; `demand` in 0..=10.
    pub fn points(&self, is_untrained: bool, is_wish: bool, demand: u32, minutes: u32) -> i64 {
        let base = if is_untrained { self.untrained } else { self.trained };
        let wish = if is_wish { self.wish } else { 0 };
        base + wish + self.demand * i64::from(demand.min(10))
            - self.minutes_each_ten * i64::from(minutes) / 10
    }
}

/// The plan that reaches most, about; with time enough the best, proven.
///
/// Source: "one session a household", rooms and teachers are priced (volume algorithm, Barahona and Anbil 2000); what is left is
/// the best who come for each session and a knapsack for the money. Sessions are then decided by branch and bound; with all of
/// them decided, who goes where is a transportation problem.
///
/// # Panics
/// If a candidate is of no session, or sessions take more than 128 different weeks.
pub fn plan(
    sessions: &[Session],
    households: &[Vec<Candidate>],
    terms: &Terms,
    budget: Budget,
) -> Solved<CoursePlan> {
    let terms = Terms { yuan: terms.yuan.max(0), ..terms.clone() };
    let shape = Shape::new(sessions, households, &terms);
    let begun = shape.begin();
    let courses = Courses::new(&shape);
    let root = courses.root();
    let searched = search(&courses, root, Some((-(begun.points as f64), begun)), budget);
    let (objective, best) = searched.best.expect("a plan was given");
    let (unsettled, prices) = courses.ended();
    let bound = searched.bound.min(unsettled).min(objective);
    let free: Vec<State> =
        shape.usable.iter().map(|u| if *u { State::Free } else { State::Closed }).collect();
    let yuan_is_worth =
        if prices.is_empty() { 0.0 } else { Relaxed::new(&shape, &free).yuan_is_worth(&prices) };
    let plan = told(&shape, &best, &terms, yuan_is_worth);
    Solved { plan, objective, bound, nodes: searched.nodes }
}

/// A set with its reasons.
fn told(shape: &Shape, set: &Set, terms: &Terms, yuan_is_worth: f64) -> CoursePlan {
    let mut come = vec![Vec::new(); set.open.len()];
    for (household, at) in (0_u32..).zip(&set.session_of) {
        if let Some(at) = at {
            come[*at as usize].push(household);
        }
    }
    let held: Vec<Held> = set
        .open
        .iter()
        .zip(come)
        .enumerate()
        .map(|(n, (&session, households))| Held {
            session,
            teacher: set.teachers[n],
            households,
            place_is_worth: set.price[n],
        })
        .collect();
    let adds = shape.still_adds(set);
    let not_held = (0..shape.sessions.len() as u32)
        .filter(|s| set.open.binary_search(s).is_err())
        .map(|s| (s, why_not(shape, set, terms, adds[s as usize], s)))
        .collect();
    let session_of: Vec<Option<u32>> =
        set.session_of.iter().map(|at| at.map(|n| set.open[n as usize])).collect();
    let left = (0_u32..)
        .zip(&session_of)
        .filter(|(_, session)| session.is_none())
        .map(|(household, _)| {
            let all = shape.candidates(household as usize);
            let held = all.iter().filter(|c| set.open.binary_search(&c.0).is_ok());
            let why = match held.max_by_key(|c| (c.1, std::cmp::Reverse(c.0))) {
                Some(&(session, _)) => Left::Full { session },
                None if has_candidate(shape, household) => Left::NotHeld,
                None => Left::NoCandidate,
            };
            (household, why)
        })
        .collect();
    CoursePlan { held, not_held, session_of, left, yuan: set.yuan, yuan_is_worth }
}

/// Whether a household could go to any session, held or not, or one that cannot be held.
fn has_candidate(shape: &Shape, household: u32) -> bool {
    let goes = |row: &Vec<(u32, i64)>| row.binary_search_by_key(&household, |c| c.0).is_ok();
    !shape.candidates(household as usize).is_empty() || shape.rows.iter().any(goes)
}

fn why_not(shape: &Shape, set: &Set, terms: &Terms, (adds, come): (i64, u32), s: u32) -> NotHeld {
    let session = &shape.sessions[s as usize];
    if let Some(&week) = session.weeks.iter().filter(|w| terms.blocked.contains(w)).min() {
        return NotHeld::Blocked { week };
    }
    if shape.rows[s as usize].len() < session.least.max(1) as usize {
        return NotHeld::TooFew { come: shape.rows[s as usize].len() as u32 };
    }
    if adds <= 0 {
        return NotHeld::NobodyMore;
    }
    if come < session.least {
        return NotHeld::TooFew { come };
    }
    if let Some(&by) = set.open.iter().find(|other| shape.share_room(**other, s)) {
        return NotHeld::Room { by };
    }
    let mut open = set.open.clone();
    open.push(s);
    if shape.give_teachers(&open).is_err() {
        return NotHeld::Teacher;
    }
    NotHeld::Money
}

#[cfg(test)]
mod tests;
