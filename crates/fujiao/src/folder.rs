//! Folders of workbooks, and folders that we write.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use fujiao_office::Incoming;

use crate::commands::InputError;

/// Kinds of file that can hold a roster.
const WORKBOOKS: [&str; 7] = ["xlsx", "xlsm", "xls", "et", "csv", "txt", "tsv"];

/// All workbooks under the paths, in the order of their names. `truth/` of a made county, hidden files, and the lock files of
/// office programs are no workbooks.
///
/// # Errors
/// A path that does not exist, a folder that cannot be read, nothing to read at all.
pub(crate) fn workbooks(paths: &[PathBuf]) -> anyhow::Result<Workbooks> {
    let mut books = Workbooks::default();
    for path in paths {
        let meta = fs::metadata(path).with_context(|| format!("没有找到 {}", path.display()))?;
        if meta.is_dir() {
            walk(path, path, &mut books)?;
        } else {
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            books.found.push(Incoming { path: path.clone(), name });
        }
    }
    if books.found.is_empty() {
        let names: Vec<String> = paths.iter().map(|p| p.display().to_string()).collect();
        return Err(anyhow::Error::new(InputError(format!(
            "{} 里没有工作簿；把各部门的 .xlsx、.xls 或 .csv 放进去再来",
            names.join("、")
        ))));
    }
    books.found.sort_by(|a, b| a.name.cmp(&b.name));
    books.passed_over.sort();
    Ok(books)
}

/// What lies in folders.
#[derive(Debug, Default)]
pub(crate) struct Workbooks {
    /// Workbooks, by name.
    pub found: Vec<Incoming>,
    /// Files of other kinds, said so that nothing is dropped in silence.
    pub passed_over: Vec<String>,
}

fn walk(root: &Path, folder: &Path, books: &mut Workbooks) -> anyhow::Result<()> {
    let entries =
        fs::read_dir(folder).with_context(|| format!("打不开文件夹 {}", folder.display()))?;
    for entry in entries {
        let path = entry.with_context(|| format!("读不全文件夹 {}", folder.display()))?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if name.starts_with('.') || name.starts_with("~$") {
            continue;
        }
        if path.is_dir() {
            if !(name == "truth" && folder == root) {
                walk(root, &path, books)?;
            }
            continue;
        }
        let extension = path.extension().unwrap_or_default().to_string_lossy().to_lowercase();
        let relative = path.strip_prefix(root).unwrap_or(&path);
        let name = relative
            .components()
            .map(|c| c.as_os_str().to_string_lossy())
            .collect::<Vec<_>>()
            .join("/");
        if WORKBOOKS.contains(&extension.as_str()) {
            books.found.push(Incoming { path, name });
        } else {
            books.passed_over.push(name);
        }
    }
    Ok(())
}

/// Makes a folder to write in.
///
/// # Errors
/// With the path, where it cannot be made.
pub(crate) fn make(folder: &Path) -> anyhow::Result<()> {
    fs::create_dir_all(folder).with_context(|| format!("建不了文件夹 {}", folder.display()))
}

/// Writes a file whole or not at all: beside it first, then in its place.
///
/// # Errors
/// With the path, where it cannot be written.
pub(crate) fn write(path: &Path, bytes: &[u8]) -> anyhow::Result<()> {
    write_with(path, |file| file.write_all(bytes).map_err(|e| unwritten(path, e)))
}

/// As [`fn@write`], for a file that its owner alone may read.
///
/// # Errors
/// With the path, where it cannot be written.
pub(crate) fn write_secret(path: &Path, bytes: &[u8]) -> anyhow::Result<()> {
    write_with(path, |file| {
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            file.set_permissions(fs::Permissions::from_mode(0o600))
                .map_err(|e| unwritten(path, e))?;
        }
        file.write_all(bytes).map_err(|e| unwritten(path, e))
    })
}

/// Writes a file whole or not at all, as `make` writes it: beside it first, then in its place.
///
/// # Errors
/// That of `make`; with the path, where the file cannot be written.
pub(crate) fn write_with<T>(
    path: &Path,
    make_file: impl FnOnce(&mut fs::File) -> anyhow::Result<T>,
) -> anyhow::Result<T> {
    if let Some(folder) = path.parent() {
        make(folder)?;
    }
    let Some(name) = path.file_name() else { bail!("{} 不是文件名", path.display()) };
    let beside = path.with_file_name(format!(".{}.part", name.to_string_lossy()));
    let mut file = fs::File::create(&beside).map_err(|e| unwritten(path, e))?;
    let made = make_file(&mut file);
    drop(file);
    if made.is_err() {
        // Half a file is of no use; that it cannot be removed is no news beside the error.
        drop(fs::remove_file(&beside));
        return made;
    }
    fs::rename(&beside, path).map_err(|e| unwritten(path, e))?;
    made
}

/// What is wrong, and what to do about it.
fn unwritten(path: &Path, error: std::io::Error) -> anyhow::Error {
    let remedy = if error.kind() == std::io::ErrorKind::PermissionDenied {
        "运行程序的账号没有权在那里写；换一个它能写的文件夹"
    } else {
        "看看磁盘是否已满、文件是否正被别的程序打开"
    };
    let said = format!("写不下 {}；{remedy}", path.display());
    anyhow::Error::new(error).context(said)
}
