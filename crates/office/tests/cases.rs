//! Cases of children out of school, over a made county: opened by the assessment, led by people, closed by nobody else.

#![expect(clippy::unwrap_used, reason = "a test's helpers fail the test")]

#[path = "place/copied.rs"]
mod copied;
#[path = "cases/pairs.rs"]
mod pairs;
mod place;

use std::collections::BTreeMap;
use std::fs;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use fujiao_model::{ChildNow, ContactHow, Division};
use fujiao_office::access::{Actor, Grant, Ground, Right, Role};
use fujiao_office::accounts::NewAccount;
use fujiao_office::cases::{Act, CaseError, CaseState, Closing, NewStep};
use fujiao_office::desk::{CaseBy, CaseFilter, CaseHint, CaseTab};
use fujiao_office::entries::{EntryKey, NewEntry, Visit, What};
use fujiao_office::{ImportHow, Incoming, Office, OfficeError};
use fujiao_store::{Keys, Store, StoreError, StoredCase};
use fujiao_synth::{Order, Sink};
use jiff::Timestamp;
use jiff::civil::{Date, date};
use tempfile::TempDir;

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

/// An assessed county of 3000 people, made once.
static MADE: LazyLock<TempDir> = LazyLock::new(|| {
    let folder = tempfile::tempdir().unwrap();
    let order = Order { county: None, people: 3_000, seed: 3, noise: 0.0, as_of: DAY };
    let rosters = folder.path().join("rosters");
    fujiao_synth::make(&order, &mut Folder(rosters.clone())).unwrap();
    let mut files = Vec::new();
    workbooks(&rosters, &rosters, &mut files);
    files.sort_by(|a, b| a.name.cmp(&b.name));
    let mut office = open(folder.path());
    let how = ImportHow { dry_run: false, force: false, at: now() };
    office.import(&files, &how, &|_, _, _| {}).unwrap();
    office.assess(DAY, now(), &|_, _, _| {}).unwrap();
    folder
});

fn open(folder: &Path) -> Office {
    Office::open(&place::of(folder), &folder.join("county.key")).unwrap()
}

fn now() -> Timestamp {
    "2025-10-15T02:00:00Z".parse().unwrap()
}

/// A copy of the made county.
struct County {
    folder: TempDir,
    office: Office,
    store: Store,
    code: u32,
}

impl County {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        copied::copy(MADE.path(), folder.path());
        let office = open(folder.path());
        let key = fs::read_to_string(folder.path().join("county.key")).unwrap();
        let store = Store::open(&place::of(folder.path()), Keys::parse(&key).unwrap()).unwrap();
        let code = store.read(|tx| Ok::<_, StoreError>(tx.counties()?[0].code)).unwrap();
        Self { folder, office, store, code }
    }

    fn cases(&self) -> Vec<StoredCase> {
        self.store.read(|tx| tx.cases(self.code)).unwrap()
    }

    /// A case of a child who lives somewhere and has a guardian.
    fn case(&self) -> StoredCase {
        let known = |case: &StoredCase| {
            let person = self.store.read(|tx| tx.person(self.code, case.person)).unwrap().unwrap();
            person.guardian.is_some() && case.now.town.is_some() && case.now.school.is_some()
        };
        let all = self.cases();
        all.iter()
            .find(|case| known(case))
            .cloned()
            .unwrap_or_else(|| panic!("no case with town, school and guardian among {}", all.len()))
    }

    fn assess(&mut self, as_of: Date) {
        self.office.assess(as_of, now(), &|_, _, _| {}).unwrap();
    }

    fn audits(&self, action: &str) -> i64 {
        let sql = "select count(*) from audit where action = $1";
        let n = self.store.read(|tx| tx.query_one(sql, &[action.into()], |r| r.get(0)));
        n.unwrap().unwrap()
    }

    /// An account with a role on a ground; who acts by it.
    fn account(&self, login: &str, role: Role, ground: &Ground) -> Actor {
        let console = Actor::console(now());
        let new =
            NewAccount {
                login: login.to_owned(), name: format!("{login}名"), unit: String::new()
            };
        let (user, _) = self.office.make_account(&console, &new).unwrap();
        self.office.grant(&console, user, role, ground, (DAY, None)).unwrap();
        actor(user, login, role, ground.clone())
    }

    fn step(&self, actor: &Actor, case: u64, on: Date, act: Act) -> Result<u32, OfficeError> {
        self.said(actor, case, on, act, "")
    }

    fn said(
        &self,
        actor: &Actor,
        case: u64,
        on: Date,
        act: Act,
        note: &str,
    ) -> Result<u32, OfficeError> {
        let after = self.store.read(|tx| tx.case(self.code, case)).unwrap().unwrap().steps;
        self.office.case_step(actor, case, &NewStep { on, act, note: note.to_owned(), after })
    }
}

