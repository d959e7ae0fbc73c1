use std::collections::BTreeMap;

use jiff::civil::date;
use proptest::prelude::*;

use super::duty::after;
use super::*;
use crate::random::Random;

fn rules() -> Rules {
    Rules::read(&[Rules::CN]).unwrap()
}

const VILLAGE: i64 = 61_999_901_001;
const TOWN: i64 = 61_999_901;

fn day(month: i8, day: i8) -> Date {
    date(2025, month, day)
}

fn case() -> Case {
    Case::open(vec![VILLAGE, TOWN], Some(7), day(9, 10))
}

fn officer(role: &str, school: Option<u64>, place: Option<i64>) -> Step {
    Step::Assign(Officer { id: 1, role: role.to_owned(), school, place, guardian: false })
}

fn notice(guardian: Option<&str>, return_by: Date) -> Step {
    Step::Notice { guardian: guardian.map(str::to_owned), return_by }
}

fn visit() -> Step {
    Step::Visit { guardian_met: true, promised: None }
}

fn back(until: Option<Date>) -> Step {
    Step::Return { proof: "考勤 9 月 30 日".to_owned(), follow_until: until }
}

/// Takes steps as they happen, each written down on its day.
fn go(case: &mut Case, steps: Vec<(Date, Step)>) {
    let rules = rules();
    for (on, step) in steps {
        let text = format!("{step:?}");
        case.take(step, on, on, &rules).unwrap_or_else(|e| panic!("{text}: {e}"));
    }
}

#[test]
fn from_the_list_back_into_school() {
    let rules = rules();
    let mut case = case();
    let mut owners = vec![case.duty(&rules, day(9, 10)).unwrap().role.title.clone()];
    for (on, step) in [
        (day(9, 11), Step::Verify { real: true }),
        (day(9, 13), visit()),
        (day(9, 15), notice(Some("张父"), day(9, 22))),
        (day(9, 23), Step::Order { return_by: day(10, 8) }),
        (day(9, 30), back(Some(date(2026, 1, 20)))),
    ] {
        case.take(step, on, on, &rules).unwrap();
        let duty = case.duty(&rules, on).unwrap();
        owners.push(format!("{} {}", duty.role.title, duty.next_on));
    }
    assert_eq!(
        owners,
        [
            "师长",
            "师长 2025-09-16",
            "镇长 2025-09-20",
            "家长 2025-09-22",
            "镇长 2025-10-08",
            "校长 2026-01-20"
        ]
    );
    let early =
        case.take(Step::Close(Closing::Followed), date(2026, 1, 19), date(2026, 1, 19), &rules);
    assert_eq!(early.unwrap_err().to_string(), "这一案还是“已返校跟踪”，先等跟踪期满");
    go(&mut case, vec![(date(2026, 1, 20), Step::Close(Closing::Followed))]);
    assert_eq!(case.duty(&rules, date(2026, 2, 1)), None);
    assert_eq!(case.history().len(), 6);
}

