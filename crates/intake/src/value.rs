//! Reading one value: what a cell says as an id, a date, an amount, a code.

use std::borrow::Cow;
use std::fmt::Write as _;

use fujiao_model::{
    CitizenIdFault, Field, FieldType, Grade, HouseholdKind, Money, PartialDate, Season, Stage, Term,
};
use jiff::civil::date;

use crate::text::{self, squeeze};

/// Numbers from here on a spreadsheet cannot keep exactly: it holds fifteen digits.
pub(crate) const EXACT_LIMIT: f64 = 1e15;

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

/// A number as people see it: whole ones without a point, those beyond fifteen digits in scientific notation.
pub(crate) fn number_text(n: f64) -> String {
    if n.abs() >= EXACT_LIMIT { format!("{n:.5E}").replace('E', "E+") } else { format!("{n}") }
}

/// The whole number that a float is.
#[expect(clippy::cast_possible_truncation, reason = "whole and within ±1e15")]
pub(crate) fn whole(n: f64) -> Option<i64> {
    (n.fract() == 0.0 && n.abs() < EXACT_LIMIT).then_some(n as i64)
}

/// The day of a spreadsheet's serial number; 1 is 1 January 1900.
pub(crate) fn serial_date(serial: f64) -> Option<PartialDate> {
    let days = whole(serial.floor())?;
    if !(1..=109_574).contains(&days) {
        return None;
    }
    // Spreadsheets believe in 29 February 1900, so the days before it are one off.
    let days = if days < 60 { days + 1 } else { days };
    let day = date(1899, 12, 30).checked_add(jiff::Span::new().days(days)).ok()?;
    Some(PartialDate::full(day))
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

/// A text that stands for no date at all: open-ended, still going on.
fn is_open(text: &str) -> bool {
    matches!(
        text,
        "长期" | "至今" | "现在" | "无" | "不详" | "长期有效" | "今" | "未知" | "永久" | "无期限"
    )
}

const DATE_HINT: &str = "写成 2012-09-01、2012.9 或 2012年9月";

/// A date that people typed; `None` for "long-term", "to this day".
pub(crate) fn date_of_text(text: &str) -> Result<Option<PartialDate>, Trouble> {
    let text = squeeze(text);
    if is_open(&text) {
        return Ok(None);
    }
    if let Ok(date) = text.parse::<PartialDate>() {
        return plausible(date).map(Some).ok_or(Trouble::Unreadable(DATE_HINT));
    }
    // The blank between day and time was squeezed out; 2012-09-0108:30:00.
    if let Some(colon) = text.find(':')
        && let Some(day) = text.get(..colon.saturating_sub(2))
        && let Ok(date) = day.parse::<PartialDate>()
    {
        return plausible(date).map(Some).ok_or(Trouble::Unreadable(DATE_HINT));
    }
    if let Ok(n) = text.parse::<f64>() {
        return date_of_number(n, false).map(Some);
    }
    let plain: String = text
        .trim_end_matches(['生', '起', '止', '前', '后'])
        .chars()
        .map(|c| match c {
            '〇' | '○' | 'O' | 'o' | '零' => '0',
            '、' | '，' | ',' | '。' | '·' => '.',
            '\\' => '/',
            c => "一二三四五六七八九"
                .chars()
                .zip('1'..='9')
                .find(|(han, _)| *han == c)
                .map_or(c, |(_, digit)| digit),
        })
        .collect();
    let plain = ten(&plain);
    plain
        .parse::<PartialDate>()
        .ok()
        .and_then(plausible)
        .map(Some)
        .ok_or(Trouble::Unreadable(DATE_HINT))
}

/// 十 in numbers: 十月 is 10, 1十2 (十二 behind its tens) is 12, 2十 is 20.
fn ten(text: &str) -> String {
    if !text.contains('十') {
        return text.to_owned();
    }
    let chars: Vec<char> = text.chars().collect();
    let mut out = String::new();
    for (i, c) in chars.iter().enumerate() {
        if *c != '十' {
            out.push(*c);
            continue;
        }
        let digit =
            |at: Option<usize>| at.and_then(|at| chars.get(at)).is_some_and(char::is_ascii_digit);
        if !digit(i.checked_sub(1)) {
            out.push('1');
        }
        if !digit(Some(i + 1)) {
            out.push('0');
        }
    }
    out
}

/// A date between 1900 and 2100: nothing in a roster lies outside.
fn plausible(date: PartialDate) -> Option<PartialDate> {
    (1900..=2100).contains(&date.parts().0).then_some(date)
}

/// A bare number in a column of dates: `20120901`, `201209`, `2012`, `2012.9`, a serial number.
///
/// `ambiguous` tells that the cell is a number, in which `2012.1` may have been typed as `2012.10`.
pub(crate) fn date_of_number(n: f64, ambiguous: bool) -> Result<PartialDate, Trouble> {
    let bad = || Trouble::Unreadable(DATE_HINT);
    if let Some(whole) = whole(n) {
        return match whole {
            19_000_101..=21_001_231 | 190_001..=210_012 | 1900..=2100 => {
                whole.to_string().parse().ok().and_then(plausible).ok_or_else(bad)
            }
            10_000..=73_415 => serial_date(n).ok_or_else(bad),
            _ => Err(bad()),
        };
    }
    if !(1900.0..2101.0).contains(&n) {
        // A serial number with a time of day.
        return if (10_000.0..73_415.0).contains(&n) {
            serial_date(n).ok_or_else(bad)
        } else {
            Err(bad())
        };
    }
    let text = format!("{n}");
    let (year, month) = text.split_once('.').ok_or_else(bad)?;
    if ambiguous && month == "1" {
        return Err(Trouble::Unreadable(
            "数字格里的“.1”分不清是 1 月还是 10 月；把该列设为文本，写成 2012-01 或 2012-10",
        ));
    }
    let year = year.parse().map_err(|_| bad())?;
    let month = month.parse().map_err(|_| bad())?;
    PartialDate::month(year, month).ok_or_else(bad)
}

/// Whether a text reads as a date, for guessing what a column holds.
pub(crate) fn looks_like_date(text: &str) -> bool {
    !text.is_empty() && matches!(date_of_text(text), Ok(Some(_)))
}

/// Two dates in one cell: `2024.3.1-2024.3.15`, `2024年3月1日至15日`.
pub(crate) fn period(text: &str) -> Option<(PartialDate, PartialDate)> {
    let text = squeeze(text);
    let read = |part: &str| date_of_text(part).ok().flatten();
    for separator in ["至", "到", "~", "～", "—", "－", "--"] {
        if let Some((from, to)) = text.split_once(separator) {
            return ends(&read, from, to.trim_start_matches(['—', '-', '~']));
        }
    }
    if text.matches('-').count() == 1 {
        let (from, to) = text.split_once('-')?;
        if from.contains(['.', '/', '年']) || from.len() == 8 {
            return ends(&read, from, to);
        }
    }
    if text.matches('-').count() == 5 {
        let middle = text.match_indices('-').nth(2)?.0;
        return ends(&read, &text[..middle], &text[middle + 1..]);
    }
    None
}

fn ends(
    read: &impl Fn(&str) -> Option<PartialDate>,
    from: &str,
    to: &str,
) -> Option<(PartialDate, PartialDate)> {
    let start = read(from)?;
    if let Some(end) = read(to).filter(|end| end.earliest() >= start.earliest()) {
        return Some((start, end));
    }
    // The end leaves out the year, or year and month.
    let (year, month, _) = start.parts();
    let numbers: Vec<i8> = to
        .split(|c: char| !c.is_ascii_digit())
        .filter(|p| !p.is_empty())
        .map(str::parse)
        .collect::<Result<_, _>>()
        .ok()?;
    let (m, d) = match numbers[..] {
        [m, d] => (m, d),
        [d] => (month?, d),
        _ => return None,
    };
    let end = jiff::civil::Date::new(year, m, d).ok()?;
    (end >= start.earliest()).then(|| (start, PartialDate::full(end)))
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

/// Yes or no as rosters write it; `None` for anything else.
pub(crate) fn flag(text: &str) -> Option<bool> {
    let text = squeeze(text);
    let bare = text.split(['(', '-', ':']).next().unwrap_or_default();
    Some(match bare {
        "是" | "1" | "√" | "✓" | "✔" | "有" | "Y" | "y" | "yes" | "YES" | "true" | "TRUE"
        | "对" | "已" | "在编" | "已消除" | "消除" | "农村" | "乡村" | "乡" | "村庄"
        | "镇乡结合区" | "乡中心区" | "已解除" | "正式在编" | "在编在岗" | "01" | "V" | "v"
        | "☑" | "事业编制" | "事业编" | "编制内" | "县级骨干" | "市级骨干" | "省级骨干"
        | "校级骨干" | "特岗" | "特岗教师" => true,
        "否" | "0" | "×" | "✗" | "无" | "N" | "n" | "no" | "NO" | "false" | "FALSE" | "错"
        | "未" | "不在编" | "非在编" | "编外" | "未消除" | "城市" | "城区" | "城镇" | "县城"
        | "2" | "02" | "不是" | "没有" | "X" | "x" | "临聘" | "聘用" | "合同制" | "代课"
        | "非编" | "主城区" | "城乡结合区" | "未解除" | "□" => false,
        _ if bare.ends_with("骨干教师") || bare.ends_with("教学能手") => true,
        _ => return None,
    })
}

/// The code that a text stands for in a field's table.
pub(crate) fn code(field: Field, text: &str) -> Option<&'static str> {
    let FieldType::Code(parse) = field.field_type() else { return None };
    let text = squeeze(text);
    if let Some(code) = parse(&text) {
        return Some(code);
    }
    let bare: String = without_brackets(&text);
    if bare != *text
        && let Some(code) = parse(&bare)
    {
        return Some(code);
    }
    // 01户主, 1-男, 2.住校
    let rest = bare
        .trim_start_matches(|c: char| c.is_ascii_digit() || matches!(c, '-' | '.' | '、' | ':'));
    if rest.len() < bare.len()
        && let Some(code) = parse(rest)
    {
        return Some(code);
    }
    if field == Field::HouseholdKind {
        return household_kind(&text).map(HouseholdKind::code);
    }
    if field == Field::Grade {
        return grade_and_class(&text, None).0.map(Grade::code);
    }
    within(parse, &text)
}

/// The longest part of a text that the table knows, unless a 非 or 不 before it says the contrary.
fn within(parse: fn(&str) -> Option<&'static str>, text: &str) -> Option<&'static str> {
    let chars: Vec<(usize, char)> = text.char_indices().collect();
    if chars.len() > 16 {
        return None;
    }
    for length in (2..chars.len()).rev() {
        for start in 0..=chars.len() - length {
            let from = chars[start].0;
            let to = chars.get(start + length).map_or(text.len(), |(at, _)| *at);
            let before = start.checked_sub(1).map(|at| chars[at].1);
            if before.is_some_and(|c| "非不未无原".contains(c)) {
                continue;
            }
            if let Some(code) = parse(&text[from..to]) {
                return Some(code);
            }
        }
    }
    None
}

fn without_brackets(text: &str) -> String {
    let mut depth = 0_u32;
    text.chars()
        .filter(|c| match c {
            '(' | '[' => {
                depth += 1;
                false
            }
            ')' | ']' => {
                depth = depth.saturating_sub(1);
                false
            }
            _ => depth == 0,
        })
        .collect()
}

/// 户类型 in the words of several systems; a household once registered counts as lifted.
fn household_kind(text: &str) -> Option<HouseholdKind> {
    let has = |word: &str| text.contains(word);
    Some(if has("脱贫不稳定") {
        HouseholdKind::UnstableLifted
    } else if has("边缘") {
        HouseholdKind::AtRiskMarginal
    } else if has("突发") {
        HouseholdKind::SuddenHardship
    } else if has("非贫困") || has("非建档") || has("非脱贫") || has("普通农户") || has("一般农户")
    {
        HouseholdKind::Ordinary
    } else if has("脱贫") || has("建档立卡") || has("贫困户") || has("返贫") {
        HouseholdKind::Lifted
    } else {
        return None;
    })
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

/// The stage that a school's name tells; schools of two stages tell none.
pub(crate) fn stage_of_school(name: &str) -> Option<Stage> {
    let has = |word: &str| name.contains(word);
    if has("九年") || has("一贯") || has("完全中学") {
        None
    } else if has("幼儿园") {
        Some(Stage::Preschool)
    } else if has("职业技术学院")
        || has("大学")
        || (has("学院") && !has("职业中"))
        || has("专科学校")
    {
        Some(Stage::Higher)
    } else if has("职业") || has("职教") || has("职中") || has("中专") || has("技校") || has("技工")
    {
        Some(Stage::Vocational)
    } else if has("小学") || has("教学点") {
        Some(Stage::Primary)
    } else if has("高级中学") || has("高中") {
        Some(Stage::Senior)
    } else if has("初级中学") || has("初中") {
        Some(Stage::Junior)
    } else {
        None
    }
}

/// The grade of a number of the whole ladder (1–9), or of a number within a stage that is known.
fn grade_of_number(n: u8, stage: Option<Stage>) -> Option<Grade> {
    match stage {
        Some(stage @ (Stage::Senior | Stage::Vocational | Stage::Higher)) => Grade::of(stage, n),
        Some(Stage::Junior) if n <= 3 => Grade::of(Stage::Junior, n),
        Some(Stage::Preschool) => None,
        _ => match n {
            1..=6 => Grade::of(Stage::Primary, n),
            7..=9 => Grade::of(Stage::Junior, n - 6),
            _ => None,
        },
    }
}

/// Grade and class of `七年级2班`, `七（2）班`, `初一(3)班`, `702`, `高一`, `2班`, `大班`.
///
/// The stage says what 一年级 means in a secondary or vocational school. A text of which nothing is known is the class.
pub(crate) fn grade_and_class(text: &str, stage: Option<Stage>) -> (Option<Grade>, Option<String>) {
    let folded = squeeze(text);
    let mut rest: &str = &folded;
    let mut stage = stage;
    for (word, of) in [
        ("小学", Stage::Primary),
        ("普通高中", Stage::Senior),
        ("高中", Stage::Senior),
        ("普高", Stage::Senior),
        ("初中", Stage::Junior),
        ("中职", Stage::Vocational),
        ("职高", Stage::Vocational),
        ("中专", Stage::Vocational),
        ("大学", Stage::Higher),
        ("本科", Stage::Higher),
        ("大专", Stage::Higher),
        ("高职", Stage::Higher),
        ("幼儿园", Stage::Preschool),
    ] {
        if let Some(behind) = rest.strip_prefix(word).filter(|behind| !behind.is_empty()) {
            (rest, stage) = (behind, Some(of));
            break;
        }
    }
    if rest.len() == 2
        && let Some(grade) = Grade::parse(rest)
    {
        return (Some(grade), None);
    }
    let chars: Vec<(usize, char)> = rest.char_indices().take(4).collect();
    let char_at = |i: usize| chars.get(i).map(|(_, c)| *c);
    let tail = |i: usize| chars.get(i).map_or("", |(at, _)| &rest[*at..]);
    let number = |c: char| {
        han_digit(c)
            .or_else(|| c.to_digit(10).and_then(|d| u8::try_from(d).ok()))
            .filter(|n| (1..=9).contains(n))
    };
    // 初一, 高二, 大三, 职一, 小班
    if let (Some(first), Some(second)) = (char_at(0), char_at(1)) {
        let of = match first {
            '初' => Some(Stage::Junior),
            '高' if stage == Some(Stage::Vocational) => Some(Stage::Vocational),
            '高' => Some(Stage::Senior),
            '职' => Some(Stage::Vocational),
            '大' if second != '班' => Some(Stage::Higher),
            _ => None,
        };
        if let (Some(of), Some(n)) = (of, number(second)) {
            let behind = tail(2);
            return (Grade::of(of, n), class(behind.strip_prefix("年级").unwrap_or(behind)));
        }
        let small = match (first, second) {
            ('小' | '托', '班') => Some(Grade::K1),
            ('中', '班') => Some(Grade::K2),
            ('大', '班') | ('学', '前') => Some(Grade::K3),
            _ => None,
        };
        if small.is_some() {
            let behind = tail(2).trim_start_matches('班');
            return (small, class(behind));
        }
    }
    if let Some(n) = char_at(0).and_then(number) {
        let behind = tail(1);
        if let Some(class_part) = behind.strip_prefix("年级") {
            return (grade_of_number(n, stage), class(class_part));
        }
        if let Some(class_part) = behind.strip_prefix("年")
            && class_part.contains('班')
        {
            return (grade_of_number(n, stage), class(class_part));
        }
        let bracketed = behind.starts_with(['(', '[']);
        let dotted = behind.len() > 1 && behind.starts_with(['.', '-', '·']);
        if bracketed || dotted {
            return (
                grade_of_number(n, stage),
                class(
                    &behind[if dotted {
                        behind.chars().next().map_or(0, char::len_utf8)
                    } else {
                        0
                    }..],
                ),
            );
        }
        // 702, 702班
        let bare = rest.strip_suffix('班').unwrap_or(rest);
        if bare.len() == 3
            && bare.bytes().all(|b| b.is_ascii_digit())
            && let Ok(of_grade @ 1..=40) = bare[1..].parse::<u8>()
        {
            return (grade_of_number(n, stage), Some(format!("{of_grade}班")));
        }
        if rest.chars().count() == 1 && han_digit(rest.chars().next().unwrap_or(' ')).is_some() {
            return (grade_of_number(n, stage), None);
        }
    }
    (None, class(rest))
}

/// A class in one form: `2班` for 2, （2）班, 二班, 02班; any other text as it is.
pub(crate) fn class(text: &str) -> Option<String> {
    let bare: String =
        text.chars().filter(|c| !matches!(c, '(' | ')' | '[' | ']' | '-' | '第')).collect();
    let stem = bare.strip_suffix("班级").or_else(|| bare.strip_suffix('班')).unwrap_or(&bare);
    if stem.is_empty() {
        return None;
    }
    if stem.len() <= 3 && stem.bytes().all(|b| b.is_ascii_digit()) {
        let n: u32 = stem.parse().expect("up to three digits");
        return (n > 0).then(|| format!("{n}班"));
    }
    let mut n = 0;
    for c in stem.chars() {
        match han_digit(c) {
            Some(10) => n = if n == 0 { 10 } else { n * 10 },
            Some(d) => n += u32::from(d),
            None => return Some(bare),
        }
    }
    Some(format!("{n}班"))
}

/// What a text says of a term: a school year, a half of it, or both.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct TermSaid {
    /// The calendar year in which the school year began.
    pub(crate) school_year: Option<i16>,
    pub(crate) season: Option<Season>,
    /// The calendar year in which the season lies, where the text gives that one.
    pub(crate) year: Option<i16>,
}

impl TermSaid {
    /// The whole term, if enough is said; `year_is_autumn` lets a school year alone stand for its autumn.
    pub(crate) fn term(self, year_is_autumn: bool) -> Option<Term> {
        match (self.year, self.school_year, self.season) {
            (Some(year), None, Some(season)) => Some(Term::new(year, season)),
            (_, Some(year), Some(Season::Autumn)) => Some(Term::new(year, Season::Autumn)),
            (_, Some(year), Some(Season::Spring)) => Some(Term::new(year + 1, Season::Spring)),
            (_, Some(year), None) if year_is_autumn => Some(Term::new(year, Season::Autumn)),
            _ => None,
        }
    }

    /// What this says, and what `other` says of the rest.
    pub(crate) fn or(self, other: Self) -> Self {
        if self.season.is_some() && self.year.is_none() && self.school_year.is_none() {
            return Self { season: self.season, school_year: other.school_year, year: other.year };
        }
        if self.season.is_none() && (self.year.is_some() || self.school_year.is_some()) {
            return Self { season: other.season, ..self };
        }
        if self == Self::default() { other } else { self }
    }

    /// Reads the first mention of a school year or term in a text, wherever it stands.
    pub(crate) fn find(text: &str) -> Self {
        let text = squeeze(text);
        let bytes = text.as_bytes();
        let mut said = Self::default();
        for at in 0..bytes.len().saturating_sub(3) {
            let Some(year) = year_at(&text, at) else { continue };
            let behind = &text[at + 4..];
            let dash =
                behind.trim_start_matches(['-', '—', '–', '~', '～', '至', '/', '―', '─', '年']);
            let second = dash.len() < behind.len()
                && (year_at(dash, 0) == Some(year + 1)
                    || dash.get(..2).is_some_and(|two| two.parse() == Ok((year + 1) % 100)));
            let rest =
                if second { dash.trim_start_matches(|c: char| c.is_ascii_digit()) } else { behind };
            let rest = rest.strip_prefix('年').filter(|r| !r.starts_with('级')).unwrap_or(rest);
            let rest = rest.strip_prefix('度').unwrap_or(rest);
            if second || rest.starts_with("学年") || rest.starts_with("-1") && rest.len() == 2 {
                said.school_year = Some(year);
                let rest = rest.strip_prefix("学年").unwrap_or(rest);
                let rest = rest.strip_prefix('度').unwrap_or(rest);
                said.season = season(rest);
                return said;
            }
            if let Some(season) =
                season(rest).filter(|_| !rest.starts_with(|c: char| c.is_ascii_digit()))
            {
                return Self { school_year: None, season: Some(season), year: Some(year) };
            }
        }
        said
    }

    /// Reads a cell of a term column: whatever [`TermSaid::find`] reads, a year alone, a half alone.
    pub(crate) fn read(text: &str) -> Option<Self> {
        let text = squeeze(text);
        if let Ok(term) = text.parse::<Term>() {
            return Some(Self {
                school_year: None,
                season: Some(term.season()),
                year: Some(term.year()),
            });
        }
        let said = Self::find(&text);
        if said != Self::default() {
            return Some(said);
        }
        let bare = text.trim_end_matches(['年', '度', '学']);
        if bare.len() == 4
            && let Some(year) = year_at(bare, 0)
        {
            return Some(Self { school_year: Some(year), ..Self::default() });
        }
        match text.as_ref() {
            "1" => Some(Self { season: Some(Season::Autumn), ..Self::default() }),
            "2" => Some(Self { season: Some(Season::Spring), ..Self::default() }),
            other => season(other).map(|season| Self { season: Some(season), ..Self::default() }),
        }
    }
}

/// The half of a school year that a text begins with.
fn season(text: &str) -> Option<Season> {
    let text = text.trim_start_matches(['第', '(', '-', '—', '年', '的']);
    if text.starts_with(['春', '下'])
        || text.starts_with("二学期")
        || text.starts_with("2学期")
        || text == "2"
        || text == "二"
    {
        Some(Season::Spring)
    } else if text.starts_with(['秋', '上'])
        || text.starts_with("一学期")
        || text.starts_with("1学期")
        || text == "1"
        || text == "一"
    {
        Some(Season::Autumn)
    } else {
        None
    }
}

/// A year of four digits at a byte of a text, not part of a longer number.
pub(crate) fn year_at(text: &str, at: usize) -> Option<i16> {
    let digits = text.get(at..at + 4)?;
    if !digits.bytes().all(|b| b.is_ascii_digit())
        || (at > 0 && text.as_bytes()[at - 1].is_ascii_digit())
        || text.as_bytes().get(at + 4).is_some_and(u8::is_ascii_digit)
    {
        return None;
    }
    digits.parse().ok().filter(|year| (2000..=2099).contains(year))
}

/// The first month of a year that a text mentions and no day behind it: `2025年3月份`, `2025.03`, `2025-3`.
pub(crate) fn month_in(text: &str) -> Option<PartialDate> {
    let text = squeeze(text);
    for at in 0..text.len().saturating_sub(3) {
        let Some(year) = year_at(&text, at) else { continue };
        let rest = text[at + 4..].trim_start_matches(['年', '.', '-', '/']);
        let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
        if !(1..=2).contains(&digits) {
            continue;
        }
        let behind = &rest[digits..];
        let day = behind
            .strip_prefix(['月', '.', '-', '/'])
            .is_some_and(|r| r.starts_with(|c: char| c.is_ascii_digit()));
        let month: i8 = rest[..digits].parse().ok()?;
        if !day
            && (behind.starts_with('月') || text[at + 4..].starts_with(['.', '-', '/']))
            && let Some(month) = PartialDate::month(year, month)
        {
            return Some(month);
        }
    }
    None
}

/// The month of a cell, `year` filling in for `3月` and `3`.
pub(crate) fn month(text: &str, year: Option<TermSaid>) -> Result<PartialDate, Trouble> {
    let bad = Trouble::Unreadable("写成 2025-03 或 2025年3月");
    let text = squeeze(text);
    let text = text.strip_suffix('份').unwrap_or(&text);
    if let Some(month) = month_in(text) {
        return Ok(month);
    }
    let bare = text.strip_suffix('月').unwrap_or(text);
    if (1..=2).contains(&bare.len())
        && let Ok(month @ 1..=12) = bare.parse::<i8>()
    {
        let said = year.unwrap_or_default();
        // A school year runs from August to July.
        let year = said.school_year.map(|y| if month >= 8 { y } else { y + 1 }).or(said.year);
        return year.and_then(|year| PartialDate::month(year, month)).ok_or(bad);
    }
    match date_of_text(text) {
        Ok(Some(date)) if date.parts().1.is_some() => {
            let (year, month, _) = date.parts();
            PartialDate::month(year, month.expect("just seen")).ok_or(bad)
        }
        _ => Err(bad),
    }
}

/// A personal number in part: the first characters and the last two.
pub(crate) fn masked(text: &str) -> String {
    let chars: Vec<char> = text.chars().collect();
    if chars.len() < 8 {
        return text.to_owned();
    }
    let mut out: String = chars[..4].iter().collect();
    let _ = write!(out, "…{}", chars[chars.len() - 2..].iter().collect::<String>());
    out
}

/// Where a place's name ends: after 县, 镇, 村, 组 ….
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Place<'a> {
    pub(crate) town: Option<&'a str>,
    pub(crate) village: Option<&'a str>,
    pub(crate) group: Option<&'a str>,
}

impl<'a> Place<'a> {
    /// Takes an address apart: `陕西省…县下梁镇西川村三组` gives 下梁镇, 西川村, 三组.
    pub(crate) fn of(address: &'a str) -> Self {
        let mut place = Self::default();
        let mut rest = address.trim();
        for word in ["省", "自治区", "市", "县", "区"] {
            if let Some(at) = rest.find(word)
                && rest[..at].chars().count() <= 6
                && at > 0
                && !rest[..at].contains(['镇', '乡', '村'])
                && !rest[at..].starts_with("区村")
                && !rest[..at].ends_with('社')
            {
                rest = &rest[at + word.len()..];
            }
        }
        if let Some((town, behind)) = cut(rest, &["街道办事处", "街道办", "街道", "镇", "乡"])
        {
            place.town = Some(town);
            rest = behind;
        }
        if let Some((village, behind)) = cut(rest, &["村委会", "居委会", "社区", "村", "居"])
        {
            place.village = Some(village);
            rest = behind;
        }
        let group = rest.trim();
        if place.village.is_some()
            && let Some(at) = group.find('组')
            && group[..at].chars().count() <= 6
        {
            place.group = Some(&group[..at + '组'.len_utf8()]);
        }
        place
    }
}

/// Cuts a name of two to eight characters off the front, ending in one of the words.
fn cut<'a>(text: &'a str, words: &[&str]) -> Option<(&'a str, &'a str)> {
    let (at, word) = words
        .iter()
        .filter_map(|word| {
            // The word itself may begin the name: 镇安镇.
            let from = text.chars().next()?.len_utf8();
            text.get(from..)?.find(word).map(|at| (from + at, *word))
        })
        .min_by_key(|(at, word)| (*at, std::cmp::Reverse(word.len())))?;
    let end = at + word.len();
    (text[..end].chars().count() <= 9).then(|| (&text[..end], &text[end..]))
}

