//! Roads, heights, bus lines and tables that somebody brings for plans.

use fujiao_plan::travel::{
    Heights, Roads, heights_from_grid, heights_from_points, heights_from_tile, roads_from_geojson,
    roads_from_pbf,
};
use fujiao_store::{NewPlanFile, PlanFile, Tx};
use sha2::{Digest, Sha256};

use super::inputs::{Ground, Line};
use super::tables::{self, Column, Faults, Form};
use super::{PlanError, note};
use crate::access::{Actor, Right};
use crate::uploads::Brought;
use crate::{Office, OfficeError};

/// Bytes of a file of roads or heights.
pub const GROUND_BYTES: usize = 64 << 20;

/// What lies on the ground, as a word of forms and of the books.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GroundKind {
    /// 路网.
    Roads,
    /// 高程.
    Heights,
    /// 客运班线.
    Lines,
}

impl GroundKind {
    /// The word.
    pub fn code(self) -> &'static str {
        match self {
            Self::Roads => "roads",
            Self::Heights => "heights",
            Self::Lines => "lines",
        }
    }

    /// Reads the word.
    pub fn parse(code: &str) -> Option<Self> {
        [Self::Roads, Self::Heights, Self::Lines].into_iter().find(|k| k.code() == code)
    }
}

/// Roads from a file, by its name: `.osm.pbf`, or `GeoJSON`.
///
/// # Errors
/// [`PlanError::Ground`].
pub fn roads_of(name: &str, bytes: &[u8]) -> Result<Roads, PlanError> {
    let speed = |kind: &str| match kind {
        "motorway" | "trunk" => Some(60.0),
        "primary" | "secondary" => Some(40.0),
        "tertiary" | "unclassified" | "residential" | "living_street" | "road" => Some(25.0),
        "service" | "track" => Some(15.0),
        _ if kind.ends_with("_link") => Some(30.0),
        _ => None,
    };
    let roads = if name.to_ascii_lowercase().ends_with(".pbf") {
        roads_from_pbf(name, bytes, &speed)
    } else {
        let text = std::str::from_utf8(bytes).map_err(|_| {
            PlanError::Ground(format!("{name} 不是文本；给 .osm.pbf 或 UTF-8 的 GeoJSON"))
        })?;
        roads_from_geojson(name, text.trim_start_matches('\u{feff}'), &speed)
    };
    let roads = roads.map_err(|e| PlanError::Ground(e.to_string()))?;
    if roads.stretches.is_empty() {
        let why = format!("{name} 里没有路；线要有 highway 属性，类型是 LineString");
        return Err(PlanError::Ground(why));
    }
    Ok(roads)
}

const POINTS: [Form; 1] = [Form {
    name: "高程点表",
    columns: &[
        Column { name: "经度", also: &["lon", "longitude", "x"], needed: true },
        Column { name: "纬度", also: &["lat", "latitude", "y"], needed: true },
        Column { name: "海拔", also: &["高程", "height", "elevation", "z"], needed: true },
    ],
}];

/// Heights from a file, by its name: `.asc` (ESRI grid), `.hgt` (SRTM), or a table of points.
///
/// # Errors
/// [`PlanError::Ground`], [`PlanError::Table`].
pub fn heights_of(name: &str, bytes: &[u8]) -> Result<Heights, PlanError> {
    let kind = name.rsplit_once('.').map_or("", |(_, kind)| kind).to_ascii_lowercase();
    let heights = if kind == "hgt" {
        heights_from_tile(name, bytes)
    } else if kind == "asc" {
        let text = std::str::from_utf8(bytes)
            .map_err(|_| PlanError::Ground(format!("{name} 不是文本；导出成 ESRI ASCII 网格")))?;
        heights_from_grid(name, text)
    } else {
        let rows = tables::read(name, bytes, &POINTS)?.pop().unwrap_or_default();
        let mut faults = Faults::default();
        let mut points = Vec::with_capacity(rows.len());
        for row in &rows {
            let mut of = |column| row.number_in(column, &mut faults);
            if let (Some(x), Some(y), Some(z)) = (of("经度"), of("纬度"), of("海拔")) {
                if x.abs() <= 180.0 && y.abs() <= 90.0 {
                    points.push((x, y, z));
                } else {
                    faults.add(row, "经度", "不是经纬度；用 WGS 84 的度数");
                }
            }
        }
        faults.end()?;
        heights_from_points(name, &points)
    };
    heights.map_err(|e| PlanError::Ground(e.to_string()))
}

