use std::num::NonZeroU32;

use fujiao_model::{Money, Term};
use serde::Deserialize;

use super::{Facts, Level, LoanError};

/// For which service the state repays.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ServiceKind {
    /// 基层就业
    Grassroots,
    /// 服兵役
    Military,
}

/// One school year of the course.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StudyYear {
    /// Tuition that was paid.
    pub tuition: Money,
    /// Loan for the year; with its interest, where the service repays that too.
    pub loan: Money,
}

/// A service for which somebody applies.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Service {
    /// What kind.
    pub kind: ServiceKind,
    /// The term in which the application is made: decides the limit.
    pub applied: Term,
    /// Level of the course.
    pub level: Level,
    /// Years of service that were agreed on.
    pub service_years: u8,
    /// School years of the course.
    pub years: Vec<StudyYear>,
}

/// 补偿代偿: the parts that the state repays, one a year, the odd fen in the first. None if the service is too short.
///
/// For each school year the larger of tuition and loan, up to the limit.
///
/// # Errors
/// [`LoanError::NoLimit`] if no row covers the term.
pub fn compensation(service: &Service, facts: &Facts) -> Result<Option<Vec<Money>>, LoanError> {
    let term = service.applied;
    let row = facts.caps.iter().rfind(|cap| cap.kind == service.kind && cap.from <= term);
    let row = row.ok_or(LoanError::NoLimit { term })?;
    if service.service_years < row.least_service_years {
        return Ok(None);
    }
    let limit = match service.level {
        Level::Undergraduate => row.ug,
        Level::Postgraduate => row.pg,
    };
    let whole: Money = service.years.iter().map(|y| y.tuition.max(y.loan).min(limit)).sum();
    let parts = NonZeroU32::new(row.parts.into()).expect("the data file pays in parts");
    Ok(Some(whole.split(parts).collect()))
}
