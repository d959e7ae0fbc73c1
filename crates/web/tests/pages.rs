//! The pages from outside: a tiny made county, asked through the router.

#![expect(
    clippy::unwrap_used,
    reason = "a test that meets nothing where something must be has failed"
)]

use std::sync::{Arc, LazyLock};

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{Request, Response, StatusCode, header};
use fujiao_model::{
    Area, Because, Boarding, Cell, CitizenId, Deed, Division, Duty, Excess, ExcessKind, Field,
    Fields, Finding, FindingKind, Gap, Grade, HouseholdKind, Period, RosterKind, RowVerdict, Sex,
    SourceRow, Stage, Subject, Unit, Value,
};
use fujiao_office::Office;
use fujiao_office::access::Role;
use fujiao_office::accounts::Entry;
use fujiao_store::{
    CaseGround, Household, Keys, NewFile, NewRow, NewRun, Person, PersonEvent, PersonEventKind,
    Place, Results, RowLink, School, Sheet, Store, StoreError, StoredCase, Tally,
};
use fujiao_web::{WebSettings, router};
use jiff::civil::{Date, date};
use tower::ServiceExt;

#[path = "pages/bodies.rs"]
mod bodies;
#[path = "pages/cases.rs"]
mod cases;
#[path = "pages/door.rs"]
mod door;
#[path = "pages/loans.rs"]
mod loans;
#[path = "pages/photos.rs"]
mod photos;
#[path = "pages/work.rs"]
mod work;

const COUNTY: u32 = 619_926;
const PUPIL: u64 = 0x1001;
/// Found to be [`PUPIL`] by an earlier assessment.
const MERGED: u64 = 0x1009;
const BROTHER: u64 = 0x1002;
const MOTHER: u64 = 0x1003;
const HOUSEHOLD: u64 = 0x2001;
const SCHOOL: u64 = 0x3001;
const AS_OF: Date = date(2025, 10, 15);

fn place(code: &str) -> Division {
    Division::parse(code).unwrap()
}

fn id(born_on: Date, sequence: u16) -> CitizenId {
    CitizenId::compose(COUNTY, born_on, sequence)
}

fn pupil_id() -> CitizenId {
    id(date(2012, 3, 17), 124)
}

fn row(kind: RosterKind, row: u32, values: &[(Field, &str)]) -> SourceRow {
    let fields: Fields = values
        .iter()
        .map(|(field, text)| {
            (*field, Value::from_stored(*field, text).expect("a value of its field"))
        })
        .collect();
    SourceRow { kind, sheet: 0, row, verdict: RowVerdict::Good, fields, extra: Vec::new() }
}

fn person(id: u64, name: &str, citizen_id: CitizenId) -> Person {
    Person {
        id,
        name: name.into(),
        citizen_id: Some(citizen_id),
        phones: vec!["13812345071".into()],
        accounts: Vec::new(),
        sex: Some(citizen_id.sex()),
        born_on: Some(fujiao_model::PartialDate::full(citizen_id.born_on())),
        ethnicity: Some("汉族".into()),
        town: Some(place("619926102000")),
        village: Some(place("619926102201")),
        household: Some(HOUSEHOLD),
        relation: None,
        guardian: None,
        school: None,
        stage: None,
        grade: None,
        class: None,
        boarding: None,
        residence: None,
        flags: Vec::new(),
        rows: 1,
    }
}

fn because(facts: &str, sources: &[u64]) -> Because {
    Because {
        rule: "comp.living.boarder@2024S".into(),
        basis: "陕教〔2024〕1 号 第 8 条".into(),
        facts: facts.into(),
        sources: sources.to_vec(),
    }
}

