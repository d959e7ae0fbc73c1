//! Writes every document of a county that exists nowhere: `cargo run -p fujiao-report --example sample -- OUT [LINES]`.
#![expect(clippy::print_stdout, reason = "an example tells what it wrote")]

use std::path::Path;
use std::time::Instant;

use fujiao_report::{
    AidLine, AidSum, AreaFigures, ContactMonth, Count, CountyReport, CourseFigures, Cover, GapLine,
    MealFigures, MealMonth, PairingFigures, SchoolingFigures, TownFigures, TrainingFigures, charts,
    gaps_csv, gaps_workbook, problems, report_docx,
};

#[path = "../src/sample.rs"]
mod sample;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut args = std::env::args().skip(1);
    let out = args.next().ok_or("usage: sample OUT [LINES]")?;
    let count: usize = args.next().map_or(Ok(2_000), |n| n.parse())?;
    let out = Path::new(&out);
    std::fs::create_dir_all(out)?;
    let lines = sample::lines(count);

    let start = Instant::now();
    let book = gaps_workbook(&lines, &sample::cover())?;
    println!("gaps.xlsx {} lines, {} bytes, {:.2?}", lines.len(), book.len(), start.elapsed());
    std::fs::write(out.join("gaps.xlsx"), book)?;

    let start = Instant::now();
    let csv = gaps_csv(&lines);
    println!("gaps.csv {} bytes, {:.2?}", csv.len(), start.elapsed());
    std::fs::write(out.join("gaps.csv"), csv)?;

    let start = Instant::now();
    let report = sample::report();
    let found = problems(&lines, &report.areas, report.as_of);
    println!("problems {}, {:.2?}", found.len(), start.elapsed());

    for (name, report) in [("report.docx", report), ("bare.docx", sample::bare())] {
        let start = Instant::now();
        let docx = report_docx(&report)?;
        println!("{name} {} bytes, {:.2?}", docx.len(), start.elapsed());
        std::fs::write(out.join(name), docx)?;
    }
    for (name, svg) in charts(&sample::report()) {
        println!("{name} {} bytes", svg.len());
        std::fs::write(out.join(name), svg)?;
    }
    Ok(())
}