/// The refusals that the county asked for, in its words.
#[test]
fn what_cannot_be_is_refused_with_the_reason() {
    let rules = rules();
    let mut case = case();
    let refused = |case: &mut Case, step: Step, on: Date, today: Date| {
        let before = case.clone();
        let refusal = case.take(step, on, today, &rules).unwrap_err().to_string();
        assert_eq!(*case, before, "what is refused changes nothing");
        refusal
    };
    assert_eq!(
        refused(&mut case, officer("teacher", Some(8), None), day(9, 10), day(9, 10)),
        "师长只管自己的学校，这一案不在那里；指派给本地的，或先办移交"
    );
    assert_eq!(
        refused(&mut case, officer("town", None, Some(TOWN)), day(9, 10), day(9, 10)),
        "现在这一步不归“镇长”办；看看这一案现在归谁"
    );
    assert_eq!(refused(&mut case, visit(), day(9, 10), day(9, 10)), "这一案还是“已发现”，先核实");
    go(&mut case, vec![(day(9, 11), Step::Verify { real: true })]);
    assert_eq!(
        refused(&mut case, visit(), day(9, 13), day(9, 12)),
        "日期 2025-09-13 还没有到，今天是 2025-09-12；写实际发生的日子"
    );
    assert_eq!(
        refused(&mut case, visit(), day(9, 10), day(9, 12)),
        "日期 2025-09-10 早于上一步的 2025-09-11；案卷按先后写，写错的请更正上一步"
    );
    assert_eq!(
        refused(&mut case, notice(Some("张父"), day(9, 20)), day(9, 12), day(9, 12)),
        "这一案还是“已核实”，先家访一次"
    );
    go(&mut case, vec![(day(9, 13), visit())]);
    assert_eq!(
        refused(&mut case, officer("town", None, Some(61_999_902)), day(9, 13), day(9, 13)),
        "镇长只管自己的地方，这一案不在那里；指派给本地的，或先办移交"
    );
    go(&mut case, vec![(day(9, 13), officer("town", None, Some(TOWN)))]);
    assert_eq!(
        refused(&mut case, Step::Verify { real: true }, day(9, 14), day(9, 14)),
        "这一案已经“已家访”，不能退回去再做这一步；返校后又离校的用“再次离校”，销号的用“重开”"
    );
    for nobody in [None, Some(" ")] {
        assert_eq!(
            refused(&mut case, notice(nobody, day(9, 20)), day(9, 14), day(9, 14)),
            "没有监护人，通知书送给谁？先写明监护人；没有监护人的转介民政"
        );
    }
    assert_eq!(
        refused(&mut case, notice(Some("张父"), day(9, 14)), day(9, 14), day(9, 14)),
        "限期 2025-09-14 不在送达日 2025-09-14 之后；留出返校的日子"
    );
    go(&mut case, vec![(day(9, 15), notice(Some("张父"), day(9, 22)))]);
    assert_eq!(
        refused(&mut case, Step::Order { return_by: day(10, 1) }, day(9, 22), day(9, 22)),
        "这一案还是“已送达通知”，先等通知书的限期过了"
    );
    let no_proof = Step::Return { proof: String::new(), follow_until: None };
    assert_eq!(refused(&mut case, no_proof, day(9, 23), day(9, 23)), "没有写明到校证明；补上再办");
    let no_paper = Step::Exempt { document: String::new(), until: None };
    assert_eq!(refused(&mut case, no_paper, day(9, 23), day(9, 23)), "没有写明批准文件；补上再办");
    go(&mut case, vec![(day(9, 24), back(None)), (day(9, 25), Step::Close(Closing::Died))]);
    assert_eq!(
        refused(&mut case, visit(), day(9, 26), day(9, 26)),
        "这一案已经销号；要再办，先重开并写明原因"
    );
    go(&mut case, vec![(day(9, 26), Step::Reopen { why: "写错了人".to_owned() })]);
    assert_eq!((case.state(), case.relapses()), (State::Verified, 1));
}

#[test]
fn a_missed_day_rises_from_chief_to_chief() {
    let rules = rules();
    let case = case();
    let at = |on: Date| {
        let duty = case.duty(&rules, on).unwrap();
        format!("{} {} 第{}次 超{}天", duty.role.title, duty.next_on, duty.risen, duty.overdue_days)
    };
    assert_eq!(at(day(9, 13)), "师长 2025-09-13 第0次 超0天");
    assert_eq!(at(day(9, 14)), "校长 2025-09-16 第1次 超1天");
    assert_eq!(at(day(9, 17)), "县控辍保学办公室 2025-09-19 第2次 超4天");
    // At the top it comes up again each time.
    assert_eq!(at(day(9, 19)), "县控辍保学办公室 2025-09-19 第2次 超6天");
    assert_eq!(at(day(9, 20)), "县控辍保学办公室 2025-09-22 第3次 超7天");
    assert_eq!(at(day(12, 31)), "县控辍保学办公室 2026-01-02 第37次 超109天");
    // A child without a school begins with the group.
    let homeless = Case::open(vec![VILLAGE, TOWN], None, day(9, 10));
    let ladder: Vec<String> = [13, 14, 17, 20]
        .map(|d| homeless.duty(&rules, day(9, d)).unwrap().role.title.clone())
        .to_vec();
    assert_eq!(ladder, ["组长", "村长", "镇长", "县控辍保学办公室"]);
}

#[test]
fn six_chiefs_or_seven_are_data() {
    let titles = |rules: &Rules| rules.roles().iter().map(|r| r.title.clone()).collect::<Vec<_>>();
    assert_eq!(
        titles(&rules()),
        ["师长", "校长", "家长", "组长", "村长", "镇长", "县控辍保学办公室"]
    );
    let seven = Rules::read(&[Rules::CN, Rules::SHAANXI]).unwrap();
    assert_eq!(
        titles(&seven),
        ["师长", "校长", "教育局长", "家长", "村长", "乡（镇）长", "县（区）长"]
    );
    let homeless = Case::open(vec![VILLAGE], None, day(9, 10));
    assert_eq!(homeless.duty(&seven, day(9, 10)).unwrap().role.title, "村长");
    let edited = |from: &str, to: &str| {
        assert!(Rules::CN.contains(from));
        Rules::read(&[&Rules::CN.replacen(from, to, 1)]).unwrap_err().to_string()
    };
    assert_eq!(
        edited("next = \"town\"", "next = \"group\""),
        "第 27 行：guardian：到期往上升，绕了一圈；改 next\n第 33 行：group：到期往上升，绕了一圈；改 next\n第 40 行：village：到期往上升，绕了一圈；改 next"
    );
    assert_eq!(
        edited("next = \"county\"", "next = \"mayor\""),
        "第 20 行：principal：到期升给 mayor，名单里没有；补上或改 next"
    );
    assert_eq!(
        edited("key = \"found\"", "key = \"lost\""),
        "没有写状态 found；补一段 [[state]]\n第 63 行：lost：没有这个状态；照自带文件里的写"
    );
    assert_eq!(
        edited("role = \"town\"\ndays = 7", "role = \"king\"\ndays = 7"),
        "第 76 行：visited：归 king 办，名单（[[role]]）里没有；补上或换人"
    );
    assert_eq!(
        edited("{promise}", "{promise"),
        "第 171 行：visit_record：文书的花括号没有成对；补上"
    );
}

