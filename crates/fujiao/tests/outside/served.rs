//! A served county, and the links by which each role comes in.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Stdio};
use std::time::{Duration, Instant};

use crate::harness::{books, folder, fujiao};
use crate::webdriver::{Browser, Reader, free_port};

/// A copy of the made county's books, so that a server and the tests of the books do not wait for each other.
pub(crate) fn copy_of_the_books(name: &str) -> PathBuf {
    let to = folder(name);
    for entry in std::fs::read_dir(books()).expect("the books are written") {
        let entry = entry.expect("a readable entry");
        if entry.file_name().to_string_lossy().starts_with("county.") {
            std::fs::copy(entry.path(), to.join(entry.file_name())).expect("a copy");
        }
    }
    to
}

/// A program that serves books. It can go away, as by the loss of power, and come back under its address.
pub(crate) struct Served {
    pub(crate) books: PathBuf,
    pub(crate) port: u16,
    /// What it still has to say stays open: a pipe that nobody holds would end it.
    running: Option<(Child, BufReader<ChildStdout>)>,
    links: BTreeMap<String, String>,
}

impl Served {
    /// Serves a copy of the made county's books.
    pub(crate) fn a_copy(name: &str) -> Self {
        Self::start(&copy_of_the_books(name))
    }

    /// Serves the books of a folder.
    pub(crate) fn start(books: &Path) -> Self {
        let (books, links) = (books.to_owned(), BTreeMap::new());
        let mut served = Self { books, port: free_port(), running: None, links };
        served.up();
        served
    }

    /// Comes up; the links by which each role comes in are printed anew.
    pub(crate) fn up(&mut self) {
        let mut child = fujiao(["serve"])
            .arg(&self.books)
            .args(["--port", &self.port.to_string()])
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("fujiao starts");
        let mut said = BufReader::new(child.stdout.take().expect("a pipe"));
        loop {
            let mut line = String::new();
            let read = said.read_line(&mut line).expect("it speaks UTF-8");
            assert!(read > 0, "the server ended before it served");
            if let Some((role, link)) = line.trim().split_once('\t') {
                let token = link.split_once("/enter/").map_or("", |(_, token)| token);
                self.links.insert(role.to_owned(), format!("/enter/{token}"));
            }
            if line.contains("Ctrl-C") {
                break;
            }
        }
        self.running = Some((child, said));
        let begun = Instant::now();
        while TcpStream::connect(("127.0.0.1", self.port)).is_err() {
            assert!(begun.elapsed() < Duration::from_secs(30), "the pages are not served");
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    /// SIGKILL: nothing can be put in order.
    pub(crate) fn down(&mut self) {
        if let Some((mut child, mut said)) = self.running.take() {
            let _ = child.kill();
            let _ = child.wait();
            let _ = said.read_to_end(&mut Vec::new());
        }
    }

    /// An address of it.
    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://127.0.0.1:{}{path}", self.port)
    }

    /// All roles, with the path by which each comes in.
    pub(crate) fn links(&self) -> &BTreeMap<String, String> {
        &self.links
    }

    /// The path by which a role comes in.
    pub(crate) fn link(&self, role: &str) -> &str {
        self.links.get(role).unwrap_or_else(|| panic!("no link for {role}: {:?}", self.links))
    }

    /// Lets a role in through its link, as a newcomer would: opens it, and presses the button.
    pub(crate) fn enter(&self, browser: &Browser, role: &str) {
        browser.go(&self.url(self.link(role)));
        browser.seen("main form button").click();
        wait(browser, role, || !browser.url().contains("/enter/"));
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        self.down();
    }
}

/// Waits until a page has come as far as it should: a job ends, a form is answered.
pub(crate) fn wait(browser: &Browser, what: &str, holds: impl Fn() -> bool) {
    let begun = Instant::now();
    while !holds() {
        assert!(begun.elapsed() < Duration::from_mins(2), "{what}:\n{}", browser.text());
        std::thread::sleep(Duration::from_millis(50));
    }
}

/// What every page owes its reader: made data says so, no whole id, a language, no sideways scrolling.
pub(crate) fn readable(browser: &Browser, reader: Reader) {
    let (url, text) = (browser.url(), browser.text());
    assert!(text.contains("示例数据"), "{url} does not say that its data are made");
    let whole_id = text
        .split(|c: char| !c.is_ascii_alphanumeric())
        .find(|w| fujiao_model::CitizenId::parse(w).is_ok());
    assert_eq!(whole_id, None, "{url} shows a whole id");
    assert_eq!(browser.one("html").attribute("lang").as_deref(), Some("zh-CN"), "{url}");
    assert_eq!(browser.all("h1").len(), 1, "{url} has one heading");
    if !matches!(reader, Reader::WithoutScript) {
        as_wide_as_its_window(browser);
    }
}

/// No page scrolls sideways.
pub(crate) fn as_wide_as_its_window(browser: &Browser) {
    let wide = browser
        .measure("document.documentElement.scrollWidth - document.documentElement.clientWidth");
    assert_eq!(wide, 0, "{} is wider than its window", browser.url());
}
