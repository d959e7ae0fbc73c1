//! A small client of the `WebDriver` protocol (W3C), enough to walk through pages: chromedriver on loopback.
//!
//! Written by hand because it is one request format; a client crate would bring forty more.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::harness::tool;

/// The key under which `WebDriver` names an element.
const ELEMENT: &str = "element-6066-11e4-a52e-4f735466cecf";

/// What kind of reader looks at the pages.
#[derive(Clone, Copy)]
pub(crate) enum Reader {
    /// A desk: 1440 × 900.
    Desk,
    /// A phone: 390 × 844, touch.
    Phone,
    /// A desk whose browser runs no JavaScript.
    WithoutScript,
}

/// A browser window, driven by a chromedriver of its own.
pub(crate) struct Browser {
    driver: Child,
    port: u16,
    session: String,
}

/// An element of the page that is shown.
pub(crate) struct Element<'a> {
    browser: &'a Browser,
    id: String,
}

/// How long a page may take.
const PATIENCE: Duration = Duration::from_secs(20);

impl Browser {
    /// Starts Chromium without a window; `None` where it is not installed.
    pub(crate) fn open(reader: Reader) -> Option<Self> {
        let chromium = tool(&["chromium", "chromium-browser", "google-chrome"])?;
        let chromedriver = tool(&["chromedriver"])?;
        let port = free_port();
        let driver = Command::new(chromedriver)
            .arg(format!("--port={port}"))
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("chromedriver starts");
        let mut browser = Self { driver, port, session: String::new() };
        browser.wait_for_driver();
        let mut options = json!({
            "binary": chromium,
            "args": [
                "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--disable-quic",
                "--disable-background-networking", "--disable-component-update", "--disable-sync",
                "--no-first-run", "--hide-scrollbars", "--lang=zh-CN", "--window-size=1440,900",
            ],
        });
        match reader {
            Reader::Desk => {}
            Reader::Phone => {
                options["mobileEmulation"] = json!({ "deviceMetrics": { "width": 390, "height": 844, "pixelRatio": 2.0, "touch": true } });
            }
            Reader::WithoutScript => {
                options["prefs"] =
                    json!({ "profile.managed_default_content_settings.javascript": 2 });
            }
        }
        let wanted = json!({ "capabilities": { "alwaysMatch": {
            "browserName": "chrome", "goog:chromeOptions": options,
        } } });
        let answer = browser.ask("POST", "/session", &wanted);
        answer["sessionId"].as_str().expect("a session").clone_into(&mut browser.session);
        Some(browser)
    }

    fn wait_for_driver(&self) {
        let begun = Instant::now();
        while TcpStream::connect(("127.0.0.1", self.port)).is_err() {
            assert!(begun.elapsed() < Duration::from_secs(20), "chromedriver does not answer");
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    pub(crate) fn go(&self, url: &str) {
        self.post("/url", &json!({ "url": url }));
    }

    pub(crate) fn url(&self) -> String {
        self.get("/url").as_str().expect("a URL").to_owned()
    }

    /// Every element of a CSS selector, in the order of the page.
    pub(crate) fn all(&self, css: &str) -> Vec<Element<'_>> {
        let found = self.post("/elements", &json!({ "using": "css selector", "value": css }));
        let ids = found.as_array().expect("a list of elements").iter();
        ids.map(|e| Element {
            browser: self,
            id: e[ELEMENT].as_str().expect("an element").to_owned(),
        })
        .collect()
    }

    /// The first element of a CSS selector.
    pub(crate) fn one(&self, css: &str) -> Element<'_> {
        let first = self.all(css).into_iter().next();
        first.unwrap_or_else(|| panic!("`{css}` is not on {}:\n{}", self.url(), self.text()))
    }

