//! Rooms and beds to build, when, and for how much, from the classes and boarders that are expected.
//!
//! What is needed for long is built, ready when it is needed; what a passing peak needs is borrowed, as a room built for three
//! years stands empty for thirty.

/// What a school needs in one year.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Need {
    /// The school year, by the calendar year in which it begins.
    pub year: i16,
    /// Class rooms.
    pub rooms: u32,
    /// Beds.
    pub beds: u32,
}

/// What there is, and how building goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Terms {
    /// Class rooms today.
    pub rooms: u32,
    /// Beds today.
    pub beds: u32,
    /// Years from the decision until a building stands.
    pub lead_years: i16,
    /// What is needed for fewer years than this is borrowed.
    pub lasting_years: usize,
    /// Yuan for a room.
    pub room_yuan: u32,
    /// Yuan for a bed.
    pub bed_yuan: u32,
}

/// What to decide in one year.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Build {
    /// When it is decided and paid.
    pub decide_in: i16,
    /// When it must stand.
    pub needed_in: i16,
    /// Rooms to build.
    pub rooms: u32,
    /// Beds to add.
    pub beds: u32,
    /// Yuan.
    pub yuan: u64,
}

/// What is built, and what is borrowed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Plan {
    /// By the year in which it must stand.
    pub build: Vec<Build>,
    /// Year, rooms and beds that are borrowed in it.
    pub borrow: Vec<(i16, u32, u32)>,
}

/// What to build and to borrow for these years, which follow each other.
pub fn plan(needs: &[Need], terms: Terms) -> Plan {
    let rooms: Vec<u32> = needs.iter().map(|n| n.rooms).collect();
    let beds: Vec<u32> = needs.iter().map(|n| n.beds).collect();
    let (more_rooms, borrowed_rooms) = split(&rooms, terms.rooms, terms.lasting_years);
    let (more_beds, borrowed_beds) = split(&beds, terms.beds, terms.lasting_years);
    let mut plan = Plan::default();
    for (at, need) in needs.iter().enumerate() {
        let (rooms, beds) = (more_rooms[at], more_beds[at]);
        if rooms > 0 || beds > 0 {
            let yuan = u64::from(rooms) * u64::from(terms.room_yuan)
                + u64::from(beds) * u64::from(terms.bed_yuan);
            let decide_in = (need.year - terms.lead_years).max(needs[0].year - 1);
            plan.build.push(Build { decide_in, needed_in: need.year, rooms, beds, yuan });
        }
        if borrowed_rooms[at] > 0 || borrowed_beds[at] > 0 {
            plan.borrow.push((need.year, borrowed_rooms[at], borrowed_beds[at]));
        }
    }
    plan
}

/// For each year what is built for it, and what is borrowed in it.
fn split(needed: &[u32], have: u32, lasting: usize) -> (Vec<u32>, Vec<u32>) {
    let mut built = vec![0; needed.len()];
    let mut stands = have;
    for year in 0..needed.len() {
        // As many as are needed now and in most of the years to come.
        let mut level = stands;
        while needed[year] > level {
            let years = needed[year..].iter().filter(|n| **n > level).count();
            if years < lasting.min(needed.len() - year) {
                break;
            }
            level += 1;
        }
        built[year] = level - stands;
        stands = level;
    }
    let mut stands = have;
    let borrowed = needed
        .iter()
        .zip(&built)
        .map(|(needed, built)| {
            stands += built;
            needed.saturating_sub(stands)
        })
        .collect();
    (built, borrowed)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const TERMS: Terms = Terms {
        rooms: 6,
        beds: 40,
        lead_years: 2,
        lasting_years: 4,
        room_yuan: 300_000,
        bed_yuan: 20_000,
    };

    fn years(rooms: &[u32]) -> Vec<Need> {
        (2025..).zip(rooms).map(|(year, rooms)| Need { year, rooms: *rooms, beds: 0 }).collect()
    }

    #[test]
    fn what_lasts_is_built_in_time_and_a_peak_is_borrowed() {
        let found = plan(&years(&[6, 7, 7, 9, 8, 8, 8, 7, 7, 7]), TERMS);
        assert_eq!(
            found.build,
            [
                Build { decide_in: 2024, needed_in: 2026, rooms: 1, beds: 0, yuan: 300_000 },
                Build { decide_in: 2026, needed_in: 2028, rooms: 1, beds: 0, yuan: 300_000 },
            ]
        );
        assert_eq!(found.borrow, [(2028, 1, 0)]);
    }

    proptest! {
        #[test]
        fn every_year_has_what_it_needs_and_nothing_is_built_twice(
            rooms in prop::collection::vec(0..14_u32, 1..12),
            beds in prop::collection::vec(0..90_u32, 12),
        ) {
            let needs: Vec<Need> = (2025..).zip(rooms.iter().zip(&beds))
                .map(|(year, (rooms, beds))| Need { year, rooms: *rooms, beds: *beds })
                .collect();
            let found = plan(&needs, TERMS);
            for need in &needs {
                let built = found.build.iter().filter(|b| b.needed_in <= need.year);
                let (rooms, beds) = built.fold((6, 40), |(r, b), x| (r + x.rooms, b + x.beds));
                let borrowed = found.borrow.iter().find(|b| b.0 == need.year).copied().unwrap_or_default();
                prop_assert!(rooms + borrowed.1 >= need.rooms && beds + borrowed.2 >= need.beds);
            }
            let most = needs.iter().map(|n| n.rooms).max().unwrap_or(0).max(6);
            prop_assert!(6 + found.build.iter().map(|b| b.rooms).sum::<u32>() <= most);
            let yuan: u64 = found.build.iter().map(|b| b.yuan).sum();
            let counted: u64 = found.build.iter().map(|b| u64::from(b.rooms) * 300_000 + u64::from(b.beds) * 20_000).sum();
            prop_assert_eq!(yuan, counted);
        }
    }
}
