//! Plans from the outside: reckoned with a bound, counted again, compared, accepted; then they are duties.

use std::time::{Duration, Instant};

use fujiao_model::Area;
use fujiao_office::Office;
use fujiao_office::access::Actor;
use fujiao_office::desk::{Filter, Show};
use serde_json::Value;

use crate::harness::{AS_OF, artefacts, end, fujiao, succeed};
use crate::served::{Served, copy_of_the_books};
use crate::webdriver::{Browser, Reader};

fn said(text: &str) -> Value {
    serde_json::from_str(text.trim()).unwrap_or_else(|e| panic!("{e}: {text}"))
}

/// The made county's plan of schools: within five seconds and half a percent of the best, and found right by the checker.
#[test]
fn schools_are_planned_with_a_bound_and_a_plan_accepted_is_duties() {
    let books = copy_of_the_books("plans");
    let plan = |more: &[&str]| {
        let mut command = fujiao(["plan", "--data"]);
        command.arg(&books).args(["--json"]).args(more);
        command
    };
    let first = said(&succeed(&mut plan(&["sites", "--time", "20"])).stdout);
    assert_eq!(first["check"], "ok", "{first}");
    assert!(first["gap_percent"].as_f64().expect("a gap") <= 0.5, "{first}");
    let sites = &first["result"];
    assert!(sites["plan"]["schools"].as_u64() > Some(0), "{sites}");
    // Everybody who has a home and a school on the map goes somewhere.
    let children: u64 =
        sites["villages"].as_array().unwrap().iter().map(|v| v["children"].as_u64().unwrap()).sum();
    let going: u64 =
        sites["flows"].as_array().unwrap().iter().map(|f| f["children"].as_u64().unwrap()).sum();
    assert_eq!(children, going);
    // What both pay is no more than today.
    let cost = |t: &Value| t["families_yuan"].as_i64().unwrap() + t["state_yuan"].as_i64().unwrap();
    assert!(cost(&sites["plan"]) <= cost(&sites["today"]), "{} {}", sites["plan"], sites["today"]);

    // The same books and terms give the same inputs.
    let again = said(&succeed(&mut plan(&["sites", "--time", "20"])).stdout);
    assert_eq!(first["inputs"], again["inputs"]);
    assert_eq!(first["objective"], again["objective"]);
    let strict = plan(&["sites", "--lawful", "--no-bus", "--no-beds", "--no-build", "--walk", "5"]);
    let strict = end(&mut { strict });
    assert_eq!(strict.code, Some(1), "what cannot be is no plan: {}", strict.said());
    let strict = said(&strict.stdout);
    assert!(!strict["result"]["missing"].as_array().expect("who").is_empty(), "{strict}");

    let ahead = said(&succeed(&mut plan(&["ahead", "--years", "10"])).stdout);
    let years = ahead["result"]["years"].as_array().expect("years");
    assert_eq!(years.len(), 10);
    for year in years {
        let [middle, low, high] = [0, 1, 2].map(|n| year["primary"][n].as_u64().unwrap());
        assert!(low <= middle && middle <= high, "{year}");
    }

    // Accepted once, by the console; refused the second time.
    let id = first["id"].to_string();
    let accepted = said(&succeed(&mut plan(&["accept", &id, "--by", "局务会"])).stdout);
    let lines = accepted["lines"].as_u64().expect("lines");
    assert_eq!(end(&mut plan(&["accept", &id, "--by", "局务会"])).code, Some(1));
    let shown = said(&succeed(&mut plan(&["show", &id])).stdout);
    assert_eq!((&shown["state"], shown["duties"].as_u64()), (&"accepted".into(), Some(lines)));
    succeed(&mut plan(&["compare", &id, &again["id"].to_string()]));

    let location = books.join("county.db").display().to_string();
    let mut office = Office::open(&location, &books.join("county.key")).expect("the books open");
    let at = "2025-10-15T08:00:00Z".parse().expect("a time");
    let listed = |office: &Office| -> u64 {
        let seat = office.desk().seat(&Actor::console(at));
        let filter = Filter { show: Show::All, ..Filter::default() };
        [Area::Conditions, Area::Places]
            .map(|area| seat.area(area, &filter).expect("an area").kinds)
            .iter()
            .flatten()
            .filter(|(kind, _, _)| kind.starts_with("plan."))
            .map(|(_, _, n)| u64::try_from(*n).expect("a count"))
            .sum()
    };
    office.assess(AS_OF.parse().unwrap(), at, &|_, _, _| ()).expect("an assessment");
    assert_eq!(listed(&office), lines, "what an accepted plan asks is owed");
    succeed(&mut plan(&["drop", &id, "--why", "换方案"]));
    office.assess(AS_OF.parse().unwrap(), at, &|_, _, _| ()).expect("an assessment");
    assert_eq!(listed(&office), 0, "what a dropped plan asked is owed no more");
    assert!(office.verify().expect("the books read").faults.is_empty());
}

