//! The old .xls: BIFF8 records (as Microsoft published them in [MS-XLS]) in the stream `Workbook` of a compound file.

use std::collections::BTreeMap;
use std::io::{self, Cursor, Write as _};
use std::time::SystemTime;

use crate::book::{Cell, Sheet, serial, width};

const BOF: u16 = 0x0809;
const EOF: u16 = 0x000a;
const CODE_PAGE: u16 = 0x0042;
const DATE_MODE: u16 = 0x0022;
const WINDOW1: u16 = 0x003d;
const FONT: u16 = 0x0031;
const FORMAT: u16 = 0x041e;
const XF: u16 = 0x00e0;
const STYLE: u16 = 0x0293;
const BOUND_SHEET: u16 = 0x0085;
const SST: u16 = 0x00fc;
const CONTINUE: u16 = 0x003c;
const DIMENSIONS: u16 = 0x0200;
const LABEL_SST: u16 = 0x00fd;
const NUMBER: u16 = 0x0203;
const WINDOW2: u16 = 0x023e;
const MERGED_CELLS: u16 = 0x00e5;

/// Longest body of a record.
const LONGEST: usize = 8_224;
/// The format number of our dates; numbers below 164 are built in.
const DATE_FORMAT: u16 = 164;
/// Cell formats by position: 0 to 14 are of styles.
const PLAIN: u16 = 15;
const DATE: u16 = 16;

fn record(out: &mut Vec<u8>, kind: u16, body: &[u8]) {
    out.extend(kind.to_le_bytes());
    out.extend(u16::try_from(body.len()).expect("bodies are cut to 8224 bytes").to_le_bytes());
    out.extend(body);
}

fn words(values: &[u16]) -> Vec<u8> {
    values.iter().flat_map(|v| v.to_le_bytes()).collect()
}

/// Count of UTF-16 units (of two bytes, or of one for short strings), flag, units.
fn unicode(text: &str, short: bool) -> Vec<u8> {
    // A cell holds 32 767 characters; a record 4 110. Ours are far shorter.
    let units: Vec<u16> = text.encode_utf16().take(if short { 255 } else { 4_000 }).collect();
    let count = u16::try_from(units.len()).expect("cut above");
    let mut out = Vec::with_capacity(units.len() * 2 + 3);
    if short {
        out.push(u8::try_from(count).expect("cut above"));
    } else {
        out.extend(count.to_le_bytes());
    }
    out.push(1);
    out.extend(units.iter().flat_map(|u| u.to_le_bytes()));
    out
}

/// Strings of the workbook, each once, by number.
#[derive(Default)]
struct Strings<'a> {
    numbers: BTreeMap<&'a str, u32>,
    ordered: Vec<&'a str>,
    uses: u32,
}

impl<'a> Strings<'a> {
    fn number(&mut self, text: &'a str) -> u32 {
        self.uses += 1;
        *self.numbers.entry(text).or_insert_with(|| {
            self.ordered.push(text);
            u32::try_from(self.ordered.len() - 1).expect("fewer strings than cells")
        })
    }

    /// The table; no string is cut by the end of a record.
    fn write(&self, out: &mut Vec<u8>) {
        let mut body = Vec::with_capacity(LONGEST);
        body.extend(self.uses.to_le_bytes());
        body.extend(u32::try_from(self.ordered.len()).expect("as above").to_le_bytes());
        let mut kind = SST;
        for text in &self.ordered {
            let text = unicode(text, false);
            if body.len() + text.len() > LONGEST {
                record(out, kind, &body);
                body.clear();
                kind = CONTINUE;
            }
            body.extend(text);
        }
        record(out, kind, &body);
    }
}

fn begin(out: &mut Vec<u8>, of: u16) {
    // Version 8, kind of stream, a build and year of Excel 97, file history, lowest version.
    let mut body = words(&[0x0600, of, 0x0dbb, 0x07cc]);
    body.extend(0_u32.to_le_bytes());
    body.extend(6_u32.to_le_bytes());
    record(out, BOF, &body);
}

