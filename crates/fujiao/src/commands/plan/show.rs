use fujiao_office::plans::said::{self, Tally};
use fujiao_office::plans::{PlanView, Scenario, ScenarioState};
use serde_json::{Value, json};

use crate::commands::{local, table};
use crate::printer::Printer;

fn state(state: ScenarioState) -> &'static str {
    match state {
        ScenarioState::Waiting => "待算",
        ScenarioState::Solved => "已算",
        ScenarioState::Failed => "算不出",
        ScenarioState::Accepted => "已采用",
        ScenarioState::Dropped => "作罢",
    }
}

pub(super) fn list(plans: &[Scenario], printer: &Printer) {
    if printer.json() {
        let lines: Vec<Value> = plans.iter().map(head).collect();
        printer.line(json!(lines));
        return;
    }
    let mut lines = table(&["编号", "名字", "问什么", "状态", "谁", "什么时候"]);
    for p in plans {
        let question = match p.question.as_str() {
            "sites" => "学校布局",
            "ahead" => "往后的学位",
            "teachers" => "教师调配",
            "places" => "搬迁入学",
            _ => "项目资金",
        };
        lines.add_row(vec![
            p.id.to_string(),
            p.title.clone(),
            question.to_owned(),
            state(p.state).to_owned(),
            p.author_name.clone(),
            local(p.made_at),
        ]);
    }
    printer.line(lines);
}

fn head(p: &Scenario) -> Value {
    json!({
        "id": p.id, "title": p.title, "question": p.question, "state": p.state.code(),
        "asked": serde_json::from_str::<Value>(&p.asked).unwrap_or_default(),
        "run": p.run, "inputs": p.inputs_hash, "objective": p.objective, "bound": p.bound,
        "check": p.verdict, "failure": p.failure,
    })
}

/// Seconds that a plan took, and each of its steps.
pub(super) type Took<'a> = (f64, &'a [(String, f64)]);

/// One plan; with its seconds if it was solved just now.
pub(super) fn plan(view: &PlanView, took: Option<Took<'_>>, printer: &Printer) {
    let scenario = &view.scenario;
    if printer.json() {
        let mut said = head(scenario);
        said["gap_percent"] = json!(view.gap_percent());
        said["solve_s"] = json!(took.map(|t| t.0));
        said["steps_s"] = json!(took.map(|t| {
            let mut steps = std::collections::BTreeMap::<&str, f64>::new();
            for (step, seconds) in t.1 {
                *steps.entry(step).or_default() += seconds;
            }
            steps
        }));
        said["result"] = serde_json::to_value(&view.result).unwrap_or_default();
        said["duties"] = json!(view.duties.len());
        printer.line(said);
        return;
    }
    printer.line(format!("规划 {}：{}（{}）", scenario.id, scenario.title, state(scenario.state)));
    if let Some(failure) = &scenario.failure {
        printer.line(format!("没有方案：{failure}"));
    }
    match &view.result {
        Some(said::Result::Sites(sites)) => show_sites(view, sites, printer),
        Some(said::Result::Short { missing }) => {
            let mut lines = table(&["村", "孩子", "最小的改动"]);
            for m in missing {
                let change = match m.change.as_str() {
                    "places" => format!("{}添 {} 个学位", m.school, m.children),
                    "walk" => format!("准许走 {} 分钟到{}，或开校车、设点", m.minutes, m.school),
                    "ride" => format!("准许坐车 {} 分钟到{}", m.minutes, m.school),
                    _ => "没有教这些年级的学校".to_owned(),
                };
                lines.add_row(vec![m.village.clone(), m.children.to_string(), change]);
            }
            printer.line(lines);
        }
        Some(said::Result::Ahead(ahead)) => show_ahead(ahead, printer),
        Some(said::Result::Teachers(a)) => show_teachers(a, printer),
        Some(said::Result::Places(a)) => show_places(a, printer),
        Some(said::Result::Money(a)) => show_money(a, printer),
        Some(said::Result::Courses(a)) => show_courses(a, printer),
        None => {}
    }
    for line in &view.duties {
        let done = line.done.as_ref().map_or(String::new(), |(on, by)| format!("　已办 {on} {by}"));
        printer.line(format!(
            "{}. 限 {}，责 {}：{}{done}",
            line.line, line.due_on, line.bearer, line.facts
        ));
    }
    if let Some((took, _)) = took {
        printer.line(format!("用时 {took:.2} 秒"));
    }
}

