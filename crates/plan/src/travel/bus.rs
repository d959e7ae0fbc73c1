use rayon::prelude::*;

use super::{Assumptions, Heights, How, Mode, Roads, Spot, Travel, minutes_over};

/// A bus line with its stops in order; it runs both ways.
#[derive(Clone, Debug, PartialEq)]
pub struct BusLine {
    /// Where it stops.
    pub stops: Vec<Spot>,
    /// Minutes from the first stop to each.
    pub minutes: Vec<f64>,
    /// Minutes that one waits for it.
    pub wait_minutes: f64,
}

/// Minutes from every village to every school: on foot to a stop, by one line, on foot to the school; or on foot all the way
/// where that is no longer. Nobody changes from line to line.
pub fn minutes_by_bus(
    heights: Option<&Heights>,
    (villages, schools): (&[Spot], &[Spot]),
    lines: &[BusLine],
    roads: &Roads,
    assumptions: Assumptions,
) -> Travel {
    let foot = |from: &[Spot], to: &[Spot]| {
        minutes_over(heights, (from, to), roads, Mode::Foot, assumptions)
    };
    let stops: Vec<Spot> = lines.iter().flat_map(|line| line.stops.iter().copied()).collect();
    let (to_stop, from_stop) = (foot(villages, &stops), foot(&stops, schools));
    let mut travel = foot(villages, schools);
    let columns: Vec<Vec<f64>> = (0..schools.len())
        .into_par_iter()
        .map(|school| {
            let ahead = ahead(lines, &|stop| from_stop.minutes(stop, school));
            (0..villages.len())
                .map(|village| {
                    let by = ahead.iter().enumerate();
                    by.map(|(stop, more)| to_stop.minutes(village, stop) + more)
                        .fold(f64::INFINITY, f64::min)
                })
                .collect()
        })
        .collect();
    for (at, by_bus) in columns.into_iter().flatten().enumerate() {
        if by_bus < f64::from(travel.minutes[at]) {
            travel.minutes[at] = by_bus as f32;
            travel.how[at] = How::Bus;
        }
    }
    travel
}

/// From each stop of all lines: waiting, riding to the best other stop, and what is left from there.
fn ahead(lines: &[BusLine], left: &dyn Fn(usize) -> f64) -> Vec<f64> {
    let mut all = Vec::new();
    for line in lines {
        let first = all.len();
        let stops = line.stops.len().min(line.minutes.len());
        all.resize(first + line.stops.len(), f64::INFINITY);
        // Forwards and back: the best stop beyond, counted from the line's beginning.
        let mut best = f64::INFINITY;
        for stop in (0..stops).rev() {
            all[first + stop] = line.wait_minutes + best - line.minutes[stop];
            best = best.min(line.minutes[stop] + left(first + stop));
        }
        best = f64::INFINITY;
        for stop in 0..stops {
            let back = line.wait_minutes + best + line.minutes[stop];
            all[first + stop] = all[first + stop].min(back);
            best = best.min(left(first + stop) - line.minutes[stop]);
        }
    }
    all
}
