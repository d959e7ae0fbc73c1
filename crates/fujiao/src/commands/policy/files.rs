//! Policy files in a folder.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Context;
use fujiao_policy::{PolicyFile, PolicySet};

use crate::commands::InputError;

/// The rules in a folder, or those that came with the program; a file or folder of the county's own may be laid over them.
pub(crate) fn load(folder: Option<&Path>, over: Option<&Path>) -> anyhow::Result<PolicySet> {
    let mut texts: Vec<(String, String)> = match folder {
        None => {
            let builtin = PolicySet::BUILTIN.iter();
            builtin.map(|f| (f.path.to_owned(), f.text.to_owned())).collect()
        }
        Some(folder) => read(folder)?,
    };
    if let Some(path) = over {
        texts.extend(read(path)?);
    }
    let files: Vec<PolicyFile<'_>> =
        texts.iter().map(|(path, text)| PolicyFile { path, text }).collect();
    PolicySet::load(&files).map_err(|faults| {
        let lines: Vec<String> = faults.iter().map(ToString::to_string).collect();
        anyhow::Error::new(InputError(format!(
            "{}\n规则有 {} 处要改，改好再来",
            lines.join("\n"),
            lines.len()
        )))
    })
}

fn read(folder: &Path) -> anyhow::Result<Vec<(String, String)>> {
    let meta = fs::metadata(folder).with_context(|| format!("没有找到 {}", folder.display()))?;
    let mut paths = Vec::new();
    if meta.is_file() {
        paths.push(folder.to_path_buf());
    } else {
        walk(folder, &mut paths)?;
    }
    paths.sort();
    if paths.is_empty() {
        return Err(anyhow::Error::new(InputError(format!(
            "{} 里没有规则文件（.toml）；规则文件怎么写见 policies/README.md",
            folder.display()
        ))));
    }
    let mut texts = Vec::new();
    for path in paths {
        let text = text(&path)?;
        // Data of other engines (loans, cases …) lies beside the rules and says whose it is.
        if !text.lines().any(|line| line.starts_with("engine = ")) {
            texts.push((path.display().to_string(), text));
        }
    }
    Ok(texts)
}

fn text(path: &Path) -> anyhow::Result<String> {
    let bytes = fs::read(path).with_context(|| format!("读不出 {}", path.display()))?;
    String::from_utf8(bytes).map_err(|_| {
        anyhow::Error::new(InputError(format!("{} 不是 UTF-8 文字；另存为 UTF-8", path.display())))
    })
}

fn walk(folder: &Path, out: &mut Vec<PathBuf>) -> anyhow::Result<()> {
    let entries =
        fs::read_dir(folder).with_context(|| format!("打不开文件夹 {}", folder.display()))?;
    for entry in entries {
        let path = entry.with_context(|| format!("读不全文件夹 {}", folder.display()))?.path();
        if path.is_dir() {
            walk(&path, out)?;
        } else if path.extension().is_some_and(|e| e == "toml") {
            out.push(path);
        }
    }
    Ok(())
}
