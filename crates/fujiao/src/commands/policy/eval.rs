use std::collections::BTreeMap;
use std::io::Write as _;
use std::path::PathBuf;

use anyhow::Context;
use fujiao_model::Term;
use fujiao_office::Rulebook;
use fujiao_policy::{FrameKind, Language, Table, TermAnswer, assess_term, column, duties_csv};

use crate::commands::{InputError, Outcome};
use crate::printer::Printer;

/// 拿一张表来算
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// 事实表：CSV，第一行是列名，列名和取值见 docs/columns.md
    #[arg(long)]
    frame: PathBuf,
    /// 规则所在的文件夹；不写就是程序自带的
    #[arg(long)]
    policies: Option<PathBuf>,
    /// 学期：2024A（秋）、2024S（春），或起止 2015A..2026S
    #[arg(long)]
    term: String,
    /// 结果写到哪里：row,programme,term,quantity,unit,reason
    #[arg(long)]
    out: PathBuf,
    /// 一行是谁：pupil resident household school class trainee fund
    #[arg(long, default_value = "pupil")]
    of: String,
    /// 表里没有的是/否列怎么看：unknown 不知道；no 都当作否
    #[arg(long, default_value = "unknown", value_parser = ["unknown", "no"])]
    rest: String,
    /// 关着的项目也算
    #[arg(long)]
    with_off: bool,
    /// 理由写成一句话：zh 或 en；不写就是代号，如 not due: boards
    #[arg(long, value_parser = ["zh", "en"])]
    say: Option<String>,
}

pub(crate) fn run(args: &Args, printer: &Printer) -> anyhow::Result<Outcome> {
    let terms = terms(&args.term)?;
    let kind = FrameKind::from_code(&args.of).ok_or_else(|| {
        let all: Vec<&str> = FrameKind::ALL.iter().map(|k| k.code()).collect();
        InputError(format!("没有叫 {} 的对象；用 {}", args.of, all.join("、")))
    })?;
    let rules = Rulebook::load(args.policies.as_deref(), None)?;
    let set = &rules.policies;
    let bytes =
        std::fs::read(&args.frame).with_context(|| format!("读不出 {}", args.frame.display()))?;
    let table = Table::read(kind, &bytes, args.rest == "no")
        .map_err(|e| InputError(format!("{}：\n{e}\n什么也没有写", args.frame.display())))?;
    for (name, near) in &table.skipped {
        let near = near.map_or_else(String::new, |n| format!("；最接近的是 {n}"));
        printer.note(format!("略过 {name} 列：字典里没有{near}"));
    }
    let language = args.say.as_deref().map(|s| match s {
        "en" => Language::English,
        _ => Language::Chinese,
    });
    let mut counts: BTreeMap<String, Count> = BTreeMap::new();
    let mut asked: BTreeMap<&'static str, u64> = BTreeMap::new();
    let beside = args.out.with_extension("part");
    let write = || -> std::io::Result<()> {
        let mut out = std::io::BufWriter::with_capacity(1 << 20, std::fs::File::create(&beside)?);
        out.write_all(b"row,programme,term,quantity,unit,reason\n")?;
        for term in &terms {
            let results = assess_term(set, &table.frame, *term, args.with_off);
            duties_csv(&mut out, set, &table.frame, *term, &results, language)?;
            for result in &results {
                let p = &set.programmes()[result.programme];
                let count = counts.entry(p.key.to_string()).or_default();
                for row in 0..table.frame.rows() {
                    match result.answer(row) {
                        TermAnswer::Due(n) => count.add(n),
                        TermAnswer::Ask(id) => {
                            count.asked += 1;
                            *asked.entry(column(id).name).or_default() += 1;
                        }
                        TermAnswer::NotDue(_) | TermAnswer::Off => {}
                    }
                }
            }
        }
        out.into_inner().map_err(std::io::IntoInnerError::into_error)?.sync_all()?;
        std::fs::rename(&beside, &args.out)
    };
    let mut write = write;
    let written = write();
    if written.is_err() {
        let _ = std::fs::remove_file(&beside);
    }
    written.with_context(|| format!("写不下 {}", args.out.display()))?;
    report(args, set, &table, &terms, &counts, &asked, printer);
    Ok(Outcome::Done)
}

#[derive(Debug, Default)]
struct Count {
    due: u64,
    quantity: i64,
    asked: u64,
}

impl Count {
    fn add(&mut self, n: i64) {
        self.due += 1;
        self.quantity = self.quantity.saturating_add(n);
    }
}

fn report(
    args: &Args,
    set: &fujiao_policy::PolicySet,
    table: &Table,
    terms: &[Term],
    counts: &BTreeMap<String, Count>,
    asked: &BTreeMap<&'static str, u64>,
    printer: &Printer,
) {
    if printer.json() {
        let programmes: BTreeMap<&String, _> = counts
            .iter()
            .map(|(key, c)| {
                (key, serde_json::json!({ "due": c.due, "quantity": c.quantity, "asked": c.asked }))
            })
            .collect();
        printer.line(serde_json::json!({
            "rows": table.frame.rows(), "terms": terms.len(), "policies": set.hash(), "programmes": programmes,
            "asked": asked, "absent": table.absent, "out": args.out.display().to_string(),
        }));
        return;
    }
    for (column, rows) in asked {
        let absent = table.absent.contains(column);
        let why = if absent { "表里没有这一列" } else { "有的格空着" };
        printer.note(format!("{rows} 处待核 {column}：{why}"));
    }
    if args.rest != "no" && asked.keys().any(|c| table.absent.contains(c)) {
        printer.note("没有的是/否列要都当作否，加 --rest no");
    }
    for (key, c) in counts.iter().filter(|(_, c)| c.due + c.asked > 0) {
        let p = set.programme(key).expect("it was asked");
        printer.line(format!(
            "{key} {}：应 {} 人次，{} {}，待核 {}",
            p.title,
            c.due,
            p.unit.show(c.quantity),
            p.unit.chinese(),
            c.asked
        ));
    }
    printer.line(format!(
        "{} 行 × {} 个项目 × {} 个学期，写在 {}",
        table.frame.rows(),
        counts.len(),
        terms.len(),
        args.out.display()
    ));
}

/// `2024A`, or from one to another: `2015A..2026S`.
pub(crate) fn terms(text: &str) -> anyhow::Result<Vec<Term>> {
    let read = |t: &str| t.parse::<Term>().map_err(|e| InputError(e.to_string()));
    let (first, last) = match text.split_once("..") {
        Some((a, b)) => (read(a)?, read(b)?),
        None => (read(text)?, read(text)?),
    };
    if last < first {
        return Err(anyhow::Error::new(InputError(format!(
            "{last} 在 {first} 之前；写成先起后止"
        ))));
    }
    let mut terms = vec![first];
    while terms[terms.len() - 1] < last {
        terms.push(terms[terms.len() - 1].next());
    }
    Ok(terms)
}
