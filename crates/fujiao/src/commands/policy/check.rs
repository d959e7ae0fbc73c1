use std::path::PathBuf;

use fujiao_office::Rulebook;
use fujiao_policy::Weight;
use serde_json::json;

use crate::commands::Outcome;
use crate::printer::Printer;

/// 检查规则
#[derive(Debug, clap::Args)]
pub(crate) struct CheckArgs {
    /// 规则所在的文件夹；不写就是程序自带的
    policies: Option<PathBuf>,
    /// 盖在上面的：本县自己的文件，或放这些文件的文件夹
    #[arg(long)]
    with: Option<PathBuf>,
}

/// 试例子
#[derive(Debug, clap::Args)]
pub(crate) struct TestArgs {
    /// 规则所在的文件夹；不写就是程序自带的
    policies: Option<PathBuf>,
    /// 盖在上面的：本县自己的文件，或放这些文件的文件夹
    #[arg(long)]
    with: Option<PathBuf>,
}

pub(crate) fn check(args: &CheckArgs, printer: &Printer) -> anyhow::Result<Outcome> {
    let rules = Rulebook::load(args.policies.as_deref(), args.with.as_deref())?;
    let set = &rules.policies;
    let findings = set.check();
    let wrong = findings.iter().filter(|f| f.weight == Weight::Wrong).count();
    // With a fault in one of them nothing would have been read.
    let engines: Vec<(&str, &str)> =
        rules.own.iter().filter_map(|f| Some((f.path.as_str(), f.room?.chinese()))).collect();
    let on = set.programmes().iter().filter(|p| p.is_on()).count();
    if printer.json() {
        let all: Vec<_> = findings
            .iter()
            .map(|f| {
                json!({
                    "weight": if f.weight == Weight::Wrong { "wrong" } else { "note" },
                    "file": *f.file, "line": f.line, "key": *f.key, "reason": f.reason, "remedy": f.remedy,
                })
            })
            .collect();
        printer.line(json!({
            "programmes": set.programmes().len(), "on": on, "wrong": wrong, "findings": all,
            "engines": engines.iter().map(|(path, title)| json!({ "file": path, "about": title })).collect::<Vec<_>>(),
        }));
    } else {
        for f in &findings {
            printer
                .line(format!("{} {f}", if f.weight == Weight::Wrong { "要改" } else { "提醒" }));
        }
        printer.line(format!(
            "{} 个项目（开 {on}，关 {}）：要改 {wrong} 处，提醒 {} 处",
            set.programmes().len(),
            set.programmes().len() - on,
            findings.len() - wrong
        ));
        for (path, title) in &engines {
            printer.line(format!("{path}：{title}的规则，没有问题"));
        }
    }
    Ok(if wrong == 0 { Outcome::Done } else { Outcome::NeedsALook })
}

pub(crate) fn test(args: &TestArgs, printer: &Printer) -> anyhow::Result<Outcome> {
    let rules = Rulebook::load(args.policies.as_deref(), args.with.as_deref())?;
    let set = &rules.policies;
    let failures = set.run_examples();
    let rows: usize = set.examples().iter().map(|e| e.rows.len()).sum();
    let without: Vec<&str> = set
        .programmes()
        .iter()
        .filter(|p| p.is_on() && !set.examples().iter().any(|e| *e.programme == *p.key))
        .map(|p| &*p.key)
        .collect();
    if printer.json() {
        let all: Vec<_> = failures
            .iter()
            .map(|f| {
                json!({ "file": *f.origin, "programme": f.programme, "row": f.row, "got": f.got })
            })
            .collect();
        printer.line(json!({
            "examples": rows, "failed": failures.len(), "failures": all, "without_examples": without,
        }));
    } else {
        for failure in &failures {
            printer.line(failure);
        }
        let kept = rows - failures.len();
        printer.line(format!("{rows} 个例子：合 {kept}，不合 {}", failures.len()));
        if !without.is_empty() {
            printer.line(format!("开着却没有例子：{}", without.join("、")));
        }
    }
    Ok(if failures.is_empty() { Outcome::Done } else { Outcome::NeedsALook })
}
