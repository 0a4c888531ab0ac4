//! What a user defines: the typed model, its YAML form, and the checks that make it right.

mod model;

pub use model::*;
