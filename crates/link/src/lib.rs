//! Fujiao link.
