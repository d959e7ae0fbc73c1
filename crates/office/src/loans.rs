//! 生源地信用助学贷款 from the application to the last fen.
//!
//! [`Office::loan_apply`] takes an application; [`Office::loan_step`] takes it on: somebody else qualifies it, both borrowers sign,
//! the university confirms, the bank pays out; then study, deferral, early repayment, service and payments until nothing is
//! owed. What may follow what is said by `ledger::loan`, and held by the database. Schedules are reckoned from contract and
//! events each time ([`Office::loan_page`]); what the state and borrowers owe on a 20 December is [`Office::loan_settlement`].
//! 应贷尽贷 is a duty: whoever may borrow does.

pub(crate) mod owed;
mod said;
mod sheets;
mod steps;
mod views;

use fujiao_ledger::loan::{Application, CoBorrower, Level, LoanError, LoanState, Objection, check};
use fujiao_model::{CitizenId, Money};
use fujiao_store::{StoreError, StoredCoBorrower, StoredLoan, Tx};
use jiff::civil::Date;

use crate::access::{Actor, Right};
use crate::aid::{AidError, must_hold_the_county, note, within};
use crate::corrections::signed;
use crate::{Office, OfficeError};

pub use fujiao_ledger::loan::{
    Base, LoanEvent, LoanState as State, Objection as LoanObjection, Row as LoanRow, RowKind,
    Schedule, ServiceKind, Standing, StudyEnd,
};
pub use fujiao_store::StoredLoanStep as LoanStep;
pub use said::{loan_fault, objection};
pub use steps::LoanMove;
pub use views::{
    LoanLine, LoanPage, LoansPage, Service, SettledLoan, Settlement, Sum, UnaskedLoan,
};

/// The kind of the duty, and its names.
pub(crate) const KIND: (&str, &str, &str) =
    ("loan.origin", "生源地信用助学贷款（应贷尽贷）", "Origin-place student loan");

/// An application, as somebody writes it down. Facts are `yes`, `no`, or empty: not on file.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct NewLoan {
    /// The student's id in hexadecimal.
    pub person: String,
    /// The year in which the school year begins.
    pub school_year: String,
    /// `ug`, `pg`.
    pub level: String,
    /// The university.
    pub university: String,
    /// School years from this one on.
    pub remaining: String,
    /// Yuan.
    pub amount: String,
    /// Tuition of the year, yuan; empty: not on file.
    pub tuition: String,
    /// Dormitory of the year, yuan; empty: not on file.
    pub lodging: String,
    /// 全日制
    pub full_time: String,
    /// The student's register before entry was in the county.
    pub hukou_here: String,
    /// Another state loan covers the year.
    pub other_loan: String,
    /// The co-borrower's name.
    pub co_name: String,
    /// Their id; gives their age.
    pub co_id: String,
    /// Their phone.
    pub co_phone: String,
    /// They are father, mother or another guardian.
    pub co_guardian: String,
    /// 完全民事行为能力
    pub co_capable: String,
    /// Their register is in the county.
    pub co_hukou: String,
    /// They have a state loan that is not repaid.
    pub co_loan: String,
}

impl std::fmt::Debug for NewLoan {
    /// The student alone: numbers of others get into no log.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "NewLoan({} {})", self.person, self.school_year)
    }
}

fn form(field: &'static str, reason: impl Into<String>) -> AidError {
    AidError::Form { field, reason: reason.into() }
}

fn fact(field: &'static str, text: &str) -> Result<Option<bool>, AidError> {
    match text.trim() {
        "" => Ok(None),
        "yes" | "是" => Ok(Some(true)),
        "no" | "否" => Ok(Some(false)),
        _ => Err(form(field, "写是或否，不知道就空着")),
    }
}

fn yuan(field: &'static str, text: &str) -> Result<Option<i64>, AidError> {
    if text.trim().is_empty() {
        return Ok(None);
    }
    let money: Money = text.parse().map_err(|e| form(field, format!("{e}")))?;
    if money < Money::ZERO {
        return Err(form(field, "不能小于零"));
    }
    Ok(Some(money.as_fen()))
}

/// Whole years between two days.
fn years(from: Date, to: Date) -> Option<u8> {
    let had = (to.month(), to.day()) >= (from.month(), from.day());
    u8::try_from(to.year() - from.year() - i16::from(!had)).ok()
}

