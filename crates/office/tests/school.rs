//! Meals of made months: planted over-claims are found, clean schools are not accused; what cannot be is refused at its field.

#![expect(clippy::unwrap_used, reason = "a test's helpers fail the test")]

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::io;
use std::path::Path;

use fujiao_office::access::{Actor, Ground, Role};
use fujiao_office::school::{InspectionForm, NewStep, SchoolError};
use fujiao_office::{ImportHow, ImportReport, Incoming, Office, OfficeError};
use fujiao_store::{Keys, Store};
use fujiao_synth::{MonthOrder, MonthSummary, Sink, make_month};
use jiff::Timestamp;
use jiff::civil::{Date, date};

const COUNTY: u32 = 619_926;
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
}

fn made(schools: u32, pupils: u32, seed: u64) -> (Files, MonthSummary) {
    let mut files = Files::default();
    let order = MonthOrder { schools, pupils, seed, month: (2025, 9) };
    let summary = make_month(&order, &mut files).unwrap();
    (files, summary)
}

fn take(office: &mut Office, folder: &Path, name: &str, bytes: &[u8]) -> ImportReport {
    let path = folder.join(name.replace('/', "_"));
    std::fs::write(&path, bytes).unwrap();
    let how = ImportHow { dry_run: false, force: true, at: now() };
    office.import(&[Incoming { path, name: name.to_owned() }], &how, &|_, _, _| ()).unwrap()
}

fn books(schools: u32, pupils: u32, seed: u64) -> Books {
    let folder = tempfile::tempdir().unwrap();
    let db = folder.path().join("county.db");
    let mut office = Office::open(db.to_str().unwrap(), &folder.path().join("county.key")).unwrap();
    let (files, _) = made(schools, pupils, seed);
    for (name, bytes) in files.0.iter().filter(|(name, _)| !name.starts_with("truth/")) {
        let report = take(&mut office, folder.path(), name, bytes);
        let file = &report.files[0];
        assert!(file.state.is_taken(), "{name}: {file:?}");
        assert_eq!(file.counts.refused, 0, "{name}: {file:?}");
    }
    office.assess(AS_OF, now(), &|_, _, _| ()).unwrap();
    Books { folder, office, truth: files }
}

fn table(files: &Files, path: &str) -> Vec<Vec<String>> {
    let text = String::from_utf8(files.0[path].clone()).unwrap();
    text.lines().skip(1).map(|l| l.split(',').map(str::to_owned).collect()).collect()
}

/// Found, planted, and both: class days by school, class, day, why and meals; names by school, person, why and meals.
fn compared(books: &Books) -> (BTreeSet<String>, BTreeSet<String>) {
    let actor = Actor::console(now());
    books.office.close_meals(&actor, "2025-09").unwrap();
    let month = books.office.meals_month(&actor, "2025-09", None).unwrap();
    let mut planted = BTreeSet::new();
    for row in table(&books.truth, "truth/meal_days.csv") {
        planted.insert(format!("day {}", row.join(" ")));
    }
    let mut of_person: BTreeMap<(String, String, String), i64> = BTreeMap::new();
    for row in table(&books.truth, "truth/meal_names.csv") {
        let key = (row[0].clone(), row[1].clone(), row[2].clone());
        *of_person.entry(key).or_default() += row[3].parse::<i64>().unwrap();
    }
    planted.extend(of_person.into_iter().map(|((s, p, w), n)| format!("name {s} {p} {w} {n}")));
    let ids = books.ids();
    let mut found = BTreeSet::new();
    for (f, school) in &month.findings {
        let school = school.trim_start_matches("岚川县");
        match f.person {
            None => found.insert(format!(
                "day {school} {} {} {} {}",
                f.class,
                f.day.unwrap(),
                f.why,
                f.meals
            )),
            Some(person) => {
                let id = &ids[&person];
                found.insert(format!("name {school} {id} {} {}", f.why, f.meals))
            }
        };
    }
    (found, planted)
}

impl Books {
    fn store(&self) -> Store {
        let key = std::fs::read_to_string(self.folder.path().join("county.key")).unwrap();
        let db = self.folder.path().join("county.db");
        Store::open(db.to_str().unwrap(), Keys::parse(&key).unwrap()).unwrap()
    }

