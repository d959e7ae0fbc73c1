//! Birthdays that a family keeps by the old calendar and an office writes as if they were of the new one.

use jiff::Span;
use jiff::civil::{Date, date};

/// Days from the last new moon that began a month of the old calendar, and which month, roughly: mean months of 29.53 days
/// counted from the new year of 10 February 1994, with a leap month every 32.5 months left out of the numbering.
///
/// The true calendar needs tables of the sun and the moon; what an office writes needs only a day some three to seven weeks
/// earlier with a plausible number.
pub(crate) fn written(born: Date) -> Date {
    let days = (born - date(1994, 2, 10)).get_days();
    let in_month = (f64::from(days)).rem_euclid(29.530_588);
    // The month of the old calendar runs about a month behind.
    let behind = born.checked_sub(Span::new().days(30)).expect("long after year 1");
    let day = day_of_month(in_month).min(behind.days_in_month());
    date(behind.year(), behind.month(), day)
}

#[expect(clippy::cast_possible_truncation, reason = "0 to 29.53")]
fn day_of_month(days: f64) -> i8 {
    days as i8 + 1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_of_the_old_calendar_comes_earlier_by_weeks() {
        // 19 September 2013 was the Mid-Autumn Festival: the 15th of the 8th month.
        assert_eq!(written(date(2013, 9, 19)), date(2013, 8, 15));
        let mut day = date(1950, 1, 1);
        while day < date(2020, 1, 1) {
            let days = (day - written(day)).get_days();
            assert!((0..=62).contains(&days), "{day} {days}");
            day = day.checked_add(Span::new().days(17)).unwrap();
        }
    }
}
