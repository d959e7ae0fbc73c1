//! The books from outside, each test on SQLite and, where `FUJIAO_TEST_PG` holds a URL, on PostgreSQL.

#![expect(clippy::print_stderr, reason = "a skipped half of a test says so")]
#![expect(clippy::unwrap_used, reason = "a test's helpers fail the test")]

use std::process::Command;
use std::sync::Arc;
use std::time::{Duration, Instant};

use fujiao_model::{
    Area, Because, Boarding, Cell, CitizenId, Deed, Division, Duty, Excess, ExcessKind, Field,
    Fields, Finding, FindingKind, Gap, Grade, HouseholdKind, Money, Period, Relation, Residence,
    RosterKind, RowVerdict, Sex, SourceRow, Stage, Subject, Unit, Value,
};
use fujiao_store::{
    County, Difference, Entry, EntryFact, EntryPhoto, Event, HeaderWord, Household, Keys, LinkAsk,
    NewDecision, NewFile, NewRow, NewRun, Person, PersonEvent, PersonEventKind, Place, Results,
    RowLink, School, Sheet, Store, StoreError, Summary, Tally, Undone, V,
};
use jiff::Timestamp;
use jiff::civil::{Date, date};
use proptest::prelude::*;
use tempfile::TempDir;

#[path = "books/aid.rs"]
mod aid;
#[path = "books/cases.rs"]
mod cases;
#[path = "books/loans.rs"]
mod loans;
#[path = "books/plans.rs"]
mod plans;
#[path = "books/power.rs"]
mod power;
#[path = "books/remote.rs"]
mod remote;
#[path = "books/upgrade.rs"]
mod upgrade;
#[path = "books/upkeep.rs"]
mod upkeep;
#[path = "books/waiting.rs"]
mod waiting;

const COUNTY: u32 = 619_901;

fn keys() -> Keys {
    Keys::from_master([42; 32])
}

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(1_760_000_000 + second).unwrap()
}

/// Books of one engine that a test can open as often as it likes; they go when this does.
struct Books {
    url: String,
    server: Option<(String, String)>,
    folder: TempDir,
}

impl Books {
    fn file() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let url = folder.path().join("county.db").display().to_string();
        Self { url, server: None, folder }
    }

    fn server(test: &str) -> Option<Self> {
        let Some(server) = std::env::var_os("FUJIAO_TEST_PG") else {
            eprintln!("FUJIAO_TEST_PG is not set: {test} ran on SQLite only");
            return None;
        };
        let server = server.into_string().unwrap();
        let schema = format!("t{}_{test}", std::process::id());
        sql(&server, &format!("drop schema if exists {schema} cascade; create schema {schema}"));
        let mark = if server.contains('?') { '&' } else { '?' };
        let url = format!("{server}{mark}options=-csearch_path%3D{schema}");
        Some(Self { url, server: Some((server, schema)), folder: tempfile::tempdir().unwrap() })
    }

    fn open(&self) -> Store {
        Store::open(&self.url, keys()).unwrap()
    }

    /// Changes the books behind the store's back.
    fn tamper(&self, statement: &str) {
        if self.server.is_some() {
            sql(&self.url, statement);
        } else {
            rusqlite::Connection::open(&self.url).unwrap().execute_batch(statement).unwrap();
        }
    }
}

impl Drop for Books {
    fn drop(&mut self) {
        if let Some((server, schema)) = &self.server {
            sql(server, &format!("drop schema {schema} cascade"));
        }
    }
}

#[expect(clippy::redundant_closure_for_method_calls, reason = "the method is not general enough")]
fn counties(store: &Store) -> Vec<County> {
    store.read(|tx| tx.counties()).unwrap()
}

fn sql(url: &str, statement: &str) {
    postgres::Client::connect(url, postgres::NoTls).unwrap().batch_execute(statement).unwrap();
}

/// Runs one body on both engines.
fn on_both(test: &str, body: impl Fn(&Books)) {
    body(&Books::file());
    if let Some(books) = Books::server(test) {
        body(&books);
    }
}

fn id(sequence: u16) -> CitizenId {
    CitizenId::compose(619_901, date(2012, 9, 1), sequence)
}

/// A payment row with secrets, and a column that nobody knows.
fn payment(n: u32) -> SourceRow {
    SourceRow {
        kind: RosterKind::AidPayments,
        sheet: 1,
        row: n + 3,
        verdict: if n % 7 == 3 { RowVerdict::Parked } else { RowVerdict::Good },
        fields: [
            (Field::Name, Value::Text(format!("张\"{n}\\·三\n").into())),
            (Field::CitizenId, Value::Id(id(u16::try_from(n % 1000).unwrap()))),
            (Field::BankAccount, Value::Text(format!("62170000{n:08}").into())),
            (Field::Programme, Value::Text("寄宿生生活补助".into())),
            (Field::Term, Value::Term("2024A".parse().unwrap())),
            (Field::Amount, Value::Money(Money::fen(62_500))),
            (Field::PaidOn, Value::Date("2024-12".parse().unwrap())),
            (Field::Stage, Value::Code("primary")),
            (Field::Rural, Value::Flag(true)),
        ]
        .into_iter()
        .collect(),
        extra: if n.is_multiple_of(2) {
            vec![(17, format!("家长电话 1390000{n:04}").into())]
        } else {
            vec![]
        },
    }
}

fn new_rows<'a>(keys: &Keys, rows: &'a [SourceRow]) -> Vec<NewRow<'a>> {
    rows.iter()
        .map(|row| {
            let number = row.row.to_string();
            NewRow {
                row,
                natural_key: keys.digest("aid_payments", [number.as_str()]),
                fingerprint: keys.digest("row", [format!("{row:?}").as_str()]),
                supersedes: None,
            }
        })
        .collect()
}

fn file(n: u8, tally: Tally) -> NewFile<'static> {
    NewFile {
        sha256: [n; 32],
        name: "发放表.xlsx",
        office: Some("学生资助中心"),
        imported_at: at(i64::from(n)),
        kinds: &[RosterKind::AidPayments],
        tally,
    }
}

fn created(n: usize) -> Tally {
    Tally { read: n as u64, created: n as u64, ..Tally::default() }
}

