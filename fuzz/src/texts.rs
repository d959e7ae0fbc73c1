//! Texts in languages of our own and of others: policy files, specs, returns, problems.

use fujiao_ledger::returns::{self, Body, Sent, Words};
use fujiao_link::table::{Known, Linker, Source, Spec, Table};
use fujiao_model::Money;
use fujiao_plan::read::{self, Rounding};
use fujiao_policy::{PolicyFile, PolicySet};

use crate::chance::Chance;
use crate::damage;

// ---- policy files ----

const RULE: &str = r#"scope = "CN"
[sets.pupil]
poor = { is = "lifted || disabled || recognised in ['general', 'moderate']", zh = "困难" }
[[parameter]]
key = "last_year"
zh = "最高年级"
unit = "年级"
rows = [{ from = "2012A", to = "2024A", value = 2, basis = "某文件", mark = "K" }, { from = "2025S", value = 3, basis = "某文件", mark = "V" }]
[[programme]]
key = "a.b"
title = "甲"
title_en = "A"
names = ["甲"]
area = "aid"
frame = "pupil"
who = "stage == 'senior' && poor && grade_year <= param.last_year"
rhythm = "term"
unit = "fen"
opens = { autumn = "11-01", spring = "04-01" }
due = { autumn = "12-31", spring = "06-30" }
bearer = "{school}"
form = "money"
evidence = "一行"
purpose = "living"
[[programme.amount]]
from = "2015S"
when = "poor"
per = "year"
value = "min(max(tuition_fee * 2, loan_fen), 8_000_00) / 3"
basis = "某文件〔2015〕1号"
mark = "V*"
[[example]]
programme = "a.b"
period = "2025A"
columns = ["stage", "lifted"]
rest = "no"
rows = ["senior yes → 1,400.00", "senior ? → ask: lifted"]
"#;

const POLICY: &[&str] = &[
    "[[programme]]",
    "[[programme.amount]]",
    "[[parameter]]",
    "[[list]]",
    "[[example]]",
    "[sets.pupil]",
    "overlay = \"raise\"\n",
    "overlay = \"replace\"\n",
    "overlay = \"add\"\n",
    "off = \"x\"\n",
    "on = true\n",
    "excludes = [\"a.b\"]\n",
    "stacks = [\"a.b\"]\n",
    "&&",
    "||",
    "!",
    "==",
    "!=",
    "<=",
    "(",
    ")",
    "[",
    "]",
    "{",
    "}",
    "?",
    ":",
    "+",
    "-",
    "*",
    "/",
    "%",
    "in",
    "max",
    "min",
    "has",
    "years",
    "date",
    "period.start",
    "period.end",
    "param.",
    "param.last_year",
    "stage",
    "lifted",
    "poor",
    "birth_date",
    "tuition_fee",
    "'senior'",
    "'",
    "\"",
    "\"\"\"",
    "0",
    "1",
    "9223372036854775807",
    "-9223372036854775808",
    "1e9",
    "2025S",
    "2025-02-30",
    "9999A",
    "0000S",
    "SY2025",
    "once",
    "month",
    "school_day",
    "trainee",
    "household",
    "\n",
    "=",
    "→",
    "yes",
    "no",
    "ask:",
    "not due:",
    "true",
    "1_000_00",
];

/// An expression of chance.
fn expression(chance: &mut Chance, depth: usize) -> String {
    let deeper = |chance: &mut Chance| expression(chance, depth + 1);
    if depth > 6 || chance.once_in(3) {
        return (*chance.one(&[
            "lifted",
            "poor",
            "stage",
            "'senior'",
            "grade_year",
            "param.last_year",
            "1",
            "0",
            "-1",
            "9223372036854775807",
            "birth_date",
            "date(\"2024-02-29\")",
            "period.start",
            "period.end",
            "tuition_fee",
            "true",
            "has(lifted)",
            "2.5",
            "''",
            "nothing",
        ]))
        .to_owned();
    }
    match chance.below(9) {
        0 => format!("!{}", deeper(chance)),
        1 => format!("({})", deeper(chance)),
        2 => format!("{} ? {} : {}", deeper(chance), deeper(chance), deeper(chance)),
        3 => format!("{} in [{}, {}]", deeper(chance), deeper(chance), deeper(chance)),
        4 => format!(
            "{}({}, {})",
            chance.one(&["max", "min", "years"]),
            deeper(chance),
            deeper(chance)
        ),
        _ => {
            let sign = *chance
                .one(&["&&", "||", "==", "!=", "<", "<=", ">", ">=", "+", "-", "*", "/", "%"]);
            format!("{} {sign} {}", deeper(chance), deeper(chance))
        }
    }
}

