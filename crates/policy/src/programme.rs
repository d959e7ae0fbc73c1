use std::sync::Arc;

use fujiao_model::{AidForm, Area, Period, Season, Unit};
use jiff::civil::Date;

use crate::ColumnId;
use crate::column::FrameKind;
use crate::expr::{Bool, Num};

/// How sure the source of a row is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Mark {
    /// A page of a government or ministry says so.
    Official,
    /// A published page says so.
    Verified,
    /// Commonly known, not checked again.
    Known,
    /// Unsure; to be confirmed by the county.
    Unsure,
}

impl Mark {
    /// As policy files write it: `V*`, `V`, `K`, `U`.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Official => "V*",
            Self::Verified => "V",
            Self::Known => "K",
            Self::Unsure => "U",
        }
    }

    /// For people.
    pub const fn chinese(self) -> &'static str {
        match self {
            Self::Official => "官方网页",
            Self::Verified => "公开网页",
            Self::Known => "通行说法",
            Self::Unsure => "待核实",
        }
    }

    /// Reads what [`Mark::code`] writes.
    pub fn from_code(code: &str) -> Option<Self> {
        [Self::Official, Self::Verified, Self::Known, Self::Unsure]
            .into_iter()
            .find(|m| m.code() == code)
    }
}

/// How often something is owed, and so for which kind of [`Period`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Rhythm {
    /// Each term.
    Term,
    /// Each month.
    Month,
    /// Each school day: the columns of the frame say how many there are in the period asked about.
    SchoolDay,
    /// Each school year.
    SchoolYear,
    /// Each calendar year.
    Year,
    /// Once in all.
    Once,
}

impl Rhythm {
    /// Every rhythm.
    pub const ALL: &'static [Self] =
        &[Self::Term, Self::Month, Self::SchoolDay, Self::SchoolYear, Self::Year, Self::Once];

    /// The name in policy files.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Term => "term",
            Self::Month => "month",
            Self::SchoolDay => "school_day",
            Self::SchoolYear => "school_year",
            Self::Year => "year",
            Self::Once => "once",
        }
    }

    /// Reads what [`Rhythm::code`] writes.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|r| r.code() == code)
    }

    /// Whether the period is one of this rhythm.
    pub const fn fits(self, period: Period) -> bool {
        matches!(
            (self, period),
            (Self::Term, Period::Term(_))
                | (Self::Month, Period::Month(..))
                | (Self::SchoolDay, Period::Month(..) | Period::Term(_) | Period::Day(_))
                | (Self::SchoolYear, Period::SchoolYear(_))
                | (Self::Year, Period::Year(_))
                | (Self::Once, Period::Once)
        )
    }
}

/// A day that a policy file sets: when a list opens, by when a duty is due.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DayRule {
    /// First day of the period.
    Start,
    /// So many days after the last day of the period.
    AfterEnd(i16),
    /// Month and day in the period or the twelve months from its first day: by term.
    InTerm {
        /// In an autumn term.
        autumn: (i8, i8),
        /// In a spring term.
        spring: (i8, i8),
    },
    /// Month and day, the first on or after the first day of the period.
    On(i8, i8),
    /// So many months after the day in a column of the row.
    AfterColumn(ColumnId, i16),
}

impl DayRule {
    /// The day for a period, where it is the same for every row. Without period: counted from `as_of`'s year.
    pub fn day(&self, period: Period, as_of: Date) -> Option<Date> {
        let (first, last) = period.days().unwrap_or((as_of.first_of_year(), as_of.last_of_year()));
        let next = |month: i8, day: i8| {
            let this = Date::new(first.year(), month, day).ok()?;
            if this >= first { Some(this) } else { Date::new(first.year() + 1, month, day).ok() }
        };
        match *self {
            Self::Start => Some(first),
            Self::AfterEnd(days) => last.checked_add(jiff::Span::new().days(days)).ok(),
            Self::InTerm { autumn, spring } => match period {
                Period::Term(t) if t.season() == Season::Spring => next(spring.0, spring.1),
                _ => next(autumn.0, autumn.1),
            },
            Self::On(month, day) => next(month, day),
            Self::AfterColumn(..) => None,
        }
    }
}

/// One dated amount or quantity.
#[derive(Clone, Debug)]
pub struct AmountRow {
    /// First and last day in force; the last is open where the file gives none.
    pub from: Date,
    /// See `from`.
    pub to: Option<Date>,
    /// `from` as the file writes it: `2024S`.
    pub from_text: Arc<str>,
    /// The article that sets it.
    pub basis: Arc<str>,
    /// How sure the value is.
    pub mark: Mark,
    /// Fen for one unit, where the duty counts things that cost money: a meal, a square metre.
    pub price: Option<i64>,
    /// The file and line that it stands in.
    pub place: (Arc<str>, usize),
    /// For whom of those entitled, as the file writes it; empty for all.
    pub when_text: Arc<str>,
    /// The value as the file writes it: a number or an expression.
    pub value_text: Arc<str>,
    /// For whom of those entitled; `None`: for all.
    pub(crate) when: Option<Bool>,
    /// How much a period.
    pub(crate) value: Num,
}

impl AmountRow {
    /// Whether the row is in force on a day.
    pub fn holds_on(&self, day: Date) -> bool {
        self.from <= day && self.to.is_none_or(|to| day <= to)
    }

    /// The amount, where it is the same for everybody.
    pub fn constant(&self) -> Option<i64> {
        match self.value {
            Num::Const(n) => Some(n),
            _ => None,
        }
    }
}

/// The day on which a rule looks at standings and residence.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Seen {
    /// The first day of the period.
    Start,
    /// The day of assessment.
    Assessment,
}

