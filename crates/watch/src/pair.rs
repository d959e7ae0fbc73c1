//! 一对一结对: which mentor fits which pupil, why, and the proof that no other plan of pairs fits better.
//!
//! [`Problem::build`] turns pupils and mentors into candidates with costs, by the [`Rules`] of `policies/cn/pairing.toml`: hard
//! rules (code of conduct signed, girls' safety, within reach) leave pairs out, points say how well the others fit. The caller
//! solves it as a placement of pupils in mentors (`plan::transport`, in `office`) and gives back [`Pairs`] with prices;
//! [`prove`] checks by these prices alone, sharing nothing with the solver, that the plan is the best. [`changes`] says what a new
//! plan moves.

mod measure;
mod plan;
mod rules;

use std::collections::{BTreeMap, BTreeSet};

pub use measure::{LEAST, Measured, between, measured};
pub use plan::{Planned, term_plan};
pub use rules::{Code, Kind, Rules};
use rules::{Girls, Points, Reach};

/// Gender, as far as it decides about safety.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Gender {
    /// 女
    Female,
    /// 男
    Male,
}

/// A pupil who is to have a mentor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pupil {
    /// The school; any number.
    pub school: u64,
    /// The village.
    pub village: i64,
    /// The town.
    pub town: i64,
    /// Gender.
    pub gender: Gender,
    /// The language of home: one bit each; 0 is not on file.
    pub languages: u64,
    /// Subjects in which help is needed: one bit each.
    pub subjects: u64,
    /// Whether they board.
    pub boards: bool,
    /// The mentor so far: a position.
    pub mentor: Option<u32>,
}

/// Somebody who looks after pupils.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mentor {
    /// Key of their kind in the rules.
    pub kind: String,
    /// The school that they work for.
    pub school: Option<u64>,
    /// The village that they live in or answer for.
    pub village: Option<i64>,
    /// The town.
    pub town: Option<i64>,
    /// Gender.
    pub gender: Gender,
    /// Languages: one bit each.
    pub languages: u64,
    /// Subjects that they can teach.
    pub subjects: u64,
    /// Whether they are on duty where pupils board.
    pub boarding_duty: bool,
    /// How many pupils they can look after: the county's cap, less what they carry besides.
    pub capacity: u32,
    /// Whether they signed the code of conduct.
    pub signed: bool,
}

/// Why two fit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fit {
    /// 同校
    SameSchool,
    /// 同村
    SameVillage,
    /// 同镇
    SameTown,
    /// 语言相通
    Language,
    /// 能补弱科: how many subjects.
    Subjects(u32),
    /// 同性别
    SameGender,
    /// 住校有值守
    BoardsWithDuty,
    /// 已经结对
    Keep,
}

/// Why two cannot be paired.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Bar {
    /// 没有签行为守则
    NotSigned,
    /// 女孩由女性帮扶
    GirlsByWomen,
    /// 够不着: neither the same school nor the same place.
    OutOfReach,
    /// No rule knows this kind of mentor.
    UnknownKind,
    /// 没有名额
    NoCapacity,
}

impl Fit {
    /// The word in the books.
    pub const fn code(self) -> &'static str {
        match self {
            Self::SameSchool => "same_school",
            Self::SameVillage => "same_village",
            Self::SameTown => "same_town",
            Self::Language => "language",
            Self::Subjects(_) => "subjects",
            Self::SameGender => "same_gender",
            Self::BoardsWithDuty => "boards_with_duty",
            Self::Keep => "keep",
        }
    }
}

impl Bar {
    /// The word in the books.
    pub const fn code(self) -> &'static str {
        match self {
            Self::NotSigned => "not_signed",
            Self::GirlsByWomen => "girls_by_women",
            Self::OutOfReach => "out_of_reach",
            Self::UnknownKind => "unknown_kind",
            Self::NoCapacity => "no_capacity",
        }
    }
}

/// How much what works is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Keeping {
    /// By the points of the rules: for the plan of a new year.
    Weighed,
    /// Before all else but pairing everybody: for when a mentor leaves.
    First,
}

/// Why two fit, and the points of it; or why they cannot be paired.
///
/// # Errors
/// The first [`Bar`].
pub fn fit(
    rules: &Rules,
    pupil: &Pupil,
    mentor: &Mentor,
    kept: bool,
) -> Result<Vec<(Fit, u32)>, Bar> {
    let kind = rules.kind(&mentor.kind).ok_or(Bar::UnknownKind)?;
    fit_kind(rules.points, kind, pupil, mentor, kept)
}

