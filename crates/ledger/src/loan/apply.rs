use fujiao_model::Money;

use super::facts::autumn;
use super::{Facts, Level, LoanError};

/// 共同借款人. `None` is not on file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CoBorrower {
    /// Whether they are father, mother or another lawful guardian.
    pub guardian: Option<bool>,
    /// Age in whole years; asked for only of who is no guardian.
    pub age: Option<u8>,
    /// 完全民事行为能力; asked for only of who is no guardian.
    pub capable: Option<bool>,
    /// Whether their household register is in the county.
    pub hukou_here: Option<bool>,
    /// Whether they have a state loan of their own that is not repaid.
    pub open_loan: Option<bool>,
}

/// An application for one school year. `None` is not on file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Application {
    /// The calendar year in which the school year begins.
    pub school_year: i16,
    /// Level of study.
    pub level: Level,
    /// 全日制
    pub full_time: Option<bool>,
    /// Whether the student's register before entry was in the county.
    pub hukou_here: Option<bool>,
    /// Whether the student has another state loan for the same year.
    pub other_loan: Option<bool>,
    /// What is asked for.
    pub amount: Money,
    /// Tuition and dormitory of the year.
    pub costs: Option<Money>,
    /// Who borrows with the student.
    pub co_borrower: CoBorrower,
}

/// What stands against an application.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Objection {
    /// The course is not full-time.
    NotFullTime,
    /// The student's register is in another county.
    HukouElsewhere,
    /// Another state loan covers the year.
    OtherLoan,
    /// Less than the least amount, which is given.
    BelowLeast(Money),
    /// More than the limit, which is given.
    AboveLimit(Money),
    /// More than tuition and dormitory, which are given, in a year in which the loan pays for nothing else.
    AboveCosts(Money),
    /// The co-borrower's register is in another county.
    CoBorrowerElsewhere,
    /// The co-borrower is no guardian and too young; the least age is given.
    CoBorrowerTooYoung(u8),
    /// The co-borrower is no guardian and lacks full capacity.
    CoBorrowerNotCapable,
    /// The co-borrower has a state loan that is not repaid.
    CoBorrowerHasLoan,
    /// A fact that could decide is not on file; its field is named.
    Ask(&'static str),
}

impl Objection {
    /// The word of tables of texts.
    pub const fn code(self) -> &'static str {
        match self {
            Self::NotFullTime => "not_full_time",
            Self::HukouElsewhere => "hukou_elsewhere",
            Self::OtherLoan => "other_loan",
            Self::BelowLeast(_) => "below_least",
            Self::AboveLimit(_) => "above_limit",
            Self::AboveCosts(_) => "above_costs",
            Self::CoBorrowerElsewhere => "co_elsewhere",
            Self::CoBorrowerTooYoung(_) => "co_too_young",
            Self::CoBorrowerNotCapable => "co_not_capable",
            Self::CoBorrowerHasLoan => "co_has_loan",
            Self::Ask(_) => "ask",
        }
    }

    /// The amount, age or field that it names; empty.
    pub fn about(self) -> String {
        match self {
            Self::BelowLeast(m) | Self::AboveLimit(m) | Self::AboveCosts(m) => m.to_string(),
            Self::CoBorrowerTooYoung(age) => age.to_string(),
            Self::Ask(field) => field.to_owned(),
            _ => String::new(),
        }
    }
}

