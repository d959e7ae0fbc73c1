//! Numbers of some rows at once, for amounts that are expressions.

use crate::eval::Facts;
use crate::expr::{Num, Sum, Typed};
use crate::frame::{Data, Ints};
use crate::plan::constant;

/// One number a row asked about; what is open has a missing fact, or a divisor that is zero.
#[derive(Debug, Default)]
pub(crate) struct Lanes {
    pub(crate) values: Vec<i64>,
    /// Empty where none is open.
    pub(crate) open: Vec<bool>,
}

/// Which rows are asked about.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Rows<'a> {
    /// So many from a first one on.
    Span(usize, usize),
    /// These.
    Chosen(&'a [u32]),
}

impl Rows<'_> {
    fn len(self) -> usize {
        match self {
            Self::Span(_, rows) => rows,
            Self::Chosen(rows) => rows.len(),
        }
    }

    fn each<T>(self, f: impl Fn(usize) -> T) -> Vec<T> {
        match self {
            Self::Span(first, rows) => (first..first + rows).map(f).collect(),
            Self::Chosen(rows) => rows.iter().map(|row| f(*row as usize)).collect(),
        }
    }
}

impl Lanes {
    fn unknown(rows: usize) -> Self {
        Self { values: vec![0; rows], open: vec![true; rows] }
    }

    pub(crate) fn is_open(&self, at: usize) -> bool {
        self.open.get(at).is_some_and(|o| *o)
    }
}

/// The number of each of these rows, as [`Facts::number`] gives it.
pub(crate) fn lanes(facts: Facts<'_>, n: &Num, rows: Rows<'_>) -> Lanes {
    if let Some(n) = constant(n, facts) {
        return Lanes { values: vec![n; rows.len()], open: Vec::new() };
    }
    match n {
        Num::Int(id) => match facts.frame.data(*id) {
            Some(Data::Int { values, known, whole }) => gather(values, known, *whole, rows),
            _ => Lanes::unknown(rows.len()),
        },
        Num::Sum(sum, sides) => match (sum, constant(&sides.0, facts), constant(&sides.1, facts)) {
            (Sum::Mul, Some(by), None) => times(lanes(facts, &sides.1, rows), by),
            (Sum::Mul, None, Some(by)) => times(lanes(facts, &sides.0, rows), by),
            _ => {
                let mut left = lanes(facts, &sides.0, rows);
                combine(*sum, &mut left, &lanes(facts, &sides.1, rows));
                left
            }
        },
        Num::Max(parts) => fold(facts, parts, rows, i64::max),
        Num::Min(parts) => fold(facts, parts, rows, i64::min),
        Num::Named(named) => match &named.body {
            Typed::Int(n) | Typed::Date(n) => lanes(facts, n, rows),
            _ => Lanes::unknown(rows.len()),
        },
        _ => {
            let numbers = rows.each(|row| facts.number(n, row));
            Lanes {
                values: numbers.iter().map(|n| n.unwrap_or(0)).collect(),
                open: numbers.iter().map(Option::is_none).collect(),
            }
        }
    }
}

fn gather(values: &Ints, known: &[u64], whole: bool, rows: Rows<'_>) -> Lanes {
    let values = match (values, rows) {
        (Ints::Narrow(v), Rows::Span(first, n)) => {
            v[first..first + n].iter().map(|v| i64::from(*v)).collect()
        }
        (Ints::Narrow(v), rows) => rows.each(|row| i64::from(v[row])),
        (Ints::Wide(v), Rows::Span(first, n)) => v[first..first + n].to_vec(),
        (Ints::Wide(v), rows) => rows.each(|row| v[row]),
    };
    let open = |row: usize| known[row / 64] >> (row % 64) & 1 == 0;
    Lanes { values, open: if whole { Vec::new() } else { rows.each(open) } }
}

/// Nothing times anything is nothing, known or not.
fn times(mut of: Lanes, by: i64) -> Lanes {
    if by == 0 {
        of.open.clear();
    }
    of.values.iter_mut().for_each(|v| *v = v.saturating_mul(by));
    of
}

fn fold(facts: Facts<'_>, parts: &[Num], rows: Rows<'_>, of: fn(i64, i64) -> i64) -> Lanes {
    // What is the same for all is put together first.
    let mut same: Option<i64> = None;
    let mut out: Option<Lanes> = None;
    for part in parts {
        if let Some(n) = constant(part, facts) {
            same = Some(same.map_or(n, |s| of(s, n)));
            continue;
        }
        let next = lanes(facts, part, rows);
        out = Some(match out {
            None => next,
            Some(mut out) => {
                out.values.iter_mut().zip(&next.values).for_each(|(a, b)| *a = of(*a, *b));
                either_open(&mut out.open, &next.open);
                out
            }
        });
    }
    let mut out = out
        .unwrap_or_else(|| Lanes { values: vec![same.unwrap_or(0); rows.len()], open: Vec::new() });
    if let Some(same) = same {
        out.values.iter_mut().for_each(|v| *v = of(*v, same));
    }
    out
}

fn either_open(out: &mut Vec<bool>, other: &[bool]) {
    if out.is_empty() {
        out.extend_from_slice(other);
    } else {
        out.iter_mut().zip(other).for_each(|(a, b)| *a |= b);
    }
}

fn combine(sum: Sum, left: &mut Lanes, right: &Lanes) {
    let known = left.open.is_empty() && right.open.is_empty();
    match sum {
        Sum::Add if known => {
            left.values.iter_mut().zip(&right.values).for_each(|(a, b)| *a = a.saturating_add(*b));
        }
        Sum::Sub if known => {
            left.values.iter_mut().zip(&right.values).for_each(|(a, b)| *a = a.saturating_sub(*b));
        }
        _ => {
            let mut open = vec![false; left.values.len()];
            for (i, open) in open.iter_mut().enumerate() {
                let (a, b) = (left.values[i], right.values[i]);
                let (a_open, b_open) = (left.is_open(i), right.is_open(i));
                if sum == Sum::Mul && ((a == 0 && !a_open) || (b == 0 && !b_open)) {
                    left.values[i] = 0;
                    continue;
                }
                let n = sum.of(a, b);
                *open = a_open || b_open || n.is_none();
                left.values[i] = n.unwrap_or(0);
            }
            left.open = open;
        }
    }
}
