//! Rules as text: which there are, whether they are sound, what they give, why, and what another rule would change.

mod check;
mod eval;
mod explain;
mod export;
mod list;
mod simulate;

use clap::Subcommand;

use super::Outcome;
use crate::printer::Printer;

/// 规则
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    /// 有哪些项目：开着还是关着，多少钱，从哪天起，依据什么
    List(list::Args),
    /// 检查：日期有没有空，会不会重复发，数额像不像，有没有轮不到的条件，依据齐不齐
    Check(check::CheckArgs),
    /// 试规则旁边的例子
    Test(check::TestArgs),
    /// 拿一张表来算：每一行、每个项目，应多少，或为什么不应
    Eval(eval::Args),
    /// 说明：台账里的一个人，一个项目，一个学期，为什么应、为什么不应
    Explain(explain::Args),
    /// 抄出程序自带的规则文件，照着改
    Export(export::Args),
    /// 试算：现行规则和改过的规则，在台账上并排算一遍
    Simulate(simulate::Args),
}

pub(crate) fn run(args: &Args, printer: &Printer) -> anyhow::Result<Outcome> {
    match &args.what {
        What::List(args) => list::run(args, printer),
        What::Check(args) => check::check(args, printer),
        What::Test(args) => check::test(args, printer),
        What::Eval(args) => eval::run(args, printer),
        What::Explain(args) => explain::run(args, printer),
        What::Export(args) => export::run(args, printer),
        What::Simulate(args) => simulate::run(args, printer),
    }
}
