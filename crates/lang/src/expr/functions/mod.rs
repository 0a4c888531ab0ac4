//! Every function of the language in one table: name, family, number of arguments, a line of help, an example.
//! The table drives the checks at save time, the suggestions for misspelled names and the reference page.

mod call;
mod collection;
mod conversion;
mod date;
mod form;
mod logical;
mod manipulation;
mod math;
mod string;
mod uri;
mod workflow;
mod xml;

pub(crate) use call::{Call, unwrap_body};

use super::ast::Expr;
use super::error::EvalError;
use super::eval::{Machine, Val};
use crate::diagnose::{Diagnostic, Span, did_you_mean};
use serde::Serialize;

/// The groups in which the functions are documented.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Family {
    /// Texts.
    String,
    /// Arrays, and texts as sequences.
    Collection,
    /// Conditions and comparisons.
    Logical,
    /// From one type to another.
    Conversion,
    /// Numbers.
    Math,
    /// Dates and times.
    Date,
    /// What the run knows: parameters, variables, trigger, actions, loops.
    Workflow,
    /// Parts of addresses.
    Uri,
    /// Objects.
    Manipulation,
}

/// One function of the language.
#[derive(Debug)]
pub struct Function {
    /// The name in its usual spelling; letter case does not count.
    pub name: &'static str,
    /// The group.
    pub family: Family,
    /// The fewest arguments.
    pub min: usize,
    /// The most arguments; none when there is no bound.
    pub max: Option<usize>,
    /// What it gives, in a line.
    pub doc: &'static str,
    /// A call and what it gives, as `call → value`.
    pub example: &'static str,
    pub(crate) body: Body,
}

type Strict = for<'a> fn(&Call<'_, 'a>) -> Result<Val<'a>, EvalError>;
type Lazy = for<'a> fn(&Machine<'a>, &'static str, &[Expr]) -> Result<Val<'a>, EvalError>;

/// How a function works.
#[derive(Clone, Copy)]
pub(crate) enum Body {
    /// All arguments are evaluated first, from left to right.
    Strict(Strict),
    /// It decides which arguments are evaluated.
    Lazy(Lazy),
}

impl std::fmt::Debug for Body {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Strict(_) => "Strict",
            Self::Lazy(_) => "Lazy",
        })
    }
}

impl Function {
    const fn new(
        family: Family,
        name: &'static str,
        arity: (usize, Option<usize>),
        doc: &'static str,
        example: &'static str,
        body: Body,
    ) -> Self {
        Self { name, family, min: arity.0, max: arity.1, doc, example, body }
    }

    /// The number of arguments in words: `2`, `1 to 3`, `at least 1`.
    #[must_use]
    pub fn arity_words(&self) -> String {
        match self.max {
            None => format!("at least {}", self.min),
            Some(max) if max == self.min => max.to_string(),
            Some(max) => format!("{} to {max}", self.min),
        }
    }

    fn takes(&self, count: usize) -> bool {
        count >= self.min && self.max.is_none_or(|max| count <= max)
    }

    pub(crate) fn check_arity(&self, count: usize) -> Result<(), EvalError> {
        if self.takes(count) {
            return Ok(());
        }
        Err(EvalError::new(format!(
            "The template language function '{}' expects {} parameter(s); {count} were given. Please see \
             https://aka.ms/logicexpressions#{} for usage details.",
            self.name,
            self.arity_words(),
            self.name
        )))
    }
}

const FAMILIES: &[&[Function]] = &[
    string::FUNCTIONS,
    collection::FUNCTIONS,
    logical::FUNCTIONS,
    conversion::FUNCTIONS,
    math::FUNCTIONS,
    date::FUNCTIONS,
    workflow::FUNCTIONS,
    uri::FUNCTIONS,
    manipulation::FUNCTIONS,
];

/// All functions, family by family.
pub fn all() -> impl Iterator<Item = &'static Function> {
    FAMILIES.iter().flat_map(|family| family.iter())
}

/// The function of this name, ignoring letter case.
#[must_use]
pub fn find(name: &str) -> Option<&'static Function> {
    all().find(|function| function.name.eq_ignore_ascii_case(name))
}

pub(crate) fn unknown_message(name: &str) -> String {
    format!("The template function '{name}' is not defined or not valid.")
}

/// What there is to say about a call before it is ever evaluated.
pub(crate) fn check_call(
    name: &str,
    span: Span,
    function: Option<&'static Function>,
    count: usize,
) -> Option<Diagnostic> {
    let Some(function) = function else {
        let near = did_you_mean(name, all().map(|function| function.name));
        let suggestion = near.map(|near| format!("did you mean {near}?"));
        return Some(Diagnostic::error("unknownFunction", unknown_message(name), span).suggest(suggestion));
    };
    if function.takes(count) {
        return None;
    }
    let message =
        format!("the function '{}' takes {} argument(s), not {count}", function.name, function.arity_words());
    let suggestion = Some(format!("for example {}", function.example));
    Some(Diagnostic::error("wrongArgumentCount", message, span).suggest(suggestion))
}
