//! Where schools, places, teachers and money should go, with proof.
//!
//! Every solver gives a [`Solved`]: a plan, its objective, a bound that no plan can beat, and so how far from the best the
//! plan can be at most. [`check`] counts any plan again without a line of the solvers' code.
//!
//! - [`pmedian`], [`cpmp`], [`cfl`]: which sites to open, without capacities, with them, and with what opening costs;
//! - [`transport`], [`flow`]: who goes where at least cost, on two sides and on any network;
//! - [`travel`], [`sites`], [`places`], [`teachers`], [`money`], [`forecast`], [`rooms`], [`courses`], [`jobs`]: the county's
//!   questions, asked of these;
//! - [`read`]: the files that researchers exchange such problems in.
//!
//! No clock: a [`Budget`] is asked whether to stop. Without it the answer follows from the arguments alone, on one thread
//! or many.
#![expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    reason = "indices of sites and clients fit 32 bits (readers refuse more), counts are far below 2^53"
)]

mod budget;
pub mod cfl;
pub mod check;
pub mod courses;
pub mod cpmp;
pub mod flow;
pub mod forecast;
pub mod jobs;
mod knapsack;
pub mod money;
pub mod places;
pub mod pmedian;
mod random;
pub mod read;
pub mod rooms;
pub mod sites;
pub mod teachers;
pub mod transport;
pub mod travel;
mod tree;
mod volume;

pub use budget::{Budget, Solved};
