//! The office: use cases, one function each, joining the engines with the store.
//!
//! [`Office::import`] takes workbooks in, [`Office::assess`] makes the registers, what is owed and what is missing,
//! [`Office::results`] writes the county's report and lists. A use case is one transaction with its line in the audit chain.

pub mod access;
pub mod accounts;
pub mod aid;
mod assess;
pub mod bulletin;
pub mod care;
pub mod cases;
pub mod corrections;
mod county;
pub mod desk;
pub mod disclosure;
pub mod entries;
mod import;
pub mod jobs;
pub mod labour;
pub mod loans;
pub mod messages;
mod natural_key;
pub mod once;
pub mod pairing;
pub mod papers;
mod picture;
pub mod plans;
pub mod purses;
mod registers;
mod results;
pub mod review;
pub mod rulebook;
pub mod rules;
pub mod school;
pub mod score;
mod titles;
pub mod upkeep;
pub mod uploads;
pub mod waiting;

use std::path::Path;
use std::sync::Arc;

use fujiao_store::{Event, HeaderWord, Keys, Store, StoreError};
use jiff::Timestamp;

pub use assess::{
    Assessment, Cost, ExplainedFact, ExplainedRow, Explanation, Movers, Seconds, Simulation,
};
pub use desk::Desk;
pub use import::{FileOutcome, FileState, ImportHow, ImportReport, Incoming, Returned};
pub use results::{AreaLine, ResultFile, RunSummary};

use county::County;
pub use rulebook::{Rulebook, RulebookError};

/// Hears how far a long step is: its name, parts done, parts in all.
pub type Progress<'a> = dyn Fn(&str, u64, u64) + 'a;

