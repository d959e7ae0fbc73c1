use std::collections::BTreeMap;

use fujiao_model::{Money, Season, Term};
use jiff::civil::Date;
use serde::Deserialize;

use super::LoanError;

/// How sure a row of the data file is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
pub enum Mark {
    /// 待核实: unsure, to be checked before use.
    U,
    /// 通行说法: general knowledge.
    K,
    /// 公开网页: a public page said so.
    V,
    /// 官方网页: a page of an authority said so.
    #[serde(rename = "V*")]
    Official,
}

/// Level of study, as limits tell them apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// 本专科, with 高职, 预科 and 第二学士学位.
    Undergraduate,
    /// 研究生
    Postgraduate,
}

/// What a rate is reckoned from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
pub enum Base {
    /// 人民银行五年以上贷款基准利率
    #[serde(rename = "pboc5y")]
    Pboc5y,
    /// 5年期以上贷款市场报价利率
    #[serde(rename = "lpr5y")]
    Lpr5y,
}

/// The rate on which a contract of some day stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BaseRate {
    /// What it is reckoned from.
    pub base: Base,
    /// Basis points added; below zero for less.
    pub spread_bp: i32,
    /// Source.
    pub basis: String,
    /// How sure.
    pub mark: Mark,
}

/// Term and grace of a contract of some day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Terms {
    /// Years added to the remaining school years.
    pub plus_years: u8,
    /// Longest term in years.
    pub longest_years: u8,
    /// Years after the end of study in which no principal is due.
    pub grace_years: u8,
    /// Source.
    pub basis: String,
    /// How sure.
    pub mark: Mark,
}

/// A calendar year in which interest due is waived and principal may be put off by a year.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Relief {
    /// Calendar year.
    pub year: i16,
    /// Source.
    pub basis: String,
    /// How sure.
    pub mark: Mark,
}

/// What borrower and co-borrower must meet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Borrower {
    /// Least age of a co-borrower who is neither parent nor guardian, in years.
    pub co_borrower_least_age: u8,
    /// Month and day by which the university confirms.
    pub receipt_by: (i8, i8),
    /// Month and day by which the money is paid out.
    pub disburse_by: (i8, i8),
    /// Who answers for it that everybody who may borrow does.
    pub bearer: String,
    /// Source.
    pub basis: String,
}

