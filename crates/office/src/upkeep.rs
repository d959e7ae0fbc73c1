//! What keeps the books running for years: backups by the clock, drills, restores, moves, who serves them, and what went wrong.

mod begin;
mod carry;
mod rotate;
mod view;

use std::path::PathBuf;
use std::time::Instant;

pub use fujiao_store::{
    BACKUP_ENDS, Inventory, Keys, Manifest, Server, StoreError, Traffic, Upgrade, UpkeepLine, Wire,
    is_a_server, is_in_use, is_recipient, without_password,
};
use fujiao_store::{BackupOrder, Event, JobState, NewJob, NewUpkeep, UpkeepKind};
use jiff::civil::{DateTime, Time};
use jiff::{SignedDuration, Timestamp};

use crate::access::{Actor, Right};
use crate::jobs::JobKind;
use crate::{Office, OfficeError};
pub use begin::{key_of, put_key};
pub use carry::{Drilled, Moved, Restored, move_books, restore};
pub use view::{Gauges, Looked, UpkeepView, look_at};

/// How the books are kept running here, as the settings say.
#[derive(Clone, Debug)]
pub struct Plan {
    /// What this machine and address are called among all that serve the books.
    pub place: String,
    /// Where backups lie.
    pub folder: PathBuf,
    /// The county's own settings, which go along.
    pub beside: Vec<PathBuf>,
    /// Where unencrypted copies lie while a backup is made.
    pub scratch: PathBuf,
    /// Who besides the holder of the key may open backups: `age1…`.
    pub also_for: Vec<String>,
    /// When a backup is made each day, by the clock in China; `None`: only by hand.
    pub at: Option<Time>,
    /// Days, weeks and months of which the last backup is kept.
    pub keep: Keep,
}

/// Of how many days, weeks and months the last backup is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Keep {
    /// Days.
    pub daily: u32,
    /// Weeks, from Monday.
    pub weekly: u32,
    /// Months.
    pub monthly: u32,
}

/// Why nothing can be done for the books.
#[derive(Debug, thiserror::Error)]
pub enum UpkeepError {
    /// Nobody said where backups lie.
    #[error("没有说备份放在哪里；看设置 fujiao.toml 的 [backup]")]
    NoPlan,
    /// Another program has the books open.
    #[error("{0} 正被别的程序打开；先停下服务（fujiao serve），再来")]
    InUse(String),
    /// A file cannot be read, written or moved.
    #[error("{path}：{why}")]
    File {
        /// Which.
        path: String,
        /// Why, with the remedy.
        why: String,
    },
    /// What was read back is not what it should be.
    #[error("{0}，没有恢复；用另一份备份")]
    NotSound(String),
    /// What was poured is not what was there.
    #[error("搬过去的与原来的不同（{0}）；原来的台账没有动")]
    Differs(String),
}

/// A backup that was made and proven.
#[derive(Clone, Debug)]
pub struct Backup {
    /// The file.
    pub file: PathBuf,
    /// Its size.
    pub bytes: u64,
    /// How long it took, its proof included.
    pub seconds: f64,
    /// What is in it.
    pub manifest: Manifest,
    /// Backups that were older than what is kept, and are gone.
    pub removed: Vec<PathBuf>,
}

impl Office {
    /// Says how the books are kept running here.
    pub fn set_upkeep(&mut self, plan: Plan) {
        self.upkeep = Some(std::sync::Arc::new(plan));
    }

    /// How the books are kept running here.
    ///
    /// # Errors
    /// [`UpkeepError::NoPlan`] if nobody said.
    pub fn upkeep_plan(&self) -> Result<&Plan, OfficeError> {
        self.upkeep.as_deref().ok_or_else(|| UpkeepError::NoPlan.into())
    }

    /// What opening the books brought up to date, if anything.
    pub fn upgraded(&self) -> Option<&Upgrade> {
        self.upgraded.as_deref()
    }

