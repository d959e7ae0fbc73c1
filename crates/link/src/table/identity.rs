//! Citizen ids as rosters write them: whole, of fifteen digits, mistyped, cut by a spreadsheet.

use fujiao_model::{CitizenId, CitizenIdFault};

use super::spec::Test;
use crate::mention::{Texts, hash, id_born, packed_id};

/// Every different id.
#[derive(Debug, Default)]
pub(crate) struct Ids {
    texts: Texts,
    /// The first seventeen digits; 0 if it does not check.
    packed: Vec<u64>,
    /// Whether it has the fifteen digits of old, which nothing checks.
    old: Vec<bool>,
}

impl Ids {
    /// No ids yet, with room for so many of so many bytes.
    pub(crate) fn with_room(count: usize, bytes: usize) -> Self {
        let mut ids = Self::default();
        ids.texts.reserve(count, bytes);
        ids.packed.reserve(count + 1);
        ids.old.reserve(count + 1);
        ids
    }

    /// The number of an id; one that a spreadsheet has destroyed is missing.
    pub(crate) fn intern(&mut self, text: &str) -> u32 {
        if self.packed.is_empty() {
            self.packed.push(0);
            self.old.push(false);
        }
        let mut digits = [0_u8; 24];
        let mut n = 0;
        for c in text.chars().filter(|c| !c.is_whitespace()) {
            let c = match c {
                '\u{ff01}'..='\u{ff5e}' => char::from_u32(c as u32 - 0xfee0).unwrap_or(c),
                c => c,
            };
            if n == digits.len() || !c.is_ascii() {
                return 0;
            }
            digits[n] = c.to_ascii_uppercase() as u8;
            n += 1;
        }
        // `611026198001010012.0`
        let mut digits = &digits[..n];
        if let Some(cut) = digits.strip_suffix(b".0") {
            digits = cut;
        }
        let clean = std::str::from_utf8(digits).expect("ASCII");
        // `6.11E+17` keeps too little, and one or two characters are no id.
        if digits.len() < 8
            || digits.iter().any(|d| !d.is_ascii_digit() && *d != b'X' && *d != b'*')
        {
            return 0;
        }
        let value = self.texts.intern(clean);
        if value as usize == self.packed.len() {
            let parsed = CitizenId::parse(clean);
            debug_assert!(!matches!(parsed, Err(CitizenIdFault::Length) if digits.len() == 18));
            self.packed.push(parsed.map_or(0, packed_id));
            self.old.push(digits.len() == 15);
        }
        value
    }

    /// To be called when every id is known.
    pub(crate) fn finish(&mut self) {
        self.texts.seal();
    }

    /// The characters of an id.
    pub(crate) fn digits(&self, id: u32) -> &[u8] {
        self.texts.get(id).as_bytes()
    }

    /// The date of birth inside a valid id, packed; 0 if it is not valid.
    pub(crate) fn born(&self, id: u32) -> u32 {
        id_born(self.packed.get(id as usize).copied().unwrap_or(0))
    }

