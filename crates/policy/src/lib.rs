//! Fujiao policy.
