//! Meals proved by three counts: who was there, who was served, what was claimed, by school, class and day.
//!
//! Nothing is filled in. A class whose teacher did not count is unmarked: it proves no meal and accuses nobody. What is
//! claimed beyond what the other two counts prove is named with the reason; meals claimed by name are held against each
//! child's own days.

mod close;
mod said;

pub use close::{ClassClose, Close, Finding, SchoolClose, Totals, close};
pub use said::{DayFault, DayReturn, Enrolled, refuses};

use crate::Days;

fujiao_model::code_table! {
    /// Why a claimed meal is not proved.
    Over {
        /// More were claimed than were there.
        Absent = "absent", "不在校也申报";
        /// As many were there, but fewer were served.
        Unserved = "unserved", "没有供餐也申报";
        /// Claimed for a day without lessons.
        OffDay = "off_day", "非上课日申报";
        /// Claimed by a school that was closed.
        Closed = "closed", "停办学校申报";
        /// Claimed by a school whose pupils another one has, or for a child whom another school claims.
        Double = "double", "并校重复申报";
        /// Claimed by name for somebody who is not enrolled there.
        Stranger = "stranger", "不在籍也申报";
    }
}

/// A school in a month.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct School {
    /// The register's id.
    pub id: u64,
    /// Days on which it has lessons if it is open.
    pub lessons: Days,
    /// Days on which it is open ([`crate::Lives::open_in`]).
    pub open: Days,
    /// Days of the month on which its pupils belong to another school.
    pub merged: Days,
    /// Whether it takes part in the programme.
    pub takes_part: bool,
    /// Whether it claims by its list of names alone, and not by class and day.
    pub claims_by_name: bool,
}

/// A class of a school.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Class {
    /// Position of the school.
    pub school: u32,
    /// As people call it: 三年级1班.
    pub name: Box<str>,
    /// How many are enrolled.
    pub enrolled: u32,
}

/// What was counted of a class on a day. `None`: nobody said, which is not nought.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ClassDay {
    /// Position of the class.
    pub class: u32,
    /// Day of the month.
    pub day: i8,
    /// Who was there.
    pub present: Option<u32>,
    /// Who was served.
    pub served: Option<u32>,
    /// What the school claims.
    pub claimed: Option<u32>,
    /// The source row.
    pub source: u64,
}

/// The days that are claimed for a child.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Claimed {
    /// These days.
    Days(Days),
    /// So many, nobody says which.
    Count(u32),
}

/// A child at a school in a month.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pupil {
    /// The register's id of the person; one who moved within the month comes once for each class.
    pub person: u64,
    /// Position of the class.
    pub class: u32,
    /// Days on which the child is enrolled there.
    pub enrolled: Days,
    /// Days on which it was away.
    pub absent: Days,
}

/// A claim by name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NamedClaim {
    /// For whom.
    pub person: u64,
    /// Position of the school that claims.
    pub school: u32,
    /// For which days.
    pub days: Claimed,
    /// The source row.
    pub source: u64,
}

/// All that is known of a month.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Book {
    /// Schools.
    pub schools: Vec<School>,
    /// Their classes.
    pub classes: Vec<Class>,
    /// Counts, in any order; of two of one class and day the later counts.
    pub days: Vec<ClassDay>,
    /// Children of the classes.
    pub pupils: Vec<Pupil>,
    /// Claims by name.
    pub claims: Vec<NamedClaim>,
}

#[cfg(test)]
mod tests;
