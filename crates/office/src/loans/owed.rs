//! 应贷尽贷 as a duty: whoever may borrow for a school year is lent what they asked for, by a day.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use fujiao_ledger::loan::{Facts, LoanState, check};
use fujiao_model::{Area, Because, Deed, Division, Duty, Field, Period, RosterKind, Subject, Unit};
use fujiao_store::LentLoan;

use super::{KIND, application, state_of, views};
use crate::assess::Registers;
use crate::assess::duties::Owed;

/// Marks the evidence of a loan of the books, which is no source row. Ids of rows stay far below.
pub(crate) const LENT: u64 = 1 << 61;

/// Adds a duty for each loan that may be granted, and a deed for each that was paid out: by the books, or by the centre's list.
pub(crate) fn add(
    registers: &Registers,
    lent: &[LentLoan],
    facts: &Facts,
    owed: &mut Owed,
    deeds: &mut Vec<Deed>,
) {
    if lent.is_empty() {
        return;
    }
    let place_of: BTreeMap<u64, Option<Division>> =
        registers.persons.iter().map(|p| (p.id, p.place)).collect();
    let kind: Arc<str> = KIND.0.into();
    let bearer: Arc<str> = facts.borrower.bearer.as_str().into();
    let basis: Arc<str> = facts.borrower.basis.as_str().into();
    let mut listed = on_lists(registers);
    let mut asked = BTreeSet::new();
    for LentLoan { loan, disbursed_on } in lent {
        let state = state_of(loan);
        let against = if state == LoanState::Applied {
            // A year for which the data file has no limit owes nobody anything yet.
            match check(&application(loan), facts) {
                Ok(against) => against,
                Err(_) => continue,
            }
        } else {
            Vec::new()
        };
        // Two who became one have one loan for the year.
        if !views::owed(state, &against)
            || !place_of.contains_key(&loan.person)
            || !asked.insert((loan.person, loan.school_year))
        {
            continue;
        }
        let period = Period::SchoolYear(loan.school_year);
        let place = place_of.get(&loan.person).copied().flatten();
        owed.duties.push(Duty {
            area: Area::Aid,
            kind: Arc::clone(&kind),
            subject: Subject::person(loan.person),
            period,
            quantity: loan.amount,
            unit: Unit::Fen,
            due_on: facts.disbursed_by(loan.school_year),
            bearer: Arc::clone(&bearer),
            place,
            because: Because {
                rule: format!("{}@{}", KIND.0, loan.school_year).into(),
                basis: Arc::clone(&basis),
                // As it was asked for: where it stands does not change what is owed.
                facts: format!("{}学年申请，{}", loan.school_year, loan.university).into(),
                sources: Vec::new(),
            },
        });
        let on_list = listed.remove(&(loan.person, loan.school_year));
        let deed = match (disbursed_on, on_list) {
            (Some(on), _) => Some((loan.amount, *on, LENT | loan.id)),
            (None, Some(row)) => Some(row),
            (None, None) => None,
        };
        deeds.extend(deed.map(|(quantity, done_on, evidence)| Deed {
            area: Area::Aid,
            kind: Arc::clone(&kind),
            subject: Subject::person(loan.person),
            period,
            quantity,
            unit: Unit::Fen,
            done_on,
            place,
            evidence,
        }));
    }
}

/// What the centre's lists say was paid out: by student and school year, fen, day and row.
pub(crate) fn on_lists(
    registers: &Registers,
) -> BTreeMap<(u64, i16), (i64, jiff::civil::Date, u64)> {
    let mut out = BTreeMap::new();
    for &at in registers.by_kind.get(RosterKind::Loans) {
        let row = &registers.rows[at as usize];
        let person = registers.persons[registers.actor_of(at) as usize].id;
        let fen = row.fields.money(Field::Amount).map_or(0, fujiao_model::Money::as_fen);
        let on = row.fields.date(Field::PaidOn).map(fujiao_model::PartialDate::latest);
        let year = crate::assess::school_year(&row.fields);
        if let (Some(on), Some(year), true) = (on, year, fen > 0) {
            out.entry((person, year)).or_insert((fen, on, row.id));
        }
    }
    out
}
