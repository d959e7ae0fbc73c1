//! Where the made county lies: towns and villages, of a real county or of one that exists nowhere.

use fujiao_model::{Division, DivisionLevel};

use crate::SynthError;
use crate::rng::Rng;

/// Code of 岚川县, which exists nowhere: there is no prefecture 6199.
pub const INVENTED_COUNTY: u32 = 619_926;

/// A county with its towns and villages. A known county has the real names and codes; which coordinates are made says
/// [`Place::coordinates`].
#[derive(Clone, Debug, PartialEq)]
pub struct CountyPlaces {
    /// Six digits.
    pub code: u32,
    /// 岚川县.
    pub name: String,
    /// Whether county, towns and villages are invented.
    pub invented: bool,
    /// The county, then each town followed by its villages, by code.
    pub places: Vec<Place>,
    /// Roads between them: every village to its town, every town to the county seat.
    pub roads: Vec<Road>,
}

/// A county, town or village.
#[derive(Clone, Debug, PartialEq)]
pub struct Place {
    /// The 12 digits.
    pub code: Division,
    /// As rosters write it: 云台镇, 金星村, 仁和社区.
    pub name: String,
    /// Degrees east (WGS 84).
    pub longitude: f64,
    /// Degrees north (WGS 84).
    pub latitude: f64,
    /// Metres above the sea; always made.
    pub elevation_m: u32,
    /// Whether the point is known or made.
    pub coordinates: Coordinates,
}

/// Where a coordinate comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Coordinates {
    /// Published: see `NOTICE`.
    Known,
    /// Put near its town by us.
    Made,
}

/// A made road between two places of [`CountyPlaces::places`], by position.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Road {
    /// Position of one end.
    pub from: u32,
    /// Position of the other end.
    pub to: u32,
    /// Along the road, bends of the valley included.
    pub length_m: u32,
}

/// A county of which the real towns and villages ship.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KnownCounty {
    /// Six digits.
    pub code: u32,
    /// 柞水县.
    pub name: &'static str,
}

const DATA: &str = include_str!("../data/places.csv");

/// One line of `data/places.csv`: code, name, longitude, latitude; the last two may be empty.
fn lines() -> impl Iterator<Item = (u64, &'static str, Option<(f64, f64)>)> {
    DATA.lines().skip(1).map(|line| {
        let mut cells = line.split(',');
        let mut next = || cells.next().expect("data/places.csv has four columns");
        let code = next().parse().expect("a code of 12 digits");
        let name = next();
        let point = next().parse().ok().zip(next().parse().ok());
        (code, name, point)
    })
}

/// The counties with real towns and villages that ship, by code.
pub fn known_counties() -> Vec<KnownCounty> {
    lines()
        .filter(|(code, ..)| code % 1_000_000 == 0)
        .map(|(code, name, _)| KnownCounty {
            code: u32::try_from(code / 1_000_000).expect("six digits"),
            name,
        })
        .collect()
}

/// The places of a known county, or of the invented one for `None` and for its own code. Always the same list.
///
/// # Errors
/// [`SynthError::UnknownCounty`] for any other code.
pub fn places(county: Option<u32>) -> Result<CountyPlaces, SynthError> {
    match county {
        None | Some(INVENTED_COUNTY) => Ok(invented()),
        Some(code) => known(code),
    }
}

/// Metres of one degree at 33.5° north.
const METRES_EAST: f64 = 92_900.0;
const METRES_NORTH: f64 = 110_900.0;

/// A made surface: ridges and valleys of two sizes over a plateau that rises to the north.
fn elevation(longitude: f64, latitude: f64) -> u32 {
    let (x, y) = (longitude * 40.0, latitude * 40.0);
    let height = 900.0
        + 260.0 * (x * 0.7).sin() * (y * 0.9).cos()
        + 140.0 * (x * 2.1 + 0.4).cos() * (y * 1.7).sin()
        + 60.0 * (y * 0.25).sin();
    round(height.clamp(420.0, 1_800.0))
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a length or height on the map: not negative and far below 4 000 km"
)]
fn round(metres: f64) -> u32 {
    metres.round() as u32
}

fn distance_m(a: &Place, b: &Place) -> f64 {
    ((a.longitude - b.longitude) * METRES_EAST).hypot((a.latitude - b.latitude) * METRES_NORTH)
}

