use std::path::PathBuf;

use fujiao_office::Office;
use fujiao_office::access::Actor;
use fujiao_office::desk::{MentorTab, PairFilter, Seat};
use fujiao_office::pairing::{Keeping, Measured};
use jiff::civil::Date;
use serde_json::{Value, json};

use super::{InputError, Outcome, now, open_kept, table};
use crate::printer::Printer;

/// 一对一结对：帮扶人、结对方案、名单、没有人带的孩子、前后变化
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
}

#[derive(Debug, clap::Subcommand)]
enum What {
    /// 从教职工和结对名册更新帮扶人和结对
    Refresh,
    /// 列出帮扶人
    Mentors {
        /// all 在帮扶、unsigned 没签守则、room 还能带、full 已满、left 不再帮扶
        #[arg(long, default_value = "all")]
        show: String,
        /// 最多列几位
        #[arg(long, default_value_t = 50)]
        limit: usize,
    },
    /// 登记行为守则签字
    Sign {
        /// 帮扶人编号；不写就要写 --all
        numbers: Vec<u64>,
        /// 所有没签的
        #[arg(long)]
        all: bool,
        /// 哪天签的
        #[arg(long)]
        on: Date,
    },
    /// 打印行为守则（.docx）
    Codes {
        /// 帮扶人编号；不写就是所有没签的
        numbers: Vec<u64>,
        /// 写到哪个文件
        #[arg(long, default_value = "行为守则.docx")]
        out: PathBuf,
    },
    /// 做一次结对；定下以前什么都不变
    Run {
        /// 为什么结对
        #[arg(long)]
        why: String,
        /// 原来的尽量不动：补缺、有人离开时用
        #[arg(long)]
        keep_first: bool,
    },
    /// 结对记录
    Runs,
    /// 一次结对：每个孩子的安排和理由
    Show {
        /// 第几次
        run: u64,
        /// 只看一种变化：new left must moved lost none kept；不写就是有变化的
        #[arg(long, default_value = "")]
        change: String,
        /// 最多列几个
        #[arg(long, default_value_t = 50)]
        limit: usize,
    },
    /// 就这样定
    Accept {
        /// 第几次
        run: u64,
    },
    /// 不采用
    Drop {
        /// 第几次
        run: u64,
    },
    /// 帮扶人不再帮扶：算出改动最小的接替方案
    Leave {
        /// 帮扶人编号
        mentor: u64,
        /// 哪天起
        #[arg(long)]
        on: Date,
        /// 为什么
        #[arg(long)]
        why: String,
    },
    /// 结对名单
    List {
        /// 最多列几对
        #[arg(long, default_value_t = 50)]
        limit: usize,
    },
    /// 没有人带的孩子和原因
    Without {
        /// 最多列几个
        #[arg(long, default_value_t = 50)]
        limit: usize,
    },
    /// 结对前后的变化
    Measured,
}

pub(crate) fn run(args: &Args, printer: &Printer) -> anyhow::Result<Outcome> {
    let office = open_kept(&args.data, args.db.as_deref())?;
    let actor = Actor::console(now());
    let seat = office.desk().seat(&actor);
    match &args.what {
        What::Refresh => {
            let found = office.pair_refresh(&actor)?;
            if printer.json() {
                printer.line(json!({
                    "added": found.added, "changed": found.changed, "paired": found.paired, "ended": found.ended,
                }));
            } else {
                printer.line(format!(
                    "帮扶人新增 {}，更新 {}；名册上的结对新增 {}，结束 {}",
                    found.added, found.changed, found.paired, found.ended
                ));
            }
        }
        What::Mentors { show, limit } => return mentors(&seat, show, *limit, printer),
        What::Sign { numbers, all, on } => {
            let numbers = match (numbers.is_empty(), all) {
                (false, _) => numbers.clone(),
                (true, true) => seat
                    .mentors(MentorTab::Unsigned, "", None, true)?
                    .lines
                    .iter()
                    .map(|l| l.mentor.number)
                    .collect(),
                (true, false) => {
                    let fault = "写帮扶人编号，或写 --all；编号看 fujiao pair mentors".to_owned();
                    return Err(anyhow::Error::new(InputError(fault)));
                }
            };
            let signed = office.sign_mentors(&actor, &numbers, *on)?;
            printer.line(if printer.json() {
                json!({ "signed": signed }).to_string()
            } else {
                format!("登记了 {signed} 位的签字")
            });
        }
        What::Codes { numbers, out } => {
            let file = office.pair_codes(&actor, numbers)?;
            crate::folder::write(out, &file.bytes)?;
            printer.line(if printer.json() {
                json!({ "file": out.display().to_string() }).to_string()
            } else {
                format!("行为守则：{}", out.display())
            });
        }
        What::Run { why, keep_first } => {
            let keeping = if *keep_first { Keeping::First } else { Keeping::Weighed };
            let number = office.pair_run(&actor, keeping, why)?;
            return show(&seat, number, "", 0, printer);
        }
        What::Runs => return runs(&seat, printer),
        What::Show { run, change, limit } => return show(&seat, *run, change, *limit, printer),
        What::Accept { run } => {
            let a = office.pair_accept(&actor, *run)?;
            printer.line(if printer.json() {
                json!({ "made": a.made, "ended": a.ended, "kept": a.kept }).to_string()
            } else {
                format!(
                    "第 {run} 次结对已定：新结 {} 对，结束 {} 对，不变 {} 对；下次核算起算数",
                    a.made, a.ended, a.kept
                )
            });
        }
        What::Drop { run } => {
            office.pair_drop(&actor, *run)?;
            printer.line(if printer.json() {
                json!({ "dropped": run }).to_string()
            } else {
                format!("第 {run} 次结对不采用")
            });
        }
        What::Leave { mentor, on, why } => {
            match office.mentor_leaves(&actor, *mentor, *on, why)? {
                Some(number) => return show(&seat, number, "", 50, printer),
                None => printer.line(if printer.json() {
                    json!({ "run": null }).to_string()
                } else {
                    "已登记；他没有带孩子，不用另配".to_owned()
                }),
            }
        }
        What::List { limit } => return list(&seat, *limit, printer),
        What::Without { limit } => return without(&seat, *limit, printer),
        What::Measured => return measured(&office, &actor, printer),
    }
    Ok(Outcome::Done)
}

