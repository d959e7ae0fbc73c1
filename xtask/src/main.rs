//! The project's own chores: the whole test suite, what CI runs, the benchmark.
//!
//! Run as `cargo xtask COMMAND`. Nobody depends on this crate, and it depends on no room of the house: it only calls
//! cargo and the programs that cargo builds.
#![expect(clippy::print_stdout, reason = "chores talk to the programmer who started them")]

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use anyhow::{Context, Result, bail};

mod bench;
mod deb;
mod fuzz;
mod licences;
mod postgres;
mod tools;

#[cfg(test)]
mod house;
#[cfg(test)]
mod security;

use tools::Tools;

const HELP: &str = "\
cargo xtask test [--require-all] [-- ARGS]
    The whole test suite: every crate on SQLite, the store and the office on PostgreSQL too where a server can be
    found or started (left to one that is given: schemas `fujiao_test_…`), and the outside tests (made county, bad
    input, kill -9, LibreOffice, browser). Says what it skipped.
    --require-all   a test that cannot run is a failure
    ARGS            go to `cargo test`, as in `cargo xtask test -- -p fujiao-settle`
cargo xtask lint
    cargo fmt --check, clippy with warnings denied, rustdoc with broken links denied: two minutes before every push.
cargo xtask ci
    `lint`, then `test --require-all`.
cargo xtask bench [--people N] [--seed N] [--runs N]
    Builds with --release, makes a county, runs `fujiao run` on it N times, and writes wall seconds by phase and
    peak memory to bench/results/.
cargo xtask fuzz [--target intake|policy|link|returns|solver|api] [--seconds N | --cases N] [--seed N]
    Bad inputs, ten seconds a target unless told otherwise; counts cases and panics and says the most memory held, as
    JSON. An input that made a reader panic is kept in target/fuzz/.
cargo xtask licences [--check]
    Writes docs/licences.md, or checks it; a licence that is not allowed is a failure. Works offline.
