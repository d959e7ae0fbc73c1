//! .csv as offices save it: UTF-8 with or without a mark, GB18030, UTF-16; comma, semicolon or tab.

use std::borrow::Cow;

use encoding_rs::{GB18030, UTF_8, UTF_16BE, UTF_16LE};

use super::{Book, CELL_LIMIT, COLUMN_LIMIT, Grid, Raw, UNPACKED_LIMIT};
use crate::{IntakeError, Workbook};

/// Reads a text of separated values. A record is a row, as a spreadsheet would number it, blank ones too.
pub(super) fn open(workbook: &Workbook<'_>) -> Result<Book, IntakeError> {
    let file = || workbook.name.to_owned();
    if workbook.bytes.len() as u64 > UNPACKED_LIMIT {
        return Err(IntakeError::TooLarge {
            file: file(),
            limit: format!("{} MB", UNPACKED_LIMIT >> 20),
        });
    }
    let text = decode(workbook.bytes).ok_or_else(|| IntakeError::Encoding { file: file() })?;
    let odd = text.chars().take(4096).filter(|c| c.is_control() && !c.is_ascii_whitespace());
    if odd.count() > 4 {
        return Err(IntakeError::NotAWorkbook {
            file: file(), found: "认不出的二进制文件"
        });
    }
    let delimiter = delimiter(&text);
    let stem = workbook.name.rsplit(['/', '\\']).next().unwrap_or_default();
    let stem = stem.rsplit_once('.').map_or(stem, |(stem, _)| stem);
    let mut book = Book::default();
    let mut grid = Grid::new(stem.to_owned(), false);
    let mut reader = Reader { rest: &text, delimiter };
    let mut row = 1;
    let mut column = 0;
    while let Some((cell, ends_row)) = reader.next() {
        if !cell.trim().is_empty() && column < COLUMN_LIMIT {
            let span = book.keep(&cell);
            grid.push(row, column, Raw::Text(span));
            if grid.cells.len() > CELL_LIMIT {
                return Err(IntakeError::TooLarge {
                    file: file(),
                    limit: format!("{} 万个单元格", CELL_LIMIT / 10_000),
                });
            }
        }
        column = column.saturating_add(1);
        if ends_row {
            row += 1;
            column = 0;
        }
    }
    book.grids.push(grid);
    Ok(book)
}

fn decode(bytes: &[u8]) -> Option<Cow<'_, str>> {
    for (mark, encoding) in
        [(&b"\xef\xbb\xbf"[..], UTF_8), (b"\xff\xfe", UTF_16LE), (b"\xfe\xff", UTF_16BE)]
    {
        if let Some(body) = bytes.strip_prefix(mark) {
            let (text, bad) = encoding.decode_without_bom_handling(body);
            return (!bad).then_some(text);
        }
    }
    if let Ok(text) = std::str::from_utf8(bytes) {
        return Some(Cow::Borrowed(text));
    }
    let (text, bad) = GB18030.decode_without_bom_handling(bytes);
    (!bad).then_some(text)
}

/// The delimiter that the first lines agree on.
fn delimiter(text: &str) -> u8 {
    let mut best = (0, b',');
    for candidate in [b',', b'\t', b';'] {
        let counts = text.lines().take(30).map(|line| {
            let mut quoted = false;
            line.bytes()
                .filter(|b| {
                    quoted ^= *b == b'"';
                    !quoted && *b == candidate
                })
                .count()
        });
        let total: usize = counts.sum();
        if total > best.0 {
            best = (total, candidate);
        }
    }
    best.1
}

/// Splits a text into cells.
struct Reader<'a> {
    rest: &'a str,
    delimiter: u8,
}

impl<'a> Reader<'a> {
    /// The next cell and whether its row ends with it.
    fn next(&mut self) -> Option<(Cow<'a, str>, bool)> {
        if self.rest.is_empty() {
            return None;
        }
        if let Some(body) = self.rest.strip_prefix('"') {
            return Some(self.quoted(body));
        }
        let bytes = self.rest.as_bytes();
        let end = memchr::memchr3(self.delimiter, b'\n', b'\r', bytes).unwrap_or(bytes.len());
        let cell = &self.rest[..end];
        let ends_row = self.pass(end);
        Some((Cow::Borrowed(cell), ends_row))
    }

    /// A cell in quotes; doubled quotes within are one, line breaks within belong to the cell.
    fn quoted(&mut self, body: &'a str) -> (Cow<'a, str>, bool) {
        let mut cell = Cow::Borrowed("");
        let mut at = 0;
        loop {
            let Some(quote) = memchr::memchr(b'"', &body.as_bytes()[at..]) else {
                // An open quote without its end: the rest of the line is the cell.
                let end = memchr::memchr2(b'\n', b'\r', body.as_bytes()).unwrap_or(body.len());
                let ends_row = self.pass(1 + end);
                return (Cow::Borrowed(&body[..end]), ends_row);
            };
            let quote = at + quote;
            if body.as_bytes().get(quote + 1) == Some(&b'"') {
                cell.to_mut().push_str(&body[at..=quote]);
                at = quote + 2;
                continue;
            }
            if at == 0 {
                cell = Cow::Borrowed(&body[..quote]);
            } else {
                cell.to_mut().push_str(&body[at..quote]);
            }
            // What stands between the closing quote and the delimiter belongs to the cell too.
            let tail = &body.as_bytes()[quote + 1..];
            let more = memchr::memchr3(self.delimiter, b'\n', b'\r', tail).unwrap_or(tail.len());
            if more > 0 {
                cell.to_mut().push_str(&body[quote + 1..quote + 1 + more]);
            }
            let ends_row = self.pass(1 + quote + 1 + more);
            return (cell, ends_row);
        }
    }

    /// Goes past `length` bytes and the delimiter or line end behind them; whether a row ended.
    fn pass(&mut self, length: usize) -> bool {
        let rest = &self.rest[length..];
        let (skip, ends_row) = match rest.as_bytes() {
            [b'\r', b'\n', ..] => (2, true),
            [b'\r' | b'\n', ..] => (1, true),
            [_, ..] => (1, false),
            [] => (0, true),
        };
        self.rest = &rest[skip..];
        ends_row
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cells(text: &str) -> Vec<(String, bool)> {
        let mut reader = Reader { rest: text, delimiter: delimiter(text) };
        std::iter::from_fn(|| reader.next()).map(|(c, end)| (c.into_owned(), end)).collect()
    }

    #[test]
    fn cells_of_lines() {
        let shown = |text: &str| {
            cells(text)
                .iter()
                .fold(String::new(), |line, (c, end)| line + c + if *end { "⏎" } else { "|" })
        };
        assert_eq!(shown("a,b\r\n\r\nc,\"d\"\"e\nf\"x\n"), "a|b⏎⏎c|d\"e\nfx⏎");
        assert_eq!(shown("a;b;c\n1;2;3"), "a|b|c⏎1|2|3⏎");
        assert_eq!(shown("a\tb,c\n1\t2\n"), "a|b,c⏎1|2⏎");
        assert_eq!(shown("a,\"open\nb,c"), "a|open⏎b|c⏎");
    }

    #[test]
    fn encodings() {
        let (gb, _, _) = GB18030.encode("姓名,身份证号\n");
        for bytes in [&gb[..], "姓名,身份证号\n".as_bytes(), "\u{feff}姓名,身份证号\n".as_bytes()]
        {
            assert_eq!(decode(bytes).unwrap(), "姓名,身份证号\n");
        }
        assert_eq!(decode(&[0xff, 0xff, 0x20, 0x81]), None);
    }
}
