//! Training and work over made counties: planted troubles are found, and what pages write down is owed, done and counted like rows of
//! rosters.

#![expect(clippy::unwrap_used, reason = "a test's helpers fail the test")]

use std::collections::{BTreeMap, BTreeSet};
use std::io;

use fujiao_office::access::{Actor, Grant, Ground, Role};
use fujiao_office::labour::{
    How, LabourError, NewJob, NewSession, NewVacancy, SessionFilter, SessionState, WorkerFilter,
};
use fujiao_office::score::{Results, Score, Truth, score};
use fujiao_office::{ImportHow, Incoming, Office, OfficeError, ResultFile, Rulebook};
use fujiao_synth::{Order, Sink, make};
use jiff::Timestamp;
use jiff::civil::{Date, date};

mod place;

const AS_OF: Date = date(2025, 10, 15);

fn now() -> Timestamp {
    Timestamp::from_second(1_760_500_000).unwrap()
}

#[derive(Default)]
struct Files(BTreeMap<String, Vec<u8>>);

impl Sink for Files {
    fn put(&mut self, path: &str, bytes: Vec<u8>) -> io::Result<()> {
        self.0.insert(path.to_owned(), bytes);
        Ok(())
    }
}

struct Books {
    folder: tempfile::TempDir,
    office: Office,
    truth: Files,
    results: BTreeMap<String, Vec<u8>>,
}

fn books(people: u32, seed: u64, noise: f64) -> Books {
    let folder = tempfile::tempdir().unwrap();
    let db = place::of(folder.path());
    let mut office = Office::open(&db, &folder.path().join("county.key")).unwrap();
    let mut files = Files::default();
    make(&Order { county: None, people, seed, noise, as_of: AS_OF }, &mut files).unwrap();
    let incoming: Vec<Incoming> = files
        .0
        .iter()
        .filter(|(name, _)| !name.starts_with("truth/"))
        .map(|(name, bytes)| {
            let path = folder.path().join(name.replace('/', "_"));
            std::fs::write(&path, bytes).unwrap();
            Incoming { path, name: name.clone() }
        })
        .collect();
    let how = ImportHow { dry_run: false, force: true, at: now() };
    let report = office.import(&incoming, &how, &|_, _, _| ()).unwrap();
    let assessment = office.assess(AS_OF, now(), &|_, _, _| ()).unwrap();
    let quiet = |_: &str, _: u64, _: u64| ();
    let (_, results) = office.results(&report, 0.0, &assessment, false, now(), &quiet).unwrap();
    let results = results.into_iter().map(|ResultFile { name, bytes }| (name, bytes)).collect();
    Books { folder, office, truth: files, results }
}

impl Books {
    fn scores(&self) -> BTreeMap<&'static str, Score> {
        let of = |name: &str| self.results[name].as_slice();
        let truth = |name: &str| self.truth.0[&format!("truth/{name}.csv")].as_slice();
        let results = Results {
            persons: of("persons.csv"),
            gaps: of("gaps.csv"),
            households: of("households.csv"),
        };
        let truth = Truth {
            rows: truth("rows"),
            persons: truth("persons"),
            aid: truth("aid"),
            out_of_school: truth("out_of_school"),
            double_enrolment: truth("double_enrolment"),
            untrained: truth("untrained"),
            meals: truth("meals"),
            labour: truth("labour"),
        };
        score(&results, &truth).unwrap().into_iter().map(|s| (s.name, s)).collect()
    }
}