    /// The first element of a CSS selector that the window shows: menus of a phone and of a desk differ. Waits for it: what a
    /// click leads to takes its time on a busy machine.
    pub(crate) fn seen(&self, css: &str) -> Element<'_> {
        let begun = Instant::now();
        loop {
            let first = self.all(css).into_iter().find(|e| {
                let path = format!("/session/{}/element/{}/displayed", self.session, e.id);
                match self.try_ask("GET", &path, &Value::Null) {
                    Ok(shown) => shown == Value::Bool(true),
                    Err(e) if turned(&e) => false,
                    Err(e) => panic!("GET {path}: {e}"),
                }
            });
            match first {
                Some(first) => return first,
                None if begun.elapsed() < PATIENCE => {
                    std::thread::sleep(Duration::from_millis(50));
                }
                None => panic!("`{css}` is not seen on {}:\n{}", self.url(), self.text()),
            }
        }
    }

    /// What the page shows, as text.
    pub(crate) fn text(&self) -> String {
        let begun = Instant::now();
        loop {
            let body = self.all("body");
            let Some(body) = body.first() else { return String::new() };
            let path = format!("/session/{}/element/{}/text", self.session, body.id);
            match self.try_ask("GET", &path, &Value::Null) {
                Ok(text) => return text.as_str().unwrap_or_default().to_owned(),
                Err(e) if turned(&e) && begun.elapsed() < PATIENCE => {}
                Err(e) => panic!("GET {path}: {e}"),
            }
        }
    }

    /// Waits until the page shows something: what a click leads to takes its time on a busy machine.
    pub(crate) fn says(&self, what: &str) {
        let begun = Instant::now();
        loop {
            let text = self.text();
            if text.contains(what) {
                return;
            }
            assert!(begun.elapsed() < PATIENCE, "“{what}” is not on {}:\n{text}", self.url());
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    /// Leaves a picture of the window.
    pub(crate) fn picture(&self, file: &Path) {
        let shot = self.get("/screenshot");
        let bytes = from_base64(shot.as_str().expect("a picture"));
        assert!(bytes.starts_with(b"\x89PNG"), "a picture is a PNG");
        std::fs::write(file, bytes).expect("the artefacts' folder is writable");
    }

    /// The upper left of the page in a window of this width and height, scaled, as a lossy `WebP` picture.
    pub(crate) fn webp(&self, (width, height, scale): (u32, u32, f64)) -> Vec<u8> {
        let phone = width < 760;
        let device =
            json!({ "width": width, "height": height, "deviceScaleFactor": 1, "mobile": phone });
        let command = |cmd: &str, params: Value| {
            self.post("/goog/cdp/execute", &json!({ "cmd": cmd, "params": params }))
        };
        command("Emulation.setDeviceMetricsOverride", device);
        let clip = json!({ "x": 0, "y": 0, "width": width, "height": height, "scale": scale });
        let shot = json!({ "format": "webp", "quality": 60, "clip": clip });
        let answer = command("Page.captureScreenshot", shot);
        if !phone {
            command("Emulation.clearDeviceMetricsOverride", json!({}));
        }
        from_base64(answer["data"].as_str().expect("a picture"))
    }

    /// The value of a JavaScript expression; for measures of layout, not for acting.
    pub(crate) fn measure(&self, expression: &str) -> Value {
        self.post(
            "/execute/sync",
            &json!({ "script": format!("return ({expression})"), "args": [] }),
        )
    }

    /// The value that the body of an asynchronous JavaScript function returns; for looking at what a page keeps.
    pub(crate) fn look(&self, body: &str) -> Value {
        let script = format!(
            "const done = arguments[arguments.length - 1]; (async () => {{ {body} }})().then(done, (e) => done(`failed: ${{e}}`))"
        );
        self.post("/execute/async", &json!({ "script": script, "args": [] }))
    }

    /// Takes the signal away from the page, or gives it back.
    pub(crate) fn offline(&self, offline: bool) {
        let conditions = json!({ "offline": offline, "latency": 0, "throughput": -1 });
        self.post("/chromium/network_conditions", &json!({ "network_conditions": conditions }));
    }

    /// Shows pages as to somebody whose device is set to dark.
    pub(crate) fn dark(&self) {
        let dark = json!({ "features": [{ "name": "prefers-color-scheme", "value": "dark" }] });
        let command = json!({ "cmd": "Emulation.setEmulatedMedia", "params": dark });
        self.post("/goog/cdp/execute", &command);
    }

    /// Pretends that the reader prefers light or dark.
    pub(crate) fn prefer(&self, scheme: &str) {
        let features = json!([{ "name": "prefers-color-scheme", "value": scheme }]);
        self.post(
            "/goog/cdp/execute",
            &json!({ "cmd": "Emulation.setEmulatedMedia", "params": { "features": features } }),
        );
    }

    /// What axe-core finds wrong with the page by WCAG 2.2 A and AA: rule, and the first places.
    pub(crate) fn axe(&self, source: &str) -> Vec<String> {
        self.post("/execute/sync", &json!({ "script": source, "args": [] }));
        let script = "const done = arguments[arguments.length - 1];
            const only = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'];
            axe.run(document, { runOnly: only }).then((r) => done(r.violations.map((v) =>
              `${v.id}: ${v.help}: ${v.nodes.slice(0, 3).map((n) => n.html.slice(0, 160)).join(' | ')}`)));";
        let found = self.post("/execute/async", &json!({ "script": script, "args": [] }));
        found
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(|v| v.as_str().map(str::to_owned))
            .collect()
    }

    fn get(&self, path: &str) -> Value {
        self.ask("GET", &format!("/session/{}{path}", self.session), &Value::Null)
    }

    fn post(&self, path: &str, body: &Value) -> Value {
        self.ask("POST", &format!("/session/{}{path}", self.session), body)
    }

    fn ask(&self, method: &str, path: &str, body: &Value) -> Value {
        self.try_ask(method, path, body).unwrap_or_else(|e| panic!("{method} {path}: {e}"))
    }

    fn try_ask(&self, method: &str, path: &str, body: &Value) -> Result<Value, String> {
        let address = format!("127.0.0.1:{}", self.port);
        let body = if body.is_null() { String::new() } else { body.to_string() };
        let request = format!(
            "{method} {path} HTTP/1.1\r\nHost: {address}\r\nContent-Type: application/json\r\n\
             Content-Length: {}\r\nConnection: close\r\n\r\n{body}",
            body.len()
        );
        let (_, answer) = exchange(&address, &request).map_err(|e| e.to_string())?;
        let mut answer: Value = serde_json::from_slice(&answer).map_err(|e| e.to_string())?;
        let value = answer["value"].take();
        match value["error"].as_str() {
            Some(error) => Err(format!("{error}: {}", value["message"])),
            None => Ok(value),
        }
    }
}

/// Whether an element could not be read because the page turned meanwhile: drivers say so in several ways.
fn turned(error: &str) -> bool {
    ["stale element", "does not belong to the document", "no such element", "No node with given id"]
        .iter()
        .any(|said| error.contains(said))
}

impl Drop for Browser {
    fn drop(&mut self) {
        if !self.session.is_empty() {
            // Closes Chromium; a driver that is gone has closed it already.
            let _ = self.try_ask("DELETE", &format!("/session/{}", self.session), &Value::Null);
        }
        let _ = self.driver.kill();
        let _ = self.driver.wait();
    }
}

impl Element<'_> {
    pub(crate) fn text(&self) -> String {
        self.read("/text").as_str().unwrap_or_default().to_owned()
    }

    /// An attribute as the page wrote it; `None` where it is absent.
    pub(crate) fn attribute(&self, name: &str) -> Option<String> {
        self.read(&format!("/attribute/{name}")).as_str().map(str::to_owned)
    }

    /// Brings the element to the middle of the window, as a thumb does before it taps, and clicks.
    pub(crate) fn click(&self) {
        let middle = json!({
            "script": "arguments[0].scrollIntoView({ block: 'center', behavior: 'instant' })",
            "args": [{ ELEMENT: self.id }],
        });
        self.browser.post("/execute/sync", &middle);
        self.browser.post(&format!("/element/{}/click", self.id), &json!({}));
    }

    /// Types into a field.
    pub(crate) fn write(&self, text: &str) {
        self.browser.post(&format!("/element/{}/value", self.id), &json!({ "text": text }));
    }

    fn read(&self, what: &str) -> Value {
        self.browser.get(&format!("/element/{}{what}", self.id))
    }
}

