use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError, mpsc};
use std::time::Duration;

use fujiao_store::{BatchState, Event, Job, JobEnd};
use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};

use super::JobKind;
use crate::access::{Access, Ground, Right};
use crate::import::{Feed, Incoming, Within};
use crate::plans::{PlanError, Solving};
use crate::uploads::{SeenFile, UploadError};
use crate::{ImportHow, Office, OfficeError};

/// How long a job is a worker's without a word from it. After a crash it waits so long at most.
pub const LEASE: Duration = Duration::from_secs(15);
/// How often a worker says that it goes on.
pub const BEAT: Duration = Duration::from_secs(1);
/// How often a job is begun before it counts as failed: one that brings the program down must not do so for ever.
const ATTEMPTS: u32 = 5;
/// Files booked together: a job can be stopped between them.
const PORTION: usize = 6;

/// A job under way: how far it is, and what its author and other workers say of it.
#[derive(Default)]
struct Going {
    step: Mutex<(String, u64, u64)>,
    stop: AtomicBool,
    lost: AtomicBool,
}

impl Going {
    fn must_stop(&self) -> bool {
        self.stop.load(Ordering::Relaxed) || self.lost.load(Ordering::Relaxed)
    }

    fn say(&self, step: &str, done: u64, of: u64) {
        *self.step.lock().unwrap_or_else(PoisonError::into_inner) = (step.to_owned(), done, of);
    }
}

impl Office {
    /// Does the next job that waits, or whose worker is gone; its id, or `None` if there is none. `owner` names this worker
    /// among all that share the books; `now` is its clock.
    ///
    /// A job can be begun again at any point: files come in once by their hash, and an assessment is reckoned anew.
    ///
    /// # Errors
    /// What the store says of the queue itself. A job that fails says so in the books.
    pub fn work(&self, owner: &str, now: fn() -> Timestamp) -> Result<Option<u64>, OfficeError> {
        let county = match self.county_code() {
            Err(OfficeError::NoRosters) => return Ok(None),
            county => county?,
        };
        // Looking costs nothing; only taking needs the writer's turn.
        if !self.store.read(|tx| tx.job_waits(county, now()))? {
            return Ok(None);
        }
        let until = || now() + SignedDuration::try_from(LEASE).expect("a few seconds");
        let leased = self.store.write(|tx| tx.lease_job(county, owner, now(), until()))?;
        let Some(job) = leased else { return Ok(None) };
        let going = Going::default();
        let end = std::thread::scope(|scope| {
            let (ending, ended) = mpsc::channel::<()>();
            let (going, job) = (&going, &job);
            scope.spawn(move || {
                while ended.recv_timeout(BEAT) == Err(mpsc::RecvTimeoutError::Timeout) {
                    let step = going.step.lock().unwrap_or_else(PoisonError::into_inner).clone();
                    let beat = self.store.write(|tx| {
                        tx.job_goes_on(county, job.id, owner, until(), (&step.0, step.1, step.2))
                    });
                    // Books that are busy for a moment are no reason to give a job up.
                    if let Ok((held, stop)) = beat {
                        going.lost.store(!held, Ordering::Relaxed);
                        going.stop.store(stop, Ordering::Relaxed);
                    }
                }
            });
            let end = self.end_of(job, going, now);
            drop(ending);
            end
        });
        self.store.write(|tx| {
            if tx.end_job(county, job.id, owner, &end, now())? {
                let detail = match &end {
                    JobEnd::Done(_) => "done",
                    JobEnd::Stopped(_) => "stopped",
                    JobEnd::Failed(_) => "failed",
                };
                tx.audit(&Event {
                    county,
                    at: now(),
                    actor: &job.author,
                    action: "job",
                    object: &format!("job {}", job.id),
                    detail: &format!("{} {detail}", job.kind),
                })?;
            }
            Ok::<_, OfficeError>(())
        })?;
        Ok(Some(job.id))
    }