#[test]
fn planted_troubles_of_training_and_work_are_found_and_nobody_else_is_accused() {
    let mut sums: BTreeMap<&str, (u64, u64, u64)> = BTreeMap::new();
    for (seed, noise) in [(1, 0.0), (2, 0.0), (3, 0.02), (4, 0.02)] {
        let books = books(4_000, seed, noise);
        for (name, s) in books.scores() {
            if s.false_alarms + s.missed > 0 {
                println!("{seed}: {name} {} {} {}", s.hits, s.false_alarms, s.missed);
            }
            let of = sums.entry(name).or_default();
            *of = (of.0 + s.hits, of.1 + s.false_alarms, of.2 + s.missed);
        }
    }
    for name in ["untrained", "certificate", "job_ended", "trained_twice"] {
        let (hits, false_alarms, missed) = sums[name];
        println!("{name}: {hits} hits, {false_alarms} false, {missed} missed");
        assert!(hits >= 10, "{name}: {hits} planted");
        assert!(false_alarms * 99 <= hits, "{name}: {false_alarms} of {hits}");
        assert!(missed * 99 <= hits, "{name}: {missed} beside {hits}");
    }
}

/// The day in the books of a made county.
const TODAY: Date = AS_OF;

fn console() -> Actor {
    Actor::console(now())
}

fn refused<T: std::fmt::Debug>(done: Result<T, OfficeError>) -> LabourError {
    match done {
        Err(OfficeError::Labour(error)) => error,
        other => panic!("{other:?}"),
    }
}

fn open_course(from: Date, to: Date, trainer: &str) -> NewSession {
    NewSession {
        course: "养老护理员".into(),
        kind: "就业创业".into(),
        name: "试班".into(),
        provider: "县公共就业培训中心".into(),
        from: Some(from),
        to: Some(to),
        hours: "40".into(),
        seats: "3".into(),
        town: "云台镇".into(),
        venue: "云台镇培训点".into(),
        room: "试教室".into(),
        trainer: trainer.into(),
        cost: "2000".into(),
    }
}

