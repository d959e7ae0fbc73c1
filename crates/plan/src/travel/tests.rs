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
fn bends_of_a_road_change_nothing() {
    // A ring with a bend on each side, a spur, two stretches side by side; every node a village once.
    let at = |x: i32, y: i32| {
        spot(
            108.0 + f64::from(x) * 0.004,
            33.0 + f64::from(y) * 0.004,
            f64::from(500 + 20 * x - 9 * y),
        )
    };
    let nodes: Vec<Spot> =
        [(0, 0), (1, 0), (2, 0), (2, 1), (2, 2), (1, 2), (0, 2), (0, 1), (3, 2), (4, 3), (5, 3)]
            .map(|(x, y)| at(x, y))
            .to_vec();
    let ends = [
        (0, 1),
        (1, 2),
        (2, 3),
        (3, 4),
        (4, 5),
        (5, 6),
        (6, 7),
        (7, 0),
        (4, 8),
        (8, 9),
        (9, 10),
        (9, 10),
    ];
    let stretches = ends.map(|(from, to)| Stretch { from, to, vehicle_km_h: Some(20.0) }).to_vec();
    let roads = Roads { nodes: nodes.clone(), stretches };
    let all = minutes(&nodes, &nodes, &roads, Mode::Foot, ASSUMED);
    for village in 0..nodes.len() {
        for school in 0..nodes.len() {
            // Alone, all but the two ends may be bends.
            let one = minutes(
                &nodes[village..=village],
                &nodes[school..=school],
                &roads,
                Mode::Foot,
                ASSUMED,
            );
            assert!(
                (one.minutes(0, 0) - all.minutes(village, school)).abs() < 1e-4,
                "{village} {school}"
            );
            assert_eq!(one.how(0, 0), How::Network);
        }
    }
}

#[test]
fn a_bus_is_taken_where_it_is_faster() {
    let at = |longitude: f64| spot(longitude, 33.0, 500.0);
    let line = BusLine {
        stops: vec![at(108.0), at(108.1), at(108.3)],
        minutes: vec![0.0, 12.0, 30.0],
        wait_minutes: 5.0,
    };
    let (villages, schools) = ([at(108.001), at(108.299), at(108.1)], [at(108.3), at(108.0)]);
    let travel = minutes_by_bus(None, (&villages, &schools), &[line], &Roads::default(), ASSUMED);
    let foot = minutes(&villages, &schools, &Roads::default(), Mode::Foot, ASSUMED);
    assert_eq!((travel.how(0, 0), travel.how(0, 1)), (How::Bus, How::StraightLine));
    // To the stop, waiting, thirty minutes; and back again by the same line.
    assert!((travel.minutes(0, 0) - foot.minutes(0, 1) - 35.0).abs() < 1e-3);
    assert!((travel.minutes(1, 1) - foot.minutes(1, 0) - 35.0).abs() < 1e-3);
    assert!((travel.minutes(2, 1) - 17.0).abs() < 1e-3);
    assert!((travel.minutes(2, 0) - 23.0).abs() < 1e-3);
    for (village, school) in [(0, 0), (1, 0), (2, 1), (0, 1)] {
        assert!(travel.minutes(village, school) <= foot.minutes(village, school));
    }
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

/// A ridge between village and school: the straight line goes over it, and that takes longer than on the level.
#[test]
fn a_straight_line_goes_up_and_down_with_the_ground() {
    let columns = 41;
    let metres = (0..3 * columns)
        .map(|at| {
            let column = f32::from(u16::try_from(at % columns).unwrap());
            (300.0 - (column - 20.0).abs() * 15.0).max(0.0)
        })
        .collect();
    let hills = Heights { west: 109.0, north: 32.002, step: 0.001, columns, metres };
    let spot = |longitude| Spot { longitude, latitude: 32.001, height_m: None };
    let (from, to) = ([spot(109.0)], [spot(109.04)]);
    let roads = Roads::default();
    let level = minutes(&from, &to, &roads, Mode::Foot, ASSUMED).minutes(0, 0);
    let over = minutes_over(Some(&hills), (&from, &to), &roads, Mode::Foot, ASSUMED).minutes(0, 0);
    assert!(over > 1.1 * level, "{over} {level}");
    let ride = minutes_over(Some(&hills), (&from, &to), &roads, Mode::Road, ASSUMED);
    assert_eq!(ride, minutes(&from, &to, &roads, Mode::Road, ASSUMED));
}
