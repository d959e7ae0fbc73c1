//! The example of a county's own rule, as the handbook prints it, runs.

use crate::harness::{county, end, folder, fujiao, ran, run, succeed};

use super::{between, chapter};

/// The rule as the chapter prints it.
fn printed() -> String {
    let text = chapter("own-rule");
    (*between(&text, "```toml\n", "```").first().expect("the chapter prints a rule")).to_owned()
}

#[test]
fn the_rule_of_the_handbook_is_sound_and_its_examples_hold() {
    let own = folder("own-rule").join("policies");
    std::fs::create_dir_all(&own).expect("a folder of ours");
    std::fs::write(own.join("own.toml"), printed()).expect("a file of ours");
    let said = succeed(fujiao(["policy", "test", "--with"]).arg(&own)).stdout;
    assert!(said.contains("不合 0"), "{said}");
    let said = succeed(fujiao(["policy", "check", "--with"]).arg(&own)).stdout;
    assert!(said.contains("要改 0 处"), "{said}");
    let said = succeed(fujiao(["policy", "list", "--with"]).arg(&own)).stdout;
    assert!(said.contains("寄宿生往返交通补助"), "{said}");
}

/// Rules beside the books count: a pupil is owed what the county promised, and the list says by which document.
#[test]
fn a_countys_own_rule_beside_its_books_makes_duties() {
    let out = folder("own-rule-books");
    let own = out.join("policies");
    std::fs::create_dir_all(&own).expect("a folder of ours");
    std::fs::write(own.join("own.toml"), printed()).expect("a file of ours");
    ran(&mut run(county(), &out, &[]));
    let gaps = std::fs::read_to_string(out.join("gaps.csv")).expect("the list");
    let lines: Vec<&str> = gaps.lines().filter(|l| l.contains("county.travel.boarder")).collect();
    assert!(!lines.is_empty(), "nobody is owed what the county promised");
    assert!(lines.iter().all(|l| l.contains("示例县政办发〔2025〕2号")), "{}", lines[0]);
    // A wrong rule stops the program before it counts by it, with line and remedy.
    std::fs::write(own.join("own.toml"), printed().replace("boards &&", "boarding_house &&"))
        .expect("a file of ours");
    let ended = end(&mut run(county(), &out, &[]));
    assert_eq!(ended.code, Some(1), "{}", ended.said());
    assert!(
        ended.said().contains("boarding_house") && ended.said().contains("own.toml:"),
        "{}",
        ended.said()
    );
}
