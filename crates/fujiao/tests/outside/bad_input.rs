//! Bad input: a clear message that names file, sheet, row and remedy; exit 1; nothing half-written.

use std::io::{Cursor, Write};
use std::path::Path;

use crate::harness::{Ended, county, end, files, folder, run, summary, workbook};

/// Words by which a message tells what to do.
const REMEDIES: [&str; 12] = [
    "加一行",
    "存成",
    "另存",
    "重新",
    "改成",
    "设为",
    "去掉",
    "检查",
    "放进",
    "补上",
    "换一个",
    "重填",
];

/// Runs over a folder that holds only these files.
fn run_on(name: &str, workbooks: &[(&str, &[u8])]) -> (Ended, std::path::PathBuf) {
    let folder = folder(name);
    let (input, out) = (folder.join("in"), folder.join("out"));
    std::fs::create_dir_all(&input).unwrap();
    for (file, bytes) in workbooks {
        std::fs::write(input.join(file), bytes).unwrap();
    }
    (end(&mut run(&input, &out, &[])), out)
}

/// Exit 1; every word is said, one remedy at least; no report and no list was begun.
fn refused(name: &str, workbooks: &[(&str, &[u8])], words: &[&str]) -> String {
    let (ended, out) = run_on(name, workbooks);
    let said = ended.said();
    assert_eq!(ended.code, Some(1), "{said}");
    for word in words {
        assert!(said.contains(word), "`{word}` is not in:\n{said}");
    }
    assert!(REMEDIES.iter().any(|word| said.contains(word)), "no remedy in:\n{said}");
    assert!(!said.contains("panicked") && !said.contains('！'), "{said}");
    nothing_half_written(&out);
    said
}

fn nothing_half_written(out: &Path) {
    if !out.exists() {
        return;
    }
    for file in files(out) {
        let name = file.to_string_lossy();
        let begun = ["report.docx", "gaps.xlsx", "gaps.csv", "persons.csv", "summary.json"]
            .contains(&name.as_ref())
            || name.starts_with("charts");
        assert!(!begun, "{name} was written although nothing could be read");
        assert!(!name.ends_with(".tmp") && !name.ends_with(".part"), "{name} is half a file");
    }
}

fn pupils(rows: usize) -> Vec<Vec<String>> {
    let header =
        ["姓名", "性别", "身份证号", "学校名称", "年级", "班级", "就读方式", "学籍状态", "学年"];
    let mut sheet = vec![header.map(str::to_owned).to_vec()];
    for n in 0..rows {
        let born_on = jiff::civil::date(2014, 1, 1)
            .saturating_add(jiff::Span::new().days(i64::try_from(n).unwrap()));
        let id = fujiao_model::CitizenId::compose(619_926, born_on, 12);
        let name = format!(
            "测{}{}",
            ["甲", "乙", "丙", "丁"][n % 4],
            ["子", "丑", "寅", "卯", "辰"][n / 4 % 5]
        );
        let row = [
            name.as_str(),
            "女",
            id.reveal(),
            "青石镇中心小学",
            "四年级",
            "1班",
            "走读",
            "在读",
            "2025-2026学年",
        ];
        sheet.push(row.map(str::to_owned).to_vec());
    }
    sheet
}

/// An OLE2 file with the streams that Office writes when a workbook has a password to open.
fn locked() -> Vec<u8> {
    let mut file = cfb::CompoundFile::create(Cursor::new(Vec::new())).unwrap();
    file.create_stream("/EncryptionInfo").unwrap().write_all(&[4, 0, 4, 0, 64, 0, 0, 0]).unwrap();
    file.create_stream("/EncryptedPackage").unwrap().write_all(&[0x5a; 4096]).unwrap();
    file.into_inner().into_inner()
}

#[test]
fn an_empty_folder() {
    let folder = folder("empty");
    let input = folder.join("空文件夹");
    std::fs::create_dir_all(&input).unwrap();
    let ended = end(&mut run(&input, &folder.join("out"), &[]));
    assert_eq!(ended.code, Some(1), "{}", ended.said());
    assert!(ended.said().contains("空文件夹"), "{}", ended.said());
    assert!(ended.said().contains(".xlsx"), "it says what to put there: {}", ended.said());
    nothing_half_written(&folder.join("out"));
}

#[test]
fn a_folder_that_is_not_there() {
    let folder = folder("absent");
    let ended = end(&mut run(&folder.join("没有"), &folder.join("out"), &[]));
    assert_eq!(ended.code, Some(1), "{}", ended.said());
    assert!(ended.said().contains("没有"), "{}", ended.said());
}

#[test]
fn a_workbook_with_a_password() {
    refused("locked", &[("学籍表.xlsx", &locked())], &["学籍表.xlsx", "密码"]);
}

#[test]
fn a_word_document_named_xlsx() {
    let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
    let options = zip::write::SimpleFileOptions::default();
    for (part, text) in [
        (
            "[Content_Types].xml",
            "<Types xmlns=\"http://schemas.openxmlformats.org/package/2006/content-types\"/>",
        ),
        (
            "word/document.xml",
            "<w:document xmlns:w=\"http://schemas.openxmlformats.org/wordprocessingml/2006/main\"/>",
        ),
    ] {
        zip.start_file(part, options).unwrap();
        zip.write_all(text.as_bytes()).unwrap();
    }
    let bytes = zip.finish().unwrap().into_inner();
    refused("renamed", &[("花名册.xlsx", &bytes)], &["花名册.xlsx", "Word"]);
}