fn fit_kind(
    points: Points,
    kind: &Kind,
    pupil: &Pupil,
    mentor: &Mentor,
    kept: bool,
) -> Result<Vec<(Fit, u32)>, Bar> {
    if mentor.capacity == 0 {
        return Err(Bar::NoCapacity);
    }
    if !mentor.signed {
        return Err(Bar::NotSigned);
    }
    let same_gender = pupil.gender == mentor.gender;
    if kind.girls == Girls::Women && pupil.gender == Gender::Female && !same_gender {
        return Err(Bar::GirlsByWomen);
    }
    let same_school = mentor.school == Some(pupil.school);
    let same_village = mentor.village == Some(pupil.village);
    let same_town = mentor.town == Some(pupil.town);
    let near = match kind.reach {
        Reach::School => same_school,
        Reach::Town => same_school || same_village || same_town,
        Reach::County => true,
    };
    if !near {
        return Err(Bar::OutOfReach);
    }
    let subjects = (pupil.subjects & mentor.subjects).count_ones();
    let found = [
        (same_school, Fit::SameSchool, points.same_school),
        (same_village, Fit::SameVillage, points.same_village),
        (same_town, Fit::SameTown, points.same_town),
        (pupil.languages & mentor.languages != 0, Fit::Language, points.language),
        (subjects > 0, Fit::Subjects(subjects), points.subject * subjects),
        (same_gender, Fit::SameGender, points.same_gender),
        (pupil.boards && mentor.boarding_duty, Fit::BoardsWithDuty, points.boards_with_duty),
        (kept, Fit::Keep, points.keep),
    ];
    Ok(found.into_iter().filter(|(holds, ..)| *holds).map(|(_, fit, p)| (fit, p)).collect())
}

/// Candidates of each pupil with their costs: what is to be solved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    start: Vec<usize>,
    mentor: Vec<u32>,
    cost: Vec<i64>,
    /// How many pupils each mentor can look after.
    pub capacity: Vec<u32>,
    /// What it costs that a pupil has nobody: more than any plan saves by it.
    pub unpaired: i64,
}

impl Problem {
    /// Candidates by the rules. A pair costs the most points that any pair has, less its own.
    ///
    /// Takes pupils × mentors.
    pub fn build(rules: &Rules, pupils: &[Pupil], mentors: &[Mentor], keeping: Keeping) -> Self {
        let kinds: Vec<Option<&Kind>> =
            mentors.iter().map(|mentor| rules.kind(&mentor.kind)).collect();
        let mut start = Vec::with_capacity(pupils.len() + 1);
        start.push(0);
        let (mut mentor_of, mut points_of) = (Vec::new(), Vec::new());
        let mut kept = Vec::new();
        for pupil in pupils {
            for (at, (mentor, kind)) in (0_u32..).zip(mentors.iter().zip(&kinds)) {
                let is_kept = pupil.mentor == Some(at);
                let Some(kind) = kind else { continue };
                if let Ok(found) = fit_kind(rules.points, kind, pupil, mentor, is_kept) {
                    mentor_of.push(at);
                    points_of.push(found.iter().map(|(_, p)| i64::from(*p)).sum::<i64>());
                    kept.push(is_kept);
                }
            }
            start.push(mentor_of.len());
        }
        let most = points_of.iter().copied().max().unwrap_or(0);
        let n = i64::try_from(pupils.len()).expect("fewer than 2⁶³ pupils");
        // First: one pair kept outweighs all points of all pairs.
        let keep = if keeping == Keeping::First { (most + 1) * (n + 1) } else { 0 };
        let cost = points_of
            .iter()
            .zip(&kept)
            .map(|(points, kept)| most - points + if *kept { 0 } else { keep })
            .collect();
        // Nobody left out outweighs everything else.
        let unpaired = (most + keep + 1) * (n + 1);
        let capacity = mentors.iter().map(|mentor| mentor.capacity).collect();
        Self { start, mentor: mentor_of, cost, capacity, unpaired }
    }

    /// Pupils.
    pub fn pupils(&self) -> usize {
        self.start.len() - 1
    }

    /// The mentors that a pupil may have, and what each costs.
    pub fn candidates(&self, pupil: usize) -> (&[u32], &[i64]) {
        let range = self.start[pupil]..self.start[pupil + 1];
        (&self.mentor[range.clone()], &self.cost[range])
    }
}

/// A plan of pairs, with its proof.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pairs {
    /// The mentor of each pupil.
    pub mentor_of: Vec<Option<u32>>,
    /// For each mentor what one more place with them would save; nought where there is room.
    pub price: Vec<i64>,
}

