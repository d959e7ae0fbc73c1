//! Birthdays that a family keeps by the old calendar and an office writes as if they were of the new one.

use jiff::civil::{Date, date};
use tyme4rs::tyme::solar::SolarDay;

/// The day of the old calendar as a date of the new one, for cells that hold dates: the 30th of the second month becomes its
/// last.
pub(crate) fn written(born: Date) -> Date {
    let (year, month, day) = year_month_day(born);
    date(year, month, day.min(date(year, month, 1).days_in_month()))
}

/// Year, month and day of the old calendar, by the true one; a leap month is written as the month that it repeats. The 30th
/// of the second month is such a day and no date of the new calendar.
pub(crate) fn year_month_day(born: Date) -> (i16, i8, i8) {
    let solar = SolarDay::from_ymd(
        isize::from(born.year()),
        usize::try_from(born.month()).expect("1 to 12"),
        usize::try_from(born.day()).expect("1 to 31"),
    );
    let lunar = solar.get_lunar_day();
    let narrow = "years of four digits, months to 12, days to 30";
    (
        i16::try_from(lunar.get_year()).expect(narrow),
        i8::try_from(lunar.get_month().abs()).expect(narrow),
        i8::try_from(lunar.get_day()).expect(narrow),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::Span;

    #[test]
    fn festivals_of_the_old_calendar() {
        // Mid-Autumn 2013, New Year 2021, and a day of the leap fourth month of 2020.
        assert_eq!(year_month_day(date(2013, 9, 19)), (2013, 8, 15));
        assert_eq!(year_month_day(date(2021, 2, 12)), (2021, 1, 1));
        assert_eq!(year_month_day(date(2020, 6, 1)), (2020, 4, 10));
    }

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