#[test]
fn a_sheet_of_three_hundred_columns() {
    let row = |f: fn(usize) -> String| (1..=300).map(f).collect::<Vec<_>>();
    let sheet = [row(|n| format!("列{n}")), row(|n| format!("值{n}")), row(|n| format!("数{n}"))];
    refused("wide", &[("宽表.xlsx", &workbook("明细", &sheet))], &["宽表.xlsx", "明细"]);
}

#[test]
fn known_columns_among_three_hundred_are_found() {
    let mut sheet = pupils(20);
    for (n, row) in sheet.iter_mut().enumerate() {
        row.extend((0..291).map(|c| if n == 0 { format!("指标{c}") } else { String::new() }));
    }
    let (ended, out) = run_on("wide-but-known", &[("学籍.xlsx", &workbook("学籍", &sheet))]);
    assert_eq!(ended.code, Some(0), "{}", ended.said());
    let rows = &summary(&out)["rows"];
    assert_eq!((rows["read"].as_i64(), rows["refused"].as_i64()), (Some(20), Some(0)), "{rows}");
}

#[test]
fn a_truncated_zip() {
    let whole = workbook("学籍", &pupils(50));
    refused("truncated", &[("断开.xlsx", &whole[..whole.len() / 2])], &["断开.xlsx"]);
}

#[test]
fn a_file_without_a_byte() {
    refused("zero", &[("空.xlsx", b"")], &["空.xlsx"]);
}

/// A header repeated on every printed page is no pupil.
#[test]
fn a_workbook_with_two_header_rows() {
    let mut sheet = pupils(40);
    sheet.insert(21, sheet[0].clone());
    sheet.insert(0, vec!["青石镇中心小学学生花名册".to_owned()]);
    let (ended, out) = run_on("two-headers", &[("两个表头.xlsx", &workbook("学籍", &sheet))]);
    let said = ended.said();
    match ended.code {
        Some(0) => {
            let rows = &summary(&out)["rows"];
            assert_eq!(
                (rows["read"].as_i64(), rows["created"].as_i64()),
                (Some(40), Some(40)),
                "{rows}\n{said}"
            );
        }
        Some(1) => {
            for word in ["两个表头.xlsx", "学籍", "表头", "23"] {
                assert!(said.contains(word), "`{word}` is not in:\n{said}");
            }
        }
        code => panic!("exit {code:?}\n{said}"),
    }
}

#[test]
fn ten_thousand_unreadable_rows() {
    let mut sheet = pupils(0);
    for n in 0..10_000 {
        let noise = ["", "？", "#REF!", "#N/A", "", "#REF!", "？？", "#NAME?", "#VALUE!"];
        let mut row = noise.map(str::to_owned).to_vec();
        row[5] = format!("#REF!{n}");
        sheet.push(row);
    }
    let said = refused(
        "unreadable",
        &[("坏表.xlsx", &workbook("学籍", &sheet))],
        &["坏表.xlsx", "学籍", "10000"],
    );
    assert!(said.contains("行"), "{said}");
    assert!(
        said.lines().count() < 200,
        "a person can read it to the end: {} lines",
        said.lines().count()
    );
}

/// One bad workbook among good ones is named; the others go in whole, and the exit says that a look is needed.
#[test]
fn one_bad_workbook_among_good_ones() {
    let folder = folder("mixed");
    let (input, out) = (folder.join("in"), folder.join("out"));
    std::fs::create_dir_all(&input).unwrap();
    std::fs::write(input.join("学籍.xlsx"), workbook("学籍", &pupils(20))).unwrap();
    std::fs::write(input.join("锁住.xlsx"), locked()).unwrap();
    let ended = end(&mut run(&input, &out, &[]));
    assert_eq!(ended.code, Some(1), "{}", ended.said());
    assert!(
        ended.said().contains("锁住.xlsx") && ended.said().contains("密码"),
        "{}",
        ended.said()
    );
    if out.join("summary.json").exists() {
        assert_eq!(summary(&out)["rows"]["created"], 20);
    }
}

/// A day that does not exist, or a county that nobody knows, is said before anything is made.
#[test]
fn orders_that_cannot_be_carried_out() {
    let folder = folder("orders");
    let mut command = crate::harness::fujiao(["run"]);
    command.arg(county()).arg("--out").arg(folder.join("out")).args(["--as-of", "2025-02-30"]);
    let ended = end(&mut command);
    assert!(matches!(ended.code, Some(1 | 2)), "{}", ended.said());
    assert!(ended.said().contains("2025-02-30"), "{}", ended.said());
    assert!(
        !folder.join("out").exists(),
        "nothing is made for an order that cannot be carried out"
    );
}

/// What no county can be made of is said in words, with what to write instead.
#[test]
fn counties_that_cannot_be_made() {
    let out = folder("no-county");
    for (option, value, remedy) in [
        ("--county", "999999", "岚川县"),
        ("--people", "3", "--people"),
        ("--noise", "7", "--noise"),
    ] {
        let mut command = crate::harness::fujiao(["synth", option, value, "--out"]);
        let ended = end(command.arg(out.join("made")));
        assert_eq!(ended.code, Some(1), "{option} {value}: {}", ended.said());
        assert!(ended.said().contains(value) && ended.said().contains(remedy), "{}", ended.said());
        assert!(!out.join("made/truth").exists(), "{option} {value} made something");
    }
}
