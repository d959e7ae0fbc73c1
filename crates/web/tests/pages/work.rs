//! What people do on the pages: bring workbooks, follow a job, put facts right, decide about pairs.

use fujiao_office::access::Role;
use fujiao_store::{LinkAsk, V};
use std::fmt::Write as _;

use super::*;

/// Books of this test alone.
pub(super) struct Place {
    office: Office,
    store: Arc<Store>,
    _folder: tempfile::TempDir,
}

/// A browser of somebody who is signed in.
pub(super) struct Person<'p> {
    site: (Router, String),
    _place: &'p Place,
}

impl Place {
    pub(super) fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("county.db");
        let store = Store::open(path.to_str().unwrap(), Keys::from_master([3; 32])).unwrap();
        book(&store).unwrap();
        let store = Arc::new(store);
        Self { office: office(&store), store, _folder: folder }
    }

    pub(super) fn sign_in(&self, role: Role) -> Person<'_> {
        let links = self.office.demo_links(now()).unwrap().unwrap();
        let (_, link) = links.into_iter().find(|(r, _)| *r == role).unwrap();
        let entry = Entry { device: "试", own_phone: false, at: now() };
        let entered = self.office.enter_by_link(&link, entry).unwrap().unwrap();
        let router = router(self.office.clone(), WebSettings::new(now));
        Person { site: (router, format!("fujiao={}", entered.token)), _place: self }
    }

    /// Does all jobs that wait.
    async fn work(&self) {
        let office = self.office.clone();
        let all = move || while office.work("甲", now).unwrap().is_some() {};
        tokio::task::spawn_blocking(all).await.unwrap();
    }
}

impl Person<'_> {
    async fn send(&self, request: Request<Body>) -> (StatusCode, String, String) {
        let response = answer(&self.site, request).await;
        let (parts, body) = response.into_parts();
        let to = parts.headers.get(header::LOCATION);
        let to = to.map_or_else(String::new, |to| to.to_str().unwrap().to_owned());
        let body = to_bytes(body, 1 << 20).await.unwrap();
        (parts.status, to, String::from_utf8_lossy(&body).into_owned())
    }

    pub(super) async fn get(&self, path: &str) -> (StatusCode, String) {
        let (status, _, text) = self.send(Request::get(path).body(Body::empty()).unwrap()).await;
        (status, text)
    }

    /// What `main` of a page says.
    pub(super) async fn read(&self, path: &str) -> String {
        let (status, html) = self.get(path).await;
        assert_eq!(status, StatusCode::OK, "{path}: {html}");
        readable(&html)
    }

    pub(super) async fn csrf(&self) -> String {
        let (_, html) = self.get("/account").await;
        html.split_once("name=\"csrf\" value=\"").unwrap().1.split('"').next().unwrap().to_owned()
    }

    pub(super) async fn post(
        &self,
        path: &str,
        fields: &[(&str, &str)],
    ) -> (StatusCode, String, String) {
        let mut body = format!("csrf={}", self.csrf().await);
        for (name, value) in fields {
            let _ = write!(body, "&{name}={}", percent(value));
        }
        let form = "application/x-www-form-urlencoded";
        let request = Request::post(path).header(header::CONTENT_TYPE, form);
        self.send(request.body(Body::from(body)).unwrap()).await
    }

    /// Sends a form with files as a browser does: the head of each part and what it holds.
    pub(super) async fn send_parts(
        &self,
        path: &str,
        parts: &[(String, &[u8])],
    ) -> (StatusCode, String, String) {
        let mut body = Vec::new();
        for (head, bytes) in parts {
            body.extend(
                format!("--edge\r\nContent-Disposition: form-data; {head}\r\n\r\n").bytes(),
            );
            body.extend(*bytes);
            body.extend(b"\r\n");
        }
        body.extend(b"--edge--\r\n");
        let request = Request::post(path)
            .header(header::CONTENT_TYPE, "multipart/form-data; boundary=edge")
            .header(header::CONTENT_LENGTH, body.len());
        self.send(request.body(Body::from(body)).unwrap()).await
    }

    async fn bring(&self, csrf: &str, files: &[(&str, &str)]) -> (StatusCode, String, String) {
        let mut parts = vec![
            ("name=\"csrf\"".to_owned(), csrf.as_bytes()),
            ("name=\"unit\"".to_owned(), "教育局".as_bytes()),
        ];
        for (name, text) in files {
            parts.push((format!("name=\"files\"; filename=\"{name}\""), text.as_bytes()));
        }
        self.send_parts("/upload", &parts).await
    }
}

