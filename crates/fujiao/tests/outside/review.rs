//! People decide the middle: pairs in doubt go out as a table, come back answered, and the next run goes by them.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::harness::{AS_OF, Ended, end, folder, fujiao, ran, run, succeed, table};

/// A county whose offices err four times as often as usual, so that some pairs are in doubt; its books in `out`.
fn doubtful(name: &str) -> (PathBuf, PathBuf) {
    let folder = folder(name);
    let (input, out) = (folder.join("in"), folder.join("out"));
    succeed(
        fujiao([
            "synth", "--people", "2000", "--seed", "3", "--noise", "0.4", "--as-of", AS_OF, "--out",
        ])
        .arg(&input),
    );
    ran(&mut run(&input, &out, &[]));
    (input, out)
}

fn review(out: &Path, more: &[&str]) -> Ended {
    end(fujiao(["review"]).arg("--data").arg(out).args(more))
}

fn json(out: &Path, more: &[&str]) -> Value {
    let ended = review(out, &[more, &["--json"]].concat());
    assert_eq!(ended.code, Some(0), "{}", ended.said());
    serde_json::from_str(&ended.stdout).expect("--json prints JSON")
}

/// Person by file, sheet and row, of `persons.csv` or of the truth.
fn persons(file: &Path) -> BTreeMap<[String; 3], String> {
    let (_, rows) = table(file);
    rows.iter().map(|r| ([&r[0], &r[1], &r[2]].map(str::to_owned), r[3].to_owned())).collect()
}

/// F1 of pairs of rows.
fn score(out: &Path, input: &Path) -> f64 {
    let ended =
        succeed(fujiao(["score", "--json"]).arg(out).arg("--truth").arg(input.join("truth")));
    let scores: Value = serde_json::from_str(&ended.stdout).expect("--json prints JSON");
    scores["links"]["f1"].as_f64().expect("links are scored")
}

/// The table of pairs, filled in by the truth; the keys of those that are one person's.
fn fill(out: &Path, truth: &BTreeMap<[String; 3], String>, to: &Path) -> Vec<String> {
    let (header, records) = table(to);
    let column = |word: &str| {
        header.iter().position(|h| h.trim_start_matches('\u{feff}').starts_with(word)).unwrap()
    };
    let mut same = Vec::new();
    let mut filled = csv::Writer::from_path(out).unwrap();
    filled.write_record(&header).unwrap();
    for record in &records {
        let whose = |side: &str| {
            let at = |word: &str| record[column(&format!("{side}{word}"))].to_owned();
            &truth[&[at("文件"), at("工作表"), at("行")]]
        };
        let answer = if whose("甲") == whose("乙") { "是" } else { "否" };
        if answer == "是" {
            same.push(record[column("编号")].to_owned());
        }
        let mut cells: Vec<&str> = record.iter().collect();
        cells[column("结论")] = answer;
        filled.write_record(&cells).unwrap();
    }
    filled.flush().unwrap();
    same
}

