use std::sync::Arc;

use fujiao_model::Period;
use jiff::civil::Date;
use rayon::prelude::*;

use crate::eval::{CHUNK, Facts};
use crate::expr::{Bool, Num};
use crate::frame::{Frame, day_of};
use crate::programme::{AmountRow, DayRule, Programme};
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
}

const DUE: u8 = 0;
const NO_AMOUNT: u8 = 101;
const NOTHING: u8 = 102;
const ASK: u8 = 128;

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
    /// [`DUE`], a condition's place from 1, [`NO_AMOUNT`], [`NOTHING`], or [`ASK`] and a place in `columns`.
    outcome: Vec<u8>,
    quantity: Vec<i64>,
    have: Option<Vec<Option<i64>>>,
    due_on: DueOn,
    columns: Vec<ColumnId>,
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
            DUE => Entitlement::Due(self.quantity[row]),
            NO_AMOUNT => Entitlement::NotDue(Reason::NoAmount),
            NOTHING => Entitlement::NotDue(Reason::Nothing),
            o if o >= ASK => Entitlement::Ask(self.columns[usize::from(o - ASK)]),
            o => Entitlement::NotDue(Reason::Condition(usize::from(o) - 1)),
        }
    }

    /// Rows that are owed something, with how much: for a standard, what is needed.
    pub fn due(&self) -> impl Iterator<Item = (usize, i64)> + '_ {
        self.outcome
            .iter()
            .enumerate()
            .filter(|(_, o)| **o == DUE)
            .map(|(row, _)| (row, self.quantity[row]))
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
/// only if it could change the answer. Parallel; the same answer on one thread or many.
///
/// # Errors
/// None so far: a frame checks its columns when they are set.
pub fn assess(
    set: &PolicySet,
    frame: &Frame,
    period: Period,
    as_of: Date,
) -> Result<Vec<ProgrammeResult>, PolicyError> {
    let places: Vec<usize> = (0..set.programmes().len())
        .filter(|i| {
            let p = &set.programmes()[*i];
            p.is_on() && p.frame == frame.kind() && p.rhythm.fits(period)
        })
        .collect();
    Ok(places.into_par_iter().map(|i| one(set, i, frame, period, as_of)).collect())
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
    Ok(one(set, place, frame, period, as_of))
}

