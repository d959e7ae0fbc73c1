use std::path::PathBuf;

use serde_json::json;

use super::backup::size;
use super::{Outcome, now, open_kept};
use crate::printer::Printer;

/// 恢复演练：备份、恢复、逐行比较，不动台账，说用了多久
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
    let drilled = office.drill(now())?;
    let same = drilled.differ.is_empty();
    if printer.json() {
        let steps: serde_json::Map<String, serde_json::Value> =
            drilled.steps.iter().map(|(name, s)| ((*name).to_owned(), json!(s))).collect();
        printer.line(json!({
            "same": same, "seconds": drilled.seconds(), "steps": steps, "bytes": drilled.bytes,
            "rows": drilled.inventory.lines(), "differ": drilled.differ,
        }));
    } else {
        for (name, seconds) in drilled.steps {
            printer.line(format!("{name}\t{seconds:.1} 秒"));
        }
        printer.line(format!(
            "演练用时 {:.1} 秒，备份 {}，{}",
            drilled.seconds(),
            size(drilled.bytes),
            if same {
                format!("{} 行逐行相同", drilled.inventory.lines())
            } else {
                format!("不同：{}", drilled.differ.join("、"))
            }
        ));
    }
    Ok(if same { Outcome::Done } else { Outcome::NeedsALook })
}
