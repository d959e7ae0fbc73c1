//! Minutes from every village to every school, on foot, by road and by bus.
//!
//! Paths are found from each school against the direction of travel (Dijkstra), over roads and paths where they are known,
//! else as the crow flies times a detour, saying so. Walking speed follows the slope (Tobler 1993).

mod bus;
mod geojson;
mod heights;
mod pbf;

use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap};

use rayon::prelude::*;

pub use bus::{BusLine, minutes_by_bus};
pub use geojson::{RoadError, roads_from_geojson};
pub use heights::{
    HeightError, Heights, heights_from_grid, heights_from_points, heights_from_tile,
};
pub use pbf::roads_from_pbf;

/// A place on the earth, in degrees (WGS 84), with its height in metres where it is known.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Spot {
    /// Degrees east.
    pub longitude: f64,
    /// Degrees north.
    pub latitude: f64,
    /// Metres above the sea.
    pub height_m: Option<f64>,
}

/// A stretch of road or path between two nodes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Stretch {
    /// Node at one end.
    pub from: u32,
    /// Node at the other end.
    pub to: u32,
    /// Kilometres an hour that a vehicle makes; `None` where none can go.
    pub vehicle_km_h: Option<f64>,
}

/// Roads and paths, passable both ways.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Roads {
    /// Where stretches meet.
    pub nodes: Vec<Spot>,
    /// What lies between.
    pub stretches: Vec<Stretch>,
}

/// How one travels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// On foot.
    Foot,
    /// By a vehicle on roads; on foot to the nearest road.
    Road,
}

/// What is assumed where nothing is known. Policies give the figures.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Assumptions {
    /// A path is so many times as long as the straight line.
    pub detour: f64,
    /// Farther than this from any road or path a place is not on the network.
    pub reach_m: f64,
    /// Kilometres an hour of a vehicle where no road is known.
    pub vehicle_km_h: f64,
}

/// How the minutes from one village to one school were found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum How {
    /// Along roads and paths.
    Network,
    /// Straight line times the detour.
    StraightLine,
    /// By a bus line, with the ways to and from its stops.
    Bus,
}

/// Minutes from villages to schools.
#[derive(Clone, Debug, PartialEq)]
pub struct Travel {
    villages: usize,
    minutes: Vec<f32>,
    how: Vec<How>,
}

impl Travel {
    /// Minutes from a village to a school.
    pub fn minutes(&self, village: usize, school: usize) -> f64 {
        f64::from(self.minutes[school * self.villages + village])
    }

    /// How they were found.
    pub fn how(&self, village: usize, school: usize) -> How {
        self.how[school * self.villages + village]
    }

    /// The share of pairs that had to be guessed by the straight line.
    pub fn guessed(&self) -> f64 {
        let guessed = self.how.iter().filter(|h| **h == How::StraightLine).count();
        guessed as f64 / self.how.len().max(1) as f64
    }
}

/// Minutes that a walk of `distance_m` with a rise of `rise_m` takes: 6 e^(−3.5 |slope + 0.05|) kilometres an hour (Tobler 1993).
pub fn tobler_minutes(distance_m: f64, rise_m: f64) -> f64 {
    if distance_m <= 0.0 {
        return 0.0;
    }
    let km_h = 6.0 * (-3.5 * (rise_m / distance_m + 0.05).abs()).exp();
    // Steeper than one in one nobody walks straight: the path winds.
    distance_m / 1000.0 / km_h.max(0.2) * 60.0
}

/// Metres between two places along the earth (haversine, radius 6 371 009 m).
pub fn distance_m(a: Spot, b: Spot) -> f64 {
    let (north_a, north_b) = (a.latitude.to_radians(), b.latitude.to_radians());
    let north = ((north_b - north_a) / 2.0).sin().powi(2);
    let east = ((b.longitude - a.longitude).to_radians() / 2.0).sin().powi(2);
    2.0 * 6_371_009.0 * (north + north_a.cos() * north_b.cos() * east).sqrt().min(1.0).asin()
}

