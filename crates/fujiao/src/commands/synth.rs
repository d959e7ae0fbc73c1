use std::fs;
use std::io;
use std::path::PathBuf;

use fujiao_synth::{Order, Sink, Summary};
use jiff::civil::Date;

use super::Outcome;
use crate::folder;
use crate::printer::Printer;

/// 造一个县的各部门名册，连同真相
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
    /// 写到哪个文件夹
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
pub(crate) fn make(
    order: &Order,
    out: &std::path::Path,
    printer: &Printer,
) -> anyhow::Result<Summary> {
    folder::make(out)?;
    Ok(fujiao_synth::make(order, &mut FolderSink { root: out.to_owned(), printer })?)
}

pub(crate) fn run(args: &Args, printer: &Printer) -> anyhow::Result<Outcome> {
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
