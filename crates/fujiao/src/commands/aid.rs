//! Student aid on the command line: a batch from who is owed to the line of the bank.

mod show;

use std::path::PathBuf;

use anyhow::Context;
use clap::Subcommand;
use fujiao_office::Office;
use fujiao_office::access::Actor;
use fujiao_office::aid::{Channel, NewFund, Payer};
use fujiao_office::purses::PurseTab;
use jiff::civil::Date;

use super::{InputError, Outcome, now, open_kept};
use crate::folder;
use crate::printer::Printer;

/// 资助发放：起草、核对、公示、审批、导出、对账、办结
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// 台账所在的文件夹
    #[arg(long, default_value = "fujiao-data", global = true)]
    data: PathBuf,
    /// 台账不在文件夹里时：数据库文件，或 postgres:// 地址
    #[arg(long, global = true)]
    db: Option<String>,
    /// 谁在办（登录名）；经办的人不能审批，签字的人各签一次
    #[arg(long, value_name = "登录名", global = true)]
    by: Option<String>,
    /// 当作这一天办；只许用在示例数据上
    #[arg(long, value_name = "日期", global = true)]
    day: Option<Date>,
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    /// 起草一批：核算里这个项目这一期还有差额、又不在别的批里的人
    Open {
        /// 项目代号或名称，如 comp.living.boarder
        programme: String,
        /// 期间：2025A 秋，2025S 春
        period: String,
    },
    /// 核对：漏、错、叠、疑重、缺账号，资金够不够，要几人签字
    Check {
        /// 批号
        batch: u64,
        /// 把漏的补进来，把错的改过来，再核对
        #[arg(long)]
        mend: bool,
    },
    /// 公示：不少于规定的工作日
    Publish {
        /// 批号
        batch: u64,
        /// 第一天；不写就是今天
        #[arg(long)]
        from: Option<Date>,
        /// 最后一天；不写就刚好够
        #[arg(long)]
        until: Option<Date>,
    },
    /// 审批：签一次字；签够了就可以发
    Approve {
        /// 批号
        batch: u64,
        /// 意见
        #[arg(long, default_value = "")]
        note: String,
    },
    /// 导出给银行或学校的文件；再导一次是同一个文件
    Export {
        /// 批号
        batch: u64,
        /// `bank_txt`、`bank_xlsx`、`pain001`、`school`
        #[arg(long, default_value = "bank_txt")]
        channel: String,
        /// 请银行哪天付；不写就是今天
        #[arg(long)]
        pay_on: Option<Date>,
        /// 写到哪个文件夹
        #[arg(long, default_value = ".")]
        out: PathBuf,
    },
    /// 收银行回盘，逐笔对账；同一个回盘收几次都一样
    Reconcile {
        /// 回盘文件（.txt、.csv、.xlsx）
        file: PathBuf,
        /// 是哪个发放文件的回盘；回盘里写明了就不用
        #[arg(long, value_name = "文件号")]
        answers: Option<u64>,
    },
    /// 停发一笔待发的，写明理由
    Stop {
        /// 笔号
        payment: u64,
        /// 理由
        #[arg(long)]
        why: String,
    },
    /// 撤回还没有审批的一批
    Withdraw {
        /// 批号
        batch: u64,
        /// 理由
        #[arg(long)]
        why: String,
    },
    /// 办结：每一笔都已发或停发，每个文件都对平
    Close {
        /// 批号
        batch: u64,
    },
    /// 各批到了哪一步；给批号就细说一批
    Status {
        /// 批号
        batch: Option<u64>,
    },
    /// 登记付款账户
    Payer {
        /// 户名
        #[arg(long)]
        name: String,
        /// 账号
        #[arg(long)]
        account: String,
        /// 开户行
        #[arg(long, default_value = "")]
        bank: String,
        /// 行号
        #[arg(long, default_value = "")]
        bank_code: String,
    },
    /// 登记到账的资金，连同它的用途
    Fund(FundArgs),
    /// 资金：到账、已分配、在途、已付、结余
    Funds {
        /// 先把资金下达名册里没有登记的登记上
        #[arg(long)]
        from_rosters: bool,
    },
    /// 学校已把学校汇总的钱发到位（免学费、饭卡）
    Confirm {
        /// 文件号
        file: u64,
        /// 学校
        #[arg(long)]
        school: String,
    },
    /// 关账：这个项目这一期不再起草新的一批
    CloseCycle {
        /// 项目代号或名称
        programme: String,
        /// 期间：2025A 秋，2025S 春
        period: String,
    },
    /// 大学生多部门资助：谁给过什么，哪些不能一起拿，还有多少没有着落
    University {
        /// 学年开始的年份；不写就是最近的
        #[arg(long)]
        year: Option<i16>,
        /// 只看：conflict 不能叠加的，unmet 没有着落的
        #[arg(long, default_value = "all")]
        only: String,
        /// 写成 .xlsx
        #[arg(long)]
        out: Option<PathBuf>,
    },
    /// 各学段学生资助情况统计表，按日历年；人数和人次分开
    Bulletin {
        /// 哪一年；不写就是最近的
        #[arg(long)]
        year: Option<i16>,
        /// 写成 .xlsx
        #[arg(long)]
        out: Option<PathBuf>,
    },
}

