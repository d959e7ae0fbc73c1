//! `fujiao synth --roster`: one list to measure linkage with.

use crate::harness::{end, folder, fujiao, succeed};

#[test]
fn a_roster_has_as_many_rows_as_ordered() {
    let file = folder("roster").join("made/roster.csv");
    let said =
        succeed(fujiao(["--json", "synth", "--roster", "700", "--seed", "3", "--out"]).arg(&file));
    let summary: serde_json::Value = serde_json::from_str(&said.stdout).unwrap();
    let text = std::fs::read_to_string(&file).unwrap();
    assert!(
        text.starts_with("rec_id,ent_id,dept,name,id_no,birth,gender,village,guardian,phone\n")
    );
    assert_eq!(text.lines().count(), 701);
    assert_eq!(summary["rows"], 700);
    assert_eq!(summary["slips"].as_object().unwrap().len(), 24);
}

#[test]
fn a_roster_that_cannot_be_made_leaves_nothing_behind() {
    let folder = folder("no-roster");
    let file = folder.join("roster.csv");
    for (options, words) in [
        (["--roster", "0"].as_slice(), "改 --roster"),
        (&["--roster", "10", "--slips", "11"], "改 --slips"),
        (&["--roster", "10", "--doubles", "0.9"], "改 --doubles"),
    ] {
        let ended = end(fujiao(["synth"]).args(options).arg("--out").arg(&file));
        assert_eq!(ended.code, Some(1), "{}", ended.said());
        assert!(ended.stderr.contains(words), "{}", ended.said());
    }
    assert_eq!(std::fs::read_dir(&folder).unwrap().count(), 0);
}
