//! What people write down by hand, over a made county: what counts, what waits, what comes back.

#![expect(clippy::unwrap_used, reason = "a test's helpers fail the test")]

use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use fujiao_model::{ChildNow, ContactHow, Grade, Mark, Subject, WhyAway};
use fujiao_office::access::{Actor, Grant, Ground, Role};
use fujiao_office::entries::{
    About, Attendance, ClassRef, EntryError, EntryKey, Meals, NewEntry, Receipt, ReceiptState,
    SideValue, Visit, What,
};
use fujiao_office::{ImportHow, Incoming, Office, OfficeError};
use fujiao_store::{Keys, Store, StoreError, V};
use fujiao_synth::{Order, Sink};
use jiff::Timestamp;
use jiff::civil::{Date, date};
use proptest::prelude::*;
use tempfile::TempDir;

#[path = "place/copied.rs"]
mod copied;
mod place;

const DAY: Date = date(2025, 10, 15);

struct Folder(PathBuf);

impl Sink for Folder {
    fn put(&mut self, path: &str, bytes: Vec<u8>) -> io::Result<()> {
        let path = self.0.join(path);
        fs::create_dir_all(path.parent().unwrap())?;
        fs::write(path, bytes)
    }
}

fn workbooks(root: &Path, at: &Path, into: &mut Vec<Incoming>) {
    for entry in fs::read_dir(at).unwrap() {
        let path = entry.unwrap().path();
        let name = path.strip_prefix(root).unwrap().display().to_string();
        if path.is_dir() {
            if name != "truth" {
                workbooks(root, &path, into);
            }
        } else if name.ends_with("xlsx") || name.ends_with("csv") || name.ends_with("xls") {
            into.push(Incoming { path, name });
        }
    }
}

/// An assessed county of 1500 people, made once.
static MADE: LazyLock<TempDir> = LazyLock::new(|| {
    let folder = tempfile::tempdir().unwrap();
    let order = Order { county: None, people: 1_500, seed: 3, noise: 0.0, as_of: DAY };
    let rosters = folder.path().join("rosters");
    fujiao_synth::make(&order, &mut Folder(rosters.clone())).unwrap();
    let mut files = Vec::new();
    workbooks(&rosters, &rosters, &mut files);
    files.sort_by(|a, b| a.name.cmp(&b.name));
    let mut office = open(folder.path());
    let how = ImportHow { dry_run: false, force: false, at: at(0) };
    office.import(&files, &how, &|_, _, _| {}).unwrap();
    office.assess(DAY, at(0), &|_, _, _| {}).unwrap();
    folder
});

fn open(folder: &Path) -> Office {
    Office::open(&place::of(folder), &folder.join("county.key")).unwrap()
}

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(1_760_500_000 + second).unwrap()
}

/// A copy of the made county with a class in it.
struct County {
    folder: TempDir,
    office: Office,
    store: Store,
    code: u32,
    class: ClassRef,
    pupils: Vec<u64>,
}

