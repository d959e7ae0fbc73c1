//! 回盘: what a bank says became of a file, read tolerantly, and set against what was sent.
//!
//! [`fn@read`] takes text in UTF-8 or GB18030, parted by `|`, tabs, commas or semicolons, or the rows of a workbook, in any order
//! of columns under any of the headers that banks use. What cannot be trusted is refused whole, each fault with its line and
//! remedy: a file cut off, a line twice, sums that do not add up. [`fn@reconcile`] puts every line that was sent into exactly one
//! of paid, returned, unknown, and every line of the return that answers none into extra.

mod lexicon;
mod read;
mod reconcile;
#[cfg(test)]
mod tests;

pub use lexicon::Words;
pub use read::{BankLine, BankReturn, Body, Stated, Word, read};
pub use reconcile::{Open, Reconciliation, Sent, Side, Told, Verdict, Why, reconcile};

use fujiao_model::Money;

/// What is wrong with a return, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// Line or row of the file, from 1; `None` is the file as a whole.
    pub line: Option<usize>,
    /// What is wrong.
    pub kind: FaultKind,
}

/// What is wrong with a return.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FaultKind {
    /// Nothing in it.
    Empty,
    /// Neither UTF-8 nor GB18030.
    Encoding,
    /// A workbook, an archive or a page where a text was expected.
    NotText,
    /// No row names the columns; those that were not found.
    NoHeader(Vec<&'static str>),
    /// A line has fewer cells than the header needs.
    Short {
        /// Cells that the line has.
        cells: usize,
        /// Cells that it needs.
        needed: usize,
    },
    /// A quotation mark is not closed.
    Quote,
    /// An amount that is none.
    Amount(String),
    /// An account that a spreadsheet has rounded.
    Rounded(String),
    /// Neither key nor account.
    NoKey,
    /// No word on what became of it.
    NoWord,
    /// A key that an earlier line has.
    Twice {
        /// The earlier line.
        first: usize,
    },
    /// The file ends before it should: it speaks of more lines than it has, or its last line breaks off.
    CutOff {
        /// Lines that it speaks of, if it does.
        said: Option<u64>,
        /// Lines that it has.
        has: u64,
    },
    /// It speaks of fewer lines than it has.
    TooMany {
        /// Which lines.
        which: Which,
        /// Lines that it speaks of.
        said: u64,
        /// Lines that it has.
        has: u64,
    },
    /// A sum that is not that of its lines.
    WrongTotal {
        /// Which lines.
        which: Which,
        /// The sum that it speaks of.
        said: Money,
        /// The sum of its lines.
        has: Money,
    },
    /// It answers another file.
    OtherFile {
        /// The file that it speaks of.
        said: String,
        /// The file that was expected.
        sent: String,
    },
    /// More faults, not listed.
    More(usize),
}

/// Which lines a total speaks of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Which {
    /// All lines.
    All,
    /// Lines that were paid.
    Paid,
    /// Lines that came back.
    Returned,
}

impl Which {
    /// The Chinese word.
    pub const fn chinese(self) -> &'static str {
        match self {
            Self::All => "总",
            Self::Paid => "成功",
            Self::Returned => "失败",
        }
    }
}

impl Fault {
    /// A word for programs, stable.
    pub const fn code(&self) -> &'static str {
        match self.kind {
            FaultKind::Empty => "empty",
            FaultKind::Encoding => "encoding",
            FaultKind::NotText => "not_text",
            FaultKind::NoHeader(_) => "no_header",
            FaultKind::Short { .. } => "short_line",
            FaultKind::Quote => "open_quote",
            FaultKind::Amount(_) => "amount",
            FaultKind::Rounded(_) => "rounded_account",
            FaultKind::NoKey => "no_key",
            FaultKind::NoWord => "no_word",
            FaultKind::Twice { .. } => "twice",
            FaultKind::CutOff { .. } => "cut_off",
            FaultKind::TooMany { .. } => "wrong_count",
            FaultKind::WrongTotal { .. } => "wrong_total",
            FaultKind::OtherFile { .. } => "other_file",
            FaultKind::More(_) => "more",
        }
    }
}

