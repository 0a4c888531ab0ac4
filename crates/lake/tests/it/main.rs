//! The lake through its door: staging, publishing, reading, querying, keeping.

// A test that cannot go on says so; a skipped one says why.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::print_stdout)]

mod support;

mod duckdb;
mod history;
mod keep;
mod postgres;
mod publish;
mod query;
mod view;
