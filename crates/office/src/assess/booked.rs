//! What was paid out of the books themselves, beside what offices list.

use std::collections::{BTreeMap, BTreeSet};
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
    let place_of = registers.persons.iter().map(|p| (p.id, p.place)).collect();
    add_to(&place_of, policies, &duties.periods, paid, deeds);
}

fn add_to(
    place_of: &BTreeMap<u64, Option<Division>>,
    policies: &PolicySet,
    periods: &BTreeSet<Period>,
    paid: &[PaidAid],
    deeds: &mut Vec<Deed>,
) {
    let listed = deeds.iter().filter(|d| d.area == Area::Aid && d.unit == Unit::Fen);
    let mut listed = counted(listed);
    for payment in paid.iter().filter(|p| p.amount > 0) {
        let Some(period) = Period::parse(&payment.period).filter(|p| periods.contains(p)) else {
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

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    fn listed(person: u64, fen: i64) -> Deed {
        Deed {
            area: Area::Aid,
            kind: "comp.living.boarder".into(),
            subject: Subject::person(person),
            period: Period::parse("2025A").expect("a term"),
            quantity: fen,
            unit: Unit::Fen,
            done_on: date(2025, 11, 1),
            place: None,
            evidence: person,
        }
    }

    fn paid(payment: u64, person: u64, amount: i64) -> PaidAid {
        let (programme, period) = ("comp.living.boarder".into(), "2025A".into());
        PaidAid { payment, person, programme, period, amount, on: date(2025, 10, 28) }
    }

    /// A list that the centre wrote from its batch says the same again; a list of another payment says more.
    #[test]
    fn a_payment_of_the_books_is_a_deed_once() {
        let periods = [Period::parse("2025A").expect("a term")].into_iter().collect();
        let policies = PolicySet::builtin();
        let run = |lists: Vec<Deed>, books: &[PaidAid]| {
            let mut deeds = lists;
            add_to(&BTreeMap::new(), &policies, &periods, books, &mut deeds);
            let mut brief: Vec<(u64, i64, bool)> = deeds
                .iter()
                .map(|d| (d.subject.id, d.quantity, d.evidence & BOOKED != 0))
                .collect();
            brief.sort_unstable();
            brief
        };
        let books = [paid(1, 7, 62_500), paid(2, 8, 62_500)];
        assert_eq!(run(vec![], &books), [(7, 62_500, true), (8, 62_500, true)]);
        // The centre's own list of the same batch.
        let same = vec![listed(7, 62_500), listed(8, 62_500)];
        assert_eq!(run(same, &books), [(7, 62_500, false), (8, 62_500, false)]);
        // Paid again by an office: two deeds, of which settling finds one beyond the duty.
        let twice = vec![listed(7, 62_500), listed(7, 62_500)];
        assert_eq!(run(twice, &books[..1]), [(7, 62_500, false), (7, 62_500, false)]);
        // A supplement beside the first payment, and an amount that is another.
        let parts = [paid(1, 7, 62_500), paid(3, 7, 12_500)];
        let list = vec![listed(7, 62_500), listed(7, 1_000)];
        assert_eq!(run(list, &parts), [(7, 1_000, false), (7, 12_500, true), (7, 62_500, false)]);
        // All of it came back.
        assert_eq!(run(vec![], &[paid(1, 7, 0)]), []);
    }
}
