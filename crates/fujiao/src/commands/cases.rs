use std::path::PathBuf;

use fujiao_office::access::Actor;
use fujiao_office::cases::{Account, CaseState};
use fujiao_office::desk::{At, CaseBy, CaseFilter, CaseLine, CaseStepLine, CaseTab, Seat};
use jiff::civil::Date;
use serde_json::{Value, json};

use super::{InputError, Outcome, now, open_kept, table};
use crate::printer::Printer;

/// 控辍保学的案：名单、一案、问责表
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(subcommand)]
    what: What,
    /// 台账所在的文件夹
    #[arg(long, global = true, default_value = "fujiao-data")]
    data: PathBuf,
    /// 台账不在文件夹里时：数据库文件，或 postgres:// 地址
    #[arg(long, global = true)]
    db: Option<String>,
    /// 期限算到哪天；不写就是今天（示例县：核算那天）
    #[arg(long, global = true, value_name = "日期")]
    as_of: Option<Date>,
}

#[derive(Debug, clap::Subcommand)]
enum What {
    /// 列出案
    List {
        /// open 在办、check visit service `follow_up` 四张逾期清单、closed 已销号
        #[arg(long, default_value = "open")]
        show: String,
        /// 只列一种阶段：found verified visited noticed ordered referred transferring exempt `follow_up`
        #[arg(long)]
        state: Option<String>,
        /// 最多列几案
        #[arg(long, default_value_t = 50)]
        limit: usize,
    },
    /// 一案的经过
    Show {
        /// 案号
        number: u64,
    },
    /// 问责表：town 按镇、school 按学校、village 按村
    Accountability {
        /// 按什么
        #[arg(long, default_value = "town")]
        by: String,
    },
}

pub(crate) fn run(args: &Args, printer: &Printer) -> anyhow::Result<Outcome> {
    let office = open_kept(&args.data, args.db.as_deref())?;
    let seat = office.desk().seat(&Actor::console(now()));
    match &args.what {
        What::List { show, state, limit } => {
            list(&seat, args.as_of, (show, state.as_deref(), *limit), printer)
        }
        What::Show { number } => show_one(&seat, args.as_of, *number, printer),
        What::Accountability { by } => accountability(&seat, args.as_of, by, printer),
    }
}

fn list(
    seat: &Seat,
    as_of: Option<Date>,
    (show, state, limit): (&str, Option<&str>, usize),
    printer: &Printer,
) -> anyhow::Result<Outcome> {
    let unread = |what: &str| InputError(format!("“{what}”不认得；看 fujiao cases list --help"));
    let state = state.map(|s| CaseState::of(s).ok_or_else(|| unread(s))).transpose()?;
    let tab = CaseTab::parse(show).ok_or_else(|| unread(show))?;
    let filter = CaseFilter { tab, state, at: At::Start, ..CaseFilter::default() };
    let page = seat.cases_whole(&filter, as_of)?;
    if printer.json() {
        for line in page.lines.iter().take(limit) {
            printer.line(line_json(line));
        }
        return Ok(Outcome::Done);
    }
    let mut out = table(&["案", "姓名", "学校", "地方", "阶段", "归谁办", "限期", "逾期天"]);
    for l in page.lines.iter().take(limit) {
        let whose = match &l.officer {
            Some(officer) => format!("{} {officer}", l.chief.zh),
            None => l.chief.zh.clone(),
        };
        out.add_row([
            l.number.to_string(),
            l.name.clone(),
            l.school.as_ref().map_or_else(String::new, |s| s.name.clone()),
            l.place_name.clone(),
            l.state.chinese().to_owned(),
            whose,
            l.due_on.map_or_else(String::new, |d| d.to_string()),
            l.overdue_days.to_string(),
        ]);
    }
    printer.line(out);
    let f = page.figures;
    printer.line(format!(
        "期限算到 {}：不在校 {} 人，逾期 {}，今天到期 {}，本学期已返校 {}；列出 {} 案，共 {} 案",
        page.as_of,
        f.away,
        f.overdue,
        f.today,
        f.returned,
        page.lines.len().min(limit),
        page.total
    ));
    Ok(Outcome::Done)
}

