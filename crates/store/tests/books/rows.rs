//! Rows of workbooks: what was said reads back, is corrected and never lost.

use fujiao_model::{
    Cell, Field, Fields, Finding, FindingKind, Money, RosterKind, RowVerdict, SourceRow, Value,
};
use fujiao_store::{HeaderWord, Sheet, StoreError, Tally};
use proptest::prelude::*;

use super::{Books, COUNTY, at, created, file, id, new_rows, on_both, person, with_payments};

#[test]
fn rows_read_back_as_they_were_said() {
    on_both("rows_read_back", |books| {
        let store = books.open();
        let rows = with_payments(&store, 5_000);
        let read = store.read(|tx| tx.rows(COUNTY)).unwrap();
        assert_eq!(read.len(), rows.len());
        for (stored, (n, row)) in read.iter().zip((1..).zip(&rows)) {
            assert_eq!((stored.row_id, stored.file_id, &stored.row), (n, 1, row));
        }
        let some = store.read(|tx| tx.rows_between(COUNTY, 10, 12)).unwrap();
        assert_eq!(some, read[9..12]);
        let files = store.read(|tx| tx.files(COUNTY)).unwrap();
        assert_eq!((files[0].rows, files[0].tally), (Some((1, 5_000)), created(5_000)));
        let keys = store.read(|tx| tx.live_keys(COUNTY)).unwrap();
        assert_eq!((keys.len(), keys[6].row_id), (5_000, 7));
        assert_eq!(keys[6].fingerprint, new_rows(&super::keys(), &rows)[6].fingerprint);
    });
}

#[test]
fn no_personal_number_lies_open_in_the_file() {
    let books = Books::file();
    let store = books.open();
    with_payments(&store, 50);
    store.write(|tx| tx.replace_persons(COUNTY, &[person(1)])).unwrap();
    drop(store);
    for entry in std::fs::read_dir(books.folder.path()).unwrap() {
        let bytes = std::fs::read(entry.unwrap().path()).unwrap();
        let holds = |text: &str| bytes.windows(text.len()).any(|w| w == text.as_bytes());
        assert!(!holds(id(7).reveal()) && !holds("6217000000000007") && !holds("13900000002"));
        assert!(!holds("13800000001"), "the phone of a person");
    }
}

#[test]
fn a_payment_line_is_booked_once() {
    on_both("booked_once", |books| {
        let store = books.open();
        let rows = with_payments(&store, 3);
        let again = store.write(|tx| {
            let file_id = tx.add_file(COUNTY, &file(2, created(1)), &[])?;
            let new = new_rows(tx.keys(), &rows[1..2]);
            tx.insert_rows(COUNTY, file_id, &new)
        });
        assert!(again.unwrap_err().is_unique_violation());
        // Nothing of the second file is there.
        assert_eq!(store.read(|tx| tx.files(COUNTY)).unwrap().len(), 1);
        let same_bytes = store.write(|tx| tx.add_file(COUNTY, &file(1, created(0)), &[]));
        assert!(same_bytes.unwrap_err().is_unique_violation());
    });
}

#[test]
fn a_correction_supersedes_and_what_was_said_stays() {
    on_both("correction", |books| {
        let store = books.open();
        let rows = with_payments(&store, 700);
        let mut corrected = rows.clone();
        for row in &mut corrected {
            row.fields.set(Field::Amount, Value::Money(Money::fen(75_000)));
        }
        let supersede = |of: &'static str, tx: &mut fujiao_store::Tx| {
            let tally = Tally { read: 700, updated: 700, ..Tally::default() };
            let n = if of == "first" { 2 } else { 3 };
            let file_id = tx.add_file(COUNTY, &file(n, tally), &[])?;
            let mut new = new_rows(tx.keys(), &corrected);
            for (n, row) in (1..).zip(&mut new) {
                row.supersedes = Some(n);
            }
            tx.insert_rows(COUNTY, file_id, &new)
        };
        assert_eq!(store.write(|tx| supersede("first", tx)).unwrap(), 701);
        let live = store.read(|tx| tx.rows(COUNTY)).unwrap();
        assert_eq!((live.len(), live[0].row_id), (700, 701));
        assert!(live.iter().zip(&corrected).all(|(stored, row)| stored.row == *row));
        let first = store.read(|tx| tx.rows_between(COUNTY, 1, 700)).unwrap();
        assert!(first.iter().zip(&rows).all(|(stored, row)| stored.row == *row));
        // A row that is not live cannot be superseded again.
        let twice = store.write(|tx| supersede("again", tx));
        assert!(matches!(twice, Err(StoreError::ForeignKey(_))), "{twice:?}");
    });
}

