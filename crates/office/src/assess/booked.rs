//! What was paid out of the books themselves, beside what offices list.

use std::collections::BTreeMap;
use std::sync::Arc;

use fujiao_model::{Area, Deed, Division, Period, Subject, Unit};
use fujiao_policy::PolicySet;
use fujiao_store::PaidAid;

use super::Registers;
use super::duties::Owed;

/// Marks the evidence of a payment of the books, which is no source row. Ids of rows stay far below.
pub(crate) const BOOKED: u64 = 1 << 62;

/// Adds a deed for each payment of the books, exactly once: a line of an office's list that says the same of the same person,
/// programme, period and amount is that payment.
pub(super) fn add(
    registers: &Registers,
    policies: &PolicySet,
    duties: &Owed,
    paid: &[PaidAid],
    deeds: &mut Vec<Deed>,
) {
    if paid.is_empty() {
        return;
    }
    let place_of: BTreeMap<u64, Option<Division>> =
        registers.persons.iter().map(|p| (p.id, p.place)).collect();
    let listed = deeds.iter().filter(|d| d.area == Area::Aid && d.unit == Unit::Fen);
    let mut listed = counted(listed);
    for payment in paid.iter().filter(|p| p.amount > 0) {
        let Some(period) = Period::parse(&payment.period).filter(|p| duties.periods.contains(p))
        else {
            continue;
        };
        let Some(programme) = policies.programme(&payment.programme) else { continue };
        let subject = Subject::person(payment.person);
        let same = (Arc::clone(&programme.key), subject, period, payment.amount);
        if let Some(left) = listed.get_mut(&same).filter(|left| **left > 0) {
            *left -= 1;
            continue;
        }
        deeds.push(Deed {
            area: Area::Aid,
            kind: same.0,
            subject,
            period,
            quantity: payment.amount,
            unit: programme.unit,
            done_on: payment.on,
            place: place_of.get(&payment.person).copied().flatten(),
            evidence: BOOKED | payment.payment,
        });
    }
}

type Same = (Arc<str>, Subject, Period, i64);

fn counted<'d>(deeds: impl Iterator<Item = &'d Deed>) -> BTreeMap<Same, u64> {
    let mut out = BTreeMap::new();
    for d in deeds {
        *out.entry((Arc::clone(&d.kind), d.subject, d.period, d.quantity)).or_default() += 1;
    }
    out
}
