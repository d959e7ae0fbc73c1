//! What the commands of aid say.

use std::fmt::Write as _;
use std::path::Path;

use fujiao_model::Money;
use fujiao_office::aid::{
    AidHome, Appropriated, Approved, BatchPage, Checked, Exported, FundsPage, Mended, Opened,
    Publication, Reconciled,
};
use fujiao_office::bulletin::Bulletin;
use fujiao_office::purses::{PursesPage, conflict};
use serde_json::{Value, json};

use crate::commands::{local, table};
use crate::printer::Printer;

fn say(printer: &Printer, value: &Value, sentence: &str) {
    if printer.json() {
        printer.line(value);
    } else {
        printer.line(sentence);
    }
}

pub(super) fn said(printer: &Printer, what: &str, id: u64, sentence: &str) {
    say(printer, &json!({ what: id }), sentence);
}

fn yuan(fen: i64) -> String {
    Money::fen(fen).to_string()
}

pub(super) fn opened(of: &Opened, printer: &Printer) {
    let Opened { batch, number, lines, total } = of;
    let kind =
        if *number == 1 { "首发".to_owned() } else { format!("补发，本期第 {number} 批") };
    say(
        printer,
        &json!({ "batch": batch, "number": number, "lines": lines, "fen": total.as_fen() }),
        &format!(
            "第 {batch} 批已起草（{kind}）：{lines} 人，{total} 元。下一步：fujiao aid check {batch}"
        ),
    );
}

pub(super) fn mended(of: Mended, printer: &Printer) {
    if !printer.json() {
        printer.line(format!("按最新核算更正：出 {} 行，入 {} 行", of.gone, of.come));
    }
}

pub(super) fn checked(batch: u64, of: &Checked, printer: &Printer) {
    let lists: Vec<Value> = of
        .lists
        .iter()
        .map(|(list, waits, decided)| {
            json!({ "list": list.code(), "waits": waits, "decided": decided })
        })
        .collect();
    let value = json!({
        "batch": batch, "lists": lists, "lines": of.tally.lines, "fen": of.tally.total,
        "signatures": of.signatures, "funded_fen": of.funded.as_fen(), "short_fen": of.short.as_fen(),
    });
    let mut lines = vec![format!(
        "第 {batch} 批：{} 人，{} 元；要 {} 人签字",
        of.tally.lines,
        yuan(of.tally.total),
        of.signatures
    )];
    for (list, waits, decided) in &of.lists {
        let after = if *waits > 0 && list.holds() { "，办完才能公示" } else { "" };
        lines.push(format!("  {}：待办 {waits}，已定 {decided}{after}", list.chinese()));
    }
    lines.push(if of.short > Money::ZERO {
        format!("资金：够 {} 元，还差 {} 元", of.funded, of.short)
    } else {
        "资金：够".to_owned()
    });
    let waits = of.lists.iter().any(|(list, waits, _)| list.holds() && *waits > 0);
    lines.push(if waits {
        format!("下一步：fujiao aid check {batch} --mend，或在网页上逐条写明理由")
    } else {
        format!("下一步：fujiao aid publish {batch}")
    });
    say(printer, &value, &lines.join("\n"));
}

pub(super) fn published(of: &Publication, printer: &Printer) {
    let Publication { batch, from, until, working_days, lines, token, .. } = of;
    say(
        printer,
        &json!({
            "batch": batch, "from": from.to_string(), "until": until.to_string(),
            "working_days": working_days, "lines": lines, "page": format!("/notice/{token}"),
        }),
        &format!(
            "第 {batch} 批公示 {from} 至 {until}，{working_days} 个工作日，{lines} 人。网页：/notice/{token}，期满自动撤下"
        ),
    );
}

pub(super) fn approved(batch: u64, of: &Approved, printer: &Printer) {
    let released =
        of.released.map(|(lines, total)| json!({ "lines": lines, "fen": total.as_fen() }));
    let value =
        json!({ "batch": batch, "signed": of.signed, "needed": of.needed, "released": released });
    let sentence = match of.released {
        Some((lines, total)) => format!(
            "第 {batch} 批签够 {} 人，可以发放：{lines} 笔，{total} 元。下一步：fujiao aid export {batch}",
            of.signed
        ),
        None => format!("已签 {} 人，要 {} 人", of.signed, of.needed),
    };
    say(printer, &value, &sentence);
}

