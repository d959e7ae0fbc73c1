//! Cases of children out of school, as pages show them.

mod accounts;
mod list;
mod one;
mod views;

use std::collections::BTreeMap;

use fujiao_store::{Tx, V};
use fujiao_watch::case::{Duty, Rules, State};
use jiff::civil::Date;

use super::overview::Overview;
use super::{DeskError, SchoolRef, Seat, office_fault};
use crate::access::{Right, Scope};
use crate::cases::{Known, Officers, called, is_theirs};
use crate::entries::today;
pub use views::*;

/// What the live assessment says of the children of cases: the gap in schooling, and the row that shows them in school.
type Schooling = BTreeMap<u64, (i64, Option<u64>)>;

/// What lines are made with.
struct Context<'a> {
    overview: &'a Overview,
    rules: &'a Rules,
    officers: &'a Officers,
    schooling: Schooling,
    names: Scope,
    today: Date,
}

impl Seat {
    /// The day that deadlines count from.
    fn case_day(&self, tx: &mut Tx, county: u32, as_of: Option<Date>) -> Result<Date, DeskError> {
        match as_of {
            Some(day) => Ok(day),
            None => today(tx, county, &self.actor).map_err(office_fault),
        }
    }

    fn context<'a>(
        &self,
        tx: &mut Tx,
        overview: &'a Overview,
        rules: &'a Rules,
        officers: &'a Officers,
        (today, only): (Date, u64),
    ) -> Result<Context<'a>, DeskError> {
        let mut schooling = Schooling::new();
        if let Some(run) = overview.head.run {
            let args: [V; 3] = [overview.head.county.into(), run.into(), only.into()];
            tx.each(include_str!("queries/schooling_of_cases.sql"), &args, |r| {
                schooling.insert(r.get(0)?, (r.get(1)?, r.get(2)?));
                Ok(())
            })?;
        }
        let names = self.actor.scope(Right::Names);
        Ok(Context { overview, rules, officers, schooling, names, today })
    }

    fn case_line(&self, context: &Context<'_>, known: &Known) -> CaseLine {
        let Context { overview, rules, officers, names, today, .. } = context;
        let duty: Option<Duty<'_>> = known.case.duty(rules, *today);
        let sees = names.is_whole() || names.reaches(&known.child.standing);
        let own_class = known.at_first_school();
        CaseLine {
            number: known.stored.number,
            name: known.child.name.clone(),
            person: known.child.id.filter(|_| sees),
            school: known
                .stored
                .now
                .school
                .filter(|_| !known.school.is_empty())
                .map(|id| SchoolRef { id, name: known.school.clone() }),
            class: if own_class {
                (known.stored.grade, known.stored.class.clone())
            } else {
                (None, String::new())
            },
            place: known.place(),
            place_name: overview.place_name(known.place()),
            facts: known.stored.facts.clone(),
            title: self.title(&known.stored.kind),
            state: known.case.state(),
            since: known.case.since(),
            opened_on: known.stored.opened_on,
            chief: duty.as_ref().map(|d| called(d.role)).unwrap_or_default(),
            officer: duty.as_ref().and_then(|d| officers.name(d.officer?.id)),
            due_on: duty.as_ref().map(|d| d.due_on),
            next_on: duty.as_ref().map(|d| d.next_on),
            risen: duty.as_ref().map_or(0, |d| d.risen),
            overdue_days: duty.as_ref().map_or(0, |d| d.overdue_days),
            list: duty.as_ref().map(|d| d.list),
            relapses: known.case.relapses(),
            mine: duty.as_ref().is_some_and(|d| is_theirs(&self.actor, d, known)),
            hint: context.hint(known),
        }
    }
}

impl Context<'_> {
    /// What the live assessment says that the case does not, if it is later than what the case says.
    fn hint(&self, known: &Known) -> Option<CaseHint> {
        self.overview.head.as_of.filter(|day| *day > known.case.since())?;
        let owed = known.child.id.and_then(|id| self.schooling.get(&id));
        match (known.case.state(), owed) {
            (State::FollowUp, Some((gap, _))) => (*gap > 0).then_some(CaseHint::AwayAgain),
            (State::Closed | State::FollowUp | State::Exempt, _) => None,
            (_, Some((0, Some(row)))) => Some(CaseHint::Back(*row)),
            (_, Some(_)) => None,
            (_, None) => Some(CaseHint::NotOwed),
        }
    }
}
