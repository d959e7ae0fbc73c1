//! Figures as a county document writes them: cut, never rounded up.

use fujiao_model::{Money, Unit};
use jiff::civil::Date;

/// `part` of `whole` in percent with one decimal, cut: `97.0%`. `—` if there is no whole.
///
/// Cut, so that it is never 100.0% while anything is missing, nor 0.1% too much anywhere.
pub fn percent(part: i64, whole: i64) -> String {
    if whole <= 0 {
        return "—".to_owned();
    }
    let tenths = (i128::from(part.max(0)) * 1000) / i128::from(whole);
    format!("{}.{}%", tenths / 10, tenths % 10)
}

/// A whole number in groups of three, minus as U+2212: `11,462`.
pub fn count(n: i64) -> String {
    let digits = n.unsigned_abs().to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3 + 3);
    if n < 0 {
        out.push('−');
    }
    for (i, c) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push(',');
        }
        out.push(c);
    }
    out
}

/// [`count`] of a number that cannot be below zero.
pub(crate) fn number(n: u64) -> String {
    count(signed(n))
}

/// As the other counts; no county has more than `i64::MAX` of anything.
pub(crate) fn signed(n: u64) -> i64 {
    i64::try_from(n).unwrap_or(i64::MAX)
}

/// A quantity with its unit as sentences write it: money in 万元, the rest grouped.
pub(crate) fn quantity(unit: Option<Unit>, n: i64) -> String {
    match unit {
        Some(Unit::Fen) => format!("{} 万元", Money::fen(n).wan()),
        Some(unit) => format!("{} {}", unit_count(unit, n), unit.chinese()),
        None => format!("{} 件", count(n)),
    }
}

/// A quantity without its unit: money `1,352.50`, area `6.10`, whole posts `1,684`, meals `11,462`.
pub(crate) fn unit_count(unit: Unit, n: i64) -> String {
    match unit.scale() {
        1 => count(n),
        scale if unit != Unit::Fen && n % scale == 0 => count(n / scale),
        _ => unit.show(n),
    }
}

/// 2024 年 10 月 18 日
pub(crate) fn long_date(day: Date) -> String {
    format!("{} 年 {} 月 {} 日", day.year(), day.month(), day.day())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn percent_is_cut() {
        let check = |part, whole, shown| assert_eq!(percent(part, whole), shown, "{part}/{whole}");
        check(9_571, 9_864, "97.0%");
        check(18_245, 18_246, "99.9%");
        check(5, 5, "100.0%");
        check(0, 5, "0.0%");
        check(0, 0, "—");
        check(i64::MAX - 1, i64::MAX, "99.9%");
    }

    #[test]
    fn figures_are_grouped() {
        assert_eq!(count(-1_234_567), "−1,234,567");
        assert_eq!(count(999), "999");
        assert_eq!(quantity(Some(Unit::Fen), 721_375_000), "721.37 万元");
        assert_eq!(quantity(Some(Unit::Meal), 45_848), "45,848 餐");
        assert_eq!(quantity(None, 3), "3 件");
    }

    proptest! {
        #[test]
        fn percent_never_rounds_up(whole in 1..i64::MAX, part in 0..i64::MAX) {
            let part = part % whole;
            let shown = percent(part, whole);
            let tenths: i128 = shown.trim_end_matches('%').replace('.', "").parse().unwrap();
            prop_assert!(tenths < 1000);
            prop_assert!(tenths * i128::from(whole) <= i128::from(part) * 1000);
        }
    }
}
