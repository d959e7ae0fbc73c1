use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};

use fujiao_office::upkeep::{Wire, is_a_server, key_of, look_at};
use fujiao_office::{Rulebook, RulebookError};
use jiff::SignedDuration;
use serde_json::json;

use super::backup::size;
use super::{Outcome, local, now, today};
use crate::certificate;
use crate::printer::Printer;
use crate::settings::{Settings, machine};

/// 体检：磁盘、时钟、密钥、数据库、字体、权限、端口，该做什么
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// 台账所在的文件夹
    #[arg(default_value = "fujiao-data")]
    data: PathBuf,
    /// 台账不在文件夹里时：数据库文件，或 postgres:// 地址
    #[arg(long)]
    db: Option<String>,
}

/// How the way to the books is guarded.
fn wire(wire: Wire, found: &mut Findings) {
    let said = match wire {
        Wire::Local => return,
        Wire::Verified => return found.good("连接", "加密，核对服务器的证书"),
        Wire::Unverified => "加密，但没有核对服务器的证书，别的机器可以冒充它",
        Wire::AsTheServerDoes => "服务器肯加密才加密，也没有核对它的证书",
        Wire::Open => "到数据库服务器的一路不加密，路上的人看得见姓名",
    };
    found.look(
        "连接",
        said,
        "地址里写 sslmode=verify-full&sslrootcert=根证书文件（手册“问和答”里有）",
    );
}

/// How something is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Good,
    /// It works, and somebody should see to it.
    Look,
    Bad,
}

/// One thing that was looked at.
struct Finding {
    what: &'static str,
    state: State,
    said: String,
    /// What to do; empty where there is nothing.
    todo: String,
}

/// What is found, in the order in which it is looked at.
#[derive(Default)]
struct Findings(Vec<Finding>);

impl Findings {
    fn good(&mut self, what: &'static str, said: impl Into<String>) {
        self.add(what, State::Good, said, "");
    }

    fn look(&mut self, what: &'static str, said: impl Into<String>, todo: impl Into<String>) {
        self.add(what, State::Look, said, todo);
    }

    fn bad(&mut self, what: &'static str, said: impl Into<String>, todo: impl Into<String>) {
        self.add(what, State::Bad, said, todo);
    }

    fn add(
        &mut self,
        what: &'static str,
        state: State,
        said: impl Into<String>,
        todo: impl Into<String>,
    ) {
        self.0.push(Finding { what, state, said: said.into(), todo: todo.into() });
    }
}

#[expect(
    clippy::unnecessary_wraps,
    reason = "what is wrong is a finding; a command gives a result"
)]
pub(crate) fn run(args: &Args, printer: &Printer) -> anyhow::Result<Outcome> {
    let mut found = Findings::default();
    examine(&args.data, args.db.as_deref(), &mut found);
    let bad = found.0.iter().any(|f| f.state == State::Bad);
    if printer.json() {
        let lines: Vec<_> = found
            .0
            .iter()
            .map(|f| {
                let state = match f.state {
                    State::Good => "good",
                    State::Look => "look",
                    State::Bad => "bad",
                };
                json!({ "what": f.what, "state": state, "said": f.said, "todo": f.todo })
            })
            .collect();
        printer.line(json!({ "sound": !bad, "findings": lines }));
    } else {
        for f in &found.0 {
            let mark = match f.state {
                State::Good => "好  ",
                State::Look => "留意",
                State::Bad => "不行",
            };
            printer.line(format!("{mark}  {}：{}", f.what, f.said));
            if !f.todo.is_empty() {
                printer.line(format!("      → {}", f.todo));
            }
        }
        printer.line(if bad { "有不行的，照箭头做完再来一遍" } else { "可以用" });
    }
    Ok(if bad { Outcome::NeedsALook } else { Outcome::Done })
}

fn examine(data: &Path, db: Option<&str>, found: &mut Findings) {
    if !data.is_dir() {
        let todo = format!("fujiao init {} --county 六位代码", data.display());
        return found.bad("文件夹", format!("没有 {}", data.display()), todo);
    }
    let settings = match Settings::of(data) {
        Ok(settings) => settings,
        Err(why) => return found.bad("设置", format!("{why:#}"), "改好再来"),
    };
    let faults = settings.faults(data);
    if faults.is_empty() {
        found.good("设置", "没有问题");
    }
    for fault in faults {
        found.bad("设置", fault, "改 fujiao.toml");
    }
    rules(data, found);
    permissions(data, &settings, found);
    let has_books = super::must_have_books(data, db, &settings).is_ok();
    if !has_books && !settings.key_file(data).exists() {
        let todo = format!("fujiao init {} --county 六位代码", data.display());
        found.bad("开张", "文件夹里还没有密钥和台账", todo);
    } else {
        books(data, db, &settings, found);
    }
    disk(data, &settings, found);
    port(&settings, found);
    tls(data, &settings, found);
    fonts(found);
}

