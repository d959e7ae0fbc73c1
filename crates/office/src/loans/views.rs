//! Loans as people look at them: all of a school year, one with its schedule, and what falls due on a 20 December.

use std::collections::{BTreeMap, BTreeSet};

use fujiao_ledger::loan::{
    Facts, LoanEvent, LoanState, Objection, Row, RowKind, Schedule, Service as LedgerService,
    ServiceKind, Standing, StudyYear, check, compensation, schedule, standing,
};
use fujiao_model::{CitizenId, Money, Term};
use fujiao_store::{StoredLoan, StoredLoanStep, Tx};
use jiff::civil::Date;

use super::steps::{contract, payments};
use super::{LoanStep, application, level, loan_of, state_of};
use crate::access::{Actor, Right};
use crate::aid::within;
use crate::{Office, OfficeError};

/// Loans and fen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sum {
    /// Loans.
    pub loans: u64,
    /// Fen.
    pub fen: i64,
}

impl Sum {
    fn add(&mut self, fen: i64) {
        self.loans += 1;
        self.fen += fen;
    }
}

/// A loan in a list.
#[derive(Clone, Debug)]
pub struct LoanLine {
    /// The loan.
    pub loan: StoredLoan,
    /// Where it stands.
    pub state: LoanState,
    /// What stands against the application, while it is one.
    pub against: Vec<Objection>,
    /// By when the money of the year is paid out.
    pub due_on: Date,
    /// It is owed and was not paid out in time.
    pub late: bool,
    /// Where the borrower stands today; `None` before the money was paid out.
    pub standing: Option<Standing>,
}

/// A borrower of last year who studies on and has not asked for this year.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnaskedLoan {
    /// Last year's loan.
    pub loan: StoredLoan,
}

/// All loans of a school year.
#[derive(Clone, Debug, Default)]
pub struct LoansPage {
    /// The year in which the school year begins.
    pub year: i16,
    /// School years that have loans, and this one, newest first.
    pub years: Vec<i16>,
    /// By number.
    pub lines: Vec<LoanLine>,
    /// 该续贷未申请
    pub unasked: Vec<UnaskedLoan>,
    /// 应贷: may be granted, or was.
    pub due: Sum,
    /// 已贷: paid out.
    pub done: Sum,
    /// 未贷: what is left of it.
    pub gap: Sum,
    /// Something is to be asked or put right first.
    pub unclear: Sum,
    /// Overdue today, over all school years that the reader may see.
    pub overdue: Sum,
}

/// What the state repays for service.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Service {
    /// When it was applied for.
    pub on: Date,
    /// What kind.
    pub kind: ServiceKind,
    /// Years of service.
    pub years: u8,
    /// The parts, one a year; empty: the service is too short.
    pub parts: Vec<Money>,
}

/// One loan with all that is known of it.
#[derive(Clone, Debug)]
pub struct LoanPage {
    /// The loan.
    pub line: LoanLine,
    /// What happened, in order.
    pub steps: Vec<LoanStep>,
    /// Every settlement; `None` before the contract.
    pub schedule: Option<Schedule>,
    /// The money was not paid out yet: the schedule is a forecast.
    pub forecast: bool,
    /// Days of early repayment that may be asked for next.
    pub early_day: Date,
    /// The rate of the contract: base, basis points added, source; `None` before the contract.
    pub rate: Option<(fujiao_ledger::loan::Base, i32, String)>,
    /// Source of term and grace.
    pub terms: Option<String>,
    /// The most that may be borrowed for the year.
    pub limit: Money,
    /// The co-borrower's id and phone, masked.
    pub co_borrower: (String, String),
    /// Services, with what the state repays.
    pub services: Vec<Service>,
    /// The day of the view.
    pub today: Date,
    /// The reader stands on the whole county.
    pub whole: bool,
}

impl LoanPage {
    /// Steps that may come next, the likeliest first.
    pub fn next(&self) -> Vec<&'static str> {
        let may = |event: LoanEvent| self.line.state.step(event).is_ok();
        let mut out = Vec::new();
        for (event, code) in [
            (LoanEvent::Qualify, "qualify"),
            (LoanEvent::Sign, "sign"),
            (LoanEvent::Confirm, "confirm"),
            (LoanEvent::Disburse, "disburse"),
        ] {
            if may(event) {
                out.push(code);
            }
        }
        if self.line.state == LoanState::Disbursed {
            out.extend(["paid", "early", "defer", "graduate", "leave", "study", "rate", "serve"]);
            let left =
                self.line.standing.map_or(Money::ZERO, |s| s.owed + s.overdue_interest + s.penalty);
            if left.is_zero() {
                out.insert(0, "repay");
            }
        }
        if may(LoanEvent::Refuse) {
            out.push("refuse");
        }
        if may(LoanEvent::Lapse) {
            out.push("lapse");
        }
        out
    }
}

/// A loan's settlement of one year.
#[derive(Clone, Debug)]
pub struct SettledLoan {
    /// The loan.
    pub loan: StoredLoan,
    /// The settlement; early repayments of the year are in it.
    pub row: Row,
    /// What the borrower has to bring on that day.
    pub own: Money,
    /// Overdue on the day of the view.
    pub overdue: Money,
}

