use crate::{Keys, StoreError, Tx};

/// Migrations with their versions, in order. An applied migration stays as it is.
const MIGRATIONS: &[(i64, &str)] = &[
    (1, include_str!("../migrations/0001-books.sql")),
    (2, include_str!("../migrations/0002-review.sql")),
    (11, include_str!("../migrations/0011-frozen.sql")),
    (12, include_str!("../migrations/0012-accounts.sql")),
    (13, include_str!("../migrations/0013-entries.sql")),
    (14, include_str!("../migrations/0014-jobs.sql")),
    (15, include_str!("../migrations/0015-aid.sql")),
    (16, include_str!("../migrations/0016-funds.sql")),
    (17, include_str!("../migrations/0017-hardship.sql")),
    (18, include_str!("../migrations/0018-payer.sql")),
    (25, include_str!("../migrations/0025-papers.sql")),
    (26, include_str!("../migrations/0026-risk.sql")),
    (27, include_str!("../migrations/0027-two-lines.sql")),
    (28, include_str!("../migrations/0028-generations.sql")),
    (30, include_str!("../migrations/0030-plans.sql")),
    (35, include_str!("../migrations/0035-cases.sql")),
    (36, include_str!("../migrations/0036-loans.sql")),
    (37, include_str!("../migrations/0037-purses.sql")),
    (38, include_str!("../migrations/0038-bulletin.sql")),
    (40, include_str!("../migrations/0040-pairs.sql")),
    (41, include_str!("../migrations/0041-care.sql")),
    (45, include_str!("../migrations/0045-plan-files.sql")),
    (48, include_str!("../migrations/0048-school.sql")),
    (49, include_str!("../migrations/0049-labour.sql")),
    (60, include_str!("../migrations/0060-upkeep.sql")),
    (64, include_str!("../migrations/0064-cared.sql")),
];

// Whoever has one of them has all before it.
const _: () = {
    let mut at = 1;
    while at < MIGRATIONS.len() {
        assert!(MIGRATIONS[at - 1].0 < MIGRATIONS[at].0);
        at += 1;
    }
};

/// The version that this program writes.
pub const VERSION: i64 = MIGRATIONS[MIGRATIONS.len() - 1].0;

/// What SQLite keeps in the header of a file of ours: the letters `FuJi`.
pub(crate) const APPLICATION_ID: i64 = 0x4675_4a69;

/// How a database stands to this program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Standing {
    /// Nothing is in it yet.
    Empty,
    /// Of an earlier version, which is named.
    Older(i64),
    /// Of this version.
    Current,
}

/// Looks at a database and its key; changes nothing.
pub(crate) fn standing(tx: &mut Tx, keys: &Keys, place: &str) -> Result<Standing, StoreError> {
    let tables = if tx.is_sqlite() {
        "select cast(count(*) as bigint), cast(coalesce(sum(name = 'meta'), 0) as bigint)
           from sqlite_master where type = 'table'"
    } else {
        "select count(*), count(*) filter (where table_name = 'meta')
           from information_schema.tables where table_schema = current_schema()"
    };
    let (all, meta) = tx
        .query_one(tables, &[], |row| Ok((row.get::<i64>(0)?, row.get::<i64>(1)?)))?
        .unwrap_or_default();
    let applied = if meta == 1 { version(tx)? } else { Some(0) };
    let applied = applied
        .filter(|v| *v > 0 || all == 0)
        .ok_or_else(|| StoreError::NotOurs { place: place.into() })?;
    if applied > VERSION {
        return Err(StoreError::Newer { found: applied, known: VERSION });
    }
    if applied > 0 && meta_value(tx, "key_check")?.as_deref() != Some(&keys.check_value()) {
        return Err(StoreError::WrongKey { place: place.into() });
    }
    Ok(match applied {
        0 => Standing::Empty,
        VERSION => Standing::Current,
        older => Standing::Older(older),
    })
}

