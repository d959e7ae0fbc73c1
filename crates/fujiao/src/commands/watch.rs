//! Models of who may leave: trained, used and measured on any CSV with a spec.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::time::Instant;

use anyhow::Context;
use clap::{Subcommand, ValueEnum};
use fujiao_watch::train::{
    Field, Folds, Frame, Kind, Measures, Model, Raw, Spec, TrainError, by_group, encode, measure,
    stratified, top,
};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{InputError, Outcome};
use crate::folder;
use crate::printer::Printer;

/// 预警：用往年的数据学一个模型，打分，评估。任何 CSV 配一份规格文件（TOML）都可以
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    /// 学：从有结果的表学出模型，写下来
    Train(TrainArgs),
    /// 打分：每一行的可能性，连同理由
    Score(ScoreArgs),
    /// 评估：分折（与隔年）检验，准不准、校不校得准、各类人是否一样准
    Evaluate(EvaluateArgs),
}

/// 用哪一种模型
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum KindArg {
    /// 逻辑回归
    Logistic,
    /// 梯度提升树
    Boost,
    /// 两者平均
    Blend,
}

#[derive(Debug, clap::Args)]
struct Known {
    /// 表（CSV，UTF-8），每行一人，有结果一列
    table: PathBuf,
    /// 规格文件：结果是哪一列、看哪些列、按什么分组（TOML）
    #[arg(long, value_name = "TOML")]
    spec: PathBuf,
    /// 用哪一种模型；不写就按规格文件
    #[arg(long, value_enum)]
    kind: Option<KindArg>,
}

#[derive(Debug, clap::Args)]
struct TrainArgs {
    #[command(flatten)]
    known: Known,
    /// 模型写到这里
    #[arg(long, value_name = "JSON")]
    model_out: PathBuf,
}

#[derive(Debug, clap::Args)]
struct ScoreArgs {
    /// 表（CSV，UTF-8），列名与训练时相同，不必有结果
    table: PathBuf,
    /// 模型（fujiao watch train 写下的）
    #[arg(long, value_name = "JSON")]
    model: PathBuf,
    /// 只列可能性最高的这么多行：办得过来多少就列多少
    #[arg(long, value_name = "行", default_value_t = 20)]
    top: usize,
    /// 每行写几条理由
    #[arg(long, value_name = "条", default_value_t = 3)]
    reasons: usize,
    /// 全部行写到这里：row,id,probability,reasons
    #[arg(long, value_name = "CSV")]
    out: Option<PathBuf>,
}

#[derive(Debug, clap::Args)]
struct EvaluateArgs {
    #[command(flatten)]
    known: Known,
    /// 分几折
    #[arg(long, value_name = "折", default_value_t = 5)]
    folds: usize,
    /// 分几遍
    #[arg(long, value_name = "遍", default_value_t = 3)]
    repeats: u64,
    /// 用这个文件里的折：每行一人，每列一遍，写 0 起的折号
    #[arg(long, value_name = "CSV")]
    fold_file: Option<PathBuf>,
    /// 名单多长：各组查出多少、错列多少按它算；不写就是有结果的人数
    #[arg(long, value_name = "行")]
    capacity: Option<usize>,
}

/// A model as it is written down.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct ModelFile {
    format: u32,
    separator: char,
    id: Option<String>,
    model: Model,
}

/// The one form of model files so far.
const FORMAT: u32 = 1;

pub(crate) fn run(args: &Args, printer: &Printer) -> anyhow::Result<Outcome> {
    match &args.what {
        What::Train(args) => train(args, printer),
        What::Score(args) => score(args, printer),
        What::Evaluate(args) => evaluate(args, printer),
    }
}

fn text(path: &Path) -> anyhow::Result<String> {
    fs::read_to_string(path).with_context(|| format!("读不出 {}（要 UTF-8）", path.display()))
}

fn read(path: &Path, separator: char) -> anyhow::Result<Raw> {
    let cannot = || format!("读不出 {}", path.display());
    let sign = u8::try_from(separator)
        .map_err(|_| InputError(format!("分隔符“{separator}”不能用；用逗号、分号或制表符")))?;
    let mut reader = csv::ReaderBuilder::new()
        .delimiter(sign)
        .flexible(true)
        .from_path(path)
        .with_context(cannot)?;
    let cells = |record: &csv::StringRecord| record.iter().map(str::to_owned).collect();
    let header = cells(reader.headers().with_context(cannot)?);
    let mut rows = Vec::new();
    for record in reader.records() {
        let record = record.map_err(|e| InputError(format!("{}：{e}", path.display())))?;
        rows.push(cells(&record));
    }
    Ok(Raw::new(header, rows)?)
}

