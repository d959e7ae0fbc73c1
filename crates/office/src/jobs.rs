//! Long jobs: queued by a page, done by a worker under a lease, taken again after a crash, and counted from the books.

mod work;

use fujiao_store::{Event, NewJob, Tx};
use jiff::civil::Date;

use crate::access::{Actor, Right};
use crate::desk::RowCounts;
use crate::{Office, OfficeError};
pub use fujiao_store::{Job, JobState};
pub use work::{BEAT, LEASE};

/// What a job does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum JobKind {
    /// 试读: says what would become of each row of a batch.
    Check,
    /// 收进台账.
    Import,
    /// 收进台账, files too that the brake would stop.
    ImportAll,
    /// 核算.
    Assess,
    /// 算规划: solves a scenario.
    Plan,
    /// 备份.
    Backup,
}

impl JobKind {
    /// The word in the books.
    pub fn code(self) -> &'static str {
        match self {
            Self::Check => "check",
            Self::Import => "import",
            Self::ImportAll => "import_all",
            Self::Assess => "assess",
            Self::Plan => "plan",
            Self::Backup => "backup",
        }
    }

    /// Reads the word.
    pub fn parse(code: &str) -> Option<Self> {
        [Self::Check, Self::Import, Self::ImportAll, Self::Assess, Self::Plan, Self::Backup]
            .into_iter()
            .find(|k| k.code() == code)
    }
}

/// Why nothing can be said of a job.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum JobError {
    /// There is no such job, or it is somebody else's.
    #[error("没有这件事，或不归你管；看看“在办的事”")]
    NoSuchJob,
}

/// A job with what came of it, counted from the books.
#[derive(Clone, Debug)]
pub struct JobView {
    /// The job.
    pub job: Job,
    /// What it does.
    pub kind: Option<JobKind>,
    /// Of a batch: its id.
    pub batch: Option<u64>,
    /// Of an import: what the books hold of each workbook; `None`: nothing.
    pub files: Vec<(String, Option<(u64, RowCounts)>)>,
    /// Of an assessment: what the books hold of it.
    pub run: Option<RunCounts>,
}

/// What the books hold of an assessment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RunCounts {
    /// From 1 within the county.
    pub id: u64,
    /// The day for which it was made.
    pub as_of: Date,
    /// Persons in the register.
    pub persons: i64,
    /// Duties.
    pub duties: i64,
    /// Of them: with a gap.
    pub gaps: i64,
    /// Deeds.
    pub deeds: i64,
}

impl JobView {
    /// Whether it can be stopped: an import between two files, a plan at any time. An assessment is booked as a whole.
    pub fn can_be_stopped(&self) -> bool {
        let is_whole = matches!(self.kind, Some(JobKind::Assess | JobKind::Backup));
        !self.job.state.has_ended() && !self.job.stop && !is_whole
    }
}

impl Office {
    /// Queues an assessment as of a day; the job's id. Where one waits already, that one.
    ///
    /// # Errors
    /// Not theirs to do; what the store says.
    pub fn queue_assessment(&self, actor: &Actor, as_of: Date) -> Result<u64, OfficeError> {
        actor.must(Right::Assess)?;
        let county = self.county_code()?;
        self.store.write(|tx| {
            let (kind, input) = (JobKind::Assess.code(), as_of.to_string());
            let waits = tx.jobs(county, None, 50)?.into_iter().find(|job| {
                job.kind == kind && job.input == input && job.state == JobState::Queued
            });
            if let Some(job) = waits {
                return Ok(job.id);
            }
            let new = NewJob {
                kind,
                input: &input,
                author: &actor.login,
                author_name: &actor.name,
                at: actor.at,
            };
            let id = tx.add_job(county, &new)?;
            note(tx, county, actor, "queue assessment", id, &input)?;
            Ok(id)
        })
    }

    /// A job of the actor's own, or an assessment for whoever may ask for one.
    ///
    /// # Errors
    /// [`JobError::NoSuchJob`] for all others.
    pub fn job(&self, actor: &Actor, id: u64) -> Result<JobView, OfficeError> {
        let county = self.county_code()?;
        self.store.read(|tx| {
            let job = tx.job(county, id)?.filter(|job| theirs(actor, job));
            view(tx, county, job.ok_or(JobError::NoSuchJob)?)
        })
    }

