//! Class places: which school each household's children go to, siblings together, and why.

use crate::budget::Solved;
use crate::transport::{Shortage, Transport};

/// Children of one household who need a place in the same stage.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Siblings {
    /// How many.
    pub children: u32,
    /// Schools that they may go to, each once, and the minutes to each.
    pub schools: Vec<(u32, u32)>,
}

/// Where one household's children go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Placed {
    /// Schools and how many children; more than one only where siblings could not stay together.
    pub schools: Vec<(u32, u32)>,
    /// Why there.
    pub reason: Reason,
}

/// Why a household's children go where they go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    /// No school is nearer.
    Nearest,
    /// The nearest is full: others would have to walk longer by more if these went there.
    NearestIsFull {
        /// The nearest school.
        nearest: u32,
        /// Minutes more for each child.
        minutes_more: u32,
        /// What one more place at the nearest school would save all together, in minutes.
        place_is_worth: u32,
    },
    /// No school has room for all of them.
    Parted,
}

/// Places all children so that all minutes together are least, then brings siblings together where a school has room.
///
/// Minutes rise a little above the least where siblings were brought together: never for more than one household a school.
///
/// The objective is all minutes of all children; the bound, those of the placement that parts siblings as it likes.
///
/// # Errors
/// [`Shortage`]: the schools that are too small together, and by how many places.
pub fn place(households: &[Siblings], places: &[i64]) -> Result<Solved<Vec<Placed>>, Shortage> {
    let mut transport = Transport::new(places.to_vec());
    for household in households {
        let candidates =
            household.schools.iter().map(|(school, minutes)| (*school, i64::from(*minutes)));
        transport.push(household.children, candidates);
    }
    let placement = transport.solve()?;
    let mut room = places.to_vec();
    let mut split = Vec::new();
    let mut all = Vec::with_capacity(households.len());
    for (at, household) in households.iter().enumerate() {
        let (schools, _) = transport.candidates(at);
        let flow = &placement.flow[transport.row(at)];
        let taken: Vec<(u32, u32)> =
            schools.iter().copied().zip(flow.iter().copied()).filter(|(_, n)| *n > 0).collect();
        for &(school, children) in &taken {
            room[school as usize] -= i64::from(children);
        }
        if taken.len() > 1 {
            split.push(at);
        }
        all.push(Placed { reason: reason(household, &taken, &placement.price), schools: taken });
    }
    for at in split {
        let household = &households[at];
        for &(school, children) in &all[at].schools {
            room[school as usize] += i64::from(children);
        }
        let fits =
            |(school, _): &&(u32, u32)| room[*school as usize] >= i64::from(household.children);
        if let Some(&(school, _)) = household.schools.iter().filter(fits).min_by_key(|s| (s.1, s.0))
        {
            all[at].schools = vec![(school, household.children)];
        }
        for &(school, children) in &all[at].schools {
            room[school as usize] -= i64::from(children);
        }
        all[at].reason = reason(household, &all[at].schools, &placement.price);
    }
    let minutes: i64 = households
        .iter()
        .zip(&all)
        .flat_map(|(household, placed)| {
            placed.schools.iter().map(|(school, children)| {
                let to = household.schools.iter().find(|s| s.0 == *school);
                i64::from(*children) * to.map_or(0, |s| i64::from(s.1))
            })
        })
        .sum();
    let objective = minutes as f64;
    Ok(Solved { plan: all, objective, bound: (placement.cost as f64).min(objective), nodes: 1 })
}

/// Places for children who come new to a school, so that they stay at most `most_share` of all there: an estate's children are
/// spread over the town's schools.
///
/// `residents` learn there already, and the school holds `places` in all.
pub fn room_for_newcomers(residents: u32, places: u32, most_share: f64) -> i64 {
    let free = i64::from(places) - i64::from(residents);
    if most_share >= 1.0 {
        return free.max(0);
    }
    let mixed = f64::from(residents) * most_share.max(0.0) / (1.0 - most_share);
    // A hundredth of a child is rounding.
    free.min((mixed + 0.01).floor() as i64).max(0)
}

fn reason(household: &Siblings, taken: &[(u32, u32)], price: &[i64]) -> Reason {
    let [(school, _)] = taken else {
        return if taken.is_empty() { Reason::Nearest } else { Reason::Parted };
    };
    let minutes_to =
        |wanted: u32| household.schools.iter().find(|s| s.0 == wanted).map_or(0, |s| s.1);
    let nearest = household.schools.iter().min_by_key(|s| (s.1, s.0 != *school, s.0));
    match nearest {
        Some(&(nearest, minutes)) if nearest != *school => Reason::NearestIsFull {
            nearest,
            minutes_more: minutes_to(*school) - minutes,
            place_is_worth: u32::try_from(price[nearest as usize]).unwrap_or(u32::MAX),
        },
        _ => Reason::Nearest,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn household(children: u32, schools: &[(u32, u32)]) -> Siblings {
        Siblings { children, schools: schools.to_vec() }
    }

    #[test]
    fn siblings_stay_together_and_everybody_hears_why() {
        // School 0 has three places; the twins live nearest to it, the only child has a near second choice.
        let households = [
            household(2, &[(0, 10), (1, 60)]),
            household(1, &[(0, 5), (1, 12)]),
            household(1, &[(0, 5), (1, 30)]),
        ];
        let solved = place(&households, &[3, 9]).unwrap();
        assert!(solved.is_proven() && (solved.objective - 37.0).abs() < 1e-9, "{solved:?}");
        let placed = solved.plan;
        assert_eq!(placed[0], Placed { schools: vec![(0, 2)], reason: Reason::Nearest });
        assert_eq!(
            placed[1],
            Placed {
                schools: vec![(1, 1)],
                reason: Reason::NearestIsFull { nearest: 0, minutes_more: 7, place_is_worth: 7 },
            }
        );
        assert_eq!(placed[2], Placed { schools: vec![(0, 1)], reason: Reason::Nearest });
    }

    #[test]
    fn newcomers_are_spread() {
        // Of a hundred a fifth may be new: twenty beside eighty.
        assert_eq!(room_for_newcomers(80, 200, 0.2), 20);
        assert_eq!(room_for_newcomers(80, 90, 0.2), 10);
        assert_eq!(room_for_newcomers(80, 70, 0.2), 0);
        assert_eq!(room_for_newcomers(80, 200, 1.0), 120);
        let rooms = [room_for_newcomers(8, 100, 0.2), room_for_newcomers(80, 100, 0.2)];
        let households: Vec<Siblings> = (0..10).map(|_| household(1, &[(0, 5), (1, 15)])).collect();
        let placed = place(&households, &rooms).unwrap().plan;
        assert_eq!(placed.iter().filter(|p| p.schools == [(0, 1)]).count(), 2);
    }

    #[test]
    fn a_shortage_names_the_schools_and_how_many_places() {
        let shortage =
            place(&[household(3, &[(0, 5)]), household(2, &[(0, 9)])], &[4, 9]).unwrap_err();
        assert_eq!(shortage, Shortage { sinks: vec![0], missing: 1 });
    }
}
