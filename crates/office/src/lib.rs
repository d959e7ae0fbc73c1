//! Fujiao office.
