//! 生源地信用助学贷款 on the command line: from the application to the last fen.

use std::path::PathBuf;

use clap::Subcommand;
use fujiao_model::Money;
use fujiao_office::access::Actor;
use fujiao_office::desk::{List, list_workbook};
use fujiao_office::loans::{
    LoanMove, LoanPage, LoansPage, NewLoan, RowKind, Settlement, objection,
};
use fujiao_office::{Office, OfficeError};
use jiff::civil::Date;
use serde_json::{Value, json};

use super::aid::acting;
use super::{InputError, Outcome, open_kept, table};
use crate::folder;
use crate::printer::Printer;

/// 生源地信用助学贷款：申请、审核、合同、回执、放款、结息还本
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// 台账所在的文件夹
    #[arg(long, default_value = "fujiao-data", global = true)]
    data: PathBuf,
    /// 台账不在文件夹里时：数据库文件，或 postgres:// 地址
    #[arg(long, global = true)]
    db: Option<String>,
    /// 谁在办（登录名）；受理的人不能自己审核
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
    /// 受理一份申请；不知道的不写，问清再审核
    Apply(Box<ApplyArgs>),
    /// 办一步：qualify、refuse、sign、confirm、lapse、disburse、graduate、leave、study、rate、defer、early、paid、serve、repay
    Step {
        /// 贷款号
        loan: u64,
        /// 哪一步
        step: String,
        /// 日期；不写就是今天
        #[arg(long, default_value = "")]
        on: String,
        /// 多少元：early、paid
        #[arg(long, default_value = "")]
        amount: String,
        /// 年份（graduate、study、defer）、基点（rate）、服务年数（serve）
        #[arg(long, default_value = "", allow_hyphen_values = true)]
        n: String,
        /// `lpr5y`、`pboc5y`（rate）；`grassroots`、`military`（serve）；`borrower`、`state`（paid）
        #[arg(long, default_value = "")]
        word: String,
        /// 理由或说明
        #[arg(long, default_value = "")]
        note: String,
    },
    /// 一个学年的贷款，应贷、已贷、未贷，和该续贷没有申请的
    List {
        /// 学年开始的年份；不写就是今年
        #[arg(long)]
        year: Option<i16>,
        /// 写成 .xlsx
        #[arg(long)]
        out: Option<PathBuf>,
    },
    /// 一笔贷款和它的还款计划
    Show {
        /// 贷款号
        loan: u64,
        /// 还款计划写成 .xlsx
        #[arg(long)]
        out: Option<PathBuf>,
    },
    /// 12 月 20 日结息还本：财政贴多少、本人还多少
    Settle {
        /// 哪一年
        year: i16,
        /// 写成 .xlsx
        #[arg(long)]
        out: Option<PathBuf>,
    },
}

#[derive(Debug, clap::Args)]
struct ApplyArgs {
    /// 学生编号（学生页地址末尾的 16 位）
    person: String,
    /// 金额，元
    amount: String,
    /// 学年开始的年份
    #[arg(long)]
    year: i16,
    /// `ug` 本专科，`pg` 研究生
    #[arg(long, default_value = "ug")]
    level: String,
    /// 高校
    #[arg(long)]
    university: String,
    /// 剩余学制，年，含本学年
    #[arg(long)]
    remaining: u8,
    /// 学费，元
    #[arg(long, default_value = "")]
    tuition: String,
    /// 住宿费，元
    #[arg(long, default_value = "")]
    lodging: String,
    /// 全日制：yes、no
    #[arg(long, default_value = "")]
    full_time: String,
    /// 入学前户籍在本县：yes、no
    #[arg(long, default_value = "")]
    hukou_here: String,
    /// 同学年另有国家助学贷款：yes、no
    #[arg(long, default_value = "")]
    other_loan: String,
    /// 共同借款人姓名
    #[arg(long)]
    co_name: String,
    /// 共同借款人身份证号
    #[arg(long, default_value = "")]
    co_id: String,
    /// 共同借款人电话
    #[arg(long, default_value = "")]
    co_phone: String,
    /// 是父母或监护人：yes、no
    #[arg(long, default_value = "")]
    co_guardian: String,
    /// 有完全民事行为能力：yes、no
    #[arg(long, default_value = "")]
    co_capable: String,
    /// 共同借款人户籍在本县：yes、no
    #[arg(long, default_value = "")]
    co_hukou: String,
    /// 共同借款人有未结清的国家助学贷款：yes、no
    #[arg(long, default_value = "")]
    co_loan: String,
}

impl ApplyArgs {
    fn loan(&self) -> NewLoan {
        NewLoan {
            person: self.person.clone(),
            school_year: self.year.to_string(),
            level: self.level.clone(),
            university: self.university.clone(),
            remaining: self.remaining.to_string(),
            amount: self.amount.clone(),
            tuition: self.tuition.clone(),
            lodging: self.lodging.clone(),
            full_time: self.full_time.clone(),
            hukou_here: self.hukou_here.clone(),
            other_loan: self.other_loan.clone(),
            co_name: self.co_name.clone(),
            co_id: self.co_id.clone(),
            co_phone: self.co_phone.clone(),
            co_guardian: self.co_guardian.clone(),
            co_capable: self.co_capable.clone(),
            co_hukou: self.co_hukou.clone(),
            co_loan: self.co_loan.clone(),
        }
    }
}

