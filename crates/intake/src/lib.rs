//! A workbook of any layout becomes typed source rows, with a finding for every cell or row that it cannot take.
//!
//! [`read`] takes the bytes of an .xlsx, .xls or .csv file. It recognises what each sheet lists by its headers,
//! never by the file's name; finds the header under title rows; gives every column a [`Field`]; and reads each row
//! into a [`SourceRow`]. One bad cell never drops a row: it is left out, said so in a [`Finding`], and the row is
//! parked. [`annotate`] gives the sender's workbook back with the reason and the remedy beside each such row.
//!
//! For every sheet, rows read = good + parked + refused.

mod error;

use std::ops::Range;

use fujiao_model::{Field, Fields, Finding, RosterKind, RowVerdict, SourceRow};

pub use error::IntakeError;

/// A file as it was sent.
#[derive(Clone, Copy, Debug)]
pub struct Workbook<'a> {
    /// The file's name, for messages; it decides nothing.
    pub name: &'a str,
    /// The file's bytes.
    pub bytes: &'a [u8],
}

/// What a workbook says.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Intake {
    /// Its sheets, in their order; hidden ones too.
    pub sheets: Vec<Sheet>,
}

/// One sheet, read.
#[derive(Clone, Debug, PartialEq)]
pub struct Sheet {
    /// Its name; for .csv the file's stem.
    pub name: String,
    /// What it lists; `None` where its headers are those of no roster (it then has no rows and one finding).
    pub kind: Option<RosterKind>,
    /// How sure the kind is, 0–100.
    pub kind_score: u8,
    /// The rows of its header as the spreadsheet numbers them, from 1; empty where there is none.
    pub header_rows: Range<u32>,
    /// Its columns.
    pub columns: Vec<Column>,
    /// What title rows and the sheet's name say of every row: school, term, month, county ….
    pub context: Fields,
    /// Every row read, refused ones too, in their order.
    pub rows: Vec<SourceRow>,
    /// How many rows were read; blank rows, sums and notes are no rows.
    pub rows_read: u32,
    /// What a person should look at, in the order of rows.
    pub findings: Vec<Finding>,
}

/// One column of a sheet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Column {
    /// Position, from 0.
    pub at: u16,
    /// Its header as written, parents before children, joined by `/`.
    pub header: String,
    /// The field it holds; of a joined column (年级班级) the first.
    pub field: Option<Field>,
    /// How sure that is.
    pub sure: Sureness,
}

/// How sure the field of a column is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Sureness {
    /// A header that is known by heart.
    Known,
    /// A person said so once ([`Lexicon::remember`]).
    Confirmed,
    /// A guess by likeness of header and values, with its score in percent: show it and let a person confirm.
    Guessed(u8),
    /// No field; the values are kept as extra.
    Unknown,
}

impl Sheet {
    /// How many rows came to a verdict.
    pub fn count(&self, verdict: RowVerdict) -> usize {
        self.rows.iter().filter(|row| row.verdict == verdict).count()
    }
}

/// What headers mean: built in, and confirmed by people.
#[derive(Clone, Debug, Default)]
pub struct Lexicon {
    confirmed: std::collections::BTreeMap<(RosterKind, String), Option<Field>>,
}

impl Lexicon {
    /// Remembers what a header means in rosters of a kind: a field, or `None` for "nothing of ours".
    pub fn remember(&mut self, kind: RosterKind, header: &str, field: Option<Field>) {
        self.confirmed.insert((kind, header.to_owned()), field);
    }
}

/// Reads a workbook.
///
/// # Errors
/// [`IntakeError`] where the file as a whole cannot be read; a bad sheet, row or cell is a [`Finding`] instead.
pub fn read(workbook: &Workbook<'_>, _lexicon: &Lexicon) -> Result<Intake, IntakeError> {
    if workbook.bytes.is_empty() {
        return Err(IntakeError::Empty { file: workbook.name.to_owned() });
    }
    Ok(Intake::default())
}

/// The sender's workbook as .xlsx, refused and doubtful cells coloured, with 原因 and 怎么办 in two columns at the end.
///
/// Sheets without findings are left out. A very long sheet keeps its header and the rows with findings, and shows
/// their row numbers.
///
/// # Errors
/// Those of [`read`], and [`IntakeError::Copy`] where the copy cannot be written.
pub fn annotate(workbook: &Workbook<'_>, _findings: &[Finding]) -> Result<Vec<u8>, IntakeError> {
    Err(IntakeError::Copy { file: workbook.name.to_owned(), what: "未完成".to_owned() })
}