fn rise_m(from: Spot, to: Spot) -> f64 {
    from.height_m.zip(to.height_m).map_or(0.0, |(from, to)| to - from)
}

/// Minutes from every village to every school, over the heights that places and roads have themselves.
pub fn minutes(
    villages: &[Spot],
    schools: &[Spot],
    roads: &Roads,
    mode: Mode,
    assumptions: Assumptions,
) -> Travel {
    minutes_over(None, (villages, schools), roads, mode, assumptions)
}

/// Minutes from every village to every school, over a grid of heights: places and roads without a height of their own have
/// the grid's, and a straight line goes up and down with the ground beneath it.
pub fn minutes_over(
    heights: Option<&Heights>,
    (villages, schools): (&[Spot], &[Spot]),
    roads: &Roads,
    mode: Mode,
    assumptions: Assumptions,
) -> Travel {
    let raised = |spots: &[Spot]| -> Vec<Spot> {
        spots
            .iter()
            .map(|s| Spot { height_m: s.height_m.or_else(|| heights.and_then(|h| h.at(*s))), ..*s })
            .collect()
    };
    let (villages, schools) = (&raised(villages)[..], &raised(schools)[..]);
    let lifted;
    let roads = if heights.is_some() && mode == Mode::Foot {
        lifted = Roads { nodes: raised(&roads.nodes), stretches: roads.stretches.clone() };
        &lifted
    } else {
        roads
    };
    let net = Net { heights, ..Net::new(roads, mode, assumptions) };
    let snap = |spots: &[Spot]| -> Vec<Option<(u32, f64)>> {
        spots.par_iter().map(|spot| net.snap(*spot)).collect()
    };
    let (snapped, ends) = (snap(villages), snap(schools));
    let core = Core::of(&net, snapped.iter().chain(&ends).flatten().map(|(node, _)| *node));
    let columns: Vec<Vec<(f32, How)>> = schools
        .par_iter()
        .zip(&ends)
        .map(|(&school, end)| {
            let reached =
                end.map(|(node, metres)| core.towards(node, net.last(node, school, metres)));
            villages
                .iter()
                .zip(&snapped)
                .map(|(&village, snap)| {
                    let straight = net.straight(village, school);
                    let along =
                        reached.as_ref().zip(*snap).and_then(|(reached, (node, metres))| {
                            let rest = reached[core.index[node as usize] as usize];
                            let access = net.access(village, node, metres);
                            rest.is_finite().then_some(rest + access)
                        });
                    match along {
                        Some(minutes) => (minutes as f32, How::Network),
                        None => (straight as f32, How::StraightLine),
                    }
                })
                .collect()
        })
        .collect();
    let (minutes, how) = columns.into_iter().flatten().unzip();
    Travel { villages: villages.len(), minutes, how }
}

/// Roads as a graph against the direction of travel, with what is near where.
struct Net<'a> {
    roads: &'a Roads,
    mode: Mode,
    assumptions: Assumptions,
    heights: Option<&'a Heights>,
    start: Vec<usize>,
    /// Node before, minutes from there.
    before: Vec<(u32, f64)>,
    cells: BTreeMap<(i32, i32), Vec<u32>>,
}

/// A straight line follows the ground by such steps, and only so far: nobody walks farther to school.
const PROFILE_STEP_M: f64 = 100.0;
const FARTHEST_PROFILE_M: f64 = 12_000.0;

/// Side of a cell of the index of nodes, in degrees: about a kilometre.
const CELL: f64 = 0.01;