/// A table ready to learn from.
struct Ready {
    spec: Spec,
    raw: Raw,
    fields: Vec<Field>,
    frame: Frame,
    targets: Vec<bool>,
}

impl Ready {
    fn of(args: &Known) -> anyhow::Result<Self> {
        let mut spec = Spec::read(&text(&args.spec)?)?;
        if let Some(kind) = args.kind {
            spec.model.kind = match kind {
                KindArg::Logistic => Kind::Logistic,
                KindArg::Boost => Kind::Boost,
                KindArg::Blend => Kind::Blend,
            };
        }
        let raw = read(&args.table, spec.separator)?;
        let fields = spec.fields(&raw)?;
        let frame = encode(&raw, &fields)?;
        let targets = spec.targets(&raw)?;
        Ok(Self { spec, raw, fields, frame, targets })
    }

    fn fit(&self, rows: &[usize]) -> Result<Model, TrainError> {
        let Self { spec, fields, frame, targets, .. } = self;
        Model::fit(&spec.about, fields, frame, targets, rows, &spec.model)
    }

    /// Scores of all rows by models that did not see their folds, for each of several folds: on all cores, the same as on one.
    fn cross(&self, all: &[Folds], printer: &Printer) -> Result<Vec<Vec<f64>>, TrainError> {
        let jobs: Vec<(usize, usize)> = all
            .iter()
            .enumerate()
            .flat_map(|(at, folds)| (0..folds.n).map(move |f| (at, f)))
            .collect();
        let next = Mutex::new(0);
        let done = Mutex::new((vec![vec![0.0; self.frame.rows]; all.len()], Ok(()), 0_u64));
        let work = || {
            loop {
                let job = {
                    let mut next = next.lock().expect("no worker panics");
                    *next += 1;
                    jobs.get(*next - 1).copied()
                };
                let Some((at, fold)) = job else { return };
                let (learn, test) = all[at].split(fold);
                let model = self.fit(&learn);
                let mut done = done.lock().expect("no worker panics");
                match model {
                    Ok(model) => {
                        for row in test {
                            done.0[at][row] = model.score(&self.frame, row);
                        }
                    }
                    Err(error) => done.1 = Err(error),
                }
                done.2 += 1;
                printer.progress("检验", done.2, jobs.len() as u64);
            }
        };
        let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        std::thread::scope(|scope| {
            for _ in 0..cores.min(jobs.len()) {
                scope.spawn(work);
            }
        });
        let (scores, result, _) = done.into_inner().expect("no worker panics");
        result.map(|()| scores)
    }
}

fn share(value: f64) -> String {
    format!("{value:.4}")
}

fn measures_json(m: &Measures) -> Value {
    json!({
        "rows": m.rows, "events": m.events, "auc": m.auc, "average_precision": m.average_precision, "brier": m.brier,
        "calibration_error": m.calibration_error,
    })
}

fn show(printer: &Printer, title: &str, m: &Measures) {
    printer.line(format!(
        "{title}：{} 行，有结果 {} 行；AUC {}，平均准确率 {}，Brier {}，校准误差 {}",
        m.rows,
        m.events,
        share(m.auc),
        share(m.average_precision),
        share(m.brier),
        share(m.calibration_error)
    ));
}

/// The last year foretold from those before, if the spec names a time.
fn out_of_time(ready: &Ready) -> anyhow::Result<Option<(String, Measures)>> {
    let Some(times) = ready.spec.out_of_time(&ready.raw)? else { return Ok(None) };
    let model = ready.fit(&times.learn)?;
    let scores: Vec<f64> = times.test.iter().map(|row| model.score(&ready.frame, *row)).collect();
    let targets: Vec<bool> = times.test.iter().map(|row| ready.targets[*row]).collect();
    Ok(Some((times.last, measure(&scores, &targets))))
}

