//! A Debian package: an `ar` of two tars, written here so that it can be built on any machine.

use std::io::Write as _;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use flate2::Compression;
use flate2::write::GzEncoder;

use crate::{cargo, root, run};

/// What to build, from which program, and where to put it.
pub(crate) struct Order {
    /// A built program; `None`: it is built with `--release`.
    binary: Option<PathBuf>,
    /// The folder for the package.
    out: PathBuf,
}

impl Order {
    /// Reads `--binary FILE` and `--out FOLDER`.
    ///
    /// # Errors
    /// For anything else.
    pub(crate) fn parse(args: &[&str]) -> Result<Self> {
        let mut order = Self { binary: None, out: root().join("target").join("debian") };
        let mut args = args.iter();
        while let Some(arg) = args.next() {
            let value = args.next().with_context(|| format!("`{arg}` wants a value"))?;
            match *arg {
                "--binary" => order.binary = Some(PathBuf::from(value)),
                "--out" => order.out = PathBuf::from(value),
                other => bail!("`deb` knows no `{other}`"),
            }
        }
        Ok(order)
    }
}

/// Builds the package; where it lies.
///
/// # Errors
/// If the program does not build, or a file cannot be read or written.
pub(crate) fn deb(order: &Order) -> Result<PathBuf> {
    let binary = if let Some(binary) = &order.binary {
        binary.clone()
    } else {
        run(cargo().args(["build", "--release", "-p", "fujiao"]))?;
        let target = std::env::var_os("CARGO_TARGET_DIR")
            .map_or_else(|| root().join("target"), PathBuf::from);
        target.join("release").join("fujiao")
    };
    let program =
        std::fs::read(&binary).with_context(|| format!("cannot read {}", binary.display()))?;
    let package = package(&program, &version()?)?;
    std::fs::create_dir_all(&order.out)?;
    let name = format!("fujiao_{}_{}.deb", version()?, architecture());
    let file = order.out.join(name);
    std::fs::write(&file, package).with_context(|| format!("cannot write {}", file.display()))?;
    Ok(file)
}

/// A file of the package: where it goes, who may do what, what is in it.
struct Entry {
    path: String,
    mode: u32,
    bytes: Vec<u8>,
}

/// The package as bytes. The same inputs give the same bytes.
fn package(program: &[u8], version: &str) -> Result<Vec<u8>> {
    let read = |path: &str| {
        std::fs::read(root().join(path)).with_context(|| format!("cannot read {path}"))
    };
    let entry = |path: &str, mode, bytes| Entry { path: path.to_owned(), mode, bytes };
    let data = vec![
        entry("usr/bin/fujiao", 0o755, program.to_vec()),
        entry(
            "usr/lib/systemd/system/fujiao.service",
            0o644,
            read("packaging/debian/fujiao.service")?,
        ),
        entry("usr/share/doc/fujiao/README.md", 0o644, read("README.zh-CN.md")?),
        entry("usr/share/doc/fujiao/changelog.gz", 0o644, gzip(&read("CHANGELOG.md")?)?),
        entry(
            "usr/share/doc/fujiao/copyright",
            0o644,
            [read("NOTICE")?, b"\n".to_vec(), read("LICENSE")?].concat(),
        ),
        entry("usr/share/doc/fujiao/fujiao.toml", 0o644, read("crates/fujiao/src/settings.toml")?),
    ];
    let installed: usize = data.iter().map(|e| e.bytes.len()).sum::<usize>().div_ceil(1024);
    let control = format!(
        "Package: fujiao\n\
         Version: {version}\n\
         Architecture: {}\n\
         Maintainer: Fujiao <https://github.com/fujiao/fujiao>\n\
         Installed-Size: {installed}\n\
         Depends: libc6 (>= 2.36), libgcc-s1, adduser\n\
         Recommends: systemd\n\
         Suggests: fonts-noto-cjk\n\
         Section: admin\n\
         Priority: optional\n\
         Homepage: https://github.com/fujiao/fujiao\n\
         Description: keeps every poor child of a county in school, fed and helped\n \
         What a county promises is a duty, what it does is a deed, and every gap has\n \
         a name, a bearer and a day. One program with its pages, no internet needed.\n",
        architecture()
    );
    let script = |name: &str| -> Result<Entry> {
        Ok(entry(name, 0o755, read(&format!("packaging/debian/{name}"))?))
    };
    let control = vec![
        entry("control", 0o644, control.into_bytes()),
        script("postinst")?,
        script("prerm")?,
        script("postrm")?,
    ];
    let mut out = b"!<arch>\n".to_vec();
    member(&mut out, "debian-binary", b"2.0\n");
    member(&mut out, "control.tar.gz", &gzip(&tar(&control)?)?);
    member(&mut out, "data.tar.gz", &gzip(&tar(&data)?)?);
    Ok(out)
}