impl<'a> Net<'a> {
    fn new(roads: &'a Roads, mode: Mode, assumptions: Assumptions) -> Self {
        let mut arcs: Vec<(u32, u32, f64)> = Vec::with_capacity(2 * roads.stretches.len());
        for stretch in &roads.stretches {
            let (a, b) = (roads.nodes[stretch.from as usize], roads.nodes[stretch.to as usize]);
            let metres = distance_m(a, b);
            let there = match (mode, stretch.vehicle_km_h) {
                (Mode::Foot, _) => Some((
                    tobler_minutes(metres, rise_m(a, b)),
                    tobler_minutes(metres, rise_m(b, a)),
                )),
                (Mode::Road, Some(km_h)) if km_h > 0.0 => {
                    let minutes = metres / 1000.0 / km_h * 60.0;
                    Some((minutes, minutes))
                }
                (Mode::Road, _) => None,
            };
            if let Some((there, back)) = there {
                arcs.push((stretch.to, stretch.from, there));
                arcs.push((stretch.from, stretch.to, back));
            }
        }
        arcs.sort_by(|a, b| (a.0, a.1).cmp(&(b.0, b.1)).then(a.2.total_cmp(&b.2)));
        let mut start = vec![0; roads.nodes.len() + 1];
        let mut cells: BTreeMap<(i32, i32), Vec<u32>> = BTreeMap::new();
        for arc in &arcs {
            start[arc.0 as usize + 1] += 1;
        }
        for node in 0..roads.nodes.len() {
            if start[node + 1] > 0 {
                cells.entry(cell(roads.nodes[node])).or_default().push(node as u32);
            }
            start[node + 1] += start[node];
        }
        let before = arcs.into_iter().map(|(_, from, minutes)| (from, minutes)).collect();
        Self { roads, mode, assumptions, heights: None, start, before, cells }
    }

    /// The nearest node within reach, and the metres to it.
    fn snap(&self, spot: Spot) -> Option<(u32, f64)> {
        let (column, row) = cell(spot);
        let span =
            (self.assumptions.reach_m / 111_000.0 / CELL).ceil().clamp(1.0, 100.0) as i32 + 1;
        let mut best: Option<(u32, f64)> = None;
        for ring in 0..=span {
            for x in -ring..=ring {
                for y in -ring..=ring {
                    if x.abs().max(y.abs()) != ring {
                        continue;
                    }
                    for &node in self.cells.get(&(column + x, row + y)).into_iter().flatten() {
                        let metres = distance_m(spot, self.roads.nodes[node as usize]);
                        if best.is_none_or(|(_, least)| metres < least) {
                            best = Some((node, metres));
                        }
                    }
                }
            }
            // Cells of the next ring are farther than a ring's width less one.
            let sure = f64::from(ring) * CELL * 111_000.0 * spot.latitude.to_radians().cos();
            if best.is_some_and(|(_, metres)| metres <= sure) {
                break;
            }
        }
        best.filter(|(_, metres)| *metres <= self.assumptions.reach_m)
    }

    /// Minutes from a place to its node; always on foot.
    fn access(&self, from: Spot, node: u32, metres: f64) -> f64 {
        tobler_minutes(
            metres * self.assumptions.detour,
            rise_m(from, self.roads.nodes[node as usize]),
        )
    }

    /// Minutes from a node to a school near it.
    fn last(&self, node: u32, school: Spot, metres: f64) -> f64 {
        tobler_minutes(
            metres * self.assumptions.detour,
            rise_m(self.roads.nodes[node as usize], school),
        )
    }

    /// Minutes of a walk of `metres` over the ground beneath the straight line.
    fn over_ground(&self, from: Spot, to: Spot, metres: f64) -> f64 {
        let Some(heights) = self.heights.filter(|_| metres <= FARTHEST_PROFILE_M) else {
            return tobler_minutes(metres, rise_m(from, to));
        };
        let steps = (metres / PROFILE_STEP_M).ceil().max(1.0);
        let mut minutes = 0.0;
        let mut last = from;
        #[expect(clippy::cast_sign_loss, reason = "at least one step")]
        for n in 1..=steps as u32 {
            let share = f64::from(n) / steps;
            let along = |a: f64, b: f64| a + (b - a) * share;
            let mut next = Spot {
                longitude: along(from.longitude, to.longitude),
                latitude: along(from.latitude, to.latitude),
                height_m: None,
            };
            next.height_m = if share < 1.0 { heights.at(next) } else { to.height_m };
            minutes += tobler_minutes(metres / steps, rise_m(last, next));
            last = next;
        }
        minutes
    }

