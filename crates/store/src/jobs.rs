//! Long jobs: queued, done under a lease, taken again where a lease runs out.

use jiff::{SignedDuration, Timestamp};

use crate::{Row, StoreError, Tx};

/// A long job.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Job {
    /// From 1 within the county.
    pub id: u64,
    /// What it does; a word of the caller.
    pub kind: String,
    /// Where it stands.
    pub state: JobState,
    /// What it is about; a word of the caller.
    pub input: String,
    /// What it does now, how far it is, and how far it goes.
    pub step: (String, u64, u64),
    /// Somebody asked it to stop.
    pub stop: bool,
    /// How often it was begun.
    pub attempts: u32,
    /// Until when the one who does it has it, unless they ask for longer.
    pub lease_until: Option<Timestamp>,
    /// What came of it, as the caller wrote it.
    pub result: Option<String>,
    /// Why it failed.
    pub failure: Option<String>,
    /// Login of the one who asked for it.
    pub author: String,
    /// Their name.
    pub author_name: String,
    /// When they did.
    pub made_at: Timestamp,
    /// When it was last begun.
    pub started_at: Option<Timestamp>,
    /// When it ended.
    pub ended_at: Option<Timestamp>,
}

/// No lease is longer.
const LONGEST_LEASE: SignedDuration = SignedDuration::from_mins(10);

impl Job {
    /// Whether nobody does it. A lease that ends later than any does was given by a clock that was wrong then: it holds nothing.
    fn is_free(&self, at: Timestamp) -> bool {
        self.lease_until.is_none_or(|until| until < at || until > at + LONGEST_LEASE)
    }
}

/// Where a job stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum JobState {
    /// 排队.
    Queued,
    /// 在办.
    Running,
    /// 办完.
    Done,
    /// 没办成.
    Failed,
    /// 停了.
    Stopped,
}

impl JobState {
    /// The word in the books.
    pub fn code(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Running => "running",
            Self::Done => "done",
            Self::Failed => "failed",
            Self::Stopped => "stopped",
        }
    }

    fn of(code: &str) -> Option<Self> {
        [Self::Queued, Self::Running, Self::Done, Self::Failed, Self::Stopped]
            .into_iter()
            .find(|s| s.code() == code)
    }

    /// Whether nothing more will happen.
    pub fn has_ended(self) -> bool {
        !matches!(self, Self::Queued | Self::Running)
    }
}

/// A job that somebody asks for.
#[derive(Clone, Copy, Debug)]
pub struct NewJob<'a> {
    /// What it does.
    pub kind: &'a str,
    /// What it is about.
    pub input: &'a str,
    /// Login of the one who asks.
    pub author: &'a str,
    /// Their name.
    pub author_name: &'a str,
    /// When.
    pub at: Timestamp,
}

/// How a job ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum JobEnd {
    /// With a result, as the caller writes it.
    Done(String),
    /// Because somebody asked it to stop, with what was done by then.
    Stopped(String),
    /// With a failure, in words without personal data.
    Failed(String),
}

const COLUMNS: &str = "job_id, kind, state, input, step, step_done, step_of, stop, attempts, lease_until, result, \
     failure, author, author_name, made_at, started_at, ended_at";

