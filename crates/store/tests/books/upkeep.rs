//! Backups, books poured from one engine into another, and who serves them.

use std::path::Path;

use fujiao_store::{
    BackupOrder, Keys, NewUpkeep, SCRATCH_BEGINS, Store, StoreError, UpkeepKind, settings_under,
    unpack,
};
use proptest::prelude::*;

use super::{Books, COUNTY, at, counties, keys, on_both, save, with_payments};

fn full(store: &Store) {
    with_payments(store, 400);
    save(store, jiff::civil::date(2025, 10, 15), 8);
    store
        .write(|tx| {
            tx.note_upkeep(&NewUpkeep {
                at: at(9),
                kind: UpkeepKind::Error,
                ok: false,
                seconds: 0.25,
                bytes: 3,
                place: "本机:8080",
                detail: "“试”\n一下",
            })
        })
        .unwrap();
}

fn order() -> BackupOrder {
    BackupOrder { taken_at: Some(at(5)), ..BackupOrder::default() }
}

#[test]
fn a_backup_is_the_whole_books_and_reads_back_with_its_key_alone() {
    on_both("backup", |books| {
        let store = books.open();
        full(&store);
        let folder = books.folder.path();
        std::fs::write(folder.join("cases.toml"), "a = 1").unwrap();
        let to = folder.join("one.tar.zst.age");
        std::fs::create_dir_all(folder.join("policies/own")).unwrap();
        std::fs::write(folder.join("policies/own/school.toml"), "b = 2").unwrap();
        std::fs::write(folder.join("policies/notes.txt"), "no rules").unwrap();
        let beside = ["cases.toml", "policies", "none.toml"].map(|name| folder.join(name)).to_vec();
        let order = BackupOrder { beside, ..order() };
        let made = store.back_up(&to, &order).unwrap();
        assert_eq!(made.inventory, store.inventory().unwrap());
        assert_eq!(made.counties, [(COUNTY, "岚川县".to_owned())]);
        assert!(matches!(store.back_up(&to, &order), Err(StoreError::Backup { .. })), "not twice");
        for entry in std::fs::read_dir(folder).unwrap() {
            let name = entry.unwrap().file_name().into_string().unwrap();
            assert!(!name.starts_with(SCRATCH_BEGINS) && !name.contains(".part"), "{name} is left");
        }
        let bytes = std::fs::read(&to).unwrap();
        let open = "岚川县".as_bytes();
        assert!(!bytes.windows(open.len()).any(|w| w == open), "a name lies open");

        let back = tempfile::tempdir().unwrap();
        let read = unpack(&to, &keys(), back.path()).unwrap();
        assert_eq!(read, made);
        read.check(back.path(), &keys(), &to).unwrap();
        assert_eq!(std::fs::read_to_string(back.path().join("cases.toml")).unwrap(), "a = 1");
        assert_eq!(
            settings_under(back.path()).unwrap(),
            ["cases.toml", "policies/own/school.toml"].map(std::path::PathBuf::from)
        );
        let path = back.path().join("county.db");
        let copy = Store::open(path.to_str().unwrap(), keys()).unwrap();
        assert_eq!(copy.fingerprints().unwrap(), store.fingerprints().unwrap());
        assert_eq!(copy.verify().unwrap().problems, Vec::<String>::new());

        let other = tempfile::tempdir().unwrap();
        let refused = unpack(&to, &Keys::from_master([1; 32]), other.path()).unwrap_err();
        assert!(refused.to_string().contains("不是用这把密钥"), "{refused}");
        assert!(!other.path().join("county.db").exists());
    });
}

/// Who else may open it: with age and zstd and tar, and without us.
#[test]
fn a_backup_is_encrypted_for_others_too() {
    let books = Books::file();
    let store = books.open();
    with_payments(&store, 3);
    let other = Keys::from_master([9; 32]);
    let to = books.folder.path().join("a.age");
    let order = BackupOrder { also_for: vec![other.backup_recipient()], ..order() };
    store.back_up(&to, &order).unwrap();
    let back = tempfile::tempdir().unwrap();
    unpack(&to, &other, back.path()).unwrap();
    let wrong = BackupOrder { also_for: vec!["age1x".into()], ..BackupOrder::default() };
    let refused = store.back_up(&books.folder.path().join("b.age"), &wrong).unwrap_err();
    assert!(refused.to_string().contains("age1x"), "{refused}");
    assert!(keys().backup_identity_text().starts_with("AGE-SECRET-KEY-1"));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    /// A backup that was cut off, or in which a byte was changed, is refused, wherever that is.
    #[test]
    fn a_damaged_backup_is_refused(at in any::<prop::sample::Index>(), by in 1..=255_u8, cut in any::<bool>()) {
        use std::sync::LazyLock;
        static WHOLE: LazyLock<Vec<u8>> = LazyLock::new(|| {
            let books = Books::file();
            let store = books.open();
            with_payments(&store, 50);
            let to = books.folder.path().join("a.age");
            store.back_up(&to, &BackupOrder::default()).unwrap();
            std::fs::read(to).unwrap()
        });
        let mut bytes = WHOLE.clone();
        let place = at.index(bytes.len());
        if cut {
            bytes.truncate(place);
        } else {
            bytes[place] ^= by;
        }
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("a.age");
        std::fs::write(&file, bytes).unwrap();
        let into = tempfile::tempdir().unwrap();
        let read = unpack(&file, &keys(), into.path());
        prop_assert!(matches!(read, Err(StoreError::Backup { .. })), "{:?}", read);
    }
}

