//! Problems and solutions as files.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Context;
use fujiao_plan::cfl::Facilities;
use fujiao_plan::cpmp::Capacitated;
use fujiao_plan::flow::Flow;
use fujiao_plan::read::{self, Dimacs, Medians};
use serde_json::{Value, json};

use super::Distance;
use crate::commands::InputError;
use crate::folder;

/// A file as text and by its name.
pub(super) fn text(path: &Path) -> anyhow::Result<(String, String)> {
    let bytes = fs::read(path).with_context(|| format!("打不开 {}", path.display()))?;
    let name = path.display().to_string();
    let text = String::from_utf8(bytes)
        .map_err(|_| InputError(format!("{name} 不是文本文件；核对是不是这个文件")))?;
    Ok((name, text))
}

pub(super) fn medians(path: &Path, distance: Distance) -> anyhow::Result<Medians> {
    let (name, text) = text(path)?;
    // A TSPLIB file begins with keywords, a pmed file with numbers.
    let begins = text.trim_start().chars().next().unwrap_or(' ');
    Ok(if begins.is_ascii_alphabetic() {
        read::tsplib(&name, &text, distance.rounding())?
    } else {
        read::pmed(&name, &text)?
    })
}

pub(super) fn capacitated(path: &Path, distance: Distance) -> anyhow::Result<Capacitated> {
    let (name, text) = text(path)?;
    Ok(read::cpmp(&name, &text, distance.rounding())?)
}

pub(super) fn facilities(path: &Path, capacity: Option<i64>) -> anyhow::Result<Facilities> {
    let (name, text) = text(path)?;
    Ok(read::cap(&name, &text, capacity)?)
}

pub(super) fn network(path: &Path) -> anyhow::Result<Dimacs> {
    let (name, text) = text(path)?;
    Ok(read::dimacs(&name, &text)?)
}

/// Numbers from 1, as in the files of problems.
pub(super) fn medians_json(plan: &fujiao_plan::pmedian::Plan) -> Value {
    let from_one = |sites: &[u32]| sites.iter().map(|s| s + 1).collect::<Vec<u32>>();
    json!({ "open": from_one(&plan.open), "site_of": from_one(&plan.site_of) })
}

pub(super) fn facilities_json(plan: &fujiao_plan::cfl::Plan) -> Value {
    let open: Vec<u32> = plan.open.iter().map(|s| s + 1).collect();
    let served: Vec<Vec<(u32, u32)>> = plan
        .served
        .iter()
        .map(|row| row.iter().map(|(site, units)| (site + 1, *units)).collect())
        .collect();
    json!({ "open": open, "served": served })
}

pub(super) fn merge(into: &mut Value, more: Value) {
    if let (Value::Object(into), Value::Object(more)) = (into, more) {
        into.extend(more);
    }
}

pub(super) fn write_solution(
    problem: &Path,
    out: Option<&Path>,
    solution: &Value,
) -> anyhow::Result<PathBuf> {
    let mut bytes = serde_json::to_vec(solution).context("numbers and names can be written")?;
    bytes.push(b'\n');
    write(problem, out, &bytes)
}

/// A flow and its potentials. Written piece by piece: millions of arcs as [`Value`]s would take more room than solving them.
pub(super) fn write_flow(
    problem: &Path,
    out: Option<&Path>,
    cost: i128,
    flow: Flow,
    least: &[i64],
) -> anyhow::Result<PathBuf> {
    let mut units = flow.flow;
    units.iter_mut().zip(least).for_each(|(flow, least)| *flow += least);
    let mut bytes = format!("{{\"kind\":\"mcf\",\"objective\":\"{cost}\",\"flow\":").into_bytes();
    serde_json::to_writer(&mut bytes, &units).context("numbers can be written")?;
    drop(units);
    bytes.extend(b",\"potential\":");
    serde_json::to_writer(&mut bytes, &flow.potential).context("numbers can be written")?;
    bytes.extend(b"}\n");
    write(problem, out, &bytes)
}

fn write(problem: &Path, out: Option<&Path>, bytes: &[u8]) -> anyhow::Result<PathBuf> {
    let path = out.map_or_else(
        || {
            let stem = problem.file_stem().unwrap_or_default().to_string_lossy();
            PathBuf::from(format!("{stem}.solution.json"))
        },
        Path::to_path_buf,
    );
    folder::write(&path, bytes)?;
    Ok(path)
}
