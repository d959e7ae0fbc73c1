//! What happens to a loan: each step is written once, by whom it is theirs to write.

use std::collections::BTreeSet;

use fujiao_ledger::loan::{
    Base, Contract, Early, Facts, LoanEvent, LoanState, RateChange, ServiceKind, Study, StudyEnd,
    check, schedule, standing,
};
use fujiao_model::Money;
use fujiao_store::{NewLoanStep, StoreError, StoredLoan, StoredLoanStep};
use jiff::civil::Date;

use super::{application, form, level, loan_of, state_of};
use crate::access::{Actor, Right};
use crate::aid::{AidError, must_hold_the_county, note, reason};
use crate::corrections::{signed, written};
use crate::{Office, OfficeError};

/// Something that happens to a loan.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LoanMove {
    /// 资格审核, by somebody who did not take the application.
    Qualify,
    /// 不符合, with a reason.
    Refuse,
    /// 签合同 on a day.
    Sign(Date),
    /// 录回执 by the university on a day.
    Confirm(Date),
    /// 作废, with a reason: no receipt in time, or the student withdrew.
    Lapse,
    /// 放款 on a day.
    Disburse(Date),
    /// 毕业 in another year than was agreed.
    Graduate(i16),
    /// 退学、开除 on a day.
    Leave(Date),
    /// 继续攻读: from a day, to graduation in a year.
    Study(Date, i16),
    /// 利率变更: from a day, the base and basis points added.
    Rate(Date, Base, i32),
    /// 本金延期 of a calendar year with relief.
    Defer(i16),
    /// 提前还款 on a day on which it is taken: principal in fen.
    Early(Date, i64),
    /// 还款 on a day, in fen; by the state for service, or by the borrower.
    Paid(Date, i64, bool),
    /// 代偿申请 on a day, for years of service.
    Serve(Date, ServiceKind, u8),
    /// 结清: nothing is owed any more.
    Repay,
}

/// Longest time ahead that an early repayment is asked for.
const AHEAD_DAYS: i32 = 62;

impl LoanMove {
    /// All words in the books.
    pub const CODES: [&'static str; 15] = [
        "qualify", "refuse", "sign", "confirm", "lapse", "disburse", "graduate", "leave", "study",
        "rate", "defer", "early", "paid", "serve", "repay",
    ];

