//! Fujiao settle.
