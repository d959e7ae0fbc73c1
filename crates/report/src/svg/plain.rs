//! Charts of plain numbers: bars to both sides of zero, a waterfall, columns, a curve.

use super::Chart;
use crate::docx::escape;

/// One bar of a chart.
#[derive(Clone, Debug, PartialEq)]
pub struct Bar {
    /// What it is called.
    pub label: String,
    /// What stands behind the name, in grey.
    pub note: String,
    /// The number; `None` for a heading over the bars that follow.
    pub value: Option<f64>,
}

const ROW: u32 = 26;
/// Where the bars begin and end, in per cent of the width.
const LEFT: f64 = 52.0;
const RIGHT: f64 = 90.0;
/// Height of columns and curves.
const TALL: f64 = 220.0;

fn say(value: f64) -> String {
    format!("{value:+.1}").replace('-', "−")
}

fn height(rows: usize) -> u32 {
    u32::try_from(rows).expect("a chart has few rows") * ROW
}

/// Bars to the left and the right of zero.
pub fn bars_chart(title: &str, subtitle: &str, bars: &[Bar]) -> Chart {
    let spans: Vec<(f64, f64)> = bars.iter().map(|b| (0.0, b.value.unwrap_or(0.0))).collect();
    draw(title, subtitle, bars, &spans)
}

/// Bars that begin where the one before ended; the last stands for the sum.
pub fn waterfall_chart(title: &str, subtitle: &str, bars: &[Bar]) -> Chart {
    let mut spans = Vec::new();
    let mut at = 0.0;
    for (n, bar) in bars.iter().enumerate() {
        let from = if n + 1 < bars.len() { at } else { 0.0 };
        at = from + bar.value.unwrap_or(0.0);
        spans.push((from, at));
    }
    draw(title, subtitle, bars, &spans)
}

