use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;
use super::{EnrolmentKind as K, ExemptionKind as X};
use crate::random::Random;

impl Lists {
    fn resident(&mut self, person: Person, born: Option<Date>, until: Option<Date>) {
        self.residents.person.push(person);
        self.residents.born.push(born);
        self.residents.since.push(None);
        self.residents.until.push(until);
    }

    fn enrol(
        &mut self,
        person: Person,
        school: u64,
        kind: EnrolmentKind,
        since: Date,
        until: Option<Date>,
    ) {
        self.enrolments.person.push(person);
        self.enrolments.school.push(school);
        self.enrolments.kind.push(kind);
        self.enrolments.since.push(Some(since));
        self.enrolments.until.push(until);
        self.enrolments.days.push(Some(40));
        self.enrolments.present.push(Some(38));
    }

    fn depart(&mut self, person: Person, on: Date, transfer: bool, confirmed_on: Option<Date>) {
        self.departures.person.push(person);
        self.departures.on.push(on);
        self.departures.transfer.push(transfer);
        self.departures.confirmed_on.push(confirmed_on);
        self.departures.back_on.push(None);
    }

    fn exempt(
        &mut self,
        person: Person,
        kind: ExemptionKind,
        since: Date,
        until: Option<Date>,
        document: bool,
    ) {
        self.exemptions.person.push(person);
        self.exemptions.kind.push(kind);
        self.exemptions.since.push(since);
        self.exemptions.until.push(until);
        self.exemptions.document.push(document);
    }
}

const TODAY: Date = date(2025, 11, 15);

fn codes(lists: &Lists) -> Vec<(Person, &'static str)> {
    check(lists, &Rules::builtin(), TODAY).iter().map(|f| (f.person, f.found.code())).collect()
}

#[test]
fn compulsory_age_is_that_of_the_last_day_of_august() {
    let rules = Rules::builtin();
    for (born, of_age) in [
        (date(2019, 8, 31), true),
        (date(2019, 9, 1), false),
        (date(2010, 9, 1), true),
        (date(2010, 8, 31), false),
    ] {
        assert_eq!(rules.is_of_age(born, TODAY), of_age, "{born}");
        // In spring the school year is the same.
        assert_eq!(rules.is_of_age(born, date(2026, 5, 1)), of_age, "{born}");
    }
}

#[test]
fn each_way_out_of_school_has_its_word_and_its_rows() {
    let mut lists = Lists::default();
    let born = Some(date(2014, 3, 1));
    let start = date(2024, 9, 1);
    for person in 1..=12 {
        lists.resident(person, born, None);
    }
    lists.enrol(2, 1, K::County, start, Some(date(2025, 6, 30)));
    lists.depart(3, date(2025, 9, 1), true, None);
    lists.depart(4, date(2025, 8, 1), false, None);
    lists.exempt(5, X::Suspension, date(2024, 11, 1), Some(date(2025, 10, 31)), true);
    // In order: a school elsewhere, home teaching, a receipt, confirmed away, exempt with a document, gone ten days ago.
    lists.enrol(6, 9, K::Elsewhere, start, None);
    lists.enrol(7, 1, K::HomeTeaching, start, None);
    lists.depart(8, date(2025, 9, 1), true, Some(date(2025, 9, 15)));
    lists.exempt(9, X::Disability, date(2025, 9, 1), None, true);
    lists.depart(10, date(2025, 11, 5), true, None);
    // A paper that nobody has excuses nobody.
    lists.exempt(11, X::DeferredEntry, date(2025, 9, 1), None, false);
    lists.exempt(12, X::Suspension, date(2024, 9, 1), None, true);
    assert_eq!(
        codes(&lists),
        [
            (1, "never_enrolled"),
            (2, "left"),
            (3, "no_receipt"),
            (4, "unconfirmed"),
            (5, "exemption_over"),
            (11, "never_enrolled"),
            (11, "no_document"),
            (12, "never_enrolled"),
            (12, "too_long"),
        ]
    );
    let found = check(&lists, &Rules::builtin(), TODAY);
    assert_eq!(found[1].evidence, [Evidence::Resident(1), Evidence::Enrolment(0)]);
    assert_eq!(found[2].evidence, [Evidence::Resident(2), Evidence::Departure(0)]);
}

