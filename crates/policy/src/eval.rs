//! Evaluation: of one row, where a reason or a missing fact is sought, and of 4 096 rows at once by bit masks.

use std::sync::Arc;

use crate::ColumnId;
use crate::expr::{Bool, Num, Op, Sum, Typed};
use crate::frame::{Data, Frame, UNKNOWN_CODE};

/// Rows that are evaluated together.
pub(crate) const CHUNK: usize = 4_096;
const WORDS: usize = CHUNK / 64;

/// A bit a row.
pub(crate) type Mask = [u64; WORDS];

/// Rows that surely are, and rows that surely are not. The rest is unknown.
#[derive(Clone, Copy)]
pub(crate) struct Truth {
    pub(crate) yes: Mask,
    pub(crate) no: Mask,
}

const NONE: Mask = [0; WORDS];
const ALL: Mask = [u64::MAX; WORDS];

/// A frame and the parameters in force.
#[derive(Clone, Copy)]
pub(crate) struct Facts<'a> {
    pub(crate) frame: &'a Frame,
    /// By place of the parameter; `None`: not in force, and so unknown.
    pub(crate) params: &'a [Option<i64>],
}

impl Facts<'_> {
    /// Whether a condition holds for a row; `None`: a missing fact could change it.
    pub(crate) fn holds(self, b: &Bool, row: usize) -> Option<bool> {
        match b {
            Bool::Const(b) => Some(*b),
            Bool::Flag(id) => self.frame.flag(*id, row),
            Bool::Known(id) => Some(self.frame.is_known(*id, row)),
            Bool::Not(inner) => self.holds(inner, row).map(|b| !b),
            Bool::All(parts) => {
                let mut all = Some(true);
                for part in parts {
                    match self.holds(part, row) {
                        Some(false) => return Some(false),
                        Some(true) => {}
                        None => all = None,
                    }
                }
                all
            }
            Bool::Any(parts) => {
                let mut any = Some(false);
                for part in parts {
                    match self.holds(part, row) {
                        Some(true) => return Some(true),
                        Some(false) => {}
                        None => any = None,
                    }
                }
                any
            }
            Bool::Compare(op, a, b) => Some(op.holds(self.number(a, row)?, self.number(b, row)?)),
            Bool::OneOf(id, texts) => {
                let code = self.frame.code(*id, row)?;
                Some(texts.iter().any(|t| &**t == code))
            }
            Bool::If(parts) => match self.holds(&parts.0, row) {
                Some(true) => self.holds(&parts.1, row),
                Some(false) => self.holds(&parts.2, row),
                None => {
                    let (a, b) = (self.holds(&parts.1, row), self.holds(&parts.2, row));
                    if a == b { a } else { None }
                }
            },
            Bool::Named(named) => match &named.body {
                Typed::Bool(b) => self.holds(b, row),
                _ => None,
            },
        }
    }

    /// The number of a row; `None`: a missing fact could change it, or a divisor is zero.
    pub(crate) fn number(self, n: &Num, row: usize) -> Option<i64> {
        match n {
            Num::Const(n) => Some(*n),
            Num::Int(id) => self.frame.int(*id, row),
            Num::Param(place) => self.params[*place],
            Num::Sum(sum, sides) => {
                let (a, b) = (self.number(&sides.0, row), self.number(&sides.1, row));
                match (sum, a, b) {
                    (Sum::Mul, Some(0), _) | (Sum::Mul, _, Some(0)) => Some(0),
                    (_, a, b) => sum.of(a?, b?),
                }
            }
            Num::Max(parts) => {
                parts.iter().try_fold(i64::MIN, |most, p| Some(most.max(self.number(p, row)?)))
            }
            Num::Min(parts) => {
                parts.iter().try_fold(i64::MAX, |least, p| Some(least.min(self.number(p, row)?)))
            }
            Num::If(parts) => match self.holds(&parts.0, row) {
                Some(true) => self.number(&parts.1, row),
                Some(false) => self.number(&parts.2, row),
                None => {
                    let (a, b) = (self.number(&parts.1, row), self.number(&parts.2, row));
                    if a == b { a } else { None }
                }
            },
            Num::Named(named) => match &named.body {
                Typed::Int(n) | Typed::Date(n) => self.number(n, row),
                _ => None,
            },
        }
    }

    /// The first column whose absence keeps a condition open for a row.
    pub(crate) fn missing_for(self, b: &Bool, row: usize) -> Option<ColumnId> {
        match b {
            Bool::Const(_) | Bool::Known(_) => None,
            Bool::Flag(id) => self.frame.flag(*id, row).is_none().then_some(*id),
            Bool::OneOf(id, _) => self.frame.code(*id, row).is_none().then_some(*id),
            Bool::Not(inner) => self.missing_for(inner, row),
            Bool::All(parts) | Bool::Any(parts) => parts
                .iter()
                .filter(|p| self.holds(p, row).is_none())
                .find_map(|p| self.missing_for(p, row)),
            Bool::Compare(_, a, b) => self.missing_in(a, row).or_else(|| self.missing_in(b, row)),
            Bool::If(parts) => match self.holds(&parts.0, row) {
                Some(true) => self.missing_for(&parts.1, row),
                Some(false) => self.missing_for(&parts.2, row),
                None => self.missing_for(&parts.0, row),
            },
            Bool::Named(named) => match &named.body {
                Typed::Bool(b) => self.missing_for(b, row),
                _ => None,
            },
        }
    }

    /// The first column whose absence keeps a number open for a row.
    pub(crate) fn missing_in(self, n: &Num, row: usize) -> Option<ColumnId> {
        match n {
            Num::Const(_) | Num::Param(_) => None,
            Num::Int(id) => self.frame.int(*id, row).is_none().then_some(*id),
            Num::Sum(_, sides) => {
                if self.number(n, row).is_some() {
                    return None;
                }
                self.missing_in(&sides.0, row).or_else(|| self.missing_in(&sides.1, row))
            }
            Num::Max(parts) | Num::Min(parts) => parts.iter().find_map(|p| self.missing_in(p, row)),
            Num::If(parts) => match self.holds(&parts.0, row) {
                Some(true) => self.missing_in(&parts.1, row),
                Some(false) => self.missing_in(&parts.2, row),
                None => self.missing_for(&parts.0, row),
            },
            Num::Named(named) => match &named.body {
                Typed::Int(n) | Typed::Date(n) => self.missing_in(n, row),
                _ => None,
            },
        }
    }

    /// A condition for the rows from `64 * word`, at most [`CHUNK`] of them. Bits beyond the last row mean nothing.
    pub(crate) fn truth(self, b: &Bool, word: usize) -> Truth {
        match b {
            Bool::Const(true) => Truth { yes: ALL, no: NONE },
            Bool::Const(false) => Truth { yes: NONE, no: ALL },
            Bool::Flag(id) => match self.frame.data(*id) {
                Some(Data::Flag { yes, no }) => {
                    Truth { yes: words(yes, word), no: words(no, word) }
                }
                _ => Truth { yes: NONE, no: NONE },
            },
            Bool::Known(id) => {
                let known = match self.frame.data(*id) {
                    Some(Data::Flag { yes, no }) => {
                        zip(&words(yes, word), &words(no, word), |a, b| a | b)
                    }
                    Some(Data::Int { known, .. }) => words(known, word),
                    Some(Data::Code { codes, .. }) => pack(codes, word, |c| c != UNKNOWN_CODE),
                    None => NONE,
                };
                Truth { yes: known, no: known.map(|w| !w) }
            }
            Bool::Not(inner) => {
                let Truth { yes, no } = self.truth(inner, word);
                Truth { yes: no, no: yes }
            }
            Bool::All(parts) => {
                let mut out = Truth { yes: ALL, no: NONE };
                for part in parts {
                    let t = self.truth(part, word);
                    out = Truth {
                        yes: zip(&out.yes, &t.yes, |a, b| a & b),
                        no: zip(&out.no, &t.no, |a, b| a | b),
                    };
                }
                out
            }
            Bool::Any(parts) => {
                let mut out = Truth { yes: NONE, no: ALL };
                for part in parts {
                    let t = self.truth(part, word);
                    out = Truth {
                        yes: zip(&out.yes, &t.yes, |a, b| a | b),
                        no: zip(&out.no, &t.no, |a, b| a & b),
                    };
                }
                out
            }
            Bool::Compare(op, a, b) => self.compare(*op, a, b, word),
            Bool::OneOf(id, texts) => match self.frame.data(*id) {
                Some(Data::Code { codes, names }) => one_of(codes, names, texts, word),
                _ => Truth { yes: NONE, no: NONE },
            },
            Bool::If(parts) => {
                let (test, a, b) = (
                    self.truth(&parts.0, word),
                    self.truth(&parts.1, word),
                    self.truth(&parts.2, word),
                );
                let mut out = Truth { yes: NONE, no: NONE };
                for w in 0..WORDS {
                    let open = !(test.yes[w] | test.no[w]);
                    let choose =
                        |a: u64, b: u64| (test.yes[w] & a) | (test.no[w] & b) | (open & a & b);
                    out.yes[w] = choose(a.yes[w], b.yes[w]);
                    out.no[w] = choose(a.no[w], b.no[w]);
                }
                out
            }
            Bool::Named(named) => match &named.body {
                Typed::Bool(b) => self.truth(b, word),
                _ => Truth { yes: NONE, no: NONE },
            },
        }
    }

    fn compare(self, op: Op, a: &Num, b: &Num, word: usize) -> Truth {
        let constant = match b {
            Num::Const(n) => Some(*n),
            Num::Param(place) => match self.params[*place] {
                Some(n) => Some(n),
                None => return Truth { yes: NONE, no: NONE },
            },
            _ => None,
        };
        if let (Num::Int(id), Some(than)) = (a, constant) {
            let Some(Data::Int { values, known }) = self.frame.data(*id) else {
                return Truth { yes: NONE, no: NONE };
            };
            let known = words(known, word);
            let holds = match op {
                Op::Eq => pack(values, word, |v| v == than),
                Op::Ne => pack(values, word, |v| v != than),
                Op::Lt => pack(values, word, |v| v < than),
                Op::Le => pack(values, word, |v| v <= than),
                Op::Gt => pack(values, word, |v| v > than),
                Op::Ge => pack(values, word, |v| v >= than),
            };
            return Truth {
                yes: zip(&known, &holds, |k, h| k & h),
                no: zip(&known, &holds, |k, h| k & !h),
            };
        }
        let mut out = Truth { yes: NONE, no: NONE };
        let rows = self.frame.rows().saturating_sub(word * 64).min(CHUNK);
        for i in 0..rows {
            let row = word * 64 + i;
            if let (Some(a), Some(b)) = (self.number(a, row), self.number(b, row)) {
                let to = if op.holds(a, b) { &mut out.yes } else { &mut out.no };
                to[i / 64] |= 1 << (i % 64);
            }
        }
        out
    }
}

