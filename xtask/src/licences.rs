//! Under which licences the libraries stand that go into the program: `docs/licences.md`, made from `cargo metadata`.
//!
//! Everything here works offline. What has been found wrong with a library since it was released cannot be known offline:
//! `deny.toml` is for `cargo deny check advisories` on a machine with internet.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use anyhow::{Context, Result, bail};
use serde_json::Value;

use crate::{cargo, root};

/// Licences under which a library may be part of the program: permissive, compatible with Apache-2.0.
const ALLOWED: &[&str] = &[
    "0BSD",
    "Apache-2.0",
    "Apache-2.0 WITH LLVM-exception",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "BSL-1.0",
    "CC0-1.0",
    "ISC",
    "MIT",
    "MIT-0",
    "Unicode-3.0",
    "Unlicense",
    "Zlib",
    // Certificates of Mozilla's root program: data, unchanged.
    "CDLA-Permissive-2.0",
];

const PAGE: &str = "docs/licences.md";

/// A library of somebody else's.
struct Library {
    name: String,
    version: String,
    licence: String,
    home: String,
    /// Whether it is in the program, and not only in its tests, builds and chores.
    shipped: bool,
}

/// `cargo xtask licences [--check]`.
///
/// # Errors
/// A licence that is not allowed or not said; with `--check` a page that is out of date.
pub(crate) fn licences(check: bool) -> Result<()> {
    let libraries = libraries()?;
    let bad: Vec<String> = libraries
        .iter()
        .filter(|l| !allows(&l.licence))
        .map(|l| format!("{} {}: “{}”", l.name, l.version, l.licence))
        .collect();
    if !bad.is_empty() {
        bail!(
            "licences that are not allowed (see ALLOWED in xtask/src/licences.rs):\n{}",
            bad.join("\n")
        );
    }
    let page = page(&libraries);
    let path = root().join(PAGE);
    if check {
        let is = std::fs::read_to_string(&path).unwrap_or_default();
        if is != page {
            bail!("{PAGE} is out of date: cargo xtask licences");
        }
    } else {
        std::fs::write(&path, page).with_context(|| format!("cannot write {PAGE}"))?;
        println!("{} libraries, all allowed; {PAGE} is written", libraries.len());
    }
    Ok(())
}

fn libraries() -> Result<Vec<Library>> {
    let mut command = cargo();
    command.args(["metadata", "--offline", "--locked", "--format-version", "1"]);
    let output = command.output().context("cargo metadata does not start")?;
    if !output.status.success() {
        bail!("cargo metadata: {}", String::from_utf8_lossy(&output.stderr));
    }
    let metadata: Value = serde_json::from_slice(&output.stdout)?;
    let shipped = shipped(&metadata);
    let text = |value: &Value, key: &str| value[key].as_str().unwrap_or_default().to_owned();
    let packages = metadata["packages"].as_array().context("packages")?;
    let mut libraries: Vec<Library> = packages
        .iter()
        .filter(|p| !p["source"].is_null())
        .map(|p| Library {
            name: text(p, "name"),
            version: text(p, "version"),
            licence: text(p, "license"),
            home: text(p, "repository"),
            shipped: shipped.contains(&text(p, "id")),
        })
        .collect();
    libraries.sort_by(|a, b| (&a.name, &a.version).cmp(&(&b.name, &b.version)));
    Ok(libraries)
}

/// Ids of all packages that `fujiao` is linked with: along normal dependencies alone, on any platform.
fn shipped(metadata: &Value) -> BTreeSet<String> {
    let nodes = metadata["resolve"]["nodes"].as_array().cloned().unwrap_or_default();
    let mut leads: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for node in &nodes {
        let id = node["id"].as_str().unwrap_or_default();
        for to in node["deps"].as_array().into_iter().flatten() {
            let kinds = to["dep_kinds"].as_array();
            if kinds.is_some_and(|kinds| kinds.iter().any(|k| k["kind"].is_null())) {
                leads.entry(id).or_default().push(to["pkg"].as_str().unwrap_or_default());
            }
        }
    }
    let packages = metadata["packages"].as_array().cloned().unwrap_or_default();
    let program = packages.iter().find(|p| p["name"] == "fujiao" && p["source"].is_null());
    let mut open: Vec<&str> = program.and_then(|p| p["id"].as_str()).into_iter().collect();
    let mut found = BTreeSet::new();
    while let Some(id) = open.pop() {
        if found.insert(id.to_owned()) {
            open.extend(leads.get(id).into_iter().flatten().copied());
        }
    }
    found
}

