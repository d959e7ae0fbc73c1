//! A payment list as .csv: `cargo bench -p fujiao-intake`.

use std::fmt::Write as _;

use fujiao_intake::{Lexicon, Workbook, read};

fn main() {
    divan::main();
}

/// A list of `rows` payments, with titles above the header.
fn list(rows: u32) -> String {
    let mut text = String::from("岚川县2024年秋季学期寄宿生生活补助发放名册\n");
    text.push_str(
        "序号,学生姓名,身份证号码,就读学校,年级,班级,资助项目,资助金额（元）,发放日期,银行卡号\n",
    );
    for n in 0..rows {
        let name = char::from_u32(0x4e00 + n % 5_000).expect("a Han character");
        writeln!(
            text,
            "{n},李{name},,云台镇中心小学,五年级,2班,寄宿生生活补助,625.00,2024-11-20,629900{n:013}"
        )
        .expect("a String takes any text");
    }
    text
}

#[divan::bench(args = [1_000, 10_000, 100_000], sample_count = 5)]
fn payment_list(bencher: divan::Bencher<'_, '_>, rows: u32) {
    let text = list(rows);
    let lexicon = Lexicon::default();
    bencher.counter(divan::counter::ItemsCount::new(rows)).bench(|| {
        read(&Workbook { name: "名册.csv", bytes: divan::black_box(text.as_bytes()) }, &lexicon)
    });
}
