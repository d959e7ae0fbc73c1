//! Somebody with no browser, and a walk through every page.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::fs;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use fujiao_office::access::{Access, Method};

use crate::databases::Schema;
use crate::harness::{fujiao, succeed};
use crate::served::{Served, copy_of_the_books};

/// Somebody who is signed in, without a browser.
#[derive(Clone)]
pub(crate) struct Browserless {
    port: u16,
    cookie: String,
    csrf: String,
}

impl Browserless {
    /// Comes in as somebody who may see the page 系统.
    pub(crate) fn enter(port: u16, token: &str) -> Self {
        let mut this = Self::look(port, &format!("/enter/{token}"));
        let (_, page) = this.get("/system");
        let csrf = page.split("name=\"csrf\" value=\"").nth(1).expect("a form");
        csrf.split('"').next().unwrap().clone_into(&mut this.csrf);
        this
    }

    /// Comes in to look alone.
    pub(crate) fn look(port: u16, link: &str) -> Self {
        let said = ask(port, &format!("POST {link}"), "", "");
        let cookie = said
            .lines()
            .find_map(|l| l.strip_prefix("set-cookie: "))
            .and_then(|c| c.split(';').next())
            .expect("a cookie")
            .to_owned();
        Self { port, cookie, csrf: String::new() }
    }

    /// The same, at another program of the same books.
    pub(crate) fn at(&self, port: u16) -> Self {
        Self { port, ..self.clone() }
    }

    pub(crate) fn get(&self, path: &str) -> (u16, String) {
        let said = ask(self.port, &format!("GET {path}"), &self.cookie, "");
        let status = said.split(' ').nth(1).and_then(|s| s.parse().ok()).expect("a status");
        (status, said)
    }

    /// Where it leads.
    pub(crate) fn post(&self, path: &str) -> String {
        let said =
            ask(self.port, &format!("POST {path}"), &self.cookie, &format!("csrf={}", self.csrf));
        let to = said.lines().find_map(|l| l.strip_prefix("location: "));
        to.unwrap_or_else(|| panic!("{path} leads nowhere: {said}")).trim().to_owned()
    }
}

fn ask(port: u16, what: &str, cookie: &str, body: &str) -> String {
    let mut wire = TcpStream::connect(("127.0.0.1", port)).expect("it listens");
    wire.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
    write!(
        wire,
        "{what} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nCookie: {cookie}\r\n\
         Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
        body.len()
    )
    .unwrap();
    let mut said = Vec::new();
    wire.read_to_end(&mut said).expect("an answer");
    String::from_utf8_lossy(&said).into_owned()
}

/// The pattern of a page's address, as `access.toml` has it.
fn route(path: &str) -> Option<&'static str> {
    let asked: Vec<&str> = path.split(['?', '#']).next().unwrap_or_default().split('/').collect();
    let fits = |route: &str| {
        let parts: Vec<&str> = route.split('/').collect();
        parts.len() == asked.len()
            && parts
                .iter()
                .zip(&asked)
                .all(|(p, a)| p == a || (p.starts_with('{') && !a.is_empty()))
    };
    let routes = Access::builtin().routes.iter().filter(|r| r.method == Method::Get);
    let found = routes.filter(|r| fits(&r.path)).min_by_key(|r| r.path.matches('{').count());
    found.map(|r| r.path.as_str())
}

/// One page of each kind, of each role, with ids as rosters give them: over PostgreSQL an answer, and no error.
#[test]
fn every_page_of_every_role_is_answered_over_postgresql() {
    let Some(schema) = Schema::make("walk") else { return };
    let data = copy_of_the_books("walk");
    succeed(fujiao(["move"]).arg(&data).args(["--to", &schema.url()]));
    fs::remove_file(data.join("county.db")).expect("the file is left behind");
    let settings = format!("[books]\ndatabase = \"{}\"\n", schema.url());
    fs::write(data.join("fujiao.toml"), settings).expect("settings");
    let served = Served::start(&data);
    let (mut kinds, mut failed) = (BTreeSet::new(), Vec::new());
    for (role, link) in served.links() {
        let who = Browserless::look(served.port, link);
        let mut asked: BTreeMap<&str, u32> = BTreeMap::new();
        let bare = Access::builtin().routes.iter().map(|r| r.path.as_str());
        let bare = bare.filter(|p| !p.contains('{') && !p.starts_with("/api") && *p != "/logout");
        let mut waiting: VecDeque<String> = bare.map(str::to_owned).collect();
        while let Some(path) = waiting.pop_front() {
            let Some(kind) = route(&path).filter(|kind| asked.get(kind).is_none_or(|n| *n < 1))
            else {
                continue;
            };
            let (status, said) = who.get(&path);
            if status >= 500 {
                failed.push(format!("{role} {path}: {status}"));
            }
            if status != 200 {
                continue;
            }
            *asked.entry(kind).or_default() += 1;
            kinds.insert(kind);
            let links = said.split("href=\"/").skip(1).filter_map(|rest| rest.split('"').next());
            waiting.extend(links.map(|link| format!("/{}", link.replace("&amp;", "&"))));
        }
    }
    assert!(failed.is_empty(), "{failed:#?}");
    for kind in [
        "/person/{id}",
        "/household/{id}",
        "/school/{id}",
        "/data/{id}",
        "/visit/person/{id}",
        "/case/{id}",
    ] {
        assert!(kinds.contains(kind), "{kind} was not reached: {kinds:?}");
    }
}