#[expect(clippy::too_many_lines, reason = "a county is data, and reads best in one place")]
fn book(store: &Store) -> Result<(), StoreError> {
    let id_text = pupil_id().reveal().to_owned();
    let rows = [
        row(
            RosterKind::Residents,
            3,
            &[
                (Field::Name, "张晓禾"),
                (Field::CitizenId, &id_text),
                (Field::BirthDate, "2012-03-17"),
                (Field::Sex, "f"),
                (Field::Ethnicity, "汉族"),
                (Field::HouseholdNo, "10200133"),
                (Field::Town, "青石镇"),
                (Field::Village, "上坪村"),
                (Field::VillageGroup, "三组"),
            ],
        ),
        SourceRow {
            verdict: RowVerdict::Parked,
            extra: vec![(9, "备用电话13812345071".into())],
            ..row(
                RosterKind::Enrolments,
                8841,
                &[
                    (Field::Name, "张晓禾"),
                    (Field::StudentNo, &format!("G{id_text}")),
                    (Field::BirthDate, "2012-03"),
                    (Field::GuardianName, "何桂兰"),
                    (Field::GuardianPhone, "13812345071"),
                    (Field::Town, "青石镇"),
                    (Field::Village, "上坪村"),
                    (Field::VillageGroup, "二组"),
                    (Field::School, "青石镇初级中学"),
                    (Field::Grade, "J1"),
                    (Field::Class, "七（2）班"),
                    (Field::Boarding, "boards"),
                    (Field::EnrolmentStatus, "active"),
                    (Field::Term, "2025A"),
                ],
            )
        },
        row(
            RosterKind::PoorHouseholds,
            1024,
            &[
                (Field::Name, "张晓禾"),
                (Field::HouseholdKind, "lifted_household"),
                (Field::IdentifiedOn, "2016-01-01"),
                (Field::BankAccount, "6217001234567890"),
            ],
        ),
        row(
            RosterKind::Assistance,
            509,
            &[
                (Field::Name, "张晓禾"),
                (Field::AssistanceKind, "dibao_rural"),
                (Field::AssistanceFrom, "2023-07-01"),
                (Field::AssistanceTo, "2024-06-30"),
            ],
        ),
        row(
            RosterKind::AidPayments,
            17,
            &[
                (Field::Name, "张晓禾"),
                (Field::Programme, "寄宿生生活补助"),
                (Field::Term, "2025S"),
                (Field::Amount, "62500"),
                (Field::PaidOn, "2025-06-20"),
            ],
        ),
        row(
            RosterKind::Contacts,
            5,
            &[
                (Field::Name, "张晓禾"),
                (Field::ContactKind, "谈心"),
                (Field::MentorName, "孙立民"),
                (Field::ContactOn, "2025-10-09"),
            ],
        ),
    ];
    store.write(|tx| {
        tx.put_county(COUNTY, "岚川县", true)?;
        let at = "2025-10-15T00:00:00Z".parse().unwrap();
        let file = tx.add_file(
            COUNTY,
            &NewFile {
                sha256: [7; 32],
                name: "各部门名册_青石镇.xlsx",
                office: Some("教育局"),
                imported_at: at,
                kinds: &[RosterKind::Residents, RosterKind::Enrolments],
                tally: Tally { read: 8, created: 5, parked: 1, refused: 2, ..Tally::default() },
            },
            &[Sheet {
                number: 0,
                name: "名册".into(),
                kind: Some(RosterKind::Residents),
                rows_read: 8,
            }],
        )?;
        let new: Vec<NewRow> = rows
            .iter()
            .zip(1_u8..)
            .map(|(row, n)| NewRow {
                row,
                natural_key: [n; 16],
                fingerprint: [n; 16],
                supersedes: None,
            })
            .collect();
        let first = tx.insert_rows(COUNTY, file, &new)?;
        tx.add_findings(
            COUNTY,
            file,
            &[
                Finding {
                    cell: Cell { sheet: 0, row: 8841, column: Some(2) },
                    field: Some(Field::CitizenId),
                    kind: FindingKind::Destroyed,
                    reason: "身份证号被改成 6.11E+17，后几位丢了".into(),
                    remedy: "把这一列设为文本，重填这一格".into(),
                    verdict: RowVerdict::Parked,
                },
                Finding {
                    cell: Cell { sheet: 0, row: 8900, column: None },
                    field: None,
                    kind: FindingKind::Missing,
                    reason: "没有姓名".into(),
                    remedy: "补上姓名".into(),
                    verdict: RowVerdict::Refused,
                },
            ],
        )?;
        tx.replace_places(
            COUNTY,
            &[
                ("619926101000", "城关镇", Some((108.5, 33.5))),
                ("619926102000", "青石镇", Some((108.2, 33.6))),
                ("619926102201", "上坪村", Some((108.21, 33.61))),
                ("619926103000", "云台镇", Some((108.4, 33.8))),
                ("619926104000", "双庙<镇>", Some((108.7, 33.55))),
            ]
            .map(|(code, name, point)| Place {
                code: place(code),
                name: name.into(),
                point,
                made: true,
            }),
        )?;
        tx.replace_schools(
            COUNTY,
            &[School {
                id: SCHOOL,
                code: Some("3161992601".into()),
                name: "青石镇初级中学".into(),
                aliases: vec!["青石初中".into()],
                kind: Some("初级中学".into()),
                stages: vec![Stage::Junior],
                parent: None,
                town: Some(place("619926102000")),
                village: None,
                rural: Some(true),
                point: None,
                closed_on: None,
                row_id: None,
            }],
        )?;
        tx.replace_households(
            COUNTY,
            &[Household {
                id: HOUSEHOLD,
                number: Some("10200133".into()),
                head: Some(MOTHER),
                head_name: Some("何秀英".into()),
                kind: HouseholdKind::Lifted,
                monitored: false,
                town: Some(place("619926102000")),
                village: Some(place("619926102201")),
                size: 3,
                relocation_site: None,
                row_id: Some(first),
            }],
        )?;
        tx.replace_persons(
            COUNTY,
            &[
                Person {
                    school: Some(SCHOOL),
                    stage: Some(Stage::Junior),
                    grade: Some(Grade::J1),
                    class: Some("七（2）班".into()),
                    boarding: Some(Boarding::Boards),
                    rows: 6,
                    sex: Some(Sex::Female),
                    ..person(PUPIL, "张晓禾", pupil_id())
                },
                person(BROTHER, "张晓田", id(date(2015, 6, 1), 35)),
                person(MOTHER, "何秀英", id(date(1985, 2, 2), 42)),
            ],
        )?;
        tx.replace_links(
            COUNTY,
            &(first..first + 6)
                .map(|row_id| RowLink {
                    row_id,
                    person: Some(PUPIL),
                    household: None,
                    school: None,
                })
                .collect::<Vec<_>>(),
        )?;
        let merged = PersonEvent {
            kind: PersonEventKind::Merged,
            person: Some(PUPIL),
            other: Some(MERGED),
            count: 1,
            rows: vec![first],
        };
        tx.add_person_events(COUNTY, jiff::Timestamp::UNIX_EPOCH, &[merged])?;
        let town = Some(place("619926102201"));
        let aid = |period: &str, due_on: Date| Duty {
            area: Area::Aid,
            kind: "comp.living.boarder".into(),
            subject: Subject::person(PUPIL),
            period: Period::parse(period).unwrap(),
            quantity: 62_500,
            unit: Unit::Fen,
            due_on,
            bearer: "县学生资助中心".into(),
            place: town,
            because: because("初中，住校，脱贫户", &[first + 1, first + 2]),
        };
        let duties = [
            aid("2024A", date(2024, 12, 31)),
            aid("2025S", date(2025, 6, 30)),
            Duty {
                area: Area::Schooling,
                kind: "schooling.enrolled".into(),
                subject: Subject::person(BROTHER),
                period: Period::parse("2025A").unwrap(),
                quantity: 1,
                unit: Unit::Enrolment,
                due_on: date(2025, 9, 15),
                bearer: "青石镇人民政府".into(),
                place: town,
                because: because("10 岁，户口在册，不在任何学校", &[first]),
            },
            Duty {
                area: Area::Training,
                kind: "training.household".into(),
                subject: Subject::household(HOUSEHOLD),
                period: Period::Once,
                quantity: 1,
                unit: Unit::Household,
                due_on: date(2025, 12, 31),
                bearer: "县培训中心".into(),
                place: town,
                because: because("脱贫户，有劳动力 1 人", &[]),
            },
            Duty {
                area: Area::Conditions,
                kind: "cond.desks".into(),
                subject: Subject::school(SCHOOL),
                period: Period::SchoolYear(2025),
                quantity: 412,
                unit: Unit::Piece,
                due_on: date(2026, 8, 31),
                bearer: "青石镇初级中学".into(),
                place: Some(place("619926102000")),
                because: because("学生 412 人，每人 1 套", &[]),
            },
        ];
        let deeds = [
            Deed {
                area: Area::Aid,
                kind: "comp.living.boarder".into(),
                subject: Subject::person(PUPIL),
                period: Period::parse("2025S").unwrap(),
                quantity: 62_500,
                unit: Unit::Fen,
                done_on: date(2025, 6, 20),
                place: None,
                evidence: first + 4,
            },
            Deed {
                area: Area::Aid,
                kind: "hs.grant".into(),
                subject: Subject::person(PUPIL),
                period: Period::parse("2025S").unwrap(),
                quantity: 90_000,
                unit: Unit::Fen,
                done_on: date(2025, 6, 21),
                place: town,
                evidence: first + 5,
            },
        ];
        let gap = |duty, done, missing| Gap { duty, done, missing };
        tx.save_run(
            COUNTY,
            &NewRun {
                as_of: AS_OF,
                policies_hash: "p",
                registers_hash: "r",
                started_at: at,
                ended_at: at,
                sizes: "{}",
            },
            &Results {
                duties: &duties,
                gaps: &[gap(0, 0, 62_500), gap(2, 0, 1), gap(3, 0, 1), gap(4, 400, 12)],
                deeds: &deeds,
                excesses: &[Excess { deed: 1, quantity: 90_000, kind: ExcessKind::Unfounded }],
                summaries: &[],
            },
        )?;
        let found = CaseGround {
            town: Some(place("619926102000")),
            village: Some(place("619926102201")),
            school: None,
        };
        tx.add_case(
            COUNTY,
            &StoredCase {
                number: 0,
                person: BROTHER,
                kind: "schooling.enrolled".into(),
                facts: "10 岁，户口在册，不在任何学校".into(),
                run: 1,
                opened_on: date(2025, 10, 10),
                found,
                grade: None,
                class: String::new(),
                state: "found".into(),
                steps: 0,
                now: found,
                officer: None,
                opened_at: at,
                opened_by: "fujiao".into(),
            },
        )?;
        Ok(())
    })
}

