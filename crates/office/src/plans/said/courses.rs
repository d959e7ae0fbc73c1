//! Which courses are held, where, when, by whom and for whom.

use serde::{Deserialize, Serialize};

/// A session that could be held.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CourseSession {
    /// Course.
    pub course: String,
    /// Its kind.
    pub kind: String,
    /// Provider.
    pub provider: String,
    /// Room.
    pub room: String,
    /// Town, by code.
    pub town: u64,
    /// Its name.
    pub town_name: String,
    /// First day.
    pub from: String,
    /// Last day.
    pub to: String,
    /// Hours.
    pub hours: u32,
    /// Seats.
    pub seats: u32,
    /// How much work asks for it, 0 to 10.
    pub demand: u32,
    /// Who gives it in the plan.
    pub trainer: String,
    /// Households that come.
    pub comes: u32,
    /// What it costs, with those who come.
    pub yuan: u32,
    /// What one more place would be worth, in points.
    pub place_is_worth: i64,
    /// Whether it is held.
    pub held: bool,
    /// `blocked`, `room`, `teacher`, `too_few`, `money`, `nobody_more`.
    pub why_not: String,
}

/// A household with nobody trained.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CourseHome {
    /// Who of it goes, or would, by the id in the register: sixteen digits.
    pub person: String,
    /// Village or town, by code.
    pub place: u64,
    /// Position of the session.
    pub session: Option<u32>,
    /// Where there is none: `too_far`, `not_held`, `full`.
    pub why: String,
}

/// A town with its households with nobody trained.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CourseTown {
    /// Its name.
    pub name: String,
    /// Households.
    pub households: u32,
    /// Of them reached.
    pub reached: u32,
    /// No session near enough.
    pub too_far: u32,
    /// Those near enough are not held.
    pub not_held: u32,
    /// Those that are held are full.
    pub full: u32,
}

/// A course plan.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Courses {
    /// What could be held.
    pub sessions: Vec<CourseSession>,
    /// Households.
    pub homes: Vec<CourseHome>,
    /// Towns, by code.
    pub towns: Vec<CourseTown>,
    /// Households with nobody trained today.
    pub households: u32,
    /// Of them reached.
    pub reached: u32,
    /// What may be spent.
    pub yuan: i64,
    /// What is spent.
    pub spent: i64,
    /// What ten thousand yuan more would be worth, in points.
    pub ten_thousand_is_worth: u32,
    /// Mondays of weeks in which nothing is held.
    pub blocked: Vec<String>,
    /// The longest way, in minutes.
    pub minutes: u32,
    /// Whether the county's table says what could be held.
    pub from_table: bool,
}
