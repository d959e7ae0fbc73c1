//! Rules at the terminal: a table in, duties out; checks, examples, why, and what another rule would change.

use std::fs;
use std::path::Path;

use fujiao_model::CitizenId;
use serde_json::Value;

use crate::harness::{AS_OF, books, end, folder, fujiao, ran, succeed, summary, table, workbook};

const PEOPLE: &str = "\
stage,grade_year,boards,lifted,dibao_edge,school_standard,note
primary,4,yes,yes,no,,住校的脱贫户
primary,4,no,no,yes,,走读的低保边缘
senior,1,yes,?,yes,城市,不知是不是脱贫户
普高,2,否,否,否,农村,中文也认
";

fn write(folder: &Path, name: &str, text: &str) -> std::path::PathBuf {
    let path = folder.join(name);
    fs::write(&path, text).expect("the folder is writable");
    path
}

/// A line for every row and programme; the reason is empty exactly where something is due.
#[test]
fn a_table_gives_a_line_for_every_row_and_programme() {
    let at = folder("policy-eval");
    let (people, out) = (write(&at, "people.csv", PEOPLE), at.join("duties.csv"));
    let eval = |more: &[&str]| {
        let mut command = fujiao(["policy", "eval", "--term", "2024A", "--rest", "no", "--frame"]);
        command.arg(&people).arg("--out").arg(&out).args(more);
        succeed(&mut command)
    };
    let said = eval(&[]);
    assert!(said.stderr.contains("略过 note 列"), "{}", said.stderr);
    let (header, records) = table(&out);
    assert_eq!(header, ["row", "programme", "term", "quantity", "unit", "reason"]);
    let of = |row: &str, programme: &str| {
        let mut found = records.iter().filter(|r| &r[0] == row && &r[1] == programme);
        let record = found.next().unwrap_or_else(|| panic!("no line for {row} {programme}"));
        assert!(found.next().is_none(), "one line for {row} {programme}");
        (record[3].to_owned(), record[4].to_owned(), record[5].to_owned())
    };
    let line = |q: &str, u: &str, r: &str| (q.to_owned(), u.to_owned(), r.to_owned());
    assert_eq!(of("1", "comp.living.boarder"), line("62500", "fen", ""));
    assert_eq!(of("1", "comp.living.day"), line("0", "fen", "not due: boards"));
    assert_eq!(of("2", "comp.living.day"), line("0", "fen", "not due: day_groups"));
    assert_eq!(of("3", "hs.grant"), line("", "fen", "ask: lifted"));
    assert_eq!(of("3", "hs.waive"), line("35000", "fen", ""));
    assert_eq!(of("4", "hs.waive"), line("20000", "fen", ""));
    assert_eq!(of("4", "loan.origin"), line("0", "fen", "off"));
    let programmes = records.iter().filter(|r| &r[0] == "1").count();
    assert_eq!(records.len(), 4 * programmes);
    for r in &records {
        let due = r[3].parse::<i64>().is_ok_and(|n| n > 0);
        assert_eq!(due, r[5].is_empty(), "{r:?}");
    }
    eval(&["--say", "zh"]);
    let (_, records) = table(&out);
    assert!(records.iter().any(|r| &r[5] == "不属于四类家庭经济困难学生或监测对象"), "in words");
    let first = fs::read(&out).expect("it was written");
    eval(&["--say", "zh"]);
    assert_eq!(first, fs::read(&out).expect("it was written"), "the same bytes again");
}

#[test]
fn a_table_that_cannot_be_read_is_told_cell_by_cell() {
    let at = folder("policy-bad-table");
    let bad = "stage,boards,grade_year,stage\nprimry,maybe,four,primary\nprimary,yes,4,primary\n";
    let (people, out) = (write(&at, "people.csv", bad), at.join("duties.csv"));
    let mut command = fujiao(["policy", "eval", "--term", "2024A", "--frame"]);
    let ended = end(command.arg(&people).arg("--out").arg(&out));
    assert_eq!(ended.code, Some(1), "{}", ended.said());
    for word in
        ["第 2 行 stage 列", "primary", "第 2 行 boards 列", "第 2 行 grade_year 列", "两次"]
    {
        assert!(ended.stderr.contains(word), "`{word}` is not in:\n{}", ended.stderr);
    }
    assert!(!out.exists(), "nothing is half-written");
    let ended = end(fujiao(["policy", "eval", "--term", "2024X", "--frame"])
        .arg(&people)
        .arg("--out")
        .arg(&out));
    assert_eq!(ended.code, Some(1), "{}", ended.said());
    assert!(ended.stderr.contains("2024X"), "{}", ended.stderr);
}

