//! Books of an earlier version are backed up, tried on a copy, and only then brought up to date. There is no way back but the backup.

use std::path::{Path, PathBuf};

use crate::backup::{BACKUP_ENDS, Scratch};
use crate::schema::{self, Standing, VERSION};
use crate::{BackupOrder, Store, StoreError, Tx};

/// What bringing books up to date did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Upgrade {
    /// The version that they were of.
    pub from: i64,
    /// The version that they are of now.
    pub to: i64,
    /// The backup that was made before; `None` where no folder was named for it.
    pub kept: Option<PathBuf>,
}

impl Store {
    /// Brings the books to this program's version; `None` if they are of it, or were empty.
    pub(crate) fn bring_up_to_date(
        &self,
        keep: Option<&Path>,
    ) -> Result<Option<Upgrade>, StoreError> {
        let shown = self.shown();
        // An empty database is begun in the same turn, so that two programs cannot both begin it.
        let standing = self.write(|tx| {
            let standing = schema::standing(tx, &self.keys, &shown)?;
            if standing == Standing::Empty {
                schema::migrate(tx, &self.keys, standing, VERSION)?;
            }
            Ok::<_, StoreError>(standing)
        })?;
        let Standing::Older(from) = standing else { return Ok(None) };
        let kept = keep.map(|folder| self.keep_before(folder, from)).transpose()?;
        if self.is_a_file() {
            // On PostgreSQL the whole upgrade is one transaction, its trial included.
            let scratch = Scratch::make(self.folder())?;
            let copy = scratch.0.join("trial.db");
            self.copy_to(&copy)?;
            let trial = Self::at(&copy.display().to_string(), self.keys.clone())?;
            trial.step_up()?;
            trial.inventory()?;
        }
        self.step_up()?;
        Ok(Some(Upgrade { from, to: VERSION, kept }))
    }

    /// One transaction: every table that was there has its lines afterwards, and every reference holds.
    fn step_up(&self) -> Result<(), StoreError> {
        let shown = self.shown();
        self.write(|tx| {
            let standing = schema::standing(tx, &self.keys, &shown)?;
            let Standing::Older(from) = standing else { return Ok(()) };
            let before = counts(tx, from)?;
            schema::migrate(tx, &self.keys, standing, VERSION)?;
            let after = counts(tx, VERSION)?;
            for (table, lines) in before {
                let now = after.iter().find(|(name, _)| *name == table).map(|(_, n)| *n);
                if now.is_some_and(|n| n < lines) {
                    return Err(StoreError::Upgrade {
                        from,
                        why: format!("{table} 原有 {lines} 行，升级后只有 {}", now.unwrap_or(0)),
                    });
                }
            }
            if tx.is_sqlite() {
                let broken = tx.query("pragma foreign_key_check", &[], |r| r.get::<String>(0))?;
                if let Some(table) = broken.first() {
                    return Err(StoreError::Upgrade {
                        from,
                        why: format!("{table} 有 {} 条记录所指的记录不存在", broken.len()),
                    });
                }
            }
            Ok(())
        })
    }

    /// A backup under a name of its own.
    fn keep_before(&self, folder: &Path, from: i64) -> Result<PathBuf, StoreError> {
        std::fs::create_dir_all(folder).map_err(|e| StoreError::Backup {
            place: folder.display().to_string(),
            why: format!("升级前的备份写不下（{e}）；看看文件夹能不能写"),
        })?;
        let file = (1..=u32::MAX)
            .map(|n| folder.join(format!("before-upgrade-{from}-{VERSION}-{n}{BACKUP_ENDS}")))
            .find(|path| !path.exists())
            .expect("nobody upgraded four thousand million times");
        self.back_up(&file, &BackupOrder::default())?;
        Ok(file)
    }
}

fn counts(tx: &mut Tx, version: i64) -> Result<Vec<(&'static str, u64)>, StoreError> {
    let count = |table: &'static str| {
        let sql = format!("select cast(count(*) as bigint) from {table}");
        Ok((table, tx.query_one(&sql, &[], |r| r.get(0))?.unwrap_or(0)))
    };
    schema::tables_at(version).into_iter().map(count).collect()
}