/// The made county's store; the folder lives as long as the tests.
static STORE: LazyLock<(Arc<Store>, tempfile::TempDir)> = LazyLock::new(|| {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("county.db");
    let store = Store::open(path.to_str().unwrap(), Keys::from_master([3; 32])).unwrap();
    book(&store).unwrap();
    (Arc::new(store), folder)
});

/// The morning of the as-of day.
fn now() -> jiff::Timestamp {
    "2025-10-15T01:00:00Z".parse().unwrap()
}

fn office(store: &Arc<Store>) -> Office {
    Office::over(Arc::clone(store), Keys::from_master([3; 32])).unwrap()
}

/// The pages, and the cookie of somebody of the education bureau.
fn site_of(store: &Arc<Store>) -> (Router, String) {
    let office = office(store);
    let links = office.demo_links(now()).unwrap().unwrap();
    let (_, link) = links.into_iter().find(|(role, _)| *role == Role::Bureau).unwrap();
    let entry = Entry { device: "试", own_phone: false, at: now() };
    let entered = office.enter_by_link(&link, entry).unwrap().unwrap();
    (router(office, WebSettings::new(now)), format!("fujiao={}", entered.token))
}

static SITE: LazyLock<(Router, String)> = LazyLock::new(|| site_of(&STORE.0));

