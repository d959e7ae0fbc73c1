//! Work in the browser: rosters brought, jobs that outlive the server, a pair decided, a fact put right by two.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::harness::{AS_OF, artefacts, books, county, files, folder, fujiao, ran, succeed};
use crate::served::{Served, as_wide_as_its_window, copy_of_the_books, wait};
use crate::webdriver::{Browser, Reader};

/// A signed-in browser without a window: it keeps its cookie over a restart of the server.
struct Client {
    cookie: String,
}

/// What an answer says: status, where it leads, what the browser should keep, and the page.
struct Answer {
    status: u16,
    location: String,
    cookie: String,
    page: String,
}

impl Client {
    fn sign_in(server: &Served, role: &str) -> Self {
        let nobody = Self { cookie: String::new() };
        let entered = nobody.send(server, "POST", server.link(role), FORM, b"");
        assert_eq!(entered.status, 303, "{}", entered.page);
        Self { cookie: entered.cookie }
    }

    fn get(&self, server: &Served, path: &str) -> Answer {
        self.send(server, "GET", path, FORM, b"")
    }

    fn csrf(&self, server: &Served) -> String {
        let page = self.get(server, "/account").page;
        let value = page.split_once("name=\"csrf\" value=\"").expect("a form").1;
        value.split('"').next().expect("a value").to_owned()
    }

    fn post(&self, server: &Served, path: &str, fields: &str) -> Answer {
        let body = format!("csrf={}&{fields}", self.csrf(server));
        self.send(server, "POST", path, FORM, body.as_bytes())
    }

    fn bring(&self, server: &Served, unit: &str, files: &[PathBuf]) -> String {
        let mut body = Vec::new();
        let mut part = |head: &str, bytes: &[u8]| {
            write!(body, "--edge\r\nContent-Disposition: form-data; {head}\r\n\r\n")
                .expect("a Vec takes any bytes");
            body.extend_from_slice(bytes);
            body.extend_from_slice(b"\r\n");
        };
        part("name=\"csrf\"", self.csrf(server).as_bytes());
        part("name=\"unit\"", unit.as_bytes());
        for file in files {
            let name = file.file_name().expect("a file").to_string_lossy();
            let head = format!("name=\"files\"; filename=\"{name}\"");
            part(&head, &fs::read(file).expect("a workbook of the county"));
        }
        body.extend_from_slice(b"--edge--\r\n");
        let kind = "multipart/form-data; boundary=edge";
        let answer = self.send(server, "POST", "/upload", kind, &body);
        assert_eq!(answer.status, 303, "{}", answer.page);
        answer.location
    }

    /// Waits until a job has ended; the words on its page.
    fn wait(&self, server: &Served, path: &str) -> String {
        let begun = Instant::now();
        loop {
            let page = self.get(server, path).page;
            if !page.contains("http-equiv=\"refresh\"") {
                return page;
            }
            assert!(begun.elapsed() < Duration::from_mins(3), "{path} does not end:\n{page}");
            std::thread::sleep(Duration::from_millis(200));
        }
    }

    fn send(&self, server: &Served, method: &str, path: &str, kind: &str, body: &[u8]) -> Answer {
        let address = format!("127.0.0.1:{}", server.port);
        let mut stream = TcpStream::connect(&address).expect("the server listens");
        let head = format!(
            "{method} {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\nCookie: {}\r\n\
             Content-Type: {kind}\r\nContent-Length: {}\r\n\r\n",
            self.cookie,
            body.len()
        );
        stream.write_all(head.as_bytes()).expect("the server listens");
        stream.write_all(body).expect("the server listens");
        let mut bytes = Vec::new();
        stream.read_to_end(&mut bytes).expect("the server answers");
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let (head, page) = text.split_once("\r\n\r\n").expect("a head and a body");
        let of = |name: &str| {
            let mut lines = head.lines();
            let line = lines.find(|l| l.to_lowercase().starts_with(&format!("{name}:")));
            line.map_or_else(String::new, |l| l[name.len() + 1..].trim().to_owned())
        };
        Answer {
            status: head.split(' ').nth(1).and_then(|s| s.parse().ok()).unwrap_or(0),
            location: of("location"),
            cookie: of("set-cookie").split(';').next().unwrap_or_default().to_owned(),
            page: page.to_owned(),
        }
    }
}