fn show_sites(view: &PlanView, sites: &said::Sites, printer: &Printer) {
    let gap = view.gap_percent().unwrap_or_default();
    printer.line(if gap < 1e-6 {
        "离最好方案 0，已证明最优".to_owned()
    } else {
        format!("离最好方案最多 {gap:.2}%")
    });
    printer.line(match view.scenario.verdict.as_deref() {
        Some("ok") => "另一套算法重算：相符".to_owned(),
        Some(fault) => format!("另一套算法重算：不符，{fault}"),
        None => String::new(),
    });
    let mut lines = table(&["", "现状", "方案"]);
    for (name, value) in rows() {
        let today = sites.today.as_ref().map_or("未知".to_owned(), value);
        lines.add_row(vec![name.to_owned(), today, value(&sites.plan)]);
    }
    printer.line(lines);
    if let Some(cautious) = &sites.cautious {
        let both = cautious.tally.families_yuan + cautious.tally.state_yuan;
        let own = sites.plan.families_yuan + sites.plan.state_yuan;
        printer.line(format!(
            "一所不并：{} 所，陪读 {} 人，一年合计比这个方案多 {} 万元",
            cautious.tally.schools,
            cautious.tally.accompany,
            wan(both - own)
        ));
    }
    for (why, text) in [
        ("town", "镇里至少留一所"),
        ("village", "村里孩子够多"),
        ("walk", "并了走不到，也没有床位"),
    ] {
        let n = sites.guarded.iter().filter(|g| g.why == why).count();
        if n > 0 {
            printer.line(format!("守住 {n} 所：{text}"));
        }
    }
    let mut lines = table(&["学校", "怎么办", "孩子", "班"]);
    for school in sites.schools.iter().filter(|s| s.action != said::Action::Keep) {
        let what = match school.action {
            said::Action::Build => "新设",
            said::Action::Reopen => "恢复",
            said::Action::Change => "改",
            said::Action::Close => "并",
            said::Action::Keep => "留",
        };
        let both = |f: &dyn Fn(&said::Form) -> u32| {
            let of = |form: &Option<said::Form>| form.as_ref().map_or(0, f);
            format!("{} → {}", of(&school.today), of(&school.plan))
        };
        lines.add_row(vec![
            school.name.clone(),
            format!("{what}{}", added(school)),
            format!("{} → {}", school.children_today, school.children),
            both(&|f| f.classes),
        ]);
    }
    printer.line(lines);
    let full: Vec<String> = sites
        .schools
        .iter()
        .filter(|s| s.place_yuan > 0)
        .take(5)
        .map(|s| format!("{}（多一个学位一年省 {} 元）", s.name, s.place_yuan))
        .collect();
    if !full.is_empty() {
        printer.line(format!("班额卡住的：{}", full.join("、")));
    }
    if sites.beyond_walk > 0 {
        printer.line(format!("步行时限卡住的：{} 名孩子", sites.beyond_walk));
    }
    if sites.guessed_percent > 0 {
        printer.line(format!("{}% 的路没有路网，按直线和绕行系数估", sites.guessed_percent));
    }
}

/// What a changed school gets.
fn added(school: &said::School) -> String {
    let (Some(today), Some(plan)) = (school.today, school.plan) else { return String::new() };
    let mut parts = Vec::new();
    for (now, then, name) in [
        (today.beds, plan.beds, "床位"),
        (today.canteen, plan.canteen, "食堂"),
        (today.bus, plan.bus, "校车"),
        (today.whole, plan.whole, "高年级"),
    ] {
        if then && !now {
            parts.push(name);
        }
    }
    if parts.is_empty() { String::new() } else { format!("：添{}", parts.join("、")) }
}

