//! What people do in the office, over books of their own: facts put right by two, workbooks taken in by a job.

#![expect(clippy::unwrap_used, reason = "a test's helpers fail the test")]

use std::fmt::Write as _;
use std::path::Path;

use fujiao_model::{CitizenId, Division, Field, RosterKind};
use fujiao_office::access::{Actor, Grant, Ground, Role};
use fujiao_office::corrections::{CorrectionError, Proposal};
use fujiao_office::desk::{CorrectionLine, CorrectionTab};
use fujiao_office::jobs::{JobKind, JobView, LEASE};
use fujiao_office::review::Answer;
use fujiao_office::uploads::{Brought, Sure, UploadError};
use fujiao_office::{ImportHow, Incoming, Office, OfficeError};
use fujiao_store::{CorrectionState, JobState, Keys, Store, StoredRow};
use jiff::Timestamp;
use jiff::civil::{Date, date};

mod place;

const AS_OF: Date = date(2025, 10, 15);
const COUNTY: u32 = 619_926;

fn now() -> Timestamp {
    Timestamp::from_second(1_760_500_000).unwrap()
}

/// Well after any lease that [`now`] gave.
fn later() -> Timestamp {
    now() + jiff::SignedDuration::try_from(LEASE * 2).unwrap()
}

/// Books in a folder.
struct Books {
    folder: tempfile::TempDir,
    office: Office,
}

impl Books {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let office = open(folder.path());
        Self { folder, office }
    }

    /// Takes a workbook in as a command does.
    fn import(&mut self, name: &str, text: &str) {
        let path = self.folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        let how = ImportHow { dry_run: false, force: false, at: now() };
        let incoming = [Incoming { path, name: name.to_owned() }];
        let report = self.office.import(&incoming, &how, &|_, _, _| ()).unwrap();
        assert!(report.files[0].state.is_taken(), "{report:?}");
    }

    fn assess(&mut self) {
        self.office.assess(AS_OF, now(), &|_, _, _| ()).unwrap();
    }

    fn store(&self) -> Store {
        let key = std::fs::read_to_string(self.folder.path().join("county.key")).unwrap();
        Store::open(&place::of(self.folder.path()), Keys::parse(&key).unwrap()).unwrap()
    }

    /// The code of the county that the rosters were found to be of.
    #[expect(
        clippy::redundant_closure_for_method_calls,
        reason = "the method is not general enough"
    )]
    fn county(&self) -> u32 {
        self.store().read(|tx| tx.counties()).unwrap()[0].code
    }

    /// The live row of a pupil, as sent.
    fn row_of(&self, name: &str) -> u64 {
        let rows = self.store().read(|tx| tx.rows(self.county())).unwrap();
        let of = |row: &StoredRow| row.row.fields.text(Field::Name) == Some(name);
        rows.into_iter().rev().find(of).unwrap().row_id
    }

    /// What the register says of somebody's guardian.
    fn guardian(&self, name: &str) -> String {
        let persons = self.store().read(|tx| tx.persons(self.county())).unwrap();
        persons.into_iter().find(|p| p.name == name).unwrap().guardian.unwrap_or_default()
    }

    fn registers_hash(&self) -> String {
        self.store().read(|tx| tx.live_run(self.county())).unwrap().unwrap().registers_hash
    }

    fn list(&self, actor: &Actor, tab: CorrectionTab) -> Vec<CorrectionLine> {
        self.office.desk().seat(actor).corrections(tab, 1).unwrap().lines
    }
}

fn open(folder: &Path) -> Office {
    Office::open(&place::of(folder), &folder.join("county.key")).unwrap()
}

fn actor(user: u64, login: &str, role: Role, ground: Ground) -> Actor {
    Actor {
        user,
        login: login.to_owned(),
        name: format!("{login}的名字"),
        grants: vec![Grant { role, ground, from: Date::MIN, until: None }],
        glass: Vec::new(),
        only: None,
        at: now(),
    }
}

fn clerk() -> Actor {
    actor(1, "liu", Role::AidClerk, Ground::County)
}

fn bureau(login: &str) -> Actor {
    actor(2, login, Role::Bureau, Ground::County)
}

