//! Vectors of a plan while it is made: the same vector is made once.

use crate::conditions::Kind;
use crate::scan::plan::{Id, Node, Number, Operation, Space};
use std::collections::HashMap;

/// Why something cannot be answered from the index.
pub(super) type Why = String;

/// A list of vectors.
#[derive(Debug, Default)]
pub(super) struct Nodes {
    pub(super) list: Vec<Node>,
    made: HashMap<Node, Id>,
}

/// What is known of a vector of values.
#[derive(Debug, Clone)]
pub(super) struct Value {
    pub(super) id: Id,
    pub(super) kind: Kind,
    pub(super) form: Form,
    /// No value is outside of these; of doubles, no magnitude is above the second.
    pub(super) limits: (i128, i128),
    /// The column that it comes from: its table, and its place there. Texts are read from its dictionary.
    pub(super) column: Option<(usize, usize)>,
}

/// How the values are there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    /// Codes: of doubles, of their keys.
    Codes,
    /// Whole numbers: of doubles, their keys.
    Whole,
    Double,
}

impl Value {
    /// Digits behind the point.
    pub(super) fn scale(&self) -> u8 {
        match self.kind {
            Kind::Decimal { scale, .. } => scale,
            _ => 0,
        }
    }

    fn is_exact(&self) -> bool {
        matches!(self.kind, Kind::Integer | Kind::Decimal { .. })
    }
}

impl Nodes {
    pub(super) fn add(&mut self, node: Node) -> Id {
        let list = &mut self.list;
        *self.made.entry(node).or_insert_with_key(|node| {
            list.push(node.clone());
            list.len() - 1
        })
    }

    /// Adds a vector that is given from elsewhere.
    pub(super) fn given(&mut self) -> Id {
        self.list.push(Node::Constant { space: Space::Customers, value: Number::Missing });
        self.list.len() - 1
    }

    /// All of these.
    pub(super) fn all(&mut self, space: Space, mut of: Vec<Id>) -> Id {
        of.dedup();
        match of.as_slice() {
            [one] => *one,
            _ => self.add(Node::All { space, of }),
        }
    }

    /// A constant.
    pub(super) fn constant(&mut self, space: Space, number: lang::rule::Number) -> Result<Value, Why> {
        let whole =
            i64::try_from(number.unscaled()).map_err(|_| "a constant has more than 64 bits".to_owned())?;
        let kind = match number.scale() {
            0 => Kind::Integer,
            scale => Kind::Decimal { precision: 38, scale },
        };
        let id = self.add(Node::Constant { space, value: Number::Whole(whole) });
        let limits = (i128::from(whole), i128::from(whole));
        Ok(Value { id, kind, form: Form::Whole, limits, column: None })
    }

    /// The values as doubles.
    pub(super) fn doubles(&mut self, value: &Value) -> Value {
        let id = match (value.kind, value.form) {
            (_, Form::Double) => value.id,
            (Kind::Double, _) => self.add(Node::FromKeys { of: value.id }),
            _ => self.add(Node::AsDouble { of: value.id, scale: value.scale() }),
        };
        let most = match value.kind {
            Kind::Double => value.limits.1,
            _ => value.limits.0.saturating_abs().max(value.limits.1.saturating_abs()),
        };
        Value { id, kind: Kind::Double, form: Form::Double, limits: (0, most), column: None }
    }

    /// The values with so many digits behind the point, at least as many as they have.
    pub(super) fn rescaled(&mut self, value: &Value, scale: u8) -> Result<Value, Why> {
        let digits = scale.checked_sub(value.scale()).ok_or("a decimal would lose digits")?;
        if digits == 0 {
            return Ok(value.clone());
        }
        let factor = 10i128.checked_pow(u32::from(digits)).ok_or_else(too_large)?;
        let limits =
            checked_limits([value.limits.0.checked_mul(factor), value.limits.1.checked_mul(factor)])?;
        let id = self.add(Node::Scaled { of: value.id, digits });
        let kind = Kind::Decimal { precision: 38, scale };
        Ok(Value { id, kind, form: Form::Whole, limits, column: None })
    }

    /// Arithmetic over numbers, with the types of `calculations`.
    pub(super) fn arithmetic(
        &mut self,
        left: &Value,
        operation: lang::rule::Operation,
        right: &Value,
    ) -> Result<Value, Why> {
        use lang::rule::Operation as Written;
        let exact = left.is_exact() && right.is_exact();
        let operation = match operation {
            Written::Add => Operation::Add,
            Written::Subtract => Operation::Subtract,
            Written::Multiply => Operation::Multiply,
            Written::Divide => Operation::Divide,
            Written::Remainder => Operation::Remainder,
            Written::Power => Operation::Power,
        };
        if !exact || matches!(operation, Operation::Divide | Operation::Power) {
            let (left, right) = (self.doubles(left), self.doubles(right));
            let id = self.add(Node::Arithmetic { left: left.id, operation, right: right.id });
            let limits = (0, i128::MAX);
            return Ok(Value { id, kind: Kind::Double, form: Form::Double, limits, column: None });
        }
        let (left, right, scale) = match operation {
            Operation::Multiply => (left.clone(), right.clone(), left.scale().saturating_add(right.scale())),
            _ => {
                let scale = left.scale().max(right.scale());
                (self.rescaled(left, scale)?, self.rescaled(right, scale)?, scale)
            }
        };
        let limits = result_limits(left.limits, operation, right.limits)?;
        let id = self.add(Node::Arithmetic { left: left.id, operation, right: right.id });
        let kind = match (left.kind, right.kind) {
            (Kind::Integer, Kind::Integer) => Kind::Integer,
            _ => Kind::Decimal { precision: 38, scale },
        };
        Ok(Value { id, kind, form: Form::Whole, limits, column: None })
    }
}

fn too_large() -> Why {
    "a result may need more than 64 bits".to_owned()
}

/// The limits, when they have 64 bits.
pub(super) fn checked_limits<const N: usize>(ends: [Option<i128>; N]) -> Result<(i128, i128), Why> {
    let (mut low, mut high) = (i128::MAX, i128::MIN);
    for end in ends {
        let end = end.filter(|end| i64::try_from(*end).is_ok()).ok_or_else(too_large)?;
        (low, high) = (low.min(end), high.max(end));
    }
    Ok((low, high))
}

fn result_limits(left: (i128, i128), operation: Operation, right: (i128, i128)) -> Result<(i128, i128), Why> {
    match operation {
        Operation::Add => checked_limits([left.0.checked_add(right.0), left.1.checked_add(right.1)]),
        Operation::Subtract => checked_limits([left.0.checked_sub(right.1), left.1.checked_sub(right.0)]),
        Operation::Multiply => checked_limits([
            left.0.checked_mul(right.0),
            left.0.checked_mul(right.1),
            left.1.checked_mul(right.0),
            left.1.checked_mul(right.1),
        ]),
        // What is left is no further from zero than the left side.
        _ => checked_limits([Some(left.0.min(0)), Some(left.1.max(0))]),
    }
}