impl Fault {
    /// What it names, in the order of its sentence, without the line.
    pub fn about(&self) -> Vec<String> {
        match &self.kind {
            FaultKind::Empty
            | FaultKind::Encoding
            | FaultKind::NotText
            | FaultKind::Quote
            | FaultKind::NoKey
            | FaultKind::NoWord => Vec::new(),
            FaultKind::NoHeader(missing) => vec![missing.join(", ")],
            FaultKind::Short { cells, needed } => vec![cells.to_string(), needed.to_string()],
            FaultKind::Amount(text) | FaultKind::Rounded(text) => vec![text.clone()],
            FaultKind::Twice { first } => vec![first.to_string()],
            FaultKind::CutOff { said, has } => {
                vec![said.map_or_else(|| "?".to_owned(), |n| n.to_string()), has.to_string()]
            }
            FaultKind::TooMany { said, has, .. } => vec![said.to_string(), has.to_string()],
            FaultKind::WrongTotal { said, has, .. } => vec![said.to_string(), has.to_string()],
            FaultKind::OtherFile { said, sent } => vec![said.clone(), sent.clone()],
            FaultKind::More(more) => vec![more.to_string()],
        }
    }
}

impl std::fmt::Display for Fault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if let Some(line) = self.line {
            write!(f, "第 {line} 行：")?;
        }
        match &self.kind {
            FaultKind::Empty => f.write_str("文件是空的；请银行重发"),
            FaultKind::Encoding => {
                f.write_str("既不是 UTF-8 也不是 GB18030 的文字，可能传坏了；请银行重发，或用记事本另存为 UTF-8")
            }
            FaultKind::NotText => f.write_str("不是文本文件；Excel 文件请按 .xlsx 上传，压缩包先解开"),
            FaultKind::NoHeader(missing) => write!(
                f,
                "没有找到列名，缺：{}；请在第一行写上列名（业务号或账号、金额、处理结果）",
                missing.join("、")
            ),
            FaultKind::Short { cells, needed } => {
                write!(f, "只有 {cells} 格，列名要 {needed} 格；看看这一行是不是断开了")
            }
            FaultKind::Quote => f.write_str("引号没有成对；请银行重发，或改正这一行"),
            FaultKind::Amount(text) => {
                write!(f, "金额“{text}”读不出；应是像 625.00 的元，最多两位小数，不带负号")
            }
            FaultKind::Rounded(text) => write!(
                f,
                "账号“{text}”被表格软件改成了科学计数法，尾数已经丢了；请用银行的原始文件，不要打开另存"
            ),
            FaultKind::NoKey => f.write_str("业务号和账号都没有，不知道是谁；补上或请银行重发"),
            FaultKind::NoWord => f.write_str("没有处理结果；请银行补上成功或失败"),
            FaultKind::Twice { first } => {
                write!(f, "与第 {first} 行业务号相同；一笔只能有一个结果，请银行重发")
            }
            FaultKind::CutOff { said: Some(said), has } => {
                write!(f, "文件说有 {said} 笔，只读到 {has} 笔，后面断了；请重新下载完整的文件")
            }
            FaultKind::CutOff { said: None, has } => {
                write!(f, "文件在第 {has} 笔后断了；请重新下载完整的文件")
            }
            FaultKind::TooMany { which, said, has } => write!(
                f,
                "文件说{}笔数 {said}，数下来是 {has}；请银行核对后重发",
                which.chinese()
            ),
            FaultKind::WrongTotal { which, said, has } => write!(
                f,
                "文件说{}金额 {said}，加起来是 {has}；请银行核对后重发",
                which.chinese()
            ),
            FaultKind::OtherFile { said, sent } => {
                write!(f, "这是文件 {said} 的回盘，不是 {sent} 的；请选对文件")
            }
            FaultKind::More(more) => write!(f, "还有 {more} 处，改好前面的再看"),
        }
    }
}

impl std::error::Error for Fault {}
