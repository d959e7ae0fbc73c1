//! Fujiao watch.
