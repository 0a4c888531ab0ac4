//! What a user defines: the typed model, its YAML form, and the checks that make it right.

mod check;
mod duplicate;
mod error;
mod export;
mod gather;
pub mod limits;
mod model;
mod node;
mod object;
mod plan;
mod problem;
mod project;
mod shape;
mod stored;
pub mod uses;
mod write_yaml;
mod yaml;

pub use check::Known;
pub use duplicate::{Duplicate, Duplicated, duplicate};
pub use error::DefinitionError;
pub use export::{Exported, export, to_yaml, unification_to_yaml};
pub use model::*;
pub use object::{Object, ObjectKind, from_objects, objects};
pub use plan::{Action, Change, Effect, FieldChange, Plan, plan};
pub use problem::{Problem, Report, SourceText};
pub use project::{MAIN_FILE, Project};
pub use stored::{Version, applied, apply, changed_at, versions};

/// The JSON Schema (draft 2020-12) of a file of definitions.
pub fn schema() -> serde_json::Value {
    shape::schema::schema()
}

#[cfg(test)]
mod tests;
