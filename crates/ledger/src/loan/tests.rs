use fujiao_model::{Money, Season, Term};
use jiff::civil::{Date, date};
use proptest::prelude::*;

use super::*;

fn day(text: &str) -> Date {
    text.parse().expect("a day")
}

fn money(text: &str) -> Money {
    text.parse().expect("an amount")
}

/// A contract and its events as `contracts.txt` writes them.
fn contract(terms: &str, events: &str) -> Contract {
    let w: Vec<&str> = terms.split_whitespace().collect();
    let signed_on = day(w[0]);
    let level = if w[3] == "pg" { Level::Postgraduate } else { Level::Undergraduate };
    let mut made = Contract::new(
        signed_on,
        signed_on.year(),
        level,
        w[4].parse().expect("years"),
        money(w[2]),
        day(w[1]),
    );
    for event in events.split(';') {
        let w: Vec<&str> = event.split_whitespace().collect();
        match w[0] {
            "graduates" => made.studies[0].end = StudyEnd::Graduates(w[1].parse().expect("a year")),
            "left" => made.studies[0].end = StudyEnd::Left(day(w[1])),
            "again" => made.studies.push(Study {
                from: day(w[1]),
                end: StudyEnd::Graduates(w[2].parse().expect("a year")),
            }),
            "rate" => made.rate_changes.push(RateChange {
                from: day(w[1]),
                base: Base::Lpr5y,
                spread_bp: w[3].parse().expect("basis points"),
            }),
            "defer" => drop(made.deferred_years.insert(w[1].parse().expect("a year"))),
            "early" => made.early.push(Early { on: day(w[1]), principal: money(w[2]) }),
            other => panic!("no such event: {other}"),
        }
    }
    made
}

#[test]
fn twenty_contracts_come_out_to_the_fen() {
    let facts = Facts::builtin();
    let mut seen = 0;
    for line in include_str!("contracts.txt").lines().filter(|line| !line.starts_with('#')) {
        let parts: Vec<&str> = line.split(" | ").collect();
        let made = contract(parts[0], parts[1]);
        let plan = schedule(&made, &facts).unwrap_or_else(|e| panic!("{line}: {e}"));
        let (state_pays, own, waived) = plan.interest();
        let first = plan.rows.iter().find(|row| row.on == plan.first_principal_on).expect("a row");
        let last = plan.rows.last().expect("a last row");
        let yuan = |amount: Money| amount.to_string().replace(',', "");
        let got = format!(
            "state {} own {} waived {} | principal from {} {} | ends {} rows {} last {} {}",
            yuan(state_pays),
            yuan(own),
            yuan(waived),
            plan.first_principal_on,
            yuan(first.principal),
            plan.ends_on,
            plan.rows.len(),
            last.on,
            yuan(last.principal)
        );
        assert_eq!(got, parts[2..].join(" | "), "{line}");
        seen += 1;
    }
    assert_eq!(seen, 20);
}

