//! What a school may say of a day: refused at the field, the rest kept.

use jiff::civil::Date;

use crate::SchoolDays;

/// What is known of a class when its return comes in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Enrolled {
    /// How many are enrolled.
    pub pupils: u32,
    /// Whether the school is open that day.
    pub open: bool,
    /// Whether the county has locked the month.
    pub locked: bool,
}

/// A daily return.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DayReturn {
    /// The day.
    pub on: Date,
    /// Who was there.
    pub present: Option<u32>,
    /// Who was served.
    pub served: Option<u32>,
    /// What is claimed.
    pub claimed: Option<u32>,
}

fujiao_model::code_table! {
    /// What is wrong with a daily return, and at which field.
    DayFault {
        /// The day lies in no term.
        OutsideTerm = "outside_term", "不在学期内";
        /// No lessons that day.
        NoLessons = "no_lessons", "不是上课日";
        /// The day has not come.
        Tomorrow = "tomorrow", "还没到的日子";
        /// The school is closed.
        SchoolClosed = "school_closed", "学校那天停办";
        /// The county has locked the month.
        Locked = "locked", "这个月县里已经锁定";
        /// More were there than are enrolled.
        PresentAboveEnrolled = "present_above_enrolled", "到校比在籍多";
        /// More were served than are enrolled.
        ServedAboveEnrolled = "served_above_enrolled", "供餐比在籍多";
        /// More is claimed than are enrolled.
        ClaimedAboveEnrolled = "claimed_above_enrolled", "申报比在籍多";
        /// Nothing is said.
        Empty = "empty", "三个数都空着";
    }
}

impl DayFault {
    /// The field that it is about.
    pub const fn field(self) -> &'static str {
        match self {
            Self::PresentAboveEnrolled => "present",
            Self::ServedAboveEnrolled => "served",
            Self::ClaimedAboveEnrolled => "claimed",
            Self::Empty => "",
            _ => "on",
        }
    }
}

/// Everything that is wrong with a return; empty: it can be taken.
///
/// Weekends that are worked are school days, and a day that no calendar knows is judged by the term alone.
pub fn refuses(said: &DayReturn, of: Enrolled, days: &SchoolDays, today: Date) -> Vec<DayFault> {
    let mut faults = Vec::new();
    if said.on > today {
        faults.push(DayFault::Tomorrow);
    } else if !days.in_term(said.on) && !days.is_one(said.on) {
        faults.push(DayFault::OutsideTerm);
    } else if !days.is_one(said.on) {
        faults.push(DayFault::NoLessons);
    } else if !of.open {
        faults.push(DayFault::SchoolClosed);
    }
    if of.locked {
        faults.push(DayFault::Locked);
    }
    let above = |n: Option<u32>| n.is_some_and(|n| n > of.pupils);
    for (is, fault) in [
        (above(said.present), DayFault::PresentAboveEnrolled),
        (above(said.served), DayFault::ServedAboveEnrolled),
        (above(said.claimed), DayFault::ClaimedAboveEnrolled),
        (
            said.present.is_none() && said.served.is_none() && said.claimed.is_none(),
            DayFault::Empty,
        ),
    ] {
        if is {
            faults.push(fault);
        }
    }
    faults
}
