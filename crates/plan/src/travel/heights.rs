#![expect(clippy::cast_sign_loss, reason = "counts of cells are looked at before they are cast")]

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
        // The edges belong to the grid, whatever the last digits of degrees make of them.
        let inside = |x: f64, n: usize| {
            let last = n as f64 - 1.0;
            (x >= -1e-6 && x <= last + 1e-6).then(|| x.clamp(0.0, last.max(0.0)))
        };
        let (column, row) = (inside(column, self.columns)?, inside(row, rows)?);
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

/// Why heights cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum HeightError {
    /// The header of a grid lacks something.
    #[error("{file}：没有“{word}”；导出成 ESRI ASCII 网格（.asc），坐标用经纬度")]
    Header {
        /// The file.
        file: String,
        /// What is missing.
        word: &'static str,
    },
    /// A cell is no number.
    #[error("{file} 第 {line} 行：“{cell}”不是数；重新导出 .asc")]
    Cell {
        /// The file.
        file: String,
        /// The line, from 1.
        line: usize,
        /// The cell.
        cell: String,
    },
    /// The number of cells is not that of the header.
    #[error("{file}：应有 {wanted} 个高程，只有 {found} 个；文件没有传完，重新导出")]
    Short {
        /// The file.
        file: String,
        /// Cells that the header promises.
        wanted: usize,
        /// Cells that there are.
        found: usize,
    },
    /// A tile's name does not say where it lies, or its size is none of the two that there are.
    #[error("{file}：不是 SRTM 高程块；名字应像 N32E109.hgt，大小 25934402 或 2884802 字节")]
    Tile {
        /// The file.
        file: String,
    },
    /// Too few points.
    #[error("{file}：只有 {found} 个高程点，至少 3 个")]
    Points {
        /// The file.
        file: String,
        /// Points that there are.
        found: usize,
    },
}

/// Cells of a grid at most: a county at thirty metres has a few millions.
const MOST_CELLS: usize = 60_000_000;

/// Heights from an ESRI ASCII grid (`ncols`, `nrows`, `xllcorner` or `xllcenter`, `yllcorner` or `yllcenter`, `cellsize`,
/// perhaps `nodata_value`) in degrees. Where the grid says that it knows nothing, the nearest cell before stands in.
///
/// # Errors
/// [`HeightError`].
pub fn heights_from_grid(file: &str, text: &str) -> Result<Heights, HeightError> {
    let mut header = std::collections::BTreeMap::new();
    let mut metres: Vec<f32> = Vec::new();
    for (line, row) in (1..).zip(text.lines()) {
        let mut words = row.split_whitespace().peekable();
        let Some(first) = words.peek() else { continue };
        let is_header = metres.is_empty() && first.starts_with(|c: char| c.is_ascii_alphabetic());
        let cell =
            |cell: &str| HeightError::Cell { file: file.to_owned(), line, cell: cell.to_owned() };
        if is_header {
            let key = first.to_ascii_lowercase();
            let value = words.nth(1).unwrap_or_default();
            header.insert(key, value.parse::<f64>().map_err(|_| cell(value))?);
        } else {
            for word in words {
                metres.push(word.parse().map_err(|_| cell(word))?);
            }
        }
    }
    let of = |word: &'static str| {
        header.get(word).copied().ok_or(HeightError::Header { file: file.to_owned(), word })
    };
    let (columns, rows, step) = (of("ncols")?, of("nrows")?, of("cellsize")?);
    let fits = |n: f64| n >= 1.0 && n <= MOST_CELLS as f64;
    if !(fits(columns) && fits(rows) && columns * rows <= MOST_CELLS as f64 && step > 0.0) {
        return Err(HeightError::Header { file: file.to_owned(), word: "cellsize" });
    }
    // A corner is half a cell from the first centre.
    let centre = |corner: &'static str, centre: &'static str| {
        header.get(centre).copied().map_or_else(|| of(corner).map(|c| c + step / 2.0), Ok)
    };
    let west = centre("xllcorner", "xllcenter")?;
    let south = centre("yllcorner", "yllcenter")?;
    let wanted = (columns * rows) as usize;
    if metres.len() < wanted {
        let found = metres.len();
        return Err(HeightError::Short { file: file.to_owned(), wanted, found });
    }
    metres.truncate(wanted);
    let nothing = header.get("nodata_value").map_or(-9999.0, |n| *n as f32);
    fill(&mut metres, |m| (m - nothing).abs() < 0.5);
    Ok(Heights {
        west,
        north: south + (rows - 1.0) * step,
        step,
        columns: columns as usize,
        metres,
    })
}