/// What falls due in a calendar year, on its 20 December and with early repayments.
#[derive(Clone, Debug)]
pub struct Settlement {
    /// The calendar year.
    pub year: i16,
    /// The day of settlement.
    pub on: Date,
    /// By number of the loan.
    pub lines: Vec<SettledLoan>,
    /// 贴息: what the state pays.
    pub state: Money,
    /// Interest of borrowers.
    pub own: Money,
    /// Interest waived.
    pub waived: Money,
    /// Principal.
    pub principal: Money,
    /// A rate in it is not published yet.
    pub projected: bool,
}

type Steps = BTreeMap<u64, Vec<StoredLoanStep>>;

fn by_loan(steps: Vec<StoredLoanStep>) -> Steps {
    let mut out = Steps::new();
    for step in steps {
        out.entry(step.loan).or_default().push(step);
    }
    out
}

fn loan_line(
    facts: &Facts,
    loan: StoredLoan,
    steps: &[StoredLoanStep],
    today: Date,
) -> Result<LoanLine, OfficeError> {
    let state = state_of(&loan);
    let against =
        if state == LoanState::Applied { check(&application(&loan), facts)? } else { Vec::new() };
    let due_on = facts.disbursed_by(loan.school_year);
    let standing = if matches!(state, LoanState::Disbursed | LoanState::Repaid) {
        match contract(&loan, steps, facts) {
            Some(made) => Some(standing(&schedule(&made, facts)?, &payments(steps), facts, today)),
            None => None,
        }
    } else {
        None
    };
    let late = owed(state, &against) && !paid_out(state) && due_on < today;
    Ok(LoanLine { loan, state, against, due_on, late, standing })
}

impl Office {
    /// Loans of a school year that somebody may see, what is owed and was not lent, and who should ask again.
    ///
    /// # Errors
    /// What the store says.
    pub fn loans(&self, actor: &Actor, year: i16) -> Result<LoansPage, OfficeError> {
        actor.must(Right::Aid)?;
        let county = self.county_code()?;
        let today = actor.today();
        let (sql, args) = within(actor, Right::Aid, 4);
        self.store.read(|tx| {
            let all = tx.loans(county, (None, None), (&sql, &args))?;
            let steps = by_loan(tx.loan_steps(county, None)?);
            let mut years: BTreeSet<i16> = all.iter().map(|l| l.school_year).collect();
            years.insert(year);
            let asked: BTreeSet<u64> = all
                .iter()
                .filter(|l| l.school_year == year && state_of(l) != LoanState::Lapsed)
                .map(|l| l.person)
                .collect();
            let mut page = LoansPage {
                year,
                years: years.into_iter().rev().collect(),
                ..LoansPage::default()
            };
            for loan in all {
                let of = steps.get(&loan.id).map_or(&[][..], Vec::as_slice);
                if loan.school_year == year - 1
                    && loan.remaining > 1
                    && studies(of, year)
                    && paid_out(state_of(&loan))
                    && !asked.contains(&loan.person)
                {
                    page.unasked.push(UnaskedLoan { loan: loan.clone() });
                }
                let line = loan_line(&self.rules.loans, loan, of, today)?;
                if let Some(late) = line.standing.map(late_of).filter(|late| *late > Money::ZERO) {
                    page.overdue.add(late.as_fen());
                }
                if line.loan.school_year != year {
                    continue;
                }
                if owed(line.state, &line.against) {
                    page.due.add(line.loan.amount);
                    if paid_out(line.state) {
                        page.done.add(line.loan.amount);
                    } else {
                        page.gap.add(line.loan.amount);
                    }
                } else if line.state == LoanState::Applied {
                    page.unclear.add(line.loan.amount);
                }
                page.lines.push(line);
            }
            Ok(page)
        })
    }

    /// One loan with its schedule.
    ///
    /// # Errors
    /// [`crate::aid::AidError::NoSuchLine`] where there is none that is theirs to see.
    pub fn loan_page(&self, actor: &Actor, id: u64) -> Result<LoanPage, OfficeError> {
        actor.must(Right::Aid)?;
        let county = self.county_code()?;
        let today = actor.today();
        let facts = &self.rules.loans;
        self.store.read(|tx| {
            let loan = loan_of(tx, county, actor, id)?;
            let steps = tx.loan_steps(county, Some(id))?;
            let made = contract(&loan, &steps, facts);
            let plan = made.as_ref().map(|made| schedule(made, facts)).transpose()?;
            let (rate, terms) = match &made {
                None => (None, None),
                Some(made) => {
                    let rate = facts.rate(made.signed_on)?;
                    let terms = facts.terms(made.signed_on)?;
                    (
                        Some((rate.base, rate.spread_bp, rate.basis.clone())),
                        Some(terms.basis.clone()),
                    )
                }
            };
            let services = services(&loan, &steps, facts)?;
            let co_borrower = masked(tx, county, id)?;
            let limit = facts.limit(level(&loan), autumn(loan.school_year))?;
            let line = loan_line(facts, loan, &steps, today)?;
            Ok(LoanPage {
                forecast: plan.is_some() && !paid_out(line.state),
                schedule: plan,
                early_day: facts.early_day(today),
                rate,
                terms,
                limit,
                co_borrower,
                services,
                today,
                whole: actor.scope(Right::Aid).is_whole(),
                line,
                steps,
            })
        })
    }

