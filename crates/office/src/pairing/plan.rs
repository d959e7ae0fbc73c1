//! A mentor's term: which contact of which kind is planned in which month, and which were made.

use std::collections::BTreeMap;

use fujiao_model::{ContactHow, Field, RosterKind, Season, Term};
use fujiao_store::{Mentor, StoreError, Tx};
use fujiao_watch::pair::{Rules, term_plan};
use jiff::civil::{Date, date};

use super::inputs::{SUBJECTS, live_pairs, weak_subjects};
use crate::access::Actor;
use crate::{Office, OfficeError};

/// A month of a plan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlanMonth {
    /// Its first day.
    pub month: Date,
    /// The kind that is planned.
    pub kind: ContactHow,
    /// By when.
    pub by: Date,
    /// Contacts that were made, by anybody: day and kind.
    pub made: Vec<(Date, String)>,
    /// Whether one of them counts.
    pub met: bool,
    /// Whether the month is over.
    pub over: bool,
    /// Whether it was over before the pair began: nothing was asked of the mentor.
    pub before: bool,
}

/// A term's contacts with one pupil.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PupilPlan {
    /// Its months.
    pub months: Vec<PlanMonth>,
    /// Subjects in which help is needed and the mentor can give it.
    pub subjects: Vec<String>,
    /// Whether only goods or help in the household came this term.
    pub material_only: bool,
}

impl PupilPlan {
    /// The contact that is next: of this month, if none was made.
    pub fn next(&self, day: Date) -> Option<&PlanMonth> {
        self.months.iter().find(|m| m.month == day.first_of_month() && !m.met)
    }
}

impl Office {
    /// How many pupils of the mentor who asks were not contacted this month, by rosters and by hand; 0 for everybody else.
    pub(crate) fn pupils_waiting(
        &self,
        tx: &mut Tx,
        county: u32,
        actor: &Actor,
    ) -> Result<usize, OfficeError> {
        let day = crate::entries::today(tx, county, actor)?;
        Ok(self.planned(tx, county, actor, day)?.len())
    }

    /// What the term's plan of the mentor who asks has for this month: the pupils who were not contacted yet, each with the kind and
    /// by when.
    pub(crate) fn planned(
        &self,
        tx: &mut Tx,
        county: u32,
        actor: &Actor,
        day: Date,
    ) -> Result<BTreeMap<u64, (ContactHow, Date)>, OfficeError> {
        let found = if actor.user == 0 { None } else { tx.mentor_of_user(county, actor.user)? };
        let Some(mentor) = found else { return Ok(BTreeMap::new()) };
        let mut own: Vec<(Date, u64)> = live_pairs(tx, county)?
            .into_iter()
            .filter(|(_, pair)| pair.mentor == mentor.number)
            .map(|(person, pair)| (pair.from, person))
            .collect();
        own.sort_unstable();
        let words = self.rules.policies.list("contact_kinds", day);
        let plans = of_mentor(tx, county, &self.rules.pairing, &mentor, &own, (day, words))?;
        let next = |(person, plan): (u64, PupilPlan)| {
            let next = plan.next(day)?;
            Some((person, (next.kind, next.by)))
        };
        Ok(own.into_iter().map(|(_, person)| person).zip(plans).filter_map(next).collect())
    }
}

/// The first days of the months of lessons of a term.
pub(crate) fn months_of(term: Term) -> Vec<Date> {
    let year = term.year();
    match term.season() {
        Season::Autumn => [9, 10, 11, 12]
            .iter()
            .map(|month| date(year, *month, 1))
            .chain([date(year + 1, 1, 1)])
            .collect(),
        Season::Spring => [3, 4, 5, 6].iter().map(|month| date(year, *month, 1)).collect(),
    }
}

/// The term of a mentor's pupils, each with the day the pair began, in their order. `words` are those of the rules for what is a contact.
pub(crate) fn of_mentor(
    tx: &mut Tx,
    county: u32,
    rules: &Rules,
    mentor: &Mentor,
    pupils: &[(Date, u64)],
    (day, words): (Date, &[std::sync::Arc<str>]),
) -> Result<Vec<PupilPlan>, StoreError> {
    let months = months_of(Term::of(day));
    let ids: Vec<u64> = pupils.iter().map(|(_, person)| *person).collect();
    let weak = weak_subjects(tx, county, &ids, rules.weak_below)?;
    let helps = |person: &u64| -> Vec<String> {
        let bits = weak.get(person).copied().unwrap_or_default();
        (0..)
            .zip(SUBJECTS)
            .filter(|(at, (_, name))| {
                bits >> at & 1 == 1 && mentor.subjects.iter().any(|s| s == name)
            })
            .map(|(_, (_, name))| name.to_owned())
            .collect()
    };
    let subjects: Vec<Vec<String>> = ids.iter().map(helps).collect();
    let needs: Vec<bool> = subjects.iter().map(|s| !s.is_empty()).collect();
    let plan = term_plan(rules, months.len(), &needs);
    let first = months.first().copied().unwrap_or(day);
    let mut made: BTreeMap<u64, Vec<(Date, String)>> = BTreeMap::new();
    for (person, row) in tx.rows_of_persons(county, RosterKind::Contacts, &ids)? {
        let fields = &row.row.fields;
        let on = fields.date(Field::ContactOn).map(fujiao_model::PartialDate::latest);
        if let (Some(on), Some(kind)) = (on, fields.text(Field::ContactKind))
            && on >= first
            && on <= day
            && kind != crate::entries::TAKEN_BACK
        {
            made.entry(person).or_default().push((on, kind.to_owned()));
        }
    }
    let is_contact = |kind: &str| words.iter().any(|word| kind.contains(&**word));
    Ok(pupils
        .iter()
        .zip(plan)
        .zip(subjects)
        .map(|(((from, person), planned), subjects)| {
            let mut all = made.remove(person).unwrap_or_default();
            all.sort();
            // Twice on one day is once.
            all.dedup();
            let material_only = !all.is_empty() && !all.iter().any(|(_, kind)| is_contact(kind));
            let months = months
                .iter()
                .zip(planned)
                .map(|(&month, planned)| {
                    let of: Vec<(Date, String)> = all
                        .iter()
                        .filter(|(on, _)| on.first_of_month() == month)
                        .cloned()
                        .collect();
                    PlanMonth {
                        month,
                        kind: ContactHow::parse(&planned.kind).unwrap_or(ContactHow::School),
                        by: date(month.year(), month.month(), planned.by_day),
                        met: of.iter().any(|(_, kind)| is_contact(kind)),
                        made: of,
                        over: month.last_of_month() < day,
                        before: month.last_of_month() < *from,
                    }
                })
                .collect();
            PupilPlan { months, subjects, material_only }
        })
        .collect())
}
