use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use postgres::fallible_iterator::FallibleIterator;
use postgres::types::{ToSql, Type};
use postgres::{Client, Statement};

use crate::value::EngineRow;
use crate::{Keys, Row, StoreError, V};

/// A connection to either engine.
pub(crate) enum Connection {
    Sqlite(rusqlite::Connection),
    Postgres(Box<PgConnection>),
}

impl Connection {
    /// Sets how long it waits for a file that another writes to. A server's locks have a patience of their own.
    pub(crate) fn waits(&self, patience: Duration) -> Result<(), StoreError> {
        match self {
            Self::Sqlite(c) => Ok(c.busy_timeout(patience)?),
            Self::Postgres(_) => Ok(()),
        }
    }
}

pub(crate) struct PgConnection {
    pub(crate) client: Client,
    statements: BTreeMap<String, Statement>,
}

impl PgConnection {
    pub(crate) fn new(client: Client) -> Self {
        Self { client, statements: BTreeMap::new() }
    }

    /// A statement, for arguments like these. Whole numbers are told to be of 64 bits: from `$1 = 0` the server would infer 32, and refuse
    /// an id.
    pub(crate) fn prepared(&mut self, sql: &str, args: &[V]) -> Result<Statement, StoreError> {
        // One first prepared with an empty argument was inferred there: it is prepared anew for a number.
        let fits = |statement: &&Statement| {
            let mut both = args.iter().zip(statement.params());
            both.all(|(arg, kind)| !matches!(arg, V::I(_)) || *kind == Type::INT8)
        };
        if let Some(statement) = self.statements.get(sql).filter(fits) {
            return Ok(statement.clone());
        }
        // Filters make many texts; what is dropped here is closed on the server.
        if self.statements.len() >= 256 {
            self.statements.clear();
        }
        let types: Vec<Type> = args
            .iter()
            .map(|arg| if matches!(arg, V::I(_)) { Type::INT8 } else { Type::UNKNOWN })
            .collect();
        let statement = self.client.prepare_typed(sql, &types)?;
        self.statements.insert(sql.to_owned(), statement.clone());
        Ok(statement)
    }
}

/// The places of arguments in a list of SQL: `$2, $3, $4`.
pub fn marks(of: impl IntoIterator<Item = usize>) -> String {
    of.into_iter().map(|n| format!("${n}")).collect::<Vec<_>>().join(", ")
}

/// A transaction: one writer's, or a reader's snapshot.
///
/// One SQL text serves both engines: `$1` for arguments, whole numbers, doubles, text and bytes for values,
/// `cast(sum(x) as bigint)` for sums. After a statement has failed the transaction can only roll back, on both.
pub struct Tx<'s> {
    pub(crate) connection: &'s mut Connection,
    pub(crate) keys: &'s Keys,
    pub(crate) failed: bool,
    /// Rows written to tables of PostgreSQL in this transaction.
    pub(crate) written: BTreeMap<String, u64>,
    /// From how long on a statement is said to be slow.
    pub(crate) slow: Duration,
}

/// Rows written to a table at once from which on PostgreSQL has to count it anew.
const MUCH: u64 = 5_000;