const RULES: &str = r#"scope = "CN"
[[programme]]
key = "a"
title = "甲"
title_en = "A"
area = "aid"
frame = "pupil"
who = "stage == 'senior' && lifted && !lifted"
rhythm = "term"
unit = "fen"
due = { on = "12-31" }
bearer = "县"
evidence = "名册"
purpose = "living"
[[programme.amount]]
from = "2020S"
value = 500_00
basis = "某文件2020"
mark = "V"

[[programme]]
key = "b"
title = "乙"
area = "aid"
frame = "pupil"
who = "stage == 'senior' && lifted"
rhythm = "term"
unit = "fen"
due = { on = "12-31" }
bearer = "县"
evidence = "名册"
purpose = "living"
[[programme.amount]]
from = "2020S"
value = 625
basis = "口头"
mark = "U"

[[programme]]
key = "c"
title = "丙"
title_en = "C"
area = "aid"
frame = "pupil"
who = "lifted"
rhythm = "term"
unit = "fen"
due = { on = "12-31" }
bearer = "县"
evidence = "名册"
purpose = "living"
[[programme.amount]]
from = "2020S"
to = "2020A"
when = "stage == 'senior'"
value = 500_00
basis = "某文件2020"
mark = "V"
[[programme.amount]]
from = "2021S"
when = "stage in ['senior', 'vocational']"
value = 2_000_00
basis = "某文件2021"
mark = "V"
[[programme.amount]]
from = "2021S"
when = "stage == 'vocational'"
value = 600_00
basis = "某文件2021"
mark = "V"

[[example]]
programme = "b"
period = "2024A"
columns = ["stage", "lifted"]
rows = ["senior yes → 6.25", "senior no → 6.25"]
"#;

#[test]
fn a_check_finds_what_no_one_can_meet_and_what_is_paid_twice() {
    let at = folder("policy-check");
    write(&at, "rules.toml", RULES);
    let ended = end(fujiao(["policy", "check"]).arg(&at));
    assert_eq!(ended.code, Some(1), "{}", ended.said());
    for word in [
        "a：没有人能符合条件",
        "b：一个期间只有 6.25 元，像是把元写成了分",
        "c：与 b 可能在",
        "同一笔生活费",
        "c：没有人轮得到这一行",
        "b：依据“口头”没有文号",
        "b：开着，但依据待核实",
        "a：没有例子",
        "b：没有英文名",
    ] {
        assert!(ended.stdout.contains(word), "`{word}` is not in:\n{}", ended.stdout);
    }
    let ended = end(fujiao(["policy", "test"]).arg(&at));
    assert_eq!(ended.code, Some(1), "{}", ended.said());
    assert!(
        ended.stdout.contains("senior no → 6.25") && ended.stdout.contains("合 1，不合 1"),
        "{}",
        ended.stdout
    );
}

#[test]
fn the_rules_that_come_with_the_program_are_sound() {
    let checked = succeed(&mut fujiao(["policy", "check"]));
    assert!(checked.stdout.contains("要改 0 处"), "{}", checked.stdout);
    let tested = succeed(&mut fujiao(["policy", "test"]));
    assert!(tested.stdout.contains("不合 0"), "{}", tested.stdout);
    let listed = succeed(&mut fujiao(["policy", "list", "--amounts"]));
    for key in ["comp.living.boarder", "nutrition.meal", "loan.origin", "higher.military"] {
        assert!(listed.stdout.contains(key), "{key}");
    }
}

