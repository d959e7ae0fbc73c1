//! Coming in, staying in, being kept out; what is shown beyond one's pages; the interface for programs.

use std::cell::Cell;
use std::collections::BTreeMap;
use std::sync::Arc;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{HeaderMap, Request, StatusCode, header};
use fujiao_office::Office;
use fujiao_office::access::{Actor, Ground, Right, Role};
use fujiao_office::accounts::{Entry, NewAccount};
use fujiao_store::{Keys, Store};
use fujiao_web::{WebSettings, router};
use jiff::Timestamp;
use tower::ServiceExt;

use super::{HOUSEHOLD, PUPIL, SCHOOL, book, office, person_path, pupil_id};

const PASSWORD: &str = "Qingshan-2025-x";

thread_local! {
    /// Seconds that have passed since the morning of the as-of day: a clock for each test, which has a thread of its own.
    static PASSED: Cell<i64> = const { Cell::new(0) };
}

pub(crate) fn now() -> Timestamp {
    let seconds = PASSED.get();
    "2025-10-15T01:00:00Z".parse::<Timestamp>().unwrap() + jiff::SignedDuration::from_secs(seconds)
}

fn pass(minutes: i64) {
    PASSED.set(PASSED.get() + minutes * 60);
}

/// Books of this test's own, and the site over them.
pub(crate) struct House {
    pub(crate) office: Office,
    site: Router,
    _folder: tempfile::TempDir,
}

pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) text: String,
}

impl House {
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("county.db");
        let store = Store::open(path.to_str().unwrap(), Keys::from_master([3; 32])).unwrap();
        book(&store).unwrap();
        let office = office(&Arc::new(store));
        let settings = WebSettings { tries_a_minute: 1000, ..WebSettings::new(now) };
        Self { site: router(office.clone(), settings), office, _folder: folder }
    }

    pub(crate) async fn send(&self, request: Request<Body>) -> Answer {
        let response = self.site.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let bytes = to_bytes(body, 4 << 20).await.unwrap();
        let text = String::from_utf8_lossy(&bytes).into_owned();
        Answer { status: parts.status, headers: parts.headers, text }
    }

    pub(crate) async fn get(&self, cookie: &str, path: &str) -> Answer {
        let request = Request::get(path).header(header::COOKIE, cookie);
        self.send(request.body(Body::empty()).unwrap()).await
    }

    /// A form as a page of theirs would send it: with its mark.
    async fn post(&self, cookie: &str, path: &str, fields: &[(&str, &str)]) -> Answer {
        let page = self.get(cookie, "/account").await.text;
        let mark = page.split_once("name=\"csrf\" value=\"").map(|(_, rest)| &rest[..32]);
        let mut fields: BTreeMap<&str, &str> = fields.iter().copied().collect();
        fields.insert("csrf", mark.unwrap_or(""));
        let body = serde_urlencoded::to_string(&fields).unwrap();
        let request = Request::post(path)
            .header(header::COOKIE, cookie)
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        self.send(request.body(Body::from(body)).unwrap()).await
    }

    async fn login(&self, login: &str, password: &str) -> Answer {
        self.post("", "/login", &[("login", login), ("password", password)]).await
    }

    /// An account with a password and a role; its id.
    pub(crate) fn account(&self, login: &str, role: Role, ground: &Ground) -> u64 {
        let console = Actor::console(now());
        let new =
            NewAccount { login: login.into(), name: login.to_uppercase(), unit: "试".into() };
        let (user, link) = self.office.make_account(&console, &new).unwrap();
        let days = (console.today(), None);
        self.office.grant(&console, user, role, ground, days).unwrap();
        let entry = Entry { device: "试", own_phone: false, at: now() };
        let token = self.office.enter_by_link(&link, entry).unwrap().unwrap().token;
        let actor = self.office.visitor(&token, now()).unwrap().unwrap().actor;
        self.office.set_password(&actor, &token, "", PASSWORD).unwrap();
        user
    }

    pub(crate) async fn signed_in(&self, login: &str) -> String {
        let answer = self.login(login, PASSWORD).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.text);
        answer.cookie()
    }
}

impl Answer {
    fn cookie(&self) -> String {
        let kept = self.headers[header::SET_COOKIE].to_str().unwrap();
        kept.split(';').next().unwrap().to_owned()
    }

