//! A [`Predicate`] as an expression of the query engine.

use super::{Attribute, Kind, Operand, Predicate, Value};
use datafusion::arrow::datatypes::DataType;
use datafusion::common::{Column, ScalarValue, internal_err, not_impl_err};
use datafusion::error::Result;
use datafusion::functions::expr_fn::{contains, date_part, ends_with, lower, starts_with};
use datafusion::logical_expr::{Expr, Operator, binary_expr, cast, in_list, lit, not};
use insight::calculations::Aggregate;
use lang::rule::{Comparison, DatePart, TextMatch};

/// What an expression reads beside the attributes of joined rows: the columns that its aggregates and segments have.
pub trait Columns {
    /// The column with the aggregate's value; missing values are missing in it.
    ///
    /// # Errors
    /// Aggregates cannot stand here.
    fn aggregate(&self, aggregate: &Aggregate) -> Result<Expr>;

    /// Whether the row's customer is in the segment, never unknown.
    ///
    /// # Errors
    /// Segments cannot stand here.
    fn in_segment(&self, segment: &str) -> Result<Expr>;
}

/// Only attributes.
pub struct OnlyAttributes;

impl Columns for OnlyAttributes {
    fn aggregate(&self, _aggregate: &Aggregate) -> Result<Expr> {
        not_impl_err!("an aggregate inside a condition about rows")
    }

    fn in_segment(&self, _segment: &str) -> Result<Expr> {
        not_impl_err!("a segment inside a condition about rows")
    }
}

/// The expression over joined rows, whose columns are named `Entity.Attribute`.
///
/// # Errors
/// A part cannot stand here, or a relative moment was not made absolute.
pub fn expression(predicate: &Predicate, columns: &dyn Columns) -> Result<Expr> {
    let all = |parts: &[Predicate]| parts.iter().map(|part| expression(part, columns)).collect::<Result<_>>();
    Ok(match predicate {
        Predicate::And(parts) => balanced(all(parts)?, Operator::And, true),
        Predicate::Or(parts) => balanced(all(parts)?, Operator::Or, false),
        Predicate::Not(inner) => not(expression(inner, columns)?),
        Predicate::IsNull(of) => operand_value(of, columns)?.is_null(),
        Predicate::Compare { operand: of, comparison, value, ignore_case } => {
            let left = operand(of, columns, *ignore_case, value == &Value::Double(0.0))?;
            binary_expr(left, operator(*comparison), constant(of.kind(), value))
        }
        Predicate::In { operand: of, values, ignore_case } if !values.is_empty() => {
            let zero = values.contains(&Value::Double(0.0));
            let list = values.iter().map(|value| constant(of.kind(), value)).collect();
            in_list(operand(of, columns, *ignore_case, zero)?, list, false)
        }
        Predicate::In { operand, .. } => always(operand_value(operand, columns)?, false),
        Predicate::Match { operand: of, kind, text, ignore_case } => {
            let (left, text) = (operand(of, columns, *ignore_case, false)?, lit(text.as_str()));
            match kind {
                TextMatch::Contains => contains(left, text),
                TextMatch::StartsWith => starts_with(left, text),
                TextMatch::EndsWith => ends_with(left, text),
            }
        }
        Predicate::Constant { operand, holds } => always(operand_value(operand, columns)?, *holds),
        Predicate::InSegment(segment) => columns.in_segment(segment)?,
        Predicate::Relative { .. } => return internal_err!("a relative moment without the present one"),
    })
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
fn always(value: Expr, holds: bool) -> Expr {
    let unknown = lit(ScalarValue::Boolean(None));
    if holds { value.is_not_null().or(unknown) } else { value.is_null().and(unknown) }
}

fn column(attribute: &Attribute) -> Expr {
    Expr::Column(Column::new_unqualified(attribute.column()))
}

/// What a test reads.
///
/// # Errors
/// The operand cannot stand here.
pub fn operand_value(operand: &Operand, columns: &dyn Columns) -> Result<Expr> {
    Ok(match operand {
        Operand::Attribute(attribute) => column(attribute),
        Operand::Part { part, attribute } => part_of(*part, column(attribute)),
        Operand::Aggregate(aggregate) => columns.aggregate(aggregate)?,
    })
}

/// A part of a date or time as a whole number.
fn part_of(part: DatePart, date: Expr) -> Expr {
    let name = match part {
        // Of ISO 8601: Monday is 1.
        DatePart::Weekday => "isodow",
        other => other.name(),
    };
    cast(date_part(lit(name), date), DataType::Int64)
}

fn operand(of: &Operand, columns: &dyn Columns, ignore_case: bool, zero: bool) -> Result<Expr> {
    let value = operand_value(of, columns)?;
    Ok(match (ignore_case, zero) {
        (true, _) => lower(value),
        // The engine orders -0 before 0; adding 0 makes both the same.
        (false, true) => value + lit(0.0f64),
        (false, false) => value,
    })
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
