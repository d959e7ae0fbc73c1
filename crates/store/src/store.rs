use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::OpenFlags;

use crate::pool::Pool;
use crate::tx::{Connection, PgConnection};
use crate::{Keys, StoreError, Tx, schema};

/// How many reads can go on at once.
const READERS: usize = 8;
/// How long a writer waits for another program to finish.
const PATIENCE: Duration = Duration::from_secs(10);
/// The lock by which writers on a PostgreSQL database take turns, as they do on a SQLite file.
const WRITER_LOCK: i64 = 0x4675_4a69;

/// The county's books: a SQLite file, or a PostgreSQL database.
///
/// One writer at a time, whose transaction is there as a whole or not at all; readers see the state before or after it,
/// never between. What [`Store::write`] has confirmed survives loss of power.
pub struct Store {
    pub(crate) keys: Keys,
    place: Place,
    writer: Pool<Connection>,
    readers: Pool<Connection>,
}

#[derive(Clone)]
enum Place {
    File(PathBuf),
    Server(Box<postgres::Config>, String),
}

impl Store {
    /// Opens the books at a path, or at a `postgres://` URL; begins them where there are none; brings an older schema
    /// up to date.
    ///
    /// # Errors
    /// [`StoreError::WrongKey`], [`StoreError::NotOurs`], [`StoreError::Newer`], [`StoreError::Corrupt`],
    /// [`StoreError::Open`], each before anything was changed.
    pub fn open(url_or_path: &str, keys: Keys) -> Result<Self, StoreError> {
        let place = if ["postgres://", "postgresql://"].iter().any(|p| url_or_path.starts_with(p)) {
            let shown = without_password(url_or_path);
            let config = url_or_path.parse().map_err(|e: postgres::Error| StoreError::Open {
                place: shown.clone(),
                why: e.to_string(),
            })?;
            Place::Server(Box::new(config), shown)
        } else {
            Place::File(PathBuf::from(url_or_path))
        };
        let pool = |most, writes| {
            let place = place.clone();
            Pool::new(most, move || place.connect(writes))
        };
        let store = Self { keys, writer: pool(1, true), readers: pool(READERS, false), place };
        let shown = store.place.shown();
        store.write(|tx| schema::migrate(tx, &store.keys, &shown))?;
        Ok(store)
    }

    /// One use case's transaction. Rolled back if `f` gives an error or panics, or if any statement in it failed.
    ///
    /// # Errors
    /// Those of `f`, and [`StoreError::Busy`] where another program keeps writing.
    pub fn write<T, E: From<StoreError>>(
        &self,
        f: impl FnOnce(&mut Tx) -> Result<T, E>,
    ) -> Result<T, E> {
        let begin = match self.place {
            Place::File(_) => "begin immediate".to_owned(),
            Place::Server(..) => format!("begin; select pg_advisory_xact_lock({WRITER_LOCK})"),
        };
        self.transaction(&self.writer, &begin, "commit", f)
    }

    /// A snapshot: all that `f` reads is of one moment. It cannot write.
    ///
    /// # Errors
    /// Those of `f`.
    pub fn read<T, E: From<StoreError>>(
        &self,
        f: impl FnOnce(&mut Tx) -> Result<T, E>,
    ) -> Result<T, E> {
        let begin = match self.place {
            Place::File(_) => "begin",
            Place::Server(..) => "begin isolation level repeatable read read only",
        };
        self.transaction(&self.readers, begin, "rollback", f)
    }

    fn transaction<T, E: From<StoreError>>(
        &self,
        pool: &Pool<Connection>,
        begin: &str,
        end: &str,
        f: impl FnOnce(&mut Tx) -> Result<T, E>,
    ) -> Result<T, E> {
        let mut connection = pool.take()?;
        let written = std::collections::BTreeMap::new();
        let mut tx = Tx { connection: &mut connection, keys: &self.keys, failed: false, written };
        tx.script(begin)?;
        let result = f(&mut tx).and_then(|given| tx.counted().map(|()| given).map_err(E::from));
        if result.is_err() || tx.failed {
            tx.failed = false;
            // A connection that does not even roll back is closed, which rolls back.
            if tx.script("rollback").is_ok() {
                connection.keep();
            }
            result?;
            return Err(StoreError::Failed.into());
        }
        tx.script(end)?;
        connection.keep();
        result
    }