/// Why a use case could not be done.
#[derive(Debug, thiserror::Error)]
pub enum OfficeError {
    /// The store says.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A rule says.
    #[error(transparent)]
    Policy(#[from] fujiao_policy::PolicyError),
    /// A document could not be written.
    #[error(transparent)]
    Report(#[from] fujiao_report::ReportError),
    /// It is not theirs to do.
    #[error(transparent)]
    NotAllowed(#[from] access::NotAllowed),
    /// Something cannot be done with aid.
    #[error(transparent)]
    Aid(#[from] aid::AidError),
    /// Workbooks cannot be kept, or a batch cannot go on.
    #[error(transparent)]
    Upload(#[from] uploads::UploadError),
    /// There is no such plan, or it cannot be done so.
    #[error(transparent)]
    Plan(#[from] plans::PlanError),
    /// Nothing can be done for the books.
    #[error(transparent)]
    Upkeep(#[from] upkeep::UpkeepError),
    /// Nothing can be said of a job.
    #[error(transparent)]
    Job(#[from] jobs::JobError),
    /// The key of a program's request is taken.
    #[error(transparent)]
    Once(#[from] once::OnceError),
    /// A step of a case is not taken.
    #[error(transparent)]
    Case(#[from] cases::CaseError),
    /// A step of care is not taken.
    #[error(transparent)]
    Care(#[from] care::CareError),
    /// Pairs cannot be made or changed so.
    #[error(transparent)]
    Pair(#[from] pairing::PairError),
    /// Texts cannot be written.
    #[error(transparent)]
    Message(#[from] messages::MessageError),
    /// A county's rules cannot be used.
    #[error(transparent)]
    Rules(#[from] RulebookError),
    /// A correction cannot be taken.
    #[error(transparent)]
    Correction(#[from] corrections::CorrectionError),
    /// Something about schools cannot be done.
    #[error(transparent)]
    School(#[from] school::SchoolError),
    /// Something of training or work cannot be done.
    #[error(transparent)]
    Labour(#[from] labour::LabourError),
    /// An account cannot be changed so.
    #[error(transparent)]
    Account(#[from] accounts::AccountError),
    /// It cannot be shown.
    #[error(transparent)]
    Disclosure(#[from] disclosure::DisclosureError),
    /// A decision of a person cannot be taken.
    #[error(transparent)]
    Review(#[from] review::ReviewError),
    /// Something written by hand cannot be found, decided or taken back.
    #[error(transparent)]
    Entry(#[from] entries::EntryError),
    /// The key file cannot be read or made.
    #[error("密钥文件 {path}：{reason}")]
    KeyFile {
        /// Where.
        path: String,
        /// Why.
        reason: String,
    },
    /// There are books, but their key is gone.
    #[error(
        "找到了台账 {db}，没有找到它的密钥 {key}；把备份的密钥放回原处再来。没有密钥，身份证号等打不开"
    )]
    KeyMissing {
        /// The database.
        db: String,
        /// Where the key should be.
        key: String,
    },
    /// Nothing has been taken in yet.
    #[error("台账里还没有名册；先收名册：fujiao import 文件夹")]
    NoRosters,
    /// Nobody in the books has this citizen id.
    #[error("台账里没有身份证号为 {0} 的人；核对号码，或先收这人所在的名册")]
    NoSuchPerson(String),
    /// The text is no citizen id.
    #[error("“{0}”不是身份证号；写 18 位，末位可以是 X")]
    NotAnId(String),
    /// The programme is about subjects that cannot be asked for one person.
    #[error("{0} 的对象是{1}，不能按人问；看 fujiao policy list")]
    NotOfAPerson(String, &'static str),
    /// A header word does not read.
    #[error("“{0}”读不懂；写成 名册类别/表头=栏目，如 enrolments/监护人微信=guardian_phone")]
    HeaderWord(String),
    /// A table that is compared does not read.
    #[error("{name}：{reason}")]
    Table {
        /// Which.
        name: &'static str,
        /// Why.
        reason: String,
    },
}

impl OfficeError {
    /// Whether the input needs a look, not the program.
    pub fn is_about_the_input(&self) -> bool {
        matches!(
            self,
            Self::NoRosters
                | Self::NoSuchPerson(_)
                | Self::NotAnId(_)
                | Self::NotOfAPerson(..)
                | Self::Policy(_)
                | Self::HeaderWord(_)
                | Self::Case(_)
                | Self::Care(_)
                | Self::Message(_)
                | Self::Pair(_)
                | Self::Rules(_)
                | Self::Correction(_)
                | Self::Aid(_)
                | Self::Upload(_)
                | Self::Job(_)
                | Self::Upkeep(_)
                | Self::Store(
                    StoreError::Backup { .. }
                        | StoreError::NotEmpty { .. }
                        | StoreError::Paper { .. }
                        | StoreError::KeyText
                )
                | Self::Plan(_)
                | Self::Review(_)
                | Self::School(_)
                | Self::Labour(_)
                | Self::Account(_)
                | Self::Disclosure(_)
                | Self::NotAllowed(_)
                | Self::Entry(_)
                | Self::Table { .. }
                | Self::KeyMissing { .. }
                | Self::KeyFile { .. }
        )
    }
}

/// What is wrong with the books, if anything.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Verdict {
    /// One sentence each.
    pub faults: Vec<String>,
    /// Rows by table.
    pub counts: Vec<(String, u64)>,
}

/// The books of one county, open.
///
/// Cheap to clone; all clones share the store and the rules.
#[derive(Clone)]
pub struct Office {
    store: Arc<Store>,
    keys: Arc<Keys>,
    rules: Arc<Rulebook>,
    county: Option<County>,
    ask_at_most: usize,
    upkeep: Option<Arc<upkeep::Plan>>,
    upgraded: Option<Arc<fujiao_store::Upgrade>>,
}

/// The name of a county whose towns are known here, by its six digits.
pub fn county_name_of(code: u32) -> Option<String> {
    fujiao_synth::places(Some(code)).ok().map(|county| county.name)
}

/// How many pairs people are asked about after an assessment, unless told otherwise.
pub const ASK_AT_MOST: usize = 500;

impl Office {
    /// Opens books at a path or `postgres://` URL, and begins them where there are none. The key lies in a file of its own;
    /// it is made with the books, readable by its owner alone. Books of an earlier version are backed up beside the key before
    /// they are brought up to date.
    ///
    /// # Errors
    /// A database that is none of ours or damaged; a key that is missing or another's.
    pub fn open(location: &str, key_file: &Path) -> Result<Self, OfficeError> {
        Self::open_watched(location, key_file, None)
    }

    /// As [`Office::open`]; statements that take `slow` or longer are said to be slow.
    ///
    /// # Errors
    /// As [`Office::open`].
    pub fn open_watched(
        location: &str,
        key_file: &Path,
        slow: Option<std::time::Duration>,
    ) -> Result<Self, OfficeError> {
        let key = read_or_make_key(location, key_file)?;
        let keys = || Keys::parse(&key);
        let keep = key_file.parent().unwrap_or(Path::new("")).join("backups");
        let (mut store, upgraded) = Store::open_keeping(location, keys()?, &keep)?;
        if let Some(least) = slow {
            store.slow_from(least);
        }
        let mut office = Self::over(store, keys()?)?;
        office.upgraded = upgraded.map(Arc::new);
        Ok(office)
    }

    /// The office over books that are open, with the key that they were opened with.
    ///
    /// # Errors
    /// What the store says.
    pub fn over(store: impl Into<Arc<Store>>, keys: Keys) -> Result<Self, OfficeError> {
        let store = store.into();
        let counties = store.read(|tx| tx.counties().map_err(OfficeError::from))?;
        let county = counties.into_iter().next().map(|c| County::known(c.code, &c.name, c.made));
        Ok(Self {
            store,
            keys: Arc::new(keys),
            rules: Arc::new(Rulebook::builtin()),
            county,
            ask_at_most: ASK_AT_MOST,
            upkeep: None,
            upgraded: None,
        })
    }

    /// Sets how many pairs people are asked about at most after an assessment: the likeliest of those in doubt.
    pub fn ask_at_most(&mut self, pairs: usize) {
        self.ask_at_most = pairs;
    }

    /// Takes the county's rules: those that came with the program, and its own laid over them.
    pub fn set_rules(&mut self, rules: Rulebook) {
        self.rules = Arc::new(rules);
    }

    /// The county's rules.
    pub fn rulebook(&self) -> &Rulebook {
        &self.rules
    }

    /// Checks the books: structure, references, audit chain.
    ///
    /// # Errors
    /// What the store says where it cannot even be read.
    pub fn verify(&self) -> Result<Verdict, OfficeError> {
        let found = self.store.verify()?;
        let mut counts: Vec<(String, u64)> =
            found.tables.iter().map(|(name, n)| ((*name).to_owned(), *n)).collect();
        counts.push(("audit".to_owned(), found.audit_lines));
        Ok(Verdict { faults: found.problems, counts })
    }

    /// Whether the county is a made one (示例数据).
    ///
    /// # Errors
    /// [`OfficeError::NoRosters`] if there is none.
    pub fn is_sample(&self) -> Result<bool, OfficeError> {
        let counties = self.store.read(|tx| tx.counties().map_err(OfficeError::from))?;
        counties.first().map(|c| c.made).ok_or(OfficeError::NoRosters)
    }

    /// The county's name.
    ///
    /// # Errors
    /// [`OfficeError::NoRosters`] before the first workbook.
    pub fn county_name(&self) -> Result<String, OfficeError> {
        let counties = self.store.read(|tx| tx.counties().map_err(OfficeError::from))?;
        counties.into_iter().next().map(|c| c.name).ok_or(OfficeError::NoRosters)
    }

    /// The read-only desk that pages are made from.
    pub fn desk(&self) -> Desk {
        Desk::under(Arc::clone(&self.store), Arc::clone(&self.rules))
    }

    /// Remembers what a header means: `enrolments/监护人微信=guardian_phone`.
    ///
    /// # Errors
    /// [`OfficeError::HeaderWord`] for anything else; [`OfficeError::NoRosters`] before the first import.
    pub fn remember_header(&mut self, word: &str, at: Timestamp) -> Result<(), OfficeError> {
        let unread = || OfficeError::HeaderWord(word.to_owned());
        let (left, field) = word.rsplit_once('=').ok_or_else(unread)?;
        let (kind, header) = left.split_once('/').ok_or_else(unread)?;
        let kind = fujiao_model::RosterKind::parse(kind).ok_or_else(unread)?;
        let field = fujiao_model::Field::from_code(field.trim()).ok_or_else(unread)?;
        let county = self.county_code()?;
        self.store.write(|tx| {
            let word = HeaderWord { kind, header: header.to_owned(), field };
            tx.remember_header(county, &word, at, "fujiao")?;
            tx.audit(&Event {
                county,
                at,
                actor: "fujiao",
                action: "remember header",
                object: kind.code(),
                detail: &format!("{header} = {}", field.code()),
            })?;
            Ok(())
        })
    }

    /// A clone that knows the county, which another may have settled since this one was opened.
    fn with_county(&self) -> Result<Self, OfficeError> {
        let mut office = self.clone();
        if office.county.is_none() {
            let known = self.store.read(|tx| tx.counties().map_err(OfficeError::from))?;
            office.county = known.first().map(|c| County::known(c.code, &c.name, c.made));
        }
        Ok(office)
    }

    /// The county of the books. Another clone may have settled it since this one was opened.
    fn county_code(&self) -> Result<u32, OfficeError> {
        if let Some(county) = &self.county {
            return Ok(county.code);
        }
        let known = self.store.read(|tx| tx.counties().map_err(OfficeError::from))?;
        known.first().map(|county| county.code).ok_or(OfficeError::NoRosters)
    }
}

/// The text of the key file; made where neither key nor books are.
fn read_or_make_key(location: &str, key_file: &Path) -> Result<String, OfficeError> {
    let trouble =
        |reason: String| OfficeError::KeyFile { path: key_file.display().to_string(), reason };
    match std::fs::read_to_string(key_file) {
        Ok(text) => Ok(text),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            if Path::new(location).exists() {
                return Err(OfficeError::KeyMissing {
                    db: location.to_owned(),
                    key: key_file.display().to_string(),
                });
            }
            let text = Keys::generate()?.to_text();
            write_secret(key_file, &text)
                .map_err(|e| trouble(format!("写不下（{e}）；看看文件夹能不能写")))?;
            Ok(text)
        }
        Err(error) => Err(trouble(format!("读不出（{error}）；看看文件权限"))),
    }
}

/// Writes a file that its owner alone can read; whole, or not at all.
fn write_secret(path: &Path, text: &str) -> std::io::Result<()> {
    use std::io::Write as _;
    let beside = path.with_extension("key.part");
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(&beside)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()?;
    std::fs::rename(beside, path)
}