fn mentors(seat: &Seat, show: &str, limit: usize, printer: &Printer) -> anyhow::Result<Outcome> {
    let tab = MentorTab::parse(show).ok_or_else(|| {
        InputError(format!("“{show}”不认得；写 all、unsigned、room、full 或 left"))
    })?;
    let page = seat.mentors(tab, "", None, true)?;
    if printer.json() {
        for l in page.lines.iter().take(limit) {
            let m = &l.mentor;
            printer.line(json!({
                "number": m.number, "name": m.name, "kind": m.kind, "unit": m.unit, "load": l.load, "cap": l.cap,
                "signed_on": m.signed_on.map(|d| d.to_string()),
                "left_on": m.left.as_ref().map(|(d, _)| d.to_string()),
            }));
        }
        return Ok(Outcome::Done);
    }
    let mut out = table(&["编号", "姓名", "类别", "单位", "带", "最多", "守则"]);
    for l in page.lines.iter().take(limit) {
        let m = &l.mentor;
        out.add_row([
            m.number.to_string(),
            m.name.clone(),
            m.kind.clone(),
            m.unit.clone(),
            l.load.to_string(),
            l.cap.to_string(),
            m.signed_on.map_or_else(|| "没签".to_owned(), |d| d.to_string()),
        ]);
    }
    printer.line(out);
    printer.line(format!("列出 {} 位，共 {} 位", page.lines.len().min(limit), page.total));
    Ok(Outcome::Done)
}

fn runs(seat: &Seat, printer: &Printer) -> anyhow::Result<Outcome> {
    let page = seat.pair_runs()?;
    if printer.json() {
        for row in &page.runs {
            printer.line(run_json(row));
        }
        return Ok(Outcome::Done);
    }
    let mut out = table(&["第几次", "为什么", "有人带", "应有", "名额", "状态"]);
    for row in &page.runs {
        let r = &row.run;
        out.add_row([
            r.number.to_string(),
            r.why.clone(),
            r.paired.to_string(),
            r.pupils.to_string(),
            r.places.to_string(),
            r.state.clone(),
        ]);
    }
    printer.line(out);
    Ok(Outcome::Done)
}

fn run_json(row: &fujiao_office::desk::RunRow) -> Value {
    let r = &row.run;
    let changes: serde_json::Map<String, Value> =
        row.changes.iter().map(|(change, n)| (change.clone(), json!(n))).collect();
    json!({
        "run": r.number, "why": r.why, "keeping": r.keeping, "pupils": r.pupils, "paired": r.paired, "mentors": r.mentors,
        "places": r.places, "points": r.points, "cost": r.cost, "verdict": r.verdict, "state": r.state, "changes": changes,
    })
}

fn said(reasons: &[(String, u64)]) -> String {
    reasons.iter().map(|(code, n)| format!("{code} {n}")).collect::<Vec<_>>().join("，")
}