    /// The last jobs that are theirs to see, newest first.
    ///
    /// # Errors
    /// What the store says.
    pub fn jobs(&self, actor: &Actor) -> Result<Vec<Job>, OfficeError> {
        let county = self.county_code()?;
        self.store.read(|tx| {
            let mut jobs = tx.jobs(county, None, 200)?;
            jobs.retain(|job| theirs(actor, job));
            jobs.truncate(50);
            Ok(jobs)
        })
    }

    /// Asks a job to stop between two of its portions.
    ///
    /// # Errors
    /// [`JobError::NoSuchJob`] if it is none of theirs.
    pub fn stop_job(&self, actor: &Actor, id: u64) -> Result<(), OfficeError> {
        let county = self.county_code()?;
        self.store.write(|tx| {
            // Who may look at a plan may not stop another's.
            let may_stop = |job: &Job| {
                job.kind != JobKind::Plan.code()
                    || job.author == actor.login
                    || actor.may(Right::PlanMake)
            };
            let job = tx.job(county, id)?.filter(|job| theirs(actor, job) && may_stop(job));
            job.ok_or(JobError::NoSuchJob)?;
            if tx.stop_job(county, id, actor.at)? {
                note(tx, county, actor, "stop job", id, "")?;
            }
            Ok(())
        })
    }
}

/// Whether a job is somebody's to see.
fn theirs(actor: &Actor, job: &Job) -> bool {
    job.author == actor.login
        || (actor.may(Right::Assess) && job.kind == JobKind::Assess.code())
        || (actor.may(Right::Plan) && job.kind == JobKind::Plan.code())
        || actor.may(Right::System)
}

/// A job, with what the books hold of it.
fn view(tx: &mut Tx, county: u32, job: Job) -> Result<JobView, OfficeError> {
    let kind = JobKind::parse(&job.kind);
    let batch = match kind {
        Some(JobKind::Check | JobKind::Import | JobKind::ImportAll) => job.input.parse().ok(),
        _ => None,
    };
    let mut files = Vec::new();
    if let (Some(JobKind::Import | JobKind::ImportAll), Some(batch)) = (kind, batch) {
        for upload in tx.uploads(county, batch)? {
            let held = tx.file_of_bytes(county, &upload.sha256)?;
            files.push((upload.name, held.map(|file| (file.id, counts(file.tally)))));
        }
    }
    let run = match (kind, job.result.as_deref()) {
        (Some(JobKind::Assess), Some(result)) => {
            result.parse().ok().map(|run| run_counts(tx, county, run)).transpose()?.flatten()
        }
        _ => None,
    };
    Ok(JobView { job, kind, batch, files, run })
}

fn run_counts(tx: &mut Tx, county: u32, run: u64) -> Result<Option<RunCounts>, OfficeError> {
    let sql = include_str!("jobs/run_counts.sql");
    Ok(tx.query_one(sql, &[county.into(), run.into()], |r| {
        Ok(RunCounts {
            id: run,
            as_of: r.parse(0, |text| text.parse().ok())?.ok_or_else(|| r.bad(0))?,
            persons: r.get(1)?,
            duties: r.get(2)?,
            gaps: r.get(3)?,
            deeds: r.get(4)?,
        })
    })?)
}

fn counts(t: fujiao_store::Tally) -> RowCounts {
    let n = |n: u64| i64::try_from(n).unwrap_or(i64::MAX);
    RowCounts {
        read: n(t.read),
        created: n(t.created),
        updated: n(t.updated),
        unchanged: n(t.unchanged),
        parked: n(t.parked),
        refused: n(t.refused),
    }
}

fn note(
    tx: &mut Tx,
    county: u32,
    actor: &Actor,
    action: &str,
    job: u64,
    detail: &str,
) -> Result<(), OfficeError> {
    let object = format!("job {job}");
    let (at, by) = (actor.at, actor.login.as_str());
    Ok(tx.audit(&Event { county, at, actor: by, action, object: &object, detail })?)
}