/// A school's list: name, number within the births of a day, guardian.
fn list(pupils: &[(&str, u16, &str)]) -> String {
    let mut text = String::from("姓名,身份证号,学校,年级,班级,学期,就读方式,学籍状态,监护人姓名\n");
    for (name, n, guardian) in pupils {
        let id = CitizenId::compose(COUNTY, date(2014, 3, 17), *n);
        let id = id.reveal();
        let line = format!("{name},{id},青石镇中心小学,四年级,1班,2025秋,住校,在读,{guardian}");
        writeln!(text, "{line}").unwrap();
    }
    text
}

const PUPILS: [(&str, u16, &str); 3] =
    [("何雨欣", 2, "何秀蘭"), ("彭小雨", 4, "彭建国"), ("范思远", 5, "范伟")];

fn said(now: &str) -> Proposal {
    let [reason, evidence] = ["户口簿上是这样", "家访 9 月 3 日，看了户口簿"].map(str::to_owned);
    Proposal { now: now.to_owned(), reason, evidence }
}

fn fault(result: Result<impl std::fmt::Debug, OfficeError>) -> CorrectionError {
    match result {
        Err(OfficeError::Correction(fault)) => fault,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_corrected_fact_outlives_the_next_edition_of_the_roster() {
    let mut books = Books::new();
    books.import("学籍九月.csv", &list(&PUPILS));
    books.assess();
    let (clerk, row) = (clerk(), books.row_of("何雨欣"));
    let before = books.registers_hash();
    let (id, state) =
        books.office.correct(&clerk, row, Field::GuardianName, &said("何秀兰")).unwrap();
    assert_eq!(state, CorrectionState::InForce, "no second person is asked for a guardian's name");
    books.assess();
    assert_eq!(books.guardian("何雨欣"), "何秀兰");
    let corrected = books.registers_hash();
    assert_ne!(before, corrected, "an assessment says which corrections it saw");
    books.assess();
    assert_eq!(books.registers_hash(), corrected);

    // The school sends its list again: a new pupil, the old mistake.
    let mut next = PUPILS.to_vec();
    next.push(("陈子墨", 6, "陈刚"));
    books.import("学籍十月.csv", &list(&next));
    books.assess();
    assert_eq!(books.guardian("何雨欣"), "何秀兰");
    assert!(books.list(&clerk, CorrectionTab::Disagree).is_empty());

    // It sends a third thing: somebody must look, and until then the word of those who looked holds.
    next[0].2 = "何秀英";
    books.import("学籍十一月.csv", &list(&next));
    books.assess();
    assert_eq!(books.guardian("何雨欣"), "何秀兰");
    let lines = books.list(&clerk, CorrectionTab::Disagree);
    let line = &lines[0];
    assert_eq!(
        (line.was.as_str(), line.now.as_str(), line.third.as_deref(), line.origin.file.as_str()),
        ("何秀蘭", "何秀兰", Some("何秀英"), "学籍十一月.csv")
    );

    // Taken back, what the office sent stands again; nothing that was said is gone.
    books.office.withdraw_correction(&clerk, id, "学校说得对").unwrap();
    books.assess();
    assert_eq!(books.guardian("何雨欣"), "何秀英");
    assert_eq!(books.list(&clerk, CorrectionTab::Ended)[0].id, id);
    let again = fault(books.office.withdraw_correction(&clerk, id, "再"));
    assert_eq!(again, CorrectionError::NotWaiting);
}

#[test]
fn what_decides_who_somebody_is_asks_for_a_second_person() {
    let mut books = Books::new();
    books.import("学籍.csv", &list(&PUPILS));
    books.assess();
    let row = books.row_of("彭小雨");
    let [chen, zhao] = ["chen", "zhao"].map(bureau);
    let office = &books.office;
    let (id, state) = office.correct(&chen, row, Field::Name, &said("彭晓雨")).unwrap();
    assert_eq!(state, CorrectionState::Waiting);
    assert_eq!(fault(office.confirm_correction(&chen, id)), CorrectionError::OwnWork);
    let second = fault(office.correct(&zhao, row, Field::Name, &said("彭筱雨")));
    assert_eq!(second, CorrectionError::Waits(id));
    let elsewhere =
        actor(9, "wu", Role::Town, Ground::Place(Division::parse("619926199000").unwrap()));
    assert_eq!(fault(office.confirm_correction(&elsewhere, id)), CorrectionError::NotWaiting);
    assert!(books.list(&elsewhere, CorrectionTab::Waiting).is_empty());
    assert!(books.list(&zhao, CorrectionTab::Waiting)[0].may_confirm);
    assert!(!books.list(&chen, CorrectionTab::Waiting)[0].may_confirm);
    office.confirm_correction(&zhao, id).unwrap();
    assert_eq!(fault(office.confirm_correction(&zhao, id)), CorrectionError::NotWaiting);
    books.assess();
    let persons = books.store().read(|tx| tx.persons(books.county())).unwrap();
    let is_there = |name: &str| persons.iter().any(|person| person.name == name);
    assert!(is_there("彭晓雨") && !is_there("彭小雨"));
    assert_eq!(books.office.verify().unwrap().faults, Vec::<String>::new());
}

#[test]
fn a_correction_that_cannot_be_taken_says_why_at_its_field() {
    let mut books = Books::new();
    books.import("学籍.csv", &list(&PUPILS));
    books.assess();
    let (clerk, row) = (clerk(), books.row_of("范思远"));
    let office = &books.office;
    let tried = |field, said: &Proposal| {
        let fault = fault(office.correct(&clerk, row, field, said));
        (fault.at(), fault.to_string())
    };
    let whole = CitizenId::compose(COUNTY, date(2014, 3, 17), 5);
    let wrong = format!("{}A", &whole.reveal()[..17]);
    let (at, text) = tried(Field::CitizenId, &said(&wrong));
    assert!(at == Some("now") && text.contains("照身份证") && !text.contains(&wrong), "{text}");
    let (at, text) = tried(Field::BirthDate, &said("去年"));
    let remedy = "“去年”读不成出生日期；写成 2012-09-01、2012.9 或 2012年9月";
    assert_eq!((at, text.as_str()), (Some("now"), remedy));
    assert_eq!(tried(Field::Name, &said("范思远")).0, Some("now"), "it says that already");
    let silent = Proposal { reason: " ".into(), ..said("范思源") };
    assert_eq!(tried(Field::Name, &silent).0, Some("reason"));
    let bare = Proposal { evidence: String::new(), ..said("范思源") };
    assert_eq!(tried(Field::Name, &bare).0, Some("evidence"));
    let no_field = fault(office.correct(&clerk, row, Field::Wage, &said("3000")));
    assert_eq!(no_field, CorrectionError::NoSuchField(Field::Wage));
    let no_row = fault(office.correct(&clerk, 99_999, Field::Name, &said("某")));
    assert_eq!(no_row, CorrectionError::NoSuchRow);
    let leader = actor(5, "ma", Role::Leader, Ground::County);
    let not_theirs = office.correct(&leader, row, Field::Name, &said("某"));
    assert!(matches!(not_theirs, Err(OfficeError::NotAllowed(_))));
    // A number that slipped into a reason does not stay whole.
    let talkative =
        Proposal { reason: format!("身份证 {}", whole.reveal()), ..said("范思源") };
    office.correct(&clerk, row, Field::Name, &talkative).unwrap();
    let line = &books.list(&clerk, CorrectionTab::Waiting)[0];
    assert!(!line.reason.contains(whole.reveal()), "{}", line.reason);
}

fn brought(name: &str, text: &str) -> Brought {
    Brought { name: name.to_owned(), bytes: text.as_bytes().to_vec() }
}

/// The view of a job that a worker has done.
fn done(office: &Office, actor: &Actor, id: u64) -> JobView {
    while office.work("甲", now).unwrap().is_some() {}
    let view = office.job(actor, id).unwrap();
    assert_eq!(view.job.state, JobState::Done, "{view:?}");
    view
}

#[test]
fn what_comes_by_the_browser_ends_as_what_a_command_takes_in() {
    let more = list(&[("陈子墨", 6, "陈刚"), ("陈一", 7, "")]);
    let mut by_command = Books::new();
    by_command.import("学籍.csv", &list(&PUPILS));
    by_command.import("更多.csv", &more);
    by_command.assess();

    let mut books = Books::new();
    books.import("学籍.csv", &list(&PUPILS)); // a county is known before anybody signs in
    let (clerk, office) = (clerk(), &books.office);
    let files = [brought("更多.csv", &more), brought("学籍.csv", &list(&PUPILS))];
    let batch = office.bring(&clerk, "", &files).unwrap();
    let too_early = office.take_batch_in(&clerk, batch, false);
    assert!(matches!(too_early, Err(OfficeError::Upload(UploadError::NotChecked))));
    assert_eq!(office.work("甲", now).unwrap(), Some(1));
    let seen = office.batch(&clerk, batch).unwrap().seen.unwrap();
    let state = |name: &str| {
        let file = seen.iter().find(|f| f.name == name).unwrap();
        (file.state.as_str(), file.rows, file.sheets.len())
    };
    assert_eq!(state("更多.csv"), ("taken", [2, 2, 0, 0, 0, 0], 1));
    assert_eq!(state("学籍.csv"), ("known", [3, 0, 0, 3, 0, 0], 0));

    // Somebody else sees nothing of it.
    assert!(office.batch(&bureau("chen"), batch).is_err());
    assert!(office.job(&bureau("chen"), 1).is_err());

    let job = office.take_batch_in(&clerk, batch, false).unwrap();
    assert_eq!(office.take_batch_in(&clerk, batch, false).unwrap(), job, "pressed twice");
    // Its worker is gone after it was begun: another takes it again, and nothing is booked twice.
    let county = books.county();
    books.store().write(|tx| tx.lease_job(county, "没了", now(), now())).unwrap().unwrap();
    assert_eq!(office.work("甲", later).unwrap(), Some(job));
    let view = office.job(&clerk, job).unwrap();
    assert_eq!((view.job.state, view.job.attempts), (JobState::Done, 2));
    let held = |n: usize| view.files[n].1.as_ref().unwrap().1.created;
    assert_eq!([held(0), held(1)], [2, 3], "counted from the books");
    let again = office.take_batch_in(&clerk, batch, false);
    assert!(matches!(again, Err(OfficeError::Upload(UploadError::Ended))));

    let job = office.queue_assessment(&clerk, AS_OF).unwrap();
    assert_eq!(office.queue_assessment(&clerk, AS_OF).unwrap(), job, "asked for twice");
    let run = done(office, &clerk, job).run.unwrap();
    let held_by = |books: &Books| books.office.verify().unwrap().counts;
    let of = |counts: &[(String, u64)], table: &str| {
        counts.iter().find(|(name, _)| name == table).unwrap().1
    };
    let (mine, theirs) = (held_by(&books), held_by(&by_command));
    for table in ["file", "source_row", "person", "row_link", "duty", "deed", "summary"] {
        assert_eq!(of(&mine, table), of(&theirs, table), "{table}");
    }
    assert_eq!(run.duties.cast_unsigned(), of(&mine, "duty"));
    assert_eq!(books.office.verify().unwrap().faults, Vec::<String>::new());
}

#[test]
fn a_header_is_said_once_and_known_from_then_on() {
    let mut books = Books::new();
    books.import("学籍.csv", &list(&PUPILS));
    let (clerk, office) = (clerk(), &books.office);
    let text = list(&[("陈子墨", 6, "陈刚")]).replace("监护人姓名", "带娃的人");
    let batch = office.bring(&clerk, "教育局", &[brought("新.csv", &text)]).unwrap();
    office.work("甲", now).unwrap();
    let column = |office: &Office| {
        let seen = office.batch(&clerk, batch).unwrap().seen.unwrap();
        let columns = seen[0].sheets[0].columns.clone();
        columns.into_iter().find(|c| c.header == "带娃的人").unwrap()
    };
    assert!(matches!(column(office).sure, Sure::Unknown | Sure::Guessed(_)));
    let say = |header: &str, field| {
        office.confirm_header(&clerk, batch, RosterKind::Enrolments, header, field)
    };
    assert!(say("没有这栏", Field::GuardianName).is_err());
    assert!(say("带娃的人", Field::Wage).is_err(), "a school's list holds no wages");
    say("带娃的人", Field::GuardianName).unwrap();
    office.work("甲", now).unwrap();
    let known = column(office);
    assert_eq!((known.sure, known.field()), (Sure::Confirmed, Some(Field::GuardianName)));
}

#[test]
fn what_cannot_be_a_roster_is_told_and_what_was_stopped_stays_so() {
    let mut books = Books::new();
    books.import("学籍.csv", &list(&PUPILS));
    let (clerk, office) = (clerk(), &books.office);
    let refused = office.bring(&clerk, "", &[brought("../名单.csv", "x")]);
    assert!(matches!(refused, Err(OfficeError::Upload(UploadError::Files(_)))));
    assert!(office.bring(&clerk, "县/教育局", &[brought("名单.csv", "x")]).is_err());
    let broken = brought("名单.xlsx", "PK\u{3}\u{4}不是工作簿");
    let batch = office.bring(&clerk, "", &[broken]).unwrap();
    office.work("甲", now).unwrap();
    let seen = office.batch(&clerk, batch).unwrap().seen.unwrap();
    assert_eq!(seen[0].state, "unreadable");
    assert!(seen[0].why.contains("已损坏"), "{}", seen[0].why);
    office.drop_batch(&clerk, batch).unwrap();
    assert!(office.look_again(&clerk, batch).is_err(), "dropped");

    let stopped = office.queue_assessment(&clerk, AS_OF).unwrap();
    office.stop_job(&clerk, stopped).unwrap();
    assert_eq!(office.work("甲", now).unwrap(), None);
    let view = office.job(&clerk, stopped).unwrap();
    assert_eq!((view.kind, view.job.state), (Some(JobKind::Assess), JobState::Stopped));
}

/// Two rows that may be one girl: one has no id, and another character in her name.
const LEFT_BEHIND: &str = "姓名,性别,出生日期,乡镇,村,监护人姓名,监护人电话\n\
     何雨鑫,女,2014-03-17,青石镇,上坪村,何秀蘭,13900001111\n";

#[test]
fn a_pair_in_doubt_is_decided_where_it_lies() {
    let mut books = Books::new();
    books.import("学籍.csv", &list(&PUPILS));
    books.import("留守儿童.csv", LEFT_BEHIND);
    books.assess();
    let (clerk, office) = (clerk(), &books.office);
    let mine = office.my_review(&clerk, None).unwrap();
    let pair = mine.pair.expect("linking asks about the girl without an id");
    assert_eq!((mine.position, mine.waiting, mine.decided), (1, 1, 0));
    let elsewhere = actor(9, "qin", Role::Principal, Ground::School(77));
    assert!(office.my_review(&elsewhere, Some(&pair.key)).unwrap().pair.is_none());
    assert!(office.decide_mine(&elsewhere, &pair.key, Answer::Same, "").is_err());
    office.decide_mine(&clerk, &pair.key, Answer::Same, "家访看过").unwrap();
    let after = office.my_review(&clerk, None).unwrap();
    assert_eq!((after.waiting, after.decided), (0, 1));
    assert!(office.my_history(&elsewhere).unwrap().decisions.is_empty());
    assert!(office.undo_mine(&elsewhere, &pair.key, "").is_err());
    office.undo_mine(&clerk, &pair.key, "看错了").unwrap();
    let back = office.my_review(&clerk, Some(&pair.key)).unwrap();
    assert_eq!((back.decided, back.pair.map(|p| p.key)), (0, Some(pair.key)));
}

/// How the books are kept running in a folder, for tests.
fn kept_running(office: &mut Office, folder: &Path) {
    office.set_upkeep(fujiao_office::upkeep::Plan {
        place: "本机:8080".to_owned(),
        folder: folder.join("backups"),
        beside: vec![],
        scratch: folder.to_owned(),
        also_for: vec![],
        at: Some(jiff::civil::time(2, 30, 0, 0)),
        keep: fujiao_office::upkeep::Keep { daily: 3, weekly: 1, monthly: 1 },
    });
}

/// A clock that ran years ahead for a while: what it dated holds no job, no session, no rest and no backup.
#[test]
fn a_clock_that_was_wrong_holds_nothing() {
    use fujiao_office::accounts::Entry;
    let mut books = Books::new();
    books.import("学籍.csv", &list(&PUPILS));
    let folder = books.folder.path().to_owned();
    kept_running(&mut books.office, &folder);
    let ahead = || now() + jiff::SignedDuration::from_hours(24 * 365 * 5);
    let store = books.store();
    let county = books.county();

    // A job that somebody took then is taken now.
    let job = books.office.queue_assessment(&bureau("wang"), AS_OF).unwrap();
    let until = ahead() + jiff::SignedDuration::try_from(LEASE).unwrap();
    store.write(|tx| tx.lease_job(county, "gone", ahead(), until)).unwrap().unwrap();
    assert_eq!(books.office.work("here", now).unwrap(), Some(job));

    // Whoever came in then is out now, and whoever was made to rest then may come in.
    let link = books.office.first_link(ahead()).unwrap().unwrap();
    let entry = |at| Entry { at, device: "test", own_phone: false };
    let entered = books.office.enter_by_link(&link, entry(ahead())).unwrap().unwrap();
    assert!(books.office.visitor(&entered.token, ahead()).unwrap().is_some());
    assert!(books.office.visitor(&entered.token, now()).unwrap().is_none());
    store.write(|tx| tx.note_failures(county, 1, 7, Some(ahead()))).unwrap();
    let refused = books.office.enter("admin", "wrong", entry(now())).unwrap().err().unwrap();
    let said = format!("{refused:?}");
    let longest = fujiao_office::access::Access::builtin().lock.longest_minutes;
    assert!(!said.contains(&format!("{}", longest + 1)), "{said}");

    // A backup of then is none of today's.
    books.office.back_up(ahead()).unwrap();
    assert!(books.office.queue_backup_if_due(now()).unwrap());
    // And the next start says that a clock is off.
    let said = books.office.begin_serving("1", now()).unwrap();
    assert!(said.iter().any(|line| line.contains("先对时")), "{said:?}");
}

/// Each day once, whoever asks and however often; a failed one is tried again after an hour.
#[test]
fn the_days_backup_is_made_once() {
    let mut books = Books::new();
    books.import("学籍.csv", &list(&PUPILS));
    let folder = books.folder.path().to_owned();
    kept_running(&mut books.office, &folder);
    let office = &books.office;
    let hours = |n: i64| now() + jiff::SignedDuration::from_hours(n);
    assert!(office.queue_backup_if_due(now()).unwrap());
    assert!(!office.queue_backup_if_due(now()).unwrap(), "it waits");
    office.work("here", now).unwrap().unwrap();
    assert!(!office.queue_backup_if_due(hours(1)).unwrap(), "it is made");
    assert!(office.queue_backup_if_due(hours(24)).unwrap(), "another day");
    let made: Vec<_> = std::fs::read_dir(folder.join("backups")).unwrap().collect();
    assert_eq!(made.len(), 1);
    // The disk for backups is gone.
    std::fs::remove_dir_all(folder.join("backups")).unwrap();
    std::fs::write(folder.join("backups"), "no folder").unwrap();
    let later = || now() + jiff::SignedDuration::from_hours(24);
    office.work("here", later).unwrap().unwrap();
    assert!(!office.queue_backup_if_due(later()).unwrap(), "it rests for an hour");
    let view = office.upkeep(&actor(3, "admin", Role::Administrator, Ground::County)).unwrap();
    assert_eq!(view.backups.iter().filter(|line| line.ok).count(), 1);
    assert_eq!(view.jobs[2], 1, "the page says that it failed");
    assert!(office.drill(now()).unwrap().differ.is_empty(), "a drill needs no disk for backups");
    assert_eq!(office.verify().unwrap().faults, Vec::<String>::new());
}
