//! What can go wrong with the search index.

use std::path::PathBuf;

/// Why a search or the making of its index failed. [`SearchError::code`] is stable.
#[derive(Debug, thiserror::Error)]
pub enum SearchError {
    /// The search text is too long.
    #[error("the search text has {found} {what}; at most {limit} are searched for")]
    TextTooLong {
        /// How many it has.
        found: usize,
        /// `characters` or `words`.
        what: &'static str,
        /// The limit.
        limit: usize,
    },
    /// `top` and `skip` reach too far.
    #[error("rows {depth} and beyond are not paged to: at most {limit}. Narrow the search with filters")]
    TooDeep {
        /// `top` and `skip` together.
        depth: usize,
        /// The limit.
        limit: usize,
    },
    /// Too many conditions.
    #[error("a search has at most {limit} conditions, not {found}")]
    TooManyConditions {
        /// How many there are.
        found: usize,
        /// The limit.
        limit: usize,
    },
    /// An attribute has no filter.
    #[error("{attribute} has no filter: give it one in `search`{}", those_with(known))]
    NoFilter {
        /// What was asked for.
        attribute: String,
        /// What there is.
        known: Vec<String>,
    },
    /// A filter cannot be read.
    #[error("the filter {filter:?} cannot be read: {detail}")]
    WrongFilter {
        /// What was typed.
        filter: String,
        /// What a filter is.
        detail: String,
    },
    /// A condition's value has another type than the attribute.
    #[error("{attribute} is compared with {expected}")]
    WrongValue {
        /// The attribute.
        attribute: String,
        /// What it is compared with.
        expected: &'static str,
    },
    /// The definition does not fit the rows.
    #[error("the search index cannot have {attribute}: {detail}")]
    Definition {
        /// The attribute.
        attribute: String,
        /// What is wrong.
        detail: String,
    },
    /// A row has no key, or batches differ.
    #[error("the rows cannot be indexed: {0}")]
    Rows(String),
    /// There is no index.
    #[error("there is no search index in {}: run the task `search`", folder.display())]
    Missing {
        /// Where it was looked for.
        folder: PathBuf,
    },
    /// The index is damaged, or of another version of the program.
    #[error("the search index in {} cannot be used: {detail}. Run the task `search` to build it again", folder.display())]
    Corrupt {
        /// The index.
        folder: PathBuf,
        /// What is wrong.
        detail: String,
    },
    /// The index cannot be written.
    #[error("the search index cannot be written to {}: {detail}", folder.display())]
    Unwritable {
        /// Where to.
        folder: PathBuf,
        /// Why.
        detail: String,
    },
}

impl SearchError {
    /// The stable code of this error.
    pub fn code(&self) -> &'static str {
        match self {
            Self::TextTooLong { .. } => "searchTextTooLong",
            Self::TooDeep { .. } => "searchTooDeep",
            Self::TooManyConditions { .. } => "searchTooManyConditions",
            Self::NoFilter { .. } => "searchNoFilter",
            Self::WrongFilter { .. } => "searchFilterWrong",
            Self::WrongValue { .. } => "searchValueWrong",
            Self::Definition { .. } => "searchAttributeWrong",
            Self::Rows(_) => "searchRowsWrong",
            Self::Missing { .. } => "searchIndexMissing",
            Self::Corrupt { .. } => "searchIndexCorrupt",
            Self::Unwritable { .. } => "searchIndexUnwritable",
        }
    }

    /// Whether what was asked for is wrong, and not the index.
    pub fn is_wrong(&self) -> bool {
        matches!(
            self,
            Self::TextTooLong { .. }
                | Self::TooDeep { .. }
                | Self::TooManyConditions { .. }
                | Self::NoFilter { .. }
                | Self::WrongFilter { .. }
                | Self::WrongValue { .. }
        )
    }
}

fn those_with(known: &[String]) -> String {
    if known.is_empty() { String::new() } else { format!("; those with one are {}", known.join(", ")) }
}
