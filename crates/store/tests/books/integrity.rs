//! Keys, damage and tampering: what opening refuses, and what a check finds.

use fujiao_store::{Event, Keys, Store, StoreError};

use super::{Books, COUNTY, at, keys, on_both, with_payments};

#[test]
fn the_wrong_key_is_said_plainly() {
    on_both("wrong_key", |books| {
        with_payments(&books.open(), 2);
        let other = Store::open(&books.url, Keys::from_master([1; 32]));
        let Err(error) = other else { panic!("opened with another key") };
        assert!(matches!(error, StoreError::WrongKey { .. }), "{error}");
        assert!(error.to_string().contains("放回原来的密钥文件"), "{error}");
        books.open();
        books.tamper("update meta set value = '99' where name = 'schema'");
        let later = Store::open(&books.url, keys());
        assert!(matches!(later, Err(StoreError::Newer { found: 99, .. })));
    });
}

#[test]
fn files_of_others_are_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let open =
        |name: &str| Store::open(folder.path().join(name).to_str().unwrap(), keys()).err().unwrap();
    std::fs::write(folder.path().join("notes.txt"), "a".repeat(5_000)).unwrap();
    assert!(matches!(open("notes.txt"), StoreError::Corrupt { .. }));
    rusqlite::Connection::open(folder.path().join("other.db"))
        .unwrap()
        .execute_batch("create table meta (a); create table b (c)")
        .unwrap();
    assert!(matches!(open("other.db"), StoreError::NotOurs { .. }));
    assert!(matches!(open("no/such/folder/county.db"), StoreError::Open { .. }));
    let shown = open("no/such/folder/county.db").to_string();
    assert!(shown.contains("county.db") && shown.contains("请检查路径"), "{shown}");
    let server =
        Store::open("postgres://clerk:geheim@127.0.0.1:1/county?connect_timeout=1", keys());
    let Err(error) = server else { panic!("no server listens on port 1") };
    let shown = error.to_string();
    assert!(shown.contains("clerk:*@127.0.0.1:1/county") && !shown.contains("geheim"), "{shown}");
}

#[test]
fn a_damaged_page_is_reported() {
    let books = Books::file();
    with_payments(&books.open(), 3_000);
    let mut bytes = std::fs::read(&books.url).unwrap();
    let page = bytes.len() / 8192 / 2 * 8192;
    bytes[page..page + 8192].fill(0x5a);
    std::fs::write(&books.url, bytes).unwrap();
    let found = Store::open(&books.url, keys()).and_then(|store| store.verify());
    match found {
        Err(error @ StoreError::Corrupt { .. }) => {
            assert!(error.to_string().contains("备份"), "{error}");
        }
        Ok(report) => assert!(report.problems[0].contains("数据库文件损坏"), "{report:?}"),
        Err(error) => panic!("{error}"),
    }
}

#[test]
fn the_audit_chain_goes_on_after_a_restart_and_shows_tampering() {
    on_both("audit", |books| {
        let line = |n: i64| {
            let detail = format!("第 {n} 次");
            let event = Event {
                county: COUNTY,
                at: at(n),
                actor: "王老师",
                action: "reveal",
                object: "person p01",
                detail: &detail,
            };
            books.open().write(|tx| tx.audit(&event)).unwrap();
        };
        (1..=4).for_each(line);
        let check = |problem: Option<&str>| {
            let report = books.open().verify().unwrap();
            assert_eq!(report.problems.first().map(String::as_str), problem);
        };
        check(None);
        assert_eq!(books.open().verify().unwrap().audit_lines, 4);
        books.tamper("update audit set actor = '李老师' where seq = 2");
        check(Some("审计记录第 2 条被改动"));
        books.tamper("update audit set actor = '王老师' where seq = 2");
        check(None);
        books.tamper("create table kept as select * from audit where seq in (3, 4)");
        books.tamper("delete from audit where seq = 4");
        check(Some("审计记录在第 3 条之后被截断，或整体被换过"));
        books.tamper("insert into audit select * from kept where seq = 4");
        books.tamper("delete from audit where seq = 3");
        check(Some("审计记录第 3 条缺失"));
        books.tamper("delete from audit");
        check(Some("审计记录在第 0 条之后被截断，或整体被换过"));
    });
}

#[test]
fn sealed_numbers_moved_to_another_row_are_found() {
    on_both("moved", |books| {
        let store = books.open();
        with_payments(&store, 5);
        assert_eq!(store.verify().unwrap().problems, Vec::<String>::new());
        books.tamper(
            "update source_row set sealed = (select sealed from source_row where row_id = 2)
              where row_id = 3",
        );
        let problems = store.verify().unwrap().problems;
        assert!(problems[0].contains("source_row 619901 3"), "{problems:?}");
    });
}

#[test]
fn a_check_counts_every_table() {
    on_both("tables", |books| {
        let store = books.open();
        let all: Vec<String> = store
            .read(|tx| {
                let sql = if books.server.is_some() {
                    "select table_name from information_schema.tables
                      where table_schema = current_schema() and table_type = 'BASE TABLE'"
                } else {
                    "select name from sqlite_master where type = 'table' and name not like 'sqlite%'"
                };
                tx.query(sql, &[], |r| r.get(0))
            })
            .unwrap();
        let counted = store.verify().unwrap().tables;
        // The audit is counted as a chain, link by link.
        for table in all.iter().filter(|t| !matches!(t.as_str(), "meta" | "audit")) {
            assert!(counted.iter().any(|(name, _)| name == table), "{table} is not counted");
        }
    });
}
