//! Texts with expressions in them: `@expression`, `… @{expression} …`, and the escapes `@@` and `@@{`.

use super::ast::Expr;
use super::context::Context;
use super::error::EvalError;
use super::eval::Machine;
use super::parse::parse_at;
use super::value::text_of;
use crate::diagnose::Diagnostic;
use serde_json::Value;

/// A compiled text. Compile once, evaluate often.
#[derive(Debug, Clone, PartialEq)]
pub enum Template {
    /// A text without expressions, escapes resolved.
    Literal(String),
    /// `@expression`: the value keeps its type.
    Whole(Expr),
    /// `… @{expression} …`: always gives a text.
    Text(Vec<Part>),
}

/// A piece of a text with interpolations.
#[derive(Debug, Clone, PartialEq)]
pub enum Part {
    /// As it stands, escapes resolved.
    Literal(String),
    /// `@{expression}`
    Value(Expr),
}

/// A template, if the text keeps the grammar, and all there is to say about it. Spans are bytes of the text.
#[derive(Debug, Clone)]
pub struct Compiled {
    /// The template; there may be one although functions in it are unknown.
    pub template: Option<Template>,
    /// All mistakes.
    pub diagnostics: Vec<Diagnostic>,
}

impl Template {
    /// Compiles a text.
    #[must_use]
    pub fn compile(text: &str) -> Compiled {
        if let Some(escaped) = text.strip_prefix("@@") {
            let template = Some(Self::Literal(format!("@{escaped}")));
            return Compiled { template, diagnostics: Vec::new() };
        }
        if text.starts_with('@') && !text.starts_with("@{") && text.len() > 1 {
            let (expr, diagnostics, _) = parse_at(text, 1, false);
            return Compiled { template: expr.map(Self::Whole), diagnostics };
        }
        compile_text(text)
    }

    /// A template that always gives this text.
    pub fn literal(text: impl Into<String>) -> Self {
        Self::Literal(text.into())
    }

    /// Whether there is no expression in it.
    #[must_use]
    pub fn is_literal(&self) -> bool {
        matches!(self, Self::Literal(_))
    }

    /// The text, if there is no expression in it.
    #[must_use]
    pub fn as_literal(&self) -> Option<&str> {
        match self {
            Self::Literal(text) => Some(text),
            _ => None,
        }
    }

    /// The expressions in it.
    pub fn exprs(&self) -> impl Iterator<Item = &Expr> {
        let (whole, parts) = match self {
            Self::Literal(_) => (None, [].as_slice()),
            Self::Whole(expr) => (Some(expr), [].as_slice()),
            Self::Text(parts) => (None, parts.as_slice()),
        };
        whole.into_iter().chain(parts.iter().filter_map(|part| match part {
            Part::Literal(_) => None,
            Part::Value(expr) => Some(expr),
        }))
    }

    /// The value of the template.
    ///
    /// # Errors
    /// [`EvalError`] when an expression has no value: wrong types, missing properties, limits passed.
    pub fn evaluate(&self, context: &dyn Context) -> Result<Value, EvalError> {
        self.run(&Machine::new(context))
    }

    pub(crate) fn run(&self, machine: &Machine<'_>) -> Result<Value, EvalError> {
        match self {
            Self::Literal(text) => Ok(Value::String(text.clone())),
            Self::Whole(expr) => {
                let value = machine.eval(expr)?;
                machine.finish(value)
            }
            Self::Text(parts) => {
                let mut text = String::new();
                for part in parts {
                    match part {
                        Part::Literal(literal) => text.push_str(literal),
                        Part::Value(expr) => {
                            let value = machine.eval(expr)?;
                            let piece = text_of(&value);
                            machine.made(piece.len())?;
                            text.push_str(&piece);
                        }
                    }
                }
                Ok(Value::String(text))
            }
        }
    }
}

fn compile_text(text: &str) -> Compiled {
    let mut parts = Vec::new();
    let mut diagnostics = Vec::new();
    let mut broken = false;
    let mut literal = String::new();
    let mut at = 0;
    while let Some(found) = text.get(at..).and_then(|rest| rest.find('@')) {
        let rest = text.get(at..).unwrap_or_default();
        literal.push_str(rest.get(..found).unwrap_or_default());
        let here = rest.get(found..).unwrap_or_default();
        at += found;
        if here.starts_with("@@{") {
            literal.push_str("@{");
            at += 3;
        } else if here.starts_with("@{") {
            let (expr, more, end) = parse_at(text, at + 2, true);
            diagnostics.extend(more);
            if !literal.is_empty() {
                parts.push(Part::Literal(std::mem::take(&mut literal)));
            }
            match expr {
                Some(expr) => parts.push(Part::Value(expr)),
                None => broken = true,
            }
            at = end;
        } else {
            literal.push('@');
            at += 1;
        }
    }
    literal.push_str(text.get(at..).unwrap_or_default());
    let template = if broken {
        None
    } else if parts.is_empty() {
        Some(Template::Literal(literal))
    } else {
        if !literal.is_empty() {
            parts.push(Part::Literal(literal));
        }
        Some(Template::Text(parts))
    };
    Compiled { template, diagnostics }
}
