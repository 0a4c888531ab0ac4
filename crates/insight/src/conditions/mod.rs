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
//! * `today` and `now` are those of the evaluation ([`Now`]): the calendar day and the clock of its time zone. A time
//!   compared with `today` is compared with the whole day there. Minutes to weeks are lengths, months and years
//!   follow the calendar (a month before 31 March is the last of February); what would leave the calendar stays at
//!   its edge. `within last` and `year to date` end today or now, so the future is not in them.
//! * Parts of dates are those of the proleptic Gregorian calendar; weekdays count from Monday, 1. Parts of instants
//!   are those in UTC.

mod attribute;
mod catalog;
mod check;
mod moment;
mod predicate;
mod problem;
mod value;

pub use attribute::{Attribute, Kind, column_name};
pub use catalog::{Attributes, Catalog, Resolved, Scope, Unknown};
pub use check::{Checked, CustomerSetting, Setting, check, check_in};
pub use moment::{Now, RelativeTest};
pub use predicate::{Operand, Predicate, Value};
pub use problem::{Place, Problem};

#[cfg(test)]
mod tests;
