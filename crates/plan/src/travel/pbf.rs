use std::collections::BTreeMap;

use osmpbf::{Element, ElementReader};

use super::{RoadError, Roads, Spot, Stretch};

/// Roads and paths from the bytes of an `.osm.pbf` file: ways with `highway`, passable both ways. `speed` gives the kilometres
/// an hour of a kind of road, `None` for paths. Nodes that the file does not hold end a way.
///
/// # Errors
/// [`RoadError::Pbf`].
pub fn roads_from_pbf(
    file: &str,
    bytes: &[u8],
    speed: &dyn Fn(&str) -> Option<f64>,
) -> Result<Roads, RoadError> {
    let wrong = |e: osmpbf::Error| RoadError::Pbf { file: file.to_owned(), reason: e.to_string() };
    // Nodes come before ways in a file, and most of them are of houses: two readings hold the least.
    let mut ways: Vec<(Vec<i64>, Option<f64>)> = Vec::new();
    let mut node_of: BTreeMap<i64, Option<u32>> = BTreeMap::new();
    ElementReader::new(bytes)
        .for_each(|element| {
            let Element::Way(way) = element else { return };
            let Some((_, kind)) = way.tags().find(|(key, _)| *key == "highway") else { return };
            let refs: Vec<i64> = way.refs().collect();
            node_of.extend(refs.iter().map(|id| (*id, None)));
            ways.push((refs, speed(kind)));
        })
        .map_err(wrong)?;
    let mut roads = Roads::default();
    let mut place = |id: i64, longitude: f64, latitude: f64| {
        if let Some(node @ None) = node_of.get_mut(&id) {
            *node = Some(roads.nodes.len() as u32);
            roads.nodes.push(Spot { longitude, latitude, height_m: None });
        }
    };
    ElementReader::new(bytes)
        .for_each(|element| match element {
            Element::Node(node) => place(node.id(), node.lon(), node.lat()),
            Element::DenseNode(node) => place(node.id(), node.lon(), node.lat()),
            _ => {}
        })
        .map_err(wrong)?;
    for (refs, vehicle_km_h) in ways {
        let mut last = None;
        for id in refs {
            let node = node_of.get(&id).copied().flatten();
            if let (Some(from), Some(to)) = (last, node)
                && from != to
            {
                roads.stretches.push(Stretch { from, to, vehicle_km_h });
            }
            last = node;
        }
    }
    Ok(roads)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A field of a protocol buffer: a number …
    fn number(field: u64, value: u64) -> Vec<u8> {
        [varint(field << 3), varint(value)].concat()
    }

    /// … or bytes.
    fn bytes(field: u64, value: &[u8]) -> Vec<u8> {
        [varint(field << 3 | 2), varint(value.len() as u64), value.to_vec()].concat()
    }

    fn varint(mut value: u64) -> Vec<u8> {
        let mut out = Vec::new();
        while value > 127 {
            out.push(value as u8 | 128);
            value >>= 7;
        }
        out.push(value as u8);
        out
    }

    /// Whole numbers as the format packs them: differences, the sign last.
    fn packed(values: &[i64]) -> Vec<u8> {
        let mut last = 0;
        let mut out = Vec::new();
        for value in values {
            let difference = value - last;
            out.extend(varint((difference << 1 ^ difference >> 63).cast_unsigned()));
            last = *value;
        }
        out
    }

    fn block(kind: &str, content: &[u8]) -> Vec<u8> {
        let blob = bytes(1, content);
        let header = [bytes(1, kind.as_bytes()), number(3, blob.len() as u64)].concat();
        let length = u32::try_from(header.len()).unwrap().to_be_bytes();
        [&length[..], &header, &blob].concat()
    }

    /// Three nodes, a track over them, a wall over two.
    fn file() -> Vec<u8> {
        let words = ["", "highway", "track", "barrier", "wall"];
        let table: Vec<u8> = words.iter().flat_map(|w| bytes(1, w.as_bytes())).collect();
        let degrees = |d: f64| (d * 1e7).round() as i64;
        let dense = [
            bytes(1, &packed(&[11, 12, 17])),
            bytes(8, &packed(&[degrees(33.0), degrees(33.0), degrees(33.01)])),
            bytes(9, &packed(&[degrees(108.0), degrees(108.01), degrees(108.01)])),
        ]
        .concat();
        let way = |key: u64, value: u64, refs: &[i64]| {
            let keys = [bytes(2, &varint(key)), bytes(3, &varint(value))].concat();
            bytes(3, &[number(1, 5), keys, bytes(8, &packed(refs))].concat())
        };
        // The last node of the track lies outside the file.
        let groups = [
            bytes(2, &bytes(2, &dense)),
            bytes(2, &way(1, 2, &[11, 12, 17, 99])),
            bytes(2, &way(3, 4, &[11, 17])),
        ];
        let data = [bytes(1, &table), groups.concat()].concat();
        [block("OSMHeader", &[]), block("OSMData", &data)].concat()
    }

    #[test]
    fn a_file_gives_its_roads_and_nothing_else() {
        let speed = |kind: &str| (kind == "track").then_some(15.0);
        let roads = roads_from_pbf("x.osm.pbf", &file(), &speed).unwrap();
        assert_eq!(roads.nodes.len(), 3);
        let ends: Vec<(u32, u32)> = roads.stretches.iter().map(|s| (s.from, s.to)).collect();
        assert_eq!(ends, [(0, 1), (1, 2)]);
        assert_eq!(roads.stretches[0].vehicle_km_h, Some(15.0));
        assert!((roads.nodes[2].latitude - 33.01).abs() < 1e-9);
    }

    #[test]
    fn no_damaged_file_makes_the_reader_panic() {
        let whole = file();
        for at in 0..whole.len() {
            let _ = roads_from_pbf("x", &whole[..at], &|_| None);
            let mut other = whole.clone();
            other[at] ^= 0x55;
            let _ = roads_from_pbf("x", &other, &|_| None);
        }
        let short = roads_from_pbf("x", &whole[..9], &|_| None).unwrap_err().to_string();
        assert!(short.starts_with("x 读不出"), "{short}");
    }
}
