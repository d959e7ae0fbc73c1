//! How long a cycle of many lines takes, and books for trying what happens to a process that is killed.
//!
//! `aid time BOOKS LINES` makes books (a new file, or an empty PostgreSQL database) in which so many children are owed the
//! same, takes a batch through its life, and prints seconds as JSON. `aid make FOLDER LINES` leaves off before the export.

#![expect(clippy::print_stdout, reason = "an example talks to its user")]

use std::path::Path;
use std::time::Instant;

use fujiao_model::{Area, Because, Division, Duty, Gap, Period, Subject, Unit};
use fujiao_office::Office;
use fujiao_office::access::Actor;
use fujiao_office::aid::{Channel, NewFund, Payer};
use fujiao_store::{Keys, NewRun, Person, Results, Store};
use jiff::Timestamp;
use jiff::civil::date;

const COUNTY: u32 = 619_926;
const KIND: &str = "comp.living.boarder";

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [what, at, lines] = &arguments[..] else {
        panic!("say: time BOOKS LINES, or make FOLDER LINES");
    };
    let lines: u64 = lines.parse().expect("a number of lines");
    match what.as_str() {
        "time" => time(at, lines),
        "make" => {
            let folder = Path::new(at);
            std::fs::create_dir_all(folder).expect("a folder can be made");
            let keys = Keys::from_master([9; 32]);
            std::fs::write(folder.join("county.key"), keys.to_text())
                .expect("a key can be written");
            let office = books(folder.join("county.db").to_str().expect("a path"), lines);
            println!("{{\"batch\": {}}}", approved(&office, &mut Vec::new()));
        }
        other => panic!("{other} is neither time nor make"),
    }
}

/// Nine in the morning, `days` after 15 October 2025.
fn on(days: i64) -> Timestamp {
    Timestamp::from_second(1_760_490_000 + days * 86_400).expect("a time")
}

fn actor(login: &str, days: i64) -> Actor {
    Actor { login: login.into(), name: login.into(), ..Actor::console(on(days)) }
}

fn quiet(_: &str, _: u64, _: u64) {}

fn books(url: &str, n: u64) -> Office {
    let keys = || Keys::from_master([9; 32]);
    let store = Store::open(url, keys()).expect("books open");
    let village = Division::parse("619926102201").expect("a code");
    let persons: Vec<Person> = (1..=n).map(|id| pupil(id, village)).collect();
    let duties: Vec<Duty> = (1..=n).map(|id| duty(id, village)).collect();
    let gaps: Vec<Gap> = (0..duties.len())
        .map(|duty| Gap { duty, done: 0, missing: duties[duty].quantity })
        .collect();
    let run = NewRun {
        as_of: date(2025, 10, 15),
        policies_hash: "p",
        registers_hash: "r",
        started_at: on(0),
        ended_at: on(0),
        sizes: "{}",
    };
    let results =
        Results { duties: &duties, gaps: &gaps, deeds: &[], excesses: &[], summaries: &[] };
    store
        .write(|tx| {
            tx.put_county(COUNTY, "岚川县", true)?;
            tx.replace_persons(COUNTY, &persons)?;
            tx.save_run(COUNTY, &run, &results)
        })
        .expect("books are written");
    let office = Office::over(store, keys()).expect("an office");
    let cashier = actor("zhao", 0);
    let fund = |name: &str, yuan: u64, place: &str| NewFund {
        name: name.into(),
        giver: "县财政局".into(),
        document: "县财教〔2025〕12号".into(),
        amount: yuan.to_string(),
        place: place.into(),
        ..NewFund::default()
    };
    office.aid_add_fund(&cashier, &fund("专款", n * 300, "619926102000")).expect("a fund");
    office.aid_add_fund(&cashier, &fund("统筹", n * 400, "")).expect("a fund");
    let payer = Payer {
        name: "岚川县学生资助管理中心".into(),
        account: "2700000000000001".into(),
        ..Payer::default()
    };
    office.aid_set_payer(&cashier, &payer).expect("a payer");
    office
}