    /// Backs the books up where the settings say, proves the backup, and lets go of those that are older than what is kept.
    ///
    /// # Errors
    /// [`UpkeepError::NoPlan`]; what the store says. A failure is noted in the books too.
    pub fn back_up(&self, at: Timestamp) -> Result<Backup, OfficeError> {
        let plan = self.upkeep_plan()?;
        let county = self.county_code().unwrap_or_default();
        // Of two within a second the later has a name of its own.
        let file = (0..60)
            .map(|n| plan.folder.join(rotate::name(county, at + SignedDuration::from_secs(n))))
            .find(|file| !file.exists())
            .unwrap_or_else(|| plan.folder.join(rotate::name(county, at)));
        let begun = Instant::now();
        let order = BackupOrder {
            taken_at: Some(at),
            also_for: plan.also_for.clone(),
            beside: plan.beside.clone(),
            scratch: Some(plan.scratch.clone()),
        };
        let made = std::fs::create_dir_all(&plan.folder)
            .map_err(|e| StoreError::Backup {
                place: plan.folder.display().to_string(),
                why: format!("建不了（{e}）；看看备份的盘插上没有、能不能写"),
            })
            .and_then(|()| self.store.back_up(&file, &order));
        let seconds = begun.elapsed().as_secs_f64();
        let bytes = std::fs::metadata(&file).map_or(0, |m| m.len());
        let detail = match &made {
            Ok(_) => file.file_name().unwrap_or_default().to_string_lossy().into_owned(),
            Err(error) => error.to_string(),
        };
        let note = NewUpkeep {
            at,
            kind: UpkeepKind::Backup,
            ok: made.is_ok(),
            seconds,
            bytes,
            place: &plan.place,
            detail: &detail,
        };
        self.store.write(|tx| {
            tx.note_upkeep(&note)?;
            if made.is_ok() {
                tx.audit(&Event {
                    county,
                    at,
                    actor: "fujiao",
                    action: "backup",
                    object: &detail,
                    detail: &format!("{bytes} bytes"),
                })?;
            }
            Ok::<_, OfficeError>(())
        })?;
        let manifest = made?;
        let removed = rotate::remove_surplus(&plan.folder, plan.keep, at);
        Ok(Backup { file, bytes, seconds, manifest, removed })
    }

    /// Queues a backup, as a page asks for it. Where one waits already, that one.
    ///
    /// # Errors
    /// Not theirs to do; [`UpkeepError::NoPlan`]; what the store says.
    pub fn queue_backup(&self, actor: &Actor) -> Result<u64, OfficeError> {
        actor.must(Right::System)?;
        self.upkeep_plan()?;
        let county = self.county_code()?;
        self.store.write(|tx| {
            if let Some(job) = open_backup(tx, county)? {
                return Ok(job);
            }
            let new = NewJob {
                kind: JobKind::Backup.code(),
                input: "",
                author: &actor.login,
                author_name: &actor.name,
                at: actor.at,
            };
            Ok(tx.add_job(county, &new)?)
        })
    }

    /// Queues today's backup where it is due and nobody made or queued it: of several programs that ask, one does. Whether it did.
    ///
    /// # Errors
    /// What the store says.
    pub fn queue_backup_if_due(&self, at: Timestamp) -> Result<bool, OfficeError> {
        let Ok(plan) = self.upkeep_plan() else { return Ok(false) };
        let (Some(time), Ok(county)) = (plan.at, self.county_code()) else { return Ok(false) };
        let slot = last_slot(time, at);
        let is_due = |tx: &mut fujiao_store::Tx| -> Result<bool, OfficeError> {
            // What a wrong clock dated ahead of now does not count.
            let known = tx.upkeep(&[UpkeepKind::Backup], 20)?;
            let mut since = known.iter().filter(|line| line.at >= slot && line.at <= at);
            let again = at - SignedDuration::from_hours(1);
            let stands = since.any(|line| line.ok || line.at > again);
            Ok(!stands && open_backup(tx, county)?.is_none())
        };
        // Looking costs nothing; only queueing needs the writer's turn.
        if !self.store.read(is_due)? {
            return Ok(false);
        }
        self.store.write(|tx| {
            if !is_due(tx)? {
                return Ok(false);
            }
            let new = NewJob {
                kind: JobKind::Backup.code(),
                input: "",
                author: "fujiao",
                author_name: "fujiao",
                at,
            };
            tx.add_job(county, &new)?;
            Ok(true)
        })
    }

    /// A program begins to serve the books; what there is to say about how it went before, in sentences.
    ///
    /// # Errors
    /// What the store says.
    pub fn begin_serving(&self, version: &str, at: Timestamp) -> Result<Vec<String>, OfficeError> {
        let plan = self.upkeep_plan()?;
        let mut said = Vec::new();
        let county = self.county_code().ok();
        self.store.write(|tx| {
            let before = tx.begin_serving(&plan.place, version, at)?;
            let cut = before.filter(|server| server.stopped_at.is_none());
            if let Some(cut) = cut {
                let jobs = match county {
                    Some(county) => {
                        let jobs = tx.jobs(county, None, 200)?;
                        jobs.iter().filter(|job| !job.state.has_ended()).count()
                    }
                    None => 0,
                };
                let going_on =
                    if jobs > 0 { format!("，{jobs} 件没办完的事接着办") } else { String::new() };
                let detail = format!(
                    "上次没有正常停下（断电或被结束），最后一次有动静是 {}；确认过的都在，没写完的已退回{going_on}",
                    shown(cut.seen_at)
                );
                tx.note_upkeep(&NewUpkeep {
                    at,
                    kind: UpkeepKind::Cut,
                    ok: true,
                    seconds: 0.0,
                    bytes: 0,
                    place: &plan.place,
                    detail: &detail,
                })?;
                said.push(detail);
            }
            if let Some(last) = tx.last_audit()?.filter(|last| *last > at + CLOCK_SLACK) {
                said.push(format!(
                    "本机的时钟（{}）比台账最后一条记录（{}）还早；先对时，再让大家用",
                    shown(at),
                    shown(last)
                ));
            }
            Ok::<_, OfficeError>(())
        })?;
        // A backup that was cut off leaves unencrypted copies behind.
        fujiao_store::remove_scratch(&plan.scratch);
        Ok(said)
    }

