//! Work and its proofs: after 3, 6 and 12 months, each with its clock; a placement whose evidence stops; 结业即就业.

use jiff::Span;
use jiff::civil::Date;

use crate::Rules;

/// Somebody's work at one employer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Placement {
    /// First day.
    pub from: Date,
    /// Last day, where its end is on file.
    pub to: Option<Date>,
    /// Days of proofs (wages paid, insurance, a call, a visit), in any order.
    pub proofs: Vec<Date>,
}

/// Where a clock stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stand {
    /// A proof is there, of that day.
    Proved(Date),
    /// Not yet due.
    Waiting,
    /// Due now.
    Due,
    /// Not brought in time.
    Late,
    /// The work had ended before.
    Ended,
}

/// A proof that is owed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Clock {
    /// Months after the beginning.
    pub months: u16,
    /// The day on which they are over.
    pub on: Date,
    /// The last day for the proof.
    pub due_on: Date,
    /// Where it stands.
    pub stand: Stand,
}

/// Whether somebody still works there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// Proof is new enough.
    Working,
    /// No proof for too long: the evidence has stopped, nobody said that the work has.
    Silent {
        /// The last proof, or the beginning.
        since: Date,
    },
    /// It ended.
    Ended {
        /// The last day.
        on: Date,
    },
    /// It begins later.
    Ahead,
}

fn days(day: Date, n: i32) -> Date {
    day.saturating_add(Span::new().days(n))
}

/// Proofs that a placement owes on a day; none where no rule is in force.
///
/// A proof counts for a clock from some days before the months are over (the file says how many); so does a later one, as
/// who works in the eighth month worked in the sixth. Work that ended after the months owes their proof all the same.
pub fn clocks(rules: &Rules, placement: &Placement, as_of: Date) -> Vec<Clock> {
    let Some(row) = rules.placement(as_of) else { return Vec::new() };
    let proofs = placement.proofs.iter().copied().filter(|p| *p <= as_of && *p >= placement.from);
    let clock = |&months: &u16| {
        let on = placement.from.saturating_add(Span::new().months(i32::from(months)));
        let due_on = days(on, row.late_days);
        let enough = days(on, -row.early_days);
        let proof = proofs.clone().filter(|proof| *proof >= enough).min();
        let stand = if let Some(proof) = proof {
            Stand::Proved(proof)
        } else if placement.to.is_some_and(|to| to < enough) {
            Stand::Ended
        } else if as_of < on {
            Stand::Waiting
        } else if as_of <= due_on {
            Stand::Due
        } else {
            Stand::Late
        };
        Clock { months, on, due_on, stand }
    };
    row.months.iter().map(clock).collect()
}

/// Whether somebody still works there on a day.
pub fn state(rules: &Rules, placement: &Placement, as_of: Date) -> State {
    if placement.from > as_of {
        return State::Ahead;
    }
    if let Some(on) = placement.to.filter(|to| *to < as_of) {
        return State::Ended { on };
    }
    let known = placement.proofs.iter().copied().filter(|p| *p <= as_of);
    let since = known.chain([placement.from]).max().expect("the beginning is one");
    let silent = rules.placement(as_of).is_some_and(|row| days(since, row.silent_days) < as_of);
    if silent { State::Silent { since } } else { State::Working }
}

/// 结业即就业: how somebody who completed a course stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AfterCourse {
    /// Work began in time: so many days after the end; at once, if they worked already.
    Placed {
        /// Days.
        after_days: i32,
    },
    /// Work began too late.
    PlacedLate {
        /// Days.
        after_days: i32,
    },
    /// No work yet, and time is left.
    Waiting {
        /// The last day.
        due_on: Date,
    },
    /// No work in time.
    Late {
        /// The last day.
        due_on: Date,
    },
    /// Study, service, illness or care: nothing is owed.
    Excused,
}