fn actor(user: u64, login: &str, role: Role, ground: Ground) -> Actor {
    Actor {
        user,
        login: login.to_owned(),
        name: format!("{login}名"),
        grants: vec![Grant { role, ground, from: Date::MIN, until: None }],
        glass: Vec::new(),
        only: None,
        at: now(),
    }
}

fn refusal(result: Result<u32, OfficeError>) -> String {
    match result.unwrap_err() {
        OfficeError::Case(error) => error.to_string(),
        other => panic!("{other}"),
    }
}

fn bureau() -> Actor {
    actor(90, "bureau", Role::Bureau, Ground::County)
}

#[test]
fn each_child_out_of_school_has_one_case_and_assessing_again_opens_none() {
    let mut county = County::new();
    let gaps = county
        .store
        .read(|tx| {
            tx.query(
                "select d.subject_id from duty d join county c on c.county = d.county and c.live_run = d.run_id
                  where d.area = 'schooling' and d.subject_kind = 'person' and d.gap > 0 order by d.subject_id",
                &[],
                |r| r.get::<i64>(0),
            )
        })
        .unwrap();
    let people = |county: &County| {
        let mut people: Vec<i64> =
            county.cases().iter().map(|case| case.person.cast_signed()).collect();
        people.sort_unstable();
        people
    };
    assert!(gaps.len() > 2, "the made county has {} children out of school", gaps.len());
    assert_eq!(people(&county), gaps);
    assert_eq!(county.audits("open cases"), 1);
    county.assess(DAY);
    county.assess(DAY.tomorrow().unwrap());
    assert_eq!(people(&county), gaps, "assessed again, the same cases");
    assert_eq!(county.audits("open cases"), 1);
    // A mistake that somebody found stands for the term; a case that was followed to its end does not hold a new one back.
    let number = county.cases()[0].number;
    county.step(&bureau(), number, DAY, Act::Verify { real: false }).unwrap();
    county.assess(DAY);
    assert_eq!(people(&county), gaps);
    assert!(county.office.verify().unwrap().faults.is_empty());
}

