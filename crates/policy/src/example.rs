use std::sync::Arc;

use jiff::civil::Date;

use crate::assess::{Entitlement, Reason, assess_programme};
use crate::column::{ColumnType, column, column_of};
use crate::explain::name_of;
use crate::frame::Frame;
use crate::programme::Programme;
use crate::set::{Example, PolicySet};

/// An example that the rules do not keep.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExampleFailure {
    /// The file that it stands in.
    pub origin: Arc<str>,
    /// Key of the programme.
    pub programme: String,
    /// The row as written.
    pub row: String,
    /// What the rules say, or why the row cannot be read.
    pub got: String,
}

impl std::fmt::Display for ExampleFailure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}：{} 的例子“{}”，规则得出 {}", self.origin, self.programme, self.row, self.got)
    }
}

impl PolicySet {
    /// Tries every example kept beside the rules; empty if all hold.
    pub fn run_examples(&self) -> Vec<ExampleFailure> {
        let mut out = Vec::new();
        for example in self.examples() {
            for row in &example.rows {
                let failure = |got: String| ExampleFailure {
                    origin: Arc::clone(&example.origin),
                    programme: example.programme.clone(),
                    row: row.clone(),
                    got,
                };
                match self.try_example(example, row) {
                    Ok(got) if row.split_once('→').is_some_and(|(_, want)| want.trim() == got) => {
                    }
                    Ok(got) | Err(got) => out.push(failure(got)),
                }
            }
        }
        out
    }

    fn try_example(&self, example: &Example, row: &str) -> Result<String, String> {
        let programme = self.find(&example.programme).map_err(|e| e.to_string())?;
        let (given, _) = row.split_once('→').ok_or("缺“→”；写成 primary yes → 625.00")?;
        let given: Vec<&str> = given.split_whitespace().collect();
        if given.len() != example.columns.len() {
            return Err(format!("给了 {} 个值，列有 {} 个", given.len(), example.columns.len()));
        }
        let mut frame = Frame::new(programme.frame, 1);
        if example.rest_is_no {
            frame.set_rest_no();
        }
        for (name, value) in example.columns.iter().zip(given) {
            set_one(&mut frame, name, value)?;
        }
        let as_of = example.as_of.or(example.period.days().map(|(_, last)| last));
        let as_of = as_of.ok_or("period 是 once 时要写 as_of")?;
        let result = assess_programme(self, &example.programme, &frame, example.period, as_of)
            .map_err(|e| e.to_string())?;
        Ok(written(programme, result.entitlement(0)))
    }
}

/// `yes`, `no`, `?`, a number, a day or a code into a frame of one row.
fn set_one(frame: &mut Frame, name: &str, value: &str) -> Result<(), String> {
    let id = column_of(frame.kind(), name).ok_or_else(|| format!("没有叫 {name} 的列"))?;
    let known = (value != "?").then_some(value);
    match column(id).column_type {
        ColumnType::Flag => {
            let flag = match value {
                "yes" => Some(true),
                "no" => Some(false),
                "?" => None,
                _ => return Err(format!("{name} 应是 yes、no 或 ?，却是 {value}")),
            };
            frame.set_flags(name, [flag])
        }
        ColumnType::Int => {
            let n = known.map(|v| v.parse().map_err(|_| format!("{name} 应是整数，却是 {v}")));
            frame.set_ints(name, [n.transpose()?])
        }
        ColumnType::Date => {
            let d =
                known.map(|v| v.parse::<Date>().map_err(|_| format!("{name} 应是日期，却是 {v}")));
            frame.set_dates(name, [d.transpose()?])
        }
        ColumnType::Code(_) | ColumnType::Text(_) => frame.set_codes(name, [known]),
    }
    .map_err(|e| e.to_string())
}

/// An answer as examples write it: `625.00`, `not due: boards`, `ask: lifted`.
pub(crate) fn written(programme: &Programme, answer: Entitlement) -> String {
    match answer {
        Entitlement::Due(quantity) => programme.unit.show(quantity),
        Entitlement::Ask(id) => format!("ask: {}", column(id).name),
        Entitlement::NotDue(Reason::Condition(i)) => {
            format!("not due: {}", programme.who.get(i).map_or("", name_of))
        }
        Entitlement::NotDue(Reason::NotInForce) => "not due: not in force".to_owned(),
        Entitlement::NotDue(Reason::NoAmount) => "not due: no amount".to_owned(),
        Entitlement::NotDue(Reason::Nothing) => "not due: nothing".to_owned(),
        Entitlement::NotDue(Reason::Excluded(at)) => {
            format!("not due: {}", programme.excluded_by.get(at).map_or("", |k| k))
        }
    }
}