    /// The word in the books.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Qualify => "qualify",
            Self::Refuse => "refuse",
            Self::Sign(_) => "sign",
            Self::Confirm(_) => "confirm",
            Self::Lapse => "lapse",
            Self::Disburse(_) => "disburse",
            Self::Graduate(_) => "graduate",
            Self::Leave(_) => "leave",
            Self::Study(..) => "study",
            Self::Rate(..) => "rate",
            Self::Defer(_) => "defer",
            Self::Early(..) => "early",
            Self::Paid(..) => "paid",
            Self::Serve(..) => "serve",
            Self::Repay => "repay",
        }
    }

    /// Reads a step from what a form or a command says: the word, a day, yuan, a number and a word. What is not there, and is
    /// needed, is an error at its field; an empty day is `today`.
    ///
    /// # Errors
    /// [`AidError::Form`] with the field: `on`, `amount`, `n`, `word`.
    pub fn read(
        code: &str,
        today: Date,
        (on, amount, n, word): (&str, &str, &str, &str),
    ) -> Result<Self, AidError> {
        let day = || match on.trim() {
            "" => Ok(today),
            text => text.parse::<Date>().map_err(|_| form("on", "写成 2025-10-08")),
        };
        let fen = || {
            let money: Money = amount.parse().map_err(|e| form("amount", format!("{e}")))?;
            if money > Money::ZERO {
                Ok(money.as_fen())
            } else {
                Err(form("amount", "要大于零"))
            }
        };
        let year = || {
            let year = n.trim().parse::<i16>().ok().filter(|y| (2015..=2100).contains(y));
            year.ok_or_else(|| form("n", "写年份，如 2029"))
        };
        Ok(match code {
            "qualify" => Self::Qualify,
            "refuse" => Self::Refuse,
            "sign" => Self::Sign(day()?),
            "confirm" => Self::Confirm(day()?),
            "lapse" => Self::Lapse,
            "disburse" => Self::Disburse(day()?),
            "graduate" => Self::Graduate(year()?),
            "leave" => Self::Leave(day()?),
            "study" => Self::Study(day()?, year()?),
            "rate" => {
                let bp = n.trim().parse::<i32>().ok().filter(|bp| bp.abs() <= 1_000);
                let bp = bp.ok_or_else(|| form("n", "写加减多少个基点，如 -70"))?;
                let base = if word == "pboc5y" { Base::Pboc5y } else { Base::Lpr5y };
                Self::Rate(day()?, base, bp)
            }
            "defer" => Self::Defer(year()?),
            "early" => Self::Early(day()?, fen()?),
            "paid" => Self::Paid(day()?, fen()?, word == "state"),
            "serve" => {
                let years = n.trim().parse::<u8>().ok().filter(|n| *n <= 40);
                let years = years.ok_or_else(|| form("n", "写服务几年"))?;
                let kind = match word {
                    "grassroots" => ServiceKind::Grassroots,
                    "military" => ServiceKind::Military,
                    _ => return Err(form("word", "选基层就业或服兵役")),
                };
                Self::Serve(day()?, kind, years)
            }
            "repay" => Self::Repay,
            _ => return Err(form("do", "没有这一步")),
        })
    }

    /// The event of the loan's life; `None` for what happens between two.
    const fn event(self) -> Option<LoanEvent> {
        Some(match self {
            Self::Qualify => LoanEvent::Qualify,
            Self::Refuse => LoanEvent::Refuse,
            Self::Sign(_) => LoanEvent::Sign,
            Self::Confirm(_) => LoanEvent::Confirm,
            Self::Lapse => LoanEvent::Lapse,
            Self::Disburse(_) => LoanEvent::Disburse,
            Self::Repay => LoanEvent::Repay,
            _ => return None,
        })
    }

    /// Who takes it.
    pub const fn right(self) -> Right {
        match self {
            Self::Qualify | Self::Refuse => Right::Approve,
            Self::Disburse(_) | Self::Paid(..) | Self::Early(..) | Self::Repay => Right::Pay,
            _ => Right::Prepare,
        }
    }

    /// Day, fen, number and word, as the books hold them.
    fn cells(self, today: Date) -> (Date, Option<i64>, Option<i32>, Option<&'static str>) {
        match self {
            Self::Qualify | Self::Refuse | Self::Lapse | Self::Repay => (today, None, None, None),
            Self::Sign(on) | Self::Confirm(on) | Self::Disburse(on) | Self::Leave(on) => {
                (on, None, None, None)
            }
            Self::Graduate(year) | Self::Defer(year) => (today, None, Some(year.into()), None),
            Self::Study(from, year) => (from, None, Some(year.into()), None),
            Self::Rate(from, base, bp) => {
                let word = if base == Base::Pboc5y { "pboc5y" } else { "lpr5y" };
                (from, None, Some(bp), Some(word))
            }
            Self::Early(on, fen) => (on, Some(fen), None, None),
            Self::Paid(on, fen, state) => {
                (on, Some(fen), None, Some(if state { "state" } else { "borrower" }))
            }
            Self::Serve(on, kind, years) => {
                let word = match kind {
                    ServiceKind::Grassroots => "grassroots",
                    ServiceKind::Military => "military",
                };
                (on, None, Some(years.into()), Some(word))
            }
        }
    }
}

/// The contract that steps make; `None` before it is signed. Before the money is paid out, the day by which it should be
/// stands for that day.
pub(crate) fn contract(
    loan: &StoredLoan,
    steps: &[StoredLoanStep],
    facts: &Facts,
) -> Option<Contract> {
    let first = |code: &str| steps.iter().find(|s| s.code == code).map(|s| s.on);
    let signed_on = first("sign")?;
    let by = facts.disbursed_by(loan.school_year);
    let disbursed_on = first("disburse").unwrap_or_else(|| by.max(signed_on));
    let mut made = Contract::new(
        signed_on,
        loan.school_year,
        level(loan),
        loan.remaining,
        Money::fen(loan.amount),
        disbursed_on,
    );
    let year = |s: &StoredLoanStep| s.n.and_then(|n| i16::try_from(n).ok()).unwrap_or(0);
    let mut deferred = BTreeSet::new();
    for s in steps {
        match s.code.as_str() {
            "graduate" => {
                let last = made.studies.last_mut().expect("a contract has a study");
                last.end = StudyEnd::Graduates(year(s));
            }
            "leave" => {
                made.studies.last_mut().expect("a contract has a study").end = StudyEnd::Left(s.on);
            }
            "study" => {
                made.studies.push(Study { from: s.on, end: StudyEnd::Graduates(year(s)) });
            }
            "rate" => made.rate_changes.push(RateChange {
                from: s.on,
                base: if s.word.as_deref() == Some("pboc5y") { Base::Pboc5y } else { Base::Lpr5y },
                spread_bp: s.n.unwrap_or(0),
            }),
            "defer" => {
                deferred.insert(year(s));
            }
            "early" => {
                made.early.push(Early { on: s.on, principal: Money::fen(s.amount.unwrap_or(0)) });
            }
            _ => {}
        }
    }
    made.deferred_years = deferred;
    made.rate_changes.sort_by_key(|change| change.from);
    made.early.sort_by_key(|early| early.on);
    Some(made)
}

