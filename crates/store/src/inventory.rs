//! What is in the books, table by table: counted, hashed, and poured from one database into another.

use postgres::types::{ToSql, Type};
use sha2::{Digest, Sha256};

use crate::tx::Connection;
use crate::{Row, Store, StoreError, Tx, V, audit, schema};

/// What is in the books, by which two copies are told to be the same.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Inventory {
    /// Version of the schema.
    pub schema: i64,
    /// Lines by table, in the order in which tables are made.
    pub tables: Vec<(String, u64)>,
    /// Lines of the audit chain.
    pub audit_lines: u64,
    /// Hash of the last line of the chain, in hexadecimal; empty without a line.
    pub audit_head: String,
}

impl Inventory {
    /// How another differs from this one, in words; empty if it does not.
    pub fn differences(&self, other: &Self) -> Vec<String> {
        let mut found = Vec::new();
        if self.schema != other.schema {
            found.push(format!("第 {} 版与第 {} 版", self.schema, other.schema));
        }
        for (table, lines) in &self.tables {
            let there = other.tables.iter().find(|(name, _)| name == table).map_or(0, |t| t.1);
            if there != *lines {
                found.push(format!("{table} 应有 {lines} 行，有 {there} 行"));
            }
        }
        if (self.audit_lines, &self.audit_head) != (other.audit_lines, &other.audit_head) {
            found.push("审计链的末条不同".to_owned());
        }
        found
    }

    /// Lines in all.
    pub fn lines(&self) -> u64 {
        self.tables.iter().map(|(_, lines)| lines).sum()
    }
}

/// A table with its columns and those of its key.
struct Shape {
    name: String,
    columns: Vec<String>,
    key: Vec<String>,
}

/// The tables that are there, in the order of the schema at its version.
fn shapes(tx: &mut Tx) -> Result<(i64, Vec<Shape>), StoreError> {
    let version = schema::version(tx)?.unwrap_or_default();
    let mut shapes = Vec::new();
    for name in schema::tables_at(version) {
        let (columns, key) = if tx.is_sqlite() {
            (
                "select name from pragma_table_info($1) order by cid",
                "select name from pragma_table_info($1) where pk > 0 order by pk",
            )
        } else {
            (
                "select column_name::text from information_schema.columns
                  where table_schema = current_schema() and table_name = $1 order by ordinal_position",
                "select a.attname::text from pg_index i
                   join unnest(i.indkey) with ordinality as k (att, at) on true
                   join pg_attribute a on a.attrelid = i.indrelid and a.attnum = k.att
                  where i.indisprimary and i.indrelid = to_regclass($1) order by k.at",
            )
        };
        let mut names = |sql: &str| tx.query(sql, &[name.into()], |r| r.get::<String>(0));
        shapes.push(Shape { name: name.to_owned(), columns: names(columns)?, key: names(key)? });
    }
    Ok((version, shapes))
}

impl Store {
    /// Counts what is in the books and walks the audit chain, in one snapshot.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`] if pages are damaged or the chain does not hold; what the engine says.
    pub fn inventory(&self) -> Result<Inventory, StoreError> {
        self.read(inventory)
    }

    /// A hash of every line of every table in the order of its key: equal for two copies of the same books on whichever engine.
    ///
    /// # Errors
    /// What the engine says.
    pub fn fingerprints(&self) -> Result<Vec<(String, String)>, StoreError> {
        self.read(|tx| {
            let (_, shapes) = shapes(tx)?;
            shapes.into_iter().map(|shape| Ok((shape.name.clone(), hashed(tx, &shape)?))).collect()
        })
    }

    /// Pours everything into other books, which must be of the same schema and hold no county yet. There as a whole, or not at all.
    ///
    /// # Errors
    /// [`StoreError::NotEmpty`] if there is a county already; what the engines say.
    pub fn pour_into(
        &self,
        to: &Self,
        progress: &dyn Fn(&str, u64, u64),
    ) -> Result<Inventory, StoreError> {
        let shown = to.shown();
        self.read(|from| {
            let (version, shapes) = shapes(from)?;
            let before = inventory(from)?;
            to.write(|into| {
                let there: u64 = into
                    .query_one("select cast(count(*) as bigint) from county", &[], |r| r.get(0))?
                    .unwrap_or(0);
                if there > 0 {
                    return Err(StoreError::NotEmpty { place: shown });
                }
                if into.is_sqlite() {
                    // Lines may refer to later lines of their own table: references are looked at in the end.
                    into.script("pragma defer_foreign_keys = on")?;
                }
                into.script("delete from meta")?;
                let of = before.lines();
                let mut done = 0;
                for shape in &shapes {
                    progress(&shape.name, done, of);
                    done += pour(from, into, shape)?;
                }
                debug_assert_eq!(schema::version(into)?, Some(version));
                let after = inventory(into)?;
                if after == before {
                    Ok(after)
                } else {
                    let why = before.differences(&after).join("；");
                    Err(StoreError::Corrupt {
                        why: format!("搬过去的与原来的不同：{why}")
                    })
                }
            })
        })
    }
}

