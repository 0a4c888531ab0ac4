//! Which attribute can be the primary key of an entity: every row has a value, and no two the same.

use std::collections::HashSet;

use arrow::array::{Array, AsArray};
use arrow::compute::cast;
use arrow::datatypes::DataType;
use serde::Serialize;

use super::{Suggestion, names};
use crate::input::Input;
use crate::plan::is_text;

/// An attribute that can be the primary key, and why.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct KeySuggestion {
    /// The attribute.
    pub attribute: String,
    /// How sure this is, 0 to 1, in hundredths.
    pub confidence: f64,
    /// The word of the name that says so, if one does.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub word: Option<String>,
    /// The rows that were looked at: each has a value of its own.
    pub rows: usize,
}

/// Words by which people call keys.
const WORDS: [&str; 22] = [
    "id",
    "key",
    "guid",
    "uuid",
    "pk",
    "code",
    "number",
    "no",
    "nr",
    "ид",
    "код",
    "номер",
    "ключ",
    "нөмірі",
    "clave",
    "codigo",
    "numero",
    "kodea",
    "cod",
    "numar",
    "編號",
    "代碼",
];

/// The attribute that is unique and filled; where several are, the one that is called a key of this entity, then
/// one that is called a key, then the first of the entity, then one that identifies a person.
pub(super) fn suggest(input: &Input, meanings: &[Suggestion]) -> Option<KeySuggestion> {
    let rows: usize = input.batches.iter().map(|batch| batch.num_rows()).sum();
    if rows < 2 {
        return None;
    }
    let entity = names::plain(input.entity.rsplit('_').next().unwrap_or_default());
    let mut candidates: Vec<(u8, usize, Option<String>)> = Vec::new();
    for (column, field) in input.schema.fields().iter().enumerate() {
        if !(is_text(field.data_type()) || field.data_type().is_integer()) {
            continue;
        }
        let word = names::has_word(field.name(), &WORDS);
        let meaning = meanings.iter().find(|it| it.attribute == *field.name());
        let stem = names::plain(field.name());
        // `ContactId` of contacts, or only `Id`.
        let own = word.as_ref().is_some_and(|word| {
            let stem = stem.trim_end_matches(&names::plain(word));
            stem.is_empty() || entity.starts_with(stem) || stem.starts_with(entity.trim_end_matches('s'))
        });
        let rank = match (&word, meaning) {
            (Some(_), _) if own => 0,
            (Some(_), None) => 1,
            // What has no name of a key and is unique may be a text that nobody wrote twice.
            (None, None) if column == 0 => 2,
            (_, Some(it)) if it.semantic_type.starts_with("Identity.") => 3,
            _ => continue,
        };
        candidates.push((rank, column, word));
    }
    candidates.sort();
    let (rank, column, word) = candidates.into_iter().find(|(_, column, _)| is_key(input, *column))?;
    let sure = [0.95, 0.85, 0.6, 0.4].get(usize::from(rank)).copied().unwrap_or(0.4);
    // In few rows anything is unique.
    let confidence = if rows < 20 { sure / 2.0 } else { sure };
    let attribute = input.schema.fields().get(column)?.name().clone();
    Some(KeySuggestion { attribute, confidence: (confidence * 100.0_f64).round() / 100.0, word, rows })
}

fn is_key(input: &Input, column: usize) -> bool {
    let mut seen = HashSet::new();
    input.batches.iter().all(|batch| {
        let texts = batch.columns().get(column).and_then(|array| cast(array, &DataType::Utf8).ok());
        texts.as_ref().and_then(|texts| texts.as_string_opt::<i32>()).is_some_and(|texts| {
            let filled = |row| texts.is_valid(row) && !texts.value(row).trim().is_empty();
            (0..texts.len()).all(|row| filled(row) && seen.insert(texts.value(row).to_owned()))
        })
    })
}
