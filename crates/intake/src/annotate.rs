//! The sender's workbook with the reasons in it.

use std::collections::BTreeMap;

use fujiao_model::{Finding, RowVerdict};
use rust_xlsxwriter::{
    Color, DocProperties, ExcelDateTime, Format, FormatAlign, Workbook as Copy, XlsxError,
};

use crate::book::{Book, Grid, Raw};
use crate::{IntakeError, Lexicon, Workbook, layout};

/// Rows up to which a sheet is copied whole.
const WHOLE_SHEET: usize = 1_000;

/// The sender's workbook as .xlsx, refused and doubtful cells coloured, with 原因 and 怎么办 in two columns at the end.
///
/// Sheets without findings are left out. A sheet of more than 1 000 rows keeps its header and the rows with findings,
/// and a third column, 原表行号, gives their numbers. Texts stay texts, so that no number is harmed a second time.
///
/// # Errors
/// Those of [`crate::read`], and [`IntakeError::Copy`] where the copy cannot be written.
pub fn annotate(workbook: &Workbook<'_>, findings: &[Finding]) -> Result<Vec<u8>, IntakeError> {
    copy(workbook, &Book::open(workbook)?, findings)
}

/// As [`annotate()`], of a workbook that is open already.
pub(crate) fn copy(
    workbook: &Workbook<'_>,
    book: &Book,
    findings: &[Finding],
) -> Result<Vec<u8>, IntakeError> {
    write(book, findings).map_err(|error| IntakeError::Copy {
        file: workbook.name.to_owned(),
        what: error.to_string(),
    })
}

/// How cells look.
struct Looks {
    date: Format,
    title: Format,
    parked: Format,
    refused: Format,
    note: Format,
}

impl Looks {
    fn new() -> Self {
        let plain = Format::new().set_align(FormatAlign::Top);
        Self {
            date: plain.clone().set_num_format("yyyy-mm-dd"),
            title: Format::new().set_bold().set_background_color(Color::RGB(0x00EE_EEEE)),
            parked: plain.clone().set_background_color(Color::RGB(0x00FF_F2CC)),
            refused: plain.clone().set_background_color(Color::RGB(0x00F8_CBAD)),
            note: plain.set_text_wrap(),
        }
    }
}

fn write(book: &Book, findings: &[Finding]) -> Result<Vec<u8>, XlsxError> {
    let looks = Looks::new();
    let lexicon = Lexicon::default();
    let mut copy = Copy::new();
    // The library would put the clock's time here.
    let made = ExcelDateTime::from_ymd(2025, 1, 1)?;
    copy.set_properties(&DocProperties::new().set_creation_datetime(&made));
    let mut names: Vec<String> = Vec::new();
    for (at, grid) in book.grids.iter().enumerate() {
        let mut by_row: BTreeMap<u32, Vec<&Finding>> = BTreeMap::new();
        for finding in findings.iter().filter(|f| usize::from(f.cell.sheet) == at) {
            by_row.entry(finding.cell.row).or_default().push(finding);
        }
        if by_row.is_empty() {
            continue;
        }
        let header = layout::find(book, grid, &lexicon).map_or(1..1, |layout| layout.rows);
        let sheet = copy.add_worksheet();
        sheet.set_name(sheet_name(&grid.name, &mut names))?;
        let whole = grid.len() <= WHOLE_SHEET;
        let width = (0..grid.len())
            .filter_map(|i| grid.row(i).last().map(|(c, _)| *c + 1))
            .max()
            .unwrap_or(0)
            .min(16_000);
        let notes_at = header.end.saturating_sub(2);
        let mut titles = vec!["原因", "怎么办"];
        if !whole {
            titles.push("原表行号");
        }
        for (column, title) in (width..).zip(titles) {
            sheet.write_string_with_format(notes_at, column, title, &looks.title)?;
            sheet.set_column_width(column, if title == "原表行号" { 10 } else { 46 })?;
        }
        let mut next = 0;
        // A finding of the sheet as a whole stands under the titles of the two columns.
        if let Some(of_sheet) = by_row.get(&0) {
            note(sheet, notes_at + 1, width, of_sheet, &looks)?;
        }
        for index in 0..grid.len() {
            let number = grid.number(index);
            let of_row = by_row.get(&number).map_or(&[][..], Vec::as_slice);
            if !whole && number >= header.end && of_row.is_empty() {
                continue;
            }
            let row = if whole || number < header.end { number - 1 } else { next };
            next = row + 1;
            cells(sheet, book, grid, index, row, of_row, &looks)?;
            if !of_row.is_empty() {
                note(sheet, row, width, of_row, &looks)?;
            }
            if !whole && number >= header.end {
                sheet.write_number(row, width + 2, number)?;
            }
        }
        if header.end > 1 {
            sheet.set_freeze_panes(header.end - 1, 0)?;
        }
    }
    if names.is_empty() {
        copy.add_worksheet().set_name("没有问题")?;
    }
    copy.save_to_buffer()
}