const FORM: &str = "application/x-www-form-urlencoded";

/// What the books hold, by table.
fn counts(books: &Path) -> BTreeMap<String, u64> {
    let said = succeed(fujiao(["verify", "--json"]).arg(books)).stdout;
    let json: Value = serde_json::from_str(&said).expect("JSON");
    assert_eq!(json["sound"], true, "{json}");
    serde_json::from_value::<Vec<(String, u64)>>(json["counts"].clone())
        .expect("pairs of a table and a number")
        .into_iter()
        .collect()
}

/// The workbooks of the made county by the folder of their office.
fn by_office() -> BTreeMap<String, Vec<PathBuf>> {
    let mut offices: BTreeMap<String, Vec<PathBuf>> = BTreeMap::new();
    for file in files(county()).into_iter().filter(|f| !f.starts_with("truth")) {
        let office = file.parent().map_or_else(String::new, |p| p.display().to_string());
        let office = office.replace('/', "·"); // an office is one word
        offices.entry(office).or_default().push(county().join(file));
    }
    offices
}

/// Brings all workbooks of the made county, takes them in and assesses; what the books hold then. The server is killed in
/// the middle of `kills` imports, and of the assessment if of any.
fn all_by_the_browser(name: &str, kills: u64) -> BTreeMap<String, u64> {
    let held = folder(name);
    let mut offices = by_office();
    // A county is known before anybody signs in.
    let (first, of_first) = offices.iter().next().map(|(o, f)| (o.clone(), f[0].clone())).unwrap();
    let alone = folder(&format!("{name}-first")).join(&first);
    fs::create_dir_all(&alone).unwrap();
    fs::copy(&of_first, alone.join(of_first.file_name().unwrap())).unwrap();
    ran(fujiao(["import"]).arg(alone.parent().unwrap()).arg("--data").arg(&held));
    offices.get_mut(&first).unwrap().remove(0);

    let mut server = Served::start(&held);
    let clerk = Client::sign_in(&server, "教育局");
    let mut killed = 0;
    for (n, (office, workbooks)) in (0_u64..).zip(offices) {
        for part in workbooks.chunks(50) {
            let batch = clerk.bring(&server, &office, part);
            clerk.wait(&server, &batch);
            let job = clerk.post(&server, &format!("{batch}/take"), "force=1").location;
            assert!(job.starts_with("/jobs/"), "{job}");
            if part.len() > 5 && killed < kills {
                std::thread::sleep(Duration::from_millis(300 + 120 * n));
                server.down();
                killed += 1;
                server = Served::start(&held);
            }
            let page = clerk.wait(&server, &job);
            assert!(page.contains("办完"), "{page}");
        }
    }
    assert_eq!(killed, kills);
    let job = clerk.post(&server, "/assess", &format!("as_of={AS_OF}")).location;
    if kills > 0 {
        std::thread::sleep(Duration::from_millis(1200));
        server.down();
        server = Served::start(&held);
    }
    let page = clerk.wait(&server, &job);
    assert!(page.contains("办完"), "{page}");
    server.down();
    counts(&held)
}

/// Promise 4, for what a browser asked for: the server is killed while it takes files in and while it assesses; when it is
/// back, the jobs end, and the books hold what an undisturbed run books.
#[test]
fn a_server_killed_amid_its_jobs_ends_them_when_it_is_back() {
    let undisturbed = all_by_the_browser("undisturbed-jobs", 0);
    let killed = all_by_the_browser("killed-jobs", 2);
    for table in [
        "file",
        "sheet",
        "source_row",
        "finding",
        "person",
        "household",
        "school",
        "row_link",
        "link_ask",
        "duty",
        "deed",
        "summary",
        "job",
        "batch",
        "upload",
    ] {
        assert_eq!(killed[table], undisturbed[table], "{table}");
    }
    // What came by the browser is what a command takes in.
    let by_command = counts(books());
    for table in ["file", "sheet", "source_row", "finding"] {
        assert_eq!(undisturbed[table], by_command[table], "{table}");
    }
}