/// Puts the cell before, or the first known one, where nothing is known.
fn fill(metres: &mut [f32], is_nothing: impl Fn(f32) -> bool) {
    let mut last = metres.iter().copied().find(|m| !is_nothing(*m)).unwrap_or(0.0);
    for metre in metres {
        if is_nothing(*metre) {
            *metre = last;
        } else {
            last = *metre;
        }
    }
}

/// Heights from an SRTM tile of one degree by its name (`N32E109.hgt`), of one or three seconds of arc.
///
/// # Errors
/// [`HeightError::Tile`].
pub fn heights_from_tile(file: &str, bytes: &[u8]) -> Result<Heights, HeightError> {
    let fault = || HeightError::Tile { file: file.to_owned() };
    let name = file.rsplit(['/', '\\']).next().unwrap_or(file).to_ascii_uppercase();
    let degrees = |sign: &str, digits: Option<&str>| -> Option<f64> {
        let value: f64 = digits?.parse().ok()?;
        Some(if matches!(sign, "S" | "W") { -value } else { value })
    };
    let south = degrees(name.get(..1).unwrap_or(""), name.get(1..3)).ok_or_else(fault)?;
    let west = degrees(name.get(3..4).unwrap_or(""), name.get(4..7)).ok_or_else(fault)?;
    let columns = match bytes.len() {
        25_934_402 => 3_601,
        2_884_802 => 1_201,
        _ => return Err(fault()),
    };
    let mut metres: Vec<f32> =
        bytes.chunks_exact(2).map(|two| f32::from(i16::from_be_bytes([two[0], two[1]]))).collect();
    fill(&mut metres, |m| m <= -32_000.0);
    let step = 1.0 / (columns as f64 - 1.0);
    Ok(Heights { west, north: south + 1.0, step, columns, metres })
}

/// Degrees between the columns of a grid that is made from points: about two hundred metres.
const POINT_STEP: f64 = 0.002;

