//! The evaluation of XPath expressions over a document.

use super::compare::{Operand, compare, number_text, text_number};
use super::{Arithmetic, Axis, Expr, Path, Start, Step, Test, Value};
use crate::expr::error::EvalError;
use crate::expr::eval::Machine;
use crate::expr::xml::{Document, Kind};

/// The value of an expression at the root of a document.
///
/// # Errors
/// When the fuel is used up, an operand must be a node-set and is none, or a prefix is not declared.
pub(crate) fn evaluate(expr: &Expr, document: &Document, machine: &Machine<'_>) -> Result<Value, EvalError> {
    let run = Run { document, machine };
    run.value(expr, Place { node: 0, position: 1, size: 1 })
}

/// Where an expression is evaluated.
#[derive(Debug, Clone, Copy)]
pub(super) struct Place {
    pub(super) node: usize,
    pub(super) position: usize,
    pub(super) size: usize,
}

pub(super) struct Run<'r, 'a> {
    pub(super) document: &'r Document,
    pub(super) machine: &'r Machine<'a>,
}

impl Run<'_, '_> {
    pub(super) fn value(&self, expr: &Expr, place: Place) -> Result<Value, EvalError> {
        self.machine.spend(1)?;
        Ok(match expr {
            Expr::Or(a, b) => Value::Bool(self.boolean(a, place)? || self.boolean(b, place)?),
            Expr::And(a, b) => Value::Bool(self.boolean(a, place)? && self.boolean(b, place)?),
            Expr::Compare(comparison, a, b) => {
                let (a, b) = (self.operand(a, place)?, self.operand(b, place)?);
                if let (Operand::Texts(a), Operand::Texts(b)) = (&a, &b) {
                    self.machine.spend(a.len().saturating_mul(b.len()))?;
                }
                Value::Bool(compare(*comparison, &a, &b))
            }
            Expr::Compute(operator, a, b) => {
                Value::Number(compute(*operator, self.number(a, place)?, self.number(b, place)?))
            }
            Expr::Negate(inner) => Value::Number(-self.number(inner, place)?),
            Expr::Union(a, b) => {
                let mut nodes = self.nodes(a, place)?;
                nodes.extend(self.nodes(b, place)?);
                Value::Nodes(self.in_order(nodes)?)
            }
            Expr::Number(number) => Value::Number(*number),
            Expr::Text(text) => Value::Text(text.clone()),
            Expr::Call(function, args) => (function.body)(self, args, place)?,
            Expr::Path(path) => Value::Nodes(self.path(path, place)?),
        })
    }

    pub(super) fn boolean(&self, expr: &Expr, place: Place) -> Result<bool, EvalError> {
        Ok(self.value(expr, place)?.boolean())
    }

    pub(super) fn number(&self, expr: &Expr, place: Place) -> Result<f64, EvalError> {
        Ok(match self.value(expr, place)? {
            Value::Number(number) => number,
            Value::Bool(flag) => f64::from(flag),
            other => text_number(&self.text_of(&other)?),
        })
    }

    pub(super) fn text(&self, expr: &Expr, place: Place) -> Result<String, EvalError> {
        let text = self.text_of(&self.value(expr, place)?)?;
        self.machine.made(text.len())?;
        Ok(text)
    }

    fn text_of(&self, value: &Value) -> Result<String, EvalError> {
        Ok(match value {
            Value::Nodes(nodes) => nodes.first().map_or(Ok(String::new()), |id| self.node_text(*id))?,
            Value::Number(number) => number_text(*number),
            Value::Text(text) => text.clone(),
            Value::Bool(flag) => flag.to_string(),
        })
    }

    /// The string value of a node; gathering it costs fuel by nodes and by length.
    pub(super) fn node_text(&self, id: usize) -> Result<String, EvalError> {
        self.machine.spend(self.end(id) - id)?;
        let text = self.document.text(id);
        self.machine.spend(text.len() / 16)?;
        Ok(text)
    }