/// A session from its opening to certificates, a job, its proof and its end: each step a row, each a duty or a deed at the next
/// assessment.
#[test]
fn what_pages_write_is_owed_and_done_like_rows_of_rosters() {
    let mut books = books(3_000, 7, 0.0);
    let actor = console();
    let office = &books.office;
    let untrained = WorkerFilter { show: "untrained".into(), ..WorkerFilter::default() };
    let before = office.workers(&actor, &untrained, true).unwrap();
    assert!(before.total > 5, "{}", before.total);

    // It cannot end before it begins; its teacher is in one place at a time.
    let mut wrong = open_course(date(2025, 10, 10), date(2025, 10, 9), "试教师");
    assert!(matches!(
        refused(office.open_session(&actor, &wrong)),
        LabourError::Form { field: "to", .. }
    ));
    wrong.to = wrong.from;
    let key =
        office.open_session(&actor, &open_course(date(2025, 10, 13), TODAY, "试教师")).unwrap();
    let mut other = open_course(date(2025, 10, 14), date(2025, 10, 16), "试教师");
    other.name = "另一班".into();
    other.room = "另一教室".into();
    assert!(matches!(refused(office.open_session(&actor, &other)), LabourError::Clash(_)));

    let page = office.course_session(&actor, key, None).unwrap();
    assert_eq!(page.line.state, SessionState::Running);
    assert!(page.candidates.len() > 3);
    let people: Vec<u64> = page.candidates.iter().map(|c| c.person).collect();
    assert!(matches!(
        refused(office.enrol(&actor, key, &people[..4])),
        LabourError::Full { seats: 3, enrolled: 0, more: 4 }
    ));
    assert_eq!(office.enrol(&actor, key, &people[..3]).unwrap(), 3);
    assert_eq!(office.enrol(&actor, key, &people[..3]).unwrap(), 0, "twice is once");
    // Nobody is in two sessions on one day.
    other.trainer = "另一教师".into();
    let second = office.open_session(&actor, &other).unwrap();
    assert!(matches!(refused(office.enrol(&actor, second, &people[..1])), LabourError::Clash(_)));
    office.leave_session(&actor, key, people[2]).unwrap();
    assert_eq!(office.course_session(&actor, key, None).unwrap().line.enrolled, 2);

    // Days: only within the session, not to come, as many hours as a day has.
    let mark = |on, hours: &str| {
        office.mark_session(&actor, key, Some(on), &[(people[0], hours.to_owned())])
    };
    assert!(matches!(
        refused(mark(date(2025, 10, 12), "8")),
        LabourError::Form { field: "on", .. }
    ));
    assert!(matches!(
        refused(mark(date(2025, 10, 16), "8")),
        LabourError::Form { field: "on", .. }
    ));
    assert!(matches!(
        refused(mark(date(2025, 10, 14), "25")),
        LabourError::Form { field: "hours", .. }
    ));
    for day in [date(2025, 10, 13), date(2025, 10, 14), TODAY] {
        let marks = [(people[0], "13".to_owned()), (people[1], "0".to_owned())];
        assert_eq!(office.mark_session(&actor, key, Some(day), &marks).unwrap(), 1);
    }
    let results =
        [(people[0], Some(true), "ZS001".to_owned()), (people[1], Some(true), "ZS002".to_owned())];
    assert_eq!(office.end_session(&actor, key, &results).unwrap(), 2);
    assert_eq!(
        office.end_session(&actor, key, &results).unwrap(),
        0,
        "the same again is nothing new"
    );

    // Work, which is to be proved in time.
    let job = NewJob {
        employer: "试厂".into(),
        occupation: "护理员".into(),
        on: Some(TODAY),
        ..NewJob::default()
    };
    office.begin_job(&actor, people[0], &job).unwrap();
    let late = NewJob { on: Some(date(2025, 10, 16)), ..job.clone() };
    assert!(matches!(
        refused(office.begin_job(&actor, people[0], &late)),
        LabourError::Form { field: "on", .. }
    ));

    books.office.assess(TODAY, now(), &|_, _, _| ()).unwrap();
    let office = &books.office;
    let one = office.worker(&actor, people[0]).unwrap().unwrap();
    assert_eq!(
        (one.of.completed, one.of.course.as_str(), one.of.job.as_str()),
        (1, "养老护理员", "working")
    );
    assert!(!one.of.untrained, "their household has a trained member now");
    let after = office.workers(&actor, &untrained, true).unwrap();
    assert!(after.total < before.total);
    // Whoever got a certificate without an hour is a doubt, and a duty to look into.
    let doubts = office.labour_findings(&actor, "certificate_without_attendance", 1, true).unwrap();
    assert!(doubts.lines.iter().any(|f| f.of.person == Some(people[1])), "{:?}", doubts.kinds);

    let held = office.jobs_held(&actor, "", 1, true).unwrap();
    let own = held.lines.iter().find(|j| j.person == people[0] && j.employer == "试厂").unwrap();
    let months: Vec<u16> = own.clocks.iter().map(|c| c.months).collect();
    assert_eq!(months, [3, 6, 12]);
    assert!(matches!(
        refused(office.end_job(&actor, own.row, Some(date(2025, 10, 1)))),
        LabourError::Form { field: "on", .. }
    ));
    office.prove_job(&actor, own.row, (Some(TODAY), true, "走访")).unwrap();
    office.end_job(&actor, own.row, Some(TODAY)).unwrap();
    assert!(
        office.jobs_held(&actor, "", 1, true).unwrap().lines.iter().any(|j| j.to == Some(TODAY))
    );
}