/// Heights from points (longitude, latitude, metres): a grid over them, each cell by the nearest four, the nearer the more.
///
/// # Errors
/// [`HeightError::Points`].
pub fn heights_from_points(file: &str, points: &[(f64, f64, f64)]) -> Result<Heights, HeightError> {
    if points.len() < 3 {
        return Err(HeightError::Points { file: file.to_owned(), found: points.len() });
    }
    let least =
        |of: fn(&(f64, f64, f64)) -> f64| points.iter().map(of).fold(f64::INFINITY, f64::min);
    let most =
        |of: fn(&(f64, f64, f64)) -> f64| points.iter().map(of).fold(f64::NEG_INFINITY, f64::max);
    let (west, east, south, north) = (least(|p| p.0), most(|p| p.0), least(|p| p.1), most(|p| p.1));
    // A grid of a thousand by a thousand at most.
    let step = POINT_STEP.max((east - west).max(north - south) / 1_000.0);
    let count = |wide: f64| (wide / step).ceil() as usize + 1;
    let (columns, rows) = (count(east - west), count(north - south));
    let mut cells: std::collections::BTreeMap<(i64, i64), Vec<usize>> =
        std::collections::BTreeMap::new();
    let side = ((east - west).max(north - south) / (points.len() as f64).sqrt()).max(step);
    let cell = |x: f64, y: f64| (((x - west) / side) as i64, ((north - y) / side) as i64);
    for (at, p) in points.iter().enumerate() {
        cells.entry(cell(p.0, p.1)).or_default().push(at);
    }
    let reach = (columns.max(rows) as f64 * step / side) as i64 + 2;
    let mut metres = Vec::with_capacity(columns * rows);
    for row in 0..rows {
        for column in 0..columns {
            let (x, y) = (west + column as f64 * step, north - row as f64 * step);
            let (cx, cy) = cell(x, y);
            let mut near: Vec<(f64, usize)> = Vec::new();
            let mut ring = 0_i64;
            while near.len() < 4.min(points.len()) || ring < 2 {
                for dx in -ring..=ring {
                    for dy in -ring..=ring {
                        if i64::max(dx.abs(), dy.abs()) == ring {
                            for &at in cells.get(&(cx + dx, cy + dy)).into_iter().flatten() {
                                let d = (points[at].0 - x).powi(2) + (points[at].1 - y).powi(2);
                                near.push((d, at));
                            }
                        }
                    }
                }
                ring += 1;
                if ring > reach {
                    break;
                }
            }
            near.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
            near.truncate(4);
            let weight = |d: f64| 1.0 / d.max(1e-12);
            let all: f64 = near.iter().map(|n| weight(n.0)).sum();
            let sum: f64 = near.iter().map(|n| weight(n.0) * points[n.1].2).sum();
            metres.push((sum / all) as f32);
        }
    }
    Ok(Heights { west, north, step, columns, metres })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spot(longitude: f64, latitude: f64) -> Spot {
        Spot { longitude, latitude, height_m: None }
    }

    #[test]
    fn a_grid_says_where_its_cells_lie() {
        let text = "ncols 3\nnrows 2\nxllcenter 109.0\nyllcenter 32.0\ncellsize 0.1\nNODATA_value -9999\n\
                    100 200 300\n400 -9999 600\n";
        let grid = heights_from_grid("甲.asc", text).unwrap();
        assert_eq!(grid.at(spot(109.0, 32.1)), Some(100.0));
        assert!((grid.at(spot(109.2, 32.0)).unwrap() - 600.0).abs() < 1e-3);
        assert!(
            (grid.at(spot(109.1, 32.0)).unwrap() - 400.0).abs() < 1e-3,
            "nothing known: the cell before"
        );
        let corner = text.replace("center", "corner");
        assert!((heights_from_grid("甲.asc", &corner).unwrap().west - 109.05).abs() < 1e-9);
        let short = heights_from_grid("甲.asc", &text.replace("400 -9999 600\n", "")).unwrap_err();
        assert_eq!(short.to_string(), "甲.asc：应有 6 个高程，只有 3 个；文件没有传完，重新导出");
        let odd = heights_from_grid("甲.asc", &text.replace("200", "高")).unwrap_err();
        assert_eq!(odd.to_string(), "甲.asc 第 7 行：“高”不是数；重新导出 .asc");
        assert!(heights_from_tile("N32E109.hgt", b"short").is_err());
    }

    #[test]
    fn points_make_a_surface_through_them() {
        let mut points = Vec::new();
        for x in 0..20 {
            for y in 0..20 {
                points.push((
                    109.0 + f64::from(x) * 0.01,
                    32.0 + f64::from(y) * 0.01,
                    f64::from(x) * 10.0,
                ));
            }
        }
        let grid = heights_from_points("点.csv", &points).unwrap();
        let between = grid.at(spot(109.055, 32.055)).unwrap();
        assert!((between - 55.0).abs() < 6.0, "{between}");
        assert!((grid.at(spot(109.1, 32.1)).unwrap() - 100.0).abs() < 1.5);
        assert!(heights_from_points("点.csv", &points[..2]).is_err());
    }
}
