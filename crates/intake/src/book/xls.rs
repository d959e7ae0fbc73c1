//! .xls: BIFF8 records in the `Workbook` stream of an OLE2 container ([MS-XLS]).

use std::io::{Cursor, Read};

use super::{
    Book, CELL_LIMIT, COLUMN_LIMIT, Grid, Merge, Raw, SHEET_LIMIT, Span, UNPACKED_LIMIT,
    is_date_format, is_date_number,
};
use crate::{IntakeError, Workbook};

const DAYS_1904: f64 = 1462.0;

// Record numbers of [MS-XLS] 2.3.
const FORMULA: u16 = 0x0006;
const END: u16 = 0x000a;
const DATE_MODE: u16 = 0x0022;
const FILE_PASS: u16 = 0x002f;
const CONTINUE: u16 = 0x003c;
const BOUND_SHEET: u16 = 0x0085;
const MUL_RK: u16 = 0x00bd;
const RICH_STRING: u16 = 0x00d6;
const XF: u16 = 0x00e0;
const MERGE_CELLS: u16 = 0x00e5;
const SHARED_STRINGS: u16 = 0x00fc;
const LABEL_SST: u16 = 0x00fd;
const NUMBER: u16 = 0x0203;
const LABEL: u16 = 0x0204;
const BOOL_ERR: u16 = 0x0205;
const STRING: u16 = 0x0207;
const RK: u16 = 0x027e;
const FORMAT: u16 = 0x041e;
const BEGIN: u16 = 0x0809;

/// Reads an OLE2 container that should hold a workbook.
pub(super) fn open(workbook: &Workbook<'_>) -> Result<Book, IntakeError> {
    let file = || workbook.name.to_owned();
    let damaged = |what: &str| IntakeError::Damaged { file: file(), what: what.to_owned() };
    let mut container = cfb::CompoundFile::open(Cursor::new(workbook.bytes))
        .map_err(|_| damaged("旧式工作簿的容器不完整"))?;
    if container.exists("/EncryptedPackage") {
        return Err(IntakeError::Encrypted { file: file() });
    }
    if container.exists("/WordDocument") {
        return Err(IntakeError::NotAWorkbook { file: file(), found: "Word 文档" });
    }
    if container.exists("/PowerPoint Document") {
        return Err(IntakeError::NotAWorkbook { file: file(), found: "演示文稿" });
    }
    let path = if container.exists("/Workbook") { "/Workbook" } else { "/Book" };
    if !container.is_stream(path) {
        return Err(IntakeError::NotAWorkbook {
            file: file(), found: "别的旧式 Office 文件"
        });
    }
    let mut bytes = Vec::new();
    container
        .open_stream(path)
        .and_then(|stream| stream.take(UNPACKED_LIMIT).read_to_end(&mut bytes))
        .map_err(|_| damaged("旧式工作簿的内容不完整"))?;
    let mut globals = Globals::default();
    let mut book = Book::default();
    globals.read(&bytes, &mut book).map_err(|fault| match fault {
        Fault::Encrypted => IntakeError::Encrypted { file: file() },
        Fault::Old => {
            IntakeError::NotAWorkbook { file: file(), found: "Excel 95 或更早的旧格式" }
        }
        Fault::Broken => damaged("旧式工作簿的开头读不出"),
    })?;
    let mut cells = 0;
    for (name, offset) in std::mem::take(&mut globals.sheets).into_iter().take(SHEET_LIMIT) {
        let grid = globals.sheet(&bytes, offset, name, &mut book);
        cells += grid.cells.len();
        if cells > CELL_LIMIT {
            return Err(IntakeError::TooLarge {
                file: file(),
                limit: format!("{} 万个单元格", CELL_LIMIT / 10_000),
            });
        }
        book.grids.push(grid);
    }
    Ok(book)
}

enum Fault {
    Encrypted,
    Old,
    Broken,
}

