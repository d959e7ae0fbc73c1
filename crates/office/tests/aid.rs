//! A batch of aid from who is owed to the line of the bank, over books of its own.

#![expect(clippy::unwrap_used, reason = "a test's helpers fail the test")]

#[path = "aid/life.rs"]
mod life;
#[path = "aid/loans.rs"]
mod loans;
#[path = "aid/model.rs"]
mod model;
mod place;

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;
use std::sync::Arc;

use fujiao_model::{Area, Because, Division, Duty, Gap, Period, Subject, Unit};
use fujiao_office::Office;
use fujiao_office::access::Actor;
use fujiao_office::aid::{AidError, Channel, NewFund, Payer};
use fujiao_store::{Keys, NewRun, Person, Results, Store, StoreError};
use jiff::Timestamp;
use jiff::civil::date;
use tempfile::TempDir;

const COUNTY: u32 = 619_926;
const KIND: &str = "comp.living.boarder";
const TERM: &str = "2025A";
/// What everybody is owed, in fen.
const OWED: i64 = 62_500;

/// A working day at nine in the morning, `days` after 15 October 2025.
fn on(days: i64) -> Timestamp {
    Timestamp::from_second(1_760_490_000 + days * 86_400).unwrap()
}

/// Somebody with every right, at a time.
fn actor(login: &str, at: Timestamp) -> Actor {
    Actor { login: login.into(), name: format!("{login} 的名字"), ..Actor::console(at) }
}

fn village() -> Division {
    Division::parse("619926102201").unwrap()
}

/// Books of a county in which persons 1 … n are owed the same each.
struct Books {
    store: Arc<Store>,
    office: Office,
    folder: TempDir,
}

impl Books {
    fn new(n: u64) -> Self {
        // In memory where the system has such a folder: thousands of small writes need no disk.
        let folder = tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir()).unwrap();
        let store = store(folder.path());
        store
            .write(|tx| {
                tx.put_county(COUNTY, "岚川县", true)?;
                let persons: Vec<Person> = (1..=n).map(pupil).collect();
                tx.replace_persons(COUNTY, &persons)
            })
            .unwrap();
        let office = Office::over(Arc::clone(&store), keys()).unwrap();
        let books = Self { store, office, folder };
        books.assess(&(1..=n).map(|p| (p, OWED, OWED)).collect::<Vec<_>>());
        books
    }

    /// Puts an assessment into the books by hand: person, owed, missing.
    fn assess(&self, owed: &[(u64, i64, i64)]) {
        let duties: Vec<Duty> = owed.iter().map(|(p, fen, _)| duty(*p, *fen)).collect();
        let gaps: Vec<Gap> = owed
            .iter()
            .enumerate()
            .filter(|(_, (.., missing))| *missing > 0)
            .map(|(at, (_, fen, missing))| Gap { duty: at, done: fen - missing, missing: *missing })
            .collect();
        let results =
            Results { duties: &duties, gaps: &gaps, deeds: &[], excesses: &[], summaries: &[] };
        let run = NewRun {
            as_of: date(2025, 10, 15),
            policies_hash: "p",
            registers_hash: "r",
            started_at: on(0),
            ended_at: on(0),
            sizes: "{}",
        };
        self.store
            .write(|tx| {
                let (_, last) = tx.aid_paid(COUNTY)?;
                let id = tx.save_run(COUNTY, &run, &results)?;
                tx.set_aid_seen(COUNTY, id, last)
            })
            .unwrap();
    }

    fn fund(&self, yuan: &str) -> u64 {
        let new = NewFund {
            name: "2025 年秋资助资金".into(),
            giver: "县财政局".into(),
            document: "县财教〔2025〕12号".into(),
            amount: yuan.into(),
            ..NewFund::default()
        };
        self.office.aid_add_fund(&actor("zhao", on(0)), &new).unwrap()
    }

    fn payer(&self) {
        let payer = Payer {
            name: "岚川县学生资助管理中心".into(),
            account: "2700000000000001".into(),
            bank: "岚川县农村商业银行".into(),
            bank_code: String::new(),
        };
        self.office.aid_set_payer(&actor("zhao", on(0)), &payer).unwrap();
    }

    /// A batch that one person has approved.
    fn approved(&self) -> u64 {
        let li = |day| actor("li", on(day));
        let batch = self.office.aid_open(&li(0), KIND, TERM).unwrap().batch;
        self.office.aid_check(&li(0), batch, &quiet).unwrap();
        self.office.aid_publish(&li(0), batch, None, None).unwrap();
        self.office.aid_approve(&actor("wang", on(7)), batch, "", &quiet).unwrap();
        batch
    }

    fn problems(&self) -> Vec<String> {
        self.office.verify().unwrap().faults
    }

    /// Fen by account of the journal.
    fn balances(&self) -> BTreeMap<String, i64> {
        self.store.read(|tx| tx.aid_balances(COUNTY)).unwrap().into_iter().collect()
    }
}

