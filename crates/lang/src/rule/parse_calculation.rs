//! Calculations: arithmetic over `sum(Entity.Attribute)` and its kin, and over measures.

use super::ast::{Path, Spanned};
use super::ast_calculation::{Aggregate, Argument, Arithmetic, Calculation, Function, Operation, Term};
use super::ast_read::{Read, Take};
use super::limits::{MAX_DEPTH, MAX_OPERATIONS};
use super::parse::Parser;
use super::token::Kind;
use crate::diagnose::{Diagnostic, Span, did_you_mean};

/// Reads a calculation.
///
/// # Errors
/// Every problem found, in the order of the text; at least one.
pub fn parse_calculation(text: &str) -> Result<Calculation, Vec<Diagnostic>> {
    let mut parser = Parser::new(text)?;
    let calculation = parser.arithmetic(0, Parser::term);
    if calculation.is_some() && parser.peek().is_some() {
        parser.expected("an operation (+, -, *, /, %, ^) or the end after the calculation", None);
    }
    parser.finish(calculation)
}

const FUNCTIONS: &[&str] =
    &["sum", "avg", "min", "max", "count", "countDistinct", "median", "first", "last", "argMin", "argMax"];

/// Reads one leaf, at this depth.
type Leaf<L> = fn(&mut Parser, usize) -> Option<L>;

impl Parser {
    /// `x + y - z`, and everything that binds tighter.
    fn arithmetic<L>(&mut self, depth: usize, leaf: Leaf<L>) -> Option<Arithmetic<L>> {
        self.left_to_right(depth, leaf, 1)
    }

    /// Operations of this precedence, from left to right.
    fn left_to_right<L>(&mut self, depth: usize, leaf: Leaf<L>, precedence: u8) -> Option<Arithmetic<L>> {
        let next = |parser: &mut Self| match precedence {
            1 => parser.left_to_right(depth, leaf, 2),
            _ => parser.negation(depth, leaf),
        };
        let mut left = next(self)?;
        while let Some(operation) = self.operation().filter(|it| it.precedence() == precedence) {
            self.count_operation()?;
            self.bump();
            let right = Box::new(next(self)?);
            left = Arithmetic::Binary { operation, left: Box::new(left), right };
        }
        Some(left)
    }

    /// `-x`, which binds less than `^`: `-2 ^ 2` is -4.
    fn negation<L>(&mut self, depth: usize, leaf: Leaf<L>) -> Option<Arithmetic<L>> {
        if depth >= MAX_DEPTH {
            self.give_up("ruleTooDeep", format!("a calculation goes deeper than {MAX_DEPTH} levels"));
            return None;
        }
        if self.take(&Kind::Minus) {
            let inner = self.negation(depth + 1, leaf)?;
            return Some(Arithmetic::Negate(Box::new(inner)));
        }
        let base = self.primary(depth, leaf)?;
        if self.operation() != Some(Operation::Power) {
            return Some(base);
        }
        self.count_operation()?;
        self.bump();
        let right = Box::new(self.negation(depth + 1, leaf)?);
        Some(Arithmetic::Binary { operation: Operation::Power, left: Box::new(base), right })
    }

    fn primary<L>(&mut self, depth: usize, leaf: Leaf<L>) -> Option<Arithmetic<L>> {
        let open = self.here();
        match self.peek().map(|token| &token.kind) {
            Some(Kind::Number(number)) => {
                let number = Spanned { value: *number, span: open };
                self.bump();
                Some(Arithmetic::Number(number))
            }
            Some(Kind::Open) => {
                self.bump();
                let inner = self.arithmetic(depth + 1, leaf)?;
                if !self.take(&Kind::Close) {
                    self.problem_at("ruleUnmatched", "this `(` is never closed", open, None);
                    return None;
                }
                Some(inner)
            }
            _ => leaf(self, depth).map(Arithmetic::Leaf),
        }
    }

    /// The operation that comes next.
    fn operation(&self) -> Option<Operation> {
        match self.peek()?.kind {
            Kind::Plus => Some(Operation::Add),
            Kind::Minus => Some(Operation::Subtract),
            Kind::Star => Some(Operation::Multiply),
            Kind::Slash => Some(Operation::Divide),
            Kind::Percent => Some(Operation::Remainder),
            Kind::Caret => Some(Operation::Power),
            _ => None,
        }
    }

    fn count_operation(&mut self) -> Option<()> {
        self.operations += 1;
        if self.operations > MAX_OPERATIONS {
            self.give_up("ruleTooManyOperations", format!("at most {MAX_OPERATIONS} operations are read"));
            return None;
        }
        Some(())
    }

