//! `fujiao.toml` in the folder of the books: the one place where it is said how they are kept and served.

use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::Context;
use fujiao_office::upkeep::{Keep, Plan, is_a_server, is_recipient};
use fujiao_office::{Office, rulebook};
use jiff::civil::Time;
use serde::Deserialize;

use crate::commands::InputError;

/// The file's name.
pub(crate) const NAME: &str = "fujiao.toml";

/// What `fujiao init` writes, with every setting at its default.
pub(crate) const COMMENTED: &str = include_str!("settings.toml");

/// All settings. What is not written has its default; what is not known is refused.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Settings {
    /// Addresses and TLS.
    pub server: Server,
    /// Database and key.
    pub books: Books,
    /// Backups.
    pub backup: Backup,
    /// What is written down of the program itself.
    pub log: Log,
}

/// Where the pages are.
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Server {
    pub address: IpAddr,
    pub port: u16,
    pub names: Vec<String>,
    pub certificate: String,
    pub certificate_key: String,
    pub behind_proxy: bool,
    pub metrics_from: Vec<IpAddr>,
}

/// Where the books are.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Books {
    pub database: String,
    pub password_file: String,
    pub key: String,
}

/// How they are backed up.
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Backup {
    pub folder: String,
    pub at: String,
    pub daily: u32,
    pub weekly: u32,
    pub monthly: u32,
    pub also_for: Vec<String>,
}

/// What is written down.
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Log {
    pub level: String,
    pub format: String,
    pub slow_ms: u64,
}

impl Default for Server {
    fn default() -> Self {
        Self {
            address: IpAddr::from([127, 0, 0, 1]),
            port: 8080,
            names: Vec::new(),
            certificate: String::new(),
            certificate_key: String::new(),
            behind_proxy: false,
            metrics_from: vec![IpAddr::from([127, 0, 0, 1]), std::net::Ipv6Addr::LOCALHOST.into()],
        }
    }
}

impl Default for Backup {
    fn default() -> Self {
        Self {
            folder: "backups".into(),
            at: "02:30".into(),
            daily: 14,
            weekly: 8,
            monthly: 12,
            also_for: Vec::new(),
        }
    }
}

impl Default for Log {
    fn default() -> Self {
        Self { level: "info".into(), format: "text".into(), slow_ms: 500 }
    }
}

impl Settings {
    /// The settings of a folder; the defaults where it has none.
    ///
    /// # Errors
    /// With file and line, where the file does not read.
    pub(crate) fn of(folder: &Path) -> anyhow::Result<Self> {
        let file = folder.join(NAME);
        match std::fs::read_to_string(&file) {
            Ok(text) => Self::parse(&text)
                .map_err(|why| InputError(format!("{}：{why}", file.display())).into()),
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => Ok(Self::default()),
            Err(e) => Err(e).with_context(|| format!("读不到 {}", file.display())),
        }
    }

    /// Reads the text of the file.
    ///
    /// # Errors
    /// What is wrong, and where.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        fujiao_model::read_rules(text)
            .map_err(|why| format!("{why}。照 fujiao config show 的样子改"))
    }

    /// What does not fit together, in sentences; empty if all is well.
    pub(crate) fn faults(&self, folder: &Path) -> Vec<String> {
        let mut faults = Vec::new();
        let mut need = |holds: bool, why: &str| {
            if !holds {
                faults.push(why.to_owned());
            }
        };
        let s = &self.server;
        need(
            s.certificate.is_empty() == s.certificate_key.is_empty(),
            "[server] certificate 和 certificate_key 要么都写，要么都不写",
        );
        need(
            s.address.is_loopback() || !s.certificate.is_empty() || s.behind_proxy,
            "[server] 对外开放（address 不是本机）就要有证书：fujiao init --tls 自己做一张，或写上县里的；\
             证书在前面的代理上时写 behind_proxy = true",
        );
        need(s.port != 0, "[server] port 不能是 0");
        need(
            self.backup.at.is_empty() || self.backup_time().is_some(),
            "[backup] at 写成 时:分，如 \"02:30\"；不自动备份写 \"\"",
        );
        need(!self.backup.folder.is_empty(), "[backup] folder 不能空");
        need(self.backup.daily >= 1, "[backup] daily 至少是 1");
        for text in &self.backup.also_for {
            need(
                is_recipient(text),
                &format!("[backup] also_for 的 {text} 不是 age 公钥（age1…）"),
            );
        }
        need(
            ["error", "warn", "info", "debug"].contains(&self.log.level.as_str()),
            "[log] level 写 error、warn、info 或 debug",
        );
        need(["text", "json"].contains(&self.log.format.as_str()), "[log] format 写 text 或 json");
        let b = &self.books;
        need(
            b.password_file.is_empty() || is_a_server(&b.database),
            "[books] password_file 只用于 postgres:// 地址",
        );
        need(
            !is_a_server(&b.database) || !names_a_password(&b.database),
            "[books] database 里不要写密码：把密码放进一个只有本程序能读的文件，写 password_file",
        );
        for (what, file) in [
            ("[server] certificate", &s.certificate),
            ("[server] certificate_key", &s.certificate_key),
            ("[books] password_file", &b.password_file),
        ] {
            need(
                file.is_empty() || folder.join(file).is_file(),
                &format!("{what}：没有文件 {}", folder.join(file).display()),
            );
        }
        faults
    }

    /// When backups are made.
    pub(crate) fn backup_time(&self) -> Option<Time> {
        let (hour, minute) = self.backup.at.split_once(':')?;
        Time::new(hour.trim().parse().ok()?, minute.trim().parse().ok()?, 0, 0).ok()
    }

    /// Where the books are: what the command says, else what the settings say, else `county.db` in the folder.
    ///
    /// # Errors
    /// A password file that cannot be read.
    pub(crate) fn location(&self, folder: &Path, db: Option<&str>) -> anyhow::Result<String> {
        if let Some(db) = db {
            return Ok(db.to_owned());
        }
        let b = &self.books;
        if b.database.is_empty() {
            return Ok(folder.join("county.db").display().to_string());
        }
        if !is_a_server(&b.database) {
            return Ok(folder.join(&b.database).display().to_string());
        }
        if b.password_file.is_empty() {
            return Ok(b.database.clone());
        }
        let file = folder.join(&b.password_file);
        let password = std::fs::read_to_string(&file)
            .with_context(|| format!("读不到密码文件 {}", file.display()))?;
        let mark = if b.database.contains('?') { '&' } else { '?' };
        Ok(format!("{}{mark}password={}", b.database, escaped(password.trim())))
    }

    /// Where the key is.
    pub(crate) fn key_file(&self, folder: &Path) -> PathBuf {
        let key = if self.books.key.is_empty() { "county.key" } else { &self.books.key };
        folder.join(key)
    }

    /// Whether there are books, as far as it can be told without opening them.
    pub(crate) fn has_books(&self, folder: &Path, db: Option<&str>) -> anyhow::Result<bool> {
        let location = self.location(folder, db)?;
        Ok(db.is_some() || is_a_server(&location) || Path::new(&location).exists())
    }

    /// Opens the books, and says how they are kept running from `place`.
    ///
    /// # Errors
    /// What the office says.
    pub(crate) fn open(
        &self,
        folder: &Path,
        db: Option<&str>,
        place: String,
    ) -> anyhow::Result<Office> {
        let slow = Duration::from_millis(self.log.slow_ms.max(1));
        let location = self.location(folder, db)?;
        let mut office = Office::open_watched(&location, &self.key_file(folder), Some(slow))?;
        office.set_upkeep(self.plan(folder, place));
        Ok(office)
    }

    /// How the books are kept running.
    pub(crate) fn plan(&self, folder: &Path, place: String) -> Plan {
        let b = &self.backup;
        Plan {
            place,
            folder: folder.join(&b.folder),
            beside: std::iter::once(NAME)
                .chain(rulebook::PLACES)
                .map(|name| folder.join(name))
                .collect(),
            scratch: folder.to_owned(),
            also_for: b.also_for.clone(),
            at: self.backup_time(),
            keep: Keep { daily: b.daily, weekly: b.weekly, monthly: b.monthly },
        }
    }
}

