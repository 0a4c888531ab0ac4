//! Arithmetic whose leaves are known, with the kind of its result and its evaluation.

use super::amount::{Amount, MAX_SCALE, Overflow};
use super::taken::Taken;
use crate::conditions::{Attribute, Kind, Now, Value};
use lang::rule::{Number, Operation};

/// Arithmetic over leaves of one sort.
#[derive(Debug, Clone, PartialEq)]
pub enum Expression<L> {
    /// A leaf.
    Leaf(L),
    /// A constant.
    Number(Number),
    /// `-x`
    Negate(Box<Expression<L>>),
    /// `x + y` and its kin.
    Binary {
        /// Which operation.
        operation: Operation,
        /// The left side.
        left: Box<Expression<L>>,
        /// The right side.
        right: Box<Expression<L>>,
    },
}

/// Arithmetic over the attributes of one joined row.
pub type Scalar = Expression<Input>;

/// An attribute that a calculation reads.
#[derive(Debug, Clone, PartialEq)]
pub struct Input {
    /// The attribute. Only where the scalar is nothing but this may it be no number.
    pub attribute: Attribute,
    /// What is taken of its values.
    pub taken: Taken,
    /// What stands in the place of some of its values.
    pub replacement: Option<Replacement>,
}

impl Input {
    /// The attribute's own values, as they are.
    pub fn plain(&self) -> Option<&Attribute> {
        (self.taken == Taken::Value && self.replacement.is_none()).then_some(&self.attribute)
    }

    /// What is read.
    pub fn kind(&self) -> Kind {
        if self.taken == Taken::Value { self.attribute.kind } else { Kind::Integer }
    }

    /// What is read of a row's value.
    pub fn of(&self, value: Option<Value>) -> Option<Value> {
        let value = match &self.replacement {
            Some(replacement) => replacement.of(value.as_ref()).cloned(),
            None => value,
        };
        self.taken.of(value?)
    }
}

/// Values that count as other values.
#[derive(Debug, Clone, PartialEq)]
pub struct Replacement {
    /// What a missing value counts as, in the attribute's kind.
    pub missing: Option<Value>,
    /// What other values count as: each a value and its replacement, in the attribute's kind. The first that fits.
    pub values: Vec<(Value, Value)>,
}

impl Replacement {
    /// What a value counts as.
    pub fn of<'a>(&'a self, value: Option<&'a Value>) -> Option<&'a Value> {
        let Some(value) = value else { return self.missing.as_ref() };
        let found = self.values.iter().find(|(from, _)| from == value);
        Some(found.map_or(value, |(_, to)| to))
    }
}

impl<L> Expression<L> {
    /// The only leaf of an expression that is nothing else.
    pub fn leaf(&self) -> Option<&L> {
        match self {
            Self::Leaf(leaf) => Some(leaf),
            _ => None,
        }
    }

    /// Every leaf, from left to right.
    pub fn leaves(&self) -> Vec<&L> {
        let mut found = Vec::new();
        self.collect(&mut found);
        found
    }

    fn collect<'a>(&'a self, found: &mut Vec<&'a L>) {
        match self {
            Self::Leaf(leaf) => found.push(leaf),
            Self::Number(_) => {}
            Self::Negate(inner) => inner.collect(found),
            Self::Binary { left, right, .. } => {
                left.collect(found);
                right.collect(found);
            }
        }
    }

    /// The kind of the result, from those of the leaves. Nothing where a leaf is no number, or the exact result
    /// would have more than 38 digits behind the point.
    pub fn kind(&self, of: &impl Fn(&L) -> Kind) -> Option<Kind> {
        let kind = match self {
            Self::Leaf(leaf) => return Some(of(leaf)),
            Self::Number(number) => constant_kind(*number),
            Self::Negate(inner) => inner.kind(of)?,
            Self::Binary { operation, left, right } => {
                combined_kind(*operation, left.kind(of)?, right.kind(of)?)?
            }
        };
        kind.is_number().then_some(kind)
    }

    /// The result for these leaves; nothing where an operand is missing or no number comes out.
    ///
    /// # Errors
    /// An exact result does not fit 128 bits.
    pub fn evaluate(&self, of: &impl Fn(&L) -> Option<Amount>) -> Result<Option<Amount>, Overflow> {
        match self {
            Self::Leaf(leaf) => Ok(of(leaf)),
            Self::Number(number) => Ok(Some(Amount::number(*number))),
            Self::Negate(inner) => inner.evaluate(of)?.map(Amount::negate).transpose(),
            Self::Binary { operation, left, right } => match (left.evaluate(of)?, right.evaluate(of)?) {
                (Some(left), Some(right)) => left.combine(*operation, right),
                _ => Ok(None),
            },
        }
    }
}

impl Scalar {
    /// The kind of the result; nothing where it cannot be calculated.
    pub fn result_kind(&self) -> Option<Kind> {
        self.kind(&Input::kind)
    }

    /// The scalar with today as a constant.
    #[must_use]
    pub fn at(&self, now: &Now) -> Self {
        match self {
            Self::Leaf(input) => Self::Leaf(Input { taken: input.taken.at(now), ..input.clone() }),
            Self::Number(number) => Self::Number(*number),
            Self::Negate(inner) => Self::Negate(Box::new(inner.at(now))),
            Self::Binary { operation, left, right } => Self::Binary {
                operation: *operation,
                left: Box::new(left.at(now)),
                right: Box::new(right.at(now)),
            },
        }
    }

    /// Whether the result depends on when it is asked for.
    pub fn is_relative(&self) -> bool {
        self.leaves().iter().any(|input| matches!(input.taken, Taken::DaysUntil(_)))
    }
}

fn constant_kind(number: Number) -> Kind {
    match number.as_i64() {
        Some(_) => Kind::Integer,
        None => {
            let digits =
                u8::try_from(number.unscaled().unsigned_abs().to_string().len()).unwrap_or(MAX_SCALE);
            Kind::Decimal { precision: digits.max(number.scale()), scale: number.scale() }
        }
    }
}

/// As SQL widens decimals: room for every result, as far as 38 digits go.
fn combined_kind(operation: Operation, left: Kind, right: Kind) -> Option<Kind> {
    if !left.is_number() || !right.is_number() {
        return None;
    }
    if matches!(operation, Operation::Divide | Operation::Power) {
        return Some(Kind::Double);
    }
    let ((left_digits, left_scale), (right_digits, right_scale)) = match (left, right) {
        (Kind::Integer, Kind::Integer) => return Some(Kind::Integer),
        (left, right) => match (digits(left), digits(right)) {
            (Some(left), Some(right)) => (left, right),
            _ => return Some(Kind::Double),
        },
    };
    let most = |digits: u8| digits.min(MAX_SCALE);
    let scale = left_scale.max(right_scale);
    let whole = |digits: u8, scale: u8| digits.saturating_sub(scale);
    let widest = whole(left_digits, left_scale).max(whole(right_digits, right_scale));
    match operation {
        Operation::Multiply => {
            let scale = left_scale.checked_add(right_scale).filter(|scale| *scale <= MAX_SCALE)?;
            Some(Kind::Decimal { precision: most(left_digits.saturating_add(right_digits)), scale })
        }
        _ => Some(Kind::Decimal { precision: most(widest.saturating_add(scale).saturating_add(1)), scale }),
    }
}

/// The digits of an exact kind, and how many of them are behind the point.
fn digits(kind: Kind) -> Option<(u8, u8)> {
    match kind {
        Kind::Integer => Some((19, 0)),
        Kind::Decimal { precision, scale } => Some((precision, scale)),
        _ => None,
    }
}
