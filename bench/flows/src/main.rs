//! A benchmark of flows.
fn main() {}
