//! `docs/handbook/indicators.md` says how every figure is reckoned, by the rules that the program has.

use std::fmt::Write as _;
use std::path::Path;

use fujiao_model::Area;
use fujiao_policy::{
    AmountRow, DayRule, FrameKind, PolicySet, Programme, Rhythm, Terms, column, column_of,
};

use super::book;

const BEGIN: &str = "<!-- from the rules of the program; a test keeps it so -->\n";
const END: &str = "<!-- end of the rules -->\n";

/// With `FUJIAO_WRITE_DOCS` set, the chapter is rewritten instead.
#[test]
fn the_formulas_of_the_handbook_are_those_of_the_rules() {
    let path = book().join("indicators.md");
    let text = std::fs::read_to_string(&path).expect("docs/handbook/indicators.md");
    let (before, rest) = text.split_once(BEGIN).expect("the mark where the rules begin");
    let (rules, after) = rest.split_once(END).expect("the mark where the rules end");
    let wanted = format!("{}{}", of_programmes(), of_schools());
    if std::env::var_os("FUJIAO_WRITE_DOCS").is_some() {
        std::fs::write(&path, format!("{before}{BEGIN}{wanted}{END}{after}"))
            .expect("the chapter is writable");
    } else {
        assert!(
            rules == wanted,
            "the rules changed: FUJIAO_WRITE_DOCS=1 cargo test -p fujiao --test outside the_formulas"
        );
    }
}

fn of_programmes() -> String {
    let set = PolicySet::builtin();
    let mut out = String::new();
    for area in Area::ALL {
        let mut of_area =
            set.programmes().iter().filter(|p| p.area == *area && p.is_on()).peekable();
        if of_area.peek().is_none() {
            continue;
        }
        let _ = writeln!(out, "\n## {}\n", area.chinese());
        for p in of_area {
            let who = in_chinese(&set, p.frame, p.who());
            let _ = writeln!(out, "### {}\n\n- 给谁：{who}", p.title);
            let rows: Vec<String> = p
                .layers
                .iter()
                .flatten()
                .filter(|row| row.to.is_none())
                .map(|row| amount(&set, p, row))
                .collect();
            let _ = writeln!(
                out,
                "- 应（{}{}）：{}",
                rhythm(p.rhythm),
                terms(p.terms),
                rows.join("；")
            );
            let _ = writeln!(out, "- 已：{}", p.evidence);
            let due = day(&p.due_on);
            let bearer = p.bearer_of("本镇", "本校");
            let _ = writeln!(out, "- 谁办、限哪天：{bearer}，{due}");
            let mut bases: Vec<&str> = Vec::new();
            for row in p.layers.iter().flatten().filter(|row| row.to.is_none()) {
                if !bases.contains(&&*row.basis) {
                    bases.push(&row.basis);
                }
            }
            let _ = writeln!(out, "- 依据：{}\n", bases.join("；"));
        }
    }
    out
}

fn amount(set: &PolicySet, p: &Programme, row: &AmountRow) -> String {
    let unit = p.unit.chinese();
    let value = if let Some(n) = row.constant() {
        format!("{} {unit}", p.unit.show(n))
    } else {
        // Expressions reckon in the smallest unit.
        let small = match p.unit {
            fujiao_model::Unit::Fen => "（按分）".to_owned(),
            unit if unit.scale() == 100 => format!("（按百分之一{}）", unit.chinese()),
            unit => unit.chinese().to_owned(),
        };
        format!("{}{small}", in_chinese(set, p.frame, &row.value_text))
    };
    let price = row
        .price
        .map_or_else(String::new, |fen| format!("，每{unit} {} 元", fujiao_model::Money::fen(fen)));
    let when = if row.when_text.is_empty() {
        String::new()
    } else {
        format!("（{}）", in_chinese(set, p.frame, &row.when_text))
    };
    format!("{} 起 {value}{price}{when}", since(&row.from_text))
}

fn since(text: &str) -> String {
    match text.split_at_checked(4) {
        Some((year, "S")) => format!("{year} 年春"),
        Some((year, "A")) => format!("{year} 年秋"),
        _ => text.to_owned(),
    }
}