fn show(
    seat: &Seat,
    run: u64,
    change: &str,
    limit: usize,
    printer: &Printer,
) -> anyhow::Result<Outcome> {
    let Some(page) = seat.pair_run(run, None, (change, None), true)? else {
        let fault = format!("没有第 {run} 次结对；看 fujiao pair runs");
        return Err(anyhow::Error::new(InputError(fault)));
    };
    if printer.json() {
        printer.line(run_json(&page.run));
        for l in page.lines.iter().take(limit) {
            printer.line(json!({
                "person": format!("{:016x}", l.child.person), "name": l.child.name, "change": l.change, "before": l.before,
                "mentor": l.mentor, "points": l.points, "reasons": l.reasons,
            }));
        }
        return Ok(Outcome::Done);
    }
    let r = &page.run.run;
    printer.line(format!(
        "第 {} 次结对（{}）：应有人带 {}，有人带 {}，没有 {}；签了守则的 {} 位，名额 {}；检验 {}",
        r.number,
        r.why,
        r.pupils,
        r.paired,
        r.pupils - r.paired,
        r.mentors,
        r.places,
        r.verdict
    ));
    let changes: Vec<String> = page.run.changes.iter().map(|(c, n)| format!("{c} {n}")).collect();
    printer.line(format!("变化：{}", changes.join("，")));
    let must = page.run.changes.iter().find(|(c, _)| c == "must").map_or(0, |(_, n)| *n);
    if must > 0 {
        printer.line(format!("为了都有人带，不得不换 {must} 个别人的孩子"));
    }
    if limit > 0 {
        let mut out = table(&["姓名", "变化", "原来", "现在", "分", "理由"]);
        for l in page.lines.iter().take(limit) {
            out.add_row([
                l.child.name.clone(),
                l.change.clone(),
                l.before.clone(),
                l.mentor.clone(),
                l.points.to_string(),
                said(&l.reasons),
            ]);
        }
        printer.line(out);
        printer.line(format!("列出 {} 个，共 {} 个", page.lines.len().min(limit), page.total));
    }
    Ok(Outcome::Done)
}

fn list(seat: &Seat, limit: usize, printer: &Printer) -> anyhow::Result<Outcome> {
    let page = seat.pairs(&PairFilter::default(), true)?;
    if printer.json() {
        for l in page.lines.iter().take(limit) {
            printer.line(json!({
                "person": format!("{:016x}", l.child.person), "name": l.child.name, "mentor": l.mentor,
                "mentor_name": l.mentor_name, "kind": l.kind, "unit": l.unit, "from": l.from.to_string(), "run": l.run,
                "contacts": l.contacts.0, "material": l.contacts.1,
            }));
        }
        return Ok(Outcome::Done);
    }
    let mut out = table(&["学生", "学校", "帮扶人", "单位", "起始", "本学期联系"]);
    for l in page.lines.iter().take(limit) {
        out.add_row([
            l.child.name.clone(),
            l.child.school.as_ref().map_or_else(String::new, |s| s.name.clone()),
            l.mentor_name.clone(),
            l.unit.clone(),
            l.from.to_string(),
            l.contacts.0.to_string(),
        ]);
    }
    printer.line(out);
    let f = page.figures;
    printer.line(format!(
        "应有人带 {}，有人带 {}，差 {}；本月已联系 {}，本学期只送了东西 {}",
        f.pupils,
        f.paired,
        f.pupils - f.paired,
        f.met,
        f.material_only
    ));
    Ok(Outcome::Done)
}

fn without(seat: &Seat, limit: usize, printer: &Printer) -> anyhow::Result<Outcome> {
    let page = seat.pairs_without(&PairFilter::default(), true)?;
    if printer.json() {
        for l in page.lines.iter().take(limit) {
            printer.line(json!({
                "person": format!("{:016x}", l.child.person), "name": l.child.name, "reasons": l.reasons,
            }));
        }
        return Ok(Outcome::Done);
    }
    let mut out = table(&["学生", "学校", "地方", "为什么"]);
    for l in page.lines.iter().take(limit) {
        out.add_row([
            l.child.name.clone(),
            l.child.school.as_ref().map_or_else(String::new, |s| s.name.clone()),
            l.child.place_name.clone(),
            said(&l.reasons),
        ]);
    }
    printer.line(out);
    printer.line(format!("列出 {} 个，共 {} 个", page.lines.len().min(limit), page.total));
    Ok(Outcome::Done)
}

fn measured(office: &Office, actor: &Actor, printer: &Printer) -> anyhow::Result<Outcome> {
    let lines = office.pair_measured(actor)?;
    let of = |m: &Option<Measured>| match m {
        None => Value::Null,
        Some(m) => {
            json!({ "children": m.children, "mean": m.mean, "low": m.low, "high": m.high })
        }
    };
    if printer.json() {
        for l in &lines {
            printer.line(json!({
                "what": l.what.code(), "changed": of(&l.changed), "against": of(&l.against),
            }));
        }
        return Ok(Outcome::Done);
    }
    let mut out = table(&["什么", "人", "前后相差", "95% 区间", "比没有人带的多变"]);
    for l in &lines {
        let what = match l.what.code() {
            "attendance" => "缺勤（每 20 个上课日）",
            "marks" => "成绩（三科平均）",
            _ => "心理筛查（占满分 %）",
        };
        let few = || "不到 10 人".to_owned();
        out.add_row([
            what.to_owned(),
            l.changed.as_ref().map_or_else(|| "—".to_owned(), |m| m.children.to_string()),
            l.changed.as_ref().map_or_else(few, |m| format!("{:+.2}", m.mean)),
            l.changed.as_ref().map_or_else(few, |m| format!("{:+.2} 至 {:+.2}", m.low, m.high)),
            l.against
                .as_ref()
                .map_or_else(few, |m| format!("{:+.2}（{:+.2} 至 {:+.2}）", m.mean, m.low, m.high)),
        ]);
    }
    printer.line(out);
    printer.line("这是前后的变化，不等于全是结对的作用；区间跨过 0 就是看不出。");
    Ok(Outcome::Done)
}
