//! The example of a county's own rule, as the handbook prints it, runs.

use crate::harness::{county, end, files, folder, fujiao, ran, run, succeed, table};

use super::{between, chapter};

/// The rule as the chapter prints it.
fn printed() -> String {
    let text = chapter("own-rule");
    (*between(&text, "```toml\n", "```").first().expect("the chapter prints a rule")).to_owned()
}

/// The standard of schools as the chapter prints it.
fn standard() -> String {
    let text = chapter("own-rule");
    (*between(&text, "```toml\n", "```").get(1).expect("the chapter prints a standard")).to_owned()
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

/// Rules beside the books count: a pupil is owed what the county promised, and the list says by which rule, since when.
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
    assert!(lines.iter().all(|l| l.contains("county.travel.boarder@2025")), "{}", lines[0]);
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

/// A standard beside the books is owed as soon as it is measured, by the rule of its day; and a fault in any file of any engine is told with all
/// others, before anything starts.
#[test]
fn a_countys_own_standard_beside_its_books_makes_duties() {
    let (rosters, out) = (folder("own-standard-rosters"), folder("own-standard"));
    for file in files(county()).iter().filter(|file| !file.starts_with("truth")) {
        let to = rosters.join(file);
        std::fs::create_dir_all(to.parent().expect("a folder")).expect("a folder of ours");
        std::fs::copy(county().join(file), to).expect("a file of ours");
    }
    let own = out.join("policies");
    std::fs::create_dir_all(&own).expect("a folder of ours");
    std::fs::write(own.join("school.toml"), standard()).expect("a file of ours");
    ran(&mut run(&rosters, &out, &[]));
    let (_, lines) = table(&out.join("gaps.csv"));
    assert!(lines.iter().all(|l| &l[1] != "county.reading_corner"), "nothing was measured");
    let of_school = lines.iter().find(|l| &l[1] == "teachers.posts").expect("a school lacks posts");
    let school = &of_school[5];
    let measured =
        format!("学校,测量项目,测量值,计量单位,测量日期\n{school},图书角,0,个,2025-09-10\n");
    std::fs::write(rosters.join("测量登记.csv"), measured).expect("a file of ours");
    ran(&mut run(&rosters, &out, &[]));
    let gaps = std::fs::read_to_string(out.join("gaps.csv")).expect("the list");
    let line = gaps.lines().find(|l| l.contains("county.reading_corner")).expect("it is owed");
    assert!(line.contains("county.reading_corner@2024-09-01"), "{line}");
    assert!(line.contains("实有0"), "{line}");
    // Checked before, and by the doctor.
    let said = succeed(fujiao(["policy", "check", "--with"]).arg(&own)).stdout;
    assert!(said.contains("school.toml：学校标准的规则，没有问题"), "{said}");
    let doctor = |bad: bool| {
        let said = end(fujiao(["doctor"]).arg(&out)).said();
        assert_eq!(said.contains("不行  规则"), bad, "{said}");
        said
    };
    assert!(doctor(false).contains("本县自己的 1 个文件没有问题"));
    // Two files with faults: both are told, with their lines, and nothing starts.
    std::fs::write(own.join("school.toml"), standard().replace("classes", "clases"))
        .expect("a file of ours");
    std::fs::write(own.join("labour.toml"), "engine = \"labour\"\nscope = \"county\"\nage = 3\n")
        .expect("a file of ours");
    let ended = end(&mut run(&rosters, &out, &[]));
    assert_eq!(ended.code, Some(1), "{}", ended.said());
    let checked = end(fujiao(["policy", "check", "--with"]).arg(&own));
    assert_eq!(checked.code, Some(1), "{}", checked.said());
    for said in [ended.said(), checked.said(), doctor(true)] {
        for part in [
            "school.toml:6：county.reading_corner：没有“clases”这个数",
            "labour.toml:3：没有“age”这一项",
        ] {
            assert!(said.contains(part), "{part}: {said}");
        }
    }
}

/// A file that takes the place of a whole one begins as a copy of it.
#[test]
fn the_rules_of_the_program_are_copied_out_and_read_back() {
    let to = folder("policy-export");
    succeed(fujiao(["policy", "export"]).arg(&to));
    let said = succeed(fujiao(["policy", "check"]).arg(to.join("policies"))).stdout;
    assert!(
        said.contains("要改 0 处")
            && said.contains("labour.toml：劳动力、培训、就业的规则，没有问题"),
        "{said}"
    );
    assert_eq!(end(fujiao(["policy", "export"]).arg(&to)).code, Some(1), "nothing is written over");
}
