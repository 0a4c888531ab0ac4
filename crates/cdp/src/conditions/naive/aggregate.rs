//! What aggregates and arithmetic mean, by loops over rows of texts.

use super::holds::{Frame, NOW, holds, part_of};
use super::{Row, World, in_chain, millionths};
use lang::rule::{Aggregate, Argument, Arithmetic, Function, Number, Operation, Path, Read, Take};
use std::cmp::Ordering;
use std::collections::BTreeSet;

/// A value.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Cell {
    Text(String),
    /// An exact number, in millionths.
    Exact(i128),
    Double(f64),
}

/// A number in a form that results are compared in.
pub(crate) fn number(cell: Option<Cell>) -> Option<i128> {
    match cell? {
        Cell::Exact(value) => Some(value),
        Cell::Double(value) => Some((value * 1e6).round() as i128),
        Cell::Text(text) => Some(millionths(Number::parse(&text).unwrap())),
    }
}

impl Cell {
    fn as_f64(&self) -> f64 {
        match self {
            Self::Exact(value) => format!("{value}e-6").parse().unwrap(),
            Self::Double(value) => *value,
            Self::Text(text) => panic!("{text}"),
        }
    }
}

impl World {
    /// The rows of the home of an aggregate (S_Visits) that are the customer's, joined to what the aggregate reads.
    pub(crate) fn rows_of_customer(&self, aggregate: &Aggregate, customer: &str) -> Vec<Row> {
        let mut ends: Vec<&str> = aggregate.paths().into_iter().filter_map(in_chain).collect();
        ends.push("Customer");
        let mut rows = self.joined("S_Visits", &ends);
        rows.retain(|row| row["Customer.CustomerId"] == customer);
        rows
    }
}

/// The aggregate over these rows.
pub(crate) fn aggregate(aggregate: &Aggregate, rows: &[Row], frame: &Frame<'_>) -> Option<Cell> {
    let home = "S_Visits";
    let counts = |row: &&Row| {
        aggregate.filter.as_ref().is_none_or(|filter| holds(filter, row, home, frame) == Some(true))
    };
    let rows: Vec<&Row> = rows.iter().filter(counts).collect();
    let scalar = match &aggregate.argument {
        Argument::Rows(_) => None,
        Argument::Scalar(Arithmetic::Leaf(Read { path: Path { entity: None, name }, .. }))
            if name.value == home =>
        {
            None
        }
        Argument::Scalar(scalar) => Some(scalar),
    };
    let Some(scalar) = scalar else { return Some(Cell::Exact(rows.len() as i128 * 1_000_000)) };
    if aggregate.function.is_ordered() {
        let by = aggregate.by.as_ref().unwrap();
        let pair = |row: &&&Row| Some((leaf(by, row, home)?, evaluate(scalar, row, home)?));
        let mut pairs: Vec<(Cell, Cell)> = rows.iter().filter_map(|row| pair(&row)).collect();
        pairs.sort_by(|one, other| order(&one.0, &other.0).then(order(&one.1, &other.1)));
        let found = if aggregate.function.takes_greatest() { pairs.pop() } else { pairs.into_iter().next() };
        return found.map(|(_, value)| value);
    }
    let mut values: Vec<Cell> = rows.iter().filter_map(|row| evaluate(scalar, row, home)).collect();
    values.sort_by(order);
    if aggregate.function == Function::Count {
        let distinct: BTreeSet<String> = values.iter().map(|value| format!("{value:?}")).collect();
        let count = if aggregate.distinct { distinct.len() } else { values.len() };
        return Some(Cell::Exact(count as i128 * 1_000_000));
    }
    let last = values.len().checked_sub(1)?;
    match aggregate.function {
        Function::Min => values.first().cloned(),
        Function::Max => values.last().cloned(),
        Function::Median => {
            Some(Cell::Double((values[last / 2].as_f64() + values[values.len() / 2].as_f64()) / 2.0))
        }
        _ => sum(&values, aggregate.function == Function::Avg),
    }
}

