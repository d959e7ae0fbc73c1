//! Bringing the same workbooks a second time.

use std::path::Path;

use serde_json::Value;

use crate::harness::{county, files, folder, fujiao, ran, succeed};

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
