//! The functions of XPath 1.0 (section 4 of the recommendation).

use super::compare::text_number;
use super::eval::{Place, Run};
use super::{Expr, Value};
use crate::expr::error::EvalError;
use crate::expr::xml::{Kind, Node, XML_SPACE};

type Given = Result<Value, EvalError>;

/// One function.
pub(crate) struct Function {
    pub(super) name: &'static str,
    pub(super) min: usize,
    pub(super) max: usize,
    pub(super) body: fn(&Run<'_, '_>, &[Expr], Place) -> Given,
}

impl std::fmt::Debug for Function {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name)
    }
}

/// `concat` takes any number; the length of expressions bounds it.
const MANY: usize = usize::MAX;

const fn entry(
    name: &'static str,
    min: usize,
    max: usize,
    body: fn(&Run<'_, '_>, &[Expr], Place) -> Given,
) -> Function {
    Function { name, min, max, body }
}

pub(super) static FUNCTIONS: &[Function] = &[
    entry("last", 0, 0, |_, _, place| Ok(whole(place.size))),
    entry("position", 0, 0, |_, _, place| Ok(whole(place.position))),
    entry("count", 1, 1, |run, args, place| Ok(whole(node_set(run, args, place)?.len()))),
    entry("id", 1, 1, id),
    entry("local-name", 0, 1, |run, args, place| named(run, args, place, |node| node.local.clone())),
    entry("namespace-uri", 0, 1, |run, args, place| named(run, args, place, |node| node.space.clone())),
    entry("name", 0, 1, |run, args, place| named(run, args, place, Node::name)),
    entry("string", 0, 1, |run, args, place| text(run, args, place).map(Value::Text)),
    entry("concat", 2, MANY, |run, args, place| {
        let pieces: Result<Vec<String>, _> = args.iter().map(|arg| run.text(arg, place)).collect();
        Ok(Value::Text(pieces?.concat()))
    }),
    entry("starts-with", 2, 2, |run, args, place| {
        let (a, b) = two(run, args, place)?;
        Ok(Value::Bool(a.starts_with(&b)))
    }),
    entry("contains", 2, 2, |run, args, place| {
        let (a, b) = two(run, args, place)?;
        Ok(Value::Bool(a.contains(&b)))
    }),
    entry("substring-before", 2, 2, |run, args, place| {
        let (a, b) = two(run, args, place)?;
        Ok(Value::Text(a.split_once(&b).map(|(before, _)| before.to_owned()).unwrap_or_default()))
    }),
    entry("substring-after", 2, 2, |run, args, place| {
        let (a, b) = two(run, args, place)?;
        Ok(Value::Text(a.split_once(&b).map(|(_, after)| after.to_owned()).unwrap_or_default()))
    }),
    entry("substring", 2, 3, substring),
    entry("string-length", 0, 1, |run, args, place| {
        Ok(whole(text(run, args, place)?.encode_utf16().count()))
    }),
    entry("normalize-space", 0, 1, |run, args, place| {
        let text = text(run, args, place)?;
        let words: Vec<&str> = text.split([' ', '\t', '\r', '\n']).filter(|word| !word.is_empty()).collect();
        Ok(Value::Text(words.join(" ")))
    }),
    entry("translate", 3, 3, translate),
    entry("boolean", 1, 1, |run, args, place| boolean(run, args, place).map(Value::Bool)),
    entry("not", 1, 1, |run, args, place| Ok(Value::Bool(!boolean(run, args, place)?))),
    entry("true", 0, 0, |_, _, _| Ok(Value::Bool(true))),
    entry("false", 0, 0, |_, _, _| Ok(Value::Bool(false))),
    entry("lang", 1, 1, lang),
    entry("number", 0, 1, |run, args, place| match args.first() {
        Some(_) => number(run, args, place).map(Value::Number),
        None => Ok(Value::Number(text_number(&text(run, args, place)?))),
    }),
    entry("sum", 1, 1, |run, args, place| {
        let mut sum = 0.0;
        for id in node_set(run, args, place)? {
            sum += text_number(&run.node_text(id)?);
        }
        Ok(Value::Number(sum))
    }),
    entry("floor", 1, 1, |run, args, place| Ok(Value::Number(number(run, args, place)?.floor()))),
    entry("ceiling", 1, 1, |run, args, place| Ok(Value::Number(number(run, args, place)?.ceil()))),
    entry("round", 1, 1, |run, args, place| Ok(Value::Number((number(run, args, place)? + 0.5).floor()))),
];

/// The function of this name; letter case counts.
pub(super) fn find(name: &str) -> Option<&'static Function> {
    FUNCTIONS.iter().find(|function| function.name == name)
}