fn sum(values: &[Cell], average: bool) -> Option<Cell> {
    let exact: Option<Vec<i128>> =
        values.iter().map(|value| if let Cell::Exact(value) = value { Some(*value) } else { None }).collect();
    // Few numbers of few digits: their plain sum is exact, too.
    let sum = match exact {
        Some(exact) => Cell::Exact(exact.iter().sum()),
        None => Cell::Double(values.iter().map(Cell::as_f64).sum()),
    };
    Some(if average { Cell::Double(sum.as_f64() / values.len() as f64) } else { sum })
}

fn order(one: &Cell, other: &Cell) -> Ordering {
    match (one, other) {
        (Cell::Text(one), Cell::Text(other)) => one.cmp(other),
        (Cell::Exact(one), Cell::Exact(other)) => one.cmp(other),
        (one, other) => one.as_f64().partial_cmp(&other.as_f64()).unwrap(),
    }
}

/// A cell: a number where it is one.
fn leaf(path: &Path, row: &Row, home: &str) -> Option<Cell> {
    let entity = path.entity.as_ref().map_or(home, |entity| entity.value.as_str());
    let text = row.get(&format!("{entity}.{}", path.name.value))?;
    let numeric = matches!(path.name.value.as_str(), "Minutes" | "Paid" | "Id" | "Shop" | "Age");
    Some(if numeric {
        Cell::Exact(millionths(Number::parse(text).unwrap()))
    } else {
        Cell::Text(text.clone())
    })
}

fn evaluate(scalar: &Arithmetic<Read>, row: &Row, home: &str) -> Option<Cell> {
    arithmetic(scalar, &|read| {
        let cell = leaf(&read.path, row, home)?;
        let Cell::Text(date) = &cell else { return Some(cell) };
        let whole = |number: i128| Some(Cell::Exact(number * 1_000_000));
        match read.take {
            Take::Value => Some(cell),
            Take::Part(part) => whole(part_of(part, date).parse().unwrap()),
            Take::DaysSince => {
                let day = |text: &str| text[..10].parse::<jiff::civil::Date>().unwrap();
                whole((day(NOW) - day(date)).get_days().into())
            }
        }
    })
}

/// Arithmetic in millionths while it is exact; products of more than six digits do not occur.
pub(crate) fn arithmetic<L>(tree: &Arithmetic<L>, leaf: &impl Fn(&L) -> Option<Cell>) -> Option<Cell> {
    match tree {
        Arithmetic::Leaf(path) => leaf(path),
        Arithmetic::Number(number) => Some(Cell::Exact(millionths(number.value))),
        Arithmetic::Negate(inner) => Some(match arithmetic(inner, leaf)? {
            Cell::Exact(value) => Cell::Exact(-value),
            other => Cell::Double(-other.as_f64()),
        }),
        Arithmetic::Binary { operation, left, right } => {
            combine(arithmetic(left, leaf)?, *operation, arithmetic(right, leaf)?)
        }
    }
}

fn combine(left: Cell, operation: Operation, right: Cell) -> Option<Cell> {
    if let (Cell::Exact(one), Cell::Exact(other)) = (&left, &right) {
        match operation {
            Operation::Add => return Some(Cell::Exact(one + other)),
            Operation::Subtract => return Some(Cell::Exact(one - other)),
            Operation::Multiply => return Some(Cell::Exact(one * other / 1_000_000)),
            Operation::Remainder => return (*other != 0).then(|| Cell::Exact(one % other)),
            Operation::Divide | Operation::Power => {}
        }
    }
    let (left, right) = (left.as_f64(), right.as_f64());
    let result = match operation {
        Operation::Add => left + right,
        Operation::Subtract => left - right,
        Operation::Multiply => left * right,
        Operation::Divide => left / right,
        Operation::Remainder => left % right,
        Operation::Power => left.powf(right),
    };
    result.is_finite().then_some(Cell::Double(result))
}
