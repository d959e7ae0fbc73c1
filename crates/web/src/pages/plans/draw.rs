//! Maps and charts of plans, on the tokens of the design.

use std::fmt::Write as _;

use fujiao_office::plans::said::{self, Action};

use crate::shape::escaped;
use crate::words::Words;

const WIDTH: f64 = 600.0;
const HEIGHT: f64 = 440.0;

/// Upper ends of the steps of minutes: within, and beyond by how much.
const STEPS: [u32; 4] = [15, 30, 60, 120];

fn step(minutes: f64) -> usize {
    STEPS.iter().filter(|s| minutes > f64::from(**s)).count()
}

/// The key of the minutes.
pub(super) fn key(t: &Words) -> Vec<(usize, String)> {
    let mut key = vec![(0, t.f1("plan.key_within", STEPS[0]))];
    for (n, pair) in STEPS.windows(2).enumerate() {
        key.push((n + 1, format!("{}—{}", pair[0], pair[1])));
    }
    key.push((4, t.f1("plan.key_above", STEPS[3])));
    key
}

/// Minutes that children of each village are under way, today or in the plan: those of the worst off.
fn of_villages(sites: &said::Sites, planned: bool) -> Vec<f64> {
    let mut minutes = vec![0.0_f64; sites.villages.len()];
    for flow in &sites.flows {
        let village = flow.village as usize;
        let school = if planned { Some(flow.school) } else { flow.from };
        let Some(school) = school else { continue };
        let said = match (planned, flow.way) {
            // Who boards or is accompanied has the way on foot, as far as the map is concerned.
            (true, said::Way::Walk | said::Way::Ride) => f64::from(flow.minutes),
            _ => on_foot(sites, village, school as usize),
        };
        minutes[village] = minutes[village].max(said);
    }
    minutes
}

/// Minutes on foot in a straight line with a detour: what the map colours, where no way is kept.
fn on_foot(sites: &said::Sites, village: usize, school: usize) -> f64 {
    let (a, b) = (sites.villages[village].at, sites.schools[school].at);
    let north = (a.1 - b.1) * 111.2;
    let east = (a.0 - b.0) * 111.2 * a.1.to_radians().cos();
    // Five kilometres an hour, and four tenths more way than a straight line.
    north.hypot(east) * 1.4 / 5.0 * 60.0
}

