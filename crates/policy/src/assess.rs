use std::sync::Arc;

use fujiao_model::Period;
use jiff::civil::Date;
use rayon::prelude::*;

use crate::frame::{Frame, day_of};
use crate::plan::{CHUNK, Mask, Plan, Run, WORDS};
use crate::programme::{AmountRow, DayRule, Programme};
use crate::question::{
    ASK, Chunk, EXCLUDED, Give, NO_AMOUNT, NOTHING, Question, in_order, order, questions,
};
use crate::set::PolicySet;
use crate::{ColumnId, PolicyError};

/// What a programme owes one row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Entitlement {
    /// Owed, so many of the programme's units; above zero.
    Due(i64),
    /// Not owed, for the most decisive reason: the first condition, in the order of the rule, that surely fails.
    NotDue(Reason),
    /// A fact is not on file and could change the answer: neither "no" nor zero.
    Ask(ColumnId),
}

/// Why something is not owed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reason {
    /// No dated amount covers the period.
    NotInForce,
    /// The condition at this place of `who` fails.
    Condition(usize),
    /// Entitled, but no amount is for such a row.
    NoAmount,
    /// The quantity is zero: no day in school, no boarder to give a bed.
    Nothing,
    /// Owed another programme to which this one gives way: its place in [`Programme::excluded_by`].
    Excluded(usize),
}

/// The answers of one programme for every row of a frame.
#[derive(Clone, Debug)]
pub struct ProgrammeResult {
    /// Its place in [`PolicySet::programmes`].
    pub programme: usize,
    /// Its key.
    pub key: Arc<str>,
    /// For which period.
    pub period: Period,
    /// From when the duty counts: before it, a list may still grow.
    pub opens_on: Date,
    /// Whether a dated amount covers the period. If not, nothing is owed to anybody.
    pub in_force: bool,
    /// The answers of each chunk of rows, for this and the programmes asked with it.
    found: Arc<Vec<Found>>,
    /// Its place among those.
    asked: usize,
    have: Option<Vec<Option<i64>>>,
    due_on: DueOn,
    columns: Arc<[ColumnId]>,
}

#[derive(Clone, Debug)]
enum DueOn {
    All(Date),
    Rows(Vec<Date>),
}

impl ProgrammeResult {
    /// The answer for a row.
    pub fn entitlement(&self, row: usize) -> Entitlement {
        if !self.in_force {
            return Entitlement::NotDue(Reason::NotInForce);
        }
        let (chunk, at) = (&self.found[row / CHUNK], row % CHUNK);
        if let Some(condition) = chunk.failed(self.asked, at) {
            return Entitlement::NotDue(Reason::Condition(condition));
        }
        let due = chunk.due(self.asked);
        if let Ok(place) = due.binary_search_by_key(&at, |(r, _)| usize::from(*r)) {
            return Entitlement::Due(chunk.quantity(due[place].1));
        }
        let odd = chunk.odd(self.asked);
        let place = odd.binary_search_by_key(&at, |(r, _)| usize::from(*r));
        match odd[place.expect("who fails nothing is due, or is told apart")].1 {
            NO_AMOUNT => Entitlement::NotDue(Reason::NoAmount),
            NOTHING => Entitlement::NotDue(Reason::Nothing),
            code if code >= ASK => Entitlement::Ask(self.columns[usize::from(code - ASK)]),
            code => Entitlement::NotDue(Reason::Excluded(usize::from(code - EXCLUDED))),
        }
    }

    /// Rows that are owed something, with how much: for a standard, what is needed.
    pub fn due(&self) -> impl Iterator<Item = (usize, i64)> + '_ {
        self.found.iter().enumerate().flat_map(|(at, chunk)| {
            let due = chunk.due(self.asked).iter();
            due.map(move |(row, n)| (at * CHUNK + usize::from(*row), chunk.quantity(*n)))
        })
    }

    /// Rows for which a fact is missing, with the fact.
    pub fn asked(&self) -> impl Iterator<Item = (usize, ColumnId)> + '_ {
        let asked = self.found.iter().enumerate().flat_map(|(at, chunk)| {
            let odd = chunk.odd(self.asked).iter().filter(|(_, code)| *code >= ASK);
            odd.map(move |(row, code)| (at * CHUNK + usize::from(*row), code - ASK))
        });
        asked.map(|(row, column)| (row, self.columns[usize::from(column)]))
    }

    /// What a due row has of what it needs, for a standard with a stock; `None`: not on file, or not such a standard.
    pub fn have(&self, row: usize) -> Option<i64> {
        self.have.as_ref().and_then(|h| h[row])
    }

    /// By when a row's duty is due.
    pub fn due_on(&self, row: usize) -> Date {
        match &self.due_on {
            DueOn::All(day) => *day,
            DueOn::Rows(days) => days[row],
        }
    }

    /// Whether the duty counts on a day.
    pub fn is_open(&self, as_of: Date) -> bool {
        self.opens_on <= as_of
    }
}

