//! Why two rows are one person's, in words, as JSON and as a picture.

use std::path::Path;

use fujiao_link::table::{Exclusion, Linker, Outcome, PairWaterfall, Table, level_in_chinese};

use super::{InputError, charts};
use crate::printer::Printer;

pub(super) fn explain(
    linker: &Linker<'_>,
    table: &Table,
    outcome: &Outcome,
    pair: &[String],
    folder: Option<&Path>,
    printer: &Printer,
) -> anyhow::Result<()> {
    let row = |id: &String| {
        table.row(id).ok_or_else(|| {
            InputError(format!("没有编号为 {id} 的行；编号见规格文件里 id 所指的列"))
        })
    };
    let (a, b) = (row(&pair[0])?, row(&pair[1])?);
    let why = linker.waterfall(table, &outcome.model, a, b);
    let together = outcome.cluster[a as usize] == outcome.cluster[b as usize];
    if let Some(folder) = folder {
        let title = format!("{} 与 {}：{}", pair[0], pair[1], verdict(&why, together));
        let svg = charts::waterfall(&title, &why).file(false);
        crate::folder::write(&folder.join("waterfall.svg"), svg.as_bytes())?;
    }
    if printer.json() {
        let steps: Vec<_> = why
            .steps
            .iter()
            .map(|s| {
                serde_json::json!({
                    "comparison": s.title, "left": s.left, "right": s.right, "level": s.level,
                    "weight": s.weight,
                })
            })
            .collect();
        printer.line(serde_json::json!({
            "left": pair[0], "right": pair[1], "prior": why.prior, "steps": steps,
            "look_alikes": why.look_alikes, "look_alike": why.look_alike, "total": why.total,
            "probability": why.probability, "excluded": why.excluded.map(Exclusion::code), "one_person": together,
            "sentence": sentence(&why, together),
        }));
        return Ok(());
    }
    let mut lines = crate::commands::table(&["比较", &pair[0], &pair[1], "相符程度", "权重"]);
    let number = |n: f64| format!("{n:+.2}");
    lines.add_row(["随便两行", "", "", "先验", &number(why.prior)]);
    for step in &why.steps {
        let level = step.level.as_deref().map_or("有一方未填".to_owned(), level_in_chinese);
        lines.add_row([&step.title, &step.left, &step.right, &level, &number(step.weight)]);
    }
    if why.look_alikes < -0.005 {
        let kind = why.look_alike.clone().unwrap_or_default();
        lines.add_row(["相像而不同的人", "", "", &kind, &number(why.look_alikes)]);
    }
    lines.add_row(["合计", "", "", &format!("概率 {:.6}", why.probability), &number(why.total)]);
    printer.line(lines);
    printer.line(sentence(&why, together));
    Ok(())
}

fn verdict(why: &PairWaterfall, together: bool) -> &'static str {
    match (why.excluded.is_some(), together) {
        (true, false) => "不是同一人",
        (_, true) => "同一人",
        _ => "没有认作同一人",
    }
}

/// One sentence that a clerk understands.
fn sentence(why: &PairWaterfall, together: bool) -> String {
    let mut by_size: Vec<_> = why.steps.iter().filter(|s| s.level.is_some()).collect();
    by_size.sort_by(|a, b| b.weight.abs().total_cmp(&a.weight.abs()));
    let say = |wanted: fn(f64) -> bool| -> Vec<String> {
        by_size
            .iter()
            .filter(|s| wanted(s.weight) && s.weight.abs() >= 0.5)
            .take(3)
            .map(|s| {
                format!("{}{}", s.title, level_in_chinese(s.level.as_deref().unwrap_or_default()))
            })
            .collect()
    };
    let (for_it, against) = (say(|w| w > 0.0), say(|w| w < 0.0));
    let mut parts = Vec::new();
    if !for_it.is_empty() {
        parts.push(format!("像同一人的地方：{}", for_it.join("、")));
    }
    if !against.is_empty() {
        parts.push(format!("不像的地方：{}", against.join("、")));
    }
    if let Some(kind) = &why.look_alike {
        parts.push(format!("但{kind}也会这样相像"));
    }
    let end = match (why.excluded, together) {
        (Some(Exclusion::OneList), false) => {
            "两行在同一张名册上，名册不重复列人，所以是两个人".to_owned()
        }
        (Some(_), false) => "两个身份证号都有效而不同，除非有人核实，不会合并".to_owned(),
        (_, true) if why.probability < 0.5 => {
            "两行单看证据不足，是别的行把它们连到一起的".to_owned()
        }
        (_, true) => format!("是同一人的概率 {:.4}，认作同一人", why.probability),
        (_, false) => format!("是同一人的概率 {:.4}，没有认作同一人", why.probability),
    };
    parts.push(end);
    format!("{}。", parts.join("；"))
}