/// How somebody who completed a course on a day stands; `None` where no rule is in force. `work`: first and last days.
pub fn after_course(
    rules: &Rules,
    completed_on: Date,
    work: &[(Date, Option<Date>)],
    is_excused: bool,
    as_of: Date,
) -> Option<AfterCourse> {
    let row = rules.placement(completed_on)?;
    let due_on = days(completed_on, row.after_course_days);
    let begun = work
        .iter()
        .filter(|(from, to)| *from <= as_of && to.is_none_or(|to| to >= completed_on))
        .map(|(from, _)| (*from).max(completed_on))
        .min();
    let stand = match begun {
        Some(from) => {
            let after_days = (from - completed_on).get_days();
            if from <= due_on {
                AfterCourse::Placed { after_days }
            } else {
                AfterCourse::PlacedLate { after_days }
            }
        }
        None if is_excused => AfterCourse::Excused,
        None if as_of <= due_on => AfterCourse::Waiting { due_on },
        None => AfterCourse::Late { due_on },
    };
    Some(stand)
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    fn stands(to: Option<Date>, proofs: &[Date], as_of: Date) -> Vec<Stand> {
        let placement = Placement { from: date(2024, 3, 1), to, proofs: proofs.to_vec() };
        clocks(&Rules::builtin(), &placement, as_of).into_iter().map(|c| c.stand).collect()
    }

    #[test]
    fn proofs_of_work_fall_due_and_late_one_after_the_other() {
        use Stand::{Due, Ended, Late, Proved, Waiting};
        assert_eq!(stands(None, &[], date(2024, 5, 31)), [Waiting, Waiting, Waiting]);
        assert_eq!(stands(None, &[], date(2024, 6, 1)), [Due, Waiting, Waiting]);
        assert_eq!(stands(None, &[], date(2024, 7, 1)), [Due, Waiting, Waiting]);
        assert_eq!(stands(None, &[], date(2024, 7, 2)), [Late, Waiting, Waiting]);
        // Fifteen days early is enough, sixteen is not.
        let (early, too_early) = (date(2024, 5, 17), date(2024, 5, 16));
        assert_eq!(stands(None, &[early], date(2024, 6, 1))[0], Proved(early));
        assert_eq!(stands(None, &[too_early], date(2024, 6, 1))[0], Due);
        let later = date(2024, 10, 8);
        let all = stands(None, &[later], date(2025, 3, 1));
        assert_eq!(all, [Proved(later), Proved(later), Due]);
        // A proof of tomorrow proves nothing today.
        assert_eq!(stands(None, &[later], date(2024, 10, 7)), [Late, Late, Waiting]);
        let ended = stands(Some(date(2024, 7, 15)), &[date(2024, 6, 2)], date(2025, 6, 1));
        assert_eq!(ended, [Proved(date(2024, 6, 2)), Ended, Ended]);
    }

    #[test]
    fn a_placement_without_news_is_silent_and_not_ended() {
        let rules = Rules::builtin();
        let mut placement = Placement { from: date(2024, 3, 1), to: None, proofs: Vec::new() };
        assert_eq!(state(&rules, &placement, date(2024, 2, 1)), State::Ahead);
        assert_eq!(state(&rules, &placement, date(2024, 9, 7)), State::Working);
        let silent = State::Silent { since: date(2024, 3, 1) };
        assert_eq!(state(&rules, &placement, date(2024, 9, 8)), silent);
        placement.proofs.push(date(2024, 6, 1));
        assert_eq!(state(&rules, &placement, date(2024, 9, 8)), State::Working);
        placement.to = Some(date(2024, 8, 31));
        let ended = State::Ended { on: date(2024, 8, 31) };
        assert_eq!(state(&rules, &placement, date(2024, 9, 8)), ended);
    }

    #[test]
    fn work_follows_a_course_within_its_days() {
        let rules = Rules::builtin();
        let done = date(2024, 6, 30);
        let due_on = date(2024, 12, 27);
        let on = |work: &[(Date, Option<Date>)], as_of| {
            after_course(&rules, done, work, false, as_of).unwrap()
        };
        assert_eq!(on(&[], date(2024, 12, 27)), AfterCourse::Waiting { due_on });
        assert_eq!(on(&[], date(2024, 12, 28)), AfterCourse::Late { due_on });
        let in_july = [(date(2024, 7, 10), None)];
        assert_eq!(on(&in_july, date(2025, 1, 1)), AfterCourse::Placed { after_days: 10 });
        assert_eq!(on(&in_july, date(2024, 7, 9)), AfterCourse::Waiting { due_on });
        let already = [(date(2023, 1, 1), None)];
        assert_eq!(on(&already, date(2025, 1, 1)), AfterCourse::Placed { after_days: 0 });
        let before = [(date(2023, 1, 1), Some(date(2024, 6, 1)))];
        assert_eq!(on(&before, date(2025, 1, 1)), AfterCourse::Late { due_on });
        let late = [(date(2025, 1, 5), None)];
        assert_eq!(on(&late, date(2025, 2, 1)), AfterCourse::PlacedLate { after_days: 189 });
        let excused = after_course(&rules, done, &[], true, date(2025, 1, 1));
        assert_eq!(excused, Some(AfterCourse::Excused));
    }
}
