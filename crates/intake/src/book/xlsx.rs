//! .xlsx: a zip of XML parts. Read in one pass, cell by cell, without building a tree.

use std::borrow::Cow;
use std::io::{Cursor, Read};

use zip::ZipArchive;

use super::{
    Book, CELL_LIMIT, COLUMN_LIMIT, Grid, Merge, Raw, SHEET_LIMIT, Span, UNPACKED_LIMIT,
    is_date_format, is_date_number,
};
use crate::{IntakeError, Workbook};

/// Days between the two date systems of spreadsheets.
const DAYS_1904: f64 = 1462.0;

/// Reads a zip that should be a workbook.
pub(super) fn open(workbook: &Workbook<'_>) -> Result<Book, IntakeError> {
    let file = workbook.name;
    let damaged =
        |what: &str| IntakeError::Damaged { file: file.to_owned(), what: what.to_owned() };
    let mut parts = Parts {
        file,
        zip: ZipArchive::new(Cursor::new(workbook.bytes))
            .map_err(|_| damaged("压缩包不完整，缺目录"))?,
        left: UNPACKED_LIMIT,
    };
    parts.check_sizes()?;
    if let Some(found) = parts.other_document() {
        return Err(IntakeError::NotAWorkbook { file: file.to_owned(), found });
    }
    let Some(main) = parts.read("xl/workbook.xml")? else {
        return Err(IntakeError::NotAWorkbook {
            file: file.to_owned(), found: "别的压缩文件"
        });
    };
    let rels = parts.read("xl/_rels/workbook.xml.rels")?.unwrap_or_default();
    let (sheets, epoch_1904) = sheet_list(&main, &rels);
    if sheets.is_empty() {
        return Err(damaged("里面没有工作表"));
    }
    let dates = match parts.read("xl/styles.xml")? {
        Some(styles) => date_styles(&styles),
        None => Vec::new(),
    };
    let mut book = Book::default();
    let strings = match parts.read("xl/sharedStrings.xml")? {
        Some(bytes) => shared_strings(&bytes, &mut book),
        None => Vec::new(),
    };
    let styles = Styles { strings, dates, shift: if epoch_1904 { DAYS_1904 } else { 0.0 } };
    let mut cells = 0;
    for (name, path) in sheets.into_iter().take(SHEET_LIMIT) {
        let Some(bytes) = parts.read(&path)? else {
            return Err(damaged("缺一张工作表"));
        };
        let grid = sheet(&bytes, name, &styles, &mut book);
        cells += grid.cells.len();
        if cells > CELL_LIMIT {
            return Err(IntakeError::TooLarge {
                file: file.to_owned(),
                limit: format!("{} 万个单元格", CELL_LIMIT / 10_000),
            });
        }
        book.grids.push(grid);
    }
    Ok(book)
}

/// The parts of the zip, and how many bytes they may still unpack to.
struct Parts<'a> {
    file: &'a str,
    zip: ZipArchive<Cursor<&'a [u8]>>,
    left: u64,
}

