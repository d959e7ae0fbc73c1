use std::fmt;

use jiff::civil::Date;

use crate::Sex;

/// 公民身份号码 (GB 11643-1999), checked: 17 digits and a check character, with a birth date that exists.
///
/// Well-formed; no proof that the person exists. The area code is that of first issue: it may be abolished and may
/// differ from the household register, so it is not checked against a list.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CitizenId([u8; 18]);

/// Why a text is no citizen id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, thiserror::Error)]
pub enum CitizenIdFault {
    /// Neither 18 nor 15 characters.
    #[error("身份证号应为 18 位")]
    Length,
    /// A character that is neither a digit nor a final X.
    #[error("身份证号里有不是数字的字符")]
    Characters,
    /// Digits 7 to 14 are no date.
    #[error("身份证号里的出生日期不存在")]
    Birth,
    /// The last character does not fit the other seventeen.
    #[error("身份证号校验位不符，至少有一位写错")]
    CheckDigit,
    /// A spreadsheet kept 15 digits and replaced the rest by zeros, or shows it as `6.11026E+17`.
    #[error("身份证号被电子表格改成了科学计数，后几位已丢失；请把该列设为文本后重填")]
    Destroyed,
}

const WEIGHTS: [u32; 17] = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
const CHECKS: &[u8; 11] = b"10X98765432";

impl CitizenId {
    /// Reads 18 characters, or the 15 digits of the cards that ended in 2013 (born in 19xx).
    ///
    /// Spaces around are dropped, full-width digits and a small x are taken as meant. Nothing else is repaired.
    ///
    /// # Errors
    /// The first [`CitizenIdFault`] in the order length, characters, destroyed, birth, check digit.
    pub fn parse(text: &str) -> Result<Self, CitizenIdFault> {
        let mut digits = [0_u8; 18];
        let mut n = 0;
        for c in text.trim().chars() {
            let c = match c {
                '\u{ff10}'..='\u{ff19}' => {
                    char::from(b'0' + u8::try_from(c as u32 - 0xff10).expect("0 to 9"))
                }
                'x' | 'Ｘ' | 'ｘ' => 'X',
                c => c,
            };
            if n == 18 {
                return Err(CitizenIdFault::Length);
            }
            digits[n] = u8::try_from(c).map_err(|_| CitizenIdFault::Characters)?;
            n += 1;
        }
        match n {
            18 => Self::from_18(digits),
            15 => Self::from_15(&digits[..15]),
            _ => Err(CitizenIdFault::Length),
        }
    }

    fn from_18(digits: [u8; 18]) -> Result<Self, CitizenIdFault> {
        if !digits[..17].iter().all(u8::is_ascii_digit)
            || !(digits[17].is_ascii_digit() || digits[17] == b'X')
        {
            return Err(CitizenIdFault::Characters);
        }
        let id = Self(digits);
        let right = id.birth_or_none().is_some() && Self::check(&digits) == digits[17];
        // A double holds 15 digits and a bit: what a spreadsheet wrote ends in zeros. No sequence number is 000.
        if digits[15..] == *b"000" && !right {
            return Err(CitizenIdFault::Destroyed);
        }
        if id.birth_or_none().is_none() {
            return Err(CitizenIdFault::Birth);
        }
        if digits[14..17] == *b"000" && digits[17] == b'0' {
            return Err(CitizenIdFault::Destroyed);
        }
        if !right {
            return Err(CitizenIdFault::CheckDigit);
        }
        Ok(id)
    }

    fn from_15(digits: &[u8]) -> Result<Self, CitizenIdFault> {
        if !digits.iter().all(u8::is_ascii_digit) {
            return Err(CitizenIdFault::Characters);
        }
        let mut long = [b'0'; 18];
        long[..6].copy_from_slice(&digits[..6]);
        long[6..8].copy_from_slice(b"19");
        long[8..17].copy_from_slice(&digits[6..]);
        long[17] = Self::check(&long);
        let id = Self(long);
        if id.birth_or_none().is_none() { Err(CitizenIdFault::Birth) } else { Ok(id) }
    }

