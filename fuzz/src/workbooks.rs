//! Workbooks of a made county, damaged outside and inside.

use std::io::{Cursor, Read as _, Write as _};

use fujiao_intake::{Lexicon, read_and_annotate};
use fujiao_synth::{Order, Sink, make};
use jiff::civil::date;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipArchive, ZipWriter};

use crate::chance::Chance;
use crate::damage;

/// A file to begin with.
pub(crate) struct Workbook {
    name: String,
    bytes: Vec<u8>,
    /// What an .xlsx is packed of.
    parts: Vec<(String, Vec<u8>)>,
}

/// Files above this size are no good beginning: most damage would lie in rows like those before.
const LARGEST: usize = 24 * 1024;
/// As many of a kind.
const OF_A_KIND: usize = 24;

/// The small workbooks of a made county, of each kind and each of the three forms.
pub(crate) fn real() -> Vec<Workbook> {
    #[derive(Default)]
    struct Kept(Vec<(String, Vec<u8>)>);
    impl Sink for Kept {
        fn put(&mut self, path: &str, bytes: Vec<u8>) -> std::io::Result<()> {
            if !path.starts_with("truth/") && bytes.len() <= LARGEST {
                self.0.push((path.to_owned(), bytes));
            }
            Ok(())
        }
    }
    let order = Order {
        county: None,
        people: Order::FEWEST,
        seed: 3,
        noise: 0.1,
        as_of: date(2025, 10, 15),
    };
    let mut kept = Kept::default();
    make(&order, &mut kept).expect("a small county is made");
    kept.0.sort_by_key(|(path, bytes)| (bytes.len(), path.clone()));
    let mut found: Vec<Workbook> = Vec::new();
    for extension in ["xlsx", "xls", "csv"] {
        let of = kept.0.iter().filter(|(path, _)| path.ends_with(&format!(".{extension}")));
        for (path, bytes) in of.take(OF_A_KIND) {
            let name = path.rsplit('/').next().unwrap_or(path).to_owned();
            let parts = if extension == "xlsx" { unpacked(bytes) } else { Vec::new() };
            found.push(Workbook { name, bytes: bytes.clone(), parts });
        }
    }
    assert!(found.len() > 20, "a made county has workbooks");
    found
}

fn unpacked(bytes: &[u8]) -> Vec<(String, Vec<u8>)> {
    let mut archive = ZipArchive::new(Cursor::new(bytes)).expect("a workbook of ours");
    (0..archive.len())
        .map(|n| {
            let mut file = archive.by_index(n).expect("a part of ours");
            let mut bytes = Vec::new();
            file.read_to_end(&mut bytes).expect("a part of ours");
            let name = file.name().expect("a name of ours").into_owned();
            (name, bytes)
        })
        .collect()
}

fn packed(parts: &[(String, Vec<u8>)], method: CompressionMethod) -> Vec<u8> {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    let options = SimpleFileOptions::default().compression_method(method);
    for (name, bytes) in parts {
        // A name that came twice is refused by the writer; the damaged file does without it.
        if writer.start_file(name.as_str(), options).is_ok() {
            writer.write_all(bytes).expect("writing to memory");
        }
    }
    writer.finish().expect("writing to memory").into_inner()
}

/// What stands in sheets and may not.
const LANGUAGE: &[&str] = &[
    "<row>",
    "</row>",
    "<c",
    "</c>",
    "<v>",
    "</v>",
    "<f>",
    "t=\"s\"",
    "t=\"b\"",
    "t=\"e\"",
    "t=\"inlineStr\"",
    "t=\"d\"",
    "r=\"A1\"",
    "r=\"XFD1048576\"",
    "r=\"ZZZZZZ9\"",
    "r=\"A0\"",
    "r=\"A4294967296\"",
    "s=\"99999\"",
    "<mergeCell ref=\"A1:XFD1048576\"/>",
    "<mergeCell ref=\"B2:A1\"/>",
    "<dimension ref=\"A1:XFD1048576\"/>",
    "<is><t>",
    "</t></is>",
    "&#x0;",
    "&#xFFFFFFFF;",
    "&amp;",
    "&nothing;",
    "<![CDATA[",
    "]]>",
    "<!--",
    "-1",
    "1e308",
    "1e-400",
    "NaN",
    "99999999999999999999",
    "0.1",
    "45000",
    "2958466",
    "姓名",
    "身份证号",
    "合计",
    "619926201509010021",
    "6.19926E+17",
    "\u{feff}",
    "\u{202e}",
    "_x000D_",
    "count=\"4294967295\"",
];

