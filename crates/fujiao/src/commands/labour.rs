//! Training and work at the command line.

use std::io::BufRead as _;
use std::path::PathBuf;

use anyhow::Context as _;
use fujiao_office::access::Actor;
use fujiao_office::labour::{How, SessionFilter, WorkerFilter, code_titles};
use fujiao_office::plans::{Ask, CoursesAsk};
use serde_json::json;

use super::{InputError, Outcome, now, open_kept, table};
use crate::printer::Printer;

/// 培训就业：工种编码、劳动力名册、疑点、培训日历、排班规划、人岗匹配
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
    /// 工种、技能 → 职业分类大典（2022）的编码；不写就从标准输入读，一行一个
    Code {
        /// 工种
        titles: Vec<String>,
        /// 每个给几个候选
        #[arg(long, default_value_t = 3)]
        most: usize,
    },
    /// 劳动力名册
    Register {
        /// 哪些人：labour 劳动力、looking 要找工作、untrained 户里无人受训、leavers 两后生、tied 家里离不开
        #[arg(long, default_value = "labour")]
        show: String,
    },
    /// 对不上的地方
    Findings {
        /// 一类，如 `attendance_below`
        #[arg(long, default_value = "")]
        kind: String,
    },
    /// 培训日历
    Sessions {
        /// next 将开和正在上的、over 已结业的、all 全部
        #[arg(long, default_value = "next")]
        when: String,
    },
    /// 培训机构的结业率、就业率，带区间
    Providers,
    /// 排培训班：问一个规划，算出来
    Plan {
        /// 起个名字
        title: String,
        /// 花多少（元）；不写按规则
        #[arg(long)]
        yuan: Option<u32>,
        /// 往后几周；不写按规则
        #[arg(long)]
        weeks: Option<u32>,
        /// “可开的班”一张表；不写按师资和场地排
        #[arg(long)]
        table: Option<PathBuf>,
        /// 最多算多少秒
        #[arg(long, default_value_t = 20)]
        time: u32,
    },
    /// 人岗匹配一次
    Match {
        /// weight 总分最高、stable 稳定匹配
        #[arg(long, default_value = "weight")]
        how: String,
        /// 为什么
        #[arg(long)]
        why: String,
        /// 算出来就采用
        #[arg(long)]
        accept: bool,
    },
}