/// A school's name with grade and class behind it, taken apart.
pub(crate) fn school_and_grade(text: &str) -> Option<(&str, Grade, Option<String>)> {
    let words =
        ["小学", "中学", "学校", "幼儿园", "教学点", "初中", "高中", "中心", "职中", "校区"];
    let end = words.iter().filter_map(|w| text.rfind(w).map(|at| at + w.len())).max()?;
    let behind = text[end..].trim_start_matches(['/', '、', ',', ' ', '-']);
    if behind.is_empty() {
        return None;
    }
    let school = &text[..end];
    let (grade, class) = grade_and_class(behind, stage_of_school(school));
    Some((school, grade?, class))
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
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn dates_as_rosters_write_them() {
        for (text, want) in [
            ("2012.9", "2012-09"),
            ("2012.10", "2012-10"),
            ("2012年9月", "2012-09"),
            ("2012-09-01", "2012-09-01"),
            ("2012-09-01 08:30:00", "2012-09-01"),
            ("20120901", "2012-09-01"),
            ("41153", "2012-09-01"),
            ("二〇一二年九月", "2012-09"),
            ("二〇一二年十二月二十一日", "2012-12-21"),
            ("2012 . 9", "2012-09"),
            ("2012、9", "2012-09"),
            ("长期", "—"),
            ("12-9-1", "✗"),
            ("98.5", "✗"),
            ("9/1/2012", "✗"),
            ("20121345", "✗"),
            ("0012-09-01", "✗"),
        ] {
            let got = match date_of_text(text) {
                Ok(Some(date)) => date.to_string(),
                Ok(None) => "—".to_owned(),
                Err(_) => "✗".to_owned(),
            };
            assert_eq!(got, want, "{text}");
        }
        assert!(date_of_number(2012.1, true).is_err());
        assert_eq!(date_of_number(2012.12, true).unwrap().to_string(), "2012-12");
        assert_eq!(serial_date(1.0).unwrap().to_string(), "1900-01-01");
        assert_eq!(serial_date(41153.75).unwrap().to_string(), "2012-09-01");
    }

    #[test]
    fn two_dates_in_one_cell() {
        for (text, want) in [
            ("2024.3.1-2024.3.15", "2024-03-01 2024-03-15"),
            ("2024年3月1日至15日", "2024-03-01 2024-03-15"),
            ("2024-03-01至2024-03-15", "2024-03-01 2024-03-15"),
            ("2024-03-01-2024-03-15", "2024-03-01 2024-03-15"),
            ("2024.3.28—4.2", "2024-03-28 2024-04-02"),
            ("2024-03-01", ""),
            ("2024.3", ""),
        ] {
            let got = period(text).map_or_else(String::new, |(a, b)| format!("{a} {b}"));
            assert_eq!(got, want, "{text}");
        }
    }

    #[test]
    fn grades_and_classes() {
        let junior = Some(Stage::Junior);
        for (text, stage, grade, class) in [
            ("七年级", None, "J1", ""),
            ("七年级2班", None, "J1", "2班"),
            ("七（2）班", None, "J1", "2班"),
            ("7年级", None, "J1", ""),
            ("初一(3)班", None, "J1", "3班"),
            ("初中一年级", None, "J1", ""),
            ("702", None, "J1", "2班"),
            ("1203", None, "", "1203"),
            ("一年级", junior, "J1", ""),
            ("一年级", Some(Stage::Vocational), "V1", ""),
            ("一年级1班", None, "P1", "1班"),
            ("三.2班", None, "P3", "2班"),
            ("高一", None, "S1", ""),
            ("高一1班", None, "S1", "1班"),
            ("高三年级（5）班", None, "S3", "5班"),
            ("中职二年级", None, "V2", ""),
            ("大三", None, "U3", ""),
            ("大班", None, "K3", ""),
            ("幼儿园小班", None, "K1", ""),
            ("大一班", None, "U1", ""),
            ("2班", None, "", "2班"),
            ("（2）班", None, "", "2班"),
            ("二班", None, "", "2班"),
            ("十二班", None, "", "12班"),
            ("02", None, "", "2班"),
            ("实验班", None, "", "实验班"),
        ] {
            let folded = text::fold(text);
            let (g, c) = grade_and_class(&folded, stage);
            assert_eq!(
                (g.map_or("", Grade::code), c.as_deref().unwrap_or("")),
                (grade, class),
                "{text}"
            );
        }
        let split = school_and_grade("云台镇中心小学三年级2班").unwrap();
        assert_eq!(
            (split.0, split.1, split.2.as_deref()),
            ("云台镇中心小学", Grade::P3, Some("2班"))
        );
        assert_eq!(school_and_grade("云台镇九年制学校"), None);
    }

    #[test]
    fn terms_wherever_they_stand() {
        for (text, year_is_autumn, want) in [
            ("岚川县2024—2025学年第一学期学生花名册", false, "2024A"),
            ("2024-2025学年度第二学期", false, "2025S"),
            ("2024年秋季学期资助发放表", false, "2024A"),
            ("2024秋", false, "2024A"),
            ("2025年春季", false, "2025S"),
            ("2024-2025学年", true, "2024A"),
            ("2024-2025学年", false, ""),
            ("2024学年", true, "2024A"),
            ("填报时间：2024年9月1日", true, ""),
            ("2024/2025学年上学期", false, "2024A"),
            ("2024—25学年", true, "2024A"),
        ] {
            let got = TermSaid::find(text)
                .term(year_is_autumn)
                .map_or_else(String::new, |t| t.to_string());
            assert_eq!(got, want, "{text}");
        }
        let half = TermSaid::read("第二学期").unwrap();
        let year = TermSaid::read("2024-2025").unwrap();
        assert_eq!(half.or(year).term(false).unwrap().to_string(), "2025S");
    }

    #[test]
    fn months() {
        let year = Some(TermSaid::find("2024-2025学年"));
        for (text, want) in [
            ("2025年3月份", "2025-03"),
            ("3月", "2025-03"),
            ("9", "2024-09"),
            ("202503", "2025-03"),
            ("2025-03", "2025-03"),
            ("三月", "✗"),
        ] {
            let got = month(text, year).map_or_else(|_| "✗".to_owned(), |m| m.to_string());
            assert_eq!(got, want, "{text}");
        }
    }

    #[test]
    fn amounts_numbers_and_flags() {
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
        assert_eq!(
            (flag("√"), flag("是(2019年)"), flag("否"), flag("也许")),
            (Some(true), Some(true), Some(false), None)
        );
    }

    #[test]
    fn codes_in_many_words() {
        for (field, text, want) in [
            (Field::Relation, "01 户主", "head"),
            (Field::Boarding, "住校（寄宿）", "boards"),
            (Field::Boarding, "不住校", "day"),
            (Field::HouseholdKind, "已脱贫", "lifted_household"),
            (Field::HouseholdKind, "脱贫不稳定户（监测对象）", "unstable_lifted"),
            (Field::AssistanceKind, "享受农村低保", "dibao_rural"),
            (Field::AssistanceKind, "非农村低保", ""),
            (Field::AssistanceKind, "低保", ""),
            (Field::Sex, "男性", "m"),
            (Field::EnrolmentStatus, "在籍在读", "active"),
            (Field::LabourAbility, "弱劳动力或半劳动力", "weak"),
        ] {
            assert_eq!(code(field, &text::fold(text)).unwrap_or(""), want, "{text}");
        }
    }

    #[test]
    fn places() {
        let place = Place::of("陕西省商洛市柞水县下梁镇西川村三组12号");
        assert_eq!(
            (place.town, place.village, place.group),
            (Some("下梁镇"), Some("西川村"), Some("三组"))
        );
        let place = Place::of("云台镇青石社区");
        assert_eq!(
            (place.town, place.village, place.group),
            (Some("云台镇"), Some("青石社区"), None)
        );
        assert_eq!(Place::of("西安市"), Place::default());
    }

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
