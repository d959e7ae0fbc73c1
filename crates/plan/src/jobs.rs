//! People and vacancies: the matching that is worth most to both sides together, or one that is stable, with why for each.
//!
//! [`best`] is a maximum-weight matching with capacities; its prices prove it. [`stable`] is deferred acceptance with people
//! proposing (Gale and Shapley 1962): no person and vacancy would both rather have each other, and of all such matchings each
//! person has the best they can have.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use crate::budget::Solved;
use crate::flow::Network;

/// A vacancy that somebody may have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Candidate {
    /// The vacancy: a position.
    pub vacancy: u32,
    /// What it is worth to the person.
    pub person: i64,
    /// What it is worth to the employer.
    pub employer: i64,
}

impl Candidate {
    /// What it is worth to both together.
    pub fn points(&self) -> i64 {
        self.person + self.employer
    }
}

/// What a matching is to be best at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Aim {
    /// Points of all matches together; a match not worth more than nought is not made.
    Points,
    /// People matched, and of such matchings points.
    People,
}

/// Why somebody has what they have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    /// Nothing that they may have is better for them.
    First,
    /// Better ones are full; the best of them. Who holds it says [`Matched::holders`].
    BetterFull {
        /// The vacancy.
        better: u32,
    },
    /// A better one has room, but there they would be worth less to both sides together.
    Together {
        /// The vacancy.
        better: u32,
    },
    /// They may have none.
    NoCandidate,
    /// All that they may have are full; the best of them.
    AllFull {
        /// The vacancy.
        best: u32,
    },
    /// Those with room are worth no more than nought to both sides together.
    NotWorth,
}

/// Who has which vacancy.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Matched {
    /// For each person their vacancy.
    pub vacancy_of: Vec<Option<u32>>,
    /// For each person why.
    pub reasons: Vec<Reason>,
    /// For each vacancy what one more seat would be worth; empty in a stable matching.
    pub seat_is_worth: Vec<i64>,
    /// What matching one more person counts besides points: nought unless people come first.
    pub bonus: i64,
    start: Vec<u32>,
    holder: Vec<u32>,
}

impl Matched {
    fn of(vacancy_of: Vec<Option<u32>>, seats: &[u32]) -> Self {
        let mut start = vec![0; seats.len() + 1];
        for vacancy in vacancy_of.iter().flatten() {
            start[*vacancy as usize + 1] += 1;
        }
        for vacancy in 0..seats.len() {
            start[vacancy + 1] += start[vacancy];
        }
        let mut next = start.clone();
        let mut holder = vec![0; start[seats.len()] as usize];
        for (person, vacancy) in (0_u32..).zip(&vacancy_of) {
            if let Some(vacancy) = *vacancy {
                let at = &mut next[vacancy as usize];
                holder[*at as usize] = person;
                *at += 1;
            }
        }
        Self { vacancy_of, start, holder, ..Self::default() }
    }

    /// Who has a vacancy, rising.
    pub fn holders(&self, vacancy: u32) -> &[u32] {
        let vacancy = vacancy as usize;
        &self.holder[self.start[vacancy] as usize..self.start[vacancy + 1] as usize]
    }

    /// How many people have one.
    pub fn matched(&self) -> usize {
        self.holder.len()
    }

    /// Points of all matches together.
    fn points(&self, seekers: &[Vec<Candidate>]) -> i64 {
        let of = |(row, vacancy): (&Vec<Candidate>, &Option<u32>)| {
            let vacancy = (*vacancy)?;
            row.iter().find(|c| c.vacancy == vacancy).map(Candidate::points)
        };
        seekers.iter().zip(&self.vacancy_of).filter_map(of).sum()
    }

    fn give_reasons(&mut self, seekers: &[Vec<Candidate>], seats: &[u32]) {
        let is_full = |v: u32| self.holders(v).len() >= seats[v as usize] as usize;
        let rank = |c: &&Candidate| (c.person, Reverse(c.vacancy));
        let reason = |(row, has): (&Vec<Candidate>, &Option<u32>)| {
            let Some(best) = row.iter().max_by_key(rank) else { return Reason::NoCandidate };
            let Some(has) = *has else {
                let worth = row
                    .iter()
                    .filter(|c| self.seat_is_worth.is_empty() || self.bonus > 0 || c.points() > 0);
                return worth
                    .max_by_key(rank)
                    .map_or(Reason::NotWorth, |best| Reason::AllFull { best: best.vacancy });
            };
            let own = row.iter().find(|c| c.vacancy == has).map_or(best.person, |c| c.person);
            let better = || row.iter().filter(|c| c.person > own);
            if let Some(better) = better().filter(|c| is_full(c.vacancy)).max_by_key(rank) {
                return Reason::BetterFull { better: better.vacancy };
            }
            better()
                .max_by_key(rank)
                .map_or(Reason::First, |c| Reason::Together { better: c.vacancy })
        };
        self.reasons = seekers.iter().zip(&self.vacancy_of).map(reason).collect();
    }
}

