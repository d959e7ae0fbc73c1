//! Student aid: what the database itself refuses, whatever the program thinks.

use fujiao_store::{
    AidBatch, Earmark, FindingList, LineFilter, NewAidFile, NewAidFund, NewAidReturn, NewMovement,
    Publication, RecoveryState, SentLine, Signed, Told, ToldState, Tx, V,
};

use super::*;

const ALL: (&str, &[V<'static>]) = ("1 = 1", &[]);
const KIND: &str = "comp.living.boarder";
const TERM: &str = "2025A";

fn hand(login: &str) -> Signed {
    Signed { login: login.to_owned(), name: format!("{login} 的名字"), at: at(9) }
}

/// An assessment in which persons 1 … n are owed 625.00 each.
fn assessed(store: &Store, n: u64) -> u64 {
    let duty = |person| Duty {
        area: Area::Aid,
        kind: KIND.into(),
        subject: Subject::person(person),
        period: Period::parse(TERM).unwrap(),
        quantity: 62_500,
        unit: Unit::Fen,
        due_on: date(2025, 12, 31),
        bearer: "县学生资助中心".into(),
        place: Some(village()),
        because: Because {
            rule: "comp.living.boarder@2025S".into(),
            basis: "财教〔2021〕310号".into(),
            facts: "初中、寄宿、脱贫户".into(),
            sources: vec![],
        },
    };
    let duties: Vec<Duty> = (1..=n).map(duty).collect();
    let gaps: Vec<Gap> =
        (0..duties.len()).map(|duty| Gap { duty, done: 0, missing: 62_500 }).collect();
    let results =
        Results { duties: &duties, gaps: &gaps, deeds: &[], excesses: &[], summaries: &[] };
    let run = NewRun {
        as_of: date(2025, 10, 15),
        policies_hash: "p",
        registers_hash: "r",
        started_at: at(1),
        ended_at: at(2),
        sizes: "{}",
    };
    store
        .write(|tx| {
            tx.put_county(COUNTY, "岚川县", true)?;
            let persons: Vec<Person> = (1..=n).map(pupil).collect();
            tx.replace_persons(COUNTY, &persons)?;
            tx.save_run(COUNTY, &run, &results)
        })
        .unwrap()
}

fn pupil(n: u64) -> Person {
    Person {
        id: n,
        name: format!("学生{n}"),
        citizen_id: None,
        phones: vec![],
        accounts: vec![format!("62170000{n:08}")],
        sex: None,
        born_on: Some("2012-09-01".parse().unwrap()),
        ethnicity: None,
        town: Some(village().town()),
        village: Some(village()),
        household: None,
        relation: None,
        guardian: None,
        school: None,
        stage: None,
        grade: None,
        class: None,
        boarding: None,
        residence: None,
        flags: vec![],
        rows: 1,
    }
}

/// A batch over an assessment, with its lines.
fn drafted(tx: &mut Tx, run: u64) -> Result<AidBatch, StoreError> {
    let run = tx.runs(COUNTY)?.into_iter().find(|r| r.id == run).unwrap();
    let cycle = tx.aid_cycle_of(COUNTY, KIND, TERM, &hand("li"))?;
    let id = tx.add_aid_batch(COUNTY, cycle.id, &run, &hand("li"))?;
    let batch = tx.aid_batch(COUNTY, id)?.unwrap();
    tx.take_aid_lines(COUNTY, &batch, run.id)?;
    tx.aid_batch(COUNTY, id).map(Option::unwrap)
}

fn notice(batch: u64) -> Publication {
    Publication {
        id: 0,
        batch,
        token: format!("t{batch}"),
        from: date(2025, 10, 15),
        until: date(2025, 10, 21),
        working_days: 5,
        shows: vec!["name".into()],
        masked: false,
        lines: 1,
        sha256: [0; 32],
    }
}

/// A batch that is approved by one, and paid out of one fund.
fn released(tx: &mut Tx, run: u64) -> Result<AidBatch, StoreError> {
    let batch = drafted(tx, run)?;
    tx.set_aid_checked(COUNTY, batch.id, run, 1)?;
    tx.add_aid_step(COUNTY, batch.id, 2, &hand("li"), "")?;
    tx.add_aid_step(COUNTY, batch.id, 3, &hand("li"), "")?;
    tx.add_aid_publication(COUNTY, &notice(batch.id))?;
    tx.add_aid_approval(COUNTY, batch.id, date(2025, 10, 22), &hand("wang"), "")?;
    tx.add_aid_step(COUNTY, batch.id, 4, &hand("wang"), "")?;
    tx.release_aid_batch(COUNTY, batch.id, 1)?;
    Ok(batch)
}

fn sent(tx: &mut Tx, batch: u64) -> Result<u64, StoreError> {
    let mut lines = tx.due_aid_payments(COUNTY, batch)?;
    for (line, number) in lines.iter_mut().zip(1..) {
        line.line = number;
    }
    let by = hand("zhao");
    tx.add_aid_file(
        COUNTY,
        &NewAidFile {
            batch,
            channel: "bank_txt",
            sha256: [1; 32],
            lines: &lines,
            payer: 1,
            pay_on: date(2025, 10, 28),
            by: &by,
        },
    )
}

fn told(row: u64, state: ToldState) -> Told {
    let line = (state != ToldState::Extra).then_some(row);
    let said = (state == ToldState::Returned).then(|| "户名不符".to_owned());
    Told { row, state, line, amount: 62_500, on: Some(date(2025, 10, 28)), said }
}

/// Whether a write is refused; nothing of it stays.
fn refused(store: &Store, f: impl FnOnce(&mut Tx) -> Result<(), StoreError>) -> bool {
    store.write(f).is_err()
}

#[test]
fn no_batch_is_released_before_it_was_checked_published_and_signed() {
    on_both("aid_steps", |books| {
        let store = books.open();
        let run = assessed(&store, 3);
        let batch = store.write(|tx| drafted(tx, run)).unwrap();
        let li = hand("li");
        // Straight from draft to the end, and each step without the one before.
        for step in 3..=7 {
            assert!(
                refused(&store, |tx| tx.add_aid_step(COUNTY, batch.id, step, &li, "")),
                "{step}"
            );
        }
        assert!(refused(&store, |tx| tx.add_aid_publication(COUNTY, &notice(batch.id)).map(drop)));
        store
            .write(|tx| {
                tx.set_aid_checked(COUNTY, batch.id, run, 2)?;
                tx.add_aid_step(COUNTY, batch.id, 2, &li, "")?;
                tx.add_aid_step(COUNTY, batch.id, 3, &li, "")
            })
            .unwrap();
        let day = date(2025, 10, 22);
        assert!(
            refused(&store, |tx| tx
                .add_aid_approval(COUNTY, batch.id, day, &hand("wang"), "")
                .map(drop)),
            "nothing hangs"
        );
        store.write(|tx| tx.add_aid_publication(COUNTY, &notice(batch.id))).unwrap();
        let sign = |login: &'static str, day| {
            move |tx: &mut Tx| {
                tx.add_aid_approval(COUNTY, batch.id, day, &hand(login), "").map(drop)
            }
        };
        assert!(refused(&store, sign("li", day)), "its maker");
        assert!(refused(&store, sign("wang", date(2025, 10, 21))), "the notice runs");
        store.write(sign("wang", day)).unwrap();
        assert!(refused(&store, sign("wang", day)), "one signs once");
        let release = |needed| {
            move |tx: &mut Tx| {
                tx.add_aid_step(COUNTY, batch.id, 4, &hand("wang"), "")?;
                tx.release_aid_batch(COUNTY, batch.id, needed).map(drop)
            }
        };
        assert!(refused(&store, release(2)), "one signature of two");
        assert!(refused(&store, release(1)), "as many as its amount asks for, not fewer");
        store.write(sign("chen", day)).unwrap();
        store.write(release(2)).unwrap();
        let tally = store.read(|tx| tx.aid_tally(COUNTY, batch.id, ALL)).unwrap();
        assert_eq!((tally.lines, tally.due), (3, (3, 187_500)));
        assert!(
            !store.write(|tx| tx.leave_aid_line_out(COUNTY, batch.id, 1, &li, "晚了")).unwrap(),
            "what is approved stands"
        );
        assert_eq!(store.read(|tx| tx.frozen(COUNTY)).unwrap().len(), 3);
    });
}

#[test]
fn one_line_for_one_person_programme_term_and_part() {
    on_both("aid_key", |books| {
        let store = books.open();
        let run = assessed(&store, 3);
        let first = store.write(|tx| released(tx, run)).unwrap();
        // Everybody is in: a second batch over the same assessment finds nobody.
        let second = store.write(|tx| drafted(tx, run)).unwrap();
        assert_eq!(store.read(|tx| tx.aid_tally(COUNTY, second.id, ALL)).unwrap().lines, 0);
        let columns = "county, entitlement_id, batch_id, cycle_id, person_id, programme, period, part, owed, amount, rule,
             basis, facts, sources, due_on, bearer, name, school, grade, class, state";
        let copy = format!(
            "insert into aid_entitlement ({columns})
             select county, 99, {}, cycle_id, person_id, programme, period, part, owed, amount, rule, basis, facts, sources,
                    due_on, bearer, name, school, grade, class, state
               from aid_entitlement where entitlement_id = 1",
            second.id
        );
        let twice = store.write(|tx| tx.execute(&copy, &[]));
        assert!(twice.unwrap_err().is_unique_violation());
        // A file takes them once, and a second file none.
        let file = store.write(|tx| sent(tx, first.id)).unwrap();
        assert_eq!(store.read(|tx| tx.due_aid_payments(COUNTY, first.id)).unwrap(), []);
        let line = store.read(|tx| tx.aid_file_lines(COUNTY, file)).unwrap().remove(0);
        assert_eq!((line.account.as_str(), line.holder.as_str()), ("6217000000000001", "学生1"));
        let again = store.write(|tx| {
            let by = hand("zhao");
            let lines = [SentLine { line: 1, ..line.clone() }];
            tx.add_aid_file(
                COUNTY,
                &NewAidFile {
                    batch: first.id,
                    channel: "bank_xlsx",
                    sha256: [2; 32],
                    lines: &lines,
                    payer: 1,
                    pay_on: date(2025, 10, 28),
                    by: &by,
                },
            )
        });
        assert!(again.unwrap_err().is_unique_violation());
    });
}

#[test]
fn a_file_closes_when_it_balances_and_what_came_back_is_sent_again() {
    on_both("aid_returns", |books| {
        let store = books.open();
        let run = assessed(&store, 3);
        let batch = store.write(|tx| released(tx, run)).unwrap();
        let file = store.write(|tx| sent(tx, batch.id)).unwrap();
        let take = |file, sha256, told: &[Told]| {
            let by = hand("zhao");
            let name = "回盘.txt";
            store.write(|tx| {
                tx.add_aid_return(
                    COUNTY,
                    &NewAidReturn { file, sha256, name, told, clean: true, by: &by },
                )
            })
        };
        let books_of = || store.read(|tx| tx.aid_file(COUNTY, file)).unwrap().unwrap();
        take(
            file,
            [3; 32],
            &[told(1, ToldState::Paid), told(2, ToldState::Returned), told(9, ToldState::Extra)],
        )
        .unwrap();
        assert_eq!(books_of().closed_at, None, "line 3 is unknown");
        let again = take(file, [3; 32], &[told(3, ToldState::Paid)]);
        assert!(again.unwrap_err().is_unique_violation(), "the same bytes count once");
        take(file, [4; 32], &[told(1, ToldState::Again), told(3, ToldState::Paid)]).unwrap();
        let of = books_of();
        assert_eq!((of.paid, of.returned), ((2, 125_000), (1, 62_500)));
        assert!(of.closed_at.is_some());
        let due = store.read(|tx| tx.due_aid_payments(COUNTY, batch.id)).unwrap();
        assert_eq!(due.iter().map(|l| l.payment).collect::<Vec<_>>(), [2]);
        let second = store.write(|tx| sent(tx, batch.id)).unwrap();
        let file = store.read(|tx| tx.aid_file(COUNTY, second)).unwrap().unwrap();
        assert_eq!((file.round, file.lines, file.total), (2, 1, 62_500));
        let old = store.read(|tx| tx.aid_file_lines(COUNTY, of.id)).unwrap();
        assert_eq!(
            old.iter().map(|l| l.state.as_str()).collect::<Vec<_>>(),
            ["paid", "returned", "paid"]
        );
        let (paid, last) = store.read(|tx| tx.aid_paid(COUNTY)).unwrap();
        assert_eq!((paid.len(), last), (2, 2));
        // An assessment that has not seen the payments does not owe them again.
        let batch = store.write(|tx| drafted(tx, run)).unwrap();
        assert_eq!(store.read(|tx| tx.aid_tally(COUNTY, batch.id, ALL)).unwrap().lines, 0);
    });
}

#[test]
fn the_journal_balances_only_grows_and_no_fund_is_overspent() {
    on_both("aid_journal", |books| {
        let store = books.open();
        store.write(|tx| tx.put_county(COUNTY, "岚川县", true)).unwrap();
        let moved = |debit: &str, credit: &str, amount| NewMovement {
            debit: debit.into(),
            credit: credit.into(),
            amount,
        };
        let by = hand("zhao");
        store
            .write(|tx| {
                let new = NewAidFund {
                    name: "2025 年中央资金",
                    gift: false,
                    giver: "县财政局",
                    donor: None,
                    document: "财教〔2025〕1号",
                    earmark: &Earmark::default(),
                    arrived_on: date(2025, 9, 1),
                    amount: 1_000,
                    pairing: false,
                };
                let id = tx.add_aid_fund(COUNTY, &new, &by)?;
                assert_eq!(id, 1);
                tx.add_aid_entry(COUNTY, "arrive", "fund 1", &[moved("pool", "fund 1", 1_000)], &by)
            })
            .unwrap();
        let entry = |about: &'static str, of: NewMovement| {
            let by = hand("zhao");
            store.write(move |tx| tx.add_aid_entry(COUNTY, "allocate", about, &[of], &by))
        };
        assert!(entry("batch 1", moved("fund 1", "owed 1", 700)).unwrap());
        assert!(
            !entry("batch 1", moved("fund 1", "owed 1", 700)).unwrap(),
            "the same entry stands once"
        );
        assert!(entry("batch 2", moved("fund 1", "owed 1", 301)).is_err(), "301 of 300");
        assert!(entry("batch 3", moved("fund 1", "fund 1", 5)).is_err());
        assert!(entry("batch 4", moved("fund 1", "owed 1", 0)).is_err());
        for statement in ["update aid_journal set amount = 1", "delete from aid_journal"] {
            assert!(store.write(|tx| tx.execute(statement, &[])).is_err(), "{statement}");
        }
        let balances = store.read(|tx| tx.aid_balances(COUNTY)).unwrap();
        let of = [("fund 1", 300), ("owed 1", 700), ("pool", -1_000)];
        assert_eq!(balances, of.map(|(account, fen)| (account.to_owned(), fen)));
        assert_eq!(store.verify().unwrap().problems, Vec::<String>::new());
        books.tamper("update aid_fund set free = 299");
        assert_eq!(store.verify().unwrap().problems, ["1 笔资金的余额与分录不符"]);
    });
}

