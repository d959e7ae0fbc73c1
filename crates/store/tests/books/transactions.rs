//! Transactions: all or nothing, one moment, many at once, alike on both engines.

use fujiao_store::{Person, StoreError, V};
use jiff::civil::date;

use super::{COUNTY, counties, id, on_both, person, save, with_payments};

#[test]
fn an_error_takes_everything_back() {
    on_both("takes_back", |books| {
        let store = books.open();
        let put = |tx: &mut fujiao_store::Tx| tx.put_county(COUNTY, "岚川县", true);
        let refused: Result<(), StoreError> = store.write(|tx| {
            put(tx)?;
            Err(StoreError::Failed)
        });
        assert!(refused.is_err());
        let panicked = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            store.write(|tx| -> Result<(), StoreError> {
                put(tx)?;
                panic!("we were wrong");
            })
        }));
        assert!(panicked.is_err());
        // A failed statement spoils the transaction even where the caller looks away, on both engines.
        let looked_away: Result<(), StoreError> = store.write(|tx| {
            put(tx)?;
            let _ = tx.execute(
                "insert into county (county, name) values ($1, $2)",
                &[COUNTY.into(), "again".into()],
            );
            assert!(matches!(tx.counties(), Err(StoreError::Failed)));
            Ok(())
        });
        assert!(matches!(looked_away, Err(StoreError::Failed)));
        assert_eq!(counties(&store), []);
        store.write(put).unwrap();
        assert_eq!(counties(&store).len(), 1);
    });
}

#[test]
fn a_reader_cannot_write_and_sees_one_moment() {
    on_both("one_moment", |books| {
        let store = books.open();
        let wrote = store.read(|tx| tx.put_county(COUNTY, "岚川县", true));
        assert!(matches!(wrote, Err(StoreError::Engine(_))), "{wrote:?}");
        store
            .read(|tx| -> Result<(), StoreError> {
                assert_eq!(tx.counties()?, []);
                store.write(|tx| tx.put_county(COUNTY, "岚川县", true))?;
                assert_eq!(tx.counties()?, []);
                Ok(())
            })
            .unwrap();
        assert_eq!(counties(&store).len(), 1);
    });
}

#[test]
fn both_engines_order_and_answer_alike() {
    on_both("alike", |books| {
        let store = books.open();
        let names = ["张", "Zhang", "zhang", "", "阿", "a", "É", "_", "1", "😀"];
        store
            .write(|tx| {
                tx.bulk(
                    "header_word",
                    ["county", "kind", "header", "field", "at", "actor"],
                    names.map(|n| {
                        [COUNTY.into(), "x".into(), n.into(), "f".into(), "".into(), "".into()]
                    }),
                )
            })
            .unwrap();
        let sorted = store
            .read(|tx| {
                tx.query(
                    "select header from header_word where county = $2 and kind = $1 order by header",
                    &["x".into(), COUNTY.into()],
                    |r| r.get::<String>(0),
                )
            })
            .unwrap();
        let mut want = names.map(String::from).to_vec();
        want.sort();
        assert_eq!(sorted, want);
        let odd = store
            .read(|tx| {
                tx.query_one(
                    "select cast($1 as bigint), cast($2 as double precision), cast($3 as text),
                            cast($4 as bytea), cast($5 as text), 1 < 2, $1 + 0",
                    &[
                        V::from(u64::MAX - 1),
                        2.5.into(),
                        "引'号".into(),
                        vec![0_u8, 255].into(),
                        V::Null,
                    ],
                    |r| {
                        assert!(r.get::<&str>(0).is_err() && r.get::<i64>(4).is_err());
                        Ok((
                            (r.get::<u64>(0)?, r.get::<f64>(1)?, r.get::<String>(2)?),
                            (r.get::<Option<i64>>(4)?, r.get::<bool>(5)?, r.get::<i64>(6)?),
                        ))
                    },
                )
            })
            .unwrap();
        let want = ((u64::MAX - 1, 2.5, "引'号".to_owned()), (None, true, -2));
        assert_eq!(odd, Some(want));
    });
}

#[test]
fn an_id_stands_beside_a_small_number_on_both_engines() {
    on_both("an_id_beside_a_number", |books| {
        let store = books.open();
        store.write(|tx| tx.put_county(COUNTY, "岚川县", true)).unwrap();
        let sql =
            "select county from county where county = $1 and ($2 = 0 or county < $2) limit $3";
        for id in [0, 7_000_000, u64::MAX >> 1] {
            let args = [COUNTY.into(), id.into(), 1_i64.into()];
            let found = store.read(|tx| tx.query(sql, &args, |r| r.get::<i64>(0))).unwrap();
            assert_eq!(found, [i64::from(COUNTY)], "{id}");
        }
        // Asked first without the id, another statement would be inferred narrow, and kept.
        let sql =
            "select county from county where county = $1 and ($2 = 0 or $2 is null or $2 > 7)";
        for id in [None, Some(u64::MAX >> 1), None, Some(0)] {
            let args = [COUNTY.into(), id.into()];
            let found = store.read(|tx| tx.query(sql, &args, |r| r.get::<i64>(0))).unwrap();
            assert_eq!(found, [i64::from(COUNTY)], "{id:?}");
        }
    });
}

/// Large writes make the plain indexes anew; none may be lost on the way, nor by a write that fails.
#[test]
fn indexes_outlive_large_writes() {
    on_both("indexes", |books| {
        let store = books.open();
        with_payments(&store, 1);
        let indexes = || {
            let sql = if books.server.is_some() {
                "select indexname from pg_indexes where schemaname = current_schema()
                    and indexname not like '%_pkey' and indexname not like '%_key' order by 1"
            } else {
                "select name from sqlite_master where type = 'index' and sql is not null order by 1"
            };
            store.read(|tx| tx.query(sql, &[], |r| r.get::<String>(0))).unwrap()
        };
        let before = indexes();
        assert!(before.len() >= 22, "{before:?}");
        let persons: Vec<Person> = (1..=20_001).map(person).collect();
        store.write(|tx| tx.replace_persons(COUNTY, &persons)).unwrap();
        assert_eq!(save(&store, date(2025, 10, 15), 20_002), 1);
        let twice: Vec<Person> = persons.iter().chain(&persons[..1]).cloned().collect();
        let failed = store.write(|tx| tx.replace_persons(COUNTY, &twice));
        assert!(failed.unwrap_err().is_unique_violation());
        assert_eq!(indexes(), before);
        let found = store.read(|tx| tx.persons_of_id(COUNTY, id(3))).unwrap();
        assert_eq!(found.len(), 20, "3, 1003 … 19003");
        assert_eq!(store.verify().unwrap().problems, Vec::<String>::new());
    });
}

#[test]
fn many_writers_and_readers_share_the_books() {
    on_both("many", |books| {
        let store = books.open();
        std::thread::scope(|scope| {
            for worker in 0..12_u32 {
                let store = &store;
                scope.spawn(move || {
                    for n in 0..5 {
                        store
                            .write(|tx| tx.put_county(610_000 + worker * 10 + n, "县", false))
                            .unwrap();
                        counties(store);
                    }
                });
            }
        });
        assert_eq!(counties(&store).len(), 60);
    });
}