impl Tx<'_> {
    /// The keys of these books.
    pub fn keys(&self) -> &Keys {
        self.keys
    }

    /// Runs a statement; the number of rows that it changed.
    ///
    /// # Errors
    /// What the engine says, as a [`StoreError`].
    pub fn execute(&mut self, sql: &str, args: &[V]) -> Result<u64, StoreError> {
        let changed = self.timed(sql, |connection| match connection {
            Connection::Sqlite(c) => {
                let changed =
                    c.prepare_cached(&numbered(sql))?.execute(rusqlite::params_from_iter(args))?;
                Ok(changed as u64)
            }
            Connection::Postgres(pg) => {
                let statement = pg.prepared(sql, args)?;
                let args: Vec<_> = args.iter().map(|v| v as &(dyn ToSql + Sync)).collect();
                Ok(pg.client.execute(&statement, &args)?)
            }
        })?;
        if changed >= MUCH
            && let Some(table) = sql.trim_start().strip_prefix("insert into ")
        {
            let name = table.split([' ', '(', '\n']).next().unwrap_or_default();
            self.wrote(name, changed);
        }
        Ok(changed)
    }

    /// Remembers rows written to a table.
    pub(crate) fn wrote(&mut self, table: &str, rows: u64) {
        if !self.is_sqlite() {
            *self.written.entry(table.to_owned()).or_default() += rows;
        }
    }

    /// Lets PostgreSQL count the tables that got much: its planner otherwise takes them for empty until its own counting
    /// comes by, and lays each row of one beside each of another. SQLite's plans rest on the schema alone.
    pub(crate) fn counted(&mut self) -> Result<(), StoreError> {
        let much = std::mem::take(&mut self.written).into_iter().filter(|(_, rows)| *rows >= MUCH);
        let tables: Vec<String> = much.map(|(table, _)| table).collect();
        if tables.is_empty() {
            Ok(())
        } else {
            self.script(&format!("analyze {}", tables.join(", ")))
        }
    }

    /// As [`Tx::each`], for a query whose `{ids}` is a list of ids: some at a time, so that no text and no list of arguments grows with what
    /// is asked. `$1` is the county. Ids may come in any order and more than once.
    ///
    /// # Errors
    /// What the engine or `f` says.
    pub fn each_among(
        &mut self,
        sql: &str,
        county: u32,
        ids: impl IntoIterator<Item = u64>,
        mut f: impl FnMut(&Row) -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        let mut ids: Vec<u64> = ids.into_iter().collect();
        ids.sort_unstable();
        ids.dedup();
        // Few texts of few lengths, so that prepared statements are found again.
        for part in ids.chunks(64) {
            let mut args: Vec<V> = vec![county.into()];
            let again = part[part.len() - 1];
            for n in 0..part.len().next_power_of_two() {
                args.push(part.get(n).copied().unwrap_or(again).into());
            }
            self.each(&sql.replace("{ids}", &marks(2..=args.len())), &args, &mut f)?;
        }
        Ok(())
    }

    /// Gives each row of an answer to `f`, one at a time: an answer of any size needs the memory of one row.
    ///
    /// # Errors
    /// What the engine or `f` says.
    pub fn each(
        &mut self,
        sql: &str,
        args: &[V],
        mut f: impl FnMut(&Row) -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        self.timed(sql, |connection| {
            match connection {
                Connection::Sqlite(c) => {
                    let mut statement = c.prepare_cached(&numbered(sql))?;
                    let mut rows = statement.query(rusqlite::params_from_iter(args))?;
                    while let Some(row) = rows.next()? {
                        f(&Row(EngineRow::Sqlite(row)))?;
                    }
                }
                Connection::Postgres(pg) => {
                    let statement = pg.prepared(sql, args)?;
                    let mut rows = pg.client.query_raw(&statement, args)?;
                    while let Some(row) = rows.next()? {
                        f(&Row(EngineRow::Postgres(&row)))?;
                    }
                }
            }
            Ok(())
        })
    }

    /// All rows of an answer.
    ///
    /// # Errors
    /// What the engine or `f` says.
    pub fn query<T>(
        &mut self,
        sql: &str,
        args: &[V],
        mut f: impl FnMut(&Row) -> Result<T, StoreError>,
    ) -> Result<Vec<T>, StoreError> {
        let mut out = Vec::new();
        self.each(sql, args, |row| {
            out.push(f(row)?);
            Ok(())
        })?;
        Ok(out)
    }

    /// The first row of an answer; `None` if it has none.
    ///
    /// # Errors
    /// What the engine or `f` says.
    pub fn query_one<T>(
        &mut self,
        sql: &str,
        args: &[V],
        mut f: impl FnMut(&Row) -> Result<T, StoreError>,
    ) -> Result<Option<T>, StoreError> {
        let mut out = None;
        self.each(sql, args, |row| {
            if out.is_none() {
                out = Some(f(row)?);
            }
            Ok(())
        })?;
        Ok(out)
    }

    /// Adds many rows to a table, fast: one prepared statement, or one `COPY`. The number of rows added.
    ///
    /// # Errors
    /// What the engine says; a broken unique key is [`StoreError::Unique`] on both.
    pub fn bulk<'v, const N: usize>(
        &mut self,
        table: &str,
        columns: [&str; N],
        rows: impl IntoIterator<Item = [V<'v>; N]>,
    ) -> Result<u64, StoreError> {
        let columns = columns.join(", ");
        let added = self.watch(|connection| match connection {
            Connection::Sqlite(c) => {
                let places: Vec<String> = (1..=N).map(|n| format!("?{n}")).collect();
                let sql = format!("insert into {table} ({columns}) values ({})", places.join(", "));
                let mut statement = c.prepare_cached(&sql)?;
                let mut added = 0;
                for row in rows {
                    for (at, value) in row.iter().enumerate() {
                        statement.raw_bind_parameter(at + 1, value)?;
                    }
                    statement.raw_execute()?;
                    added += 1;
                }
                Ok(added)
            }
            Connection::Postgres(pg) => {
                let shape = pg.prepared(&format!("select {columns} from {table} limit 0"), &[])?;
                let types: Vec<Type> = shape.columns().iter().map(|c| c.type_().clone()).collect();
                let sql = format!("copy {table} ({columns}) from stdin (format binary)");
                let writer = pg.client.copy_in(&sql)?;
                let mut writer = postgres::binary_copy::BinaryCopyInWriter::new(writer, &types);
                for row in rows {
                    writer.write(&row.each_ref().map(|v| v as &(dyn ToSql + Sync)))?;
                }
                Ok(writer.finish()?)
            }
        })?;
        self.wrote(table, added);
        Ok(added)
    }

    /// Does bulk work on a table whose plain indexes are made anew afterwards, where that is cheaper: sorting all keys
    /// once costs SQLite a quarter of putting each in its place. PostgreSQL would lock out readers, and does well without.
    pub(crate) fn reindexed<T>(
        &mut self,
        table: &str,
        lines: usize,
        work: impl FnOnce(&mut Self) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        if lines < 20_000 || !self.is_sqlite() {
            return work(self);
        }
        let indexes = self.query(
            "select name, sql from sqlite_master
              where type = 'index' and tbl_name = $1 and sql like 'create index %' order by name",
            &[table.into()],
            |r| Ok((r.get::<String>(0)?, r.get::<String>(1)?)),
        )?;
        for (name, _) in &indexes {
            self.script(&format!("drop index {name}"))?;
        }
        let result = work(self)?;
        for (_, sql) in &indexes {
            self.script(sql)?;
        }
        Ok(result)
    }

    /// Runs statements without arguments: migrations, transaction marks.
    pub(crate) fn script(&mut self, sql: &str) -> Result<(), StoreError> {
        self.watch(|connection| match connection {
            Connection::Sqlite(c) => Ok(c.execute_batch(sql)?),
            Connection::Postgres(pg) => Ok(pg.client.batch_execute(sql)?),
        })
    }

    /// What a statement says behind a table to be answered through an index of it. SQLite's planner, which knows the schema alone, takes
    /// a county for a tenth of a table and walks all its rows; PostgreSQL counts, and knows.
    pub fn through(&self, index: &str) -> String {
        if self.is_sqlite() { format!("indexed by {index}") } else { String::new() }
    }

    pub(crate) fn is_sqlite(&self) -> bool {
        matches!(self.connection, Connection::Sqlite(_))
    }

    /// Does work on one statement, and says so where it was slow. Its text holds places for values, never values.
    fn timed<T>(
        &mut self,
        sql: &str,
        work: impl FnOnce(&mut Connection) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        let begun = Instant::now();
        let result = self.watch(work);
        let took = begun.elapsed();
        if took >= self.slow {
            let sql = sql.split_whitespace().collect::<Vec<_>>().join(" ");
            let ms = u64::try_from(took.as_millis()).unwrap_or(u64::MAX);
            tracing::warn!(target: "fujiao::slow", ms, sql, "慢查询");
        }
        result
    }

    /// Remembers a failure: PostgreSQL takes nothing more in a failed transaction, so we do not on SQLite either.
    pub(crate) fn watch<T>(
        &mut self,
        work: impl FnOnce(&mut Connection) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        if self.failed {
            return Err(StoreError::Failed);
        }
        let result = work(self.connection);
        self.failed = result.is_err();
        result
    }
}

/// `$1` written as SQLite numbers it, `?1`, outside quotes: there a `$1` is a name, numbered by first appearance.
fn numbered(sql: &str) -> String {
    let mut out = String::with_capacity(sql.len());
    let (mut quote, mut comment, mut last) = (None, false, ' ');
    for c in sql.chars() {
        match c {
            '\n' => comment = false,
            '-' if last == '-' && quote.is_none() => comment = true,
            '\'' | '"' if !comment => match quote {
                None => quote = Some(c),
                Some(q) if q == c => quote = None,
                Some(_) => {}
            },
            _ => {}
        }
        out.push(if c == '$' && quote.is_none() && !comment { '?' } else { c });
        last = c;
    }
    out
}

#[cfg(test)]
mod tests {
    use super::numbered;

    #[test]
    fn only_arguments_are_numbered() {
        assert_eq!(
            numbered("select '$1', \"a$2\", x -- $3, it's\n from t where a = $2 and b = $1"),
            "select '$1', \"a$2\", x -- $3, it's\n from t where a = ?2 and b = ?1"
        );
    }
}