/// Rows whose code is one of some texts. A table of the first 255 names keeps the loop free of branches.
fn one_of(codes: &[u16], names: &[Arc<str>], texts: &[Arc<str>], word: usize) -> Truth {
    const YES: u8 = 1;
    const NO: u8 = 2;
    let is_wanted = |name: &Arc<str>| texts.iter().any(|t| t == name);
    if names.len() > 255 {
        let wanted: Vec<bool> = names.iter().map(is_wanted).collect();
        let yes = pack(codes, word, |c| wanted.get(usize::from(c)).is_some_and(|w| *w));
        let known = pack(codes, word, |c| c != UNKNOWN_CODE);
        return Truth { yes, no: zip(&known, &yes, |k, y| k & !y) };
    }
    let mut table = [0_u8; 256];
    for (slot, name) in table.iter_mut().zip(names) {
        *slot = if is_wanted(name) { YES } else { NO };
    }
    let mut out = Truth { yes: NONE, no: NONE };
    let part = &codes[(word * 64).min(codes.len())..codes.len().min(word * 64 + CHUNK)];
    for ((yes, no), group) in out.yes.iter_mut().zip(&mut out.no).zip(part.chunks(64)) {
        for (i, code) in group.iter().enumerate() {
            // The code of what is not on file is the highest: its low byte is 255, which no name has.
            let is = table[usize::from(code.to_le_bytes()[0])];
            *yes |= u64::from(is & YES) << i;
            *no |= u64::from(is >> 1) << i;
        }
    }
    out
}