    fn to(&self) -> &str {
        self.headers.get(header::LOCATION).map_or("", |l| l.to_str().unwrap())
    }
}

#[tokio::test]
async fn wrong_passwords_make_the_account_rest_longer_each_time() {
    let house = House::new();
    house.account("zhao", Role::Bureau, &Ground::County);
    let nobody = house.login("nobody", "Wrong-pass-1").await;
    let wrong = house.login("zhao", "Wrong-pass-1").await;
    assert_eq!((nobody.status, wrong.status), (StatusCode::UNPROCESSABLE_ENTITY, wrong.status));
    assert!(wrong.text.contains("还能试 4 次") && nobody.text.contains("还能试 4 次"), "alike");
    for _ in 0..4 {
        house.login("zhao", "Wrong-pass-1").await;
    }
    let rests = house.login("zhao", PASSWORD).await;
    assert!(rests.text.contains("1 分钟后再来"), "the right one does not help while it rests");
    pass(2);
    assert!(house.login("zhao", "Wrong-pass-1").await.text.contains("2 分钟后再来"));
    pass(3);
    let inside = house.login("zhao", PASSWORD).await;
    assert_eq!(inside.status, StatusCode::SEE_OTHER);
    let kept = inside.headers[header::SET_COOKIE].to_str().unwrap();
    assert!(kept.contains("HttpOnly") && kept.contains("SameSite=Strict"), "{kept}");
    assert!(house.login("zhao", "Wrong-pass-1").await.text.contains("还能试 4 次"), "forgotten");
}