/// A county proves work one month after its beginning, and nowhere else: duties, clocks and the register follow its file.
#[test]
fn a_countys_own_rules_of_labour_take_effect() {
    let mut books = books(3_000, 7, 0.0);
    let months = |office: &Office| -> BTreeSet<u16> {
        let held = office.jobs_held(&console(), "", 1, true).unwrap();
        held.lines.iter().flat_map(|j| &j.clocks).map(|c| c.months).collect()
    };
    let proofs = |gaps: &[u8]| {
        let text = String::from_utf8_lossy(gaps).into_owned();
        [1, 3].map(|n| text.lines().filter(|l| l.contains(&format!("满 {n} 个月"))).count())
    };
    assert_eq!(months(&books.office), [3, 6, 12].into());
    let [one, three] = proofs(&books.results["gaps.csv"]);
    assert!(one == 0 && three > 0, "{one} {three}");
    let policies = books.folder.path().join("policies");
    std::fs::create_dir(&policies).unwrap();
    let own = fujiao_labour::Rules::BUILTIN.replacen("months = [3, 6, 12]", "months = [1]", 1);
    std::fs::write(policies.join("本县劳动力.toml"), own).unwrap();
    books.office.set_rules(Rulebook::read(books.folder.path()).unwrap());
    assert_eq!(months(&books.office), [1].into());
    let how = ImportHow { dry_run: false, force: false, at: now() };
    let report = books.office.import(&[], &how, &|_, _, _| ()).unwrap();
    let assessment = books.office.assess(AS_OF, now(), &|_, _, _| ()).unwrap();
    let quiet = |_: &str, _: u64, _: u64| ();
    let (_, files) = books.office.results(&report, 0.0, &assessment, false, now(), &quiet).unwrap();
    let [one, three] = proofs(&files.iter().find(|f| f.name == "gaps.csv").unwrap().bytes);
    assert!(one > 0 && three == 0, "{one} {three}");
}

/// A run that matches is checked, accepted once, answered once; who stays out of their ground sees nothing of it.
#[test]
fn matches_are_checked_and_offers_are_answered() {
    let mut books = books(3_000, 8, 0.0);
    let actor = console();
    let office = &books.office;
    let vacancy = NewVacancy {
        employer: "试车间".into(),
        kind: "就业帮扶车间".into(),
        occupation: "缝纫工".into(),
        openings: "200".into(),
        wage: "2600".into(),
        work_place: String::new(),
        town: String::new(),
        flexible: true,
        until: Some(date(2025, 12, 31)),
    };
    office.post_vacancy(&actor, &vacancy).unwrap();
    let bad = NewVacancy { openings: "0".into(), ..vacancy.clone() };
    assert!(matches!(
        refused(office.post_vacancy(&actor, &bad)),
        LabourError::Form { field: "openings", .. }
    ));
    let open = office.vacancies(&actor, true).unwrap();
    assert!(open.lines.iter().any(|v| v.employer == "试车间" && v.openings == 200));

    for how in [How::Stable, How::Weight] {
        let number = office.match_people(&actor, how, "送岗上门").unwrap();
        let page = office.match_page(&actor, number, "", 1, true).unwrap();
        assert_eq!(page.run.verdict, "ok", "{how:?}");
        assert!(page.counts[0] > 10, "{how:?}: {:?}", page.counts);
        for line in &page.lines {
            assert!(!line.reasons.is_empty(), "no reason for {line:?}");
            let points: i64 = line.reasons.iter().map(|r| r.1).sum();
            if !line.line.vacancy.is_empty() {
                assert_eq!(points, line.line.points, "reasons add up: {line:?}");
            }
        }
    }
    let runs = office.match_runs(&actor).unwrap();
    assert_eq!(runs.runs[1].state, "dropped", "a newer proposal drops the one before");
    let number = runs.runs[0].number;
    office.accept_matches(&actor, number).unwrap();
    assert!(matches!(refused(office.drop_matches(&actor, number)), LabourError::NotNow(_)));
    let page = office.match_page(&actor, number, "open", 1, true).unwrap();
    let (first, second) = (page.lines[0].person, page.lines[1].person);
    office.answer_offer(&actor, (number, first), true, Some(TODAY), "").unwrap();
    assert!(matches!(
        refused(office.answer_offer(&actor, (number, second), false, None, " ")),
        LabourError::Form { field: "why", .. }
    ));
    office.answer_offer(&actor, (number, second), false, None, "要照顾老人").unwrap();
    assert!(matches!(
        refused(office.answer_offer(&actor, (number, second), false, None, "再说")),
        LabourError::NotNow(_)
    ));
    // Papers hold those who did not answer yet.
    assert!(office.offers_paper(&actor, number).unwrap().bytes.starts_with(b"PK"));

    // A town sees its own people of a run alone.
    let town = page.lines.iter().find_map(|m| office.worker(&actor, m.person).unwrap()?.of.town);
    let town = town.unwrap();
    let grant =
        Grant { role: Role::Town, ground: Ground::Place(town), from: Date::MIN, until: None };
    let seat = Actor {
        user: 5,
        login: "town".into(),
        name: "镇".into(),
        grants: vec![grant],
        ..console()
    };
    let own = office.match_page(&seat, number, "", 1, true).unwrap();
    let all = office.match_page(&actor, number, "", 1, true).unwrap();
    assert!(!own.lines.is_empty() && own.lines.len() < all.lines.len());
    assert!(matches!(
        office.answer_offer(&seat, (number, page.lines[2].person), false, None, "不去"),
        Err(OfficeError::NotAllowed(_))
    ));

    books.office.assess(TODAY, now(), &|_, _, _| ()).unwrap();
    let office = &books.office;
    let one = office.worker(&actor, first).unwrap().unwrap();
    assert_eq!(one.of.job, "working");
    // Who has an offer open is not offered another.
    let again = office.match_people(&actor, How::Weight, "再匹配").unwrap();
    let again = office.match_page(&actor, again, "", 1, true).unwrap();
    let waiting: std::collections::BTreeSet<u64> =
        page.lines[2..].iter().map(|m| m.person).collect();
    assert!(again.lines.iter().all(|m| !waiting.contains(&m.person) && m.person != first));
}

