use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::PathBuf;

use anyhow::Context;
use fujiao_office::Office;

use super::{InputError, Outcome, open_books};
use crate::printer::Printer;
use crate::worker::Worker;

/// 在浏览器里看
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// 台账所在的文件夹
    #[arg(default_value = "fujiao-data")]
    data: PathBuf,
    /// 台账不在文件夹里时：数据库文件，或 postgres:// 地址
    #[arg(long)]
    db: Option<String>,
    /// 端口；只对本机开放
    #[arg(long, default_value_t = 8080)]
    port: u16,
}

pub(crate) fn run(args: &Args, printer: &Printer) -> anyhow::Result<Outcome> {
    if args.db.is_none() && !args.data.join("county.db").exists() {
        return Err(anyhow::Error::new(InputError(format!(
            "{} 里没有台账（county.db）；先用 import 或 run 收名册",
            args.data.display()
        ))));
    }
    serve(open_books(&args.data, args.db.as_deref())?, args.port, false, printer)?;
    Ok(Outcome::Done)
}

/// Serves the pages on this machine until Ctrl-C.
pub(crate) fn serve(
    office: Office,
    port: u16,
    open: bool,
    printer: &Printer,
) -> anyhow::Result<()> {
    // Each request that waits for the books holds a thread; more of them than readers of the books only take memory.
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .max_blocking_threads(16)
        .enable_all()
        .build()
        .context("起不了网页服务")?;
    runtime.block_on(async {
        let wanted = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), port);
        let listener = tokio::net::TcpListener::bind(wanted).await.with_context(|| {
            format!(
                "端口 {port} 开不了，多半有别的程序在用；换一个：--port {}",
                port.saturating_add(1)
            )
        })?;
        let url = format!("http://{}/", listener.local_addr().context("不知道自己的地址")?);
        let first = say_the_way_in(&office, &url, printer)?;
        printer.line("按 Ctrl-C 停");
        if open {
            open_browser(&first);
        }
        let _worker = Worker::start(office.clone());
        let router = fujiao_web::router(office, fujiao_web::WebSettings::new(super::now));
        let stop = async {
            let _ = tokio::signal::ctrl_c().await;
        };
        fujiao_web::serve(listener, router, stop).await.context("网页服务停了")
    })
}

/// Tells how to come in, and gives the address to begin with: in a made county a link for each role, else the first
/// administrator's link while nobody has an account yet.
fn say_the_way_in(office: &Office, url: &str, printer: &Printer) -> anyhow::Result<String> {
    let at = super::now();
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
