//! A schematic map of towns: to each town the ground that lies nearest to it.

use std::fmt::Write as _;

use fujiao_model::Area;
use fujiao_office::desk::{Filter, TownLine};

use crate::shape::{address, escaped, figures};
use crate::words::Words;

/// The map and its key.
pub(crate) struct TownMap {
    pub(crate) svg: String,
    /// Step of the scale, and its range.
    pub(crate) key: Vec<(usize, String)>,
}

type Point = (f64, f64);

const WIDTH: f64 = 600.0;
const HEIGHT: f64 = 400.0;
const MARGIN: f64 = 24.0;

/// Draws towns with known positions, coloured by their gap in five steps; `None` for fewer than three.
pub(crate) fn towns(t: &Words, area: Area, lines: &[TownLine]) -> Option<TownMap> {
    let mut known: Vec<(&TownLine, Point)> =
        lines.iter().filter_map(|line| line.at.map(|at| (line, projected(at)))).collect();
    known.sort_by_key(|(line, _)| line.town);
    known.dedup_by(|a, b| a.1 == b.1);
    if known.len() < 3 {
        return None;
    }
    fit(&mut known);
    let points: Vec<Point> = known.iter().map(|(_, p)| *p).collect();
    let outline = outline(&points);
    let most = known.iter().map(|(line, _)| line.tally.shown().2).max().unwrap_or(0);
    let limits = limits(most);
    let label: Vec<String> =
        lines.iter().take(2).map(|l| format!("{} {}", l.name, figures(t, &l.tally)[2])).collect();
    let mut svg = format!(
        "<svg class=\"map\" viewBox=\"0 0 {WIDTH} {HEIGHT}\" role=\"group\" aria-label=\"{}\">",
        escaped(&t.f2("map.label", t.area(area), label.join(t.s("word.comma"))))
    );
    let mut texts = String::new();
    for (at, (line, (x, y))) in known.iter().enumerate() {
        let cell = cell(&outline, &points, at);
        let step = step(&limits, line.tally.shown().2);
        let gap = &figures(t, &line.tally)[2];
        let filter = Filter { town: line.town, ..Filter::default() };
        let mut path = String::new();
        for (i, (px, py)) in cell.iter().enumerate() {
            let _ = write!(path, "{}{px:.0} {py:.0}", if i == 0 { 'M' } else { 'L' });
        }
        let name = line.name.trim_end_matches(['镇', '乡']).trim_end_matches("街道");
        let name = if name.chars().count() < 2 { line.name.as_str() } else { name };
        let _ = write!(
            svg,
            "<a href=\"{}\"><title>{} {} {gap}</title><path class=\"t q{step}\" d=\"{path}z\"/></a>",
            escaped(&address(area, &filter)),
            escaped(&line.name),
            t.s("word.gap"),
        );
        let white = if step == 4 { " w" } else { "" };
        let _ = write!(
            texts,
            "<text class=\"k{white}\" x=\"{x:.0}\" y=\"{y:.0}\" dy=\"-.2em\">{}</text><text class=\"v{white}\" x=\"{x:.0}\" y=\"{y:.0}\" dy=\".95em\">{gap}</text>",
            escaped(name),
        );
    }
    let _ = write!(svg, "<g pointer-events=\"none\">{texts}</g></svg>");
    Some(TownMap { svg, key: key(t, &limits) })
}

/// Degrees to a plane; a county is small enough for the cosine of one latitude.
#[expect(clippy::cast_precision_loss, reason = "millionths of a degree are far below 2^53")]
fn projected((longitude, latitude): (i64, i64)) -> Point {
    let (lon, lat) = (longitude as f64 / 1e6, latitude as f64 / 1e6);
    (lon * 33_f64.to_radians().cos(), -lat)
}

/// Scales and moves the points into the picture.
fn fit(known: &mut [(&TownLine, Point)]) {
    let low = known.iter().fold((f64::MAX, f64::MAX), |m, (_, p)| (m.0.min(p.0), m.1.min(p.1)));
    let high = known.iter().fold((f64::MIN, f64::MIN), |m, (_, p)| (m.0.max(p.0), m.1.max(p.1)));
    // Room around the outermost towns for their own ground.
    let room = 70.0;
    let scale = |span: f64, length: f64| (length - 2.0 * (MARGIN + room)) / span.max(1e-9);
    let by = scale(high.0 - low.0, WIDTH).min(scale(high.1 - low.1, HEIGHT));
    let shift = |low: f64, high: f64, length: f64| (length - (high - low) * by) / 2.0 - low * by;
    let (dx, dy) = (shift(low.0, high.0, WIDTH), shift(low.1, high.1, HEIGHT));
    for (_, p) in known {
        *p = (p.0 * by + dx, p.1 * by + dy);
    }
}

/// A rounded outline around the points: the hull of circles about them.
fn outline(points: &[Point]) -> Vec<Point> {
    let radius = 78.0;
    let mut around: Vec<Point> = Vec::new();
    for (x, y) in points {
        for n in 0..24_u32 {
            let angle = f64::from(n) * std::f64::consts::TAU / 24.0;
            let p = (x + radius * angle.cos(), y + radius * angle.sin());
            around.push((p.0.clamp(4.0, WIDTH - 4.0), p.1.clamp(4.0, HEIGHT - 4.0)));
        }
    }
    hull(around)
}

