//! Journeys through the pages, as a clerk makes them: at a desk, on a phone, and where JavaScript is off.

use std::time::{Duration, Instant};

use crate::harness::artefacts;
use crate::served::{Served, readable, wait};
use crate::webdriver::{Browser, Reader};

/// Whoever reads: signed in as the education bureau, with a name for the copy of the books.
fn bureau(reader: Reader, name: &str) -> Option<(Browser, Served)> {
    let browser = Browser::open(reader)?;
    let site = Served::a_copy(name);
    site.enter(&browser, "教育局");
    Some((browser, site))
}

/// Today → the list behind a gap → one person → the row that the office sent.
fn from_a_figure_to_its_source(reader: Reader, name: &str) {
    let Some((browser, site)) = bureau(reader, &format!("served-{name}")) else { return };
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
    let Some((browser, site)) = bureau(Reader::Desk, "served-desk-1") else { return };
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
    let Some((browser, site)) = bureau(Reader::Desk, "served-desk-2") else { return };
    browser.go(&site.url("/?lang=en"));
    assert_eq!(browser.one("html").attribute("lang").as_deref(), Some("en"));
    browser.says("Student aid");
    browser.picture(&artefacts("pages").join("1440-today-en.png"));
}

#[test]
fn the_data_page_adds_up() {
    let Some((browser, site)) = bureau(Reader::Desk, "served-desk-3") else { return };
    browser.go(&site.url("/data"));
    readable(&browser, Reader::Desk);
    assert!(!browser.all("table tbody tr").is_empty(), "each file has its line");
    browser.picture(&artefacts("pages").join("1440-data.png"));
}

/// A search by name answers; a search by id is a form that posts, so that no id stands in a URL.
#[test]
fn a_person_is_found_by_name() {
    let Some((browser, site)) = bureau(Reader::Desk, "served-desk-4") else { return };
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
    let Some((browser, site)) = bureau(Reader::Desk, "served-nowhere") else { return };
    for path in ["/person/0000000000000000", "/area/nothing", "/nowhere"] {
        browser.go(&site.url(path));
        assert!(browser.text().contains("没有"), "{path}: {}", browser.text());
    }
}

/// A list turns in its place: the page does not load anew, and the way back leads where one was.
#[test]
fn a_list_turns_without_a_reload() {
    let Some((browser, site)) = bureau(Reader::Desk, "served-turn") else { return };
    browser.go(&site.url("/area/aid?show=all"));
    // Read in one step: between finding a line and reading it the list may turn.
    let line = || browser.measure("document.querySelector('main tbody th a')?.textContent ?? ''");
    let first = line();
    assert_ne!(first, "");
    browser.measure("window.here = 1");
    browser.seen(".pg a[rel=next]").click();
    wait(&browser, "the next page", || browser.url().contains("after="));
    wait(&browser, "other lines", || line() != first && line() != "");
    assert_eq!(browser.measure("window.here"), 1, "the window is the same");
    browser.measure("history.back()");
    wait(&browser, "the way back", || line() == first);
}

/// What each role comes to, at a desk and on a phone.
#[test]
fn every_role_comes_to_its_own_day() {
    let Some(browser) = Browser::open(Reader::Phone) else { return };
    let site = Served::a_copy("served-roles");
    let pictures = artefacts("roles");
    for role in ["教育局", "镇干部", "校长", "班主任", "县领导", "系统管理员", "审计"]
    {
        site.enter(&browser, role);
        let text = browser.text();
        assert!(!text.contains("不归你看") && !text.contains("没办成"), "{role}: {text}");
        readable(&browser, Reader::Phone);
        browser.picture(&pictures.join(format!("390-{role}.png")));
        browser.go(&site.url("/account"));
        browser.seen("main form[action='/logout'] button").click();
        wait(&browser, "signed out", || browser.url().ends_with("/login"));
    }
}

/// WCAG 2.2 AA, as far as axe-core (Deque) sees it, on every kind of page, in light and dark.
#[test]
fn pages_can_be_used_by_everybody() {
    let axe = std::env::var_os("FUJIAO_AXE").filter(|path| !path.is_empty());
    let Some(axe) = axe.and_then(|path| std::fs::read_to_string(path).ok()) else {
        assert!(std::env::var_os("FUJIAO_REQUIRE_ALL").is_none(), "FUJIAO_AXE is required");
        eprintln!("skipped: FUJIAO_AXE names no axe.min.js");
        return;
    };
    let Some((browser, site)) = bureau(Reader::Desk, "served-axe") else { return };
    browser.go(&site.url("/area/schooling?show=all"));
    let person = browser.seen("main a[href*='/person/']").attribute("href").expect("an address");
    browser.go(&site.url("/schools"));
    let school = browser.seen("main a[href*='/school/']").attribute("href").expect("an address");
    let pages = [
        "/",
        "/area/aid",
        "/area/meals?show=done",
        "/search?q=%E7%8E%8B%E5%B0%8F",
        "/schools",
        "/data",
        "/upload",
        "/jobs",
        "/review",
        "/corrections",
        "/visit",
        "/account",
        "/account/tokens",
        "/account/password",
        "/api",
        &person,
        &school,
    ];
    let mut faults = Vec::new();
    for scheme in ["light", "dark"] {
        browser.prefer(scheme);
        for page in pages {
            browser.go(&site.url(page));
            for fault in browser.axe(&axe) {
                faults.push(format!("{scheme} {page}: {fault}"));
            }
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}
