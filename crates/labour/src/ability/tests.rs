use jiff::civil::date;
use proptest::prelude::*;

use super::*;

fn at(text: &str) -> Date {
    text.parse().unwrap()
}

/// born sex disability illness school → what the rules say on 2025-06-30; `?`: not on file.
fn said(line: &str) -> String {
    let words: Vec<&str> = line.split_whitespace().collect();
    let known = |at: usize| Some(words[at]).filter(|w| *w != "?");
    let disability = known(2).map(|text| {
        text.split_once('/').map(|(kind, grade)| Disability {
            kind: DisabilityKind::parse(kind).unwrap(),
            grade: grade.parse().unwrap(),
        })
    });
    let facts = Facts {
        born: known(0).map(|d| match d.len() {
            4 => PartialDate::year_only(d.parse().unwrap()).unwrap(),
            _ => PartialDate::full(at(d)),
        }),
        sex: known(1).map(|s| Sex::parse(s).unwrap()),
        disability,
        illness: known(3).map(|i| Illness::parse(i).unwrap()),
        in_school: known(4).map(|s| s == "yes"),
    };
    match judge(&Rules::builtin(), &facts, date(2025, 6, 30)) {
        Judged::Known(labour) => {
            format!(
                "{}{}",
                labour.ability.code(),
                if labour.counts() { "" } else { " not counted" }
            )
        }
        Judged::Ask(facts) => {
            format!("ask {}", facts.iter().map(|f| f.code()).collect::<Vec<_>>().join(" "))
        }
        Judged::NotInForce => "not in force".to_owned(),
    }
}

#[test]
fn what_somebody_can_do_follows_from_the_facts() {
    let check = |line: &str| {
        let (facts, wanted) = line.split_once("->").unwrap();
        assert_eq!(said(facts), wanted.trim(), "{facts}");
    };
    for line in "
        1990-01-01 m none healthy no -> normal
        2009-07-01 f none healthy no -> none not counted
        2009-06-30 f none healthy no -> normal
        2008-01-01 f none healthy yes -> normal not counted
        1965-04-30 m none healthy no -> weak
        1965-05-01 m none healthy no -> normal
        1970-01-01 f none healthy no -> weak
        1960-06-30 m none healthy no -> half
        1955-06-30 m none healthy no -> none not counted
        1990-01-01 m physical/2 healthy no -> none not counted
        1990-01-01 m physical/3 healthy no -> half
        1990-01-01 m mental/3 healthy no -> none not counted
        1990-01-01 m hearing/3 healthy no -> weak
        1990-01-01 m hearing/4 chronic no -> weak
        1990-01-01 m hearing/4 serious no -> half
        1990-01-01 m ? ? ? -> ask disability illness
        1990-01-01 ? none healthy ? -> normal
        1940-01-01 ? ? ? ? -> none not counted
        2015-01-01 ? ? ? ? -> none not counted
        2007-01-01 f none healthy ? -> ask in_school
        1968-06-01 ? none healthy no -> ask sex
        ? m physical/1 healthy no -> none not counted
        ? m none healthy no -> ask born
        2009 m none healthy no -> ask born
        1990 m none healthy no -> normal"
        .lines()
        .skip(1)
    {
        check(line);
    }
}

#[test]
fn the_labour_age_rises_by_the_law_of_2024() {
    let rules = Rules::builtin();
    // Born in April 1965: sixty years and one month; in May: two months; from September 1976 sixty-three years.
    let last = |born: Date, as_of: Date| {
        let facts = Facts {
            born: Some(PartialDate::full(born)),
            sex: Some(Sex::Male),
            disability: Some(None),
            illness: Some(Illness::Healthy),
            in_school: Some(false),
        };
        judge(&rules, &facts, as_of).known().unwrap().is_of_age
    };
    assert!(last(date(1965, 4, 10), date(2025, 5, 9)));
    assert!(!last(date(1965, 4, 10), date(2025, 5, 10)));
    assert!(last(date(1965, 5, 10), date(2025, 7, 9)));
    assert!(!last(date(1965, 5, 10), date(2025, 7, 10)));
    assert!(last(date(1976, 9, 1), date(2039, 8, 31)));
    assert!(!last(date(1976, 9, 1), date(2039, 9, 1)));
    assert!(last(date(1990, 9, 1), date(2053, 8, 31)));
    assert!(!last(date(1990, 9, 1), date(2053, 9, 1)));
    assert!(!last(date(1964, 12, 31), date(2024, 12, 31)));
}

#[test]
fn who_left_school_for_neither_school_nor_work_arrives_by_the_registers() {
    let leaver = Leaver {
        born: Some(PartialDate::full(date(2009, 3, 1))),
        left_on: date(2024, 6, 30),
        enrolled: Some(false),
        works: Some(false),
        is_excused: false,
    };
    let rules = Rules::builtin();
    let on = |leaver: Leaver, as_of| two_after(&rules, &leaver, as_of);
    assert_eq!(on(leaver, date(2025, 1, 1)), TwoAfter::Is { since: date(2024, 6, 30) });
    assert_eq!(on(leaver, date(2024, 9, 1)), TwoAfter::Wait { until: date(2024, 10, 28) });
    assert_eq!(on(leaver, date(2034, 3, 1)), TwoAfter::No);
    let later = date(2025, 1, 1);
    assert_eq!(on(Leaver { enrolled: Some(true), ..leaver }, later), TwoAfter::AtSchool);
    assert_eq!(on(Leaver { works: Some(true), ..leaver }, later), TwoAfter::AtWork);
    assert_eq!(on(Leaver { works: None, ..leaver }, later), TwoAfter::Ask);
    assert_eq!(on(Leaver { is_excused: true, ..leaver }, later), TwoAfter::No);
}

proptest! {
    /// A settled answer survives new facts; and asking for nothing means that nothing could change it.
    #[test]
    fn a_settled_ability_survives_new_facts(
        year in 1940..2020_i16, month in 1..13_i8, male in any::<bool>(),
        kind in 0..7_usize, grade in 0..5_u8, illness in 0..3_usize, school in any::<bool>(),
        hidden in 0..32_u8,
    ) {
        let rules = Rules::builtin();
        let disability = (grade > 0).then(|| Disability { kind: DisabilityKind::ALL[kind], grade });
        let whole = Facts {
            born: Some(PartialDate::full(date(year, month, 15))),
            sex: Some(if male { Sex::Male } else { Sex::Female }),
            disability: Some(disability),
            illness: Some(Illness::ALL[illness]),
            in_school: Some(school && year > 2000),
        };
        let hides = |bit: u8| hidden >> bit & 1 == 1;
        let part = Facts {
            born: whole.born.filter(|_| !hides(0)),
            sex: whole.sex.filter(|_| !hides(1)),
            disability: whole.disability.filter(|_| !hides(2)),
            illness: whole.illness.filter(|_| !hides(3)),
            in_school: whole.in_school.filter(|_| !hides(4)),
        };
        let as_of = date(2025, 6, 30);
        let truth = judge(&rules, &whole, as_of);
        let truth = truth.known().unwrap();
        match judge(&rules, &part, as_of) {
            Judged::Known(labour) => {
                prop_assert_eq!(labour.ability, truth.ability);
                prop_assert_eq!(labour.counts(), truth.counts());
            }
            Judged::Ask(facts) => prop_assert!(facts.iter().all(|f| hides(*f as u8))),
            Judged::NotInForce => prop_assert!(false),
        }
    }
}