#[test]
fn books_with_a_damaged_page_make_no_backup() {
    let books = Books::file();
    {
        let store = books.open();
        with_payments(&store, 3_000);
    }
    let mut bytes = std::fs::read(&books.url).unwrap();
    let middle = bytes.len() / 8192 / 2 * 8192;
    bytes[middle..middle + 8192].fill(0x5a);
    std::fs::write(&books.url, bytes).unwrap();
    let to = books.folder.path().join("a.age");
    // Where the page is one that opening reads, the books do not even open.
    let refused = Store::open(&books.url, keys()).and_then(|store| store.back_up(&to, &order()));
    assert!(matches!(refused, Err(StoreError::Corrupt { .. })), "{refused:?}");
    assert!(!to.exists());
}

#[test]
fn books_are_poured_from_engine_to_engine_line_by_line() {
    let first = Books::file();
    let store = first.open();
    full(&store);
    let mut prints = vec![store.fingerprints().unwrap()];
    let mut before = store;
    let others = [Books::server("poured"), Some(Books::file())];
    for books in others.iter().flatten() {
        let to = books.open();
        let counted = before.pour_into(&to, &|_, _, _| {}).unwrap();
        assert_eq!(counted, to.inventory().unwrap());
        assert_eq!(to.verify().unwrap().problems, Vec::<String>::new());
        prints.push(to.fingerprints().unwrap());
        let again = before.pour_into(&to, &|_, _, _| {});
        assert!(matches!(again, Err(StoreError::NotEmpty { .. })));
        // And the books go on where they are now.
        before = to;
    }
    assert!(prints.len() > 1 && prints.iter().all(|p| *p == prints[0]));
    before.write(|tx| tx.put_county(COUNTY, "岚川县", true)).unwrap();
    assert_ne!(before.size().unwrap(), 0);
}

#[test]
fn who_serves_is_known_and_who_went_without_goodbye() {
    on_both("servers", |books| {
        let store = books.open();
        let begin = |n| store.write(|tx| tx.begin_serving("甲:8080", "1", at(n))).unwrap();
        assert_eq!(begin(0), None);
        store.write(|tx| tx.still_serving("甲:8080", at(7), false)).unwrap();
        let cut = begin(10).unwrap();
        assert_eq!((cut.seen_at, cut.stopped_at), (at(7), None));
        store.write(|tx| tx.still_serving("甲:8080", at(12), true)).unwrap();
        assert_eq!(begin(20).unwrap().stopped_at, Some(at(12)));
        let servers = store.read(|tx| -> Result<_, StoreError> { tx.servers() }).unwrap();
        assert_eq!(servers.len(), 1);
    });
}

/// What a program that is gone left unencrypted is swept away; what one that lives needs stays.
#[test]
fn what_was_cut_off_is_swept_away() {
    let folder = tempfile::tempdir().unwrap();
    let gone = folder.path().join(format!("{SCRATCH_BEGINS}4294967295-0a"));
    let ours = folder.path().join(format!("{}0b", fujiao_store::scratch_begins()));
    let other = folder.path().join("backups");
    for path in [&gone, &ours, &other] {
        std::fs::create_dir(path).unwrap();
        std::fs::write(path.join("county.db"), "names").unwrap();
    }
    fujiao_store::remove_scratch(folder.path());
    if Path::new("/proc/self").exists() {
        assert!(!gone.exists());
    }
    assert!(ours.exists() && other.exists());
}

/// A thousand errors leave the last five hundred, and no other kind is forgotten for them.
#[test]
fn old_notes_are_forgotten_kind_by_kind() {
    let books = Books::file();
    let store = books.open();
    store
        .write(|tx| {
            for n in 0..700 {
                for kind in [UpkeepKind::Error, UpkeepKind::Backup] {
                    if kind == UpkeepKind::Error || n == 0 {
                        tx.note_upkeep(&NewUpkeep {
                            at: at(n),
                            kind,
                            ok: true,
                            seconds: 1.0,
                            bytes: 0,
                            place: "",
                            detail: "",
                        })?;
                    }
                }
            }
            Ok::<_, StoreError>(())
        })
        .unwrap();
    let lines = store.read(|tx| tx.upkeep(&[UpkeepKind::Error], 1_000)).unwrap();
    assert_eq!((lines.len(), lines[0].at), (500, at(699)));
    assert_eq!(store.read(|tx| tx.upkeep(&UpkeepKind::ALL, 1_000)).unwrap().len(), 501);
    assert_eq!(counties(&store).len(), 0);
}

/// A connection that the server cut while it lay idle is replaced without anybody noticing; one that is cut amid a use case
/// takes the use case back.
#[test]
fn a_cut_connection_takes_back_what_was_begun_and_the_next_goes_on() {
    let Some(books) = Books::server("cut") else { return };
    let store = books.open();
    with_payments(&store, 5);
    let kill = |pid: i64| books.tamper(&format!("select pg_terminate_backend({pid})"));
    let pid = |tx: &mut fujiao_store::Tx| {
        Ok::<_, StoreError>(
            tx.query_one("select cast(pg_backend_pid() as bigint)", &[], |r| r.get::<i64>(0))?
                .unwrap(),
        )
    };
    let idle = store.write(pid).unwrap();
    kill(idle);
    store.write(|tx| tx.put_county(COUNTY, "甲县", true)).unwrap();
    let amid = store.write(|tx| {
        tx.put_county(COUNTY, "乙县", true)?;
        let pid = pid(tx)?;
        kill(pid);
        tx.put_county(COUNTY, "丙县", true)
    });
    assert!(amid.is_err());
    assert_eq!(counties(&store)[0].name, "甲县");
    store.write(|tx| tx.put_county(COUNTY, "丁县", true)).unwrap();
    assert_eq!(counties(&store)[0].name, "丁县");
    assert_eq!(store.verify().unwrap().problems, Vec::<String>::new());
}
