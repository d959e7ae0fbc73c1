//! What an entry says, and how the store keeps it: an open half without texts and phones, and a sealed one.

use std::collections::BTreeSet;

use fujiao_model::{ChildNow, ContactHow, Grade, Mark, WhyAway};
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

/// What somebody wrote.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum What {
    /// 家访、联系
    Visit(Visit),
    /// 点名
    Attendance(Attendance),
    /// 就餐
    Meals(Meals),
}

/// A visit or a contact.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Visit {
    /// The child, by the id under which the device knew it.
    pub person: u64,
    /// How.
    pub how: ContactHow,
    /// Whom they met.
    pub met: String,
    /// Where the child is now; `None`: not said.
    pub now: Option<ChildNow>,
    /// Why the child is not in school.
    pub why: BTreeSet<WhyAway>,
    /// What they saw and heard.
    pub text: String,
    /// A phone of the guardian that is new; empty: none.
    pub phone: String,
    /// When they mean to come again.
    pub next_on: Option<Date>,
}

impl Visit {
    /// Whether it is a care record.
    pub fn is_care(&self) -> bool {
        self.how == ContactHow::Care
    }
}

/// A class of a school.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ClassRef {
    /// The school's id.
    pub school: u64,
    /// The grade.
    pub grade: Grade,
    /// The class as rosters write it.
    pub class: String,
}

impl ClassRef {
    /// The text in the books.
    pub(super) fn to_text(&self) -> String {
        format!("{} {}", self.grade.code(), self.class)
    }

    /// Reads what [`ClassRef::to_text`] writes.
    pub(super) fn parse(school: u64, text: &str) -> Option<Self> {
        let (grade, class) = text.split_once(' ')?;
        Some(Self { school, grade: Grade::parse(grade)?, class: class.to_owned() })
    }
}

/// Who of a class was there on a day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attendance {
    /// The class.
    pub class: ClassRef,
    /// Marks by child. A child without one is not marked.
    pub marks: Vec<(u64, Mark)>,
}

/// How many of a class ate on a day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Meals {
    /// The class.
    pub class: ClassRef,
    /// Meals served; `None`: not said.
    pub served: Option<u32>,
    /// Who was there; `None`: not said, and then the marks of the children say it.
    pub present: Option<u32>,
}

/// The open half of a visit.
#[derive(Serialize, Deserialize)]
struct StoredVisit {
    how: String,
    now: Option<String>,
    why: Vec<String>,
    next_on: Option<String>,
}

/// The sealed half of a visit.
#[derive(Default, Serialize, Deserialize)]
struct StoredSaid {
    #[serde(default, skip_serializing_if = "String::is_empty")]
    met: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    text: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    phone: String,
}

#[derive(Serialize, Deserialize)]
struct StoredMarks {
    marks: Vec<(String, String)>,
}

#[derive(Serialize, Deserialize)]
struct StoredMeals {
    served: u32,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    present: Option<u32>,
}

impl What {
    /// The word in the books.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Visit(visit) if visit.how == ContactHow::Home => "visit",
            Self::Visit(_) => "contact",
            Self::Attendance(_) => "attendance",
            Self::Meals(_) => "meal_count",
        }
    }

    /// The open and the sealed half, as JSON.
    pub(super) fn stored(&self) -> (String, String) {
        let json = |value: &dyn Fn() -> serde_json::Result<String>| {
            value().expect("texts and lists of texts always write")
        };
        match self {
            Self::Visit(v) => {
                let open = StoredVisit {
                    how: v.how.code().to_owned(),
                    now: v.now.map(|n| n.code().to_owned()),
                    why: v.why.iter().map(|w| w.code().to_owned()).collect(),
                    next_on: v.next_on.map(|d| d.to_string()),
                };
                let said =
                    StoredSaid { met: v.met.clone(), text: v.text.clone(), phone: v.phone.clone() };
                (json(&|| serde_json::to_string(&open)), json(&|| serde_json::to_string(&said)))
            }
            Self::Attendance(a) => {
                let marks = a.marks.iter().map(|(p, m)| (format!("{p:016x}"), m.code().to_owned()));
                let open = StoredMarks { marks: marks.collect() };
                (json(&|| serde_json::to_string(&open)), String::new())
            }
            Self::Meals(m) => {
                let open = StoredMeals { served: m.served.unwrap_or_default(), present: m.present };
                (json(&|| serde_json::to_string(&open)), String::new())
            }
        }
    }

    /// Reads an entry of the books; `None` if it does not read.
    pub(crate) fn of(entry: &fujiao_store::Entry) -> Option<Self> {
        match entry.kind.as_str() {
            "visit" | "contact" => {
                let open: StoredVisit = serde_json::from_str(&entry.payload).ok()?;
                let said: StoredSaid = if entry.said.is_empty() {
                    StoredSaid::default()
                } else {
                    serde_json::from_str(&entry.said).ok()?
                };
                Some(Self::Visit(Visit {
                    person: entry.subject.id,
                    how: ContactHow::parse(&open.how)?,
                    met: said.met,
                    now: open.now.and_then(|n| ChildNow::parse(&n)),
                    why: open.why.iter().filter_map(|w| WhyAway::parse(w)).collect(),
                    text: said.text,
                    phone: said.phone,
                    next_on: open.next_on.and_then(|d| d.parse().ok()),
                }))
            }
            "attendance" => {
                let open: StoredMarks = serde_json::from_str(&entry.payload).ok()?;
                let read = |(p, m): &(String, String)| {
                    Some((u64::from_str_radix(p, 16).ok()?, Mark::parse(m)?))
                };
                Some(Self::Attendance(Attendance {
                    class: ClassRef::parse(entry.subject.id, &entry.class)?,
                    marks: open.marks.iter().map(read).collect::<Option<_>>()?,
                }))
            }
            "meal_count" => {
                let open: StoredMeals = serde_json::from_str(&entry.payload).ok()?;
                Some(Self::Meals(Meals {
                    class: ClassRef::parse(entry.subject.id, &entry.class)?,
                    served: Some(open.served),
                    present: open.present,
                }))
            }
            _ => None,
        }
    }
}