/// What the product says, reckoned by walking from day to day: (day, state, own, waived, principal) in fen.
fn walked(made: &Contract, facts: &Facts) -> Vec<(Date, i64, i64, i64, i64)> {
    let terms = facts.terms(made.signed_on).expect("terms");
    let years = (made.remaining_years + terms.plus_years).min(terms.longest_years);
    let mut last_year = made.school_year + i16::from(years);
    let own = |end: StudyEnd| match end {
        StudyEnd::Graduates(year) => date(year, 9, 1),
        StudyEnd::Left(on) if on.month() == 12 => date(on.year() + 1, 1, 1),
        StudyEnd::Left(on) => date(on.year(), on.month() + 1, 1),
    };
    let graduated = made.studies.iter().map(|s| own(s.end)).max().expect("a study");
    let free =
        date(graduated.year() + i16::from(terms.grace_years), graduated.month(), graduated.day());
    let mut owed = made.amount.as_fen();
    let (mut state, mut mine, mut carried) = (0_i128, 0_i128, 0_i64);
    let mut rows = Vec::new();
    let mut base_bp =
        facts.base(facts.rate(made.signed_on).unwrap().base, made.signed_on).unwrap().0;
    let mut terms_of_rate = {
        let rate = facts.rate(made.signed_on).unwrap();
        (rate.base, rate.spread_bp)
    };
    let mut reset_on = made.signed_on;
    let mut today = made.signed_on;
    let round = |x: i128| i64::try_from((2 * x + 3_600_000) / 7_200_000).unwrap();
    while owed > 0 {
        // What changes this morning: the base, the terms.
        if (today.month(), today.day()) == (12, 21) {
            reset_on = today;
        }
        if let Some(change) = made.rate_changes.iter().find(|change| change.from == today) {
            terms_of_rate = (change.base, change.spread_bp);
        }
        base_bp = facts.base(terms_of_rate.0, reset_on).map_or(base_bp, |found| found.0);
        if today > made.disbursed_on {
            let last = today.year() == last_year;
            let relief = facts.relief(today.year()).is_some() && graduated <= today;
            let settles = (today.month(), today.day()) == if last { (9, 20) } else { (12, 20) };
            let mut due = |part: i64, principal: i64, owed: &mut i64| {
                let whole = round(i128::from(part) * (state + mine));
                let own = round(i128::from(part) * mine);
                let (paid, waived) = if relief { (0, own) } else { (own, 0) };
                rows.push((today, whole - own, paid, waived, principal));
                *owed -= principal;
            };
            if settles {
                let mut principal = 0;
                if today >= free || last {
                    let left = i64::from(last_year - today.year()) + 1;
                    principal = carried + (owed - carried + left - 1) / left;
                    carried = 0;
                    if relief && made.deferred_years.contains(&today.year()) {
                        last_year += i16::from(last);
                        carried = principal;
                        principal = 0;
                    }
                }
                let whole = owed;
                due(whole, principal, &mut owed);
                (state, mine) = (0, 0);
            }
            for early in made.early.iter().filter(|early| early.on == today) {
                let mut due = |part: i64, owed: &mut i64| {
                    let whole = round(i128::from(part) * (state + mine));
                    let own = round(i128::from(part) * mine);
                    let (paid, waived) = if relief { (0, own) } else { (own, 0) };
                    rows.push((today, whole - own, paid, waived, part));
                    *owed -= part;
                };
                due(early.principal.as_fen(), &mut owed);
                carried = carried.min(owed);
            }
        }
        // Interest of the night to come.
        if today >= made.disbursed_on {
            let bp = i128::from(base_bp + terms_of_rate.1);
            if made.studies.iter().any(|s| s.from <= today && today < own(s.end)) {
                state += bp;
            } else {
                mine += bp;
            }
        }
        today = today.tomorrow().unwrap();
    }
    rows
}

prop_compose! {
    fn contracts()(
        year in 2015_i16..2025, month in 5_i8..12, dom in 1_i8..29, wait in 1_i32..200, fen in 100_000_i64..2_500_000,
        years in 1_u8..9, shift in -1_i16..3, left in proptest::option::of(1_i32..900), again in any::<bool>(),
        change in proptest::option::of((0_i32..900, -80_i32..10)), early in proptest::collection::vec((0_i32..4000, 1_i64..60), 0..3),
        deferred in proptest::collection::btree_set(2022_i16..2026, 0..3),
    ) -> Contract {
        let facts = Facts::builtin();
        let signed = date(year, month, dom);
        let after = |from: Date, days: i32| from.saturating_add(jiff::Span::new().days(days));
        let paid = after(signed, wait);
        let mut made = Contract::new(signed, year, Level::Undergraduate, years, Money::fen(fen), paid);
        let ends = (year + i16::from(years) + shift).max(year + 1);
        made.studies[0].end = match left {
            Some(days) => StudyEnd::Left(after(signed, days)),
            None => StudyEnd::Graduates(ends),
        };
        if again {
            made.studies.push(Study { from: date(ends + 1, 9, 1), end: StudyEnd::Graduates(ends + 4) });
        }
        if let Some((days, spread_bp)) = change {
            made.rate_changes.push(RateChange { from: after(date(2020, 1, 1).max(signed), days), base: Base::Lpr5y, spread_bp });
        }
        let mut left = fen;
        let mut days: Vec<(Date, i64)> = early.iter().map(|(d, p)| (facts.early_day(after(paid, *d)), *p)).collect();
        days.sort_unstable();
        days.dedup_by_key(|d| d.0);
        for (on, percent) in days {
            let principal = Money::fen((fen * percent / 200).max(1));
            left -= principal.as_fen();
            if left > 0 {
                made.early.push(Early { on, principal });
            }
        }
        made.deferred_years = deferred;
        made
    }
}

