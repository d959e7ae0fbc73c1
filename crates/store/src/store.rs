use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use rusqlite::OpenFlags;

use crate::pool::{Lent, Pool};
use crate::remote::{LOCK_PATIENCE, Remote, Wire, is_a_server};
use crate::told::{Told, Traffic};
use crate::tx::{Connection, PgConnection};
use crate::upgrade::Upgrade;
use crate::{Keys, StoreError, Tx, schema};

/// How many reads can go on at once.
const READERS: usize = 8;
/// How long a writer waits for another program to finish.
const PATIENCE: Duration = Duration::from_secs(10);
/// The lock by which writers of a county's books on a PostgreSQL server take turns, as they do on a SQLite file. Counties of one
/// database lie in a schema each, and do not wait for each other.
const WRITER_LOCK: &str = "select pg_advisory_xact_lock(1182091881, hashtext(current_schema()))";

/// The county's books: a SQLite file, or a PostgreSQL database.
///
/// One writer at a time, whose transaction is there as a whole or not at all; readers see the state before or after it,
/// never between. What [`Store::write`] has confirmed survives loss of power.
pub struct Store {
    pub(crate) keys: Keys,
    place: Place,
    writer: Pool<Connection>,
    readers: Pool<Connection>,
    told: Told,
}

#[derive(Clone)]
enum Place {
    File(PathBuf),
    Server(Box<Remote>),
}

impl Store {
    /// Opens the books at a path, or at a `postgres://` URL; begins them where there are none; brings an older schema
    /// up to date, with no more than the engine's own way back.
    ///
    /// # Errors
    /// [`StoreError::WrongKey`], [`StoreError::NotOurs`], [`StoreError::Newer`], [`StoreError::Corrupt`],
    /// [`StoreError::Open`], each before anything was changed.
    pub fn open(url_or_path: &str, keys: Keys) -> Result<Self, StoreError> {
        let store = Self::at(url_or_path, keys)?;
        store.bring_up_to_date(None)?;
        Ok(store)
    }

    /// As [`Store::open`], with a backup in the folder `keep` before an older schema is touched; what was done, if anything was.
    ///
    /// # Errors
    /// As [`Store::open`]; [`StoreError::Backup`] and [`StoreError::Upgrade`], and then the books are as they were.
    pub fn open_keeping(
        url_or_path: &str,
        keys: Keys,
        keep: &Path,
    ) -> Result<(Self, Option<Upgrade>), StoreError> {
        let store = Self::at(url_or_path, keys)?;
        let upgrade = store.bring_up_to_date(Some(keep))?;
        Ok((store, upgrade))
    }

    /// Opens books as they stand, of this version or an earlier one: nothing is begun and nothing brought up to date.
    ///
    /// # Errors
    /// As [`Store::open`]; [`StoreError::Open`] if there are none.
    pub fn open_as_it_stands(url_or_path: &str, keys: Keys) -> Result<Self, StoreError> {
        let store = Self::at(url_or_path, keys)?;
        let shown = store.shown();
        let none = || StoreError::Open { place: shown.clone(), why: "没有台账".into() };
        if let Place::File(path) = &store.place
            && !path.exists()
        {
            return Err(none());
        }
        if store.read(|tx| schema::standing(tx, &store.keys, &shown))? == schema::Standing::Empty {
            return Err(none());
        }
        Ok(store)
    }

    /// Begins empty books as an earlier version of this program made them: what comes from such books is poured into them, and
    /// tests make theirs.
    ///
    /// # Errors
    /// [`StoreError::NotEmpty`] if there is anything already; what the engine says.
    pub fn begin_of_version(
        url_or_path: &str,
        keys: Keys,
        version: i64,
    ) -> Result<Self, StoreError> {
        let store = Self::at(url_or_path, keys)?;
        let shown = store.shown();
        store.write(|tx| {
            let standing = schema::standing(tx, &store.keys, &shown)?;
            if standing != schema::Standing::Empty {
                return Err(StoreError::NotEmpty { place: shown });
            }
            schema::migrate(tx, &store.keys, standing, version)
        })?;
        Ok(store)
    }

    /// Books at a place, unlooked at.
    pub(crate) fn at(url_or_path: &str, keys: Keys) -> Result<Self, StoreError> {
        let place = if is_a_server(url_or_path) {
            Place::Server(Box::new(Remote::parse(url_or_path)?))
        } else {
            Place::File(PathBuf::from(url_or_path))
        };
        let pool = |most, writes| {
            let place = place.clone();
            Pool::new(most, move || place.connect(writes))
        };
        Ok(Self {
            keys,
            writer: pool(1, true),
            readers: pool(READERS, false),
            place,
            told: Told::default(),
        })
    }

    /// Where the books are, as it may be shown: without a password.
    pub fn shown(&self) -> String {
        self.place.shown()
    }

    /// Whether they are a file of this machine, not a server's.
    pub fn is_a_file(&self) -> bool {
        matches!(self.place, Place::File(_))
    }

    /// How what goes to the books and comes from them is guarded.
    pub fn wire(&self) -> Wire {
        match &self.place {
            Place::File(_) => Wire::Local,
            Place::Server(remote) => remote.wire(),
        }
    }

    /// The folder that they lie in, if they are a file.
    pub(crate) fn folder(&self) -> Option<&Path> {
        let Place::File(path) = &self.place else { return None };
        path.parent().map(|p| if p.as_os_str().is_empty() { Path::new(".") } else { p })
    }

