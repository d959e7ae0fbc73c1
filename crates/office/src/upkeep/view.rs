//! What an administrator sees, and what a monitor reads.

use fujiao_store::{
    Inventory, JobState, Keys, Server, Store, Traffic, UpkeepKind, UpkeepLine, Wire,
};
use jiff::{SignedDuration, Timestamp};

use super::{Keep, last_slot, rotate};
use crate::access::{Actor, Right};
use crate::{Office, OfficeError};

/// How the books are kept running.
#[derive(Clone, Debug)]
pub struct UpkeepView {
    /// Who serves them, or did: with whether there was a sign of life in the last minute.
    pub servers: Vec<(Server, bool)>,
    /// Bytes of the books.
    pub size: u64,
    /// The last backups, newest first, failed ones too.
    pub backups: Vec<UpkeepLine>,
    /// The last backup that stands.
    pub last_backup: Option<UpkeepLine>,
    /// Whether the last one that stands is older than two days.
    pub backup_is_old: bool,
    /// When the next one is made; `None`: by hand alone.
    pub next_backup: Option<Timestamp>,
    /// Where they lie; `None`: nobody said.
    pub folder: Option<String>,
    /// What is kept of them.
    pub keep: Option<Keep>,
    /// Backups in the folder of this machine, with the size of all.
    pub on_disk: (i64, u64),
    /// Drills, restores, upgrades, moves and cuts, newest first.
    pub events: Vec<UpkeepLine>,
    /// Errors of the program, newest first.
    pub errors: Vec<UpkeepLine>,
    /// Jobs that wait, that are being done, and that failed in the last seven days.
    pub jobs: [i64; 3],
}

/// What a monitor reads.
#[derive(Clone, Copy, Debug, Default)]
pub struct Gauges {
    /// Bytes of the books.
    pub size: u64,
    /// Jobs that wait, that are being done, and that failed in the last seven days.
    pub jobs: [i64; 3],
    /// When the last backup that stands was taken.
    pub last_backup: Option<Timestamp>,
    /// Errors of the program that are noted.
    pub errors: u64,
    /// Transactions of this program.
    pub traffic: Traffic,
}

/// Without a sign of life for so long a program is taken for gone.
const GONE: SignedDuration = SignedDuration::from_secs(60);

impl Office {
    /// How the books are kept running.
    ///
    /// # Errors
    /// [`crate::access::NotAllowed`] without [`Right::System`]; what the store says.
    pub fn upkeep(&self, actor: &Actor) -> Result<UpkeepView, OfficeError> {
        actor.must(Right::System)?;
        let at = actor.at;
        let (size, jobs) = (self.store.size()?, self.job_counts(at)?);
        let plan = self.upkeep.as_deref();
        let on_disk = plan.map(|plan| rotate::backups(&plan.folder)).unwrap_or_default();
        let bytes = on_disk.iter().filter_map(|(_, p)| std::fs::metadata(p).ok()).map(|m| m.len());
        let on_disk = (i64::try_from(on_disk.len()).unwrap_or(i64::MAX), bytes.sum());
        self.store.read(|tx| {
            use UpkeepKind as K;
            let all = tx.upkeep(&[K::Backup], 60)?;
            let last_backup = all.iter().find(|line| line.ok).cloned();
            let old = at - SignedDuration::from_hours(48);
            let servers = tx.servers()?.into_iter().map(|server| {
                let lives = server.stopped_at.is_none() && server.seen_at + GONE > at;
                (server, lives)
            });
            Ok(UpkeepView {
                servers: servers.collect(),
                size,
                backup_is_old: last_backup.as_ref().is_none_or(|line| line.at < old),
                last_backup,
                backups: all.into_iter().take(7).collect(),
                next_backup: plan
                    .and_then(|plan| plan.at)
                    .map(|time| last_slot(time, at) + SignedDuration::from_hours(24)),
                folder: plan.map(|plan| plan.folder.display().to_string()),
                keep: plan.map(|plan| plan.keep),
                on_disk,
                events: tx.upkeep(&[K::Drill, K::Restore, K::Upgrade, K::Move, K::Cut], 10)?,
                errors: tx.upkeep(&[K::Error], 10)?,
                jobs,
            })
        })
    }

