//! Numbers of some rows at once, for amounts that are expressions.

use crate::eval::Facts;
use crate::expr::{Num, Sum, Typed};
use crate::frame::{Data, Ints};

/// One number a row asked about; what is open has a missing fact, or a divisor that is zero.
#[derive(Debug, Default)]
pub(crate) struct Lanes {
    pub(crate) values: Vec<i64>,
    pub(crate) open: Vec<bool>,
}

impl Lanes {
    fn all(value: i64, rows: usize) -> Self {
        Self { values: vec![value; rows], open: vec![false; rows] }
    }
}

/// The number of each of these rows, as [`Facts::number`] gives it.
pub(crate) fn lanes(facts: Facts<'_>, n: &Num, rows: &[u32]) -> Lanes {
    if let Some(n) = crate::plan::constant(n, facts) {
        return Lanes::all(n, rows.len());
    }
    match n {
        Num::Int(id) => match facts.frame.data(*id) {
            Some(Data::Int { values, known }) => gather(values, known, rows),
            _ => Lanes { values: vec![0; rows.len()], open: vec![true; rows.len()] },
        },
        Num::Sum(sum, sides) => {
            let mut left = lanes(facts, &sides.0, rows);
            let right = lanes(facts, &sides.1, rows);
            combine(*sum, &mut left, &right);
            left
        }
        Num::Max(parts) => fold(facts, parts, rows, i64::max),
        Num::Min(parts) => fold(facts, parts, rows, i64::min),
        Num::Named(named) => match &named.body {
            Typed::Int(n) | Typed::Date(n) => lanes(facts, n, rows),
            _ => Lanes { values: vec![0; rows.len()], open: vec![true; rows.len()] },
        },
        _ => {
            let mut out = Lanes::all(0, rows.len());
            for (i, row) in rows.iter().enumerate() {
                match facts.number(n, *row as usize) {
                    Some(n) => out.values[i] = n,
                    None => out.open[i] = true,
                }
            }
            out
        }
    }
}

fn gather(values: &Ints, known: &[u64], rows: &[u32]) -> Lanes {
    let open = |row: &u32| known[*row as usize / 64] >> (row % 64) & 1 == 0;
    let values = match values {
        Ints::Narrow(v) => rows.iter().map(|row| i64::from(v[*row as usize])).collect(),
        Ints::Wide(v) => rows.iter().map(|row| v[*row as usize]).collect(),
    };
    Lanes { values, open: rows.iter().map(open).collect() }
}

fn fold(facts: Facts<'_>, parts: &[Num], rows: &[u32], of: fn(i64, i64) -> i64) -> Lanes {
    let mut parts = parts.iter().map(|p| lanes(facts, p, rows));
    let mut out = parts.next().unwrap_or_else(|| Lanes::all(0, rows.len()));
    for next in parts {
        for i in 0..rows.len() {
            out.values[i] = of(out.values[i], next.values[i]);
            out.open[i] |= next.open[i];
        }
    }
    out
}

fn combine(sum: Sum, left: &mut Lanes, right: &Lanes) {
    for i in 0..left.values.len() {
        let (a, b) = (left.values[i], right.values[i]);
        let (a_open, b_open) = (left.open[i], right.open[i]);
        // Nothing times anything is nothing, known or not.
        if sum == Sum::Mul && ((a == 0 && !a_open) || (b == 0 && !b_open)) {
            (left.values[i], left.open[i]) = (0, false);
            continue;
        }
        let n = sum.of(a, b);
        left.open[i] = a_open || b_open || n.is_none();
        left.values[i] = n.unwrap_or(0);
    }
}
