//! Run it for years: begin, look, back up, bring back, move, serve from two programs, and say what happened.

use std::fs;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::databases::Schema;
use crate::harness::{AS_OF, books, county, end, files, folder, fujiao, ran, run, succeed};
use crate::served::{Served, copy_of_the_books};
use crate::walk::Browserless;
use crate::webdriver::free_port;

fn json(command: &mut Command) -> Value {
    let ended = succeed(command.arg("--json"));
    serde_json::from_str(&ended.stdout).expect("--json prints JSON")
}

/// A plain GET; status and body.
fn get(port: u16, path: &str) -> (u16, String) {
    let mut wire = TcpStream::connect(("127.0.0.1", port)).expect("it listens");
    wire.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    write!(wire, "GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n").unwrap();
    let mut said = String::new();
    wire.read_to_string(&mut said).expect("text");
    let status = said.split(' ').nth(1).and_then(|s| s.parse().ok()).expect("a status");
    (status, said.split_once("\r\n\r\n").map_or("", |(_, body)| body).to_owned())
}

/// A new county, as an administrator begins it: everything is there, everything is sound, and nobody else reads it.
#[test]
fn a_county_begins_with_everything_it_needs() {
    let data = folder("begun");
    let begun = json(fujiao(["init"]).arg(&data).args(["--county", "611026"]));
    assert_eq!(begun["name"], "柞水县");
    let link = begun["first_link"].as_str().expect("a link for the first administrator");
    assert!(link.starts_with("http://127.0.0.1:8080/enter/"), "{link}");
    assert!(data.join("fujiao.toml").is_file() && data.join("county.key").is_file());
    succeed(fujiao(["config", "check"]).arg(&data));
    let looked = json(fujiao(["doctor"]).arg(&data));
    assert_eq!(looked["sound"], true, "{looked}");
    for what in ["设置", "权限", "密钥", "数据库", "时钟", "备份", "磁盘", "端口", "证书", "字体"]
    {
        let found = looked["findings"].as_array().unwrap().iter().any(|f| f["what"] == what);
        assert!(found, "{what} was not looked at");
    }
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!((mode(&data), mode(&data.join("county.key"))), (0o700, 0o600));
    }
    // A second time it is the same county, and another is refused.
    let again = json(fujiao(["init"]).arg(&data).args(["--county", "611026"]));
    assert_ne!(again["first_link"], begun["first_link"], "each link works once");
    let other = end(fujiao(["init"]).arg(&data).args(["--county", "611025", "--name", "镇安县"]));
    assert_eq!(other.code, Some(1), "{}", other.said());
    assert!(other.said().contains("已经是柞水县"), "{}", other.said());
}

#[test]
fn what_is_wrong_with_settings_is_said_before_anything_is_served() {
    let data = copy_of_the_books("wrong-settings");
    for (text, said) in [
        ("[server]\nprot = 1\n", "第 2 行：没有“prot”这一项"),
        ("[server]\naddress = \"0.0.0.0\"\n", "就要有证书"),
        ("[server]\ncertificate = \"a.pem\"\ncertificate_key = \"b.pem\"\n", "没有文件"),
    ] {
        fs::write(data.join("fujiao.toml"), text).unwrap();
        for command in [&["config", "check"][..], &["serve"], &["doctor"]] {
            let ended = end(fujiao(command.iter().copied()).arg(&data));
            assert_eq!(ended.code, Some(1), "{command:?}: {}", ended.said());
            assert!(ended.said().contains(said), "{command:?}: {}", ended.said());
        }
    }
}