fn percent(text: &str) -> String {
    text.bytes().fold(String::new(), |out, byte| out + &format!("%{byte:02X}"))
}

/// A school's list with a header that nobody knows, and a pupil whose id does not check.
fn list() -> String {
    let good = id(date(2014, 5, 2), 21);
    let bad = format!("{}A", &id(date(2014, 5, 3), 22).reveal()[..17]);
    format!(
        "姓名,身份证号,学校,年级,班级,学期,就读方式,学籍状态,带娃的人\n\
         陈子墨,{},青石镇初级中学,七年级,1班,2025秋,住校,在读,陈刚\n\
         彭小雨,{bad},青石镇初级中学,七年级,1班,2025秋,走读,在读,彭建国\n",
        good.reveal()
    )
}

#[tokio::test]
async fn a_workbook_is_tried_then_taken_in_and_the_books_are_counted() {
    let place = Place::new();
    let clerk = place.sign_in(Role::AidClerk);
    let (status, to, _) = clerk.bring(&clerk.csrf().await, &[("七年级.csv", &list())]).await;
    assert_eq!((status, to.as_str()), (StatusCode::SEE_OTHER, "/upload/1"));
    let (_, html) = clerk.get("/upload/1").await;
    assert!(html.contains("<noscript><meta http-equiv=\"refresh\"") && html.contains("正在试读"));
    place.work().await;
    insta::assert_snapshot!("a_tried_batch_reads", clerk.read("/upload/1").await);

    let said = [("kind", "enrolments"), ("header", "带娃的人"), ("field", "guardian_name")];
    let (status, ..) = clerk.post("/upload/1/header", &said).await;
    assert_eq!(status, StatusCode::SEE_OTHER);
    place.work().await;
    assert!(!clerk.read("/upload/1").await.contains("不认得"), "a header is asked about once");

    // The copy with reasons opens, and its name is that of the workbook.
    let request = Request::get("/upload/1/returned/1").body(Body::empty()).unwrap();
    let copy = answer(&clerk.site, request).await;
    let name = copy.headers()[header::CONTENT_DISPOSITION].to_str().unwrap().to_owned();
    assert!(
        name.ends_with(&format!("{}.xlsx", percent("七年级.待核").replace("%2E", "."))),
        "{name}"
    );
    assert!(to_bytes(copy.into_body(), 1 << 20).await.unwrap().starts_with(b"PK"));

    let (status, to, _) = clerk.post("/upload/1/take", &[]).await;
    assert_eq!(status, StatusCode::SEE_OTHER);
    place.work().await;
    insta::assert_snapshot!("an_import_reads", clerk.read(&to).await);
    // Whoever follows the stream of a job that has ended hears so at once.
    let (_, said) = clerk.get(&format!("{to}/events")).await;
    assert!(said.starts_with("event: end\n"), "{said}");
    // It is nobody else's.
    let bureau = place.sign_in(Role::Bureau);
    for path in ["/upload/1", "/upload/1/returned/1", &to] {
        assert_eq!(bureau.get(path).await.0, StatusCode::NOT_FOUND, "{path}");
    }
    assert!(clerk.read("/upload").await.contains("已收"));
    let (_, to, _) = clerk.post("/assess", &[("as_of", "2025-10-15")]).await;
    assert_eq!(bureau.get(&to).await.0, StatusCode::OK, "who may assess sees assessments");
    assert!(bureau.read("/jobs").await.contains("核算，截至 2025-10-15"));
    let (status, ..) = clerk.post(&format!("{to}/stop"), &[]).await;
    assert_eq!(status, StatusCode::SEE_OTHER);
    assert!(clerk.read(&to).await.contains("停了"));
}

