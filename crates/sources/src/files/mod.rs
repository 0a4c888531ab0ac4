//! Files: CSV, JSON, JSON lines and Parquet, plain or compressed, and workbooks.

pub(super) mod cells;
pub(super) mod csv;
pub(super) mod encoding;
pub(super) mod find;
pub(super) mod input;
mod json;
mod lines;
pub(super) mod parquet;
pub(super) mod pieces;
pub(super) mod records;
pub(super) mod rows;
mod sheet;
pub(super) mod text;
