use std::fmt::Write;
use std::sync::Arc;

use fujiao_model::{Area, Because, Period, Subject, Unit};
use jiff::civil::date;
use proptest::prelude::*;

use super::*;

fn duty(kind: &str, person: u64, quantity: i64, due_day: i8) -> Duty {
    Duty {
        area: Area::Aid,
        kind: kind.into(),
        subject: Subject::person(person),
        period: Period::Term("2024A".parse().unwrap()),
        quantity,
        unit: Unit::Fen,
        due_on: date(2024, 12, due_day),
        bearer: "县学生资助中心".into(),
        place: None,
        because: Because {
            rule: "r".into(),
            basis: "b".into(),
            facts: Arc::from(""),
            sources: vec![],
        },
    }
}

fn deed(kind: &str, person: u64, quantity: i64, day: i8, evidence: u64) -> Deed {
    Deed {
        area: Area::Aid,
        kind: kind.into(),
        subject: Subject::person(person),
        period: Period::Term("2024A".parse().unwrap()),
        quantity,
        unit: Unit::Fen,
        done_on: date(2024, 12, day),
        place: None,
        evidence,
    }
}

/// `due: 625` and `deeds: day+quantity` of one pupil, and what comes out.
fn check(due: &[i64], deeds: &[(i8, i64)], want: &str) {
    let duties: Vec<Duty> =
        due.iter().zip(1..).map(|(&q, day)| duty("living", 7, q, day)).collect();
    let deeds: Vec<Deed> =
        deeds.iter().zip(1..).map(|(&(day, q), e)| deed("living", 7, q, day, e)).collect();
    let s = settle(&duties, &deeds);
    let mut got = format!("done {:?}", s.done);
    for g in &s.gaps {
        write!(got, ", duty {} lacks {}", g.duty, g.missing).unwrap();
    }
    for e in &s.excesses {
        write!(got, ", deed {} {} by {}", e.deed, e.kind.code(), e.quantity).unwrap();
    }
    for r in &s.loose_returns {
        write!(got, ", deed {} returns {} never given", r.deed, r.quantity).unwrap();
    }
    assert_eq!(got, want);
}

#[test]
fn one_account() {
    check(&[625], &[], "done [0], duty 0 lacks 625");
    check(&[625], &[(3, 625)], "done [625]");
    check(&[625], &[(3, 300), (9, 325)], "done [625]");
    check(&[625], &[(3, 300), (9, 300)], "done [600], duty 0 lacks 25");
    check(&[625], &[(3, 700)], "done [625], deed 0 over by 75");
    check(&[625], &[(3, 625), (9, 625)], "done [625], deed 1 repeated by 625");
    check(&[625], &[(3, 625), (9, 625), (12, -625)], "done [625]");
    check(&[625], &[(3, 625), (12, -625)], "done [0], duty 0 lacks 625");
    check(&[625], &[(3, -625), (12, 625)], "done [0], duty 0 lacks 625");
    check(&[625], &[(3, -625)], "done [0], duty 0 lacks 625, deed 0 returns 625 never given");
    check(&[], &[(3, 625)], "done [], deed 0 unfounded by 625");
    check(&[100, 200], &[(3, 150), (9, 200)], "done [100, 200], deed 1 over by 50");
}

#[test]
fn a_payment_of_another_programme_term_or_child_does_not_count() {
    let mut other_term = deed("living", 7, 625, 3, 3);
    other_term.period = Period::Term("2024S".parse().unwrap());
    let deeds = [deed("grant", 7, 625, 3, 1), deed("living", 8, 625, 3, 2), other_term];
    let s = settle(&[duty("living", 7, 625, 1)], &deeds);
    assert_eq!((s.gaps.len(), s.excesses.len()), (1, 3));
    assert!(s.excesses.iter().all(|e| e.kind == ExcessKind::Unfounded));
}

#[test]
fn the_day_on_which_a_duty_was_done_is_that_of_the_last_needed_deed() {
    let deeds =
        [deed("living", 7, 325, 9, 2), deed("living", 7, 300, 3, 1), deed("living", 7, 10, 20, 3)];
    assert_eq!(settle(&[duty("living", 7, 625, 1)], &deeds).done_on, [Some(date(2024, 12, 9))]);
}

