//! School years, terms and months.

use fujiao_model::{PartialDate, Season, Term};

use super::Trouble;
use super::dates::date_of_text;
use crate::text::squeeze;

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
            if second || rest.starts_with("学年") || rest == "-1" || rest == "-2" {
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

#[cfg(test)]
mod tests {
    use super::*;

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
            ("2024-1", false, "2024A"),
            ("2024-2", false, "2025S"),
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
}