    /// What a monitor reads. It is of no person.
    ///
    /// # Errors
    /// What the store says.
    pub fn gauges(&self, at: Timestamp) -> Result<Gauges, OfficeError> {
        let (size, jobs) = (self.store.size()?, self.job_counts(at)?);
        self.store.read(|tx| {
            let backups = tx.upkeep(&[UpkeepKind::Backup], 60)?;
            let errors = tx.query_one(
                "select cast(count(*) as bigint) from upkeep where kind = 'error'",
                &[],
                |r| r.get(0),
            )?;
            Ok(Gauges {
                size,
                jobs,
                last_backup: backups.iter().find(|line| line.ok).map(|line| line.at),
                errors: errors.unwrap_or(0),
                traffic: self.store.traffic(),
            })
        })
    }

    fn job_counts(&self, at: Timestamp) -> Result<[i64; 3], OfficeError> {
        let Ok(county) = self.county_code() else { return Ok([0; 3]) };
        let jobs = self.store.read(|tx| tx.jobs(county, None, 1_000).map_err(OfficeError::from))?;
        let week = at - SignedDuration::from_hours(24 * 7);
        let count = |f: &dyn Fn(&fujiao_store::Job) -> bool| {
            i64::try_from(jobs.iter().filter(|job| f(job)).count()).unwrap_or(i64::MAX)
        };
        Ok([
            count(&|job| job.state == JobState::Queued),
            count(&|job| job.state == JobState::Running),
            count(&|job| {
                job.state == JobState::Failed && job.ended_at.is_some_and(|ended| ended > week)
            }),
        ])
    }
}

/// What can be told of books without opening them for use.
#[derive(Clone, Debug)]
pub struct Looked {
    /// What is in them; their pages and their audit chain are sound.
    pub inventory: Inventory,
    /// Their size.
    pub bytes: u64,
    /// The version that opening would bring them to; `None`: they are of it.
    pub upgrades_to: Option<i64>,
    /// When the last line of the audit was written.
    pub last_audit: Option<Timestamp>,
    /// When the last backup that stands was taken.
    pub last_backup: Option<Timestamp>,
    /// What the server's clock shows; `None` for a file.
    pub server_clock: Option<Timestamp>,
    /// How the way to them is guarded.
    pub wire: Wire,
}

/// Looks at books as they stand; nothing is changed.
///
/// # Errors
/// What the store says: none there, another's, another key's, newer, damaged.
pub fn look_at(location: &str, keys: &Keys) -> Result<Looked, OfficeError> {
    let store = Store::open_as_it_stands(location, keys.clone())?;
    let inventory = store.inventory()?;
    let current = inventory.schema == fujiao_store::SCHEMA;
    let bytes = store.size()?;
    let is_a_file = store.is_a_file();
    let (last_audit, last_backup, server_clock) = store.read(|tx| {
        let backups = if current { tx.upkeep(&[UpkeepKind::Backup], 60)? } else { Vec::new() };
        let clock = if is_a_file {
            None
        } else {
            let sql = "select cast(extract(epoch from clock_timestamp()) as bigint)";
            tx.query_one(sql, &[], |r| r.get::<i64>(0))?
        };
        Ok::<_, OfficeError>((
            tx.last_audit()?,
            backups.iter().find(|line| line.ok).map(|line| line.at),
            clock.and_then(|second| Timestamp::from_second(second).ok()),
        ))
    })?;
    Ok(Looked {
        upgrades_to: (!current).then_some(fujiao_store::SCHEMA),
        inventory,
        bytes,
        last_audit,
        last_backup,
        server_clock,
        wire: store.wire(),
    })
}
