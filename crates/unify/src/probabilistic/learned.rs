//! What a run learned: kept with its result, so that its pairs can be explained later.

use arrow::array::RecordBatch;
use serde::{Deserialize, Serialize};

use super::explain::Explanation;
use super::model::Model;
use super::prepared::{EntityReader, Layout, Prepared};
use super::rarity;
use crate::definition::Signal;

/// A model with what it was learned from and is asked for.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Learned {
    /// What is compared, whether it was said or found.
    pub signals: Vec<Signal>,
    /// The lowest probability of a match.
    pub threshold: f64,
    /// The model.
    pub model: Model,
}

/// A row: the place of its entity in the match order, its batch, and its place there.
pub(crate) type RowOf<'a> = (usize, &'a RecordBatch, usize);

impl Learned {
    /// Explains one pair of rows. `entities` are the full names and primary keys, in match order.
    pub(crate) fn explain(&self, entities: &[(String, String)], rows: [RowOf<'_>; 2]) -> Option<Explanation> {
        let layout = Layout::new(&self.signals, entities);
        let mut parts = Vec::with_capacity(rows.len());
        for (entity, batch, row) in rows {
            let mut reader = EntityReader::new(&layout, entity)?;
            reader.read_rows(batch, std::iter::once(row));
            parts.push(reader.finish());
        }
        let mut prepared = Prepared::from_parts(parts);
        rarity::assign(&mut prepared, &self.model.comparisons, &self.model.rarities, 1);
        self.model.explain(&prepared, 0, 1)
    }
}
