//! Working days (工作日): weekends, holidays, and the Saturdays and Sundays that are worked instead.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::{Date, Weekday};

/// Days off and worked weekends, year by year as the State Council announces them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Calendar {
    years: BTreeMap<i16, Year>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Year {
    off: BTreeSet<Date>,
    worked: BTreeSet<Date>,
}

/// A year whose holidays nobody has entered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "{0} 年的放假安排还没有登记，算不出工作日；在 policies/cn/calendar.toml 里补上，或直接写明止日"
)]
pub struct UnknownYear(pub i16);

impl Calendar {
    /// Enters a year. A day may be in the list of the year before: what counts is the day's own year.
    pub fn enter(
        &mut self,
        year: i16,
        off: impl IntoIterator<Item = Date>,
        worked: impl IntoIterator<Item = Date>,
    ) {
        let of = self.years.entry(year).or_default();
        of.off.extend(off);
        of.worked.extend(worked);
    }

    /// Whether a day is worked.
    ///
    /// # Errors
    /// [`UnknownYear`].
    pub fn is_working(&self, day: Date) -> Result<bool, UnknownYear> {
        let year = self.years.get(&day.year()).ok_or(UnknownYear(day.year()))?;
        let weekend = matches!(day.weekday(), Weekday::Saturday | Weekday::Sunday);
        Ok(year.worked.contains(&day) || (!weekend && !year.off.contains(&day)))
    }

    /// How many working days lie between two days, both counted.
    ///
    /// # Errors
    /// [`UnknownYear`].
    pub fn between(&self, from: Date, until: Date) -> Result<u32, UnknownYear> {
        let mut days = 0;
        let mut day = from;
        while day <= until {
            days += u32::from(self.is_working(day)?);
            let Ok(next) = day.tomorrow() else { break };
            day = next;
        }
        Ok(days)
    }

    /// The day on which the `days`-th working day from `from` on (counted itself) falls; `from` for nought.
    ///
    /// # Errors
    /// [`UnknownYear`].
    pub fn last_of(&self, from: Date, days: u32) -> Result<Date, UnknownYear> {
        let (mut day, mut left) = (from, days);
        loop {
            left = left.saturating_sub(u32::from(self.is_working(day)?));
            if left == 0 {
                return Ok(day);
            }
            day = day.tomorrow().map_err(|_| UnknownYear(day.year()))?;
        }
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use proptest::prelude::*;

    use super::*;

    /// The autumn of 2025: eight days off from 1 October, and 28 September and 11 October worked.
    fn autumn() -> Calendar {
        let mut calendar = Calendar::default();
        calendar.enter(
            2025,
            (1..=8).map(|d| date(2025, 10, d)),
            [date(2025, 9, 28), date(2025, 10, 11)],
        );
        calendar
    }

    #[test]
    fn a_notice_over_the_national_holiday_is_longer() {
        let calendar = autumn();
        assert_eq!(calendar.last_of(date(2025, 10, 15), 5), Ok(date(2025, 10, 21)));
        // 29 and 30 September, 9 and 10 October, and the Saturday that is worked.
        assert_eq!(calendar.last_of(date(2025, 9, 29), 5), Ok(date(2025, 10, 11)));
        assert_eq!(calendar.is_working(date(2026, 1, 1)), Err(UnknownYear(2026)));
    }

    proptest! {
        #[test]
        fn the_last_day_counts_as_many(from in 0_i32..60, days in 1_u32..12) {
            let calendar = autumn();
            let from = date(2025, 9, 1).checked_add(jiff::Span::new().days(from)).unwrap();
            let last = calendar.last_of(from, days).unwrap();
            prop_assert_eq!(calendar.between(from, last), Ok(days));
            prop_assert!(calendar.is_working(last).unwrap());
        }
    }
}
