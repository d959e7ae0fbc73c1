//! How long a file of 100 000 lines takes: written, read back and reconciled.
//!
//! `cargo run --release -p fujiao-ledger --example reconcile -- [LINES]`

#![expect(clippy::print_stdout, reason = "an example talks to its user")]

use std::time::Instant;

use fujiao_ledger::channel::{Batch, PayLine, Payer};
use fujiao_ledger::returns::{Body, Sent, Words, read, reconcile};
use fujiao_model::Money;
use jiff::civil::date;

fn main() {
    let lines: u32 =
        std::env::args().nth(1).map_or(100_000, |n| n.parse().expect("a number of lines"));
    let batch = Batch {
        file: "619999-7-1".to_owned(),
        made_at: date(2024, 11, 20).at(9, 0, 0, 0),
        pay_on: date(2024, 11, 21),
        payer: Payer {
            name: "县中心".to_owned(),
            account: "2700000000000001".to_owned(),
            bank: String::new(),
            bank_code: None,
        },
        lines: (1..=lines)
            .map(|n| PayLine {
                key: format!("7-{n}"),
                name: "张三丰".to_owned(),
                account: format!("623028{n:013}"),
                bank: "某县农商行".to_owned(),
                bank_code: None,
                amount: Money::fen(62_500 + i64::from(n)),
                note: "2024秋".to_owned(),
            })
            .collect(),
    };
    let began = Instant::now();
    let bytes = batch.text().expect("a sound batch");
    println!("text: {} lines, {} bytes in {:.0?}", lines, bytes.len(), began.elapsed());
    let began = Instant::now();
    let xml = batch.pain_001().expect("a sound batch");
    println!("pain.001: {} bytes in {:.0?}", xml.len(), began.elapsed());
    // The bank: all lines in the opposite order, one in forty comes back.
    let text = encoding_rs::GB18030.decode(&bytes).0;
    let mut answered: Vec<String> = text
        .lines()
        .filter(|line| line.starts_with('D'))
        .zip(1_u32..)
        .map(|(line, n)| format!("{line}|{}|\r\n", if n % 40 == 0 { "F" } else { "0000" }))
        .collect();
    answered.reverse();
    let (first, last) = (text.lines().next().expect("H"), text.lines().last().expect("T"));
    let back = format!("{first}\r\n{}{last}\r\n", answered.concat());
    let back = encoding_rs::GB18030.encode(&back).0;
    let began = Instant::now();
    let back = read(Body::Bytes(&back), &Words::default()).unwrap_or_else(|f| panic!("{}", f[0]));
    let read_in = began.elapsed();
    let sent: Vec<Sent> = batch
        .lines
        .iter()
        .map(|l| Sent {
            key: l.key.clone(),
            account: l.account.clone(),
            amount: l.amount,
            told: None,
        })
        .collect();
    let began = Instant::now();
    let got = reconcile(&batch.file, &sent, &back).unwrap_or_else(|f| panic!("{f}"));
    println!(
        "read in {read_in:.0?}, reconciled in {:.0?}: {} paid, {} returned, closes: {}",
        began.elapsed(),
        got.paid.lines,
        got.returned.lines,
        got.closes().is_ok()
    );
}