#[tokio::test]
async fn a_school_sends_what_is_its_own_and_nothing_else() {
    let place = Place::new();
    let principal = place.sign_in(Role::Principal);
    let (own, other) = ("青石镇初级中学", "白河镇初级中学");
    let roster = |school: &str| {
        format!(
            "姓名,身份证号,学校,年级,班级,学期,就读方式,学籍状态\n陈子墨,{},{school},七年级,1班,2025秋,住校,在读\n",
            id(date(2014, 5, 2), 21).reveal()
        )
    };
    let residents = format!(
        "户号,姓名,身份证号,与户主关系,户籍状态\n1,陈子墨,{},子,在册\n",
        id(date(2014, 5, 2), 21).reveal()
    );
    let csrf = principal.csrf().await;
    for (text, says) in
        [(roster(other), "学校只报本校的"), (residents, "不由学校报"), (roster(own), "")]
    {
        let (status, to, html) = principal.bring(&csrf, &[("名单.csv", &text)]).await;
        assert_eq!(status, StatusCode::SEE_OTHER, "{html}");
        place.work().await;
        let tried = principal.read(&to).await;
        principal.post(&format!("{to}/take"), &[("force", "1")]).await;
        place.work().await;
        assert!(tried.contains(says), "{says}: {tried}");
    }
    let rows = place.store.read(|tx| {
        let sql = "select count(*) from file where name like '名单%'";
        tx.query_one(sql, &[] as &[V], |row| row.get::<i64>(0))
    });
    assert_eq!(rows.unwrap(), Some(1), "one of three came in");
}

#[tokio::test]
async fn what_is_no_roster_gets_a_clear_page() {
    let place = Place::new();
    let clerk = place.sign_in(Role::AidClerk);
    let csrf = clerk.csrf().await;
    for (name, says) in [
        ("../../etc/passwd.csv", "不能有斜杠"),
        ("图片.png", "不是工作簿"),
        ("<script>alert(1)</script>.csv", "不能有斜杠"),
    ] {
        let (status, _, html) = clerk.bring(&csrf, &[(name, "x")]).await;
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{name}");
        assert!(html.contains(says) && !html.contains("<script>alert"), "{name}: {html}");
    }
    let (status, _, html) = clerk.bring(&csrf, &[("<b>粗.csv", "x")]).await;
    assert_eq!(status, StatusCode::SEE_OTHER, "a name is a name: {html}");
    place.work().await;
    let (_, html) = clerk.get("/upload/1").await;
    assert!(!html.contains("<b>粗") && html.contains("读不了"), "it is escaped");

    let (status, ..) = clerk.bring("", &[("名单.csv", "x")]).await;
    assert_eq!(status, StatusCode::FORBIDDEN, "a form of another site");
    let (status, _, html) = clerk.bring(&csrf, &[]).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(html.contains("没有选文件"));
    let huge = Request::post("/upload")
        .header(header::CONTENT_TYPE, "multipart/form-data; boundary=edge")
        .header(header::CONTENT_LENGTH, "100000000")
        .body(Body::from("--edge"))
        .unwrap();
    let (status, _, html) = clerk.send(huge).await;
    assert_eq!(status, StatusCode::PAYLOAD_TOO_LARGE);
    assert!(html.contains("文件太大"));
    let leader = place.sign_in(Role::Leader);
    let (status, ..) = leader.bring(&leader.csrf().await, &[("名单.csv", "x")]).await;
    assert_eq!(status, StatusCode::FORBIDDEN, "a leader brings nothing");
}