impl Parts<'_> {
    /// Refuses a bomb by what it declares; [`Parts::read`] refuses one that lies.
    fn check_sizes(&mut self) -> Result<(), IntakeError> {
        let mut sum = 0_u64;
        for i in 0..self.zip.len() {
            match self.zip.by_index_raw(i) {
                Ok(part) => sum = sum.saturating_add(part.size()),
                Err(_) => {
                    return Err(IntakeError::Damaged {
                        file: self.file.to_owned(),
                        what: "目录与内容对不上".to_owned(),
                    });
                }
            }
        }
        if sum > UNPACKED_LIMIT { Err(self.too_large()) } else { Ok(()) }
    }

    /// What the zip is, if it is not a workbook that we read.
    fn other_document(&mut self) -> Option<&'static str> {
        let has = |name: &str, zip: &ZipArchive<_>| zip.index_for_name(name).is_some();
        [
            ("word/document.xml", "Word 文档"),
            ("ppt/presentation.xml", "演示文稿"),
            ("xl/workbook.bin", "二进制工作簿（.xlsb）"),
            ("content.xml", "OpenDocument 文件（.ods 或 .odt）"),
        ]
        .into_iter()
        .find(|(name, _)| has(name, &self.zip))
        .map(|(_, found)| found)
    }

    /// One part; `None` if there is none of the name.
    fn read(&mut self, path: &str) -> Result<Option<Vec<u8>>, IntakeError> {
        let path = match self.zip.index_for_name(path) {
            Some(_) => path.to_owned(),
            None => match self
                .zip
                .file_names()
                .find(|n| n.as_ref().is_ok_and(|n| n.eq_ignore_ascii_case(path)))
            {
                Some(Ok(other)) => other.into_owned(),
                _ => return Ok(None),
            },
        };
        let left = self.left;
        let mut bytes = Vec::new();
        {
            let part = self.zip.by_name(&path).map_err(|_| IntakeError::Damaged {
                file: self.file.to_owned(),
                what: "有一部分打不开".to_owned(),
            })?;
            bytes.reserve(usize::try_from(part.size().min(left)).unwrap_or(0).min(64 << 20));
            part.take(left + 1).read_to_end(&mut bytes).map_err(|_| IntakeError::Damaged {
                file: self.file.to_owned(),
                what: "内容不完整".to_owned(),
            })?;
        }
        if bytes.len() as u64 > left {
            return Err(self.too_large());
        }
        self.left -= bytes.len() as u64;
        Ok(Some(bytes))
    }

    fn too_large(&self) -> IntakeError {
        IntakeError::TooLarge {
            file: self.file.to_owned(),
            limit: format!("{} MB", UNPACKED_LIMIT >> 20),
        }
    }
}

/// What cells refer to.
struct Styles {
    strings: Vec<Span>,
    /// By style: whether it shows a date.
    dates: Vec<bool>,
    shift: f64,
}

/// A tag or a text of XML; names without their prefix.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Piece<'a> {
    Open { name: &'a [u8], attributes: &'a [u8], closed: bool },
    Close(&'a [u8]),
    Text(&'a [u8]),
}

/// Reads XML from front to back. Broken XML ends early; it never panics.
struct Xml<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Xml<'a> {
    fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, at: 0 }
    }

    fn next(&mut self) -> Option<Piece<'a>> {
        loop {
            let rest = self.bytes.get(self.at..).filter(|rest| !rest.is_empty())?;
            if rest[0] != b'<' {
                let end = memchr::memchr(b'<', rest).unwrap_or(rest.len());
                self.at += end;
                return Some(Piece::Text(&rest[..end]));
            }
            if rest.starts_with(b"<!--") {
                self.at += memchr::memmem::find(rest, b"-->")? + 3;
                continue;
            }
            if rest.starts_with(b"<![CDATA[") {
                let end = memchr::memmem::find(rest, b"]]>")?;
                self.at += end + 3;
                return Some(Piece::Text(&rest[9..end]));
            }
            let end = memchr::memchr(b'>', rest)?;
            self.at += end + 1;
            let tag = &rest[1..end];
            match tag.first() {
                None | Some(b'?' | b'!') => {}
                Some(b'/') => return Some(Piece::Close(local(&tag[1..]))),
                Some(_) => {
                    let (tag, closed) = match tag.strip_suffix(b"/") {
                        Some(tag) => (tag, true),
                        None => (tag, false),
                    };
                    let split = tag.iter().position(u8::is_ascii_whitespace).unwrap_or(tag.len());
                    let (name, attributes) = tag.split_at(split);
                    return Some(Piece::Open { name: local(name), attributes, closed });
                }
            }
        }
    }
}

/// A name without prefix and trailing space.
fn local(name: &[u8]) -> &[u8] {
    let name = name.trim_ascii_end();
    match memchr::memchr(b':', name) {
        Some(colon) => &name[colon + 1..],
        None => name,
    }
}