#[test]
fn the_other_direction_is_looked_at_too() {
    let mut lists = Lists::default();
    let born = Some(date(2014, 3, 1));
    let start = date(2025, 9, 1);
    lists.enrol(1, 1, K::County, start, None);
    lists.resident(2, born, Some(date(2025, 10, 1)));
    lists.enrol(2, 1, K::County, start, None);
    lists.resident(3, born, None);
    lists.enrol(3, 1, K::County, start, None);
    lists.enrol(3, 2, K::Elsewhere, start, None);
    lists.resident(4, born, None);
    lists.enrol(4, 1, K::County, start, None);
    lists.enrolments.present[4] = Some(0);
    lists.resident(5, None, None);
    // A transfer that overlaps by some days is none.
    lists.resident(6, born, None);
    lists.enrol(6, 1, K::County, date(2024, 9, 1), None);
    lists.enrol(6, 2, K::County, date(2025, 11, 1), None);
    // Who has finished is not looked for.
    lists.resident(7, Some(date(2011, 1, 1)), None);
    lists.enrol(7, 1, K::County, date(2022, 9, 1), Some(date(2025, 7, 1)));
    lists.graduates.person.push(7);
    lists.graduates.on.push(date(2025, 7, 1));
    assert_eq!(
        codes(&lists),
        [
            (1, "no_resident"),
            (2, "gone_but_enrolled"),
            (3, "double"),
            (4, "ghost"),
            (5, "no_birthday")
        ]
    );
}

#[test]
fn rates_are_counted_from_persons() {
    let set = |n: std::ops::Range<u64>| n.collect::<BTreeSet<Person>>();
    let cohort = Cohort {
        entered: set(0..100),
        came: set(100..110),
        went: set(0..8),
        died: set(8..10),
        graduated: set(10..105),
    };
    let rate = consolidation(&cohort);
    // 100 + 10 − 8 − 2 = 100; 95 of them graduated.
    assert_eq!((rate.above.len(), rate.below.len()), (95, 100));
    let rate = dropout(&set(0..1000), &set(997..1003));
    assert_eq!((rate.above.len(), rate.below.len()), (3, 1000));
    let mut lists = Lists::default();
    for person in 1..=4 {
        lists.resident(person, Some(date(2014, 3, 1)), None);
    }
    for person in 1..=3 {
        lists.enrol(person, 1, EnrolmentKind::County, date(2025, 9, 1), None);
    }
    lists.exempt(3, ExemptionKind::Suspension, date(2025, 10, 1), None, true);
    let rate = net_enrolment(&lists, &Rules::builtin(), TODAY);
    assert_eq!((rate.above, rate.below.len()), (vec![1, 2], 4));
}

/// What really is the case with a child of a made county.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Truth {
    InSchool,
    Elsewhere,
    Exempt,
    Finished,
    Young,
    Out,
    Double,
    Ghost,
    Stranger,
}

