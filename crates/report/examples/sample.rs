//! Writes every document of a county that exists nowhere: `cargo run -p fujiao-report --example sample -- OUT [LINES]`.
#![expect(clippy::print_stdout, reason = "an example tells what it wrote")]

use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use fujiao_model::{Area, Because, Division, Duty, Period, Subject, Unit};
use fujiao_report::{
    AidLine, AidSum, AreaFigures, ContactMonth, Count, CountyReport, CourseFigures, Cover, GapLine,
    MealFigures, MealMonth, PairingFigures, PlanFigures, SchoolingFigures, Settled, TownFigures,
    TrainingFigures, charts, gaps_csv, gaps_workbook, problems, report_docx, tally,
};

use jiff::civil::date;

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

    let duties = duties(500_000);
    let done: Vec<i64> = duties.iter().map(|duty| duty.quantity - duty.quantity % 2).collect();
    let start = Instant::now();
    let totals = tally(
        Settled { duties: &duties, done: &done, deeds: &[], excesses: &[] },
        report.as_of,
        &|_, kind| kind.into(),
        &|place| place.map_or_else(String::new, |p| p.town().to_string()).into(),
    );
    println!(
        "tally {} duties, {} towns, {:.2?}",
        duties.len(),
        totals.towns.len(),
        start.elapsed()
    );

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

/// Meals of many months and some aid, over 200 villages of 20 towns.
fn duties(n: u64) -> Vec<Duty> {
    let kinds: Vec<(Area, Arc<str>, Unit)> = vec![
        (Area::Meals, "meal".into(), Unit::Meal),
        (Area::Aid, "comp.living.boarder".into(), Unit::Fen),
        (Area::Pairing, "contact".into(), Unit::Contact),
    ];
    let text: Arc<str> = "".into();
    (0..n)
        .map(|i| {
            let (area, kind, unit) = &kinds[usize::try_from(i * 3 / n).unwrap_or(0)];
            Duty {
                area: *area,
                kind: Arc::clone(kind),
                subject: Subject::person(i % 40_000),
                period: Period::Month(2024, 9),
                quantity: 20 + i64::try_from(i % 3).unwrap_or(0),
                unit: *unit,
                due_on: date(2024, 9, 30),
                bearer: Arc::clone(&text),
                place: Division::from_code(619_999_100_200 + (i % 20) * 1_000 + i % 200 / 20).ok(),
                because: Because {
                    rule: Arc::clone(&text),
                    basis: Arc::clone(&text),
                    facts: Arc::clone(&text),
                    sources: Vec::new(),
                },
            }
        })
        .collect()
}