/// The value of an attribute, by its name without prefix.
fn attribute<'a>(attributes: &'a [u8], wanted: &[u8]) -> Option<&'a [u8]> {
    let mut rest = attributes.trim_ascii_start();
    while !rest.is_empty() {
        let equals = memchr::memchr(b'=', rest)?;
        let name = local(&rest[..equals]);
        let after = rest[equals + 1..].trim_ascii_start();
        let quote = *after.first()?;
        let end = memchr::memchr(quote, &after[1..])? + 1;
        if name == wanted {
            return Some(&after[1..end]);
        }
        rest = after[end + 1..].trim_ascii_start();
    }
    None
}

/// Text with its entities resolved.
fn unescape(bytes: &[u8]) -> Cow<'_, str> {
    let text = String::from_utf8_lossy(bytes);
    if !text.contains('&') && !text.contains("_x") {
        return text;
    }
    let mut out = String::with_capacity(text.len());
    let mut rest = &*text;
    while let Some(at) = rest.find('&') {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        let end = rest.bytes().take(12).position(|b| b == b';');
        let resolved = end.and_then(|end| {
            let entity = &rest[1..end];
            match entity {
                "lt" => Some('<'),
                "gt" => Some('>'),
                "amp" => Some('&'),
                "quot" => Some('"'),
                "apos" => Some('\''),
                _ => {
                    let number = entity.strip_prefix('#')?;
                    let code = match number.strip_prefix(['x', 'X']) {
                        Some(hex) => u32::from_str_radix(hex, 16).ok()?,
                        None => number.parse().ok()?,
                    };
                    char::from_u32(code)
                }
            }
        });
        if let (Some(c), Some(end)) = (resolved, end) {
            out.push(c);
            rest = &rest[end + 1..];
        } else {
            out.push('&');
            rest = &rest[1..];
        }
    }
    out.push_str(rest);
    // Spreadsheets write control characters as _x000D_.
    Cow::Owned(out.replace("_x000D_", "").replace("_x000A_", "\n"))
}

/// Sheet names with the paths of their parts, and whether days count from 1904.
fn sheet_list(main: &[u8], rels: &[u8]) -> (Vec<(String, String)>, bool) {
    let mut targets = Vec::new();
    let mut xml = Xml::new(rels);
    while let Some(piece) = xml.next() {
        if let Piece::Open { name: b"Relationship", attributes, .. } = piece
            && let (Some(id), Some(target)) =
                (attribute(attributes, b"Id"), attribute(attributes, b"Target"))
        {
            targets.push((id, target));
        }
    }
    let mut sheets = Vec::new();
    let mut epoch_1904 = false;
    let mut xml = Xml::new(main);
    while let Some(piece) = xml.next() {
        let Piece::Open { name, attributes, .. } = piece else { continue };
        if name == b"workbookPr" {
            epoch_1904 = matches!(attribute(attributes, b"date1904"), Some(b"1" | b"true" | b"on"));
        }
        if name == b"sheet" {
            let title = unescape(attribute(attributes, b"name").unwrap_or_default()).into_owned();
            // The relation's id is `r:id`; `sheetId` has another local name.
            let id = attribute(attributes, b"id").unwrap_or_default();
            let target = targets.iter().find(|(of, _)| *of == id).map(|(_, target)| *target);
            let path = match target.map(|target| unescape(target).into_owned()) {
                Some(target) => match target.strip_prefix('/') {
                    Some(whole) => whole.to_owned(),
                    None => format!("xl/{target}"),
                },
                None => format!("xl/worksheets/sheet{}.xml", sheets.len() + 1),
            };
            if !path.contains("chartsheets/") {
                sheets.push((title, path));
            }
        }
    }
    (sheets, epoch_1904)
}

