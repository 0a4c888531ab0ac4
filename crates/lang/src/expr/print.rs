//! The tree back to text, so that reading the text gives the same tree.

use super::ast::{Expr, Key, Node, Step};
use super::template::{Part, Template};
use std::fmt;

impl fmt::Display for Expr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.node {
            Node::Null => f.write_str("null"),
            Node::Bool(value) => write!(f, "{value}"),
            Node::Integer(value) => write!(f, "{value}"),
            Node::Float(value) => write!(f, "{value:?}"),
            Node::Text(text) => write!(f, "'{}'", text.replace('\'', "''")),
            Node::Call { name, args, .. } => {
                write!(f, "{name}(")?;
                for (index, arg) in args.iter().enumerate() {
                    let separator = if index == 0 { "" } else { ", " };
                    write!(f, "{separator}{arg}")?;
                }
                f.write_str(")")
            }
            Node::Path { base, steps } => {
                write!(f, "{base}")?;
                if matches!(base.node, Node::Integer(_)) {
                    f.write_str(" ")?; // "1.a" would read as the number "1." and a name
                }
                steps.iter().try_for_each(|step| write!(f, "{step}"))
            }
        }
    }
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let question = if self.forgiving { "?" } else { "" };
        match &self.key {
            Key::Name(name) => write!(f, "{question}.{name}"),
            Key::Index(index) => write!(f, "{question}[{index}]"),
        }
    }
}

impl fmt::Display for Template {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Literal(text) => match text.strip_prefix('@') {
                Some(rest) => write!(f, "@@{rest}"),
                None => f.write_str(&text.replace("@{", "@@{")),
            },
            Self::Whole(expr) => write!(f, "@{expr}"),
            Self::Text(parts) => parts.iter().try_for_each(|part| match part {
                Part::Literal(text) => f.write_str(&text.replace("@{", "@@{")),
                Part::Value(expr) => write!(f, "@{{{expr}}}"),
            }),
        }
    }
}
