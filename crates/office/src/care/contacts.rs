//! Contacts with each child this term, by kind: who was talked with, and who only got things.

use std::collections::BTreeMap;

use fujiao_model::{ContactHow, Field, PartialDate, RosterKind, Term};
use fujiao_policy::PolicySet;
use fujiao_store::StoredContacts;

use crate::assess::Registers;

/// The code of a kind of contact as rosters write it; `other` for what is none of ours.
pub(crate) fn kind_code(text: &str) -> &'static str {
    let known = ContactHow::parse(text)
        .or_else(|| ContactHow::ALL.iter().copied().find(|how| text.contains(how.chinese())));
    known.map_or("other", ContactHow::code)
}

/// The contacts of this term by child; children without any are left out.
pub(crate) fn contacts(registers: &Registers, policies: &PolicySet) -> Vec<StoredContacts> {
    let counts = policies.list("contact_kinds", registers.as_of);
    let (start, month) = (registers.term.start(), registers.as_of.first_of_month());
    let mut found: BTreeMap<u64, (StoredContacts, BTreeMap<&str, u32>)> = BTreeMap::new();
    for &at in registers.by_kind.get(RosterKind::Contacts) {
        let person = registers.actor_of(at);
        let fields = &registers.rows[at as usize].fields;
        let on = fields.date(Field::ContactOn).map(PartialDate::latest);
        let (Some(on), Some(kind)) = (on, fields.text(Field::ContactKind)) else { continue };
        let taken_back = kind == crate::entries::TAKEN_BACK;
        if person == u32::MAX || on < start || on > registers.as_of || taken_back {
            continue;
        }
        debug_assert_eq!(Term::of(on), registers.term, "from the first day of the term on");
        let id = registers.persons[person as usize].id;
        let (sum, kinds) = found.entry(id).or_insert_with(|| {
            let none = StoredContacts {
                person: id,
                met: 0,
                material: 0,
                kinds: String::new(),
                last_on: None,
                month_met: 0,
            };
            (none, BTreeMap::new())
        });
        *kinds.entry(kind_code(kind)).or_default() += 1;
        if counts.iter().any(|word| kind.contains(&**word)) {
            sum.met += 1;
            sum.month_met += u32::from(on >= month);
            sum.last_on = sum.last_on.max(Some(on));
        } else {
            sum.material += 1;
        }
    }
    found
        .into_values()
        .map(|(mut sum, kinds)| {
            sum.kinds = serde_json::to_string(&kinds).expect("words and numbers always write");
            sum
        })
        .collect()
}
