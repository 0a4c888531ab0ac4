//! Calculations: `sum(Entity.Attribute)` and its kin.

use super::ast::{Argument, Calculation, Function};
use super::parse::Parser;
use super::token::Kind;
use crate::diagnose::{Diagnostic, Span, did_you_mean};

/// Reads a calculation.
///
/// # Errors
/// Every problem found, in the order of the text; at least one.
pub fn parse_calculation(text: &str) -> Result<Calculation, Vec<Diagnostic>> {
    let mut parser = Parser::new(text)?;
    let calculation = parser.calculation();
    if calculation.is_some() && parser.peek().is_some() {
        parser.expected("the end after the calculation", None);
    }
    parser.finish(calculation)
}

const FUNCTIONS: &[&str] = &["sum", "avg", "min", "max", "count", "countDistinct"];

impl Parser {
    fn calculation(&mut self) -> Option<Calculation> {
        let start = self.here().start;
        let (function, mut distinct) = self.function()?;
        if !self.take(&Kind::Open) {
            self.expected(&format!("`(` after {}", function.name()), None);
            return None;
        }
        let here = self.here();
        let argument = if self.take(&Kind::Star) {
            if function != Function::Count || distinct {
                let message = "`*` stands for rows, and only `count` counts rows; name an attribute";
                self.problem_at("ruleStarOutsideCount", message, here, None);
            }
            Argument::Rows(here)
        } else {
            distinct |= self.take_distinct();
            Argument::Path(self.path("an attribute (`Entity.Attribute`)")?)
        };
        let end = self.here().end;
        if !self.take(&Kind::Close) {
            let suggestion = if self.peek().is_none() { Some(")".to_owned()) } else { None };
            self.expected("`)`", suggestion);
            return None;
        }
        Some(Calculation { function, distinct, argument, span: Span::new(start, end) })
    }

    /// `distinct`, unless it is itself the name of the attribute: `count(distinct)`.
    fn take_distinct(&mut self) -> bool {
        self.is_word("distinct") && self.next_is_name() && self.take_word("distinct")
    }

    fn function(&mut self) -> Option<(Function, bool)> {
        let word = self.word().unwrap_or_default();
        let found = match word.as_str() {
            "sum" => (Function::Sum, false),
            "avg" => (Function::Avg, false),
            "min" => (Function::Min, false),
            "max" => (Function::Max, false),
            "count" => (Function::Count, false),
            "countdistinct" => (Function::Count, true),
            _ => {
                let instead = match word.as_str() {
                    "average" | "mean" => Some("avg"),
                    "total" => Some("sum"),
                    "minimum" => Some("min"),
                    "maximum" => Some("max"),
                    "unique" | "countunique" | "distinctcount" | "distinct" => Some("countDistinct"),
                    _ => did_you_mean(&word, FUNCTIONS.iter().copied()),
                };
                self.expected(
                    "a function: sum, avg, min, max, count or countDistinct",
                    instead.map(str::to_owned),
                );
                return None;
            }
        };
        self.bump();
        Some(found)
    }
}