fn one(
    set: &PolicySet,
    place: usize,
    frame: &Frame,
    period: Period,
    as_of: Date,
) -> ProgrammeResult {
    let programme = &set.programmes()[place];
    let day = Programme::day_of(period, as_of);
    let in_force = programme.in_force(period, as_of)
        && programme.frame == frame.kind()
        && programme.rhythm.fits(period);
    let mut result = ProgrammeResult {
        programme: place,
        key: Arc::clone(&programme.key),
        period,
        opens_on: programme.opens_on.day(period, as_of).unwrap_or(day),
        in_force,
        outcome: Vec::new(),
        quantity: Vec::new(),
        have: None,
        due_on: DueOn::All(programme.due_on.day(period, as_of).unwrap_or(as_of)),
        columns: programme.columns.clone(),
    };
    if !in_force {
        return result;
    }
    let params = set.numbers_on(day);
    let question = Question {
        facts: Facts { frame, params: &params },
        programme,
        layers: rows_on(programme, day),
    };
    let rows = frame.rows();
    result.outcome = vec![DUE; rows];
    result.quantity = vec![0; rows];
    result
        .outcome
        .par_chunks_mut(CHUNK)
        .zip(result.quantity.par_chunks_mut(CHUNK))
        .enumerate()
        .for_each(|(i, (outcome, quantity))| question.answer(i * (CHUNK / 64), outcome, quantity));
    if let Some(have) = &programme.have {
        let stock = (0..rows)
            .map(|row| (result.outcome[row] == DUE).then(|| question.facts.number(have, row))?)
            .collect();
        result.have = Some(stock);
    }
    if let DayRule::AfterColumn(column, months) = programme.due_on {
        let days = (0..rows)
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

/// How much, for one row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Amount<'a> {
    Known(i64, &'a str),
    None,
    Open(Option<ColumnId>),
}

pub(crate) struct Question<'a> {
    pub(crate) facts: Facts<'a>,
    pub(crate) programme: &'a Programme,
    pub(crate) layers: Vec<Vec<&'a AmountRow>>,
}

impl<'a> Question<'a> {
    /// The first row of a layer that holds. Where it is open which one holds, the amount is open unless all agree.
    fn cascade(&self, rows: &[&'a AmountRow], row: usize) -> (Amount<'a>, Option<&'a AmountRow>) {
        for (i, amount) in rows.iter().enumerate() {
            let holds = amount.when.as_ref().map_or(Some(true), |w| self.facts.holds(w, row));
            if holds == Some(false) {
                continue;
            }
            let here = match self.facts.number(&amount.value, row) {
                Some(n) => Amount::Known(n, &amount.basis),
                None => Amount::Open(self.facts.missing_in(&amount.value, row)),
            };
            if holds == Some(true) {
                return (here, Some(amount));
            }
            let (rest, _) = self.cascade(&rows[i + 1..], row);
            let same = match (here, rest) {
                (Amount::Known(a, _), Amount::Known(b, _)) => a == b,
                _ => false,
            };
            let when = amount.when.as_ref().expect("a row without when holds");
            let open = Amount::Open(self.facts.missing_for(when, row));
            return (if same { here } else { open }, Some(amount));
        }
        (Amount::None, None)
    }

    /// The highest amount of all layers, and the row that sets it.
    pub(crate) fn amount(&self, row: usize) -> (Amount<'a>, Option<&'a AmountRow>) {
        let mut most: (Amount<'a>, Option<&'a AmountRow>) = (Amount::None, None);
        for layer in &self.layers {
            let next = self.cascade(layer, row);
            most = match (most.0, next.0) {
                (Amount::Open(_), _) => most,
                (_, Amount::Open(_)) | (Amount::None, _) => next,
                (Amount::Known(a, _), Amount::Known(b, _)) if b > a => next,
                _ => most,
            };
        }
        most
    }

    fn column_byte(&self, column: ColumnId) -> u8 {
        let place = self.programme.columns.iter().position(|c| *c == column);
        ASK + u8::try_from(place.expect("every column is listed")).expect("at most a hundred")
    }

    /// The answer for a row that passes, or that may pass.
    fn slowly(&self, row: usize, open: bool) -> (u8, i64) {
        match self.amount(row).0 {
            Amount::Known(n, _) if n <= 0 => (NOTHING, 0),
            Amount::None | Amount::Open(None) => (NO_AMOUNT, 0),
            Amount::Known(n, _) if !open => (DUE, n),
            Amount::Open(Some(column)) if !open => (self.column_byte(column), 0),
            _ => {
                let asked = self
                    .programme
                    .who
                    .iter()
                    .filter(|c| self.facts.holds(c, row).is_none())
                    .find_map(|c| self.facts.missing_for(c, row));
                // Open without a missing column: a parameter is not in force.
                asked.map_or((NO_AMOUNT, 0), |c| (self.column_byte(c), 0))
            }
        }
    }

    fn answer(&self, word: usize, outcome: &mut [u8], quantity: &mut [i64]) {
        let rows = outcome.len();
        let words = rows.div_ceil(64);
        let mut failed = [0_u64; CHUNK / 64];
        let mut open = [0_u64; CHUNK / 64];
        let live = |w: usize| if (w + 1) * 64 <= rows { u64::MAX } else { (1 << (rows % 64)) - 1 };
        for (i, condition) in self.programme.who.iter().enumerate() {
            let truth = self.facts.truth(condition, word);
            let code = u8::try_from(i + 1).expect("at most a hundred conditions");
            let mut left = 0;
            if i == 0 {
                // Most rows fail here: they are written at once, the few others taken back.
                outcome.fill(code);
            }
            for w in 0..words {
                if i == 0 {
                    each_bit(!truth.no[w] & live(w), |b| outcome[w * 64 + b] = DUE);
                } else {
                    each_bit(truth.no[w] & live(w) & !failed[w], |b| outcome[w * 64 + b] = code);
                }
                failed[w] |= truth.no[w];
                open[w] |= !(truth.yes[w] | truth.no[w]);
                left |= live(w) & !failed[w];
            }
            if left == 0 {
                return;
            }
        }
        let mut slow = [0_u64; CHUNK / 64];
        let mut pass = [0_u64; CHUNK / 64];
        for w in 0..words {
            slow[w] = live(w) & !failed[w] & open[w];
            pass[w] = live(w) & !failed[w] & !open[w];
        }
        // One layer is the rule; where several are in force, each row takes its highest.
        let in_force: Vec<&Vec<&AmountRow>> =
            self.layers.iter().filter(|l| !l.is_empty()).collect();
        if let [rows] = in_force[..] {
            self.pay(rows, word, &mut pass, &mut slow, (&mut *outcome, &mut *quantity));
        } else {
            pay_slowly(&mut pass, &mut slow);
        }
        for w in 0..words {
            each_bit(pass[w], |b| outcome[w * 64 + b] = NO_AMOUNT);
            each_bit(slow[w], |b| {
                let at = w * 64 + b;
                (outcome[at], quantity[at]) = self.slowly(word * 64 + at, open[w] >> b & 1 == 1);
            });
        }
    }

    /// Gives the amounts of one layer to those in `pass`; who got one, or is left to `slow`, leaves it.
    fn pay(
        &self,
        rows: &[&AmountRow],
        word: usize,
        pass: &mut [u64],
        slow: &mut [u64],
        (outcome, quantity): (&mut [u8], &mut [i64]),
    ) {
        for amount in rows {
            let truth = self.facts.truth(amount.when.as_ref().unwrap_or(&Bool::Const(true)), word);
            for w in 0..outcome.len().div_ceil(64) {
                let take = pass[w] & truth.yes[w];
                match amount.value {
                    Num::Const(n) => each_bit(take, |b| quantity[w * 64 + b] = n),
                    _ => each_bit(take, |b| {
                        let at = w * 64 + b;
                        match self.facts.number(&amount.value, word * 64 + at) {
                            Some(n) if n > 0 => quantity[at] = n,
                            Some(_) => outcome[at] = NOTHING,
                            None => slow[w] |= 1 << b,
                        }
                    }),
                }
                slow[w] |= pass[w] & !truth.yes[w] & !truth.no[w];
                pass[w] &= truth.no[w];
            }
        }
    }
}

fn pay_slowly(pass: &mut [u64], slow: &mut [u64]) {
    for (p, s) in pass.iter_mut().zip(slow) {
        *s |= std::mem::take(p);
    }
}

fn each_bit(mut bits: u64, mut f: impl FnMut(usize)) {
    while bits != 0 {
        f(bits.trailing_zeros() as usize);
        bits &= bits - 1;
    }
}
