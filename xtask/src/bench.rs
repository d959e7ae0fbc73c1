//! `cargo xtask bench`: how long `fujiao run` takes on a made county, and how much memory at most.

use std::fmt::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use serde_json::{Value, json};

use crate::tools::says;
use crate::{cargo, root, run};

/// The day on which the made county is looked at, the same in every record.
const AS_OF: &str = "2025-10-15";

/// The phases of `summary.json`, in the order in which they run.
const PHASES: [&str; 6] = ["import", "link", "assess", "settle", "report", "total"];

/// What to measure.
pub(crate) struct Order {
    people: u32,
    seed: u64,
    runs: usize,
}

impl Order {
    /// Reads `--people N --seed N --runs N`.
    ///
    /// # Errors
    /// If an option is not known or its value is no number.
    pub(crate) fn parse(args: &[&str]) -> Result<Self> {
        let mut order = Self { people: 150_000, seed: 1, runs: 5 };
        for pair in args.chunks(2) {
            let [option, value] = pair else { bail!("{} lacks its value", pair[0]) };
            match *option {
                "--people" => order.people = value.parse().context("--people takes a number")?,
                "--seed" => order.seed = value.parse().context("--seed takes a number")?,
                "--runs" => order.runs = value.parse().context("--runs takes a number")?,
                other => bail!("`bench` knows no `{other}`"),
            }
        }
        if order.runs == 0 {
            bail!("--runs takes a number above zero");
        }
        Ok(order)
    }
}

/// One run: its summary, its wall time as seen from outside, and its peak resident memory.
struct Sample {
    summary: Value,
    wall: Duration,
    peak_kib: u64,
}

/// Makes the county, runs the program on it, writes `bench/results/`.
///
/// # Errors
/// If a step fails.
pub(crate) fn bench(order: &Order) -> Result<()> {
    run(cargo().args(["build", "--release", "--package", "fujiao"]))?;
    let fujiao = root().join("target/release/fujiao");
    let folder = root().join("target/bench").join(format!("{}-{}", order.people, order.seed));
    let county = folder.join("in");
    if !folder.join("truth").is_dir() {
        run(Command::new(&fujiao)
            .args([
                "synth",
                "--people",
                &order.people.to_string(),
                "--seed",
                &order.seed.to_string(),
            ])
            .args(["--noise", "0.05", "--as-of", AS_OF, "--out"])
            .arg(&county))?;
    }
    // A county office has no truth beside its workbooks: what is measured reads the offices' folders alone.
    if county.join("truth").is_dir() {
        std::fs::rename(county.join("truth"), folder.join("truth"))
            .context("cannot move the truth aside")?;
    }

    let mut samples = Vec::new();
    for n in 1..=order.runs {
        let out = folder.join("out");
        if out.exists() {
            std::fs::remove_dir_all(&out).context("cannot clear the last run")?;
        }
        let sample = measure(&fujiao, &county, &out)?;
        println!(
            "run {n} of {}: {:.2} s, {} MiB",
            order.runs,
            sample.wall.as_secs_f64(),
            sample.peak_kib / 1024
        );
        samples.push(sample);
    }
    let record = record(order, &samples);
    let table = table(&record);
    println!("\n{table}");
    let commit = record["commit"].as_str().unwrap_or("uncommitted").to_owned();
    let results = root().join("bench/results");
    std::fs::create_dir_all(&results).context("cannot make bench/results")?;
    let stem = format!("run-{}-{commit}", order.people);
    std::fs::write(results.join(format!("{stem}.json")), format!("{record:#}\n"))?;
    std::fs::write(results.join(format!("{stem}.md")), table)?;
    println!("written: bench/results/{stem}.json, bench/results/{stem}.md");
    Ok(())
}

/// Runs once and watches `VmHWM`, which only grows: at most the last two milliseconds are missed.
fn measure(fujiao: &Path, county: &Path, out: &Path) -> Result<Sample> {
    let begun = Instant::now();
    let mut child = Command::new(fujiao)
        .arg("run")
        .arg(county)
        .arg("--out")
        .arg(out)
        .args(["--as-of", AS_OF, "--json"])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .context("fujiao did not start")?;
    let status_file = format!("/proc/{}/status", child.id());
    let mut peak_kib = 0;
    let status = loop {
        if let Some(kib) = std::fs::read_to_string(&status_file).ok().as_deref().and_then(peak) {
            peak_kib = peak_kib.max(kib);
        }
        if let Some(status) = child.try_wait().context("fujiao is lost")? {
            break status;
        }
        std::thread::sleep(Duration::from_millis(2));
    };
    let wall = begun.elapsed();
    if !status.success() {
        bail!("`fujiao run` failed ({status}); run it by hand on {}", county.display());
    }
    let text =
        std::fs::read_to_string(out.join("summary.json")).context("no summary.json was written")?;
    let summary = serde_json::from_str(&text).context("summary.json is no JSON")?;
    Ok(Sample { summary, wall, peak_kib })
}

