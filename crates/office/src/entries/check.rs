//! What is wrong with an entry in itself, field by field.

use fujiao_model::{ContactHow, Term};
use jiff::ToSpan;
use jiff::civil::Date;

use super::{About, NewEntry, Remark, Visit, What};
use crate::access::china_day;

/// The longest that each text of a visit may be, in characters.
const LONGEST: [(&str, usize); 2] = [("met", 20), ("text", 500)];

/// Everything that is wrong with an entry whoever wrote it; empty: nothing. `today` is the day in the books.
pub(super) fn faults(entry: &NewEntry, today: Date) -> Vec<Remark> {
    let mut faults = Vec::new();
    day(entry, today, &mut faults);
    match &entry.what {
        What::Visit(visit) => of_visit(visit, today, &mut faults),
        What::Attendance(attendance) => {
            if attendance.marks.is_empty() {
                faults.push(Remark::new("marks", About::Empty, ""));
            }
        }
        What::Meals(meals) => {
            if meals.served.is_none() {
                faults.push(Remark::new("served", About::Empty, ""));
            }
        }
    }
    faults
}

/// The day must have come, and be of this term or, if it was written before the term ended, of that one.
fn day(entry: &NewEntry, today: Date, faults: &mut Vec<Remark>) {
    let Some(on) = entry.on else {
        faults.push(Remark::new("on", About::NoDay, ""));
        return;
    };
    if on > today {
        faults.push(Remark::new("on", About::Tomorrow, ""));
        return;
    }
    let written = china_day(entry.written_at).min(today);
    let first = Term::of(written).start();
    if on < first {
        faults.push(Remark::new("on", About::OtherTerm, first.to_string()));
    }
}

fn of_visit(visit: &Visit, today: Date, faults: &mut Vec<Remark>) {
    for (field, most) in LONGEST {
        let text = if field == "met" { &visit.met } else { &visit.text };
        if text.chars().count() > most {
            faults.push(Remark::new(field, About::TooLong, most.to_string()));
        }
    }
    // A visit that says nothing is no visit.
    let home = matches!(visit.how, ContactHow::Home | ContactHow::Care);
    if home && visit.text.trim().is_empty() && visit.now.is_none() {
        faults.push(Remark::new("text", About::Empty, ""));
    }
    if !visit.phone.is_empty() && phone(&visit.phone).is_none() {
        faults.push(Remark::new("phone", About::NoPhone, ""));
    }
    if let Some(next) = visit.next_on {
        if next <= today {
            faults.push(Remark::new("next_on", About::NextNotLater, ""));
        } else if today.checked_add(1.year()).is_ok_and(|last| next > last) {
            faults.push(Remark::new("next_on", About::NextTooFar, ""));
        }
    }
}

/// A Chinese phone number without what people put between its digits: a mobile of eleven, or a line with its area code.
pub(super) fn phone(text: &str) -> Option<String> {
    let digits: String = text
        .chars()
        .filter(|c| !matches!(c, ' ' | '-' | '－' | '—' | '　'))
        .map(|c| match c {
            '０'..='９' => {
                char::from(b'0' + u8::try_from(u32::from(c) - u32::from('０')).unwrap_or(0))
            }
            c => c,
        })
        .collect();
    let all = digits.bytes().all(|b| b.is_ascii_digit());
    let mobile = digits.len() == 11 && digits.starts_with('1');
    let line = (10..=12).contains(&digits.len()) && digits.starts_with('0');
    (all && (mobile || line)).then_some(digits)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::entries::EntryKey;
    use std::collections::BTreeSet;

    fn visit(on: &str, written: &str, change: impl Fn(&mut Visit)) -> NewEntry {
        let mut visit = Visit {
            person: 1,
            how: ContactHow::Home,
            met: "祖母".into(),
            now: None,
            why: BTreeSet::new(),
            text: "下周一返校".into(),
            phone: String::new(),
            next_on: None,
        };
        change(&mut visit);
        NewEntry {
            key: EntryKey([1; 16]),
            supersedes: None,
            on: on.parse().ok(),
            written_at: format!("{written}T01:00:00Z").parse().unwrap(),
            what: What::Visit(visit),
        }
    }

    fn said(entry: &NewEntry, today: &str) -> String {
        let faults = faults(entry, today.parse().unwrap());
        let words = faults.iter().map(|f| format!("{} {} {}", f.field, f.about.code(), f.arg));
        words.collect::<Vec<_>>().join("; ").trim().to_owned()
    }

    #[test]
    fn what_is_wrong_is_told_at_its_field() {
        let check = |entry: &NewEntry, want: &str| assert_eq!(said(entry, "2025-10-15"), want);
        check(&visit("2025-10-15", "2025-10-15", |_| {}), "");
        check(&visit("2025-10-16", "2025-10-15", |_| {}), "on tomorrow");
        check(&visit("2025-08-31", "2025-10-15", |_| {}), "on other_term 2025-09-01");
        check(&visit("", "2025-10-15", |_| {}), "on no_day");
        // Written before the term ended, sent after: it is taken.
        assert_eq!(said(&visit("2025-08-30", "2025-08-31", |_| {}), "2025-09-03"), "");
        // A clock that runs ahead opens no other term.
        check(&visit("2025-10-15", "2031-10-15", |_| {}), "");
        check(
            &visit("2025-10-15", "2025-10-15", |v| {
                v.met = "长".repeat(21);
                v.text = " ".into();
                v.phone = "13800".into();
                v.next_on = "2025-10-15".parse().ok();
            }),
            "met too_long 20; text empty ; phone no_phone ; next_on next_not_later",
        );
        check(
            &visit("2025-10-15", "2025-10-15", |v| v.next_on = "2027-01-01".parse().ok()),
            "next_on next_too_far",
        );
    }

    #[test]
    fn a_phone_is_known_as_people_write_it() {
        assert_eq!(phone("138 1234-5071").as_deref(), Some("13812345071"));
        assert_eq!(phone("０９１４－１２３４５６７").as_deref(), Some("09141234567"));
        for text in ["1381234507", "23812345071", "一三八", "138123450712", "13812345071x"] {
            assert_eq!(phone(text), None, "{text}");
        }
    }
}
