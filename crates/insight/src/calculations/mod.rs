//! Calculations over rows: arithmetic, aggregates, and formulas over them, with the types of their results.
//!
//! * `+`, `-`, `*` and `%` of whole numbers and decimals are exact; a result that leaves 128 bits, or the type that
//!   is promised, is an error. `/` and `^`, and everything with a floating-point number, are floating-point.
//! * A missing operand gives a missing result. Division (and `%`) by zero gives a missing value, and so does every
//!   floating-point result that is infinite or no number.
//! * `%` has the sign of its left side.

mod aggregate;
mod amount;
pub(crate) mod check;
mod columns;
mod expression;
mod formula;
mod taken;

pub use aggregate::{Aggregate, result_kind};
pub use amount::{Amount, Overflow};
pub use columns::{Cells, ColumnError, column};
pub use expression::{Expression, Input, Replacement, Scalar};
pub use formula::{Formula, Term};
pub use taken::Taken;
pub(crate) use taken::{date_of, part_of_day};