impl County {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        copied::copy(MADE.path(), folder.path());
        let office = open(folder.path());
        let key = fs::read_to_string(folder.path().join("county.key")).unwrap();
        let store = Store::open(&place::of(folder.path()), Keys::parse(&key).unwrap()).unwrap();
        let code = store.read(|tx| tx.counties().map_err(Trouble::from)).unwrap()[0].code;
        // A class with a child to whom a contact is owed this month.
        let class = one(
            &store,
            "select p.school_id, p.grade, p.class from duty d
               join person p on p.county = d.county and p.person_id = d.subject_id
              where d.area = 'pairing' and d.period = 'SY2025' and p.class is not null
              group by p.school_id, p.grade, p.class order by count(*) desc, p.school_id limit 1",
            |r| {
                Ok(ClassRef {
                    school: r.get(0)?,
                    grade: r.parse(1, Grade::parse)?.unwrap(),
                    class: r.get(2)?,
                })
            },
        );
        let pupils = store
            .read(|tx| {
                tx.query(
                    "select person_id from person where school_id = $1 and grade = $2 and class = $3 order by person_id",
                    &[class.school.into(), class.grade.code().into(), class.class.as_str().into()],
                    |r| r.get::<u64>(0),
                )
                .map_err(Trouble::from)
            })
            .unwrap();
        Self { folder, office, store, code, class, pupils }
    }

    fn actor(&self, user: u64, role: Role) -> Actor {
        let ground = match role {
            Role::ClassTeacher => Ground::Class {
                school: self.class.school,
                grade: self.class.grade,
                class: self.class.class.clone(),
            },
            Role::Principal | Role::CareWorker => Ground::School(self.class.school),
            _ => Ground::County,
        };
        Actor {
            user,
            login: format!("u{user}"),
            name: format!("{}{user}", ["刘芳", "王强", "李慧"][usize::try_from(user).unwrap() % 3]),
            grants: vec![Grant { role, ground, from: Date::MIN, until: None }],
            glass: Vec::new(),
            only: None,
            at: at(60),
        }
    }

    fn teacher(&self) -> Actor {
        self.actor(1, Role::ClassTeacher)
    }

    /// A child of the class to whom a contact is owed.
    fn child(&self) -> u64 {
        self.office.my_visits(&self.teacher()).unwrap().children[0].person
    }

    fn take(&self, actor: &Actor, entry: NewEntry) -> Receipt {
        self.office.record(actor, vec![entry]).unwrap().remove(0)
    }

    fn count(&self, sql: &str) -> i64 {
        one(&self.store, sql, |r| r.get(0))
    }

    fn sound(&self) {
        let verdict = self.office.verify().unwrap();
        assert_eq!(verdict.faults, Vec::<String>::new());
    }

    fn assess(&mut self) {
        self.office.assess(date(2025, 11, 1), at(120), &|_, _, _| {}).unwrap();
    }

    fn gap(&self, person: u64) -> i64 {
        self.count(&format!(
            "select cast(sum(d.gap) as bigint) from duty d join county c on c.live_run = d.run_id
              where d.area = 'pairing' and d.period = '2025-10' and d.subject_id = {person}"
        ))
    }
}

#[derive(Debug)]
struct Trouble;

impl From<StoreError> for Trouble {
    fn from(error: StoreError) -> Self {
        panic!("{error}");
    }
}

fn one<T>(
    store: &Store,
    sql: &str,
    mut read: impl FnMut(&fujiao_store::Row) -> Result<T, StoreError>,
) -> T {
    store
        .read(|tx| tx.query_one(sql, &[] as &[V], &mut read).map_err(Trouble::from))
        .unwrap()
        .unwrap_or_else(|| panic!("nothing for {sql}"))
}

fn key(n: u128) -> EntryKey {
    EntryKey(n.to_be_bytes())
}

fn entry(n: u128, what: What) -> NewEntry {
    NewEntry { key: key(n), supersedes: None, on: Some(DAY), written_at: at(0), what }
}

fn visit(person: u64) -> Visit {
    Visit {
        person,
        how: ContactHow::Home,
        met: "祖母".into(),
        now: None,
        why: BTreeSet::new(),
        text: "下周一返校。".into(),
        phone: String::new(),
        next_on: None,
    }
}

fn attendance(class: &ClassRef, marks: &[(u64, Mark)]) -> What {
    What::Attendance(Attendance { class: class.clone(), marks: marks.to_vec() })
}

fn abouts(receipt: &Receipt) -> Vec<(String, About)> {
    receipt.remarks.iter().map(|r| (r.field.clone(), r.about)).collect()
}

#[test]
fn a_visit_is_on_the_childs_page_at_once_and_a_deed_at_the_next_assessment() {
    let mut county = County::new();
    let (teacher, child) = (county.teacher(), county.child());
    let other = county.office.my_visits(&teacher).unwrap().children[1].person;
    let mut said = visit(child);
    (said.now, said.phone) = (Some(ChildNow::Leave), "138 0000-5071".into());
    said.why.insert(WhyAway::Ill);
    let receipt = county.take(&teacher, entry(1, What::Visit(said)));
    assert_eq!((receipt.state, receipt.remarks), (ReceiptState::Kept, Vec::new()));

    let page = county.office.desk().seat(&teacher).person(child).unwrap().unwrap();
    assert_eq!(page.events[0].what, "家访 · 王强1 · 请假：生病", "and not what was said");
    assert_eq!(page.events[0].origin.file, "网上登记 2025-10");
    let left = county.office.my_visits(&teacher).unwrap();
    assert!(left.children.iter().all(|c| c.person != child || c.contact_by.is_none()));

    county.assess();
    assert_eq!((county.gap(child), county.gap(other)), (0, 1), "the contact of the month is made");
    assert_eq!(county.office.desk().seat(&teacher).person_now(child).unwrap(), Some(child));
    let of_other = county.count(&format!(
        "select count(*) from row_link l join source_row s on s.county = l.county and s.row_id = l.row_id
           join file f on f.county = s.county and f.file_id = s.file_id
          where f.name like '网上登记%' and l.person_id <> {child}"
    ));
    assert_eq!(of_other, 0, "linking finds the same person");
    county.sound();
}

