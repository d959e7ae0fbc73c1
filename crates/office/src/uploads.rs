//! Workbooks that somebody brings in the browser: kept, looked at, and taken in by a job.

mod seen;

use fujiao_model::{Field, RosterKind};
use fujiao_store::{Event, HeaderWord, Job, NewBatch, NewJob, NewUpload, Tx};
use sha2::{Digest, Sha256};

use crate::access::{Actor, Right};
use crate::jobs::JobKind;
use crate::{Office, OfficeError};
pub use fujiao_intake::fields_of;
pub use fujiao_store::{Batch, BatchState, Upload};
pub use seen::{SeenColumn, SeenFile, SeenFinding, SeenSheet, Sure};

/// Bytes of all workbooks of a batch together.
pub const BATCH_BYTES: usize = 64 << 20;
/// Workbooks of a batch.
pub const BATCH_FILES: usize = 60;
/// Kinds of file that can hold a roster.
const WORKBOOKS: [&str; 7] = ["xlsx", "xlsm", "xls", "et", "csv", "txt", "tsv"];
/// Longest name of a file or an office, in characters.
const LONGEST_NAME: usize = 100;

/// Why workbooks cannot be kept, or a batch cannot go on.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum UploadError {
    /// Nothing was chosen.
    #[error("没有选文件；选好工作簿再送")]
    NoFiles,
    /// Too many at once.
    #[error("一次最多送 {BATCH_FILES} 份；分几次送")]
    TooMany,
    /// Too large together.
    #[error("加起来超过 {} MB；分几次送", BATCH_BYTES >> 20)]
    TooLarge,
    /// Files that cannot be kept, a sentence each; nothing of the batch was.
    #[error("{}", .0.join("；"))]
    Files(Vec<String>),
    /// The name of the office does not do.
    #[error("报送单位写短一点，不要斜杠，例如“民政局”")]
    Unit,
    /// There is no such batch, or it is somebody else's.
    #[error("没有这一批，或不归你管；看看“收名册”")]
    NoSuchBatch,
    /// It was taken or dropped.
    #[error("这一批已经收过或作罢；要收就重新送")]
    Ended,
    /// Its check has not ended.
    #[error("还在试读；读完再收")]
    NotChecked,
    /// No such column.
    #[error("没有这一栏；回到试读结果重选")]
    NoSuchColumn,
}

/// A workbook as it comes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Brought {
    /// Its name as the browser gives it.
    pub name: String,
    /// Its bytes.
    pub bytes: Vec<u8>,
}

/// A batch with all that is known of it.
#[derive(Clone, Debug)]
pub struct BatchView {
    /// The batch.
    pub batch: Batch,
    /// Its workbooks.
    pub files: Vec<Upload>,
    /// The job that looks at it.
    pub check: Option<Job>,
    /// What would become of each row, once the check has ended.
    pub seen: Option<Vec<SeenFile>>,
    /// The job that takes it in.
    pub import: Option<Job>,
}

impl BatchView {
    /// Whether it can be taken in now.
    pub fn can_be_taken(&self) -> bool {
        let idle = self.import.as_ref().is_none_or(|job| job.state.has_ended());
        self.batch.state == BatchState::Waiting && self.seen.is_some() && idle
    }
}

impl Office {
    /// Keeps workbooks and queues the job that looks at them: all of them, or none. The batch's id.
    ///
    /// # Errors
    /// [`UploadError`], with nothing kept.
    pub fn bring(&self, actor: &Actor, unit: &str, files: &[Brought]) -> Result<u64, OfficeError> {
        actor.must(Right::Upload)?;
        let county = self.county_code()?;
        let unit = unit.trim();
        if unit.chars().count() > LONGEST_NAME || !is_plain(unit) {
            return Err(UploadError::Unit.into());
        }
        let named = checked(files)?;
        let new: Vec<NewUpload> = files
            .iter()
            .zip(&named)
            .map(|(file, name)| NewUpload {
                name,
                sha256: Sha256::digest(&file.bytes).into(),
                bytes: &file.bytes,
            })
            .collect();
        self.store.write(|tx| {
            let batch =
                NewBatch { unit, author: &actor.login, author_name: &actor.name, at: actor.at };
            let id = tx.add_batch(county, &batch, &new)?;
            queue(tx, county, actor, id, JobKind::Check)?;
            note(tx, county, actor, "bring", id, &format!("files {}", new.len()))?;
            Ok(id)
        })
    }

    /// The last batches: the actor's own.
    ///
    /// # Errors
    /// What the store says.
    pub fn batches(&self, actor: &Actor, limit: u32) -> Result<Vec<Batch>, OfficeError> {
        actor.must(Right::Upload)?;
        let county = self.county_code()?;
        self.store.read(|tx| Ok(tx.batches(county, Some(&actor.login), limit)?))
    }

