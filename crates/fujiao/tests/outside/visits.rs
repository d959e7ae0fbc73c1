//! A home visit without signal, in a real browser: written on the phone, kept sealed there, arrived once.

use std::path::Path;
use std::time::Duration;

use serde_json::Value;

use crate::harness::{artefacts, fujiao, succeed};
use crate::served::{Served, as_wide_as_its_window, wait};
use crate::webdriver::{Browser, Reader};

/// The page is kept by its worker, and the day by the vault.
fn kept(browser: &Browser) {
    wait(browser, "the day is not kept", || {
        browser.measure("document.documentElement.dataset.vault") == "synced"
            && browser.look("return Boolean((await navigator.serviceWorker.ready).active)")
                == Value::Bool(true)
    });
}

#[test]
fn a_visit_written_without_signal_arrives_once() {
    let Some(browser) = Browser::open(Reader::Phone) else { return };
    let mut site = Served::a_copy("visits-offline");
    let pictures = artefacts("visits");
    let picture = |name: &str| browser.picture(&pictures.join(format!("390-{name}.png")));
    site.enter(&browser, "班主任");
    browser.go(&site.url("/visit"));
    kept(&browser);
    picture("list");
    let children = browser.all("main a[href^='/visit/person/']").len();
    assert!(children > 0, "the teacher has somebody to see:\n{}", browser.text());

    // Not only the page: the server itself is gone, so that the worker has no signal either.
    browser.offline(true);
    site.down();
    browser.go(&site.url("/visit"));
    wait(&browser, "the list is not kept", || browser.all("#children li").len() == children);
    picture("offline");
    browser.seen("#children a[href^='#visit=']").click();
    wait(&browser, "no form", || !browser.all("#offline-form textarea[name=text]").is_empty());
    browser.seen("#offline-form textarea[name=text]").write("祖母说下周一返校。");
    picture("offline-form");
    // The phone throws the page away while it is being filled in.
    std::thread::sleep(Duration::from_secs(1));
    let here = browser.url();
    browser.go("about:blank");
    browser.go(&here);
    wait(&browser, "what was half written is gone", || {
        browser.measure("document.querySelector('#offline-form textarea')?.value")
            == "祖母说下周一返校。"
    });
    browser.seen("#offline-form button.p").click();
    wait(&browser, "it is not in the outbox", || browser.all("#outbox li[data-key]").len() == 1);
    wait(&browser, "it does not say why it waits", || browser.text().contains("等信号"));
    browser.says("没有信号，照常填");

    // The phone is put away and taken out again.
    browser.go("about:blank");
    browser.go(&site.url("/visit"));
    wait(&browser, "it did not outlive the page", || {
        browser.all("#outbox li[data-key]").len() == 1
    });
    picture("outbox");

    site.up();
    browser.offline(false);
    browser.go(&site.url("/visit"));
    wait(&browser, "it is not sent", || {
        browser.measure("document.documentElement.dataset.vault") == "synced"
            && browser.all("#outbox li[data-key]").is_empty()
    });
    browser.go(&site.url("/visit"));
    let text = browser.text();
    assert_eq!(text.matches("· 入户").count(), 1, "it stands once:\n{text}");
    let left = browser.all("main a[href^='/visit/person/']").len();
    assert_eq!(left, children - 1, "nobody has to go there again this month");
    picture("sent");
    site.down();
    succeed(fujiao(["verify"]).arg(&site.books));
}

