//! 一户一人: whose household has nobody trained, who of them could be, and whom care keeps at home.

use jiff::civil::Date;

use crate::Rules;
use crate::ability::{Ability, Illness, Judged, Labour, months_between};

/// A member of a household, as the registers and lists of trained people have them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Member {
    /// What they can do.
    pub judged: Judged,
    /// Whole years; `None`: not on file.
    pub years: Option<u16>,
    /// Grade of disability.
    pub disability: Option<u8>,
    /// Health.
    pub illness: Option<Illness>,
    /// What somebody reported: needs care, or does not.
    pub needs_care: Option<bool>,
    /// Works outside the county.
    pub is_away: bool,
    /// End of the latest course completed (结业).
    pub trained_on: Option<Date>,
    /// Is or was at a vocational school or above.
    pub is_vocational: bool,
}

/// How a household stands towards “at least one trained member”.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum State {
    /// Nobody of it counts as labour: nothing is owed.
    NoLabour,
    /// Somebody is trained: positions of members.
    Trained(Vec<usize>),
    /// Nobody is; these could be.
    Untrained(Vec<usize>),
    /// Nobody is, and of these it is not known whether they can work.
    Ask(Vec<usize>),
}

/// Whether the training of a member counts on a day.
pub fn is_trained(rules: &Rules, member: &Member, as_of: Date) -> bool {
    let Some(row) = rules.training(as_of) else { return false };
    let in_time = |on: Date| {
        on <= as_of && (row.counts_years == 0 || months_between(on, as_of) < row.counts_years * 12)
    };
    member.trained_on.is_some_and(in_time) || (row.vocational_counts && member.is_vocational)
}

/// How a household stands on a day. A trained member counts whoever they are; what is owed hangs on labour.
pub fn state(rules: &Rules, members: &[Member], as_of: Date) -> State {
    let all = || members.iter().enumerate();
    let counts = |member: &Member| member.judged.known().is_some_and(Labour::counts);
    let trained: Vec<usize> =
        all().filter(|(_, m)| is_trained(rules, m, as_of)).map(|(at, _)| at).collect();
    let could: Vec<usize> = all().filter(|(_, m)| counts(m)).map(|(at, _)| at).collect();
    let asked: Vec<usize> =
        all().filter(|(_, m)| m.judged.known().is_none()).map(|(at, _)| at).collect();
    match (trained.is_empty(), could.is_empty(), asked.is_empty()) {
        // Vocational pupils of a household without other labour: the promise is kept all the same.
        (false, _, _) => State::Trained(trained),
        (true, false, _) => State::Untrained(could),
        (true, true, false) => State::Ask(asked),
        (true, true, true) => State::NoLabour,
    }
}

/// Why somebody is kept at home.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Tie {
    /// Nobody else can care for these: positions of members.
    Only(Vec<usize>),
    /// One of several must stay for these.
    OneOf {
        /// Who else could.
        others: Vec<usize>,
        /// Who needs care.
        cared: Vec<usize>,
    },
}

/// Whether a member needs somebody at home on a day: as reported, else by the rules.
pub fn needs_care(rules: &Rules, member: &Member, as_of: Date) -> bool {
    let Some(row) = rules.care(as_of) else { return member.needs_care == Some(true) };
    member.needs_care.unwrap_or_else(|| {
        member.years.is_some_and(|years| years < row.child_under || years >= row.old_from)
            || member.disability.is_some_and(|grade| row.grades.contains(&grade))
            || (row.serious && member.illness == Some(Illness::Serious))
    })
}

