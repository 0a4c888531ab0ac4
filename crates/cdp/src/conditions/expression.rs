//! A [`Predicate`] as an expression of the query engine.

use super::{Attribute, Kind};
use super::{Predicate, Value};
use datafusion::common::{Column, ScalarValue};
use datafusion::functions::expr_fn::{contains, ends_with, lower, starts_with};
use datafusion::logical_expr::{Expr, Operator, binary_expr, in_list, lit, not};
use lang::rule::{Comparison, TextMatch};

/// The expression over joined rows, whose columns are named `Entity.Attribute`.
pub fn expression(predicate: &Predicate) -> Expr {
    match predicate {
        Predicate::And(parts) => balanced(parts.iter().map(expression).collect(), Operator::And, true),
        Predicate::Or(parts) => balanced(parts.iter().map(expression).collect(), Operator::Or, false),
        Predicate::Not(inner) => not(expression(inner)),
        Predicate::IsNull(attribute) => column(attribute).is_null(),
        Predicate::Compare { attribute, comparison, value, ignore_case } => {
            let left = operand(attribute, *ignore_case, value == &Value::Double(0.0));
            binary_expr(left, operator(*comparison), constant(attribute.kind, value))
        }
        Predicate::In { attribute, values, ignore_case } if !values.is_empty() => {
            let zero = values.contains(&Value::Double(0.0));
            let list = values.iter().map(|value| constant(attribute.kind, value)).collect();
            in_list(operand(attribute, *ignore_case, zero), list, false)
        }
        Predicate::In { attribute, .. } => always(attribute, false),
        Predicate::Match { attribute, kind, text, ignore_case } => {
            let (left, text) = (operand(attribute, *ignore_case, false), lit(text.as_str()));
            match kind {
                TextMatch::Contains => contains(left, text),
                TextMatch::StartsWith => starts_with(left, text),
                TextMatch::EndsWith => ends_with(left, text),
            }
        }
        Predicate::Constant { attribute, holds } => always(attribute, *holds),
    }
}

/// Joined pairwise, so that a thousand tests nest ten deep and not a thousand.
fn balanced(mut parts: Vec<Expr>, operator: Operator, empty: bool) -> Expr {
    while parts.len() > 1 {
        let mut pairs = Vec::with_capacity(parts.len().div_ceil(2));
        let mut rest = parts.into_iter();
        while let Some(left) = rest.next() {
            pairs.push(match rest.next() {
                Some(right) => binary_expr(left, operator, right),
                None => left,
            });
        }
        parts = pairs;
    }
    parts.pop().unwrap_or_else(|| lit(empty))
}

/// The answer for every value, unknown for a missing one.
fn always(attribute: &Attribute, holds: bool) -> Expr {
    let unknown = lit(ScalarValue::Boolean(None));
    if holds { column(attribute).is_not_null().or(unknown) } else { column(attribute).is_null().and(unknown) }
}

fn column(attribute: &Attribute) -> Expr {
    Expr::Column(Column::new_unqualified(attribute.column()))
}

fn operand(attribute: &Attribute, ignore_case: bool, zero: bool) -> Expr {
    let column = column(attribute);
    match (ignore_case, zero) {
        (true, _) => lower(column),
        // The engine orders -0 before 0; adding 0 makes both the same.
        (false, true) => column + lit(0.0f64),
        (false, false) => column,
    }
}

fn operator(comparison: Comparison) -> Operator {
    match comparison {
        Comparison::Equal => Operator::Eq,
        Comparison::NotEqual => Operator::NotEq,
        Comparison::Less => Operator::Lt,
        Comparison::LessOrEqual => Operator::LtEq,
        Comparison::Greater => Operator::Gt,
        Comparison::GreaterOrEqual => Operator::GtEq,
    }
}

fn constant(kind: Kind, value: &Value) -> Expr {
    lit(match (value, kind) {
        (Value::Text(text), _) => ScalarValue::from(text.as_str()),
        (Value::Integer(value), _) => ScalarValue::Int64(Some(*value)),
        (Value::Decimal(value), Kind::Decimal { precision, scale }) => {
            ScalarValue::Decimal128(Some(*value), precision, i8::try_from(scale).unwrap_or(0))
        }
        (Value::Decimal(value), _) => ScalarValue::Decimal128(Some(*value), 38, 0),
        (Value::Double(value), _) => ScalarValue::Float64(Some(*value)),
        (Value::Bool(value), _) => ScalarValue::Boolean(Some(*value)),
        (Value::Date(days), _) => ScalarValue::Date32(Some(*days)),
        (Value::Time(micros), Kind::Time { instant: true }) => {
            ScalarValue::TimestampMicrosecond(Some(*micros), Some("UTC".into()))
        }
        (Value::Time(micros), _) => ScalarValue::TimestampMicrosecond(Some(*micros), None),
    })
}
