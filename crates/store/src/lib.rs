//! The county's books on disk: what the offices said, what was made of it, and who did what.
//!
//! [`Store`] opens a SQLite file or a PostgreSQL database with the same schema and the same SQL text. A use case is one
//! [`Store::write`]: it is there as a whole, with its line in the audit chain ([`Tx::audit`]), or not at all. Personal
//! numbers are sealed by [`Keys`], whose file lies outside the database.
//!
//! Typed functions are methods of [`Tx`]; pages ask with SQL of their own through [`Tx::query`]. Every function that
//! takes a county takes its six digits: they lead every key.

mod accounts;
mod ahead;
mod aid;
mod audit;
mod backup;
mod books;
mod bulletin;
mod care;
mod cases;
mod corrections;
mod disclosure;
mod entries;
mod error;
mod frozen;
mod generations;
mod inventory;
mod jobs;
mod keys;
mod labour;
mod loans;
mod pairs;
mod papers;
mod plan_files;
mod plans;
mod pool;
mod purses;
mod registers;
mod remote;
mod results;
mod review;
mod risks;
mod rows;
mod schema;
mod school;
mod store;
mod told;
mod two_lines;
mod tx;
mod upgrade;
mod upkeep;
mod uploads;
mod value;
mod verify;

pub use accounts::{Account, StoredGrant, StoredLink, StoredSession};
pub use aid::{
    AidBatch, AidCycle, AidFile, AidFinding, AidFund, AidLine, AidNeed, AidPayer, AidReturn,
    AidStep, AidTally, Earmark, FindingList, FundUse, Grievance, JournalLine, LineFilter,
    NewAidFile, NewAidFund, NewAidReturn, NewFinding, NewGrievance, NewMovement, Objection,
    PaidAid, Publication, Recognition, RecognitionStep, Recovery, RecoveryState, Sample,
    SampleLine, SentLine, Told, ToldState,
};
pub use audit::Event;
pub use backup::{
    BACKUP_ENDS, BackupOrder, Manifest, SCRATCH_BEGINS, is_recipient, remove_scratch,
    scratch_begins, settings_under, unpack,
};
pub use books::{County, File, HeaderWord, NewFile, Sheet, StoredFinding, Tally};
pub use bulletin::BulletinCell;
pub use care::{CareFile, CareStep, StoredContacts};
pub use cases::{CaseGround, StoredCase, StoredStep};
pub use corrections::{Correction, CorrectionState, NewCorrection, Signed};
pub use disclosure::{StoredGlass, StoredToken};
pub use entries::{Entry, EntryConflict, EntryFact, EntryPhoto, LiveRows};
pub use error::StoreError;
pub use frozen::{Difference, FrozenDuty};
pub use generations::StoredStage;
pub use inventory::Inventory;
pub use jobs::{Job, JobEnd, JobState, NewJob};
pub use keys::Keys;
pub use labour::{LabourFinding, MatchLine, MatchRun, WORKER_COLUMNS, Worker};
pub use loans::{LentLoan, NewLoanStep, StoredCoBorrower, StoredLoan, StoredLoanStep};
pub use pairs::{Mentor, Pair, PairLine, PairRun};
pub use papers::StoredReport;
pub use plan_files::{KindLink, NewPlanFile, PlanFile};
pub use plans::{
    BornCount, GradeCount, NewScenario, PlanDuty, Scenario, ScenarioState, SolvedScenario,
};
pub use purses::{StoredGift, StoredNeed};
pub use registers::{Household, Person, Place, RowLink, School};
pub use remote::{Wire, is_a_server, without_password};
pub use results::{NewRun, Results, Run, StoredDeed, StoredDuty, Summary};
pub use review::{
    AskedPair, LinkAsk, LinkDecision, NewDecision, PersonEvent, PersonEventKind, Superseded, Undone,
};
pub use risks::{RISK_COLUMNS, StoredRisk};
pub use rows::{LinkedRow, LiveKey, NewRow, StoredRow};
pub use schema::VERSION as SCHEMA;
pub use school::{
    Author, Inspection, InspectionItem, MealClose, MealFinding, MealLock, NewInspection,
    NewProject, NewSchoolPhoto, Project, ProjectStep, Recheck, SchoolPhoto, SchoolTurn, Switch,
};
pub use store::{Store, is_in_use};
pub use told::Traffic;
pub use two_lines::{StoredTwoLine, TWO_LINE_COLUMNS};
pub use tx::{Tx, marks};
pub use upgrade::Upgrade;
pub use upkeep::{NewUpkeep, Server, UpkeepKind, UpkeepLine};
pub use uploads::{Batch, BatchState, NewBatch, NewUpload, Upload};
pub use value::{FromColumn, Row, V};
pub use verify::Verification;