/// Adds a member to an `ar`: sixty bytes of header, the content, a line feed where its length is odd.
fn member(out: &mut Vec<u8>, name: &str, bytes: &[u8]) {
    let length = bytes.len();
    out.extend(format!("{name:<16}{:<12}{:<6}{:<6}{:<8}{length:<10}`\n", 0, 0, 0, 100_644).bytes());
    out.extend(bytes);
    if length % 2 == 1 {
        out.push(b'\n');
    }
}

/// A tar of files and the folders that they lie in; all of root.
fn tar(entries: &[Entry]) -> Result<Vec<u8>> {
    let mut tar = tar::Builder::new(Vec::new());
    let mut folders = std::collections::BTreeSet::new();
    let header = |mode, size, kind| {
        let mut header = tar::Header::new_gnu();
        header.set_mode(mode);
        header.set_size(size);
        header.set_uid(0);
        header.set_gid(0);
        header.set_mtime(0);
        header.set_entry_type(kind);
        let _ = header.set_username("root");
        let _ = header.set_groupname("root");
        header
    };
    for e in entries {
        for folder in Path::new(&e.path).ancestors().skip(1).collect::<Vec<_>>().iter().rev() {
            if !folder.as_os_str().is_empty() && folders.insert(folder.to_path_buf()) {
                let name = format!("./{}/", folder.display());
                let mut h = header(0o755, 0, tar::EntryType::Directory);
                tar.append_data(&mut h, name, std::io::empty())?;
            }
        }
        let mut h = header(e.mode, e.bytes.len() as u64, tar::EntryType::Regular);
        tar.append_data(&mut h, format!("./{}", e.path), e.bytes.as_slice())?;
    }
    Ok(tar.into_inner()?)
}

fn gzip(bytes: &[u8]) -> Result<Vec<u8>> {
    let mut packed = GzEncoder::new(Vec::new(), Compression::best());
    packed.write_all(bytes)?;
    Ok(packed.finish()?)
}

/// The version of the workspace.
fn version() -> Result<String> {
    let manifest = std::fs::read_to_string(root().join("Cargo.toml"))?;
    let line = manifest.lines().find_map(|l| l.strip_prefix("version = \""));
    let version = line.and_then(|l| l.split('"').next()).context("no version in Cargo.toml")?;
    Ok(version.to_owned())
}

