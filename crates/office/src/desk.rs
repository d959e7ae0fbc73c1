//! The desk: what the pages show, read from the store. One function a page; nothing here writes.
//!
//! A [`Desk`] is the county's; a [`Seat`] at it is somebody's, and shows what lies in their reach: lists, counts, choices,
//! files and searches leave out what does not, and what is asked for by its id is not there.

mod care;
mod cases;
mod corrections;
mod cursor;
mod generations;
mod lines;
mod overview;
mod pairs;
mod people;
mod reach;
mod registers;
mod risks;
mod schools;
mod sources;
mod two_lines;
mod views;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use fujiao_model::{Area, Division};
use fujiao_store::{Store, StoreError, Tx};

use crate::Rulebook;
use crate::access::{Actor, NotAllowed, Right};
pub use care::*;
pub use cases::*;
pub use corrections::{CellPage, CorrectionLine, CorrectionTab, CorrectionsPage};
pub use cursor::At;
pub use fujiao_report::{List, ListCell, ReportError, list_workbook, lists_workbook};
pub use generations::{GenerationsPage, StageSum};
use overview::{Head, Overview};
pub use pairs::*;
pub(crate) use people::{masked_text, shown, stands};
use reach::Reach;
pub use risks::{RiskLine, RiskReason, RisksPage};
pub use sources::column_letters;
pub use two_lines::{TwoLine, TwoLinesPage};
pub use views::*;

/// The county's desk. Cheap to clone; all clones share the store and the figures of the live assessment.
#[derive(Clone)]
pub struct Desk(Arc<Inner>);

struct Inner {
    store: Arc<Store>,
    rules: Arc<Rulebook>,
    /// Figures of the live assessment: an assessment never changes, so they are summed once a reach.
    overviews: Mutex<Kept>,
}

#[derive(Default)]
struct Kept {
    head: Option<Head>,
    by_reach: BTreeMap<Reach, Arc<Overview>>,
    /// Pages that many ask for, by whom they are for and what was asked.
    days: BTreeMap<(Reach, Reach, Option<Area>), Arc<Today>>,
    lists: BTreeMap<(Reach, Reach, String), Arc<AreaPage>>,
}

impl Kept {
    /// Forgets what an earlier assessment said.
    fn begin(&mut self, head: &Head) {
        *self = Self { head: Some(head.clone()), ..Self::default() };
    }
}

/// Pages of one kind that are kept.
const PAGES: usize = 256;

/// How many reaches are kept. There are more class teachers than this, but not in one minute.
const REACHES: usize = 512;

/// Somebody's place at the desk.
#[derive(Clone)]
pub struct Seat {
    desk: Desk,
    actor: Arc<Actor>,
}

/// Why a page cannot be shown.
#[derive(Debug, thiserror::Error)]
pub enum DeskError {
    /// The store says so.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// It is not theirs to see.
    #[error(transparent)]
    NotAllowed(#[from] NotAllowed),
    /// No county was ever put into these books.
    #[error("数据库里还没有县。先运行 fujiao run 导入并核算，再打开网页")]
    NoCounty,
}

impl Desk {
    /// The desk over a store, by a county's rules. A kind that they do not know is shown by its key.
    pub(crate) fn under(store: Arc<Store>, rules: Arc<Rulebook>) -> Self {
        let overviews = Mutex::new(Kept::default());
        Self(Arc::new(Inner { store, rules, overviews }))
    }

    /// A seat at it.
    pub fn seat(&self, actor: &Actor) -> Seat {
        Seat { desk: self.clone(), actor: Arc::new(actor.clone()) }
    }

    /// What stands on a page of somebody who is not signed in: the county's name, and nothing else.
    ///
    /// # Errors
    /// [`DeskError`] if the books cannot be read.
    pub fn front(&self) -> Result<Frame, DeskError> {
        self.0.store.read(|tx| {
            let head = overview::head(tx)?.ok_or(DeskError::NoCounty)?;
            Ok(Frame {
                county: head.county,
                county_name: head.name,
                sample: head.made,
                as_of: None,
                open: Vec::new(),
            })
        })
    }
}

impl Seat {
    /// Whose it is.
    pub fn actor(&self) -> &Actor {
        &self.actor
    }