    fn operand(&self, expr: &Expr, place: Place) -> Result<Operand, EvalError> {
        Ok(match self.value(expr, place)? {
            Value::Nodes(nodes) => {
                Operand::Texts(nodes.iter().map(|id| self.node_text(*id)).collect::<Result<_, _>>()?)
            }
            Value::Number(number) => Operand::Number(number),
            Value::Text(text) => Operand::Text(text),
            Value::Bool(flag) => Operand::Bool(flag),
        })
    }

    pub(super) fn nodes(&self, expr: &Expr, place: Place) -> Result<Vec<usize>, EvalError> {
        match self.value(expr, place)? {
            Value::Nodes(nodes) => Ok(nodes),
            _ => Err(EvalError::new("The XPath expression needs a set of nodes where it has another value")),
        }
    }

    /// The number of the first node behind the node and all that is in it.
    fn end(&self, id: usize) -> usize {
        let mut at = id;
        loop {
            let node = self.document.node(at);
            match node.children.last().or_else(|| node.attributes.last()) {
                Some(last) => at = *last,
                None => return at + 1,
            }
        }
    }

    fn in_order(&self, mut nodes: Vec<usize>) -> Result<Vec<usize>, EvalError> {
        self.machine.spend(nodes.len())?;
        nodes.sort_unstable();
        nodes.dedup();
        Ok(nodes)
    }

    fn path(&self, path: &Path, place: Place) -> Result<Vec<usize>, EvalError> {
        let mut nodes = match &path.start {
            Start::Root => vec![0],
            Start::Here => vec![place.node],
            Start::Filter(expr, predicates) => {
                let mut nodes = self.nodes(expr, place)?;
                for predicate in predicates {
                    nodes = self.keep(nodes, predicate)?;
                }
                nodes
            }
        };
        for step in &path.steps {
            let mut found = Vec::new();
            for node in nodes {
                found.extend(self.step(step, node)?);
            }
            nodes = self.in_order(found)?;
        }
        Ok(nodes)
    }

    /// The nodes of a step, in the order of its axis.
    fn step(&self, step: &Step, node: usize) -> Result<Vec<usize>, EvalError> {
        let mut found = Vec::new();
        for candidate in self.axis(step.axis, node)? {
            self.machine.spend(1)?;
            if self.fits(step, candidate)? {
                found.push(candidate);
            }
        }
        for predicate in &step.predicates {
            found = self.keep(found, predicate)?;
        }
        Ok(found)
    }

