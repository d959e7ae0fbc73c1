//! Expressions: a subset of CEL. `||`, `&&`, `!`, `==` `!=` `<` `<=` `>` `>=`, `in [...]`, `+ - * / %`, `c ? a : b`,
//! parentheses, whole numbers, strings, `true`, `false`, `date("2024-09-01")`, `has(column)`, `max(…)`, `min(…)`,
//! `years(from, to)`, columns, named sets, dated parameters as `param.name`, and the days `period.start` and `period.end`.
//!
//! Truth has three values (Kleene): a column that is not on file is unknown, and so is what hangs on it.

mod check;
mod columns;
mod parse;
mod token;

use std::sync::Arc;

use crate::ColumnId;
use crate::column::FrameKind;

pub(crate) use check::compile;
pub(crate) use columns::{columns_of_bool, columns_of_num};

/// How many nodes an expression may have once its named sets are put in.
pub(crate) const MAX_WEIGHT: usize = 10_000;

/// What is wrong with an expression, and where: a byte offset.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ExprFault {
    pub(crate) at: usize,
    pub(crate) reason: String,
    pub(crate) remedy: String,
}

fn fault<T>(
    at: usize,
    reason: impl Into<String>,
    remedy: impl Into<String>,
) -> Result<T, ExprFault> {
    Err(ExprFault { at, reason: reason.into(), remedy: remedy.into() })
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Op {
    Eq,
    Ne,
    Lt,
    Le,
    Gt,
    Ge,
}

impl Op {
    pub(crate) fn holds(self, a: i64, b: i64) -> bool {
        match self {
            Self::Eq => a == b,
            Self::Ne => a != b,
            Self::Lt => a < b,
            Self::Le => a <= b,
            Self::Gt => a > b,
            Self::Ge => a >= b,
        }
    }

    pub(crate) const fn chinese(self) -> &'static str {
        match self {
            Self::Eq => "等于",
            Self::Ne => "不等于",
            Self::Lt => "小于",
            Self::Le => "不超过",
            Self::Gt => "大于",
            Self::Ge => "不少于",
        }
    }

    const fn turned(self) -> Self {
        match self {
            Self::Eq => Self::Eq,
            Self::Ne => Self::Ne,
            Self::Lt => Self::Gt,
            Self::Le => Self::Ge,
            Self::Gt => Self::Lt,
            Self::Ge => Self::Le,
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Sum {
    Add,
    Sub,
    Mul,
    Div,
    Rem,
}

impl Sum {
    /// The result, cut off at the ends of the range; `None` for a division by zero.
    pub(crate) fn of(self, a: i64, b: i64) -> Option<i64> {
        Some(match self {
            Self::Add => a.saturating_add(b),
            Self::Sub => a.saturating_sub(b),
            Self::Mul => a.saturating_mul(b),
            Self::Div | Self::Rem if b == 0 => return None,
            Self::Div => a.saturating_div(b),
            Self::Rem => a.wrapping_rem(b),
        })
    }
}

/// A named set as the compiler sees it.
#[derive(Clone, Debug)]
pub(crate) struct Named {
    pub(crate) name: Arc<str>,
    pub(crate) chinese: Arc<str>,
    pub(crate) english: Arc<str>,
    pub(crate) body: Typed,
    pub(crate) weight: usize,
}

/// Yes, no or unknown.
#[derive(Clone, Debug)]
pub(crate) enum Bool {
    Const(bool),
    Flag(ColumnId),
    Known(ColumnId),
    Not(Box<Bool>),
    All(Vec<Bool>),
    Any(Vec<Bool>),
    Compare(Op, Box<Num>, Box<Num>),
    OneOf(ColumnId, Vec<Arc<str>>),
    If(Box<(Bool, Bool, Bool)>),
    Named(Arc<Named>),
}

/// A whole number or a day since 1970-01-01; or unknown.
#[derive(Clone, Debug)]
pub(crate) enum Num {
    Const(i64),
    Int(ColumnId),
    /// Place in the set's list of parameters.
    Param(usize),
    /// First day of the period that is asked about.
    PeriodStart,
    /// Last day of it.
    PeriodEnd,
    /// Whole years from the first day to the second.
    Years(Box<(Num, Num)>),
    Sum(Sum, Box<(Num, Num)>),
    Max(Vec<Num>),
    Min(Vec<Num>),
    If(Box<(Bool, Num, Num)>),
    Named(Arc<Named>),
}

/// A checked expression.
#[derive(Clone, Debug)]
pub(crate) enum Typed {
    Bool(Bool),
    Int(Num),
    Date(Num),
    /// A column of codes, which can only be compared.
    Code(ColumnId),
    /// A string, which can only be compared.
    Text(Arc<str>),
}

impl Typed {
    fn type_name(&self) -> &'static str {
        match self {
            Self::Bool(_) => "是/否",
            Self::Int(_) => "整数",
            Self::Date(_) => "日期",
            Self::Code(_) | Self::Text(_) => "代码",
        }
    }
}

/// A named set, or that it has a fault, which is told where the set stands.
pub(crate) type SetResult = Result<Arc<Named>, ()>;

/// What names mean where the expression stands.
pub(crate) struct Scope<'a> {
    pub(crate) frame: FrameKind,
    pub(crate) set: &'a dyn Fn(&str) -> Option<SetResult>,
    pub(crate) set_names: &'a [String],
    pub(crate) params: &'a [Arc<str>],
}
