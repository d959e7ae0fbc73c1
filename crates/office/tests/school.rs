//! Meals of made months: planted over-claims are found, clean schools are not accused; what cannot be is refused at its field.

#![expect(clippy::unwrap_used, reason = "a test's helpers fail the test")]

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::io;
use std::path::Path;

use fujiao_office::access::{Actor, Ground, Role};
use fujiao_office::school::{InspectionForm, NewStep, SchoolError};
use fujiao_office::{ImportHow, ImportReport, Incoming, Office, OfficeError, Rulebook};
use fujiao_store::{Keys, Store};
use fujiao_synth::{MonthOrder, MonthSummary, Sink, make_month};
use jiff::Timestamp;
use jiff::civil::{Date, date};

mod place;

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
    let db = place::of(folder.path());
    let mut office = Office::open(&db, &folder.path().join("county.key")).unwrap();
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
        Store::open(&place::of(self.folder.path()), Keys::parse(&key).unwrap()).unwrap()
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

/// A whole JPEG of one segment and one scan, with what a camera writes beside it.
fn picture() -> Vec<u8> {
    [
        &b"\xff\xd8\xff\xe1\x00\x0eExif\0\0 GPS! \xff\xdb\x00\x04qt"[..],
        b"\xff\xda\x00\x04sc\x01\x02\xff\xd9",
    ]
    .concat()
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

/// What a county writes beside its books: a standard of its own, with what it costs, and another price of a wall.
const OWN: &str = r#"engine = "school"
scope = "county"
title = "本县学校标准"

[[standard]]
key = "own.reading_corner"
title = "班级图书角"
title_en = "Reading corners"
item = "图书角"
unit = "piece"
bearer = "县教育局"
due = "school_year"
rows = [{ from = "2024-09", per = { classes = 1 }, basis = "县教发〔2024〕18号第三条：每班一个图书角", mark = "V*" }]

[[cost]]
standard = "own.reading_corner"
rows = [{ from = "2024", value = 350, basis = "县招标价", mark = "U" }]

[[cost]]
standard = "base.fence"
rows = [{ from = "2024", value = 180000.5, basis = "县招标价", mark = "U" }]
"#;

#[test]
fn a_countys_own_standard_is_owed_priced_and_quoted_and_stays_its_own() {
    let (mut plain, mut own) = (books(8, 400, 3), books(8, 400, 3));
    let actor = Actor::console(now());
    let policies = own.folder.path().join("policies");
    std::fs::create_dir(&policies).unwrap();
    std::fs::write(policies.join("school.toml"), OWN).unwrap();
    own.office.set_rules(Rulebook::read(own.folder.path()).unwrap());
    let school = table(&own.truth, "教育局/学校名册.csv")[2][0].clone();
    let text = format!(
        "学校,测量项目,测量值,计量单位,测量日期\n{school},图书角,2,个,2025-09-10\n{school},围墙,否,是否,2025-09-10\n"
    );
    let of = |books: &mut Books, refused: u64| {
        let folder = books.folder.path().to_owned();
        let report = take(&mut books.office, &folder, "测量.csv", text.as_bytes());
        assert_eq!(report.files[0].counts.refused, refused, "{report:?}");
        books.office.assess(AS_OF, now(), &|_, _, _| ()).unwrap();
        books.office.gap_ledger(&actor, "", None).unwrap().lines
    };
    // One after the other in one process, and the first again: neither takes the other's rules.
    let theirs = of(&mut own, 0);
    let others = of(&mut plain, 1);
    let again = own.office.gap_ledger(&actor, "", None).unwrap().lines;
    let corner = theirs.iter().find(|l| l.standard == "own.reading_corner").unwrap();
    let (due, have, missing) = corner.figures;
    assert_eq!((have, due - have), (2, missing));
    assert!(missing > 0, "{corner:?}");
    assert_eq!(corner.cost, Some(missing * 35_000));
    assert_eq!(
        (corner.title.zh.as_str(), corner.title.en.as_str()),
        ("班级图书角", "Reading corners")
    );
    assert_eq!(corner.basis, "县教发〔2024〕18号第三条：每班一个图书角");
    let fence = |lines: &[fujiao_office::school::GapLine]| {
        lines.iter().find(|l| l.standard == "base.fence").unwrap().cost
    };
    assert_eq!(
        [fence(&theirs), fence(&others), fence(&again)],
        [Some(18_000_050), Some(22_000_000), Some(18_000_050)]
    );
    assert!(others.iter().all(|l| l.standard != "own.reading_corner"));
    // An assessment says by which rules it was made.
    let hash = |books: &Books| {
        books.store().read(|tx| tx.live_run(COUNTY)).unwrap().unwrap().policies_hash
    };
    assert_eq!(hash(&own), own.office.rulebook().hash());
    assert_ne!(hash(&own), hash(&plain));
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
    // What is no whole picture, and what a camera writes beside it.
    assert_eq!(
        school_error(photo(b"\xff\xd8\xff\xe0 a picture").unwrap_err()),
        SchoolError::NoPhoto
    );
    photo(&picture()).unwrap();
    photo(&picture()).unwrap();
    let kept = books.office.show_school_photo(&actor, key).unwrap();
    assert!(kept.bytes.starts_with(b"\xff\xd8\xff") && kept.media_type == "image/jpeg");
    assert!(!kept.bytes.windows(4).any(|w| w == b"GPS!"), "where it was taken is not kept");
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

#[test]
fn the_page_of_posts_and_the_duty_are_one_count() {
    let mut books = books(10, 500, 6);
    let folder = books.folder.path().to_owned();
    let actor = Actor::console(now());
    // Teachers, some away: a post that is filled stays filled.
    let schools = table(&books.truth, "教育局/学校名册.csv");
    let mut text = String::from("学校,姓名,身份证号,教职工类别,任教学科,是否在编,人员状态\n");
    for (n, school) in schools.iter().skip(1).enumerate() {
        for (m, status) in ["在岗", "产假", "退休"].iter().enumerate() {
            let id = fujiao_model::CitizenId::compose(
                619_926,
                date(1985, 3, 1 + i8::try_from(m).unwrap()),
                u16::try_from(n * 2 + 1).unwrap(),
            );
            writeln!(
                text,
                "{},教师{}{m},{},专任教师,语文,是,{status}",
                school[0],
                char::from(b'a' + u8::try_from(n).unwrap()),
                id.reveal()
            )
            .unwrap();
        }
    }
    take(&mut books.office, &folder, "教职工.csv", text.as_bytes());
    books.office.assess(AS_OF, now(), &|_, _, _| ()).unwrap();
    let counted = |books: &Books| {
        let page = books.office.posts(&actor).unwrap();
        let mut of_page = BTreeMap::new();
        for line in &page.schools {
            of_page.insert(
                line.school,
                (line.posts.needed, line.posts.in_quota.min(line.posts.needed)),
            );
        }
        let of_duty: BTreeMap<u64, (i64, i64)> = books
            .store()
            .read(|tx| {
                let run = tx.live_run(COUNTY)?.unwrap();
                tx.duties_of_area(COUNTY, run.id, fujiao_model::Area::Teachers)
            })
            .unwrap()
            .into_iter()
            .filter(|d| &*d.duty.kind == "teachers.posts")
            .map(|d| (d.duty.subject.id, (d.duty.quantity, d.duty.quantity - d.gap)))
            .collect();
        (of_page, of_duty, page.totals[1])
    };
    let (of_page, of_duty, before) = counted(&books);
    assert!(!of_page.is_empty());
    assert_eq!(of_page, of_duty);
    assert!(of_page.values().any(|(_, filled)| *filled == 200), "two of three fill a post");
    // What the ratio forgets is owed as soon as it is switched on.
    books.office.switch_addition(&actor, "birth_leave", true, "县编委会议定").unwrap();
    books.office.assess(AS_OF, now(), &|_, _, _| ()).unwrap();
    let (of_page, of_duty, after) = counted(&books);
    assert_eq!(of_page, of_duty);
    assert!(after > before, "{after} {before}");
}

#[test]
fn what_reviews_show_is_trained_for() {
    let mut books = books(8, 400, 7);
    let folder = books.folder.path().to_owned();
    let actor = Actor::console(now());
    let school = table(&books.truth, "教育局/学校名册.csv")[2][0].clone();
    let id = |n: i8| fujiao_model::CitizenId::compose(619_926, date(1988, 5, n), 77);
    let mut staff =
        String::from("学校,姓名,身份证号,任教学科,是否在编,人员状态,乡村教师生活补助\n");
    let mut seen = String::from("教师姓名,身份证号,学校,任教学科,评价方式,得分,满分,评价日期\n");
    for (n, (name, score, paid)) in
        [("甲一", 52, "是"), ("乙二", 55, "否"), ("丙三", 91, "是")].iter().enumerate()
    {
        let id = id(i8::try_from(n).unwrap() + 1);
        writeln!(staff, "{school},{name},{},英语,是,在岗,{paid}", id.reveal()).unwrap();
        writeln!(seen, "{name},{},{school},英语,听课,{score},100,2025-09-1{n}", id.reveal())
            .unwrap();
        writeln!(
            seen,
            "{name},{},{school},英语,测试,{},150,2025-09-2{n}",
            id.reveal(),
            score * 3 / 2
        )
        .unwrap();
    }
    take(&mut books.office, &folder, "教职工.csv", staff.as_bytes());
    take(&mut books.office, &folder, "听课和教师测试.csv", seen.as_bytes());
    let trained = format!(
        "学员姓名,身份证号,培训专业,期次,培训开始时间,培训结束时间,课时数,考核结果\n甲一,{},英语教学,第一期,2025-09-28,2025-09-30,24,合格\n",
        id(1).reveal()
    );
    take(&mut books.office, &folder, "培训学员.csv", trained.as_bytes());
    books.office.assess(AS_OF, now(), &|_, _, _| ()).unwrap();
    let page = books.office.posts(&actor).unwrap();
    let asks: Vec<(&str, i64, usize)> =
        page.to_train.iter().map(|p| (p.name.as_str(), p.mean, p.reviews)).collect();
    assert_eq!(asks, [("甲一", 520, 2), ("乙二", 548, 2)]);
    assert_eq!(page.needs, [], "six reviews of English are well enough in the mean");
    assert_eq!(page.allowance, (3, 2, 1, 0));
    let line = page.schools.iter().find(|s| s.name.ends_with(&school)).unwrap().school;
    let lines = books.office.desk().seat(&actor).school(line).unwrap().unwrap().lines;
    let of = |kind: &str| lines.iter().find(|l| l.kind == kind).map(|l| (l.due, l.done, l.gap));
    assert_eq!(of("teachers.training"), Some((2, 1, 1)));
    assert_eq!(of("teachers.allowance"), Some((3, 2, 1)));
}

#[test]
fn kitchens_say_what_meals_cost_and_what_stands_out() {
    let mut books = books(8, 400, 8);
    let folder = books.folder.path().to_owned();
    let actor = Actor::console(now());
    let schools = table(&books.truth, "教育局/学校名册.csv");
    let mut goods = String::from("学校,食材,出入库,数量,计量单位,金额,供应商,出入库日期\n");
    for (n, school) in schools.iter().skip(1).take(7).enumerate() {
        let price = if n == 3 { 19 } else { 12 };
        writeln!(goods, "{},猪肉,入库,100,斤,{},甲食品,2025-09-0{}", school[0], price * 100, n + 1)
            .unwrap();
        writeln!(goods, "{},猪肉,出库,60,斤,,,2025-09-1{n}", school[0]).unwrap();
    }
    let of = &schools[2][0];
    let mut menus = String::from("学校,供餐日期,菜品,食材,每人用量,计量单位\n");
    for day in 1..=4 {
        writeln!(
            menus,
            "{of},2025-09-0{day},米饭,大米,50,克\n{of},2025-09-0{day},白菜,大白菜,2,两"
        )
        .unwrap();
    }
    writeln!(menus, "{of},2025-09-05,凉菜,神仙草,1,盆").unwrap();
    take(&mut books.office, &folder, "食材出入库.csv", goods.as_bytes());
    take(&mut books.office, &folder, "带量食谱.csv", menus.as_bytes());
    books.office.close_meals(&actor, "2025-09").unwrap();
    let page = books.office.kitchens(&actor, "", None).unwrap();
    assert_eq!((page.month.as_str(), page.months.len()), ("2025-09", 1));
    let odd: Vec<_> = page.outliers.iter().map(|p| (p.price, p.of, p.supplier.as_str())).collect();
    assert_eq!(odd, [((1_900, 1_200), 7, "甲食品")]);
    let line = page.schools.iter().find(|l| l.name.ends_with(of.as_str())).unwrap();
    let lacks: Vec<&str> = line.lacks.iter().map(|s| s.title.0.as_str()).collect();
    assert_eq!(lacks, ["能量", "蛋白质", "钙", "铁"], "{line:?}");
    assert_eq!((line.menus, line.concentrated), ((5, 4), true));
    assert_eq!(line.cost, line.served.map(|n| line.fen / n));
    assert_eq!(page.unknown, ["神仙草"]);
    let one = books.office.kitchens(&actor, "2025-09", Some(line.school)).unwrap();
    assert_eq!(one.stock.iter().map(|s| s.left).collect::<Vec<_>>(), [40_000]);
    assert_eq!((one.schools.len(), one.menus.len(), one.menus[4].holds.len()), (1, 5, 0));
    assert!(one.menus[0].holds[0] == 173_000 + 17_000, "{:?}", one.menus[0]);
}

#[test]
fn the_register_follows_what_becomes_of_schools_and_past_months_stay() {
    let mut books = books(8, 400, 9);
    let actor = Actor::console(now());
    books.office.close_meals(&actor, "2025-09").unwrap();
    let before = books.office.meals_month(&actor, "2025-09", None).unwrap().line;
    let schools = books.office.inspections(&actor, None).unwrap().schools;
    let (school, other) = (schools[0].0, schools[1].0);
    let turn = |turn: &str, on: Date, other: Option<u64>| {
        books.office.turn_school(&actor, school, (turn, Some(on), other), "试")
    };
    let listed = |books: &Books| {
        books.office.inspections(&actor, None).unwrap().schools.iter().any(|s| s.0 == school)
    };
    assert!(listed(&books));
    turn("merged", date(2025, 10, 9), Some(other)).unwrap();
    assert!(turn("closed", date(2025, 10, 10), None).is_err(), "it is closed already");
    assert!(!listed(&books), "at once");
    let mut office = books.office;
    office.assess(AS_OF, now(), &|_, _, _| ()).unwrap();
    books.office = office;
    assert!(!listed(&books), "and after the next assessment");
    let of = books.store().read(|tx| tx.schools(COUNTY)).unwrap();
    let of = of.iter().find(|s| s.id == school).unwrap();
    assert_eq!((of.closed_on, of.parent), (Some(date(2025, 10, 9)), Some(other)));
    // September stays what it was.
    books.office.close_meals(&actor, "2025-09").unwrap();
    assert_eq!(books.office.meals_month(&actor, "2025-09", None).unwrap().line, before);
    books
        .office
        .turn_school(&actor, school, ("reopened", Some(date(2025, 10, 14)), None), "试")
        .unwrap();
    assert!(listed(&books));
    books.office.assess(AS_OF, now(), &|_, _, _| ()).unwrap();
    assert!(listed(&books));
    assert_eq!(books.office.school_life(&actor, school).unwrap().len(), 2);
}

#[test]
fn behind_each_line_of_pressure_stand_its_children() {
    let books = books(8, 400, 10);
    let actor = Actor::console(now());
    let places = books.office.places(&actor).unwrap();
    let row = &places.rows[0];
    for cell in &row.cells {
        let of = books.office.placed_children(&actor, row.school, cell.grade, false).unwrap();
        assert_eq!(of.children.len(), usize::try_from(cell.pupils).unwrap());
        assert_eq!(of.villages.iter().map(|v| v.1).sum::<usize>(), of.children.len());
    }
    let next = &row.cells[1];
    let of = books.office.placed_children(&actor, row.school, next.grade, true).unwrap();
    assert_eq!(
        of.children.len(),
        usize::try_from(row.cells[0].pupils).unwrap(),
        "the grade below moves up"
    );
    assert!(books.office.placed_children(&actor, 1, next.grade, true).is_err());
}
