//! Prints what intake makes of every workbook in a folder: kinds, header rows, columns it does not know, counts.
//!
//! `cargo run --release -p fujiao-intake --example survey -- DIR [--findings] [--columns]`

#![expect(clippy::print_stdout, reason = "its purpose")]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use fujiao_intake::{Lexicon, Sureness, Workbook, read};
use fujiao_model::RowVerdict;

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

fn main() -> std::io::Result<()> {
    let mut arguments = std::env::args().skip(1);
    let folder = PathBuf::from(arguments.next().expect("the folder is the first argument"));
    let options: Vec<String> = arguments.collect();
    let all_findings = options.iter().any(|a| a == "--findings");
    let all_columns = options.iter().any(|a| a == "--columns");
    let mut paths = Vec::new();
    files(&folder, &mut paths)?;
    paths.sort();
    let lexicon = Lexicon::default();
    let mut totals: BTreeMap<String, [usize; 4]> = BTreeMap::new();
    let mut unknown: BTreeMap<(String, String), usize> = BTreeMap::new();
    let mut guessed: BTreeMap<(String, String, &str, u8), usize> = BTreeMap::new();
    let mut kinds_of_findings: BTreeMap<(String, &str, &str), (usize, String)> = BTreeMap::new();
    let (mut bytes_read, mut seconds) = (0, 0.0);
    for path in &paths {
        let bytes = std::fs::read(path)?;
        bytes_read += bytes.len();
        let name = path.strip_prefix(&folder).unwrap_or(path).to_string_lossy().into_owned();
        let start = std::time::Instant::now();
        let intake = read(&Workbook { name: &name, bytes: &bytes }, &lexicon);
        seconds += start.elapsed().as_secs_f64();
        let intake = match intake {
            Ok(intake) => intake,
            Err(error) => {
                println!("✗ {error}");
                continue;
            }
        };
        for sheet in &intake.sheets {
            let kind = sheet.kind.map_or("?", fujiao_model::RosterKind::code).to_owned();
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
            let total = totals.entry(kind.clone()).or_default();
            for (sum, n) in total.iter_mut().zip(counts) {
                *sum += n;
            }
            for column in &sheet.columns {
                if all_columns {
                    println!(
                        "    {} {:?} {:?} {:?}",
                        column.at, column.header, column.field, column.sure
                    );
                }
                match (column.field, column.sure) {
                    (Some(field), Sureness::Guessed(score)) => {
                        let key = (kind.clone(), column.header.clone(), field.code(), score);
                        *guessed.entry(key).or_default() += 1;
                    }
                    (None, Sureness::Unknown) => {
                        *unknown.entry((kind.clone(), column.header.clone())).or_default() += 1;
                    }
                    _ => {}
                }
            }
            for finding in &sheet.findings {
                let field = finding.field.map_or("", fujiao_model::Field::code);
                let key = (kind.clone(), finding.kind.code(), field);
                let entry = kinds_of_findings.entry(key).or_default();
                entry.0 += 1;
                if entry.0 <= if all_findings { 8 } else { 1 } {
                    entry.1 +=
                        &format!("\n      {name} 第{}行 {}", finding.cell.row, finding.reason);
                }
            }
        }
    }
    println!(
        "\n{} files, {} KB, {seconds:.2} s of reading on one core",
        paths.len(),
        bytes_read / 1024
    );
    println!("\nkind: read = good + parked + refused");
    for (kind, [read, good, parked, refused]) in totals {
        println!("  {kind}: {read} = {good} + {parked} + {refused}");
    }
    println!("\ncolumns guessed");
    for ((kind, header, field, score), n) in guessed {
        println!("  {kind} {header:?} → {field} ({score}) ×{n}");
    }
    println!("\ncolumns unknown");
    for ((kind, header), n) in unknown {
        println!("  {kind} {header:?} ×{n}");
    }
    println!("\nfindings");
    for ((kind, finding, field), (n, examples)) in kinds_of_findings {
        println!("  {kind} {finding} {field} ×{n}{examples}");
    }
    Ok(())
}
