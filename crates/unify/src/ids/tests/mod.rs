//! Tests of ids over many runs.

mod oracle;
mod scenarios;
mod world;
