//! Aid on the command line: a batch from who is owed to the line of the bank, a loan to its disbursement, and what several
//! departments give one student.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use fujiao_model::CitizenId;
use jiff::civil::date;
use serde_json::Value;

use crate::harness::{Ended, county, end, folder, fujiao, ran, run, summary};
use crate::served::copy_of_the_books;

/// A command over books, by somebody, on a day.
struct At<'a> {
    data: &'a Path,
    by: &'a str,
    day: &'a str,
}

impl At<'_> {
    fn end(&self, args: &[&str]) -> Ended {
        end(fujiao(args.iter().copied())
            .arg("--data")
            .arg(self.data)
            .args(["--by", self.by, "--day", self.day, "--json"]))
    }

    /// What it answers, if it ends with one of these codes.
    fn json(&self, args: &[&str], codes: &[i32]) -> Value {
        let ended = self.end(args);
        assert!(codes.contains(&ended.code.unwrap_or(-1)), "{args:?}\n{}", ended.said());
        serde_json::from_str(ended.stdout.lines().last().unwrap_or_default())
            .unwrap_or_else(|e| panic!("{args:?} {e}\n{}", ended.said()))
    }

    fn ok(&self, args: &[&str]) -> Value {
        self.json(args, &[0])
    }

    /// What it says when it refuses: the input needs a look.
    fn refused(&self, args: &[&str]) -> String {
        let ended = self.end(args);
        assert_eq!(ended.code, Some(1), "{args:?}\n{}", ended.said());
        ended.said()
    }
}

fn number(of: &Value, key: &str) -> i64 {
    of[key].as_i64().unwrap_or_else(|| panic!("no {key} in {of}"))
}

/// What a bank says of a file of ours: every line paid but those whose number, from 1, is in `back`.
fn answered(file: &Path, back: &[usize]) -> String {
    let text =
        String::from_utf8_lossy(&fs::read(file).expect("the file for the bank")).into_owned();
    let mut out = String::new();
    let mut lines = 0;
    for line in text.lines() {
        let cells: Vec<&str> = line.split('|').collect();
        match cells[0] {
            "H" => {
                out = format!(
                    "文件号：{}\n业务号,收款账号,金额,处理结果,失败原因,入账日期\n",
                    cells[1]
                );
            }
            "D" => {
                lines += 1;
                let (word, why) =
                    if back.contains(&lines) { ("失败", "户名不符") } else { ("成功", "") };
                let [account, holder, sum] = [cells[2], cells[3], cells[7]];
                writeln!(out, "{account},{holder},{sum},{word},{why},2025-11-04").expect("text");
            }
            _ => {}
        }
    }
    out
}

fn write(folder: &Path, name: &str, bytes: &[u8]) -> String {
    let path = folder.join(name);
    fs::write(&path, bytes).expect("a file of ours");
    path.display().to_string()
}

