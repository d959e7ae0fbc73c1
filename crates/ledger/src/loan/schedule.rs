use std::collections::BTreeSet;

use fujiao_model::Money;
use jiff::civil::{Date, date};

use super::facts::autumn;
use super::{Base, Facts, Level, LoanError};

/// One school year's loan as it was signed, and what happened to it since.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Contract {
    /// 签约日: decides rate and term.
    pub signed_on: Date,
    /// The calendar year in which the school year begins that the loan is for.
    pub school_year: i16,
    /// Level of study: decides the limit.
    pub level: Level,
    /// 剩余学制: school years from this one to the end of the course, this one included.
    pub remaining_years: u8,
    /// What was lent.
    pub amount: Money,
    /// The day on which the money was paid out; interest runs from here.
    pub disbursed_on: Date,
    /// Times of study, in order: the state pays their interest. At least one.
    pub studies: Vec<Study>,
    /// Changes of rate that the parties agreed on, in order.
    pub rate_changes: Vec<RateChange>,
    /// Calendar years with relief for which the borrower asked to put off the principal.
    pub deferred_years: BTreeSet<i16>,
    /// Principal repaid before it was due, in order.
    pub early: Vec<Early>,
}

/// A time of study.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Study {
    /// First day; for the first time of study any day up to disbursement.
    pub from: Date,
    /// How it ends.
    pub end: StudyEnd,
}

/// How a time of study ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StudyEnd {
    /// 毕业 in that calendar year.
    Graduates(i16),
    /// 退学、开除 on that day.
    Left(Date),
}

/// A rate agreed on later.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RateChange {
    /// First day.
    pub from: Date,
    /// What it is reckoned from.
    pub base: Base,
    /// Basis points added.
    pub spread_bp: i32,
}

/// 提前还款
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Early {
    /// A day on which early repayments are taken.
    pub on: Date,
    /// Principal repaid; its interest is due with it.
    pub principal: Money,
}

/// What kind of settlement a row is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RowKind {
    /// The yearly settlement.
    Yearly,
    /// An early repayment.
    Early,
    /// The end of the loan.
    Last,
}

/// One settlement: interest up to this day, and principal due on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Row {
    /// The day.
    pub on: Date,
    /// What kind.
    pub kind: RowKind,
    /// Principal owed before.
    pub before: Money,
    /// Yearly rate in force on the last day of interest, basis points.
    pub rate_bp: i32,
    /// Interest that the state pays: 贴息.
    pub state_interest: Money,
    /// Interest that the borrower pays.
    pub own_interest: Money,
    /// Interest that the borrower would pay, waived for the year.
    pub waived_interest: Money,
    /// Principal due.
    pub principal: Money,
    /// Principal owed after.
    pub after: Money,
    /// Whether a rate in it is not published yet and is taken to go on.
    pub projected: bool,
}

/// A loan from disbursement to its end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Schedule {
    /// Settlements in order of time.
    pub rows: Vec<Row>,
    /// The day from which the borrower pays the interest, after the last time of study.
    pub own_from: Date,
    /// The first day on which principal is due by plan.
    pub first_principal_on: Date,
    /// 到期日
    pub ends_on: Date,
}

impl Schedule {
    /// Interest of the state, of the borrower, and waived, over the whole loan.
    pub fn interest(&self) -> (Money, Money, Money) {
        (
            self.rows.iter().map(|row| row.state_interest).sum(),
            self.rows.iter().map(|row| row.own_interest).sum(),
            self.rows.iter().map(|row| row.waived_interest).sum(),
        )
    }
}

fn on_year(year: i16, (month, day): (i8, i8)) -> Date {
    date(year, month, day)
}

fn wrong(what: impl Into<String>) -> LoanError {
    LoanError::Contract(what.into())
}

/// The day from which the borrower pays, if this is how study ends.
fn own_from(end: StudyEnd, facts: &Facts) -> Date {
    match end {
        StudyEnd::Graduates(year) => on_year(year, facts.settlement.own_from),
        StudyEnd::Left(on) => on.last_of_month().tomorrow().expect("a day after a month's last"),
    }
}

/// Basis points on a day, and whether they are taken to go on from the last that was published.
fn rate_on(contract: &Contract, facts: &Facts, on: Date) -> Result<(i32, bool), LoanError> {
    let agreed = contract.rate_changes.iter().rfind(|change| change.from <= on);
    let (base, spread) = if let Some(change) = agreed {
        (change.base, change.spread_bp)
    } else {
        let rate = facts.rate(contract.signed_on)?;
        (rate.base, rate.spread_bp)
    };
    // The base is that of the last reset day, or of the day of signing in the first year.
    let this_year = on_year(on.year(), facts.settlement.reset);
    let reset =
        if this_year <= on { this_year } else { on_year(on.year() - 1, facts.settlement.reset) };
    let (bp, projected) = facts.base(base, reset.max(contract.signed_on))?;
    Ok((bp + spread, projected))
}

