//! What people write on pages and phones.

use fujiao_model::Subject;
use fujiao_store::{Entry, EntryFact, EntryPhoto, StoreError};
use jiff::civil::{Date, date};

use super::{COUNTY, at, on_both};

fn entry(n: u8, user: u64) -> Entry {
    Entry {
        number: 0,
        key: [n; 16],
        root: [n.min(2); 16],
        print: [9; 16],
        kind: "attendance".into(),
        subject: Subject::school(u64::MAX),
        class: "P4 （2）班".into(),
        on: date(2025, 10, 15),
        payload: "{}".into(),
        said: "祖母说腿伤快好了".into(),
        care: n == 3,
        user,
        author: "刘芳".into(),
        written_at: at(1),
        received_at: at(2),
        state: "in_force".into(),
        state_why: None,
        receipt: "{}".into(),
    }
}

#[test]
fn what_people_write_reads_back_and_its_key_comes_in_once() {
    on_both("entries", |books| {
        let store = books.open();
        let subject = Subject::person(7);
        let fact = |entry, value, state: &str| EntryFact {
            entry,
            user: entry,
            subject,
            class: String::new(),
            on: date(2025, 10, 15),
            field: "attendance".into(),
            value: [value; 16],
            state: state.into(),
        };
        store
            .write(|tx| {
                for n in 1..=3 {
                    assert_eq!(tx.add_entry(COUNTY, &entry(n, u64::from(n)))?, u64::from(n));
                }
                tx.add_facts(COUNTY, &[fact(1, 1, "in_force"), fact(2, 2, "waiting")])?;
                assert_eq!(tx.add_conflict(COUNTY, 1, &fact(2, 2, "waiting"), at(3))?, 1);
                let photo = EntryPhoto {
                    key: [5; 16],
                    entry: 1,
                    sha256: [6; 32],
                    kind: "jpeg".into(),
                    bytes: vec![0xff, 0xd8],
                    user: 1,
                };
                tx.add_photo(COUNTY, &photo, at(3))?;
                assert_eq!(tx.photo(COUNTY, &[5; 16])?, Some(photo));
                assert_eq!(tx.photos_of(COUNTY, 1)?, [[5; 16]]);
                Ok::<_, StoreError>(())
            })
            .unwrap();
        let again = store.write(|tx| tx.add_entry(COUNTY, &entry(3, 3)));
        assert!(again.unwrap_err().is_unique_violation());
        store
            .read(|tx| {
                let back = tx.entry_of_key(COUNTY, &[3; 16])?;
                assert_eq!(back, Some(Entry { number: 3, ..entry(3, 3) }));
                assert_eq!(tx.entry_of_root(COUNTY, &[2; 16])?.map(|e| e.number), Some(3));
                assert_eq!(tx.entry_of_key(COUNTY, &[4; 16])?, None);
                assert_eq!(tx.entries_of_user(COUNTY, 2, 5)?.len(), 1);
                let school = Subject::school(u64::MAX);
                assert_eq!(tx.entries_about(COUNTY, school, date(2025, 10, 16))?.len(), 0);
                assert_eq!(tx.entries_about(COUNTY, school, Date::MIN)?.len(), 3);
                let about = |tx: &mut fujiao_store::Tx| {
                    tx.facts_about(COUNTY, subject, "", date(2025, 10, 15), "attendance")
                };
                assert_eq!(about(tx)?, [fact(1, 1, "in_force")]);
                assert_eq!(tx.open_conflicts(COUNTY)?, tx.conflicts_of(COUNTY, 2)?);
                Ok::<_, StoreError>(())
            })
            .unwrap();
        store
            .write(|tx| {
                let of = Some((subject, "attendance"));
                tx.set_fact_state(COUNTY, 1, of, "lost")?;
                tx.set_fact_state(COUNTY, 2, None, "in_force")?;
                tx.set_entry_state(COUNTY, 1, "withdrawn", "李慧", Some("记错"))?;
                assert!(tx.close_conflict(COUNTY, 1, "second", "李慧", "问过", at(9))?);
                assert!(!tx.close_conflict(COUNTY, 1, "first", "李慧", "问过", at(9))?);
                let open = tx.facts_open(COUNTY, subject, "", date(2025, 10, 15), "attendance")?;
                assert_eq!(open, [fact(2, 2, "in_force")]);
                assert_eq!(tx.entry(COUNTY, 1)?.map(|e| e.state), Some("withdrawn".into()));
                assert_eq!(tx.conflict(COUNTY, 1)?.and_then(|c| c.decided), Some("second".into()));
                assert_eq!(tx.open_conflicts(COUNTY)?, []);
                Ok::<_, StoreError>(())
            })
            .unwrap();
        assert_eq!(store.verify().unwrap().problems, Vec::<String>::new());
    });
}