async fn answer(site: &(Router, String), mut request: Request<Body>) -> Response<Body> {
    let others = request.headers_mut().remove(header::COOKIE);
    let others = others.map_or_else(String::new, |c| format!("; {}", c.to_str().unwrap()));
    let cookie = format!("{}{others}", site.1);
    request.headers_mut().insert(header::COOKIE, cookie.parse().unwrap());
    site.0.clone().oneshot(request).await.unwrap()
}

async fn send(request: Request<Body>) -> (StatusCode, Response<()>, String) {
    let response = answer(&SITE, request).await;
    let (parts, body) = response.into_parts();
    let body = to_bytes(body, 1 << 20).await.unwrap();
    let text = String::from_utf8_lossy(&body).into_owned();
    (parts.status, Response::from_parts(parts, ()), text)
}

async fn get(path: &str) -> (StatusCode, String) {
    let (status, _, text) = send(Request::get(path).body(Body::empty()).unwrap()).await;
    (status, text)
}

/// What a reader sees: the texts of `main`, a line each.
fn readable(html: &str) -> String {
    let main = html.split_once("<main id=\"main\">").unwrap().1.split_once("</main>").unwrap().0;
    let (mut out, mut inside) = (String::new(), false);
    for c in main.chars() {
        match c {
            '<' => {
                inside = true;
                out.push('\n');
            }
            '>' => inside = false,
            c if !inside => out.push(c),
            _ => {}
        }
    }
    let unescaped = out.replace("&#60;", "<").replace("&#62;", ">").replace("&amp;", "&");
    let lines: Vec<&str> = unescaped.lines().map(str::trim).filter(|l| !l.is_empty()).collect();
    lines.join("\n")
}