/// Counts and walks the chain. The upkeep of the books, which goes on while they are copied, does not count.
pub(crate) fn inventory(tx: &mut Tx) -> Result<Inventory, StoreError> {
    if tx.is_sqlite() {
        let report = tx.query("pragma quick_check(5)", &[], |r| r.get::<String>(0))?;
        if report != ["ok"] {
            return Err(StoreError::Corrupt { why: report.join("；") });
        }
    }
    let schema = schema::version(tx)?.unwrap_or_default();
    let mut tables = Vec::new();
    for table in schema::tables_at(schema) {
        let sql = format!("select cast(count(*) as bigint) from {table}");
        tables.push((table.to_owned(), tx.query_one(&sql, &[], |r| r.get(0))?.unwrap_or(0)));
    }
    let (lines, fault) = audit::walk(tx)?;
    if let Some(why) = fault {
        return Err(StoreError::Corrupt { why });
    }
    let head = tx.query_one("select hash from audit order by seq desc limit 1", &[], |r| {
        r.get::<[u8; 32]>(0)
    })?;
    Ok(Inventory {
        schema,
        tables,
        audit_lines: lines.cast_unsigned(),
        audit_head: head.map(|hash| crate::keys::hex(&hash)).unwrap_or_default(),
    })
}

fn hashed(tx: &mut Tx, shape: &Shape) -> Result<String, StoreError> {
    let sql = format!(
        "select {} from {} order by {}",
        shape.columns.join(", "),
        shape.name,
        shape.key.join(", ")
    );
    let mut hash = Sha256::new();
    tx.each(&sql, &[], |row| {
        for column in 0..shape.columns.len() {
            let (kind, length): (u8, u64);
            let value = row.value(column)?;
            let number;
            let bytes: &[u8] = match &value {
                V::Null => {
                    kind = 0;
                    &[]
                }
                V::I(n) => {
                    kind = 1;
                    number = n.to_be_bytes();
                    &number
                }
                V::F(x) => {
                    kind = 2;
                    number = x.to_be_bytes();
                    &number
                }
                V::T(text) => {
                    kind = 3;
                    text.as_bytes()
                }
                V::B(bytes) => {
                    kind = 4;
                    bytes
                }
            };
            length = bytes.len() as u64;
            hash.update([kind]);
            hash.update(length.to_be_bytes());
            hash.update(bytes);
        }
        Ok(())
    })?;
    Ok(crate::keys::hex(&hash.finalize()))
}

/// All lines of a table from one transaction into another; how many.
fn pour(from: &mut Tx, into: &mut Tx, shape: &Shape) -> Result<u64, StoreError> {
    let columns = shape.columns.join(", ");
    let select = format!("select {columns} from {} order by {}", shape.name, shape.key.join(", "));
    let wide = shape.columns.len();
    let poured = into.watch(|connection| match connection {
        Connection::Sqlite(c) => {
            let places: Vec<String> = (1..=wide).map(|n| format!("?{n}")).collect();
            let sql =
                format!("insert into {} ({columns}) values ({})", shape.name, places.join(", "));
            let mut statement = c.prepare_cached(&sql)?;
            let mut lines = 0;
            from.each(&select, &[], |row| {
                for column in 0..wide {
                    statement.raw_bind_parameter(column + 1, row.value(column)?)?;
                }
                statement.raw_execute()?;
                lines += 1;
                Ok(())
            })?;
            Ok(lines)
        }
        Connection::Postgres(pg) => {
            let shape_of =
                pg.prepared(&format!("select {columns} from {} limit 0", shape.name), &[])?;
            let types: Vec<Type> = shape_of.columns().iter().map(|c| c.type_().clone()).collect();
            let sql = format!("copy {} ({columns}) from stdin (format binary)", shape.name);
            let writer = pg.client.copy_in(&sql)?;
            let mut writer = postgres::binary_copy::BinaryCopyInWriter::new(writer, &types);
            from.each(&select, &[], |row| {
                let values = line(row, wide)?;
                let args: Vec<&(dyn ToSql + Sync)> =
                    values.iter().map(|v| v as &(dyn ToSql + Sync)).collect();
                Ok(writer.write(&args)?)
            })?;
            Ok(writer.finish()?)
        }
    })?;
    into.wrote(&shape.name, poured);
    Ok(poured)
}

fn line<'r>(row: &Row<'r>, wide: usize) -> Result<Vec<V<'r>>, StoreError> {
    (0..wide)
        .map(|column| match row.value(column)? {
            // PostgreSQL keeps no such character in a text.
            V::T(text) if text.contains('\0') => Err(row.bad(column)),
            value => Ok(value),
        })
        .collect()
}
