//! Measured change before and since the pairing: attendance, marks, well-being, with its uncertainty. Nobody is named, and of a few
//! nothing is said.

use std::collections::{BTreeMap, BTreeSet};

use fujiao_model::{Field, PartialDate, RosterKind, Term};
use fujiao_store::Tx;
use fujiao_watch::pair::{Measured, between, measured};
use jiff::civil::Date;

use super::inputs::{Marks, live_pairs, marks};
use crate::access::{Actor, Right};
use crate::{Office, OfficeError};

/// What is measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WhatMeasured {
    /// Days absent, of twenty school days. Less is better.
    Attendance,
    /// Mean mark of the three subjects, of a hundred. More is better.
    Marks,
    /// Total score of a screening, in hundredths of the greatest. Less is better.
    WellBeing,
}

impl WhatMeasured {
    /// The word of the pages.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Attendance => "attendance",
            Self::Marks => "marks",
            Self::WellBeing => "well_being",
        }
    }

    /// Whether more is better.
    pub const fn more_is_better(self) -> bool {
        matches!(self, Self::Marks)
    }
}

/// What changed.
#[derive(Clone, Debug, PartialEq)]
pub struct MeasuredLine {
    /// Of what.
    pub what: WhatMeasured,
    /// For those with a mentor, since the pairing; `None`: fewer than ten with both values on file.
    pub changed: Option<Measured>,
    /// How much more it changed for them than for children in the same rosters without a mentor; `None`: too few of either.
    pub against: Option<Measured>,
}

impl Office {
    /// What changed for children with a mentor on the actor's ground, before and since.
    ///
    /// # Errors
    /// Not theirs to see; what the store says.
    pub fn pair_measured(&self, actor: &Actor) -> Result<Vec<MeasuredLine>, OfficeError> {
        actor.must(Right::Figures)?;
        let county = self.county_code()?;
        let days = self.rules.pairing.measure_days;
        self.store.read(|tx| {
            let day = crate::entries::today(tx, county, actor)?;
            let scope = actor.scope_in(Right::Figures, fujiao_model::Area::Pairing);
            let mut args = vec![county.into()];
            let within = scope.persons_sql("p", &mut args);
            let sql = format!("select p.person_id from person p where p.county = $1 and {within}");
            let here: BTreeSet<u64> = tx.query(&sql, &args, |r| r.get(0))?.into_iter().collect();
            let paired: BTreeMap<u64, Date> = live_pairs(tx, county)?
                .into_iter()
                .filter(|(person, _)| here.contains(person))
                .map(|(person, pair)| (person, pair.from))
                .collect();
            Ok(vec![
                attendance(tx, county, &paired, (day, days))?,
                of_marks(tx, county, &paired, &here)?,
                well_being(&self.rules.screening, tx, county, &paired, (day, days))?,
            ])
        })
    }
}

/// School days between two days, the last left out: weekdays but for the holidays of winter and summer.
fn school_days(from: Date, to: Date) -> i32 {
    let mut days = 0;
    let mut day = from;
    while day < to {
        let lessons =
            !matches!(day.month(), 2 | 7 | 8) && day.weekday().to_monday_zero_offset() < 5;
        days += i32::from(lessons);
        let Ok(next) = day.tomorrow() else { break };
        day = next;
    }
    days
}

fn attendance(
    tx: &mut Tx,
    county: u32,
    paired: &BTreeMap<u64, Date>,
    (day, days): (Date, i32),
) -> Result<MeasuredLine, OfficeError> {
    let span = jiff::Span::new().days(days);
    let ids: Vec<u64> = paired.keys().copied().collect();
    let mut absent: BTreeMap<u64, (f64, f64)> = BTreeMap::new();
    // A roster of absences that does not reach back says nothing of the time before.
    let (mut first, mut last) = (Date::MAX, Date::MIN);
    for (person, row) in tx.rows_of_persons(county, RosterKind::Absences, &ids)? {
        let fields = &row.row.fields;
        let Some(on) = fields.date(Field::AbsentFrom).map(PartialDate::earliest) else { continue };
        let n = fields.number(Field::AbsentDays).unwrap_or(0);
        let n = f64::from(i32::try_from(n).unwrap_or(0));
        (first, last) = (first.min(on), last.max(on));
        let from = paired[&person];
        let of = absent.entry(person).or_default();
        if on < from && on >= from.saturating_sub(span) {
            of.0 += n;
        } else if on >= from && on <= from.saturating_add(span).min(day) {
            of.1 += n;
        }
    }
    let (mut before, mut after) = (Vec::new(), Vec::new());
    for (person, from) in paired {
        let (was, is) = absent.get(person).copied().unwrap_or_default();
        let rate = |n: f64, days: i32| (days >= 10).then(|| 20.0 * n / f64::from(days));
        let begin = from.saturating_sub(span);
        let told = first < *from && last >= *from;
        before.push(rate(was, school_days(begin.max(first), *from)).filter(|_| told));
        let end = from.saturating_add(span).min(day);
        after.push(rate(is, school_days(*from, end)).filter(|_| told));
    }
    let changed = measured(&before, &after);
    Ok(MeasuredLine { what: WhatMeasured::Attendance, changed, against: None })
}