/// Records from front to back: number and data. A cut-off record ends them.
#[derive(Clone)]
struct Records<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Iterator for Records<'a> {
    type Item = (u16, &'a [u8]);

    fn next(&mut self) -> Option<Self::Item> {
        let head = self.bytes.get(self.at..self.at.checked_add(4)?)?;
        let number = u16::from_le_bytes([head[0], head[1]]);
        let length = usize::from(u16::from_le_bytes([head[2], head[3]]));
        let data = self.bytes.get(self.at + 4..self.at + 4 + length)?;
        self.at += 4 + length;
        Some((number, data))
    }
}

fn u16_at(data: &[u8], at: usize) -> Option<u16> {
    Some(u16::from_le_bytes(data.get(at..at + 2)?.try_into().ok()?))
}

fn u32_at(data: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_le_bytes(data.get(at..at + 4)?.try_into().ok()?))
}

fn f64_at(data: &[u8], at: usize) -> Option<f64> {
    Some(f64::from_le_bytes(data.get(at..at + 8)?.try_into().ok()?))
}

/// A number packed into 30 bits: an integer or the upper half of a float, perhaps times a hundred.
fn rk(packed: u32) -> f64 {
    let number = if packed & 2 == 0 {
        f64::from_bits(u64::from(packed & 0xffff_fffc) << 32)
    } else {
        f64::from(packed.cast_signed() >> 2)
    };
    if packed & 1 == 0 { number } else { number / 100.0 }
}

/// A string of one record: length of one or two bytes, a flag, then Latin-1 or UTF-16.
fn string(data: &[u8], length_bytes: usize) -> Option<String> {
    let length = match length_bytes {
        1 => usize::from(*data.first()?),
        _ => usize::from(u16_at(data, 0)?),
    };
    let flags = *data.get(length_bytes)?;
    let body = data.get(length_bytes + 1..)?;
    Some(characters(body, length, flags & 1 == 1))
}

fn characters(body: &[u8], length: usize, wide: bool) -> String {
    if wide {
        let units = body.chunks_exact(2).take(length).map(|b| u16::from_le_bytes([b[0], b[1]]));
        char::decode_utf16(units).map(|c| c.unwrap_or('\u{fffd}')).collect()
    } else {
        body.iter().take(length).map(|b| char::from(*b)).collect()
    }
}

/// What stands before the sheets.
#[derive(Default)]
struct Globals {
    sheets: Vec<(String, usize)>,
    strings: Vec<Span>,
    /// Number formats of the cell styles.
    styles: Vec<u16>,
    formats: Vec<(u16, bool)>,
    shift: f64,
}

impl Globals {
    fn read(&mut self, bytes: &[u8], book: &mut Book) -> Result<(), Fault> {
        let mut records = Records { bytes, at: 0 };
        match records.next() {
            Some((BEGIN, data)) if u16_at(data, 0) == Some(0x0600) => {}
            Some((BEGIN | 0x0009 | 0x0209 | 0x0409, _)) => return Err(Fault::Old),
            _ => return Err(Fault::Broken),
        }
        let mut records = records.peekable();
        while let Some((number, data)) = records.next() {
            match number {
                END => break,
                FILE_PASS => return Err(Fault::Encrypted),
                DATE_MODE if u16_at(data, 0) == Some(1) => self.shift = DAYS_1904,
                BOUND_SHEET => {
                    // Only worksheets: charts and macros have another type.
                    if let (Some(offset), Some(0), Some(name)) = (
                        u32_at(data, 0),
                        data.get(5),
                        data.get(6..).and_then(|name| string(name, 1)),
                    ) {
                        self.sheets.push((name, offset as usize));
                    }
                }
                XF => self.styles.push(u16_at(data, 2).unwrap_or(0)),
                FORMAT => {
                    if let (Some(id), Some(code)) =
                        (u16_at(data, 0), data.get(2..).and_then(|code| string(code, 2)))
                    {
                        self.formats.push((id, is_date_format(&code)));
                    }
                }
                SHARED_STRINGS => {
                    let mut blocks = vec![data.get(8..).unwrap_or_default()];
                    while let Some((_, more)) = records.next_if(|(n, _)| *n == CONTINUE) {
                        blocks.push(more);
                    }
                    self.strings = Strings { blocks, block: 0, at: 0 }.all(book);
                }
                _ => {}
            }
        }
        if self.sheets.is_empty() { Err(Fault::Broken) } else { Ok(()) }
    }

