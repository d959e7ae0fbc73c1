use std::fmt;
use std::iter::Sum;
use std::num::NonZeroU32;
use std::ops::{Add, AddAssign, Neg, Sub, SubAssign};
use std::str::FromStr;

/// Renminbi in whole fen. Never a float: a list sums to what the bank debits.
///
/// Half-year amounts are fractional in yuan (312.50 元), never in fen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Money(i64);

impl Money {
    /// Nothing.
    pub const ZERO: Self = Self(0);

    /// An amount of whole fen.
    pub const fn fen(fen: i64) -> Self {
        Self(fen)
    }

    /// An amount of whole yuan.
    pub const fn yuan(yuan: i64) -> Self {
        Self(yuan * 100)
    }

    /// The whole amount in fen.
    pub const fn as_fen(self) -> i64 {
        self.0
    }

    /// Whether nothing is left.
    pub const fn is_zero(self) -> bool {
        self.0 == 0
    }

    /// `n` parts that differ by at most one fen and sum to the whole; the first parts take the odd fen.
    pub fn split(self, n: NonZeroU32) -> impl Iterator<Item = Self> {
        let n = i64::from(n.get());
        let (each, odd) = (self.0.div_euclid(n), self.0.rem_euclid(n));
        (0..n).map(move |i| Self(each + i64::from(i < odd)))
    }

    /// 万元 with two decimals, for reports; cut towards zero so that no report shows more than was paid.
    pub fn wan(self) -> String {
        let cents = self.0.abs() / 10_000;
        format!("{}{}.{:02}", sign(self.0), group(cents / 100), cents % 100)
    }
}

fn sign(n: i64) -> &'static str {
    if n < 0 { "−" } else { "" }
}

/// Digits in groups of three.
fn group(n: i64) -> String {
    let digits = n.unsigned_abs().to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (i, c) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push(',');
        }
        out.push(c);
    }
    out
}

impl fmt::Display for Money {
    /// Yuan with thousands separators and two decimals: `1,352.50`; minus is U+2212.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}.{:02}", sign(self.0), group(self.0 / 100), self.0.unsigned_abs() % 100)
    }
}

/// A text that is not an amount of yuan with at most two decimals.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("“{0}”不是金额；写成 625 或 312.50，单位元")]
pub struct ParseMoneyError(pub String);

impl FromStr for Money {
    type Err = ParseMoneyError;

    /// Reads yuan: `625`, `312.5`, `1,352.50`, `￥625元`. More than two decimals are refused, not rounded.
    fn from_str(text: &str) -> Result<Self, ParseMoneyError> {
        let bad = || ParseMoneyError(text.to_owned());
        let body = text.trim().trim_start_matches(['￥', '¥']).trim_end_matches('元').trim();
        let (negative, body) = match body.strip_prefix(['-', '−']) {
            Some(rest) => (true, rest),
            None => (false, body),
        };
        let (whole, cents) = body.split_once('.').unwrap_or((body, ""));
        let whole: String = whole.chars().filter(|c| !matches!(c, ',' | '，')).collect();
        let cents = cents.trim_end_matches('0');
        if whole.is_empty()
            || cents.len() > 2
            || !whole.bytes().chain(cents.bytes()).all(|b| b.is_ascii_digit())
        {
            return Err(bad());
        }
        let yuan: i64 = whole.parse().map_err(|_| bad())?;
        let cents: i64 = format!("{cents:0<2}").parse().map_err(|_| bad())?;
        let fen = yuan.checked_mul(100).and_then(|f| f.checked_add(cents)).ok_or_else(bad)?;
        Ok(Self(if negative { -fen } else { fen }))
    }
}

impl Add for Money {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        Self(self.0 + other.0)
    }
}

impl Sub for Money {
    type Output = Self;
    fn sub(self, other: Self) -> Self {
        Self(self.0 - other.0)
    }
}

impl Neg for Money {
    type Output = Self;
    fn neg(self) -> Self {
        Self(-self.0)
    }
}

impl AddAssign for Money {
    fn add_assign(&mut self, other: Self) {
        self.0 += other.0;
    }
}

impl SubAssign for Money {
    fn sub_assign(&mut self, other: Self) {
        self.0 -= other.0;
    }
}

impl Sum for Money {
    fn sum<I: Iterator<Item = Self>>(iter: I) -> Self {
        iter.fold(Self::ZERO, Add::add)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn yuan_as_people_write_it() {
        let check = |text: &str, shown: &str| {
            let got = text.parse::<Money>().map_or_else(|e| e.to_string(), |m| m.to_string());
            assert_eq!(got, shown, "{text}");
        };
        check("625", "625.00");
        check("312.5", "312.50");
        check("1,352.50", "1,352.50");
        check("￥1250元", "1,250.00");
        check("-3", "−3.00");
        check("0.005", "“0.005”不是金额；写成 625 或 312.50，单位元");
        check("六百", "“六百”不是金额；写成 625 或 312.50，单位元");
        check("9223372036854775807", "“9223372036854775807”不是金额；写成 625 或 312.50，单位元");
    }

    #[test]
    fn a_report_never_shows_more_than_was_paid() {
        assert_eq!(Money::fen(12_345_678_999).wan(), "12,345.67");
        assert_eq!(Money::fen(-9_999).wan(), "−0.00");
    }

    proptest! {
        #[test]
        fn no_fen_is_made_or_lost(fen in -9_999_999..9_999_999_i64, n in 1..60_u32) {
            let parts: Vec<Money> = Money::fen(fen).split(NonZeroU32::new(n).unwrap()).collect();
            prop_assert_eq!(parts.iter().copied().sum::<Money>(), Money::fen(fen));
            let (least, most) = (parts.iter().min().unwrap(), parts.iter().max().unwrap());
            prop_assert!(most.as_fen() - least.as_fen() <= 1);
        }

        #[test]
        fn what_is_shown_reads_back(fen in any::<i32>()) {
            let money = Money::fen(i64::from(fen));
            prop_assert_eq!(money.to_string().parse::<Money>(), Ok(money));
        }
    }
}