#[test]
fn signing_out_destroys_what_the_device_kept() {
    let Some(browser) = Browser::open(Reader::Phone) else { return };
    let site = Served::a_copy("visits-out");
    site.enter(&browser, "班主任");
    browser.go(&site.url("/visit"));
    kept(&browser);
    let vault = browser.look(
        "const open = indexedDB.open('fujiao');
         const db = await new Promise((done, fail) => { open.onsuccess = () => done(open.result); open.onerror = fail; });
         const all = (name) => new Promise((done, fail) => {
           const r = db.transaction(name).objectStore(name).getAll(); r.onsuccess = () => done(r.result); r.onerror = fail; });
         const keys = (await all('keys')).filter((k) => k.key);
         const day = (await all('day'))[0];
         db.close();
         const pages = await Promise.all((await caches.keys()).map(async (n) => {
           const cache = await caches.open(n);
           return Promise.all((await cache.keys()).map(async (r) => (await cache.match(r)).text()));
         }));
         return { extractable: keys.map((k) => k.key.extractable), sealed: day.data instanceof ArrayBuffer,
                  bytes: day.data.byteLength, fields: Object.keys(day).sort().join(' '), pages: pages.flat().join('\\n') };",
    );
    assert_eq!(
        vault["extractable"],
        serde_json::json!([false]),
        "the key cannot leave the browser"
    );
    assert_eq!(
        (&vault["sealed"], &vault["fields"]),
        (&Value::Bool(true), &Value::from("data id iv user"))
    );
    assert!(vault["bytes"].as_u64() > Some(500), "{vault}");
    let pages = vault["pages"].as_str().expect("texts");
    let child = browser.seen("main a[href^='/visit/person/']").text();
    assert!(
        pages.contains("offline-day") && !pages.contains(child.trim()),
        "the frame names nobody"
    );

    browser.go(&site.url("/account"));
    browser.seen("form[action='/logout'] button").click();
    wait(&browser, "signed out", || browser.url().contains("/login"));
    let left = browser.look(
        "return [(await indexedDB.databases()).length, (await caches.keys()).length,
                 (await navigator.serviceWorker.getRegistrations()).length]",
    );
    assert_eq!(left, serde_json::json!([0, 0, 0]), "databases, caches, workers");
}

/// Pages as people see them, left to be looked at.
#[test]
fn the_pages_of_visits_fit_their_windows() {
    let pictures = artefacts("visits");
    for (reader, width) in [(Reader::Desk, "1440"), (Reader::Phone, "390")] {
        let Some(browser) = Browser::open(reader) else { return };
        let site = Served::a_copy(&format!("visits-{width}"));
        site.enter(&browser, "班主任");
        let look = |path: &str, name: &str| {
            browser.go(path);
            assert_eq!(browser.all("h1").len(), 1, "{path}");
            as_wide_as_its_window(&browser);
            let file: &Path = &pictures.join(format!("{width}-{name}.png"));
            browser.picture(file);
        };
        look(&site.url("/visit"), "visit");
        let form = browser.seen("main a[href^='/visit/person/']").attribute("href");
        let class = browser.seen("main a[href^='/visit/class/']").attribute("href");
        look(&site.url(&form.expect("a link")), "form");
        look(&site.url(&class.expect("a link")), "class");
        look(&site.url("/visit?lang=en"), "visit-en");
        browser.dark();
        look(&site.url("/visit?lang=zh"), "visit-dark");
        browser.seen("main a[href^='/visit/person/']").click();
        look(&browser.url(), "form-dark");
    }
}

#[test]
fn a_visit_is_written_and_a_class_marked_without_javascript() {
    let Some(browser) = Browser::open(Reader::WithoutScript) else { return };
    let site = Served::a_copy("visits-plain");
    site.enter(&browser, "班主任");
    browser.go(&site.url("/visit"));
    browser.seen("main a[href^='/visit/person/']").click();
    browser.seen("form[data-entry] button.p").click();
    browser.says("没存上，填的还在");
    assert!(browser.seen("#v-text-e").text().contains("还空着"), "the reason stands at the field");
    browser.seen("textarea[name=text]").write("祖母说下周一返校。");
    browser.seen("form[data-entry] button.p").click();
    browser.says("存好了");
    assert_eq!(browser.text().matches("· 入户").count(), 1, "{}", browser.text());

    browser.seen("main a[href^='/visit/class/']").click();
    assert!(
        browser.all("form[data-entry=attendance] input:checked").is_empty(),
        "nothing is filled in"
    );
    browser.seen("form[data-entry=attendance] label:has(input[value=ill])").click();
    browser.seen("form[data-entry=attendance] button.p").click();
    browser.says("存好了");
    browser.seen("main a[href^='/visit/class/']").click();
    assert_eq!(browser.all("form[data-entry=attendance] legend .chip").len(), 1, "one is marked");
}
