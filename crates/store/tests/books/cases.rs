//! Cases: what the database itself refuses, whatever the program thinks.

use fujiao_store::{CaseGround, Signed, StoredCase, StoredStep};

use super::*;

fn case(person: u64) -> StoredCase {
    let place = |code: &str| Division::parse(code).ok();
    let found = CaseGround {
        town: place("619901101000"),
        village: place("619901101201"),
        school: Some(u64::MAX),
    };
    StoredCase {
        number: 0,
        person,
        kind: "schooling.compulsory".into(),
        facts: "13 岁，学籍里没有".into(),
        run: 1,
        opened_on: date(2025, 10, 15),
        found,
        grade: Grade::parse("J1"),
        class: "（2）班".into(),
        state: "found".into(),
        steps: 0,
        now: found,
        officer: None,
        opened_at: at(1),
        opened_by: "fujiao".into(),
    }
}

fn step(case: u64, number: u32, code: &str, state: &str) -> StoredStep {
    StoredStep {
        case,
        number,
        on: date(2025, 10, 16),
        code: code.into(),
        fields: "{\"real\":true}".into(),
        note: "问了邻居".into(),
        state: state.into(),
        ground: CaseGround::default(),
        user: 7,
        author: Signed { login: "liu".into(), name: "刘洋".into(), at: at(5) },
    }
}

#[test]
fn one_open_case_a_child_and_steps_without_gaps_by_constraint() {
    on_both("cases", |books| {
        let store = books.open();
        let number = store
            .write(|tx| {
                tx.put_county(COUNTY, "岚川县", true)?;
                tx.add_case(COUNTY, &case(5))
            })
            .unwrap();
        assert_eq!(number, 1);
        let refused = |result: Result<(), StoreError>| result.unwrap_err();
        let again = store.write(|tx| tx.add_case(COUNTY, &case(5)).map(drop));
        assert!(matches!(refused(again), StoreError::Unique { .. }));
        let add = |new: StoredStep| store.write(|tx| tx.add_case_step(COUNTY, &new, Some(9)));
        let gap = add(step(1, 2, "visit", "visited"));
        assert!(matches!(refused(gap), StoreError::ForeignKey { .. }), "no step before it");
        add(step(1, 1, "verify", "verified")).unwrap();
        let second = add(step(1, 1, "verify", "verified"));
        assert!(matches!(refused(second), StoreError::Unique { .. }), "two writers, one number");
        add(step(1, 2, "close", "closed")).unwrap();
        let read = store
            .read(|tx| Ok::<_, StoreError>((tx.case(COUNTY, 1)?, tx.case_steps(COUNTY, Some(1))?)))
            .unwrap();
        let mut wanted = case(5);
        wanted.number = 1;
        (wanted.state, wanted.steps) = ("closed".into(), 2);
        (wanted.now, wanted.officer) = (CaseGround::default(), Some(9));
        assert_eq!(read.0, Some(wanted));
        assert_eq!(read.1, [step(1, 1, "verify", "verified"), step(1, 2, "close", "closed")]);
        // A closed case does not stand in the way of another.
        store.write(|tx| tx.add_case(COUNTY, &case(5)).map(drop)).unwrap();
        assert_eq!(store.read(|tx| tx.cases(COUNTY)).unwrap().len(), 2);
        for sql in ["update watch_step set note = 'x'", "delete from watch_step"] {
            let changed = store.write(|tx| tx.execute(sql, &[]).map(drop));
            assert!(changed.is_err(), "steps only grow: {sql}");
        }
    });
}