pub(crate) fn run(args: &Args, printer: &Printer) -> anyhow::Result<Outcome> {
    let office = open_kept(&args.data, args.db.as_deref())?;
    let writes = matches!(args.what, What::Apply(_) | What::Step { .. });
    let actor = acting(&office, args.by.as_deref(), args.day, writes)?;
    match &args.what {
        What::Apply(new) => return apply(&office, &actor, new, printer),
        What::Step { loan, step, on, amount, n, word, note } => {
            let step = LoanMove::read(step, actor.today(), (on, amount, n, word))
                .map_err(OfficeError::from)?;
            // What a command has seen is what there is.
            let after = office.loan_page(&actor, *loan)?.line.loan.steps;
            office.loan_step(&actor, (*loan, after), step, note)?;
            one(&office.loan_page(&actor, *loan)?, printer);
        }
        What::List { year, out } => {
            let year = year.unwrap_or_else(|| fujiao_model::Term::of(actor.today()).school_year());
            let page = office.loans(&actor, year)?;
            match out {
                Some(path) => write(path, &page.sheet(actor.today()), printer)?,
                None => list(&page, printer),
            }
        }
        What::Show { loan, out } => {
            let page = office.loan_page(&actor, *loan)?;
            match out {
                Some(path) => {
                    let sheet = page
                        .sheet()
                        .ok_or_else(|| InputError("还没有签合同，没有还款计划".to_owned()))?;
                    write(path, &sheet, printer)?;
                }
                None => one(&page, printer),
            }
        }
        What::Settle { year, out } => {
            let made = office.loan_settlement(&actor, *year)?;
            match out {
                Some(path) => write(path, &made.sheet(), printer)?,
                None => settled(&made, printer),
            }
        }
    }
    Ok(Outcome::Done)
}

/// Writes a list as a workbook.
pub(super) fn write(path: &std::path::Path, list: &List, printer: &Printer) -> anyhow::Result<()> {
    folder::write(path, &list_workbook(list)?)?;
    let rows = list.rows.len();
    if printer.json() {
        printer.line(json!({ "path": path, "rows": rows }));
    } else {
        printer.line(format!("{rows} 行，写在 {}", path.display()));
    }
    Ok(())
}

fn apply(
    office: &Office,
    actor: &Actor,
    new: &ApplyArgs,
    printer: &Printer,
) -> anyhow::Result<Outcome> {
    let (id, against) = office.loan_apply(actor, &new.loan())?;
    let said: Vec<String> = against.iter().map(|o| objection(*o)).collect();
    if printer.json() {
        printer.line(json!({ "loan": id, "against": said }));
    } else {
        printer.line(format!("第 {id} 笔已受理"));
        for why in &said {
            printer.line(format!("  审核前还要办：{why}"));
        }
        if said.is_empty() {
            printer.line(format!("下一步：由另一位审核，fujiao loan step {id} qualify"));
        }
    }
    Ok(if said.is_empty() { Outcome::Done } else { Outcome::NeedsALook })
}

fn list(page: &LoansPage, printer: &Printer) {
    if printer.json() {
        let loans: Vec<Value> = page
            .lines
            .iter()
            .map(|l| {
                json!({
                    "loan": l.loan.id, "school_year": l.loan.school_year, "university": l.loan.university,
                    "fen": l.loan.amount, "state": l.state.code(), "due_on": l.due_on.to_string(),
                    "late": l.late, "against": l.against.iter().map(|o| o.code()).collect::<Vec<_>>(),
                })
            })
            .collect();
        printer.line(json!({
            "year": page.year, "due": page.due.loans, "due_fen": page.due.fen, "done": page.done.loans,
            "done_fen": page.done.fen, "gap": page.gap.loans, "gap_fen": page.gap.fen,
            "unclear": page.unclear.loans, "overdue": page.overdue.loans, "overdue_fen": page.overdue.fen,
            "unasked": page.unasked.iter().map(|u| u.loan.id).collect::<Vec<_>>(), "loans": loans,
        }));
        return;
    }
    let mut rows =
        table(&["号", "姓名", "高校", "元", "到哪一步", "应放款日", "尚欠本金", "逾期", "待办"]);
    for l in &page.lines {
        let at = l.standing.unwrap_or_default();
        rows.add_row([
            l.loan.id.to_string(),
            l.loan.name.clone(),
            l.loan.university.clone(),
            Money::fen(l.loan.amount).to_string(),
            l.state.chinese().to_owned(),
            format!("{}{}", l.due_on, if l.late { " 过期" } else { "" }),
            at.owed.to_string(),
            (at.overdue_interest + at.overdue_principal + at.penalty).to_string(),
            l.against.iter().map(|o| objection(*o)).collect::<Vec<_>>().join("；"),
        ]);
    }
    printer.line(rows);
    printer.line(format!(
        "{} 学年：应贷 {} 人 {} 元，已贷 {} 人 {} 元，未贷 {} 人 {} 元，待问清 {} 人，该续贷未申请 {} 人",
        page.year,
        page.due.loans,
        Money::fen(page.due.fen),
        page.done.loans,
        Money::fen(page.done.fen),
        page.gap.loans,
        Money::fen(page.gap.fen),
        page.unclear.loans,
        page.unasked.len()
    ));
}