fn globals(sheets: &[Sheet], strings: &Strings<'_>, starts: &[u32]) -> Vec<u8> {
    let mut out = Vec::new();
    begin(&mut out, 0x0005);
    record(&mut out, CODE_PAGE, &words(&[1200]));
    record(&mut out, WINDOW1, &words(&[0, 0, 0x3000, 0x2000, 0x0038, 0, 0, 1, 0x0258]));
    record(&mut out, DATE_MODE, &words(&[0]));
    for _ in 0..4 {
        let mut font = words(&[220, 0, 0x7fff, 400, 0]);
        font.extend([0, 0, 0, 0]);
        font.extend(unicode("宋体", true));
        record(&mut out, FONT, &font);
    }
    let mut format = words(&[DATE_FORMAT]);
    format.extend(unicode("yyyy\\-mm\\-dd", false));
    record(&mut out, FORMAT, &format);
    let cell_format = |number: u16, style: bool| {
        let mut body = words(&[0, number, if style { 0xfff5 } else { 0x0001 }]);
        body.extend([0x20, 0, 0, if style { 0xf4 } else { 0 }]);
        body.extend([0; 8]);
        body.extend(words(&[0x20c0]));
        body
    };
    for _ in 0..15 {
        record(&mut out, XF, &cell_format(0, true));
    }
    record(&mut out, XF, &cell_format(0, false));
    let mut date = cell_format(DATE_FORMAT, false);
    date[9] = 0x04;
    record(&mut out, XF, &date);
    record(&mut out, STYLE, &[0x00, 0x80, 0x00, 0xff]);
    for (sheet, start) in sheets.iter().zip(starts) {
        let mut body = start.to_le_bytes().to_vec();
        body.extend([0, 0]);
        body.extend(unicode(&sheet.name, true));
        record(&mut out, BOUND_SHEET, &body);
    }
    strings.write(&mut out);
    record(&mut out, EOF, &[]);
    out
}

fn page<'a>(sheet: &'a Sheet, first: bool, strings: &mut Strings<'a>) -> Vec<u8> {
    let mut out = Vec::with_capacity(sheet.rows.len() * 160);
    begin(&mut out, 0x0010);
    let rows = u32::try_from(sheet.rows.len()).expect("an .xls has 65 536 rows at most");
    let columns = u16::try_from(width(sheet)).expect("an .xls has 256 columns at most");
    let mut size = 0_u32.to_le_bytes().to_vec();
    size.extend(rows.to_le_bytes());
    size.extend(words(&[0, columns, 0]));
    record(&mut out, DIMENSIONS, &size);
    for (r, row) in (0_u16..).zip(&sheet.rows) {
        for (c, cell) in (0_u16..).zip(row) {
            match cell {
                Cell::Empty => {}
                Cell::Text(text) => {
                    let mut body = words(&[r, c, PLAIN]);
                    body.extend(strings.number(text).to_le_bytes());
                    record(&mut out, LABEL_SST, &body);
                }
                Cell::Number(n) => {
                    let mut body = words(&[r, c, PLAIN]);
                    body.extend(n.to_le_bytes());
                    record(&mut out, NUMBER, &body);
                }
                Cell::Date(d) => {
                    let mut body = words(&[r, c, DATE]);
                    body.extend(serial(*d).to_le_bytes());
                    record(&mut out, NUMBER, &body);
                }
            }
        }
    }
    let mut window = words(&[if first { 0x06b6 } else { 0x00b6 }, 0, 0, 0x0040, 0, 0, 0]);
    window.extend(0_u32.to_le_bytes());
    record(&mut out, WINDOW2, &window);
    // A record holds 1027 merged ranges.
    for merges in sheet.merges.chunks(1_000) {
        let mut body = words(&[u16::try_from(merges.len()).expect("a chunk of 1000")]);
        for (top, left, bottom, right) in merges {
            let row = |r: &u32| u16::try_from(*r).expect("an .xls has 65 536 rows at most");
            body.extend(words(&[row(top), row(bottom), *left, *right]));
        }
        record(&mut out, MERGED_CELLS, &body);
    }
    record(&mut out, EOF, &[]);
    out
}

/// The bytes of an .xls with these sheets: at most 65 536 rows and 256 columns each.
pub(crate) fn workbook(sheets: &[Sheet]) -> io::Result<Vec<u8>> {
    if let Some(long) = sheets.iter().find(|s| s.rows.len() > 65_536 || width(s) > 256) {
        return Err(io::Error::other(format!("{} is too large for an .xls", long.name)));
    }
    let mut strings = Strings::default();
    let pages: Vec<Vec<u8>> =
        sheets.iter().enumerate().map(|(i, s)| page(s, i == 0, &mut strings)).collect();
    // The length of the globals does not depend on where the sheets start.
    let length = globals(sheets, &strings, &vec![0; sheets.len()]).len();
    let mut at = length;
    let mut starts = Vec::with_capacity(sheets.len());
    for page in &pages {
        starts.push(u32::try_from(at).map_err(io::Error::other)?);
        at += page.len();
    }
    // Sectors of 512 bytes, as Excel writes them; many readers know no others.
    let mut file =
        cfb::CompoundFile::create_with_version(cfb::Version::V3, Cursor::new(Vec::new()))?;
    {
        let mut stream = file.create_stream("/Workbook")?;
        stream.write_all(&globals(sheets, &strings, &starts))?;
        for page in &pages {
            stream.write_all(page)?;
        }
        stream.flush()?;
    }
    // The library would leave the clock's time in the root.
    file.set_created_time("/", SystemTime::UNIX_EPOCH)?;
    file.set_modified_time("/", SystemTime::UNIX_EPOCH)?;
    file.flush()?;
    Ok(file.into_inner().into_inner())
}
