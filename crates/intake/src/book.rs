//! The cells of a workbook, whatever its format: rows of texts, numbers and dates, and what is merged.

mod csv;
mod xls;
mod xlsx;

use crate::{IntakeError, Workbook};

/// Bytes that a workbook may have when unpacked, all parts together.
const UNPACKED_LIMIT: u64 = 400 << 20;
/// Cells that a workbook may have.
const CELL_LIMIT: usize = 24_000_000;
/// Columns that are read; what stands further right is not looked at.
pub(crate) const COLUMN_LIMIT: u16 = 2_000;
/// Sheets that are read.
const SHEET_LIMIT: usize = 400;

/// A text in the book's pool.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Span {
    from: u32,
    len: u32,
}

/// What a cell holds.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Raw {
    Text(Span),
    Number(f64),
    /// A number shown as a date: days since 30 December 1899.
    Date(f64),
    Bool(bool),
    /// `#N/A` and the like.
    Fault,
}

/// Cells merged into one: rows from 1, columns from 0, both ends included.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Merge {
    pub(crate) top: u32,
    pub(crate) bottom: u32,
    pub(crate) left: u16,
    pub(crate) right: u16,
}

/// One row that has cells.
#[derive(Clone, Copy, Debug)]
struct RowAt {
    number: u32,
    from: u32,
    to: u32,
}

/// The cells of one sheet, row by row.
#[derive(Debug, Default)]
pub(crate) struct Grid {
    pub(crate) name: String,
    pub(crate) merges: Vec<Merge>,
    /// Whether the format can say what is merged: a .csv cannot.
    pub(crate) knows_merges: bool,
    rows: Vec<RowAt>,
    cells: Vec<(u16, Raw)>,
}

/// A workbook's cells.
#[derive(Debug, Default)]
pub(crate) struct Book {
    pool: String,
    pub(crate) grids: Vec<Grid>,
}

impl Book {
    /// Reads bytes of any known format, recognised by the bytes.
    pub(crate) fn open(workbook: &Workbook<'_>) -> Result<Self, IntakeError> {
        let Workbook { name, bytes } = *workbook;
        let not = |found| Err(IntakeError::NotAWorkbook { file: name.to_owned(), found });
        if bytes.is_empty() {
            return Err(IntakeError::Empty { file: name.to_owned() });
        }
        let start = bytes.trim_ascii_start();
        let lower: Vec<u8> = start.iter().take(200).map(u8::to_ascii_lowercase).collect();
        let book = match bytes {
            [b'P', b'K', 3 | 5 | 7, ..] => xlsx::open(workbook)?,
            [0xd0, 0xcf, 0x11, 0xe0, ..] => xls::open(workbook)?,
            [0x09, 0x00 | 0x02 | 0x04, ..] if bytes.len() > 4 && bytes[3] == 0 => {
                return not("Excel 4.0 或更早的旧格式");
            }
            [b'%', b'P', b'D', b'F', ..] => return not("PDF 文件"),
            [0x89, b'P', b'N', b'G', ..] | [0xff, 0xd8, 0xff, ..] => return not("图片"),
            [b'R', b'a', b'r', b'!', ..] | [b'7', b'z', 0xbc, 0xaf, ..] => return not("压缩包"),
            [b'{', b'\\', b'r', b't', b'f', ..] => return not("RTF 文档"),
            _ if lower.starts_with(b"<html")
                || lower.starts_with(b"<!doctype")
                || lower.starts_with(b"<table") =>
            {
                return not("改了扩展名的网页");
            }
            _ if lower.starts_with(b"<?xml") => return not("XML 文件"),
            _ => csv::open(workbook)?,
        };
        if book.grids.iter().all(|grid| grid.rows.is_empty()) {
            return Err(IntakeError::Empty { file: name.to_owned() });
        }
        Ok(book)
    }

    /// The text of a span.
    pub(crate) fn text(&self, span: Span) -> &str {
        let from = span.from as usize;
        self.pool.get(from..from + span.len as usize).unwrap_or_default()
    }

    /// Adds a text to the pool.
    fn keep(&mut self, text: &str) -> Span {
        let from =
            u32::try_from(self.pool.len()).expect("unpacked size is limited far below 4 GiB");
        self.pool.push_str(text);
        Span { from, len: u32::try_from(text.len()).expect("no longer than the pool") }
    }

