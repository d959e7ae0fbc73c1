//! The books from outside, each test on SQLite and, where `FUJIAO_TEST_PG` holds a URL, on PostgreSQL.

#![expect(clippy::print_stderr, reason = "a skipped half of a test says so")]
#![expect(clippy::unwrap_used, reason = "a test's helpers fail the test")]

use std::sync::Arc;

use fujiao_model::{
    Area, Because, Boarding, CitizenId, Deed, Division, Duty, Excess, ExcessKind, Field, Gap,
    Grade, Money, Period, Relation, Residence, RosterKind, RowVerdict, Sex, SourceRow, Stage,
    Subject, Unit, Value,
};
use fujiao_store::{
    County, Event, Keys, NewFile, NewRow, NewRun, Person, Results, Store, StoreError, Summary,
    Tally,
};
use jiff::Timestamp;
use jiff::civil::{Date, date};
use tempfile::TempDir;

#[path = "books/aid.rs"]
mod aid;
#[path = "books/assessments.rs"]
mod assessments;
#[path = "books/cases.rs"]
mod cases;
#[path = "books/decisions.rs"]
mod decisions;
#[path = "books/entries.rs"]
mod entries;
#[path = "books/integrity.rs"]
mod integrity;
#[path = "books/killed.rs"]
mod killed;
#[path = "books/loans.rs"]
mod loans;
#[path = "books/plans.rs"]
mod plans;
#[path = "books/power.rs"]
mod power;
#[path = "books/registers.rs"]
mod registers;
#[path = "books/remote.rs"]
mod remote;
#[path = "books/rows.rs"]
mod rows;
#[path = "books/sizes.rs"]
mod sizes;
#[path = "books/transactions.rs"]
mod transactions;
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