/// The county with its villages and schools, today or planned: title, note, picture.
pub(super) fn map(
    t: &Words,
    sites: &said::Sites,
    planned: bool,
    title: &str,
) -> (String, String, String) {
    let place = Frame::of(
        &sites
            .villages
            .iter()
            .map(|v| v.at)
            .chain(sites.schools.iter().map(|s| s.at))
            .collect::<Vec<_>>(),
    );
    let minutes = of_villages(sites, planned);
    let tally = if planned { Some(&sites.plan) } else { sites.today.as_ref() };
    let note = tally.map_or_else(String::new, |tally| {
        t.f2("plan.map_note", tally.schools, tally.farthest_minutes)
    });
    let mut svg = format!(
        "<svg class=\"map\" viewBox=\"0 0 {WIDTH} {HEIGHT}\" role=\"img\" aria-label=\"{}\">",
        escaped(&format!("{title}{}{note}", t.s("word.colon")))
    );
    if planned {
        for flow in sites.flows.iter().filter(|f| f.from != Some(f.school)) {
            let (x1, y1) = place.at(sites.villages[flow.village as usize].at);
            let (x2, y2) = place.at(sites.schools[flow.school as usize].at);
            if (x1 - x2).hypot(y1 - y2) > 4.0 {
                let _ = write!(svg, "<path class=\"ln\" d=\"M{x1:.0} {y1:.0}L{x2:.0} {y2:.0}\"/>");
            }
        }
    }
    for (village, far) in sites.villages.iter().zip(&minutes) {
        let (x, y) = place.at(village.at);
        let radius = (f64::from(village.children).sqrt() * 0.7).clamp(2.0, 11.0);
        let _ = write!(
            svg,
            "<circle class=\"q{}\" cx=\"{x:.0}\" cy=\"{y:.0}\" r=\"{radius:.1}\"><title>{}</title></circle>",
            step(*far),
            escaped(&t.f3(
                "plan.dot",
                &village.name,
                t.n(i64::from(village.children)),
                far.round()
            )),
        );
    }
    for school in &sites.schools {
        let (x, y) = place.at(school.at);
        let is_open = if planned { school.plan.is_some() } else { school.today.is_some() };
        let is_new = planned && matches!(school.action, Action::Build | Action::Reopen);
        let is_changed = planned && school.action == Action::Change;
        let title = escaped(&school.name);
        if is_new {
            let _ = write!(
                svg,
                "<path class=\"s1\" d=\"M{x:.0} {:.0}l8 8l-8 8l-8-8z\"><title>{title}</title></path>",
                y - 8.0
            );
        } else if is_open {
            let class = if is_changed { "s2" } else { "s0" };
            let _ = write!(
                svg,
                "<circle class=\"{class}\" cx=\"{x:.0}\" cy=\"{y:.0}\" r=\"4.5\"><title>{title}</title></circle>"
            );
        } else if planned && school.today.is_some() {
            let (left, top) = (x - 4.0, y - 4.0);
            let _ = write!(
                svg,
                "<path class=\"xh\" d=\"M{left:.0} {top:.0}l8 8m0-8l-8 8\"/><path class=\"xx\" d=\"M{left:.0} {top:.0}l8 8m0-8l-8 8\"><title>{title}</title></path>"
            );
        }
    }
    svg.push_str("</svg>");
    (title.to_owned(), note, svg)
}

/// A dot of a map that is no village: a school, a settlement.
pub(super) struct Dot {
    pub(super) at: (f64, f64),
    /// What its area stands for.
    pub(super) size: f64,
    /// Its colour.
    pub(super) step: usize,
    pub(super) is_square: bool,
    pub(super) title: String,
}

/// Which of the steps a number is in: the first is its own, above nought the next begins.
pub(super) fn step_of(steps: &[u32; 4], n: u32) -> usize {
    steps.iter().filter(|s| n > **s).count()
}

/// The key of such steps, whose unit stands in a text.
pub(super) fn steps_key(t: &Words, steps: &[u32; 4], unit: &str) -> Vec<(usize, String)> {
    let mut key = vec![(0, t.f1(unit, steps[0]))];
    for (n, pair) in steps.windows(2).enumerate() {
        let (from, to) = (pair[0] + 1, pair[1]);
        key.push((n + 1, if from == to { to.to_string() } else { format!("{from}—{to}") }));
    }
    key.push((4, t.f1("plan.key_above", steps[3])));
    key
}

/// Two ends of a line on a map.
pub(super) type Line = ((f64, f64), (f64, f64));

/// Dots with lines between them: title, note, picture.
pub(super) fn dots(
    t: &Words,
    (title, note): (&str, String),
    dots: &[Dot],
    lines: &[Line],
) -> (String, String, String) {
    let place = Frame::of(&dots.iter().map(|d| d.at).collect::<Vec<_>>());
    let mut svg = format!(
        "<svg class=\"map\" viewBox=\"0 0 {WIDTH} {HEIGHT}\" role=\"img\" aria-label=\"{}\">",
        escaped(&format!("{title}{}{note}", t.s("word.colon")))
    );
    for (from, to) in lines {
        let ((x1, y1), (x2, y2)) = (place.at(*from), place.at(*to));
        if (x1 - x2).hypot(y1 - y2) > 4.0 {
            let _ = write!(svg, "<path class=\"ln\" d=\"M{x1:.0} {y1:.0}L{x2:.0} {y2:.0}\"/>");
        }
    }
    for dot in dots {
        let (x, y) = place.at(dot.at);
        let radius = (dot.size.max(0.0).sqrt() * 1.4).clamp(3.0, 14.0);
        let (class, title) = (dot.step, escaped(&dot.title));
        let _ = if dot.is_square {
            write!(
                svg,
                "<path class=\"q{class} bx\" d=\"M{:.1} {:.1}h{side:.1}v{side:.1}h-{side:.1}z\"><title>{title}</title></path>",
                x - radius,
                y - radius,
                side = 2.0 * radius
            )
        } else {
            write!(
                svg,
                "<circle class=\"q{class}\" cx=\"{x:.0}\" cy=\"{y:.0}\" r=\"{radius:.1}\"><title>{title}</title></circle>"
            )
        };
    }
    svg.push_str("</svg>");
    (title.to_owned(), note, svg)
}

