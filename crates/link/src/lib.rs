//! Rows about people → one person, one record, with weights that explain themselves.
//!
//! Push every row about a person into [`Mentions`] and call [`link()`]: the [`Linkage`] tells for each row whose it is,
//! what a person should be asked, and by what [`Model`] that was found; [`Model::waterfall`] tells why.
//!
//! The method, in order:
//! 1. Rows with one valid id and compatible names are one *profile*; so are rows without an id that say exactly the same.
//! 2. Fellegi–Sunter over profiles: `u` from random pairs, `m` from rows of known persons whose id was hidden, then by
//!    expectation and maximisation over the candidate pairs. Who else agrees for a reason (relatives, classmates, twins) has
//!    a `u` of his own, so that a sibling with the same phone, household and guardian is not the same child.
//! 3. Candidates that exclude each other compete: a row is one person's.
//! 4. Joining from the heaviest pair down. Two different valid ids, two rows of one list, ages that exclude each other
//!    and a person's "different" are never joined, whatever lies between.
//!
//! Two profiles with different valid ids are never even compared, so the cost grows with the rows that lack an id.
//! No clock, no file, no thread leaves a trace in the answer.

mod birth;
mod block;
mod cluster;
mod compare;
mod hanzi;
mod linkage;
mod mention;
mod model;
mod name;
pub mod table;
mod train;

pub use compare::Comparison;
pub use linkage::{Ask, Decision, Linkage, Settings, Stats, link};
pub use mention::{Mention, Mentions};
pub use model::{LevelWeight, Model, Other, Step, Waterfall};
