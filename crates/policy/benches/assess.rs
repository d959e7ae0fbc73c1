//! Rows × programmes × terms a second, with the reason of every row: `cargo bench -p fujiao-policy`.
#![expect(clippy::print_stdout, reason = "a benchmark prints its figures")]

use std::time::Instant;

use fujiao_model::{Period, Term};
use fujiao_policy::{
    COLUMNS, ColumnType, Entitlement, Explainer, Frame, FrameKind, PolicySet, assess,
};
use jiff::civil::date;

const ROWS: usize = 200_000;

/// Pupils with plausible shares: one in five in a hardship group, one fact in a hundred not on file.
fn pupils() -> Frame {
    let mut state = 1_u64;
    let mut next = move || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state >> 11
    };
    let mut frame = Frame::new(FrameKind::Pupil, ROWS);
    for c in COLUMNS.iter().filter(|c| c.frames.contains(&FrameKind::Pupil)) {
        let often = if matches!(c.name, "boards" | "day" | "rural_school" | "in_province") {
            50
        } else {
            5
        };
        let done = match c.column_type {
            ColumnType::Flag => frame.set_flags(
                c.name,
                (0..ROWS).map(|_| {
                    let n = next() % 100;
                    (n < 99).then_some(n < often)
                }),
            ),
            ColumnType::Int => {
                frame.set_ints(c.name, (0..ROWS).map(|_| i64::try_from(next() % 4 + 1).ok()))
            }
            ColumnType::Code(_) | ColumnType::Text(_) => {
                let codes = c.column_type.values();
                let place = |n: u64| usize::try_from(n).expect("53 bits fit") % codes.len();
                frame.set_codes(c.name, (0..ROWS).map(|_| Some(codes[place(next())].0)))
            }
            ColumnType::Date => Ok(()),
        };
        done.expect("a pupil column");
    }
    frame
}

fn main() {
    let start = Instant::now();
    let set = PolicySet::builtin();
    println!("load the built-in files: {:?}", start.elapsed());
    let frame = pupils();
    let as_of = date(2025, 10, 15);
    for run in 1..=3 {
        let (mut answers, mut due, mut fen, mut asked) = (0, 0, 0, 0);
        let mut term: Term = "2021A".parse().expect("a term");
        let start = Instant::now();
        for _ in 0..8 {
            let results = assess(&set, &frame, Period::Term(term), as_of).expect("a pupil frame");
            for result in &results {
                answers += ROWS;
                due += result.due().count();
                fen += result.due().map(|(_, n)| n).sum::<i64>();
                asked += result.asked().count();
            }
            term = term.next();
        }
        let took = start.elapsed();
        println!(
            "run {run}: 8 terms, {answers} answers with reasons in {took:?} ({:.0} million a second); {due} due, {fen} fen, {asked} asked",
            f64::from(u32::try_from(answers).expect("millions")) / took.as_secs_f64() / 1e6
        );
    }
    let period = Period::Term("2025S".parse().expect("a term"));
    let results = assess(&set, &frame, period, as_of).expect("a pupil frame");
    let start = Instant::now();
    let (mut told, mut bytes) = (0, 0);
    for result in &results {
        let mut explainer = Explainer::new(&set, &frame, result, as_of);
        for (row, _) in result.due() {
            bytes += explainer.why(row).facts.len();
            told += 1;
        }
    }
    println!("why, for {told} due rows of one term: {:?}, {bytes} bytes of text", start.elapsed());
    let start = Instant::now();
    let mut told = 0;
    for result in &results {
        let mut explainer = Explainer::new(&set, &frame, result, as_of);
        for row in 0..ROWS {
            if let answer @ Entitlement::NotDue(_) = result.entitlement(row) {
                told += usize::from(!explainer.sentence(row, answer).is_empty());
            }
        }
    }
    println!("why not, for {told} rows of one term: {:?}", start.elapsed());
}
