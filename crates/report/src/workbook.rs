//! `gaps.xlsx`: a cover, a sheet an area with every duty not done, and a sheet of what was done beyond any duty.

use fujiao_model::{Area, Unit};
use jiff::civil::{Date, date};
use rust_xlsxwriter::{
    Color, DocProperties, ExcelDateTime, Format, FormatAlign, FormatBorder, IgnoreError, Url,
    Workbook, Worksheet, XlsxError,
};

use crate::number::long_date;
use crate::overview::{EXCESS_SHEET, Overview, period, sheet, title, word};
use crate::{AreaFigures, Cover, GapLine, ReportError, percent};

/// The lines that one sheet can hold below its header.
const MOST_LINES: usize = 1_048_000;
/// The longest text that a cell can hold, in UTF-16 units.
const LONGEST_TEXT: usize = 32_000;
const COVER_SHEET: &str = "封面";

const DAI: Color = Color::RGB(0x17_525D);
const ZHU: Color = Color::RGB(0xAE_3820);
const INK_3: Color = Color::RGB(0x5C_6B6E);
const LINE: Color = Color::RGB(0xB4_C0BC);
const SUNK: Color = Color::RGB(0xE9_EDEA);

/// The lists behind the figures as a workbook, sorted by town, village, school and name; deterministic to the byte.
///
/// Lines with an excess go to a sheet of their own, the others to the sheet of their area. Quantities are numbers in the unit
/// that is shown (yuan, m², posts), dates are dates, ids are text.
///
/// # Errors
/// [`ReportError::TooManyLines`] if a sheet has no room; [`ReportError::Workbook`] if the writer refuses.
pub fn gaps_workbook(lines: &[GapLine], cover: &Cover) -> Result<Vec<u8>, ReportError> {
    let mut sheets: Vec<(&str, Vec<&GapLine>)> = Vec::new();
    for &area in Area::ALL {
        let gaps: Vec<&GapLine> =
            lines.iter().filter(|l| l.area == area && l.excess == 0).collect();
        sheets.push((sheet(area), gaps));
    }
    sheets.push((EXCESS_SHEET, lines.iter().filter(|l| l.excess != 0).collect()));
    sheets.retain(|(_, lines)| !lines.is_empty());

    let mut book = Workbook::new();
    // Quicker than the usual level, for a file a seventh larger.
    book.set_zip_compression_level(3);
    book.set_properties(&properties(cover)?);
    write_cover(book.add_worksheet(), cover, &sheets)?;
    let formats = Formats::new();
    for (name, lines) in &mut sheets {
        if lines.len() > MOST_LINES {
            return Err(ReportError::TooManyLines {
                sheet: (*name).to_owned(),
                lines: lines.len(),
            });
        }
        lines.sort_by(|a, b| order(a).cmp(&order(b)));
        write_lines(book.add_worksheet(), name, lines, cover, &formats)?;
    }
    Ok(book.save_to_buffer()?)
}

/// A list reads by place, then by school, then by name; the rest makes the order total.
fn order(line: &GapLine) -> impl Ord + '_ {
    (
        (&*line.town, &*line.place, &*line.school, &*line.name),
        (line.subject, line.area, &*line.kind, line.period, line.unit, line.excess_kind),
        (line.excess, line.gap, &*line.source),
    )
}

fn properties(cover: &Cover) -> Result<DocProperties, XlsxError> {
    let day = cover.as_of;
    let made = ExcelDateTime::from_ymd(
        day.year().unsigned_abs(),
        day.month().unsigned_abs(),
        day.day().unsigned_abs(),
    )?;
    let sample = if cover.sample { "示例数据" } else { "" };
    Ok(DocProperties::new()
        .set_title(format!("{}{sample}教育帮扶应办差额清单", cover.county))
        .set_subject(sample)
        .set_keywords(sample)
        .set_author(&*cover.bureau)
        .set_comment(format!("数据截至 {day}"))
        .set_creation_datetime(&made))
}