/// `VmHWM` of a `/proc/…/status`, in KiB.
fn peak(status: &str) -> Option<u64> {
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.trim().trim_end_matches("kB").trim().parse().ok()
}

fn record(order: &Order, samples: &[Sample]) -> Value {
    let mut seconds = serde_json::Map::new();
    for phase in PHASES {
        let values: Vec<f64> =
            samples.iter().filter_map(|s| s.summary["seconds"][phase].as_f64()).collect();
        seconds.insert(phase.to_owned(), spread(values));
    }
    seconds
        .insert("wall".to_owned(), spread(samples.iter().map(|s| s.wall.as_secs_f64()).collect()));
    #[expect(clippy::cast_precision_loss, reason = "a KiB count is far below 2^52")]
    let peaks = samples.iter().map(|s| s.peak_kib as f64 / 1024.0).collect();
    json!({
        "people": order.people,
        "seed": order.seed,
        "runs": samples.len(),
        "as_of": AS_OF,
        "commit": says("git", &["describe", "--always", "--dirty", "--exclude=*"]),
        "machine": machine(),
        "rustc": says("rustc", &["--version"]),
        "rows": samples.last().map(|s| s.summary["rows"].clone()),
        "persons": samples.last().map(|s| s.summary["persons"].clone()),
        "seconds": seconds,
        "peak_mib": spread(peaks),
    })
}

/// Least, middle and greatest, to hundredths; null where nothing was measured.
fn spread(mut values: Vec<f64>) -> Value {
    values.sort_by(f64::total_cmp);
    let cut = |value: f64| (value * 100.0).round() / 100.0;
    match (values.first(), values.last()) {
        (Some(least), Some(greatest)) => json!({
            "min": cut(*least), "median": cut(values[values.len() / 2]), "max": cut(*greatest),
        }),
        _ => Value::Null,
    }
}

/// Processor, cores and load, as figures mean nothing without them.
fn machine() -> Value {
    let read = |file: &str| std::fs::read_to_string(file).unwrap_or_default();
    let cpu = read("/proc/cpuinfo");
    let model = cpu
        .lines()
        .find_map(|l| l.strip_prefix("model name"))
        .map(|m| m.trim_start_matches([' ', '\t', ':']));
    json!({
        "cpu": model,
        "cores": std::thread::available_parallelism().map(usize::from).ok(),
        "load_average": read("/proc/loadavg").split(' ').next(),
    })
}

fn table(record: &Value) -> String {
    let mut text = format!(
        "fujiao run, {} people, seed {}, {} runs, commit {}, {} on {} cores, load {}\n\n\
         |  | min | median | max |\n|---|---:|---:|---:|\n",
        record["people"],
        record["seed"],
        record["runs"],
        record["commit"].as_str().unwrap_or("?"),
        record["machine"]["cpu"].as_str().unwrap_or("an unknown processor"),
        record["machine"]["cores"],
        record["machine"]["load_average"].as_str().unwrap_or("?"),
    );
    let mut line = |name: &str, figures: &Value, unit: &str| {
        let show = |which: &str| {
            figures[which].as_f64().map_or_else(|| "–".to_owned(), |v| format!("{v:.2}"))
        };
        writeln!(
            text,
            "| {name} ({unit}) | {} | {} | {} |",
            show("min"),
            show("median"),
            show("max")
        )
        .expect("writing to a String");
    };
    for phase in PHASES.iter().chain(&["wall"]) {
        line(phase, &record["seconds"][phase], "s");
    }
    line("peak memory", &record["peak_mib"], "MiB");
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_order_reads_its_options() {
        let order = Order::parse(&["--people", "3000", "--runs", "2"]).unwrap();
        assert_eq!((order.people, order.seed, order.runs), (3000, 1, 2));
        for bad in [&["--people"][..], &["--people", "many"], &["--runs", "0"], &["--fast", "1"]] {
            assert!(Order::parse(bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn figures_spread_from_least_to_greatest() {
        assert_eq!(spread(vec![3.0, 1.004, 2.0]), json!({"min": 1.0, "median": 2.0, "max": 3.0}));
        assert_eq!(spread(vec![]), Value::Null);
        assert_eq!(peak("Name:\tx\nVmHWM:\t  103424 kB\n"), Some(103_424));
    }
}
