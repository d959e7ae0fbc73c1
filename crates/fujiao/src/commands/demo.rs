mod aid;
mod labour;
mod loans;
mod pairs;
mod schools;

use std::path::PathBuf;

use fujiao_synth::Order;
use jiff::civil::{Date, date};

use super::run::Job;
use super::{Outcome, open_books, run, serve, synth};
use crate::printer::Printer;

/// 造一个不存在的县，走完全程
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// 户籍人口
    #[arg(long, default_value_t = 20_000)]
    people: u32,
    /// 同一个种子，同样的县
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// 名册、台账和报告写到哪个文件夹
    #[arg(long, default_value = "fujiao-demo")]
    out: PathBuf,
    /// 网页端口
    #[arg(long, default_value_t = 8080)]
    port: u16,
    /// 做完就停，不开网页
    #[arg(long)]
    no_serve: bool,
}

/// The day that the made county is of.
const AS_OF: Date = date(2025, 10, 15);

pub(crate) fn run(args: &Args, printer: &Printer) -> anyhow::Result<Outcome> {
    let (input, out) = (args.out.join("名册"), args.out.join("结果"));
    // A county made with other people or seed would come on top of the one before.
    let label = format!("people {} seed {} as_of {AS_OF}\n", args.people, args.seed);
    let label_file = args.out.join("demo.txt");
    let before = std::fs::read_to_string(&label_file).ok();
    if before.as_deref() != Some(&label) {
        if before.is_some() {
            for old in [&input, &out] {
                if old.exists() {
                    std::fs::remove_dir_all(old)?;
                }
            }
        }
        let order =
            Order { county: None, people: args.people, seed: args.seed, noise: 0.05, as_of: AS_OF };
        synth::make(&order, &input, printer)?;
        crate::folder::write(&label_file, label.as_bytes())?;
    }
    let job = Job {
        input: &input,
        out: &out,
        as_of: AS_OF,
        db: None,
        reveal: false,
        force: false,
        ask_at_most: fujiao_office::ASK_AT_MOST,
    };
    let (mut summary, _) = job.run(printer)?;
    let office = open_books(&out, None)?;
    aid::make(&office, AS_OF, super::now(), printer)?;
    loans::make(&office, AS_OF, super::now())?;
    schools::make(&office, AS_OF, super::now())?;
    let paired = pairs::make(&office, AS_OF, super::now(), printer)?;
    let matched = labour::make(&office, AS_OF, super::now(), printer)?;
    drop(office);
    if paired || matched {
        // What pairs and offers changed counts from the next assessment on.
        (summary, _) = job.run(printer)?;
    }
    run::print(&summary, &out, printer);
    if !printer.json() {
        printer.line(format!("示例数据：县、人、事都是造的。名册在 {}", input.display()));
    }
    if !args.no_serve {
        serve::serve_made(&out, args.port, printer)?;
    }
    Ok(Outcome::Done)
}