/// A bar: a part of a whole, with what stands at its end.
pub(super) struct Bar {
    pub(super) label: String,
    pub(super) value: u64,
    pub(super) whole: u64,
    pub(super) text: String,
}

/// Bars one below the other on one scale: the part in full colour, the rest pale; the label above, so that a phone has room.
pub(super) fn bars(title: &str, bars: &[Bar]) -> String {
    const ROW: usize = 36;
    let most = bars.iter().map(|b| b.whole.max(b.value)).max().unwrap_or(1).max(1);
    let said: Vec<String> = bars.iter().map(|b| format!("{} {}", b.label, b.text)).collect();
    let mut svg = format!(
        "<svg class=\"ch\" height=\"{}\" role=\"img\" aria-label=\"{}\">",
        ROW * bars.len().max(1),
        escaped(&format!("{title}: {}", said.join("; ")))
    );
    #[expect(clippy::cast_precision_loss, reason = "yuan of one county")]
    let wide = |n: u64| n as f64 / most as f64 * 100.0;
    for (at, bar) in bars.iter().enumerate() {
        let top = ROW * at;
        let _ = write!(
            svg,
            "<text y=\"{}\">{}</text><text class=\"e b\" x=\"100%\" y=\"{}\">{}</text><rect class=\"f0\" y=\"{}\" width=\"{:.2}%\" height=\"10\"/><rect class=\"f1\" y=\"{}\" width=\"{:.2}%\" height=\"10\"/>",
            top + 13,
            escaped(&bar.label),
            top + 13,
            escaped(&bar.text),
            top + 19,
            wide(bar.whole.max(bar.value)),
            top + 19,
            wide(bar.value),
        );
    }
    svg.push_str("</svg>");
    svg
}

/// How degrees become points of the picture.
struct Frame {
    west: f64,
    north: f64,
    by: f64,
    narrow: f64,
    left: f64,
    top: f64,
}

impl Frame {
    fn of(points: &[(f64, f64)]) -> Self {
        let all = || points.iter();
        let west = all().map(|p| p.0).fold(f64::INFINITY, f64::min);
        let east = all().map(|p| p.0).fold(f64::NEG_INFINITY, f64::max);
        let south = all().map(|p| p.1).fold(f64::INFINITY, f64::min);
        let north = all().map(|p| p.1).fold(f64::NEG_INFINITY, f64::max);
        let narrow = f64::midpoint(north, south).to_radians().cos();
        let margin = 18.0;
        let wide = ((east - west) * narrow).max(1e-6);
        let high = (north - south).max(1e-6);
        let by = ((WIDTH - 2.0 * margin) / wide).min((HEIGHT - 2.0 * margin) / high);
        Self {
            west,
            north,
            by,
            narrow,
            left: (WIDTH - wide * by) / 2.0,
            top: (HEIGHT - high * by) / 2.0,
        }
    }

    fn at(&self, (longitude, latitude): (f64, f64)) -> (f64, f64) {
        (
            self.left + (longitude - self.west) * self.narrow * self.by,
            self.top + (self.north - latitude) * self.by,
        )
    }
}

