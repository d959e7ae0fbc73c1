//! Answers about teachers, places and money as figures, maps, charts and tables: one shape for the page and the workbook.

mod courses;
mod money;
mod places;
mod teachers;

use fujiao_office::desk::ListCell;
use fujiao_office::plans::{PlanView, said};

use super::figures::Figure;
use crate::words::Words;

/// A cell: what it says, and where it leads.
#[derive(Clone)]
pub(super) struct Cell {
    pub(super) text: String,
    pub(super) href: String,
    /// The number behind it, for the workbook.
    pub(super) number: Option<i64>,
    /// Whether it asks for a look.
    pub(super) is_red: bool,
}

/// Words.
pub(super) fn text(text: impl Into<String>) -> Cell {
    Cell { text: text.into(), href: String::new(), number: None, is_red: false }
}

/// A whole number.
pub(super) fn count(t: &Words, n: impl TryInto<i64>) -> Cell {
    let n = n.try_into().unwrap_or(i64::MAX);
    Cell { text: t.n(n), href: String::new(), number: Some(n), is_red: false }
}

/// A whole number that should be nought.
pub(super) fn missing(t: &Words, n: impl TryInto<i64>) -> Cell {
    let cell = count(t, n);
    Cell { is_red: cell.number != Some(0), ..cell }
}

impl Cell {
    pub(super) fn to(self, href: String) -> Self {
        Self { href, ..self }
    }

    /// The cell in a workbook.
    pub(super) fn listed(&self) -> ListCell {
        #[expect(clippy::cast_precision_loss, reason = "a spreadsheet has nothing but doubles")]
        match self.number {
            Some(n) => ListCell::Number(n as f64),
            None if self.text.is_empty() => ListCell::Empty,
            None => ListCell::Text(self.text.clone()),
        }
    }
}

/// A table of an answer.
pub(super) struct Table {
    /// Its word in the texts, for headings and sheets.
    pub(super) key: &'static str,
    pub(super) note: String,
    /// Names of the columns, and whether each holds numbers.
    pub(super) columns: Vec<(String, bool)>,
    pub(super) rows: Vec<Vec<Cell>>,
}

/// Rows that a page shows at once; all of them are in the workbook.
const SHOWN: usize = 60;

impl Table {
    fn new(t: &Words, key: &'static str, note: String, columns: &[(&str, bool)]) -> Self {
        let columns = columns.iter().map(|(c, n)| (t.of("plan.column", c), *n)).collect();
        Self { key, note, columns, rows: Vec::new() }
    }

    /// Its heading.
    pub(super) fn title(&self, t: &Words) -> String {
        t.of("plan.sheet", self.key)
    }

    /// What a page shows of it.
    pub(super) fn shown(&self) -> &[Vec<Cell>] {
        &self.rows[..self.rows.len().min(SHOWN)]
    }

    /// What it keeps for the workbook.
    pub(super) fn kept(&self) -> usize {
        self.rows.len().saturating_sub(SHOWN)
    }
}

/// A chart with what it says.
pub(super) struct Chart {
    pub(super) title: String,
    pub(super) note: String,
    pub(super) svg: String,
}

/// An answer as it is shown.
#[derive(Default)]
pub(super) struct Kind {
    pub(super) heading: String,
    pub(super) stats: Vec<(String, String, String)>,
    pub(super) figures: Vec<Figure>,
    pub(super) maps: Vec<(String, String, String)>,
    pub(super) key: Vec<(usize, String)>,
    pub(super) marks: String,
    pub(super) charts: Vec<Chart>,
    pub(super) tables: Vec<Table>,
    pub(super) notes: Vec<String>,
    pub(super) facts: Vec<(String, String)>,
}

/// The answer of a plan about teachers, places or money; `None` for the others.
pub(super) fn of(t: &Words, v: &PlanView) -> Option<Kind> {
    match v.result.as_ref()? {
        said::Result::Teachers(answer) => Some(teachers::of(t, answer)),
        said::Result::Places(answer) => Some(places::of(t, answer)),
        said::Result::Money(answer) => Some(money::of(t, v, answer)),
        said::Result::Courses(answer) => Some(courses::of(t, v, answer)),
        _ => None,
    }
}

/// A figure today and in the plan: name, unit, both values and whether more is worse.
fn figure(
    t: &Words,
    key: &str,
    today: i64,
    plan: i64,
    tenths: bool,
    worse: Option<bool>,
) -> Figure {
    let show = |n: i64| {
        if tenths {
            let sign = if n < 0 { "−" } else { "" };
            format!("{sign}{}.{}", t.n(n.abs() / 10), n.abs() % 10)
        } else {
            t.n(n)
        }
    };
    let change = plan - today;
    let said = match change {
        0 => String::new(),
        n if n > 0 => format!("+{}", show(n)),
        n => show(n),
    };
    let is_worse = worse.is_some_and(|more_is_worse| (change > 0) == more_is_worse && change != 0);
    Figure {
        name: t.of("plan.row", key),
        unit: t.of("plan.unit", key),
        today: show(today),
        plans: vec![(show(plan), said, is_worse)],
    }
}