    /// What stands on every page, for pages that show nothing else.
    ///
    /// # Errors
    /// [`DeskError`] if the books cannot be read.
    pub fn frame(&self) -> Result<Frame, DeskError> {
        self.read(|tx| Ok(self.overview(tx, Right::Figures)?.frame()))
    }

    fn read<T>(&self, f: impl FnOnce(&mut Tx) -> Result<T, DeskError>) -> Result<T, DeskError> {
        self.desk.0.store.read(f)
    }

    /// The title of a kind.
    fn title(&self, kind: &str) -> Title {
        self.desk.0.rules.titles.title(kind)
    }

    /// The county's rules.
    fn rules(&self) -> &Rulebook {
        &self.desk.0.rules
    }

    /// Where the actor may do something, area by area.
    fn reach(&self, right: Right) -> Reach {
        Reach::of(&self.actor, right)
    }

    /// A page that holds nothing but the live assessment: read once, and again when there is another assessment.
    fn kept_page<K: Ord, T: Clone>(
        &self,
        overview: &Overview,
        of: impl Fn(&mut Kept) -> &mut BTreeMap<K, Arc<T>>,
        key: K,
        read: impl FnOnce() -> Result<T, DeskError>,
    ) -> Result<T, DeskError> {
        let kept = || self.desk.0.overviews.lock().unwrap_or_else(PoisonError::into_inner);
        {
            let mut kept = kept();
            if kept.head.as_ref() == Some(&overview.head)
                && let Some(found) = of(&mut kept).get(&key)
            {
                return Ok(T::clone(found));
            }
        }
        let page = read()?;
        let mut kept = kept();
        if kept.head.as_ref() == Some(&overview.head) {
            let pages = of(&mut kept);
            if pages.len() >= PAGES {
                pages.clear();
            }
            pages.insert(key, Arc::new(page.clone()));
        }
        Ok(page)
    }

    /// Figures of the live assessment within the actor's reach, summed when its first page is asked for.
    fn overview(&self, tx: &mut Tx, right: Right) -> Result<Arc<Overview>, DeskError> {
        let head = overview::head(tx)?.ok_or(DeskError::NoCounty)?;
        let reach = self.reach(right);
        let kept = || self.desk.0.overviews.lock().unwrap_or_else(PoisonError::into_inner);
        let whole = {
            let mut kept = kept();
            if kept.head.as_ref() != Some(&head) || head.run.is_none() {
                kept.begin(&head);
                // While the lock is held: pages that come at once wait for one sum instead of each making it.
                let whole = Arc::new(Overview::sum(tx, head.clone())?);
                kept.by_reach.insert(Reach::everything(), whole);
            }
            if let Some(found) = kept.by_reach.get(&reach) {
                return Ok(Arc::clone(found));
            }
            let whole = kept.by_reach.get(&Reach::everything());
            Arc::clone(whole.expect("put there before anything narrower"))
        };
        let narrow = Arc::new(whole.within(tx, &reach)?);
        let mut kept = kept();
        if kept.head.as_ref() == Some(&head) {
            if kept.by_reach.len() >= REACHES {
                kept.by_reach.retain(|reach, _| reach.is_everything());
            }
            kept.by_reach.insert(reach, Arc::clone(&narrow));
        }
        Ok(narrow)
    }
}

/// What the office says, as the desk says it.
fn office_fault(error: crate::OfficeError) -> DeskError {
    match error {
        crate::OfficeError::Store(e) => e.into(),
        crate::OfficeError::NotAllowed(e) => e.into(),
        _ => DeskError::NoCounty,
    }
}

/// A place code of the database.
fn division(code: Option<i64>) -> Option<Division> {
    Division::from_code(u64::try_from(code?).ok()?).ok()
}

/// A `like` pattern for texts that hold `part`, with `!` as the escape.
pub(crate) fn pattern(part: &str) -> String {
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