/// A pupil with something due, by the list of the run: the same answer, with the rows that it rests on; and an audit line.
#[test]
fn why_one_pupil_is_owed_something() {
    let (_, lines) = table(&books().join("gaps.csv"));
    let gap = lines
        .iter()
        .find(|r| &r[1] == "hs.waive" && !r[4].is_empty())
        .expect("somebody in the made county is owed this");
    let (id, period, due) = (&gap[4], &gap[6], &gap[8]);
    let explain = |more: &[&str]| {
        let mut command =
            fujiao(["policy", "explain", "--citizen", id, "--as-of", AS_OF, "--data"]);
        command.arg(books()).args(more);
        end(&mut command)
    };
    let told = explain(&["--programme", "hs.waive", "--term", period, "--json"]);
    assert_eq!(told.code, Some(0), "{}", told.said());
    let told: Value = serde_json::from_str(&told.stdout).expect("JSON");
    let row = &told["rows"][0];
    assert_eq!(
        (row["answer"].as_str(), row["quantity"].to_string()),
        (Some("due"), due.to_owned())
    );
    assert!(row["facts"][0]["sources"][0].as_str().is_some_and(|s| s.contains('行')), "{row}");
    assert!(!told.to_string().contains(id), "no whole id is printed");
    let no = explain(&["--programme", "pre.living", "--term", period]);
    assert!(no.stdout.contains("不应：") && no.stdout.contains("Not due: "), "{}", no.stdout);
    let nobody = explain(&["--programme", "hs.wave", "--term", period]);
    assert_eq!(nobody.code, Some(1), "{}", nobody.said());
    assert!(nobody.stderr.contains("hs.waive"), "the nearest is named: {}", nobody.stderr);
    succeed(fujiao(["verify"]).arg(books()));
}

#[test]
fn a_reform_is_weighed_against_today() {
    let at = folder("policy-simulate");
    let reform = |name: &str, rules: &str| {
        write(&at, name, &format!("scope = \"county\"\n[[programme]]\n{rules}"))
    };
    let simulate = |file: &Path| -> Value {
        let mut command =
            fujiao(["policy", "simulate", "--term", "2025S", "--as-of", AS_OF, "--json"]);
        command.arg("--data").arg(books()).arg("--with").arg(file);
        serde_json::from_str(&succeed(&mut command).stdout).expect("JSON")
    };
    let raise = "key = \"comp.living.day\"\noverlay = \"raise\"\n[[programme.amount]]\nfrom = \"2025S\"\n\
                 value = 500_00\nbasis = \"县2025\"\nmark = \"U\"\n";
    let more = simulate(&reform("more.toml", raise));
    let fen = |v: &Value| v.as_i64().expect("a number");
    let total = &more["total"];
    let gain = fen(&total["reform_fen"]) - fen(&total["today_fen"]);
    assert!(gain > 0 && fen(&more["gainers"]["fen"]) == gain, "{more}");
    assert_eq!(fen(&more["losers"]["persons"]), 0, "raising takes from nobody");
    for parts in ["programmes", "by_term", "towns"] {
        let parts = more[parts].as_array().expect("a list");
        for side in ["today_fen", "reform_fen"] {
            let sum: i64 = parts.iter().map(|p| fen(&p["cost"][side])).sum();
            assert_eq!(sum, fen(&total[side]), "the parts are the whole");
        }
    }
    let less = simulate(&reform(
        "less.toml",
        "key = \"hs.waive\"\noverlay = \"replace\"\noff = \"试算：停发\"\n",
    ));
    assert!(fen(&less["losers"]["persons"]) > 0 && fen(&less["gainers"]["persons"]) == 0, "{less}");
    // A reform is laid over what the county has, not over what came with the program.
    let own = at.join("own");
    fs::create_dir_all(own.join("policies")).expect("a folder");
    for name in ["county.db", "county.key"] {
        fs::copy(books().join(name), own.join(name)).expect("a copy");
    }
    let rules = format!("scope = \"county\"\n[[programme]]\n{raise}");
    write(&own.join("policies"), "own.toml", &rules);
    let mut command =
        fujiao(["policy", "simulate", "--term", "2025S", "--as-of", AS_OF, "--json", "--data"]);
    command.arg(&own).arg("--with").arg(at.join("less.toml"));
    let over_own: Value = serde_json::from_str(&succeed(&mut command).stdout).expect("JSON");
    let of_living = |told: &Value| {
        let all = told["programmes"].as_array().expect("a list").clone();
        all.into_iter().find(|p| p["key"] == "comp.living.day").expect("the programme")["cost"]
            .clone()
    };
    let living = of_living(&over_own);
    assert_eq!(
        living["today_fen"],
        of_living(&more)["reform_fen"],
        "the county's own rule is today's"
    );
    assert_eq!(living["reform_fen"], living["today_fen"], "and the reform leaves it alone");
    let bad = reform(
        "bad.toml",
        "key = \"hs.waive\"\noverlay = \"replace\"\nwho = \"stag == 'senior'\"\n",
    );
    let mut command = fujiao(["policy", "simulate", "--data"]);
    let ended = end(command.arg(books()).arg("--with").arg(&bad));
    assert_eq!(ended.code, Some(1), "{}", ended.said());
    assert!(
        ended.stderr.contains("bad.toml:5:8") && ended.stderr.contains("stage"),
        "{}",
        ended.stderr
    );
}

