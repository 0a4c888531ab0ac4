//! A second opinion for tests: small worlds, and what checked definitions mean over them, row by row.

use crate::calculations::{Aggregate, Amount, Expression, Formula, Scalar, Taken, Term};
use crate::conditions::{Attribute, Kind, Operand, Predicate, Value};
use crate::definition::{MeasureKind, SetOperator};
use crate::measures::CheckedMeasure;
use crate::relationships::{CUSTOMER, CUSTOMER_MEASURE, JoinTree};
use crate::segments::CheckedSegment;
use lang::rule::{Comparison, DatePart, Function, TextMatch};
use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};

/// The cells of joined rows, missing ones left out.
pub(super) type Row = BTreeMap<(String, String), Value>;

/// Every entity's rows; foreign keys are `Who` → `Customer.No` and `Shop` → `Shops.Id`.
#[derive(Debug, Clone, Default)]
pub(super) struct World {
    pub(super) tables: BTreeMap<&'static str, Vec<Row>>,
    /// Customer attributes and members, for each customer.
    pub(super) measures: BTreeMap<String, Vec<Option<Value>>>,
    pub(super) members: BTreeMap<String, BTreeSet<usize>>,
}

impl World {
    fn rows(&self, entity: &str) -> &[Row] {
        self.tables.get(entity).map_or(&[], Vec::as_slice)
    }