proptest! {
    #[test]
    fn a_schedule_is_what_walking_from_day_to_day_gives(made in contracts()) {
        let facts = Facts::builtin();
        match schedule(&made, &facts) {
            // More repaid early than was left by then, or put off beyond the longest term: told, not reckoned.
            Err(LoanError::TooMuch { .. } | LoanError::CannotDefer { .. } | LoanError::Contract(_)) => {}
            Err(other) => prop_assert!(false, "{other}"),
            Ok(plan) => {
                let rows: Vec<_> = plan.rows.iter().map(|row| (
                    row.on, row.state_interest.as_fen(), row.own_interest.as_fen(), row.waived_interest.as_fen(),
                    row.principal.as_fen(),
                )).collect();
                prop_assert_eq!(rows, walked(&made, &facts));
                prop_assert_eq!(plan.rows.iter().map(|row| row.principal).sum::<Money>(), made.amount);
                prop_assert_eq!(plan.rows.last().unwrap().after, Money::ZERO);
                prop_assert!(plan.rows.windows(2).all(|pair| pair[0].after == pair[1].before && pair[0].on <= pair[1].on));
                prop_assert!(plan.rows.iter().all(|row| row.after >= Money::ZERO && row.principal >= Money::ZERO));
            }
        }
    }

    #[test]
    fn money_against_a_loan_is_neither_made_nor_lost(
        made in contracts(), payments in proptest::collection::vec((0_i32..9000, 1_i64..400_000), 0..12), at in 0_i32..9500,
    ) {
        let facts = Facts::builtin();
        if let Ok(plan) = schedule(&made, &facts) {
            let after = |days: i32| made.disbursed_on.saturating_add(jiff::Span::new().days(days));
            let paid: Vec<Paid> = payments.iter().map(|(d, fen)| Paid { on: after(*d), amount: Money::fen(*fen) }).collect();
            let now = standing(&plan, &paid, &facts, after(at));
            let debts = now.overdue_interest + now.overdue_principal + now.penalty;
            prop_assert_eq!(now.paid + debts, now.due + now.penalty_due + now.credit);
            prop_assert!(debts.is_zero() || now.credit.is_zero());
            prop_assert_eq!(debts.is_zero(), now.overdue_since.is_none());
            let mut turned = paid.clone();
            turned.reverse();
            prop_assert_eq!(standing(&plan, &turned, &facts, after(at)), now);
        }
    }

    #[test]
    fn no_damaged_data_of_loans_panics(at in 0..Facts::BUILTIN.len(), put in "[a-z0-9\"= \\[\\]-]{0,4}") {
        let mut at = at;
        while !Facts::BUILTIN.is_char_boundary(at) { at -= 1; }
        let text = format!("{}{put}{}", &Facts::BUILTIN[..at], &Facts::BUILTIN[at..]);
        let _ = Facts::read(&text);
    }
}

#[test]
fn limits_follow_the_school_year() {
    let facts = Facts::builtin();
    let limits = |year, season| {
        let term = Term::new(year, season);
        [Level::Undergraduate, Level::Postgraduate].map(|level| facts.limit(level, term).unwrap())
    };
    let yuan = |ug, pg| [Money::yuan(ug), Money::yuan(pg)];
    assert_eq!(limits(2021, Season::Spring), yuan(8_000, 12_000));
    assert_eq!(limits(2021, Season::Autumn), yuan(12_000, 16_000));
    assert_eq!(limits(2023, Season::Spring), yuan(12_000, 16_000));
    assert_eq!(limits(2023, Season::Autumn), yuan(16_000, 20_000));
    assert_eq!(limits(2024, Season::Autumn), yuan(20_000, 25_000));
    let before = Term::new(2013, Season::Autumn);
    assert_eq!(
        facts.limit(Level::Undergraduate, before).unwrap_err().to_string(),
        "no limit covers 2013A; add a dated row to policies/cn/loans.toml"
    );
}

