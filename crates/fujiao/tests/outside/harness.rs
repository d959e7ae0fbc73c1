//! What the outside tests share: the program, a made county, a run over it, workbooks made by hand.

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::LazyLock;

use rust_xlsxwriter::Workbook;
use serde_json::Value;

pub(crate) const AS_OF: &str = "2025-10-15";
pub(crate) const PEOPLE: &str = "3000";

/// The built program.
pub(crate) fn fujiao<I: IntoIterator<Item: AsRef<OsStr>>>(args: I) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_fujiao"));
    command.args(args).env("NO_COLOR", "1");
    command
}

/// How a call of the program ended.
pub(crate) struct Ended {
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Ended {
    /// Everything that a person at the terminal reads.
    pub(crate) fn said(&self) -> String {
        format!("{}\n{}", self.stdout, self.stderr)
    }
}

pub(crate) fn end(command: &mut Command) -> Ended {
    let Output { status, stdout, stderr } = command.output().expect("fujiao starts");
    Ended {
        code: status.code(),
        stdout: String::from_utf8(stdout).expect("it speaks UTF-8"),
        stderr: String::from_utf8(stderr).expect("it speaks UTF-8"),
    }
}

pub(crate) fn succeed(command: &mut Command) -> Ended {
    let ended = end(command);
    assert_eq!(ended.code, Some(0), "{command:?}\n{}", ended.said());
    ended
}

/// Runs that did what they could: 0, or 1 where rows of the made county went back to their senders.
pub(crate) fn ran(command: &mut Command) -> Ended {
    let ended = end(command);
    assert!(matches!(ended.code, Some(0 | 1)), "{command:?}\n{}", ended.said());
    ended
}

/// An empty folder of this test run, kept afterwards to be looked at.
pub(crate) fn folder(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("outside").join(name);
    if folder.exists() {
        fs::remove_dir_all(&folder).expect("a folder of ours");
    }
    fs::create_dir_all(&folder).expect("the target folder is writable");
    folder
}

/// A made county with the usual noise; its truth lies in `truth/`.
pub(crate) fn county() -> &'static Path {
    static COUNTY: LazyLock<PathBuf> = LazyLock::new(|| {
        let out = folder("county");
        succeed(
            fujiao([
                "synth", "--people", PEOPLE, "--seed", "7", "--noise", "0.05", "--as-of", AS_OF,
                "--out",
            ])
            .arg(&out),
        );
        out
    });
    &COUNTY
}

/// What `fujiao run --reveal` wrote for [`county`].
pub(crate) fn books() -> &'static Path {
    static BOOKS: LazyLock<PathBuf> = LazyLock::new(|| {
        let out = folder("books");
        ran(&mut run(county(), &out, &["--reveal"]));
        out
    });
    &BOOKS
}

pub(crate) fn run(input: &Path, out: &Path, more: &[&str]) -> Command {
    let mut command = fujiao(["run"]);
    command.arg(input).arg("--out").arg(out).args(["--as-of", AS_OF, "--json"]).args(more);
    command
}

pub(crate) fn summary(out: &Path) -> Value {
    let text = fs::read_to_string(out.join("summary.json")).expect("summary.json is written");
    serde_json::from_str(&text).expect("summary.json is JSON")
}

/// Header and records of a CSV file.
pub(crate) fn table(file: &Path) -> (Vec<String>, Vec<csv::StringRecord>) {
    let mut reader =
        csv::Reader::from_path(file).unwrap_or_else(|e| panic!("{}: {e}", file.display()));
    let header = reader.headers().expect("a header").iter().map(str::to_owned).collect();
    let records = reader.records().map(|r| r.expect("a record as long as the header")).collect();
    (header, records)
}

/// A workbook of one sheet `name` with these rows of text.
pub(crate) fn workbook<R: AsRef<[C]>, C: AsRef<str>>(name: &str, rows: &[R]) -> Vec<u8> {
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    sheet.set_name(name).expect("a sheet's name");
    for (r, row) in (0..).zip(rows) {
        for (c, cell) in (0..).zip(row.as_ref()) {
            sheet.write_string(r, c, cell.as_ref()).expect("a cell within the sheet");
        }
    }
    book.save_to_buffer().expect("a workbook in memory")
}

/// Every file under a folder, as paths from it, sorted.
pub(crate) fn files(under: &Path) -> Vec<PathBuf> {
    fn walk(at: &Path, top: &Path, into: &mut Vec<PathBuf>) {
        for entry in fs::read_dir(at).unwrap_or_else(|e| panic!("{}: {e}", at.display())) {
            let path = entry.expect("a readable entry").path();
            if path.is_dir() {
                walk(&path, top, into);
            } else {
                into.push(path.strip_prefix(top).expect("it lies under the top").to_path_buf());
            }
        }
    }
    let mut found = Vec::new();
    walk(under, under, &mut found);
    found.sort();
    found
}

/// The first of these programs along `PATH`; without one the test is to return, having said why.
///
/// # Panics
/// Where everything is required.
pub(crate) fn tool(names: &[&str]) -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let found = names
        .iter()
        .find_map(|name| std::env::split_paths(&path).map(|f| f.join(name)).find(|f| f.is_file()));
    if found.is_none() {
        assert!(std::env::var_os("FUJIAO_REQUIRE_ALL").is_none(), "{} is required", names[0]);
        eprintln!("skipped: {} is not installed", names[0]);
    }
    found
}

/// Where pictures and converted papers are left to look at.
pub(crate) fn artefacts(name: &str) -> PathBuf {
    let top = std::env::var_os("FUJIAO_ARTEFACTS")
        .map_or_else(|| Path::new(env!("CARGO_TARGET_TMPDIR")).join("artefacts"), PathBuf::from);
    let folder = top.join(name);
    fs::create_dir_all(&folder).expect("the artefacts' folder is writable");
    folder
}
