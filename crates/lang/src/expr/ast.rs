//! The tree of an expression.

use super::functions::Function;
use crate::diagnose::Span;

/// One expression with its place in the template text.
#[derive(Debug, Clone)]
pub struct Expr {
    /// What it is.
    pub node: Node,
    /// Where it was written.
    pub span: Span,
}

/// The kinds of expression. There are no operators: everything is a literal, a call, or access to a part.
#[derive(Debug, Clone)]
pub enum Node {
    /// `null`
    Null,
    /// `true` or `false`
    Bool(bool),
    /// A number without dot and exponent.
    Integer(i64),
    /// A number with a dot or an exponent; always finite.
    Float(f64),
    /// `'text'`, quotes removed.
    Text(String),
    /// `name(argument, …)`
    Call {
        /// The name as written.
        name: String,
        /// The place of the name alone.
        name_span: Span,
        /// The function, when there is one of this name.
        function: Option<&'static Function>,
        /// The arguments in order.
        args: Vec<Expr>,
    },
    /// `base.name`, `base['name']`, `base?[0]` …: one or more steps into a value.
    Path {
        /// The value that is stepped into; never itself a path.
        base: Box<Expr>,
        /// The steps from left to right; never empty.
        steps: Vec<Step>,
    },
}

/// One step into a value.
#[derive(Debug, Clone)]
pub struct Step {
    /// Whether `?` stands in front: a missing part gives null.
    pub forgiving: bool,
    /// Which part.
    pub key: Key,
    /// Where the step was written, with its dot or brackets.
    pub span: Span,
}

/// Which part of a value a step takes.
#[derive(Debug, Clone)]
pub enum Key {
    /// `.name`
    Name(String),
    /// `[expression]`
    Index(Expr),
}

/// Two trees are equal when they mean the same; places and the letter case of functions do not count.
impl PartialEq for Expr {
    fn eq(&self, other: &Self) -> bool {
        self.node == other.node
    }
}

impl PartialEq for Node {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Null, Self::Null) => true,
            (Self::Bool(a), Self::Bool(b)) => a == b,
            (Self::Integer(a), Self::Integer(b)) => a == b,
            (Self::Float(a), Self::Float(b)) => a == b,
            (Self::Text(a), Self::Text(b)) => a == b,
            (Self::Call { name: a, args: b, .. }, Self::Call { name: c, args: d, .. }) => {
                a.eq_ignore_ascii_case(c) && b == d
            }
            (Self::Path { base: a, steps: b }, Self::Path { base: c, steps: d }) => a == c && b == d,
            _ => false,
        }
    }
}

impl PartialEq for Step {
    fn eq(&self, other: &Self) -> bool {
        self.forgiving == other.forgiving
            && match (&self.key, &other.key) {
                (Key::Name(a), Key::Name(b)) => a == b,
                (Key::Index(a), Key::Index(b)) => a == b,
                _ => false,
            }
    }
}

impl Expr {
    /// Calls `look` on this expression and on every expression inside it, outer ones first.
    pub fn walk<'e>(&'e self, look: &mut dyn FnMut(&'e Expr)) {
        look(self);
        match &self.node {
            Node::Call { args, .. } => args.iter().for_each(|arg| arg.walk(look)),
            Node::Path { base, steps } => {
                base.walk(look);
                for step in steps {
                    if let Key::Index(index) = &step.key {
                        index.walk(look);
                    }
                }
            }
            _ => {}
        }
    }
}