/// 8000.00 of 2016, graduated in 2019; the settlement of 2019-12-20 is 119.78 of interest, principal falls due in 2022.
#[test]
fn who_pays_late_owes_the_penalty_and_no_more() {
    let facts = Facts::builtin();
    let plan = schedule(&contract("2016-08-10 2016-11-15 8000.00 ug 3", "graduates 2019"), &facts)
        .unwrap();
    let at = |payments: &[(&str, &str)], on: &str| {
        let paid: Vec<Paid> =
            payments.iter().map(|(d, m)| Paid { on: day(d), amount: money(m) }).collect();
        standing(&plan, &paid, &facts, day(on))
    };
    let on_the_day = at(&[], "2019-12-20");
    assert_eq!((on_the_day.due, on_the_day.penalty), (money("119.78"), Money::ZERO));
    assert_eq!(at(&[("2019-12-01", "119.78")], "2020-01-31").overdue_since, None);
    // 2022: interest waived, 727.28 of principal. 30 days later: 727.28 × 30 × 4.90 % × 1.3 / 360 = 3.86.
    let paid = [("2019-12-20", "119.78"), ("2020-12-20", "398.53"), ("2021-12-20", "397.44")];
    let before = at(&paid, "2022-12-19");
    assert_eq!(before.overdue_since, None, "{before:?}");
    let late = at(&paid, "2023-01-19");
    assert_eq!(late.overdue_principal, money("727.28"));
    assert_eq!(late.penalty, money("3.86"));
    assert_eq!(late.overdue_since, Some(day("2022-12-20")));
    assert_eq!(late.owed, money("8000.00"));
    // 3.00 more than is late waits in the account.
    let mut then = paid.to_vec();
    then.push(("2023-01-19", "734.14"));
    let even = at(&then, "2023-01-19");
    assert_eq!(
        (even.penalty, even.credit, even.owed),
        (Money::ZERO, money("3.00"), money("7272.72"))
    );
}

#[test]
fn no_early_repayment_in_november_or_between_the_days() {
    let facts = Facts::builtin();
    for (on, next) in [("2020-11-20", "2020-12-20"), ("2020-05-21", "2020-06-20")] {
        let events = format!("graduates 2019; early {on} 100.00");
        let made = contract("2016-08-10 2016-11-15 8000.00 ug 3", &events);
        let (on, next) = (day(on), day(next));
        assert_eq!(schedule(&made, &facts), Err(LoanError::NotADayForIt { on, next }));
    }
    let made = contract("2016-08-10 2016-11-15 8000.00 ug 3", "early 2020-05-20 8000.01");
    let owed = money("8000.00");
    let refused = LoanError::TooMuch { on: day("2020-05-20"), amount: money("8000.01"), owed };
    assert_eq!(schedule(&made, &facts), Err(refused));
}

#[test]
fn principal_is_put_off_only_in_a_year_of_relief() {
    let facts = Facts::builtin();
    let made = contract("2016-08-10 2016-11-15 8000.00 ug 3", "graduates 2019; defer 2026");
    let why = "no relief is on file for it";
    assert_eq!(schedule(&made, &facts), Err(LoanError::CannotDefer { year: 2026, why }));
}

/// A later rate may still be published: what is reckoned with the last one says so.
#[test]
fn rates_not_published_yet_are_marked() {
    let plan = schedule(
        &contract("2024-09-03 2024-11-15 20000.00 ug 4", "graduates 2028"),
        &Facts::builtin(),
    )
    .unwrap();
    let marks: Vec<_> =
        plan.rows.iter().take(4).map(|row| (row.on.year(), row.projected)).collect();
    assert_eq!(marks, [(2024, false), (2025, false), (2026, false), (2027, true)]);
}

