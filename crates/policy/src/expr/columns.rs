//! Which columns an expression asks for.

use super::{Bool, Num, Typed};
use crate::ColumnId;

/// Puts the columns of an expression behind those already listed, each once, in order.
pub(crate) fn columns_of_bool(b: &Bool, out: &mut Vec<ColumnId>) {
    match b {
        Bool::Const(_) => {}
        Bool::Flag(id) | Bool::Known(id) | Bool::OneOf(id, _) => note(*id, out),
        Bool::Not(inner) => columns_of_bool(inner, out),
        Bool::All(parts) | Bool::Any(parts) => parts.iter().for_each(|p| columns_of_bool(p, out)),
        Bool::Compare(_, a, b) => {
            columns_of_num(a, out);
            columns_of_num(b, out);
        }
        Bool::If(parts) => {
            columns_of_bool(&parts.0, out);
            columns_of_bool(&parts.1, out);
            columns_of_bool(&parts.2, out);
        }
        Bool::Named(named) => columns_of(&named.body, out),
    }
}

/// As [`columns_of_bool`].
pub(crate) fn columns_of_num(n: &Num, out: &mut Vec<ColumnId>) {
    match n {
        Num::Const(_) | Num::Param(_) | Num::PeriodStart | Num::PeriodEnd => {}
        Num::Int(id) => note(*id, out),
        Num::Sum(_, sides) | Num::Years(sides) => {
            columns_of_num(&sides.0, out);
            columns_of_num(&sides.1, out);
        }
        Num::Max(parts) | Num::Min(parts) => parts.iter().for_each(|p| columns_of_num(p, out)),
        Num::If(parts) => {
            columns_of_bool(&parts.0, out);
            columns_of_num(&parts.1, out);
            columns_of_num(&parts.2, out);
        }
        Num::Named(named) => columns_of(&named.body, out),
    }
}

fn columns_of(typed: &Typed, out: &mut Vec<ColumnId>) {
    match typed {
        Typed::Bool(b) => columns_of_bool(b, out),
        Typed::Int(n) | Typed::Date(n) => columns_of_num(n, out),
        Typed::Code(id) => note(*id, out),
        Typed::Text(_) => {}
    }
}

fn note(id: ColumnId, out: &mut Vec<ColumnId>) {
    if !out.contains(&id) {
        out.push(id);
    }
}
