use crate::budget::{Budget, Solved};
use crate::cfl::{self, Facilities};
use crate::pmedian::{Costs, PlanError};

/// A teacher who is to learn something.
#[derive(Clone, Debug, PartialEq)]
pub struct Learner {
    /// Minutes to each venue.
    pub minutes: Vec<f64>,
}

/// Where a group can meet.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Venue {
    /// Seats of a group.
    pub seats: u32,
    /// What a group costs there: trainer, room; in minutes, as ways are counted.
    pub cost: f64,
}

/// A group and who is in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Group {
    /// The venue.
    pub venue: u32,
    /// Learners.
    pub learners: Vec<u32>,
}

/// Groups of one subject: as few and as near as they can be together, with a bound.
///
/// # Errors
/// [`PlanError::TooSmall`] if there are fewer seats than learners.
pub fn groups(
    learners: &[Learner],
    venues: &[Venue],
    budget: Budget,
) -> Result<Solved<Vec<Group>>, PlanError> {
    if learners.is_empty() {
        return Ok(Solved { plan: Vec::new(), objective: 0.0, bound: 0.0, nodes: 0 });
    }
    let by_site = (0..venues.len())
        .flat_map(|venue| learners.iter().map(move |l| l.minutes[venue]))
        .collect();
    let problem = Facilities {
        costs: Costs::new(learners.len(), by_site)?,
        demand: vec![1; learners.len()],
        capacity: venues.iter().map(|v| i64::from(v.seats)).collect(),
        fixed: venues.iter().map(|v| v.cost).collect(),
        places: None,
    };
    let solved = cfl::solve(&problem, budget)?;
    let mut plan: Vec<Group> =
        solved.plan.open.iter().map(|v| Group { venue: *v, learners: Vec::new() }).collect();
    for (learner, row) in (0..).zip(&solved.plan.served) {
        for (venue, _) in row {
            let at = plan.binary_search_by_key(venue, |g| g.venue).expect("it is open");
            plan[at].learners.push(learner);
        }
    }
    plan.retain(|g| !g.learners.is_empty());
    Ok(Solved { plan, objective: solved.objective, bound: solved.bound, nodes: solved.nodes })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_group_is_opened_where_ways_pay_for_it() {
        let at = |minutes: [f64; 2]| Learner { minutes: minutes.to_vec() };
        let learners = [at([5.0, 90.0]), at([9.0, 80.0]), at([60.0, 4.0]), at([70.0, 3.0])];
        let venue = |seats| Venue { seats, cost: 100.0 };
        let near = groups(&learners, &[venue(20), venue(20)], Budget::unlimited()).unwrap();
        assert!(near.is_proven());
        assert_eq!(
            near.plan,
            [Group { venue: 0, learners: vec![0, 1] }, Group { venue: 1, learners: vec![2, 3] }]
        );
        let short = groups(&learners, &[venue(2), venue(1)], Budget::unlimited()).unwrap_err();
        assert_eq!(short, PlanError::TooSmall { demand: 4, capacity: 3 });
    }
}