fn quiet(_: &str, _: u64, _: u64) {}

fn keys() -> Keys {
    Keys::from_master([9; 32])
}

fn store(folder: &Path) -> Arc<Store> {
    Arc::new(Store::open(&place::of(folder), keys()).unwrap())
}

fn duty(person: u64, fen: i64) -> Duty {
    Duty {
        area: Area::Aid,
        kind: KIND.into(),
        subject: Subject::person(person),
        period: Period::parse(TERM).unwrap(),
        quantity: fen,
        unit: Unit::Fen,
        due_on: date(2025, 12, 31),
        bearer: "县学生资助中心".into(),
        place: Some(village()),
        because: Because {
            rule: "comp.living.boarder@2025S".into(),
            basis: "财教〔2021〕310号".into(),
            facts: "初中、寄宿、脱贫户".into(),
            sources: vec![],
        },
    }
}

fn pupil(n: u64) -> Person {
    Person {
        id: n,
        name: format!("学生{}", char::from_u32(0x4e00 + u32::try_from(n).unwrap()).unwrap()),
        citizen_id: None,
        phones: vec![],
        accounts: vec![format!("62302800{n:08}")],
        sex: None,
        born_on: None,
        ethnicity: None,
        town: Some(village().town()),
        village: Some(village()),
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

/// What a bank read in a file of ours: key, account, fen.
fn read_file(bytes: &[u8]) -> (String, Vec<(String, String, i64)>) {
    let text = String::from_utf8_lossy(bytes);
    let mut number = String::new();
    let mut lines = Vec::new();
    for line in text.lines() {
        let cells: Vec<&str> = line.split('|').collect();
        match cells[0] {
            "H" => cells[1].clone_into(&mut number),
            "D" => {
                let fen: i64 = cells[7].replace('.', "").parse().unwrap();
                lines.push((cells[2].to_owned(), cells[3].to_owned(), fen));
            }
            _ => {}
        }
    }
    (number, lines)
}

/// A bank's answer: key, account, fen, word.
fn answer(number: &str, lines: &[(String, String, i64, &str)]) -> Vec<u8> {
    let mut text = format!("文件号：{number}\n业务号,收款账号,金额,处理结果,失败原因,入账日期\n");
    for (key, account, fen, word) in lines {
        let why = if *word == "失败" { "户名不符" } else { "" };
        let _ = writeln!(
            text,
            "{key},{account},{}.{:02},{word},{why},2025-10-28",
            fen / 100,
            fen % 100
        );
    }
    text.into_bytes()
}

fn refusal<T: std::fmt::Debug>(result: Result<T, fujiao_office::OfficeError>) -> AidError {
    match result.unwrap_err() {
        fujiao_office::OfficeError::Aid(error) => error,
        other => panic!("{other}"),
    }
}
