//! Optimisation problems: what `fujiao solve` writes and says, and what its checker lets pass.

use std::fs;

use serde_json::Value;

use crate::harness::{end, folder, fujiao, succeed};

/// A path of five villages, of which two get a school.
const PATH: &str = "5 4 2\n1 2 3\n2 3 4\n3 4 9\n4 5 2\n";

#[test]
fn a_plan_is_proven_written_and_checked() {
    let out = folder("solve");
    fs::write(out.join("path.txt"), PATH).expect("the folder is there");
    let said = succeed(fujiao(["solve", "pmedian", "path.txt"]).current_dir(&out)).stdout;
    assert!(said.contains("目标值 9\n") && said.contains("已证明最优"), "{said}");
    let check = ["solve", "check", "path.txt", "path.solution.json"];
    let said = succeed(fujiao(check).current_dir(&out)).stdout;
    assert_eq!(said.trim(), "核对无误：每一条都成立，目标值相符");

    // Somebody writes a better figure into it.
    let file = out.join("path.solution.json");
    let mut solution: Value =
        serde_json::from_slice(&fs::read(&file).expect("it was written")).expect("it is JSON");
    solution["objective"] = 8.into();
    solution["bound"] = 8.into();
    fs::write(&file, solution.to_string()).expect("it can be written");
    let ended = end(fujiao(check).current_dir(&out));
    assert_eq!(ended.code, Some(1));
    assert_eq!(ended.stdout.trim(), "不成立：方案说目标值是 8，重算是 9");
}

#[test]
fn a_flow_carries_its_proof() {
    let out = folder("solve-flow");
    let text = "p min 3 3\nn 1 4\nn 3 -4\na 1 2 0 9 1\na 2 3 0 9 2\na 1 3 1 2 1\n";
    fs::write(out.join("net.min"), text).expect("the folder is there");
    let ended = succeed(fujiao(["--json", "solve", "mcf", "net.min"]).current_dir(&out));
    let said: Value = serde_json::from_str(&ended.stdout).expect("--json prints JSON");
    assert_eq!(said["objective"], "8");
    succeed(fujiao(["solve", "check", "net.min", "net.solution.json"]).current_dir(&out));
}

#[test]
fn a_damaged_problem_is_named_with_its_line() {
    let out = folder("solve-damaged");
    fs::write(out.join("path.txt"), PATH.replace("4 5 2", "4 5 x")).expect("the folder is there");
    let ended = end(fujiao(["solve", "pmedian", "path.txt"]).current_dir(&out));
    assert_eq!(ended.code, Some(1));
    assert!(
        ended.stderr.contains("path.txt 第 5 行：“x”不是边长（整数）；改正这一处"),
        "{}",
        ended.stderr
    );
    assert!(!out.join("path.solution.json").exists(), "nothing is half-written");
}
