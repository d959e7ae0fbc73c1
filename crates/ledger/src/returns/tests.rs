use std::fmt::Write as _;

use fujiao_model::Money;
use proptest::prelude::*;

use super::*;
use crate::channel::{Batch, PayLine, Payer, plain_yuan};

fn money(text: &str) -> Money {
    text.parse().unwrap()
}

fn sent(lines: &[(&str, &str, &str)]) -> Vec<Sent> {
    lines
        .iter()
        .map(|(key, account, amount)| Sent {
            key: (*key).to_owned(),
            account: (*account).to_owned(),
            amount: money(amount),
            told: None,
        })
        .collect()
}

fn three() -> Vec<Sent> {
    sent(&[
        ("7-1", "6230280000000000001", "625.00"),
        ("7-2", "6230280000000000019", "312.50"),
        ("7-3", "6230280000000000027", "937.50"),
    ])
}

fn faults(text: &str) -> Vec<String> {
    faults_of(text.as_bytes())
}

fn faults_of(bytes: &[u8]) -> Vec<String> {
    let Err(faults) = read(Body::Bytes(bytes), &Words::default()) else {
        panic!("this return should not be readable");
    };
    faults.iter().map(ToString::to_string).collect()
}

fn taken(bytes: &[u8]) -> Reconciliation {
    let back = read(Body::Bytes(bytes), &Words::default())
        .unwrap_or_else(|faults| panic!("{}", faults[0]));
    reconcile("619999-7-1", &three(), &back).unwrap_or_else(|fault| panic!("{fault}"))
}

const GOOD: &str = "业务号,收款账号,收款户名,金额,处理结果,失败原因
7-1,6230280000000000001,张三,625.00,成功,
7-2,6230280000000000019,李四,312.50,失败,户名不符
7-3,6230280000000000027,王五,937.50,成功,
";

/// What banks do to a good file, and what is read from it all the same.
#[test]
fn a_good_return_reads_alike_in_every_dress() {
    let plain = taken(GOOD.as_bytes());
    assert_eq!(plain.closes(), Ok(()));
    assert_eq!(plain.verdicts, [Verdict::Paid, Verdict::Returned, Verdict::Paid]);
    assert_eq!((plain.paid.lines, plain.paid.amount), (2, money("1562.50")));
    assert_eq!((plain.returned.lines, plain.returned.amount), (1, money("312.50")));
    let gb18030 = encoding_rs::GB18030.encode(GOOD).0.into_owned();
    let utf16: Vec<u8> =
        [0xff, 0xfe].into_iter().chain(GOOD.encode_utf16().flat_map(u16::to_le_bytes)).collect();
    let dresses: Vec<(&str, Vec<u8>)> = vec![
        ("GB18030", gb18030),
        ("with a byte order mark", format!("\u{feff}{GOOD}").into_bytes()),
        ("UTF-16", utf16),
        ("CR LF", GOOD.replace('\n', "\r\n").into_bytes()),
        ("tabs", GOOD.replace(',', "\t").into_bytes()),
        ("bars", GOOD.replace(',', "|").into_bytes()),
        ("blank lines", GOOD.replace('\n', "\n\n ,,,,,\n").replace(" ,,,,,", "").into_bytes()),
        (
            "another order, other words",
            "代发结果文件 文件号：619999-7-1
总笔数：3　总金额：1,875.00　成功笔数：2　成功金额：1,562.50　失败笔数：1　失败金额：312.50
处理状态;交易金额（元）;企业流水号;账号;户名
交易成功;￥９３７．５０;7-3;6230 2800 0000 0000 027;王五
S;625;7-1;'6230280000000000001;张三
退票;312.5元;7-2;=\"6230280000000000019\";李四
合计;1875.00;;;"
                .as_bytes()
                .to_vec(),
        ),
        (
            "our own text with word and reason",
            "H|619999-7-1|2024-11-21|2700000000000001|县中心|3|1875.00|000000000047
D|1|7-1|6230280000000000001|张三|||625.00|助学金|0000|
D|3|7-3|623028*********0027|王五|||937.50|助学金|0000|
D|2|7-2|6230280000000000019|李四|||312.50|助学金|F|账户已销户
T|3|1875.00|000000000047
"
            .as_bytes()
            .to_vec(),
        ),
    ];
    for (name, bytes) in dresses {
        let got = taken(&bytes);
        assert_eq!(got.verdicts, plain.verdicts, "{name}");
        assert_eq!(got.closes(), Ok(()), "{name}");
    }
}