fn words(of: &[u64], from: usize) -> Mask {
    let mut out = NONE;
    let part = &of[from.min(of.len())..of.len().min(from + WORDS)];
    out[..part.len()].copy_from_slice(part);
    out
}

fn zip(a: &Mask, b: &Mask, f: impl Fn(u64, u64) -> u64) -> Mask {
    let mut out = NONE;
    for (o, (a, b)) in out.iter_mut().zip(a.iter().zip(b)) {
        *o = f(*a, *b);
    }
    out
}

fn pack<T: Copy>(values: &[T], word: usize, holds: impl Fn(T) -> bool) -> Mask {
    let mut out = NONE;
    let part = &values[(word * 64).min(values.len())..values.len().min(word * 64 + CHUNK)];
    for (o, group) in out.iter_mut().zip(part.chunks(64)) {
        for (i, v) in group.iter().enumerate() {
            *o |= u64::from(holds(*v)) << i;
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::column::{COLUMNS, ColumnType, FrameKind};
    use crate::set::PolicySet;
    use proptest::prelude::*;

    /// Two ways to one answer: by masks and row by row.
    fn agree(facts: Facts<'_>, condition: &Bool) {
        for word in (0..facts.frame.rows().div_ceil(64)).step_by(WORDS) {
            let truth = facts.truth(condition, word);
            for row in word * 64..facts.frame.rows().min(word * 64 + CHUNK) {
                let (w, bit) = (row / 64 - word, row % 64);
                let masks = match (truth.yes[w] >> bit & 1, truth.no[w] >> bit & 1) {
                    (1, 0) => Some(true),
                    (0, 1) => Some(false),
                    (0, 0) => None,
                    both => panic!("row {row} is both yes and no: {both:?}"),
                };
                assert_eq!(masks, facts.holds(condition, row), "row {row} of {condition:?}");
            }
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 12, ..ProptestConfig::default() })]

        #[test]
        fn masks_and_rows_agree(seed in any::<u64>(), rows in prop::sample::select(vec![1_usize, 63, 64, 65, 4_095, 4_096, 4_097, 5_000])) {
            let set = PolicySet::builtin();
            let mut state = seed | 1;
            let mut next = || {
                state ^= state << 13;
                state ^= state >> 7;
                state ^= state << 17;
                state
            };
            for kind in FrameKind::ALL {
                let mut frame = Frame::new(*kind, rows);
                for c in COLUMNS.iter().filter(|c| c.frames.contains(kind)) {
                    let cells: Vec<u64> = (0..rows).map(|_| next() >> 20).collect();
                    let small = |n: &u64| i64::try_from(n % 70).unwrap();
                    let done = match c.column_type {
                        ColumnType::Flag => frame.set_flags(c.name, cells.iter().map(|n| [Some(true), Some(false), None][usize::try_from(n % 3).unwrap()])),
                        ColumnType::Int => frame.set_ints(c.name, cells.iter().map(|n| (n % 5 > 0).then(|| small(n)))),
                        ColumnType::Date => Ok(()),
                        ColumnType::Code(_) | ColumnType::Text(_) => {
                            let codes = c.column_type.values();
                            frame.set_codes(c.name, cells.iter().map(|n| {
                                codes.get(usize::try_from(*n).unwrap() % (codes.len() + 1)).map(|(code, _)| *code)
                            }))
                        }
                    };
                    done.unwrap();
                }
                let params = set.numbers_on(jiff::civil::date(2024, 9, 1));
                let facts = Facts { frame: &frame, params: &params };
                for programme in set.programmes().iter().filter(|p| p.frame == *kind) {
                    for condition in &programme.who {
                        agree(facts, condition);
                    }
                    for when in programme.layers.iter().flatten().filter_map(|r| r.when.as_ref()) {
                        agree(facts, when);
                    }
                }
            }
        }
    }
}