/// A county with one file of `n` payments.
fn with_payments(store: &Store, n: u32) -> Vec<SourceRow> {
    let rows: Vec<SourceRow> = (0..n).map(payment).collect();
    store
        .write(|tx| {
            tx.put_county(COUNTY, "岚川县", true)?;
            let file_id = tx.add_file(COUNTY, &file(1, created(rows.len())), &[])?;
            let new = new_rows(tx.keys(), &rows);
            tx.insert_rows(COUNTY, file_id, &new)?;
            tx.audit(&Event {
                county: COUNTY,
                at: at(1),
                actor: "fujiao",
                action: "import",
                object: "file 1",
                detail: "",
            })
        })
        .unwrap();
    rows
}

#[test]
fn rows_read_back_as_they_were_said() {
    on_both("rows_read_back", |books| {
        let store = books.open();
        let rows = with_payments(&store, 5_000);
        let read = store.read(|tx| tx.rows(COUNTY)).unwrap();
        assert_eq!(read.len(), rows.len());
        for (stored, (n, row)) in read.iter().zip((1..).zip(&rows)) {
            assert_eq!((stored.row_id, stored.file_id, &stored.row), (n, 1, row));
        }
        let some = store.read(|tx| tx.rows_between(COUNTY, 10, 12)).unwrap();
        assert_eq!(some, read[9..12]);
        let files = store.read(|tx| tx.files(COUNTY)).unwrap();
        assert_eq!((files[0].rows, files[0].tally), (Some((1, 5_000)), created(5_000)));
        let keys = store.read(|tx| tx.live_keys(COUNTY)).unwrap();
        assert_eq!((keys.len(), keys[6].row_id), (5_000, 7));
        assert_eq!(keys[6].fingerprint, new_rows(&self::keys(), &rows)[6].fingerprint);
    });
}

#[test]
fn no_personal_number_lies_open_in_the_file() {
    let books = Books::file();
    let store = books.open();
    with_payments(&store, 50);
    store.write(|tx| tx.replace_persons(COUNTY, &[person(1)])).unwrap();
    drop(store);
    for entry in std::fs::read_dir(books.folder.path()).unwrap() {
        let bytes = std::fs::read(entry.unwrap().path()).unwrap();
        let holds = |text: &str| bytes.windows(text.len()).any(|w| w == text.as_bytes());
        assert!(!holds(id(7).reveal()) && !holds("6217000000000007") && !holds("13900000002"));
        assert!(!holds("13800000001"), "the phone of a person");
    }
}

#[test]
fn a_payment_line_is_booked_once() {
    on_both("booked_once", |books| {
        let store = books.open();
        let rows = with_payments(&store, 3);
        let again = store.write(|tx| {
            let file_id = tx.add_file(COUNTY, &file(2, created(1)), &[])?;
            let new = new_rows(tx.keys(), &rows[1..2]);
            tx.insert_rows(COUNTY, file_id, &new)
        });
        assert!(again.unwrap_err().is_unique_violation());
        // Nothing of the second file is there.
        assert_eq!(store.read(|tx| tx.files(COUNTY)).unwrap().len(), 1);
        let same_bytes = store.write(|tx| tx.add_file(COUNTY, &file(1, created(0)), &[]));
        assert!(same_bytes.unwrap_err().is_unique_violation());
    });
}

#[test]
fn a_correction_supersedes_and_what_was_said_stays() {
    on_both("correction", |books| {
        let store = books.open();
        let rows = with_payments(&store, 700);
        let mut corrected = rows.clone();
        for row in &mut corrected {
            row.fields.set(Field::Amount, Value::Money(Money::fen(75_000)));
        }
        let supersede = |of: &'static str, tx: &mut fujiao_store::Tx| {
            let tally = Tally { read: 700, updated: 700, ..Tally::default() };
            let n = if of == "first" { 2 } else { 3 };
            let file_id = tx.add_file(COUNTY, &file(n, tally), &[])?;
            let mut new = new_rows(tx.keys(), &corrected);
            for (n, row) in (1..).zip(&mut new) {
                row.supersedes = Some(n);
            }
            tx.insert_rows(COUNTY, file_id, &new)
        };
        assert_eq!(store.write(|tx| supersede("first", tx)).unwrap(), 701);
        let live = store.read(|tx| tx.rows(COUNTY)).unwrap();
        assert_eq!((live.len(), live[0].row_id), (700, 701));
        assert!(live.iter().zip(&corrected).all(|(stored, row)| stored.row == *row));
        let first = store.read(|tx| tx.rows_between(COUNTY, 1, 700)).unwrap();
        assert!(first.iter().zip(&rows).all(|(stored, row)| stored.row == *row));
        // A row that is not live cannot be superseded again.
        let twice = store.write(|tx| supersede("again", tx));
        assert!(matches!(twice, Err(StoreError::ForeignKey(_))), "{twice:?}");
    });
}

#[test]
fn an_error_takes_everything_back() {
    on_both("takes_back", |books| {
        let store = books.open();
        let put = |tx: &mut fujiao_store::Tx| tx.put_county(COUNTY, "岚川县", true);
        let refused: Result<(), StoreError> = store.write(|tx| {
            put(tx)?;
            Err(StoreError::Failed)
        });
        assert!(refused.is_err());
        let panicked = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            store.write(|tx| -> Result<(), StoreError> {
                put(tx)?;
                panic!("we were wrong");
            })
        }));
        assert!(panicked.is_err());
        // A failed statement spoils the transaction even where the caller looks away, on both engines.
        let looked_away: Result<(), StoreError> = store.write(|tx| {
            put(tx)?;
            let _ = tx.execute(
                "insert into county (county, name) values ($1, $2)",
                &[COUNTY.into(), "again".into()],
            );
            assert!(matches!(tx.counties(), Err(StoreError::Failed)));
            Ok(())
        });
        assert!(matches!(looked_away, Err(StoreError::Failed)));
        assert_eq!(counties(&store), []);
        store.write(put).unwrap();
        assert_eq!(counties(&store).len(), 1);
    });
}

#[test]
fn a_reader_cannot_write_and_sees_one_moment() {
    on_both("one_moment", |books| {
        let store = books.open();
        let wrote = store.read(|tx| tx.put_county(COUNTY, "岚川县", true));
        assert!(matches!(wrote, Err(StoreError::Engine(_))), "{wrote:?}");
        store
            .read(|tx| -> Result<(), StoreError> {
                assert_eq!(tx.counties()?, []);
                store.write(|tx| tx.put_county(COUNTY, "岚川县", true))?;
                assert_eq!(tx.counties()?, []);
                Ok(())
            })
            .unwrap();
        assert_eq!(counties(&store).len(), 1);
    });
}

