//! A served county, and the links by which each role comes in.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, ChildStdout, Stdio};
use std::time::{Duration, Instant};

use crate::harness::{books, folder, fujiao};
use crate::webdriver::{Browser, free_port};

/// A program that serves books; killed, as by the loss of power, when this goes.
pub(crate) struct Served {
    child: Child,
    port: u16,
    /// What it still has to say: a pipe that nobody holds would end it.
    said: BufReader<ChildStdout>,
    links: BTreeMap<String, String>,
}

impl Served {
    /// Serves a copy of the made county's books, so that the server and the tests of the books do not wait for each other.
    pub(crate) fn a_copy(name: &str) -> Self {
        let to = folder(name);
        for entry in std::fs::read_dir(books()).expect("the books are written") {
            let entry = entry.expect("a readable entry");
            if entry.file_name().to_string_lossy().starts_with("county.") {
                std::fs::copy(entry.path(), to.join(entry.file_name())).expect("a copy");
            }
        }
        Self::start(&to)
    }

    /// Serves the books of a folder.
    pub(crate) fn start(books: &Path) -> Self {
        let port = free_port();
        let mut child = fujiao(["serve"])
            .arg(books)
            .args(["--port", &port.to_string()])
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("fujiao starts");
        let mut said = BufReader::new(child.stdout.take().expect("a pipe"));
        let mut links = BTreeMap::new();
        loop {
            let mut line = String::new();
            let read = said.read_line(&mut line).expect("it speaks UTF-8");
            assert!(read > 0, "the server ended before it served");
            if let Some((role, link)) = line.trim().split_once('\t') {
                let token = link.split_once("/enter/").map_or("", |(_, token)| token);
                links.insert(role.to_owned(), format!("/enter/{token}"));
            }
            if line.contains("Ctrl-C") {
                break;
            }
        }
        let served = Self { child, port, said, links };
        let begun = Instant::now();
        while TcpStream::connect(("127.0.0.1", served.port)).is_err() {
            assert!(begun.elapsed() < Duration::from_secs(30), "the pages are not served");
            std::thread::sleep(Duration::from_millis(50));
        }
        served
    }

    /// An address of it.
    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://127.0.0.1:{}{path}", self.port)
    }

    /// Lets a role in through its link, as a newcomer would: opens it, and presses the button.
    pub(crate) fn enter(&self, browser: &Browser, role: &str) {
        let link = self.links.get(role).unwrap_or_else(|| panic!("no link for {role}"));
        browser.go(&self.url(link));
        browser.seen("main form button").click();
        let begun = Instant::now();
        while browser.url().contains("/enter/") {
            assert!(begun.elapsed() < Duration::from_secs(10), "{role} is not let in");
            std::thread::sleep(Duration::from_millis(50));
        }
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        let _ = self.said.read_to_end(&mut Vec::new());
    }
}