/// Sums of days × basis points between two days, the last not included: for the state and for the borrower.
#[derive(Clone, Copy, Default)]
struct Weight {
    state: i64,
    own: i64,
    rate_bp: i32,
    projected: bool,
}

fn weigh(contract: &Contract, facts: &Facts, from: Date, to: Date) -> Result<Weight, LoanError> {
    let spans: Vec<(Date, Date)> =
        contract.studies.iter().map(|s| (s.from, own_from(s.end, facts))).collect();
    let mut cuts = BTreeSet::from([from, to]);
    for year in from.year()..=to.year() {
        cuts.insert(on_year(year, facts.settlement.reset));
    }
    cuts.extend(contract.rate_changes.iter().map(|change| change.from));
    cuts.extend(spans.iter().flat_map(|(from, to)| [*from, *to]));
    let cuts: Vec<Date> = cuts.into_iter().filter(|cut| (from..=to).contains(cut)).collect();
    let mut sum = Weight::default();
    for pair in cuts.windows(2) {
        let (rate_bp, projected) = rate_on(contract, facts, pair[0])?;
        let days = i64::from((pair[1] - pair[0]).get_days());
        let weight = days * i64::from(rate_bp);
        if spans.iter().any(|(from, to)| (*from..*to).contains(&pair[0])) {
            sum.state += weight;
        } else {
            sum.own += weight;
        }
        sum.rate_bp = rate_bp;
        sum.projected |= projected;
    }
    Ok(sum)
}

/// Interest of a principal over days × basis points, to the nearest fen, half a fen up.
fn interest(principal: Money, weight: i64, day_count: i64) -> Money {
    let over = i128::from(day_count) * 10_000;
    let fen = (i128::from(principal.as_fen()) * i128::from(weight) * 2 + over) / (2 * over);
    Money::fen(i64::try_from(fen).expect("interest is less than all money"))
}

/// The whole interest rounded once; the borrower's share of it rounded once; the state bears the rest.
fn shares(principal: Money, weight: Weight, day_count: i64) -> (Money, Money) {
    let whole = interest(principal, weight.state + weight.own, day_count);
    let own = interest(principal, weight.own, day_count);
    (whole - own, own)
}

/// `parts` equal parts of an amount: the first, which takes an odd fen.
fn part(amount: Money, parts: usize) -> Money {
    let parts = i64::try_from(parts).expect("a loan has few settlements");
    Money::fen((amount.as_fen() + parts - 1) / parts)
}

fn check(contract: &Contract, facts: &Facts) -> Result<(), LoanError> {
    if contract.amount <= Money::ZERO {
        return Err(wrong("nothing is lent"));
    }
    if contract.disbursed_on < contract.signed_on {
        return Err(wrong("the money was paid out before the contract was signed"));
    }
    if contract.remaining_years == 0 || contract.remaining_years > 10 {
        return Err(wrong("the remaining school years are between 1 and 10"));
    }
    if contract.studies.is_empty() {
        return Err(wrong("there is no time of study"));
    }
    if contract.studies.windows(2).any(|pair| pair[1].from < pair[0].from)
        || contract.rate_changes.windows(2).any(|pair| pair[1].from <= pair[0].from)
        || contract.early.windows(2).any(|pair| pair[1].on <= pair[0].on)
    {
        return Err(wrong("studies, changes of rate or early repayments are not in order of time"));
    }
    if contract.studies.iter().any(|s| own_from(s.end, facts) <= s.from) {
        return Err(wrong("a time of study ends before it begins"));
    }
    for early in &contract.early {
        if early.principal <= Money::ZERO || early.on < contract.disbursed_on {
            return Err(wrong(
                "an early repayment is of nothing, or before the money was paid out",
            ));
        }
        let next = facts.early_day(early.on);
        if next != early.on {
            return Err(LoanError::NotADayForIt { on: early.on, next });
        }
    }
    for year in &contract.deferred_years {
        if facts.relief(*year).is_none() {
            return Err(LoanError::CannotDefer { year: *year, why: "no relief is on file for it" });
        }
    }
    Ok(())
}

