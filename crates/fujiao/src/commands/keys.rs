use std::io::Read as _;
use std::path::PathBuf;

use anyhow::Context;
use fujiao_office::upkeep::{Keys, key_of, put_key};
use serde_json::json;

use super::{InputError, Outcome, local, now, open_kept};
use crate::printer::Printer;
use crate::settings::Settings;

/// 密钥：与台账分开备份
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, clap::Subcommand)]
enum What {
    /// 密钥的印记和备份的公钥，都可以告诉人
    Show {
        /// 台账所在的文件夹
        #[arg(default_value = "fujiao-data")]
        data: PathBuf,
    },
    /// 写一张密钥纸（网页，打印出来锁进保险柜），每行有校验数字
    Paper {
        /// 台账所在的文件夹
        #[arg(default_value = "fujiao-data")]
        data: PathBuf,
        /// 写到哪个文件；写 - 把网页送出来，接到文件里；不写就只打印八行
        #[arg(long)]
        out: Option<PathBuf>,
    },
    /// 把密钥抄到另一个地方，如专门的 U 盘
    Export {
        /// 台账所在的文件夹
        #[arg(default_value = "fujiao-data")]
        data: PathBuf,
        /// 写到哪个文件
        #[arg(long)]
        to: PathBuf,
        /// 写成 age 程序能读的样子，只能打开备份
        #[arg(long)]
        age: bool,
    },
    /// 放回密钥：密钥文件，或照密钥纸打出来的八行
    Import {
        /// 台账所在的文件夹
        #[arg(default_value = "fujiao-data")]
        data: PathBuf,
        /// 密钥文件，或一个装着密钥纸八行的文本文件；不写就从键盘读八行
        #[arg(long)]
        from: Option<PathBuf>,
    },
}

pub(crate) fn run(args: &Args, printer: &Printer) -> anyhow::Result<Outcome> {
    match &args.what {
        What::Show { data } => {
            let keys = key_of(&Settings::of(data)?.key_file(data))?;
            printer.say(
                &json!({ "mark": keys.mark(), "backup_recipient": keys.backup_recipient() }),
                &format!("印记 {}\n备份的公钥 {}", keys.mark(), keys.backup_recipient()),
            );
        }
        What::Paper { data, out } => {
            let keys = key_of(&Settings::of(data)?.key_file(data))?;
            if let Some(out) = out {
                let name = open_kept(data, None)
                    .ok()
                    .and_then(|office| office.county_name().ok())
                    .unwrap_or_default();
                let page = paper(&keys, &name);
                if out.as_os_str() == "-" {
                    printer.line(page);
                    printer.note("密钥纸：用浏览器打开、打印，锁进保险柜，然后删掉这个文件");
                    return Ok(Outcome::Done);
                }
                crate::folder::write_secret(out, page.as_bytes())?;
                printer.line(format!(
                    "密钥纸：{}。用浏览器打开、打印，锁进保险柜，然后删掉这个文件",
                    out.display()
                ));
            } else {
                for line in keys.to_paper() {
                    printer.line(line);
                }
                printer.note(format!("印记 {}。抄完关掉屏幕", keys.mark()));
            }
        }
        What::Export { data, to, age } => {
            let keys = key_of(&Settings::of(data)?.key_file(data))?;
            if to.exists() {
                return Err(InputError(format!("已经有 {}；换一个名字", to.display())).into());
            }
            let text = if *age {
                format!("# 印记 {}\n{}\n", keys.mark(), keys.backup_identity_text())
            } else {
                keys.to_text()
            };
            crate::folder::write_secret(to, text.as_bytes())?;
            let mark = keys.mark();
            printer.say(
                &json!({ "file": to, "mark": mark }),
                &format!("密钥抄到 {}，印记 {mark}。不要和备份放在一起", to.display()),
            );
        }
        What::Import { data, from } => {
            let text = if let Some(from) = from {
                std::fs::read_to_string(from)
                    .with_context(|| format!("读不到 {}", from.display()))?
            } else {
                printer.note("照密钥纸打八行，打完按 Ctrl-D：");
                let mut text = String::new();
                std::io::stdin().read_to_string(&mut text).context("键盘读不到")?;
                text
            };
            let keys = if text.trim_start().starts_with("fujiao-key") {
                Keys::parse(&text)
            } else {
                Keys::from_paper(&text)
            }
            .map_err(fujiao_office::OfficeError::from)?;
            crate::folder::make(data)?;
            let file = Settings::of(data)?.key_file(data);
            put_key(&file, &keys)?;
            let mark = keys.mark();
            printer.say(
                &json!({ "file": file, "mark": mark }),
                &format!("密钥放回 {}，印记 {mark}；与密钥纸上的印记对一对", file.display()),
            );
        }
    }
    Ok(Outcome::Done)
}

/// A page to print on A4. It loads nothing.
fn paper(keys: &Keys, county: &str) -> String {
    let rows: Vec<String> = keys
        .to_paper()
        .iter()
        .map(|line| {
            let cells: Vec<&str> = line.split_whitespace().collect();
            format!(
                "<tr><th>{}</th><td>{}</td><td>{}</td><td class=\"c\">{}</td></tr>\n",
                cells[0], cells[1], cells[2], cells[3]
            )
        })
        .collect();
    let county: String = county.chars().filter(|c| !matches!(c, '<' | '>' | '&' | '"')).collect();
    include_str!("keys/paper.html")
        .replace("{county}", if county.is_empty() { "____________" } else { &county })
        .replace("{mark}", &keys.mark())
        .replace("{at}", &local(now()))
        .replace("{rows}", &rows.concat())
}
