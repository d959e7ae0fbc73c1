//! What a look at workbooks found, as a job's result keeps it.

use fujiao_intake::{Column, Sureness};
use fujiao_model::{Field, Finding, RosterKind};
use serde::{Deserialize, Serialize};

use crate::desk::RowCounts;
use crate::import::FileOutcome;

/// What would become of a workbook.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SeenFile {
    /// Its name.
    pub name: String,
    /// Code of [`crate::FileState`].
    pub state: String,
    /// Why, with the remedy.
    pub why: String,
    /// Rows: read, created, updated, unchanged, parked, refused.
    pub rows: [u64; 6],
    /// Its sheets.
    pub sheets: Vec<SeenSheet>,
}

/// A sheet as it was recognised.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SeenSheet {
    /// Its name.
    pub name: String,
    /// Code of what it lists; empty: not recognised.
    pub kind: String,
    /// How sure that is, 0–100.
    pub score: u8,
    /// Rows read.
    pub rows: i64,
    /// Its columns.
    pub columns: Vec<SeenColumn>,
    /// The first of what a person should look at.
    pub findings: Vec<SeenFinding>,
    /// How many there are in all.
    pub findings_total: i64,
}

/// A column as it was recognised.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SeenColumn {
    /// Its header as written.
    pub header: String,
    /// Code of the field; empty: none.
    pub field: String,
    /// How sure that is.
    pub sure: Sure,
}

/// How sure the field of a column is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Sure {
    /// Known by heart.
    Known,
    /// A person said so.
    Confirmed,
    /// A guess, in percent.
    Guessed(u8),
    /// No field.
    Unknown,
}

/// What a person should look at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SeenFinding {
    /// Row as the spreadsheet shows it; 0: the whole sheet.
    pub row: u32,
    /// What is wrong, masked.
    pub reason: String,
    /// What to do.
    pub remedy: String,
}

impl SeenFile {
    pub(crate) fn of(name: &str, outcome: &FileOutcome) -> Self {
        let t = outcome.counts;
        Self {
            name: name.to_owned(),
            state: outcome.state.code().to_owned(),
            why: outcome.state.why().unwrap_or_default().to_owned(),
            rows: [t.read, t.created, t.updated, t.unchanged, t.parked, t.refused],
            sheets: outcome.sheets.iter().map(sheet).collect(),
        }
    }

    /// Reads what a job kept; `None` if it does not read.
    pub(crate) fn read_all(result: &str) -> Option<Vec<Self>> {
        serde_json::from_str(result).ok()
    }

    /// What would become of its rows.
    pub fn counts(&self) -> RowCounts {
        let [read, created, updated, unchanged, parked, refused] = self.rows.map(whole);
        RowCounts { read, created, updated, unchanged, parked, refused }
    }
}

impl SeenSheet {
    /// What it lists.
    pub fn roster(&self) -> Option<RosterKind> {
        RosterKind::parse(&self.kind)
    }

    /// Whether there are more findings than are shown.
    pub fn has_more(&self) -> bool {
        usize::try_from(self.findings_total).is_ok_and(|n| n > self.findings.len())
    }

    /// The columns that a person should say something of.
    pub fn in_doubt(&self) -> impl Iterator<Item = &SeenColumn> {
        self.columns.iter().filter(|c| matches!(c.sure, Sure::Guessed(_) | Sure::Unknown))
    }
}

impl SeenColumn {
    /// The field that it holds.
    pub fn field(&self) -> Option<Field> {
        Field::from_code(&self.field)
    }
}

fn whole(n: u64) -> i64 {
    i64::try_from(n).unwrap_or(i64::MAX)
}

fn sheet(seen: &crate::import::SeenSheet) -> SeenSheet {
    SeenSheet {
        name: seen.name.clone(),
        kind: seen.kind.map_or("", RosterKind::code).to_owned(),
        score: seen.score,
        rows: whole(seen.rows),
        columns: seen.columns.iter().map(column).collect(),
        findings: seen.findings.iter().map(finding).collect(),
        findings_total: whole(seen.findings_total),
    }
}

fn column(column: &Column) -> SeenColumn {
    SeenColumn {
        header: column.header.clone(),
        field: column.field.map_or("", Field::code).to_owned(),
        sure: match column.sure {
            Sureness::Known => Sure::Known,
            Sureness::Confirmed => Sure::Confirmed,
            Sureness::Guessed(score) => Sure::Guessed(score),
            Sureness::Unknown => Sure::Unknown,
        },
    }
}

fn finding(finding: &Finding) -> SeenFinding {
    SeenFinding {
        row: finding.cell.row,
        reason: finding.reason.clone(),
        remedy: finding.remedy.clone(),
    }
}