fn train(args: &TrainArgs, printer: &Printer) -> anyhow::Result<Outcome> {
    let ready = Ready::of(&args.known)?;
    let started = Instant::now();
    let rows: Vec<usize> = (0..ready.frame.rows).collect();
    let model = ready.fit(&rows)?;
    let train_s = started.elapsed().as_secs_f64();
    let folds = stratified(&ready.targets, 5, ready.spec.model.seed);
    let scores = ready.cross(&[folds], printer)?.remove(0);
    let measured = measure(&scores, &ready.targets);
    let time = out_of_time(&ready)?;
    let file = ModelFile {
        format: FORMAT,
        separator: ready.spec.separator,
        id: ready.spec.id.clone(),
        model,
    };
    folder::write(&args.model_out, &serde_json::to_vec(&file)?)?;
    if printer.json() {
        printer.line(json!({
            "rows": measured.rows, "events": measured.events, "columns": ready.fields.len(), "train_s": train_s,
            "cross_validated": measures_json(&measured),
            "out_of_time": time.as_ref().map(|(last, m)| json!({ "last": last, "measures": measures_json(m) })),
            "model": args.model_out,
        }));
        return Ok(Outcome::Done);
    }
    show(printer, "五折检验", &measured);
    if let Some((last, m)) = &time {
        show(printer, &format!("用以前的预测 {last}"), m);
    }
    printer.line(format!("模型写在 {}；打分用 fujiao watch score", args.model_out.display()));
    Ok(Outcome::Done)
}

fn score(args: &ScoreArgs, printer: &Printer) -> anyhow::Result<Outcome> {
    let unusable = |why: String| InputError(format!("{} 不能用：{why}", args.model.display()));
    let file: ModelFile =
        serde_json::from_str(&text(&args.model)?).map_err(|e| unusable(e.to_string()))?;
    if file.format != FORMAT {
        return Err(unusable(format!("格式 {} 这个版本不认识", file.format)).into());
    }
    let model = file.model.check()?;
    let raw = read(&args.table, file.separator)?;
    let frame = encode(&raw, &model.fields)?;
    let scores: Vec<f64> = (0..frame.rows).map(|row| model.score(&frame, row)).collect();
    let ids: Vec<String> = match &file.id {
        Some(id) => raw.column(id)?.into_iter().map(str::to_owned).collect(),
        None => (2..frame.rows + 2).map(|line| line.to_string()).collect(),
    };
    let reasons = |row: usize| -> String {
        let (_, reasons) = model.reasons(&frame, row);
        let said = reasons.iter().filter(|r| r.adds > 0.0).take(args.reasons).map(|r| {
            let field = &model.fields[r.field].name;
            let value = raw.column(field).map_or("", |column| column[row]);
            format!("{field}={value} (+{:.2})", r.adds)
        });
        said.collect::<Vec<_>>().join("；")
    };
    if let Some(out) = &args.out {
        let mut writer = csv::Writer::from_writer(Vec::new());
        writer.write_record(["row", "id", "probability", "reasons"])?;
        for row in 0..frame.rows {
            let (line, p) = ((row + 2).to_string(), format!("{:.6}", scores[row]));
            writer.write_record([line.as_str(), &ids[row], &p, &reasons(row)])?;
        }
        folder::write(out, &writer.into_inner()?)?;
    }
    let named = top(&scores, args.top);
    if printer.json() {
        let rows: Vec<Value> = named
            .iter()
            .map(|row| json!({ "row": row + 2, "id": ids[*row], "probability": scores[*row], "reasons": reasons(*row) }))
            .collect();
        printer.line(json!({ "rows": frame.rows, "top": rows }));
        return Ok(Outcome::Done);
    }
    let mut table = super::table(&["编号", "可能性", "理由（对数几率）"]);
    for row in named {
        table.add_row([ids[row].clone(), format!("{:.1}%", scores[row] * 100.0), reasons(row)]);
    }
    printer.line(table);
    printer.line("分数是去看一看的理由，不是给孩子贴的标签");
    Ok(Outcome::Done)
}

