//! 供餐日历: a school's month, class by class and day by day.

use fujiao_model::Area;
use fujiao_school::Month;
use jiff::civil::Date;

use super::{SchoolError, month, reaches};
use crate::access::{Actor, Right};
use crate::{Office, OfficeError};

/// What a class's day comes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DayState {
    /// No lessons, and nothing claimed.
    Off,
    /// It is not over yet.
    Ahead,
    /// Lessons, and nobody marked it.
    Unmarked,
    /// A count is missing.
    Partly,
    /// Three counts agree, or less is claimed than they bear.
    Proved,
    /// More is claimed than they bear, or on a day without lessons.
    Over,
}

/// A class's day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CalendarDay {
    /// Day of the month.
    pub day: i8,
    /// What it comes to.
    pub state: DayState,
    /// Present, served, claimed; `None`: nobody said.
    pub counts: [Option<u32>; 3],
}

/// A class's month.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CalendarClass {
    /// As people call it.
    pub name: String,
    /// Enrolled.
    pub enrolled: u32,
    /// Every day of the month.
    pub days: Vec<CalendarDay>,
}

/// A school's month.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MealCalendar {
    /// `2025-09`.
    pub month: String,
    /// The school and its name.
    pub school: (u64, String),
    /// Days with lessons on which the school is open.
    pub lessons: Vec<i8>,
    /// Its classes, by name as they stand in the register.
    pub classes: Vec<CalendarClass>,
}

fn state(counts: [Option<u32>; 3], lesson: bool, on: Option<Date>, today: Date) -> DayState {
    let [present, served, claimed] = counts;
    if !lesson {
        return if claimed.is_some_and(|n| n > 0) { DayState::Over } else { DayState::Off };
    }
    match (present, served, claimed) {
        (None, None, None) if on.is_some_and(|on| on > today) => DayState::Ahead,
        (None, None, None) => DayState::Unmarked,
        (Some(present), Some(served), Some(claimed)) if claimed > present.min(served) => {
            DayState::Over
        }
        (Some(_), Some(_), Some(_)) => DayState::Proved,
        _ => DayState::Partly,
    }
}

impl Office {
    /// A school's month, class by class and day by day, from the counts as they stand; a school that claims by a list of names
    /// has no claim by day, and its days are marked with the other two counts.
    ///
    /// # Errors
    /// [`SchoolError::Month`]; [`SchoolError::NoSchool`] for one that is not there or not theirs; without [`Right::Figures`].
    pub fn meal_calendar(
        &self,
        actor: &Actor,
        month: &str,
        school: u64,
    ) -> Result<MealCalendar, OfficeError> {
        actor.must(Right::Figures)?;
        let of = Month::parse(month.trim()).ok_or_else(|| SchoolError::Month(month.to_owned()))?;
        let scope = actor.scope_in(Right::Figures, Area::Meals);
        let county = self.county_code()?;
        self.store.read(|tx| {
            let today = crate::entries::today(tx, county, actor)?;
            let schools = tx.schools(county)?;
            let theirs = schools.iter().find(|s| s.id == school).ok_or(SchoolError::NoSchool)?;
            let town = theirs.town.map(fujiao_model::Division::code);
            if !(scope.is_whole() || reaches(&scope, school, town)) {
                return Err(SchoolError::NoSchool.into());
            }
            let name = theirs.name.clone();
            let days = super::school_days(tx, county, &self.rules)?;
            let lives = super::lives(tx, county, &schools)?;
            let book = month::load(tx, county, of, &days, &lives, schools)?.book;
            let at = book.schools.iter().position(|s| s.id == school);
            let Some(at) = at else { return Err(SchoolError::NoSchool.into()) };
            let lessons = book.schools[at].lessons & book.schools[at].open;
            let by_names = book.schools[at].claims_by_name;
            let classes = book
                .classes
                .iter()
                .enumerate()
                .filter(|(_, c)| c.school as usize == at)
                .map(|(n, class)| CalendarClass {
                    name: class.name.to_string(),
                    enrolled: class.enrolled,
                    days: (1..=of.last().day())
                        .map(|day| {
                            // Of two words about a day the later one counts.
                            let said =
                                book.days.iter().rfind(|d| d.class as usize == n && d.day == day);
                            let three =
                                said.map_or([None; 3], |d| [d.present, d.served, d.claimed]);
                            let judged = match three {
                                [present, Some(served), None] if by_names => {
                                    [present, Some(served), Some(served)]
                                }
                                three => three,
                            };
                            let state = state(judged, lessons.has(day), of.day(day), today);
                            CalendarDay { day, state, counts: three }
                        })
                        .collect(),
                })
                .filter(|c| c.enrolled > 0 || c.days.iter().any(|d| d.counts != [None; 3]))
                .collect();
            Ok(MealCalendar {
                month: of.to_string(),
                school: (school, name),
                lessons: lessons.iter().collect(),
                classes,
            })
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_is_what_its_counts_say() {
        let on = |day: i8| Some(jiff::civil::date(2025, 9, day));
        let today = jiff::civil::date(2025, 9, 10);
        let check = |counts: [i8; 3], lesson, day, want| {
            let counts = counts.map(|n| u32::try_from(n).ok());
            assert_eq!(state(counts, lesson, on(day), today), want, "{counts:?} {lesson} {day}");
        };
        check([30, 30, 30], true, 3, DayState::Proved);
        check([30, 29, 28], true, 3, DayState::Proved);
        check([30, 29, 30], true, 3, DayState::Over);
        check([-1, 29, 29], true, 3, DayState::Partly);
        check([-1, -1, -1], true, 3, DayState::Unmarked);
        check([-1, -1, -1], true, 11, DayState::Ahead);
        check([-1, -1, -1], false, 6, DayState::Off);
        check([-1, -1, 30], false, 6, DayState::Over);
    }
}
