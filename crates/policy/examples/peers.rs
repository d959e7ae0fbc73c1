//! The nine programmes of `bench/policy/rules.toml` over a table that `bench/policy/peers.py` wrote, timed: amounts only, or
//! with the reason of every row and programme. See bench/policy/README.md.
//!
//! `cargo run --release -p fujiao-policy --example peers -- RULES.toml FOLDER amounts|reasons`
#![expect(clippy::print_stdout, reason = "a benchmark prints its figures")]

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::time::Instant;

use fujiao_model::Period;
use fujiao_policy::{Frame, FrameKind, PolicyFile, PolicySet, assess_all, tally};
use jiff::civil::{Date, date};

/// As the program allocates (ADR 0012).
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

type Error = Box<dyn std::error::Error>;

const STAGES: [&str; 7] =
    ["none", "preschool", "primary", "junior", "senior", "vocational", "higher"];
const KINDS: [&str; 5] =
    ["ordinary", "lifted_household", "unstable_lifted", "at_risk_marginal", "sudden_hardship"];

/// Columns as the peers hold them: whole numbers, four bytes each.
struct Columns<'a>(&'a Path);

impl Columns<'_> {
    fn ints(&self, name: &str) -> Result<Vec<i32>, Error> {
        let bytes = fs::read(self.0.join(format!("{name}.i32")))?;
        Ok(bytes.as_chunks::<4>().0.iter().map(|b| i32::from_le_bytes(*b)).collect())
    }
}

struct Inputs {
    hh: Vec<i32>,
    born: Vec<Date>,
    stages: [Vec<i32>; 2],
    flags: Vec<(&'static str, Vec<i32>)>,
    tuition: Vec<i32>,
    kind: Vec<i32>,
    income: Vec<i32>,
    size: Vec<i32>,
    attend: Vec<Vec<i32>>,
}

fn read(columns: &Columns<'_>) -> Result<Inputs, Error> {
    let hh = columns.ints("hh")?;
    let houses = hh.iter().max().map_or(0, |h| usize::try_from(*h).expect("a place") + 1);
    let mut sizes = vec![0; houses];
    let at = |h: &i32| usize::try_from(*h).expect("a place");
    for h in &hh {
        sizes[at(h)] += 1;
    }
    let of_house = |values: &[i32]| hh.iter().map(|h| values[at(h)]).collect::<Vec<i32>>();
    let years = columns.ints("birth_year")?;
    let months = columns.ints("birth_month")?;
    let day = |(y, m): (&i32, &i32)| -> Result<Date, Error> {
        Ok(Date::new(i16::try_from(*y)?, i8::try_from(*m)?, 1)?)
    };
    let born = years.iter().zip(&months).map(day).collect::<Result<_, _>>()?;
    let attend = (0..12).map(|m| columns.ints(&format!("attend{m}"))).collect::<Result<_, _>>()?;
    let mut flags = Vec::new();
    for (name, file) in [
        ("boards", "boarding"),
        ("disabled", "disabled"),
        ("orphan", "orphan"),
        ("martyr_child", "martyr"),
        ("rural_hukou", "rural"),
        ("in_training", "in_training"),
    ] {
        flags.push((name, columns.ints(file)?));
    }
    Ok(Inputs {
        born,
        stages: [columns.ints("stage_spring")?, columns.ints("stage_autumn")?],
        flags,
        tuition: columns.ints("tuition")?,
        kind: of_house(&columns.ints("category")?),
        income: of_house(&columns.ints("income")?),
        size: of_house(&sizes),
        attend,
        hh,
    })
}

fn frames(inputs: &Inputs) -> Result<Vec<Frame>, Error> {
    let rows = inputs.hh.len();
    let mut base = Frame::new(FrameKind::Resident, rows);
    for (name, values) in &inputs.flags {
        base.set_flags(name, values.iter().map(|v| Some(*v != 0)))?;
    }
    let ints = |v: &'_ [i32]| v.iter().map(|n| Some(i64::from(*n))).collect::<Vec<_>>();
    base.set_dates("born", inputs.born.iter().map(|d| Some(*d)))?;
    base.set_ints("tuition_fee", ints(&inputs.tuition))?;
    base.set_ints("household_income", ints(&inputs.income))?;
    base.set_ints("household_size", ints(&inputs.size))?;
    let code = |table: &'static [&'static str], n: &i32| {
        usize::try_from(*n).ok().and_then(|n| table.get(n).copied())
    };
    base.set_codes("household_kind", inputs.kind.iter().map(|k| code(&KINDS, k)))?;
    let mut halves = Vec::new();
    for stages in &inputs.stages {
        let mut half = base.clone();
        half.set_codes("attends", stages.iter().map(|s| code(&STAGES, s)))?;
        halves.push(half);
    }
    let mut frames = Vec::new();
    for (m, days) in inputs.attend.iter().enumerate() {
        let mut frame = halves[usize::from(m >= 8)].clone();
        frame.set_ints("attended_days", ints(days))?;
        frames.push(frame);
    }
    Ok(frames)
}

fn main() -> Result<(), Error> {
    let arguments: Vec<String> = std::env::args().collect();
    let [_, rules, folder, mode] = &arguments[..] else {
        return Err("peers RULES.toml FOLDER amounts|reasons".into());
    };
    let text = fs::read_to_string(rules)?;
    let set = PolicySet::load(&[PolicyFile { path: rules, text: &text }])
        .map_err(|faults| faults.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))?;
    let inputs = read(&Columns(Path::new(folder)))?;
    let started = Instant::now();
    let frames = frames(&inputs)?;
    let set_inputs = started.elapsed().as_secs_f64();
    let cases: Vec<(&Frame, Period)> =
        frames.iter().zip(1..).map(|(f, m)| (f, Period::Month(2025, m))).collect();
    let as_of = date(2025, 12, 31);
    let houses = inputs.hh.iter().max().map_or(0, |h| usize::try_from(*h).expect("a place") + 1);

    let started = Instant::now();
    let mut sums: BTreeMap<String, i64> = BTreeMap::new();
    let mut house_fen = vec![0_i64; houses];
    let mut answers = 0;
    if mode == "amounts" {
        let tally = tally(&set, &cases, as_of, None);
        for line in &tally.lines {
            *sums.entry(line.key.to_string()).or_default() += line.total.fen;
        }
        for (h, fen) in inputs.hh.iter().zip(&tally.row_fen) {
            house_fen[usize::try_from(*h).expect("a place")] += fen;
        }
    } else {
        let results = assess_all(&set, &cases, as_of);
        for result in results.iter().flatten() {
            answers += if result.in_force { inputs.hh.len() } else { 0 };
            let sum = sums.entry(result.key.to_string()).or_default();
            for (row, fen) in result.due() {
                *sum += fen;
                house_fen[usize::try_from(inputs.hh[row]).expect("a place")] += fen;
            }
        }
    }
    let calculate = started.elapsed().as_secs_f64();
    let units = 48 * inputs.hh.len();
    let sums: Vec<String> = sums.iter().map(|(key, fen)| format!("\"{key}\": {fen}")).collect();
    println!(
        "{{\"engine\": \"fujiao {mode}\", \"threads\": {}, \"set_inputs_s\": {set_inputs:.4}, \"calculate_s\": {calculate:.4}, \
         \"units\": {units}, \"answers\": {answers}, \"checksum_fen\": {{{}}}, \"household_year_fen\": {}}}",
        rayon::current_num_threads(),
        sums.join(", "),
        house_fen.iter().sum::<i64>()
    );
    Ok(())
}
