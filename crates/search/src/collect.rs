//! One pass over the rows that match: how many, the best of them, and the counts of the facets.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use tantivy::collector::{Collector, SegmentCollector};
use tantivy::columnar::StrColumn;
use tantivy::{DocId, Score, SegmentOrdinal, SegmentReader, TantivyError};

use crate::facet::{Counter, Facet};
use crate::fields::FilterField;

/// The field with the key of a row.
pub(crate) const KEY: &str = "key";

/// Ranks rows by score, then by key.
pub(crate) struct Rank {
    /// How many rows are kept.
    pub(crate) depth: usize,
    pub(crate) scored: bool,
    pub(crate) facets: Vec<FilterField>,
}

/// What was found; keys are the best first.
#[derive(Default)]
pub(crate) struct Ranked {
    pub(crate) count: u64,
    pub(crate) keys: Vec<String>,
    pub(crate) facets: Vec<Facet>,
}

impl Collector for Rank {
    type Fruit = Ranked;
    type Child = RankSegment;

    fn for_segment(&self, _: SegmentOrdinal, segment: &SegmentReader) -> tantivy::Result<RankSegment> {
        let columns = segment.fast_fields();
        let keys = columns.str(KEY)?.ok_or_else(|| TantivyError::SchemaError("no keys".to_owned()))?;
        let counters =
            self.facets.iter().map(|facet| Counter::new(facet, columns)).collect::<tantivy::Result<_>>()?;
        Ok(RankSegment { depth: self.depth, keys, best: BinaryHeap::new(), count: 0, counters })
    }

    fn requires_scoring(&self) -> bool {
        self.scored
    }

    fn merge_fruits(&self, found: Vec<tantivy::Result<Ranked>>) -> tantivy::Result<Ranked> {
        let mut found = found.into_iter();
        match (found.next(), found.next()) {
            (None, _) => Ok(Ranked::default()),
            (Some(only), None) => only,
            // Keys are compared by their place in one segment's dictionary.
            _ => Err(TantivyError::SchemaError("more than one segment".to_owned())),
        }
    }
}

/// A row's place: the smaller, the better.
type Place = (Reverse<u32>, u64, DocId);

pub(crate) struct RankSegment {
    depth: usize,
    keys: StrColumn,
    /// The best places, the worst of them on top.
    best: BinaryHeap<Place>,
    count: u64,
    counters: Vec<Counter>,
}

impl SegmentCollector for RankSegment {
    type Fruit = tantivy::Result<Ranked>;

    fn collect(&mut self, row: DocId, score: Score) {
        self.count += 1;
        for counter in &mut self.counters {
            counter.add(row);
        }
        // Scores are not negative, so their bits have their order.
        let score = Reverse(score.to_bits());
        let full = self.best.len() >= self.depth;
        if full && self.best.peek().is_none_or(|worst| score > worst.0) {
            return;
        }
        let key = self.keys.ords().first(row).unwrap_or(u64::MAX);
        self.best.push((score, key, row));
        if full {
            self.best.pop();
        }
    }

    fn harvest(self) -> tantivy::Result<Ranked> {
        let mut keys = Vec::with_capacity(self.best.len());
        for (_, key, _) in self.best.into_sorted_vec() {
            let mut text = String::new();
            self.keys.ord_to_str(key, &mut text)?;
            keys.push(text);
        }
        let facets = self.counters.into_iter().map(Counter::finish).collect::<tantivy::Result<_>>()?;
        Ok(Ranked { count: self.count, keys, facets })
    }
}
