//! Plans of the county: asked, solved with a bound, checked, compared, accepted.

mod show;

use std::path::PathBuf;
use std::time::Instant;

use anyhow::Context;
use clap::{Subcommand, ValueEnum};
use fujiao_model::Stage;
use fujiao_office::Office;
use fujiao_office::access::Actor;
use fujiao_office::plans::{AheadAsk, Ask, MayClose, SitesAsk, roads_of};
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
    /// 看一个规划
    Show {
        /// 编号
        id: u64,
    },
    /// 两个规划并排
    Compare {
        /// 编号
        left: u64,
        /// 编号
        right: u64,
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
}

pub(crate) fn run(args: &Args, printer: &Printer) -> anyhow::Result<Outcome> {
    let office = open_kept(&args.data, args.db.as_deref())?;
    let actor = Actor::console(now());
    match &args.what {
        What::List => show::list(&office.plans(&actor)?, printer),
        What::Sites(asked) => return sites(&office, &actor, asked, printer),
        What::Ahead(asked) => {
            let id = office.keep_plan(
                &actor,
                &asked.title,
                Ask::Ahead(AheadAsk { years: asked.years }),
            )?;
            return solve(&office, &actor, id, &fujiao_plan::travel::Roads::default(), 60, printer);
        }
        What::Show { id } => show::plan(&office.plan(&actor, *id)?, None, printer),
        What::Compare { left, right } => {
            show::compare(&office.plan(&actor, *left)?, &office.plan(&actor, *right)?, printer);
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
    let roads = match &asked.roads {
        None => fujiao_plan::travel::Roads::default(),
        Some(path) => {
            let bytes =
                std::fs::read(path).with_context(|| format!("打不开 {}", path.display()))?;
            roads_of(&path.display().to_string(), &bytes)?
        }
    };
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
    let id = office.keep_plan(actor, &asked.title, Ask::Sites(ask))?;
    solve(office, actor, id, &roads, asked.time, printer)
}

fn solve(
    office: &Office,
    actor: &Actor,
    id: u64,
    roads: &fujiao_plan::travel::Roads,
    seconds: u32,
    printer: &Printer,
) -> anyhow::Result<Outcome> {
    let begun = Instant::now();
    let stop = |share: f64| begun.elapsed().as_secs_f64() > share * f64::from(seconds);
    office.solve_plan(id, roads, &stop, &|_, _, _| (), &now)?;
    let took = begun.elapsed().as_secs_f64();
    let view = office.plan(actor, id)?;
    let failed = view.scenario.failure.is_some();
    show::plan(&view, Some(took), printer);
    Ok(if failed { Outcome::NeedsALook } else { Outcome::Done })
}
