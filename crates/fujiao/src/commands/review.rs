use std::fs;
use std::path::PathBuf;

use anyhow::Context;
use fujiao_office::Office;
use fujiao_office::review::{
    Answer, History, Review, ReviewRow, Why, event_sentence, review_sheet,
};
use serde_json::{Value, json};

use super::{Outcome, local, now, open_kept, table};
use crate::folder;
use crate::printer::Printer;

/// 拿不准是不是同一人的，由人来定
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// 台账所在的文件夹
    #[arg(long, default_value = "fujiao-data")]
    data: PathBuf,
    /// 台账不在文件夹里时：数据库文件，或 postgres:// 地址
    #[arg(long)]
    db: Option<String>,
    /// 最多列几对，把握大的在前；--history 时是合并、拆分的次数
    #[arg(long, default_value_t = 20)]
    limit: usize,
    /// 全部待核的对写成一张表，带“结论”一列，供打印和填写（.csv）
    #[arg(long, value_name = "文件", group = "what")]
    out: Option<PathBuf>,
    /// 收回填好的表（.csv、.xlsx、.xls）：结论填“是”或“否”，空着的留待下次
    #[arg(long, value_name = "文件", group = "what", requires = "by")]
    answers: Option<PathBuf>,
    /// 这两行是同一人；行写成 文件:工作表:行号，和 persons.csv 里一样
    #[arg(long, num_args = 2, value_names = ["行", "行"], group = "what", requires = "by")]
    same: Vec<String>,
    /// 这两行不是同一人
    #[arg(long, num_args = 2, value_names = ["行", "行"], group = "what", requires = "by")]
    different: Vec<String>,
    /// 撤回一个结论
    #[arg(long, value_name = "编号", group = "what", requires_all = ["by", "why"])]
    undo: Option<String>,
    /// 列出历次结论，和历次核算合并、拆分了谁
    #[arg(long, group = "what")]
    history: bool,
    /// 谁定的
    #[arg(long, value_name = "姓名")]
    by: Option<String>,
    /// 为什么
    #[arg(long, value_name = "原因")]
    why: Option<String>,
}

/// What decisions wait for.
const NEXT: &str = "下次核算（fujiao run）时生效";

pub(crate) fn run(args: &Args, printer: &Printer) -> anyhow::Result<Outcome> {
    let mut office = open_kept(&args.data, args.db.as_deref())?;
    let by = args.by.as_deref().unwrap_or_default();
    let why = args.why.as_deref();
    if let Some(file) = &args.answers {
        let bytes = fs::read(file).with_context(|| format!("读不到 {}", file.display()))?;
        let taken = office.take_answers(&file.display().to_string(), &bytes, by, now())?;
        let (same, different, again) = (taken.same, taken.different, taken.again);
        printer.say(
            &json!({ "same": same, "different": different, "again": again }),
            &format!("记下 {same} 对是、{different} 对否，早已定过的 {again} 对未变；{NEXT}"),
        );
    } else if let Some(key) = &args.undo {
        office.undo(key, by, why, now())?;
        printer.say(&json!({ "undone": key }), &format!("{key} 的结论已撤回；{NEXT}"));
    } else if let [left, right] = &args.same[..] {
        decide(&mut office, [left, right], Answer::Same, args, printer)?;
    } else if let [left, right] = &args.different[..] {
        decide(&mut office, [left, right], Answer::Different, args, printer)?;
    } else if args.history {
        print_history(&office.decision_history()?, args.limit, printer);
    } else if let Some(file) = &args.out {
        let review = office.review(usize::MAX)?;
        folder::write(file, &review_sheet(&review.pairs))?;
        let n = review.pairs.len();
        printer.say(
            &json!({ "pairs": n, "file": file }),
            &format!(
                "{n} 对写在 {}；在“结论”列填“是”或“否”，再用 fujiao review --answers 收回",
                file.display()
            ),
        );
    } else {
        print_review(&office.review(args.limit)?, printer);
    }
    Ok(Outcome::Done)
}

fn decide(
    office: &mut Office,
    [left, right]: [&String; 2],
    answer: Answer,
    args: &Args,
    printer: &Printer,
) -> anyhow::Result<()> {
    let by = args.by.as_deref().unwrap_or_default();
    let rows = [office.row_named(left)?, office.row_named(right)?];
    let new = office.decide(rows[0], rows[1], answer, by, args.why.as_deref(), now())?;
    let sentence = if new {
        format!(
            "记下：{left} 和 {right}，{}同一人；{NEXT}",
            match answer {
                Answer::Same => "是",
                Answer::Different => "不是",
            }
        )
    } else {
        "早已这样定过，没有变动".to_owned()
    };
    printer.say(&json!({ "answer": answer.code(), "new": new }), &sentence);
    Ok(())
}