    /// One of the actor's batches.
    ///
    /// # Errors
    /// [`UploadError::NoSuchBatch`] if it is none of theirs.
    pub fn batch(&self, actor: &Actor, id: u64) -> Result<BatchView, OfficeError> {
        actor.must(Right::Upload)?;
        let county = self.county_code()?;
        self.store.read(|tx| {
            let batch = own(tx, county, actor, id)?;
            let mut job = |id: Option<u64>| match id {
                Some(id) => Ok::<_, OfficeError>(tx.job(county, id)?),
                None => Ok(None),
            };
            let (check, import) = (job(batch.check_job)?, job(batch.import_job)?);
            let seen = check.as_ref().and_then(|c| SeenFile::read_all(c.result.as_deref()?));
            Ok(BatchView { files: tx.uploads(county, id)?, batch, check, seen, import })
        })
    }

    /// Queues the job that takes a batch in; its id. `force`: files too that the brake would stop.
    ///
    /// # Errors
    /// [`UploadError::NotChecked`] before it was looked at; [`UploadError::Ended`] if it was taken or dropped.
    pub fn take_batch_in(&self, actor: &Actor, id: u64, force: bool) -> Result<u64, OfficeError> {
        let view = self.batch(actor, id)?;
        if view.batch.state != BatchState::Waiting {
            return Err(UploadError::Ended.into());
        }
        let running = view.import.as_ref().filter(|job| !job.state.has_ended());
        if let Some(job) = running {
            return Ok(job.id);
        }
        if view.seen.is_none() {
            return Err(UploadError::NotChecked.into());
        }
        let county = self.county_code()?;
        self.store.write(|tx| {
            let kind = if force { JobKind::ImportAll } else { JobKind::Import };
            let job = queue(tx, county, actor, id, kind)?;
            note(tx, county, actor, "take in", id, &format!("job {job} force {force}"))?;
            Ok(job)
        })
    }

    /// Queues the job that looks at a batch anew.
    ///
    /// # Errors
    /// [`UploadError::Ended`] if it was taken or dropped.
    pub fn look_again(&self, actor: &Actor, id: u64) -> Result<(), OfficeError> {
        actor.must(Right::Upload)?;
        let county = self.county_code()?;
        self.store.write(|tx| {
            if own(tx, county, actor, id)?.state != BatchState::Waiting {
                return Err(UploadError::Ended.into());
            }
            queue(tx, county, actor, id, JobKind::Check)?;
            Ok(())
        })
    }

    /// Drops a batch that waits: its workbooks go.
    ///
    /// # Errors
    /// [`UploadError::Ended`] if it does not wait.
    pub fn drop_batch(&self, actor: &Actor, id: u64) -> Result<(), OfficeError> {
        actor.must(Right::Upload)?;
        let county = self.county_code()?;
        self.store.write(|tx| {
            let batch = own(tx, county, actor, id)?;
            for job in [batch.check_job, batch.import_job].into_iter().flatten() {
                tx.stop_job(county, job, actor.at)?;
            }
            if !tx.end_batch(county, id, BatchState::Dropped)? {
                return Err(UploadError::Ended.into());
            }
            note(tx, county, actor, "drop", id, "")?;
            Ok(())
        })
    }

    /// Says what a header means in rosters of a kind, for now and later, and queues the job that looks at the batch anew.
    ///
    /// # Errors
    /// [`UploadError::NoSuchColumn`] if the batch has no such column, or rosters of the kind no such field.
    pub fn confirm_header(
        &self,
        actor: &Actor,
        id: u64,
        kind: RosterKind,
        header: &str,
        field: Field,
    ) -> Result<(), OfficeError> {
        let view = self.batch(actor, id)?;
        let there = view.seen.iter().flatten().flat_map(|file| &file.sheets).any(|sheet| {
            sheet.kind == kind.code() && sheet.columns.iter().any(|c| c.header == header)
        });
        if !there || !fujiao_intake::fields_of(kind).contains(&field) {
            return Err(UploadError::NoSuchColumn.into());
        }
        if view.batch.state != BatchState::Waiting {
            return Err(UploadError::Ended.into());
        }
        let county = self.county_code()?;
        self.store.write(|tx| {
            let word = HeaderWord { kind, header: header.to_owned(), field };
            tx.remember_header(county, &word, actor.at, &actor.login)?;
            queue(tx, county, actor, id, JobKind::Check)?;
            note(
                tx,
                county,
                actor,
                "confirm header",
                id,
                &format!("{} {}", kind.code(), field.code()),
            )?;
            Ok(())
        })
    }

