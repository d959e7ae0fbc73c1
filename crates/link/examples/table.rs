//! Links CSV files by a spec and measures the result; for trying specs without building the whole program.
//!
//! `cargo run --release -p fujiao-link --example table -- SPEC.toml TRUTH-COLUMN A.csv [B.csv]`
#![expect(clippy::print_stdout, reason = "an example talks to who started it")]

use std::time::Instant;

use fujiao_link::table::{Known, Linker, Source, Spec, Table, Truth};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let (spec, truth, files) = (&args[0], &args[1], &args[2..]);
    let spec = Spec::parse(&std::fs::read_to_string(spec)?)
        .map_err(|faults| faults.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))?;
    let start = Instant::now();
    let lap = |what: &str| println!("{what:<12}{:.3} s", start.elapsed().as_secs_f64());
    let bytes: Vec<Vec<u8>> = files.iter().map(std::fs::read).collect::<Result<_, _>>()?;
    let sources: Vec<Source<'_>> =
        files.iter().zip(&bytes).map(|(name, bytes)| Source { name, bytes }).collect();
    let table = Table::read(&spec, &sources, &[truth])?;
    drop(bytes);
    lap("read");
    let linker = Linker::new(&table, &spec, false);
    lap("prepared");
    let outcome = linker.link(&Known::default())?;
    lap("linked");
    for rule in &outcome.rules {
        println!(
            "{:<50} {:>10} pairs, largest {:>6}, left out {}",
            rule.rule, rule.pairs, rule.largest, rule.left_out
        );
    }
    println!("compared {}, refused {}", outcome.compared, outcome.refused);
    println!("prior {:.3e}, {} rounds", outcome.model.prior(), outcome.model.rounds());
    for level in outcome.model.levels(&spec) {
        println!(
            "{:<16} {:<50} m {:.5} u {:.3e} weight {:+.2}",
            level.comparison, level.level, level.m, level.u, level.weight
        );
    }
    if let Some(truth) = Truth::of(&table, truth, false) {
        let say = |what: &str, m: fujiao_link::table::Measured| {
            println!(
                "{what:<10} precision {:.5} recall {:.5} F1 {:.5}  said {} right {} of {}",
                m.precision(),
                m.recall(),
                m.f1(),
                m.said,
                m.right,
                m.truly
            );
        };
        say("links", truth.links(&outcome));
        let (at, best) = truth.best(&outcome);
        say("best", best);
        println!("at weight {at:.2}");
        say("clusters", truth.clusters(&outcome));
    }
    Ok(())
}
