//! The list of pairs on paper, and the filled list taken back in.

use std::collections::BTreeMap;

use fujiao_intake::Workbook;
use jiff::Timestamp;

use super::words::{Pair, key_of, pair};
use super::{Answer, ReviewError, ReviewPair, Taken, Taking, somebody};
use crate::{Office, OfficeError};

const KEY: &str = "编号";
const ANSWER: &str = "结论";
const NOTE: &str = "备注";

/// Columns of one row of a pair; the name of the side goes before each.
const OF_A_ROW: [&str; 11] = [
    "名册",
    "文件",
    "工作表",
    "行",
    "姓名",
    "身份证号",
    "出生日期",
    "住址",
    "学校班级",
    "监护人",
    "电话",
];

/// The pairs as a .csv that spreadsheets open: what each row says, side by side, and a column 结论 to fill in.
pub fn review_sheet(pairs: &[ReviewPair]) -> Vec<u8> {
    let mut out = csv::Writer::from_writer("\u{feff}".as_bytes().to_vec());
    let mut header = vec![KEY.to_owned(), "把握".into(), "为什么拿不准".into()];
    header.extend([format!("{ANSWER}（是/否）"), NOTE.to_owned()]);
    for side in ["甲", "乙"] {
        header.extend(OF_A_ROW.iter().map(|column| format!("{side}{column}")));
    }
    let wrote = "a Vec takes any bytes";
    out.write_record(&header).expect(wrote);
    for pair in pairs {
        let mut line = vec![pair.key.clone(), format!("{:.0}%", pair.probability * 100.0)];
        line.extend([pair.sentence.clone(), String::new(), String::new()]);
        for row in &pair.rows {
            line.extend([
                row.kind.chinese().to_owned(),
                row.file.clone(),
                row.sheet.clone(),
                row.row.to_string(),
                row.name.clone(),
                row.citizen_id.clone(),
                row.born.clone(),
                row.place.clone(),
                format!("{}{}", row.school, row.class),
                row.guardian.clone(),
                row.phone.clone(),
            ]);
        }
        out.write_record(line.iter().map(|cell| harmless(cell))).expect(wrote);
    }
    out.into_inner().expect(wrote)
}

/// A cell that no spreadsheet takes for a formula.
fn harmless(cell: &str) -> String {
    let formula = cell.starts_with(['=', '+', '-', '@']);
    if formula { format!("'{cell}") } else { cell.to_owned() }
}

/// A line that was filled in.
struct Line {
    number: u32,
    key: String,
    answer: Answer,
    note: Option<String>,
}

impl Office {
    /// Takes the filled list of pairs (.csv in any encoding that offices use, .xlsx, .xls): all of it, or nothing.
    ///
    /// Lines whose 结论 is empty are left for later.
    ///
    /// # Errors
    /// [`ReviewError::Lines`] with a sentence for each line that cannot be taken; [`ReviewError::File`] if the file does
    /// not read.
    pub fn take_answers(
        &mut self,
        name: &str,
        bytes: &[u8],
        by: &str,
        at: Timestamp,
    ) -> Result<Taken, OfficeError> {
        let county = self.county_code()?;
        let by = somebody(by)?;
        let mut faults: Vec<(u32, String)> = Vec::new();
        let lines = read(name, bytes, &mut faults)?;
        self.store.write(|tx| {
            let mut pairs: BTreeMap<String, Pair> = BTreeMap::new();
            for d in tx.decisions(county)? {
                pairs.insert(key_of((d.left, d.right)), (d.left, d.right));
            }
            for asked in tx.asked_pairs(county)? {
                let rows = pair(asked.left_key, asked.right_key);
                pairs.insert(key_of(rows), rows);
            }
            let mut taking = Taking::new(tx, county, by, at)?;
            let mut taken = Taken::default();
            for line in lines {
                let count = match line.answer {
                    Answer::Same => &mut taken.same,
                    Answer::Different => &mut taken.different,
                };
                let took = match pairs.get(&line.key) {
                    Some(rows) => taking.take(*rows, line.answer, line.note.as_deref()),
                    None => Err(ReviewError::NoSuchPair(line.key).into()),
                };
                match took {
                    Ok(true) => *count += 1,
                    Ok(false) => taken.again += 1,
                    Err(OfficeError::Review(error)) => {
                        let column = match error {
                            ReviewError::NoSuchPair(_) => KEY,
                            _ => ANSWER,
                        };
                        faults.push((line.number, format!("“{column}”列：{error}")));
                    }
                    Err(error) => return Err(error),
                }
            }
            if !faults.is_empty() {
                faults.sort();
                let lines =
                    faults.into_iter().map(|(n, text)| format!("第 {n} 行{text}")).collect();
                return Err(ReviewError::Lines { file: name.to_owned(), lines }.into());
            }
            let Taken { same, different, again } = taken;
            if same + different > 0 {
                let detail = format!("same {same} different {different} again {again}");
                taking.audit("decide", "pairs", &detail)?;
            }
            Ok(taken)
        })
    }
}