fn draw(title: &str, subtitle: &str, bars: &[Bar], spans: &[(f64, f64)]) -> Chart {
    let ends = || spans.iter().flat_map(|(a, b)| [*a, *b]);
    let (low, high) = (ends().fold(0.0, f64::min), ends().fold(0.0, f64::max));
    let place = |v: f64| LEFT + (RIGHT - LEFT) * (v - low) / (high - low).max(1e-9);
    let mut body = format!(
        r#"<line class="bs" x1="{0:.2}%" x2="{0:.2}%" y1="0" y2="{1}"/>"#,
        place(0.0),
        height(bars.len())
    );
    let mut label = Vec::new();
    for (n, (bar, (from, to))) in bars.iter().zip(spans).enumerate() {
        let y = height(n);
        let name = escape(&bar.label);
        let Some(value) = bar.value else {
            body += &format!(r#"<text class="b" x="0" y="{}">{name}</text>"#, y + 18);
            continue;
        };
        let colour = if value < 0.0 { "fz" } else { "f1" };
        let (left, right) = (place(from.min(*to)), place(from.max(*to)));
        body += &format!(
            r#"<text x="0" y="{0}">{name}</text><text class="e ax" x="{1:.1}%" y="{0}">{2}</text><rect class="{colour}" x="{left:.2}%" y="{3}" width="{4:.2}%" height="14"/><text class="e b" x="100%" y="{0}">{5}</text>"#,
            y + 18,
            LEFT - 1.0,
            escape(&bar.note),
            y + 7,
            (right - left).max(0.15),
            say(value),
        );
        label.push(format!("{} {}", bar.label, say(value)));
    }
    Chart {
        title: title.to_owned(),
        subtitle: subtitle.to_owned(),
        label: label.join("；"),
        height: height(bars.len()) + 6,
        body,
    }
}

/// Columns side by side from the value `from` on, each one wide, on a logarithmic height; `marks` are lines with words.
pub fn columns_chart(
    title: &str,
    subtitle: &str,
    from: i32,
    counts: &[u64],
    marks: &[(f64, String)],
) -> Chart {
    #[expect(clippy::cast_precision_loss, reason = "the height of a column")]
    let tall = |n: u64| (n as f64 + 1.0).log10();
    let most = counts.iter().map(|n| tall(*n)).fold(1.0, f64::max);
    let columns = u32::try_from(counts.len().max(1)).expect("a chart has few columns");
    let wide = 100.0 / f64::from(columns);
    let place = |value: f64| (value - f64::from(from)) * wide;
    let mut body = String::new();
    for power in 1..=9 {
        let y = TALL + 20.0 - TALL * f64::from(power) / most;
        if y < 16.0 {
            break;
        }
        body += &format!(
            r#"<line class="bs" x1="0" x2="100%" y1="{y:.1}" y2="{y:.1}" stroke-dasharray="2 4"/><text class="ax" x="0" y="{:.1}">{}</text>"#,
            y - 3.0,
            10_u64.pow(power)
        );
    }
    for (at, n) in (0_u32..).zip(counts).filter(|(_, n)| **n > 0) {
        let high = TALL * tall(*n) / most;
        body += &format!(
            r#"<rect class="f2" x="{:.3}%" y="{:.1}" width="{:.3}%" height="{high:.1}"/>"#,
            f64::from(at) * wide,
            TALL + 20.0 - high,
            wide * 0.9
        );
    }
    body += &format!(r#"<line class="bs" x1="0" x2="100%" y1="{0}" y2="{0}"/>"#, TALL + 20.0);
    let end = from + i32::try_from(counts.len()).expect("a chart has few columns");
    for value in (from..=end).filter(|v| v.rem_euclid(10) == 0) {
        body += &format!(
            r#"<text class="m ax" x="{:.2}%" y="{}">{}</text>"#,
            place(f64::from(value)).clamp(2.0, 98.0),
            TALL + 38.0,
            value.to_string().replace('-', "−")
        );
    }
    for (n, (value, words)) in (0_u32..).zip(marks) {
        let x = place(*value).clamp(0.0, 100.0);
        let y = 14 + n * 16;
        body += &format!(
            r#"<line x1="{x:.2}%" x2="{x:.2}%" y1="{y}" y2="{1}" style="stroke:#ae3820"/><text class="zt" x="{x:.2}%" dx="5" y="{y}">{0}</text>"#,
            escape(words),
            TALL + 20.0
        );
    }
    let label =
        counts.iter().zip(from..).filter(|(n, _)| **n > 0).map(|(n, v)| format!("{v}：{n}"));
    Chart {
        title: title.to_owned(),
        subtitle: subtitle.to_owned(),
        label: label.collect::<Vec<_>>().join("；"),
        height: 264,
        body,
    }
}

/// A curve through points whose x are shares from 0 to 1, and whose y are shares from 0.
pub fn curve_chart(title: &str, subtitle: &str, points: &[(f64, f64)]) -> Chart {
    let most = points.iter().map(|p| p.1).fold(1e-3, f64::max);
    let x = |share: f64| 8.0 + 90.0 * share;
    let y = |value: f64| TALL + 20.0 - TALL * value / most;
    let mut body = String::new();
    for step in 0..=4 {
        let value = most * f64::from(step) / 4.0;
        body += &format!(
            r#"<line class="bs" x1="8%" x2="98%" y1="{0:.1}" y2="{0:.1}"/><text class="e ax" x="7%" y="{1:.1}">{2:.2}%</text>"#,
            y(value),
            y(value) + 4.0,
            value * 100.0
        );
    }
    for step in 0..=5 {
        let share = f64::from(step) / 5.0;
        body += &format!(
            r#"<text class="m ax" x="{:.1}%" y="{}">{share:.1}</text>"#,
            x(share),
            TALL + 38.0
        );
    }
    for pair in points.windows(2) {
        body += &format!(
            r#"<line class="l1" x1="{:.2}%" y1="{:.1}" x2="{:.2}%" y2="{:.1}"/>"#,
            x(pair[0].0),
            y(pair[0].1),
            x(pair[1].0),
            y(pair[1].1)
        );
    }
    let label = points.iter().map(|(a, b)| format!("{a:.2}：{:.2}%", b * 100.0));
    Chart {
        title: title.to_owned(),
        subtitle: subtitle.to_owned(),
        label: label.collect::<Vec<_>>().join("；"),
        height: 264,
        body,
    }
}
