//! One command, from the departments' workbooks to the county's report.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use serde_json::Value;

use crate::harness::{AS_OF, books, county, files, folder, ran, run, succeed, summary, table};

const AREAS: [&str; 10] = [
    "aid",
    "conditions",
    "funds",
    "jobs",
    "meals",
    "pairing",
    "places",
    "schooling",
    "teachers",
    "training",
];

const GAPS_HEADER: &str = "area,kind,subject_type,subject,citizen_id,name,period,unit,due,done,gap,excess,place,\
                           bearer,due_on,rule,because,source";

fn number(value: &Value, name: &str) -> i64 {
    value[name].as_i64().unwrap_or_else(|| panic!("`{name}` is a whole number in {value}"))
}

#[test]
fn everything_promised_is_written() {
    let out = books();
    for file in ["county.db", "report.docx", "gaps.xlsx", "gaps.csv", "persons.csv", "summary.json"]
    {
        let length = fs::metadata(out.join(file)).unwrap_or_else(|e| panic!("{file}: {e}")).len();
        assert!(length > 0, "{file} is not empty");
    }
    let charts = files(&out.join("charts"));
    assert!(charts.iter().any(|f| f.extension().is_some_and(|e| e == "svg")), "charts: {charts:?}");
    assert!(out.join("refused").is_dir());
}

#[test]
fn every_row_read_is_accounted_for() {
    let summary = summary(books());
    let rows = &summary["rows"];
    let parts = ["created", "updated", "unchanged", "parked", "refused"];
    let sum: i64 = parts.iter().map(|part| number(rows, part)).sum();
    assert_eq!(number(rows, "read"), sum, "{rows}");
    assert!(number(rows, "created") > 0, "{rows}");
    assert_eq!(summary["as_of"], AS_OF);
    for phase in ["import", "link", "assess", "settle", "report", "total"] {
        assert!(summary["seconds"][phase].as_f64().is_some_and(|s| s >= 0.0), "seconds of {phase}");
    }
}

#[test]
fn due_is_done_and_gap_in_every_line() {
    let summary = summary(books());
    let lines = summary["areas"].as_array().expect("a list of areas");
    for line in lines {
        let [due, done, gap, excess, subjects_due, subjects_gap] =
            ["due", "done", "gap", "excess", "subjects_due", "subjects_gap"]
                .map(|n| number(line, n));
        assert_eq!(due, done + gap, "{line}");
        assert!(gap >= 0 && done >= 0 && excess >= 0, "{line}");
        assert!((0..=subjects_due).contains(&subjects_gap), "{line}");
        assert_eq!(gap > 0, subjects_gap > 0, "{line}");
        assert!(line["kind"].is_string() && line["unit"].is_string(), "{line}");
    }
    let areas: BTreeSet<&str> =
        lines.iter().map(|l| l["area"].as_str().expect("an area")).collect();
    assert_eq!(areas, AREAS.into_iter().collect(), "each of the ten areas has its line");
}

/// Promise 3: no figure without its names.
#[test]
fn the_list_sums_to_the_summary() {
    let (header, records) = table(&books().join("gaps.csv"));
    assert_eq!(header.join(","), GAPS_HEADER);
    let column =
        |name: &str| header.iter().position(|h| h == name).expect("a column of the header");
    let read = |record: &csv::StringRecord, name: &str| -> i64 {
        record[column(name)]
            .parse()
            .unwrap_or_else(|_| panic!("{name} is a whole number in {record:?}"))
    };
    let mut sums: BTreeMap<(String, String), (i64, i64)> = BTreeMap::new();
    for record in &records {
        let (gap, excess) = (read(record, "gap"), read(record, "excess"));
        assert!(gap > 0 || excess > 0, "a line of the list says what is wrong: {record:?}");
        if gap > 0 {
            assert_eq!(read(record, "due"), read(record, "done") + gap, "{record:?}");
            for name in ["bearer", "due_on", "rule", "because"] {
                assert!(!record[column(name)].is_empty(), "{name} of {record:?}");
            }
        }
        assert!(!record[column("source")].is_empty(), "every line has its source: {record:?}");
        // A list tells the classes of a school apart (`places.class:P1.1班`); the summary has one line a kind.
        let kind = record[1].split(':').next().expect("a text has a first part");
        let sum = sums.entry((record[0].to_owned(), kind.to_owned())).or_default();
        *sum = (sum.0 + gap, sum.1 + excess);
    }
    for line in summary(books())["areas"].as_array().expect("a list of areas") {
        let key = |name: &str| line[name].as_str().expect("a text").to_owned();
        let (gap, excess) = sums.remove(&(key("area"), key("kind"))).unwrap_or_default();
        assert_eq!((number(line, "gap"), number(line, "excess")), (gap, excess), "{line}");
    }
    assert_eq!(sums, BTreeMap::new(), "the list names nothing that the summary lacks");
}

