//! What an office receives: workbooks that open, rows whose owner is known, troubles that are there.
#![expect(clippy::unwrap_used, reason = "a test may panic")]
#![expect(clippy::case_sensitive_file_extension_comparisons, reason = "we wrote the names")]

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Cursor};
use std::sync::OnceLock;

use calamine::{Data, Reader, open_workbook_auto_from_rs};
use encoding_rs::GB18030;
use fujiao_model::{CitizenId, RosterKind};
use fujiao_synth::{Order, Sink, Summary, SynthError, make};

struct Full;

impl Sink for Full {
    fn put(&mut self, _: &str, _: Vec<u8>) -> io::Result<()> {
        Err(io::Error::other("磁盘已满"))
    }
}

#[derive(Default)]
struct Folder(BTreeMap<String, Vec<u8>>);

impl Sink for Folder {
    fn put(&mut self, path: &str, bytes: Vec<u8>) -> io::Result<()> {
        assert!(self.0.insert(path.to_owned(), bytes).is_none(), "{path} came twice");
        Ok(())
    }
}

fn order(people: u32, seed: u64, noise: f64) -> Order {
    Order { county: None, people, seed, noise, as_of: jiff::civil::date(2025, 10, 15) }
}

fn county(order: &Order) -> (Folder, Summary) {
    let mut folder = Folder::default();
    let summary = make(order, &mut folder).unwrap();
    (folder, summary)
}

/// One county for the tests that only read.
fn clean() -> &'static (Folder, Summary) {
    static CLEAN: OnceLock<(Folder, Summary)> = OnceLock::new();
    CLEAN.get_or_init(|| county(&order(6_000, 3, 0.0)))
}

fn noisy() -> &'static (Folder, Summary) {
    static NOISY: OnceLock<(Folder, Summary)> = OnceLock::new();
    NOISY.get_or_init(|| county(&order(6_000, 3, 0.08)))
}

/// Sheets of a workbook as rows of text.
fn sheets(path: &str, bytes: &[u8]) -> BTreeMap<String, Vec<Vec<String>>> {
    let stem = path.rsplit('/').next().unwrap().trim_end_matches(".csv");
    if path.ends_with(".csv") {
        let text = if bytes.starts_with(b"\xef\xbb\xbf") {
            String::from_utf8(bytes[3..].to_vec()).unwrap()
        } else {
            let (text, _, bad) = GB18030.decode(bytes);
            assert!(!bad, "{path} is no GB18030");
            text.into_owned()
        };
        let mut reader = csv::ReaderBuilder::new()
            .has_headers(false)
            .flexible(true)
            .from_reader(text.as_bytes());
        let rows = reader.records().map(|r| r.unwrap().iter().map(str::to_owned).collect());
        return BTreeMap::from([(stem.to_owned(), rows.collect())]);
    }
    let mut book = open_workbook_auto_from_rs(Cursor::new(bytes.to_vec())).unwrap_or_else(|e| {
        let xls = calamine::Xls::new(Cursor::new(bytes.to_vec())).err();
        panic!("{path}: {e}; as .xls: {xls:?}")
    });
    let names = book.sheet_names();
    let mut out = BTreeMap::new();
    for name in names {
        let range = book.worksheet_range(&name).unwrap();
        assert_eq!(range.start().unwrap_or((0, 0)).0, 0, "{path} {name} begins below its title");
        let rows = range.rows().map(|row| row.iter().map(Data::to_string).collect()).collect();
        out.insert(name, rows);
    }
    out
}

fn table(folder: &Folder, path: &str) -> Vec<Vec<String>> {
    let mut reader = csv::Reader::from_reader(folder.0[path].as_slice());
    reader.records().map(|r| r.unwrap().iter().map(str::to_owned).collect()).collect()
}

/// Person → name and id.
fn persons(folder: &Folder) -> BTreeMap<String, (String, String)> {
    table(folder, "truth/persons.csv")
        .into_iter()
        .map(|r| (r[0].clone(), (r[2].clone(), r[3].clone())))
        .collect()
}

#[test]
fn the_same_order_gives_the_same_bytes_on_one_thread_or_many() {
    let one = rayon::ThreadPoolBuilder::new().num_threads(1).build().unwrap();
    let (first, summary) = one.install(|| county(&order(1_500, 9, 0.05)));
    let (second, again) = county(&order(1_500, 9, 0.05));
    assert_eq!(summary, again);
    assert!(first.0.keys().eq(second.0.keys()));
    for (path, bytes) in &first.0 {
        assert!(second.0[path] == *bytes, "{path} differs");
    }
    let (other, _) = county(&order(1_500, 10, 0.05));
    assert_ne!(first.0["truth/persons.csv"], other.0["truth/persons.csv"]);
}

