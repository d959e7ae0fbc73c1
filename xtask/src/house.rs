//! The rules of the house that no single crate can hold: arrows, purity, nothing of one machine, documents that are true.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use crate::root;

/// Every room with its rank: a room may depend only on rooms of lower rank (design: `model` ← engines and `store` ←
/// `office` ← `web` ← `fujiao`).
const RANKS: &[(&str, u8)] = &[
    ("model", 0),
    ("intake", 1),
    ("link", 1),
    ("policy", 1),
    ("settle", 1),
    ("ledger", 1),
    ("watch", 1),
    ("school", 1),
    ("labour", 1),
    ("plan", 1),
    ("report", 1),
    ("synth", 1),
    ("store", 1),
    ("office", 2),
    ("web", 3),
    ("fujiao", 4),
];

/// Rooms whose functions depend on nothing but their arguments.
const ENGINES: &[&str] = &[
    "intake", "link", "policy", "settle", "ledger", "watch", "school", "labour", "plan", "report",
    "synth",
];

#[test]
fn arrows_run_one_way() {
    let ranks: BTreeMap<&str, u8> = RANKS.iter().copied().collect();
    let mut faults = Vec::new();
    for (room, manifest) in manifests() {
        let Some(rank) = ranks.get(room.as_str()) else {
            faults.push(format!("crates/{room} has no rank in the house: say where it stands"));
            continue;
        };
        for dependency in dependencies(&manifest) {
            let Some(other) = dependency.strip_prefix("fujiao-") else {
                if dependency == "xtask" {
                    faults.push(format!("{room} depends on xtask; nobody does"));
                }
                continue;
            };
            if ranks.get(other).is_none_or(|theirs| theirs >= rank) {
                faults.push(format!(
                    "{room} depends on {other}: this arrow runs backwards or sideways"
                ));
            }
        }
    }
    assert_none(&faults);
}

#[test]
fn xtask_knows_no_room() {
    let manifest: toml::Table = read("xtask/Cargo.toml").parse().expect("a manifest is TOML");
    let rooms: Vec<_> =
        dependencies(&manifest).into_iter().filter(|d| d.starts_with("fujiao")).collect();
    assert_eq!(rooms, Vec::<String>::new());
}

#[test]
fn every_crate_obeys_the_lints_of_the_workspace() {
    let mut manifests = manifests();
    manifests
        .insert("xtask".to_owned(), read("xtask/Cargo.toml").parse().expect("a manifest is TOML"));
    for (room, manifest) in manifests {
        let obeys =
            manifest.get("lints").and_then(|l| l.get("workspace")).and_then(toml::Value::as_bool);
        assert_eq!(obeys, Some(true), "{room}: [lints] workspace = true");
    }
}

/// An engine that reads a clock, a file or an unordered map gives another answer on another day or machine.
#[test]
fn engines_are_functions_of_their_arguments() {
    const IMPURE: &[&str] = &[
        "std::fs",
        "std::net",
        "std::env",
        "std::process",
        "SystemTime::now",
        "Instant::now",
        "Timestamp::now",
        "Zoned::now",
        "thread_rng",
        "static mut",
        "RandomState",
    ];
    const CRATES: &[&str] =
        &["tokio", "rusqlite", "postgres", "axum", "getrandom", "tempfile", "rand"];
    let mut faults = Vec::new();
    let manifests = manifests();
    for engine in ENGINES.iter().chain(&["model"]) {
        let manifest = &manifests[*engine];
        for dependency in table(manifest, "dependencies") {
            if CRATES.contains(&dependency.as_str()) {
                faults.push(format!("{engine} depends on {dependency}"));
            }
        }
        for (path, text) in sources(&format!("crates/{engine}/src")) {
            if path.ends_with("tests.rs") || path.components().any(|c| c.as_os_str() == "tests") {
                continue;
            }
            for (n, line) in product_lines(&text) {
                for word in IMPURE.iter().filter(|word| line.contains(**word)) {
                    faults.push(format!("{}:{n}: {word}", path.display()));
                }
            }
        }
    }
    assert_none(&faults);
}

/// Only `fujiao` may use `anyhow`: elsewhere somebody matches on the error.
#[test]
fn errors_have_types_below_the_binary() {
    let with_anyhow: Vec<_> = manifests()
        .into_iter()
        .filter(|(room, manifest)| {
            room != "fujiao" && table(manifest, "dependencies").contains("anyhow")
        })
        .map(|(room, _)| room)
        .collect();
    assert_eq!(with_anyhow, Vec::<String>::new());
}