#[tokio::test]
async fn a_fact_is_put_right_by_two() {
    let place = Place::new();
    let (bureau, approver) = (place.sign_in(Role::Bureau), place.sign_in(Role::AidApprover));
    let page = person_path(PUPIL);
    assert!(bureau.get(&page).await.1.contains("/correct/0000000000000001/name"));
    assert!(!approver.get(&page).await.1.contains("/correct/"), "an approver proposes nothing");
    assert_eq!(approver.get("/correct/0000000000000001/name").await.0, StatusCode::FORBIDDEN);
    assert_eq!(bureau.get("/correct/00000000000000ff/name").await.0, StatusCode::NOT_FOUND);
    assert_eq!(bureau.get("/correct/0000000000000001/wage").await.0, StatusCode::NOT_FOUND);
    insta::assert_snapshot!("a_cell_reads", bureau.read("/correct/0000000000000001/name").await);

    let why = [("reason", "户口簿为准"), ("evidence", "10 月 9 日家访看了户口簿")];
    let born = "/correct/0000000000000001/birth_date";
    let (status, _, html) = bureau.post(born, &[("now", "去年"), why[0], why[1]]).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(html.contains("id=\"now-e\"") && html.contains("户口簿为准"), "filled in again");
    // A wrong id that was typed does not come back in the page.
    let wrong = format!("{}A", &pupil_id().reveal()[..17]);
    let id = "/correct/0000000000000001/citizen_id";
    let (_, _, html) = bureau.post(id, &[("now", &wrong), why[0], why[1]]).await;
    assert!(html.contains("now-e") && !html.contains(&wrong));

    let name = "/correct/0000000000000001/name";
    let (status, to, _) = bureau.post(name, &[("now", "张小禾"), why[0], why[1]]).await;
    assert_eq!((status, to.as_str()), (StatusCode::SEE_OTHER, "/corrections?tab=waiting#c1"));
    let guardian = "/correct/0000000000000002/guardian_name";
    let (_, to, _) = bureau.post(guardian, &[("now", "何桂蘭"), why[0], why[1]]).await;
    assert_eq!(to, "/corrections?tab=in_force#c2", "nobody else is asked about a guardian");
    assert!(bureau.read(&page).await.contains("何桂蘭"), "the page reads it at once");
    assert_eq!(
        bureau.post("/corrections/1/confirm", &[]).await.0,
        StatusCode::UNPROCESSABLE_ENTITY
    );
    insta::assert_snapshot!("corrections_read", approver.read("/corrections").await);
    let (status, ..) = approver.post("/corrections/1/confirm", &[]).await;
    assert_eq!(status, StatusCode::SEE_OTHER);
    let facts = approver.read(&page).await;
    assert!(facts.contains("张小禾") && facts.contains("更正"), "{facts}");
    let (status, ..) = bureau.post("/corrections/2/withdraw", &[("why", "弄错了人")]).await;
    assert_eq!(status, StatusCode::SEE_OTHER);
    assert!(!bureau.read(&page).await.contains("何桂蘭"));
    assert!(bureau.read("/corrections?tab=ended").await.contains("弄错了人"));
    let english = bureau.read("/corrections?tab=in_force&lang=en").await;
    assert!(english.contains("in force") && english.contains("confirmed by"), "{english}");
}

#[tokio::test]
async fn several_corrections_are_decided_together() {
    let place = Place::new();
    let (bureau, approver) = (place.sign_in(Role::Bureau), place.sign_in(Role::AidApprover));
    let why = [("reason", "户口簿为准"), ("evidence", "家访看了户口簿")];
    for (row, now) in [(1, "张小禾"), (2, "张小满")] {
        let path = format!("/correct/000000000000000{row}/name");
        let (status, ..) = bureau.post(&path, &[("now", now), why[0], why[1]]).await;
        assert_eq!(status, StatusCode::SEE_OTHER);
    }
    assert!(approver.read("/").await.contains("2 条更正等你复核"));
    assert!(!bureau.read("/").await.contains("等你复核"), "their own");
    assert!(approver.get("/corrections").await.1.contains("form=\"bulk\""));
    let refuse = [("pick", "1"), ("pick", "2"), ("do", "refuse"), ("why", "")];
    let (status, ..) = approver.post("/corrections/second", &refuse).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "a refusal says why");
    let both = [("pick", "1"), ("pick", "2"), ("pick", "7"), ("do", "confirm")];
    let (status, to, _) = approver.post("/corrections/second", &both).await;
    assert_eq!(
        (status, to.as_str()),
        (StatusCode::SEE_OTHER, "/corrections?tab=waiting&done=2&left=1")
    );
    assert!(approver.read(&to).await.contains("办了 2 条；1 条没办"));
    assert!(bureau.read(&person_path(PUPIL)).await.contains("张小禾"));
}

