use std::path::{Path, PathBuf};

use fujiao_plan::check::{self, Arc, Fault, Said};
use serde_json::{Value, json};

use super::{Distance, files};
use crate::commands::{InputError, Outcome};
use crate::printer::Printer;

/// 核对一个解
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// 问题文件
    file: PathBuf,
    /// 解文件（solve 写出的 JSON）
    solution: PathBuf,
}

pub(super) fn run(args: &Args, printer: &Printer) -> anyhow::Result<Outcome> {
    let (name, text) = files::text(&args.solution)?;
    let solution: Value = serde_json::from_str(&text).map_err(|e| {
        InputError(format!("{name} 第 {} 行不是 JSON；用 solve 写出的解文件", e.line()))
    })?;
    let solution = Solution { name: &name, value: &solution };
    let verdict = match solution.text("kind")? {
        "pmedian" => medians(&args.file, &solution)?,
        "cpmp" => capacitated(&args.file, &solution)?,
        "cfl" => facilities(&args.file, &solution)?,
        "mcf" => flow(&args.file, &solution)?,
        other => return Err(solution.wrong(&format!("kind“{other}”不认识"))),
    };
    let fault = verdict.err();
    if printer.json() {
        printer.line(
            json!({ "valid": fault.is_none(), "fault": fault.as_ref().map(ToString::to_string) }),
        );
    } else {
        match &fault {
            None => printer.line("核对无误：每一条都成立，目标值相符"),
            Some(fault) => printer.line(format!("不成立：{fault}")),
        }
    }
    Ok(if fault.is_none() { Outcome::Done } else { Outcome::NeedsALook })
}

/// A solution file, whose every field may be missing or wrong.
struct Solution<'a> {
    name: &'a str,
    value: &'a Value,
}

impl Solution<'_> {
    fn wrong(&self, what: &str) -> anyhow::Error {
        InputError(format!("{}：{what}；用 solve 写出的解文件", self.name)).into()
    }

    fn text(&self, key: &str) -> anyhow::Result<&str> {
        self.value[key].as_str().ok_or_else(|| self.wrong(&format!("缺 {key}")))
    }

    fn number(&self, key: &str) -> anyhow::Result<f64> {
        self.value[key].as_f64().ok_or_else(|| self.wrong(&format!("{key} 不是数")))
    }

    fn said(&self) -> anyhow::Result<Said> {
        Ok(Said { objective: self.number("objective")?, bound: self.number("bound")? })
    }

    fn distance(&self) -> anyhow::Result<Distance> {
        match self.text("distance")? {
            "exact" => Ok(Distance::Exact),
            "floor" => Ok(Distance::Floor),
            "nearest" => Ok(Distance::Nearest),
            other => Err(self.wrong(&format!("distance“{other}”不认识"))),
        }
    }

    fn integers(&self, key: &str) -> anyhow::Result<Vec<i64>> {
        let row = self.value[key].as_array();
        row.and_then(|row| row.iter().map(Value::as_i64).collect::<Option<Vec<i64>>>())
            .ok_or_else(|| self.wrong(&format!("{key} 不是整数的列表")))
    }

    /// Numbers of sites, from 0.
    fn sites(&self, key: &str) -> anyhow::Result<Vec<u64>> {
        let numbers = self.integers(key)?;
        let from_nought =
            numbers.iter().map(|n| u64::try_from(n - 1).ok()).collect::<Option<Vec<u64>>>();
        from_nought.ok_or_else(|| self.wrong(&format!("{key} 里有小于 1 的编号")))
    }
}

fn medians(file: &Path, solution: &Solution) -> anyhow::Result<Result<(), Fault>> {
    let problem = files::medians(file, solution.distance()?)?;
    let p = solution.value["p"].as_u64().and_then(|p| usize::try_from(p).ok());
    let p = p.ok_or_else(|| solution.wrong("p 不是正整数"))?;
    if problem.p.is_some_and(|said| said != p) {
        return Err(solution.wrong("p 与问题文件不同"));
    }
    let costs = &problem.costs;
    let plan = (solution.sites("open")?, solution.sites("site_of")?);
    Ok(check::medians(
        (costs.sites(), costs.clients(), p),
        &|site, client| costs.of_site(u32::try_from(site).unwrap_or(0))[client],
        None,
        (&plan.0, &plan.1),
        solution.said()?,
    ))
}

fn capacitated(file: &Path, solution: &Solution) -> anyhow::Result<Result<(), Fault>> {
    let problem = files::capacitated(file, solution.distance()?)?;
    let costs = &problem.costs;
    let plan = (solution.sites("open")?, solution.sites("site_of")?);
    Ok(check::medians(
        (costs.sites(), costs.clients(), problem.p),
        &|site, client| costs.of_site(u32::try_from(site).unwrap_or(0))[client],
        Some((&problem.capacity, &problem.demand)),
        (&plan.0, &plan.1),
        solution.said()?,
    ))
}

fn facilities(file: &Path, solution: &Solution) -> anyhow::Result<Result<(), Fault>> {
    let problem = files::facilities(file, solution.value["capacity"].as_i64())?;
    let rows =
        solution.value["served"].as_array().ok_or_else(|| solution.wrong("served 不是列表"))?;
    let mut served = Vec::with_capacity(rows.len());
    for row in rows {
        let pairs: Option<Vec<(u64, u64)>> = row.as_array().and_then(|row| {
            row.iter()
                .map(|pair| Some((pair[0].as_u64()?.checked_sub(1)?, pair[1].as_u64()?)))
                .collect()
        });
        served.push(pairs.ok_or_else(|| solution.wrong("served 的一行不是 [选址, 数量] 的列表"))?);
    }
    let open = solution.sites("open")?;
    Ok(check::facilities(
        &|site, client| problem.costs.of_site(u32::try_from(site).unwrap_or(0))[client],
        (&problem.capacity, &problem.fixed, &problem.demand),
        (&open, &served),
        solution.said()?,
    ))
}

fn flow(file: &Path, solution: &Solution) -> anyhow::Result<Result<(), Fault>> {
    let problem = files::network(file)?;
    let network = &problem.network;
    let index = |n: u32| usize::try_from(n).expect("32 bits fit");
    let arcs: Vec<Arc> = (0..network.arcs())
        .map(|arc| {
            let (from, to, capacity, cost) = network.arc(arc);
            Arc { from: index(from), to: index(to), capacity, cost }
        })
        .collect();
    let supply: Vec<i64> = (0..network.nodes())
        .map(|n| network.supply(u32::try_from(n).expect("32 bits fit")))
        .collect();
    let units = solution.integers("flow")?;
    let above: Vec<i64> =
        units.iter().zip(&problem.least).map(|(f, least)| f.saturating_sub(*least)).collect();
    let above = if units.len() == problem.least.len() { above } else { units };
    let potential = solution.integers("potential").ok();
    let said: i128 =
        solution.text("objective")?.parse().map_err(|_| solution.wrong("objective 不是整数"))?;
    Ok(check::flow(&supply, &arcs, &above, potential.as_deref()).and_then(|cost| {
        let counted = cost + problem.fixed_cost;
        #[expect(clippy::cast_precision_loss, reason = "shown to a person")]
        if counted == said {
            Ok(())
        } else {
            Err(Fault::Objective { said: said as f64, counted: counted as f64 })
        }
    }))
}
