//! Makes a county into a folder: `county OUT [--people 20000] [--seed 1] [--noise 0.05] [--county 611026] [--as-of 2025-10-15]`.
#![expect(clippy::print_stdout, reason = "an example prints what it made")]

use std::path::PathBuf;
use std::{env, fs, io};

use fujiao_synth::{Order, Sink, make};

struct Folder(PathBuf);

impl Sink for Folder {
    fn put(&mut self, path: &str, bytes: Vec<u8>) -> io::Result<()> {
        let path = self.0.join(path);
        fs::create_dir_all(path.parent().unwrap_or(&self.0))?;
        fs::write(path, bytes)
    }
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let words: Vec<String> = env::args().skip(1).collect();
    let option =
        |name: &str| words.iter().position(|w| w == name).and_then(|at| words.get(at + 1)).cloned();
    let out = words.first().ok_or("say where: county OUT")?;
    let order = Order {
        county: option("--county").map(|c| c.parse()).transpose()?,
        people: option("--people").map_or(Ok(20_000), |p| p.parse())?,
        seed: option("--seed").map_or(Ok(1), |s| s.parse())?,
        noise: option("--noise").map_or(Ok(0.05), |n| n.parse())?,
        as_of: option("--as-of").map_or(Ok(jiff::civil::date(2025, 10, 15)), |d| d.parse())?,
    };
    let summary = make(&order, &mut Folder(out.into()))?;
    println!(
        "{} {}：{} 人，{} 户",
        summary.county_name, summary.county_code, summary.people, summary.households
    );
    for (kind, rows) in &summary.rows {
        println!("{:<16} {:>4} 个工作簿 {rows:>8} 行", kind.code(), summary.workbooks[kind]);
    }
    for (trouble, count) in &summary.troubles {
        println!("{trouble:<16} {count:>8}");
    }
    Ok(())
}
