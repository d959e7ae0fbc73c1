//! Assessments, and what was frozen of them.

use std::sync::Arc;

use fujiao_model::{ExcessKind, Subject};
use fujiao_store::{Difference, NewRun, StoreError};
use jiff::civil::date;

use super::{COUNTY, at, duties, on_both, save, village, with_payments};

#[test]
fn an_assessment_reads_back_and_the_next_takes_its_place() {
    on_both("assessment", |books| {
        let store = books.open();
        with_payments(&store, 1);
        assert_eq!(store.read(|tx| tx.live_run(COUNTY)).unwrap(), None);
        assert_eq!(save(&store, date(2025, 9, 15), 8), 1);
        assert_eq!(save(&store, date(2025, 10, 15), 6), 2);
        let (duties, gaps, deeds, _) = duties(6);
        store
            .read(|tx| -> Result<(), StoreError> {
                let runs = tx.runs(COUNTY)?;
                assert_eq!(runs.iter().map(|r| r.kept).collect::<Vec<_>>(), [false, true]);
                assert_eq!(tx.live_run(COUNTY)?.as_ref(), Some(&runs[1]));
                assert_eq!(runs[1].as_of, date(2025, 10, 15));
                let read = tx.duties(COUNTY, 2)?;
                assert!(read.iter().map(|d| &d.duty).eq(&duties));
                assert_eq!((read[0].done, read[0].gap), (gaps[0].done, gaps[0].missing));
                assert_eq!((read[1].done, read[1].gap), (62_500, 0));
                assert_eq!(tx.duties(COUNTY, 1)?, []);
                assert_eq!(tx.duties_to(COUNTY, 2, Subject::person(1))?, read[2..4]);
                let done = tx.deeds(COUNTY, 2)?;
                assert!(done.iter().map(|d| &d.deed).eq(&deeds));
                let first = (done[0].counted, done[0].excess, done[0].excess_kind);
                assert_eq!(first, (61_000, 1_500, Some(ExcessKind::Over)));
                assert_eq!((done[1].counted, done[1].excess_kind), (-500, None));
                assert_eq!(tx.deeds_for(COUNTY, 2, Subject::person(2))?, done[4..6]);
                assert_eq!(tx.summaries(COUNTY, 2, None)?[0].gap, 3 * 62_000);
                assert_eq!(tx.summaries(COUNTY, 1, Some(village().town()))?.len(), 1);
                Ok(())
            })
            .unwrap();
        assert_eq!(store.verify().unwrap().problems, Vec::<String>::new());
        books.tamper("update duty set gap = 0, done = quantity where duty_id = 2");
        assert_eq!(store.verify().unwrap().problems, ["1 行县级汇总与名单不符"]);
    });
}

/// What was frozen reads back, is frozen once, and stays when later assessments come; differences are those of the last.
#[test]
fn what_is_frozen_reads_back_and_is_frozen_once() {
    on_both("frozen", |books| {
        let store = books.open();
        with_payments(&store, 1);
        let id = save(&store, date(2025, 9, 15), 4);
        let (duties, ..) = duties(4);
        let run = NewRun {
            as_of: date(2025, 9, 15),
            policies_hash: "p",
            registers_hash: "r",
            started_at: at(1),
            ended_at: at(2),
            sizes: "{}",
        };
        let kept = [&duties[0], &duties[2]];
        assert_eq!(store.write(|tx| tx.freeze(COUNTY, id, &run, kept)).unwrap(), 2);
        assert!(store.write(|tx| tx.freeze(COUNTY, id, &run, kept)).is_err(), "frozen once");
        save(&store, date(2025, 10, 15), 2);
        let read = store.read(|tx| tx.frozen(COUNTY)).unwrap();
        assert_eq!(read.len(), 2);
        for duty in kept {
            let found = read.iter().find(|f| f.duty == *duty).expect("it reads back whole");
            assert_eq!((found.as_of, found.policies_hash.as_str()), (date(2025, 9, 15), "p"));
        }
        let difference = Difference {
            kind: Arc::clone(&duties[0].kind),
            subject: duties[0].subject,
            period: duties[0].period,
            unit: duties[0].unit,
            frozen: duties[0].quantity,
            computed: 0,
            facts_frozen: "寄宿".into(),
            facts_now: "".into(),
            rule_frozen: "a@2024S".into(),
            rule_now: "".into(),
            frozen_as_of: date(2025, 9, 15),
        };
        let differences = [difference];
        store.write(|tx| tx.replace_differences(COUNTY, id, &differences)).unwrap();
        assert_eq!(store.read(|tx| tx.differences(COUNTY)).unwrap(), differences);
        store.write(|tx| tx.replace_differences(COUNTY, id, &[])).unwrap();
        assert_eq!(store.read(|tx| tx.differences(COUNTY)).unwrap(), []);
        assert_eq!(store.verify().unwrap().problems, Vec::<String>::new());
    });
}
