use super::*;

const ASSUMED: Assumptions = Assumptions { detour: 1.3, reach_m: 2000.0, vehicle_km_h: 20.0 };

fn spot(longitude: f64, latitude: f64, height_m: f64) -> Spot {
    Spot { longitude, latitude, height_m: Some(height_m) }
}

#[test]
fn walking_follows_tobler() {
    // On the level 6 e^(−0.175) = 5.04 km/h; fastest a little downhill; uphill slower than down.
    assert!((tobler_minutes(1000.0, 0.0) - 11.913).abs() < 0.001);
    assert!((tobler_minutes(1000.0, -50.0) - 10.0).abs() < 1e-9);
    assert!(tobler_minutes(1000.0, 200.0) > tobler_minutes(1000.0, -200.0));
}

#[test]
fn a_degree_of_latitude_is_111_kilometres() {
    assert!((distance_m(spot(108.0, 33.0, 0.0), spot(108.0, 34.0, 0.0)) - 111_195.0).abs() < 10.0);
}

/// A road round a ridge: two legs of about a kilometre each.
fn corner() -> Roads {
    let text = r#"{"type": "FeatureCollection", "features": [
        {"properties": {"highway": "track"}, "geometry": {"type": "LineString",
         "coordinates": [[108.0, 33.0, 500], [108.01, 33.0, 500], [108.01, 33.01, 600]]}},
        {"properties": {}, "geometry": {"type": "Point", "coordinates": [1, 2]}}]}"#;
    let speed = |kind: &str| (kind == "track").then_some(15.0);
    roads_from_geojson("roads.geojson", text, &speed).unwrap()
}

#[test]
fn paths_follow_the_road_and_uphill_takes_longer() {
    let roads = corner();
    let (low, high) = (spot(108.0, 33.0, 500.0), spot(108.01, 33.01, 600.0));
    let up = minutes(&[low], &[high], &roads, Mode::Foot, ASSUMED);
    let down = minutes(&[high], &[low], &roads, Mode::Foot, ASSUMED);
    assert_eq!(up.how(0, 0), How::Network);
    let legs = (distance_m(low, roads.nodes[1]), distance_m(roads.nodes[1], high));
    let wanted = tobler_minutes(legs.0, 0.0) + tobler_minutes(legs.1, 100.0);
    assert!((up.minutes(0, 0) - wanted).abs() < 1e-3);
    assert!(up.minutes(0, 0) > down.minutes(0, 0));
    let road = minutes(&[low], &[high], &roads, Mode::Road, ASSUMED);
    assert!((road.minutes(0, 0) - (legs.0 + legs.1) / 1000.0 / 15.0 * 60.0).abs() < 1e-3);
}

#[test]
fn where_there_is_no_road_the_straight_line_says_so() {
    let far = spot(108.5, 33.5, 800.0);
    let travel = minutes(&[far], &[spot(108.0, 33.0, 500.0)], &corner(), Mode::Foot, ASSUMED);
    assert_eq!(travel.how(0, 0), How::StraightLine);
    assert!((travel.guessed() - 1.0).abs() < 1e-12);
    let nothing = minutes(&[far], &[far], &Roads::default(), Mode::Road, ASSUMED);
    assert!(nothing.minutes(0, 0) < 1e-6 && nothing.how(0, 0) == How::StraightLine);
}

#[test]
fn heights_lie_between_the_points_around() {
    let grid = Heights {
        west: 108.0,
        north: 33.0,
        step: 0.5,
        columns: 2,
        metres: vec![0.0, 100.0, 200.0, 300.0],
    };
    assert_eq!(grid.at(spot(108.25, 32.75, 0.0)), Some(150.0));
    assert_eq!(grid.at(spot(108.0, 33.0, 0.0)), Some(0.0));
    assert_eq!(grid.at(spot(109.0, 33.0, 0.0)), None);
}

#[test]
fn what_is_no_map_is_named() {
    let read = |text: &str| roads_from_geojson("r", text, &|_| None).unwrap_err().to_string();
    assert_eq!(read("{"), "r 第 1 行不是 JSON；从地图软件重新导出 GeoJSON");
    assert_eq!(read("{}"), "r：没有 features；导出成 GeoJSON 的 FeatureCollection");
    let far = r#"{"features": [{"geometry": {"type": "LineString", "coordinates": [[500, 3]]}}]}"#;
    assert_eq!(read(far), "r 第 1 条线：坐标不是经纬度；用 WGS 84（EPSG:4326）重新导出");
}
