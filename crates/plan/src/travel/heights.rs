use super::Spot;

/// Heights on a grid, row by row from the north-west corner.
#[derive(Clone, Debug, PartialEq)]
pub struct Heights {
    /// Degrees east of the first column.
    pub west: f64,
    /// Degrees north of the first row.
    pub north: f64,
    /// Degrees between columns and between rows.
    pub step: f64,
    /// Columns in a row.
    pub columns: usize,
    /// Metres above the sea.
    pub metres: Vec<f32>,
}

impl Heights {
    /// The height of a place, between the four points around it; `None` outside the grid.
    pub fn at(&self, spot: Spot) -> Option<f64> {
        let column = (spot.longitude - self.west) / self.step;
        let row = (self.north - spot.latitude) / self.step;
        let rows = self.metres.len() / self.columns.max(1);
        let inside = |x: f64, n: usize| x >= 0.0 && x <= n as f64 - 1.0;
        if !inside(column, self.columns) || !inside(row, rows) {
            return None;
        }
        let point = |row: f64, column: f64| {
            let at = row as i64 * i64::try_from(self.columns).ok()? + column as i64;
            self.metres.get(usize::try_from(at).ok()?).map(|m| f64::from(*m))
        };
        let (x, y) = (column.fract(), row.fract());
        let (left, right) = (column.floor(), column.ceil());
        let (top, low) = (row.floor(), row.ceil());
        let upper = point(top, left)? * (1.0 - x) + point(top, right)? * x;
        let lower = point(low, left)? * (1.0 - x) + point(low, right)? * x;
        Some(upper * (1.0 - y) + lower * y)
    }
}
