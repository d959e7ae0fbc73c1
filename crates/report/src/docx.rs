//! A [`Document`] as an Office Open XML package, in the layout of official documents (GB/T 9704): A4, margins 3.7, 3.5, 2.8 and 2.6 cm,
//! 小标宋 title, 黑体 and 楷体 headings, 仿宋 text, page numbers outside.
//!
//! Written by hand on `zip`: header rows that repeat on every page, joined cells, two page orientations and the language mark
//! `zh-CN` are plain here; docx-rs knows no repeated header row, stores without compression and has no language mark.

use std::fmt::Write as _;
use std::io::{Cursor, Write as _};

use jiff::civil::Date;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, DateTime, ZipWriter};

use crate::document::{Block, Cell, Document, Join, Look, Table, bar_parts};
use crate::{CountyReport, ReportError, report_document};

/// Width of the text on an upright page, in twentieths of a point: 21.0 − 2.8 − 2.6 cm.
const UPRIGHT: u32 = 8845;
/// The same on a lying page.
const LYING: u32 = 14004;
/// A wide table with at most so many rows stays on one page.
const MOST_KEPT: usize = 18;
const DAI: &str = "17525D";
const ZHU: &str = "AE3820";
const LINE: &str = "B4C0BC";
const SUNK: &str = "E9EDEA";

/// The county's report as a .docx; deterministic to the byte. It names no child.
///
/// # Errors
/// [`ReportError::Package`] or [`ReportError::Write`] if the package cannot be compressed.
pub fn report_docx(report: &CountyReport) -> Result<Vec<u8>, ReportError> {
    document_docx(&report_document(report), report.as_of)
}

/// Any document as a .docx, dated `as_of`.
///
/// # Errors
/// As [`report_docx`].
pub fn document_docx(document: &Document, as_of: Date) -> Result<Vec<u8>, ReportError> {
    let day = |n: i8| n.unsigned_abs();
    let made = DateTime::from_date_and_time(
        as_of.year().unsigned_abs(),
        day(as_of.month()),
        day(as_of.day()),
        0,
        0,
        0,
    )
    .unwrap_or_default();
    let options = SimpleFileOptions::default()
        .compression_method(CompressionMethod::Deflated)
        .last_modified_time(made);
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, text) in parts(document, as_of) {
        zip.start_file(name, options)?;
        zip.write_all(text.as_bytes())?;
    }
    Ok(zip.finish()?.into_inner())
}

const XML: &str = r#"<?xml version="1.0" encoding="UTF-8" standalone="yes"?>"#;
const MAIN: &str = r#"xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships""#;

/// The files of the package; the content types come first.
fn parts(document: &Document, as_of: Date) -> Vec<(&'static str, String)> {
    vec![
        ("[Content_Types].xml", content_types()),
        ("_rels/.rels", relations(&PACKAGE_RELATIONS)),
        ("docProps/core.xml", core(document, as_of)),
        (
            "docProps/app.xml",
            format!(
                r#"{XML}<Properties xmlns="http://schemas.openxmlformats.org/officeDocument/2006/extended-properties"><Application>Fujiao</Application><Company>{}</Company></Properties>"#,
                escape(&document.author)
            ),
        ),
        ("word/_rels/document.xml.rels", relations(&DOCUMENT_RELATIONS)),
        ("word/document.xml", main(document)),
        ("word/styles.xml", styles()),
        (
            "word/settings.xml",
            format!(
                r#"{XML}<w:settings {MAIN}><w:zoom w:percent="100"/><w:evenAndOddHeaders/><w:characterSpacingControl w:val="compressPunctuation"/><w:compat><w:compatSetting w:name="compatibilityMode" w:uri="http://schemas.microsoft.com/office/word" w:val="15"/></w:compat><w:themeFontLang w:val="en-US" w:eastAsia="zh-CN"/></w:settings>"#
            ),
        ),
        ("word/fontTable.xml", font_table()),
        ("word/header1.xml", header(document)),
        ("word/header2.xml", header(document)),
        ("word/footer1.xml", footer("right")),
        ("word/footer2.xml", footer("left")),
    ]
}

