use super::block::RuleCount;

/// Why a table cannot be linked.
#[derive(Debug, thiserror::Error)]
pub enum LinkError {
    /// A file holds no row.
    #[error("{file}：表头之下没有一行；核对是不是这个文件")]
    Empty {
        /// The file.
        file: String,
    },
    /// A cell is no UTF-8.
    #[error(
        "{file} 第 {line} 行{}不是 UTF-8 文字；用“CSV UTF-8”格式重新保存",
        .column.as_ref().map_or(String::new(), |c| format!("“{c}”一列"))
    )]
    NotUtf8 {
        /// The file.
        file: String,
        /// The line.
        line: u64,
        /// The column; `None` for the header.
        column: Option<String>,
    },
    /// The header lacks a column that the spec names.
    #[error(
        "{file}：没有“{column}”这一列{}；现有的列：{}。改规格文件，或改表头",
        .nearest.as_ref().map_or(String::new(), |n| format!("，最接近的是“{n}”")),
        there.join("、")
    )]
    NoColumn {
        /// The file.
        file: String,
        /// The column that is missing.
        column: String,
        /// The column that is written most alike.
        nearest: Option<String>,
        /// The columns that are there.
        there: Vec<String>,
    },
    /// A line has too few or too many cells.
    #[error(
        "{file} 第 {line} 行有 {found} 格，表头有 {expected} 格；格子里有逗号的，要用双引号括起来"
    )]
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
    #[error("{file} 第 {line} 行读不成 CSV；用“CSV UTF-8”格式重新保存")]
    Unreadable {
        /// The file.
        file: String,
        /// The line.
        line: u64,
    },
    /// Two rows have one name.
    #[error(
        "“{column}”列的 {id} 出现两次：{} 第 {} 行，{} 第 {} 行；每行要有自己的编号，没有编号就从规格文件里去掉 id",
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
    #[error("{file}：超过 4 294 967 293 行；拆成几个文件")]
    TooManyRows {
        /// The file.
        file: String,
    },
    /// A model that does not fit the spec.
    #[error("这个模型不能用：{why}；按现在的规格重新学一个")]
    OtherModel {
        /// Why.
        why: String,
    },
    /// The blocking rules find too many pairs.
    #[error(
        "分块规则要比 {pairs} 对，超过 most_pairs = {most}；{}。给这条规则加一个条件，或调高 most_pairs",
        worst(rules)
    )]
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
    rules
        .iter()
        .max_by_key(|r| r.pairs)
        .map_or(String::new(), |r| format!("最多的是 [{}]，{} 对", r.rule, r.pairs))
}