#[test]
fn a_case_changes_its_place_only_when_the_other_accepts() {
    let rules = rules();
    let mut case = case();
    let there = Step::Transfer { places: vec![61_999_902_001, 61_999_902], school: Some(9) };
    go(&mut case, vec![(day(9, 11), Step::Verify { real: true }), (day(9, 12), there.clone())]);
    assert_eq!(case.places[0], VILLAGE);
    assert_eq!(case.duty(&rules, day(9, 12)).unwrap().next_on, day(9, 22));
    go(&mut case, vec![(day(9, 13), Step::Decline { why: "不住在这里".to_owned() })]);
    assert_eq!((case.state(), case.school), (State::Verified, Some(7)));
    go(&mut case, vec![(day(9, 14), there), (day(9, 15), Step::Accept)]);
    assert_eq!((case.state(), case.school, case.places[1]), (State::Verified, Some(9), 61_999_902));
    // Its days begin anew with the receiver.
    assert_eq!(case.duty(&rules, day(9, 15)).unwrap().next_on, day(9, 20));
}

#[test]
fn the_table_and_the_lists_count_the_same_cases() {
    let rules = rules();
    let mut cases = vec![case(), case(), case(), case()];
    go(
        &mut cases[1],
        vec![
            (day(9, 11), Step::Verify { real: true }),
            (day(9, 20), back(None)),
            (day(9, 25), Step::Relapse),
        ],
    );
    go(&mut cases[2], vec![(day(9, 11), Step::Verify { real: true }), (day(9, 21), back(None))]);
    go(&mut cases[3], vec![(day(9, 11), Step::Verify { real: false })]);
    let towns = accountability(&cases, &rules, day(10, 1), |case| vec![case.places[1]]);
    assert_eq!(
        towns[&TOWN],
        Account {
            opened: 4,
            open: 3,
            returned: 1,
            mistakes: 1,
            overdue: 2,
            overdue_days: 18 + 1,
            longest_days: 18,
            relapses: 1,
            days_to_return: 11,
            ..Account::default()
        }
    );
    let lists = overdue(&cases, &rules, day(10, 1));
    assert_eq!(
        lists,
        BTreeMap::from([(OverdueList::Check, vec![0]), (OverdueList::Visit, vec![1])])
    );
}

#[test]
fn a_document_goes_out_whole_or_not_at_all() {
    let rules = rules();
    let template = rules.template(rules.state(State::Visited).document.as_ref().unwrap()).unwrap();
    let mut fields: BTreeMap<&str, String> = [
        ("child", "张小明"),
        ("school", "青石镇中心小学"),
        ("return_by", "2025年9月22日"),
        ("by", "王老师"),
        ("town", "青石镇人民政府"),
        ("on", "2025年9月15日"),
        ("guardian", " "),
    ]
    .into_iter()
    .map(|(k, v)| (k, v.to_owned()))
    .collect();
    assert_eq!(fill(template, &fields), Err(vec!["guardian".to_owned()]));
    fields.insert("guardian", "张父".to_owned());
    let (title, text) = fill(template, &fields).unwrap();
    assert_eq!(title, "限期复学通知书");
    assert_eq!(text[0], "张父：");
    assert!(text[2].contains(
        "你的孩子（被监护人）张小明至今未到青石镇中心小学就学。请于2025年9月22日前送其返校"
    ));
    assert!(!text.concat().contains('{'));
    for state in State::ALL.into_iter().filter(|s| *s != State::Closed) {
        if let Some(key) = &rules.state(state).document {
            assert!(rules.template(key).is_some());
        }
    }
}