/// Why a plan is not what it says.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unproven {
    /// Lengths differ.
    #[error("the plan is not for these pupils and mentors")]
    Shape,
    /// A pair that is no candidate.
    #[error("pupil {pupil} may not have mentor {mentor}")]
    NoCandidate {
        /// The pupil.
        pupil: usize,
        /// The mentor.
        mentor: u32,
    },
    /// More pupils than a mentor can look after.
    #[error("mentor {mentor} has {has} pupils and can look after {capacity}")]
    OverCapacity {
        /// The mentor.
        mentor: u32,
        /// Pupils.
        has: u32,
        /// Their most.
        capacity: u32,
    },
    /// A price below nought, or one of a mentor with room.
    #[error("the price of mentor {0} proves nothing")]
    Price(u32),
    /// A pupil who would be better off elsewhere at these prices.
    #[error("pupil {pupil} would be better with {better:?}")]
    Better {
        /// The pupil.
        pupil: usize,
        /// With whom; `None` is with nobody.
        better: Option<u32>,
    },
}

/// What the plan costs, if its prices prove that no other costs less.
///
/// Source: complementary slackness of the transportation problem: if every pupil has the cheapest of cost plus price, and
/// only full mentors have a price, the plan is optimal (Ahuja, Magnanti and Orlin 1993, 9.2).
///
/// # Errors
/// The first [`Unproven`].
pub fn prove(problem: &Problem, pairs: &Pairs) -> Result<i128, Unproven> {
    if pairs.mentor_of.len() != problem.pupils() || pairs.price.len() != problem.capacity.len() {
        return Err(Unproven::Shape);
    }
    let mut load = vec![0_u32; problem.capacity.len()];
    let mut total = 0;
    for (pupil, mentor) in pairs.mentor_of.iter().enumerate() {
        let (mentors, costs) = problem.candidates(pupil);
        let mut here = problem.unpaired;
        if let Some(mentor) = *mentor {
            let at = mentors.iter().position(|m| *m == mentor);
            let cost = costs[at.ok_or(Unproven::NoCandidate { pupil, mentor })?];
            load[mentor as usize] += 1;
            total += i128::from(cost);
            here = cost + pairs.price[mentor as usize];
        } else {
            total += i128::from(problem.unpaired);
        }
        if here > problem.unpaired {
            return Err(Unproven::Better { pupil, better: None });
        }
        for (other, cost) in mentors.iter().zip(costs) {
            if cost + pairs.price[*other as usize] < here {
                return Err(Unproven::Better { pupil, better: Some(*other) });
            }
        }
    }
    for (mentor, ((load, capacity), price)) in
        (0..).zip(load.iter().zip(&problem.capacity).zip(&pairs.price))
    {
        if load > capacity {
            return Err(Unproven::OverCapacity { mentor, has: *load, capacity: *capacity });
        }
        if *price < 0 || (*price > 0 && load < capacity) {
            return Err(Unproven::Price(mentor));
        }
    }
    Ok(total)
}

/// Why a pupil is left without a mentor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LeftOut {
    /// Nobody may be paired with them; how many mentors for each reason.
    Nobody(BTreeMap<Bar, usize>),
    /// All who might are full; who they are.
    AllFull(Vec<u32>),
}

/// Why a pupil of a plan has no mentor; `None` if they have one.
pub fn left_out(
    rules: &Rules,
    problem: &Problem,
    pairs: &Pairs,
    pupils: &[Pupil],
    mentors: &[Mentor],
    pupil: usize,
) -> Option<LeftOut> {
    if pairs.mentor_of[pupil].is_some() {
        return None;
    }
    let (candidates, _) = problem.candidates(pupil);
    if !candidates.is_empty() {
        return Some(LeftOut::AllFull(candidates.to_vec()));
    }
    let mut bars = BTreeMap::new();
    for mentor in mentors {
        if let Err(bar) = fit(rules, &pupils[pupil], mentor, false) {
            *bars.entry(bar).or_default() += 1;
        }
    }
    Some(LeftOut::Nobody(bars))
}

/// What a new plan changes for a pupil.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Change {
    /// The pupil.
    pub pupil: usize,
    /// The mentor before.
    pub from: Option<u32>,
    /// The mentor now.
    pub to: Option<u32>,
    /// Whether it follows from the mentor's leaving; else it makes room for somebody who would have nobody.
    pub left: bool,
}

/// What a plan changes, in the order of pupils. `gone` are mentors who left.
pub fn changes(before: &[Option<u32>], after: &[Option<u32>], gone: &BTreeSet<u32>) -> Vec<Change> {
    before
        .iter()
        .zip(after)
        .enumerate()
        .filter(|(_, (from, to))| from != to)
        .map(|(pupil, (from, to))| Change {
            pupil,
            from: *from,
            to: *to,
            left: from.is_some_and(|mentor| gone.contains(&mentor)),
        })
        .collect()
}

#[cfg(test)]
mod tests;
