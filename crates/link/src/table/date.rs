//! Dates as rosters write them.

use super::identity::Ids;
use super::spec::Test;
use crate::birth::{self, BirthLevel, LunarTable};
use crate::mention::{Texts, hash};

/// Every different date, and text that should have been one.
#[derive(Debug, Default)]
pub(crate) struct Dates {
    texts: Texts,
    /// Year, month and day as one number, month and day 0 where unknown; 0 is no date.
    packed: Vec<u32>,
    lunar: LunarTable,
}

impl Dates {
    /// The number of a date; equal dates have equal numbers however they are written.
    pub(crate) fn intern(&mut self, text: &str) -> u32 {
        if self.packed.is_empty() {
            self.packed.push(0);
        }
        let packed = parse(text);
        let value = if packed == 0 {
            self.texts.intern(text)
        } else {
            self.texts.intern(&packed.to_string())
        };
        if value as usize == self.packed.len() {
            self.packed.push(packed);
        }
        value
    }

    /// The date of birth inside every valid id, by the id's number.
    pub(crate) fn births_of(&mut self, ids: &Ids) -> Vec<u32> {
        ids.births().map(|b| if b == 0 { 0 } else { self.intern(&b.to_string()) }).collect()
    }

    /// To be called when every date is known.
    pub(crate) fn finish(&mut self) {
        let years = self
            .packed
            .iter()
            .filter(|d| **d != 0)
            .map(|d| i32::try_from(d / 10_000).expect("a year"));
        if let (Some(from), Some(to)) = (years.clone().min(), years.max()) {
            self.lunar = LunarTable::new(from.max(1900), to.min(2100));
        }
    }

    pub(crate) fn packed(&self, value: u32) -> u32 {
        self.packed[value as usize]
    }

    pub(crate) fn stable(&self, value: u32) -> u64 {
        hash(self.texts.get(value))
    }

    /// Whether the date inside an id is more than a slip away from a row's own.
    pub(crate) fn contradict(&self, born: u32, value: u32) -> bool {
        let written = self.packed(value);
        written != 0 && birth::compare(born, written, &self.lunar) == BirthLevel::Different
    }

    /// Whether a test holds between two different dates.
    pub(crate) fn holds(&self, test: &Test, one: u32, other: u32) -> bool {
        let (a, b) = (self.packed(one), self.packed(other));
        if let Test::Edit(most) = test {
            let digits =
                |v: u32| self.texts.get(v).chars().filter(char::is_ascii_digit).collect::<Vec<_>>();
            return super::text::edit_distance(&digits(one), &digits(other), *most).is_some();
        }
        if a == 0 || b == 0 {
            return false;
        }
        let ((y1, m1, d1), (y2, m2, d2)) = (birth::parts(a), birth::parts(b));
        let whole = d1 != 0 && d2 != 0;
        match test {
            Test::DayMonth => whole && y1 == y2 && m1 == d2 && d1 == m2,
            Test::OneDigit => {
                whole
                    && (0..8).filter(|i| a / 10_u32.pow(*i) % 10 != b / 10_u32.pow(*i) % 10).count()
                        == 1
            }
            Test::Lunar => whole && birth::is_lunar_slip(a, b, &self.lunar),
            Test::Partial => !whole && y1 == y2 && (m1 == m2 || m1 == 0 || m2 == 0),
            Test::Days(most) => {
                whole
                    && i64::from(birth::day_number(y1, m1, d1) - birth::day_number(y2, m2, d2))
                        .abs()
                        <= *most
            }
            Test::Years(most) => i64::from(y1 - y2).abs() <= *most,
            Test::MonthDay => whole && (m1, d1) == (m2, d2),
            _ => false,
        }
    }
}

/// A date of `2012-09-01`, `20120901`, `2012/9/1`, `2012.9`, `2012年9月1日`, `1/9/2012`; 0 if it is none.
fn parse(text: &str) -> u32 {
    let digits = text.bytes().filter(u8::is_ascii_digit).count();
    let mut parts = [0_u32; 3];
    let mut count = 0;
    if digits == text.len() && (digits == 8 || digits == 6) {
        let number: u32 = text.parse().unwrap_or(0);
        parts = if digits == 8 {
            [number / 10_000, number / 100 % 100, number % 100]
        } else {
            [number / 100, number % 100, 0]
        };
        count = if digits == 8 { 3 } else { 2 };
    } else {
        let date = text.split(['T', ' ']).next().unwrap_or_default();
        for piece in date.split(|c: char| !c.is_ascii_digit()).filter(|p| !p.is_empty()) {
            if count == 3 || piece.len() > 4 {
                return 0;
            }
            parts[count] = piece.parse().unwrap_or(0);
            count += 1;
        }
    }
    if count == 3 && parts[2] >= 1000 {
        parts.reverse();
    }
    let [year, month, day] = parts;
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let longest = match month {
        0 => 0,
        2 => 28 + u32::from(leap),
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    };
    if (1000..=2999).contains(&year) && month <= 12 && (day == 0 || day <= longest) {
        year * 10_000 + month * 100 + day
    } else {
        0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_in_every_form() {
        for text in [
            "2012-09-01",
            "20120901",
            "2012/9/1",
            "2012年9月1日",
            "2012.09.01",
            "1/9/2012",
            "2012-09-01 00:00:00",
        ] {
            assert_eq!(parse(text), 20_120_901, "{text}");
        }
        assert_eq!(parse("2012.9"), 20_120_900);
        assert_eq!(parse("201209"), 20_120_900);
        assert_eq!(parse("2012"), 20_120_000);
        for text in ["1791-81-01", "2012-02-30", "", "无", "12345", "99999999", "1-2-3-4"] {
            assert_eq!(parse(text), 0, "{text}");
        }
    }
}
