//! People and vacancies: the matching that is worth most to both sides together, or one that is stable, with why for each.
//!
//! [`best`] is a maximum-weight matching with capacities; its prices prove it. [`stable`] is deferred acceptance with people
//! proposing (Gale and Shapley 1962): no person and vacancy would both rather have each other, and of all such matchings each
//! person has the best they can have.

use crate::budget::Solved;

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
    start: Vec<u32>,
    holder: Vec<u32>,
}

impl Matched {
    /// Who has a vacancy, rising.
    pub fn holders(&self, vacancy: u32) -> &[u32] {
        let vacancy = vacancy as usize;
        &self.holder[self.start[vacancy] as usize..self.start[vacancy + 1] as usize]
    }

    /// How many people have one.
    pub fn matched(&self) -> usize {
        self.holder.len()
    }
}

/// The matching that is worth most. The objective is its points, negated; the bound is reckoned from the prices, and equal.
///
/// # Panics
/// If a candidate is no vacancy, or points are beyond 2³¹.
pub fn best(_seekers: &[Vec<Candidate>], _seats: &[u32], _aim: Aim) -> Solved<Matched> {
    todo!()
}

/// The stable matching that is best for people. Of candidates worth the same, the earlier vacancy and the earlier person come
/// first. The objective is its points, negated.
///
/// # Panics
/// If a candidate is no vacancy.
pub fn stable(_seekers: &[Vec<Candidate>], _seats: &[u32]) -> Matched {
    todo!()
}