#[test]
fn both_engines_order_and_answer_alike() {
    on_both("alike", |books| {
        let store = books.open();
        let names = ["张", "Zhang", "zhang", "", "阿", "a", "É", "_", "1", "😀"];
        store
            .write(|tx| {
                tx.bulk(
                    "header_word",
                    ["county", "kind", "header", "field", "at", "actor"],
                    names.map(|n| {
                        [COUNTY.into(), "x".into(), n.into(), "f".into(), "".into(), "".into()]
                    }),
                )
            })
            .unwrap();
        let sorted = store
            .read(|tx| {
                tx.query(
                    "select header from header_word where county = $2 and kind = $1 order by header",
                    &["x".into(), COUNTY.into()],
                    |r| r.get::<String>(0),
                )
            })
            .unwrap();
        let mut want = names.map(String::from).to_vec();
        want.sort();
        assert_eq!(sorted, want);
        let odd = store
            .read(|tx| {
                tx.query_one(
                    "select cast($1 as bigint), cast($2 as double precision), cast($3 as text),
                            cast($4 as bytea), cast($5 as text), 1 < 2, $1 + 0",
                    &[
                        V::from(u64::MAX - 1),
                        2.5.into(),
                        "引'号".into(),
                        vec![0_u8, 255].into(),
                        V::Null,
                    ],
                    |r| {
                        assert!(r.get::<&str>(0).is_err() && r.get::<i64>(4).is_err());
                        Ok((
                            (r.get::<u64>(0)?, r.get::<f64>(1)?, r.get::<String>(2)?),
                            (r.get::<Option<i64>>(4)?, r.get::<bool>(5)?, r.get::<i64>(6)?),
                        ))
                    },
                )
            })
            .unwrap();
        let want = ((u64::MAX - 1, 2.5, "引'号".to_owned()), (None, true, -2));
        assert_eq!(odd, Some(want));
    });
}

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
fn findings_and_header_words_read_back() {
    on_both("findings", |books| {
        let store = books.open();
        let finding = |column, field| Finding {
            cell: Cell { sheet: 0, row: 7, column },
            field,
            kind: FindingKind::BadId,
            reason: "身份证号校验位不符".into(),
            remedy: "核对后重填".into(),
            verdict: RowVerdict::Parked,
        };
        let findings = [finding(Some(3), Some(Field::CitizenId)), finding(None, None)];
        let sheet = Sheet {
            number: 0,
            name: "Sheet1".into(),
            kind: Some(RosterKind::AidPayments),
            rows_read: 9,
        };
        let word = |field| HeaderWord {
            kind: RosterKind::AidPayments,
            header: "补助金额(元)".into(),
            field,
        };
        store
            .write(|tx| {
                let file_id =
                    tx.add_file(COUNTY, &file(9, created(0)), std::slice::from_ref(&sheet))?;
                tx.add_findings(COUNTY, file_id, &findings)?;
                tx.remember_header(COUNTY, &word(Field::Wage), at(1), "甲")?;
                tx.remember_header(COUNTY, &word(Field::Amount), at(2), "乙")
            })
            .unwrap();
        store
            .read(|tx| -> Result<(), StoreError> {
                let read = tx.findings(COUNTY, 1)?;
                assert!(read.iter().zip(&findings).all(|(s, f)| s.finding == *f && s.open));
                assert_eq!((read.len(), read[1].number), (2, 1));
                assert_eq!(tx.sheets(COUNTY)?, [(1, sheet.clone())]);
                assert_eq!(tx.header_words(COUNTY)?, [word(Field::Amount)]);
                let file = tx.file_of_bytes(COUNTY, &[9; 32])?.unwrap();
                assert_eq!((file.id, file.rows, file.imported_at), (1, None, at(9)));
                assert_eq!(tx.file_of_bytes(COUNTY, &[8; 32])?, None);
                Ok(())
            })
            .unwrap();
    });
}

fn village() -> Division {
    Division::parse("619901102201").unwrap()
}

fn person(n: u64) -> Person {
    Person {
        id: n,
        name: format!("张小{n}"),
        citizen_id: Some(id(u16::try_from(n % 1000).unwrap())),
        phones: vec!["13800000001".into()],
        accounts: vec![],
        sex: Some(Sex::Female),
        born_on: Some("2012-09".parse().unwrap()),
        ethnicity: Some("汉族".into()),
        town: Some(village().town()),
        village: Some(village()),
        household: Some(u64::MAX),
        relation: Some(Relation::Daughter),
        guardian: Some("张大".into()),
        school: Some(5),
        stage: Some(Stage::Primary),
        grade: Some(Grade::P6),
        class: Some("(1)班".into()),
        boarding: Some(Boarding::Boards),
        residence: Some(Residence::Present),
        flags: vec!["lifted_household".into(), "disabled".into()],
        rows: 12,
    }
}

fn person_without_facts(id: u64) -> Person {
    Person {
        id,
        name: "李".into(),
        citizen_id: None,
        phones: vec![],
        accounts: vec![],
        sex: None,
        born_on: None,
        ethnicity: None,
        town: None,
        village: None,
        household: None,
        relation: None,
        guardian: None,
        school: None,
        stage: None,
        grade: None,
        class: None,
        boarding: None,
        residence: None,
        flags: vec![],
        rows: 1,
    }
}