    fn cell<'r>(row: &'r Row, entity: &str, name: &str) -> Option<&'r Value> {
        row.get(&(entity.to_owned(), name.to_owned()))
    }

    /// The joined rows of a tree, each with the customer's place where the tree has one.
    fn joined(&self, tree: &JoinTree) -> Vec<(Option<usize>, Row)> {
        let has = |entity: &str| tree.has(entity);
        let with_customer = |at: usize| {
            let mut row = self.rows(CUSTOMER)[at].clone();
            for (name, values) in &self.measures {
                values[at].clone().map(|value| row.insert((CUSTOMER_MEASURE.into(), name.clone()), value));
            }
            row
        };
        let customers = self.rows(CUSTOMER).len();
        if !has("Visits") && !has("Shops") {
            return (0..customers).map(|at| (Some(at), with_customer(at))).collect();
        }
        if !has("Visits") {
            return self.rows("Shops").iter().map(|row| (None, row.clone())).collect();
        }
        let mut found = Vec::new();
        for visit in self.rows("Visits") {
            let (mut row, mut customer) = (visit.clone(), None);
            if has(CUSTOMER) {
                let who = Self::cell(visit, "Visits", "Who");
                customer = (0..customers)
                    .find(|at| who.is_some() && Self::cell(&self.rows(CUSTOMER)[*at], CUSTOMER, "No") == who);
                let Some(at) = customer else { continue };
                row.extend(with_customer(at));
            }
            if has("Shops") {
                let key = Self::cell(visit, "Visits", "Shop");
                let Some(shop) = self
                    .rows("Shops")
                    .iter()
                    .find(|shop| key.is_some() && Self::cell(shop, "Shops", "Id") == key)
                else {
                    continue;
                };
                row.extend(shop.clone());
            }
            found.push((customer, row));
        }
        found
    }

    /// The members of segments, those that others ask for first.
    pub(super) fn segment(&mut self, segment: &CheckedSegment) -> BTreeSet<usize> {
        let mut members = BTreeSet::new();
        for rule in &segment.rules {
            let taken = |(at, row): &(Option<usize>, Row)| {
                at.filter(|at| self.holds(&rule.condition, row, *at) == Some(true))
            };
            let own: BTreeSet<usize> = self.joined(&rule.tree).iter().filter_map(taken).collect();
            members = match rule.set {
                SetOperator::First => own,
                SetOperator::Union => members.union(&own).copied().collect(),
                SetOperator::Intersect => members.intersection(&own).copied().collect(),
                SetOperator::Except => members.difference(&own).copied().collect(),
            };
        }
        self.members.insert(segment.name.clone(), members.clone());
        members
    }

    /// The rows of a measure: customer, dimensions, calculations. A customer attribute has one for each customer.
    pub(super) fn measure(&mut self, measure: &CheckedMeasure) -> Vec<Vec<Option<Value>>> {
        let per_customer = measure.kind != MeasureKind::Business;
        let key = |at: Option<usize>, row: &Row| {
            let at = at.filter(|_| per_customer);
            let dimension = |it: &crate::measures::Dimension| {
                let value = row.get(&(it.attribute.entity.clone(), it.attribute.name.clone())).cloned();
                match (it.bucket, value) {
                    (Some(part), Some(Value::Date(day))) => Some(Value::Date(bucket(day, part))),
                    (_, value) => value,
                }
            };
            (at, measure.dimensions.iter().map(dimension).collect::<Vec<_>>())
        };
        let mut groups: Vec<(Option<usize>, Vec<Option<Value>>)> = Vec::new();
        for (at, row) in self.joined(&measure.tree) {
            let counts = measure
                .filter
                .as_ref()
                .is_none_or(|filter| self.holds(filter, &row, at.unwrap_or(0)) == Some(true));
            let key = key(at, &row);
            if counts && !groups.contains(&key) {
                groups.push(key);
            }
        }
        if measure.kind == MeasureKind::CustomerAttribute {
            groups = (0..self.rows(CUSTOMER).len()).map(|at| (Some(at), Vec::new())).collect();
        } else if !per_customer && measure.dimensions.is_empty() {
            groups = vec![(None, Vec::new())];
        }
        let mut rows = Vec::new();
        for group in groups {
            let mine = |aggregate: &Aggregate| {
                let rows = self.joined(&aggregate.tree).into_iter();
                self.aggregate(aggregate, rows.filter(|(at, row)| key(*at, row) == group))
            };
            let aggregates: Vec<Option<Value>> = measure.aggregates.iter().map(mine).collect();
            let mut row = vec![group.0.map(|at| Value::Integer(at as i64))];
            row.extend(group.1.clone());
            for calculation in &measure.calculations {
                row.push(self.formula(
                    &calculation.formula,
                    &measure.aggregates,
                    &aggregates,
                    calculation.kind,
                    group.0,
                ));
            }
            rows.push(row);
        }
        if measure.kind == MeasureKind::CustomerAttribute {
            let values = rows.iter().map(|row| row[1].clone()).collect();
            self.measures.insert(measure.name.clone(), values);
        }
        rows
    }

    fn formula(
        &self,
        formula: &Formula,
        all: &[Aggregate],
        values: &[Option<Value>],
        kind: Kind,
        at: Option<usize>,
    ) -> Option<Value> {
        let value = |term: &Term| match term {
            Term::Aggregate(place) => (values[*place].clone(), all[*place].kind),
            Term::Measure(attribute) => {
                (at.and_then(|at| self.measures[&attribute.name][at].clone()), attribute.kind)
            }
        };
        if let Some(term) = formula.leaf() {
            return value(term).0;
        }
        let amount = |term: &Term| {
            let (value, kind) = value(term);
            value.and_then(|value| Amount::of(&value, kind))
        };
        formula.evaluate(&amount).unwrap()?.store(kind).unwrap()
    }

    /// An aggregate over some joined rows.
    fn aggregate(
        &self,
        aggregate: &Aggregate,
        rows: impl Iterator<Item = (Option<usize>, Row)>,
    ) -> Option<Value> {
        let counts = |(at, row): &(Option<usize>, Row)| {
            aggregate
                .filter
                .as_ref()
                .is_none_or(|filter| self.holds(filter, row, at.unwrap_or(0)) == Some(true))
        };
        let rows: Vec<Row> = rows.filter(counts).map(|(_, row)| row).collect();
        let Some(argument) = &aggregate.argument else { return Some(Value::Integer(rows.len() as i64)) };
        let kind = argument.result_kind().unwrap();
        let values: Vec<Value> = rows.iter().filter_map(|row| scalar(argument, row, kind)).collect();
        let mut sorted = values.clone();
        sorted.sort_by(order);
        match aggregate.function {
            Function::Count if aggregate.distinct => {
                sorted.dedup();
                Some(Value::Integer(sorted.len() as i64))
            }
            Function::Count => Some(Value::Integer(values.len() as i64)),
            Function::Min => sorted.first().cloned(),
            Function::Max => sorted.last().cloned(),
            Function::Sum => sum(&values, aggregate.kind),
            Function::Avg => {
                let total = Amount::of(&sum(&values, kind)?, kind)?.as_f64();
                Some(Value::Double(total / values.len() as f64))
            }
            Function::Median => {
                let (low, high) =
                    (sorted.get(sorted.len().checked_sub(1)? / 2)?, sorted.get(sorted.len() / 2)?);
                let (low, high) = (Amount::of(low, kind)?.as_f64(), Amount::of(high, kind)?.as_f64());
                Some(Value::Double(if sorted.len().is_multiple_of(2) { (low + high) / 2.0 } else { high }))
            }
            function => {
                let by = aggregate.by.as_ref().unwrap();
                let pair = |row: &Row| {
                    let by = row.get(&(by.entity.clone(), by.name.clone())).cloned();
                    by.zip(scalar(argument, row, kind))
                };
                let mut pairs: Vec<(Value, Value)> = rows.iter().filter_map(pair).collect();
                pairs.sort_by(|one, other| order(&one.0, &other.0).then(order(&one.1, &other.1)));
                let first = matches!(function, Function::First | Function::ArgMin);
                let found = if first { pairs.first() } else { pairs.last() };
                found.map(|(_, value)| value.clone())
            }
        }
    }

    fn holds(&self, predicate: &Predicate, row: &Row, at: usize) -> Option<bool> {
        let value = |operand: &Operand| match operand {
            Operand::Attribute(Attribute { entity, name, .. }) => {
                row.get(&(entity.clone(), name.clone())).cloned()
            }
            Operand::Part { part, attribute } => {
                match row.get(&(attribute.entity.clone(), attribute.name.clone())) {
                    Some(Value::Date(day)) => Some(Value::Integer(part_of(*day, *part))),
                    _ => None,
                }
            }
            Operand::Aggregate(aggregate) => {
                let rows = self.joined(&aggregate.tree).into_iter();
                self.aggregate(aggregate, rows.filter(|(customer, _)| *customer == Some(at)))
            }
        };
        let fold = |value: Value, fold: bool| match value {
            Value::Text(text) if fold => Value::Text(text.to_lowercase()),
            value => value,
        };
        match predicate {
            Predicate::And(parts) => {
                let all: Vec<_> = parts.iter().map(|part| self.holds(part, row, at)).collect();
                if all.contains(&Some(false)) {
                    Some(false)
                } else if all.contains(&None) {
                    None
                } else {
                    Some(true)
                }
            }
            Predicate::Or(parts) => {
                let all: Vec<_> = parts.iter().map(|part| self.holds(part, row, at)).collect();
                if all.contains(&Some(true)) {
                    Some(true)
                } else if all.contains(&None) {
                    None
                } else {
                    Some(false)
                }
            }
            Predicate::Not(inner) => self.holds(inner, row, at).map(|holds| !holds),
            Predicate::IsNull(operand) => Some(value(operand).is_none()),
            Predicate::Compare { operand, comparison, value: constant, ignore_case } => {
                Some(compares(*comparison, order(&fold(value(operand)?, *ignore_case), constant)))
            }
            Predicate::In { operand, values, ignore_case } => {
                let own = fold(value(operand)?, *ignore_case);
                Some(values.iter().any(|it| order(&own, it).is_eq()))
            }
            Predicate::Match { operand, kind, text, ignore_case } => {
                let Value::Text(own) = fold(value(operand)?, *ignore_case) else { return None };
                Some(match kind {
                    TextMatch::Contains => own.contains(text),
                    TextMatch::StartsWith => own.starts_with(text),
                    TextMatch::EndsWith => own.ends_with(text),
                })
            }
            Predicate::Constant { operand, holds } => value(operand).map(|_| *holds),
            Predicate::InSegment(name) => Some(self.members[name].contains(&at)),
            Predicate::Relative { .. } => panic!("a moment that is not absolute"),
        }
    }
}

