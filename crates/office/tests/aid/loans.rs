//! An origin-place loan from the application to the last fen.

use fujiao_ledger::loan::{LoanError, Objection};
use fujiao_model::Money;
use fujiao_office::loans::{Base, LoanMove, NewLoan, ServiceKind, State};

use super::*;

/// A day at nine in the morning.
fn at(day: &str) -> Timestamp {
    format!("{day}T01:00:00Z").parse().unwrap()
}

fn asked(person: u64, year: i16) -> NewLoan {
    NewLoan {
        person: format!("{person:016x}"),
        school_year: year.to_string(),
        level: "ug".into(),
        university: "示例大学".into(),
        remaining: "4".into(),
        amount: "12000".into(),
        tuition: "5000".into(),
        lodging: "1000".into(),
        full_time: "yes".into(),
        hukou_here: "yes".into(),
        other_loan: "no".into(),
        co_name: "家长".into(),
        co_phone: "13900001234".into(),
        co_guardian: "yes".into(),
        co_hukou: "yes".into(),
        co_loan: "no".into(),
        ..NewLoan::default()
    }
}

/// Takes a step on a day, having seen what there is.
fn step(
    books: &Books,
    who: &str,
    (loan, day): (u64, &str),
    of: LoanMove,
) -> Result<(), fujiao_office::OfficeError> {
    let who = actor(who, at(day));
    let after = books.office.loan_page(&who, loan)?.line.loan.steps;
    books.office.loan_step(&who, (loan, after), of, "理由")
}

fn day(text: &str) -> jiff::civil::Date {
    text.parse().unwrap()
}

/// Signed, confirmed and paid out in the autumn of 2021.
fn disbursed(books: &Books) -> u64 {
    let li = actor("li", at("2021-08-20"));
    let (id, against) = books.office.loan_apply(&li, &asked(1, 2021)).unwrap();
    assert_eq!(against, []);
    for (who, on, of) in [
        ("wang", "2021-08-21", LoanMove::Qualify),
        ("li", "2021-08-25", LoanMove::Sign(day("2021-08-25"))),
        ("li", "2021-10-08", LoanMove::Confirm(day("2021-10-08"))),
        ("zhao", "2021-11-12", LoanMove::Disburse(day("2021-11-12"))),
    ] {
        step(books, who, (id, on), of).unwrap();
    }
    id
}

#[test]
fn an_application_is_qualified_by_another_once_nothing_stands_against_it() {
    let books = Books::new(2);
    let office = &books.office;
    let li = actor("li", at("2025-08-20"));
    // The field that does not read is named; nothing is written.
    for (field, new) in [
        ("amount", NewLoan { amount: "一万二".into(), ..asked(1, 2025) }),
        ("remaining", NewLoan { remaining: "0".into(), ..asked(1, 2025) }),
        ("co_id", NewLoan { co_id: "619926198001010010".into(), ..asked(1, 2025) }),
        ("person", asked(77, 2025)),
    ] {
        assert_eq!(refusal(office.loan_apply(&li, &new)).at(), Some(field));
    }
    // Unknown is not no.
    let open = NewLoan { co_guardian: String::new(), amount: "21000".into(), ..asked(1, 2025) };
    let (id, against) = office.loan_apply(&li, &open).unwrap();
    let said = [Objection::AboveLimit(Money::yuan(20_000)), Objection::Ask("co_borrower.guardian")];
    assert_eq!(against, said);
    let twice = refusal(office.loan_apply(&li, &asked(1, 2025)));
    assert!(matches!(twice, AidError::OutOfTurn(_)), "one loan a year");
    let on = "2025-08-21";
    let own = refusal(step(&books, "li", (id, on), LoanMove::Qualify));
    assert_eq!(own, AidError::OwnWork);
    let held = refusal(step(&books, "wang", (id, on), LoanMove::Qualify));
    assert_eq!(held, AidError::Objections(said.to_vec()));
    step(&books, "wang", (id, on), LoanMove::Refuse).unwrap();
    // Refused, the year is free again.
    let (id, against) = office.loan_apply(&li, &asked(1, 2025)).unwrap();
    assert_eq!(against, []);
    // No step is skipped.
    let early = refusal(step(&books, "zhao", (id, on), LoanMove::Disburse(day(on))));
    assert!(matches!(early, AidError::Loan(LoanError::Step { .. })), "{early}");
    step(&books, "wang", (id, on), LoanMove::Qualify).unwrap();
    // A form that is sent twice, and one of somebody who has seen less, change nothing.
    let wang = actor("wang", at(on));
    let stale = refusal(office.loan_step(&wang, (id, 1), LoanMove::Refuse, "x"));
    assert!(matches!(stale, AidError::OutOfTurn(_)));
    let tomorrow = refusal(step(&books, "li", (id, on), LoanMove::Sign(day("2025-08-22"))));
    assert_eq!(tomorrow.at(), Some("on"));

    let page = office.loans(&li, 2025).unwrap();
    assert_eq!((page.due.loans, page.done.loans, page.gap.fen), (1, 0, 1_200_000));
    let late = office.loans(&actor("li", at("2025-12-01")), 2025).unwrap();
    assert!(late.lines.iter().any(|l| l.late), "not paid out by the end of November");
    // The co-borrower's phone does not lie open.
    let shown = office.loan_page(&li, id).unwrap().co_borrower;
    assert_eq!(shown, (String::new(), "139****1234".to_owned()));
    assert_eq!(books.problems(), Vec::<String>::new());
}

