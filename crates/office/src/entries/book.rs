//! Taking one entry: whose it is, whom it is about, what stands against it, and the books.

use fujiao_model::Subject;
use fujiao_store::{Entry, EntryFact, Event, Person, Tx};
use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::ground::{self, Child};
use super::rows::Rows;
use super::{
    About, Attendance, ClassRef, EntryKey, Meals, NewEntry, Receipt, ReceiptState, Remark, Visit,
    What, check, conflicts, right_of,
};
use crate::access::{Actor, Scope};
use crate::{OfficeError, Rulebook};

/// One entry on its way into the books, in a transaction of its own.
pub(super) struct Booking<'t, 'c, 'a> {
    tx: &'t mut Tx<'c>,
    county: u32,
    actor: &'a Actor,
    rules: &'a Rulebook,
    today: Date,
}

/// An entry that can be booked.
struct Fit {
    what: What,
    on: Date,
    subject: Subject,
    class: String,
    /// The children whom it is about.
    persons: Vec<Person>,
    remarks: Vec<Remark>,
    /// The last edit of the entry that it corrects.
    corrects: Option<Entry>,
}

impl<'t, 'c, 'a> Booking<'t, 'c, 'a> {
    pub(super) fn new(
        tx: &'t mut Tx<'c>,
        county: u32,
        actor: &'a Actor,
        rules: &'a Rulebook,
    ) -> Result<Self, OfficeError> {
        let today = ground::today(tx, county, actor)?;
        Ok(Self { tx, county, actor, rules, today })
    }

    /// Books an entry, or says why not.
    pub(super) fn take(mut self, new: &NewEntry) -> Result<Receipt, OfficeError> {
        let print = self.print(new);
        if let Some(before) = self.tx.entry_of_key(self.county, &new.key.0)? {
            let same = before.user == self.actor.user && before.print == print;
            let again = same.then(|| read_receipt(new.key, &before)).flatten();
            return Ok(again.unwrap_or_else(|| {
                self.refused(new.key, vec![Remark::new("", About::OtherContent, "")])
            }));
        }
        match self.fit(new)? {
            Ok(fit) => self.book(new, fit, print),
            Err(remarks) => Ok(self.refused(new.key, remarks)),
        }
    }

    fn refused(&self, key: EntryKey, remarks: Vec<Remark>) -> Receipt {
        Receipt { key, state: ReceiptState::Refused, at: self.actor.at, remarks }
    }

    /// A keyed hash of all that was sent under the key, so that a key that comes again with other content is found.
    fn print(&self, new: &NewEntry) -> [u8; 16] {
        let (open, said) = new.what.stored();
        let subject = match &new.what {
            What::Visit(visit) => Subject::person(visit.person),
            What::Attendance(Attendance { class, .. }) | What::Meals(Meals { class, .. }) => {
                Subject::school(class.school)
            }
        };
        let class = match &new.what {
            What::Visit(_) => String::new(),
            What::Attendance(Attendance { class, .. }) | What::Meals(Meals { class, .. }) => {
                class.to_text()
            }
        };
        let on = new.on.map_or_else(String::new, |d| d.to_string());
        let corrects = new.supersedes.map_or_else(String::new, |k| k.to_string());
        let parts = [new.what.kind(), &subject.to_string(), &class, &on, &open, &said, &corrects];
        self.tx.keys().digest("entry", parts)
    }

