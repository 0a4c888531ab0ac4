//! Problems of a measure or a segment, with the text of the definition in which they are.

use lang::diagnose::Diagnostic;
use std::fmt;

/// A problem of one definition.
#[derive(Debug, Clone, PartialEq)]
pub struct Problem {
    /// The text in which it is.
    pub place: Place,
    /// What is wrong; its span counts from the start of that text.
    pub diagnostic: Diagnostic,
}

/// A text of a definition.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Place {
    /// The definition as a whole; the span means nothing.
    Whole,
    /// A measure's calculation, by its place from 0.
    Calculation(usize),
    /// A measure's filter.
    Filter,
    /// A measure's dimension, by its place from 0.
    Dimension(usize),
    /// A measure's replacement of values, by its place from 0.
    Replace(usize),
    /// A segment's rule, by its place from 0.
    Rule(usize),
    /// A segment's projected attribute, by its place from 0.
    Project(usize),
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.place {
            Place::Whole => {}
            Place::Calculation(at) => write!(f, "calculation {}: ", at + 1)?,
            Place::Filter => f.write_str("where: ")?,
            Place::Dimension(at) => write!(f, "dimension {}: ", at + 1)?,
            Place::Replace(at) => write!(f, "replace {}: ", at + 1)?,
            Place::Project(at) => write!(f, "project {}: ", at + 1)?,
            Place::Rule(at) => write!(f, "rule {}: ", at + 1)?,
        }
        f.write_str(&self.diagnostic.message)?;
        match &self.diagnostic.suggestion {
            Some(suggestion) if !suggestion.is_empty() => write!(f, " (did you mean `{suggestion}`?)"),
            _ => Ok(()),
        }
    }
}