/// What Debian calls this machine's kind.
fn architecture() -> &'static str {
    match std::env::consts::ARCH {
        "x86_64" => "amd64",
        "aarch64" => "arm64",
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::io::Read as _;
    use std::process::Command;

    use super::*;

    type Files = BTreeMap<String, (u32, Vec<u8>)>;

    /// Members of an `ar`.
    fn members(mut bytes: &[u8]) -> Vec<(String, Vec<u8>)> {
        bytes = bytes.strip_prefix(b"!<arch>\n").unwrap();
        let mut found = Vec::new();
        while !bytes.is_empty() {
            let (header, rest) = bytes.split_at(60);
            let text = std::str::from_utf8(header).unwrap();
            assert!(text.ends_with("`\n"));
            let length: usize = text[48..58].trim().parse().unwrap();
            found.push((text[..16].trim().to_owned(), rest[..length].to_vec()));
            bytes = &rest[length + length % 2..];
        }
        found
    }

    fn files(packed: &[u8]) -> Files {
        let mut archive = tar::Archive::new(flate2::read::GzDecoder::new(packed));
        let mut found = Files::new();
        for entry in archive.entries().unwrap() {
            let mut entry = entry.unwrap();
            let header = entry.header();
            assert_eq!((header.uid().unwrap(), header.gid().unwrap()), (0, 0));
            let (path, mode) =
                (entry.path().unwrap().display().to_string(), header.mode().unwrap());
            let mut bytes = Vec::new();
            entry.read_to_end(&mut bytes).unwrap();
            found.insert(path.trim_start_matches("./").to_owned(), (mode, bytes));
        }
        found
    }

    #[test]
    fn the_package_holds_what_a_county_needs_and_its_service_may_do_little() {
        let made = package(b"a program", "1.2.3").unwrap();
        assert_eq!(made, package(b"a program", "1.2.3").unwrap(), "the same bytes again");
        let members = members(&made);
        let names: Vec<&str> = members.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(names, ["debian-binary", "control.tar.gz", "data.tar.gz"]);
        let (control, data) = (files(&members[1].1), files(&members[2].1));
        assert_eq!(data["usr/bin/fujiao"], (0o755, b"a program".to_vec()));
        let text = |files: &Files, path: &str| String::from_utf8(files[path].1.clone()).unwrap();
        let unit = text(&data, "usr/lib/systemd/system/fujiao.service");
        for line in [
            "User=fujiao",
            "NoNewPrivileges=yes",
            "ProtectSystem=strict",
            "ProtectHome=yes",
            "CapabilityBoundingSet=",
            "SystemCallFilter=@system-service",
            "StateDirectoryMode=0700",
            "UMask=0077",
            "ExecStart=/usr/bin/fujiao serve /var/lib/fujiao",
        ] {
            assert!(unit.lines().any(|l| l == line), "{line}");
        }
        let about = text(&control, "control");
        assert!(about.contains("Version: 1.2.3\n") && about.ends_with('\n'));
        for script in ["postinst", "prerm", "postrm"] {
            assert_eq!(control[script].0, 0o755);
            assert!(text(&control, script).starts_with("#!/bin/sh\nset -e\n"));
        }
        // Books are nobody's to remove with a package.
        assert!(!text(&control, "postrm").contains("rm -r"));
    }

    /// As Debian's own program reads it, where it is installed.
    #[test]
    fn debians_own_program_reads_it() {
        let Ok(found) = Command::new("dpkg-deb").arg("--version").output() else {
            println!("skipped: dpkg-deb is not installed");
            return;
        };
        assert!(found.status.success());
        let file = std::env::temp_dir().join(format!("fujiao-{}.deb", std::process::id()));
        std::fs::write(&file, package(b"a program", "1.2.3").unwrap()).unwrap();
        for question in ["--info", "--contents"] {
            let said = Command::new("dpkg-deb").arg(question).arg(&file).output().unwrap();
            assert!(said.status.success(), "{}", String::from_utf8_lossy(&said.stderr));
        }
        std::fs::remove_file(file).unwrap();
    }

    /// As systemd reads it, where it is installed.
    #[test]
    fn systemd_knows_every_word_of_the_unit() {
        let unit = root().join("packaging/debian/fujiao.service");
        let Ok(said) = Command::new("systemd-analyze").arg("verify").arg(&unit).output() else {
            println!("skipped: systemd-analyze is not installed");
            return;
        };
        let said = String::from_utf8_lossy(&said.stderr).into_owned();
        assert!(!said.contains("Unknown"), "{said}");
    }
}
