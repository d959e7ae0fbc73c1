//! Days of a month, school days, and the lives of schools.

use std::collections::BTreeSet;
use std::fmt;

use jiff::civil::{Date, Weekday, date};

/// A calendar month.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Month {
    /// Calendar year.
    pub year: i16,
    /// 1 to 12.
    pub month: i8,
}

impl Month {
    /// The month of a day.
    pub fn of(day: Date) -> Self {
        Self { year: day.year(), month: day.month() }
    }

    /// Reads what [`fmt::Display`] writes.
    pub fn parse(text: &str) -> Option<Self> {
        let (year, month) = text.split_once('-')?;
        let year = year.parse().ok().filter(|y| (1900..=2200).contains(y))?;
        let month = month.parse().ok().filter(|m| (1..=12).contains(m))?;
        (text.len() == 7).then_some(Self { year, month })
    }

    /// Its first day.
    pub fn first(self) -> Date {
        date(self.year, self.month, 1)
    }

    /// Its last day.
    pub fn last(self) -> Date {
        self.first().last_of_month()
    }

    /// A day of it; `None` where it has no such day.
    pub fn day(self, day: i8) -> Option<Date> {
        Date::new(self.year, self.month, day).ok()
    }

    /// The month after it.
    #[must_use]
    pub fn next(self) -> Self {
        self.last().tomorrow().map_or(self, Self::of)
    }
}

impl fmt::Display for Month {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}", self.year, self.month)
    }
}

/// A set of days of one month.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Days(u32);

impl Days {
    /// No day.
    pub const NONE: Self = Self(0);

    /// From a first to a last day, both counted; empty where the last is before the first.
    pub fn span(from: i8, to: i8) -> Self {
        (from.max(1)..=to.min(31)).collect()
    }

    /// The days of a month that lie between two days, both counted.
    pub fn between(month: Month, from: Date, to: Date) -> Self {
        let (first, last) = (month.first().max(from), month.last().min(to));
        if first > last { Self::NONE } else { Self::span(first.day(), last.day()) }
    }

    /// Reads `1-5,8-12、15`; `None` for anything else, also for days beyond 31 and spans that run backwards.
    pub fn parse(text: &str) -> Option<Self> {
        let mut days = Self::NONE;
        for part in text.split([',', '，', '、', ' ', ';', '；']).filter(|p| !p.trim().is_empty())
        {
            let part = part.trim().trim_end_matches(['日', '号']);
            let (from, to) =
                part.split_once(['-', '—', '–', '~', '～', '至']).unwrap_or((part, part));
            let day = |text: &str| {
                let text = text.trim().trim_end_matches(['日', '号']);
                text.parse::<i8>().ok().filter(|d| (1..=31).contains(d))
            };
            let (from, to) = (day(from)?, day(to)?);
            if from > to {
                return None;
            }
            days = days | Self::span(from, to);
        }
        Some(days)
    }

    /// Puts a day in. Days outside 1 to 31 are none of a month's.
    pub fn insert(&mut self, day: i8) {
        if (1..=31).contains(&day) {
            self.0 |= 1 << day;
        }
    }

    /// Whether a day is in it.
    pub fn has(self, day: i8) -> bool {
        (1..=31).contains(&day) && self.0 >> day & 1 == 1
    }

    /// How many days.
    pub fn len(self) -> u32 {
        self.0.count_ones()
    }

    /// Whether it has none.
    pub fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// The days of it that the other has not.
    #[must_use]
    pub fn without(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }

    /// Its days, ascending.
    pub fn iter(self) -> impl Iterator<Item = i8> {
        (1..=31).filter(move |d| self.has(*d))
    }
}

impl FromIterator<i8> for Days {
    fn from_iter<I: IntoIterator<Item = i8>>(iter: I) -> Self {
        let mut days = Self::NONE;
        iter.into_iter().for_each(|d| days.insert(d));
        days
    }
}

impl std::ops::BitAnd for Days {
    type Output = Self;
    fn bitand(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }
}

impl std::ops::BitOr for Days {
    type Output = Self;
    fn bitor(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

impl fmt::Display for Days {
    /// `1-5,8-12,15`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut first = true;
        let mut day = 1;
        while day <= 31 {
            if !self.has(day) {
                day += 1;
                continue;
            }
            let from = day;
            while self.has(day + 1) {
                day += 1;
            }
            let comma = if std::mem::take(&mut first) { "" } else { "," };
            match day - from {
                0 => write!(f, "{comma}{from}")?,
                _ => write!(f, "{comma}{from}-{day}")?,
            }
            day += 1;
        }
        Ok(())
    }
}

/// Which days are school days: Monday to Friday in term, without holidays, with the weekends that are worked instead; or what
/// the county's own calendar (校历) says of a month.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SchoolDays {
    /// First and last day of each term; a day outside all of them is none.
    pub terms: Vec<(Date, Date)>,
    /// Days off.
    pub holidays: BTreeSet<Date>,
    /// Weekends that are worked.
    pub worked: BTreeSet<Date>,
    /// Months whose days the county's calendar names.
    pub named: std::collections::BTreeMap<Month, Days>,
}

