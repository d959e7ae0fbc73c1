//! The rules as a page for people: docs/programmes.md.

use std::fmt::Write as _;

use fujiao_model::Money;

use crate::column::FrameKind;
use crate::programme::{AmountRow, Programme};
use crate::set::PolicySet;

impl PolicySet {
    /// Every programme and named set by subject, with conditions, dated amounts and what each rests on.
    pub fn programmes_markdown(&self) -> String {
        let mut out = String::from(
            "# Programmes and standards\n\n\
             The rules that come with the program, national files with Shaanxi's laid over them. Generated from `policies/`; a test keeps it\n\
             up to date (`FUJIAO_BLESS=1 cargo test -p fujiao-policy programmes_page` writes it anew). Conditions speak of the columns in\n\
             [columns.md](columns.md) and of the named sets listed with each subject. Amounts are those of one period, money in yuan. What is\n\
             off makes no duty; the reason stands in the last column. Marks: V* official page, V published page, K commonly known, U unsure.\n",
        );
        for frame in FrameKind::ALL {
            let _ = write!(out, "\n## {} {}\n", frame.code(), frame.chinese());
            let sets: Vec<_> = self.named_sets().iter().filter(|s| s.frame == *frame).collect();
            if !sets.is_empty() {
                out.push_str("\n| set | 中文 | is |\n|---|---|---|\n");
                for set in sets {
                    let _ = writeln!(
                        out,
                        "| `{}` | {} | `{}` |",
                        set.name,
                        set.chinese,
                        set.is.replace('|', "\\|")
                    );
                }
            }
            out.push_str(
                "\n| programme | 名称 | who | period, unit | amounts | if off, why |\n|---|---|---|---|---|---|\n",
            );
            for p in self.programmes().iter().filter(|p| p.frame == *frame) {
                let rows: Vec<String> =
                    p.layers.iter().flatten().map(|row| amount(p, row)).collect();
                let _ = writeln!(
                    out,
                    "| `{}` | {} | `{}` | {}{}, {} | {} | {} |",
                    p.key,
                    p.title,
                    p.who().replace('|', "\\|"),
                    p.rhythm.code(),
                    seasons(p),
                    p.unit.code(),
                    rows.join("<br>"),
                    p.off.as_deref().unwrap_or("")
                );
            }
        }
        out.push_str("\n## Numbers by day\n\n| parameter | 中文 | unit | values | basis |\n|---|---|---|---|---|\n");
        for p in self.parameters() {
            let values: Vec<String> = p
                .rows
                .iter()
                .map(|r| format!("{} {} [{}]", span(r.from, r.to), r.value, r.mark.code()))
                .collect();
            let bases: Vec<&str> = p.rows.iter().map(|r| &*r.basis).collect();
            let _ = writeln!(
                out,
                "| `{}` | {} | {} | {} | {} |",
                p.key,
                p.chinese,
                p.unit,
                values.join("<br>"),
                bases.join("<br>")
            );
        }
        out.push_str("\n## Words by day\n\n| list | 中文 | words | basis |\n|---|---|---|---|\n");
        for list in self.lists() {
            for row in &list.rows {
                let _ = writeln!(
                    out,
                    "| `{}` | {} | {} | {} [{}] |",
                    list.key,
                    list.chinese,
                    row.items.iter().map(|i| &**i).collect::<Vec<_>>().join("、"),
                    row.basis,
                    row.mark.code()
                );
            }
        }
        out
    }
}

fn seasons(p: &Programme) -> &'static str {
    match p.terms {
        crate::Terms::All => "",
        crate::Terms::Autumn => " (autumn)",
        crate::Terms::Spring => " (spring)",
    }
}

fn span(from: jiff::civil::Date, to: Option<jiff::civil::Date>) -> String {
    to.map_or_else(|| format!("{from}–"), |to| format!("{from}–{to}"))
}

fn amount(p: &Programme, row: &AmountRow) -> String {
    let value = row
        .constant()
        .map_or_else(|| format!("`{}`", row.value_text.replace('|', "\\|")), |n| p.unit.show(n));
    let price = row.price.map_or_else(String::new, |n| format!(" at {} yuan", Money::fen(n)));
    let when = if row.when_text.is_empty() {
        String::new()
    } else {
        format!(" if `{}`", row.when_text.replace('|', "\\|"))
    };
    format!("{}: {value}{price}{when} [{}] {}", span(row.from, row.to), row.mark.code(), row.basis)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn programmes_page_is_up_to_date() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/programmes.md");
        let page = PolicySet::builtin().programmes_markdown();
        if option_env!("FUJIAO_BLESS").is_some() {
            std::fs::write(path, &page).expect("docs can be written");
        }
        let on_disk = std::fs::read_to_string(path).unwrap_or_default();
        assert!(on_disk == page, "docs/programmes.md is out of date; see its head");
    }
}