/// The lines that hold an answer; what cannot be read as one goes to `faults`.
fn read(
    name: &str,
    bytes: &[u8],
    faults: &mut Vec<(u32, String)>,
) -> Result<Vec<Line>, ReviewError> {
    let file = |why: String| ReviewError::File(why);
    let sheets =
        fujiao_intake::cells(&Workbook { name, bytes }).map_err(|e| file(e.to_string()))?;
    let found = sheets.into_iter().find_map(|rows| {
        let at = rows.iter().position(|(_, cells)| {
            let has = |word: &str| cells.iter().any(|c| clean(c).starts_with(word));
            has(KEY) && has(ANSWER)
        })?;
        Some((rows, at))
    });
    let Some((rows, header)) = found else {
        return Err(file(format!(
            "{name} 里没有“{KEY}”和“{ANSWER}”两列；用 fujiao review --out 导出的表填，不要改表头"
        )));
    };
    let column = |word: &str| rows[header].1.iter().position(|c| clean(c).starts_with(word));
    let (key, answer, note) = (column(KEY), column(ANSWER), column(NOTE));
    let mut lines: Vec<Line> = Vec::new();
    for (number, cells) in &rows[header + 1..] {
        let cell =
            |at: Option<usize>| clean(at.and_then(|at| cells.get(at)).map_or("", String::as_str));
        let said = cell(answer);
        let answer = match said {
            "" => continue,
            "是" | "同" | "同一人" | "是同一人" | "Y" | "y" | "√" | "same" => {
                Answer::Same
            }
            "否" | "不" | "不是" | "不同" | "不是同一人" | "N" | "n" | "×" | "different" => {
                Answer::Different
            }
            other => {
                faults.push((
                    *number,
                    format!("“{ANSWER}”列：“{other}”看不懂；改成“是”或“否”，拿不准就空着"),
                ));
                continue;
            }
        };
        let key = cell(key);
        if key.is_empty() {
            faults.push((*number, format!("“{KEY}”列：空着；补上导出表里的编号")));
            continue;
        }
        let key = key.to_ascii_uppercase();
        if let Some(first) = lines.iter().find(|l| l.key == key && l.answer != answer) {
            let first = first.number;
            faults.push((
                *number,
                format!("“{ANSWER}”列：同一个编号在第 {first} 行填的相反；改成一样，或空一处"),
            ));
            continue;
        }
        let note = cell(note);
        let note = (!note.is_empty()).then(|| note.to_owned());
        lines.push(Line { number: *number, key, answer, note });
    }
    Ok(lines)
}

fn clean(cell: &str) -> &str {
    cell.trim_matches(|c: char| c.is_whitespace() || c == '\u{feff}' || c == '\'')
}
