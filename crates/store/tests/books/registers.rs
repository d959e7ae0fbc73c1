//! Registers of persons, households, schools and places, and where an old id leads.

use fujiao_model::{HouseholdKind, RosterKind, Stage};
use fujiao_store::{
    Household, Person, PersonEvent, PersonEventKind, Place, RowLink, School, StoreError,
};
use jiff::civil::date;

use super::{COUNTY, at, id, on_both, person, village, with_payments};

fn person_without_facts(id: u64) -> Person {
    Person {
        id,
        name: "李".into(),
        citizen_id: None,
        phones: vec![],
        accounts: vec![],
        sex: None,
        born_on: None,
        ethnicity: None,
        town: None,
        village: None,
        household: None,
        relation: None,
        guardian: None,
        school: None,
        stage: None,
        grade: None,
        class: None,
        boarding: None,
        residence: None,
        flags: vec![],
        rows: 1,
    }
}

#[test]
fn registers_read_back() {
    on_both("registers", |books| {
        let store = books.open();
        with_payments(&store, 3);
        let persons = [person(3), person_without_facts(7)];
        let school = School {
            id: 5,
            code: Some("2161000123".into()),
            name: "岚川县云台镇中心小学".into(),
            aliases: vec!["云台小学".into()],
            kind: Some("完全小学".into()),
            stages: vec![Stage::Preschool, Stage::Primary],
            parent: None,
            town: Some(village().town()),
            village: None,
            rural: Some(true),
            point: Some((109.25, 33.5)),
            closed_on: Some(date(2025, 7, 1)),
            row_id: Some(2),
        };
        let household = Household {
            id: u64::MAX,
            number: Some("6199010001".into()),
            head: Some(3),
            head_name: Some("张大".into()),
            kind: HouseholdKind::UnstableLifted,
            monitored: true,
            town: None,
            village: Some(village()),
            size: 4,
            relocation_site: None,
            row_id: None,
        };
        let place = Place {
            code: village(),
            name: "上坪村".into(),
            point: Some((109.5, 33.25)),
            made: true,
        };
        let link = |row_id, person| RowLink { row_id, person, household: None, school: Some(5) };
        let links = [link(1, Some(3)), link(3, Some(3))];
        let fill = |tx: &mut fujiao_store::Tx| {
            tx.replace_places(COUNTY, std::slice::from_ref(&place))?;
            tx.replace_schools(COUNTY, std::slice::from_ref(&school))?;
            tx.replace_households(COUNTY, std::slice::from_ref(&household))?;
            tx.replace_persons(COUNTY, &persons)?;
            tx.replace_links(COUNTY, &links)
        };
        store.write(fill).unwrap();
        store.write(fill).unwrap();
        store
            .read(|tx| -> Result<(), StoreError> {
                assert_eq!(tx.places(COUNTY)?, std::slice::from_ref(&place));
                assert_eq!(tx.schools(COUNTY)?, std::slice::from_ref(&school));
                assert_eq!(tx.households(COUNTY)?, std::slice::from_ref(&household));
                assert_eq!(tx.persons(COUNTY)?, persons);
                assert_eq!(tx.person(COUNTY, 7)?.as_ref(), Some(&persons[1]));
                assert_eq!(tx.person(COUNTY, 8)?, None);
                assert_eq!(tx.persons_of_id(COUNTY, id(3))?, [3]);
                assert_eq!(tx.persons_of_id(COUNTY, id(5))?, [0; 0]);
                assert_eq!(tx.links(COUNTY)?, links);
                let rows = tx.rows_of_person(COUNTY, 3)?;
                assert_eq!(rows.iter().map(|r| r.row_id).collect::<Vec<_>>(), [1, 3]);
                // Of some persons and of many: by their rows, and by the rows of the kind.
                let some = tx.rows_of_persons(COUNTY, RosterKind::AidPayments, &[3, 7])?;
                assert_eq!(
                    some.iter().map(|(p, r)| (*p, r.row_id)).collect::<Vec<_>>(),
                    [(3, 1), (3, 3)]
                );
                let many: Vec<u64> = (1..=2_000).collect();
                assert_eq!(tx.rows_of_persons(COUNTY, RosterKind::AidPayments, &many)?, some);
                assert_eq!(tx.rows_of_persons(COUNTY, RosterKind::Marks, &many)?, []);
                let of_kind = tx.rows_of_kind(COUNTY, RosterKind::AidPayments, None)?;
                assert_eq!(
                    of_kind.iter().map(|r| (r.row_id, r.person)).collect::<Vec<_>>(),
                    [(1, Some(3)), (2, None), (3, Some(3))]
                );
                Ok(())
            })
            .unwrap();
        // A link to a row that is not there is refused, and the old links stay.
        let dangling = store.write(|tx| tx.replace_links(COUNTY, &[link(99, Some(3))]));
        assert!(matches!(dangling, Err(StoreError::ForeignKey(_))), "{dangling:?}");
        assert_eq!(store.read(|tx| tx.links(COUNTY)).unwrap(), links);
    });
}

#[test]
fn an_old_id_leads_to_the_present_person() {
    on_both("events", |books| {
        let store = books.open();
        with_payments(&store, 2);
        let merged = |person, other| PersonEvent {
            kind: PersonEventKind::Merged,
            person: Some(person),
            other: Some(other),
            count: 2,
            rows: vec![1, 2],
        };
        let new = PersonEvent {
            kind: PersonEventKind::New,
            person: None,
            other: None,
            count: 4,
            rows: vec![],
        };
        store
            .write(|tx| -> Result<(), StoreError> {
                tx.replace_persons(COUNTY, &[person_without_facts(9)])?;
                tx.add_person_events(COUNTY, at(1), &[merged(5, 3), new.clone()])?;
                // Two that stand for one another lead nowhere, and do not hang.
                tx.add_person_events(COUNTY, at(2), &[merged(9, 5), merged(7, 8), merged(8, 7)])
            })
            .unwrap();
        store
            .read(|tx| -> Result<(), StoreError> {
                for (old, now) in [(9, Some(9)), (5, Some(9)), (3, Some(9)), (7, None), (4, None)] {
                    assert_eq!(tx.current_person(COUNTY, old)?, now, "{old}");
                }
                let events = tx.person_events(COUNTY)?;
                assert_eq!(events[..2], [(at(1), merged(5, 3)), (at(1), new.clone())]);
                assert_eq!(events.len(), 5);
                Ok(())
            })
            .unwrap();
    });
}
