//! Charts as SVG, written by hand on the design's tokens: `%` across and `px` down, so that text keeps its size at any width.
#![expect(
    clippy::format_push_string,
    reason = "a few hundred sentences: plain reading is worth the copies"
)]

mod plain;

use fujiao_model::{Area, Money};

use crate::document::bar_parts;
use crate::docx::escape;
use crate::number::number;
use crate::overview::{Overview, title};
use crate::{AreaFigures, CountyReport, percent};

pub use plain::{Bar, bars_chart, columns_chart, curve_chart, waterfall_chart};

/// The colours and letters of `tokens.css` that charts use, for a file that stands alone.
const STYLE: &str = "svg{font-family:\"PingFang SC\",\"Noto Sans SC\",\"Noto Sans CJK SC\",\"Source Han Sans SC\",\"Microsoft YaHei\",sans-serif;background:#fff}.bg{fill:#fff}\
text{font-size:12px;fill:#445256}.e{text-anchor:end}.m{text-anchor:middle}.b{font-weight:700;fill:#182224}.zt{fill:#ae3820;font-weight:700}.ax{fill:#5c6b6e}\
.h{font-size:17px;font-weight:700;fill:#182224}.bs{stroke:#b4c0bc}.f1{fill:#1d6470}.f2{fill:#64969b}.fz{fill:#ae3820}.f0{fill:#e9edea}\
.l1,.l2{stroke:#1d6470;stroke-width:2;fill:none}.l2{stroke:#64969b}.na{fill:none;stroke:#b4c0bc;stroke-dasharray:3 3}";
/// Width of a file that stands alone, in px.
const WIDTH: u32 = 760;
/// Room for the title and the subtitle of such a file.
const TOP: u32 = 64;

/// One chart: its title states the finding, its subtitle the unit and the source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chart {
    /// What the chart shows, as a sentence.
    pub title: String,
    /// Unit and source.
    pub subtitle: String,
    /// The main figures, for who cannot see it.
    pub label: String,
    /// Height of the drawing in px.
    pub height: u32,
    /// The drawing's elements.
    body: String,
}

impl Chart {
    /// An `<svg class="ch">` for a page that has the design's style sheet; title and subtitle are the page's to set.
    pub fn fragment(&self) -> String {
        format!(
            r#"<svg class="ch" height="{}" role="img" aria-label="{}">{}</svg>"#,
            self.height,
            escape(&self.label),
            self.body
        )
    }