const PACKAGE_RELATIONS: [(&str, &str); 3] = [
    (
        "http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument",
        "word/document.xml",
    ),
    (
        "http://schemas.openxmlformats.org/package/2006/relationships/metadata/core-properties",
        "docProps/core.xml",
    ),
    (
        "http://schemas.openxmlformats.org/officeDocument/2006/relationships/extended-properties",
        "docProps/app.xml",
    ),
];

const DOCUMENT_RELATIONS: [(&str, &str); 7] = [
    ("http://schemas.openxmlformats.org/officeDocument/2006/relationships/styles", "styles.xml"),
    (
        "http://schemas.openxmlformats.org/officeDocument/2006/relationships/settings",
        "settings.xml",
    ),
    (
        "http://schemas.openxmlformats.org/officeDocument/2006/relationships/fontTable",
        "fontTable.xml",
    ),
    ("http://schemas.openxmlformats.org/officeDocument/2006/relationships/header", "header1.xml"),
    ("http://schemas.openxmlformats.org/officeDocument/2006/relationships/header", "header2.xml"),
    ("http://schemas.openxmlformats.org/officeDocument/2006/relationships/footer", "footer1.xml"),
    ("http://schemas.openxmlformats.org/officeDocument/2006/relationships/footer", "footer2.xml"),
];