/// Members whom care keeps at home, each with why.
///
/// Care can be given by whoever has some ability, is grown up and at home, and needs none; a healthy grandmother of seventy
/// cares for a child as well as anybody. If nobody at home can, those away are looked at.
pub fn ties(rules: &Rules, members: &[Member], as_of: Date) -> Vec<(usize, Tie)> {
    let Some(row) = rules.care(as_of) else { return Vec::new() };
    let cared: Vec<usize> =
        (0..members.len()).filter(|at| needs_care(rules, &members[*at], as_of)).collect();
    if cared.is_empty() {
        return Vec::new();
    }
    let can = |at: &usize| {
        let member = &members[*at];
        let grown =
            member.years.is_some_and(|years| (row.carer_from..row.carer_until).contains(&years));
        let able = member.judged.known().is_some_and(|l| {
            let lowered_by_age_alone =
                l.why.iter().all(|why| matches!(why, crate::ability::Why::TooOld { .. }));
            l.ability > Ability::None || lowered_by_age_alone
        });
        let at_school = member.judged.known().is_some_and(|l| l.in_school);
        grown && able && !at_school && !cared.contains(at)
    };
    let all: Vec<usize> = (0..members.len()).filter(can).collect();
    let home: Vec<usize> = all.iter().copied().filter(|at| !members[*at].is_away).collect();
    let carers = if home.is_empty() { all } else { home };
    if let [one] = carers[..] {
        return vec![(one, Tie::Only(cared))];
    }
    let tie = |at: &usize| {
        let others = carers.iter().copied().filter(|other| other != at).collect();
        (*at, Tie::OneOf { others, cared: cared.clone() })
    };
    carers.iter().map(tie).collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use jiff::civil::date;

    use super::*;

    fn member(years: u16, ability: Ability) -> Member {
        let why = match years {
            0..16 => vec![crate::ability::Why::TooYoung { years, first: 16 }],
            70.. => vec![crate::ability::Why::TooOld { years, last_months: 720 }],
            _ => Vec::new(),
        };
        let is_of_age = (16..60).contains(&years);
        Member {
            judged: Judged::Known(Labour { ability, is_of_age, in_school: false, why }),
            years: Some(years),
            disability: None,
            illness: Some(Illness::Healthy),
            needs_care: None,
            is_away: false,
            trained_on: None,
            is_vocational: false,
        }
    }

    #[test]
    fn one_trained_member_is_enough_and_without_labour_nothing_is_owed() {
        let rules = Rules::builtin();
        let as_of = date(2025, 6, 30);
        let child = member(8, Ability::None);
        let old = member(80, Ability::None);
        let mother = member(38, Ability::Normal);
        let state = |members: &[Member]| state(&rules, members, as_of);
        assert_eq!(state(&[old.clone(), child.clone()]), State::NoLabour);
        assert_eq!(state(&[old.clone(), mother.clone(), child.clone()]), State::Untrained(vec![1]));
        let trained = Member { trained_on: Some(date(2021, 5, 1)), ..mother.clone() };
        assert_eq!(state(&[old.clone(), trained]), State::Trained(vec![1]));
        let tomorrow = Member { trained_on: Some(date(2025, 7, 1)), ..mother.clone() };
        assert_eq!(state(&[tomorrow]), State::Untrained(vec![0]));
        let pupil = Member { is_vocational: true, ..member(17, Ability::Normal) };
        assert_eq!(state(&[old.clone(), pupil]), State::Trained(vec![1]));
        let unknown = Member {
            judged: Judged::Ask(BTreeSet::from([crate::ability::Fact::Illness])),
            ..mother
        };
        assert_eq!(state(&[old, unknown]), State::Ask(vec![1]));
    }

    #[test]
    fn care_keeps_at_home_whom_nobody_can_replace() {
        let rules = Rules::builtin();
        let as_of = date(2025, 6, 30);
        let baby = member(1, Ability::None);
        let mother = member(30, Ability::Normal);
        let father = Member { is_away: true, ..member(32, Ability::Normal) };
        let found = ties(&rules, &[baby.clone(), mother.clone(), father.clone()], as_of);
        assert_eq!(found, [(1, Tie::Only(vec![0]))]);
        let grandmother = member(70, Ability::None);
        let found = ties(&rules, &[baby.clone(), mother.clone(), grandmother], as_of);
        assert_eq!(found[0], (1, Tie::OneOf { others: vec![2], cared: vec![0] }));
        assert_eq!(found.len(), 2);
        assert_eq!(ties(&rules, &[mother.clone(), father.clone()], as_of), []);
        let ill = Member { disability: Some(1), ..member(45, Ability::None) };
        assert_eq!(ties(&rules, &[ill, father], as_of), [(1, Tie::Only(vec![0]))]);
        let reported = Member { needs_care: Some(false), ..baby };
        assert_eq!(ties(&rules, &[reported, mother], as_of), []);
    }
}