    /// A file that stands alone: title, subtitle, colours and the drawing.
    pub fn file(&self, sample: bool) -> String {
        let mark = if sample {
            format!(r#"<text class="e zt" x="{}" y="46">示例数据</text>"#, WIDTH - 24)
        } else {
            String::new()
        };
        format!(
            r#"<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{}" role="img" aria-label="{}"><title>{}</title><style>{STYLE}</style><rect class="bg" width="100%" height="100%"/><text class="h" x="24" y="28">{}</text><text class="ax" x="24" y="46">{}</text>{mark}<svg x="24" y="{TOP}" width="{}" height="{}">{}</svg></svg>"#,
            self.height + TOP + 20,
            escape(&self.label),
            escape(&self.title),
            escape(&self.title),
            escape(&self.subtitle),
            WIDTH - 48,
            self.height,
            self.body
        )
    }
}

/// The report's charts as files: name and SVG text.
pub fn charts(report: &CountyReport) -> Vec<(String, String)> {
    let mut files = vec![("coverage.svg".to_owned(), coverage_chart(report).file(report.sample))];
    for figures in &report.areas {
        if let Some(chart) = towns_chart(report, figures.area) {
            files.push((format!("towns-{}.svg", figures.area.code()), chart.file(report.sample)));
        }
    }
    if let Some(chart) = aid_chart(report) {
        files.push(("aid-terms.svg".to_owned(), chart.file(report.sample)));
    }
    files
}

/// 应 · 已 · 差 of every area as bars, lowest share first; areas that nobody reported come last, in outline.
pub fn coverage_chart(report: &CountyReport) -> Chart {
    let mut rows: Vec<(Area, Option<Overview>)> = Area::ALL
        .iter()
        .map(|&area| {
            (area, report.areas.iter().find(|figures| figures.area == area).map(Overview::of))
        })
        .collect();
    rows.sort_by_key(|(_, shown)| match shown {
        None => (2, 0),
        Some(shown) if shown.due == 0 => (1, 0),
        Some(shown) => (0, share(shown)),
    });
    let mut body = String::new();
    let mut label = Vec::new();
    for (at, (area, shown)) in (0_u32..).zip(&rows) {
        let y = at * 34;
        let name = escape(title(*area));
        body += &format!(r#"<text x="0" y="{}">{name}</text>"#, y + 19);
        let Some(shown) = shown else {
            body += &format!(
                r#"<rect class="na" x="24%" y="{}" width="44%" height="12"/><text class="e ax" x="100%" y="{}">未报</text>"#,
                y + 9,
                y + 19
            );
            label.push(format!("{}未报", title(*area)));
            continue;
        };
        body += &bar(24.0, 44.0, y + 9, bar_parts(shown.done, shown.due));
        let say = |n: i64| shown.say(n);
        let gap = if shown.gap > 0 { "zt" } else { "ax" };
        body += &format!(
            r#"<text class="e b" x="77%" y="{0}">{1}</text><text class="e {gap}" x="100%" y="{0}">差 {2}，应 {3}</text>"#,
            y + 19,
            percent(shown.done, shown.due),
            say(shown.gap),
            say(shown.due),
        );
        label.push(format!("{}应 {}，差 {}", title(*area), say(shown.due), say(shown.gap)));
    }
    let worst = rows.first().and_then(|(area, shown)| Some((*area, shown.as_ref()?)));
    let title_text = match worst {
        Some((area, shown)) if shown.gap > 0 => {
            format!("{}的覆盖率最低，为 {}", title(area), percent(shown.done, shown.due))
        }
        Some(_) => "已报的各项都没有差".to_owned(),
        None => "各项都还没有数据".to_owned(),
    };
    Chart {
        title: title_text,
        subtitle: format!(
            "已办（深色）、差（红色）占应办的比例；截至 {}，{}",
            report.as_of, report.county
        ),
        label: label.join("；"),
        height: u32::try_from(rows.len()).expect("ten areas") * 34,
        body,
    }
}

/// The gap of one area by town, most first; `None` if no town has figures of it.
pub fn towns_chart(report: &CountyReport, area: Area) -> Option<Chart> {
    let mut rows: Vec<(&str, Overview)> = report
        .towns
        .iter()
        .filter_map(|town| {
            let name = if town.town.is_empty() { "未定乡镇" } else { &*town.town };
            let figures: &AreaFigures = town.areas.iter().find(|figures| figures.area == area)?;
            Some((name, Overview::of(figures)))
        })
        .collect();
    rows.sort_by_key(|(_, shown)| std::cmp::Reverse(shown.gap));
    let most = rows.first()?.1.gap;
    let mut body = String::new();
    let mut label = Vec::new();
    for (at, (name, shown)) in (0_u32..).zip(&rows) {
        let y = at * 28;
        let parts = if shown.gap > 0 { bar_parts(most - shown.gap, most).1.max(6) } else { 0 };
        let width = 56.0 * f64::from(parts) / 1000.0;
        let style = if shown.gap > 0 { "zt" } else { "ax" };
        body += &format!(
            r#"<text x="0" y="{0}">{1}</text><rect class="fz" x="20%" y="{2}" width="{width:.2}%" height="14"/><text class="{style}" x="{3:.2}%" y="{0}">{4}</text><text class="e ax" x="100%" y="{0}">应 {5}，已 {6}</text>"#,
            y + 18,
            escape(name),
            y + 7,
            21.0 + width,
            shown.say(shown.gap),
            shown.say(shown.due),
            percent(shown.done, shown.due),
        );
        label.push(format!("{name}差 {}", shown.say(shown.gap)));
    }
    let (worst, shown) = &rows[0];
    let unit = shown.unit();
    let title_text = if shown.gap > 0 {
        format!("{}：{worst}差得最多，{} {unit}", title(area), shown.say(shown.gap))
    } else {
        format!("{}：各乡镇都没有差", title(area))
    };
    Some(Chart {
        title: title_text,
        subtitle: format!("各乡镇的差，单位：{unit}；截至 {}，{}", report.as_of, report.county),
        label: label.join("；"),
        height: u32::try_from(rows.len()).ok()? * 28,
        body,
    })
}

/// Money of grants paid by term as a line; `None` with fewer than two terms.
pub fn aid_chart(report: &CountyReport) -> Option<Chart> {
    let mut terms: Vec<_> =
        report.aid.iter().filter(|line| !line.loan).map(|line| line.term).collect();
    terms.sort_unstable();
    terms.dedup();
    let sums: Vec<(fujiao_model::Term, Money, u64)> = terms
        .into_iter()
        .map(|term| {
            let some = report.aid.iter().filter(|line| !line.loan && line.term == term);
            let (money, times) = some.fold((Money::ZERO, 0), |(money, times), line| {
                (money + line.paid.amount, times + line.paid.times)
            });
            (term, money, times)
        })
        .collect();
    if sums.len() < 2 {
        return None;
    }
    let top = sums.iter().map(|(_, money, _)| money.as_fen()).max()?.max(1);
    let y = |money: Money| {
        let share = i128::from(money.as_fen().max(0)) * 148 / i128::from(top);
        176 - u32::try_from(share).expect("at most 148")
    };
    let last = sums.len() - 1;
    let x = |at: usize| {
        let (at, last) = (u32::try_from(at).unwrap_or(0), u32::try_from(last).unwrap_or(1));
        6.0 + 86.0 * f64::from(at) / f64::from(last)
    };
    let mut body =
        r#"<line class="bs" x1="0" x2="100%" y1="176" y2="176"/><text class="ax" y="172">0</text>"#
            .to_owned();
    for at in 1..sums.len() {
        body += &format!(
            r#"<line class="l1" x1="{:.2}%" y1="{}" x2="{:.2}%" y2="{}"/>"#,
            x(at - 1),
            y(sums[at - 1].1),
            x(at),
            y(sums[at].1)
        );
    }
    let peak = sums.iter().position(|(_, money, _)| money.as_fen() == top).unwrap_or(last);
    let mut label = Vec::new();
    for (at, &(term, money, times)) in sums.iter().enumerate() {
        let name = crate::overview::period(fujiao_model::Period::Term(term));
        let name = name.trim_end_matches("学期");
        body += &format!(r#"<circle class="f1" cx="{:.2}%" cy="{}" r="3.5"/>"#, x(at), y(money));
        if at == peak || at == last {
            body += &format!(
                r#"<text class="m b" x="{:.2}%" y="{}">{}</text>"#,
                x(at),
                y(money) - 9,
                money.wan()
            );
        }
        body += &format!(r#"<text class="m ax" x="{:.2}%" y="196">{name}</text>"#, x(at));
        label.push(format!("{name}{} 万元、{} 人次", money.wan(), number(times)));
    }
    let (before, now) = (sums[last - 1].1, sums[last].1);
    let change = match now.cmp(&before) {
        std::cmp::Ordering::Less => format!("比上一学期少 {} 万元", (before - now).wan()),
        std::cmp::Ordering::Greater => format!("比上一学期多 {} 万元", (now - before).wan()),
        std::cmp::Ordering::Equal => "和上一学期持平".to_owned(),
    };
    let term = crate::overview::period(fujiao_model::Period::Term(sums[last].0));
    Some(Chart {
        title: format!("{term}发放资助 {} 万元，{change}", now.wan()),
        subtitle: format!(
            "各学期发放的资助金额，单位：万元，不含贷款；截至 {}，{}",
            report.as_of, report.county
        ),
        label: label.join("；"),
        height: 204,
        body,
    })
}

/// Done and gap, side by side with a hair between them.
fn bar(x: f64, width: f64, y: u32, (done, gap): (u32, u32)) -> String {
    let share = |part: u32| width * f64::from(part) / 1000.0;
    let mut out = String::new();
    if done + gap == 0 {
        return format!(r#"<rect class="f0" x="{x}%" y="{y}" width="{width}%" height="12"/>"#);
    }
    if done > 0 {
        out += &format!(
            r#"<rect class="f1" x="{x}%" y="{y}" width="{:.2}%" height="12"/>"#,
            (share(done) - if gap > 0 { 0.25 } else { 0.0 }).max(0.0)
        );
    }
    if gap > 0 {
        out += &format!(
            r#"<rect class="fz" x="{:.2}%" y="{y}" width="{:.2}%" height="12"/>"#,
            x + share(done),
            share(gap)
        );
    }
    out
}

/// Share done, in millionths, for sorting.
fn share(shown: &Overview) -> i128 {
    i128::from(shown.done) * 1_000_000 / i128::from(shown.due.max(1))
}

/// Whether tags open and close in order and attributes are quoted: what a broken template would break.
#[cfg(test)]
pub(crate) fn is_well_formed(xml: &str) -> bool {
    let mut open: Vec<&str> = Vec::new();
    let mut rest = xml;
    while let Some(start) = rest.find('<') {
        if rest[..start].contains('>') {
            return false;
        }
        let Some(length) = rest[start..].find('>') else { return false };
        let tag = &rest[start + 1..start + length];
        rest = &rest[start + length + 1..];
        if tag.starts_with('?') {
            continue;
        }
        if !tag.matches('"').count().is_multiple_of(2) || tag.contains('<') {
            return false;
        }
        if let Some(name) = tag.strip_prefix('/') {
            if open.pop() != Some(name) {
                return false;
            }
        } else if !tag.ends_with('/') {
            open.push(tag.split_whitespace().next().unwrap_or(""));
        }
    }
    open.is_empty() && !rest.contains('>')
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample;

    #[test]
    fn charts_are_well_formed_and_say_what_they_show() {
        for report in [sample::report(), sample::bare()] {
            let files = charts(&report);
            assert!(!files.is_empty());
            for (name, text) in &files {
                assert!(is_well_formed(text), "{name}");
                assert!(text.contains(r#"role="img" aria-label=""#), "{name}");
                assert_eq!(text.contains("示例数据"), report.sample, "{name}");
            }
            assert_eq!(files, charts(&report));
        }
        assert!(!is_well_formed("<a><b></a></b>"));
        assert!(!is_well_formed("<a x=\"1></a>"));
    }

    #[test]
    fn a_name_cannot_break_a_chart() {
        let mut report = sample::report();
        report.towns[0].town = "<城关>&\"镇\"".into();
        for (name, text) in charts(&report) {
            assert!(is_well_formed(&text), "{name}");
        }
    }

    #[test]
    fn titles_state_the_finding() {
        let report = sample::report();
        let titles: Vec<String> = std::iter::once(Some(coverage_chart(&report)))
            .chain(Area::ALL.iter().map(|&area| towns_chart(&report, area)))
            .chain([aid_chart(&report)])
            .flatten()
            .map(|chart| chart.title)
            .collect();
        insta::assert_snapshot!(titles.join("\n"));
    }

    #[test]
    fn a_bar_is_its_share() {
        assert!(bar(0.0, 100.0, 0, bar_parts(1, 2)).contains(r#"width="50.00%""#));
        assert!(bar(0.0, 100.0, 0, (0, 0)).contains("f0"));
    }
}