cargo xtask deb [--binary FILE] [--out FOLDER]
    A Debian package with a hardened systemd unit, into target/debian; built with --release unless a program is named.";

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    let done = match args.as_slice() {
        ["test", rest @ ..] => test_command(rest),
        ["lint"] => lint(),
        ["ci"] => lint().and_then(|()| test(true, &[])),
        ["bench", rest @ ..] => bench::Order::parse(rest).and_then(|order| bench::bench(&order)),
        ["fuzz", rest @ ..] => fuzz::fuzz(rest),
        ["licences"] => licences::licences(false),
        ["licences", "--check"] => licences::licences(true),
        ["deb", rest @ ..] => {
            deb::Order::parse(rest).and_then(|order| deb::deb(&order)).map(|file| {
                println!("{}", file.display());
            })
        }
        [] | ["help" | "--help" | "-h"] => {
            println!("{HELP}");
            Ok(())
        }
        [other, ..] => Err(anyhow::anyhow!("no chore is called `{other}`\n\n{HELP}")),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            println!("\nxtask: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// The root of the workspace.
fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("xtask lies in the workspace")
}

/// The cargo that started this program, at the root of the workspace.
fn cargo() -> Command {
    let program = std::env::var_os("CARGO").unwrap_or_else(|| OsString::from("cargo"));
    let mut cargo = Command::new(program);
    cargo.current_dir(root());
    cargo
}

/// Runs a command to its end, showing it first.
///
/// # Errors
/// If it cannot be started or does not succeed.
fn run(command: &mut Command) -> Result<()> {
    let words: Vec<_> = std::iter::once(command.get_program())
        .chain(command.get_args())
        .map(|w| w.to_string_lossy().into_owned())
        .collect();
    let program = Path::new(&words[0])
        .file_name()
        .map_or_else(String::new, |n| n.to_string_lossy().into_owned());
    let shown = format!("{program} {}", words[1..].join(" "));
    println!("\n$ {shown}");
    let status = command.status().with_context(|| format!("`{shown}` did not start"))?;
    if !status.success() {
        bail!("`{shown}` failed ({status})");
    }
    Ok(())
}

fn test_command(args: &[&str]) -> Result<()> {
    let split = args.iter().position(|a| *a == "--").unwrap_or(args.len());
    let (ours, to_cargo) = (&args[..split], args.get(split + 1..).unwrap_or_default());
    let mut require_all = false;
    for arg in ours {
        match *arg {
            "--require-all" => require_all = true,
            other => {
                bail!("`test` knows no `{other}`; arguments of cargo go behind `--`\n\n{HELP}")
            }
        }
    }
    test(require_all, to_cargo)
}

/// What the office does, once more with the books on the server, by the tests as they were just built: chosen by name, Cargo would build
/// them anew with other features.
fn office_on(server: &postgres::Server) -> Result<()> {
    let mut list = cargo();
    list.args(["test", "--workspace", "--no-run", "--message-format=json"]);
    let listed =
        list.stderr(std::process::Stdio::inherit()).output().context("cargo does not run")?;
    let folder = root().join("crates/office");
    let mut programs: Vec<String> = String::from_utf8_lossy(&listed.stdout)
        .lines()
        .filter_map(|line| serde_json::from_str::<serde_json::Value>(line).ok())
        .filter(|said| said["target"]["kind"][0] == "test")
        .filter(|said| {
            said["manifest_path"].as_str().is_some_and(|m| Path::new(m).starts_with(&folder))
        })
        .filter_map(|said| said["executable"].as_str().map(str::to_owned))
        .collect();
    programs.sort();
    if programs.is_empty() {
        bail!("the office has no tests");
    }
    let mut outcome = Ok(());
    for program in programs {
        let mut test = Command::new(program);
        test.current_dir(&folder).env("CARGO_MANIFEST_DIR", &folder);
        test.env("FUJIAO_TEST_PG", server.url()).env("FUJIAO_TEST_BOOKS", "postgresql");
        outcome = outcome.and(run(&mut test));
    }
    outcome
}

/// The whole suite. `PostgreSQL` runs from here, so that the tests of every crate share one server.
fn test(require_all: bool, to_cargo: &[&str]) -> Result<()> {
    let tools = Tools::find();
    let mut skipped = tools.missing();
    let server = match postgres::Server::find_or_start() {
        Ok(server) => Some(server),
        Err(why) => {
            skipped.push(format!("tests on PostgreSQL: {why:#}"));
            None
        }
    };
    for what in &skipped {
        println!("skipped: {what}");
    }
    if require_all && !skipped.is_empty() {
        bail!("--require-all, and {} cannot run", count(skipped.len(), "kind of test"));
    }

    let mut tests = cargo();
    tests.arg("test");
    if to_cargo.is_empty() {
        tests.args(["--workspace", "--no-fail-fast"]);
    }
    tests.args(to_cargo);
    if let Some(server) = &server {
        tests.env("FUJIAO_TEST_PG", server.url());
    }
    if require_all {
        tests.env("FUJIAO_REQUIRE_ALL", "1");
    }
    let artefacts = artefacts();
    std::fs::create_dir_all(&artefacts)
        .with_context(|| format!("cannot make {}", artefacts.display()))?;
    tests.env("FUJIAO_ARTEFACTS", &artefacts);
    let mut outcome = run(&mut tests);
    if let Some(server) = server.as_ref().filter(|_| to_cargo.is_empty()) {
        outcome = outcome.and(office_on(server));
    }
    drop(server);

    println!();
    for what in &skipped {
        println!("skipped: {what}");
    }
    outcome?;
    println!("passed{}", if skipped.is_empty() { "" } else { ", except what was skipped" });
    Ok(())
}

/// Where tests leave pictures and converted documents to look at.
fn artefacts() -> PathBuf {
    root().join("target").join("ci-artefacts")
}

fn lint() -> Result<()> {
    run(cargo().args(["fmt", "--all", "--check"]))?;
    run(cargo().args(["clippy", "--workspace", "--all-targets", "--", "-D", "warnings"]))?;
    run(cargo()
        .args(["doc", "--workspace", "--no-deps", "--document-private-items"])
        .env("RUSTDOCFLAGS", "-D rustdoc::broken_intra_doc_links"))
}

/// `1 kind of test`, `2 kinds of test`: the plural falls on the first word.
fn count(n: usize, what: &str) -> String {
    match what.split_once(' ') {
        Some((noun, rest)) if n != 1 => format!("{n} {noun}s {rest}"),
        _ if n != 1 => format!("{n} {what}s"),
        _ => format!("{n} {what}"),
    }
}