    /// Whether it can be booked, and as what; else the reasons.
    fn fit(&mut self, new: &NewEntry) -> Result<Result<Fit, Vec<Remark>>, OfficeError> {
        let right = right_of(&new.what);
        if !self.actor.may(right) {
            return Ok(Err(vec![Remark::new("", About::NotYours, "")]));
        }
        let scope = self.actor.scope(right);
        let mut faults = check::faults(new, self.today);
        let mut fit = Fit {
            what: new.what.clone(),
            on: new.on.unwrap_or(self.today),
            subject: Subject::person(0),
            class: String::new(),
            persons: Vec::new(),
            remarks: Vec::new(),
            corrects: None,
        };
        match &mut fit.what {
            What::Visit(visit) => {
                if let Some(phone) = check::phone(&visit.phone) {
                    visit.phone = phone;
                }
                let person = self.child_of(visit, &scope, &mut fit.remarks, &mut faults)?;
                fit.subject = Subject::person(visit.person);
                fit.persons.extend(person);
            }
            What::Attendance(attendance) => {
                fit.subject = Subject::school(attendance.class.school);
                fit.class = attendance.class.to_text();
                let (persons, back) = self.children_of(attendance, &scope, &mut faults)?;
                attendance.marks.retain(|(id, _)| persons.iter().any(|p| p.id == *id));
                fit.persons = persons;
                fit.remarks = back;
            }
            What::Meals(meals) => {
                fit.subject = Subject::school(meals.class.school);
                fit.class = meals.class.to_text();
                match ground::class(self.tx, self.county, &scope, &meals.class)? {
                    None => faults.push(Remark::new("class", About::NoClass, "")),
                    Some(mates) => {
                        for (field, n) in [("served", meals.served), ("present", meals.present)] {
                            if n.is_some_and(|n| n as usize > mates.len()) {
                                let size = mates.len().to_string();
                                faults.push(Remark::new(field, About::MoreThanEnrolled, size));
                            }
                        }
                        let school = meals.class.school;
                        faults.extend(self.meal_day(school, fit.on)?);
                    }
                }
            }
        }
        fit.corrects = self.corrected(new, &fit, &mut faults)?;
        Ok(if faults.is_empty() { Ok(fit) } else { Err(faults) })
    }

    /// What is wrong with a day of meals: no lessons, a closed school, a month that the county has locked.
    fn meal_day(&mut self, school: u64, on: Date) -> Result<Vec<Remark>, OfficeError> {
        use fujiao_school::meals::{DayFault, DayReturn, Enrolled, refuses};
        let month = fujiao_school::Month::of(on);
        let days = crate::school::school_days(self.tx, self.county, self.rules)?;
        let schools = self.tx.schools(self.county)?;
        let open = crate::school::lives(self.tx, self.county, &schools)?.open_in(school, month);
        let locked = crate::school::month_is_locked(self.tx, self.county, month)?;
        let of = Enrolled { pupils: u32::MAX, open: open.has(on.day()), locked };
        let said = DayReturn { on, present: None, served: Some(0), claimed: None };
        let about = |fault: DayFault| match fault {
            DayFault::OutsideTerm => Some(About::OutsideTerm),
            DayFault::NoLessons => Some(About::NoLessons),
            DayFault::SchoolClosed => Some(About::SchoolClosed),
            DayFault::Locked => Some(About::MonthLocked),
            // The day itself was looked at before.
            _ => None,
        };
        let faults = refuses(&said, of, &days, self.today);
        Ok(faults.into_iter().filter_map(about).map(|a| Remark::new("on", a, "")).collect())
    }

    /// The child of a visit as the register has them today. The id of the visit is put right.
    fn child_of(
        &mut self,
        visit: &mut Visit,
        scope: &Scope,
        remarks: &mut Vec<Remark>,
        faults: &mut Vec<Remark>,
    ) -> Result<Option<Person>, OfficeError> {
        match ground::child(self.tx, self.county, self.actor, scope, visit.person)? {
            Child::Here(person) => Ok(Some(*person)),
            Child::Moved(person, to) => {
                visit.person = person.id;
                remarks.push(Remark::new("", About::Moved, to));
                Ok(Some(*person))
            }
            Child::None => {
                faults.push(Remark::new("", About::NoChild, ""));
                Ok(None)
            }
        }
    }

    /// The children of an attendance who are in the class today, and what is given back about the others.
    fn children_of(
        &mut self,
        attendance: &mut Attendance,
        scope: &Scope,
        faults: &mut Vec<Remark>,
    ) -> Result<(Vec<Person>, Vec<Remark>), OfficeError> {
        let class = ground::class(self.tx, self.county, scope, &attendance.class)?;
        let Some(mates) = class else {
            faults.push(Remark::new("class", About::NoClass, ""));
            return Ok((Vec::new(), Vec::new()));
        };
        let (mut persons, mut back) = (Vec::new(), Vec::new());
        for (id, _) in &mut attendance.marks {
            let field = format!("marks.{id:016x}");
            let now = self.tx.current_person(self.county, *id)?;
            if let Some(now) = now.filter(|now| mates.iter().any(|mate| mate.id == *now)) {
                *id = now;
                persons.extend(self.tx.person(self.county, now)?);
                continue;
            }
            let remark = match ground::child(self.tx, self.county, self.actor, scope, *id)? {
                Child::Here(person) | Child::Moved(person, _) => {
                    Remark::new(field, About::MovedAway, person.name)
                }
                Child::None => Remark::new(field, About::NoChild, ""),
            };
            back.push(remark);
        }
        // Twice the same child: the last word counts.
        let marks = std::mem::take(&mut attendance.marks);
        for (id, mark) in marks {
            match attendance.marks.iter_mut().find(|(known, _)| *known == id) {
                Some(known) => known.1 = mark,
                None => attendance.marks.push((id, mark)),
            }
        }
        persons.sort_by_key(|p| p.id);
        persons.dedup_by_key(|p| p.id);
        if persons.is_empty() && faults.is_empty() {
            faults.append(&mut back);
        }
        Ok((persons, back))
    }