impl Tx<'_> {
    /// Queues a job; its id.
    ///
    /// # Errors
    /// What the engine says.
    pub fn add_job(&mut self, county: u32, new: &NewJob) -> Result<u64, StoreError> {
        let id: u64 = self
            .query_one(
                "select coalesce(max(job_id), 0) + 1 from job where county = $1",
                &[county.into()],
                |r| r.get(0),
            )?
            .unwrap_or(1);
        self.execute(
            "insert into job (county, job_id, kind, state, input, author, author_name, made_at)
             values ($1, $2, $3, 'queued', $4, $5, $6, $7)",
            &[
                county.into(),
                id.into(),
                new.kind.into(),
                new.input.into(),
                new.author.into(),
                new.author_name.into(),
                new.at.to_string().into(),
            ],
        )?;
        Ok(id)
    }

    /// A job; `None` if there is none of that id.
    ///
    /// # Errors
    /// What the engine says.
    pub fn job(&mut self, county: u32, id: u64) -> Result<Option<Job>, StoreError> {
        let sql = format!("select {COLUMNS} from job where county = $1 and job_id = $2");
        self.query_one(&sql, &[county.into(), id.into()], job)
    }

    /// The last jobs, newest first, no more than `limit`; those of one author where one is named.
    ///
    /// # Errors
    /// What the engine says.
    pub fn jobs(
        &mut self,
        county: u32,
        author: Option<&str>,
        limit: u32,
    ) -> Result<Vec<Job>, StoreError> {
        let whose = if author.is_some() { "and author = $3" } else { "" };
        let sql = format!(
            "select {COLUMNS} from job where county = $1 {whose} order by job_id desc limit $2"
        );
        let mut args = vec![county.into(), limit.into()];
        args.extend(author.map(Into::into));
        self.query(&sql, &args, job)
    }

    /// Whether a job waits, or its lease has run out.
    ///
    /// # Errors
    /// What the engine says.
    pub fn job_waits(&mut self, county: u32, at: Timestamp) -> Result<bool, StoreError> {
        let sql = format!("select {COLUMNS} from job where county = $1 and ended_at is null");
        let open = self.query(&sql, &[county.into()], job)?;
        Ok(open.iter().any(|job| job.is_free(at)))
    }

    /// Takes the oldest job that waits, or whose lease has run out: it is the owner's until `until`. `None` if none waits.
    ///
    /// # Errors
    /// What the engine says.
    pub fn lease_job(
        &mut self,
        county: u32,
        owner: &str,
        at: Timestamp,
        until: Timestamp,
    ) -> Result<Option<Job>, StoreError> {
        let open = self.query(
            &format!(
                "select {COLUMNS} from job where county = $1 and ended_at is null order by job_id"
            ),
            &[county.into()],
            job,
        )?;
        let Some(id) = open.iter().find(|job| job.is_free(at)).map(|job| job.id) else {
            return Ok(None);
        };
        self.execute(
            "update job set state = 'running', lease_owner = $3, lease_until = $4, started_at = $5,
                            attempts = attempts + 1
              where county = $1 and job_id = $2",
            &[
                county.into(),
                id.into(),
                owner.into(),
                until.to_string().into(),
                at.to_string().into(),
            ],
        )?;
        self.job(county, id)
    }

    /// Says that the owner still does a job and how far it is; whether they still hold it, and whether it should stop.
    ///
    /// # Errors
    /// What the engine says.
    pub fn job_goes_on(
        &mut self,
        county: u32,
        id: u64,
        owner: &str,
        until: Timestamp,
        step: (&str, u64, u64),
    ) -> Result<(bool, bool), StoreError> {
        let held = self.execute(
            "update job set lease_until = $4, step = $5, step_done = $6, step_of = $7
              where county = $1 and job_id = $2 and lease_owner = $3 and ended_at is null",
            &[
                county.into(),
                id.into(),
                owner.into(),
                until.to_string().into(),
                step.0.into(),
                step.1.into(),
                step.2.into(),
            ],
        )?;
        let asked_to = self.query_one(
            "select stop from job where county = $1 and job_id = $2",
            &[county.into(), id.into()],
            |r| r.get(0),
        )?;
        Ok((held == 1, asked_to.unwrap_or(false)))
    }

    /// Ends a job; `false` if the owner does not hold it any more, and then nothing is changed.
    ///
    /// # Errors
    /// What the engine says.
    pub fn end_job(
        &mut self,
        county: u32,
        id: u64,
        owner: &str,
        end: &JobEnd,
        at: Timestamp,
    ) -> Result<bool, StoreError> {
        let (state, result, failure) = match end {
            JobEnd::Done(result) => (JobState::Done, Some(result.as_str()), None),
            JobEnd::Stopped(result) => (JobState::Stopped, Some(result.as_str()), None),
            JobEnd::Failed(why) => (JobState::Failed, None, Some(why.as_str())),
        };
        let ended = self.execute(
            "update job set state = $4, result = $5, failure = $6, ended_at = $7,
                            lease_owner = null, lease_until = null
              where county = $1 and job_id = $2 and lease_owner = $3 and ended_at is null",
            &[
                county.into(),
                id.into(),
                owner.into(),
                state.code().into(),
                result.into(),
                failure.into(),
                at.to_string().into(),
            ],
        )?;
        Ok(ended == 1)
    }

    /// Asks a job to stop; one that was not begun ends at once. `false` if it has ended already.
    ///
    /// # Errors
    /// What the engine says.
    pub fn stop_job(&mut self, county: u32, id: u64, at: Timestamp) -> Result<bool, StoreError> {
        let asked = self.execute(
            "update job set stop = 1 where county = $1 and job_id = $2 and ended_at is null",
            &[county.into(), id.into()],
        )?;
        self.execute(
            "update job set state = 'stopped', ended_at = $3
              where county = $1 and job_id = $2 and state = 'queued'",
            &[county.into(), id.into(), at.to_string().into()],
        )?;
        Ok(asked == 1)
    }
}

fn job(r: &Row) -> Result<Job, StoreError> {
    let time = |column| r.parse(column, |text| text.parse::<Timestamp>().ok());
    Ok(Job {
        id: r.get(0)?,
        kind: r.get(1)?,
        state: r.parse(2, JobState::of)?.ok_or_else(|| r.bad(2))?,
        input: r.get(3)?,
        step: (r.get(4)?, r.get(5)?, r.get(6)?),
        stop: r.get(7)?,
        attempts: r.get(8)?,
        lease_until: time(9)?,
        result: r.get(10)?,
        failure: r.get(11)?,
        author: r.get(12)?,
        author_name: r.get(13)?,
        made_at: time(14)?.ok_or_else(|| r.bad(14))?,
        started_at: time(15)?,
        ended_at: time(16)?,
    })
}