#[tokio::test]
async fn who_acts_sees_why_and_nobody_else() {
    let place = Place::new();
    let bureau = place.sign_in(Role::Bureau);
    assert!(bureau.read("/risks").await.contains("没有要先看的孩子"));
    let reasons = r#"[{"key":"unexcused_7","points":30,"said":{"zh":"本学期无故缺课 8 天","en":"8 days away"},"act":"校长带队家访"}]"#;
    let risk = |person, points, listed| fujiao_store::StoredRisk {
        person,
        run: 1,
        school: None,
        points,
        listed,
        reasons: reasons.to_owned(),
    };
    let risks = [risk(PUPIL, 30, true), risk(BROTHER, 12, false)];
    place.store.write(|tx| tx.replace_risks((COUNTY, 1), &risks)).unwrap();
    let list = bureau.read("/risks").await;
    assert!(list.contains("先看看这 1 个孩子") && list.contains("本学期无故缺课 8 天"), "{list}");
    assert!(bureau.read("/risks?all=1").await.contains("先看看这 2 个孩子"));
    assert!(bureau.read("/risks?all=1&after=30~0000000000001001").await.contains("张"));
    assert!(bureau.read(&person_path(PUPIL)).await.contains("校长带队家访"));
    let approver = place.sign_in(Role::AidApprover);
    assert_eq!(approver.get("/risks").await.0, StatusCode::FORBIDDEN);
    assert!(!approver.read(&person_path(PUPIL)).await.contains("校长带队家访"));
}

#[tokio::test]
async fn two_lists_are_set_against_each_other_with_their_rows() {
    let place = Place::new();
    let bureau = place.sign_in(Role::Bureau);
    assert!(bureau.read("/two-lines").await.contains("两条线对上了"));
    let found = |person, found: &str| fujiao_store::StoredTwoLine {
        person,
        run: 1,
        found: found.to_owned(),
        since: Some(date(2025, 9, 1)),
        days: None,
        evidence: vec![1],
    };
    let findings = [found(PUPIL, "double"), found(BROTHER, "left")];
    place.store.write(|tx| tx.replace_two_lines((COUNTY, 1), &findings)).unwrap();
    let all = bureau.read("/two-lines").await;
    assert!(all.contains("1 个适龄孩子没有着落") && all.contains("离校未再入学"), "{all}");
    let (_, html) = bureau.get("/two-lines?kind=double").await;
    assert!(html.contains(&person_path(PUPIL)) && html.contains("/source/0000000000000001"));
    assert!(!html.contains(&person_path(BROTHER)), "one kind alone");
    let village = place.sign_in(Role::Leader);
    assert_eq!(village.get("/two-lines").await.0, StatusCode::FORBIDDEN, "no names for leaders");
}

#[tokio::test]
async fn what_became_of_whom_hides_the_few_from_those_who_see_no_names() {
    let place = Place::new();
    let stage = |stage, reached, missed| fujiao_store::StoredStage {
        cohort: 2022,
        town: 0,
        stage,
        reached,
        missed,
        unknown: 0,
    };
    let stages = [stage(0, 40, 0), stage(1, 38, 2), stage(2, 30, 8)];
    place.store.write(|tx| tx.replace_generations((COUNTY, 1), &stages)).unwrap();
    let (bureau, leader) = (place.sign_in(Role::Bureau), place.sign_in(Role::Leader));
    let whole = bureau.read("/generations").await;
    assert!(whole.contains("2022—2023 学年") && whole.contains("38"), "{whole}");
    let outside = leader.read("/generations").await;
    assert!(outside.contains("人少的格不写"), "{outside}");
    assert!(!outside.contains("38"), "all but two tells of two: {outside}");
}

