//! The life of a batch as people live it.

use fujiao_ledger::batch::Hold;
use fujiao_model::Money;
use fujiao_office::aid::{Decision, FindingList, Lines, RecoveryState, Step};

use super::*;

#[test]
fn a_batch_goes_from_who_is_owed_to_the_line_of_the_bank() {
    let books = Books::new(4);
    let office = &books.office;
    books.fund("2000");
    books.payer();
    let (li, wang, zhao) = (actor("li", on(0)), actor("wang", on(7)), actor("zhao", on(8)));
    let opened = office.aid_open(&li, "寄宿生生活补助", TERM).unwrap();
    assert_eq!((opened.lines, opened.total), (4, Money::fen(4 * OWED)));
    let waits = refusal(office.aid_open(&li, KIND, TERM));
    assert_eq!(waits, AidError::Waits(opened.batch));
    // Nothing is done before its time.
    let batch = opened.batch;
    let now = refusal(office.aid_publish(&li, batch, None, None));
    assert_eq!(now, AidError::NotNow { at: Step::Draft, asked: "公示" });
    let checked = office.aid_check(&li, batch, &quiet).unwrap();
    assert_eq!((checked.signatures, checked.short), (1, Money::yuan(500)));
    let short = refusal(office.aid_publish(&li, batch, None, Some(date(2025, 10, 20))));
    assert!(matches!(short, AidError::Short { has: 4, least: 5, .. }), "{short}");
    let notice = office.aid_publish(&li, batch, None, None).unwrap();
    assert_eq!((notice.until, notice.working_days), (date(2025, 10, 21), 5));
    let shown = office.aid_notice(&notice.token, date(2025, 10, 16)).unwrap().unwrap();
    assert_eq!((shown.lines.len(), shown.over), (4, false));
    let over = office.aid_notice(&notice.token, date(2025, 10, 22)).unwrap().unwrap();
    assert_eq!((over.lines.len(), over.over), (0, true), "it expires by itself");
    assert_eq!(office.aid_notice("0", date(2025, 10, 16)).unwrap(), None);

    // The maker, the notice and the money.
    assert_eq!(
        refusal(office.aid_approve(&actor("li", on(7)), batch, "", &quiet)),
        AidError::OwnWork
    );
    let early = refusal(office.aid_approve(&actor("wang", on(2)), batch, "", &quiet));
    assert_eq!(
        early,
        AidError::Holds(vec![Hold::NoticeRuns(date(2025, 10, 21)), Hold::Short(Money::yuan(500))])
    );
    books.fund("500");
    let approved = office.aid_approve(&wang, batch, "同意", &quiet).unwrap();
    assert_eq!(approved.released, Some((4, Money::fen(4 * OWED))));
    assert_eq!(books.balances()["owed 1"], 200_000);

    // The file, twice; the return, twice.
    let file = office.aid_export(&zhao, batch, Channel::BankText, None, &quiet).unwrap();
    let again = office.aid_export(&zhao, batch, Channel::BankText, None, &quiet).unwrap();
    assert_eq!((again.again, &again.bytes, again.file), (true, &file.bytes, file.file));
    assert_eq!(office.aid_file_again(&zhao, file.file).unwrap().bytes, file.bytes);
    let (number, lines) = read_file(&file.bytes);
    let said: Vec<_> = lines
        .iter()
        .zip(["成功", "失败", "成功", "成功"])
        .map(|((key, account, fen), word)| (key.clone(), account.clone(), *fen, word))
        .collect();
    let back = answer(&number, &said);
    let done = office.aid_reconcile(&zhao, "回盘.csv", &back, None, &quiet).unwrap();
    assert_eq!((done.kept.paid.0, done.kept.returned.0, done.kept.unknown), (3, 1, 0));
    assert!(done.open.is_empty() && !done.reconciled, "the file is closed, one line is due again");
    let twice = office.aid_reconcile(&zhao, "同一个.csv", &back, None, &quiet).unwrap();
    assert!(twice.again);
    assert!(
        matches!(refusal(office.aid_close(&zhao, batch)), AidError::Holds(h) if h == [Hold::Due(1)])
    );
    let second = office.aid_export(&zhao, batch, Channel::BankText, None, &quiet).unwrap();
    assert_eq!((second.again, second.lines), (false, 1));
    let (number, lines) = read_file(&second.bytes);
    assert_eq!(lines[0].1, "6230280000000002", "only what failed is sent again");
    let (key, account, fen) = lines[0].clone();
    let back = answer(&number, &[(key, account, fen, "成功")]);
    assert!(office.aid_reconcile(&zhao, "回盘2.csv", &back, None, &quiet).unwrap().reconciled);
    office.aid_close(&zhao, batch).unwrap();

    let page = office.aid_page(&li, batch, None).unwrap();
    assert_eq!(page.steps.len(), 7);
    assert_eq!(page.tally.paid, (4, 4 * OWED));
    let balances = books.balances();
    assert_eq!(balances.values().sum::<i64>(), 0);
    assert_eq!(balances["pool"], 0, "all that came in went out");
    assert_eq!(books.problems(), Vec::<String>::new());
}

