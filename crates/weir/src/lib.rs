//! The `weir` program as modules, so that they can be tested; `main.rs` only picks a role.

pub mod demo;