    /// Copies the books into a new file while others read and write. The key is not in it: keep that elsewhere.
    ///
    /// # Errors
    /// [`StoreError::Open`] if the file exists or cannot be made; for a PostgreSQL database, whose own `pg_dump` does it.
    pub fn backup(&self, to: &Path) -> Result<(), StoreError> {
        let fail = |why: String| StoreError::Open { place: to.display().to_string(), why };
        if matches!(self.place, Place::Server(..)) {
            return Err(fail("PostgreSQL 数据库用 pg_dump 备份".into()));
        }
        if to.exists() {
            return Err(fail("文件已经存在".into()));
        }
        let from = self.readers.take()?;
        let Connection::Sqlite(source) = &*from else { unreachable!("a file is opened by SQLite") };
        // Written under another name first, so that no half of a backup bears the name of a whole one.
        let mut partial = to.as_os_str().to_owned();
        partial.push(".partial");
        let partial = PathBuf::from(partial);
        let copied = (|| {
            let mut target = rusqlite::Connection::open(&partial)?;
            // All pages in one step: one moment of the books, however busy the writer.
            rusqlite::backup::Backup::new(source, &mut target)?.run_to_completion(
                i32::MAX,
                Duration::from_millis(20),
                None,
            )?;
            Ok::<_, rusqlite::Error>(())
        })();
        from.keep();
        let copied = copied.map_err(StoreError::from).and_then(|()| {
            let file = std::fs::File::open(&partial).map_err(|e| fail(e.to_string()))?;
            file.sync_all().map_err(|e| fail(e.to_string()))?;
            std::fs::rename(&partial, to).map_err(|e| fail(e.to_string()))
        });
        if copied.is_err() {
            // What is left of the attempt says nothing; the error does.
            let _ = std::fs::remove_file(&partial);
        }
        copied
    }
}

impl Place {
    fn shown(&self) -> String {
        match self {
            Self::File(path) => path.display().to_string(),
            Self::Server(_, shown) => shown.clone(),
        }
    }

    fn connect(&self, writes: bool) -> Result<Connection, StoreError> {
        match self {
            Self::File(path) => Ok(Connection::Sqlite(open_file(path, writes)?)),
            Self::Server(config, shown) => {
                let mut config = (**config).clone();
                config.connect_timeout(PATIENCE);
                let mut client = config.connect(postgres::NoTls).map_err(|e| StoreError::Open {
                    place: shown.clone(),
                    why: StoreError::from(e).to_string(),
                })?;
                client.batch_execute(
                    "set lock_timeout = '10s'; set client_min_messages = warning; set timezone = 'UTC'",
                )?;
                Ok(Connection::Postgres(Box::new(PgConnection::new(client))))
            }
        }
    }
}

fn open_file(path: &Path, writes: bool) -> Result<rusqlite::Connection, StoreError> {
    let fail = |e: &rusqlite::Error| StoreError::Open {
        place: path.display().to_string(),
        why: e.to_string(),
    };
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE
        | OpenFlags::SQLITE_OPEN_CREATE
        | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let c = rusqlite::Connection::open_with_flags(path, flags).map_err(|e| fail(&e))?;
    c.busy_timeout(PATIENCE)?;
    c.set_prepared_statement_cache_capacity(128);
    if writes {
        let id: i64 = c.query_row("pragma application_id", [], |row| row.get(0))?;
        let tables: i64 =
            c.query_row("select count(*) from sqlite_master", [], |row| row.get(0))?;
        if tables > 0 && id != schema::APPLICATION_ID {
            return Err(StoreError::NotOurs { place: path.display().to_string() });
        }
        // The page size holds from the first table on; wide rows stand in their key's tree, which large pages keep flat.
        c.execute_batch("pragma page_size = 8192; pragma journal_mode = wal")?;
    }
    // FULL: what is confirmed survives loss of power. A use case commits once, so its price is one sync a use case.
    // No mapping of the file into memory: it reads no faster, and half a gigabyte would count as ours.
    c.execute_batch(
        "pragma synchronous = full;
         pragma foreign_keys = on;
         pragma temp_store = memory;
         pragma wal_autocheckpoint = 8192;
         pragma journal_size_limit = 67108864",
    )?;
    // In KiB. Bulk writes put random keys in their places; reads mostly walk.
    c.pragma_update(None, "cache_size", if writes { -65_536 } else { -16_384 })?;
    if !writes {
        c.execute_batch("pragma query_only = on")?;
    }
    Ok(c)
}

/// A URL as it may be shown: the password replaced by a star.
fn without_password(url: &str) -> String {
    let Some((scheme, rest)) = url.split_once("://") else { return url.to_owned() };
    // The last `@`: a password may hold one, and a question mark too.
    match rest.rsplit_once('@') {
        Some((user, host)) => {
            let user = user.split(':').next().unwrap_or_default();
            format!("{scheme}://{user}:*@{}", host.split('?').next().unwrap_or_default())
        }
        None => format!("{scheme}://{}", rest.split('?').next().unwrap_or_default()),
    }
}

#[cfg(test)]
mod tests {
    use super::without_password;

    #[test]
    fn no_password_is_shown() {
        for (url, shown) in [
            (
                "postgres://clerk:a@b?c@db.local:5432/county",
                "postgres://clerk:*@db.local:5432/county",
            ),
            ("postgres://db.local/county?password=abc", "postgres://db.local/county"),
            (
                "postgresql://clerk@db.local/county?sslmode=disable",
                "postgresql://clerk:*@db.local/county",
            ),
        ] {
            assert_eq!(without_password(url), shown);
        }
    }
}