#[test]
fn a_check_lists_what_is_missed_wrong_double_and_stacked() {
    on_both("aid_check", |books| {
        let store = books.open();
        let run = assessed(&store, 4);
        let batch = store
            .write(|tx| {
                let batch = drafted(tx, run)?;
                tx.execute("update aid_entitlement set amount = 50000 where person_id = 2", &[])?;
                tx.execute(
                    "update aid_entitlement set state = 'out', out_why = '试', out_by = 'fujiao:mend' where person_id = 3",
                    &[],
                )?;
                // The fourth has the name and birth of the first.
                tx.execute("update person set name = '学生1' where person_id = 4", &[])?;
                Ok::<_, StoreError>(batch)
            })
            .unwrap();
        let check = || {
            store
                .write(|tx| {
                    tx.check_aid_batch(COUNTY, &batch, run, &["comp.living.day"], at(5))?;
                    tx.aid_findings(COUNTY, batch.id, None, 0, ALL)
                })
                .unwrap()
        };
        let found = check();
        let brief: Vec<_> =
            found.iter().map(|f| (f.list, f.person, f.owed, f.amount, f.other.as_str())).collect();
        assert_eq!(
            brief,
            [
                (FindingList::Double, 4, 62_500, 62_500, "1"),
                (FindingList::Missed, 3, 62_500, 0, ""),
                (FindingList::Wrong, 2, 62_500, 50_000, ""),
            ]
        );
        // What somebody decided stands at the next check; what was mended may go wrong again.
        let by = hand("li");
        store
            .write(|tx| {
                let about = (FindingList::Double, 4, "1");
                assert!(tx.decide_aid_finding(COUNTY, batch.id, about, "kept", "两个人", &by)?);
                assert_eq!(tx.mend_aid_lines(COUNTY, &batch, run, at(6))?, (1, 2));
                Ok::<_, StoreError>(())
            })
            .unwrap();
        let found = check();
        assert!(found.iter().all(|f| f.decided.is_some()), "{found:?}");
        let lines =
            store.read(|tx| tx.aid_lines(COUNTY, batch.id, &LineFilter::default(), ALL)).unwrap();
        assert_eq!(lines.iter().map(|l| (l.person, l.amount)).collect::<Vec<_>>().len(), 4);
        store
            .write(|tx| {
                tx.execute(
                    "update aid_entitlement set amount = 1 where person_id = 2 and state = 'in'",
                    &[],
                )
            })
            .unwrap();
        assert!(check().iter().any(|f| f.list == FindingList::Wrong && f.decided.is_none()));
        // Paid by a programme that does not go beside this one.
        store
            .write(|tx| {
                let cycle = tx.aid_cycle_of(COUNTY, "comp.living.day", TERM, &by)?;
                let run = tx.live_run(COUNTY)?.unwrap();
                let other = tx.add_aid_batch(COUNTY, cycle.id, &run, &by)?;
                tx.execute(
                    &format!(
                        "insert into aid_entitlement (county, entitlement_id, batch_id, cycle_id, person_id, programme, period,
                             part, owed, amount, rule, basis, facts, sources, due_on, bearer, name, school, grade, class, state)
                         select county, 900, {other}, {}, person_id, 'comp.living.day', period, 1, owed, amount, rule, basis,
                                facts, sources, due_on, bearer, name, school, grade, class, state
                           from aid_entitlement where entitlement_id = 1",
                        cycle.id
                    ),
                    &[],
                )
            })
            .unwrap();
        let stacked: Vec<_> =
            check().into_iter().filter(|f| f.list == FindingList::Stacked).collect();
        assert_eq!(
            stacked.iter().map(|f| (f.person, f.other.as_str())).collect::<Vec<_>>(),
            [(1, "comp.living.day")]
        );
    });
}

