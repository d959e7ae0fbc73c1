use std::path::PathBuf;

use serde_json::json;

use super::{Outcome, now, open_kept};
use crate::printer::Printer;

/// 备份：不停服务，加密，读回核对
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
    let made = office.back_up(now())?;
    let inventory = &made.manifest.inventory;
    printer.say(
        &json!({
            "file": made.file, "bytes": made.bytes, "seconds": made.seconds,
            "rows": inventory.lines(), "audit_lines": inventory.audit_lines,
            "removed": made.removed,
        }),
        &format!(
            "备份好了，读回核对无误：{}\n{}，{} 行，审计 {} 条，用时 {:.1} 秒{}",
            made.file.display(),
            size(made.bytes),
            inventory.lines(),
            inventory.audit_lines,
            made.seconds,
            if made.removed.is_empty() {
                String::new()
            } else {
                format!("；过期的 {} 份已删", made.removed.len())
            }
        ),
    );
    Ok(Outcome::Done)
}

/// Bytes as people read them.
pub(crate) fn size(bytes: u64) -> String {
    #[expect(clippy::cast_precision_loss, reason = "shown to three digits")]
    let mut n = bytes as f64;
    let mut units = ["B", "KB", "MB", "GB"].iter();
    let mut unit = units.next();
    while n >= 1000.0
        && let Some(larger) = units.next()
    {
        n /= 1000.0;
        unit = Some(larger);
    }
    let unit = unit.unwrap_or(&"TB");
    if n < 10.0 && *unit != "B" { format!("{n:.1} {unit}") } else { format!("{n:.0} {unit}") }
}
