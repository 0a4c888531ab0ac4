//! Matching by probability: a model learns from the data how much each agreement says.

mod apart;
mod blocking;
mod cluster;
mod column;
mod compare;
mod component;
mod explain;
mod hash;
mod index;
mod keys;
mod labels;
mod learned;
mod mixture;
mod model;
mod pairs;
mod prepared;
mod rarity;
mod record;
mod report;
mod run;
mod seen;
mod sets;
mod slot;
mod sort;
mod sources;
mod text;
mod threads;
mod unification;
mod usual;
mod words;

pub(crate) use learned::Needs;
pub(crate) use unification::{Matching, Question, ids, join, layout, options, read, read_some, run};

pub use apart::SharedKey;
pub use blocking::{Atom, BlockingRule};
pub use cluster::Clustering;
pub use compare::Comparison;
pub use explain::{Explanation, SignalWeight};
pub use index::{Changes, Index, RecordId};
pub use labels::Correction;
pub use learned::{Learned, ModelReport, TrainReason, Training};
pub use mixture::Mixture;
pub use model::Model;
pub use prepared::{EntityReader, Layout, Prepared};
pub use rarity::Rarity;
pub use report::{MatchReport, RuleCounts, RuleReport, ThresholdReport};
pub use run::{MatchOptions, Matched, TooManyRecords};
pub use sources::{Source, SourceError};

pub(crate) use blocking::Blocks;
pub(crate) use compare::without_rarity;
pub(crate) use hash::mix;
pub(crate) use learned::RowOf;
pub(crate) use mixture::probability;
pub(crate) use pairs::{Candidate, Candidates};
pub(crate) use prepared::signal_extras;
pub(crate) use run::{check, said};
pub(crate) use threads::map_with;

#[cfg(test)]
mod tests;