fn person_path(id: u64) -> String {
    format!("/person/{id:016x}")
}

fn pages() -> Vec<String> {
    let mut pages: Vec<String> = Area::ALL.iter().map(|a| format!("/area/{}", a.code())).collect();
    pages.extend(
        [
            "/",
            "/schools",
            "/data",
            "/data/1",
            "/search",
            "/search?q=%E5%BC%A0",
            "/area/aid?show=excess",
            "/cases",
            "/cases?tab=check&q=%E5%BC%A0",
            "/handbook",
            "/handbook?q=%E5%85%AC%E7%A4%BA",
            "/handbook/bureau",
            "/handbook/own-rule",
            "/cases/table",
            "/cases/table?by=school",
            "/cases/village/619926102201",
            "/case/1",
            "/area/aid?show=all&sort=gap&town=619926102000&q=%E6%99%93",
        ]
        .map(str::to_owned),
    );
    pages.extend([PUPIL, BROTHER, MOTHER].map(person_path));
    pages.push(format!("/household/{HOUSEHOLD:016x}"));
    pages.push(format!("/school/{SCHOOL:016x}"));
    pages.extend((1..=6).map(|row| format!("/source/{row:016x}")));
    pages
}

#[tokio::test]
async fn every_page_is_whole_small_and_says_sample() {
    for page in pages() {
        for lang in ["zh", "en"] {
            let path = format!("{page}{}lang={lang}", if page.contains('?') { '&' } else { '?' });
            let (status, html) = get(&path).await;
            assert_eq!(status, StatusCode::OK, "{path}: {html}");
            assert!(html.contains("示例数据"), "{path}");
            assert_eq!(html.matches("<h1>").count(), 1, "{path}");
            assert!(!html.contains(" style="), "{path} has an inline style");
            assert!(!html.contains("{0}") && !html.contains("{1}"), "{path} has an unfilled place");
            assert!(html.contains("2025-10-15"), "{path} says as of when");
            let css = get_styles(&html).await;
            assert!(html.len() + css < 60_000, "{path} is {} bytes with styles", html.len() + css);
            for table in html.split("<table").skip(1) {
                assert!(table.contains("<caption"), "{path} has a table without caption");
                assert!(table.contains("scope="), "{path} has a table without scope");
            }
        }
    }
}

