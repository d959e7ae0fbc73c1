use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use fujiao_synth::{Order, RosterOrder, Sink, Summary};
use jiff::civil::Date;

use super::Outcome;
use crate::folder;
use crate::printer::Printer;

/// 造一个县的各部门名册，连同真相；或用 --roster 造一份测并户用的合并名册
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// 真实县的六位代码；不写则造虚构的岚川县
    #[arg(long)]
    county: Option<u32>,
    /// 户籍人口
    #[arg(long, default_value_t = 150_000)]
    people: u32,
    /// 同一个种子，同样的县
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// 身份栏目写错的概率
    #[arg(long, default_value_t = 0.05)]
    noise: f64,
    /// 名册报送之日
    #[arg(long, default_value = "2025-10-15")]
    as_of: Date,
    /// 只造一份多少行的合并名册（CSV，八个部门，真相在第二栏），用来测并户
    #[arg(long, value_name = "行数", conflicts_with_all = ["county", "people", "noise", "as_of"])]
    roster: Option<u64>,
    /// 合并名册里各种笔误的倍数
    #[arg(long, value_name = "倍数", default_value_t = 1.0, requires = "roster")]
    slips: f64,
    /// 合并名册里同一部门登了两次的人次比例
    #[arg(long, value_name = "比例", default_value_t = 0.0, requires = "roster")]
    doubles: f64,
    /// 写到哪个文件夹；用 --roster 时写到哪个文件
    #[arg(long)]
    out: PathBuf,
}

/// Writes what is made into a folder.
struct FolderSink<'a> {
    root: PathBuf,
    printer: &'a Printer,
}

impl Sink for FolderSink<'_> {
    fn put(&mut self, path: &str, bytes: Vec<u8>) -> io::Result<()> {
        let path = self.root.join(path);
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder)?;
        }
        fs::write(path, bytes)
    }

    fn progress(&mut self, step: &str, done: u64, of: u64) {
        self.printer.progress(step, done, of);
    }
}

/// Makes a county in a folder.
pub(crate) fn make(order: &Order, out: &Path, printer: &Printer) -> anyhow::Result<Summary> {
    folder::make(out)?;
    Ok(fujiao_synth::make(order, &mut FolderSink { root: out.to_owned(), printer })?)
}

pub(crate) fn run(args: &Args, printer: &Printer) -> anyhow::Result<Outcome> {
    match args.roster {
        Some(rows) => roster(args, rows, printer),
        None => county(args, printer),
    }
}

/// One list of all departments' rows, with the truth in a column.
fn roster(args: &Args, rows: u64, printer: &Printer) -> anyhow::Result<Outcome> {
    let order = RosterOrder { rows, seed: args.seed, noise: args.slips, doubles: args.doubles };
    order.check()?;
    let summary = folder::write_with(&args.out, |file| {
        let mut file = io::BufWriter::with_capacity(1 << 20, file);
        let mut progress = |done, of| printer.progress("造名册", done, of);
        Ok(fujiao_synth::make_roster(&order, &mut file, &mut progress)?)
    })?;
    if printer.json() {
        let slips: serde_json::Map<String, serde_json::Value> = summary
            .slips
            .iter()
            .map(|s| (format!("{:?}", s.slip), serde_json::json!([s.cells, s.slipped])))
            .collect();
        printer.line(serde_json::json!({
            "rows": summary.rows, "persons": summary.persons, "true_pairs": summary.true_pairs,
            "twin_pairs": summary.twin_pairs, "slips": slips, "out": args.out,
        }));
    } else {
        printer.line(format!(
            "{} 行，{} 人，同一人的行对 {} 对，双胞胎之间的行对 {} 对。名册在 {}",
            summary.rows,
            summary.persons,
            summary.true_pairs,
            summary.twin_pairs,
            args.out.display()
        ));
    }
    Ok(Outcome::Done)
}

fn county(args: &Args, printer: &Printer) -> anyhow::Result<Outcome> {
    let order = Order {
        county: args.county,
        people: args.people,
        seed: args.seed,
        noise: args.noise,
        as_of: args.as_of,
    };
    let summary = make(&order, &args.out, printer)?;
    let (books, rows): (u64, u64) = (summary.workbooks.values().sum(), summary.rows.values().sum());
    if printer.json() {
        printer.line(serde_json::json!({
            "county": summary.county_name, "code": summary.county_code, "people": summary.people,
            "households": summary.households, "workbooks": books, "rows": rows, "troubles": summary.troubles,
            "out": args.out,
        }));
    } else {
        printer.line(format!(
            "{}（{}）：{} 人，{} 户；{books} 份名册，{rows} 行。名册在 {}，真相在 {}",
            summary.county_name,
            summary.county_code,
            summary.people,
            summary.households,
            args.out.display(),
            args.out.join("truth").display()
        ));
    }
    Ok(Outcome::Done)
}
