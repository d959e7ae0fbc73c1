use std::path::PathBuf;

use fujiao_office::upkeep::{is_a_server, is_in_use, key_of, move_books, without_password};
use serde_json::json;

use super::{InputError, Outcome, now, open_kept};
use crate::printer::Printer;
use crate::settings::{NAME, Settings, machine};

/// 搬台账：从 SQLite 到 PostgreSQL，或回来；逐行核对，原来的不动
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// 台账所在的文件夹
    #[arg(default_value = "fujiao-data")]
    data: PathBuf,
    /// 台账不在文件夹里时：数据库文件，或 postgres:// 地址
    #[arg(long)]
    db: Option<String>,
    /// 搬到哪里：空的 postgres:// 库，或一个还没有的数据库文件
    #[arg(long)]
    to: String,
}

pub(crate) fn run(args: &Args, printer: &Printer) -> anyhow::Result<Outcome> {
    let settings = Settings::of(&args.data)?;
    let from = settings.location(&args.data, args.db.as_deref())?;
    // Of an earlier version, they are brought up to date first.
    drop(open_kept(&args.data, args.db.as_deref())?);
    if !is_a_server(&from) && is_in_use(std::path::Path::new(&from)) {
        return Err(InputError(format!("{from} 正被别的程序打开；先停下服务，再搬")).into());
    }
    if from == args.to {
        return Err(InputError("搬到的地方就是现在的地方".into()).into());
    }
    let keys = key_of(&settings.key_file(&args.data))?;
    let progress = |step: &str, done: u64, of: u64| printer.progress(step, done, of);
    let moved = move_books(&from, &args.to, &keys, now(), &machine(), &progress)?;
    let inventory = &moved.inventory;
    let to = without_password(&args.to);
    printer.say(
        &json!({
            "to": to, "rows": inventory.lines(), "tables": inventory.tables,
            "audit_lines": inventory.audit_lines, "seconds": moved.seconds,
        }),
        &format!(
            "搬好了：{} 张表 {} 行逐行相同，审计链 {} 条完整，用时 {:.1} 秒\n\
             往后用它：在 {} 写 [books] database = \"{to}\"；原来的 {} 没有动",
            inventory.tables.len(),
            inventory.lines(),
            inventory.audit_lines,
            moved.seconds,
            args.data.join(NAME).display(),
            without_password(&from)
        ),
    );
    Ok(Outcome::Done)
}
