//! Pairs and care over the made county: from rosters to runs, from runs to duties; care that only those on the case can read.

use std::collections::BTreeMap;

use fujiao_model::{ContactHow, Subject};
use fujiao_office::OfficeError;
use fujiao_office::access::{Actor, Ground, Role};
use fujiao_office::care::{CareError, CareSaid, NewCare};
use fujiao_office::cases::{CaseError, HowFound};
use fujiao_office::desk::{CareFilter, CareGroup, CareShow, MentorTab, PairFilter};
use fujiao_office::entries::{EntryKey, NewEntry, Visit, What};
use fujiao_office::messages::{MessageError, MessageForm};
use fujiao_office::pairing::{Keeping, PairError};

use super::{County, DAY, actor, bureau, now};

fn sign_all(county: &County) -> Vec<u64> {
    let seat = county.office.desk().seat(&bureau());
    let all = seat.mentors(MentorTab::Unsigned, "", None, true).unwrap().lines;
    let numbers: Vec<u64> = all.iter().map(|l| l.mentor.number).collect();
    county.office.sign_mentors(&bureau(), &numbers, DAY).unwrap();
    numbers
}

fn live(county: &County) -> BTreeMap<u64, u64> {
    let pairs = county.store.read(|tx| tx.live_pairs(county.code)).unwrap();
    pairs.into_iter().map(|p| (p.person, p.mentor)).collect()
}

fn fault(error: OfficeError) -> PairError {
    match error {
        OfficeError::Pair(fault) => fault,
        other => panic!("{other}"),
    }
}

/// The county with a run accepted.
fn paired() -> (County, u64) {
    let county = County::new();
    county.office.pair_refresh(&bureau()).unwrap();
    sign_all(&county);
    let run = county.office.pair_run(&bureau(), Keeping::Weighed, "秋季学期结对").unwrap();
    county.office.pair_accept(&bureau(), run).unwrap();
    (county, run)
}

#[test]
fn pairs_come_from_rosters_are_proven_and_become_duties() {
    let mut county = County::new();
    let office = &county.office;
    let found = office.pair_refresh(&bureau()).unwrap();
    assert!(found.added > 20 && found.paired > 20, "{found:?}");
    let again = office.pair_refresh(&bureau()).unwrap();
    assert_eq!((again.added, again.paired, again.ended), (0, 0, 0), "asked again, nothing is new");
    // Nobody is paired who has not signed.
    let unsigned = office.pair_run(&bureau(), Keeping::Weighed, "试试").unwrap_err();
    assert_eq!(fault(unsigned), PairError::NobodySigned);
    let tomorrow = DAY.tomorrow().unwrap();
    let late = office.sign_mentors(&bureau(), &[1], tomorrow).unwrap_err();
    assert_eq!(fault(late), PairError::Tomorrow(tomorrow));
    sign_all(&county);
    let town = actor(7, "li", Role::Town, Ground::County);
    assert!(matches!(
        county.office.pair_run(&town, Keeping::Weighed, "越权").unwrap_err(),
        OfficeError::NotAllowed(_)
    ));

    let before = live(&county);
    let run = county.office.pair_run(&bureau(), Keeping::Weighed, "秋季学期结对").unwrap();
    assert_eq!(live(&county), before, "nothing changes until it is accepted");
    let lines = county.store.read(|tx| tx.pair_lines(county.code, run)).unwrap();
    let stored = county.store.read(|tx| tx.pair_run(county.code, run)).unwrap().unwrap();
    assert_eq!((stored.verdict.as_str(), stored.state.as_str()), ("ok", "proposed"));
    assert_eq!(lines.len() as u64, stored.pupils);
    assert!(lines.iter().all(|l| l.reasons != "[]"), "a reason for each pair and for each without");
    let accepted = county.office.pair_accept(&bureau(), run).unwrap();
    assert_eq!(accepted.made + accepted.kept, live(&county).len());
    assert_eq!(fault(county.office.pair_accept(&bureau(), run).unwrap_err()), PairError::Decided);

    // At the next assessment each pair is a deed, and contacts are the mentor's to make.
    county.assess(DAY);
    let (gap, without) = county
        .store
        .read(|tx| {
            let one = |tx: &mut fujiao_store::Tx, sql: &str| {
                tx.query_one(sql, &[county.code.into()], |r| r.get::<i64>(0)).map(|n| n.unwrap())
            };
            let gap = one(
                tx,
                "select count(*) from duty d join county c on c.county = d.county and c.live_run = d.run_id
                  where d.county = $1 and d.kind = 'pair.mentor' and d.gap > 0",
            )?;
            let without = one(
                tx,
                "select count(*) from duty d join county c on c.county = d.county and c.live_run = d.run_id
                  where d.county = $1 and d.kind = 'pair.mentor' and not exists
                        (select 1 from pair q where q.county = d.county and q.person_id = d.subject_id and q.to_day is null)",
            )?;
            Ok::<_, fujiao_store::StoreError>((gap, without))
        })
        .unwrap();
    assert_eq!(gap, without, "who has a pair has a mentor, and nobody else");
    let bearers = county
        .store
        .read(|tx| {
            tx.query(
                "select d.bearer, m.name, q.from_day from duty d
                   join county c on c.county = d.county and c.live_run = d.run_id
                   join pair q on q.county = d.county and q.person_id = d.subject_id and q.to_day is null
                   join mentor m on m.county = q.county and m.mentor_no = q.mentor_no
                  where d.county = $1 and d.kind = 'pair.contact' and d.period = '2025-09' and q.from_day <= '2025-09-30'",
                &[county.code.into()],
                |r| Ok((r.get::<String>(0)?, r.get::<String>(1)?)),
            )
        })
        .unwrap();
    assert!(!bearers.is_empty());
    assert!(bearers.iter().all(|(bearer, name)| bearer.starts_with(name.as_str())), "{bearers:?}");
    // Rosters read again change nothing of what was accepted.
    let stands = live(&county);
    county.office.pair_refresh(&bureau()).unwrap();
    assert_eq!(live(&county), stands);
    assert!(county.office.verify().unwrap().faults.is_empty());
}

