//! Tries cases by the million and counts: `fujiao-fuzz --target intake [--seconds 60 | --cases 1000000] [--seed 1] [--threads 2]
//! [--out FOLDER]`. Prints one line of JSON. Ends with 1 if a reader panicked; the input that made it lies in FOLDER.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a program for programmers")]

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use fujiao_fuzz::{Answer, Mill, Target};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

struct Order {
    target: Target,
    seconds: u64,
    cases: u64,
    seed: u64,
    threads: u64,
    out: PathBuf,
}

fn order(args: &[String]) -> Result<Order> {
    let mut order = Order {
        target: Target::Intake,
        seconds: 0,
        cases: 0,
        seed: 1,
        threads: std::thread::available_parallelism().map_or(1, |n| n.get() as u64),
        out: PathBuf::from("target/fuzz"),
    };
    for pair in args.chunks(2) {
        let [option, value] = pair else { bail!("{} lacks its value", pair[0]) };
        let number = || value.parse::<u64>().with_context(|| format!("{option} takes a number"));
        match option.as_str() {
            "--target" => {
                let known = Target::parse(value);
                order.target = known.with_context(|| format!("no target is called `{value}`"))?;
            }
            "--seconds" => order.seconds = number()?,
            "--cases" => order.cases = number()?,
            "--seed" => order.seed = number()?,
            "--threads" => order.threads = number()?.max(1),
            "--out" => order.out = PathBuf::from(value),
            other => bail!("no option `{other}`"),
        }
    }
    if order.seconds == 0 && order.cases == 0 {
        order.seconds = 10;
    }
    Ok(order)
}

/// What came out of all cases.
#[derive(Default)]
struct Count {
    next: AtomicU64,
    read: AtomicU64,
    refused: AtomicU64,
    slowest_us: AtomicU64,
    slowest: AtomicU64,
    stop: AtomicBool,
    panics: Mutex<Vec<(u64, String)>>,
}

/// Cases that a thread takes at once.
const BITE: u64 = 64;
/// After so many panics there is enough to do.
const PANICS: usize = 20;

fn try_cases(mill: &Mill, order: &Order, count: &Count, begun: Instant) {
    let until = Duration::from_secs(order.seconds);
    loop {
        let from = count.next.fetch_add(BITE, Ordering::Relaxed);
        let over = order.seconds > 0 && begun.elapsed() >= until;
        if over || count.stop.load(Ordering::Relaxed) || (order.cases > 0 && from >= order.cases) {
            return;
        }
        let to = if order.cases > 0 { (from + BITE).min(order.cases) } else { from + BITE };
        for number in from..to {
            let started = Instant::now();
            let answer = catch_unwind(AssertUnwindSafe(|| mill.try_case(number)));
            let took = u64::try_from(started.elapsed().as_micros()).unwrap_or(u64::MAX);
            if took > count.slowest_us.fetch_max(took, Ordering::Relaxed) {
                count.slowest.store(number, Ordering::Relaxed);
            }
            match answer {
                Ok(Answer::Read) => {
                    count.read.fetch_add(1, Ordering::Relaxed);
                }
                Ok(Answer::Refused) => {
                    count.refused.fetch_add(1, Ordering::Relaxed);
                }
                Err(why) => {
                    let why = why
                        .downcast_ref::<String>()
                        .cloned()
                        .or_else(|| why.downcast_ref::<&str>().map(|s| (*s).to_owned()))
                        .unwrap_or_default();
                    let mut panics = count.panics.lock().expect("nobody panics while counting");
                    panics.push((number, why));
                    if panics.len() >= PANICS {
                        count.stop.store(true, Ordering::Relaxed);
                    }
                }
            }
        }
    }
}

/// The most memory that this process has held, in MiB, and what it holds now; nought where nobody says.
fn memory_mib() -> (u64, u64) {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let of = |name: &str| {
        let line = status.lines().find_map(|l| l.strip_prefix(name));
        line.and_then(|l| l.split_whitespace().next()?.parse::<u64>().ok()).unwrap_or(0) / 1024
    };
    (of("VmHWM:"), of("VmRSS:"))
}

fn keep(folder: &Path, mill: &Mill, number: u64) -> Result<String> {
    std::fs::create_dir_all(folder)?;
    let (name, bytes) = mill.case(number);
    let path = folder.join(format!("{number}-{name}"));
    std::fs::write(&path, bytes)?;
    Ok(path.display().to_string())
}

#[expect(clippy::cast_precision_loss, reason = "figures for people")]
fn run() -> Result<bool> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let order = order(&args)?;
    let mill = Mill::new(order.target, order.seed);
    // What a panic says is kept with its case.
    std::panic::set_hook(Box::new(|_| {}));
    let count = Count::default();
    let (_, before) = memory_mib();
    let begun = Instant::now();
    std::thread::scope(|scope| {
        for _ in 0..order.threads {
            scope.spawn(|| try_cases(&mill, &order, &count, begun));
        }
    });
    let took = begun.elapsed();
    drop(std::panic::take_hook());
    let panics = count.panics.into_inner().expect("nobody panics while counting");
    let (read, refused) = (count.read.into_inner(), count.refused.into_inner());
    let cases = read + refused + panics.len() as u64;
    let mut found = Vec::new();
    for (number, why) in &panics {
        let input = keep(&order.out, &mill, *number)?;
        found.push(serde_json::json!({ "case": number, "said": why, "input": input }));
    }
    let (peak, after) = memory_mib();
    println!(
        "{}",
        serde_json::json!({
            "target": order.target.code(), "seed": order.seed, "cases": cases, "read": read, "refused": refused,
            "panics": found, "seconds": took.as_millis() as f64 / 1000.0,
            "cases_per_s": (cases as f64 / took.as_secs_f64().max(0.001)).round(),
            "slowest_ms": count.slowest_us.into_inner() as f64 / 1000.0, "slowest_case": count.slowest.into_inner(),
            "peak_mib": peak, "before_mib": before, "after_mib": after,
        })
    );
    Ok(panics.is_empty())
}

fn main() -> ExitCode {
    match run() {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(e) => {
            eprintln!("fujiao-fuzz: {e:#}");
            ExitCode::from(2)
        }
    }
}
