//! Why the model left two rows with two customers, in every case.

use serde::{Deserialize, Serialize};

use super::{Decided, Judge, Place};
use crate::probabilistic::{Comparison, Learned, SharedKey};

/// A row by its entity and its primary key.
pub type RowKey<'a> = (&'a str, &'a str);

/// The name of a row.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RowName {
    /// The entity's full name.
    pub entity: String,
    /// The primary key, as text.
    pub key: String,
}

impl From<RowKey<'_>> for RowName {
    fn from((entity, key): RowKey<'_>) -> Self {
        Self { entity: entity.to_owned(), key: key.to_owned() }
    }
}

/// Why the model left two rows with two customers.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "code", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum Apart {
    /// The rows are not alike enough.
    BelowThreshold,
    /// People decided that rows of the two customers never match.
    NeverMatch,
    /// The rows are alike enough, but rows of the two customers differ in what one customer hardly ever does.
    Contradiction {
        /// What they differ in.
        comparison: Comparison,
        /// The two rows that differ.
        rows: [RowName; 2],
    },
    /// The rows are alike enough, but all rows of the two customers together are not.
    OtherRows {
        /// The mean weight of all pairs of rows of the two customers.
        mean: f64,
        /// The least mean weight that puts customers together: that of the threshold.
        needed: f64,
        /// The two rows that speak most against it.
        against: [RowName; 2],
        /// Their weight.
        weight: f64,
        /// The row of its own customer that one of the rows in question is more like than the other.
        closer: Option<RowName>,
    },
    /// The rows were never compared: no blocking rule has one key for both.
    NoSharedKey,
    /// The rows were never compared: too many rows have each key that both share. This is the rarest one.
    TooFrequent {
        /// The key.
        key: SharedKey,
    },
    /// The rows hang together with so many others that their group was cut at its weakest pairs.
    Cut,
}

impl Judge {
    /// Why the model left a row of each of two customers apart, as far as the rows of the two customers can tell. It
    /// says `Cut` where the rows share a blocking key: how frequent that is, `too_frequent` tells. None when a row
    /// is not there.
    pub fn apart(
        &self,
        learned: &Learned,
        (one, other): (RowKey<'_>, RowKey<'_>),
        (ones, others): (&[RowKey<'_>], &[RowKey<'_>]),
    ) -> Option<Apart> {
        let says = self.probability(learned, one, other)?;
        if says.probability < learned.threshold {
            return Some(Apart::BelowThreshold);
        }
        let never = |a: &RowKey<'_>, b: &RowKey<'_>| {
            let places = (self.find(*a), self.find(*b));
            let (Some(a), Some(b)) = places else { return false };
            self.decided(a.min(b), a.max(b)) == Some(Decided::NeverMatch)
        };
        if ones.iter().any(|a| others.iter().any(|b| never(a, b))) {
            return Some(Apart::NeverMatch);
        }
        let rows: Vec<RowKey<'_>> = ones.iter().chain(others).copied().collect();
        let read: Option<Vec<_>> = rows.iter().map(|row| self.row(self.find(*row)?)).collect();
        let prepared = learned.some(&self.entities(), &read?)?;
        let numbers: Vec<u32> = (0u32..).take(rows.len()).collect();
        let (first, second) = numbers.split_at_checked(ones.len())?;
        let distance = learned.model.distance(&prepared, first, second)?;
        let named =
            |at: usize, to: usize| Some([RowName::from(*ones.get(at)?), RowName::from(*others.get(to)?)]);
        if let Some((at, to, comparison)) = distance.contradiction {
            return Some(Apart::Contradiction { comparison, rows: named(at, to)? });
        }
        let needed = learned.needed();
        if distance.mean < needed {
            let (at, to, weight) = distance.against;
            let against = named(at, to)?;
            let place = |row: RowKey<'_>| rows.iter().position(|it| *it == row).map(|at| at as u32);
            let closer = |row: RowKey<'_>, own: &[u32]| {
                let at = learned.model.closer(&prepared, place(row)?, own, says.weight)?;
                rows.get(*own.get(at)? as usize).map(|row| RowName::from(*row))
            };
            let closer = closer(other, second).or_else(|| closer(one, first));
            return Some(Apart::OtherRows { mean: distance.mean, needed, against, weight, closer });
        }
        Some(if says.rules.is_empty() { Apart::NoSharedKey } else { Apart::Cut })
    }

    /// Why two rows that share blocking keys were never compared; none when they were. The judge must have been
    /// given all rows.
    pub fn too_frequent(&self, learned: &Learned, one: RowKey<'_>, other: RowKey<'_>) -> Option<Apart> {
        let number = |(entity, record): Place| self.space.number(entity as u32, record);
        let (one, other) = (number(self.find(one)?), number(self.find(other)?));
        let all = learned.all(&self.entities(), &self.records);
        let shared = learned.model.shared_keys(&all, one, other);
        if !shared.iter().all(SharedKey::is_too_frequent) {
            return None;
        }
        let rarest = shared.into_iter().min_by_key(|shared| shared.records)?;
        Some(Apart::TooFrequent { key: rarest })
    }
}
