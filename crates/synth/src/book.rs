//! A workbook before it is bytes, and the bytes of .xlsx and .csv.

use encoding_rs::GB18030;
use jiff::civil::Date;
use rust_xlsxwriter::{DocProperties, ExcelDateTime, Format, FormatAlign, Workbook, XlsxError};

use crate::xls;

/// One cell.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Cell {
    Empty,
    Text(String),
    Number(f64),
    /// A serial number in a date format.
    Date(Date),
}

/// First row, first column, last row, last column; from 0.
pub(crate) type Merge = (u32, u16, u32, u16);

/// One sheet: all its rows, titles and header included.
#[derive(Clone, Debug)]
pub(crate) struct Sheet {
    pub(crate) name: String,
    pub(crate) rows: Vec<Vec<Cell>>,
    pub(crate) merges: Vec<Merge>,
    /// Rows before the first row of data.
    pub(crate) head: u32,
}

/// In what form a workbook is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    Xlsx,
    Xls,
    CsvGb18030,
    CsvUtf8,
}

impl Form {
    pub(crate) fn extension(self) -> &'static str {
        match self {
            Self::Xlsx => "xlsx",
            Self::Xls => "xls",
            Self::CsvGb18030 | Self::CsvUtf8 => "csv",
        }
    }
}

/// The bytes of a workbook. A .csv has the first sheet only.
pub(crate) fn bytes(sheets: &[Sheet], form: Form) -> Result<Vec<u8>, String> {
    match form {
        Form::Xlsx => xlsx(sheets).map_err(|e| e.to_string()),
        Form::Xls => xls::workbook(sheets).map_err(|e| e.to_string()),
        Form::CsvGb18030 => Ok(GB18030.encode(&csv(&sheets[0])).0.into_owned()),
        Form::CsvUtf8 => Ok([b"\xef\xbb\xbf", csv(&sheets[0]).as_bytes()].concat()),
    }
}

/// The widest row: title rows have one cell.
pub(crate) fn width(sheet: &Sheet) -> usize {
    sheet.rows.iter().take(sheet.head as usize + 1).map(Vec::len).max().unwrap_or(0)
}

fn csv(sheet: &Sheet) -> String {
    let width = width(sheet);
    let mut out = String::with_capacity(sheet.rows.len() * 100);
    for row in &sheet.rows {
        for at in 0..width {
            if at > 0 {
                out.push(',');
            }
            match row.get(at) {
                None | Some(Cell::Empty) => {}
                Some(Cell::Text(text)) => push_quoted(&mut out, text),
                Some(Cell::Number(n)) => push_number(&mut out, *n),
                Some(Cell::Date(d)) => {
                    use std::fmt::Write as _;
                    let _ = write!(out, "{}/{}/{}", d.year(), d.month(), d.day());
                }
            }
        }
        out.push_str("\r\n");
    }
    out
}

/// As a spreadsheet saves it: long numbers in scientific notation.
fn push_number(out: &mut String, n: f64) {
    use std::fmt::Write as _;
    if n.abs() >= 1e11 {
        let exponent = n.abs().log10().floor();
        let _ = write!(out, "{:.5}E+{exponent:02}", n / 10_f64.powf(exponent));
    } else {
        let _ = write!(out, "{n}");
    }
}

fn push_quoted(out: &mut String, text: &str) {
    if text.contains([',', '"', '\n', '\r']) {
        out.push('"');
        out.push_str(&text.replace('"', "\"\""));
        out.push('"');
    } else {
        out.push_str(text);
    }
}

fn xlsx(sheets: &[Sheet]) -> Result<Vec<u8>, XlsxError> {
    let mut book = Workbook::new();
    // The library would put the clock's time here.
    let made = ExcelDateTime::from_ymd(2025, 1, 1)?;
    book.set_properties(&DocProperties::new().set_creation_datetime(&made).set_title("示例数据"));
    let date_format = Format::new().set_num_format("yyyy\\-mm\\-dd");
    let middle = Format::new().set_align(FormatAlign::Center);
    for sheet in sheets {
        let page = book.add_worksheet();
        page.set_name(&sheet.name)?;
        for (first, left, last, right) in &sheet.merges {
            page.merge_range(*first, *left, *last, *right, "", &middle)?;
        }
        for (r, row) in (0_u32..).zip(&sheet.rows) {
            for (c, cell) in (0_u16..).zip(row) {
                match cell {
                    Cell::Empty => {}
                    Cell::Text(text) => {
                        page.write_string(r, c, text)?;
                    }
                    Cell::Number(n) => {
                        page.write_number(r, c, *n)?;
                    }
                    Cell::Date(d) => {
                        page.write_number_with_format(r, c, serial(*d), &date_format)?;
                    }
                }
            }
        }
    }
    book.save_to_buffer()
}

/// The serial number of a day in the 1900 system, from 1 March 1900 on.
pub(crate) fn serial(day: Date) -> f64 {
    f64::from((day - jiff::civil::date(1899, 12, 30)).get_days())
}

#[cfg(test)]
mod tests {
    use super::*;
    use calamine::{Data, Reader, open_workbook_auto_from_rs};
    use std::io::Cursor;

    fn sample() -> Sheet {
        Sheet {
            name: "名册".to_owned(),
            rows: vec![
                vec![Cell::Text("岚川县示例数据".to_owned())],
                vec![
                    Cell::Text("姓名".to_owned()),
                    Cell::Text("日期".to_owned()),
                    Cell::Text("金额".to_owned()),
                ],
                vec![
                    Cell::Text("艾力·依明, “甲”".to_owned()),
                    Cell::Date(jiff::civil::date(2012, 9, 1)),
                    Cell::Number(312.5),
                ],
                vec![Cell::Empty, Cell::Empty, Cell::Number(619_926_201_209_150_000.0)],
            ],
            merges: vec![(0, 0, 0, 2)],
            head: 2,
        }
    }

    #[test]
    fn both_spreadsheet_forms_read_back() {
        for form in [Form::Xlsx, Form::Xls] {
            let bytes = bytes(&[sample()], form).unwrap();
            let mut book = open_workbook_auto_from_rs(Cursor::new(bytes)).unwrap();
            assert_eq!(book.sheet_names(), ["名册"]);
            let range = book.worksheet_range("名册").unwrap();
            let cell = |r, c| range.get_value((r, c)).cloned().unwrap();
            assert_eq!(cell(0, 0), Data::String("岚川县示例数据".to_owned()), "{form:?}");
            assert_eq!(cell(2, 0), Data::String("艾力·依明, “甲”".to_owned()));
            assert_eq!(cell(2, 2), Data::Float(312.5));
            assert_eq!(cell(3, 2), Data::Float(619_926_201_209_150_000.0));
            let Data::DateTime(day) = cell(2, 1) else {
                panic!("{form:?}: {:?} is no date", cell(2, 1))
            };
            assert!((day.as_f64() - 41_153.0).abs() < 1e-9, "{day:?}");
        }
    }

    #[test]
    fn csv_is_quoted_and_long_numbers_are_destroyed() {
        let text = bytes(&[sample()], Form::CsvGb18030).unwrap();
        let (text, _, bad) = GB18030.decode(&text);
        assert!(!bad);
        assert_eq!(
            text.lines().skip(2).collect::<Vec<_>>(),
            ["\"艾力·依明, “甲”\",2012/9/1,312.5", ",,6.19926E+17"]
        );
    }
}