#[test]
fn the_same_key_again_gets_the_same_receipt_and_changes_nothing() {
    let county = County::new();
    let (teacher, child) = (county.teacher(), county.child());
    let first = county.take(&teacher, entry(7, What::Visit(visit(child))));
    let later = Actor { at: at(600), ..teacher.clone() };
    assert_eq!(county.take(&later, entry(7, What::Visit(visit(child)))), first);
    assert_eq!(county.count("select count(*) from entry"), 1);
    assert_eq!(county.count("select count(*) from audit where action = 'record'"), 1);
    let other = Visit { text: "别的".into(), ..visit(child) };
    let receipt = county.take(&teacher, entry(7, What::Visit(other)));
    assert_eq!(abouts(&receipt), [(String::new(), About::OtherContent)]);
    let stranger = county.actor(2, Role::ClassTeacher);
    let receipt = county.take(&stranger, entry(7, What::Visit(visit(child))));
    assert_eq!(abouts(&receipt), [(String::new(), About::OtherContent)]);
    county.sound();
}

#[test]
fn what_is_refused_stays_out_and_the_rest_goes_in() {
    let county = County::new();
    let (teacher, child) = (county.teacher(), county.child());
    let enrolled = u32::try_from(county.pupils.len()).unwrap();
    let meals = |served| {
        What::Meals(Meals { class: county.class.clone(), served: Some(served), present: None })
    };
    let elsewhere = county.count(&format!(
        "select person_id from person where school_id <> {} and class is not null limit 1",
        county.class.school.cast_signed()
    ));
    let entries = vec![
        entry(1, What::Visit(visit(elsewhere.cast_unsigned()))),
        entry(2, What::Visit(visit(12345))),
        NewEntry { on: Some(date(2025, 10, 16)), ..entry(3, What::Visit(visit(child))) },
        entry(4, meals(enrolled + 1)),
        entry(5, meals(enrolled)),
        entry(6, What::Visit(Visit { how: ContactHow::Care, ..visit(child) })),
        entry(7, What::Visit(visit(child))),
    ];
    let receipts = county.office.record(&teacher, entries).unwrap();
    let told: Vec<_> = receipts.iter().map(|r| (r.state.code(), abouts(r))).collect();
    let refused = |field: &str, about| ("refused", vec![(field.to_owned(), about)]);
    assert_eq!(
        told,
        [
            refused("", About::NoChild),
            refused("", About::NoChild),
            refused("on", About::Tomorrow),
            refused("served", About::MoreThanEnrolled),
            ("kept", vec![]),
            refused("", About::NotYours),
            ("kept", vec![]),
        ]
    );
    assert_eq!(receipts[3].remarks[0].arg, enrolled.to_string());
    assert_eq!(county.count("select count(*) from entry"), 2);
    let clerk = county.actor(5, Role::AidClerk);
    let receipt = county.take(&clerk, entry(8, What::Visit(visit(child))));
    assert_eq!(abouts(&receipt), [(String::new(), About::NotYours)]);
    county.sound();
}

