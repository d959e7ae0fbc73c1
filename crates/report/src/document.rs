//! A document as blocks, before it becomes Word, HTML or plain text.

use std::fmt::Write as _;

use serde::{Deserialize, Serialize};

/// A text with its tables, in reading order.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Document {
    /// The title, in file properties too.
    pub title: String,
    /// Who signs; the author of the file.
    pub author: String,
    /// Made data: said in the header and in the file's properties.
    pub sample: bool,
    /// What every page carries on top.
    pub header: String,
    /// The blocks of the upright pages.
    pub body: Vec<Block>,
    /// The blocks of the lying pages after them: wide tables.
    pub annex: Vec<Block>,
}

/// One block.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Block {
    /// The title.
    Title(String),
    /// A centred line under the title.
    Scope(String),
    /// A warning that nobody may overlook: 示例数据.
    Mark(String),
    /// 一、
    Heading(String),
    /// （一）
    Subheading(String),
    /// A paragraph; its first part may be a lead in bold.
    Paragraph {
        /// The lead, in bold; may be empty.
        lead: String,
        /// The text after it.
        text: String,
    },
    /// A table.
    Table(Table),
    /// A small note under a table.
    Note(String),
    /// Lines at the right: who and when.
    Signature(Vec<String>),
    /// What follows begins on a new page.
    Break,
}

impl Block {
    /// A paragraph without a lead.
    pub(crate) fn text(text: impl Into<String>) -> Self {
        Self::Paragraph { lead: String::new(), text: text.into() }
    }
}

/// A table whose header rows repeat on every page.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Table {
    /// What it shows, and of when.
    pub caption: String,
    /// Relative widths of the columns.
    pub widths: Vec<u32>,
    /// The header rows.
    pub header: Vec<Vec<Cell>>,
    /// The rows.
    pub rows: Vec<Vec<Cell>>,
}

/// One cell.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cell {
    /// What it says; empty in a bar and below a joined cell.
    pub text: String,
    /// How it looks.
    pub look: Look,
    /// How many columns it takes.
    pub columns: u32,
    /// Whether it is joined with the cell above or below.
    pub join: Join,
}

/// How a cell looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Look {
    /// Text from the left.
    Text,
    /// Text in the middle.
    Centre,
    /// A figure, from the right.
    Figure,
    /// A gap above zero: bold and in the colour of gaps.
    Gap,
    /// A bar of what is done out of what is due.
    Bar {
        /// 已
        done: i64,
        /// 应
        due: i64,
    },
}

/// Joined cells.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Join {
    /// Stands alone.
    No,
    /// The first of some cells, one below the other.
    First,
    /// One of the cells below it.
    Below,
}

impl Cell {
    fn new(text: impl Into<String>, look: Look) -> Self {
        Self { text: text.into(), look, columns: 1, join: Join::No }
    }

    /// Text from the left.
    pub(crate) fn text(text: impl Into<String>) -> Self {
        Self::new(text, Look::Text)
    }

    /// Text in the middle.
    pub(crate) fn centre(text: impl Into<String>) -> Self {
        Self::new(text, Look::Centre)
    }

    /// A figure.
    pub(crate) fn figure(text: impl Into<String>) -> Self {
        Self::new(text, Look::Figure)
    }

    /// A gap: marked if there is one.
    pub(crate) fn gap(text: impl Into<String>, gap: i64) -> Self {
        Self::new(text, if gap > 0 { Look::Gap } else { Look::Figure })
    }

    /// A bar.
    pub(crate) fn bar(done: i64, due: i64) -> Self {
        Self::new("", Look::Bar { done, due })
    }

    /// Over `columns` columns.
    pub(crate) fn over(mut self, columns: u32) -> Self {
        self.columns = columns;
        self
    }

    /// Joined downwards.
    pub(crate) fn join(mut self, join: Join) -> Self {
        self.join = join;
        self
    }
}

/// A bar in parts per thousand: done, gap. What is missing shows, however little: at least 16.
pub(crate) fn bar_parts(done: i64, due: i64) -> (u32, u32) {
    if due <= 0 {
        return (0, 0);
    }
    let done = done.clamp(0, due);
    let share = i128::from(done) * 1000 / i128::from(due);
    let share = u32::try_from(share).expect("at most 1000");
    if done == due { (1000, 0) } else { (share.min(984), 1000 - share.min(984)) }
}

impl Document {
    /// The document as plain text, tables as lines with bars between the cells.
    pub fn to_text(&self) -> String {
        let mut out = String::new();
        for block in self.body.iter().chain(&self.annex) {
            block.write_text(&mut out);
        }
        out
    }
}

impl Block {
    fn write_text(&self, out: &mut String) {
        let done = match self {
            Self::Title(text) | Self::Scope(text) | Self::Mark(text) | Self::Note(text) => {
                writeln!(out, "{text}")
            }
            Self::Heading(text) | Self::Subheading(text) => writeln!(out, "\n{text}"),
            Self::Paragraph { lead, text } => writeln!(out, "　　{lead}{text}"),
            Self::Signature(lines) => writeln!(out, "\n{}", lines.join("\n")),
            Self::Break => writeln!(out),
            Self::Table(table) => {
                let line = |cells: &Vec<Cell>| {
                    let texts: Vec<&str> = cells
                        .iter()
                        .filter(|cell| !matches!(cell.look, Look::Bar { .. }))
                        .map(|cell| cell.text.as_str())
                        .collect();
                    texts.join(" | ")
                };
                let lines: Vec<String> = table.header.iter().chain(&table.rows).map(line).collect();
                writeln!(out, "\n{}\n{}", table.caption, lines.join("\n"))
            }
        };
        done.expect("a String takes any text");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn one_missing_child_shows(due in 1..i64::MAX, part in 0..i64::MAX) {
            let done = part % due;
            let (full, gap) = bar_parts(done, due);
            prop_assert_eq!(full + gap, 1000);
            prop_assert!(gap >= 16);
            prop_assert_eq!(bar_parts(due, due), (1000, 0));
        }
    }
}