fn one(page: &LoanPage, printer: &Printer) {
    let loan = &page.line.loan;
    let rows = page.schedule.as_ref().map(|p| p.rows.as_slice()).unwrap_or_default();
    if printer.json() {
        let schedule: Vec<Value> = rows
            .iter()
            .map(|row| {
                json!({
                    "on": row.on.to_string(), "rate_bp": row.rate_bp, "before": row.before.as_fen(),
                    "state_interest": row.state_interest.as_fen(), "own_interest": row.own_interest.as_fen(),
                    "waived_interest": row.waived_interest.as_fen(), "principal": row.principal.as_fen(),
                    "after": row.after.as_fen(), "projected": row.projected,
                })
            })
            .collect();
        printer.line(json!({
            "loan": loan.id, "state": page.line.state.code(), "fen": loan.amount, "steps": loan.steps,
            "forecast": page.forecast, "schedule": schedule,
        }));
        return;
    }
    printer.line(format!(
        "第 {} 笔：{} {} 学年 {}，{} 元，{}",
        loan.id,
        loan.name,
        loan.school_year,
        loan.university,
        Money::fen(loan.amount),
        page.line.state.chinese()
    ));
    for why in &page.line.against {
        printer.line(format!("  审核前还要办：{}", objection(*why)));
    }
    if !rows.is_empty() {
        let mut out = table(&[
            "日期",
            "事项",
            "利率",
            "期初本金",
            "财政贴息",
            "自付利息",
            "免除",
            "应还本金",
            "期末本金",
        ]);
        for row in rows {
            out.add_row([
                row.on.to_string(),
                match row.kind {
                    RowKind::Yearly => "结息",
                    RowKind::Early => "提前还款",
                    RowKind::Last => "到期",
                }
                .to_owned(),
                format!(
                    "{:.2}%{}",
                    f64::from(row.rate_bp) / 100.0,
                    if row.projected { "*" } else { "" }
                ),
                row.before.to_string(),
                row.state_interest.to_string(),
                row.own_interest.to_string(),
                row.waived_interest.to_string(),
                row.principal.to_string(),
                row.after.to_string(),
            ]);
        }
        printer.line(out);
        if page.forecast {
            printer.line("还没有放款，按最晚放款日预计");
        }
        if rows.iter().any(|row| row.projected) {
            printer.line("带 * 的利率还没有公布，按最近公布的推算");
        }
    }
    let next = page.next();
    if !next.is_empty() {
        printer.line(format!("接下来可以：{}", next.join("、")));
    }
}

fn settled(of: &Settlement, printer: &Printer) {
    if printer.json() {
        let lines: Vec<Value> = of
            .lines
            .iter()
            .map(|l| {
                json!({
                    "loan": l.loan.id, "on": l.row.on.to_string(), "state_interest": l.row.state_interest.as_fen(),
                    "own_interest": l.row.own_interest.as_fen(), "waived_interest": l.row.waived_interest.as_fen(),
                    "principal": l.row.principal.as_fen(), "overdue": l.overdue.as_fen(),
                })
            })
            .collect();
        printer.line(json!({
            "year": of.year, "on": of.on.to_string(), "state_interest": of.state.as_fen(),
            "own_interest": of.own.as_fen(), "waived_interest": of.waived.as_fen(),
            "principal": of.principal.as_fen(), "projected": of.projected, "loans": lines,
        }));
        return;
    }
    let mut rows = table(&[
        "号",
        "姓名",
        "期初本金",
        "财政贴息",
        "自付利息",
        "免除",
        "应还本金",
        "本人应还",
        "逾期",
    ]);
    for l in &of.lines {
        rows.add_row([
            l.loan.id.to_string(),
            l.loan.name.clone(),
            l.row.before.to_string(),
            l.row.state_interest.to_string(),
            l.row.own_interest.to_string(),
            l.row.waived_interest.to_string(),
            l.row.principal.to_string(),
            l.own.to_string(),
            l.overdue.to_string(),
        ]);
    }
    printer.line(rows);
    printer.line(format!(
        "{} 结息：{} 笔，财政贴息 {} 元，自付利息 {} 元，免除 {} 元，应还本金 {} 元",
        of.on,
        of.lines.len(),
        of.state,
        of.own,
        of.waived,
        of.principal
    ));
}