async fn get_styles(html: &str) -> usize {
    let path = html.split_once("stylesheet\" href=\"").unwrap().1.split('"').next().unwrap();
    let (status, css) = get(path).await;
    assert_eq!(status, StatusCode::OK);
    css.len()
}

#[tokio::test]
async fn no_page_shows_a_whole_number() {
    for page in pages() {
        let (_, html) = get(&page).await;
        for secret in [pupil_id().reveal(), "13812345071", "6217001234567890"] {
            assert!(!html.contains(secret), "{page} shows {secret}");
        }
        for run in html.split(|c: char| !c.is_ascii_digit()) {
            assert!(run.len() < 17 || run.starts_with("0000"), "{page} shows {run}");
        }
    }
}

#[tokio::test]
async fn every_link_leads_somewhere() {
    let mut links = std::collections::BTreeSet::new();
    for page in pages() {
        let (_, html) = get(&page).await;
        for link in html.split("href=\"/").skip(1) {
            let link = link.split('"').next().unwrap().replace("&#38;", "&").replace("&amp;", "&");
            links.insert(format!("/{link}"));
        }
    }
    assert!(links.len() > 30, "{links:?}");
    for link in links {
        let (status, _) = get(&link).await;
        assert_eq!(status, StatusCode::OK, "{link}");
    }
}

#[tokio::test]
async fn today_reads() {
    let (_, html) = get("/").await;
    insta::assert_snapshot!(readable(&html));
}

#[tokio::test]
async fn a_list_reads() {
    let (_, html) = get("/area/aid").await;
    insta::assert_snapshot!(readable(&html));
}

#[tokio::test]
async fn a_person_reads() {
    let (_, html) = get(&person_path(PUPIL)).await;
    insta::assert_snapshot!(readable(&html));
}

#[tokio::test]
async fn a_school_reads() {
    let (_, html) = get(&format!("/school/{SCHOOL:016x}")).await;
    insta::assert_snapshot!(readable(&html));
}

#[tokio::test]
async fn a_household_reads() {
    let (_, html) = get(&format!("/household/{HOUSEHOLD:016x}")).await;
    insta::assert_snapshot!(readable(&html));
}

#[tokio::test]
async fn a_row_reads_as_sent_and_masked() {
    let (_, html) = get("/source/0000000000000002").await;
    insta::assert_snapshot!(readable(&html));
}

#[tokio::test]
async fn a_file_reads() {
    let (_, html) = get("/data/1").await;
    insta::assert_snapshot!(readable(&html));
}

#[tokio::test]
async fn filters_narrow_the_list() {
    let total = |html: &str| {
        readable(html).lines().find(|l| l.starts_with("共 ")).unwrap_or_default().to_owned()
    };
    for (query, want) in [
        ("", "共 1 条"),
        ("?show=all", "共 2 条"),
        ("?show=done", "共 1 条"),
        ("?show=overdue", "共 1 条"),
        ("?show=all&period=2025S", "共 1 条"),
        ("?show=all&town=619926101000", "共 0 条"),
        ("?show=all&town=619926102201", "共 2 条"),
        ("?show=all&q=%E6%99%93%E7%A6%BE", "共 2 条"),
        ("?show=all&q=%E9%9D%92%E7%9F%B3", "共 2 条"),
        ("?show=all&q=%25", "共 0 条"),
        ("?show=all&school=0000000000003001", "共 2 条"),
        ("?show=all&school=0000000000009999", "共 0 条"),
        ("?show=excess", "共 1 条"),
        ("?show=all&page=99", "共 2 条"),
        ("?show=nonsense&town=x&period=y&page=-3&sort=z", "共 1 条"),
    ] {
        let (status, html) = get(&format!("/area/aid{query}")).await;
        assert_eq!((status, total(&html).as_str()), (StatusCode::OK, want), "{query}");
    }
}

