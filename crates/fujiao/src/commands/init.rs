use std::path::{Path, PathBuf};

use anyhow::Context;
use serde_json::json;

use super::{InputError, Outcome, now, open_books, today};
use crate::certificate;
use crate::printer::Printer;
use crate::settings::{COMMENTED, NAME, Settings};

/// 开张：文件夹、设置、密钥、证书、第一个系统管理员
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// 台账放在哪个文件夹
    #[arg(default_value = "fujiao-data")]
    data: PathBuf,
    /// 县的六位区划代码
    #[arg(long)]
    county: String,
    /// 县名；区划表里有的可以不写
    #[arg(long)]
    name: Option<String>,
    /// 给全县用：对外开放，用自己做的证书
    #[arg(long)]
    tls: bool,
    /// 大家在浏览器里打的名字或地址，可以写几次；与 --tls 一起用
    #[arg(long, value_name = "名字或地址")]
    host: Vec<String>,
    /// 端口
    #[arg(long)]
    port: Option<u16>,
}

pub(crate) fn run(args: &Args, printer: &Printer) -> anyhow::Result<Outcome> {
    let input = |why: String| anyhow::Error::new(InputError(why));
    let code = fujiao_model::Division::parse(args.county.trim())
        .ok()
        .filter(|d| d.level() == fujiao_model::DivisionLevel::County)
        .and_then(|_| args.county.trim().parse::<u32>().ok())
        .filter(|code| *code < 1_000_000)
        .ok_or_else(|| input(format!("“{}”不是县的区划代码；写六位，如 611026", args.county)))?;
    let name = match &args.name {
        Some(name) => name.trim().to_owned(),
        None => fujiao_office::county_name_of(code)
            .ok_or_else(|| input(format!("区划表里没有 {code}；用 --name 写上县名")))?,
    };
    if args.tls && args.host.is_empty() {
        return Err(input(
            "--tls 还要写明大家在浏览器里打什么：--host fujiao.xian.gov.cn 或 --host 10.0.0.8"
                .into(),
        ));
    }
    crate::folder::make(&args.data)?;
    private(&args.data)?;
    let file = args.data.join(NAME);
    if !file.exists() {
        let mut text = COMMENTED.to_owned();
        let mut set = |from: &str, to: String| {
            debug_assert!(text.contains(from), "{from}");
            text = text.replacen(from, &to, 1);
        };
        if args.tls {
            let hosts: Vec<String> = args.host.iter().map(|h| h.trim().to_owned()).collect();
            certificate::make(&args.data.join("tls"), &hosts, today())?;
            set("address = \"127.0.0.1\"", "address = \"0.0.0.0\"".into());
            set("port = 8080", "port = 8443".into());
            set("certificate = \"\"", "certificate = \"tls/cert.pem\"".into());
            set("certificate_key = \"\"", "certificate_key = \"tls/key.pem\"".into());
            let names: Vec<&String> =
                hosts.iter().filter(|h| h.parse::<std::net::IpAddr>().is_err()).collect();
            set("names = []", format!("names = {names:?}"));
        }
        if let Some(port) = args.port {
            let now = if args.tls { "port = 8443" } else { "port = 8080" };
            set(now, format!("port = {port}"));
        }
        crate::folder::write(&file, text.as_bytes())?;
    }
    let settings = Settings::of(&args.data)?;
    if let Some(fault) = settings.faults(&args.data).first() {
        return Err(input(format!("{}：{fault}", file.display())));
    }
    let mut office = open_books(&args.data, None)?;
    office.begin_county(code, &name, now())?;
    let token = office.first_link(now())?;
    let scheme = if settings.server.certificate.is_empty() { "http" } else { "https" };
    let host = args.host.first().map_or("127.0.0.1", String::as_str);
    let url = format!("{scheme}://{host}:{}/", settings.server.port);
    let link = token.map(|token| format!("{url}enter/{token}"));
    let data = args.data.display();
    if printer.json() {
        printer.line(json!({
            "county": code, "name": name, "folder": args.data, "url": url, "first_link": link,
            "key_mark": office_mark(&settings, &args.data)?,
        }));
        return Ok(Outcome::Done);
    }
    printer.line(format!("{name}（{code}）开张，台账在 {data}"));
    printer.line(format!("  设置：{}（改完用 fujiao config check {data} 查）", file.display()));
    printer.line(format!(
        "  密钥：{}，印记 {}。现在就抄一份锁起来：fujiao keys paper {data}",
        settings.key_file(&args.data).display(),
        office_mark(&settings, &args.data)?
    ));
    if args.tls {
        let print = certificate::fingerprint(&args.data.join(&settings.server.certificate))?;
        printer.line(format!("  证书：自己做的，浏览器第一次会提醒；对一对 SHA-256 指纹 {print}"));
    }
    printer.line(format!("  起服务：fujiao serve {data}"));
    if let Some(link) = link {
        printer.line(format!(
            "  第一个系统管理员从这里进，设密码（一天内有效，只能用一次）：\n    {link}"
        ));
    }
    Ok(Outcome::Done)
}

fn office_mark(settings: &Settings, data: &Path) -> anyhow::Result<String> {
    Ok(fujiao_office::upkeep::key_of(&settings.key_file(data))?.mark())
}

/// Nobody else of this machine looks into the folder.
fn private(folder: &Path) -> anyhow::Result<()> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        std::fs::set_permissions(folder, std::fs::Permissions::from_mode(0o700))
            .with_context(|| format!("{} 的权限改不了", folder.display()))?;
    }
    #[cfg(not(unix))]
    let _ = folder;
    Ok(())
}