fn rhythm(rhythm: Rhythm) -> &'static str {
    match rhythm {
        Rhythm::Term => "每学期",
        Rhythm::Month => "每月",
        Rhythm::SchoolDay => "按月，按上课日",
        Rhythm::SchoolYear => "每学年",
        Rhythm::Year => "每年",
        Rhythm::Once => "一次",
    }
}

fn terms(terms: Terms) -> &'static str {
    match terms {
        Terms::All => "",
        Terms::Autumn => "，只在秋季",
        Terms::Spring => "，只在春季",
    }
}

fn day(rule: &DayRule) -> String {
    match *rule {
        DayRule::Start => "时段第一天".to_owned(),
        DayRule::AfterEnd(0) => "时段最后一天".to_owned(),
        DayRule::AfterEnd(days) => format!("时段结束后 {days} 天"),
        DayRule::InTerm { autumn, spring } => {
            format!("秋季 {:02}-{:02}，春季 {:02}-{:02}", autumn.0, autumn.1, spring.0, spring.1)
        }
        DayRule::On(month, day) => format!("{month:02}-{day:02}"),
        DayRule::AfterColumn(id, 0) => column(id).chinese.to_owned(),
        DayRule::AfterColumn(id, months) => format!("{}后 {months} 个月", column(id).chinese),
    }
}

/// An expression with the Chinese terms of its columns, sets, parameters and codes.
fn in_chinese(set: &PolicySet, frame: FrameKind, text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    let mut codes: Vec<(&'static str, &'static str)> = Vec::new();
    while let Some(c) = rest.chars().next() {
        let length = if c.is_ascii_alphabetic() {
            rest.find(|c: char| !(c.is_ascii_alphanumeric() || "_.".contains(c)))
        } else if c.is_ascii_digit() {
            rest.find(|c: char| !(c.is_ascii_digit() || c == '_'))
        } else if c == '\'' || c == '"' {
            rest[1..].find(c).map(|n| n + 2)
        } else if let Some(two) =
            rest.get(..2).filter(|t| ["&&", "||", "==", "!=", "<=", ">="].contains(t))
        {
            Some(two.len())
        } else {
            Some(c.len_utf8())
        };
        let (word, after) = rest.split_at(length.unwrap_or(rest.len()));
        rest = after;
        match word {
            "&&" => out.push_str("，并且"),
            "||" => out.push('或'),
            "==" => out.push('是'),
            "!=" => out.push_str("不是"),
            "<=" => out.push('≤'),
            ">=" => out.push('≥'),
            "!" => out.push('非'),
            "*" => out.push('×'),
            "/" => out.push('÷'),
            "-" => out.push('−'),
            "?" => out.push_str("时为"),
            ":" => out.push_str("，否则"),
            "in" => out.push_str("属于"),
            "max" => out.push_str("取大"),
            "min" => out.push_str("取小"),
            "has" => out.push_str("登记了"),
            "years" => out.push_str("周岁"),
            "period.start" => out.push_str("时段第一天"),
            "period.end" => out.push_str("时段最后一天"),
            " " => {}
            "," => out.push('、'),
            "[" => out.push('〔'),
            "]" => out.push('〕'),
            "(" => out.push('（'),
            ")" => out.push('）'),
            word if word.starts_with(['\'', '"']) => {
                let code = &word[1..word.len() - 1];
                let known = codes.iter().find(|(c, _)| *c == code);
                out.push_str(known.map_or(code, |(_, chinese)| chinese));
            }
            word if word.starts_with(|c: char| c.is_ascii_digit()) => {
                out.push_str(&word.replace('_', ""));
            }
            word => {
                let parameter = word.strip_prefix("param.").and_then(|key| {
                    set.parameters().iter().find(|p| &*p.key == key).map(|p| p.chinese.to_string())
                });
                let named = set.named_sets().iter().find(|s| s.frame == frame && &*s.name == word);
                if let Some(id) = column_of(frame, word) {
                    let column = column(id);
                    codes = column.column_type.values();
                    out.push_str(column.chinese);
                } else if let Some(parameter) = parameter {
                    out.push_str(&parameter);
                } else if let Some(named) = named {
                    out.push_str(&named.chinese);
                } else {
                    out.push_str(word);
                }
            }
        }
    }
    out
}

