//! Which programs of this machine the tests can use.

use std::path::PathBuf;
use std::process::Command;

/// Programs that some tests need and a laptop may lack. `PostgreSQL` is looked for by [`crate::postgres`].
pub(crate) struct Tools {
    chromium: Option<PathBuf>,
    chromedriver: Option<PathBuf>,
    libreoffice: Option<PathBuf>,
    pdftotext: Option<PathBuf>,
}

impl Tools {
    /// Looks along `PATH`.
    pub(crate) fn find() -> Self {
        let first = |names: &[&str]| names.iter().find_map(|name| on_path(name));
        Self {
            chromium: first(&["chromium", "chromium-browser", "google-chrome"]),
            chromedriver: first(&["chromedriver"]),
            libreoffice: first(&["soffice", "libreoffice"]),
            pdftotext: first(&["pdftotext"]),
        }
    }

    /// The kinds of test that cannot run, each with what to install.
    pub(crate) fn missing(&self) -> Vec<String> {
        let mut missing = Vec::new();
        if self.chromium.is_none() || self.chromedriver.is_none() {
            missing.push("browser journeys: install chromium and chromium-driver".to_owned());
        }
        if self.libreoffice.is_none() || self.pdftotext.is_none() {
            missing.push(
                "LibreOffice opens what was written: install libreoffice-writer-nogui, libreoffice-calc-nogui \
                 and poppler-utils"
                    .to_owned(),
            );
        }
        missing
    }

    /// The newest folder of `PostgreSQL` server programs: Debian keeps them off `PATH`.
    pub(crate) fn postgres_folder() -> Option<PathBuf> {
        let versions =
            std::fs::read_dir("/usr/lib/postgresql").ok().into_iter().flatten().flatten();
        let newest = versions
            .filter_map(|entry| {
                let version: u32 = entry.file_name().to_str()?.parse().ok()?;
                let folder = entry.path().join("bin");
                folder.join("initdb").is_file().then_some((version, folder))
            })
            .max();
        let beside_initdb = || on_path("initdb")?.parent().map(std::path::Path::to_path_buf);
        newest.map(|(_, folder)| folder).or_else(beside_initdb)
    }
}

/// The first executable of this name along `PATH`.
pub(crate) fn on_path(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path).map(|folder| folder.join(name)).find(|file| file.is_file())
}

/// What a program prints, trimmed; `None` if it cannot run or fails.
pub(crate) fn says(program: &str, args: &[&str]) -> Option<String> {
    let out = Command::new(program).args(args).current_dir(crate::root()).output().ok()?;
    out.status.success().then(|| String::from_utf8_lossy(&out.stdout).trim().to_owned())
}