/// The convex hull, by Andrew's monotone chain, without its last point repeated.
fn hull(mut points: Vec<Point>) -> Vec<Point> {
    points.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.total_cmp(&b.1)));
    let turn = |a: Point, b: Point, c: Point| (b.0 - a.0) * (c.1 - a.1) - (b.1 - a.1) * (c.0 - a.0);
    let half = |points: &mut dyn Iterator<Item = Point>| {
        let mut chain: Vec<Point> = Vec::new();
        for p in points {
            while chain.len() > 1 && turn(chain[chain.len() - 2], chain[chain.len() - 1], p) <= 0.0
            {
                chain.pop();
            }
            chain.push(p);
        }
        chain.pop();
        chain
    };
    let mut out = half(&mut points.iter().copied());
    out.extend(half(&mut points.iter().rev().copied()));
    out
}

/// The part of the outline that is nearer to point `at` than to any other (Voronoi cell, by cutting off half-planes).
fn cell(outline: &[Point], points: &[Point], at: usize) -> Vec<Point> {
    let own = points[at];
    let mut cell = outline.to_vec();
    for (_, other) in points.iter().enumerate().filter(|(i, _)| *i != at) {
        // Positive on our side of the middle line.
        let side = |p: Point| {
            let (dx, dy) = (own.0 - other.0, own.1 - other.1);
            let middle = (f64::midpoint(own.0, other.0), f64::midpoint(own.1, other.1));
            (p.0 - middle.0) * dx + (p.1 - middle.1) * dy
        };
        let mut kept = Vec::with_capacity(cell.len() + 1);
        for (i, p) in cell.iter().enumerate() {
            let next = cell[(i + 1) % cell.len()];
            let (here, there) = (side(*p), side(next));
            if here >= 0.0 {
                kept.push(*p);
            }
            if (here > 0.0 && there < 0.0) || (here < 0.0 && there > 0.0) {
                let share = here / (here - there);
                kept.push((p.0 + (next.0 - p.0) * share, p.1 + (next.1 - p.1) * share));
            }
        }
        cell = kept;
    }
    cell
}

/// Upper limits of steps 1, 2 and 3: round numbers near a quarter, a half and three quarters of the most.
fn limits(most: i64) -> [i64; 3] {
    // To fives from twenty on, to tens from a hundred on, and so forth.
    let round = |n: i64| {
        let mut unit = if n < 20 { 1 } else { 5 };
        while n / unit >= 20 {
            unit *= if unit % 10 == 0 { 5 } else { 2 };
        }
        (n + unit / 2) / unit * unit
    };
    let first = round(most / 4).max(1);
    let second = round(most / 2).max(first + 1);
    [first, second, round(most * 3 / 4).max(second + 1)]
}

fn step(limits: &[i64; 3], gap: i64) -> usize {
    if gap <= 0 { 0 } else { 1 + limits.iter().filter(|l| gap > **l).count() }
}

fn key(t: &Words, limits: &[i64; 3]) -> Vec<(usize, String)> {
    let range = |from: i64, to: i64| {
        if from == to { t.n(from) } else { format!("{}—{}", t.n(from), t.n(to)) }
    };
    vec![
        (0, "0".to_owned()),
        (1, range(1, limits[0])),
        (2, range(limits[0] + 1, limits[1])),
        (3, range(limits[1] + 1, limits[2])),
        (4, t.f1("map.above", t.n(limits[2] + 1))),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn area_of(polygon: &[Point]) -> f64 {
        let twice: f64 = (0..polygon.len())
            .map(|i| {
                let (a, b) = (polygon[i], polygon[(i + 1) % polygon.len()]);
                a.0 * b.1 - b.0 * a.1
            })
            .sum();
        twice.abs() / 2.0
    }

    #[test]
    fn cells_cover_the_outline_once() {
        let points =
            [(100.0, 100.0), (300.0, 120.0), (220.0, 300.0), (450.0, 250.0), (301.0, 119.0)];
        let outline = outline(&points);
        let sum: f64 = (0..points.len()).map(|at| area_of(&cell(&outline, &points, at))).sum();
        assert!((sum - area_of(&outline)).abs() < 1.0, "{sum} of {}", area_of(&outline));
    }

    #[test]
    fn steps_are_round_and_apart() {
        assert_eq!(limits(86), [20, 45, 65]);
        assert_eq!(limits(29), [7, 14, 20]);
        assert_eq!(limits(5_000), [1_250, 2_500, 3_750]);
        assert_eq!(limits(0), [1, 2, 3]);
        assert_eq!(limits(4), [1, 2, 3]);
        let limits = limits(86);
        assert_eq!([0, 1, 20, 21, 45, 46, 66].map(|n| step(&limits, n)), [0, 1, 1, 2, 2, 3, 4]);
    }
}