    /// Does a job; whatever happens is an end.
    fn end_of(&self, job: &Job, going: &Going, now: fn() -> Timestamp) -> JobEnd {
        if job.attempts > ATTEMPTS {
            return JobEnd::Failed(format!("试了 {ATTEMPTS} 次都没办成；把日志交给管理员看"));
        }
        let at = job.made_at;
        let input = job.input.as_str();
        let done = catch_unwind(AssertUnwindSafe(|| match JobKind::parse(&job.kind) {
            Some(JobKind::Check) => self.look(input, going, at),
            Some(JobKind::Import) => self.take_in((job.id, input), false, going, now()),
            Some(JobKind::ImportAll) => self.take_in((job.id, input), true, going, now()),
            Some(JobKind::Assess) => self.reckon(input, going, now()),
            Some(JobKind::Plan) => self.plan_ahead(input, going, now),
            Some(JobKind::Backup) => self.back_up(now()).map(|made| {
                JobEnd::Done(made.file.file_name().unwrap_or_default().to_string_lossy().into())
            }),
            None => Ok(JobEnd::Failed("不认得这种事；升级程序".to_owned())),
        }));
        match done {
            Ok(Ok(end)) => end,
            Ok(Err(error)) => JobEnd::Failed(error.to_string()),
            Err(_) => JobEnd::Failed("程序出错；把日志交给管理员看".to_owned()),
        }
    }

    /// Says what would become of each row of a batch.
    fn look(&self, batch: &str, going: &Going, at: Timestamp) -> Result<JobEnd, OfficeError> {
        let how = ImportHow { dry_run: true, force: false, at };
        let seen = self.through(batch, how, going)?;
        let result = serde_json::to_string(&seen).expect("texts and numbers always write");
        Ok(if going.must_stop() { JobEnd::Stopped(String::new()) } else { JobEnd::Done(result) })
    }

    /// Takes a batch in.
    fn take_in(
        &self,
        (job, batch): (u64, &str),
        force: bool,
        going: &Going,
        at: Timestamp,
    ) -> Result<JobEnd, OfficeError> {
        let (county, id) = (self.county_code()?, number(batch)?);
        let of = self.store.read(|tx| tx.batch(county, id))?.ok_or(UploadError::NoSuchBatch)?;
        if of.state == BatchState::Taken && of.import_job == Some(job) {
            // It was killed between its last file and its own end: all is in the books.
            return Ok(JobEnd::Done("[]".to_owned()));
        }
        let mut seen = self.through(batch, ImportHow { dry_run: false, force, at }, going)?;
        for file in &mut seen {
            file.sheets.clear();
        }
        let result = serde_json::to_string(&seen).expect("texts and numbers always write");
        if going.must_stop() {
            return Ok(JobEnd::Stopped(result));
        }
        self.store.write(|tx| tx.end_batch(county, id, BatchState::Taken))?;
        Ok(JobEnd::Done(result))
    }

    /// Goes through the workbooks of a batch, as many as there is time for until somebody says stop.
    fn through(
        &self,
        batch: &str,
        how: ImportHow,
        going: &Going,
    ) -> Result<Vec<SeenFile>, OfficeError> {
        let (county, id) = (self.county_code()?, number(batch)?);
        let (batch, uploads) = self.store.read(|tx| {
            Ok::<_, OfficeError>((
                tx.batch(county, id)?.ok_or(UploadError::NoSuchBatch)?,
                tx.uploads(county, id)?,
            ))
        })?;
        if batch.state != BatchState::Waiting {
            return Err(UploadError::Ended.into());
        }
        let within = self.senders_schools(&batch.author, how.at)?;
        let path_of = |name: &str| match batch.unit.as_str() {
            "" => name.to_owned(),
            unit => format!("{unit}/{name}"),
        };
        let numbers: BTreeMap<String, u32> =
            uploads.iter().map(|u| (path_of(&u.name), u.number)).collect();
        let files: Vec<Incoming> = numbers
            .keys()
            .map(|name| Incoming { path: std::path::PathBuf::new(), name: name.clone() })
            .collect();
        let bytes = |file: &Incoming| {
            let number = numbers[&file.name];
            let read = self.store.read(|tx| tx.upload_bytes(county, id, number));
            read.map_err(std::io::Error::other)?.ok_or_else(|| std::io::Error::other("已经作罢"))
        };
        let feed = Feed {
            bytes: &bytes,
            portion: PORTION,
            stop: &|| going.must_stop(),
            by: &batch.author,
            within,
        };
        let mut office = self.with_county()?;
        let report =
            office.import_from(&files, &feed, &how, &|step, done, of| going.say(step, done, of))?;
        let mut seen = Vec::with_capacity(report.files.len());
        for file in &report.files {
            let number = numbers[&file.name];
            let copy = file.returned.as_ref().map(|copy| copy.bytes.as_slice());
            // A file that came in before was not read again: its copy stays.
            if how.dry_run || copy.is_some() {
                self.store.write(|tx| tx.keep_returned(county, id, number, copy))?;
            }
            let name = uploads.iter().find(|u| u.number == number).map_or("", |u| u.name.as_str());
            seen.push(SeenFile::of(name, file));
        }
        Ok(seen)
    }