fn fold_file(path: &Path, rows: usize) -> anyhow::Result<Vec<Folds>> {
    let wrong =
        |line: usize, what: &str| InputError(format!("{} 第 {line} 行{what}", path.display()));
    let mut columns: Vec<Vec<usize>> = Vec::new();
    let text = text(path)?;
    for (line, row) in (1..).zip(text.lines()) {
        let cells: Result<Vec<usize>, _> = row.split(',').map(|c| c.trim().parse()).collect();
        let cells = cells.map_err(|_| wrong(line, "不是折号"))?;
        if line == 1 {
            columns = vec![Vec::new(); cells.len()];
        }
        if cells.len() != columns.len() || cells.iter().any(|fold| *fold >= 1000) {
            return Err(wrong(line, "列数或折号不对").into());
        }
        for (column, fold) in columns.iter_mut().zip(cells) {
            column.push(fold);
        }
    }
    if columns.is_empty() || columns.iter().any(|column| column.len() != rows) {
        let what = format!("{} 的行数与表不同：表有 {rows} 行", path.display());
        return Err(InputError(what).into());
    }
    let folds = columns.into_iter().map(|of| Folds { n: of.iter().max().map_or(0, |m| m + 1), of });
    Ok(folds.collect())
}

fn evaluate(args: &EvaluateArgs, printer: &Printer) -> anyhow::Result<Outcome> {
    let ready = Ready::of(&args.known)?;
    if !(2..=50).contains(&args.folds) || !(1..=100).contains(&args.repeats) {
        return Err(
            InputError("--folds 在 2 到 50 之间，--repeats 在 1 到 100 之间".to_owned()).into()
        );
    }
    let folds = if let Some(path) = &args.fold_file {
        fold_file(path, ready.frame.rows)?
    } else {
        let seed = ready.spec.model.seed;
        (0..args.repeats).map(|r| stratified(&ready.targets, args.folds, seed + r)).collect()
    };
    let started = Instant::now();
    let scores = ready.cross(&folds, printer)?;
    let times = f64::from(u32::try_from(folds.len()).expect("folds are few"));
    let seconds = started.elapsed().as_secs_f64() / times;
    let each: Vec<Measures> = scores.iter().map(|s| measure(s, &ready.targets)).collect();
    let mean = |of: fn(&Measures) -> f64| each.iter().map(of).sum::<f64>() / times;
    let measured = Measures {
        auc: mean(|m| m.auc),
        average_precision: mean(|m| m.average_precision),
        brier: mean(|m| m.brier),
        calibration_error: mean(|m| m.calibration_error),
        ..each[0]
    };
    let capacity = args.capacity.unwrap_or(measured.events);
    let mut groups = Vec::new();
    for name in &ready.spec.groups {
        let column = ready.raw.column(name)?;
        groups.push((name, by_group(&column, &scores[0], &ready.targets, capacity)));
    }
    let time = out_of_time(&ready)?;
    if printer.json() {
        let groups: Vec<Value> = groups
            .iter()
            .flat_map(|(name, rows)| {
                rows.iter().map(move |g| {
                    json!({
                        "column": name, "group": g.group, "rows": g.rows, "events": g.events, "auc": g.auc,
                        "expected": g.expected, "happened": g.happened, "found": g.found, "named_in_vain": g.named_in_vain,
                    })
                })
            })
            .collect();
        printer.line(json!({
            "kind": ready.spec.model.kind, "columns": ready.fields.len(), "repeats": each.len(), "seconds_a_repeat": seconds,
            "measures": measures_json(&measured), "auc_of_each": each.iter().map(|m| m.auc).collect::<Vec<_>>(),
            "capacity": capacity, "groups": groups,
            "out_of_time": time.as_ref().map(|(last, m)| json!({ "last": last, "measures": measures_json(m) })),
        }));
        return Ok(Outcome::Done);
    }
    show(printer, &format!("分折检验 {} 遍的平均", each.len()), &measured);
    if let Some((last, m)) = &time {
        show(printer, &format!("用以前的预测 {last}"), m);
    }
    let percent = |p: Option<f64>| p.map_or("—".to_owned(), |p| format!("{:.1}%", p * 100.0));
    for (name, rows) in groups {
        let header = [name.as_str(), "行", "有结果", "AUC", "预计", "实际", "查出", "错列"];
        let mut table = super::table(&header);
        for g in rows {
            table.add_row([
                g.group,
                g.rows.to_string(),
                g.events.to_string(),
                g.auc.map_or("—".to_owned(), share),
                percent(Some(g.expected)),
                percent(Some(g.happened)),
                percent(g.found),
                percent(g.named_in_vain),
            ]);
        }
        printer.line(table);
    }
    printer.line(format!("名单长 {capacity} 行；每遍 {seconds:.1} 秒"));
    Ok(Outcome::Done)
}
