use std::path::PathBuf;

use super::{Outcome, open_kept};
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
    let office = open_kept(&args.data, args.db.as_deref())?;
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
