//! Where it is worst: the lines of gaps → the report's difficulties, each with its evidence, its measure and its bearer.
#![expect(
    clippy::format_push_string,
    reason = "a few hundred sentences: plain reading is worth the copies"
)]

use std::cmp::Reverse;
use std::collections::BTreeMap;

use fujiao_model::{Area, ExcessKind, Unit};
use jiff::civil::Date;

use crate::number::{long_date, number, quantity, signed};
use crate::{AreaFigures, GapLine, Problem, percent};

/// How many towns, schools and kinds the evidence names.
const NAMED: usize = 3;

/// The difficulties that the lines show: children in no school first, then those with the most overdue duties, then the most gaps.
///
/// One for each area with a gap, and one for what was done beyond any duty in aid and meals. Every figure is counted from the lines;
/// `areas` gives the shares. No name of a person is in them. Takes n log n for n lines.
pub fn problems(lines: &[GapLine], areas: &[AreaFigures], as_of: Date) -> Vec<Problem> {
    let mut found: Vec<(Reverse<u64>, Reverse<u64>, Problem)> = Vec::new();
    for &area in Area::ALL {
        let gaps: Vec<&GapLine> = lines.iter().filter(|l| l.area == area && l.gap > 0).collect();
        if !gaps.is_empty() {
            let figures = areas.iter().find(|figures| figures.area == area);
            found.push(missing(area, &gaps, figures, as_of));
        }
        let beyond: Vec<&GapLine> =
            lines.iter().filter(|l| l.area == area && l.excess > 0).collect();
        if !beyond.is_empty() && matches!(area, Area::Aid | Area::Meals) {
            found.push(too_much(area, &beyond));
        }
    }
    found.sort_by_key(|&(overdue, gaps, ref problem)| {
        (problem.area != Area::Schooling, overdue, gaps, problem.area)
    });
    found.into_iter().map(|(_, _, problem)| problem).collect()
}

/// What is owed and not done.
fn missing(
    area: Area,
    gaps: &[&GapLine],
    figures: Option<&AreaFigures>,
    as_of: Date,
) -> (Reverse<u64>, Reverse<u64>, Problem) {
    let overdue: Vec<&&GapLine> = gaps.iter().filter(|line| line.overdue).collect();
    let subjects = distinct(gaps);
    let total = sum(gaps, |line| line.gap);
    let finding = match area {
        Area::Aid => format!("应助未助 {} 人次，涉及 {} 人", len(gaps), number(subjects)),
        Area::Meals => format!("营养餐少供 {}，涉及学生 {} 人", total, number(subjects)),
        Area::Schooling => format!("疑似失学辍学 {} 人", number(subjects)),
        Area::Pairing => format!("结对帮扶不到位，涉及学生 {} 人", number(subjects)),
        Area::Training => format!("{} 户还没有一人接受职业教育", number(subjects)),
        Area::Jobs => format!("结业后未按期就业 {} 人", number(subjects)),
        Area::Conditions => {
            format!("{} 所学校办学条件不达标，共 {} 项", number(subjects), len(gaps))
        }
        Area::Teachers => format!("{} 所学校缺教职工，共缺 {}", number(subjects), total),
        Area::Places => format!(
            "{} 所学校 {} 个班超过标准班额",
            number(by(gaps, |l| &l.school).len() as u64),
            len(gaps)
        ),
        Area::Funds => format!("{} 笔资金未按用途支出，计 {}", len(gaps), total),
    };

    let mut evidence = Vec::new();
    if let Some(figures) = figures.filter(|figures| figures.duties > 0) {
        evidence.push(format!(
            "应办 {} 件，未办结 {} 件，占 {}",
            number(figures.duties),
            number(figures.duties_gap),
            share(figures.duties_gap, figures.duties),
        ));
    }
    let kinds = by(gaps, |line| &line.kind_title);
    if kinds.len() > 1 {
        evidence.push(format!("其中{}", named(&kinds, "件")));
    }
    let towns = by(gaps, |line| &line.town);
    if !towns.is_empty() {
        evidence.push(format!("差得多的乡镇：{}", named(&towns, "件")));
    }
    let schools = by(gaps, |line| &line.school);
    if !schools.is_empty() {
        evidence.push(format!("差得多的学校：{}", named(&schools, "件")));
    }
    let first_day = overdue.iter().filter_map(|line| line.due_on).min();
    if let Some(day) = first_day {
        evidence.push(format!(
            "已过期限 {} 件，最早的应在 {}前办结",
            number(overdue.len() as u64),
            long_date(day),
        ));
    }

    let by_when = gaps.iter().filter_map(|line| line.due_on).filter(|&day| day >= as_of).min();
    let bearers = by(gaps, |line| &line.bearer);
    let problem = Problem {
        area,
        excess: false,
        finding,
        evidence,
        measure: measure(area, !overdue.is_empty()),
        bearer: people(&bearers).into(),
        by: by_when,
    };
    (Reverse(overdue.len() as u64), Reverse(gaps.len() as u64), problem)
}

