//! Prints what intake makes of every workbook in a folder: kinds, header rows, columns it does not know, counts.
//!
//! `cargo run --release -p fujiao-intake --example survey -- DIR [--findings] [--columns]`

#![expect(clippy::print_stdout, reason = "its purpose")]

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use fujiao_intake::{Lexicon, Sheet, Sureness, Workbook, read};
use fujiao_model::{Field, RosterKind, RowVerdict};

fn files(folder: &Path, found: &mut Vec<PathBuf>) -> std::io::Result<()> {
    if folder.is_file() {
        found.push(folder.to_owned());
        return Ok(());
    }
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy().to_lowercase();
        if path.is_dir() {
            if name != "truth" {
                files(&path, found)?;
            }
        } else if [".xlsx", ".xls", ".csv"].iter().any(|end| name.ends_with(end)) {
            found.push(path);
        }
    }
    Ok(())
}

/// What was seen in all files together.
#[derive(Default)]
struct Survey {
    totals: BTreeMap<&'static str, [usize; 4]>,
    unknown: BTreeMap<(&'static str, String), usize>,
    guessed: BTreeMap<(&'static str, String, &'static str, u8), usize>,
    findings: BTreeMap<(&'static str, &'static str, &'static str), (usize, String)>,
    examples: usize,
    columns: bool,
}

impl Survey {
    fn sheet(&mut self, name: &str, sheet: &Sheet) {
        let kind = sheet.kind.map_or("?", RosterKind::code);
        let count = |verdict| sheet.count(verdict);
        let counts = [
            sheet.rows_read as usize,
            count(RowVerdict::Good),
            count(RowVerdict::Parked),
            count(RowVerdict::Refused),
        ];
        let context: Vec<String> = sheet
            .context
            .iter()
            .map(|(field, value)| format!("{}={}", field.code(), value.stored()))
            .collect();
        println!(
            "{name} [{}] {kind} {} header {:?} rows {} = {} + {} + {} {}",
            sheet.name,
            sheet.kind_score,
            sheet.header_rows,
            counts[0],
            counts[1],
            counts[2],
            counts[3],
            context.join(" ")
        );
        assert_eq!(counts[0], counts[1] + counts[2] + counts[3], "every row has one verdict");
        let total = self.totals.entry(kind).or_default();
        for (sum, n) in total.iter_mut().zip(counts) {
            *sum += n;
        }
        for column in &sheet.columns {
            if self.columns {
                println!(
                    "    {} {:?} {} {:?}",
                    column.at,
                    column.header,
                    column.field.map_or("—", Field::code),
                    column.sure
                );
            }
            match (column.field, column.sure) {
                (Some(field), Sureness::Guessed(score)) => {
                    let key = (kind, column.header.clone(), field.code(), score);
                    *self.guessed.entry(key).or_default() += 1;
                }
                (None, Sureness::Unknown) => {
                    *self.unknown.entry((kind, column.header.clone())).or_default() += 1;
                }
                _ => {}
            }
        }
        for finding in &sheet.findings {
            let field = finding.field.map_or("", Field::code);
            let entry = self.findings.entry((kind, finding.kind.code(), field)).or_default();
            entry.0 += 1;
            if entry.0 <= self.examples {
                let (row, reason) = (finding.cell.row, &finding.reason);
                let _ = write!(entry.1, "\n      {name} 第{row}行 {reason}");
            }
        }
    }

    fn print(&self) {
        println!("\nkind: read = good + parked + refused");
        for (kind, [read, good, parked, refused]) in &self.totals {
            println!("  {kind}: {read} = {good} + {parked} + {refused}");
        }
        println!("\ncolumns guessed");
        for ((kind, header, field, score), n) in &self.guessed {
            println!("  {kind} {header:?} → {field} ({score}) ×{n}");
        }
        println!("\ncolumns unknown");
        for ((kind, header), n) in &self.unknown {
            println!("  {kind} {header:?} ×{n}");
        }
        println!("\nfindings");
        for ((kind, finding, field), (n, examples)) in &self.findings {
            println!("  {kind} {finding} {field} ×{n}{examples}");
        }
    }
}

fn main() -> std::io::Result<()> {
    let mut arguments = std::env::args().skip(1);
    let folder = PathBuf::from(arguments.next().expect("the folder is the first argument"));
    let options: Vec<String> = arguments.collect();
    let option = |name: &str| options.iter().any(|a| a == name);
    let mut survey = Survey {
        examples: if option("--findings") { 8 } else { 1 },
        columns: option("--columns"),
        ..Survey::default()
    };
    let mut paths = Vec::new();
    files(&folder, &mut paths)?;
    paths.sort();
    let lexicon = Lexicon::default();
    let (mut bytes_read, mut seconds) = (0, 0.0);
    for path in &paths {
        let bytes = std::fs::read(path)?;
        bytes_read += bytes.len();
        let name = path.strip_prefix(&folder).unwrap_or(path).to_string_lossy().into_owned();
        let start = std::time::Instant::now();
        let intake = read(&Workbook { name: &name, bytes: &bytes }, &lexicon);
        seconds += start.elapsed().as_secs_f64();
        match intake {
            Ok(intake) => intake.sheets.iter().for_each(|sheet| survey.sheet(&name, sheet)),
            Err(error) => println!("✗ {error}"),
        }
    }
    println!(
        "\n{} files, {} KB, {seconds:.2} s of reading on one core",
        paths.len(),
        bytes_read / 1024
    );
    survey.print();
    Ok(())
}
