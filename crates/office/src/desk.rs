//! The desk: what the pages show, read from the store. One function a page; nothing here writes.

mod corrections;
mod lines;
mod overview;
mod people;
mod registers;
mod schools;
mod sources;
mod views;

use std::sync::{Arc, Mutex, PoisonError};

use fujiao_model::Division;
use fujiao_policy::PolicySet;
use fujiao_store::{Store, StoreError, Tx};

use crate::titles::Titles;
use overview::Overview;
pub(crate) use people::{masked_text, shown};
pub use corrections::{CellPage, CorrectionLine, CorrectionTab, CorrectionsPage};
pub use sources::column_letters;
pub use views::*;

/// What the pages read. Cheap to clone; all clones share the store and the figures of the live assessment.
#[derive(Clone)]
pub struct Desk(Arc<Inner>);

struct Inner {
    store: Arc<Store>,
    titles: Titles,
    /// Figures of the live assessment: an assessment never changes, so they are summed once.
    overview: Mutex<Option<Arc<Overview>>>,
}

/// Why a page cannot be shown.
#[derive(Debug, thiserror::Error)]
pub enum DeskError {
    /// The store says so.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// No county was ever put into these books.
    #[error("数据库里还没有县。先运行 fujiao run 导入并核算，再打开网页")]
    NoCounty,
}

impl Desk {
    /// The desk over a store. The built-in policy files name programmes and standards; a kind that they do not know is
    /// shown by its key.
    pub fn new(store: impl Into<Arc<Store>>) -> Self {
        let titles = Titles::of(&PolicySet::builtin());
        Self(Arc::new(Inner { store: store.into(), titles, overview: Mutex::new(None) }))
    }

    /// What stands on every page, for pages that show nothing else.
    ///
    /// # Errors
    /// [`DeskError`] if the books cannot be read.
    pub fn frame(&self) -> Result<Frame, DeskError> {
        self.read(|tx| Ok(self.overview(tx)?.frame()))
    }

    fn read<T>(&self, f: impl FnOnce(&mut Tx) -> Result<T, DeskError>) -> Result<T, DeskError> {
        self.0.store.read(f)
    }

    /// The title of a kind.
    fn title(&self, kind: &str) -> Title {
        self.0.titles.title(kind)
    }

    /// Figures of the live assessment, summed when its first page is asked for.
    fn overview(&self, tx: &mut Tx) -> Result<Arc<Overview>, DeskError> {
        let head = overview::head(tx)?.ok_or(DeskError::NoCounty)?;
        let mut kept = self.0.overview.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(kept) = kept.as_ref().filter(|o| o.head == head && head.run.is_some()) {
            return Ok(Arc::clone(kept));
        }
        let fresh = Arc::new(Overview::sum(tx, head)?);
        *kept = Some(Arc::clone(&fresh));
        Ok(fresh)
    }
}

/// A place code of the database.
fn division(code: Option<i64>) -> Option<Division> {
    Division::from_code(u64::try_from(code?).ok()?).ok()
}

/// A `like` pattern for texts that hold `part`, with `!` as the escape.
fn pattern(part: &str) -> String {
    let mut out = String::from("%");
    for c in part.trim().chars() {
        if matches!(c, '%' | '_' | '!') {
            out.push('!');
        }
        out.push(c);
    }
    out.push('%');
    out
}
