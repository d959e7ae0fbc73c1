//! The CSV files that `link` reads and writes.

use std::fs;
use std::io::{Read, Write};
use std::path::Path;

use anyhow::Context;
use fujiao_link::table::{Event, History, Outcome, Previous, Spec, Table, TableReader, Verdict};

use crate::commands::InputError;
use crate::folder;

/// Writes a file of many lines whole or not at all.
fn write_with(
    path: &Path,
    fill: impl FnOnce(&mut dyn Write) -> std::io::Result<()>,
) -> anyhow::Result<()> {
    folder::write_with(path, |file| {
        let mut out = std::io::BufWriter::with_capacity(1 << 18, file);
        fill(&mut out)
            .and_then(|()| out.flush())
            .with_context(|| format!("写不下 {}", path.display()))
    })
}

/// A cell of CSV.
fn cell(text: &str) -> std::borrow::Cow<'_, str> {
    if text.contains(['"', ',', '\n', '\r']) {
        format!("\"{}\"", text.replace('"', "\"\"")).into()
    } else {
        text.into()
    }
}

/// A number with so many digits behind the point. Rounding an integer is a tenth of the work of rounding a decimal.
fn write_number(out: &mut dyn Write, number: f64, digits: u32) -> std::io::Result<()> {
    let scale = 10_i64.pow(digits);
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_precision_loss,
        reason = "weights and probabilities are small"
    )]
    let scaled = (number * scale as f64).round() as i64;
    let sign = if scaled < 0 { "-" } else { "" };
    let (whole, rest) = (scaled.abs() / scale, scaled.abs() % scale);
    write!(out, "{sign}{whole}.{rest:0width$}", width = digits as usize)
}

pub(super) fn write_links(path: &Path, table: &Table, outcome: &Outcome) -> anyhow::Result<()> {
    write_with(path, |out| {
        writeln!(out, "left,right,weight,probability,verdict")?;
        for link in &outcome.links {
            let verdict = match link.verdict {
                Verdict::Same => "same",
                Verdict::Ask => "ask",
            };
            let (left, right) = (cell(table.id(link.left)), cell(table.id(link.right)));
            write!(out, "{left},{right},")?;
            write_number(out, link.weight, 4)?;
            write!(out, ",")?;
            write_number(out, link.probability(), 6)?;
            writeln!(out, ",{verdict}")?;
        }
        Ok(())
    })
}

pub(super) fn write_clusters(
    path: &Path,
    table: &Table,
    cluster: &[u32],
    history: &History<'_>,
) -> anyhow::Result<()> {
    write_with(path, |out| {
        writeln!(out, "id,cluster")?;
        for (row, root) in (0..).zip(cluster) {
            writeln!(out, "{},{}", cell(table.id(row)), cell(history.name(*root)))?;
        }
        Ok(())
    })
}

pub(super) fn write_events(path: &Path, events: &[Event]) -> anyhow::Result<()> {
    write_with(path, |out| {
        writeln!(out, "event,person,others")?;
        for event in events {
            let (what, person, others) = match event {
                Event::New { person } => ("new", person, String::new()),
                Event::Gone { person } => ("gone", person, String::new()),
                Event::Merged { into, from } => ("merged", into, from.join(";")),
                Event::Split { from, into } => ("split", from, into.join(";")),
            };
            writeln!(out, "{what},{},{}", cell(person), cell(&others))?;
        }
        Ok(())
    })
}

/// The columns of a CSV file by name, as records of texts.
pub(super) fn records<const N: usize>(
    path: &Path,
    wanted: [&str; N],
) -> anyhow::Result<Vec<(u64, [String; N])>> {
    let wrong = |why: String| anyhow::Error::new(InputError(format!("{}：{why}", path.display())));
    let mut reader = csv::Reader::from_path(path).map_err(|e| wrong(format!("读不到（{e}）")))?;
    let headers = reader.headers().map_err(|e| wrong(format!("表头读不出（{e}）")))?.clone();
    let mut at = [0; N];
    for (to, name) in at.iter_mut().zip(wanted) {
        let there: Vec<&str> =
            headers.iter().map(|h| h.trim().trim_start_matches('\u{feff}')).collect();
        *to = there
            .iter()
            .position(|h| *h == name)
            .ok_or_else(|| wrong(format!("没有“{name}”这一列；表头应为 {}", wanted.join(","))))?;
    }
    let mut all = Vec::new();
    for record in reader.records() {
        let record = record.map_err(|e| wrong(format!("读不出（{e}）")))?;
        let line = record.position().map_or(0, csv::Position::line);
        all.push((line, at.map(|n| record.get(n).unwrap_or_default().trim().to_owned())));
    }
    Ok(all)
}

/// Row names with person names, as `--clusters` wrote them.
pub(super) fn previous(path: &Path) -> anyhow::Result<Previous> {
    let spec = Previous::spec();
    Ok(Previous::of(read_tables(&spec, &[path], &[])?))
}

/// Reads tables a few megabytes at a time.
pub(super) fn read_tables(spec: &Spec, paths: &[&Path], more: &[&str]) -> anyhow::Result<Table> {
    let mut reader = TableReader::new(spec, more);
    let mut buffer = vec![0; 4 << 20];
    for path in paths {
        let cannot = || format!("读不到 {}", path.display());
        let mut file = fs::File::open(path).with_context(cannot)?;
        let bytes = file.metadata().map_or(0, |m| m.len());
        reader.begin(&path.file_name().unwrap_or_default().to_string_lossy(), bytes);
        loop {
            let length = file.read(&mut buffer).with_context(cannot)?;
            if length == 0 {
                break;
            }
            reader.feed(&buffer[..length])?;
        }
        reader.end()?;
    }
    Ok(reader.finish()?)
}
