use std::path::Path;

use fujiao_plan::read::Dimacs;
use serde_json::json;

use super::Watched;
use crate::printer::Printer;

/// Objective, bound, gap and time.
pub(super) fn solved<P>(
    kind: &str,
    watched: &Watched<P>,
    read_s: f64,
    out: &Path,
    printer: &Printer,
) {
    let solved = &watched.solved;
    if printer.json() {
        printer.line(json!({
            "kind": kind,
            "objective": solved.objective,
            "bound": solved.bound,
            "gap": solved.optimality_gap(),
            "proven": solved.is_proven(),
            "nodes": solved.nodes,
            "read_s": read_s,
            "solve_s": watched.solve_s,
            "news": watched.news,
            "solution": out.display().to_string(),
        }));
        return;
    }
    printer.line(format!("目标值 {}", number(solved.objective)));
    printer.line(format!("下界　 {}", number(solved.bound)));
    printer.line(if solved.is_proven() {
        "差距　 0，已证明最优".to_owned()
    } else {
        format!("差距　 {:.4}%，再好也好不过这么多", 100.0 * solved.optimality_gap())
    });
    printer.line(format!(
        "用时　 {:.2} 秒（读文件 {read_s:.2} 秒），搜索 {} 个节点",
        watched.solve_s, solved.nodes
    ));
    printer.line(format!("已写　 {}", out.display()));
}

pub(super) fn flow(
    cost: i128,
    problem: &Dimacs,
    (read_s, solve_s): (f64, f64),
    out: &Path,
    printer: &Printer,
) {
    if printer.json() {
        printer.line(json!({
            "kind": "mcf",
            "objective": cost.to_string(),
            "proven": true,
            "nodes": problem.network.nodes(),
            "arcs": problem.network.arcs(),
            "read_s": read_s,
            "solve_s": solve_s,
            "solution": out.display().to_string(),
        }));
        return;
    }
    printer.line(format!("目标值 {cost}，已证明最优（位势一并写出，可核对）"));
    printer.line(format!("用时　 {solve_s:.2} 秒（读文件 {read_s:.2} 秒）"));
    printer.line(format!("已写　 {}", out.display()));
}

/// Without a decimal point where the number is whole.
fn number(value: f64) -> String {
    if value.fract() == 0.0 { format!("{value:.0}") } else { format!("{value:.3}") }
}