/// Every settlement of a loan from disbursement to its end, to the fen.
///
/// Interest runs from the day of disbursement, by days of a year of 360, at the base rate of the last 21 December (before the
/// first: of the day of signing) and the spread of the contract; it is rounded once a settlement. The state pays it while the
/// borrower studies. No principal is due before the grace is over; then it is due in equal parts, an odd fen in the first. In a
/// year of relief the interest of graduates is waived and, if they asked, principal due is put off to the next settlement.
///
/// Source: the rows of the data file name theirs; where a rule is general knowledge or unsure, its `mark` says so.
///
/// # Errors
/// [`LoanError`] for a contract that contradicts itself, a day without a row, or an early repayment that cannot be.
pub fn schedule(contract: &Contract, facts: &Facts) -> Result<Schedule, LoanError> {
    check(contract, facts)?;
    let terms = facts.terms(contract.signed_on)?;
    let longest = contract.school_year + i16::from(terms.longest_years);
    let years = contract.remaining_years.saturating_add(terms.plus_years).min(terms.longest_years);
    let mut last_year = contract.school_year + i16::from(years);
    let rules = facts.settlement;
    let own_from = contract
        .studies
        .iter()
        .map(|s| own_from(s.end, facts))
        .max()
        .expect("a loan has a time of study");
    let free_until =
        on_year(own_from.year() + i16::from(terms.grace_years), (own_from.month(), own_from.day()));
    let mut first_principal_on = None;
    let mut rows = Vec::new();
    let mut owed = contract.amount;
    let mut carried = Money::ZERO;
    let mut since = contract.disbursed_on;
    let mut early = contract.early.iter().peekable();
    let first_year = contract.disbursed_on.year();
    let mut year = if on_year(first_year, rules.day) > contract.disbursed_on {
        first_year
    } else {
        first_year + 1
    };
    if on_year(last_year, rules.last_day) <= contract.disbursed_on {
        return Err(wrong("the loan would end before it begins"));
    }
    while !owed.is_zero() {
        let last = year == last_year;
        let on = on_year(year, if last { rules.last_day } else { rules.day });
        while let Some(now) = early.next_if(|early| early.on < on) {
            let row = repay_early(contract, facts, now, since, owed, own_from)?;
            owed = row.after;
            carried = carried.min(owed);
            rows.push(row);
        }
        if owed.is_zero() {
            break;
        }
        let weight = weigh(contract, facts, since, on)?;
        let (state_interest, mut own_interest) = shares(owed, weight, rules.day_count);
        let graduated = own_from <= on;
        let relief = facts.relief(year).is_some() && graduated;
        let mut waived_interest = Money::ZERO;
        if relief {
            std::mem::swap(&mut own_interest, &mut waived_interest);
        }
        let mut principal = Money::ZERO;
        let mut kind = if last { RowKind::Last } else { RowKind::Yearly };
        if on >= free_until || last {
            first_principal_on.get_or_insert(on);
            let left = usize::try_from(last_year - year).expect("the last year comes last") + 1;
            principal = carried + part(owed - carried, left);
            carried = Money::ZERO;
            if relief && contract.deferred_years.contains(&year) {
                if last {
                    if last_year == longest {
                        let why = "the loan has its longest term already";
                        return Err(LoanError::CannotDefer { year, why });
                    }
                    last_year += 1;
                    kind = RowKind::Yearly;
                }
                carried = principal;
                principal = Money::ZERO;
            }
        }
        let after = owed - principal;
        rows.push(Row {
            on,
            kind,
            before: owed,
            rate_bp: weight.rate_bp,
            state_interest,
            own_interest,
            waived_interest,
            principal,
            after,
            projected: weight.projected,
        });
        owed = after;
        since = on;
        year += 1;
    }
    if let Some(beyond) = early.next() {
        let amount = beyond.principal;
        return Err(LoanError::TooMuch { on: beyond.on, amount, owed });
    }
    let planned = rows.last().map_or(since, |row| row.on);
    Ok(Schedule {
        first_principal_on: first_principal_on.unwrap_or(planned),
        ends_on: on_year(last_year, rules.last_day),
        rows,
        own_from,
    })
}

fn repay_early(
    contract: &Contract,
    facts: &Facts,
    early: &Early,
    since: Date,
    owed: Money,
    graduated_from: Date,
) -> Result<Row, LoanError> {
    if early.principal > owed {
        return Err(LoanError::TooMuch { on: early.on, amount: early.principal, owed });
    }
    let weight = weigh(contract, facts, since, early.on)?;
    // What is repaid takes its own interest along; the rest goes on to the next settlement.
    let (state_interest, mut own_interest) =
        shares(early.principal, weight, facts.settlement.day_count);
    let mut waived_interest = Money::ZERO;
    if facts.relief(early.on.year()).is_some() && graduated_from <= early.on {
        std::mem::swap(&mut own_interest, &mut waived_interest);
    }
    Ok(Row {
        on: early.on,
        kind: RowKind::Early,
        before: owed,
        rate_bp: weight.rate_bp,
        state_interest,
        own_interest,
        waived_interest,
        principal: early.principal,
        after: owed - early.principal,
        projected: weight.projected,
    })
}

impl Contract {
    /// A contract as it is signed for a full-time course that ends with graduation: no event yet.
    pub fn new(
        signed_on: Date,
        school_year: i16,
        level: Level,
        remaining_years: u8,
        amount: Money,
        disbursed_on: Date,
    ) -> Self {
        let graduates = school_year + i16::from(remaining_years);
        Self {
            signed_on,
            school_year,
            level,
            remaining_years,
            amount,
            disbursed_on,
            studies: vec![Study {
                from: autumn(school_year).start().min(signed_on),
                end: StudyEnd::Graduates(graduates),
            }],
            rate_changes: Vec::new(),
            deferred_years: BTreeSet::new(),
            early: Vec::new(),
        }
    }
}
