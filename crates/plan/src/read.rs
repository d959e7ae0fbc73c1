//! The files that researchers exchange such problems in. Text in, problem out; what does not read back names its line and
//! the remedy.

mod cap;
mod cpmp;
mod dimacs;
mod pmed;
mod tsplib;
mod words;

pub use cap::cap;
pub use cpmp::cpmp;
pub use dimacs::{Dimacs, dimacs};
pub use pmed::pmed;
pub use tsplib::{Rounding, tsplib};
pub(crate) use words::Words;

use crate::pmedian::Costs;

/// Why a file cannot be read.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum ReadError {
    /// The file ends too early.
    #[error("{file} 第 {line} 行：文件在这里断了，还缺{wanted}；核对文件是否完整")]
    Ended {
        /// The file.
        file: String,
        /// Its last line.
        line: usize,
        /// What should have come.
        wanted: &'static str,
    },
    /// A word is not what should stand there.
    #[error("{file} 第 {line} 行：“{text}”不是{wanted}；改正这一处")]
    Word {
        /// The file.
        file: String,
        /// The line.
        line: usize,
        /// What stands there.
        text: String,
        /// What should stand there.
        wanted: &'static str,
    },
    /// Something is said that cannot be.
    #[error("{file} 第 {line} 行：{what}")]
    Wrong {
        /// The file.
        file: String,
        /// The line.
        line: usize,
        /// What is wrong, with the remedy.
        what: String,
    },
}

/// A p-median problem as files have it.
#[derive(Clone, Debug, PartialEq)]
pub struct Medians {
    /// Every point is client and site.
    pub costs: Costs,
    /// How many to open, where the file says so.
    pub p: Option<usize>,
}

/// More points than this are refused: a table of distances of 20 000 points takes 3.2 GB.
const MOST_POINTS: usize = 20_000;
