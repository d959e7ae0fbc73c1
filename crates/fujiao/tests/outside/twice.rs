//! Bringing the same workbooks a second time.

use std::path::Path;

use serde_json::Value;

use crate::harness::{county, end, files, folder, fujiao, ran, succeed, workbook};

/// Imports the made county and answers how its rows were counted.
fn import(data: &Path, more: &[&str]) -> Value {
    let mut command = fujiao(["import"]);
    command.arg(county()).arg("--data").arg(data).arg("--json").args(more);
    let ended = ran(&mut command);
    let printed: Value = serde_json::from_str(&ended.stdout).expect("--json prints JSON");
    let parts = ["created", "updated", "unchanged", "parked", "refused"];
    let sum: Option<i64> = parts.iter().map(|part| printed[part].as_i64()).sum();
    assert!(sum.is_some() && printed["read"].as_i64() == sum, "{printed}");
    printed
}

#[test]
fn importing_twice_changes_nothing() {
    let data = folder("twice");
    let first = import(&data, &[]);
    let second = import(&data, &[]);
    assert!(first["created"].as_i64().is_some_and(|n| n > 0), "{first}");
    assert_eq!(
        (&second["created"], &second["updated"]),
        (&Value::from(0), &Value::from(0)),
        "{second}"
    );
    assert_eq!(first["read"], second["read"], "the second time every row is counted too");
    succeed(fujiao(["verify"]).arg(&data));
}

/// A pupils' list of a school: name, sequence of the id, class.
fn roster(pupils: &[(usize, &str)]) -> Vec<u8> {
    let header =
        ["姓名", "性别", "身份证号", "学校名称", "年级", "班级", "就读方式", "学籍状态", "学年"];
    let mut rows = vec![header.map(str::to_owned).to_vec()];
    for (n, boards) in pupils {
        let day = jiff::Span::new().days(i64::try_from(*n).unwrap());
        let born_on = jiff::civil::date(2014, 1, 1).saturating_add(day);
        let id = fujiao_model::CitizenId::compose(619_926, born_on, 12);
        let name = format!("王{}", ["甲", "乙", "丙", "丁", "戊"][n % 5].repeat(n / 5 % 2 + 1));
        let row = [
            &name,
            "女",
            id.reveal(),
            "青石镇中心小学",
            "四年级",
            "1班",
            boards,
            "在读",
            "2025-2026学年",
        ];
        rows.push(row.map(str::to_owned).to_vec());
    }
    workbook("学籍", &rows)
}

/// A roster that is sent again with its changes comes in; the same under another name, and one that would put new values
/// back, stop and say why.
#[test]
fn last_months_file_stops_and_this_months_does_not() {
    let data = folder("brake");
    let import = |name: &str, bytes: &[u8], more: &[&str]| {
        let file = data.join(name);
        std::fs::write(&file, bytes).unwrap();
        let mut command = fujiao(["import", "--json"]);
        let ended = end(command.arg(file).arg("--data").arg(data.join("books")).args(more));
        let printed: Value = serde_json::from_str(&ended.stdout).expect("--json prints JSON");
        (ended.code, printed["files"][0].clone())
    };
    let pupils = |walk: std::ops::Range<usize>, all: usize| -> Vec<(usize, &str)> {
        (0..all).map(|n| (n, if walk.contains(&n) { "走读" } else { "寄宿" })).collect()
    };
    let september = pupils(0..30, 30);
    let mut again = september.clone();
    again.reverse();
    let (code, file) = import("九月.xlsx", &roster(&september), &[]);
    assert_eq!((code, &file["created"]), (Some(0), &Value::from(30)), "{file}");
    let stopped = |name: &str, bytes: &[u8], words: &[&str]| {
        let (code, file) = import(name, bytes, &[]);
        assert_eq!((code, &file["state"]), (Some(1), &Value::from("stopped")), "{file}");
        assert_eq!(
            (&file["read"], &file["refused"]),
            (&Value::from(30), &Value::from(30)),
            "{file}"
        );
        for word in words {
            assert!(file["why"].as_str().unwrap().contains(word), "`{word}` is not in {file}");
        }
    };
    stopped("花名册.xlsx", &roster(&again), &["30 行全部收过", "九月.xlsx", "检查", "--force"]);
    // Saved once more under its own name: nothing new, and nothing to stop.
    let (code, file) = import("九月.xlsx", &roster(&again), &[]);
    assert_eq!((code, &file["unchanged"]), (Some(0), &Value::from(30)), "{file}");
    let (code, file) = import("十月.xlsx", &roster(&pupils(3..32, 32)), &[]);
    assert_eq!(
        (code, &file["created"], &file["updated"], &file["unchanged"]),
        (Some(0), &Value::from(2), &Value::from(3), &Value::from(27)),
        "{file}"
    );
    again.rotate_left(7);
    let words = ["27 行收过", "3 行是已经更正过的旧内容", "十月.xlsx", "--force"];
    stopped("九月（补）.xlsx", &roster(&again), &words);
    let (code, file) = import("九月（补）.xlsx", &roster(&again), &["--force"]);
    assert_eq!((code, &file["updated"]), (Some(0), &Value::from(3)), "{file}");
}

#[test]
fn a_dry_run_counts_and_writes_nothing() {
    let data = folder("dry-run");
    let dry = import(&data, &["--dry-run"]);
    let left = files(&data);
    assert!(left.iter().all(|f| !f.starts_with("refused")), "{left:?}");
    let wet = import(&data, &[]);
    for part in ["read", "created", "updated", "unchanged", "parked", "refused"] {
        assert_eq!(dry[part], wet[part], "what a dry run counts is what then happens: {part}");
    }
}