#[test]
fn rows_of_a_workbook_are_read_as_they_stand() {
    let rows: Vec<Vec<String>> = [
        "某银行代发回单",
        "",
        "序号|业务号|金额|状态|日期",
        "1|7-1|625|成功|2024-11-21 10:02:11",
        "经办人：张",
    ]
    .iter()
    .map(|row| row.split('|').map(str::to_owned).collect())
    .collect();
    let back = read(Body::Rows(&rows), &Words::default()).unwrap_or_else(|f| panic!("{}", f[0]));
    assert_eq!(back.lines.len(), 1);
    assert_eq!((back.lines[0].line, back.lines[0].amount), (4, money("625.00")));
    assert_eq!(back.lines[0].on, Some(jiff::civil::date(2024, 11, 21)));
}

/// Each way in which a return can be broken: named with its line and what to do; nothing of it is taken.
#[test]
fn a_broken_return_is_named_with_line_and_remedy() {
    let cut = |n: usize| GOOD.chars().take(GOOD.chars().count() - n).collect::<String>();
    assert_eq!(faults(" \n"), ["文件是空的；请银行重发"]);
    assert_eq!(faults("业务号,金额,处理结果\n"), ["文件是空的；请银行重发"]);
    assert_eq!(
        faults("7-1,6230280000000000001,张三,625.00,成功\n"),
        [
            "没有找到列名，缺：业务号或收款账号、金额、处理结果；请在第一行写上列名（业务号或账号、金额、处理结果）"
        ]
    );
    assert_eq!(
        faults("业务号,金额\n7-1,625.00\n"),
        ["没有找到列名，缺：处理结果；请在第一行写上列名（业务号或账号、金额、处理结果）"]
    );
    // Cut off in the middle of a line, in the middle of a character, and between lines.
    assert_eq!(faults(&cut(8)), ["第 4 行：文件在第 2 笔后断了；请重新下载完整的文件"]);
    let gb = encoding_rs::GB18030.encode(GOOD).0.into_owned();
    assert_eq!(
        faults_of(&gb[..gb.len() - 3]),
        ["既不是 UTF-8 也不是 GB18030 的文字，可能传坏了；请银行重发，或用记事本另存为 UTF-8"]
    );
    let head = "总笔数：3 总金额：1875.00\n";
    let two = GOOD.lines().take(3).collect::<Vec<_>>().join("\n");
    assert_eq!(
        faults(&format!("{head}{two}")),
        ["第 1 行：文件说有 3 笔，只读到 2 笔，后面断了；请重新下载完整的文件"]
    );
    assert_eq!(
        faults(
            "H|619999-7-1|2024-11-21|1|县中心|1|625.00|1\nD|1|7-1|6230280000000000001|张三|||625.00|助学金|S|\n"
        ),
        ["文件说有 1 笔，只读到 1 笔，后面断了；请重新下载完整的文件"]
    );
    // Twice.
    assert_eq!(
        faults(&format!("{GOOD}7-1,6230280000000000001,张三,625.00,成功,\n")),
        ["第 5 行：与第 2 行业务号相同；一笔只能有一个结果，请银行重发"]
    );
    // Sums.
    assert_eq!(
        faults(&format!("总笔数：3 总金额：1874.99\n{GOOD}")),
        ["第 1 行：文件说总金额 1,874.99，加起来是 1,875.00；请银行核对后重发"]
    );
    assert_eq!(
        faults(&format!("总笔数：3 成功笔数：3 失败笔数：0\n{GOOD}")),
        [
            "第 1 行：文件说成功笔数 3，数下来是 2；请银行核对后重发",
            "第 1 行：文件说失败笔数 0，数下来是 1；请银行核对后重发"
        ]
    );
    assert_eq!(
        faults(&format!("{GOOD}合计,2,,1875.00,,\n")),
        ["第 5 行：文件说总笔数 2，数下来是 3；请银行核对后重发"]
    );
    // Malformed cells, all of them at once.
    assert_eq!(
        faults(
            "业务号,收款账号,收款户名,金额,处理结果,失败原因
7-1,6230280000000000001,张三,六百,成功,
7-2,6.23028E+18,李四,312.50,失败,
,,王五,937.50,成功,
7-4,6230280000000000027,\"王五,937.50,成功,
7-5,6230280000000000027,王五,937.50
7-6,6230280000000000027,王五,937.50,,
7-7,6230280000000000027,王五,-1.00,成功,
"
        ),
        ["第 5 行：引号没有成对；请银行重发，或改正这一行"]
    );
    assert_eq!(
        faults(
            "业务号,收款账号,收款户名,金额,处理结果,失败原因
7-1,6230280000000000001,张三,六百,成功,
7-2,6.23028E+18,李四,312.50,失败,
,,王五,937.50,成功,
7-5,6230280000000000027,王五,937.50
7-6,6230280000000000027,王五,937.50,,
7-7,6230280000000000027,王五,-1.00,成功,
"
        ),
        [
            "第 2 行：金额“六百”读不出；应是像 625.00 的元，最多两位小数，不带负号",
            "第 3 行：账号“6.23028E+18”被表格软件改成了科学计数法，尾数已经丢了；请用银行的原始文件，不要打开另存",
            "第 4 行：业务号和账号都没有，不知道是谁；补上或请银行重发",
            "第 5 行：只有 4 格，列名要 5 格；看看这一行是不是断开了",
            "第 6 行：没有处理结果；请银行补上成功或失败",
            "第 7 行：金额“-1.00”读不出；应是像 625.00 的元，最多两位小数，不带负号",
        ]
    );
    assert_eq!(
        faults_of(b"PK\x03\x04rest of a workbook"),
        ["不是文本文件；Excel 文件请按 .xlsx 上传，压缩包先解开"]
    );
    let other = "文件号：619999-6-1\n".to_owned() + GOOD;
    let back = read(Body::Bytes(other.as_bytes()), &Words::default())
        .unwrap_or_else(|f| panic!("{}", f[0]));
    let fault = reconcile("619999-7-1", &three(), &back).err().unwrap();
    assert_eq!(fault.to_string(), "这是文件 619999-6-1 的回盘，不是 619999-7-1 的；请选对文件");
}