#[test]
fn who_leaves_takes_their_own_pairs_and_says_whose_else_had_to_change() {
    let (county, _) = paired();
    let before = live(&county);
    let mut load: BTreeMap<u64, usize> = BTreeMap::new();
    for mentor in before.values() {
        *load.entry(*mentor).or_default() += 1;
    }
    let (&mentor, &theirs) = load.iter().max_by_key(|(number, n)| (**n, **number)).unwrap();
    let run = county.office.mentor_leaves(&bureau(), mentor, DAY, "调走").unwrap().unwrap();
    assert_eq!(live(&county), before, "the pairs stand until the run is accepted");
    let lines = county.store.read(|tx| tx.pair_lines(county.code, run)).unwrap();
    let of = |change: &str| lines.iter().filter(|l| l.change == change).count();
    assert_eq!(of("left") + of("lost"), theirs);
    assert!(lines.iter().all(|l| l.mentor != Some(mentor)));
    // Others move only to make room for a child who would have nobody.
    let others: Vec<_> = lines
        .iter()
        .filter(|l| !matches!(l.change.as_str(), "kept" | "left" | "lost" | "none"))
        .collect();
    assert!(others.iter().all(|l| l.change == "must" || l.change == "new"), "{others:?}");
    county.office.pair_accept(&bureau(), run).unwrap();
    let after = live(&county);
    let moved = before.iter().filter(|(p, m)| **m != mentor && after.get(p) != Some(m)).count();
    assert_eq!(moved, of("must"), "what had to change was said");
    let twice = county.office.mentor_leaves(&bureau(), mentor, DAY, "调走").unwrap_err();
    assert!(matches!(fault(twice), PairError::Left(_)));
    // A proposal that others overtook cannot be accepted.
    let old = county.office.pair_run(&bureau(), Keeping::Weighed, "再算").unwrap();
    let newer = county.office.pair_run(&bureau(), Keeping::First, "又算").unwrap();
    assert_eq!(fault(county.office.pair_accept(&bureau(), old).unwrap_err()), PairError::Decided);
    county.office.pair_drop(&bureau(), newer).unwrap();
}