#[tokio::test]
async fn an_assessment_writes_its_report() {
    let place = Place::new();
    let clerk = place.sign_in(Role::AidClerk);
    assert!(clerk.read("/reports").await.contains("还没有报告"));
    assert_eq!(clerk.get("/reports/1").await.0, StatusCode::NOT_FOUND);
    clerk.post("/assess", &[("as_of", "2025-10-15")]).await;
    place.work().await;
    let list = clerk.get("/reports").await.1;
    let path = list.split("href=\"/reports/").nth(1).unwrap().split('"').next().unwrap();
    let (_, html) = clerk.get(&format!("/reports/{path}")).await;
    assert!(html.contains("<h1>岚川县教育扶贫工作总结</h1>"), "{html}");
    assert!(html.contains("<a href=\"/area/"), "a gap opens its list");
    let request = Request::get(format!("/reports/{path}/docx")).body(Body::empty()).unwrap();
    let word = answer(&clerk.site, request).await;
    assert!(to_bytes(word.into_body(), 1 << 20).await.unwrap().starts_with(b"PK"));
    let town = place.sign_in(Role::Town);
    assert_eq!(town.get("/reports").await.0, StatusCode::FORBIDDEN, "it counts the whole county");
}

#[tokio::test]
async fn a_pair_is_decided_and_taken_back() {
    let place = Place::new();
    let why = r#"{"prior":-12.0,"steps":[["姓名","相同",9.5],["出生日期","只有年月",4.1],["住址","同村",3.0],
        ["监护人","不同",-2.6]],"look_alikes":0.0,"look_alike":"","rivals":0.0}"#;
    place
        .store
        .write(|tx| {
            let ask = |left, right, weight| LinkAsk { left, right, weight, why: why.to_owned() };
            tx.replace_asks(COUNTY, &[ask(1, 2, 2.0), ask(2, 4, 1.0)])
        })
        .unwrap();
    let clerk = place.sign_in(Role::AidClerk);
    let text = clerk.read("/review").await;
    insta::assert_snapshot!("a_pair_reads", text);
    let (_, html) = clerk.get("/review").await;
    let key = html.split_once("action=\"/review/K").unwrap().1.split('"').next().unwrap();
    let path = format!("/review/K{key}");
    for data_key in ["1", "2", "3", "j"] {
        assert!(html.contains(&format!("data-key=\"{data_key}\"")), "{data_key}");
    }
    let (status, to, _) = clerk.post(&path, &[("answer", "same"), ("why", "看了证件")]).await;
    assert_eq!(status, StatusCode::SEE_OTHER);
    assert!(to.contains(&format!("?just=K{key}")) && !to.starts_with(&path), "{to}");
    let next = clerk.get(&to).await.1;
    assert!(next.contains("data-key=\"u\""), "a slip is taken back at once");
    assert_eq!(clerk.get(&path).await.0, StatusCode::NOT_FOUND, "it is decided");
    assert!(clerk.read("/review/history").await.contains("下次核算生效"));
    let undo = [("key", &*format!("K{key}")), ("why", "按错了"), ("back", "1")];
    let (_, to, _) = clerk.post("/review/undo", &undo).await;
    assert_eq!(to, path);
    assert_eq!(clerk.get(&path).await.0, StatusCode::OK);
    let history = clerk.read("/review/history").await;
    assert!(history.contains("已撤回") && history.contains("按错了"), "{history}");
    // An address with something else than a key puts nothing into the page.
    let odd = clerk.get("/review?just=%3Cscript%3E").await.1;
    assert!(!odd.contains("<script>") && !odd.contains("data-key=\"u\""));
    let leader = place.sign_in(Role::Leader);
    assert_eq!(leader.get("/review").await.0, StatusCode::FORBIDDEN);
    let lines = place
        .store
        .read(|tx| {
            let sql = "select actor from audit where action in ('decide', 'undo decision')";
            tx.query(sql, &[] as &[V], |r| r.get::<String>(0))
        })
        .unwrap();
    assert_eq!(lines.len(), 2);
}
