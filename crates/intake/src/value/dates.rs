//! Dates and stretches of days, typed or as a spreadsheet numbers them.

use fujiao_model::PartialDate;
use jiff::civil::date;

use super::Trouble;
use super::numbers::whole;
use crate::text::squeeze;

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

/// A text that stands for no date at all: open-ended, still going on.
fn is_open(text: &str) -> bool {
    matches!(
        text,
        "长期" | "至今" | "现在" | "无" | "不详" | "长期有效" | "今" | "未知" | "永久" | "无期限"
    )
}

/// What stands before a time of day, as 8:30 or T08:30:00 behind a date: a blank or a T parts them.
fn without_time(text: &str) -> &str {
    let Some((head, _)) = text.split_once([':', '：']) else { return text };
    let day = head.trim_end_matches(|c: char| c.is_numeric());
    let hour = head[day.len()..].chars().count();
    let parted = day.ends_with(|c: char| c.is_whitespace() || c == 'T');
    if parted && (1..=2).contains(&hour) { day.trim_end_matches('T').trim_end() } else { text }
}

const DATE_HINT: &str = "写成 2012-09-01、2012.9 或 2012年9月";

/// A date that people typed; `None` for "long-term", "to this day".
pub(crate) fn date_of_text(text: &str) -> Result<Option<PartialDate>, Trouble> {
    let text = squeeze(without_time(text));
    if is_open(&text) {
        return Ok(None);
    }
    if let Ok(date) = text.parse::<PartialDate>() {
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

#[cfg(test)]
mod tests {

    use super::*;

    #[test]
    fn dates_as_rosters_write_them() {
        for (text, want) in [
            ("2012.9", "2012-09"),
            ("2012.10", "2012-10"),
            ("2012年9月", "2012-09"),
            ("2012-09-01", "2012-09-01"),
            ("2012-09-01 08:30:00", "2012-09-01"),
            ("2012-09-01T08:30", "2012-09-01"),
            ("2012-9-10 8:30", "2012-09-10"),
            ("2024/3/15 9:00", "2024-03-15"),
            ("2012年9月1日　８：30", "2012-09-01"),
            // Day and hour cannot be told apart.
            ("2012-9-108:30", "✗"),
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
}
