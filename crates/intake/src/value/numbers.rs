//! Whole numbers, decimals and amounts of money, with what a spreadsheet leaves of a long number.

use std::borrow::Cow;

use fujiao_model::Money;

use super::{Trouble, han_digit};
use crate::text::squeeze;

/// Numbers from here on a spreadsheet cannot keep exactly: it holds fifteen digits.
pub(crate) const EXACT_LIMIT: f64 = 1e15;

/// A number as people see it: whole ones without a point, those beyond fifteen digits in scientific notation.
pub(crate) fn number_text(n: f64) -> String {
    if n.abs() >= EXACT_LIMIT { format!("{n:.5E}").replace('E', "E+") } else { format!("{n}") }
}

/// The whole number that a float is.
#[expect(clippy::cast_possible_truncation, reason = "whole and within ±1e15")]
pub(crate) fn whole(n: f64) -> Option<i64> {
    (n.fract() == 0.0 && n.abs() < EXACT_LIMIT).then_some(n as i64)
}

/// `6.11026E+17`: what is left of a number that a spreadsheet has shortened.
pub(crate) fn is_scientific(text: &str) -> bool {
    let Some(at) = text.find(['E', 'e']) else { return false };
    let (mantissa, exponent) = (&text[..at], &text[at + 1..]);
    let exponent = exponent.strip_prefix('+').unwrap_or(exponent);
    mantissa.contains(|c: char| c.is_ascii_digit())
        && mantissa.bytes().all(|b| b.is_ascii_digit() || b == b'.')
        && (1..=3).contains(&exponent.len())
        && exponent.bytes().all(|b| b.is_ascii_digit())
        && (mantissa.contains('.') || text.contains('+'))
}

/// Digits as people write numbers of ids: no spaces, no `.0` behind.
pub(crate) fn digits(text: &str) -> Cow<'_, str> {
    let squeezed = squeeze(text);
    match squeezed.strip_suffix(".0").or_else(|| squeezed.strip_suffix(".00")) {
        Some(bare) => Cow::Owned(bare.to_owned()),
        None => squeezed,
    }
}

/// The number that a text begins with, in thousandths, and the unit behind it: `12人`, `6.5个月`, `1,200`.
pub(crate) fn leading_number(text: &str) -> Option<(i64, &str)> {
    let (negative, body) = match text.strip_prefix(['-', '−']) {
        Some(rest) => (true, rest),
        None => (false, text),
    };
    let end =
        body.find(|c: char| !(c.is_ascii_digit() || c == ',' || c == '.')).unwrap_or(body.len());
    let (number, unit) = body.split_at(end);
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    let whole: String = whole.chars().filter(char::is_ascii_digit).collect();
    if whole.is_empty() || whole.len() > 12 {
        return None;
    }
    if fraction.len() > 15 || !fraction.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    // Thousandths are as fine as an area or a coordinate needs; the rest is rounded.
    let up = i64::from(fraction.as_bytes().get(3).is_some_and(|digit| *digit >= b'5'));
    let kept = &fraction[..fraction.len().min(3)];
    let thousandths =
        whole.parse::<i64>().ok()? * 1000 + format!("{kept:0<3}").parse::<i64>().ok()? + up;
    Some((if negative { -thousandths } else { thousandths }, unit))
}

/// Whether what stands behind a number is a unit of counting, so that the number is the value.
fn is_unit(unit: &str) -> bool {
    matches!(
        unit,
        "" | "人"
            | "天"
            | "个"
            | "个月"
            | "月"
            | "年"
            | "日"
            | "次"
            | "课时"
            | "学时"
            | "级"
            | "名"
            | "套"
            | "张"
            | "间"
            | "平方米"
            | "㎡"
            | "m2"
            | "m²"
            | "平米"
            | "位"
            | "班"
            | "个班"
            | "节"
            | "餐"
            | "年度"
            | "小时"
            | "口"
            | "顿"
    )
}

const INTEGER_HINT: &str = "写成整数，例如 21";
const DECIMAL_HINT: &str = "写成数字，例如 1250.5";