/// To six decimals, as published coordinates are: one tenth of a metre.
fn degrees(value: f64) -> f64 {
    (value * 1e6).round() / 1e6
}

/// Every village to its town, every town to the seat; bends make a mountain road half as long again or more.
fn roads(places: &[Place], rng: &mut Rng) -> Vec<Road> {
    let seat = places.iter().position(|p| p.code.level() == DivisionLevel::Town).unwrap_or(0);
    let mut town = seat;
    let mut roads = Vec::with_capacity(places.len());
    for (at, place) in places.iter().enumerate().skip(1) {
        let to = if place.code.level() == DivisionLevel::Town {
            town = at;
            seat
        } else {
            town
        };
        if at != to {
            let climb = f64::from(place.elevation_m.abs_diff(places[to].elevation_m));
            let length = distance_m(place, &places[to]) * (1.35 + 0.6 * rng.unit()) + climb * 2.0;
            roads.push(Road {
                from: u32::try_from(at).expect("few places"),
                to: u32::try_from(to).expect("few places"),
                length_m: round(length.max(200.0)),
            });
        }
    }
    roads
}

/// `颜家庄村委会` is written `颜家庄村`, `仁和社区居委会` is written `仁和社区`.
fn short(name: &str) -> String {
    let stem = name
        .strip_suffix("村民委员会")
        .or_else(|| name.strip_suffix("村委会"))
        .map(|stem| format!("{}村", stem.strip_suffix('村').unwrap_or(stem)));
    stem.or_else(|| {
        ["居委会", "居民委员会", "居委", "委会"]
            .iter()
            .find_map(|tail| name.strip_suffix(tail))
            .map(|s| if s.ends_with("社区") { s.to_owned() } else { format!("{s}社区") })
    })
    .unwrap_or_else(|| name.to_owned())
}

fn known(code: u32) -> Result<CountyPlaces, SynthError> {
    let within = |c: u64| c / 1_000_000 == u64::from(code);
    let rows: Vec<_> = lines().filter(|(c, ..)| within(*c)).collect();
    let Some((_, name, Some(middle))) = rows.first().copied() else {
        return Err(SynthError::UnknownCounty { code });
    };
    let mut rng = Rng::new(u64::from(code), "places");
    let mut town = middle;
    let mut places = Vec::with_capacity(rows.len());
    for (at, (code, name, point)) in rows.iter().enumerate() {
        let code = Division::from_code(*code).expect("codes of the list are checked by a test");
        let (longitude, latitude) = point.unwrap_or_else(|| {
            // A village lies within a walk of its town, a town within the county.
            let (near, reach) =
                if code.level() == DivisionLevel::Village { (town, 0.055) } else { (middle, 0.16) };
            let angle = rng.unit() * std::f64::consts::TAU;
            let away = reach * (0.15 + 0.85 * rng.unit());
            (near.0 + away * angle.cos(), near.1 + away * angle.sin() * 0.8)
        });
        if at > 0 && code.level() == DivisionLevel::Town {
            town = (longitude, latitude);
        }
        places.push(Place {
            code,
            name: short(name),
            longitude: degrees(longitude),
            latitude: degrees(latitude),
            elevation_m: elevation(longitude, latitude),
            coordinates: if point.is_some() { Coordinates::Known } else { Coordinates::Made },
        });
    }
    let roads = roads(&places, &mut rng);
    Ok(CountyPlaces { code, name: name.to_owned(), invented: false, places, roads })
}

/// Towns of 岚川县: name, number in the code, villages.
const TOWNS: [(&str, u64, u32); 13] = [
    ("城关街道", 1, 11),
    ("云台镇", 100, 14),
    ("栗园镇", 101, 13),
    ("青石镇", 102, 12),
    ("大岭镇", 103, 11),
    ("桐坪镇", 104, 12),
    ("双庙镇", 105, 10),
    ("黄柏镇", 106, 13),
    ("石门沟镇", 107, 10),
    ("白河口镇", 108, 14),
    ("柳溪镇", 109, 12),
    ("茶坪镇", 110, 11),
    ("岭南铺镇", 111, 9),
];