#[test]
fn registers_read_back() {
    on_both("registers", |books| {
        let store = books.open();
        with_payments(&store, 3);
        let persons = [person(3), person_without_facts(7)];
        let school = School {
            id: 5,
            code: Some("2161000123".into()),
            name: "岚川县云台镇中心小学".into(),
            aliases: vec!["云台小学".into()],
            kind: Some("完全小学".into()),
            stages: vec![Stage::Preschool, Stage::Primary],
            parent: None,
            town: Some(village().town()),
            village: None,
            rural: Some(true),
            point: Some((109.25, 33.5)),
            closed_on: Some(date(2025, 7, 1)),
            row_id: Some(2),
        };
        let household = Household {
            id: u64::MAX,
            number: Some("6199010001".into()),
            head: Some(3),
            head_name: Some("张大".into()),
            kind: HouseholdKind::UnstableLifted,
            monitored: true,
            town: None,
            village: Some(village()),
            size: 4,
            relocation_site: None,
            row_id: None,
        };
        let place = Place {
            code: village(),
            name: "上坪村".into(),
            point: Some((109.5, 33.25)),
            made: true,
        };
        let link = |row_id, person| RowLink { row_id, person, household: None, school: Some(5) };
        let links = [link(1, Some(3)), link(3, Some(3))];
        let fill = |tx: &mut fujiao_store::Tx| {
            tx.replace_places(COUNTY, std::slice::from_ref(&place))?;
            tx.replace_schools(COUNTY, std::slice::from_ref(&school))?;
            tx.replace_households(COUNTY, std::slice::from_ref(&household))?;
            tx.replace_persons(COUNTY, &persons)?;
            tx.replace_links(COUNTY, &links)
        };
        store.write(fill).unwrap();
        store.write(fill).unwrap();
        store
            .read(|tx| -> Result<(), StoreError> {
                assert_eq!(tx.places(COUNTY)?, std::slice::from_ref(&place));
                assert_eq!(tx.schools(COUNTY)?, std::slice::from_ref(&school));
                assert_eq!(tx.households(COUNTY)?, std::slice::from_ref(&household));
                assert_eq!(tx.persons(COUNTY)?, persons);
                assert_eq!(tx.person(COUNTY, 7)?.as_ref(), Some(&persons[1]));
                assert_eq!(tx.person(COUNTY, 8)?, None);
                assert_eq!(tx.persons_of_id(COUNTY, id(3))?, [3]);
                assert_eq!(tx.persons_of_id(COUNTY, id(5))?, [0; 0]);
                assert_eq!(tx.links(COUNTY)?, links);
                let rows = tx.rows_of_person(COUNTY, 3)?;
                assert_eq!(rows.iter().map(|r| r.row_id).collect::<Vec<_>>(), [1, 3]);
                // Of some persons and of many: by their rows, and by the rows of the kind.
                let some = tx.rows_of_persons(COUNTY, RosterKind::AidPayments, &[3, 7])?;
                assert_eq!(
                    some.iter().map(|(p, r)| (*p, r.row_id)).collect::<Vec<_>>(),
                    [(3, 1), (3, 3)]
                );
                let many: Vec<u64> = (1..=2_000).collect();
                assert_eq!(tx.rows_of_persons(COUNTY, RosterKind::AidPayments, &many)?, some);
                assert_eq!(tx.rows_of_persons(COUNTY, RosterKind::Marks, &many)?, []);
                let of_kind = tx.rows_of_kind(COUNTY, RosterKind::AidPayments, None)?;
                assert_eq!(
                    of_kind.iter().map(|r| (r.row_id, r.person)).collect::<Vec<_>>(),
                    [(1, Some(3)), (2, None), (3, Some(3))]
                );
                Ok(())
            })
            .unwrap();
        // A link to a row that is not there is refused, and the old links stay.
        let dangling = store.write(|tx| tx.replace_links(COUNTY, &[link(99, Some(3))]));
        assert!(matches!(dangling, Err(StoreError::ForeignKey(_))), "{dangling:?}");
        assert_eq!(store.read(|tx| tx.links(COUNTY)).unwrap(), links);
    });
}

#[test]
fn an_id_stands_beside_a_small_number_on_both_engines() {
    on_both("an_id_beside_a_number", |books| {
        let store = books.open();
        store.write(|tx| tx.put_county(COUNTY, "岚川县", true)).unwrap();
        let sql =
            "select county from county where county = $1 and ($2 = 0 or county < $2) limit $3";
        for id in [0, 7_000_000, u64::MAX >> 1] {
            let args = [COUNTY.into(), id.into(), 1_i64.into()];
            let found = store.read(|tx| tx.query(sql, &args, |r| r.get::<i64>(0))).unwrap();
            assert_eq!(found, [i64::from(COUNTY)], "{id}");
        }
        // Asked first without the id, another statement would be inferred narrow, and kept.
        let sql =
            "select county from county where county = $1 and ($2 = 0 or $2 is null or $2 > 7)";
        for id in [None, Some(u64::MAX >> 1), None, Some(0)] {
            let args = [COUNTY.into(), id.into()];
            let found = store.read(|tx| tx.query(sql, &args, |r| r.get::<i64>(0))).unwrap();
            assert_eq!(found, [i64::from(COUNTY)], "{id:?}");
        }
    });
}

#[test]
fn decisions_keep_their_history() {
    on_both("decisions", |books| {
        let store = books.open();
        with_payments(&store, 3);
        let keys: Vec<[u8; 16]> = store
            .read(|tx| tx.live_keys(COUNTY))
            .unwrap()
            .iter()
            .map(|key| key.natural_key)
            .collect();
        let ask = |left, right, weight| LinkAsk { left, right, weight, why: "{}".into() };
        let asks = [ask(1, 2, 3.5), ask(1, 3, 4.25)];
        let decision = |left: usize, right: usize, same| NewDecision {
            left: keys[left],
            right: keys[right],
            same,
            weight: Some(4.25),
            at: at(5),
            actor: "王老师",
            note: None,
        };
        let fill = |tx: &mut fujiao_store::Tx| {
            tx.replace_asks(COUNTY, &asks)?;
            tx.replace_bands(COUNTY, &[(0.1, 7), (0.5, 2)])
        };
        store.write(fill).unwrap();
        store.write(fill).unwrap();
        let asked = || store.read(|tx| tx.asked_pairs(COUNTY)).unwrap();
        assert_eq!(asked().iter().map(|p| p.ask.right).collect::<Vec<_>>(), [3, 2]);
        assert_eq!((asked()[0].left_key, asked()[0].right_key), (keys[0], keys[2]));
        assert_eq!(store.read(|tx| tx.bands(COUNTY)).unwrap(), [(0.5, 2), (0.1, 7)]);

        // One word stands about a pair, in whatever order its rows are named; the pair waits no longer.
        assert_eq!(store.write(|tx| tx.decide(COUNTY, &decision(2, 0, true))).unwrap(), 1);
        let again = store.write(|tx| tx.decide(COUNTY, &decision(0, 2, false)));
        assert!(matches!(again, Err(StoreError::Unique(_))), "{again:?}");
        assert_eq!(asked().iter().map(|p| p.ask.right).collect::<Vec<_>>(), [2]);
        // Taken back, it is not forgotten, and another may be said.
        let undone = Undone { at: at(9), actor: "李主任".into(), why: Some("看错了".into()) };
        assert!(store.write(|tx| tx.undo_decision(COUNTY, 1, &undone)).unwrap());
        assert!(!store.write(|tx| tx.undo_decision(COUNTY, 1, &undone)).unwrap());
        assert_eq!(asked().len(), 2);
        assert_eq!(store.write(|tx| tx.decide(COUNTY, &decision(0, 2, false))).unwrap(), 2);
        let all = store.read(|tx| tx.decisions(COUNTY)).unwrap();
        let said: Vec<_> = all.iter().map(|d| (d.number, d.same, d.undone.as_ref())).collect();
        assert_eq!(said, [(1, true, Some(&undone)), (2, false, None)]);
        assert_eq!(
            (all[0].actor.as_str(), all[0].at, all[0].weight),
            ("王老师", at(5), Some(4.25))
        );
        assert!(all[0].left < all[0].right);
    });
}