const STOPS: [Form; 1] = [Form {
    name: "客运班线表",
    columns: &[
        Column { name: "线路", also: &["班线", "线路名称", "line"], needed: true },
        Column { name: "经度", also: &["lon", "longitude", "x"], needed: true },
        Column { name: "纬度", also: &["lat", "latitude", "y"], needed: true },
        Column { name: "分钟", also: &["从起点几分钟", "minutes"], needed: true },
        Column { name: "候车分钟", also: &["等车", "wait"], needed: false },
    ],
}];

/// Lines of public buses from a table: a row a stop, in the order of the line, with minutes from its first stop.
///
/// # Errors
/// [`PlanError::Table`] with rows and columns.
pub(super) fn lines_of(name: &str, bytes: &[u8]) -> Result<Vec<Line>, PlanError> {
    let rows = tables::read(name, bytes, &STOPS)?.pop().unwrap_or_default();
    let mut faults = Faults::default();
    let mut lines: Vec<(String, Line)> = Vec::new();
    for row in &rows {
        let line = row.must("线路", &mut faults).to_owned();
        let mut of = |column| row.number_in(column, &mut faults);
        let (x, y, minutes) = (of("经度"), of("纬度"), of("分钟"));
        let wait = if row.text("候车分钟").is_empty() { None } else { of("候车分钟") };
        let (Some(x), Some(y), Some(minutes)) = (x, y, minutes) else { continue };
        if x.abs() > 180.0 || y.abs() > 90.0 {
            faults.add(row, "经度", "不是经纬度；用 WGS 84 的度数");
        }
        if !(0.0..=600.0).contains(&minutes) || wait.is_some_and(|w| !(0.0..=600.0).contains(&w)) {
            faults.add(row, "分钟", "在 0 到 600 之间，从起点站数起");
        }
        if lines.last().is_none_or(|(last, _)| *last != line) {
            if lines.iter().any(|(known, _)| *known == line) {
                faults.add(row, "线路", format!("“{line}”分在两处；一条线的站连着写"));
            }
            lines.push((line, Line::default()));
        }
        let (_, of) = lines.last_mut().expect("one was put there");
        if of.stops.last().is_some_and(|(_, before)| *before > minutes) {
            faults.add(row, "分钟", "比上一站还早；按开行的顺序写");
        }
        of.wait = of.wait.or(wait);
        of.stops.push(((x, y), minutes));
    }
    for (line, of) in &lines {
        if of.stops.len() < 2 {
            faults.say(format!("“{line}”只有一个站；至少写两个"));
        }
    }
    faults.end()?;
    Ok(lines.into_iter().map(|(_, line)| line).collect())
}

impl Office {
    /// Keeps the county's roads, heights or bus lines in place of those that stood.
    ///
    /// # Errors
    /// Not theirs to do; what is wrong with the file.
    pub fn bring_ground(
        &self,
        actor: &Actor,
        kind: GroundKind,
        file: &Brought,
    ) -> Result<u64, OfficeError> {
        actor.must(Right::PlanMake)?;
        if file.bytes.len() > GROUND_BYTES {
            let most = GROUND_BYTES >> 20;
            let why = format!("{} 超过 {most} MB；裁到本县再传", file.name);
            return Err(PlanError::Ground(why).into());
        }
        let holds = match kind {
            GroundKind::Roads => {
                let roads = roads_of(&file.name, &file.bytes)?;
                let ridden = roads.stretches.iter().filter(|s| s.vehicle_km_h.is_some()).count();
                format!("{} 段路和小路，{ridden} 段能走车", roads.stretches.len())
            }
            GroundKind::Heights => {
                let heights = heights_of(&file.name, &file.bytes)?;
                let rows = heights.metres.len() / heights.columns.max(1);
                format!("{} 列 {rows} 行的高程网格", heights.columns)
            }
            GroundKind::Lines => {
                let lines = lines_of(&file.name, &file.bytes)?;
                let stops: usize = lines.iter().map(|l| l.stops.len()).sum();
                format!("{} 条班线，{stops} 个站", lines.len())
            }
        };
        self.keep_file(actor, kind.code(), file, &holds, true)
    }

    /// Takes the county's roads, heights or bus lines away: plans go by straight lines, or over level ground, again.
    ///
    /// # Errors
    /// Not theirs to do; what the store says.
    pub fn drop_ground(&self, actor: &Actor, kind: GroundKind) -> Result<(), OfficeError> {
        actor.must(Right::PlanMake)?;
        let county = self.county_code()?;
        self.store.write(|tx| {
            if tx.end_plan_files(county, kind.code(), actor.at)? {
                note(tx, county, actor, "drop ground", 0, kind.code())?;
            }
            Ok(())
        })
    }