#[test]
fn answers_by_the_truth_make_the_next_run_better() {
    let (input, out) = doubtful("review");
    let truth = persons(&input.join("truth/rows.csv"));
    let (paper, filled) = (out.join("待核.csv"), out.join("已核.csv"));
    let waiting = json(&out, &["--limit", "3"]);
    let pairs = waiting["waiting"].as_u64().expect("a number of pairs");
    assert!(pairs >= 10, "the test needs pairs in doubt: {pairs}");
    assert_eq!(waiting["pairs"].as_array().map(Vec::len), Some(3));
    let bands: Vec<u64> =
        waiting["bands"].as_array().unwrap().iter().map(|b| b["asks"].as_u64().unwrap()).collect();
    assert!(bands.is_sorted() && bands.contains(&pairs), "{bands:?}");
    for pair in waiting["pairs"].as_array().unwrap() {
        let why = &pair["why"];
        let steps = why["steps"].as_array().unwrap().iter().map(|s| s["weight"].as_f64().unwrap());
        let parts = ["prior", "look_alikes", "rivals"].map(|part| why[part].as_f64().unwrap());
        let (sum, weight) = (steps.chain(parts).sum::<f64>(), pair["weight"].as_f64().unwrap());
        assert!((sum - weight).abs() < 0.2, "the waterfall adds up: {pair}");
    }
    let said = succeed(fujiao(["review", "--out"]).arg(&paper).arg("--data").arg(&out));
    assert!(said.stdout.contains(&pairs.to_string()), "{}", said.stdout);
    let same = fill(&filled, &truth, &paper);
    assert!(!same.is_empty() && (same.len() as u64) < pairs, "{} of {pairs} are one", same.len());

    let (before, people) = (score(&out, &input), persons(&out.join("persons.csv")));
    let path = filled.to_str().unwrap();
    let taken = json(&out, &["--answers", path, "--by", "王老师"]);
    assert_eq!(
        (taken["same"].as_u64(), taken["different"].as_u64()),
        (Some(same.len() as u64), Some(pairs - same.len() as u64)),
        "{taken}"
    );
    let again = json(&out, &["--answers", path, "--by", "李主任"]);
    assert_eq!((&again["same"], &again["again"]), (&Value::from(0), &Value::from(pairs)));
    let left = json(&out, &[]);
    assert_eq!(left["waiting"], 0, "what is decided is not asked again");
    let answers = left["measured"].as_array().unwrap();
    let counted: u64 = answers.iter().map(|m| m["answers"].as_u64().unwrap()).sum();
    assert_eq!(counted, pairs, "every answer counts for its range");
    assert_eq!(persons(&out.join("persons.csv")), people, "nothing changes before the next run");

    ran(&mut run(&input, &out, &[]));
    let after = score(&out, &input);
    assert!(after > before, "F1 {before} before, {after} after");
    let history = json(&out, &["--history"]);
    let states: Vec<&str> = history["decisions"]
        .as_array()
        .unwrap()
        .iter()
        .map(|d| d["state"].as_str().unwrap())
        .collect();
    assert!(states.iter().all(|s| *s == "holds"), "{states:?}");
    let kinds = |history: &Value, kind: &str| {
        history["events"].as_array().unwrap().iter().filter(|e| e["kind"] == kind).count()
    };
    assert!(kinds(&history, "merged") > 0, "{history}");
    assert_ne!(persons(&out.join("persons.csv")), people);

    // Taking all of it back gives each their own id again.
    for key in &same {
        let ended = review(&out, &["--undo", key, "--by", "王老师", "--why", "试一试"]);
        assert_eq!(ended.code, Some(0), "{}", ended.said());
    }
    ran(&mut run(&input, &out, &[]));
    assert_eq!(persons(&out.join("persons.csv")), people, "each row is whose it was");
    let history = json(&out, &["--history"]);
    assert!(kinds(&history, "split") >= kinds(&history, "merged"), "{history}");
    succeed(fujiao(["verify"]).arg(&out));
}

#[test]
fn two_valid_ids_merge_by_a_persons_word_alone_and_part_again() {
    let (input, out) = doubtful("review-ids");
    let people = persons(&out.join("persons.csv"));
    // Two rows of the household register: two persons, each with an id of their own.
    let residents: Vec<&[String; 3]> =
        people.keys().filter(|row| row[0].contains("户籍人口")).take(3).collect();
    let [a, b, c] = [0, 1, 2].map(|n| residents[n].join(":"));
    let whose = |row: &[String; 3]| persons(&out.join("persons.csv"))[row].clone();
    assert_ne!(whose(residents[0]), whose(residents[1]));

    let nowhere = review(&out, &["--same", &a, "没有.xlsx:1", "--by", "王老师"]);
    assert_eq!(nowhere.code, Some(1), "{}", nowhere.said());
    assert!(nowhere.said().contains("没有.xlsx:1"), "{}", nowhere.said());
    let unsigned = review(&out, &["--same", &a, &b]);
    assert_eq!(unsigned.code, Some(2), "{}", unsigned.said());
    assert!(unsigned.said().contains("--by"), "{}", unsigned.said());
    let first = json(&out, &["--same", &a, &b, "--by", "王老师", "--why", "改过名"]);
    assert_eq!(first["new"], true);
    assert_eq!(json(&out, &["--same", &b, &a, "--by", "王老师"])["new"], false);
    json(&out, &["--same", &b, &c, "--by", "王老师"]);
    let against = review(&out, &["--different", &a, &c, "--by", "李主任"]);
    assert_eq!(against.code, Some(1));
    for word in ["矛盾", "撤回", "--undo"] {
        assert!(against.said().contains(word), "`{word}` is not in:\n{}", against.said());
    }

    ran(&mut run(&input, &out, &[]));
    assert_eq!(whose(residents[0]), whose(residents[1]));
    assert_eq!(whose(residents[0]), whose(residents[2]));
    let history = json(&out, &["--history"]);
    for decision in history["decisions"].as_array().unwrap() {
        assert_eq!(decision["state"], "holds", "{decision}");
        let key = decision["key"].as_str().unwrap();
        json(&out, &["--undo", key, "--by", "王老师", "--why", "不是改名"]);
        let twice = review(&out, &["--undo", key, "--by", "王老师", "--why", "不是改名"]);
        assert_eq!(twice.code, Some(1), "{}", twice.said());
        assert!(twice.said().contains("--history"), "{}", twice.said());
    }
    ran(&mut run(&input, &out, &[]));
    assert_eq!(persons(&out.join("persons.csv")), people, "each row is whose it was");
}