#[test]
fn a_mentor_sees_their_own_pupils_and_a_plan_for_each_month() {
    let (county, _) = paired();
    let stands = live(&county);
    let mentor = *stands.values().next().unwrap();
    let theirs: Vec<u64> =
        stands.iter().filter(|(_, m)| **m == mentor).map(|(person, _)| *person).collect();
    let who = county.account("chen", Role::Mentor, &Ground::Persons(vec![1]));
    county.office.mentor_account(&bureau(), mentor, "chen").unwrap();
    let grants = county.store.read(|tx| tx.grants(county.code, Some(who.user))).unwrap();
    let holds: Vec<_> = grants.iter().filter(|g| g.ended_at.is_none()).collect();
    assert_eq!(holds.len(), 1, "the old ground was taken away");
    let Some(Ground::Persons(ids)) = Ground::parse(&holds[0].ground) else { panic!() };
    assert_eq!(ids.iter().collect::<std::collections::BTreeSet<_>>(), theirs.iter().collect());
    let seat = county.office.desk().seat(&who);
    let page = seat.my_pupils().unwrap().unwrap();
    assert_eq!(page.pupils.len(), theirs.len());
    for pupil in &page.pupils {
        assert_eq!(pupil.plan.months.len(), 5, "from September to January");
        let kinds: std::collections::BTreeSet<_> =
            pupil.plan.months.iter().map(|m| m.kind).collect();
        assert!(kinds.contains(&ContactHow::Home), "a home visit each term");
    }
    // A talk that is written down is what was planned for this month.
    let waiting = page.waiting();
    let child = page.pupils.iter().find(|p| p.plan.next(page.day).is_some()).unwrap().child.person;
    let told = |how: ContactHow, key: u8| NewEntry {
        key: EntryKey([key; 16]),
        supersedes: None,
        on: Some(DAY),
        written_at: now(),
        what: What::Visit(Visit {
            person: child,
            how,
            met: String::new(),
            now: None,
            why: std::collections::BTreeSet::new(),
            text: "带了书包".into(),
            phone: String::new(),
            next_on: None,
        }),
    };
    let own = Actor { grants: vec![], ..who.clone() };
    let grant = fujiao_office::access::Grant {
        role: Role::Mentor,
        ground: Ground::Persons(theirs.clone()),
        from: DAY,
        until: None,
    };
    let own = Actor { grants: vec![grant], ..own };
    county.office.record(&own, vec![told(ContactHow::Goods, 1)]).unwrap();
    assert_eq!(seat.my_pupils().unwrap().unwrap().waiting(), waiting, "goods are no contact");
    county.office.record(&own, vec![told(ContactHow::School, 2)]).unwrap();
    assert_eq!(seat.my_pupils().unwrap().unwrap().waiting(), waiting - 1);
}

#[test]
fn a_child_with_only_goods_is_a_gap_and_both_counts_of_left_behind_stay_apart() {
    let county = County::new();
    let seat = county.office.desk().seat(&bureau());
    let page = seat.care(&CareFilter::default(), true).unwrap();
    let of = |group: CareGroup| page.groups.iter().find(|(g, _)| *g == group).unwrap().1;
    let (civil, school) = (of(CareGroup::LeftBehind), of(CareGroup::LeftBehindPupil));
    assert!(civil.children > 0 && school.children > 0 && civil.children != school.children);
    let each: i64 = page.groups.iter().map(|(_, sum)| sum.children).sum();
    assert!(page.sum.children < each, "a child of two groups counts once in all");
    assert_eq!(page.total, page.sum.children);
    let filter = CareFilter { show: CareShow::Material, ..CareFilter::default() };
    let material = seat.care(&filter, true).unwrap();
    assert_eq!(material.total, page.sum.material);
    assert!(material.lines.iter().all(|l| l.contacts.0 == 0 && l.contacts.1 > 0));
    // What is a gap here is a gap in the settlement.
    for line in material.lines.iter().take(20) {
        let gap = county
            .store
            .read(|tx| {
                tx.query_one(
                    "select max(d.gap) from duty d join county c on c.county = d.county and c.live_run = d.run_id
                      where d.county = $1 and d.subject_id = $2 and d.subject_kind = 'person' and d.area = 'pairing'
                        and d.period = '2025-09'",
                    &[county.code.into(), line.child.person.into()],
                    |r| r.get::<Option<i64>>(0),
                )
            })
            .unwrap()
            .flatten();
        assert!(gap.is_none_or(|gap| gap == 1), "{:?}", line.child);
    }
}

