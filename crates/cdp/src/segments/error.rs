//! Why a segment has no result.

use crate::conditions::Problem;
use datafusion::error::DataFusionError;

/// Why a segment has no result.
#[derive(Debug, thiserror::Error)]
pub enum SegmentError {
    /// The definition does not fit the entities.
    #[error("{}", problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "))]
    Invalid {
        /// All that is wrong, at least one.
        problems: Vec<Problem>,
    },
    /// An entity or a measure that it reads has no rows yet.
    #[error("it reads {what}, which has no result")]
    NeedsFailed {
        /// What is missing.
        what: String,
    },
    /// Segments that ask for each other.
    #[error("{}", insight::segments::circle_message(segments))]
    Circle {
        /// The segments of the circle, each asking for the next.
        segments: Vec<String>,
    },
    /// A segment that is a query: it does more than read, is wrong, or does not give `CustomerId`.
    #[error("{message}")]
    Query {
        /// What is wrong.
        message: String,
    },
    /// A draft has no parts that could be explained.
    #[error("{segment} is a draft: there are no rules to explain")]
    WithoutRules {
        /// The segment.
        segment: String,
    },
    /// An aggregate of a rule has no result.
    #[error("{0}")]
    Aggregate(#[from] crate::measures::MeasureError),
    /// The query engine failed, for example because a file could not be read.
    #[error("the query failed: {0}")]
    Engine(Box<DataFusionError>),
}

impl SegmentError {
    /// The stable code of this error.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Invalid { .. } => "segmentInvalid",
            Self::NeedsFailed { .. } => "segmentNeedsFailed",
            Self::Circle { .. } => "segmentCircle",
            Self::Query { .. } => "segmentQuery",
            Self::WithoutRules { .. } => "segmentNotExplained",
            Self::Aggregate(error) => error.code(),
            Self::Engine(_) => "segmentFailed",
        }
    }
}

impl From<DataFusionError> for SegmentError {
    fn from(error: DataFusionError) -> Self {
        Self::Engine(Box::new(error))
    }
}

impl From<datafusion::arrow::error::ArrowError> for SegmentError {
    fn from(error: datafusion::arrow::error::ArrowError) -> Self {
        Self::Engine(Box::new(error.into()))
    }
}
