//! Pictures of a linkage.

use std::path::Path;

use fujiao_link::table::{HISTOGRAM, Linker, Outcome, PairWaterfall, Spec, level_in_chinese};
use fujiao_report::{Bar, Chart, bars_chart, columns_chart, curve_chart, waterfall_chart};

/// Writes the pictures of a run.
pub(super) fn write(
    folder: &Path,
    linker: &Linker<'_>,
    spec: &Spec,
    outcome: &Outcome,
) -> anyhow::Result<()> {
    for (name, chart) in [
        ("weights.svg", weights(spec, outcome)),
        ("histogram.svg", histogram(spec, outcome)),
        ("unlinkables.svg", unlinkables(&linker.unlinkable(&outcome.model))),
    ] {
        crate::folder::write(&folder.join(name), chart.file(false).as_bytes())?;
    }
    Ok(())
}

fn weights(spec: &Spec, outcome: &Outcome) -> Chart {
    let mut bars: Vec<Bar> = Vec::new();
    let mut last = String::new();
    for level in outcome.model.levels(spec) {
        if level.comparison != last {
            last.clone_from(&level.comparison);
            bars.push(Bar { label: last.clone(), note: String::new(), value: None });
        }
        bars.push(Bar {
            label: short(&level_in_chinese(&level.level)),
            note: format!("m {:.4}  u {:.2e}", level.m, level.u),
            value: Some(level.weight.max(-20.0)),
        });
    }
    bars_chart(
        "每项比较各级的分量：向右像同一人，向左像两个人",
        "匹配权重 log₂(m/u)；m 为同一人落在此级的比例，u 为两个人的",
        &bars,
    )
}

/// At most so much as fits before the numbers.
fn short(text: &str) -> String {
    const MOST: usize = 19;
    if text.chars().count() <= MOST {
        return text.to_owned();
    }
    text.chars().take(MOST - 1).chain(['…']).collect()
}

fn histogram(spec: &Spec, outcome: &Outcome) -> Chart {
    let weight = |p: f64| (p / (1.0 - p)).log2();
    columns_chart(
        "比过的对按权重分布：左峰是两个人，右峰是同一人",
        "纵轴为对数；横轴为匹配权重（log₂ 胜率）",
        HISTOGRAM.start,
        &outcome.histogram,
        &[
            (weight(spec.settings.same_from), "判为同一人".to_owned()),
            (weight(outcome.ask_from), "起问".to_owned()),
        ],
    )
}

/// The share of rows that could not be linked even to a row that says exactly the same, by the probability asked for.
fn unlinkables(ascending: &[f64]) -> Chart {
    #[expect(clippy::cast_precision_loss, reason = "a share of rows")]
    let share =
        |p: f64| ascending.partition_point(|own| *own < p) as f64 / ascending.len().max(1) as f64;
    let points: Vec<(f64, f64)> =
        (0..=100).map(|n| f64::from(n) / 100.0).map(|p| (p, share(p.min(0.999)))).collect();
    curve_chart(
        &format!("要求概率 0.95 时，{:.2}% 的行写得太少，认不出是谁", share(0.95) * 100.0),
        "即使另有一行写得一模一样，概率也达不到横轴所示的行，占全部行的比例",
        &points,
    )
}

/// The waterfall of one pair.
pub(super) fn waterfall(title: &str, pair: &PairWaterfall) -> Chart {
    let mut bars = vec![Bar {
        label: "随便两行".to_owned(),
        note: "先验".to_owned(),
        value: Some(pair.prior),
    }];
    for step in &pair.steps {
        bars.push(Bar {
            label: step.title.clone(),
            note: step.level.as_deref().map_or("有一方未填".to_owned(), level_in_chinese),
            value: Some(step.weight),
        });
    }
    if pair.look_alikes < -0.005 {
        bars.push(Bar {
            label: "相像而不同的人".to_owned(),
            note: pair.look_alike.clone().unwrap_or_default(),
            value: Some(pair.look_alikes),
        });
    }
    bars.push(Bar {
        label: "合计".to_owned(),
        note: format!("概率 {:.4}", pair.probability),
        value: Some(pair.total),
    });
    waterfall_chart(title, "每项比较加减的匹配权重（log₂ 胜率）", &bars)
}
