//! The handbook: its tasks are walked in a browser, which makes its pictures; its formulas and its example are the program's own.
//!
//! A task is a heading with a walk in a comment, five steps and a picture:
//! `walk: ROLE; desk|phone; STEP; …`, where a step is `/path` (go there), `click CSS`, `write CSS = TEXT`, `file CSS = NAME`,
//! `wait TEXT`, `back`, `picture NAME`, or `word KEY` (a text of `locales/` that pages show at another moment of the task).
//! What the steps print in bold must stand on one of the pages walked.

mod indicators;
mod own_rule;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use crate::harness::{folder, fujiao, ran, succeed};
use crate::served::{Served, as_wide_as_its_window, wait};
use crate::webdriver::{Browser, Reader};

/// The folder of chapters.
fn book() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/handbook")
}

/// A chapter's text.
fn chapter(name: &str) -> String {
    let path = book().join(format!("{name}.md"));
    std::fs::read_to_string(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()))
}

/// Every chapter with its text, by name.
fn chapters() -> BTreeMap<String, String> {
    let entries = std::fs::read_dir(book()).expect("docs/handbook");
    let names = entries.map(|e| e.expect("a readable entry").file_name());
    let names = names.filter_map(|n| n.to_string_lossy().strip_suffix(".md").map(str::to_owned));
    names.map(|name| (name.clone(), chapter(&name))).collect()
}

/// A task of a role.
struct Task {
    /// Chapter and heading.
    name: String,
    walk: Vec<String>,
    steps: usize,
    bold: Vec<String>,
    /// Pictures that it shows.
    shows: Vec<String>,
}

impl Task {
    fn role(&self) -> &str {
        &self.walk[0]
    }

    fn reader(&self) -> Reader {
        match self.walk[1].as_str() {
            "desk" => Reader::Desk,
            "phone" => Reader::Phone,
            other => panic!("{}: `{other}` is no kind of reader", self.name),
        }
    }

    /// Pictures that its walk takes.
    fn takes(&self) -> impl Iterator<Item = &str> {
        self.walk.iter().filter_map(|step| step.strip_prefix("picture "))
    }
}

/// What stands between marks, in order.
fn between<'a>(text: &'a str, open: &str, close: &str) -> Vec<&'a str> {
    let mut found = Vec::new();
    let mut rest = text;
    while let Some((_, after)) = rest.split_once(open) {
        let Some((inside, after)) = after.split_once(close) else { break };
        found.push(inside);
        rest = after;
    }
    found
}

/// Every part that has a walk.
fn tasks() -> Vec<Task> {
    let mut tasks = Vec::new();
    for (chapter, text) in chapters() {
        for part in text.split("\n## ").skip(1) {
            let (title, body) = part.split_once('\n').unwrap_or((part, ""));
            let Some(walk) = between(body, "<!-- walk: ", " -->").into_iter().next() else {
                continue;
            };
            let numbered = |line: &&str| {
                line.split_once(". ").is_some_and(|(n, _)| n.parse::<usize>().is_ok())
            };
            let bold = body.lines().flat_map(|line| between(line, "**", "**"));
            tasks.push(Task {
                name: format!("{chapter}: {title}"),
                walk: walk.split(';').map(|s| s.trim().to_owned()).collect(),
                steps: body.lines().filter(numbered).count(),
                bold: bold.map(str::to_owned).collect(),
                shows: between(body, "](pictures/", ".webp)")
                    .into_iter()
                    .map(str::to_owned)
                    .collect(),
            });
        }
    }
    tasks
}

#[test]
fn every_task_has_a_walk_five_steps_and_a_picture_that_a_walk_takes() {
    let (tasks, mut faults) = (tasks(), String::new());
    let taken: BTreeSet<&str> = tasks.iter().flat_map(Task::takes).collect();
    for task in &tasks {
        if task.steps != 5 {
            let _ = writeln!(faults, "{} has {} steps", task.name, task.steps);
        }
        if task.shows.is_empty() {
            let _ = writeln!(faults, "{} shows no picture", task.name);
        }
        for picture in task.shows.iter().filter(|p| !taken.contains(p.as_str())) {
            let _ = writeln!(faults, "{}: no walk takes {picture}", task.name);
        }
        for picture in task.takes() {
            if !book().join("pictures").join(format!("{picture}.webp")).is_file() {
                let _ = writeln!(faults, "{picture}.webp is not there");
            }
        }
    }
    for role in fujiao_office::access::Role::ALL {
        let of = format!("{}: ", role.code());
        if !tasks.iter().any(|t| t.name.starts_with(&of)) {
            let _ = writeln!(faults, "the chapter of {} has no task", role.code());
        }
    }
    assert!(faults.is_empty(), "{faults}");
    assert!(tasks.len() > 30, "{} tasks", tasks.len());
}

/// Commands that chapters print are commands of the program, with the options that they print.
#[test]
fn commands_of_the_handbook_exist() {
    let mut tried = 0;
    for (chapter, text) in chapters() {
        let blocks = between(&text, "```sh\n", "```").into_iter().chain(between(
            &text,
            "```console\n",
            "```",
        ));
        for line in blocks.flat_map(str::lines) {
            let line = line.trim_start_matches("$ ").trim_start_matches("sudo -u fujiao ");
            let Some(args) = line.strip_prefix("fujiao ") else { continue };
            let mut words = args.split(' ').peekable();
            let mut command = Vec::new();
            while let Some(word) = words.next_if(|w| w.bytes().all(|b| b.is_ascii_lowercase())) {
                command.push(word);
            }
            let help = succeed(fujiao(command.iter().copied()).arg("--help")).stdout;
            for option in words.filter(|w| w.starts_with("--")) {
                assert!(help.contains(option), "{chapter}: {line}: there is no {option}");
            }
            tried += 1;
        }
    }
    assert!(tried > 5, "{tried} commands");
}

