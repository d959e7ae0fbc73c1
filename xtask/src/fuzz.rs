//! Bad inputs by the million: `fujiao-fuzz` built with optimisation for the readers of files, and the interface for programs
//! through its tests.

use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::{cargo, root, run};

/// Targets of the fuzz program.
const READERS: &[&str] = &["intake", "policy", "link", "returns", "solver"];

/// `cargo xtask fuzz [--target T] [--seconds N | --cases N] [--seed N]`.
///
/// # Errors
/// A reader that panicked; a wrong option.
pub(crate) fn fuzz(args: &[&str]) -> Result<()> {
    let mut target = None;
    let mut rest: Vec<String> = Vec::new();
    let mut cases = None;
    for pair in args.chunks(2) {
        let [option, value] = pair else { bail!("{} lacks its value", pair[0]) };
        match *option {
            "--target" => target = Some(*value),
            "--seconds" | "--cases" | "--seed" | "--threads" => {
                value.parse::<u64>().with_context(|| format!("{option} takes a number"))?;
                if *option == "--cases" {
                    cases = Some(*value);
                }
                rest.extend([(*option).to_owned(), (*value).to_owned()]);
            }
            other => bail!("`fuzz` knows no `{other}`"),
        }
    }
    let readers: Vec<&str> = match target {
        None => READERS.to_vec(),
        Some("api") => Vec::new(),
        Some(one) if READERS.contains(&one) => vec![one],
        Some(other) => bail!("no target is called `{other}`: {}, api", READERS.join(", ")),
    };
    let mut failed = Vec::new();
    if !readers.is_empty() {
        run(cargo().args(["build", "--release", "--package", "fujiao-fuzz"]))?;
        let target = std::env::var_os("CARGO_TARGET_DIR")
            .map_or_else(|| root().join("target"), std::path::PathBuf::from);
        for reader in readers {
            let mut command = Command::new(target.join("release/fujiao-fuzz"));
            command.current_dir(root()).args(["--target", reader]).args(&rest);
            if run(&mut command).is_err() {
                failed.push(reader);
            }
        }
    }
    if target.is_none_or(|t| t == "api") {
        // Its bodies go through the whole router over books in memory, as the tests of the pages make them.
        let mut command = cargo();
        command.args(["test", "--package", "fujiao-web", "--test", "pages", "no_body_"]);
        command.args(["--", "--nocapture"]).env("PROPTEST_CASES", cases.unwrap_or("20000"));
        if run(&mut command).is_err() {
            failed.push("api");
        }
    }
    if failed.is_empty() { Ok(()) } else { bail!("a panic in: {}", failed.join(", ")) }
}
