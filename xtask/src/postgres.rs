//! A `PostgreSQL` server for the tests: the one that `FUJIAO_TEST_PG` names, or a throwaway one of our own.

use std::net::{TcpListener, TcpStream};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use crate::tools::{Tools, says};

/// A server that tests may fill: each test makes its own schema in it.
pub(crate) enum Server {
    /// Somebody else's: left as it is.
    Given(String),
    /// Ours: stopped and removed when dropped.
    Throwaway(Throwaway),
}

/// A cluster in a temporary folder, without durability, listening on loopback only.
pub(crate) struct Throwaway {
    url: String,
    folder: PathBuf,
    programs: PathBuf,
    owner: Option<Owner>,
    server: Child,
}

/// The account that runs the server when we are root, as `PostgreSQL` refuses to run as root.
#[derive(Clone, Copy)]
struct Owner {
    user: u32,
    group: u32,
}

impl Server {
    /// The server of `FUJIAO_TEST_PG`, or one started from the programs of this machine.
    ///
    /// # Errors
    /// If there is neither, saying what to install.
    pub(crate) fn find_or_start() -> Result<Self> {
        if let Some(url) = std::env::var_os("FUJIAO_TEST_PG").filter(|url| !url.is_empty()) {
            return Ok(Self::Given(url.to_string_lossy().into_owned()));
        }
        let programs = Tools::postgres_folder()
            .context("install postgresql, or set FUJIAO_TEST_PG to the URL of an empty database")?;
        Throwaway::start(programs).map(Self::Throwaway)
    }

    /// The URL for `FUJIAO_TEST_PG`.
    pub(crate) fn url(&self) -> &str {
        match self {
            Self::Given(url) => url,
            Self::Throwaway(server) => &server.url,
        }
    }
}

impl Throwaway {
    fn start(programs: PathBuf) -> Result<Self> {
        let owner = Owner::needed()?;
        let folder = std::env::temp_dir().join(format!("fujiao-postgres-{}", std::process::id()));
        std::fs::create_dir_all(&folder)
            .with_context(|| format!("cannot make {}", folder.display()))?;
        if let Some(owner) = owner {
            std::os::unix::fs::chown(&folder, Some(owner.user), Some(owner.group))
                .context("cannot give the server's folder to its account")?;
        }
        let data = folder.join("data");
        let made = as_owner(owner, &programs.join("initdb"))
            .args([
                "--username=fujiao",
                "--auth=trust",
                "--locale=C.UTF-8",
                "--encoding=UTF8",
                "--no-sync",
            ])
            .arg("--pgdata")
            .arg(&data)
            .output()
            .context("initdb did not start")?;
        if !made.status.success() {
            bail!("initdb failed: {}", String::from_utf8_lossy(&made.stderr).trim());
        }
        let port = free_port()?;
        let log =
            std::fs::File::create(folder.join("log")).context("cannot write the server's log")?;
        let server = as_owner(owner, &programs.join("postgres"))
            .arg("-D")
            .arg(&data)
            .args([
                "-p",
                &port.to_string(),
                "-c",
                "listen_addresses=127.0.0.1",
                "-c",
                "max_connections=200",
            ])
            .args(["-c", "fsync=off", "-c", "synchronous_commit=off", "-c", "full_page_writes=off"])
            .arg("-c")
            .arg(format!("unix_socket_directories={}", folder.display()))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(log)
            .spawn()
            .context("postgres did not start")?;
        let url = format!("postgres://fujiao@127.0.0.1:{port}/postgres");
        let mut this = Self { url, folder, programs, owner, server };
        this.wait_until_it_answers(port)?;
        Ok(this)
    }

    fn wait_until_it_answers(&mut self, port: u16) -> Result<()> {
        let begun = Instant::now();
        let ready = self.programs.join("pg_isready");
        while begun.elapsed() < Duration::from_secs(30) {
            if let Some(status) = self.server.try_wait().context("postgres is lost")? {
                let log = std::fs::read_to_string(self.folder.join("log")).unwrap_or_default();
                bail!("postgres ended at once ({status}): {}", log.trim());
            }
            let answers = if ready.is_file() {
                Command::new(&ready)
                    .args(["-q", "-h", "127.0.0.1", "-p", &port.to_string()])
                    .status()
                    .is_ok_and(|s| s.success())
            } else {
                TcpStream::connect(("127.0.0.1", port)).is_ok()
            };
            if answers {
                return Ok(());
            }
            std::thread::sleep(Duration::from_millis(100));
        }
        bail!("postgres did not answer within 30 s")
    }
}

impl Drop for Throwaway {
    fn drop(&mut self) {
        let asked = as_owner(self.owner, &self.programs.join("pg_ctl"))
            .args(["stop", "--mode=immediate", "--silent", "-D"])
            .arg(self.folder.join("data"))
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status();
        if !asked.is_ok_and(|s| s.success()) {
            let _ = self.server.kill();
        }
        let _ = self.server.wait();
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

impl Owner {
    /// `None` unless we are root; then the account `postgres`, or `nobody`.
    fn needed() -> Result<Option<Self>> {
        if says("id", &["-u"]).as_deref() != Some("0") {
            return Ok(None);
        }
        let number = |option: &str, name: &str| says("id", &[option, name])?.parse().ok();
        let owner = ["postgres", "nobody"]
            .iter()
            .find_map(|name| Some(Self { user: number("-u", name)?, group: number("-g", name)? }));
        owner
            .context(
                "PostgreSQL does not run as root, and there is no account `postgres` or `nobody`",
            )
            .map(Some)
    }
}

fn as_owner(owner: Option<Owner>, program: &Path) -> Command {
    let mut command = Command::new(program);
    command.current_dir("/");
    if let Some(owner) = owner {
        command.uid(owner.user).gid(owner.group);
    }
    command
}

fn free_port() -> Result<u16> {
    let listener = TcpListener::bind(("127.0.0.1", 0)).context("no free port on loopback")?;
    Ok(listener.local_addr()?.port())
}