/// 结息还本: how interest is settled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Settlement {
    /// Month and day of the yearly settlement.
    pub(crate) day: (i8, i8),
    /// Month and day on which a loan ends in its last year.
    pub(crate) last_day: (i8, i8),
    /// Month and day in the year of graduation from which the borrower pays the interest.
    pub(crate) own_from: (i8, i8),
    /// Month and day on which the base rate is looked up anew.
    pub(crate) reset: (i8, i8),
    /// Days of a year of interest.
    pub(crate) day_count: i64,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Limit {
    from: Term,
    ug: Money,
    pg: Money,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Use {
    from: Term,
    least: Money,
    living: bool,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct BaseTable {
    rows: Vec<(Date, i32)>,
    known_until: Option<Date>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Cap {
    pub(crate) kind: super::ServiceKind,
    pub(crate) from: Term,
    pub(crate) ug: Money,
    pub(crate) pg: Money,
    pub(crate) parts: u8,
    pub(crate) least_service_years: u8,
}

/// Everything about loans that is a number or a date: read from a data file, never written in code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Facts {
    limits: Vec<Limit>,
    uses: Vec<Use>,
    rates: Vec<(Date, BaseRate)>,
    terms: Vec<(Date, Terms)>,
    bases: BTreeMap<Base, BaseTable>,
    pub(crate) settlement: Settlement,
    pub(crate) early_day: i8,
    pub(crate) early_not_in: Vec<i8>,
    pub(crate) arrears_percent: i64,
    pub(crate) arrears_compound: bool,
    relief: Vec<Relief>,
    pub(crate) caps: Vec<Cap>,
    /// Rules about who may borrow.
    pub borrower: Borrower,
}

impl Facts {
    /// The file that comes with the program, `policies/cn/loans.toml`.
    pub const BUILTIN: &'static str = include_str!("../../../../policies/cn/loans.toml");

    /// The facts that come with the program.
    pub fn builtin() -> Self {
        Self::read(Self::BUILTIN).expect("a test reads the file that comes with the program")
    }

    /// Reads a data file in the form of `policies/cn/loans.toml`.
    ///
    /// # Errors
    /// [`LoanError::Unreadable`] with line and column; [`LoanError::Unsound`] for a table that is empty or out of order.
    pub fn read(text: &str) -> Result<Self, LoanError> {
        let raw: raw::File =
            toml::from_str(text).map_err(|e| LoanError::Unreadable(e.to_string()))?;
        raw.check()
    }

    /// The most that may be borrowed for the school year of `term`.
    ///
    /// # Errors
    /// [`LoanError::NoLimit`] if no row covers the term.
    pub fn limit(&self, level: Level, term: Term) -> Result<Money, LoanError> {
        let row = self.limits.iter().rfind(|row| row.from <= term);
        let row = row.ok_or(LoanError::NoLimit { term })?;
        Ok(match level {
            Level::Undergraduate => row.ug,
            Level::Postgraduate => row.pg,
        })
    }

    /// The least that may be borrowed for the school year of `term`, and whether it may pay for living.
    ///
    /// # Errors
    /// [`LoanError::NoLimit`] if no row covers the term.
    pub fn least(&self, term: Term) -> Result<(Money, bool), LoanError> {
        let row = self.uses.iter().rfind(|row| row.from <= term);
        row.map(|row| (row.least, row.living)).ok_or(LoanError::NoLimit { term })
    }

    /// The rate of a contract signed on a day.
    ///
    /// # Errors
    /// [`LoanError::NoRow`] if no row covers the day.
    pub fn rate(&self, signed_on: Date) -> Result<&BaseRate, LoanError> {
        let row = self.rates.iter().rfind(|(from, _)| *from <= signed_on);
        row.map(|(_, rate)| rate).ok_or(LoanError::NoRow { what: "rate", on: signed_on })
    }

    /// Term and grace of a contract signed on a day.
    ///
    /// # Errors
    /// [`LoanError::NoRow`] if no row covers the day.
    pub fn terms(&self, signed_on: Date) -> Result<&Terms, LoanError> {
        let row = self.terms.iter().rfind(|(from, _)| *from <= signed_on);
        row.map(|(_, terms)| terms).ok_or(LoanError::NoRow { what: "term", on: signed_on })
    }

    /// A base rate in basis points as published on or before a day, and whether that day lies beyond what is on file.
    ///
    /// # Errors
    /// [`LoanError::NoRow`] before the first row.
    pub fn base(&self, base: Base, on: Date) -> Result<(i32, bool), LoanError> {
        let table = &self.bases[&base];
        let row = table.rows.iter().rfind(|(from, _)| *from <= on);
        let (_, bp) = row.ok_or(LoanError::NoRow { what: "base", on })?;
        Ok((*bp, table.known_until.is_some_and(|known| on > known)))
    }

    /// The relief of a calendar year, if there is one.
    pub fn relief(&self, year: i16) -> Option<&Relief> {
        self.relief.iter().find(|row| row.year == year)
    }

    /// The day of a calendar year on which interest is settled.
    pub fn settled_on(&self, year: i16) -> Date {
        let (month, day) = self.settlement.day;
        jiff::civil::date(year, month, day)
    }

    /// The day by which the money of a school year is paid out.
    pub fn disbursed_by(&self, school_year: i16) -> Date {
        let (month, day) = self.borrower.disburse_by;
        jiff::civil::date(school_year, month, day)
    }

    /// The first day on or after `on` on which an early repayment is taken.
    pub fn early_day(&self, on: Date) -> Date {
        let mut day = on;
        while day.day() != self.early_day || self.early_not_in.contains(&day.month()) {
            day = day.tomorrow().expect("a loan ends long before the calendar does");
        }
        day
    }
}

/// The autumn term in which a school year begins.
pub(crate) fn autumn(school_year: i16) -> Term {
    Term::new(school_year, Season::Autumn)
}

mod raw {
    use super::{
        BTreeMap, Base, BaseRate, BaseTable, Borrower, Cap, Date, Deserialize, Facts, Limit,
        LoanError, Mark, Money, Relief, Settlement, Term, Terms, Use,
    };
    use crate::loan::ServiceKind;

    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    pub(super) struct File {
        #[serde(rename = "engine")]
        _engine: String,
        #[serde(rename = "scope")]
        _scope: String,
        #[serde(rename = "title")]
        _title: String,
        limit: Vec<RawLimit>,
        r#use: Vec<RawUse>,
        rate: Vec<RawRate>,
        term: Vec<RawTerm>,
        settlement: RawSettlement,
        early: RawEarly,
        arrears: RawArrears,
        #[serde(default)]
        relief: Vec<Relief>,
        #[serde(default)]
        compensation: Vec<RawCap>,
        borrower: RawBorrower,
        base: BTreeMap<String, RawBase>,
    }

    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct RawLimit {
        from: String,
        ug: i64,
        pg: i64,
        basis: String,
        #[serde(rename = "mark")]
        _mark: Mark,
    }

    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct RawUse {
        from: String,
        least: i64,
        living: bool,
        basis: String,
        #[serde(rename = "mark")]
        _mark: Mark,
    }

    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct RawRate {
        signed_from: String,
        base: Base,
        spread: i32,
        basis: String,
        mark: Mark,
    }

    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct RawTerm {
        signed_from: String,
        plus_years: u8,
        longest_years: u8,
        grace_years: u8,
        basis: String,
        mark: Mark,
    }

    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct RawSettlement {
        day: String,
        last_day: String,
        own_from: String,
        left_from: String,
        reset: String,
        day_count: i64,
        basis: String,
        #[serde(rename = "mark")]
        _mark: Mark,
    }

    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct RawEarly {
        day: i8,
        not_in_months: Vec<i8>,
        basis: String,
        #[serde(rename = "mark")]
        _mark: Mark,
    }

    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct RawArrears {
        factor_percent: i64,
        compound: bool,
        basis: String,
        #[serde(rename = "mark")]
        _mark: Mark,
    }

    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct RawCap {
        kind: ServiceKind,
        from: String,
        ug: i64,
        pg: i64,
        parts: u8,
        least_service_years: u8,
        basis: String,
        #[serde(rename = "mark")]
        _mark: Mark,
    }

    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct RawBorrower {
        co_borrower_least_age: u8,
        receipt_by: String,
        disburse_by: String,
        bearer: String,
        basis: String,
        #[serde(rename = "mark")]
        _mark: Mark,
    }

    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct RawBase {
        basis: String,
        #[serde(rename = "mark")]
        _mark: Mark,
        known_until: Option<String>,
        rows: Vec<RawBaseRow>,
    }

    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct RawBaseRow {
        from: String,
        bp: i32,
    }

    fn unsound(table: &'static str, fault: impl Into<String>) -> LoanError {
        LoanError::Unsound { table, fault: fault.into() }
    }

    fn day(table: &'static str, text: &str) -> Result<Date, LoanError> {
        text.parse().map_err(|_| unsound(table, format!("`{text}` is no day like 2024-09-01")))
    }

    fn term(table: &'static str, text: &str) -> Result<Term, LoanError> {
        text.parse().map_err(|_| unsound(table, format!("`{text}` is no term like 2024A")))
    }

    fn month_day(table: &'static str, text: &str) -> Result<(i8, i8), LoanError> {
        // Any year without a leap day: 29 February is no day that comes every year.
        let found = day(table, &format!("2023-{text}"));
        let found = found
            .map_err(|_| unsound(table, format!("`{text}` is no day of every year like 12-20")))?;
        Ok((found.month(), found.day()))
    }

    fn in_order<T, K: Ord>(
        table: &'static str,
        rows: &[T],
        key: impl Fn(&T) -> K,
    ) -> Result<(), LoanError> {
        if rows.is_empty() {
            return Err(unsound(table, "has no row"));
        }
        if rows.windows(2).any(|pair| key(&pair[0]) >= key(&pair[1])) {
            return Err(unsound(table, "its rows are not in order of time, or two begin together"));
        }
        Ok(())
    }

    fn sourced<'a>(
        table: &'static str,
        mut rows: impl Iterator<Item = &'a String>,
    ) -> Result<(), LoanError> {
        if rows.any(|basis| basis.trim().is_empty()) {
            return Err(unsound(table, "a row has no `basis`"));
        }
        Ok(())
    }

    impl File {
        pub(super) fn check(self) -> Result<Facts, LoanError> {
            self.sourced()?;
            self.sane()?;
            let mut limits = Vec::new();
            for row in self.limit {
                let (ug, pg) = (Money::fen(row.ug), Money::fen(row.pg));
                limits.push(Limit { from: term("limit", &row.from)?, ug, pg });
            }
            in_order("limit", &limits, |row| row.from)?;
            let mut uses = Vec::new();
            for row in self.r#use {
                let least = Money::fen(row.least);
                uses.push(Use { from: term("use", &row.from)?, least, living: row.living });
            }
            in_order("use", &uses, |row| row.from)?;
            let settlement = Settlement {
                day: month_day("settlement", &self.settlement.day)?,
                last_day: month_day("settlement", &self.settlement.last_day)?,
                own_from: month_day("settlement", &self.settlement.own_from)?,
                reset: month_day("settlement", &self.settlement.reset)?,
                day_count: self.settlement.day_count,
            };
            if settlement.last_day > settlement.day {
                return Err(unsound("settlement", "the last year ends after its own settlement"));
            }
            Ok(Facts {
                limits,
                uses,
                rates: rates(self.rate)?,
                terms: terms(self.term)?,
                bases: bases(&self.base)?,
                settlement,
                early_day: self.early.day,
                early_not_in: self.early.not_in_months,
                arrears_percent: self.arrears.factor_percent,
                arrears_compound: self.arrears.compound,
                relief: self.relief,
                caps: caps(self.compensation)?,
                borrower: Borrower {
                    co_borrower_least_age: self.borrower.co_borrower_least_age,
                    receipt_by: month_day("borrower", &self.borrower.receipt_by)?,
                    disburse_by: month_day("borrower", &self.borrower.disburse_by)?,
                    bearer: self.borrower.bearer,
                    basis: self.borrower.basis,
                },
            })
        }

        /// Every row has its source.
        fn sourced(&self) -> Result<(), LoanError> {
            sourced("limit", self.limit.iter().map(|r| &r.basis))?;
            sourced("use", self.r#use.iter().map(|r| &r.basis))?;
            sourced("rate", self.rate.iter().map(|r| &r.basis))?;
            sourced("term", self.term.iter().map(|r| &r.basis))?;
            sourced("relief", self.relief.iter().map(|r| &r.basis))?;
            sourced("compensation", self.compensation.iter().map(|r| &r.basis))?;
            sourced("base", self.base.values().map(|r| &r.basis))?;
            sourced("borrower", [&self.borrower.basis].into_iter())?;
            let ways = [&self.settlement.basis, &self.early.basis, &self.arrears.basis];
            sourced("settlement, early, arrears", ways.into_iter())
        }

        /// No number is out of its range.
        fn sane(&self) -> Result<(), LoanError> {
            if self.settlement.day_count <= 0 {
                return Err(unsound("settlement", "a year of interest has no days"));
            }
            if self.settlement.left_from != "next_month" {
                return Err(unsound(
                    "settlement",
                    "`left_from` is next_month; nothing else is known",
                ));
            }
            if !(1..=28).contains(&self.early.day)
                || (1..=12).all(|m| self.early.not_in_months.contains(&m))
            {
                return Err(unsound("early", "leaves no day for early repayment"));
            }
            if self.arrears.factor_percent < 100 {
                return Err(unsound("arrears", "who is late would pay less than who is not"));
            }
            if !self.relief.is_empty() {
                in_order("relief", &self.relief, |row| row.year)?;
            }
            Ok(())
        }
    }

    fn rates(rows: Vec<RawRate>) -> Result<Vec<(Date, BaseRate)>, LoanError> {
        let mut rates = Vec::new();
        for row in rows {
            let from = day("rate", &row.signed_from)?;
            let (base, spread_bp) = (row.base, row.spread);
            rates.push((from, BaseRate { base, spread_bp, basis: row.basis, mark: row.mark }));
        }
        in_order("rate", &rates, |row| row.0)?;
        Ok(rates)
    }

    fn terms(rows: Vec<RawTerm>) -> Result<Vec<(Date, Terms)>, LoanError> {
        let mut terms = Vec::new();
        for row in rows {
            if row.longest_years < row.plus_years {
                return Err(unsound("term", "the longest term is shorter than what is added"));
            }
            let found = Terms {
                plus_years: row.plus_years,
                longest_years: row.longest_years,
                grace_years: row.grace_years,
                basis: row.basis,
                mark: row.mark,
            };
            terms.push((day("term", &row.signed_from)?, found));
        }
        in_order("term", &terms, |row| row.0)?;
        Ok(terms)
    }

    fn caps(rows: Vec<RawCap>) -> Result<Vec<Cap>, LoanError> {
        let mut caps = Vec::new();
        for row in rows {
            if row.parts == 0 {
                return Err(unsound("compensation", "is paid in no parts"));
            }
            caps.push(Cap {
                kind: row.kind,
                from: term("compensation", &row.from)?,
                ug: Money::fen(row.ug),
                pg: Money::fen(row.pg),
                parts: row.parts,
                least_service_years: row.least_service_years,
            });
        }
        for kind in [ServiceKind::Grassroots, ServiceKind::Military] {
            let rows: Vec<&Cap> = caps.iter().filter(|cap| cap.kind == kind).collect();
            in_order("compensation", &rows, |row| row.from)?;
        }
        Ok(caps)
    }

    fn bases(tables: &BTreeMap<String, RawBase>) -> Result<BTreeMap<Base, BaseTable>, LoanError> {
        let mut bases = BTreeMap::new();
        for (name, base) in [("pboc5y", Base::Pboc5y), ("lpr5y", Base::Lpr5y)] {
            let table = tables.get(name).ok_or_else(|| unsound("base", format!("lacks {name}")))?;
            let mut rows = Vec::new();
            for row in &table.rows {
                rows.push((day("base", &row.from)?, row.bp));
            }
            in_order("base", &rows, |row| row.0)?;
            let known_until =
                table.known_until.as_deref().map(|text| day("base", text)).transpose()?;
            bases.insert(base, BaseTable { rows, known_until });
        }
        Ok(bases)
    }
}
