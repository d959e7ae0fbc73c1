//! The county's report, written: figures → sentences and tables.
//!
//! The form is the one that counties write: 现状 (five fields and what they stand on), 困难和问题, 对策, 附表. Every sentence reads
//! right with zero, and says 未报 where nobody reported.
#![expect(
    clippy::format_push_string,
    reason = "a few hundred sentences: plain reading is worth the copies"
)]

use std::collections::BTreeSet;

use fujiao_model::{Area, Money, Season, Stage, Term};

use crate::document::{Block, Cell, Document, Join, Table};
use crate::number::{count, long_date, number, quantity, signed, unit_count};
use crate::overview::{EXCESS_SHEET, Overview, period, sheet, title, word};
use crate::{AidLine, AidSum, AreaFigures, CountyReport, Problem, percent};

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
        let open: Vec<&str> = Area::ALL
            .iter()
            .filter(|&&area| self.area(area).is_none())
            .map(|&area| title(area))
            .collect();
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

    fn aid(&mut self) {
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

    fn meals(&mut self) {
        self.subheading("（二）营养改善");
        let Some(meals) = &self.report.meals else {
            self.text(format!("营养餐用餐名单{UNREPORTED}，本项没有数据。"));
            return;
        };
        if meals.schools == 0 {
            self.text("学校名册上没有农村义务教育学校，应供餐的学校数为 0。");
            return;
        }
        let mut text = format!(
            "计划覆盖全县农村义务教育学校 {} 所，已供餐 {} 所，学校覆盖率 {}；应享受学生 {} 人，已享受 {} 人，学生覆盖率 {}。",
            number(meals.schools),
            number(meals.schools_served),
            percent(signed(meals.schools_served), signed(meals.schools)),
            number(meals.pupils),
            number(meals.pupils_served),
            percent(signed(meals.pupils_served), signed(meals.pupils)),
        );
        text += &match meals.canteen_schools {
            None => format!("学校食堂供餐情况{UNREPORTED}。"),
            Some(schools) => {
                let share = match meals.canteen_pupils {
                    None => String::new(),
                    Some(pupils) => format!(
                        "，在食堂就餐 {} 人，食堂供餐率 {}",
                        number(pupils),
                        percent(signed(pupils), signed(meals.pupils_served))
                    ),
                };
                format!("其中学校食堂供餐 {} 所{share}。", number(schools))
            }
        };
        self.text(text);

        let (Some(first), Some(last)) = (meals.months.first(), meals.months.last()) else {
            self.text(format!("各月用餐名单{UNREPORTED}，应供、已供餐数没有数据。"));
            return;
        };
        let sum = |of: fn(&crate::MealMonth) -> i64| meals.months.iter().map(of).sum::<i64>();
        let (due, done, over) = (sum(|m| m.due), sum(|m| m.done), sum(|m| m.over));
        let mut text = format!(
            "{}，共应供 {} 餐，已供 {} 餐，",
            months((first.year, first.month), (last.year, last.month), meals.months.len()),
            count(due),
            count(done),
        );
        text += &match due - done {
            0 => format!("没有差，供餐率 {}。", percent(done, due)),
            gap => format!("差 {} 餐，供餐率 {}。", count(gap), percent(done, due)),
        };
        if let Some(claimed) = meals.claimed {
            text += &format!("申报餐费 {}。", wan(claimed));
        }
        text += &match over {
            0 => "没有多报。".to_owned(),
            over => {
                format!("多报 {} 餐，涉及学校 {} 所。", count(over), number(meals.over_schools))
            }
        };
        text += &self.lists(Area::Meals, over > 0);
        self.text(text);
    }

    fn training(&mut self) {
        self.subheading("（三）职业教育培训");
        let Some(training) = &self.report.training else {
            self.text(format!("培训名册{UNREPORTED}，本项没有数据。"));
            return;
        };
        let sum =
            |of: fn(&crate::CourseFigures) -> u64| training.courses.iter().map(of).sum::<u64>();
        if sum(|course| course.sessions) == 0 {
            self.text("还没有举办培训。");
        } else {
            let mut text = format!(
                "累计举办培训 {} 期、{} 人次，受训 {} 人，结业 {} 人次。",
                number(sum(|course| course.sessions)),
                number(sum(|course| course.attendances)),
                number(training.persons),
                number(sum(|course| course.completed)),
            );
            let courses: Vec<String> = training
                .courses
                .iter()
                .filter(|course| course.sessions > 0)
                .map(|course| {
                    format!(
                        "{} {} 期、{} 人次",
                        course.kind,
                        number(course.sessions),
                        number(course.attendances)
                    )
                })
                .collect();
            if courses.len() > 1 {
                text += &format!("其中{}。", courses.join("，"));
            }
            self.text(text);
        }
        let mut text = if training.households == 0 {
            "名册上没有应受训的家庭。".to_owned()
        } else {
            let gap = training.households.saturating_sub(training.households_covered);
            format!(
                "按“一户一人接受职业教育”，有劳动能力的脱贫户和监测户 {} 户，至少一人受训或在读的 {} 户，覆盖率 {}，{}。",
                number(training.households),
                number(training.households_covered),
                percent(signed(training.households_covered), signed(training.households)),
                missing(gap, "户"),
            )
        };
        text += &self.list(Area::Training);
        text += &match (training.graduates, training.placed) {
            (Some(0), _) => "还没有到期应就业的结业学员。".to_owned(),
            (Some(graduates), Some(placed)) => format!(
                "结业后应就业 {} 人，按期就业 {} 人，就业率 {}，{}。",
                number(graduates),
                number(placed),
                percent(signed(placed), signed(graduates)),
                missing(graduates.saturating_sub(placed), "人"),
            ),
            _ => format!("结业学员就业名册{UNREPORTED}。"),
        };
        if training.graduates.is_some_and(|n| n > 0) {
            text += &self.list(Area::Jobs);
        }
        self.text(text);
    }

    fn schooling(&mut self) {
        self.subheading("（四）控辍保学");
        let Some(schooling) = &self.report.schooling else {
            self.text(format!("户籍、学籍名册{UNREPORTED}，本项没有数据。"));
            return;
        };
        if schooling.school_age == 0 {
            self.text("户籍名册上没有义务教育适龄儿童，核对户籍名册是否送全。");
            return;
        }
        let exempt: u64 = schooling.exempt.iter().map(|(_, n)| n).sum();
        let kinds: Vec<String> = schooling
            .exempt
            .iter()
            .filter(|(_, n)| *n > 0)
            .map(|(kind, n)| format!("{kind} {} 人", number(*n)))
            .collect();
        let mut text = format!(
            "{}，全县义务教育适龄儿童 {} 人，在县内学校就读 {} 人",
            schooling.term.chinese(),
            number(schooling.school_age),
            number(schooling.in_school),
        );
        text += &match exempt {
            0 => "，没有县外就读、送教、延缓入学等情形。".to_owned(),
            n => format!("，依法不在县内班级就读 {} 人（{}）。", number(n), kinds.join("，")),
        };
        let settled = schooling.school_age.saturating_sub(schooling.suspected);
        text += &match schooling.suspected {
            0 => format!(
                "没有发现疑似失学辍学，入学率 {}。",
                percent(signed(settled), signed(schooling.school_age))
            ),
            n => format!(
                "疑似失学辍学 {} 人，入学率 {}，逐人核实劝返，有返校考勤的才销号。",
                number(n),
                percent(signed(settled), signed(schooling.school_age))
            ),
        };
        text += &match schooling.double_enrolled {
            0 => "没有双重学籍。".to_owned(),
            n => format!("双重学籍 {} 人。", number(n)),
        };
        text += &match schooling.returned {
            None => format!("本学年劝返复学人数{UNREPORTED}。"),
            Some(0) => "本学年还没有劝返复学的。".to_owned(),
            Some(n) => format!("本学年已劝返复学 {} 人。", number(n)),
        };
        text += &self.list(Area::Schooling);
        self.text(text);
    }

    fn pairing(&mut self) {
        self.subheading("（五）结对帮扶");
        let Some(pairing) = &self.report.pairing else {
            self.text(format!("结对名册{UNREPORTED}，本项没有数据。"));
            return;
        };
        if pairing.pupils == 0 {
            self.text("名册上没有应结对的学生。");
            return;
        }
        let mut text = format!(
            "应结对学生 {} 人，已结对 {} 人，结对覆盖率 {}，{}。",
            number(pairing.pupils),
            number(pairing.paired),
            percent(signed(pairing.paired), signed(pairing.pupils)),
            missing(pairing.pupils.saturating_sub(pairing.paired), "人"),
        );
        if let Some(tenths) = (pairing.paired * 10).checked_div(pairing.mentors) {
            text += &format!(
                "帮扶教师 {} 人，人均结对 {}.{} 人。",
                number(pairing.mentors),
                tenths / 10,
                tenths % 10
            );
        }
        match (pairing.months.first(), pairing.months.last()) {
            (Some(first), Some(last)) => {
                let due: i64 = pairing.months.iter().map(|month| month.due).sum();
                let done: i64 = pairing.months.iter().map(|month| month.done).sum();
                text += &format!(
                    "{}，应联系 {} 次，已联系 {} 次，联系率 {}，{}。",
                    months(
                        (first.year, first.month),
                        (last.year, last.month),
                        pairing.months.len()
                    ),
                    count(due),
                    count(done),
                    percent(done, due),
                    missing(u64::try_from(due - done).unwrap_or(0), "次"),
                );
            }
            _ => text += "本学年还没有到期应联系的月份。",
        }
        let kinds: Vec<String> = pairing
            .by_kind
            .iter()
            .filter(|(_, n)| *n > 0)
            .map(|(kind, n)| format!("{kind} {} 次", number(*n)))
            .collect();
        if !kinds.is_empty() {
            text += &format!("联系记录中{}。", kinds.join("，"));
        }
        if let Some(things) = pairing.things_only.filter(|&n| n > 0) {
            text += &format!("只送物、没有谈心家访的学生 {} 人，不算联系。", number(things));
        }
        text += &self.list(Area::Pairing);
        self.text(text);
    }

    /// What the five fields stand on: buildings, staff, class places, money.
    fn footing(&mut self) {
        self.subheading("（六）办学条件、师资、学位和资金");
        for (area, lead, due, done, rate) in [
            (Area::Conditions, "办学条件。", "对照标准应达标", "已达标", "达标率"),
            (Area::Teachers, "师资。", "按编制标准应配教职工", "在岗", "配备率"),
            (Area::Places, "学位。", "各班在校生", "在标准班额以内", "班额达标率"),
            (Area::Funds, "资金。", "已到账资金", "已按用途支出", "执行率"),
        ] {
            let Some(figures) = self.area(area) else {
                self.lead(lead, format!("名册{UNREPORTED}，本项没有数据。"));
                continue;
            };
            if figures.duties == 0 {
                self.lead(lead, "名册上没有应办的事项。");
                continue;
            }
            let shown = Overview::of(figures);
            // Class places are counted by who sits in them.
            let unit = if area == Area::Places { "人" } else { shown.unit() };
            let say = |n: i64| format!("{} {unit}", shown.say(n));
            let whose = match area {
                Area::Places => "个班",
                Area::Funds => "笔资金",
                _ => "所学校",
            };
            let mut text = format!(
                "{due} {}，{done} {}，{rate} {}，",
                say(shown.due),
                say(shown.done),
                percent(shown.done, shown.due),
            );
            text += &match shown.gap {
                0 => "没有差。".to_owned(),
                gap => {
                    format!("差 {}，涉及 {} {whose}。", say(gap), number(affected(area, figures)))
                }
            };
            let mut kinds: Vec<&AreaFigures> =
                self.report.kinds.iter().filter(|kind| kind.area == area && kind.gap > 0).collect();
            kinds.sort_by_key(|kind| std::cmp::Reverse(kind.duties_gap));
            if kinds.len() > 1 {
                let named: Vec<String> = kinds
                    .iter()
                    .take(5)
                    .map(|kind| format!("{}差 {}", kind.kind_title, quantity(kind.unit, kind.gap)))
                    .collect();
                text += &format!("缺口大的：{}。", named.join("，"));
            }
            text += &self.list(area);
            self.lead(lead, text);
        }
    }

    fn problems(&mut self) {
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
        let open: Vec<&str> = Area::ALL
            .iter()
            .filter(|&&area| self.area(area).is_none())
            .map(|&area| title(area))
            .collect();
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

    fn measures(&mut self) {
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

/// How many are behind a gap; of class places the classes.
fn affected(area: Area, figures: &AreaFigures) -> u64 {
    if area == Area::Places { figures.duties_gap } else { figures.subjects_gap }
}

fn missing(gap: u64, unit: &str) -> String {
    if gap == 0 { "没有差".to_owned() } else { format!("差 {} {unit}", number(gap)) }
}

fn wan(money: Money) -> String {
    format!("{} 万元", money.wan())
}

fn aid_sum(sum: AidSum) -> String {
    format!("{} 人次、{}", number(sum.times), wan(sum.amount))
}

/// 2024 年 6 月至 9 月 2 个月
fn months(first: (i16, i8), last: (i16, i8), n: usize) -> String {
    if first == last {
        format!("{} 年 {} 月", first.0, first.1)
    } else if first.0 == last.0 {
        format!("{} 年 {} 月至 {} 月的 {n} 个月", first.0, first.1, last.1)
    } else {
        format!("{} 年 {} 月至 {} 年 {} 月的 {n} 个月", first.0, first.1, last.0, last.1)
    }
}

impl std::ops::AddAssign for AidSum {
    fn add_assign(&mut self, other: Self) {
        self.times += other.times;
        self.amount += other.amount;
    }
}

fn paid<'a>(lines: impl Iterator<Item = &'a AidLine>) -> AidSum {
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

fn annex(report: &CountyReport) -> Vec<Block> {
    let mut blocks = vec![Block::Heading("附表".to_owned())];
    let mut tables = Vec::new();
    if !report.towns.is_empty() {
        tables.push(by_town(report));
    }
    if !report.kinds.is_empty() {
        tables.push(by_kind(report));
    }
    let years: BTreeSet<i16> = report.aid.iter().map(|line| line.term.year()).collect();
    for &year in years.iter().rev().take(2) {
        tables.push(bulletin(report, year));
    }
    if tables.is_empty() {
        blocks.push(Block::text(format!("分乡镇、分项和资助统计的名册{UNREPORTED}，没有附表。")));
    }
    for (n, mut table) in (1..).zip(tables) {
        table.caption = format!("附表 {n}　{}", table.caption);
        blocks.push(Block::Table(table));
    }
    if !report.aid.is_empty() {
        blocks.push(Block::Note(
            "一年按日历年（春季、秋季）计，全年人数是两学期人次之和。1 类：脱贫、监测、低保、特困、孤儿、事实无人抚养、残疾学生；\
             2 类：其他。—：这一学期没有发放；未报：没有收到下达资金的分项数。金额为万元，按分合计后截取到两位小数，分项之和可能比合计少 \
             0.01。"
                .to_owned(),
        ));
    }
    blocks
}

/// 分乡镇应办和差: two columns an area.
fn by_town(report: &CountyReport) -> Table {
    let areas: Vec<Area> = Area::ALL
        .iter()
        .copied()
        .filter(|&area| {
            report.towns.iter().any(|town| town.areas.iter().any(|figures| figures.area == area))
        })
        .collect();
    let mut first = vec![Cell::centre("乡镇").join(Join::First)];
    let mut second = vec![Cell::centre("").join(Join::Below)];
    for &area in &areas {
        let unit = report
            .areas
            .iter()
            .find(|figures| figures.area == area)
            .map_or("件", |figures| Overview::of(figures).unit());
        first.push(Cell::centre(format!("{}（{unit}）", area.chinese())).over(2));
        second.push(Cell::centre("应"));
        second.push(Cell::centre("差"));
    }
    let row = |name: &str, of: &[AreaFigures]| {
        let mut cells = vec![Cell::text(name)];
        for &area in &areas {
            match of.iter().find(|figures| figures.area == area) {
                None => cells.extend([Cell::figure("—"), Cell::figure("—")]),
                Some(figures) => {
                    let shown = Overview::of(figures);
                    cells.push(Cell::figure(shown.say(shown.due)));
                    cells.push(Cell::gap(shown.say(shown.gap), shown.gap));
                }
            }
        }
        cells
    };
    let mut rows: Vec<Vec<Cell>> = report
        .towns
        .iter()
        .map(|town| {
            let name = if town.town.is_empty() { "未定乡镇" } else { &*town.town };
            row(name, &town.areas)
        })
        .collect();
    rows.push(row("全县", &report.areas));
    let mut widths = vec![20];
    widths.extend([12, 9].repeat(areas.len()));
    Table {
        caption: format!("分乡镇应办和差额，截至 {}", report.as_of),
        widths,
        header: vec![first, second],
        rows,
    }
}

/// 各领域分项: every kind in its own unit.
fn by_kind(report: &CountyReport) -> Table {
    let header = [
        "领域",
        "事项",
        "单位",
        "应",
        "已",
        "差",
        "",
        "覆盖率",
        "逾期（件）",
        "差涉及（个）",
        "不应（件）",
        "重复（件）",
        "超出（件）",
    ];
    let mut rows = Vec::new();
    let mut last = None;
    let mut kinds: Vec<&AreaFigures> = report.kinds.iter().collect();
    kinds.sort_by_key(|figures| figures.area);
    for figures in kinds {
        let join = if last == Some(figures.area) { Join::Below } else { Join::First };
        let name = if join == Join::First { title(figures.area) } else { "" };
        last = Some(figures.area);
        let unit = figures.unit;
        let say = |n: i64| match unit {
            Some(fujiao_model::Unit::Fen) => Money::fen(n).wan(),
            Some(unit) => unit_count(unit, n),
            None => count(n),
        };
        let unit_name = match unit {
            Some(fujiao_model::Unit::Fen) => "万元",
            Some(unit) => word(unit),
            None => "件",
        };
        rows.push(vec![
            Cell::text(name).join(join),
            Cell::text(&*figures.kind_title),
            Cell::centre(unit_name),
            Cell::figure(say(figures.due)),
            Cell::figure(say(figures.done)),
            Cell::gap(say(figures.gap), figures.gap),
            Cell::bar(figures.done, figures.due),
            Cell::figure(percent(figures.done, figures.due)),
            Cell::gap(number(figures.overdue), signed(figures.overdue)),
            Cell::figure(number(figures.subjects_gap)),
            Cell::figure(number(figures.unfounded.times)),
            Cell::figure(number(figures.repeated.times)),
            Cell::figure(number(figures.over.times)),
        ]);
    }
    Table {
        caption: format!("各领域分项应办、已办和差额，截至 {}", report.as_of),
        widths: vec![18, 24, 8, 16, 16, 14, 14, 11, 10, 11, 10, 10, 10],
        header: vec![header.iter().map(|&text| Cell::centre(text)).collect()],
        rows,
    }
}

/// 各学段学生资助情况统计表 of a calendar year, in the bulletin's layout.
fn bulletin(report: &CountyReport, year: i16) -> Table {
    let half = |name: &str| Cell::centre(name).over(7);
    let joined = |text: &str, join| Cell::centre(text).join(join);
    let mut second = vec![joined("", Join::Below), joined("", Join::Below)];
    let mut third = second.clone();
    for _ in 0..2 {
        second.extend([
            joined("下达资金", Join::First),
            joined("资助金额", Join::First),
            joined("资助人数", Join::First),
            Cell::centre("1 类").over(2),
            Cell::centre("2 类").over(2),
        ]);
        third.extend((0..3).map(|_| joined("", Join::Below)));
        third.extend(["人数", "金额", "人数", "金额"].map(Cell::centre));
    }
    second.extend([joined("人数", Join::First), joined("金额", Join::First)]);
    third.extend((0..2).map(|_| joined("", Join::Below)));
    let header = vec![
        vec![
            joined("学段", Join::First),
            joined("项目", Join::First),
            half("春季"),
            half("秋季"),
            Cell::centre("全年").over(2),
        ],
        second,
        third,
    ];

    let of_year: Vec<&AidLine> =
        report.aid.iter().filter(|line| line.term.year() == year).collect();
    let mut programmes: Vec<(bool, Stage, &str)> =
        of_year.iter().map(|line| (line.loan, line.stage, &*line.programme)).collect();
    programmes.sort_unstable();
    programmes.dedup();
    let mut rows = Vec::new();
    let mut last = None;
    for &(loan, stage, programme) in &programmes {
        let some: Vec<&AidLine> = of_year
            .iter()
            .copied()
            .filter(|line| (line.loan, line.stage, &*line.programme) == (loan, stage, programme))
            .collect();
        let join = if last == Some((loan, stage)) { Join::Below } else { Join::First };
        last = Some((loan, stage));
        let name = STAGES.iter().find(|(of, _)| *of == stage).map_or("", |(_, name)| name);
        let name = if join == Join::First { name } else { "" };
        let mut row = vec![Cell::text(name).join(join), Cell::text(programme)];
        row.extend(bulletin_figures(&some, year));
        rows.push(row);
    }
    let grants: Vec<&AidLine> = of_year.iter().copied().filter(|line| !line.loan).collect();
    let mut total = vec![Cell::text("合计"), Cell::text("不含贷款")];
    total.extend(bulletin_figures(&grants, year));
    rows.push(total);
    let mut widths = vec![11, 27];
    widths.extend([13, 13, 12, 12, 13, 12, 13].repeat(2));
    widths.extend([13, 15]);
    Table {
        caption: format!("{year} 年各学段学生资助情况统计表（人数为人次，金额为万元）"),
        widths,
        header,
        rows,
    }
}

/// Spring, autumn and the year of some lines.
fn bulletin_figures(lines: &[&AidLine], year: i16) -> Vec<Cell> {
    let mut cells = Vec::new();
    for season in [Season::Spring, Season::Autumn] {
        let term = Term::new(year, season);
        let some: Vec<&AidLine> = lines.iter().copied().filter(|line| line.term == term).collect();
        if some.is_empty() {
            cells.extend((0..7).map(|_| Cell::figure("—")));
            continue;
        }
        let received: Option<Vec<Money>> = some.iter().map(|line| line.received).collect();
        cells.push(Cell::figure(
            received
                .map_or_else(|| UNREPORTED.to_owned(), |all| all.into_iter().sum::<Money>().wan()),
        ));
        let sum = |of: fn(&AidLine) -> AidSum| {
            let mut sum = AidSum::default();
            for line in &some {
                sum += of(line);
            }
            sum
        };
        let all = sum(|line| line.paid);
        cells.push(Cell::figure(all.amount.wan()));
        cells.push(Cell::figure(number(all.times)));
        for class in [sum(|line| line.first_class), sum(|line| line.second_class)] {
            cells.push(Cell::figure(number(class.times)));
            cells.push(Cell::figure(class.amount.wan()));
        }
    }
    let whole = paid(lines.iter().copied());
    cells.push(Cell::figure(number(whole.times)));
    cells.push(Cell::figure(whole.amount.wan()));
    cells
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
