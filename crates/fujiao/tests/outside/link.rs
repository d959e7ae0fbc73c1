//! Linking any table: what `fujiao link` writes, says, refuses, and takes back.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::harness::{end, folder, fujiao, succeed, table};

const SPEC: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../bench/link/roster.toml");

/// A made roster, in a folder of its own.
fn roster(name: &str, rows: &str) -> PathBuf {
    let out = folder(name);
    succeed(
        fujiao(["synth", "--roster", rows, "--seed", "5", "--out"]).arg(out.join("roster.csv")),
    );
    out
}

fn link(out: &Path, more: &[&str]) -> Value {
    let mut command = fujiao(["link", "--json", "--spec", SPEC]);
    command.current_dir(out).args(more);
    let ended = succeed(&mut command);
    serde_json::from_str(&ended.stdout).expect("--json prints JSON")
}

/// The first two rows that are said to be one person's, and two that are asked about.
fn pairs(out: &Path, verdict: &str) -> Vec<(String, String)> {
    let (header, rows) = table(&out.join("links.csv"));
    assert_eq!(header, ["left", "right", "weight", "probability", "verdict"]);
    rows.iter().filter(|r| &r[4] == verdict).map(|r| (r[0].to_owned(), r[1].to_owned())).collect()
}

#[test]
fn a_made_roster_is_linked_and_measured() {
    let out = roster("link", "6000");
    let more = [
        "roster.csv",
        "--truth",
        "ent_id",
        "--out",
        "links.csv",
        "--clusters",
        "clusters.csv",
        "--charts",
        "charts",
    ];
    let said = link(&out, &more);
    let f1 = |what: &str| said["truth"][what]["f1"].as_f64().expect("a measure");
    assert!(f1("links") > 0.99 && f1("clusters") > 0.99 && f1("best") >= f1("links"), "{said}");
    assert_eq!(said["rows"], 6000);
    let (header, rows) = table(&out.join("clusters.csv"));
    assert_eq!(header, ["id", "cluster"]);
    assert_eq!(rows.len(), 6000);
    assert_eq!(said["same"].as_u64(), u64::try_from(pairs(&out, "same").len()).ok());
    for chart in ["weights.svg", "histogram.svg", "unlinkables.svg"] {
        let svg = fs::read_to_string(out.join("charts").join(chart)).expect("a chart is written");
        assert!(svg.starts_with("<svg") && svg.ends_with("</svg>"), "{chart}");
    }
    let foretold = link(&out, &["roster.csv", "--predict"]);
    assert!(foretold.as_array().is_some_and(|rules| rules.iter().all(|r| r["pairs"].is_u64())));
}

#[test]
fn a_pair_is_explained_without_a_whole_id() {
    let out = roster("link-explain", "3000");
    link(&out, &["roster.csv", "--out", "links.csv"]);
    let (left, right) = pairs(&out, "same").remove(0);
    let why = link(&out, &["roster.csv", "--explain", &left, &right, "--charts", "charts"]);
    let steps = why["steps"].as_array().expect("steps");
    let sum: f64 = steps.iter().filter_map(|s| s["weight"].as_f64()).sum();
    let number = |key: &str| why[key].as_f64().expect("a number");
    assert!(
        (number("prior") + sum + number("look_alikes") - number("total")).abs() < 1e-9,
        "{why}"
    );
    assert!(why["sentence"].as_str().is_some_and(|s| s.contains("认作同一人")), "{why}");
    let svg = fs::read_to_string(out.join("charts/waterfall.svg")).expect("a picture is written");
    let (header, rows) = table(&out.join("roster.csv"));
    let id = header.iter().position(|h| h == "id_no").expect("the roster has ids");
    for row in rows.iter().filter(|r| r[id].len() == 18) {
        assert!(
            !why.to_string().contains(&row[id]) && !svg.contains(&row[id]),
            "a whole id is shown"
        );
    }
    let ended = end(fujiao(["link", "--spec", SPEC, "roster.csv", "--explain", "nobody", &right])
        .current_dir(&out));
    assert!(ended.code == Some(1) && ended.said().contains("nobody"), "{}", ended.said());
}

#[test]
fn decisions_hold_and_are_taken_back() {
    let out = roster("link-decide", "3000");
    let all = ["roster.csv", "--out", "links.csv", "--clusters", "clusters.csv"];
    link(&out, &all);
    let before = fs::read(out.join("clusters.csv")).expect("clusters");
    let (a, b) = pairs(&out, "same").remove(0);
    let (_, rows) = table(&out.join("clusters.csv"));
    let stranger =
        rows.iter().find(|r| r[0] != a && r[0] != b && r[0] == r[1]).expect("a person of one row");
    fs::write(
        out.join("decided.csv"),
        format!("left,right,verdict\n{a},{b},different\n{a},{},same\n", &stranger[0]),
    )
    .expect("a file of ours");
    link(
        &out,
        &[
            &all[..],
            &["--decisions", "decided.csv", "--previous", "clusters.csv", "--events", "events.csv"],
        ]
        .concat(),
    );
    assert!(!pairs(&out, "same").contains(&(a.clone(), b.clone())));
    let (_, rows) = table(&out.join("clusters.csv"));
    let of = |id: &str| rows.iter().find(|r| &r[0] == id).map(|r| r[1].to_owned());
    assert!(of(&a) != of(&b) && of(&a) == of(&stranger[0]));
    let (header, events) = table(&out.join("events.csv"));
    assert_eq!(header, ["event", "person", "others"]);
    assert!(events.iter().any(|e| &e[0] == "merged" || &e[0] == "split"), "{events:?}");
    // Taken back.
    link(&out, &all);
    assert_eq!(fs::read(out.join("clusters.csv")).expect("clusters"), before);
    fs::write(out.join("decided.csv"), format!("left,right,verdict\n{a},{b},maybe\n"))
        .expect("a file of ours");
    let ended = end(fujiao(["link", "--spec", SPEC, "roster.csv", "--decisions", "decided.csv"])
        .current_dir(&out));
    assert!(
        ended.code == Some(1) && ended.said().contains("decided.csv 第 2 行"),
        "{}",
        ended.said()
    );
}