fn pupil(n: u64, village: Division) -> Person {
    // Names of three characters: some are alike, as in a county.
    let at =
        |k: u64| char::from_u32(0x4e00 + u32::try_from(n / k % 97).expect("small")).expect("Han");
    Person {
        // Ids lie scattered, as those of a register do.
        id: n.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1,
        name: [at(1), at(97), at(9409)].iter().collect(),
        citizen_id: None,
        phones: vec![],
        accounts: vec![format!("62302800{n:08}")],
        sex: None,
        born_on: format!("20{:02}-{:02}-{:02}", 8 + n % 9, 1 + n % 12, 1 + n % 28).parse().ok(),
        ethnicity: None,
        town: Some(village.town()),
        village: Some(village),
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

fn duty(n: u64, village: Division) -> Duty {
    Duty {
        area: Area::Aid,
        kind: KIND.into(),
        subject: Subject::person(pupil(n, village).id),
        period: Period::parse("2025A").expect("a term"),
        quantity: 62_500,
        unit: Unit::Fen,
        due_on: date(2025, 12, 31),
        bearer: "县学生资助中心".into(),
        place: Some(village),
        because: Because {
            rule: "comp.living.boarder@2025S".into(),
            basis: "财教〔2021〕310号".into(),
            facts: "初中、寄宿、脱贫户".into(),
            sources: vec![],
        },
    }
}

/// Seconds by step.
type Steps = Vec<(&'static str, f64)>;

fn timed<T>(steps: &mut Steps, name: &'static str, work: impl FnOnce() -> T) -> T {
    let begun = Instant::now();
    let out = work();
    steps.push((name, begun.elapsed().as_secs_f64()));
    out
}

fn approved(office: &Office, steps: &mut Steps) -> u64 {
    let clerk = actor("li", 0);
    let opened = timed(steps, "open", || office.aid_open(&clerk, KIND, "2025A")).expect("a batch");
    let batch = opened.batch;
    let checked =
        timed(steps, "check", || office.aid_check(&clerk, batch, &quiet)).expect("checked");
    timed(steps, "publish", || office.aid_publish(&clerk, batch, None, None)).expect("published");
    for (n, login) in
        ["wang", "chen", "zhou"].iter().take(usize::from(checked.signatures)).enumerate()
    {
        let last = n + 1 == usize::from(checked.signatures);
        let name = if last { "approve" } else { "sign" };
        timed(steps, name, || office.aid_approve(&actor(login, 7), batch, "", &quiet))
            .expect("signed");
    }
    batch
}

fn time(url: &str, lines: u64) {
    let office = books(url, lines);
    let mut steps = Steps::new();
    let batch = approved(&office, &mut steps);
    let cashier = actor("zhao", 8);
    let file = timed(&mut steps, "export", || {
        office.aid_export(&cashier, batch, Channel::BankText, None, &quiet)
    });
    let file = file.expect("exported");
    let again = timed(&mut steps, "export_again", || {
        office.aid_export(&cashier, batch, Channel::BankText, None, &quiet)
    });
    assert_eq!(again.expect("exported").bytes, file.bytes);
    let back = answer(&file.bytes);
    let told = timed(&mut steps, "reconcile", || {
        office.aid_reconcile(&cashier, "回盘.txt", back.as_bytes(), None, &quiet)
    });
    let told = told.expect("reconciled");
    assert_eq!(told.kept.paid.0 + told.kept.returned.0, lines);
    let faults = office.verify().expect("the books are read").faults;
    assert_eq!(faults, Vec::<String>::new());
    let steps: Vec<String> = steps.iter().map(|(name, s)| format!("\"{name}\": {s:.3}")).collect();
    println!(
        "{{\"lines\": {lines}, \"bytes\": {}, \"paid\": {}, \"returned\": {}, \"seconds\": {{{}}}}}",
        file.bytes.len(),
        told.kept.paid.0,
        told.kept.returned.0,
        steps.join(", ")
    );
}

/// A bank's answer in the opposite order; one line in forty came back.
fn answer(file: &[u8]) -> String {
    use std::fmt::Write as _;
    let text = String::from_utf8_lossy(file);
    let mut out = String::new();
    for (n, line) in text.lines().rev().enumerate() {
        let cells: Vec<&str> = line.split('|').collect();
        if cells[0] == "D" {
            let word = if n % 40 == 0 { "失败" } else { "成功" };
            let _ = writeln!(out, "{},{},{},{word},2025-10-28", cells[2], cells[3], cells[7]);
        }
    }
    let number = text.lines().next().and_then(|h| h.split('|').nth(1)).unwrap_or_default();
    format!("文件号：{number}\n业务号,收款账号,金额,处理结果,入账日期\n{out}")
}