/// The county's own rules: with a fault in one of them nothing starts.
fn rules(data: &Path, found: &mut Findings) {
    match Rulebook::read(data) {
        Ok(rules) if rules.own.is_empty() => found.good("规则", "用程序自带的"),
        Ok(rules) => {
            found.good("规则", format!("本县自己的 {} 个文件没有问题", rules.own.len()));
        }
        Err(RulebookError(faults)) => {
            for fault in faults {
                found.bad("规则", fault.to_string(), "改这个文件；没有改好以前服务开不了");
            }
        }
    }
}

/// Who may read the folder and the key.
fn permissions(data: &Path, settings: &Settings, found: &mut Findings) {
    let trial = data.join(".fujiao-doctor");
    match std::fs::write(&trial, b"").and_then(|()| std::fs::remove_file(&trial)) {
        Ok(()) => found.good("权限", "文件夹能写"),
        Err(e) => found.bad(
            "权限",
            format!("{} 写不了（{e}）", data.display()),
            "用服务的用户（安装包是 fujiao）来运行，或改文件夹的主人",
        ),
    }
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let open = |path: &Path| {
            std::fs::metadata(path).is_ok_and(|m| m.permissions().mode() & 0o077 != 0)
        };
        let key = settings.key_file(data);
        if open(&key) {
            let todo = format!("chmod 600 {}", key.display());
            found.bad("权限", "别的用户能读密钥", todo);
        }
        if open(data) {
            let todo = format!("chmod 700 {}", data.display());
            found.look("权限", "别的用户能看文件夹", todo);
        }
    }
    #[cfg(not(unix))]
    let _ = settings;
}

/// Key, database, clock, backups.
fn books(data: &Path, db: Option<&str>, settings: &Settings, found: &mut Findings) {
    let file = settings.key_file(data);
    let keys = match key_of(&file) {
        Ok(keys) => keys,
        Err(why) => {
            let todo = format!("放回密钥：fujiao keys import {}", data.display());
            return found.bad("密钥", why.to_string(), todo);
        }
    };
    found.good("密钥", format!("印记 {}；与密钥纸上的对一对", keys.mark()));
    let location = match settings.location(data, db) {
        Ok(location) => location,
        Err(why) => return found.bad("数据库", format!("{why:#}"), "放好密码文件"),
    };
    let seen = match look_at(&location, &keys) {
        Ok(seen) => seen,
        Err(why) => {
            let todo = "照上面说的做；文件坏了就从备份恢复：fujiao restore 备份文件";
            return found.bad("数据库", why.to_string(), todo);
        }
    };
    let inventory = &seen.inventory;
    found.good(
        "数据库",
        format!(
            "第 {} 版，{}，{} 行，审计链 {} 条完整",
            inventory.schema,
            size(seen.bytes),
            inventory.lines(),
            inventory.audit_lines
        ),
    );
    if let Some(newer) = seen.upgrades_to {
        let said = format!("打开时会从第 {} 版升级到第 {newer} 版", inventory.schema);
        found.look("数据库", said, "会先自动备份；先停下别的服务");
    }
    wire(seen.wire, found);
    let at = now();
    let slack = SignedDuration::from_mins(2);
    match (seen.last_audit, seen.server_clock) {
        (Some(last), _) if last > at + slack => {
            let said = format!("现在 {}，台账最后一条记录却是 {}", local(at), local(last));
            found.bad("时钟", said, "对时（timedatectl），再让大家用");
        }
        (_, Some(server)) if server.duration_until(at).abs() > slack => {
            let said = format!("本机 {}，数据库服务器 {}", local(at), local(server));
            found.bad("时钟", said, "两台机器都对时");
        }
        _ => found.good("时钟", format!("北京时间 {}", local(at))),
    }
    match seen.last_backup {
        Some(last) if last + SignedDuration::from_hours(48) > at => {
            found.good("备份", format!("最近一份 {}", local(last)));
        }
        Some(last) => found.look(
            "备份",
            format!("最近一份是 {}", local(last)),
            format!("fujiao backup {}；服务开着会按 [backup] at 自动备份", data.display()),
        ),
        None => {
            found.look("备份", "还没有一份", format!("fujiao backup {}", data.display()));
        }
    }
    let folder = settings.plan(data, machine()).folder;
    if !is_a_server(&location) && on_one_disk(data, &folder) {
        found.look(
            "备份",
            format!("{} 和台账在同一块盘", folder.display()),
            "盘坏了两样都没有：把 [backup] folder 指到另一块盘，或定期抄走",
        );
    }
}