fn relations(list: &[(&str, &str)]) -> String {
    let mut out = format!(
        r#"{XML}<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">"#
    );
    for (n, (kind, target)) in (1..).zip(list) {
        put(
            &mut out,
            format_args!(r#"<Relationship Id="rId{n}" Type="{kind}" Target="{target}"/>"#),
        );
    }
    out.push_str("</Relationships>");
    out
}

fn content_types() -> String {
    let mut out = format!(
        r#"{XML}<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/><Override PartName="/docProps/core.xml" ContentType="application/vnd.openxmlformats-package.core-properties+xml"/><Override PartName="/docProps/app.xml" ContentType="application/vnd.openxmlformats-officedocument.extended-properties+xml"/>"#
    );
    for (part, kind) in [
        ("document", "document.main"),
        ("styles", "styles"),
        ("settings", "settings"),
        ("fontTable", "fontTable"),
        ("header1", "header"),
        ("header2", "header"),
        ("footer1", "footer"),
        ("footer2", "footer"),
    ] {
        put(
            &mut out,
            format_args!(
                r#"<Override PartName="/word/{part}.xml" ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.{kind}+xml"/>"#
            ),
        );
    }
    out.push_str("</Types>");
    out
}

fn core(document: &Document, as_of: Date) -> String {
    let sample = if document.sample { "示例数据" } else { "" };
    format!(
        r#"{XML}<cp:coreProperties xmlns:cp="http://schemas.openxmlformats.org/package/2006/metadata/core-properties" xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:dcterms="http://purl.org/dc/terms/" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><dc:title>{}</dc:title><dc:subject>{sample}</dc:subject><dc:creator>{}</dc:creator><cp:keywords>{sample}</cp:keywords><dc:language>zh-CN</dc:language><dcterms:created xsi:type="dcterms:W3CDTF">{as_of}T00:00:00Z</dcterms:created></cp:coreProperties>"#,
        escape(&document.title),
        escape(&document.author),
    )
}

/// The fonts of official documents are not free: what stands in for them where they are missing.
fn font_table() -> String {
    let mut out = format!("{XML}<w:fonts {MAIN}>");
    for (name, other) in [
        ("方正小标宋简体", "华文中宋"),
        ("仿宋_GB2312", "仿宋"),
        ("楷体_GB2312", "楷体"),
        ("黑体", "SimHei"),
        ("宋体", "SimSun"),
    ] {
        put(
            &mut out,
            format_args!(
                r#"<w:font w:name="{name}"><w:altName w:val="{other}"/><w:charset w:val="86"/></w:font>"#
            ),
        );
    }
    out.push_str("</w:fonts>");
    out
}

/// A run's fonts: Latin letters and digits in one face throughout.
fn fonts(east: &str) -> String {
    format!(
        r#"<w:rFonts w:hint="eastAsia" w:ascii="Times New Roman" w:hAnsi="Times New Roman" w:cs="Times New Roman" w:eastAsia="{east}"/>"#
    )
}

fn styles() -> String {
    let mut out = format!(
        r#"{XML}<w:styles {MAIN}><w:docDefaults><w:rPrDefault><w:rPr>{}<w:sz w:val="32"/><w:szCs w:val="32"/><w:lang w:val="en-US" w:eastAsia="zh-CN" w:bidi="ar-SA"/></w:rPr></w:rPrDefault><w:pPrDefault/></w:docDefaults><w:style w:type="paragraph" w:default="1" w:styleId="Normal"><w:name w:val="Normal"/><w:qFormat/><w:pPr><w:widowControl w:val="0"/><w:jc w:val="both"/></w:pPr></w:style><w:style w:type="table" w:default="1" w:styleId="TableNormal"><w:name w:val="Normal Table"/><w:uiPriority w:val="99"/><w:tblPr><w:tblInd w:w="0" w:type="dxa"/><w:tblCellMar><w:left w:w="60" w:type="dxa"/><w:right w:w="60" w:type="dxa"/></w:tblCellMar></w:tblPr></w:style>"#,
        fonts("仿宋_GB2312")
    );
    let exact = |points: u32| {
        format!(
            r#"<w:spacing w:before="0" w:after="0" w:line="{}" w:lineRule="exact"/>"#,
            points * 20
        )
    };
    // Id, name, paragraph and run properties. Sizes are in half points.
    let list = [
        (
            "Title",
            "Title",
            format!(r#"<w:pBdr><w:bottom w:val="single" w:sz="12" w:space="10" w:color="{ZHU}"/></w:pBdr><w:spacing w:before="0" w:after="160" w:line="720" w:lineRule="exact"/><w:jc w:val="center"/>"#),
            format!(r#"{}<w:color w:val="{ZHU}"/><w:sz w:val="44"/><w:szCs w:val="44"/>"#, fonts("方正小标宋简体")),
        ),
        (
            "Scope",
            "Scope",
            r#"<w:spacing w:before="0" w:after="160" w:line="480" w:lineRule="exact"/><w:jc w:val="center"/>"#.to_owned(),
            format!(r#"{}<w:sz w:val="28"/><w:szCs w:val="28"/>"#, fonts("楷体_GB2312")),
        ),
        (
            "Mark",
            "Mark",
            format!(r#"<w:pBdr><w:top w:val="single" w:sz="6" w:space="4" w:color="{ZHU}"/><w:left w:val="single" w:sz="6" w:space="4" w:color="{ZHU}"/><w:bottom w:val="single" w:sz="6" w:space="4" w:color="{ZHU}"/><w:right w:val="single" w:sz="6" w:space="4" w:color="{ZHU}"/></w:pBdr><w:spacing w:before="60" w:after="200" w:line="400" w:lineRule="exact"/><w:ind w:left="120" w:right="120"/><w:jc w:val="center"/>"#),
            format!(r#"{}<w:color w:val="{ZHU}"/><w:sz w:val="24"/><w:szCs w:val="24"/>"#, fonts("黑体")),
        ),
        (
            "Heading1",
            "heading 1",
            format!(r#"<w:keepNext/>{}<w:ind w:firstLineChars="200" w:firstLine="640"/><w:outlineLvl w:val="0"/>"#, exact(29)),
            fonts("黑体"),
        ),
        (
            "Heading2",
            "heading 2",
            format!(r#"<w:keepNext/>{}<w:ind w:firstLineChars="200" w:firstLine="640"/><w:outlineLvl w:val="1"/>"#, exact(29)),
            fonts("楷体_GB2312"),
        ),
        (
            "BodyText",
            "Body Text",
            format!(r#"{}<w:ind w:firstLineChars="200" w:firstLine="640"/>"#, exact(29)),
            String::new(),
        ),
        (
            "Caption",
            "caption",
            r#"<w:keepNext/><w:spacing w:before="200" w:after="80" w:line="360" w:lineRule="exact"/><w:jc w:val="center"/>"#.to_owned(),
            format!(r#"{}<w:sz w:val="24"/><w:szCs w:val="24"/>"#, fonts("黑体")),
        ),
        (
            "TableText",
            "Table Text",
            r#"<w:spacing w:before="40" w:after="40" w:line="260" w:lineRule="atLeast"/><w:jc w:val="left"/>"#.to_owned(),
            format!(r#"{}<w:sz w:val="21"/><w:szCs w:val="21"/>"#, fonts("宋体")),
        ),
        (
            "TableSmall",
            "Table Small",
            r#"<w:spacing w:before="30" w:after="30" w:line="200" w:lineRule="atLeast"/><w:jc w:val="left"/>"#.to_owned(),
            format!(r#"{}<w:sz w:val="16"/><w:szCs w:val="16"/>"#, fonts("宋体")),
        ),
        (
            "Note",
            "Note",
            r#"<w:spacing w:before="0" w:after="160" w:line="320" w:lineRule="exact"/>"#.to_owned(),
            format!(r#"{}<w:sz w:val="21"/><w:szCs w:val="21"/>"#, fonts("楷体_GB2312")),
        ),
        (
            "Signature",
            "Signature",
            format!(r#"<w:keepNext/>{}<w:ind w:right="640"/><w:jc w:val="right"/>"#, exact(29)),
            String::new(),
        ),
        (
            "Header",
            "header",
            format!(r#"<w:pBdr><w:bottom w:val="single" w:sz="4" w:space="2" w:color="{LINE}"/></w:pBdr><w:jc w:val="center"/>"#),
            format!(r#"{}<w:sz w:val="18"/><w:szCs w:val="18"/>"#, fonts("宋体")),
        ),
        (
            "Footer",
            "footer",
            String::new(),
            format!(r#"{}<w:sz w:val="28"/><w:szCs w:val="28"/>"#, fonts("宋体")),
        ),
    ];
    for (id, name, paragraph, run) in list {
        put(
            &mut out,
            format_args!(
                r#"<w:style w:type="paragraph" w:styleId="{id}"><w:name w:val="{name}"/><w:basedOn w:val="Normal"/><w:qFormat/><w:pPr>{paragraph}</w:pPr><w:rPr>{run}</w:rPr></w:style>"#
            ),
        );
    }
    out.push_str("</w:styles>");
    out
}

fn header(document: &Document) -> String {
    format!(
        r#"{XML}<w:hdr {MAIN}><w:p><w:pPr><w:pStyle w:val="Header"/></w:pPr>{}</w:p></w:hdr>"#,
        run("", &document.header)
    )
}

/// The page number between dashes: right on odd pages, left on even ones.
fn footer(side: &str) -> String {
    format!(
        r#"{XML}<w:ftr {MAIN}><w:p><w:pPr><w:pStyle w:val="Footer"/><w:ind w:left="320" w:right="320"/><w:jc w:val="{side}"/></w:pPr><w:r><w:t xml:space="preserve">— </w:t></w:r><w:r><w:fldChar w:fldCharType="begin"/></w:r><w:r><w:instrText xml:space="preserve"> PAGE </w:instrText></w:r><w:r><w:fldChar w:fldCharType="separate"/></w:r><w:r><w:t>1</w:t></w:r><w:r><w:fldChar w:fldCharType="end"/></w:r><w:r><w:t xml:space="preserve"> —</w:t></w:r></w:p></w:ftr>"#
    )
}

fn main(document: &Document) -> String {
    let mut out = format!("{XML}<w:document {MAIN}><w:body>");
    for block in &document.body {
        write_block(&mut out, block, UPRIGHT);
    }
    if document.annex.is_empty() {
        out.push_str(&section(false));
    } else {
        put(
            &mut out,
            format_args!(
                "<w:p><w:pPr><w:spacing w:line=\"20\" w:lineRule=\"exact\"/>{}</w:pPr></w:p>",
                section(false)
            ),
        );
        for block in &document.annex {
            write_block(&mut out, block, LYING);
        }
        out.push_str(&section(true));
    }
    out.push_str("</w:body></w:document>");
    out
}

/// Page size and margins, with headers and footers.
fn section(lying: bool) -> String {
    let page = if lying {
        r#"<w:pgSz w:w="16838" w:h="11906" w:orient="landscape"/><w:pgMar w:top="1587" w:right="1417" w:bottom="1474" w:left="1417" w:header="850" w:footer="850" w:gutter="0"/>"#
    } else {
        r#"<w:pgSz w:w="11906" w:h="16838"/><w:pgMar w:top="2098" w:right="1474" w:bottom="1984" w:left="1587" w:header="1134" w:footer="1304" w:gutter="0"/>"#
    };
    format!(
        r#"<w:sectPr><w:headerReference w:type="default" r:id="rId4"/><w:headerReference w:type="even" r:id="rId5"/><w:footerReference w:type="default" r:id="rId6"/><w:footerReference w:type="even" r:id="rId7"/>{page}</w:sectPr>"#
    )
}

fn write_block(out: &mut String, block: &Block, width: u32) {
    let (style, text) = match block {
        Block::Title(text) => ("Title", text),
        Block::Scope(text) => ("Scope", text),
        Block::Mark(text) => ("Mark", text),
        Block::Heading(text) => ("Heading1", text),
        Block::Subheading(text) => ("Heading2", text),
        Block::Note(text) => ("Note", text),
        Block::Paragraph { lead, text } => {
            put(
                out,
                format_args!(
                    r#"<w:p><w:pPr><w:pStyle w:val="BodyText"/></w:pPr>{}{}</w:p>"#,
                    run("<w:b/>", lead),
                    run("", text)
                ),
            );
            return;
        }
        Block::Signature(lines) => {
            out.push_str(r#"<w:p><w:pPr><w:pStyle w:val="BodyText"/><w:keepNext/></w:pPr></w:p>"#);
            for line in lines {
                paragraph(out, "Signature", line);
            }
            return;
        }
        Block::Table(table) => {
            write_table(out, table, width);
            return;
        }
        Block::Break => {
            out.push_str(r#"<w:p><w:r><w:br w:type="page"/></w:r></w:p>"#);
            return;
        }
    };
    paragraph(out, style, text);
}

fn paragraph(out: &mut String, style: &str, text: &str) {
    put(
        out,
        format_args!(r#"<w:p><w:pPr><w:pStyle w:val="{style}"/></w:pPr>{}</w:p>"#, run("", text)),
    );
}

fn run(properties: &str, text: &str) -> String {
    if text.is_empty() {
        return String::new();
    }
    let text = escape(&close_up(text));
    // The hint sets quotation marks in the Chinese face, as wide as the text around them.
    let properties = if properties.contains("<w:rFonts") {
        properties.to_owned()
    } else {
        format!(r#"<w:rFonts w:hint="eastAsia"/>{properties}"#)
    };
    format!(r#"<w:r><w:rPr>{properties}</w:rPr><w:t xml:space="preserve">{text}</w:t></w:r>"#)
}

/// Drops the space between Chinese and figures: Word sets one of its own, and paper has none.
fn close_up(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut chars = text.chars().peekable();
    let mut before = None;
    while let Some(c) = chars.next() {
        let joins = |a: Option<char>, b: Option<char>| match (a, b) {
            (Some(a), Some(b)) => {
                (!a.is_ascii() && b.is_ascii_alphanumeric())
                    || (!b.is_ascii() && (a.is_ascii_alphanumeric() || a == '%'))
            }
            _ => false,
        };
        if c == ' ' && joins(before, chars.peek().copied()) {
            continue;
        }
        out.push(c);
        before = Some(c);
    }
    out
}

fn write_table(out: &mut String, table: &Table, width: u32) {
    paragraph(out, "Caption", &table.caption);
    let sum: u32 = table.widths.iter().sum();
    let widths: Vec<u32> = table.widths.iter().map(|w| w * width / sum.max(1)).collect();
    // The wide tables have lines between columns and little room beside the figures.
    let (inside, margins) = if width == LYING {
        (
            format!(r#"<w:insideV w:val="single" w:sz="4" w:space="0" w:color="{LINE}"/>"#),
            r#"<w:tblCellMar><w:left w:w="30" w:type="dxa"/><w:right w:w="30" w:type="dxa"/></w:tblCellMar>"#,
        )
    } else {
        (String::new(), "")
    };
    put(
        out,
        format_args!(
            r#"<w:tbl><w:tblPr><w:tblW w:w="{width}" w:type="dxa"/><w:jc w:val="center"/><w:tblBorders><w:top w:val="single" w:sz="12" w:space="0" w:color="{DAI}"/><w:bottom w:val="single" w:sz="8" w:space="0" w:color="{DAI}"/><w:insideH w:val="single" w:sz="4" w:space="0" w:color="{LINE}"/>{inside}</w:tblBorders><w:tblLayout w:type="fixed"/>{margins}</w:tblPr><w:tblGrid>"#,
        ),
    );
    for column in &widths {
        put(out, format_args!(r#"<w:gridCol w:w="{column}"/>"#));
    }
    out.push_str("</w:tblGrid>");
    let style = if width == LYING { "TableSmall" } else { "TableText" };
    for cells in &table.header {
        out.push_str("<w:tr><w:trPr><w:cantSplit/><w:tblHeader/></w:trPr>");
        write_cells(out, cells, &widths, style, true, true);
    }
    let last = table.rows.len().saturating_sub(1);
    for (at, cells) in table.rows.iter().enumerate() {
        out.push_str("<w:tr><w:trPr><w:cantSplit/></w:trPr>");
        let keep = width == LYING && last < MOST_KEPT && at < last;
        write_cells(out, cells, &widths, style, false, keep);
    }
    // Two tables need a paragraph between them.
    out.push_str(r#"</w:tbl><w:p><w:pPr><w:spacing w:before="0" w:after="0" w:line="160" w:lineRule="exact"/></w:pPr></w:p>"#);
}

fn write_cells(
    out: &mut String,
    cells: &[Cell],
    widths: &[u32],
    style: &str,
    head: bool,
    keep: bool,
) {
    let keep = if keep { "<w:keepNext/>" } else { "" };
    let mut at = 0;
    for cell in cells {
        let next = (at + cell.columns as usize).min(widths.len());
        let width: u32 = widths[at..next].iter().sum();
        at = next;
        put(out, format_args!(r#"<w:tc><w:tcPr><w:tcW w:w="{width}" w:type="dxa"/>"#));
        if cell.columns > 1 {
            put(out, format_args!(r#"<w:gridSpan w:val="{}"/>"#, cell.columns));
        }
        out.push_str(match cell.join {
            Join::No => "",
            Join::First => r#"<w:vMerge w:val="restart"/>"#,
            Join::Below => "<w:vMerge/>",
        });
        if head {
            put(out, format_args!(r#"<w:shd w:val="clear" w:color="auto" w:fill="{SUNK}"/>"#));
        }
        out.push_str(r#"<w:vAlign w:val="center"/></w:tcPr>"#);
        let side = match cell.look {
            Look::Text => "left",
            Look::Centre => "center",
            Look::Figure | Look::Gap => "right",
            Look::Bar { done, due } => {
                write_bar(out, done, due, width);
                out.push_str("</w:tc>");
                continue;
            }
        };
        let look = if head {
            fonts("黑体")
        } else if cell.look == Look::Gap {
            format!(r#"<w:b/><w:color w:val="{ZHU}"/>"#)
        } else {
            String::new()
        };
        put(
            out,
            format_args!(
                r#"<w:p><w:pPr><w:pStyle w:val="{style}"/>{keep}<w:jc w:val="{side}"/></w:pPr>{}</w:p></w:tc>"#,
                run(&look, &cell.text)
            ),
        );
    }
    out.push_str("</w:tr>");
}

/// A bar of what is done and what is missing: a table of two shaded cells.
fn write_bar(out: &mut String, done: i64, due: i64, width: u32) {
    let thin =
        r#"<w:pPr><w:spacing w:before="0" w:after="0" w:line="20" w:lineRule="exact"/></w:pPr>"#;
    let (full, gap) = bar_parts(done, due);
    let whole = width.saturating_sub(160);
    let parts: Vec<(u32, &str)> = [(full, DAI), (gap, ZHU)]
        .into_iter()
        .filter(|&(part, _)| part > 0)
        .map(|(part, colour)| (part * whole / 1000, colour))
        .collect();
    if !parts.is_empty() {
        put(
            out,
            format_args!(
                r#"<w:tbl><w:tblPr><w:tblW w:w="{whole}" w:type="dxa"/><w:jc w:val="center"/><w:tblLayout w:type="fixed"/><w:tblCellMar><w:left w:w="0" w:type="dxa"/><w:right w:w="0" w:type="dxa"/></w:tblCellMar></w:tblPr><w:tblGrid>"#
            ),
        );
        for (part, _) in &parts {
            put(out, format_args!(r#"<w:gridCol w:w="{part}"/>"#));
        }
        out.push_str(
            r#"</w:tblGrid><w:tr><w:trPr><w:trHeight w:val="110" w:hRule="exact"/></w:trPr>"#,
        );
        for (part, colour) in parts {
            put(
                out,
                format_args!(
                    r#"<w:tc><w:tcPr><w:tcW w:w="{part}" w:type="dxa"/><w:shd w:val="clear" w:color="auto" w:fill="{colour}"/></w:tcPr><w:p>{thin}</w:p></w:tc>"#
                ),
            );
        }
        out.push_str("</w:tr></w:tbl>");
    }
    put(out, format_args!("<w:p>{thin}</w:p>"));
}

fn put(out: &mut String, text: std::fmt::Arguments<'_>) {
    out.write_fmt(text).expect("a String takes any text");
}

/// Text as XML takes it; characters that XML 1.0 forbids are left out.
pub(crate) fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\t' | '\n' => out.push(' '),
            '\u{0}'..='\u{1f}' | '\u{fffe}' | '\u{ffff}' => {}
            _ => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample;
    use std::io::Read as _;

    fn part(bytes: &[u8], name: &str) -> String {
        let mut zip = zip::ZipArchive::new(Cursor::new(bytes)).unwrap();
        let mut text = String::new();
        zip.by_name(name).unwrap().read_to_string(&mut text).unwrap();
        text
    }

    #[test]
    fn the_package_has_its_parts_and_its_language() {
        let report = sample::report();
        let bytes = report_docx(&report).unwrap();
        for (name, _) in parts(&report_document(&report), report.as_of) {
            let text = part(&bytes, name);
            assert!(crate::svg::is_well_formed(&text), "{name}");
        }
        assert!(part(&bytes, "word/styles.xml").contains(r#"w:eastAsia="zh-CN""#));
        assert!(part(&bytes, "word/document.xml").contains("<w:tblHeader/>"));
        assert!(bytes.len() < 60_000, "{}", bytes.len());
    }

    #[test]
    fn made_data_are_marked_everywhere() {
        let mut report = sample::report();
        for name in
            ["word/document.xml", "word/header1.xml", "word/header2.xml", "docProps/core.xml"]
        {
            report.sample = true;
            assert!(part(&report_docx(&report).unwrap(), name).contains("示例数据"), "{name}");
            report.sample = false;
            assert!(!part(&report_docx(&report).unwrap(), name).contains("示例数据"), "{name}");
        }
    }

    #[test]
    fn no_identity_number_is_in_the_report() {
        let text = part(&report_docx(&sample::report()).unwrap(), "word/document.xml");
        let longest = text.split(|c: char| !c.is_ascii_digit() && c != '*').map(str::len).max();
        assert!(longest.unwrap() < 15, "{longest:?}");
    }

    #[test]
    fn the_same_report_gives_the_same_bytes() {
        assert!(report_docx(&sample::report()).unwrap() == report_docx(&sample::report()).unwrap());
    }

    #[test]
    fn figures_close_up_to_chinese() {
        assert_eq!(close_up("差 7 人，gaps.xlsx 表 A B"), "差7人，gaps.xlsx表A B");
        assert_eq!(close_up("差 = 应 − 已，占 9.9% 的"), "差 = 应 − 已，占9.9%的");
    }
}
