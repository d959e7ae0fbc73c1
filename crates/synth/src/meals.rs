//! Absences, and the meals that schools claim.

use fujiao_model::{EnrolmentStatus, Money};
use jiff::civil::{Date, date};

use crate::rng::Rng;
use crate::schools::Enrolment;
use crate::world::{Month, World, is_school_day};

/// One absence: first day, last day, school days among them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Absence {
    pub(crate) from: Date,
    pub(crate) to: Date,
    pub(crate) days: u8,
}

/// A pupil's absence in a month: one in twenty-five has one.
pub(crate) fn absence(world: &World, person: u32, month: Month) -> Option<Absence> {
    let mut rng = month_rng(world, person, month, 70);
    if !rng.chance(0.04) {
        return None;
    }
    let first = date(month.0, month.1, 1);
    let wanted = 1 + rng.below(8);
    let mut day = date(month.0, month.1, i8::try_from(rng.between(1, 20)).expect("a day"));
    while !is_school_day(day) {
        day = day.tomorrow().ok().filter(|d| *d <= first.last_of_month())?;
    }
    let (from, mut to, mut days) = (day, day, 1_u8);
    while u32::from(days) < wanted && day < first.last_of_month() {
        day = day.tomorrow().expect("within a month");
        if is_school_day(day) {
            to = day;
            days += 1;
        }
    }
    Some(Absence { from, to, days })
}

fn month_rng(world: &World, person: u32, month: Month, salt: u64) -> Rng {
    let key = u64::from(month.0.unsigned_abs()) * 16 + u64::from(month.1.unsigned_abs());
    Rng::of(world.hash(salt ^ (key << 8), person))
}

/// A line of a month's list: days claimed, and how many too many.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Claim {
    pub(crate) days: u8,
    pub(crate) over: u8,
}

/// What a rural school claims for a pupil of its list in a month; `None` if it claims nothing.
pub(crate) fn claim(world: &World, e: &Enrolment, month: Month) -> Option<Claim> {
    let school = &world.schools[usize::from(e.school)];
    let first = date(month.0, month.1, 1);
    if !school.rural || !school.kind.serves_meals() || !e.grade.stage().is_compulsory() {
        return None;
    }
    // The second school of a pupil enrolled twice feeds nobody; where a pupil moved to does, once the first let go.
    let twice = e.second && e.year == world.calendar.year;
    let here = !twice
        && (e.status == EnrolmentStatus::Active
            || e.left.is_some_and(|d| d > first.last_of_month()));
    let mut rng = month_rng(world, e.person, month, 71);
    let school_days = month.2;
    if !here {
        let gone = e.left.is_some_and(|d| d < first) && !e.second;
        let other = world.enrolments_of(e.person).iter().any(|o| o.year == e.year && o.second);
        // A list copied from the month before still has the pupil.
        return (gone && !other && rng.chance(0.35))
            .then_some(Claim { days: school_days, over: school_days });
    }
    if world.missing_returns == Some((e.school, month.0, month.1)) {
        return None;
    }
    let absent = absence(world, e.person, month).map_or(0, |a| a.days);
    let due = school_days - absent.min(school_days);
    let u = rng.unit();
    let days = if absent > 0 && u < 0.32 {
        school_days
    } else if u > 0.993 {
        school_days + 1 + u8::try_from(rng.below(3)).expect("below 3")
    } else if u > 0.983 {
        due - due.min(1 + u8::try_from(rng.below(3)).expect("below 3"))
    } else {
        due
    };
    Some(Claim { days, over: days.saturating_sub(due) })
}

/// What one meal costs the state in the months of the lists: the last line of `data/meals.csv`.
pub(crate) fn price() -> Money {
    let last = include_str!("../data/meals.csv").lines().last().expect("a header and a line");
    let fen = last.split(',').nth(1).and_then(|fen| fen.parse().ok());
    Money::fen(fen.expect("whole fen"))
}
