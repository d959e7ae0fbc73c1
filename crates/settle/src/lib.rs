//! Duties against deeds: every gap, every excess, and nothing lost between them.
//!
//! [`settle`] matches by area, kind, unit, subject and period. Within one such account the deeds fill the duties in the order of
//! time. What was due is then what was done plus what is missing; what was done is what counted plus what was beyond
//! any duty, less what was returned without having been done. Those two equations are the room's law, held by property tests.
//!
//! The room knows no dates but its arguments: whether a gap is overdue is for the caller to say, who knows the day.

use std::collections::BTreeMap;

use fujiao_model::{Area, Deed, Duty, Excess, ExcessKind, Gap, Period, Subject, Unit};
use jiff::civil::Date;

/// What [`settle`] found. Positions are those of the slices that were settled.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Settlement {
    /// For each duty, what was done against it: at least 0, at most what was due.
    pub done: Vec<i64>,
    /// For each duty that is done in full, the day on which it was.
    pub done_on: Vec<Option<Date>>,
    /// For each deed, what of it counts: done against duties and not taken back later.
    pub counted: Vec<i64>,
    /// Duties not done in full, in the order of the duties.
    pub gaps: Vec<Gap>,
    /// Deeds, or parts of deeds, that stand against no duty and were not taken back, in the order of the deeds.
    pub excesses: Vec<Excess>,
    /// Returns of something that no deed here had given, in the order of the deeds.
    pub loose_returns: Vec<LooseReturn>,
}

/// A return, or a part of one, with no deed to take back: a refund whose payment is not on file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct LooseReturn {
    /// Position of the returning deed.
    pub deed: usize,
    /// How much of it found nothing to take back; above zero.
    pub quantity: i64,
}

/// One account: what may be set against what.
type Account = (Area, u32, Unit, Subject, Period);

/// Sets deeds against duties.
///
/// Within an account the order is that of time: duties by due date, deeds by day, equal ones by their evidence, so that the
/// order of the slices does not matter. A deed with a quantity below zero is a return: it takes back the latest deed before it
/// first (a second payment is what comes back), then earlier ones, then, if the books are out of order, later ones.
/// Deeds for which the account has no duty are [`ExcessKind::Unfounded`]; deeds after everything was done are
/// [`ExcessKind::Repeated`]; the part of a deed beyond what was left is [`ExcessKind::Over`].
///
/// Takes n log n for n duties and deeds together; returns cost the number of deeds in their own account.
pub fn settle(duties: &[Duty], deeds: &[Deed]) -> Settlement {
    let kinds = number_kinds(duties, deeds);
    let mut due: Vec<(Account, usize)> = duties
        .iter()
        .enumerate()
        .map(|(i, d)| ((d.area, kinds[&*d.kind], d.unit, d.subject, d.period), i))
        .collect();
    let mut acts: Vec<(Account, usize)> = deeds
        .iter()
        .enumerate()
        .map(|(i, d)| ((d.area, kinds[&*d.kind], d.unit, d.subject, d.period), i))
        .collect();
    due.sort_unstable_by_key(|&(account, i)| (account, duties[i].due_on, duties[i].quantity, i));
    acts.sort_unstable_by_key(|&(account, i)| (account, deeds[i].done_on, deeds[i].evidence, i));

    let mut out = Settlement {
        done: vec![0; duties.len()],
        done_on: vec![None; duties.len()],
        counted: vec![0; deeds.len()],
        ..Settlement::default()
    };
    let (mut due, mut acts) = (&due[..], &acts[..]);
    loop {
        let account = match (due.first(), acts.first()) {
            (Some(d), Some(a)) => d.0.min(a.0),
            (Some(d), None) => d.0,
            (None, Some(a)) => a.0,
            (None, None) => break,
        };
        let d = due.iter().take_while(|(a, _)| *a == account).count();
        let a = acts.iter().take_while(|(x, _)| *x == account).count();
        settle_account(&due[..d], &acts[..a], duties, deeds, &mut out);
        (due, acts) = (&due[d..], &acts[a..]);
    }
    for (i, duty) in duties.iter().enumerate() {
        let missing = duty.quantity - out.done[i];
        if missing > 0 {
            out.gaps.push(Gap { duty: i, done: out.done[i], missing });
        }
    }
    out.excesses.sort_unstable_by_key(|e| e.deed);
    out.loose_returns.sort_unstable();
    out
}

/// Kinds as numbers, so that accounts compare without reading text.
fn number_kinds<'a>(duties: &'a [Duty], deeds: &'a [Deed]) -> BTreeMap<&'a str, u32> {
    let mut kinds = BTreeMap::new();
    for kind in duties.iter().map(|d| &*d.kind).chain(deeds.iter().map(|d| &*d.kind)) {
        let next = u32::try_from(kinds.len()).expect("there are few kinds");
        kinds.entry(kind).or_insert(next);
    }
    kinds
}

fn settle_account(
    due: &[(Account, usize)],
    acts: &[(Account, usize)],
    duties: &[Duty],
    deeds: &[Deed],
    out: &mut Settlement,
) {
    let mut left: Vec<i64> = acts.iter().map(|&(_, i)| deeds[i].quantity.max(0)).collect();
    for (at, &(_, i)) in acts.iter().enumerate() {
        let mut back = -deeds[i].quantity.min(0);
        for earlier in (0..at).rev().chain(at + 1..acts.len()) {
            let taken = back.min(left[earlier]);
            left[earlier] -= taken;
            back -= taken;
            if back == 0 {
                break;
            }
        }
        if back > 0 {
            out.loose_returns.push(LooseReturn { deed: i, quantity: back });
        }
    }

    let mut open = due.iter().map(|&(_, i)| i).filter(|&i| duties[i].quantity > 0).peekable();
    for (&(_, act), &quantity) in acts.iter().zip(&left) {
        let mut rest = quantity;
        while rest > 0
            && let Some(&duty) = open.peek()
        {
            let step = rest.min(duties[duty].quantity - out.done[duty]);
            out.done[duty] += step;
            rest -= step;
            if out.done[duty] == duties[duty].quantity {
                out.done_on[duty] = Some(deeds[act].done_on);
                open.next();
            }
        }
        out.counted[act] = quantity - rest;
        if rest > 0 {
            let kind = match (due.is_empty(), rest == quantity) {
                (true, _) => ExcessKind::Unfounded,
                (false, true) => ExcessKind::Repeated,
                (false, false) => ExcessKind::Over,
            };
            out.excesses.push(Excess { deed: act, quantity: rest, kind });
        }
    }
}

#[cfg(test)]
mod tests;
