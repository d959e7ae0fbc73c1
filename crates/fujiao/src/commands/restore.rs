use std::path::PathBuf;

use fujiao_office::upkeep::{key_of, restore};
use serde_json::json;

use super::{InputError, Outcome, now};
use crate::printer::Printer;
use crate::settings::{Settings, machine};

/// 从备份恢复：先在旁边核对，再换上，旧的留着
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// 备份文件（….tar.zst.age）
    file: PathBuf,
    /// 台账所在的文件夹；密钥要在里面
    #[arg(long, default_value = "fujiao-data")]
    data: PathBuf,
    /// 恢复到别处：数据库文件，或空的 postgres:// 库
    #[arg(long)]
    db: Option<String>,
}

pub(crate) fn run(args: &Args, printer: &Printer) -> anyhow::Result<Outcome> {
    crate::folder::make(&args.data)?;
    let settings = Settings::of(&args.data)?;
    let key = settings.key_file(&args.data);
    if !key.exists() {
        return Err(InputError(format!(
            "没有密钥 {}；先放回：fujiao keys import {}",
            key.display(),
            args.data.display()
        ))
        .into());
    }
    let keys = key_of(&key)?;
    let location = settings.location(&args.data, args.db.as_deref())?;
    let done = restore(&args.file, &args.data, &location, &keys, now(), &machine())?;
    let inventory = &done.manifest.inventory;
    let counties: Vec<&str> = done.manifest.counties.iter().map(|(_, n)| n.as_str()).collect();
    if printer.json() {
        printer.line(json!({
            "counties": counties, "taken_at": done.manifest.taken_at, "rows": inventory.lines(),
            "audit_lines": inventory.audit_lines, "aside": done.aside, "settings": done.settings,
            "seconds": done.seconds,
        }));
        return Ok(Outcome::Done);
    }
    printer.line(format!(
        "恢复了{}在 {} 的台账：{} 行，审计 {} 条，核对无误，用时 {:.1} 秒",
        counties.join("、"),
        done.manifest.taken_at.parse().map_or_else(|_| "升级前".to_owned(), super::local),
        inventory.lines(),
        inventory.audit_lines,
        done.seconds
    ));
    if let Some(aside) = &done.aside {
        printer.line(format!("原来的台账留在 {}，确认无误后可以删", aside.display()));
    }
    if !done.settings.is_empty() {
        printer.line(format!("设置也放回了：{}", done.settings.join("、")));
    }
    Ok(Outcome::Done)
}
