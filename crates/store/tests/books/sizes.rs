//! How long a whole county takes.

use std::time::Instant;

use fujiao_model::SourceRow;
use fujiao_store::{Person, RowLink};
use jiff::civil::date;

use super::{COUNTY, created, file, keys, new_rows, on_both, payment, person, save};

/// Figures for docs: `cargo test --release -p fujiao-store --test books -- --ignored --nocapture sizes_of_a_county`.
#[test]
#[ignore = "takes seconds and prints figures"]
fn sizes_of_a_county() {
    on_both("sizes", |books| {
        let store = books.open();
        let timed = |what: &str, work: &mut dyn FnMut()| {
            let start = Instant::now();
            work();
            eprintln!("{what}: {:.2} s", start.elapsed().as_secs_f64());
        };
        let rows: Vec<SourceRow> = (0..450_000).map(payment).collect();
        let mut new = Vec::new();
        timed("keys and fingerprints of 450 000 rows", &mut || {
            new = new_rows(&keys(), &rows);
        });
        timed("insert 450 000 rows", &mut || {
            store
                .write(|tx| {
                    tx.put_county(COUNTY, "岚川县", true)?;
                    let file_id = tx.add_file(COUNTY, &file(1, created(rows.len())), &[])?;
                    tx.insert_rows(COUNTY, file_id, &new)
                })
                .unwrap();
        });
        timed("read 450 000 rows", &mut || {
            assert_eq!(store.read(|tx| tx.rows(COUNTY)).unwrap().len(), rows.len());
        });
        timed("keys of 450 000 live rows", &mut || {
            store.read(|tx| tx.live_keys(COUNTY)).unwrap();
        });
        let persons: Vec<Person> = (1..=150_000).map(person).collect();
        let links: Vec<RowLink> = (1..=450_000)
            .map(|row_id| RowLink {
                row_id,
                person: Some(row_id * 7_919 % 150_000 + 1),
                household: None,
                school: None,
            })
            .collect();
        for round in ["first", "again"] {
            timed(&format!("150 000 persons, {round}"), &mut || {
                store.write(|tx| tx.replace_persons(COUNTY, &persons)).unwrap();
            });
            timed(&format!("450 000 links, {round}"), &mut || {
                store.write(|tx| tx.replace_links(COUNTY, &links)).unwrap();
            });
            timed(&format!("250 000 duties and deeds, {round}"), &mut || {
                save(&store, date(2025, 10, 15), 250_000);
            });
        }
        timed("read 250 000 duties", &mut || {
            store.read(|tx| tx.duties(COUNTY, 2)).unwrap();
        });
        timed("verify", &mut || {
            assert_eq!(store.verify().unwrap().problems, Vec::<String>::new());
        });
        if books.server.is_none() {
            let size = std::fs::metadata(&books.url).unwrap().len();
            eprintln!("file: {} MB", size / 1_000_000);
        }
    });
}