pub(super) fn exported(of: &Exported, path: &Path, printer: &Printer) {
    let value = json!({
        "file": of.file, "path": path, "lines": of.lines, "fen": of.total.as_fen(), "again": of.again,
        "without_account": of.without_account,
    });
    let mut sentence = format!(
        "第 {} 号文件{}：{} 笔，{} 元，写在 {}",
        of.file,
        if of.again { "（同一个文件，没有多发）" } else { "" },
        of.lines,
        of.total,
        path.display()
    );
    if of.without_account > 0 {
        let _ = write!(sentence, "\n另有 {} 笔没有账号，待补", of.without_account);
    }
    say(printer, &value, &sentence);
}

pub(super) fn reconciled(of: &Reconciled, printer: &Printer) {
    let kept = &of.kept;
    let open: Vec<String> = of.open.iter().map(ToString::to_string).collect();
    let value = json!({
        "file": kept.file, "return": kept.id, "batch": of.batch, "again": of.again,
        "paid": kept.paid.0, "paid_fen": kept.paid.1, "returned": kept.returned.0,
        "returned_fen": kept.returned.1, "unknown": kept.unknown, "extra": kept.extra, "told_before": kept.again,
        "open": open, "reconciled": of.reconciled,
    });
    let mut lines = vec![format!(
        "第 {} 号文件{}：成功 {} 笔 {} 元，退回 {} 笔 {} 元，不明 {}，多出 {}",
        kept.file,
        if of.again { "（这个回盘收过，台账未变）" } else { "" },
        kept.paid.0,
        yuan(kept.paid.1),
        kept.returned.0,
        yuan(kept.returned.1),
        kept.unknown,
        kept.extra
    )];
    if open.is_empty() {
        lines.push("文件已对平".to_owned());
    } else {
        lines.extend(open.into_iter().map(|why| format!("文件没有对平：{why}")));
    }
    lines.push(if of.reconciled {
        format!("下一步：fujiao aid close {}", of.batch)
    } else {
        format!("还有没发到手的：fujiao aid status {}", of.batch)
    });
    say(printer, &value, &lines.join("\n"));
}

pub(super) fn home(of: &AidHome, printer: &Printer) {
    let mut rows = table(&[
        "批",
        "项目",
        "期间",
        "第几批",
        "到哪一步",
        "人",
        "元",
        "已发",
        "在途",
        "待发",
        "停发",
    ]);
    let mut values = Vec::new();
    for (cycle, title, batches) in &of.cycles {
        for card in batches {
            let (b, t) = (&card.batch, &card.tally);
            let step = if b.withdrawn.is_some() { "已撤回" } else { card.step.chinese() };
            values.push(json!({
                "batch": b.id, "programme": cycle.programme, "period": cycle.period, "number": b.number,
                "step": card.step.code(), "withdrawn": b.withdrawn.is_some(), "lines": t.lines, "fen": t.total,
                "paid_fen": t.paid.1, "sent_fen": t.sent.1, "due_fen": t.due.1, "stopped_fen": t.stopped.1,
            }));
            rows.add_row([
                b.id.to_string(),
                title.zh.clone(),
                cycle.period.clone(),
                b.number.to_string(),
                step.to_owned(),
                t.lines.to_string(),
                yuan(t.total),
                yuan(t.paid.1),
                yuan(t.sent.1),
                yuan(t.due.1),
                yuan(t.stopped.1),
            ]);
        }
    }
    if printer.json() {
        printer.line(Value::from(values));
    } else if values.is_empty() {
        printer.line(format!(
            "还没有批次。起草一批：fujiao aid open 项目 {} --by 登录名",
            if of.period.is_empty() { "2025A" } else { &of.period }
        ));
    } else {
        printer.line(rows);
    }
}

