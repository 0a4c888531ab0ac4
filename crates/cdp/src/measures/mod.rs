//! Measures: numbers over profiles and their related entities.
//!
//! What a measure means stands in [`insight::measures`].
//!
//! Sums are exact and the same on any number of threads: whole numbers and decimals are added as integers (a result
//! that does not fit is an error, never a wrong number), floating-point numbers as if with unlimited digits and
//! rounded once. An average is the exact sum divided by the count, as a floating-point number.
//!
//! In [`CUSTOMER_MEASURE`](crate::relationships::CUSTOMER_MEASURE) every customer has a row. Customers without rows
//! to calculate over have count 0 and no value for all else.

mod entity;
mod error;
mod evaluate;
mod exact_sum;
mod finish;
mod limits;
mod plan;
mod query;
mod scalar;
mod values;

pub use error::MeasureError;
pub use evaluate::{MeasureEntity, MeasureFailure, MeasureResults, Task, evaluate};
pub(crate) use evaluate::{current_attributes, evaluate_knowing, indexed};
pub(crate) use exact_sum::exact_sum;
pub use insight::measures::{
    CheckedCalculation, CheckedMeasure, Dimension, MeasureProblems, check, known_measures,
};
pub use limits::MAX_ROWS_WITH_HISTORY;
pub(crate) use plan::per_customer;
pub use query::MAX_QUERY_ROWS;
pub use values::{MeasureValue, NO_VALUE, dimension_text};

#[cfg(test)]
mod tests;
