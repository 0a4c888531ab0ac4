//! What an aggregate reads of a row: an attribute, or a number taken from a date.

use super::ast::Path;
use super::ast_time::DatePart;
use crate::diagnose::Span;

/// One operand of the arithmetic inside an aggregate: `Price`, `year(OrderedOn)`, `daysSince(OrderedOn)`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Read {
    /// What is taken of the value.
    pub take: Take,
    /// The attribute. Only where nothing is taken of it may it be no date.
    pub path: Path,
    /// The whole operand.
    pub span: Span,
}

/// What is taken of a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Take {
    /// The value itself.
    Value,
    /// A part of a date or time, a whole number.
    Part(DatePart),
    /// The whole days from the day of a date or time until today, negative for days to come.
    DaysSince,
}

impl Read {
    /// The attribute, when its value itself is read.
    pub fn attribute(&self) -> Option<&Path> {
        (self.take == Take::Value).then_some(&self.path)
    }
}

impl Take {
    /// The function's name, as printed; nothing for the value itself.
    pub fn name(self) -> Option<&'static str> {
        match self {
            Self::Value => None,
            Self::Part(part) => Some(part.name()),
            Self::DaysSince => Some(DAYS_SINCE),
        }
    }

    /// The function of this name, in any case.
    pub(super) fn parse(name: &str) -> Option<Self> {
        if name.eq_ignore_ascii_case(DAYS_SINCE) {
            return Some(Self::DaysSince);
        }
        DatePart::parse(name).map(Self::Part)
    }
}

const DAYS_SINCE: &str = "daysSince";
