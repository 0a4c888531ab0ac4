//! The expression language of flows: templates and expressions to a tree, and its evaluation.
//!
//! `text` → [`Template::compile`] → [`Template::evaluate`] over a [`Context`]. A whole JSON value with
//! templates inside (the inputs of an action) is a [`Tree`]. Nothing here reads a clock, makes randomness or
//! does I/O: all of that comes through the [`Context`].

mod access;
mod ast;
mod context;
mod culture;
mod decimal;
mod error;
mod eval;
pub mod functions;
pub mod limits;
mod line;
mod number;
mod number_custom;
mod number_format;
mod parse;
mod print;
mod template;
mod time;
mod token;
mod tree;
mod value;
mod xml;
mod xpath;

pub use ast::{Expr, Key, Node, Step};
pub use context::{Context, JsonContext, WithItem, find_ignoring_case};
pub use error::EvalError;
pub use line::eval_line;
pub use parse::{Parsed, parse};
pub use template::{Compiled, Part, Template};
pub use tree::{CompiledTree, Tree};
pub(crate) use value::{contains, ends_with, order, starts_with};
pub use value::{equal, kind_name, text_of};