/// Brings the schema from where it stands up to `to`; an empty database is begun.
pub(crate) fn migrate(tx: &mut Tx, keys: &Keys, from: Standing, to: i64) -> Result<(), StoreError> {
    let applied = match from {
        Standing::Empty => 0,
        Standing::Older(version) => version,
        Standing::Current => return Ok(()),
    };
    for &(number, migration) in MIGRATIONS {
        if number > applied && number <= to {
            let sql = in_words_of(migration, tx.is_sqlite());
            tx.script(&sql)?;
        }
    }
    if applied == 0 {
        set_meta(tx, "key_check", &keys.check_value())?;
        if tx.is_sqlite() {
            tx.script(&format!("pragma application_id = {APPLICATION_ID}"))?;
        }
    }
    set_meta(tx, "schema", &to.to_string())
}

/// The tables of the schema at `version`, in the order in which migrations make them: what a table refers to stands before it.
pub(crate) fn tables_at(version: i64) -> Vec<&'static str> {
    let texts = MIGRATIONS.iter().filter(|(number, _)| *number <= version);
    let mut tables = Vec::new();
    for line in texts.flat_map(|(_, text)| text.lines()) {
        let word = |rest: &'static str| rest.split([' ', ';']).next().unwrap_or_default();
        if let Some(made) = line.strip_prefix("create table ") {
            tables.push(word(made));
        } else if let Some(gone) = line.strip_prefix("drop table ") {
            tables.retain(|table| *table != word(gone));
        }
    }
    tables
}

/// The schema version of the database; `None` if it holds none, as in another program's `meta`.
pub(crate) fn version(tx: &mut Tx) -> Result<Option<i64>, StoreError> {
    Ok(meta_value(tx, "schema")?.and_then(|v| v.parse().ok()))
}

pub(crate) fn meta_value(tx: &mut Tx, name: &str) -> Result<Option<String>, StoreError> {
    tx.query_one("select value from meta where name = $1", &[name.into()], |row| row.get(0))
}

pub(crate) fn set_meta(tx: &mut Tx, name: &str, value: &str) -> Result<(), StoreError> {
    let sql = "insert into meta (name, value) values ($1, $2)
               on conflict (name) do update set value = excluded.value";
    tx.execute(sql, &[name.into(), value.into()])?;
    Ok(())
}

fn in_words_of(migration: &str, sqlite: bool) -> String {
    let words = if sqlite {
        [
            ("{int}", "integer"),
            ("{text}", "text"),
            ("{real}", "real"),
            ("{bytes}", "blob"),
            ("{keyed}", "strict, without rowid"),
        ]
    } else {
        // Ordered by bytes, as SQLite orders, whatever the locale of the server.
        [
            ("{int}", "bigint"),
            ("{text}", "text collate \"C\""),
            ("{real}", "double precision"),
            ("{bytes}", "bytea"),
            ("{keyed}", ""),
        ]
    };
    let lines = migration.lines().map(|line| match line.strip_prefix("{append_only} ") {
        Some(table) => append_only(table.trim(), sqlite),
        None => format!("{line}\n"),
    });
    words.iter().fold(lines.collect(), |sql: String, (word, meaning)| sql.replace(word, meaning))
}

/// Triggers by which a table takes new lines and nothing else.
fn append_only(table: &str, sqlite: bool) -> String {
    let why = format!("{table} only grows");
    if sqlite {
        ["update", "delete"].iter().fold(String::new(), |sql, what| {
            sql + &format!(
                "create trigger {table}_{what} before {what} on {table}
                 begin select raise(abort, '{why}'); end;\n"
            )
        })
    } else {
        format!(
            "create or replace function {table}_stands() returns trigger language plpgsql as
             $$ begin raise exception '{why}'; end $$;
             create trigger {table}_stands before update or delete on {table}
             for each row execute function {table}_stands();\n"
        )
    }
}
