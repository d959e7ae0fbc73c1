use std::net::{IpAddr, SocketAddr};
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::Context;
use fujiao_office::Office;
use fujiao_web::{Tls, WebSettings};

use super::{InputError, Outcome, must_have_books, now, open_served};
use crate::printer::Printer;
use crate::settings::{NAME, Settings, machine};
use crate::worker::{Keeper, Worker};

/// How long requests under way may go on after somebody said stop. Streams of progress would never end by themselves.
const LAST_CALL: Duration = Duration::from_secs(8);

/// 在浏览器里看
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// 台账所在的文件夹
    #[arg(default_value = "fujiao-data")]
    data: PathBuf,
    /// 台账不在文件夹里时：数据库文件，或 postgres:// 地址
    #[arg(long)]
    db: Option<String>,
    /// 端口；不写用设置里的
    #[arg(long)]
    port: Option<u16>,
}

pub(crate) fn run(args: &Args, printer: &Printer) -> anyhow::Result<Outcome> {
    let mut settings = Settings::of(&args.data)?;
    must_have_books(&args.data, args.db.as_deref(), &settings)?;
    settings.server.port = args.port.unwrap_or(settings.server.port);
    if let Some(fault) = settings.faults(&args.data).first() {
        let file = args.data.join(NAME);
        return Err(InputError(format!("{}：{fault}", file.display())).into());
    }
    serve(&args.data, args.db.as_deref(), &settings, false, printer)?;
    Ok(Outcome::Done)
}

/// Serves a made county on this machine, and opens the browser.
pub(crate) fn serve_made(data: &Path, port: u16, printer: &Printer) -> anyhow::Result<()> {
    let mut settings = Settings::of(data)?;
    settings.server.port = port;
    settings.server.address = IpAddr::from([127, 0, 0, 1]);
    // Made data are made again; and whoever looks at them wants to read no log.
    settings.backup.at = String::new();
    settings.log.level = "warn".into();
    serve(data, None, &settings, true, printer)
}

/// Serves the pages until somebody says stop.
fn serve(
    data: &Path,
    db: Option<&str>,
    settings: &Settings,
    open: bool,
    printer: &Printer,
) -> anyhow::Result<()> {
    crate::log::begin(&settings.log);
    let server = &settings.server;
    let tls = if server.certificate.is_empty() {
        None
    } else {
        let (certificate, key) =
            (data.join(&server.certificate), data.join(&server.certificate_key));
        Some(Tls::read(&certificate, &key).map_err(InputError)?)
    };
    // Each request that waits for the books holds a thread; more of them than readers of the books only take memory.
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .max_blocking_threads(16)
        .enable_all()
        .build()
        .context("起不了网页服务")?;
    // The books are opened and asked from here and not from within the runtime, in which PostgreSQL's client would start another.
    let wanted = SocketAddr::new(server.address, server.port);
    let listener = std::net::TcpListener::bind(wanted).with_context(|| {
        format!(
            "端口 {} 开不了，多半有别的程序在用；换一个：--port {}",
            server.port,
            server.port.saturating_add(1)
        )
    })?;
    listener.set_nonblocking(true).context("端口不能用")?;
    let at = listener.local_addr().context("不知道自己的地址")?;
    let office = open_served(data, db, settings, format!("{}:{}", machine(), at.port()))?;
    for said in office.begin_serving(env!("CARGO_PKG_VERSION"), now())? {
        printer.note(&said);
        tracing::warn!("{said}");
    }
    let asked_to_stop = {
        let _context = runtime.enter();
        AskedToStop::listen()
    };
    let scheme = if tls.is_some() { "https" } else { "http" };
    let host = match server.names.first() {
        Some(name) if tls.is_some() => name.clone(),
        _ if server.address.is_unspecified() => "127.0.0.1".to_owned(),
        _ => server.address.to_string(),
    };
    let url = format!("{scheme}://{host}:{}/", at.port());
    let first = say_the_way_in(&office, &url, printer)?;
    printer.line("按 Ctrl-C 停");
    tracing::info!(version = env!("CARGO_PKG_VERSION"), address = %at, tls = tls.is_some(), "开始服务");
    if open {
        open_browser(&first);
    }
    let worker = Worker::start(office.clone());
    let keeper = Keeper::start(office.clone());
    let done = runtime.block_on(async {
        let listener = tokio::net::TcpListener::from_std(listener).context("端口不能用")?;
        let web = WebSettings {
            hosts: server.names.clone(),
            secure: tls.is_some() || server.behind_proxy,
            metrics_from: server.metrics_from.clone(),
            behind_proxy: server.behind_proxy,
            ..WebSettings::new(now)
        };
        let (stop, stopped) = tokio::sync::watch::channel(false);
        let told = |mut stopped: tokio::sync::watch::Receiver<bool>| async move {
            let _ = stopped.wait_for(|stop| *stop).await;
        };
        let router = fujiao_web::router(office.clone(), web);
        let pages = fujiao_web::serve(listener, tls, router, told(stopped.clone()));
        let last_call = async {
            asked_to_stop.heard().await;
            let _ = stop.send(true);
            tokio::time::sleep(LAST_CALL).await;
        };
        tokio::select! {
            ended = pages => ended.context("网页服务停了"),
            () = last_call => Ok(()),
        }
    });
    drop((worker, keeper));
    tracing::info!("停了");
    // A job that is cut off is taken again by whoever serves these books next; nobody waits for it.
    runtime.shutdown_background();
    done
}

/// Ctrl-C, or what a service manager says. Listened for before anybody is told that the pages are there.
struct AskedToStop {
    #[cfg(unix)]
    terminate: Option<tokio::signal::unix::Signal>,
}

impl AskedToStop {
    fn listen() -> Self {
        Self {
            #[cfg(unix)]
            terminate: tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate())
                .ok(),
        }
    }

    async fn heard(self) {
        #[cfg(unix)]
        if let Some(mut terminate) = self.terminate {
            tokio::select! {
                _ = tokio::signal::ctrl_c() => {}
                _ = terminate.recv() => {}
            }
            return;
        }
        let _ = tokio::signal::ctrl_c().await;
    }
}

/// Tells how to come in, and gives the address to begin with: in a made county a link for each role, else the first
/// administrator's link while nobody has an account yet.
fn say_the_way_in(office: &Office, url: &str, printer: &Printer) -> anyhow::Result<String> {
    let at = now();
    if let Some(links) = office.demo_links(at)? {
        printer.line(format!("打开 {url} 看台账。示例县，各角色从这里进，不用密码："));
        let mut first = None;
        for (role, token) in links {
            let link = format!("{url}enter/{token}");
            printer.line(format!("  {role}\t{link}"));
            first.get_or_insert(link);
        }
        return Ok(first.unwrap_or_else(|| url.to_owned()));
    }
    if let Some(token) = office.first_link(at)? {
        let link = format!("{url}enter/{token}");
        printer.line(format!(
            "还没有账号。第一个系统管理员从这里进，设密码（一天内有效，只能用一次）：\n  {link}"
        ));
        return Ok(link);
    }
    printer.line(format!("打开 {url} 登录看台账"));
    Ok(url.to_owned())
}

/// Opens the browser where there is one; if not, the address is on the terminal.
fn open_browser(url: &str) {
    let program = if cfg!(target_os = "macos") {
        "open"
    } else if cfg!(target_os = "windows") {
        "explorer"
    } else {
        "xdg-open"
    };
    let quiet = || std::process::Stdio::null();
    let _ = std::process::Command::new(program)
        .arg(url)
        .stdin(quiet())
        .stdout(quiet())
        .stderr(quiet())
        .spawn();
}