    /// An aggregate or a measure.
    fn term(&mut self, depth: usize) -> Option<Term> {
        let is_name = matches!(self.peek().map(|token| &token.kind), Some(Kind::Name { .. }));
        let word = self.word().unwrap_or_default();
        let forgot_open =
            function_of(&word).is_some() && matches!(self.second(), Some(Kind::Name { .. } | Kind::Text(_)));
        if self.is_call() || forgot_open || !is_name {
            return self.aggregate(depth).map(|aggregate| Term::Aggregate(Box::new(aggregate)));
        }
        self.path("a function or a measure").map(Term::Measure)
    }

    /// `sum(…)` and its kin.
    pub(super) fn aggregate(&mut self, depth: usize) -> Option<Aggregate> {
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
            Argument::Scalar(self.arithmetic(depth + 1, Self::read)?)
        };
        let by = self.by(function)?;
        let filter = if self.take_word("where") { Some(self.or(depth + 1)?) } else { None };
        let end = self.here().end;
        if !self.take(&Kind::Close) {
            let suggestion = if self.peek().is_none() { Some(")".to_owned()) } else { None };
            self.expected("`)`", suggestion);
            return None;
        }
        Some(Aggregate { function, distinct, argument, by, filter, span: Span::new(start, end) })
    }

    /// An attribute, or a number taken from a date.
    fn read(&mut self, _depth: usize) -> Option<Read> {
        let start = self.here().start;
        let word = self.word().filter(|_| self.is_call());
        let Some(take) = word.as_deref().and_then(Take::parse) else {
            let path = self.path("an attribute (`Entity.Attribute`)")?;
            let span = path.span();
            return Some(Read { take: Take::Value, path, span });
        };
        self.bump();
        self.bump();
        let path = self.path("the attribute of the date")?;
        if !self.take(&Kind::Close) {
            self.expected("`)`", None);
            return None;
        }
        Some(Read { take, path, span: Span::new(start, self.previous_end()) })
    }

    /// `by Entity.Attribute`, for functions of an order; nothing when it is wrong.
    fn by(&mut self, function: Function) -> Option<Option<Path>> {
        let here = self.here();
        if !self.take_word("by") {
            if matches!(function, Function::ArgMin | Function::ArgMax) {
                let name = function.name();
                self.expected(&format!("`by` and an attribute: {name}(Channel by Price)"), None);
                return None;
            }
            return Some(None);
        }
        let path = self.path("the attribute that the rows are ordered by")?;
        if !function.is_ordered() {
            let message =
                format!("`by` orders rows for first, last, argMin and argMax, not for {}", function.name());
            self.problem_at("ruleByWithoutOrder", message, here.to(path.span()), None);
        }
        Some(Some(path))
    }

    /// `distinct`, unless it is itself the name of the attribute: `count(distinct)`.
    fn take_distinct(&mut self) -> bool {
        let goes_on =
            matches!(self.second(), Some(Kind::Name { .. } | Kind::Open | Kind::Number(_) | Kind::Minus));
        self.is_word("distinct") && goes_on && self.take_word("distinct")
    }

    fn function(&mut self) -> Option<(Function, bool)> {
        let word = self.word().unwrap_or_default();
        let Some(found) = function_of(&word) else {
            let instead = match word.as_str() {
                "average" | "mean" => Some("avg"),
                "total" => Some("sum"),
                "minimum" => Some("min"),
                "maximum" => Some("max"),
                "unique" | "countunique" | "distinctcount" | "distinct" => Some("countDistinct"),
                _ => did_you_mean(&word, FUNCTIONS.iter().copied()),
            };
            let wanted = format!("a function: {}", FUNCTIONS.join(", "));
            self.expected(&wanted, instead.map(str::to_owned));
            return None;
        };
        self.bump();
        Some(found)
    }
}

/// The function of a word in lower case, and whether each value counts once.
fn function_of(word: &str) -> Option<(Function, bool)> {
    Some(match word {
        "sum" => (Function::Sum, false),
        "avg" => (Function::Avg, false),
        "min" => (Function::Min, false),
        "max" => (Function::Max, false),
        "count" => (Function::Count, false),
        "countdistinct" => (Function::Count, true),
        "median" => (Function::Median, false),
        "first" => (Function::First, false),
        "last" => (Function::Last, false),
        "argmin" => (Function::ArgMin, false),
        "argmax" => (Function::ArgMax, false),
        _ => return None,
    })
}
