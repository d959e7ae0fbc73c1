//! The county's reports: one of each assessment, as it was written then.

use fujiao_report::ReportError;
use fujiao_store::StoreError;
use jiff::Timestamp;
use jiff::civil::Date;

use crate::access::{Actor, NotAllowed, Right};
use crate::{Office, OfficeError};
pub use fujiao_report::{Block, Cell, Document, Join, Look, Table, area_titled};
pub use fujiao_store::StoredReport as ReportLine;

/// A report as a page shows it.
#[derive(Clone, Debug)]
pub struct ReportView {
    /// The assessment that it is of.
    pub run: u64,
    /// The day for which that was made.
    pub as_of: Date,
    /// When it was written.
    pub made_at: Timestamp,
    /// Whether that assessment is the one that pages show: its figures then open the lists of names.
    pub live: bool,
    /// What it says. It names no child.
    pub document: Document,
}

impl ReportView {
    /// The report as a Word file.
    ///
    /// # Errors
    /// What the writer says.
    pub fn docx(&self) -> Result<Vec<u8>, ReportError> {
        fujiao_report::document_docx(&self.document, self.as_of)
    }
}

/// How many reports the list goes back.
const BACK: u32 = 120;

impl Office {
    /// The reports that were written, the latest first. They count the whole county, so they are for those whose ground it is.
    ///
    /// # Errors
    /// Not theirs to read; what the store says.
    pub fn reports(&self, actor: &Actor) -> Result<Vec<ReportLine>, OfficeError> {
        readable(actor)?;
        let county = self.county_code()?;
        Ok(self.store.read(|tx| tx.reports(county, BACK))?)
    }

    /// The report of an assessment; `None` if none was written.
    ///
    /// # Errors
    /// Not theirs to read; what the store says.
    pub fn report(&self, actor: &Actor, run: u64) -> Result<Option<ReportView>, OfficeError> {
        readable(actor)?;
        let county = self.county_code()?;
        let found = self.store.read(|tx| {
            let of_run = tx.reports(county, u32::MAX)?.into_iter().find(|line| line.run == run);
            let text = tx.report_text(county, run)?;
            let live = tx.live_run(county)?.is_some_and(|shown| shown.id == run);
            Ok::<_, StoreError>(of_run.zip(text).map(|(line, text)| (line, text, live)))
        })?;
        Ok(found.and_then(|(line, text, live)| {
            // A report of an earlier program may be of another shape: then it is made anew by the next assessment.
            let document = serde_json::from_str(&text).ok()?;
            let ReportLine { run, as_of, made_at } = line;
            Some(ReportView { run, as_of, made_at, live, document })
        }))
    }
}

fn readable(actor: &Actor) -> Result<(), NotAllowed> {
    let whole = actor.scope(Right::Reports).is_whole();
    if whole { Ok(()) } else { Err(NotAllowed(Right::Reports)) }
}
