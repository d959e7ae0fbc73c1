//! 差异: where registers and rules of today give another answer than the one on which money was paid.

use std::fmt::Write as _;

use super::{Names, ResultFile};
use crate::Office;
use crate::assess::Assessment;

impl Office {
    /// `differences.csv`, a line for each frozen duty that would come out otherwise today; `None` if there is none.
    pub(super) fn differences_csv(
        &self,
        assessment: &Assessment,
        reveal: bool,
    ) -> Option<ResultFile> {
        let differences = &assessment.settled.frozen.differences;
        if differences.is_empty() {
            return None;
        }
        let names = Names::of(&assessment.registers, reveal);
        // The mark tells spreadsheets that the text is UTF-8.
        let mut text = String::from(
            "\u{feff}姓名,身份证号,项目,期间,已批准,现在算出,单位,批准时的事实,现在的事实,批准时的规则,现在的规则,批准所依的评估日\n",
        );
        for d in differences {
            let who = names.get(d.subject);
            let cells = [
                who.name,
                who.citizen_id,
                self.kind_title(&d.kind).to_string(),
                d.period.to_string(),
                d.unit.show(d.frozen),
                d.unit.show(d.computed),
                d.unit.chinese().to_owned(),
                d.facts_frozen.to_string(),
                d.facts_now.to_string(),
                d.rule_frozen.to_string(),
                d.rule_now.to_string(),
                d.frozen_as_of.to_string(),
            ];
            let cells: Vec<String> = cells.iter().map(|c| quoted(c)).collect();
            let _ = writeln!(text, "{}", cells.join(","));
        }
        Some(ResultFile { name: "differences.csv".to_owned(), bytes: text.into_bytes() })
    }
}

/// A cell, quoted where it must be; a text that a spreadsheet would take for a formula gets a quote in front.
fn quoted(cell: &str) -> String {
    let cell =
        if cell.starts_with(['=', '+', '-', '@']) { format!("'{cell}") } else { cell.to_owned() };
    if cell.contains([',', '"', '\n', '\r']) {
        format!("\"{}\"", cell.replace('"', "\"\""))
    } else {
        cell
    }
}