/// Rates and standards of schools, as their files say.
fn of_schools() -> String {
    let policies = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../policies");
    let read = |file: &str| -> toml::Table {
        let text = std::fs::read_to_string(policies.join(file)).expect("a policy file");
        text.parse().expect("a policy file is TOML")
    };
    let school = read("cn/school.toml");
    let list = |table: &toml::Table, key: &str| -> Vec<toml::Value> {
        table.get(key).and_then(toml::Value::as_array).cloned().unwrap_or_default()
    };
    let text = |value: &toml::Value, key: &str| -> String {
        value.get(key).and_then(toml::Value::as_str).unwrap_or_default().to_owned()
    };
    let mut out = String::from("\n## 营养餐的比率\n\n| 指标 | 公式和依据 |\n|---|---|\n");
    for rate in list(&school, "rate") {
        let _ = writeln!(out, "| {} | {} |", text(&rate, "zh"), text(&rate, "basis"));
    }
    out.push_str("\n## 学校标准\n\n| 标准 | 应 | 依据 |\n|---|---|---|\n");
    for standard in list(&school, "standard") {
        for row in list(standard.as_table().expect("a standard"), "rows") {
            let mut parts: Vec<String> = Vec::new();
            if let Some(fixed) = row.get("fixed") {
                parts.push(format!("{fixed}"));
            }
            for (key, say) in [("per", "每{}{}"), ("one_for", "每{}{}一个")] {
                for (of, n) in row.get(key).and_then(toml::Value::as_table).into_iter().flatten() {
                    let n = n.to_string();
                    parts.push(if key == "per" {
                        format!("{} × {n}", count(of))
                    } else {
                        say.replacen("{}", &n, 1).replacen("{}", &count(of), 1)
                    });
                }
            }
            let mut need = parts.join(" ＋ ");
            if let Some(least) = row.get("at_least") {
                let _ = write!(need, "，不少于 {least}");
            }
            if text(&standard, "sense") == "at_most" {
                need = format!("不多于 {need}");
            }
            let _ = writeln!(
                out,
                "| {} | {need} | {} |",
                text(&standard, "title"),
                text(&row, "basis")
            );
        }
    }
    out.push_str("\n## 早期预警的分\n\n分数只用来排先后，不是给孩子的评语；同一组只取最高的一条。\n\n| 看什么 | 分 | 做什么 |\n|---|---|---|\n");
    for signal in list(&read("cn/points.toml"), "signal") {
        let points = signal.get("points").map_or_else(String::new, ToString::to_string);
        let _ = writeln!(
            out,
            "| {} | {points} | {} |",
            text(&signal, "zh").replace("{value}", "几"),
            text(&signal, "act")
        );
    }
    out.push_str("\n## 县里可以改的数\n\n| 参数 | 现在 | 依据 |\n|---|---|---|\n");
    for p in PolicySet::builtin().parameters() {
        if let Some(row) = p.rows.iter().rfind(|row| row.to.is_none()) {
            let _ = writeln!(out, "| {} | {} {} | {} |", p.chinese, row.value, p.unit, row.basis);
        }
    }
    out
}

/// A count of a school, as the head of `policies/cn/school.toml` calls it.
fn count(word: &str) -> String {
    let words = [
        ("pupils", "学生"),
        ("pupils_primary", "小学生"),
        ("pupils_junior", "初中生"),
        ("boarders", "寄宿生"),
        ("boys", "男生"),
        ("girls", "女生"),
        ("classes", "班"),
        ("diners", "就餐学生"),
        ("teachers", "教职工"),
        ("canteen_staff", "食堂从业人员"),
        ("canteen_managers", "食堂管理和财会人员"),
        ("storeys_buildings", "多层建筑"),
        ("dorm_buildings", "宿舍楼"),
        ("school_days", "当月上课日"),
    ];
    words
        .iter()
        .find(|(w, _)| *w == word)
        .unwrap_or_else(|| panic!("a count `{word}`"))
        .1
        .to_owned()
}
