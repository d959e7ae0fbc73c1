use std::fmt;
use std::str::FromStr;

use jiff::civil::{Date, date};

/// A school term (学期): `2024A` is autumn 2024 (1 September to 31 January), `2024S` is spring 2024 (1 February to
/// 31 August, lessons to mid-July). `2024S` belongs to school year 2023–2024.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Term {
    year: i16,
    season: Season,
}

/// Half of a calendar year in school. Spring comes first: terms order by time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Season {
    /// 春季学期
    Spring,
    /// 秋季学期
    Autumn,
}

impl Term {
    /// The term of a calendar year and season.
    ///
    /// # Panics
    /// Outside the years 1900 to 2200.
    pub fn new(year: i16, season: Season) -> Self {
        assert!((1900..=2200).contains(&year), "a term lies between 1900 and 2200, not in {year}");
        Self { year, season }
    }

    /// The term that a day falls in; January belongs to the autumn before.
    pub fn of(day: Date) -> Self {
        match day.month() {
            1 => Self::new(day.year() - 1, Season::Autumn),
            2..=8 => Self::new(day.year(), Season::Spring),
            _ => Self::new(day.year(), Season::Autumn),
        }
    }

    /// Calendar year of the name.
    pub fn year(self) -> i16 {
        self.year
    }

    /// Spring or autumn.
    pub fn season(self) -> Season {
        self.season
    }

    /// The calendar year in which the school year of this term began.
    pub fn school_year(self) -> i16 {
        match self.season {
            Season::Spring => self.year - 1,
            Season::Autumn => self.year,
        }
    }

    /// First day.
    pub fn start(self) -> Date {
        match self.season {
            Season::Spring => date(self.year, 2, 1),
            Season::Autumn => date(self.year, 9, 1),
        }
    }

    /// Last day, vacation included: the next term starts the day after.
    pub fn end(self) -> Date {
        match self.season {
            Season::Spring => date(self.year, 8, 31),
            Season::Autumn => date(self.year + 1, 1, 31),
        }
    }

    /// The term after this one.
    #[must_use]
    pub fn next(self) -> Self {
        match self.season {
            Season::Spring => Self { season: Season::Autumn, ..self },
            Season::Autumn => Self { year: self.year + 1, season: Season::Spring },
        }
    }

    /// Terms since `2000S`, for use as an index.
    pub fn ordinal(self) -> i32 {
        (i32::from(self.year) - 2000) * 2 + i32::from(self.season == Season::Autumn)
    }

    /// 2024—2025学年第一学期.
    pub fn chinese(self) -> String {
        let year = self.school_year();
        let half = if self.season == Season::Autumn { "一" } else { "二" };
        format!("{year}—{}学年第{half}学期", year + 1)
    }
}

impl fmt::Display for Term {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.year, if self.season == Season::Spring { 'S' } else { 'A' })
    }
}

impl fmt::Debug for Term {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// A text that names no term.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("“{0}”不是学期；写成 2024A（秋）、2024S（春）、2024秋、2024年春季")]
pub struct ParseTermError(pub String);

impl FromStr for Term {
    type Err = ParseTermError;

    /// Reads `2024A`, `2024s`, `2024秋`, `2024年春季学期`, `2024—2025学年第一学期`, `2024-2025-1`.
    fn from_str(text: &str) -> Result<Self, ParseTermError> {
        let bad = || ParseTermError(text.to_owned());
        let trimmed = text.trim();
        let year: i16 = trimmed.get(..4).and_then(|y| y.parse().ok()).ok_or_else(bad)?;
        let rest = &trimmed[4..];
        if !(1900..=2200).contains(&year) {
            return Err(bad());
        }
        let second_half = || Self::new(year + 1, Season::Spring);
        match rest {
            "A" | "a" | "秋" => Ok(Self::new(year, Season::Autumn)),
            "S" | "s" | "春" => Ok(Self::new(year, Season::Spring)),
            r if r.contains("学年")
                && (r.contains('一') || r.contains("秋") || r.ends_with("第1学期")) =>
            {
                Ok(Self::new(year, Season::Autumn))
            }
            r if r.contains("学年")
                && (r.contains('二') || r.contains("春") || r.ends_with("第2学期")) =>
            {
                Ok(second_half())
            }
            r if r.contains('秋') => Ok(Self::new(year, Season::Autumn)),
            r if r.contains('春') => Ok(Self::new(year, Season::Spring)),
            r if r.len() == 7 && r.starts_with('-') && r.ends_with("-1") => {
                Ok(Self::new(year, Season::Autumn))
            }
            r if r.len() == 7 && r.starts_with('-') && r.ends_with("-2") => Ok(second_half()),
            _ => Err(bad()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn terms_as_people_write_them() {
        for (text, term) in [
            ("2024A", "2024A"),
            ("2024s", "2024S"),
            ("2024年春季", "2024S"),
            ("2024秋", "2024A"),
            ("2024—2025学年第二学期", "2025S"),
            ("2024-2025学年第一学期", "2024A"),
            ("2024-2025-2", "2025S"),
        ] {
            assert_eq!(text.parse::<Term>().unwrap().to_string(), term, "{text}");
        }
        assert!("24A".parse::<Term>().is_err() && "二〇二四".parse::<Term>().is_err());
    }

    #[test]
    fn terms_cover_every_day_once() {
        let mut term: Term = "2015S".parse().unwrap();
        for _ in 0..30 {
            assert_eq!((Term::of(term.start()), Term::of(term.end())), (term, term));
            assert_eq!(term.end().tomorrow().unwrap(), term.next().start());
            assert_eq!(term.next().ordinal(), term.ordinal() + 1);
            term = term.next();
        }
        assert_eq!("2024S".parse::<Term>().unwrap().chinese(), "2023—2024学年第二学期");
    }
}
