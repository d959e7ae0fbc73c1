//! What the county did and what is missing, as documents: the report as .docx, the lists as .xlsx and CSV, charts as SVG.
//!
//! [`tally()`] counts a settlement, [`problems()`] finds where it is worst, [`report_docx`] writes the county's report,
//! [`gaps_workbook`] and [`gaps_csv`] the lists of names behind its figures, [`charts`] the pictures.
//!
//! All are functions of their arguments: no clock, no file, and the same bytes for the same figures. What nobody reported is
//! written 未报 and never counted as zero. The report names no child; names are in the lists alone.

mod compose;
mod csv;
mod document;
mod docx;
mod figures;
mod list;
mod number;
mod overview;
mod problems;
#[cfg(test)]
mod sample;
mod svg;
mod tally;
mod workbook;

pub use compose::report_document;
pub use csv::{GAPS_CSV_HEADER, gaps_csv};
pub use document::{Block, Cell, Document, Join, Look, Table};
pub use docx::{document_docx, report_docx};
pub use figures::{
    AidLine, AidSum, AreaFigures, ContactMonth, Count, CountyReport, CourseFigures, Cover, GapLine,
    MealFigures, MealMonth, PairingFigures, PlanFigures, Problem, SchoolingFigures, TownFigures,
    TrainingFigures,
};
pub use list::{List, ListCell, list_workbook, lists_workbook};
pub use number::{count, percent};
pub use overview::area_titled;
pub use problems::problems;
pub use svg::{
    Bar, Chart, aid_chart, bars_chart, charts, columns_chart, coverage_chart, curve_chart,
    towns_chart, waterfall_chart,
};
pub use tally::{Settled, Totals, tally};
pub use workbook::gaps_workbook;

/// A document that could not be written.
#[derive(Debug, thiserror::Error)]
pub enum ReportError {
    /// The workbook's writer refused.
    #[error("没有写成 gaps.xlsx：{0}")]
    Workbook(#[from] rust_xlsxwriter::XlsxError),
    /// The package could not be compressed.
    #[error("没有写成 report.docx：{0}")]
    Package(#[from] zip::result::ZipError),
    /// The package could not be written.
    #[error("没有写成 report.docx：{0}")]
    Write(#[from] std::io::Error),
    /// A sheet of a workbook has no room for so many lines.
    #[error("“{sheet}”有 {lines} 行，一张表最多 1,048,000 行；分乡镇导出")]
    TooManyLines {
        /// The sheet.
        sheet: String,
        /// How many lines it would have.
        lines: usize,
    },
}