fn books() -> impl Strategy<Value = (Vec<Duty>, Vec<Deed>)> {
    let kinds = ["living", "grant"];
    let due = prop::collection::vec((0..2_usize, 0..4_u64, 1..900_i64, 1..28_i8), 0..24)
        .prop_map(move |v| v.into_iter().map(|(k, p, q, d)| duty(kinds[k], p, q, d)).collect());
    let done = prop::collection::vec((0..2_usize, 0..4_u64, -900..900_i64, 1..28_i8), 0..24)
        .prop_map(move |v| {
            v.into_iter().zip(1..).map(|((k, p, q, d), e)| deed(kinds[k], p, q, d, e)).collect()
        });
    (due, done)
}

proptest! {
    #[test]
    fn nothing_is_made_or_lost((duties, deeds) in books()) {
        let s = settle(&duties, &deeds);
        let due: i64 = duties.iter().map(|d| d.quantity).sum();
        let done: i64 = s.done.iter().sum();
        let missing: i64 = s.gaps.iter().map(|g| g.missing).sum();
        prop_assert_eq!(due, done + missing);
        let acted: i64 = deeds.iter().map(|d| d.quantity).sum();
        let counted: i64 = s.counted.iter().sum();
        let excess: i64 = s.excesses.iter().map(|e| e.quantity).sum();
        let loose: i64 = s.loose_returns.iter().map(|r| r.quantity).sum();
        prop_assert_eq!(counted, done);
        prop_assert_eq!(acted, counted + excess - loose);
        for (duty, done) in duties.iter().zip(&s.done) {
            prop_assert!((0..=duty.quantity).contains(done));
        }
        prop_assert!(s.gaps.iter().all(|g| g.missing > 0) && s.excesses.iter().all(|e| e.quantity > 0));
    }

    #[test]
    fn the_order_of_the_books_does_not_matter((duties, deeds) in books(), seed in any::<u64>()) {
        let shuffled = |n: usize, salt: u64| {
            let mut at: Vec<usize> = (0..n).collect();
            at.sort_by_key(|i| (*i as u64 + 1).wrapping_mul(seed.wrapping_add(salt) | 1).rotate_left(23));
            at
        };
        let (di, ai) = (shuffled(duties.len(), 1), shuffled(deeds.len(), 9));
        let mixed_duties: Vec<Duty> = di.iter().map(|&i| duties[i].clone()).collect();
        let mixed_deeds: Vec<Deed> = ai.iter().map(|&i| deeds[i].clone()).collect();
        let (a, b) = (settle(&duties, &deeds), settle(&mixed_duties, &mixed_deeds));
        for (at, &i) in ai.iter().enumerate() {
            prop_assert_eq!(a.counted[i], b.counted[at]);
        }
        // Duties alike in all but their position may change places; what was done for each likeness may not.
        let by_likeness = |duties: &[Duty], done: &[i64]| {
            let mut v: Vec<_> =
                duties.iter().zip(done).map(|(d, n)| (d.kind.clone(), d.subject, d.due_on, d.quantity, *n)).collect();
            v.sort();
            v
        };
        prop_assert_eq!(by_likeness(&duties, &a.done), by_likeness(&mixed_duties, &b.done));
    }

    #[test]
    fn settling_what_counted_changes_nothing((duties, deeds) in books()) {
        let first = settle(&duties, &deeds);
        let kept: Vec<Deed> = deeds.iter().zip(&first.counted).filter(|(_, n)| **n > 0)
            .map(|(d, n)| Deed { quantity: *n, ..d.clone() }).collect();
        let again = settle(&duties, &kept);
        prop_assert_eq!(&again.done, &first.done);
        prop_assert!(again.excesses.is_empty() && again.loose_returns.is_empty());
    }

    #[test]
    fn one_more_deed_never_widens_a_gap((duties, deeds) in books(), quantity in 1..900_i64) {
        let before = settle(&duties, &deeds);
        let mut more = deeds.clone();
        more.push(deed("living", 1, quantity, 28, 999));
        let after = settle(&duties, &more);
        let lacking = |s: &Settlement| s.gaps.iter().map(|g| g.missing).sum::<i64>();
        prop_assert!(lacking(&after) <= lacking(&before));
    }
}
