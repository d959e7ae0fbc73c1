//! Models of who may leave: what `fujiao watch` learns, writes, says and refuses.

use std::fmt::Write as _;
use std::fs;

use serde_json::Value;

use crate::harness::{end, folder, fujiao, succeed};

const SPEC: &str = "about = '试'\ntarget = 'left'\npositive = ['yes']\nid = 'pupil'\ntime = 'year'\ngroups = ['sex']\n\
                    [model.boost]\ntrees = 30\nrate = 0.1\n";

/// 600 pupils of three years: who is often absent leaves often. By simple sums, no chance.
fn pupils() -> String {
    let mut table = "pupil,year,sex,absent,far,left\n".to_owned();
    for n in 0..600_u32 {
        let absent = n * 7 % 30;
        let left = n * 37 % 101 + 10 < absent * 3;
        let _ = writeln!(
            table,
            "p{n},{},{},{absent},{},{}",
            2021 + n / 200,
            if n % 2 == 0 { "女" } else { "男" },
            if n % 50 == 0 { String::new() } else { (n * 11 % 60).to_string() },
            if left { "yes" } else { "no" }
        );
    }
    table
}

#[test]
fn a_model_is_learnt_written_and_used_with_reasons() {
    let out = folder("watch");
    fs::write(out.join("pupils.csv"), pupils()).expect("the folder is there");
    fs::write(out.join("spec.toml"), SPEC).expect("the folder is there");
    let train = ["watch", "train", "pupils.csv", "--spec", "spec.toml", "--model-out", "m.json"];
    let said = succeed(fujiao(train).current_dir(&out)).stdout;
    assert!(
        said.contains("五折检验：600 行") && said.contains("用以前的预测 2023：200 行"),
        "{said}"
    );
    let first = fs::read(out.join("m.json")).expect("it was written");
    succeed(fujiao(train).current_dir(&out));
    assert_eq!(
        fs::read(out.join("m.json")).expect("it was written"),
        first,
        "the same bytes again"
    );

    let score = [
        "--json",
        "watch",
        "score",
        "pupils.csv",
        "--model",
        "m.json",
        "--top",
        "5",
        "--out",
        "scores.csv",
    ];
    let ended = succeed(fujiao(score).current_dir(&out));
    let said: Value = serde_json::from_str(&ended.stdout).expect("--json prints JSON");
    let top = said["top"].as_array().expect("a list");
    assert_eq!(top.len(), 5);
    for row in top {
        assert!(row["probability"].as_f64().expect("a number") > 0.3, "{row}");
        assert!(row["reasons"].as_str().expect("a text").contains("absent="), "{row}");
    }
    let scores = fs::read_to_string(out.join("scores.csv")).expect("it was written");
    assert_eq!(scores.lines().count(), 601);

    let evaluate =
        ["--json", "watch", "evaluate", "pupils.csv", "--spec", "spec.toml", "--repeats", "2"];
    let ended = succeed(fujiao(evaluate).current_dir(&out));
    let said: Value = serde_json::from_str(&ended.stdout).expect("--json prints JSON");
    assert!(said["measures"]["auc"].as_f64().expect("a number") > 0.7, "{said}");
    assert_eq!(said["groups"].as_array().expect("a list").len(), 2);
    assert_eq!(said["out_of_time"]["measures"]["rows"], 200);
}

#[test]
fn what_cannot_be_learnt_or_used_is_named() {
    let out = folder("watch-damaged");
    fs::write(out.join("pupils.csv"), pupils()).expect("the folder is there");
    fs::write(out.join("spec.toml"), SPEC.replace("'left'", "'gone'"))
        .expect("the folder is there");
    fs::write(out.join("m.json"), "{\"format\":1}").expect("the folder is there");
    let train = ["watch", "train", "pupils.csv", "--spec", "spec.toml", "--model-out", "n.json"];
    let ended = end(fujiao(train).current_dir(&out));
    assert_eq!(ended.code, Some(1));
    assert!(ended.stderr.contains("表里没有“gone”这一列"), "{}", ended.stderr);
    assert!(!out.join("n.json").exists());
    let score = ["watch", "score", "pupils.csv", "--model", "m.json"];
    let ended = end(fujiao(score).current_dir(&out));
    assert_eq!(ended.code, Some(1));
    assert!(ended.stderr.contains("m.json 不能用"), "{}", ended.stderr);
}