#[derive(Debug, clap::Args)]
struct FundArgs {
    /// 名称
    name: String,
    /// 多少元
    amount: String,
    /// 谁给的
    #[arg(long, default_value = "县财政局")]
    giver: String,
    /// 文号或收据
    #[arg(long)]
    document: String,
    /// 是捐款
    #[arg(long)]
    gift: bool,
    /// 只能用于这个项目
    #[arg(long, default_value = "")]
    programme: String,
    /// 只能用于这所学校（编号）
    #[arg(long, default_value = "")]
    school: String,
    /// 只能用于这个镇或村（12 位代码）
    #[arg(long, default_value = "")]
    place: String,
    /// 最晚哪天用完
    #[arg(long, default_value = "")]
    until: String,
    /// 哪天到账；不写就是今天
    #[arg(long, default_value = "")]
    arrived: String,
}

#[expect(clippy::too_many_lines, reason = "a table: one arm for each command")]
pub(crate) fn run(args: &Args, printer: &Printer) -> anyhow::Result<Outcome> {
    let office = open_kept(&args.data, args.db.as_deref())?;
    let reads = matches!(
        args.what,
        What::Status { .. }
            | What::Funds { from_rosters: false }
            | What::University { .. }
            | What::Bulletin { .. }
    );
    let actor = acting(&office, args.by.as_deref(), args.day, !reads)?;
    let progress = |step: &str, done: u64, of: u64| printer.progress(step, done, of);
    match &args.what {
        What::Open { programme, period } => {
            show::opened(&office.aid_open(&actor, programme, period)?, printer);
        }
        What::Check { batch, mend } => {
            if *mend {
                office.aid_check(&actor, *batch, &progress)?;
                show::mended(office.aid_mend(&actor, *batch)?, printer);
            }
            let checked = office.aid_check(&actor, *batch, &progress)?;
            show::checked(*batch, &checked, printer);
            let waits = checked.lists.iter().any(|(list, waits, _)| list.holds() && *waits > 0);
            if waits {
                return Ok(Outcome::NeedsALook);
            }
        }
        What::Publish { batch, from, until } => {
            show::published(&office.aid_publish(&actor, *batch, *from, *until)?, printer);
        }
        What::Approve { batch, note } => {
            show::approved(*batch, &office.aid_approve(&actor, *batch, note, &progress)?, printer);
        }
        What::Export { batch, channel, pay_on, out } => {
            let channel = Channel::parse(channel).ok_or_else(|| {
                let all: Vec<&str> = Channel::ALL.iter().map(|c| c.code()).collect();
                InputError(format!("没有“{channel}”这种文件；写 {}", all.join("、")))
            })?;
            let made = office.aid_export(&actor, *batch, channel, *pay_on, &progress)?;
            // The books know the file: whoever is cut off here writes it again.
            folder::make(out)?;
            let path = out.join(&made.name);
            folder::write(&path, &made.bytes)?;
            show::exported(&made, &path, printer);
        }
        What::Reconcile { file, answers } => {
            let bytes =
                std::fs::read(file).with_context(|| format!("读不到 {}", file.display()))?;
            let name = file.display().to_string();
            let done = office.aid_reconcile(&actor, &name, &bytes, *answers, &progress)?;
            show::reconciled(&done, printer);
            if !done.open.is_empty() {
                return Ok(Outcome::NeedsALook);
            }
        }
        What::Stop { payment, why } => {
            office.aid_stop(&actor, *payment, why)?;
            show::said(printer, "stopped", *payment, &format!("第 {payment} 笔已停发，钱退回结余"));
        }
        What::Withdraw { batch, why } => {
            office.aid_withdraw(&actor, *batch, why)?;
            show::said(printer, "withdrawn", *batch, &format!("第 {batch} 批已撤回"));
        }
        What::Close { batch } => {
            office.aid_close(&actor, *batch)?;
            show::said(printer, "closed", *batch, &format!("第 {batch} 批已办结"));
        }
        What::Status { batch: None } => show::home(&office.aid_home(&actor)?, printer),
        What::Status { batch: Some(batch) } => {
            show::batch(&office.aid_page(&actor, *batch, None)?, printer);
        }
        What::Payer { name, account, bank, bank_code } => {
            let (name, account) = (name.clone(), account.clone());
            let (bank, bank_code) = (bank.clone(), bank_code.clone());
            office.aid_set_payer(&actor, &Payer { name, account, bank, bank_code })?;
            show::said(printer, "payer", 1, "付款账户已登记");
        }
        What::Fund(new) => {
            let id = office.aid_add_fund(&actor, &new.fund())?;
            show::said(printer, "fund", id, &format!("第 {id} 笔资金已登记"));
        }
        What::Funds { from_rosters } => {
            if *from_rosters {
                show::appropriated(&office.aid_book_appropriations(&actor)?, printer);
            }
            show::funds(&office.aid_funds(&actor, None)?, printer);
        }
        What::Confirm { file, school } => {
            let done = office.aid_confirm_school(&actor, *file, school)?;
            show::reconciled(&done, printer);
        }
        What::CloseCycle { programme, period } => {
            let cycle = office.aid_cycle(&actor, programme, period)?;
            office.aid_close_cycle(&actor, cycle)?;
            show::said(printer, "closed_cycle", cycle, "已关账：这个项目这一期不再起草新的一批");
        }
        What::University { year, only, out } => {
            let tab = PurseTab::parse(only);
            let page = office.purses(&actor, (*year, tab), "")?;
            match out {
                Some(path) => super::loan::write(path, &page.sheet(actor.today()), printer)?,
                None => show::university(&page, printer),
            }
        }
        What::Bulletin { year, out } => {
            let page = office.bulletin(&actor, *year)?;
            let county = office.county_name()?;
            match out {
                Some(path) => {
                    super::loan::write(path, &page.sheet(&county, actor.today()), printer)?;
                }
                None => show::bulletin(&page, printer),
            }
        }
    }
    Ok(Outcome::Done)
}

