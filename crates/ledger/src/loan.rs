//! 生源地信用助学贷款: what a student of the county may borrow, what it costs to the fen, who pays which interest, and when.
//!
//! Limits, rates, terms and dates are [`Facts`], read from `policies/cn/loans.toml`; each row there has its source and a mark
//! of certainty. A [`Contract`] is one school year's loan, as contracts are signed year by year. [`fn@schedule`] gives every
//! settlement from disbursement to maturity; [`fn@standing`] sets payments against it; [`check`] says what stands against an
//! application; [`compensation`] what the state repays for service.

mod apply;
mod facts;
mod schedule;
mod service;
mod standing;
#[cfg(test)]
mod tests;

pub use apply::{Application, CoBorrower, LoanEvent, LoanState, Objection, check};
pub use facts::{Base, BaseRate, Borrower, Facts, Level, Mark, Relief, Terms};
pub use schedule::{
    Contract, Early, RateChange, Row, RowKind, Schedule, Study, StudyEnd, schedule,
};
pub use service::{Service, ServiceKind, StudyYear, compensation};
pub use standing::{Paid, Standing, standing};

use fujiao_model::Term;
use jiff::civil::Date;

/// Why there is no answer about a loan.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LoanError {
    /// No row covers the day.
    #[error("no `{what}` covers {on}; add a dated row to policies/cn/loans.toml")]
    NoRow {
        /// Table of the file.
        what: &'static str,
        /// The day asked for.
        on: Date,
    },
    /// No limit covers the term.
    #[error("no limit covers {term}; add a dated row to policies/cn/loans.toml")]
    NoLimit {
        /// The term asked for.
        term: Term,
    },
    /// The contract contradicts itself.
    #[error("the contract cannot be right: {0}")]
    Contract(String),
    /// An early repayment on a day on which none is taken.
    #[error("no early repayment is taken on {on}; the next such day is {next}")]
    NotADayForIt {
        /// The day asked for.
        on: Date,
        /// The next day on which one is.
        next: Date,
    },
    /// More is repaid early than is owed.
    #[error("{amount} repaid on {on}, but only {owed} is owed")]
    TooMuch {
        /// The day of the repayment.
        on: Date,
        /// What was to be repaid.
        amount: fujiao_model::Money,
        /// What is owed on that day.
        owed: fujiao_model::Money,
    },
    /// Principal cannot be put off beyond the longest term, or in a year without relief.
    #[error("principal due in {year} cannot be put off: {why}")]
    CannotDefer {
        /// Calendar year of the instalment.
        year: i16,
        /// What stands against it.
        why: &'static str,
    },
    /// Events out of order.
    #[error("a loan that is {from:?} cannot take the step {step:?}")]
    Step {
        /// Where the loan stands.
        from: LoanState,
        /// What was to happen.
        step: LoanEvent,
    },
}
