//! Somebody with no browser, and a walk through every page.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::fs;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::time::Duration;

use fujiao_model::Area;
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
    wire.set_read_timeout(Some(Duration::from_mins(2))).unwrap();
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

/// A walk through the pages of somebody: one of each kind, and from each kind of page one link of each kind.
struct Walk<'w> {
    who: Browserless,
    /// What each address answered.
    answers: BTreeMap<String, u16>,
    kinds: BTreeSet<&'w str>,
    /// Pages that do not open: where the link stood, its address, and the answer.
    shut: Vec<(&'w str, String, u16)>,
}

impl Walk<'_> {
    fn through(port: u16, link: &str) -> Self {
        let who = Browserless::look(port, link);
        let mut walk =
            Self { who, answers: BTreeMap::new(), kinds: BTreeSet::new(), shut: Vec::new() };
        let kind = |path: &str| Access::builtin().page(path).map(|route| route.path.as_str());
        let pages = Access::builtin().routes.iter().filter(|r| r.method == Method::Get);
        let bare = pages.map(|r| r.path.as_str());
        let bare = bare.filter(|p| !p.contains('{') && !p.starts_with("/api"));
        // Typed into the address bar, nobody's link.
        let mut waiting: VecDeque<(&str, String)> = bare.map(|p| ("", p.to_owned())).collect();
        let mut tried = BTreeSet::new();
        while let Some((from, path)) = waiting.pop_front() {
            // The way out, and a file of the whole county, are no pages.
            let is_page = |to: &&str| !["/logout", "/system/backup"].contains(to);
            let Some(to) = kind(&path).filter(is_page).filter(|to| tried.insert((from, *to)))
            else {
                continue;
            };
            if let Some(status) = walk.answers.get(&path) {
                walk.shut
                    .extend((*status >= 400 && !from.is_empty()).then_some((from, path, *status)));
                continue;
            }
            let (status, said) = walk.who.get(&path);
            walk.answers.insert(path.clone(), status);
            if status >= 500 || (status >= 400 && !from.is_empty()) {
                walk.shut.push((from, path, status));
            }
            if status != 200 || !walk.kinds.insert(to) {
                continue;
            }
            let links = said.split("href=\"/").skip(1).filter_map(|rest| rest.split('"').next());
            waiting.extend(links.map(|link| {
                (to, format!("/{}", link.replace("&#38;", "&").replace("&amp;", "&")))
            }));
        }
        walk
    }
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
    walk_all(&data);
}

/// No page shows a link that its reader cannot open: what is closed to them is text.
#[test]
fn nobody_is_led_to_a_closed_door() {
    walk_all(&copy_of_the_books("doors"));
}

/// Who sees figures alone is shown no list, whoever asked for the same page before: what is kept is kept by who may see it.
#[test]
fn a_list_kept_for_the_bureau_is_not_shown_to_a_leader() {
    let served = Served::start(&copy_of_the_books("kept"));
    let of = |role| Browserless::look(served.port, served.link(role));
    let (bureau, leader) = (of("教育局"), of("县领导"));
    let mut named = 0;
    for area in Area::ALL {
        for show in ["", "?show=all", "?show=excess"] {
            let path = format!("/area/{}{show}", area.code());
            let (status, said) = bureau.get(&path);
            named += usize::from(status == 200 && said.contains("**********"));
            let (status, said) = leader.get(&path);
            assert_eq!(status, 200, "{path}");
            assert!(!said.contains("**********"), "{path}");
        }
    }
    assert!(named > 5, "lists of the bureau name persons: {named}");
}

fn walk_all(data: &Path) {
    let served = Served::start(data);
    let (mut kinds, mut shut) = (BTreeSet::new(), Vec::new());
    for (role, link) in served.links() {
        let walk = Walk::through(served.port, link);
        kinds.extend(walk.kinds);
        let of_role = walk.shut.into_iter();
        shut.extend(of_role.map(|(from, to, status)| format!("{role} {from} → {to}: {status}")));
    }
    assert!(shut.is_empty(), "{shut:#?}");
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