/// What was done with nothing owed.
fn too_much(area: Area, lines: &[&GapLine]) -> (Reverse<u64>, Reverse<u64>, Problem) {
    let of = |kind| {
        let some: Vec<&GapLine> =
            lines.iter().copied().filter(|line| line.excess_kind == Some(kind)).collect();
        (len(&some), sum(&some, |line| line.excess), !some.is_empty())
    };
    let (word, measure) = match area {
        Area::Aid => {
            ("发放", "逐笔核对名单与发放记录，属实的多发款按原渠道收回并缴还专户，核错的更正名单")
        }
        _ => ("申报", "对照考勤重核用餐名单，多报的餐费从下月拨款中扣减，学校负责人签字确认"),
    };
    let mut parts = Vec::new();
    for (kind, label) in [
        (ExcessKind::Unfounded, "不应"),
        (ExcessKind::Repeated, "重复"),
        (ExcessKind::Over, "超出"),
    ] {
        if let (times, total, true) = of(kind) {
            parts.push(format!("{label}{word} {times} 件、{total}"));
        }
    }
    let total = sum(lines, |line| line.excess);
    let finding = match area {
        Area::Aid => format!("不应助而助、重复和超标准发放 {} 件，计 {total}", len(lines)),
        _ => format!("多报营养餐 {total}，涉及学生 {} 人", number(distinct(lines))),
    };
    let mut evidence = vec![parts.join("，")];
    for (what, names) in
        [("乡镇", by(lines, |line| &line.town)), ("学校", by(lines, |line| &line.school))]
    {
        if !names.is_empty() {
            evidence.push(format!("多出较集中的{what}：{}", named(&names, "件")));
        }
    }
    let problem = Problem {
        area,
        excess: true,
        finding,
        evidence,
        measure: measure.to_owned(),
        bearer: people(&by(lines, |line| &line.bearer)).into(),
        by: None,
    };
    (Reverse(0), Reverse(lines.len() as u64), problem)
}

/// What is done about it. The steps are those of the field's own rules; who and by when come from the duties.
fn measure(area: Area, overdue: bool) -> String {
    let text = match area {
        Area::Aid => "按名单逐人核对身份、学籍和收款账户，随下一批补发到位",
        Area::Meals => "按学校和月份查明未供原因，补供或调整采购，停供当日报告",
        Area::Schooling => {
            "逐人上门核实去向，劝返复学、补办学籍或办理免入学、送教手续，返校有考勤后销号"
        }
        Area::Pairing => "未结对的安排帮扶教师，欠联系的当月补上谈心、家访或电话，只送物不算联系",
        Area::Training => "按户确定一名适合的成员，编入就近的下一期培训班",
        Area::Jobs => "按工种对接岗位，逐人推荐，三次推荐未成的转入帮扶台账",
        Area::Conditions => "按缺口清单编入年度改善计划，先补安全和寄宿两项",
        Area::Teachers => "按学校和学科的缺岗名单补充、调剂和轮岗，优先一人一校的教学点",
        Area::Places => "按班级清单分班、增加学位，新招年级从起始班控制班额",
        Area::Funds => "按项目清单对账，限期支出，改变用途的归还原渠道",
    };
    if overdue { format!("{text}；已过期限的先办") } else { text.to_owned() }
}