/// Whether two folders lie on one disk, as far as the system says.
fn on_one_disk(one: &Path, other: &Path) -> bool {
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt as _;
        let disk =
            |path: &Path| path.ancestors().find_map(|p| std::fs::metadata(p).ok()).map(|m| m.dev());
        disk(one).is_some() && disk(one) == disk(other)
    }
    #[cfg(not(unix))]
    {
        let root = |path: &Path| path.components().next().map(|c| c.as_os_str().to_owned());
        root(one) == root(other)
    }
}

/// Room for the books, their backup, and the copies that a backup needs meanwhile.
fn disk(data: &Path, settings: &Settings, found: &mut Findings) {
    let books = std::fs::metadata(data.join("county.db")).map_or(0, |m| m.len());
    let need = books * 3 + 1_000_000_000;
    match fs4::available_space(data) {
        Ok(free) if free < need => found.bad(
            "磁盘",
            format!("只剩 {}，至少要 {}", size(free), size(need)),
            "腾地方：旧的 replaced-… 文件夹、refused 里的旧文件可以搬走",
        ),
        Ok(free) => found.good("磁盘", format!("还有 {}", size(free))),
        Err(e) => found.look("磁盘", format!("看不到还有多少（{e}）"), "自己看一眼"),
    }
    let folder = settings.plan(data, machine()).folder;
    if folder.exists()
        && let Ok(free) = fs4::available_space(&folder)
        && free < books + 500_000_000
    {
        let said = format!("{} 只剩 {}", folder.display(), size(free));
        found.bad("备份盘", said, "换大的，或减少 [backup] 留的份数");
    }
}

fn port(settings: &Settings, found: &mut Findings) {
    let at = SocketAddr::new(settings.server.address, settings.server.port);
    match TcpListener::bind(at) {
        Ok(_) => found.good("端口", format!("{at} 空着，可以用")),
        Err(e) if e.kind() == std::io::ErrorKind::AddrInUse => found.look(
            "端口",
            format!("{at} 有程序在用"),
            "是正在服务的扶教就不用管；不是就换 [server] port",
        ),
        Err(e) => found.bad("端口", format!("{at} 开不了（{e}）"), "换 [server] address 或 port"),
    }
}

fn tls(data: &Path, settings: &Settings, found: &mut Findings) {
    let server = &settings.server;
    if server.certificate.is_empty() {
        let said = "没有证书，只在本机或代理后面用";
        return found.good("证书", said);
    }
    let (file, key) = (data.join(&server.certificate), data.join(&server.certificate_key));
    if let Err(why) = fujiao_web::Tls::read(&file, &key) {
        return found.bad("证书", why, "换一对配得上的证书和私钥");
    }
    let last = fujiao_web::Tls::leaf(&file).ok().and_then(|der| certificate::last_day(&der));
    match last {
        Some(last) if last < today() => {
            found.bad(
                "证书",
                format!("{last} 过期了"),
                "换一张：删掉 tls 里的两个文件，再 init --tls",
            );
        }
        Some(last) if last.duration_since(today()) < SignedDuration::from_hours(24 * 30) => {
            found.look("证书", format!("{last} 到期"), "到期前换一张");
        }
        Some(last) => found.good("证书", format!("用到 {last}")),
        None => found.look("证书", "看不出哪天到期", "自己看一眼"),
    }
}

/// Papers are made here and read elsewhere; who prints them on this machine needs a Chinese font.
fn fonts(found: &mut Findings) {
    let listed = std::process::Command::new("fc-list").args([":lang=zh", "family"]).output();
    match listed {
        Ok(out) if out.status.success() && out.stdout.is_empty() => found.look(
            "字体",
            "本机没有中文字体",
            "只在别的电脑上看报告不用管；要在本机打印：apt install fonts-noto-cjk",
        ),
        Ok(out) if out.status.success() => found.good("字体", "有中文字体"),
        _ => found.good("字体", "网页和报告用看的人电脑上的字体"),
    }
}
