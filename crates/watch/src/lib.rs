//! Children who could slip between two lists: findings with their evidence, cases with clocks, risks with reasons, pairs,
//! and what became of whom over the years.
//!
//! The room knows no clock, no database and no register of its own: lists, rules and "today" are arguments.

pub mod case;
pub mod funnel;
pub mod lines;
pub mod message;
pub mod pair;
pub mod points;
mod random;
mod rules;
pub mod screen;
pub mod train;
