use std::path::PathBuf;

use super::{InputError, Outcome, open_books};
use crate::printer::Printer;

/// 核对台账
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// 台账所在的文件夹
    #[arg(default_value = "fujiao-data")]
    data: PathBuf,
    /// 台账不在文件夹里时：数据库文件，或 postgres:// 地址
    #[arg(long)]
    db: Option<String>,
}

pub(crate) fn run(args: &Args, printer: &Printer) -> anyhow::Result<Outcome> {
    if args.db.is_none() && !args.data.join("county.db").exists() {
        return Err(anyhow::Error::new(InputError(format!(
            "{} 里没有台账（county.db）；先用 import 或 run 收名册",
            args.data.display()
        ))));
    }
    let office = open_books(&args.data, args.db.as_deref())?;
    let found = office.verify()?;
    if printer.json() {
        printer.line(serde_json::json!({ "sound": found.faults.is_empty(), "faults": found.faults, "counts": found.counts }));
    } else {
        for fault in &found.faults {
            printer.line(fault);
        }
        if found.faults.is_empty() {
            let counts: Vec<String> =
                found.counts.iter().map(|(name, n)| format!("{name} {n}")).collect();
            printer.line(format!("台账完好，审计链完整。{}", counts.join("，")));
        }
    }
    Ok(if found.faults.is_empty() { Outcome::Done } else { Outcome::NeedsALook })
}
