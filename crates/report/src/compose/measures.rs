//! 困难和问题, 对策: what is worst, who mends it by when, and the plans that stand accepted.

use super::Writer;
use crate::Problem;
use crate::document::Cell;
use crate::number::count;
use crate::overview::{EXCESS_SHEET, sheet};

impl Writer<'_> {
    pub(super) fn problems(&mut self) {
        self.heading("二、困难和问题");
        let report = self.report;
        if report.problems.is_empty() {
            self.text("按已报的名册，没有发现差额、重复和超出。");
        }
        for (n, problem) in (1..).zip(&report.problems) {
            let list = if problem.excess { EXCESS_SHEET } else { sheet(problem.area) };
            self.lead(
                format!("{}是{}{}。", numeral(n), gap_before(&problem.finding), problem.finding),
                format!("{}。名单见 gaps.xlsx“{list}”表。", problem.evidence.join("。")),
            );
        }
        let open = self.unreported();
        if !open.is_empty() {
            self.lead(
                "名册没有报齐。",
                format!(
                    "{}没有送来名册，有没有差额还不清楚，名册送到后重新结算。",
                    open.join("、")
                ),
            );
        }
    }

    pub(super) fn measures(&mut self) {
        self.heading("三、对策和下步安排");
        let report = self.report;
        if report.problems.is_empty() {
            self.text("按月结算，有差即办。");
            self.plans();
            return;
        }
        self.text("对上述问题逐项定措施、定责任单位、定期限，办结一件销一件，逾期的报县教育扶贫领导小组督办。");
        let rows = (1..)
            .zip(&report.problems)
            .map(|(n, problem): (u32, &Problem)| {
                vec![
                    Cell::centre(n.to_string()),
                    Cell::text(problem.finding.clone()),
                    Cell::text(problem.measure.clone()),
                    Cell::text(&*problem.bearer),
                    Cell::centre(problem.by.map_or_else(
                        || if problem.excess { "核实后即办" } else { "期限已过，即办" }.to_owned(),
                        |day| day.to_string(),
                    )),
                ]
            })
            .collect();
        self.table(
            "问题、措施、责任单位和期限",
            &[8, 26, 33, 17, 16],
            &["序号", "问题", "措施", "责任单位", "最近期限"],
            rows,
        );
        self.plans();
    }

    /// Plans that stand accepted; without any, nothing is said.
    fn plans(&mut self) {
        let plans = &self.report.plans;
        if plans.is_empty() {
            return;
        }
        let (lines, done) = plans.iter().fold((0, 0), |(l, d), p| (l + p.lines, d + p.done));
        self.text(format!(
            "采用规划 {} 个，共要办 {} 件，已办 {} 件。每个规划都另行重算核对过。",
            plans.len(),
            count(lines),
            count(done)
        ));
        let rows = plans
            .iter()
            .map(|p| {
                vec![
                    Cell::text(&*p.title),
                    Cell::text(&*p.says),
                    Cell::text(&*p.basis),
                    Cell::centre(format!("{}／{}", count(p.done), count(p.lines))),
                    Cell::centre(p.next_due.map_or_else(|| "—".to_owned(), |day| day.to_string())),
                ]
            })
            .collect();
        self.table(
            "采用的规划",
            &[16, 40, 18, 12, 14],
            &["规划", "办什么", "依据", "已办／要办", "最近期限"],
            rows,
        );
    }
}

/// A space between Chinese and a figure.
fn gap_before(text: &str) -> &'static str {
    if text.starts_with(|c: char| c.is_ascii_digit()) { " " } else { "" }
}

/// 一 to 十九.
fn numeral(n: usize) -> String {
    const ONES: [&str; 10] = ["", "一", "二", "三", "四", "五", "六", "七", "八", "九"];
    match n {
        1..=9 => ONES[n].to_owned(),
        10..=19 => format!("十{}", ONES[n - 10]),
        _ => n.to_string(),
    }
}