/// By cell style, whether it shows a date.
fn date_styles(styles: &[u8]) -> Vec<bool> {
    let number = |bytes: &[u8]| std::str::from_utf8(bytes).ok()?.parse::<u16>().ok();
    let mut custom: Vec<(u16, bool)> = Vec::new();
    let mut dates = Vec::new();
    let mut within = false;
    let mut xml = Xml::new(styles);
    while let Some(piece) = xml.next() {
        match piece {
            Piece::Open { name: b"numFmt", attributes, .. } => {
                if let (Some(id), Some(code)) = (
                    attribute(attributes, b"numFmtId").and_then(number),
                    attribute(attributes, b"formatCode"),
                ) {
                    custom.push((id, is_date_format(&unescape(code))));
                }
            }
            Piece::Open { name: b"cellXfs", closed, .. } => within = !closed,
            Piece::Close(b"cellXfs") => within = false,
            Piece::Open { name: b"xf", attributes, .. } if within => {
                let id = attribute(attributes, b"numFmtId").and_then(number).unwrap_or(0);
                let date = custom
                    .iter()
                    .find(|(of, _)| *of == id)
                    .map_or_else(|| is_date_number(id), |(_, date)| *date);
                dates.push(date);
            }
            _ => {}
        }
    }
    dates
}

/// Adds what stands in `<t>` up to the end tag `until` to the pool; phonetic hints (`<rPh>`) are left out.
fn rich_text(xml: &mut Xml<'_>, until: &[u8], book: &mut Book) -> Span {
    let from = u32::try_from(book.pool.len()).expect("unpacked size is limited");
    let (mut within, mut phonetic) = (false, false);
    while let Some(piece) = xml.next() {
        match piece {
            Piece::Open { name: b"t", closed, .. } => within = !closed,
            Piece::Close(b"t") => within = false,
            Piece::Open { name: b"rPh", closed, .. } => phonetic = !closed,
            Piece::Close(b"rPh") => phonetic = false,
            Piece::Close(name) if name == until => break,
            Piece::Text(text) if within && !phonetic => book.pool.push_str(&unescape(text)),
            _ => {}
        }
    }
    let end = u32::try_from(book.pool.len()).expect("unpacked size is limited");
    Span { from, len: end - from }
}

fn shared_strings(bytes: &[u8], book: &mut Book) -> Vec<Span> {
    let mut strings = Vec::new();
    let mut xml = Xml::new(bytes);
    while let Some(piece) = xml.next() {
        if let Piece::Open { name: b"si", closed, .. } = piece {
            strings.push(if closed { book.keep("") } else { rich_text(&mut xml, b"si", book) });
        }
    }
    strings
}

/// Row from 1 and column from 0 of `AB12`; either may be wanting.
fn place(reference: &[u8]) -> Option<(u32, u32)> {
    let letters = reference.iter().take_while(|b| b.is_ascii_alphabetic()).count();
    if letters == 0 || letters > 3 {
        return None;
    }
    let column = reference[..letters]
        .iter()
        .fold(0_u32, |n, b| n * 26 + u32::from(b.to_ascii_uppercase() - b'A') + 1);
    let digits = &reference[letters..];
    if digits.is_empty() || digits.len() > 7 || !digits.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let row = digits.iter().fold(0_u32, |n, b| n * 10 + u32::from(b - b'0'));
    (row > 0).then_some((row, column - 1))
}

fn sheet(bytes: &[u8], name: String, styles: &Styles, book: &mut Book) -> Grid {
    let mut grid = Grid::new(name, true);
    let (mut row, mut column) = (0_u32, 0_u32);
    let mut in_order = true;
    let mut loose = Vec::new();
    let mut xml = Xml::new(bytes);
    let mut last = (0_u32, 0_u32);
    while let Some(piece) = xml.next() {
        let Piece::Open { name, attributes, closed } = piece else { continue };
        match name {
            b"row" => {
                row = attribute(attributes, b"r")
                    .and_then(|r| std::str::from_utf8(r).ok()?.parse().ok())
                    .filter(|r| (1..=1_048_576).contains(r))
                    .unwrap_or(row + 1);
                column = 0;
            }
            b"c" => {
                if let Some((r, c)) = attribute(attributes, b"r").and_then(place) {
                    (row, column) = (r, c);
                }
                let here = (row.max(1), column);
                column += 1;
                if closed {
                    continue;
                }
                let Some(raw) = cell(&mut xml, attributes, styles, book) else { continue };
                let Some(at) = u16::try_from(here.1).ok().filter(|c| *c < COLUMN_LIMIT) else {
                    continue;
                };
                if in_order && here <= last && last != (0, 0) {
                    in_order = false;
                    for i in 0..grid.len() {
                        let number = grid.number(i);
                        loose.extend(grid.row(i).iter().map(|(c, raw)| (number, *c, *raw)));
                    }
                    grid.rows.clear();
                    grid.cells.clear();
                }
                last = here;
                if in_order {
                    grid.push(here.0, at, raw);
                } else {
                    loose.push((here.0, at, raw));
                }
                if grid.cells.len() + loose.len() > CELL_LIMIT {
                    break;
                }
            }
            b"mergeCell" => {
                if let Some(merge) = attribute(attributes, b"ref").and_then(merge) {
                    grid.merges.push(merge);
                }
            }
            _ => {}
        }
    }
    if !in_order {
        grid.put_sorted(loose);
    }
    grid.merges.sort_unstable();
    grid
}