/// Books of the first version are brought up to date, and what was decided in them stands.
/// Statements that drop the tables which the first version did not have.
fn newer_tables(store: &Store, server: bool) -> String {
    const FIRST: &str = "meta county file sheet source_row row_link finding header_word place school household person \
        link_ask link_decision run rule duty deed summary audit";
    let (sql, before, behind) = if server {
        (
            "select table_name from information_schema.tables where table_schema = current_schema()",
            "",
            " cascade",
        )
    } else {
        ("select name from sqlite_master where type = 'table'", "pragma foreign_keys = off;", "")
    };
    let mut tables = store.read(|tx| tx.query(sql, &[], |r| r.get::<String>(0))).unwrap();
    tables.retain(|table| !FIRST.split_whitespace().any(|first| first == table));
    tables.iter().fold(before.to_owned(), |text, t| format!("{text} drop table {t}{behind};"))
}

#[test]
fn decisions_of_the_first_version_stand() {
    on_both("migration", |books| {
        let store = books.open();
        with_payments(&store, 1);
        let schema = store.verify().unwrap().schema;
        let newer = newer_tables(&store, books.server.is_some());
        drop(store);
        let (int, bytes) =
            if books.server.is_some() { ("bigint", "bytea") } else { ("integer", "blob") };
        let key = |n: u8| {
            let digits = format!("{n:02x}").repeat(16);
            if books.server.is_some() { format!("'\\x{digits}'") } else { format!("x'{digits}'") }
        };
        let line = |left: u8, right: u8, same: u8, at: &str| {
            format!("(619901, {}, {}, {same}, '{at}', '王老师', null)", key(left), key(right))
        };
        books.tamper(&format!(
            "{newer}
             drop index source_row_superseded; drop index source_row_kind; drop index person_cared;
             drop table link_decision;
             alter table link_ask drop column why;
             create table link_decision (county {int} not null, left_key {bytes} not null,
                 right_key {bytes} not null, same {int} not null, at text not null, actor text not null,
                 note text, primary key (county, left_key, right_key));
             insert into link_decision values {}, {};
             update meta set value = '1' where name = 'schema'",
            line(1, 2, 1, "2025-10-02T00:00:00Z"),
            line(1, 3, 0, "2025-10-01T00:00:00Z"),
        ));
        let store = books.open();
        let said: Vec<_> = store
            .read(|tx| tx.decisions(COUNTY))
            .unwrap()
            .into_iter()
            .map(|d| (d.number, d.left[0], d.right[0], d.same, d.undone))
            .collect();
        assert_eq!(said, [(1, 1, 3, false, None), (2, 1, 2, true, None)]);
        let found = store.verify().unwrap();
        assert!(found.problems.is_empty() && found.schema == schema, "{found:?}");
    });
}

fn entry(n: u8, user: u64) -> Entry {
    Entry {
        number: 0,
        key: [n; 16],
        root: [n.min(2); 16],
        print: [9; 16],
        kind: "attendance".into(),
        subject: Subject::school(u64::MAX),
        class: "P4 （2）班".into(),
        on: date(2025, 10, 15),
        payload: "{}".into(),
        said: "祖母说腿伤快好了".into(),
        care: n == 3,
        user,
        author: "刘芳".into(),
        written_at: at(1),
        received_at: at(2),
        state: "in_force".into(),
        state_why: None,
        receipt: "{}".into(),
    }
}

#[test]
fn what_people_write_reads_back_and_its_key_comes_in_once() {
    on_both("entries", |books| {
        let store = books.open();
        let subject = Subject::person(7);
        let fact = |entry, value, state: &str| EntryFact {
            entry,
            user: entry,
            subject,
            class: String::new(),
            on: date(2025, 10, 15),
            field: "attendance".into(),
            value: [value; 16],
            state: state.into(),
        };
        store
            .write(|tx| {
                for n in 1..=3 {
                    assert_eq!(tx.add_entry(COUNTY, &entry(n, u64::from(n)))?, u64::from(n));
                }
                tx.add_facts(COUNTY, &[fact(1, 1, "in_force"), fact(2, 2, "waiting")])?;
                assert_eq!(tx.add_conflict(COUNTY, 1, &fact(2, 2, "waiting"), at(3))?, 1);
                let photo = EntryPhoto {
                    key: [5; 16],
                    entry: 1,
                    sha256: [6; 32],
                    kind: "jpeg".into(),
                    bytes: vec![0xff, 0xd8],
                    user: 1,
                };
                tx.add_photo(COUNTY, &photo, at(3))?;
                assert_eq!(tx.photo(COUNTY, &[5; 16])?, Some(photo));
                assert_eq!(tx.photos_of(COUNTY, 1)?, [[5; 16]]);
                Ok::<_, StoreError>(())
            })
            .unwrap();
        let again = store.write(|tx| tx.add_entry(COUNTY, &entry(3, 3)));
        assert!(again.unwrap_err().is_unique_violation());
        store
            .read(|tx| {
                let back = tx.entry_of_key(COUNTY, &[3; 16])?;
                assert_eq!(back, Some(Entry { number: 3, ..entry(3, 3) }));
                assert_eq!(tx.entry_of_root(COUNTY, &[2; 16])?.map(|e| e.number), Some(3));
                assert_eq!(tx.entry_of_key(COUNTY, &[4; 16])?, None);
                assert_eq!(tx.entries_of_user(COUNTY, 2, 5)?.len(), 1);
                let school = Subject::school(u64::MAX);
                assert_eq!(tx.entries_about(COUNTY, school, date(2025, 10, 16))?.len(), 0);
                assert_eq!(tx.entries_about(COUNTY, school, Date::MIN)?.len(), 3);
                let about = |tx: &mut fujiao_store::Tx| {
                    tx.facts_about(COUNTY, subject, "", date(2025, 10, 15), "attendance")
                };
                assert_eq!(about(tx)?, [fact(1, 1, "in_force")]);
                assert_eq!(tx.open_conflicts(COUNTY)?, tx.conflicts_of(COUNTY, 2)?);
                Ok::<_, StoreError>(())
            })
            .unwrap();
        store
            .write(|tx| {
                let of = Some((subject, "attendance"));
                tx.set_fact_state(COUNTY, 1, of, "lost")?;
                tx.set_fact_state(COUNTY, 2, None, "in_force")?;
                tx.set_entry_state(COUNTY, 1, "withdrawn", "李慧", Some("记错"))?;
                assert!(tx.close_conflict(COUNTY, 1, "second", "李慧", "问过", at(9))?);
                assert!(!tx.close_conflict(COUNTY, 1, "first", "李慧", "问过", at(9))?);
                let open = tx.facts_open(COUNTY, subject, "", date(2025, 10, 15), "attendance")?;
                assert_eq!(open, [fact(2, 2, "in_force")]);
                assert_eq!(tx.entry(COUNTY, 1)?.map(|e| e.state), Some("withdrawn".into()));
                assert_eq!(tx.conflict(COUNTY, 1)?.and_then(|c| c.decided), Some("second".into()));
                assert_eq!(tx.open_conflicts(COUNTY)?, []);
                Ok::<_, StoreError>(())
            })
            .unwrap();
        assert_eq!(store.verify().unwrap().problems, Vec::<String>::new());
    });
}

