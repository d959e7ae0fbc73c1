//! `gaps.csv`: the lists for programs.

use std::fmt::Write as _;

use crate::GapLine;

/// The columns of `gaps.csv`.
pub const GAPS_CSV_HEADER: &str = "area,kind,subject_type,subject,citizen_id,name,period,unit,due,done,gap,excess,place,\
                                   bearer,due_on,rule,because,source";

/// The lines as CSV (RFC 4180, UTF-8 without a mark, lines end in `\n`), in the order given.
///
/// `due`, `done`, `gap` and `excess` are whole numbers in the scale of the unit: fen, hundredths of m² and of posts, else ones.
/// Text that a spreadsheet would run as a formula gets a leading `'`.
pub fn gaps_csv(lines: &[GapLine]) -> Vec<u8> {
    let mut out = String::with_capacity(128 + lines.len() * 320);
    out.push_str(GAPS_CSV_HEADER);
    out.push('\n');
    for line in lines {
        for text in [line.area.code(), &line.kind, line.subject.kind.code()] {
            field(&mut out, text);
            out.push(',');
        }
        write!(out, "{},", line.subject).expect("a String takes any text");
        field(&mut out, &line.citizen_id);
        out.push(',');
        field(&mut out, &line.name);
        write!(
            out,
            ",{},{},{},{},{},{},",
            line.period,
            line.unit.code(),
            line.due,
            line.done,
            line.gap,
            line.excess
        )
        .expect("a String takes any text");
        field(&mut out, &line.place);
        out.push(',');
        field(&mut out, &line.bearer);
        out.push(',');
        if let Some(day) = line.due_on {
            write!(out, "{day}").expect("a String takes any text");
        }
        for text in [&*line.rule, &line.because, &line.source] {
            out.push(',');
            field(&mut out, text);
        }
        out.push('\n');
    }
    out.into_bytes()
}

/// One field, quoted if it must be.
fn field(out: &mut String, text: &str) {
    let formula = text.starts_with(['=', '+', '-', '@', '\t', '\r']);
    if formula || text.contains([',', '"', '\n', '\r']) {
        out.push('"');
        if formula {
            out.push('\'');
        }
        for c in text.chars() {
            if c == '"' {
                out.push('"');
            }
            out.push(c);
        }
        out.push('"');
    } else {
        out.push_str(text);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample;

    #[test]
    fn a_line_reads_as_the_header_says() {
        let mut line = sample::line(0);
        line.name = "王,小\"山".to_owned();
        line.because = "=1+1".into();
        let text = String::from_utf8(gaps_csv(&[line])).unwrap();
        insta::assert_snapshot!(text);
    }
}
