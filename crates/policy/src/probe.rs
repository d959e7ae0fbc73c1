//! Made rows that try what rules can tell apart: every value that a condition compares with, and one beside it.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::civil::Date;

use crate::ColumnId;
use crate::column::{ColumnType, FrameKind, column};
use crate::expr::{Bool, Num, Typed};
use crate::frame::{Frame, day_number, day_of};
use crate::programme::Programme;

/// Most rows of a probe: if fewer tell everything apart they are all there, else so many are drawn.
const MOST: usize = 1 << 16;

const SET: &str = "a column of the rule, one value a row";

/// The values that some programmes compare their columns with.
#[derive(Debug, Default)]
pub(crate) struct Probe {
    numbers: BTreeMap<ColumnId, Vec<i64>>,
    texts: BTreeMap<ColumnId, Vec<Arc<str>>>,
    flags: Vec<ColumnId>,
    /// Numbers that stand anywhere: an expression compares with more than meets the eye.
    loose: Vec<i64>,
}

impl Probe {
    /// Everything that these programmes look at. `params` are in force, `start` is the first day of the period.
    pub(crate) fn of(programmes: &[&Programme], params: &[Option<i64>], start: Date) -> Self {
        let mut probe = Self::default();
        for programme in programmes {
            for condition in &programme.who {
                probe.look(condition, params);
            }
            for row in programme.layers.iter().flatten() {
                if let Some(when) = &row.when {
                    probe.look(when, params);
                }
                probe.count(&row.value, params);
            }
            for id in &programme.columns {
                match column(*id).column_type {
                    ColumnType::Flag if !probe.flags.contains(id) => probe.flags.push(*id),
                    ColumnType::Int | ColumnType::Date => {
                        probe.numbers.entry(*id).or_default();
                    }
                    ColumnType::Code(_) | ColumnType::Text(_) => {
                        probe.texts.entry(*id).or_default();
                    }
                    ColumnType::Flag => {}
                }
            }
        }
        probe.fill(start);
        probe
    }

    fn fill(&mut self, start: Date) {
        let loose: Vec<i64> = self.loose.iter().flat_map(|n| [n - 1, *n, n + 1]).collect();
        for (id, values) in &mut self.numbers {
            if matches!(column(*id).column_type, ColumnType::Date) {
                let today = day_number(start);
                values.extend([0, 1, 5, 10, 15, 18, 24, 60].map(|years| today - years * 366));
                values.push(today + 100);
            } else {
                values.extend([0, 1, 3, 100, 100_000]);
                values.extend(&loose);
                values.retain(|n| *n >= 0);
            }
            values.sort_unstable();
            values.dedup();
        }
        for (id, values) in &mut self.texts {
            // One that no rule speaks of.
            let other = column(*id).column_type.values();
            let other = other.iter().find(|(code, _)| !values.iter().any(|v| **v == **code));
            if let Some((code, _)) = other {
                values.push((*code).into());
            }
        }
    }

    fn look(&mut self, b: &Bool, params: &[Option<i64>]) {
        match b {
            Bool::Const(_) | Bool::Flag(_) | Bool::Known(_) => {}
            Bool::Not(inner) => self.look(inner, params),
            Bool::All(parts) | Bool::Any(parts) => parts.iter().for_each(|p| self.look(p, params)),
            Bool::Compare(_, a, b) => {
                let than = match &**b {
                    Num::Const(n) => Some(*n),
                    Num::Param(at) => params[*at],
                    _ => None,
                };
                if let (Num::Int(id), Some(than)) = (&**a, than) {
                    let values = self.numbers.entry(*id).or_default();
                    values.extend([than.saturating_sub(1), than, than.saturating_add(1)]);
                } else {
                    self.count(a, params);
                    self.count(b, params);
                }
            }
            Bool::OneOf(id, texts) => {
                let known = self.texts.entry(*id).or_default();
                for text in texts {
                    if !known.contains(text) {
                        known.push(Arc::clone(text));
                    }
                }
            }
            Bool::If(parts) => {
                self.look(&parts.0, params);
                self.look(&parts.1, params);
                self.look(&parts.2, params);
            }
            Bool::Named(named) => match &named.body {
                Typed::Bool(b) => self.look(b, params),
                Typed::Int(n) | Typed::Date(n) => self.count(n, params),
                _ => {}
            },
        }
    }

    fn count(&mut self, n: &Num, params: &[Option<i64>]) {
        match n {
            Num::Const(n) => self.loose.push((*n).clamp(-1 << 40, 1 << 40)),
            Num::Param(at) => self.loose.extend(params[*at]),
            Num::Int(_) | Num::PeriodStart | Num::PeriodEnd => {}
            Num::Sum(_, sides) | Num::Years(sides) => {
                self.count(&sides.0, params);
                self.count(&sides.1, params);
            }
            Num::Max(parts) | Num::Min(parts) => parts.iter().for_each(|p| self.count(p, params)),
            Num::If(parts) => {
                self.look(&parts.0, params);
                self.count(&parts.1, params);
                self.count(&parts.2, params);
            }
            Num::Named(named) => match &named.body {
                Typed::Bool(b) => self.look(b, params),
                Typed::Int(n) | Typed::Date(n) => self.count(n, params),
                _ => {}
            },
        }
    }

    /// Whether every combination fits into one frame; else [`Probe::frame`] draws.
    pub(crate) fn is_whole(&self) -> bool {
        self.combinations().is_some_and(|n| n <= MOST)
    }

    fn combinations(&self) -> Option<usize> {
        let sizes = self.numbers.values().map(Vec::len).chain(self.texts.values().map(Vec::len));
        let sizes = sizes.chain(self.flags.iter().map(|_| 2));
        sizes.filter(|n| *n > 0).try_fold(1_usize, usize::checked_mul)
    }

    /// Rows of every combination, or drawn ones; everything is known, and the same rules give the same rows.
    pub(crate) fn frame(&self, kind: FrameKind) -> Frame {
        let whole = self.is_whole();
        let rows = if whole { self.combinations().unwrap_or(1) } else { MOST };
        let mut state = 0x9e37_79b9_7f4a_7c15_u64;
        let mut turn = 1;
        let mut pick = |of: usize| -> Vec<usize> {
            let of = of.max(1);
            if whole {
                let each = turn;
                turn *= of;
                return (0..rows).map(|row| row / each % of).collect();
            }
            let mut draw = || {
                state ^= state << 13;
                state ^= state >> 7;
                state ^= state << 17;
                usize::try_from(state >> 33).expect("31 bits") % of
            };
            (0..rows).map(|_| draw()).collect()
        };
        let mut frame = Frame::new(kind, rows);
        for id in &self.flags {
            let at = pick(2);
            frame.set_flags(column(*id).name, at.iter().map(|i| Some(*i == 1))).expect(SET);
        }
        for (id, values) in &self.texts {
            let at = pick(values.len());
            let texts = at.iter().map(|i| values.get(*i).map(|v| &**v));
            frame.set_codes(column(*id).name, texts).expect(SET);
        }
        for (id, values) in &self.numbers {
            let at = pick(values.len());
            let numbers = at.iter().map(|i| values.get(*i).copied());
            if matches!(column(*id).column_type, ColumnType::Date) {
                frame.set_dates(column(*id).name, numbers.map(|n| day_of(n?))).expect(SET);
            } else {
                frame.set_ints(column(*id).name, numbers).expect(SET);
            }
        }
        frame
    }
}