#[tokio::test]
async fn a_list_comes_as_a_file() {
    let (status, text) = get("/area/aid.csv?show=all").await;
    assert_eq!(status, StatusCode::OK);
    insta::assert_snapshot!(text.trim_start_matches('\u{feff}').replace("\r\n", "\n"));
}

#[tokio::test]
async fn what_is_not_there_says_so() {
    for path in [
        "/person/p0000000000000000",
        "/person/0000000000000000",
        "/area/nothing",
        "/nowhere",
        "/source/0000000000009999",
        "/data/77",
        "/assets/app-0.css",
    ] {
        let (status, html) = get(path).await;
        assert_eq!(status, StatusCode::NOT_FOUND, "{path}");
        assert!(path.starts_with("/assets") || html.contains("没有这一页"), "{path}");
    }
}

#[tokio::test]
async fn an_old_id_opens_the_page_of_whom_they_became() {
    let (status, head, _) =
        send(Request::get(person_path(MERGED)).body(Body::empty()).unwrap()).await;
    assert_eq!(status, StatusCode::SEE_OTHER);
    assert_eq!(head.headers()[header::LOCATION], person_path(PUPIL));
}

#[tokio::test]
async fn an_id_is_found_by_form_and_never_by_address() {
    let find = |text: &str| {
        Request::post("/find")
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(Body::from(format!("q={text}")))
            .unwrap()
    };
    let (status, head, _) = send(find(pupil_id().reveal())).await;
    assert_eq!(status, StatusCode::SEE_OTHER);
    assert_eq!(head.headers()[header::LOCATION], person_path(PUPIL));
    let (status, head, _) = send(find("%E5%BC%A0%E6%99%93")).await;
    assert_eq!(status, StatusCode::SEE_OTHER);
    assert_eq!(head.headers()[header::LOCATION], "/search?q=%E5%BC%A0%E6%99%93");
    let (status, _, html) = send(find("61992620120317001X")).await;
    assert_eq!(status, StatusCode::OK);
    assert!(html.contains("没有这个身份证号的人") && !html.contains("61992620120317001X"));
    let (_, html) = get(&format!("/search?q={}", pupil_id().reveal())).await;
    assert!(html.contains("号码不要放在网址里") && !html.contains("张晓禾"));
}

#[tokio::test]
async fn a_choice_of_language_is_kept() {
    let (_, head, html) =
        send(Request::get("/area/aid?show=all&lang=en").body(Body::empty()).unwrap()).await;
    assert!(html.contains("<html lang=\"en\">") && html.contains("Student aid"));
    assert!(html.contains("/area/aid?show=all&#38;lang=zh"), "the toggle keeps the filter");
    let cookie = head.headers()[header::SET_COOKIE].to_str().unwrap().to_owned();
    let again = Request::get("/").header(header::COOKIE, cookie.split(';').next().unwrap());
    let (_, _, html) = send(again.body(Body::empty()).unwrap()).await;
    assert!(html.contains("<html lang=\"en\">"));
}

#[tokio::test]
async fn strangers_and_foreign_scripts_are_kept_out() {
    let (_, head, _) = send(Request::get("/").body(Body::empty()).unwrap()).await;
    let policy = head.headers()["content-security-policy"].to_str().unwrap();
    assert!(policy.starts_with("default-src 'none'") && !policy.contains("unsafe"));
    assert_eq!(head.headers()[header::CACHE_CONTROL], "no-store");
    let foreign = Request::get("/").header(header::HOST, "evil.example:8080");
    let (status, _, html) = send(foreign.body(Body::empty()).unwrap()).await;
    assert_eq!(status, StatusCode::MISDIRECTED_REQUEST);
    assert!(!html.contains("张晓"));
    let (_, html) = get("/").await;
    assert!(html.contains("双庙&#60;镇&#62;") || html.contains("双庙&lt;镇&gt;"));
    assert!(!html.contains("双庙<镇>"), "names are escaped");
}