impl FundArgs {
    fn fund(&self) -> NewFund {
        NewFund {
            name: self.name.clone(),
            gift: self.gift,
            giver: self.giver.clone(),
            donor: None,
            document: self.document.clone(),
            programme: self.programme.clone(),
            school: self.school.clone(),
            place: self.place.clone(),
            until: self.until.clone(),
            arrived_on: self.arrived.clone(),
            amount: self.amount.clone(),
            pairing: false,
        }
    }
}

/// Who does it, and when: whoever writes has to say who they are; only a made county takes another day than today.
pub(super) fn acting(
    office: &Office,
    by: Option<&str>,
    day: Option<Date>,
    writes: bool,
) -> anyhow::Result<Actor> {
    let at = match day {
        None => now(),
        Some(_) if !office.is_sample()? => {
            return Err(anyhow::Error::new(InputError(
                "--day 只许用在示例数据上：真的台账按真的日子办".into(),
            )));
        }
        Some(day) => {
            let china = jiff::tz::TimeZone::fixed(jiff::tz::offset(8));
            china.to_timestamp(day.at(9, 0, 0, 0)).context("没有这一天")?
        }
    };
    let mut actor = Actor::console(at);
    match by.map(str::trim).filter(|by| !by.is_empty()) {
        Some(by) => {
            by.clone_into(&mut actor.login);
            by.clone_into(&mut actor.name);
        }
        None if writes => {
            return Err(anyhow::Error::new(InputError(
                "写明谁在办：--by 登录名。经办、审批、发放要分开".into(),
            )));
        }
        None => {}
    }
    Ok(actor)
}
