//! What money does after it is decided, as functions: who may be paid next, what a bank is told, what came back, what the
//! journal says, what a loan costs.
//!
//! The room knows no clock, no database and no amount of its own. Amounts, limits and rates are dated data that the caller
//! reads from `policies/`. `office` joins it with the store.

pub mod allocate;
pub mod batch;
pub mod calendar;
pub mod channel;
pub mod journal;
pub mod loan;
pub mod returns;
pub mod sample;
pub mod stack;
