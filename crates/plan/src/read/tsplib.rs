use rayon::prelude::*;

use super::{MOST_POINTS, Medians, ReadError, Words};
use crate::pmedian::Costs;

/// What becomes of a distance between points on a plane.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rounding {
    /// It stays as it is.
    Exact,
    /// The next whole number below, as papers on the p-median do with `rl1304`.
    Floor,
    /// The nearest whole number, as TSPLIB says of `EUC_2D`.
    Nearest,
}

impl Rounding {
    pub(crate) fn apply(self, distance: f64) -> f64 {
        match self {
            Self::Exact => distance,
            Self::Floor => distance.floor(),
            Self::Nearest => (distance + 0.5).floor(),
        }
    }
}

/// TSPLIB points with coordinates (`NODE_COORD_SECTION`), each a client and a site.
///
/// # Errors
/// [`ReadError`] with the line.
pub fn tsplib(file: &str, text: &str, rounding: Rounding) -> Result<Medians, ReadError> {
    let mut words = Words::new(file, text);
    while words.word("NODE_COORD_SECTION")? != "NODE_COORD_SECTION" {}
    let mut points = Vec::new();
    while words.peek().is_some_and(|word| word != "EOF") {
        words.number::<u64>("点号")?;
        points.push((words.coordinate("横坐标")?, words.coordinate("纵坐标")?));
        if points.len() > MOST_POINTS {
            return Err(words.wrong(format!("点数多于 {MOST_POINTS}；减少点数")));
        }
    }
    if points.is_empty() {
        return Err(words.wrong("NODE_COORD_SECTION 之下没有点；核对文件是否完整"));
    }
    Ok(Medians { costs: distances(&points, rounding), p: None })
}

/// Distances between all points.
pub(crate) fn distances(points: &[(f64, f64)], rounding: Rounding) -> Costs {
    let by_site: Vec<f64> = points
        .par_iter()
        .flat_map_iter(|a| points.iter().map(move |b| rounding.apply((a.0 - b.0).hypot(a.1 - b.1))))
        .collect();
    Costs::new(points.len(), by_site).expect("coordinates are bounded")
}