#[test]
fn every_workbook_opens_and_says_that_it_is_an_example() {
    for (path, bytes) in noisy().0.0.iter().filter(|(path, _)| !path.starts_with("truth/")) {
        for (name, rows) in sheets(path, bytes) {
            assert!(rows[0].concat().contains("示例数据"), "{path} {name}: {:?}", rows[0]);
        }
    }
}

#[test]
fn without_noise_each_row_names_its_person_and_all_other_rows_are_nobodys() {
    let (folder, summary) = clean();
    let persons = persons(folder);
    let books: BTreeMap<&String, _> = folder
        .0
        .iter()
        .filter(|(path, _)| !path.starts_with("truth/"))
        .map(|(path, bytes)| (path, sheets(path, bytes)))
        .collect();
    let mut owned: BTreeMap<(String, String), BTreeSet<usize>> = BTreeMap::new();
    let rows = table(folder, "truth/rows.csv");
    for row in &rows {
        let at: usize = row[2].parse().unwrap();
        let cells = &books[&row[0]][&row[1]][at - 1];
        let (name, _) = &persons[&row[3]];
        assert!(cells.contains(name), "{} {} {at}: {name} is not in {cells:?}", row[0], row[1]);
        assert!(owned.entry((row[0].clone(), row[1].clone())).or_default().insert(at));
    }
    let about: u64 =
        summary.rows.iter().filter(|(k, _)| k.is_about_persons()).map(|(_, n)| n).sum();
    assert_eq!(rows.len() as u64, about);
    // The rows of a sheet follow each other, from under the header on.
    for ((path, sheet), rows) in owned {
        assert_eq!(rows.last().unwrap() - rows.first().unwrap() + 1, rows.len(), "{path} {sheet}");
    }
}

#[test]
fn a_household_number_is_one_familys() {
    let (folder, _) = clean();
    let homes: BTreeMap<String, String> = table(folder, "truth/persons.csv")
        .into_iter()
        .map(|r| (r[0].clone(), r[1].clone()))
        .collect();
    for office in ["公安局/", "农业农村局/"] {
        let mut of: BTreeMap<String, &String> = BTreeMap::new();
        let books: BTreeMap<&String, _> = folder
            .0
            .iter()
            .filter(|(path, _)| path.starts_with(office))
            .map(|(path, bytes)| (path, sheets(path, bytes)))
            .collect();
        for row in table(folder, "truth/rows.csv").iter().filter(|r| r[0].starts_with(office)) {
            let cells = &books[&row[0]][&row[1]][row[2].parse::<usize>().unwrap() - 1];
            // The only cells of 15 and 16 digits are household numbers.
            let is_number = |c: &&String| {
                matches!(c.len(), 15 | 16)
                    && c.starts_with("619926")
                    && c.bytes().all(|b| b.is_ascii_digit())
            };
            let number = cells.iter().find(is_number).unwrap();
            let home = &homes[&row[3]];
            assert_eq!(of.entry(number.clone()).or_insert(home), &home, "{office}{number}");
        }
        assert!(of.len() > 100);
    }
}

#[test]
fn without_noise_every_id_is_whole() {
    let (folder, _) = clean();
    let known: BTreeSet<String> = persons(folder).into_values().map(|(_, id)| id).collect();
    assert_eq!(known.len(), 6_000);
    let mut mistyped = 0;
    for (path, bytes) in folder.0.iter().filter(|(path, _)| !path.starts_with("truth/")) {
        for cell in sheets(path, bytes).into_values().flatten().flatten() {
            assert!(!cell.contains("E+17"), "{path}: {cell}");
            let looks =
                cell.len() == 18 && cell.starts_with("6199") && matches!(&cell[6..8], "19" | "20");
            if looks && !known.contains(&cell) {
                // Paid a second time under a mistyped id: planted, whatever the noise.
                assert!(path.starts_with("学生资助中心/"), "{path}: {cell}");
                mistyped += 1;
            }
        }
    }
    assert!(mistyped > 0, "no second payment has a mistyped id");
    for id in known {
        assert!(id.starts_with("6199"), "{id} could be somebody's");
        assert!(CitizenId::parse(&id).is_ok(), "{id}");
    }
}