    /// Any cell as people see it: whole numbers without a point, dates in ISO form.
    pub(crate) fn shown(&self, raw: Raw) -> String {
        match raw {
            Raw::Text(span) => self.text(span).to_owned(),
            Raw::Number(n) => crate::value::number_text(n),
            Raw::Date(serial) => {
                crate::value::serial_date(serial).map_or_else(String::new, |d| d.to_string())
            }
            Raw::Bool(b) => if b { "是" } else { "否" }.to_owned(),
            Raw::Fault => "#N/A".to_owned(),
        }
    }
}

impl Grid {
    fn new(name: String, knows_merges: bool) -> Self {
        Self { name, knows_merges, ..Self::default() }
    }

    /// Adds a cell; rows and columns must come in order, as [`Grid::put_sorted`] sees to otherwise.
    fn push(&mut self, row: u32, column: u16, raw: Raw) {
        let end = u32::try_from(self.cells.len()).expect("cells are limited") + 1;
        match self.rows.last_mut() {
            Some(last) if last.number == row => last.to = end,
            _ => self.rows.push(RowAt { number: row, from: end - 1, to: end }),
        }
        self.cells.push((column, raw));
    }

    /// Takes cells in any order; of two at one place the later holds.
    fn put_sorted(&mut self, mut cells: Vec<(u32, u16, Raw)>) {
        if !cells.is_sorted_by(|a, b| (a.0, a.1) < (b.0, b.1)) {
            cells.sort_by_key(|(row, column, _)| (*row, *column));
            cells.reverse();
            cells.dedup_by_key(|(row, column, _)| (*row, *column));
            cells.reverse();
        }
        for (row, column, raw) in cells {
            self.push(row, column, raw);
        }
    }

    /// How many rows have cells.
    pub(crate) fn len(&self) -> usize {
        self.rows.len()
    }

    /// The number that the spreadsheet shows beside the row at an index.
    pub(crate) fn number(&self, index: usize) -> u32 {
        self.rows[index].number
    }

    /// The cells of the row at an index, in the order of columns; empty cells are not among them.
    pub(crate) fn row(&self, index: usize) -> &[(u16, Raw)] {
        let row = self.rows[index];
        &self.cells[row.from as usize..row.to as usize]
    }

    /// The cell of a row, by index, and column.
    pub(crate) fn at(&self, index: usize, column: u16) -> Option<Raw> {
        let cells = self.row(index);
        cells.binary_search_by_key(&column, |(c, _)| *c).ok().map(|at| cells[at].1)
    }

    /// The index of the row of a number, or of the first after it.
    pub(crate) fn index_of(&self, number: u32) -> usize {
        self.rows.partition_point(|row| row.number < number)
    }
}

/// Whether a number format shows a date.
fn is_date_format(code: &str) -> bool {
    let mut quoted = false;
    let mut bracket = false;
    let mut escaped = false;
    for c in code.chars() {
        match c {
            _ if escaped => escaped = false,
            '\\' | '_' | '*' if !quoted => escaped = true,
            '"' => quoted = !quoted,
            '[' if !quoted => bracket = true,
            ']' if !quoted => bracket = false,
            ';' if !quoted && !bracket => return false,
            'y' | 'Y' | 'm' | 'M' | 'd' | 'D' | 'h' | 'H' | 's' | 'S' if !quoted && !bracket => {
                return true;
            }
            _ => {}
        }
    }
    false
}

/// Whether a built-in number format shows a date; 27–36 and 50–58 are those of East Asian spreadsheets.
fn is_date_number(id: u16) -> bool {
    matches!(id, 14..=22 | 27..=36 | 45..=47 | 50..=58)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formats_that_show_dates() {
        for code in ["yyyy-mm-dd", "yyyy\"年\"m\"月\"", "[$-804]yyyy/m/d;@", "m/d/yy h:mm"] {
            assert!(is_date_format(code), "{code}");
        }
        for code in ["General", "0.00", "\"year\"0", "[Red]0", "@", "0.00E+00", "#,##0_d"] {
            assert!(!is_date_format(code), "{code}");
        }
    }

    #[test]
    fn the_later_of_two_cells_at_one_place_holds() {
        let mut grid = Grid::new("表".to_owned(), true);
        let n = Raw::Number;
        grid.put_sorted(vec![(2, 1, n(1.0)), (1, 0, n(2.0)), (2, 1, n(3.0)), (2, 0, n(4.0))]);
        assert_eq!((grid.len(), grid.row(1)), (2, &[(0, n(4.0)), (1, n(3.0))][..]));
    }
}