    /// The last edit of the entry that this one corrects. One that never came in is no matter: this takes its place.
    fn corrected(
        &mut self,
        new: &NewEntry,
        fit: &Fit,
        faults: &mut Vec<Remark>,
    ) -> Result<Option<Entry>, OfficeError> {
        let Some(key) = new.supersedes else { return Ok(None) };
        let Some(old) = self.tx.entry_of_key(self.county, &key.0)? else { return Ok(None) };
        let Some(last) = self.tx.entry_of_root(self.county, &old.root)? else { return Ok(None) };
        if last.user != self.actor.user {
            faults.push(Remark::new("", About::NotYours, ""));
        } else if last.state == "withdrawn" {
            faults.push(Remark::new("", About::TakenBack, ""));
        } else {
            let subject = if last.subject.kind == fit.subject.kind {
                let now = match fit.what {
                    What::Visit(_) => self.tx.current_person(self.county, last.subject.id)?,
                    _ => Some(last.subject.id),
                };
                now == Some(fit.subject.id) && last.class == fit.class
            } else {
                false
            };
            if !subject || is_visit(&last.kind) != is_visit(fit.what.kind()) {
                faults.push(Remark::new("", About::OtherSubject, ""));
            }
        }
        Ok(Some(last))
    }

    fn book(&mut self, new: &NewEntry, fit: Fit, print: [u8; 16]) -> Result<Receipt, OfficeError> {
        let (payload, said) = fit.what.stored();
        let mut receipt = Receipt {
            key: new.key,
            state: ReceiptState::Kept,
            at: self.actor.at,
            remarks: fit.remarks,
        };
        // What the author said before about the same gives way to what they say now.
        let mut outdated: Vec<u64> = Vec::new();
        if let Some(old) = &fit.corrects {
            conflicts::supersede(self.tx, self.county, old.number, &self.actor.name)?;
            outdated.push(old.number);
        }
        let mut facts = facts(&fit.what, fit.on, fit.subject, &fit.class, self.tx.keys());
        let mut against = Vec::new();
        for fact in &mut facts {
            fact.user = self.actor.user;
            let open =
                self.tx.facts_open(self.county, fact.subject, &fact.class, fact.on, &fact.field)?;
            for other in open {
                if other.user == self.actor.user {
                    let of = Some((other.subject, other.field.as_str()));
                    self.tx.set_fact_state(self.county, other.entry, of, "superseded")?;
                    conflicts::outlived(self.tx, self.county, other.entry, &self.actor.name)?;
                    outdated.push(other.entry);
                } else if other.state == "in_force"
                    && other.value != fact.value
                    && fact.state == "in_force"
                {
                    "waiting".clone_into(&mut fact.state);
                    against.push((other.entry, fact.clone()));
                }
            }
        }
        for (other, fact) in &against {
            receipt.state = ReceiptState::Conflict;
            let author = self.tx.entry(self.county, *other)?.map(|e| e.author);
            let field = match &fit.what {
                What::Attendance(_) => format!("marks.{:016x}", fact.subject.id),
                _ => form_field(&fact.field).to_owned(),
            };
            receipt.remarks.push(Remark::new(
                field,
                About::SaidOtherwise,
                author.unwrap_or_default(),
            ));
        }
        let entry = Entry {
            number: 0,
            key: new.key.0,
            root: fit.corrects.as_ref().map_or(new.key.0, |old| old.root),
            print,
            kind: fit.what.kind().to_owned(),
            subject: fit.subject,
            class: fit.class,
            on: fit.on,
            payload,
            said,
            care: matches!(&fit.what, What::Visit(visit) if visit.is_care()),
            user: self.actor.user,
            author: self.actor.name.clone(),
            written_at: new.written_at,
            received_at: self.actor.at,
            state: if against.is_empty() { "in_force" } else { "conflict" }.to_owned(),
            state_why: None,
            receipt: write_receipt(&receipt),
        };
        let number = self.tx.add_entry(self.county, &entry)?;
        for fact in &mut facts {
            fact.entry = number;
        }
        self.tx.add_facts(self.county, &facts)?;
        for (other, mut fact) in against {
            fact.entry = number;
            self.tx.add_conflict(self.county, other, &fact, self.actor.at)?;
        }
        outdated.sort_unstable();
        outdated.dedup();
        for old in &outdated {
            conflicts::resettle_all(self.tx, self.county, *old, self.actor)?;
        }
        let mut rows = Rows::new(self.tx, self.county, self.actor);
        for one in outdated.into_iter().chain([number]) {
            rows.of_entry(one)?;
        }
        self.audit(&entry, number, &fit.persons)?;
        Ok(receipt)
    }