#[test]
fn care_is_read_by_those_on_the_case_and_by_nobody_else() {
    let mut county = County::new();
    let pupil = county
        .store
        .read(|tx| {
            tx.query_one(
                "select person_id, school_id from person where county = $1 and grade in ('J1', 'J2') and class is not null
                  order by person_id limit 1",
                &[county.code.into()],
                |r| Ok((r.get::<u64>(0)?, r.get::<u64>(1)?)),
            )
        })
        .unwrap()
        .unwrap();
    let (person, school) = pupil;
    let worker = county.account("xin", Role::CareWorker, &Ground::School(school));
    let elsewhere = county.account("bie", Role::CareWorker, &Ground::School(school ^ 1));
    let said = |score: u32| NewCare {
        on: DAY,
        said: CareSaid::Screening { instrument: "mht".into(), score, informed: true },
        text: String::new(),
    };
    let care = |who: &Actor, new: &NewCare| county.office.care_step(who, person, new);
    assert!(matches!(care(&bureau(), &said(60)).unwrap_err(), OfficeError::NotAllowed(_)));
    assert!(matches!(
        care(&elsewhere, &said(60)).unwrap_err(),
        OfficeError::Care(CareError::NoChild)
    ));
    assert_eq!(
        care(&worker, &said(91)).unwrap_err().to_string(),
        "心理健康诊断测验（MHT）的总分在 0 到 90 之间"
    );
    assert_eq!(care(&worker, &said(60)).unwrap(), 1);
    let note = NewCare { on: DAY, said: CareSaid::Note, text: "想妈妈了".into() };
    assert_eq!(care(&worker, &note).unwrap(), 2);
    let desk = county.office.desk();
    let page = desk.seat(&worker).care_of(person).unwrap().unwrap();
    assert_eq!((page.state, page.steps.len()), ("asked", 2));
    assert_eq!(page.steps[0].text, "想妈妈了");
    assert!(desk.seat(&elsewhere).care_of(person).unwrap().is_none());
    let files = desk.seat(&worker).care_files().unwrap();
    assert_eq!(files.lines.len(), 1);
    assert!(desk.seat(&elsewhere).care_files().unwrap().lines.is_empty());
    // Nothing of it lies open in the books, in lists or in rosters, and the audit does not say what it was.
    county.assess(DAY);
    let dump = county
        .store
        .read(|tx| {
            let mut all = tx.query("select fields from source_row", &[], |r| r.get::<String>(0))?;
            all.extend(tx.query("select detail from audit", &[], |r| r.get::<String>(0))?);
            Ok::<_, fujiao_store::StoreError>(all)
        })
        .unwrap();
    assert!(dump.iter().all(|text| !text.contains("想妈妈") && !text.contains("mht")));
    let about = county.store.read(|tx| tx.entries_about(county.code, Subject::person(person), DAY));
    assert!(about.unwrap().is_empty());
    assert!(county.office.verify().unwrap().faults.is_empty());
}

#[test]
fn people_open_a_case_for_a_child_and_no_second_one() {
    let mut county = County::new();
    let (person, town) = county
        .store
        .read(|tx| {
            tx.query_one(
                "select p.person_id, p.town from person p where p.county = $1 and p.stage = 'primary' and p.town is not null
                    and not exists (select 1 from watch_case c where c.county = p.county and c.person_id = p.person_id)
                  order by p.person_id limit 1",
                &[county.code.into()],
                |r| Ok((r.get::<u64>(0)?, r.get::<u64>(1)?)),
            )
        })
        .unwrap()
        .unwrap();
    let town = fujiao_model::Division::from_code(town).unwrap();
    let ours = county.account("li", Role::Town, &Ground::Place(town));
    let tomorrow = DAY.tomorrow().unwrap();
    let open = |on| county.office.open_case(&ours, person, HowFound::Absent, on, "跟父亲去了外地");
    assert!(matches!(open(tomorrow).unwrap_err(), OfficeError::Case(CaseError::Tomorrow(_))));
    let number = open(DAY).unwrap();
    assert!(matches!(
        open(DAY).unwrap_err(),
        OfficeError::Case(CaseError::Open(n)) if n == number
    ));
    let page = county.office.desk().seat(&ours).case(number, None).unwrap().unwrap();
    assert!(page.line.facts.contains("点名缺课"), "{}", page.line.facts);
    assert!(page.line.next_on.is_some() && !page.line.chief.zh.is_empty());
    let cases = county.cases().len();
    county.assess(DAY);
    assert_eq!(county.cases().len(), cases, "an assessment opens no second one");
}

#[test]
fn texts_go_out_as_files_with_a_reason_and_name_no_child_whole() {
    let (county, _) = paired();
    let offers = county.office.messages(&bureau()).unwrap();
    let with = offers.iter().find(|o| o.message.key == "return").unwrap();
    assert!(with.receivers > 0 && with.sample.contains("同学"), "{}", with.sample);
    let file = |form, reason: &str| county.office.message_file(&bureau(), "return", form, reason);
    assert!(matches!(
        file(MessageForm::Sms, "").unwrap_err(),
        OfficeError::Message(MessageError::Reason)
    ));
    let sms = file(MessageForm::Sms, "通知家长送孩子返校").unwrap();
    assert_eq!((sms.ending, sms.texts + sms.without_phone), ("xlsx", with.receivers));
    let letters = file(MessageForm::Letters, "").unwrap();
    assert_eq!((letters.ending, letters.texts), ("docx", with.receivers));
    assert_eq!(county.audits("write messages"), 2);
    let leader = actor(5, "lead", Role::Leader, Ground::County);
    assert!(matches!(county.office.messages(&leader).unwrap_err(), OfficeError::NotAllowed(_)));
    let list = county.office.desk().seat(&bureau()).pairs(&PairFilter::default(), false).unwrap();
    assert!(list.figures.paired > 0 && list.lines.len() <= 25);
}