    /// The id of area (6 digits), birth date and sequence (0–999, odd for men), with its check character.
    ///
    /// # Panics
    /// If `area` is not six digits or `sequence` is above 999.
    pub fn compose(area: u32, born_on: Date, sequence: u16) -> Self {
        assert!(
            area <= 999_999 && sequence <= 999,
            "area {area} and sequence {sequence} fit their digits"
        );
        let text = format!(
            "{area:06}{:04}{:02}{:02}{sequence:03}0",
            born_on.year(),
            born_on.month(),
            born_on.day()
        );
        let mut digits: [u8; 18] = text.as_bytes().try_into().expect("6 + 8 + 3 + 1 digits");
        digits[17] = Self::check(&digits);
        Self(digits)
    }

    /// The check character that seventeen digits call for.
    fn check(digits: &[u8; 18]) -> u8 {
        let sum: u32 = digits[..17].iter().zip(WEIGHTS).map(|(d, w)| u32::from(d - b'0') * w).sum();
        CHECKS[(sum % 11) as usize]
    }

    fn birth_or_none(&self) -> Option<Date> {
        let number = |from: usize, to: usize| {
            self.0[from..to].iter().fold(0_i16, |n, d| n * 10 + i16::from(d - b'0'))
        };
        let (year, month, day) = (number(6, 10), number(10, 12), number(12, 14));
        if !(1850..=2200).contains(&year) {
            return None;
        }
        Date::new(year, i8::try_from(month).ok()?, i8::try_from(day).ok()?).ok()
    }

    /// Date of birth, digits 7 to 14.
    pub fn born_on(&self) -> Date {
        self.birth_or_none().expect("checked when the id was made")
    }

    /// Sex, by the parity of digit 17.
    pub fn sex(&self) -> Sex {
        if (self.0[16] - b'0') % 2 == 1 { Sex::Male } else { Sex::Female }
    }

    /// All eighteen characters. Only where the whole number has to be written: a bank file, a sealed column.
    pub fn reveal(&self) -> &str {
        std::str::from_utf8(&self.0).expect("ASCII")
    }

    /// First four and last four, ten stars between: `6110**********1234`.
    pub fn masked(&self) -> String {
        format!("{}**********{}", &self.reveal()[..4], &self.reveal()[14..])
    }
}

impl fmt::Debug for CitizenId {
    /// Masked, so that no `{:?}` carries an identity number into a log.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "CitizenId(…{})", &self.reveal()[14..])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn ids_as_rosters_write_them() {
        let check = |text: &str, want: Result<&str, CitizenIdFault>| {
            assert_eq!(
                CitizenId::parse(text).as_ref().map(CitizenId::reveal).map_err(|e| *e),
                want,
                "{text}"
            );
        };
        check("11010519491231002X", Ok("11010519491231002X"));
        check(" 11010519491231002x ", Ok("11010519491231002X"));
        check("１１０１０５１９４９１２３１００２Ｘ", Ok("11010519491231002X"));
        check("110105491231002", Ok("11010519491231002X"));
        check("110105194912310021", Err(CitizenIdFault::CheckDigit));
        check("11010519490231002X", Err(CitizenIdFault::Birth));
        check("11010519491231002", Err(CitizenIdFault::Length));
        check("1101051949123100２2X", Err(CitizenIdFault::Length));
        check("G1010519491231002X", Err(CitizenIdFault::Characters));
        check("611026198001010000", Err(CitizenIdFault::Destroyed));
        check("611026201209150000", Err(CitizenIdFault::Destroyed));
    }

    #[test]
    fn no_debug_print_shows_a_whole_id() {
        let id = CitizenId::parse("11010519491231002X").unwrap();
        assert_eq!(format!("{id:?}"), "CitizenId(…002X)");
        assert_eq!(id.masked(), "1101**********002X");
        assert_eq!((id.born_on(), id.sex()), (jiff::civil::date(1949, 12, 31), Sex::Female));
    }

    proptest! {
        #[test]
        fn a_wrong_digit_never_passes(area in 110_000_u32..660_000, days in 0..40_000_i32, sequence in 1..1000_u16,
                                      at in 0..17_usize, by in 1..10_u8) {
            let born_on = jiff::civil::date(1920, 1, 1).checked_add(jiff::Span::new().days(days)).unwrap();
            let id = CitizenId::compose(area, born_on, sequence);
            prop_assert_eq!(CitizenId::parse(id.reveal()), Ok(id));
            let mut text = id.0;
            text[at] = b'0' + (text[at] - b'0' + by) % 10;
            prop_assert!(CitizenId::parse(std::str::from_utf8(&text).unwrap()).is_err());
        }

        #[test]
        fn no_text_panics(text in "\\PC{0,24}") {
            let _ = CitizenId::parse(&text);
        }
    }
}
