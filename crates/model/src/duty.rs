use std::fmt;
use std::sync::Arc;

use jiff::civil::{Date, date};

use crate::{Division, Term, code_table};

code_table! {
    /// The ten areas of the county's work. Every figure is 应, 已 and 差 in one of them.
    Area {
        /// 学生资助
        Aid = "aid", "资助";
        /// 营养改善
        Meals = "meals", "营养餐";
        /// 控辍保学
        Schooling = "schooling", "控辍保学";
        /// 结对帮扶
        Pairing = "pairing", "结对关爱";
        /// 一户一人接受职业教育
        Training = "training", "一户一人";
        /// 就业
        Jobs = "jobs", "结业就业";
        /// 办学条件
        Conditions = "conditions", "办学条件";
        /// 师资
        Teachers = "teachers", "师资";
        /// 学位
        Places = "places", "学位";
        /// 资金
        Funds = "funds", "资金";
    }
}

code_table! {
    /// What a quantity counts. Each unit has a fixed scale, so that quantities stay whole numbers.
    Unit {
        /// Fen of Renminbi, shown as yuan.
        Fen = "fen", "元";
        /// One meal.
        Meal = "meal", "餐";
        /// One pupil's schooling for a term.
        Enrolment = "enrolment", "人";
        /// One person.
        Person = "person", "名";
        /// One contact with a pupil.
        Contact = "contact", "次";
        /// One household.
        Household = "household", "户";
        /// Building or ground area in hundredths of a square metre.
        Area = "m2", "㎡";
        /// Countable things: beds, rooms, toilets.
        Piece = "piece", "个";
        /// A staff post, in hundredths.
        Post = "post", "岗";
        /// A class place (学位).
        Place = "place", "位";
    }
}

impl Unit {
    /// How many units of storage make one that is shown: 100 for fen, hundredths of m² and of posts, else 1.
    pub const fn scale(self) -> i64 {
        match self {
            Self::Fen | Self::Area | Self::Post => 100,
            _ => 1,
        }
    }

    /// A quantity as shown, without the unit: `312.50`, `6.10`, `22`.
    pub fn show(self, quantity: i64) -> String {
        if self.scale() == 100 {
            crate::Money::fen(quantity).to_string()
        } else {
            quantity.to_string()
        }
    }
}

code_table! {
    /// Whom a duty is owed to or a deed is done for.
    SubjectKind {
        /// 人
        Person = "person", "人";
        /// 户
        Household = "household", "户";
        /// 学校
        School = "school", "学校";
        /// 地方
        Place = "place", "地方";
        /// 一笔资金
        Fund = "fund", "资金";
    }
}

/// A person, household, school, place or sum of money, by the register's id.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Subject {
    /// Which register.
    pub kind: SubjectKind,
    /// The id in it; for a place its 12-digit code.
    pub id: u64,
}

impl Subject {
    /// A person of the register.
    pub const fn person(id: u64) -> Self {
        Self { kind: SubjectKind::Person, id }
    }

    /// A household of the register.
    pub const fn household(id: u64) -> Self {
        Self { kind: SubjectKind::Household, id }
    }

    /// A school of the register.
    pub const fn school(id: u64) -> Self {
        Self { kind: SubjectKind::School, id }
    }

    /// A county, town or village.
    pub fn place(place: Division) -> Self {
        Self { kind: SubjectKind::Place, id: place.code() }
    }

    /// A sum of money appropriated.
    pub const fn fund(id: u64) -> Self {
        Self { kind: SubjectKind::Fund, id }
    }

    /// Reads what [`fmt::Display`] writes.
    pub fn parse(text: &str) -> Option<Self> {
        let (letter, id) = (text.get(..1)?, text.get(1..)?);
        let id = u64::from_str_radix(id, 16).ok().filter(|_| id.len() == 16)?;
        let kind = match letter {
            "p" => SubjectKind::Person,
            "h" => SubjectKind::Household,
            "s" => SubjectKind::School,
            "d" => SubjectKind::Place,
            "f" => SubjectKind::Fund,
            _ => return None,
        };
        Some(Self { kind, id })
    }
}

impl fmt::Display for Subject {
    /// A letter and sixteen hexadecimal digits: `p00c4…`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let letter = match self.kind {
            SubjectKind::Person => 'p',
            SubjectKind::Household => 'h',
            SubjectKind::School => 's',
            SubjectKind::Place => 'd',
            SubjectKind::Fund => 'f',
        };
        write!(f, "{letter}{:016x}", self.id)
    }
}

impl fmt::Debug for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// The time that a duty or a deed is for. Orders by kind, then by time.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Period {
    /// Once in all.
    Once,
    /// A calendar year.
    Year(i16),
    /// A school year, by the calendar year in which it begins.
    SchoolYear(i16),
    /// A term.
    Term(Term),
    /// A calendar month, 1 to 12.
    Month(i16, i8),
    /// A day.
    Day(Date),
}

