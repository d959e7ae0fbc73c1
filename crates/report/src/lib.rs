//! Fujiao report.