/// What every programme that is on, of the frame's subject and the period's rhythm, owes each row.
///
/// Amounts are those in force on the first day of the period ([`Period::Once`]: on `as_of`). A missing fact is asked for
/// only if it could change the answer. Who is owed a programme is not owed those that give way to it. Parallel; the same
/// answer on one thread or many.
///
/// # Errors
/// None so far: a frame checks its columns when they are set.
pub fn assess(
    set: &PolicySet,
    frame: &Frame,
    period: Period,
    as_of: Date,
) -> Result<Vec<ProgrammeResult>, PolicyError> {
    Ok(assess_all(set, &[(frame, period)], as_of).pop().unwrap_or_default())
}

/// As [`assess()`], for several frames of as many rows each, or one frame in several periods: what they share is worked out
/// once. One list of results a case, in the order of the cases.
pub fn assess_all(
    set: &PolicySet,
    cases: &[(&Frame, Period)],
    as_of: Date,
) -> Vec<Vec<ProgrammeResult>> {
    let params: Vec<_> = cases.iter().map(|(_, p)| set.numbers_on(day_for(*p, as_of))).collect();
    let mut plan = Plan::default();
    let mut asked = Vec::new();
    for (i, (frame, period)) in cases.iter().enumerate() {
        let places = on_for(set, frame, *period);
        let places = (&places[..], asked.len());
        asked.extend(questions(set, &mut plan, frame, *period, as_of, &params[i], places));
    }
    let mut results = answer(set, &plan, &asked, as_of).into_iter();
    let mut out: Vec<Vec<ProgrammeResult>> = Vec::new();
    for (frame, period) in cases {
        let n = on_for(set, frame, *period).len();
        out.push(results.by_ref().take(n).collect());
    }
    out
}

/// The programmes that make duties for a frame in a period.
pub(crate) fn on_for(set: &PolicySet, frame: &Frame, period: Period) -> Vec<usize> {
    (0..set.programmes().len())
        .filter(|i| {
            let p = &set.programmes()[*i];
            p.is_on() && p.frame == frame.kind() && p.rhythm.fits(period)
        })
        .collect()
}

/// The day whose amounts and parameters count for a period.
pub(crate) fn day_for(period: Period, as_of: Date) -> Date {
    Programme::day_of(period, as_of)
}

/// As [`assess()`], for one programme, even if it is off.
///
/// # Errors
/// [`PolicyError::NoSuchProgramme`].
pub fn assess_programme(
    set: &PolicySet,
    key: &str,
    frame: &Frame,
    period: Period,
    as_of: Date,
) -> Result<ProgrammeResult, PolicyError> {
    set.find(key)?;
    let place = set.place_of(key).expect("just found");
    // Those to which it gives way come along.
    let places = in_order(set, &[place]);
    let params = set.numbers_on(day_for(period, as_of));
    let mut plan = Plan::default();
    let asked = questions(set, &mut plan, frame, period, as_of, &params, (&places, 0));
    let results = answer(set, &plan, &asked, as_of);
    Ok(results.into_iter().find(|r| r.programme == place).expect("it was asked"))
}

/// Row of the chunk, and how much; a number below zero is a place in `wide`, from 1.
type DueRow = (u16, i32);

/// The answers of a chunk of rows, question by question.
#[derive(Debug, Default)]
struct Found {
    /// For each condition of each question, a bit for each row that fails it and none before.
    failed: Vec<Mask>,
    due: Vec<DueRow>,
    /// Quantities that 32 bits do not hold.
    wide: Vec<i64>,
    /// Rows that fail no condition and are not due: [`NO_AMOUNT`], [`NOTHING`], [`EXCLUDED`] and a place in `excluded_by`, or
    /// [`ASK`] and a place in `columns`.
    odd: Vec<(u16, u8)>,
    /// Where each question's part of these begins and ends.
    spans: Vec<Span>,
}

#[derive(Clone, Debug, Default)]
struct Span {
    failed: std::ops::Range<usize>,
    due: std::ops::Range<usize>,
    odd: std::ops::Range<usize>,
}

impl Found {
    /// The condition that a row fails, if it fails any.
    fn failed(&self, asked: usize, row: usize) -> Option<usize> {
        let masks = &self.failed[self.spans[asked].failed.clone()];
        masks.iter().position(|mask| mask[row / 64] >> (row % 64) & 1 == 1)
    }

    /// The rows that one question gives something, ascending, with how much.
    fn due(&self, asked: usize) -> &[DueRow] {
        &self.due[self.spans[asked].due.clone()]
    }

