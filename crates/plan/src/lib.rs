//! Fujiao plan.
