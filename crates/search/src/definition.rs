//! Which attributes are searched, and which have filters.

use arrow::datatypes::{DataType, Schema};
use serde::{Deserialize, Serialize};

use crate::limits;

/// The search and filter index of the profiles.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SearchDefinition {
    /// The attributes of the index.
    pub attributes: Vec<SearchAttribute>,
}

/// One attribute of the index.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SearchAttribute {
    /// The attribute's name.
    pub name: String,
    /// Whether its words are searched for; texts only.
    #[serde(default)]
    pub searchable: bool,
    /// The filter, when it has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub filter: Option<FilterOptions>,
}

/// How a filter shows what there is to choose from.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct FilterOptions {
    /// How many values or intervals are shown; 10 when not given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub results: Option<usize>,
    /// Their order.
    #[serde(default)]
    pub order: FacetOrder,
}

impl FilterOptions {
    /// How many values or intervals are shown.
    pub fn results(&self) -> usize {
        self.results.unwrap_or(limits::DEFAULT_FACET_COUNTS).clamp(1, limits::MAX_FACET_COUNTS)
    }
}

/// The order of a filter's values or intervals.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum FacetOrder {
    /// The most frequent first.
    #[default]
    Count,
    /// Upwards.
    Value,
    /// Downwards.
    ValueDescending,
}

/// Semantic types, and endings of names, by which people look for a customer: the best first.
const LOOKED_FOR: [&str; 12] = [
    "fullname",
    "lastname",
    "firstname",
    "organizationname",
    "email",
    "phone",
    "telephone",
    "city",
    "name",
    "postalcode",
    "zip",
    "street",
];

impl SearchDefinition {
    /// The index that is made when none is defined: every text attribute, those that people look for first, up
    /// to a limit. `semantic` gives an attribute's semantic type, such as `Person.FullName`.
    pub fn of_schema<'a>(schema: &Schema, semantic: impl Fn(&str) -> Option<&'a str>) -> Self {
        let mut texts: Vec<(usize, usize, &str)> = schema
            .fields()
            .iter()
            .enumerate()
            .filter(|(_, field)| is_text(field.data_type()))
            .map(|(at, field)| (rank(field.name(), semantic(field.name())), at, field.name().as_str()))
            .collect();
        texts.sort_unstable();
        let attributes = texts.into_iter().take(limits::DEFAULT_ATTRIBUTES);
        let attribute = |(_, _, name): (usize, usize, &str)| SearchAttribute {
            name: name.to_owned(),
            searchable: true,
            filter: None,
        };
        Self { attributes: attributes.map(attribute).collect() }
    }
}

/// How much an attribute is looked for; 0 is most.
fn rank(name: &str, semantic: Option<&str>) -> usize {
    let plain = |text: &str| {
        let letters = text.chars().filter(char::is_ascii_alphanumeric);
        letters.map(|c| c.to_ascii_lowercase()).collect::<String>()
    };
    let semantic = semantic.and_then(|it| it.rsplit(['.', '/']).next()).map(plain);
    let of = |text: &str| LOOKED_FOR.iter().position(|word| text.ends_with(word)).unwrap_or(LOOKED_FOR.len());
    semantic.map_or(LOOKED_FOR.len(), |it| of(&it)).min(of(&plain(name)))
}

pub(crate) fn is_text(data_type: &DataType) -> bool {
    match data_type {
        DataType::Dictionary(_, values) => is_text(values),
        other => matches!(other, DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View),
    }
}

#[cfg(test)]
mod checks {
    use arrow::datatypes::Field;

    use super::*;

    #[test]
    fn without_a_definition_texts_are_searched_and_those_looked_for_come_first() {
        let mut fields: Vec<Field> =
            (0..60).map(|n| Field::new(format!("Note{n}"), DataType::Utf8, true)).collect();
        fields.push(Field::new("Points", DataType::Int64, true));
        fields.push(Field::new("E-Mail", DataType::Utf8, true));
        fields.push(Field::new("Wohnort", DataType::Utf8, true));
        fields.push(Field::new("FullName", DataType::Utf8, true));
        let semantic = |name: &str| (name == "Wohnort").then_some("Location.City");
        let definition = SearchDefinition::of_schema(&Schema::new(fields), semantic);
        let names: Vec<&str> = definition.attributes.iter().map(|it| it.name.as_str()).collect();
        assert_eq!(names.len(), limits::DEFAULT_ATTRIBUTES);
        assert_eq!(names.get(..4), Some(&["FullName", "E-Mail", "Wohnort", "Note0"][..]));
    }
}
