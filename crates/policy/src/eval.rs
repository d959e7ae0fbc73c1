//! Evaluation of one row, where a reason or a missing fact is sought.

use fujiao_model::Period;
use jiff::civil::Date;

use crate::ColumnId;
use crate::expr::{Bool, Num, Sum, Typed};
use crate::frame::{Frame, day_number, day_of};

/// A frame and the parameters in force.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Facts<'a> {
    pub(crate) frame: &'a Frame,
    /// By place of the parameter; `None`: not in force, and so unknown.
    pub(crate) params: &'a [Option<i64>],
    /// First and last day of the period, since 1970-01-01.
    pub(crate) days: (i64, i64),
}

/// First and last day of a period, since 1970-01-01; without period the year of `as_of`.
pub(crate) fn days_of(period: Period, as_of: Date) -> (i64, i64) {
    let (first, last) = period.days().unwrap_or((as_of.first_of_year(), as_of.last_of_year()));
    (day_number(first), day_number(last))
}

/// Whole years from one day to another; `None` beyond the calendar.
pub(crate) fn whole_years(from: i64, to: i64) -> Option<i64> {
    let (from, to) = (day_of(from)?, day_of(to)?);
    let before = (to.month(), to.day()) < (from.month(), from.day());
    Some(i64::from(to.year() - from.year()) - i64::from(before))
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
            Num::PeriodStart => Some(self.days.0),
            Num::PeriodEnd => Some(self.days.1),
            Num::Years(days) => whole_years(self.number(&days.0, row)?, self.number(&days.1, row)?),
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
            Num::Const(_) | Num::Param(_) | Num::PeriodStart | Num::PeriodEnd => None,
            Num::Years(days) => {
                self.missing_in(&days.0, row).or_else(|| self.missing_in(&days.1, row))
            }
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
}
