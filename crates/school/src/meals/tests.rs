use proptest::prelude::*;

use super::*;
use crate::Days;

fn days(text: &str) -> Days {
    Days::parse(text).unwrap()
}

/// Two schools of one class each; the second went into the first on the 15th.
fn book() -> Book {
    let lessons = days("1-5,8-12,15-19,22-26,29-30");
    let school = |id, open: &str, merged: &str| School {
        id,
        lessons,
        open: days(open),
        merged: days(merged),
        takes_part: true,
        claims_by_name: false,
    };
    let class = |school| Class { school, name: "一年级1班".into(), enrolled: 30 };
    Book {
        schools: vec![school(1, "1-30", ""), school(2, "1-14", "15-30")],
        classes: vec![class(0), class(1)],
        ..Book::default()
    }
}

/// Class, day and the three counts, `-` for one that nobody said; then what is proved, over, unproven and why.
#[test]
fn three_counts_of_a_class_and_a_day() {
    let check = |class: u32, day: i8, counts: &str, want: &str| {
        let n: Vec<Option<u32>> = counts.split(' ').map(|n| n.parse().ok()).collect();
        let mut book = book();
        book.days =
            vec![ClassDay { class, day, present: n[0], served: n[1], claimed: n[2], source: 1 }];
        let close = close(&book);
        let t = close.classes[class as usize].totals;
        let why: Vec<&str> = close.findings.iter().map(|f| f.why.code()).collect();
        let got = format!("{} {} {} {}", t.proved, t.over, t.unproven, why.join(" "));
        assert_eq!(got.trim(), want, "{class} {day} {counts}");
    };
    check(0, 3, "30 30 30", "30 0 0");
    check(0, 3, "28 28 30", "28 2 0 absent");
    check(0, 3, "30 27 30", "27 3 0 unserved");
    check(0, 3, "27 28 30", "27 3 0 absent");
    check(0, 3, "30 30 28", "28 0 0");
    check(0, 3, "- 30 30", "0 0 30");
    check(0, 3, "30 - 30", "0 0 30");
    check(0, 3, "30 30 -", "0 0 0");
    check(0, 6, "- - 30", "0 30 0 off_day");
    check(1, 12, "30 30 30", "30 0 0");
    check(1, 15, "- - 30", "0 30 0 double");
}

#[test]
fn a_day_that_nobody_marked_is_unmarked_and_proves_nothing() {
    let close = close(&book());
    assert_eq!(close.classes[0].unmarked, days("1-5,8-12,15-19,22-26,29-30"));
    assert_eq!(close.classes[1].unmarked, days("1-5,8-12"));
    assert_eq!(
        (close.totals.due, close.totals.proved, close.totals.marked),
        (22 * 30 + 10 * 30, 0, 0)
    );
}

/// Days enrolled, absent and claimed of a child at the first school (and claimed at the second); then the findings.
#[test]
fn claims_by_name_are_held_against_the_childs_own_days() {
    let check =
        |enrolled: &str, absent: &str, here: Claimed, there: Option<Claimed>, want: &str| {
            let mut book = book();
            book.pupils =
                vec![Pupil { person: 9, class: 0, enrolled: days(enrolled), absent: days(absent) }];
            let claim = |school, days| NamedClaim { person: 9, school, days, source: 7 };
            book.claims = vec![claim(0, here)];
            book.claims.extend(there.map(|days| claim(1, days)));
            let close = close(&book);
            let got: Vec<String> = close
                .findings
                .iter()
                .map(|f| format!("{} {} {}", f.school, f.why.code(), f.meals))
                .collect();
            assert_eq!(got.join("; "), want, "{enrolled} {absent} {here:?} {there:?}");
        };
    let set = |text: &str| Claimed::Days(days(text));
    check("1-30", "", set("1-5,8-12"), None, "");
    check("1-30", "3-4", set("1-5"), None, "0 absent 1; 0 absent 1");
    check("1-30", "", set("5-6"), None, "0 off_day 1");
    check("1-12", "", set("12,15"), None, "0 stranger 1");
    check("1-30", "", Claimed::Count(22), None, "");
    check("1-30", "3-4", Claimed::Count(22), None, "0 absent 2");
    check("1-30", "", Claimed::Count(24), None, "0 off_day 2");
    check("15-30", "", set("15-19"), Some(set("8,15")), "1 double 1; 1 double 1");
    check("15-30", "", Claimed::Count(12), Some(Claimed::Count(3)), "1 double 3");
}

#[test]
fn a_child_who_moved_within_the_month_eats_at_both_schools_and_nobody_is_accused() {
    let mut book = book();
    book.pupils = vec![
        Pupil { person: 9, class: 1, enrolled: days("1-14"), absent: Days::NONE },
        Pupil { person: 9, class: 0, enrolled: days("15-30"), absent: Days::NONE },
    ];
    let claim = |school, text: &str| NamedClaim {
        person: 9,
        school,
        days: Claimed::Days(days(text)),
        source: 1,
    };
    book.claims = vec![claim(1, "1-5,8-12"), claim(0, "15-19,22-26,29-30")];
    assert_eq!(close(&book).findings, []);
    book.claims = vec![
        NamedClaim { days: Claimed::Count(10), ..claim(1, "") },
        NamedClaim { days: Claimed::Count(12), ..claim(0, "") },
    ];
    assert_eq!(close(&book).findings, []);
}