#[test]
fn a_loan_is_repaid_to_the_last_fen() {
    let books = Books::new(2);
    let office = &books.office;
    let id = disbursed(&books);
    let view = |on: &str| office.loan_page(&actor("li", at(on)), id).unwrap();
    // 38 days from 12 November to 20 December 2021 at 4.65 % − 0.30 %: the state pays.
    let first = view("2021-12-21").schedule.unwrap().rows[0];
    assert_eq!((first.on, first.rate_bp), (day("2021-12-20"), 435));
    assert_eq!(
        first.state_interest,
        Money::fen((1_200_000 * 38 * 435 * 2 + 3_600_000) / 7_200_000)
    );
    let settled = office.loan_settlement(&actor("li", at("2022-01-05")), 2021).unwrap();
    assert_eq!((settled.state, settled.own), (first.state_interest, Money::ZERO));
    // She studies on in 2022 and has not asked again.
    let page = office.loans(&actor("li", at("2022-09-10")), 2022).unwrap();
    assert_eq!(page.unasked.iter().map(|u| u.loan.id).collect::<Vec<_>>(), [id]);

    // Graduated in 2025: the state waives that year's interest; from 2026 on it is hers.
    let plan = view("2025-10-01").schedule.unwrap();
    let of = |year: i16| *plan.rows.iter().find(|r| r.on.year() == year).unwrap();
    assert!(of(2025).state_interest > Money::ZERO && of(2025).waived_interest > Money::ZERO);
    assert!(of(2026).state_interest.is_zero() && of(2026).own_interest > Money::ZERO);
    assert_eq!(plan.first_principal_on, day("2030-12-20"), "five years of grace");
    assert_eq!(plan.ends_on, day("2040-09-20"));
    // A year without relief puts nothing off; a day on which none is taken takes no early repayment.
    let no = refusal(step(&books, "li", (id, "2026-10-01"), LoanMove::Defer(2026)));
    assert!(matches!(no, AidError::Loan(LoanError::CannotDefer { year: 2026, .. })), "{no}");
    let early = LoanMove::Early(day("2026-11-20"), 100_000);
    let no = refusal(step(&books, "zhao", (id, "2026-11-05"), early));
    assert_eq!(no.at(), Some("on"), "{no}");
    assert!(no.to_string().contains("2026-12-20"), "the next day is named: {no}");
    let all = LoanMove::Early(day("2026-10-20"), 1_200_001);
    let no = refusal(step(&books, "zhao", (id, "2026-10-05"), all));
    assert_eq!(no.at(), Some("amount"), "{no}");
    assert_eq!(view("2026-10-05").steps.len(), 5, "what is refused is not written");
    // Nobody has paid the interest of 2026: it is overdue in January, and penalty runs on overdue principal alone.
    let settled = of(2026);
    let at_new_year = view("2027-01-10").line.standing.unwrap();
    assert_eq!(at_new_year.overdue_interest, settled.own_interest);
    assert!(at_new_year.penalty.is_zero());
    assert_eq!(at_new_year.overdue_since, Some(day("2026-12-20")));
    let page = office.loans(&actor("li", at("2027-01-10")), 2021).unwrap();
    assert_eq!((page.overdue.loans, page.overdue.fen), (1, settled.own_interest.as_fen()));
    let paid = LoanMove::Paid(day("2027-01-12"), settled.own_interest.as_fen(), false);
    step(&books, "zhao", (id, "2027-01-12"), paid).unwrap();
    assert_eq!(view("2027-01-12").line.standing.unwrap().overdue_since, None);
    // She repays all of it, with its interest; one fen short, it is not repaid.
    let early = LoanMove::Early(day("2027-01-20"), 1_200_000);
    step(&books, "zhao", (id, "2027-01-15"), early).unwrap();
    let last = *view("2027-01-20").schedule.unwrap().rows.last().unwrap();
    assert_eq!((last.on, last.after), (day("2027-01-20"), Money::ZERO));
    let due = (last.principal + last.own_interest).as_fen();
    let paid = |fen| LoanMove::Paid(day("2027-01-20"), fen, false);
    step(&books, "zhao", (id, "2027-01-20"), paid(due - 1)).unwrap();
    let short = refusal(step(&books, "zhao", (id, "2027-01-20"), LoanMove::Repay));
    assert!(short.to_string().contains("0.01"), "{short}");
    step(&books, "zhao", (id, "2027-01-20"), paid(1)).unwrap();
    step(&books, "zhao", (id, "2027-01-20"), LoanMove::Repay).unwrap();
    let end = view("2027-01-20");
    assert_eq!((end.line.state, end.next()), (State::Repaid, Vec::new()));
    assert_eq!(books.problems(), Vec::<String>::new());
}