fn scalar(scalar: &Scalar, row: &Row, kind: Kind) -> Option<Value> {
    let cell = |input: &crate::calculations::Input| {
        let attribute = &input.attribute;
        let value = row.get(&(attribute.entity.clone(), attribute.name.clone())).cloned();
        match (input.taken, value?) {
            (Taken::Value, value) => Some(value),
            (Taken::Part(part), Value::Date(day)) => Some(Value::Integer(part_of(day, part))),
            (Taken::DaysUntil(today), Value::Date(day)) => {
                Some(Value::Integer(i64::from(today.unwrap() - day)))
            }
            (taken, value) => panic!("{taken:?} of {value:?}"),
        }
    };
    if let Some(input) = scalar.leaf() {
        return cell(input);
    }
    let amount = |input: &crate::calculations::Input| Amount::of(&cell(input)?, input.kind());
    Expression::evaluate(scalar, &amount).unwrap()?.store(kind).unwrap()
}

fn sum(values: &[Value], kind: Kind) -> Option<Value> {
    let mut whole = 0i128;
    let mut doubles = crate::scan::ExactSum::default();
    for value in values {
        match value {
            Value::Integer(value) => whole += i128::from(*value),
            Value::Decimal(value) => whole += value,
            Value::Double(value) => doubles.add(*value),
            other => panic!("{other:?} is added"),
        }
    }
    values.first()?;
    Some(match kind {
        Kind::Integer => Value::Integer(i64::try_from(whole).unwrap()),
        Kind::Double => Value::Double(doubles.total()),
        _ => Value::Decimal(whole),
    })
}