/// A scale from nought to a round number above the most.
fn round_up(most: f64) -> f64 {
    let unit = 10_f64.powf(most.max(1.0).log10().floor());
    [1.0, 1.5, 2.0, 3.0, 4.0, 5.0, 6.0, 8.0, 10.0]
        .iter()
        .map(|n| n * unit)
        .find(|n| *n >= most)
        .unwrap_or(10.0 * unit)
}

#[expect(clippy::cast_possible_truncation, reason = "a scale of some thousands")]
fn label(t: &Words, value: f64) -> String {
    t.n(value.round() as i64)
}

/// A line of the chart of years: its class, its name, its value in the past, and ahead with its range.
type Series =
    (&'static str, &'static str, fn(&(i16, u32, u32)) -> u32, fn(&said::Year) -> (u32, u32, u32));

/// Pupils past and ahead: primary above, junior below, each with its range.
pub(super) fn years(t: &Words, ahead: &said::Ahead, title: &str) -> String {
    const TOP: f64 = 22.0;
    const BASE: f64 = 222.0;
    let n = (ahead.past.len() + ahead.years.len()).max(2);
    let most = ahead
        .past
        .iter()
        .map(|p| p.1.max(p.2))
        .chain(ahead.years.iter().map(|y| y.primary.2.max(y.junior.2)))
        .max()
        .unwrap_or(1);
    let scale = round_up(f64::from(most));
    #[expect(clippy::cast_precision_loss, reason = "some years")]
    let x = |at: usize| (at as f64 + 0.5) * 100.0 / n as f64;
    let y = |value: u32| BASE - f64::from(value) / scale * (BASE - TOP);
    let mut svg =
        format!("<svg class=\"ch\" height=\"246\" role=\"img\" aria-label=\"{}\">", escaped(title));
    for part in 0..=2 {
        let value = scale * f64::from(part) / 2.0;
        let line = BASE - (BASE - TOP) * f64::from(part) / 2.0;
        let class = if part == 0 { "bs" } else { "gr" };
        let _ = write!(
            svg,
            "<line class=\"{class}\" x2=\"100%\" y1=\"{line:.0}\" y2=\"{line:.0}\"/><text class=\"ax\" y=\"{:.0}\">{}</text>",
            line - 4.0,
            label(t, value)
        );
    }
    let series: [Series; 2] = [
        ("l1", "plan.primary", |p| p.1, |y| y.primary),
        ("l2", "plan.junior", |p| p.2, |y| y.junior),
    ];
    for (class, name, past, band) in series {
        if !ahead.years.is_empty() {
            let first = ahead.past.len();
            let mut path = String::new();
            for (at, year) in ahead.years.iter().enumerate() {
                let mark = if at == 0 { 'M' } else { 'L' };
                let _ = write!(path, "{mark}{:.2} {:.1}", x(first + at), y(band(year).1));
            }
            for (at, year) in ahead.years.iter().enumerate().rev() {
                let _ = write!(path, "L{:.2} {:.1}", x(first + at), y(band(year).2));
            }
            let _ = write!(
                svg,
                "<svg viewBox=\"0 0 100 246\" preserveAspectRatio=\"none\" width=\"100%\" height=\"246\"><path class=\"fb\" d=\"{path}z\"/></svg>"
            );
        }
        let values: Vec<u32> =
            ahead.past.iter().map(past).chain(ahead.years.iter().map(|y| band(y).0)).collect();
        for (at, pair) in values.windows(2).enumerate() {
            let dashed = if at + 1 >= ahead.past.len() { " f" } else { "" };
            let _ = write!(
                svg,
                "<line class=\"{class}{dashed}\" x1=\"{:.2}%\" y1=\"{:.0}\" x2=\"{:.2}%\" y2=\"{:.0}\"/>",
                x(at),
                y(pair[0]),
                x(at + 1),
                y(pair[1])
            );
        }
        if let Some(last) = values.last() {
            let _ = write!(
                svg,
                "<text class=\"e b\" x=\"100%\" y=\"{:.0}\">{} {}</text>",
                y(*last) - 8.0,
                t.s(name),
                t.n(i64::from(*last))
            );
        }
    }
    let years = ahead.past.iter().map(|p| p.0).chain(ahead.years.iter().map(|y| y.year));
    for (at, year) in years.enumerate() {
        // Every year has its tick; every second its number, which fits a phone.
        if at % 2 == 0 {
            let _ = write!(
                svg,
                "<text class=\"m ax\" x=\"{:.2}%\" y=\"240\">{}</text>",
                x(at),
                if at == 0 { year.to_string() } else { format!("{:02}", year.rem_euclid(100)) }
            );
        }
    }
    svg.push_str("</svg>");
    svg
}