    fn number(&self, style: u16, number: f64) -> Raw {
        let format = self.styles.get(usize::from(style)).copied().unwrap_or(0);
        let date = self
            .formats
            .iter()
            .find(|(id, _)| *id == format)
            .map_or_else(|| is_date_number(format), |(_, date)| *date);
        match (number.is_finite(), date) {
            (false, _) => Raw::Fault,
            (true, true) => Raw::Date(number + self.shift),
            (true, false) => Raw::Number(number),
        }
    }

    fn sheet(&self, bytes: &[u8], offset: usize, name: String, book: &mut Book) -> Grid {
        let mut grid = Grid::new(name, true);
        let mut cells = Vec::new();
        let mut depth = 0_u32;
        let mut formula = None;
        for (number, data) in (Records { bytes, at: offset }) {
            match number {
                BEGIN => depth += 1,
                END => {
                    depth = depth.saturating_sub(1);
                    if depth == 0 {
                        break;
                    }
                }
                // Charts within the sheet have records of their own.
                _ if depth != 1 => {}
                STRING => {
                    if let (Some((row, column)), Some(text)) = (formula.take(), string(data, 2)) {
                        cells.push((row, column, Raw::Text(book.keep(&text))));
                    }
                }
                MERGE_CELLS => grid.merges.extend(merges(data)),
                MUL_RK => self.many(data, &mut cells),
                _ => {
                    if let Some((row, column, raw)) = self.one(number, data, book, &mut formula) {
                        cells.push((row, column, raw));
                    }
                }
            }
            if cells.len() > CELL_LIMIT {
                break;
            }
        }
        cells.retain(|(_, column, _)| *column < COLUMN_LIMIT);
        grid.put_sorted(cells);
        grid.merges.sort_unstable();
        grid
    }

    /// A record of one cell. A formula whose result is a text says so to `formula`: the text comes in the next record.
    fn one(
        &self,
        number: u16,
        data: &[u8],
        book: &mut Book,
        formula: &mut Option<(u32, u16)>,
    ) -> Option<(u32, u16, Raw)> {
        if !matches!(number, LABEL_SST | LABEL | RICH_STRING | NUMBER | RK | BOOL_ERR | FORMULA) {
            return None;
        }
        let row = u32::from(u16_at(data, 0)?) + 1;
        let (column, style) = (u16_at(data, 2)?, u16_at(data, 4)?);
        let raw = match number {
            LABEL_SST => {
                let span = *self.strings.get(u32_at(data, 6)? as usize)?;
                if span.len == 0 {
                    return None;
                }
                Raw::Text(span)
            }
            LABEL | RICH_STRING => Raw::Text(book.keep(&string(data.get(6..)?, 2)?)),
            NUMBER => self.number(style, f64_at(data, 6)?),
            RK => self.number(style, rk(u32_at(data, 6)?)),
            BOOL_ERR if data.get(7) == Some(&0) => Raw::Bool(data.get(6) == Some(&1)),
            BOOL_ERR => Raw::Fault,
            _ if data.get(12..14) == Some(&[0xff, 0xff]) => match data.get(6)? {
                0 => {
                    *formula = Some((row, column));
                    return None;
                }
                1 => Raw::Bool(data.get(8) == Some(&1)),
                2 => Raw::Fault,
                _ => return None,
            },
            _ => self.number(style, f64_at(data, 6)?),
        };
        Some((row, column, raw))
    }

    /// Numbers of neighbouring cells in one record.
    fn many(&self, data: &[u8], cells: &mut Vec<(u32, u16, Raw)>) {
        let (Some(row), Some(first)) = (u16_at(data, 0), u16_at(data, 2)) else { return };
        let body = &data[4..data.len().saturating_sub(2).max(4)];
        for (i, cell) in body.chunks_exact(6).enumerate() {
            let (Some(style), Some(packed)) = (u16_at(cell, 0), u32_at(cell, 2)) else { return };
            let Some(column) = u16::try_from(i).ok().and_then(|i| first.checked_add(i)) else {
                return;
            };
            cells.push((u32::from(row) + 1, column, self.number(style, rk(packed))));
        }
    }
}

