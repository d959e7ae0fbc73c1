use std::collections::BTreeMap;

use fujiao_model::{Faults, Money, RulesError, Season, Term, read_rules};
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
    /// [`RulesError`] with every table that is empty, out of order or without its source.
    pub fn read(text: &str) -> Result<Self, RulesError> {
        let raw: raw::File = read_rules(text)?;
        let mut faults = Faults::of(text);
        let facts = raw.check(&mut faults);
        faults.end(facts)
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
        BTreeMap, Base, BaseRate, BaseTable, Borrower, Cap, Date, Deserialize, Facts, Faults,
        Limit, Mark, Money, Relief, Settlement, Term, Terms, Use,
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

    /// What was read of a table, or what is wrong with it.
    type Part<T> = Result<T, String>;

    fn unsound(table: &'static str, fault: &str) -> String {
        format!("[{table}] {fault}")
    }

    fn day(table: &'static str, text: &str) -> Part<Date> {
        text.parse().map_err(|_| unsound(table, &format!("“{text}”不是日期；写成 2024-09-01")))
    }

    fn term(table: &'static str, text: &str) -> Part<Term> {
        text.parse().map_err(|_| unsound(table, &format!("“{text}”不是学期；写成 2024A 或 2024S")))
    }

    fn month_day(table: &'static str, text: &str) -> Part<(i8, i8)> {
        // Any year without a leap day: 29 February is no day that comes every year.
        let found: Result<Date, _> = format!("2023-{text}").parse();
        let fault = || unsound(table, &format!("“{text}”不是每年都有的一天；写成 12-20"));
        found.map(|day| (day.month(), day.day())).map_err(|_| fault())
    }

    fn in_order<T, K: Ord>(table: &'static str, rows: &[T], key: impl Fn(&T) -> K) -> Part<()> {
        if rows.is_empty() {
            return Err(unsound(table, "一行也没有；补上"));
        }
        if rows.windows(2).any(|pair| key(&pair[0]) >= key(&pair[1])) {
            return Err(unsound(table, "各行没有按时间先后排，或有两行同时起；排好"));
        }
        Ok(())
    }

    impl File {
        /// Every table, or every fault.
        pub(super) fn check(self, faults: &mut Faults<'_>) -> Option<Facts> {
            self.sourced(faults);
            self.sane(faults);
            if !self.relief.is_empty() {
                faults.keep(in_order("relief", &self.relief, |row| row.year));
            }
            let limits = faults.keep(limits(self.limit));
            let uses = faults.keep(uses(self.r#use));
            let rates = faults.keep(rates(self.rate));
            let terms = faults.keep(terms(self.term));
            let bases = faults.keep(bases(&self.base));
            let caps = faults.keep(caps(self.compensation));
            let settlement = faults.keep(settlement(&self.settlement));
            let borrower = faults.keep(borrower(self.borrower));
            Some(Facts {
                limits: limits?,
                uses: uses?,
                rates: rates?,
                terms: terms?,
                bases: bases?,
                settlement: settlement?,
                early_day: self.early.day,
                early_not_in: self.early.not_in_months,
                arrears_percent: self.arrears.factor_percent,
                arrears_compound: self.arrears.compound,
                relief: self.relief,
                caps: caps?,
                borrower: borrower?,
            })
        }

        /// Every row has its source.
        fn sourced(&self, faults: &mut Faults<'_>) {
            let mut of = |table: &'static str, rows: Vec<&String>| {
                if rows.iter().any(|basis| basis.trim().is_empty()) {
                    faults.say(unsound(table, "有一行没有依据 basis；补上出处"));
                }
            };
            of("limit", self.limit.iter().map(|r| &r.basis).collect());
            of("use", self.r#use.iter().map(|r| &r.basis).collect());
            of("rate", self.rate.iter().map(|r| &r.basis).collect());
            of("term", self.term.iter().map(|r| &r.basis).collect());
            of("relief", self.relief.iter().map(|r| &r.basis).collect());
            of("compensation", self.compensation.iter().map(|r| &r.basis).collect());
            of("base", self.base.values().map(|r| &r.basis).collect());
            of("borrower", vec![&self.borrower.basis]);
            of("settlement", vec![&self.settlement.basis]);
            of("early", vec![&self.early.basis]);
            of("arrears", vec![&self.arrears.basis]);
        }

        /// No number is out of its range.
        fn sane(&self, faults: &mut Faults<'_>) {
            if self.settlement.day_count <= 0 {
                faults.say(unsound("settlement", "一年的计息天数（day_count）大于零"));
            }
            if self.settlement.left_from != "next_month" {
                faults.say(unsound("settlement", "left_from 只能写 next_month"));
            }
            let early = &self.early;
            if !(1..=28).contains(&early.day) || (1..=12).all(|m| early.not_in_months.contains(&m))
            {
                faults.say(unsound(
                    "early",
                    "没有一天能提前还款；day 在 1 到 28，not_in_months 不占满十二个月",
                ));
            }
            if self.arrears.factor_percent < 100 {
                faults.say(unsound("arrears", "逾期的利息比不逾期还少；factor_percent 不小于 100"));
            }
        }
    }

    fn limits(rows: Vec<RawLimit>) -> Part<Vec<Limit>> {
        let mut limits = Vec::new();
        for row in rows {
            let (ug, pg) = (Money::fen(row.ug), Money::fen(row.pg));
            limits.push(Limit { from: term("limit", &row.from)?, ug, pg });
        }
        in_order("limit", &limits, |row| row.from)?;
        Ok(limits)
    }

    fn uses(rows: Vec<RawUse>) -> Part<Vec<Use>> {
        let mut uses = Vec::new();
        for row in rows {
            let least = Money::fen(row.least);
            uses.push(Use { from: term("use", &row.from)?, least, living: row.living });
        }
        in_order("use", &uses, |row| row.from)?;
        Ok(uses)
    }

    fn settlement(raw: &RawSettlement) -> Part<Settlement> {
        let settlement = Settlement {
            day: month_day("settlement", &raw.day)?,
            last_day: month_day("settlement", &raw.last_day)?,
            own_from: month_day("settlement", &raw.own_from)?,
            reset: month_day("settlement", &raw.reset)?,
            day_count: raw.day_count,
        };
        if settlement.last_day > settlement.day {
            return Err(unsound("settlement", "最后一年的 last_day 晚于结息日 day；改早"));
        }
        Ok(settlement)
    }

    fn borrower(raw: RawBorrower) -> Part<Borrower> {
        Ok(Borrower {
            co_borrower_least_age: raw.co_borrower_least_age,
            receipt_by: month_day("borrower", &raw.receipt_by)?,
            disburse_by: month_day("borrower", &raw.disburse_by)?,
            bearer: raw.bearer,
            basis: raw.basis,
        })
    }

    fn rates(rows: Vec<RawRate>) -> Part<Vec<(Date, BaseRate)>> {
        let mut rates = Vec::new();
        for row in rows {
            let from = day("rate", &row.signed_from)?;
            let (base, spread_bp) = (row.base, row.spread);
            rates.push((from, BaseRate { base, spread_bp, basis: row.basis, mark: row.mark }));
        }
        in_order("rate", &rates, |row| row.0)?;
        Ok(rates)
    }

    fn terms(rows: Vec<RawTerm>) -> Part<Vec<(Date, Terms)>> {
        let mut terms = Vec::new();
        for row in rows {
            if row.longest_years < row.plus_years {
                return Err(unsound(
                    "term",
                    "最长年限比所加的年数还短；改 longest_years 或 plus_years",
                ));
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

    fn caps(rows: Vec<RawCap>) -> Part<Vec<Cap>> {
        let mut caps = Vec::new();
        for row in rows {
            if row.parts == 0 {
                return Err(unsound("compensation", "分几次补（parts）不小于 1"));
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

    fn bases(tables: &BTreeMap<String, RawBase>) -> Part<BTreeMap<Base, BaseTable>> {
        let mut bases = BTreeMap::new();
        for (name, base) in [("pboc5y", Base::Pboc5y), ("lpr5y", Base::Lpr5y)] {
            let table =
                tables.get(name).ok_or_else(|| unsound("base", &format!("缺 {name}；补上")))?;
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