#[tokio::test]
async fn the_first_link_lets_in_once_and_sets_a_password_and_a_second_factor() {
    let house = House::new();
    let link = house.office.first_link(now()).unwrap().unwrap();
    let path = format!("/enter/{link}");
    assert!(house.get("", &path).await.text.contains("进入"), "a link alone uses nothing up");
    let cookie = house.post("", &path, &[]).await.cookie();
    let again = house.post("", &path, &[]).await;
    assert!(again.text.contains("链接用过了"), "{}", again.text);
    assert_eq!(house.get(&cookie, "/users").await.to(), "/account/password");
    let form = house.get(&cookie, "/account/password").await.text;
    let mark = form.split_once("name=\"csrf\" value=\"").unwrap().1[..32].to_owned();
    let set = |new: &str| {
        let body = serde_urlencoded::to_string([("csrf", &*mark), ("new", new), ("again", new)]);
        let request = Request::post("/account/password")
            .header(header::COOKIE, &cookie)
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        house.send(request.body(Body::from(body.unwrap())).unwrap())
    };
    let weak = set("kurz").await;
    assert_eq!(weak.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(weak.text.contains("密码至少 10 位"));
    assert_eq!(set(PASSWORD).await.status, StatusCode::SEE_OTHER);
    assert_eq!(house.get(&cookie, "/users").await.to(), "/account/second", "the role asks for one");
    let form = house.get(&cookie, "/account/second").await.text;
    let secret = form.split_once("name=\"secret\" value=\"").unwrap().1.split('"').next().unwrap();
    assert!(form.contains("<svg"), "a picture for the phone");
    let code = totp(secret);
    let give = |code: String| {
        let fields = [("csrf", mark.clone()), ("secret", secret.to_owned()), ("code", code)];
        let request = Request::post("/account/second")
            .header(header::COOKIE, &cookie)
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        let body = serde_urlencoded::to_string(fields).unwrap();
        house.send(request.body(Body::from(body)).unwrap())
    };
    assert_eq!(give("000000".into()).await.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(give(code).await.status, StatusCode::SEE_OTHER);
    assert_eq!(house.get(&cookie, "/users").await.status, StatusCode::OK);
    assert!(house.office.first_link(now()).unwrap().is_none(), "there is an administrator now");
    // The next time the code is asked for, and one that was used is none.
    let next = house.login("admin", PASSWORD).await.cookie();
    assert_eq!(house.get(&next, "/users").await.to(), "/login/code");
}

fn totp(secret: &str) -> String {
    totp_rs::Builder::new()
        .with_secret(totp_rs::Secret::try_from_base32(secret).unwrap())
        .build()
        .unwrap()
        .generate(u64::try_from(now().as_second()).unwrap())
        .to_string()
}

#[tokio::test]
async fn signing_out_everywhere_ends_every_browser_at_once() {
    let house = House::new();
    house.account("qian", Role::Bureau, &Ground::County);
    let (desk, phone) = (house.signed_in("qian").await, house.signed_in("qian").await);
    assert_eq!(house.get(&phone, "/").await.status, StatusCode::OK);
    let out = house.post(&desk, "/account/leave", &[]).await;
    assert_eq!(out.to(), "/login");
    assert!(out.headers["clear-site-data"].to_str().unwrap().contains("storage"));
    for cookie in [&desk, &phone] {
        assert_eq!(house.get(cookie, "/").await.to(), "/login");
    }
    let idle = house.signed_in("qian").await;
    pass(31);
    assert_eq!(house.get(&idle, "/").await.to(), "/login", "half an hour without a request");
}

#[tokio::test]
async fn a_whole_number_needs_a_reason_and_goes_again() {
    let house = House::new();
    house.account("sun", Role::Principal, &Ground::School(SCHOOL));
    let cookie = house.signed_in("sun").await;
    let page = person_path(PUPIL);
    let whole = pupil_id().reveal().to_owned();
    assert!(!house.get(&cookie, &page).await.text.contains(&whole));
    let ask = |reason: &'static str| {
        let path = format!("{page}/reveal");
        let (house, cookie) = (&house, cookie.clone());
        async move { house.post(&cookie, &path, &[("secret", "number"), ("reason", reason)]).await }
    };
    assert_eq!(ask("看").await.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(ask("核对学籍照片上的号").await.status, StatusCode::SEE_OTHER);
    assert!(house.get(&cookie, &page).await.text.contains(&whole));
    let account = house
        .post(
            &cookie,
            &format!("{page}/reveal"),
            &[("secret", "account"), ("reason", "看看银行卡号")],
        )
        .await;
    assert_eq!(account.status, StatusCode::FORBIDDEN, "bank accounts are not for principals");
    pass(6);
    assert!(!house.get(&cookie, &page).await.text.contains(&whole), "for minutes, not for good");
    let auditor = Actor::console(now());
    let lines = house.office.audit_lines(&auditor, None, "reveal", "sun").unwrap().lines;
    assert_eq!(lines.len(), 1);
    assert!(lines[0].detail.contains("核对学籍照片上的号"), "{:?}", lines[0]);
}

#[tokio::test]
async fn a_case_outside_the_ground_opens_for_hours_and_is_reviewed_by_another() {
    let house = House::new();
    let elsewhere = Ground::Place(fujiao_model::Division::parse("619926103000").unwrap());
    house.account("li", Role::Town, &elsewhere);
    let cookie = house.signed_in("li").await;
    let page = person_path(PUPIL);
    assert_eq!(house.get(&cookie, &page).await.status, StatusCode::NOT_FOUND);
    let number = pupil_id().reveal().to_owned();
    let unknown = house
        .post(&cookie, "/glass", &[("number", "61992620120317001X"), ("reason", "孩子走失在我镇")])
        .await;
    assert_eq!(unknown.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(!unknown.text.contains("61992620120317001X"), "the number is not written back");
    let opened =
        house.post(&cookie, "/glass", &[("number", &number), ("reason", "孩子走失在我镇")]).await;
    assert_eq!(opened.to(), page);
    assert_eq!(house.get(&cookie, &page).await.status, StatusCode::OK);
    pass(10);
    let own =
        house.office.visitor(cookie.split_once('=').unwrap().1, now()).unwrap().unwrap().actor;
    assert!(
        house.office.review_glass(&own, 1, true, "我自己看过了").is_err(),
        "not by its own opener"
    );
    let auditor = Actor::console(now());
    house.office.review_glass(&auditor, 1, true, "走失确有其事").unwrap();
    assert!(house.office.review_glass(&auditor, 1, false, "再说一遍不该").is_err(), "once");
}

#[tokio::test]
async fn what_people_write_never_runs() {
    let house = House::new();
    let link = house.office.demo_links(now()).unwrap().unwrap();
    let enter = |role: Role| {
        let (_, link) = link.iter().find(|(r, _)| *r == role).unwrap();
        let entry = Entry { device: "试", own_phone: false, at: now() };
        format!("fujiao={}", house.office.enter_by_link(link, entry).unwrap().unwrap().token)
    };
    let (admin, bureau, auditor) =
        (enter(Role::Administrator), enter(Role::Bureau), enter(Role::Auditor));
    let evil = "\"><script>alert(1)</script><img src=x onerror=alert(1)>'; drop table person; --";
    let runs = |text: &str| text.contains("<script>alert") || text.contains("<img src=x");
    // Reflected: every field that a page shows again.
    let coded = serde_urlencoded::to_string([("q", evil)]).unwrap();
    let coded = coded.trim_start_matches("q=");
    for (cookie, path) in [
        (&bureau, format!("/search?q={coded}")),
        (&bureau, format!("/schools?q={coded}&town={coded}&page={coded}")),
        (
            &bureau,
            format!(
                "/area/aid?q={coded}&kind={coded}&period={coded}&sort={coded}&after={coded}&town={coded}"
            ),
        ),
        (&bureau, format!("/data?q={coded}&page={coded}")),
        (&bureau, format!("/?area={coded}&lang={coded}")),
        (&bureau, format!("/person/{coded}")),
        (&bureau, format!("/nowhere/{coded}?next={coded}")),
        (&auditor, format!("/audit?action={coded}&by={coded}&before={coded}")),
    ] {
        let answer = house.get(cookie, &path).await;
        assert!(
            !runs(&answer.text) && !answer.status.is_server_error(),
            "{path}: {}",
            answer.status
        );
    }
    let login =
        house.post("", "/login", &[("login", evil), ("password", evil), ("next", evil)]).await;
    assert!(!runs(&login.text) && login.status == StatusCode::UNPROCESSABLE_ENTITY);
    // Stored: a name, a unit, a reason.
    let made =
        house.post(&admin, "/users", &[("login", "evil"), ("name", evil), ("unit", evil)]).await;
    assert!(made.status == StatusCode::OK && !runs(&made.text), "{}", made.status);
    let list = house.get(&admin, "/users").await;
    assert!(list.text.contains("&#60;script&#62;") && !runs(&list.text));
    house
        .post(
            &bureau,
            &format!("{}/reveal", person_path(PUPIL)),
            &[("secret", "phone"), ("reason", evil)],
        )
        .await;
    assert!(!runs(&house.get(&auditor, "/audit").await.text));
    assert!(
        house.get(&bureau, &person_path(PUPIL)).await.status == StatusCode::OK,
        "the table stands"
    );
}

#[tokio::test]
async fn too_much_and_too_fast_are_refused_with_a_page() {
    let house = House::new();
    let large = "x".repeat(300 * 1024);
    let answer = house.login("zhao", &large).await;
    assert_eq!(answer.status, StatusCode::PAYLOAD_TOO_LARGE);
    assert!(answer.text.contains("太大"), "{}", answer.text);
    let office = house.office.clone();
    let site = router(office, WebSettings { tries_a_minute: 3, ..WebSettings::new(now) });
    let mut last = StatusCode::OK;
    for _ in 0..5 {
        let request = Request::post("/login")
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(Body::from("login=a&password=b"));
        last = site.clone().oneshot(request.unwrap()).await.unwrap().status();
    }
    assert_eq!(last, StatusCode::TOO_MANY_REQUESTS);
}

#[tokio::test]
async fn a_browser_that_came_over_tls_is_told_to_stay_there() {
    let house = House::new();
    for secure in [false, true] {
        let site = router(house.office.clone(), WebSettings { secure, ..WebSettings::new(now) });
        let request = Request::get("/login").body(Body::empty()).unwrap();
        let answer = site.oneshot(request).await.unwrap();
        let told = answer.headers().get(header::STRICT_TRANSPORT_SECURITY);
        assert_eq!(told.is_some(), secure, "{told:?}");
    }
}

#[tokio::test]
async fn a_program_sees_what_its_token_was_given() {
    let house = House::new();
    house.account("wu", Role::Bureau, &Ground::County);
    let cookie = house.signed_in("wu").await;
    let token = cookie.split_once('=').unwrap().1;
    let actor = house.office.visitor(token, now()).unwrap().unwrap().actor;
    assert!(house.office.make_token(&actor, "平台", &[Right::Reveal], 30).is_err(), "for people");
    let token =
        house.office.make_token(&actor, "平台", &[Right::Figures, Right::Names], 30).unwrap();
    let ask = |path: String, tag: Option<String>| {
        let mut request =
            Request::get(path).header(header::AUTHORIZATION, format!("Bearer {token}"));
        if let Some(tag) = tag {
            request = request.header(header::IF_NONE_MATCH, tag);
        }
        house.send(request.body(Body::empty()).unwrap())
    };
    let county = ask("/api/v1/county".into(), None).await;
    assert_eq!(county.status, StatusCode::OK);
    let value: serde_json::Value = serde_json::from_str(&county.text).unwrap();
    assert_eq!(value["name"], "岚川县");
    let tag = county.headers[header::ETAG].to_str().unwrap().to_owned();
    assert_eq!(ask("/api/v1/county".into(), Some(tag)).await.status, StatusCode::NOT_MODIFIED);
    let person = ask(format!("/api/v1/persons/{PUPIL:016x}"), None).await;
    assert!(person.text.contains("张晓禾") && !person.text.contains(pupil_id().reveal()));
    assert_eq!(
        ask(format!("/api/v1/households/{HOUSEHOLD:016x}"), None).await.status,
        StatusCode::OK
    );
    let schools = ask("/api/v1/schools".into(), None).await;
    assert_eq!(schools.status, StatusCode::FORBIDDEN, "not given");
    assert_eq!(schools.headers[header::CONTENT_TYPE], "application/problem+json");
    assert_eq!(
        ask("/api/v1/areas/aid/lines?show=nonsense".into(), None).await.status,
        StatusCode::BAD_REQUEST
    );
    let meals = ask("/api/v1/meals".into(), None).await;
    let value: serde_json::Value = serde_json::from_str(&meals.text).unwrap();
    let rate = &value["rates"][0];
    assert_eq!((meals.status, &value["months"]), (StatusCode::OK, &serde_json::json!([])));
    assert_eq!(rate["formula"]["zh"], "供过餐的学校 ÷ 应实施的学校");
    for (path, status) in [
        ("meals?year=1999", StatusCode::UNPROCESSABLE_ENTITY),
        ("meals/2025-09", StatusCode::OK),
        ("meals/2025-13", StatusCode::UNPROCESSABLE_ENTITY),
        ("posts", StatusCode::FORBIDDEN),
    ] {
        assert_eq!(ask(format!("/api/v1/{path}"), None).await.status, status, "{path}");
    }
    let without = house.send(Request::get("/api/v1/county").body(Body::empty()).unwrap()).await;
    assert_eq!(without.status, StatusCode::UNAUTHORIZED);
    let refused = Request::delete("/api/v1/county").body(Body::empty()).unwrap();
    assert_eq!(house.send(refused).await.status, StatusCode::METHOD_NOT_ALLOWED);
    house.office.end_token(&actor, 1).unwrap();
    assert_eq!(ask("/api/v1/county".into(), None).await.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn a_program_reads_schools_at_work() {
    let house = House::new();
    house.account("wu", Role::Bureau, &Ground::County);
    let cookie = house.signed_in("wu").await;
    let token = cookie.split_once('=').unwrap().1;
    let actor = house.office.visitor(token, now()).unwrap().unwrap().actor;
    let token = house.office.make_token(&actor, "平台", &[Right::Schools], 30).unwrap();
    let ask = |path: &str| {
        let request = Request::get(format!("/api/v1/{path}"))
            .header(header::AUTHORIZATION, format!("Bearer {token}"));
        house.send(request.body(Body::empty()).unwrap())
    };
    for (path, holds) in [
        ("kitchens", "odd_prices"),
        ("kitchens?month=2025-09", "unknown_foods"),
        ("inspections", "["),
        ("gaps", "unmeasured"),
        ("gaps?standard=base.fence&school=0000000000000001", "total"),
        ("projects", "["),
        ("places", "bands"),
        ("posts", "must_rotate"),
    ] {
        let answer = ask(path).await;
        assert_eq!(answer.status, StatusCode::OK, "{path}: {}", answer.text);
        assert!(answer.text.contains(holds), "{path}: {}", answer.text);
    }
    for (path, status) in [
        ("kitchens?month=", StatusCode::UNPROCESSABLE_ENTITY),
        ("kitchens?month=x", StatusCode::UNPROCESSABLE_ENTITY),
        ("kitchens?year=2025", StatusCode::BAD_REQUEST),
        ("gaps?school=zz", StatusCode::UNPROCESSABLE_ENTITY),
        ("meals", StatusCode::FORBIDDEN),
    ] {
        assert_eq!(ask(path).await.status, status, "{path}");
    }
}

#[tokio::test]
async fn a_program_writes_once_however_often_it_asks() {
    let house = House::new();
    house.account("wu", Role::Bureau, &Ground::County);
    let cookie = house.signed_in("wu").await;
    let actor =
        house.office.visitor(cookie.split_once('=').unwrap().1, now()).unwrap().unwrap().actor;
    let rights = [Right::Names, Right::Correct, Right::Visit];
    let token = house.office.make_token(&actor, "平台", &rights, 30).unwrap();
    let send = |path: String, key: &str, body: &str| {
        let request = Request::post(path)
            .header(header::AUTHORIZATION, format!("Bearer {token}"))
            .header(header::CONTENT_TYPE, "application/json")
            .header("idempotency-key", key)
            .body(Body::from(body.to_owned()));
        house.send(request.unwrap())
    };
    let row = "/api/v1/rows/0000000000000001/corrections";
    let right = r#"{"field":"name","now":"张小禾","reason":"户口簿为准","evidence":"家访"}"#;
    let first = send(row.into(), "k1", right).await;
    assert_eq!(
        (first.status, &*first.text),
        (StatusCode::CREATED, r#"{"id":1,"state":"waiting"}"#)
    );
    let again = send(row.into(), "k1", right).await;
    assert_eq!((again.status, again.text), (first.status, first.text), "the same answer");
    let other = send(row.into(), "k1", &right.replace("小禾", "大禾")).await;
    assert_eq!(other.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(other.text.contains("换一个新键"), "{}", other.text);
    let waits = send(row.into(), "k2", &right.replace("小禾", "大禾")).await;
    assert_eq!(waits.status, StatusCode::CONFLICT, "one correction of a cell waits");
    for (path, key, body, status) in [
        (row, "", right, StatusCode::BAD_REQUEST),
        (row, "k3", "{", StatusCode::BAD_REQUEST),
        (
            row,
            "k3",
            r#"{"field":"name","now":"","reason":"","evidence":"","more":1}"#,
            StatusCode::BAD_REQUEST,
        ),
        (row, "k3", &*right.replace("\"name\"", "\"nose\""), StatusCode::UNPROCESSABLE_ENTITY),
        ("/api/v1/rows/00000000000000ff/corrections", "k3", right, StatusCode::NOT_FOUND),
    ] {
        let refused = send(path.into(), key, body).await;
        assert_eq!(refused.status, status, "{body}: {}", refused.text);
        assert_eq!(refused.headers[header::CONTENT_TYPE], "application/problem+json");
    }

    let path = format!("/api/v1/persons/{PUPIL:016x}/visits");
    let visit =
        r#"{"on":"2025-10-13","how":"home","met":"奶奶","now":"in_school","text":"在校，住宿"}"#;
    let first = send(path.clone(), "v1", visit).await;
    assert_eq!(first.status, StatusCode::CREATED, "{}", first.text);
    assert_eq!(send(path.clone(), "v1", visit).await.text, first.text);
    let other = send(path.clone(), "v1", &visit.replace("奶奶", "爷爷")).await;
    assert_eq!(other.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", other.text);
    let tomorrow = send(path.clone(), "v2", &visit.replace("2025-10-13", "2031-01-01")).await;
    assert_eq!(tomorrow.status, StatusCode::UNPROCESSABLE_ENTITY);
    let day = send(path, "v3", &visit.replace("2025-10-13", "今天")).await;
    assert_eq!(day.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(house.office.my_entries(&actor).unwrap().len(), 1);
}