#[test]
fn a_bank_that_says_something_strange_changes_nothing() {
    let books = Books::new(3);
    books.fund("10000");
    books.payer();
    let batch = books.approved();
    let zhao = actor("zhao", on(8));
    let office = &books.office;
    let file = office.aid_export(&zhao, batch, Channel::BankText, None, &quiet).unwrap();
    let (number, lines) = read_file(&file.bytes);
    let good: Vec<_> =
        lines.iter().map(|(k, a, fen)| (k.clone(), a.clone(), *fen, "成功")).collect();
    let whole = String::from_utf8(answer(&number, &good)).unwrap();
    let mut twice = good.clone();
    twice.push(good[0].clone());
    let counted = whole.replace("文件号", "总笔数：3，文件号");
    let cut = &counted[..counted.trim_end().rfind('\n').unwrap() + 9];
    let faulty: [(&str, Vec<u8>); 9] = [
        ("cut off within its last line", cut.as_bytes().to_vec()),
        ("cut off, in GB18030", encoding_rs::GB18030.encode(cut).0.into_owned()),
        ("nothing", vec![]),
        ("a picture", vec![0xff, 0xd8, 0xff, 0xe0, 0, 0x10]),
        ("a line twice", answer(&number, &twice)),
        ("another file", answer("619926-99-99", &good)),
        ("a wrong total", whole.replace("文件号", "总笔数：3，总金额：9.99，文件号").into_bytes()),
        ("a wrong count", whole.replace("文件号", "总笔数：9，文件号").into_bytes()),
        ("no header", b"1,2,3\n".to_vec()),
    ];
    let before = office.aid_page(&zhao, batch, None).unwrap();
    let money = books.balances();
    for (what, bytes) in faulty {
        let why = office.aid_reconcile(&zhao, "回盘.txt", &bytes, Some(file.file), &quiet);
        let why = why.err().unwrap_or_else(|| panic!("{what} was taken"));
        assert!(why.to_string().contains('，') || why.to_string().contains('；'), "{what}: {why}");
        let after = office.aid_page(&zhao, batch, None).unwrap();
        assert_eq!((after.tally, after.files), (before.tally, before.files.clone()), "{what}");
        assert_eq!((after.returns.len(), books.balances()), (0, money.clone()), "{what}");
    }
    // In another order, in GB18030, with somebody whom nobody sent: the file stays open and says why.
    let mut mixed: Vec<_> = good.iter().rev().cloned().collect();
    mixed.push(("77-1".into(), "6230280000009999".into(), OWED, "成功"));
    let text = String::from_utf8(answer(&number, &mixed)).unwrap();
    let (bytes, ..) = encoding_rs::GB18030.encode(&text);
    let done = office.aid_reconcile(&zhao, "回盘.txt", &bytes, None, &quiet).unwrap();
    assert_eq!((done.kept.paid.0, done.kept.extra, done.open.len()), (3, 1, 1));
    let page = office.aid_page(&zhao, batch, None).unwrap();
    assert_eq!(page.files[0].closed_at, None);
    // The bank puts it right.
    let done = office.aid_reconcile(&zhao, "回盘更正.txt", &answer(&number, &good), None, &quiet);
    assert!(done.unwrap().open.is_empty());
    assert!(office.aid_page(&zhao, batch, None).unwrap().files[0].closed_at.is_some());
}

