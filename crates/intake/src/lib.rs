//! Fujiao intake.