pub(super) fn batch(of: &BatchPage, printer: &Printer) {
    let t = &of.tally;
    let holds: Vec<String> = of.holds.iter().map(ToString::to_string).collect();
    if printer.json() {
        let lists: Vec<Value> = of
            .lists
            .iter()
            .map(|(list, waits, decided)| {
                json!({ "list": list.code(), "waits": waits, "decided": decided })
            })
            .collect();
        let files: Vec<Value> = of
            .files
            .iter()
            .map(|f| {
                json!({
                    "file": f.id, "channel": f.channel, "lines": f.lines, "fen": f.total, "paid": f.paid.0,
                    "paid_fen": f.paid.1, "returned": f.returned.0, "returned_fen": f.returned.1,
                    "closed": f.closed_at.is_some(),
                })
            })
            .collect();
        printer.line(json!({
            "batch": of.batch.id, "programme": of.batch.programme, "period": of.batch.period,
            "step": of.step.code(), "lines": t.lines, "fen": t.total, "out": t.out,
            "due": t.due.0, "due_fen": t.due.1, "sent": t.sent.0, "sent_fen": t.sent.1,
            "paid": t.paid.0, "paid_fen": t.paid.1, "stopped": t.stopped.0, "stopped_fen": t.stopped.1,
            "lists": lists, "files": files, "holds": holds,
        }));
        return;
    }
    printer.line(format!(
        "第 {} 批：{} {}，本期第 {} 批；{} 人，{} 元，剔除 {}",
        of.batch.id,
        of.title.zh,
        of.batch.period,
        of.batch.number,
        t.lines,
        yuan(t.total),
        t.out
    ));
    for (step, by) in &of.steps {
        printer.line(format!("  {} {} {}", step.chinese(), local(by.at), by.name));
    }
    printer.line(format!(
        "已发 {} 笔 {}，在途 {} 笔 {}，待发 {} 笔 {}，停发 {} 笔 {}",
        t.paid.0,
        yuan(t.paid.1),
        t.sent.0,
        yuan(t.sent.1),
        t.due.0,
        yuan(t.due.1),
        t.stopped.0,
        yuan(t.stopped.1)
    ));
    for f in &of.files {
        printer.line(format!(
            "第 {} 号文件（{}）：{} 笔 {}，成功 {}，退回 {}，{}",
            f.id,
            f.channel,
            f.lines,
            yuan(f.total),
            f.paid.0,
            f.returned.0,
            if f.closed_at.is_some() { "已对平" } else { "未对平" }
        ));
    }
    for why in holds {
        printer.line(format!("现在不能往下走：{why}"));
    }
}

pub(super) fn funds(of: &FundsPage, printer: &Printer) {
    let mut rows =
        table(&["号", "名称", "来源", "到账", "元", "已分配", "在途", "已付", "结余", "提醒"]);
    let mut values = Vec::new();
    for line in &of.funds {
        let f = &line.fund;
        let mut notes = Vec::new();
        if let Some(days) = line.idle_days {
            notes.push(format!("闲置 {days} 天"));
        }
        if line.lapsed {
            notes.push("过了使用期限".to_owned());
        }
        values.push(json!({
            "fund": f.id, "name": f.name, "giver": f.giver, "gift": f.gift, "fen": f.amount, "owed_fen": line.owed,
            "sent_fen": line.sent, "paid_fen": line.paid, "free_fen": f.free, "idle_days": line.idle_days,
            "lapsed": line.lapsed,
        }));
        rows.add_row([
            f.id.to_string(),
            f.name.clone(),
            f.giver.clone(),
            f.arrived_on.to_string(),
            yuan(f.amount),
            yuan(line.owed),
            yuan(line.sent),
            yuan(line.paid),
            yuan(f.free),
            notes.join("，"),
        ]);
    }
    if printer.json() {
        printer.line(json!({ "funds": values, "pool_fen": of.pool }));
    } else {
        printer.line(rows);
        printer.line(format!("账上 {} 元", yuan(of.pool)));
    }
}