#[test]
fn what_changes_later_is_a_supplement_or_a_recovery() {
    let books = Books::new(3);
    books.fund("10000");
    books.payer();
    let batch = books.approved();
    let (li, zhao) = (actor("li", on(8)), actor("zhao", on(8)));
    let office = &books.office;
    let file = office.aid_export(&zhao, batch, Channel::BankText, None, &quiet).unwrap();
    // Under way is not owed again.
    assert_eq!(refusal(office.aid_open(&li, KIND, TERM)), AidError::Nothing);
    let (number, lines) = read_file(&file.bytes);
    let said: Vec<_> =
        lines.into_iter().map(|(key, account, fen)| (key, account, fen, "成功")).collect();
    office.aid_reconcile(&zhao, "回盘", &answer(&number, &said), None, &quiet).unwrap();
    // Paid since the assessment is not owed again either.
    assert_eq!(refusal(office.aid_open(&li, KIND, TERM)), AidError::Nothing);
    // The first one is owed more, a fourth was missed.
    books
        .store
        .write(|tx| tx.replace_persons(COUNTY, &(1..=4).map(pupil).collect::<Vec<_>>()))
        .unwrap();
    books.assess(&[(1, 75_000, 12_500), (2, OWED, 0), (3, OWED, 0), (4, OWED, OWED)]);
    let opened = office.aid_open(&li, KIND, TERM).unwrap();
    assert_eq!((opened.number, opened.lines, opened.total), (2, 2, Money::fen(75_000)));
    let lines = office.aid_lines_of(&li, opened.batch, &Lines::default()).unwrap();
    let brief: Vec<_> = lines.iter().map(|l| (l.person, l.part, l.amount, l.owed)).collect();
    assert_eq!(brief, [(1, 2, 12_500, 75_000), (4, 1, OWED, OWED)]);
    // The second one was owed less: asked back by one, and what comes is free money again.
    let payment = office.aid_line_ids(batch).unwrap()[1].0;
    let id = office.aid_ask_back(&zhao, payment, Money::fen(10_000), "走读，不住校").unwrap();
    let waived = office.aid_end_recovery(&zhao, id, RecoveryState::Waived, "算了");
    assert_eq!(refusal(waived), AidError::OwnWork);
    let free = |books: &Books| books.store.read(|tx| tx.aid_funds(COUNTY)).unwrap()[0].free;
    let before = free(&books);
    office.aid_end_recovery(&zhao, id, RecoveryState::Repaid, "家长退回").unwrap();
    assert_eq!(free(&books), before + 10_000);
    assert_eq!(books.problems(), Vec::<String>::new());
}

