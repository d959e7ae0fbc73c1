//! Whatever a program or a browser sends, the answer is one of ours: never a failure, never a page half made.

use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use fujiao_office::access::{Access, Ground, Method, Right, Role};
use proptest::prelude::*;
use proptest::test_runner::TestRunner;
use serde_json::{Value, json};

use super::PUPIL;
use super::door::{House, now};

/// A few seconds at every test run; as many as `PROPTEST_CASES` says in longer ones.
fn runner() -> TestRunner {
    let longer = std::env::var_os("PROPTEST_CASES").is_some();
    let default = ProptestConfig::default();
    let cases = if longer { default.cases } else { 96 };
    TestRunner::new(ProptestConfig { cases, failure_persistence: None, ..default })
}

fn odd_text() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => Just(String::new()),
        4 => "[a-z0-9_]{1,12}",
        4 => prop::sample::select(vec![
            "name", "phone", "2025-10-13", "2025-02-30", "9999-12-31", "0000-00-00", "-1", "0", "1", "1e9", "9223372036854775807",
            "18446744073709551616", "NaN", "true", "null", "home", "in_school", "out", "all", "county", "2025A", "2025-10", "SY2025",
            "0000000000001001", "ffffffffffffffff", "619926201509010021", "' or 1=1 --", "<script>", "../../county.key", "%00", "\u{0}",
        ]).prop_map(str::to_owned),
        2 => "\\PC{0,60}",
        1 => "(?s).{0,200}",
        1 => (1_usize..3000).prop_map(|n| "长".repeat(n)),
    ]
}

fn odd_value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(|n| json!(n)),
        odd_text().prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 24, 6, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
            prop::collection::btree_map(odd_text(), inner, 0..5)
                .prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    })
}

/// A body that is right but for a few of its fields, or no JSON at all.
fn odd_body() -> impl Strategy<Value = Vec<u8>> {
    let right = prop::sample::select(vec![
        json!({ "field": "phone", "now": "13812345071", "reason": "r", "evidence": "e" }),
        json!({ "field": "name", "now": "张小禾", "reason": "户口簿为准", "evidence": "家访" }),
        json!({ "on": "2025-10-13", "how": "home", "met": "奶奶", "now": "in_school", "text": "在校" }),
        json!({ "on": "2025-10-13", "how": "phone", "now": "out", "why": ["ill"], "text": "病了", "next_on": "2025-11-01" }),
    ]);
    let changes = prop::collection::vec((any::<prop::sample::Index>(), odd_value()), 0..3);
    let extra = prop::option::of((odd_text(), odd_value()));
    let made = (right, changes, extra).prop_map(|(mut body, changes, extra)| {
        let map = body.as_object_mut().expect("an object");
        let keys: Vec<String> = map.keys().cloned().collect();
        for (at, value) in changes {
            map.insert(at.get(&keys).clone(), value);
        }
        if let Some((key, value)) = extra {
            map.insert(key, value);
        }
        body.to_string().into_bytes()
    });
    prop_oneof![
        8 => made,
        1 => odd_value().prop_map(|v| v.to_string().into_bytes()),
        1 => prop::collection::vec(any::<u8>(), 0..300),
        1 => (1_usize..4000).prop_map(|n| "[".repeat(n).into_bytes()),
    ]
}

/// Words that forms of ours send.
const FIELDS: &[&str] = &[
    "q",
    "name",
    "reason",
    "why",
    "on",
    "day",
    "from",
    "to",
    "until",
    "amount",
    "level",
    "step",
    "state",
    "kind",
    "town",
    "school",
    "grade",
    "class",
    "after",
    "before",
    "sort",
    "show",
    "tab",
    "all",
    "year",
    "month",
    "as_of",
    "programme",
    "period",
    "note",
    "evidence",
    "now",
    "title",
    "seconds",
    "walk",
    "stage",
    "close",
    "person",
    "user",
    "role",
    "ground",
    "login",
    "unit",
    "answer",
    "category",
    "said",
    "pick",
    "case",
    "document",
    "score",
    "instrument",
    "text",
    "how",
    "met",
    "next_on",
    "served",
    "present",
];

/// What names and addresses lead to, most of them nowhere.
fn odd_path(path: &str, word: &str) -> String {
    let word = if word.is_empty() { "1" } else { word };
    let word: String = word
        .bytes()
        .take(200)
        .map(|b| {
            if b.is_ascii_alphanumeric() || b == b'-' {
                char::from(b).to_string()
            } else {
                format!("%{b:02X}")
            }
        })
        .collect();
    let mut out = String::new();
    for part in path.split('/').skip(1) {
        out.push('/');
        out.push_str(if part.starts_with('{') { &word } else { part });
    }
    out
}