#[test]
fn what_cannot_be_is_refused_with_the_reason_through_the_use_case() {
    let county = County::new();
    let case = county.case();
    let (number, town) = (case.number, case.now.town.unwrap());
    let other = county
        .store
        .read(|tx| tx.places(county.code))
        .unwrap()
        .into_iter()
        .map(|place| place.code)
        .find(|code| *code == code.town() && *code != town && *code != code.county())
        .unwrap();
    let ours = county.account("li", Role::Town, &Ground::Place(town));
    let theirs = county.account("wang", Role::Town, &Ground::Place(other));
    let clerk = county.account("zhao", Role::AidClerk, &Ground::County);
    let tomorrow = DAY.tomorrow().unwrap();

    // Whoever has no right, or another ground, gets nowhere.
    let verify = || Act::Verify { real: true };
    assert!(matches!(
        county.step(&clerk, number, DAY, verify()).unwrap_err(),
        OfficeError::NotAllowed(_)
    ));
    assert_eq!(
        refusal(county.step(&theirs, number, DAY, verify())),
        "没有这一案，或不归你管；回“控辍保学”看自己的"
    );
    county.step(&ours, number, DAY, verify()).unwrap();
    assert_eq!(
        refusal(county.step(&ours, number, DAY, Act::Verify { real: true })),
        "这一案已经“已核实”，不能退回去再做这一步；返校后又离校的用“再次离校”，销号的用“重开”"
    );
    let visit = |met: &str| Act::Visit { met: met.into(), guardian_met: true, promised: None };
    assert_eq!(
        refusal(county.step(&ours, number, tomorrow, visit("祖母"))),
        format!("日期 {tomorrow} 还没有到，今天是 {DAY}；写实际发生的日子")
    );
    county
        .said(&ours, number, DAY, visit("祖母"), "电话13812345678，身份证610111201203171249")
        .unwrap();
    let notice =
        |guardian: &str| Act::Notice { guardian: guardian.into(), return_by: date(2025, 10, 22) };
    assert_eq!(
        refusal(county.step(&ours, number, DAY, notice(" "))),
        "没有监护人，通知书送给谁？先写明监护人；没有监护人的转介民政"
    );
    // The town's step is assigned to nobody of another town.
    assert_eq!(
        refusal(county.step(&bureau(), number, DAY, Act::Assign { user: theirs.user })),
        "镇长只管自己的地方，这一案不在那里；指派给本地的，或先办移交"
    );
    assert_eq!(
        refusal(county.step(&bureau(), number, DAY, Act::Assign { user: clerk.user })),
        CaseError::NoSuchOfficer.to_string()
    );
    county.step(&bureau(), number, DAY, Act::Assign { user: ours.user }).unwrap();
    // A legal act is the town's, whoever else stands on the ground.
    let principal = actor(91, "sun", Role::Principal, Ground::School(case.now.school.unwrap()));
    assert_eq!(
        refusal(county.step(&principal, number, DAY, notice("张父"))),
        "这一步由镇干部、教育局办；请他们来记"
    );
    // Who read the page before somebody else wrote is told so.
    let late = NewStep { on: DAY, act: notice("张父"), note: String::new(), after: 0 };
    assert_eq!(
        refusal(county.office.case_step(&ours, number, &late)),
        CaseError::Taken.to_string()
    );

    let page = county.office.desk().seat(&ours).case(number, None).unwrap().unwrap();
    let codes: Vec<&str> = page.steps.iter().map(|s| s.code.as_str()).collect();
    assert_eq!(codes, ["verify", "visit", "assign"]);
    assert_eq!(page.line.officer.as_deref(), Some("li名"));
    assert!(page.line.mine && page.line.state == CaseState::Visited);
    // Numbers in what people say are masked before they are written.
    let note = &page.steps[1].note;
    assert!(!note.contains("13812345678") && !note.contains("610111201203171249"), "{note}");
    assert_eq!(county.audits("case step"), 3);
}

