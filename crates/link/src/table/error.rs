use super::block::RuleCount;

/// Why a table cannot be linked.
#[derive(Debug, thiserror::Error)]
pub enum LinkError {
    /// A file holds no row.
    #[error("{file}: no row behind the header; check that it is the right file")]
    Empty {
        /// The file.
        file: String,
    },
    /// A cell is no UTF-8.
    #[error(
        "{file}, line {line}{}: this is no UTF-8 text; save the file as \"CSV UTF-8\"",
        if column.is_empty() { String::new() } else { format!(", column {column}") }
    )]
    NotUtf8 {
        /// The file.
        file: String,
        /// The line.
        line: u64,
        /// The column's number; empty for the header.
        column: String,
    },
    /// The header lacks a column that the spec names.
    #[error("{file}: there is no column `{column}`; it has {}. Correct the spec, or rename the column", there.join(", "))]
    NoColumn {
        /// The file.
        file: String,
        /// The column that is missing.
        column: String,
        /// The columns that are there.
        there: Vec<String>,
    },
    /// A line has too few or too many cells.
    #[error("{file}, line {line}: {found} cells where the header has {expected}; a cell with a comma must stand in quotes")]
    Ragged {
        /// The file.
        file: String,
        /// The line.
        line: u64,
        /// Cells of the header.
        expected: usize,
        /// Cells of the line.
        found: usize,
    },
    /// The CSV reader gave up.
    #[error("{file}, line {line}: this is no CSV")]
    Unreadable {
        /// The file.
        file: String,
        /// The line.
        line: u64,
    },
    /// Two rows have one name.
    #[error(
        "column `{column}`: `{id}` stands in {}, line {}, and in {}, line {}; rows need names of their own, or leave `id` out of the spec",
        first.0, first.1, second.0, second.1
    )]
    IdTwice {
        /// The name.
        id: String,
        /// Its column.
        column: String,
        /// File and line.
        first: (String, usize),
        /// File and line.
        second: (String, usize),
    },
    /// More rows than can be numbered.
    #[error("{file}: more than 4 294 967 293 rows; split the file")]
    TooManyRows {
        /// The file.
        file: String,
    },
    /// The blocking rules find too many pairs.
    #[error("the blocking rules would compare {pairs} pairs, more than `most_pairs` = {most}; the costliest is {}: add a part to it, or raise `most_pairs`", worst(rules))]
    TooManyPairs {
        /// How many.
        pairs: u64,
        /// How many may be.
        most: u64,
        /// By rule.
        rules: Vec<RuleCount>,
    },
}

fn worst(rules: &[RuleCount]) -> String {
    rules.iter().max_by_key(|r| r.pairs).map_or(String::new(), |r| format!("[{}] with {}", r.rule, r.pairs))
}
