//! Any list of a page as a workbook.

use jiff::civil::Date;
use rust_xlsxwriter::{
    DocProperties, ExcelDateTime, Format, FormatAlign, FormatBorder, IgnoreError, Workbook,
};

use crate::ReportError;

/// A cell of a list.
#[derive(Clone, Debug, PartialEq)]
pub enum ListCell {
    /// Text; ids are text, so that no spreadsheet rounds them.
    Text(String),
    /// A number in the unit that is shown.
    Number(f64),
    /// A day.
    Day(Date),
    /// Nothing.
    Empty,
}

/// A list with its heading.
#[derive(Clone, Debug)]
pub struct List {
    /// The sheet's name.
    pub sheet: String,
    /// Whose figures these are, as of when, who took them out and when: a line each above the table.
    pub head: Vec<String>,
    /// Names of the columns.
    pub columns: Vec<String>,
    /// Rows, each as long as `columns`.
    pub rows: Vec<Vec<ListCell>>,
    /// The day that the workbook is of: its properties hold no clock.
    pub as_of: Date,
}

/// The longest text that a cell can hold, in UTF-16 units.
const LONGEST_TEXT: usize = 32_000;
/// The lines that one sheet can hold.
const MOST_LINES: usize = 1_048_000;

/// The list as a workbook: a header that repeats on paper, filters, widths that fit; deterministic to the byte.
///
/// # Errors
/// [`ReportError::TooManyLines`] if the sheet has no room; [`ReportError::Workbook`] if the writer refuses.
pub fn list_workbook(list: &List) -> Result<Vec<u8>, ReportError> {
    lists_workbook(std::slice::from_ref(list))
}

/// Several lists as one workbook, a sheet each, in the order given.
///
/// # Errors
/// As [`list_workbook`].
pub fn lists_workbook(lists: &[List]) -> Result<Vec<u8>, ReportError> {
    let mut book = Workbook::new();
    book.set_zip_compression_level(3);
    let day = lists.first().map_or(Date::constant(2000, 1, 1), |list| list.as_of);
    let made = ExcelDateTime::from_ymd(
        day.year().unsigned_abs(),
        day.month().unsigned_abs(),
        day.day().unsigned_abs(),
    )?;
    let title = lists.first().and_then(|list| list.head.first()).map_or("", String::as_str);
    book.set_properties(
        &DocProperties::new()
            .set_title(title)
            .set_author("扶教 Fujiao")
            .set_creation_datetime(&made),
    );
    for list in lists {
        add_sheet(&mut book, list)?;
    }
    Ok(book.save_to_buffer()?)
}

fn add_sheet(book: &mut Workbook, list: &List) -> Result<(), ReportError> {
    if list.rows.len() > MOST_LINES {
        return Err(ReportError::TooManyLines {
            sheet: list.sheet.clone(),
            lines: list.rows.len(),
        });
    }
    let sheet = book.add_worksheet();
    let name: String = list.sheet.chars().filter(|c| !"[]:*?/\\".contains(*c)).take(31).collect();
    sheet.set_name(if name.is_empty() { "名单" } else { &name })?;
    let plain = Format::new().set_font_name("等线").set_font_size(10).set_align(FormatAlign::Top);
    let title = plain.clone().set_font_size(13).set_bold();
    let header = plain.clone().set_bold().set_border_bottom(FormatBorder::Thin).set_text_wrap();
    let text = plain.clone().set_text_wrap();
    let number = plain.clone().set_num_format("#,##0.##");
    let date = plain.clone().set_num_format("yyyy-mm-dd");
    let mut at = 0_u32;
    for (n, line) in list.head.iter().enumerate() {
        sheet.write_with_format(at, 0, line, if n == 0 { &title } else { &plain })?;
        at += 1;
    }
    let top = at;
    for (column, name) in (0_u16..).zip(&list.columns) {
        sheet.write_with_format(top, column, name, &header)?;
    }
    let mut widths: Vec<usize> = list.columns.iter().map(|name| width(name)).collect();
    for row in &list.rows {
        at += 1;
        for (n, cell) in row.iter().enumerate() {
            let column = u16::try_from(n).unwrap_or(u16::MAX);
            match cell {
                ListCell::Empty => {}
                ListCell::Text(value) => {
                    let cut: String = value.chars().take(LONGEST_TEXT / 2).collect();
                    if let Some(wide) = widths.get_mut(n) {
                        *wide = (*wide).max(width(&cut));
                    }
                    sheet.write_string_with_format(at, column, cut, &text)?;
                }
                ListCell::Number(value) => {
                    sheet.write_number_with_format(at, column, *value, &number)?;
                }
                ListCell::Day(day) => {
                    let value = ExcelDateTime::from_ymd(
                        day.year().unsigned_abs(),
                        day.month().unsigned_abs(),
                        day.day().unsigned_abs(),
                    )?;
                    sheet.write_datetime_with_format(at, column, &value, &date)?;
                }
            }
        }
    }
    for (column, wide) in (0_u16..).zip(&widths) {
        #[expect(clippy::cast_precision_loss, reason = "at most 44")]
        sheet.set_column_width(column, (*wide).clamp(8, 44) as f64 + 1.0)?;
    }
    let last_column = u16::try_from(list.columns.len().max(1) - 1).unwrap_or(u16::MAX);
    sheet.autofilter(top, 0, at, last_column)?;
    sheet.set_freeze_panes(top + 1, 0)?;
    sheet.set_repeat_rows(top, top)?;
    sheet.set_landscape().set_paper_size(9).set_print_fit_to_pages(1, 0);
    sheet.set_footer("&C&P / &N");
    sheet.ignore_error_range(top, 0, at, last_column, IgnoreError::NumberStoredAsText)?;
    Ok(())
}

/// How wide a text stands: a Chinese character is two digits wide.
fn width(text: &str) -> usize {
    text.chars().map(|c| if c.is_ascii() { 1 } else { 2 }).sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use calamine::{Data, Reader, Xlsx};

    #[test]
    fn a_list_reads_back_and_is_the_same_each_time() {
        let list = List {
            sheet: "资助 [差]".into(),
            head: vec!["岚川县 资助".into(), "数据截至 2025-10-15".into()],
            columns: vec!["姓名".into(), "差".into(), "限".into()],
            rows: vec![vec![
                ListCell::Text("=张晓禾".into()),
                ListCell::Number(625.5),
                ListCell::Day(jiff::civil::date(2025, 12, 31)),
            ]],
            as_of: jiff::civil::date(2025, 10, 15),
        };
        let bytes = list_workbook(&list).unwrap();
        assert_eq!(bytes, list_workbook(&list).unwrap());
        let mut book: Xlsx<_> =
            calamine::open_workbook_from_rs(std::io::Cursor::new(bytes)).unwrap();
        let sheet = book.worksheet_range("资助 差").unwrap();
        let row: Vec<&Data> = sheet.rows().nth(3).unwrap().iter().collect();
        assert_eq!(row[0], &Data::String("=张晓禾".into()), "text, and no formula");
        assert_eq!(row[1], &Data::Float(625.5));
    }
}