#[test]
fn an_application_is_refused_with_reasons_and_unknown_facts_are_asked_for() {
    let facts = Facts::builtin();
    let good = Application {
        school_year: 2020,
        level: Level::Undergraduate,
        full_time: Some(true),
        hukou_here: Some(true),
        other_loan: Some(false),
        amount: money("6500.00"),
        costs: Some(money("6800.00")),
        co_borrower: CoBorrower {
            guardian: Some(true),
            hukou_here: Some(true),
            open_loan: Some(false),
            ..CoBorrower::default()
        },
    };
    let check = |a: Application| super::check(&a, &facts).unwrap();
    assert_eq!(check(good), []);
    let dear = Application { amount: money("8000.01"), ..good };
    assert_eq!(
        check(dear),
        [Objection::AboveLimit(money("8000.00")), Objection::AboveCosts(money("6800.00"))]
    );
    // From 2021 it may pay for living too: costs are not asked for.
    let living = Application { school_year: 2021, costs: None, amount: money("12000.00"), ..good };
    assert_eq!(check(living), []);
    assert_eq!(check(Application { costs: None, ..good }), [Objection::Ask("costs")]);
    assert_eq!(
        check(Application { amount: money("999.99"), other_loan: Some(true), ..good }),
        [Objection::OtherLoan, Objection::BelowLeast(money("1000.00"))]
    );
    // The grandfather: no guardian by law, so age and capacity count.
    let uncle = CoBorrower { guardian: Some(false), age: Some(17), ..good.co_borrower };
    assert_eq!(
        check(Application { co_borrower: uncle, ..good }),
        [Objection::CoBorrowerTooYoung(18), Objection::Ask("co_borrower.capable")]
    );
    let in_debt = CoBorrower { open_loan: Some(true), ..good.co_borrower };
    assert_eq!(check(Application { co_borrower: in_debt, ..good }), [Objection::CoBorrowerHasLoan]);
}

#[test]
fn no_step_of_a_loan_is_skipped() {
    use {LoanEvent as E, LoanState as S};
    let mut state = S::Applied;
    for event in [E::Qualify, E::Sign, E::Confirm, E::Disburse, E::Repay] {
        state = state.step(event).unwrap();
    }
    assert_eq!(state, S::Repaid);
    for early in [S::Applied, S::Qualified, S::Signed, S::Refused, S::Lapsed, S::Disbursed] {
        assert!(early.step(E::Disburse).is_err(), "{early:?}");
    }
    assert!(S::Disbursed.step(E::Lapse).is_err());
}

#[test]
fn service_is_repaid_in_thirds_up_to_the_limit_of_each_year() {
    let facts = Facts::builtin();
    let year = |tuition: &str, loan: &str| StudyYear { tuition: money(tuition), loan: money(loan) };
    let mut service = Service {
        kind: ServiceKind::Grassroots,
        applied: Term::new(2023, Season::Autumn),
        level: Level::Undergraduate,
        service_years: 3,
        // 6500.00 + 12000.00 + 16000.00 (of 18000.00) = 34500.00
        years: vec![year("6500.00", "6000.00"), year("6500.00", "12000.00"), year("18000.00", "0")],
    };
    let parts = compensation(&service, &facts).unwrap().unwrap();
    assert_eq!(parts, [money("11500.00"), money("11500.00"), money("11500.00")]);
    service.service_years = 2;
    assert_eq!(compensation(&service, &facts).unwrap(), None);
    service.kind = ServiceKind::Military;
    assert_eq!(compensation(&service, &facts).unwrap().unwrap(), [money("34500.00")]);
    service.applied = Term::new(2024, Season::Autumn);
    assert_eq!(compensation(&service, &facts).unwrap().unwrap(), [money("36500.00")]);
}

#[test]
fn data_without_source_or_out_of_order_is_refused() {
    let edited = |from: &str, to: &str| {
        assert!(Facts::BUILTIN.contains(from));
        Facts::read(&Facts::BUILTIN.replacen(from, to, 1)).unwrap_err().to_string()
    };
    assert_eq!(
        edited("basis = \"财教〔2021〕164号\"", "basis = \" \""),
        "[limit] 有一行没有依据 basis；补上出处"
    );
    assert!(edited("from = \"2021A\"", "from = \"2014A\"").contains("没有按时间先后排"));
    assert!(edited("day = \"12-20\"", "day = \"02-30\"").contains("“02-30”不是每年都有的一天"));
    assert!(edited("day_count = 360", "day_count = 0").contains("day_count"));
}
