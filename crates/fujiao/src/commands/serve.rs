use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::PathBuf;

use anyhow::Context;
use fujiao_office::Office;

use super::{InputError, Outcome, open_books};
use crate::printer::Printer;

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
    let runtime = tokio::runtime::Builder::new_multi_thread()
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
        printer.line(format!("打开 {url} 看台账；按 Ctrl-C 停"));
        if open {
            open_browser(&url);
        }
        let router = fujiao_web::router(office.desk(), fujiao_web::WebSettings::default());
        let stop = async {
            let _ = tokio::signal::ctrl_c().await;
        };
        fujiao_web::serve(listener, router, stop).await.context("网页服务停了")
    })
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
