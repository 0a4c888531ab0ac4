//! Conditions of segments and measures, checked against the entities' attributes.
//!
//! `lang::rule` reads the text, [`check`] makes a [`Predicate`] whose values have the attributes' own types. What a
//! condition means is decided here, so every engine gives the same answer:
//!
//! * Truth has three values, as in SQL. A test on a missing value is unknown (but for `is null`), `not` leaves
//!   unknown as it is, and only rows for which the whole is true are taken.
//! * Numbers compare exactly: `2.5` against whole numbers and decimals is never rounded.
//! * Texts compare letter by letter, by code point; `ignore case` compares their lower-case forms.
//! * Dates and times are texts in ISO form. A date compared with a time stands for its whole day:
//!   `At <= '2018-12-31'` takes all of that day. Times without offset are taken as they are; an attribute whose
//!   times are instants reads them as UTC.

mod attribute;
mod catalog;
mod check;
mod predicate;
mod problem;
mod value;

pub use attribute::{Attribute, Kind, column_name};
pub use catalog::{Attributes, Catalog, Resolved, Scope, Unknown};
pub use check::{Checked, check};
pub use predicate::{Predicate, Value};
pub use problem::{Place, Problem};

#[cfg(test)]
mod tests;
