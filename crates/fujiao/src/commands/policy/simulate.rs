use std::path::{Path, PathBuf};

use comfy_table::{CellAlignment, Table, presets};
use fujiao_model::{Money, Term};
use fujiao_office::{Cost, Movers, Rulebook, Simulation};
use jiff::civil::Date;

use super::eval;
use crate::commands::{InputError, Outcome, open_kept, today};
use crate::printer::Printer;

/// 试算改规则
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// 改规则的文件：写法同规则文件，用 overlay 说明换掉、提高还是新加
    #[arg(long)]
    with: PathBuf,
    /// 学期，或起止：2024A..2025S；不写则是最近的两个学期
    #[arg(long)]
    term: Option<String>,
    /// 一户人均补助到多少元算“托起”；不写就不数
    #[arg(long)]
    line: Option<i64>,
    /// 台账所在的文件夹
    #[arg(long, default_value = "fujiao-data")]
    data: PathBuf,
    /// 台账不在文件夹里时：数据库文件，或 postgres:// 地址
    #[arg(long)]
    db: Option<String>,
    /// 截至哪一天；不写则是今天
    #[arg(long)]
    as_of: Option<Date>,
}

pub(crate) fn run(args: &Args, printer: &Printer) -> anyhow::Result<Outcome> {
    let reform = Rulebook::read_with(&args.data, Some(&args.with))?;
    for file in reform.own.iter().filter(|file| file.room.is_some()) {
        if Path::new(&file.path).starts_with(&args.with) {
            printer.note(format!("{}：不是发给人的项目，不参加试算", file.path));
        }
    }
    let as_of = args.as_of.unwrap_or_else(today);
    let terms = match &args.term {
        Some(text) => eval::terms(text)?,
        None => last_two(as_of),
    };
    let line = args.line.unwrap_or(0);
    if line < 0 {
        return Err(anyhow::Error::new(InputError("--line 是不小于 0 的元数".to_owned())));
    }
    let office = open_kept(&args.data, args.db.as_deref())?;
    let progress = |step: &str, done: u64, of: u64| printer.progress(step, done, of);
    let fen = line.saturating_mul(100);
    let found = office.simulate(&reform.policies, &terms, fen, as_of, &progress)?;
    if printer.json() {
        printer.line(json(&found));
    } else {
        print(&found, printer);
    }
    Ok(Outcome::Done)
}

fn last_two(as_of: Date) -> Vec<Term> {
    let this = Term::of(as_of);
    let before = this.start().yesterday().map_or(this, Term::of);
    vec![before, this]
}

fn print(s: &Simulation, printer: &Printer) {
    printer.line(format!("现行规则和改后规则，{}：", s.terms.join("、")));
    let mut table = Table::new();
    table.load_style(presets::UTF8_HORIZONTAL_ONLY);
    table.set_header(["", "现行（元）", "改后（元）", "差（元）", "现行人次", "改后人次"]);
    let mut add = |name: String, c: &Cost| {
        table.add_row([
            name,
            yuan(c.today_fen),
            yuan(c.reform_fen),
            change(c.reform_fen - c.today_fen),
            c.today_rows.to_string(),
            c.reform_rows.to_string(),
        ]);
    };
    add("合计".to_owned(), &s.total);
    s.programmes.iter().for_each(|(key, title, c)| add(format!("{title} {key}"), c));
    s.by_term.iter().for_each(|(term, c)| add(term.clone(), c));
    for (town, c) in &s.towns {
        add(if town.is_empty() { "（不知哪个镇）".to_owned() } else { town.clone() }, c);
    }
    for column in 1..6 {
        if let Some(column) = table.column_mut(column) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    printer.line(table);
    printer.line(movers("多得", &s.gainers));
    printer.line(movers("少得", &s.losers));
    printer.line(format!("不变 {} 人", s.same));
    printer.line(format!("一学期有两项以上的：现行 {} 人，改后 {} 人", s.overlap.0, s.overlap.1));
    printer.line(format!("有补助的户：现行 {} 户，改后 {} 户", s.households.0, s.households.1));
    if s.line_fen > 0 {
        printer.line(format!(
            "人均补助到 {} 元的户：新到 {} 户，跌下 {} 户",
            yuan(s.line_fen),
            s.lifted.0,
            s.lifted.1
        ));
    }
    if s.asked.0 + s.asked.1 > 0 {
        printer.line(format!(
            "还缺事实、没有算进去的：现行 {} 人次，改后 {} 人次",
            s.asked.0, s.asked.1
        ));
    }
}

fn yuan(fen: i64) -> String {
    Money::fen(fen).to_string()
}

fn change(fen: i64) -> String {
    if fen > 0 { format!("+{}", yuan(fen)) } else { yuan(fen) }
}

fn movers(word: &str, m: &Movers) -> String {
    if m.persons == 0 {
        return format!("{word} 0 人");
    }
    format!(
        "{word} {} 人，共 {} 元；每人 {} 到 {} 元，中位 {} 元",
        m.persons,
        yuan(m.fen),
        yuan(m.least_fen),
        yuan(m.most_fen),
        yuan(m.median_fen)
    )
}

fn json(s: &Simulation) -> serde_json::Value {
    let cost = |c: &Cost| {
        serde_json::json!({
            "today_fen": c.today_fen, "reform_fen": c.reform_fen, "today": c.today_rows, "reform": c.reform_rows,
        })
    };
    let movers = |m: &Movers| {
        serde_json::json!({
            "persons": m.persons, "fen": m.fen, "least_fen": m.least_fen, "median_fen": m.median_fen, "most_fen": m.most_fen,
        })
    };
    let programmes: Vec<_> = s
        .programmes
        .iter()
        .map(|(key, title, c)| serde_json::json!({ "key": key, "title": title, "cost": cost(c) }))
        .collect();
    let named = |list: &[(String, Cost)], name: &str| {
        list.iter()
            .map(|(n, c)| serde_json::json!({ name: n, "cost": cost(c) }))
            .collect::<Vec<_>>()
    };
    serde_json::json!({
        "today_policies": s.today_hash, "reform_policies": s.reform_hash, "terms": s.terms, "total": cost(&s.total),
        "programmes": programmes, "by_term": named(&s.by_term, "term"), "towns": named(&s.towns, "town"),
        "gainers": movers(&s.gainers), "losers": movers(&s.losers), "same": s.same,
        "overlap": { "today": s.overlap.0, "reform": s.overlap.1 },
        "households": { "today": s.households.0, "reform": s.households.1 },
        "lifted": { "line_fen": s.line_fen, "up": s.lifted.0, "down": s.lifted.1 },
        "asked": { "today": s.asked.0, "reform": s.asked.1 },
    })
}
