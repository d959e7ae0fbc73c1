use fujiao_model::Unit;
use fujiao_office::desk::{AreaPage, List, ListCell, SchoolsPage, Show};
use jiff::Timestamp;
use jiff::civil::Date;

use crate::words::Words;

/// The list of an area as a table: what a page shows, all of it, personal numbers masked; a head that says whose figures these
/// are, as of when, and who took them out.
pub(crate) fn area(t: &Words, list: &AreaPage, who: &str, at: Timestamp) -> List {
    let excess = list.filter.show == Show::Excess;
    let columns: &[&str] = if excess {
        &[
            "word.name",
            "word.place",
            "list.matter",
            "word.period",
            "word.done",
            "word.over",
            "list.done_on",
            "list.why_excess",
            "word.source",
        ]
    } else {
        &[
            "word.name",
            "word.place",
            "list.matter",
            "word.period",
            "word.due",
            "word.done",
            "word.gap",
            "list.bearer",
            "list.due_on",
            "list.state",
            "why.because",
            "word.source",
        ]
    };
    let text = |text: String| ListCell::Text(text);
    let rows = if excess {
        list.excesses
            .iter()
            .map(|e| {
                vec![
                    text(e.who.name.clone()),
                    text(e.who.school.as_ref().map_or(&e.place_name, |s| &s.name).clone()),
                    text(t.title(&e.title).to_owned()),
                    text(t.period(e.period)),
                    number(e.unit, e.quantity),
                    number(e.unit, e.excess),
                    e.done_on.map_or(ListCell::Empty, ListCell::Day),
                    text(t.excess(e.excess_kind).to_owned()),
                    text(e.origin.as_ref().map_or_else(String::new, |o| t.origin(o))),
                ]
            })
            .collect()
    } else {
        list.lines
            .iter()
            .map(|l| {
                vec![
                    text(l.who.name.clone()),
                    text(l.who.school.as_ref().map_or(&l.place_name, |s| &s.name).clone()),
                    text(t.title(&l.title).to_owned()),
                    text(t.period(l.period)),
                    number(l.unit, l.due),
                    number(l.unit, l.done),
                    number(l.unit, l.gap),
                    text(l.bearer.clone()),
                    l.due_on.map_or(ListCell::Empty, ListCell::Day),
                    text(t.chip_text(l.state)),
                    text(format!("{}；{}", l.facts, l.basis)),
                    text(l.origins.iter().map(|o| t.origin(o)).collect::<Vec<_>>().join("；")),
                ]
            })
            .collect()
    };
    let name = t.area(list.area);
    List {
        sheet: name.to_owned(),
        head: head(t, &list.frame, name, who, at),
        columns: columns.iter().map(|key| t.s(key).to_owned()).collect(),
        rows,
        as_of: list.frame.as_of.unwrap_or(jiff::civil::date(2000, 1, 1)),
    }
}

/// The list of schools as a table.
pub(crate) fn schools(t: &Words, list: &SchoolsPage, who: &str, at: Timestamp) -> List {
    let columns = ["word.name", "word.kind", "word.town", "school.pupils", "word.open"];
    let rows = list.schools.iter().map(|s| {
        vec![
            ListCell::Text(s.school.name.clone()),
            ListCell::Text(s.kind.clone()),
            ListCell::Text(s.town.clone()),
            whole(s.pupils),
            whole(s.tally.open),
        ]
    });
    List {
        sheet: t.s("nav.schools").to_owned(),
        head: head(t, &list.frame, t.s("nav.schools"), who, at),
        columns: columns.iter().map(|key| t.s(key).to_owned()).collect(),
        rows: rows.collect(),
        as_of: list.frame.as_of.unwrap_or(jiff::civil::date(2000, 1, 1)),
    }
}

/// Lines above a table: whose figures, as of when, who took them out.
pub(crate) fn head(
    t: &Words,
    frame: &fujiao_office::desk::Frame,
    name: &str,
    who: &str,
    at: Timestamp,
) -> Vec<String> {
    let mut first = format!("{} {name}", frame.county_name);
    if frame.sample {
        first = format!("{} {first}", t.s("app.sample"));
    }
    let day = frame.as_of.map_or_else(String::new, |d| t.f1("app.as_of", d));
    vec![first, day, t.f2("list.taken_out", who, t.clock(at))]
}

/// A quantity in the unit that is shown.
#[expect(clippy::cast_precision_loss, reason = "a spreadsheet has nothing but doubles")]
fn number(unit: Unit, quantity: i64) -> ListCell {
    ListCell::Number(quantity as f64 / unit.scale() as f64)
}

/// A cell of text; empty where there is none.
pub(crate) fn text(text: impl Into<String>) -> ListCell {
    let text = text.into();
    if text.is_empty() { ListCell::Empty } else { ListCell::Text(text) }
}

/// A cell of a whole number.
#[expect(clippy::cast_precision_loss, reason = "a spreadsheet has nothing but doubles")]
pub(crate) fn whole(n: impl TryInto<i64>) -> ListCell {
    n.try_into().map_or(ListCell::Empty, |n| ListCell::Number(n as f64))
}

/// A cell of a day; empty where it is not known.
pub(crate) fn day(day: Option<Date>) -> ListCell {
    day.map_or(ListCell::Empty, ListCell::Day)
}

/// The same table for any program: UTF-8 with its mark. The first line is the head.
pub(crate) fn csv(list: &List) -> String {
    let mut out = String::from("\u{feff}");
    line(&mut out, &list.head);
    line(&mut out, &list.columns);
    for row in &list.rows {
        let cells: Vec<String> = row
            .iter()
            .map(|cell| match cell {
                ListCell::Text(text) => text.clone(),
                ListCell::Number(n) => format!("{n}"),
                ListCell::Day(day) => day.to_string(),
                ListCell::Empty => String::new(),
            })
            .collect();
        line(&mut out, &cells);
    }
    out
}

/// One line. A cell that a spreadsheet would run as a formula gets an apostrophe.
fn line(out: &mut String, cells: &[String]) {
    for (n, cell) in cells.iter().enumerate() {
        if n > 0 {
            out.push(',');
        }
        let risky = cell.starts_with(['=', '+', '-', '@', '\t', '\r']);
        let quoted = risky || cell.contains(['"', ',', '\n', '\r']);
        if quoted {
            out.push('"');
        }
        if risky {
            out.push('\'');
        }
        out.push_str(&cell.replace('"', "\"\""));
        if quoted {
            out.push('"');
        }
    }
    out.push_str("\r\n");
}

#[cfg(test)]
mod tests {
    use super::line;

    #[test]
    fn a_cell_stays_one_cell_and_no_formula() {
        let mut out = String::new();
        line(&mut out, &["甲,乙".into(), "=1+1".into(), "说“好”\"是\"".into(), "−3.00".into()]);
        assert_eq!(out, "\"甲,乙\",\"'=1+1\",\"说“好”\"\"是\"\"\",−3.00\r\n");
    }
}