#[test]
#[expect(clippy::too_many_lines, reason = "one story, told in its order")]
fn a_batch_goes_from_open_to_close_on_the_command_line() {
    let data = copy_of_the_books("paying");
    let out = folder("paying-files");
    let at = |by, day| At { data: &data, by, day };
    let li = at("li", "2025-10-15");
    let opened = li.ok(&["aid", "open", "comp.living.boarder", "2025S"]);
    let batch = number(&opened, "batch").to_string();
    let people = number(&opened, "lines");
    assert!(people > 2, "{opened}");
    assert!(li.refused(&["aid", "publish", &batch]).contains("起草"), "no step is skipped");
    let checked = li.json(&["aid", "check", &batch, "--mend"], &[0, 1]);
    let total = number(&checked, "fen");
    let published = li.ok(&["aid", "publish", &batch]);
    assert_eq!(
        (&published["until"], number(&published, "working_days")),
        (&"2025-10-21".into(), 5)
    );
    let refused = at("wang", "2025-10-20").refused(&["aid", "approve", &batch]);
    assert!(refused.contains("公示到 2025-10-21 止") && refused.contains("资金"), "{refused}");
    let zhao = at("zhao", "2025-10-24");
    zhao.ok(&[
        "aid",
        "fund",
        "秋季资助资金",
        "3000000",
        "--document",
        "县财教〔2025〕1号",
        "--arrived",
        "2025-10-10",
    ]);
    let refused = at("li", "2025-10-23").refused(&["aid", "approve", &batch]);
    assert!(refused.contains("不能自己审批"), "{refused}");
    for (at_most, by) in ["wang", "chen", "sun"].into_iter().enumerate() {
        let approved = at(by, "2025-10-23").ok(&["aid", "approve", &batch, "--note", "同意"]);
        if !approved["released"].is_null() {
            assert_eq!(number(&approved["released"], "fen"), total);
            break;
        }
        assert!(at_most < 2, "{approved}");
    }
    let into = out.display().to_string();
    let export = ["aid", "export", &batch, "--out", &into];
    assert!(zhao.refused(&export).contains("付款账户"));
    zhao.ok(&["aid", "payer", "--name", "示例县学生资助管理中心", "--account", "2700000000000001"]);
    let first = zhao.ok(&export);
    let again = zhao.ok(&export);
    assert_eq!((&again["file"], &again["again"]), (&first["file"], &true.into()));
    let file = PathBuf::from(first["path"].as_str().expect("a path"));
    let sent = number(&first, "lines");
    let status = || li.ok(&["aid", "status", &batch]);
    let before = status();

    // What cannot be trusted is refused whole, with its reason, and nothing changes.
    let good = answered(&file, &[2]);
    let lines: Vec<&str> = good.lines().collect();
    let head = lines[..2].join("\n");
    let counted = good.replacen("文件号", &format!("总笔数：{sent}，文件号"), 1);
    let cut = &counted[..counted.trim_end().rfind('\n').expect("two lines") + 6];
    for (name, bytes, says) in [
        ("空.csv", Vec::new(), "空"),
        ("图.csv", vec![0xff, 0xd8, 0xff, 0xe0, 0, 0x10], "GB18030"),
        ("断.csv", cut.as_bytes().to_vec(), ""),
        ("重.csv", format!("{good}{}\n", lines[2]).into_bytes(), "业务号相同"),
        ("额.csv", good.replacen("文件号", "总金额：9.99，文件号", 1).into_bytes(), "9.99"),
    ] {
        let said = zhao.refused(&["aid", "reconcile", &write(&out, name, &bytes)]);
        assert!(said.contains("台账未变") && said.contains(says), "{name}: {said}");
        assert_eq!(status(), before, "{name}");
    }
    // In another order and in GB18030 it says the same.
    let mut turned = lines[2..].to_vec();
    turned.reverse();
    let turned = format!("{head}\n{}\n", turned.join("\n"));
    let (bytes, ..) = encoding_rs::GB18030.encode(&turned);
    let back = write(&out, "回盘.csv", &bytes);
    let told = zhao.ok(&["aid", "reconcile", &back]);
    assert_eq!((number(&told, "paid"), number(&told, "returned")), (sent - 1, 1));
    assert_eq!(zhao.ok(&["aid", "reconcile", &back])["again"], true);
    // Only what came back is sent again; what has no account is stopped with a reason.
    let second = zhao.ok(&export);
    assert_eq!(number(&second, "lines"), 1);
    let file = PathBuf::from(second["path"].as_str().expect("a path"));
    let back = write(&out, "回盘二.csv", answered(&file, &[]).as_bytes());
    zhao.ok(&["aid", "reconcile", &back]);
    let without = number(&second, "without_account");
    let closed = zhao.end(&["aid", "close", &batch]);
    if without > 0 {
        assert_eq!(closed.code, Some(1), "{}", closed.said());
        assert!(closed.said().contains("待发"), "{}", closed.said());
    } else {
        assert_eq!(closed.code, Some(0), "{}", closed.said());
        assert_eq!(status()["step"], "closed");
        zhao.ok(&["aid", "close-cycle", "comp.living.boarder", "2025S"]);
        let refused = li.refused(&["aid", "open", "comp.living.boarder", "2025S"]);
        assert!(refused.contains("关账") || refused.contains("没有差额"), "{refused}");
    }
    let after = status();
    assert_eq!(number(&after, "paid"), sent);
    let funds = li.ok(&["aid", "funds"]);
    let sum = |key: &str| -> i64 {
        funds["funds"].as_array().expect("funds").iter().map(|f| number(f, key)).sum()
    };
    assert_eq!(sum("fen"), sum("owed_fen") + sum("sent_fen") + sum("paid_fen") + sum("free_fen"));
    assert_eq!(sum("paid_fen"), number(&after, "paid_fen"));
    // The treasury's list is booked once.
    let first = zhao.ok(&["aid", "funds", "--from-rosters"]);
    assert!(first["funds"].as_array().expect("funds").len() > 1, "{first}");
    assert_eq!(zhao.ok(&["aid", "funds", "--from-rosters"])["funds"], first["funds"]);
    assert_eq!(end(fujiao(["verify"]).arg(&data)).code, Some(0));
}

