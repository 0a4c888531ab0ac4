//! How two values are compared: what is done to them first, and how alike they must be.

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// What can be done to a value before it is compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Normalization {
    /// Lower case.
    LowerCase,
    /// No white space.
    Whitespace,
    /// No punctuation and symbols.
    Symbols,
    /// Number symbols and Roman numerals as digits.
    Numerals,
    /// Letters without accents.
    UnicodeToAscii,
    /// Telephone numbers as digits.
    TypePhone,
    /// Nicknames and titles in one form.
    TypeName,
    /// Common words of addresses shortened.
    TypeAddress,
    /// No company noise words.
    TypeOrganization,
}

impl Normalization {
    /// The name in the definitions.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::LowerCase => "lower-case",
            Self::Whitespace => "whitespace",
            Self::Symbols => "symbols",
            Self::Numerals => "numerals",
            Self::UnicodeToAscii => "unicode-to-ascii",
            Self::TypePhone => "type-phone",
            Self::TypeName => "type-name",
            Self::TypeAddress => "type-address",
            Self::TypeOrganization => "type-organization",
        }
    }
}

/// How alike two texts must be: (length − Levenshtein distance) / length of the base text.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub enum Precision {
    /// Equal.
    #[default]
    Exact,
    /// At least 0.3.
    Low,
    /// At least 0.6.
    Medium,
    /// At least 0.8.
    High,
    /// At least this, above 0 and at most 1.
    Custom(f64),
}

impl Precision {
    /// The lowest score that is a match, 0 to 1.
    pub fn score(self) -> f64 {
        match self {
            Self::Exact => 1.0,
            Self::Low => 0.3,
            Self::Medium => 0.6,
            Self::High => 0.8,
            Self::Custom(score) => score,
        }
    }
}

impl Serialize for Precision {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Exact => to.serialize_str("exact"),
            Self::Low => to.serialize_str("low"),
            Self::Medium => to.serialize_str("medium"),
            Self::High => to.serialize_str("high"),
            Self::Custom(score) => to.serialize_f64(*score),
        }
    }
}

impl<'de> Deserialize<'de> for Precision {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(rename_all = "lowercase")]
        enum Word {
            Exact,
            Low,
            Medium,
            High,
        }
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Either {
            Word(Word),
            Score(f64),
            Custom { custom: f64 },
        }
        Ok(match Either::deserialize(from)? {
            Either::Word(Word::Exact) => Self::Exact,
            Either::Word(Word::Low) => Self::Low,
            Either::Word(Word::Medium) => Self::Medium,
            Either::Word(Word::High) => Self::High,
            Either::Score(score) | Either::Custom { custom: score } => Self::Custom(score),
        })
    }
}