/// One boarder of a lifted household, paid for the autumn; later her school says that she never boarded.
#[test]
fn what_was_paid_on_stands_and_the_difference_is_told() {
    let at = folder("policy-frozen");
    let input = at.join("in");
    fs::create_dir_all(&input).expect("a folder");
    let born = jiff::civil::date(2014, 3, 7);
    let id = CitizenId::compose(619_926, born, 12);
    let pupils = |how: &str, note: &str| {
        let head = [
            "姓名",
            "性别",
            "身份证号",
            "学校名称",
            "年级",
            "班级",
            "就读方式",
            "学籍状态",
            "学年",
            "备注",
        ];
        let id = id.reveal();
        let row = [
            "测甲子",
            "女",
            id,
            "青石镇中心小学",
            "四年级",
            "1班",
            how,
            "在读",
            "2024-2025学年",
            note,
        ];
        workbook("学籍", &[head, row])
    };
    let poor = [
        ["户编号", "姓名", "身份证号", "与户主关系", "户类型", "乡镇", "村"],
        ["6199260001", "测甲子", id.reveal(), "之女", "脱贫户", "青石镇", "金庙沟村"],
    ];
    let paid = [
        ["姓名", "身份证号", "学校", "资助项目", "学期", "发放金额", "发放日期", "发放状态"],
        [
            "测甲子",
            id.reveal(),
            "青石镇中心小学",
            "寄宿生生活补助",
            "2024秋",
            "625.00",
            "2024-12-20",
            "已发放",
        ],
    ];
    fs::write(input.join("学籍.xlsx"), pupils("住校", "")).expect("writable");
    fs::write(input.join("脱贫户.xlsx"), workbook("脱贫户", &poor)).expect("writable");
    fs::write(input.join("资助发放.xlsx"), workbook("发放", &paid)).expect("writable");
    let out = at.join("out");
    let run = |term: &str| {
        let mut command = fujiao(["run"]);
        command.arg(&input).arg("--out").arg(&out).args(["--as-of", term, "--json"]);
        ran(&mut command);
        summary(&out)
    };
    let first = run("2025-01-20");
    assert_eq!(first["differences"], 0, "{first}");
    assert!(!out.join("differences.csv").exists());
    let aid = |s: &Value, kind: &str| {
        let areas = s["areas"].as_array().expect("a list").clone();
        areas.into_iter().find(|a| a["kind"] == kind).map(|a| (a["due"].clone(), a["done"].clone()))
    };
    let whole = Some((Value::from(62_500), Value::from(62_500)));
    assert_eq!(aid(&first, "comp.living.boarder"), whole, "{first}");

    fs::write(input.join("学籍.xlsx"), pupils("走读", "")).expect("writable");
    let later = run("2025-01-20");
    assert_eq!(later["differences"], 2, "{later}");
    assert_eq!(aid(&later, "comp.living.boarder"), whole, "what was paid on stands");
    let told = fs::read_to_string(out.join("differences.csv")).expect("it is written");
    assert!(told.contains("625.00,0.00,元") && told.contains("寄宿"), "{told}");
    assert!(told.contains("0.00,312.50,元"), "the allowance of a day pupil gives way: {told}");
    assert!(!told.contains(id.reveal()), "ids are masked: {told}");
    assert_eq!(aid(&later, "comp.living.day"), None, "no money moves twice: {later}");

    fs::write(input.join("学籍.xlsx"), pupils("住校", "改回")).expect("writable");
    let again = run("2025-01-20");
    assert_eq!(again["differences"], 0, "put right again, nothing differs: {again}");
    assert!(!out.join("differences.csv").exists(), "nothing of yesterday is left to be read");
    succeed(fujiao(["verify"]).arg(&out));
}