#[test]
fn two_who_say_two_things_become_a_task_and_nobody_is_overwritten() {
    let mut county = County::new();
    let (one, two) = (county.teacher(), county.actor(2, Role::Principal));
    let head = county.actor(3, Role::Principal);
    let (a, b) = (county.pupils[0], county.pupils[1]);
    let marks = |m| attendance(&county.class, &[(a, m), (b, Mark::Present)]);
    assert_eq!(county.take(&one, entry(1, marks(Mark::Present))).state, ReceiptState::Kept);
    let receipt = county.take(&two, entry(2, marks(Mark::Ill)));
    assert_eq!(receipt.state, ReceiptState::Conflict);
    assert_eq!(abouts(&receipt), [(format!("marks.{a:016x}"), About::SaidOtherwise)]);
    assert_eq!(receipt.remarks[0].arg, "王强1");
    let absent = "select count(*) from source_row where kind = 'absences' and superseded_by is null
                   and fields like '%2025-10-15%' and fields like '%\"absent_days\":\"1\"%'";
    let before = county.count(absent);

    let tasks = county.office.entry_conflicts(&head).unwrap();
    assert_eq!(tasks.len(), 1);
    assert_eq!(tasks[0].first.value, SideValue::Mark(Mark::Present));
    assert_eq!(tasks[0].second.value, SideValue::Mark(Mark::Ill));
    assert_eq!(
        (tasks[0].first.author.as_str(), tasks[0].second.author.as_str()),
        ("王强1", "李慧2")
    );
    assert!(tasks[0].may_decide);
    assert!(
        !county.office.entry_conflicts(&one).unwrap()[0].may_decide,
        "a teacher confirms nothing"
    );
    let own = county.office.decide_conflict(&two, tasks[0].number, true, "看过");
    assert!(matches!(own, Err(OfficeError::Entry(EntryError::OwnEntry))), "{own:?}");
    let mute = county.office.decide_conflict(&head, tasks[0].number, true, " ");
    assert!(matches!(mute, Err(OfficeError::Entry(EntryError::NoReason))), "{mute:?}");

    county.office.decide_conflict(&head, tasks[0].number, true, "问过家长").unwrap();
    assert!(county.office.entry_conflicts(&head).unwrap().is_empty());
    assert_eq!(county.count(absent), before + 1, "the absence is in the books now");
    let again = county.office.decide_conflict(&head, tasks[0].number, false, "再想想");
    assert!(matches!(again, Err(OfficeError::Entry(EntryError::Decided))), "{again:?}");
    let page = county.office.class_page(&two, &county.class, None).unwrap().unwrap();
    let of = |id| page.pupils.iter().find(|p| p.id == id).unwrap().mark;
    assert_eq!((of(a), of(b), of(county.pupils[2])), (Some(Mark::Ill), Some(Mark::Present), None));
    county.sound();
    county.assess();
    county.sound();
}

#[test]
fn an_edit_supersedes_and_a_withdrawal_has_its_reason() {
    let mut county = County::new();
    let (teacher, child) = (county.teacher(), county.child());
    county.take(&teacher, entry(1, What::Visit(visit(child))));
    let edit = Visit { how: ContactHow::Phone, ..visit(child) };
    let edit = NewEntry { supersedes: Some(key(1)), ..entry(2, What::Visit(edit)) };
    assert_eq!(county.take(&teacher, edit).state, ReceiptState::Kept);
    let live = "select fields from source_row where kind = 'contacts' and superseded_by is null and file_id =
                (select file_id from file where name = '网上登记 2025-10')";
    let fields: String = one(&county.store, live, |r| r.get(0));
    assert!(fields.contains("电话") && !fields.contains("家访"), "{fields}");
    assert_eq!(county.count("select count(*) from entry"), 2, "what was said stays");
    assert!(matches!(
        county.office.withdraw_entry(&teacher, key(1), "记错了"),
        Err(OfficeError::Entry(EntryError::NotInForce))
    ));
    let stranger = county.actor(2, Role::Principal);
    assert!(matches!(
        county.office.withdraw_entry(&stranger, key(2), "记错了"),
        Err(OfficeError::Entry(EntryError::NoEntry))
    ));
    county.office.withdraw_entry(&teacher, key(2), "记错了人").unwrap();
    assert_eq!(county.office.my_entries(&teacher).unwrap()[0].why, "记错了人");
    let edit = NewEntry { supersedes: Some(key(2)), ..entry(3, What::Visit(visit(child))) };
    assert_eq!(abouts(&county.take(&teacher, edit)), [(String::new(), About::TakenBack)]);
    county.assess();
    assert_eq!(county.gap(child), 1, "it counts no more");
    county.sound();
}