/// A county of children with what offices would hold of them, drawn by a seed.
fn county(people: u64, seed: u64) -> (Lists, BTreeMap<Person, Truth>) {
    let mut random = Random::new(seed);
    let mut lists = Lists::default();
    let mut truth = BTreeMap::new();
    let day = |random: &mut Random, from: Date, days: usize| {
        from.saturating_add(jiff::Span::new().days(i64::try_from(random.below(days)).unwrap()))
    };
    for person in 0..people {
        let born = day(&mut random, date(2010, 9, 1), 3286);
        let start = day(&mut random, date(2023, 9, 1), 700);
        let kind = random.below(1000);
        let what = match kind {
            0..=29 => Truth::Out,
            30..=39 => Truth::Double,
            40..=49 => Truth::Ghost,
            50..=69 => Truth::Stranger,
            70..=119 => Truth::Elsewhere,
            120..=149 => Truth::Exempt,
            150..=169 => Truth::Finished,
            170..=219 => Truth::Young,
            _ => Truth::InSchool,
        };
        truth.insert(person, what);
        let born = match what {
            Truth::Young => day(&mut random, date(2019, 9, 1), 2000),
            _ => born,
        };
        if what != Truth::Stranger {
            lists.resident(person, Some(born), None);
            // Two registers know some of them.
            if random.below(3) == 0 {
                lists.resident(person, Some(born), None);
            }
        }
        let school = random.below(80) as u64;
        match what {
            Truth::InSchool | Truth::Stranger => {
                let kind =
                    [K::County, K::County, K::County, K::Special, K::HomeTeaching][random.below(5)];
                lists.enrol(person, school, kind, start, None);
                if random.below(20) == 0 {
                    let last = lists.enrolments.days.len() - 1;
                    (lists.enrolments.days[last], lists.enrolments.present[last]) = (None, None);
                }
            }
            Truth::Double => {
                lists.enrol(person, school, K::County, date(2025, 9, 1), None);
                lists.enrol(person, school + 100, K::Elsewhere, start, None);
            }
            Truth::Ghost => {
                lists.enrol(person, school, K::County, start, None);
                *lists.enrolments.present.last_mut().unwrap() = Some(0);
            }
            Truth::Elsewhere => match random.below(3) {
                0 => lists.enrol(person, school + 200, K::Elsewhere, start, None),
                1 => {
                    lists.enrol(person, school, K::County, start, Some(date(2025, 9, 1)));
                    lists.depart(person, date(2025, 9, 1), true, Some(date(2025, 9, 12)));
                }
                _ => lists.depart(person, start, false, Some(date(2025, 10, 1))),
            },
            Truth::Exempt => {
                let kind = [X::DeferredEntry, X::Suspension, X::Disability][random.below(3)];
                lists.exempt(person, kind, date(2025, 9, 1), Some(date(2026, 8, 31)), true);
            }
            Truth::Finished => {
                lists.enrol(person, school, K::County, start, Some(date(2025, 7, 5)));
                lists.graduates.person.push(person);
                lists.graduates.on.push(date(2025, 7, 5));
            }
            Truth::Out => match random.below(5) {
                0 => {}
                1 => lists.enrol(person, school, K::County, start, Some(date(2025, 9, 20))),
                2 => lists.depart(person, date(2025, 8, 20), true, None),
                3 => lists.depart(person, date(2025, 3, 1), false, None),
                _ => lists.exempt(
                    person,
                    X::Suspension,
                    date(2024, 9, 1),
                    Some(date(2025, 8, 31)),
                    true,
                ),
            },
            Truth::Young => {}
        }
    }
    (lists, truth)
}

#[test]
fn nobody_is_lost_between_the_two_lists() {
    for seed in 1..=5 {
        let (lists, truth) = county(20_000, seed);
        let found = check(&lists, &Rules::builtin(), TODAY);
        let named = |is: fn(Found) -> bool| -> BTreeSet<Person> {
            found.iter().filter(|f| is(f.found)).map(|f| f.person).collect()
        };
        let planted = |what: Truth| -> BTreeSet<Person> {
            truth.iter().filter(|(_, t)| **t == what).map(|(p, _)| *p).collect()
        };
        assert_eq!(named(Found::is_out_of_school), planted(Truth::Out), "seed {seed}");
        assert_eq!(named(|f| f == Found::Double), planted(Truth::Double), "seed {seed}");
        assert_eq!(
            named(|f| matches!(f, Found::Ghost { .. })),
            planted(Truth::Ghost),
            "seed {seed}"
        );
        assert_eq!(named(|f| f == Found::NoResident), planted(Truth::Stranger), "seed {seed}");
        assert!(found.iter().all(|f| !f.evidence.is_empty()));
    }
}

proptest! {
    /// The order of the rows and what is said twice change no finding.
    #[test]
    fn the_order_of_the_lists_does_not_matter(seed in any::<u64>(), people in 1_u64..300) {
        let (lists, _) = county(people, seed);
        let mut turned = lists.clone();
        let e = &mut turned.enrolments;
        e.person.reverse(); e.school.reverse(); e.kind.reverse(); e.since.reverse(); e.until.reverse(); e.days.reverse(); e.present.reverse();
        let r = &mut turned.residents;
        r.person.reverse(); r.born.reverse(); r.since.reverse(); r.until.reverse();
        let words = |lists: &Lists| check(lists, &Rules::builtin(), TODAY).into_iter().map(|f| (f.person, f.found)).collect::<Vec<_>>();
        prop_assert_eq!(words(&turned), words(&lists));
    }

    /// A child who is enrolled is out of school on no day of it; one more enrolment never makes a child be out of school.
    #[test]
    fn enrolling_a_child_takes_them_off_the_list(seed in any::<u64>()) {
        let (mut lists, truth) = county(200, seed);
        for (person, what) in &truth {
            if *what == Truth::Out { lists.enrol(*person, 7, EnrolmentKind::County, date(2025, 11, 1), None); }
        }
        prop_assert!(check(&lists, &Rules::builtin(), TODAY).iter().all(|f| !f.found.is_out_of_school()));
    }
}