/// Marks that every printed page carries.
fn page(sheet: &mut Worksheet, name: &str, cover: &Cover) {
    let plain = |text: &str| text.replace('&', "&&");
    let sample = if cover.sample { "&C&\"黑体\"示例数据" } else { "" };
    sheet
        .set_paper_size(9)
        .set_margins(0.5, 0.5, 0.7, 0.6, 0.3, 0.3)
        .set_header(format!("&L{} {name}{sample}&R数据截至 {}", plain(&cover.county), cover.as_of))
        .set_footer(format!("&L{}&R第 &P 页 共 &N 页", plain(&cover.issued)));
}

/// What a column holds, hence how it looks.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Look {
    Text,
    Wrapped,
    Centre,
    Quantity,
    Missing,
    Day,
}

/// A column: header, width in characters, look.
type Column = (&'static str, f64, Look);

const GAP_COLUMNS: [Column; 18] = [
    ("乡镇", 9.5, Look::Text),
    ("村", 15.0, Look::Text),
    ("学校", 19.0, Look::Text),
    ("姓名或单位", 11.0, Look::Text),
    ("身份证号", 19.5, Look::Text),
    ("事项", 18.0, Look::Text),
    ("时段", 14.0, Look::Text),
    ("单位", 5.0, Look::Centre),
    ("应", 10.5, Look::Quantity),
    ("已", 10.5, Look::Quantity),
    ("差", 10.5, Look::Missing),
    ("期限", 11.0, Look::Day),
    ("逾期", 6.0, Look::Centre),
    ("责任人", 17.0, Look::Text),
    ("为什么应", 42.0, Look::Wrapped),
    ("依据", 25.0, Look::Text),
    ("来源", 36.0, Look::Text),
    ("编号", 20.0, Look::Text),
];
/// The columns that are printed: the rest would make the paper too small to read.
const GAP_PRINTED: u16 = 14;

const EXCESS_COLUMNS: [Column; 16] = [
    ("类别", 6.0, Look::Centre),
    ("领域", 9.0, Look::Text),
    ("乡镇", 9.5, Look::Text),
    ("村", 15.0, Look::Text),
    ("学校", 19.0, Look::Text),
    ("姓名或单位", 11.0, Look::Text),
    ("身份证号", 19.5, Look::Text),
    ("事项", 18.0, Look::Text),
    ("时段", 14.0, Look::Text),
    ("单位", 5.0, Look::Centre),
    ("多出", 10.5, Look::Missing),
    ("责任人", 17.0, Look::Text),
    ("说明", 42.0, Look::Wrapped),
    ("依据", 25.0, Look::Text),
    ("来源", 36.0, Look::Text),
    ("编号", 20.0, Look::Text),
];
const EXCESS_PRINTED: u16 = 12;

/// The looks of cells, made once.
struct Formats {
    header: Format,
    text: Format,
    wrapped: Format,
    centre: Format,
    whole: Format,
    cents: Format,
    missing_whole: Format,
    missing_cents: Format,
    day: Format,
    late_day: Format,
    late: Format,
}

impl Formats {
    fn new() -> Self {
        let cell = Format::new()
            .set_font_name("宋体")
            .set_font_size(10)
            .set_align(FormatAlign::VerticalCenter)
            .set_border(FormatBorder::Hair)
            .set_border_color(LINE);
        let missing = cell.clone().set_bold().set_font_color(ZHU);
        let late = cell.clone().set_font_color(ZHU).set_align(FormatAlign::Center);
        Self {
            header: header_format(),
            wrapped: cell.clone().set_text_wrap(),
            centre: cell.clone().set_align(FormatAlign::Center),
            whole: cell.clone().set_num_format("#,##0"),
            cents: cell.clone().set_num_format("#,##0.00"),
            missing_whole: missing.clone().set_num_format("#,##0"),
            missing_cents: missing.set_num_format("#,##0.00"),
            day: cell.clone().set_num_format("yyyy-mm-dd").set_align(FormatAlign::Center),
            late_day: late.clone().set_num_format("yyyy-mm-dd"),
            late,
            text: cell,
        }
    }

    fn column(&self, look: Look) -> &Format {
        match look {
            Look::Text => &self.text,
            Look::Wrapped => &self.wrapped,
            Look::Centre => &self.centre,
            Look::Quantity => &self.whole,
            Look::Missing => &self.missing_whole,
            Look::Day => &self.day,
        }
    }
}

fn header_format() -> Format {
    Format::new()
        .set_font_name("黑体")
        .set_font_size(10)
        .set_background_color(SUNK)
        .set_align(FormatAlign::Center)
        .set_align(FormatAlign::VerticalCenter)
        .set_text_wrap()
        .set_border(FormatBorder::Thin)
        .set_border_color(LINE)
        .set_border_top(FormatBorder::Medium)
        .set_border_top_color(DAI)
}

fn write_lines(
    sheet: &mut Worksheet,
    name: &str,
    lines: &[&GapLine],
    cover: &Cover,
    formats: &Formats,
) -> Result<(), XlsxError> {
    let beyond = name == EXCESS_SHEET;
    let columns: &[Column] = if beyond { &EXCESS_COLUMNS } else { &GAP_COLUMNS };
    sheet.set_name(name)?;
    page(sheet, name, cover);
    sheet.set_landscape().set_print_fit_to_pages(1, 0);
    for (at, &(text, width, look)) in (0_u16..).zip(columns) {
        sheet.set_column_width(at, width)?;
        sheet.set_column_format(at, formats.column(look))?;
        sheet.write_string_with_format(0, at, text, &formats.header)?;
    }
    sheet.set_row_height(0, 28)?;

    let mut row = 0;
    for line in lines {
        row += 1;
        if beyond {
            write_excess(sheet, row, line, formats)?;
        } else {
            write_gap(sheet, row, line, formats)?;
        }
    }

    let last = u16::try_from(columns.len() - 1).expect("a list has some twenty columns");
    let id = if beyond { 6 } else { 4 };
    sheet.autofilter(0, 0, row, last)?;
    sheet.set_freeze_panes(1, id)?;
    sheet.set_repeat_rows(0, 0)?;
    let printed = if beyond { EXCESS_PRINTED } else { GAP_PRINTED };
    sheet.set_print_area(0, 0, row, printed - 1)?;
    sheet.ignore_error_range(1, id, row, id, IgnoreError::NumberStoredAsText)?;
    Ok(())
}

fn write_gap(
    sheet: &mut Worksheet,
    row: u32,
    line: &GapLine,
    formats: &Formats,
) -> Result<(), XlsxError> {
    let names = [&*line.town, village(line), &line.school, &line.name, &line.citizen_id];
    for (at, text) in (0..).zip(names) {
        text_cell(sheet, row, at, text)?;
    }
    text_cell(sheet, row, 5, &line.kind_title)?;
    text_cell(sheet, row, 6, &period(line.period))?;
    text_cell(sheet, row, 7, word(line.unit))?;
    number_cell(sheet, row, 8, line.unit, line.due, &formats.cents)?;
    number_cell(sheet, row, 9, line.unit, line.done, &formats.cents)?;
    number_cell(sheet, row, 10, line.unit, line.gap, &formats.missing_cents)?;
    if let Some(day) = line.due_on {
        if line.overdue {
            sheet.write_number_with_format(row, 11, serial(day), &formats.late_day)?;
            sheet.write_string_with_format(row, 12, "逾期", &formats.late)?;
        } else {
            sheet.write_number(row, 11, serial(day))?;
        }
    }
    text_cell(sheet, row, 13, &line.bearer)?;
    text_cell(sheet, row, 14, &line.because)?;
    text_cell(sheet, row, 15, &line.rule)?;
    text_cell(sheet, row, 16, &line.source)?;
    text_cell(sheet, row, 17, &line.subject.to_string())
}

fn write_excess(
    sheet: &mut Worksheet,
    row: u32,
    line: &GapLine,
    formats: &Formats,
) -> Result<(), XlsxError> {
    let kind = line.excess_kind.map_or("", fujiao_model::ExcessKind::chinese);
    let names = [
        kind,
        line.area.chinese(),
        &*line.town,
        village(line),
        &line.school,
        &line.name,
        &line.citizen_id,
        &line.kind_title,
    ];
    for (at, text) in (0..).zip(names) {
        text_cell(sheet, row, at, text)?;
    }
    text_cell(sheet, row, 8, &period(line.period))?;
    text_cell(sheet, row, 9, word(line.unit))?;
    number_cell(sheet, row, 10, line.unit, line.excess, &formats.missing_cents)?;
    text_cell(sheet, row, 11, &line.bearer)?;
    text_cell(sheet, row, 12, &line.because)?;
    text_cell(sheet, row, 13, &line.rule)?;
    text_cell(sheet, row, 14, &line.source)?;
    text_cell(sheet, row, 15, &line.subject.to_string())
}

/// The place without its town, which has a column of its own.
fn village(line: &GapLine) -> &str {
    line.place.strip_prefix(&*line.town).unwrap_or(&line.place)
}

fn text_cell(sheet: &mut Worksheet, row: u32, at: u16, text: &str) -> Result<(), XlsxError> {
    if !text.is_empty() {
        let cut = text.char_indices().nth(LONGEST_TEXT / 2).map_or(text.len(), |(i, _)| i);
        sheet.write_string(row, at, &text[..cut])?;
    }
    Ok(())
}

/// A quantity as it is shown; one with cents gets its own look, for a column mixes both.
fn number_cell(
    sheet: &mut Worksheet,
    row: u32,
    at: u16,
    unit: Unit,
    quantity: i64,
    cents: &Format,
) -> Result<(), XlsxError> {
    if unit.scale() == 1 {
        sheet.write_number(row, at, shown(quantity, 1))?;
    } else {
        sheet.write_number_with_format(row, at, shown(quantity, unit.scale()), cents)?;
    }
    Ok(())
}

#[expect(clippy::cast_precision_loss, reason = "a cell is a float; exact to 90 billion yuan")]
fn shown(quantity: i64, scale: i64) -> f64 {
    quantity as f64 / scale as f64
}

/// The day as a spreadsheet counts it: days since 30 December 1899.
fn serial(day: Date) -> f64 {
    let days = (day - date(1899, 12, 30)).get_days();
    f64::from(days)
}

fn write_cover(
    sheet: &mut Worksheet,
    cover: &Cover,
    sheets: &[(&str, Vec<&GapLine>)],
) -> Result<(), XlsxError> {
    let serif = Format::new().set_font_name("宋体").set_font_size(10.5);
    let heading = Format::new()
        .set_font_name("方正小标宋简体")
        .set_font_size(20)
        .set_font_color(ZHU)
        .set_align(FormatAlign::Center)
        .set_align(FormatAlign::VerticalCenter);
    let scope = serif.clone().set_font_color(INK_3).set_align(FormatAlign::Center);
    let sample = serif.clone().set_bold().set_font_color(ZHU).set_align(FormatAlign::Center);

    sheet.set_name(COVER_SHEET)?;
    page(sheet, COVER_SHEET, cover);
    sheet.set_landscape().set_print_fit_to_pages(1, 0).set_screen_gridlines(false);
    for (at, width) in (0..).zip([24.0, 8.0, 15.0, 15.0, 15.0, 10.0, 10.0, 12.0, 14.0, 16.0]) {
        sheet.set_column_width(at, width)?;
    }
    sheet.set_row_height(0, 44)?;
    sheet.merge_range(0, 0, 0, 9, &format!("{}教育帮扶应办差额清单", cover.county), &heading)?;
    sheet.merge_range(
        1,
        0,
        1,
        9,
        &format!("{}　数据截至 {}", cover.bureau, long_date(cover.as_of)),
        &scope,
    )?;
    if cover.sample {
        sheet.merge_range(
            2,
            0,
            2,
            9,
            "示例数据：县、地名和人都是编的，不是任何真实的人和事",
            &sample,
        )?;
    }

    let header = header_format();
    let columns = [
        "领域",
        "单位",
        "应",
        "已",
        "差",
        "覆盖率",
        "逾期（件）",
        "差涉及（个）",
        "多出（件）",
        "名单",
    ];
    for (at, text) in (0..).zip(columns) {
        sheet.write_string_with_format(4, at, text, &header)?;
    }
    sheet.set_row_height(4, 22)?;
    let mut row = 4;
    for &area in Area::ALL {
        row += 1;
        let figures = cover.areas.iter().find(|figures| figures.area == area);
        let listed = sheets.iter().any(|(name, _)| *name == crate::overview::sheet(area));
        write_cover_line(sheet, row, area, figures, listed)?;
    }
    row += 1;
    sheet.set_row_height(row, 20)?;
    let beyond = sheets.iter().find(|(name, _)| *name == EXCESS_SHEET);
    let formats = Formats::new();
    sheet.write_string_with_format(row, 0, "重复、不应、超出", &formats.text)?;
    for at in 1..8 {
        sheet.write_blank(row, at, &formats.text)?;
    }
    let lines = beyond.map_or(0, |(_, lines)| lines.len());
    sheet.write_number_with_format(
        row,
        8,
        shown(crate::number::signed(lines as u64), 1),
        &formats.whole,
    )?;
    link(sheet, row, beyond.map(|_| EXCESS_SHEET), "没有多出")?;

    let note = serif.set_font_color(INK_3).set_text_wrap().set_align(FormatAlign::Top);
    let ids = if cover.revealed {
        "身份证号完整显示，只限办理本清单使用，用后收回"
    } else {
        "身份证号已遮盖，办理时凭编号在册中核对"
    };
    let notes = [
        "应：按政策应当办的；已：已经办的；差：还没有办的。差 = 应 − 已，一行一件，写明责任人和期限。",
        "“未报”是没有收到这一项的名册，不是零。学生资助按人次计，清单里按元列金额；单位不同的领域按件（项）计。",
        "重复、不应、超出单列一张表，不从差里抵减。覆盖率只舍不入，有一件未办就不到 100%。",
        "各表只打印到责任人一列；为什么应、依据、来源和编号在表的右边，电子表里可以看。",
        ids,
    ];
    row += 1;
    for text in notes {
        row += 1;
        sheet.merge_range(row, 0, row, 9, text, &note)?;
        sheet.set_row_height(row, 18)?;
    }
    Ok(())
}

fn write_cover_line(
    sheet: &mut Worksheet,
    row: u32,
    area: Area,
    figures: Option<&AreaFigures>,
    listed: bool,
) -> Result<(), XlsxError> {
    let formats = Formats::new();
    sheet.set_row_height(row, 20)?;
    sheet.write_string_with_format(row, 0, title(area), &formats.text)?;
    let Some(figures) = figures else {
        for at in 1..9 {
            sheet.write_string_with_format(row, at, "未报", &formats.late)?;
        }
        return link(sheet, row, listed.then_some(crate::overview::sheet(area)), "没有收到名册");
    };
    let line = Overview::of(figures);
    let (plain, missing) = if line.scale == 1 {
        (&formats.whole, &formats.missing_whole)
    } else {
        (&formats.cents, &formats.missing_cents)
    };
    sheet.write_string_with_format(row, 1, line.unit.unwrap_or("元"), &formats.centre)?;
    sheet.write_number_with_format(row, 2, shown(line.due, line.scale), plain)?;
    sheet.write_number_with_format(row, 3, shown(line.done, line.scale), plain)?;
    let gap = if line.gap > 0 { missing } else { plain };
    sheet.write_number_with_format(row, 4, shown(line.gap, line.scale), gap)?;
    sheet.write_string_with_format(row, 5, percent(line.done, line.due), &formats.centre)?;
    let whole = |n: u64| shown(crate::number::signed(n), 1);
    let late = if figures.overdue > 0 { &formats.missing_whole } else { &formats.whole };
    sheet.write_number_with_format(row, 6, whole(figures.overdue), late)?;
    sheet.write_number_with_format(row, 7, whole(figures.subjects_gap), &formats.whole)?;
    let beyond = figures.unfounded.times + figures.repeated.times + figures.over.times;
    sheet.write_number_with_format(row, 8, whole(beyond), &formats.whole)?;
    let none = if line.gap > 0 { "名单未附" } else { "没有差" };
    link(sheet, row, listed.then_some(crate::overview::sheet(area)), none)
}

/// The last cell of a cover line: a link to its list, or why there is none.
fn link(sheet: &mut Worksheet, row: u32, to: Option<&str>, none: &str) -> Result<(), XlsxError> {
    let cell = Formats::new().centre;
    match to {
        Some(name) => {
            let blue =
                cell.set_font_color(DAI).set_underline(rust_xlsxwriter::FormatUnderline::Single);
            let url = Url::new(format!("internal:'{name}'!A1")).set_text(name);
            sheet.write_url_with_format(row, 9, url, &blue)?;
        }
        None => {
            sheet.write_string_with_format(row, 9, none, &cell)?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample;
    use calamine::{Data, DataType as _, Reader, Xlsx};
    use std::io::Cursor;

    fn read(bytes: &[u8]) -> Xlsx<Cursor<&[u8]>> {
        Xlsx::new(Cursor::new(bytes)).unwrap()
    }

    #[test]
    fn every_line_reads_back_once() {
        let lines = sample::lines(400);
        let bytes = gaps_workbook(&lines, &sample::cover()).unwrap();
        let mut book = read(&bytes);
        let mut seen = 0;
        let mut missing_fen = 0.0_f64;
        for name in book.sheet_names() {
            if name == COVER_SHEET {
                continue;
            }
            let range = book.worksheet_range(&name).unwrap();
            let header: Vec<String> =
                range.rows().next().unwrap().iter().map(ToString::to_string).collect();
            let at = |title: &str| header.iter().position(|text| text == title).unwrap();
            for row in range.rows().skip(1) {
                seen += 1;
                assert!(matches!(row[at("身份证号")], Data::String(_) | Data::Empty), "{row:?}");
                if name != EXCESS_SHEET {
                    assert!(row[at("期限")].is_datetime(), "{row:?}");
                    assert!(row[at("差")].get_float().unwrap() > 0.0);
                }
                if name == "资助" {
                    missing_fen += row[at("差")].get_float().unwrap() * 100.0;
                }
            }
        }
        assert_eq!(seen, lines.len());
        let expected: i64 = lines.iter().filter(|l| l.area == Area::Aid).map(|l| l.gap).sum();
        #[expect(clippy::cast_possible_truncation, reason = "a sum of some hundred payments")]
        let found = missing_fen.round() as i64;
        assert_eq!(found, expected);
    }

    #[test]
    fn the_cover_says_what_was_not_reported() {
        let mut cover = sample::cover();
        cover.areas.retain(|figures| figures.area != Area::Meals);
        let bytes = gaps_workbook(&[], &cover).unwrap();
        let range = read(&bytes).worksheet_range(COVER_SHEET).unwrap();
        let text: Vec<String> = range
            .rows()
            .map(|row| row.iter().map(ToString::to_string).collect::<Vec<_>>().join(" | "))
            .collect();
        insta::assert_snapshot!(text.join("\n"));
    }

    #[test]
    fn the_same_lines_give_the_same_bytes_in_any_order() {
        let lines = sample::lines(300);
        let mut turned = lines.clone();
        turned.reverse();
        assert!(
            gaps_workbook(&lines, &sample::cover()).unwrap()
                == gaps_workbook(&turned, &sample::cover()).unwrap()
        );
    }

    #[test]
    fn a_text_too_long_for_a_cell_is_cut() {
        let mut lines = sample::lines(1);
        lines[0].because = "寄".repeat(60_000).into();
        assert!(gaps_workbook(&lines, &sample::cover()).is_ok());
    }
}