impl Period {
    /// First and last day; `None` for [`Period::Once`].
    pub fn days(self) -> Option<(Date, Date)> {
        Some(match self {
            Self::Once => return None,
            Self::Year(y) => (date(y, 1, 1), date(y, 12, 31)),
            Self::SchoolYear(y) => (date(y, 9, 1), date(y + 1, 8, 31)),
            Self::Term(t) => (t.start(), t.end()),
            Self::Month(y, m) => {
                let first = date(y, m, 1);
                (first, first.last_of_month())
            }
            Self::Day(d) => (d, d),
        })
    }

    /// Reads what [`fmt::Display`] writes.
    pub fn parse(text: &str) -> Option<Self> {
        let number = |s: &str| s.parse::<i16>().ok().filter(|y| (1900..=2200).contains(y));
        match text.len() {
            _ if text == "once" => Some(Self::Once),
            4 => number(text).map(Self::Year),
            5 => text.parse().ok().map(Self::Term),
            6 => number(text.strip_prefix("SY")?).map(Self::SchoolYear),
            7 => {
                let (y, m) = text.split_once('-')?;
                let m: i8 = m.parse().ok().filter(|m| (1..=12).contains(m))?;
                Some(Self::Month(number(y)?, m))
            }
            10 => text.parse().ok().map(Self::Day),
            _ => None,
        }
    }
}

impl fmt::Display for Period {
    /// `once`, `2024`, `SY2024`, `2024A`, `2024-09`, `2024-09-01`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Once => f.write_str("once"),
            Self::Year(y) => write!(f, "{y:04}"),
            Self::SchoolYear(y) => write!(f, "SY{y:04}"),
            Self::Term(t) => t.fmt(f),
            Self::Month(y, m) => write!(f, "{y:04}-{m:02}"),
            Self::Day(d) => d.fmt(f),
        }
    }
}

impl fmt::Debug for Period {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// Why something is owed: the rule, what it rests on, and the rows that its facts came from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Because {
    /// Programme or standard, `@`, the first period of the amount in force: `comp.living.boarder@2024S`.
    pub rule: Arc<str>,
    /// The legal basis, as the policy file cites it.
    pub basis: Arc<str>,
    /// The facts in one Chinese sentence, without personal numbers.
    pub facts: Arc<str>,
    /// Ids of the source rows that the facts came from, ascending.
    pub sources: Vec<u64>,
}

/// 应: something that the county promises to somebody for a period.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Duty {
    /// The area of work.
    pub area: Area,
    /// Programme, standard or action within the area; settles only against deeds of the same kind.
    pub kind: Arc<str>,
    /// Whom it is owed to.
    pub subject: Subject,
    /// For which time.
    pub period: Period,
    /// How much, in `unit`s; above zero.
    pub quantity: i64,
    /// What the quantity counts.
    pub unit: Unit,
    /// By when.
    pub due_on: Date,
    /// Who must act, as people say it: 县学生资助中心, 云台镇人民政府.
    pub bearer: Arc<str>,
    /// The place that the duty counts for: the village or town of a person, the place of a school.
    pub place: Option<Division>,
    /// Why.
    pub because: Because,
}

/// 已: something that was done for somebody for a period.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Deed {
    /// The area of work.
    pub area: Area,
    /// The kind of duty that it can discharge.
    pub kind: Arc<str>,
    /// For whom.
    pub subject: Subject,
    /// For which time.
    pub period: Period,
    /// How much, in `unit`s. Below zero: a refund or a return takes back what earlier deeds did.
    pub quantity: i64,
    /// What the quantity counts.
    pub unit: Unit,
    /// When it was done.
    pub done_on: Date,
    /// Where it counts when no duty stands behind it.
    pub place: Option<Division>,
    /// Id of the source row that is its evidence. Unique among the deeds of one settlement.
    pub evidence: u64,
}

/// 差: what is still owed on one duty.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Gap {
    /// Position of the duty in the settled slice.
    pub duty: usize,
    /// What was done against it.
    pub done: i64,
    /// What is missing; above zero.
    pub missing: i64,
}

code_table! {
    /// Why a deed, or a part of it, stands against no duty.
    ExcessKind {
        /// 不应而为: nobody owed this to this subject for this period.
        Unfounded = "unfounded", "不应";
        /// 重复: the duty was already done in full by an earlier deed.
        Repeated = "repeated", "重复";
        /// 超出: this deed did more than was left to do.
        Over = "over", "超出";
    }
}

/// What was done beyond any duty.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Excess {
    /// Position of the deed in the settled slice.
    pub deed: usize,
    /// How much of it is beyond; above zero.
    pub quantity: i64,
    /// Why.
    pub kind: ExcessKind,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_reads_back() {
        for text in ["once", "2024", "SY2024", "2024A", "2024-09", "2024-09-01"] {
            assert_eq!(Period::parse(text).unwrap().to_string(), text);
        }
        for text in ["", "2024-13", "2024X", "20-09", "SY24"] {
            assert_eq!(Period::parse(text), None, "{text}");
        }
        let subject = Subject::place(Division::parse("611026").unwrap());
        assert_eq!(Subject::parse(&subject.to_string()), Some(subject));
        assert_eq!(Unit::Fen.show(31_250), "312.50");
        assert_eq!(Period::Month(2024, 2).days(), Some((date(2024, 2, 1), date(2024, 2, 29))));
    }
}
