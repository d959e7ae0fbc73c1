use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Context;
use fujiao_link::table::{
    Known, LinkError, Linker, Measured, Model, Outcome as Linked, Previous, Spec, Table, Truth,
    Verdict, name_persons,
};

use super::{InputError, Outcome};
use crate::folder;
use crate::printer::Printer;

mod answers;
mod charts;
mod explain;
mod files;

/// 认人：按规格文件比对 CSV 里的行，说明哪几行是同一个人
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// 要认的表（CSV，UTF-8）；一张表在表内认，两张表在两表之间认
    #[arg(required = true, num_args = 1..=2, value_name = "CSV")]
    tables: Vec<PathBuf>,
    /// 规格文件：比什么、怎么比、哪些对要比（TOML）
    #[arg(long, value_name = "TOML")]
    spec: PathBuf,
    /// 两张表时，表内的重复也认
    #[arg(long)]
    dedupe: bool,
    /// 写下认出的对：left,right,weight,probability,verdict
    #[arg(long, value_name = "CSV")]
    out: Option<PathBuf>,
    /// 写下每行是谁：id,cluster
    #[arg(long, value_name = "CSV")]
    clusters: Option<PathBuf>,
    /// 真相所在的列：量出查准率、查全率和 F1
    #[arg(long, value_name = "列")]
    truth: Option<String>,
    /// 说明这两行为什么是、或不是同一个人
    #[arg(long, num_args = 2, value_names = ["行一", "行二"])]
    explain: Option<Vec<String>>,
    /// 把图写进这个文件夹：各级权重、得分分布、认不出的行；有 --explain 时连同这一对的瀑布图
    #[arg(long, value_name = "文件夹")]
    charts: Option<PathBuf>,
    /// 人核过的对：left,right,verdict（same 或 different）。same 一定合，different 不再合
    #[arg(long, value_name = "CSV")]
    decisions: Option<PathBuf>,
    /// 上一次的 --clusters：人的编号沿用下来
    #[arg(long, value_name = "CSV")]
    previous: Option<PathBuf>,
    /// 写下与上一次相比的合并、拆分、新增：event,person,others
    #[arg(long, value_name = "CSV", requires = "previous")]
    events: Option<PathBuf>,
    /// 已经认过的表：只比新表（CSV）与它、新表之间，不重算旧的；要连同 --previous 与 --model
    #[arg(long, value_name = "CSV", requires_all = ["previous", "model"])]
    onto: Option<PathBuf>,
    /// 用学好的模型，不再学
    #[arg(long, value_name = "JSON")]
    model: Option<PathBuf>,
    /// 写下学到的模型
    #[arg(long, value_name = "JSON")]
    model_out: Option<PathBuf>,
    /// 人最多核得了几对：待核的对不超过这个数
    #[arg(long, value_name = "对数")]
    review: Option<usize>,
    /// 表内或与旧表重复的行超过这个比例就停下，什么也不写（如 0.2）
    #[arg(long, value_name = "比例")]
    brake: Option<f64>,
    /// 只预测：每条分块规则要比多少对，不比
    #[arg(long)]
    predict: bool,
}

pub(crate) fn run(args: &Args, printer: &Printer) -> anyhow::Result<Outcome> {
    let spec = read_spec(&args.spec)?;
    let truth = args.truth.as_deref().or(spec.truth.as_deref());
    let paths: Vec<&Path> = args.onto.iter().chain(&args.tables).map(PathBuf::as_path).collect();
    let more: Vec<&str> = truth.into_iter().collect();
    let mut table = files::read_tables(&spec, &paths, &more)?;
    let previous = args.previous.as_deref().map(files::previous).transpose()?;
    if let Some(at) = args.brake {
        brake(&table, &spec, at, args.onto.is_some())?;
    }
    printer.progress("整理", 1, 3);
    let dedupe = args.dedupe || args.onto.is_some();
    let linker = if args.explain.is_some() {
        Linker::new(&table, &spec, dedupe)
    } else {
        Linker::take(&mut table, &spec, dedupe, &more)
    };
    if args.predict {
        print_rules(&linker.predict(), printer);
        return Ok(Outcome::Done);
    }
    let known = known(args, &spec, &table, previous.as_ref())?;
    printer.progress("比对", 2, 3);
    let outcome = linker.link(&known)?;
    if let Some(pair) = &args.explain {
        explain::explain(&linker, &table, &outcome, pair, args.charts.as_deref(), printer)?;
    }
    if let Some(folder) = &args.charts {
        charts::write(folder, &linker, &spec, &outcome)?;
    }
    printer.progress("写出", 3, 3);
    drop(linker);
    write(args, &spec, &table, &outcome, previous.as_ref())?;
    if args.explain.is_none() {
        report(args, &table, &outcome, truth, dedupe, printer);
    }
    Ok(Outcome::Done)
}