/// A course plan is counted again, accepted, and becomes sessions with their people.
#[test]
fn a_course_plan_becomes_sessions_with_people() {
    use fujiao_office::plans::{Ask, CoursesAsk, ScenarioState, Solving, said};
    let books = books(4_000, 9, 0.0);
    let actor = console();
    let office = &books.office;
    let ask = Ask::Courses(CoursesAsk { yuan: Some(200_000), ..CoursesAsk::default() });
    let id = office.keep_plan(&actor, "春季排班", ask, None).unwrap();
    let began = std::time::Instant::now();
    let solving = Solving {
        roads: None,
        stop: &|_| began.elapsed().as_secs() >= 10,
        stopped: &|| false,
        progress: &|_, _, _| (),
        now: &now,
    };
    assert!(office.solve_plan(id, &solving).unwrap());
    let view = office.plan(&actor, id).unwrap();
    assert_eq!(view.scenario.state, ScenarioState::Solved, "{:?}", view.scenario.failure);
    assert_eq!(view.scenario.verdict.as_deref(), Some("ok"));
    let Some(said::Result::Courses(plan)) = &view.result else { panic!("no course plan") };
    let held: Vec<_> = plan.sessions.iter().filter(|s| s.held).collect();
    assert!(!held.is_empty() && plan.reached > 0 && plan.spent <= 200_000, "{plan:?}");
    let reached = u32::try_from(plan.homes.iter().filter(|h| h.session.is_some()).count()).unwrap();
    assert_eq!(reached, plan.reached);
    assert!(plan.homes.iter().all(|h| h.session.is_some() == h.why.is_empty()));
    let before = office.course_sessions(&actor, &SessionFilter::default()).unwrap().sessions.len();
    office.accept_plan(&actor, id, "培训中心办公会").unwrap();
    let after = office.course_sessions(&actor, &SessionFilter::default()).unwrap().sessions;
    assert_eq!(after.len(), before + held.len());
    let enrolled: usize =
        after.iter().filter(|s| s.name.starts_with("规划")).map(|s| s.enrolled).sum();
    assert_eq!(enrolled, plan.reached as usize);
}