/// `persons.csv` has a line for each row about a person, and nothing else.
#[test]
fn every_row_about_a_person_has_its_person() {
    let place = |r: &csv::StringRecord| (r[0].to_owned(), r[1].to_owned(), r[2].to_owned());
    let (header, records) = table(&books().join("persons.csv"));
    assert_eq!(header, ["file", "sheet", "row", "person"]);
    let ours: BTreeSet<_> = records.iter().map(place).collect();
    assert_eq!(ours.len(), records.len(), "no row stands twice");
    assert!(records.iter().all(|r| !r[3].is_empty()));

    let (_, truth) = table(&county().join("truth/rows.csv"));
    let truth: BTreeSet<_> = truth.iter().map(place).collect();
    let strange: Vec<_> = ours.difference(&truth).take(5).collect();
    assert_eq!(strange, Vec::<&(String, String, String)>::new(), "rows that nobody wrote");
    let refused = number(&summary(books())["rows"], "refused");
    let lost = i64::try_from(truth.difference(&ours).count()).expect("a count of rows");
    assert!(lost <= refused, "{lost} rows have no person, {refused} were refused");
}

/// Same workbooks, same day, same answer, to the byte; a person's id does not depend on the run.
#[test]
fn a_second_run_elsewhere_gives_the_same_bytes() {
    let again = folder("books-again");
    ran(&mut run(county(), &again, &["--reveal"]));
    let first = books();
    for file in files(first) {
        let name = file.to_string_lossy();
        // The database holds nonces, the key is a secret, the summary its seconds.
        if name.starts_with("county.") || name == "summary.json" {
            continue;
        }
        let (one, two) = (fs::read(first.join(&file)), fs::read(again.join(&file)));
        assert!(one.unwrap() == two.expect("the second run wrote it too"), "{name} differs");
    }
    let timeless = |mut summary: Value| {
        summary.as_object_mut().expect("an object").remove("seconds");
        summary
    };
    assert_eq!(timeless(summary(first)), timeless(summary(&again)));
}

#[test]
fn demo_ends_with_a_table_and_paths() {
    let out = folder("demo");
    let ended = succeed(
        crate::harness::fujiao(["demo", "--people", "800", "--seed", "3", "--no-serve", "--out"])
            .arg(&out),
    );
    for word in ["应", "已", "差", "report.docx", "gaps.xlsx"] {
        assert!(ended.stdout.contains(word), "{word} is missing from\n{}", ended.stdout);
    }
}

/// A made county in real places: the towns are real, the people are not, and the papers say so.
#[test]
fn a_county_with_real_towns_runs_too() {
    let (input, out) = (folder("zhashui"), folder("zhashui-books"));
    let mut synth = crate::harness::fujiao([
        "synth", "--county", "611026", "--people", "1000", "--seed", "2", "--out",
    ]);
    succeed(synth.arg(&input));
    ran(&mut run(&input, &out, &[]));
    let persons = number(&summary(&out), "persons");
    assert!(persons > 900, "{persons} persons of 1000");
}

/// What the county is told must be true: scored against the truth behind the made county.
#[test]
fn what_is_found_is_true_and_what_is_true_is_found() {
    let mut score = crate::harness::fujiao(["score"]);
    let ended =
        succeed(score.arg(books()).arg("--truth").arg(county().join("truth")).arg("--json"));
    let scores: Value = serde_json::from_str(&ended.stdout).expect("--json prints JSON");
    let scores = scores.as_object().expect("an object of scores");
    assert!(scores.len() >= 7, "{scores:?}");
    for (name, score) in scores {
        // A small county has few troubles, so one mistake weighs more than at full size.
        for part in ["precision", "recall"] {
            assert!(score[part].as_f64().is_some_and(|v| v >= 0.95), "{part} of {name}: {score}");
        }
    }
}