    /// Bytes of the books on the disk, or in the server.
    ///
    /// # Errors
    /// What the engine says.
    pub fn size(&self) -> Result<u64, StoreError> {
        let sql = match self.place {
            Place::File(_) => {
                "select (select page_count from pragma_page_count) * (select page_size from pragma_page_size)"
            }
            Place::Server(..) => {
                "select cast(coalesce(sum(pg_total_relation_size(c.oid)), 0) as bigint)
                   from pg_class c join pg_namespace n on n.oid = c.relnamespace
                  where n.nspname = current_schema() and c.relkind = 'r'"
            }
        };
        self.read(|tx| Ok(tx.query_one(sql, &[], |r| r.get(0))?.unwrap_or(0)))
    }

    /// Sets from how long on a statement is said to be slow.
    pub fn slow_from(&mut self, least: Duration) {
        self.told.slow = least;
    }

    /// What was asked of the books since they were opened by this program.
    pub fn traffic(&self) -> Traffic {
        self.told.traffic()
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
            Place::Server(..) => format!("begin; {WRITER_LOCK}"),
        };
        self.transaction(&self.writer, &begin, "commit", f)
    }

    /// As [`Store::write`] where nobody is writing; `None`, with nothing done, where somebody is: for what can as well be noted a
    /// little later, and for which no reader should wait.
    ///
    /// # Errors
    /// Those of `f`.
    pub fn write_if_free<T, E: From<StoreError>>(
        &self,
        f: impl FnOnce(&mut Tx) -> Result<T, E>,
    ) -> Result<Option<T>, E> {
        let Some(mut connection) = self.writer.take_if_free()? else { return Ok(None) };
        let begin = match self.place {
            Place::File(_) => "begin immediate".to_owned(),
            Place::Server(..) => format!(
                "begin; set local lock_timeout = '1ms'; {WRITER_LOCK}; set local lock_timeout = '{LOCK_PATIENCE}'"
            ),
        };
        connection.waits(Duration::ZERO)?;
        let turn = self.begin(&mut connection, &begin);
        connection.waits(PATIENCE)?;
        match turn {
            Err(StoreError::Busy) => {
                if self.is_a_file() || self.tx(&mut connection).script("rollback").is_ok() {
                    connection.keep();
                }
                Ok(None)
            }
            Err(error) => Err(error.into()),
            Ok(()) => {
                let started = Instant::now();
                let done = self.end(connection, "commit", f);
                self.told.transaction(true, done.is_ok(), started.elapsed());
                done.map(Some)
            }
        }
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
        let started = Instant::now();
        let done = self.in_turn(pool, begin, end, f);
        self.told.transaction(end == "commit", done.is_ok(), started.elapsed());
        done
    }

    fn in_turn<T, E: From<StoreError>>(
        &self,
        pool: &Pool<Connection>,
        begin: &str,
        end: &str,
        f: impl FnOnce(&mut Tx) -> Result<T, E>,
    ) -> Result<T, E> {
        let mut connection = pool.take()?;
        self.begin(&mut connection, begin)?;
        self.end(connection, end, f)
    }

    fn begin(&self, connection: &mut Lent<'_, Connection>, sql: &str) -> Result<(), StoreError> {
        match self.tx(connection).script(sql) {
            // A server that was restarted has cut the connections that lay idle. Nothing was asked yet: another one is opened.
            Err(error) if !self.is_a_file() && !matches!(error, StoreError::Busy) => {
                connection.renew()?;
                self.tx(connection).script(sql)
            }
            done => done,
        }
    }

    fn end<T, E: From<StoreError>>(
        &self,
        mut connection: Lent<'_, Connection>,
        end: &str,
        f: impl FnOnce(&mut Tx) -> Result<T, E>,
    ) -> Result<T, E> {
        let mut tx = self.tx(&mut connection);
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

    fn tx<'s>(&'s self, connection: &'s mut Connection) -> Tx<'s> {
        let written = std::collections::BTreeMap::new();
        Tx { connection, keys: &self.keys, failed: false, written, slow: self.told.slow }
    }

    /// Copies the books into a new SQLite file while others read and write. Personal numbers in it stay sealed; names lie open.
    ///
    /// # Errors
    /// [`StoreError::Open`] if the file exists or cannot be made; what the engines say.
    pub fn copy_to(&self, to: &Path) -> Result<(), StoreError> {
        let fail = |why: String| StoreError::Open { place: to.display().to_string(), why };
        if to.exists() {
            return Err(fail("文件已经存在".into()));
        }
        if !self.is_a_file() {
            let version = self.read(schema::version)?.unwrap_or_default();
            let path = to.display().to_string();
            let target = Self::begin_of_version(&path, self.keys.clone(), version)?;
            self.pour_into(&target, &|_, _, _| {})?;
            return Ok(());
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
            crate::backup::put(&partial, to).map_err(|e| fail(e.to_string()))
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
            Self::Server(remote) => remote.shown().to_owned(),
        }
    }

    fn connect(&self, writes: bool) -> Result<Connection, StoreError> {
        match self {
            Self::File(path) => Ok(Connection::Sqlite(open_file(path, writes)?)),
            Self::Server(remote) => {
                let client = remote.connect(PATIENCE)?;
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

/// Whether another program, or another part of this one, has a file of books open.
pub fn is_in_use(path: &Path) -> bool {
    if !path.exists() {
        return false;
    }
    let alone = || {
        let c = rusqlite::Connection::open_with_flags(
            path,
            OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX,
        )?;
        c.busy_timeout(Duration::from_millis(200))?;
        // Alone, a connection needs no memory that it shares with others; with others about it does not get the file.
        c.execute_batch("pragma locking_mode = exclusive; begin exclusive; rollback")
    };
    matches!(alone().map_err(StoreError::from), Err(StoreError::Busy))
}
