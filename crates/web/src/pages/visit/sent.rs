//! What forms and devices send, before anybody trusts it.

use std::collections::{BTreeMap, BTreeSet};

use fujiao_model::{ChildNow, ContactHow, Grade, Mark, WhyAway};
use fujiao_office::entries::{
    About, Attendance, ClassRef, EntryKey, Meals, NewEntry, Remark, Visit, What,
};
use jiff::Timestamp;
use jiff::civil::Date;
use serde::Deserialize;

use crate::pages::unhex;

/// An entry as a device writes it.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct EntryJson {
    pub(super) key: String,
    pub(super) supersedes: Option<String>,
    pub(super) kind: String,
    pub(super) on: String,
    pub(super) written_at: String,
    pub(super) person: String,
    pub(super) how: String,
    pub(super) met: String,
    pub(super) now: String,
    pub(super) why: Vec<String>,
    pub(super) text: String,
    pub(super) phone: String,
    pub(super) next_on: String,
    pub(super) school: String,
    pub(super) grade: String,
    pub(super) class: String,
    pub(super) marks: BTreeMap<String, String>,
    pub(super) served: String,
    pub(super) present: String,
}

impl EntryJson {
    /// The fields of a form, in which a name can come more than once; `m_` and an id are a mark.
    pub(super) fn of_form(kind: &str, pairs: &[(String, String)]) -> Self {
        let text = |name: &str| {
            let found = pairs.iter().rev().find(|(n, _)| n == name);
            found.map_or_else(String::new, |(_, value)| value.replace("\r\n", "\n"))
        };
        let marks = pairs
            .iter()
            .filter_map(|(name, mark)| Some((name.strip_prefix("m_")?.to_owned(), mark.clone())));
        Self {
            key: text("key"),
            supersedes: Some(text("supersedes")).filter(|key| !key.is_empty()),
            kind: kind.to_owned(),
            on: text("on"),
            written_at: String::new(),
            person: String::new(),
            how: text("how"),
            met: text("met"),
            now: text("now"),
            why: pairs.iter().filter(|(n, _)| n == "why").map(|(_, v)| v.clone()).collect(),
            text: text("text"),
            phone: text("phone"),
            next_on: text("next_on"),
            school: String::new(),
            grade: text("grade"),
            class: text("class"),
            marks: marks.collect(),
            served: text("served"),
            present: text("present"),
        }
    }

    /// Reads it; else the fields that do not read. `at`: now, for what says no time of its own.
    pub(super) fn read(&self, at: Timestamp) -> Result<NewEntry, Vec<Remark>> {
        let mut faults = Vec::new();
        let mut unread = |field: &str| {
            let arg = String::new();
            faults.push(Remark { field: field.to_owned(), about: About::Unread, arg });
        };
        let key = EntryKey::parse(&self.key);
        if key.is_none() {
            unread("key");
        }
        let supersedes = self.supersedes.as_deref().map(EntryKey::parse);
        if supersedes == Some(None) {
            unread("supersedes");
        }
        let on = date(&self.on, || unread("on"));
        let what =
            match self.kind.as_str() {
                "visit" => {
                    let how = ContactHow::parse(&self.how);
                    if how.is_none() {
                        unread("how");
                    }
                    let person = unhex(&self.person);
                    if person.is_none() {
                        unread("");
                    }
                    let now = ChildNow::parse(&self.now);
                    if now.is_none() && !self.now.is_empty() {
                        unread("now");
                    }
                    let why: Option<BTreeSet<WhyAway>> =
                        self.why.iter().map(|w| WhyAway::parse(w)).collect();
                    if why.is_none() {
                        unread("why");
                    }
                    let next_on = date(&self.next_on, || unread("next_on"));
                    how.zip(person).map(|(how, person)| {
                        What::Visit(Visit {
                            person,
                            how,
                            met: self.met.trim().to_owned(),
                            now,
                            why: why.unwrap_or_default(),
                            text: self.text.trim().to_owned(),
                            phone: self.phone.trim().to_owned(),
                            next_on,
                        })
                    })
                }
                "attendance" | "meals" => {
                    let school = unhex(&self.school);
                    let class = school.zip(Grade::parse(&self.grade)).map(|(school, grade)| {
                        ClassRef { school, grade, class: self.class.clone() }
                    });
                    if class.is_none() {
                        unread("class");
                    }
                    class.and_then(|class| {
                        if self.kind == "meals" {
                            let served = self.served.trim();
                            let read = served.parse().ok();
                            if read.is_none() && !served.is_empty() {
                                unread("served");
                            }
                            let there = self.present.trim();
                            let present = there.parse().ok();
                            if present.is_none() && !there.is_empty() {
                                unread("present");
                            }
                            return Some(What::Meals(Meals { class, served: read, present }));
                        }
                        let read =
                            |(id, mark): (&String, &String)| Some((unhex(id)?, Mark::parse(mark)?));
                        let marks = self.marks.iter().map(read).collect::<Option<Vec<_>>>();
                        if marks.is_none() {
                            unread("marks");
                        }
                        Some(What::Attendance(Attendance { class, marks: marks? }))
                    })
                }
                _ => {
                    unread("kind");
                    None
                }
            };
        match (key, what) {
            (Some(key), Some(what)) if faults.is_empty() => Ok(NewEntry {
                key,
                supersedes: supersedes.flatten(),
                on,
                written_at: self.written_at.parse().unwrap_or(at),
                what,
            }),
            _ => Err(faults),
        }
    }
}

/// A day, if one was given; one that does not read is told.
fn date(text: &str, unread: impl FnOnce()) -> Option<Date> {
    let text = text.trim();
    let read = text.parse().ok();
    if read.is_none() && !text.is_empty() {
        unread();
    }
    read
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(entry: &EntryJson) -> String {
        match entry.read(Timestamp::UNIX_EPOCH) {
            Ok(entry) => entry.what.kind().to_owned(),
            Err(faults) => faults.iter().map(|f| f.field.as_str()).collect::<Vec<_>>().join(" "),
        }
    }

    #[test]
    fn what_does_not_read_is_told_by_its_field() {
        let visit = EntryJson {
            key: "0190a6d00000700080000000000000ff".into(),
            kind: "visit".into(),
            person: "00000000000000a1".into(),
            how: "phone".into(),
            ..EntryJson::default()
        };
        assert_eq!(told(&visit), "contact");
        assert_eq!(told(&EntryJson { how: "telepathy".into(), ..visit.clone() }), "how");
        let bad = EntryJson {
            key: "x".into(),
            on: "昨天".into(),
            why: vec!["so".into()],
            next_on: "2025-02-30".into(),
            ..visit.clone()
        };
        assert_eq!(told(&bad), "key on why next_on");
        let meals = EntryJson {
            kind: "meals".into(),
            school: "0000000000003001".into(),
            grade: "P4".into(),
            served: "-3".into(),
            ..visit.clone()
        };
        assert_eq!(told(&meals), "served");
        assert_eq!(told(&EntryJson { served: String::new(), ..meals.clone() }), "meal_count");
        let marks = [("a1".to_owned(), "present".to_owned())].into();
        assert_eq!(told(&EntryJson { kind: "attendance".into(), marks, ..meals }), "marks");
        assert_eq!(told(&EntryJson { kind: "raid".into(), ..visit }), "kind");
    }
}