/// Whether an SPDX expression leaves a choice of allowed licences: `OR` and the older `/` choose, `AND` asks for both.
fn allows(expression: &str) -> bool {
    fn either(words: &[&str], at: &mut usize) -> bool {
        let mut holds = both(words, at);
        while words.get(*at) == Some(&"OR") {
            *at += 1;
            // Both sides are read, whichever holds.
            holds |= both(words, at);
        }
        holds
    }
    fn both(words: &[&str], at: &mut usize) -> bool {
        let mut holds = one(words, at);
        while words.get(*at) == Some(&"AND") {
            *at += 1;
            holds &= one(words, at);
        }
        holds
    }
    fn one(words: &[&str], at: &mut usize) -> bool {
        let Some(word) = words.get(*at) else { return false };
        *at += 1;
        if *word == "(" {
            let holds = either(words, at);
            let closed = words.get(*at) == Some(&")");
            *at += 1;
            return holds && closed;
        }
        if words.get(*at) == Some(&"WITH") {
            let whole = format!("{word} WITH {}", words.get(*at + 1).copied().unwrap_or_default());
            *at += 2;
            return ALLOWED.contains(&whole.as_str());
        }
        ALLOWED.contains(word)
    }
    let spaced = expression.replace('(', " ( ").replace(')', " ) ").replace('/', " OR ");
    let words: Vec<&str> = spaced.split_whitespace().collect();
    let mut at = 0;
    either(&words, &mut at) && at == words.len()
}

fn page(libraries: &[Library]) -> String {
    let mut out = String::from(
        "# Licences of libraries\n\n\
         Made by `cargo xtask licences` from Cargo.lock and what the libraries say of themselves; a test keeps it true and refuses\n\
         licences that are not on the list in `xtask/src/licences.rs`. Fujiao itself is under Apache-2.0, data that it ships is named\n\
         in [NOTICE](../NOTICE).\n\n\
         Offline nobody can know what was found wrong with a library since its release. On a machine with internet, with\n\
         [cargo-deny](https://embarkstudios.github.io/cargo-deny/): `cargo install --locked cargo-deny && cargo deny check`; it reads\n\
         `deny.toml`, which allows the same licences and refuses libraries with known advisories, withdrawn versions, and sources other\n\
         than crates.io. Do it before each release.\n",
    );
    for (shipped, title) in [
        (true, "In the program"),
        (false, "Only in tests, builds and chores, or on other platforms"),
    ] {
        let of: Vec<&Library> = libraries.iter().filter(|l| l.shipped == shipped).collect();
        let _ = write!(out, "\n## {title}\n\n{} libraries.\n\n", of.len());
        out.push_str("| library | version | licence | home |\n|---|---|---|---|\n");
        for l in of {
            let _ = writeln!(out, "| {} | {} | {} | {} |", l.name, l.version, l.licence, l.home);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_expression_is_allowed_if_a_choice_of_it_is() {
        for good in [
            "MIT",
            "MIT/Apache-2.0",
            "GPL-3.0 OR MIT",
            "(MIT OR Apache-2.0) AND Unicode-3.0",
            "Apache-2.0 WITH LLVM-exception OR MIT",
        ] {
            assert!(allows(good), "{good}");
        }
        for bad in [
            "",
            "GPL-3.0",
            "MIT AND GPL-3.0",
            "(MIT",
            "MIT Apache-2.0",
            "GPL-2.0 WITH Classpath-exception-2.0",
        ] {
            assert!(!allows(bad), "{bad}");
        }
    }

    #[test]
    fn every_library_stands_under_a_licence_that_is_allowed_and_is_listed() {
        licences(true).unwrap();
    }

    #[test]
    fn cargo_deny_is_told_the_same() {
        let text = std::fs::read_to_string(root().join("deny.toml")).unwrap();
        let deny: toml::Table = text.parse().unwrap();
        let allowed: Vec<&str> = deny["licenses"]["allow"]
            .as_array()
            .unwrap()
            .iter()
            .map(|l| l.as_str().unwrap())
            .collect();
        assert_eq!(allowed, ALLOWED);
    }
}