/// Whether an address holds a password.
fn names_a_password(url: &str) -> bool {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    let user = rest.rsplit_once('@').map_or("", |(user, _)| user);
    user.contains(':') || rest.contains("password=")
}

/// A text as a value in an address.
fn escaped(text: &str) -> String {
    use std::fmt::Write as _;
    text.bytes().fold(String::new(), |mut out, byte| {
        if byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            let _ = write!(out, "%{byte:02X}");
        }
        out
    })
}

/// What this machine is called.
pub(crate) fn machine() -> String {
    // A hardened service sees the second alone.
    let named = ["/proc/sys/kernel/hostname", "/etc/hostname"]
        .iter()
        .find_map(|file| std::fs::read_to_string(file).ok());
    #[expect(clippy::disallowed_methods, reason = "the binary alone reads its surroundings")]
    let named = named.or_else(|| std::env::var("COMPUTERNAME").ok());
    named.map_or_else(|| "本机".to_owned(), |name| name.trim().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The file that is written says what holds without it.
    #[test]
    fn the_commented_file_is_the_defaults() {
        let written = Settings::parse(COMMENTED).unwrap();
        assert_eq!(format!("{written:?}"), format!("{:?}", Settings::default()));
        assert_eq!(written.faults(Path::new("x")), Vec::<String>::new());
        assert_eq!(written.backup_time(), Some(jiff::civil::time(2, 30, 0, 0)));
    }

    #[test]
    fn what_is_wrong_is_said_with_its_line() {
        for (text, said) in [
            ("[server]\nprot = 1", "第 2 行：没有“prot”这一项"),
            ("[server]\nport = \"a\"", "第 2 行："),
            ("[server\n", "第 1 行："),
        ] {
            let why = Settings::parse(text).unwrap_err();
            assert!(why.contains(said), "{why}");
        }
        for (text, said) in [
            ("[server]\naddress = \"0.0.0.0\"", "就要有证书"),
            ("[server]\ncertificate = \"a\"", "要么都写"),
            ("[backup]\nat = \"25:00\"", "时:分"),
            ("[backup]\nalso_for = [\"age1x\"]", "age1x 不是 age 公钥"),
            ("[log]\nlevel = \"loud\"", "level"),
            ("[books]\ndatabase = \"postgres://a:b@c/d\"", "不要写密码"),
        ] {
            let faults = Settings::parse(text).unwrap().faults(Path::new("x")).join("\n");
            assert!(faults.contains(said), "{text}: {faults}");
        }
    }

    #[test]
    fn a_password_comes_from_its_file_and_is_escaped() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("pw"), "a b&c\n").unwrap();
        let text = "[books]\ndatabase = \"postgres://u@h/d\"\npassword_file = \"pw\"";
        let settings = Settings::parse(text).unwrap();
        let location = settings.location(folder.path(), None).unwrap();
        assert_eq!(location, "postgres://u@h/d?password=a%20b%26c");
    }
}