#[test]
fn an_old_id_leads_to_the_present_person() {
    on_both("events", |books| {
        let store = books.open();
        with_payments(&store, 2);
        let merged = |person, other| PersonEvent {
            kind: PersonEventKind::Merged,
            person: Some(person),
            other: Some(other),
            count: 2,
            rows: vec![1, 2],
        };
        let new = PersonEvent {
            kind: PersonEventKind::New,
            person: None,
            other: None,
            count: 4,
            rows: vec![],
        };
        store
            .write(|tx| -> Result<(), StoreError> {
                tx.replace_persons(COUNTY, &[person_without_facts(9)])?;
                tx.add_person_events(COUNTY, at(1), &[merged(5, 3), new.clone()])?;
                // Two that stand for one another lead nowhere, and do not hang.
                tx.add_person_events(COUNTY, at(2), &[merged(9, 5), merged(7, 8), merged(8, 7)])
            })
            .unwrap();
        store
            .read(|tx| -> Result<(), StoreError> {
                for (old, now) in [(9, Some(9)), (5, Some(9)), (3, Some(9)), (7, None), (4, None)] {
                    assert_eq!(tx.current_person(COUNTY, old)?, now, "{old}");
                }
                let events = tx.person_events(COUNTY)?;
                assert_eq!(events[..2], [(at(1), merged(5, 3)), (at(1), new.clone())]);
                assert_eq!(events.len(), 5);
                Ok(())
            })
            .unwrap();
    });
}

fn duties(n: u64) -> (Vec<Duty>, Vec<Gap>, Vec<Deed>, Vec<Excess>) {
    let because = Because {
        rule: "comp.living.boarder@2024S".into(),
        basis: "教财〔2024〕1号".into(),
        facts: "小学六年级，住校，脱贫户".into(),
        sources: vec![1, 2],
    };
    let kind: Arc<str> = "comp.living.boarder".into();
    let duties = (0..n)
        .map(|i| Duty {
            area: Area::Aid,
            kind: Arc::clone(&kind),
            subject: Subject::person(i / 2),
            period: Period::Term("2024A".parse().unwrap()),
            quantity: 62_500,
            unit: Unit::Fen,
            due_on: date(2024, 12, 31),
            bearer: "县学生资助中心".into(),
            place: (i % 3 > 0).then(village),
            because: because.clone(),
        })
        .collect();
    let gaps = (0..n).step_by(2).map(|i| Gap {
        duty: usize::try_from(i).unwrap(),
        done: 500,
        missing: 62_000,
    });
    let deeds = (0..n).map(|i| Deed {
        area: Area::Aid,
        kind: Arc::clone(&kind),
        subject: Subject::person(i / 2),
        period: Period::Term("2024A".parse().unwrap()),
        quantity: if i == 1 { -500 } else { 62_500 },
        unit: Unit::Fen,
        done_on: date(2024, 12, 1),
        place: Some(village()),
        evidence: i + 1,
    });
    let excesses = vec![
        Excess { deed: 0, quantity: 500, kind: ExcessKind::Over },
        Excess { deed: 0, quantity: 1_000, kind: ExcessKind::Repeated },
    ];
    (duties, gaps.collect(), deeds.collect(), excesses)
}

fn save(store: &Store, as_of: Date, n: u64) -> u64 {
    let (duties, gaps, deeds, excesses) = duties(n);
    let due: i64 = duties.iter().map(|d| d.quantity).sum();
    let gap: i64 = gaps.iter().map(|g| g.missing).sum();
    let line = |place| Summary {
        place,
        area: Area::Aid,
        kind: "comp.living.boarder".into(),
        unit: Unit::Fen,
        due,
        done: due - gap,
        gap,
        excess: 1_500,
        subjects_due: n / 2,
        subjects_gap: n / 2,
        subjects_excess: 1,
    };
    let results = Results {
        duties: &duties,
        gaps: &gaps,
        deeds: &deeds,
        excesses: &excesses,
        summaries: &[line(None), line(Some(village().town()))],
    };
    let run = NewRun {
        as_of,
        policies_hash: "p",
        registers_hash: "r",
        started_at: at(1),
        ended_at: at(2),
        sizes: "{\"seconds\":1}",
    };
    store.write(|tx| tx.save_run(COUNTY, &run, &results)).unwrap()
}

