//! The county's report, written: figures → sentences and tables.
//!
//! The form is the one that counties write: 现状 (five fields and what they stand on), 困难和问题, 对策, 附表. Every sentence reads
//! right with zero, and says 未报 where nobody reported.
#![expect(
    clippy::format_push_string,
    reason = "a few hundred sentences: plain reading is worth the copies"
)]

mod aid;
mod annex;
mod footing;
mod measures;
mod services;

use fujiao_model::{Area, Money, Stage, Term};

use crate::document::{Block, Cell, Document, Table};
use crate::number::{long_date, number};
use crate::overview::{EXCESS_SHEET, Overview, sheet, title};
use crate::{AreaFigures, CountyReport, percent};
use annex::annex;

/// Said of what no workbook told.
const UNREPORTED: &str = "未报";
const STAGES: [(Stage, &str); 6] = [
    (Stage::Preschool, "学前"),
    (Stage::Primary, "小学"),
    (Stage::Junior, "初中"),
    (Stage::Senior, "普高"),
    (Stage::Vocational, "中职"),
    (Stage::Higher, "高校"),
];

/// The county's report as a document; [`crate::report_docx`] makes Word of it.
pub fn report_document(report: &CountyReport) -> Document {
    let mut writer = Writer { report, tables: 0, body: Vec::new() };
    writer.opening();
    writer.aid();
    writer.meals();
    writer.training();
    writer.schooling();
    writer.pairing();
    writer.footing();
    writer.problems();
    writer.measures();
    writer.body.push(Block::Signature(vec![report.bureau.to_string(), long_date(report.as_of)]));
    let title = format!("{}教育扶贫工作总结", report.county);
    let sample = if report.sample { "　示例数据" } else { "" };
    Document {
        header: format!("{title}　数据截至 {}{sample}", report.as_of),
        title,
        author: report.bureau.to_string(),
        sample: report.sample,
        body: writer.body,
        annex: annex(report),
    }
}

struct Writer<'a> {
    report: &'a CountyReport,
    /// How many tables the text has so far.
    tables: u32,
    body: Vec<Block>,
}

