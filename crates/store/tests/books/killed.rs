//! A program killed while it writes.

use std::process::Command;
use std::time::Duration;

use fujiao_model::SourceRow;
use fujiao_store::{Event, Store, StoreError};

use super::{COUNTY, at, created, file, keys, new_rows, on_both, payment, with_payments};

/// Not a test of its own: the child of the test below, which is killed while it writes.
#[test]
fn child_that_writes_until_it_is_killed() {
    let Some(url) = std::env::var_os("FUJIAO_TEST_CHILD") else { return };
    let store = Store::open(url.to_str().unwrap(), keys()).unwrap();
    let rows: Vec<SourceRow> = (1_000..61_000).map(payment).collect();
    for n in 2..=u8::MAX {
        let result: Result<(), StoreError> = store.write(|tx| {
            let file_id = tx.add_file(COUNTY, &file(n, created(rows.len())), &[])?;
            let mut new = new_rows(tx.keys(), &rows);
            for row in &mut new {
                row.natural_key[15] ^= n;
            }
            tx.insert_rows(COUNTY, file_id, &new)?;
            tx.audit(&Event {
                county: COUNTY,
                at: at(i64::from(n)),
                actor: "fujiao",
                action: "import",
                object: "file",
                detail: "",
            })
        });
        result.unwrap();
    }
}

#[test]
fn killed_in_the_middle_of_a_write_the_books_open_and_verify() {
    on_both("killed", |books| {
        let rows = with_payments(&books.open(), 100);
        // Instants from "hardly begun" to "several files in".
        let mut most = 1;
        for wait_ms in [30, 90, 200, 400, 900, 4_000, 20_000] {
            let mut child = Command::new(std::env::current_exe().unwrap())
                .args(["--exact", "killed::child_that_writes_until_it_is_killed"])
                .env("FUJIAO_TEST_CHILD", &books.url)
                .stdout(std::process::Stdio::null())
                .stderr(std::process::Stdio::null())
                .spawn()
                .unwrap();
            std::thread::sleep(Duration::from_millis(wait_ms));
            child.kill().unwrap();
            child.wait().unwrap();
            let store = books.open();
            let report = store.verify().unwrap();
            assert_eq!(report.problems, Vec::<String>::new(), "killed after {wait_ms} ms");
            let count = |table| report.tables.iter().find(|(t, _)| *t == table).unwrap().1;
            // A file is there with all its rows and its audit line, or not at all.
            let files = count("file");
            assert_eq!(count("source_row"), 100 + (files - 1) * 60_000);
            assert_eq!(report.audit_lines, files);
            // And the books can go on.
            store.write(|tx| tx.put_county(COUNTY, "岚川县", true)).unwrap();
            most = most.max(files);
            if files > 4 || (files > 1 && wait_ms >= 900) {
                break;
            }
        }
        assert!(most > 1, "the child wrote nothing");
        let first = books.open().read(|tx| tx.rows_between(COUNTY, 1, 100)).unwrap();
        assert!(first.iter().zip(&rows).all(|(stored, row)| stored.row == *row));
    });
}