pub(super) fn appropriated(of: &Appropriated, printer: &Printer) {
    let value = json!({
        "booked": of.booked, "fen": of.amount.as_fen(), "known": of.known, "unclear": of.unclear,
    });
    let mut sentence =
        format!("登记了 {} 笔 {} 元，早已登记的 {} 笔", of.booked, of.amount, of.known);
    if !of.unclear.is_empty() {
        let _ = write!(
            sentence,
            "\n{} 笔缺文号、金额或到账日期，没有登记：{}",
            of.unclear.len(),
            of.unclear.join("、")
        );
    }
    say(printer, &value, &sentence);
}

pub(super) fn university(of: &PursesPage, printer: &Printer) {
    let mut rows =
        table(&["姓名", "高校", "费用", "资助", "贷款", "没有着落", "谁给了什么", "问题"]);
    let mut values = Vec::new();
    for s in &of.students {
        let gifts: Vec<String> = s
            .gifts
            .iter()
            .map(|(g, title)| {
                let plan = if g.paid { "" } else { "（计划）" };
                format!("{} {}{plan}", title.zh, yuan(g.amount))
            })
            .collect();
        let troubles: Vec<String> =
            s.gifts.iter().map(|(g, _)| conflict(g, s)).filter(|text| !text.is_empty()).collect();
        values.push(json!({
            "person": format!("{:016x}", s.person), "university": s.university, "cost_fen": s.cost,
            "granted_fen": s.granted, "lent_fen": s.lent, "unmet_fen": s.unmet, "over_fen": s.over,
            "estimated": s.estimated,
            "gifts": s.gifts.iter().map(|(g, _)| json!({
                "purse": g.purse, "department": g.department, "fen": g.amount, "stands_fen": g.stands,
                "paid": g.paid, "conflict": g.conflict,
            })).collect::<Vec<_>>(),
        }));
        rows.add_row([
            s.name.clone(),
            s.university.clone(),
            yuan(s.cost),
            yuan(s.granted),
            yuan(s.lent),
            yuan(s.unmet),
            gifts.join("\n"),
            troubles.join("\n"),
        ]);
    }
    let [cost, granted, lent, unmet, over] = of.sums;
    if printer.json() {
        printer.line(json!({
            "year": of.year, "students": values, "cost_fen": cost, "granted_fen": granted, "lent_fen": lent,
            "unmet_fen": unmet, "over_fen": over,
        }));
        return;
    }
    printer.line(rows);
    printer.line(format!(
        "{} 学年 {} 人：费用 {}，资助 {}，贷款 {}，没有着落 {}，不该叠加 {}",
        of.year,
        of.tabs[0],
        yuan(cost),
        yuan(granted),
        yuan(lent),
        yuan(unmet),
        yuan(over)
    ));
}

pub(super) fn bulletin(of: &Bulletin, printer: &Printer) {
    let mut rows = table(&[
        "学段",
        "项目",
        "春季元",
        "春季人",
        "秋季元",
        "秋季人",
        "全年人数",
        "全年人次",
        "全年元",
    ]);
    let mut values = Vec::new();
    for row in &of.rows {
        let stage = row.stage.map_or("全县", fujiao_model::Stage::chinese);
        let title = row.title.as_ref().map_or("小计", |t| t.zh.as_str());
        let of = |c: &fujiao_office::bulletin::Counted| json!({ "persons": c.persons, "times": c.times, "fen": c.amount });
        values.push(json!({
            "stage": row.stage.map(fujiao_model::Stage::code), "title": row.title.as_ref().map(|t| &t.zh),
            "spring": of(&row.spring[0]), "autumn": of(&row.autumn[0]), "year": of(&row.year[0]),
        }));
        rows.add_row([
            stage.to_owned(),
            title.to_owned(),
            yuan(row.spring[0].amount),
            row.spring[0].persons.to_string(),
            yuan(row.autumn[0].amount),
            row.autumn[0].persons.to_string(),
            row.year[0].persons.to_string(),
            row.year[0].times.to_string(),
            yuan(row.year[0].amount),
        ]);
    }
    if printer.json() {
        printer.line(json!({ "year": of.year, "rows": values }));
    } else {
        printer.line(rows);
        printer.line(format!("{} 年；人数一人只算一次，人次是两季各项目之和", of.year));
    }
}