#[test]
fn noise_damages_about_as_many_ids_as_ordered() {
    let (folder, _) = noisy();
    let persons = persons(folder);
    let path = folder.0.keys().find(|p| p.contains("2023—2024学年全县学生")).unwrap();
    let sheets = sheets(path, &folder.0[path]);
    let rows = table(folder, "truth/rows.csv");
    let mine: Vec<_> = rows.iter().filter(|r| r[0] == *path).collect();
    let whole = mine
        .iter()
        .filter(|r| sheets[&r[1]][r[2].parse::<usize>().unwrap() - 1].contains(&persons[&r[3]].1))
        .count();
    let share = 1.0
        - f64::from(u32::try_from(whole).unwrap()) / f64::from(u32::try_from(mine.len()).unwrap());
    assert!((0.05..0.11).contains(&share), "{share} of {} ids are damaged", mine.len());
}

#[test]
fn every_kind_is_sent_and_every_trouble_is_planted() {
    let (folder, summary) = clean();
    for kind in RosterKind::ALL {
        assert!(summary.rows.get(kind).is_some_and(|n| *n > 0), "no {}", kind.code());
    }
    for trouble in [
        "missed",
        "wrong",
        "double",
        "out_of_school",
        "double_enrolment",
        "untrained",
        "meals",
        "certificate",
        "job_ended",
        "trained_twice",
        "meal_returns",
    ] {
        assert!(
            summary.troubles.get(trouble).is_some_and(|n| *n > 0),
            "no {trouble}: {:?}",
            summary.troubles
        );
    }
    assert_eq!(table(folder, "truth/persons.csv").len(), 6_000);
}

#[test]
fn settling_the_true_duties_with_the_true_deeds_gives_the_true_troubles() {
    let (folder, _) = clean();
    let sum = |path: &str| {
        let mut sums: BTreeMap<(String, String, String), i64> = BTreeMap::new();
        for r in table(folder, path) {
            *sums.entry((r[2].clone(), r[1].clone(), r[3].clone())).or_default() +=
                r[4].parse::<i64>().unwrap();
        }
        sums
    };
    let (due, done) = (sum("truth/duties.csv"), sum("truth/deeds.csv"));
    let mut troubles = BTreeSet::new();
    for (key, due) in &due {
        let done = done.get(key).copied().unwrap_or(0);
        if done <= 0 {
            troubles.insert(("missed", key.clone(), *due));
        } else if done >= 2 * due {
            troubles.insert(("double", key.clone(), done - due));
        }
    }
    for (key, done) in done.iter().filter(|(key, done)| !due.contains_key(*key) && **done > 0) {
        troubles.insert(("wrong", key.clone(), *done));
    }
    let told = table(folder, "truth/aid.csv");
    assert_eq!(told.len(), troubles.len());
    for r in told {
        let key = (r[1].clone(), r[2].clone(), r[3].clone());
        assert!(
            troubles.iter().any(|(t, k, n)| *t == r[0] && *k == key && n.to_string() == r[4]),
            "{r:?}"
        );
    }
}

#[test]
fn a_real_county_has_its_places_and_made_people() {
    let (folder, summary) = county(&Order { county: Some(611_026), ..order(1_000, 1, 0.0) });
    assert_eq!((summary.county_name.as_str(), summary.people), ("柞水县", 1_000));
    for (id, path) in persons(&folder).into_values().map(|(_, id)| (id, "persons")) {
        assert!(id.starts_with("6199"), "{path}: {id}");
    }
}

#[test]
fn an_order_out_of_range_says_what_to_change() {
    let refused = |order: Order| match make(&order, &mut Folder::default()) {
        Err(error) => error.to_string(),
        Ok(summary) => panic!("made {summary:?}"),
    };
    insta::assert_snapshot!(refused(order(10, 1, 0.0)), @"人数 10 不在 500 到 6000000 之间；改 --people");
    insta::assert_snapshot!(refused(order(1_000, 1, 0.9)), @"噪声 0.9 不在 0 到 0.5 之间；改 --noise");
    insta::assert_snapshot!(refused(Order { county: Some(110_101), ..order(1_000, 1, 0.0) }), @"没有代码为 110101 的县的乡镇和村；不写 --county 用虚构的岚川县（619926），或用随带的县代码之一");
    let full = make(&order(600, 1, 0.0), &mut Full);
    assert!(matches!(full, Err(SynthError::Sink { .. })), "{full:?}");
}

#[test]
fn any_day_of_the_year_makes_a_county() {
    for day in ["2025-01-20", "2025-03-15", "2025-08-31", "2025-09-01", "2026-04-01", "2025-12-31"]
    {
        let (_, summary) = county(&Order { as_of: day.parse().unwrap(), ..order(800, 5, 0.05) });
        assert_eq!(summary.people, 800, "{day}");
    }
}