    /// Roads and heights that plans go by, newest first.
    ///
    /// # Errors
    /// Not theirs to see; what the store says.
    pub fn ground(&self, actor: &Actor) -> Result<Vec<PlanFile>, OfficeError> {
        actor.must(Right::Plan)?;
        let county = self.county_code()?;
        self.store.read(|tx| {
            let mut files = tx.plan_files(county, None)?;
            files.retain(|f| GroundKind::parse(&f.kind).is_some());
            Ok(files)
        })
    }

    pub(super) fn keep_file(
        &self,
        actor: &Actor,
        kind: &str,
        file: &Brought,
        holds: &str,
        instead: bool,
    ) -> Result<u64, OfficeError> {
        let county = self.county_code()?;
        // A name that is one part of a path and shows as it is.
        let name: String =
            file.name.chars().filter(|c| !c.is_control() && !matches!(c, '/' | '\\')).collect();
        self.store.write(|tx| {
            let new = NewPlanFile {
                kind,
                name: &name,
                sha256: Sha256::digest(&file.bytes).into(),
                bytes: &file.bytes,
                holds,
                author: &actor.login,
                author_name: &actor.name,
                at: actor.at,
            };
            let id = tx.add_plan_file(county, &new, instead)?;
            note(tx, county, actor, "bring plan file", id, &format!("{kind} {holds}"))?;
            Ok(id)
        })
    }
}

/// The roads and heights that stand.
pub(super) fn ground(tx: &mut Tx, county: u32) -> Result<Ground, OfficeError> {
    let mut newest = |kind: GroundKind| -> Result<_, OfficeError> {
        let Some(file) = tx.plan_files(county, Some(kind.code()))?.into_iter().next() else {
            return Ok(None);
        };
        Ok(tx.plan_file(county, file.id)?)
    };
    let roads = newest(GroundKind::Roads)?;
    let heights = newest(GroundKind::Heights)?;
    let lines = newest(GroundKind::Lines)?;
    let of = |file: &Option<(PlanFile, Vec<u8>)>| {
        file.as_ref().map_or(String::new(), |(file, _)| format!("{:02x?}", file.sha256))
    };
    Ok(Ground {
        // Without lines as before there were any, so that what was kept stays comparable.
        digest: match of(&lines) {
            none if none.is_empty() => format!("{} {}", of(&roads), of(&heights)),
            lines => format!("{} {} {lines}", of(&roads), of(&heights)),
        },
        roads: match roads {
            Some((file, bytes)) => roads_of(&file.name, &bytes)?,
            None => Roads::default(),
        },
        heights: match heights {
            Some((file, bytes)) => Some(heights_of(&file.name, &bytes)?),
            None => None,
        },
        lines: match lines {
            Some((file, bytes)) => lines_of(&file.name, &bytes)?,
            None => Vec::new(),
        },
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_read_stop_by_stop_and_faults_name_the_row() {
        let good = "线路,经度,纬度,分钟,候车分钟\n一路,108.1,33.0,0,5\n一路,108.2,33.0,12,\n二路,108.1,33.1,0,\n二路,108.1,33.2,9,\n";
        let lines = lines_of("班线.csv", good.as_bytes()).unwrap();
        assert_eq!(lines.len(), 2);
        assert_eq!((lines[0].wait, lines[1].wait), (Some(5.0), None));
        assert_eq!(lines[1].stops, [((108.1, 33.1), 0.0), ((108.1, 33.2), 9.0)]);
        let bad = "线路,经度,纬度,分钟\n一路,108.1,33.0,20\n一路,208.2,33.0,12\n二路,108.1,33.1,0\n一路,108.1,33.2,9\n";
        let PlanError::Table(faults) = lines_of("班线.csv", bad.as_bytes()).unwrap_err() else {
            panic!("a table that is wrong is told as such");
        };
        assert_eq!(
            faults,
            [
                "客运班线表第 3 行“经度”：不是经纬度；用 WGS 84 的度数",
                "客运班线表第 3 行“分钟”：比上一站还早；按开行的顺序写",
                "客运班线表第 5 行“线路”：“一路”分在两处；一条线的站连着写",
                "“二路”只有一个站；至少写两个",
                "“一路”只有一个站；至少写两个",
            ]
        );
    }
}
