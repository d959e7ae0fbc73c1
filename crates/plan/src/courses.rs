//! The course plan: which sessions open, with which teacher, and whose household goes to which, so that what reaching them is
//! worth is most under budget, rooms, teachers, weeks that nobody has and capacities.
//!
//! What reaching a household by a session is worth comes from the caller in points (untrained or not, wish, demand, minutes:
//! [`Weights`]). `objective` and `bound` are points, negated, as less is better everywhere here.

use crate::budget::{Budget, Solved};

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

/// The plan that reaches most, about.
///
/// # Panics
/// If a candidate is of no session.
pub fn plan(
    _sessions: &[Session],
    _households: &[Vec<Candidate>],
    _terms: &Terms,
    _budget: Budget,
) -> Solved<CoursePlan> {
    todo!()
}
