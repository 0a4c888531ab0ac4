//! Numbers during arithmetic: exact as long as every operand is.

use crate::conditions::{Kind, Value};
use lang::rule::{Number, Operation};

/// Most decimal digits behind the point, the width of a 128-bit decimal.
pub(super) const MAX_SCALE: u8 = 38;

/// A number during arithmetic.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Amount {
    /// `unscaled` / 10^`scale`.
    Exact {
        /// The digits.
        unscaled: i128,
        /// How many of them are behind the point, at most 38.
        scale: u8,
    },
    /// A floating-point number.
    Double(f64),
}

/// An exact result that does not fit 128 bits, or the type that was promised.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a result is too large for its type")]
pub struct Overflow;

impl Amount {
    /// A constant.
    pub fn number(number: Number) -> Self {
        Self::Exact { unscaled: number.unscaled(), scale: number.scale() }
    }

    /// An attribute's value of a kind; nothing for what is no number.
    pub fn of(value: &Value, kind: Kind) -> Option<Self> {
        match (value, kind) {
            (Value::Integer(value), _) => Some(Self::Exact { unscaled: i128::from(*value), scale: 0 }),
            (Value::Decimal(value), Kind::Decimal { scale, .. }) => {
                Some(Self::Exact { unscaled: *value, scale })
            }
            (Value::Double(value), _) => Some(Self::Double(*value)),
            _ => None,
        }
    }

    /// The nearest floating-point number.
    pub fn as_f64(self) -> f64 {
        match self {
            Self::Double(value) => value,
            // Whole numbers of up to 53 bits are themselves.
            Self::Exact { unscaled, scale: 0 } => unscaled as f64,
            // The text form is rounded once; a division would round twice.
            Self::Exact { unscaled, scale } => format!("{unscaled}e-{scale}").parse().unwrap_or(f64::NAN),
        }
    }

    /// `-self`
    ///
    /// # Errors
    /// The result does not fit 128 bits.
    pub fn negate(self) -> Result<Self, Overflow> {
        match self {
            Self::Double(value) => Ok(Self::Double(-value)),
            Self::Exact { unscaled, scale } => {
                let unscaled = unscaled.checked_neg().ok_or(Overflow)?;
                Ok(Self::Exact { unscaled, scale })
            }
        }
    }

    /// `self operation other`; nothing where no number comes out.
    ///
    /// # Errors
    /// An exact result does not fit 128 bits.
    pub fn combine(self, operation: Operation, other: Self) -> Result<Option<Self>, Overflow> {
        match (self, other, operation) {
            (Self::Exact { .. }, Self::Exact { .. }, Operation::Divide | Operation::Power) => {}
            (Self::Exact { unscaled, scale }, Self::Exact { unscaled: right, scale: right_scale }, _) => {
                return exact((unscaled, scale), operation, (right, right_scale));
            }
            _ => {}
        }
        let (left, right) = (self.as_f64(), other.as_f64());
        let result = match operation {
            Operation::Add => left + right,
            Operation::Subtract => left - right,
            Operation::Multiply => left * right,
            Operation::Divide => left / right,
            Operation::Remainder => left % right,
            Operation::Power => left.powf(right),
        };
        Ok(result.is_finite().then_some(Self::Double(result)))
    }

    /// The value in the form that a kind stores; nothing for a floating-point number that is not finite.
    ///
    /// # Errors
    /// It does not fit the kind.
    pub fn store(self, kind: Kind) -> Result<Option<Value>, Overflow> {
        match (kind, self) {
            (Kind::Double, amount) => {
                let value = amount.as_f64();
                Ok(value.is_finite().then_some(Value::Double(value)))
            }
            (Kind::Integer, Self::Exact { unscaled, scale: 0 }) => {
                i64::try_from(unscaled).map(|value| Some(Value::Integer(value))).map_err(|_| Overflow)
            }
            (Kind::Decimal { precision, scale }, Self::Exact { unscaled, scale: own }) => {
                let unscaled = rescaled(unscaled, own, scale)?;
                let most = 10i128.checked_pow(u32::from(precision)).ok_or(Overflow)?;
                if unscaled.unsigned_abs() >= most.unsigned_abs() {
                    return Err(Overflow);
                }
                Ok(Some(Value::Decimal(unscaled)))
            }
            _ => Err(Overflow),
        }
    }
}

