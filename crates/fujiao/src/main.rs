//! Fujiao.
fn main() {}
