use std::fmt;
use std::str::FromStr;

use jiff::civil::Date;

/// A date of which the day, or the month and day, may be unknown: rosters often give 出生年月 only.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PartialDate {
    year: i16,
    /// 1–12, or 0 where unknown.
    month: i8,
    /// 1–31, or 0 where unknown.
    day: i8,
}

impl PartialDate {
    /// A whole date.
    pub fn full(date: Date) -> Self {
        Self { year: date.year(), month: date.month(), day: date.day() }
    }

    /// A year and month; `None` if there is no such month.
    pub fn month(year: i16, month: i8) -> Option<Self> {
        (Date::new(year, month, 1).is_ok() && (1850..=2200).contains(&year)).then_some(Self {
            year,
            month,
            day: 0,
        })
    }

    /// A year alone.
    pub fn year_only(year: i16) -> Option<Self> {
        (1850..=2200).contains(&year).then_some(Self { year, month: 0, day: 0 })
    }

    /// The whole date, if it is known to the day.
    pub fn date(self) -> Option<Date> {
        if self.day == 0 { None } else { Date::new(self.year, self.month, self.day).ok() }
    }

    /// The earliest day that it can mean.
    pub fn earliest(self) -> Date {
        Date::new(self.year, self.month.max(1), self.day.max(1)).expect("checked when it was made")
    }

    /// The latest day that it can mean.
    pub fn latest(self) -> Date {
        match (self.month, self.day) {
            (0, _) => jiff::civil::date(self.year, 12, 31),
            (_, 0) => self.earliest().last_of_month(),
            _ => self.earliest(),
        }
    }

    /// Year; month if known; day if known.
    pub fn parts(self) -> (i16, Option<i8>, Option<i8>) {
        let known = |n: i8| (n != 0).then_some(n);
        (self.year, known(self.month), known(self.day))
    }

    /// Whether both can mean the same day.
    pub fn agrees(self, other: Self) -> bool {
        let same = |a: i8, b: i8| a == 0 || b == 0 || a == b;
        self.year == other.year && same(self.month, other.month) && same(self.day, other.day)
    }
}

impl fmt::Display for PartialDate {
    /// `2012-09-01`, `2012-09` or `2012`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.month, self.day) {
            (0, _) => write!(f, "{:04}", self.year),
            (m, 0) => write!(f, "{:04}-{m:02}", self.year),
            (m, d) => write!(f, "{:04}-{m:02}-{d:02}", self.year),
        }
    }
}

impl fmt::Debug for PartialDate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// A text that is no date.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("“{0}”不是日期；写成 2012-09-01、2012.9 或 2012年9月")]
pub struct ParsePartialDateError(pub String);

impl FromStr for PartialDate {
    type Err = ParsePartialDateError;

    /// Reads `2012-09-01`, `2012/9/1`, `2012.9`, `2012年9月1日`, `20120901`, `201209`, `2012`, with a time behind or not.
    ///
    /// Spreadsheet serial numbers are the business of whoever knows the cell's type.
    fn from_str(text: &str) -> Result<Self, ParsePartialDateError> {
        let bad = || ParsePartialDateError(text.to_owned());
        let head = text.trim().split([' ', 'T']).next().unwrap_or_default();
        let head = head.trim_end_matches(['日', '号', '月', '年', '.', '-', '/']);
        let mut parts = Vec::with_capacity(3);
        for part in head.split(['-', '/', '.', '．', '年', '月', '－', '—']) {
            if part.is_empty() || part.len() > 8 || !part.bytes().all(|b| b.is_ascii_digit()) {
                return Err(bad());
            }
            parts.push(part);
        }
        let (y, m, d) = match parts[..] {
            [all] if all.len() == 8 => (&all[..4], &all[4..6], &all[6..]),
            [all] if all.len() == 6 => (&all[..4], &all[4..], "0"),
            [y] => (y, "0", "0"),
            [y, m] => (y, m, "0"),
            [y, m, d] => (y, m, d),
            _ => return Err(bad()),
        };
        if y.len() != 4 {
            return Err(bad());
        }
        let year: i16 = y.parse().map_err(|_| bad())?;
        let (month, day): (i8, i8) = (m.parse().map_err(|_| bad())?, d.parse().map_err(|_| bad())?);
        match (month, day) {
            (0, 0) => Self::year_only(year),
            (m, 0) => Self::month(year, m),
            (m, d) => {
                Date::new(year, m, d).ok().filter(|_| (1850..=2200).contains(&year)).map(Self::full)
            }
        }
        .ok_or_else(bad)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn dates_as_rosters_write_them() {
        for (text, want) in [
            ("2012-09-01", "2012-09-01"),
            ("2012/9/1 0:00:00", "2012-09-01"),
            ("2012.9", "2012-09"),
            ("2012年9月", "2012-09"),
            ("2012年9月1日", "2012-09-01"),
            ("20120901", "2012-09-01"),
            ("201209", "2012-09"),
            ("2012", "2012"),
        ] {
            assert_eq!(text.parse::<PartialDate>().unwrap().to_string(), want, "{text}");
        }
        for text in ["2012-13-01", "2012-02-30", "九月", "", "12-9-1", "2012-9-1-1"] {
            assert!(text.parse::<PartialDate>().is_err(), "{text}");
        }
    }

    proptest! {
        #[test]
        fn no_text_panics(text in "\\PC{0,20}") {
            let _ = text.parse::<PartialDate>();
        }
    }
}
