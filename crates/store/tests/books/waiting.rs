//! What waits: jobs under a lease, workbooks that were brought, corrections that ask for a second person.

use std::time::{Duration, Instant};

use fujiao_store::{
    BatchState, CorrectionState, JobEnd, JobState, NewBatch, NewCorrection, NewJob, NewUpload,
    Signed,
};

use super::*;

fn hand(login: &str, second: i64) -> Signed {
    Signed { login: login.to_owned(), name: format!("{login} 的名字"), at: at(second) }
}

/// Books with one county, one file and one payment row.
fn with_a_row(store: &Store) -> [u8; 16] {
    let rows = [payment(1)];
    let new = new_rows(&keys(), &rows);
    store
        .write(|tx| {
            tx.put_county(COUNTY, "岚川县", true)?;
            let file = NewFile {
                sha256: [1; 32],
                name: "发放.xlsx",
                office: None,
                imported_at: at(0),
                kinds: &[RosterKind::AidPayments],
                tally: Tally { read: 1, created: 1, ..Tally::default() },
            };
            let id = tx.add_file(COUNTY, &file, &[])?;
            tx.insert_rows(COUNTY, id, &new)?;
            Ok::<_, StoreError>(())
        })
        .unwrap();
    new[0].natural_key
}

#[test]
fn a_job_whose_worker_is_gone_is_taken_again() {
    on_both("a_job_is_taken_again", |books| {
        let store = books.open();
        let new =
            |kind| NewJob { kind, input: "1", author: "liu", author_name: "刘洋", at: at(0) };
        store
            .write(|tx| {
                assert_eq!(tx.add_job(COUNTY, &new("check"))?, 1);
                assert_eq!(tx.add_job(COUNTY, &new("assess"))?, 2);
                let job = tx.lease_job(COUNTY, "甲", at(1), at(16))?.unwrap();
                assert_eq!((job.id, job.state, job.attempts), (1, JobState::Running, 1));
                assert_eq!(tx.lease_job(COUNTY, "乙", at(2), at(17))?.unwrap().id, 2);
                assert!(!tx.job_waits(COUNTY, at(10))?, "both are in somebody's hands");
                assert_eq!(tx.job_goes_on(COUNTY, 2, "乙", at(40), ("认人", 1, 3))?, (true, false));
                // 甲 was not heard of any more: 乙 takes it over, and what 甲 says then counts for nothing.
                assert!(tx.job_waits(COUNTY, at(17))?);
                let again = tx.lease_job(COUNTY, "乙", at(17), at(40))?.unwrap();
                assert_eq!((again.id, again.attempts), (1, 2));
                assert!(!tx.end_job(COUNTY, 1, "甲", &JobEnd::Done("x".into()), at(18))?);
                assert_eq!(tx.job_goes_on(COUNTY, 1, "甲", at(40), ("", 0, 0))?, (false, false));
                assert!(tx.stop_job(COUNTY, 1, at(19))?);
                assert_eq!(
                    tx.job_goes_on(COUNTY, 1, "乙", at(40), ("收名册", 6, 9))?,
                    (true, true)
                );
                assert!(tx.end_job(COUNTY, 1, "乙", &JobEnd::Stopped("y".into()), at(20))?);
                let job = tx.job(COUNTY, 1)?.unwrap();
                assert_eq!((job.state, job.result.as_deref()), (JobState::Stopped, Some("y")));
                assert_eq!(job.step, ("收名册".to_owned(), 6, 9));
                assert!(!tx.stop_job(COUNTY, 1, at(21))?, "it has ended");
                // One that nobody began stops at once.
                let third = tx.add_job(COUNTY, &new("check"))?;
                assert!(tx.stop_job(COUNTY, third, at(22))?);
                assert_eq!(tx.job(COUNTY, third)?.unwrap().state, JobState::Stopped);
                let ids = |jobs: Vec<fujiao_store::Job>| {
                    jobs.iter().map(|job| job.id).collect::<Vec<_>>()
                };
                assert_eq!(ids(tx.jobs(COUNTY, Some("liu"), 2)?), [3, 2]);
                assert_eq!(ids(tx.jobs(COUNTY, Some("zhao"), 2)?), [0; 0]);
                Ok::<_, StoreError>(())
            })
            .unwrap();
    });
}

#[test]
fn what_can_be_noted_later_does_not_wait_for_a_writer() {
    on_both("what_can_be_noted_later", |books| {
        let (store, another_program) = (books.open(), books.open());
        let note = |store: &Store| {
            store.write_if_free(|tx| tx.put_county(COUNTY, "岚川县", true)).unwrap().is_some()
        };
        // Both have their writers' connections, and both wait for nobody afterwards.
        assert!(note(&another_program));
        let begun = Instant::now();
        store
            .write(|tx| {
                assert!(!note(&another_program), "somebody else's program is writing");
                assert!(!note(&store), "our own is");
                tx.put_county(COUNTY, "岚川", true)
            })
            .unwrap();
        assert!(
            begun.elapsed() < Duration::from_secs(5),
            "nobody waited for the ten seconds of a writer"
        );
        assert_eq!(counties(&store)[0].name, "岚川");
        assert!(note(&another_program) && note(&store));
        assert_eq!(counties(&store)[0].name, "岚川县");
        // What fails in it is not there either.
        let failed = store.write_if_free(|tx| {
            tx.put_county(COUNTY, "别处", true)?;
            Err::<(), _>(StoreError::Failed)
        });
        assert!(matches!(failed, Err(StoreError::Failed)));
        assert_eq!(counties(&store)[0].name, "岚川县");
    });
}

