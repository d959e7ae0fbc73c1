//! Minutes between places of the county, for questions that are no plans.

use fujiao_model::Division;
use fujiao_policy::PolicySet;
use fujiao_store::Tx;

use super::files::ground;
use super::inputs::{Ground, Inputs, spot};
use super::sites::whole;
use crate::OfficeError;

/// The county's map: places, roads, heights.
pub(crate) struct Ways {
    inputs: Inputs,
    ground: Ground,
}

impl Ways {
    /// Reads it.
    pub(crate) fn read(tx: &mut Tx, county: u32) -> Result<Self, OfficeError> {
        Ok(Self { inputs: Inputs::read(tx, county)?, ground: ground(tx, county)? })
    }

    /// Of what it is made.
    pub(crate) fn digest(&self) -> &str {
        &self.ground.digest
    }

    /// The place of a name as people write it.
    pub(crate) fn place_named(&self, name: &str) -> Option<Division> {
        self.inputs.place_named(name)
    }

    /// The town where the county's offices sit: 城关, else the first.
    pub(crate) fn seat(&self) -> Option<Division> {
        let towns = || self.inputs.places.iter().filter(|(d, _)| **d == d.town());
        let named = towns().find(|(_, p)| p.name.contains("城关") || p.name.contains("城区"));
        named.or_else(|| towns().next()).map(|(d, _)| *d)
    }

    /// Minutes by whichever is faster, from each place to each other; `None`: one of them is on no map.
    pub(crate) fn minutes(
        &self,
        policies: &PolicySet,
        from: &[Option<Division>],
        to: &[Option<Division>],
    ) -> Result<Vec<Vec<Option<u32>>>, OfficeError> {
        let spots = |of: &[Option<Division>]| {
            let points: Vec<_> = of.iter().map(|d| d.and_then(|d| self.inputs.point(d))).collect();
            let known: Vec<usize> = (0..points.len()).filter(|at| points[*at].is_some()).collect();
            let spots: Vec<_> = points.iter().flatten().map(|p| spot(*p)).collect();
            (known, spots)
        };
        let ((rows, starts), (columns, ends)) = (spots(from), spots(to));
        let mut out = vec![vec![None; to.len()]; from.len()];
        if starts.is_empty() || ends.is_empty() {
            return Ok(out);
        }
        let (foot, road) = self.inputs.travel(policies, &self.ground, (&starts, &ends))?;
        for (i, row) in rows.iter().enumerate() {
            for (j, column) in columns.iter().enumerate() {
                let minutes = foot.minutes(i, j).min(road.minutes(i, j));
                if minutes.is_finite() {
                    out[*row][*column] = Some(whole(minutes.ceil()));
                }
            }
        }
        Ok(out)
    }
}
