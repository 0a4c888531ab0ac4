//! Explaining a unification: what it did in numbers, the rows behind each number, and why rows are one customer or
//! are not.
//!
//! A [`Reader`] answers from one published snapshot and from the definition that made it. Nothing here changes
//! anything.

mod error;
mod explain;
mod funnel;
mod leads;
mod lineage;
mod made_by;
pub(crate) mod model;
mod obstacles;
mod pairs;
mod preview;
mod reader;
mod records;
mod slim;
mod source;
mod subject;
mod suggestions;

pub use error::UnificationError;
pub use explain::{Explanation, ModelAnswer, Named, Obstacle, PairAnswer, RuleAnswer, SHOWN_PAIRS};
pub use funnel::{EntityFunnel, EntityLeads, Funnel, RuleFunnel, RuleLeads};
pub use lineage::CustomerHistory;
pub use made_by::{MadeBy, SourceKey};
pub use pairs::{LinkStage, Page, Pair, PairsQuery};
pub use preview::{Preview, PreviewedRule};
pub use reader::Reader;
pub use records::{RowsQuery, Which};
pub use source::Row;
pub use subject::{Asked, MAX_RECORDS, Subject};
pub use suggestions::{Suggested, SuggestionsQuery};

/// Rows of one page.
pub const PAGE_ROWS: usize = 100;

/// The result of everything in this module.
pub type Result<T> = std::result::Result<T, UnificationError>;