#[test]
fn a_word_that_nobody_explained_pays_nobody() {
    let text = GOOD
        .replace("张三,625.00,成功", "张三,625.00,R17")
        .replace("李四,312.50,失败", "李四,312.50,处理中");
    let got = taken(text.as_bytes());
    assert_eq!(
        got.verdicts,
        [Verdict::Unknown(Why::Strange), Verdict::Unknown(Why::UnderWay), Verdict::Paid]
    );
    assert_eq!(got.closes(), Err(vec![Open::Unknown(2)]));
    let mut words = Words::default();
    words.learn("R17", Word::Returned);
    let back = read(Body::Bytes(text.as_bytes()), &words).unwrap_or_else(|f| panic!("{}", f[0]));
    let got = reconcile("x", &three(), &back).unwrap_or_else(|f| panic!("{f}"));
    assert_eq!(got.verdicts[0], Verdict::Returned);
}

#[test]
fn another_amount_or_account_is_no_payment() {
    let text =
        GOOD.replace("625.00", "525.00").replace("6230280000000000027", "6230280000000000028")
            + "7-9,6230280000000000035,赵六,1.00,成功,\n";
    let got = taken(text.as_bytes());
    assert_eq!(got.verdicts[0], Verdict::Unknown(Why::Amount(money("525.00"))));
    assert_eq!(got.verdicts[2], Verdict::Unknown(Why::Account));
    assert_eq!(got.extra, [3]);
    assert_eq!(got.beyond, Side { lines: 1, amount: money("1.00") });
    assert_eq!(got.closes(), Err(vec![Open::Unknown(2), Open::Extra(1)]));
}

#[test]
fn a_second_return_settles_what_was_open_and_gainsays_nothing_unseen() {
    let mut lines = three();
    lines[0].told = Some(Told::Paid);
    lines[1].told = Some(Told::Paid);
    let back = read(Body::Bytes(GOOD.as_bytes()), &Words::default())
        .unwrap_or_else(|f| panic!("{}", f[0]));
    let got = reconcile("x", &lines, &back).unwrap_or_else(|f| panic!("{f}"));
    assert_eq!((got.again, got.changed.clone()), (vec![0], vec![1]));
    assert_eq!(got.verdicts, [Verdict::Paid, Verdict::Paid, Verdict::Paid]);
    assert_eq!(got.changed, [1]);
}

