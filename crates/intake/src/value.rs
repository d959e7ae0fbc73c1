//! Reading one value: what a cell says as an id, a date, an amount, a code.

mod codes;
mod dates;
mod grades;
mod numbers;
mod places;
mod terms;

use std::borrow::Cow;
use std::fmt::Write as _;

use fujiao_model::CitizenIdFault;

use crate::text;

pub(crate) use codes::{code, flag};
pub(crate) use dates::{date_of_number, date_of_text, looks_like_date, period, serial_date};
pub(crate) use grades::{class, grade_and_class, school_and_grade, stage_of_school};
pub(crate) use numbers::{
    EXACT_LIMIT, decimal, digits, integer, is_scientific, leading_number, money, money_of_number,
    number_text, thousandths, whole,
};
pub(crate) use places::Place;
pub(crate) use terms::{TermSaid, month, month_in};

/// Why a cell does not read as its field.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Trouble {
    /// A spreadsheet has replaced digits.
    Destroyed,
    /// A citizen id that is none.
    BadId(CitizenIdFault),
    /// Not of the type, with what it should look like.
    Unreadable(&'static str),
}

fn han_digit(c: char) -> Option<u8> {
    Some(match c {
        '一' | '壹' => 1,
        '二' | '两' | '贰' => 2,
        '三' | '叁' => 3,
        '四' => 4,
        '五' => 5,
        '六' => 6,
        '七' => 7,
        '八' => 8,
        '九' => 9,
        '十' => 10,
        _ => return None,
    })
}

/// A personal number in part: the first characters and the last two; of a short one the first alone.
pub(crate) fn masked(text: &str) -> String {
    let chars: Vec<char> = text.chars().collect();
    if chars.len() < 8 {
        return chars.first().map_or_else(String::new, |first| format!("{first}…"));
    }
    let mut out: String = chars[..4].iter().collect();
    let _ = write!(out, "…{}", chars[chars.len() - 2..].iter().collect::<String>());
    out
}

/// A phone: mobile numbers without separators and country code, everything else as typed.
pub(crate) fn phone(text: &str) -> Cow<'_, str> {
    if text.len() == 11 && text.bytes().all(|b| b.is_ascii_digit()) {
        return Cow::Borrowed(text);
    }
    let bare: String = text.chars().filter(|c| !matches!(c, ' ' | '-' | '\u{2011}')).collect();
    let bare = bare.strip_suffix(".0").unwrap_or(&bare);
    let bare = bare.strip_prefix("+86").or_else(|| bare.strip_prefix("0086")).unwrap_or(bare);
    let bare = if bare.len() == 13 { bare.strip_prefix("86").unwrap_or(bare) } else { bare };
    if bare.len() == 11 && bare.starts_with('1') && bare.bytes().all(|b| b.is_ascii_digit()) {
        Cow::Owned(bare.to_owned())
    } else {
        Cow::Owned(text::squeeze(text).into_owned())
    }
}

#[cfg(test)]
mod tests {
    use fujiao_model::Field;
    use proptest::prelude::*;

    use super::codes::{code, flag};
    use super::dates::{date_of_text, period};
    use super::grades::{grade_and_class, school_and_grade};
    use super::numbers::{decimal, integer, is_scientific, money};
    use super::places::Place;
    use super::terms::{TermSaid, month, month_in};
    use super::*;

    proptest! {
        #[test]
        fn no_text_panics(text in "\\PC{0,24}") {
            let _ = (date_of_text(&text), period(&text), integer(&text), decimal(&text), money(&text, 10_000), flag(&text));
            let _ = (grade_and_class(&text, None), TermSaid::find(&text), TermSaid::read(&text), month(&text, None));
            let _ = (Place::of(&text), school_and_grade(&text), phone(&text), masked(&text), month_in(&text));
            for field in Field::ALL {
                let _ = code(*field, &text);
            }
        }

        #[test]
        fn no_text_of_the_trade_panics(text in "[0-9年月日学期第一二春秋上下()（）.—\\-~至度级班初高大小中七镇村组县省市区社E+,元万]{0,20}") {
            let _ = (date_of_text(&text), period(&text), integer(&text), decimal(&text), money(&text, 1), flag(&text));
            let _ = (grade_and_class(&text, None), TermSaid::find(&text), TermSaid::read(&text), month(&text, None));
            let _ = (Place::of(&text), school_and_grade(&text), phone(&text), month_in(&text), is_scientific(&text));
        }
    }
}