/// Sends one HTTP request that asks to close, and reads status and body.
pub(crate) fn exchange(address: &str, request: &str) -> std::io::Result<(u16, Vec<u8>)> {
    let mut stream = TcpStream::connect(address)?;
    stream.set_read_timeout(Some(Duration::from_mins(1)))?;
    stream.write_all(request.as_bytes())?;
    let mut reader = BufReader::new(stream);
    let mut line = String::new();
    reader.read_line(&mut line)?;
    let status = line.split(' ').nth(1).and_then(|s| s.parse().ok()).unwrap_or(0);
    let (mut length, mut chunked) = (None, false);
    loop {
        line.clear();
        reader.read_line(&mut line)?;
        let header = line.trim().to_ascii_lowercase();
        if header.is_empty() {
            break;
        }
        if let Some(value) = header.strip_prefix("content-length:") {
            length = value.trim().parse().ok();
        }
        chunked |= header == "transfer-encoding: chunked";
    }
    let mut body = Vec::new();
    if chunked {
        loop {
            line.clear();
            reader.read_line(&mut line)?;
            let size = u64::from_str_radix(line.trim(), 16).unwrap_or(0);
            if size == 0 {
                break;
            }
            reader.by_ref().take(size).read_to_end(&mut body)?;
            line.clear();
            reader.read_line(&mut line)?;
        }
    } else if let Some(length) = length {
        reader.take(length).read_to_end(&mut body)?;
    } else {
        reader.read_to_end(&mut body)?;
    }
    Ok((status, body))
}

pub(crate) fn free_port() -> u16 {
    let listener = TcpListener::bind(("127.0.0.1", 0)).expect("a free port on loopback");
    listener.local_addr().expect("a bound address").port()
}

fn from_base64(text: &str) -> Vec<u8> {
    let value = |c: u8| match c {
        b'A'..=b'Z' => u32::from(c - b'A'),
        b'a'..=b'z' => u32::from(c - b'a') + 26,
        b'0'..=b'9' => u32::from(c - b'0') + 52,
        b'+' => 62,
        b'/' => 63,
        other => panic!("{} is not base64", other as char),
    };
    let symbols: Vec<u32> = text.bytes().filter(|c| *c != b'=').map(value).collect();
    let mut bytes = Vec::with_capacity(symbols.len() * 3 / 4);
    for four in symbols.chunks(4) {
        let bits = four.iter().fold(0, |bits, s| bits << 6 | s) << (6 * (4 - four.len()));
        let three = bits.to_be_bytes();
        bytes.extend_from_slice(&three[1..four.len()]);
    }
    bytes
}

#[test]
fn base64_reads_back() {
    for (text, bytes) in
        [("", ""), ("Zg==", "f"), ("Zm8=", "fo"), ("Zm9v", "foo"), ("Zm9vYmE=", "fooba")]
    {
        assert_eq!(from_base64(text), bytes.as_bytes(), "{text}");
    }
}