/// More money for fewer minutes: one point a plan.
pub(super) fn curve(t: &Words, curve: &[said::CurvePoint]) -> String {
    const TOP: f64 = 20.0;
    const BASE: f64 = 170.0;
    if curve.len() < 2 {
        return String::new();
    }
    #[expect(clippy::cast_precision_loss, reason = "yuan of one county")]
    let cost = |c: &said::CurvePoint| (c.tally.state_yuan as f64) / 10_000.0;
    #[expect(clippy::cast_precision_loss, reason = "minutes")]
    let minutes = |c: &said::CurvePoint| c.tally.mean_minutes_tenths as f64 / 10.0;
    let least = curve.iter().map(cost).fold(f64::INFINITY, f64::min);
    let most = curve.iter().map(cost).fold(0.0, f64::max);
    let far = round_up(curve.iter().map(minutes).fold(0.0, f64::max));
    let wide = (most - least).max(1.0);
    let x = |c: &said::CurvePoint| 10.0 + (cost(c) - least) / wide * 80.0;
    let y = |c: &said::CurvePoint| BASE - minutes(c) / far * (BASE - TOP);
    let mut svg = format!(
        "<svg class=\"ch\" height=\"200\" role=\"img\" aria-label=\"{}\"><line class=\"bs\" x2=\"100%\" y1=\"{BASE}\" y2=\"{BASE}\"/><text class=\"ax\" y=\"{:.0}\">{}</text><line class=\"gr\" x2=\"100%\" y1=\"{TOP}\" y2=\"{TOP}\"/><text class=\"ax\" y=\"{:.0}\">{}</text>",
        escaped(t.s("plan.curve")),
        BASE - 4.0,
        label(t, 0.0),
        TOP - 4.0,
        t.f1("plan.minutes", label(t, far)),
    );
    for pair in curve.windows(2) {
        let _ = write!(
            svg,
            "<line class=\"l1\" x1=\"{:.1}%\" y1=\"{:.0}\" x2=\"{:.1}%\" y2=\"{:.0}\"/>",
            x(&pair[0]),
            y(&pair[0]),
            x(&pair[1]),
            y(&pair[1])
        );
    }
    for c in curve {
        let own = if c.times_percent == 100 { "fz" } else { "f1" };
        let _ = write!(
            svg,
            "<circle class=\"{own}\" cx=\"{:.1}%\" cy=\"{:.0}\" r=\"4\"><title>{}</title></circle>",
            x(c),
            y(c),
            escaped(&t.f2("plan.curve_dot", label(t, cost(c)), format!("{:.1}", minutes(c))))
        );
    }
    let _ = write!(
        svg,
        "<text class=\"m ax\" x=\"10%\" y=\"188\">{}</text><text class=\"m ax\" x=\"90%\" y=\"188\">{}</text></svg>",
        t.f1("plan.curve_wan", label(t, least)),
        t.f1("plan.curve_wan", label(t, most))
    );
    svg
}
