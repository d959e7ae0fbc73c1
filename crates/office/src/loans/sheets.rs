//! Loans as workbooks: the list of a school year, one loan's schedule, and what falls due on a 20 December.

use fujiao_ledger::loan::RowKind;
use fujiao_model::Money;
use fujiao_report::{List, ListCell};

use super::{LoanPage, LoansPage, Settlement, objection};

fn text(text: impl Into<String>) -> ListCell {
    let text = text.into();
    if text.is_empty() { ListCell::Empty } else { ListCell::Text(text) }
}

#[expect(clippy::cast_precision_loss, reason = "yuan far below 2^53")]
fn yuan(money: Money) -> ListCell {
    ListCell::Number(money.as_fen() as f64 / 100.0)
}

fn columns(names: &[&str]) -> Vec<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

impl LoansPage {
    /// 生源地信用助学贷款台账: a row a loan.
    pub fn sheet(&self, today: jiff::civil::Date) -> List {
        let rows = self.lines.iter().map(|l| {
            let owed = l.standing.map_or(ListCell::Empty, |s| yuan(s.owed));
            let late = l.standing.map(|s| s.overdue_interest + s.overdue_principal + s.penalty);
            vec![
                ListCell::Number(f64::from(u32::try_from(l.loan.id).unwrap_or(u32::MAX))),
                text(&l.loan.name),
                text(&l.loan.place),
                text(&l.loan.university),
                text(if l.loan.postgraduate { "研究生" } else { "本专科" }),
                yuan(Money::fen(l.loan.amount)),
                text(&l.loan.co_borrower.name),
                text(l.state.chinese()),
                ListCell::Day(l.due_on),
                owed,
                late.map_or(ListCell::Empty, yuan),
                text(l.against.iter().map(|o| objection(*o)).collect::<Vec<_>>().join("；")),
            ]
        });
        List {
            sheet: "生源地贷款".to_owned(),
            head: vec![
                format!("{}—{} 学年生源地信用助学贷款台账", self.year, self.year + 1),
                format!(
                    "应贷 {} 人 {} 元，已贷 {} 人 {} 元，未贷 {} 人 {} 元",
                    self.due.loans,
                    Money::fen(self.due.fen),
                    self.done.loans,
                    Money::fen(self.done.fen),
                    self.gap.loans,
                    Money::fen(self.gap.fen)
                ),
                format!("截至 {today}"),
            ],
            columns: columns(&[
                "编号",
                "姓名",
                "镇村",
                "高校",
                "层次",
                "金额（元）",
                "共同借款人",
                "到哪一步",
                "应放款日",
                "尚欠本金（元）",
                "逾期（元）",
                "待办",
            ]),
            rows: rows.collect(),
            as_of: today,
        }
    }
}

impl LoanPage {
    /// 还款计划: a row a settlement, with its sums. `None` before the contract.
    pub fn sheet(&self) -> Option<List> {
        let plan = self.schedule.as_ref()?;
        let loan = &self.line.loan;
        let mut rows: Vec<Vec<ListCell>> = plan
            .rows
            .iter()
            .map(|row| {
                vec![
                    ListCell::Day(row.on),
                    text(match row.kind {
                        RowKind::Yearly => "结息",
                        RowKind::Early => "提前还款",
                        RowKind::Last => "到期",
                    }),
                    ListCell::Number(f64::from(row.rate_bp) / 100.0),
                    yuan(row.before),
                    yuan(row.state_interest),
                    yuan(row.own_interest),
                    yuan(row.waived_interest),
                    yuan(row.principal),
                    yuan(row.after),
                    text(if row.projected { "按现利率推算" } else { "" }),
                ]
            })
            .collect();
        let (state, own, waived) = plan.interest();
        let principal: Money = plan.rows.iter().map(|row| row.principal).sum();
        rows.push(vec![
            text("合计"),
            ListCell::Empty,
            ListCell::Empty,
            ListCell::Empty,
            yuan(state),
            yuan(own),
            yuan(waived),
            yuan(principal),
            ListCell::Empty,
            ListCell::Empty,
        ]);
        Some(List {
            sheet: "还款计划".to_owned(),
            head: vec![
                format!("{} {} 学年生源地信用助学贷款还款计划", loan.name, loan.school_year),
                format!(
                    "第 {} 笔，{}，{} 元，{} 到期{}",
                    loan.id,
                    loan.university,
                    Money::fen(loan.amount),
                    plan.ends_on,
                    if self.forecast {
                        "；还没有放款，按最晚放款日预计"
                    } else {
                        ""
                    }
                ),
            ],
            columns: columns(&[
                "日期",
                "事项",
                "年利率（%）",
                "期初本金",
                "财政贴息",
                "自付利息",
                "免除利息",
                "应还本金",
                "期末本金",
                "备注",
            ]),
            rows,
            as_of: self.today,
        })
    }
}

impl Settlement {
    /// 结息还本清单: a row a loan, with the sums.
    pub fn sheet(&self) -> List {
        let mut rows: Vec<Vec<ListCell>> = self
            .lines
            .iter()
            .map(|l| {
                vec![
                    ListCell::Number(f64::from(u32::try_from(l.loan.id).unwrap_or(u32::MAX))),
                    text(&l.loan.name),
                    text(&l.loan.place),
                    text(&l.loan.university),
                    yuan(l.row.before),
                    ListCell::Number(f64::from(l.row.rate_bp) / 100.0),
                    yuan(l.row.state_interest),
                    yuan(l.row.own_interest),
                    yuan(l.row.waived_interest),
                    yuan(l.row.principal),
                    yuan(l.own),
                    yuan(l.overdue),
                ]
            })
            .collect();
        let own: Money = self.lines.iter().map(|l| l.own).sum();
        let overdue: Money = self.lines.iter().map(|l| l.overdue).sum();
        let before: Money = self.lines.iter().map(|l| l.row.before).sum();
        rows.push(vec![
            text("合计"),
            ListCell::Empty,
            ListCell::Empty,
            ListCell::Empty,
            yuan(before),
            ListCell::Empty,
            yuan(self.state),
            yuan(self.own),
            yuan(self.waived),
            yuan(self.principal),
            yuan(own),
            yuan(overdue),
        ]);
        List {
            sheet: "结息还本".to_owned(),
            head: vec![
                format!("{} 年生源地信用助学贷款结息还本清单（{}）", self.year, self.on),
                if self.projected {
                    "有的利率还没有公布，按最近公布的推算".to_owned()
                } else {
                    String::new()
                },
            ],
            columns: columns(&[
                "编号",
                "姓名",
                "镇村",
                "高校",
                "期初本金",
                "年利率（%）",
                "财政贴息",
                "自付利息",
                "免除利息",
                "应还本金",
                "本人应还",
                "逾期",
            ]),
            rows,
            as_of: self.on,
        }
    }
}