    /// Solves a scenario, for as long as its author gave it.
    fn plan_ahead(
        &self,
        scenario: &str,
        going: &Going,
        now: fn() -> Timestamp,
    ) -> Result<JobEnd, OfficeError> {
        let id = scenario.parse().map_err(|_| PlanError::NoSuchPlan)?;
        let begun = now();
        let seconds = self.seconds_of_plan(id)?;
        let stop = |share: f64| {
            going.must_stop() || now().duration_since(begun).as_secs_f64() > share * seconds
        };
        let progress = |step: &str, done: u64, of: u64| going.say(step, done, of);
        let solving = Solving {
            roads: None,
            stop: &stop,
            stopped: &|| going.must_stop(),
            progress: &progress,
            now: &now,
        };
        Ok(if self.solve_plan(id, &solving)? {
            JobEnd::Done(id.to_string())
        } else {
            JobEnd::Stopped(id.to_string())
        })
    }

    /// The schools that somebody may send rosters about; `None`: they may send what any office sends.
    fn senders_schools(&self, login: &str, at: Timestamp) -> Result<Option<Within>, OfficeError> {
        let county = self.county_code()?;
        self.store.read(|tx| {
            let Some(account) = tx.account_of(county, login)? else { return Ok(None) };
            let mut schools = Vec::new();
            for grant in crate::accounts::grants(tx, county, account.user, at)? {
                match grant.ground {
                    _ if !Access::builtin().role(grant.role).may.contains(&Right::Upload) => {}
                    Ground::School(id) | Ground::Class { school: id, .. } => schools.push(id),
                    _ => return Ok(None),
                }
            }
            if schools.is_empty() {
                return Ok(None);
            }
            let mut own = tx.schools(county)?;
            own.retain(|school| schools.contains(&school.id));
            Ok(Some(Within {
                names: own.iter().map(|school| school.name.clone()).collect(),
                codes: own.iter().filter_map(|school| school.code.clone()).collect(),
            }))
        })
    }

    /// Assesses the county anew.
    fn reckon(&self, day: &str, going: &Going, at: Timestamp) -> Result<JobEnd, OfficeError> {
        let as_of: Date = match day.parse() {
            Ok(day) => day,
            Err(_) => return Ok(JobEnd::Failed(format!("“{day}”不是日期；重新点“核算”"))),
        };
        let mut office = self.with_county()?;
        let assessment = office.assess(as_of, at, &|step, done, of| going.say(step, done, of))?;
        going.say("写报告", 0, 1);
        office.keep_report(&assessment, at)?;
        let county = self.county_code()?;
        let run = self.store.read(|tx| tx.live_run(county))?.ok_or(OfficeError::NoRosters)?;
        Ok(JobEnd::Done(run.id.to_string()))
    }
}

fn number(batch: &str) -> Result<u64, UploadError> {
    batch.parse().map_err(|_| UploadError::NoSuchBatch)
}