/// What is true of one machine only does not belong into the tree: folders of its users, mirrors of registries.
#[test]
fn nothing_in_the_tree_belongs_to_one_machine() {
    // Written in two halves, so that this file does not find itself.
    let folders: Vec<String> = ["work/", "root/", "farm/", "home/", "tmp/", "Users/"]
        .iter()
        .map(|folder| format!("{}{folder}", '/'))
        .collect();
    let mut faults = Vec::new();
    for (path, text) in tree() {
        for (n, line) in text.lines().enumerate() {
            let named = folders.iter().any(|folder| {
                line.match_indices(folder.as_str()).any(|(at, _)| {
                    let before = line[..at].chars().next_back();
                    let after = line[at + folder.len()..].chars().next();
                    // `docs/home/page` is no machine's folder; `/home/` alone is a word about folders.
                    before.is_none_or(|c| !(c.is_alphanumeric() || "._-}/".contains(c)))
                        && after.is_some_and(|c| c.is_ascii_alphanumeric())
                })
            });
            if named {
                faults.push(format!(
                    "{}:{}: a folder of one machine: {}",
                    path.display(),
                    n + 1,
                    line.trim()
                ));
            }
        }
    }
    let lock = read("Cargo.lock");
    for line in lock.lines().filter(|l| l.starts_with("source = ")) {
        if line != "source = \"registry+https://github.com/rust-lang/crates.io-index\"" {
            faults.push(format!("Cargo.lock: {line}"));
        }
    }
    let config: toml::Table =
        read(".cargo/config.toml").parse().expect("cargo's configuration is TOML");
    for key in ["source", "registries", "registry", "net", "http"] {
        if config.contains_key(key) {
            faults.push(format!(".cargo/config.toml: [{key}] is for each machine to set"));
        }
    }
    assert_none(&faults);
}

#[test]
fn the_two_commands_of_the_readme_exist() {
    for readme in ["README.md", "README.zh-CN.md"] {
        let text = read(readme);
        for command in ["cargo run --release -- demo", "cargo xtask test"] {
            assert!(text.contains(command), "{readme} begins with `{command}`");
        }
    }
    let config: toml::Table =
        read(".cargo/config.toml").parse().expect("cargo's configuration is TOML");
    assert!(config["alias"].get("xtask").is_some(), "`cargo xtask` is an alias");
    let workspace: toml::Table = read("Cargo.toml").parse().expect("a manifest is TOML");
    let default = &workspace["workspace"]["default-members"];
    assert_eq!(
        default.as_array().unwrap(),
        &[toml::Value::from("crates/fujiao")],
        "`cargo run` runs fujiao"
    );
    assert!(crate::HELP.contains("cargo xtask test"));
}

#[test]
fn every_decision_is_linked_and_complete() {
    let mut numbers = BTreeSet::new();
    let others: Vec<(PathBuf, String)> =
        tree().into_iter().filter(|(path, _)| !path.starts_with("docs/adr")).collect();
    let mut faults = Vec::new();
    for (path, text) in markdown("docs/adr") {
        let name = path.file_name().expect("a file has a name").to_string_lossy().into_owned();
        match name.get(..4).and_then(|n| n.parse::<u32>().ok()) {
            Some(number) if numbers.insert(number) => {}
            _ => faults.push(format!("{name}: a number of its own begins the name")),
        }
        if !others.iter().any(|(_, other)| other.contains(&name)) {
            faults.push(format!("{name}: no file outside docs/adr links it"));
        }
        for part in [
            "## Question",
            "## Decision",
            "## Reasons",
            "## Turned down",
            "## What would change our mind",
        ] {
            if !text.contains(part) {
                faults.push(format!("{name}: lacks `{part}`"));
            }
        }
    }
    // Numbers are given out ahead of the work, so that holes may stay open for a while.
    assert!(numbers.first() == Some(&1), "decisions are numbered from 1");
    assert_none(&faults);
}

#[test]
fn links_between_documents_lead_somewhere() {
    let mut faults = Vec::new();
    for (path, text) in markdown("") {
        let folder = path.parent().expect("a file lies in a folder");
        for target in links(&text) {
            let file = target.split('#').next().unwrap_or_default();
            if file.is_empty() || file.contains("://") || file.starts_with("mailto:") {
                continue;
            }
            if !root().join(folder).join(file).exists() {
                faults.push(format!("{}: {target}", path.display()));
            }
        }
    }
    assert_none(&faults);
}