#[test]
fn what_is_found_is_decided_before_the_notice_and_a_duplicate_holds_nothing_up() {
    let books = Books::new(4);
    let office = &books.office;
    books.fund("10000");
    let li = actor("li", on(0));
    let batch = office.aid_open(&li, KIND, TERM).unwrap().batch;
    // Between draft and check there was another assessment: one rose, one is owed no more, one came.
    books
        .store
        .write(|tx| tx.replace_persons(COUNTY, &(1..=5).map(pupil).collect::<Vec<_>>()))
        .unwrap();
    books.assess(&[(1, 75_000, 75_000), (3, OWED, OWED), (4, OWED, OWED), (5, OWED, OWED)]);
    let checked = office.aid_check(&li, batch, &quiet).unwrap();
    assert_eq!(checked.lists, [(FindingList::Missed, 1, 0), (FindingList::Wrong, 2, 0)]);
    let held = refusal(office.aid_publish(&li, batch, None, None));
    assert_eq!(held, AidError::Holds(vec![Hold::Undecided(3)]));
    let no_reason =
        office.aid_decide(&li, batch, (FindingList::Wrong, 2, ""), Decision::LeaveOut, " ");
    assert_eq!(refusal(no_reason), AidError::NoReason);
    office
        .aid_decide(&li, batch, (FindingList::Wrong, 2, ""), Decision::LeaveOut, "已转学")
        .unwrap();
    let mended = office.aid_mend(&li, batch).unwrap();
    assert_eq!((mended.gone, mended.come), (1, 2));
    let checked = office.aid_check(&li, batch, &quiet).unwrap();
    assert_eq!(checked.lists.iter().map(|(_, waits, _)| waits).sum::<u64>(), 0);
    assert_eq!(checked.tally.total, 75_000 + 3 * OWED);
    let published = office.aid_publish(&li, batch, None, None).unwrap();
    assert_eq!(published.lines, 4);
    // An objection that is upheld takes its line out.
    let line = office.aid_line_ids(batch).unwrap()[0];
    let id = office.aid_object(&li, batch, Some(line.0), "phone", "他家有商品房").unwrap();
    let wang = actor("wang", on(7));
    let held = refusal(office.aid_approve(&wang, batch, "", &quiet));
    assert_eq!(held, AidError::Holds(vec![Hold::Objections(1)]));
    office.aid_answer_objection(&li, id, true, "核实属实").unwrap();
    let approved = office.aid_approve(&wang, batch, "", &quiet).unwrap();
    assert_eq!(approved.released.map(|(lines, _)| lines), Some(3));
}

#[test]
fn a_large_batch_takes_two_signatures_of_two_people() {
    let books = Books::new(200);
    books.fund("200000");
    let office = &books.office;
    let li = actor("li", on(0));
    let batch = office.aid_open(&li, KIND, TERM).unwrap().batch;
    assert_eq!(office.aid_check(&li, batch, &quiet).unwrap().signatures, 2, "125,000.00 元");
    office.aid_publish(&li, batch, None, None).unwrap();
    let wang = actor("wang", on(7));
    let first = office.aid_approve(&wang, batch, "", &quiet).unwrap();
    assert_eq!((first.signed, first.needed, first.released), (1, 2, None));
    assert_eq!(refusal(office.aid_approve(&wang, batch, "", &quiet)), AidError::SignedAlready);
    let now =
        refusal(office.aid_export(&actor("zhao", on(8)), batch, Channel::BankText, None, &quiet));
    assert!(matches!(now, AidError::NotNow { at: Step::Published, .. }));
    let second = office.aid_approve(&actor("chen", on(8)), batch, "", &quiet).unwrap();
    assert_eq!(second.released.map(|(lines, _)| lines), Some(200));
}