    /// The rows that are told apart, ascending.
    fn odd(&self, asked: usize) -> &[(u16, u8)] {
        &self.odd[self.spans[asked].odd.clone()]
    }

    fn quantity(&self, narrow: i32) -> i64 {
        match usize::try_from(narrow) {
            Ok(_) => i64::from(narrow),
            Err(_) => self.wide[narrow.unsigned_abs() as usize - 1],
        }
    }
}

fn place(row: usize) -> u16 {
    u16::try_from(row).expect("a place in a chunk")
}

impl Give for Found {
    const REASONS: bool = true;

    fn condition(&mut self, failed: &Mask) {
        self.failed.push(*failed);
    }

    fn code(&mut self, row: usize, code: u8) {
        self.odd.push((place(row), code));
    }

    fn due(&mut self, row: usize, quantity: i64) {
        let narrow = i32::try_from(quantity).unwrap_or_else(|_| {
            self.wide.push(quantity);
            -i32::try_from(self.wide.len()).expect("few rows in a chunk")
        });
        self.due.push((place(row), narrow));
    }
}

fn answer(
    set: &PolicySet,
    plan: &Plan<'_>,
    asked: &[Question<'_>],
    as_of: Date,
) -> Vec<ProgrammeResult> {
    let rows = asked.first().map_or(0, |q| q.facts.frame.rows());
    assert!(asked.iter().all(|q| q.facts.frame.rows() == rows), "frames of as many rows");
    let order = order(asked);
    // A chunk of rows is answered for all questions before the next: its columns are at hand.
    let found: Vec<Found> = (0..rows.div_ceil(CHUNK))
        .into_par_iter()
        .map_init(
            || (Run::new(plan, rows), Chunk::new(asked.len()), (0, 0)),
            |(run, chunk, most), at| {
                run.go_to(at * WORDS);
                let here = (rows - at * CHUNK).min(CHUNK);
                let mut found = Found {
                    failed: Vec::with_capacity(most.0),
                    due: Vec::with_capacity(most.1),
                    spans: vec![Span::default(); asked.len()],
                    ..Found::default()
                };
                for i in &order {
                    let from = (found.failed.len(), found.due.len(), found.odd.len());
                    asked[*i].answer(*i, asked, run, chunk, at * WORDS, here, &mut found);
                    // They come amount by amount, each in order: a stable sort only has to merge.
                    found.due[from.1..].sort_by_key(|(row, _)| *row);
                    found.odd[from.2..].sort_by_key(|(row, _)| *row);
                    found.spans[*i] = Span {
                        failed: from.0..found.failed.len(),
                        due: from.1..found.due.len(),
                        odd: from.2..found.odd.len(),
                    };
                }
                *most = (most.0.max(found.failed.len()), most.1.max(found.due.len()));
                found
            },
        )
        .collect();
    let found = Arc::new(found);
    asked.iter().enumerate().map(|(i, q)| result(set, q, (&found, i), as_of)).collect()
}

fn result(
    set: &PolicySet,
    question: &Question<'_>,
    (found, asked): (&Arc<Vec<Found>>, usize),
    as_of: Date,
) -> ProgrammeResult {
    let programme = &set.programmes()[question.place];
    let (period, frame) = (question.period, question.facts.frame);
    let day = day_for(period, as_of);
    let mut result = ProgrammeResult {
        programme: question.place,
        key: Arc::clone(&programme.key),
        period,
        opens_on: programme.opens_on.day(period, as_of).unwrap_or(day),
        in_force: question.in_force,
        found: Arc::clone(found),
        asked,
        have: None,
        due_on: DueOn::All(programme.due_on.day(period, as_of).unwrap_or(as_of)),
        columns: Arc::clone(&question.columns),
    };
    if !result.in_force {
        return result;
    }
    if let Some(have) = &programme.have {
        let mut stock = vec![None; frame.rows()];
        for (row, _) in result.due() {
            stock[row] = question.facts.number(have, row);
        }
        result.have = Some(stock);
    }
    if let DayRule::AfterColumn(column, months) = programme.due_on {
        let days = (0..frame.rows())
            .map(|row| {
                let from = frame.int(column, row).and_then(day_of);
                from.and_then(|d| d.checked_add(jiff::Span::new().months(months)).ok())
                    .unwrap_or(as_of)
            })
            .collect();
        result.due_on = DueOn::Rows(days);
    }
    result
}

/// The amounts in force on a day, layer by layer.
pub(crate) fn rows_on(programme: &Programme, day: Date) -> Vec<Vec<&AmountRow>> {
    let layers = programme.layers.iter();
    layers.map(|l| l.iter().filter(|r| r.holds_on(day)).collect()).collect()
}
