use std::path::PathBuf;

use fujiao_office::{FileOutcome, FileState, ImportHow, ImportReport, Office};

use super::{Outcome, now, open_books};
use crate::folder;
use crate::printer::Printer;
use crate::settings::Settings;

/// 收名册
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// 工作簿，或装着工作簿的文件夹
    #[arg(required = true)]
    paths: Vec<PathBuf>,
    /// 台账所在的文件夹
    #[arg(long, default_value = "fujiao-data")]
    data: PathBuf,
    /// 台账不在文件夹里时：数据库文件，或 postgres:// 地址
    #[arg(long)]
    db: Option<String>,
    /// 只核不收：算出每行会怎样，什么也不写
    #[arg(long)]
    dry_run: bool,
    /// 退回太多、重复太多的文件也收
    #[arg(long)]
    force: bool,
    /// 记住一个表头：名册类别/表头=栏目，如 `enrolments/监护人微信=guardian_phone`
    #[arg(long, value_name = "类别/表头=栏目")]
    header: Vec<String>,
}

pub(crate) fn run(args: &Args, printer: &Printer) -> anyhow::Result<Outcome> {
    let files = folder::workbooks(&args.paths)?;
    for name in &files.passed_over {
        printer.note(format!("略过 {name}：不是 .xlsx、.xls 或 .csv"));
    }
    let trial =
        args.dry_run && !Settings::of(&args.data)?.has_books(&args.data, args.db.as_deref())?;
    let scratch = std::env::temp_dir().join(format!("fujiao-dry-run-{}", std::process::id()));
    // Books to try on, where there are none yet: a dry run leaves nothing behind.
    let mut office = open_books(if trial { &scratch } else { &args.data }, args.db.as_deref())?;
    let result = import(args, &files, &mut office, printer);
    drop(office);
    if trial {
        let _ = std::fs::remove_dir_all(&scratch);
    }
    result
}

fn import(
    args: &Args,
    files: &folder::Workbooks,
    office: &mut Office,
    printer: &Printer,
) -> anyhow::Result<Outcome> {
    for word in &args.header {
        office.remember_header(word, now())?;
    }
    let how = ImportHow { dry_run: args.dry_run, force: args.force, at: now() };
    let report =
        office.import(&files.found, &how, &|step, done, of| printer.progress(step, done, of))?;
    let refused = args.data.join("refused");
    if !args.dry_run {
        write_returned(&report, &refused)?;
    }
    print(&report, args.dry_run, printer);
    if !args.dry_run && !printer.json() && report.files.iter().any(|f| f.returned.is_some()) {
        printer.line(format!("待核和退回的行，连同原因和办法，见 {}", refused.display()));
    }
    Ok(outcome(&report))
}

/// Something was refused, stopped or unreadable.
fn outcome(report: &ImportReport) -> Outcome {
    if report.total().refused > 0 { Outcome::NeedsALook } else { outcome_of_files(report) }
}

/// A file was stopped or could not be read. Over all rosters of a county a row or two are always refused: that alone is
/// no reason for a run to end otherwise than well.
pub(crate) fn outcome_of_files(report: &ImportReport) -> Outcome {
    let trouble =
        |f: &FileOutcome| matches!(f.state, FileState::Unreadable(_) | FileState::Stopped(_));
    if report.files.iter().any(trouble) { Outcome::NeedsALook } else { Outcome::Done }
}

/// Writes the copies of the senders' workbooks with reasons and remedies.
pub(crate) fn write_returned(
    report: &ImportReport,
    folder: &std::path::Path,
) -> anyhow::Result<()> {
    for file in &report.files {
        if let Some(copy) = &file.returned {
            folder::write(&folder.join(&copy.name), &copy.bytes)?;
        }
    }
    Ok(())
}

/// A sentence about a file that names the file, once.
pub(crate) fn named(file: &str, sentence: &str) -> String {
    let says_it = sentence.starts_with(&format!("“{file}”"));
    if says_it { sentence.to_owned() } else { format!("{file}：{sentence}") }
}

/// What became of the files, in words or as JSON.
pub(crate) fn print(report: &ImportReport, dry_run: bool, printer: &Printer) {
    let total = report.total();
    if printer.json() {
        let files: Vec<_> = report
            .files
            .iter()
            .map(|f| {
                serde_json::json!({
                    "file": f.name, "state": f.state.code(), "why": f.state.why(), "kinds": f.kinds,
                    "read": f.counts.read, "created": f.counts.created, "updated": f.counts.updated,
                    "unchanged": f.counts.unchanged, "parked": f.counts.parked, "refused": f.counts.refused,
                })
            })
            .collect();
        printer.line(serde_json::json!({
            "files": files, "read": total.read, "created": total.created, "updated": total.updated,
            "unchanged": total.unchanged, "parked": total.parked, "refused": total.refused,
        }));
        return;
    }
    for file in &report.files {
        if let Some(why) = file.state.why() {
            printer.line(named(&file.name, why));
        }
        for line in &file.notes {
            printer.line(format!("{}：{line}", file.name));
        }
    }
    let verb = if dry_run { "试读" } else { "读取" };
    printer.line(format!(
        "{verb} {} 行：新增 {}，更新 {}，未变 {}，待核 {}，退回 {}",
        total.read, total.created, total.updated, total.unchanged, total.parked, total.refused
    ));
}