    /// Citizen ids by person.
    fn ids(&self) -> BTreeMap<u64, String> {
        let persons = self.store().read(|tx| tx.persons(COUNTY)).unwrap();
        let id = |p: fujiao_store::Person| Some((p.id, p.citizen_id?.reveal().to_owned()));
        persons.into_iter().filter_map(id).collect()
    }

    /// Reasons for which rows of the last file were refused.
    fn reasons(&self) -> Vec<String> {
        let store = self.store();
        let found = store.read(|tx| {
            let last = tx.files(COUNTY)?.last().map_or(0, |f| f.id);
            tx.findings(COUNTY, last)
        });
        found.unwrap().into_iter().map(|f| f.finding.reason).collect()
    }
}

#[test]
fn planted_over_claims_are_found_and_clean_schools_are_not_accused() {
    for seed in 1..=5 {
        let books = books(14, 1_000, seed);
        let (found, planted) = compared(&books);
        let both = found.intersection(&planted).count();
        let share = |of: usize| {
            f64::from(u32::try_from(both).unwrap()) / f64::from(u32::try_from(of).unwrap())
        };
        let wrong: Vec<&String> = found.difference(&planted).take(5).collect();
        let missed: Vec<&String> = planted.difference(&found).take(5).collect();
        assert!(planted.len() > 50, "seed {seed}: only {} planted", planted.len());
        assert!(
            share(found.len()) >= 0.99,
            "seed {seed}: precision {} {wrong:?} {missed:?}",
            share(found.len())
        );
        assert!(
            share(planted.len()) >= 0.99,
            "seed {seed}: recall {} {missed:?}",
            share(planted.len())
        );
        // A school of which nothing is planted is not accused of anything.
        let guilty: BTreeSet<&str> = planted.iter().map(|p| p.split(' ').nth(1).unwrap()).collect();
        let accused: BTreeSet<&str> = found.iter().map(|p| p.split(' ').nth(1).unwrap()).collect();
        assert_eq!(
            accused.difference(&guilty).collect::<Vec<_>>(),
            Vec::<&&str>::new(),
            "seed {seed}"
        );
    }
}

