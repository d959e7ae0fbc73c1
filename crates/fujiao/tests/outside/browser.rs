//! Journeys through the pages, as a clerk makes them: at a desk, on a phone, and where JavaScript is off.

use std::path::PathBuf;
use std::process::{Child, Stdio};
use std::sync::LazyLock;
use std::time::{Duration, Instant};

use crate::harness::{artefacts, books, folder, fujiao};
use crate::webdriver::{Browser, Reader, exchange, free_port};

/// A served copy of the made county's books; stopped when the test is over.
struct Site {
    server: Child,
    port: u16,
}

impl Site {
    fn serve() -> Self {
        // A copy, so that the pages' server and the tests of the books do not wait for each other.
        static COPY: LazyLock<PathBuf> = LazyLock::new(|| {
            let to = folder("served");
            for entry in std::fs::read_dir(books()).expect("the books are written") {
                let entry = entry.expect("a readable entry");
                if entry.file_name().to_string_lossy().starts_with("county.") {
                    std::fs::copy(entry.path(), to.join(entry.file_name()))
                        .expect("a copy of the books");
                }
            }
            to
        });
        let port = free_port();
        let server = fujiao(["serve"])
            .arg(&*COPY)
            .args(["--port", &port.to_string()])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("fujiao starts");
        let site = Self { server, port };
        let begun = Instant::now();
        while site.status("/") != Some(200) {
            assert!(begun.elapsed() < Duration::from_secs(30), "the pages are not served");
            std::thread::sleep(Duration::from_millis(100));
        }
        site
    }

    fn url(&self, path: &str) -> String {
        format!("http://127.0.0.1:{}{path}", self.port)
    }

    fn status(&self, path: &str) -> Option<u16> {
        let address = format!("127.0.0.1:{}", self.port);
        let request =
            format!("GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n");
        exchange(&address, &request).ok().map(|(status, _)| status)
    }
}

impl Drop for Site {
    fn drop(&mut self) {
        let _ = self.server.kill();
        let _ = self.server.wait();
    }
}

/// Today → the list behind a gap → one person → the row that the office sent.
fn from_a_figure_to_its_source(reader: Reader, name: &str) {
    let Some(browser) = Browser::open(reader) else { return };
    let site = Site::serve();
    let pictures = artefacts("pages");
    let picture = |page: &str| browser.picture(&pictures.join(format!("{name}-{page}.png")));

    browser.go(&site.url("/"));
    assert!(!browser.one("h1").text().is_empty(), "the heading says the situation");
    readable(&browser, reader);
    picture("today");

    browser.seen("a[href*='/area/aid']").click();
    assert!(browser.url().contains("/area/aid"), "{}", browser.url());
    readable(&browser, reader);
    picture("aid");

    browser.seen("main a[href*='/person/']").click();
    assert!(browser.url().contains("/person/"), "{}", browser.url());
    readable(&browser, reader);
    picture("person");

    browser.seen("main a[href*='/source/']").click();
    assert!(browser.url().contains("/source/"), "{}", browser.url());
    readable(&browser, reader);
    picture("source");
}

/// What every page owes its reader: made data says so, no whole id, a language, no sideways scrolling.
fn readable(browser: &Browser, reader: Reader) {
    let (url, text) = (browser.url(), browser.text());
    assert!(text.contains("示例数据"), "{url} does not say that its data are made");
    let whole_id = text
        .split(|c: char| !c.is_ascii_alphanumeric())
        .find(|w| fujiao_model::CitizenId::parse(w).is_ok());
    assert_eq!(whole_id, None, "{url} shows a whole id");
    assert_eq!(browser.one("html").attribute("lang").as_deref(), Some("zh-CN"), "{url}");
    assert_eq!(browser.all("h1").len(), 1, "{url} has one heading");
    if !matches!(reader, Reader::WithoutScript) {
        let wide = browser
            .measure("document.documentElement.scrollWidth - document.documentElement.clientWidth");
        assert_eq!(wide, 0, "{url} is wider than its window");
    }
}

#[test]
fn from_a_figure_to_its_source_at_a_desk() {
    from_a_figure_to_its_source(Reader::Desk, "1440");
}

#[test]
fn from_a_figure_to_its_source_on_a_phone() {
    from_a_figure_to_its_source(Reader::Phone, "390");
}

#[test]
fn from_a_figure_to_its_source_without_javascript() {
    from_a_figure_to_its_source(Reader::WithoutScript, "without-script");
}

#[test]
fn a_principal_reads_the_school() {
    let Some(browser) = Browser::open(Reader::Desk) else { return };
    let site = Site::serve();
    browser.go(&site.url("/schools"));
    readable(&browser, Reader::Desk);
    let link = browser.seen("main a[href*='/school/']");
    let name = link.text();
    link.click();
    assert!(browser.one("h1").text().contains(name.trim()), "{name}: {}", browser.text());
    readable(&browser, Reader::Desk);
    browser.picture(&artefacts("pages").join("1440-school.png"));
}

#[test]
fn the_pages_speak_english_when_asked() {
    let Some(browser) = Browser::open(Reader::Desk) else { return };
    let site = Site::serve();
    browser.go(&site.url("/?lang=en"));
    assert_eq!(browser.one("html").attribute("lang").as_deref(), Some("en"));
    assert!(browser.text().contains("Student aid"), "{}", browser.text());
    browser.picture(&artefacts("pages").join("1440-today-en.png"));
}

#[test]
fn the_data_page_adds_up() {
    let Some(browser) = Browser::open(Reader::Desk) else { return };
    let site = Site::serve();
    browser.go(&site.url("/data"));
    readable(&browser, Reader::Desk);
    assert!(!browser.all("table tbody tr").is_empty(), "each file has its line");
    browser.picture(&artefacts("pages").join("1440-data.png"));
}

/// A search by name answers; a search by id is a form that posts, so that no id stands in a URL.
#[test]
fn a_person_is_found_by_name() {
    let Some(browser) = Browser::open(Reader::Desk) else { return };
    let site = Site::serve();
    browser.go(&site.url("/area/aid"));
    let link = browser.seen("main a[href*='/person/']");
    let (name, person) = (link.text(), link.attribute("href").expect("a link leads somewhere"));
    browser.go(&site.url("/search"));
    browser.one("input[name='q']").write(&format!("{}\u{e007}", name.trim()));
    let wanted = person.rsplit('/').next().expect("an address has a last part").to_owned();
    let begun = Instant::now();
    while browser.all(&format!("main a[href*='{wanted}']")).is_empty() {
        assert!(
            begun.elapsed() < Duration::from_secs(10),
            "{name} is not among:\n{}",
            browser.text()
        );
        std::thread::sleep(Duration::from_millis(100));
    }
}

#[test]
fn a_page_that_is_not_there_says_so() {
    let site = Site::serve();
    for path in ["/person/p0000000000000000", "/area/nothing", "/nowhere"] {
        assert_eq!(site.status(path), Some(404), "{path}");
    }
}