#[test]
fn a_county_does_not_wait_for_the_writer_of_another() {
    let (Some(one), Some(other)) = (Books::server("one_of_two"), Books::server("other_of_two"))
    else {
        return;
    };
    let (one, other) = (one.open(), other.open());
    one.write(|tx| {
        other.write(|tx| tx.put_county(COUNTY, "邻县", true))?;
        tx.put_county(COUNTY, "岚川县", true)
    })
    .unwrap();
    assert_eq!((&*counties(&one)[0].name, &*counties(&other)[0].name), ("岚川县", "邻县"));
}

#[test]
fn what_was_brought_is_sealed_until_it_is_taken_or_dropped() {
    on_both("what_was_brought_is_sealed", |books| {
        let store = books.open();
        let bytes = format!("姓名,身份证号\n张三,{}", id(7).reveal());
        store
            .write(|tx| {
                let new =
                    NewBatch { unit: "教育局", author: "liu", author_name: "刘洋", at: at(0) };
                let file =
                    NewUpload { name: "学籍.csv", sha256: [3; 32], bytes: bytes.as_bytes() };
                let batch = tx.add_batch(COUNTY, &new, &[file])?;
                tx.keep_returned(COUNTY, batch, 1, Some(b"copy"))?;
                tx.job_of_batch(COUNTY, batch, true, 5)?;
                Ok::<_, StoreError>(())
            })
            .unwrap();
        store
            .read(|tx| {
                let batch = tx.batch(COUNTY, 1)?.unwrap();
                assert_eq!((batch.state, batch.check_job), (BatchState::Waiting, Some(5)));
                assert_eq!(tx.upload_bytes(COUNTY, 1, 1)?.as_deref(), Some(bytes.as_bytes()));
                assert_eq!(tx.returned_copy(COUNTY, 1, 1)?.as_deref(), Some(&b"copy"[..]));
                let raw = tx.query("select sealed from upload", &[], |r| r.get::<Vec<u8>>(0))?;
                let whole = id(7).reveal().as_bytes().to_vec();
                assert!(raw.iter().all(|r| !r.windows(18).any(|w| w == whole)));
                Ok::<_, StoreError>(())
            })
            .unwrap();
        store
            .write(|tx| {
                assert!(tx.end_batch(COUNTY, 1, BatchState::Taken)?);
                assert!(!tx.end_batch(COUNTY, 1, BatchState::Dropped)?, "it was taken");
                assert_eq!(tx.upload_bytes(COUNTY, 1, 1)?, None);
                assert!(tx.returned_copy(COUNTY, 1, 1)?.is_some(), "the copy stays");
                Ok::<_, StoreError>(())
            })
            .unwrap();
    });
}

#[test]
fn a_correction_has_two_hands_by_constraint_and_its_history_stays() {
    on_both("a_correction_has_two_hands", |books| {
        let store = books.open();
        let natural_key = with_a_row(&store);
        let (was, now) = (Value::Id(id(1)), Value::Id(id(2)));
        let author = hand("liu", 1);
        let new = |field, was, now, waits, author| NewCorrection {
            natural_key,
            row_id: 1,
            field,
            was: Some(was),
            now,
            reason: "户口簿为准",
            evidence: "家访 9 月 3 日",
            waits,
            author,
        };
        let id_of = new(Field::CitizenId, &was, &now, true, &author);
        let first = store.write(|tx| tx.add_correction(COUNTY, &id_of)).unwrap();
        let again = store.write(|tx| tx.add_correction(COUNTY, &id_of));
        assert!(again.unwrap_err().is_unique_violation(), "one waits about a cell");
        let read = |id| store.read(|tx| tx.correction(COUNTY, id)).unwrap().unwrap();
        let waiting = read(first);
        assert_eq!((&waiting.was, &waiting.now), (&Some(was.clone()), &now));
        // Whatever the program thinks: the author is not the second person.
        let own = store.write(|tx| tx.second_correction(COUNTY, &waiting, true, &author, ""));
        assert!(own.is_err());
        assert_eq!(read(first).state, CorrectionState::Waiting);
        let chen = hand("chen", 2);
        store.write(|tx| tx.second_correction(COUNTY, &waiting, true, &chen, "对")).unwrap();
        let stands = read(first);
        assert_eq!(stands.state, CorrectionState::InForce);
        assert_eq!(stands.second, Some((chen.clone(), "对".to_owned())));

        // A second word about the same cell takes the place of the first, which stays in the history.
        let third = Value::Id(id(3));
        let newer = new(Field::CitizenId, &was, &third, true, &chen);
        let second = store.write(|tx| tx.add_correction(COUNTY, &newer)).unwrap();
        let waiting = read(second);
        store.write(|tx| tx.second_correction(COUNTY, &waiting, true, &author, "")).unwrap();
        assert_eq!(read(first).state, CorrectionState::Replaced);
        assert!(store.write(|tx| tx.withdraw_correction(COUNTY, second, &chen, "错了")).unwrap());
        assert!(!store.write(|tx| tx.withdraw_correction(COUNTY, second, &chen, "再")).unwrap());
        store
            .read(|tx| {
                let all = tx.corrections_of(COUNTY, &natural_key)?;
                assert_eq!(all.len(), 2);
                assert_eq!(all[1].ended.as_ref().map(|(_, why)| why.as_str()), Some("错了"));
                assert!(!tx.any_correction(COUNTY)?);
                assert_eq!(tx.corrections(COUNTY, CorrectionState::InForce)?, []);
                let open = tx.query(
                    "select coalesce(was, '') || coalesce(now, '') from correction",
                    &[],
                    |r| r.get::<String>(0),
                )?;
                assert!(open.iter().all(String::is_empty), "secret values are sealed");
                Ok::<_, StoreError>(())
            })
            .unwrap();
    });
}