type TallyRow = (&'static str, fn(&Tally) -> String);

fn rows() -> [TallyRow; 10] {
    [
        ("学校", |t| t.schools.to_string()),
        ("走读", |t| t.walk.to_string()),
        ("校车", |t| t.ride.to_string()),
        ("寄宿", |t| t.board.to_string()),
        ("陪读", |t| t.accompany.to_string()),
        ("走读和校车平均分钟", |t| tenths(t.mean_minutes_tenths)),
        ("最远分钟", |t| t.farthest_minutes.to_string()),
        ("超出班额的孩子", |t| t.beyond_places.to_string()),
        ("财政一年（万元）", |t| wan(t.state_yuan)),
        ("家庭一年（万元）", |t| wan(t.families_yuan)),
    ]
}

fn tenths(value: u64) -> String {
    format!("{}.{}", value / 10, value % 10)
}

/// 万元 to one decimal, cut.
fn wan(yuan: i64) -> String {
    let thousands = yuan / 1_000;
    format!("{}.{}", thousands / 10, (thousands % 10).abs())
}

fn show_ahead(ahead: &said::Ahead, printer: &Printer) {
    let mut lines =
        table(&["学年", "小学", "九成把握", "初中", "九成把握", "要的班", "超额班", "缺学位"]);
    for (year, primary, junior) in &ahead.past {
        let (primary, junior) = (primary.to_string(), junior.to_string());
        lines.add_row(vec![year.to_string(), primary, "实数".into(), junior, "实数".into()]);
    }
    for y in &ahead.years {
        let mark = if y.births_known { "" } else { "（入学按近年推）" };
        lines.add_row(vec![
            format!("{}{mark}", y.year),
            y.primary.0.to_string(),
            format!("{}—{}", y.primary.1, y.primary.2),
            y.junior.0.to_string(),
            format!("{}—{}", y.junior.1, y.junior.2),
            y.classes.to_string(),
            y.too_large.to_string(),
            y.places_missing.to_string(),
        ]);
    }
    printer.line(lines);
    let mut lines = table(&["要用", "立项", "学校", "教室", "床位", "万元"]);
    for b in ahead.buildings.iter().take(20) {
        lines.add_row(vec![
            b.years.1.to_string(),
            b.years.0.to_string(),
            b.name.clone(),
            b.rooms.to_string(),
            b.beds.to_string(),
            wan(i64::try_from(b.yuan).unwrap_or(i64::MAX)),
        ]);
    }
    printer.line(lines);
    let yuan: u64 = ahead.buildings.iter().map(|b| b.yuan).sum();
    let all = wan(i64::try_from(yuan).unwrap_or(i64::MAX));
    printer.line(format!("共 {} 项，{all} 万元", ahead.buildings.len()));
}

/// What a line of a tally is called, and how it is read.
type Row<T, V> = (&'static str, fn(&T) -> V);

fn show_teachers(a: &said::Teachers, printer: &Printer) {
    let mut lines = table(&["", "现状", "方案"]);
    let rows: [Row<said::TeachersTally, u32>; 5] = [
        ("有人的岗位", |t| t.filled),
        ("空岗", |t| t.vacant),
        ("村校空岗", |t| t.vacant_remote),
        ("超出岗位的教师", |t| t.surplus),
        ("村校的骨干", |t| t.backbone_remote),
    ];
    for (name, of) in rows {
        lines.add_row(vec![name.to_owned(), of(&a.today).to_string(), of(&a.plan).to_string()]);
    }
    printer.line(lines);
    printer.line(format!(
        "轮到 {} 人，动 {} 人；一共动 {} 人，其中骨干 {} 人{}",
        a.turn.0,
        a.turn.1,
        a.moves.len(),
        a.backbone,
        if a.keeps_the_rules { "" } else { "；比例够不到" }
    ));
    let mut lines = table(&["要招", "人数"]);
    for r in &a.recruits {
        lines.add_row(vec![r.subject.clone(), r.number.to_string()]);
    }
    printer.line(lines);
}

fn show_places(a: &said::Places, printer: &Printer) {
    let mut lines = table(&["", "现状", "方案"]);
    let rows: [Row<said::PlacesTally, String>; 6] = [
        ("有学上的孩子", |t| t.placed.to_string()),
        ("平均走（分钟）", |t| tenths(t.mean_minutes_tenths.into())),
        ("最远（分钟）", |t| t.farthest_minutes.to_string()),
        ("超班额的孩子", |t| t.beyond_places.to_string()),
        ("分开的家庭", |t| t.parted.to_string()),
        ("新来的最多占（%）", |t| t.most_newcomers_percent.to_string()),
    ];
    for (name, of) in rows {
        lines.add_row(vec![name.to_owned(), of(&a.today), of(&a.plan)]);
    }
    printer.line(lines);
    printer.line(format!("没有学位 {} 人，换学校 {} 人", a.without, a.moved));
}

fn show_money(a: &said::Money, printer: &Printer) {
    let mut lines = table(&["年", "资金", "可用（万元）", "花掉", "再多一万元（学生份）"]);
    for p in &a.purses {
        let more = format!("{}.{:02}", p.more_is_worth / 100, p.more_is_worth % 100);
        lines.add_row(vec![p.year.to_string(), p.name.clone(), wan(p.yuan), wan(p.spent), more]);
    }
    printer.line(lines);
    let paid = a.projects.iter().filter(|p| p.paid.is_some()).count();
    printer.line(format!("{} 个项目办成 {paid} 个", a.projects.len()));
}

fn show_courses(a: &said::Courses, printer: &Printer) {
    let mut lines = table(&["班", "机构", "镇", "日子", "教师", "来几户", "花（元）"]);
    for s in a.sessions.iter().filter(|s| s.held) {
        lines.add_row(vec![
            s.course.clone(),
            s.provider.clone(),
            s.town_name.clone(),
            format!("{}—{}", s.from, s.to),
            s.trainer.clone(),
            format!("{}/{}", s.comes, s.seats),
            s.yuan.to_string(),
        ]);
    }
    printer.line(lines);
    printer.line(format!(
        "{} 户没有人受训，排进 {} 户；花 {} 元（可花 {} 元）",
        a.households, a.reached, a.spent, a.yuan
    ));
}

pub(super) fn compare(views: &[PlanView], printer: &Printer) {
    if printer.json() {
        let heads: Vec<Value> = views.iter().map(|v| head(&v.scenario)).collect();
        printer.line(json!(heads));
        return;
    }
    let sites: Vec<&said::Sites> = views
        .iter()
        .filter_map(|v| match &v.result {
            Some(said::Result::Sites(sites)) => Some(sites),
            _ => None,
        })
        .collect();
    if sites.len() < views.len() {
        for view in views {
            plan(view, None, printer);
        }
        return;
    }
    let names: Vec<String> =
        views.iter().map(|v| format!("{} {}", v.scenario.id, v.scenario.title)).collect();
    let mut header = vec!["", "现状"];
    header.extend(names.iter().map(String::as_str));
    let mut lines = table(&header);
    for (label, value) in rows() {
        let today = sites[0].today.as_ref().map_or("未知".to_owned(), value);
        let mut row = vec![label.to_owned(), today];
        row.extend(sites.iter().map(|s| value(&s.plan)));
        lines.add_row(row);
    }
    printer.line(lines);
    let first = &views[0].scenario;
    if views.iter().all(|v| v.scenario.inputs_hash == first.inputs_hash) {
        printer.line("这些方案从同样的底数和条件算出");
    } else if views.iter().any(|v| v.scenario.run != first.run) {
        printer.line("这些方案的底数不同：它们依据的核算不是同一次");
    }
}
