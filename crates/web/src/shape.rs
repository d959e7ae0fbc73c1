//! What templates draw: coverage glyphs, bars, cards, page numbers.

use std::fmt::Write as _;

use fujiao_model::{Area, Unit};
use fujiao_office::desk::{At, Filter, Show, Sort, Tally};

use crate::words::Words;

/// 应 → 已 → 差, each a link.
pub(crate) struct Glyph {
    pub(crate) size: &'static str,
    pub(crate) label: String,
    pub(crate) due_word: String,
    pub(crate) done_word: String,
    pub(crate) due: String,
    pub(crate) done: String,
    pub(crate) gap: String,
    pub(crate) zero: bool,
    pub(crate) all: String,
    pub(crate) complete: String,
    pub(crate) open: String,
    pub(crate) bar: String,
}

impl Glyph {
    /// The glyph of an area; `link` gives the address of a list.
    pub(crate) fn of_area(
        t: &Words,
        area: Area,
        tally: &Tally,
        link: impl Fn(Show) -> String,
    ) -> Self {
        let words = (t.area_word(area, "due").to_owned(), t.area_word(area, "done").to_owned());
        Self::new(t, t.area(area), words, tally, link)
    }

    /// The glyph of duties of several areas, in duties.
    pub(crate) fn of_duties(
        t: &Words,
        name: &str,
        tally: &Tally,
        link: impl Fn(Show) -> String,
    ) -> Self {
        let words = (t.s("word.due_items").to_owned(), t.s("word.done_items").to_owned());
        let counted = Tally { unit: None, mixed: true, ..*tally };
        Self::new(t, name, words, &counted, link)
    }

    /// The glyph of figures that are counted by a page of their own, with its own words for 应 and 已.
    pub(crate) fn of_figures(
        t: &Words,
        name: &str,
        words: (String, String),
        tally: &Tally,
        link: impl Fn(Show) -> String,
    ) -> Self {
        Self::new(t, name, words, tally, link)
    }

    fn new(
        t: &Words,
        name: &str,
        (due_word, done_word): (String, String),
        tally: &Tally,
        link: impl Fn(Show) -> String,
    ) -> Self {
        let [due, done, gap] = figures(t, tally);
        let label = format!(
            "{name}{}{} {due}{}{} {done}{}{} {gap}",
            t.s("word.colon"),
            t.s("word.due"),
            t.s("word.comma"),
            t.s("word.done"),
            t.s("word.comma"),
            t.s("word.gap"),
        );
        Self {
            size: "l",
            label,
            due_word,
            done_word,
            due,
            done,
            gap,
            zero: tally.open == 0,
            all: link(Show::All),
            complete: link(Show::Done),
            open: link(Show::Gap),
            bar: bar(tally),
        }
    }
}

/// 应, 已, 差 as texts, without a unit.
pub(crate) fn figures(t: &Words, tally: &Tally) -> [String; 3] {
    let (due, done, gap) = tally.shown();
    match tally.shown_unit() {
        // Hundredths of a square metre say nothing in a sum over a county.
        Some(unit @ (Unit::Area | Unit::Post)) => {
            [due, done, gap].map(|n| t.q(unit, if n.abs() > 1_000_000 { n / 100 * 100 } else { n }))
        }
        Some(unit) => [due, done, gap].map(|n| t.q(unit, n)),
        None => [due, done, gap].map(|n| t.n(n)),
    }
}

/// The bar of a tally: the red part at least 1.6 % wide while anything is missing.
pub(crate) fn bar(tally: &Tally) -> String {
    let (due, done, gap) = tally.shown();
    share_bar(due, done, gap)
}

/// The bar of one duty.
pub(crate) fn share_bar(due: i64, done: i64, gap: i64) -> String {
    const HEAD: &str = "<svg class=\"cbar\" aria-hidden=\"true\">";
    if gap <= 0 || due <= 0 {
        let done_class = if due > 0 || done > 0 { "d" } else { "g0" };
        return format!(
            "{HEAD}<rect class=\"{done_class}\" width=\"100%\" height=\"100%\"/></svg>"
        );
    }
    // Tenths of a percent.
    let share = i64::try_from(i128::from(gap) * 1000 / i128::from(due)).unwrap_or(1000);
    let red = share.clamp(16, 1000);
    let (left, start) = (tenths((1000 - red - 6).max(0)), tenths(1000 - red));
    let red = tenths(red);
    format!(
        "{HEAD}<rect class=\"d\" width=\"{left}%\" height=\"100%\"/><rect class=\"g\" x=\"{start}%\" width=\"{red}%\" height=\"100%\"/></svg>"
    )
}

/// `964` as `96.4`.
pub(crate) fn tenths(n: i64) -> String {
    if n % 10 == 0 { (n / 10).to_string() } else { format!("{}.{}", n / 10, n % 10) }
}

/// One area on the page of today or of a school.
pub(crate) struct Card {
    pub(crate) code: String,
    pub(crate) name: String,
    pub(crate) scope: String,
    pub(crate) glyph: Glyph,
    pub(crate) left: String,
    pub(crate) right: String,
}

