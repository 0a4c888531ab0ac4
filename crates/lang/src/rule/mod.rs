//! Conditions and calculations of segments and measures: text to tree, and back.
//!
//! ```text
//! condition := or
//! or        := and {"or" and}
//! and       := not {"and" not}
//! not       := "not" not | "(" or ")" | test
//! test      := operand comparison value
//!            | operand ["not"] "in" "(" value {"," value} ")"
//!            | operand ["not"] ("contains" | "starts with" | "ends with") text
//!            | operand comparison ("any" | "all") "(" value {"," value} ")"
//!            | operand ["not"] ("contains" | "starts with" | "ends with") ("any" | "all") "(" text {"," text} ")"
//!            | operand ["not"] "between" value "and" value
//!            | operand "is" ["not"] "null"
//!            | operand ["not"] "within last" period
//!            | operand ["not"] "year to date"
//!            | "in segment" name
//!              each with a text may be followed by "ignore case"
//! operand   := path | part "(" path ")" | aggregate
//! part      := "year" | "quarter" | "month" | "day" | "weekday" | "hour"
//! comparison := "=" | "!=" | "<>" | "<" | "<=" | ">" | ">="
//! value     := ["-"] number | text | "true" | "false" | ("today" | "now") [("+" | "-") period]
//! period    := number ("minute" | "hour" | "day" | "week" | "month" | "year")["s"]
//! text      := '…' or "…", the quote doubled inside
//! path      := name ["." name]
//! name      := letter or "_", then letters, digits, "_"  |  "[" any text, "]" doubled "]"
//! aggregate := function "(" ("*" | ["distinct"] scalar) ["by" path] ["where" condition] ")"
//! scalar    := arithmetic over reads and numbers
//! read      := path | part "(" path ")" | "daysSince" "(" path ")"
//! calculation := arithmetic over aggregates, names of measures and numbers
//! arithmetic := + - (left to right), then * / % (left to right), then unary -, then ^ (right to left), parentheses
//! function  := "sum" | "avg" | "min" | "max" | "count" | "countDistinct" | "median"
//!            | "first" | "last" | "argMin" | "argMax"
//! ```
//!
//! Keywords and functions are read in any case; names are exact. A parser reports every problem that it finds, not
//! only the first; a suggestion is the text to put in the place of the problem's span.

mod ast;
mod ast_calculation;
mod ast_read;
mod ast_time;
mod limits;
mod number;
mod parse;
mod parse_calculation;
mod parse_test;
mod parse_value;
mod print;
mod token;

pub use ast::{
    Comparison, Condition, Literal, Operand, Operator, Path, Quantifier, Spanned, Test, TextMatch,
};
pub use ast_calculation::{Aggregate, Argument, Arithmetic, Calculation, Function, Operation, Scalar, Term};
pub use ast_read::{Read, Take};
pub use ast_time::{Base, DatePart, Moment, Offset, Period, Unit};
pub use limits::{MAX_DEPTH, MAX_LENGTH, MAX_OPERATIONS, MAX_PERIOD, MAX_TESTS, MAX_VALUES};
pub use number::Number;
pub use parse::parse_condition;
pub use parse_calculation::parse_calculation;

#[cfg(test)]
mod tests;
