//! Codes a list of titles with known codes and says how often it is right and how fast, for `bench/labour/run.py`.
//!
//! usage: coding TITLES.csv [--folds 5]
#![expect(clippy::print_stdout, reason = "this is a program")]
#![expect(clippy::cast_precision_loss, reason = "titles are far below 2⁵²")]

use std::time::Instant;

use fujiao_labour::coding::{
    Catalogue, Evaluation, Level, Model, builtin_titles, evaluate, read_titles,
};

fn said(evaluation: &Evaluation) -> serde_json::Value {
    let levels = Level::ALL.iter().zip(&evaluation.levels).map(|(level, s)| {
        let scores = serde_json::json!({"top1": s.top1, "top5": s.top5, "sure": s.sure, "sure_right": s.sure_right});
        (format!("{level:?}").to_lowercase(), scores)
    });
    serde_json::Value::Object(levels.collect())
}

fn main() {
    let path = std::env::args().nth(1).expect("usage: coding TITLES.csv [--folds 5]");
    let folds = std::env::args().skip_while(|a| a != "--folds").nth(1);
    let folds: usize = folds.map_or(5, |text| text.parse().expect("a number"));
    let text = std::fs::read_to_string(&path).expect("a readable file");
    let catalogue = Catalogue::builtin();
    let (titles, faults) = read_titles(&text, &catalogue);
    let start = Instant::now();
    let own = builtin_titles();
    Model::train(&catalogue, &own);
    let builtin_s = start.elapsed().as_secs_f64();
    let start = Instant::now();
    let model = Model::train(&catalogue, &titles);
    let train_s = start.elapsed().as_secs_f64();
    let crossed = evaluate(&catalogue, &titles, &own, folds);
    let unseen = evaluate(&catalogue, &titles, &own, 1);
    // Each title with a mark of its own, so that none is known word for word.
    let many: Vec<String> = (0..20)
        .flat_map(|n| {
            let marks = ["甲", "乙", "丙", "丁"];
            titles.iter().map(move |t| format!("{}{}", t.title, marks[n % 4]))
        })
        .collect();
    let many: Vec<&str> = many.iter().map(String::as_str).collect();
    let start = Instant::now();
    let coded = model.code_all(&many, Level::Unit, 5);
    let seconds = start.elapsed().as_secs_f64();
    println!(
        "{}",
        serde_json::json!({
            "titles": titles.len(),
            "left_out": faults.len(),
            "folds": folds,
            "crossed": said(&crossed),
            "shipped_model": said(&unseen),
            "builtin_s": builtin_s,
            "train_s": train_s,
            "titles_a_second": coded.len() as f64 / seconds,
        })
    );
}