#[test]
fn an_assessment_reads_back_and_the_next_takes_its_place() {
    on_both("assessment", |books| {
        let store = books.open();
        with_payments(&store, 1);
        assert_eq!(store.read(|tx| tx.live_run(COUNTY)).unwrap(), None);
        assert_eq!(save(&store, date(2025, 9, 15), 8), 1);
        assert_eq!(save(&store, date(2025, 10, 15), 6), 2);
        let (duties, gaps, deeds, _) = duties(6);
        store
            .read(|tx| -> Result<(), StoreError> {
                let runs = tx.runs(COUNTY)?;
                assert_eq!(runs.iter().map(|r| r.kept).collect::<Vec<_>>(), [false, true]);
                assert_eq!(tx.live_run(COUNTY)?.as_ref(), Some(&runs[1]));
                assert_eq!(runs[1].as_of, date(2025, 10, 15));
                let read = tx.duties(COUNTY, 2)?;
                assert!(read.iter().map(|d| &d.duty).eq(&duties));
                assert_eq!((read[0].done, read[0].gap), (gaps[0].done, gaps[0].missing));
                assert_eq!((read[1].done, read[1].gap), (62_500, 0));
                assert_eq!(tx.duties(COUNTY, 1)?, []);
                assert_eq!(tx.duties_to(COUNTY, 2, Subject::person(1))?, read[2..4]);
                let done = tx.deeds(COUNTY, 2)?;
                assert!(done.iter().map(|d| &d.deed).eq(&deeds));
                let first = (done[0].counted, done[0].excess, done[0].excess_kind);
                assert_eq!(first, (61_000, 1_500, Some(ExcessKind::Over)));
                assert_eq!((done[1].counted, done[1].excess_kind), (-500, None));
                assert_eq!(tx.deeds_for(COUNTY, 2, Subject::person(2))?, done[4..6]);
                assert_eq!(tx.summaries(COUNTY, 2, None)?[0].gap, 3 * 62_000);
                assert_eq!(tx.summaries(COUNTY, 1, Some(village().town()))?.len(), 1);
                Ok(())
            })
            .unwrap();
        assert_eq!(store.verify().unwrap().problems, Vec::<String>::new());
        books.tamper("update duty set gap = 0, done = quantity where duty_id = 2");
        assert_eq!(store.verify().unwrap().problems, ["1 行县级汇总与名单不符"]);
    });
}

/// What was frozen reads back, is frozen once, and stays when later assessments come; differences are those of the last.
#[test]
fn what_is_frozen_reads_back_and_is_frozen_once() {
    on_both("frozen", |books| {
        let store = books.open();
        with_payments(&store, 1);
        let id = save(&store, date(2025, 9, 15), 4);
        let (duties, ..) = duties(4);
        let run = NewRun {
            as_of: date(2025, 9, 15),
            policies_hash: "p",
            registers_hash: "r",
            started_at: at(1),
            ended_at: at(2),
            sizes: "{}",
        };
        let kept = [&duties[0], &duties[2]];
        assert_eq!(store.write(|tx| tx.freeze(COUNTY, id, &run, kept)).unwrap(), 2);
        assert!(store.write(|tx| tx.freeze(COUNTY, id, &run, kept)).is_err(), "frozen once");
        save(&store, date(2025, 10, 15), 2);
        let read = store.read(|tx| tx.frozen(COUNTY)).unwrap();
        assert_eq!(read.len(), 2);
        for duty in kept {
            let found = read.iter().find(|f| f.duty == *duty).expect("it reads back whole");
            assert_eq!((found.as_of, found.policies_hash.as_str()), (date(2025, 9, 15), "p"));
        }
        let difference = Difference {
            kind: Arc::clone(&duties[0].kind),
            subject: duties[0].subject,
            period: duties[0].period,
            unit: duties[0].unit,
            frozen: duties[0].quantity,
            computed: 0,
            facts_frozen: "寄宿".into(),
            facts_now: "".into(),
            rule_frozen: "a@2024S".into(),
            rule_now: "".into(),
            frozen_as_of: date(2025, 9, 15),
        };
        let differences = [difference];
        store.write(|tx| tx.replace_differences(COUNTY, id, &differences)).unwrap();
        assert_eq!(store.read(|tx| tx.differences(COUNTY)).unwrap(), differences);
        store.write(|tx| tx.replace_differences(COUNTY, id, &[])).unwrap();
        assert_eq!(store.read(|tx| tx.differences(COUNTY)).unwrap(), []);
        assert_eq!(store.verify().unwrap().problems, Vec::<String>::new());
    });
}

/// Large writes make the plain indexes anew; none may be lost on the way, nor by a write that fails.
#[test]
fn indexes_outlive_large_writes() {
    on_both("indexes", |books| {
        let store = books.open();
        with_payments(&store, 1);
        let indexes = || {
            let sql = if books.server.is_some() {
                "select indexname from pg_indexes where schemaname = current_schema()
                    and indexname not like '%_pkey' and indexname not like '%_key' order by 1"
            } else {
                "select name from sqlite_master where type = 'index' and sql is not null order by 1"
            };
            store.read(|tx| tx.query(sql, &[], |r| r.get::<String>(0))).unwrap()
        };
        let before = indexes();
        assert!(before.len() >= 22, "{before:?}");
        let persons: Vec<Person> = (1..=20_001).map(person).collect();
        store.write(|tx| tx.replace_persons(COUNTY, &persons)).unwrap();
        assert_eq!(save(&store, date(2025, 10, 15), 20_002), 1);
        let twice: Vec<Person> = persons.iter().chain(&persons[..1]).cloned().collect();
        let failed = store.write(|tx| tx.replace_persons(COUNTY, &twice));
        assert!(failed.unwrap_err().is_unique_violation());
        assert_eq!(indexes(), before);
        let found = store.read(|tx| tx.persons_of_id(COUNTY, id(3))).unwrap();
        assert_eq!(found.len(), 20, "3, 1003 … 19003");
        assert_eq!(store.verify().unwrap().problems, Vec::<String>::new());
    });
}

#[test]
fn many_writers_and_readers_share_the_books() {
    on_both("many", |books| {
        let store = books.open();
        std::thread::scope(|scope| {
            for worker in 0..12_u32 {
                let store = &store;
                scope.spawn(move || {
                    for n in 0..5 {
                        store
                            .write(|tx| tx.put_county(610_000 + worker * 10 + n, "县", false))
                            .unwrap();
                        counties(store);
                    }
                });
            }
        });
        assert_eq!(counties(&store).len(), 60);
    });
}