/// Whether nothing but zeros stands behind the point.
fn is_whole(text: &str) -> bool {
    text.split_once('.').is_none_or(|(_, fraction)| {
        fraction.bytes().take_while(u8::is_ascii_digit).all(|digit| digit == b'0')
    })
}

/// A whole number that people typed.
pub(crate) fn integer(text: &str) -> Result<i64, Trouble> {
    let text = squeeze(text);
    let bad = Trouble::Unreadable(INTEGER_HINT);
    match leading_number(&text) {
        Some((n, unit)) if n % 1000 == 0 && is_unit(unit) && is_whole(&text) => Ok(n / 1000),
        Some(_) => Err(bad),
        None => {
            let mut chars = text.trim_end_matches(['级', '个', '月', '人', '天']).chars();
            match (chars.next().and_then(han_digit), chars.next()) {
                (Some(n), None) => Ok(i64::from(n)),
                _ => Err(bad),
            }
        }
    }
}

/// A number in thousandths that people typed.
pub(crate) fn decimal(text: &str) -> Result<i64, Trouble> {
    match leading_number(&squeeze(text)) {
        Some((n, unit)) if is_unit(unit) => Ok(n),
        _ => Err(Trouble::Unreadable(DECIMAL_HINT)),
    }
}

/// A float in thousandths, rounded: thousandths are as fine as an area or a coordinate needs.
pub(crate) fn thousandths(n: f64) -> Result<i64, Trouble> {
    whole((n * 1000.0).round()).ok_or(Trouble::Unreadable(DECIMAL_HINT))
}

/// A float times a scale, rounded where the difference is that of binary fractions and no real digit.
fn scaled(n: f64, scale: f64) -> Option<i64> {
    let exact = n * scale;
    let near = exact.round();
    if (exact - near).abs() > 0.001 { None } else { whole(near) }
}

const MONEY_HINT: &str = "写成 625 或 312.50，单位元，至多两位小数";

/// An amount from a number; `unit` is how many yuan one is.
pub(crate) fn money_of_number(n: f64, unit: i32) -> Result<Money, Trouble> {
    scaled(n, 100.0 * f64::from(unit)).map(Money::fen).ok_or(Trouble::Unreadable(MONEY_HINT))
}

/// An amount that people typed.
pub(crate) fn money(text: &str, unit: i32) -> Result<Money, Trouble> {
    let text = squeeze(text);
    let bad = Trouble::Unreadable(MONEY_HINT);
    let body = text.trim_start_matches(['￥', '¥']);
    let (number, unit) = match body.strip_suffix("万元").or_else(|| body.strip_suffix('万')) {
        Some(number) => (number, 10_000),
        None => (
            ["元/月", "元/天", "元/餐", "元/生/天", "元/生", "元整", "元", "/月"]
                .iter()
                .find_map(|suffix| body.strip_suffix(suffix))
                .unwrap_or(body),
            unit,
        ),
    };
    let number: Cow<'_, str> = if number.contains(',') {
        Cow::Owned(number.replace(',', ""))
    } else {
        Cow::Borrowed(number)
    };
    if unit == 1 {
        return number.parse::<Money>().map_err(|_| bad);
    }
    if is_scientific(&number) {
        return Err(bad);
    }
    money_of_number(number.parse::<f64>().map_err(|_| bad)?, unit)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_and_numbers() {
        assert_eq!(money("1,250元", 1), Ok(Money::yuan(1250)));
        assert_eq!(money("1.5", 10_000), Ok(Money::yuan(15_000)));
        assert_eq!(money("2.3万元", 1), Ok(Money::yuan(23_000)));
        assert!(money("六百", 1).is_err() && money("0.005", 1).is_err());
        assert_eq!(money_of_number(312.5, 1), Ok(Money::fen(31_250)));
        assert_eq!(money_of_number(0.1 + 0.2, 1), Ok(Money::fen(30)));
        assert_eq!((integer("12人"), integer("6个月"), integer("二级")), (Ok(12), Ok(6), Ok(2)));
        assert!(integer("5.5").is_err() && integer("约12").is_err());
        assert_eq!((decimal("1,250.5㎡"), decimal("109.133776")), (Ok(1_250_500), Ok(109_134)));
        assert!(integer("5.0004").is_err());
    }
}