impl SchoolDays {
    /// Whether lessons are held on a day.
    pub fn is_one(&self, day: Date) -> bool {
        self.in_month(Month::of(day)).has(day.day())
    }

    /// Whether a day lies in a term at all.
    pub fn in_term(&self, day: Date) -> bool {
        self.terms.iter().any(|(from, to)| *from <= day && day <= *to)
    }

    /// The school days of a month.
    pub fn in_month(&self, month: Month) -> Days {
        if let Some(days) = self.named.get(&month) {
            return *days;
        }
        let weekend = |d: Date| matches!(d.weekday(), Weekday::Saturday | Weekday::Sunday);
        (1..=month.last().day())
            .filter(|d| {
                month.day(*d).is_some_and(|d| {
                    let off = self.holidays.contains(&d) || weekend(d);
                    self.in_term(d) && (!off || self.worked.contains(&d))
                })
            })
            .collect()
    }
}

fujiao_model::code_table! {
    /// What happened to a school.
    Turn {
        /// 开办
        Opened = "opened", "开办";
        /// 撤并到另一校
        Merged = "merged", "撤并";
        /// 停办
        Closed = "closed", "停办";
        /// 恢复
        Reopened = "reopened", "恢复";
        /// 分设
        Split = "split", "分设";
    }
}

/// One turn in the life of a school.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct LifeTurn {
    /// The school.
    pub school: u64,
    /// The first day on which it holds.
    pub on: Date,
    /// What.
    pub turn: Turn,
    /// The school that it went into, or came out of.
    pub other: Option<u64>,
}

/// The lives of schools: which was open when, and into which one it went. Past days keep what was true then.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Lives(std::collections::BTreeMap<u64, Vec<LifeTurn>>);

/// Why a turn cannot follow on those before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TurnError {
    /// A closed school does not close, an open one does not open.
    #[error("这所学校那天{}，不能再记“{}”；先核对日期和前一次变动", if *.0 { "开着" } else { "已经停办" }, .1.chinese())]
    Already(bool, Turn),
    /// It is before the last turn on file.
    #[error("早于已经记下的变动（{0}）；变动按日子先后记")]
    Earlier(Date),
    /// A merger needs the school that takes the pupils; a split the one that it came from.
    #[error("写明并入或分出的学校")]
    NoOther,
}

impl Lives {
    /// The lives that turns make, in any order.
    pub fn of(turns: impl IntoIterator<Item = LifeTurn>) -> Self {
        let mut lives = Self::default();
        for turn in turns {
            lives.0.entry(turn.school).or_default().push(turn);
        }
        lives.0.values_mut().for_each(|turns| turns.sort_by_key(|t| (t.on, t.turn)));
        lives
    }

    /// Why a turn cannot be taken; `None`: it can.
    pub fn refuses(&self, turn: &LifeTurn) -> Option<TurnError> {
        let last = self.0.get(&turn.school).and_then(|t| t.last());
        if let Some(last) = last.filter(|l| l.on > turn.on) {
            return Some(TurnError::Earlier(last.on));
        }
        if matches!(turn.turn, Turn::Merged | Turn::Split)
            && turn.other.is_none_or(|o| o == turn.school)
        {
            return Some(TurnError::NoOther);
        }
        let open = last.is_none_or(|l| !matches!(l.turn, Turn::Merged | Turn::Closed));
        let closes = matches!(turn.turn, Turn::Merged | Turn::Closed);
        let opens = matches!(turn.turn, Turn::Reopened);
        ((open && opens) || (!open && (closes || turn.turn == Turn::Split)))
            .then_some(TurnError::Already(open, turn.turn))
    }

