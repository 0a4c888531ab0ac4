//! The `weir` binary: picks a role and wires the rooms together.
fn main() {}