fn merges(data: &[u8]) -> impl Iterator<Item = Merge> {
    data.get(2..).unwrap_or_default().chunks_exact(8).filter_map(|m| {
        let (top, bottom) = (u32::from(u16_at(m, 0)?) + 1, u32::from(u16_at(m, 2)?) + 1);
        let (left, right) = (u16_at(m, 4)?, u16_at(m, 6)?);
        (top <= bottom && left <= right).then_some(Merge { top, bottom, left, right })
    })
}

/// The shared strings over the records that continue them; a string may be cut anywhere in its characters, and
/// the part behind the cut begins with a flag of its own.
struct Strings<'a> {
    blocks: Vec<&'a [u8]>,
    block: usize,
    at: usize,
}

impl Strings<'_> {
    fn all(&mut self, book: &mut Book) -> Vec<Span> {
        let mut spans = Vec::new();
        while let Some(text) = self.next() {
            spans.push(book.keep(&text));
        }
        spans
    }

    fn rest(&self) -> &[u8] {
        self.blocks.get(self.block).and_then(|block| block.get(self.at..)).unwrap_or_default()
    }

    /// Goes on to the next record if this one is used up; `false` at the end of all.
    fn fill(&mut self) -> bool {
        while self.rest().is_empty() {
            if self.block + 1 >= self.blocks.len() {
                return false;
            }
            (self.block, self.at) = (self.block + 1, 0);
        }
        true
    }

    fn skip(&mut self, mut bytes: usize) {
        while bytes > 0 && self.fill() {
            let step = bytes.min(self.rest().len());
            self.at += step;
            bytes -= step;
        }
    }

    fn next(&mut self) -> Option<String> {
        if !self.fill() {
            return None;
        }
        let head = self.rest();
        let mut length = usize::from(u16_at(head, 0)?);
        let flags = *head.get(2)?;
        let (mut used, mut runs, mut extension) = (3, 0, 0);
        if flags & 8 != 0 {
            runs = usize::from(u16_at(head, used)?);
            used += 2;
        }
        if flags & 4 != 0 {
            extension = u32_at(head, used)? as usize;
            used += 4;
        }
        self.at += used;
        let mut wide = flags & 1 == 1;
        let mut text = String::new();
        loop {
            let rest = self.rest();
            let here = if wide { rest.len() / 2 } else { rest.len() }.min(length);
            text.push_str(&characters(rest, here, wide));
            self.at += if wide { here * 2 } else { here };
            length -= here;
            if length == 0 {
                break;
            }
            (self.block, self.at) = (self.block + 1, 0);
            let flag = *self.rest().first()?;
            wide = flag & 1 == 1;
            self.at = 1;
        }
        self.skip(runs * 4);
        self.skip(extension);
        Some(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn packed_numbers() {
        let shown = |packed: u32| rk(packed).to_string();
        assert_eq!((shown(0x0000_03ea), shown(0x0000_7a13)), ("250".into(), "78.12".into()));
        assert_eq!(shown(0x3ff0_0000), "1");
        assert_eq!(shown(((-5_i32 << 2) | 2).cast_unsigned()), "-5");
    }

    #[test]
    fn strings_over_a_cut() {
        let first = [4, 0, 1, 0x20, 0x5f, 0x09, 0x4e]; // 4 characters, wide: 张三 to the cut
        let second = [0, b'A', b'B', 1, 0, 0, b'Z']; // narrow behind it, then a narrow one of 1
        let mut strings = Strings { blocks: vec![&first, &second], block: 0, at: 0 };
        assert_eq!(strings.next().as_deref(), Some("张三AB"));
        assert_eq!(strings.next().as_deref(), Some("Z"));
        assert_eq!(strings.next(), None);
    }
}
