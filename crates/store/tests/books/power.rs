//! Loss of power at every write. What reaches a disk before it goes dark is a prefix of what was synced, and of what was not,
//! anything: here every state that SQLite's log allows is laid on a disk of its own and opened.

use std::path::Path;

use fujiao_store::{Event, Keys, Store, StoreError};

use super::{Books, COUNTY, at, keys, with_payments};

/// Bytes of a page, of a frame's header, and of the log's.
const PAGE: usize = 8192;
const FRAME: usize = 24 + PAGE;
const HEAD: usize = 32;

/// A small source of chance, so that each trial can be done again.
struct Chance(u64);

impl Chance {
    fn below(&mut self, n: usize) -> usize {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % n
    }
}

fn log_of(url: &str) -> Vec<u8> {
    std::fs::read(format!("{url}-wal")).unwrap_or_default()
}

/// Writes a few things; after each, how long the log was when it was confirmed.
fn write_some(store: &Store, url: &str, from: i64, many: i64) -> Vec<usize> {
    (from..from + many)
        .map(|n| {
            store
                .write(|tx| {
                    for county in 0..n % 5 * 9 {
                        let code = 610_000 + u32::try_from(county).unwrap();
                        tx.put_county(code, &format!("第{n}次"), true)?;
                    }
                    tx.audit(&Event {
                        county: COUNTY,
                        at: at(n),
                        actor: "fujiao",
                        action: "try",
                        object: "power",
                        detail: "",
                    })
                })
                .unwrap();
            log_of(url).len()
        })
        .collect()
}

/// Opens what a disk holds; how many lines of the audit there are. Whatever is wrong fails the test.
fn opened(folder: &Path, books: &[u8], log: &[u8], what: &str) -> u64 {
    let url = folder.join("county.db");
    for end in ["-wal", "-shm"] {
        let _ = std::fs::remove_file(format!("{}{end}", url.display()));
    }
    std::fs::write(&url, books).unwrap();
    std::fs::write(format!("{}-wal", url.display()), log).unwrap();
    let store = Store::open_as_it_stands(url.to_str().unwrap(), keys()).unwrap();
    let found = store.inventory().unwrap_or_else(|e| panic!("{what}: {e}"));
    found.audit_lines
}

#[test]
fn power_is_lost_at_every_write_and_nothing_confirmed_is() {
    let books = Books::file();
    with_payments(&books.open(), 20);
    let store = books.open();
    let before = store.inventory().unwrap().audit_lines;
    let bytes = std::fs::read(&books.url).unwrap();
    let confirmed = write_some(&store, &books.url, 0, 12);
    let log = log_of(&books.url);
    assert_eq!(std::fs::read(&books.url).unwrap(), bytes, "the log was not put in its place yet");
    let frames = (log.len() - HEAD) / FRAME;
    assert!(frames > 30, "{frames}");
    let disk = tempfile::tempdir().unwrap();
    let mut chance = Chance(7);
    let there = |length: usize| before + confirmed.iter().filter(|l| **l <= length).count() as u64;
    for frame in 0..=frames {
        let cut = HEAD + frame * FRAME;
        let what = format!("cut before frame {frame}");
        // The disk goes dark at the border of a frame, or within one.
        assert_eq!(opened(disk.path(), &bytes, &log[..cut], &what), there(cut), "{what}");
        let within = (cut + 1 + chance.below(FRAME)).min(log.len());
        assert_eq!(opened(disk.path(), &bytes, &log[..within], &what), there(within), "{what}");
        if frame < frames {
            // What was not synced is there in part: one frame is missing, or half of it is, and later ones are there.
            let mut torn = log.clone();
            let (from, to) = (cut + chance.below(FRAME / 2), cut + FRAME);
            torn[from..to].fill(0);
            assert_eq!(opened(disk.path(), &bytes, &torn, &what), there(cut), "{what}, torn");
        }
    }
    drop(store);
}

#[test]
fn power_is_lost_while_the_log_is_put_in_its_place() {
    let books = Books::file();
    with_payments(&books.open(), 20);
    let store = books.open();
    let before = std::fs::read(&books.url).unwrap();
    write_some(&store, &books.url, 0, 12);
    let all = store.inventory().unwrap().audit_lines;
    let log = log_of(&books.url);
    let other = rusqlite::Connection::open(&books.url).unwrap();
    // Puts the log in its place and begins it anew, over the old one.
    other.query_row("pragma wal_checkpoint(restart)", [], |r| r.get::<_, i64>(0)).unwrap();
    let after = std::fs::read(&books.url).unwrap();
    assert_ne!(before, after);
    let disk = tempfile::tempdir().unwrap();
    let mut chance = Chance(11);
    for trial in 0..60 {
        // Pages reach their places in any order, whole or in part: the log still holds all of them.
        let mut mixed = before.clone();
        mixed.resize(after.len().max(before.len()), 0);
        for page in 0..after.len() / PAGE {
            let at = page * PAGE;
            let part = [0, PAGE, chance.below(PAGE)][chance.below(3)];
            mixed[at..at + part].copy_from_slice(&after[at..at + part]);
        }
        let what = format!("pages in part, trial {trial}");
        assert_eq!(opened(disk.path(), &mixed, &log, &what), all, "{what}");
    }
    // The log begins anew while the end of the old one still lies behind it.
    let confirmed = write_some(&store, &books.url, 20, 6);
    let new = log_of(&books.url);
    assert_eq!(std::fs::read(&books.url).unwrap(), after);
    let last = *confirmed.last().unwrap();
    assert!(last <= new.len());
    let frames_of = |n: u64| n - all;
    let mut seen = all;
    for frame in 0..=(new.len().min(log.len()) - HEAD) / FRAME {
        let cut = HEAD + frame * FRAME;
        let mut mixed = new[..cut].to_vec();
        mixed.extend(&log[cut.min(log.len())..]);
        let what = format!("a new log, cut before frame {frame}");
        let found = opened(disk.path(), &after, &mixed, &what);
        assert!(found >= seen, "{what}: what was confirmed earlier is gone");
        seen = found;
    }
    assert_eq!(frames_of(seen), 6, "all that was confirmed is there in the end");
    drop((store, other));
}

/// A page that is not what was written: the books say so, when they are opened or when they are checked.
#[test]
fn a_damaged_page_is_found() {
    let books = Books::file();
    with_payments(&books.open(), 60);
    let bytes = std::fs::read(&books.url).unwrap();
    let free: i64 = rusqlite::Connection::open(&books.url)
        .unwrap()
        .query_row("pragma freelist_count", [], |r| r.get(0))
        .unwrap();
    assert_eq!(free, 0);
    let found = |bytes: &[u8]| -> Result<Vec<String>, StoreError> {
        let disk = tempfile::tempdir().unwrap();
        let url = disk.path().join("county.db");
        std::fs::write(&url, bytes).unwrap();
        let keys: Keys = keys();
        Ok(Store::open_as_it_stands(url.to_str().unwrap(), keys)?.verify()?.problems)
    };
    assert_eq!(found(&bytes).unwrap(), Vec::<String>::new());
    let mut chance = Chance(3);
    for page in (0..bytes.len() / PAGE).step_by(3) {
        let mut damaged = bytes.clone();
        for byte in &mut damaged[page * PAGE..(page + 1) * PAGE] {
            *byte = u8::try_from(chance.below(256)).unwrap();
        }
        let problems = found(&damaged);
        assert!(problems.is_err() || !problems.unwrap().is_empty(), "page {page} passes for whole");
    }
}