#[test]
fn answers_that_cannot_be_taken_are_named_and_nothing_is() {
    let (_, out) = doubtful("review-bad");
    let paper = out.join("待核.csv");
    succeed(fujiao(["review", "--out"]).arg(&paper).arg("--data").arg(&out));
    let (header, records) = table(&paper);
    let (key, answer) = (0, header.iter().position(|h| h.starts_with("结论")).unwrap());
    let with = |changes: &[(usize, &str, &str)]| {
        let mut text = csv::Writer::from_writer(Vec::new());
        text.write_record(&header).unwrap();
        for (at, record) in records.iter().enumerate() {
            let mut cells: Vec<String> = record.iter().map(str::to_owned).collect();
            for (_, id, said) in changes.iter().filter(|(n, ..)| *n == at) {
                cells[answer] = (*said).to_owned();
                if !id.is_empty() {
                    cells[key] = (*id).to_owned();
                }
            }
            text.write_record(&cells).unwrap();
        }
        text.into_inner().unwrap()
    };
    let refused = |name: &str, bytes: &[u8], words: &[&str]| {
        let file = out.join(name);
        fs::write(&file, bytes).unwrap();
        let ended = review(&out, &["--answers", file.to_str().unwrap(), "--by", "王老师"]);
        assert_eq!(ended.code, Some(1), "{}", ended.said());
        for word in words {
            assert!(ended.said().contains(word), "`{word}` is not in:\n{}", ended.said());
        }
        let history = json(&out, &["--history"]);
        assert_eq!(
            history["decisions"].as_array().map(Vec::len),
            Some(0),
            "nothing is half-written"
        );
    };
    refused(
        "错.csv",
        &with(&[(0, "", "是"), (1, "", "大概"), (2, "K000000000000", "否")]),
        &["错.csv", "第 3 行", "“结论”列", "大概", "改成", "第 4 行", "“编号”列", "重新导出"],
    );
    let first = records[0][key].to_owned();
    refused(
        "相反.csv",
        &with(&[(0, "", "是"), (1, &first, "否")]),
        &["第 3 行", "相反", "第 2 行"],
    );
    refused("无编号.csv", "姓名,结论\n张三,是\n".as_bytes(), &["编号", "--out"]);
    refused("空.csv", b"", &["空.csv"]);
    refused("乱.xlsx", b"PK\x03\x04broken", &["乱.xlsx"]);
    // As a spreadsheet in China saves it.
    let text = String::from_utf8(with(&[(0, "", "否")])).unwrap();
    let (bytes, _, lost) = encoding_rs::GB18030.encode(&text);
    assert!(!lost);
    fs::write(out.join("国标.csv"), bytes).unwrap();
    let taken =
        json(&out, &["--answers", out.join("国标.csv").to_str().unwrap(), "--by", "王老师"]);
    assert_eq!((&taken["same"], &taken["different"]), (&Value::from(0), &Value::from(1)));
}
