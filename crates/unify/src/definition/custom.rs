//! What people know better than rules.

use serde::{Deserialize, Serialize};

/// What people know better than rules. It overrides them all, those of deduplication too.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Custom {
    /// Pairs of rows that are the same customer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub always_match: Option<RowPairs>,
    /// Pairs of rows that are different customers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub never_match: Option<RowPairs>,
    /// Lists of values that mean the same; conditions name the list that they use.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub aliases: Vec<AliasList>,
    /// Lists of values that are no values; conditions name the list that they use.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub bypass: Vec<BypassList>,
}

impl Custom {
    pub(super) fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// The entities that hold pairs and lists.
    pub(crate) fn entities(&self) -> impl Iterator<Item = &str> {
        let pairs = [&self.always_match, &self.never_match].into_iter().flatten();
        let pairs = pairs.filter_map(|it| match it {
            RowPairs::Entity(entity) => Some(entity.as_str()),
            RowPairs::Pairs(_) => None,
        });
        let aliases = self.aliases.iter().filter_map(|it| match &it.pairs {
            AliasPairs::Entity(entity) => Some(entity.as_str()),
            AliasPairs::Values(_) => None,
        });
        let bypass = self.bypass.iter().filter_map(|it| match &it.values {
            BypassValues::Entity(entity) => Some(entity.as_str()),
            BypassValues::Values(_) => None,
        });
        pairs.chain(aliases).chain(bypass)
    }
}

/// Pairs of rows: an entity that lists them, or the pairs themselves.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum RowPairs {
    /// An entity with the attributes `Entity1`, `Entity1Key`, `Entity2`, `Entity2Key` (or `Table1`, …).
    Entity(String),
    /// The pairs.
    Pairs(Vec<RowPair>),
}

/// Two rows.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RowPair {
    /// The full name of one row's entity.
    pub entity1: String,
    /// Its primary key, as text.
    pub entity1_key: String,
    /// The full name of the other row's entity.
    pub entity2: String,
    /// Its primary key, as text.
    pub entity2_key: String,
}

/// A list of values that mean the same.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AliasList {
    /// Its name.
    pub name: String,
    /// Where its pairs stand.
    #[serde(flatten)]
    pub pairs: AliasPairs,
}

/// Pairs of values: the first is treated as the second.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum AliasPairs {
    /// An entity; its first two attributes after the key are value and alias.
    Entity(String),
    /// The pairs.
    Values(Vec<(String, String)>),
}

/// A list of values that are no values, such as `noemail@example.com`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct BypassList {
    /// Its name.
    pub name: String,
    /// Where its values stand.
    #[serde(flatten)]
    pub values: BypassValues,
}

/// Values.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum BypassValues {
    /// An entity; its first attribute after the key holds the values, or the key where there is no other.
    Entity(String),
    /// The values.
    Values(Vec<String>),
}