/// A policy file, damaged, or sound but for an expression of chance.
pub(crate) fn policy(chance: &mut Chance) -> Vec<u8> {
    match chance.below(8) {
        0 => {
            let mut bytes = RULE.as_bytes().to_vec();
            damage::bytes(&mut bytes, chance);
            bytes
        }
        1..4 => {
            let (who, value) = (expression(chance, 0), expression(chance, 0));
            RULE.replace(
                "stage == 'senior' && poor && grade_year <= param.last_year",
                &who.replace('"', "\\\""),
            )
            .replace(
                "min(max(tuition_fee * 2, loan_fen), 8_000_00) / 3",
                &value.replace('"', "\\\""),
            )
            .into_bytes()
        }
        4 if chance.once_in(8) => {
            // A piece of the rules that come with the program.
            let text = chance.one(PolicySet::BUILTIN).text;
            let parts: Vec<&str> = text.split("\n[[").collect();
            let part = format!("scope = \"CN\"\n[[{}", chance.one(&parts));
            damage::words(&part, POLICY, chance).into_bytes()
        }
        _ => damage::words(RULE, POLICY, chance).into_bytes(),
    }
}

pub(crate) fn read_policy(bytes: &[u8]) -> bool {
    let text = String::from_utf8_lossy(bytes);
    match PolicySet::load(&[PolicyFile { path: "x.toml", text: &text }]) {
        Ok(set) => {
            let _ = set.run_examples();
            let _ = set.check();
            true
        }
        Err(faults) => {
            assert!(!faults.is_empty(), "a refusal says why");
            false
        }
    }
}

// ---- linkage ----

const SPEC: &str = r#"about = "x"
id = "rec_id"
[[comparison]]
title = "身份证号"
column = "id_no"
as = "citizen_id"
levels = ["equal", "old_form | check_digit | transposed | one_digit | truncated", "two_digits", "birth_region"]
birth = "birth"
[[comparison]]
title = "姓名"
column = "name"
as = "name"
levels = ["equal", "sound", "look_alike | swapped | truncated", "one_off", "surname"]
term_frequency = true
[[comparison]]
title = "出生日期"
column = "birth"
as = "date"
levels = ["equal", "day_month | one_digit | lunar", "month_day", "days 62", "years 1"]
[[block]]
on = ["name"]
[[block]]
on = ["birth", "name"]
"#;

const LINK: &[&str] = &[
    "[[comparison]]",
    "[[block]]",
    "column",
    "as",
    "levels",
    "on",
    "\"name\"",
    "\"date\"",
    "\"exact\"",
    "\"place\"",
    "\"number\"",
    "\"text\"",
    "\"citizen_id\"",
    "\"phone\"",
    "\"equal\"",
    "\"days 0\"",
    "\"days 99999999999\"",
    "\"years -1\"",
    "\"prefix 0\"",
    "\"jaro 0.9\"",
    "\"levenshtein 2\"",
    "|",
    "true",
    "false",
    "=",
    "[",
    "]",
    "{",
    "}",
    "\n",
    "id",
    "list",
    "settings",
    "most_pairs",
    "0",
    "1",
    "18446744073709551616",
    "household",
    "identity",
    "never",
    "substr(name, 1, 2)",
    "first 2",
    "\"birth.year\"",
    "term_frequency",
];

const TABLE: &str = "rec_id,name,birth,id_no\n1,张三,2015-09-01,619926201509010021\n2,张山,2015-09-10,619926201509010021\n3,李四,2014-02-29,\n\
                     4,\"王,五\",20140301,61992620140301001X\n5,张三,2015-9-1,6.19926E+17\n";

pub(crate) fn link(chance: &mut Chance) -> Vec<u8> {
    if chance.once_in(4) {
        return SPEC.as_bytes().to_vec();
    }
    damage::words(SPEC, LINK, chance).into_bytes()
}

/// The spec, and a table of chance read by it; small tables that read are linked.
pub(crate) fn read_link(bytes: &[u8], number: u64) -> bool {
    let text = String::from_utf8_lossy(bytes);
    let Ok(spec) = Spec::parse(&text) else { return false };
    let mut chance = Chance::of(7, number);
    let mut table = TABLE.as_bytes().to_vec();
    if chance.once_in(3) {
        damage::bytes(&mut table, &mut chance);
    } else {
        let words = &[
            ",",
            "\n",
            "\"",
            ";",
            "\t",
            "张三",
            "2015-09-01",
            "",
            "rec_id",
            "\r",
            "619926201509010021",
        ];
        table = damage::words(TABLE, words, &mut chance).into_bytes();
    }
    let sources = [Source { name: "x.csv", bytes: &table }];
    let Ok(table) = Table::read(&spec, &sources, &[]) else { return false };
    Linker::new(&table, &spec, true).link(&Known::default()).is_ok()
}