/// The whole way: a backup while others read, a drill, a damaged page, the way back; and what was exported before is, byte for
/// byte, what is exported after.
#[test]
fn books_come_back_byte_for_byte() {
    let data = copy_of_the_books("backed-up");
    let export = || {
        let list = ["cases", "list", "--limit", "100000", "--json", "--as-of", AS_OF, "--data"];
        let said = succeed(fujiao(list).arg(&data)).stdout;
        assert!(said.len() > 100, "{said}");
        said
    };
    let before = export();
    let made = json(fujiao(["backup"]).arg(&data));
    let file = made["file"].as_str().expect("a file").to_owned();
    assert!(file.contains(".tar.zst.age") && Path::new(&file).exists());
    let drilled = json(fujiao(["drill"]).arg(&data));
    assert_eq!((&drilled["same"], drilled["differ"].as_array().unwrap().len()), (&true.into(), 0));

    // A page goes bad: it is found, a backup is not made of it, and the doctor names the way back.
    let db = data.join("county.db");
    let mut bytes = fs::read(&db).unwrap();
    let page = bytes.len() / 8192 / 2 * 8192;
    bytes[page..page + 8192].fill(0xee);
    fs::write(&db, &bytes).unwrap();
    assert_ne!(end(fujiao(["verify"]).arg(&data)).code, Some(0));
    assert_ne!(end(fujiao(["backup"]).arg(&data)).code, Some(0));
    let doctor = end(fujiao(["doctor"]).arg(&data));
    assert_eq!(doctor.code, Some(1));
    assert!(doctor.said().contains("fujiao restore"), "{}", doctor.said());

    let restored = json(fujiao(["restore", &file, "--data"]).arg(&data));
    let aside = restored["aside"].as_str().expect("the old books stay");
    let old = fs::read(Path::new(aside).join("county.db")).unwrap();
    assert!(old[page..page + 8192] == bytes[page..page + 8192]);
    succeed(fujiao(["verify"]).arg(&data));
    assert!(before == export(), "an export is not what it was");

    // A backup that was touched is refused, and the books stay as they are.
    let mut sealed = fs::read(&file).unwrap();
    let at = sealed.len() / 2;
    sealed[at] ^= 1;
    let touched = data.join("touched.tar.zst.age");
    fs::write(&touched, sealed).unwrap();
    let now = json(fujiao(["verify"]).arg(&data));
    let refused = end(fujiao(["restore"]).arg(&touched).arg("--data").arg(&data));
    assert_eq!(refused.code, Some(1), "{}", refused.said());
    assert!(refused.said().contains("用另一份备份"), "{}", refused.said());
    assert_eq!(json(fujiao(["verify"]).arg(&data)), now);
    // The same workbooks once more: the lists are those of the books that were backed up.
    ran(&mut run(county(), &data, &["--reveal"]));
    for list in ["persons.csv", "gaps.csv"] {
        let (one, two) =
            (fs::read(books().join(list)).unwrap(), fs::read(data.join(list)).unwrap());
        assert!(one == two, "{list} is not what it was");
    }
    for name in files(&data) {
        let name = name.display().to_string();
        assert!(!name.contains("scratch") && !name.contains(".part"), "{name} is left");
    }
}

#[test]
fn nothing_is_restored_under_a_program_that_serves() {
    let mut served = Served::a_copy("restore-under");
    let made = json(fujiao(["backup"]).arg(&served.books));
    let file = made["file"].as_str().unwrap().to_owned();
    let refused = end(fujiao(["restore", &file, "--data"]).arg(&served.books));
    assert_eq!(refused.code, Some(1));
    assert!(refused.said().contains("先停下服务"), "{}", refused.said());
    served.down();
    succeed(fujiao(["restore", &file, "--data"]).arg(&served.books));
}

/// Books, settings, backups and pages: whoever else has an account on the machine can read none of it, whatever its habits.
#[cfg(unix)]
#[test]
fn what_is_written_is_its_owners_alone() {
    use std::os::unix::fs::PermissionsExt as _;
    fn loose(folder: &Path, found: &mut Vec<std::path::PathBuf>) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if fs::symlink_metadata(&path).unwrap().permissions().mode() & 0o077 != 0 {
                found.push(path.clone());
            }
            if path.is_dir() {
                loose(&path, found);
            }
        }
    }
    let out = folder("alone").join("made");
    succeed(fujiao(["init"]).arg(&out).args([
        "--county",
        "611026",
        "--tls",
        "--host",
        "127.0.0.1",
    ]));
    succeed(fujiao(["backup"]).arg(&out));
    succeed(fujiao(["synth", "--people", "500", "--out"]).arg(out.join("rosters")));
    let mut found = Vec::new();
    loose(&out, &mut found);
    assert!(found.is_empty(), "{found:?}");
    assert_eq!(fs::metadata(&out).unwrap().permissions().mode() & 0o077, 0);
}