/// What a programme pays for. Two that pay one person for the same thing in the same period must say which gives way, or
/// that both are meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Purpose {
    /// 生活费
    Living,
    /// 学费、保教费
    Tuition,
    /// 教科书
    Textbook,
    /// 伙食
    Meals,
    /// 路费
    Travel,
    /// 奖学金
    Award,
    /// 贷款
    Loan,
    /// 学校经费
    Budget,
}

impl Purpose {
    /// Every purpose.
    pub const ALL: &'static [Self] = &[
        Self::Living,
        Self::Tuition,
        Self::Textbook,
        Self::Meals,
        Self::Travel,
        Self::Award,
        Self::Loan,
        Self::Budget,
    ];

    /// The name in policy files.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Living => "living",
            Self::Tuition => "tuition",
            Self::Textbook => "textbook",
            Self::Meals => "meals",
            Self::Travel => "travel",
            Self::Award => "award",
            Self::Loan => "loan",
            Self::Budget => "budget",
        }
    }

    /// The Chinese term.
    pub const fn chinese(self) -> &'static str {
        match self {
            Self::Living => "生活费",
            Self::Tuition => "学费",
            Self::Textbook => "教科书",
            Self::Meals => "伙食",
            Self::Travel => "路费",
            Self::Award => "奖学金",
            Self::Loan => "贷款",
            Self::Budget => "学校经费",
        }
    }
}

/// The terms in which a programme of [`Rhythm::Term`] is owed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Terms {
    /// Both.
    All,
    /// Autumn terms only.
    Autumn,
    /// Spring terms only.
    Spring,
}

/// A programme or standard: who is owed what, when, by whom, and on what legal basis.
#[derive(Clone, Debug)]
pub struct Programme {
    /// The file and line that it first stands in.
    pub place: (Arc<str>, usize),
    /// Stable key: `comp.living.boarder`. Also the kind of its duties.
    pub key: Arc<str>,
    /// The area of work.
    pub area: Area,
    /// What a row of its frame is.
    pub frame: FrameKind,
    /// The Chinese name.
    pub title: Arc<str>,
    /// The English name.
    pub title_en: Arc<str>,
    /// The names on payment lists, the title among them.
    pub names: Vec<Arc<str>>,
    /// How often.
    pub rhythm: Rhythm,
    /// In which terms.
    pub terms: Terms,
    /// Of a monthly programme: in which months, 1 to 12; empty for all.
    pub months: Vec<i8>,
    /// As of which day the facts count.
    pub seen: Seen,
    /// What the quantity counts.
    pub unit: Unit,
    /// From when the list is closed and the duty counts.
    pub opens_on: DayRule,
    /// By when it is due.
    pub due_on: DayRule,
    /// Who must act; `{town}` and `{school}` stand for names.
    pub bearer: Arc<str>,
    /// How the duty is discharged, for aid.
    pub form: Option<AidForm>,
    /// What evidence counts as a deed.
    pub evidence: Arc<str>,
    /// Why it is off; `None`: it is on and makes duties.
    pub off: Option<Arc<str>>,
    /// What it pays for, where it pays somebody.
    pub purpose: Option<Purpose>,
    /// Keys of programmes that give way to this one: who is owed this is not owed those for the same period.
    pub excludes: Vec<Arc<str>>,
    /// Keys of programmes to which this one gives way.
    pub excluded_by: Vec<Arc<str>>,
    /// Keys of programmes that may be paid beside this one though they pay for the same thing.
    pub stacks: Vec<Arc<str>>,
    /// The policy files that made it, the overlays last, each with what it did: `replace`, `raise`, `add`.
    pub origins: Vec<(Arc<str>, Arc<str>)>,
    /// Dated amounts. Within a layer the first row that holds counts; of several layers the highest amount.
    pub layers: Vec<Vec<AmountRow>>,
    pub(crate) who_text: Arc<str>,
    pub(crate) who: Vec<Bool>,
    pub(crate) have: Option<Num>,
    /// Every column that the answer can depend on, in the order of the rule.
    pub(crate) columns: Vec<ColumnId>,
}

impl Programme {
    /// Whether it makes duties.
    pub fn is_on(&self) -> bool {
        self.off.is_none()
    }

    /// The expression that says who is entitled, as the file writes it.
    pub fn who(&self) -> &str {
        &self.who_text
    }

    /// The columns that the answer can depend on.
    pub fn columns(&self) -> &[ColumnId] {
        &self.columns
    }

    /// Whether the duty is a standard with a stock to compare: desks needed, desks there.
    pub fn has_stock(&self) -> bool {
        self.have.is_some()
    }

    /// Who must act, with the names filled in. A template without a name falls back to the words around it.
    pub fn bearer_of(&self, town: &str, school: &str) -> String {
        self.bearer.replace("{town}", town).replace("{school}", school)
    }

    /// The price in fen of one unit on a day, where the policy file gives one.
    pub fn price_on(&self, day: Date) -> Option<i64> {
        self.layers.iter().flatten().filter(|r| r.holds_on(day)).find_map(|r| r.price)
    }

    /// The day by which an amount of this programme must be in force to count for a period.
    pub(crate) fn day_of(period: Period, as_of: Date) -> Date {
        period.days().map_or(as_of, |(first, _)| first)
    }

    /// Whether any amount is owed at all in the period.
    pub fn in_force(&self, period: Period, as_of: Date) -> bool {
        let season_fits = match (self.terms, period) {
            (Terms::Autumn, Period::Term(t)) => t.season() == Season::Autumn,
            (Terms::Spring, Period::Term(t)) => t.season() == Season::Spring,
            (_, Period::Month(_, month)) => self.months.is_empty() || self.months.contains(&month),
            _ => true,
        };
        let day = Self::day_of(period, as_of);
        season_fits && self.layers.iter().flatten().any(|r| r.holds_on(day))
    }
}
