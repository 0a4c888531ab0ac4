//! Conditions and calculations of segments and measures: text to tree, and back.
//!
//! ```text
//! condition := or
//! or        := and {"or" and}
//! and       := not {"and" not}
//! not       := "not" not | "(" or ")" | test
//! test      := path comparison value
//!            | path ["not"] "in" "(" value {"," value} ")"
//!            | path ["not"] ("contains" | "starts with" | "ends with") text
//!            | path ["not"] "between" value "and" value
//!            | path "is" ["not"] "null"
//!              each but the last may be followed by "ignore case"
//! comparison := "=" | "!=" | "<>" | "<" | "<=" | ">" | ">="
//! value     := number | text | "true" | "false"
//! text      := '…' or "…", the quote doubled inside
//! path      := name ["." name]
//! name      := letter or "_", then letters, digits, "_"  |  "[" any text, "]" doubled "]"
//! calculation := function "(" ("*" | ["distinct"] path) ")"
//! function  := "sum" | "avg" | "min" | "max" | "count" | "countDistinct"
//! ```
//!
//! Keywords and functions are read in any case; names are exact. A parser reports every problem that it finds, not
//! only the first; a suggestion is the text to put in the place of the problem's span.

mod ast;
mod limits;
mod number;
mod parse;
mod parse_calculation;
mod print;
mod token;

pub use ast::{
    Argument, Calculation, Comparison, Condition, Function, Literal, Operator, Path, Spanned, Test, TextMatch,
};
pub use limits::{MAX_DEPTH, MAX_LENGTH, MAX_TESTS, MAX_VALUES};
pub use number::Number;
pub use parse::parse_condition;
pub use parse_calculation::parse_calculation;

#[cfg(test)]
mod tests;
