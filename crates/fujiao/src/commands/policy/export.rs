use std::path::PathBuf;

use fujiao_office::rulebook;

use crate::commands::{InputError, Outcome};
use crate::printer::Printer;

/// 抄出程序自带的规则
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// 抄到哪个文件夹；不能是台账的 policies
    to: PathBuf,
}

pub(crate) fn run(args: &Args, printer: &Printer) -> anyhow::Result<Outcome> {
    let files = rulebook::builtin_files();
    let of = |path: &str| args.to.join(path);
    if let Some(there) = files.iter().map(|f| of(f.path)).find(|path| path.exists()) {
        let why = format!("已经有 {}；换一个空文件夹", there.display());
        return Err(anyhow::Error::new(InputError(why)));
    }
    for file in &files {
        crate::folder::write(&of(file.path), file.text.as_bytes())?;
    }
    if printer.json() {
        let paths: Vec<String> = files.iter().map(|f| of(f.path).display().to_string()).collect();
        printer.line(serde_json::json!({ "files": paths }));
    } else {
        printer.line(format!("{} 个规则文件抄到 {}", files.len(), of("policies").display()));
        printer.line("要改哪一个，抄到台账文件夹的 policies 里再改；原来的不要一起放进去");
    }
    Ok(Outcome::Done)
}
