//! XPath 1.0 (W3C recommendation of 1999): text to tree, tree and document to a value.
//!
//! All of the language is here but variables, which nothing could bind. Prefixes in names mean what the
//! document's outermost element declares. Every node that is looked at costs fuel of the evaluation.

mod call;
mod compare;
mod eval;
mod parse;
mod token;

pub(crate) use eval::evaluate;
pub(crate) use parse::parse;

/// An expression.
#[derive(Debug)]
pub(crate) enum Expr {
    Or(Box<Self>, Box<Self>),
    And(Box<Self>, Box<Self>),
    Compare(Comparison, Box<Self>, Box<Self>),
    Compute(Arithmetic, Box<Self>, Box<Self>),
    Negate(Box<Self>),
    Union(Box<Self>, Box<Self>),
    Number(f64),
    Text(String),
    Call(&'static call::Function, Vec<Self>),
    Path(Path),
}

/// `=`, `!=`, `<`, `<=`, `>`, `>=`
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Comparison {
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

/// `+`, `-`, `*`, `div`, `mod`
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Arithmetic {
    Add,
    Subtract,
    Multiply,
    Divide,
    Remainder,
}

/// A start and steps from it.
#[derive(Debug)]
pub(crate) struct Path {
    start: Start,
    steps: Vec<Step>,
}

#[derive(Debug)]
enum Start {
    /// `/…`
    Root,
    /// A relative path.
    Here,
    /// `(expression)[predicate]…`
    Filter(Box<Expr>, Vec<Expr>),
}

/// `axis::test[predicate]…`
#[derive(Debug)]
struct Step {
    axis: Axis,
    test: Test,
    predicates: Vec<Expr>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Axis {
    Ancestor,
    AncestorOrSelf,
    Attribute,
    Child,
    Descendant,
    DescendantOrSelf,
    Following,
    FollowingSibling,
    Namespace,
    Parent,
    Preceding,
    PrecedingSibling,
    Own,
}

impl Axis {
    /// Whether positions count backwards in document order.
    fn is_reverse(self) -> bool {
        matches!(self, Self::Ancestor | Self::AncestorOrSelf | Self::Preceding | Self::PrecedingSibling)
    }
}

#[derive(Debug)]
enum Test {
    /// `*`
    Any,
    /// `prefix:*`
    Prefix(String),
    /// `name` or `prefix:name`
    Name(String, String),
    /// `node()`
    Node,
    /// `text()`
    Text,
    /// `comment()`
    Comment,
    /// `processing-instruction()`, perhaps with a target
    Instruction(Option<String>),
}

/// The value of an expression.
#[derive(Debug, Clone)]
pub(crate) enum Value {
    /// Nodes in document order, each once.
    Nodes(Vec<usize>),
    Number(f64),
    Text(String),
    Bool(bool),
}
