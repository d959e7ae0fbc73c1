//! The same answers in English: set names as the files give them, columns by their names.

use fujiao_model::{Money, Unit};

use super::Explainer;
use crate::assess::{Entitlement, Reason};
use crate::column::{ColumnType, column};
use crate::eval::Facts;
use crate::expr::{Bool, Typed, columns_of_bool, columns_of_num};
use crate::frame::{Frame, day_of};
use crate::question::Question;

impl Explainer<'_> {
    /// One English sentence on the answer for a row, whatever it is.
    pub(super) fn english(&self, row: usize, answer: Entitlement) -> String {
        let facts = self.facts();
        match answer {
            Entitlement::Due(quantity) => {
                let question = Question::of_row(self.programme, facts, self.day, self.period);
                let (_, amount) = question.amount(row);
                let mut words: Vec<String> =
                    self.programme.who.iter().map(|c| held(facts, c, row)).collect();
                let mut columns = Vec::new();
                if let Some(amount) = amount {
                    if let Some(when) = &amount.when {
                        columns_of_bool(when, &mut columns);
                    }
                    columns_of_num(&amount.value, &mut columns);
                }
                // Of the columns that chose the amount, those that are a fact about this row.
                columns.retain(|id| facts.frame.flag(*id, row) != Some(false));
                for shown in columns.into_iter().map(|id| show(facts.frame, id, row)) {
                    if !words.iter().any(|w| w.contains(&shown)) {
                        words.push(shown);
                    }
                }
                words.retain(|w| !w.is_empty());
                let basis = amount.map_or("", |a| &*a.basis);
                let unit = self.programme.unit;
                let unit_name = if unit == Unit::Fen { "yuan" } else { unit.code() };
                format!("Due {} {unit_name}: {} ({basis})", unit.show(quantity), words.join(", "))
            }
            Entitlement::NotDue(reason) => {
                format!("Not due: {}", self.refusal_english(row, reason))
            }
            Entitlement::Ask(id) => {
                format!(
                    "Open: {} is not on file and could change the answer",
                    plain(column(id).name)
                )
            }
        }
    }

    fn refusal_english(&self, row: usize, reason: Reason) -> String {
        match reason {
            Reason::NotInForce => format!("no amount is in force in {}", self.period),
            Reason::NoAmount => "no amount is for such a row".to_owned(),
            Reason::Nothing => "the quantity is zero".to_owned(),
            Reason::Excluded(at) => {
                let over = self.programme.excluded_by.get(at);
                let over = over.and_then(|key| self.set.programme(key));
                let title = over.map_or("another programme", |p| &*p.title_en);
                format!("\"{title}\" is due for the same period and is not paid beside this")
            }
            Reason::Condition(i) => self
                .programme
                .who
                .get(i)
                .map_or_else(|| "a condition fails".to_owned(), |c| failed(self.facts(), c, row)),
        }
    }
}

fn plain(name: &str) -> String {
    name.replace('_', " ")
}

/// A column's value of a row: `stage junior`, `not boards`, `tuition fee 1,200.00 yuan`.
fn show(frame: &Frame, id: crate::ColumnId, row: usize) -> String {
    let c = column(id);
    let name = plain(c.name);
    let value = match c.column_type {
        ColumnType::Flag => {
            return match frame.flag(id, row) {
                Some(true) => name,
                Some(false) => format!("not {name}"),
                None => format!("{name} unknown"),
            };
        }
        ColumnType::Int => frame.int(id, row).map(|n| match c.unit {
            "元" | "分" => format!("{} yuan", Money::fen(n)),
            "㎡" => format!("{} m2", Money::fen(n / 10)),
            _ => n.to_string(),
        }),
        ColumnType::Date => frame.int(id, row).and_then(day_of).map(|d| d.to_string()),
        ColumnType::Code(_) | ColumnType::Text(_) => frame.code(id, row).map(str::to_owned),
    };
    format!("{name} {}", value.as_deref().unwrap_or("unknown"))
}

/// The columns of a condition that say something for it: flags that are set, and every other column.
fn telling(facts: Facts<'_>, b: &Bool, row: usize) -> Vec<String> {
    let mut columns = Vec::new();
    columns_of_bool(b, &mut columns);
    columns
        .into_iter()
        .filter(|id| match column(*id).column_type {
            ColumnType::Flag => facts.frame.flag(*id, row) == Some(true),
            ColumnType::Code(_) => {
                facts.frame.code(*id, row).is_some_and(|c| !matches!(c, "none" | "other"))
            }
            _ => facts.frame.is_known(*id, row),
        })
        .map(|id| show(facts.frame, id, row))
        .collect()
}

fn held(facts: Facts<'_>, b: &Bool, row: usize) -> String {
    match b {
        Bool::Named(named) => {
            let inner = match &named.body {
                Typed::Bool(body) => telling(facts, body, row),
                _ => Vec::new(),
            };
            if inner.is_empty() {
                named.english.to_string()
            } else {
                format!("{} ({})", named.english, inner.join(", "))
            }
        }
        b => {
            let mut columns = Vec::new();
            columns_of_bool(b, &mut columns);
            let words: Vec<String> =
                columns.into_iter().map(|id| show(facts.frame, id, row)).collect();
            words.join(", ")
        }
    }
}

fn failed(facts: Facts<'_>, b: &Bool, row: usize) -> String {
    if let Bool::OneOf(id, texts) = b {
        let allowed: Vec<&str> = texts.iter().map(|t| &**t).collect();
        return format!("{}, only {}", show(facts.frame, *id, row), allowed.join(", "));
    }
    let mut columns = Vec::new();
    columns_of_bool(b, &mut columns);
    let name = match b {
        Bool::Named(named) => Some(&named.english),
        _ => None,
    };
    let shown = |ids: &[crate::ColumnId]| {
        ids.iter().map(|id| show(facts.frame, *id, row)).collect::<Vec<_>>().join(", ")
    };
    match (name, &columns[..]) {
        (Some(name), [id]) => format!("{}, which is not: {name}", shown(&[*id])),
        (Some(name), _) => format!("does not meet \"{name}\""),
        (None, ids) => shown(ids),
    }
}