    /// The copy of a workbook with reasons and remedies: a name for it, and the .xlsx.
    ///
    /// # Errors
    /// [`UploadError::NoSuchBatch`] where there is none.
    pub fn returned(
        &self,
        actor: &Actor,
        id: u64,
        number: u32,
    ) -> Result<(String, Vec<u8>), OfficeError> {
        actor.must(Right::Upload)?;
        let county = self.county_code()?;
        self.store.write(|tx| {
            own(tx, county, actor, id)?;
            let files = tx.uploads(county, id)?;
            let name = files.iter().find(|f| f.number == number).map(|f| f.name.clone());
            let copy = tx.returned_copy(county, id, number)?;
            let (name, copy) = name.zip(copy).ok_or(UploadError::NoSuchBatch)?;
            note(tx, county, actor, "fetch returned copy", id, &format!("file {number}"))?;
            let stem = name.rsplit_once('.').map_or(name.as_str(), |(stem, _)| stem);
            Ok((format!("{stem}.待核.xlsx"), copy))
        })
    }
}

/// The names under which workbooks are kept, each once; or why they cannot be.
fn checked(files: &[Brought]) -> Result<Vec<String>, UploadError> {
    if files.is_empty() {
        return Err(UploadError::NoFiles);
    }
    if files.len() > BATCH_FILES {
        return Err(UploadError::TooMany);
    }
    if files.iter().map(|f| f.bytes.len()).sum::<usize>() > BATCH_BYTES {
        return Err(UploadError::TooLarge);
    }
    let (mut names, mut faults): (Vec<String>, Vec<String>) = Default::default();
    for file in files {
        let shown: String = file.name.chars().filter(|c| !c.is_control()).take(40).collect();
        let extension = file.name.rsplit_once('.').map_or("", |(_, e)| e).to_lowercase();
        let fault = if file.name.is_empty() || !is_plain(&file.name) {
            Some("文件名不能有斜杠、控制符，也不能以点开头；改个名再送")
        } else if file.name.chars().count() > LONGEST_NAME {
            Some("文件名太长；改短再送")
        } else if !WORKBOOKS.contains(&extension.as_str()) {
            Some("不是工作簿；存成 .xlsx、.xls 或 .csv 再送")
        } else if file.bytes.is_empty() {
            Some("是空文件；核对是否存盘成功再送")
        } else {
            None
        };
        if let Some(fault) = fault {
            faults.push(format!("“{shown}”{fault}"));
            continue;
        }
        let mut name = file.name.clone();
        let mut n = 2;
        while names.contains(&name) {
            let stem = &file.name[..file.name.len() - extension.len() - 1];
            name = format!("{stem}（{n}）.{extension}");
            n += 1;
        }
        names.push(name);
    }
    if faults.is_empty() { Ok(names) } else { Err(UploadError::Files(faults)) }
}

/// A name that is one part of a path and shows as it is.
fn is_plain(name: &str) -> bool {
    let turns = |c: char| matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    !name.starts_with('.')
        && !name.contains(|c: char| c.is_control() || matches!(c, '/' | '\\') || turns(c))
}

/// A batch of the actor's own.
fn own(tx: &mut Tx, county: u32, actor: &Actor, id: u64) -> Result<Batch, OfficeError> {
    let batch = tx.batch(county, id)?.filter(|batch| batch.author == actor.login);
    Ok(batch.ok_or(UploadError::NoSuchBatch)?)
}

fn queue(
    tx: &mut Tx,
    county: u32,
    actor: &Actor,
    batch: u64,
    kind: JobKind,
) -> Result<u64, OfficeError> {
    let job = tx.add_job(
        county,
        &NewJob {
            kind: kind.code(),
            input: &batch.to_string(),
            author: &actor.login,
            author_name: &actor.name,
            at: actor.at,
        },
    )?;
    tx.job_of_batch(county, batch, kind == JobKind::Check, job)?;
    Ok(job)
}

fn note(
    tx: &mut Tx,
    county: u32,
    actor: &Actor,
    action: &str,
    batch: u64,
    detail: &str,
) -> Result<(), OfficeError> {
    let object = format!("batch {batch}");
    let (at, by) = (actor.at, actor.login.as_str());
    Ok(tx.audit(&Event { county, at, actor: by, action, object: &object, detail })?)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(given: &[&str]) -> Result<Vec<String>, UploadError> {
        let brought = |name: &&str| Brought { name: (*name).to_owned(), bytes: vec![1] };
        checked(&given.iter().map(brought).collect::<Vec<_>>())
    }

    #[test]
    fn odd_names_are_refused_and_equal_ones_told_apart() {
        assert_eq!(
            names(&["学籍.xlsx", "学籍.xlsx", "低保.CSV"]).unwrap(),
            ["学籍.xlsx", "学籍（2）.xlsx", "低保.CSV"]
        );
        let odd = [
            "../../etc/passwd.xlsx",
            "a\\b.xls",
            ".xlsx",
            "名\u{202e}xslx.csv",
            "a\0.csv",
            "",
            "图.png",
        ];
        let Err(UploadError::Files(faults)) = names(&odd) else { panic!("odd names came in") };
        assert_eq!(faults.len(), odd.len(), "{faults:?}");
        assert_eq!(names(&[]), Err(UploadError::NoFiles));
    }
}
