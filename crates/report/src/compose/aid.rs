//! 学生资助: what was paid in the year, and what the terms whose lists are closed still miss.

use std::collections::BTreeSet;

use fujiao_model::{Area, Season, Term};

use super::{STAGES, UNREPORTED, Writer, wan};
use crate::document::Cell;
use crate::number::{number, signed};
use crate::overview::period;
use crate::{AidLine, AidSum, percent};

impl Writer<'_> {
    pub(super) fn aid(&mut self) {
        self.subheading("（一）学生资助");
        let lines = &self.report.aid;
        if lines.is_empty() {
            self.text(format!("资助发放名册{UNREPORTED}，本项没有数据。"));
            return;
        }
        // January still belongs to the autumn before.
        let year = Term::of(self.report.as_of).year();
        let grants = |keep: &dyn Fn(&AidLine) -> bool| {
            paid(lines.iter().filter(|line| !line.loan && keep(line)))
        };
        let of_year = grants(&|line| line.term.year() == year);
        let half = |season| {
            let term = Term::new(year, season);
            let name = if season == Season::Spring { "春季学期" } else { "秋季学期" };
            let sum = grants(&|line| line.term == term);
            if sum.times == 0 {
                format!("{name}还没有发放")
            } else {
                format!("{name}发放 {}", aid_sum(sum))
            }
        };
        let mut text = if of_year.times == 0 {
            format!("{year} 年还没有发放资助。")
        } else {
            format!(
                "{year} 年累计发放资助 {}，惠及学生 {} 人次，其中{}，{}。",
                wan(of_year.amount),
                number(of_year.times),
                half(Season::Spring),
                half(Season::Autumn),
            )
        };
        let stages: Vec<String> = STAGES
            .iter()
            .map(|&(stage, name)| {
                (name, grants(&|line| line.term.year() == year && line.stage == stage))
            })
            .filter(|(_, sum)| sum.times > 0)
            .map(|(name, sum)| format!("{name} {}", aid_sum(sum)))
            .collect();
        if stages.len() > 1 {
            text += &format!("按学段：{}。", stages.join("；"));
        }
        let school_year = Term::of(self.report.as_of).school_year() - 1;
        let of_school_year = grants(&|line| line.term.school_year() == school_year);
        if of_school_year.times > 0 {
            text += &format!(
                "{school_year}—{} 学年秋、春两学期合计 {}。",
                school_year + 1,
                aid_sum(of_school_year)
            );
        }
        let loans = paid(lines.iter().filter(|line| line.loan && line.term.year() == year));
        if loans.times > 0 {
            text += &format!(
                "另办理生源地信用助学贷款 {} 人、{}。",
                number(loans.times),
                wan(loans.amount)
            );
        }
        self.text(text);
        self.aid_by_term();
    }

    /// Coverage of the terms whose lists are closed.
    fn aid_by_term(&mut self) {
        let closed: BTreeSet<Term> = self
            .report
            .aid
            .iter()
            .filter(|line| line.due.is_some())
            .map(|line| line.term)
            .collect();
        let Some(&last) = closed.last() else {
            self.text("各学期的应助名单还没有定，应助尽助率暂时算不出。");
            return;
        };
        let figures = TermAid::of(&self.report.aid, last);
        let mut text = format!(
            "名单已定的最近一期是 {} 年{}季学期，应资助 {}，足额资助 {} 人次，应助尽助率 {}。",
            last.year(),
            if last.season() == Season::Spring { "春" } else { "秋" },
            aid_sum(figures.due),
            number(figures.due.times - figures.missed.times),
            percent(signed(figures.due.times - figures.missed.times), signed(figures.due.times)),
        );
        if figures.missed.times == 0 {
            text += "没有漏助。";
        } else {
            text += &format!(
                "漏助（含未足额）{} 人次，少发 {}。",
                number(figures.missed.times),
                wan(figures.missed.amount)
            );
        }
        let beyond: Vec<String> = [
            ("不应助而助", figures.unfounded),
            ("重复发放", figures.repeated),
            ("超标准发放", figures.over),
        ]
        .into_iter()
        .filter(|(_, sum)| sum.times > 0)
        .map(|(name, sum)| format!("{name} {}", aid_sum(sum)))
        .collect();
        if beyond.is_empty() {
            text += "没有不应助而助、重复和超标准发放。";
        } else {
            text += &format!("{}。", beyond.join("；"));
        }
        text += &self.lists(Area::Aid, !beyond.is_empty());
        self.text(text);

        let rows = closed
            .iter()
            .map(|&term| {
                let of = TermAid::of(&self.report.aid, term);
                let full = of.due.times - of.missed.times;
                vec![
                    Cell::text(period(fujiao_model::Period::Term(term))),
                    Cell::figure(number(of.due.times)),
                    Cell::figure(number(full)),
                    Cell::gap(number(of.missed.times), signed(of.missed.times)),
                    Cell::figure(percent(signed(full), signed(of.due.times))),
                    Cell::figure(of.missed.amount.wan()),
                    Cell::figure(number(of.unfounded.times)),
                    Cell::figure(number(of.repeated.times)),
                    Cell::figure(number(of.over.times)),
                ]
            })
            .collect();
        self.table(
            "应助尽助，按学期（人次；少发为万元）",
            &[24, 11, 11, 9, 16, 11, 8, 8, 8],
            &["学期", "应助", "足额", "漏助", "应助尽助率", "少发", "不应", "重复", "超出"],
            rows,
        );
    }
}

fn aid_sum(sum: AidSum) -> String {
    format!("{} 人次、{}", number(sum.times), wan(sum.amount))
}

impl std::ops::AddAssign for AidSum {
    fn add_assign(&mut self, other: Self) {
        self.times += other.times;
        self.amount += other.amount;
    }
}

pub(super) fn paid<'a>(lines: impl Iterator<Item = &'a AidLine>) -> AidSum {
    let mut sum = AidSum::default();
    for line in lines {
        sum += line.paid;
    }
    sum
}

/// Aid of one term, over stages and programmes.
#[derive(Default)]
struct TermAid {
    due: AidSum,
    missed: AidSum,
    unfounded: AidSum,
    repeated: AidSum,
    over: AidSum,
}

impl TermAid {
    fn of(lines: &[AidLine], term: Term) -> Self {
        let mut all = Self::default();
        for line in lines.iter().filter(|line| line.term == term && !line.loan) {
            all.due += line.due.unwrap_or_default();
            all.missed += line.missed;
            all.unfounded += line.unfounded;
            all.repeated += line.repeated;
            all.over += line.over;
        }
        all
    }
}
