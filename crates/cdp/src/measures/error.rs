//! Why a measure has no result.

use crate::conditions::Problem;
use datafusion::error::DataFusionError;
use insight::calculations::Overflow;

/// Why a measure has no result.
#[derive(Debug, thiserror::Error)]
pub enum MeasureError {
    /// The definition does not fit the entities.
    #[error("{}", problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "))]
    Invalid {
        /// All that is wrong, at least one.
        problems: Vec<Problem>,
    },
    /// A measure that it reads has no result.
    #[error("it reads the measure {measure}, which has no result")]
    NeedsFailed {
        /// The measure that it reads.
        measure: String,
    },
    /// Measures that read each other.
    #[error("measures read each other in a circle: {}", measures.join(", "))]
    Circle {
        /// The measures that wait for each other, by name.
        measures: Vec<String>,
    },
    /// A result of whole numbers or decimals that does not fit its type.
    #[error("{calculation} is too large for its type; use an attribute of type double, or a filter")]
    Overflow {
        /// The calculation's name.
        calculation: String,
    },
    /// Too many dimension values.
    #[error(
        "{rows} rows are too many (at most {most}); use dimensions with fewer values, or type customerMeasure"
    )]
    TooManyRows {
        /// The rows.
        rows: usize,
        /// [`super::MAX_ROWS_WITH_HISTORY`].
        most: usize,
    },
    /// A measure that is a query: it does more than read, is wrong, or does not give what the measure needs.
    #[error("{message}")]
    Query {
        /// What is wrong.
        message: String,
    },
    /// The query engine failed, for example because a file could not be read.
    #[error("the calculation failed: {0}")]
    Engine(Box<DataFusionError>),
}

impl MeasureError {
    /// The stable code of this error.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Invalid { .. } => "measureInvalid",
            Self::NeedsFailed { .. } => "measureNeedsFailed",
            Self::Circle { .. } => "measureCircle",
            Self::Overflow { .. } => "measureOverflow",
            Self::TooManyRows { .. } => "measureTooManyRows",
            Self::Query { .. } => "measureQuery",
            Self::Engine(_) => "measureFailed",
        }
    }
}

impl MeasureError {
    /// What never happens, said instead of a panic.
    pub(super) fn internal(what: &str) -> Self {
        Self::Engine(Box::new(DataFusionError::Internal(what.to_owned())))
    }

    /// What the engine said while it calculated something called `name`: a result that does not fit its type is told
    /// from everything else.
    pub(super) fn calculating(error: DataFusionError, name: &str) -> Self {
        let found = match error.find_root() {
            DataFusionError::External(cause) => cause.downcast_ref::<Overflow>().is_some(),
            _ => false,
        };
        if found { Self::Overflow { calculation: name.to_owned() } } else { error.into() }
    }
}

impl From<lake::LakeError> for MeasureError {
    fn from(error: lake::LakeError) -> Self {
        Self::Query { message: error.to_string() }
    }
}

impl From<DataFusionError> for MeasureError {
    fn from(error: DataFusionError) -> Self {
        Self::Engine(Box::new(error))
    }
}

impl From<datafusion::arrow::error::ArrowError> for MeasureError {
    fn from(error: datafusion::arrow::error::ArrowError) -> Self {
        Self::Engine(Box::new(error.into()))
    }
}
