//! The lake through its door: staging, publishing, reading, querying, keeping.

mod support;

mod duckdb;
mod history;
mod keep;
mod publish;
mod query;
mod view;