#[test]
fn without_keys_lines_that_are_alike_are_settled_only_together() {
    let twins = sent(&[
        ("7-1", "6230280000000000001", "625.00"),
        ("7-2", "6230280000000000001", "625.00"),
        ("7-3", "6230280000000000027", "937.50"),
    ]);
    let of = |words: [&str; 2]| {
        let text = format!(
            "账号,金额,结果\n6230280000000000001,625.00,{}\n6230280000000000001,625.00,{}\n6230280000000000027,937.50,成功\n",
            words[0], words[1]
        );
        let back = read(Body::Bytes(text.as_bytes()), &Words::default())
            .unwrap_or_else(|f| panic!("{}", f[0]));
        assert!(!back.keyed);
        reconcile("x", &twins, &back).unwrap_or_else(|f| panic!("{f}"))
    };
    assert_eq!(of(["成功", "成功"]).closes(), Ok(()));
    let alike = Verdict::Unknown(Why::Alike);
    assert_eq!(of(["成功", "失败"]).verdicts, [alike, alike, Verdict::Paid]);
}

/// What a bank did, and the file that it writes about it.
#[derive(Clone, Debug)]
struct Made {
    fens: Vec<i64>,
    /// 0 paid, 1 returned, 2 under way, 3 left out, 4 another amount.
    fates: Vec<u8>,
    extra: usize,
    order: u64,
    dress: usize,
    totals: bool,
}

prop_compose! {
    fn returns()(
        lines in proptest::collection::vec((1_i64..900_000, 0_u8..5), 1..40), extra in 0_usize..4, order in any::<u64>(),
        dress in 0_usize..6, totals in any::<bool>(),
    ) -> Made {
        let (fens, fates) = lines.into_iter().unzip();
        Made { fens, fates, extra, order, dress, totals }
    }
}

impl Made {
    fn sent(&self) -> Vec<Sent> {
        (1..)
            .zip(&self.fens)
            .map(|(n, fen)| Sent {
                key: format!("7-{n}"),
                account: format!("62302800000000{n:05}"),
                amount: Money::fen(*fen),
                told: None,
            })
            .collect()
    }

    fn file(&self) -> Vec<u8> {
        let sign = ["|", ",", "\t"][self.dress % 3];
        let mut rows: Vec<(String, i64)> = Vec::new();
        for ((n, fen), fate) in (1..).zip(&self.fens).zip(&self.fates) {
            let said = if *fate == 4 { fen + 1 } else { *fen };
            let word = ["成功", "失败", "处理中", "", "成功"][usize::from(*fate)];
            if *fate != 3 {
                rows.push((
                    [
                        &format!("7-{n}"),
                        &format!("62302800000000{n:05}"),
                        "张三",
                        &plain_yuan(Money::fen(said)),
                        word,
                    ]
                    .join(sign),
                    said,
                ));
            }
        }
        for n in 0..self.extra {
            rows.push((
                [&format!("x-{n}"), "6230280000009999999", "无", "1.00", "成功"].join(sign),
                100,
            ));
        }
        // A shuffle of its own, by a linear congruence.
        let mut seed = self.order;
        for at in (1..rows.len()).rev() {
            seed = seed
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            rows.swap(at, usize::try_from(seed >> 33).unwrap() % (at + 1));
        }
        let mut text = String::new();
        if self.totals {
            let sum: i64 = rows.iter().map(|row| row.1).sum();
            let _ =
                writeln!(text, "总笔数：{}　总金额：{}", rows.len(), plain_yuan(Money::fen(sum)));
        }
        text.push_str(&["业务号", "收款账号", "户名", "金额", "处理结果"].join(sign));
        text.push('\n');
        for row in &rows {
            text.push_str(&row.0);
            text.push('\n');
        }
        if self.dress >= 3 {
            encoding_rs::GB18030.encode(&text).0.into_owned()
        } else {
            text.into_bytes()
        }
    }
}