fn text(path: &Path) -> anyhow::Result<String> {
    let bytes = fs::read(path).with_context(|| format!("读不到 {}", path.display()))?;
    String::from_utf8(bytes).map_err(|_| {
        InputError(format!("{} 不是 UTF-8 文字；用 UTF-8 重新保存", path.display())).into()
    })
}

fn read_spec(path: &Path) -> anyhow::Result<Spec> {
    Spec::parse(&text(path)?).map_err(|faults| {
        let lines: Vec<String> =
            faults.iter().map(|fault| format!("{}:{fault}", path.display())).collect();
        InputError(lines.join("\n")).into()
    })
}

/// Stops before a file is taken that says too much of what is there already.
fn brake(table: &Table, spec: &Spec, at: f64, onto: bool) -> anyhow::Result<()> {
    for repeated in table.repeated(spec, onto) {
        #[expect(clippy::cast_precision_loss, reason = "a share of rows")]
        let share = repeated.rows as f64 / repeated.of.max(1) as f64;
        if share > at {
            let percent = |x: f64| format!("{:.1}%", x * 100.0);
            return Err(InputError(format!(
                "{}：{} 行里有 {} 行（{}）与{}完全相同，超过 {}，没有收；核对是不是旧表或交重了，确实要收就调高 --brake",
                repeated.file,
                repeated.of,
                repeated.rows,
                percent(share),
                if onto { "已有的行" } else { "别的行" },
                percent(at),
            ))
            .into());
        }
    }
    Ok(())
}

fn known(
    args: &Args,
    spec: &Spec,
    table: &Table,
    previous: Option<&Previous>,
) -> anyhow::Result<Known> {
    let mut known = Known { workload: args.review, ..Known::default() };
    if let Some(path) = &args.model {
        known.model = Some(Model::from_json(spec, &text(path)?).map_err(|error| match error {
            LinkError::OtherModel { why } => anyhow::Error::new(InputError(format!(
                "{}：{}",
                path.display(),
                LinkError::OtherModel { why }
            ))),
            other => other.into(),
        })?);
    }
    if let (Some(path), Some(previous), true) = (&args.previous, previous, args.onto.is_some()) {
        known.before = previous.before(table).map_err(|id| {
            InputError(format!(
                "{}：里面没有旧表的 {id} 这一行；--previous 要用旧表的 --clusters",
                path.display()
            ))
        })?;
    }
    if let Some(path) = &args.decisions {
        let answers = answers::read(path, table)?;
        (known.same, known.different) = (answers.same, answers.different);
    }
    Ok(known)
}

fn write(
    args: &Args,
    spec: &Spec,
    table: &Table,
    outcome: &Linked,
    previous: Option<&Previous>,
) -> anyhow::Result<()> {
    // Two files of a million lines: each on a thread of its own.
    std::thread::scope(|scope| {
        let links = scope.spawn(|| match &args.out {
            Some(path) => files::write_links(path, table, outcome),
            None => Ok(()),
        });
        if args.clusters.is_some() || args.events.is_some() {
            let history = name_persons(table, &outcome.cluster, previous);
            if let Some(path) = &args.clusters {
                files::write_clusters(path, table, &outcome.cluster, &history)?;
            }
            if let Some(path) = &args.events {
                files::write_events(path, &history.events)?;
            }
        }
        links.join().expect("writing does not panic")
    })?;
    if let Some(path) = &args.model_out {
        folder::write(path, outcome.model.to_json(spec).as_bytes())?;
    }
    Ok(())
}

fn print_rules(rules: &[fujiao_link::table::RuleCount], printer: &Printer) {
    if printer.json() {
        let all: Vec<_> = rules
            .iter()
            .map(|r| {
                serde_json::json!({
                    "rule": r.rule, "pairs": r.pairs, "left_out": r.left_out,
                    "blocks_left_out": r.blocks_left_out, "largest": r.largest,
                })
            })
            .collect();
        printer.line(serde_json::Value::from(all));
        return;
    }
    let mut lines = super::table(&["分块规则", "要比的对", "最大的块", "略去的对"]);
    for rule in rules {
        lines.add_row([
            rule.rule.clone(),
            rule.pairs.to_string(),
            format!("{} 行", rule.largest),
            rule.left_out.to_string(),
        ]);
    }
    printer.line(lines);
    let sum: u64 = rules.iter().map(|r| r.pairs).sum();
    printer.line(format!("合计至多 {sum} 对（几条规则都找到的只比一次）"));
}

