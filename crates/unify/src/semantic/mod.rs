//! What attributes mean: suggestions of semantic types and primary keys for the map, from names and values, each with
//! its reason. A suggestion changes nothing by itself: people write it into the map, or not.

mod judge;
mod key;
mod kinds;
mod names;
mod signals;
mod values;

use serde::Serialize;

pub use key::KeySuggestion;
pub use signals::{Meaning, signals, signals_of};
pub use values::Form;

use self::values::Sample;
use crate::input::Input;

/// What is suggested for one entity.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct EntitySuggestion {
    /// The entity's full name.
    pub entity: String,
    /// Its primary key, where none is given and one attribute can be it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub primary_key: Option<KeySuggestion>,
    /// The attributes with a suggestion, in schema order.
    pub attributes: Vec<Suggestion>,
}

/// What one attribute seems to mean.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Suggestion {
    /// The attribute.
    pub attribute: String,
    /// Its meaning, e.g. `Identity.Service.Email`.
    pub semantic_type: String,
    /// How sure this is, 0 to 1, in hundredths. From 0.8 on it is seldom wrong.
    pub confidence: f64,
    /// Why.
    pub reason: Reason,
}

/// Why a meaning is suggested.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase", tag = "kind")]
pub enum Reason {
    /// The name says so; there are no values to look at.
    Name {
        /// The words of the name that say so.
        word: String,
    },
    /// The values look so.
    Values {
        /// What they look like.
        form: Form,
        /// How many of the sampled values look so.
        alike: usize,
        /// How many values were sampled.
        of: usize,
    },
    /// The name says so and the values look so.
    NameAndValues {
        /// The words of the name that say so.
        word: String,
        /// What the values look like.
        form: Form,
        /// How many of the sampled values look so.
        alike: usize,
        /// How many values were sampled.
        of: usize,
    },
    /// The data type says so.
    DataType,
}

/// Suggests what the attributes of an entity mean, from their names and from a sample of the values that are there.
/// The same rows in the same order give the same suggestions, however they are split into batches.
pub fn suggest(input: &Input) -> EntitySuggestion {
    let columns: Vec<(&str, Sample)> = input
        .schema
        .fields()
        .iter()
        .enumerate()
        .map(|(column, field)| (field.name().as_str(), Sample::new(input, column)))
        .collect();
    let attributes = judge::all(&columns);
    let primary_key = if input.primary_key.is_empty() { key::suggest(input, &attributes) } else { None };
    EntitySuggestion { entity: input.entity.clone(), primary_key, attributes }
}

#[cfg(test)]
mod tests;
