//! Training and work over made counties: planted troubles are found, and what pages write down is owed, done and counted like rows of
//! rosters.

#![expect(clippy::unwrap_used, reason = "a test's helpers fail the test")]

use std::collections::BTreeMap;
use std::io;

use fujiao_office::access::{Actor, Ground, Role};
use fujiao_office::labour::{
    How, LabourError, NewJob, NewSession, NewVacancy, SessionFilter, SessionState, WorkerFilter,
};
use fujiao_office::score::{Results, Score, Truth, score};
use fujiao_office::{ImportHow, Incoming, Office, OfficeError, ResultFile};
use fujiao_synth::{Order, Sink, make};
use jiff::Timestamp;
use jiff::civil::{Date, date};

const AS_OF: Date = date(2025, 10, 15);

fn now() -> Timestamp {
    Timestamp::from_second(1_760_500_000).unwrap()
}

#[derive(Default)]
struct Files(BTreeMap<String, Vec<u8>>);

impl Sink for Files {
    fn put(&mut self, path: &str, bytes: Vec<u8>) -> io::Result<()> {
        self.0.insert(path.to_owned(), bytes);
        Ok(())
    }
}

struct Books {
    _folder: tempfile::TempDir,
    office: Office,
    truth: Files,
    results: BTreeMap<String, Vec<u8>>,
}

fn books(people: u32, seed: u64, noise: f64) -> Books {
    let folder = tempfile::tempdir().unwrap();
    let db = folder.path().join("county.db");
    let mut office = Office::open(db.to_str().unwrap(), &folder.path().join("county.key")).unwrap();
    let mut files = Files::default();
    make(&Order { county: None, people, seed, noise, as_of: AS_OF }, &mut files).unwrap();
    let incoming: Vec<Incoming> = files
        .0
        .iter()
        .filter(|(name, _)| !name.starts_with("truth/"))
        .map(|(name, bytes)| {
            let path = folder.path().join(name.replace('/', "_"));
            std::fs::write(&path, bytes).unwrap();
            Incoming { path, name: name.clone() }
        })
        .collect();
    let how = ImportHow { dry_run: false, force: true, at: now() };
    let report = office.import(&incoming, &how, &|_, _, _| ()).unwrap();
    let assessment = office.assess(AS_OF, now(), &|_, _, _| ()).unwrap();
    let quiet = |_: &str, _: u64, _: u64| ();
    let (_, results) = office.results(&report, 0.0, &assessment, false, now(), &quiet).unwrap();
    let results = results.into_iter().map(|ResultFile { name, bytes }| (name, bytes)).collect();
    Books { _folder: folder, office, truth: files, results }
}

impl Books {
    fn scores(&self) -> BTreeMap<&'static str, Score> {
        let of = |name: &str| self.results[name].as_slice();
        let truth = |name: &str| self.truth.0[&format!("truth/{name}.csv")].as_slice();
        let results = Results {
            persons: of("persons.csv"),
            gaps: of("gaps.csv"),
            households: of("households.csv"),
        };
        let truth = Truth {
            rows: truth("rows"),
            persons: truth("persons"),
            aid: truth("aid"),
            out_of_school: truth("out_of_school"),
            double_enrolment: truth("double_enrolment"),
            untrained: truth("untrained"),
            meals: truth("meals"),
            labour: truth("labour"),
        };
        score(&results, &truth).unwrap().into_iter().map(|s| (s.name, s)).collect()
    }
}

#[test]
fn planted_troubles_of_training_and_work_are_found_and_nobody_else_is_accused() {
    let mut sums: BTreeMap<&str, (u64, u64, u64)> = BTreeMap::new();
    for (seed, noise) in [(1, 0.0), (2, 0.0), (3, 0.02), (4, 0.02)] {
        let books = books(4_000, seed, noise);
        for (name, s) in books.scores() {
            if s.false_alarms + s.missed > 0 {
                println!("{seed}: {name} {} {} {}", s.hits, s.false_alarms, s.missed);
            }
            let of = sums.entry(name).or_default();
            *of = (of.0 + s.hits, of.1 + s.false_alarms, of.2 + s.missed);
        }
    }
    for name in ["untrained", "certificate", "job_ended", "trained_twice"] {
        let (hits, false_alarms, missed) = sums[name];
        println!("{name}: {hits} hits, {false_alarms} false, {missed} missed");
        assert!(hits >= 10, "{name}: {hits} planted");
        assert!(false_alarms * 99 <= hits, "{name}: {false_alarms} of {hits}");
        assert!(missed * 99 <= hits, "{name}: {missed} beside {hits}");
    }
}
