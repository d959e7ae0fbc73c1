use std::collections::BTreeMap;

use serde_json::Value;

use super::{Roads, Spot, Stretch};

/// Why roads cannot be read.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum RoadError {
    /// It is no JSON.
    #[error("{file} 第 {line} 行不是 JSON；从地图软件重新导出 GeoJSON")]
    Json {
        /// The file.
        file: String,
        /// The line.
        line: usize,
    },
    /// It is JSON but no collection of features.
    #[error("{file}：没有 features；导出成 GeoJSON 的 FeatureCollection")]
    NoFeatures {
        /// The file.
        file: String,
    },
    /// It is no `.osm.pbf`, or it is cut short.
    #[error("{file} 读不出（{reason}）；重新下载 .osm.pbf，核对大小")]
    Pbf {
        /// The file.
        file: String,
        /// What the reader says.
        reason: String,
    },
    /// A coordinate is no pair of degrees.
    #[error("{file} 第 {} 条线：坐标不是经纬度；用 WGS 84（EPSG:4326）重新导出", feature + 1)]
    Coordinate {
        /// The file.
        file: String,
        /// The feature, from 0.
        feature: usize,
    },
}

/// Roads and paths from `GeoJSON`: `LineString` and `MultiLineString` with `highway` as `OpenStreetMap` has it. Lines meet where
/// they share a point, to the seventh decimal of a degree. `speed` gives the kilometres an hour of a kind of road, `None` for
/// paths.
///
/// # Errors
/// [`RoadError`].
pub fn roads_from_geojson(
    file: &str,
    text: &str,
    speed: &dyn Fn(&str) -> Option<f64>,
) -> Result<Roads, RoadError> {
    let value: Value = serde_json::from_str(text)
        .map_err(|e| RoadError::Json { file: file.to_owned(), line: e.line() })?;
    let features = value["features"]
        .as_array()
        .ok_or_else(|| RoadError::NoFeatures { file: file.to_owned() })?;
    let mut roads = Roads::default();
    let mut known = BTreeMap::new();
    for (number, feature) in features.iter().enumerate() {
        let vehicle_km_h = speed(feature["properties"]["highway"].as_str().unwrap_or_default());
        let geometry = &feature["geometry"];
        let single = std::slice::from_ref(&geometry["coordinates"]);
        let lines: &[Value] = match geometry["type"].as_str() {
            Some("LineString") => single,
            Some("MultiLineString") => {
                geometry["coordinates"].as_array().map_or(&[], Vec::as_slice)
            }
            _ => continue,
        };
        for line in lines {
            let mut last = None;
            for point in line.as_array().map_or(&[][..], Vec::as_slice) {
                let spot = spot(point).ok_or_else(|| RoadError::Coordinate {
                    file: file.to_owned(),
                    feature: number,
                })?;
                let key =
                    ((spot.longitude * 1e7).round() as i64, (spot.latitude * 1e7).round() as i64);
                let node = *known.entry(key).or_insert_with(|| {
                    roads.nodes.push(spot);
                    roads.nodes.len() as u32 - 1
                });
                if let Some(from) = last
                    && from != node
                {
                    roads.stretches.push(Stretch { from, to: node, vehicle_km_h });
                }
                last = Some(node);
            }
        }
    }
    Ok(roads)
}

fn spot(point: &Value) -> Option<Spot> {
    let (longitude, latitude) = (point[0].as_f64()?, point[1].as_f64()?);
    let fits = longitude.abs() <= 180.0 && latitude.abs() <= 90.0;
    fits.then_some(Spot { longitude, latitude, height_m: point[2].as_f64() })
}
