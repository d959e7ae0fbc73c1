use std::path::PathBuf;

use super::Outcome;
use crate::printer::Printer;
use crate::settings::{COMMENTED, NAME, Settings};

/// 设置
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, clap::Subcommand)]
enum What {
    /// 查一遍设置写得对不对
    Check {
        /// 台账所在的文件夹
        #[arg(default_value = "fujiao-data")]
        data: PathBuf,
    },
    /// 打印一份带说明的设置，每一项都是默认值
    Show,
}

pub(crate) fn run(args: &Args, printer: &Printer) -> anyhow::Result<Outcome> {
    let What::Check { data } = &args.what else {
        printer.line(COMMENTED.trim_end());
        return Ok(Outcome::Done);
    };
    if !data.join(NAME).exists() {
        printer.note(format!(
            "{} 里没有 {NAME}，查的是默认值；写一份：fujiao config show > {NAME}",
            data.display()
        ));
    }
    let faults = Settings::of(data)?.faults(data);
    let sound = faults.is_empty();
    if printer.json() {
        printer.line(serde_json::json!({ "sound": sound, "faults": faults }));
    } else if sound {
        printer.line("设置没有问题");
    } else {
        for fault in &faults {
            printer.line(fault);
        }
    }
    Ok(if sound { Outcome::Done } else { Outcome::NeedsALook })
}