    /// What falls due in a calendar year for each loan that was paid out, and its sums.
    ///
    /// # Errors
    /// What the store says.
    pub fn loan_settlement(&self, actor: &Actor, year: i16) -> Result<Settlement, OfficeError> {
        actor.must(Right::Aid)?;
        let county = self.county_code()?;
        let today = actor.today();
        let facts = &self.rules.loans;
        let (sql, args) = within(actor, Right::Aid, 4);
        self.store.read(|tx| {
            let mut out = Settlement {
                year,
                on: facts.settled_on(year),
                lines: Vec::new(),
                state: Money::ZERO,
                own: Money::ZERO,
                waived: Money::ZERO,
                principal: Money::ZERO,
                projected: false,
            };
            let all = tx.loans(county, (None, None), (&sql, &args))?;
            let steps = by_loan(tx.loan_steps(county, None)?);
            for loan in all.into_iter().filter(|l| paid_out(state_of(l))) {
                let of = steps.get(&loan.id).map_or(&[][..], Vec::as_slice);
                let Some(made) = contract(&loan, of, facts) else { continue };
                let plan = schedule(&made, facts)?;
                let rows = plan.rows.iter().filter(|row| row.on.year() == year);
                let Some(row) = rows.copied().reduce(together) else { continue };
                let now = standing(&plan, &payments(of), facts, today);
                out.state += row.state_interest;
                out.own += row.own_interest;
                out.waived += row.waived_interest;
                out.principal += row.principal;
                out.projected |= row.projected;
                let own = row.own_interest + row.principal;
                out.lines.push(SettledLoan { loan, row, own, overdue: late_of(now) });
            }
            Ok(out)
        })
    }
}

/// Two settlements of one year as one: its early repayments are in that of its end.
fn together(a: Row, b: Row) -> Row {
    Row {
        before: a.before,
        kind: if b.kind == RowKind::Early { a.kind } else { b.kind },
        state_interest: a.state_interest + b.state_interest,
        own_interest: a.own_interest + b.own_interest,
        waived_interest: a.waived_interest + b.waived_interest,
        principal: a.principal + b.principal,
        projected: a.projected || b.projected,
        ..b
    }
}

fn late_of(at: Standing) -> Money {
    at.overdue_interest + at.overdue_principal + at.penalty
}

/// The money was paid out.
fn paid_out(state: LoanState) -> bool {
    matches!(state, LoanState::Disbursed | LoanState::Repaid)
}

/// 应贷: nothing stands against it, or it was qualified.
pub(super) fn owed(state: LoanState, against: &[Objection]) -> bool {
    match state {
        LoanState::Applied => against.is_empty(),
        LoanState::Refused | LoanState::Lapsed => false,
        _ => true,
    }
}

/// Whether somebody studies on in a school year, as far as steps say.
fn studies(steps: &[StoredLoanStep], year: i16) -> bool {
    steps.iter().rfind(|s| matches!(s.code.as_str(), "graduate" | "leave" | "study")).is_none_or(
        |s| match s.code.as_str() {
            "leave" => false,
            _ => s.n.is_some_and(|until| until > i32::from(year)),
        },
    )
}

fn autumn(year: i16) -> Term {
    Term::new(year, fujiao_model::Season::Autumn)
}

fn services(
    loan: &StoredLoan,
    steps: &[StoredLoanStep],
    facts: &Facts,
) -> Result<Vec<Service>, OfficeError> {
    let mut out = Vec::new();
    for s in steps.iter().filter(|s| s.code == "serve") {
        let kind = match s.word.as_deref() {
            Some("military") => ServiceKind::Military,
            _ => ServiceKind::Grassroots,
        };
        let years = s.n.and_then(|n| u8::try_from(n).ok()).unwrap_or(0);
        let of = LedgerService {
            kind,
            applied: Term::of(s.on),
            level: level(loan),
            service_years: years,
            years: vec![StudyYear {
                tuition: Money::fen(loan.tuition.unwrap_or(0)),
                loan: Money::fen(loan.amount),
            }],
        };
        let parts = compensation(&of, facts)?.unwrap_or_default();
        out.push(Service { on: s.on, kind, years, parts });
    }
    Ok(out)
}

/// The co-borrower's id and phone as pages show them.
fn masked(tx: &mut Tx, county: u32, loan: u64) -> Result<(String, String), OfficeError> {
    let secret = tx.loan_secret(county, loan)?;
    let (id, phone) = secret.split_once(' ').unwrap_or((&secret, ""));
    let id = CitizenId::parse(id).map(|id| id.masked()).unwrap_or_default();
    let phone = match phone.len() {
        0 => String::new(),
        n if n >= 8 => format!("{}****{}", &phone[..3], &phone[n - 4..]),
        _ => "****".to_owned(),
    };
    Ok((id, phone))
}
