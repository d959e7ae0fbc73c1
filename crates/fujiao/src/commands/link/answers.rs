//! What people decided about pairs.

use std::path::Path;

use fujiao_link::table::Table;

use super::files::records;
use crate::commands::InputError;

/// Pairs that people decided.
pub(super) struct Answers {
    pub(super) same: Vec<(u32, u32)>,
    pub(super) different: Vec<(u32, u32)>,
}

/// Reads `left,right,verdict`. Rows that are not in the tables are passed over: the decisions of a whole county outlive
/// any one file.
pub(super) fn read(path: &Path, table: &Table) -> anyhow::Result<Answers> {
    let order = table.by_id();
    let mut answers = Answers { same: Vec::new(), different: Vec::new() };
    for (line, [left, right, verdict]) in records(path, ["left", "right", "verdict"])? {
        let to = match verdict.as_str() {
            "same" | "是" | "同一人" => &mut answers.same,
            "different" | "否" | "不同" => &mut answers.different,
            "ask" | "" => continue,
            other => {
                return Err(InputError(format!(
                    "{} 第 {line} 行：结论“{other}”不认识；写 same 或 different",
                    path.display()
                ))
                .into());
            }
        };
        if let (Some(a), Some(b)) = (table.find(&order, &left), table.find(&order, &right))
            && a != b
        {
            to.push((a.min(b), a.max(b)));
        }
    }
    for pairs in [&mut answers.same, &mut answers.different] {
        pairs.sort_unstable();
        pairs.dedup();
    }
    Ok(answers)
}
