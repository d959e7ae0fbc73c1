//! Optimisation problems as researchers exchange them: solved with a bound, and solutions checked.

mod check;
mod files;
mod show;

use std::path::PathBuf;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use clap::{Subcommand, ValueEnum};
use fujiao_plan::read::Rounding;
use fujiao_plan::{Budget, Solved, cfl, cpmp, pmedian};
use serde_json::{Value, json};

use super::{InputError, Outcome};
use crate::printer::Printer;

/// 求解
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    /// 选 p 处，让大家都近（OR-Library pmed，或 TSPLIB 坐标）
    Pmedian(MedianArgs),
    /// 选 p 处，每处有容量，每个需求点只去一处（OR-Library pmedcap、Lorena、Stefanello）
    Cpmp(CapacitatedArgs),
    /// 选址：每处有开办费和容量，需求可以分给几处（OR-Library cap）
    Cfl(FacilityArgs),
    /// 最小费用流（DIMACS min）
    Mcf(FlowArgs),
    /// 核对一个解：另一套算法重算目标值、容量和下界
    Check(check::Args),
}

#[derive(Debug, clap::Args)]
struct Common {
    /// 要解的文件
    file: PathBuf,
    /// 最多算多少秒；到时给出最好的方案和它离最优最多差多少
    #[arg(long, value_name = "秒", default_value_t = 60.0)]
    time: f64,
    /// 把解写到这里；不写就是文件名加 .solution.json，写在当前文件夹
    #[arg(long, value_name = "JSON")]
    out: Option<PathBuf>,
}

/// 坐标算出的距离怎么取整
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Distance {
    /// 不取整
    Exact,
    /// 舍去小数
    Floor,
    /// 四舍五入
    Nearest,
}

impl Distance {
    pub(crate) fn rounding(self) -> Rounding {
        match self {
            Self::Exact => Rounding::Exact,
            Self::Floor => Rounding::Floor,
            Self::Nearest => Rounding::Nearest,
        }
    }

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Exact => "exact",
            Self::Floor => "floor",
            Self::Nearest => "nearest",
        }
    }
}

#[derive(Debug, clap::Args)]
struct MedianArgs {
    #[command(flatten)]
    common: Common,
    /// 开几处；文件里写了就不必
    #[arg(long, value_name = "处")]
    p: Option<usize>,
    /// 坐标算出的距离怎么取整（论文里 rl1304 舍去小数）
    #[arg(long, value_enum, default_value = "floor")]
    distance: Distance,
}

#[derive(Debug, clap::Args)]
struct CapacitatedArgs {
    #[command(flatten)]
    common: Common,
    /// 坐标算出的距离怎么取整（论文里 OR-Library pmedcap 舍去小数，其余不取整）
    #[arg(long, value_enum, default_value = "exact")]
    distance: Distance,
}

#[derive(Debug, clap::Args)]
struct FacilityArgs {
    #[command(flatten)]
    common: Common,
    /// 每处的容量，代替文件里的（capa、capb、capc 要给）
    #[arg(long, value_name = "数")]
    capacity: Option<i64>,
}

#[derive(Debug, clap::Args)]
struct FlowArgs {
    /// 要解的文件
    file: PathBuf,
    /// 把解写到这里；不写就是文件名加 .solution.json，写在当前文件夹
    #[arg(long, value_name = "JSON")]
    out: Option<PathBuf>,
}

pub(crate) fn run(args: &Args, printer: &Printer) -> anyhow::Result<Outcome> {
    match &args.what {
        What::Pmedian(args) => {
            let (medians, read_s) = timed(|| files::medians(&args.common.file, args.distance))?;
            let p = args
                .p
                .or(medians.p)
                .ok_or_else(|| InputError("文件里没有写开几处；用 --p 给".to_owned()))?;
            let watched = watch(&args.common, |budget| pmedian::solve(&medians.costs, p, budget))?;
            let more = json!({ "p": p, "distance": args.distance.name() });
            let plan = files::medians_json(&watched.solved.plan);
            finish("pmedian", &args.common, &watched, read_s, more, plan, printer)
        }
        What::Cpmp(args) => {
            let (problem, read_s) = timed(|| files::capacitated(&args.common.file, args.distance))?;
            let watched = watch(&args.common, |budget| cpmp::solve(&problem, budget))?;
            let more = json!({ "p": problem.p, "distance": args.distance.name() });
            let plan = files::medians_json(&watched.solved.plan);
            finish("cpmp", &args.common, &watched, read_s, more, plan, printer)
        }
        What::Cfl(args) => {
            let (problem, read_s) = timed(|| files::facilities(&args.common.file, args.capacity))?;
            let watched = watch(&args.common, |budget| cfl::solve(&problem, budget))?;
            let more = json!({ "capacity": args.capacity });
            let plan = files::facilities_json(&watched.solved.plan);
            finish("cfl", &args.common, &watched, read_s, more, plan, printer)
        }
        What::Mcf(args) => flow(args, printer),
        What::Check(args) => check::run(args, printer),
    }
}

fn timed<T>(work: impl FnOnce() -> anyhow::Result<T>) -> anyhow::Result<(T, f64)> {
    let start = Instant::now();
    Ok((work()?, start.elapsed().as_secs_f64()))
}

/// A solution with the time that it took, and how it came.
struct Watched<P> {
    solved: Solved<P>,
    solve_s: f64,
    /// Seconds, objective and bound, whenever one of them got better.
    news: Vec<(f64, f64, f64)>,
}

fn watch<P>(
    common: &Common,
    solve: impl FnOnce(Budget) -> Result<Solved<P>, pmedian::PlanError>,
) -> anyhow::Result<Watched<P>> {
    let limit = Duration::try_from_secs_f64(common.time)
        .map_err(|_| InputError(format!("--time {} 不是时间；写秒数，如 60", common.time)))?;
    let start = Instant::now();
    let stop = || start.elapsed() >= limit;
    let news = Mutex::new(Vec::new());
    let tell = |objective: f64, bound: f64| {
        let at = start.elapsed().as_secs_f64();
        news.lock().expect("no teller panics").push((at, objective, bound));
    };
    let solved = solve(Budget::until(&stop).telling(&tell))?;
    let solve_s = start.elapsed().as_secs_f64();
    Ok(Watched { solved, solve_s, news: news.into_inner().expect("no teller panics") })
}

fn finish<P>(
    kind: &str,
    common: &Common,
    watched: &Watched<P>,
    read_s: f64,
    more: Value,
    plan: Value,
    printer: &Printer,
) -> anyhow::Result<Outcome> {
    let solved = &watched.solved;
    let mut solution = json!({
        "kind": kind,
        "objective": solved.objective,
        "bound": solved.bound,
        "proven": solved.is_proven(),
    });
    files::merge(&mut solution, more);
    files::merge(&mut solution, plan);
    let out = files::write_solution(&common.file, common.out.as_deref(), &solution)?;
    show::solved(kind, watched, read_s, &out, printer);
    Ok(Outcome::Done)
}

fn flow(args: &FlowArgs, printer: &Printer) -> anyhow::Result<Outcome> {
    let (problem, read_s) = timed(|| files::network(&args.file))?;
    let start = Instant::now();
    let solved = problem.network.solve();
    let solve_s = start.elapsed().as_secs_f64();
    let flow = solved.map_err(|error| InputError(format!("{}：{error}", args.file.display())))?;
    let cost = flow.cost + problem.fixed_cost;
    let out = files::write_flow(&args.file, args.out.as_deref(), cost, flow, &problem.least)?;
    show::flow(cost, &problem, (read_s, solve_s), &out, printer);
    Ok(Outcome::Done)
}
