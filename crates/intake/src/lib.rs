//! A workbook of any layout becomes typed source rows, with a finding for every cell or row that it cannot take.
//!
//! [`read`] takes the bytes of an .xlsx, .xls or .csv file. It recognises what each sheet lists by its headers,
//! never by the file's name; finds the header under title rows; gives every column a [`Field`]; and reads each row
//! into a [`SourceRow`]. One bad cell never drops a row: it is left out, said so in a [`Finding`], and the row is
//! parked. [`annotate()`] gives the sender's workbook back with the reason and the remedy beside each such row.
//!
//! For every sheet, rows read = good + parked + refused.

mod annotate;
mod book;
mod context;
mod error;
mod kinds;
mod layout;
mod lexicon;
mod rows;
mod single;
mod text;
mod value;

use std::ops::Range;

use fujiao_model::{Cell, Field, Fields, Finding, FindingKind, RosterKind, RowVerdict, SourceRow};

pub use annotate::annotate;
pub use error::IntakeError;
pub use lexicon::Lexicon;
pub use single::{fields_of, read_value};

use book::{Book, Grid};
use rows::Reader;

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

/// The rows of a table, each with its number and its cells in words.
pub type PlainRows = Vec<(u32, Vec<String>)>;

/// A workbook's cells as people see them, by sheet; for tables of our own that come back filled in.
///
/// # Errors
/// [`IntakeError`] where the file cannot be read.
pub fn cells(workbook: &Workbook<'_>) -> Result<Vec<PlainRows>, IntakeError> {
    let book = Book::open(workbook)?;
    let row = |grid: &Grid, index: usize| {
        let mut cells = Vec::new();
        for (column, raw) in grid.row(index) {
            cells.resize(usize::from(*column), String::new());
            cells.push(book.shown(*raw));
        }
        (grid.number(index), cells)
    };
    Ok(book.grids.iter().map(|grid| (0..grid.len()).map(|n| row(grid, n)).collect()).collect())
}

/// Reads a workbook.
///
/// Linear in the cells. The same bytes and lexicon give the same answer.
///
/// # Errors
/// [`IntakeError`] where the file as a whole cannot be read; a bad sheet, row or cell is a [`Finding`] instead.
pub fn read(workbook: &Workbook<'_>, lexicon: &Lexicon) -> Result<Intake, IntakeError> {
    Ok(read_book(&Book::open(workbook)?, lexicon))
}

fn read_book(book: &Book, lexicon: &Lexicon) -> Intake {
    let mut intake = Intake::default();
    let mut hashes: Vec<(u64, u16, u32)> = Vec::new();
    for (at, grid) in book.grids.iter().enumerate() {
        let at = u16::try_from(at).expect("sheets are limited");
        let (sheet, of_rows) = read_sheet(book, grid, at, lexicon);
        hashes.extend((0..).zip(of_rows).map(|(row, hash)| (hash, at, row)));
        intake.sheets.push(sheet);
    }
    refuse_repeated(&mut intake, hashes);
    intake
}

/// As [`read()`], and where rows are parked or refused the copy that [`annotate()`] makes: the file is unpacked once for both.
/// `judge` may refuse more rows, for what only those know who keep the books; its reasons go into the copy with the others.
///
/// # Errors
/// Those of [`read()`] and [`annotate()`].
pub fn read_and_annotate(
    workbook: &Workbook<'_>,
    lexicon: &Lexicon,
    judge: &dyn Fn(&mut Intake),
) -> Result<(Intake, Option<Vec<u8>>), IntakeError> {
    let book = Book::open(workbook)?;
    let mut intake = read_book(&book, lexicon);
    judge(&mut intake);
    let findings: Vec<Finding> = intake
        .sheets
        .iter()
        .flat_map(|sheet| &sheet.findings)
        .filter(|finding| finding.verdict != RowVerdict::Good)
        .cloned()
        .collect();
    let copy =
        if findings.is_empty() { None } else { Some(annotate::copy(workbook, &book, &findings)?) };
    Ok((intake, copy))
}