fn show_one(
    seat: &Seat,
    as_of: Option<Date>,
    number: u64,
    printer: &Printer,
) -> anyhow::Result<Outcome> {
    let Some(page) = seat.case(number, as_of)? else {
        let fault = format!("没有第 {number} 号案；看 fujiao cases list");
        return Err(anyhow::Error::new(InputError(fault)));
    };
    let l = &page.line;
    if printer.json() {
        let step = |s: &CaseStepLine| {
            json!({
                "number": s.number, "on": s.on.to_string(), "step": s.code, "state": s.state.code(), "note": s.note,
                "author": s.author,
            })
        };
        let steps: Vec<Value> = page.steps.iter().map(step).collect();
        printer.line(json!({ "case": line_json(l), "steps": steps }));
        return Ok(Outcome::Done);
    }
    printer.line(format!(
        "第 {} 号案：{}，{}，{}发现，现在{}",
        l.number,
        l.name,
        l.facts,
        l.opened_on,
        l.state.chinese()
    ));
    for s in &page.steps {
        let said: Vec<&str> = s.said.iter().map(|(_, text)| text.as_str()).collect();
        printer.line(format!(
            "  {} {} {} {} {}（{}）",
            s.number,
            s.on,
            s.state.chinese(),
            said.join("，"),
            s.note,
            s.author
        ));
    }
    if let Some(due_on) = l.due_on {
        printer.line(format!(
            "现在归{}办，限 {due_on}，逾期 {} 天，已上升 {} 次",
            l.chief.zh, l.overdue_days, l.risen
        ));
    }
    for chief in &page.chiefs {
        printer.line(format!("  {}：{}", chief.title.zh, chief.names.join("、")));
    }
    Ok(Outcome::Done)
}

fn accountability(
    seat: &Seat,
    as_of: Option<Date>,
    by: &str,
    printer: &Printer,
) -> anyhow::Result<Outcome> {
    let by = CaseBy::parse(by)
        .ok_or_else(|| InputError(format!("“{by}”不认得；写 town、school 或 village")))?;
    let page = seat.case_accounts(by, as_of)?;
    let all = page.lines.iter().map(|l| (l.name.as_str(), &l.account));
    if printer.json() {
        for (name, account) in all.chain([("合计", &page.total)]) {
            printer.line(account_json(name, account));
        }
        return Ok(Outcome::Done);
    }
    let mut out = table(&["地方或学校", "立案", "在办", "返校", "逾期", "最长逾期天", "反复"]);
    for (name, a) in all.chain([("合计", &page.total)]) {
        out.add_row([
            if name.is_empty() { "没有学校或没写地方" } else { name }.to_owned(),
            a.opened.to_string(),
            a.open.to_string(),
            a.returned.to_string(),
            a.overdue.to_string(),
            a.longest_days.to_string(),
            a.relapses.to_string(),
        ]);
    }
    printer.line(out);
    Ok(Outcome::Done)
}

fn line_json(l: &CaseLine) -> Value {
    json!({
        "number": l.number, "name": l.name, "school": l.school.as_ref().map(|s| &s.name), "place": l.place_name,
        "facts": l.facts, "state": l.state.code(), "opened_on": l.opened_on.to_string(), "chief": l.chief.zh,
        "officer": l.officer, "due_on": l.due_on.map(|d| d.to_string()), "next_on": l.next_on.map(|d| d.to_string()),
        "risen": l.risen, "overdue_days": l.overdue_days, "relapses": l.relapses,
    })
}

fn account_json(name: &str, a: &Account) -> Value {
    json!({
        "name": name, "opened": a.opened, "open": a.open, "returned": a.returned, "exempt": a.exempt,
        "mistakes": a.mistakes, "overdue": a.overdue, "overdue_days": a.overdue_days, "longest_days": a.longest_days,
        "relapses": a.relapses, "days_to_return": a.days_to_return,
    })
}