#[test]
fn earmarks_are_kept_and_a_gift_names_no_child() {
    let books = Books::new(3);
    let office = &books.office;
    let zhao = actor("zhao", on(0));
    let fund = |new: NewFund| office.aid_add_fund(&zhao, &new).unwrap();
    let base = NewFund {
        name: "资金".into(),
        giver: "某基金会".into(),
        document: "收据 1".into(),
        amount: "10000".into(),
        ..NewFund::default()
    };
    fund(NewFund { programme: "hs.grant".into(), ..base.clone() });
    fund(NewFund { until: "2025-10-16".into(), ..base.clone() });
    let gift = fund(NewFund {
        gift: true,
        donor: Some(0),
        place: "619926102000".into(),
        amount: "1000".into(),
        ..base.clone()
    });
    let batch = office.aid_open(&actor("li", on(0)), KIND, TERM).unwrap().batch;
    office.aid_check(&actor("li", on(0)), batch, &quiet).unwrap();
    office.aid_publish(&actor("li", on(0)), batch, None, None).unwrap();
    let wang = actor("wang", on(7));
    let short = refusal(office.aid_approve(&wang, batch, "", &quiet));
    assert_eq!(
        short,
        AidError::Holds(vec![Hold::Short(Money::yuan(875))]),
        "another programme's and a lapsed fund pay nothing"
    );
    let wide = fund(NewFund { amount: "5000".into(), ..base });
    office.aid_approve(&wang, batch, "", &quiet).unwrap();
    let funds = office.aid_funds(&zhao, None).unwrap();
    let free: Vec<i64> = funds.funds.iter().map(|f| f.fund.free).collect();
    assert_eq!(free, [1_000_000, 1_000_000, 0, 412_500], "the narrow one first: {gift} {wide}");
    let did = office.aid_gifts(&actor("donor", on(9))).unwrap();
    assert_eq!(did.len(), 1);
    assert_eq!(did[0].uses.iter().map(|(_, u)| u.amount).sum::<i64>(), 100_000);
    assert!(!format!("{did:?}").contains("学生"), "no name of a child");
}

#[test]
fn who_has_no_account_is_named_and_waits() {
    let books = Books::new(3);
    let office = &books.office;
    books.fund("10000");
    books.payer();
    let mut persons: Vec<Person> = (1..=3).map(pupil).collect();
    persons[1].accounts.clear();
    books.store.write(|tx| tx.replace_persons(COUNTY, &persons)).unwrap();
    let batch = books.approved();
    let zhao = actor("zhao", on(8));
    let page = office.aid_page(&zhao, batch, Some(FindingList::Account)).unwrap();
    assert_eq!(page.findings.iter().map(|f| f.person).collect::<Vec<_>>(), [2]);
    let file = office.aid_export(&zhao, batch, Channel::BankText, None, &quiet).unwrap();
    assert_eq!((file.lines, file.without_account), (2, 1));
    persons[1].accounts.push("6230280000000002".into());
    books.store.write(|tx| tx.replace_persons(COUNTY, &persons)).unwrap();
    let second = office.aid_export(&zhao, batch, Channel::BankText, None, &quiet).unwrap();
    assert_eq!((second.lines, second.again), (1, false));
}

/// Waivers and meal cards go out as sums by school; the file closes when each school has said that it passed them on.
#[test]
fn sums_by_school_close_when_every_school_has_confirmed() {
    let books = Books::new(3);
    books.fund("10000");
    let batch = books.approved();
    let (zhao, office) = (actor("zhao", on(8)), &books.office);
    let file = office.aid_export(&zhao, batch, Channel::School, None, &quiet).unwrap();
    assert_eq!((file.lines, file.without_account), (3, 0), "no account is asked for");
    let waiting = office.aid_page(&zhao, batch, None).unwrap().schools;
    assert_eq!(waiting, [(file.file, String::new(), 3, 3 * OWED)]);
    let other = office.aid_confirm_school(&zhao, file.file, "别的学校");
    assert_eq!(refusal(other), AidError::NoSuchLine);
    let done = office.aid_confirm_school(&zhao, file.file, "").unwrap();
    assert!(done.reconciled && done.open.is_empty());
    assert_eq!(office.aid_page(&zhao, batch, None).unwrap().schools, []);
    // A cycle closes with its last batch, and takes no other.
    let cycle = office.aid_cycle(&zhao, KIND, TERM).unwrap();
    assert!(matches!(refusal(office.aid_close_cycle(&zhao, cycle)), AidError::OutOfTurn(_)));
    office.aid_close(&zhao, batch).unwrap();
    office.aid_close_cycle(&zhao, cycle).unwrap();
    let after = refusal(office.aid_open(&actor("li", on(9)), KIND, TERM));
    assert!(matches!(after, AidError::OutOfTurn(_)), "{after}");
    assert_eq!(books.problems(), Vec::<String>::new());
}
