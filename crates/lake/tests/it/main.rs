//! The lake through its door: staging, publishing, reading, querying, keeping.

mod support;

mod duckdb;
mod publish;
mod view;