/// The key on paper brings the books back where the file is lost.
#[test]
fn a_lost_key_comes_back_from_paper() {
    let data = copy_of_the_books("paper");
    let key = data.join("county.key");
    let mark = json(fujiao(["keys", "show"]).arg(&data))["mark"].clone();
    let lines = succeed(fujiao(["keys", "paper"]).arg(&data)).stdout;
    let html = data.join("paper.html");
    succeed(fujiao(["keys", "paper"]).arg(&data).arg("--out").arg(&html));
    let page = fs::read_to_string(&html).unwrap();
    assert!(page.contains(mark.as_str().unwrap()) && page.matches("<tr>").count() >= 9);
    let sent = succeed(fujiao(["keys", "paper"]).arg(&data).args(["--out", "-"])).stdout;
    assert_eq!(sent.trim_end(), page.trim_end());
    let whole = fs::read_to_string(&key).unwrap();
    fs::remove_file(&key).unwrap();
    let lost = end(fujiao(["verify"]).arg(&data));
    assert_eq!(lost.code, Some(1), "{}", lost.said());
    let typed = data.join("typed.txt");
    // Line 3 is typed with one sign wrong.
    let signs: Vec<&str> = lines.lines().collect();
    let sign = &signs[2][3..4];
    let wrong = lines.replacen(
        signs[2],
        &signs[2].replacen(sign, if sign == "0" { "1" } else { "0" }, 1),
        1,
    );
    fs::write(&typed, wrong).unwrap();
    let import = |from: &Path| end(fujiao(["keys", "import"]).arg(&data).arg("--from").arg(from));
    let refused = import(&typed);
    assert_eq!(refused.code, Some(1));
    assert!(refused.said().contains("第 3 行"), "{}", refused.said());
    fs::write(&typed, lines.to_uppercase()).unwrap();
    assert_eq!(import(&typed).code, Some(0));
    assert_eq!(fs::read_to_string(&key).unwrap(), whole);
    succeed(fujiao(["verify"]).arg(&data));
}

/// TLS with a certificate of its own, and the way out for who is asked to stop.
#[test]
fn pages_are_served_over_tls_and_stop_when_told() {
    let data = folder("tls");
    let port = free_port();
    let shown = port.to_string();
    succeed(fujiao(["init"]).arg(&data).args([
        "--county",
        "611026",
        "--tls",
        "--host",
        "127.0.0.1",
        "--host",
        "fujiao.county",
        "--port",
        &shown,
    ]));
    let mut child = start(&data, &[]);
    let Some(curl) = crate::harness::tool(&["curl"]) else { return stop(&mut child) };
    let out = Command::new(curl)
        .args(["-sS", "-i", "--max-time", "20", "--cacert"])
        .arg(data.join("tls/cert.pem"))
        .args(["-H", "Host: fujiao.county", &format!("https://127.0.0.1:{port}/login")])
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&out.stdout);
    assert!(said.starts_with("HTTP/1.1 200"), "{said}{}", String::from_utf8_lossy(&out.stderr));
    stop(&mut child);
}

/// Serves, and waits until it listens.
fn start(data: &Path, more: &[&str]) -> Child {
    let mut child = fujiao(["serve"])
        .arg(data)
        .args(more)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("fujiao starts");
    let mut said = std::io::BufReader::new(child.stdout.take().expect("a pipe"));
    let mut line = String::new();
    while !line.contains("Ctrl-C") {
        line.clear();
        let read = std::io::BufRead::read_line(&mut said, &mut line).expect("it speaks UTF-8");
        assert!(read > 0, "it ended before it served");
    }
    std::thread::spawn(move || said.read_to_end(&mut Vec::new()));
    child
}