#[test]
fn from_the_list_back_into_school_with_its_documents() {
    let county = County::new();
    let case = county.case();
    let number = case.number;
    let town = county.account("li", Role::Town, &Ground::Place(case.now.town.unwrap()));
    let child = county.store.read(|tx| tx.person(county.code, case.person)).unwrap().unwrap();
    let seat = county.office.desk().seat(&town);

    county.step(&town, number, DAY, Act::Verify { real: true }).unwrap();
    let nothing = BTreeMap::new();
    let lacking = county.office.case_paper(&town, number, "visit_record", &nothing).unwrap_err();
    assert!(
        lacking.to_string().starts_with("“家访记录”还出不了，缺："),
        "before the visit something is missing: {lacking}"
    );
    // The visit is written on the page of visits and becomes the step.
    let key = EntryKey([7; 16]);
    let visit = Visit {
        person: case.person,
        how: ContactHow::Home,
        met: "祖母".into(),
        now: Some(ChildNow::Out),
        why: std::collections::BTreeSet::new(),
        text: "厌学，答应下周回校".into(),
        phone: String::new(),
        next_on: None,
    };
    let entry = NewEntry {
        key,
        supersedes: None,
        on: Some(DAY),
        written_at: now(),
        what: What::Visit(visit),
    };
    county.office.record(&town, vec![entry]).unwrap();
    let page = seat.case(number, None).unwrap().unwrap();
    assert_eq!(page.visits.len(), 1);
    assert!(!page.visits[0].taken);
    county.step(&town, number, DAY, Act::VisitWritten { entry: key }).unwrap();
    let page = seat.case(number, None).unwrap().unwrap();
    assert!(page.visits[0].taken);
    assert_eq!(page.steps[1].note, "厌学，答应下周回校");

    let paper = county.office.case_paper(&town, number, "return_notice", &nothing).unwrap();
    let text = docx_text(&paper.bytes);
    for part in
        [child.name.as_str(), child.guardian.as_deref().unwrap(), "2025年10月22日", "第五十八条"]
    {
        assert!(text.contains(part), "{part} in {text}");
    }
    assert!(!text.contains('{'));
    let act =
        Act::Notice { guardian: child.guardian.clone().unwrap(), return_by: date(2025, 10, 22) };
    county.step(&town, number, DAY, act).unwrap();
    let back =
        Act::Return { proof: "考勤".into(), row: None, follow_until: Some(date(2026, 1, 20)) };
    county.step(&town, number, DAY, back).unwrap();
    let line = seat.case(number, None).unwrap().unwrap().line;
    assert_eq!((line.state, line.due_on), (CaseState::FollowUp, Some(date(2026, 1, 20))));
    let early = county.step(&town, number, DAY, Act::Close(Closing::Followed));
    assert_eq!(refusal(early), "这一案还是“已返校跟踪”，先等跟踪期满");

    // Deadlines move with the day that is asked for, and rise.
    let at = |day: Date| seat.case(number, Some(day)).unwrap().unwrap().line;
    assert_eq!(at(date(2026, 1, 20)).overdue_days, 0);
    let late = at(date(2026, 1, 30));
    assert_eq!(
        (late.overdue_days, late.risen > 0, late.chief.zh.as_str()),
        (10, true, "县控辍保学办公室")
    );
    let filter = CaseFilter { tab: CaseTab::FollowUp, ..CaseFilter::default() };
    let numbers = |day: Date| -> Vec<u64> {
        seat.cases(&filter, Some(day)).unwrap().lines.iter().map(|l| l.number).collect()
    };
    assert_eq!(numbers(date(2026, 1, 30)), [number]);
    assert!(numbers(DAY).is_empty());
    let table = seat.case_accounts(CaseBy::Town, Some(date(2026, 1, 30))).unwrap();
    assert_eq!(table.lines.len(), 1, "a town sees itself alone");
    assert_eq!((table.total.returned, table.total.opened), (1, table.lines[0].account.opened));
}

#[test]
fn a_child_who_is_on_a_roster_again_is_proposed_and_never_closed_silently() {
    let mut county = County::new();
    let case = county.case();
    let child = county.store.read(|tx| tx.person(county.code, case.person)).unwrap().unwrap();
    let school = county.store.read(|tx| tx.schools(county.code)).unwrap();
    let school = school.iter().find(|s| Some(s.id) == case.now.school).unwrap();
    let id = child.citizen_id.unwrap();
    let text = format!(
        "姓名,身份证号,学校,年级,班级,学期,就读方式,学籍状态,监护人姓名\n{},{},{},{},1班,2025秋,走读,在读,{}\n",
        child.name,
        id.reveal(),
        school.name,
        case.grade.map_or("七年级", fujiao_model::Grade::chinese),
        child.guardian.as_deref().unwrap_or_default(),
    );
    let path = county.folder.path().join("补报.csv");
    fs::write(&path, text).unwrap();
    let how = ImportHow { dry_run: false, force: true, at: now() };
    let incoming = [Incoming { path, name: "补报.csv".into() }];
    let report = county.office.import(&incoming, &how, &|_, _, _| ()).unwrap();
    assert!(report.files[0].state.is_taken(), "{report:?}");
    county.assess(DAY.tomorrow().unwrap());
    let seat = county.office.desk().seat(&bureau());
    let line = seat.case(case.number, None).unwrap().unwrap().line;
    assert_eq!(line.state, CaseState::Found, "nothing closes by itself");
    let Some(CaseHint::Back(row)) = line.hint else { panic!("{:?}", line.hint) };
    let proof = county.store.read(|tx| tx.rows_between(county.code, row, row)).unwrap();
    assert_eq!(proof.len(), 1);
    county.step(&bureau(), case.number, DAY, Act::Verify { real: true }).unwrap();
    let back = Act::Return { proof: "学籍名册".into(), row: Some(row), follow_until: None };
    county.step(&bureau(), case.number, DAY, back).unwrap();
    let line = seat.case(case.number, None).unwrap().unwrap().line;
    assert_eq!((line.state, line.hint), (CaseState::FollowUp, None));
}