/// A plan asked for in the browser, with its map and figures, beside another, accepted.
fn a_plan_in_the_browser(reader: Reader, name: &str) {
    let Some(browser) = Browser::open(reader) else { return };
    let site = Served::a_copy(&format!("plans-{name}"));
    site.enter(&browser, "教育局");
    let pictures = artefacts("pages");
    let picture = |page: &str| browser.picture(&pictures.join(format!("{name}-{page}.png")));
    for (n, question) in [(1, "sites"), (2, "sites"), (3, "ahead")] {
        browser.go(&site.url(&format!("/plans/new?question={question}")));
        fits(&browser, reader);
        if n == 1 {
            picture("plan-new");
        }
        browser.one("main form button").click();
        let begun = Instant::now();
        while browser.all(".facts").is_empty() || browser.text().contains("办到哪里") {
            assert!(begun.elapsed() < Duration::from_mins(3), "{}", browser.text());
            std::thread::sleep(Duration::from_millis(500));
            browser.go(&site.url(&format!("/plans/{n}")));
        }
        fits(&browser, reader);
        picture(&format!("plan-{question}"));
    }
    browser.go(&site.url("/plans/compare?a=1&b=2"));
    fits(&browser, reader);
    assert_eq!(browser.all("svg.map[role='img']").len(), 2);
    picture("plan-compare");
    browser.go(&site.url("/plans/1"));
    browser.one("#by").write("局务会");
    browser.one("#accept button").click();
    let begun = Instant::now();
    while !browser.text().contains("已采用") {
        assert!(begun.elapsed() < Duration::from_secs(20), "{}", browser.text());
        std::thread::sleep(Duration::from_millis(200));
    }
    fits(&browser, reader);
    picture("plan-accepted");
    browser.go(&site.url("/plans"));
    fits(&browser, reader);
    picture("plans");
}

fn fits(browser: &Browser, reader: Reader) {
    let url = browser.url();
    assert!(browser.text().contains("示例数据"), "{url}: {}", browser.text());
    assert_eq!(browser.all("h1").len(), 1, "{url} has one heading");
    if !matches!(reader, Reader::WithoutScript) {
        let wide = browser
            .measure("document.documentElement.scrollWidth - document.documentElement.clientWidth");
        assert_eq!(wide, 0, "{url} is wider than its window");
    }
}

#[test]
fn a_plan_is_asked_for_and_accepted_at_a_desk() {
    a_plan_in_the_browser(Reader::Desk, "1440");
}

#[test]
fn a_plan_is_asked_for_and_accepted_on_a_phone() {
    a_plan_in_the_browser(Reader::Phone, "390");
}

#[test]
fn a_plan_is_asked_for_and_accepted_without_javascript() {
    a_plan_in_the_browser(Reader::WithoutScript, "without-script");
}
