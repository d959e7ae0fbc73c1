use std::fmt;

use crate::column::FrameKind;

/// What is wrong in a policy file, where, and what to do about it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct PolicyFault {
    /// The file's path, as given.
    pub file: String,
    /// From 1.
    pub line: usize,
    /// From 1, in characters.
    pub column: usize,
    /// What is wrong.
    pub reason: String,
    /// What to do.
    pub remedy: String,
}

impl fmt::Display for PolicyFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}：{}；{}", self.file, self.line, self.column, self.reason, self.remedy)
    }
}

/// Why a frame cannot be filled or assessed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PolicyError {
    /// The dictionary has no such column for the frame.
    #[error("{}没有叫 {column} 的列{}；列名见 docs/columns.md", .frame.chinese(), .nearest.as_ref().map(|n| format!("，最接近的是 {n}")).unwrap_or_default())]
    NoSuchColumn {
        /// The frame's kind.
        frame: FrameKind,
        /// The name asked for.
        column: String,
        /// The nearest name of the dictionary.
        nearest: Option<String>,
    },
    /// The column is of another type.
    #[error("列 {column} 的类型是 {wanted}")]
    ColumnType {
        /// The column.
        column: String,
        /// Its type.
        wanted: &'static str,
    },
    /// A column has not one value for each row.
    #[error("列 {column} 应有 {rows} 个值，给了 {given} 个（或更多）")]
    ColumnLength {
        /// The column.
        column: String,
        /// Rows of the frame.
        rows: usize,
        /// Values given.
        given: usize,
    },
    /// A column of codes holds too many different texts.
    #[error("列 {column} 的不同文字超过 65000 种；这一列不像代码")]
    TooManyTexts {
        /// The column.
        column: String,
    },
    /// The set has no programme of this key.
    #[error("没有叫 {programme} 的项目{}", .nearest.as_ref().map(|n| format!("，最接近的是 {n}")).unwrap_or_default())]
    NoSuchProgramme {
        /// The key asked for.
        programme: String,
        /// The nearest key.
        nearest: Option<String>,
    },
}

/// The name nearest to a misspelt one, if any is near: at most a third of its characters off.
pub(crate) fn nearest<'a>(name: &str, names: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let wanted: Vec<char> = name.chars().take(64).collect();
    let limit = wanted.len() / 3 + 1;
    // A file of many faults and many names would otherwise be compared each with each.
    names
        .into_iter()
        .take(500)
        .map(|n| (distance(&wanted, n), n))
        .filter(|(d, _)| *d <= limit)
        .min()
        .map(|(_, n)| n)
}

/// Edits that turn one text into the other.
fn distance(a: &[char], b: &str) -> usize {
    let mut row: Vec<usize> = (0..=a.len()).collect();
    for (j, c) in b.chars().enumerate() {
        let mut corner = row[0];
        row[0] = j + 1;
        for i in 0..a.len() {
            let swap = corner + usize::from(a[i] != c);
            corner = row[i + 1];
            row[i + 1] = swap.min(row[i] + 1).min(corner + 1);
        }
    }
    row[a.len()]
}