impl Writer<'_> {
    fn text(&mut self, text: impl Into<String>) {
        self.body.push(Block::text(text));
    }

    fn lead(&mut self, lead: impl Into<String>, text: impl Into<String>) {
        self.body.push(Block::Paragraph { lead: lead.into(), text: text.into() });
    }

    fn heading(&mut self, text: &str) {
        self.body.push(Block::Heading(text.to_owned()));
    }

    fn subheading(&mut self, text: &str) {
        self.body.push(Block::Subheading(text.to_owned()));
    }

    fn table(&mut self, caption: &str, widths: &[u32], header: &[&str], rows: Vec<Vec<Cell>>) {
        self.tables += 1;
        self.body.push(Block::Table(Table {
            caption: format!("表 {}　{caption}", self.tables),
            widths: widths.to_vec(),
            header: vec![header.iter().map(|&text| Cell::centre(text)).collect()],
            rows,
        }));
    }

    fn area(&self, area: Area) -> Option<&AreaFigures> {
        self.report.areas.iter().find(|figures| figures.area == area)
    }

    /// Where the names are: only said when there are any.
    fn list(&self, area: Area) -> String {
        match self.area(area) {
            Some(figures) if figures.duties_gap > 0 => {
                format!("名单见 gaps.xlsx“{}”表。", sheet(area))
            }
            _ => String::new(),
        }
    }

    /// Where the names are of the gaps and of what was done beyond any duty.
    fn lists(&self, area: Area, beyond: bool) -> String {
        match (self.list(area), beyond) {
            (list, false) => list,
            (list, true) if list.is_empty() => format!("名单见 gaps.xlsx“{EXCESS_SHEET}”表。"),
            (_, true) => format!("名单见 gaps.xlsx“{}”“{EXCESS_SHEET}”两表。", sheet(area)),
        }
    }

    /// The areas of which no office sent anything.
    fn unreported(&self) -> Vec<&'static str> {
        let of = |area: &&Area| self.area(**area).is_none();
        Area::ALL.iter().filter(of).map(|area| title(*area)).collect()
    }

    fn opening(&mut self) {
        let report = self.report;
        self.body.push(Block::Title(format!("{}教育扶贫工作总结", report.county)));
        let term = Term::of(report.as_of).chinese();
        self.body.push(Block::Scope(format!("{term}　数据截至 {}", long_date(report.as_of))));
        if report.sample {
            self.body.push(Block::Mark(
                "示例数据：本文的县、地名、人和数都是编的，不是任何真实的人和事".to_owned(),
            ));
        }
        let open = self.unreported();
        let mut text = format!(
            "治贫先治愚，扶贫先扶教。现将{}截至 {}的教育扶贫工作总结如下。各项工作都按应办、已办、差额三个数来说；差的每一件\
             都在所附清单（gaps.xlsx）上有名单、责任人和期限。",
            report.county,
            long_date(report.as_of),
        );
        if !open.is_empty() {
            text += &format!("{}{UNREPORTED}名册，没有数据，不按零计。", open.join("、"));
        }
        self.text(text);

        let rows = Area::ALL.iter().map(|&area| overview_row(area, self.area(area))).collect();
        self.table(
            &format!("各项应办，截至 {}", report.as_of),
            &[25, 8, 15, 15, 13, 15, 11],
            &["事项", "单位", "应", "已", "差", "", "覆盖率"],
            rows,
        );
        let mut note = "差 = 应 − 已。重复、不应、超出的单独列，不从差里抵减。".to_owned();
        if !report.kinds.is_empty() {
            let table = 1 + u32::from(!report.towns.is_empty());
            note += &format!("逾期和差涉及的人、户、校见附表 {table}。");
        }
        self.body.push(Block::Note(note));
        self.heading("一、现状");
    }
}

fn missing(gap: u64, unit: &str) -> String {
    if gap == 0 { "没有差".to_owned() } else { format!("差 {} {unit}", number(gap)) }
}

fn wan(money: Money) -> String {
    format!("{} 万元", money.wan())
}

/// A line of table 1.
fn overview_row(area: Area, figures: Option<&AreaFigures>) -> Vec<Cell> {
    let Some(figures) = figures else {
        let mut row = vec![Cell::text(title(area))];
        row.extend((0..6).map(|at| Cell::figure(if at == 4 { "" } else { UNREPORTED })));
        return row;
    };
    let shown = Overview::of(figures);
    vec![
        Cell::text(title(area)),
        Cell::centre(shown.unit()),
        Cell::figure(shown.say(shown.due)),
        Cell::figure(shown.say(shown.done)),
        Cell::gap(shown.say(shown.gap), shown.gap),
        Cell::bar(shown.done, shown.due),
        Cell::figure(percent(shown.done, shown.due)),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample;

    #[test]
    fn a_county_that_reported_everything() {
        insta::assert_snapshot!(report_document(&sample::report()).to_text());
    }

    #[test]
    fn a_county_that_reported_hardly_anything() {
        insta::assert_snapshot!(report_document(&sample::bare()).to_text());
    }

    #[test]
    fn no_full_rate_beside_a_gap() {
        let mut report = sample::report();
        let schooling = report.schooling.as_mut().unwrap();
        schooling.school_age = 1_000_000;
        schooling.suspected = 1;
        assert!(report_document(&report).to_text().contains("入学率 99.9%"));
    }

    #[test]
    fn no_name_of_a_person_is_in_the_report() {
        let report = sample::report();
        let text = report_document(&report).to_text();
        for line in sample::lines(2_000) {
            if line.subject.kind == fujiao_model::SubjectKind::Person {
                assert!(!text.contains(&line.name), "{}", line.name);
            }
        }
    }
}