proptest! {
    #[test]
    fn every_line_is_in_exactly_one_of_paid_returned_unknown_extra(made in returns()) {
        let lines = made.sent();
        let Ok(back) = read(Body::Bytes(&made.file()), &Words::default()) else {
            // A return without a line says nothing.
            prop_assert!(made.extra == 0 && made.fates.iter().all(|f| *f == 3));
            return Ok(());
        };
        let got = reconcile("619999-7-1", &lines, &back).unwrap_or_else(|f| panic!("{f}"));
        for ((verdict, fate), fen) in got.verdicts.iter().zip(&made.fates).zip(&made.fens) {
            let expected = match fate {
                0 => Verdict::Paid,
                1 => Verdict::Returned,
                2 => Verdict::Unknown(Why::UnderWay),
                3 => Verdict::Unknown(Why::NotTold),
                _ => Verdict::Unknown(Why::Amount(Money::fen(fen + 1))),
            };
            prop_assert_eq!(*verdict, expected);
        }
        prop_assert_eq!(got.paid.lines + got.returned.lines + got.unknown.lines, lines.len());
        prop_assert_eq!(got.paid.amount + got.returned.amount + got.unknown.amount, got.sent.amount);
        let answered = got.answers.iter().flatten().count();
        prop_assert_eq!(answered + got.extra.len(), back.lines.len());
        prop_assert_eq!(got.extra.len(), made.extra);
        prop_assert_eq!(got.closes().is_ok(), made.extra == 0 && made.fates.iter().all(|f| *f < 2));
        // The same return once more, against what it told: nothing changes.
        let told: Vec<Sent> = lines.iter().zip(&got.verdicts).map(|(line, verdict)| Sent {
            told: match verdict { Verdict::Paid => Some(Told::Paid), Verdict::Returned => Some(Told::Returned), Verdict::Unknown(_) => None },
            ..line.clone()
        }).collect();
        let twice = reconcile("619999-7-1", &told, &back).unwrap_or_else(|f| panic!("{f}"));
        prop_assert_eq!(&twice.verdicts, &got.verdicts);
        prop_assert_eq!(twice.again.len(), got.paid.lines + got.returned.lines);
        prop_assert!(twice.changed.is_empty());
    }

    #[test]
    fn a_return_cut_off_anywhere_pays_nobody_wrongly(made in returns(), at in any::<proptest::sample::Index>()) {
        let whole = made.file();
        let cut = &whole[..at.index(whole.len())];
        if let Ok(back) = read(Body::Bytes(cut), &Words::default()) {
            let got = reconcile("619999-7-1", &made.sent(), &back).unwrap_or_else(|f| panic!("{f}"));
            for ((verdict, fate), line) in got.verdicts.iter().zip(&made.fates).zip(1..) {
                let _: i32 = line;
                match verdict {
                    Verdict::Paid => prop_assert_eq!(*fate, 0),
                    Verdict::Returned => prop_assert_eq!(*fate, 1),
                    Verdict::Unknown(_) => {}
                }
            }
            // Where totals were stated, a file that misses a line is never taken.
            let rows = made.fates.iter().filter(|f| **f != 3).count() + made.extra;
            if made.totals {
                prop_assert_eq!(back.lines.len(), rows);
            }
        }
    }

    #[test]
    fn no_bytes_make_the_reader_of_returns_panic(bytes in proptest::collection::vec(any::<u8>(), 0..300), text in "[业务号金额结果状态,|\"\t\n0-9.*合计总笔数：:DHT]{0,200}") {
        let _ = read(Body::Bytes(&bytes), &Words::default());
        if let Ok(back) = read(Body::Bytes(text.as_bytes()), &Words::default()) {
            let _ = reconcile("x", &three(), &back);
        }
    }
}

/// The bank sends our own text back with a word behind each line: what we wrote is what we read.
#[test]
fn our_own_file_comes_back() {
    let lines: Vec<PayLine> = (1..=50_u32)
        .map(|n| PayLine {
            key: format!("7-{n}"),
            name: "张三".to_owned(),
            account: format!("62302800000000{n:05}"),
            bank: "农商行".to_owned(),
            bank_code: None,
            amount: Money::fen(i64::from(n) * 12_345),
            note: String::new(),
        })
        .collect();
    let batch = Batch {
        file: "619999-7-1".to_owned(),
        made_at: jiff::civil::date(2024, 11, 20).at(9, 0, 0, 0),
        pay_on: jiff::civil::date(2024, 11, 21),
        payer: Payer {
            name: "县中心".to_owned(),
            account: "2700000000000001".to_owned(),
            bank: String::new(),
            bank_code: None,
        },
        lines,
    };
    let bytes = batch.text().unwrap();
    let text = encoding_rs::GB18030.decode(&bytes).0.into_owned();
    let answered: String = text
        .lines()
        .map(|line| {
            if line.starts_with('D') {
                format!("{line}|成功|\r\n")
            } else {
                format!("{line}\r\n")
            }
        })
        .collect();
    let back = read(Body::Bytes(&encoding_rs::GB18030.encode(&answered).0), &Words::default())
        .unwrap_or_else(|f| panic!("{}", f[0]));
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
    let got = reconcile("619999-7-1", &sent, &back).unwrap_or_else(|f| panic!("{f}"));
    assert_eq!(got.closes(), Ok(()));
    assert_eq!(got.paid.lines, 50);
}