/// Not a test of its own: the child of the test below, which is killed while it writes.
#[test]
fn child_that_writes_until_it_is_killed() {
    let Some(url) = std::env::var_os("FUJIAO_TEST_CHILD") else { return };
    let store = Store::open(url.to_str().unwrap(), keys()).unwrap();
    let rows: Vec<SourceRow> = (1_000..61_000).map(payment).collect();
    for n in 2..=u8::MAX {
        let result: Result<(), StoreError> = store.write(|tx| {
            let file_id = tx.add_file(COUNTY, &file(n, created(rows.len())), &[])?;
            let mut new = new_rows(tx.keys(), &rows);
            for row in &mut new {
                row.natural_key[15] ^= n;
            }
            tx.insert_rows(COUNTY, file_id, &new)?;
            tx.audit(&Event {
                county: COUNTY,
                at: at(i64::from(n)),
                actor: "fujiao",
                action: "import",
                object: "file",
                detail: "",
            })
        });
        result.unwrap();
    }
}

#[test]
fn killed_in_the_middle_of_a_write_the_books_open_and_verify() {
    on_both("killed", |books| {
        let rows = with_payments(&books.open(), 100);
        // Instants from "hardly begun" to "several files in".
        for wait_ms in [30, 90, 200, 400, 900] {
            let mut child = Command::new(std::env::current_exe().unwrap())
                .args(["--exact", "child_that_writes_until_it_is_killed"])
                .env("FUJIAO_TEST_CHILD", &books.url)
                .stdout(std::process::Stdio::null())
                .stderr(std::process::Stdio::null())
                .spawn()
                .unwrap();
            std::thread::sleep(Duration::from_millis(wait_ms));
            child.kill().unwrap();
            child.wait().unwrap();
            let store = books.open();
            let report = store.verify().unwrap();
            assert_eq!(report.problems, Vec::<String>::new(), "killed after {wait_ms} ms");
            let count = |table| report.tables.iter().find(|(t, _)| *t == table).unwrap().1;
            // A file is there with all its rows and its audit line, or not at all.
            let files = count("file");
            assert_eq!(count("source_row"), 100 + (files - 1) * 60_000);
            assert_eq!(report.audit_lines, files);
            // And the books can go on.
            store.write(|tx| tx.put_county(COUNTY, "岚川县", true)).unwrap();
            if files > 4 {
                break;
            }
        }
        let first = books.open().read(|tx| tx.rows_between(COUNTY, 1, 100)).unwrap();
        assert!(first.iter().zip(&rows).all(|(stored, row)| stored.row == *row));
    });
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn whatever_a_row_says_reads_back(
        texts in prop::collection::vec("\\PC{0,12}", 4), number in any::<i64>(), column in any::<u16>(),
        row in 1..u32::MAX,
    ) {
        let mut fields: Fields = [
            (Field::Name, Value::Text(texts[0].as_str().into())),
            (Field::Phone, Value::Text(texts[1].as_str().into())),
            (Field::Note, Value::Text(texts[2].as_str().into())),
            (Field::Hours, Value::Integer(number)),
        ].into_iter().collect();
        if number % 2 == 0 {
            fields.remove(Field::Phone);
        }
        let said = SourceRow {
            kind: RosterKind::Training,
            sheet: column,
            row,
            verdict: RowVerdict::Good,
            fields,
            extra: vec![(column, texts[3].as_str().into())],
        };
        let books = Books::file();
        let store = books.open();
        store.write(|tx| {
            let file_id = tx.add_file(COUNTY, &file(1, created(1)), &[])?;
            let new = new_rows(tx.keys(), std::slice::from_ref(&said));
            tx.insert_rows(COUNTY, file_id, &new)
        }).unwrap();
        let read = store.read(|tx| tx.rows(COUNTY)).unwrap();
        prop_assert_eq!(&read[0].row, &said);
    }
}

/// Figures for docs: `cargo test --release -p fujiao-store --test books -- --ignored --nocapture sizes_of_a_county`.
#[test]
#[ignore = "takes seconds and prints figures"]
fn sizes_of_a_county() {
    on_both("sizes", |books| {
        let store = books.open();
        let timed = |what: &str, work: &mut dyn FnMut()| {
            let start = Instant::now();
            work();
            eprintln!("{what}: {:.2} s", start.elapsed().as_secs_f64());
        };
        let rows: Vec<SourceRow> = (0..450_000).map(payment).collect();
        let mut new = Vec::new();
        timed("keys and fingerprints of 450 000 rows", &mut || {
            new = new_rows(&store_keys(), &rows);
        });
        timed("insert 450 000 rows", &mut || {
            store
                .write(|tx| {
                    tx.put_county(COUNTY, "岚川县", true)?;
                    let file_id = tx.add_file(COUNTY, &file(1, created(rows.len())), &[])?;
                    tx.insert_rows(COUNTY, file_id, &new)
                })
                .unwrap();
        });
        timed("read 450 000 rows", &mut || {
            assert_eq!(store.read(|tx| tx.rows(COUNTY)).unwrap().len(), rows.len());
        });
        timed("keys of 450 000 live rows", &mut || {
            store.read(|tx| tx.live_keys(COUNTY)).unwrap();
        });
        let persons: Vec<Person> = (1..=150_000).map(person).collect();
        let links: Vec<RowLink> = (1..=450_000)
            .map(|row_id| RowLink {
                row_id,
                person: Some(row_id * 7_919 % 150_000 + 1),
                household: None,
                school: None,
            })
            .collect();
        for round in ["first", "again"] {
            timed(&format!("150 000 persons, {round}"), &mut || {
                store.write(|tx| tx.replace_persons(COUNTY, &persons)).unwrap();
            });
            timed(&format!("450 000 links, {round}"), &mut || {
                store.write(|tx| tx.replace_links(COUNTY, &links)).unwrap();
            });
            timed(&format!("250 000 duties and deeds, {round}"), &mut || {
                save(&store, date(2025, 10, 15), 250_000);
            });
        }
        timed("read 250 000 duties", &mut || {
            store.read(|tx| tx.duties(COUNTY, 2)).unwrap();
        });
        timed("verify", &mut || {
            assert_eq!(store.verify().unwrap().problems, Vec::<String>::new());
        });
        if books.server.is_none() {
            let size = std::fs::metadata(&books.url).unwrap().len();
            eprintln!("file: {} MB", size / 1_000_000);
        }
    });
}

fn store_keys() -> Keys {
    keys()
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
