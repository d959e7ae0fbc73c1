use std::sync::Arc;

use fujiao_model::Period;
use jiff::civil::Date;
use rayon::prelude::*;

use crate::frame::{Frame, day_of};
use crate::plan::{CHUNK, Mask, Plan, Run, WORDS};
use crate::programme::{AmountRow, DayRule, Programme};
use crate::question::{
    ASK, Chunk, EXCLUDED, Give, NO_AMOUNT, NOTHING, Question, each_bit, in_order, order, questions,
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
    /// 0 for due, a condition's place from 1, [`NO_AMOUNT`], [`NOTHING`], [`EXCLUDED`] and a place in `excluded_by`, or
    /// [`ASK`] and a place in `columns`.
    outcome: Vec<u8>,
    /// Who is due in each chunk, for this and the programmes asked with it.
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
        match self.outcome[row] {
            0 => {
                let chunk = &self.found[row / CHUNK];
                let due = chunk.of(self.asked);
                let at = due.binary_search_by_key(&(row % CHUNK), |(r, _)| usize::from(*r));
                Entitlement::Due(chunk.quantity(due[at.expect("who is due has a quantity")].1))
            }
            NO_AMOUNT => Entitlement::NotDue(Reason::NoAmount),
            NOTHING => Entitlement::NotDue(Reason::Nothing),
            o if o >= ASK => Entitlement::Ask(self.columns[usize::from(o - ASK)]),
            o if o >= EXCLUDED => Entitlement::NotDue(Reason::Excluded(usize::from(o - EXCLUDED))),
            o => Entitlement::NotDue(Reason::Condition(usize::from(o) - 1)),
        }
    }

    /// Rows that are owed something, with how much: for a standard, what is needed.
    pub fn due(&self) -> impl Iterator<Item = (usize, i64)> + '_ {
        self.found.iter().enumerate().flat_map(|(at, chunk)| {
            let due = chunk.of(self.asked).iter();
            due.map(move |(row, n)| (at * CHUNK + usize::from(*row), chunk.quantity(*n)))
        })
    }

    /// Rows for which a fact is missing, with the fact.
    pub fn asked(&self) -> impl Iterator<Item = (usize, ColumnId)> + '_ {
        self.outcome
            .iter()
            .enumerate()
            .filter(|(_, o)| **o >= ASK)
            .map(|(row, o)| (row, self.columns[usize::from(o - ASK)]))
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

/// Puts the answers down row by row.
struct Written<'a> {
    outcome: &'a mut [u8],
    due: &'a mut DueRows,
    wide: &'a mut Vec<i64>,
}

/// For each byte its bits, as bytes that are 0 or 1.
static SPREAD: [u64; 256] = {
    let mut table = [0; 256];
    let mut byte = 0;
    while byte < 256 {
        let mut bit = 0;
        while bit < 8 {
            table[byte] |= ((byte as u64 >> bit) & 1) << (8 * bit);
            bit += 1;
        }
        byte += 1;
    }
    table
};

impl Give for Written<'_> {
    const REASONS: bool = true;

    fn first(&mut self, failed: &Mask, words: usize, code: u8) {
        for (part, bits) in self.outcome.chunks_mut(64).zip(&failed[..words]) {
            for (eight, byte) in part.chunks_mut(8).zip(bits.to_le_bytes()) {
                let spread = (SPREAD[usize::from(byte)] * u64::from(code)).to_le_bytes();
                eight.copy_from_slice(&spread[..eight.len()]);
            }
        }
    }

    fn failed(&mut self, word: usize, bits: u64, code: u8) {
        let part = &mut self.outcome[word * 64..];
        // Who fails a later condition failed none before: what stands there is 0.
        if bits.count_ones() < 8 || part.len() < 64 {
            each_bit(bits, |b| part[b] = code);
            return;
        }
        for (eight, byte) in part[..64].as_chunks_mut::<8>().0.iter_mut().zip(bits.to_le_bytes()) {
            let spread = SPREAD[usize::from(byte)] * u64::from(code);
            *eight = (u64::from_le_bytes(*eight) | spread).to_le_bytes();
        }
    }

    fn code(&mut self, row: usize, code: u8) {
        self.outcome[row] = code;
    }

    fn due(&mut self, row: usize, quantity: i64) {
        let row = u16::try_from(row).expect("a place in a chunk");
        let narrow = i32::try_from(quantity).unwrap_or_else(|_| {
            self.wide.push(quantity);
            -i32::try_from(self.wide.len()).expect("a place in a chunk")
        });
        self.due.push((row, narrow));
    }
}

/// Row of the chunk, and how much; a number below zero is a place in `wide`, from 1.
type DueRows = Vec<(u16, i32)>;

/// Who is due in a chunk: question by question, and where each begins and ends.
#[derive(Debug)]
struct Found {
    due: DueRows,
    /// Quantities that 32 bits do not hold.
    wide: Vec<i64>,
    spans: Vec<(u32, u32)>,
}

impl Found {
    /// The rows that one question gives something, ascending, with how much.
    fn of(&self, asked: usize) -> &[(u16, i32)] {
        let (from, to) = self.spans[asked];
        &self.due[from as usize..to as usize]
    }

    fn quantity(&self, narrow: i32) -> i64 {
        match usize::try_from(narrow) {
            Ok(_) => i64::from(narrow),
            Err(_) => self.wide[narrow.unsigned_abs() as usize - 1],
        }
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
    let mut outcomes: Vec<Vec<u8>> =
        asked.iter().map(|q| vec![0; if q.in_force { rows } else { 0 }]).collect();
    // A chunk of rows is answered for all questions before the next: its columns are at hand.
    let mut chunks: Vec<Vec<&mut [u8]>> = Vec::new();
    chunks.resize_with(rows.div_ceil(CHUNK), || Vec::with_capacity(asked.len()));
    for outcome in &mut outcomes {
        let mut parts = outcome.chunks_mut(CHUNK);
        for chunk in &mut chunks {
            chunk.push(parts.next().unwrap_or_default());
        }
    }
    let order = order(asked);
    let found: Vec<Found> = chunks
        .into_par_iter()
        .enumerate()
        .map_init(
            || (Run::new(plan, rows), Chunk::new(asked.len()), CHUNK),
            |(run, chunk, most), (at, mut parts)| {
                run.go_to(at * WORDS);
                let here = (rows - at * CHUNK).min(CHUNK);
                let (mut due, mut wide) = (Vec::with_capacity(*most), Vec::new());
                let mut spans = vec![(0, 0); asked.len()];
                for i in &order {
                    let from = due.len();
                    let outcome = &mut *parts[*i];
                    let mut written = Written { outcome, due: &mut due, wide: &mut wide };
                    asked[*i].answer(*i, asked, run, chunk, at * WORDS, here, &mut written);
                    // They come amount by amount, each in order: a stable sort only has to merge.
                    due[from..].sort_by_key(|(row, _): &(u16, i32)| *row);
                    let place = |n: usize| u32::try_from(n).expect("few rows in a chunk");
                    spans[*i] = (place(from), place(due.len()));
                }
                *most = (*most).max(due.len());
                Found { due, wide, spans }
            },
        )
        .collect();
    let found = Arc::new(found);
    let parts = asked.iter().zip(outcomes).enumerate();
    parts.map(|(i, (q, outcome))| result(set, q, outcome, (&found, i), as_of)).collect()
}

fn result(
    set: &PolicySet,
    question: &Question<'_>,
    outcome: Vec<u8>,
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
        outcome,
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