/// The table of invariants in ARCHITECTURE.md says in its last column which tests hold them.
#[test]
fn every_invariant_names_a_test_that_exists() {
    let code = code();
    let architecture = read("ARCHITECTURE.md");
    let (_, section) =
        architecture.split_once("## Invariants").expect("ARCHITECTURE.md has its invariants");
    let section = section.split("\n## ").next().expect("a text has a first part");
    let mut faults = Vec::new();
    let rows: Vec<&str> = section.lines().filter(|line| line.starts_with("| ")).skip(1).collect();
    for row in &rows {
        let cell = row.trim_end_matches('|').rsplit('|').next().expect("a row has cells");
        let names: Vec<&str> = cell.split('`').skip(1).step_by(2).collect();
        if names.is_empty() {
            faults.push(format!("no test holds: {row}"));
        }
        for name in names {
            if !code.contains(&format!("fn {name}(")) {
                faults.push(format!("no test is called {name}"));
            }
        }
    }
    assert!(rows.len() > 10, "the table of invariants has its rows");
    assert_none(&faults);
}

// --- reading the tree

/// All Rust of the tree, to find tests by their names in.
pub(crate) fn code() -> String {
    ["crates", "fuzz", "xtask"].iter().flat_map(|f| sources(f)).map(|(_, text)| text).collect()
}

fn assert_none(faults: &[String]) {
    assert!(faults.is_empty(), "\n{}", faults.join("\n"));
}

fn read(path: &str) -> String {
    std::fs::read_to_string(root().join(path)).unwrap_or_else(|e| panic!("{path}: {e}"))
}

/// The manifests of `crates/`, by room.
fn manifests() -> BTreeMap<String, toml::Table> {
    let rooms = std::fs::read_dir(root().join("crates")).expect("the workspace has rooms");
    rooms
        .map(|room| room.expect("a readable folder").file_name().to_string_lossy().into_owned())
        .filter(|room| root().join("crates").join(room).join("Cargo.toml").is_file())
        .map(|room| {
            let manifest =
                read(&format!("crates/{room}/Cargo.toml")).parse().expect("a manifest is TOML");
            (room, manifest)
        })
        .collect()
}

fn table(manifest: &toml::Table, name: &str) -> BTreeSet<String> {
    let keys = manifest.get(name).and_then(toml::Value::as_table);
    keys.map(|t| t.keys().cloned().collect()).unwrap_or_default()
}

/// All dependencies of a manifest: for the product, for tests, for build scripts.
fn dependencies(manifest: &toml::Table) -> BTreeSet<String> {
    ["dependencies", "dev-dependencies", "build-dependencies"]
        .iter()
        .flat_map(|name| table(manifest, name))
        .collect()
}

/// Lines with their numbers, up to the tests at the end of a file, without comments.
fn product_lines(text: &str) -> impl Iterator<Item = (usize, &str)> {
    (1..)
        .zip(text.lines())
        .take_while(|(_, line)| !line.starts_with("#[cfg(test)]"))
        .filter(|(_, line)| !line.trim_start().starts_with("//"))
}

fn sources(under: &str) -> Vec<(PathBuf, String)> {
    tree()
        .into_iter()
        .filter(|(path, _)| path.starts_with(under) && path.extension().is_some_and(|e| e == "rs"))
        .collect()
}

fn markdown(under: &str) -> Vec<(PathBuf, String)> {
    tree()
        .into_iter()
        .filter(|(path, _)| path.starts_with(under) && path.extension().is_some_and(|e| e == "md"))
        .collect()
}

/// Every text file of the tree by its path from the root, sorted; without what is built or fetched.
fn tree() -> Vec<(PathBuf, String)> {
    fn walk(folder: &Path, into: &mut Vec<(PathBuf, String)>) {
        for entry in std::fs::read_dir(folder).expect("a readable folder") {
            let path = entry.expect("a readable entry").path();
            let name =
                path.file_name().expect("an entry has a name").to_string_lossy().into_owned();
            // In a second working tree `.git` is a file.
            if ["target", ".git", "node_modules", "out"].contains(&name.as_str()) {
                continue;
            }
            if path.is_dir() {
                walk(&path, into);
            } else if let Ok(text) = std::fs::read_to_string(&path) {
                let from_root = path.strip_prefix(root()).expect("it lies under the root");
                into.push((from_root.to_path_buf(), text));
            }
        }
    }
    let mut files = Vec::new();
    walk(root(), &mut files);
    files.sort();
    files
}

/// Targets of `[text](target)`, outside code fences.
fn links(text: &str) -> Vec<&str> {
    let mut fenced = false;
    let mut found = Vec::new();
    for line in text.lines() {
        if line.trim_start().starts_with("```") {
            fenced = !fenced;
        }
        if fenced {
            continue;
        }
        for (at, _) in line.match_indices("](") {
            let rest = &line[at + 2..];
            if let Some(end) = rest.find(')') {
                found.push(&rest[..end]);
            }
        }
    }
    found
}

#[test]
fn a_link_is_found_and_a_fence_is_not() {
    assert_eq!(links("see [a](b.md) and [c](d.md#e)\n```\n[x](y)\n```"), ["b.md", "d.md#e"]);
}