fn school_error(error: OfficeError) -> SchoolError {
    match error {
        OfficeError::School(error) => error,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_locked_month_takes_nothing_and_unlocking_is_an_act_with_a_reason() {
    let mut books = books(8, 400, 1);
    let actor = Actor::console(now());
    let lock = |books: &Books| books.office.lock_meals(&actor, "2025-09");
    assert_eq!(school_error(lock(&books).unwrap_err()), SchoolError::NotClosed("2025-09".into()));
    assert!(matches!(
        books.office.lock_meals(&actor, "2025-10").unwrap_err(),
        OfficeError::School(SchoolError::NotOver(_))
    ));
    let line = books.office.close_meals(&actor, "2025-09").unwrap();
    assert!(
        line.payable.0 > 0 && line.meals[3] == line.meals[5] + line.meals[6] + line.meals[7],
        "{line:?}"
    );
    lock(&books).unwrap();
    let again = books.office.close_meals(&actor, "2025-09").unwrap_err();
    assert_eq!(school_error(again), SchoolError::Locked("2025-09".into()));
    let school = &table(&books.truth, "教育局/学校名册.csv")[2][0];
    let row = format!(
        "学校,年级,班级,供餐日期,到校人数,供餐份数,申报份数\n{school},一年级,1班,2025-09-03,1,1,1\n"
    );
    let folder = books.folder.path().to_owned();
    let report = take(&mut books.office, &folder, "补报.csv", row.as_bytes());
    assert_eq!((report.files[0].counts.read, report.files[0].counts.refused), (1, 1), "{report:?}");
    assert_eq!(
        school_error(books.office.unlock_meals(&actor, "2025-09", " ").unwrap_err()),
        SchoolError::NoReason
    );
    books.office.unlock_meals(&actor, "2025-09", "青石小学补报三天").unwrap();
    let year = books.office.meals_year(&actor, Some(2025)).unwrap();
    assert_eq!(
        year.acts.iter().map(|a| (a.1, a.4.as_str())).collect::<Vec<_>>(),
        [(false, "青石小学补报三天"), (true, "")]
    );
    assert!(year.months[0].locked.is_none());
    assert_eq!(books.office.verify().unwrap().faults, Vec::<String>::new());
}

#[test]
fn what_cannot_be_is_refused_at_its_field_and_the_rest_is_kept() {
    let mut books = books(8, 400, 2);
    let folder = books.folder.path().to_owned();
    let school = table(&books.truth, "教育局/学校名册.csv")[2][0].clone();
    let mut check = |name: &str, text: String, want: (u64, u64), reason: &str| {
        let report = take(&mut books.office, &folder, name, text.as_bytes());
        let file = &report.files[0];
        assert_eq!((file.counts.created, file.counts.refused), want, "{name}: {file:?}");
        let findings = books.reasons();
        assert!(
            findings.iter().any(|f| f.contains(reason)),
            "{name}: {reason} is not in {findings:?}"
        );
    };
    // Outside term, more served than enrolled, below nought; four good rows beside.
    let day = |on: &str, n: &str| format!("{school},一年级,1班,{on},{n}\n");
    let mut text = String::from("学校,年级,班级,供餐日期,到校人数,供餐份数,申报份数\n");
    for on in ["2025-10-09", "2025-10-10", "2025-10-13", "2025-10-14"] {
        text += &day(on, "2,2,2");
    }
    text += &day("2025-08-20", "2,2,2");
    text += &day("2025-10-11", "2,900,2");
    text += &day("2025-10-15", "-2,2,2");
    check("十月.csv", text, (4, 3), "供餐比在籍多");
    let mut text = String::from("学校,测量项目,测量值,计量单位,测量日期\n");
    for (item, value, unit) in
        [("女厕位", "2", "个"), ("女厕位", "2", "平方米"), ("图书册数", "30", "册")]
    {
        let day = 10 + value.len();
        writeln!(text, "{school},{item},{value},{unit},2025-09-{day:02}").unwrap();
    }
    check("测量.csv", text, (2, 1), "单位不对");
    let mut text = String::from("学校,食材,出入库,数量,计量单位,金额,供应商,出入库日期\n");
    for (movement, n, on) in
        [("入库", "50", "2025-09-01"), ("出库", "30", "2025-09-02"), ("出库", "30", "2025-09-03")]
    {
        writeln!(text, "{school},大米,{movement},{n},公斤,200,甲粮油,{on}").unwrap();
    }
    check("食材.csv", text, (2, 1), "会成负数");
}

#[test]
fn a_measured_gap_is_priced_and_goes_from_need_to_acceptance() {
    let mut books = books(8, 400, 3);
    let folder = books.folder.path().to_owned();
    let actor = Actor::console(now());
    let school = table(&books.truth, "教育局/学校名册.csv")[2][0].clone();
    let text = format!(
        "学校,测量项目,测量值,计量单位,测量日期\n{school},女厕位,1,个,2025-09-10\n{school},围墙,否,是否,2025-09-10\n"
    );
    take(&mut books.office, &folder, "测量.csv", text.as_bytes());
    books.office.assess(AS_OF, now(), &|_, _, _| ()).unwrap();
    let page = books.office.gap_ledger(&actor, "", None).unwrap();
    let fence = page.lines.iter().find(|l| l.standard == "base.fence").unwrap();
    assert_eq!((fence.figures, fence.cost, fence.line), ((1, 0, 1), Some(22_000_000), Some(9)));
    assert!(fence.basis.contains("第9条"), "{}", fence.basis);
    let toilets = page.lines.iter().find(|l| l.standard == "base.toilet_girls").unwrap();
    assert_eq!(toilets.cost, Some(toilets.figures.2 * 900_000));
    // What was never measured is asked for and no gap.
    assert!(
        page.unmeasured.iter().any(|(item, basis)| item == "图书册数" && basis.contains("规程"))
    );
    let number = books.office.begin_project(&actor, fence.school, "base.fence", "").unwrap();
    let step = |code: &str, amount: &str| NewStep {
        code: code.into(),
        on: Some(date(2025, 9, 20)),
        amount: amount.into(),
        quantity: "1".into(),
        party: "县财政".into(),
        ..NewStep::default()
    };
    let take_step =
        |code: &str, amount: &str| books.office.project_step(&actor, number, &step(code, amount));
    assert_eq!(
        school_error(take_step("accepted", "1").unwrap_err()),
        SchoolError::Step("立项", "验收")
    );
    assert!(matches!(
        school_error(take_step("funded", "").unwrap_err()),
        SchoolError::Form { field: "amount", .. }
    ));
    for (code, amount) in [
        ("funded", "220000"),
        ("contracted", "200000"),
        ("progress", "100000"),
        ("accepted", "100000"),
    ] {
        take_step(code, amount).unwrap();
    }
    let view = &books.office.projects(&actor, Some(number)).unwrap()[0];
    assert_eq!((view.state, view.money), ("accepted", (22_000_000, 20_000_000, 20_000_000)));
    assert_eq!(
        books.office.gap_ledger(&actor, "base.fence", None).unwrap().lines[0].project,
        Some((number, "accepted"))
    );
}

#[test]
fn an_inspection_comes_in_once_and_its_faults_are_duties_until_they_are_put_right() {
    let mut books = books(8, 400, 4);
    let actor = Actor::console(now());
    let page = books.office.inspections(&actor, None).unwrap();
    let school = page.schools[0].0;
    let mut form = InspectionForm {
        key: "a1".into(),
        school,
        on: Some(date(2025, 10, 14)),
        ..InspectionForm::default()
    };
    form.items.insert("samples".into(), (Some(false), String::new()));
    assert!(matches!(
        school_error(books.office.inspect(&actor, &form).unwrap_err()),
        SchoolError::Form { field: "fault", .. }
    ));
    form.items.insert("samples".into(), (Some(false), "留样只有一份".into()));
    form.items.insert("licence".into(), (Some(true), String::new()));
    let number = books.office.inspect(&actor, &form).unwrap();
    assert_eq!(books.office.inspect(&actor, &form).unwrap(), number, "the same form again");
    let key = fujiao_office::entries::EntryKey([7; 16]);
    let photo = |bytes: &[u8]| {
        books.office.school_photo(&actor, ("inspection", number, "samples"), key, bytes)
    };
    let large = vec![0xff; 40 * 1024 * 1024];
    assert_eq!(school_error(photo(&large).unwrap_err()), SchoolError::PhotoTooLarge(40));
    photo(b"\xff\xd8\xff\xe0 a picture").unwrap();
    let page = books.office.inspections(&actor, None).unwrap();
    let fault = &page.inspections[0].faults[0];
    assert_eq!(
        (page.inspections[0].well, fault.due_on, fault.photos.len()),
        (1, Some(date(2025, 10, 17)), 1)
    );
    books.office.assess(AS_OF, now(), &|_, _, _| ()).unwrap();
    let gaps =
        |books: &Books| books.office.desk().seat(&actor).school(school).unwrap().unwrap().lines;
    assert!(gaps(&books).iter().any(|l| l.kind == "meals.fault" && l.gap == 1));
    books
        .office
        .recheck(&actor, (number, "samples"), Some(date(2025, 10, 15)), true, "已补")
        .unwrap();
    books.office.assess(AS_OF, now(), &|_, _, _| ()).unwrap();
    assert!(gaps(&books).iter().any(|l| l.kind == "meals.fault" && l.gap == 0));
}

#[test]
fn places_and_posts_are_counted_and_switches_are_acts() {
    let books = books(8, 400, 5);
    let actor = Actor::console(now());
    let places = books.office.places(&actor).unwrap();
    assert!(!places.rows.is_empty() && places.bands.iter().sum::<u32>() > 8, "{places:?}");
    let posts = books.office.posts(&actor).unwrap();
    let needed: i64 = posts.schools.iter().map(|s| s.posts.needed).sum();
    assert_eq!(needed, posts.totals[1]);
    assert!(!posts.additions.iter().any(|a| a.on));
    assert_eq!(
        school_error(books.office.switch_addition(&actor, "boarding", true, "").unwrap_err()),
        SchoolError::NoReason
    );
    books.office.switch_addition(&actor, "boarding", true, "县编委会议定").unwrap();
    let of = books.office.posts(&actor).unwrap().additions;
    let of = of.iter().find(|a| a.key == "boarding").unwrap();
    assert_eq!((of.on, of.by.as_ref().map(|b| b.2.as_str())), (true, Some("县编委会议定")));
    let town = fujiao_model::Division::parse("619926100").ok();
    let elsewhere = town.map_or(Ground::School(1), Ground::Place);
    let mut outsider = Actor::console(now());
    outsider.grants = vec![fujiao_office::access::Grant {
        role: Role::Town,
        ground: elsewhere,
        from: AS_OF,
        until: None,
    }];
    let theirs = books.office.places(&outsider);
    assert!(theirs.is_err() || theirs.unwrap().rows.len() < places.rows.len());
}
