//! Promise 4: kill the process at any instant, and what was confirmed is there.

use std::fs;
use std::process::Stdio;
use std::time::{Duration, Instant};

use crate::harness::{books, county, folder, fujiao, ran, run, succeed, summary};

#[test]
fn a_killed_run_leaves_books_that_open_verify_and_go_on() {
    let clean = books();
    let measured = folder("killed-measure");
    let begun = Instant::now();
    ran(&mut run(county(), &measured, &["--reveal"]));
    let whole = begun.elapsed();

    // Each kill falls on the remains of the one before; late ones find most of the work done.
    let out = folder("killed");
    let mut killed = 0;
    for part in [3, 9, 17, 29, 41, 53, 67, 79, 91] {
        let mut child = run(county(), &out, &["--reveal"])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("fujiao starts");
        std::thread::sleep(whole * part / 100 + Duration::from_millis(1));
        killed += i32::from(child.try_wait().expect("a child of ours").is_none());
        // On Unix this is SIGKILL: nothing can be put in order.
        child.kill().expect("a child of ours");
        child.wait().expect("a child of ours");
        if out.join("county.db").exists() {
            succeed(fujiao(["verify"]).arg(&out));
        }
        if out.join("summary.json").exists() {
            summary(&out);
        }
    }
    assert!(killed >= 3, "only {killed} of the kills came in time to hurt");

    ran(&mut run(county(), &out, &["--reveal"]));
    for file in ["persons.csv", "gaps.csv"] {
        let (one, two) = (fs::read(clean.join(file)).unwrap(), fs::read(out.join(file)).unwrap());
        assert!(one == two, "{file} is not what an undisturbed run writes");
    }
    let (one, two) = (summary(clean), summary(&out));
    for part in ["areas", "persons", "households"] {
        assert_eq!(one[part], two[part], "{part}");
    }
    assert_eq!(one["rows"]["read"], two["rows"]["read"]);
}
