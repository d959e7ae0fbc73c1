//! 附表: by town, by kind, and the bulletin of student aid.

use std::collections::BTreeSet;

use fujiao_model::{Area, Money, Season, Stage, Term};

use super::aid::paid;
use super::{STAGES, UNREPORTED};
use crate::document::{Block, Cell, Join, Table};
use crate::number::{count, number, signed, unit_count};
use crate::overview::{Overview, title, word};
use crate::{AidLine, AidSum, AreaFigures, CountyReport, percent};

pub(super) fn annex(report: &CountyReport) -> Vec<Block> {
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
