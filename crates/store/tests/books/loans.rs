//! Origin-place loans: what the database itself refuses, whatever the program thinks.

use fujiao_store::{NewLoanStep, Signed, StoredCoBorrower, StoredLoan};

use super::*;

fn hand(login: &str) -> Signed {
    Signed { login: login.to_owned(), name: format!("{login} 的名字"), at: at(9) }
}

fn asked(person: u64, school_year: i16) -> StoredLoan {
    StoredLoan {
        id: 0,
        person,
        name: String::new(),
        place: String::new(),
        school_year,
        postgraduate: false,
        university: "示例大学".into(),
        remaining: 4,
        amount: 1_200_000,
        tuition: Some(500_000),
        lodging: None,
        full_time: Some(true),
        hukou_here: None,
        other_loan: Some(false),
        co_borrower: StoredCoBorrower {
            name: "家长".into(), age: Some(46), ..Default::default()
        },
        applied_on: date(2025, 8, 20),
        applied_by: String::new(),
        state: String::new(),
        steps: 0,
        last_on: date(2025, 8, 20),
    }
}

fn step<'a>(
    loan: u64,
    after: u32,
    (from, state): (&'a str, &'a str),
    code: &'a str,
) -> NewLoanStep<'a> {
    NewLoanStep {
        loan,
        after,
        from,
        state,
        code,
        on: date(2025, 8, 21),
        amount: None,
        n: None,
        word: None,
        note: "",
        maker: (code == "qualify").then_some("li"),
    }
}

#[test]
fn no_step_of_a_loan_is_skipped_and_who_took_it_does_not_qualify_it_by_constraint() {
    on_both("loans", |books| {
        let store = books.open();
        store.write(|tx| tx.put_county(COUNTY, "岚川县", true)).unwrap();
        let add = |new: &StoredLoan| {
            store
                .write(|tx| tx.add_loan(COUNTY, new, "619926197901010019 13900001234", &hand("li")))
        };
        let take = |of: &NewLoanStep, who: &str| {
            store.write(|tx| tx.add_loan_step(COUNTY, of, &hand(who)))
        };
        let id = add(&asked(7, 2025)).unwrap();
        assert!(matches!(add(&asked(7, 2025)), Err(StoreError::Unique(_))), "one a year");
        add(&asked(7, 2026)).unwrap();
        // Money before qualification, a state that is not there, the maker's own word, a number twice.
        assert!(take(&step(id, 1, ("applied", "disbursed"), "disburse"), "zhao").is_err());
        assert!(take(&step(id, 1, ("confirmed", "disbursed"), "disburse"), "zhao").is_err());
        assert!(take(&step(id, 1, ("applied", "qualified"), "qualify"), "li").is_err());
        let of = NewLoanStep { maker: None, ..step(id, 1, ("applied", "qualified"), "qualify") };
        assert!(take(&of, "wang").is_err(), "whoever qualifies names whose work it was");
        take(&step(id, 1, ("applied", "qualified"), "qualify"), "wang").unwrap();
        let again = take(&step(id, 1, ("applied", "refused"), "refuse"), "wang");
        assert!(matches!(again, Err(StoreError::Unique(_))), "{again:?}");
        take(&step(id, 2, ("qualified", "lapsed"), "lapse"), "li").unwrap();
        assert!(take(&step(id, 3, ("lapsed", "signed"), "sign"), "li").is_err());
        // Lapsed, the year is free again.
        add(&asked(7, 2025)).unwrap();

        let (loans, steps) = store
            .read(|tx| {
                let all = ("1 = 1", &[][..]);
                Ok::<_, StoreError>((
                    tx.loans(COUNTY, (Some(id), None), all)?,
                    tx.loan_steps(COUNTY, Some(id))?,
                ))
            })
            .unwrap();
        assert_eq!((loans[0].state.as_str(), loans[0].steps), ("lapsed", 3));
        assert_eq!(loans[0].co_borrower.age, Some(46));
        assert_eq!((loans[0].hukou_here, loans[0].tuition), (None, Some(500_000)));
        let codes: Vec<&str> = steps.iter().map(|s| s.code.as_str()).collect();
        assert_eq!(codes, ["apply", "qualify", "lapse"]);
        let secret = store.read(|tx| tx.loan_secret(COUNTY, id)).unwrap();
        assert_eq!(secret, "619926197901010019 13900001234");
        // What was decided elsewhere moves the loan with its student, and back.
        store.write(|tx| tx.move_loan_holder(COUNTY, 7, 8)).unwrap();
        let lent = store.read(|tx| tx.lent_loans(COUNTY)).unwrap();
        assert!(lent.iter().all(|l| l.loan.person == 8 && l.disbursed_on.is_none()));
        store.write(|tx| tx.return_loan_holder(COUNTY, 7)).unwrap();
        let lent = store.read(|tx| tx.lent_loans(COUNTY)).unwrap();
        assert_eq!(lent.iter().map(|l| l.loan.person).collect::<Vec<_>>(), [7, 7]);
    });
}