#[test]
fn what_waits_for_a_child_who_moved_is_rerouted_or_given_back() {
    let county = County::new();
    let (teacher, child) = (county.teacher(), county.child());
    let other = county.pupils.iter().copied().find(|p| *p != child).unwrap();
    let moved = |sql: &str| {
        county.store.write(|tx| tx.execute(sql, &[]).map_err(Trouble::from)).unwrap();
    };
    moved(&format!("update person set class = '（99）班' where person_id = {child}"));
    let marks = attendance(&county.class, &[(child, Mark::Ill), (other, Mark::Present)]);
    let receipt = county.take(&teacher, entry(1, marks));
    assert_eq!(receipt.state, ReceiptState::Kept);
    assert_eq!(abouts(&receipt), [(format!("marks.{child:016x}"), About::MovedAway)]);
    assert_eq!(county.count("select count(*) from entry_fact where field = 'attendance'"), 1);
    // The visit took place, and is booked where the child is now.
    let receipt = county.take(&teacher, entry(2, What::Visit(visit(child))));
    assert_eq!(
        (receipt.state, abouts(&receipt)),
        (ReceiptState::Kept, vec![(String::new(), About::Moved)])
    );
    assert!(receipt.remarks[0].arg.ends_with("（99）班"), "{:?}", receipt.remarks);
    // A child who was found to be another.
    moved(&format!(
        "insert into person_event (county, event_no, at, kind, person_id, other_id, count, rows)
         select {}, 1 + coalesce(max(event_no), 0), '2025-10-15T00:00:00Z', 'merged', {other}, 77, 1, '' from person_event",
        county.code
    ));
    let receipt = county.take(&teacher, entry(3, What::Visit(visit(77))));
    assert_eq!(
        (receipt.state, abouts(&receipt)),
        (ReceiptState::Kept, vec![(String::new(), About::Moved)])
    );
    let about =
        one(&county.store, "select subject_id from entry where entry_no = 3", |r| r.get::<u64>(0));
    assert_eq!(Subject::person(about), Subject::person(other));
    county.sound();
}

#[test]
fn a_care_record_is_for_those_on_the_case() {
    let county = County::new();
    let (care, teacher, child) =
        (county.actor(4, Role::CareWorker), county.teacher(), county.child());
    let secret = Visit { how: ContactHow::Care, text: "睡不好".into(), ..visit(child) };
    assert_eq!(county.take(&care, entry(1, What::Visit(secret))).state, ReceiptState::Kept);
    let read =
        |who: &Actor| county.office.child_to_visit(who, child).unwrap().unwrap().0.last[0].clone();
    assert_eq!((read(&care).how.as_str(), read(&care).text.as_str()), ("心理谈话", "睡不好"));
    assert_eq!((read(&teacher).how.as_str(), read(&teacher).text.as_str()), ("谈心", ""));
    let copy = county.folder.path().join("copy.db");
    county.store.copy_to(&copy).unwrap();
    let mut files = vec![copy];
    if county.folder.path().join("county.db").exists() {
        files.extend(["county.db", "county.db-wal"].map(|name| county.folder.path().join(name)));
    }
    let lies_open = |bytes: &[u8]| bytes.windows(9).any(|w| w == "睡不好".as_bytes());
    for file in files {
        let bytes = fs::read(&file).unwrap_or_default();
        assert!(!lies_open(&bytes), "what was said is sealed, and not in {}", file.display());
    }
    county.sound();
}

#[test]
fn a_schools_screening_is_owed_once_somebody_began_and_counts_without_names() {
    let mut county = County::new();
    let (child, school) = one(
        &county.store,
        "select person_id, school_id from person where grade in ('P5', 'P6', 'J1', 'J2') order by person_id limit 1",
        |r| Ok((r.get::<u64>(0)?, r.get::<u64>(1)?)),
    );
    let owed = |county: &County, also: &str| {
        county.count(&format!(
            "select cast(count(*) as bigint) from duty d join county c on c.live_run = d.run_id
              where d.kind = 'care.screened' {also}"
        ))
    };
    assert_eq!(owed(&county, ""), 0, "what nobody began is a question and no gap");
    let mut care = county.actor(4, Role::CareWorker);
    care.grants[0].ground = Ground::School(school);
    let when = (date(2025, 10, 10), true);
    assert_eq!(county.office.care_screen(&care, "mht", when, &[(child, 20)]).unwrap(), 1);
    county.assess();
    let of_school = format!("and d.subject_id = {school}");
    assert_eq!(owed(&county, &format!("{of_school} and d.quantity - d.gap = 1")), 1);
    assert!(owed(&county, "and d.gap = d.quantity") > 0, "others have not begun");
    assert_eq!(owed(&county, &format!("and d.subject_id = {child}")), 0);
    county.sound();
}

