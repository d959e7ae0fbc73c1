use std::path::PathBuf;

use fujiao_model::Term;
use fujiao_office::{ExplainedRow, Explanation};
use jiff::civil::Date;

use crate::commands::{InputError, Outcome, now, open_kept, today};
use crate::printer::Printer;

/// 说明一个人
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// 身份证号；查了谁记入审计
    #[arg(long)]
    citizen: String,
    /// 项目的代号，见 fujiao policy list
    #[arg(long)]
    programme: String,
    /// 学期：2024A（秋）、2024S（春）
    #[arg(long)]
    term: String,
    /// 台账所在的文件夹
    #[arg(long, default_value = "fujiao-data")]
    data: PathBuf,
    /// 台账不在文件夹里时：数据库文件，或 postgres:// 地址
    #[arg(long)]
    db: Option<String>,
    /// 截至哪一天；不写则是今天
    #[arg(long)]
    as_of: Option<Date>,
}

pub(crate) fn run(args: &Args, printer: &Printer) -> anyhow::Result<Outcome> {
    let term: Term =
        args.term.parse().map_err(|e: fujiao_model::ParseTermError| InputError(e.to_string()))?;
    let office = open_kept(&args.data, args.db.as_deref())?;
    let as_of = args.as_of.unwrap_or_else(today);
    let found = office.explain(
        &args.citizen,
        &args.programme,
        term,
        (as_of, now()),
        &|step, done, of| printer.progress(step, done, of),
    )?;
    if printer.json() {
        printer.line(json(&found));
    } else {
        print(&found, printer);
    }
    Ok(Outcome::Done)
}

fn print(found: &Explanation, printer: &Printer) {
    printer.line(format!(
        "{} {}  {}（{}）  {}",
        found.name,
        found.citizen_id,
        found.title,
        found.programme,
        found.periods.join("、")
    ));
    if let Some(off) = &found.off {
        printer.line(format!("这个项目关着：{off}。下面是打开后会得出的结论"));
    }
    printer.line(format!("规则：{}", found.who));
    let files: Vec<String> =
        found.origins.iter().map(|(file, how)| format!("{file}（{how}）")).collect();
    printer.line(format!("出自：{}", files.join("，")));
    if found.rows.is_empty() {
        printer.line("不应：这一学期没有在籍的学籍，或不在名册里");
    }
    for row in &found.rows {
        print_row(row, printer);
    }
}

fn print_row(row: &ExplainedRow, printer: &Printer) {
    printer.line("");
    printer.line(format!("{}  {}", row.period, row.about));
    let head = if row.answer == "not_due" { "不应：" } else { "" };
    printer.line(format!("{head}{}", row.chinese));
    printer.line(&row.english);
    if row.answer == "due" {
        let due = row.due_on.map_or_else(String::new, |d| format!("，{d} 前由{}办", row.bearer));
        printer.line(format!("依据：{}  {}{due}", row.rule, row.basis));
    }
    for fact in &row.facts {
        let sources = if fact.sources.is_empty() {
            String::new()
        } else {
            format!("  ← {}", fact.sources.join("；"))
        };
        printer.line(format!("  {} {}：{}{sources}", fact.column, fact.chinese, fact.value));
    }
}

fn json(found: &Explanation) -> serde_json::Value {
    let rows: Vec<_> = found
        .rows
        .iter()
        .map(|r| {
            let facts: Vec<_> = r
                .facts
                .iter()
                .map(|f| {
                    serde_json::json!({
                        "column": f.column, "chinese": f.chinese, "value": f.value, "sources": f.sources,
                    })
                })
                .collect();
            serde_json::json!({
                "period": r.period, "about": r.about, "answer": r.answer, "quantity": r.quantity, "shown": r.shown,
                "chinese": r.chinese, "english": r.english, "rule": r.rule, "basis": r.basis,
                "due_on": r.due_on.map(|d| d.to_string()), "bearer": r.bearer, "facts": facts,
            })
        })
        .collect();
    serde_json::json!({
        "name": found.name, "citizen_id": found.citizen_id, "programme": found.programme, "title": found.title,
        "title_en": found.title_en, "periods": found.periods, "off": found.off, "who": found.who,
        "origins": found.origins, "policies": found.policies_hash, "rows": rows,
    })
}