/// The made county as `fujiao demo` makes it, with batches, pairs and loans.
fn demo() -> &'static Path {
    static DEMO: LazyLock<PathBuf> = LazyLock::new(|| {
        let out = folder("handbook-demo");
        ran(fujiao(["demo", "--no-serve", "--out"]).arg(&out));
        out.join("结果")
    });
    &DEMO
}

/// The texts of the pages, by key.
fn words() -> toml::Table {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../locales/zh-CN.toml");
    std::fs::read_to_string(path).expect("the texts").parse().expect("the texts are TOML")
}

/// The longest part of a text between what is filled in.
fn word(words: &toml::Table, key: &str) -> String {
    let mut value = words.get(key.split('.').next().unwrap_or_default());
    for part in key.split('.').skip(1) {
        value = value.and_then(|v| v.get(part));
    }
    let text = value.and_then(toml::Value::as_str);
    text.unwrap_or_else(|| panic!("locales/ has no text {key}")).to_owned()
}

/// All that a page says, shown, folded or filled in, without spaces.
fn said(browser: &Browser) -> String {
    let text = browser.measure(
        "document.body.textContent + [...document.querySelectorAll('[placeholder],[aria-label]')].map(
           (e) => `${e.placeholder || ''} ${e.getAttribute('aria-label') || ''}`).join(' ')",
    );
    tight(text.as_str().unwrap_or_default())
}

fn tight(text: &str) -> String {
    text.chars().filter(|c| !c.is_whitespace()).collect()
}

/// A picture as a chapter shows it: 880 wide at a desk, 390 on a phone; at most 60 KB.
fn take(browser: &Browser, reader: Reader, name: &str) {
    let write = std::env::var_os("FUJIAO_WRITE_DOCS").is_some();
    let bytes = browser.webp(match reader {
        Reader::Phone => (390, 700, 1.0),
        _ => (1100, 720, 0.8),
    });
    assert!(bytes.len() <= 60 * 1024, "{name}.webp has {} bytes", bytes.len());
    if write {
        std::fs::write(book().join("pictures").join(format!("{name}.webp")), bytes)
            .expect("the folder of pictures is writable");
    }
}

fn walk(browser: &Browser, site: &Served, task: &Task, words: &toml::Table) -> String {
    let mut seen = String::new();
    for step in &task.walk[2..] {
        let (what, rest) = step.split_once(' ').unwrap_or((step, ""));
        let pair = || rest.split_once(" = ").unwrap_or_else(|| panic!("{}: {step}", task.name));
        match what {
            path if path.starts_with('/') => browser.go(&site.url(step)),
            "back" => {
                browser.measure("history.back()");
                std::thread::sleep(std::time::Duration::from_millis(300));
            }
            "click" => {
                let before = browser.url();
                let element = browser.seen(rest);
                let leads = element.attribute("href").is_some_and(|h| !h.starts_with('#'));
                element.click();
                if leads {
                    wait(browser, step, || browser.url() != before);
                }
            }
            "write" => browser.one(pair().0).write(pair().1),
            "file" => {
                let list = site.books.join(pair().1);
                let text = "姓名,出生日期,性别,学校,年级,班级,学期,学籍状态,带娃的人\n\
                            陈子墨,2014-05-01,女,新来小学,四年级,1班,2025秋,在读,陈刚\n\
                            彭小雨,2014-05-02,女,新来小学,四年级,1班,2025秋,在读,彭刚\n";
                std::fs::write(&list, text).expect("a list of ours");
                browser.one(pair().0).write(&list.display().to_string());
            }
            "wait" => wait(browser, rest, || said(browser).contains(&tight(rest))),
            "picture" => {
                as_wide_as_its_window(browser);
                take(browser, task.reader(), rest);
            }
            "word" => seen.push_str(&tight(&word(words, rest))),
            other => panic!("{}: `{other}` is no step of a walk", task.name),
        }
        seen.push_str(&said(browser));
    }
    seen
}

/// Each task is walked; what it prints in bold stands on its pages, and its pictures are those of the pages. With
/// `FUJIAO_WRITE_DOCS` set, they are written.
#[test]
fn every_task_of_the_handbook_is_on_the_pages() {
    let (tasks, words, mut faults) = (tasks(), words(), String::new());
    for phone in [false, true] {
        let reader = if phone { Reader::Phone } else { Reader::Desk };
        let Some(browser) = Browser::open(reader) else { return };
        let to = folder(if phone { "handbook-phone" } else { "handbook-desk" });
        for file in ["county.db", "county.key"] {
            std::fs::copy(demo().join(file), to.join(file)).expect("a copy");
        }
        let site = Served::start(&to);
        let mut role = "";
        for task in tasks.iter().filter(|t| matches!(t.reader(), Reader::Phone) == phone) {
            if task.role() != role {
                role = task.role();
                site.enter(&browser, role);
            }
            let seen = walk(&browser, &site, task, &words);
            for bold in &task.bold {
                if !seen.contains(&tight(bold)) {
                    let _ = writeln!(faults, "{}: “{bold}” stands on none of its pages", task.name);
                }
            }
        }
        // The book itself, as its readers see it.
        for path in ["/handbook", "/handbook/bureau", "/handbook?q=公示"] {
            browser.go(&site.url(path));
            crate::served::readable(&browser, reader);
            as_wide_as_its_window(&browser);
            let width = if phone { "390" } else { "1440" };
            let name = path.trim_matches('/').replace(['/', '?', '='], "-");
            browser.picture(
                &crate::harness::artefacts("handbook").join(format!("{width}-{name}.png")),
            );
        }
    }
    assert!(faults.is_empty(), "{faults}");
}