/// One sheet, with the hash of each of its rows.
fn read_sheet(book: &Book, grid: &Grid, at: u16, lexicon: &Lexicon) -> (Sheet, Vec<u64>) {
    let mut sheet = Sheet {
        name: grid.name.clone(),
        kind: None,
        kind_score: 0,
        header_rows: 0..0,
        columns: Vec::new(),
        context: Fields::new(),
        rows: Vec::new(),
        rows_read: 0,
        findings: Vec::new(),
    };
    let whole = |reason: &str, remedy: &str| Finding {
        cell: Cell { sheet: at, row: 0, column: None },
        field: None,
        kind: FindingKind::Sheet,
        reason: reason.to_owned(),
        remedy: remedy.to_owned(),
        verdict: RowVerdict::Refused,
    };
    let Some(layout) = layout::find(book, grid, lexicon) else {
        if grid.len() > 0 {
            sheet.findings.push(whole(
                "找不到表头，没有读这张表",
                "是名册的，在数据上方加一行列名，例如“姓名”“身份证号”；不是名册的，不用管",
            ));
        }
        return (sheet, Vec::new());
    };
    sheet.header_rows = layout.rows.clone();
    sheet.columns = layout.columns();
    sheet.kind_score = layout.score;
    let Some(kind) = layout.kind else {
        sheet.findings.push(whole(
            "从列名看不出是哪一种名册，没有读这张表",
            "核对列名；确属名册的，在表头上方写明名册名称，或补上该名册应有的列",
        ));
        return (sheet, Vec::new());
    };
    sheet.kind = Some(kind);
    let context = context::read(book, grid, &layout, lexicon);
    let (rows, findings) =
        Reader::new(book, grid, at, kind, &layout, &context).read(layout.rows.end);
    let hashes = rows.iter().map(|read| read.hash).collect();
    sheet.rows = rows.into_iter().map(|read| read.row).collect();
    sheet.rows_read = u32::try_from(sheet.rows.len()).expect("rows of a sheet fit");
    sheet.findings = findings;
    sheet.context = context.fields;
    (sheet, hashes)
}

/// Refuses a row that says, cell by cell, what an earlier row of the file says.
fn refuse_repeated(intake: &mut Intake, mut hashes: Vec<(u64, u16, u32)>) {
    hashes.sort_unstable();
    let mut repeated: Vec<(u16, u32, u16, u32)> = Vec::new();
    for same in hashes.chunk_by(|a, b| a.0 == b.0).filter(|same| same.len() > 1) {
        for (i, (_, sheet, row)) in same.iter().enumerate().skip(1) {
            let later = &intake.sheets[usize::from(*sheet)].rows[*row as usize];
            let earlier = same[..i].iter().find_map(|(_, sheet, row)| {
                let earlier = &intake.sheets[usize::from(*sheet)].rows[*row as usize];
                let equal = earlier.kind == later.kind
                    && earlier.fields == later.fields
                    && earlier.extra == later.extra;
                equal.then_some((*sheet, earlier.row))
            });
            if let Some((first_sheet, first_row)) = earlier
                && later.verdict != RowVerdict::Refused
            {
                repeated.push((*sheet, *row, first_sheet, first_row));
            }
        }
    }
    for (sheet, row, first_sheet, first_row) in repeated {
        let first_name = intake.sheets[usize::from(first_sheet)].name.clone();
        let of = &mut intake.sheets[usize::from(sheet)];
        let later = &mut of.rows[row as usize];
        later.verdict = RowVerdict::Refused;
        let place = if first_sheet == sheet {
            format!("第 {first_row} 行")
        } else {
            format!("“{first_name}”第 {first_row} 行")
        };
        of.findings.push(Finding {
            cell: Cell { sheet, row: later.row, column: None },
            field: None,
            kind: FindingKind::Repeated,
            reason: format!("与{place}每一格都相同，只收前一行"),
            remedy: "确是两件事的，写明不同的日期或批次；重复录入的，删去这一行".to_owned(),
            verdict: RowVerdict::Refused,
        });
    }
    for sheet in &mut intake.sheets {
        if !sheet.findings.is_sorted_by_key(|f| f.cell) {
            sheet.findings.sort_by_key(|f| f.cell);
        }
    }
}