#[test]
fn a_case_is_seen_on_its_ground_and_by_whom_it_is_offered_to() {
    let county = County::new();
    let case = county.case();
    let (number, town) = (case.number, case.now.town.unwrap());
    let places = county.store.read(|tx| tx.places(county.code)).unwrap();
    let other = places
        .iter()
        .map(|place| place.code)
        .find(|code| *code == code.town() && *code != town && *code != code.county())
        .unwrap();
    let ours = county.account("li", Role::Town, &Ground::Place(town));
    let theirs = county.account("wang", Role::Town, &Ground::Place(other));
    let sees = |who: &Actor| county.office.desk().seat(who).case(number, None).unwrap().is_some();
    assert!(sees(&ours) && !sees(&theirs));
    let elsewhere: Vec<u64> = county.cases().iter().map(|c| c.number).collect();
    let assigned = county.office.assign_cases(&theirs, &elsewhere, theirs.user).unwrap();
    assert!(assigned.left.iter().any(|(n, e)| *n == number && *e == CaseError::NoSuchCase));

    county.step(&ours, number, DAY, Act::Verify { real: true }).unwrap();
    let no_place = Act::Transfer { place: Division::parse("619926999000").unwrap(), school: None };
    let refused = county.step(&ours, number, DAY, no_place);
    assert!(refused.is_err());
    county.step(&ours, number, DAY, Act::Transfer { place: other, school: None }).unwrap();
    assert!(sees(&theirs), "who is asked sees what they are asked for");
    assert_eq!(refusal(county.step(&ours, number, DAY, Act::Accept)), {
        let page = county.office.desk().seat(&ours).case(number, None).unwrap().unwrap();
        page.acts.iter().find(|(code, _)| *code == "accept").unwrap().1.clone().unwrap()
    });
    county.step(&theirs, number, DAY, Act::Accept).unwrap();
    let moved = county.store.read(|tx| tx.case(county.code, number)).unwrap().unwrap();
    assert_eq!((moved.now.town, moved.state.as_str()), (Some(other), "verified"));
    let mentor = actor(95, "m", Role::Mentor, Ground::Persons(vec![case.person]));
    assert!(sees(&mentor) && !mentor.may(Right::Case));
    let page = county.office.desk().seat(&mentor).case(number, None).unwrap().unwrap();
    assert!(page.steps.iter().all(|s| s.note.is_empty()) && page.acts.is_empty());
}

#[test]
fn several_are_assigned_and_printed_at_once() {
    let county = County::new();
    let case = county.case();
    let town = county.account("li", Role::Town, &Ground::Place(case.now.town.unwrap()));
    let seat = county.office.desk().seat(&town);
    let numbers: Vec<u64> = seat
        .cases(&CaseFilter::default(), None)
        .unwrap()
        .lines
        .iter()
        .map(|line| line.number)
        .collect();
    assert!(numbers.contains(&case.number));
    // It is the school's or the village's turn: the town is told so for each.
    let assigned = county.office.assign_cases(&town, &numbers, town.user).unwrap();
    assert_eq!((assigned.done, assigned.left.len()), (0, numbers.len()));
    let file = county.office.case_papers(&town, &numbers, "return_notice").unwrap();
    let text = docx_text(&file.bytes);
    let whole = numbers.len() - file.left.len();
    assert_eq!(text.matches("第五十八条").count(), whole);
    assert_eq!(text.contains("没有出的"), !file.left.is_empty());
    assert!(whole > 0);
    assert_eq!(county.audits("print case papers"), 1);
}

fn docx_text(bytes: &[u8]) -> String {
    let mut archive = zip::ZipArchive::new(io::Cursor::new(bytes)).unwrap();
    let mut text = String::new();
    archive.by_name("word/document.xml").unwrap().read_to_string(&mut text).unwrap();
    text
}
