use std::path::{Path, PathBuf};
use std::time::Instant;

use comfy_table::{CellAlignment, Table, presets};
use fujiao_office::{AreaLine, ImportHow, Incoming, OfficeError, RunSummary};
use jiff::civil::Date;

use super::{Outcome, import, now, open_books, today};
use crate::folder;
use crate::printer::Printer;
use crate::settings::Settings;

/// 名册进，报告出
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// 装着各部门名册的文件夹
    input: PathBuf,
    /// 台账、报告和名单写到哪个文件夹
    #[arg(long)]
    out: PathBuf,
    /// 算到哪一天；不写则是今天
    #[arg(long)]
    as_of: Option<Date>,
    /// 台账不在文件夹里时：数据库文件，或 postgres:// 地址
    #[arg(long)]
    db: Option<String>,
    /// 名单里写全身份证号（记入审计）；不写则遮住
    #[arg(long)]
    reveal: bool,
    /// 退回太多、重复太多的文件也收
    #[arg(long)]
    force: bool,
    /// 拿不准是不是同一人的，最多请人核几对
    #[arg(long, value_name = "对数", default_value_t = fujiao_office::ASK_AT_MOST)]
    ask_at_most: usize,
}

pub(crate) fn run(args: &Args, printer: &Printer) -> anyhow::Result<Outcome> {
    let as_of = args.as_of.unwrap_or_else(today);
    let job = Job {
        input: &args.input,
        out: &args.out,
        as_of,
        db: args.db.as_deref(),
        reveal: args.reveal,
        force: args.force,
        ask_at_most: args.ask_at_most,
    };
    let (summary, outcome) = job.run(printer)?;
    print(&summary, &args.out, printer);
    Ok(outcome)
}

/// From a folder of workbooks to a folder of results.
#[derive(Debug)]
pub(crate) struct Job<'a> {
    pub input: &'a Path,
    pub out: &'a Path,
    pub as_of: Date,
    pub db: Option<&'a str>,
    pub reveal: bool,
    pub force: bool,
    pub ask_at_most: usize,
}

impl Job<'_> {
    /// Import, link, assess, settle, report.
    pub(crate) fn run(&self, printer: &Printer) -> anyhow::Result<(RunSummary, Outcome)> {
        let files = folder::workbooks(&[self.input.to_owned()])?;
        for name in &files.passed_over {
            printer.note(format!("略过 {name}：不是 .xlsx、.xls 或 .csv"));
        }
        // A key that lies there already is that of books elsewhere, or of books that are to come back: it is nobody's to remove.
        let settings = Settings::of(self.out)?;
        let begun_here =
            !settings.has_books(self.out, self.db)? && !settings.key_file(self.out).exists();
        let result = self.run_on(&files.found, printer);
        // Where nothing could be taken in, nothing is left behind: no empty books, no key to them.
        if begun_here && result.as_ref().is_err_and(is_without_rosters) {
            for name in ["county.db", "county.db-wal", "county.db-shm", "county.key"] {
                let _ = std::fs::remove_file(self.out.join(name));
            }
            let _ = std::fs::remove_dir(self.out);
        }
        result
    }

    fn run_on(
        &self,
        files: &[Incoming],
        printer: &Printer,
    ) -> anyhow::Result<(RunSummary, Outcome)> {
        let mut office = open_books(self.out, self.db)?;
        office.ask_at_most(self.ask_at_most);
        let progress = |step: &str, done: u64, of: u64| printer.progress(step, done, of);
        let how = ImportHow { dry_run: false, force: self.force, at: now() };
        let started = Instant::now();
        let imported = office.import(files, &how, &progress)?;
        for file in &imported.files {
            if let Some(why) = file.state.why().filter(|_| !file.state.is_taken()) {
                printer.note(import::named(&file.name, why));
            }
        }
        import::write_returned(&imported, &self.out.join("refused"))?;
        let import_seconds = started.elapsed().as_secs_f64();
        let assessed = office.assess(self.as_of, now(), &progress)?;
        let (summary, results) =
            office.results(&imported, import_seconds, &assessed, self.reveal, now(), &progress)?;
        for result in &results {
            folder::write(&self.out.join(&result.name), &result.bytes)?;
        }
        if summary.differences == 0 {
            // What an earlier run left would be read as of today.
            let _ = std::fs::remove_file(self.out.join("differences.csv"));
        }
        // Taking half a million rows apart takes a moment that nobody need wait for.
        std::thread::spawn(move || drop(assessed));
        Ok((summary, import::outcome_of_files(&imported)))
    }
}

/// Whether there was nothing to assess.
fn is_without_rosters(error: &anyhow::Error) -> bool {
    matches!(error.downcast_ref::<OfficeError>(), Some(OfficeError::NoRosters))
}

/// The table of areas, and where the results are.
pub(crate) fn print(summary: &RunSummary, out: &Path, printer: &Printer) {
    if printer.json() {
        printer.line(summary.json());
        return;
    }
    let mut table = Table::new();
    table.load_style(presets::UTF8_HORIZONTAL_ONLY);
    table.set_header(["", "应", "已", "差", "完成", "人、户、校"]);
    for line in &summary.by_area() {
        let AreaLine { title, due, done, gap, rate, behind } = line;
        table.add_row([title, due, done, gap, rate, behind]);
    }
    for column in 1..6 {
        if let Some(column) = table.column_mut(column) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    let rows = summary.rows;
    printer.line(format!(
        "{}，数据截至 {}：{} 行名册，{} 人，{} 户；新增 {}，更新 {}，未变 {}，待核 {}，退回 {}",
        summary.county,
        summary.as_of,
        rows.read,
        summary.persons,
        summary.households,
        rows.created,
        rows.updated,
        rows.unchanged,
        rows.parked,
        rows.refused
    ));
    printer.line(table);
    if summary.asks > 0 {
        let asks = summary.asks;
        let out = out.display();
        printer.line(format!(
            "拿不准是不是同一人的有 {asks} 对，请人来定：fujiao review --data {out}"
        ));
    }
    if summary.differences > 0 {
        printer.line(format!(
            "已批准的有 {} 笔，按现在的名册和规则会算出别的数；照批准的算，差异见 {}",
            summary.differences,
            out.join("differences.csv").display()
        ));
    }
    for (name, what) in [
        ("report.docx", "报告"),
        ("gaps.xlsx", "名单：每一项差在谁、谁来办、什么时候、依据什么"),
        ("charts", "图"),
        ("refused", "待核和退回的行"),
        ("county.db", "台账"),
    ] {
        let path = out.join(name);
        if path.exists() {
            printer.line(format!("{what}：{}", path.display()));
        }
    }
}