/// What stands in text files and may not.
const TEXT: &[&str] = &[
    ",",
    ";",
    "\t",
    "\n",
    "\r\n",
    "\r",
    "\"",
    "\"\"",
    "姓名",
    "身份证号",
    "学校",
    "年级",
    "合计",
    "小计",
    "备注：",
    "1",
    "6.19926E+17",
    "2025-13-45",
    "2025年秋",
    "#REF!",
    "=1+1",
    "-",
    "张三",
    "\u{feff}",
    "\u{0}",
    "０１２",
    "1e999",
    "00000000000000000000",
];

/// A damaged workbook, and its name.
pub(crate) fn damaged(real: &[Workbook], chance: &mut Chance) -> (String, Vec<u8>) {
    let of = chance.one(real);
    let mut bytes = of.bytes.clone();
    if of.parts.is_empty() {
        if std::path::Path::new(&of.name).extension().is_some_and(|x| x.eq_ignore_ascii_case("csv"))
            && !chance.once_in(4)
        {
            // Of a legacy encoding only the bytes are damaged.
            if let Ok(text) = String::from_utf8(bytes.clone()) {
                return (of.name.clone(), damage::words(&text, TEXT, chance).into_bytes());
            }
        }
        damage::bytes(&mut bytes, chance);
        return (of.name.clone(), bytes);
    }
    match chance.below(16) {
        // From outside: most of it ends at the archive's directory and sums.
        0..4 => damage::bytes(&mut bytes, chance),
        // A part that unpacks to far more than it weighs.
        4 if chance.once_in(400) => bytes = bomb(of, chance),
        // Inside: the archive is sound, the part is not.
        _ => {
            let mut parts = of.parts.clone();
            for _ in 0..=chance.below(2) {
                let at = chance.below(parts.len());
                match chance.below(12) {
                    0 => drop(parts.remove(at)),
                    1 => {
                        let (other, to) = (chance.below(parts.len()), chance.below(parts.len()));
                        let bytes = parts[other].1.clone();
                        parts[to].1 = bytes;
                    }
                    2..5 => damage::bytes(&mut parts[at].1, chance),
                    _ => {
                        let text = String::from_utf8_lossy(&parts[at].1).into_owned();
                        parts[at].1 = damage::words(&text, LANGUAGE, chance).into_bytes();
                    }
                }
                if parts.is_empty() {
                    break;
                }
            }
            bytes = packed(&parts, CompressionMethod::Stored);
        }
    }
    (of.name.clone(), bytes)
}

/// Up to 64 MiB of blanks or of empty rows in a few KiB.
fn bomb(of: &Workbook, chance: &mut Chance) -> Vec<u8> {
    let mut parts = of.parts.clone();
    let sheets = |(name, _): &(String, Vec<u8>)| name.contains("sheet") || name.contains("shared");
    let at = parts.iter().position(sheets).unwrap_or(0);
    let unit: &[u8] = if chance.once_in(2) { b"        " } else { b"<row></row>" };
    let times = (1 << 20) << chance.below(6);
    let middle = parts[at].1.len() / 2;
    let bytes = unit.repeat(times / unit.len());
    parts[at].1.splice(middle..middle, bytes);
    packed(&parts, CompressionMethod::Deflated)
}

/// Whether it could be read. One in sixteen is also sent back with reasons, as an import does.
pub(crate) fn read(name: &str, bytes: &[u8], number: u64) -> bool {
    let workbook = fujiao_intake::Workbook { name, bytes };
    let lexicon = Lexicon::default();
    let intake = if number.is_multiple_of(16) {
        read_and_annotate(&workbook, &lexicon, &|_| {}).map(|(intake, _)| intake)
    } else {
        fujiao_intake::read(&workbook, &lexicon)
    };
    let Ok(intake) = intake else { return false };
    for sheet in &intake.sheets {
        assert_eq!(sheet.rows.len(), sheet.rows_read as usize, "every row is accounted for");
    }
    true
}