impl Card {
    /// The card of an area; `within` goes into the addresses of its lists.
    pub(crate) fn new(t: &Words, area: Area, tally: &Tally, within: Option<u64>) -> Self {
        let link = |show| address(area, &Filter { show, school: within, ..Filter::default() });
        let right = if tally.overdue > 0 {
            format!(
                "<a class=\"red nw\" href=\"{}\">{}</a>",
                escaped(&link(Show::Overdue)),
                escaped(&t.f1("card.overdue", t.n(tally.overdue)))
            )
        } else if let Some(day) = tally.next_due.filter(|_| tally.open > 0) {
            escaped(&t.f1("card.next", day))
        } else {
            String::new()
        };
        let left = if tally.unit == Some(Unit::Fen) && tally.gap > 0 {
            t.f2("card.money", t.percent(tally.rate()), t.short_money(tally.gap))
        } else {
            t.f1("card.rate", t.percent(tally.rate()))
        };
        let what = t.area_word(area, "what");
        let unit = t.unit_or_count(tally.shown_unit());
        Self {
            code: match within {
                Some(school) => format!("{}?school={school:016x}", area.code()),
                None => area.code().to_owned(),
            },
            name: t.area(area).to_owned(),
            scope: if tally.shown_unit().is_none() || what == unit {
                what.to_owned()
            } else {
                format!("{what} · {unit}")
            },
            glyph: Glyph::of_area(t, area, tally, link),
            left,
            right,
        }
    }
}

/// The address of a list.
pub(crate) fn address(area: Area, filter: &Filter) -> String {
    path(&format!("/area/{}", area.code()), filter)
}

/// The address of a list, or of its file, under any path.
pub(crate) fn path(base: &str, filter: &Filter) -> String {
    let mut out = base.to_owned();
    let mut add = |name: &str, value: &str| {
        let mark = if out.contains('?') { '&' } else { '?' };
        let _ = write!(out, "{mark}{name}={}", encoded(value));
    };
    if filter.show != Show::Gap {
        add("show", filter.show.code());
    }
    if let Some(town) = filter.town {
        add("town", &town.to_string());
    }
    if let Some(kind) = &filter.kind {
        add("kind", kind);
    }
    if let Some(period) = filter.period {
        add("period", &period.to_string());
    }
    if let Some(school) = filter.school {
        add("school", &format!("{school:016x}"));
    }
    if filter.sort != Sort::Due {
        add("sort", filter.sort.code());
    }
    if !filter.name.is_empty() {
        add("q", &filter.name);
    }
    match &filter.at {
        At::Start => {}
        At::After(key) => add("after", key),
        At::Before(key) => add("before", key),
    }
    out
}

/// A text as a value in an address.
pub(crate) fn encoded(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~') {
            out.push(char::from(byte));
        } else {
            let _ = write!(out, "%{byte:02X}");
        }
    }
    out
}

/// A text in markup that we write ourselves.
pub(crate) fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            c => out.push(c),
        }
    }
    out
}

/// Page numbers below a list.
pub(crate) struct Pager {
    pub(crate) total: i64,
    pub(crate) from: i64,
    pub(crate) to: i64,
    pub(crate) links: Vec<PageLink>,
}

/// One page number; without address where numbers are left out.
pub(crate) struct PageLink {
    pub(crate) label: i64,
    pub(crate) href: Option<String>,
    pub(crate) current: bool,
}

impl Pager {
    /// The first, the last, and those around the current page.
    pub(crate) fn new(total: i64, page: i64, per_page: i64, link: impl Fn(i64) -> String) -> Self {
        let pages = (total + per_page - 1).div_euclid(per_page).max(1);
        let mut links: Vec<PageLink> = Vec::new();
        for n in 1..=pages {
            if n == 1 || n == pages || (n - page).abs() <= 2 {
                links.push(PageLink { label: n, href: Some(link(n)), current: n == page });
            } else if links.last().is_some_and(|l| l.href.is_some()) {
                links.push(PageLink { label: n, href: None, current: false });
            }
        }
        Self { total, from: (page - 1) * per_page + 1, to: (page * per_page).min(total), links }
    }
}

/// The pages before and after one of a list, by the key of a line.
pub(crate) struct Turns {
    pub(crate) total: i64,
    pub(crate) shown: usize,
    pub(crate) first: Option<String>,
    pub(crate) before: Option<String>,
    pub(crate) after: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_missing_child_can_be_seen() {
        assert_eq!(
            share_bar(18_246, 18_239, 7),
            "<svg class=\"cbar\" aria-hidden=\"true\"><rect class=\"d\" width=\"97.8%\" height=\"100%\"/>\
             <rect class=\"g\" x=\"98.4%\" width=\"1.6%\" height=\"100%\"/></svg>"
        );
        assert!(share_bar(5, 0, 5).contains("<rect class=\"d\" width=\"0%\""));
        assert!(share_bar(5, 5, 0).contains("class=\"d\" width=\"100%\""));
        assert!(share_bar(0, 0, 0).contains("class=\"g0\""));
    }

    #[test]
    fn an_address_says_the_filter_and_reads_back() {
        let filter = Filter {
            show: Show::Done,
            kind: Some("comp.living.boarder".into()),
            period: fujiao_model::Period::parse("2024-09"),
            name: "张 &#".into(),
            at: At::After("2024-12-31~17".into()),
            ..Filter::default()
        };
        assert_eq!(
            address(Area::Aid, &filter),
            "/area/aid?show=done&kind=comp.living.boarder&period=2024-09&q=%E5%BC%A0%20%26%23&after=2024-12-31~17"
        );
        assert_eq!(address(Area::Aid, &Filter::default()), "/area/aid");
    }

    #[test]
    fn page_numbers_stay_few() {
        let numbers = |page| {
            let pager = Pager::new(2_000, page, 40, |n| n.to_string());
            pager
                .links
                .iter()
                .map(|l| if l.href.is_some() { l.label.to_string() } else { "…".into() })
                .collect::<Vec<_>>()
                .join(" ")
        };
        assert_eq!(numbers(1), "1 2 3 … 50");
        assert_eq!(numbers(25), "1 … 23 24 25 26 27 … 50");
        let pager = Pager::new(41, 2, 40, |n| n.to_string());
        assert_eq!((pager.from, pager.to, pager.links.len()), (41, 41, 2));
    }
}