#[test]
fn a_school_that_claims_by_name_is_paid_what_counts_and_names_both_bear() {
    let mut book = book();
    book.schools[0].claims_by_name = true;
    book.days = vec![ClassDay {
        class: 0,
        day: 3,
        present: Some(28),
        served: Some(27),
        claimed: None,
        source: 1,
    }];
    assert_eq!(close(&book).schools[0].payable, 0, "without names nothing is claimed");
    let pupil = |person| Pupil { person, class: 0, enrolled: days("1-30"), absent: Days::NONE };
    let claim =
        |person| NamedClaim { person, school: 0, days: Claimed::Days(days("3")), source: 1 };
    book.pupils = (0..26).map(pupil).collect();
    book.claims = (0..26).map(claim).collect();
    let close = close(&book);
    assert_eq!(
        (close.schools[0].totals.backed, close.schools[0].payable, close.classes[0].totals.marked),
        (27, 26, 1)
    );
}

#[test]
fn of_two_returns_of_a_day_the_later_counts() {
    let mut book = book();
    let day = |claimed| ClassDay {
        class: 0,
        day: 3,
        present: Some(28),
        served: Some(28),
        claimed: Some(claimed),
        source: 1,
    };
    book.days = vec![day(30), day(28)];
    assert_eq!(close(&book).findings, []);
}

#[test]
fn a_return_is_refused_at_its_field() {
    let calendar = crate::SchoolDays {
        terms: vec![("2025-09-01".parse().unwrap(), "2026-01-16".parse().unwrap())],
        worked: ["2025-09-28".parse().unwrap()].into(),
        ..crate::SchoolDays::default()
    };
    let of = Enrolled { pupils: 30, open: true, locked: false };
    let check = |on: &str, counts: [Option<u32>; 3], of: Enrolled, want: &str| {
        let said = DayReturn {
            on: on.parse().unwrap(),
            present: counts[0],
            served: counts[1],
            claimed: counts[2],
        };
        let faults = refuses(&said, of, &calendar, "2025-10-15".parse().unwrap());
        let got: Vec<String> =
            faults.iter().map(|f| format!("{} {}", f.field(), f.code())).collect();
        assert_eq!(got.join("; "), want, "{on} {counts:?}");
    };
    let n = |n| [Some(n), Some(n), Some(n)];
    check("2025-09-03", n(30), of, "");
    check("2025-09-28", n(30), of, "");
    check("2025-09-27", n(30), of, "on no_lessons");
    check("2025-08-20", n(30), of, "on outside_term");
    check("2025-10-16", n(30), of, "on tomorrow");
    check("2025-09-03", [Some(30), Some(31), None], of, "served served_above_enrolled");
    check("2025-09-03", [None; 3], of, " empty");
    check("2025-09-03", n(30), Enrolled { open: false, ..of }, "on school_closed");
    check("2025-09-03", n(30), Enrolled { locked: true, ..of }, "on locked");
}

prop_compose! {
    fn any_book()(
        counts in prop::collection::vec((0..2_u32, 1..31_i8, prop::option::of(0..40_u32), prop::option::of(0..40_u32), prop::option::of(0..40_u32)), 0..60),
        pupils in prop::collection::vec((0..6_u64, 0..2_u32, 0..31_i8, 0..31_i8, 0..31_i8), 0..12),
        claims in prop::collection::vec((0..6_u64, 0..2_u32, 1..31_i8, 1..31_i8, any::<bool>()), 0..20),
    ) -> Book {
        let mut book = book();
        book.days = counts.into_iter().map(|(class, day, present, served, claimed)| ClassDay { class, day, present, served, claimed, source: 1 }).collect();
        book.pupils = pupils.into_iter().map(|(person, class, a, b, c)| Pupil { person, class, enrolled: Days::span(a, b), absent: Days::span(c, c) }).collect();
        book.claims = claims.into_iter().map(|(person, school, a, b, by_day)| NamedClaim {
            person, school, source: 1,
            days: if by_day { Claimed::Days(Days::span(a, b)) } else { Claimed::Count(u32::from(b.unsigned_abs())) },
        }).collect();
        book
    }
}

proptest! {
    /// claimed = proved + over + unproven; by name no more is over than is claimed; nothing payable is beyond what is proved.
    #[test]
    fn no_meal_is_made_or_lost(book in any_book()) {
        let close = close(&book);
        for class in &close.classes {
            let t = class.totals;
            prop_assert_eq!(t.claimed, t.proved + t.over + t.unproven);
        }
        for school in &close.schools {
            prop_assert!(school.named_over <= school.named && school.payable <= school.totals.proved);
            prop_assert!(school.totals.proved <= school.totals.backed);
        }
        let by_class: u64 = close.findings.iter().filter(|f| f.person.is_none()).map(|f| u64::from(f.meals)).sum();
        prop_assert_eq!(by_class, close.totals.over);
    }

    /// A count more that says what the other two say accuses nobody, whatever else there is.
    #[test]
    fn three_equal_counts_accuse_nobody(book in any_book(), n in 0..31_u32) {
        let mut book = book;
        book.days.retain(|d| !(d.class == 0 && d.day == 3));
        book.days.push(ClassDay { class: 0, day: 3, present: Some(n), served: Some(n), claimed: Some(n), source: 2 });
        let close = close(&book);
        prop_assert!(close.findings.iter().all(|f| f.class != Some(0) || f.day != Some(3)));
    }

    /// Names in another order are the same names. (Of returns of one day the later counts, so their order matters.)
    #[test]
    fn the_order_of_names_does_not_matter(book in any_book(), by in any::<u64>()) {
        let mut other = book.clone();
        let n = other.pupils.len().max(1);
        other.pupils.rotate_left(usize::try_from(by % n as u64).unwrap() % n);
        prop_assert_eq!(close(&book), close(&other));
    }
}