/// What the page says, asked in one go: a page that follows a job is read anew under one's eyes.
fn says(browser: &Browser, what: &str) -> bool {
    let text = browser.measure("document.body ? document.body.innerText : ''");
    text.as_str().is_some_and(|text| text.contains(what))
}

/// Upload → verdicts → taken in, with its progress → assessed → a decided pair, taken back by a key and decided again → a
/// corrected fact → confirmed by a second person.
fn the_clerks_round(reader: Reader, name: &str) {
    let Some(browser) = Browser::open(reader) else { return };
    let server = Served::start(&copy_of_the_books(&format!("round-{name}")));
    let pictures = artefacts("work");
    let picture = |page: &str| {
        if !matches!(reader, Reader::WithoutScript) {
            as_wide_as_its_window(&browser);
        }
        browser.picture(&pictures.join(format!("{name}-{page}.png")));
    };
    server.enter(&browser, "教育局");

    let list = folder(&format!("round-{name}-list")).join("新来的.csv");
    let mut text = String::from("姓名,出生日期,性别,学校,年级,班级,学期,学籍状态,带娃的人\n");
    for (n, name) in ["陈子墨", "彭小雨"].iter().enumerate() {
        let day = n + 1;
        let _ = writeln!(text, "{name},2014-05-0{day},女,新来小学,四年级,1班,2025秋,在读,陈刚");
    }
    fs::write(&list, text).unwrap();
    browser.go(&server.url("/upload"));
    picture("upload");
    browser.one("#unit").write("教育局");
    browser.one("#files").write(&list.display().to_string());
    browser.seen("main form[data-upload] button").click();
    wait(&browser, "the verdicts", || says(&browser, "试读 2 行"));
    picture("verdicts");
    assert!(says(&browser, "带娃的人"), "an unknown header is asked about");
    browser.seen("form[action$='/take'] button").click();
    wait(&browser, "the import", || says(&browser, "办完"));
    picture("imported");
    browser.go(&server.url("/jobs"));
    picture("jobs");
    // The day of the rosters: a date field takes keys in the order of the browser's language.
    browser.measure(&format!("document.querySelector('[name=as_of]').value = '{AS_OF}'"));
    browser.seen("form[action='/assess'] button").click();
    wait(&browser, "the assessment", || says(&browser, "的核算"));
    picture("assessed");

    browser.go(&server.url("/review"));
    picture("pair");
    let decided = browser.url();
    browser.seen("button[value='same']").click();
    wait(&browser, "the next pair", || browser.url() != decided && says(&browser, "记下了"));
    if matches!(reader, Reader::Desk) {
        // A key each: take it back, decide otherwise.
        browser.one("body").write("u");
        wait(&browser, "the pair again", || !says(&browser, "记下了"));
        browser.one("body").write("2");
        wait(&browser, "the next pair", || says(&browser, "记下了"));
    }
    browser.go(&server.url("/review/history"));
    assert!(says(&browser, "下次核算生效"));
    picture("decided");

    browser.go(&server.url("/area/aid"));
    browser.seen("main a[href*='/person/']").click();
    let person = browser.url();
    browser.seen("a[href*='/correct/'][href$='/name']").click();
    picture("correct");
    browser.one("#now").write("改过名");
    browser.one("#reason").write("户口簿为准");
    browser.one("#evidence").write("家访看了户口簿");
    browser.seen("main form button").click();
    wait(&browser, "the list", || browser.url().contains("/corrections"));
    assert!(says(&browser, "等复核"));
    assert!(browser.all("form[action$='/confirm']").is_empty(), "nobody confirms their own work");
    picture("waiting");

    server.enter(&browser, "资助中心审批");
    browser.go(&server.url("/corrections"));
    browser.seen("form[action$='/confirm'] button").click();
    wait(&browser, "in force", || browser.url().contains("in_force"));
    picture("confirmed");
    browser.go(&person);
    assert!(says(&browser, "改过名"), "the page reads it at once");
    picture("person");
}

#[test]
fn the_clerks_round_at_a_desk() {
    the_clerks_round(Reader::Desk, "1440");
}

#[test]
fn the_clerks_round_on_a_phone() {
    the_clerks_round(Reader::Phone, "390");
}

#[test]
fn the_clerks_round_without_javascript() {
    the_clerks_round(Reader::WithoutScript, "no-script");
}