fn exact(
    (left, left_scale): (i128, u8),
    operation: Operation,
    (right, right_scale): (i128, u8),
) -> Result<Option<Amount>, Overflow> {
    if operation == Operation::Multiply {
        let unscaled = left.checked_mul(right).ok_or(Overflow)?;
        let scale =
            left_scale.checked_add(right_scale).filter(|scale| *scale <= MAX_SCALE).ok_or(Overflow)?;
        return Ok(Some(Amount::Exact { unscaled, scale }));
    }
    let scale = left_scale.max(right_scale);
    let (left, right) = (rescaled(left, left_scale, scale)?, rescaled(right, right_scale, scale)?);
    let unscaled = match operation {
        Operation::Add => left.checked_add(right),
        Operation::Subtract => left.checked_sub(right),
        Operation::Remainder if right == 0 => return Ok(None),
        // The smallest number by -1 has no remainder that the machine can say; it is 0.
        Operation::Remainder => Some(left.checked_rem(right).unwrap_or(0)),
        Operation::Multiply | Operation::Divide | Operation::Power => None,
    };
    Ok(Some(Amount::Exact { unscaled: unscaled.ok_or(Overflow)?, scale }))
}

/// The digits with more of them behind the point.
fn rescaled(unscaled: i128, from: u8, to: u8) -> Result<i128, Overflow> {
    let missing = to.checked_sub(from).ok_or(Overflow)?;
    let factor = 10i128.checked_pow(u32::from(missing)).ok_or(Overflow)?;
    unscaled.checked_mul(factor).ok_or(Overflow)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn exact(unscaled: i128, scale: u8) -> Amount {
        Amount::Exact { unscaled, scale }
    }

    #[test]
    fn exact_numbers_stay_exact() {
        use Operation::{Add, Multiply, Remainder, Subtract};
        assert_eq!(exact(125, 2).combine(Add, exact(1, 0)), Ok(Some(exact(225, 2))));
        assert_eq!(exact(1, 1).combine(Subtract, exact(1, 2)), Ok(Some(exact(9, 2))));
        assert_eq!(exact(-15, 1).combine(Multiply, exact(25, 2)), Ok(Some(exact(-375, 3))));
        assert_eq!(exact(-75, 1).combine(Remainder, exact(2, 0)), Ok(Some(exact(-15, 1))));
    }

    #[test]
    fn division_by_zero_and_what_is_no_number_are_missing() {
        use Operation::{Divide, Multiply, Power, Remainder};
        assert_eq!(exact(1, 0).combine(Divide, exact(0, 0)), Ok(None));
        assert_eq!(exact(1, 0).combine(Remainder, exact(0, 3)), Ok(None));
        assert_eq!(Amount::Double(1.0).combine(Remainder, exact(0, 0)), Ok(None));
        assert_eq!(exact(-1, 0).combine(Power, exact(5, 1)), Ok(None));
        assert_eq!(Amount::Double(1e300).combine(Multiply, Amount::Double(1e300)), Ok(None));
        assert_eq!(exact(7, 0).combine(Divide, exact(2, 0)), Ok(Some(Amount::Double(3.5))));
        assert_eq!(exact(2, 0).combine(Power, exact(10, 0)), Ok(Some(Amount::Double(1024.0))));
    }

    #[test]
    fn a_result_that_does_not_fit_is_an_error() {
        assert_eq!(exact(i128::MAX, 0).combine(Operation::Add, exact(1, 0)), Err(Overflow));
        assert_eq!(exact(i128::MAX, 0).combine(Operation::Multiply, exact(2, 0)), Err(Overflow));
        assert_eq!(exact(i128::MIN, 0).negate(), Err(Overflow));
        assert_eq!(exact(i128::from(i64::MAX) + 1, 0).store(Kind::Integer), Err(Overflow));
        let kind = Kind::Decimal { precision: 3, scale: 1 };
        assert_eq!(exact(99, 0).store(kind), Ok(Some(Value::Decimal(990))));
        assert_eq!(exact(100, 0).store(kind), Err(Overflow));
    }
}