/// The mean of marks, of a hundred.
#[expect(clippy::cast_precision_loss, reason = "thousandths of a hundred")]
fn mean(marks: &Marks) -> Option<f64> {
    let known: Vec<i64> = marks.iter().flatten().copied().collect();
    let n = i64::try_from(known.len()).ok().filter(|n| *n > 0)?;
    Some(known.iter().sum::<i64>() as f64 / 1_000.0 / n as f64)
}

fn of_marks(
    tx: &mut Tx,
    county: u32,
    paired: &BTreeMap<u64, Date>,
    here: &BTreeSet<u64>,
) -> Result<MeasuredLine, OfficeError> {
    let rows = tx.rows_of_kind(county, RosterKind::Marks, None)?;
    let rows = rows.into_iter().filter_map(|row| Some((row.person?, row.stored())));
    let mut by_person: BTreeMap<u64, BTreeMap<Term, f64>> = BTreeMap::new();
    for ((person, term), (_, marks)) in marks(rows) {
        if let Some(mean) = mean(&marks)
            && here.contains(&person)
        {
            by_person.entry(person).or_default().insert(term, mean);
        }
    }
    // The last term before the pairing began, and the first in which it stood; the same two for those without.
    let usual = usual_term(paired);
    let (mut before, mut after, mut others) = (Vec::new(), Vec::new(), Vec::new());
    for (person, terms) in &by_person {
        let began = paired.get(person).map(|from| first_term(*from));
        let Some(at) = began.or(usual) else { continue };
        let was = terms.range(..at).next_back().map(|(_, mark)| *mark);
        let is = terms.range(at..).next().map(|(_, mark)| *mark);
        if began.is_some() {
            before.push(was);
            after.push(is);
        } else if let Some((was, is)) = was.zip(is) {
            others.push(is - was);
        }
    }
    let some: Vec<f64> =
        before.iter().zip(&after).filter_map(|(was, is)| Some((*is)? - (*was)?)).collect();
    Ok(MeasuredLine {
        what: WhatMeasured::Marks,
        changed: measured(&before, &after),
        against: between(&some, &others),
    })
}

/// The first term whose marks a pairing can have had a part in: that in which it began, if in its first weeks.
fn first_term(from: Date) -> Term {
    let term = Term::of(from);
    if (from - term.start()).get_days() <= 30 { term } else { term.next() }
}

/// The term in which most pairs began.
fn usual_term(paired: &BTreeMap<u64, Date>) -> Option<Term> {
    let mut counts: BTreeMap<Term, usize> = BTreeMap::new();
    for from in paired.values() {
        *counts.entry(first_term(*from)).or_default() += 1;
    }
    counts.into_iter().max_by_key(|(term, n)| (*n, std::cmp::Reverse(*term))).map(|(term, _)| term)
}

fn well_being(
    rules: &fujiao_watch::screen::Rules,
    tx: &mut Tx,
    county: u32,
    paired: &BTreeMap<u64, Date>,
    (day, days): (Date, i32),
) -> Result<MeasuredLine, OfficeError> {
    let year = jiff::Span::new().days(days.max(365));
    let mut scores: BTreeMap<(u64, String), Vec<(Date, f64)>> = BTreeMap::new();
    let moved = tx.care_moved(county)?;
    for step in tx.screenings(county)? {
        let Some((instrument, score)) = crate::care::screened(&step.said) else { continue };
        let Some(most) = rules.instrument(&instrument).map(|i| i.most) else { continue };
        if let Some(now) = moved.get(&step.person).copied().unwrap_or(Some(step.person))
            && paired.contains_key(&now)
        {
            let share = 100.0 * f64::from(score) / f64::from(most);
            scores.entry((now, instrument)).or_default().push((step.on, share));
        }
    }
    // Only scores of the same instrument can be compared.
    let (mut before, mut after) = (Vec::new(), Vec::new());
    for ((person, _), of) in &scores {
        let from = paired[person];
        let begin = from.saturating_sub(year);
        let was = of.iter().rev().find(|(on, _)| *on < from && *on >= begin);
        let is = of.iter().find(|(on, _)| *on >= from && *on <= day);
        before.push(was.map(|(_, share)| *share));
        after.push(is.map(|(_, share)| *share));
    }
    let changed = measured(&before, &after);
    Ok(MeasuredLine { what: WhatMeasured::WellBeing, changed, against: None })
}