#[test]
fn what_happens_between_changes_the_schedule_and_service_is_compensated() {
    let books = Books::new(2);
    let office = &books.office;
    let id = disbursed(&books);
    let rows =
        |on: &str| office.loan_page(&actor("li", at(on)), id).unwrap().schedule.unwrap().rows;
    let before = rows("2023-03-01");
    // The parties agreed on a lower spread; then she left, and pays from the next month on.
    let rate = LoanMove::Rate(day("2023-03-01"), Base::Lpr5y, -60);
    step(&books, "li", (id, "2023-03-01"), rate).unwrap();
    let lower = rows("2023-03-02");
    assert!(lower[2].state_interest < before[2].state_interest);
    step(&books, "li", (id, "2024-01-09"), LoanMove::Leave(day("2024-01-08"))).unwrap();
    let left = rows("2024-02-01");
    let of = |rows: &[fujiao_office::loans::LoanRow], year: i16| {
        *rows.iter().find(|r| r.on.year() == year).unwrap()
    };
    assert!(of(&left, 2024).state_interest < of(&lower, 2024).state_interest);
    // Relief of 2024: her interest of the year is waived.
    assert!(of(&left, 2024).waived_interest > Money::ZERO);
    assert!(of(&left, 2024).own_interest.is_zero());
    // Three years at the grassroots: a third a year, of the loan up to the limit of the year of application.
    let serve = LoanMove::Serve(day("2024-09-01"), ServiceKind::Grassroots, 3);
    step(&books, "li", (id, "2024-09-01"), serve).unwrap();
    let services = office.loan_page(&actor("li", at("2024-09-02")), id).unwrap().services;
    assert_eq!(services[0].parts, [Money::yuan(4_000); 3]);
    let short = LoanMove::Serve(day("2024-09-01"), ServiceKind::Grassroots, 2);
    step(&books, "li", (id, "2024-09-01"), short).unwrap();
    let services = office.loan_page(&actor("li", at("2024-09-02")), id).unwrap().services;
    assert_eq!(services[1].parts, []);
}

#[test]
fn loans_are_seen_on_their_ground_alone() {
    use fujiao_office::access::{Grant, Ground, Role};
    let books = Books::new(2);
    let id = disbursed(&books);
    let of = |role: Role, ground: Ground| {
        let grant = Grant { role, ground, from: jiff::civil::Date::MIN, until: None };
        Actor { grants: vec![grant], ..Actor::console(at("2021-12-01")) }
    };
    let elsewhere = Ground::Place(Division::parse("619926103000").unwrap());
    for (actor, sees) in [
        (of(Role::AidClerk, Ground::County), true),
        (of(Role::AidClerk, Ground::Place(village().town())), true),
        (of(Role::AidClerk, elsewhere), false),
    ] {
        assert_eq!(books.office.loan_page(&actor, id).is_ok(), sees);
        assert_eq!(books.office.loans(&actor, 2021).unwrap().lines.len(), usize::from(sees));
        let settled = books.office.loan_settlement(&actor, 2021).unwrap();
        assert_eq!(settled.lines.len(), usize::from(sees));
    }
    // Who stands on a part of the county takes no step.
    let town = of(Role::AidClerk, Ground::Place(village().town()));
    assert!(books.office.loan_step(&town, (id, 5), LoanMove::Lapse, "x").is_err());
}
