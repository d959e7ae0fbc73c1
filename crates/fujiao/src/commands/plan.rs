//! Plans of the county: asked, solved with a bound, checked, compared, accepted.

mod show;

use std::path::PathBuf;
use std::time::Instant;

use anyhow::Context;
use clap::{Subcommand, ValueEnum};
use fujiao_model::Stage;
use fujiao_office::Office;
use fujiao_office::access::Actor;
use fujiao_office::plans::{
    AheadAsk, Ask, GroundKind, MayClose, MoneyAsk, PlacesAsk, SitesAsk, Solving, TeachersAsk,
};
use fujiao_office::uploads::Brought;
use jiff::civil::Date;

use super::{InputError, Outcome, now, open_kept};
use crate::printer::Printer;

/// 规划：学校留在哪里、建在哪里，十年要多少学位
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// 台账所在的文件夹
    #[arg(long, default_value = "fujiao-data", global = true)]
    data: PathBuf,
    /// 台账不在文件夹里时：数据库文件，或 postgres:// 地址
    #[arg(long, global = true)]
    db: Option<String>,
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    /// 列出做过的规划
    List,
    /// 学校布局：留、并、恢复、新设，添床位、食堂、校车
    Sites(SitesArgs),
    /// 往后的学生、班、床位，要建什么、什么时候、多少钱
    Ahead(AheadArgs),
    /// 教师调配：空岗谁补、谁轮岗、招几名、训几名
    Teachers(TeachersArgs),
    /// 搬迁入学：安置点的孩子去哪所学校
    Places(PlacesArgs),
    /// 项目资金：哪些项目、哪年、用哪笔钱
    Money(MoneyArgs),
    /// 收路网或高程，以后的规划都按它算走路和坐车
    Ground {
        /// 路网（.osm.pbf、GeoJSON）还是高程（.asc、.hgt、点表）
        #[arg(value_enum)]
        kind: GroundArg,
        /// 文件；不写就拿掉现在的
        file: Option<PathBuf>,
    },
    /// 接着算一个停下的规划
    Go {
        /// 编号
        id: u64,
        /// 最多再算多少秒
        #[arg(long, value_name = "秒", default_value_t = 30)]
        time: u32,
    },
    /// 看一个规划
    Show {
        /// 编号
        id: u64,
    },
    /// 两三个规划并排
    Compare {
        /// 编号
        #[arg(num_args = 2..=3, required = true)]
        plans: Vec<u64>,
    },
    /// 采用：它要办的事，下次核算起就是应办
    Accept {
        /// 编号
        id: u64,
        /// 哪次会、哪个文件定的
        #[arg(long, value_name = "依据")]
        by: String,
    },
    /// 作罢
    Drop {
        /// 编号
        id: u64,
        /// 为什么
        #[arg(long, value_name = "原因")]
        why: String,
    },
    /// 一条办完了
    Done {
        /// 规划的编号
        id: u64,
        /// 第几条
        line: u32,
        /// 哪天办完的；不写就是今天
        #[arg(long)]
        on: Option<Date>,
    },
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum StageArg {
    /// 小学
    Primary,
    /// 初中
    Junior,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Close {
    /// 一所也不并
    None,
    /// 小规模学校可以并
    Small,
    /// 都可以并
    All,
}

#[expect(clippy::struct_excessive_bools, reason = "each is a flag of the command line")]
#[derive(Debug, clap::Args)]
struct SitesArgs {
    /// 方案的名字
    #[arg(long, default_value = "学校布局")]
    title: String,
    /// 学段
    #[arg(long, value_enum, default_value = "primary")]
    stage: StageArg,
    /// 哪些学校可以并
    #[arg(long, value_enum, default_value = "small")]
    close: Close,
    /// 不守镇里最后一所、孩子够多的村、并了走不到的学校
    #[arg(long)]
    unguarded: bool,
    /// 服务半径，公里（直线）；不写不限
    #[arg(long, value_name = "公里")]
    radius: Option<u32>,
    /// 一所学校最少几名孩子；不写不限
    #[arg(long, value_name = "人")]
    least: Option<u32>,
    /// 不给学校添床位
    #[arg(long)]
    no_beds: bool,
    /// 不开校车
    #[arg(long)]
    no_bus: bool,
    /// 不恢复、不新设
    #[arg(long)]
    no_build: bool,
    /// 不许有人家要陪读
    #[arg(long)]
    lawful: bool,
    /// 单程最多走几分钟；不写按规则
    #[arg(long, value_name = "分钟")]
    walk: Option<u32>,
    /// 单程最多坐几分钟车；不写按规则
    #[arg(long, value_name = "分钟")]
    ride: Option<u32>,
    /// 路网：.osm.pbf，或 GeoJSON；不给就按直线和绕行系数
    #[arg(long, value_name = "文件")]
    roads: Option<PathBuf>,
    /// 最多算多少秒
    #[arg(long, value_name = "秒", default_value_t = 30)]
    time: u32,
}

#[derive(Debug, clap::Args)]
struct AheadArgs {
    /// 方案的名字
    #[arg(long, default_value = "往后的学位")]
    title: String,
    /// 往后几年
    #[arg(long, value_name = "年", default_value_t = 10)]
    years: u8,
    /// 搬迁和政策变化表
    #[arg(long, value_name = "文件")]
    table: Option<PathBuf>,
}

#[derive(Debug, clap::Args)]
struct TeachersArgs {
    /// 方案的名字
    #[arg(long, default_value = "教师调配")]
    title: String,
    /// 从家里坐车最多几分钟；不写按规则
    #[arg(long, value_name = "分钟")]
    reach: Option<u32>,
    /// 教师情况表
    #[arg(long, value_name = "文件")]
    table: Option<PathBuf>,
}

#[derive(Debug, clap::Args)]
struct PlacesArgs {
    /// 方案的名字
    #[arg(long, default_value = "搬迁入学")]
    title: String,
    /// 单程最多走几分钟；不写按规则
    #[arg(long, value_name = "分钟")]
    walk: Option<u32>,
    /// 一所学校新来的最多占百分之几；不写按规则
    #[arg(long, value_name = "%")]
    newcomers: Option<u32>,
    /// 搬迁孩子和安置点表
    #[arg(long, value_name = "文件")]
    table: Option<PathBuf>,
}

#[derive(Debug, clap::Args)]
struct MoneyArgs {
    /// 方案的名字
    #[arg(long, default_value = "项目资金")]
    title: String,
    /// 每镇至少办成缺口的百分之几；不写按规则
    #[arg(long, value_name = "%")]
    town: Option<u32>,
    /// 资金表（和项目表）
    #[arg(long, value_name = "文件")]
    table: PathBuf,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum GroundArg {
    /// 路网
    Roads,
    /// 高程
    Heights,
    /// 客运班线
    Lines,
}

/// A file by its last name, with its bytes.
fn brought(path: &std::path::Path) -> anyhow::Result<Brought> {
    let bytes = std::fs::read(path).with_context(|| format!("打不开 {}", path.display()))?;
    let name = path.file_name().map_or_else(String::new, |n| n.to_string_lossy().into_owned());
    Ok(Brought { name, bytes })
}

pub(crate) fn run(args: &Args, printer: &Printer) -> anyhow::Result<Outcome> {
    let office = open_kept(&args.data, args.db.as_deref())?;
    let actor = Actor::console(now());
    match &args.what {
        What::List => show::list(&office.plans(&actor)?, printer),
        What::Sites(asked) => return sites(&office, &actor, asked, printer),
        What::Ahead(asked) => {
            let ask = Ask::Ahead(AheadAsk { years: asked.years, table: None });
            return ask_at_once(
                &office,
                &actor,
                (&asked.title, ask),
                asked.table.as_deref(),
                printer,
            );
        }
        What::Teachers(asked) => {
            let ask = Ask::Teachers(TeachersAsk { reach_minutes: asked.reach, table: None });
            return ask_at_once(
                &office,
                &actor,
                (&asked.title, ask),
                asked.table.as_deref(),
                printer,
            );
        }
        What::Places(asked) => {
            let ask = Ask::Places(PlacesAsk {
                walk_minutes: asked.walk,
                newcomers_percent: asked.newcomers,
                table: None,
            });
            return ask_at_once(
                &office,
                &actor,
                (&asked.title, ask),
                asked.table.as_deref(),
                printer,
            );
        }
        What::Money(asked) => {
            let ask = Ask::Money(MoneyAsk { town_percent: asked.town, table: None });
            return ask_at_once(&office, &actor, (&asked.title, ask), Some(&asked.table), printer);
        }
        What::Ground { kind, file } => {
            let kind = match kind {
                GroundArg::Roads => GroundKind::Roads,
                GroundArg::Heights => GroundKind::Heights,
                GroundArg::Lines => GroundKind::Lines,
            };
            match file {
                Some(path) => {
                    office.bring_ground(&actor, kind, &brought(path)?)?;
                }
                None => office.drop_ground(&actor, kind)?,
            }
            let stands = office.ground(&actor)?;
            let said: Vec<String> =
                stands.iter().map(|f| format!("{}：{}", f.name, f.holds)).collect();
            let text = if said.is_empty() {
                "没有路网、高程和班线".to_owned()
            } else {
                said.join("\n")
            };
            printer.say(&serde_json::json!({ "ground": said }), &text);
        }
        What::Go { id, time } => {
            return solve(&office, &actor, *id, None, *time, printer);
        }
        What::Show { id } => show::plan(&office.plan(&actor, *id)?, None, printer),
        What::Compare { plans } => {
            let views: Result<Vec<_>, _> =
                plans.iter().map(|id| office.plan(&actor, *id)).collect();
            show::compare(&views?, printer);
        }
        What::Accept { id, by } => {
            let lines = office.accept_plan(&actor, *id, by)?;
            let text = format!("已采用规划 {id}：{lines} 条要办的事，下次核算起列入应办");
            printer.say(&serde_json::json!({ "accepted": id, "lines": lines }), &text);
        }
        What::Drop { id, why } => {
            office.drop_plan(&actor, *id, why)?;
            printer.say(&serde_json::json!({ "dropped": id }), &format!("规划 {id} 已作罢"));
        }
        What::Done { id, line, on } => {
            let on = on.unwrap_or_else(super::today);
            office.do_plan_line(&actor, *id, *line, on)?;
            let text = format!("规划 {id} 第 {line} 条已办，{on}");
            printer.say(&serde_json::json!({ "done": id, "line": line }), &text);
        }
    }
    Ok(Outcome::Done)
}

fn sites(
    office: &Office,
    actor: &Actor,
    asked: &SitesArgs,
    printer: &Printer,
) -> anyhow::Result<Outcome> {
    let roads = asked.roads.as_deref().map(brought).transpose()?;
    let ask = SitesAsk {
        stage: match asked.stage {
            StageArg::Primary => Stage::Primary,
            StageArg::Junior => Stage::Junior,
        },
        may_close: match asked.close {
            Close::None => MayClose::None,
            Close::Small => MayClose::Small,
            Close::All => MayClose::All,
        },
        guarded: !asked.unguarded,
        radius_km: asked.radius,
        least_children: asked.least,
        beds: !asked.no_beds,
        bus: !asked.no_bus,
        build: !asked.no_build,
        lawful_only: asked.lawful,
        walk_minutes: asked.walk,
        ride_minutes: asked.ride,
        seconds: asked.time,
    };
    if asked.time == 0 {
        return Err(InputError("--time 至少 1 秒".to_owned()).into());
    }
    let id = office.keep_plan(actor, &asked.title, Ask::Sites(ask), None)?;
    solve(office, actor, id, roads.as_ref(), asked.time, printer)
}

/// Keeps a question with its table and solves it.
fn ask_at_once(
    office: &Office,
    actor: &Actor,
    (title, ask): (&str, Ask),
    table: Option<&std::path::Path>,
    printer: &Printer,
) -> anyhow::Result<Outcome> {
    ask_at_once_for(office, actor, (title, ask), table, ask.seconds(), printer)
}

/// Asks and solves, in so many seconds at most.
pub(crate) fn ask_at_once_for(
    office: &Office,
    actor: &Actor,
    (title, ask): (&str, Ask),
    table: Option<&std::path::Path>,
    seconds: u32,
    printer: &Printer,
) -> anyhow::Result<Outcome> {
    let table = table.map(brought).transpose()?;
    let id = office.keep_plan(actor, title, ask, table.as_ref())?;
    solve(office, actor, id, None, seconds, printer)
}

fn solve(
    office: &Office,
    actor: &Actor,
    id: u64,
    roads: Option<&Brought>,
    seconds: u32,
    printer: &Printer,
) -> anyhow::Result<Outcome> {
    let begun = Instant::now();
    let stop = |share: f64| begun.elapsed().as_secs_f64() > share * f64::from(seconds);
    let steps = std::sync::Mutex::new((String::new(), 0.0, Vec::new()));
    let progress = |step: &str, _: u64, _: u64| {
        let now = begun.elapsed().as_secs_f64();
        let mut steps = steps.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let (last, since) = (std::mem::replace(&mut steps.0, step.to_owned()), steps.1);
        if !last.is_empty() {
            steps.2.push((last, now - since));
        }
        steps.1 = now;
    };
    let solving = Solving {
        roads: roads.map(|r| (r.name.as_str(), r.bytes.as_slice())),
        stop: &stop,
        stopped: &|| false,
        progress: &progress,
        now: &now,
    };
    office.solve_plan(id, &solving)?;
    let took = begun.elapsed().as_secs_f64();
    let view = office.plan(actor, id)?;
    let failed = view.scenario.failure.is_some();
    let steps = steps.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner).2;
    show::plan(&view, Some((took, &steps)), printer);
    Ok(if failed { Outcome::NeedsALook } else { Outcome::Done })
}
