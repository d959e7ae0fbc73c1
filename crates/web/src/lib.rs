//! Fujiao web.