// ---- returns of banks ----

const RETURN: &str = "文件号：619999-7-1，总笔数：3，总金额：1,875.00\n业务号,收款账号,户名,金额,处理结果,失败原因,入账日期\n\
                      1,6217000000000000001,张三,625.00,成功,,2025-11-04\n2,6217000000000000002,李四,625.00,失败,户名不符,2025-11-04\n\
                      3,6217000000000000003,王五,625.00,成功,,2025-11-04\n合计,,,1875.00,,,\n";
const PIPES: &str = "H|619999-7-1|3|1875.00\nD|1|6217000000000000001|张三|||x|625.00|成功|\nD|2|6217000000000000002|李四|||x|625.00|失败|户名不符\nT|3|1875.00\n";

const BANK: &[&str] = &[
    ",",
    "|",
    "\t",
    "\n",
    "\"",
    "成功",
    "失败",
    "退回",
    "处理中",
    "业务号",
    "金额",
    "账号",
    "结果",
    "总笔数：",
    "总金额：",
    "成功笔数：",
    "合计",
    "￥",
    "，",
    "1",
    "0",
    "-1",
    "0.001",
    "99999999999999999999.99",
    "1,875.00",
    "６２５",
    "'6217000000000000001",
    "H",
    "D",
    "T",
    "619999-7-1",
    "\u{feff}",
    "\u{3000}",
];

pub(crate) fn returns(chance: &mut Chance) -> Vec<u8> {
    let of = if chance.once_in(3) { PIPES } else { RETURN };
    if chance.once_in(4) {
        let mut bytes = of.as_bytes().to_vec();
        damage::bytes(&mut bytes, chance);
        return bytes;
    }
    damage::words(of, BANK, chance).into_bytes()
}

pub(crate) fn read_returns(bytes: &[u8]) -> bool {
    let line = |n: u8| Sent {
        key: n.to_string(),
        account: format!("621700000000000000{n}"),
        amount: Money::fen(62_500),
        told: None,
    };
    let sent = [line(1), line(2), line(3)];
    let Ok(back) = returns::read(Body::Bytes(bytes), &Words::default()) else { return false };
    let Ok(got) = returns::reconcile("619999-7-1", &sent, &back) else { return false };
    assert_eq!(got.verdicts.len(), sent.len(), "every line sent has its verdict");
    let mut answers: Vec<usize> = got.answers.iter().copied().flatten().collect();
    answers.extend(&got.extra);
    answers.extend(&got.again);
    let all = answers.len();
    answers.sort_unstable();
    answers.dedup();
    assert_eq!(answers.len(), all, "no line of the return counts twice");
    true
}

// ---- problems of solvers ----

const PROBLEMS: &[&str] = &[
    "3 2 1\n1 2 4\n2 3 5\n",
    "p min 3 2\nn 1 4\nn 3 -4\na 1 2 0 9 1\na 2 3 1 9 2\n",
    "2 2\n10 5.\n10 7.\n3\n1 2\n4\n5 6\n",
    "2 1\n0 0 9 3\n3 4 9 2\n",
    "NAME: x\nTYPE: TSP\nDIMENSION: 3\nEDGE_WEIGHT_TYPE: EUC_2D\nNODE_COORD_SECTION\n1 0 0\n2 3 4\n3 6 8\nEOF\n",
];

const NUMBERS: &[&str] = &[
    "0",
    "1",
    "-1",
    "2",
    "9",
    "99999",
    "4294967296",
    "9223372036854775807",
    "1e308",
    "-1e308",
    "1e-400",
    "NaN",
    "inf",
    ".",
    "5.",
    "\n",
    " ",
    "p",
    "n",
    "a",
    "c",
    "min",
    "capacity",
    "EOF",
    "NODE_COORD_SECTION",
    "DIMENSION:",
    ":",
    "1000000 1000000 1",
];

pub(crate) fn solver(chance: &mut Chance) -> Vec<u8> {
    let of = *chance.one(PROBLEMS);
    if chance.once_in(4) {
        let mut bytes = of.as_bytes().to_vec();
        damage::bytes(&mut bytes, chance);
        return bytes;
    }
    damage::words(of, NUMBERS, chance).into_bytes()
}

pub(crate) fn read_solver(bytes: &[u8]) -> bool {
    let text = String::from_utf8_lossy(bytes);
    let mut read = read::pmed("x", &text).is_ok();
    read |= read::tsplib("x", &text, Rounding::Floor).is_ok();
    read |= read::cpmp("x", &text, Rounding::Exact).is_ok();
    read |= read::cap("x", &text, Some(5)).is_ok();
    read |= read::dimacs("x", &text).is_ok();
    read
}