fn print_review(review: &Review, printer: &Printer) {
    if printer.json() {
        let pairs: Vec<Value> = review
            .pairs
            .iter()
            .map(|p| {
                json!({
                    "key": p.key, "weight": p.weight, "probability": p.probability,
                    "sentence": p.sentence, "why": why_json(&p.why),
                    "rows": p.rows.iter().map(row_json).collect::<Vec<_>>(),
                })
            })
            .collect();
        let bands: Vec<Value> =
            review.bands.iter().map(|(from, asks)| json!({ "from": from, "asks": asks })).collect();
        let measured: Vec<Value> = review
            .measured
            .iter()
            .map(|m| {
                json!({
                    "from": m.from, "to": m.to, "answers": m.answers, "same": m.same,
                    "share": m.share.share, "low": m.share.low, "high": m.share.high,
                })
            })
            .collect();
        printer.line(json!({
            "waiting": review.waiting, "pairs": pairs, "bands": bands, "measured": measured,
        }));
        return;
    }
    let mut lines = table(&[
        "编号",
        "把握",
        "名册、文件、行",
        "姓名",
        "身份证号",
        "出生",
        "住址",
        "学校班级",
        "监护人",
        "电话",
    ]);
    for pair in &review.pairs {
        for (at, row) in pair.rows.iter().enumerate() {
            let (key, sure) = match at {
                0 => (pair.key.clone(), percent(pair.probability)),
                _ => (String::new(), String::new()),
            };
            lines.add_row([
                key,
                sure,
                whereabouts(row),
                row.name.clone(),
                row.citizen_id.clone(),
                row.born.clone(),
                row.place.clone(),
                format!("{}{}", row.school, row.class),
                row.guardian.clone(),
                row.phone.clone(),
            ]);
        }
    }
    if !review.pairs.is_empty() {
        printer.line(lines);
        for pair in &review.pairs {
            printer.line(format!("{}：{}", pair.key, pair.sentence));
        }
    }
    printer.line(format!(
        "待核 {} 对，列出 {} 对。全部写成表来填：fujiao review --out 待核.csv",
        review.waiting,
        review.pairs.len()
    ));
    let bands: Vec<String> =
        review.bands.iter().map(|(from, n)| format!("{} 以上 {n} 对", percent(*from))).collect();
    if !bands.is_empty() {
        printer.line(format!("按把握数：{}（10% 以上的才问）", bands.join("，")));
    }
    for m in &review.measured {
        printer.line(format!(
            "把握 {}–{} 的，已答 {} 对，是同一人的 {} 对：{}（95% 区间 {}–{}）",
            percent(m.from),
            percent(m.to),
            m.answers,
            m.same,
            percent(m.share.share),
            percent(m.share.low),
            percent(m.share.high)
        ));
    }
}

fn print_history(history: &History, limit: usize, printer: &Printer) {
    if printer.json() {
        let decisions: Vec<Value> = history
            .decisions
            .iter()
            .map(|d| {
                json!({
                    "key": d.key, "answer": d.answer.code(), "at": d.at.to_string(), "by": d.by,
                    "why": d.note, "state": d.state.code(),
                    "undone": d.undone.as_ref().map(|u| json!({
                        "at": u.at.to_string(), "by": u.actor, "why": u.why,
                    })),
                    "rows": d.rows.iter().flatten().map(row_json).collect::<Vec<_>>(),
                })
            })
            .collect();
        let person = |id: Option<u64>| id.map(|id| fujiao_model::Subject::person(id).to_string());
        let events: Vec<Value> = history
            .events
            .iter()
            .map(|(at, e)| {
                json!({
                    "at": at.to_string(), "kind": e.kind.code(), "person": person(e.person),
                    "other": person(e.other), "count": e.count,
                })
            })
            .collect();
        printer.line(json!({ "decisions": decisions, "events": events }));
        return;
    }
    let mut lines = table(&["编号", "结论", "两行", "谁定的", "何时", "为什么", "现在"]);
    for d in &history.decisions {
        let state = match &d.undone {
            None => d.state.chinese().to_owned(),
            Some(undone) => format!(
                "{}：{}，{}{}",
                d.state.chinese(),
                undone.actor,
                local(undone.at),
                undone.why.as_ref().map(|why| format!("，{why}")).unwrap_or_default()
            ),
        };
        let rows: Vec<String> = d
            .rows
            .iter()
            .map(|r| {
                r.as_ref().map_or("—".to_owned(), |r| format!("{} {}", r.name, whereabouts(r)))
            })
            .collect();
        lines.add_row([
            d.key.clone(),
            d.answer.chinese().to_owned(),
            rows.join("\n"),
            d.by.clone(),
            local(d.at),
            d.note.clone().unwrap_or_default(),
            state,
        ]);
    }
    printer.line(lines);
    let past = history.events.len().saturating_sub(limit);
    if past > 0 {
        printer.line(format!("更早的 {past} 次合并、拆分没有列出；加 --limit 看"));
    }
    for (at, event) in &history.events[past..] {
        printer.line(format!("{} {}", local(*at), event_sentence(event)));
    }
}

fn whereabouts(row: &ReviewRow) -> String {
    format!("{} {} 第 {} 行", row.kind.chinese(), row.file, row.row)
}

fn percent(share: f64) -> String {
    format!("{:.0}%", share * 100.0)
}

fn why_json(why: &Why) -> Value {
    let steps: Vec<Value> = why
        .steps
        .iter()
        .map(|(what, level, weight)| json!({ "field": what, "level": level, "weight": weight }))
        .collect();
    json!({
        "prior": why.prior, "steps": steps, "look_alikes": why.look_alikes,
        "look_alike": why.look_alike, "rivals": why.rivals,
    })
}

fn row_json(row: &ReviewRow) -> Value {
    json!({
        "row": row.row_id, "roster": row.kind.code(), "file": row.file, "sheet": row.sheet,
        "line": row.row, "name": row.name, "citizen_id": row.citizen_id, "born": row.born,
        "place": row.place, "school": row.school, "class": row.class, "guardian": row.guardian,
        "phone": row.phone,
    })
}