/// Money that came in against a loan, by whomever.
pub(crate) fn payments(steps: &[StoredLoanStep]) -> Vec<fujiao_ledger::loan::Paid> {
    let paid = steps.iter().filter(|s| s.code == "paid");
    paid.map(|s| fujiao_ledger::loan::Paid { on: s.on, amount: Money::fen(s.amount.unwrap_or(0)) })
        .collect()
}

impl Office {
    /// Takes a step of a loan. `after` is the number of steps that whoever writes it has seen: of two who write at once, one is
    /// told to look again, and a form that is sent twice counts once.
    ///
    /// # Errors
    /// [`AidError`]: what stands against the application, a step that does not follow, a day that cannot be, a schedule that
    /// would not come out.
    pub fn loan_step(
        &self,
        actor: &Actor,
        (id, after): (u64, u32),
        step: LoanMove,
        words: &str,
    ) -> Result<(), OfficeError> {
        must_hold_the_county(actor, step.right())?;
        let said = match step {
            LoanMove::Refuse | LoanMove::Lapse => reason(words)?,
            _ => written(words).unwrap_or_default(),
        };
        let county = self.county_code()?;
        let today = actor.today();
        let facts = &self.rules.loans;
        self.store.write(|tx| {
            let loan = loan_of(tx, county, actor, id)?;
            let mut steps = tx.loan_steps(county, Some(id))?;
            let at = state_of(&loan);
            if loan.steps != after {
                let why = "这笔贷款刚才有人办过一步；刷新看看，再办";
                return Err(AidError::OutOfTurn(why.into()).into());
            }
            let next = match step.event() {
                Some(event) => at.step(event)?,
                None if at == LoanState::Disbursed => at,
                None => {
                    let why = format!("这笔贷款现在是“{}”，放款以后才能办这一步", at.chinese());
                    return Err(AidError::OutOfTurn(why).into());
                }
            };
            let (on, amount, n, word) = step.cells(today);
            days_in_order(step, on, today, &steps)?;
            if step == LoanMove::Qualify {
                if loan.applied_by == actor.login {
                    return Err(AidError::OwnWork.into());
                }
                let against = check(&application(&loan), facts)?;
                if !against.is_empty() {
                    return Err(AidError::Objections(against).into());
                }
            }
            steps.push(StoredLoanStep {
                loan: id,
                number: after + 1,
                code: step.code().to_owned(),
                state: next.code().to_owned(),
                on,
                amount,
                n,
                word: word.map(str::to_owned),
                note: String::new(),
                by: signed(actor),
            });
            // A step after which the schedule does not come out is no step.
            if let Some(made) = contract(&loan, &steps, facts) {
                let plan = schedule(&made, facts)?;
                if step == LoanMove::Repay {
                    let owed = standing(&plan, &payments(&steps), facts, today);
                    let left = owed.owed + owed.overdue_interest + owed.penalty;
                    if left > Money::ZERO {
                        let why = format!("还欠 {left} 元，没有还清；先登记还款");
                        return Err(AidError::OutOfTurn(why).into());
                    }
                }
            }
            let new = NewLoanStep {
                loan: id,
                after,
                from: &loan.state,
                state: next.code(),
                code: step.code(),
                on,
                amount,
                n,
                word,
                note: &said,
                maker: (step == LoanMove::Qualify).then_some(loan.applied_by.as_str()),
            };
            match tx.add_loan_step(county, &new, &signed(actor)) {
                Err(StoreError::Unique(_)) => {
                    let why = "这笔贷款刚才有人办过一步；刷新看看，再办";
                    return Err(AidError::OutOfTurn(why.into()).into());
                }
                other => other?,
            }
            note(tx, county, actor, "loan step", &format!("loan {id}"), step.code())?;
            Ok(())
        })
    }
}

/// Contract, receipt and money come in this order, none tomorrow; an early repayment is asked for a little ahead.
fn days_in_order(
    step: LoanMove,
    on: Date,
    today: Date,
    steps: &[StoredLoanStep],
) -> Result<(), AidError> {
    let ahead = (on - today).get_days();
    let latest = match step {
        LoanMove::Early(..) => AHEAD_DAYS,
        _ => 0,
    };
    if ahead > latest {
        return Err(form("on", format!("{on} 还没有到")));
    }
    let before = match step {
        LoanMove::Sign(_) => "apply",
        LoanMove::Confirm(_) => "sign",
        LoanMove::Disburse(_) => "confirm",
        LoanMove::Leave(_)
        | LoanMove::Study(..)
        | LoanMove::Rate(..)
        | LoanMove::Early(..)
        | LoanMove::Paid(..)
        | LoanMove::Serve(..) => "disburse",
        _ => return Ok(()),
    };
    match steps.iter().find(|s| s.code == before) {
        Some(earlier) if on < earlier.on => {
            Err(form("on", format!("早于上一步的 {}；看看日期", earlier.on)))
        }
        _ => Ok(()),
    }
}