#[test]
fn new_rows_join_old_persons() {
    let out = roster("link-onto", "6000");
    let text = fs::read_to_string(out.join("roster.csv")).expect("the roster");
    let lines: Vec<&str> = text.lines().collect();
    let file = |name: &str, rows: &[&str]| {
        fs::write(out.join(name), format!("{}\n{}\n", lines[0], rows.join("\n")))
            .expect("a file of ours");
    };
    file("old.csv", &lines[1..5900]);
    file("new.csv", &lines[5900..]);
    link(&out, &["old.csv", "--clusters", "old-clusters.csv", "--model-out", "model.json"]);
    let onto = ["--onto", "old.csv", "--previous", "old-clusters.csv", "--model", "model.json"];
    let said = link(
        &out,
        &[
            &[
                "new.csv",
                "--truth",
                "ent_id",
                "--out",
                "links.csv",
                "--clusters",
                "clusters.csv",
                "--events",
                "events.csv",
            ][..],
            &onto,
        ]
        .concat(),
    );
    assert!(said["truth"]["clusters"]["f1"].as_f64().is_some_and(|f| f > 0.99), "{said}");
    assert!(
        said["compared"].as_u64().is_some_and(|n| n < 2_000),
        "only pairs with a new row: {said}"
    );
    let (_, old) = table(&out.join("old-clusters.csv"));
    let (_, now) = table(&out.join("clusters.csv"));
    let merged: Vec<String> = table(&out.join("events.csv"))
        .1
        .iter()
        .filter(|e| &e[0] == "merged")
        .map(|e| e[2].to_owned())
        .collect();
    for (a, b) in old.iter().zip(&now) {
        assert!(a == b || merged.iter().any(|m| m.split(';').any(|p| p == &a[1])), "{a:?} {b:?}");
    }
    // The same rows once more, under other names: nothing is written.
    let again: Vec<String> = lines[1..900].iter().map(|l| format!("z{l}")).collect();
    file("again.csv", &again.iter().map(String::as_str).collect::<Vec<_>>());
    let mut command =
        fujiao(["link", "--spec", SPEC, "--brake", "0.5", "again.csv", "--out", "never.csv"]);
    let ended = end(command.args(onto).current_dir(&out));
    assert!(
        ended.code == Some(1) && ended.said().contains("again.csv：899 行里有 899 行"),
        "{}",
        ended.said()
    );
    assert!(!out.join("never.csv").exists());
    let other = ["link", "--spec", SPEC, "old.csv", "--model", "old.csv"];
    let ended = end(fujiao(other).current_dir(&out));
    assert!(ended.code == Some(1) && ended.said().contains("old.csv"), "{}", ended.said());
}

#[test]
fn what_cannot_be_linked_is_told() {
    let out = roster("link-bad", "3000");
    fs::write(out.join("empty.csv"), "").expect("a file of ours");
    let gbk = b"rec_id,name,id_no,birth,gender,village,guardian,phone\n1,\xcd\xf5,,,,,,\n";
    fs::write(out.join("gbk.csv"), gbk).expect("a file of ours");
    let spec = "[[comparison]]\ncolumn = \"name\"\nas = \"nmae\"\n";
    fs::write(out.join("bad.toml"), spec).expect("a file of ours");
    let told = |args: &[&str]| {
        let ended = end(fujiao(["link"]).args(args).args(["--out", "never.csv"]).current_dir(&out));
        assert_eq!(ended.code, Some(1), "{}", ended.said());
        assert!(!out.join("never.csv").exists(), "nothing is half-written");
        ended.said()
    };
    assert!(told(&["--spec", SPEC, "empty.csv"]).contains("empty.csv"));
    let gbk = told(&["--spec", SPEC, "gbk.csv"]);
    assert!(gbk.contains("gbk.csv 第 2 行") && gbk.contains("UTF-8"), "{gbk}");
    let spec = told(&["--spec", "bad.toml", "roster.csv"]);
    assert!(spec.contains("bad.toml:3:6") && spec.contains("是不是 `name`"), "{spec}");
    assert!(told(&["--spec", SPEC, "nowhere.csv"]).contains("nowhere.csv"));
    fs::write(out.join("less.csv"), "rec_id,nam\n1,王\n").expect("a file of ours");
    let less = told(&["--spec", SPEC, "less.csv"]);
    assert!(less.contains("less.csv") && less.contains("id_no"), "{less}");
}