/// The order of two values of one kind.
fn order(one: &Value, other: &Value) -> Ordering {
    match (one, other) {
        (Value::Text(one), Value::Text(other)) => one.cmp(other),
        (Value::Integer(one), Value::Integer(other)) | (Value::Time(one), Value::Time(other)) => {
            one.cmp(other)
        }
        (Value::Decimal(one), Value::Decimal(other)) => one.cmp(other),
        (Value::Double(one), Value::Double(other)) => one.partial_cmp(other).unwrap(),
        (Value::Bool(one), Value::Bool(other)) => one.cmp(other),
        (Value::Date(one), Value::Date(other)) => one.cmp(other),
        pair => panic!("{pair:?} are compared"),
    }
}

fn compares(comparison: Comparison, order: Ordering) -> bool {
    match comparison {
        Comparison::Equal => order.is_eq(),
        Comparison::NotEqual => order.is_ne(),
        Comparison::Less => order.is_lt(),
        Comparison::LessOrEqual => order.is_le(),
        Comparison::Greater => order.is_gt(),
        Comparison::GreaterOrEqual => order.is_ge(),
    }
}

fn date(day: i32) -> jiff::civil::Date {
    jiff::civil::date(1970, 1, 1) + jiff::Span::new().days(day)
}

fn part_of(day: i32, part: DatePart) -> i64 {
    let date = date(day);
    i64::from(match part {
        DatePart::Year => i32::from(date.year()),
        DatePart::Quarter => (i32::from(date.month()) - 1) / 3 + 1,
        DatePart::Month => i32::from(date.month()),
        DatePart::Day => i32::from(date.day()),
        DatePart::Weekday => i32::from(date.weekday().to_monday_one_offset()),
        DatePart::Hour => panic!("a date has no hour"),
    })
}

fn bucket(day: i32, part: DatePart) -> i32 {
    let mut start = day;
    while start > day - 400 && part != DatePart::Day && part_of(start - 1, part) == part_of(day, part) {
        start -= 1;
    }
    start
}
