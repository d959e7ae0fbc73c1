//! 职业编码: a trade as people write it → its code in the 职业分类大典 (2022 edition).
//!
//! A code is `a-bb-cc-dd`: 大类 `a`, 中类 `a-bb`, 小类 `a-bb-cc`, 细类 (职业) `a-bb-cc-dd`; parts below the level are `00`.
//! A [`Model`] learns from the classification's own names, definitions and tasks, from titles that come with the program and
//! from those that a county coded itself; it says [`Coded::is_sure`] or 拿不准 and never hides the other candidates.

mod catalogue;
mod evaluate;
mod grams;
mod model;
mod titles;

pub use catalogue::{Catalogue, CatalogueError, Level, Occupation, OccupationCode};
pub use evaluate::{Evaluation, Scores, evaluate};
pub use model::{Coded, Guess, Model};
pub use titles::{TitleFault, Titled, builtin_titles, read_titles};
