//! Closes made months and says how long it took and what was found: `school [--counties 5] [--schools 76] [--pupils 11000]`.
#![expect(clippy::print_stdout, reason = "an example prints what it measured")]

use std::collections::{BTreeMap, BTreeSet};
use std::time::Instant;
use std::{env, io};

use fujiao_office::access::Actor;
use fujiao_office::{ImportHow, Incoming, Office};
use fujiao_store::{Keys, Store};
use fujiao_synth::{MonthOrder, Sink, make_month};
use jiff::Timestamp;
use jiff::civil::date;

#[derive(Default)]
struct Files(BTreeMap<String, Vec<u8>>);

impl Sink for Files {
    fn put(&mut self, path: &str, bytes: Vec<u8>) -> io::Result<()> {
        self.0.insert(path.to_owned(), bytes);
        Ok(())
    }
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let words: Vec<String> = env::args().skip(1).collect();
    let option = |name: &str, or: u32| -> Result<u32, std::num::ParseIntError> {
        let at = words.iter().position(|w| w == name);
        at.and_then(|at| words.get(at + 1)).map_or(Ok(or), |n| n.parse())
    };
    let (counties, schools, pupils) =
        (option("--counties", 5)?, option("--schools", 76)?, option("--pupils", 11_000)?);
    for seed in 1..=counties {
        one(seed.into(), schools, pupils)?;
    }
    Ok(())
}

fn one(seed: u64, schools: u32, pupils: u32) -> Result<(), Box<dyn std::error::Error>> {
    let folder = tempfile::tempdir()?;
    let (db, key) = (folder.path().join("county.db"), folder.path().join("county.key"));
    let db = db.display().to_string();
    let mut office = Office::open(&db, &key)?;
    let mut files = Files::default();
    let made = make_month(&MonthOrder { schools, pupils, seed, month: (2025, 9) }, &mut files)?;
    let now = Timestamp::from_second(1_760_500_000)?;
    let mut incoming = Vec::new();
    for (name, bytes) in files.0.iter().filter(|(name, _)| !name.starts_with("truth/")) {
        let path = folder.path().join(name.replace('/', "_"));
        std::fs::write(&path, bytes)?;
        incoming.push(Incoming { path, name: name.clone() });
    }
    let how = ImportHow { dry_run: false, force: true, at: now };
    office.import(&incoming, &how, &|_, _, _| ())?;
    office.assess(date(2025, 10, 15), now, &|_, _, _| ())?;
    let actor = Actor::console(now);
    let started = Instant::now();
    let line = office.close_meals(&actor, "2025-09")?;
    let close = started.elapsed();
    let started = Instant::now();
    let year = office.meals_year(&actor, Some(2025))?;
    let dashboard = started.elapsed();
    let month = office.meals_month(&actor, "2025-09", None)?;

    let store = Store::open(&db, Keys::parse(&std::fs::read_to_string(&key)?)?)?;
    let persons = store.read(|tx| tx.persons(619_926))?;
    let ids: BTreeMap<u64, String> = persons
        .into_iter()
        .filter_map(|p| Some((p.id, p.citizen_id?.reveal().to_owned())))
        .collect();
    let rows = |path: &str| -> Vec<Vec<String>> {
        let text = String::from_utf8_lossy(&files.0[path]).into_owned();
        text.lines().skip(1).map(|l| l.split(',').map(str::to_owned).collect()).collect()
    };
    let mut planted: BTreeSet<String> =
        rows("truth/meal_days.csv").iter().map(|r| format!("day {}", r.join(" "))).collect();
    planted.extend(rows("truth/meal_names.csv").iter().map(|r| format!("name {}", r.join(" "))));
    let found: BTreeSet<String> = month
        .findings
        .iter()
        .map(|(f, school)| {
            let school = school.trim_start_matches("岚川县");
            if let Some(p) = f.person {
                let id = ids.get(&p).map_or("", String::as_str);
                format!("name {school} {id} {} {}", f.why, f.meals)
            } else {
                let day = f.day.unwrap_or(0);
                format!("day {school} {} {day} {} {}", f.class, f.why, f.meals)
            }
        })
        .collect();
    let both = found.intersection(&planted).count();
    println!(
        "county {seed}: {} pupils {} returns, {} schools clean; planted {} found {} both {both}; close {} ms, year {} ms; claimed {} proved {} over {} months {}",
        made.pupils,
        made.returns,
        made.clean,
        planted.len(),
        found.len(),
        close.as_millis(),
        dashboard.as_millis(),
        line.meals[3],
        line.meals[5],
        line.meals[6],
        year.months.len()
    );
    for wrong in found.difference(&planted).take(3) {
        println!("  not planted: {wrong}");
    }
    for missed in planted.difference(&found).take(3) {
        println!("  missed: {missed}");
    }
    Ok(())
}