struct Setting {
    house: House,
    runtime: tokio::runtime::Runtime,
    cookie: String,
    token: String,
    mark: String,
}

/// A county with somebody who may do much.
fn setting(role: Role) -> Setting {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let house = House::new();
    house.account("wu", role, &Ground::County);
    let cookie = runtime.block_on(house.signed_in("wu"));
    let kept = cookie.split_once('=').unwrap().1;
    let actor = house.office.visitor(kept, now()).unwrap().unwrap().actor;
    let rights: Vec<Right> =
        [Right::Names, Right::Figures, Right::Correct, Right::Visit, Right::Schools, Right::Aid]
            .into_iter()
            .filter(|right| actor.may(*right))
            .collect();
    let token = house.office.make_token(&actor, "平台", &rights, 30).unwrap();
    let page = runtime.block_on(house.get(&cookie, "/account")).text;
    let mark = page.split_once("name=\"csrf\" value=\"").unwrap().1[..32].to_owned();
    Setting { house, runtime, cookie, token, mark }
}

#[test]
fn no_body_makes_the_interface_fail() {
    let at = setting(Role::Bureau);
    let paths = vec![
        "/api/v1/rows/0000000000000001/corrections".to_owned(),
        format!("/api/v1/persons/{PUPIL:016x}/visits"),
        "/api/v1/persons/ffffffffffffffff/visits".to_owned(),
        "/api/v1/rows/x/corrections".to_owned(),
    ];
    let strategy = (prop::sample::select(paths), odd_body(), "[!-~]{0,70}|\\PC{0,8}", any::<u8>());
    let tried = runner().run(&strategy, |(path, body, key, kind)| {
        let mut request = Request::post(&path)
            .header(header::AUTHORIZATION, format!("Bearer {}", at.token))
            .header(
                header::CONTENT_TYPE,
                if kind < 240 { "application/json" } else { "text/plain" },
            );
        if let Ok(key) = axum::http::HeaderValue::from_bytes(key.as_bytes()) {
            request = request.header("idempotency-key", key);
        }
        let answer = at.runtime.block_on(at.house.send(request.body(Body::from(body)).unwrap()));
        prop_assert!(!answer.status.is_server_error(), "{path}: {}", answer.text);
        if answer.status.is_client_error() {
            prop_assert_eq!(&answer.headers[header::CONTENT_TYPE], "application/problem+json");
        }
        Ok(())
    });
    tried.unwrap_or_else(|e| panic!("{e}"));
    assert!(at.house.office.verify().unwrap().faults.is_empty(), "the books are sound");
}

#[test]
fn no_body_of_a_form_and_no_address_makes_a_page_fail() {
    for role in [Role::Bureau, Role::AidClerk] {
        let at = setting(role);
        let routes: Vec<(Method, &str)> = Access::builtin()
            .routes
            .iter()
            .filter(|r| !r.path.starts_with("/api/") && !r.path.contains("logout"))
            .filter(|r| {
                !["/account/leave", "/account/password", "/account/second"]
                    .contains(&r.path.as_str())
            })
            .map(|r| (r.method, r.path.as_str()))
            .collect();
        let fields = prop::sample::select(FIELDS);
        let pairs = prop::collection::vec((fields, odd_text()), 0..8);
        let strategy = (prop::sample::select(routes), odd_text(), pairs);
        let tried = runner().run(&strategy, |((method, path), word, pairs)| {
            let path = odd_path(path, &word);
            let mut pairs: Vec<(String, String)> =
                pairs.into_iter().map(|(k, v)| (k.to_owned(), v)).collect();
            let request = match method {
                Method::Get => {
                    let query = serde_urlencoded::to_string(&pairs).unwrap();
                    Request::get(format!("{path}?{}", &query[..query.len().min(8000)]))
                        .header(header::COOKIE, &at.cookie)
                        .body(Body::empty())
                }
                Method::Post => {
                    pairs.push(("csrf".to_owned(), at.mark.clone()));
                    Request::post(&path)
                        .header(header::COOKIE, &at.cookie)
                        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
                        .body(Body::from(serde_urlencoded::to_string(&pairs).unwrap()))
                }
            };
            let Ok(request) = request else { return Ok(()) };
            let answer = at.runtime.block_on(at.house.send(request));
            prop_assert!(
                !answer.status.is_server_error() || answer.status == StatusCode::NOT_IMPLEMENTED,
                "{method:?} {path} {pairs:?}: {} {}",
                answer.status,
                answer.text
            );
            Ok(())
        });
        tried.unwrap_or_else(|e| panic!("{e}"));
        assert!(at.house.office.verify().unwrap().faults.is_empty(), "the books are sound");
    }
}
