//! References to attributes as people write them: `Attribute`, `Entity.Attribute`, `[Loyalty Tier]`.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// An attribute, with or without the entity that has it. Printed, names that are not plain identifiers stand in
/// brackets.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct AttributeRef {
    /// The entity's full name; none where the context says which entity is meant.
    pub entity: Option<String>,
    /// The attribute's name.
    pub attribute: String,
}

/// An attribute of a named entity.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct QualifiedAttribute {
    /// The entity's full name.
    pub entity: String,
    /// The attribute's name.
    pub attribute: String,
}

/// Why a text is not a reference to an attribute.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RefError {
    /// A name is missing before or after a dot, or the text is empty.
    #[error("a name is missing: write `Entity.Attribute`")]
    Empty,
    /// An opening bracket without its closing one, or text around brackets.
    #[error("brackets stand around one whole name: `Entity.[Loyalty Tier]`")]
    Brackets,
    /// More than one dot outside brackets.
    #[error("too many dots: write `Entity.Attribute`, and names with dots in brackets")]
    TooManyParts,
    /// The entity is missing.
    #[error("say which entity has the attribute: `Entity.Attribute`")]
    Unqualified,
}

impl FromStr for AttributeRef {
    type Err = RefError;

    fn from_str(text: &str) -> Result<Self, RefError> {
        let mut parts = split_path(text)?.into_iter();
        match (parts.next(), parts.next(), parts.next()) {
            (Some(attribute), None, _) => Ok(Self { entity: None, attribute }),
            (Some(entity), Some(attribute), None) => Ok(Self { entity: Some(entity), attribute }),
            (None, ..) => Err(RefError::Empty),
            _ => Err(RefError::TooManyParts),
        }
    }
}

impl FromStr for QualifiedAttribute {
    type Err = RefError;

    fn from_str(text: &str) -> Result<Self, RefError> {
        let AttributeRef { entity, attribute } = text.parse()?;
        entity.map(|entity| Self { entity, attribute }).ok_or(RefError::Unqualified)
    }
}

fn split_path(text: &str) -> Result<Vec<String>, RefError> {
    let mut parts = Vec::new();
    let mut rest = text.trim();
    loop {
        let (name, after) = match rest.strip_prefix('[') {
            Some(inner) => bracketed(inner).ok_or(RefError::Brackets)?,
            None => plain(rest)?,
        };
        if name.trim().is_empty() {
            return Err(RefError::Empty);
        }
        parts.push(name);
        if after.is_empty() {
            return Ok(parts);
        }
        rest = after.strip_prefix('.').ok_or(RefError::Brackets)?;
    }
}

/// The name before the closing bracket, a doubled one standing for itself, and what follows.
fn bracketed(inner: &str) -> Option<(String, &str)> {
    let mut name = String::new();
    let mut rest = inner;
    loop {
        let (before, after) = rest.split_once(']')?;
        name.push_str(before);
        match after.strip_prefix(']') {
            None => return Some((name, after)),
            Some(after) => {
                name.push(']');
                rest = after;
            }
        }
    }
}

fn plain(text: &str) -> Result<(String, &str), RefError> {
    let (name, after) = text.split_at(text.find('.').unwrap_or(text.len()));
    if name.contains(['[', ']']) {
        return Err(RefError::Brackets);
    }
    Ok((name.trim().to_owned(), after))
}

/// Writes `name` so that it reads back as one name.
fn write_name(f: &mut fmt::Formatter<'_>, name: &str) -> fmt::Result {
    let plain = name.chars().all(|c| c.is_alphanumeric() || c == '_')
        && !name.starts_with(|c: char| c.is_ascii_digit());
    if plain { f.write_str(name) } else { write!(f, "[{}]", name.replace(']', "]]")) }
}

impl fmt::Display for AttributeRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(entity) = &self.entity {
            write_name(f, entity)?;
            f.write_str(".")?;
        }
        write_name(f, &self.attribute)
    }
}

impl fmt::Display for QualifiedAttribute {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_name(f, &self.entity)?;
        f.write_str(".")?;
        write_name(f, &self.attribute)
    }
}

impl From<QualifiedAttribute> for AttributeRef {
    fn from(it: QualifiedAttribute) -> Self {
        Self { entity: Some(it.entity), attribute: it.attribute }
    }
}

impl TryFrom<String> for AttributeRef {
    type Error = RefError;

    fn try_from(text: String) -> Result<Self, RefError> {
        text.parse()
    }
}

impl TryFrom<String> for QualifiedAttribute {
    type Error = RefError;

    fn try_from(text: String) -> Result<Self, RefError> {
        text.parse()
    }
}

impl From<AttributeRef> for String {
    fn from(it: AttributeRef) -> Self {
        it.to_string()
    }
}

impl From<QualifiedAttribute> for String {
    fn from(it: QualifiedAttribute) -> Self {
        it.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reference_prints_as_it_is_written() {
        for text in [
            "EMail",
            "POS_posPurchases.TotalPrice",
            "[Loyalty Tier]",
            "A.[x.y]",
            "[1st]",
            "Größe",
            "[a]]b].c",
        ] {
            assert_eq!(text.parse::<AttributeRef>().unwrap().to_string(), text);
        }
    }

    #[test]
    fn what_is_no_reference_is_refused() {
        for text in ["", " ", ".", "A.", ".B", "A.B.C", "[A", "A]", "A[b]", "[A]b", "[]"] {
            assert!(text.parse::<AttributeRef>().is_err(), "{text:?}");
        }
        assert_eq!("EMail".parse::<QualifiedAttribute>(), Err(RefError::Unqualified));
    }
}