#[expect(clippy::too_many_lines, reason = "one short arm a command")]
pub(crate) fn run(args: &Args, printer: &Printer) -> anyhow::Result<Outcome> {
    if let What::Code { titles, most } = &args.what {
        return code(titles, *most, printer);
    }
    let office = open_kept(&args.data, args.db.as_deref())?;
    let actor = Actor::console(now());
    match &args.what {
        What::Code { .. } => unreachable!("done above"),
        What::Register { show } => {
            let filter = WorkerFilter { show: show.clone(), ..WorkerFilter::default() };
            let v = office.workers(&actor, &filter, true)?;
            let mut out = table(&[
                "姓名",
                "村",
                "年龄",
                "劳动能力",
                "技能",
                "编码",
                "想干",
                "学过",
                "离不开",
            ]);
            for w in &v.lines {
                if printer.json() {
                    printer.line(json!({
                        "person": format!("{:016x}", w.of.person), "name": w.name, "place": w.place, "age": w.of.age,
                        "ability": w.of.ability, "labour": w.of.able, "why": w.of.why, "skill": w.of.skill,
                        "skill_code": w.of.skill_code, "working": w.of.working, "trade": w.of.trade, "trade_code": w.of.trade_code,
                        "wished": w.of.wished, "wished_code": w.of.wished_code, "to_learn": w.of.to_learn, "care": w.of.care,
                        "taken": w.of.taken, "completed": w.of.completed, "household_untrained": w.of.untrained,
                        "leaver": w.of.leaver, "job": w.of.job,
                    }));
                    continue;
                }
                out.add_row([
                    w.name.clone(),
                    w.place.clone(),
                    w.of.age.to_string(),
                    w.ability.to_owned(),
                    w.of.skill.clone(),
                    format!("{} {}", w.of.skill_code, w.called[0]),
                    w.of.wished.clone(),
                    w.of.course.clone(),
                    w.of.care.clone(),
                ]);
            }
            if !printer.json() {
                printer.line(out);
                printer.line(format!(
                    "{} 人；受过培训 {} 人、{} 人次",
                    v.total, v.trained.0, v.trained.1
                ));
            }
            Ok(Outcome::Done)
        }
        What::Findings { kind } => {
            let v = office.labour_findings(&actor, kind, 1, true)?;
            let mut out = table(&["姓名", "村", "类", "日期", "对不上的地方"]);
            for f in &v.lines {
                if printer.json() {
                    printer.line(json!({
                        "kind": f.of.kind, "person": f.of.person.map(|p| format!("{p:016x}")), "name": f.name, "place": f.place,
                        "on": f.of.day.to_string(), "facts": f.of.facts, "rows": f.of.rows,
                    }));
                    continue;
                }
                out.add_row([
                    f.name.clone(),
                    f.place.clone(),
                    f.of.kind.clone(),
                    f.of.day.to_string(),
                    f.of.facts.clone(),
                ]);
            }
            if !printer.json() {
                printer.line(out);
                printer.line(format!("共 {} 处", v.total));
            }
            Ok(if v.total == 0 { Outcome::Done } else { Outcome::NeedsALook })
        }
        What::Sessions { when } => {
            let filter = SessionFilter { when: when.clone(), ..SessionFilter::default() };
            let v = office.course_sessions(&actor, &filter)?;
            let mut out = table(&["班", "机构", "日子", "地点", "报名/计划", "结业", "状态"]);
            for s in &v.sessions {
                if printer.json() {
                    printer.line(json!({
                        "id": format!("{:016x}", s.key), "course": s.course, "kind": s.kind, "name": s.name, "provider": s.provider,
                        "from": s.from.to_string(), "to": s.to.to_string(), "hours": s.hours, "seats": s.seats, "enrolled": s.enrolled,
                        "completed": s.completed, "certified": s.certified, "state": s.state.code(),
                    }));
                    continue;
                }
                out.add_row([
                    format!("{} {}", s.course, s.name),
                    s.provider.clone(),
                    format!("{}—{}", s.from, s.to),
                    format!("{} {}", s.town, s.room),
                    format!("{}/{}", s.enrolled, s.seats.unwrap_or(0)),
                    s.completed.to_string(),
                    s.state.code().to_owned(),
                ]);
            }
            if !printer.json() {
                printer.line(out);
                printer.line(format!("已结业的：{} 人，{} 人次", v.persons, v.person_times));
            }
            Ok(Outcome::Done)
        }
        What::Providers => {
            let v = office.providers(&actor)?;
            let mut out = table(&["机构", "班", "人", "人次", "结业率", "区间", "就业率", "区间"]);
            let share = |s: &fujiao_office::labour::Share| {
                let plain = s.plain().map_or("—".to_owned(), |p| format!("{:.1}%", p * 100.0));
                (plain, format!("{:.1}—{:.1}%", s.lower * 100.0, s.upper * 100.0))
            };
            for p in &v.lines {
                let (completion, placement) = (share(&p.completion), share(&p.placement));
                if printer.json() {
                    let of = |s: &fujiao_office::labour::Share| json!({ "of": s.of, "out_of": s.out_of, "lower": s.lower, "upper": s.upper, "shrunk": s.shrunk });
                    printer.line(json!({
                        "provider": p.name, "sessions": p.sessions, "persons": p.persons, "person_times": p.person_times,
                        "completion": of(&p.completion), "placement": of(&p.placement),
                    }));
                    continue;
                }
                out.add_row([
                    p.name.clone(),
                    p.sessions.to_string(),
                    p.persons.to_string(),
                    p.person_times.to_string(),
                    completion.0,
                    completion.1,
                    placement.0,
                    placement.1,
                ]);
            }
            if !printer.json() {
                printer.line(out);
            }
            Ok(Outcome::Done)
        }
        What::Plan { title, yuan, weeks, table: file, time } => {
            let ask = Ask::Courses(CoursesAsk { yuan: *yuan, weeks: *weeks, table: None });
            super::plan::ask_at_once_for(
                &office,
                &actor,
                (title, ask),
                file.as_deref(),
                *time,
                printer,
            )
        }
        What::Match { how, why, accept } => {
            let how = How::parse(how)
                .ok_or_else(|| InputError("--how 写 weight 或 stable".to_owned()))?;
            let number = office.match_people(&actor, how, why)?;
            let v = office.match_page(&actor, number, "", 1, true)?;
            if *accept {
                office.accept_matches(&actor, number)?;
            }
            printer.say(
                &json!({
                    "run": number, "people": v.run.people, "openings": v.run.posts, "matched": v.run.matched, "points": v.run.points,
                    "verdict": v.run.verdict, "accepted": accept, "left_because": v.bars,
                }),
                &format!(
                    "第 {number} 次匹配：{} 人、{} 个空岗，配成 {} 对，共 {} 分；核对：{}{}",
                    v.run.people,
                    v.run.posts,
                    v.run.matched,
                    v.run.points,
                    v.run.verdict,
                    if *accept { "；已采用" } else { "" }
                ),
            );
            Ok(if v.run.verdict == "ok" { Outcome::Done } else { Outcome::NeedsALook })
        }
    }
}

fn code(titles: &[String], most: usize, printer: &Printer) -> anyhow::Result<Outcome> {
    let read: Vec<String> = if titles.is_empty() {
        std::io::stdin().lock().lines().collect::<Result<_, _>>().context("读标准输入")?
    } else {
        titles.to_vec()
    };
    let titles: Vec<&str> = read.iter().map(|t| t.trim()).filter(|t| !t.is_empty()).collect();
    let coded = code_titles(&titles, most.clamp(1, 20));
    let mut out = table(&["写的", "编码", "职业", "把握", "拿得准"]);
    let mut unsure = 0;
    for (title, c) in titles.iter().zip(&coded) {
        unsure += usize::from(!c.sure);
        if printer.json() {
            let guesses: Vec<_> = c
                .guesses
                .iter()
                .map(|(code, name, score)| json!({ "code": code, "name": name, "score": score }))
                .collect();
            printer.line(json!({ "title": title, "sure": c.sure, "guesses": guesses }));
            continue;
        }
        for (at, (code, name, score)) in c.guesses.iter().enumerate() {
            out.add_row([
                if at == 0 { (*title).to_owned() } else { String::new() },
                code.clone(),
                name.clone(),
                format!("{score:.2}"),
                if at == 0 && c.sure { "是".to_owned() } else { String::new() },
            ]);
        }
        if c.guesses.is_empty() {
            out.add_row([
                (*title).to_owned(),
                "—".into(),
                "认不出".into(),
                String::new(),
                String::new(),
            ]);
        }
    }
    if !printer.json() {
        printer.line(out);
        printer.line(format!("{} 个，{unsure} 个拿不准", titles.len()));
    }
    Ok(if unsure == 0 { Outcome::Done } else { Outcome::NeedsALook })
}