fn merge(reference: &[u8]) -> Option<Merge> {
    let colon = memchr::memchr(b':', reference)?;
    let ((top, left), (bottom, right)) =
        (place(&reference[..colon])?, place(&reference[colon + 1..])?);
    let (left, right) = (u16::try_from(left).ok()?, u16::try_from(right).ok()?);
    (top <= bottom && left <= right).then_some(Merge { top, bottom, left, right })
}

/// The content of a cell whose start tag was just read.
fn cell(xml: &mut Xml<'_>, attributes: &[u8], styles: &Styles, book: &mut Book) -> Option<Raw> {
    let kind = attribute(attributes, b"t").unwrap_or(b"n");
    let mut value: Option<&[u8]> = None;
    let mut inline = None;
    let mut within = false;
    while let Some(piece) = xml.next() {
        match piece {
            Piece::Close(b"c") => break,
            Piece::Open { name: b"v", closed, .. } => within = !closed,
            Piece::Close(b"v") => within = false,
            Piece::Open { name: b"is", closed: false, .. } => {
                inline = Some(rich_text(xml, b"is", book));
            }
            Piece::Text(text) if within => value = Some(text),
            _ => {}
        }
    }
    if let Some(span) = inline {
        return (span.len > 0).then_some(Raw::Text(span));
    }
    let value = value?;
    match kind {
        b"s" => {
            let at: usize = std::str::from_utf8(value).ok()?.trim().parse().ok()?;
            styles.strings.get(at).filter(|span| span.len > 0).map(|span| Raw::Text(*span))
        }
        b"b" => Some(Raw::Bool(value == b"1" || value.eq_ignore_ascii_case(b"true"))),
        b"e" => Some(Raw::Fault),
        b"n" => {
            let number: f64 = std::str::from_utf8(value).ok()?.trim().parse().ok()?;
            if !number.is_finite() {
                return Some(Raw::Fault);
            }
            let style = attribute(attributes, b"s")
                .and_then(|s| std::str::from_utf8(s).ok()?.parse::<usize>().ok());
            let date = style.and_then(|s| styles.dates.get(s)).copied().unwrap_or(false);
            Some(if date { Raw::Date(number + styles.shift) } else { Raw::Number(number) })
        }
        // `str`: the result of a formula; `d`: a date in ISO form.
        _ => {
            let text = unescape(value);
            (!text.is_empty()).then(|| Raw::Text(book.keep(&text)))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_and_attributes() {
        assert_eq!(place(b"A1"), Some((1, 0)));
        assert_eq!(place(b"KN12"), Some((12, 299)));
        assert_eq!(
            (place(b"A"), place(b"12"), place(b"AAAA1"), place(b"A0")),
            (None, None, None, None)
        );
        let tag = br#" r="B2" x:s = '3' t="s""#;
        assert_eq!(attribute(tag, b"s"), Some(&b"3"[..]));
        assert_eq!(attribute(tag, b"v"), None);
        assert_eq!(unescape("张&amp;三&#x4E00;&nbsp;".as_bytes()), "张&三一&nbsp;");
    }
}