#[tokio::test]
async fn assets_are_kept_by_the_browser_and_pages_are_packed() {
    let (_, html) = get("/").await;
    let css = html.split_once("stylesheet\" href=\"").unwrap().1.split('"').next().unwrap();
    let (_, head, _) = send(Request::get(css).body(Body::empty()).unwrap()).await;
    assert!(head.headers()[header::CACHE_CONTROL].to_str().unwrap().contains("immutable"));
    let tag = head.headers()[header::ETAG].clone();
    let again = Request::get(css).header(header::IF_NONE_MATCH, tag).body(Body::empty()).unwrap();
    assert_eq!(send(again).await.0, StatusCode::NOT_MODIFIED);
    let packed = Request::get("/").header(header::ACCEPT_ENCODING, "gzip");
    let response = answer(&SITE, packed.body(Body::empty()).unwrap()).await;
    assert_eq!(response.headers()[header::CONTENT_ENCODING], "gzip");
}

#[tokio::test]
async fn empty_books_say_what_to_do() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("county.db");
    let store = Store::open(path.to_str().unwrap(), Keys::from_master([3; 32])).unwrap();
    let site = router(office(&Arc::new(store)), WebSettings::new(now));
    let response = site.oneshot(Request::get("/login").body(Body::empty()).unwrap()).await.unwrap();
    assert_eq!(response.status(), StatusCode::SERVICE_UNAVAILABLE);
    let body = to_bytes(response.into_body(), 1 << 20).await.unwrap();
    assert!(String::from_utf8_lossy(&body).contains("fujiao run"));
}

/// A page without the marks of its forms, which follow from who is signed in.
fn unmarked(html: &str) -> String {
    let mut parts = html.split("name=\"csrf\" value=\"");
    let mut out = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        out.push_str(part.get(32..).unwrap_or_default());
    }
    out
}

/// The same texts over the other engine: every page is the same to the byte.
#[test]
fn the_pages_are_the_same_over_postgresql() {
    let Some(server) = std::env::var_os("FUJIAO_TEST_PG").filter(|url| !url.is_empty()) else {
        assert!(std::env::var_os("FUJIAO_REQUIRE_ALL").is_none(), "FUJIAO_TEST_PG is required");
        eprintln!("skipped: FUJIAO_TEST_PG names no PostgreSQL server");
        return;
    };
    let server = server.into_string().unwrap();
    let schema = format!("pages_{}", std::process::id());
    let sql = |text: &str| {
        let mut client = postgres::Client::connect(&server, postgres::NoTls).unwrap();
        client.batch_execute(text).unwrap();
    };
    sql(&format!("create schema {schema}"));
    let mark = if server.contains('?') { '&' } else { '?' };
    let url = format!("{server}{mark}options=-csearch_path%3D{schema}");
    let store = Arc::new(Store::open(&url, Keys::from_master([3; 32])).unwrap());
    book(&store).unwrap();
    let other = site_of(&store);
    // The server's client waits by itself, which it may not do on a thread of the runtime that it is dropped on.
    let runtime = tokio::runtime::Runtime::new().unwrap();
    for page in pages().iter().map(String::as_str).chain(["/area/aid.csv?show=all"]) {
        let (here, there) = runtime.block_on(async {
            let request = Request::get(page).body(Body::empty()).unwrap();
            let response = answer(&other, request).await;
            let body = to_bytes(response.into_body(), 1 << 20).await.unwrap();
            (get(page).await.1, String::from_utf8(body.to_vec()).unwrap())
        });
        assert_eq!(unmarked(&here), unmarked(&there), "{page}");
    }
    drop((other, store));
    sql(&format!("drop schema {schema} cascade"));
}
