use fujiao_office::desk::{AreaPage, Show};

use crate::words::Words;

/// A list as a file for a spreadsheet: UTF-8 with its mark, personal numbers masked as on the page, a first line that says
/// whose figures these are and as of when.
pub(crate) fn csv(t: &Words, list: &AreaPage) -> String {
    let mut out = String::from("\u{feff}");
    let day = list.frame.as_of.map_or_else(String::new, |d| t.f1("app.as_of", d));
    let mut title = vec![list.frame.county_name.clone(), t.area(list.area).to_owned(), day];
    if list.frame.sample {
        title.insert(0, t.s("app.sample").to_owned());
    }
    line(&mut out, &title);
    if list.filter.show == Show::Excess {
        line(
            &mut out,
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
            .map(|key| t.s(key).to_owned()),
        );
        for e in &list.excesses {
            line(
                &mut out,
                &[
                    e.who.name.clone(),
                    e.who.school.as_ref().map_or(&e.place_name, |s| &s.name).clone(),
                    t.title(&e.title).to_owned(),
                    t.period(e.period),
                    t.q(e.unit, e.quantity),
                    t.q(e.unit, e.excess),
                    e.done_on.map_or_else(String::new, |d| d.to_string()),
                    t.excess(e.excess_kind).to_owned(),
                    e.origin.as_ref().map_or_else(String::new, |o| t.origin(o)),
                ],
            );
        }
        return out;
    }
    line(
        &mut out,
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
        .map(|key| t.s(key).to_owned()),
    );
    for l in &list.lines {
        line(
            &mut out,
            &[
                l.who.name.clone(),
                l.who.school.as_ref().map_or(&l.place_name, |s| &s.name).clone(),
                t.title(&l.title).to_owned(),
                t.period(l.period),
                t.q(l.unit, l.due),
                t.q(l.unit, l.done),
                t.q(l.unit, l.gap),
                l.bearer.clone(),
                l.due_on.map_or_else(String::new, |d| d.to_string()),
                t.chip_text(l.state),
                format!("{}；{}", l.facts, l.basis),
                l.origins.iter().map(|o| t.origin(o)).collect::<Vec<_>>().join("；"),
            ],
        );
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
