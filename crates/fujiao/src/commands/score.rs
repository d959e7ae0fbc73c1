use std::fs;
use std::path::PathBuf;

use anyhow::Context;
use comfy_table::CellAlignment;
use fujiao_office::score;

use super::Outcome;
use crate::printer::Printer;

/// 拿结果与造县时的真相相比
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// run 写结果的文件夹
    out: PathBuf,
    /// synth 写真相的文件夹
    #[arg(long)]
    truth: PathBuf,
}

pub(crate) fn run(args: &Args, printer: &Printer) -> anyhow::Result<Outcome> {
    let read = |folder: &PathBuf, name: &str| {
        let path = folder.join(name);
        fs::read(&path).with_context(|| format!("读不到 {}", path.display()))
    };
    let result = |name| read(&args.out, name);
    let truth = |name| read(&args.truth, name);
    let mut rows = truth("rows.csv")?;
    // A large county's rows come in several files, each with its header.
    for part in 2.. {
        let path = args.truth.join(format!("rows_{part}.csv"));
        let Ok(more) = fs::read(&path) else { break };
        let body = more.iter().position(|b| *b == b'\n').map_or(&more[..0], |end| &more[end + 1..]);
        rows.extend_from_slice(body);
    }
    let scores = score::score(
        &score::Results {
            persons: &result("persons.csv")?,
            gaps: &result("gaps.csv")?,
            households: &result("households.csv")?,
        },
        &score::Truth {
            rows: &rows,
            persons: &truth("persons.csv")?,
            aid: &truth("aid.csv")?,
            out_of_school: &truth("out_of_school.csv")?,
            double_enrolment: &truth("double_enrolment.csv")?,
            untrained: &truth("untrained.csv")?,
            labour: &truth("labour.csv")?,
            meals: &truth("meals.csv")?,
        },
    )?;
    if printer.json() {
        let lines: serde_json::Map<_, _> = scores
            .iter()
            .map(|s| {
                (s.name.to_owned(), serde_json::json!({
                    "precision": s.precision(), "recall": s.recall(), "f1": s.f1(),
                    "true_positives": s.hits, "false_positives": s.false_alarms, "false_negatives": s.missed,
                }))
            })
            .collect();
        printer.line(serde_json::Value::Object(lines));
        return Ok(Outcome::Done);
    }
    let mut table = super::table(&["", "准确率", "召回率", "F1", "找对", "错报", "漏报"]);
    for s in &scores {
        table.add_row([
            s.title.to_owned(),
            format!("{:.4}", s.precision()),
            format!("{:.4}", s.recall()),
            format!("{:.4}", s.f1()),
            s.hits.to_string(),
            s.false_alarms.to_string(),
            s.missed.to_string(),
        ]);
    }
    for column in 1..7 {
        if let Some(column) = table.column_mut(column) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    printer.line(table);
    Ok(Outcome::Done)
}
