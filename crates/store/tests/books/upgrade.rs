//! Books as earlier versions left them. They lie compressed beside this file, made by [`make_books_of_earlier_versions`].

use std::path::{Path, PathBuf};

use fujiao_store::{Store, StoreError, unpack};

use super::{Books, COUNTY, at, keys, person, save, with_payments};

/// Versions whose books are kept: before student aid had its payers, before pairs, before meals.
const KEPT: [i64; 3] = [17, 38, 45];

fn kept(version: i64) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("tests/books/kept/v{version}.db.zst"))
}

/// Books of an earlier version, to open.
fn books_of(version: i64) -> Books {
    let books = Books::file();
    let packed = std::fs::read(kept(version)).unwrap();
    std::fs::write(&books.url, zstd::decode_all(packed.as_slice()).unwrap()).unwrap();
    books
}

#[test]
fn books_of_earlier_versions_are_backed_up_and_brought_up_to_date() {
    for version in KEPT {
        let books = books_of(version);
        let before = Store::open_as_it_stands(&books.url, keys()).unwrap().inventory().unwrap();
        assert_eq!(before.schema, version);
        assert!(before.lines() > 100);
        let keep = books.folder.path().join("backups");
        let (store, upgrade) = Store::open_keeping(&books.url, keys(), &keep).unwrap();
        let upgrade = upgrade.expect("it was older");
        assert_eq!(upgrade.from, version);
        let after = store.inventory().unwrap();
        assert_eq!(after.schema, upgrade.to);
        for (table, lines) in &before.tables {
            let now = after.tables.iter().find(|(name, _)| name == table).map(|t| t.1);
            // `meta` may learn more.
            assert!(now >= Some(*lines), "{table} of version {version}: {lines}, now {now:?}");
        }
        assert_eq!(after.audit_head, before.audit_head);
        assert_eq!(store.verify().unwrap().problems, Vec::<String>::new(), "version {version}");
        assert_eq!(store.read(|tx| tx.rows(COUNTY)).unwrap().len(), 60);
        store.write(|tx| tx.put_county(COUNTY, "岚川县", true)).unwrap();

        let back = tempfile::tempdir().unwrap();
        let made = unpack(&upgrade.kept.unwrap(), &keys(), back.path()).unwrap();
        assert_eq!(made.inventory, before, "the backup is of the books before");
        assert_eq!(Store::open_keeping(&books.url, keys(), &keep).unwrap().1, None, "once");
    }
}

/// What comes in the way of an upgrade leaves the books as they were.
#[test]
fn an_upgrade_that_fails_changes_nothing() {
    let books = books_of(KEPT[2]);
    let look = || Store::open_as_it_stands(&books.url, keys()).unwrap().inventory().unwrap();
    let before = look();
    books.tamper("create table upkeep (something integer) strict");
    let keep = books.folder.path().join("backups");
    assert!(Store::open_keeping(&books.url, keys(), &keep).is_err());
    assert_eq!(look(), before);
    assert_eq!(std::fs::read_dir(&keep).unwrap().count(), 1, "the backup is there");
    books.tamper("drop table upkeep");
    assert!(Store::open_keeping(&books.url, keys(), &keep).unwrap().1.is_some());
}

#[test]
fn books_that_are_newer_than_the_program_are_left_alone() {
    let books = Books::file();
    with_payments(&books.open(), 3);
    books.tamper("update meta set value = '9999' where name = 'schema'");
    let bytes = std::fs::read(&books.url).unwrap();
    for opened in [
        Store::open(&books.url, keys()),
        Store::open_as_it_stands(&books.url, keys()),
        Store::open_keeping(&books.url, keys(), books.folder.path()).map(|(store, _)| store),
    ] {
        let said = opened.err().expect("it is refused");
        assert!(matches!(said, StoreError::Newer { found: 9999, .. }));
        assert!(said.to_string().contains("请升级本程序"), "{said}");
    }
    assert_eq!(std::fs::read(&books.url).unwrap(), bytes);
}

/// Makes the books that are kept: `cargo test -p fujiao-store --test books -- --ignored make_books_of_earlier`. Made rows of today
/// in the tables and columns that a version had.
#[test]
#[ignore = "writes the books that the tests above open"]
fn make_books_of_earlier_versions() {
    let today = Books::file();
    {
        let store = today.open();
        with_payments(&store, 60);
        let persons: Vec<_> = (1..=40).map(person).collect();
        store.write(|tx| tx.replace_persons(COUNTY, &persons)).unwrap();
        save(&store, jiff::civil::date(2025, 10, 15), 30);
        store.write(|tx| tx.add_account(COUNTY, ("admin", "管理员", ""), at(3), "fujiao")).unwrap();
    }
    for version in KEPT {
        let old = Books::file();
        drop(Store::begin_of_version(&old.url, keys(), version).unwrap());
        let c = rusqlite::Connection::open(&old.url).unwrap();
        c.execute("attach database ?1 as today", [&today.url]).unwrap();
        let names = |sql: &str| -> Vec<String> {
            let mut statement = c.prepare(sql).unwrap();
            let rows = statement.query_map([], |r| r.get(0)).unwrap();
            rows.map(Result::unwrap).collect()
        };
        c.execute_batch("pragma foreign_keys = off; begin; delete from main.meta").unwrap();
        for table in names("select name from main.sqlite_master where type = 'table'") {
            let columns =
                names(&format!("select name from pragma_table_info('{table}')")).join(", ");
            c.execute_batch(&format!(
                "insert into main.{table} ({columns}) select {columns} from today.{table}"
            ))
            .unwrap();
        }
        c.execute("update main.meta set value = ?1 where name = 'schema'", [version.to_string()])
            .unwrap();
        c.execute_batch("commit; detach today; vacuum; pragma wal_checkpoint(truncate)").unwrap();
        drop(c);
        let bytes = std::fs::read(&old.url).unwrap();
        std::fs::create_dir_all(kept(version).parent().unwrap()).unwrap();
        std::fs::write(kept(version), zstd::encode_all(bytes.as_slice(), 19).unwrap()).unwrap();
    }
}
