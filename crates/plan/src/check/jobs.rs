//! Who has which vacancy, counted again: worth most by its prices alone, stable by looking for a pair that would break it.

use super::{Fault, Said, figures, length, within};

/// A vacancy that somebody may have, as a checker sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Wanted {
    /// The vacancy.
    pub vacancy: u32,
    /// What it is worth to the person.
    pub person: i64,
    /// What it is worth to the employer.
    pub employer: i64,
}

/// Everybody has what they may have, no vacancy has more than its seats, and by the prices of seats, with the `bonus` that a
/// match counts besides points, no matching is worth more. The objective is points, negated.
///
/// Source: weak duality. For any prices from nought up, no matching is worth more than all seats at their prices and, for
/// each person, the most that a candidate is worth beyond the price of its seat.
///
/// # Errors
/// The first [`Fault`] found; [`Fault::Bound`] if the prices prove less than the plan reaches.
pub fn matching(
    seekers: &[Vec<Wanted>],
    seats: &[u32],
    vacancy_of: &[Option<u32>],
    (seat_is_worth, bonus): (&[i64], i64),
    said: Said,
) -> Result<(), Fault> {
    let own = seats_taken(seekers, seats, vacancy_of)?;
    length("岗位", seats.len(), seat_is_worth.len())?;
    if let Some(at) = seat_is_worth.iter().position(|price| *price < 0) {
        return Err(Fault::Potential { arc: at + 1, reduced: i128::from(seat_is_worth[at]) });
    }
    let mut points = 0_i128;
    let mut most = 0_i128;
    for (row, own) in seekers.iter().zip(&own) {
        if let Some(own) = own {
            points += i128::from(own.person) + i128::from(own.employer);
        }
        let net = row.iter().map(|w| {
            let price = seat_is_worth[w.vacancy as usize];
            i128::from(w.person) + i128::from(w.employer) + i128::from(bonus) - i128::from(price)
        });
        most += net.max().unwrap_or(0).max(0);
    }
    for (&seats, &price) in seats.iter().zip(seat_is_worth) {
        most += i128::from(seats) * i128::from(price);
    }
    let matched = own.iter().filter(|own| own.is_some()).count() as i128;
    let reached = points + i128::from(bonus) * matched;
    if most != reached {
        return Err(Fault::Bound { bound: -(most as f64), objective: -(reached as f64) });
    }
    figures(-(points as f64), said)
}

/// Everybody has what they may have, no vacancy has more than its seats, and no person and vacancy would both rather have
/// each other than what they have.
///
/// # Errors
/// The first [`Fault`] found; [`Fault::Blocking`] for such a pair.
pub fn stable(
    seekers: &[Vec<Wanted>],
    seats: &[u32],
    vacancy_of: &[Option<u32>],
) -> Result<(), Fault> {
    let own = seats_taken(seekers, seats, vacancy_of)?;
    let mut held = vec![0_u32; seats.len()];
    let mut least = vec![i64::MAX; seats.len()];
    for own in own.iter().flatten() {
        held[own.vacancy as usize] += 1;
        least[own.vacancy as usize] = least[own.vacancy as usize].min(own.employer);
    }
    for (person, (row, own)) in seekers.iter().zip(&own).enumerate() {
        for wanted in row.iter().filter(|w| own.is_none_or(|own| w.person > own.person)) {
            let at = wanted.vacancy as usize;
            if held[at] < seats[at] || (seats[at] > 0 && wanted.employer > least[at]) {
                return Err(Fault::Blocking { person: person + 1, vacancy: at + 1 });
            }
        }
    }
    Ok(())
}

/// What each person has.
fn seats_taken(
    seekers: &[Vec<Wanted>],
    seats: &[u32],
    vacancy_of: &[Option<u32>],
) -> Result<Vec<Option<Wanted>>, Fault> {
    length("求职人", seekers.len(), vacancy_of.len())?;
    let mut load = vec![0_i128; seats.len()];
    let mut own = Vec::with_capacity(seekers.len());
    for (at, (row, vacancy)) in seekers.iter().zip(vacancy_of).enumerate() {
        let Some(vacancy) = *vacancy else {
            own.push(None);
            continue;
        };
        let known = row.iter().find(|w| w.vacancy == vacancy);
        let known = known.filter(|_| (vacancy as usize) < seats.len());
        let to = vacancy as usize + 1;
        let wanted = *known.ok_or(Fault::NotThere { what: "求职人", at: at + 1, to })?;
        load[vacancy as usize] += 1;
        own.push(Some(wanted));
    }
    within("岗位", &load, &mut seats.iter().map(|s| i128::from(*s)))?;
    Ok(own)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_wrong_with_a_matching_is_named() {
        let one = |vacancy, person, employer| Wanted { vacancy, person, employer };
        let seekers = [vec![one(0, 5, 1), one(1, 1, 1)], vec![one(0, 4, 9)]];
        let said = |points: f64| Said { objective: -points, bound: -points };
        let check = |has: &[Option<u32>], worth: &[i64], points| {
            matching(&seekers, &[1, 1], has, (worth, 0), said(points))
        };
        assert_eq!(check(&[Some(1), Some(0)], &[4, 0], 15.0), Ok(()));
        assert!(matches!(check(&[Some(1), Some(0)], &[0, 0], 15.0), Err(Fault::Bound { .. })));
        assert!(matches!(check(&[Some(1), Some(0)], &[4, -1], 15.0), Err(Fault::Potential { .. })));
        assert!(matches!(check(&[Some(0), None], &[4, 0], 6.0), Err(Fault::Bound { .. })));
        assert!(matches!(check(&[Some(0), Some(0)], &[4, 0], 19.0), Err(Fault::Overfull { .. })));
        assert!(matches!(check(&[None, Some(1)], &[4, 0], 13.0), Err(Fault::NotThere { .. })));
        assert!(matches!(check(&[Some(1), Some(0)], &[4, 0], 16.0), Err(Fault::Objective { .. })));
        assert_eq!(stable(&seekers, &[1, 1], &[Some(1), Some(0)]), Ok(()));
        let blocking = Fault::Blocking { person: 2, vacancy: 1 };
        assert_eq!(stable(&seekers, &[1, 1], &[Some(0), None]), Err(blocking));
        let blocking = Fault::Blocking { person: 1, vacancy: 2 };
        assert_eq!(stable(&seekers, &[1, 1], &[None, Some(0)]), Err(blocking));
    }
}
