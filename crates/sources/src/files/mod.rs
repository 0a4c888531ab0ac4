//! Data sources of kind `files`: CSV, JSON, JSON lines and Parquet, plain or compressed.

pub(super) mod cells;
mod csv;
mod encoding;
pub(super) mod find;
pub(super) mod input;
mod json;
mod lines;
pub(super) mod parquet;
pub(super) mod rows;
pub(super) mod text;
