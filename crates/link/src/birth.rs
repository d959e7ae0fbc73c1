use tyme4rs::tyme::lunar::LunarMonth;

use crate::mention::Cohort;

/// How two dates of birth agree, best first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum BirthLevel {
    /// The same day.
    Equal,
    /// Day and month swapped, one digit off, or one is the lunar date of the other.
    Slip,
    /// The same month, or year, as far as both are known.
    Partial,
    /// Only a grade is known on one side, and it fits.
    Fits,
    /// Different, but at most a year apart.
    Near,
    /// More than a year apart.
    Different,
}

/// The first days of lunar months, so that a lunar date is turned into a solar one by looking it up.
#[derive(Debug, Default)]
pub(crate) struct LunarTable {
    from: i32,
    /// Day numbers by year and month of the ordinary months.
    firsts: Vec<[i32; 12]>,
}

impl LunarTable {
    /// A table for the years of birth from `from` to `to`, both included.
    pub(crate) fn new(from: i32, to: i32) -> Self {
        let (from, to) = (from.max(1850), to.min(2200));
        let firsts = (from..=to)
            .map(|year| {
                std::array::from_fn(|month| {
                    let month = isize::try_from(month + 1).expect("1 to 12");
                    let first = LunarMonth::from_ym(year as isize, month)
                        .get_first_julian_day()
                        .get_solar_day();
                    let part = |n: usize| i32::try_from(n).expect("a month or a day");
                    day_number(
                        i32::try_from(first.get_year()).expect("a year near 2000"),
                        part(first.get_month()),
                        part(first.get_day()),
                    )
                })
            })
            .collect();
        Self { from, firsts }
    }

    /// Whether `solar` is the day that `lunar` names in the lunar calendar.
    fn is_lunar_of(&self, lunar: u32, solar: u32) -> bool {
        let (year, month, day) = parts(lunar);
        if day > 30 {
            return false;
        }
        let (Ok(y), Ok(m)) = (usize::try_from(year - self.from), usize::try_from(month - 1)) else {
            return false;
        };
        let (sy, sm, sd) = parts(solar);
        self.firsts.get(y).is_some_and(|f| f[m] + day - 1 == day_number(sy, sm, sd))
    }
}

/// Days since 1 March of the year 0 of the Gregorian calendar run backwards.
pub(crate) fn day_number(year: i32, month: i32, day: i32) -> i32 {
    let (y, m) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    y * 365 + y.div_euclid(4) - y.div_euclid(100) + y.div_euclid(400) + (m * 153 + 2) / 5 + day - 1
}

pub(crate) fn parts(date: u32) -> (i32, i32, i32) {
    let n = |d: u32| i32::try_from(d).expect("at most eight digits");
    (n(date / 10_000), n(date / 100 % 100), n(date % 100))
}

/// Whether one of two whole dates is the lunar date of the other.
pub(crate) fn is_lunar_slip(a: u32, b: u32, lunar: &LunarTable) -> bool {
    let number = |date| {
        let (year, month, day) = parts(date);
        day_number(year, month, day)
    };
    let apart = number(a) - number(b);
    (15..=60).contains(&apart.abs())
        && if apart < 0 { lunar.is_lunar_of(a, b) } else { lunar.is_lunar_of(b, a) }
}

/// How two known dates agree.
pub(crate) fn compare(a: u32, b: u32, lunar: &LunarTable) -> BirthLevel {
    if a == b && !a.is_multiple_of(100) {
        return BirthLevel::Equal;
    }
    let ((y1, m1, d1), (y2, m2, d2)) = (parts(a), parts(b));
    let whole = d1 != 0 && d2 != 0;
    if y1 == y2 && (m1 == 0 || m2 == 0 || (m1 == m2 && !whole)) {
        return BirthLevel::Partial;
    }
    if whole {
        let swapped = y1 == y2 && m1 == d2 && d1 == m2;
        let off = (0..8).filter(|i| a / 10_u32.pow(*i) % 10 != b / 10_u32.pow(*i) % 10).count();
        if swapped || off == 1 || is_lunar_slip(a, b, lunar) {
            return BirthLevel::Slip;
        }
    }
    if (y1 - y2).abs() <= 1 { BirthLevel::Near } else { BirthLevel::Different }
}

/// How a date and a grade agree; `None` if nobody of that age can sit in it.
pub(crate) fn fits(born: u32, cohort: Cohort) -> Option<BirthLevel> {
    let late = parts(born).0 - i32::from(cohort.year);
    // Vocational schools and colleges take people of any age; below, a child may repeat years but not skip five.
    let oldest = if cohort.step > 12 { 60 } else { 9 };
    match late {
        0 | 1 => Some(BirthLevel::Fits),
        -1 | 2 => Some(BirthLevel::Near),
        _ if late > 4 || -late > oldest => None,
        _ => Some(BirthLevel::Different),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn on(year: u32, month: u32, day: u32) -> u32 {
        year * 10_000 + month * 100 + day
    }

    #[test]
    fn dates_of_birth_as_offices_write_them() {
        let lunar = LunarTable::new(1990, 2020);
        let check = |a, b, want| {
            assert_eq!(compare(a, b, &lunar), want, "{a} {b}");
            assert_eq!(compare(b, a, &lunar), want, "{b} {a}");
        };
        check(on(2012, 9, 1), on(2012, 9, 1), BirthLevel::Equal);
        check(on(2012, 9, 0), on(2012, 9, 0), BirthLevel::Partial);
        check(on(2012, 9, 1), on(2012, 9, 0), BirthLevel::Partial);
        check(on(2012, 9, 1), on(2012, 0, 0), BirthLevel::Partial);
        check(on(2012, 9, 1), on(2012, 1, 9), BirthLevel::Slip);
        check(on(2012, 9, 1), on(2012, 9, 11), BirthLevel::Slip);
        // New year's day of the lunar year 2012 was 23 January; the fifteenth of the eighth month 30 September.
        check(on(2012, 1, 1), on(2012, 1, 23), BirthLevel::Slip);
        check(on(2012, 8, 15), on(2012, 9, 30), BirthLevel::Slip);
        check(on(2012, 8, 15), on(2012, 10, 3), BirthLevel::Near);
        check(on(2012, 8, 15), on(2013, 11, 30), BirthLevel::Near);
        check(on(2012, 8, 15), on(2009, 11, 30), BirthLevel::Different);
    }

    #[test]
    fn nobody_of_thirty_sits_in_primary_school() {
        let first = Cohort { year: 2017, step: 4 };
        assert_eq!(fits(on(2018, 3, 1), first), Some(BirthLevel::Fits));
        assert_eq!(fits(on(2016, 3, 1), first), Some(BirthLevel::Near));
        assert_eq!(fits(on(2013, 3, 1), first), Some(BirthLevel::Different));
        assert_eq!(fits(on(1987, 3, 1), first), None);
        assert_eq!(fits(on(2024, 3, 1), first), None);
        assert_eq!(
            fits(on(1987, 3, 1), Cohort { year: 2007, step: 13 }),
            Some(BirthLevel::Different)
        );
    }
}
