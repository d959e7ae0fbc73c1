//! What the outside sees: files in, answers out.

use std::fmt::Write as _;

use fujiao_model::{Period, Term};
use fujiao_policy::{
    COLUMNS, ColumnType, Entitlement, Explainer, Frame, FrameKind, PolicyFile, PolicySet, Reason,
    assess, assess_programme, column,
};
use jiff::civil::{Date, date};
use proptest::prelude::*;

const AS_OF: Date = date(2025, 10, 15);

fn term(text: &str) -> Period {
    Period::Term(text.parse().expect("a term"))
}

fn faults(files: &[(&str, &str)]) -> String {
    let files: Vec<PolicyFile<'_>> =
        files.iter().map(|(path, text)| PolicyFile { path, text }).collect();
    match PolicySet::load(&files) {
        Ok(_) => "none".to_owned(),
        Err(faults) => faults.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"),
    }
}

#[test]
fn built_in_files_load() {
    if let Err(faults) = PolicySet::load(PolicySet::BUILTIN) {
        panic!("{}", faults.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"));
    }
}

#[test]
fn examples_beside_the_rules_hold() {
    let set = PolicySet::builtin();
    let failures: Vec<String> = set.run_examples().iter().map(ToString::to_string).collect();
    assert!(failures.is_empty(), "{}", failures.join("\n"));
    let rows: usize = set.examples().iter().map(|e| e.rows.len()).sum();
    assert!(rows > 80, "{rows} examples");
}

#[test]
fn an_example_that_does_not_hold_is_told() {
    let mut files = PolicySet::BUILTIN.to_vec();
    let wrong = "scope = \"611026\"\n[[example]]\nprogramme = \"hs.grant\"\nperiod = \"2024A\"\n\
                 columns = [\"stage\", \"lifted\"]\nrows = [\"senior yes → 1,400.00\", \"senior → 1.00\"]\n";
    files.push(PolicyFile { path: "policies/611026/x.toml", text: wrong });
    let failures = PolicySet::load(&files).unwrap().run_examples();
    let told: Vec<String> = failures.iter().map(ToString::to_string).collect();
    insta::assert_snapshot!(told.join("\n"), @r"
    policies/611026/x.toml：hs.grant 的例子“senior yes → 1,400.00”，规则得出 1,250.00
    policies/611026/x.toml：hs.grant 的例子“senior → 1.00”，规则得出 给了 1 个值，列有 2 个
    ");
}

/// Pupils who are entitled to one thing each, by programme.
fn golden_pupils() -> Vec<(&'static str, &'static str, Frame)> {
    let pupil = |flags: &[&str], codes: &[(&str, &str)], year: i64| {
        let mut f = Frame::new(FrameKind::Pupil, 1);
        for c in COLUMNS.iter().filter(|c| c.frames.contains(&FrameKind::Pupil)) {
            if matches!(c.column_type, ColumnType::Flag) {
                f.set_flags(c.name, [Some(flags.contains(&c.name))]).expect("a pupil column");
            }
        }
        f.set_rest_no();
        f.set_ints("grade_year", [Some(year)]).expect("a pupil column");
        for (name, code) in codes {
            f.set_codes(name, [Some(*code)]).expect("a pupil column");
        }
        f
    };
    let at = |stage: &'static str| [("stage", stage)];
    vec![
        ("pre.living", "学前 低保边缘", pupil(&["dibao_edge"], &at("preschool"), 2)),
        ("comp.living.boarder", "小学 寄宿", pupil(&["lifted", "boards"], &at("primary"), 4)),
        ("comp.living.boarder", "初中 寄宿", pupil(&["rigid_expense", "boards"], &at("junior"), 1)),
        ("comp.living.day", "小学 走读", pupil(&["lifted"], &at("primary"), 4)),
        ("comp.living.day", "初中 走读", pupil(&["monitored"], &at("junior"), 1)),
        ("hs.grant", "一般", pupil(&["dibao_edge"], &at("senior"), 1)),
        ("hs.grant", "特别", pupil(&["dibao_urban"], &at("senior"), 1)),
        (
            "hs.waive",
            "省标",
            pupil(&[], &[("stage", "senior"), ("school_standard", "省级标准化")], 1),
        ),
        ("hs.waive", "城市", pupil(&[], &[("stage", "senior"), ("school_standard", "城市")], 1)),
        ("hs.waive", "农村", pupil(&[], &[("stage", "senior"), ("school_standard", "农村")], 1)),
        ("voc.grant", "一般 一年级", pupil(&["rigid_expense"], &at("vocational"), 1)),
        ("voc.grant", "特别 三年级", pupil(&["orphan"], &at("vocational"), 3)),
        ("yulu.voc", "中职 脱贫户", pupil(&["lifted"], &at("vocational"), 3)),
        ("entry.travel", "省内", pupil(&["orphan", "in_province"], &at("higher"), 1)),
        ("entry.travel", "省外", pupil(&["orphan"], &at("higher"), 1)),
    ]
}

#[test]
fn amounts_by_term() {
    let set = PolicySet::builtin();
    let mut table = String::new();
    for (key, who, frame) in golden_pupils() {
        let mut last = String::new();
        let mut line = String::new();
        let mut term: Term = "2015S".parse().unwrap();
        while term <= "2026S".parse().unwrap() {
            let result = assess_programme(&set, key, &frame, Period::Term(term), AS_OF).unwrap();
            let now = match result.entitlement(0) {
                Entitlement::Due(fen) => fen.to_string(),
                Entitlement::NotDue(Reason::NotInForce) => "-".to_owned(),
                Entitlement::NotDue(_) => "no".to_owned(),
                Entitlement::Ask(c) => format!("?{}", column(c).name),
            };
            // `once in autumn` would write every other term.
            if now != last && key != "entry.travel" {
                let _ = write!(line, " {term}:{now}");
                last.clone_from(&now);
            } else if key == "entry.travel"
                && matches!(term.to_string().as_str(), "2015S" | "2015A" | "2025A")
            {
                let _ = write!(line, " {term}:{now}");
            }
            term = term.next();
        }
        let _ = writeln!(table, "{key} {who}{line}");
    }
    insta::assert_snapshot!(table, @r"
    pre.living 学前 低保边缘 2015S:37500
    comp.living.boarder 小学 寄宿 2015S:50000 2024S:62500
    comp.living.boarder 初中 寄宿 2015S:62500 2024S:75000
    comp.living.day 小学 走读 2015S:- 2019A:25000 2024S:31250
    comp.living.day 初中 走读 2015S:- 2019A:31250 2024S:37500
    hs.grant 一般 2015S:75000 2025S:90000
    hs.grant 特别 2015S:125000 2025S:140000
    hs.waive 省标 2015S:- 2016A:80000
    hs.waive 城市 2015S:- 2016A:35000
    hs.waive 农村 2015S:- 2016A:20000
    voc.grant 一般 一年级 2015S:100000 2025S:90000
    voc.grant 特别 三年级 2015S:no 2025S:140000
    yulu.voc 中职 脱贫户 2015S:- 2015A:150000 2026S:-
    entry.travel 省内 2015S:- 2015A:50000 2025A:50000
    entry.travel 省外 2015S:- 2015A:100000 2025A:100000
    ");
}

#[test]
fn lists_open_and_fall_due_as_the_rules_say() {
    let set = PolicySet::builtin();
    let frame = Frame::new(FrameKind::Pupil, 0);
    let day = |key: &str, period: Period| {
        let r = assess_programme(&set, key, &frame, period, AS_OF).unwrap();
        let due = set.programme(key).unwrap().due_on.day(period, AS_OF).unwrap();
        (r.opens_on.to_string(), due.to_string())
    };
    assert_eq!(day("hs.grant", term("2024A")), ("2024-11-01".into(), "2024-12-31".into()));
    assert_eq!(day("hs.grant", term("2025S")), ("2025-04-01".into(), "2025-06-30".into()));
    assert_eq!(
        day("nutrition.meal", Period::Month(2025, 9)),
        ("2025-10-01".into(), "2025-09-30".into())
    );
    assert_eq!(
        day("pair.mentor", Period::SchoolYear(2025)),
        ("2025-09-01".into(), "2025-10-31".into())
    );
    let mut trainees = Frame::new(FrameKind::Trainee, 2);
    trainees.set_codes("course_kind", [Some("就业创业"), Some("其他")]).unwrap();
    trainees.set_flags("completed", [Some(true), Some(true)]).unwrap();
    trainees.set_ints("days_since_end", [Some(45), Some(45)]).unwrap();
    trainees.set_dates("trained_to", [Some(date(2025, 8, 31)), None]).unwrap();
    let jobs = &assess(&set, &trainees, Period::Once, AS_OF).unwrap()[0];
    assert_eq!(jobs.due().collect::<Vec<_>>(), [(0, 1)]);
    assert_eq!(jobs.due_on(0), date(2026, 2, 28));
}

#[test]
fn a_standard_gives_need_and_stock() {
    let set = PolicySet::builtin();
    let mut schools = Frame::new(FrameKind::School, 1);
    for (name, value) in [
        ("pupils", 300),
        ("pupils_primary", 300),
        ("pupils_junior", 0),
        ("pupils_senior", 0),
        ("boarders", 40),
        ("diners", 250),
        ("classes", 7),
        ("teaching_area", 1_200_500),
        ("sports_area", 2_000_000),
        ("building_area", 1_900_000),
        ("desks", 280),
        ("dorm_beds", 40),
        ("canteen_staff", 2),
        ("guards", 2),
        ("multimedia_rooms", 7),
        ("equipment_value", 50_000_000),
        ("dangerous_area", 120_000),
        ("staff_in_quota", 14),
        ("posts_by_norm", 1_578),
    ] {
        schools.set_ints(name, [Some(value)]).unwrap();
    }
    schools.set_flags("rural_school", [Some(true)]).unwrap();
    let results = assess(&set, &schools, Period::SchoolYear(2025), AS_OF).unwrap();
    let mut shown = String::new();
    for r in &results {
        let p = &set.programmes()[r.programme];
        for (row, need) in r.due() {
            let have = r.have(row).map_or("?".to_owned(), |h| p.unit.show(h));
            let _ = writeln!(
                shown,
                "{} 需 {} 有 {have} {}",
                p.title,
                p.unit.show(need),
                p.unit.chinese()
            );
        }
    }
    insta::assert_snapshot!(shown, @r"
    寄宿生床位 需 40 有 40 个
    农村小学生均校舍建筑面积 需 1,833.00 有 1,900.00 ㎡
    食堂从业人员 需 3 有 2 名
    D级危房 需 120.00 有 0.00 ㎡
    课桌椅 需 300 有 280 个
    生均教学仪器设备值 需 600,000.00 有 500,000.00 元
    学校保安 需 2 有 2 名
    多媒体教室 需 7 有 7 个
    生均体育运动场馆面积 需 2,250.00 有 2,000.00 ㎡
    生均教学及辅助用房面积 需 1,350.00 有 1,200.50 ㎡
    教职工编制 需 15.78 有 14.00 岗
    ");
}

#[test]
fn every_answer_is_one_sentence() {
    let set = PolicySet::builtin();
    let mut frame = Frame::new(FrameKind::Pupil, 5);
    for c in COLUMNS.iter().filter(|c| c.frames.contains(&FrameKind::Pupil)) {
        if matches!(c.column_type, ColumnType::Flag) {
            frame.set_flags(c.name, [Some(false); 5]).unwrap();
        }
    }
    let yes = |rows: [u8; 5]| {
        rows.map(|r| match r {
            0 => Some(false),
            1 => Some(true),
            _ => None,
        })
    };
    frame.set_codes("stage", ["junior", "junior", "senior", "junior", "junior"].map(Some)).unwrap();
    frame.set_flags("boards", yes([1, 0, 1, 1, 1])).unwrap();
    frame.set_flags("lifted", yes([1, 1, 1, 0, 2])).unwrap();
    frame.set_flags("disabled", yes([1, 0, 0, 0, 0])).unwrap();
    frame.set_rest_no();
    let result =
        assess_programme(&set, "comp.living.boarder", &frame, term("2024A"), AS_OF).unwrap();
    let mut explainer = Explainer::new(&set, &frame, &result, AS_OF);
    let told: Vec<String> =
        (0..5).map(|row| explainer.sentence(row, result.entitlement(row)).to_string()).collect();
    insta::assert_snapshot!(told.join("\n"), @r"
    应750.00元：义务教育阶段（初中），寄宿，家庭经济困难（脱贫户、残疾）（财政部、教育部2024年通知：从2024年春季学期起初中每生每年1500元）
    不寄宿
    普高，不属于义务教育阶段
    不属于家庭经济困难
    待核：脱贫户没有登记，会影响结论
    ");
    assert_eq!(&*explainer.why(0).rule, "comp.living.boarder@2024S");
}

#[test]
fn every_fault_is_told_at_once_with_its_place() {
    let text = r#"scope = "CN"
[sets.pupil]
poor = { is = "lifted || dibao_rurl", zh = "贫困" }
loop_a = { is = "loop_b", zh = "甲" }
loop_b = { is = "!loop_a", zh = "乙" }

[[programme]]
key = "x.one"
title = "一"
aera = "aid"
area = "aids"
frame = "pupil"
who = "stage == 'primry' && boards = true"
rhythm = "term"
unit = "fen"
due = { autumn = "12-32", spring = "06-30" }
bearer = "{vilage}村委会"
excludes = ["x.too"]
[[programme.amount]]
from = "2015X"
value = 100
basis = "某文件"
mark = "V"

[[programme]]
key = "x.two"
title = "二"
area = "aid"
frame = "pupil"
who = "stage == 'primry' && borads && grade_year && has(stge) && poor"
rhythm = "term"
unit = "fen"
due = { on = "12-31" }
bearer = "县教育局"
[[programme.amount]]
from = "2015S"
to = "2016S"
value = 100
basis = "某文件"
mark = "V"
[[programme.amount]]
from = "2016S"
to = "2017S"
value = 0
basis = " "
mark = "X"
[[programme.amount]]
from = "2018S"
value = "boards + 1"
basis = "某文件"
mark = "V"
"#;
    insta::assert_snapshot!(faults(&[("a.toml", text), ("b.toml", "scope = \n[[programme]\n")]), @r#"
    a.toml:3:26：学生没有叫 dibao_rurl 的列或集合；最接近的是 dibao_rural
    a.toml:4:18：集合 loop_a 绕回了自己；断开这个圈
    a.toml:10:1：没有叫 aera 的项；最接近的是 area
    a.toml:11:9：area 没有“aids”；最接近的是 aid
    a.toml:13:36：单个“=”不是比较；相等写成 ==
    a.toml:16:19：“12-32”不是月日；写成 12-31
    a.toml:17:11：责任人里有不认识的占位；只用 {town} 和 {school}
    a.toml:18:14：没有叫 x.too 的项目；最接近的是 x.two
    a.toml:20:9：“2015X”不是学期、月份或日期；写成 2024S、2024A、2024-09 或 2024-09-01
    a.toml:30:17：stage 没有“primry”这个值；最接近的是 'primary'
    a.toml:30:29：学生没有叫 borads 的列或集合；最接近的是 boards
    a.toml:30:39：这里应是是/否，却是整数；加上比较，例如 == 或 >=
    a.toml:30:57：学生没有叫 stge 的列或集合；最接近的是 stage
    a.toml:44:9：数额应大于 0；不发就不写这一行，或把项目关掉
    a.toml:45:10：依据是空的；写上文件名和文号
    a.toml:46:9：没有叫 X 的可信度；用 V*、V、K、U
    a.toml:47:1：2016-08-31 之后到 2018-02-01 之前没有规定；改起止日期，或补一行
    a.toml:49:17：是/否与整数不能这样运算；只有整数能加减乘除；日期可加减天数，两个日期可相减
    b.toml:1:9：不是合规的 TOML：string values must be quoted, expected literal string；改正写法
    b.toml:1:9：没说明适用范围；写 scope = "CN"、省代码 "610000"、县代码或 "county"
    b.toml:2:1：缺 key；补上 key = …
    b.toml:2:13：不是合规的 TOML：unclosed array table, expected `]`；改正写法
    "#);
}

#[test]
fn overlays_say_what_they_do() {
    let base = r#"scope = "CN"
[[programme]]
key = "p"
title = "补助"
area = "aid"
frame = "pupil"
who = "lifted"
rhythm = "term"
unit = "fen"
due = { on = "12-31" }
bearer = "县学生资助中心"
[[programme.amount]]
from = "2015S"
value = 500
basis = "国家"
mark = "V"
"#;
    let overlay = |how: &str, rest: &str| {
        format!("scope = \"610000\"\n[[programme]]\nkey = \"p\"\n{how}{rest}")
    };
    let row = "[[programme.amount]]\nfrom = \"2020S\"\nto = \"2020A\"\nvalue = 700\nbasis = \"省\"\nmark = \"V\"\n";
    let low = row.replace("700", "300");
    let amounts = |overlay: &str| {
        let set = PolicySet::load(&[
            PolicyFile { path: "cn.toml", text: base },
            PolicyFile { path: "sx.toml", text: overlay },
        ])
        .map_err(|f| f[0].to_string())?;
        let mut frame = Frame::new(FrameKind::Pupil, 1);
        frame.set_flags("lifted", [Some(true)]).unwrap();
        Ok::<_, String>(["2019A", "2020A", "2021S"].map(|t| {
            assess_programme(&set, "p", &frame, term(t), AS_OF).unwrap().due().next().map(|d| d.1)
        }))
    };
    let raise = "overlay = \"raise\"\n";
    let replace = "overlay = \"replace\"\n";
    assert_eq!(amounts(&overlay(raise, row)), Ok([Some(500), Some(700), Some(500)]));
    assert_eq!(amounts(&overlay(raise, &low)), Ok([Some(500), Some(500), Some(500)]));
    assert_eq!(amounts(&overlay(replace, row)), Ok([None, Some(700), None]));
    assert_eq!(amounts(&overlay(replace, "off = \"停\"\n")), Ok([Some(500), Some(500), Some(500)]));
    assert_eq!(
        amounts(&overlay("", row)),
        Err("sx.toml:2:1：p 已经有了；说明 overlay = \"replace\" 或 \"raise\"，或换一个 key".into())
    );
    assert_eq!(
        amounts(&overlay("overlay = \"add\"\n", row)),
        Err("sx.toml:4:12：p 已经有了；改用 overlay = \"replace\" 或 \"raise\"".into())
    );
}

#[test]
fn parameters_and_lists_are_read_by_name_and_day() {
    let set = PolicySet::builtin();
    assert_eq!(set.number("school_age_to", AS_OF), Some(14));
    assert_eq!(set.number("voc_grant_last_year", date(2024, 12, 31)), Some(2));
    assert_eq!(set.number("voc_grant_last_year", AS_OF), Some(3));
    assert_eq!(set.number("voc_grant_last_year", date(2012, 1, 1)), None);
    assert_eq!(set.list("chiefs", AS_OF).len(), 7, "Shaanxi has seven chiefs");
    assert!(set.list("contact_kinds", AS_OF).iter().any(|k| &**k == "家访"));
    assert!(set.list("nothing", AS_OF).is_empty());
    let meal = set.programme("nutrition.meal").unwrap();
    assert_eq!(meal.price_on(date(2014, 10, 1)), Some(300));
    assert_eq!(meal.price_on(date(2025, 9, 1)), Some(500));
}

#[test]
fn what_is_off_says_why_and_makes_no_duty() {
    let set = PolicySet::builtin();
    for p in set.programmes().iter().filter(|p| !p.is_on()) {
        assert!(p.off.as_ref().is_some_and(|o| o.chars().count() > 10), "{}", p.key);
    }
    let frame = Frame::new(FrameKind::Pupil, 3);
    let keys: Vec<String> = assess(&set, &frame, term("2024A"), AS_OF)
        .unwrap()
        .iter()
        .map(|r| r.key.to_string())
        .collect();
    insta::assert_snapshot!(keys.join(" "), @"comp.living.boarder comp.living.day entry.travel hs.grant hs.waive nutrition.meal pre.fee_waiver pre.living voc.grant voc.waive yulu.voc");
}

/// A pupil frame by bytes: for each flag 0 no, 1 yes, else unknown; then stage, standard, grade year and days.
fn frame_of(rows: &[Vec<u8>]) -> Frame {
    let mut frame = Frame::new(FrameKind::Pupil, rows.len());
    let pupil = COLUMNS.iter().filter(|c| c.frames.contains(&FrameKind::Pupil));
    for (i, c) in pupil.enumerate() {
        let cell = |row: &Vec<u8>| row[i % row.len()];
        match c.column_type {
            ColumnType::Flag => {
                let values = rows.iter().map(|r| match cell(r) % 4 {
                    0 => Some(false),
                    1 => Some(true),
                    _ => None,
                });
                frame.set_flags(c.name, values).expect("a pupil column");
            }
            ColumnType::Int => {
                let values = rows.iter().map(|r| (cell(r) < 200).then(|| i64::from(cell(r) % 5)));
                frame.set_ints(c.name, values).expect("a pupil column");
            }
            ColumnType::Date => {}
            ColumnType::Code(_) | ColumnType::Text(_) => {
                let codes = c.column_type.values();
                let values = rows
                    .iter()
                    .map(|r| (cell(r) < 200).then(|| codes[usize::from(cell(r)) % codes.len()].0));
                frame.set_codes(c.name, values).expect("a pupil column");
            }
        }
    }
    frame
}

/// The byte that makes a cell unknown, for every type.
const UNKNOWN: u8 = 254;

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    // Each row is told, then again with some facts taken away: what was settled with fewer facts stands with more.
    #[test]
    fn a_settled_answer_survives_new_facts(
        rows in prop::collection::vec((prop::collection::vec(0..200_u8, 40), prop::collection::vec(any::<bool>(), 40)), 1..80),
        at in 0..24_usize,
    ) {
        let set = PolicySet::builtin();
        let full: Vec<Vec<u8>> = rows
            .iter()
            .map(|(cells, _)| cells.iter().map(|c| c - c % 4 + c % 2).collect())
            .collect();
        let thin: Vec<Vec<u8>> = full
            .iter()
            .zip(&rows)
            .map(|(cells, (_, kept))| {
                cells.iter().zip(kept).map(|(c, kept)| if *kept { *c } else { UNKNOWN }).collect()
            })
            .collect();
        let mut period: Term = "2015S".parse().unwrap();
        for _ in 0..at {
            period = period.next();
        }
        for period in [Period::Term(period), Period::Month(2020 + i16::try_from(at % 6).unwrap(), 9), Period::SchoolYear(2025)] {
            let (full, thin) = (frame_of(&full), frame_of(&thin));
            let all = assess(&set, &full, period, AS_OF).unwrap();
            for (more, fewer) in all.iter().zip(assess(&set, &thin, period, AS_OF).unwrap()) {
                for row in 0..rows.len() {
                    match (fewer.entitlement(row), more.entitlement(row)) {
                        (Entitlement::Ask(c), _) => prop_assert!(!thin.is_known(c, row)),
                        (Entitlement::Due(a), Entitlement::Due(b)) => prop_assert_eq!(a, b),
                        (Entitlement::NotDue(_), Entitlement::NotDue(_)) => {}
                        (a, b) => prop_assert!(false, "{} row {row}: {a:?} became {b:?}", more.key),
                    }
                }
            }
        }
    }

    #[test]
    fn rows_do_not_know_their_neighbours(rows in prop::collection::vec(prop::collection::vec(any::<u8>(), 40), 1..200)) {
        let set = PolicySet::builtin();
        let together = assess(&set, &frame_of(&rows), term("2025S"), AS_OF).unwrap();
        for (i, row) in rows.iter().enumerate().step_by(7) {
            let alone = assess(&set, &frame_of(std::slice::from_ref(row)), term("2025S"), AS_OF).unwrap();
            for (a, t) in alone.iter().zip(&together) {
                prop_assert_eq!(a.entitlement(0), t.entitlement(i), "{}", a.key);
            }
        }
    }

    #[test]
    fn no_file_panics(text in "(?s).{0,200}", expression in "[a-z_ ()!&|<>=+*/?:\\[\\],.'0-9-]{0,80}") {
        let _ = PolicySet::load(&[PolicyFile { path: "x.toml", text: &text }]);
        let file = format!(
            "scope = \"CN\"\n[sets.pupil]\ns = {{ is = \"\"\"{expression}\"\"\", zh = \"集\" }}\n"
        );
        let _ = PolicySet::load(&[PolicyFile { path: "x.toml", text: &file }]);
    }

    // The built-in files with bytes cut out or put in: nearly right is harder than noise.
    #[test]
    fn no_damaged_file_panics(file in 0..6_usize, at in any::<prop::sample::Index>(), cut in 0..40_usize, put in "[ -~]{0,6}") {
        let mut files = PolicySet::BUILTIN.to_vec();
        let text: Vec<char> = files[file].text.chars().collect();
        let at = at.index(text.len());
        let mut damaged: String = text[..at].iter().collect();
        damaged.push_str(&put);
        damaged.extend(&text[(at + cut).min(text.len())..]);
        files[file].text = &damaged;
        if let Ok(set) = PolicySet::load(&files) {
            let _ = set.run_examples();
        }
    }
}

#[test]
fn deep_and_long_expressions_are_refused_not_followed() {
    let try_one = |is: &str| {
        let text = format!("scope = \"CN\"\n[sets.pupil]\ns = {{ is = \"{is}\", zh = \"集\" }}\n");
        faults(&[("x.toml", &text)])
    };
    let deep = format!("{}lifted{}", "(".repeat(2000), ")".repeat(2000));
    assert!(try_one(&deep).contains("嵌套超过"), "{}", try_one(&deep));
    assert!(try_one(&format!("{}lifted", "!".repeat(3000))).contains("嵌套超过"));
    assert!(try_one(&format!("{}1 > 0", "1+".repeat(1500))).contains("项"));
    assert!(try_one(&"lifted || ".repeat(2000)).contains("字节"));
    // What is compared with a truth stands twice: 40 of them are 2⁴⁰.
    let doubled = format!("{}lifted{}", "lifted == (".repeat(40), ")".repeat(40));
    assert!(try_one(&doubled).contains("太长"), "{}", try_one(&doubled));
    let mut sets =
        String::from("scope = \"CN\"\n[sets.pupil]\ns0 = { is = \"lifted\", zh = \"零\" }\n");
    for i in 1..14 {
        let _ = writeln!(
            sets,
            "s{i} = {{ is = \"{}\", zh = \"集\" }}",
            vec![format!("s{}", i - 1); 30].join(" || ")
        );
    }
    assert!(faults(&[("x.toml", &sets)]).contains("太长"));
}

/// A fund of 10 000.50 yuan that arrived on 2025-03-01, its last day not on file, against one condition.
fn fund_says(condition: &str) -> String {
    let text = format!(
        "scope = \"CN\"\n[[programme]]\nkey = \"f\"\ntitle = \"资金\"\narea = \"funds\"\nframe = \"fund\"\n\
         who = '''{condition}'''\nrhythm = \"once\"\nunit = \"fen\"\ndue = {{ column = \"spend_by\" }}\n\
         bearer = \"县教育局\"\n[[programme.amount]]\nfrom = \"2000\"\nvalue = \"amount\"\nbasis = \"某\"\nmark = \"V\"\n"
    );
    let set = match PolicySet::load(&[PolicyFile { path: "f.toml", text: &text }]) {
        Ok(set) => set,
        Err(faults) => {
            return format!("{}：{}；{}", faults[0].column, faults[0].reason, faults[0].remedy);
        }
    };
    let mut frame = Frame::new(FrameKind::Fund, 1);
    frame.set_ints("amount", [Some(1_000_050)]).expect("a fund column");
    frame.set_dates("arrived_on", [Some(date(2025, 3, 1))]).expect("a fund column");
    let result = assess_programme(&set, "f", &frame, Period::Once, AS_OF).expect("it is there");
    match result.entitlement(0) {
        Entitlement::Due(_) => "yes".to_owned(),
        Entitlement::NotDue(_) => "no".to_owned(),
        Entitlement::Ask(c) => format!("ask {}", column(c).name),
    }
}

#[test]
fn expressions_mean_what_cel_means() {
    let table = "\
        amount == 1_000_050 -> yes
        amount / 100 == 10000 -> yes
        amount % 100 == 50 && -amount < 0 -> yes
        1 + 2 * 3 == 7 && (1 + 2) * 3 == 9 && 7 - 2 - 1 == 4 -> yes
        5 < amount -> yes
        amount in [1, 1000050] -> yes
        amount in [] -> no
        max(1, amount, 3) == amount && min(1, amount) == 1 -> yes
        (amount > 5 ? 1 : 2) == 1 -> yes
        arrived_on < date('2025-03-02') && arrived_on + 30 == date('2025-03-31') -> yes
        date('2025-03-31') - arrived_on == 30 -> yes
        has(arrived_on) && !has(spend_by) -> yes
        has(spend_by) ? amount > 5 : amount < 5 -> no
        spend_by > arrived_on -> ask spend_by
        spend_by > arrived_on || amount > 5 -> yes
        spend_by > arrived_on && amount < 5 -> no
        !(spend_by > arrived_on) -> ask spend_by
        (spend_by > arrived_on ? 3 : 3) == 3 -> yes
        (spend_by - arrived_on) * 0 == 0 -> yes
        amount / (spend_by - arrived_on) > 1 -> ask spend_by
        (amount > 5) == (amount > 6) -> yes
        true != false -> yes
        9223372036854775807 + amount == 9223372036854775807 -> yes
        -(0 - 9223372036854775807 - 1) > 5 -> yes
        amount -> 10：这个表达式应得出是/否；核对比较和列的类型
        amount / 0 > 1 -> 19：除数是 0；换成不为 0 的数
        arrived_on > 5 -> 21：日期不能与整数比较；两边写成同一类值
        amuont > 5 -> 10：资金没有叫 amuont 的列或集合；最接近的是 amount
        amount > 5 amount -> 21：多出来的“amount”；用 && 或 || 连接，或删去
        amount > 5 &&  -> 24：这里应是列名、数字或括号，却是“表达式的结尾”；补上缺少的一项，或删去多余的运算符
        mix(amount, 1) > 5 -> 10：没有叫 mix 的函数；最接近的是 max
        amount ＞ 5 -> 17：看不懂的字符“＞”；只用 && || ! == != < <= > >= + - * / % ? : in ( ) [ ]，半角书写
        param.limit > 5 -> 10：没有叫 limit 的参数；在 [[parameter]] 里补上这个参数
        99999999999999999999 > 5 -> 10：数字 99999999999999999999 太大；改小，金额以分为单位";
    for line in table.lines() {
        let (condition, want) = line.trim_start().split_once(" -> ").expect("an arrow");
        assert_eq!(fund_says(condition), want, "{condition}");
    }
}