    fn audit(&mut self, entry: &Entry, number: u64, persons: &[Person]) -> Result<(), OfficeError> {
        let about = match entry.subject.kind {
            fujiao_model::SubjectKind::Person => entry.subject.to_string(),
            _ => format!("{} persons {}", entry.subject, persons.len()),
        };
        self.tx.audit(&Event {
            county: self.county,
            at: self.actor.at,
            actor: &self.actor.login,
            action: "record",
            object: &format!("entry {number}"),
            detail: &format!(
                "{} {} on {} {} key {}",
                entry.kind,
                about,
                entry.on,
                entry.state,
                EntryKey(entry.key)
            ),
        })?;
        Ok(())
    }
}

fn is_visit(kind: &str) -> bool {
    matches!(kind, "visit" | "contact")
}

/// The field of the form that a fact comes from.
pub(super) fn form_field(field: &str) -> &str {
    match field {
        "schooling" => "now",
        "guardian_phone" => "phone",
        "meals" => "served",
        other => other,
    }
}

/// What an entry says that another can gainsay. A care record says nothing of the kind: nobody else is to see it.
fn facts(
    what: &What,
    on: Date,
    subject: Subject,
    class: &str,
    keys: &fujiao_store::Keys,
) -> Vec<EntryFact> {
    let fact = |subject: Subject, class: &str, field: &str, value: &str| EntryFact {
        entry: 0,
        user: 0,
        subject,
        class: class.to_owned(),
        on,
        field: field.to_owned(),
        value: keys.digest("entry_fact", [field, value]),
        state: "in_force".to_owned(),
    };
    match what {
        What::Visit(visit) if visit.is_care() => Vec::new(),
        What::Visit(visit) => {
            let now = visit.now.map(|now| fact(subject, "", "schooling", now.code()));
            let phone = (!visit.phone.is_empty())
                .then(|| fact(subject, "", "guardian_phone", &visit.phone));
            now.into_iter().chain(phone).collect()
        }
        What::Attendance(attendance) => attendance
            .marks
            .iter()
            .map(|(id, mark)| fact(Subject::person(*id), "", "attendance", mark.code()))
            .collect(),
        What::Meals(meals) => {
            let served = meals.served.unwrap_or_default().to_string();
            vec![fact(subject, class, "meals", &served)]
        }
    }
}

#[derive(Serialize, Deserialize)]
struct StoredReceipt {
    state: String,
    at: String,
    remarks: Vec<(String, String, String)>,
}

fn write_receipt(receipt: &Receipt) -> String {
    let remarks = receipt
        .remarks
        .iter()
        .map(|r| (r.field.clone(), r.about.code().to_owned(), r.arg.clone()))
        .collect();
    let stored = StoredReceipt {
        state: receipt.state.code().to_owned(),
        at: receipt.at.to_string(),
        remarks,
    };
    serde_json::to_string(&stored).expect("texts always write")
}

/// The receipt that an entry got; `None` if it does not read.
pub(super) fn read_receipt(key: EntryKey, entry: &Entry) -> Option<Receipt> {
    let stored: StoredReceipt = serde_json::from_str(&entry.receipt).ok()?;
    let at: Timestamp = stored.at.parse().ok()?;
    let remarks = stored.remarks.into_iter().filter_map(|(field, about, arg)| {
        Some(Remark { field, about: About::parse(&about)?, arg })
    });
    let remarks = remarks.collect();
    Some(Receipt { key, state: ReceiptState::parse(&stored.state)?, at, remarks })
}

/// The class that an entry is about, if it is about one.
pub(super) fn class_of(entry: &Entry) -> Option<ClassRef> {
    ClassRef::parse(entry.subject.id, &entry.class)
}
