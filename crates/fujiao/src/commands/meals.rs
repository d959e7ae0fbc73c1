mod works;

use std::path::PathBuf;

use fujiao_office::access::Actor;
use fujiao_office::school::MonthLine;
use serde_json::{Value, json};

use super::{Outcome, now, open_kept, table};
use crate::printer::Printer;

/// 学校：营养餐按月结账、锁定、解锁，看多报；食堂和价格、检查、缺口台账和项目、学位、编制
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
    /// 一学年各月：fujiao meals year 2025
    Year {
        /// 学年开始的年份；不写就是今年
        year: Option<i16>,
    },
    /// 一个月的多报：fujiao meals show 2025-09
    Show {
        /// 月份
        month: String,
    },
    /// 结一个月的账
    Close {
        /// 月份
        month: String,
    },
    /// 锁定一个月
    Lock {
        /// 月份
        month: String,
    },
    /// 解锁一个月，写明原因
    Unlock {
        /// 月份
        month: String,
        /// 为什么
        #[arg(long)]
        why: String,
    },
    /// 食堂：每餐花费、异常价格、食谱缺什么
    Kitchen {
        /// 月份；不写就是最近有数的
        #[arg(default_value = "")]
        month: String,
    },
    /// 营养餐检查
    Inspections,
    /// 缺口立的项目
    Projects,
    /// 缺学位的年级，今年和明年
    Places,
    /// 编制：应有、在编、缺编、超编
    Posts,
    /// 办学条件缺口台账
    Gaps {
        /// 只看一条标准，如 `base.toilet_girls`
        #[arg(long, default_value = "")]
        standard: String,
    },
}

#[expect(clippy::too_many_lines, reason = "one short arm a command")]
pub(crate) fn run(args: &Args, printer: &Printer) -> anyhow::Result<Outcome> {
    let office = open_kept(&args.data, args.db.as_deref())?;
    let actor = Actor::console(now());
    match &args.what {
        What::Year { year } => {
            let v = office.meals_year(&actor, *year)?;
            if printer.json() {
                v.months.iter().for_each(|m| printer.line(line_json(m)));
                return Ok(Outcome::Done);
            }
            let mut out =
                table(&["月份", "应供", "供餐", "申报", "核实", "多报", "待核", "可结算", "状态"]);
            for m in &v.months {
                let state = m
                    .locked
                    .as_ref()
                    .map_or("未锁定".to_owned(), |(by, on)| format!("{by} {on} 锁定"));
                let n = m.meals;
                out.add_row(
                    [n[0], n[2], n[3], n[5], n[6], n[7], m.payable.0]
                        .iter()
                        .map(ToString::to_string)
                        .fold(vec![m.month.clone()], |mut row, n| {
                            row.push(n);
                            row
                        })
                        .into_iter()
                        .chain([state]),
                );
            }
            printer.line(out);
            for rate in &v.rates {
                if let Some((above, below)) = rate.of {
                    printer
                        .line(format!("{} {above} / {below}（{}）", rate.title.0, rate.formula.0));
                }
            }
            Ok(Outcome::Done)
        }
        What::Show { month } => {
            let v = office.meals_month(&actor, month, None)?;
            let mut out = table(&["学校", "班", "日", "原因", "到校", "供餐", "申报", "多报"]);
            for (f, school) in &v.findings {
                let n = |n: Option<i64>| n.map_or("—".to_owned(), |n| n.to_string());
                if printer.json() {
                    printer.line(json!({
                        "school": school, "class": f.class, "day": f.day, "why": f.why, "present": f.counts[1],
                        "served": f.counts[2], "claimed": f.counts[3], "over": f.meals, "row": f.row,
                    }));
                    continue;
                }
                let class = if f.class.is_empty() { "（按名单）" } else { &f.class };
                out.add_row([
                    school.clone(),
                    class.to_owned(),
                    n(f.day),
                    f.why.clone(),
                    n(f.counts[1]),
                    n(f.counts[2]),
                    n(f.counts[3]),
                    f.meals.to_string(),
                ]);
            }
            if !printer.json() {
                printer.line(out);
                printer.line(sentence(&v.line));
            }
            Ok(if v.findings.is_empty() { Outcome::Done } else { Outcome::NeedsALook })
        }
        What::Close { month } => {
            let line = office.close_meals(&actor, month)?;
            printer.say(&line_json(&line), &sentence(&line));
            Ok(if line.meals[6] + line.named.1 > 0 { Outcome::NeedsALook } else { Outcome::Done })
        }
        What::Lock { month } => {
            office.lock_meals(&actor, month)?;
            printer.say(&json!({ "month": month, "locked": true }), &format!("{month} 已锁定"));
            Ok(Outcome::Done)
        }
        What::Unlock { month, why } => {
            office.unlock_meals(&actor, month, why)?;
            printer.say(
                &json!({ "month": month, "locked": false }),
                &format!("{month} 已解锁：{why}"),
            );
            Ok(Outcome::Done)
        }
        What::Gaps { standard } => {
            let v = office.gap_ledger(&actor, standard, None)?;
            let mut out = table(&["学校", "标准", "应有", "实有", "差", "造价（元）", "依据"]);
            for l in &v.lines {
                let yuan =
                    l.cost.map_or("—".to_owned(), |c| fujiao_model::Money::fen(c).to_string());
                if printer.json() {
                    printer.line(json!({
                        "school": l.name, "standard": l.standard, "need": l.figures.0, "have": l.figures.1,
                        "gap": l.figures.2, "unit": l.unit.code(), "cost_fen": l.cost, "basis": l.basis, "sources": l.sources,
                    }));
                    continue;
                }
                out.add_row([
                    l.name.clone(),
                    l.title.zh.clone(),
                    l.unit.show(l.figures.0),
                    l.unit.show(l.figures.1),
                    l.unit.show(l.figures.2),
                    yuan,
                    l.basis.clone(),
                ]);
            }
            if !printer.json() {
                printer.line(out);
                printer.line(format!(
                    "共 {} 条，补齐约 {} 元；{} 个项目还没有测量",
                    v.total,
                    fujiao_model::Money::fen(v.cost),
                    v.unmeasured.len()
                ));
            }
            Ok(Outcome::Done)
        }
        What::Kitchen { month } => {
            Ok(works::kitchen(&office.kitchens(&actor, month, None)?, printer))
        }
        What::Inspections => Ok(works::inspections(&office.inspections(&actor, None)?, printer)),
        What::Projects => Ok(works::projects(&office.projects(&actor, None)?, printer)),
        What::Places => Ok(works::places(&office.places(&actor)?, printer)),
        What::Posts => Ok(works::posts(&office.posts(&actor)?, printer)),
    }
}

fn line_json(m: &MonthLine) -> Value {
    let n = m.meals;
    json!({
        "month": m.month, "due": n[0], "present": n[1], "served": n[2], "claimed": n[3], "proved": n[5], "over": n[6],
        "unproven": n[7], "named_over": m.named.1, "payable": m.payable.0, "payable_fen": m.payable.1,
        "class_days": m.class_days.0, "marked": m.class_days.1, "locked": m.locked.is_some(),
    })
}

fn sentence(m: &MonthLine) -> String {
    let n = m.meals;
    format!(
        "{}：{} 所学校申报 {} 份，核实 {}，多报 {}（按名单另有 {}），待核 {}；可结算 {} 份 {} 元",
        m.month,
        m.schools,
        n[3],
        n[5],
        n[6],
        m.named.1,
        n[7],
        m.payable.0,
        fujiao_model::Money::fen(m.payable.1)
    )
}