/// A name that a spreadsheet takes, and no sheet has yet.
fn sheet_name(name: &str, taken: &mut Vec<String>) -> String {
    let plain: String = name
        .chars()
        .map(|c| if matches!(c, '[' | ']' | ':' | '*' | '?' | '/' | '\\') { '_' } else { c })
        .take(26)
        .collect();
    let plain = plain.trim_matches('\'').to_owned();
    let plain = if plain.is_empty() { "表".to_owned() } else { plain };
    let mut unique = plain.clone();
    let mut n = 2;
    while taken.iter().any(|t| t.to_lowercase() == unique.to_lowercase()) {
        unique = format!("{plain} {n}");
        n += 1;
    }
    taken.push(unique.clone());
    unique
}

fn cells(
    sheet: &mut rust_xlsxwriter::Worksheet,
    book: &Book,
    grid: &Grid,
    index: usize,
    row: u32,
    findings: &[&Finding],
    looks: &Looks,
) -> Result<(), XlsxError> {
    let marked = |column: u16| {
        findings.iter().filter(|f| f.cell.column == Some(column)).map(|f| f.verdict).max().map(
            |verdict| {
                if verdict == RowVerdict::Refused { &looks.refused } else { &looks.parked }
            },
        )
    };
    for (column, raw) in grid.row(index) {
        let mark = marked(*column);
        match *raw {
            Raw::Text(span) => {
                // A cell takes 32 767 characters.
                let text: String = book.text(span).chars().take(32_000).collect();
                match mark {
                    Some(format) => sheet.write_string_with_format(row, *column, text, format)?,
                    None => sheet.write_string(row, *column, text)?,
                };
            }
            Raw::Number(n) => {
                match mark {
                    Some(format) => sheet.write_number_with_format(row, *column, n, format)?,
                    None => sheet.write_number(row, *column, n)?,
                };
            }
            Raw::Date(serial) => {
                let format = mark
                    .map_or_else(|| looks.date.clone(), |f| f.clone().set_num_format("yyyy-mm-dd"));
                sheet.write_number_with_format(row, *column, serial, &format)?;
            }
            Raw::Bool(b) => {
                sheet.write_boolean(row, *column, b)?;
            }
            Raw::Fault => {
                sheet.write_string(row, *column, "#N/A")?;
            }
        }
    }
    // A cell that is missing is coloured where it should be.
    for finding in findings {
        if let Some(column) = finding.cell.column
            && grid.at(index, column).is_none()
            && let Some(format) = marked(column)
        {
            sheet.write_blank(row, column, format)?;
        }
    }
    Ok(())
}

fn note(
    sheet: &mut rust_xlsxwriter::Worksheet,
    row: u32,
    width: u16,
    findings: &[&Finding],
    looks: &Looks,
) -> Result<(), XlsxError> {
    let mut reasons: Vec<&str> = Vec::new();
    let mut remedies: Vec<&str> = Vec::new();
    for finding in findings.iter().take(40) {
        reasons.push(&finding.reason);
        if !remedies.contains(&finding.remedy.as_str()) {
            remedies.push(&finding.remedy);
        }
    }
    sheet.write_string_with_format(row, width, reasons.join("；"), &looks.note)?;
    sheet.write_string_with_format(row, width + 1, remedies.join("；"), &looks.note)?;
    Ok(())
}
