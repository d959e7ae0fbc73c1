//! Registers and dated, cited rules → what is owed.
//!
//! A [`PolicySet`] is loaded from text (`policies/`): programmes and standards, each with who, how much since when, by which
//! article, by when and by whom. Facts come as a [`Frame`], column by column. [`assess()`] gives each row of the frame one
//! [`Entitlement`] a programme: due, not due for the most decisive reason, or a fact to ask for. An [`Explainer`] says why.
//!
//! Amounts live in the files alone. Where a programme has both a national and a provincial row, the overlay decides.

mod assess;
mod check;
mod column;
mod eval;
mod example;
mod explain;
mod expr;
mod fault;
mod frame;
mod lanes;
mod load;
mod markdown;
mod plan;
mod probe;
mod programme;
mod question;
mod set;
mod table;
mod tally;
mod term;

pub use assess::{Entitlement, ProgrammeResult, Reason, assess, assess_all, assess_programme};
pub use check::{CheckFinding, Weight};
pub use column::{
    COLUMNS, Column, ColumnId, ColumnType, FrameKind, column, column_of, columns_markdown,
};
pub use example::ExampleFailure;
pub use explain::{Explainer, Language, Why};
pub(crate) use fault::nearest;
pub use fault::{PolicyError, PolicyFault};
pub use frame::Frame;
pub use load::level;
pub use programme::{AmountRow, DayRule, Mark, Programme, Purpose, Rhythm, Seen, Terms};
pub use set::{
    DatedList, DatedNumber, Example, Listed, NamedSet, Parameter, PolicyFile, PolicySet,
};
pub use table::{Table, TableError, TableFault};
pub use tally::{Tally, TallyLine, TallySum, tally};
pub use term::{TermAnswer, TermResult, assess_term, duties_csv};