fn report(
    args: &Args,
    table: &Table,
    outcome: &Linked,
    truth: Option<&str>,
    dedupe: bool,
    printer: &Printer,
) {
    let same = outcome.links.iter().filter(|l| l.verdict == Verdict::Same).count();
    let asks = outcome.links.len() - same;
    let persons = (0..table.len()).filter(|r| outcome.cluster[*r] as usize == *r).count();
    let measured = truth.and_then(|column| {
        let truth = Truth::of(table, column, dedupe)?;
        Some((truth.links(outcome), truth.best(outcome), truth.clusters(outcome)))
    });
    if printer.json() {
        let measure = |m: &Measured| {
            serde_json::json!({
                "precision": m.precision(), "recall": m.recall(), "f1": m.f1(),
                "said": m.said, "right": m.right, "true": m.truly,
            })
        };
        let interval =
            |i: &fujiao_link::table::Interval| serde_json::json!([i.share, i.low, i.high]);
        let mut all = serde_json::json!({
            "rows": table.len(), "persons": persons, "same": same, "ask": asks,
            "compared": outcome.compared, "refused": outcome.refused,
            "ask_from": outcome.ask_from,
            "bands": outcome.bands.iter().map(|b| serde_json::json!({"ask_from": b.from, "asks": b.asks})).collect::<Vec<_>>(),
            "left_out": outcome.rules.iter().map(|r| r.left_out).sum::<u64>(),
        });
        if let Some((links, (weight, best), clusters)) = &measured {
            all["truth"] = serde_json::json!({
                "links": measure(links), "best": measure(best), "best_weight": weight, "clusters": measure(clusters),
            });
        }
        if let Some(found) = &outcome.from_answers {
            all["answers"] = serde_json::json!({"precision": interval(&found.precision), "recall": interval(&found.recall)});
        }
        printer.line(all);
        return;
    }
    printer.line(format!(
        "{} 行，{persons} 人；比了 {} 对：同一人 {same} 对，待核 {asks} 对",
        table.len(),
        outcome.compared
    ));
    for rule in outcome.rules.iter().filter(|r| r.left_out > 0) {
        printer.note(format!(
            "规则 [{}] 有 {} 个块太大（最大 {} 行），略去 {} 对；给它加 then，或调高 block_pairs",
            rule.rule, rule.blocks_left_out, rule.largest, rule.left_out
        ));
    }
    for level in outcome.model.levels_believed() {
        printer.note(format!(
            "第 {} 项比较每条分块规则都用到，学不到 m，用的是初值；加一条不用它的规则",
            level + 1
        ));
    }
    if outcome.void > 0 {
        printer.note(format!("{} 条人核的结论互相矛盾，没有照办", outcome.void));
    }
    let bands: Vec<String> =
        outcome.bands.iter().map(|b| format!("{} 起 {} 对", b.from, b.asks)).collect();
    printer.line(format!("待核的量，按起问的概率：{}", bands.join("，")));
    if let Some((links, (weight, best), clusters)) = &measured {
        let mut lines =
            super::table(&["与真相比", "查准率", "查全率", "F1", "说是", "说对", "实有"]);
        let mut row = |name: String, m: &Measured| {
            lines.add_row([
                name,
                format!("{:.5}", m.precision()),
                format!("{:.5}", m.recall()),
                format!("{:.5}", m.f1()),
                m.said.to_string(),
                m.right.to_string(),
                m.truly.to_string(),
            ]);
        };
        row("判为同一人的对".to_owned(), links);
        row(format!("最好的界限（{weight:.2}）"), best);
        row("归并后的人".to_owned(), clusters);
        printer.line(lines);
    }
    if let Some(found) = &outcome.from_answers {
        let say = |i: &fujiao_link::table::Interval| {
            format!("{:.2}%（{:.2}%～{:.2}%）", i.share * 100.0, i.low * 100.0, i.high * 100.0)
        };
        printer.line(format!(
            "按人核的结论推算：查准率 {}，查全率 {}",
            say(&found.precision),
            say(&found.recall)
        ));
    }
    for path in [&args.out, &args.clusters, &args.events, &args.model_out].into_iter().flatten() {
        printer.line(format!("已写 {}", path.display()));
    }
}