    /// The nodes for which the predicate holds; a number means the node of this position.
    fn keep(&self, nodes: Vec<usize>, predicate: &Expr) -> Result<Vec<usize>, EvalError> {
        let size = nodes.len();
        let mut kept = Vec::new();
        for (index, node) in nodes.into_iter().enumerate() {
            let place = Place { node, position: index + 1, size };
            let holds = match self.value(predicate, place)? {
                #[expect(
                    clippy::cast_precision_loss,
                    clippy::float_cmp,
                    reason = "positions are small and whole"
                )]
                Value::Number(number) => number == place.position as f64,
                other => other.boolean(),
            };
            if holds {
                kept.push(node);
            }
        }
        Ok(kept)
    }

    fn axis(&self, axis: Axis, id: usize) -> Result<Vec<usize>, EvalError> {
        let document = self.document;
        let node = document.node(id);
        let mut nodes = match axis {
            Axis::Own => vec![id],
            Axis::Parent => (id != 0).then_some(node.parent).into_iter().collect(),
            Axis::Child => node.children.clone(),
            Axis::Attribute => self.declared(id, Kind::Attribute),
            Axis::Namespace => self.namespaces(id)?,
            Axis::Descendant => self.range(id + 1, self.end(id))?,
            Axis::DescendantOrSelf => {
                let mut nodes = vec![id];
                nodes.extend(self.range(id + 1, self.end(id))?);
                nodes
            }
            Axis::Ancestor => self.ancestors(id),
            Axis::AncestorOrSelf => std::iter::once(id).chain(self.ancestors(id)).collect(),
            Axis::FollowingSibling => self.siblings(id).1.to_vec(),
            Axis::PrecedingSibling => self.siblings(id).0.to_vec(),
            Axis::Following => self.range(self.end(id), document.len())?,
            Axis::Preceding => {
                let ancestors = self.ancestors(id);
                let before = self.range(1, id)?;
                before.into_iter().filter(|before| !ancestors.contains(before)).collect()
            }
        };
        if matches!(axis, Axis::Preceding | Axis::PrecedingSibling) {
            nodes.reverse();
        }
        debug_assert!(axis.is_reverse() || nodes.is_sorted());
        Ok(nodes)
    }

    /// The children of the same parent before and behind the node; attributes have none.
    fn siblings(&self, id: usize) -> (&[usize], &[usize]) {
        let all = &self.document.node(self.document.node(id).parent).children;
        match all.binary_search(&id) {
            Ok(at) => (all.get(..at).unwrap_or_default(), all.get(at + 1..).unwrap_or_default()),
            Err(_) => (&[], &[]),
        }
    }

    /// The nodes from one number to before another, attributes and namespaces left out.
    fn range(&self, from: usize, to: usize) -> Result<Vec<usize>, EvalError> {
        self.machine.spend(to.saturating_sub(from))?;
        let is_child =
            |id: &usize| !matches!(self.document.node(*id).kind, Kind::Attribute | Kind::Namespace);
        Ok((from..to).filter(is_child).collect())
    }

    /// From the parent outwards.
    fn ancestors(&self, id: usize) -> Vec<usize> {
        let mut ancestors = Vec::new();
        let mut at = id;
        while at != 0 {
            at = self.document.node(at).parent;
            ancestors.push(at);
        }
        ancestors
    }

    fn declared(&self, id: usize, kind: Kind) -> Vec<usize> {
        let attributes = self.document.node(id).attributes.iter().copied();
        attributes.filter(|id| self.document.node(*id).kind == kind).collect()
    }

    /// The declarations in force at an element, an inner one hiding an outer one of the same prefix.
    fn namespaces(&self, id: usize) -> Result<Vec<usize>, EvalError> {
        let mut found: Vec<usize> = Vec::new();
        if !self.document.node(id).is_element() {
            return Ok(found);
        }
        for element in std::iter::once(id).chain(self.ancestors(id)) {
            for declared in self.declared(element, Kind::Namespace) {
                self.machine.spend(found.len())?;
                let prefix = &self.document.node(declared).local;
                if !found.iter().any(|other| &self.document.node(*other).local == prefix) {
                    found.push(declared);
                }
            }
        }
        found.retain(|id| !self.document.node(*id).value.is_empty());
        found.sort_unstable();
        Ok(found)
    }

    fn fits(&self, step: &Step, id: usize) -> Result<bool, EvalError> {
        let node = self.document.node(id);
        let principal = match step.axis {
            Axis::Attribute => node.kind == Kind::Attribute,
            Axis::Namespace => node.kind == Kind::Namespace,
            _ => node.is_element(),
        };
        Ok(match &step.test {
            Test::Node => true,
            Test::Text => node.is_text(),
            Test::Comment => node.kind == Kind::Comment,
            Test::Instruction(target) => {
                node.kind == Kind::Instruction && target.as_ref().is_none_or(|target| *target == node.local)
            }
            Test::Any => principal,
            Test::Prefix(prefix) => node.space == self.space(prefix)? && principal,
            Test::Name(prefix, local) => {
                let space = self.space(prefix)?;
                principal && node.local == *local && (node.kind == Kind::Namespace || node.space == space)
            }
        })
    }

    /// The namespace of a prefix in a name test; names without a prefix have none.
    fn space(&self, prefix: &str) -> Result<&str, EvalError> {
        if prefix.is_empty() {
            return Ok("");
        }
        let element = self.document.element().unwrap_or(0);
        self.machine.spend(self.document.node(element).attributes.len() / 8)?;
        self.document.space_of(prefix).ok_or_else(|| {
            EvalError::new(format!(
                "The XPath expression has the prefix '{prefix}', which the outermost element does not declare. \
                 Use local-name() and namespace-uri() instead"
            ))
        })
    }
}

fn compute(operator: Arithmetic, a: f64, b: f64) -> f64 {
    match operator {
        Arithmetic::Add => a + b,
        Arithmetic::Subtract => a - b,
        Arithmetic::Multiply => a * b,
        Arithmetic::Divide => a / b,
        Arithmetic::Remainder => a % b,
    }
}
