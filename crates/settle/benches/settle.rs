//! A county's duties and deeds: `cargo bench -p fujiao-settle`.

use std::sync::Arc;

use fujiao_model::{Area, Because, Deed, Duty, Period, Subject, Term, Unit};

fn main() {
    divan::main();
}

/// Duties of `pupils` for six terms, and a payment for all but every thirtieth.
fn books(pupils: u64) -> (Vec<Duty>, Vec<Deed>) {
    let kind: Arc<str> = "comp.living.boarder".into();
    let none: Arc<str> = "".into();
    let (mut duties, mut deeds) = (Vec::new(), Vec::new());
    for (term, at) in ["2022A", "2023S", "2023A", "2024S", "2024A", "2025S"].iter().zip(0_u64..) {
        let term: Term = term.parse().expect("a term");
        for pupil in 0..pupils {
            let subject = Subject::person(pupil.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 1);
            duties.push(Duty {
                area: Area::Aid,
                kind: Arc::clone(&kind),
                subject,
                period: Period::Term(term),
                quantity: 62_500,
                unit: Unit::Fen,
                due_on: term.end(),
                bearer: Arc::clone(&none),
                place: None,
                because: Because {
                    rule: Arc::clone(&none),
                    basis: Arc::clone(&none),
                    facts: Arc::clone(&none),
                    sources: vec![],
                },
            });
            if pupil % 30 != 0 {
                deeds.push(Deed {
                    area: Area::Aid,
                    kind: Arc::clone(&kind),
                    subject,
                    period: Period::Term(term),
                    quantity: 62_500,
                    unit: Unit::Fen,
                    done_on: term.start(),
                    place: None,
                    evidence: at * pupils + pupil,
                });
            }
        }
    }
    (duties, deeds)
}

#[divan::bench(args = [3_000, 30_000, 300_000], sample_count = 5)]
fn six_terms(bencher: divan::Bencher<'_, '_>, pupils: u64) {
    let (duties, deeds) = books(pupils);
    bencher
        .counter(divan::counter::ItemsCount::new(duties.len() + deeds.len()))
        .bench(|| fujiao_settle::settle(divan::black_box(&duties), divan::black_box(&deeds)));
}