const VILLAGE_HEADS: [&str; 40] = [
    "松", "竹", "柏", "栗", "桃", "杏", "枫", "桂", "槐", "柳", "石", "岩", "泉", "溪", "河", "龙",
    "凤", "鹿", "鹤", "雁", "金", "银", "红", "青", "白", "黑", "上", "下", "东", "西", "前", "后",
    "新", "古", "长", "高", "三", "双", "七", "九",
];
const VILLAGE_TAILS: [&str; 24] = [
    "树坪", "家坪", "沟口", "台子", "岭上", "湾里", "岔河", "坡底", "寨子", "磨坪", "庙沟", "铺子",
    "桥头", "梁上", "峡口", "坝子", "垭口", "洞沟", "川道", "窑院", "渡口", "营盘", "草坪", "水磨",
];

/// 岚川县: a river from west to east, the seat in its middle, towns up the side valleys.
fn invented() -> CountyPlaces {
    let mut rng = Rng::new(u64::from(INVENTED_COUNTY), "places");
    let division = |code: u64| Division::from_code(code).expect("built from a code of six digits");
    let base = u64::from(INVENTED_COUNTY) * 1_000_000;
    let (middle_east, middle_north) = (109.42, 33.46);
    let made = |code: u64, name: String, longitude: f64, latitude: f64| Place {
        code: division(code),
        name,
        longitude: degrees(longitude),
        latitude: degrees(latitude),
        elevation_m: elevation(longitude, latitude),
        coordinates: Coordinates::Made,
    };
    let mut places = vec![made(base, "岚川县".to_owned(), middle_east, middle_north)];
    let mut heads: Vec<(usize, usize)> = (0..VILLAGE_HEADS.len())
        .flat_map(|h| (0..VILLAGE_TAILS.len()).map(move |t| (h, t)))
        .collect();
    rng.shuffle(&mut heads);
    for (at, (town, number, villages)) in TOWNS.iter().enumerate() {
        // Side valleys leave the river to the left and to the right in turn.
        let along = (f64::from(u32::try_from(at).expect("few towns")) - 6.0) * 0.055;
        let side = if at % 2 == 0 { 1.0 } else { -1.0 };
        let (east, north) = if at == 0 {
            (middle_east, middle_north)
        } else {
            (middle_east + along, middle_north + side * (0.05 + 0.16 * rng.unit()))
        };
        let town_code = base + number * 1_000;
        places.push(made(town_code, (*town).to_owned(), east, north));
        for village in 0..*villages {
            let (h, t) = heads.pop().expect("more names than villages");
            let stem = format!("{}{}", VILLAGE_HEADS[h], VILLAGE_TAILS[t]);
            let urban = at == 0 || village == 0;
            let number = if urban { 1 + u64::from(village) } else { 200 + u64::from(village) };
            let name = if urban { format!("{stem}社区") } else { format!("{stem}村") };
            // Up the valley, a little off its line; the first one is at the town.
            let up = f64::from(village) * 0.008;
            let (de, dn) = if at == 0 {
                ((rng.unit() - 0.5) * 0.04, (rng.unit() - 0.5) * 0.03)
            } else {
                ((rng.unit() - 0.5) * 0.03, side * up + (rng.unit() - 0.5) * 0.012)
            };
            places.push(made(town_code + number, name, east + de, north + dn));
        }
    }
    let roads = roads(&places, &mut rng);
    CountyPlaces {
        code: INVENTED_COUNTY, name: "岚川县".to_owned(), invented: true, places, roads
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn eight_counties_are_known_and_one_is_invented() {
        let known = known_counties();
        assert_eq!(known.len(), 8);
        for county in known.iter().map(|c| Some(c.code)).chain([None]) {
            let county = places(county).unwrap();
            assert!(county.places.len() > 80, "{} has {}", county.name, county.places.len());
            assert_eq!(county.roads.len(), county.places.len() - 2);
            for pair in county.places.windows(2) {
                assert!(pair[0].code < pair[1].code, "{:?}", pair[1]);
            }
            for place in &county.places {
                assert_eq!(place.code.county_code(), county.code);
                assert!((105.0..112.0).contains(&place.longitude), "{place:?}");
                assert!((32.0..35.0).contains(&place.latitude), "{place:?}");
                assert!(!place.name.ends_with("委会"), "{}", place.name);
            }
        }
        assert_eq!(places(Some(110_101)), Err(SynthError::UnknownCounty { code: 110_101 }));
    }

    #[test]
    fn names_as_rosters_write_them() {
        assert_eq!(short("颜家庄村委会"), "颜家庄村");
        assert_eq!(short("仁和社区居委会"), "仁和社区");
        assert_eq!(short("乾佑街道"), "乾佑街道");
    }
}
