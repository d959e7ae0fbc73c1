//! Kitchens, inspections, projects, places and posts as tables, or a JSON line each.

use fujiao_model::Money;
use fujiao_office::school::{
    InspectionsPage, KitchenPage, PlacesPage, PostsPage, PressureLine, ProjectView,
};
use serde_json::json;

use crate::commands::{Outcome, table};
use crate::printer::Printer;

fn yuan(fen: Option<i64>) -> String {
    fen.map_or("—".to_owned(), |fen| Money::fen(fen).to_string())
}

pub(super) fn kitchen(v: &KitchenPage, printer: &Printer) -> Outcome {
    let mut out = table(&["学校", "食材款", "供餐", "每餐", "最大供应商", "异常价格", "食谱缺"]);
    for l in &v.schools {
        let lacks: Vec<&str> = l.lacks.iter().map(|s| s.title.0.as_str()).collect();
        if printer.json() {
            printer.line(json!({
                "month": v.month, "school": l.name, "food_fen": l.fen, "served": l.served, "a_meal_fen": l.cost,
                "median_fen": l.dear, "supplier": l.supplier, "odd_prices": l.outliers, "lacks": lacks,
            }));
            continue;
        }
        let supplier = l.supplier.as_ref().map_or("—".to_owned(), |(name, share, _)| {
            format!("{name} {}.{}%", share / 10, share % 10)
        });
        out.add_row([
            l.name.clone(),
            yuan(Some(l.fen)),
            l.served.map_or("—".to_owned(), |n| n.to_string()),
            yuan(l.cost),
            supplier,
            l.outliers.to_string(),
            lacks.join("、"),
        ]);
    }
    if !printer.json() {
        printer.line(out);
        for p in &v.outliers {
            printer.line(format!(
                "{} {} {}：{} 元，同月 {} 笔中位数 {} 元（{}）",
                p.on,
                p.school.1,
                p.item.0,
                yuan(Some(p.price.0)),
                p.of,
                yuan(Some(p.price.1)),
                p.supplier
            ));
        }
        if !v.unknown.is_empty() {
            printer.line(format!("成分表里没有：{}", v.unknown.join("、")));
        }
    }
    Outcome::Done
}

pub(super) fn inspections(v: &InspectionsPage, printer: &Printer) -> Outcome {
    let mut out = table(&["日期", "学校", "合格", "问题", "没改", "检查人"]);
    for i in &v.inspections {
        let open = i.faults.iter().filter(|f| !f.is_closed()).count();
        if printer.json() {
            let faults: Vec<&str> = i.faults.iter().map(|f| f.fault.as_str()).collect();
            printer.line(json!({
                "number": i.number, "on": i.on.to_string(), "school": i.name, "well": i.well, "faults": faults, "open": open,
            }));
            continue;
        }
        out.add_row([
            i.on.to_string(),
            i.name.clone(),
            i.well.to_string(),
            i.faults.len().to_string(),
            open.to_string(),
            i.by.clone(),
        ]);
    }
    if !printer.json() {
        printer.line(out);
    }
    Outcome::Done
}

pub(super) fn projects(v: &[ProjectView], printer: &Printer) -> Outcome {
    let mut out = table(&["编号", "项目", "造价", "到款", "合同", "已付", "状态"]);
    for p in v {
        if printer.json() {
            printer.line(json!({
                "number": p.number, "called": p.called, "school": p.name, "standard": p.standard, "cost_fen": p.cost,
                "granted_fen": p.money.0, "contracted_fen": p.money.1, "paid_fen": p.money.2, "state": p.state,
            }));
            continue;
        }
        out.add_row([
            p.number.to_string(),
            p.called.clone(),
            yuan(Some(p.cost)),
            yuan(Some(p.money.0)),
            yuan(Some(p.money.1)),
            yuan(Some(p.money.2)),
            p.state.to_owned(),
        ]);
    }
    if !printer.json() {
        printer.line(out);
    }
    Outcome::Done
}

pub(super) fn places(v: &PlacesPage, printer: &Printer) -> Outcome {
    let mut out = table(&["哪一年", "学校", "年级", "学生", "班", "学位", "缺", "要加班"]);
    let mut add = |when: &str, lines: &[PressureLine]| {
        for l in lines {
            if printer.json() {
                printer.line(json!({
                    "when": when, "school": l.name, "grade": l.of.grade.code(), "children": l.of.pupils,
                    "classes": l.of.classes, "places": l.of.places, "short": l.of.short, "to_open": l.of.to_open,
                }));
                continue;
            }
            out.add_row([
                when.to_owned(),
                l.name.clone(),
                l.of.grade.chinese().to_owned(),
                l.of.pupils.to_string(),
                l.of.classes.to_string(),
                l.of.places.to_string(),
                l.of.short.to_string(),
                l.of.to_open.to_string(),
            ]);
        }
    };
    add("今年", &v.now);
    add("明年", &v.next);
    if !printer.json() {
        printer.line(out);
    }
    Outcome::Done
}

pub(super) fn posts(v: &PostsPage, printer: &Printer) -> Outcome {
    let hundredths = |n: i64| Money::fen(n).to_string();
    let mut out = table(&["学校", "学生", "应有", "在编", "在岗", "缺编", "超编"]);
    for l in &v.schools {
        let p = &l.posts;
        if printer.json() {
            printer.line(json!({
                "school": l.name, "pupils": l.pupils, "needed": p.needed, "in_quota": p.in_quota, "here": p.here,
                "vacancy": p.vacancy, "surplus": p.surplus, "no_teacher_of": l.short_of,
            }));
            continue;
        }
        out.add_row([
            l.name.clone(),
            l.pupils.to_string(),
            hundredths(p.needed),
            hundredths(p.in_quota),
            hundredths(p.here),
            hundredths(p.vacancy),
            hundredths(p.surplus),
        ]);
    }
    if !printer.json() {
        printer.line(out);
    }
    Outcome::Done
}
