//! Decisions about pairs of rows: their history, and those of the first version.

use fujiao_store::{LinkAsk, NewDecision, Store, StoreError, Undone};

use super::{COUNTY, at, on_both, with_payments};

#[test]
fn decisions_keep_their_history() {
    on_both("decisions", |books| {
        let store = books.open();
        with_payments(&store, 3);
        let keys: Vec<[u8; 16]> = store
            .read(|tx| tx.live_keys(COUNTY))
            .unwrap()
            .iter()
            .map(|key| key.natural_key)
            .collect();
        let ask = |left, right, weight| LinkAsk { left, right, weight, why: "{}".into() };
        let asks = [ask(1, 2, 3.5), ask(1, 3, 4.25)];
        let decision = |left: usize, right: usize, same| NewDecision {
            left: keys[left],
            right: keys[right],
            same,
            weight: Some(4.25),
            at: at(5),
            actor: "王老师",
            note: None,
        };
        let fill = |tx: &mut fujiao_store::Tx| {
            tx.replace_asks(COUNTY, &asks)?;
            tx.replace_bands(COUNTY, &[(0.1, 7), (0.5, 2)])
        };
        store.write(fill).unwrap();
        store.write(fill).unwrap();
        let asked = || store.read(|tx| tx.asked_pairs(COUNTY)).unwrap();
        assert_eq!(asked().iter().map(|p| p.ask.right).collect::<Vec<_>>(), [3, 2]);
        assert_eq!((asked()[0].left_key, asked()[0].right_key), (keys[0], keys[2]));
        assert_eq!(store.read(|tx| tx.bands(COUNTY)).unwrap(), [(0.5, 2), (0.1, 7)]);

        // One word stands about a pair, in whatever order its rows are named; the pair waits no longer.
        assert_eq!(store.write(|tx| tx.decide(COUNTY, &decision(2, 0, true))).unwrap(), 1);
        let again = store.write(|tx| tx.decide(COUNTY, &decision(0, 2, false)));
        assert!(matches!(again, Err(StoreError::Unique(_))), "{again:?}");
        assert_eq!(asked().iter().map(|p| p.ask.right).collect::<Vec<_>>(), [2]);
        // Taken back, it is not forgotten, and another may be said.
        let undone = Undone { at: at(9), actor: "李主任".into(), why: Some("看错了".into()) };
        assert!(store.write(|tx| tx.undo_decision(COUNTY, 1, &undone)).unwrap());
        assert!(!store.write(|tx| tx.undo_decision(COUNTY, 1, &undone)).unwrap());
        assert_eq!(asked().len(), 2);
        assert_eq!(store.write(|tx| tx.decide(COUNTY, &decision(0, 2, false))).unwrap(), 2);
        let all = store.read(|tx| tx.decisions(COUNTY)).unwrap();
        let said: Vec<_> = all.iter().map(|d| (d.number, d.same, d.undone.as_ref())).collect();
        assert_eq!(said, [(1, true, Some(&undone)), (2, false, None)]);
        assert_eq!(
            (all[0].actor.as_str(), all[0].at, all[0].weight),
            ("王老师", at(5), Some(4.25))
        );
        assert!(all[0].left < all[0].right);
    });
}

/// Statements that drop the tables which the first version did not have.
fn newer_tables(store: &Store, server: bool) -> String {
    const FIRST: &str = "meta county file sheet source_row row_link finding header_word place school household person \
        link_ask link_decision run rule duty deed summary audit";
    let (sql, before, behind) = if server {
        (
            "select table_name from information_schema.tables where table_schema = current_schema()",
            "",
            " cascade",
        )
    } else {
        ("select name from sqlite_master where type = 'table'", "pragma foreign_keys = off;", "")
    };
    let mut tables = store.read(|tx| tx.query(sql, &[], |r| r.get::<String>(0))).unwrap();
    tables.retain(|table| !FIRST.split_whitespace().any(|first| first == table));
    tables.iter().fold(before.to_owned(), |text, t| format!("{text} drop table {t}{behind};"))
}

/// Books of the first version are brought up to date, and what was decided in them stands.
#[test]
fn decisions_of_the_first_version_stand() {
    on_both("migration", |books| {
        let store = books.open();
        with_payments(&store, 1);
        let schema = store.verify().unwrap().schema;
        let newer = newer_tables(&store, books.server.is_some());
        drop(store);
        let (int, bytes) =
            if books.server.is_some() { ("bigint", "bytea") } else { ("integer", "blob") };
        let key = |n: u8| {
            let digits = format!("{n:02x}").repeat(16);
            if books.server.is_some() { format!("'\\x{digits}'") } else { format!("x'{digits}'") }
        };
        let line = |left: u8, right: u8, same: u8, at: &str| {
            format!("(619901, {}, {}, {same}, '{at}', '王老师', null)", key(left), key(right))
        };
        books.tamper(&format!(
            "{newer}
             drop index source_row_superseded; drop index source_row_kind; drop index person_cared;
             drop table link_decision;
             alter table link_ask drop column why;
             create table link_decision (county {int} not null, left_key {bytes} not null,
                 right_key {bytes} not null, same {int} not null, at text not null, actor text not null,
                 note text, primary key (county, left_key, right_key));
             insert into link_decision values {}, {};
             update meta set value = '1' where name = 'schema'",
            line(1, 2, 1, "2025-10-02T00:00:00Z"),
            line(1, 3, 0, "2025-10-01T00:00:00Z"),
        ));
        let store = books.open();
        let said: Vec<_> = store
            .read(|tx| tx.decisions(COUNTY))
            .unwrap()
            .into_iter()
            .map(|d| (d.number, d.left[0], d.right[0], d.same, d.undone))
            .collect();
        assert_eq!(said, [(1, 1, 3, false, None), (2, 1, 2, true, None)]);
        let found = store.verify().unwrap();
        assert!(found.problems.is_empty() && found.schema == schema, "{found:?}");
    });
}