#[test]
fn findings_and_header_words_read_back() {
    on_both("findings", |books| {
        let store = books.open();
        let finding = |column, field| Finding {
            cell: Cell { sheet: 0, row: 7, column },
            field,
            kind: FindingKind::BadId,
            reason: "身份证号校验位不符".into(),
            remedy: "核对后重填".into(),
            verdict: RowVerdict::Parked,
        };
        let findings = [finding(Some(3), Some(Field::CitizenId)), finding(None, None)];
        let sheet = Sheet {
            number: 0,
            name: "Sheet1".into(),
            kind: Some(RosterKind::AidPayments),
            rows_read: 9,
        };
        let word = |field| HeaderWord {
            kind: RosterKind::AidPayments,
            header: "补助金额(元)".into(),
            field,
        };
        store
            .write(|tx| {
                let file_id =
                    tx.add_file(COUNTY, &file(9, created(0)), std::slice::from_ref(&sheet))?;
                tx.add_findings(COUNTY, file_id, &findings)?;
                tx.remember_header(COUNTY, &word(Field::Wage), at(1), "甲")?;
                tx.remember_header(COUNTY, &word(Field::Amount), at(2), "乙")
            })
            .unwrap();
        store
            .read(|tx| -> Result<(), StoreError> {
                let read = tx.findings(COUNTY, 1)?;
                assert!(read.iter().zip(&findings).all(|(s, f)| s.finding == *f && s.open));
                assert_eq!((read.len(), read[1].number), (2, 1));
                assert_eq!(tx.sheets(COUNTY)?, [(1, sheet.clone())]);
                assert_eq!(tx.header_words(COUNTY)?, [word(Field::Amount)]);
                let file = tx.file_of_bytes(COUNTY, &[9; 32])?.unwrap();
                assert_eq!((file.id, file.rows, file.imported_at), (1, None, at(9)));
                assert_eq!(tx.file_of_bytes(COUNTY, &[8; 32])?, None);
                Ok(())
            })
            .unwrap();
    });
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn whatever_a_row_says_reads_back(
        texts in prop::collection::vec("\\PC{0,12}", 4), number in any::<i64>(), column in any::<u16>(),
        row in 1..u32::MAX,
    ) {
        let mut fields: Fields = [
            (Field::Name, Value::Text(texts[0].as_str().into())),
            (Field::Phone, Value::Text(texts[1].as_str().into())),
            (Field::Note, Value::Text(texts[2].as_str().into())),
            (Field::Hours, Value::Integer(number)),
        ].into_iter().collect();
        if number % 2 == 0 {
            fields.remove(Field::Phone);
        }
        let said = SourceRow {
            kind: RosterKind::Training,
            sheet: column,
            row,
            verdict: RowVerdict::Good,
            fields,
            extra: vec![(column, texts[3].as_str().into())],
        };
        let books = Books::file();
        let store = books.open();
        store.write(|tx| {
            let file_id = tx.add_file(COUNTY, &file(1, created(1)), &[])?;
            let new = new_rows(tx.keys(), std::slice::from_ref(&said));
            tx.insert_rows(COUNTY, file_id, &new)
        }).unwrap();
        let read = store.read(|tx| tx.rows(COUNTY)).unwrap();
        prop_assert_eq!(&read[0].row, &said);
    }
}