/// SIGTERM, as a service manager says it; it ends well and soon.
fn stop(child: &mut Child) {
    let id = child.id().to_string();
    assert!(Command::new("kill").args(["-TERM", &id]).status().unwrap().success());
    let begun = Instant::now();
    while child.try_wait().unwrap().is_none() {
        assert!(begun.elapsed() < Duration::from_secs(15), "it does not stop");
        std::thread::sleep(Duration::from_millis(50));
    }
    assert!(child.wait().unwrap().success());
}

/// What a monitor asks, and what it is told: nothing of a person.
#[test]
fn a_monitor_is_answered() {
    let data = copy_of_the_books("watched");
    fs::write(data.join("fujiao.toml"), "[backup]\nat = \"\"\n").unwrap();
    let port = free_port();
    let mut child = start(&data, &["--port", &port.to_string()]);
    assert_eq!(get(port, "/healthz"), (200, "ok\n".into()));
    assert_eq!(get(port, "/readyz"), (200, "ready\n".into()));
    assert_eq!(get(port, "/login").0, 200);
    assert_eq!(get(port, "/person/0123456789abcdef?name=x").0, 303);
    let (status, text) = get(port, "/metrics");
    assert_eq!(status, 200);
    for line in [
        "fujiao_requests_total{method=\"GET\",route=\"/login\",status=\"200\"} 1",
        "fujiao_requests_total{method=\"GET\",route=\"/person/{id}\",status=\"303\"} 1",
        "fujiao_jobs{state=\"queued\"} 0",
        "fujiao_last_backup_timestamp_seconds 0",
        "# EOF",
    ] {
        assert!(text.contains(line), "{line} is not in what was told:\n{text}");
    }
    assert!(!text.contains("0123456789abcdef"));
    stop(&mut child);
    let mut log = String::new();
    child.stderr.take().unwrap().read_to_string(&mut log).unwrap();
    assert!(log.contains("开始服务") && log.contains("停了"), "{log}");
    assert!(!log.contains("没有正常停下"), "{log}");
}

/// Killed, the next start says so; stopped, it does not.
#[test]
fn the_next_start_says_what_happened() {
    let data = copy_of_the_books("cut-off");
    let port = free_port().to_string();
    let mut child = start(&data, &["--port", &port]);
    child.kill().unwrap();
    child.wait().unwrap();
    let begun = Instant::now();
    let mut child = start(&data, &["--port", &port]);
    assert!(begun.elapsed() < Duration::from_secs(10));
    stop(&mut child);
    let mut log = String::new();
    child.stderr.take().unwrap().read_to_string(&mut log).unwrap();
    assert!(log.contains("上次没有正常停下"), "{log}");
    let mut child = start(&data, &["--port", &port]);
    stop(&mut child);
    log.clear();
    child.stderr.take().unwrap().read_to_string(&mut log).unwrap();
    assert!(!log.contains("上次没有正常停下"), "{log}");
}

/// A county goes to a server and back; every line is the same.
#[test]
fn a_county_is_carried_to_a_server_and_back() {
    let Some(schema) = Schema::make("moved") else { return };
    let data = copy_of_the_books("moved");
    let moved = json(fujiao(["move"]).arg(&data).args(["--to", &schema.url()]));
    assert!(moved["rows"].as_u64().is_some_and(|n| n > 10_000), "{moved}");
    succeed(fujiao(["verify"]).arg(&data).args(["--db", &schema.url()]));
    let again = end(fujiao(["move"]).arg(&data).args(["--to", &schema.url()]));
    assert_eq!(again.code, Some(1), "{}", again.said());
    // Backed up from the server, brought back into a file.
    let made = json(fujiao(["backup"]).arg(&data).args(["--db", &schema.url()]));
    let drilled = json(fujiao(["drill"]).arg(&data).args(["--db", &schema.url()]));
    assert_eq!(drilled["same"], true, "{drilled}");
    let back = folder("moved-back");
    fs::copy(data.join("county.key"), back.join("county.key")).unwrap();
    succeed(fujiao(["restore", made["file"].as_str().unwrap(), "--data"]).arg(&back));
    succeed(fujiao(["verify"]).arg(&back));
    let home = folder("moved-home").join("county.db");
    let to = home.display().to_string();
    json(fujiao(["move"]).arg(&data).args(["--db", &schema.url(), "--to", &to]));
}