/// The county's folder with a list of a department more.
fn with_departments(name: &str, id: &CitizenId) -> PathBuf {
    let to = folder(name);
    for file in crate::harness::files(county()) {
        let path = to.join(&file);
        fs::create_dir_all(path.parent().expect("a folder")).expect("a folder of ours");
        fs::copy(county().join(&file), path).expect("a copy");
    }
    let row = |unit: &str, title: &str, yuan: &str, on: &str| {
        format!(
            "试学子,{},示例大学,2025-2026学年,{unit},{title},{yuan},{on},6000,1200\n",
            id.reveal()
        )
    };
    let head = "姓名,身份证号,录取院校,资助学年,资助部门,资助项目,资助金额,发放日期,学费,住宿费\n";
    for (file, text) in [
        ("总工会/金秋助学.csv", row("县总工会", "金秋助学", "3000", "2025-08-28")),
        ("团县委/希望工程圆梦行动.csv", row("团县委", "希望工程圆梦行动", "5000", "2025-09-05")),
        ("残联/残疾大学生.csv", row("县残联", "残疾大学生助学", "2000", "")),
    ] {
        let path = to.join(file);
        fs::create_dir_all(path.parent().expect("a folder")).expect("a folder of ours");
        fs::write(path, format!("{head}{text}")).expect("a list");
    }
    to
}