    /// The date of birth in each.
    pub(crate) fn births(&self) -> impl Iterator<Item = u32> + '_ {
        self.packed.iter().map(|p| id_born(*p))
    }

    /// `value` is twice the id's number, and one more where the id contradicts its row.
    pub(crate) fn stable(&self, value: u32) -> u64 {
        hash(self.texts.get(value / 2)) ^ u64::from(value % 2)
    }

    /// The first seventeen digits of a value that tells people apart: its check digit is right, and it fits its own
    /// row; else 0.
    pub(crate) fn telling(&self, value: u32) -> u64 {
        let id = value as usize / 2;
        if value % 2 == 1 || self.old.get(id).copied().unwrap_or(true) {
            0
        } else {
            self.packed[id]
        }
    }

    /// Whether two values are two different valid ids.
    pub(crate) fn differ(&self, one: u32, other: u32) -> bool {
        let (a, b) = (self.telling(one), self.telling(other));
        a != 0 && b != 0 && a != b
    }

    /// Whether a test holds.
    #[expect(
        clippy::many_single_char_names,
        reason = "two rows, two values, two texts: x and y are plain"
    )]
    pub(crate) fn holds(&self, test: &Test, one: u32, other: u32) -> bool {
        let (x, y) = (one / 2, other / 2);
        let doubtful = one % 2 == 1 || other % 2 == 1;
        let (a, b) = (self.digits(x), self.digits(y));
        let one_id = |a: u32, b: u32| {
            let (p, q) = (self.packed[a as usize], self.packed[b as usize]);
            p != 0 && p == q
        };
        let apart = || a.iter().zip(b).filter(|(p, q)| p != q).count();
        match test {
            Test::Equal => x == y && !doubtful,
            Test::Doubtful => x == y,
            Test::OldForm => x != y && one_id(x, y),
            Test::CheckDigit => a.len() == 18 && b.len() == 18 && a[..17] == b[..17],
            Test::Truncated => {
                let kept = |d: &[u8]| d.len() < 18 || d[15..] == *b"000";
                a.len().min(b.len()) >= 15 && a[..15] == b[..15] && (kept(a) || kept(b))
            }
            Test::Transposed => {
                a.len() == b.len() && apart() == 2 && {
                    let at = a.iter().zip(b).position(|(p, q)| p != q).expect("two differ");
                    at + 1 < a.len() && a[at] == b[at + 1] && a[at + 1] == b[at]
                }
            }
            Test::OneDigit => {
                let (short, long) = if a.len() < b.len() { (a, b) } else { (b, a) };
                if short.len() == long.len() {
                    apart() == 1
                } else {
                    long.len() == short.len() + 1 && short.len() >= 14 && {
                        let skip = short.iter().zip(long).take_while(|(p, q)| p == q).count();
                        short[skip..] == long[skip + 1..]
                    }
                }
            }
            Test::TwoDigits => a.len() == b.len() && apart() == 2,
            Test::BirthRegion => a.len() >= 14 && b.len() >= 14 && a[..14] == b[..14],
            _ => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slips_of_an_id() {
        let right = CitizenId::compose(990_101, jiff::civil::date(2012, 3, 4), 121);
        let right = right.reveal().to_owned();
        let mut ids = Ids::default();
        let mut check = |other: &str, test: Test, want: bool| {
            let (a, b) = (ids.intern(&right) * 2, ids.intern(other) * 2);
            assert_eq!(ids.holds(&test, a, b), want, "{other} {test:?}");
            assert_eq!(ids.holds(&test, b, a), want, "{other} {test:?}");
        };
        let wrong = |at: usize, digit: &str| format!("{}{digit}{}", &right[..at], &right[at + 1..]);
        check(&right.to_lowercase(), Test::Equal, true);
        check(&format!(" {right}.0"), Test::Equal, true);
        check(&wrong(16, "9"), Test::OneDigit, true);
        check(&wrong(17, if right.ends_with('1') { "2" } else { "1" }), Test::CheckDigit, true);
        check(&format!("{}000", &right[..15]), Test::Truncated, true);
        check(&right[..17], Test::OneDigit, true);
        let mut swapped = right.clone().into_bytes();
        swapped.swap(14, 15);
        check(std::str::from_utf8(&swapped).unwrap(), Test::Transposed, true);
        check(&wrong(3, "9"), Test::BirthRegion, false);
        // 6.11E+17 is as good as nothing.
        assert_eq!(ids.intern("6.11026E+17"), 0);
        // Signs beyond ASCII that fit a byte are no digits either.
        assert_eq!(ids.intern("61102619é001010012"), 0);
        assert_eq!(ids.intern("无"), 0);
    }

    #[test]
    fn fifteen_digits_are_the_id_of_the_last_century() {
        let long = CitizenId::compose(990_101, jiff::civil::date(1975, 3, 4), 121);
        let long = long.reveal();
        let short = format!("{}{}", &long[..6], &long[8..17]);
        let mut ids = Ids::default();
        let (a, b) = (ids.intern(long) * 2, ids.intern(&short) * 2);
        assert!(ids.holds(&Test::OldForm, a, b) && !ids.differ(a, b));
        assert_eq!(ids.born(b / 2), 19_750_304);
    }
}
