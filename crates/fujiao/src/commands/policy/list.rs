use std::path::PathBuf;

use comfy_table::{Table, presets};
use fujiao_office::Rulebook;
use fujiao_policy::{AmountRow, Programme};

use crate::commands::Outcome;
use crate::printer::Printer;

/// 有哪些项目
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// 规则所在的文件夹；不写就是程序自带的
    policies: Option<PathBuf>,
    /// 连同每一行数额、起止和依据
    #[arg(long)]
    amounts: bool,
    /// 盖在上面的：本县自己的文件，或放这些文件的文件夹
    #[arg(long)]
    with: Option<PathBuf>,
}

pub(crate) fn run(args: &Args, printer: &Printer) -> anyhow::Result<Outcome> {
    let rules = Rulebook::load(args.policies.as_deref(), args.with.as_deref())?;
    let set = &rules.policies;
    if printer.json() {
        let all: Vec<_> = set.programmes().iter().map(as_json).collect();
        printer.line(serde_json::json!({ "hash": rules.hash(), "programmes": all }));
        return Ok(Outcome::Done);
    }
    let mut table = Table::new();
    table.load_style(presets::UTF8_HORIZONTAL_ONLY);
    table.set_header(["项目", "名称", "对象", "期间", "单位", "谁应得，或为什么关着"]);
    for p in set.programmes() {
        let who = p.off.as_ref().map_or_else(|| p.who().to_owned(), |off| format!("关：{off}"));
        let [key, title, frame] = [&*p.key, &*p.title, p.frame.chinese()];
        table.add_row([key, title, frame, p.rhythm.code(), p.unit.chinese(), &who]);
        if args.amounts {
            for row in p.layers.iter().flatten() {
                table.add_row(["", "", "", "", &*amount(p, row), &*row.basis]);
            }
        }
    }
    printer.line(table);
    Ok(Outcome::Done)
}

fn span(row: &AmountRow) -> String {
    row.to.map_or_else(|| format!("{}起", row.from), |to| format!("{}—{to}", row.from))
}

fn amount(p: &Programme, row: &AmountRow) -> String {
    let value = row.constant().map_or_else(|| "按式计算".to_owned(), |n| p.unit.show(n));
    let price = row.price.map_or_else(String::new, |n| {
        format!("，每{}{}元", p.unit.chinese(), fujiao_model::Money::fen(n))
    });
    let when =
        if row.when_text.is_empty() { String::new() } else { format!("（{}）", row.when_text) };
    format!("{} {value}{when}{price} [{}]", span(row), row.mark.code())
}

fn as_json(p: &Programme) -> serde_json::Value {
    let rows: Vec<_> = p
        .layers
        .iter()
        .flatten()
        .map(|row| {
            serde_json::json!({
                "from": row.from.to_string(), "to": row.to.map(|d| d.to_string()), "when": *row.when_text,
                "quantity": row.constant(), "price_fen": row.price, "basis": *row.basis, "mark": row.mark.code(),
                "file": *row.place.0, "line": row.place.1,
            })
        })
        .collect();
    let keys =
        |list: &[std::sync::Arc<str>]| list.iter().map(ToString::to_string).collect::<Vec<_>>();
    serde_json::json!({
        "key": *p.key, "title": *p.title, "title_en": *p.title_en, "area": p.area.code(), "frame": p.frame.code(),
        "who": p.who(), "rhythm": p.rhythm.code(), "unit": p.unit.code(), "on": p.is_on(), "off": p.off.as_deref(),
        "form": p.form.map(fujiao_model::AidForm::code), "purpose": p.purpose.map(fujiao_policy::Purpose::code),
        "bearer": *p.bearer, "evidence": *p.evidence, "excludes": keys(&p.excludes), "stacks": keys(&p.stacks),
        "columns": p.columns().iter().map(|c| fujiao_policy::column(*c).name).collect::<Vec<_>>(),
        "origins": p.origins.iter().map(|(file, how)| serde_json::json!({ "file": **file, "overlay": **how })).collect::<Vec<_>>(),
        "amounts": rows,
    })
}