#[test]
fn what_is_repaid_is_owed_no_more_and_who_asks_does_not_waive() {
    on_both("aid_recovery", |books| {
        let store = books.open();
        let run = assessed(&store, 2);
        let by = hand("zhao");
        let batch = store.write(|tx| released(tx, run)).unwrap();
        let file = store.write(|tx| sent(tx, batch.id)).unwrap();
        store
            .write(|tx| {
                let told = [told(1, ToldState::Paid), told(2, ToldState::Paid)];
                tx.add_aid_return(
                    COUNTY,
                    &NewAidReturn {
                        file,
                        sha256: [3; 32],
                        name: "回盘",
                        told: &told,
                        clean: true,
                        by: &by,
                    },
                )
            })
            .unwrap();
        let ask =
            |fen| store.write(|tx| tx.add_aid_recovery(COUNTY, 1, fen, "不住校", &by)).unwrap();
        assert_eq!(ask(62_501), None, "more than was paid");
        assert_eq!(ask(31_250), Some(1));
        assert_eq!(ask(31_251), None, "together more than was paid");
        let end = |state, login: &str| {
            let by = hand(login);
            store.write(|tx| tx.end_aid_recovery(COUNTY, 1, state, date(2025, 11, 3), "退回", &by))
        };
        assert!(end(RecoveryState::Waived, "zhao").is_err());
        assert!(end(RecoveryState::Repaid, "zhao").unwrap());
        assert!(!end(RecoveryState::Waived, "wang").unwrap(), "it ended");
        let (paid, _) = store.read(|tx| tx.aid_paid(COUNTY)).unwrap();
        assert_eq!(paid.iter().map(|p| p.amount).collect::<Vec<_>>(), [31_250, 62_500]);
        let frozen = store.read(|tx| tx.frozen(COUNTY)).unwrap();
        let quantities: Vec<_> =
            frozen.iter().map(|f| (f.duty.subject.id, f.duty.quantity)).collect();
        assert_eq!(quantities, [(1, 31_250), (2, 62_500)]);
    });
}
