//! The `fujiao` program: from the departments' workbooks to the county's report.
//!
//! Every command is thin: it reads what was asked for, calls one use case of the office, and prints. Results go to
//! stdout, progress to stderr. Exit 0: done. 1: your input needs a look. 2: we failed.

mod certificate;
mod commands;
mod folder;
mod log;
mod printer;
mod settings;
mod worker;

use std::process::ExitCode;

/// Half a million rows are many small allocations: a fifth less time and memory than with the system's (ADR 0012).
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

use clap::{Parser, Subcommand};

use printer::Printer;

/// 扶教：把各部门的名册，变成一本台账和一份报告。
#[derive(Debug, Parser)]
#[command(name = "fujiao", version, about, arg_required_else_help = true)]
struct Cli {
    /// 结果按 JSON 打印，供程序读取
    #[arg(long, global = true)]
    json: bool,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// 造一个不存在的县，走完全程，打开网页（示例数据）
    Demo(commands::demo::Args),
    /// 造一个县的各部门名册，连同真相
    Synth(commands::synth::Args),
    /// 收名册：逐行收、核、退
    Import(commands::import::Args),
    /// 名册进，报告出：收、认、算、结、报，一次做完
    Run(commands::run::Args),
    /// 拿结果与造县时的真相相比
    Score(commands::score::Args),
    /// 拿不准是不是同一人的，由人来定
    Review(Box<commands::review::Args>),
    /// 控辍保学的案：名单、一案、问责表
    Cases(commands::cases::Args),
    /// 一对一结对：帮扶人、结对方案、名单、没有人带的孩子、前后变化
    Pair(commands::pair::Args),
    /// 认人：任何 CSV 里，哪几行说的是同一个人
    Link(Box<commands::link::Args>),
    /// 核对台账：完整、未被改动、能打开
    Verify(commands::verify::Args),
    /// 资助发放：起草、核对、公示、审批、导出、对账、办结
    Aid(Box<commands::aid::Args>),
    /// 生源地信用助学贷款：申请、审核、合同、回执、放款、结息还本
    Loan(Box<commands::loan::Args>),
    /// 规则：查、试、算、说、比
    Policy(commands::policy::Args),
    /// 营养餐：按月结账、锁定、看多报；缺口台账
    Meals(commands::meals::Args),
    Labour(commands::labour::Args),
    /// 规划：学校留在哪里、建在哪里，十年要多少学位
    Plan(Box<commands::plan::Args>),
    /// 求解：选址、分配、最小费用流，连同离最优最多差多少
    Solve(commands::solve::Args),
    /// 预警：学、打分、评估，任何 CSV 配一份规格文件
    Watch(commands::watch::Args),
    /// 在浏览器里看
    Serve(commands::serve::Args),
    /// 开张：文件夹、设置、密钥、证书、第一个系统管理员
    Init(commands::init::Args),
    /// 设置：查、看
    Config(commands::config::Args),
    /// 体检：磁盘、时钟、密钥、数据库、字体、权限、端口，该做什么
    Doctor(commands::doctor::Args),
    /// 备份：不停服务，加密，读回核对
    Backup(commands::backup::Args),
    /// 恢复：核对后换上，旧的留着
    Restore(commands::restore::Args),
    /// 恢复演练：不动台账，说用了多久
    Drill(commands::drill::Args),
    /// 密钥：密钥纸、抄出、放回
    Keys(commands::keys::Args),
    /// 搬台账：SQLite 与 PostgreSQL 之间
    Move(commands::carry::Args),
}

fn main() -> ExitCode {
    // Everything written here may hold a child's name: whoever runs the program, its files are its owner's alone.
    #[cfg(unix)]
    rustix::process::umask(rustix::fs::Mode::RWXG | rustix::fs::Mode::RWXO);
    let cli = Cli::parse();
    let printer = Printer::new(cli.json);
    let outcome = match cli.command {
        Command::Demo(args) => commands::demo::run(&args, &printer),
        Command::Synth(args) => commands::synth::run(&args, &printer),
        Command::Import(args) => commands::import::run(&args, &printer),
        Command::Run(args) => commands::run::run(&args, &printer),
        Command::Score(args) => commands::score::run(&args, &printer),
        Command::Review(args) => commands::review::run(&args, &printer),
        Command::Cases(args) => commands::cases::run(&args, &printer),
        Command::Pair(args) => commands::pair::run(&args, &printer),
        Command::Link(args) => commands::link::run(&args, &printer),
        Command::Verify(args) => commands::verify::run(&args, &printer),
        Command::Aid(args) => commands::aid::run(&args, &printer),
        Command::Loan(args) => commands::loan::run(&args, &printer),
        Command::Policy(args) => commands::policy::run(&args, &printer),
        Command::Meals(args) => commands::meals::run(&args, &printer),
        Command::Labour(args) => commands::labour::run(&args, &printer),
        Command::Plan(args) => commands::plan::run(&args, &printer),
        Command::Solve(args) => commands::solve::run(&args, &printer),
        Command::Watch(args) => commands::watch::run(&args, &printer),
        Command::Serve(args) => commands::serve::run(&args, &printer),
        Command::Init(args) => commands::init::run(&args, &printer),
        Command::Config(args) => commands::config::run(&args, &printer),
        Command::Doctor(args) => commands::doctor::run(&args, &printer),
        Command::Backup(args) => commands::backup::run(&args, &printer),
        Command::Restore(args) => commands::restore::run(&args, &printer),
        Command::Drill(args) => commands::drill::run(&args, &printer),
        Command::Keys(args) => commands::keys::run(&args, &printer),
        Command::Move(args) => commands::carry::run(&args, &printer),
    };
    match outcome {
        Ok(commands::Outcome::Done) => ExitCode::SUCCESS,
        Ok(commands::Outcome::NeedsALook) => ExitCode::from(1),
        Err(error) => {
            printer.error(&error);
            if commands::is_about_the_input(&error) { ExitCode::from(1) } else { ExitCode::from(2) }
        }
    }
}