/// What stands against an application, what is unknown included. Nothing: it may be granted, and 应贷尽贷 says that it must.
///
/// Source: the basis of `[borrower]`, `[[limit]]` and `[[use]]` in the data file.
///
/// # Errors
/// [`LoanError::NoLimit`] if no limit covers the school year.
pub fn check(application: &Application, facts: &Facts) -> Result<Vec<Objection>, LoanError> {
    use Objection as O;
    let a = application;
    let mut found = Vec::new();
    let mut must = |fact: Option<bool>, wanted: bool, name: &'static str, no: Objection| match fact
    {
        None => found.push(O::Ask(name)),
        Some(value) if value != wanted => found.push(no),
        Some(_) => {}
    };
    must(a.full_time, true, "full_time", O::NotFullTime);
    must(a.hukou_here, true, "hukou_here", O::HukouElsewhere);
    must(a.other_loan, false, "other_loan", O::OtherLoan);
    must(a.co_borrower.hukou_here, true, "co_borrower.hukou_here", O::CoBorrowerElsewhere);
    must(a.co_borrower.open_loan, false, "co_borrower.open_loan", O::CoBorrowerHasLoan);
    match a.co_borrower.guardian {
        None => found.push(O::Ask("co_borrower.guardian")),
        Some(true) => {}
        Some(false) => {
            let least = facts.borrower.co_borrower_least_age;
            match a.co_borrower.age {
                None => found.push(O::Ask("co_borrower.age")),
                Some(age) if age < least => found.push(O::CoBorrowerTooYoung(least)),
                Some(_) => {}
            }
            match a.co_borrower.capable {
                None => found.push(O::Ask("co_borrower.capable")),
                Some(false) => found.push(O::CoBorrowerNotCapable),
                Some(true) => {}
            }
        }
    }
    let term = autumn(a.school_year);
    let limit = facts.limit(a.level, term)?;
    let (least, living) = facts.least(term)?;
    if a.amount < least {
        found.push(O::BelowLeast(least));
    }
    if a.amount > limit {
        found.push(O::AboveLimit(limit));
    }
    if !living {
        match a.costs {
            None => found.push(O::Ask("costs")),
            Some(costs) if a.amount > costs => found.push(O::AboveCosts(costs)),
            Some(_) => {}
        }
    }
    found.sort_unstable();
    Ok(found)
}

/// Where one school year's loan stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum LoanState {
    /// 已申请
    Applied,
    /// 资格已审核 by the county's centre.
    Qualified,
    /// 不符合条件
    Refused,
    /// 已签合同 by both borrowers.
    Signed,
    /// 回执已录入 by the university.
    Confirmed,
    /// 未录回执, or withdrawn before money moved.
    Lapsed,
    /// 已发放
    Disbursed,
    /// 已结清
    Repaid,
}

/// What may happen to a loan.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum LoanEvent {
    /// The centre finds nothing against it.
    Qualify,
    /// The centre refuses it, with reasons.
    Refuse,
    /// Both borrowers sign.
    Sign,
    /// The university confirms that the student studies there.
    Confirm,
    /// The receipt did not come in time, or the student withdrew.
    Lapse,
    /// The bank pays out.
    Disburse,
    /// The last fen is repaid.
    Repay,
}

impl LoanState {
    /// All, in the order of a loan's life.
    pub const ALL: [Self; 8] = [
        Self::Applied,
        Self::Qualified,
        Self::Refused,
        Self::Signed,
        Self::Confirmed,
        Self::Lapsed,
        Self::Disbursed,
        Self::Repaid,
    ];

    /// The word in the books.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Applied => "applied",
            Self::Qualified => "qualified",
            Self::Refused => "refused",
            Self::Signed => "signed",
            Self::Confirmed => "confirmed",
            Self::Lapsed => "lapsed",
            Self::Disbursed => "disbursed",
            Self::Repaid => "repaid",
        }
    }

    /// Reads the word.
    pub fn parse(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.code() == code)
    }

    /// The Chinese term.
    pub const fn chinese(self) -> &'static str {
        match self {
            Self::Applied => "已申请",
            Self::Qualified => "已审核",
            Self::Refused => "不符合",
            Self::Signed => "已签合同",
            Self::Confirmed => "已录回执",
            Self::Lapsed => "已作废",
            Self::Disbursed => "已放款",
            Self::Repaid => "已结清",
        }
    }

    /// Where the loan stands after an event. No step is skipped: money moves only after qualification, signature and receipt.
    ///
    /// # Errors
    /// [`LoanError::Step`] for an event that cannot happen now.
    pub fn step(self, event: LoanEvent) -> Result<Self, LoanError> {
        use {LoanEvent as E, LoanState as S};
        match (self, event) {
            (S::Applied, E::Qualify) => Ok(S::Qualified),
            (S::Applied, E::Refuse) => Ok(S::Refused),
            (S::Qualified, E::Sign) => Ok(S::Signed),
            (S::Signed, E::Confirm) => Ok(S::Confirmed),
            (S::Applied | S::Qualified | S::Signed | S::Confirmed, E::Lapse) => Ok(S::Lapsed),
            (S::Confirmed, E::Disburse) => Ok(S::Disbursed),
            (S::Disbursed, E::Repay) => Ok(S::Repaid),
            (from, step) => Err(LoanError::Step { from, step }),
        }
    }
}