/// The matching that is worth most. The objective is its points, negated; the bound is reckoned from the prices, and equal.
///
/// Source: a maximum-weight matching with capacities is a min-cost flow (Ahuja, Magnanti and Orlin 1993, §12.4).
///
/// # Panics
/// If a candidate is no vacancy, or points are so large that they cannot be added up.
pub fn best(seekers: &[Vec<Candidate>], seats: &[u32], aim: Aim) -> Solved<Matched> {
    let seeking = i64::try_from(seekers.len()).expect("people are far below 2⁶³");
    let all = || seekers.iter().flatten().map(Candidate::points);
    let bonus = match aim {
        Aim::Points => 0,
        // One more person outweighs all points that others could lose by it.
        Aim::People => {
            let most = all().map(i64::abs).max().unwrap_or(0);
            2 * (most + 1) * (seeking + 1)
        }
    };
    let people = seekers.len() as u32;
    let outlet = people + seats.len() as u32;
    let mut supply = vec![1; seekers.len()];
    supply.resize(outlet as usize, 0);
    supply.push(-seeking);
    let mut network = Network::new(supply);
    network.reserve(seekers.iter().map(Vec::len).sum::<usize>() + outlet as usize);
    for (vacancy, &seats) in (people..).zip(seats) {
        network.push(vacancy, outlet, i64::from(seats), 0);
    }
    for person in 0..people {
        network.push(person, outlet, 1, 0);
    }
    let first = network.arcs();
    for (person, row) in (0_u32..).zip(seekers) {
        for candidate in row {
            assert!(
                (candidate.vacancy as usize) < seats.len(),
                "a candidate is one of the vacancies"
            );
            network.push(person, people + candidate.vacancy, 1, -(candidate.points() + bonus));
        }
    }
    let flow = network.solve().expect("everybody may stay without, and points add up");
    let mut taken = flow.flow[first..].iter();
    let vacancy_of = seekers.iter().map(|row| {
        let here = row.iter().zip(taken.by_ref()).filter(|(_, flow)| **flow > 0);
        here.map(|(c, _)| c.vacancy).last()
    });
    let mut matched = Matched::of(vacancy_of.collect(), seats);
    let end = flow.potential[outlet as usize];
    let prices = flow.potential[people as usize..outlet as usize].iter();
    matched.seat_is_worth = prices.map(|at| (end - at).max(0)).collect();
    matched.bonus = bonus;
    matched.give_reasons(seekers, seats);
    let objective = -matched.points(seekers);
    // What the prices allow at most, less what people count besides points.
    let seats_are_worth: i128 = seats
        .iter()
        .zip(&matched.seat_is_worth)
        .map(|(seats, worth)| i128::from(*seats) * i128::from(*worth))
        .sum();
    let people_are_worth: i128 = seekers
        .iter()
        .map(|row| {
            let net =
                |c: &Candidate| c.points() + bonus - matched.seat_is_worth[c.vacancy as usize];
            i128::from(row.iter().map(net).max().unwrap_or(0).max(0))
        })
        .sum();
    let counted = i128::from(bonus) * matched.matched() as i128;
    let bound = -(seats_are_worth + people_are_worth - counted);
    Solved { plan: matched, objective: objective as f64, bound: bound as f64, nodes: 1 }
}

/// The stable matching that is best for people. Of candidates worth the same, the earlier vacancy and the earlier person come
/// first. A vacancy stands once in a row.
///
/// # Panics
/// If a candidate is no vacancy.
pub fn stable(seekers: &[Vec<Candidate>], seats: &[u32]) -> Matched {
    let mut order: Vec<Vec<Candidate>> = seekers.to_vec();
    for row in &mut order {
        // The last is proposed to first.
        row.sort_unstable_by_key(|c| (c.person, Reverse(c.vacancy)));
    }
    // Of each vacancy those whom it keeps, whom it would give up first on top.
    let mut keeps: Vec<BinaryHeap<(Reverse<i64>, u32)>> = vec![BinaryHeap::new(); seats.len()];
    let mut vacancy_of = vec![None; seekers.len()];
    for person in 0..seekers.len() as u32 {
        let mut proposes = Some(person);
        while let Some(person) = proposes {
            let Some(candidate) = order[person as usize].pop() else { break };
            let vacancy = candidate.vacancy as usize;
            assert!(vacancy < seats.len(), "a candidate is one of the vacancies");
            keeps[vacancy].push((Reverse(candidate.employer), person));
            vacancy_of[person as usize] = Some(candidate.vacancy);
            proposes = None;
            if keeps[vacancy].len() > seats[vacancy] as usize {
                let (_, given_up) = keeps[vacancy].pop().expect("somebody was just taken");
                vacancy_of[given_up as usize] = None;
                proposes = Some(given_up);
            }
        }
    }
    let mut matched = Matched::of(vacancy_of, seats);
    matched.give_reasons(seekers, seats);
    matched
}

#[cfg(test)]
mod tests;