/// A share of what is missing: cut, but never to nothing.
fn share(part: u64, whole: u64) -> String {
    if part > 0 && part.saturating_mul(1000) < whole {
        return "不到 0.1%".to_owned();
    }
    percent(signed(part), signed(whole))
}

fn len(lines: &[&GapLine]) -> String {
    number(lines.len() as u64)
}

fn distinct(lines: &[&GapLine]) -> u64 {
    let mut subjects: Vec<_> = lines.iter().map(|line| line.subject).collect();
    subjects.sort_unstable();
    subjects.dedup();
    subjects.len() as u64
}

/// The sum with its unit; different units do not add up and are counted as 件.
fn sum(lines: &[&GapLine], of: impl Fn(&GapLine) -> i64) -> String {
    let unit: Option<Unit> = lines.first().map(|line| line.unit);
    if lines.iter().all(|line| Some(line.unit) == unit) {
        quantity(unit, lines.iter().map(|line| of(line)).sum())
    } else {
        format!("{} 件", len(lines))
    }
}

/// How many lines each has, most first; lines without it are left out.
fn by<'a>(lines: &[&'a GapLine], of: impl Fn(&'a GapLine) -> &'a str) -> Vec<(&'a str, u64)> {
    let mut counts: BTreeMap<&str, u64> = BTreeMap::new();
    for line in lines {
        let name = of(line);
        if !name.is_empty() {
            *counts.entry(name).or_default() += 1;
        }
    }
    let mut counts: Vec<_> = counts.into_iter().collect();
    counts.sort_by_key(|&(_, n)| Reverse(n));
    counts
}

/// 城关镇 86 件、石门沟镇 47 件，另 5 处 31 件
fn named(counts: &[(&str, u64)], unit: &str) -> String {
    let first: Vec<String> = counts
        .iter()
        .take(NAMED)
        .map(|(name, n)| format!("{name} {} {unit}", number(*n)))
        .collect();
    let rest: u64 = counts.iter().skip(NAMED).map(|(_, n)| n).sum();
    let mut text = first.join("、");
    if rest > 0 {
        text += &format!("，其余 {} 处共 {} {unit}", counts.len() - NAMED, number(rest));
    }
    text
}

/// The bearers, at most three by name.
fn people(bearers: &[(&str, u64)]) -> String {
    let first: Vec<&str> = bearers.iter().take(NAMED).map(|&(name, _)| name).collect();
    match bearers.len() {
        0 => "责任人未定".to_owned(),
        n if n > NAMED => format!("{}等 {n} 个单位", first.join("、")),
        _ => first.join("、"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample;
    use jiff::civil::date;

    #[test]
    fn every_area_with_a_gap_has_its_problem() {
        let lines = sample::lines(1_000);
        let found = problems(&lines, &[], date(2024, 10, 18));
        for &area in Area::ALL {
            assert_eq!(
                lines.iter().any(|line| line.area == area && line.gap > 0),
                found.iter().any(|problem| problem.area == area),
                "{area:?}"
            );
        }
        assert!(problems(&[], &[], date(2024, 10, 18)).is_empty());
    }

    #[test]
    fn a_problem_as_it_reads() {
        let lines: Vec<GapLine> =
            sample::lines(600).into_iter().filter(|line| line.area == Area::Aid).collect();
        let found = problems(&lines, &[], date(2024, 10, 18));
        let text: Vec<String> = found
            .iter()
            .map(|p| {
                format!(
                    "{}\n  {}\n  {}（{}）",
                    p.finding,
                    p.evidence.join("\n  "),
                    p.measure,
                    p.bearer
                )
            })
            .collect();
        insta::assert_snapshot!(text.join("\n"));
    }
}