#[expect(clippy::cast_precision_loss, reason = "counts are far below 2^53")]
fn whole(count: usize) -> Value {
    Value::Number(count as f64)
}

fn node_set(run: &Run<'_, '_>, args: &[Expr], place: Place) -> Result<Vec<usize>, EvalError> {
    args.first().map_or(Ok(Vec::new()), |arg| run.nodes(arg, place))
}

fn number(run: &Run<'_, '_>, args: &[Expr], place: Place) -> Result<f64, EvalError> {
    args.first().map_or(Ok(f64::NAN), |arg| run.number(arg, place))
}

fn boolean(run: &Run<'_, '_>, args: &[Expr], place: Place) -> Result<bool, EvalError> {
    args.first().map_or(Ok(false), |arg| run.boolean(arg, place))
}

/// The text of the first argument, or of the context node.
fn text(run: &Run<'_, '_>, args: &[Expr], place: Place) -> Result<String, EvalError> {
    match args.first() {
        Some(arg) => run.text(arg, place),
        None => run.node_text(place.node),
    }
}

fn two(run: &Run<'_, '_>, args: &[Expr], place: Place) -> Result<(String, String), EvalError> {
    let second = args.get(1).map_or(Ok(String::new()), |arg| run.text(arg, place))?;
    Ok((text(run, args, place)?, second))
}

/// A part of the name of the first node of the argument, or of the context node.
fn named(run: &Run<'_, '_>, args: &[Expr], place: Place, part: fn(&Node) -> String) -> Given {
    let node = match args.first() {
        Some(arg) => run.nodes(arg, place)?.first().copied(),
        None => Some(place.node),
    };
    Ok(Value::Text(node.map(|id| part(run.document.node(id))).unwrap_or_default()))
}

/// Elements by their identifier: without a DTD only `xml:id` is one.
fn id(run: &Run<'_, '_>, args: &[Expr], place: Place) -> Given {
    let wanted = match args.first().map(|arg| run.value(arg, place)).transpose()? {
        Some(Value::Nodes(nodes)) => {
            nodes.iter().map(|id| run.node_text(*id)).collect::<Result<Vec<_>, _>>()?.join(" ")
        }
        _ => text(run, args, place)?,
    };
    let wanted: Vec<&str> = wanted.split_whitespace().collect();
    run.machine.spend(run.document.len())?;
    let is_id = |node: &Node| {
        node.kind == Kind::Attribute
            && node.space == XML_SPACE
            && node.local == "id"
            && wanted.contains(&node.value.as_str())
    };
    let found = (0..run.document.len()).map(|id| run.document.node(id)).filter(|node| is_id(node));
    Ok(Value::Nodes(found.map(|node| node.parent).collect()))
}

/// Characters by their rounded positions from 1; NaN takes nothing.
fn substring(run: &Run<'_, '_>, args: &[Expr], place: Place) -> Given {
    let text = text(run, args, place)?;
    let round = |number: f64| (number + 0.5).floor();
    let start = round(args.get(1).map_or(Ok(f64::NAN), |arg| run.number(arg, place))?);
    let end = match args.get(2) {
        Some(arg) => start + round(run.number(arg, place)?),
        None => f64::INFINITY,
    };
    let mut position = 0.0;
    let taken = text.chars().filter(|_| {
        position += 1.0;
        position >= start && position < end
    });
    Ok(Value::Text(taken.collect()))
}

fn translate(run: &Run<'_, '_>, args: &[Expr], place: Place) -> Given {
    let (text, from) = two(run, args, place)?;
    let to: Vec<char> = args.get(2).map_or(Ok(String::new()), |arg| run.text(arg, place))?.chars().collect();
    run.machine.spend(text.len().saturating_mul(from.len()) / 64)?;
    let translated = text.chars().filter_map(|c| match from.chars().position(|known| known == c) {
        Some(at) => to.get(at).copied(),
        None => Some(c),
    });
    Ok(Value::Text(translated.collect()))
}

/// Whether the nearest `xml:lang` is this language or a sublanguage of it.
fn lang(run: &Run<'_, '_>, args: &[Expr], place: Place) -> Given {
    let wanted = text(run, args, place)?.to_ascii_lowercase();
    let mut at = place.node;
    while at != 0 {
        let node = run.document.node(at);
        let mut attributes = node.attributes.iter().map(|id| run.document.node(*id));
        if let Some(found) = attributes.find(|node| node.space == XML_SPACE && node.local == "lang") {
            let value = found.value.to_ascii_lowercase();
            let sub =
                value.strip_prefix(&wanted).is_some_and(|rest| rest.is_empty() || rest.starts_with('-'));
            return Ok(Value::Bool(sub));
        }
        at = node.parent;
    }
    Ok(Value::Bool(false))
}