#[test]
fn photos_go_apart_and_are_small() {
    let county = County::new();
    let (teacher, child) = (county.teacher(), county.child());
    let jpeg = |n: u8, size: usize| [&b"\xff\xd8\xff"[..], &vec![n; size]].concat();
    let put =
        |k: u128, bytes: &[u8]| match county.office.record_photo(&teacher, key(1), key(k), bytes) {
            Ok(()) => None,
            Err(OfficeError::Entry(e)) => Some(e),
            Err(e) => panic!("{e}"),
        };
    assert_eq!(put(11, &jpeg(1, 10)), Some(EntryError::PhotoBeforeEntry));
    county.take(&teacher, entry(1, What::Visit(visit(child))));
    assert_eq!(put(11, &jpeg(1, 40 << 20)), Some(EntryError::PhotoTooLarge(41)));
    assert_eq!(put(11, b"<svg onload=alert(1)>"), Some(EntryError::NoPhoto));
    assert_eq!(put(11, &jpeg(1, 10)), None);
    assert_eq!(put(11, &jpeg(1, 10)), None, "again: nothing new");
    assert_eq!(put(11, &jpeg(2, 10)), Some(EntryError::OtherPhoto));
    assert_eq!((put(12, &jpeg(2, 10)), put(13, &jpeg(3, 10))), (None, None));
    assert_eq!(put(14, &jpeg(4, 10)), Some(EntryError::TooManyPhotos));
    assert_eq!(county.office.entry_photo(&teacher, key(11)).unwrap().bytes, jpeg(1, 10));
    let far = county.actor(9, Role::Leader);
    assert!(county.office.entry_photo(&far, key(11)).is_err());
    county.sound();
}

#[derive(Clone, Debug)]
enum Step {
    Say { who: usize, mark: Mark, edit: bool },
    TakeBack { who: usize },
    Decide { second: bool },
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        5 => (0..3_usize, 0..3_usize, any::<bool>()).prop_map(|(who, m, edit)| Step::Say {
            who, mark: [Mark::Present, Mark::Ill, Mark::Truant][m], edit,
        }),
        1 => (0..3_usize).prop_map(|who| Step::TakeBack { who }),
        2 => any::<bool>().prop_map(|second| Step::Decide { second }),
    ];
    prop::collection::vec(step, 1..14)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 40, failure_persistence: None, ..ProptestConfig::default() })]

    /// Whatever three people say about one child on one day: one value stands at most, whatever waits is a task, and the
    /// absence in the books is what stands.
    #[test]
    fn one_word_stands_and_what_gainsays_it_is_a_task(steps in steps()) {
        let county = County::new();
        let head = county.actor(9, Role::Principal);
        let child = county.pupils[0];
        let mut last: [Option<EntryKey>; 3] = [None; 3];
        for (n, step) in (1..).zip(&steps) {
            match *step {
                Step::Say { who, mark, edit } => {
                    let actor = county.actor(who as u64, Role::Principal);
                    let new = NewEntry {
                        supersedes: if edit { last[who] } else { None },
                        ..entry(n, attendance(&county.class, &[(child, mark)]))
                    };
                    let receipt = county.take(&actor, new);
                    prop_assert!(receipt.state != ReceiptState::Refused, "{:?}", receipt);
                    last[who] = Some(key(n));
                }
                Step::TakeBack { who } => {
                    if let Some(key) = last[who].take() {
                        // It may have given way to a later one.
                        let actor = county.actor(who as u64, Role::Principal);
                        let _ = county.office.withdraw_entry(&actor, key, "记错了");
                    }
                }
                Step::Decide { second } => {
                    if let Some(task) = county.office.entry_conflicts(&head).unwrap().first() {
                        county.office.decide_conflict(&head, task.number, second, "问过").unwrap();
                    }
                }
            }
            let values = county.count("select count(distinct value) from entry_fact where state = 'in_force'");
            prop_assert!(values <= 1, "{values} values stand after {step:?}");
            let waiting = county.count("select count(*) from entry_fact where state = 'waiting'");
            let tasks = county.count("select count(*) from entry_conflict where decided is null");
            prop_assert_eq!(waiting, tasks, "after {:?}", step);
            let orphans = county.count(
                "select count(*) from entry_conflict c where c.decided is null and not exists
                 (select 1 from entry_fact f where f.entry_no = c.first_no and f.state = 'in_force')");
            prop_assert_eq!(orphans, 0, "a task is between what stands and what waits");
            let page = county.office.class_page(&head, &county.class, None).unwrap().unwrap();
            let stands = page.pupils.iter().find(|p| p.id == child).unwrap().mark;
            prop_assert_eq!(stands.is_some(), values == 1);
            let booked = county.count(
                "select count(*) from source_row s join file f on f.file_id = s.file_id and f.county = s.county
                  where f.name like '网上登记%' and s.kind = 'absences' and s.superseded_by is null
                    and s.fields like '%\"absent_days\":\"1\"%'");
            prop_assert_eq!(booked == 1, stands.is_some_and(|m| m != Mark::Present), "after {:?}", step);
        }
        county.sound();
    }
}