    /// The days of a month on which a school is open. One of which nothing is on file is.
    pub fn open_in(&self, school: u64, month: Month) -> Days {
        let whole = Days::span(1, month.last().day());
        let Some(turns) = self.0.get(&school) else { return whole };
        let mut open = Days::NONE;
        let mut since = match turns[0].turn {
            // Before it was opened, or reopened for the first time on file, there was none.
            Turn::Opened | Turn::Split | Turn::Reopened => None,
            Turn::Merged | Turn::Closed => Some(Date::MIN),
        };
        for turn in turns {
            match (turn.turn, since) {
                (Turn::Merged | Turn::Closed, Some(from)) => {
                    let last = turn.on.yesterday().unwrap_or(turn.on);
                    open = open | Days::between(month, from, last);
                    since = None;
                }
                (Turn::Opened | Turn::Reopened | Turn::Split, None) => since = Some(turn.on),
                _ => {}
            }
        }
        if let Some(from) = since {
            open = open | Days::between(month, from, month.last());
        }
        open & whole
    }

    /// Into which school this one had gone on a day.
    pub fn merged_into(&self, school: u64, on: Date) -> Option<u64> {
        let last = self.0.get(&school)?.iter().rev().find(|t| t.on <= on)?;
        (last.turn == Turn::Merged).then_some(last.other)?
    }

    /// What is on file about a school, in order.
    pub fn turns(&self, school: u64) -> &[LifeTurn] {
        self.0.get(&school).map_or(&[], Vec::as_slice)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_read_back_what_they_write() {
        for text in ["", "1", "1-5,8-12,15", "31"] {
            assert_eq!(Days::parse(text).unwrap().to_string(), text);
        }
        assert_eq!(Days::parse("1日至3日、7号"), Days::parse("1-3,7"));
        for text in ["0", "32", "5-1", "x", "1-"] {
            assert_eq!(Days::parse(text), None, "{text}");
        }
        let month = Month::parse("2025-02").unwrap();
        assert_eq!(Days::between(month, date(2025, 1, 20), date(2025, 2, 2)).to_string(), "1-2");
    }

    #[test]
    fn school_days_know_terms_holidays_and_worked_weekends() {
        let mut days = SchoolDays {
            terms: vec![(date(2025, 9, 1), date(2026, 1, 16))],
            holidays: (1..=8).map(|d| date(2025, 10, d)).collect(),
            worked: [date(2025, 9, 28), date(2025, 10, 11)].into(),
            named: std::collections::BTreeMap::new(),
        };
        let month = |text: &str| Month::parse(text).unwrap();
        assert_eq!(days.in_month(month("2025-09")).to_string(), "1-5,8-12,15-19,22-26,28-30");
        assert_eq!(days.in_month(month("2025-10")).to_string(), "9-11,13-17,20-24,27-31");
        assert_eq!(days.in_month(month("2025-08")), Days::NONE);
        assert_eq!(days.in_month(month("2026-01")).to_string(), "1-2,5-9,12-16");
        days.named.insert(month("2025-09"), Days::parse("1-5").unwrap());
        assert!(!days.is_one(date(2025, 9, 8)) && days.is_one(date(2025, 9, 5)));
    }

    #[test]
    fn a_school_is_open_between_its_turns_and_past_days_stay() {
        let turn =
            |on: &str, turn, other| LifeTurn { school: 7, on: on.parse().unwrap(), turn, other };
        let turns =
            [turn("2025-10-13", Turn::Reopened, None), turn("2025-09-15", Turn::Merged, Some(9))];
        let lives = Lives::of(turns);
        let open = |text: &str| lives.open_in(7, Month::parse(text).unwrap()).to_string();
        assert_eq!([open("2025-08"), open("2025-09"), open("2025-10")], ["1-31", "1-14", "13-31"]);
        assert_eq!(lives.open_in(8, Month::parse("2025-09").unwrap()).len(), 30);
        assert_eq!(lives.merged_into(7, date(2025, 9, 14)), None);
        assert_eq!(lives.merged_into(7, date(2025, 9, 15)), Some(9));
        assert_eq!(lives.merged_into(7, date(2025, 10, 13)), None);
    }

    #[test]
    fn a_turn_follows_on_those_before_it() {
        let turn =
            |on: &str, turn, other| LifeTurn { school: 7, on: on.parse().unwrap(), turn, other };
        let lives = Lives::of([turn("2025-09-15", Turn::Merged, Some(9))]);
        let check = |t, want| assert_eq!(lives.refuses(&t), want, "{t:?}");
        check(
            turn("2025-09-01", Turn::Reopened, None),
            Some(TurnError::Earlier(date(2025, 9, 15))),
        );
        check(
            turn("2025-10-01", Turn::Closed, None),
            Some(TurnError::Already(false, Turn::Closed)),
        );
        check(turn("2025-10-01", Turn::Merged, Some(7)), Some(TurnError::NoOther));
        check(turn("2025-10-01", Turn::Reopened, None), None);
    }
}