    fn before(&self, node: u32) -> &[(u32, f64)] {
        &self.before[self.start[node as usize]..self.start[node as usize + 1]]
    }

    fn straight(&self, from: Spot, to: Spot) -> f64 {
        let metres = distance_m(from, to) * self.assumptions.detour;
        match self.mode {
            Mode::Foot => self.over_ground(from, to, metres),
            Mode::Road => metres / 1000.0 / self.assumptions.vehicle_km_h * 60.0,
        }
    }
}

/// The graph without the nodes that only bend a road: junctions, ends, and what places are nearest to.
struct Core {
    /// For each node of the roads its place here.
    index: Vec<u32>,
    start: Vec<usize>,
    before: Vec<(u32, f64)>,
}

impl Core {
    fn of(net: &Net, wanted: impl Iterator<Item = u32>) -> Self {
        let nodes = net.roads.nodes.len();
        let mut is_kept: Vec<bool> = (0..nodes as u32)
            .map(|node| {
                // Neighbours are sorted, so that equal ones stand together.
                let mut neighbours = net.before(node).iter().map(|b| b.0);
                let first = neighbours.next();
                let mut other = neighbours.filter(|n| Some(*n) != first);
                let second = other.next();
                first.is_some() && (second.is_none() || other.any(|n| Some(n) != second))
            })
            .collect();
        wanted.for_each(|node| is_kept[node as usize] = true);
        let mut index = vec![u32::MAX; nodes];
        let kept: Vec<u32> = (0..nodes as u32).filter(|n| is_kept[*n as usize]).collect();
        for (at, &node) in (0..).zip(&kept) {
            index[node as usize] = at;
        }
        let mut start = Vec::with_capacity(kept.len() + 1);
        let mut before = Vec::new();
        start.push(0);
        for &node in &kept {
            for &(first, minutes) in net.before(node) {
                let (mut last, mut at, mut total) = (node, first, minutes);
                while !is_kept[at as usize] {
                    // Of stretches side by side the quickest.
                    let on = net.before(at).iter().filter(|b| b.0 != last);
                    let Some(&(beyond, more)) = on.min_by(|a, b| a.1.total_cmp(&b.1)) else {
                        break;
                    };
                    (last, at, total) = (at, beyond, total + more);
                }
                if at != node && is_kept[at as usize] {
                    before.push((index[at as usize], total));
                }
            }
            start.push(before.len());
        }
        Self { index, start, before }
    }

    /// Minutes from every node of the core to a school, `last` minutes from the node `end`.
    fn towards(&self, end: u32, last: f64) -> Vec<f64> {
        let end = self.index[end as usize];
        let mut minutes = vec![f64::INFINITY; self.start.len() - 1];
        minutes[end as usize] = last;
        // Minutes are not negative, so their bits order as they do.
        let mut heap = BinaryHeap::from([Reverse((last.to_bits(), end))]);
        while let Some(Reverse((bits, at))) = heap.pop() {
            let far = f64::from_bits(bits);
            if far > minutes[at as usize] {
                continue;
            }
            let from = self.start[at as usize];
            for &(before, more) in &self.before[from..self.start[at as usize + 1]] {
                let total = far + more;
                if total < minutes[before as usize] {
                    minutes[before as usize] = total;
                    heap.push(Reverse((total.to_bits(), before)));
                }
            }
        }
        minutes
    }
}

fn cell(spot: Spot) -> (i32, i32) {
    ((spot.longitude / CELL).floor() as i32, (spot.latitude / CELL).floor() as i32)
}

#[cfg(test)]
mod tests;