impl NewLoan {
    /// The application and the co-borrower's id and phone; or the first field that does not read.
    fn read(&self, today: Date) -> Result<(StoredLoan, String), AidError> {
        let person = u64::from_str_radix(self.person.trim(), 16)
            .map_err(|_| form("person", "从学生页面抄编号"))?;
        let school_year = self.school_year.trim().parse::<i16>().ok();
        let school_year = school_year
            .filter(|y| (2015..=2100).contains(y))
            .ok_or_else(|| form("school_year", "写学年开始的年份，如 2025"))?;
        let postgraduate = match self.level.trim() {
            "ug" => false,
            "pg" => true,
            _ => return Err(form("level", "选本专科或研究生")),
        };
        let remaining = self.remaining.trim().parse::<u8>().ok();
        let remaining = remaining
            .filter(|n| (1..=10).contains(n))
            .ok_or_else(|| form("remaining", "写剩余学制，1 至 10 年，含本学年"))?;
        let amount = yuan("amount", &self.amount)?
            .filter(|fen| *fen > 0)
            .ok_or_else(|| form("amount", "写要借多少元，大于零"))?;
        for (field, text) in [("university", &self.university), ("co_name", &self.co_name)] {
            if text.trim().is_empty() {
                return Err(form(field, "不能空着"));
            }
        }
        let co_id = self.co_id.trim();
        let age = if co_id.is_empty() {
            None
        } else {
            let id = CitizenId::parse(co_id)
                .map_err(|e| form("co_id", format!("{e}；对照身份证再写一遍")))?;
            years(id.born_on(), today)
        };
        let co_phone: String = self.co_phone.chars().filter(|c| !c.is_whitespace()).collect();
        if !co_phone.is_empty() && !co_phone.chars().all(|c| c.is_ascii_digit() || c == '-') {
            return Err(form("co_phone", "只写数字"));
        }
        let loan = StoredLoan {
            id: 0,
            person,
            name: String::new(),
            place: String::new(),
            school_year,
            postgraduate,
            university: self.university.trim().to_owned(),
            remaining,
            amount,
            tuition: yuan("tuition", &self.tuition)?,
            lodging: yuan("lodging", &self.lodging)?,
            full_time: fact("full_time", &self.full_time)?,
            hukou_here: fact("hukou_here", &self.hukou_here)?,
            other_loan: fact("other_loan", &self.other_loan)?,
            co_borrower: StoredCoBorrower {
                name: self.co_name.trim().to_owned(),
                guardian: fact("co_guardian", &self.co_guardian)?,
                age,
                capable: fact("co_capable", &self.co_capable)?,
                hukou_here: fact("co_hukou", &self.co_hukou)?,
                open_loan: fact("co_loan", &self.co_loan)?,
            },
            applied_on: today,
            applied_by: String::new(),
            state: String::new(),
            steps: 0,
            last_on: today,
        };
        let secret = if co_id.is_empty() && co_phone.is_empty() {
            String::new()
        } else {
            format!("{co_id} {co_phone}")
        };
        Ok((loan, secret))
    }
}

/// What an application says, as the rules want it.
pub(crate) fn application(loan: &StoredLoan) -> Application {
    let co = &loan.co_borrower;
    let costs = match (loan.tuition, loan.lodging) {
        (None, None) => None,
        (tuition, lodging) => Some(Money::fen(tuition.unwrap_or(0) + lodging.unwrap_or(0))),
    };
    Application {
        school_year: loan.school_year,
        level: level(loan),
        full_time: loan.full_time,
        hukou_here: loan.hukou_here,
        other_loan: loan.other_loan,
        amount: Money::fen(loan.amount),
        costs,
        co_borrower: CoBorrower {
            guardian: co.guardian,
            age: co.age,
            capable: co.capable,
            hukou_here: co.hukou_here,
            open_loan: co.open_loan,
        },
    }
}

fn level(loan: &StoredLoan) -> Level {
    if loan.postgraduate { Level::Postgraduate } else { Level::Undergraduate }
}

pub(crate) fn state_of(loan: &StoredLoan) -> LoanState {
    LoanState::parse(&loan.state).expect("the database takes no other state")
}

/// One loan that the reader may see.
fn loan_of(tx: &mut Tx, county: u32, actor: &Actor, id: u64) -> Result<StoredLoan, OfficeError> {
    let (sql, args) = within(actor, Right::Aid, 4);
    let found = tx.loans(county, (Some(id), None), (&sql, &args))?.pop();
    Ok(found.ok_or(AidError::NoSuchLine)?)
}

impl Office {
    /// Takes an application; its number, and what stands against it: nothing, or what is to be put right or asked for before
    /// it can be qualified.
    ///
    /// # Errors
    /// [`AidError::Form`] with the field; [`AidError::OutOfTurn`] if the student has a loan for the year.
    pub fn loan_apply(
        &self,
        actor: &Actor,
        new: &NewLoan,
    ) -> Result<(u64, Vec<Objection>), OfficeError> {
        must_hold_the_county(actor, Right::Prepare)?;
        let (loan, secret) = new.read(actor.today())?;
        let against = check(&application(&loan), &self.rules.loans).map_err(AidError::Loan)?;
        let county = self.county_code()?;
        self.store.write(|tx| {
            if !tx.person_within(county, loan.person, ("1 = 1", &[]))? {
                return Err(form("person", "名册里没有这个学生；先在学生页面找到他").into());
            }
            let id = match tx.add_loan(county, &loan, &secret, &signed(actor)) {
                Err(StoreError::Unique(_)) => {
                    let why = format!("{} 学年这个学生已有一笔贷款", loan.school_year);
                    return Err(AidError::OutOfTurn(why).into());
                }
                other => other?,
            };
            let detail = format!("{} fen {}", loan.school_year, loan.amount);
            note(tx, county, actor, "loan apply", &format!("loan {id}"), &detail)?;
            Ok((id, against))
        })
    }
}

impl From<LoanError> for OfficeError {
    fn from(error: LoanError) -> Self {
        AidError::Loan(error).into()
    }
}
