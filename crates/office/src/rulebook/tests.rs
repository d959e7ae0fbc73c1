use std::path::Path;

use jiff::civil::date;

use super::*;

const HEAD: &str = "scope = \"county\"\ntitle = \"试\"\n";

/// The faults of what lies beside the books, with paths below the folder.
fn faults(files: &[(&str, String)]) -> String {
    let folder = tempfile::tempdir().expect("a folder");
    put(folder.path(), files);
    let Err(error) = Rulebook::read(folder.path()) else { panic!("it was read") };
    let root = format!("{}/", folder.path().display());
    error.to_string().replace(&root, "")
}

fn put(folder: &Path, files: &[(&str, String)]) {
    for (name, text) in files {
        let path = folder.join(name);
        fs::create_dir_all(path.parent().expect("a folder")).expect("it is made");
        fs::write(path, text).expect("it is written");
    }
}

fn read(files: &[(&str, String)]) -> Rulebook {
    let folder = tempfile::tempdir().expect("a folder");
    put(folder.path(), files);
    Rulebook::read(folder.path()).unwrap_or_else(|e| panic!("{e}"))
}

fn school(entries: &str) -> String {
    format!("engine = \"school\"\n{HEAD}{entries}")
}

const CORNER: &str = "[[standard]]
key = \"own.corner\"
title = \"图书角\"
title_en = \"Reading corners\"
item = \"图书角\"
unit = \"piece\"
bearer = \"县教育局\"
due = \"school_year\"
rows = [{ from = \"2024\", per = { classes = 1 }, basis = \"县教发〔2024〕1号第二条\", mark = \"V*\" }]
";

#[test]
fn every_fault_of_every_file_is_said_at_once() {
    let standard = |from: &str, to: &str| {
        assert!(CORNER.contains(from), "{from}");
        school(&CORNER.replace(from, to))
    };
    let pairing = pair::Rules::BUILTIN.replacen("cap = ", "cap = 99", 1);
    insta::assert_snapshot!(faults(&[
        ("policies/a.toml", standard("县教发〔2024〕1号第二条", " ") + "[[cost]]\nstandard = \"own.corner\"\nrows = []\n"),
        ("policies/b.toml", standard("unit = \"piece\"", "unit = \"亩\"") + "[[cost]]\nstandard = \"own.corners\"\nrows = []\n"),
        ("policies/c.toml", standard("bearer", "barer")),
        ("policies/d.toml", "engine = \"school\"\nkey = = 1".to_owned()),
        ("policies/grants.toml", format!("{HEAD}[[programme]]\nkey = \"x y\"\n")),
        ("policies/labour.toml", Labour::BUILTIN.replacen("months = [3, 6, 12]", "months = [6, 3]", 1).replacen("least_percent = 80", "least_percent = 180", 1)),
        ("policies/own/pairing.toml", pairing),
        ("policies/messages.toml", format!("engine = \"watch\"\nbasis = \"\"\nmark = \"U\"\nsms_length = 0\nmessage = []\n{HEAD}")),
        ("policies/warning.toml", format!("engine = \"watch\"\n{HEAD}")),
        ("policies/other.toml", format!("{HEAD}engine = \"plan\"\n")),
        ("policies/town/points.toml", points::Rules::BUILTIN.to_owned()),
        ("policies/points.toml", points::Rules::BUILTIN.to_owned()),
        ("policies/foods.toml", school("").replace("county", "here")),
        ("cases.toml", "rise_days = 5\n".to_owned()),
    ]), @r#"
    cases.toml:1：缺 engine；补上
    policies/a.toml:5：own.corner：没有写依据 basis；每一条标准写明出处
    policies/b.toml:5：own.corner：没有单位“亩”；有 ㎡（m2）、个（piece）、人（person）、次（times）、是否（yes）、元（yuan）、兆（mbps）、升（litre）、米（m）、册（volume）
    policies/b.toml:14：own.corners：有造价，没有这条标准；核对 standard，或先写 [[standard]]
    policies/c.toml:10：没有“barer”这一项；可以写 key、title、title_en、item、unit、line、sense、tally、bearer、due、who、rows
    policies/d.toml:2：不是合规的 TOML：extra `=`, expected nothing；改正写法
    policies/foods.toml:2：“here”不是适用范围；写 scope = "CN"、省代码 "610000"、县代码或 "county"
    policies/grants.toml:3:1：x y 没有数额；补上 [[programme.amount]]，或用 off 说明为什么关着
    policies/grants.toml:3:1：x y 缺 area；补上 area = "…"
    policies/grants.toml:3:1：x y 缺 bearer；补上 bearer
    policies/grants.toml:3:1：x y 缺 due；补上 due
    policies/grants.toml:3:1：x y 缺 frame；补上 frame = "…"
    policies/grants.toml:3:1：x y 缺 rhythm；补上 rhythm = "…"
    policies/grants.toml:3:1：x y 缺 title；补上 title
    policies/grants.toml:3:1：x y 缺 unit；补上 unit = "…"
    policies/grants.toml:3:1：x y 缺 who；补上 who
    policies/labour.toml：placement 的 months 由小到大，至少一个
    policies/labour.toml：training 的 least_percent 不超过 100
    policies/messages.toml：没有写明依据 basis；补上出处
    policies/messages.toml：至少写一条 [[message]]；sms_length 不小于 1
    policies/other.toml:3：没有引擎“plan”；写 school、labour、watch、ledger，发给人的项目不写 engine
    policies/own/pairing.toml:43：teacher：一人带几个孩子（cap）在 1 到 100 之间
    policies/town/points.toml：和 policies/points.toml 说的是同一件事（离校早期预警）；留一个文件
    policies/warning.toml:1：引擎 watch 按文件名认；改名为 cases.toml、pairing.toml、points.toml、screening.toml、lines.toml、messages.toml 之一
    规则有 24 处要改，改好再来
    "#);
}

#[test]
fn what_a_county_writes_lies_over_what_comes_with_the_program() {
    let builtin = Rulebook::builtin();
    let day = date(2025, 9, 10);
    let cases =
        format!("engine = \"watch\"\n{HEAD}basis = \"县定\"\nmark = \"U\"\nrise_days = 5\n");
    let rules = read(&[
        ("policies/school.toml", school(CORNER)),
        ("policies/terms.toml", school("[[term]]\nfrom = \"2025-08-30\"\nto = \"2026-01-16\"\n")),
        (
            "policies/labour.toml",
            Labour::BUILTIN.replacen("months = [3, 6, 12]", "months = [1]", 1),
        ),
        ("cases.toml", cases.clone()),
        (
            "pairing.toml",
            pair::Rules::BUILTIN.replacen("measure_days = 90", "measure_days = 60", 1),
        ),
    ]);
    // Standards are laid over by key: all others are still there.
    assert_eq!(rules.norms.standards.len(), builtin.norms.standards.len() + 1);
    assert_eq!(rules.titles.title("own.corner").zh, "图书角");
    // A term takes the place of the one that it overlaps, though it begins in August.
    let terms = |rules: &Rulebook| rules.norms.terms.len();
    assert_eq!(terms(&rules), terms(&builtin));
    assert!(rules.norms.terms.iter().all(|(from, _)| *from != date(2025, 9, 1)));
    // A file of labour takes the place of the whole one.
    assert_eq!(rules.labour.placement(day).map(|row| row.months.clone()), Some(vec![1]));
    // Chiefs are those of the nation, days the county's.
    assert_eq!((rules.cases.rise_days, builtin.cases.rise_days), (5, 3));
    assert_eq!(rules.cases.roles(), builtin.cases.roles());
    assert_eq!(rules.pairing.measure_days, 60);
    assert_eq!(rules.own.len(), 5);
    // The folder lies over what lies beside it, and whatever is written changes the hash.
    let again =
        read(&[("policies/cases.toml", cases.replace("= 5", "= 7")), ("cases.toml", cases)]);
    assert_eq!(again.cases.rise_days, 7);
    let mut hashes = vec![rules.hash(), again.hash(), builtin.hash()];
    hashes.dedup();
    assert_eq!(hashes.len(), 3);
    assert_eq!(read(&[]).hash(), builtin.hash());
}

#[test]
fn the_folder_of_the_program_is_read_by_the_same_door() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../policies");
    let rules = Rulebook::load(Some(&folder), None).unwrap_or_else(|e| panic!("{e}"));
    let builtin = Rulebook::builtin();
    assert_eq!(rules.policies.programmes().len(), builtin.policies.programmes().len());
    assert_eq!(
        (&rules.norms, &rules.labour, &rules.loans),
        (&builtin.norms, &builtin.labour, &builtin.loans)
    );
    // Shaanxi's seven chiefs are a file of a province, which is laid over the nation's.
    assert_ne!(rules.cases.roles(), builtin.cases.roles());
}

#[test]
fn the_tables_for_people_name_every_file() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    for page in ["policies/README.md", "docs/handbook/policies.md"] {
        let text = fs::read_to_string(root.join(page)).expect("a page");
        for (room, engine, name, title) in ROOMS {
            let line = text
                .lines()
                .find(|line| line.contains(title) && line.contains(&format!("`{engine}`")));
            let line = line.unwrap_or_else(|| panic!("{page}: {title}"));
            assert!(name.is_empty() || line.contains(&format!("`{name}.toml`")), "{page}: {line}");
            let how = if room.is_laid_over() { "盖" } else { "整个换掉" };
            assert!(line.contains(how), "{page}: {line}");
        }
    }
}