/// Two programs serve the same books: who came in at one is in at the other, a job queued at one is done once, and each sees what
/// the other wrote.
#[test]
fn two_programs_serve_one_county() {
    two_serve(&copy_of_the_books("two"), None);
    if let Some(schema) = Schema::make("two") {
        let data = copy_of_the_books("two-server");
        succeed(fujiao(["move"]).arg(&data).args(["--to", &schema.url()]));
        two_serve(&data, Some(&schema.url()));
    }
}

fn two_serve(data: &Path, db: Option<&str>) {
    fs::write(data.join("fujiao.toml"), "[backup]\nat = \"\"\n").unwrap();
    let ports = [free_port(), free_port()];
    let mut links = String::new();
    let mut children: Vec<Child> = Vec::new();
    for port in ports {
        let mut command = fujiao(["serve"]);
        command.arg(data).args(["--port", &port.to_string()]);
        if let Some(db) = db {
            command.args(["--db", db]);
        }
        let mut child = command.stdout(Stdio::piped()).spawn().expect("fujiao starts");
        let mut said = std::io::BufReader::new(child.stdout.take().unwrap());
        let mut line = String::new();
        while !line.contains("Ctrl-C") {
            line.clear();
            assert!(std::io::BufRead::read_line(&mut said, &mut line).unwrap() > 0);
            if port == ports[0] {
                links += &line;
            }
        }
        std::thread::spawn(move || said.read_to_end(&mut Vec::new()));
        children.push(child);
    }
    let admin = links.lines().find(|l| l.contains("系统管理员")).expect("a link");
    let token = admin.split("/enter/").nth(1).unwrap().trim();
    let first = Browserless::enter(ports[0], token);
    let second = first.at(ports[1]);
    // Signed in at one, known at both.
    let (status, page) = second.get("/system");
    assert_eq!(status, 200, "{page}");
    for port in ports {
        assert!(page.contains(&format!(":{port}")), "the other program is seen");
    }
    // Queued at both at once: one job.
    let jobs: Vec<String> = std::thread::scope(|scope| {
        let asked = [&first, &second].map(|b| scope.spawn(|| b.post("/system/backup")));
        asked.into_iter().map(|t| t.join().unwrap()).collect()
    });
    assert!(jobs.iter().all(|job| job.starts_with("/jobs/")), "{jobs:?}");
    let begun = Instant::now();
    loop {
        let (_, page) = first.get("/system");
        if page.contains("读回核对无误") {
            break;
        }
        assert!(begun.elapsed() < Duration::from_mins(2), "no backup is made");
        std::thread::sleep(Duration::from_millis(200));
    }
    // Signed out at one, unknown at both.
    first.post("/logout");
    assert_eq!(second.get("/system").0, 303);
    for child in &mut children {
        stop(child);
    }
    let made = files(data).iter().filter(|f| f.starts_with("backups")).count();
    let distinct: std::collections::BTreeSet<&String> = jobs.iter().collect();
    assert_eq!(made, distinct.len(), "each job was done once");
}

/// Books that a later program wrote are left alone, and the message says what to do.
#[test]
fn books_of_a_later_program_are_left_alone() {
    let data = copy_of_the_books("later");
    let db = data.join("county.db");
    let key = fs::read_to_string(data.join("county.key")).unwrap();
    drop(
        fujiao_store::Store::open(db.to_str().unwrap(), fujiao_store::Keys::parse(&key).unwrap())
            .unwrap()
            .write(|tx| {
                tx.execute("update meta set value = '9999' where name = 'schema'", &[]).map(drop)
            }),
    );
    for command in ["verify", "serve", "backup", "doctor"] {
        let ended = end(fujiao([command]).arg(&data));
        assert_ne!(ended.code, Some(0), "{command}");
        assert!(ended.said().contains("请升级本程序"), "{command}: {}", ended.said());
    }
    assert!(books().exists());
}