/// Any step that somebody might try.
fn tries(random: &mut Random, on: Date, rules: &Rules) -> Step {
    let later = |random: &mut Random| after(on, i32::try_from(random.below(40)).unwrap());
    match random.below(20) {
        0 | 1 => Step::Verify { real: random.below(6) > 0 },
        2..=4 => Step::Visit { guardian_met: true, promised: Some(later(random)) },
        5..=7 => Step::Notice {
            guardian: (random.below(5) > 0).then(|| "父".to_owned()),
            return_by: later(random),
        },
        8 | 9 => Step::Order { return_by: later(random) },
        10 => Step::Return {
            proof: "考勤".to_owned(),
            follow_until: (random.below(2) > 0).then(|| later(random)),
        },
        11 => Step::Exempt {
            document: "批文".to_owned(),
            until: (random.below(2) > 0).then(|| later(random)),
        },
        12 => Step::Refer { to: "民政".to_owned() },
        13 => Step::Answer { said: "已办".to_owned() },
        14 => Step::Transfer { places: vec![1, 2], school: (random.below(2) > 0).then_some(3) },
        15 => {
            if random.below(2) > 0 {
                Step::Accept
            } else {
                Step::Decline { why: "不在".to_owned() }
            }
        }
        16 => Step::Relapse,
        17 => Step::Close(
            [Closing::Followed, Closing::Mistake, Closing::Grown, Closing::TakenElsewhere]
                [random.below(4)],
        ),
        18 => Step::Reopen { why: "又走了".to_owned() },
        _ => {
            let role = rules.roles()[random.below(rules.roles().len())].key.clone();
            let school = (random.below(2) > 0).then_some(7);
            Step::Assign(Officer {
                id: 5,
                role,
                school,
                place: Some(VILLAGE),
                guardian: random.below(2) > 0,
            })
        }
    }
}

proptest! {
    /// Random histories with clocks moved forward: at every moment an open case has an owner and a next date that has not passed;
    /// days only rise; what is refused changes nothing; the books replay to the same case.
    #[test]
    fn every_case_has_an_owner_and_a_next_date_at_every_moment(seed in any::<u64>(), school in proptest::option::of(Just(7_u64)), shaanxi in any::<bool>()) {
        let texts: &[&str] = if shaanxi { &[Rules::CN, Rules::SHAANXI] } else { &[Rules::CN] };
        let rules = Rules::read(texts).unwrap();
        let mut random = Random::new(seed);
        let mut today = date(2024, 2, 26);
        let opened = today;
        let mut case = Case::open(vec![VILLAGE, TOWN], school, today);
        let mut taken = Vec::new();
        for _ in 0..60 {
            today = after(today, i32::try_from(random.below(25)).unwrap());
            let on = after(today, 1 - i32::try_from(random.below(6)).unwrap());
            let step = tries(&mut random, on, &rules);
            let before = case.clone();
            if case.take(step.clone(), on, today, &rules).is_ok() {
                prop_assert!(on <= today);
                taken.push((on, step));
            } else {
                prop_assert_eq!(&case, &before);
            }
            for ahead in [0, 1, 30, 400] {
                let at = after(today, ahead);
                match case.duty(&rules, at) {
                    None => prop_assert_eq!(case.state(), State::Closed),
                    Some(duty) => {
                        prop_assert!(case.state() != State::Closed);
                        prop_assert!(duty.next_on >= at && duty.next_on >= duty.due_on);
                        prop_assert_eq!(duty.risen == 0, duty.overdue_days == 0);
                        prop_assert!(rules.role(&duty.role.key).is_some());
                        let soon = case.duty(&rules, after(at, 1)).unwrap();
                        prop_assert!(soon.risen >= duty.risen);
                    }
                }
            }
            prop_assert!(case.history().windows(2).all(|w| w[0].on <= w[1].on));
        }
        let again = Case::replay(vec![VILLAGE, TOWN], school, opened, &taken, &rules);
        prop_assert_eq!(again.as_ref().ok(), Some(&case));
        let recall = |rules: &Rules| {
            Case::recall(vec![VILLAGE, TOWN], school, opened, case.history(), rules)
        };
        prop_assert_eq!(&recall(&rules), &case);
        // Under other rules the same states stand, and there is still an owner.
        let others: &[&str] = if shaanxi { &[Rules::CN] } else { &[Rules::CN, Rules::SHAANXI] };
        let others = Rules::read(others).unwrap();
        let other = recall(&others);
        prop_assert_eq!(
            (other.state(), other.relapses(), other.history()),
            (case.state(), case.relapses(), case.history())
        );
        prop_assert_eq!(other.duty(&others, today).is_none(), other.state() == State::Closed);
    }

    #[test]
    fn no_damaged_rules_of_cases_panic(at in any::<prop::sample::Index>(), put in "[a-z0-9\"={}\\[\\]-]{0,4}") {
        let mut at = at.index(Rules::CN.len());
        while !Rules::CN.is_char_boundary(at) { at -= 1; }
        let _ = Rules::read(&[&format!("{}{put}{}", &Rules::CN[..at], &Rules::CN[at..])]);
    }
}