#[test]
#[expect(clippy::too_many_lines, reason = "one story, told in its order")]
fn departments_purses_and_a_loan_meet_in_the_books() {
    let id = CitizenId::compose(619_926, date(2007, 3, 9), 21);
    let input = with_departments("paying-input", &id);
    let out = folder("paying-books");
    ran(&mut run(&input, &out, &[]));
    let at = |by, day| At { data: &out, by, day };
    let li = at("li", "2025-10-15");
    let purses = || li.ok(&["aid", "university", "--year", "2025"]);
    let of = |all: &Value| -> Value {
        let students = all["students"].as_array().expect("students").iter();
        let mut of = students.filter(|s| s["gifts"].as_array().is_some_and(|g| g.len() >= 3));
        of.next()
            .unwrap_or_else(|| panic!("the student of three lists is not there: {all}"))
            .clone()
    };
    let student = of(&purses());
    let gifts = student["gifts"].as_array().expect("gifts");
    let told: Vec<(&str, i64, bool, &Value)> = gifts
        .iter()
        .map(|g| {
            let (purse, paid) = (g["purse"].as_str().expect("a purse"), g["paid"] == true);
            (purse, number(g, "fen"), paid, &g["conflict"])
        })
        .collect();
    let nothing = &Value::Null;
    assert_eq!(
        told,
        [
            ("union.golden_autumn", 300_000, true, nothing),
            ("youth.hope", 500_000, true, &"excluded".into()),
            ("disabled.student", 200_000, false, nothing),
        ],
        "what came first stands, what it excludes is named, what is planned is no payment"
    );
    // Tuition and dormitory are the student's own, living is the data file's.
    assert_eq!((number(&student, "cost_fen"), &student["estimated"]), (1_720_000, &true.into()));
    assert_eq!(number(&student, "over_fen"), 500_000);
    // What stands is a duty of its department; what another purse excludes is an excess.
    let lists = fs::read_to_string(out.join("gaps.csv")).expect("the list of gaps");
    let line = |words: &[&str]| lists.lines().any(|l| words.iter().all(|w| l.contains(w)));
    let gap = ["uni.disabled.student", ",200000,0,200000,0,", "县残联"];
    assert!(line(&gap), "planned and not paid: a gap");
    assert!(line(&["uni.youth.hope", ",0,0,0,500000,"]), "paid beside another: an excess");
    assert!(!line(&["uni.union.golden_autumn"]), "paid and owed: neither");

    // The student asks for a loan.
    let person = student["person"].as_str().expect("an id");
    let base = [
        "loan",
        "apply",
        person,
        "12000",
        "--year",
        "2025",
        "--university",
        "示例大学",
        "--remaining",
        "4",
        "--full-time",
        "yes",
        "--hukou-here",
        "yes",
        "--other-loan",
        "no",
        "--co-name",
        "家长",
        "--co-guardian",
        "yes",
        "--co-hukou",
        "yes",
    ];
    let asked = li.json(&base, &[1]);
    assert!(asked["against"][0].as_str().is_some_and(|why| why.contains("未结清")), "{asked}");
    let first = number(&asked, "loan").to_string();
    let again = li.refused(&base);
    assert!(again.contains("已有一笔贷款"), "{again}");
    let wang = at("wang", "2025-10-16");
    assert!(wang.refused(&["loan", "step", &first, "qualify"]).contains("还不知道"));
    wang.ok(&["loan", "step", &first, "refuse", "--note", "问清再报"]);
    let whole = [&base[..], &["--co-loan", "no"]].concat();
    let loan = number(&li.ok(&whole), "loan").to_string();
    assert!(li.refused(&["loan", "step", &loan, "qualify"]).contains("不能自己审批"));
    wang.ok(&["loan", "step", &loan, "qualify"]);
    // 应贷尽贷: until it is paid out, it is a gap of the centre.
    ran(&mut run(&input, &out, &[]));
    let gap = |out: &Path| {
        let lists = fs::read_to_string(out.join("gaps.csv")).expect("the list of gaps");
        lists.lines().any(|l| l.contains("loan.origin") && l.contains(",1200000,0,1200000,0,"))
    };
    assert!(gap(&out));
    let late = at("li", "2025-10-20");
    late.ok(&["loan", "step", &loan, "sign"]);
    late.ok(&["loan", "step", &loan, "confirm"]);
    let paid = at("zhao", "2025-11-12").ok(&["loan", "step", &loan, "disburse"]);
    let rows = paid["schedule"].as_array().expect("a schedule");
    let lent: i64 = rows.iter().map(|r| number(r, "principal")).sum();
    assert_eq!((lent, number(rows.last().expect("a last row"), "after")), (1_200_000, 0));
    let listed = li.ok(&["loan", "list", "--year", "2025"]);
    assert_eq!((number(&listed, "done"), number(&listed, "gap")), (1, 0));
    ran(&mut run(&input, &out, &[]));
    assert!(!gap(&out), "what is paid out is done");
    let student = of(&purses());
    // 17 200 is what the year costs, 8 000 was given: what is lent beyond the rest meets no need.
    assert_eq!(number(&student, "lent_fen"), 920_000, "the loan is a purse like the others");
    assert_eq!(
        number(&student, "granted_fen")
            + number(&student, "lent_fen")
            + number(&student, "unmet_fen"),
        number(&student, "cost_fen")
    );
    let settled = li.ok(&["loan", "settle", "2025"]);
    assert!(number(&settled, "state_interest") > 0, "{settled}");
    // The yearly table counts persons once and person-times by half and programme.
    let table = li.ok(&["aid", "bulletin", "--year", "2025"]);
    let rows = table["rows"].as_array().expect("rows");
    let all = rows.iter().find(|r| r["stage"].is_null()).expect("a sum of all");
    assert!(number(&all["year"], "persons") < number(&all["year"], "times"), "{all}");
    let halves = number(&all["spring"], "times") + number(&all["autumn"], "times");
    assert_eq!(halves, number(&all["year"], "times"));
    let money = number(&all["spring"], "fen") + number(&all["autumn"], "fen");
    assert_eq!(money, number(&all["year"], "fen"));
    let of_stages = rows.iter().filter(|r| !r["stage"].is_null() && r["title"].is_null());
    assert_eq!(of_stages.map(|r| number(&r["year"], "fen")).sum::<i64>(), money);
    for (args, name) in [
        (vec!["loan", "settle", "2025"], "结息.xlsx"),
        (vec!["loan", "list", "--year", "2025"], "贷款.xlsx"),
        (vec!["loan", "show", &loan], "还款计划.xlsx"),
        (vec!["aid", "university"], "大学生.xlsx"),
        (vec!["aid", "bulletin"], "统计表.xlsx"),
    ] {
        let to = out.join(name).display().to_string();
        li.ok(&[&args[..], &["--out", &to]].concat());
        assert!(fs::read(&to).expect("a workbook").starts_with(b"PK"), "{name}");
    }
    assert_eq!(end(fujiao(["verify"]).arg(&out)).code, Some(0));
    assert!(summary(&out).is_object());
}
