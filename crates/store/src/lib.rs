//! Fujiao store.