    /// Gives a sign of life, or says goodbye.
    ///
    /// # Errors
    /// What the store says.
    pub fn still_serving(&self, at: Timestamp, goodbye: bool) -> Result<(), OfficeError> {
        let plan = self.upkeep_plan()?;
        self.store.write(|tx| Ok(tx.still_serving(&plan.place, at, goodbye)?))
    }

    /// Notes an upgrade that opening the books did, and forgets that it did.
    ///
    /// # Errors
    /// What the store says.
    pub fn note_upgrade(&mut self, at: Timestamp) -> Result<(), OfficeError> {
        let Some(upgrade) = self.upgraded.take() else { return Ok(()) };
        let place = self.upkeep.as_deref().map_or("", |plan| plan.place.as_str());
        let detail = format!("从第 {} 版升级到第 {} 版", upgrade.from, upgrade.to);
        let county = self.county_code().unwrap_or_default();
        self.store.write(|tx| {
            tx.note_upkeep(&NewUpkeep {
                at,
                kind: UpkeepKind::Upgrade,
                ok: true,
                seconds: 0.0,
                bytes: 0,
                place,
                detail: &detail,
            })?;
            Ok(tx.audit(&Event {
                county,
                at,
                actor: "fujiao",
                action: "upgrade",
                object: "books",
                detail: &format!("{} to {}", upgrade.from, upgrade.to),
            })?)
        })
    }

    /// Notes that the program went wrong at a route, in words without personal data.
    ///
    /// # Errors
    /// What the store says.
    pub fn note_error(&self, route: &str, what: &str, at: Timestamp) -> Result<(), OfficeError> {
        let place = self.upkeep.as_deref().map_or("", |plan| plan.place.as_str());
        let what: String = what.chars().take(300).collect();
        let detail = format!("{route} {what}");
        self.store.write(|tx| {
            Ok(tx.note_upkeep(&NewUpkeep {
                at,
                kind: UpkeepKind::Error,
                ok: false,
                seconds: 0.0,
                bytes: 0,
                place,
                detail: &detail,
            })?)
        })
    }

    /// Whether the books answer.
    ///
    /// # Errors
    /// What the store says.
    pub fn ready(&self) -> Result<(), OfficeError> {
        self.store.read(|tx| Ok(tx.counties().map(drop)?))
    }
}

/// How far a clock may lag behind the books before somebody should look.
const CLOCK_SLACK: SignedDuration = SignedDuration::from_mins(2);

/// A backup that waits or is being made.
fn open_backup(tx: &mut fujiao_store::Tx, county: u32) -> Result<Option<u64>, OfficeError> {
    let jobs = tx.jobs(county, None, 50)?;
    let open = |state| matches!(state, JobState::Queued | JobState::Running);
    Ok(jobs.iter().find(|j| j.kind == JobKind::Backup.code() && open(j.state)).map(|j| j.id))
}

/// The last moment before `at` when the clock in China showed `time`.
fn last_slot(time: Time, at: Timestamp) -> Timestamp {
    let zone = jiff::tz::TimeZone::fixed(jiff::tz::offset(8));
    let now = zone.to_datetime(at);
    let today = DateTime::from_parts(now.date(), time);
    let slot = if today <= now {
        today
    } else {
        DateTime::from_parts(now.date().yesterday().unwrap_or(now.date()), time)
    };
    zone.to_timestamp(slot).unwrap_or(at)
}

/// A time as a clock in China shows it.
pub(crate) fn shown(at: Timestamp) -> String {
    let zone = jiff::tz::TimeZone::fixed(jiff::tz::offset(8));
    zone.to_datetime(at).strftime("%F %R").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::time;

    #[test]
    fn the_last_slot_is_today_or_yesterday_in_china() {
        for (now, slot) in [
            ("2025-10-15T18:31:00Z", "2025-10-15T18:30:00Z"), // 02:31 of the 16th in China
            ("2025-10-15T18:29:00Z", "2025-10-14T18:30:00Z"),
            ("2025-10-15T02:00:00Z", "2025-10-14T18:30:00Z"),
        ] {
            let got = last_slot(time(2, 30, 0, 0), now.parse().unwrap());
            assert_eq!(got, slot.parse().unwrap(), "{now}");
        }
    }
}
