//! What a user defines: the typed model, its YAML form, and the checks that make it right.

mod check;
mod gather;
pub mod limits;
mod model;
mod node;
mod problem;
mod project;
mod shape;
mod yaml;

pub use check::Known;
pub use model::*;
pub use problem::{Problem, Report, SourceText};
pub use project::{MAIN_FILE, Project};

/// The JSON Schema (draft 2020-12) of a file of definitions.
pub fn schema() -> serde_json::Value {
    shape::schema::schema()
}

#[cfg(test)]
mod tests;
