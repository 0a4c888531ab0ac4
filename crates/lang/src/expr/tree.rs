//! A JSON value with templates in its texts and property names: the inputs of an action.

use super::context::Context;
use super::error::EvalError;
use super::eval::Machine;
use super::template::Template;
use crate::diagnose::Diagnostic;
use serde_json::{Map, Value};

/// A JSON value whose texts and property names are compiled.
#[derive(Debug, Clone, PartialEq)]
pub enum Tree {
    /// A value without any template in it.
    Value(Value),
    /// A text with expressions.
    Template(Template),
    /// An array with a template somewhere in it.
    Array(Vec<Tree>),
    /// An object with a template somewhere in it; a later property of the same name wins.
    Object(Vec<(Template, Tree)>),
}

/// A tree and what there is to say about it; the spans count from the start of the text in question, which the
/// pointer names.
#[derive(Debug, Clone)]
pub struct CompiledTree {
    /// The tree, when all its texts keep the grammar.
    pub tree: Option<Tree>,
    /// The mistakes, each with the JSON pointer of the text it is in.
    pub diagnostics: Vec<(String, Diagnostic)>,
}

impl Default for Tree {
    fn default() -> Self {
        Self::Value(Value::Null)
    }
}

impl Tree {
    /// Compiles every text and property name in a JSON value.
    #[must_use]
    pub fn compile(value: &Value) -> CompiledTree {
        let mut diagnostics = Vec::new();
        let tree = compile(value, &mut String::new(), &mut diagnostics);
        CompiledTree { tree, diagnostics }
    }

    /// A tree of one text.
    #[must_use]
    pub fn text(template: Template) -> Self {
        match template {
            Template::Literal(text) => Self::Value(Value::String(text)),
            template => Self::Template(template),
        }
    }

    /// An array; a plain value when no element has a template.
    #[must_use]
    pub fn array(items: Vec<Self>) -> Self {
        if items.iter().all(|item| matches!(item, Self::Value(_))) {
            let values = items.into_iter().map(|item| item.as_value().cloned().unwrap_or_default());
            return Self::Value(Value::Array(values.collect()));
        }
        Self::Array(items)
    }

    /// An object; a plain value when no property has a template.
    #[must_use]
    pub fn object(members: Vec<(Template, Self)>) -> Self {
        let plain: Option<Map<String, Value>> = members
            .iter()
            .map(|(key, item)| Some((key.as_literal()?.to_owned(), item.as_value()?.clone())))
            .collect();
        match plain {
            Some(map) => Self::Value(Value::Object(map)),
            None => Self::Object(members),
        }
    }

    /// The value, if there is no template in it.
    #[must_use]
    pub fn as_value(&self) -> Option<&Value> {
        match self {
            Self::Value(value) => Some(value),
            _ => None,
        }
    }

    /// The property of an object, by its name ignoring letter case.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<Self> {
        match self {
            Self::Value(Value::Object(map)) => {
                super::context::find_ignoring_case(map, name).cloned().map(Self::Value)
            }
            Self::Object(members) => members
                .iter()
                .find(|(key, _)| key.as_literal().is_some_and(|key| key.eq_ignore_ascii_case(name)))
                .map(|(_, item)| item.clone()),
            _ => None,
        }
    }

    /// Calls `look` on every template in the tree.
    pub fn templates<'t>(&'t self, look: &mut dyn FnMut(&'t Template)) {
        match self {
            Self::Value(_) => {}
            Self::Template(template) => look(template),
            Self::Array(items) => items.iter().for_each(|item| item.templates(look)),
            Self::Object(members) => {
                for (key, item) in members {
                    look(key);
                    item.templates(look);
                }
            }
        }
    }

    /// The value with all templates evaluated.
    ///
    /// # Errors
    /// [`EvalError`] when one of the expressions has no value.
    pub fn evaluate(&self, context: &dyn Context) -> Result<Value, EvalError> {
        let machine = Machine::new(context);
        let value = self.run(&machine)?;
        machine.own(std::borrow::Cow::Owned(value))
    }

    fn run(&self, machine: &Machine<'_>) -> Result<Value, EvalError> {
        match self {
            Self::Value(value) => Ok(value.clone()),
            Self::Template(template) => template.run(machine),
            Self::Array(items) => {
                items.iter().map(|item| item.run(machine)).collect::<Result<_, _>>().map(Value::Array)
            }
            Self::Object(members) => {
                let mut map = Map::new();
                for (key, item) in members {
                    let key = match key {
                        Template::Literal(key) => key.clone(),
                        key => super::value::text_of(&key.run(machine)?),
                    };
                    map.insert(key, item.run(machine)?);
                }
                Ok(Value::Object(map))
            }
        }
    }
}

fn compile(value: &Value, pointer: &mut String, diagnostics: &mut Vec<(String, Diagnostic)>) -> Option<Tree> {
    let length = pointer.len();
    match value {
        Value::String(text) => {
            let compiled = Template::compile(text);
            diagnostics.extend(compiled.diagnostics.into_iter().map(|found| (pointer.clone(), found)));
            compiled.template.map(Tree::text)
        }
        Value::Array(items) => {
            let mut all = Some(Vec::with_capacity(items.len()));
            for (index, item) in items.iter().enumerate() {
                pointer.push_str(&format!("/{index}"));
                let compiled = compile(item, pointer, diagnostics);
                pointer.truncate(length);
                all = all.zip(compiled).map(|(mut all, item)| {
                    all.push(item);
                    all
                });
            }
            all.map(Tree::array)
        }
        Value::Object(map) => {
            let mut all = Some(Vec::with_capacity(map.len()));
            for (key, item) in map {
                pointer.push('/');
                pointer.push_str(&key.replace('~', "~0").replace('/', "~1"));
                let name = Template::compile(key);
                diagnostics.extend(name.diagnostics.into_iter().map(|found| (pointer.clone(), found)));
                let compiled = compile(item, pointer, diagnostics);
                pointer.truncate(length);
                all = all.zip(name.template).zip(compiled).map(|((mut all, name), item)| {
                    all.push((name, item));
                    all
                });
            }
            all.map(Tree::object)
        }
        other => Some(Tree::Value(other.clone())),
    }
}
